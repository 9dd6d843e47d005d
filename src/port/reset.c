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
#include "port/trace.h"
#include "port/watch.h"

#include <stdio.h>

enum {
    RESET_TIMEOUT_S = 30,
    SETTLE_MS = 1000, /* one tick more than the hold, for completions on their way */
    UNIT_HOLD_MS = 250,
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

/* What a tier of one ladder resets. `unit` is NULL for the bus reset of a path. */
struct reset_scope {
    struct port_adapter *adapter;
    struct port_unit *unit;
    enum reset_tier tier;
    uint8_t path, target;
};

static struct reset_scope scope_of(struct port_unit *unit, enum reset_tier tier)
{
    return (struct reset_scope){
        .adapter = unit->adapter,
        .unit = unit,
        .tier = tier,
        .path = unit->path,
        .target = unit->target,
    };
}

static struct reset_scope scope_with(const struct reset_scope *scope, enum reset_tier tier)
{
    struct reset_scope other = *scope;

    other.tier = tier;
    return other;
}

static bool in_scope(const struct port_unit *unit, const struct reset_scope *scope)
{
    if (scope->tier <= TIER_UNIT)
        return unit == scope->unit;
    if (scope->tier == TIER_TARGET)
        return unit->path == scope->path && unit->target == scope->target;
    return unit->path == scope->path;
}

static uint32_t scope_outstanding(const struct reset_scope *scope)
{
    uint32_t sum = 0;

    for (struct port_unit *unit = scope->adapter->units; unit; unit = unit->next)
        if (in_scope(unit, scope))
            sum += port_unit_started(unit);
    return sum;
}

static void scope_gate(const struct reset_scope *scope, bool close)
{
    for (struct port_unit *unit = scope->adapter->units; unit; unit = unit->next) {
        if (!in_scope(unit, scope))
            continue;
        if (close)
            port_unit_gate_close(unit, PORT_GATE_RESET);
        else
            port_unit_gate_open(unit, PORT_GATE_RESET);
    }
}

static void scope_count(const struct reset_scope *scope)
{
    for (struct port_unit *unit = scope->adapter->units; unit; unit = unit->next)
        if (in_scope(unit, scope))
            __atomic_add_fetch(&unit->resets, 1, __ATOMIC_RELEASE);
}

static bool wait_until_idle(const struct reset_scope *scope, uint64_t wait_ms)
{
    uint64_t deadline = sys_now_ns() + wait_ms * SYS_NS_PER_MS;

    nt_dpc_flush();
    while (scope_outstanding(scope)) {
        if (sys_now_ns() >= deadline)
            return false;
        sys_delay_ns(POLL_MS * SYS_NS_PER_MS);
    }
    return true;
}

/* Gives up what is left; each one is a finding by its nature (F0 code 1). */
static void abandon_scope(const struct reset_scope *scope, enum port_status status,
                          uint8_t srb_status)
{
    struct port_adapter *adapter = scope->adapter;

    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter, i);
        struct port_unit *unit = __atomic_load_n(&slot->unit, __ATOMIC_RELAXED);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING || !unit ||
            unit == adapter->self || !in_scope(unit, scope))
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
static bool run_abort(const struct reset_scope *scope, struct port_slot *victim)
{
    struct port_unit *unit = scope->unit;

    if (!scope->adapter->limits.abort_command || !victim || !is_still_out(victim, unit))
        return false;
    scope_gate(scope, true);
    uint8_t status = send_reset(unit, PORT_ABORT, victim);
    if (status != SRB_SUCCESS && status != SRB_ABORTED)
        return false;
    if (!is_still_out(victim, unit))
        return true;
    nt_finding("F0.2", scope->adapter,
               "a request of unit %s is still outstanding after its abort succeeded", unit->name);
    return false;
}

/* True when the tier did it: the driver said so, and what it has not given back is taken from it.
 */
static bool run_srb_tier(const struct reset_scope *scope, struct port_slot *victim)
{
    if (scope->tier == TIER_ABORT)
        return run_abort(scope, victim);
    bool whole_target = scope->tier == TIER_TARGET;
    scope_gate(scope, true);
    scope_count(scope);
    bool was_busy = scope_outstanding(scope) != 0;
    if (send_reset(scope->unit, whole_target ? PORT_RESET_TARGET : PORT_RESET_LOGICAL_UNIT, NULL) !=
        SRB_SUCCESS)
        return false;
    if (!wait_until_idle(scope, SETTLE_MS)) {
        nt_finding("F0.1", scope->adapter,
                   "%u requests of unit %s are still outstanding after a successful %s reset",
                   scope_outstanding(scope), scope->unit->name, whole_target ? "target" : "unit");
        abandon_scope(scope, PORT_OK, SRB_BUS_RESET);
    }
    /* There are drivers that give requests back here while the device still has them in its queue:
     * until it is through with them, nobody may reuse their memory. */
    if (was_busy)
        sys_delay_ns(UNIT_HOLD_MS * SYS_NS_PER_MS);
    return true;
}

static bool run_bus_tier(const struct reset_scope *scope)
{
    struct port_adapter *adapter = scope->adapter;

    port_adapter_gate_close(adapter, PORT_GATE_RESET);
    scope_count(scope);
    bool done = adapter->model->reset_bus(adapter, scope->path);
    if (!done) {
        port_adapter_log(adapter, "bus reset of path %u failed; it is tried again", scope->path);
        return false;
    }
    uint64_t hold_ms = adapter->limits.bus_reset_hold_us / 1000;
    /* A pause of the miniport's own says that it is still resetting; the leftovers are judged when
     * it has ended. */
    uint64_t pause_deadline = sys_now_ns() + 60 * SYS_NS_PER_S;
    while (__atomic_load_n(&adapter->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_PAUSED &&
           scope_outstanding(scope) && sys_now_ns() < pause_deadline)
        sys_delay_ns(POLL_MS * SYS_NS_PER_MS);
    if (hold_ms)
        sys_delay_ns(hold_ms * SYS_NS_PER_MS);
    if (!wait_until_idle(scope, SETTLE_MS)) {
        nt_finding("F0.1", adapter,
                   "%u requests of path %u are still outstanding after a bus reset",
                   scope_outstanding(scope), scope->path);
        abandon_scope(scope, PORT_OK, SRB_BUS_RESET);
    }
    return true;
}

/* Resets that never work: after three rounds everything fails, and the adapter answers again. */
static void give_up(const struct reset_scope *scope)
{
    struct port_adapter *adapter = scope->adapter;

    port_adapter_log(adapter, "no reset of path %u helped: its requests fail", scope->path);
    /* First what waits: what clients send in answer to a failure is for the time after this. */
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (!in_scope(unit, scope))
            continue;
        port_unit_fail_held(unit, PORT_TIMED_OUT, SRB_NO_HBA);
        port_unit_fail_pending(unit, PORT_TIMED_OUT, SRB_NO_HBA);
    }
    abandon_scope(scope, PORT_TIMED_OUT, SRB_NO_HBA);
}

static bool adapter_is_gone(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->removed, __ATOMIC_ACQUIRE);
}

/* Bus resets, up to three; then the requests of the path fail. */
static bool run_bus_rounds(const struct reset_scope *scope)
{
    struct port_adapter *adapter = scope->adapter;
    bool done = false;

    for (unsigned round = 0; !done && !adapter_is_gone(adapter); round++) {
        nt_event_on(port_trace_adapter(adapter), NT_EVENT_RESET, "bus reset", scope->path, round);
        done = run_bus_tier(scope);
        nt_event_on(port_trace_adapter(adapter), NT_EVENT_RESET_END, "bus reset", scope->path,
                    done);
        if (done)
            break;
        if (round + 1 == FAILED_RESETS_MAX) {
            give_up(scope);
            break;
        }
        sys_delay_ns(SYS_NS_PER_S);
    }
    port_adapter_gate_open(adapter, PORT_GATE_RESET);
    return done;
}

static bool run_tier(const struct reset_scope *scope, struct port_slot *victim)
{
    static const char *const names[] = {
        [TIER_ABORT] = "abort", [TIER_UNIT] = "unit reset", [TIER_TARGET] = "target reset"};
    uint64_t object = port_trace_unit(scope->unit);

    nt_event_on(object, NT_EVENT_RESET, names[scope->tier], scope->path, scope->tier);
    bool done = run_srb_tier(scope, victim);
    nt_event_on(object, NT_EVENT_RESET_END, names[scope->tier], scope->path, done);
    return done;
}

/* From the first tier upwards until one works; false when none did. The gates are open again
 * afterwards, unless the device is gone. */
static bool run_ladder(struct reset_scope scope, enum reset_tier last, struct port_slot *victim)
{
    struct reset_scope whole = scope_with(&scope, TIER_BUS);
    bool done = false;

    for (; scope.tier < TIER_BUS && scope.tier <= last; scope.tier++) {
        if (adapter_is_gone(scope.adapter))
            return false;
        if (run_tier(&scope, victim)) {
            scope_gate(&scope, false);
            return true;
        }
    }
    if (last == TIER_BUS)
        done = run_bus_rounds(&whole);
    scope_gate(&whole, false);
    return done;
}

/* ---- the work item ---- */

/* The oldest; there are few. */
static struct port_request *take_client_reset(struct port_adapter *adapter)
{
    uint8_t old = nt_spinlock_acquire_raise(&adapter->lock, NT_DISPATCH_LEVEL);
    struct port_request **link = &adapter->reset_requests, *request = *link;

    for (; request && request->next; request = *link)
        link = &request->next;
    *link = NULL;
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

/* A bus reset may be for a path that has no unit: then it is addressed to the adapter. */
static void run_client_reset(struct port_request *request)
{
    struct port_unit *unit = request->unit;
    enum reset_tier tier = request->function == PORT_RESET_BUS      ? TIER_BUS
                           : request->function == PORT_RESET_TARGET ? TIER_TARGET
                                                                    : TIER_UNIT;
    struct reset_scope scope = scope_of(unit, tier);

    if (unit == unit->adapter->self)
        scope.path = request->cdb[0];
    bool done = run_ladder(scope, tier, NULL);
    request->status = adapter_is_gone(unit->adapter) ? PORT_NO_DEVICE : PORT_OK;
    request->srb_status = done ? SRB_SUCCESS : SRB_ERROR;
    request->transferred = 0;
    port_request_return(request);
}

/* Requests to the adapter have a clock each, and no reset would be theirs: what runs out ends. */
static void run_adapter_expiry(struct port_adapter *adapter)
{
    struct port_unit *self = adapter->self;

    if (!self || !__atomic_exchange_n(&self->expired, 0, __ATOMIC_ACQ_REL))
        return;
    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter, i);
        if (!port_slot_has_expired(slot, self))
            continue;
        nt_irql_raise_on(nt_processor_get(slot->processor));
        struct port_request *request = port_slot_has_expired(slot, self) ? slot->request : NULL;
        nt_irql_lower(NT_PASSIVE_LEVEL);
        if (!request)
            continue;
        port_adapter_log(adapter, "a request to the adapter, RaidPort%u, timed out",
                         adapter->number);
        port_slot_quarantine(slot, request, PORT_TIMED_OUT, SRB_TIMEOUT);
    }
}

/* No request reaches the driver any more. */
static bool is_over(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) &
           (PORT_GATE_GONE | PORT_GATE_STOPPING);
}

/* What clients have asked for: the adapter is to be awake for it. */
static void run_client_resets(struct port_adapter *adapter)
{
    struct port_request *request;

    /* What is stopped or powered down is reset when it is back. */
    while (!(__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATES_OF_LIFE &&
             !is_over(adapter)) &&
           (request = take_client_reset(adapter)) != NULL) {
        if (is_over(adapter))
            port_request_fail(request, PORT_NO_DEVICE, adapter->gone_status);
        else if (request->function == PORT_ABORT)
            run_client_abort(request);
        else
            run_client_reset(request);
    }
}

static void run_resets(struct port_adapter *adapter)
{
    run_adapter_expiry(adapter);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (!__atomic_load_n(&unit->expired, __ATOMIC_ACQUIRE))
            continue;
        struct port_slot *victim = mark_victim(unit);
        if (victim) {
            port_adapter_log(adapter, "reset to device, RaidPort%u, unit %s: a request timed out",
                             adapter->number, unit->name);
            run_ladder(scope_of(unit, TIER_ABORT), TIER_BUS, victim);
        } else {
            /* It came back at the last moment, or by the reset of another unit. */
            port_unit_gate_open(unit, PORT_GATE_RESET);
        }
        __atomic_store_n(&unit->expired, 0, __ATOMIC_RELEASE);
    }
    if (__atomic_load_n(&adapter->reset_requests, __ATOMIC_ACQUIRE) &&
        port_runtime_try_hold(adapter)) {
        run_client_resets(adapter);
        port_runtime_release(adapter, true);
    }
}

void port_reset_run(void *context)
{
    struct port_adapter *adapter = context;
    struct port_watch watch;

    port_watch_begin(&watch, adapter, NULL, "a reset");
    run_resets(adapter);
    port_watch_end(&watch);
}

void port_unit_abandon(struct port_unit *unit)
{
    struct reset_scope scope = scope_of(unit, TIER_UNIT);

    abandon_scope(&scope, PORT_NO_DEVICE, SRB_NO_DEVICE);
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
    port_adapter_gate_close(adapter, PORT_GATE_GONE);
    nt_work_queue(&adapter->removal_work);
}

/* A slot that the miniport or the completion still has. */
static bool adapter_is_idle(struct port_adapter *adapter)
{
    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        uint32_t state = __atomic_load_n(&port_slot_at(adapter, i)->state, __ATOMIC_ACQUIRE);
        if (state != PORT_SLOT_FREE && state != PORT_SLOT_QUARANTINED)
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

static void fail_all(struct port_adapter *adapter, bool with_driver)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        struct reset_scope scope = scope_of(unit, TIER_UNIT);
        if (with_driver)
            abandon_scope(&scope, PORT_NO_DEVICE, SRB_NO_DEVICE);
        port_unit_fail_held(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
        port_unit_fail_pending(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
    }
    if (adapter->self)
        port_unit_fail_pending(adapter->self, PORT_NO_DEVICE, SRB_NO_DEVICE);
}

/* Ends what is under way, so that whoever waits for it in another event of the adapter's life goes
 * on; the adapter's removal follows when that is over. */
void port_removal_run(void *context)
{
    struct port_adapter *adapter = context;
    struct port_watch watch;

    port_watch_begin(&watch, adapter, NULL, "the surprise removal");
    port_adapter_log(adapter, "device removed: %s", adapter->removal_reason);
    nt_dpc_flush(); /* who has seen the gate open has issued his requests */
    fail_all(adapter, false);
    if (__atomic_load_n(&adapter->started, __ATOMIC_SEQ_CST)) {
        if (adapter->model->surprise_removal)
            adapter->model->surprise_removal(adapter);
        port_adapter_drain(adapter, REMOVAL_GRACE_MS);
        fail_all(adapter, true);
    }
    port_watch_end(&watch);
    nt_work_queue(&adapter->departure_work);
}
