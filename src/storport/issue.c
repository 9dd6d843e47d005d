/*
 * issue.c - BuildIo and StartIo: the hot end of the way down (startio-contract sections A, B, E,
 * F).
 *
 * A batch is built without a lock, then started under one hold of what the mode asks for: nothing
 * (virtual), the StartIo lock (full duplex), a channel's token (concurrent channels), the StartIo
 * lock and the interrupt lock at DIRQL (half duplex).
 */
#include "storport/adapter.h"

/* ---- what a driver did wrong ---- */

void storport_call_unbalanced(struct storport_call *call)
{
    struct nt_thread *self = call->self;

    nt_finding("callback-balance", call->frame.adapter,
               "%s was called at IRQL %u with %u locks and returned at IRQL %u with %u",
               call->frame.callback, call->irql, call->locks, self->irql, self->locks_held);
    while (self->locks_held > call->locks && self->locks_held <= NT_LOCKS_HELD_MAX)
        nt_spinlock_release((struct nt_spinlock *)self->held[self->locks_held - 1], self);
    if (self->irql > call->irql)
        nt_irql_lower(call->irql);
    else if (self->irql < call->irql)
        nt_irql_raise(call->irql);
}

static void complete_as_busy(struct storport_adapter *adapter, struct port_slot *slot)
{
    ((STORAGE_REQUEST_BLOCK_HEADER *)slot->srb)->SrbStatus = SRB_STATUS_BUSY;
    StorPortNotification(RequestComplete, adapter->extension, slot->srb);
}

void storport_start_refused(struct storport_adapter *adapter, struct port_slot *slot)
{
    if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING) {
        nt_finding("S21", adapter->port, "StartIo returned FALSE for a request it had completed");
        return;
    }
    complete_as_busy(adapter, slot);
}

/* ---- events ---- */

static uint64_t trace_begin(const struct port_slot *slot, enum nt_event_kind kind)
{
    const STORAGE_REQUEST_BLOCK_HEADER *srb = (const STORAGE_REQUEST_BLOCK_HEADER *)slot->srb;
    const STORAGE_REQUEST_BLOCK *block = (const STORAGE_REQUEST_BLOCK *)slot->srb;
    uint64_t number = slot->request->trace;

    nt_event_write(kind, kind == NT_EVENT_REQUEST_SENT ? "HwStorStartIo" : "HwStorBuildIo", number,
                   srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK ? block->SrbFunction
                                                                       : srb->Function);
    return number;
}

/* ---- BuildIo ---- */

/* False when the slot goes no further: the driver completes it itself. */
static inline bool build(struct storport_adapter *adapter, struct port_slot *slot,
                         struct storport_call *call)
{
    call->frame.request = slot->srb;
    BOOLEAN go_on = adapter->build_io(adapter->extension, (PSCSI_REQUEST_BLOCK)slot->srb);
    storport_call_check(call);
    if (__builtin_expect(!go_on, 0))
        return false;
    if (__builtin_expect(__atomic_load_n(&slot->state, __ATOMIC_RELAXED) != PORT_SLOT_OUTSTANDING,
                         0)) {
        nt_finding("S3", adapter->port, "BuildIo returned TRUE for a request it had completed");
        return false;
    }
    return true;
}

static inline __attribute__((always_inline)) struct port_slot *
build_all(struct storport_adapter *adapter, struct nt_thread *self, struct port_slot *list,
          bool traced)
{
    struct port_slot **link = &list, *slot;
    struct storport_call call;

    if (!adapter->build_io) {
        for (slot = list; slot; slot = slot->next)
            if (__builtin_expect(!(slot->flags & PORT_SLOT_BUILT), 1))
                storport_slot_prepare(adapter, slot);
        return list;
    }
    storport_calls_begin(&call, self, adapter, "HwStorBuildIo");
    while ((slot = *link) != NULL) {
        struct port_slot *next = slot->next; /* the slot may be completed when BuildIo returns */
        if (__builtin_expect(!(slot->flags & PORT_SLOT_BUILT), 1)) {
            storport_slot_prepare(adapter, slot);
            __atomic_store_n(&slot->state, PORT_SLOT_OUTSTANDING, __ATOMIC_RELEASE);
            uint64_t number = traced ? trace_begin(slot, NT_EVENT_REQUEST_BUILD) : 0;
            bool go_on = build(adapter, slot, &call);
            if (traced)
                nt_event_write(NT_EVENT_CALLBACK_LEAVE, "HwStorBuildIo", number, 0);
            if (__builtin_expect(!go_on, 0)) {
                *link = next;
                continue;
            }
        }
        link = &slot->next;
    }
    nt_evidence_pop_quietly(self, &call.frame);
    return list;
}

/* ---- gates that closed during BuildIo delay StartIo (rule S6) ---- */

static bool gate_is_closed(const struct port_slot *slot)
{
    return (__atomic_load_n(&slot->unit->attention.gates, __ATOMIC_ACQUIRE) &
            ~(uint32_t)PORT_GATE_PENDING) |
           (__atomic_load_n(&slot->adapter->attention.gates, __ATOMIC_ACQUIRE) &
            ~(uint32_t)PORT_GATES_OF_LIFE);
}

static struct port_slot *hold_back(struct port_slot *list)
{
    struct port_slot *first = NULL, **tail = &first;

    for (struct port_slot *slot = list, *next; slot; slot = next) {
        next = slot->next;
        /* What comes behind a held slot waits as well, even if the gate has opened meanwhile,
         * unless it goes through a closed queue. */
        if (port_slot_is_gated(slot) || (port_request_passes(slot->request) == PORT_GATE_PENDING &&
                                         !(slot->flags & PORT_SLOT_ALONE) &&
                                         __atomic_load_n(&slot->unit->held, __ATOMIC_ACQUIRE))) {
            port_slot_hold(slot);
            continue;
        }
        *tail = slot;
        tail = &slot->next;
    }
    *tail = NULL;
    return first;
}

static inline bool any_gate(const struct port_slot *list)
{
    const struct port_unit *unit = NULL;

    for (; list; list = list->next) {
        if (__builtin_expect(list->unit == unit, 1))
            continue;
        unit = list->unit;
        if (gate_is_closed(list))
            return true;
    }
    return false;
}

/* ---- StartIo ---- */

/* The miniport has the request from now on, if it has not had it in BuildIo. False: it completed
 * it in between, with all that it had (StorPortCompleteRequest). */
static inline bool hand_over(struct port_slot *slot)
{
    uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_RELAXED);

    if (__builtin_expect(state == PORT_SLOT_OUTSTANDING, 1))
        return true;
    if (__builtin_expect(state != PORT_SLOT_ADMITTED, 0))
        return false;
    __atomic_store_n(&slot->state, PORT_SLOT_OUTSTANDING, __ATOMIC_RELEASE);
    return true;
}

static inline __attribute__((always_inline)) void start_all(struct storport_adapter *adapter,
                                                            struct nt_thread *self,
                                                            struct port_slot *list, bool traced)
{
    struct storport_call call;

    storport_calls_begin(&call, self, adapter, "HwStorStartIo");
    while (list) {
        struct port_slot *slot = list;
        list = slot->next; /* the slot may be completed when StartIo returns */
        if (!hand_over(slot))
            continue;
        call.frame.request = slot->srb;
        uint64_t number = traced ? trace_begin(slot, NT_EVENT_REQUEST_SENT) : 0;
        BOOLEAN started = adapter->start_io(adapter->extension, (PSCSI_REQUEST_BLOCK)slot->srb);
        if (traced)
            nt_event_write(NT_EVENT_CALLBACK_LEAVE, "HwStorStartIo", number, 0);
        storport_call_check(&call);
        if (__builtin_expect(!started, 0))
            storport_start_refused(adapter, slot);
    }
    nt_evidence_pop_quietly(self, &call.frame);
}

static inline void start_half_duplex(struct storport_adapter *adapter, struct nt_thread *self,
                                     struct port_slot *list, bool traced)
{
    nt_spinlock_acquire(&adapter->start_lock, self);
    uint8_t old_irql = storport_lock_interrupts(adapter, self);
    start_all(adapter, self, list, traced);
    storport_unlock_interrupts(adapter, self, old_irql);
    nt_spinlock_release(&adapter->start_lock, self);
}

static inline __attribute__((always_inline)) void issue(struct port_adapter *port,
                                                        struct nt_processor *processor,
                                                        struct port_slot *list, bool traced)
{
    struct storport_adapter *adapter = port->model_state;
    struct nt_thread *self = nt_self();
    struct nt_spinlock *lock;

    list = build_all(adapter, self, list, traced);
    if (__builtin_expect(any_gate(list), 0))
        list = hold_back(list);
    if (__builtin_expect(!list, 0))
        return;
    switch (adapter->mode) {
    case STORPORT_VIRTUAL:
        start_all(adapter, self, list, traced);
        break;
    case STORPORT_FULL_DUPLEX:
    case STORPORT_CONCURRENT:
        lock = adapter->mode == STORPORT_FULL_DUPLEX
                   ? &adapter->start_lock
                   : &adapter->channels[processor->number % adapter->channel_count].token;
        nt_spinlock_acquire(lock, self);
        start_all(adapter, self, list, traced);
        nt_spinlock_release(lock, self);
        break;
    case STORPORT_HALF_DUPLEX:
        start_half_duplex(adapter, self, list, traced);
        break;
    }
}

static __attribute__((noinline, cold)) void
issue_traced(struct port_adapter *port, struct nt_processor *processor, struct port_slot *list)
{
    issue(port, processor, list, true);
}

void storport_issue(struct port_adapter *port, struct nt_processor *processor,
                    struct port_slot *list)
{
    if (nt_events_are_on())
        issue_traced(port, processor, list);
    else
        issue(port, processor, list, false);
}

/* ---- the driver's bus reset ---- */

/* The control that a driver may have instead, at PASSIVE_LEVEL. */
static bool reset_synchronously(struct storport_adapter *adapter, unsigned path, bool *ret_done)
{
    STOR_RESET_BUS_SYNCHRONOUS_PARAMETER parameter = {
        .Version = 1, .Size = sizeof(parameter), .PathId = path};
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;

    if (!storport_adapter_control(adapter, ScsiAdapterResetBusSynchronous, &parameter, &status))
        return false;
    *ret_done = status == ScsiAdapterControlSuccess;
    return true;
}

bool storport_reset_bus(struct port_adapter *port, unsigned path)
{
    struct storport_adapter *adapter = port->model_state;
    bool synchronous;

    if (reset_synchronously(adapter, path, &synchronous))
        return synchronous;
    struct nt_thread *self = nt_self();
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL), before_interrupts = NT_DISPATCH_LEVEL;
    struct storport_call call;

    nt_spinlock_acquire(&adapter->start_lock, self);
    for (uint32_t i = 0; i < adapter->channel_count; i++)
        nt_spinlock_acquire(&adapter->channels[i].token, self);
    if (adapter->mode == STORPORT_HALF_DUPLEX)
        before_interrupts = storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, "HwStorResetBus", NULL);
    bool done = adapter->init.HwResetBus(adapter->extension, path) & 0xFF;
    storport_call_end(&call);
    if (adapter->mode == STORPORT_HALF_DUPLEX)
        storport_unlock_interrupts(adapter, self, before_interrupts);
    for (uint32_t i = adapter->channel_count; i-- > 0;)
        nt_spinlock_release(&adapter->channels[i].token, self);
    nt_spinlock_release(&adapter->start_lock, self);
    nt_irql_lower(old_irql);
    return done;
}
