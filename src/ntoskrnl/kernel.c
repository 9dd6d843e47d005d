/*
 * kernel.c - Ke: IRQL, spin locks, bug checks, DPCs; Mm addresses.
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/export.h"
#include "nt/machine.h"
#include "nt/memory.h"
#include "nt/spinlock.h"

#include <ntddk.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Kernel", irql_max_)

/* ---- IRQL ---- */

KIRQL NTAPI KeGetCurrentIrql(VOID)
{
    return nt_irql();
}
EXPORT(KeGetCurrentIrql, NT_HIGH_LEVEL);

KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql)
{
    uint8_t current = nt_irql();

    if (NewIrql < current)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, NewIrql, current, 0, 0,
                    "the driver raised the IRQL to a lower one");
    return nt_irql_raise(NewIrql);
}
EXPORT(KfRaiseIrql, NT_HIGH_LEVEL);

KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID)
{
    return KfRaiseIrql(DISPATCH_LEVEL);
}
EXPORT(KeRaiseIrqlToDpcLevel, NT_DISPATCH_LEVEL);

VOID NTAPI KeLowerIrql(KIRQL NewIrql)
{
    uint8_t current = nt_irql();

    if (NewIrql > current)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, NewIrql, current, 1, 0,
                    "the driver lowered the IRQL to a higher one");
    nt_irql_lower(NewIrql);
}
EXPORT(KeLowerIrql, NT_HIGH_LEVEL);

/* ---- spin locks: the driver's word is nt's ---- */

static struct nt_spinlock *lock_of(PKSPIN_LOCK lock)
{
    return (struct nt_spinlock *)lock;
}

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}
EXPORT(KeInitializeSpinLock, NT_HIGH_LEVEL);

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    return nt_spinlock_acquire_raise(lock_of(SpinLock), NT_DISPATCH_LEVEL);
}
EXPORT(KeAcquireSpinLockRaiseToDpc, NT_DISPATCH_LEVEL);

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    nt_spinlock_release_lower(lock_of(SpinLock), NewIrql);
}
EXPORT(KeReleaseSpinLock, NT_DISPATCH_LEVEL);

VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    nt_spinlock_acquire(lock_of(SpinLock), nt_self());
}
EXPORT(KeAcquireSpinLockAtDpcLevel, NT_HIGH_LEVEL);

BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    return nt_spinlock_try_acquire(lock_of(SpinLock), nt_self());
}
EXPORT(KeTryToAcquireSpinLockAtDpcLevel, NT_HIGH_LEVEL);

/* Whether it is free: true for a moment only. */
BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock)
{
    return __atomic_load_n(SpinLock, __ATOMIC_RELAXED) == 0;
}
EXPORT(KeTestSpinLock, NT_HIGH_LEVEL);

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    nt_spinlock_release(lock_of(SpinLock), nt_self());
}
EXPORT(KeReleaseSpinLockFromDpcLevel, NT_HIGH_LEVEL);

VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = nt_spinlock_acquire_raise(lock_of(SpinLock), NT_DISPATCH_LEVEL);
}
EXPORT(KeAcquireInStackQueuedSpinLock, NT_DISPATCH_LEVEL);

VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    nt_spinlock_release_lower(lock_of((PKSPIN_LOCK)LockHandle->LockQueue.Lock),
                              LockHandle->OldIrql);
}
EXPORT(KeReleaseInStackQueuedSpinLock, NT_DISPATCH_LEVEL);

VOID NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                                    PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    nt_spinlock_acquire(lock_of(SpinLock), nt_self());
}
EXPORT(KeAcquireInStackQueuedSpinLockAtDpcLevel, NT_HIGH_LEVEL);

VOID NTAPI KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle)
{
    nt_spinlock_release(lock_of((PKSPIN_LOCK)LockHandle->LockQueue.Lock), nt_self());
}
EXPORT(KeReleaseInStackQueuedSpinLockFromDpcLevel, NT_HIGH_LEVEL);

/* ---- DPCs ---- */

void NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    nt_dpc_initialize(Dpc, DeferredRoutine, DeferredContext);
}
EXPORT(KeInitializeDpc, NT_HIGH_LEVEL);

BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    return nt_dpc_queue(Dpc, SystemArgument1, SystemArgument2);
}
EXPORT(KeInsertQueueDpc, NT_HIGH_LEVEL);

BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc)
{
    return nt_dpc_remove(Dpc);
}
EXPORT(KeRemoveQueueDpc, NT_HIGH_LEVEL);

void NTAPI KeFlushQueuedDpcs(VOID)
{
    nt_dpc_flush();
}
EXPORT(KeFlushQueuedDpcs, NT_PASSIVE_LEVEL);

/* ---- bug checks ---- */

void NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
                        ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
                        ULONG_PTR BugCheckParameter4)
{
    nt_bugcheck(BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3,
                BugCheckParameter4, "the driver called KeBugCheckEx");
}
EXPORT(KeBugCheckEx, NT_HIGH_LEVEL);

void NTAPI KeBugCheck(ULONG BugCheckCode)
{
    nt_bugcheck(BugCheckCode, 0, 0, 0, 0, "the driver called KeBugCheck");
}
EXPORT(KeBugCheck, NT_HIGH_LEVEL);

/* ---- memory addresses ---- */

PHYSICAL_ADDRESS NTAPI MmGetPhysicalAddress(PVOID BaseAddress)
{
    return (PHYSICAL_ADDRESS){.QuadPart = (LONGLONG)nt_physical_address(BaseAddress)};
}
EXPORT(MmGetPhysicalAddress, NT_HIGH_LEVEL);
