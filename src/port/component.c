/*
 * component.c - records of the power framework: registration, references, accounts.
 */
#include "port/component.h"

#include "port/adapter.h"

#include <stddef.h>
#include <string.h>

struct port_component *port_component_of(struct port_adapter *adapter, struct port_unit *unit)
{
    return unit ? &unit->component : &adapter->component;
}

void port_component_register(struct port_component *component,
                             const struct port_component_description *description)
{
    uint64_t now = sys_now_ns();
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);

    /* The worker may look meanwhile whether it is registered: that is not written before the end.
     * References that a driver kept when it was withdrawn stay. */
    component->is = *description;
    component->gated = component->touched = false;
    memset(&component->latency_limit_100ns, 0,
           sizeof(*component) - offsetof(struct port_component, latency_limit_100ns));
    component->latency_limit_100ns = PORT_UNKNOWN_TIME;
    component->residency_hint_100ns = PORT_UNKNOWN_TIME;
    component->idle_timeout_ms = description->idle_timeout_ms;
    component->power_required = true;
    component->busy_ns = component->since_ns = now;
    component->activations = 1;
    __atomic_store_n(&component->active, true, __ATOMIC_RELEASE);
    __atomic_store_n(&component->ready, true, __ATOMIC_RELEASE);
    __atomic_store_n(&component->registered, true, __ATOMIC_RELEASE);
    nt_spinlock_release_lower(&component->lock, old);
}

uint32_t port_component_forget(struct port_component *component, bool references)
{
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    uint32_t kept = component->registered ? component->references : 0;

    __atomic_store_n(&component->registered, false, __ATOMIC_RELEASE);
    if (references)
        component->references = 0;
    __atomic_store_n(&component->active, true, __ATOMIC_RELEASE);
    nt_spinlock_release_lower(&component->lock, old);
    return kept;
}

bool port_component_activate(struct port_adapter *adapter, struct port_component *component)
{
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    bool active = component->active;

    component->references++;
    component->touched = true;
    nt_spinlock_release_lower(&component->lock, old);
    if (!active)
        port_runtime_wake(adapter);
    return active;
}

/* Requests of it, wherever they are, keep it active. */
static bool has_requests(const struct port_adapter *adapter, const struct port_unit *unit)
{
    return unit ? port_unit_outstanding(unit) != 0 : port_adapter_outstanding(adapter) != 0;
}

enum port_component_idled port_component_idle(struct port_adapter *adapter, struct port_unit *unit)
{
    struct port_component *component = port_component_of(adapter, unit);
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    bool held = component->references > 0;

    component->references -= held;
    component->touched = true;
    bool last = held && component->references == 0;
    nt_spinlock_release_lower(&component->lock, old);
    if (!held)
        return PORT_NOT_REFERENCED;
    return last && !has_requests(adapter, unit) ? PORT_IDLED : PORT_STILL_ACTIVE;
}

void port_component_describe(struct port_adapter *adapter, struct port_unit *unit,
                             struct port_component_info *ret_info)
{
    struct port_component *component = port_component_of(adapter, unit);
    uint64_t now_ns = sys_now_ns();

    *ret_info = (struct port_component_info){
        .registered = port_component_is_registered(component),
        .cold_supported = !unit && adapter->device && bus_power_has_cold(adapter->device),
        .cold_allowed = !unit && port_adapter_may_be_cold(adapter),
    };
    if (!ret_info->registered)
        return;
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    ret_info->references = component->references;
    ret_info->active = component->active;
    nt_spinlock_release_lower(&component->lock, old);
    ret_info->device_state = __atomic_load_n(&component->device_state, __ATOMIC_RELAXED);
    ret_info->fstate = __atomic_load_n(&component->fstate, __ATOMIC_RELAXED);
    ret_info->fstate_count = component->is.fstate_count;
    ret_info->active_ns = __atomic_load_n(&component->active_ns, __ATOMIC_RELAXED);
    ret_info->d3_ns = __atomic_load_n(&component->d3_ns, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < PORT_FSTATES_MAX; i++) {
        ret_info->fstates[i] = component->is.fstates[i];
        ret_info->fstate_ns[i] = __atomic_load_n(&component->fstate_ns[i], __ATOMIC_RELAXED);
        ret_info->fstate_entries[i] =
            __atomic_load_n(&component->fstate_entries[i], __ATOMIC_RELAXED);
    }
    uint64_t since_ns = __atomic_load_n(&component->since_ns, __ATOMIC_RELAXED);
    *(ret_info->device_state ? &ret_info->d3_ns
      : ret_info->active     ? &ret_info->active_ns
                             : &ret_info->fstate_ns[ret_info->fstate]) +=
        now_ns > since_ns ? now_ns - since_ns : 0;
    ret_info->activations = __atomic_load_n(&component->activations, __ATOMIC_RELAXED);
    ret_info->sleeps = __atomic_load_n(&component->sleeps, __ATOMIC_RELAXED);
    ret_info->idle_timeout_ms = __atomic_load_n(&component->idle_timeout_ms, __ATOMIC_RELAXED);
    ret_info->latency_limit_100ns =
        __atomic_load_n(&component->latency_limit_100ns, __ATOMIC_RELAXED);
    ret_info->residency_hint_100ns =
        __atomic_load_n(&component->residency_hint_100ns, __ATOMIC_RELAXED);
    ret_info->power_required = __atomic_load_n(&component->power_required, __ATOMIC_RELAXED);
    ret_info->d3_cold = component->is.d3_cold;
    ret_info->by_port = component->is.by_port;
}

bool port_runtime_perf_set(struct port_adapter *adapter, unsigned index,
                           struct port_perf_set *ret_set)
{
    struct port_runtime *runtime = &adapter->runtime;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool there = runtime->perf_registered && index < runtime->perf_set_count;

    if (there)
        *ret_set = runtime->perf_sets[index];
    nt_spinlock_release_lower(&runtime->lock, old);
    return there;
}
