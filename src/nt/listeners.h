/*
 * listeners.h - routines of drivers that are called when something happens: added and removed at
 * any time, called without a lock, in the order in which they came.
 */
#ifndef STORHOST_NT_LISTENERS_H
#define STORHOST_NT_LISTENERS_H

#include "nt/spinlock.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* First in a record of the owner's. */
struct nt_listener {
    struct nt_listener *next;
    unsigned running; /* calls under way; under the list's lock, as is the next */
    bool gone;        /* no new call of it */
    KEVENT idle;
};

/* Zeroed is empty. */
struct nt_listeners {
    struct nt_spinlock lock;
    struct nt_listener *first; /* oldest first */
};

/* False, if `alone` and there is another. Both at most APC_LEVEL. */
bool nt_listeners_add(struct nt_listeners *list, struct nt_listener *listener, bool alone);
/* Returns when no call of it is under way: the routine itself must not ask for it. */
void nt_listeners_remove(struct nt_listeners *list, struct nt_listener *listener);

/* From one to the next; between them, the caller calls the routine. At most DISPATCH_LEVEL.
 *     for (l = nt_listeners_first(&list); l; l = nt_listeners_next(&list, l)) */
struct nt_listener *nt_listeners_first(struct nt_listeners *list);
struct nt_listener *nt_listeners_next(struct nt_listeners *list, struct nt_listener *listener);

#ifdef __cplusplus
}
#endif

#endif
