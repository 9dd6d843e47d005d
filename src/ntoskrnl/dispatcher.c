/*
 * dispatcher.c - Ke: events, semaphores, mutexes, and waiting.
 */
#include "nt/dispatcher.h"
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "ntoskrnl/objects.h"
#include "ntoskrnl/threads.h"
#include "trap/exceptions.h"

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Dispatcher", irql_max_)

/* ---- events ---- */

void NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    nt_dispatcher_initialize(&Event->Header,
                             Type == SynchronizationEvent ? NT_SYNCHRONIZATION_EVENT
                                                          : NT_NOTIFICATION_EVENT,
                             sizeof(KEVENT), State != 0);
}
EXPORT(KeInitializeEvent, NT_HIGH_LEVEL);

LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    (void)Increment;
    (void)Wait;
    return nt_dispatcher_set(&Event->Header, 1);
}
EXPORT(KeSetEvent, NT_DISPATCH_LEVEL);

LONG NTAPI KeResetEvent(PRKEVENT Event)
{
    return nt_dispatcher_clear(&Event->Header);
}
EXPORT(KeResetEvent, NT_DISPATCH_LEVEL);

void NTAPI KeClearEvent(PRKEVENT Event)
{
    nt_dispatcher_clear(&Event->Header);
}
EXPORT(KeClearEvent, NT_DISPATCH_LEVEL);

static LONG read_state(DISPATCHER_HEADER *header)
{
    return (LONG)__atomic_load_n(nt_dispatcher_state(header), __ATOMIC_SEQ_CST);
}

LONG NTAPI KeReadStateEvent(PRKEVENT Event)
{
    return read_state(&Event->Header);
}
EXPORT(KeReadStateEvent, NT_HIGH_LEVEL);

/* ---- semaphores ---- */

void NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    nt_dispatcher_initialize(&Semaphore->Header, NT_SEMAPHORE, sizeof(KSEMAPHORE), Count);
    Semaphore->Limit = Limit;
}
EXPORT(KeInitializeSemaphore, NT_HIGH_LEVEL);

LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment,
                              BOOLEAN Wait)
{
    int32_t before;

    (void)Increment;
    (void)Wait;
    if (!nt_semaphore_release(Semaphore, Adjustment, &before))
        trap_raise(STATUS_SEMAPHORE_LIMIT_EXCEEDED,
                   "the driver released a semaphore beyond its limit", 0, 0, 0);
    return before;
}
EXPORT(KeReleaseSemaphore, NT_DISPATCH_LEVEL);

LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore)
{
    return read_state(&Semaphore->Header);
}
EXPORT(KeReadStateSemaphore, NT_HIGH_LEVEL);

/* ---- mutexes ---- */

void NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    (void)Level;
    nt_dispatcher_initialize(&Mutex->Header, NT_MUTANT, sizeof(KMUTEX), 1);
    Mutex->OwnerThread = NULL;
}
EXPORT(KeInitializeMutex, NT_HIGH_LEVEL);

LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    int32_t before;

    (void)Wait;
    if (!nt_mutant_release(Mutex, &before))
        trap_raise(STATUS_MUTANT_NOT_OWNED,
                   "the driver released a mutex that its thread does not own", 0, 0, 0);
    return before;
}
EXPORT(KeReleaseMutex, NT_DISPATCH_LEVEL);

LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex)
{
    return read_state(&Mutex->Header);
}
EXPORT(KeReadStateMutex, NT_HIGH_LEVEL);

/* ---- waiting ---- */

/* A wait that may block is for threads that hold no processor: on Windows it ends in the idle
 * loop's bug check. */
static void check_wait(const LARGE_INTEGER *timeout)
{
    if (nt_irql() >= NT_DISPATCH_LEVEL && !(timeout && timeout->QuadPart == 0))
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, 0, nt_irql(), 0, 0,
                    "the driver waits at DISPATCH_LEVEL or above");
}

NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason,
                                     KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                     PLARGE_INTEGER Timeout)
{
    bool alertable = thread_wait_is_alertable(WaitMode, Alertable, Timeout);

    (void)WaitReason;
    check_wait(Timeout);
    queue_wait_begins();
    NTSTATUS status;
    do
        status = alertable ? nt_dispatcher_wait_alertable(Object, Timeout)
                           : nt_dispatcher_wait(Object, Timeout);
    while (thread_wait_goes_on(status, Alertable));
    queue_wait_ends();
    return thread_wait_status(status, Alertable);
}
EXPORT(KeWaitForSingleObject, NT_DISPATCH_LEVEL);

NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
                                        KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                        BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                        PKWAIT_BLOCK WaitBlockArray)
{
    bool alertable = thread_wait_is_alertable(WaitMode, Alertable, Timeout);

    (void)WaitReason;
    check_wait(Timeout);
    if (Count > MAXIMUM_WAIT_OBJECTS || (Count > THREAD_WAIT_OBJECTS && !WaitBlockArray))
        nt_bugcheck(NT_BUGCHECK_MAXIMUM_WAIT_OBJECTS_EXCEEDED, Count, 0, 0, 0,
                    "the driver waits for more objects than it gave wait blocks for");
    queue_wait_begins();
    NTSTATUS status;
    do
        status = WaitType == WaitAny ? nt_dispatcher_wait_any(Count, Object, Timeout, alertable)
                                     : nt_dispatcher_wait_all(Count, Object, Timeout, alertable);
    while (thread_wait_goes_on(status, Alertable));
    queue_wait_ends();
    return thread_wait_status(status, Alertable);
}
EXPORT(KeWaitForMultipleObjects, NT_DISPATCH_LEVEL);

NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    void *object = object_of_handle(Handle, NT_OBJECT_NONE);

    (void)Alertable;
    if (!object)
        return STATUS_INVALID_HANDLE;
    /* What begins with no dispatcher header (a file of a synchronous handle, a key) is always
     * signaled: nothing is under way on it. */
    enum nt_object_kind kind = nt_object_kind_of(object);
    NTSTATUS status = STATUS_SUCCESS;
    if (kind == NT_OBJECT_THREAD || kind == NT_OBJECT_EVENT)
        status = nt_dispatcher_wait(object, Timeout);
    nt_object_release(object);
    return status;
}
EXPORT(ZwWaitForSingleObject, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                      PLARGE_INTEGER Interval)
{
    uint64_t deadline = nt_deadline_of(Interval), now = sys_now_ns();

    (void)WaitMode;
    (void)Alertable;
    check_wait(NULL);
    queue_wait_begins();
    if (deadline > now)
        sys_delay_ns(deadline - now);
    queue_wait_ends();
    return STATUS_SUCCESS;
}
EXPORT(KeDelayExecutionThread, NT_APC_LEVEL);
