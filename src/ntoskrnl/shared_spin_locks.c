/*
 * shared_spin_locks.c - Ex: spin locks that several readers hold, or one writer.
 *
 * The word counts readers; one bit says that a writer holds it, another that one waits, which keeps
 * further readers out. Locks are listed with their thread like all spin locks, so that a callback
 * that returns with one is caught, and so is who takes one twice: both deadlock on Windows.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/spinlock.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", NT_DISPATCH_LEVEL)

static const uint32_t written = 1u << 31, writer_waits = 1u << 30;

static uint32_t *word_of(PEX_SPIN_LOCK lock)
{
    return (uint32_t *)(uintptr_t)lock;
}

static void assert_not_held(PEX_SPIN_LOCK lock, const struct nt_thread *self)
{
    for (unsigned i = 0; i < self->locks_held && i < NT_LOCKS_HELD_MAX; i++)
        if (self->held[i] == (const struct nt_spinlock *)(uintptr_t)lock)
            nt_bugcheck(NT_BUGCHECK_SPIN_LOCK_ALREADY_OWNED, (uintptr_t)lock, 0, 0, 0,
                        "a shared spin lock was acquired by a thread that holds it already");
}

static void list(PEX_SPIN_LOCK lock, struct nt_thread *self)
{
    nt_spinlock_note((const struct nt_spinlock *)(uintptr_t)lock, self);
}

static _Noreturn void not_owned(PEX_SPIN_LOCK lock)
{
    nt_bugcheck(NT_BUGCHECK_SPIN_LOCK_NOT_OWNED, (uintptr_t)lock, *word_of(lock), 0, 0,
                "a shared spin lock was released that is not held so");
}

static void acquire(PEX_SPIN_LOCK lock, bool exclusive)
{
    struct nt_thread *self = nt_self();
    uint32_t *word = word_of(lock);
    unsigned spins = 0;

    assert_not_held(lock, self);
    sys_switch_point();
    for (;;) {
        uint32_t value = __atomic_load_n(word, __ATOMIC_RELAXED);
        bool free = exclusive ? !(value & ~writer_waits) : !(value & (written | writer_waits));
        uint32_t next = exclusive ? written : value + 1;
        if (free && __atomic_compare_exchange_n(word, &value, next, false, __ATOMIC_ACQUIRE,
                                                __ATOMIC_RELAXED))
            break;
        if (exclusive && !free)
            __atomic_fetch_or(word, writer_waits, __ATOMIC_RELAXED);
        /* The owner may be waiting for what an interrupt on this processor has to do first. */
        nt_preempt();
        sys_spin_wait(&spins);
    }
    list(lock, self);
}

static void release(PEX_SPIN_LOCK lock, bool exclusive)
{
    uint32_t *word = word_of(lock);
    uint32_t value = __atomic_load_n(word, __ATOMIC_RELAXED);

    if (exclusive ? !(value & written) : !(value & ~(written | writer_waits)))
        not_owned(lock);
    nt_spinlock_forget((struct nt_spinlock *)(uintptr_t)lock, nt_self());
    if (exclusive)
        __atomic_fetch_and(word, ~written, __ATOMIC_RELEASE);
    else
        __atomic_fetch_sub(word, 1, __ATOMIC_RELEASE);
    sys_switch_point();
}

/* ---- from below DISPATCH_LEVEL ---- */

KIRQL NTAPI ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock)
{
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL);

    acquire(SpinLock, true);
    return old_irql;
}
EXPORT(ExAcquireSpinLockExclusive);

VOID NTAPI ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql)
{
    release(SpinLock, true);
    nt_irql_lower(OldIrql);
}
EXPORT(ExReleaseSpinLockExclusive);

KIRQL NTAPI ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock)
{
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL);

    acquire(SpinLock, false);
    return old_irql;
}
EXPORT(ExAcquireSpinLockShared);

VOID NTAPI ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql)
{
    release(SpinLock, false);
    nt_irql_lower(OldIrql);
}
EXPORT(ExReleaseSpinLockShared);

/* ---- at it, or above: as high as all who take the lock ---- */

VOID NTAPI ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    acquire(SpinLock, true);
}
NT_EXPORT("ntoskrnl.exe", ExAcquireSpinLockExclusiveAtDpcLevel, "Executive", NT_HIGH_LEVEL);

VOID NTAPI ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    release(SpinLock, true);
}
NT_EXPORT("ntoskrnl.exe", ExReleaseSpinLockExclusiveFromDpcLevel, "Executive", NT_HIGH_LEVEL);

VOID NTAPI ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    acquire(SpinLock, false);
}
NT_EXPORT("ntoskrnl.exe", ExAcquireSpinLockSharedAtDpcLevel, "Executive", NT_HIGH_LEVEL);

VOID NTAPI ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock)
{
    release(SpinLock, false);
}
NT_EXPORT("ntoskrnl.exe", ExReleaseSpinLockSharedFromDpcLevel, "Executive", NT_HIGH_LEVEL);

/* Only for the one reader there is. */
LOGICAL NTAPI ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock)
{
    uint32_t *word = word_of(SpinLock), value = __atomic_load_n(word, __ATOMIC_RELAXED);

    while ((value & ~writer_waits) == 1)
        if (__atomic_compare_exchange_n(word, &value, written | (value & writer_waits), false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return TRUE;
    return FALSE;
}
NT_EXPORT("ntoskrnl.exe", ExTryConvertSharedSpinLockExclusive, "Executive", NT_HIGH_LEVEL);
