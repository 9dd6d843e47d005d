/*
 * runtime_transition.c - the transitions of components, up and down: what the driver is told of
 * them in which order, and how long each has been in which state.
 */
#include "nt/dpc.h"
#include "port/runtime.h"
#include "port/trace.h"

enum {
    RETRY_MS = 1000, /* what refused to sleep, at the earliest */
    D3 = 3,
};

/* ---- accounts ---- */

/* Adds the time since the last step to what the component was in. */
static void account(struct port_component *component, uint64_t now_ns)
{
    uint64_t time = now_ns - component->since_ns;
    uint64_t *account = component->device_state ? &component->d3_ns
                        : port_component_is_active(component)
                            ? &component->active_ns
                            : &component->fstate_ns[component->fstate];

    __atomic_store_n(account, *account + time, __ATOMIC_RELAXED);
    __atomic_store_n(&component->since_ns, now_ns, __ATOMIC_RELAXED);
}

static void show(const struct port_adapter *adapter, const struct port_unit *unit,
                 const char *state)
{
    if (!nt_events_are_on())
        return;
    uint64_t object = unit ? nt_event_unit(adapter->number, unit->path, unit->target, unit->lun)
                           : nt_event_adapter(adapter->number);
    nt_event_write_object(NT_EVENT_STATE, state, adapter->number, unit ? unit->address : UINT64_MAX,
                          0, object);
}

static const char *fstate_why(struct port_adapter *adapter, struct port_unit *unit, uint32_t fstate)
{
    const struct port_component *component = port_component_of(adapter, unit);

    if (!fstate)
        return "on its way to another state";
    return __atomic_load_n(&component->residency_hint_100ns, __ATOMIC_RELAXED) == PORT_UNKNOWN_TIME
               ? "idle for as long as the state is worth"
               : "the driver expects it to be idle for so long";
}

static void tell(struct port_adapter *adapter, struct port_unit *unit,
                 enum port_component_event event, uint32_t value)
{
    switch (event) {
    case PORT_COMPONENT_ACTIVE:
        if (nt_events_are_on())
            port_trace_component(adapter, unit, value, port_component_of(adapter, unit)->fstate,
                                 value ? "somebody needs it" : "nobody needs it");
        break;
    case PORT_COMPONENT_FSTATE:
        if (nt_events_are_on())
            port_trace_component(adapter, unit, false, value, fstate_why(adapter, unit, value));
        break;
    case PORT_COMPONENT_POWER_REQUIRED:
        show(adapter, unit, value ? "power required" : "power not required");
        break;
    }
    if (!port_component_of(adapter, unit)->is.by_port)
        adapter->model->component(adapter, unit, event, value);
}

/* ---- the way up ---- */

static void set_fstate(struct port_adapter *adapter, struct port_unit *unit, uint32_t fstate)
{
    struct port_component *component = port_component_of(adapter, unit);

    account(component, sys_now_ns());
    tell(adapter, unit, PORT_COMPONENT_FSTATE, fstate);
    __atomic_store_n(&component->fstate, fstate, __ATOMIC_RELAXED);
    __atomic_store_n(&component->fstate_entries[fstate], component->fstate_entries[fstate] + 1,
                     __ATOMIC_RELAXED);
}

static void require_power(struct port_adapter *adapter, struct port_unit *unit, bool required)
{
    struct port_component *component = port_component_of(adapter, unit);

    if (component->power_required == required)
        return;
    __atomic_store_n(&component->power_required, required, __ATOMIC_RELAXED);
    tell(adapter, unit, PORT_COMPONENT_POWER_REQUIRED, required);
}

static void become_active(struct port_adapter *adapter, struct port_unit *unit)
{
    struct port_component *component = port_component_of(adapter, unit);

    if (component->fstate)
        set_fstate(adapter, unit, 0);
    account(component, sys_now_ns());
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    __atomic_store_n(&component->active, true, __ATOMIC_RELEASE);
    nt_spinlock_release_lower(&component->lock, old);
    component->busy_ns = sys_now_ns();
    __atomic_store_n(&component->activations, component->activations + 1, __ATOMIC_RELAXED);
    tell(adapter, unit, PORT_COMPONENT_ACTIVE, true);
    if (unit)
        port_unit_gate_open(unit, PORT_GATE_IDLE);
    else
        port_adapter_gate_open(adapter, PORT_GATE_IDLE);
    __atomic_store_n(&component->ready, true, __ATOMIC_RELEASE);
}

static void slept_until(struct port_component *component, bool slept)
{
    account(component, sys_now_ns());
    if (slept) {
        component->asleep_ns = component->since_ns;
        __atomic_store_n(&component->sleeps, component->sleeps + 1, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&component->device_state, slept ? D3 : 0, __ATOMIC_RELAXED);
}

bool port_adapter_rise(struct port_adapter *adapter)
{
    struct port_component *component = &adapter->component;

    require_power(adapter, NULL, true);
    if (component->device_state) {
        int error = port_runtime_power_up(adapter);
        slept_until(component, false);
        if (error)
            return false;
    }
    become_active(adapter, NULL);
    return true;
}

void port_unit_rise(struct port_unit *unit)
{
    struct port_component *component = &unit->component;

    require_power(unit->adapter, unit, true);
    if (component->device_state) {
        account(component, sys_now_ns());
        port_runtime_unit_power_up(unit);
    }
    become_active(unit->adapter, unit);
}

/* ---- the way down ---- */

/* Under the locks that references and holds are taken under: nobody needs it. */
static bool become_idle(struct port_adapter *adapter, struct port_unit *unit)
{
    struct port_component *component = port_component_of(adapter, unit);
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    nt_spinlock_acquire(&component->lock, nt_self());
    bool idle = !port_runtime_is_held_locked(runtime, unit) && component->references == 0;
    if (idle) {
        __atomic_store_n(&component->active, false, __ATOMIC_RELEASE);
        __atomic_store_n(&component->ready, false, __ATOMIC_RELEASE);
    }
    nt_spinlock_release(&component->lock, nt_self());
    nt_spinlock_release_lower(&runtime->lock, old);
    return idle;
}

bool port_look_go_idle(const struct port_look *look, struct port_unit *unit)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = port_component_of(adapter, unit);

    if (unit)
        port_unit_gate_close(unit, PORT_GATE_IDLE);
    else
        port_adapter_gate_close(adapter, PORT_GATE_IDLE);
    nt_dpc_flush();
    account(component, sys_now_ns());
    if (!port_runtime_requests_are_gone(adapter, unit) || !become_idle(adapter, unit)) {
        component->busy_ns = look->now_ns;
        if (unit)
            port_unit_gate_open(unit, PORT_GATE_IDLE);
        else
            port_adapter_gate_open(adapter, PORT_GATE_IDLE);
        return false;
    }
    component->idle_ns = component->since_ns;
    tell(adapter, unit, PORT_COMPONENT_ACTIVE, false);
    return true;
}

static uint64_t known(uint64_t time)
{
    return time == PORT_UNKNOWN_TIME ? 0 : time;
}

/* The deepest F-state that is allowed now. Its way back must not take longer than the driver
 * tolerates. Staying must be worth it: by the driver's word of how long it will be idle, and
 * without that when it has been idle for as long already, so that what a wrong guess costs is at
 * most what it could have saved. */
uint32_t port_look_choose_fstate(struct port_look *look, const struct port_component *component)
{
    uint64_t limit = __atomic_load_n(&component->latency_limit_100ns, __ATOMIC_RELAXED);
    uint64_t hint = __atomic_load_n(&component->residency_hint_100ns, __ATOMIC_RELAXED);
    uint64_t idle_100ns = (look->now_ns - component->idle_ns) / 100;
    uint32_t chosen = 0;

    for (uint32_t i = 1; i < component->is.fstate_count; i++) {
        uint64_t residency = known(component->is.fstates[i].residency_100ns);
        if (known(component->is.fstates[i].latency_100ns) > limit)
            continue;
        if (residency <= (hint == PORT_UNKNOWN_TIME ? idle_100ns : hint) ||
            (look->hurry && hint == PORT_UNKNOWN_TIME))
            chosen = i;
        else if (hint == PORT_UNKNOWN_TIME && residency < UINT64_MAX / 1000)
            port_look_due(look, component->idle_ns + residency * 100);
    }
    return chosen;
}

bool port_look_sink(struct port_look *look, struct port_unit *unit)
{
    struct port_component *component = port_component_of(look->adapter, unit);
    uint32_t chosen = port_look_choose_fstate(look, component);

    if (chosen == component->fstate)
        return false;
    if (component->fstate)
        set_fstate(look->adapter, unit, 0);
    if (chosen)
        set_fstate(look->adapter, unit, chosen);
    return true;
}

bool port_look_may_sleep(struct port_look *look, const struct port_component *component)
{
    uint64_t timeout_ms = __atomic_load_n(&component->idle_timeout_ms, __ATOMIC_RELAXED);
    uint64_t when = component->idle_ns + timeout_ms * SYS_NS_PER_MS;

    if (look->hurry)
        when = look->now_ns;
    if (component->not_before_ns > when)
        when = component->not_before_ns;
    if (component->sleeps && component->is.cycle_period_ms && !look->hurry) {
        uint64_t cycle = component->asleep_ns + component->is.cycle_period_ms * SYS_NS_PER_MS;
        when = cycle > when ? cycle : when;
    }
    if (look->now_ns >= when)
        return true;
    port_look_due(look, when);
    return false;
}

static void refused(const struct port_look *look, struct port_unit *unit)
{
    struct port_component *component = port_component_of(look->adapter, unit);
    uint64_t timeout_ms = __atomic_load_n(&component->idle_timeout_ms, __ATOMIC_RELAXED);

    component->not_before_ns =
        sys_now_ns() + (timeout_ms > RETRY_MS ? timeout_ms : RETRY_MS) * SYS_NS_PER_MS;
    require_power(look->adapter, unit, true);
}

/* A component is in F0 on its way to D3 and back: commands that belong to the way are sent. */
static void leave_fstate(struct port_adapter *adapter, struct port_unit *unit)
{
    if (port_component_of(adapter, unit)->fstate)
        set_fstate(adapter, unit, 0);
}

void port_look_unit_sleep(const struct port_look *look, struct port_unit *unit)
{
    require_power(unit->adapter, unit, false);
    if (unit->component.is.no_sleep)
        return;
    leave_fstate(unit->adapter, unit);
    if (port_runtime_unit_power_down(unit))
        refused(look, unit);
    else
        slept_until(&unit->component, true);
}

void port_look_adapter_sleep(const struct port_look *look)
{
    struct port_adapter *adapter = look->adapter;

    require_power(adapter, NULL, false);
    if (adapter->component.is.no_sleep)
        return;
    leave_fstate(adapter, NULL);
    if (port_runtime_power_down(adapter))
        refused(look, NULL);
    else
        slept_until(&adapter->component, true);
}
