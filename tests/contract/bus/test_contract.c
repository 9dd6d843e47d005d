/*
 * test_contract.c - every backend keeps the promises of bus.h.
 *
 * One suite, run over each backend that is linked. Arguments replace the list: SPEC [--drive D]...
 * for each device.
 */
#include "bus_fixture.h"

#include "bus/pci.h"
#include "bus/power.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NULL_DISK "driver=null-co,size=1073741824,read-zeroes=on"

enum {
    SPECS_MAX = 32,
    CYCLES = 20,
    INSTANCES = 4,
    READERS = 4,
    READS_EACH = 100,
    MSI_CONTROL = 2,
    MSI_CONTROL_ENABLE = 1 << 0,
    MSIX_CONTROL = 2,
    MSIX_CONTROL_ENABLE = 1 << 15,
};

static const struct fixture_spec builtin_specs[] = {
    {"model:absent,bars=io:64+mem64:64K+mem:4K,msi=4,msix=8,express=on", {NULL}},
    {"model:scratch", {NULL}},
    {"model:scratch,vectors=4,power=on", {NULL}},
    {"qemu:nvme,serial=a", {NULL_DISK}},
    {"qemu:virtio-blk-pci", {NULL_DISK}},
    {"qemu:virtio-blk-pci,disable-modern=on", {NULL_DISK}},
    {"qemu:virtio-scsi-pci,id=c0,num_queues=2;scsi-hd,bus=c0.0,drive=drive0", {NULL_DISK}},
    {"qemu:virtio-scsi-pci,disable-legacy=on,disable-modern=off", {NULL_DISK, NULL_DISK}},
    {"qemu:ich9-ahci,id=c0;ide-hd,bus=c0.0,drive=drive0", {NULL_DISK}},
    {"qemu:ich9-ahci", {NULL_DISK, NULL_DISK ",media=cdrom", "media=cdrom"}},
    {"qemu:lsi53c895a", {NULL_DISK}},
    {"qemu:am53c974", {NULL}},
    {"qemu:megasas", {NULL}},
    {"qemu:mptsas1068", {NULL}},
    {"qemu:pvscsi", {NULL}},
};

/* ---- configuration ---- */

static void config_space_is_sane(void **state)
{
    struct fixture_device device;
    fixture_open(&device, *state);
    uint32_t id = fixture_config_read(&device, BUS_PCI_VENDOR, 4);
    assert_int_not_equal(id & 0xffff, 0xffff);
    assert_int_not_equal(id & 0xffff, 0);
    assert_int_equal(fixture_config_read(&device, BUS_PCI_VENDOR, 2), id & 0xffff);
    assert_int_equal(fixture_config_read(&device, BUS_PCI_DEVICE, 2), id >> 16);
    assert_int_equal(fixture_config_read(&device, BUS_PCI_DEVICE + 1, 1), id >> 24);
    assert_int_equal(fixture_config_read(&device, BUS_PCI_HEADER_TYPE, 1) & 0x7f, 0);
    uint32_t command = fixture_config_read(&device, BUS_PCI_COMMAND, 2);
    assert_true((command & BUS_PCI_COMMAND_MASTER) != 0);
    if (fixture_bar_find(&device, BUS_BAR_MEMORY) >= 0)
        assert_true((command & BUS_PCI_COMMAND_MEMORY) != 0);
    if (fixture_bar_find(&device, BUS_BAR_PORT) >= 0)
        assert_true((command & BUS_PCI_COMMAND_IO) != 0);
    (void)fixture_capability(&device, 0xff); /* walks the list to its end */
    assert_non_null(device.bus->name);
    fixture_close(&device);
}

static void bars_are_what_config_space_shows(void **state)
{
    struct fixture_device device;
    fixture_open(&device, *state);
    const struct bus_bar *bars = device.bus->ops->bars(device.bus);
    unsigned found = 0;
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        const struct bus_bar *bar = &bars[i];
        if (bar->kind == BUS_BAR_NONE)
            continue;
        found++;
        assert_true(bar->size != 0 && (bar->size & (bar->size - 1)) == 0);
        assert_true(bar->address != 0 && bar->address % bar->size == 0);
        uint32_t low = fixture_config_read(&device, BUS_PCI_BAR + 4 * i, 4);
        assert_int_equal(low & 1, bar->kind == BUS_BAR_PORT);
        uint64_t address = bar->kind == BUS_BAR_PORT ? low & ~0x3u : low & ~0xfu;
        if (bar->is_64bit)
            address |= (uint64_t)fixture_config_read(&device, BUS_PCI_BAR + 4 * i + 4, 4) << 32;
        assert_int_equal(address, bar->address);
        for (unsigned j = 0; j < i; j++) {
            if (bars[j].kind == bar->kind)
                assert_true(bars[j].address + bars[j].size <= bar->address ||
                            bar->address + bar->size <= bars[j].address);
        }
    }
    assert_true(found > 0);
    fixture_close(&device);
}

static uint64_t all_ones(unsigned size)
{
    return UINT64_MAX >> (64 - 8 * size);
}

static void reads_without_decoding_are_all_ones_and_come_back_with_it(void **state)
{
    struct fixture_device device;
    fixture_open(&device, *state);
    uint32_t command = fixture_config_read(&device, BUS_PCI_COMMAND, 2);
    uint32_t without = command & ~(uint32_t)(BUS_PCI_COMMAND_IO | BUS_PCI_COMMAND_MEMORY);
    for (unsigned bar = 0; bar < BUS_BAR_COUNT; bar++) {
        if (device.bus->ops->bars(device.bus)[bar].kind == BUS_BAR_NONE)
            continue;
        uint64_t with = fixture_read(&device, bar, 0, 4);
        fixture_config_write(&device, BUS_PCI_COMMAND, 2, without);
        for (unsigned size = 1; size <= 4; size *= 2)
            assert_int_equal(fixture_read(&device, bar, 0, size), all_ones(size));
        fixture_write(&device, bar, 0, 4, 0); /* vanishes */
        fixture_config_write(&device, BUS_PCI_COMMAND, 2, command);
        assert_int_equal(fixture_read(&device, bar, 0, 4), with);
    }
    fixture_close(&device);
}

/* ---- interrupts ---- */

static unsigned count_of(const struct bus_interrupt_counts *counts, enum bus_interrupt_kind kind)
{
    return kind == BUS_INTERRUPT_LINE  ? counts->line
           : kind == BUS_INTERRUPT_MSI ? counts->msi
                                       : counts->msix;
}

/* Whether config space shows a kind enabled. */
static bool is_enabled(struct fixture_device *device, enum bus_interrupt_kind kind)
{
    if (kind == BUS_INTERRUPT_LINE)
        return (fixture_config_read(device, BUS_PCI_COMMAND, 2) & BUS_PCI_COMMAND_INTX_DISABLE) ==
               0;
    bool msi = kind == BUS_INTERRUPT_MSI;
    unsigned offset =
        fixture_capability(device, msi ? BUS_PCI_CAPABILITY_MSI : BUS_PCI_CAPABILITY_MSIX);
    if (offset == 0)
        return false;
    uint32_t control = fixture_config_read(device, offset + 2, 2);
    return (control & (msi ? MSI_CONTROL_ENABLE : MSIX_CONTROL_ENABLE)) != 0;
}

static void assert_messages_differ(struct fixture_device *device, unsigned count)
{
    struct bus_message first, other;
    device->bus->ops->message(device->bus, 0, &first);
    assert_true(first.address != 0);
    for (unsigned i = 1; i < count; i++) {
        device->bus->ops->message(device->bus, i, &other);
        assert_true(other.address != first.address || other.data != first.data);
    }
}

static void each_kind_of_interrupt_can_be_enabled_alone(void **state)
{
    struct fixture_device device;
    struct bus_interrupt_counts counts;
    fixture_open(&device, *state);
    const struct bus_device_ops *ops = device.bus->ops;
    ops->interrupt_counts(device.bus, &counts);
    assert_true(counts.line + counts.msi + counts.msix > 0);
    for (enum bus_interrupt_kind kind = BUS_INTERRUPT_LINE; kind <= BUS_INTERRUPT_MSIX; kind++) {
        unsigned count = count_of(&counts, kind);
        assert_int_equal(ops->interrupts_enable(device.bus, kind, count + 1), -EINVAL);
        if (count == 0)
            continue;
        assert_int_equal(ops->interrupts_enable(device.bus, kind, 1), 0);
        assert_int_equal(ops->interrupts_enable(device.bus, kind, count), 0);
        for (enum bus_interrupt_kind k = BUS_INTERRUPT_LINE; k <= BUS_INTERRUPT_MSIX; k++) {
            if (k != BUS_INTERRUPT_LINE || counts.line != 0)
                assert_int_equal(is_enabled(&device, k), k == kind);
        }
        if (kind != BUS_INTERRUPT_LINE)
            assert_messages_differ(&device, count);
    }
    ops->interrupts_disable(device.bus);
    ops->interrupts_disable(device.bus); /* harmless */
    fixture_close(&device);
}

static void an_idle_device_does_not_interrupt(void **state)
{
    struct fixture_device device;
    struct bus_interrupt_counts counts;
    fixture_open(&device, *state);
    device.bus->ops->interrupt_counts(device.bus, &counts);
    for (enum bus_interrupt_kind kind = BUS_INTERRUPT_LINE; kind <= BUS_INTERRUPT_MSIX; kind++) {
        if (count_of(&counts, kind) == 0)
            continue;
        assert_int_equal(
            device.bus->ops->interrupts_enable(device.bus, kind, count_of(&counts, kind)), 0);
        if (kind == BUS_INTERRUPT_LINE)
            assert_false(device.bus->ops->line_level(device.bus));
    }
    device.bus->ops->interrupts_disable(device.bus);
    assert_int_equal(device.record.interrupts, 0);
    fixture_close(&device);
    assert_int_equal(device.record.removals, 0);
}

/* ---- reset ---- */

static void a_reset_leaves_the_device_as_the_port_had_it(void **state)
{
    struct fixture_device device;
    struct bus_interrupt_counts counts;
    fixture_open(&device, *state);
    const struct bus_device_ops *ops = device.bus->ops;
    ops->interrupt_counts(device.bus, &counts);
    enum bus_interrupt_kind kind = counts.msix != 0  ? BUS_INTERRUPT_MSIX
                                   : counts.msi != 0 ? BUS_INTERRUPT_MSI
                                                     : BUS_INTERRUPT_LINE;
    assert_int_equal(ops->interrupts_enable(device.bus, kind, 1), 0);
    uint32_t command = fixture_config_read(&device, BUS_PCI_COMMAND, 2);
    int error = ops->reset != NULL ? ops->reset(device.bus) : -ENOTSUP;
    if (error != -ENOTSUP) {
        assert_int_equal(error, 0);
        assert_int_equal(fixture_config_read(&device, BUS_PCI_COMMAND, 2), command);
        assert_true(is_enabled(&device, kind));
        const struct bus_bar *bars = ops->bars(device.bus);
        for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
            if (bars[i].kind != BUS_BAR_NONE)
                assert_int_equal(fixture_config_read(&device, BUS_PCI_BAR + 4 * i, 4) & ~0xfu &
                                     ~0x3u,
                                 (uint32_t)bars[i].address);
        }
    }
    fixture_close(&device);
}

/* ---- removal ---- */

static void an_unplugged_device_is_told_once_and_reads_as_ones(void **state)
{
    struct fixture_device device;
    struct bus_interrupt_counts counts;
    struct bus_power power = {0};
    fixture_open(&device, *state);
    const struct bus_device_ops *ops = device.bus->ops;
    ops->interrupt_counts(device.bus, &counts);
    if (counts.line != 0)
        assert_int_equal(ops->interrupts_enable(device.bus, BUS_INTERRUPT_LINE, 1), 0);
    ops->unplug(device.bus);
    ops->unplug(device.bus);
    fixture_await(&device.record.removals, 1);
    assert_true(device.record.reason[0] != '\0');
    assert_int_equal(fixture_config_read(&device, BUS_PCI_VENDOR, 4), UINT32_MAX);
    for (unsigned bar = 0; bar < BUS_BAR_COUNT; bar++) {
        if (ops->bars(device.bus)[bar].kind == BUS_BAR_NONE)
            continue;
        fixture_write(&device, bar, 0, 4, 0);
        assert_int_equal(fixture_read(&device, bar, 0, 4), UINT32_MAX);
    }
    bus_power_down(device.bus, &power, 3, false); /* neither hurts */
    bus_power_up(device.bus, &power);
    assert_int_equal(ops->reset != NULL ? ops->reset(device.bus) : -EIO, -EIO);
    fixture_close(&device);
    assert_int_equal(device.record.removals, 1);
}

/* ---- power ---- */

enum { HEADER_SIZE = 64, POWER_CONTROL = 4, POWER_STATE_MASK = 3, D3 = 3 };

static void header_read(struct fixture_device *device, uint32_t words[HEADER_SIZE / 4])
{
    for (unsigned i = 0; i < HEADER_SIZE / 4; i++)
        words[i] = fixture_config_read(device, 4 * i, 4);
    words[1] &= 0xffff; /* the status is the device's own */
}

/* With interrupts enabled, as a driver leaves them that sees to its power alone. */
static void a_device_comes_back_from_low_power_as_it_was(void **state)
{
    struct fixture_device device;
    struct bus_interrupt_counts counts;
    struct bus_power power = {0};
    uint32_t before[HEADER_SIZE / 4], after[HEADER_SIZE / 4];
    fixture_open(&device, *state);
    const struct bus_device_ops *ops = device.bus->ops;
    ops->interrupt_counts(device.bus, &counts);
    for (enum bus_interrupt_kind kind = BUS_INTERRUPT_LINE; kind <= BUS_INTERRUPT_MSIX; kind++) {
        if (count_of(&counts, kind) == 0)
            continue;
        assert_int_equal(ops->interrupts_enable(device.bus, kind, count_of(&counts, kind)), 0);
        unsigned capability = fixture_capability(&device, BUS_PCI_CAPABILITY_POWER);
        header_read(&device, before);
        for (unsigned turn = 0; turn < 2; turn++) {
            bus_power_down(device.bus, &power, D3, turn == 1 && bus_power_has_cold(device.bus));
            if (capability != 0)
                assert_int_equal(fixture_config_read(&device, capability + POWER_CONTROL, 2) &
                                     POWER_STATE_MASK,
                                 D3);
            bus_power_up(device.bus, &power);
            header_read(&device, after);
            assert_memory_equal(after, before, sizeof(before));
            assert_true(is_enabled(&device, kind));
            if (capability != 0)
                assert_int_equal(fixture_config_read(&device, capability + POWER_CONTROL, 2) &
                                     POWER_STATE_MASK,
                                 0);
        }
    }
    ops->interrupts_disable(device.bus);
    fixture_close(&device);
    assert_int_equal(device.record.removals, 0);
}

/* ---- many at once, many in turn ---- */

struct parallel {
    struct fixture_device *device;
    const struct fixture_spec *spec;
    unsigned bar;
    uint64_t expected;
    unsigned wrong;
};

static void read_in_parallel(void *argument)
{
    struct parallel *parallel = argument;
    for (unsigned i = 0; i < READS_EACH; i++) {
        parallel->wrong +=
            fixture_read(parallel->device, parallel->bar, 0, 4) != parallel->expected;
        parallel->wrong += fixture_config_read(parallel->device, BUS_PCI_VENDOR, 4) == UINT32_MAX;
        parallel->device->bus->ops->register_flush(parallel->device->bus);
    }
}

static void threads_use_one_device_in_parallel(void **state)
{
    struct fixture_device device;
    struct parallel parallel[READERS];
    struct sys_thread *threads[READERS];
    fixture_open(&device, *state);
    int bar = fixture_bar_find(&device, BUS_BAR_MEMORY);
    if (bar < 0)
        bar = fixture_bar_find(&device, BUS_BAR_PORT);
    uint64_t expected = fixture_read(&device, (unsigned)bar, 0, 4);
    for (unsigned i = 0; i < READERS; i++) {
        parallel[i] = (struct parallel){
            .device = &device,
            .bar = (unsigned)bar,
            .expected = expected,
        };
        assert_int_equal(sys_thread_create(&threads[i], "reader", read_in_parallel, &parallel[i]),
                         0);
    }
    for (unsigned i = 0; i < READERS; i++) {
        sys_thread_join(threads[i]);
        assert_int_equal(parallel[i].wrong, 0);
    }
    fixture_close(&device);
}

static void open_in_parallel(void *argument)
{
    struct parallel *parallel = argument;
    parallel->wrong = fixture_try_open(parallel->device, parallel->spec) != 0;
}

static void several_instances_live_side_by_side(void **state)
{
    struct fixture_device devices[INSTANCES];
    struct parallel parallel[INSTANCES];
    struct sys_thread *threads[INSTANCES];
    struct fixture_census before;
    fixture_census_take(&before);
    for (unsigned i = 0; i < INSTANCES; i++) {
        parallel[i] = (struct parallel){.device = &devices[i], .spec = *state};
        assert_int_equal(sys_thread_create(&threads[i], "opener", open_in_parallel, &parallel[i]),
                         0);
    }
    for (unsigned i = 0; i < INSTANCES; i++) {
        sys_thread_join(threads[i]);
        assert_int_equal(parallel[i].wrong, 0);
    }
    for (unsigned i = 0; i < INSTANCES; i++) {
        uint32_t id = fixture_config_read(&devices[i], BUS_PCI_VENDOR, 4);
        assert_int_equal(id, fixture_config_read(&devices[0], BUS_PCI_VENDOR, 4));
    }
    /* The end of one is nothing to the others. */
    fixture_close(&devices[0]);
    for (unsigned i = 1; i < INSTANCES; i++) {
        assert_int_not_equal(fixture_config_read(&devices[i], BUS_PCI_VENDOR, 4), UINT32_MAX);
        fixture_close(&devices[i]);
        assert_int_equal(devices[i].record.removals, 0);
    }
    fixture_census_settle(&before);
}

static void opening_and_closing_leaves_nothing_behind(void **state)
{
    struct fixture_census before;
    fixture_census_take(&before);
    for (unsigned i = 0; i < CYCLES; i++) {
        struct fixture_device device;
        struct bus_interrupt_counts counts;
        fixture_open(&device, *state);
        device.bus->ops->interrupt_counts(device.bus, &counts);
        if (counts.msix != 0)
            assert_int_equal(
                device.bus->ops->interrupts_enable(device.bus, BUS_INTERRUPT_MSIX, counts.msix), 0);
        else
            assert_int_equal(device.bus->ops->interrupts_enable(device.bus, BUS_INTERRUPT_LINE, 1),
                             0);
        fixture_close(&device); /* with interrupts still enabled */
    }
    fixture_census_settle(&before);
}

/* ---- the suite over all SPECs ---- */

static const struct {
    const char *name;
    CMUnitTestFunction function;
} contract[] = {
#define CONTRACT(function)                                                                         \
    {                                                                                              \
#function, function                                                                        \
    }
    CONTRACT(config_space_is_sane),
    CONTRACT(bars_are_what_config_space_shows),
    CONTRACT(reads_without_decoding_are_all_ones_and_come_back_with_it),
    CONTRACT(each_kind_of_interrupt_can_be_enabled_alone),
    CONTRACT(an_idle_device_does_not_interrupt),
    CONTRACT(a_reset_leaves_the_device_as_the_port_had_it),
    CONTRACT(an_unplugged_device_is_told_once_and_reads_as_ones),
    CONTRACT(a_device_comes_back_from_low_power_as_it_was),
    CONTRACT(threads_use_one_device_in_parallel),
    CONTRACT(several_instances_live_side_by_side),
    CONTRACT(opening_and_closing_leaves_nothing_behind),
#undef CONTRACT
};

enum { CONTRACT_SIZE = sizeof(contract) / sizeof(contract[0]) };

static bool backend_is_linked(const char *spec)
{
    size_t length = strcspn(spec, ":");
    for (size_t i = 0; bus_backend_at(i) != NULL; i++) {
        const char *name = bus_backend_at(i)->name;
        if (strlen(name) == length && memcmp(name, spec, length) == 0)
            return true;
    }
    return false;
}

static size_t specs_from_arguments(struct fixture_spec *specs, int argc, char **argv)
{
    size_t count = 0, drives = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--drive") == 0 && i + 1 < argc && count > 0 &&
            drives < FIXTURE_DRIVES_MAX) {
            specs[count - 1].drives[drives++] = argv[++i];
        } else if (count < SPECS_MAX) {
            specs[count++] = (struct fixture_spec){.spec = argv[i]};
            drives = 0;
        }
    }
    return count;
}

static size_t specs_of_linked_backends(struct fixture_spec *specs)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof(builtin_specs) / sizeof(builtin_specs[0]); i++) {
        if (backend_is_linked(builtin_specs[i].spec))
            specs[count++] = builtin_specs[i];
    }
    return count;
}

int main(int argc, char **argv)
{
    static struct fixture_spec specs[SPECS_MAX];
    static struct CMUnitTest tests[SPECS_MAX * CONTRACT_SIZE];
    static char names[SPECS_MAX * CONTRACT_SIZE][192];
    size_t count = 0;
    size_t spec_count =
        argc > 1 ? specs_from_arguments(specs, argc, argv) : specs_of_linked_backends(specs);
    for (size_t i = 0; i < spec_count; i++) {
        for (size_t j = 0; j < CONTRACT_SIZE; j++) {
            snprintf(names[count], sizeof(names[count]), "%.*s_%s",
                     (int)strcspn(specs[i].spec, ";"), specs[i].spec, contract[j].name);
            tests[count] = (struct CMUnitTest){
                .name = names[count],
                .test_func = contract[j].function,
                .initial_state = &specs[i],
            };
            count++;
        }
    }
    return _cmocka_run_group_tests("bus_contract", tests, count, fixture_start, fixture_stop);
}
