/*
 * test_qemu_ahci.c - MSI and the line of QEMU's AHCI controller, and reading through it.
 *
 * A disk on one port and a CD-ROM drive on the next identify themselves by hand. Register offsets
 * and structures are those of the Serial ATA AHCI specification.
 */
#include "bus_fixture.h"

#include "nt/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    AHCI_BAR = 5,
    INDEX_BAR = 4, /* ports: the number of a register of BAR 5, and its value */
    INDEX = 0x10,
    INDEX_DATA = 0x14,
    HOST_PORTS = 0x0c,
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
    PORT_SIGNATURE = 0x124,
    PORT_ISSUE = 0x138,
    PORT_STRIDE = 0x80,
    INTERRUPT_RECEIVED_REGISTERS = 1 << 0,
    INTERRUPT_RECEIVED_PIO_SETUP = 1 << 1,

    TABLE_OFFSET = 0x800, /* of the command table in the page of the command list */
    TABLE_REGIONS = 0x80,
    RECEIVED_OFFSET = 0x400,
    FIS_HOST_TO_DEVICE = 0x27,
    FIS_IS_COMMAND = 0x80,
    ATA_IDENTIFY = 0xec,
    ATA_IDENTIFY_PACKET = 0xa1,
    SIGNATURE_DISK = 0x00000101,
    SECTOR_SIZE = 512,
};
#define SIGNATURE_PACKET 0xeb140101u
#define NULL_DISK        "driver=null-co,size=1073741824,read-zeroes=on"

/* The explicit form, and the short one, which puts its drives on successive ports. */
static const struct fixture_spec named = {
    "qemu:ich9-ahci,id=c0;ide-hd,bus=c0.0,drive=drive0,serial=DISK7",
    {NULL_DISK},
};
static const struct fixture_spec two_drives = {
    "qemu:ich9-ahci",
    {NULL_DISK, NULL_DISK ",media=cdrom"},
};

/* Which drive a command is for, and which command it is. */
struct target {
    unsigned port;
    uint8_t command;
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

static uint32_t port_read(struct fixture_device *device, unsigned port, unsigned offset)
{
    return (uint32_t)fixture_read(device, AHCI_BAR, offset + (uint64_t)port * PORT_STRIDE, 4);
}

static void port_write(struct fixture_device *device, unsigned port, unsigned offset,
                       uint32_t value)
{
    fixture_write(device, AHCI_BAR, offset + (uint64_t)port * PORT_STRIDE, 4, value);
}

/* Builds and issues a command that reads one sector; `page` holds the structures, `data` receives
 * the sector. */
static void identify_issue(struct fixture_device *device, struct target target, uint8_t *page,
                           const uint8_t *data)
{
    uint32_t base = bus_address(page);
    unsigned port = target.port;
    memset(page, 0, NT_PAGE_SIZE);
    put32(page, 0, 1u << 16 | 5); /* one region, a command of five double words */
    put32(page, 8, base + TABLE_OFFSET);
    uint8_t *table = page + TABLE_OFFSET;
    table[0] = FIS_HOST_TO_DEVICE;
    table[1] = FIS_IS_COMMAND;
    table[2] = target.command;
    put32(table, TABLE_REGIONS, bus_address(data));
    put32(table, TABLE_REGIONS + 12, SECTOR_SIZE - 1);

    fixture_write(device, AHCI_BAR, HOST_CONTROL, 4, HOST_CONTROL_ENABLE);
    port_write(device, port, PORT_COMMAND_LIST, base);
    port_write(device, port, PORT_COMMAND_LIST + 4, 0);
    port_write(device, port, PORT_RECEIVED, base + RECEIVED_OFFSET);
    port_write(device, port, PORT_RECEIVED + 4, 0);
    port_write(device, port, PORT_COMMAND, PORT_COMMAND_RECEIVE);
    port_write(device, port, PORT_COMMAND, PORT_COMMAND_START);
    port_write(device, port, PORT_STATUS, UINT32_MAX);
    fixture_write(device, AHCI_BAR, HOST_STATUS, 4, UINT32_MAX);
    port_write(device, port, PORT_INTERRUPTS,
               INTERRUPT_RECEIVED_REGISTERS | INTERRUPT_RECEIVED_PIO_SETUP);
    port_write(device, port, PORT_ISSUE, 1);
}

/* Runs it and returns when the drive has answered. */
static void identify_run(struct fixture_device *device, struct target target,
                         enum bus_interrupt_kind kind, uint8_t *data)
{
    const struct bus_device_ops *ops = device->bus->ops;
    struct nt_contiguous_options options = {.size = NT_PAGE_SIZE, .highest = UINT32_MAX};
    uint8_t *page = nt_contiguous_allocate(&options);
    assert_non_null(page);
    uint32_t before = __atomic_load_n(&device->record.interrupts, __ATOMIC_ACQUIRE);
    identify_issue(device, target, page, data);
    fixture_await(&device->record.interrupts, before + 1);
    while (port_read(device, target.port, PORT_ISSUE) != 0)
        sys_thread_yield();
    assert_int_equal(port_read(device, target.port, PORT_TASK_FILE) & 0x81, 0);
    if (kind == BUS_INTERRUPT_LINE)
        assert_true(ops->line_level(device->bus));
    port_write(device, target.port, PORT_STATUS, UINT32_MAX);
    fixture_write(device, AHCI_BAR, HOST_STATUS, 4, UINT32_MAX);
    if (kind == BUS_INTERRUPT_LINE)
        assert_false(ops->line_level(device->bus));
    /* The controller has the page until it is told otherwise. */
    port_write(device, target.port, PORT_COMMAND, 0);
    ops->register_flush(device->bus);
    nt_contiguous_free(page);
}

static uint8_t *sector_take(void)
{
    uint8_t *data = nt_contiguous_allocate(
        &(struct nt_contiguous_options){.size = NT_PAGE_SIZE, .highest = UINT32_MAX});
    assert_non_null(data);
    memset(data, 0, NT_PAGE_SIZE);
    return data;
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
    uint8_t *data = sector_take();
    fixture_open(&device, &named);
    const struct bus_device_ops *ops = device.bus->ops;
    assert_int_equal(ops->interrupts_enable(device.bus, kind, 1), 0);
    identify_run(&device, (struct target){0, ATA_IDENTIFY}, kind, data);
    assert_identified(data);
    ops->interrupts_disable(device.bus);
    assert_int_equal(device.record.kinds[kind], device.record.interrupts);
    fixture_close(&device);
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

static void drives_are_found_on_successive_ports(void **state)
{
    static const struct target targets[] = {{0, ATA_IDENTIFY}, {1, ATA_IDENTIFY_PACKET}};
    static const uint16_t first_words[] = {0x0000, 0x8580}; /* ATA; ATAPI, a removable CD-ROM */
    struct fixture_device device;
    uint8_t *data = sector_take();
    (void)state;
    fixture_open(&device, &two_drives);
    const struct bus_device_ops *ops = device.bus->ops;
    assert_int_equal(ops->interrupts_enable(device.bus, BUS_INTERRUPT_MSI, 1), 0);
    for (unsigned i = 0; i < 2; i++) {
        uint16_t word;
        identify_run(&device, targets[i], BUS_INTERRUPT_MSI, data);
        memcpy(&word, data, sizeof(word));
        assert_int_equal(word & 0xFF80, first_words[i]);
        assert_int_equal(port_read(&device, i, PORT_SIGNATURE),
                         i == 0 ? SIGNATURE_DISK : SIGNATURE_PACKET);
    }
    fixture_close(&device);
    nt_contiguous_free(data);
}

static void registers_are_reached_by_index_too(void **state)
{
    static const unsigned registers[] = {0, HOST_PORTS, PORT_SIGNATURE};
    struct fixture_device device;
    (void)state;
    fixture_open(&device, &named);
    for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        fixture_write(&device, INDEX_BAR, INDEX, 4, registers[i]);
        assert_int_equal(fixture_read(&device, INDEX_BAR, INDEX_DATA, 4),
                         fixture_read(&device, AHCI_BAR, registers[i], 4));
    }
    fixture_write(&device, INDEX_BAR, INDEX, 4, HOST_CONTROL);
    fixture_write(&device, INDEX_BAR, INDEX_DATA, 4, HOST_CONTROL_ENABLE);
    assert_int_equal(fixture_read(&device, AHCI_BAR, HOST_CONTROL, 4), HOST_CONTROL_ENABLE);
    fixture_close(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify_tells_by_msi),
        cmocka_unit_test(identify_tells_by_the_line),
        cmocka_unit_test(drives_are_found_on_successive_ports),
        cmocka_unit_test(registers_are_reached_by_index_too),
    };
    return cmocka_run_group_tests_name("bus_qemu_ahci", tests, fixture_start, fixture_stop);
}
