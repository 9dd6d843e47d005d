/*
 * test_qemu_nvme.c - the whole way through a real controller: registers, DMA and interrupts.
 *
 * The admin queue of QEMU's NVMe controller is driven by hand. Register offsets and command layout
 * are those of the NVM Express Base Specification.
 */
#include "bus_fixture.h"

#include "bus/pci.h"
#include "nt/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ARENA_SIZE   0x80000000ull /* the most that a machine has */
#define HIGH_ADDRESS (ARENA_SIZE - 0x1000000)

enum {
    REGISTER_INTERRUPT_MASK_SET = 0x0c,
    REGISTER_INTERRUPT_MASK_CLEAR = 0x10,
    REGISTER_CONFIGURATION = 0x14,
    REGISTER_STATUS = 0x1c,
    REGISTER_ADMIN_ATTRIBUTES = 0x24,
    REGISTER_ADMIN_SUBMISSION = 0x28,
    REGISTER_ADMIN_COMPLETION = 0x30,
    REGISTER_SUBMISSION_TAIL = 0x1000,
    REGISTER_COMPLETION_HEAD = 0x1004,
    CONFIGURATION_ENABLE = 0x00460001, /* 64-byte commands, 16-byte completions */
    MSIX_TABLE = 0x2000,
    MSIX_ENTRY_CONTROL = 12,

    QUEUE_DEPTH = 16,
    COMMAND_IDENTIFY = 0x06,
    IDENTIFY_CONTROLLER = 1,
    STATUS_FATAL = 2,
    ROUNDS = 500,
    USE_LINE = 1000, /* in place of a number of vectors */
};

static const struct fixture_spec spec = {
    "qemu:nvme,serial=HOST0",
    {"driver=null-co,size=1073741824,read-zeroes=on"},
};

struct command {
    uint8_t opcode, flags;
    uint16_t id;
    uint32_t namespace_id;
    uint64_t reserved, metadata, data[2];
    uint32_t parameters[6];
};
_Static_assert(sizeof(struct command) == 64, "a submission entry has 64 bytes");

struct completion {
    uint32_t result, reserved;
    uint16_t submission_head, submission_queue;
    uint16_t id;
    uint16_t status; /* bit 0 is the phase */
};
_Static_assert(sizeof(struct completion) == 16, "a completion entry has 16 bytes");

struct controller {
    struct fixture_device device;
    struct command *submission;
    struct completion *completion;
    uint8_t *data;
    unsigned tail, head;
    uint16_t phase;
};

/* At or above a bus address. */
static void *page_allocate(uint64_t lowest)
{
    struct nt_contiguous_options options = {
        .size = NT_PAGE_SIZE,
        .lowest = lowest,
        .highest = UINT64_MAX,
    };
    void *page = nt_contiguous_allocate(&options);
    assert_non_null(page);
    memset(page, 0, NT_PAGE_SIZE);
    return page;
}

static uint64_t bus_address(const void *memory)
{
    struct bus_address address = {0};
    assert_true(nt_bus_address_of(memory, &address));
    return address.value;
}

static void controller_enable(struct controller *controller)
{
    struct fixture_device *device = &controller->device;
    controller->tail = controller->head = 0;
    controller->phase = 1;
    memset(controller->completion, 0, NT_PAGE_SIZE);
    fixture_write(device, 0, REGISTER_ADMIN_ATTRIBUTES, 4,
                  (QUEUE_DEPTH - 1) << 16 | (QUEUE_DEPTH - 1));
    fixture_write(device, 0, REGISTER_ADMIN_SUBMISSION, 8, bus_address(controller->submission));
    fixture_write(device, 0, REGISTER_ADMIN_COMPLETION, 8, bus_address(controller->completion));
    fixture_write(device, 0, REGISTER_CONFIGURATION, 4, CONFIGURATION_ENABLE);
    assert_int_equal(fixture_read(device, 0, REGISTER_STATUS, 4), 1); /* ready */
}

static void enable(struct controller *controller, enum bus_interrupt_kind kind, unsigned count)
{
    struct bus_device *bus = controller->device.bus;
    assert_int_equal(bus->ops->interrupts_enable(bus, kind, count), 0);
}

/* `vectors` messages, or 0 for none enabled, or USE_LINE. Interrupts come before the queues, as in
 * a port driver: QEMU's controller takes a vector into use when its queue is created. */
static void controller_open(struct controller *controller, unsigned vectors)
{
    *controller = (struct controller){0};
    controller->submission = page_allocate(0);
    controller->completion = page_allocate(0);
    controller->data = page_allocate(HIGH_ADDRESS);
    fixture_open(&controller->device, &spec);
    if (vectors == USE_LINE)
        enable(controller, BUS_INTERRUPT_LINE, 1);
    else if (vectors != 0)
        enable(controller, BUS_INTERRUPT_MSIX, vectors);
    controller_enable(controller);
}

static void controller_close(struct controller *controller)
{
    fixture_close(&controller->device);
    nt_contiguous_free(controller->submission);
    nt_contiguous_free(controller->completion);
    nt_contiguous_free(controller->data);
}

static void identify_submit(struct controller *controller)
{
    memset(controller->data, 0xee, NT_PAGE_SIZE);
    controller->submission[controller->tail] = (struct command){
        .opcode = COMMAND_IDENTIFY,
        .id = (uint16_t)(controller->tail + 1),
        .data = {bus_address(controller->data)},
        .parameters = {IDENTIFY_CONTROLLER},
    };
    controller->tail = (controller->tail + 1) % QUEUE_DEPTH;
    fixture_write(&controller->device, 0, REGISTER_SUBMISSION_TAIL, 4, controller->tail);
}

/* Takes one completion if there is one; its doorbell is the caller's business. */
static bool completion_take(struct controller *controller)
{
    struct completion *entry = &controller->completion[controller->head];
    uint16_t status = __atomic_load_n(&entry->status, __ATOMIC_ACQUIRE);
    if ((status & 1) != controller->phase)
        return false;
    assert_int_equal(status >> 1, 0);
    controller->head = (controller->head + 1) % QUEUE_DEPTH;
    if (controller->head == 0)
        controller->phase ^= 1;
    return true;
}

static void completion_acknowledge(struct controller *controller)
{
    fixture_write(&controller->device, 0, REGISTER_COMPLETION_HEAD, 4, controller->head);
}

static void assert_identified(struct controller *controller)
{
    assert_int_equal(controller->data[0] | controller->data[1] << 8, 0x1b36); /* PCI vendor */
    assert_memory_equal(controller->data + 4, "HOST0 ", 6);                   /* serial */
}

/* ---- MSI-X ---- */

static void identify_arrives_by_dma_and_tells_by_message(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 65);
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        identify_submit(&controller);
        fixture_await(&controller.device.record.interrupts, i);
        assert_true(completion_take(&controller));
        completion_acknowledge(&controller);
        assert_identified(&controller);
    }
    assert_int_equal(controller.device.record.kinds[BUS_INTERRUPT_MSIX], ROUNDS);
    assert_int_equal(controller.device.record.vectors[0], ROUNDS);
    controller_close(&controller);
}

static void a_masked_message_fires_when_it_is_unmasked(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 1);
    fixture_write(&controller.device, 0, MSIX_TABLE + MSIX_ENTRY_CONTROL, 4, 1);
    identify_submit(&controller);
    while (!completion_take(&controller))
        (void)fixture_read(&controller.device, 0, REGISTER_STATUS, 4);
    (void)fixture_read(&controller.device, 0, REGISTER_STATUS, 4);
    assert_int_equal(__atomic_load_n(&controller.device.record.interrupts, __ATOMIC_ACQUIRE), 0);
    fixture_write(&controller.device, 0, MSIX_TABLE + MSIX_ENTRY_CONTROL, 4, 0);
    fixture_await(&controller.device.record.interrupts, 1);
    completion_acknowledge(&controller);
    controller_close(&controller);
}

static void no_message_comes_after_disable_and_it_can_be_enabled_again(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 1);
    struct bus_device *bus = controller.device.bus;
    identify_submit(&controller); /* may signal at any moment from here on */
    bus->ops->interrupts_disable(bus);
    uint32_t told = __atomic_load_n(&controller.device.record.interrupts, __ATOMIC_ACQUIRE);
    while (!completion_take(&controller))
        (void)fixture_read(&controller.device, 0, REGISTER_STATUS, 4);
    completion_acknowledge(&controller);
    for (unsigned i = 0; i < 10; i++) {
        identify_submit(&controller);
        while (!completion_take(&controller))
            (void)fixture_read(&controller.device, 0, REGISTER_STATUS, 4);
        completion_acknowledge(&controller);
    }
    assert_int_equal(__atomic_load_n(&controller.device.record.interrupts, __ATOMIC_ACQUIRE), told);
    enable(&controller, BUS_INTERRUPT_MSIX, 2);
    identify_submit(&controller);
    fixture_await(&controller.device.record.interrupts, told + 1);
    controller_close(&controller);
}

static void a_reset_keeps_messages_working(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 1);
    struct bus_device *bus = controller.device.bus;
    assert_int_equal(bus->ops->reset(bus), 0);
    assert_int_equal(fixture_read(&controller.device, 0, REGISTER_CONFIGURATION, 4) & 1, 0);
    controller_enable(&controller);
    identify_submit(&controller);
    fixture_await(&controller.device.record.interrupts, 1);
    assert_identified(&controller);
    controller_close(&controller);
}

/* ---- the line ---- */

static void identify_tells_by_the_line_whose_level_is_exact(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, USE_LINE);
    struct bus_device *bus = controller.device.bus;
    assert_false(bus->ops->line_level(bus));
    for (uint32_t i = 1; i <= ROUNDS; i++) {
        identify_submit(&controller);
        fixture_await(&controller.device.record.interrupts, i);
        assert_true(completion_take(&controller));
        assert_true(bus->ops->line_level(bus));
        completion_acknowledge(&controller);
        assert_false(bus->ops->line_level(bus));
        assert_identified(&controller);
    }
    assert_int_equal(controller.device.record.kinds[BUS_INTERRUPT_LINE], ROUNDS);
    controller_close(&controller);
}

/* A second cause while the line is high sends nothing: only the level tells that it is there. */
static void a_level_stays_high_until_the_last_cause_is_gone(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, USE_LINE);
    struct bus_device *bus = controller.device.bus;
    identify_submit(&controller);
    fixture_await(&controller.device.record.interrupts, 1);
    assert_true(completion_take(&controller));
    identify_submit(&controller);
    while (!completion_take(&controller))
        (void)fixture_read(&controller.device, 0, REGISTER_STATUS, 4);
    /* Acknowledge the first alone. */
    fixture_write(&controller.device, 0, REGISTER_COMPLETION_HEAD, 4, controller.head - 1);
    assert_true(bus->ops->line_level(bus));
    completion_acknowledge(&controller);
    assert_false(bus->ops->line_level(bus));
    assert_int_equal(__atomic_load_n(&controller.device.record.interrupts, __ATOMIC_ACQUIRE), 1);
    controller_close(&controller);
}

static void a_line_that_is_high_when_it_is_enabled_is_told(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 0);
    identify_submit(&controller);
    while (!completion_take(&controller))
        (void)fixture_read(&controller.device, 0, REGISTER_STATUS, 4);
    assert_int_equal(__atomic_load_n(&controller.device.record.interrupts, __ATOMIC_ACQUIRE), 0);
    enable(&controller, BUS_INTERRUPT_LINE, 1);
    fixture_await(&controller.device.record.interrupts, 1);
    assert_int_equal(controller.device.record.kinds[BUS_INTERRUPT_LINE], 1);
    completion_acknowledge(&controller);
    controller_close(&controller);
}

static void the_devices_own_mask_lowers_and_raises_the_line(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, USE_LINE);
    struct bus_device *bus = controller.device.bus;
    identify_submit(&controller);
    fixture_await(&controller.device.record.interrupts, 1);
    fixture_write(&controller.device, 0, REGISTER_INTERRUPT_MASK_SET, 4, 1);
    assert_false(bus->ops->line_level(bus));
    fixture_write(&controller.device, 0, REGISTER_INTERRUPT_MASK_CLEAR, 4, 1);
    assert_true(bus->ops->line_level(bus));
    fixture_await(&controller.device.record.interrupts, 2);
    controller_close(&controller);
}

/* ---- DMA ---- */

static void dma_reaches_the_end_of_the_largest_arena(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 1);
    assert_true(bus_address(controller.data) >= HIGH_ADDRESS);
    identify_submit(&controller);
    fixture_await(&controller.device.record.interrupts, 1);
    assert_identified(&controller);
    controller_close(&controller);
}

static void without_bus_mastering_the_controllers_dma_fails(void **state)
{
    (void)state;
    struct controller controller;
    controller_open(&controller, 0);
    struct fixture_device *device = &controller.device;
    uint32_t command = fixture_config_read(device, BUS_PCI_COMMAND, 2);
    fixture_config_write(device, BUS_PCI_COMMAND, 2, command & ~(uint32_t)BUS_PCI_COMMAND_MASTER);
    identify_submit(&controller);
    uint64_t status;
    do {
        status = fixture_read(device, 0, REGISTER_STATUS, 4);
    } while ((status & STATUS_FATAL) == 0);
    assert_int_equal(controller.data[0], 0xee);
    controller_close(&controller);
}

/* ---- figures ---- */

/* Prints what a register access and an admin command cost here; the test is that all answers came.
 */
static void figures_are_printed(void **state)
{
    (void)state;
    struct controller controller;
    uint64_t before_ns = sys_now_ns();
    controller_open(&controller, 1);
    uint64_t opened_ns = sys_now_ns();
    for (unsigned i = 0; i < 10 * ROUNDS; i++)
        assert_int_equal(fixture_read(&controller.device, 0, REGISTER_STATUS, 4), 1);
    uint64_t read_ns = sys_now_ns();
    for (unsigned i = 0; i < 10 * ROUNDS; i++)
        fixture_write(&controller.device, 0, REGISTER_INTERRUPT_MASK_CLEAR, 4, 0);
    controller.device.bus->ops->register_flush(controller.device.bus);
    uint64_t written_ns = sys_now_ns();
    for (uint32_t i = 1; i <= 10 * ROUNDS; i++) {
        identify_submit(&controller);
        fixture_await(&controller.device.record.interrupts, i);
        assert_true(completion_take(&controller));
        completion_acknowledge(&controller);
    }
    uint64_t identified_ns = sys_now_ns();
    controller_close(&controller);
    uint64_t closed_ns = sys_now_ns();
    print_message("# open %.1f ms, read %.1f us, posted write %.1f us, command by message %.1f us, "
                  "close %.1f ms\n",
                  (double)(opened_ns - before_ns) / 1e6,
                  (double)(read_ns - opened_ns) / 1e3 / (10 * ROUNDS),
                  (double)(written_ns - read_ns) / 1e3 / (10 * ROUNDS),
                  (double)(identified_ns - written_ns) / 1e3 / (10 * ROUNDS),
                  (double)(closed_ns - identified_ns) / 1e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify_arrives_by_dma_and_tells_by_message),
        cmocka_unit_test(a_masked_message_fires_when_it_is_unmasked),
        cmocka_unit_test(no_message_comes_after_disable_and_it_can_be_enabled_again),
        cmocka_unit_test(a_reset_keeps_messages_working),
        cmocka_unit_test(identify_tells_by_the_line_whose_level_is_exact),
        cmocka_unit_test(a_level_stays_high_until_the_last_cause_is_gone),
        cmocka_unit_test(a_line_that_is_high_when_it_is_enabled_is_told),
        cmocka_unit_test(the_devices_own_mask_lowers_and_raises_the_line),
        cmocka_unit_test(dma_reaches_the_end_of_the_largest_arena),
        cmocka_unit_test(without_bus_mastering_the_controllers_dma_fails),
        cmocka_unit_test(figures_are_printed),
    };
    fixture_arena_size = ARENA_SIZE;
    return cmocka_run_group_tests_name("bus_qemu_nvme", tests, fixture_start, fixture_stop);
}
