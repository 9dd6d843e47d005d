/*
 * runtime.h - what the parts of runtime power management share: the worker that decides
 * (runtime.c), who needs a component (runtime_need.c), and what takes it from one state to another
 * (runtime_transition.c). All of it is the worker's, with runtime.mutex held, unless it says
 * otherwise.
 */
#ifndef STORHOST_PORT_RUNTIME_H
#define STORHOST_PORT_RUNTIME_H

#include "port/life.h"

/* One look at an adapter. */
struct port_look {
    struct port_adapter *adapter;
    uint64_t now_ns;
    uint64_t next_ns; /* when something becomes due that is not now */
    bool hurry;
};

static inline void port_look_due(struct port_look *look, uint64_t when_ns)
{
    if (when_ns < look->next_ns)
        look->next_ns = when_ns;
}

/* ---- what there is: any IRQL ---- */

static inline struct port_unit *port_runtime_first_unit(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE);
}

static inline struct port_unit *port_runtime_next_unit(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE);
}

/* One that was ordered to sleep is nobody else's to wake. */
static inline bool port_unit_is_managed(const struct port_unit *unit)
{
    return port_component_is_registered(&unit->component) &&
           __atomic_load_n(&unit->present, __ATOMIC_ACQUIRE) &&
           !__atomic_load_n(&unit->device_state, __ATOMIC_ACQUIRE);
}

static inline bool port_component_is_active(const struct port_component *component)
{
    return __atomic_load_n(&component->active, __ATOMIC_ACQUIRE);
}

bool port_runtime_has_components(const struct port_adapter *adapter);
/* It runs, and nothing is about to end that. */
bool port_runtime_is_managed(const struct port_adapter *adapter);

/* ---- who needs it ---- */

/* Somebody needs it now. Notes when it was last busy. */
bool port_look_unit_is_wanted(const struct port_look *look, struct port_unit *unit);
bool port_look_adapter_is_wanted(const struct port_look *look);
/* Of the unit, or with NULL of the whole adapter. */
bool port_runtime_requests_are_gone(struct port_adapter *adapter, struct port_unit *unit);
/* Under the runtime's lock. Who needs the component for something else than its requests. */
bool port_runtime_is_held_locked(const struct port_runtime *runtime, const struct port_unit *unit);
/* Queues reset_work if it waits until all is active, and all is. */
void port_runtime_resets_go_on(struct port_adapter *adapter);

/* ---- transitions; `unit` NULL: of the adapter's component ---- */

/* False: the device did not come back, and the adapter has failed. */
bool port_adapter_rise(struct port_adapter *adapter);
void port_unit_rise(struct port_unit *unit);
/* Closes the gate, and has seen every processor when it looks again. False: somebody came. */
bool port_look_go_idle(const struct port_look *look, struct port_unit *unit);
/* The deepest F-state that is allowed now, of something idle. */
uint32_t port_look_choose_fstate(struct port_look *look, const struct port_component *component);
/* Of something idle, in D0. True: it has another F-state now. */
bool port_look_sink(struct port_look *look, struct port_unit *unit);
/* When it may sleep: after its time-out, not before a refusal is forgotten, and not more often than
 * its period allows. */
bool port_look_may_sleep(struct port_look *look, const struct port_component *component);
/* Into D3, where the driver wants that and does not refuse. */
void port_look_unit_sleep(const struct port_look *look, struct port_unit *unit);
void port_look_adapter_sleep(const struct port_look *look);

#endif
