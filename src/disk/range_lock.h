/*
 * range_lock.h - who may write which blocks now.
 *
 * Rule: an exclusive hold overlaps no other hold; shared holds may overlap each other. Requests are
 * granted in the order of arrival among those that overlap, so nobody waits for ever.
 */
#ifndef STORHOST_DISK_RANGE_LOCK_H
#define STORHOST_DISK_RANGE_LOCK_H

#include "sys/sys.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialised is empty. */
struct range_lock {
    struct sys_mutex mutex; /* guards the list and every `conflicts`; innermost */
    struct range_hold *first, *last;
};

/* Lives with its holder (on the stack) from acquire to release. */
struct range_hold {
    struct range_hold *previous, *next; /* in the order of arrival */
    uint64_t start, end;                /* blocks [start, end) */
    unsigned conflicts;                 /* earlier holds that this one waits for */
    uint32_t granted;                   /* the word that the waiter sleeps on */
    bool exclusive;
};

/* Blocks until granted. PASSIVE_LEVEL. A thread takes at most one hold of a lock at a time. */
void range_lock_acquire(struct range_lock *lock, struct range_hold *hold, uint64_t start,
                        uint64_t end, bool exclusive);
void range_lock_release(struct range_lock *lock, struct range_hold *hold);

#ifdef __cplusplus
}
#endif

#endif
