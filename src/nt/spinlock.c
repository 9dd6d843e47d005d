/*
 * spinlock.c - the slow ways through a spin lock: waiting, and the two mistakes.
 */
#include "nt/spinlock.h"

#include "nt/bugcheck.h"

#include <string.h>

void nt_spinlock_acquire_slow(struct nt_spinlock *lock, struct nt_thread *self)
{
    unsigned spins = 0;

    for (;;) {
        uintptr_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
        if (owner == (uintptr_t)self)
            nt_bugcheck(NT_BUGCHECK_SPIN_LOCK_ALREADY_OWNED, (uintptr_t)lock, 0, 0, 0,
                        "a spin lock was acquired by a thread that holds it already; "
                        "on Windows the processor would hang");
        if (owner == 0 && __atomic_compare_exchange_n(&lock->owner, &owner, (uintptr_t)self, false,
                                                      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return;
        /* The owner may be waiting for what an interrupt on this processor has to do first. */
        nt_preempt();
        sys_spin_wait(&spins);
    }
}

bool nt_spinlock_try_acquire(struct nt_spinlock *lock, struct nt_thread *self)
{
    uintptr_t expected = 0;

    sys_switch_point();
    if (!__atomic_compare_exchange_n(&lock->owner, &expected, (uintptr_t)self, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    nt_spinlock_note(lock, self);
    return true;
}

void nt_spinlock_note_beyond(const struct nt_thread *self)
{
    if (self->locks_held == UINT8_MAX)
        nt_bugcheck(NT_BUGCHECK_STORPORT_VERIFIER, self->locks_held, 0, 0, 0,
                    "the driver holds more spin locks at once than can be counted");
}

_Noreturn void nt_spinlock_release_failed(struct nt_spinlock *lock, struct nt_thread *self)
{
    uintptr_t owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);

    (void)self;
    nt_bugcheck(NT_BUGCHECK_SPIN_LOCK_NOT_OWNED, (uintptr_t)lock, owner, 0, 0,
                owner ? "a spin lock was released that another thread holds"
                      : "a spin lock was released that nobody holds");
}

void nt_spinlock_forget(struct nt_spinlock *lock, struct nt_thread *self)
{
    unsigned listed = self->locks_held;

    sh_assert(self->locks_held > 0);
    if (listed > NT_LOCKS_HELD_MAX)
        listed = NT_LOCKS_HELD_MAX; /* those beyond are only counted */
    for (unsigned i = listed; i-- > 0;) {
        if (self->held[i] == lock) {
            memmove(&self->held[i], &self->held[i + 1], (listed - i - 1) * sizeof(self->held[0]));
            if (self->locks_held > NT_LOCKS_HELD_MAX)
                self->held[NT_LOCKS_HELD_MAX - 1] = NULL;
            break;
        }
    }
    self->locks_held--;
}

uint8_t nt_spinlock_acquire_raise(struct nt_spinlock *lock, uint8_t irql)
{
    struct nt_thread *self = nt_self();
    uint8_t old_irql = self->irql;

    if (old_irql < irql)
        nt_irql_raise(irql);
    nt_spinlock_acquire(lock, self);
    return old_irql;
}

void nt_spinlock_release_lower(struct nt_spinlock *lock, uint8_t old_irql)
{
    nt_spinlock_release(lock, nt_self());
    nt_irql_lower(old_irql);
}
