/*
 * memory.c - memory that a driver allocates: pool, contiguous memory, memory for DMA.
 */
#include "storport/adapter.h"

/* ---- pool ---- */

static bool irql_allows_allocation(void)
{
    return nt_irql() <= NT_DISPATCH_LEVEL;
}

/* Also inside ScsiStopAdapter, whatever level that runs at. */
static bool irql_allows_free(const struct storport_adapter *adapter)
{
    return nt_irql() <= NT_DISPATCH_LEVEL || adapter->phase == STORPORT_STOPPING;
}

static ULONG allocate_pool(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    ULONG size = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG tag = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID *buffer = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)extension;
    if (!buffer)
        return STOR_STATUS_INVALID_PARAMETER;
    *buffer = NULL;
    if (!irql_allows_allocation())
        return STOR_STATUS_INVALID_IRQL;
    *buffer = nt_pool_allocate(size ? size : 1, tag, adapter->port);
    return *buffer ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
}
STORPORT_EXTENDED(ExtFunctionAllocatePool, "StorPortAllocatePool", "Memory", allocate_pool);

static ULONG free_pool(struct storport_adapter *adapter, PVOID extension,
                       __builtin_ms_va_list *arguments)
{
    PVOID buffer = STORPORT_ARGUMENT(arguments, PVOID);

    (void)extension;
    if (!buffer)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!irql_allows_free(adapter))
        return STOR_STATUS_INVALID_IRQL;
    nt_pool_free(buffer);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreePool, "StorPortFreePool", "Memory", free_pool);

/* ---- contiguous memory ---- */

/* With the cache type, the label of an allocation: it is freed as what it was allocated as. */
enum { CONTIGUOUS_MEMORY = 0x100, DMA_MEMORY = 0x200 };

struct contiguous_wish {
    SIZE_T size;
    PHYSICAL_ADDRESS lowest, highest, boundary;
    ULONG cache_type, node;
    PVOID *buffer;
};

static struct contiguous_wish contiguous_arguments(__builtin_ms_va_list *arguments)
{
    struct contiguous_wish wish;

    wish.size = STORPORT_ARGUMENT(arguments, SIZE_T);
    wish.lowest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    wish.highest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    wish.boundary = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    wish.cache_type = STORPORT_ARGUMENT(arguments, ULONG);
    wish.node = STORPORT_ARGUMENT(arguments, ULONG);
    wish.buffer = STORPORT_ARGUMENT(arguments, PVOID *);
    return wish;
}

static bool wish_is_sound(const struct contiguous_wish *wish)
{
    uint64_t boundary = (uint64_t)wish->boundary.QuadPart;

    return wish->size && !(boundary & (boundary - 1)) && wish->cache_type < MmMaximumCacheType &&
           (wish->node == MM_ANY_NODE_OK || wish->node < nt_topology()->node_count) &&
           (uint64_t)wish->lowest.QuadPart <= (uint64_t)wish->highest.QuadPart;
}

/* Storport prefers the node; another one serves, too. */
static unsigned node_wish(ULONG node)
{
    return node == MM_ANY_NODE_OK ? 0 : node + 1;
}

static ULONG allocate_contiguous(struct storport_adapter *adapter,
                                 const struct contiguous_wish *wish, uint64_t highest,
                                 uint32_t label)
{
    if (!wish->buffer)
        return STOR_STATUS_INVALID_PARAMETER;
    *wish->buffer = NULL;
    if (!wish_is_sound(wish))
        return STOR_STATUS_INVALID_PARAMETER;
    if (!irql_allows_allocation())
        return STOR_STATUS_INVALID_IRQL;
    if ((uint64_t)wish->highest.QuadPart < highest)
        highest = (uint64_t)wish->highest.QuadPart;
    if (highest) /* 0 would be no limit there, and is a byte here */
        *wish->buffer = nt_contiguous_allocate(
            &(struct nt_contiguous_options){.size = wish->size,
                                            .lowest = (uint64_t)wish->lowest.QuadPart,
                                            .highest = highest,
                                            .boundary = (uint64_t)wish->boundary.QuadPart,
                                            .tag = "contiguous memory",
                                            .owner = adapter->port,
                                            .label = label | wish->cache_type,
                                            .node = node_wish(wish->node)});
    return *wish->buffer ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
}

static ULONG free_contiguous(struct storport_adapter *adapter, PVOID base, SIZE_T size,
                             ULONG cache_type, uint32_t label)
{
    const void *owner;
    uint32_t found;

    if (!base)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!irql_allows_free(adapter))
        return STOR_STATUS_INVALID_IRQL;
    size_t live = nt_contiguous_describe(base, &owner, &found);
    if (!live || live != size || owner != adapter->port || found != (label | cache_type)) {
        nt_finding("MEM-17", adapter->port,
                   "%p with %llu bytes and cache type %u was freed, which was not allocated so",
                   base, size, cache_type);
        return STOR_STATUS_INVALID_PARAMETER;
    }
    nt_contiguous_free(base);
    return STOR_STATUS_SUCCESS;
}

static ULONG allocate_contiguous_memory(struct storport_adapter *adapter, PVOID extension,
                                        __builtin_ms_va_list *arguments)
{
    struct contiguous_wish wish = contiguous_arguments(arguments);

    (void)extension;
    return allocate_contiguous(adapter, &wish, UINT64_MAX, CONTIGUOUS_MEMORY);
}
STORPORT_EXTENDED(ExtFunctionAllocateContiguousMemorySpecifyCacheNode,
                  "StorPortAllocateContiguousMemorySpecifyCacheNode", "Memory",
                  allocate_contiguous_memory);

static ULONG free_contiguous_memory(struct storport_adapter *adapter, PVOID extension,
                                    __builtin_ms_va_list *arguments)
{
    PVOID base = STORPORT_ARGUMENT(arguments, PVOID);
    SIZE_T size = STORPORT_ARGUMENT(arguments, SIZE_T);
    ULONG cache_type = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    return free_contiguous(adapter, base, size, cache_type, CONTIGUOUS_MEMORY);
}
STORPORT_EXTENDED(ExtFunctionFreeContiguousMemorySpecifyCache,
                  "StorPortFreeContiguousMemorySpecifyCache", "Memory", free_contiguous_memory);

/* Memory that the adapter's device reaches, at the address where it does. */
static ULONG allocate_dma_memory(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    struct contiguous_wish wish = contiguous_arguments(arguments);
    PPHYSICAL_ADDRESS physical = STORPORT_ARGUMENT(arguments, PPHYSICAL_ADDRESS);

    (void)extension;
    if (!physical)
        return STOR_STATUS_INVALID_PARAMETER;
    if (adapter->port->virtual_adapter) {
        if (wish.buffer)
            *wish.buffer = NULL;
        return STOR_STATUS_NOT_IMPLEMENTED;
    }
    if (adapter->phase == STORPORT_FINDING)
        storport_config_reach(adapter);
    ULONG status =
        allocate_contiguous(adapter, &wish, adapter->port->limits.data_reach.highest, DMA_MEMORY);
    if (status == STOR_STATUS_SUCCESS)
        physical->QuadPart = (LONGLONG)nt_physical_address(*wish.buffer);
    return status;
}
STORPORT_EXTENDED(ExtFunctionAllocateDmaMemory, "StorPortAllocateDmaMemory", "Memory",
                  allocate_dma_memory);

static ULONG free_dma_memory(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    PVOID base = STORPORT_ARGUMENT(arguments, PVOID);
    SIZE_T size = STORPORT_ARGUMENT(arguments, SIZE_T);
    ULONG cache_type = STORPORT_ARGUMENT(arguments, ULONG);
    PHYSICAL_ADDRESS physical = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);

    (void)extension;
    if (base && (uint64_t)physical.QuadPart != nt_physical_address(base)) {
        nt_finding("MEM-17", adapter->port,
                   "memory for DMA at %p was freed with a physical address that is not its own",
                   base);
        return STOR_STATUS_INVALID_PARAMETER;
    }
    return free_contiguous(adapter, base, size, cache_type, DMA_MEMORY);
}
STORPORT_EXTENDED(ExtFunctionFreeDmaMemory, "StorPortFreeDmaMemory", "Memory", free_dma_memory);

/* ---- the end ---- */

void storport_memory_destroy(struct storport_adapter *adapter)
{
    storport_mappings_destroy(adapter);
    if (adapter->uncached_block)
        nt_contiguous_free(adapter->uncached_block);
    adapter->uncached_block = adapter->uncached_extension = NULL;
}
