/*
 * threads.c - Ps: system threads of drivers.
 */
#include "ntoskrnl/threads.h"
#include "nt/bugcheck.h"
#include "nt/dispatcher.h"
#include "nt/export.h"
#include "ntoskrnl/objects.h"

#include <setjmp.h>

/* A reference is the running thread's own: a handle may be closed while it runs. */
struct thread_object {
    DISPATCHER_HEADER header; /* first: what a driver waits for */
    PKSTART_ROUTINE routine;
    PVOID context;
    KPRIORITY priority;
    uint32_t terminating; /* __atomic */
    jmp_buf end;
};

enum { PRIORITY_NORMAL = 8 };

/* The thread's own object; NULL: it is none of a driver's. */
static struct thread_object *current(void)
{
    struct nt_thread *self = nt_self();

    return self->current_thread == self ? NULL : self->current_thread;
}

static void thread_run(void *context)
{
    struct thread_object *thread = context;
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;

    self->current_thread = thread;
    nt_evidence_push(self, &frame, "system thread", NULL, NULL);
    if (!setjmp(thread->end))
        thread->routine(thread->context);
    nt_evidence_pop(nt_self(), &frame);
    __atomic_store_n(&thread->terminating, 1, __ATOMIC_RELEASE);
    if (nt_irql() != NT_PASSIVE_LEVEL)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, 0, nt_irql(), 0, 0,
                    "a thread of the driver ended above PASSIVE_LEVEL");
    queue_leave();
    nt_self()->current_thread = nt_self();
    nt_dispatcher_set(&thread->header, 1);
    nt_object_release(thread);
}

NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
                                    PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine,
                                    PVOID StartContext)
{
    (void)DesiredAccess;
    (void)ObjectAttributes;
    (void)ProcessHandle;
    (void)ClientId;
    struct thread_object *thread = nt_object_create(NT_OBJECT_THREAD, sizeof(*thread), NULL);
    if (!thread)
        return STATUS_INSUFFICIENT_RESOURCES;
    nt_dispatcher_initialize(&thread->header, NT_THREAD, sizeof(*thread), 0);
    thread->routine = StartRoutine;
    thread->context = StartContext;
    thread->priority = PRIORITY_NORMAL;
    HANDLE handle = object_handle(thread);
    if (!handle) {
        nt_object_release(thread);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    nt_object_reference(thread);
    if (nt_thread_create_detached("driver", thread_run, thread)) {
        nt_object_release(thread);
        ZwClose(handle);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *ThreadHandle = handle;
    return STATUS_SUCCESS;
}
NT_EXPORT("ntoskrnl.exe", PsCreateSystemThread, "Threads", NT_PASSIVE_LEVEL);

NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus)
{
    (void)ExitStatus;
    if (!current())
        return STATUS_INVALID_PARAMETER;
    longjmp(current()->end, 1);
}
NT_EXPORT("ntoskrnl.exe", PsTerminateSystemThread, "Threads", NT_PASSIVE_LEVEL);

/* ---- who runs, and how ---- */

/* Unique among live threads, and a multiple of four, as handles of threads are. */
HANDLE NTAPI PsGetCurrentThreadId(VOID)
{
    return (HANDLE)(ULONG_PTR)(4 * (nt_self()->number + 2));
}
NT_EXPORT("ntoskrnl.exe", PsGetCurrentThreadId, "Threads", NT_HIGH_LEVEL);

PKTHREAD thread_current(void)
{
    return nt_self()->current_thread;
}

PKTHREAD NTAPI KeGetCurrentThread(VOID)
{
    return thread_current();
}
NT_EXPORT("ntoskrnl.exe", KeGetCurrentThread, "Threads", NT_HIGH_LEVEL);

BOOLEAN NTAPI PsIsThreadTerminating(PETHREAD Thread)
{
    const struct thread_object *thread = (const struct thread_object *)Thread;

    if (Thread == (PETHREAD)nt_self())
        return __atomic_load_n(&nt_self()->terminating, __ATOMIC_ACQUIRE);
    if (nt_object_kind_of(thread) != NT_OBJECT_THREAD)
        return FALSE;
    return __atomic_load_n(&thread->terminating, __ATOMIC_ACQUIRE) != 0;
}
NT_EXPORT("ntoskrnl.exe", PsIsThreadTerminating, "Threads", NT_HIGH_LEVEL);

/* Threads of the host have no priority that a driver may change. */
KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority)
{
    struct thread_object *thread = (struct thread_object *)Thread;

    if (Thread == (PKTHREAD)nt_self() || nt_object_kind_of(thread) != NT_OBJECT_THREAD)
        return PRIORITY_NORMAL;
    return __atomic_exchange_n(&thread->priority, Priority, __ATOMIC_RELAXED);
}
NT_EXPORT("ntoskrnl.exe", KeSetPriorityThread, "Threads", NT_DISPATCH_LEVEL);

KPRIORITY NTAPI KeQueryPriorityThread(PRKTHREAD Thread)
{
    const struct thread_object *thread = (const struct thread_object *)Thread;

    if (Thread == (PKTHREAD)nt_self() || nt_object_kind_of(thread) != NT_OBJECT_THREAD)
        return PRIORITY_NORMAL;
    return __atomic_load_n(&thread->priority, __ATOMIC_RELAXED);
}
NT_EXPORT("ntoskrnl.exe", KeQueryPriorityThread, "Threads", NT_DISPATCH_LEVEL);

/* ---- waits ---- */

bool thread_wait_is_alertable(KPROCESSOR_MODE mode, BOOLEAN alertable, const LARGE_INTEGER *timeout)
{
    return alertable || (mode == UserMode && !timeout);
}

bool thread_wait_goes_on(NTSTATUS status, BOOLEAN alertable)
{
    return status == STATUS_ALERTED && !alertable &&
           !__atomic_load_n(&nt_self()->terminating, __ATOMIC_ACQUIRE);
}

NTSTATUS thread_wait_status(NTSTATUS status, BOOLEAN alertable)
{
    return status == STATUS_ALERTED && !alertable ? STATUS_USER_APC : status;
}

/* ---- regions without APCs: counted, and asked for by KeAreApcsDisabled ---- */

VOID NTAPI KeEnterCriticalRegion(VOID)
{
    nt_self()->critical_regions++;
}
NT_EXPORT("ntoskrnl.exe", KeEnterCriticalRegion, "Threads", NT_APC_LEVEL);

VOID NTAPI KeLeaveCriticalRegion(VOID)
{
    struct nt_thread *self = nt_self();

    if (!self->critical_regions)
        nt_finding("critical-region", NULL, "the driver left a critical region that it is not in");
    else
        self->critical_regions--;
}
NT_EXPORT("ntoskrnl.exe", KeLeaveCriticalRegion, "Threads", NT_DISPATCH_LEVEL);

VOID NTAPI KeEnterGuardedRegion(VOID)
{
    nt_self()->guarded_regions++;
}
NT_EXPORT("ntoskrnl.exe", KeEnterGuardedRegion, "Threads", NT_APC_LEVEL);

VOID NTAPI KeLeaveGuardedRegion(VOID)
{
    struct nt_thread *self = nt_self();

    if (!self->guarded_regions)
        nt_finding("guarded-region", NULL, "the driver left a guarded region that it is not in");
    else
        self->guarded_regions--;
}
NT_EXPORT("ntoskrnl.exe", KeLeaveGuardedRegion, "Threads", NT_APC_LEVEL);

BOOLEAN NTAPI KeAreApcsDisabled(VOID)
{
    const struct nt_thread *self = nt_self();

    return self->critical_regions || self->guarded_regions || self->irql >= NT_APC_LEVEL;
}
NT_EXPORT("ntoskrnl.exe", KeAreApcsDisabled, "Threads", NT_DISPATCH_LEVEL);

BOOLEAN NTAPI KeAreAllApcsDisabled(VOID)
{
    return nt_self()->guarded_regions || nt_irql() >= NT_APC_LEVEL;
}
NT_EXPORT("ntoskrnl.exe", KeAreAllApcsDisabled, "Threads", NT_DISPATCH_LEVEL);
