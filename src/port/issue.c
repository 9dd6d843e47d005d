/*
 * issue.c - the way down: from a submitted request to the miniport's StartIo.
 *
 * The hot path is port_dispatch: gates, a credit, a slot, then one call to the model for the whole
 * batch. It allocates nothing, takes no lock and writes no line of another processor. Everything
 * that does not fit goes to the unit's pending queue and comes back through port_dispatch_unit.
 */
#include "port/admission.h"
#include "port/data.h"
#include "port/queue.h"
#include "port/trace.h"

/* ---- credits: the unit's depth, in shares ---- */

static uint32_t unit_chunk(const struct port_unit *unit)
{
    uint32_t chunk = unit->depth / (2 * nt_processor_count());
    return chunk ? chunk : 1;
}

/* Unit lock held. Moves up to a chunk from the pool to the share, and while credits are recalled
 * just the one that is used at once; false when there is none. */
static bool unit_refill_locked(struct port_unit *unit, struct port_unit_share *share)
{
    uint32_t chunk =
        __atomic_load_n(&unit->attention.recall, __ATOMIC_RELAXED) ? 1 : unit_chunk(unit);

    if (unit->pool <= 0)
        return false;
    if (chunk > (uint32_t)unit->pool)
        chunk = (uint32_t)unit->pool;
    __atomic_sub_fetch(&unit->pool, (int32_t)chunk, __ATOMIC_RELAXED);
    share->credits += chunk;
    return true;
}

/* ---- slots: MaxNumberOfIO, in shares ---- */

/* Adapter lock held. The unit waits for a slot; whoever returns one serves the list. True when it
 * is the first: then the others have to be asked for theirs. */
static bool adapter_wait_locked(struct port_adapter *adapter, struct port_unit *unit)
{
    if (!unit->waiting) {
        unit->waiting = true;
        unit->waiting_next = NULL;
        if (adapter->waiting_last)
            adapter->waiting_last->waiting_next = unit;
        else
            adapter->waiting_first = unit;
        adapter->waiting_last = unit;
        adapter->waiting_count++;
    }
    return !__atomic_exchange_n(&adapter->attention.recall, 1, __ATOMIC_SEQ_CST);
}

/* Moves slots from the pool to the share, or has the unit wait for one: both under one hold of the
 * lock, so that no slot comes back in between. While slots are recalled only the one that is used
 * at once is taken. */
static bool adapter_refill(struct port_adapter *adapter, struct port_unit *unit,
                           struct port_adapter_share *share, struct nt_thread *self,
                           bool *ret_recall)
{
    uint32_t chunk = adapter->limits.max_io / (4 * nt_processor_count());

    nt_spinlock_acquire(&adapter->lock, self);
    if (!chunk || adapter->attention.recall)
        chunk = 1;
    while (chunk-- && adapter->pool) {
        struct port_slot *slot = adapter->pool;
        adapter->pool = slot->next;
        slot->next = share->free;
        share->free = slot;
        share->free_count++;
    }
    if (!share->free && adapter_wait_locked(adapter, unit))
        *ret_recall = true;
    nt_spinlock_release(&adapter->lock, self);
    return share->free != NULL;
}

/* ---- slots get their request ---- */

static inline void slot_attach(struct port_slot *slot, struct port_unit *unit,
                               struct port_request *request, struct port_processor *processor,
                               uint32_t tick)
{
    slot->request = request;
    __atomic_store_n(&slot->unit, unit, __ATOMIC_RELAXED);
    slot->length = request->length;
    __atomic_store_n(&slot->issue_tick, tick, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->timeout_s,
                     request->timeout_s ? request->timeout_s : unit->default_timeout_s,
                     __ATOMIC_RELAXED);
    slot->processor = (uint16_t)(processor->sequence >> 48);
    slot->flags &= PORT_SLOT_RESERVED;
    __atomic_store_n(&slot->sequence, ++processor->sequence, __ATOMIC_RELAXED);
    request->slot = slot;
    request->number = slot->sequence;
    __atomic_store_n(&slot->state, PORT_SLOT_ADMITTED, __ATOMIC_RELAXED);
}

/* Of one that has waited; others start at once. */
static void slot_attach_late(struct port_slot *slot, struct port_unit *unit,
                             struct port_request *request, struct port_processor *processor)
{
    slot_attach(slot, unit, request, processor, __atomic_load_n(&port_tick, __ATOMIC_RELAXED));
    if (nt_events_are_on())
        port_trace_started(request);
}

/* A slot from the reserve, for what must pass every gate; `left` stay for others. NULL when the
 * reserve is used up. */
static struct port_slot *reserve_take(struct port_adapter *adapter, uint32_t left,
                                      struct nt_thread *self)
{
    nt_spinlock_acquire(&adapter->lock, self);
    struct port_slot *slot = adapter->reserve_count > left ? adapter->reserve : NULL;
    if (slot) {
        adapter->reserve = slot->next;
        adapter->reserve_count--;
    }
    nt_spinlock_release(&adapter->lock, self);
    return slot;
}

/* The requests that a miniport never sees, and those that pass every gate. */
static void dispatch_special(struct port_processor *processor, struct port_request *request,
                             struct nt_thread *self)
{
    struct port_unit *unit = request->unit;
    struct port_adapter *adapter = unit->adapter;

    if (!port_request_bypasses(request)) {
        if (request->function != PORT_FLUSH && request->function != PORT_SHUTDOWN) {
            port_reset_request(request);
            return;
        }
        request->status = PORT_OK;
        request->srb_status = 1;
        request->transferred = 0;
        port_request_return(request);
        return;
    }
    struct port_slot *slot = reserve_take(adapter, 0, self);
    if (!slot) {
        port_request_fail(request, PORT_NO_MEMORY, 0x30);
        return;
    }
    slot_attach_late(slot, unit, request, processor);
    if (!port_slot_map(slot, slot->adapter)) {
        slot->state = PORT_SLOT_FREE;
        port_slot_to_pool(adapter, slot, self);
        port_request_fail(request, PORT_NO_MEMORY, 0x30);
        return;
    }
    struct port_unit_share *share = &unit->shares[processor->processor->number];
    __atomic_store_n(&share->issued, share->issued + 1, __ATOMIC_RELAXED);
    slot->next = NULL;
    adapter->model->issue(adapter, processor->processor, slot);
}

static bool request_is_special(const struct port_request *request)
{
    if (port_request_bypasses(request))
        return true;
    switch (request->function) {
    case PORT_RESET_LOGICAL_UNIT:
    case PORT_RESET_TARGET:
    case PORT_RESET_BUS:
    case PORT_ABORT:
        return true;
    case PORT_FLUSH:
    case PORT_SHUTDOWN:
        return !request->unit->adapter->limits.caches_data;
    default:
        return false;
    }
}

/* ---- the slow way: into the pending queue, then whatever may go now ---- */

static void dispatch_pending(struct port_processor *processor, struct port_request *request,
                             struct nt_thread *self)
{
    struct port_unit *unit = request->unit;

    if (port_unit_requeue(unit, request, request->flags & PORT_FLAG_HEAD_OF_QUEUE, self))
        port_dispatch_unit(processor->processor, unit);
}

/* Unit lock held. The request that may go now as far as gates are concerned, and the one in front
 * of it: the first, or while only the queue itself is closed (or the adapter starts again) the
 * first that goes through. */
static struct port_request *pending_candidate_locked(const struct port_unit *unit, uint32_t closed,
                                                     struct port_request **ret_before)
{
    struct port_request *before = NULL, *request = unit->pending_first;

    *ret_before = NULL;
    if (!closed)
        return unit->held ? NULL : request;
    if (closed & ~(uint32_t)(PORT_GATE_FROZEN | PORT_GATE_LOCKED | PORT_GATE_STARTING) ||
        !unit->bypass_count)
        return NULL;
    for (; request && closed & ~port_request_passes(request); request = request->next)
        before = request;
    *ret_before = before;
    return request;
}

/* Unit lock held. Whatever is first waits for something else than a gate. */
static void trace_waits(const struct port_unit *unit, const char *why)
{
    const struct port_request *request = unit->alone ? unit->alone : unit->pending_first;

    if (nt_events_are_on() && request)
        port_trace_waits(request, 0, why);
}

/* Unit lock held. Credit and slot, both or none. */
static struct port_slot *pending_slot_locked(struct port_processor *processor,
                                             struct port_unit *unit, struct nt_thread *self,
                                             bool *ret_recall)
{
    struct port_adapter *adapter = unit->adapter;
    unsigned number = processor->processor->number;
    struct port_unit_share *share = &unit->shares[number];
    struct port_adapter_share *slots = &adapter->shares[number];

    if (!share->credits && !unit_refill_locked(unit, share)) {
        trace_waits(unit, "the unit's depth is used up");
        if (!__atomic_exchange_n(&unit->attention.recall, 1, __ATOMIC_SEQ_CST))
            *ret_recall = true;
        return NULL;
    }
    if (!slots->free && !adapter_refill(adapter, unit, slots, self, ret_recall)) {
        trace_waits(unit, "the adapter takes no more requests");
        if (__atomic_load_n(&unit->attention.recall, __ATOMIC_SEQ_CST)) {
            __atomic_add_fetch(&unit->pool, (int32_t)share->credits, __ATOMIC_RELAXED);
            share->credits = 0;
        }
        return NULL;
    }
    struct port_slot *slot = slots->free;
    slots->free = slot->next;
    slots->free_count--;
    share->credits--;
    return slot;
}

/* Unit lock held. What goes through a closed queue must not wait for what that queue holds: it may
 * have a slot of the reserve. */
static struct port_slot *bypass_slot_locked(struct port_processor *processor,
                                            struct port_unit *unit, struct nt_thread *self,
                                            bool *ret_recall)
{
    struct port_slot *slot = reserve_take(unit->adapter, PORT_RESERVED_SLOTS / 2, self);

    return slot ? slot : pending_slot_locked(processor, unit, self, ret_recall);
}

/* Unit lock held. An untagged request leaves the queue and waits in `alone` until every processor
 * has seen the gate and what was started has come back. */
static void alone_begin_locked(struct port_unit *unit, struct port_request *before,
                               struct port_request *request, unsigned number, bool *ret_recall)
{
    unsigned count = nt_processor_count();
    uint64_t all = count == 64 ? ~0ull : (1ull << count) - 1;

    port_unit_gate_close(unit, PORT_GATE_ALONE);
    port_pending_take_locked(unit, before, request);
    unit->alone = request;
    unit->alone_owed = all & ~(1ull << number);
    *ret_recall = true;
}

/* Unit lock held. The queue was frozen or locked while it waited: back in front. */
static void alone_withdraw_locked(struct port_unit *unit)
{
    port_pending_append_locked(unit, unit->alone, true);
    unit->alone = NULL;
    port_unit_gate_forget(unit, PORT_GATE_ALONE);
}

/* Unit lock held. The untagged request, when its time has come. */
static struct port_slot *alone_next_locked(struct port_processor *processor, struct port_unit *unit,
                                           struct nt_thread *self, bool *ret_recall)
{
    if (unit->alone_owed || port_unit_started(unit))
        return NULL;
    struct port_slot *slot = pending_slot_locked(processor, unit, self, ret_recall);
    if (!slot)
        return NULL;
    slot_attach_late(slot, unit, unit->alone, processor);
    slot->flags |= PORT_SLOT_ALONE;
    unit->alone = NULL;
    return slot;
}

/* Unit lock held. What may go now: NULL when a gate, a credit or a slot is missing. */
static struct port_slot *pending_next_locked(struct port_processor *processor,
                                             struct port_unit *unit, struct nt_thread *self,
                                             bool *ret_recall)
{
    struct port_request *before, *request;
    uint32_t closed = port_unit_closed_gates(unit);
    struct port_slot *slot;

    if (unit->alone && closed & ~(port_request_passes(unit->alone) | PORT_GATE_ALONE)) {
        alone_withdraw_locked(unit);
        closed &= ~(uint32_t)PORT_GATE_ALONE;
    }
    request = unit->alone ? NULL : pending_candidate_locked(unit, closed, &before);
    if (request && request->flags & PORT_FLAG_UNTAGGED &&
        __atomic_load_n(&unit->present, __ATOMIC_ACQUIRE)) {
        alone_begin_locked(unit, before, request, processor->processor->number, ret_recall);
        request = NULL;
    }
    if (unit->alone) {
        slot = alone_next_locked(processor, unit, self, ret_recall);
    } else {
        if (!request)
            return NULL;
        slot = closed ? bypass_slot_locked(processor, unit, self, ret_recall)
                      : pending_slot_locked(processor, unit, self, ret_recall);
        if (slot) {
            port_pending_take_locked(unit, before, request);
            slot_attach_late(slot, unit, request, processor);
        }
    }
    if (!slot)
        return NULL;
    if (slot->request->flags & PORT_FLAG_BIDIRECTIONAL)
        slot->flags |= PORT_SLOT_UNUSUAL;
    struct port_unit_share *share = &unit->shares[processor->processor->number];
    __atomic_store_n(&share->issued, share->issued + 1, __ATOMIC_RELAXED);
    return slot;
}

/* The data could not be mapped: no bounce memory. Waits if some of it will come back. */
static void dispatch_unmapped(struct port_processor *processor, struct port_slot *slot,
                              struct nt_thread *self)
{
    struct port_unit *unit = slot->unit;
    struct port_adapter *adapter = unit->adapter;
    struct port_request *request = slot->request;
    struct port_unit_share *share = &unit->shares[processor->processor->number];

    __atomic_store_n(&slot->state, PORT_SLOT_FREE, __ATOMIC_RELAXED);
    __atomic_store_n(&share->issued, share->issued - 1, __ATOMIC_RELAXED);
    if (slot->flags & PORT_SLOT_ALONE)
        port_unit_gate_open(unit, PORT_GATE_ALONE);
    if (slot->flags & PORT_SLOT_RESERVED) {
        port_slot_to_pool(adapter, slot, self);
    } else {
        port_slot_keep(adapter, slot, processor->processor->number, self);
        port_credit_return(unit, processor->processor->number, self);
    }
    request->slot = NULL;
    if (__atomic_load_n(&adapter->bounce_live, __ATOMIC_SEQ_CST) == 0) {
        port_adapter_log(adapter, "unit %s: no memory to copy %u bytes of data: raise --memory",
                         unit->name, request->length);
        port_request_fail(request, PORT_NO_MEMORY, 0x30);
        return;
    }
    if (!port_unit_requeue(unit, request, true, self))
        return;
    if (nt_events_are_on())
        port_trace_waits(request, 0, "memory for a copy of its data");
    nt_spinlock_acquire(&adapter->lock, self);
    bool first = adapter_wait_locked(adapter, unit);
    nt_spinlock_release(&adapter->lock, self);
    if (first)
        port_recall_others(processor->processor);
    /* The last bounce buffer may have come back in between, with nobody on the list to serve. */
    if (__atomic_load_n(&adapter->bounce_live, __ATOMIC_SEQ_CST) == 0)
        nt_processor_post(processor->processor, &adapter->kick);
}

/* False: no bounce memory now. */
static bool slot_map(struct port_slot *slot)
{
    if (!port_slot_map(slot, slot->adapter))
        return false;
    if (__builtin_expect(!(slot->flags & PORT_SLOT_UNUSUAL), 1) || port_slot_map_input(slot))
        return true;
    port_slot_unmap(slot);
    return false;
}

void port_dispatch_unit(struct nt_processor *nt_processor, struct port_unit *unit)
{
    struct port_processor *processor = nt_processor->port;
    struct port_adapter *adapter = unit->adapter;
    struct nt_thread *self = nt_self();
    bool recall = false;

    struct port_slot *held = port_held_take(unit, nt_processor->number, self);
    if (held)
        adapter->model->issue(adapter, nt_processor, held);
    for (;;) {
        struct port_slot *first = NULL, **tail = &first;
        /* A bounded batch, so that one unit does not starve the others of the processor. */
        for (unsigned count = 0; count < 32; count++) {
            nt_spinlock_acquire(&unit->lock, self);
            struct port_slot *slot = pending_next_locked(processor, unit, self, &recall);
            nt_spinlock_release(&unit->lock, self);
            if (!slot)
                break;
            if (!slot_map(slot)) {
                dispatch_unmapped(processor, slot, self);
                break;
            }
            slot->next = NULL;
            *tail = slot;
            tail = &slot->next;
        }
        if (!first)
            break;
        adapter->model->issue(adapter, nt_processor, first);
    }
    if (recall)
        port_recall_others(nt_processor);
}

/* One unit that waits for a slot, or NULL; clears the recall with the last one. */
static struct port_unit *waiting_take(struct port_adapter *adapter, struct nt_thread *self)
{
    nt_spinlock_acquire(&adapter->lock, self);
    struct port_unit *unit = adapter->waiting_first;
    if (unit) {
        adapter->waiting_first = unit->waiting_next;
        adapter->waiting_count--;
        unit->waiting = false;
    }
    if (!adapter->waiting_first) {
        adapter->waiting_last = NULL;
        __atomic_store_n(&adapter->attention.recall, 0, __ATOMIC_SEQ_CST);
    }
    nt_spinlock_release(&adapter->lock, self);
    return unit;
}

void port_dispatch_adapter(struct nt_processor *processor, struct port_adapter *adapter)
{
    struct nt_thread *self = nt_self();
    struct port_unit *unit;

    /* A unit that must wait again goes to the end: each gets one turn. */
    nt_spinlock_acquire(&adapter->lock, self);
    uint32_t turns = adapter->waiting_count;
    nt_spinlock_release(&adapter->lock, self);
    while (turns-- && (unit = waiting_take(adapter, self)) != NULL)
        port_dispatch_unit(processor, unit);
}

/* ---- the hot path ---- */

/* What the requests of one batch to one unit share. Looked up once a batch: gates that close
 * meanwhile are seen again between BuildIo and StartIo. */
struct batch {
    struct port_unit *unit;
    struct port_adapter *adapter;
    struct port_unit_share *share;
    struct port_adapter_share *slots;
    bool gated;
};

static inline struct batch batch_to(struct port_unit *unit, unsigned number)
{
    struct port_adapter *adapter = unit->adapter;

    return (struct batch){
        .unit = unit,
        .adapter = adapter,
        .share = &unit->shares[number],
        .slots = &adapter->shares[number],
        .gated = (__atomic_load_n(&unit->attention.gates, __ATOMIC_ACQUIRE) |
                  __atomic_load_n(&adapter->attention.gates, __ATOMIC_ACQUIRE)) != 0,
    };
}

/* Credit and slot without a lock; NULL means the slow way. */
static inline struct port_slot *batch_admit(const struct batch *batch)
{
    struct port_unit_share *share = batch->share;
    struct port_slot *slot = batch->slots->free;

    if (__builtin_expect(!slot || !share->credits, 0))
        return NULL;
    batch->slots->free = slot->next;
    batch->slots->free_count--;
    share->credits--;
    __atomic_store_n(&share->issued, share->issued + 1, __ATOMIC_RELAXED);
    return slot;
}

/* Hands what has been admitted to the model, in order, and empties the list. */
static void issue_list(struct nt_processor *processor, struct port_slot **first,
                       struct port_slot **tail)
{
    *tail = NULL;
    if (*first)
        (*first)->adapter->model->issue((*first)->adapter, processor, *first);
    *first = NULL;
}

/* Everything that is not ordinary; what was admitted before has been issued. */
static __attribute__((noinline)) void dispatch_slowly(struct port_processor *processor,
                                                      struct port_request *request,
                                                      struct nt_thread *self)
{
    if (request_is_special(request))
        dispatch_special(processor, request, self);
    else if (port_request_is_too_long(request->unit->adapter, request))
        port_request_fail(request, PORT_TOO_LARGE, 0x06);
    else if (!port_request_fits_block(request->unit->adapter, request))
        port_request_fail(request, PORT_UNSUPPORTED, 0x06);
    else
        dispatch_pending(processor, request, self);
}

static inline bool is_ordinary(const struct port_request *request,
                               const struct port_adapter *adapter)
{
    return !(request->flags & PORT_FLAGS_UNUSUAL) && request->function == PORT_EXECUTE_SCSI &&
           !port_request_is_too_long(adapter, request);
}

void port_dispatch(struct nt_processor *nt_processor, struct port_request *requests)
{
    struct port_processor *processor = nt_processor->port;
    struct nt_thread *self = nt_self();
    struct port_slot *first = NULL, **tail = &first;
    struct batch batch = batch_to(requests->unit, nt_processor->number);
    uint32_t tick = __atomic_load_n(&port_tick, __ATOMIC_RELAXED);

    for (struct port_request *request = requests, *next; request; request = next) {
        next = request->next;
        if (nt_events_are_on())
            port_trace_submitted(processor, request);
        if (__builtin_expect(request->unit != batch.unit, 0)) {
            if (batch.adapter != request->unit->adapter) {
                issue_list(nt_processor, &first, tail);
                tail = &first;
            }
            batch = batch_to(request->unit, nt_processor->number);
        }
        struct port_slot *slot = NULL;
        if (__builtin_expect(!batch.gated && is_ordinary(request, batch.adapter), 1))
            slot = batch_admit(&batch);
        if (__builtin_expect(!slot, 0)) {
            /* Keep the order: what this batch holds goes before. */
            issue_list(nt_processor, &first, tail);
            tail = &first;
            dispatch_slowly(processor, request, self);
            batch = batch_to(batch.unit, nt_processor->number);
            continue;
        }
        slot_attach(slot, batch.unit, request, processor, tick);
        if (__builtin_expect(!port_slot_map(slot, batch.adapter), 0)) {
            dispatch_unmapped(processor, slot, self);
            batch = batch_to(batch.unit, nt_processor->number);
            continue;
        }
        *tail = slot;
        tail = &slot->next;
    }
    issue_list(nt_processor, &first, tail);
}
