/*
 * thread.h - what a thread carries while it can run driver code: IRQL, processor, evidence.
 *
 * The structure is read through one initial-exec thread-local pointer, because it is touched on
 * every request. Foreign threads (a client's, nbdkit's) are adopted at their first API call.
 */
#ifndef STORHOST_NT_THREAD_H
#define STORHOST_NT_THREAD_H

#include "nt/events.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nt_processor;
struct nt_spinlock;
struct nt_print_partial;
struct nt_process;

/* Windows' levels on x64. Device levels lie between DISPATCH and CLOCK. */
enum nt_irql {
    NT_PASSIVE_LEVEL = 0,
    NT_APC_LEVEL = 1,
    NT_DISPATCH_LEVEL = 2,
    NT_DEVICE_LEVEL = 8, /* the DIRQL that we grant to devices */
    NT_CLOCK_LEVEL = 13,
    NT_HIGH_LEVEL = 15,
};

enum { NT_LOCKS_HELD_MAX = 80, NT_EVIDENCE_DEPTH_MAX = 32 };

/* One frame of evidence (decision 9): which callback the thread is in. Frames lie on the stack of
 * whoever calls the driver and are linked, so pushing costs a few stores. */
struct nt_evidence {
    struct nt_evidence *previous;
    const char *callback; /* "HwStorStartIo"; a string constant */
    const void *adapter;
    const void *request; /* the SRB, or NULL */
    uint8_t irql;
};

/* Why a thread that lets its processor go may not take the shortest way; bits. */
enum nt_thread_leave {
    NT_THREAD_IN_SERVICE =
        1 << 0, /* in an interrupt routine, DPC or deferred work: the IRQL stays */
    NT_THREAD_ELSEWHERE = 1 << 1, /* the processor is not its home, and its number is shown */
    /* The driver's CLI: nothing is delivered before STI or the end of the callback. */
    NT_THREAD_INTERRUPTS_OFF = 1 << 2,
};

/* It begins as the control region of a processor does (KPCR, and KPRCB from 0x180 on), and while
 * the thread runs it is what GS addresses: compiled drivers load the IRQL, the current thread and
 * the processor's number from there. What no driver looks for there is free for ours; what every
 * request touches lies beside the IRQL. thread.c holds the offsets. */
struct nt_thread {
    uint64_t descriptor_tables[3];  /* 0 */
    struct nt_thread *region;       /* 0x18: itself */
    void *region_of_kernel;         /* 0x20: KPRCB, in here */
    uint64_t lock_queues;           /* 0 */
    struct nt_thread *region_again; /* 0x30 */
    uint64_t interrupt_table;       /* 0 */
    struct nt_processor *processor; /* held; NULL below DISPATCH_LEVEL */
    struct nt_processor *home;      /* the one to take first; nt_thread_set_home */
    /* Four bytes that are copied and compared as one word. */
    uint8_t irql;          /* 0x50 */
    uint8_t leave_slowly;  /* enum nt_thread_leave */
    uint8_t oldest_number; /* 0x52: for drivers of the first x64 kit */
    uint8_t locks_held;
    uint16_t critical_regions, guarded_regions; /* KeEnter...Region, not yet left */
    uint32_t number;
    uint16_t home_misses;         /* how often in a row the home was held while another was free */
    bool system;                  /* one of the machine's own, not an application's */
    uint16_t region_version[2];   /* 0x60 */
    uint32_t stall_scale;         /* 0x64 */
    struct nt_evidence *evidence; /* innermost frame */
    void *port;                   /* the port's own per-thread state, or NULL */
    /* The KQUEUE that the thread serves, or NULL, and its links there; ntoskrnl's. */
    void *queue;
    uint64_t reserved[32];
    uint32_t vector_control; /* 0x180: MXCSR */
    uint8_t legacy_number;   /* 0x184: in its group; of the home while no processor is held */
    uint8_t interrupt_request[3];
    void *current_thread;      /* 0x188: what KeGetCurrentThread returns */
    void *other_threads[2];    /* NULL */
    uint8_t nesting_level[4];  /* 0 */
    uint32_t processor_number; /* 0x1A4: across the machine */
    uint64_t reserved_of_kernel[11];
    void *queue_links[2];
    const struct nt_spinlock *held[NT_LOCKS_HELD_MAX];
    struct nt_print_partial *print_partial; /* a driver's unfinished line, or NULL */
    /* The processors of a group that it may take, as bits; 0: any of the machine. */
    uint64_t affinity;
    uint16_t affinity_group;
    uint32_t named; /* the recording that knows the thread's name */
    /* Whose request it carries out: a client's from outside. NULL: the system's, or this one's. */
    struct nt_process *process;
    const uint32_t *sleeps_on; /* in an alertable wait; __atomic */
    bool alerted, terminating; /* __atomic */
    bool watched;              /* it waits for a driver, and a watch knows (watch.h) */
    struct nt_thread *next;    /* of all; watch.c's */
    void *impersonation;       /* the client's token that it acts with, a reference; or NULL */
} __attribute__((aligned(128)));

extern SYS_HIDDEN __thread struct nt_thread *nt_thread_pointer
    __attribute__((tls_model("initial-exec")));
struct nt_thread *nt_thread_adopt(void);

/* The calling thread's record; adopts the thread at first use. Any IRQL. Adoption may allocate,
 * later calls do not. The record goes when the thread ends. */
static inline struct nt_thread *nt_self(void)
{
    struct nt_thread *self = nt_thread_pointer;
    return __builtin_expect(self != NULL, 1) ? self : nt_thread_adopt();
}

/* `quietly`: without an event for it. */
static inline void nt_evidence_push_quietly(struct nt_thread *self, struct nt_evidence *frame,
                                            const char *callback, const void *adapter,
                                            const void *request)
{
    frame->previous = self->evidence;
    frame->callback = callback;
    frame->adapter = adapter;
    frame->request = request;
    frame->irql = self->irql;
    self->evidence = frame;
}

static inline void nt_evidence_pop_quietly(struct nt_thread *self, const struct nt_evidence *frame)
{
    self->evidence = frame->previous;
}

static inline void nt_evidence_push(struct nt_thread *self, struct nt_evidence *frame,
                                    const char *callback, const void *adapter, const void *request)
{
    nt_evidence_push_quietly(self, frame, callback, adapter, request);
    nt_event(NT_EVENT_CALLBACK_ENTER, callback, 0, 0);
}

static inline void nt_evidence_pop(struct nt_thread *self, const struct nt_evidence *frame)
{
    nt_event(NT_EVENT_CALLBACK_LEAVE, frame->callback, 0, 0);
    nt_evidence_pop_quietly(self, frame);
}

/* The calling thread takes only processors of the mask (none that the group does not have; 0: any
 * of the machine) from the next time on that it raises its IRQL. Any IRQL. */
void nt_thread_set_affinity(unsigned group, uint64_t mask);

/* Takes that processor first from now on. Any IRQL. */
void nt_thread_set_home(struct nt_thread *self, struct nt_processor *processor);

/* ---- waits that another thread may end ---- */

/* As sys_wait, but returns at once when the calling thread is alerted. */
void nt_thread_sleep(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);
/* Whether it was alerted; not any more then. */
bool nt_thread_take_alert(void);
/* Ends its alertable wait, or the next one. It does not end meanwhile. PASSIVE_LEVEL. */
void nt_thread_alert(struct nt_thread *thread, bool terminate);

/* Creates a host thread that runs at PASSIVE_LEVEL and is adopted; sys_thread_join ends it. */
int nt_thread_create(struct sys_thread **ret_thread, const char *name, void (*entry)(void *),
                     void *argument);
/* The same for a thread that nobody joins: nt does, at the latest when the machine stops. */
int nt_thread_create_detached(const char *name, void (*entry)(void *), void *argument);

#ifdef __cplusplus
}
#endif

#endif
