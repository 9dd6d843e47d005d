/*
 * remove_locks.c - Io: remove locks: who uses a device is counted, and its removal waits for them.
 *
 * IoCount begins with one for the device itself, which the removal takes away. What a lock of a
 * checked build has besides is not kept.
 */
#include "nt/bugcheck.h"
#include "nt/dispatcher.h"
#include "nt/export.h"

#include <ntddk.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "I/O manager", irql_max_)

VOID NTAPI IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes,
                                    ULONG HighWatermark, ULONG RemlockSize)
{
    (void)AllocateTag;
    (void)MaxLockedMinutes;
    (void)HighWatermark;
    (void)RemlockSize;
    Lock->Common.Removed = FALSE;
    __atomic_store_n(&Lock->Common.IoCount, 1, __ATOMIC_SEQ_CST);
    nt_dispatcher_initialize(&Lock->Common.RemoveEvent.Header, NT_SYNCHRONIZATION_EVENT,
                             sizeof(Lock->Common.RemoveEvent), 0);
}
EXPORT(IoInitializeRemoveLockEx, NT_PASSIVE_LEVEL);

/* Gives `count` uses back; returns how many are left. */
static LONG give_back(PIO_REMOVE_LOCK lock, LONG count)
{
    LONG left = __atomic_sub_fetch(&lock->Common.IoCount, count, __ATOMIC_SEQ_CST);

    if (left < 0)
        nt_finding("remove-lock", lock, "a remove lock was released more often than acquired");
    return left;
}

static bool is_removed(const IO_REMOVE_LOCK *lock)
{
    return __atomic_load_n(&lock->Common.Removed, __ATOMIC_SEQ_CST);
}

VOID NTAPI IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
    (void)Tag;
    (void)RemlockSize;
    if (give_back(RemoveLock, 1) == 0 && is_removed(RemoveLock))
        nt_dispatcher_set(&RemoveLock->Common.RemoveEvent.Header, 1);
}
EXPORT(IoReleaseRemoveLockEx, NT_DISPATCH_LEVEL);

NTSTATUS NTAPI IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, PCSTR File, ULONG Line,
                                     ULONG RemlockSize)
{
    (void)File;
    (void)Line;
    __atomic_add_fetch(&RemoveLock->Common.IoCount, 1, __ATOMIC_SEQ_CST);
    if (!is_removed(RemoveLock))
        return STATUS_SUCCESS;
    IoReleaseRemoveLockEx(RemoveLock, Tag, RemlockSize);
    return STATUS_DELETE_PENDING;
}
EXPORT(IoAcquireRemoveLockEx, NT_DISPATCH_LEVEL);

/* The caller's own use and the device's end; then the others are waited for. */
VOID NTAPI IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
    (void)Tag;
    (void)RemlockSize;
    __atomic_store_n(&RemoveLock->Common.Removed, TRUE, __ATOMIC_SEQ_CST);
    if (give_back(RemoveLock, 2) > 0)
        (void)nt_dispatcher_wait(&RemoveLock->Common.RemoveEvent.Header, NULL);
}
EXPORT(IoReleaseRemoveLockAndWaitEx, NT_PASSIVE_LEVEL);
