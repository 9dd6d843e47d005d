/*
 * threads.c - system threads of miniports: at most as many as there are processors.
 *
 * The host schedules them; the priority is kept with the thread and nothing else follows from it.
 * The affinity decides which processors the thread takes when it raises its IRQL.
 */
#include "port/driver.h"
#include "storport/adapter.h"

#include <setjmp.h>

struct storport_thread {
    struct storport_handle handle;
    struct storport_adapter *adapter;
    struct sys_thread *thread; /* NULL: joined, or never started */
    PSTOR_THREAD_START_ROUTINE routine;
    PVOID context;
    uint32_t parties;  /* who still needs the record: the thread, and who creates it; __atomic */
    uint32_t priority; /* __atomic */
    struct storport_call call;
    jmp_buf end;
};

static __thread struct storport_thread *current;

static bool thread_is_quiet(struct storport_handle *record)
{
    return !__atomic_load_n(&((struct storport_thread *)record)->parties, __ATOMIC_ACQUIRE);
}

static void thread_join(struct storport_thread *thread)
{
    (void)__atomic_load_n(&thread->parties, __ATOMIC_ACQUIRE);
    if (thread->thread)
        sys_thread_join(thread->thread);
    thread->thread = NULL;
}

static void thread_renew(struct storport_handle *record)
{
    thread_join((struct storport_thread *)record);
}

void storport_threads_initialize(struct storport_adapter *adapter)
{
    adapter->threads = (struct storport_handles){.record_bytes = sizeof(struct storport_thread),
                                                 .is_quiet = thread_is_quiet,
                                                 .renew = thread_renew};
}

/* The driver has told them to end: whoever has not is waited for. */
void storport_join_threads(struct storport_adapter *adapter)
{
    struct storport_handle *record = __atomic_load_n(&adapter->threads.first, __ATOMIC_ACQUIRE);

    if (__atomic_load_n(&adapter->thread_count, __ATOMIC_ACQUIRE))
        nt_print("%s: a system thread of the driver is still running at removal: waiting for it",
                 port_driver_service(adapter->port->driver));
    for (; record; record = record->next)
        thread_join((struct storport_thread *)record);
}

/* ---- life ---- */

/* The end of a thread that runs no driver code any more, or never did. */
static void thread_end(struct storport_thread *thread)
{
    storport_handle_free(&thread->handle, storport_handle_of(&thread->handle));
    __atomic_sub_fetch(&thread->adapter->thread_count, 1, __ATOMIC_ACQ_REL);
    __atomic_sub_fetch(&thread->parties, 1, __ATOMIC_ACQ_REL);
}

static void thread_run(void *context)
{
    struct storport_thread *thread = context;

    sys_thread_local_declare((void **)&current);
    current = thread;
    storport_call_begin(&thread->call, nt_self(), thread->adapter, "system thread", NULL);
    if (!setjmp(thread->end))
        thread->routine(thread->context);
    storport_call_end(&thread->call);
    current = NULL;
    thread_end(thread);
}

static bool priority_is_good(ULONG priority)
{
    switch (priority) {
    case StorThreadPriorityBackground:
    case StorThreadPriorityNormal:
    case StorThreadPriorityDelayed:
    case StorThreadPriorityCritical:
    case StorThreadPrioritySuperCritical:
    case StorThreadPriorityHyperCritical:
    case StorThreadPriorityRealTime:
        return true;
    default:
        return false;
    }
}

static ULONG thread_start(struct storport_thread *thread, PVOID *handle)
{
    /* Before the thread runs: it may look for its own handle at once. */
    if (handle)
        *handle = storport_handle_of(&thread->handle);
    __atomic_store_n(&thread->parties, 2, __ATOMIC_RELEASE);
    bool started = nt_thread_create(&thread->thread, "driver", thread_run, thread) == 0;
    if (!started) {
        thread_end(thread);
        if (handle)
            *handle = NULL;
    }
    /* The thread may be over already: only now may another take the record and join it. */
    __atomic_sub_fetch(&thread->parties, 1, __ATOMIC_ACQ_REL);
    return started ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL;
}

static ULONG create_system_thread(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    PSTOR_THREAD_START_ROUTINE routine = STORPORT_ARGUMENT(arguments, PSTOR_THREAD_START_ROUTINE);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    PSTOR_THREAD_PRIORITY priority = STORPORT_ARGUMENT(arguments, PSTOR_THREAD_PRIORITY);
    PVOID *handle = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)extension;
    if (handle)
        *handle = NULL;
    if (!routine || (priority && !priority_is_good(*priority)))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_thread *thread = NULL;
    if (__atomic_add_fetch(&adapter->thread_count, 1, __ATOMIC_ACQ_REL) <= nt_processor_count())
        thread = (struct storport_thread *)storport_handle_new(&adapter->threads,
                                                               STORPORT_HANDLE_THREAD);
    if (!thread) {
        __atomic_sub_fetch(&adapter->thread_count, 1, __ATOMIC_ACQ_REL);
        return STOR_STATUS_UNSUCCESSFUL;
    }
    thread->adapter = adapter;
    thread->routine = routine;
    thread->context = context;
    thread->priority = priority ? *priority : StorThreadPriorityNormal;
    return thread_start(thread, handle);
}
STORPORT_EXTENDED(ExtFunctionCreateSystemThread, "StorPortCreateSystemThread", "Threads",
                  create_system_thread);

static struct storport_thread *thread_find(struct storport_adapter *adapter, const void *handle)
{
    struct storport_handle *record = NULL;

    (void)storport_handle_find(&adapter->threads, STORPORT_HANDLE_THREAD, handle, &record);
    return (struct storport_thread *)record;
}

/* Ends the thread that calls, whatever handle it gives, if it gives one; returns only to a caller
 * that is none. */
static void terminate_system_thread(struct storport_adapter *adapter,
                                    __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);

    if (!current || current->adapter != adapter) {
        nt_finding("StorPortTerminateSystemThread", adapter->port,
                   "called by a thread that is none of the driver's");
        return;
    }
    if (handle && thread_find(adapter, handle) != current)
        nt_finding("StorPortTerminateSystemThread", adapter->port,
                   "called with another handle than that of the calling thread, which ends");
    longjmp(current->end, 1);
}
STORPORT_NOTIFICATION(TerminateSystemThread, "StorPortTerminateSystemThread", "Threads",
                      terminate_system_thread);

/* ---- attributes ---- */

static ULONG set_priority(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    struct storport_thread *thread = thread_find(adapter, STORPORT_ARGUMENT(arguments, PVOID));
    ULONG priority = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!thread || !priority_is_good(priority))
        return STOR_STATUS_INVALID_PARAMETER;
    __atomic_store_n(&thread->priority, priority, __ATOMIC_RELAXED);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetPriorityThread, "StorPortSetPriorityThread", "Threads",
                  set_priority);

/* Whether the caller is the thread of that handle, which it may leave out (NULL); a status when it
 * is not. */
static bool is_calling_thread(struct storport_adapter *adapter, const void *handle,
                              ULONG *ret_status)
{
    struct storport_thread *thread = handle ? thread_find(adapter, handle) : current;

    *ret_status = handle && !thread               ? STOR_STATUS_INVALID_PARAMETER
                  : nt_irql() > NT_DISPATCH_LEVEL ? STOR_STATUS_INVALID_IRQL
                                                  : STOR_STATUS_UNSUCCESSFUL;
    return thread && thread == current && thread->adapter == adapter &&
           nt_irql() <= NT_DISPATCH_LEVEL;
}

/* A thread that may run on any processor has the affinity of the machine's only group; no affinity
 * can say it of several groups, so it has zeros then, which Revert understands. */
static STOR_GROUP_AFFINITY affinity_now(void)
{
    const struct nt_thread *self = nt_self();

    if (self->affinity)
        return (STOR_GROUP_AFFINITY){.Mask = self->affinity, .Group = self->affinity_group};
    return (STOR_GROUP_AFFINITY){.Mask =
                                     nt_topology()->group_count == 1 ? nt_group_affinity(0) : 0};
}

/* At DISPATCH_LEVEL the thread stays on its processor until the IRQL has fallen. */
static ULONG set_affinity(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    PSTOR_GROUP_AFFINITY affinity = STORPORT_ARGUMENT(arguments, PSTOR_GROUP_AFFINITY);
    PSTOR_GROUP_AFFINITY previous = STORPORT_ARGUMENT(arguments, PSTOR_GROUP_AFFINITY);
    ULONG status;

    (void)extension;
    if (!affinity)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!is_calling_thread(adapter, handle, &status))
        return status;
    uint64_t mask = affinity->Mask & nt_group_affinity(affinity->Group);
    if (!mask) {
        if (previous)
            *previous = (STOR_GROUP_AFFINITY){0};
        return STOR_STATUS_INVALID_PARAMETER;
    }
    STOR_GROUP_AFFINITY before = affinity_now();
    nt_thread_set_affinity(affinity->Group, mask);
    if (previous)
        *previous = before;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetSystemGroupAffinityThread, "StorPortSetSystemGroupAffinityThread",
                  "Threads", set_affinity);

/* An affinity of zeros, as a failed change leaves it, stands for all processors. */
static ULONG revert_affinity(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    PSTOR_GROUP_AFFINITY previous = STORPORT_ARGUMENT(arguments, PSTOR_GROUP_AFFINITY);
    ULONG status;

    (void)extension;
    if (!previous || previous->Mask & ~nt_group_affinity(previous->Group) ||
        previous->Group >= nt_topology()->group_count)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!is_calling_thread(adapter, handle, &status))
        return status;
    nt_thread_set_affinity(previous->Group, previous->Mask);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionRevertToUserGroupAffinityThread,
                  "StorPortRevertToUserGroupAffinityThread", "Threads", revert_affinity);
