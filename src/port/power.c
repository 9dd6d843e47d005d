/*
 * power.c - an adapter's device power states (lifecycle section 13; the order is that of
 * storport-callbacks section 5).
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/life.h"
#include "port/trace.h"

#include <errno.h>

enum {
    DEVICE_STATE_MAX = 3,
    ACTION_HIBERNATE = 3,
    ACTION_SHUTDOWN = 4, /* STOR_POWER_ACTION; those after it end the system as well */
};

/* After the last I/O. What a unit makes of it is its affair: the system ends. */
static void units_shut_down(struct port_adapter *adapter)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->present && !port_unit_sleeps(unit))
            port_unit_shut_down(unit);
}

/* ---- what a recording shows ---- */

static const char *why(const struct port_life *life)
{
    static const char *const actions[] = {
        "asked for",       "asked for",           "the system sleeps", "the system hibernates",
        "the system ends", "the system restarts", "the system ends",   "warm eject",
    };

    if (life->runtime)
        return life->device_state ? "idle: nobody needs it" : "somebody needs it";
    return life->action < sizeof(actions) / sizeof(actions[0]) ? actions[life->action] : NULL;
}

static void show_way(const struct port_life *life, unsigned device_state)
{
    if (nt_events_are_on())
        port_trace_power_goes(life->adapter, NULL, device_state, why(life));
}

static void show_units(const struct port_adapter *adapter, unsigned device_state)
{
    for (const struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->present && !port_unit_sleeps(unit))
            port_trace_power(adapter, unit, device_state, "with its adapter");
}

/* It is there. control_mutex held. */
static void show_end(const struct port_life *life, unsigned device_state)
{
    if (!nt_events_are_on())
        return;
    port_trace_power(life->adapter, NULL, device_state, why(life));
    show_units(life->adapter, device_state);
}

/* ---- transitions ---- */

/* What sleeps by itself, or by an order of its own, goes on sleeping. */
static void units_power(struct port_adapter *adapter, unsigned device_state, unsigned action)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->present && !port_unit_sleeps(unit))
            port_unit_set_power(unit, device_state, action);
}

bool port_adapter_may_be_cold(const struct port_adapter *adapter)
{
    uint32_t cold = __atomic_load_n(&adapter->cold, __ATOMIC_RELAXED);

    return cold == PORT_COLD_BY_REGISTRY ? !adapter->settings.no_d3_cold
                                         : cold == PORT_COLD_ALLOWED;
}

int port_adapter_set_cold(struct port_adapter *adapter, bool allowed)
{
    if (!adapter->device || !bus_power_has_cold(adapter->device))
        return -EOPNOTSUPP;
    __atomic_store_n(&adapter->cold, allowed ? PORT_COLD_ALLOWED : PORT_COLD_REFUSED,
                     __ATOMIC_RELAXED);
    return 0;
}

static void device_power_down(struct port_adapter *adapter, unsigned device_state)
{
    bool cold = device_state == DEVICE_STATE_MAX && adapter->component.is.d3_cold &&
                port_component_is_registered(&adapter->component) &&
                port_adapter_may_be_cold(adapter);

    if (adapter->device)
        bus_power_down(adapter->device, &adapter->power, device_state, cold);
}

/* What held requests back is over: it goes on in D0. control_mutex held, which it releases. */
static void power_down_undo(const struct port_life *life)
{
    units_power(life->adapter, 0, life->action);
    if (nt_events_are_on())
        port_trace_power(life->adapter, NULL, 0, "refused");
    port_life_resume(life->adapter);
}

/* Until nothing is outstanding, the caches are empty and the units are down. */
static int power_down_units(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;
    /* What the system uses a unit for is over then, or is this. */
    int error = life->action >= ACTION_HIBERNATE ? 0 : port_life_query(life);

    if (!error)
        error = port_life_quiesce(life, PORT_GATE_POWERED_DOWN);
    if (error)
        return error;
    error = port_life_empty_caches(life);
    if (error) {
        port_life_resume(adapter);
        return error;
    }
    if (life->action >= ACTION_SHUTDOWN)
        units_shut_down(adapter);
    units_power(adapter, life->device_state, life->action);
    error = port_life_flush(life);
    if (error)
        power_down_undo(life);
    else
        sys_mutex_unlock(&adapter->control_mutex);
    return error;
}

/* The body of IRP_MN_SET_POWER to D1, D2 or D3. */
static int power_down_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    sys_mutex_lock(&adapter->control_mutex);
    int error = adapter->model->power_down(adapter, life->device_state, life->action);
    if (error) {
        sys_mutex_unlock(&adapter->control_mutex);
        port_life_explain(life, "the driver refused the power state D%u", life->device_state);
        return error;
    }
    device_power_down(adapter, life->device_state);
    __atomic_store_n(&adapter->device_state, life->device_state, __ATOMIC_RELEASE);
    if (!life->runtime)
        port_life_enter(adapter, PORT_ADAPTER_POWERED_DOWN);
    show_end(life, life->device_state);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        port_unit_fail_unpowered(unit);
    port_unit_fail_unpowered(adapter->self);
    sys_mutex_unlock(&adapter->control_mutex);
    adapter->model->drain(adapter);
    return 0;
}

static enum port_irp irp_of(unsigned device_state)
{
    return (enum port_irp)(PORT_IRP_SET_POWER_D0 + (int)device_state);
}

/* A driver cannot fail it afterwards: what has happened has happened. */
static int send_power(struct port_life *life, unsigned device_state,
                      int (*run)(struct port_life *life))
{
    int error = port_life_send(life, irp_of(device_state), run);

    return life->ran ? life->error : error;
}

/* First its units, then the adapter. */
static int power_down(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    show_way(life, life->device_state);
    int error = port_life_prepare(life, irp_of(life->device_state), power_down_units);
    if (error) {
        if (nt_events_are_on())
            port_trace_power(adapter, NULL, 0, "refused");
        return error;
    }
    error = send_power(life, life->device_state, power_down_run);
    if (error) {
        sys_mutex_lock(&adapter->control_mutex);
        power_down_undo(life);
    }
    return error;
}

/* The body of IRP_MN_SET_POWER to D0. */
static int power_up_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    sys_mutex_lock(&adapter->control_mutex);
    if (adapter->device)
        bus_power_up(adapter->device, &adapter->power);
    int error = adapter->model->power_up(adapter, life->action, life->reason, life->reason_size);
    __atomic_store_n(&adapter->device_state, 0, __ATOMIC_RELEASE);
    if (error)
        port_life_fail(adapter, life->reason);
    else
        sys_mutex_unlock(&adapter->control_mutex);
    return error;
}

static int power_up_units(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    sys_mutex_lock(&adapter->control_mutex);
    units_power(adapter, 0, life->action);
    show_end(life, 0);
    port_life_hear_attentions(adapter);
    port_life_resume(adapter);
    return 0;
}

int port_life_power_up(struct port_life *life)
{
    show_way(life, 0);
    int error = send_power(life, 0, power_up_run);
    return error ? error : port_life_prepare(life, PORT_IRP_SET_POWER_D0, power_up_units);
}

static int power_change(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;
    unsigned wanted = life->device_state, now;
    enum port_adapter_state state = port_adapter_state(adapter, &now);
    int error = 0;

    if (state != PORT_ADAPTER_RUNNING && state != PORT_ADAPTER_POWERED_DOWN)
        return port_life_expect(life, PORT_ADAPTER_RUNNING, "a change of its power state");
    if (wanted == now)
        return 0;
    /* Between two low states by way of D0: drivers know only the ways down and up. */
    if (now)
        error = port_life_power_up(life);
    if (wanted && !error)
        error = power_down(life);
    if (!error)
        port_adapter_log(adapter, "adapter has power state D%u", wanted);
    return error;
}

int port_adapter_power(struct port_adapter *adapter, unsigned device_state, unsigned action,
                       char *reason, size_t reason_size)
{
    struct port_life life = {
        .adapter = adapter,
        .reason = reason,
        .reason_size = reason_size,
        .device_state = device_state,
        .action = action,
    };

    if (device_state > DEVICE_STATE_MAX) {
        port_life_explain(&life, "D%u is no power state: give one of D0 to D3", device_state);
        return -EINVAL;
    }
    port_runtime_hold(adapter, true);
    sys_mutex_lock(&adapter->life_mutex);
    int error = power_change(&life);
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_release(adapter, true);
    return error;
}

/* ---- runtime power management: what the worker of the power framework does (component.h) ---- */

static int runtime_change(struct port_adapter *adapter, int (*way)(struct port_life *life),
                          unsigned device_state)
{
    char reason[512] = "";
    struct port_life life = {
        .adapter = adapter,
        .reason = reason,
        .reason_size = sizeof(reason),
        .device_state = device_state,
        .runtime = true,
    };
    int error = -EIO;

    sys_mutex_lock(&adapter->life_mutex);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING)
        error = way(&life);
    sys_mutex_unlock(&adapter->life_mutex);
    if (error && reason[0])
        port_adapter_log(adapter, "runtime power: %s", reason);
    return error;
}

int port_runtime_power_down(struct port_adapter *adapter)
{
    return runtime_change(adapter, power_down, DEVICE_STATE_MAX);
}

int port_runtime_power_up(struct port_adapter *adapter)
{
    return runtime_change(adapter, port_life_power_up, 0);
}
