/*
 * mutex.c - a lock for host code over sys_wait and sys_wake, the same for both implementations.
 *
 * The word is 0 when free, 1 when held, 2 when held and somebody may sleep. Whoever has slept takes
 * the lock with 2, because it cannot know whether it was the last sleeper.
 */
#include "sys/sys.h"

enum { MUTEX_FREE = 0, MUTEX_HELD = 1, MUTEX_CONTENDED = 2 };

void sys_mutex_lock(struct sys_mutex *mutex)
{
    uint32_t expected = MUTEX_FREE;

    sys_switch_point();
    if (__atomic_compare_exchange_n(&mutex->state, &expected, MUTEX_HELD, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(&mutex->state, MUTEX_CONTENDED, __ATOMIC_ACQUIRE) != MUTEX_FREE)
        sys_wait(&mutex->state, MUTEX_CONTENDED, SYS_FOREVER);
}

void sys_mutex_unlock(struct sys_mutex *mutex)
{
    uint32_t old = __atomic_exchange_n(&mutex->state, MUTEX_FREE, __ATOMIC_RELEASE);

    sh_assert(old != MUTEX_FREE);
    if (old == MUTEX_CONTENDED)
        sys_wake(&mutex->state, 1);
}
