/*
 * lists.c - lists under a spin lock of the driver's (STOR_KSPIN_LOCK), at DISPATCH_LEVEL and below.
 */
#include "storport/adapter.h"

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
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    uint8_t old_irql = nt_spinlock_acquire_raise(lock, NT_DISPATCH_LEVEL);
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
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    uint8_t old_irql = nt_spinlock_acquire_raise(lock, NT_DISPATCH_LEVEL);
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
