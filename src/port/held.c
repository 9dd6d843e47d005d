/*
 * held.c - slots that BuildIo has seen and that a gate then kept from StartIo (rule S6).
 */
#include "port/admission.h"
#include "port/trace.h"

bool port_slot_is_gated(const struct port_slot *slot)
{
    uint32_t passes = port_request_passes(slot->request);

    if (slot->flags & PORT_SLOT_ALONE)
        passes |= PORT_GATE_ALONE;
    return port_unit_closed_gates(slot->unit) & ~passes & ~(uint32_t)PORT_GATES_OF_LIFE;
}

void port_slot_hold(struct port_slot *slot)
{
    struct nt_thread *self = nt_self();
    struct port_unit *unit = slot->unit;
    struct port_slot **link = &unit->held;
    uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);

    slot->flags |= PORT_SLOT_BUILT;
    if ((state != PORT_SLOT_ADMITTED && state != PORT_SLOT_OUTSTANDING) ||
        !__atomic_compare_exchange_n(&slot->state, &state, PORT_SLOT_HELD, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        return; /* completed by the driver meanwhile: not ours to hold */
    slot->next = NULL;
    if (nt_events_are_on())
        port_trace_held(slot, port_unit_closed_gates(unit));
    nt_spinlock_acquire(&unit->lock, self);
    while (*link)
        link = &(*link)->next;
    __atomic_store_n(link, slot, __ATOMIC_RELEASE);
    __atomic_store_n(&unit->held_count, unit->held_count + 1, __ATOMIC_RELEASE);
    __atomic_or_fetch(&unit->attention.gates, PORT_GATE_PENDING, __ATOMIC_SEQ_CST);
    nt_spinlock_release(&unit->lock, self);
    port_gates_count(unit); /* one less that could complete */
    /* A gate that opened before the slot was in the list has seen nothing: ask once more. */
    if (!port_slot_is_gated(slot))
        nt_processor_post(nt_processor_current(), &unit->kick);
}

/* Unit lock held. Takes the slots of one processor whose gates are open, or all slots (UINT_MAX);
 * tells to which processors the remaining ones belong whose gates are open. */
static struct port_slot *held_take_locked(struct port_unit *unit, unsigned number,
                                          uint64_t *ret_others)
{
    struct port_slot *taken = NULL, **tail = &taken, **link = &unit->held;
    uint32_t count = 0;

    for (struct port_slot *slot = unit->held, *next; slot; slot = next) {
        next = slot->next;
        bool gated = number != UINT32_MAX && port_slot_is_gated(slot);
        if (gated || (number != UINT32_MAX && slot->processor != number)) {
            if (!gated)
                *ret_others |= 1ull << slot->processor;
            link = &slot->next;
            continue;
        }
        __atomic_store_n(link, next, __ATOMIC_RELEASE);
        slot->next = NULL;
        *tail = slot;
        tail = &slot->next;
        __atomic_store_n(&slot->state, PORT_SLOT_ADMITTED, __ATOMIC_RELEASE);
        count++;
    }
    __atomic_store_n(&unit->held_count, unit->held_count - count, __ATOMIC_RELEASE);
    port_unit_settle_locked(unit);
    return taken;
}

struct port_slot *port_unit_take_all_held(struct port_unit *unit)
{
    uint64_t others = 0;
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_slot *held = held_take_locked(unit, UINT32_MAX, &others);

    nt_spinlock_release_lower(&unit->lock, old);
    return held;
}

struct port_slot *port_held_take(struct port_unit *unit, unsigned number, struct nt_thread *self)
{
    struct port_slot *held = NULL;
    uint64_t others = 0;

    if (!__atomic_load_n(&unit->held, __ATOMIC_ACQUIRE))
        return NULL;
    nt_spinlock_acquire(&unit->lock, self);
    held = held_take_locked(unit, number, &others);
    nt_spinlock_release(&unit->lock, self);
    port_recall_processors(others);
    return held;
}
