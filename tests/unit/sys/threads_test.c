/*
 * threads_test.c - threads, waits, clocks and shared memory: what both implementations promise.
 * Linked once with each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/sys.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int start(void **state)
{
    (void)state;
    return sys_start(&(struct sys_options){.seed = 0});
}

static int stop(void **state)
{
    (void)state;
    sys_stop();
    return 0;
}

static void word_set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    sys_wake(word, INT_MAX);
}

static void word_await(const uint32_t *word, uint32_t value)
{
    uint64_t deadline_ns = sys_now_ns() + 60 * SYS_NS_PER_S;
    uint32_t now;

    while ((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != value) {
        if (sys_wait(word, now, deadline_ns) < 0)
            fail_msg("the word is %u, not %u", now, value);
    }
}

/* ---- waiting ---- */

static void waiting_for_a_changed_word_returns_at_once(void **state)
{
    (void)state;
    uint32_t word = 5;
    assert_int_equal(sys_wait(&word, 4, SYS_FOREVER), 0);
}

static void a_wait_ends_at_its_deadline_and_not_before(void **state)
{
    (void)state;
    uint32_t word = 0;
    uint64_t deadline_ns = sys_now_ns() + 2 * SYS_NS_PER_MS;
    int result;

    do
        result = sys_wait(&word, 0, deadline_ns);
    while (result == 0);
    assert_int_equal(result, -ETIMEDOUT);
    assert_true(sys_now_ns() >= deadline_ns);
}

static void a_past_deadline_times_out(void **state)
{
    (void)state;
    uint32_t word = 0;
    assert_int_equal(sys_wait(&word, 0, 1), -ETIMEDOUT);
}

struct sleeper {
    struct sys_thread *thread;
    uint32_t *gate;
    uint32_t *passed;
};

static void sleeper_main(void *argument)
{
    struct sleeper *sleeper = argument;
    word_await(sleeper->gate, 1);
    __atomic_add_fetch(sleeper->passed, 1, __ATOMIC_ACQ_REL);
    sys_wake(sleeper->passed, INT_MAX);
}

static void a_wake_reaches_every_sleeper(void **state)
{
    (void)state;
    uint32_t gate = 0, passed = 0;
    struct sleeper sleepers[8];

    for (unsigned i = 0; i < 8; i++) {
        sleepers[i] = (struct sleeper){.gate = &gate, .passed = &passed};
        assert_int_equal(
            sys_thread_create(&sleepers[i].thread, "sleeper", sleeper_main, &sleepers[i]), 0);
    }
    word_set(&gate, 1);
    word_await(&passed, 8);
    for (unsigned i = 0; i < 8; i++)
        sys_thread_join(sleepers[i].thread);
}

/* ---- mutex ---- */

enum { COUNTERS = 4, TURNS = 3000 };
static struct sys_mutex counter_mutex;
static unsigned counter; /* plain: the mutex is what keeps it right */

static void counter_main(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < TURNS; i++) {
        sys_mutex_lock(&counter_mutex);
        unsigned now = counter;
        if (i % 64 == 0)
            sys_thread_yield();
        counter = now + 1;
        sys_mutex_unlock(&counter_mutex);
    }
}

static void a_mutex_excludes(void **state)
{
    (void)state;
    struct sys_thread *threads[COUNTERS];

    counter = 0;
    for (unsigned i = 0; i < COUNTERS; i++)
        assert_int_equal(sys_thread_create(&threads[i], "counter", counter_main, NULL), 0);
    for (unsigned i = 0; i < COUNTERS; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(counter, COUNTERS * TURNS);
    assert_int_equal(counter_mutex.state, 0);
}

/* ---- threads ---- */

struct numbered {
    struct sys_thread *thread;
    uint32_t number;
    uint32_t ready;
    uint32_t *gate;
};

static void numbered_main(void *argument)
{
    struct numbered *numbered = argument;
    numbered->number = sys_thread_number();
    word_set(&numbered->ready, 1);
    word_await(numbered->gate, 1);
    if (numbered->number != sys_thread_number())
        abort();
}

static void live_threads_have_different_small_numbers(void **state)
{
    (void)state;
    struct numbered threads[10];
    uint32_t gate = 0;

    for (unsigned i = 0; i < 10; i++) {
        threads[i] = (struct numbered){.gate = &gate};
        assert_int_equal(
            sys_thread_create(&threads[i].thread, "numbered", numbered_main, &threads[i]), 0);
    }
    for (unsigned i = 0; i < 10; i++) {
        word_await(&threads[i].ready, 1);
        assert_in_range(threads[i].number, 1, 20);
        assert_int_not_equal(threads[i].number, sys_thread_number());
        for (unsigned j = 0; j < i; j++)
            assert_int_not_equal(threads[i].number, threads[j].number);
    }
    word_set(&gate, 1);
    for (unsigned i = 0; i < 10; i++)
        sys_thread_join(threads[i].thread);
}

static uint32_t destroyed;

static void first_destroy(void *value)
{
    (void)value;
    __atomic_store_n(&destroyed, 100, __ATOMIC_RELAXED);
}

static void second_destroy(void *value)
{
    __atomic_add_fetch(&destroyed, *(uint32_t *)value, __ATOMIC_RELAXED);
}

static void registering_main(void *argument)
{
    sys_thread_at_exit(first_destroy, NULL);
    sys_thread_at_exit(second_destroy, argument);
}

static void the_last_exit_registration_runs_when_the_thread_ends(void **state)
{
    (void)state;
    struct sys_thread *thread;
    uint32_t step = 7;

    destroyed = 0;
    assert_int_equal(sys_thread_create(&thread, "registering", registering_main, &step), 0);
    sys_thread_join(thread);
    assert_int_equal(destroyed, 7);
}

static __thread void *own_variable;

static void own_main(void *argument)
{
    uint32_t *stage = argument;
    sys_thread_local_declare(&own_variable);
    if (own_variable)
        abort();
    own_variable = stage;
    for (unsigned i = 0; i < 100; i++) {
        errno = (int)sys_thread_number();
        sys_thread_yield();
        if (own_variable != stage || errno != (int)sys_thread_number())
            abort();
    }
}

static void declared_variables_belong_to_their_thread(void **state)
{
    (void)state;
    struct sys_thread *threads[3];
    uint32_t stages[3] = {0};

    sys_thread_local_declare(&own_variable);
    own_variable = &destroyed;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(sys_thread_create(&threads[i], "own", own_main, &stages[i]), 0);
    for (unsigned i = 0; i < 3; i++) {
        sys_thread_join(threads[i]);
        assert_ptr_equal(own_variable, &destroyed);
    }
}

/* ---- clocks ---- */

static void delays_and_stalls_last_at_least_as_long(void **state)
{
    (void)state;
    uint64_t start_ns = sys_now_ns();

    sys_delay_ns(SYS_NS_PER_MS);
    assert_true(sys_now_ns() - start_ns >= SYS_NS_PER_MS);
    start_ns = sys_now_ns();
    sys_stall_ns(50000);
    assert_true(sys_now_ns() - start_ns >= 50000);
}

static void utc_counts_from_1601(void **state)
{
    (void)state;
    /* Between 2020 and 2200. */
    assert_in_range(sys_utc_100ns() / 10000000 / 86400 / 365, 419, 600);
}

static void the_seed_determines_the_random_numbers(void **state)
{
    (void)state;
    uint64_t first[8];

    for (unsigned turn = 0; turn < 2; turn++) {
        sys_stop();
        assert_int_equal(sys_start(&(struct sys_options){.seed = 42}), 0);
        assert_int_equal(sys_seed(), 42);
        for (unsigned i = 0; i < 8; i++) {
            uint64_t number = sys_random();
            if (turn == 0)
                first[i] = number;
            else
                assert_true(first[i] == number);
        }
    }
    sys_stop();
    assert_int_equal(sys_start(&(struct sys_options){.seed = 43}), 0);
    assert_true(sys_random() != first[0]);
    sys_stop();
    assert_int_equal(sys_start(NULL), 0);
    assert_true(sys_seed() != 0);
}

/* ---- the rest ---- */

static int entry_seven(void *argument)
{
    *(uint32_t *)argument += 1;
    return 7;
}

static void run_returns_what_its_entry_returned(void **state)
{
    (void)state;
    uint32_t calls = 0;
    assert_int_equal(sys_run(entry_seven, &calls), 7);
    assert_int_equal(calls, 1);
}

static void shared_memory_is_the_same_through_its_descriptor(void **state)
{
    (void)state;
    static const size_t sizes[] = {4096, 2u << 20, (4u << 20) + 4096};
    for (unsigned i = 0; i < 3; i++) {
        void *base;
        int fd;
        char byte = 0;
        assert_int_equal(sys_shared_memory_create("test", sizes[i], &fd, &base), 0);
        ((char *)base)[sizes[i] - 1] = 'x';
        assert_int_equal(pread(fd, &byte, 1, (off_t)sizes[i] - 1), 1);
        assert_int_equal(byte, 'x');
        sys_shared_memory_destroy(fd, base, sizes[i]);
    }
}

static unsigned frames_seen;

static void frame_count(void *context, const char *line)
{
    assert_ptr_equal(context, &frames_seen);
    assert_true(strlen(line) > 0);
    frames_seen++;
}

static void a_backtrace_has_frames(void **state)
{
    (void)state;
    frames_seen = 0;
    sys_backtrace(frame_count, &frames_seen);
    assert_true(frames_seen >= 2);
}

static void backtrace_main(void *argument)
{
    frames_seen = 0;
    sys_backtrace(frame_count, &frames_seen);
    *(uint32_t *)argument = frames_seen;
}

static void a_backtrace_ends_at_the_bottom_of_a_thread(void **state)
{
    (void)state;
    struct sys_thread *thread;
    uint32_t frames = 0;

    assert_int_equal(sys_thread_create(&thread, "backtrace", backtrace_main, &frames), 0);
    sys_thread_join(thread);
    assert_in_range(frames, 2, 20);
}

#define STARTED(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STARTED(waiting_for_a_changed_word_returns_at_once),
        STARTED(a_wait_ends_at_its_deadline_and_not_before),
        STARTED(a_past_deadline_times_out),
        STARTED(a_wake_reaches_every_sleeper),
        STARTED(a_mutex_excludes),
        STARTED(live_threads_have_different_small_numbers),
        STARTED(the_last_exit_registration_runs_when_the_thread_ends),
        STARTED(declared_variables_belong_to_their_thread),
        STARTED(delays_and_stalls_last_at_least_as_long),
        STARTED(utc_counts_from_1601),
        STARTED(the_seed_determines_the_random_numbers),
        STARTED(run_returns_what_its_entry_returned),
        STARTED(shared_memory_is_the_same_through_its_descriptor),
        STARTED(a_backtrace_has_frames),
        STARTED(a_backtrace_ends_at_the_bottom_of_a_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
