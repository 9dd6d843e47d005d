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
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/life.h"
#include "port/trace.h"

#include <limits.h>

enum {
    DEBOUNCE_MS = 100,
    SHORT_DEBOUNCE_MS = 10, /* where the driver wants none */
    RETRY_MS = 1000,        /* what refused to sleep, at the earliest */
    D3 = 3,
};

/* One look at an adapter. */
struct look {
    struct port_adapter *adapter;
    uint64_t now_ns;
    uint64_t next_ns; /* when something becomes due that is not now */
    bool hurry;
};

static void due(struct look *look, uint64_t when_ns)
{
    if (when_ns < look->next_ns)
        look->next_ns = when_ns;
}

static void changed(struct port_adapter *adapter)
{
    __atomic_add_fetch(&adapter->runtime.changed, 1, __ATOMIC_SEQ_CST);
    sys_wake(&adapter->runtime.changed, INT_MAX);
}

/* ---- what there is ---- */

static bool is_managed(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->runtime.on, __ATOMIC_ACQUIRE) &&
           port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING &&
           !(__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) &
             (PORT_GATE_GONE | PORT_GATE_STOPPING)) &&
           !__atomic_load_n(&adapter->removed, __ATOMIC_SEQ_CST);
}

static struct port_unit *first_unit(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE);
}

static struct port_unit *next_unit(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE);
}

static bool unit_is_managed(const struct port_unit *unit)
{
    return port_component_is_registered(&unit->component) &&
           __atomic_load_n(&unit->present, __ATOMIC_ACQUIRE);
}

static bool is_active(const struct port_component *component)
{
    return __atomic_load_n(&component->active, __ATOMIC_ACQUIRE);
}

static uint32_t references_of(struct port_component *component, bool *ret_touched)
{
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    uint32_t references = component->references;

    *ret_touched = component->touched;
    component->touched = false;
    nt_spinlock_release_lower(&component->lock, old);
    return references;
}

/* Under the runtime's lock. Who needs the component for something else than its requests. */
static bool is_held_locked(const struct port_runtime *runtime, const struct port_unit *unit)
{
    return runtime->holds || runtime->reset_wanted ||
           (!unit && (runtime->adapter_holds || runtime->perf_waiting));
}

static bool is_held(struct port_adapter *adapter, const struct port_unit *unit)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool held = is_held_locked(runtime, unit);

    nt_spinlock_release_lower(&runtime->lock, old);
    return held;
}

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

/* Somebody needs it now. Notes when it was last busy. */
static bool unit_is_wanted(const struct look *look, struct port_unit *unit)
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

/* Requests that are not those of units with components of their own. */
static bool adapter_has_requests(struct port_adapter *adapter, uint32_t *ret_completed)
{
    bool busy = false;

    *ret_completed = 0;
    for (struct port_unit *unit = first_unit(adapter); unit; unit = next_unit(unit)) {
        *ret_completed += port_unit_completed(unit);
        busy = busy || unit_has_requests(unit);
    }
    if (adapter->self) {
        *ret_completed += port_unit_completed(adapter->self);
        busy = busy || unit_has_requests(adapter->self);
    }
    return busy;
}

static bool adapter_is_wanted(const struct look *look)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = &adapter->component;
    uint32_t completed;
    bool touched, wanted = adapter_has_requests(adapter, &completed);

    wanted = references_of(component, &touched) || wanted || is_held(adapter, NULL);
    for (struct port_unit *unit = first_unit(adapter); unit && !wanted; unit = next_unit(unit))
        wanted =
            unit_is_managed(unit) && (is_active(&unit->component) || unit_is_wanted(look, unit));
    if (wanted || touched || completed != component->completed_seen)
        component->busy_ns = look->now_ns;
    component->completed_seen = completed;
    return wanted;
}

/* ---- accounts ---- */

/* Adds the time since the last step to what the component was in. */
static void account(struct port_component *component, uint64_t now_ns)
{
    uint64_t time = now_ns - component->since_ns;
    uint64_t *account = component->device_state ? &component->d3_ns
                        : is_active(component)  ? &component->active_ns
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

/* False: the device did not come back, and the adapter has failed. */
static bool adapter_rise(struct port_adapter *adapter)
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

static void unit_rise(struct port_unit *unit)
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
    bool idle = !is_held_locked(runtime, unit) && component->references == 0;
    if (idle) {
        __atomic_store_n(&component->active, false, __ATOMIC_RELEASE);
        __atomic_store_n(&component->ready, false, __ATOMIC_RELEASE);
    }
    nt_spinlock_release(&component->lock, nt_self());
    nt_spinlock_release_lower(&runtime->lock, old);
    return idle;
}

static bool requests_are_gone(struct port_adapter *adapter, struct port_unit *unit)
{
    uint32_t completed;

    return unit ? !unit_has_requests(unit) : !adapter_has_requests(adapter, &completed);
}

/* Closes the gate, and has seen every processor when it looks again. False: somebody came. */
static bool go_idle(const struct look *look, struct port_unit *unit)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = port_component_of(adapter, unit);

    if (unit)
        port_unit_gate_close(unit, PORT_GATE_IDLE);
    else
        port_adapter_gate_close(adapter, PORT_GATE_IDLE);
    nt_dpc_flush();
    account(component, sys_now_ns());
    if (!requests_are_gone(adapter, unit) || !become_idle(adapter, unit)) {
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
static uint32_t choose_fstate(struct look *look, const struct port_component *component)
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
            due(look, component->idle_ns + residency * 100);
    }
    return chosen;
}

/* Of something idle, in D0. True: it has another F-state now. */
static bool sink(struct look *look, struct port_unit *unit)
{
    struct port_component *component = port_component_of(look->adapter, unit);
    uint32_t chosen = choose_fstate(look, component);

    if (chosen == component->fstate)
        return false;
    if (component->fstate)
        set_fstate(look->adapter, unit, 0);
    if (chosen)
        set_fstate(look->adapter, unit, chosen);
    return true;
}

/* When it may sleep: after its time-out, not before a refusal is forgotten, and not more often than
 * its period allows. */
static bool may_sleep(struct look *look, const struct port_component *component)
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
    due(look, when);
    return false;
}

static void refused(const struct look *look, struct port_unit *unit)
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

static void unit_sleep(const struct look *look, struct port_unit *unit)
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

static void adapter_sleep(const struct look *look)
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

/* ---- steps ---- */

static uint64_t quiet_from(const struct port_component *component)
{
    return component->busy_ns +
           (component->is.no_debounce ? SHORT_DEBOUNCE_MS : DEBOUNCE_MS) * SYS_NS_PER_MS;
}

/* One that is active and not wanted: whether it goes idle now. */
static bool is_quiet(struct look *look, const struct port_component *component)
{
    uint64_t when = quiet_from(component);

    if (look->now_ns >= when || look->hurry)
        return true;
    due(look, when);
    return false;
}

/* What is done to a unit is done through an adapter that is active. False: it has become so only
 * now, or not at all. */
static bool adapter_is_up(struct look *look, bool *ret_step)
{
    struct port_component *component = &look->adapter->component;

    *ret_step = false;
    if (!port_component_is_registered(component) || is_active(component))
        return true;
    *ret_step = adapter_rise(look->adapter);
    return false;
}

/* Of a unit that is idle and nobody needs. */
static bool unit_step_down(struct look *look, struct port_unit *unit)
{
    struct port_component *component = &unit->component;
    bool sleeps = may_sleep(look, component) && !port_adapter_pinned(look->adapter);
    bool rose;

    if (!sleeps && choose_fstate(look, component) == component->fstate)
        return false;
    if (!adapter_is_up(look, &rose))
        return rose;
    if (!sleeps)
        return sink(look, unit);
    unit_sleep(look, unit);
    return true;
}

/* True: a step was taken. */
static bool unit_step(struct look *look, struct port_unit *unit)
{
    struct port_component *component = &unit->component;
    const struct port_component *above = &look->adapter->component;
    bool wanted = unit_is_wanted(look, unit), rose;

    if (is_active(component) && wanted) {
        due(look, quiet_from(component));
        return false;
    }
    if (wanted) {
        /* Whoever wants it may have come after the look at the adapter. */
        if (!adapter_is_up(look, &rose))
            return rose;
        unit_rise(unit);
        return true;
    }
    if (is_active(component))
        return is_quiet(look, component) && go_idle(look, unit);
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

    return unit_is_managed(unit) &&
           (is_active(component) ||
            (component->power_required && component->fstate <= component->is.deepest_powered));
}

static bool some_unit_needs_power(const struct port_adapter *adapter)
{
    for (const struct port_unit *unit = first_unit(adapter); unit; unit = next_unit(unit))
        if (needs_power(unit))
            return true;
    return false;
}

static bool adapter_step_down(struct look *look)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = &adapter->component;

    if (is_active(component))
        return is_quiet(look, component) && go_idle(look, NULL);
    if (!component->power_required)
        return false;
    if (!some_unit_needs_power(adapter) && may_sleep(look, component) &&
        !port_adapter_pinned(adapter)) {
        adapter_sleep(look);
        return true;
    }
    return sink(look, NULL);
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

    for (struct port_unit *unit = first_unit(adapter); unit && ready && all; unit = next_unit(unit))
        ready = !unit_is_managed(unit) || is_up(&unit->component);
    return ready;
}

static void resets_go_on(struct port_adapter *adapter)
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

/* ---- the worker ---- */

/* One step. False: there is nothing to do before look->next_ns. */
static bool step(struct look *look)
{
    struct port_adapter *adapter = look->adapter;
    struct port_component *component = &adapter->component;
    bool registered = port_component_is_registered(component);

    if (registered && adapter_is_wanted(look)) {
        if (!is_active(component))
            return adapter_rise(adapter);
        due(look, quiet_from(component));
        if (perf_step(adapter))
            return true;
    }
    for (struct port_unit *unit = first_unit(adapter); unit; unit = next_unit(unit))
        if (unit_is_managed(unit) && unit_step(look, unit))
            return true;
    resets_go_on(adapter);
    return registered && !adapter_is_wanted(look) && adapter_step_down(look);
}

static void runtime_run(void *context)
{
    struct port_adapter *adapter = context;
    struct port_runtime *runtime = &adapter->runtime;
    struct look look = {.adapter = adapter};
    uint32_t asked;

    sys_mutex_lock(&runtime->mutex);
    nt_timer_cancel(&runtime->timer);
    do {
        changed(adapter);
        look.now_ns = sys_now_ns();
        look.next_ns = SYS_FOREVER;
        asked = __atomic_load_n(&runtime->hurry_asked, __ATOMIC_SEQ_CST);
        look.hurry = asked != runtime->hurry_done;
    } while (is_managed(adapter) && step(&look));
    __atomic_store_n(&runtime->hurry_done, asked, __ATOMIC_SEQ_CST);
    changed(adapter);
    if (is_managed(adapter) && look.next_ns != SYS_FOREVER)
        nt_timer_set(&runtime->timer,
                     look.next_ns > look.now_ns ? look.next_ns - look.now_ns : SYS_NS_PER_MS, 0);
    sys_mutex_unlock(&runtime->mutex);
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

static bool has_components(const struct port_adapter *adapter)
{
    if (port_component_is_registered(&adapter->component))
        return true;
    for (const struct port_unit *unit = first_unit(adapter); unit; unit = next_unit(unit))
        if (port_component_is_registered(&unit->component))
            return true;
    return false;
}

void port_runtime_start(struct port_adapter *adapter)
{
    __atomic_store_n(&adapter->runtime.on, true, __ATOMIC_RELEASE);
    if (has_components(adapter))
        port_runtime_wake(adapter);
}

void port_runtime_drain(struct port_adapter *adapter)
{
    __atomic_store_n(&adapter->runtime.on, false, __ATOMIC_RELEASE);
    nt_timer_drain(&adapter->runtime.timer);
    nt_work_drain(&adapter->runtime.work);
}

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
    for (struct port_unit *unit = first_unit(adapter); unit; unit = next_unit(unit))
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

/* ---- holds ---- */

static bool hold_is_ready(struct port_adapter *adapter, bool all)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool ready = is_ready(adapter, all);

    nt_spinlock_release_lower(&runtime->lock, old);
    return ready || !is_managed(adapter);
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
    if (has_components(adapter))
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

void port_runtime_idle_now(struct port_adapter *adapter)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint32_t asked = __atomic_add_fetch(&runtime->hurry_asked, 1, __ATOMIC_SEQ_CST);

    for (;;) {
        uint32_t seen = __atomic_load_n(&runtime->changed, __ATOMIC_SEQ_CST);
        uint32_t done = __atomic_load_n(&runtime->hurry_done, __ATOMIC_SEQ_CST);
        if ((int32_t)(done - asked) >= 0 || !is_managed(adapter))
            return;
        port_runtime_wake(adapter);
        sys_wait(&runtime->changed, seen, SYS_FOREVER);
    }
}
