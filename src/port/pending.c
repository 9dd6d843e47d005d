/*
 * pending.c - the queue of what waits for a unit, and who goes ahead in it.
 */
#include "port/admission.h"
#include "port/trace.h"

uint32_t port_request_passes(const struct port_request *request)
{
    uint32_t gates = PORT_GATE_PENDING;

    if (port_request_bypasses(request))
        return UINT32_MAX;
    if (request->flags & PORT_FLAG_BYPASS_FROZEN || request->function == PORT_POWER)
        gates |= PORT_GATE_FROZEN;
    if (request->flags & PORT_FLAG_BYPASS_LOCKED)
        gates |= PORT_GATE_LOCKED;
    /* Units are looked for before what waited for a restart goes on. */
    if (request->flags & PORT_FLAG_DISCOVERY)
        gates |= PORT_GATE_STARTING;
    return gates;
}

static bool goes_ahead(const struct port_request *request)
{
    return port_request_passes(request) & (PORT_GATE_FROZEN | PORT_GATE_LOCKED);
}

void port_pending_append_locked(struct port_unit *unit, struct port_request *request, bool at_head)
{
    if (at_head) {
        request->next = unit->pending_first;
        unit->pending_first = request;
        if (!unit->pending_last)
            unit->pending_last = request;
    } else {
        request->next = NULL;
        if (unit->pending_last)
            unit->pending_last->next = request;
        else
            unit->pending_first = request;
        unit->pending_last = request;
    }
    unit->pending_count++;
    unit->bypass_count += goes_ahead(request);
    __atomic_or_fetch(&unit->attention.gates, PORT_GATE_PENDING, __ATOMIC_SEQ_CST);
}

void port_pending_take_locked(struct port_unit *unit, struct port_request *before,
                              struct port_request *request)
{
    if (before)
        before->next = request->next;
    else
        unit->pending_first = request->next;
    if (unit->pending_last == request)
        unit->pending_last = before;
    unit->pending_count--;
    unit->bypass_count -= goes_ahead(request);
    port_unit_settle_locked(unit);
}

bool port_unit_withdraw(struct port_unit *unit, const struct port_request *wanted)
{
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_request *before = NULL, *request = unit->pending_first;
    bool alone = unit->alone == wanted;

    for (; request && request != wanted; request = request->next)
        before = request;
    if (request)
        port_pending_take_locked(unit, before, request);
    if (alone)
        unit->alone = NULL;
    nt_spinlock_release_lower(&unit->lock, old);
    if (alone)
        port_unit_gate_open(unit, PORT_GATE_ALONE);
    return request || alone;
}

void port_unit_settle_locked(struct port_unit *unit)
{
    if (unit->pending_count)
        return;
    if (!unit->held)
        __atomic_and_fetch(&unit->attention.gates, ~(uint32_t)PORT_GATE_PENDING, __ATOMIC_SEQ_CST);
    __atomic_store_n(&unit->attention.recall, 0, __ATOMIC_SEQ_CST);
    /* A depth that is lowered just now makes the pool negative first, then asks for credits. */
    if (__atomic_load_n(&unit->pool, __ATOMIC_SEQ_CST) < 0)
        __atomic_store_n(&unit->attention.recall, 1, __ATOMIC_SEQ_CST);
}

bool port_unit_requeue(struct port_unit *unit, struct port_request *request, bool at_head,
                       struct nt_thread *self)
{
    nt_spinlock_acquire(&unit->lock, self);
    /* Looked at under the lock: who closed one of these gates fails what is in the queue next. */
    uint32_t gates = PORT_GATE_GONE | PORT_GATE_STOPPING;
    if (request->flags & PORT_FLAG_NO_KEEP_AWAKE)
        gates |= PORT_GATE_POWERED_DOWN;
    uint32_t own = __atomic_load_n(&unit->attention.gates, __ATOMIC_SEQ_CST);
    uint32_t ending = (__atomic_load_n(&unit->adapter->attention.gates, __ATOMIC_SEQ_CST) |
                       (own & PORT_GATE_POWERED_DOWN)) &
                      gates;
    bool gone = own & (PORT_GATE_GONE | PORT_GATE_STOPPING);
    bool idle = port_unit_closed_gates(unit) & PORT_GATE_IDLE;
    if (!ending && !gone) {
        if (nt_events_are_on())
            port_trace_waits(request, port_unit_closed_gates(unit), "");
        port_pending_append_locked(unit, request, at_head);
    }
    nt_spinlock_release(&unit->lock, self);
    if (ending & PORT_GATE_GONE)
        port_request_fail(request, PORT_NO_DEVICE, unit->adapter->gone_status);
    else if (ending & PORT_GATE_STOPPING)
        port_request_fail(request, PORT_CANCELLED, 0x11);
    else if (gone)
        port_request_fail(request, PORT_NO_DEVICE, 0x08);
    else if (ending)
        port_request_fail(request, PORT_NOT_POWERED, 0x24);
    else if (idle)
        port_runtime_wake(unit->adapter);
    return !ending && !gone;
}

/* ---- other limits than before ---- */

/* One that waits and does not fit; NULL when all do. */
static struct port_request *take_unfit(struct port_unit *unit)
{
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_request *before = NULL, *request = unit->pending_first;

    for (; request; before = request, request = request->next)
        if (port_request_is_too_long(unit->adapter, request) ||
            !port_request_fits_block(unit->adapter, request))
            break;
    if (request)
        port_pending_take_locked(unit, before, request);
    nt_spinlock_release_lower(&unit->lock, old);
    return request;
}

void port_unit_fail_unfit(struct port_unit *unit)
{
    struct port_request *request;

    while ((request = take_unfit(unit)) != NULL)
        port_request_fail(request,
                          port_request_is_too_long(unit->adapter, request) ? PORT_TOO_LARGE
                                                                           : PORT_UNSUPPORTED,
                          0x06);
}
