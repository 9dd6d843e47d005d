/*
 * replay_test.c - the simulator: the same seed takes the same steps, other seeds take others, time
 * is virtual, and runs that cannot go on are reported with their seed. Linked with it only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nt/events.h"
#include "nt/machine.h"
#include "nt/processor.h"
#include "nt/spinlock.h"
#include "nt/timer.h"
#include "nt/work.h"
#include "sys/sys.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a toy workload over everything that switches ---- */

enum { TOYS = 5, TOY_TURNS = 40 };

static struct nt_spinlock toy_lock;
static uint32_t toy_word;

static void toy_item(void *context)
{
    nt_event(NT_EVENT_LOG, "item", (uintptr_t)context, 0);
}

static void toy_timer(void *context)
{
    nt_event(NT_EVENT_LOG, "timer ran", *(uint32_t *)context, 0);
}

static void toy_main(void *argument)
{
    uint32_t number = *(uint32_t *)argument;
    struct nt_work work;
    struct nt_timer timer;

    nt_work_initialize(&work, toy_item, (void *)(uintptr_t)number);
    nt_timer_initialize(&timer, toy_timer, argument);
    for (uint64_t turn = 0; turn < TOY_TURNS; turn++) {
        uint8_t old_irql = nt_spinlock_acquire_raise(&toy_lock, NT_DISPATCH_LEVEL);
        nt_event(NT_EVENT_LOG, "turn", number, turn);
        nt_preempt();
        nt_spinlock_release_lower(&toy_lock, old_irql);
        switch (sys_random() % 4) {
        case 0:
            nt_work_queue(&work);
            break;
        case 1:
            nt_timer_set(&timer, sys_random() % 5000, 0);
            break;
        case 2:
            (void)sys_wait(&toy_word, 0, sys_now_ns() + 1000);
            break;
        default:
            sys_wake(&toy_word, 1);
        }
    }
    nt_timer_drain(&timer);
    nt_work_drain(&work);
}

static uint64_t toy_hash(uint64_t seed, uint64_t *ret_end_ns)
{
    struct nt_machine_options options = {.processor_count = 3, .memory_bytes = 4u << 20};
    struct sys_thread *threads[TOYS];
    uint32_t numbers[TOYS];

    assert_int_equal(sys_start(&(struct sys_options){.seed = seed}), 0);
    assert_true(sys_is_simulated());
    nt_events_enable(true);
    assert_int_equal(nt_machine_start(&options), 0);
    for (uint32_t i = 0; i < TOYS; i++) {
        numbers[i] = i;
        assert_int_equal(nt_thread_create(&threads[i], "toy", toy_main, &numbers[i]), 0);
    }
    for (uint32_t i = 0; i < TOYS; i++)
        sys_thread_join(threads[i]);
    nt_machine_stop(NULL);
    uint64_t hash = nt_events_hash();
    *ret_end_ns = sys_now_ns();
    nt_events_enable(false);
    sys_stop();
    return hash;
}

static void the_same_seed_takes_the_same_steps(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        uint64_t first_ns, second_ns;
        uint64_t first = toy_hash(seed, &first_ns);
        uint64_t second = toy_hash(seed, &second_ns);
        assert_true(first == second);
        assert_true(first_ns == second_ns);
    }
}

static void other_seeds_take_other_steps(void **state)
{
    (void)state;
    enum { SEEDS = 12 };
    uint64_t hashes[SEEDS], end_ns;

    for (unsigned i = 0; i < SEEDS; i++) {
        hashes[i] = toy_hash(100 + i, &end_ns);
        for (unsigned j = 0; j < i; j++)
            assert_true(hashes[i] != hashes[j]);
    }
}

/* ---- choices ---- */

static uint32_t race_word;

static void race_main(void *argument)
{
    uint32_t seen = __atomic_load_n(&race_word, __ATOMIC_RELAXED);
    (void)argument;
    sys_switch_point();
    __atomic_store_n(&race_word, seen + 1, __ATOMIC_RELAXED);
}

static void
a_lost_update_at_a_switch_point_is_found_by_some_seed_and_missed_by_another(void **state)
{
    (void)state;
    unsigned lost = 0, right = 0;

    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct sys_thread *threads[2];
        assert_int_equal(sys_start(&(struct sys_options){.seed = seed}), 0);
        race_word = 0;
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(sys_thread_create(&threads[i], "race", race_main, NULL), 0);
        for (unsigned i = 0; i < 2; i++)
            sys_thread_join(threads[i]);
        lost += race_word == 1;
        right += race_word == 2;
        sys_stop();
    }
    assert_int_equal(lost + right, 200);
    assert_true(lost > 0 && right > 0);
}

/* ---- time ---- */

static void time_jumps_when_nobody_can_run(void **state)
{
    (void)state;
    assert_int_equal(sys_start(&(struct sys_options){.seed = 1}), 0);
    uint64_t start_ns = sys_now_ns(), utc = sys_utc_100ns();
    assert_int_equal(sys_now_ns(), start_ns); /* reading does not move it */
    sys_delay_ns(3600 * SYS_NS_PER_S);
    assert_int_equal(sys_now_ns() - start_ns, 3600 * SYS_NS_PER_S);
    assert_int_equal(sys_utc_100ns() - utc, 36000000000ull);
    uint32_t word = 0;
    assert_int_equal(sys_wait(&word, 0, sys_now_ns() + 86400 * SYS_NS_PER_S), -ETIMEDOUT);
    sys_stop();
}

static uint32_t poll_word;

static void poll_main(void *argument)
{
    (void)argument;
    sys_delay_ns(5 * SYS_NS_PER_MS);
    __atomic_store_n(&poll_word, 1, __ATOMIC_RELEASE);
}

static void spinning_lets_the_others_time_pass(void **state)
{
    (void)state;
    struct sys_thread *thread;
    unsigned spins = 0;

    assert_int_equal(sys_start(&(struct sys_options){.seed = 1}), 0);
    poll_word = 0;
    uint64_t start_ns = sys_now_ns();
    assert_int_equal(sys_thread_create(&thread, "poll", poll_main, NULL), 0);
    while (!__atomic_load_n(&poll_word, __ATOMIC_ACQUIRE))
        sys_spin_wait(&spins);
    assert_true(sys_now_ns() - start_ns >= 5 * SYS_NS_PER_MS);
    sys_thread_join(thread);
    sys_stop();
}

static void descriptors_cannot_be_polled(void **state)
{
    (void)state;
    struct sys_poller *poller = NULL;
    assert_int_equal(sys_start(&(struct sys_options){.seed = 1}), 0);
    assert_int_equal(sys_poller_create(&poller, "poller"), -ENOSYS);
    sys_stop();
}

/* ---- runs that cannot go on ---- */

static struct sys_mutex mutexes[2];
static uint32_t never;

static void embrace_main(void *argument)
{
    (void)argument;
    sys_mutex_lock(&mutexes[1]);
    sys_delay_ns(1000);
    sys_mutex_lock(&mutexes[0]);
}

static void body_deadlock(void)
{
    struct sys_thread *thread;
    if (sys_thread_create(&thread, "embrace", embrace_main, NULL))
        _exit(97);
    sys_mutex_lock(&mutexes[0]);
    sys_delay_ns(1000);
    sys_mutex_lock(&mutexes[1]);
}

static void body_livelock(void)
{
    unsigned spins = 0;
    while (!__atomic_load_n(&never, __ATOMIC_RELAXED))
        sys_spin_wait(&spins);
}

static void body_assert(void)
{
    sh_assert(never == 1);
}

static void abort_expect(void (*body)(void), const char *const *texts)
{
    static char output[16384];
    size_t length = 0;
    int out[2], status;

    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(out[1], STDERR_FILENO);
        close(out[0]);
        signal(SIGABRT, SIG_DFL);
        if (sys_start(&(struct sys_options){.seed = 4711}))
            _exit(98);
        body();
        _exit(99);
    }
    close(out[1]);
    for (ssize_t got; (got = read(out[0], output + length, sizeof(output) - 1 - length)) > 0;)
        length += (size_t)got;
    output[length] = '\0';
    close(out[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        fail_msg("status %#x: %s", (unsigned)status, output);
    for (; *texts; texts++) {
        if (!strstr(output, *texts))
            fail_msg("'%s' is missing in: %s", *texts, output);
    }
}
#define ABORT_EXPECT(body, ...) abort_expect(body, (const char *const[]){__VA_ARGS__, NULL})

static void a_deadlock_is_reported_with_its_seed_and_threads(void **state)
{
    (void)state;
    ABORT_EXPECT(body_deadlock, "simulator: deadlock", "the seed is 4711", "thread 1 (first) ",
                 "thread 2 (embrace) ", "waits for ever on 0x");
}

static void a_livelock_is_reported_with_its_seed(void **state)
{
    (void)state;
    ABORT_EXPECT(body_livelock, "simulator: livelock", "the seed is 4711");
}

static void a_failed_assertion_tells_expression_place_and_seed(void **state)
{
    (void)state;
    ABORT_EXPECT(body_assert, "bug in storhost: (never == 1) is false at ",
                 "replay_test.c:", "seed 4711");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_takes_the_same_steps),
        cmocka_unit_test(other_seeds_take_other_steps),
        cmocka_unit_test(
            a_lost_update_at_a_switch_point_is_found_by_some_seed_and_missed_by_another),
        cmocka_unit_test(time_jumps_when_nobody_can_run),
        cmocka_unit_test(spinning_lets_the_others_time_pass),
        cmocka_unit_test(descriptors_cannot_be_polled),
        cmocka_unit_test(a_deadlock_is_reported_with_its_seed_and_threads),
        cmocka_unit_test(a_livelock_is_reported_with_its_seed),
        cmocka_unit_test(a_failed_assertion_tells_expression_place_and_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
