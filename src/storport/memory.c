/*
 * memory.c - memory, addresses, MDLs and scatter/gather lists for miniports.
 */
#include "nt/mdl.h"
#include "storport/adapter.h"

#include <string.h>

/* ---- pool ---- */

/* Legal up to DISPATCH_LEVEL; FreePool also inside ScsiStopAdapter, whatever level that runs at. */
static bool irql_allows_pool(void)
{
    return nt_irql() <= NT_DISPATCH_LEVEL;
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
    if (!irql_allows_pool())
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
    if (!irql_allows_pool() && adapter->phase != STORPORT_STOPPING)
        return STOR_STATUS_INVALID_IRQL;
    nt_pool_free(buffer);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreePool, "StorPortFreePool", "Memory", free_pool);

/* ---- contiguous and DMA memory ---- */

static ULONG allocate_contiguous(size_t size, PHYSICAL_ADDRESS lowest, PHYSICAL_ADDRESS highest,
                                 PHYSICAL_ADDRESS boundary, PVOID *buffer)
{
    if (!buffer || !size)
        return STOR_STATUS_INVALID_PARAMETER;
    *buffer = NULL;
    if (!irql_allows_pool())
        return STOR_STATUS_INVALID_IRQL;
    *buffer = nt_contiguous_allocate(&(struct nt_contiguous_options){
        .size = size,
        .lowest = (uint64_t)lowest.QuadPart,
        .highest = highest.QuadPart ? (uint64_t)highest.QuadPart : UINT64_MAX,
        .boundary = (uint64_t)boundary.QuadPart,
        .tag = "contiguous memory",
    });
    return *buffer ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
}

static ULONG allocate_contiguous_memory(struct storport_adapter *adapter, PVOID extension,
                                        __builtin_ms_va_list *arguments)
{
    SIZE_T size = STORPORT_ARGUMENT(arguments, SIZE_T);
    PHYSICAL_ADDRESS lowest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    PHYSICAL_ADDRESS highest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    PHYSICAL_ADDRESS boundary = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    ULONG cache_type = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG node = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID *buffer = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)adapter;
    (void)extension;
    (void)cache_type;
    (void)node;
    return allocate_contiguous(size, lowest, highest, boundary, buffer);
}
STORPORT_EXTENDED(ExtFunctionAllocateContiguousMemorySpecifyCacheNode,
                  "StorPortAllocateContiguousMemorySpecifyCacheNode", "Memory",
                  allocate_contiguous_memory);

static ULONG free_contiguous_memory(struct storport_adapter *adapter, PVOID extension,
                                    __builtin_ms_va_list *arguments)
{
    PVOID base = STORPORT_ARGUMENT(arguments, PVOID);

    (void)adapter;
    (void)extension;
    if (!base)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!irql_allows_pool() && adapter->phase != STORPORT_STOPPING)
        return STOR_STATUS_INVALID_IRQL;
    nt_contiguous_free(base);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeContiguousMemorySpecifyCache,
                  "StorPortFreeContiguousMemorySpecifyCache", "Memory", free_contiguous_memory);

static ULONG allocate_dma_memory(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    SIZE_T size = STORPORT_ARGUMENT(arguments, SIZE_T);
    PHYSICAL_ADDRESS lowest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    PHYSICAL_ADDRESS highest = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    PHYSICAL_ADDRESS boundary = STORPORT_ARGUMENT(arguments, PHYSICAL_ADDRESS);
    ULONG cache_type = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG node = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID *buffer = STORPORT_ARGUMENT(arguments, PVOID *);
    PPHYSICAL_ADDRESS physical = STORPORT_ARGUMENT(arguments, PPHYSICAL_ADDRESS);

    (void)extension;
    (void)cache_type;
    (void)node;
    if (!physical || !adapter->port->device)
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG status = allocate_contiguous(size, lowest, highest, boundary, buffer);
    if (status == STOR_STATUS_SUCCESS)
        physical->QuadPart = (LONGLONG)nt_physical_address(*buffer);
    return status;
}
STORPORT_EXTENDED(ExtFunctionAllocateDmaMemory, "StorPortAllocateDmaMemory", "Memory",
                  allocate_dma_memory);

static ULONG free_dma_memory(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    return free_contiguous_memory(adapter, extension, arguments);
}
STORPORT_EXTENDED(ExtFunctionFreeDmaMemory, "StorPortFreeDmaMemory", "Memory", free_dma_memory);

/* Final before the extension: zeroed, one an adapter, below 4 GiB (as the arena is). */
PVOID NTAPI StorPortGetUncachedExtension(PVOID HwDeviceExtension,
                                         PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                                         ULONG NumberOfBytes)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter || ConfigInfo != &adapter->config)
        return NULL;
    if (adapter->phase != STORPORT_FINDING) {
        nt_finding("F1.2002", adapter->port, "StorPortGetUncachedExtension outside FindAdapter");
        return NULL;
    }
    if (adapter->uncached_extension || !NumberOfBytes)
        return adapter->uncached_extension;
    adapter->uncached_extension = nt_contiguous_allocate(
        &(struct nt_contiguous_options){.size = NumberOfBytes, .tag = "uncached extension"});
    if (!adapter->uncached_extension)
        return NULL;
    memset(adapter->uncached_extension, 0, NumberOfBytes);
    adapter->uncached_size = NumberOfBytes;
    return adapter->uncached_extension;
}
NT_EXPORT("storport.sys", StorPortGetUncachedExtension, "Memory", NT_PASSIVE_LEVEL);

/* ---- addresses ---- */

static bool within(const void *address, const void *base, size_t size)
{
    return base && (uintptr_t)address >= (uintptr_t)base &&
           (uintptr_t)address - (uintptr_t)base < size;
}

/* Contiguous bytes from there that the driver may rely on. */
static ULONG contiguous_length(const struct storport_adapter *adapter, const void *srb,
                               const void *address)
{
    const struct port_adapter *port = adapter->port;
    const struct port_slot *slot = srb ? port_slot_of(port, srb) : NULL;
    uintptr_t start = (uintptr_t)address;

    if (within(address, adapter->uncached_extension, adapter->uncached_size))
        return (ULONG)((uintptr_t)adapter->uncached_extension + adapter->uncached_size - start);
    if (slot && within(address, slot->data, slot->length))
        return (ULONG)((uintptr_t)slot->data + slot->length - start);
    if (slot && within(address, slot->sense, PORT_SENSE_BYTES))
        return (ULONG)((uintptr_t)slot->sense + PORT_SENSE_BYTES - start);
    if (slot && within(address, slot->extension, port->limits.srb_extension_size))
        return (ULONG)((uintptr_t)slot->extension + port->limits.srb_extension_size - start);
    if (within(address, adapter->extension, adapter->init.DeviceExtensionSize))
        return (ULONG)((uintptr_t)adapter->extension + adapter->init.DeviceExtensionSize - start);
    return (ULONG)(NT_PAGE_SIZE - (start & (NT_PAGE_SIZE - 1)));
}

STOR_PHYSICAL_ADDRESS NTAPI StorPortGetPhysicalAddress(PVOID HwDeviceExtension,
                                                       PSCSI_REQUEST_BLOCK Srb,
                                                       PVOID VirtualAddress, ULONG *Length)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    STOR_PHYSICAL_ADDRESS result = {.QuadPart = 0};
    struct bus_address address;

    if (Length)
        *Length = 0;
    if (!adapter || !VirtualAddress || !nt_bus_address_of(VirtualAddress, &address))
        return result;
    result.QuadPart = (LONGLONG)address.value;
    if (Length)
        *Length = contiguous_length(adapter, Srb, VirtualAddress);
    return result;
}
NT_EXPORT("storport.sys", StorPortGetPhysicalAddress, "Memory", NT_HIGH_LEVEL);

/* The inverse for the uncached extension and SRB extensions. */
PVOID NTAPI StorPortGetVirtualAddress(PVOID HwDeviceExtension,
                                      STOR_PHYSICAL_ADDRESS PhysicalAddress)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    struct bus_address address = {(uint64_t)PhysicalAddress.QuadPart};
    void *pointer = adapter ? nt_pointer_of(address, 1) : NULL;

    if (!pointer)
        return NULL;
    const struct port_adapter *port = adapter->port;
    size_t stride = port_extension_room(&port->limits);
    if (within(pointer, adapter->uncached_extension, adapter->uncached_size) ||
        within(pointer, port->extension_block, stride * (port->slot_count + PORT_RESERVED_SLOTS)))
        return pointer;
    return NULL;
}
NT_EXPORT("storport.sys", StorPortGetVirtualAddress, "Memory", NT_HIGH_LEVEL);

STOR_PHYSICAL_ADDRESS NTAPI StorPortConvertUlongToPhysicalAddress(ULONG_PTR UlongAddress)
{
    return (STOR_PHYSICAL_ADDRESS){.QuadPart = (LONGLONG)UlongAddress};
}
NT_EXPORT("storport.sys", StorPortConvertUlongToPhysicalAddress, "Memory", NT_HIGH_LEVEL);

VOID NTAPI StorPortMoveMemory(PVOID Destination, PVOID Source, ULONG Length)
{
    memmove(Destination, Source, Length);
}
NT_EXPORT("storport.sys", StorPortMoveMemory, "Memory", NT_HIGH_LEVEL);
NT_EXPORT_AS("storport.sys", "ScsiPortMoveMemory", StorPortMoveMemory, "Memory", NT_HIGH_LEVEL);

/* ---- a request's data ---- */

static struct port_slot *outstanding_slot(const struct storport_adapter *adapter, const void *srb)
{
    return srb ? port_slot_of(adapter->port, srb) : NULL;
}

static ULONG get_system_address(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PVOID *address = STORPORT_ARGUMENT(arguments, PVOID *);
    struct port_slot *slot = outstanding_slot(adapter, srb);

    (void)extension;
    if (!slot || !address)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!slot->data)
        return STOR_STATUS_INVALID_PARAMETER;
    *address = slot->data;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetSystemAddress, "StorPortGetSystemAddress", "Memory",
                  get_system_address);

/* Made on first demand and kept until the request completes. */
static ULONG get_original_mdl(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PVOID *mdl = STORPORT_ARGUMENT(arguments, PVOID *);
    struct port_slot *slot = outstanding_slot(adapter, srb);

    (void)extension;
    if (!slot || !mdl)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!slot->mdl && slot->data) {
        if (nt_irql() > NT_DISPATCH_LEVEL)
            return STOR_STATUS_INVALID_IRQL;
        slot->mdl = nt_mdl_allocate(slot->data, slot->length);
        if (!slot->mdl)
            return STOR_STATUS_INSUFFICIENT_RESOURCES;
        nt_mdl_build(slot->mdl);
    }
    *mdl = slot->mdl;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetOriginalMdl, "StorPortGetOriginalMdl", "Memory", get_original_mdl);

void storport_slot_release(struct port_slot *slot)
{
    if (slot->mdl)
        nt_mdl_free(slot->mdl);
    slot->mdl = NULL;
    if (slot->flags & PORT_SLOT_UNUSUAL && slot->request)
        slot->request->data_in->transferred = storport_data_in_length(slot);
}

PSTOR_SCATTER_GATHER_LIST NTAPI StorPortGetScatterGatherList(PVOID HwDeviceExtension,
                                                             PSCSI_REQUEST_BLOCK Srb)
{
    struct port_adapter *port = port_adapter_of(HwDeviceExtension);
    struct port_slot *slot = port && Srb ? port_slot_of(port, Srb) : NULL;

    return slot && slot->has_list ? (PSTOR_SCATTER_GATHER_LIST)slot->list : NULL;
}
NT_EXPORT("storport.sys", StorPortGetScatterGatherList, "DMA", NT_HIGH_LEVEL);

/* ---- MDLs of the driver's own ---- */

static ULONG allocate_mdl(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    PVOID buffer = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG length = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID *mdl = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)adapter;
    (void)extension;
    if (!mdl || !buffer)
        return STOR_STATUS_INVALID_PARAMETER;
    *mdl = NULL;
    if (!irql_allows_pool())
        return STOR_STATUS_INVALID_IRQL;
    *mdl = nt_mdl_allocate(buffer, length);
    return *mdl ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
}
STORPORT_EXTENDED(ExtFunctionAllocateMdl, "StorPortAllocateMdl", "Memory", allocate_mdl);

static ULONG build_mdl(struct storport_adapter *adapter, PVOID extension,
                       __builtin_ms_va_list *arguments)
{
    PVOID mdl = STORPORT_ARGUMENT(arguments, PVOID);

    (void)adapter;
    (void)extension;
    if (!mdl)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!irql_allows_pool())
        return STOR_STATUS_INVALID_IRQL;
    nt_mdl_build(mdl);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionBuildMdlForNonPagedPool, "StorPortBuildMdlForNonPagedPool", "Memory",
                  build_mdl);

static ULONG free_mdl(struct storport_adapter *adapter, PVOID extension,
                      __builtin_ms_va_list *arguments)
{
    PVOID mdl = STORPORT_ARGUMENT(arguments, PVOID);

    (void)adapter;
    (void)extension;
    if (!mdl)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!irql_allows_pool())
        return STOR_STATUS_INVALID_IRQL;
    nt_mdl_free(mdl);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeMdl, "StorPortFreeMdl", "Memory", free_mdl);
