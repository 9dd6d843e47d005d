/*
 * poller_test.c - descriptors that become readable, and watches that go away for certain.
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

struct source {
    int read_fd, write_fd;
    struct sys_watch *watch;
    uint32_t bytes;   /* read so far; atomic */
    uint32_t hung_up; /* atomic */
    bool remove_at_hangup;
};

static int start(void **state)
{
    struct sys_poller *poller = NULL;
    int result = sys_start(NULL);
    if (result == 0)
        result = sys_poller_create(&poller, "test-poller");
    *state = poller;
    return result;
}

static int stop(void **state)
{
    sys_poller_destroy(*state);
    sys_stop();
    return 0;
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

static void source_ready(void *context)
{
    struct source *source = context;
    char bytes[64];
    ssize_t got = read(source->read_fd, bytes, sizeof(bytes));

    if (got > 0) {
        __atomic_add_fetch(&source->bytes, (uint32_t)got, __ATOMIC_ACQ_REL);
        sys_wake(&source->bytes, INT_MAX);
        return;
    }
    if (source->remove_at_hangup)
        sys_watch_remove(source->watch);
    __atomic_add_fetch(&source->hung_up, 1, __ATOMIC_ACQ_REL);
    sys_wake(&source->hung_up, INT_MAX);
}

static void source_open(struct source *source)
{
    int fds[2];

    memset(source, 0, sizeof(*source));
    assert_int_equal(pipe(fds), 0);
    source->read_fd = fds[0];
    source->write_fd = fds[1];
}

static void a_readable_descriptor_calls_back_until_it_is_empty(void **state)
{
    struct source source;

    source_open(&source);
    assert_int_equal(write(source.write_fd, "early", 5), 5);
    assert_int_equal(sys_watch_add(&source.watch, *state, source.read_fd, source_ready, &source),
                     0);
    word_await(&source.bytes, 5);
    char many[200] = {0};
    assert_int_equal(write(source.write_fd, many, sizeof(many)), sizeof(many));
    word_await(&source.bytes, 205);
    sys_watch_remove(source.watch);
    assert_int_equal(write(source.write_fd, "late", 4), 4);
    close(source.write_fd);
    close(source.read_fd);
    assert_int_equal(source.bytes, 205);
}

static void a_hangup_calls_back_and_a_watch_may_remove_itself(void **state)
{
    struct source source;

    source_open(&source);
    source.remove_at_hangup = true;
    assert_int_equal(sys_watch_add(&source.watch, *state, source.read_fd, source_ready, &source),
                     0);
    close(source.write_fd);
    word_await(&source.hung_up, 1);
    close(source.read_fd);
    assert_int_equal(source.hung_up, 1);
}

static void after_removal_the_callback_is_not_running(void **state)
{
    for (unsigned i = 0; i < 300; i++) {
        struct source *source = malloc(sizeof(*source));
        assert_non_null(source);
        source_open(source);
        assert_int_equal(
            sys_watch_add(&source->watch, *state, source->read_fd, source_ready, source), 0);
        assert_int_equal(write(source->write_fd, "x", 1), 1);
        sys_watch_remove(source->watch);
        close(source->write_fd);
        close(source->read_fd);
        memset(source, 0xDD, sizeof(*source));
        free(source);
    }
}

static uint32_t slow_inside; /* 0: not yet, 1: inside, 2: left */

static void slow_ready(void *context)
{
    struct source *source = context;
    char byte;

    (void)!read(source->read_fd, &byte, 1);
    __atomic_store_n(&slow_inside, 1, __ATOMIC_RELEASE);
    sys_wake(&slow_inside, INT_MAX);
    for (unsigned i = 0; i < 2000; i++)
        sys_thread_yield();
    __atomic_store_n(&slow_inside, 2, __ATOMIC_RELEASE);
}

static void removal_waits_for_a_running_callback(void **state)
{
    struct source source;

    source_open(&source);
    slow_inside = 0;
    assert_int_equal(sys_watch_add(&source.watch, *state, source.read_fd, slow_ready, &source), 0);
    assert_int_equal(write(source.write_fd, "x", 1), 1);
    /* Inside or, on a busy machine, through already. */
    while (!__atomic_load_n(&slow_inside, __ATOMIC_ACQUIRE))
        sys_wait(&slow_inside, 0, SYS_FOREVER);
    sys_watch_remove(source.watch);
    assert_int_equal(__atomic_load_n(&slow_inside, __ATOMIC_ACQUIRE), 2);
    close(source.write_fd);
    close(source.read_fd);
}

static struct source *pair[2];

static void remove_both(void *context)
{
    (void)context;
    for (unsigned i = 0; i < 2; i++)
        sys_watch_remove(pair[i]->watch);
    __atomic_store_n(&pair[0]->hung_up, 1, __ATOMIC_RELEASE);
    sys_wake(&pair[0]->hung_up, INT_MAX);
}

static void a_callback_may_remove_another_watch_that_is_ready(void **state)
{
    struct source sources[2];

    for (unsigned i = 0; i < 2; i++) {
        source_open(&sources[i]);
        pair[i] = &sources[i];
        assert_int_equal(
            sys_watch_add(&sources[i].watch, *state, sources[i].read_fd, remove_both, NULL), 0);
    }
    /* One byte in a pipe that both read makes both ready at once. */
    assert_int_equal(dup2(sources[0].write_fd, sources[1].write_fd), sources[1].write_fd);
    assert_int_equal(write(sources[0].write_fd, "x", 1), 1);
    word_await(&sources[0].hung_up, 1);
    for (unsigned i = 0; i < 2; i++) {
        close(sources[i].read_fd);
        close(sources[i].write_fd);
    }
}

static void a_descriptor_that_cannot_be_watched_is_an_error(void **state)
{
    struct sys_watch *watch = NULL;
    assert_int_equal(sys_watch_add(&watch, *state, 9999, source_ready, NULL), -EBADF);
    assert_null(watch);
}

#define POLLED(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POLLED(a_readable_descriptor_calls_back_until_it_is_empty),
        POLLED(a_hangup_calls_back_and_a_watch_may_remove_itself),
        POLLED(after_removal_the_callback_is_not_running),
        POLLED(removal_waits_for_a_running_callback),
        POLLED(a_callback_may_remove_another_watch_that_is_ready),
        POLLED(a_descriptor_that_cannot_be_watched_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
