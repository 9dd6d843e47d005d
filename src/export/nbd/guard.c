/*
 * guard.c - the end of the server when its supervisor has gone and the orderly end does not come.
 *
 * Rule: a driver must not keep the process alive. When the supervisor was killed nobody is left who
 * could interrupt a stop that waits for a driver for ever (its interrupt routine spins, FindAdapter
 * polls), so after a while the process ends by itself, and QEMU with it. The guard is a thread that
 * holds nothing and waits for nothing but descriptors.
 */
#include "host.h"

#include "sys/sys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Enough to drain and to flush a disk; until then it is an orderly stop like any other. */
#define ORDERLY_END_S 10

static struct {
    struct sys_thread *thread;
    int over; /* eventfd: host_stop has done its work */
} guard;

/* Waits for the end of our own work, and for the supervisor's until the deadline. A supervisor that
 * has closed only its side is alive, and decides itself how long it waits. */
static bool supervisor_is_gone(void)
{
    struct pollfd watched[2] = {
        {.fd = guard.over, .events = POLLIN}, {.fd = host_options.report_fd}, /* POLLHUP alone */
    };

    while (watched[0].revents == 0 && watched[1].revents == 0) {
        if (poll(watched, 2, -1) < 0 && errno != EINTR)
            return false;
    }
    return watched[0].revents == 0;
}

static bool is_over_in_time(void)
{
    struct pollfd watched = {.fd = guard.over, .events = POLLIN};
    uint64_t deadline_ns = sys_now_ns() + ORDERLY_END_S * SYS_NS_PER_S;

    for (;;) {
        uint64_t now_ns = sys_now_ns();
        if (now_ns >= deadline_ns)
            return false;
        int left_ms = (int)((deadline_ns - now_ns) / SYS_NS_PER_MS) + 1;
        if (poll(&watched, 1, left_ms) > 0)
            return true;
    }
}

static void guard_main(void *argument)
{
    (void)argument;
    if (!supervisor_is_gone() || is_over_in_time())
        return;
    fprintf(stderr,
            "storhost: serve is gone, and the driver has not let the server stop for %u s: it is "
            "ended now; data that was not flushed is lost\n",
            (unsigned)ORDERLY_END_S);
    host_sockets_remove();
    _exit(EXIT_FAILURE);
}

int host_guard_start(void)
{
    if (host_options.report_fd < 0)
        return 0;
    guard.over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = guard.over < 0 ? -errno : 0;
    if (error == 0)
        error = sys_thread_create(&guard.thread, "nbd-guard", guard_main, NULL);
    if (error == 0)
        return 0;
    guard.thread = NULL;
    if (guard.over >= 0)
        close(guard.over);
    host_report("error", "the NBD server cannot guard its end: %s", strerror(-error));
    return -1;
}

void host_guard_stop(void)
{
    uint64_t one = 1;

    if (guard.thread == NULL)
        return;
    (void)!write(guard.over, &one, sizeof(one));
    sys_thread_join(guard.thread);
    guard.thread = NULL;
    close(guard.over);
    /* Exit handlers of libraries come next, and nothing that could be lost. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct pollfd supervisor = {.fd = host_options.report_fd};
    if (poll(&supervisor, 1, 0) > 0)
        _exit(EXIT_SUCCESS); /* it had gone before */
}
