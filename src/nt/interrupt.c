/*
 * interrupt.c - from a device's assertion to the driver's routine.
 *
 * An interrupt is in at most one list (the flag `queued`): its processor's incoming list, filled by
 * any thread, or the waiting list of the processor's holder. It leaves the list before its routine
 * runs, so that an assertion during the routine brings it back and nothing is lost.
 */
#include "nt/private.h"

#include "nt/events.h"
#include "nt/machine.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* The thread sanitizer sees a race only between what it can prove to be unordered, and two things
 * on one processor are ordered. So under it a message that may come anywhere comes anywhere: code
 * that is right only because of where its interrupts run is found. */
#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
static const bool may_shuffle_targets = true;
#else
static const bool may_shuffle_targets = false;
#endif

static bool targets_are_shuffled; /* constant while the machine runs */

enum {
    /* So many refusals in a row of a line that stays asserted are a storm. */
    REFUSALS_MAX = 1000,
    /* So many claims of a line that is never seen low are one, too: a device with work for its
     * driver lets go of the line in between, be it for a moment. */
    CLAIMS_MAX = 10000,
    /* A line that stays asserted is served so often before others get their turn. */
    SERVICES_IN_A_ROW_MAX = 8,
};

struct nt_interrupt {
    struct nt_interrupt_options options;
    struct nt_interrupt *next;
    uint32_t queued;   /* it is in a list; atomic */
    uint32_t pending;  /* asserted and the routine has not started since; atomic */
    uint32_t masked;   /* atomic */
    bool disconnected; /* atomic */
    /* Of a line, only the holder of the processor: */
    unsigned refused; /* in a row */
    unsigned claimed; /* since the line was last seen low; CLAIMS_MAX: it is a storm */
};

void interrupts_start(bool aimed_messages)
{
    targets_are_shuffled = may_shuffle_targets && !aimed_messages;
}

int nt_interrupt_connect(struct nt_interrupt **ret_interrupt,
                         const struct nt_interrupt_options *options)
{
    sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
    sh_assert(options->processor < nt_processor_count());
    sh_assert(options->irql > NT_DISPATCH_LEVEL && options->irql <= NT_HIGH_LEVEL);
    struct nt_interrupt *interrupt = calloc(1, sizeof(*interrupt));
    if (!interrupt)
        return -ENOMEM;
    interrupt->options = *options;
    *ret_interrupt = interrupt;
    return 0;
}

static bool is_shuffled(const struct nt_interrupt *interrupt)
{
    return targets_are_shuffled && interrupt->options.any_processor;
}

/* The processor that an assertion goes to. */
static struct nt_processor *target_choose(const struct nt_interrupt *interrupt)
{
    if (is_shuffled(interrupt))
        return nt_processor_get((unsigned)(sys_random() % nt_processor_count()));
    return nt_processor_get(interrupt->options.processor);
}

static void interrupt_queue(struct nt_interrupt *interrupt, bool may_take)
{
    struct nt_processor *processor = target_choose(interrupt);
    struct nt_processor_private *own = processor->private_state;

    if (__atomic_exchange_n(&interrupt->queued, 1, __ATOMIC_ACQ_REL))
        return;
    interrupt->next = NULL;
    raw_lock_acquire(&own->lock);
    *own->incoming_end = interrupt;
    own->incoming_end = &interrupt->next;
    uint32_t old = processor_bit_set(processor, NT_PROCESSOR_INTERRUPT_PENDING);
    raw_lock_release(&own->lock);
    processor_notify(processor, old, may_take);
}

void nt_interrupt_assert(struct nt_interrupt *interrupt)
{
    __atomic_store_n(&interrupt->pending, 1, __ATOMIC_SEQ_CST);
    /* Either this load sees the mask gone, or nt_interrupt_unmask sees the assertion. */
    if (!__atomic_load_n(&interrupt->masked, __ATOMIC_SEQ_CST))
        interrupt_queue(interrupt, true);
}

void nt_interrupt_unmask(struct nt_interrupt *interrupt)
{
    __atomic_store_n(&interrupt->masked, 0, __ATOMIC_SEQ_CST);
    /* A line may have stayed asserted without a new edge: the routine finds out. */
    if (interrupt->options.level || __atomic_load_n(&interrupt->pending, __ATOMIC_SEQ_CST))
        interrupt_queue(interrupt, true);
}

bool nt_interrupt_synchronize(struct nt_interrupt *interrupt, bool (*routine)(void *context),
                              void *context)
{
    uint8_t old_irql = nt_spinlock_acquire_raise(interrupt->options.lock, interrupt->options.irql);
    bool result = routine(context);
    nt_spinlock_release_lower(interrupt->options.lock, old_irql);
    return result;
}

/* ---- on the processor ---- */

/* Moves what other threads have queued to the end of the holder's own list. */
static void incoming_take(struct nt_processor *processor)
{
    struct nt_processor_private *own = processor->private_state;

    if (!(__atomic_load_n(&processor->state, __ATOMIC_ACQUIRE) & NT_PROCESSOR_INTERRUPT_PENDING))
        return;
    raw_lock_acquire(&own->lock);
    struct nt_interrupt *taken = own->incoming;
    own->incoming = NULL;
    own->incoming_end = &own->incoming;
    processor_bit_clear(processor, NT_PROCESSOR_INTERRUPT_PENDING);
    raw_lock_release(&own->lock);

    struct nt_interrupt **end = &own->waiting;
    while (*end)
        end = &(*end)->next;
    *end = taken;
    processor->interrupts_waiting = own->waiting != NULL;
}

/* Unlinks the first interrupt of the highest level that may run now, NULL when there is none. One
 * whose lock this thread holds must wait even if the level would allow it. */
static struct nt_interrupt *waiting_take(struct nt_processor *processor,
                                         const struct nt_thread *self)
{
    struct nt_processor_private *own = processor->private_state;
    struct nt_interrupt **best = NULL;

    for (struct nt_interrupt **at = &own->waiting; *at; at = &(*at)->next) {
        const struct nt_interrupt_options *options = &(*at)->options;
        if (options->irql > self->irql && !nt_spinlock_held_by(options->lock, self) &&
            (!best || options->irql > (*best)->options.irql))
            best = at;
    }
    if (!best)
        return NULL;
    struct nt_interrupt *interrupt = *best;
    *best = interrupt->next;
    processor->interrupts_waiting = own->waiting != NULL;
    return interrupt;
}

static bool service_once(struct nt_interrupt *interrupt, struct nt_thread *self)
{
    const struct nt_interrupt_options *options = &interrupt->options;
    struct service_frame frame;

    __atomic_store_n(&interrupt->pending, 0, __ATOMIC_SEQ_CST);
    const char *kind = options->level ? "line" : "message";
    nt_event_on(options->object, NT_EVENT_INTERRUPT, kind, options->irql, options->message);
    service_enter(self, &frame, options->irql);
    nt_spinlock_acquire(options->lock, self);
    frame.locks_held++; /* the routine returns with this one held */
    if (options->serving)
        __atomic_add_fetch(options->serving, 1, __ATOMIC_ACQ_REL);
    bool claimed = options->service(options->context);
    if (options->serving)
        __atomic_sub_fetch(options->serving, 1, __ATOMIC_ACQ_REL);
    if (self->locks_held != frame.locks_held || self->irql != options->irql)
        service_violation(self, &frame, options->irql, "interrupt routine",
                          (void *)options->service);
    nt_spinlock_release(options->lock, self);
    frame.locks_held--;
    service_leave(self, &frame, options->irql, "interrupt routine", (void *)options->service);
    nt_event(NT_EVENT_INTERRUPT_END, kind, options->irql, claimed);
    return claimed;
}

static void storm_tell(const struct nt_interrupt *interrupt, unsigned services, bool claimed)
{
    if (interrupt->options.storm)
        interrupt->options.storm(interrupt->options.level_context, services, claimed);
}

/* The line is still asserted. True when nobody wants it: it is masked now. */
static bool storm_check(struct nt_interrupt *interrupt, bool claimed)
{
    if (claimed) {
        interrupt->refused = 0;
        if (interrupt->claimed < CLAIMS_MAX && ++interrupt->claimed == CLAIMS_MAX)
            storm_tell(interrupt, CLAIMS_MAX, true);
        return false;
    }
    if (++interrupt->refused < REFUSALS_MAX)
        return false;
    interrupt->refused = 0;
    __atomic_store_n(&interrupt->masked, 1, __ATOMIC_SEQ_CST);
    storm_tell(interrupt, REFUSALS_MAX, false);
    return true;
}

/* Calls the routine, for a line as long as it stays asserted; returns what that takes of a budget:
 * how often, or all of it in a storm that the routine claims, so that others get their turn. */
static unsigned interrupt_service(struct nt_interrupt *interrupt, struct nt_thread *self)
{
    const struct nt_interrupt_options *options = &interrupt->options;
    unsigned services = 0;

    __atomic_store_n(&interrupt->queued, 0, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&interrupt->disconnected, __ATOMIC_ACQUIRE) &&
           !__atomic_load_n(&interrupt->masked, __ATOMIC_SEQ_CST)) {
        bool claimed = service_once(interrupt, self);
        services++;
        if (!options->level)
            break;
        if (!options->level(options->level_context)) {
            interrupt->refused = 0;
            interrupt->claimed = 0;
            break;
        }
        if (storm_check(interrupt, claimed))
            break;
        if (interrupt->claimed == CLAIMS_MAX || services == SERVICES_IN_A_ROW_MAX) {
            interrupt_queue(interrupt, false);
            return interrupt->claimed == CLAIMS_MAX ? UINT_MAX : services;
        }
    }
    return services;
}

unsigned interrupts_deliver(struct nt_processor *processor, struct nt_thread *self, unsigned budget)
{
    if (__builtin_expect(__atomic_load_n(&nt_frozen, __ATOMIC_RELAXED), 0) &&
        !freeze_park(processor, self))
        return budget;
    if (__builtin_expect(self->leave_slowly & NT_THREAD_INTERRUPTS_OFF, 0))
        return budget;
    while (budget > 0) {
        incoming_take(processor);
        struct nt_interrupt *interrupt = waiting_take(processor, self);
        if (!interrupt)
            break;
        unsigned services = interrupt_service(interrupt, self);
        if (services == 0)
            services = 1; /* a masked one: progress all the same */
        budget = services < budget ? budget - services : 0;
    }
    return budget;
}

/* Takes the interrupt out of the processor's lists and waits for its routine if it runs there. */
static void interrupt_forget(struct nt_interrupt *interrupt, struct nt_processor *processor)
{
    struct nt_processor_private *own = processor->private_state;

    /* Routines run on the processor's holder only: while this thread is the holder, none does. */
    nt_irql_raise_on(processor);
    incoming_take(processor);
    for (struct nt_interrupt **at = &own->waiting; *at; at = &(*at)->next) {
        if (*at == interrupt) {
            *at = interrupt->next;
            break;
        }
    }
    processor->interrupts_waiting = own->waiting != NULL;
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

void nt_interrupt_disconnect(struct nt_interrupt *interrupt)
{
    sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
    __atomic_store_n(&interrupt->disconnected, true, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < nt_processor_count(); i++)
        if (i == interrupt->options.processor || is_shuffled(interrupt))
            interrupt_forget(interrupt, nt_processor_get(i));
    free(interrupt);
}
