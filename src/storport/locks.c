/*
 * locks.c - Storport's spin locks: Dpc, StartIo, Interrupt, and one a message.
 *
 * Rank: {Dpc, StartIo} before Interrupt. Taking one twice is a bug check by the lock itself, as it
 * hangs on Windows.
 */
#include "storport/adapter.h"

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

void storport_lock_acquire(struct storport_adapter *adapter, STOR_SPINLOCK kind, PVOID context,
                           PSTOR_LOCK_HANDLE handle)
{
    struct nt_thread *self = nt_self();
    struct nt_spinlock *lock = &adapter->start_lock;

    handle->Lock = kind;
    if (kind == InterruptLock) {
        handle->Context.OldIrql = storport_lock_interrupts(adapter, self);
        handle->Context.LockQueue.Lock = NULL;
        return;
    }
    if (__builtin_expect(self->irql > NT_DISPATCH_LEVEL, 0))
        nt_finding("S16", adapter->port,
                   "spin lock %d is taken at IRQL %u: only the interrupt "
                   "lock may be taken above DISPATCH_LEVEL",
                   (int)kind, self->irql);
    if (kind == DpcLock || kind == ThreadedDpcLock || kind == DpcLevelLock) {
        if (!context) {
            nt_finding("StorPortAcquireSpinLock", adapter->port, "DpcLock without its STOR_DPC");
            return;
        }
        lock = (struct nt_spinlock *)&((PSTOR_DPC)context)->Lock;
    }
    handle->Context.OldIrql =
        self->irql < NT_DISPATCH_LEVEL ? nt_irql_raise(NT_DISPATCH_LEVEL) : self->irql;
    handle->Context.LockQueue.Lock = lock;
    nt_spinlock_acquire(lock, self);
}

void storport_lock_release(struct storport_adapter *adapter, PSTOR_LOCK_HANDLE handle)
{
    struct nt_thread *self = nt_self();

    if (handle->Lock == InterruptLock) {
        storport_unlock_interrupts(adapter, self, handle->Context.OldIrql);
        return;
    }
    struct nt_spinlock *lock = handle->Context.LockQueue.Lock;
    if (!lock)
        return;
    nt_spinlock_release(lock, self);
    nt_irql_lower(handle->Context.OldIrql);
}

static ULONG acquire_spin_lock(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    STOR_SPINLOCK kind = STORPORT_ARGUMENT(arguments, STOR_SPINLOCK);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    PSTOR_LOCK_HANDLE handle = STORPORT_ARGUMENT(arguments, PSTOR_LOCK_HANDLE);

    (void)extension;
    if (!handle)
        return STOR_STATUS_INVALID_PARAMETER;
    storport_lock_acquire(adapter, kind, context, handle);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionAcquireSpinLock, "StorPortAcquireSpinLockEx", "Locking",
                  acquire_spin_lock);

static struct nt_spinlock *message_lock(struct storport_adapter *adapter, ULONG message)
{
    if (!adapter->per_message || message >= adapter->port->message_count)
        return NULL;
    return &adapter->port->interrupt_locks[message];
}

static ULONG acquire_message_lock(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    ULONG message = STORPORT_ARGUMENT(arguments, ULONG);
    PULONG old_irql = STORPORT_ARGUMENT(arguments, PULONG);
    struct nt_spinlock *lock = message_lock(adapter, message);

    (void)extension;
    if (!lock || !old_irql)
        return STOR_STATUS_INVALID_PARAMETER;
    *old_irql = nt_irql_raise(adapter->dirql);
    nt_spinlock_acquire(lock, nt_self());
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

    (void)extension;
    if (!lock)
        return STOR_STATUS_INVALID_PARAMETER;
    nt_spinlock_release(lock, nt_self());
    nt_irql_lower((uint8_t)old_irql);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionReleaseMSISpinLock, "StorPortReleaseMSISpinLock", "Locking",
                  release_message_lock);

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
    uint8_t old_irql = storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, "SynchronizedAccessRoutine", NULL);
    BOOLEAN result = SynchronizedAccessRoutine(HwDeviceExtension, Context);
    storport_call_end(&call);
    storport_unlock_interrupts(adapter, self, old_irql);
    return result;
}
NT_EXPORT("storport.sys", StorPortSynchronizeAccess, "Interrupt", NT_HIGH_LEVEL);
