/*
 * processor.c - taking and letting go of processors, and delivery of what is pending on them.
 *
 * The rule that nothing is ever lost: whoever sets a pending bit on a processor that nobody holds
 * sees to it (takes the processor or rings its service thread), and whoever holds it lets go with
 * an exchange that fails while a bit is set, or rings the service thread as it leaves.
 */
#include "nt/freeze.h"
#include "nt/private.h"

#include "nt/bugcheck.h"
#include "nt/machine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    /* A thread that lowers its IRQL does this much of other people's work, then hands the rest to
     * the service thread, so that a busy device cannot keep a client's thread for ever. */
    DELIVERIES_MAX = 16,
    SPINS_BEFORE_SLEEP = 300,
    /* After so many raises that found the home held and another processor free, move. */
    HOME_MISSES_MAX = 8,
};

/* A sleeper looks again at all processors after this time, because only the release of its home
 * wakes it. */
#define TAKE_ANY_RETRY_NS (1 * SYS_NS_PER_MS)

static const uint32_t pending_bits = NT_PROCESSOR_INTERRUPT_PENDING | NT_PROCESSOR_DPC_PENDING;

/* Processors that do not exist (beyond the count, or while no machine runs) are held for ever, so
 * that the fast path needs no check of its own. */
static struct nt_processor processors[NT_PROCESSOR_COUNT_MAX] = {
    [0 ... NT_PROCESSOR_COUNT_MAX - 1] = {.state = NT_PROCESSOR_HELD}};
static struct nt_processor_private privates[NT_PROCESSOR_COUNT_MAX];
static unsigned processor_count;
static void (*deferred_run)(struct nt_processor *processor);

unsigned nt_processor_count(void)
{
    return processor_count;
}

struct nt_processor *nt_processor_get(unsigned number)
{
    sh_assert(number < NT_PROCESSOR_COUNT_MAX);
    return &processors[number];
}

struct nt_processor *nt_processor_current(void)
{
    struct nt_thread *self = nt_self();
    return self->processor ? self->processor : self->home;
}

void nt_processor_set_deferred(void (*run)(struct nt_processor *processor))
{
    deferred_run = run;
}

/* ---- pending bits and the service thread's doorbell ---- */

uint32_t processor_bit_set(struct nt_processor *processor, uint32_t bit)
{
    return __atomic_fetch_or(&processor->state, bit, __ATOMIC_ACQ_REL);
}

void processor_bit_clear(struct nt_processor *processor, uint32_t bit)
{
    __atomic_fetch_and(&processor->state, ~bit, __ATOMIC_ACQ_REL);
}

void processor_dpc_bit_update(struct nt_processor *processor)
{
    struct nt_processor_private *own = processor->private_state;

    if (!own->calls && !own->dpcs && !own->handed_over)
        processor_bit_clear(processor, NT_PROCESSOR_DPC_PENDING);
}

static void doorbell_ring(struct nt_processor_private *own)
{
    if (!__atomic_exchange_n(&own->doorbell, 1, __ATOMIC_ACQ_REL))
        sys_wake(&own->doorbell, 1);
}

void processor_notify(struct nt_processor *processor, uint32_t old_state, bool may_take)
{
    struct nt_thread *self = nt_self();

    if (old_state & (NT_PROCESSOR_HELD | pending_bits))
        return; /* the holder sees to it, or whoever made the earlier thing pending */
    if (may_take && self->irql < NT_DISPATCH_LEVEL) {
        uint8_t old_irql = self->irql;
        if (processor_try_take(processor, self))
            nt_dispatch_leave(self, old_irql);
        return; /* else somebody was faster, and delivers when letting go */
    }
    doorbell_ring(processor->private_state);
}

void processor_ring(struct nt_processor *processor)
{
    doorbell_ring(processor->private_state);
}

bool nt_processor_post(struct nt_processor *processor, struct nt_call *call)
{
    struct nt_processor_private *own = processor->private_state;

    if (__atomic_exchange_n(&call->posted, 1, __ATOMIC_ACQ_REL))
        return false;
    call->next = NULL;
    raw_lock_acquire(&own->lock);
    *own->calls_end = call;
    own->calls_end = &call->next;
    uint32_t old = processor_bit_set(processor, NT_PROCESSOR_DPC_PENDING);
    raw_lock_release(&own->lock);
    processor_notify(processor, old, false);
    return true;
}

/* ---- taking ---- */

bool processor_try_take(struct nt_processor *processor, struct nt_thread *self)
{
    uint32_t state = __atomic_load_n(&processor->state, __ATOMIC_RELAXED);

    while (!(state & NT_PROCESSOR_HELD)) {
        if (__atomic_compare_exchange_n(&processor->state, &state, state | NT_PROCESSOR_HELD, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            processor->holder = self;
            self->processor = processor;
            self->irql = NT_DISPATCH_LEVEL;
            if (processor != self->home)
                thread_show_processor(self, processor);
            return true;
        }
    }
    return false;
}

/* Sleeps until the processor's state changes from "held"; spurious returns are allowed. */
static void processor_sleep(struct nt_processor *processor, uint64_t deadline_ns)
{
    uint32_t state = __atomic_load_n(&processor->state, __ATOMIC_RELAXED);

    if (!(state & NT_PROCESSOR_HELD))
        return;
    if (!(state & NT_PROCESSOR_WAITED_FOR)) {
        if (!__atomic_compare_exchange_n(&processor->state, &state, state | NT_PROCESSOR_WAITED_FOR,
                                         false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return;
        state |= NT_PROCESSOR_WAITED_FOR;
    }
    (void)sys_wait(&processor->state, state, deadline_ns);
}

static bool take_another(struct nt_thread *self)
{
    unsigned home = self->home->number;

    for (unsigned i = 1; i < processor_count; i++) {
        struct nt_processor *processor = &processors[(home + i) % processor_count];
        if (!thread_may_take(self, processor->number))
            continue;
        if (processor_try_take(processor, self)) {
            if (++self->home_misses >= HOME_MISSES_MAX)
                nt_thread_set_home(self, processor);
            return true;
        }
    }
    return false;
}

static void take_any(struct nt_thread *self)
{
    unsigned spins = 0;

    for (;;) {
        if (processor_try_take(self->home, self)) {
            self->home_misses = 0;
            return;
        }
        if (take_another(self))
            return;
        if (spins < SPINS_BEFORE_SLEEP)
            sys_spin_wait(&spins);
        else
            processor_sleep(self->home, sys_now_ns() + TAKE_ANY_RETRY_NS);
    }
}

/* Interrupts that were pending on the processor while it was free come first, as on hardware. */
static void take_finish(struct nt_thread *self)
{
    if (interrupts_visible(self->processor))
        (void)interrupts_deliver(self->processor, self, DELIVERIES_MAX);
}

uint8_t nt_dispatch_enter_slow(struct nt_thread *self)
{
    uint8_t old_irql = self->irql;

    sh_assert(processor_count > 0);
    if (self->home->number >= processor_count)
        thread_home_assign(self);
    take_any(self);
    take_finish(self);
    return old_irql;
}

void nt_irql_raise_on(struct nt_processor *processor)
{
    struct nt_thread *self = nt_self();
    unsigned spins = 0;

    sh_assert(self->irql < NT_DISPATCH_LEVEL && processor->number < processor_count);
    sys_switch_point();
    while (!processor_try_take(processor, self)) {
        if (spins < SPINS_BEFORE_SLEEP)
            sys_spin_wait(&spins);
        else
            processor_sleep(processor, SYS_FOREVER);
    }
    take_finish(self);
}

uint8_t nt_irql_raise(uint8_t irql)
{
    struct nt_thread *self = nt_self();
    uint8_t old_irql = self->irql;

    if (irql < old_irql)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL, old_irql, irql, 0, 0,
                    "the IRQL was to be raised to a level below the current one");
    if (irql >= NT_DISPATCH_LEVEL)
        nt_dispatch_enter(self);
    self->irql = irql;
    return old_irql;
}

/* ---- delivering and letting go ---- */

_Noreturn void service_violation(struct nt_thread *self, const struct service_frame *frame,
                                 uint8_t irql, const char *callback, const void *routine)
{
    static struct nt_evidence where; /* the process ends with it */

    nt_evidence_push_quietly(self, &where, callback, NULL, NULL);
    if (self->irql != irql)
        nt_bugcheck(NT_BUGCHECK_IRQL_UNEXPECTED_VALUE, self->irql, irql, (uintptr_t)routine, 0,
                    "a routine returned at another IRQL than it was called at");
    nt_bugcheck(NT_BUGCHECK_IRQL_UNEXPECTED_VALUE, self->locks_held, frame->locks_held,
                (uintptr_t)routine, 1,
                "a routine returned with other spin locks held than it was called with");
}

static void call_run_first(struct nt_processor *processor, struct nt_thread *self)
{
    struct nt_processor_private *own = processor->private_state;
    struct nt_call *call = own->calls;
    struct service_frame frame;

    own->calls = call->next;
    if (!own->calls)
        own->calls_end = &own->calls;
    processor_dpc_bit_update(processor);
    raw_lock_release(&own->lock);

    void (*run)(void *context) = call->run;
    void *context = call->context;
    /* From here on it may be posted again, and its memory may go. */
    __atomic_store_n(&call->posted, 0, __ATOMIC_RELEASE);
    service_enter(self, &frame, NT_DISPATCH_LEVEL);
    run(context);
    service_leave(self, &frame, NT_DISPATCH_LEVEL, "call on a processor", (void *)run);
}

static void deferred_deliver(struct nt_processor *processor, struct nt_thread *self)
{
    struct service_frame frame;

    processor->deferred = false;
    service_enter(self, &frame, NT_DISPATCH_LEVEL);
    deferred_run(processor);
    service_leave(self, &frame, NT_DISPATCH_LEVEL, "deferred work", (void *)deferred_run);
}

static void handed_over_clear(struct nt_processor *processor)
{
    struct nt_processor_private *own = processor->private_state;

    raw_lock_acquire(&own->lock);
    own->handed_over = false;
    processor_dpc_bit_update(processor);
    raw_lock_release(&own->lock);
}

/* One thing of what is pending besides interrupts: deferred work, calls, DPCs, in this order. False
 * when there is nothing. The thread is at DISPATCH_LEVEL. */
static bool deliver_software(struct nt_processor *processor, struct nt_thread *self)
{
    struct nt_processor_private *own = processor->private_state;

    if (processor->deferred) {
        deferred_deliver(processor, self);
        return true;
    }
    if (!(__atomic_load_n(&processor->state, __ATOMIC_ACQUIRE) & NT_PROCESSOR_DPC_PENDING))
        return false;
    raw_lock_acquire(&own->lock);
    if (own->calls)
        call_run_first(processor, self);
    else if (own->dpcs)
        dpc_run_first(processor, self);
    else {
        raw_lock_release(&own->lock);
        handed_over_clear(processor);
    }
    return true;
}

/* What is pending, interrupts first. False when there is nothing. Interrupts that take the whole
 * budget leave a turn to the rest: a line that stays asserted would keep that for ever. */
static bool deliver(struct nt_processor *processor, struct nt_thread *self, unsigned *budget)
{
    if (interrupts_visible(processor)) {
        unsigned left = interrupts_deliver(processor, self, *budget);
        bool delivered = left < *budget;
        *budget = left;
        if (delivered && left > 0)
            return true;
    }
    bool delivered = deliver_software(processor, self);
    if (*budget > 0)
        --*budget;
    return delivered;
}

/* Lets the processor go although something may be pending; its service thread is told then. */
static void processor_let_go(struct nt_processor *processor, struct nt_thread *self,
                             uint8_t old_irql)
{
    struct nt_processor_private *own = processor->private_state;

    if (processor->deferred || processor->interrupts_waiting) {
        raw_lock_acquire(&own->lock);
        own->handed_over = true;
        processor_bit_set(processor, NT_PROCESSOR_DPC_PENDING);
        raw_lock_release(&own->lock);
    }
    self->processor = NULL;
    self->irql = old_irql;
    if (self->leave_slowly & NT_THREAD_ELSEWHERE)
        thread_show_processor(self, self->home);
    uint32_t old = __atomic_fetch_and(&processor->state,
                                      ~(uint32_t)(NT_PROCESSOR_HELD | NT_PROCESSOR_WAITED_FOR),
                                      __ATOMIC_ACQ_REL);
    if (old & pending_bits)
        doorbell_ring(own);
    if (old & NT_PROCESSOR_WAITED_FOR)
        sys_wake(&processor->state, INT_MAX);
    sys_switch_point();
}

void nt_dispatch_leave_slow(struct nt_thread *self, uint8_t old_irql)
{
    struct nt_processor *processor = self->processor;
    unsigned budget = DELIVERIES_MAX;

    self->leave_slowly &= (uint8_t)~NT_THREAD_INTERRUPTS_OFF;
    if (self->leave_slowly & NT_THREAD_IN_SERVICE)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, 0, self->irql, old_irql, 0,
                    "an interrupt routine or DPC lowered the IRQL below that it was called at");
    if (__builtin_expect(__atomic_load_n(&dpc_watch, __ATOMIC_RELAXED), 0))
        processor->private_state->sequence_began_ns = sys_now_ns();
    /* What the machine had to do when it was frozen stays pending, whatever IRQL a driver that
     * writes a dump lowers to. */
    bool frozen = __builtin_expect(__atomic_load_n(&nt_frozen, __ATOMIC_RELAXED), 0) &&
                  nt_machine_is_frozen_by(self);
    while (!frozen && budget > 0 && deliver(processor, self, &budget))
        continue;
    processor_let_go(processor, self, old_irql);
}

void nt_irql_lower(uint8_t irql)
{
    struct nt_thread *self = nt_self();
    struct nt_processor *processor = self->processor;

    if (irql > self->irql)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, 0, self->irql, irql, 0,
                    "the IRQL was to be lowered to a level above the current one");
    if (!processor) {
        self->irql = irql;
    } else if (irql < NT_DISPATCH_LEVEL &&
               (self->leave_slowly & (NT_THREAD_INTERRUPTS_OFF | NT_THREAD_IN_SERVICE)) ==
                   NT_THREAD_INTERRUPTS_OFF) {
        /* Not by this thread: the processor's own delivers what is pending. */
        self->leave_slowly &= (uint8_t)~NT_THREAD_INTERRUPTS_OFF;
        processor_let_go(processor, self, irql);
    } else if (irql < NT_DISPATCH_LEVEL) {
        self->irql = NT_DISPATCH_LEVEL;
        nt_dispatch_leave(self, irql);
    } else {
        self->irql = irql;
        if (interrupts_visible(processor))
            nt_preempt_slow(self);
    }
}

void nt_interrupts_disable(void)
{
    struct nt_thread *self = nt_self();

    if (self->processor)
        self->leave_slowly |= NT_THREAD_INTERRUPTS_OFF;
}

void nt_interrupts_enable(void)
{
    nt_self()->leave_slowly &= (uint8_t)~NT_THREAD_INTERRUPTS_OFF;
    nt_preempt();
}

void nt_preempt_slow(struct nt_thread *self)
{
    (void)interrupts_deliver(self->processor, self, DELIVERIES_MAX);
}

/* ---- service threads ---- */

/* A pending bit on a processor that somebody holds is that holder's business. */
static void service_look(struct nt_processor *processor, struct nt_thread *self)
{
    uint32_t state = __atomic_load_n(&processor->state, __ATOMIC_ACQUIRE);

    if ((state & pending_bits) && processor_try_take(processor, self))
        nt_dispatch_leave(self, NT_PASSIVE_LEVEL);
}

static void service_main(void *argument)
{
    struct nt_processor *processor = argument;
    struct nt_processor_private *own = processor->private_state;
    struct nt_thread *self = nt_self();

    nt_thread_set_home(self, processor);
    for (;;) {
        while (!__atomic_exchange_n(&own->doorbell, 0, __ATOMIC_ACQ_REL))
            sys_wait(&own->doorbell, 0, SYS_FOREVER);
        if (__atomic_load_n(&own->stopping, __ATOMIC_ACQUIRE))
            return;
        service_look(processor, self);
    }
}

static int processor_start(unsigned number)
{
    struct nt_processor *processor = &processors[number];
    struct nt_processor_private *own = &privates[number];
    char name[16];

    *own = (struct nt_processor_private){0};
    own->calls_end = &own->calls;
    own->incoming_end = &own->incoming;
    processor->deferred = false;
    processor->interrupts_waiting = false;
    processor->port = NULL;
    processor->private_state = own;
    snprintf(name, sizeof(name), "nt-cpu-%02u", number);
    int result = nt_thread_create(&own->service, name, service_main, processor);
    if (result == 0)
        __atomic_store_n(&processor->state, 0, __ATOMIC_RELEASE);
    return result;
}

int processors_start(unsigned count)
{
    sh_assert(processor_count == 0 && count >= 1 && count <= NT_PROCESSOR_COUNT_MAX);
    processor_count = count;
    for (unsigned i = 0; i < NT_PROCESSOR_COUNT_MAX; i++)
        processors[i].number = i;
    for (unsigned i = 0; i < count; i++) {
        int result = processor_start(i);
        if (result) {
            processor_count = i;
            processors_stop();
            return result;
        }
    }
    return 0;
}

void processors_stop(void)
{
    struct nt_thread *self = nt_self();

    for (unsigned i = 0; i < processor_count; i++) {
        struct nt_processor *processor = &processors[i];
        struct nt_processor_private *own = &privates[i];

        __atomic_store_n(&own->stopping, true, __ATOMIC_RELEASE);
        doorbell_ring(own);
        sys_thread_join(own->service);
        /* Deliver what was left, then hold it for ever. */
        for (;;) {
            uint32_t expected = 0;
            if (__atomic_compare_exchange_n(&processor->state, &expected, NT_PROCESSOR_HELD, false,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                break;
            nt_irql_raise_on(processor);
            nt_dispatch_leave(self, NT_PASSIVE_LEVEL);
        }
    }
    processor_count = 0;
    deferred_run = NULL;
}
