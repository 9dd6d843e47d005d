/*
 * process.c - see process.h.
 */
#include "nt/process.h"

#include "nt/dispatcher.h"
#include "nt/private.h"
#include "nt/user_memory.h"

#include <errno.h>
#include <unistd.h>

static struct nt_process *system_process, *own_process;

static struct {
    struct sys_mutex mutex;
    struct nt_process *first; /* clients that have not ended */
    void (*tell)(struct nt_process *process, bool created);
} processes;

static void process_destroy(void *body)
{
    user_memory_forget(body);
}

static struct nt_process *process_create(uint32_t id, uint32_t parent)
{
    struct nt_process *process =
        nt_object_create(NT_OBJECT_PROCESS, sizeof(*process), process_destroy);

    if (!process)
        return NULL;
    nt_dispatcher_initialize(&process->header, NT_PROCESS, sizeof(process->header), 0);
    process->id = id;
    process->parent = parent;
    return process;
}

int processes_start(void)
{
    if (!system_process)
        system_process = process_create(NT_SYSTEM_PROCESS_ID, 0);
    if (!own_process)
        own_process = process_create((uint32_t)getpid(), NT_SYSTEM_PROCESS_ID);
    return system_process && own_process ? 0 : -ENOMEM;
}

struct nt_process *nt_process_system(void)
{
    return system_process;
}

struct nt_process *nt_process_own(void)
{
    return own_process;
}

void nt_process_attach(struct nt_process *process)
{
    nt_self()->process = process;
}

void nt_process_listen(void (*tell)(struct nt_process *process, bool created))
{
    __atomic_store_n(&processes.tell, tell, __ATOMIC_RELEASE);
}

static void tell(struct nt_process *process, bool created)
{
    void (*listener)(struct nt_process * process, bool created) =
        __atomic_load_n(&processes.tell, __ATOMIC_ACQUIRE);

    if (listener)
        listener(process, created);
}

static struct nt_process *find_locked(uint32_t id)
{
    struct nt_process *process = processes.first;

    while (process && process->id != id)
        process = process->next;
    return process;
}

/* The list has a reference of its own, until the end. */
int nt_process_enter(uint32_t id, uint32_t parent, struct nt_process **ret_process)
{
    sys_mutex_lock(&processes.mutex);
    struct nt_process *process = find_locked(id);
    bool created = !process;
    if (created) {
        process = process_create(id, parent);
        if (process) {
            process->is_client = true;
            process->next = processes.first;
            processes.first = process;
        }
    }
    if (process)
        nt_object_reference(process);
    sys_mutex_unlock(&processes.mutex);
    if (!process)
        return -ENOMEM;
    if (created)
        tell(process, true);
    *ret_process = process;
    return 0;
}

/* The list's reference is the caller's then. False: it has ended before. */
static bool unlist(struct nt_process *process)
{
    bool found = false;

    sys_mutex_lock(&processes.mutex);
    for (struct nt_process **link = &processes.first; *link; link = &(*link)->next) {
        if (*link == process) {
            *link = process->next;
            found = true;
            break;
        }
    }
    sys_mutex_unlock(&processes.mutex);
    return found;
}

void nt_process_forget(struct nt_process *process)
{
    if (unlist(process))
        nt_object_release(process);
}

void nt_process_end(struct nt_process *process)
{
    if (!unlist(process))
        return;
    tell(process, false);
    nt_dispatcher_set(&process->header, 1);
    nt_object_release(process);
}

struct nt_process *nt_process_find(uint32_t id)
{
    struct nt_process *process = NULL;

    if (id == NT_SYSTEM_PROCESS_ID)
        process = system_process;
    else if (own_process && id == own_process->id)
        process = own_process;
    if (process) {
        nt_object_reference(process);
        return process;
    }
    sys_mutex_lock(&processes.mutex);
    process = find_locked(id);
    if (process)
        nt_object_reference(process);
    sys_mutex_unlock(&processes.mutex);
    return process;
}
