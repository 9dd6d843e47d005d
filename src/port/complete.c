/*
 * complete.c - the way up: from RequestComplete to the submitter's queue.
 *
 * RequestComplete only marks the slot and puts it on the list of the processor that issued it.
 * The list is worked off when that processor's IRQL is about to fall below DISPATCH_LEVEL, so never
 * on the stack of a miniport's callback (rules S39, S40), in the order of the RequestComplete
 * calls.
 */
#include "nt/bugcheck.h"
#include "port/data.h"
#include "port/queue.h"
#include "port/trace.h"

#include <string.h>

enum {
    SRB_BUSY = 0x05,
    SRB_SUCCESS = 0x01,
    SRB_PENDING = 0x00,
    SRB_ERROR = 0x04,
    SRB_ABORTED = 0x02,
    SRB_COMMAND_TIMEOUT = 0x0B,
    SRB_TIMEOUT = 0x09,
    SRB_BUS_RESET = 0x0E,
    SRB_LINK_DOWN = 0x25,
    SRB_INTERNAL_ERROR = 0x30,
    SRB_STATUS_BITS = 0x3F,
    SRB_QUEUE_FROZEN = 0x40,
    SRB_AUTOSENSE_VALID = 0x80,
    SCSI_GOOD = 0x00,
    SCSI_CHECK_CONDITION = 0x02,
    SCSI_COMMAND_TERMINATED = 0x22,
    SCSI_BUSY = 0x08,
    SCSI_QUEUE_FULL = 0x28,
};

/* ---- upward ---- */

void port_request_return(struct port_request *request)
{
    if (nt_events_are_on())
        port_trace_returned(request);
    port_queue_put(request->queue, request, nt_self());
}

void port_request_fail(struct port_request *request, enum port_status status, uint8_t srb_status)
{
    request->status = (uint8_t)status;
    request->srb_status = srb_status;
    request->scsi_status = 0;
    request->sense_length = 0;
    request->transferred = 0;
    request->slot = NULL;
    port_request_return(request);
}

void port_unit_fail_pending(struct port_unit *unit, enum port_status status, uint8_t srb_status)
{
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_request *requests = unit->pending_first, *alone = unit->alone;
    unit->pending_first = unit->pending_last = NULL;
    unit->pending_count = unit->bypass_count = 0;
    unit->alone = NULL;
    port_unit_settle_locked(unit);
    nt_spinlock_release_lower(&unit->lock, old);
    if (alone) {
        port_unit_gate_open(unit, PORT_GATE_ALONE);
        port_request_fail(alone, status, srb_status);
    }
    while (requests) {
        struct port_request *next = requests->next;
        port_request_fail(requests, status, srb_status);
        requests = next;
    }
}

/* ---- results ---- */

static void copy_sense(const struct port_slot *slot, struct port_request *request)
{
    size_t length = slot->sense_length;

    request->sense_length = 0;
    if (!(slot->srb_status & SRB_AUTOSENSE_VALID) || !request->sense || !slot->sense)
        return;
    if (length > slot->adapter->limits.sense_bytes)
        length = slot->adapter->limits.sense_bytes; /* the driver must not raise it */
    if (length > request->sense_capacity)
        length = request->sense_capacity;
    memcpy(request->sense, slot->sense, length);
    request->sense_length = (uint8_t)length;
}

static void fill_result(const struct port_slot *slot, struct port_request *request)
{
    uint8_t status = slot->srb_status & SRB_STATUS_BITS;

    request->status = PORT_OK;
    request->srb_status = status;
    request->scsi_status = slot->scsi_status;
    request->transferred = slot->transferred > slot->length ? slot->length : slot->transferred;
    copy_sense(slot, request);
    if (slot->flags & PORT_SLOT_TIMED_OUT && status == SRB_SUCCESS)
        return;
    if (slot->flags & PORT_SLOT_TIMED_OUT) {
        request->status = PORT_TIMED_OUT;
        if (status == SRB_BUS_RESET)
            request->srb_status = SRB_TIMEOUT;
    }
}

static bool is_busy(const struct port_slot *slot)
{
    uint8_t status = slot->srb_status & SRB_STATUS_BITS;

    if (slot->flags & PORT_SLOT_TIMED_OUT || slot->request->flags & PORT_FLAG_BYPASS_GATES)
        return false;
    return status == SRB_BUSY || status == SRB_LINK_DOWN ||
           ((status == SRB_ERROR || status == SRB_SUCCESS) &&
            (slot->scsi_status == SCSI_BUSY || slot->scsi_status == SCSI_QUEUE_FULL));
}

/* True when the request's error freezes its unit's queue: it does, now. */
static bool freeze_by(struct port_unit *unit, const struct port_request *request)
{
    if (request->flags & PORT_FLAG_NO_FREEZE || request->function != PORT_EXECUTE_SCSI)
        return false;
    port_unit_gate_close(unit, PORT_GATE_FROZEN);
    return true;
}

/* The errors that do so (lifecycle section 5). */
static bool is_freezing(const struct port_request *request)
{
    if (request->scsi_status == SCSI_CHECK_CONDITION ||
        request->scsi_status == SCSI_COMMAND_TERMINATED || request->status == PORT_TIMED_OUT)
        return true;
    switch (request->srb_status) {
    case SRB_ABORTED:
    case SRB_TIMEOUT:
    case SRB_COMMAND_TIMEOUT:
    case SRB_BUS_RESET:
        return true;
    default:
        return false;
    }
}

static void freeze_if_error(struct port_unit *unit, struct port_request *request)
{
    if (__builtin_expect(!(request->flags & PORT_FLAG_NO_FREEZE), 0) && is_freezing(request) &&
        freeze_by(unit, request))
        request->srb_status |= PORT_SRB_FROZEN;
}

/* ---- a slot goes home ---- */

/* A spare takes the place of the extension, so that a re-issued request meets another one and
 * relies on nothing in it (rule S36). */
static void exchange_extension(struct port_adapter *adapter, struct port_slot *slot,
                               struct nt_thread *self)
{
    if (!slot->extension)
        return;
    nt_spinlock_acquire(&adapter->lock, self);
    void **spare = &adapter->spare_extensions[adapter->spare_next];
    adapter->spare_next = (adapter->spare_next + 1) % PORT_RESERVED_SLOTS;
    void *old = slot->extension;
    nt_memory_poison(old, port_extension_room(&adapter->limits));
    slot->extension = *spare;
    *spare = old;
    nt_spinlock_release(&adapter->lock, self);
}

/* The driver has no business with its memory any more. */
static inline void slot_hide(struct port_slot *slot)
{
    nt_memory_poison(slot->srb, PORT_SRB_BYTES);
    if (NT_ADDRESS_SANITIZER && slot->extension)
        nt_memory_poison(slot->extension, port_extension_room(&slot->adapter->limits));
    __atomic_store_n(&slot->state, PORT_SLOT_FREE, __ATOMIC_RELAXED);
}

static void slot_release(struct port_adapter *adapter, struct port_slot *slot)
{
    if (slot->mdl || slot->bounce || slot->flags & PORT_SLOT_UNUSUAL) {
        adapter->model->release(slot);
        port_slot_unmap(slot);
    }
    slot_hide(slot);
}

void port_slot_to_pool(struct port_adapter *adapter, struct port_slot *slot, struct nt_thread *self)
{
    nt_spinlock_acquire(&adapter->lock, self);
    if (slot->flags & PORT_SLOT_RESERVED) {
        slot->next = adapter->reserve;
        adapter->reserve = slot;
        adapter->reserve_count++;
    } else {
        slot->next = adapter->pool;
        adapter->pool = slot;
    }
    nt_spinlock_release(&adapter->lock, self);
}

void port_slot_keep(struct port_adapter *adapter, struct port_slot *slot, unsigned processor,
                    struct nt_thread *self)
{
    struct port_adapter_share *slots = &adapter->shares[processor];

    if (__atomic_load_n(&adapter->attention.recall, __ATOMIC_SEQ_CST)) {
        port_slot_to_pool(adapter, slot, self);
        return;
    }
    slot->next = slots->free;
    slots->free = slot;
    slots->free_count++;
}

void port_credit_return(struct port_unit *unit, unsigned processor, struct nt_thread *self)
{
    if (!__atomic_load_n(&unit->attention.recall, __ATOMIC_SEQ_CST)) {
        unit->shares[processor].credits++;
        return;
    }
    nt_spinlock_acquire(&unit->lock, self);
    __atomic_add_fetch(&unit->pool, 1, __ATOMIC_SEQ_CST);
    port_unit_settle_locked(unit);
    nt_spinlock_release(&unit->lock, self);
}

/* Slot and credit go back; the slow half of it when somebody waits for them. */
static void slot_return(struct nt_processor *processor, struct port_adapter *adapter,
                        struct port_unit *unit, struct port_slot *slot, struct nt_thread *self)
{
    unsigned number = processor->number;
    struct port_unit_share *share = &unit->shares[number];

    __atomic_store_n(&share->completed, share->completed + 1, __ATOMIC_RELEASE);
    if (slot->flags & PORT_SLOT_ALONE)
        port_unit_gate_open(unit, PORT_GATE_ALONE);
    if (slot->flags & PORT_SLOT_RESERVED) {
        port_slot_to_pool(adapter, slot, self);
        return;
    }
    port_slot_keep(adapter, slot, number, self);
    port_credit_return(unit, number, self);
}

/* What may start now that this slot is back. */
static void after_return(struct nt_processor *processor, struct port_adapter *adapter,
                         struct port_unit *unit)
{
    uint32_t gates = __atomic_load_n(&unit->attention.gates, __ATOMIC_RELAXED) |
                     __atomic_load_n(&adapter->attention.gates, __ATOMIC_RELAXED);

    if (__builtin_expect(gates, 0)) {
        if (gates & (PORT_GATE_BUSY | PORT_GATE_QUEUE_FULL))
            port_gates_count(unit);
        port_dispatch_unit(processor, unit);
    }
    if (__builtin_expect(__atomic_load_n(&adapter->attention.recall, __ATOMIC_RELAXED), 0))
        port_dispatch_adapter(processor, adapter);
}

/* Completed with a busy status: to the head of the queue again, or up when it has been so often
 * enough. */
static void complete_busy(struct nt_processor *processor, struct port_slot *slot,
                          struct nt_thread *self)
{
    struct port_request *request = slot->request;
    struct port_unit *unit = slot->unit;
    struct port_adapter *adapter = slot->adapter;
    uint32_t limit = unit->settings.busy_retry_count;
    bool again = limit == UINT32_MAX || request->busy_retries < limit;

    if (again) {
        request->busy_retries += request->busy_retries < UINT16_MAX;
        if (slot->scsi_status == SCSI_QUEUE_FULL)
            port_unit_hold_queue_full(unit);
        else
            port_unit_hold_busy(unit);
    } else {
        fill_result(slot, request);
    }
    exchange_extension(adapter, slot, self);
    slot_release(adapter, slot);
    slot_return(processor, adapter, unit, slot, self);
    if (again) {
        if (nt_events_are_on())
            port_trace_retried(request);
        request->slot = NULL;
        (void)port_unit_requeue(unit, request, true, self);
    } else {
        request->slot = NULL;
        port_request_return(request);
    }
    after_return(processor, adapter, unit);
}

/* Its request went up when the reset gave it up; now the memory is ours again, and perhaps the one
 * slot that somebody waits for. */
static void complete_abandoned(struct nt_processor *processor, struct port_slot *slot,
                               struct nt_thread *self)
{
    struct port_adapter *adapter = slot->adapter;

    nt_finding("late-completion", adapter,
               "request %llu was completed after a reset had given it up",
               (unsigned long long)slot->sequence & ((1ull << 48) - 1));
    slot_release(adapter, slot);
    slot->flags &= PORT_SLOT_RESERVED;
    port_slot_to_pool(adapter, slot, self);
    if (__atomic_load_n(&adapter->attention.recall, __ATOMIC_SEQ_CST))
        port_dispatch_adapter(processor, adapter);
}

/* True when StartIo, which another thread is in at PASSIVE_LEVEL, has not returned: its end comes
 * here again. */
static bool is_still_in_start_io(struct port_slot *slot)
{
    if (!(slot->flags & PORT_SLOT_LOW))
        return false;
    if (__atomic_sub_fetch(&slot->adapter->low_parties[slot->number], 1, __ATOMIC_ACQ_REL))
        return true;
    slot->flags &= (uint8_t)~PORT_SLOT_LOW;
    return false;
}

static void complete_strange(struct nt_processor *processor, struct port_slot *slot,
                             struct nt_thread *self)
{
    if (is_still_in_start_io(slot))
        return;
    if (slot->flags & PORT_SLOT_ABANDONED) {
        complete_abandoned(processor, slot, self);
        return;
    }
    if ((slot->srb_status & SRB_STATUS_BITS) == SRB_PENDING) {
        nt_finding("S41", slot->adapter, "a request was completed with SRB_STATUS_PENDING");
        slot->srb_status = SRB_INTERNAL_ERROR;
    } else if ((slot->srb_status & SRB_STATUS_BITS) == SRB_INTERNAL_ERROR ||
               slot->srb_status & SRB_QUEUE_FROZEN) {
        nt_finding("S41", slot->adapter,
                   "a request was completed with SRB status 0x%02X, which is "
                   "for the port alone",
                   slot->srb_status);
    }
    if (is_busy(slot)) {
        complete_busy(processor, slot, self);
        return;
    }
    struct port_request *request = slot->request;
    struct port_unit *unit = slot->unit;
    struct port_adapter *adapter = slot->adapter;
    fill_result(slot, request);
    freeze_if_error(unit, request);
    slot_release(adapter, slot);
    request->slot = NULL;
    slot_return(processor, adapter, unit, slot, self);
    port_request_return(request);
    after_return(processor, adapter, unit);
}

/* ---- the deferred list ---- */

/* A result that is more than "done", or a slot with more to it than a request. */
static inline bool is_strange(const struct port_slot *slot)
{
    return slot->srb_status != SRB_SUCCESS || slot->scsi_status != SCSI_GOOD || slot->flags ||
           ((uintptr_t)slot->mdl | (uintptr_t)slot->bounce);
}

/* While nothing is in the way of the unit's requests: slot and credit go to this processor. */
static inline void complete_plain(struct port_slot *slot, struct port_unit_share *share,
                                  struct port_adapter_share *slots, struct nt_thread *self)
{
    struct port_request *request = slot->request;

    request->status = PORT_OK;
    request->srb_status = SRB_SUCCESS;
    request->scsi_status = SCSI_GOOD;
    request->sense_length = 0;
    request->transferred = slot->transferred < slot->length ? slot->transferred : slot->length;
    request->slot = NULL;
    slot_hide(slot);
    __atomic_store_n(&share->completed, share->completed + 1, __ATOMIC_RELEASE);
    share->credits++;
    slot->next = slots->free;
    slots->free = slot;
    slots->free_count++;
    if (nt_events_are_on())
        port_trace_returned(request);
    port_queue_put(request->queue, request, self);
}

/* What the slots of one list that served one unit share. */
struct batch {
    struct port_unit *unit;
    struct port_unit_share *share;
    struct port_adapter_share *slots;
    uint64_t attention; /* of unit and adapter: gates closed, credits or slots wanted */
};

static inline struct batch batch_from(struct port_unit *unit, unsigned number)
{
    struct port_adapter *adapter = unit->adapter;

    return (struct batch){
        .unit = unit,
        .share = &unit->shares[number],
        .slots = &adapter->shares[number],
        .attention = __atomic_load_n(&unit->attention.any, __ATOMIC_ACQUIRE) |
                     __atomic_load_n(&adapter->attention.any, __ATOMIC_ACQUIRE),
    };
}

/* In order. What is in the way of requests is looked up when the unit changes and after everything
 * that is not plain: whoever closes a gate or wants credits meanwhile posts a call to this
 * processor, or comes from it. */
static __attribute__((noinline)) void complete_list(struct nt_processor *processor,
                                                    struct port_slot *slot, struct nt_thread *self)
{
    struct batch batch = batch_from(slot->unit, processor->number);

    for (struct port_slot *next; slot; slot = next) {
        next = slot->done_next;
        if (__builtin_expect(slot->unit != batch.unit, 0))
            batch = batch_from(slot->unit, processor->number);
        if (__builtin_expect(batch.attention || is_strange(slot), 0)) {
            complete_strange(processor, slot, self);
            batch = batch_from(batch.unit, processor->number);
            continue;
        }
        complete_plain(slot, batch.share, batch.slots, self);
    }
}

/* nt's deferred hook: DISPATCH_LEVEL, no lock, on the holder of the processor. Slots that complete
 * meanwhile (starts made here may complete inside StartIo) are worked off in the same loop. */
void port_deferred_run(struct nt_processor *nt_processor)
{
    struct port_processor *processor = nt_processor->port;
    struct nt_thread *self = nt_self();
    bool traced = nt_events_are_on() && processor->done_first;

    if (traced)
        nt_event_write(NT_EVENT_CALLBACK_ENTER, "completions", 0, 0);
    while (processor->done_first) {
        struct port_slot *list = processor->done_first;
        processor->done_first = NULL;
        processor->done_tail = &processor->done_first;
        complete_list(nt_processor, list, self);
    }
    if (traced)
        nt_event_write(NT_EVENT_CALLBACK_LEAVE, "completions", 0, 0);
}

/* The remote list, on the processor that issued the slots. */
void port_remote_run(void *context)
{
    struct port_processor *processor = context;
    struct port_slot *newest = __atomic_exchange_n(&processor->remote, NULL, __ATOMIC_ACQUIRE);
    struct port_slot *oldest = NULL;

    while (newest) {
        struct port_slot *next = newest->done_next;
        newest->done_next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct port_slot *next = oldest->done_next;
        oldest->done_next = NULL;
        *processor->done_tail = oldest;
        processor->done_tail = &oldest->done_next;
        oldest = next;
    }
    port_deferred_run(processor->processor);
}

void NT_ABI port_complete_elsewhere(struct port_slot *slot)
{
    struct nt_processor *target = nt_processor_get(slot->processor);
    struct port_processor *processor = target->port;
    struct port_slot *head = __atomic_load_n(&processor->remote, __ATOMIC_RELAXED);

    do
        slot->done_next = head;
    while (!__atomic_compare_exchange_n(&processor->remote, &head, slot, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
    nt_processor_post(target, &processor->remote_call);
}

/* ---- what resets leave behind ---- */

void port_slot_quarantine(struct port_slot *slot, const struct port_request *wanted,
                          enum port_status status, uint8_t srb_status)
{
    /* On the processor that issued it nothing of it can be under way in StartIo or completion. */
    nt_irql_raise_on(nt_processor_get(slot->processor));
    uint32_t expected = PORT_SLOT_OUTSTANDING;
    struct port_request *request = slot->request;
    if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING &&
        (!wanted || wanted == request)) {
        uint8_t flags = slot->flags;
        slot->flags |= PORT_SLOT_ABANDONED;
        if (__atomic_compare_exchange_n(&slot->state, &expected, PORT_SLOT_QUARANTINED, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            struct port_unit *unit = slot->unit;
            struct port_unit_share *share = &unit->shares[slot->processor];
            slot->request = NULL;
            __atomic_store_n(&share->completed, share->completed + 1, __ATOMIC_RELEASE);
            if (flags & PORT_SLOT_ALONE)
                port_unit_gate_open(unit, PORT_GATE_ALONE);
            if (!(flags & PORT_SLOT_RESERVED))
                port_credit_return(unit, slot->processor, nt_self());
            bool frozen = status != PORT_NO_DEVICE && freeze_by(unit, request);
            port_request_fail(request, status, srb_status | (frozen ? PORT_SRB_FROZEN : 0));
            after_return(nt_self()->processor, slot->adapter, unit);
        } else {
            slot->flags = flags;
        }
    }
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

/* What a gate kept from StartIo is not the miniport's, and ends as if it had never been sent. */
void port_unit_fail_held(struct port_unit *unit, enum port_status status, uint8_t srb_status)
{
    struct port_slot *slot = port_unit_take_all_held(unit);

    while (slot) {
        struct port_slot *next = slot->next;
        struct port_request *request = slot->request;
        struct nt_processor *processor = nt_processor_get(slot->processor);
        nt_irql_raise_on(processor);
        slot->transferred = 0;
        slot_release(slot->adapter, slot);
        slot_return(processor, slot->adapter, unit, slot, nt_self());
        port_request_fail(request, status, srb_status);
        after_return(processor, unit->adapter, unit);
        nt_irql_lower(NT_PASSIVE_LEVEL);
        slot = next;
    }
}

/* ---- counts ---- */

uint32_t port_unit_completed(const struct port_unit *unit)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < nt_processor_count(); i++)
        sum += __atomic_load_n(&unit->shares[i].completed, __ATOMIC_ACQUIRE);
    return sum;
}

/* Completions are read after issues: while requests move, the answer is what was outstanding at
 * some moment or less, never more, so that nothing waits for completions that do not come. */
uint32_t port_unit_outstanding(const struct port_unit *unit)
{
    uint32_t issued = 0, completed = 0;

    for (unsigned i = 0; i < nt_processor_count(); i++)
        issued += __atomic_load_n(&unit->shares[i].issued, __ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < nt_processor_count(); i++)
        completed += __atomic_load_n(&unit->shares[i].completed, __ATOMIC_ACQUIRE);
    return (int32_t)(issued - completed) > 0 ? issued - completed : 0;
}

uint32_t port_unit_started(const struct port_unit *unit)
{
    uint32_t outstanding = port_unit_outstanding(unit);
    uint32_t held = __atomic_load_n(&unit->held_count, __ATOMIC_ACQUIRE);

    return outstanding > held ? outstanding - held : 0;
}

uint32_t port_adapter_outstanding(const struct port_adapter *adapter)
{
    uint32_t sum = 0;

    for (const struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        sum += port_unit_outstanding(unit);
    return sum;
}
