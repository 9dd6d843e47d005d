/*
 * ranges_test.c - the registers and ports of a device as its driver is given them, and its
 * configuration space.
 */
#include "resources_host.h"

#include <string.h>

#define SHAPES "model:absent,bars=io:256+mem:1K+none+pref64:8K,rom=64K"

static void a_range_for_each_bar_in_order_and_zeros_behind_them(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .service = "resources9"});
    const struct bus_bar *bars = adapter->device->ops->bars(adapter->device);
    static const unsigned order[] = {0, 1, 3};
    assert_int_equal(record->Config.NumberOfAccessRanges, 9);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(record->Ranges[i].RangeStart.QuadPart, bars[order[i]].address);
        assert_int_equal(record->Ranges[i].RangeLength, bars[order[i]].size);
        assert_int_equal(record->Ranges[i].RangeInMemory, i != 0);
    }
    for (unsigned i = 3; i < 9; i++)
        assert_true(record->Ranges[i].RangeStart.QuadPart == 0 &&
                    record->Ranges[i].RangeLength == 0 && !record->Ranges[i].RangeInMemory);
    stop();
}

static void a_driver_with_room_for_fewer_ranges_sees_the_first(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .service = "resources2"});
    assert_int_equal(record->Config.NumberOfAccessRanges, 2);
    assert_int_equal(record->Ranges[1].RangeLength, 1024);
    assert_int_equal(record->Ranges[2].RangeLength, 0);
    stop();
    start(&(struct resources_start){.device = SHAPES, .service = "resources0"});
    assert_int_equal(record->Config.NumberOfAccessRanges, 0);
    assert_non_null(record->Config.AccessRanges);
    stop();
}

static void the_start_request_lists_each_bar(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .interrupts = PORT_INTERRUPT_LINE});
    const struct bus_bar *bars = adapter->device->ops->bars(adapter->device);
    assert_int_equal(record->Raw.Count, 4);
    assert_memory_equal(record->Raw.Descriptors, record->Translated.Descriptors,
                        3 * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR));
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *first = record->Raw.Descriptors;
    assert_int_equal(first[0].Type, CmResourceTypePort);
    assert_true(first[0].Flags & CM_RESOURCE_PORT_IO);
    assert_int_equal(first[0].u.Port.Start.QuadPart, bars[0].address);
    assert_int_equal(first[0].u.Port.Length, 256);
    assert_int_equal(first[1].Type, CmResourceTypeMemory);
    assert_false(first[1].Flags & CM_RESOURCE_MEMORY_PREFETCHABLE);
    assert_int_equal(first[2].u.Memory.Start.QuadPart, bars[3].address);
    assert_true(first[2].Flags & CM_RESOURCE_MEMORY_PREFETCHABLE);
    stop();
}

static void each_adapter_has_a_slot_of_its_own(void **state)
{
    struct port_adapter *first;
    struct port_driver *first_driver;
    RESOURCES_RECORD *first_record;

    (void)state;
    start(&(struct resources_start){.device = SHAPES});
    first = adapter;
    first_driver = driver;
    first_record = record;
    assert_int_equal(record->Config.SlotNumber, 0);
    assert_null(record->HwContext);
    assert_null(record->BusInformation);
    start(&(struct resources_start){.device = SHAPES, .service = "second"});
    assert_int_equal(record->Config.SlotNumber, 1);
    assert_int_equal(record->ConfigLength, 256);
    stop();
    adapter = first;
    driver = first_driver;
    record = first_record;
    stop();
}

/* ---- configuration space, written ---- */

enum { PCI_CONFIGURATION = 4, COMMAND = 0x04, CACHE_LINE = 0x0C, BAR_1 = 0x14 };

static ULONG set_config(PVOID extension, const PORT_CONFIGURATION_INFORMATION *config,
                        const void *bytes, ULONG offset, ULONG length)
{
    return StorPortSetBusDataByOffset(extension, PCI_CONFIGURATION, config->SystemIoBusNumber,
                                      config->SlotNumber, (PVOID)(uintptr_t)bytes, offset, length);
}

static void NTAPI writes_the_header_back(PVOID extension, PPORT_CONFIGURATION_INFORMATION config)
{
    UCHAR header[256];

    memcpy(header, record->ConfigSpace, sizeof(header));
    header[CACHE_LINE] = 0x20;
    header[COMMAND + 1] |= 0x01; /* system errors */
    assert_int_equal(set_config(extension, config, header, 0, 256), 256);
    assert_int_equal(StorPortGetBusData(extension, PCI_CONFIGURATION, 0, config->SlotNumber, header,
                                        sizeof(header)),
                     256);
    assert_int_equal(header[CACHE_LINE], 0x20);
    assert_int_equal(header[COMMAND + 1] & 0x01, 0x01);
    assert_memory_equal(header + 0x10, record->ConfigSpace + 0x10, 0xF0);
}

static void a_driver_may_write_back_what_it_has_read(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = "model:absent,msi=8,msix=40",
                                    .takes_messages = true,
                                    .in_find_adapter = writes_the_header_back});
    assert_false(probe_printed("HW-21"));
    stop();
}

static void NTAPI moves_a_bar(PVOID extension, PPORT_CONFIGURATION_INFORMATION config)
{
    static const ULONG nowhere = 0xDEAD0000;

    assert_int_equal(set_config(extension, config, &nowhere, BAR_1, 4), 4);
}

static void where_a_device_lies_is_not_the_drivers_to_change(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .in_find_adapter = moves_a_bar});
    assert_true(probe_printed("HW-21"));
    uint32_t bar = adapter->device->ops->config_read(adapter->device, BAR_1, 4);
    assert_int_equal(bar, record->Ranges[1].RangeStart.QuadPart);
    stop();
}

/* ---- mapping ---- */

static const ACCESS_RANGE *range(unsigned index)
{
    return &record->Ranges[index];
}

static PVOID base(PVOID extension, LONGLONG address, ULONG length, BOOLEAN ports)
{
    return StorPortGetDeviceBase(extension, PCIBus, 0, (STOR_PHYSICAL_ADDRESS){.QuadPart = address},
                                 length, ports);
}

static void NTAPI maps_what_is_its_own(PVOID extension, PPORT_CONFIGURATION_INFORMATION config)
{
    LONGLONG port = range(0)->RangeStart.QuadPart, memory = range(1)->RangeStart.QuadPart;

    (void)config;
    /* A port's base is its number; part of a range, and a range twice, may be mapped. */
    assert_int_equal((uintptr_t)base(extension, port, 256, TRUE), port);
    assert_int_equal((uintptr_t)base(extension, port + 16, 4, TRUE), port + 16);
    assert_int_equal(StorPortReadPortUchar(extension, (PUCHAR)(uintptr_t)(port + 255)), 0xFF);
    PULONG whole = base(extension, memory, 1024, FALSE);
    PULONG part = base(extension, memory + 0x100, 0x10, FALSE);
    assert_true(whole && part && whole != part);
    assert_int_equal((uintptr_t)part & 0xFFF, ((uintptr_t)memory + 0x100) & 0xFFF);
    assert_int_equal(StorPortReadRegisterUlong(extension, part + 3), 0xFFFFFFFF);
    assert_false(probe_printed("register-access"));
    StorPortFreeDeviceBase(extension, part);
    StorPortFreeDeviceBase(extension, (PVOID)(uintptr_t)(port + 16));
    assert_false(probe_printed("device-base"));
    assert_int_equal(StorPortReadPortUchar(NULL, (PUCHAR)(uintptr_t)port), 0xFF);
    assert_false(probe_printed("register-access"));
}

static void ranges_are_mapped_whole_or_in_part(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .in_find_adapter = maps_what_is_its_own});
    stop();
}

static void NTAPI maps_what_is_not_its_own(PVOID extension, PPORT_CONFIGURATION_INFORMATION config)
{
    LONGLONG port = range(0)->RangeStart.QuadPart, memory = range(1)->RangeStart.QuadPart;

    (void)config;
    assert_null(base(extension, 0x1000, 16, FALSE));
    assert_null(base(extension, memory, 1025, FALSE));
    assert_null(base(extension, memory + 1020, 8, FALSE));
    assert_null(base(extension, memory, 0, FALSE));
    assert_null(base(extension, memory, 16, TRUE)); /* memory as ports, and ports as memory */
    assert_null(base(extension, port, 16, FALSE));
    assert_null(base(extension, -16, 32, FALSE));
    assert_null(StorPortGetDeviceBase(extension, PCIBus, 1,
                                      (STOR_PHYSICAL_ADDRESS){.QuadPart = memory}, 16, FALSE));
    assert_null(StorPortGetDeviceBase(extension, Isa, 0,
                                      (STOR_PHYSICAL_ADDRESS){.QuadPart = memory}, 16, FALSE));
    assert_null(StorPortGetDeviceBase(NULL, PCIBus, 0, (STOR_PHYSICAL_ADDRESS){.QuadPart = memory},
                                      16, FALSE));
    assert_true(probe_printed("F1.2003"));
    StorPortFreeDeviceBase(extension, (PVOID)(uintptr_t)port);
    assert_true(probe_printed("was not mapped"));
}

static void what_is_not_the_devices_own_is_not_mapped(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .in_find_adapter = maps_what_is_not_its_own});
    stop();
}

static void NTAPI maps_by_itself(PVOID extension, PPORT_CONFIGURATION_INFORMATION config)
{
    PHYSICAL_ADDRESS memory = range(1)->RangeStart, nowhere = {.QuadPart = 0x7FFFFFFFF000};

    (void)extension;
    (void)config;
    PULONG registers = MmMapIoSpace(memory, 1024, MmNonCached);
    assert_non_null(registers);
    assert_int_equal(StorPortReadRegisterUlong(NULL, registers + 255), 0xFFFFFFFF);
    MmUnmapIoSpace(registers, 1024);
    registers = MmMapIoSpaceEx(memory, 16, PAGE_READWRITE);
    assert_non_null(registers);
    assert_false(probe_printed("io-space"));
    assert_null(MmMapIoSpace(memory, 1025, MmNonCached));
    assert_null(MmMapIoSpace(nowhere, 16, MmNonCached));
    assert_true(probe_printed("neither memory nor in one BAR"));
    uint64_t findings = nt_finding_count();
    MmUnmapIoSpace(registers + 1, 16);
    assert_int_equal(nt_finding_count(), findings + 1);
    /* What is left mapped goes with the device. */
}

static void a_driver_may_map_registers_without_the_port(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = SHAPES, .in_find_adapter = maps_by_itself});
    stop();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(a_range_for_each_bar_in_order_and_zeros_behind_them),
        probe_test(a_driver_with_room_for_fewer_ranges_sees_the_first),
        probe_test(the_start_request_lists_each_bar),
        probe_test(each_adapter_has_a_slot_of_its_own),
        probe_proves(a_driver_may_write_back_what_it_has_read, StorPortSetBusDataByOffset),
        probe_test(where_a_device_lies_is_not_the_drivers_to_change),
        probe_proves(ranges_are_mapped_whole_or_in_part, StorPortGetDeviceBase,
                     StorPortFreeDeviceBase),
        probe_test(what_is_not_the_devices_own_is_not_mapped),
        probe_proves(a_driver_may_map_registers_without_the_port, MmMapIoSpace, MmUnmapIoSpace,
                     MmMapIoSpaceEx),
    };

    return probe_run(argc, argv, tests);
}
