/*
 * test_model_absent.c - the absent device looks as its options say, and answers nothing.
 */
#include "bus/bus.h"
#include "bus/pci.h"
#include "sys/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The fake of nt: no memory that devices see. */
void *nt_pointer_of(struct bus_address address, size_t size)
{
    (void)address;
    (void)size;
    return NULL;
}

static struct {
    unsigned removals, notes;
    char note[160];
} seen;

static void no_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector)
{
    (void)context;
    fail_msg("kind %d, vector %u", (int)kind, vector);
}

static void removed(void *context, const char *reason)
{
    (void)context;
    assert_true(reason[0] != '\0');
    seen.removals++;
}

static void note(void *context, const char *line)
{
    (void)context;
    snprintf(seen.note, sizeof(seen.note), "%s", line);
    seen.notes++;
}

static struct bus_device *device;
static const struct bus_device_ops *ops;

static int try_to_open(const char *spec, char *reason, size_t size)
{
    struct bus_open_options options = {
        .events = {no_interrupt, removed, NULL, note}, .reason = reason, .reason_size = size};

    memset(&seen, 0, sizeof(seen));
    int error = bus_open(&device, spec, &options);
    ops = error ? NULL : device->ops;
    return error;
}

static void open_absent(const char *spec)
{
    char reason[512] = "";

    if (try_to_open(spec, reason, sizeof(reason)))
        fail_msg("%s", reason);
}

static uint32_t config(unsigned offset, unsigned size)
{
    return ops->config_read(device, offset, size);
}

static unsigned capability(uint8_t id)
{
    unsigned offset = config(BUS_PCI_CAPABILITIES, 1);

    while (offset && config(offset, 1) != id)
        offset = config(offset + 1, 1);
    return offset;
}

static void identity_and_class_are_those_asked_for(void **state)
{
    (void)state;
    open_absent("model:absent,vendor=0x1000,device=32,subvendor=0x8086,subsystem=0x1234,"
                "class=0x010601,revision=7");
    assert_int_equal(config(BUS_PCI_VENDOR, 4), 0x00201000);
    assert_int_equal(config(BUS_PCI_CLASS, 4), 0x01060107);
    assert_int_equal(config(BUS_PCI_SUBSYSTEM, 4), 0x12348086);
    assert_int_equal(config(BUS_PCI_STATUS, 2) & 0x10, 0);
    assert_int_equal(config(0x100, 4), 0xFFFFFFFF);
    ops->close(device);
}

static void bars_lie_in_their_places_and_can_be_sized(void **state)
{
    (void)state;
    open_absent("model:absent,bars=io:256+mem:1K+none+pref64:8K,rom=64K");
    const struct bus_bar *bars = ops->bars(device);
    assert_int_equal(bars[0].kind, BUS_BAR_PORT);
    assert_int_equal(bars[1].kind, BUS_BAR_MEMORY);
    assert_int_equal(bars[2].kind, BUS_BAR_NONE);
    assert_true(bars[3].is_64bit && bars[3].prefetchable && bars[3].address > UINT32_MAX);
    assert_int_equal(bars[4].kind, BUS_BAR_NONE);
    assert_int_equal(config(BUS_PCI_BAR, 4), bars[0].address | 1);
    assert_int_equal(config(BUS_PCI_BAR + 12, 4), (uint32_t)bars[3].address | 0xC);
    assert_int_equal(config(BUS_PCI_BAR + 16, 4), bars[3].address >> 32);
    static const uint32_t sizes[] = {0xFFFFFF01, 0xFFFFFC00, 0, 0xFFFFE00C, 0xFFFFFFFF, 0};
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        ops->config_write(device, BUS_PCI_BAR + 4 * i, 4, UINT32_MAX);
        assert_int_equal(config(BUS_PCI_BAR + 4 * i, 4), sizes[i]);
    }
    assert_int_equal(config(0x30, 4), 0);
    ops->config_write(device, 0x30, 4, UINT32_MAX);
    assert_int_equal(config(0x30, 4), 0xFFFF0001);
    ops->close(device);
}

static void capabilities_are_there_and_show_what_is_enabled(void **state)
{
    struct bus_interrupt_counts counts;

    (void)state;
    open_absent("model:absent,msi=8,msix=33,express=on,line=off");
    ops->interrupt_counts(device, &counts);
    assert_true(counts.line == 0 && counts.msi == 8 && counts.msix == 33);
    assert_int_equal(config(BUS_PCI_INTERRUPT_PIN, 1), 0);
    unsigned msi = capability(BUS_PCI_CAPABILITY_MSI);
    unsigned msix = capability(BUS_PCI_CAPABILITY_MSIX);
    assert_true(msi && msix && capability(BUS_PCI_CAPABILITY_EXPRESS));
    assert_int_equal(config(msi + 2, 2), 0x0086);
    assert_int_equal(config(msix + 2, 2), 32);
    assert_int_equal(ops->bars(device)[config(msix + 4, 4)].kind, BUS_BAR_MEMORY);
    assert_int_equal(ops->interrupts_enable(device, BUS_INTERRUPT_LINE, 1), -EINVAL);
    assert_int_equal(ops->interrupts_enable(device, BUS_INTERRUPT_MSI, 9), -EINVAL);
    assert_int_equal(ops->interrupts_enable(device, BUS_INTERRUPT_MSI, 4), 0);
    assert_int_equal(config(msi + 2, 2), 0x00A7);
    assert_int_equal(ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 33), 0);
    assert_int_equal(config(msi + 2, 1) & 1, 0);
    assert_int_equal(config(msix + 2, 2), 0x8020);
    ops->interrupts_disable(device);
    assert_int_equal(config(msix + 2, 2), 0x0020);
    assert_int_equal(config(0x100, 4), 0);
    ops->close(device);
}

static void registers_read_ones_or_zeros_and_ones_when_they_are_off(void **state)
{
    (void)state;
    open_absent("model:absent,bars=io:16+mem:4K");
    assert_int_equal(ops->register_read(device, 1, (struct bar_offset){8}, 8), UINT64_MAX);
    assert_int_equal(ops->register_read(device, 0, (struct bar_offset){2}, 2), 0xFFFF);
    ops->close(device);
    open_absent("model:absent,bars=io:16+mem:4K,reads=zeros");
    assert_int_equal(ops->register_read(device, 1, (struct bar_offset){8}, 8), 0);
    ops->config_write(device, BUS_PCI_COMMAND, 2, BUS_PCI_COMMAND_IO);
    assert_int_equal(ops->register_read(device, 1, (struct bar_offset){8}, 4), 0xFFFFFFFF);
    assert_int_equal(ops->register_read(device, 0, (struct bar_offset){1}, 1), 0);
    ops->unplug(device);
    ops->unplug(device);
    assert_int_equal(seen.removals, 1);
    assert_int_equal(ops->register_read(device, 0, (struct bar_offset){1}, 1), 0xFF);
    assert_int_equal(config(BUS_PCI_VENDOR, 4), 0xFFFFFFFF);
    assert_int_equal(seen.notes, 0);
    ops->close(device);
}

static void a_traced_access_is_told_at_powers_of_ten(void **state)
{
    (void)state;
    open_absent("model:absent,trace=on");
    for (unsigned i = 0; i < 2000; i++)
        ops->register_read(device, 0, (struct bar_offset){0x14}, 4);
    assert_int_equal(seen.notes, 4);
    assert_string_equal(seen.note,
                        "BAR 0, offset 0x14: read of 4 bytes, 0xFFFFFFFF, 1000 times so far");
    ops->register_write(device, 0, (struct bar_offset){3}, 1, 0xAB);
    assert_string_equal(seen.note, "BAR 0, offset 0x3: write of 1 byte, 0xAB");
    /* So many different ones that what came first is forgotten. */
    for (unsigned i = 0; i < 1000; i++)
        ops->register_write(device, 0, (struct bar_offset){0}, 4, i);
    assert_int_equal(seen.notes, 1005);
    ops->close(device);
}

static void each_device_has_ranges_of_its_own(void **state)
{
    struct bus_device *first;

    (void)state;
    open_absent("model:absent,bars=io:256+mem:16M+mem64:1M");
    first = device;
    open_absent("model:absent,bars=io:64+mem:16+mem64:4K");
    for (unsigned i = 0; i < 3; i++) {
        const struct bus_bar *one = &first->ops->bars(first)[i], *other = &ops->bars(device)[i];
        assert_true(one->address + one->size <= other->address ||
                    other->address + other->size <= one->address);
        assert_int_equal(one->address & (one->size - 1), 0);
    }
    ops->close(device);
    first->ops->close(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_and_class_are_those_asked_for),
        cmocka_unit_test(bars_lie_in_their_places_and_can_be_sized),
        cmocka_unit_test(capabilities_are_there_and_show_what_is_enabled),
        cmocka_unit_test(registers_read_ones_or_zeros_and_ones_when_they_are_off),
        cmocka_unit_test(a_traced_access_is_told_at_powers_of_ten),
        cmocka_unit_test(each_device_has_ranges_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
