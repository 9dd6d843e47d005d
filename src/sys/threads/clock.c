/*
 * clock.c - the kernel's clocks, and waiting by time alone.
 */
#include "sys/private.h"

#include <errno.h>
#include <time.h>

static uint64_t clock_read_ns(clockid_t clock)
{
    struct timespec now;
    sh_assert(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * SYS_NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t sys_now_ns(void)
{
    return clock_read_ns(CLOCK_MONOTONIC);
}

uint64_t sys_utc_100ns(void)
{
    return SYS_EPOCH_1970_100NS + clock_read_ns(CLOCK_REALTIME) / 100;
}

void sys_delay_ns(uint64_t duration_ns)
{
    uint64_t end_ns = sys_now_ns() + duration_ns;
    struct timespec end = {.tv_sec = (time_t)(end_ns / SYS_NS_PER_S),
                           .tv_nsec = (long)(end_ns % SYS_NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
        continue;
}

void sys_stall_ns(uint64_t duration_ns)
{
    uint64_t end_ns = sys_now_ns() + duration_ns;
    unsigned spins = 0;

    while (sys_now_ns() < end_ns)
        sys_spin_wait(&spins);
}
