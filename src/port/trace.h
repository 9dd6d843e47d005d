/*
 * trace.h - what the port tells the event ring of its requests and objects. Whoever calls these has
 * found nt_events_are_on() true, so that nobody pays for them otherwise.
 */
#ifndef STORHOST_PORT_TRACE_H
#define STORHOST_PORT_TRACE_H

#include "nt/events.h"
#include "port/adapter.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an event is about. The unit that stands for an adapter is the adapter. */
static inline uint64_t port_trace_unit(const struct port_unit *unit)
{
    if (unit == unit->adapter->self)
        return nt_event_adapter(unit->adapter->number);
    return nt_event_unit(unit->adapter->number, unit->path, unit->target, unit->lun);
}
static inline uint64_t port_trace_adapter(const struct port_adapter *adapter)
{
    return nt_event_adapter(adapter->number);
}

/* On the processor: gives the request its trace number. */
void port_trace_submitted(struct port_processor *processor, struct port_request *request);
/* It goes to the unit's queue, whose gates are `gates`; `why` (a constant) if there are none. */
void port_trace_waits(const struct port_request *request, uint32_t gates, const char *why);
void port_trace_started(const struct port_request *request);
void port_trace_held(const struct port_slot *slot, uint32_t gates);
/* The driver gave it back; any IRQL. Before the slot may change. */
void port_trace_completed(const struct port_slot *slot);
void port_trace_retried(const struct port_request *request);
/* Before it goes to its queue: the event of its end comes when its submitter is called back. */
void port_trace_returned(struct port_request *request);

/* The trace number of the request that the slot serves; 0: it is not recorded. Any IRQL. */
uint64_t port_trace_number(const struct port_slot *slot);

/* What the object is from now on, and why (constants; NULL: no more is known). Any IRQL. */
void port_trace_phase(uint64_t object, enum nt_event_phase phase, const char *text,
                      const char *why);
/* The same for a D-state that an adapter, or with a unit that unit, is in, or on its way to. */
void port_trace_power(const struct port_adapter *adapter, const struct port_unit *unit,
                      unsigned device_state, const char *why);
void port_trace_power_goes(const struct port_adapter *adapter, const struct port_unit *unit,
                           unsigned device_state, const char *why);
/* What its component is: active, or idle in an F-state. */
void port_trace_component(const struct port_adapter *adapter, const struct port_unit *unit,
                          bool active, uint32_t fstate, const char *why);
/* Names for the objects' tracks. Any IRQL. */
void port_trace_name_adapter(const struct port_adapter *adapter);
void port_trace_name_unit(const struct port_unit *unit);
/* The same for everything that there is when a recording begins. PASSIVE_LEVEL. */
void port_trace_name_all(void);
/* Tells the drivers of all adapters that run whether their events are listened to. PASSIVE_LEVEL;
 * waits for changes of their state that are under way. */
void port_trace_tell_drivers(bool on);
/* The adapter is in the table no longer, and nobody names it any more. PASSIVE_LEVEL. */
void port_trace_forget(const struct port_adapter *adapter);
/* "paused" of PORT_GATE_PAUSED; NULL: the bit is none of the gates that hold requests by
 * themselves.
 */
const char *port_gate_name(uint32_t gate);

#ifdef __cplusplus
}
#endif

#endif
