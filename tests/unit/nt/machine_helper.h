/*
 * machine_helper.h - what the tests of src/nt share: a machine around each test, waiting for
 * events, and bodies that must end in a bug check.
 *
 * The tests are linked twice, with real threads and with the simulator. STORHOST_TEST_SEED replays
 * a simulated run; without it each test picks a seed and prints it when it fails.
 */
#ifndef STORHOST_TESTS_NT_MACHINE_HELPER_H
#define STORHOST_TESTS_NT_MACHINE_HELPER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "nt/thread.h"

#define TEST_PATIENCE_NS (60 * SYS_NS_PER_S)

static inline void system_start(void)
{
    const char *seed = getenv("STORHOST_TEST_SEED");
    struct sys_options options = {.seed = seed ? strtoull(seed, NULL, 10) : 0};

    assert_int_equal(sys_start(&options), 0);
    if (sys_is_simulated())
        print_message("# seed %llu\n", (unsigned long long)sys_seed());
}

static inline void machine_start_of(unsigned processor_count)
{
    struct nt_machine_options options = {.processor_count = processor_count,
                                         .memory_bytes = 16u << 20};
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
}

static inline int machine_setup(void **state)
{
    (void)state;
    machine_start_of(2);
    return 0;
}

static inline int machine_setup_single(void **state)
{
    (void)state;
    machine_start_of(1);
    return 0;
}

static unsigned leaks_seen;

static inline void leak_count(const char *line)
{
    print_error("leak: %s\n", line);
    leaks_seen++;
}

static inline int machine_teardown(void **state)
{
    (void)state;
    leaks_seen = 0;
    nt_machine_stop(leak_count);
    sys_stop();
    return leaks_seen ? -1 : 0;
}

/* ---- events ---- */

static inline uint32_t word_get(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void word_set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    sys_wake(word, INT_MAX);
}

static inline void word_increment_by(uint32_t *word, uint32_t step)
{
    __atomic_add_fetch(word, step, __ATOMIC_ACQ_REL);
    sys_wake(word, INT_MAX);
}

static inline void word_increment(uint32_t *word)
{
    word_increment_by(word, 1);
}

/* Waits for the event; a test fails when it does not come, and never just waits some time. */
static inline void word_await(const uint32_t *word, uint32_t value)
{
    uint64_t deadline_ns = sys_now_ns() + TEST_PATIENCE_NS;

    for (;;) {
        uint32_t now = word_get(word);
        if (now == value)
            return;
        if (sys_wait(word, now, deadline_ns) < 0)
            fail_msg("waited for %u, the word is %u", value, word_get(word));
    }
}

/* The same for a thread that must not sleep, because it holds a processor. */
static inline void word_await_spinning(const uint32_t *word, uint32_t value)
{
    while (word_get(word) != value) {
        unsigned spins = 1000; /* so that a busy host gets its CPU back at once */
        sys_spin_wait(&spins);
    }
}

/* ---- bug checks ---- */

/* Runs `body` in a child with a machine of its own: it must end with the exit status of a bug
 * check and print all of `texts` (ended by NULL). Call it without a machine in this process. */
static inline void bugcheck_expect(void (*body)(void), const char *const *texts)
{
    static char output[65536];
    size_t length = 0;
    int out[2], status;

    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(out[1], STDERR_FILENO);
        close(out[0]);
        struct nt_machine_options options = {.processor_count = 2, .memory_bytes = 16u << 20};
        if (sys_start(&(struct sys_options){.seed = 1}) || nt_machine_start(&options))
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
    if (!WIFEXITED(status) || WEXITSTATUS(status) != NT_BUGCHECK_EXIT_STATUS)
        fail_msg("status %#x, output: %s", (unsigned)status, output);
    for (; *texts; texts++) {
        if (!strstr(output, *texts))
            fail_msg("'%s' is missing in: %s", *texts, output);
    }
}
#define BUGCHECK_EXPECT(body, ...) bugcheck_expect(body, (const char *const[]){__VA_ARGS__, NULL})

#endif
