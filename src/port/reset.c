/*
 * reset.c - the ladder after a time-out: abort, unit, target, bus (lifecycle section 7), and what
 * happens when a device is simply gone.
 *
 * All of it runs in the adapter's reset work item at PASSIVE_LEVEL. Queues of what a tier resets
 * are closed while it runs. What the miniport still has afterwards is its fault: it is reported,
 * the requests end with a status, and their slots are not used again until they come back.
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/adapter.h"

#include <stdio.h>

enum {
    RESET_TIMEOUT_S = 30,
    SETTLE_MS = 1000, /* one tick more than the hold, for completions on their way */
    FAILED_RESETS_MAX = 3,
    REMOVAL_GRACE_MS = 2000,
    POLL_MS = 5,
    SRB_SUCCESS = 0x01,
    SRB_ABORTED = 0x02,
    SRB_ABORT_FAILED = 0x03,
    SRB_ERROR = 0x04,
    SRB_INVALID_REQUEST = 0x06,
    SRB_NO_DEVICE = 0x08,
    SRB_TIMEOUT = 0x09,
    SRB_BUS_RESET = 0x0E,
    SRB_NO_HBA = 0x11,
};

enum reset_tier { TIER_ABORT, TIER_UNIT, TIER_TARGET, TIER_BUS };

/* ---- who is concerned ---- */

static bool in_scope(const struct port_unit *unit, const struct port_unit *of, enum reset_tier tier)
{
    if (tier <= TIER_UNIT)
        return unit == of;
    if (tier == TIER_TARGET)
        return unit->path == of->path && unit->target == of->target;
    return unit->path == of->path;
}

static uint32_t scope_outstanding(struct port_unit *of, enum reset_tier tier)
{
    uint32_t sum = 0;

    for (struct port_unit *unit = of->adapter->units; unit; unit = unit->next)
        if (in_scope(unit, of, tier))
            sum += port_unit_started(unit);
    return sum;
}

static void scope_gate(struct port_unit *of, enum reset_tier tier, bool close)
{
    for (struct port_unit *unit = of->adapter->units; unit; unit = unit->next) {
        if (!in_scope(unit, of, tier))
            continue;
        if (close)
            port_gate_close(&unit->attention.gates, PORT_GATE_RESET);
        else
            port_unit_gate_open(unit, PORT_GATE_RESET);
    }
}

static bool wait_until_idle(struct port_unit *of, enum reset_tier tier, uint64_t wait_ms)
{
    uint64_t deadline = sys_now_ns() + wait_ms * SYS_NS_PER_MS;

    nt_dpc_flush();
    while (scope_outstanding(of, tier)) {
        if (sys_now_ns() >= deadline)
            return false;
        sys_delay_ns(POLL_MS * SYS_NS_PER_MS);
    }
    return true;
}

/* Gives up what is left; each one is a finding by its nature (F0 code 1). */
static void abandon_scope(struct port_unit *of, enum reset_tier tier, enum port_status status,
                          uint8_t srb_status)
{
    struct port_adapter *adapter = of->adapter;

    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter, i);
        struct port_unit *unit = __atomic_load_n(&slot->unit, __ATOMIC_RELAXED);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING || !unit ||
            unit == adapter->self || !in_scope(unit, of, tier))
            continue;
        bool victim = slot->flags & PORT_SLOT_TIMED_OUT;
        port_slot_quarantine(slot, NULL, victim ? PORT_TIMED_OUT : status,
                             victim ? SRB_TIMEOUT : srb_status);
    }
}

/* ---- the tiers ---- */

/* Marks the request whose clock ran out, on the processor to which it belongs. NULL: it has been
 * completed meanwhile. */
static struct port_slot *mark_victim(struct port_unit *unit)
{
    struct port_slot *slot = port_slot_oldest(unit->adapter, unit);

    if (!slot)
        return NULL;
    nt_irql_raise_on(nt_processor_get(slot->processor));
    bool marked = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING &&
                  slot->unit == unit;
    if (marked)
        slot->flags |= PORT_SLOT_TIMED_OUT;
    nt_irql_lower(NT_PASSIVE_LEVEL);
    return marked ? slot : NULL;
}

static uint8_t send_reset(struct port_unit *unit, enum port_function function,
                          struct port_slot *victim)
{
    struct port_request request = {
        .unit = unit,
        .function = (uint8_t)function,
        .flags = PORT_FLAG_BYPASS_GATES | PORT_FLAG_NO_FREEZE,
        .timeout_s = RESET_TIMEOUT_S,
    };

    request.single.base = victim ? victim->srb : NULL;
    port_control_execute(unit->adapter->reset_queue, unit, &request, RESET_TIMEOUT_S);
    return request.status == PORT_OK ? request.srb_status : SRB_TIMEOUT;
}

/* The slot still serves the request whose clock ran out. */
static bool is_still_out(const struct port_slot *victim, const struct port_unit *unit)
{
    return __atomic_load_n(&victim->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING &&
           __atomic_load_n(&victim->unit, __ATOMIC_RELAXED) == unit;
}

/* True when the victim has come back. */
static bool run_abort(struct port_unit *unit, struct port_slot *victim)
{
    if (!unit->adapter->limits.abort_command || !victim || !is_still_out(victim, unit))
        return false;
    scope_gate(unit, TIER_ABORT, true);
    uint8_t status = send_reset(unit, PORT_ABORT, victim);
    if (status != SRB_SUCCESS && status != SRB_ABORTED)
        return false;
    if (!is_still_out(victim, unit))
        return true;
    nt_finding("F0.2", unit->adapter,
               "a request of unit %s is still outstanding after its abort succeeded", unit->name);
    return false;
}

/* True when the tier did it: the driver said so, and what it has not given back is taken from it.
 */
static bool run_srb_tier(struct port_unit *unit, enum reset_tier tier, struct port_slot *victim)
{
    struct port_adapter *adapter = unit->adapter;

    if (tier == TIER_ABORT)
        return run_abort(unit, victim);
    scope_gate(unit, tier, true);
    if (send_reset(unit, tier == TIER_UNIT ? PORT_RESET_LOGICAL_UNIT : PORT_RESET_TARGET, NULL) !=
        SRB_SUCCESS)
        return false;
    if (!wait_until_idle(unit, tier, SETTLE_MS)) {
        nt_finding("F0.1", adapter,
                   "%u requests of unit %s are still outstanding after a successful %s reset",
                   scope_outstanding(unit, tier), unit->name,
                   tier == TIER_UNIT ? "unit" : "target");
        abandon_scope(unit, tier, PORT_OK, SRB_BUS_RESET);
    }
    return true;
}

static bool run_bus_tier(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    port_gate_close(&adapter->attention.gates, PORT_GATE_RESET);
    bool done = adapter->model->reset_bus(adapter, unit->path);
    if (!done) {
        port_adapter_log(adapter, "bus reset of path %u failed; it is tried again", unit->path);
        return false;
    }
    uint64_t hold_ms = adapter->limits.bus_reset_hold_us / 1000;
    /* A pause of the miniport's own says that it is still resetting; the leftovers are judged when
     * it has ended. */
    uint64_t pause_deadline = sys_now_ns() + 60 * SYS_NS_PER_S;
    while (__atomic_load_n(&adapter->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_PAUSED &&
           scope_outstanding(unit, TIER_BUS) && sys_now_ns() < pause_deadline)
        sys_delay_ns(POLL_MS * SYS_NS_PER_MS);
    if (hold_ms)
        sys_delay_ns(hold_ms * SYS_NS_PER_MS);
    if (!wait_until_idle(unit, TIER_BUS, SETTLE_MS)) {
        nt_finding("F0.1", adapter,
                   "%u requests of path %u are still outstanding after a bus reset",
                   scope_outstanding(unit, TIER_BUS), unit->path);
        abandon_scope(unit, TIER_BUS, PORT_OK, SRB_BUS_RESET);
    }
    return true;
}

/* Resets that never work: after three rounds everything fails, and the adapter answers again. */
static void give_up(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    port_adapter_log(adapter, "no reset of unit %s helped: its requests fail", unit->name);
    /* First what waits: what clients send in answer to a failure is for the time after this. */
    for (struct port_unit *other = adapter->units; other; other = other->next) {
        if (!in_scope(other, unit, TIER_BUS))
            continue;
        port_unit_fail_held(other, PORT_TIMED_OUT, SRB_NO_HBA);
        port_unit_fail_pending(other, PORT_TIMED_OUT, SRB_NO_HBA);
    }
    abandon_scope(unit, TIER_BUS, PORT_TIMED_OUT, SRB_NO_HBA);
}

static bool adapter_is_gone(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->removed, __ATOMIC_ACQUIRE);
}

/* From the first tier upwards until one works; false when none did. The gates are open again
 * afterwards, unless the device is gone. */
static bool run_ladder(struct port_unit *unit, enum reset_tier first, enum reset_tier last,
                       struct port_slot *victim)
{
    struct port_adapter *adapter = unit->adapter;
    enum reset_tier tier = first;
    bool done = false;

    nt_event(NT_EVENT_RESET, "ladder", unit->address, (uint64_t)first);
    for (; tier < TIER_BUS && tier <= last; tier++) {
        if (adapter_is_gone(adapter))
            return false;
        if (run_srb_tier(unit, tier, victim)) {
            scope_gate(unit, tier, false);
            return true;
        }
    }
    if (last == TIER_BUS) {
        for (unsigned round = 0; !adapter_is_gone(adapter); round++) {
            done = run_bus_tier(unit);
            if (done)
                break;
            if (round + 1 == FAILED_RESETS_MAX) {
                give_up(unit);
                break;
            }
            sys_delay_ns(SYS_NS_PER_S);
        }
        port_adapter_gate_open(adapter, PORT_GATE_RESET);
    }
    scope_gate(unit, TIER_BUS, false);
    return done;
}

/* ---- the work item ---- */

static struct port_request *take_client_reset(struct port_adapter *adapter)
{
    uint8_t old = nt_spinlock_acquire_raise(&adapter->lock, NT_DISPATCH_LEVEL);
    struct port_request *request = adapter->reset_requests;

    if (request)
        adapter->reset_requests = request->next;
    nt_spinlock_release_lower(&adapter->lock, old);
    return request;
}

/* The slot with which the miniport has the request, NULL if it has it no more (or not yet). */
static struct port_slot *slot_of_request(struct port_unit *unit, const struct port_request *request)
{
    struct port_adapter *adapter = unit->adapter;

    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING ||
            __atomic_load_n(&slot->unit, __ATOMIC_RELAXED) != unit)
            continue;
        nt_irql_raise_on(nt_processor_get(slot->processor));
        bool found = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING &&
                     slot->request == request;
        nt_irql_lower(NT_PASSIVE_LEVEL);
        if (found)
            return slot;
    }
    return NULL;
}

/* One request of a client is to end: out of the queue, or by the driver that says it can. */
static uint8_t abort_request(struct port_unit *unit, struct port_request *victim)
{
    if (port_unit_withdraw(unit, victim)) {
        port_request_fail(victim, PORT_CANCELLED, SRB_ABORTED);
        return SRB_SUCCESS;
    }
    if (!unit->adapter->limits.abort_command)
        return SRB_INVALID_REQUEST;
    struct port_slot *slot = slot_of_request(unit, victim);
    if (!slot)
        return SRB_ABORT_FAILED;
    uint8_t status = send_reset(unit, PORT_ABORT, slot);
    if (status != SRB_SUCCESS)
        return status;
    if (slot_of_request(unit, victim) != slot)
        return SRB_SUCCESS;
    nt_finding("F0.2", unit->adapter,
               "a request of unit %s is still outstanding after its abort succeeded", unit->name);
    return SRB_ABORT_FAILED;
}

static void run_client_abort(struct port_request *request)
{
    request->status = adapter_is_gone(request->unit->adapter) ? PORT_NO_DEVICE : PORT_OK;
    request->srb_status = request->status == PORT_OK
                              ? abort_request(request->unit, request->single.base)
                              : SRB_NO_DEVICE;
    request->transferred = 0;
    port_request_return(request);
}

static void run_client_reset(struct port_request *request)
{
    struct port_unit *unit = request->unit;
    enum reset_tier tier = request->function == PORT_RESET_BUS      ? TIER_BUS
                           : request->function == PORT_RESET_TARGET ? TIER_TARGET
                                                                    : TIER_UNIT;
    bool done = run_ladder(unit, tier, tier, NULL);

    request->status = adapter_is_gone(unit->adapter) ? PORT_NO_DEVICE : PORT_OK;
    request->srb_status = done ? SRB_SUCCESS : SRB_ERROR;
    request->transferred = 0;
    port_request_return(request);
}

void port_reset_run(void *context)
{
    struct port_adapter *adapter = context;
    struct port_request *request;

    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (!__atomic_load_n(&unit->expired, __ATOMIC_ACQUIRE))
            continue;
        struct port_slot *victim = mark_victim(unit);
        if (victim) {
            port_adapter_log(adapter, "reset to device, RaidPort%u, unit %s: a request timed out",
                             adapter->number, unit->name);
            run_ladder(unit, TIER_ABORT, TIER_BUS, victim);
        } else {
            /* It came back at the last moment, or by the reset of another unit. */
            scope_gate(unit, TIER_UNIT, false);
        }
        __atomic_store_n(&unit->expired, 0, __ATOMIC_RELEASE);
    }
    while ((request = take_client_reset(adapter)) != NULL) {
        if (request->function == PORT_ABORT)
            run_client_abort(request);
        else
            run_client_reset(request);
    }
}

void port_reset_request(struct port_request *request)
{
    struct port_adapter *adapter = request->unit->adapter;
    uint8_t old = nt_spinlock_acquire_raise(&adapter->lock, NT_DISPATCH_LEVEL);

    request->next = adapter->reset_requests;
    adapter->reset_requests = request;
    nt_spinlock_release_lower(&adapter->lock, old);
    nt_work_queue(&adapter->reset_work);
}

/* ---- the device is gone ---- */

void port_adapter_removed(void *context, const char *reason)
{
    struct port_adapter *adapter = context;

    if (__atomic_exchange_n(&adapter->removed, 1, __ATOMIC_SEQ_CST))
        return;
    snprintf(adapter->removal_reason, sizeof(adapter->removal_reason), "%s", reason);
    port_gate_close(&adapter->attention.gates, PORT_GATE_GONE);
    nt_work_queue(&adapter->removal_work);
}

/* A slot that the miniport or the completion still has. */
static bool adapter_is_idle(struct port_adapter *adapter)
{
    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        uint32_t state = __atomic_load_n(&port_slot_at(adapter, i)->state, __ATOMIC_ACQUIRE);
        if (state == PORT_SLOT_OUTSTANDING || state == PORT_SLOT_COMPLETED ||
            state == PORT_SLOT_HELD)
            return false;
    }
    return true;
}

bool port_adapter_drain(struct port_adapter *adapter, uint32_t timeout_ms)
{
    uint64_t deadline = sys_now_ns() + timeout_ms * SYS_NS_PER_MS;

    while (!adapter_is_idle(adapter)) {
        if (sys_now_ns() >= deadline)
            return false;
        sys_delay_ns(SYS_NS_PER_MS);
    }
    return true;
}

void port_removal_run(void *context)
{
    struct port_adapter *adapter = context;

    port_adapter_log(adapter, "device removed: %s", adapter->removal_reason);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        port_unit_fail_held(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
        port_unit_fail_pending(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
    }
    if (__atomic_load_n(&adapter->started, __ATOMIC_ACQUIRE) && adapter->model->surprise_removal)
        adapter->model->surprise_removal(adapter);
    port_adapter_drain(adapter, REMOVAL_GRACE_MS);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        abandon_scope(unit, TIER_UNIT, PORT_NO_DEVICE, SRB_NO_DEVICE);
        port_unit_fail_held(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
        port_unit_fail_pending(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
    }
}
