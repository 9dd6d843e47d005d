/*
 * children_test.c - other programs: what they inherit, how they end, and how that is learnt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int start(void **state)
{
    (void)state;
    return sys_start(NULL);
}

static uint64_t soon(void)
{
    return sys_now_ns() + 60 * SYS_NS_PER_S;
}

/* Runs a shell script whose stdout is a pipe; returns its exit status and output. */
static int script_run(const char *script, const struct sys_child_fd *more, size_t more_count,
                      char *output, size_t size)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct sys_child_fd fds[4];
    struct sys_child_options options = {.argv = argv, .fds = fds, .stderr_fd = -1};
    int out[2], status;
    size_t length = 0;
    pid_t pid;

    assert_int_equal(pipe(out), 0);
    fds[0] = (struct sys_child_fd){.parent_fd = out[1], .child_fd = STDOUT_FILENO};
    for (size_t i = 0; i < more_count; i++)
        fds[1 + i] = more[i];
    options.fd_count = 1 + more_count;
    assert_int_equal(sys_child_start(&pid, &options), 0);
    close(out[1]);
    for (ssize_t got; (got = read(out[0], output + length, size - 1 - length)) > 0;)
        length += (size_t)got;
    output[length] = '\0';
    close(out[0]);
    assert_int_equal(sys_child_wait(pid, soon(), &status), 0);
    return status;
}

static void a_child_runs_and_its_status_is_returned(void **state)
{
    (void)state;
    char output[256];
    int status = script_run("echo hello; exit 5", NULL, 0, output, sizeof(output));

    assert_string_equal(output, "hello\n");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 5);
}

static void a_program_that_cannot_be_executed_is_an_error_of_the_start(void **state)
{
    (void)state;
    const char *const missing[] = {"storhost-no-such-program", NULL};
    const char *const directory[] = {"/tmp", NULL};
    const char *const nothing[] = {NULL};
    pid_t pid = 77;

    assert_int_equal(
        sys_child_start(&pid, &(struct sys_child_options){.argv = missing, .stderr_fd = -1}),
        -ENOENT);
    assert_int_equal(
        sys_child_start(&pid, &(struct sys_child_options){.argv = directory, .stderr_fd = -1}),
        -EACCES);
    assert_int_equal(
        sys_child_start(&pid, &(struct sys_child_options){.argv = nothing, .stderr_fd = -1}),
        -EINVAL);
    assert_int_equal(pid, 77);
}

static void a_child_has_only_the_descriptors_that_were_named(void **state)
{
    (void)state;
    char output[256];
    int leaked = open("/dev/zero", O_RDONLY);
    assert_true(leaked >= 3);
    assert_int_equal(script_run("ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0", NULL,
                                0, output, sizeof(output)),
                     0);
    close(leaked);
    /* ls holds the directory itself as one more. */
    assert_string_equal(output, "0 1 2 3 /dev/null\n");
}

static void descriptors_arrive_under_their_numbers_even_when_these_cross(void **state)
{
    (void)state;
    char output[256], name[2][32];
    int fds[2];

    for (unsigned i = 0; i < 2; i++) {
        snprintf(name[i], sizeof(name[i]), "/tmp/storhost-test-XXXXXX");
        fds[i] = mkstemp(name[i]);
        assert_true(fds[i] >= 0);
        unlink(name[i]);
        assert_int_equal(write(fds[i], i ? "second" : "first", i ? 6 : 5), i ? 6 : 5);
        lseek(fds[i], 0, SEEK_SET);
    }
    /* Each goes to the other's number. */
    struct sys_child_fd crossed[] = {{fds[0], fds[1]}, {fds[1], fds[0]}};
    char script[64];
    snprintf(script, sizeof(script), "cat /dev/fd/%d /dev/fd/%d", fds[1], fds[0]);
    assert_int_equal(script_run(script, crossed, 2, output, sizeof(output)), 0);
    assert_string_equal(output, "firstsecond");
    close(fds[0]);
    close(fds[1]);
}

static void stderr_can_be_redirected(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "echo complaint >&2", NULL};
    int err[2], status;
    char output[32] = "";
    pid_t pid;

    assert_int_equal(pipe(err), 0);
    struct sys_child_options options = {.argv = argv, .stderr_fd = err[1]};
    assert_int_equal(sys_child_start(&pid, &options), 0);
    close(err[1]);
    assert_int_equal(sys_child_wait(pid, soon(), &status), 0);
    assert_int_equal(read(err[0], output, sizeof(output) - 1), 10);
    assert_string_equal(output, "complaint\n");
    close(err[0]);
}

static void signal_masks_and_dispositions_do_not_leak(void **state)
{
    (void)state;
    char output[256];
    sigset_t blocked, old;

    signal(SIGUSR1, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    assert_int_equal(script_run("grep -E 'SigBlk|SigIgn' /proc/self/status | cut -f2", NULL, 0,
                                output, sizeof(output)),
                     0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGUSR1, SIG_DFL);
    assert_string_equal(output, "0000000000000000\n0000000000000000\n");
}

static void waiting_ends_at_the_deadline_and_killing_ends_the_child(void **state)
{
    (void)state;
    const char *const argv[] = {"sleep", "1000", NULL};
    pid_t pid;
    int status = -1;

    struct sys_child_options options = {.argv = argv, .stderr_fd = -1};
    assert_int_equal(sys_child_start(&pid, &options), 0);
    uint64_t deadline_ns = sys_now_ns() + 3 * SYS_NS_PER_MS;
    assert_int_equal(sys_child_wait(pid, deadline_ns, &status), -ETIMEDOUT);
    assert_true(sys_now_ns() >= deadline_ns);
    assert_int_equal(sys_child_wait(pid, 0, &status), -ETIMEDOUT);
    assert_int_equal(status, -1);
    sys_child_kill(pid, SIGKILL);
    assert_int_equal(sys_child_wait(pid, SYS_FOREVER, &status), 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static pid_t orphan;

static void parent_main(void *argument)
{
    const char *const argv[] = {"sleep", "1000", NULL};
    struct sys_child_options options = {.argv = argv, .stderr_fd = -1, .die_with_us = true};
    *(int *)argument = sys_child_start(&orphan, &options);
}

static void a_child_dies_with_the_thread_that_started_it(void **state)
{
    (void)state;
    struct sys_thread *thread;
    int result = -1, status;

    assert_int_equal(sys_thread_create(&thread, "parent", parent_main, &result), 0);
    sys_thread_join(thread);
    assert_int_equal(result, 0);
    assert_int_equal(sys_child_wait(orphan, soon(), &status), 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void a_child_of_its_own_group_gets_no_signal_of_the_terminal(void **state)
{
    const char *const argv[] = {"sleep", "1000", NULL};
    struct sys_child_options options = {.argv = argv, .stderr_fd = -1};
    pid_t pid;
    int status;

    (void)state;
    for (unsigned own = 0; own < 2; own++) {
        options.own_group = own;
        assert_int_equal(sys_child_start(&pid, &options), 0);
        assert_int_equal(getpgid(pid) == pid, own);
        sys_child_kill(pid, SIGKILL);
        assert_int_equal(sys_child_wait(pid, soon(), &status), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_runs_and_its_status_is_returned),
        cmocka_unit_test(a_program_that_cannot_be_executed_is_an_error_of_the_start),
        cmocka_unit_test(a_child_has_only_the_descriptors_that_were_named),
        cmocka_unit_test(descriptors_arrive_under_their_numbers_even_when_these_cross),
        cmocka_unit_test(stderr_can_be_redirected),
        cmocka_unit_test(signal_masks_and_dispositions_do_not_leak),
        cmocka_unit_test(waiting_ends_at_the_deadline_and_killing_ends_the_child),
        cmocka_unit_test(a_child_dies_with_the_thread_that_started_it),
        cmocka_unit_test(a_child_of_its_own_group_gets_no_signal_of_the_terminal),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
