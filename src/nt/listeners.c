/*
 * listeners.c - see listeners.h. A listener that runs stays in the list, so that the way goes on
 * from it.
 */
#include "nt/listeners.h"

#include "nt/dispatcher.h"

bool nt_listeners_add(struct nt_listeners *list, struct nt_listener *listener, bool alone)
{
    listener->next = NULL;
    listener->running = 0;
    listener->gone = false;
    nt_dispatcher_initialize(&listener->idle.Header, NT_NOTIFICATION_EVENT, sizeof(KEVENT), 1);
    uint8_t irql = nt_spinlock_acquire_raise(&list->lock, NT_DISPATCH_LEVEL);
    struct nt_listener **link = &list->first;
    bool refused = alone && *link;
    while (*link)
        link = &(*link)->next;
    if (!refused)
        *link = listener;
    nt_spinlock_release_lower(&list->lock, irql);
    return !refused;
}

void nt_listeners_remove(struct nt_listeners *list, struct nt_listener *listener)
{
    uint8_t irql = nt_spinlock_acquire_raise(&list->lock, NT_DISPATCH_LEVEL);
    struct nt_listener **link = &list->first;

    listener->gone = true;
    while (listener->running) {
        nt_spinlock_release_lower(&list->lock, irql);
        nt_dispatcher_wait(&listener->idle.Header, NULL);
        irql = nt_spinlock_acquire_raise(&list->lock, NT_DISPATCH_LEVEL);
    }
    while (*link != listener)
        link = &(*link)->next;
    *link = listener->next;
    nt_spinlock_release_lower(&list->lock, irql);
}

/* The first from here on that may be called. */
static struct nt_listener *enter(struct nt_listener *listener)
{
    while (listener && listener->gone)
        listener = listener->next;
    if (listener && !listener->running++)
        nt_dispatcher_clear(&listener->idle.Header);
    return listener;
}

struct nt_listener *nt_listeners_first(struct nt_listeners *list)
{
    uint8_t irql = nt_spinlock_acquire_raise(&list->lock, NT_DISPATCH_LEVEL);
    struct nt_listener *first = enter(list->first);

    nt_spinlock_release_lower(&list->lock, irql);
    return first;
}

struct nt_listener *nt_listeners_next(struct nt_listeners *list, struct nt_listener *listener)
{
    uint8_t irql = nt_spinlock_acquire_raise(&list->lock, NT_DISPATCH_LEVEL);
    struct nt_listener *next = enter(listener->next);

    if (!--listener->running)
        nt_dispatcher_set(&listener->idle.Header, 1);
    nt_spinlock_release_lower(&list->lock, irql);
    return next;
}
