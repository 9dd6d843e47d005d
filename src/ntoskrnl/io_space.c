/*
 * io_space.c - Mm: device memory that a driver maps by its physical address, without the port.
 *
 * What can be mapped is what there is: registers of the adapters' devices, and the machine's own
 * memory as devices see it.
 */
#include "bus/window.h"
#include "nt/bugcheck.h"
#include "nt/memory.h"
#include "port/adapter.h"
#include <ntddk.h>

/* The registers at an address of one device; NULL: they are not its own. */
static void *map_registers(struct bus_device *device, uint64_t address, uint64_t length)
{
    const struct bus_bar *bars = device->ops->bars(device);

    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        uint64_t into = address - bars[i].address;
        if (bars[i].kind != BUS_BAR_MEMORY || address < bars[i].address || length > bars[i].size ||
            into > bars[i].size - length)
            continue;
        if (bars[i].mapping)
            return (unsigned char *)bars[i].mapping + into;
        return bus_window_map(device, i, (struct bar_offset){into}, length);
    }
    return NULL;
}

static void *map(uint64_t address, uint64_t length)
{
    unsigned count = __atomic_load_n(&port_adapter_table_count, __ATOMIC_ACQUIRE);
    void *result = NULL;

    for (unsigned i = 0; i < count && !result; i++) {
        struct port_adapter *adapter =
            __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_ACQUIRE);
        if (adapter && adapter->device)
            result = map_registers(adapter->device, address, length);
    }
    return result ? result : nt_pointer_of((struct bus_address){address}, length);
}

PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes,
                         MEMORY_CACHING_TYPE CacheEnable)
{
    uint64_t address = (uint64_t)PhysicalAddress.QuadPart;
    PVOID result = NumberOfBytes ? map(address, NumberOfBytes) : NULL;

    (void)CacheEnable;
    if (!result)
        nt_finding(
            "io-space", NULL,
            "MmMapIoSpace: 0x%llX, 0x%llX bytes, is neither memory nor in one BAR of a device",
            (unsigned long long)address, (unsigned long long)NumberOfBytes);
    return result;
}
NT_EXPORT("ntoskrnl.exe", MmMapIoSpace, "Memory", NT_DISPATCH_LEVEL);

PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect)
{
    (void)Protect; /* what a register allows is the device's business */
    return MmMapIoSpace(PhysicalAddress, NumberOfBytes, MmNonCached);
}
NT_EXPORT("ntoskrnl.exe", MmMapIoSpaceEx, "Memory", NT_DISPATCH_LEVEL);

VOID NTAPI MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    struct bus_window_place place;

    (void)NumberOfBytes;
    /* Memory, and registers that the backend maps, stay where they are. */
    if (bus_window_find(BaseAddress, &place) && !bus_window_unmap(BaseAddress))
        nt_finding("io-space", NULL, "MmUnmapIoSpace of %p, where no mapping begins", BaseAddress);
}
NT_EXPORT("ntoskrnl.exe", MmUnmapIoSpace, "Memory", NT_DISPATCH_LEVEL);
