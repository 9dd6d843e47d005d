/*
 * timeout.c - the clock of outstanding requests (lifecycle section 7).
 *
 * One countdown a unit, in seconds: loaded with the TimeOutValue of the oldest outstanding request
 * whenever something completed since the last tick, and run down otherwise. So nothing is done for
 * it on the path of a request; the tick looks at counters once a second.
 */
#include "nt/bugcheck.h"
#include "port/adapter.h"
#include "port/trace.h"

uint32_t port_tick;

static struct nt_timer clock_timer;

static void clock_run(void *context)
{
    (void)context;
    __atomic_add_fetch(&port_tick, 1, __ATOMIC_RELAXED);
}

void port_clock_start(void)
{
    nt_timer_initialize(&clock_timer, clock_run, NULL);
    nt_timer_set(&clock_timer, SYS_NS_PER_S, SYS_NS_PER_S);
}

void port_clock_stop(void)
{
    nt_timer_drain(&clock_timer);
}

/* What the tick may read of a slot that is being reused meanwhile: each word by itself. */
struct port_slot *port_slot_oldest(struct port_adapter *adapter, const struct port_unit *unit)
{
    struct port_slot *oldest = NULL;
    uint32_t age_max = 0;
    uint32_t now = __atomic_load_n(&port_tick, __ATOMIC_RELAXED);

    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING)
            continue;
        if (unit && __atomic_load_n(&slot->unit, __ATOMIC_RELAXED) != unit)
            continue;
        uint32_t age = now - __atomic_load_n(&slot->issue_tick, __ATOMIC_RELAXED);
        if (!oldest || age > age_max) {
            oldest = slot;
            age_max = age;
        }
    }
    return oldest;
}

/* A gate that stops the clock: the miniport is not expected to make progress. */
static bool clock_is_suspended(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->attention.gates, __ATOMIC_ACQUIRE) &
           (PORT_GATE_PAUSED | PORT_GATE_LINK_DOWN | PORT_GATE_HOLD | PORT_GATE_RESET);
}

static void unit_tick(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;
    uint32_t completed = port_unit_completed(unit);

    if (!port_unit_outstanding(unit)) {
        unit->countdown = -1;
    } else if (unit->countdown < 0 || completed != unit->completed_seen) {
        struct port_slot *slot = port_slot_oldest(adapter, unit);
        uint32_t timeout_s = slot ? __atomic_load_n(&slot->timeout_s, __ATOMIC_RELAXED) : 0;
        unit->countdown = timeout_s && timeout_s < INT32_MAX ? (int32_t)timeout_s : -1;
    } else if (!clock_is_suspended(adapter) && --unit->countdown <= 0) {
        unit->countdown = -1;
        nt_event_on(port_trace_unit(unit), NT_EVENT_STATE, "a request has timed out", 0, 0);
        port_unit_gate_close(unit, PORT_GATE_RESET);
        __atomic_store_n(&unit->expired, 1, __ATOMIC_RELEASE);
        nt_work_queue(&adapter->reset_work);
    }
    unit->completed_seen = completed;
}

bool port_slot_has_expired(const struct port_slot *slot, const struct port_unit *unit)
{
    uint32_t now = __atomic_load_n(&port_tick, __ATOMIC_RELAXED);
    uint32_t timeout_s = __atomic_load_n(&slot->timeout_s, __ATOMIC_RELAXED);

    /* One tick more than the time, because the first was not a whole second. */
    return __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING &&
           __atomic_load_n(&slot->unit, __ATOMIC_RELAXED) == unit && timeout_s &&
           !(slot->flags & PORT_SLOT_RESERVED) &&
           now - __atomic_load_n(&slot->issue_tick, __ATOMIC_RELAXED) > timeout_s;
}

/* Requests to the adapter have a clock each. Those in the reserve are somebody's of ours, who
 * looks at the clock himself. */
static void self_tick(struct port_unit *self)
{
    struct port_adapter *adapter = self->adapter;
    bool suspended = clock_is_suspended(adapter);

    if (!port_unit_outstanding(self))
        return;
    for (uint32_t i = 0; i < adapter->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter, i);
        if (__atomic_load_n(&slot->unit, __ATOMIC_RELAXED) != self)
            continue;
        if (suspended) {
            __atomic_add_fetch(&slot->issue_tick, 1, __ATOMIC_RELAXED);
        } else if (port_slot_has_expired(slot, self)) {
            __atomic_store_n(&self->expired, 1, __ATOMIC_RELEASE);
            nt_work_queue(&adapter->reset_work);
        }
    }
}

/* DISPATCH_LEVEL, once a second. */
static void adapter_tick(void *context)
{
    struct port_adapter *adapter = context;

    if (adapter->self)
        self_tick(adapter->self);
    for (struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        if (!__atomic_load_n(&unit->expired, __ATOMIC_ACQUIRE))
            unit_tick(unit);
}

void port_timeouts_start(struct port_adapter *adapter)
{
    nt_timer_initialize(&adapter->tick, adapter_tick, adapter);
    nt_timer_set(&adapter->tick, SYS_NS_PER_S, SYS_NS_PER_S);
    port_latency_start(adapter);
}

void port_timeouts_stop(struct port_adapter *adapter)
{
    nt_timer_drain(&adapter->tick);
    port_latency_stop(adapter);
}
