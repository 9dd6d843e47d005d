/*
 * registers.c - mapping a device's ranges, configuration space, and register and port access.
 */
#include "bus/pci.h"
#include "bus/window.h"
#include "storport/adapter.h"

#include <stdlib.h>
#include <string.h>

/* ---- configuration space ---- */

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
    struct bus_device *device = adapter->port->device;
    const uint8_t *bytes = Buffer;
    ULONG left = Length;
    while (left) {
        unsigned size = !(Offset & 3) && left >= 4 ? 4 : !(Offset & 1) && left >= 2 ? 2 : 1;
        uint32_t value = 0;
        memcpy(&value, bytes, size);
        device->ops->config_write(device, Offset, size, value);
        Offset += size;
        bytes += size;
        left -= size;
    }
    return Length;
}
NT_EXPORT("storport.sys", StorPortSetBusDataByOffset, "Initialization", NT_PASSIVE_LEVEL);

/* ---- mapping ---- */

struct mapping {
    struct mapping *next;
    struct storport_adapter *adapter;
    void *window;
    uint64_t offset, length;
    int bar;
    bool earlier; /* of an earlier start; the driver may use it, or ask for the same again */
};

static struct mapping *mappings;
static struct sys_mutex mappings_lock;

/* The BAR that holds the whole range. */
static int find_bar(const struct bus_bar *bars, uint64_t address, uint64_t length, bool ports)
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

/* The window that the driver got for the same range in an earlier start; NULL: none is left. */
static void *take_earlier(const struct mapping *same)
{
    void *window = NULL;

    sys_mutex_lock(&mappings_lock);
    for (struct mapping *mapping = mappings; mapping && !window; mapping = mapping->next) {
        if (!mapping->earlier || mapping->adapter != same->adapter || mapping->bar != same->bar ||
            mapping->offset != same->offset || mapping->length != same->length)
            continue;
        mapping->earlier = false;
        window = mapping->window;
    }
    sys_mutex_unlock(&mappings_lock);
    return window;
}

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
    int bar = find_bar(bars, address, NumberOfBytes, InIoSpace);
    if (bar < 0) {
        nt_finding("F1.2003", adapter->port,
                   "StorPortGetDeviceBase: 0x%llX, 0x%X bytes, is no range of the device",
                   (unsigned long long)address, NumberOfBytes);
        return NULL;
    }
    struct bar_offset offset = {address - bars[bar].address};
    if (bars[bar].mapping)
        return (unsigned char *)bars[bar].mapping + offset.value;
    struct mapping wanted = {
        .adapter = adapter, .offset = offset.value, .length = NumberOfBytes, .bar = bar};
    void *window = take_earlier(&wanted);
    if (window)
        return window;
    struct mapping *mapping = malloc(sizeof(*mapping));
    if (!mapping)
        return NULL;
    window = bus_window_map(device, (unsigned)bar, offset, NumberOfBytes);
    if (!window) {
        free(mapping);
        return NULL;
    }
    wanted.window = window;
    *mapping = wanted;
    sys_mutex_lock(&mappings_lock);
    mapping->next = mappings;
    mappings = mapping;
    sys_mutex_unlock(&mappings_lock);
    return window;
}
NT_EXPORT("storport.sys", StorPortGetDeviceBase, "Port and register I/O", NT_PASSIVE_LEVEL);

/* How many were unmapped: all of the adapter's, or the one that begins there. */
static unsigned unmap_matching(struct storport_adapter *adapter, const void *window)
{
    unsigned count = 0;

    sys_mutex_lock(&mappings_lock);
    for (struct mapping **link = &mappings; *link;) {
        struct mapping *mapping = *link;
        if (mapping->adapter == adapter && (!window || mapping->window == window)) {
            *link = mapping->next;
            bus_window_unmap(mapping->window);
            free(mapping);
            count++;
        } else {
            link = &mapping->next;
        }
    }
    sys_mutex_unlock(&mappings_lock);
    return count;
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

/* ---- access ---- */

/* A port may be given by its number as well: the place in the adapter's own ranges. */
static bool find_port_number(const void *extension, const void *address,
                             struct bus_window_place *place)
{
    struct port_adapter *port = port_adapter_of(extension);
    uintptr_t number = (uintptr_t)address;

    if (number > 0xFFFF || !port || !port->device)
        return false;
    const struct bus_bar *bars = port->device->ops->bars(port->device);
    int bar = find_bar(bars, number, 1, true);
    if (bar < 0)
        return false;
    *place = (struct bus_window_place){port->device,
                                       (unsigned)bar,
                                       {number - bars[bar].address},
                                       bars[bar].size - (number - bars[bar].address)};
    return true;
}

static bool find_port(const void *extension, const void *address, struct bus_window_place *place)
{
    if (bus_window_find(address, place) || find_port_number(extension, address, place))
        return true;
    nt_finding("register-access", port_adapter_of(extension),
               "port %p is in no range of the device", address);
    return false;
}

#define DEFINE_ACCESS(Name, Type)                                                                  \
    Type NTAPI StorPortReadRegister##Name(PVOID HwDeviceExtension, Type *Register)                 \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        (void)HwDeviceExtension;                                                                   \
        if (bus_window_find(Register, &place))                                                     \
            return (Type)bus_window_read(&place, sizeof(Type));                                    \
        return *(volatile Type *)Register;                                                         \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadRegister##Name, "Port and register I/O", NT_HIGH_LEVEL); \
    VOID NTAPI StorPortWriteRegister##Name(PVOID HwDeviceExtension, Type *Register, Type Value)    \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        (void)HwDeviceExtension;                                                                   \
        if (bus_window_find(Register, &place))                                                     \
            bus_window_write(&place, sizeof(Type), Value);                                         \
        else                                                                                       \
            *(volatile Type *)Register = Value;                                                    \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWriteRegister##Name, "Port and register I/O",                \
              NT_HIGH_LEVEL);                                                                      \
    VOID NTAPI StorPortReadRegisterBuffer##Name(PVOID HwDeviceExtension, Type *Register,           \
                                                Type *Buffer, ULONG Count)                         \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value = StorPortReadRegister##Name(HwDeviceExtension, Register + i);              \
            memcpy(Buffer + i, &value, sizeof(value));                                             \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadRegisterBuffer##Name, "Port and register I/O",           \
              NT_HIGH_LEVEL);                                                                      \
    VOID NTAPI StorPortWriteRegisterBuffer##Name(PVOID HwDeviceExtension, Type *Register,          \
                                                 Type *Buffer, ULONG Count)                        \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value;                                                                            \
            memcpy(&value, Buffer + i, sizeof(value));                                             \
            StorPortWriteRegister##Name(HwDeviceExtension, Register + i, value);                   \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWriteRegisterBuffer##Name, "Port and register I/O",          \
              NT_HIGH_LEVEL);                                                                      \
    Type NTAPI StorPortReadPort##Name(PVOID HwDeviceExtension, Type *Port)                         \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        if (find_port(HwDeviceExtension, Port, &place))                                            \
            return (Type)bus_window_read(&place, sizeof(Type));                                    \
        return (Type) ~(Type)0;                                                                    \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadPort##Name, "Port and register I/O", NT_HIGH_LEVEL);     \
    VOID NTAPI StorPortWritePort##Name(PVOID HwDeviceExtension, Type *Port, Type Value)            \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        if (find_port(HwDeviceExtension, Port, &place))                                            \
            bus_window_write(&place, sizeof(Type), Value);                                         \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWritePort##Name, "Port and register I/O", NT_HIGH_LEVEL);    \
    VOID NTAPI StorPortReadPortBuffer##Name(PVOID HwDeviceExtension, Type *Port, Type *Buffer,     \
                                            ULONG Count)                                           \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value = StorPortReadPort##Name(HwDeviceExtension, Port);                          \
            memcpy(Buffer + i, &value, sizeof(value));                                             \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadPortBuffer##Name, "Port and register I/O",               \
              NT_HIGH_LEVEL);                                                                      \
    VOID NTAPI StorPortWritePortBuffer##Name(PVOID HwDeviceExtension, Type *Port, Type *Buffer,    \
                                             ULONG Count)                                          \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value;                                                                            \
            memcpy(&value, Buffer + i, sizeof(value));                                             \
            StorPortWritePort##Name(HwDeviceExtension, Port, value);                               \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWritePortBuffer##Name, "Port and register I/O", NT_HIGH_LEVEL)

DEFINE_ACCESS(Uchar, UCHAR);
DEFINE_ACCESS(Ushort, USHORT);
DEFINE_ACCESS(Ulong, ULONG);
