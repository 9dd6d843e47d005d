/*
 * data.h - a request's data as the driver and the device see it: the ordinary case, inline.
 *
 * Rule: one buffer in the arena (physical adapters) or anywhere (virtual ones) that is aligned as
 * the adapter asks is used as it is. Everything else is data.c's.
 */
#ifndef STORHOST_PORT_DATA_H
#define STORHOST_PORT_DATA_H

#include "port/adapter.h"

/* Several segments, or a buffer that cannot be used as it is. False: no bounce memory now. */
bool port_slot_map_slow(struct port_slot *slot);
/* Gives a bounce buffer back, after copying what was read. Any slot; at most DISPATCH_LEVEL. */
void port_slot_unmap(struct port_slot *slot);
void port_bounce_free_all(struct port_adapter *adapter);

/* One element: the arena is physically contiguous. */
static inline void port_slot_set_list(struct port_slot *slot, struct bus_address address)
{
    struct port_scatter_list *list = slot->list;

    list->count = 1;
    list->reserved = 0;
    list->elements[0].address = address.value;
    list->elements[0].length = slot->length;
    list->elements[0].reserved = 0;
    slot->has_list = true;
}

/* Fills slot->data and the scatter/gather list from the request. DISPATCH_LEVEL, on the processor
 * that issues the slot. False: no bounce memory now. */
static inline bool port_slot_map(struct port_slot *slot, const struct port_adapter *adapter)
{
    const struct port_request *request = slot->request;
    void *base = request->single.base;
    struct bus_address address;

    if (__builtin_expect(!slot->length || request->segments ||
                             (uintptr_t)base & adapter->limits.alignment_mask,
                         0))
        return port_slot_map_slow(slot);
    slot->data = base;
    slot->has_list = false;
    if (adapter->virtual_adapter)
        return true;
    if (__builtin_expect(
            !adapter->limits.scatter_gather || !nt_bus_range_of(base, slot->length, &address), 0))
        return port_slot_map_slow(slot);
    port_slot_set_list(slot, address);
    return true;
}

#endif
