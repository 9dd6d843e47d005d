/*
 * bus_data.c - a device's configuration space, as its driver reads and writes it.
 */
#include "bus/pci.h"
#include "storport/adapter.h"

#include <stdlib.h>
#include <string.h>

enum { PCI_BUS_DATA = 4, CONFIG_BYTES = 256, NO_SLOT = 2 };

static bool config_is_legal(const struct storport_adapter *adapter)
{
    return adapter->phase == STORPORT_FINDING || adapter->phase == STORPORT_CONFIGURING;
}

/* Multiple Message Enable of MSI: the logarithm of a power of two. */
static unsigned messages_field(const struct storport_adapter *adapter)
{
    return adapter->granted_count && adapter->granted == BUS_INTERRUPT_MSI
               ? (unsigned)__builtin_ctz(adapter->granted_count)
               : 0;
}

/* What the driver shall see of its interrupts in FindAdapter: messages are enabled in the copy when
 * it was granted messages (drivers walk the capabilities and look), and off when it got a line. */
static void patch_capabilities(const struct storport_adapter *adapter, uint8_t *config)
{
    unsigned offset = config[BUS_PCI_CAPABILITIES] & 0xFCu;

    if (adapter->dump)
        return; /* it meets the device as the live instance left it */

    for (unsigned steps = 0; offset >= 0x40 && steps < 48; steps++) {
        uint8_t enable_msix = adapter->granted_count && adapter->granted == BUS_INTERRUPT_MSIX;
        uint8_t enable_msi = adapter->granted_count && adapter->granted == BUS_INTERRUPT_MSI;
        if (config[offset] == BUS_PCI_CAPABILITY_MSIX)
            config[offset + 3] = (uint8_t)((config[offset + 3] & 0x7F) | enable_msix << 7);
        if (config[offset] == BUS_PCI_CAPABILITY_MSI)
            config[offset + 2] =
                (uint8_t)((config[offset + 2] & 0x8E) | enable_msi | messages_field(adapter) << 4);
        offset = config[offset + 1] & 0xFCu;
    }
}

static void read_config(const struct storport_adapter *adapter, uint8_t config[CONFIG_BYTES])
{
    struct bus_device *device = adapter->port->device;

    for (unsigned offset = 0; offset < CONFIG_BYTES; offset += 4) {
        uint32_t value = device->ops->config_read(device, offset, 4);
        memcpy(config + offset, &value, 4);
    }
    patch_capabilities(adapter, config);
}

ULONG NTAPI StorPortGetBusData(PVOID DeviceExtension, ULONG BusDataType, ULONG SystemIoBusNumber,
                               ULONG SlotNumber, PVOID Buffer, ULONG Length)
{
    struct storport_adapter *adapter = storport_of(DeviceExtension);

    if (!adapter || !adapter->port->device || BusDataType != PCI_BUS_DATA || !Buffer ||
        SystemIoBusNumber != adapter->config.SystemIoBusNumber)
        return 0;
    if (!config_is_legal(adapter)) {
        nt_finding("StorPortGetBusData", adapter->port, "called outside FindAdapter");
        return 0;
    }
    if (SlotNumber != adapter->config.SlotNumber) {
        if (Length >= 2)
            memset(Buffer, 0xFF, 2);
        return NO_SLOT;
    }
    if (!adapter->config_copy)
        adapter->config_copy = malloc(CONFIG_BYTES);
    if (!adapter->config_copy)
        return 0;
    read_config(adapter, adapter->config_copy);
    if (!Length) {
        *(void **)Buffer = adapter->config_copy;
        return CONFIG_BYTES;
    }
    if (Length > CONFIG_BYTES)
        Length = CONFIG_BYTES;
    memcpy(Buffer, adapter->config_copy, Length);
    return Length;
}
NT_EXPORT("storport.sys", StorPortGetBusData, "Initialization", NT_PASSIVE_LEVEL);

/* ---- writing ---- */

/* Of the capabilities by which a device interrupts; 0 for others. */
static unsigned capability_size(const uint8_t view[CONFIG_BYTES], unsigned offset)
{
    enum { MSI_64BIT = 0x80, MSI_MASKABLE = 0x01, MSI_BYTES = 10, MSIX_BYTES = 12 };

    if (view[offset] == BUS_PCI_CAPABILITY_MSI)
        return MSI_BYTES + (view[offset + 2] & MSI_64BIT ? 4 : 0) +
               (view[offset + 3] & MSI_MASKABLE ? 10 : 0);
    return view[offset] == BUS_PCI_CAPABILITY_MSIX ? MSIX_BYTES : 0;
}

/* What belongs to the system (rule HW-21): where the device lies and how it interrupts. */
static void mark_guarded(const uint8_t view[CONFIG_BYTES], bool guarded[CONFIG_BYTES])
{
    enum { ROM = 0x30 };
    unsigned offset = view[BUS_PCI_CAPABILITIES] & 0xFCu;

    memset(guarded, 0, CONFIG_BYTES * sizeof(*guarded));
    memset(guarded + BUS_PCI_BAR, true, 4 * BUS_BAR_COUNT);
    memset(guarded + ROM, true, 4);
    guarded[BUS_PCI_INTERRUPT_LINE] = true;
    for (unsigned steps = 0; offset >= 0x40 && steps < 48; steps++) {
        unsigned size = capability_size(view, offset);
        for (unsigned i = offset; i < offset + size && i < CONFIG_BYTES; i++)
            guarded[i] = true;
        offset = view[offset + 1] & 0xFCu;
    }
}

/* The largest access from there that is aligned, inside, and touches nothing guarded; 0: none. */
static unsigned access_size(const bool guarded[CONFIG_BYTES], unsigned offset, unsigned left)
{
    for (unsigned size = 4; size; size /= 2) {
        bool good = size <= left && !(offset & (size - 1));
        for (unsigned i = offset; good && i < offset + size; i++)
            good = !guarded[i];
        if (good)
            return size;
    }
    return 0;
}

/* Drivers write back whole headers that they have read: only what would change something of the
 * system's is a fault. It is left out. */
static void write_config(const struct storport_adapter *adapter, const uint8_t *bytes,
                         unsigned offset, unsigned left)
{
    struct bus_device *device = adapter->port->device;
    uint8_t view[CONFIG_BYTES];
    bool guarded[CONFIG_BYTES], told = false;

    read_config(adapter, view);
    mark_guarded(view, guarded);
    while (left) {
        unsigned size = access_size(guarded, offset, left);
        uint32_t value = 0;
        if (!size && *bytes != view[offset] && !told) {
            nt_finding("HW-21", adapter->port,
                       "StorPortSetBusDataByOffset changes offset 0x%X, which is the system's",
                       offset);
            told = true;
        }
        memcpy(&value, bytes, size);
        if (size)
            device->ops->config_write(device, offset, size, value);
        else
            size = 1;
        offset += size;
        bytes += size;
        left -= size;
    }
}

ULONG NTAPI StorPortSetBusDataByOffset(PVOID DeviceExtension, ULONG BusDataType,
                                       ULONG SystemIoBusNumber, ULONG SlotNumber, PVOID Buffer,
                                       ULONG Offset, ULONG Length)
{
    struct storport_adapter *adapter = storport_of(DeviceExtension);

    if (!adapter || !adapter->port->device || BusDataType != PCI_BUS_DATA || !Buffer ||
        SystemIoBusNumber != adapter->config.SystemIoBusNumber ||
        SlotNumber != adapter->config.SlotNumber || Offset >= CONFIG_BYTES ||
        Length > CONFIG_BYTES - Offset)
        return 0;
    if (!config_is_legal(adapter)) {
        nt_finding("StorPortSetBusDataByOffset", adapter->port, "called outside FindAdapter");
        return 0;
    }
    write_config(adapter, Buffer, Offset, Length);
    return Length;
}
NT_EXPORT("storport.sys", StorPortSetBusDataByOffset, "Initialization", NT_PASSIVE_LEVEL);
