/*
 * private.h - what the files of src/nt tell each other. Nobody outside src/nt includes it.
 *
 * The order of nt's own locks: a raw lock is the innermost of all; the pool lock is a spin lock
 * under which only raw locks are taken.
 */
#ifndef STORHOST_NT_PRIVATE_H
#define STORHOST_NT_PRIVATE_H

#include "nt/dpc.h"
#include "nt/interrupt.h"
#include "nt/processor.h"
#include "nt/spinlock.h"

/* ---- raw locks ---- */

/* Guards a few instructions at any IRQL. Nothing is called under one but sys_wake: no driver, no
 * allocation, no preemption point. Zero-initialised is unlocked. */
struct raw_lock {
    uint32_t word;
};

static inline void raw_lock_acquire(struct raw_lock *lock)
{
    unsigned spins = 0;
    while (__atomic_exchange_n(&lock->word, 1, __ATOMIC_ACQUIRE)) {
        while (__atomic_load_n(&lock->word, __ATOMIC_RELAXED))
            sys_spin_wait(&spins);
    }
}

static inline void raw_lock_release(struct raw_lock *lock)
{
    __atomic_store_n(&lock->word, 0, __ATOMIC_RELEASE);
}

/* ---- processors ---- */

/* What is pending for a processor. The lists are filled by any thread under `lock`; a bit of
 * nt_processor.state is set exactly while its list is not empty (changed under the lock too), so
 * that the one word tells everything to a thread that lets the processor go. */
struct nt_processor_private {
    struct raw_lock lock;
    struct nt_call *calls, **calls_end; /* NT_PROCESSOR_DPC_PENDING, with dpcs */
    KDPC *dpcs, *dpcs_last;
    struct nt_interrupt *incoming, **incoming_end; /* NT_PROCESSOR_INTERRUPT_PENDING */
    bool handed_over; /* NT_PROCESSOR_DPC_PENDING stands for work that the holder left behind */

    struct nt_interrupt *waiting; /* taken from `incoming`; only the holder touches it */
    KDPC *running_dpc;            /* written by the holder, read by who queues that DPC; atomic */
    /* Kept by the holder while dpc_watch is set. */
    uint64_t dpc_began_ns, sequence_began_ns;

    uint32_t parked; /* the freeze in which its holder stands still; atomic */
    bool frozen;     /* it was free, and a freeze has taken it; the freezer's */

    uint32_t doorbell; /* the service thread sleeps on it while it is 0 */
    bool stopping;
    struct sys_thread *service;
} __attribute__((aligned(128)));

int processors_start(unsigned count);
void processors_stop(void);

/* Takes the processor if nobody holds it. The caller is below DISPATCH_LEVEL; on success it is at
 * DISPATCH_LEVEL. */
bool processor_try_take(struct nt_processor *processor, struct nt_thread *self);

/* What GS shows the driver of the processor that it runs on: to be called when the thread holds one
 * that is not its home, and when it has let that go. */
void thread_show_processor(struct nt_thread *self, const struct nt_processor *processor);

/* Its affinity allows that processor. */
bool thread_may_take(const struct nt_thread *self, unsigned processor);

/* To be called after something became pending on `processor` whose state was `old_state` before.
 * With `may_take` a caller below DISPATCH_LEVEL takes a free processor and delivers itself. */
void processor_notify(struct nt_processor *processor, uint32_t old_state, bool may_take);

/* Tells the service thread that something is pending on a processor that nobody holds. */
void processor_ring(struct nt_processor *processor);

/* Where interrupts are delivered: while the machine stands still, the holder of a processor stays
 * here (freeze.c). False for the thread that froze it, to which nothing is delivered. */
bool freeze_park(struct nt_processor *processor, const struct nt_thread *self);

/* Sets or clears a pending bit; the private lock is held. Returns the state before. */
uint32_t processor_bit_set(struct nt_processor *processor, uint32_t bit);
void processor_bit_clear(struct nt_processor *processor, uint32_t bit);

/* Both under the private lock: clears NT_PROCESSOR_DPC_PENDING if nothing it stands for is left. */
void processor_dpc_bit_update(struct nt_processor *processor);

/* What a callback must leave behind as it found it; anything else is the driver's fault and ends in
 * a bug check that names `callback`. */
struct service_frame {
    uint8_t irql, leave_slowly, oldest_number, locks_held; /* as the thread has them side by side */
};
static inline void service_enter(struct nt_thread *self, struct service_frame *frame, uint8_t irql)
{
    frame->irql = self->irql;
    frame->leave_slowly = self->leave_slowly;
    frame->oldest_number = self->oldest_number;
    frame->locks_held = self->locks_held;
    self->irql = irql;
    self->leave_slowly |= NT_THREAD_IN_SERVICE;
}
__attribute__((noreturn)) void service_violation(struct nt_thread *self,
                                                 const struct service_frame *frame, uint8_t irql,
                                                 const char *callback, const void *routine);
static inline void service_leave(struct nt_thread *self, const struct service_frame *frame,
                                 uint8_t irql, const char *callback, const void *routine)
{
    if (__builtin_expect(self->irql != irql || self->locks_held != frame->locks_held, 0))
        service_violation(self, frame, irql, callback, routine);
    self->irql = frame->irql;
    self->leave_slowly = frame->leave_slowly;
}

/* Somebody has asked how long DPCs take; __atomic. */
extern SYS_HIDDEN uint32_t dpc_watch;

/* Takes the first DPC off the processor's queue and runs it. The private lock is held on entry and
 * free on return. The caller holds the processor at DISPATCH_LEVEL. */
void dpc_run_first(struct nt_processor *processor, struct nt_thread *self);

/* Runs pending interrupts of the held processor that the IRQL allows, at most `budget` routine
 * calls; returns how many are left of it. */
unsigned interrupts_deliver(struct nt_processor *processor, struct nt_thread *self,
                            unsigned budget);
/* An interrupt that the thread's IRQL allows now is pending or waiting. */
static inline bool interrupts_visible(const struct nt_processor *processor)
{
    return processor->interrupts_waiting ||
           (__atomic_load_n(&processor->state, __ATOMIC_RELAXED) & NT_PROCESSOR_INTERRUPT_PENDING);
}

/* ---- beginnings and ends of the other parts, called by machine.c ---- */

void topology_start(const struct nt_topology *topology);
void topology_stop(void);
void thread_home_assign(struct nt_thread *self);
void interrupts_start(bool aimed_messages);
int memory_start(size_t size, size_t low_size, bool scatter);
/* Tells of DPCs that have run for too long; called often enough by the thread of timers. */
void dpc_watchdog_look(uint64_t now_ns);

/* ---- watches ---- */

/* Looks at what waits for a driver, if it is time; when it wants to look again. */
uint64_t watch_look(uint64_t now_ns);
/* Every thread that has a record. Any IRQL. */
void watch_thread_add(struct nt_thread *thread);
void watch_thread_remove(const struct nt_thread *thread);
void memory_stop(void (*leak)(const char *line));
void pool_stop(void);
int timers_start(void);
void timers_stop(void);
/* The thread of timers finds out anew how long it may sleep. Any IRQL, async-signal-safe. */
void timers_look_again(void);
/* Closes the page of shared_data.h when its tick is over; returns when to call it again. */
uint64_t shared_data_close(uint64_t now_ns);
int work_start(void);
void work_stop(void);
void registry_stop(void);
void threads_stop(void);
void findings_reset(void);
/* The innermost address of a driver's among the callers, or NULL. Any IRQL. */
const void *driver_place_find(void);
/* -ENOMEM. Once; what it makes stays. */
int processes_start(void);

/* ---- prints ---- */

/* Ends a thread's unfinished line; the thread is going. */
void print_partial_destroy(struct nt_thread *self);

#endif
