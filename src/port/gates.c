/*
 * gates.c - what holds requests back: pauses, busy count-downs, resets, the link (lifecycle
 * sections 5 and 6).
 *
 * Miniports call these from anywhere: any IRQL, any lock held, from StartIo itself. So they change
 * words with atomic operations, arm timers, and ask a processor to dispatch later; they never
 * dispatch. A closed gate recalls nothing that is past it, and never affects completions.
 */
#include "nt/bugcheck.h"
#include "port/trace.h"

enum { PAUSE_TIMEOUT_MAX_S = 60 * 60 * 24 };

void port_adapter_gate_close(struct port_adapter *adapter, uint32_t gate)
{
    __atomic_or_fetch(&adapter->attention.gates, gate, __ATOMIC_SEQ_CST);
    nt_event_on(port_trace_adapter(adapter), NT_EVENT_GATE, "close", gate, 1);
}

void port_unit_gate_close(struct port_unit *unit, uint32_t gate)
{
    __atomic_or_fetch(&unit->attention.gates, gate, __ATOMIC_SEQ_CST);
    nt_event_on(port_trace_unit(unit), NT_EVENT_GATE, "close", gate, 0);
}

/* ---- opening: on a processor, later ---- */

static void unit_kick_run(void *context)
{
    port_dispatch_unit(nt_self()->processor, context);
}

static void adapter_kick_run(void *context)
{
    struct port_adapter *adapter = context;
    struct nt_processor *processor = nt_self()->processor;

    for (struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        port_dispatch_unit(processor, unit);
    if (adapter->self)
        port_dispatch_unit(processor, adapter->self);
    port_dispatch_adapter(processor, adapter);
}

void port_unit_gate_forget(struct port_unit *unit, uint32_t gate)
{
    __atomic_and_fetch(&unit->attention.gates, ~gate, __ATOMIC_SEQ_CST);
    nt_event_on(port_trace_unit(unit), NT_EVENT_GATE, "open", gate, 0);
}

void port_unit_gate_open(struct port_unit *unit, uint32_t gate)
{
    port_unit_gate_forget(unit, gate);
    nt_processor_post(nt_processor_current(), &unit->kick);
}

void port_adapter_gate_forget(struct port_adapter *adapter, uint32_t gate)
{
    __atomic_and_fetch(&adapter->attention.gates, ~gate, __ATOMIC_SEQ_CST);
    nt_event_on(port_trace_adapter(adapter), NT_EVENT_GATE, "open", gate, 1);
}

void port_adapter_gate_open(struct port_adapter *adapter, uint32_t gate)
{
    port_adapter_gate_forget(adapter, gate);
    nt_processor_post(nt_processor_current(), &adapter->kick);
}

/* ---- pauses ---- */

static uint64_t pause_ns(uint32_t timeout_s)
{
    if (timeout_s > PAUSE_TIMEOUT_MAX_S)
        timeout_s = PAUSE_TIMEOUT_MAX_S;
    return timeout_s * SYS_NS_PER_S;
}

static void adapter_pause_expired(void *context)
{
    port_adapter_gate_open(context, PORT_GATE_PAUSED);
}

bool port_adapter_pause(struct port_adapter *adapter, uint32_t timeout_s)
{
    port_adapter_gate_close(adapter, PORT_GATE_PAUSED);
    nt_timer_set(&adapter->pause_timer, pause_ns(timeout_s), 0);
    return true;
}

bool port_adapter_resume(struct port_adapter *adapter)
{
    if (!(__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATE_PAUSED))
        return false;
    nt_timer_cancel(&adapter->pause_timer);
    port_adapter_gate_open(adapter, PORT_GATE_PAUSED);
    return true;
}

static void unit_pause_expired(void *context)
{
    port_unit_gate_open(context, PORT_GATE_PAUSED);
}

bool port_unit_pause(struct port_unit *unit, uint32_t timeout_s)
{
    port_unit_gate_close(unit, PORT_GATE_PAUSED);
    nt_timer_set(&unit->pause_timer, pause_ns(timeout_s), 0);
    return true;
}

bool port_unit_resume(struct port_unit *unit)
{
    if (!(__atomic_load_n(&unit->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATE_PAUSED))
        return false;
    nt_timer_cancel(&unit->pause_timer);
    port_unit_gate_open(unit, PORT_GATE_PAUSED);
    return true;
}

/* ---- busy gates ----
 * A gate opens when `completed` has reached a target, or the miniport has nothing left that could
 * complete: requests held between BuildIo and StartIo wait for the gate themselves. Completions on
 * their way may not have seen the gate closed; so every processor is asked to look once more, after
 * those. */

static uint32_t at_most(uint32_t wanted, uint32_t outstanding)
{
    return wanted < outstanding ? wanted : outstanding;
}

bool port_unit_busy(struct port_unit *unit, uint32_t completions)
{
    uint32_t completed = port_unit_completed(unit);
    uint32_t remaining = at_most(completions, port_unit_started(unit));

    __atomic_store_n(&unit->busy_target, completed + remaining, __ATOMIC_SEQ_CST);
    if (remaining) {
        port_unit_gate_close(unit, PORT_GATE_BUSY);
        port_recall_all();
    } else {
        port_unit_gate_open(unit, PORT_GATE_BUSY);
    }
    return true;
}

bool port_unit_ready(struct port_unit *unit)
{
    port_unit_gate_open(unit, PORT_GATE_BUSY);
    return true;
}

static uint32_t adapter_completed(const struct port_adapter *adapter)
{
    uint32_t sum = 0;

    for (const struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        sum += port_unit_completed(unit);
    return sum;
}

static uint32_t adapter_started(const struct port_adapter *adapter)
{
    uint32_t sum = 0;

    for (const struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        sum += port_unit_started(unit);
    return sum;
}

bool port_adapter_busy(struct port_adapter *adapter, uint32_t completions)
{
    uint32_t completed = adapter_completed(adapter);
    uint32_t remaining = at_most(completions, adapter_started(adapter));

    __atomic_store_n(&adapter->busy_target, completed + remaining, __ATOMIC_SEQ_CST);
    if (remaining) {
        port_adapter_gate_close(adapter, PORT_GATE_BUSY);
        port_recall_all();
    } else {
        port_adapter_gate_open(adapter, PORT_GATE_BUSY);
    }
    return true;
}

bool port_adapter_ready(struct port_adapter *adapter)
{
    port_adapter_gate_open(adapter, PORT_GATE_BUSY);
    return true;
}

static void unit_busy_expired(void *context)
{
    port_unit_gate_open(context, PORT_GATE_BUSY_HOLD);
}

void port_unit_hold_busy(struct port_unit *unit)
{
    port_unit_gate_close(unit, PORT_GATE_BUSY_HOLD);
    nt_timer_set(&unit->busy_timer, unit->settings.busy_pause_ms * SYS_NS_PER_MS, 0);
}

void port_unit_hold_queue_full(struct port_unit *unit)
{
    /* The request that said QUEUE FULL is itself still counted as outstanding. */
    uint32_t others = port_unit_started(unit);
    others = others ? others - 1 : 0;
    uint32_t remaining = (others * unit->settings.queue_full_percent + 99) / 100;

    if (!remaining) {
        port_unit_hold_busy(unit);
        return;
    }
    __atomic_store_n(&unit->full_target, port_unit_completed(unit) + remaining + 1,
                     __ATOMIC_SEQ_CST);
    port_unit_gate_close(unit, PORT_GATE_QUEUE_FULL);
    port_recall_all();
}

/* Enough has completed, or nothing is outstanding any more that could complete. */
static bool is_reached(const uint32_t *target, uint32_t completed, uint32_t started)
{
    return !started || (int32_t)(completed - __atomic_load_n(target, __ATOMIC_SEQ_CST)) >= 0;
}

void port_gates_count(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;
    uint32_t gates = __atomic_load_n(&unit->attention.gates, __ATOMIC_SEQ_CST);

    if (gates & PORT_GATE_BUSY &&
        is_reached(&unit->busy_target, port_unit_completed(unit), port_unit_started(unit)))
        port_unit_gate_open(unit, PORT_GATE_BUSY);
    if (gates & PORT_GATE_QUEUE_FULL &&
        is_reached(&unit->full_target, port_unit_completed(unit), port_unit_started(unit)))
        port_unit_gate_open(unit, PORT_GATE_QUEUE_FULL);
    if (__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATE_BUSY &&
        is_reached(&adapter->busy_target, adapter_completed(adapter), adapter_started(adapter)))
        port_adapter_gate_open(adapter, PORT_GATE_BUSY);
}

/* ---- resets and the link ---- */

static void hold_expired(void *context)
{
    port_adapter_gate_open(context, PORT_GATE_HOLD);
}

void port_adapter_reset_detected(struct port_adapter *adapter)
{
    if (!adapter->limits.bus_reset_hold_us)
        return;
    port_adapter_gate_close(adapter, PORT_GATE_HOLD);
    nt_timer_set(&adapter->hold_timer, adapter->limits.bus_reset_hold_us * 1000ull, 0);
}

static void link_expired(void *context)
{
    port_adapter_gate_open(context, PORT_GATE_LINK_DOWN);
}

void port_adapter_link(struct port_adapter *adapter, bool up)
{
    uint32_t gates = __atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST);

    if (!up) {
        port_adapter_gate_close(adapter, PORT_GATE_LINK_DOWN);
        nt_timer_set(&adapter->link_timer, adapter->settings.link_down_timeout_s * SYS_NS_PER_S, 0);
        return;
    }
    nt_timer_cancel(&adapter->link_timer);
    if (gates & PORT_GATE_LINK_DOWN) {
        port_adapter_gate_open(adapter, PORT_GATE_LINK_DOWN);
        port_rescan_schedule(adapter);
    }
}

/* ---- depth ---- */

bool port_unit_set_depth(struct port_unit *unit, uint32_t depth)
{
    if (!depth || depth > unit->adapter->limits.max_io_per_unit)
        return false;
    uint32_t old = __atomic_exchange_n(&unit->depth, depth, __ATOMIC_SEQ_CST);
    /* A cut makes the pool negative: completions pay it back before processors keep credits. What
     * processors hold idle is taken back first, and nothing starts meanwhile. */
    __atomic_add_fetch(&unit->pool, (int32_t)depth - (int32_t)old, __ATOMIC_SEQ_CST);
    if (depth < old) {
        unsigned count = nt_processor_count();
        __atomic_store_n(&unit->cut, count == 64 ? ~0ull : (1ull << count) - 1, __ATOMIC_SEQ_CST);
        port_unit_gate_close(unit, PORT_GATE_CUT);
        __atomic_store_n(&unit->attention.recall, 1, __ATOMIC_SEQ_CST);
        port_recall_all();
    }
    nt_processor_post(nt_processor_current(), &unit->kick);
    return true;
}

/* ---- set-up ---- */

void port_gates_initialize_adapter(struct port_adapter *adapter)
{
    nt_timer_initialize(&adapter->pause_timer, adapter_pause_expired, adapter);
    nt_timer_initialize(&adapter->hold_timer, hold_expired, adapter);
    nt_timer_initialize(&adapter->link_timer, link_expired, adapter);
    adapter->kick = (struct nt_call){.run = adapter_kick_run, .context = adapter};
}

void port_gates_initialize_unit(struct port_unit *unit)
{
    nt_timer_initialize(&unit->pause_timer, unit_pause_expired, unit);
    nt_timer_initialize(&unit->busy_timer, unit_busy_expired, unit);
    unit->kick = (struct nt_call){.run = unit_kick_run, .context = unit};
}

void port_gates_forget_adapter(struct port_adapter *adapter)
{
    enum {
        CLOSED_BY_THE_DRIVER =
            PORT_GATE_PAUSED | PORT_GATE_BUSY | PORT_GATE_HOLD | PORT_GATE_LINK_DOWN
    };

    nt_timer_drain(&adapter->pause_timer);
    nt_timer_drain(&adapter->hold_timer);
    nt_timer_drain(&adapter->link_timer);
    port_adapter_gate_open(adapter, CLOSED_BY_THE_DRIVER);
}

void port_gates_forget_unit(struct port_unit *unit)
{
    enum {
        CLOSED_BY_THE_DRIVER =
            PORT_GATE_PAUSED | PORT_GATE_BUSY | PORT_GATE_BUSY_HOLD | PORT_GATE_QUEUE_FULL
    };

    nt_timer_drain(&unit->pause_timer);
    nt_timer_drain(&unit->busy_timer);
    port_unit_gate_open(unit, CLOSED_BY_THE_DRIVER);
}
