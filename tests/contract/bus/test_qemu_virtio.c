/*
 * test_qemu_virtio.c - the virtio devices in their legacy, transitional and modern forms: one
 * request by hand through a split queue, told by MSI-X and by the line.
 *
 * Register offsets and structures are those of the Virtual I/O Device specification 1.1 (OASIS).
 * The transitional form is driven both ways.
 */
#include "bus_fixture.h"

#include "bus/pci.h"
#include "nt/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NULL_DISK "driver=null-co,size=1073741824,read-zeroes=on"

enum {
    /* Legacy registers, in the port BAR. */
    LEGACY_BAR = 0,
    LEGACY_GUEST_FEATURES = 4,
    LEGACY_QUEUE_PAGE = 8,
    LEGACY_QUEUE_SIZE = 12,
    LEGACY_QUEUE_SELECT = 14,
    LEGACY_QUEUE_NOTIFY = 16,
    LEGACY_STATUS = 18,
    LEGACY_INTERRUPT_STATUS = 19,
    LEGACY_QUEUE_VECTOR = 22, /* only while MSI-X is enabled */

    /* Modern registers, relative to the common configuration. */
    COMMON_FEATURE_SELECT = 8,
    COMMON_FEATURE = 12,
    COMMON_STATUS = 20,
    COMMON_QUEUE_SELECT = 22,
    COMMON_QUEUE_SIZE = 24,
    COMMON_QUEUE_VECTOR = 26,
    COMMON_QUEUE_ENABLE = 28,
    COMMON_QUEUE_NOTIFY_OFFSET = 30,
    COMMON_QUEUE_DESCRIPTORS = 32,
    COMMON_QUEUE_AVAILABLE = 40,
    COMMON_QUEUE_USED = 48,

    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
    FEATURE_HIGH_VERSION_1 = 1, /* bit 32 */

    CAPABILITY_VENDOR = 9,
    CAPABILITY_TYPE = 3,
    CAPABILITY_BAR = 4,
    CAPABILITY_OFFSET = 8,
    CAPABILITY_NOTIFY_FACTOR = 16,
    TYPE_COMMON = 1,
    TYPE_NOTIFY = 2,
    TYPE_INTERRUPT_STATUS = 3,
    TYPE_COUNT = 5,

    QUEUE_SIZE_MAX = 1024,
    QUEUE_BYTES = 8 * NT_PAGE_SIZE,
    DESCRIPTOR_SIZE = 16,
    DESCRIPTOR_NEXT = 1,
    DESCRIPTOR_DEVICE_WRITES = 2,
    DESCRIPTORS_MAX = 3,

    SECTOR_SIZE = 512,
    SCSI_REQUEST_QUEUE = 2,
    SCSI_REQUEST_SIZE = 51, /* 19 bytes and a CDB of 32 */
    SCSI_RESPONSE_SIZE = 108,
    SCSI_BAD_TARGET = 3,
    INQUIRY_SIZE = 36,
};

enum form { LEGACY, MODERN };

struct place {
    unsigned bar;
    uint32_t offset, factor;
};

/* A virtio device with one queue of ours. */
struct virtio {
    struct fixture_device device;
    enum form form;
    enum bus_interrupt_kind kind;
    struct place places[TYPE_COUNT + 1]; /* by the type of the capability */
    unsigned queue_index, queue_size;
    uint8_t *queue; /* descriptors, available ring, and from the next page on the used ring */
    uint8_t *data;  /* a page for the request */
    uint16_t sent;
};

/* ---- memory ---- */

static uint8_t *memory_take(size_t size)
{
    uint8_t *memory = nt_contiguous_allocate(
        &(struct nt_contiguous_options){.size = size, .highest = UINT32_MAX});
    assert_non_null(memory);
    memset(memory, 0, size);
    return memory;
}

static uint64_t bus_address(const void *memory)
{
    struct bus_address address = {0};
    assert_true(nt_bus_address_of(memory, &address));
    return address.value;
}

static void put(uint8_t *memory, uint64_t value, unsigned size)
{
    memcpy(memory, &value, size);
}

static unsigned available_offset(const struct virtio *virtio)
{
    return virtio->queue_size * DESCRIPTOR_SIZE;
}

/* Where legacy devices expect it. */
static unsigned used_offset(const struct virtio *virtio)
{
    unsigned end = available_offset(virtio) + 6 + 2 * virtio->queue_size;
    return (end + NT_PAGE_SIZE - 1) & ~(unsigned)(NT_PAGE_SIZE - 1);
}

/* ---- registers ---- */

static uint64_t common_read(struct virtio *virtio, unsigned offset, unsigned size)
{
    const struct place *place = &virtio->places[TYPE_COMMON];
    return fixture_read(&virtio->device, place->bar, place->offset + offset, size);
}

static void common_write(struct virtio *virtio, unsigned offset, unsigned size, uint64_t value)
{
    const struct place *place = &virtio->places[TYPE_COMMON];
    fixture_write(&virtio->device, place->bar, place->offset + offset, size, value);
}

/* Reads where the modern registers are. */
static void places_find(struct virtio *virtio)
{
    struct fixture_device *device = &virtio->device;
    unsigned offset = fixture_config_read(device, BUS_PCI_CAPABILITIES, 1);
    for (; offset != 0; offset = fixture_config_read(device, offset + 1, 1)) {
        unsigned type = fixture_config_read(device, offset + CAPABILITY_TYPE, 1);
        if (fixture_config_read(device, offset, 1) != CAPABILITY_VENDOR || type > TYPE_COUNT)
            continue;
        struct place *place = &virtio->places[type];
        place->bar = fixture_config_read(device, offset + CAPABILITY_BAR, 1);
        place->offset = fixture_config_read(device, offset + CAPABILITY_OFFSET, 4);
        if (type == TYPE_NOTIFY)
            place->factor = fixture_config_read(device, offset + CAPABILITY_NOTIFY_FACTOR, 4);
    }
    assert_true(virtio->places[TYPE_COMMON].bar != 0);
}

/* ---- start ---- */

static void start_legacy(struct virtio *virtio)
{
    struct fixture_device *device = &virtio->device;
    fixture_write(device, LEGACY_BAR, LEGACY_STATUS, 1, 0);
    fixture_write(device, LEGACY_BAR, LEGACY_STATUS, 1, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    fixture_write(device, LEGACY_BAR, LEGACY_GUEST_FEATURES, 4, 0);
    fixture_write(device, LEGACY_BAR, LEGACY_QUEUE_SELECT, 2, virtio->queue_index);
    virtio->queue_size = (unsigned)fixture_read(device, LEGACY_BAR, LEGACY_QUEUE_SIZE, 2);
    assert_in_range(virtio->queue_size, 1, QUEUE_SIZE_MAX);
    fixture_write(device, LEGACY_BAR, LEGACY_QUEUE_PAGE, 4,
                  bus_address(virtio->queue) / NT_PAGE_SIZE);
    if (virtio->kind == BUS_INTERRUPT_MSIX) {
        fixture_write(device, LEGACY_BAR, LEGACY_QUEUE_VECTOR, 2, 1);
        assert_int_equal(fixture_read(device, LEGACY_BAR, LEGACY_QUEUE_VECTOR, 2), 1);
    }
    fixture_write(device, LEGACY_BAR, LEGACY_STATUS, 1,
                  STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK);
}

static void start_modern(struct virtio *virtio)
{
    unsigned status = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
    places_find(virtio);
    common_write(virtio, COMMON_STATUS, 1, 0);
    common_write(virtio, COMMON_STATUS, 1, status);
    common_write(virtio, COMMON_FEATURE_SELECT, 4, 1);
    common_write(virtio, COMMON_FEATURE, 4, FEATURE_HIGH_VERSION_1);
    status |= STATUS_FEATURES_OK;
    common_write(virtio, COMMON_STATUS, 1, status);
    assert_int_equal(common_read(virtio, COMMON_STATUS, 1), status);
    common_write(virtio, COMMON_QUEUE_SELECT, 2, virtio->queue_index);
    virtio->queue_size = (unsigned)common_read(virtio, COMMON_QUEUE_SIZE, 2);
    assert_in_range(virtio->queue_size, 1, QUEUE_SIZE_MAX);
    uint64_t queue = bus_address(virtio->queue);
    common_write(virtio, COMMON_QUEUE_DESCRIPTORS, 4, (uint32_t)queue);
    common_write(virtio, COMMON_QUEUE_DESCRIPTORS + 4, 4, queue >> 32);
    common_write(virtio, COMMON_QUEUE_AVAILABLE, 4, queue + available_offset(virtio));
    common_write(virtio, COMMON_QUEUE_USED, 4, queue + used_offset(virtio));
    if (virtio->kind == BUS_INTERRUPT_MSIX) {
        common_write(virtio, COMMON_QUEUE_VECTOR, 2, 1);
        assert_int_equal(common_read(virtio, COMMON_QUEUE_VECTOR, 2), 1);
    }
    common_write(virtio, COMMON_QUEUE_ENABLE, 2, 1);
    common_write(virtio, COMMON_STATUS, 1, status | STATUS_DRIVER_OK);
}

static void virtio_open(struct virtio *virtio, const struct fixture_spec *spec, enum form form,
                        enum bus_interrupt_kind kind, unsigned queue_index)
{
    *virtio = (struct virtio){.form = form, .kind = kind, .queue_index = queue_index};
    virtio->queue = memory_take(QUEUE_BYTES);
    virtio->data = memory_take(NT_PAGE_SIZE);
    fixture_open(&virtio->device, spec);
    struct bus_device *bus = virtio->device.bus;
    assert_int_equal(bus->ops->interrupts_enable(bus, kind, kind == BUS_INTERRUPT_MSIX ? 2 : 1), 0);
    if (form == LEGACY)
        start_legacy(virtio);
    else
        start_modern(virtio);
}

static void virtio_close(struct virtio *virtio)
{
    virtio->device.bus->ops->interrupts_disable(virtio->device.bus);
    fixture_close(&virtio->device);
    nt_contiguous_free(virtio->queue);
    nt_contiguous_free(virtio->data);
}

/* ---- a request ---- */

struct part {
    unsigned offset, size; /* in the page of data */
    bool device_writes;
};

static void notify(struct virtio *virtio)
{
    if (virtio->form == LEGACY) {
        fixture_write(&virtio->device, LEGACY_BAR, LEGACY_QUEUE_NOTIFY, 2, virtio->queue_index);
        return;
    }
    const struct place *place = &virtio->places[TYPE_NOTIFY];
    uint64_t offset = common_read(virtio, COMMON_QUEUE_NOTIFY_OFFSET, 2) * place->factor;
    fixture_write(&virtio->device, place->bar, place->offset + offset, 2, virtio->queue_index);
}

/* Reading it lets the line go. */
static uint64_t interrupt_status(struct virtio *virtio)
{
    if (virtio->form == LEGACY)
        return fixture_read(&virtio->device, LEGACY_BAR, LEGACY_INTERRUPT_STATUS, 1);
    const struct place *place = &virtio->places[TYPE_INTERRUPT_STATUS];
    return fixture_read(&virtio->device, place->bar, place->offset, 1);
}

/* Sends a chain of `count` parts and returns when the interrupt for it has come. */
static void request_run(struct virtio *virtio, const struct part *parts, unsigned count)
{
    struct fixture_record *record = &virtio->device.record;
    uint8_t *available = virtio->queue + available_offset(virtio);
    uint16_t *used_index = (uint16_t *)(virtio->queue + used_offset(virtio) + 2);
    for (unsigned i = 0; i < count; i++) {
        uint8_t *descriptor = virtio->queue + (size_t)i * DESCRIPTOR_SIZE;
        unsigned flags = (parts[i].device_writes ? DESCRIPTOR_DEVICE_WRITES : 0) |
                         (i + 1 < count ? DESCRIPTOR_NEXT : 0);
        put(descriptor, bus_address(virtio->data + parts[i].offset), 8);
        put(descriptor + 8, parts[i].size, 4);
        put(descriptor + 12, flags, 2);
        put(descriptor + 14, i + 1, 2);
    }
    put(available + 4 + 2 * (size_t)(virtio->sent % virtio->queue_size), 0, 2);
    virtio->sent++;
    __atomic_store_n((uint16_t *)(available + 2), virtio->sent, __ATOMIC_RELEASE);
    uint32_t before = __atomic_load_n(&record->interrupts, __ATOMIC_ACQUIRE);
    notify(virtio);
    fixture_await(&record->interrupts, before + 1);
    assert_int_equal(__atomic_load_n(used_index, __ATOMIC_ACQUIRE), virtio->sent);
    if (virtio->kind == BUS_INTERRUPT_MSIX) {
        assert_int_equal(record->vectors[1], record->interrupts);
    } else {
        assert_true(virtio->device.bus->ops->line_level(virtio->device.bus));
        assert_int_equal(interrupt_status(virtio) & 1, 1);
        assert_false(virtio->device.bus->ops->line_level(virtio->device.bus));
    }
}

/* ---- a disk ---- */

static void block_is_read(struct virtio *virtio)
{
    enum { DATA = 16, STATUS = DATA + SECTOR_SIZE };
    static const struct part parts[] = {
        {0, 16, false}, {DATA, SECTOR_SIZE, true}, {STATUS, 1, true}};

    memset(virtio->data, 0, 16); /* a read of sector 0 */
    memset(virtio->data + DATA, 0x5A, SECTOR_SIZE + 1);
    request_run(virtio, parts, 3);
    assert_int_equal(virtio->data[STATUS], 0);
    for (unsigned i = 0; i < SECTOR_SIZE; i++)
        assert_int_equal(virtio->data[DATA + i], 0);
}

/* ---- a SCSI controller ---- */

static void scsi_command(struct virtio *virtio, unsigned target, const uint8_t *cdb,
                         unsigned cdb_size, unsigned data_size)
{
    enum { RESPONSE = 64, DATA = 256 };
    const struct part parts[] = {{0, SCSI_REQUEST_SIZE, false},
                                 {RESPONSE, SCSI_RESPONSE_SIZE, true},
                                 {DATA, data_size, true}};

    memset(virtio->data, 0, NT_PAGE_SIZE);
    virtio->data[0] = 1;
    virtio->data[1] = (uint8_t)target;
    virtio->data[2] = 0x40; /* unit 0, in flat addressing */
    memcpy(virtio->data + 19, cdb, cdb_size);
    memset(virtio->data + RESPONSE, 0x5A, SCSI_RESPONSE_SIZE);
    request_run(virtio, parts, data_size != 0 ? 3 : 2);
}

static uint8_t scsi_response(const struct virtio *virtio)
{
    return virtio->data[64 + 11];
}

static void units_say_what_they_are(struct virtio *virtio)
{
    static const uint8_t inquiry[6] = {0x12, 0, 0, 0, INQUIRY_SIZE, 0};
    static const uint8_t expected[] = {0x00, 0x05}; /* a disk, a CD-ROM drive */

    for (unsigned target = 0; target < sizeof(expected); target++) {
        scsi_command(virtio, target, inquiry, sizeof(inquiry), INQUIRY_SIZE);
        assert_int_equal(scsi_response(virtio), 0);
        assert_int_equal(virtio->data[256], expected[target]);
        assert_memory_equal(virtio->data + 256 + 8, "QEMU    ", 8);
    }
    scsi_command(virtio, sizeof(expected), inquiry, sizeof(inquiry), INQUIRY_SIZE);
    assert_int_equal(scsi_response(virtio), SCSI_BAD_TARGET);
}

/* ---- every form, every kind of interrupt ---- */

static void check_forms(const char *name, const char *const drives[2], unsigned queue_index,
                        void (*check)(struct virtio *virtio))
{
    static const struct {
        const char *properties;
        enum form form;
    } forms[] = {{",disable-modern=on", LEGACY},
                 {",disable-modern=off,disable-legacy=off", LEGACY},
                 {",disable-modern=off,disable-legacy=off", MODERN},
                 {",disable-legacy=on,disable-modern=off", MODERN}};
    static const enum bus_interrupt_kind kinds[] = {BUS_INTERRUPT_MSIX, BUS_INTERRUPT_LINE};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) * 2; i++) {
        char text[128];
        struct virtio virtio;
        snprintf(text, sizeof(text), "qemu:%s%s", name, forms[i / 2].properties);
        struct fixture_spec spec = {text, {drives[0], drives[1]}};
        virtio_open(&virtio, &spec, forms[i / 2].form, kinds[i % 2], queue_index);
        check(&virtio);
        check(&virtio);
        virtio_close(&virtio);
    }
}

static void a_disk_is_read_in_every_form(void **state)
{
    static const char *const drives[2] = {NULL_DISK, NULL};
    (void)state;
    check_forms("virtio-blk-pci", drives, 0, block_is_read);
}

static void units_on_successive_targets_answer_in_every_form(void **state)
{
    static const char *const drives[2] = {NULL_DISK, NULL_DISK ",media=cdrom"};
    (void)state;
    check_forms("virtio-scsi-pci", drives, SCSI_REQUEST_QUEUE, units_say_what_they_are);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_is_read_in_every_form),
        cmocka_unit_test(units_on_successive_targets_answer_in_every_form),
    };
    return cmocka_run_group_tests_name("bus_qemu_virtio", tests, fixture_start, fixture_stop);
}
