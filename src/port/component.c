/*
 * component.c - records of the power framework: registration, references, accounts.
 */
#include "port/component.h"

#include "port/adapter.h"

#include <string.h>

struct port_component *port_component_of(struct port_adapter *adapter, struct port_unit *unit)
{
    return unit ? &unit->component : &adapter->component;
}

void port_component_register(struct port_component *component,
                             const struct port_component_description *description)
{
    uint64_t now = sys_now_ns();

    *component = (struct port_component){
        .is = *description,
        .active = true,
        .latency_limit_100ns = PORT_UNKNOWN_TIME,
        .residency_hint_100ns = PORT_UNKNOWN_TIME,
        .idle_timeout_ms = description->idle_timeout_ms,
        .power_required = true,
        .busy_ns = now,
        .since_ns = now,
        .activations = 1,
    };
    __atomic_store_n(&component->registered, true, __ATOMIC_RELEASE);
}

uint32_t port_component_forget(struct port_component *component)
{
    uint8_t old = nt_spinlock_acquire_raise(&component->lock, NT_DISPATCH_LEVEL);
    uint32_t references = component->registered ? component->references : 0;

    __atomic_store_n(&component->registered, false, __ATOMIC_RELEASE);
    component->references = 0;
    __atomic_store_n(&component->active, true, __ATOMIC_RELEASE);
    nt_spinlock_release_lower(&component->lock, old);
    return references;
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
