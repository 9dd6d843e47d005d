/*
 * test_model_scratch.c - the scratch PCI function keeps the promises of bus.h and of its manual.
 *
 * The device is opened through bus_open, as the port does it. The machine's arena is a fake of one
 * page, so that nothing of nt is needed. Tests wait for events, never for time.
 */
#include "bus/bus.h"
#include "bus/model/scratch_registers.h"
#include "bus/pci.h"
#include "sys/sys.h"

/* The driver's copy of the register map. */
#include "../../../miniports/null-physical/scratch_device.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

_Static_assert(SCRATCH_VENDOR_ID == SCRATCH_MODEL_VENDOR_ID, "vendor");
_Static_assert(SCRATCH_DEVICE_ID == SCRATCH_MODEL_DEVICE_ID, "device");
_Static_assert(SCRATCH_BAR_LENGTH == SCRATCH_BAR_SIZE, "BAR 0");
_Static_assert(SCRATCH_ID == SCRATCH_REGISTER_ID, "ID");
_Static_assert(SCRATCH_ID_VALUE == SCRATCH_REGISTER_ID_VALUE, "value of ID");
_Static_assert(SCRATCH_SCRATCH == SCRATCH_REGISTER_SCRATCH, "SCRATCH");
_Static_assert(SCRATCH_INTERRUPT_STATUS == SCRATCH_REGISTER_INTERRUPT_STATUS, "INTERRUPT_STATUS");
_Static_assert(SCRATCH_INTERRUPT_MASK == SCRATCH_REGISTER_INTERRUPT_MASK, "INTERRUPT_MASK");
_Static_assert(SCRATCH_DOORBELL == SCRATCH_REGISTER_DOORBELL, "DOORBELL");
_Static_assert(SCRATCH_CAUSES == SCRATCH_VECTORS_MAX, "causes");

enum {
    ARENA_ADDRESS = 0x100000, /* where the fake arena lies on the bus */
    CONFIG_COMMAND = 0x04,
    CONFIG_MSIX_CONTROL = 0x42,
    MSIX_ENABLE = 0x8000,
};

static uint8_t arena[NT_PAGE_SIZE];

/* The fake of nt: one page is all the memory that devices see. */
void *nt_pointer_of(struct bus_address address, size_t size)
{
    if (address.value < ARENA_ADDRESS || address.value - ARENA_ADDRESS > sizeof(arena) ||
        size > sizeof(arena) - (address.value - ARENA_ADDRESS))
        return NULL;
    return &arena[address.value - ARENA_ADDRESS];
}

/* What the device has told. `calls` is raised last, so that waiting for it shows all the rest. */
struct record {
    uint32_t calls;
    uint32_t interrupts;
    uint32_t removals;
    enum bus_interrupt_kind kind;
    unsigned vector;
};

static void record_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector)
{
    struct record *record = context;
    record->kind = kind;
    record->vector = vector;
    record->interrupts++;
    __atomic_add_fetch(&record->calls, 1, __ATOMIC_RELEASE);
    sys_wake(&record->calls, INT_MAX);
}

static void record_removed(void *context, const char *reason)
{
    struct record *record = context;
    sh_assert(reason[0] != '\0');
    record->removals++;
    __atomic_add_fetch(&record->calls, 1, __ATOMIC_RELEASE);
    sys_wake(&record->calls, INT_MAX);
}

static void wait_for_calls(struct record *record, uint32_t calls)
{
    for (;;) {
        uint32_t seen = __atomic_load_n(&record->calls, __ATOMIC_ACQUIRE);
        if (seen >= calls)
            return;
        sys_wait(&record->calls, seen, SYS_FOREVER);
    }
}

static int open_spec(const char *spec, struct record *record, struct bus_device **ret_device,
                     char *reason, size_t reason_size)
{
    struct bus_open_options options = {
        .events = {record_interrupt, record_removed, record},
        .reason = reason,
        .reason_size = reason_size,
    };
    return bus_open(ret_device, spec, &options);
}

static struct bus_device *open_device(const char *spec, struct record *record)
{
    char reason[256] = "";
    struct bus_device *device = NULL;
    int error = open_spec(spec, record, &device, reason, sizeof(reason));
    if (error != 0)
        fail_msg("%s: %s", spec, reason);
    return device;
}

static uint32_t get(struct bus_device *device, uint64_t offset)
{
    return (uint32_t)device->ops->register_read(device, SCRATCH_REGISTER_BAR,
                                                (struct bar_offset){offset}, 4);
}

static void set(struct bus_device *device, uint64_t offset, uint32_t value)
{
    device->ops->register_write(device, SCRATCH_REGISTER_BAR, (struct bar_offset){offset}, 4,
                                value);
}

static void shows_its_identity_in_config_space_and_id_register(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    assert_int_equal(device->ops->config_read(device, 0, 2), SCRATCH_VENDOR_ID);
    assert_int_equal(device->ops->config_read(device, 2, 2), SCRATCH_DEVICE_ID);
    assert_int_equal(device->ops->config_read(device, 0, 4),
                     SCRATCH_DEVICE_ID << 16 | SCRATCH_VENDOR_ID);
    assert_int_equal(get(device, SCRATCH_ID), SCRATCH_ID_VALUE);
    device->ops->close(device);
}

static void config_space_shows_the_bars_as_assigned(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=2", &record);
    const struct bus_bar *bars = device->ops->bars(device);
    for (unsigned bar = 0; bar < BUS_BAR_COUNT; bar++) {
        uint32_t shown = device->ops->config_read(device, 0x10 + 4 * bar, 4);
        if (bars[bar].kind == BUS_BAR_NONE)
            assert_int_equal(shown, 0);
        else
            assert_int_equal(shown, bars[bar].address | (bars[bar].kind == BUS_BAR_PORT));
    }
    assert_int_equal(bars[SCRATCH_REGISTER_BAR].kind, BUS_BAR_MEMORY);
    assert_null(bars[SCRATCH_REGISTER_BAR].mapping);
    device->ops->close(device);
}

static uint32_t port_read(struct bus_device *device, uint64_t offset, unsigned size)
{
    return (uint32_t)device->ops->register_read(device, SCRATCH_PORT_BAR,
                                                (struct bar_offset){offset}, size);
}

static void port_write(struct bus_device *device, uint64_t offset, unsigned size, uint32_t value)
{
    device->ops->register_write(device, SCRATCH_PORT_BAR, (struct bar_offset){offset}, size, value);
}

static void ports_take_every_width_while_the_function_decodes_them(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    port_write(device, SCRATCH_REGISTER_SCRATCH, 4, 0x11223344);
    port_write(device, SCRATCH_REGISTER_SCRATCH + 1, 1, 0xAA);
    port_write(device, SCRATCH_REGISTER_SCRATCH + 2, 2, 0xBBCC);
    assert_int_equal(port_read(device, SCRATCH_REGISTER_SCRATCH, 4), 0xBBCCAA44);
    assert_int_equal(port_read(device, SCRATCH_REGISTER_SCRATCH + 2, 2), 0xBBCC);
    assert_int_equal(port_read(device, SCRATCH_REGISTER_STREAM, 1), 0x44);
    assert_int_equal(port_read(device, SCRATCH_REGISTER_STREAM, 4), 0xBBCCAA45);
    port_write(device, SCRATCH_REGISTER_SCRATCH, 4, 2);
    port_write(device, SCRATCH_REGISTER_STREAM, 4, 7);
    assert_int_equal(port_read(device, SCRATCH_REGISTER_SCRATCH, 4), 2 * 31 + 7);
    device->ops->config_write(device, BUS_PCI_COMMAND, 2, BUS_PCI_COMMAND_MEMORY);
    assert_int_equal(port_read(device, SCRATCH_REGISTER_SCRATCH, 2), 0xFFFF);
    device->ops->close(device);
}

static void a_bar_answers_the_probe_for_its_size(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    device->ops->config_write(device, 0x10, 4, UINT32_MAX);
    assert_int_equal(device->ops->config_read(device, 0x10, 4), ~(uint32_t)(SCRATCH_BAR_SIZE - 1));
    device->ops->close(device);
}

static void two_devices_have_different_bars(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *first = open_device("model:scratch", &record);
    struct bus_device *second = open_device("model:scratch", &record);
    assert_true(first->ops->bars(first)[0].address != second->ops->bars(second)[0].address);
    set(first, SCRATCH_SCRATCH, 1);
    set(second, SCRATCH_SCRATCH, 2);
    assert_int_equal(get(first, SCRATCH_SCRATCH), 1);
    assert_int_equal(get(second, SCRATCH_SCRATCH), 2);
    first->ops->close(first);
    second->ops->close(second);
}

static void narrow_reads_see_the_bytes_of_a_register(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    set(device, SCRATCH_SCRATCH, 0x44332211);
    assert_int_equal(device->ops->register_read(device, 0, (struct bar_offset){4}, 1), 0x11);
    assert_int_equal(device->ops->register_read(device, 0, (struct bar_offset){7}, 1), 0x44);
    assert_int_equal(device->ops->register_read(device, 0, (struct bar_offset){6}, 2), 0x4433);
    uint64_t both = device->ops->register_read(device, 0, (struct bar_offset){0}, 8);
    assert_true(both == ((uint64_t)0x44332211 << 32 | SCRATCH_ID_VALUE));
    device->ops->close(device);
}

static void reads_all_ones_while_memory_is_not_decoded(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    uint32_t command = device->ops->config_read(device, CONFIG_COMMAND, 2);
    device->ops->config_write(device, CONFIG_COMMAND, 2, command & ~2u);
    assert_int_equal(get(device, SCRATCH_ID), UINT32_MAX);
    device->ops->config_write(device, CONFIG_COMMAND, 2, command);
    assert_int_equal(get(device, SCRATCH_ID), SCRATCH_ID_VALUE);
    device->ops->close(device);
}

static void a_doorbell_sends_its_message(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=4", &record);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 4), 0);
    assert_true(device->ops->config_read(device, CONFIG_MSIX_CONTROL, 2) & MSIX_ENABLE);
    set(device, SCRATCH_INTERRUPT_MASK, 0);
    for (unsigned vector = 0; vector < 4; vector++) {
        set(device, SCRATCH_DOORBELL, vector);
        wait_for_calls(&record, vector + 1);
        assert_int_equal(record.kind, BUS_INTERRUPT_MSIX);
        assert_int_equal(record.vector, vector);
    }
    assert_int_equal(get(device, SCRATCH_INTERRUPT_STATUS), 0xF);
    device->ops->interrupts_disable(device);
    assert_false(device->ops->config_read(device, CONFIG_MSIX_CONTROL, 2) & MSIX_ENABLE);
    assert_int_equal(record.interrupts, 4);
    device->ops->close(device);
}

static void the_line_rises_once_and_stays_high_until_its_cause_is_cleared(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=0", &record);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_LINE, 1), 0);
    set(device, SCRATCH_INTERRUPT_MASK, 0);
    assert_false(device->ops->line_level(device));
    set(device, SCRATCH_DOORBELL, 5);
    wait_for_calls(&record, 1);
    assert_int_equal(record.kind, BUS_INTERRUPT_LINE);
    assert_true(device->ops->line_level(device));
    set(device, SCRATCH_DOORBELL, 6);
    set(device, SCRATCH_INTERRUPT_STATUS, 1u << 5);
    assert_true(device->ops->line_level(device));
    set(device, SCRATCH_INTERRUPT_STATUS, 1u << 6);
    assert_false(device->ops->line_level(device));
    /* On return of disable nothing is under way, so the count is final: one rise. */
    device->ops->interrupts_disable(device);
    assert_int_equal(record.interrupts, 1);
    device->ops->close(device);
}

static void a_masked_cause_is_silent_until_it_is_unmasked(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_LINE, 1), 0);
    set(device, SCRATCH_INTERRUPT_MASK, 1);
    set(device, SCRATCH_DOORBELL, 0);
    assert_false(device->ops->line_level(device));
    assert_int_equal(get(device, SCRATCH_INTERRUPT_STATUS), 1);
    set(device, SCRATCH_INTERRUPT_MASK, 0);
    wait_for_calls(&record, 1);
    assert_true(device->ops->line_level(device));
    device->ops->close(device);
}

static void a_message_waits_while_its_vector_is_masked(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=2", &record);
    struct bar_offset control = {16 + 12}; /* vector 1 */
    struct bar_offset pending = {SCRATCH_PENDING_BITS_OFFSET};
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 2), 0);
    set(device, SCRATCH_INTERRUPT_MASK, 0);
    device->ops->register_write(device, SCRATCH_TABLE_BAR, control, 4, 1);
    set(device, SCRATCH_DOORBELL, 1);
    assert_int_equal(device->ops->register_read(device, SCRATCH_TABLE_BAR, pending, 4), 2);
    set(device, SCRATCH_DOORBELL, 0);
    wait_for_calls(&record, 1);
    assert_int_equal(record.vector, 0);
    device->ops->register_write(device, SCRATCH_TABLE_BAR, control, 4, 0);
    wait_for_calls(&record, 2);
    assert_int_equal(record.vector, 1);
    assert_int_equal(device->ops->register_read(device, SCRATCH_TABLE_BAR, pending, 4), 0);
    device->ops->close(device);
}

static void nothing_is_signalled_for_a_kind_that_is_not_enabled(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=2", &record);
    set(device, SCRATCH_INTERRUPT_MASK, 0);
    set(device, SCRATCH_DOORBELL, 0);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 1), 0);
    set(device, SCRATCH_DOORBELL, 1); /* has a vector, but only one is enabled */
    device->ops->interrupts_disable(device);
    assert_int_equal(record.calls, 0);
    device->ops->close(device);
}

static void more_vectors_than_there_are_are_refused(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=2", &record);
    struct bus_interrupt_counts counts;
    device->ops->interrupt_counts(device, &counts);
    assert_int_equal(counts.line, 1);
    assert_int_equal(counts.msi, 0);
    assert_int_equal(counts.msix, 2);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 3), -EINVAL);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSI, 1), -EINVAL);
    device->ops->close(device);
}

static void messages_tell_different_data(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=2", &record);
    struct bus_message first;
    struct bus_message second;
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 2), 0);
    device->ops->message(device, 0, &first);
    device->ops->message(device, 1, &second);
    assert_true(first.address != 0 && first.data != second.data);
    device->ops->close(device);
}

static void dma_command(struct bus_device *device, uint64_t address, uint32_t length,
                        uint32_t command)
{
    set(device, SCRATCH_REGISTER_DMA_ADDRESS_LOW, (uint32_t)address);
    set(device, SCRATCH_REGISTER_DMA_ADDRESS_HIGH, (uint32_t)(address >> 32));
    set(device, SCRATCH_REGISTER_DMA_LENGTH, length);
    set(device, SCRATCH_REGISTER_DMA_COMMAND, command);
}

static void dma_fills_and_sums_memory(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    memset(arena, 0, sizeof(arena));
    set(device, SCRATCH_SCRATCH, 0x103);
    dma_command(device, ARENA_ADDRESS + 16, 100, SCRATCH_DMA_FILL);
    assert_int_equal(get(device, SCRATCH_REGISTER_DMA_STATUS), SCRATCH_DMA_DONE);
    assert_int_equal(arena[15], 0);
    assert_int_equal(arena[16], 3);
    assert_int_equal(arena[115], 3);
    assert_int_equal(arena[116], 0);
    dma_command(device, ARENA_ADDRESS, sizeof(arena), SCRATCH_DMA_SUM);
    assert_int_equal(get(device, SCRATCH_SCRATCH), 300);
    device->ops->close(device);
}

static void dma_outside_the_arena_or_without_bus_mastering_is_refused(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    dma_command(device, ARENA_ADDRESS + sizeof(arena) - 1, 2, SCRATCH_DMA_FILL);
    assert_int_equal(get(device, SCRATCH_REGISTER_DMA_STATUS), SCRATCH_DMA_BAD_ADDRESS);
    dma_command(device, (uint64_t)1 << 40, 1, SCRATCH_DMA_FILL);
    assert_int_equal(get(device, SCRATCH_REGISTER_DMA_STATUS), SCRATCH_DMA_BAD_ADDRESS);
    dma_command(device, ARENA_ADDRESS, 1, 77);
    assert_int_equal(get(device, SCRATCH_REGISTER_DMA_STATUS), SCRATCH_DMA_BAD_COMMAND);
    uint32_t command = device->ops->config_read(device, CONFIG_COMMAND, 2);
    device->ops->config_write(device, CONFIG_COMMAND, 2, command & ~4u);
    dma_command(device, ARENA_ADDRESS, 1, SCRATCH_DMA_FILL);
    assert_int_equal(get(device, SCRATCH_REGISTER_DMA_STATUS), SCRATCH_DMA_NOT_MASTER);
    device->ops->close(device);
}

static void reset_clears_registers_and_keeps_what_the_port_set_up(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch,vectors=1", &record);
    uint32_t bar = device->ops->config_read(device, 0x10, 4);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 1), 0);
    set(device, SCRATCH_SCRATCH, 7);
    assert_int_equal(device->ops->reset(device), 0);
    assert_int_equal(get(device, SCRATCH_SCRATCH), 0);
    assert_int_equal(get(device, SCRATCH_INTERRUPT_MASK), UINT32_MAX);
    assert_int_equal(device->ops->config_read(device, 0x10, 4), bar);
    set(device, SCRATCH_INTERRUPT_MASK, 0);
    set(device, SCRATCH_DOORBELL, 0);
    wait_for_calls(&record, 1);
    assert_int_equal(record.interrupts, 1);
    device->ops->close(device);
}

static void a_removed_device_tells_once_and_answers_all_ones(void **state)
{
    (void)state;
    struct record record = {0};
    struct bus_device *device = open_device("model:scratch", &record);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 1), 0);
    set(device, SCRATCH_REGISTER_REMOVE, SCRATCH_REMOVE_KEY);
    assert_int_equal(get(device, SCRATCH_ID), UINT32_MAX);
    assert_int_equal(device->ops->config_read(device, 0, 2), 0xFFFF);
    set(device, SCRATCH_REGISTER_REMOVE, SCRATCH_REMOVE_KEY);
    set(device, SCRATCH_DOORBELL, 0);
    wait_for_calls(&record, 1);
    device->ops->interrupts_disable(device);
    assert_int_equal(record.removals, 1);
    assert_int_equal(record.interrupts, 0);
    assert_int_equal(device->ops->interrupts_enable(device, BUS_INTERRUPT_MSIX, 1), -EIO);
    assert_int_equal(device->ops->reset(device), -EIO);
    device->ops->close(device);
}

static void specs_that_make_no_sense_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "model:",
        "model:nothing",
        "model:scratch,vectors",
        "model:scratch,vectors=",
        "model:scratch,vectors=33",
        "model:scratch,vectors=-1",
        "model:scratch,vectors=1x",
        "model:scratch,vectors=000001",
        "model:scratch,colour=red",
    };
    struct record record = {0};
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        char reason[256] = "";
        struct bus_device *device = NULL;
        assert_int_equal(open_spec(specs[i], &record, &device, reason, sizeof(reason)), -EINVAL);
        assert_non_null(strstr(reason, "model:"));
        assert_null(strchr(reason, '\n'));
        assert_null(device);
    }
}

static int start(void **state)
{
    (void)state;
    return sys_start(&(struct sys_options){0});
}

static int stop(void **state)
{
    (void)state;
    sys_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_its_identity_in_config_space_and_id_register),
        cmocka_unit_test(config_space_shows_the_bars_as_assigned),
        cmocka_unit_test(ports_take_every_width_while_the_function_decodes_them),
        cmocka_unit_test(a_bar_answers_the_probe_for_its_size),
        cmocka_unit_test(two_devices_have_different_bars),
        cmocka_unit_test(narrow_reads_see_the_bytes_of_a_register),
        cmocka_unit_test(reads_all_ones_while_memory_is_not_decoded),
        cmocka_unit_test(a_doorbell_sends_its_message),
        cmocka_unit_test(the_line_rises_once_and_stays_high_until_its_cause_is_cleared),
        cmocka_unit_test(a_masked_cause_is_silent_until_it_is_unmasked),
        cmocka_unit_test(a_message_waits_while_its_vector_is_masked),
        cmocka_unit_test(nothing_is_signalled_for_a_kind_that_is_not_enabled),
        cmocka_unit_test(more_vectors_than_there_are_are_refused),
        cmocka_unit_test(messages_tell_different_data),
        cmocka_unit_test(dma_fills_and_sums_memory),
        cmocka_unit_test(dma_outside_the_arena_or_without_bus_mastering_is_refused),
        cmocka_unit_test(reset_clears_registers_and_keeps_what_the_port_set_up),
        cmocka_unit_test(a_removed_device_tells_once_and_answers_all_ones),
        cmocka_unit_test(specs_that_make_no_sense_are_refused_with_a_reason),
    };
    return cmocka_run_group_tests_name("model_scratch", tests, start, stop);
}
