/*
 * addresses.c - the uncached extension, and addresses as a device sees them.
 */
#include "bus/window.h"
#include "nt/registry.h"
#include "port/data.h"
#include "port/driver.h"
#include "port/dump.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <string.h>

/* ---- the uncached extension ---- */

enum {
    ALIGNMENT_BITS_MIN = 3,
    ALIGNMENT_BITS_MAX = 16,
};

/* A value of Parameters\Device<n>, else of Parameters\Device. */
static bool device_value(const struct storport_adapter *adapter, const char *name, void *value,
                         size_t size)
{
    const struct port_driver *driver = adapter->port->driver;
    char key[192];

    snprintf(key, sizeof(key), "%s\\Parameters\\Device%u", driver->key, adapter->port->number);
    for (unsigned i = 0; i < 2; i++) {
        size_t length = size;
        uint32_t type;
        if (!nt_registry_get(key, name, &type, value, &length) && length == size)
            return true;
        snprintf(key, sizeof(key), "%s\\Parameters\\Device", driver->key);
    }
    return false;
}

/* Lifecycle section 16: the window and the alignment from the registry, within what the DMA mode
 * allows. */
static struct nt_contiguous_options uncached_options(const struct storport_adapter *adapter)
{
    const struct port_reach *reach = &adapter->port->limits.common_reach;
    uint64_t lowest = 0, highest = 0;
    uint32_t bits = 0;
    struct nt_contiguous_options options = {.lowest = reach->lowest,
                                            .highest = reach->highest,
                                            .boundary = reach->boundary,
                                            .node = port_adapter_node_wish(adapter->port),
                                            .tag = "uncached extension"};

    if (nt_irql() > NT_PASSIVE_LEVEL) /* a second initialization for power; no registry there */
        return options;
    if (device_value(adapter, "MaximumUCXAddress", &highest, sizeof(highest)) && highest &&
        highest < options.highest)
        options.highest = highest;
    if (device_value(adapter, "MinimumUCXAddress", &lowest, sizeof(lowest)) &&
        options.highest > NT_PAGE_SIZE && lowest < options.highest - NT_PAGE_SIZE &&
        lowest > options.lowest)
        options.lowest = lowest;
    if (device_value(adapter, "UncachedExtAlignment", &bits, sizeof(bits)) &&
        bits >= ALIGNMENT_BITS_MIN && bits <= ALIGNMENT_BITS_MAX)
        options.alignment = (size_t)1 << bits;
    return options;
}

static void uncached_allocate(struct storport_adapter *adapter, ULONG size)
{
    storport_config_reach(adapter);
    struct nt_contiguous_options options = uncached_options(adapter);
    /* Common buffers are whole pages and drivers count on it. Who asks for less by the registry
     * gets no more, and sees what aligns itself by luck (rule MEM-12). */
    size_t offset = options.alignment < NT_PAGE_SIZE ? options.alignment : 0;
    options.size = offset + size;
    unsigned char *block = nt_contiguous_allocate(&options);
    if (!block)
        return;
    memset(block, 0, options.size);
    adapter->uncached_block = block;
    adapter->uncached_extension = block + offset;
    adapter->uncached_size = size;
}

/* One an adapter, until it is removed: a later call, also after a restart and with another size,
 * gets the same. The size of the SRB extensions is settled with it. */
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
    if (adapter->port->virtual_adapter) {
        nt_finding("StorPortGetUncachedExtension", adapter->port,
                   "a virtual adapter has no device that could use it");
        return NULL;
    }
    if (!adapter->uncached_extension && NumberOfBytes) {
        if (adapter->dump)
            storport_dump_uncached(adapter, NumberOfBytes);
        else
            uncached_allocate(adapter, NumberOfBytes);
    }
    if (adapter->uncached_extension) {
        adapter->srb_extension_settled = true;
        adapter->settled_srb_extension_size = ConfigInfo->SrbExtensionSize;
    }
    return adapter->uncached_extension;
}
NT_EXPORT("storport.sys", StorPortGetUncachedExtension, "Memory", NT_DISPATCH_LEVEL);

/* ---- addresses ---- */

/* Bytes of the object from the address on, 0 if that is not in it. */
static size_t rest_of(const void *address, const void *base, size_t size)
{
    uintptr_t offset = (uintptr_t)address - (uintptr_t)base;

    return base && offset < size ? size - offset : 0;
}

/* How far the driver may go from the address at most: to the end of what it lies in. */
static size_t rest_of_object(const struct storport_adapter *adapter, const void *srb,
                             const void *address)
{
    const struct port_adapter *port = adapter->port;
    const struct port_slot *slot = srb ? port_slot_of(port, srb) : NULL;
    size_t rest = rest_of(address, adapter->uncached_extension, adapter->uncached_size);

    if (!rest && slot) {
        rest = rest_of(address, slot->data, slot->length);
        if (!rest)
            rest = rest_of(address, slot->sense, PORT_SENSE_BYTES);
        if (!rest)
            rest = rest_of(address, slot->extension, port->limits.srb_extension_size);
        if (!rest && slot->input)
            rest = rest_of(address, slot->input->data, slot->input->length);
    }
    if (!rest)
        rest = rest_of(address, adapter->extension, adapter->init.DeviceExtensionSize);
    return rest ? rest : NT_PAGE_SIZE - (uintptr_t)address % NT_PAGE_SIZE;
}

STOR_PHYSICAL_ADDRESS NTAPI StorPortGetPhysicalAddress(PVOID HwDeviceExtension,
                                                       PSCSI_REQUEST_BLOCK Srb,
                                                       PVOID VirtualAddress, ULONG *Length)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    STOR_PHYSICAL_ADDRESS result = {.QuadPart = 0};
    struct bus_address address = {0};
    size_t run = 0;

    if (adapter && adapter->dump)
        storport_dump_check_address(adapter, VirtualAddress);
    if (adapter && VirtualAddress)
        run = nt_bus_run_of(VirtualAddress, rest_of_object(adapter, Srb, VirtualAddress), &address);
    result.QuadPart = (LONGLONG)address.value;
    if (Length)
        *Length = (ULONG)run;
    return result;
}
NT_EXPORT("storport.sys", StorPortGetPhysicalAddress, "Memory", NT_HIGH_LEVEL);

/* The inverse for the uncached extension and SRB extensions. */
PVOID NTAPI StorPortGetVirtualAddress(PVOID HwDeviceExtension,
                                      STOR_PHYSICAL_ADDRESS PhysicalAddress)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    struct bus_address address = {(uint64_t)PhysicalAddress.QuadPart};
    void *pointer = adapter ? nt_memory_at(address) : NULL;

    if (!pointer)
        return NULL;
    const struct port_adapter *port = adapter->port;
    size_t extensions =
        port_extension_room(&port->limits) * (port->slot_count + PORT_RESERVED_SLOTS);

    if (adapter->dump)
        return port_dump_owns(adapter->dump, pointer) ? pointer : NULL;
    if (rest_of(pointer, adapter->uncached_extension, adapter->uncached_size) ||
        rest_of(pointer, port->extension_block, extensions))
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
    if (bus_window_contains(Destination) || bus_window_contains(Source))
        bus_memory_copy(Destination, Source, Length);
    else
        memmove(Destination, Source, Length);
}
NT_EXPORT("storport.sys", StorPortMoveMemory, "Memory", NT_HIGH_LEVEL);
NT_EXPORT_AS("storport.sys", "ScsiPortMoveMemory", StorPortMoveMemory, "Memory", NT_HIGH_LEVEL);
