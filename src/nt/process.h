/*
 * process.h - the processes that drivers meet: the system's, this one, and those that open devices
 * from outside (api/device_server.c).
 *
 * A driver sees an opaque object that it can wait for and whose references it can count.
 */
#ifndef STORHOST_NT_PROCESS_H
#define STORHOST_NT_PROCESS_H

#include "nt/object.h"
#include "nt/thread.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NT_SYSTEM_PROCESS_ID = 4 };

struct nt_user_region;

struct nt_process {
    DISPATCHER_HEADER header; /* first: signaled when the process has ended */
    uint32_t id, parent;
    bool is_client;          /* another process: its memory is not ours (user_memory.h) */
    struct nt_process *next; /* of those that have not ended */

    /* Under the lock of user_memory.c. */
    struct nt_user_region *regions;
    uint32_t region_count;
    size_t mapped_bytes;
    uint32_t requests; /* under way: regions stay mapped */
};

/* The system's threads belong to the first, an application's calls in this process to the second.
 * They are made when the machine starts and never freed. */
struct nt_process *nt_process_system(void);
struct nt_process *nt_process_own(void);

/* The one in whose context the calling thread runs. Any IRQL. */
static inline struct nt_process *nt_process_current(void)
{
    const struct nt_thread *self = nt_self();

    if (self->process)
        return self->process;
    return self->system ? nt_process_system() : nt_process_own();
}
/* The calling thread runs in its context from now on; NULL: in that of before. */
void nt_process_attach(struct nt_process *process);

/* The process of a client, with a reference of the caller's; drivers are told of it when it is new.
 * 0, -ENOMEM. PASSIVE_LEVEL. */
int nt_process_enter(uint32_t id, uint32_t parent, struct nt_process **ret_process);
/* It has ended: drivers are told, once. PASSIVE_LEVEL. */
void nt_process_end(struct nt_process *process);
/* The machine ends before it: nobody is told. */
void nt_process_forget(struct nt_process *process);
/* A live one by its identifier, with a reference. NULL: there is none. PASSIVE_LEVEL. */
struct nt_process *nt_process_find(uint32_t id);

/* Is told of processes that came and went, at PASSIVE_LEVEL in the context of who found out. One
 * function. */
void nt_process_listen(void (*tell)(struct nt_process *process, bool created));

#ifdef __cplusplus
}
#endif

#endif
