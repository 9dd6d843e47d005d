/*
 * threads.c - Ps: system threads of drivers.
 */
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
    jmp_buf end;
};

enum { PRIORITY_NORMAL = 8 };

static __thread struct thread_object *current;

static void thread_run(void *context)
{
    struct thread_object *thread = context;

    sys_thread_local_declare((void **)&current);
    current = thread;
    if (!setjmp(thread->end))
        thread->routine(thread->context);
    if (nt_irql() != NT_PASSIVE_LEVEL)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, 0, nt_irql(), 0, 0,
                    "a thread of the driver ended above PASSIVE_LEVEL");
    current = NULL;
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
    if (!current)
        return STATUS_INVALID_PARAMETER;
    longjmp(current->end, 1);
}
NT_EXPORT("ntoskrnl.exe", PsTerminateSystemThread, "Threads", NT_PASSIVE_LEVEL);
