/*
 * device_base.c - a device's ranges of registers and ports, mapped for its driver.
 */
#include "bus/ports.h"
#include "storport/adapter.h"

#include <stdlib.h>

/* A window, or ports: then the address is the number of the first. */
struct mapping {
    struct mapping *next;
    struct storport_adapter *adapter;
    void *address;
    uint64_t offset, length;
    int bar;
    bool is_ports;
    bool earlier; /* of an earlier start; the driver may use it, or ask for the same again */
};

static struct mapping *mappings;
static struct sys_mutex mappings_lock;

int storport_find_bar(const struct bus_bar *bars, uint64_t address, uint64_t length, bool ports)
{
    for (int i = 0; i < BUS_BAR_COUNT; i++) {
        if (bars[i].kind != (ports ? BUS_BAR_PORT : BUS_BAR_MEMORY))
            continue;
        if (address >= bars[i].address && length <= bars[i].size &&
            address - bars[i].address <= bars[i].size - length)
            return i;
    }
    return -1;
}

/* What the driver got for the same range in an earlier start; NULL: none is left. */
static void *take_earlier(const struct mapping *same)
{
    void *address = NULL;

    sys_mutex_lock(&mappings_lock);
    for (struct mapping *mapping = mappings; mapping && !address; mapping = mapping->next) {
        if (!mapping->earlier || mapping->adapter != same->adapter || mapping->bar != same->bar ||
            mapping->offset != same->offset || mapping->length != same->length)
            continue;
        mapping->earlier = false;
        address = mapping->address;
    }
    sys_mutex_unlock(&mappings_lock);
    return address;
}

static bool map(struct mapping *mapping, struct bus_device *device)
{
    struct bar_offset offset = {mapping->offset};

    if (mapping->is_ports)
        mapping->address =
            (void *)(uintptr_t)bus_ports_map(device, (unsigned)mapping->bar, offset); // NOLINT
    else
        mapping->address = bus_window_map(device, (unsigned)mapping->bar, offset, mapping->length);
    return mapping->address;
}

static void unmap(const struct mapping *mapping)
{
    if (mapping->is_ports)
        bus_ports_unmap((uint16_t)(uintptr_t)mapping->address);
    else
        bus_window_unmap(mapping->address);
}

/* Maps and keeps a copy. NULL: nothing is left to map it with. */
static void *map_new(const struct mapping *wanted, struct bus_device *device)
{
    struct mapping *mapping = malloc(sizeof(*mapping));

    if (!mapping)
        return NULL;
    *mapping = *wanted;
    if (!map(mapping, device)) {
        free(mapping);
        return NULL;
    }
    sys_mutex_lock(&mappings_lock);
    mapping->next = mappings;
    mappings = mapping;
    sys_mutex_unlock(&mappings_lock);
    return mapping->address;
}

/* In I/O space the base is the port's number, as on any x64 machine: inline routines and
 * instructions have room for no more. */
PVOID NTAPI StorPortGetDeviceBase(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                  ULONG SystemIoBusNumber, STOR_PHYSICAL_ADDRESS IoAddress,
                                  ULONG NumberOfBytes, BOOLEAN InIoSpace)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter || !adapter->port->device || !NumberOfBytes ||
        BusType != adapter->config.AdapterInterfaceType ||
        SystemIoBusNumber != adapter->config.SystemIoBusNumber)
        return NULL;
    if (adapter->phase != STORPORT_FINDING)
        nt_finding("device-base", adapter->port, "StorPortGetDeviceBase outside FindAdapter");
    struct bus_device *device = adapter->port->device;
    const struct bus_bar *bars = device->ops->bars(device);
    uint64_t address = (uint64_t)IoAddress.QuadPart;
    int bar = storport_find_bar(bars, address, NumberOfBytes, InIoSpace);
    if (bar < 0) {
        nt_finding("F1.2003", adapter->port,
                   "StorPortGetDeviceBase: 0x%llX, 0x%X bytes, is no range of the device",
                   (unsigned long long)address, NumberOfBytes);
        return NULL;
    }
    struct mapping wanted = {
        .adapter = adapter,
        .offset = address - bars[bar].address,
        .length = NumberOfBytes,
        .bar = bar,
        .is_ports = InIoSpace,
    };
    if (bars[bar].mapping)
        return (unsigned char *)bars[bar].mapping + wanted.offset;
    void *earlier = take_earlier(&wanted);
    return earlier ? earlier : map_new(&wanted, device);
}
NT_EXPORT("storport.sys", StorPortGetDeviceBase, "Port and register I/O", NT_PASSIVE_LEVEL);

/* True if something was unmapped: all of the adapter's, or one that begins there. */
static bool unmap_matching(struct storport_adapter *adapter, const void *address)
{
    bool found = false;

    sys_mutex_lock(&mappings_lock);
    for (struct mapping **link = &mappings; *link && !(address && found);) {
        struct mapping *mapping = *link;
        if (mapping->adapter == adapter && (!address || mapping->address == address)) {
            *link = mapping->next;
            unmap(mapping);
            free(mapping);
            found = true;
        } else {
            link = &mapping->next;
        }
    }
    sys_mutex_unlock(&mappings_lock);
    return found;
}

/* Registers that the backend maps are there as long as the device is. */
static bool is_in_mapped_bar(const struct storport_adapter *adapter, const void *address)
{
    const struct bus_bar *bars = adapter->port->device->ops->bars(adapter->port->device);

    for (unsigned i = 0; i < BUS_BAR_COUNT; i++)
        if (bars[i].mapping && (uintptr_t)address - (uintptr_t)bars[i].mapping < bars[i].size)
            return true;
    return false;
}

VOID NTAPI StorPortFreeDeviceBase(PVOID HwDeviceExtension, PVOID MappedAddress)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter || !MappedAddress || !adapter->port->device)
        return;
    if (adapter->phase == STORPORT_RUNNING)
        nt_finding("device-base", adapter->port,
                   "StorPortFreeDeviceBase while the adapter is running");
    if (!unmap_matching(adapter, MappedAddress) && !is_in_mapped_bar(adapter, MappedAddress))
        nt_finding("device-base", adapter->port,
                   "StorPortFreeDeviceBase of an address that was not mapped");
}
NT_EXPORT("storport.sys", StorPortFreeDeviceBase, "Port and register I/O", NT_PASSIVE_LEVEL);

/* Windows last until the driver frees them or the adapter is removed (storport-routines,
 * GetDeviceBase): a driver may keep their addresses in its extension over stops and restarts. */
void storport_keep_mappings(struct storport_adapter *adapter)
{
    sys_mutex_lock(&mappings_lock);
    for (struct mapping *mapping = mappings; mapping; mapping = mapping->next)
        if (mapping->adapter == adapter)
            mapping->earlier = true;
    sys_mutex_unlock(&mappings_lock);
}

void storport_unmap_all(struct storport_adapter *adapter)
{
    (void)unmap_matching(adapter, NULL);
}

/* True for every range (documented): what may be mapped is decided when it is mapped. */
BOOLEAN NTAPI StorPortValidateRange(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                    ULONG SystemIoBusNumber, STOR_PHYSICAL_ADDRESS IoAddress,
                                    ULONG NumberOfBytes, BOOLEAN InIoSpace)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    (void)BusType;
    (void)SystemIoBusNumber;
    (void)IoAddress;
    (void)NumberOfBytes;
    (void)InIoSpace;
    return adapter != NULL;
}
NT_EXPORT("storport.sys", StorPortValidateRange, "Port and register I/O", NT_PASSIVE_LEVEL);
