/*
 * processes.c - Ps and Io: processes, who has sent a request, and news of processes.
 *
 * The processes of this machine are the system's, this one, and those that open devices from
 * outside: these come when they open the first one, and go when they end.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/file.h"
#include "nt/process.h"

#include <limits.h>
#include <ntifs.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Processes", irql_max_)

enum { ROUTINES_MAX = 64 };

/* ---- who runs, and who asks ---- */

PEPROCESS NTAPI IoGetCurrentProcess(VOID)
{
    return (PEPROCESS)nt_process_current();
}
EXPORT(IoGetCurrentProcess, NT_HIGH_LEVEL);
NT_EXPORT_AS("ntoskrnl.exe", "PsGetCurrentProcess", IoGetCurrentProcess, "Processes",
             NT_HIGH_LEVEL);

static HANDLE handle_of(uint32_t id)
{
    return (HANDLE)(ULONG_PTR)id;
}

HANDLE NTAPI PsGetCurrentProcessId(VOID)
{
    return handle_of(nt_process_current()->id);
}
EXPORT(PsGetCurrentProcessId, NT_HIGH_LEVEL);

HANDLE NTAPI PsGetProcessId(PEPROCESS Process)
{
    return handle_of(((const struct nt_process *)Process)->id);
}
EXPORT(PsGetProcessId, NT_HIGH_LEVEL);

NTSTATUS NTAPI PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process)
{
    uintptr_t id = (uintptr_t)ProcessId;

    *Process = id <= UINT32_MAX ? (PEPROCESS)nt_process_find((uint32_t)id) : NULL;
    return *Process ? STATUS_SUCCESS : STATUS_INVALID_CID;
}
EXPORT(PsLookupProcessByProcessId, NT_APC_LEVEL);

PEPROCESS NTAPI IoGetRequestorProcess(PIRP Irp)
{
    return (PEPROCESS)nt_file_requestor(Irp);
}
EXPORT(IoGetRequestorProcess, NT_DISPATCH_LEVEL);

ULONG NTAPI IoGetRequestorProcessId(PIRP Irp)
{
    return nt_file_requestor(Irp)->id;
}
EXPORT(IoGetRequestorProcessId, NT_DISPATCH_LEVEL);

/* ---- news ---- */

enum routine_kind { ROUTINE_NONE, ROUTINE_PLAIN, ROUTINE_EXTENDED };

/* On the stack of who calls it. */
struct routine_call {
    struct routine_call *next;
    const void *routine;
    const struct nt_thread *thread;
};

static struct {
    struct sys_mutex mutex;
    struct {
        const void *routine;
        enum routine_kind kind;
    } rows[ROUTINES_MAX];
    struct routine_call *calls;
    uint32_t ended; /* counts calls; __atomic, slept on */
} news;

static void call_plain(const void *routine, const struct nt_process *process, bool created)
{
    ((PCREATE_PROCESS_NOTIFY_ROUTINE)(uintptr_t)routine)(handle_of(process->parent),
                                                         handle_of(process->id), created);
}

static void call_extended(const void *routine, struct nt_process *process, bool created)
{
    PS_CREATE_NOTIFY_INFO information = {
        .Size = sizeof(information),
        .ParentProcessId = handle_of(process->parent),
        .CreatingThreadId = {handle_of(process->parent), NULL},
    };

    ((PCREATE_PROCESS_NOTIFY_ROUTINE_EX)(uintptr_t)routine)(
        (PEPROCESS)process, handle_of(process->id), created ? &information : NULL);
}

/* The routine in that row, which is not removed until call_end. */
static enum routine_kind call_begin(unsigned row, struct routine_call *call)
{
    sys_mutex_lock(&news.mutex);
    enum routine_kind kind = news.rows[row].kind;
    if (kind) {
        call->routine = news.rows[row].routine;
        call->thread = nt_self();
        call->next = news.calls;
        news.calls = call;
    }
    sys_mutex_unlock(&news.mutex);
    return kind;
}

static void call_end(struct routine_call *call)
{
    sys_mutex_lock(&news.mutex);
    for (struct routine_call **link = &news.calls; *link; link = &(*link)->next) {
        if (*link == call) {
            *link = call->next;
            break;
        }
    }
    sys_mutex_unlock(&news.mutex);
    __atomic_add_fetch(&news.ended, 1, __ATOMIC_SEQ_CST);
    sys_wake(&news.ended, INT_MAX);
}

/* In the context of the process. */
static void tell(struct nt_process *process, bool created)
{
    struct nt_thread *self = nt_self();
    struct nt_process *before = self->process;
    struct nt_evidence frame;

    nt_process_attach(process);
    for (unsigned i = 0; i < ROUTINES_MAX; i++) {
        struct routine_call call;
        enum routine_kind kind = call_begin(i, &call);
        if (!kind)
            continue;
        nt_evidence_push(self, &frame, "process notification", NULL, NULL);
        if (kind == ROUTINE_PLAIN)
            call_plain(call.routine, process, created);
        else
            call_extended(call.routine, process, created);
        nt_evidence_pop(self, &frame);
        call_end(&call);
    }
    nt_process_attach(before);
}

static NTSTATUS routine_add(const void *routine, enum routine_kind kind)
{
    unsigned free_row = ROUTINES_MAX;
    bool known = false;

    sys_mutex_lock(&news.mutex);
    for (unsigned i = ROUTINES_MAX; i-- > 0;) {
        if (!news.rows[i].kind)
            free_row = i;
        else
            known |= news.rows[i].routine == routine;
    }
    if (!known && free_row < ROUTINES_MAX) {
        news.rows[free_row].routine = routine;
        news.rows[free_row].kind = kind;
    }
    sys_mutex_unlock(&news.mutex);
    nt_process_listen(tell);
    return known || free_row == ROUTINES_MAX ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static bool is_called_elsewhere(const void *routine)
{
    const struct routine_call *call = news.calls;

    while (call && (call->routine != routine || call->thread == nt_self()))
        call = call->next;
    return call != NULL;
}

/* Returns when no other thread is in the routine any more. */
static NTSTATUS routine_remove(const void *routine)
{
    bool found = false, called = true;

    sys_mutex_lock(&news.mutex);
    for (unsigned i = 0; i < ROUTINES_MAX; i++) {
        if (news.rows[i].kind && news.rows[i].routine == routine) {
            news.rows[i].kind = ROUTINE_NONE;
            found = true;
        }
    }
    sys_mutex_unlock(&news.mutex);
    while (found && called) {
        uint32_t ended = __atomic_load_n(&news.ended, __ATOMIC_SEQ_CST);
        sys_mutex_lock(&news.mutex);
        called = is_called_elsewhere(routine);
        sys_mutex_unlock(&news.mutex);
        if (called)
            sys_wait(&news.ended, ended, SYS_FOREVER);
    }
    return found ? STATUS_SUCCESS : STATUS_PROCEDURE_NOT_FOUND;
}

NTSTATUS NTAPI PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE NotifyRoutine,
                                               BOOLEAN Remove)
{
    const void *routine = (const void *)(uintptr_t)NotifyRoutine;

    return Remove ? routine_remove(routine) : routine_add(routine, ROUTINE_PLAIN);
}
EXPORT(PsSetCreateProcessNotifyRoutine, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI PsSetCreateProcessNotifyRoutineEx(PCREATE_PROCESS_NOTIFY_ROUTINE_EX NotifyRoutine,
                                                 BOOLEAN Remove)
{
    const void *routine = (const void *)(uintptr_t)NotifyRoutine;

    return Remove ? routine_remove(routine) : routine_add(routine, ROUTINE_EXTENDED);
}
EXPORT(PsSetCreateProcessNotifyRoutineEx, NT_PASSIVE_LEVEL);
