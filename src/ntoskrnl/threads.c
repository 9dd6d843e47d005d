/*
 * threads.c - Ps: system threads of drivers.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/thread.h"
#include "ntoskrnl/objects.h"

#include <setjmp.h>

struct thread_object {
    struct object object;
    struct sys_thread *thread;
    PKSTART_ROUTINE routine;
    PVOID context;
    jmp_buf end;
};

static __thread struct thread_object *current;

/* The end of the thread: joined when the last reference goes, which is never its own. */
static void thread_destroy(struct object *object)
{
    sys_thread_join(((struct thread_object *)object)->thread);
}

static void thread_run(void *context)
{
    struct thread_object *thread = context;

    sys_thread_local_declare((void **)&current);
    current = thread;
    if (!setjmp(thread->end))
        thread->routine(thread->context);
    dispatcher_signal(&thread->object.header);
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
    struct thread_object *thread =
        (struct thread_object *)object_create(OBJECT_THREAD, sizeof(*thread), thread_destroy);
    if (!thread)
        return STATUS_INSUFFICIENT_RESOURCES;
    thread->object.header.Type = 6;
    thread->routine = StartRoutine;
    thread->context = StartContext;
    HANDLE handle = object_handle(&thread->object);
    if (!handle) {
        thread->object.destroy = NULL;
        object_release(&thread->object);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if (nt_thread_create(&thread->thread, "driver", thread_run, thread)) {
        thread->object.destroy = NULL;
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
