/*
 * host_memory.c - host memory buffers: memory of the machine that a device uses as its own.
 */
#include "storport/adapter.h"

enum {
    HOST_MEMORY = 0x300, /* the label of their blocks */
    /* Policy: so much of the machine's memory at most, as a divisor. */
    SHARE_OF_MEMORY = 4,
};

struct wish {
    SIZE_T minimum, preferred;
    ULONG alignment;
    PHYSICAL_ADDRESS lowest, highest, boundary;
    PACCESS_RANGE ranges;
    PULONG count;
};

static bool is_page_multiple(SIZE_T size)
{
    return size % NT_PAGE_SIZE == 0;
}

static bool wish_is_sound(const struct wish *wish)
{
    return wish->minimum <= wish->preferred && wish->preferred && is_page_multiple(wish->minimum) &&
           is_page_multiple(wish->preferred) && !(wish->alignment & (wish->alignment - 1)) &&
           !wish->boundary.QuadPart && wish->ranges && wish->count && *wish->count &&
           (uint64_t)wish->lowest.QuadPart <= (uint64_t)wish->highest.QuadPart;
}

/* The largest piece that can be had, by halves; where it is on the bus. 0: none. */
static SIZE_T take_piece(const struct storport_adapter *adapter, const struct wish *wish,
                         SIZE_T size, uint64_t *ret_address)
{
    for (; size; size = size / 2 / NT_PAGE_SIZE * NT_PAGE_SIZE) {
        const void *piece = nt_contiguous_allocate(
            &(struct nt_contiguous_options){.size = size,
                                            .lowest = (uint64_t)wish->lowest.QuadPart,
                                            .highest = (uint64_t)wish->highest.QuadPart,
                                            .alignment = wish->alignment,
                                            .node = port_adapter_node_wish(adapter->port),
                                            .tag = "host memory buffer",
                                            .owner = adapter->port,
                                            .label = HOST_MEMORY});
        if (piece) {
            *ret_address = nt_physical_address(piece);
            return size;
        }
    }
    return 0;
}

/* The piece that a range describes; NULL if it is none of the adapter's. */
static void *piece_of(const struct storport_adapter *adapter, const ACCESS_RANGE *range)
{
    struct bus_address address = {(uint64_t)range->RangeStart.QuadPart};
    void *piece = nt_memory_at(address);
    const void *owner;
    uint32_t label;

    if (!piece || nt_contiguous_describe(piece, &owner, &label) != range->RangeLength)
        return NULL;
    return owner == adapter->port && label == HOST_MEMORY ? piece : NULL;
}

static SIZE_T policy_limit(void)
{
    void *base;
    size_t size;
    int fd;

    nt_arena_describe(&fd, &base, &size);
    return size / SHARE_OF_MEMORY;
}

static ULONG allocate_host_memory(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    struct wish wish;
    ULONG count = 0;
    SIZE_T total = 0, size;
    uint64_t address;

    (void)extension;
    wish.minimum = STORPORT_ARGUMENT(arguments, SIZE_T);
    wish.preferred = STORPORT_ARGUMENT(arguments, SIZE_T);
    (void)STORPORT_ARGUMENT(arguments, ULONGLONG); /* from how much on it is of use */
    wish.alignment = STORPORT_ARGUMENT(arguments, ULONG);
    wish.lowest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    wish.highest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    wish.boundary = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    wish.ranges = STORPORT_ARGUMENT(arguments, PACCESS_RANGE);
    wish.count = STORPORT_ARGUMENT(arguments, PULONG);
    if (!wish_is_sound(&wish))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() != NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    SIZE_T limit = policy_limit();
    if (limit > wish.preferred)
        limit = wish.preferred;
    while (count < *wish.count && total < limit &&
           (size = take_piece(adapter, &wish, limit - total, &address)) != 0) {
        wish.ranges[count++] = (ACCESS_RANGE){.RangeStart.QuadPart = (LONGLONG)address,
                                              .RangeLength = (ULONG)size,
                                              .RangeInMemory = TRUE};
        total += size;
    }
    if (!total || total < wish.minimum) {
        while (count)
            nt_contiguous_free(piece_of(adapter, &wish.ranges[--count]));
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    }
    *wish.count = count;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionAllocateHmb, "StorPortAllocateHostMemoryBuffer", "Memory",
                  allocate_host_memory);

/* All of the ranges, or none. */
static ULONG free_host_memory(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PACCESS_RANGE ranges = STORPORT_ARGUMENT(arguments, PACCESS_RANGE);
    ULONG count = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    if (nt_irql() != NT_PASSIVE_LEVEL && adapter->phase != STORPORT_STOPPING)
        return STOR_STATUS_INVALID_IRQL;
    if (!ranges || !count)
        return STOR_STATUS_UNSUCCESSFUL;
    for (ULONG i = 0; i < count; i++) {
        if (!piece_of(adapter, &ranges[i]))
            return STOR_STATUS_UNSUCCESSFUL;
        for (ULONG other = 0; other < i; other++)
            if (ranges[other].RangeStart.QuadPart == ranges[i].RangeStart.QuadPart)
                return STOR_STATUS_UNSUCCESSFUL;
    }
    for (ULONG i = 0; i < count; i++)
        nt_contiguous_free(piece_of(adapter, &ranges[i]));
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeHmb, "StorPortFreeHostMemoryBuffer", "Memory", free_host_memory);
