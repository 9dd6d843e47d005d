/*
 * data.h - a request's data as the driver and the device see it: the ordinary case, inline.
 *
 * Rule: one buffer in the arena (physical adapters) or anywhere (virtual ones) that is aligned as
 * the adapter asks and within its direct size is used as it is. Everything else is data.c's.
 */
#ifndef STORHOST_PORT_DATA_H
#define STORHOST_PORT_DATA_H

#include "port/adapter.h"

/* Several segments, or a buffer that is more than one element or cannot be used as it is. False: no
 * bounce memory now. */
bool port_slot_map_slow(struct port_slot *slot);
/* Gives a bounce buffer back, after copying what was read. Any slot; at most DISPATCH_LEVEL. */
void port_slot_unmap(struct port_slot *slot);
/* Nothing of the adapter is outstanding. */
void port_bounce_free_all(struct port_adapter *adapter);

/* Lists the bytes from `base` on: adjacent pages in one element, none across the reach's boundary.
 * How many elements that takes; 0 when it takes more than `capacity`, or when some of the bytes are
 * out of reach or no memory of the arena. `list` may be NULL: then they are only counted. Any
 * IRQL. */
uint32_t port_list_fill(struct port_scatter_list *list, uint32_t capacity,
                        const struct port_reach *reach, const void *base, size_t length);

/* The input half of a bidirectional request, while the miniport has it. */
struct port_input {
    void *data; /* as the driver may read it */
    uint32_t length;
    struct port_bounce *bounce;
    void *mdl;
    struct port_scatter_list *list; /* NULL when the adapter gets none */
};
/* For a slot whose request is bidirectional: maps the input half too. False: no memory now. */
bool port_slot_map_input(struct port_slot *slot);

static inline void port_slot_set_list(struct port_slot *slot, uint64_t address)
{
    struct port_scatter_list *list = slot->list;

    list->count = 1;
    list->reserved = 0;
    list->elements[0].address = address;
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

    if (__builtin_expect(!slot->length || request->segments ||
                             (uintptr_t)base & adapter->limits.alignment_mask,
                         0))
        return port_slot_map_slow(slot);
    slot->data = base;
    slot->has_list = false;
    if (adapter->virtual_adapter)
        return true;
    uintptr_t offset = (uintptr_t)base - (uintptr_t)nt_arena_base;
    if (__builtin_expect(
            offset >= adapter->direct_size || slot->length > adapter->direct_size - offset, 0))
        return port_slot_map_slow(slot);
    port_slot_set_list(slot, offset);
    return true;
}

#endif
