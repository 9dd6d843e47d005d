/*
 * test_qemu_ahci.c - MSI and the line of QEMU's AHCI controller, and reading through it.
 *
 * One IDENTIFY DEVICE is done by hand. Register offsets and structures are those of the Serial ATA
 * AHCI specification.
 */
#include "bus_fixture.h"

#include "nt/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    AHCI_BAR = 5,
    HOST_CONTROL = 0x04,
    HOST_CONTROL_ENABLE = 0x80000002u, /* AHCI and interrupts */
    HOST_STATUS = 0x08,
    PORT_COMMAND_LIST = 0x100,
    PORT_RECEIVED = 0x108,
    PORT_STATUS = 0x110,
    PORT_INTERRUPTS = 0x114,
    PORT_COMMAND = 0x118,
    PORT_COMMAND_RECEIVE = 0x10,
    PORT_COMMAND_START = 0x11,
    PORT_TASK_FILE = 0x120,
    PORT_ISSUE = 0x138,
    INTERRUPT_RECEIVED_REGISTERS = 1 << 0,
    INTERRUPT_RECEIVED_PIO_SETUP = 1 << 1,

    TABLE_OFFSET = 0x800, /* of the command table in the page of the command list */
    TABLE_REGIONS = 0x80,
    RECEIVED_OFFSET = 0x400,
    FIS_HOST_TO_DEVICE = 0x27,
    FIS_IS_COMMAND = 0x80,
    ATA_IDENTIFY = 0xec,
    SECTOR_SIZE = 512,
};

static const struct fixture_spec spec = {
    "qemu:ich9-ahci,id=c0;ide-hd,bus=c0.0,drive=drive0,serial=DISK7",
    {"driver=null-co,size=1073741824,read-zeroes=on"},
};

static void put32(uint8_t *memory, unsigned offset, uint32_t value)
{
    memcpy(memory + offset, &value, sizeof(value));
}

static uint32_t bus_address(const void *memory)
{
    struct bus_address address = {0};
    assert_true(nt_bus_address_of(memory, &address));
    assert_true(address.value <= UINT32_MAX);
    return (uint32_t)address.value;
}

/* Builds and issues IDENTIFY DEVICE; `page` holds the structures, `data` receives the sector. */
static void identify_issue(struct fixture_device *device, uint8_t *page, const uint8_t *data)
{
    uint32_t base = bus_address(page);
    memset(page, 0, NT_PAGE_SIZE);
    put32(page, 0, 1u << 16 | 5); /* one region, a command of five double words */
    put32(page, 8, base + TABLE_OFFSET);
    uint8_t *table = page + TABLE_OFFSET;
    table[0] = FIS_HOST_TO_DEVICE;
    table[1] = FIS_IS_COMMAND;
    table[2] = ATA_IDENTIFY;
    put32(table, TABLE_REGIONS, bus_address(data));
    put32(table, TABLE_REGIONS + 12, SECTOR_SIZE - 1);

    fixture_write(device, AHCI_BAR, HOST_CONTROL, 4, HOST_CONTROL_ENABLE);
    fixture_write(device, AHCI_BAR, PORT_COMMAND_LIST, 4, base);
    fixture_write(device, AHCI_BAR, PORT_COMMAND_LIST + 4, 4, 0);
    fixture_write(device, AHCI_BAR, PORT_RECEIVED, 4, base + RECEIVED_OFFSET);
    fixture_write(device, AHCI_BAR, PORT_RECEIVED + 4, 4, 0);
    fixture_write(device, AHCI_BAR, PORT_COMMAND, 4, PORT_COMMAND_RECEIVE);
    fixture_write(device, AHCI_BAR, PORT_COMMAND, 4, PORT_COMMAND_START);
    fixture_write(device, AHCI_BAR, PORT_STATUS, 4, UINT32_MAX);
    fixture_write(device, AHCI_BAR, HOST_STATUS, 4, UINT32_MAX);
    fixture_write(device, AHCI_BAR, PORT_INTERRUPTS, 4,
                  INTERRUPT_RECEIVED_REGISTERS | INTERRUPT_RECEIVED_PIO_SETUP);
    fixture_write(device, AHCI_BAR, PORT_ISSUE, 4, 1);
}

static void acknowledge(struct fixture_device *device)
{
    fixture_write(device, AHCI_BAR, PORT_STATUS, 4, UINT32_MAX);
    fixture_write(device, AHCI_BAR, HOST_STATUS, 4, UINT32_MAX);
}

/* An ATA string has the bytes of each word swapped. */
static void assert_identified(const uint8_t *data)
{
    static const char expected[] = "DISK7 ";
    for (unsigned i = 0; i < sizeof(expected) - 1; i++)
        assert_int_equal(data[20 + (i ^ 1)], expected[i]);
}

static void identify_tells_by(enum bus_interrupt_kind kind)
{
    struct fixture_device device;
    struct nt_contiguous_options options = {.size = NT_PAGE_SIZE, .highest = UINT32_MAX};
    uint8_t *page = nt_contiguous_allocate(&options), *data = nt_contiguous_allocate(&options);
    assert_true(page != NULL && data != NULL);
    memset(data, 0, NT_PAGE_SIZE);
    fixture_open(&device, &spec);
    const struct bus_device_ops *ops = device.bus->ops;
    assert_int_equal(ops->interrupts_enable(device.bus, kind, 1), 0);

    identify_issue(&device, page, data);
    fixture_await(&device.record.interrupts, 1);
    while (fixture_read(&device, AHCI_BAR, PORT_ISSUE, 4) != 0)
        sys_thread_yield();
    assert_int_equal(fixture_read(&device, AHCI_BAR, PORT_TASK_FILE, 4) & 0x81, 0);
    assert_identified(data);
    if (kind == BUS_INTERRUPT_LINE)
        assert_true(ops->line_level(device.bus));
    acknowledge(&device);
    if (kind == BUS_INTERRUPT_LINE)
        assert_false(ops->line_level(device.bus));
    ops->interrupts_disable(device.bus);
    assert_int_equal(device.record.kinds[kind], device.record.interrupts);
    fixture_close(&device);
    nt_contiguous_free(page);
    nt_contiguous_free(data);
}

static void identify_tells_by_msi(void **state)
{
    (void)state;
    identify_tells_by(BUS_INTERRUPT_MSI);
}

static void identify_tells_by_the_line(void **state)
{
    (void)state;
    identify_tells_by(BUS_INTERRUPT_LINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify_tells_by_msi),
        cmocka_unit_test(identify_tells_by_the_line),
    };
    return cmocka_run_group_tests_name("bus_qemu_ahci", tests, fixture_start, fixture_stop);
}
