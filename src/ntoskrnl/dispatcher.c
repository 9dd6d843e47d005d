/*
 * dispatcher.c - Ke: events, semaphores, and waiting. The state word of the driver's own object is
 * what threads sleep on, so an object needs nothing of ours.
 */
#include "nt/export.h"
#include "nt/print.h"
#include "nt/thread.h"
#include "ntoskrnl/objects.h"

#include <errno.h>
#include <limits.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Dispatcher", irql_max_)

enum {
    TYPE_NOTIFICATION_EVENT = 0,
    TYPE_SYNCHRONIZATION_EVENT = 1,
    TYPE_SEMAPHORE = 5,
    TYPE_THREAD = 6,
};

/* Waits for several objects sleep on this word: every signal changes it while there are any. */
static uint32_t signal_sequence;
static uint32_t sequence_waiters;

static uint32_t *state_of(DISPATCHER_HEADER *header)
{
    return (uint32_t *)(uintptr_t)&header->SignalState;
}

/* ---- signalling ---- */

static void wake(DISPATCHER_HEADER *header)
{
    sys_wake(state_of(header), INT_MAX);
    if (__atomic_load_n(&sequence_waiters, __ATOMIC_SEQ_CST)) {
        __atomic_add_fetch(&signal_sequence, 1, __ATOMIC_SEQ_CST);
        sys_wake(&signal_sequence, INT_MAX);
    }
}

void dispatcher_signal(DISPATCHER_HEADER *header)
{
    __atomic_store_n(state_of(header), 1, __ATOMIC_SEQ_CST);
    wake(header);
}

void NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    Event->Header = (DISPATCHER_HEADER){0};
    Event->Header.Type =
        Type == SynchronizationEvent ? TYPE_SYNCHRONIZATION_EVENT : TYPE_NOTIFICATION_EVENT;
    Event->Header.Size = sizeof(KEVENT) / sizeof(LONG);
    __atomic_store_n(state_of(&Event->Header), State != 0, __ATOMIC_RELEASE);
}
EXPORT(KeInitializeEvent, NT_HIGH_LEVEL);

LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    (void)Increment;
    (void)Wait;
    LONG old = (LONG)__atomic_exchange_n(state_of(&Event->Header), 1, __ATOMIC_SEQ_CST);
    if (!old)
        wake(&Event->Header);
    return old;
}
EXPORT(KeSetEvent, NT_DISPATCH_LEVEL);

LONG NTAPI KeResetEvent(PRKEVENT Event)
{
    return (LONG)__atomic_exchange_n(state_of(&Event->Header), 0, __ATOMIC_SEQ_CST);
}
EXPORT(KeResetEvent, NT_DISPATCH_LEVEL);

void NTAPI KeClearEvent(PRKEVENT Event)
{
    __atomic_store_n(state_of(&Event->Header), 0, __ATOMIC_SEQ_CST);
}
EXPORT(KeClearEvent, NT_DISPATCH_LEVEL);

LONG NTAPI KeReadStateEvent(PRKEVENT Event)
{
    return (LONG)__atomic_load_n(state_of(&Event->Header), __ATOMIC_SEQ_CST);
}
EXPORT(KeReadStateEvent, NT_HIGH_LEVEL);

void NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    Semaphore->Header = (DISPATCHER_HEADER){0};
    Semaphore->Header.Type = TYPE_SEMAPHORE;
    Semaphore->Header.Size = sizeof(KSEMAPHORE) / sizeof(LONG);
    Semaphore->Limit = Limit;
    __atomic_store_n(state_of(&Semaphore->Header), (uint32_t)Count, __ATOMIC_RELEASE);
}
EXPORT(KeInitializeSemaphore, NT_HIGH_LEVEL);

LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment,
                              BOOLEAN Wait)
{
    (void)Increment;
    (void)Wait;
    LONG old = (LONG)__atomic_fetch_add(state_of(&Semaphore->Header), (uint32_t)Adjustment,
                                        __ATOMIC_SEQ_CST);
    wake(&Semaphore->Header);
    return old;
}
EXPORT(KeReleaseSemaphore, NT_DISPATCH_LEVEL);

/* ---- waiting ---- */

/* Takes what a satisfied wait takes; false when the object is not signaled. */
static bool try_satisfy(DISPATCHER_HEADER *header)
{
    uint32_t *state = state_of(header);
    uint32_t value = __atomic_load_n(state, __ATOMIC_SEQ_CST);

    switch (header->Type) {
    case TYPE_SYNCHRONIZATION_EVENT:
        return value && __atomic_compare_exchange_n(state, &value, 0, false, __ATOMIC_SEQ_CST,
                                                    __ATOMIC_SEQ_CST);
    case TYPE_SEMAPHORE:
        while (value && !__atomic_compare_exchange_n(state, &value, value - 1, false,
                                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
        return value;
    default:
        return value;
    }
}

/* Negative: relative, positive: absolute system time; NULL: for ever. */
static uint64_t deadline_of(const LARGE_INTEGER *timeout)
{
    if (!timeout)
        return SYS_FOREVER;
    int64_t delay_100ns =
        timeout->QuadPart < 0 ? -timeout->QuadPart : timeout->QuadPart - (int64_t)sys_utc_100ns();
    if (timeout->QuadPart == 0 || delay_100ns < 0)
        delay_100ns = 0;
    return sys_now_ns() + (uint64_t)delay_100ns * 100;
}

NTSTATUS dispatcher_wait(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout)
{
    uint64_t deadline = deadline_of(timeout);

    while (!try_satisfy(header)) {
        if (timeout && (timeout->QuadPart == 0 || sys_now_ns() >= deadline))
            return STATUS_TIMEOUT;
        sys_wait(state_of(header), 0, deadline);
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason,
                                     KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                     PLARGE_INTEGER Timeout)
{
    (void)WaitReason;
    (void)WaitMode;
    (void)Alertable;
    return dispatcher_wait(Object, Timeout);
}
EXPORT(KeWaitForSingleObject, NT_DISPATCH_LEVEL);

static NTSTATUS try_any(ULONG count, PVOID objects[])
{
    for (ULONG i = 0; i < count; i++)
        if (try_satisfy(objects[i]))
            return (NTSTATUS)(STATUS_WAIT_0 + (LONG)i);
    return STATUS_TIMEOUT;
}

/* All at once: only when every one is signaled are they taken. */
static NTSTATUS try_all(ULONG count, PVOID objects[])
{
    for (ULONG i = 0; i < count; i++)
        if (!__atomic_load_n(state_of(objects[i]), __ATOMIC_SEQ_CST))
            return STATUS_TIMEOUT;
    for (ULONG i = 0; i < count; i++)
        if (!try_satisfy(objects[i])) {
            while (i-- > 0)
                if (((DISPATCHER_HEADER *)objects[i])->Type != TYPE_NOTIFICATION_EVENT)
                    __atomic_add_fetch(state_of(objects[i]), 1, __ATOMIC_SEQ_CST);
            return STATUS_TIMEOUT;
        }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
                                        KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                        BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                        PKWAIT_BLOCK WaitBlockArray)
{
    uint64_t deadline = deadline_of(Timeout);
    NTSTATUS status;

    (void)WaitReason;
    (void)WaitMode;
    (void)Alertable;
    (void)WaitBlockArray;
    __atomic_add_fetch(&sequence_waiters, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t sequence = __atomic_load_n(&signal_sequence, __ATOMIC_SEQ_CST);
        status = WaitType == WaitAny ? try_any(Count, Object) : try_all(Count, Object);
        if (status != STATUS_TIMEOUT ||
            (Timeout && (Timeout->QuadPart == 0 || sys_now_ns() >= deadline)))
            break;
        sys_wait(&signal_sequence, sequence, deadline);
    }
    __atomic_sub_fetch(&sequence_waiters, 1, __ATOMIC_SEQ_CST);
    return status;
}
EXPORT(KeWaitForMultipleObjects, NT_DISPATCH_LEVEL);

NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    struct object *object = object_of_handle(Handle, 0);

    (void)Alertable;
    if (!object)
        return STATUS_INVALID_HANDLE;
    /* A file handle of a synchronous file is always signaled: nothing is under way on it. */
    NTSTATUS status =
        object->kind == OBJECT_FILE ? STATUS_SUCCESS : dispatcher_wait(&object->header, Timeout);
    object_release(object);
    return status;
}
EXPORT(ZwWaitForSingleObject, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                      PLARGE_INTEGER Interval)
{
    uint64_t deadline = deadline_of(Interval), now = sys_now_ns();

    (void)WaitMode;
    (void)Alertable;
    if (deadline > now)
        sys_delay_ns(deadline - now);
    return STATUS_SUCCESS;
}
EXPORT(KeDelayExecutionThread, NT_APC_LEVEL);
