/*
 * locks.c - Storport's spin locks: Dpc, StartIo, Interrupt, and one a message.
 *
 * Rank: {Dpc, StartIo} before Interrupt. Taking one twice is a bug check by the lock itself, as it
 * hangs on Windows.
 */
#include "storport/adapter.h"

#include <string.h>

/* ---- the interrupt lock ---- */

/* With one lock a message, the interrupt lock is all of them, in ascending order. */
uint8_t storport_lock_interrupts(struct storport_adapter *adapter, struct nt_thread *self)
{
    uint8_t old_irql = nt_irql_raise(adapter->dirql);

    for (unsigned i = 0; i < adapter->lock_count; i++)
        nt_spinlock_acquire(&adapter->port->interrupt_locks[i], self);
    return old_irql;
}

void storport_unlock_interrupts(struct storport_adapter *adapter, struct nt_thread *self,
                                uint8_t old_irql)
{
    for (unsigned i = adapter->lock_count; i-- > 0;)
        nt_spinlock_release(&adapter->port->interrupt_locks[i], self);
    nt_irql_lower(old_irql);
}

/* ---- what a callback may take (callbacks' reference, section 2) ---- */

enum { TAKES_DPC = 1, TAKES_START = 2, TAKES_INTERRUPT = 4, TAKES_ANY = 7 };

/* Callbacks that may not take every lock; one that is not listed may. */
static const struct lock_rule {
    const char *callback;
    uint8_t allowed[STORPORT_CONCURRENT + 1]; /* TAKES_* by mode */
} lock_rules[] = {
    {"HwStorFindAdapter", {0}},
    {"HwStorInitialize", {0}},
    {"HwStorPassiveInitializeRoutine", {0}},
    {"HwStorInterrupt", {0}},
    {"HwMSInterruptRoutine", {0}},
    {"SynchronizedAccessRoutine", {0}},
    {"HwStorStartIo",
     {[STORPORT_VIRTUAL] = TAKES_ANY,
      [STORPORT_FULL_DUPLEX] = TAKES_DPC | TAKES_INTERRUPT,
      [STORPORT_CONCURRENT] = TAKES_ANY}},
    {"HwStorTimer", {TAKES_INTERRUPT, 0, TAKES_INTERRUPT, TAKES_INTERRUPT}},
    {"HwStorTimerEx", {TAKES_INTERRUPT, 0, TAKES_INTERRUPT, TAKES_INTERRUPT}},
    {"HwStorStateChange", {TAKES_INTERRUPT, 0, TAKES_INTERRUPT, TAKES_INTERRUPT}},
    /* A shipped driver takes its DpcLock there, too. */
    {"HwStorResetBus",
     {TAKES_INTERRUPT | TAKES_DPC, 0, TAKES_INTERRUPT | TAKES_DPC, TAKES_INTERRUPT | TAKES_DPC}},
};
_Static_assert(STORPORT_VIRTUAL == 0 && STORPORT_HALF_DUPLEX == 1, "the order of the columns");

enum { LOCK_RULES = sizeof(lock_rules) / sizeof(lock_rules[0]) };

static unsigned rule_search(const char *callback)
{
    unsigned i = 0;

    while (i < LOCK_RULES && strcmp(lock_rules[i].callback, callback) != 0)
        i++;
    return i;
}

/* By the address of the name, because drivers take locks for every request: what was found once is
 * kept in one word, the address above the rule's number. */
static unsigned rule_of(const char *callback)
{
    enum { KEPT = 32, NUMBER_BITS = 8 };
    static uint64_t kept[KEPT]; /* __atomic */
    uint64_t *word = &kept[(uintptr_t)callback / 8 % KEPT];
    uint64_t found = __atomic_load_n(word, __ATOMIC_RELAXED);

    if (found >> NUMBER_BITS == (uintptr_t)callback)
        return found & ((1u << NUMBER_BITS) - 1);
    unsigned rule = rule_search(callback);
    __atomic_store_n(word, (uint64_t)(uintptr_t)callback << NUMBER_BITS | rule, __ATOMIC_RELAXED);
    return rule;
}

static void check_callback(const struct storport_adapter *adapter, const struct nt_thread *self,
                           STOR_SPINLOCK kind)
{
    unsigned rule = self->evidence ? rule_of(self->evidence->callback) : LOCK_RULES;
    uint8_t takes = kind == InterruptLock ? TAKES_INTERRUPT
                    : kind == StartIoLock ? TAKES_START
                                          : TAKES_DPC;

    if (rule < LOCK_RULES && !(lock_rules[rule].allowed[adapter->mode] & takes))
        nt_finding("lock-context", adapter->port, "%s may not take spin lock %d",
                   self->evidence->callback, (int)kind);
}

/* ---- acquiring and releasing ---- */

/* The lock of a kind other than InterruptLock; NULL: there is none. */
static struct nt_spinlock *lock_of(struct storport_adapter *adapter, STOR_SPINLOCK kind,
                                   PVOID context)
{
    switch (kind) {
    case StartIoLock:
        return &adapter->start_lock;
    case DpcLock:
    case ThreadedDpcLock:
    case DpcLevelLock:
        return context ? (struct nt_spinlock *)&((PSTOR_DPC)context)->Lock : NULL;
    default:
        return NULL;
    }
}

void storport_lock_acquire(struct storport_adapter *adapter, STOR_SPINLOCK kind, PVOID context,
                           PSTOR_LOCK_HANDLE handle)
{
    struct nt_thread *self = nt_self();

    if (!handle) {
        nt_finding("StorPortAcquireSpinLock", adapter->port, "there is no lock handle");
        return;
    }
    handle->Lock = kind;
    handle->Context.LockQueue.Lock = NULL;
    if (__builtin_expect(adapter->dump != NULL, 0))
        return; /* nobody else runs (startio-contract S53) */
    check_callback(adapter, self, kind);
    if (kind == InterruptLock) {
        handle->Context.OldIrql = storport_lock_interrupts(adapter, self);
        return;
    }
    handle->Context.OldIrql = self->irql;
    struct nt_spinlock *lock = lock_of(adapter, kind, context);
    if (!lock) {
        /* The analyzer takes the address of a member for a null pointer here. */
        nt_finding("StorPortAcquireSpinLock",
                   adapter->port, // NOLINT(clang-analyzer-core.NullDereference)
                   "spin lock %d does not exist, or comes without its STOR_DPC", (int)kind);
        return;
    }
    if (__builtin_expect(self->irql > NT_DISPATCH_LEVEL, 0))
        nt_finding("S16", adapter->port,
                   "spin lock %d is taken at IRQL %u: only the interrupt "
                   "lock may be taken above DISPATCH_LEVEL",
                   (int)kind, self->irql);
    if (self->irql < NT_DISPATCH_LEVEL)
        nt_irql_raise(NT_DISPATCH_LEVEL);
    handle->Context.LockQueue.Lock = lock;
    nt_spinlock_acquire(lock, self);
}

/* Locks are released in the reverse order of their acquisition. */
static void check_order(const struct storport_adapter *adapter, const struct nt_thread *self,
                        const struct nt_spinlock *lock)
{
    if (self->locks_held && self->locks_held <= NT_LOCKS_HELD_MAX &&
        self->held[self->locks_held - 1] != lock && nt_spinlock_held_by(lock, self))
        nt_finding("lock-order", adapter->port,
                   "a spin lock is released before one that was taken after it");
}

void storport_lock_release(struct storport_adapter *adapter, PSTOR_LOCK_HANDLE handle)
{
    struct nt_thread *self = nt_self();

    if (!handle || __builtin_expect(adapter->dump != NULL, 0))
        return;
    if (handle->Lock == InterruptLock) {
        check_order(adapter, self, &adapter->port->interrupt_locks[adapter->lock_count - 1]);
        storport_unlock_interrupts(adapter, self, handle->Context.OldIrql);
        return;
    }
    struct nt_spinlock *lock = handle->Context.LockQueue.Lock;
    if (!lock)
        return;
    check_order(adapter, self, lock);
    nt_spinlock_release(lock, self);
    nt_irql_lower(handle->Context.OldIrql);
}

static void acquire_notified(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    STOR_SPINLOCK kind = STORPORT_ARGUMENT(arguments, STOR_SPINLOCK);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);

    storport_lock_acquire(adapter, kind, context, STORPORT_ARGUMENT(arguments, PSTOR_LOCK_HANDLE));
}
STORPORT_NOTIFICATION(AcquireSpinLock, "StorPortAcquireSpinLock", "Locking", acquire_notified);

static void release_notified(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    storport_lock_release(adapter, STORPORT_ARGUMENT(arguments, PSTOR_LOCK_HANDLE));
}
STORPORT_NOTIFICATION(ReleaseSpinLock, "StorPortReleaseSpinLock", "Locking", release_notified);

/* ---- acquiring with a status ---- */

static bool holds_interrupts(const struct storport_adapter *adapter, const struct nt_thread *self)
{
    for (unsigned i = 0; i < adapter->lock_count; i++)
        if (nt_spinlock_held_by(&adapter->port->interrupt_locks[i], self))
            return true;
    return false;
}

/* The IRQL from which the kind can be taken. */
static bool irql_is_good(const struct storport_adapter *adapter, STOR_SPINLOCK kind, uint8_t irql)
{
    if (kind == InterruptLock)
        return irql <= adapter->dirql;
    return kind == DpcLevelLock ? irql == NT_DISPATCH_LEVEL : irql <= NT_DISPATCH_LEVEL;
}

/* What would hang elsewhere can be refused here. */
static ULONG acquire_spin_lock(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    STOR_SPINLOCK kind = STORPORT_ARGUMENT(arguments, STOR_SPINLOCK);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    PSTOR_LOCK_HANDLE handle = STORPORT_ARGUMENT(arguments, PSTOR_LOCK_HANDLE);
    const struct nt_thread *self = nt_self();
    const struct nt_spinlock *lock = lock_of(adapter, kind, context);

    (void)extension;
    if (!handle || (kind != InterruptLock && !lock))
        return STOR_STATUS_INVALID_PARAMETER;
    if (!adapter->dump && !irql_is_good(adapter, kind, self->irql))
        return STOR_STATUS_INVALID_IRQL;
    if (!adapter->dump &&
        (lock ? nt_spinlock_held_by(lock, self) : holds_interrupts(adapter, self))) {
        nt_finding("lock-order", adapter->port,
                   "spin lock %d is asked for by its holder, who is refused", (int)kind);
        return STOR_STATUS_INVALID_PARAMETER;
    }
    storport_lock_acquire(adapter, kind, context, handle);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionAcquireSpinLock, "StorPortAcquireSpinLockEx", "Locking",
                  acquire_spin_lock);

/* ---- one a message ---- */

static struct nt_spinlock *message_lock(struct storport_adapter *adapter, ULONG message)
{
    if (!adapter->per_message || message >= adapter->port->message_count)
        return NULL;
    return &adapter->port->interrupt_locks[message];
}

/* Several are taken in ascending order, as the interrupt lock takes all of them. */
static void check_ascending(const struct storport_adapter *adapter, const struct nt_thread *self,
                            ULONG message)
{
    for (ULONG i = message + 1; i < adapter->lock_count; i++)
        if (nt_spinlock_held_by(&adapter->port->interrupt_locks[i], self))
            nt_finding("lock-order", adapter->port,
                       "the lock of message %u is taken under that of message %u", message, i);
}

static ULONG acquire_message_lock(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    ULONG message = STORPORT_ARGUMENT(arguments, ULONG);
    PULONG old_irql = STORPORT_ARGUMENT(arguments, PULONG);
    struct nt_spinlock *lock = message_lock(adapter, message);
    struct nt_thread *self = nt_self();

    (void)extension;
    if (!lock || !old_irql)
        return STOR_STATUS_INVALID_PARAMETER;
    if (self->irql > adapter->dirql)
        return STOR_STATUS_INVALID_IRQL;
    if (nt_spinlock_held_by(lock, self)) {
        nt_finding("lock-order", adapter->port,
                   "the lock of message %u is asked for by its holder, who is refused", message);
        return STOR_STATUS_INVALID_PARAMETER;
    }
    check_ascending(adapter, self, message);
    *old_irql = nt_irql_raise(adapter->dirql);
    nt_spinlock_acquire(lock, self);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionAcquireMSISpinLock, "StorPortAcquireMSISpinLock", "Locking",
                  acquire_message_lock);

static ULONG release_message_lock(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    ULONG message = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG old_irql = STORPORT_ARGUMENT(arguments, ULONG);
    struct nt_spinlock *lock = message_lock(adapter, message);
    struct nt_thread *self = nt_self();

    (void)extension;
    if (!lock)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!nt_spinlock_held_by(lock, self) || old_irql > self->irql) {
        nt_finding("lock-order", adapter->port,
                   "the lock of message %u is released without being held", message);
        return STOR_STATUS_INVALID_PARAMETER;
    }
    check_order(adapter, self, lock);
    nt_spinlock_release(lock, self);
    nt_irql_lower((uint8_t)old_irql);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionReleaseMSISpinLock, "StorPortReleaseMSISpinLock", "Locking",
                  release_message_lock);

/* ---- synchronized access ---- */

/* The routine runs under the interrupt lock at DIRQL; its BOOLEAN is passed on. */
BOOLEAN NTAPI StorPortSynchronizeAccess(PVOID HwDeviceExtension,
                                        PSTOR_SYNCHRONIZED_ACCESS SynchronizedAccessRoutine,
                                        PVOID Context)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    struct nt_thread *self = nt_self();
    struct storport_call call;

    if (!adapter || !SynchronizedAccessRoutine)
        return FALSE;
    uint8_t old_irql = adapter->dump ? self->irql : storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, "SynchronizedAccessRoutine", NULL);
    BOOLEAN result = SynchronizedAccessRoutine(HwDeviceExtension, Context);
    storport_call_end(&call);
    if (!adapter->dump)
        storport_unlock_interrupts(adapter, self, old_irql);
    return result;
}
NT_EXPORT("storport.sys", StorPortSynchronizeAccess, "Interrupt", NT_HIGH_LEVEL);
