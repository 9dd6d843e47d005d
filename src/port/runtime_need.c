/*
 * runtime_need.c - who needs an adapter's components: requests, references of the driver, and
 * whoever holds all of it for an event of its life.
 */
#include "port/runtime.h"

/* ---- what there is ---- */

bool port_runtime_has_components(const struct port_adapter *adapter)
{
    if (port_component_is_registered(&adapter->component))
        return true;
    for (const struct port_unit *unit = port_runtime_first_unit(adapter); unit;
         unit = port_runtime_next_unit(unit))
        if (port_component_is_registered(&unit->component))
            return true;
    return false;
}

bool port_runtime_is_managed(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->runtime.on, __ATOMIC_ACQUIRE) &&
           port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING &&
           !(__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) &
             (PORT_GATE_GONE | PORT_GATE_STOPPING)) &&
           !__atomic_load_n(&adapter->removed, __ATOMIC_SEQ_CST);
}

/* ---- requests ---- */

/* Requests that wait for the unit. Under its lock, as the one that adds them looks at the gate. */
static bool has_waiting(struct port_unit *unit)
{
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    bool waiting = unit->pending_count || unit->alone || unit->held;

    nt_spinlock_release_lower(&unit->lock, old);
    return waiting;
}

static bool unit_has_requests(struct port_unit *unit)
{
    return port_unit_outstanding(unit) || has_waiting(unit);
}

/* Requests that are not those of units with components of their own. */
static bool adapter_has_requests(struct port_adapter *adapter, uint32_t *ret_completed)
{
    bool busy = false;

    *ret_completed = 0;
    for (struct port_unit *unit = port_runtime_first_unit(adapter); unit;
         unit = port_runtime_next_unit(unit)) {
        *ret_completed += port_unit_completed(unit);
        busy = busy || unit_has_requests(unit);
    }
    if (adapter->self) {
        *ret_completed += port_unit_completed(adapter->self);
        busy = busy || unit_has_requests(adapter->self);
    }
    return busy;
}

bool port_runtime_requests_are_gone(struct port_adapter *adapter, struct port_unit *unit)
{
    uint32_t completed;

    return unit ? !unit_has_requests(unit) : !adapter_has_requests(adapter, &completed);
}

/* ---- who wants it ---- */

static uint32_t references_of(struct port_component *component, bool *ret_touched)
{
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    uint32_t references = component->references;

    *ret_touched = component->touched;
    component->touched = false;
    nt_spinlock_release_lower(&component->lock, old);
    return references;
}

bool port_runtime_is_held_locked(const struct port_runtime *runtime, const struct port_unit *unit)
{
    return runtime->holds || runtime->reset_wanted ||
           (!unit && (runtime->adapter_holds || runtime->perf_waiting));
}

static bool is_held(struct port_adapter *adapter, const struct port_unit *unit)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool held = port_runtime_is_held_locked(runtime, unit);

    nt_spinlock_release_lower(&runtime->lock, old);
    return held;
}

bool port_look_unit_is_wanted(const struct port_look *look, struct port_unit *unit)
{
    struct port_component *component = &unit->component;
    uint32_t completed = port_unit_completed(unit);
    bool touched;
    bool wanted = references_of(component, &touched) || unit_has_requests(unit) ||
                  is_held(look->adapter, unit);

    if (wanted || touched || completed != component->completed_seen)
        component->busy_ns = look->now_ns;
    component->completed_seen = completed;
    return wanted;
}

bool port_look_adapter_is_wanted(const struct port_look *look)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = &adapter->component;
    uint32_t completed;
    bool touched, wanted = adapter_has_requests(adapter, &completed);

    wanted = references_of(component, &touched) || wanted || is_held(adapter, NULL);
    for (struct port_unit *unit = port_runtime_first_unit(adapter); unit && !wanted;
         unit = port_runtime_next_unit(unit))
        wanted = port_unit_is_managed(unit) && (port_component_is_active(&unit->component) ||
                                                port_look_unit_is_wanted(look, unit));
    if (wanted || touched || completed != component->completed_seen)
        component->busy_ns = look->now_ns;
    component->completed_seen = completed;
    return wanted;
}

/* ---- resets that were asked for while it slept ---- */

static bool is_up(const struct port_component *component)
{
    return !port_component_is_registered(component) ||
           __atomic_load_n(&component->ready, __ATOMIC_ACQUIRE);
}

/* Under the runtime's lock. Everything that somebody wants to hold is active, and the worker is
 * not telling the driver of it any more. */
static bool is_ready(struct port_adapter *adapter, bool all)
{
    bool ready = is_up(&adapter->component) && !(all && adapter->runtime.perf_running);

    for (struct port_unit *unit = port_runtime_first_unit(adapter); unit && ready && all;
         unit = port_runtime_next_unit(unit))
        ready = !port_unit_is_managed(unit) || is_up(&unit->component);
    return ready;
}

void port_runtime_resets_go_on(struct port_adapter *adapter)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool now = runtime->reset_wanted && is_ready(adapter, true);

    if (now)
        runtime->reset_wanted = false;
    nt_spinlock_release_lower(&runtime->lock, old);
    if (now)
        nt_work_queue(&adapter->reset_work);
}

/* ---- holds ---- */

static bool hold_is_ready(struct port_adapter *adapter, bool all)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool ready = is_ready(adapter, all);

    nt_spinlock_release_lower(&runtime->lock, old);
    return ready || !port_runtime_is_managed(adapter);
}

static void count_hold(struct port_adapter *adapter, bool all, uint32_t by)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);

    *(all ? &runtime->holds : &runtime->adapter_holds) += by;
    nt_spinlock_release_lower(&runtime->lock, old);
}

void port_runtime_hold(struct port_adapter *adapter, bool all)
{
    struct port_runtime *runtime = &adapter->runtime;

    count_hold(adapter, all, 1);
    for (;;) {
        uint32_t seen = __atomic_load_n(&runtime->changed, __ATOMIC_SEQ_CST);
        if (hold_is_ready(adapter, all))
            return;
        port_runtime_wake(adapter);
        sys_wait(&runtime->changed, seen, SYS_FOREVER);
    }
}

void port_runtime_release(struct port_adapter *adapter, bool all)
{
    count_hold(adapter, all, UINT32_MAX);
    if (port_runtime_has_components(adapter))
        port_runtime_wake(adapter);
}

bool port_runtime_try_hold(struct port_adapter *adapter)
{
    struct port_runtime *runtime = &adapter->runtime;

    count_hold(adapter, true, 1);
    if (hold_is_ready(adapter, true))
        return true;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    runtime->holds--;
    runtime->reset_wanted = true;
    nt_spinlock_release_lower(&runtime->lock, old);
    port_runtime_wake(adapter);
    return false;
}
