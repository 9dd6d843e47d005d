/*
 * spinlock.h - spin locks with owner. They spin with preemption points while the holder runs on
 * another processor, and yield the host's CPU after a while.
 *
 * The one word is the owner's nt_thread, so a recursive acquisition and a release by a stranger
 * are recognised. A driver's KSPIN_LOCK is such a word too (8 bytes, zero when free).
 */
#ifndef STORHOST_NT_SPINLOCK_H
#define STORHOST_NT_SPINLOCK_H

#include "nt/processor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nt_spinlock {
    uintptr_t owner; /* struct nt_thread *, 0 when free; __atomic only */
};

void nt_spinlock_acquire_slow(struct nt_spinlock *lock, struct nt_thread *self);
__attribute__((noreturn)) void nt_spinlock_release_failed(struct nt_spinlock *lock,
                                                          struct nt_thread *self);

/* The thread has acquired the lock, or another thing that it must release like one. Those beyond
 * the list are only counted. */
void nt_spinlock_note_beyond(const struct nt_thread *self);
static inline void nt_spinlock_note(const struct nt_spinlock *lock, struct nt_thread *self)
{
    if (__builtin_expect(self->locks_held < NT_LOCKS_HELD_MAX, 1))
        self->held[self->locks_held] = lock;
    else
        nt_spinlock_note_beyond(self);
    self->locks_held++;
}

/* The caller is at DISPATCH_LEVEL or above (the lock's own level). Taking a lock that the thread
 * already holds is a bug check (the driver's fault: on Windows it hangs). */
static inline void nt_spinlock_acquire(struct nt_spinlock *lock, struct nt_thread *self)
{
    uintptr_t expected = 0;
    sys_switch_point();
    if (!__builtin_expect(__atomic_compare_exchange_n(&lock->owner, &expected, (uintptr_t)self,
                                                      false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED),
                          1))
        nt_spinlock_acquire_slow(lock, self);
    nt_spinlock_note(lock, self);
}

/* The same without waiting: false when somebody holds it. */
bool nt_spinlock_try_acquire(struct nt_spinlock *lock, struct nt_thread *self);

/* Released by its owner, in any order; the list of held locks is kept right. */
void nt_spinlock_forget(struct nt_spinlock *lock, struct nt_thread *self);
static inline void nt_spinlock_release(struct nt_spinlock *lock, struct nt_thread *self)
{
    if (__builtin_expect(__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != (uintptr_t)self, 0))
        nt_spinlock_release_failed(lock, self);
    if (__builtin_expect(self->locks_held && self->locks_held <= NT_LOCKS_HELD_MAX &&
                             self->held[self->locks_held - 1] == lock,
                         1))
        self->locks_held--;
    else
        nt_spinlock_forget(lock, self);
    __atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
    sys_switch_point();
}

static inline bool nt_spinlock_held_by(const struct nt_spinlock *lock, const struct nt_thread *self)
{
    return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == (uintptr_t)self;
}

/* Raises to `irql` if below it, then acquires. Returns the old IRQL for the release. */
uint8_t nt_spinlock_acquire_raise(struct nt_spinlock *lock, uint8_t irql);
void nt_spinlock_release_lower(struct nt_spinlock *lock, uint8_t old_irql);

#ifdef __cplusplus
}
#endif

#endif
