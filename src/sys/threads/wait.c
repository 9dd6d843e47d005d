/*
 * wait.c - sleeping on a word: futexes, and turns of a spin loop.
 */
#include "sys/private.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How many turns only pause. A lock is held for less time than these take, unless the kernel has
 * taken its holder off the CPU; then the CPU is better given away. */
enum { SPINS_BEFORE_YIELD = 200 };

int sys_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec deadline;
    struct timespec *timeout = NULL;

    if (deadline_ns != SYS_FOREVER) {
        deadline.tv_sec = (time_t)(deadline_ns / SYS_NS_PER_S);
        deadline.tv_nsec = (long)(deadline_ns % SYS_NS_PER_S);
        timeout = &deadline;
    }
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != expected)
        return 0;
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                          timeout, NULL, FUTEX_BITSET_MATCH_ANY);
    if (result == 0 || errno == EAGAIN || errno == EINTR)
        return 0;
    sh_assert(errno == ETIMEDOUT);
    return -ETIMEDOUT;
}

void sys_wake(const uint32_t *word, int count)
{
    /* The word may be gone by now: a waiter that saw its new value owes us nothing. The kernel
     * only compares the address. */
    (void)syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
}

void sys_spin_wait(unsigned *spins)
{
    if ((*spins)++ < SPINS_BEFORE_YIELD)
        __builtin_ia32_pause();
    else
        sched_yield();
}

void sys_thread_yield(void)
{
    sched_yield();
}
