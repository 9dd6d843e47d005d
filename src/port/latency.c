/*
 * latency.c - IoLatencyCap: new requests of a unit wait while one with the driver is older than the
 * cap (lifecycle section 5).
 *
 * The path of a request pays nothing for it: a timer looks at the slots twice in the time of the
 * cap and remembers since when each has served the request that it serves.
 */
#include "port/adapter.h"

#include <stdlib.h>

struct port_latency {
    uint64_t sequence; /* of the request that the slot had at the last look */
    uint64_t since_ns; /* of the first look that found it there */
};

/* Marks the unit of a slot whose request is too old. */
static void look_at_slot(struct port_adapter *adapter, uint32_t number, uint64_t now)
{
    struct port_slot *slot = port_slot_at(adapter, number);
    struct port_latency *seen = &adapter->latency[number];
    uint64_t sequence = __atomic_load_n(&slot->sequence, __ATOMIC_RELAXED);

    if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING) {
        seen->sequence = 0;
        return;
    }
    if (seen->sequence != sequence) {
        *seen = (struct port_latency){.sequence = sequence, .since_ns = now};
        return;
    }
    struct port_unit *unit = __atomic_load_n(&slot->unit, __ATOMIC_RELAXED);
    if (unit && unit != adapter->self &&
        now - seen->since_ns >= adapter->settings.latency_cap_ms * SYS_NS_PER_MS)
        unit->late = true;
}

static void latency_run(void *context)
{
    struct port_adapter *adapter = context;
    uint64_t now = sys_now_ns();

    for (uint32_t i = 0; i < adapter->slot_count; i++)
        look_at_slot(adapter, i, now);
    for (struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE)) {
        bool closed = __atomic_load_n(&unit->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_LATENCY;
        if (unit->late && !closed)
            port_unit_gate_close(unit, PORT_GATE_LATENCY);
        else if (!unit->late && closed)
            port_unit_gate_open(unit, PORT_GATE_LATENCY);
        unit->late = false;
    }
}

void port_latency_start(struct port_adapter *adapter)
{
    uint64_t period = adapter->settings.latency_cap_ms * SYS_NS_PER_MS / 2;

    nt_timer_initialize(&adapter->latency_timer, latency_run, adapter);
    if (!period)
        return;
    adapter->latency = calloc(adapter->slot_count, sizeof(*adapter->latency));
    if (adapter->latency)
        nt_timer_set(&adapter->latency_timer, period, period);
}

void port_latency_stop(struct port_adapter *adapter)
{
    if (!adapter->latency)
        return;
    nt_timer_drain(&adapter->latency_timer);
    free(adapter->latency);
    adapter->latency = NULL;
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        port_unit_gate_open(unit, PORT_GATE_LATENCY);
}
