/*
 * range_lock.c - holds in a list in the order of arrival; each counts the earlier ones that it
 * conflicts with and is granted when that count reaches zero.
 *
 * The list is as long as there are writers at work, a few dozen at most, so it is searched plainly.
 */
#include "disk/range_lock.h"

#include <limits.h>

static bool holds_conflict(const struct range_hold *one, const struct range_hold *other)
{
    return (one->exclusive || other->exclusive) && one->start < other->end &&
           other->start < one->end;
}

void range_lock_acquire(struct range_lock *lock, struct range_hold *hold, uint64_t start,
                        uint64_t end, bool exclusive)
{
    sh_assert(start < end);
    hold->start = start;
    hold->end = end;
    hold->exclusive = exclusive;
    hold->conflicts = 0;
    hold->next = NULL;

    sys_mutex_lock(&lock->mutex);
    for (struct range_hold *earlier = lock->first; earlier != NULL; earlier = earlier->next)
        hold->conflicts += holds_conflict(earlier, hold);
    hold->granted = hold->conflicts == 0;
    hold->previous = lock->last;
    if (lock->last != NULL)
        lock->last->next = hold;
    else
        lock->first = hold;
    lock->last = hold;
    sys_mutex_unlock(&lock->mutex);

    while (__atomic_load_n(&hold->granted, __ATOMIC_ACQUIRE) == 0)
        sys_wait(&hold->granted, 0, SYS_FOREVER);
}

void range_lock_release(struct range_lock *lock, struct range_hold *hold)
{
    sys_mutex_lock(&lock->mutex);
    sh_assert(hold->conflicts == 0);
    struct range_hold *later = hold->next;
    if (hold->previous != NULL)
        hold->previous->next = hold->next;
    else
        lock->first = hold->next;
    if (hold->next != NULL)
        hold->next->previous = hold->previous;
    else
        lock->last = hold->previous;
    while (later != NULL) {
        /* Once granted, the hold may be released and gone, but not before we let go of the mutex:
         * its owner needs it to leave the list. */
        if (holds_conflict(hold, later) && --later->conflicts == 0) {
            __atomic_store_n(&later->granted, 1, __ATOMIC_RELEASE);
            sys_wake(&later->granted, INT_MAX);
        }
        later = later->next;
    }
    sys_mutex_unlock(&lock->mutex);
}
