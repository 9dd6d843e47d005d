/*
 * runtime.c - the worker of the power framework: looks at an adapter's components, and takes one
 * step after the other until each is where it should be.
 *
 * Order: an adapter is active before its units are, and idle after them; it sleeps (D3) when no
 * unit needs its power. A component sinks only from idle, by way of F0 from one F-state to another
 * and into D3.
 *
 * Races: a component becomes idle under its lock and that of the holds, so whoever takes a
 * reference or a hold either finds it active or has it made so. A request that comes while a gate
 * closes has been seen by the processor that admits it (nt_dpc_flush), or finds the gate and wakes
 * the worker (port_unit_requeue).
 */
#include "port/runtime.h"
#include "nt/bugcheck.h"
#include "port/watch.h"

#include <limits.h>

enum {
    DEBOUNCE_MS = 100,
    SHORT_DEBOUNCE_MS = 10, /* where the driver wants none */
};

/* ---- steps ---- */

static uint64_t quiet_from(const struct port_component *component)
{
    return component->busy_ns +
           (component->is.no_debounce ? SHORT_DEBOUNCE_MS : DEBOUNCE_MS) * SYS_NS_PER_MS;
}

/* One that is active and not wanted: whether it goes idle now. */
static bool is_quiet(struct port_look *look, const struct port_component *component)
{
    uint64_t when = quiet_from(component);

    if (look->now_ns >= when || look->hurry)
        return true;
    port_look_due(look, when);
    return false;
}

/* What is done to a unit is done through an adapter that is active. False: it has become so only
 * now, or not at all. */
static bool adapter_is_up(struct port_look *look, bool *ret_step)
{
    struct port_component *component = &look->adapter->component;

    *ret_step = false;
    if (!port_component_is_registered(component) || port_component_is_active(component))
        return true;
    *ret_step = port_adapter_rise(look->adapter);
    return false;
}

/* Of a unit that is idle and nobody needs. */
static bool unit_step_down(struct port_look *look, struct port_unit *unit)
{
    struct port_component *component = &unit->component;
    bool sleeps = port_look_may_sleep(look, component) && !port_adapter_pinned(look->adapter);
    bool rose;

    if (!sleeps && port_look_choose_fstate(look, component) == component->fstate)
        return false;
    if (!adapter_is_up(look, &rose))
        return rose;
    if (!sleeps)
        return port_look_sink(look, unit);
    port_look_unit_sleep(look, unit);
    return true;
}

/* True: a step was taken. */
static bool unit_step(struct port_look *look, struct port_unit *unit)
{
    struct port_component *component = &unit->component;
    const struct port_component *above = &look->adapter->component;
    bool wanted = port_look_unit_is_wanted(look, unit), rose;

    if (port_component_is_active(component) && wanted) {
        port_look_due(look, quiet_from(component));
        return false;
    }
    if (wanted) {
        /* Whoever wants it may have come after the look at the adapter. */
        if (!adapter_is_up(look, &rose))
            return rose;
        port_unit_rise(unit);
        return true;
    }
    if (port_component_is_active(component))
        return is_quiet(look, component) && port_look_go_idle(look, unit);
    /* It sleeps, or its adapter does and took it along. */
    if (!component->power_required ||
        (port_component_is_registered(above) && !above->power_required))
        return false;
    return unit_step_down(look, unit);
}

/* A unit that needs the adapter's power. */
static bool needs_power(const struct port_unit *unit)
{
    const struct port_component *component = &unit->component;

    return port_unit_is_managed(unit) &&
           (port_component_is_active(component) ||
            (component->power_required && component->fstate <= component->is.deepest_powered));
}

static bool some_unit_needs_power(const struct port_adapter *adapter)
{
    for (const struct port_unit *unit = port_runtime_first_unit(adapter); unit;
         unit = port_runtime_next_unit(unit))
        if (needs_power(unit))
            return true;
    return false;
}

static bool adapter_step_down(struct port_look *look)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = &adapter->component;

    if (port_component_is_active(component))
        return is_quiet(look, component) && port_look_go_idle(look, NULL);
    if (!component->power_required)
        return false;
    if (!some_unit_needs_power(adapter) && port_look_may_sleep(look, component) &&
        !port_adapter_pinned(adapter)) {
        port_look_adapter_sleep(look);
        return true;
    }
    return port_look_sink(look, NULL);
}

/* ---- performance states ---- */

static bool perf_take(struct port_runtime *runtime, struct port_perf_change *ret_change)
{
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    /* Who holds everything is about to stop the driver, or to start it. */
    bool taken = runtime->perf_waiting > 0 && !runtime->holds;

    if (taken) {
        runtime->perf_running = true;
        *ret_change = runtime->perf_changes[runtime->perf_first];
        runtime->perf_first = (runtime->perf_first + 1) % PORT_PERF_CHANGES_MAX;
        runtime->perf_waiting--;
        runtime->perf_sets[ret_change->set].current = ret_change->state;
    }
    nt_spinlock_release_lower(&runtime->lock, old);
    return taken;
}

static bool perf_step(struct port_adapter *adapter)
{
    struct port_perf_change change;

    if (!perf_take(&adapter->runtime, &change))
        return false;
    nt_event_on(nt_event_adapter(adapter->number), NT_EVENT_STATE, "performance state",
                change.state, change.set);
    adapter->model->perf_state(adapter, change.context);
    uint8_t old = nt_spinlock_acquire_raise(&adapter->runtime.lock, NT_DISPATCH_LEVEL);
    adapter->runtime.perf_running = false;
    nt_spinlock_release_lower(&adapter->runtime.lock, old);
    return true;
}

bool port_runtime_perf(struct port_adapter *adapter, const struct port_perf_change *change)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool room = runtime->perf_waiting < PORT_PERF_CHANGES_MAX;

    if (room)
        runtime->perf_changes[(runtime->perf_first + runtime->perf_waiting++) %
                              PORT_PERF_CHANGES_MAX] = *change;
    nt_spinlock_release_lower(&runtime->lock, old);
    if (room)
        port_runtime_wake(adapter);
    return room;
}

/* ---- the worker ---- */

static void changed(struct port_adapter *adapter)
{
    __atomic_add_fetch(&adapter->runtime.changed, 1, __ATOMIC_SEQ_CST);
    sys_wake(&adapter->runtime.changed, INT_MAX);
}

/* One step. False: there is nothing to do before look->next_ns. */
static bool step(struct port_look *look)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = &adapter->component;
    bool registered = port_component_is_registered(component);

    if (registered && port_look_adapter_is_wanted(look)) {
        if (!port_component_is_active(component))
            return port_adapter_rise(adapter);
        port_look_due(look, quiet_from(component));
        if (perf_step(adapter))
            return true;
    }
    for (struct port_unit *unit = port_runtime_first_unit(adapter); unit;
         unit = port_runtime_next_unit(unit))
        if (port_unit_is_managed(unit) && unit_step(look, unit))
            return true;
    port_runtime_resets_go_on(adapter);
    return registered && !port_look_adapter_is_wanted(look) && adapter_step_down(look);
}

static void runtime_run(void *context)
{
    struct port_adapter *adapter = context;
    struct port_runtime *runtime = &adapter->runtime;
    struct port_look look = {.adapter = adapter};
    struct port_watch watch;
    uint32_t asked;

    port_watch_begin(&watch, adapter, NULL, "runtime power management");
    sys_mutex_lock(&runtime->mutex);
    nt_timer_cancel(&runtime->timer);
    do {
        changed(adapter);
        look.now_ns = sys_now_ns();
        look.next_ns = SYS_FOREVER;
        asked = __atomic_load_n(&runtime->hurry_asked, __ATOMIC_SEQ_CST);
        look.hurry = asked != runtime->hurry_done;
    } while (port_runtime_is_managed(adapter) && step(&look));
    __atomic_store_n(&runtime->hurry_done, asked, __ATOMIC_SEQ_CST);
    changed(adapter);
    if (port_runtime_is_managed(adapter) && look.next_ns != SYS_FOREVER)
        nt_timer_set(&runtime->timer,
                     look.next_ns > look.now_ns ? look.next_ns - look.now_ns : SYS_NS_PER_MS, 0);
    sys_mutex_unlock(&runtime->mutex);
    port_watch_end(&watch);
}

static void timer_run(void *context)
{
    port_runtime_wake(context);
}

void port_runtime_wake(struct port_adapter *adapter)
{
    if (__atomic_load_n(&adapter->runtime.on, __ATOMIC_ACQUIRE))
        nt_work_queue(&adapter->runtime.work);
}

void port_runtime_initialize(struct port_adapter *adapter)
{
    nt_work_initialize(&adapter->runtime.work, runtime_run, adapter);
    nt_timer_initialize(&adapter->runtime.timer, timer_run, adapter);
}

void port_runtime_start(struct port_adapter *adapter)
{
    __atomic_store_n(&adapter->runtime.on, true, __ATOMIC_RELEASE);
    if (port_runtime_has_components(adapter))
        port_runtime_wake(adapter);
}

void port_runtime_settle(struct port_adapter *adapter)
{
    nt_work_drain(&adapter->runtime.work);
}

void port_runtime_drain(struct port_adapter *adapter)
{
    __atomic_store_n(&adapter->runtime.on, false, __ATOMIC_RELEASE);
    nt_timer_drain(&adapter->runtime.timer);
    nt_work_drain(&adapter->runtime.work);
}

void port_runtime_idle_now(struct port_adapter *adapter)
{
    struct port_runtime *runtime = &adapter->runtime;

    /* What was asked of an adapter that does not run is not done when it runs again. */
    if (!port_runtime_is_managed(adapter))
        return;
    uint32_t asked = __atomic_add_fetch(&runtime->hurry_asked, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t seen = __atomic_load_n(&runtime->changed, __ATOMIC_SEQ_CST);
        uint32_t done = __atomic_load_n(&runtime->hurry_done, __ATOMIC_SEQ_CST);
        if ((int32_t)(done - asked) >= 0)
            return;
        port_runtime_wake(adapter);
        if (!port_runtime_is_managed(adapter))
            return;
        sys_wait(&runtime->changed, seen, SYS_FOREVER);
    }
}

/* ---- what the driver has registered ---- */

static void open_gate(struct port_adapter *adapter, struct port_unit *unit)
{
    __atomic_and_fetch(unit ? &unit->attention.gates : &adapter->attention.gates,
                       ~(uint32_t)PORT_GATE_IDLE, __ATOMIC_SEQ_CST);
}

static void forget(struct port_adapter *adapter, struct port_unit *unit)
{
    struct port_component *component = port_component_of(adapter, unit);
    uint32_t references = port_component_forget(component, true);

    if (references)
        nt_finding("POWER-01", adapter, "%s%s: the driver kept %u activations of its component",
                   unit ? "unit " : "the adapter", unit ? unit->name : "", references);
    open_gate(adapter, unit);
}

static void forget_perf_sets(struct port_runtime *runtime)
{
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);

    runtime->perf_registered = false;
    runtime->perf_set_count = runtime->perf_waiting = 0;
    nt_spinlock_release_lower(&runtime->lock, old);
}

void port_runtime_forget(struct port_adapter *adapter)
{
    forget(adapter, NULL);
    for (struct port_unit *unit = port_runtime_first_unit(adapter); unit;
         unit = port_runtime_next_unit(unit))
        forget(adapter, unit);
    forget_perf_sets(&adapter->runtime);
}

void port_runtime_withdraw(struct port_adapter *adapter)
{
    (void)port_component_forget(&adapter->component, false);
    open_gate(adapter, NULL);
    forget_perf_sets(&adapter->runtime);
}

void port_runtime_forget_unit(struct port_unit *unit)
{
    forget(unit->adapter, unit);
}
