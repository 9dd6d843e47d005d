/*
 * processor.h - processors as batons (decision 3), and IRQL.
 *
 * A thread below DISPATCH_LEVEL holds no processor. Raising to DISPATCH_LEVEL or above takes one;
 * lowering below it first delivers what is pending there (interrupts, then DPCs, a bounded number
 * at a time), then lets go with one atomic exchange that fails while anything is pending.
 * Two pieces of driver code that Windows would never run at once on one processor never do here.
 *
 * Missing: an interrupt for a processor that is inside driver code which reaches no preemption
 * point (a loop that only reads memory) waits until the IRQL falls. Delivering it after 10 ms by a
 * signal needs the trampoline of the image room.
 */
#ifndef STORHOST_NT_PROCESSOR_H
#define STORHOST_NT_PROCESSOR_H

#include "nt/thread.h"
#include "nt/topology.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of nt_processor.state. A free processor with nothing pending is 0. */
enum nt_processor_state {
    NT_PROCESSOR_HELD = 1u << 0,
    NT_PROCESSOR_INTERRUPT_PENDING = 1u << 1,
    NT_PROCESSOR_DPC_PENDING = 1u << 2,
    NT_PROCESSOR_WAITED_FOR = 1u << 3, /* threads sleep on the word until it is free */
};

struct nt_processor {
    uint32_t state; /* accessed with __atomic only */
    uint32_t number;
    struct nt_thread *holder; /* the last that took it; written by the holder */
    /* Deferred work of the port: set by the holder, run when the IRQL is about to fall below
     * DISPATCH_LEVEL, after pending interrupts and before DPCs, at DISPATCH_LEVEL, no lock held.
     * Plain memory: only the holder touches it. */
    bool deferred;
    /* Interrupts have been taken over by the holder but its IRQL did not allow them yet. Only the
     * holder touches it. */
    bool interrupts_waiting;
    void *port; /* the port's own per-processor state */
    struct nt_processor_private *private_state;
} __attribute__((aligned(128)));

struct nt_processor *nt_processor_get(unsigned number);

/* Registers the function that runs when `deferred` is set. Once, by the port, before any adapter
 * starts. Runs at DISPATCH_LEVEL on the holder's thread; may call drivers. */
void nt_processor_set_deferred(void (*run)(struct nt_processor *processor));

/* The two halves of the way to DISPATCH_LEVEL and back for the port's hot path: one
 * compare-and-swap each while the home processor is free and nothing is pending.
 *
 * nt_dispatch_enter returns the old IRQL and does nothing when that is DISPATCH_LEVEL or above.
 * nt_dispatch_leave takes what enter returned; the thread must be at max(DISPATCH_LEVEL, old). */
uint8_t nt_dispatch_enter_slow(struct nt_thread *self);
void nt_dispatch_leave_slow(struct nt_thread *self, uint8_t old_irql);

static inline uint8_t nt_dispatch_enter(struct nt_thread *self)
{
    uint8_t old_irql = self->irql;
    if (old_irql >= NT_DISPATCH_LEVEL)
        return old_irql;
    sys_switch_point();
    struct nt_processor *processor = self->home;
    uint32_t expected = 0;
    if (__builtin_expect(!__atomic_compare_exchange_n(&processor->state, &expected,
                                                      NT_PROCESSOR_HELD, false, __ATOMIC_ACQUIRE,
                                                      __ATOMIC_RELAXED),
                         0))
        return nt_dispatch_enter_slow(self);
    self->processor = processor;
    self->irql = NT_DISPATCH_LEVEL;
    processor->holder = self;
    return old_irql;
}

static inline void nt_dispatch_leave(struct nt_thread *self, uint8_t old_irql)
{
    if (old_irql >= NT_DISPATCH_LEVEL)
        return;
    struct nt_processor *processor = self->processor;
    sys_assume(processor != NULL);
    if (__builtin_expect(
            !processor->deferred && !processor->interrupts_waiting && !self->leave_slowly, 1)) {
        uint32_t expected = NT_PROCESSOR_HELD;
        self->processor = NULL;
        self->irql = old_irql;
        if (__builtin_expect(__atomic_compare_exchange_n(&processor->state, &expected, 0, false,
                                                         __ATOMIC_RELEASE, __ATOMIC_RELAXED),
                             1)) {
            sys_switch_point();
            return;
        }
        self->processor = processor;
        self->irql = NT_DISPATCH_LEVEL;
    }
    nt_dispatch_leave_slow(self, old_irql);
}

/* Raises to `irql` >= the current one and returns the old one. Takes a processor when it crosses
 * DISPATCH_LEVEL: home first, another free one else, and waits when all are held. Any IRQL. */
uint8_t nt_irql_raise(uint8_t irql);
/* As raise, to DISPATCH_LEVEL on that very processor. The caller is below DISPATCH_LEVEL. */
void nt_irql_raise_on(struct nt_processor *processor);
/* Lowers to `irql` <= the current one. Delivers interrupts once below DIRQL and, when it crosses
 * DISPATCH_LEVEL, deferred work and DPCs; then the processor is free for others. */
void nt_irql_lower(uint8_t irql);

/* CLI and STI of a driver. At DISPATCH_LEVEL or above nothing is delivered to the thread's
 * processor from the one to the other, or to the end of the callback; below, the thread has no
 * processor that interrupts could be kept from, and nothing changes. Any IRQL. */
void nt_interrupts_disable(void);
void nt_interrupts_enable(void);

static inline uint8_t nt_irql(void)
{
    return nt_self()->irql;
}

/* The processor held, or below DISPATCH_LEVEL the one that would be taken: a hint there. */
struct nt_processor *nt_processor_current(void);

/* A preemption point: delivers interrupts pending for the held processor if the IRQL allows, as
 * hardware might between any two instructions. Any IRQL; cheap when nothing is pending. Never
 * delivers DPCs unless below DISPATCH_LEVEL. Also a switch point of the simulator. */
void nt_preempt_slow(struct nt_thread *self);
/* Not 0 while the machine stands still (freeze.h); __atomic. */
extern SYS_HIDDEN uint32_t nt_frozen;
/* Of a thread without a processor: returns when the machine goes on. */
void nt_frozen_wait(void);
static inline void nt_preempt(void)
{
    struct nt_thread *self = nt_self();
    sys_switch_point();
    struct nt_processor *processor = self->processor;
    if (!processor) {
        if (__builtin_expect(__atomic_load_n(&nt_frozen, __ATOMIC_RELAXED), 0))
            nt_frozen_wait();
        return;
    }
    if (__builtin_expect(__atomic_load_n(&processor->state, __ATOMIC_RELAXED) &
                             NT_PROCESSOR_INTERRUPT_PENDING,
                         0))
        nt_preempt_slow(self);
}

/* Asks `call(context)` to run at DISPATCH_LEVEL on that processor soon, without lock: on its holder
 * when the IRQL falls, on its service thread when nobody holds it. Each nt_call runs once per
 * post; posting one that is already posted returns false. Any IRQL. Does not wait. */
struct nt_call {
    struct nt_call *next;
    uint32_t posted;
    void (*run)(void *context);
    void *context;
};
bool nt_processor_post(struct nt_processor *processor, struct nt_call *call);

#ifdef __cplusplus
}
#endif

#endif
