/*
 * lists.c - Ex: lists and numbers that a spin lock of the driver guards. Callable at any IRQL, as
 * on Windows: the lock is taken at HIGH_LEVEL.
 */
#include "nt/export.h"
#include "nt/spinlock.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", NT_HIGH_LEVEL)

static uint8_t lock(PKSPIN_LOCK word)
{
    return nt_spinlock_acquire_raise((struct nt_spinlock *)word, NT_HIGH_LEVEL);
}

static void unlock(PKSPIN_LOCK word, uint8_t old)
{
    nt_spinlock_release_lower((struct nt_spinlock *)word, old);
}

PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                              PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : ListHead->Flink;

    InsertHeadList(ListHead, ListEntry);
    unlock(Lock, old);
    return first;
}
EXPORT(ExInterlockedInsertHeadList);

PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                              PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    PLIST_ENTRY last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;

    InsertTailList(ListHead, ListEntry);
    unlock(Lock, old);
    return last;
}
EXPORT(ExInterlockedInsertTailList);

PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);

    unlock(Lock, old);
    return first;
}
EXPORT(ExInterlockedRemoveHeadList);

PSINGLE_LIST_ENTRY NTAPI ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    PSINGLE_LIST_ENTRY first = PopEntryList(ListHead);

    unlock(Lock, old);
    return first;
}
EXPORT(ExInterlockedPopEntryList);

PSINGLE_LIST_ENTRY NTAPI ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                    PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    PSINGLE_LIST_ENTRY first = ListHead->Next;

    PushEntryList(ListHead, ListEntry);
    unlock(Lock, old);
    return first;
}
EXPORT(ExInterlockedPushEntryList);

LARGE_INTEGER NTAPI ExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment,
                                                 PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    LARGE_INTEGER before = *Addend;

    Addend->QuadPart += Increment.QuadPart;
    unlock(Lock, old);
    return before;
}
EXPORT(ExInterlockedAddLargeInteger);

ULONG NTAPI ExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock)
{
    uint8_t old = lock(Lock);
    ULONG before = *Addend;

    *Addend += Increment;
    unlock(Lock, old);
    return before;
}
EXPORT(ExInterlockedAddUlong);
