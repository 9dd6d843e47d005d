/*
 * dpc.c - deferred procedure calls.
 *
 * A KDPC belongs to the driver, which may free it as soon as its routine has started. So nothing
 * of it is touched from then on: that it is running is remembered by the processor, and the KDPC
 * only says where it started last (ProcessorHistory), which is where to look.
 *
 * DpcData is NULL when it is not queued, dpc_claimed while it is on its way into a queue, else the
 * processor in whose queue it is.
 */
#include "nt/private.h"

#include "nt/bugcheck.h"
#include "nt/events.h"
#include "nt/machine.h"

#include <limits.h>
#include <stddef.h>

uint32_t dpc_watch;

static char dpc_claimed; /* its address is the mark */

static KDPC *dpc_next(const KDPC *dpc)
{
    sys_assume(dpc != NULL);
    SINGLE_LIST_ENTRY *entry = dpc->DpcListEntry.Next;
    return entry ? (KDPC *)((char *)entry - offsetof(KDPC, DpcListEntry)) : NULL;
}

static void dpc_set_next(KDPC *dpc, KDPC *next)
{
    dpc->DpcListEntry.Next = next ? &next->DpcListEntry : NULL;
}

void nt_dpc_initialize(KDPC *dpc, PKDEFERRED_ROUTINE routine, void *context)
{
    *dpc = (KDPC){.Type = NT_DPC_OBJECT,
                  .Importance = NT_DPC_MEDIUM,
                  .DeferredRoutine = routine,
                  .DeferredContext = context};
}

void nt_dpc_set_importance(KDPC *dpc, enum nt_dpc_importance importance)
{
    dpc->Importance = (UCHAR)importance;
}

bool nt_dpc_is_queued(const KDPC *dpc)
{
    const void *where = __atomic_load_n((void **)(uintptr_t)&dpc->DpcData, __ATOMIC_ACQUIRE);

    /* The memory may never have been a DPC: nothing that it seems to point to is followed. */
    if (dpc->Type != NT_DPC_OBJECT && dpc->Type != NT_THREADED_DPC_OBJECT)
        return false;
    for (unsigned i = 0; i < nt_processor_count(); i++)
        if (where == nt_processor_get(i))
            return true;
    return false;
}

void nt_dpc_set_target(KDPC *dpc, unsigned processor)
{
    sh_assert(processor < nt_processor_count());
    dpc->Number = (USHORT)(processor + 1); /* 0: none */
}

/* Where a DPC that is not queued has to go. It cannot start running meanwhile, since nobody but the
 * caller can queue it. */
static struct nt_processor *dpc_choose(const KDPC *dpc)
{
    if (dpc->ProcessorHistory && dpc->ProcessorHistory <= nt_processor_count()) {
        struct nt_processor *last = nt_processor_get((unsigned)dpc->ProcessorHistory - 1);
        if (__atomic_load_n(&last->private_state->running_dpc, __ATOMIC_ACQUIRE) == dpc)
            return last;
    }
    unsigned number = dpc->Number;
    if (number && number <= nt_processor_count())
        return nt_processor_get(number - 1);
    return nt_processor_current();
}

/* The private lock is held. */
static void dpc_insert(struct nt_processor_private *own, KDPC *dpc)
{
    if (!own->dpcs) {
        dpc_set_next(dpc, NULL);
        own->dpcs = own->dpcs_last = dpc;
    } else if (dpc->Importance == NT_DPC_HIGH) {
        dpc_set_next(dpc, own->dpcs);
        own->dpcs = dpc;
    } else {
        dpc_set_next(dpc, NULL);
        dpc_set_next(own->dpcs_last, dpc);
        own->dpcs_last = dpc;
    }
}

bool nt_dpc_queue(KDPC *dpc, void *argument1, void *argument2)
{
    void *expected = NULL;

    if (!__atomic_compare_exchange_n((void **)&dpc->DpcData, &expected, (void *)&dpc_claimed, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return false;
    dpc->SystemArgument1 = argument1;
    dpc->SystemArgument2 = argument2;
    struct nt_processor *processor = dpc_choose(dpc);
    struct nt_processor_private *own = processor->private_state;

    raw_lock_acquire(&own->lock);
    dpc_insert(own, dpc);
    __atomic_store_n((void **)&dpc->DpcData, processor, __ATOMIC_RELEASE);
    uint32_t old = processor_bit_set(processor, NT_PROCESSOR_DPC_PENDING);
    raw_lock_release(&own->lock);
    processor_notify(processor, old, true);
    return true;
}

/* The private lock is held and the DPC is in the queue. */
static void dpc_unlink(struct nt_processor_private *own, KDPC *dpc)
{
    KDPC *previous = NULL;

    for (KDPC *at = own->dpcs; at != dpc; at = dpc_next(at)) {
        sh_assert(at != NULL);
        previous = at;
    }
    if (previous)
        dpc_set_next(previous, dpc_next(dpc));
    else
        own->dpcs = dpc_next(dpc);
    if (own->dpcs_last == dpc)
        own->dpcs_last = previous;
}

bool nt_dpc_remove(KDPC *dpc)
{
    unsigned spins = 0;

    for (;;) {
        void *where = __atomic_load_n((void **)&dpc->DpcData, __ATOMIC_ACQUIRE);
        if (!where)
            return false;
        if (where == (void *)&dpc_claimed) {
            sys_spin_wait(&spins); /* another thread is between two instructions of queueing it */
            continue;
        }
        struct nt_processor *processor = where;
        struct nt_processor_private *own = processor->private_state;
        raw_lock_acquire(&own->lock);
        if (__atomic_load_n((void **)&dpc->DpcData, __ATOMIC_RELAXED) == where) {
            dpc_unlink(own, dpc);
            processor_dpc_bit_update(processor);
            __atomic_store_n((void **)&dpc->DpcData, NULL, __ATOMIC_RELEASE);
            raw_lock_release(&own->lock);
            return true;
        }
        raw_lock_release(&own->lock);
    }
}

static void NTAPI marker_run(KDPC *dpc, void *context, void *argument1, void *argument2);

static void event_write(const struct nt_processor *processor, PKDEFERRED_ROUTINE routine)
{
    bool ours = routine == marker_run;

    nt_event_write_object(NT_EVENT_DPC, ours ? "the queue of DPCs is empty" : "DPC",
                          processor->number, 0, ours ? 0 : (uintptr_t)routine, 0);
}

/* What the watchdog looks at from outside: a count that stands still while a DPC runs. */
static struct watched {
    uint32_t runs;              /* written by the holder of the processor; __atomic */
    PKDEFERRED_ROUTINE routine; /* likewise: the DPC itself may be gone already */
    uint32_t runs_seen, looks;  /* the watchdog's own */
} __attribute__((aligned(128))) watched[NT_PROCESSOR_COUNT_MAX];

static void watch_begin(unsigned processor, PKDEFERRED_ROUTINE routine)
{
    struct watched *own = &watched[processor];

    __atomic_store_n(&own->routine, routine, __ATOMIC_RELAXED);
    __atomic_store_n(&own->runs, own->runs + 1, __ATOMIC_RELEASE);
}

void dpc_run_first(struct nt_processor *processor, struct nt_thread *self)
{
    struct nt_processor_private *own = processor->private_state;
    KDPC *dpc = own->dpcs;
    struct service_frame frame;
    struct nt_evidence evidence;

    own->dpcs = dpc_next(dpc);
    if (!own->dpcs)
        own->dpcs_last = NULL;
    processor_dpc_bit_update(processor);
    PKDEFERRED_ROUTINE routine = dpc->DeferredRoutine;
    void *context = dpc->DeferredContext;
    void *argument1 = dpc->SystemArgument1, *argument2 = dpc->SystemArgument2;
    dpc->ProcessorHistory = processor->number + 1;
    __atomic_store_n(&own->running_dpc, dpc, __ATOMIC_RELAXED);
    __atomic_store_n((void **)&dpc->DpcData, NULL, __ATOMIC_RELEASE);
    raw_lock_release(&own->lock);

    if (nt_events_are_on())
        event_write(processor, routine);
    watch_begin(processor->number, routine);
    service_enter(self, &frame, NT_DISPATCH_LEVEL);
    nt_evidence_push_quietly(self, &evidence, "DPC routine", NULL, NULL);
    if (__builtin_expect(__atomic_load_n(&dpc_watch, __ATOMIC_RELAXED), 0))
        own->dpc_began_ns = sys_now_ns();
    routine(dpc, context, argument1, argument2);
    nt_evidence_pop_quietly(self, &evidence);
    service_leave(self, &frame, NT_DISPATCH_LEVEL, "DPC routine", (void *)routine);
    nt_event(NT_EVENT_DPC_END, "DPC", processor->number, 0);
    __atomic_store_n(&own->running_dpc, NULL, __ATOMIC_RELEASE);
}

/* ---- the watchdog ---- */

static uint32_t ticks_left(uint32_t limit, uint64_t began_ns, uint64_t now_ns)
{
    uint64_t ticks = began_ns ? (now_ns - began_ns) / NT_DPC_TICK_NS : 0;

    return ticks < limit ? limit - (uint32_t)ticks : 0;
}

static uint32_t time_limit_ms = NT_DPC_TIME_MS, sequence_limit_ms = NT_DPC_SEQUENCE_MS;

void nt_dpc_set_limits(uint32_t time_ms, uint32_t sequence_ms)
{
    __atomic_store_n(&time_limit_ms, time_ms, __ATOMIC_RELAXED);
    __atomic_store_n(&sequence_limit_ms, sequence_ms, __ATOMIC_RELAXED);
}

static uint32_t ticks_of(uint32_t ms)
{
    return (uint32_t)(ms * SYS_NS_PER_MS / NT_DPC_TICK_NS);
}

/* The same DPC as at so many looks before. Looks are counted, not time: a process that was stopped
 * for a while has not run too long. */
static void look_at(unsigned processor, uint32_t looks_max)
{
    struct nt_processor_private *own = nt_processor_get(processor)->private_state;
    struct watched *watch = &watched[processor];
    uint32_t runs = __atomic_load_n(&watch->runs, __ATOMIC_ACQUIRE);
    char line[256];

    if (!__atomic_load_n(&own->running_dpc, __ATOMIC_ACQUIRE) || runs != watch->runs_seen) {
        watch->runs_seen = runs;
        watch->looks = 0;
        return;
    }
    if (++watch->looks != looks_max)
        return;
    nt_address_describe((const void *)__atomic_load_n(&watch->routine, __ATOMIC_RELAXED), line,
                        sizeof(line));
    nt_finding("133.0", NULL,
               "a DPC has run for more than %u ms on processor %u: %s; Windows stops there "
               "(DPC_WATCHDOG_VIOLATION)",
               __atomic_load_n(&time_limit_ms, __ATOMIC_RELAXED), processor, line);
}

void dpc_watchdog_look(uint64_t now_ns)
{
    enum { LOOKS = 10, INTERVAL_MIN_MS = 10 };
    static uint64_t next_ns;
    uint32_t limit_ms = __atomic_load_n(&time_limit_ms, __ATOMIC_RELAXED);
    uint64_t interval_ms = limit_ms / LOOKS;

    if (interval_ms < INTERVAL_MIN_MS)
        interval_ms = INTERVAL_MIN_MS;
    uint64_t interval_ns = interval_ms * SYS_NS_PER_MS;
    /* Another limit, or another machine with a clock of its own, may have come meanwhile. */
    if (!limit_ms || (now_ns < next_ns && next_ns - now_ns <= interval_ns))
        return;
    next_ns = now_ns + interval_ns;
    for (unsigned i = 0; i < nt_processor_count(); i++)
        look_at(i, LOOKS);
}

void nt_dpc_watchdog(struct nt_dpc_watchdog *ret_watchdog)
{
    uint32_t time_limit = ticks_of(__atomic_load_n(&time_limit_ms, __ATOMIC_RELAXED));
    uint32_t sequence_limit = ticks_of(__atomic_load_n(&sequence_limit_ms, __ATOMIC_RELAXED));
    struct nt_processor *processor = nt_self()->processor;

    sh_assert(processor != NULL);
    struct nt_processor_private *own = processor->private_state;
    uint64_t now_ns = sys_now_ns();
    bool in_dpc = __atomic_load_n(&own->running_dpc, __ATOMIC_RELAXED) != NULL;
    if (!__atomic_exchange_n(&dpc_watch, 1, __ATOMIC_RELAXED))
        own->dpc_began_ns = own->sequence_began_ns = now_ns;
    *ret_watchdog = (struct nt_dpc_watchdog){
        .time_limit = time_limit,
        .time_left = ticks_left(time_limit, in_dpc ? own->dpc_began_ns : 0, now_ns),
        .sequence_limit = sequence_limit,
        .sequence_left = ticks_left(sequence_limit, in_dpc ? own->sequence_began_ns : 0, now_ns),
    };
}

/* ---- flushing: a DPC of our own at the end of each queue ---- */

static void NTAPI marker_run(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    uint32_t *left = context;
    (void)dpc;
    (void)argument1;
    (void)argument2;
    if (__atomic_sub_fetch(left, 1, __ATOMIC_ACQ_REL) == 0)
        sys_wake(left, INT_MAX);
}

void nt_dpc_flush(void)
{
    KDPC markers[NT_PROCESSOR_COUNT_MAX];
    unsigned count = nt_processor_count();
    uint32_t left = count;

    sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
    for (unsigned i = 0; i < count; i++) {
        nt_dpc_initialize(&markers[i], marker_run, &left);
        nt_dpc_set_target(&markers[i], i);
        nt_dpc_queue(&markers[i], NULL, NULL);
    }
    for (;;) {
        uint32_t now = __atomic_load_n(&left, __ATOMIC_ACQUIRE);
        if (now == 0)
            return;
        sys_wait(&left, now, SYS_FOREVER);
    }
}
