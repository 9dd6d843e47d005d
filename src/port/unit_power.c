/*
 * unit_power.c - the power of one unit: its ways down and up, by itself when nobody needs it, or by
 * somebody's order.
 *
 * A unit that was ordered down keeps its requests until it is ordered up, as an adapter does. Its
 * adapter goes on, and may itself be powered down and up meanwhile.
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/life.h"
#include "port/trace.h"
#include "port/watch.h"

#include <errno.h>

enum {
    DEVICE_STATE_MAX = 3,
    ACTION_HIBERNATE = 3,
    ACTION_SHUTDOWN = 4,
    DISK = 0,
    OP_START_STOP_UNIT = 0x1B,
    START = 1,
    STOP_TIMEOUT_S = 30,
    START_TIMEOUT_S = 240, /* how long a disk may take to spin up */
    POLL_MS = 1,
    SRB_SUCCESS = 0x01,
    SRB_NOT_POWERED = 0x24,
};

/* ---- the motor ---- */

static bool is_disk(const struct port_unit *unit)
{
    return (unit->inquiry[0] & 0x1F) == DISK;
}

static void start_stop(struct port_unit *unit, uint8_t start, uint32_t timeout_s)
{
    struct port_request request = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_BYPASS_GATES | PORT_FLAG_NO_FREEZE | PORT_FLAG_D3_PROCESSING,
        .timeout_s = timeout_s,
        .cdb_length = 6,
        .cdb = {OP_START_STOP_UNIT, 0, 0, 0, start},
    };

    port_control_execute(unit->adapter->control_queue, unit, &request, timeout_s);
}

void port_unit_shut_down(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    if (adapter->limits.caches_data)
        port_control_send(unit, PORT_SHUTDOWN, 0, 0, false, NULL, 0);
    if (adapter->limits.stop_unit && is_disk(unit))
        start_stop(unit, 0, STOP_TIMEOUT_S);
}

/* ---- requests that must not wake it ---- */

static bool must_not_wake(const struct port_request *request)
{
    return request && (request->flags & PORT_FLAG_NO_KEEP_AWAKE);
}

static struct port_request *find_waiting(struct port_unit *unit)
{
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_request *request = unit->pending_first;

    while (request && !must_not_wake(request))
        request = request->next;
    if (!request && must_not_wake(unit->alone))
        request = unit->alone;
    nt_spinlock_release_lower(&unit->lock, old);
    return request;
}

void port_unit_fail_unpowered(struct port_unit *unit)
{
    struct port_request *request;

    while ((request = find_waiting(unit)) != NULL)
        if (port_unit_withdraw(unit, request))
            port_request_fail(request, PORT_NOT_POWERED, SRB_NOT_POWERED);
}

/* ---- the ways; control_mutex is held ---- */

/* What has been written is on the medium, as far as that needs a command. */
static bool empty_caches(struct port_unit *unit)
{
    return port_unit_empty_cache(unit) &&
           (!unit->adapter->limits.caches_data ||
            port_control_send(unit, PORT_FLUSH, 0, 0, false, NULL, 0) == SRB_SUCCESS);
}

/* ---- runtime power management: what the worker of the power framework does (component.h) ---- */

static const char nobody_needs_it[] = "idle: nobody needs it";
static const char somebody_needs_it[] = "somebody needs it";

static void show_way(const struct port_unit *unit, unsigned device_state, const char *why)
{
    if (nt_events_are_on())
        port_trace_power_goes(unit->adapter, unit, device_state, why);
}

static void show_end(const struct port_unit *unit, unsigned device_state, const char *why)
{
    if (nt_events_are_on())
        port_trace_power(unit->adapter, unit, device_state, why);
}

int port_runtime_unit_power_down(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    show_way(unit, DEVICE_STATE_MAX, nobody_needs_it);
    sys_mutex_lock(&adapter->control_mutex);
    bool empty = empty_caches(unit);
    if (empty && unit->component.is.by_port)
        start_stop(unit, 0, STOP_TIMEOUT_S);
    if (empty)
        port_unit_set_power(unit, DEVICE_STATE_MAX, 0);
    show_end(unit, empty ? DEVICE_STATE_MAX : 0, empty ? nobody_needs_it : "refused");
    sys_mutex_unlock(&adapter->control_mutex);
    return empty ? 0 : -EIO;
}

void port_runtime_unit_power_up(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    show_way(unit, 0, somebody_needs_it);
    sys_mutex_lock(&adapter->control_mutex);
    port_unit_set_power(unit, 0, 0);
    if (unit->component.is.by_port)
        start_stop(unit, START, START_TIMEOUT_S);
    show_end(unit, 0, somebody_needs_it);
    /* From here on it counts as powered: its attentions are heard. */
    __atomic_store_n(&unit->component.device_state, 0, __ATOMIC_RELAXED);
    port_unit_hear_attentions(unit);
    sys_mutex_unlock(&adapter->control_mutex);
}

/* ---- by order; life_mutex is held ---- */

static const char asked_for[] = "asked for";

static bool drain(const struct port_unit *unit)
{
    uint64_t deadline = sys_now_ns() + PORT_DRAIN_TIMEOUT_MS * SYS_NS_PER_MS;

    nt_dpc_flush(); /* who has seen the gate open has issued his requests */
    while (port_unit_outstanding(unit) && sys_now_ns() < deadline)
        sys_delay_ns(POLL_MS * SYS_NS_PER_MS);
    return !port_unit_outstanding(unit);
}

static int power_down_locked(struct port_life *life, struct port_unit *unit)
{
    if (!empty_caches(unit)) {
        port_life_explain(life,
                          "unit %s does not write its cache to the medium; it goes on as it was",
                          unit->name);
        return -EIO;
    }
    if (life->action >= ACTION_SHUTDOWN)
        port_unit_shut_down(unit);
    port_unit_set_power(unit, life->device_state, life->action);
    __atomic_store_n(&unit->device_state, life->device_state, __ATOMIC_RELEASE);
    return 0;
}

static int order_down(struct port_life *life, struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;
    /* What the system uses a unit for is over then, or is this. */
    int error = life->action >= ACTION_HIBERNATE ? 0 : port_life_query_unit(life, unit);

    if (error)
        return error;
    show_way(unit, life->device_state, asked_for);
    port_unit_gate_close(unit, PORT_GATE_POWERED_DOWN);
    if (!drain(unit)) {
        port_life_explain(life, "unit %s: %u requests did not finish; it goes on as it was",
                          unit->name, port_unit_outstanding(unit));
        error = -ETIMEDOUT;
    }
    sys_mutex_lock(&adapter->control_mutex);
    if (!error)
        error = power_down_locked(life, unit);
    show_end(unit, error ? 0 : life->device_state, error ? "refused" : asked_for);
    sys_mutex_unlock(&adapter->control_mutex);
    if (error)
        port_unit_gate_open(unit, PORT_GATE_POWERED_DOWN);
    else
        port_unit_fail_unpowered(unit);
    return error;
}

static void order_up(const struct port_life *life, struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    show_way(unit, 0, asked_for);
    sys_mutex_lock(&adapter->control_mutex);
    port_unit_set_power(unit, 0, life->action);
    show_end(unit, 0, asked_for);
    __atomic_store_n(&unit->device_state, 0, __ATOMIC_RELEASE);
    port_unit_hear_attentions(unit);
    sys_mutex_unlock(&adapter->control_mutex);
    port_unit_gate_open(unit, PORT_GATE_POWERED_DOWN);
}

void port_life_wake_units(struct port_life *life)
{
    for (struct port_unit *unit = life->adapter->units; unit; unit = unit->next)
        if (unit->present && unit->device_state)
            order_up(life, unit);
}

void port_unit_forget_order(struct port_unit *unit)
{
    __atomic_store_n(&unit->device_state, 0, __ATOMIC_RELEASE);
    port_unit_gate_forget(unit, PORT_GATE_POWERED_DOWN);
}

static int power_change(struct port_life *life, struct port_unit *unit)
{
    unsigned wanted = life->device_state;
    int error = port_life_expect(life, PORT_ADAPTER_RUNNING, "a change of a unit's power state");

    if (error)
        return error;
    if (!unit->present) {
        port_life_explain(life, "unit %s is gone", unit->name);
        return -ENODEV;
    }
    if (wanted == unit->device_state)
        return 0;
    if (unit->device_state)
        order_up(life, unit);
    if (wanted)
        error = order_down(life, unit);
    if (!error)
        port_adapter_log(life->adapter, "unit %s has power state D%u", unit->name, wanted);
    return error;
}

int port_unit_power(struct port_unit *unit, unsigned device_state, unsigned action, char *reason,
                    size_t reason_size)
{
    struct port_adapter *adapter = unit->adapter;
    struct port_life life = {
        .adapter = adapter,
        .reason = reason,
        .reason_size = reason_size,
        .device_state = device_state,
        .action = action,
    };
    struct port_watch watch;

    if (device_state > DEVICE_STATE_MAX) {
        port_life_explain(&life, "D%u is no power state: give one of D0 to D3", device_state);
        return -EINVAL;
    }
    port_watch_begin(&watch, adapter, unit, "the power change");
    port_runtime_hold(adapter, true);
    sys_mutex_lock(&adapter->life_mutex);
    int error = power_change(&life, unit);
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_release(adapter, true);
    port_watch_end(&watch);
    return error;
}

void port_units_power_up(struct port_adapter *adapter)
{
    struct port_life life = {.adapter = adapter};

    port_runtime_hold(adapter, true);
    sys_mutex_lock(&adapter->life_mutex);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING)
        port_life_wake_units(&life);
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_release(adapter, true);
}
