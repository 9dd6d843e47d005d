/*
 * lists.c - lists of drivers: doubly linked ones under a spin lock word of theirs, and sequenced
 * singly linked ones.
 */
#include "nt/slist.h"
#include "storport/adapter.h"

#include <stddef.h>

/* ---- doubly linked, under a lock that raises to HIGH_LEVEL: any IRQL ---- */

static ULONG initialize_spinlock(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    PSTOR_KSPIN_LOCK lock = STORPORT_ARGUMENT(arguments, PSTOR_KSPIN_LOCK);

    (void)adapter;
    (void)extension;
    if (!lock)
        return STOR_STATUS_INVALID_PARAMETER;
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeSpinlock, "StorPortInitializeSpinlock", "Locking",
                  initialize_spinlock);

/* *result: the entry that was first (or last) before, NULL when the list was empty. */
static ULONG insert(__builtin_ms_va_list *arguments, bool at_head)
{
    PSTOR_LIST_ENTRY head = STORPORT_ARGUMENT(arguments, PSTOR_LIST_ENTRY);
    PSTOR_LIST_ENTRY entry = STORPORT_ARGUMENT(arguments, PSTOR_LIST_ENTRY);
    PSTOR_LIST_ENTRY *result = STORPORT_ARGUMENT(arguments, PSTOR_LIST_ENTRY *);
    struct nt_spinlock *lock = STORPORT_ARGUMENT(arguments, struct nt_spinlock *);

    if (!head || !entry || !result || !lock)
        return STOR_STATUS_INVALID_PARAMETER;
    uint8_t old_irql = nt_spinlock_acquire_raise(lock, NT_HIGH_LEVEL);
    PSTOR_LIST_ENTRY before = at_head ? head : head->Blink;
    PSTOR_LIST_ENTRY after = before->Flink;
    PSTOR_LIST_ENTRY neighbour = at_head ? head->Flink : head->Blink;
    *result = neighbour == head ? NULL : neighbour;
    entry->Flink = after;
    entry->Blink = before;
    before->Flink = entry;
    after->Blink = entry;
    nt_spinlock_release_lower(lock, old_irql);
    return STOR_STATUS_SUCCESS;
}

static ULONG insert_head(struct storport_adapter *adapter, PVOID extension,
                         __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    return insert(arguments, true);
}
STORPORT_EXTENDED(ExtFunctionInterlockedInsertHeadList, "StorPortInterlockedInsertHeadList",
                  "General", insert_head);

static ULONG insert_tail(struct storport_adapter *adapter, PVOID extension,
                         __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    return insert(arguments, false);
}
STORPORT_EXTENDED(ExtFunctionInterlockedInsertTailList, "StorPortInterlockedInsertTailList",
                  "General", insert_tail);

static ULONG remove_head(struct storport_adapter *adapter, PVOID extension,
                         __builtin_ms_va_list *arguments)
{
    PSTOR_LIST_ENTRY head = STORPORT_ARGUMENT(arguments, PSTOR_LIST_ENTRY);
    PSTOR_LIST_ENTRY *result = STORPORT_ARGUMENT(arguments, PSTOR_LIST_ENTRY *);
    struct nt_spinlock *lock = STORPORT_ARGUMENT(arguments, struct nt_spinlock *);

    (void)adapter;
    (void)extension;
    if (!head || !result || !lock)
        return STOR_STATUS_INVALID_PARAMETER;
    uint8_t old_irql = nt_spinlock_acquire_raise(lock, NT_HIGH_LEVEL);
    PSTOR_LIST_ENTRY first = head->Flink == head ? NULL : head->Flink;
    if (first) {
        head->Flink = first->Flink;
        first->Flink->Blink = head;
    }
    *result = first;
    nt_spinlock_release_lower(lock, old_irql);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInterlockedRemoveHeadList, "StorPortInterlockedRemoveHeadList",
                  "General", remove_head);

/* ---- sequenced: at most DISPATCH_LEVEL ---- */

_Static_assert(sizeof(STOR_SLIST_HEADER) == sizeof(SLIST_HEADER) &&
                   sizeof(STOR_SLIST_ENTRY) == sizeof(SLIST_ENTRY),
               "Storport's lists are the kernel's");

/* What is wrong with a call for this header; an address that is not aligned breaks the list on
 * hardware, too. */
static ULONG slist_status(const struct storport_adapter *adapter, const STOR_SLIST_HEADER *header,
                          const STOR_SLIST_ENTRY *entry)
{
    if (!header)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (nt_slist_is_aligned(header) && nt_slist_is_aligned(entry))
        return STOR_STATUS_SUCCESS;
    nt_finding("slist-alignment", adapter->port,
               "a list header or entry does not lie at a multiple of 16");
    return STOR_STATUS_INVALID_PARAMETER;
}

static ULONG initialize_slist(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSTOR_SLIST_HEADER header = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_HEADER);
    ULONG status = slist_status(adapter, header, NULL);

    (void)extension;
    if (status == STOR_STATUS_SUCCESS)
        nt_slist_initialize((SLIST_HEADER *)header);
    return status;
}
STORPORT_EXTENDED(ExtFunctionInitializeSListHead, "StorPortInitializeSListHead", "General",
                  initialize_slist);

static ULONG push_slist(struct storport_adapter *adapter, PVOID extension,
                        __builtin_ms_va_list *arguments)
{
    PSTOR_SLIST_HEADER header = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_HEADER);
    PSTOR_SLIST_ENTRY entry = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_ENTRY);
    PSTOR_SLIST_ENTRY *result = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_ENTRY *);

    (void)extension;
    if (!entry || !result)
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG status = slist_status(adapter, header, entry);
    if (status == STOR_STATUS_SUCCESS)
        *result = (PSTOR_SLIST_ENTRY)nt_slist_push((SLIST_HEADER *)header, (SLIST_ENTRY *)entry);
    return status;
}
STORPORT_EXTENDED(ExtFunctionInterlockedPushEntrySList, "StorPortInterlockedPushEntrySList",
                  "General", push_slist);

static ULONG take_slist(struct storport_adapter *adapter, __builtin_ms_va_list *arguments,
                        SLIST_ENTRY *(*take)(SLIST_HEADER *header))
{
    PSTOR_SLIST_HEADER header = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_HEADER);
    PSTOR_SLIST_ENTRY *result = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_ENTRY *);

    if (!result)
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG status = slist_status(adapter, header, NULL);
    if (status == STOR_STATUS_SUCCESS)
        *result = (PSTOR_SLIST_ENTRY)take((SLIST_HEADER *)header);
    return status;
}

static ULONG pop_slist(struct storport_adapter *adapter, PVOID extension,
                       __builtin_ms_va_list *arguments)
{
    (void)extension;
    return take_slist(adapter, arguments, nt_slist_pop);
}
STORPORT_EXTENDED(ExtFunctionInterlockedPopEntrySList, "StorPortInterlockedPopEntrySList",
                  "General", pop_slist);

static ULONG flush_slist(struct storport_adapter *adapter, PVOID extension,
                         __builtin_ms_va_list *arguments)
{
    (void)extension;
    return take_slist(adapter, arguments, nt_slist_flush);
}
STORPORT_EXTENDED(ExtFunctionInterlockedFlushSList, "StorPortInterlockedFlushSList", "General",
                  flush_slist);

static ULONG query_slist_depth(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    PSTOR_SLIST_HEADER header = STORPORT_ARGUMENT(arguments, PSTOR_SLIST_HEADER);
    PSHORT depth = STORPORT_ARGUMENT(arguments, PSHORT);

    (void)extension;
    if (!depth)
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG status = slist_status(adapter, header, NULL);
    if (status == STOR_STATUS_SUCCESS)
        *depth = (SHORT)nt_slist_depth((const SLIST_HEADER *)header);
    return status;
}
STORPORT_EXTENDED(ExtFunctionQueryDepthSList, "StorPortQueryDepthSList", "General",
                  query_slist_depth);
