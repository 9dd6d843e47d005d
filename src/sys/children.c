/*
 * children.c - starting, awaiting and ending other programs.
 *
 * The rule: a child begins with nothing of ours but what was named. Descriptors, signal masks and
 * dispositions do not leak, and a program that could not be executed is an error of the start, not
 * an exit status to be guessed at.
 */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_FDS_MAX = 64, CLOSE_FALLBACK_MAX = 65536 };

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4u
#endif

/* ---- in the child, between fork and exec: only async-signal-safe calls ---- */

/* Every descriptor from 3 up closes at exec; dup2 exempts again what the child is to have. */
static void descriptors_close_at_exec(void)
{
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    struct rlimit limit;
    int end = CLOSE_FALLBACK_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)end)
        end = (int)limit.rlim_cur;
    for (int fd = 3; fd < end; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int descriptors_arrange(const struct sys_child_options *options, int *error_fd)
{
    int sources[CHILD_FDS_MAX];
    int above = 2;
    int error_source = options->stderr_fd;

    descriptors_close_at_exec();
    for (size_t i = 0; i < options->fd_count; i++) {
        if (options->fds[i].child_fd > above)
            above = options->fds[i].child_fd;
    }
    /* Sources first move out of the way of all targets: one may be another's target. */
    *error_fd = fcntl(*error_fd, F_DUPFD_CLOEXEC, above + 1);
    if (*error_fd < 0)
        return -errno;
    if (error_source >= 0)
        error_source = fcntl(error_source, F_DUPFD_CLOEXEC, above + 1);
    for (size_t i = 0; i < options->fd_count; i++) {
        sources[i] = fcntl(options->fds[i].parent_fd, F_DUPFD_CLOEXEC, above + 1);
        if (sources[i] < 0)
            return -errno;
    }
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd < 0)
        return -errno;
    if (null_fd == STDIN_FILENO)
        (void)fcntl(null_fd, F_SETFD, 0);
    else if (dup2(null_fd, STDIN_FILENO) < 0)
        return -errno;
    if (options->stderr_fd >= 0 && (error_source < 0 || dup2(error_source, STDERR_FILENO) < 0))
        return -errno;
    for (size_t i = 0; i < options->fd_count; i++) {
        if (dup2(sources[i], options->fds[i].child_fd) < 0)
            return -errno;
    }
    return 0;
}

static void signals_reset(void)
{
    struct sigaction action;
    sigset_t none;

    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &action, NULL);
    /* The two that the C library keeps to itself: whoever started us may have ignored them. */
    const uint64_t kernel_action[4] = {0};
    for (int number = 32; number <= 33; number++)
        (void)syscall(SYS_rt_sigaction, number, kernel_action, NULL, sizeof(uint64_t));
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child_become(const struct sys_child_options *options, pid_t parent,
                                   int error_fd)
{
    signals_reset();
    int result = descriptors_arrange(options, &error_fd);
    if (result == 0 && options->own_group && setpgid(0, 0) < 0)
        result = -errno;
    if (result == 0 && options->die_with_us) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
            result = -errno;
        else if (getppid() != parent)
            _exit(127); /* the parent ended before the request took effect */
    }
    if (result == 0) {
        execvp(options->argv[0], (char *const *)(uintptr_t)options->argv);
        result = -errno;
    }
    if (error_fd >= 0)
        (void)!write(error_fd, &result, sizeof(result));
    _exit(127);
}

/* ---- in the parent ---- */

static int options_check(const struct sys_child_options *options)
{
    if (!options->argv || !options->argv[0] || options->fd_count > CHILD_FDS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < options->fd_count; i++) {
        if (options->fds[i].child_fd < 0 || options->fds[i].parent_fd < 0)
            return -EINVAL;
    }
    return 0;
}

int sys_child_start(pid_t *ret_pid, const struct sys_child_options *options)
{
    int result = options_check(options);
    if (result)
        return result;
    int error_pipe[2];
    if (pipe2(error_pipe, O_CLOEXEC) < 0)
        return -errno;
    /* The child must not run a handler of ours before it has reset them. */
    sigset_t all, old;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child_become(options, parent, error_pipe[1]);
    result = pid < 0 ? -errno : 0;
    sigprocmask(SIG_SETMASK, &old, NULL);
    close(error_pipe[1]);
    if (pid > 0) {
        int child_error = 0;
        ssize_t got;
        do
            got = read(error_pipe[0], &child_error, sizeof(child_error));
        while (got < 0 && errno == EINTR);
        if (got == sizeof(child_error)) {
            result = child_error;
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        }
    }
    close(error_pipe[0]);
    if (result == 0)
        *ret_pid = pid;
    return result;
}

/* Milliseconds for poll, rounded up so that it does not return early; -1 is for ever. */
static int poll_timeout_ms(uint64_t deadline_ns)
{
    if (deadline_ns == SYS_FOREVER)
        return -1;
    uint64_t now_ns = sys_now_ns();
    if (now_ns >= deadline_ns)
        return 0;
    uint64_t left_ms = (deadline_ns - now_ns + SYS_NS_PER_MS - 1) / SYS_NS_PER_MS;
    return left_ms > 60000 ? 60000 : (int)left_ms;
}

int sys_child_wait(pid_t pid, uint64_t deadline_ns, int *ret_status)
{
    int result = 0, status = 0;
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0 && errno != ESRCH)
        return -errno;
    for (;;) {
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            break;
        if (ended < 0 && errno != EINTR) {
            result = -errno;
            break;
        }
        int timeout_ms = poll_timeout_ms(deadline_ns);
        if (timeout_ms == 0) {
            result = -ETIMEDOUT;
            break;
        }
        struct pollfd watched = {.fd = pidfd, .events = POLLIN};
        if (poll(&watched, 1, timeout_ms) < 0 && errno != EINTR) {
            result = -errno;
            break;
        }
    }
    if (pidfd >= 0)
        close(pidfd);
    if (result == 0 && ret_status)
        *ret_status = status;
    return result;
}

void sys_child_kill(pid_t pid, int signal_number)
{
    sh_assert(pid > 0);
    (void)kill(pid, signal_number); /* a child that has ended already is what was wanted */
}
