/*
 * data.c - a request's data as the driver and the device see it: system address, scatter/gather
 * list, bounce buffer.
 *
 * Windows gives a driver one virtually contiguous buffer, and lists whose inner elements are whole
 * pages. What a client brings in another shape, or in memory that the device cannot reach, or
 * against the adapter's alignment, goes through a bounce buffer from the arena.
 */
#include "port/data.h"

#include <string.h>

/* The head of every bounce buffer; the data begin one page later. */
struct port_bounce {
    struct port_bounce *next;
    size_t capacity;
};

enum { BOUNCE_CAPACITY_MIN = 64 * 1024 };

static void *bounce_data(struct port_bounce *bounce)
{
    return (unsigned char *)bounce + NT_PAGE_SIZE;
}

/* A kept one that is large enough, else a new one. Kept ones are reused without allocation; their
 * number is bounded by what was needed at once. */
static struct port_bounce *bounce_take(struct port_adapter *adapter, size_t length)
{
    struct nt_thread *self = nt_self();
    struct port_bounce *bounce = NULL;

    nt_spinlock_acquire(&adapter->lock, self);
    for (struct port_bounce **link = &adapter->bounce_free; *link; link = &(*link)->next) {
        if ((*link)->capacity >= length) {
            bounce = *link;
            *link = bounce->next;
            break;
        }
    }
    nt_spinlock_release(&adapter->lock, self);
    if (!bounce) {
        size_t capacity = BOUNCE_CAPACITY_MIN;
        while (capacity < length)
            capacity *= 2;
        bounce = nt_contiguous_allocate(
            &(struct nt_contiguous_options){.size = capacity + NT_PAGE_SIZE, .tag = "bounce"});
        if (!bounce)
            return NULL;
        bounce->capacity = capacity;
    }
    __atomic_add_fetch(&adapter->bounce_live, 1, __ATOMIC_SEQ_CST);
    return bounce;
}

static void bounce_return(struct port_adapter *adapter, struct port_bounce *bounce)
{
    struct nt_thread *self = nt_self();

    nt_spinlock_acquire(&adapter->lock, self);
    bounce->next = adapter->bounce_free;
    adapter->bounce_free = bounce;
    nt_spinlock_release(&adapter->lock, self);
    __atomic_sub_fetch(&adapter->bounce_live, 1, __ATOMIC_SEQ_CST);
}

void port_bounce_free_all(struct port_adapter *adapter)
{
    while (adapter->bounce_free) {
        struct port_bounce *next = adapter->bounce_free->next;
        nt_contiguous_free(adapter->bounce_free);
        adapter->bounce_free = next;
    }
}

/* Between the client's segments and one flat buffer. */
static void copy_segments(const struct port_request *request, void *flat, size_t length,
                          bool to_flat)
{
    const struct port_segment *segment = request->segments ? request->segments : &request->single;
    unsigned count = request->segments ? request->segment_count : 1;
    unsigned char *position = flat;

    for (unsigned i = 0; i < count && length; i++) {
        size_t part = segment[i].length < length ? segment[i].length : length;
        if (to_flat)
            memcpy(position, segment[i].base, part);
        else
            memcpy(segment[i].base, position, part);
        position += part;
        length -= part;
    }
}

/* The one buffer that the segments form, or NULL when they lie apart. */
static void *flat_base(const struct port_request *request)
{
    if (__builtin_expect(!request->segments, 1))
        return request->single.base;
    unsigned char *expected = request->segments[0].base;
    for (unsigned i = 0; i < request->segment_count; i++) {
        if (request->segments[i].base != expected)
            return NULL;
        expected += request->segments[i].length;
    }
    return request->segments[0].base;
}

static bool map_bounced(struct port_slot *slot)
{
    const struct port_request *request = slot->request;
    struct port_adapter *adapter = slot->adapter;
    struct bus_address address;

    slot->bounce = bounce_take(adapter, slot->length);
    if (!slot->bounce)
        return false;
    slot->data = bounce_data(slot->bounce);
    if (request->direction == PORT_DATA_OUT)
        copy_segments(request, slot->data, slot->length, true);
    if (adapter->limits.scatter_gather && nt_bus_address_of(slot->data, &address))
        port_slot_set_list(slot, address);
    return true;
}

bool port_slot_map_slow(struct port_slot *slot)
{
    const struct port_adapter *adapter = slot->adapter;
    struct bus_address address;

    slot->has_list = false;
    slot->data = NULL;
    if (!slot->length)
        return true;
    void *base = flat_base(slot->request);
    if (__builtin_expect(!base || (uintptr_t)base & adapter->limits.alignment_mask, 0))
        return map_bounced(slot);
    if (adapter->virtual_adapter) {
        slot->data = base;
        return true;
    }
    if (__builtin_expect(!nt_bus_range_of(base, slot->length, &address), 0))
        return map_bounced(slot);
    slot->data = base;
    if (adapter->limits.scatter_gather)
        port_slot_set_list(slot, address);
    return true;
}

void port_slot_unmap(struct port_slot *slot)
{
    struct port_bounce *bounce = slot->bounce;

    if (!bounce)
        return;
    slot->bounce = NULL;
    if (slot->request && slot->request->direction == PORT_DATA_IN)
        copy_segments(slot->request, bounce_data(bounce),
                      slot->transferred < slot->length ? slot->transferred : slot->length, false);
    bounce_return(slot->adapter, bounce);
}
