/*
 * data.c - a request's data as the driver and the device see it: system address, scatter/gather
 * list, bounce buffer.
 *
 * Windows gives a driver one virtually contiguous buffer, and lists whose inner elements are whole
 * pages. What a client brings in another shape, or in memory that the device cannot reach, or
 * against the adapter's alignment, goes through a bounce buffer from the arena.
 */
#include "port/data.h"

#include "nt/mdl.h"

#include <stdlib.h>
#include <string.h>

/* ---- lists ---- */

static bool within_reach(const struct port_reach *reach, uint64_t address, size_t length)
{
    return address >= reach->lowest && address <= reach->highest &&
           length - 1 <= reach->highest - address;
}

uint32_t port_list_fill(struct port_scatter_list *list, uint32_t capacity,
                        const struct port_reach *reach, const void *base, size_t length)
{
    const unsigned char *memory = base;
    struct bus_address address;
    uint32_t count = 0;

    while (length) {
        size_t run = nt_bus_run_of(memory, length, &address);
        if (!run || !within_reach(reach, address.value, run) || count == capacity)
            return 0;
        if (reach->boundary) {
            uint64_t room = reach->boundary - (address.value & (reach->boundary - 1));
            if (run > room)
                run = room;
        }
        if (list)
            list->elements[count] =
                (struct port_scatter_element){.address = address.value, .length = (uint32_t)run};
        count++;
        memory += run;
        length -= run;
    }
    if (list) {
        list->count = count;
        list->reserved = 0;
    }
    return count;
}

/* ---- bounce buffers ---- */

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

static struct port_bounce *bounce_kept(struct port_adapter *adapter, size_t length)
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
    return bounce;
}

/* In a machine that scatters, what is copied is to meet the device in pieces too, if they make a
 * list that the adapter takes. */
static struct port_bounce *bounce_scattered(const struct port_adapter *adapter, size_t capacity)
{
    struct port_bounce *bounce = NULL;

    if (nt_arena_is_scattered() && adapter->limits.scatter_gather)
        bounce = nt_buffer_allocate(capacity + NT_PAGE_SIZE, "bounce");
    if (!bounce || port_list_fill(NULL, adapter->list_capacity, &adapter->limits.data_reach,
                                  bounce_data(bounce), capacity))
        return bounce;
    nt_contiguous_free(bounce);
    return NULL;
}

static struct port_bounce *bounce_new(const struct port_adapter *adapter, size_t length)
{
    const struct port_reach *reach = &adapter->limits.data_reach;
    size_t capacity = BOUNCE_CAPACITY_MIN;

    while (capacity < length)
        capacity *= 2;
    struct port_bounce *bounce = bounce_scattered(adapter, capacity);
    if (!bounce)
        bounce =
            nt_contiguous_allocate(&(struct nt_contiguous_options){.size = capacity + NT_PAGE_SIZE,
                                                                   .lowest = reach->lowest,
                                                                   .highest = reach->highest,
                                                                   .boundary = reach->boundary,
                                                                   .tag = "bounce"});
    if (bounce)
        bounce->capacity = capacity;
    return bounce;
}

static void bounce_free_kept(struct port_adapter *adapter)
{
    struct nt_thread *self = nt_self();

    nt_spinlock_acquire(&adapter->lock, self);
    struct port_bounce *kept = adapter->bounce_free;
    adapter->bounce_free = NULL;
    nt_spinlock_release(&adapter->lock, self);
    while (kept) {
        struct port_bounce *next = kept->next;
        nt_contiguous_free(kept);
        kept = next;
    }
}

/* A kept one that is large enough, else a new one, if need be in the place of the kept ones. Kept
 * ones are reused without allocation; their number is bounded by what was needed at once. */
static struct port_bounce *bounce_take(struct port_adapter *adapter, size_t length)
{
    struct port_bounce *bounce = bounce_kept(adapter, length);

    if (!bounce)
        bounce = bounce_new(adapter, length);
    if (!bounce) {
        bounce_free_kept(adapter);
        bounce = bounce_new(adapter, length);
    }
    if (bounce)
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

/* ---- requests ---- */

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

/* Whether the device can work on the data where they lie; with a list if the driver wants one. */
static bool map_in_place(struct port_slot *slot, void *base)
{
    const struct port_adapter *adapter = slot->adapter;
    bool listed = adapter->limits.scatter_gather;

    if (!adapter->virtual_adapter &&
        !port_list_fill(listed ? slot->list : NULL, listed ? adapter->list_capacity : UINT32_MAX,
                        &adapter->limits.data_reach, base, slot->length))
        return false;
    slot->data = base;
    slot->has_list = listed;
    return true;
}

static bool map_bounced(struct port_slot *slot)
{
    const struct port_request *request = slot->request;

    slot->bounce = bounce_take(slot->adapter, slot->length);
    if (!slot->bounce)
        return false;
    /* What is no SCSI command has its input where its output goes. */
    if (request->direction == PORT_DATA_OUT || request->function != PORT_EXECUTE_SCSI)
        copy_segments(request, bounce_data(slot->bounce), slot->length, true);
    /* Within reach, and in few enough pieces: it cannot fail. */
    sh_assert(map_in_place(slot, bounce_data(slot->bounce)));
    return true;
}

bool port_slot_map_slow(struct port_slot *slot)
{
    slot->has_list = false;
    slot->data = NULL;
    if (!slot->length)
        return true;
    void *base = flat_base(slot->request);
    if (base && !((uintptr_t)base & slot->adapter->limits.alignment_mask) &&
        map_in_place(slot, base))
        return true;
    return map_bounced(slot);
}

/* ---- the input half of bidirectional requests ---- */

/* The buffer itself where the device reaches it in a list that is short enough, else a bounce
 * buffer; how many elements the list has. 0: no memory now. */
static uint32_t input_place(const struct port_slot *slot, struct port_input *input)
{
    struct port_adapter *adapter = slot->adapter;
    const struct port_data_in *wanted = slot->request->data_in;
    const struct port_reach *reach = &adapter->limits.data_reach;

    input->data = wanted->base;
    input->length = wanted->length;
    if (!((uintptr_t)wanted->base & adapter->limits.alignment_mask)) {
        if (adapter->virtual_adapter)
            return 1;
        uint32_t count =
            port_list_fill(NULL, adapter->list_capacity, reach, wanted->base, wanted->length);
        if (count)
            return count;
    }
    input->bounce = bounce_take(adapter, wanted->length);
    if (!input->bounce)
        return 0;
    input->data = bounce_data(input->bounce);
    if (adapter->virtual_adapter)
        return 1;
    return port_list_fill(NULL, UINT32_MAX, reach, input->data, wanted->length);
}

bool port_slot_map_input(struct port_slot *slot)
{
    struct port_adapter *adapter = slot->adapter;
    struct port_input place = {0};
    uint32_t count = input_place(slot, &place);

    if (!count)
        return false;
    /* In one block: the record, its list, its descriptor list. */
    size_t list_size =
        sizeof(struct port_scatter_list) + count * sizeof(struct port_scatter_element);
    size_t start = (sizeof(place) + 15) & ~(size_t)15;
    size_t mdl_start = start + ((list_size + 15) & ~(size_t)15);
    unsigned char *block = calloc(1, mdl_start + nt_mdl_size(place.data, place.length));
    if (!block) {
        if (place.bounce)
            bounce_return(adapter, place.bounce);
        return false;
    }
    slot->input = (struct port_input *)block;
    *slot->input = place;
    slot->input->mdl = block + mdl_start;
    nt_mdl_format(slot->input->mdl, place.data, place.length);
    nt_mdl_build(slot->input->mdl);
    if (!adapter->virtual_adapter && adapter->limits.scatter_gather) {
        slot->input->list = (struct port_scatter_list *)(block + start);
        port_list_fill(slot->input->list, count, &adapter->limits.data_reach, place.data,
                       place.length);
    }
    return true;
}

/* What was read goes to the client, unless the request has been given up. */
static void input_unmap(struct port_slot *slot)
{
    struct port_input *input = slot->input;
    const struct port_data_in *wanted = slot->request ? slot->request->data_in : NULL;

    slot->input = NULL;
    if (input->bounce) {
        if (wanted)
            memcpy(wanted->base, input->data,
                   wanted->transferred < input->length ? wanted->transferred : input->length);
        bounce_return(slot->adapter, input->bounce);
    }
    free(input);
}

void port_slot_unmap(struct port_slot *slot)
{
    struct port_bounce *bounce = slot->bounce;

    if (slot->input)
        input_unmap(slot);
    if (!bounce)
        return;
    slot->bounce = NULL;
    if (slot->request && slot->request->direction == PORT_DATA_IN)
        copy_segments(slot->request, bounce_data(bounce),
                      slot->transferred < slot->length ? slot->transferred : slot->length, false);
    bounce_return(slot->adapter, bounce);
}
