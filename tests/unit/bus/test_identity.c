/*
 * test_identity.c - the ids of PCI functions, from configuration spaces written for the purpose.
 */
#include "bus/identity.h"
#include "bus/pci.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static uint8_t space[BUS_CONFIG_SIZE];
static struct bus_identity identity;

static uint32_t config_read(struct bus_device *device, unsigned offset, unsigned size)
{
    uint32_t value = 0;

    (void)device;
    assert_true(offset + size <= sizeof(space) && offset % size == 0);
    memcpy(&value, space + offset, size);
    return value;
}

static void put(unsigned offset, uint32_t value, unsigned size)
{
    memcpy(space + offset, &value, size);
}

/* An NVMe controller 1B36:0010, revision 2. */
static void make(uint16_t subsystem_vendor, uint16_t subsystem)
{
    memset(space, 0, sizeof(space));
    put(BUS_PCI_VENDOR, 0x1B36, 2);
    put(BUS_PCI_DEVICE, 0x0010, 2);
    put(BUS_PCI_CLASS, 0x01080202, 4);
    put(BUS_PCI_SUBSYSTEM, subsystem_vendor, 2);
    put(BUS_PCI_SUBSYSTEM + 2, subsystem, 2);
}

static void read_ids(void)
{
    static const struct bus_device_ops ops = {.config_read = config_read};
    struct bus_device device = {.ops = &ops, .name = "test"};

    bus_identity_read(&device, &identity);
}

static void are(char ids[BUS_IDS_MAX][BUS_ID_BYTES], unsigned count, const char *const *expected,
                unsigned expected_count)
{
    assert_int_equal(count, expected_count);
    for (unsigned i = 0; i < count; i++)
        assert_string_equal(ids[i], expected[i]);
}
#define ARE(ids, count, ...)                                                                       \
    are(ids, count, (const char *const[]){__VA_ARGS__},                                            \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void a_device_with_a_subsystem_has_it_in_its_hardware_ids(void **state)
{
    (void)state;
    make(0x1AF4, 0x1100);
    read_ids();
    ARE(identity.hardware_ids, identity.hardware_count,
        "PCI\\VEN_1B36&DEV_0010&SUBSYS_11001AF4&REV_02", "PCI\\VEN_1B36&DEV_0010&SUBSYS_11001AF4",
        "PCI\\VEN_1B36&DEV_0010&CC_010802", "PCI\\VEN_1B36&DEV_0010&CC_0108");
    ARE(identity.compatible_ids, identity.compatible_count, "PCI\\VEN_1B36&DEV_0010&REV_02",
        "PCI\\VEN_1B36&DEV_0010", "PCI\\VEN_1B36&CC_010802", "PCI\\VEN_1B36&CC_0108",
        "PCI\\VEN_1B36", "PCI\\CC_010802", "PCI\\CC_0108");
}

static void a_device_without_one_has_its_revision_there(void **state)
{
    (void)state;
    make(0, 0);
    read_ids();
    ARE(identity.hardware_ids, identity.hardware_count, "PCI\\VEN_1B36&DEV_0010&REV_02",
        "PCI\\VEN_1B36&DEV_0010", "PCI\\VEN_1B36&DEV_0010&CC_010802",
        "PCI\\VEN_1B36&DEV_0010&CC_0108");
}

static void an_express_device_names_its_type(void **state)
{
    (void)state;
    make(0x1AF4, 0x1100);
    put(BUS_PCI_STATUS, 0x10, 2);
    put(BUS_PCI_CAPABILITIES, 0x40, 1);
    put(0x40, BUS_PCI_CAPABILITY_MSI, 1);
    put(0x41, 0x60, 1);
    put(0x60, BUS_PCI_CAPABILITY_EXPRESS, 1);
    put(0x62, 0x0092, 2); /* version 2, type 9: integrated into the root complex */
    read_ids();
    assert_true(identity.is_express);
    assert_int_equal(identity.compatible_count, 9);
    assert_string_equal(identity.compatible_ids[5], "PCI\\CC_010802&DT_9");
    assert_string_equal(identity.compatible_ids[7], "PCI\\CC_0108&DT_9");
}

static void capabilities_that_go_in_a_circle_end(void **state)
{
    (void)state;
    make(0, 0);
    put(BUS_PCI_STATUS, 0x10, 2);
    put(BUS_PCI_CAPABILITIES, 0x40, 1);
    put(0x41, 0x43, 1); /* to itself, with bits that count for nothing */
    read_ids();
    assert_false(identity.is_express);
    memset(space, 0xFF, sizeof(space)); /* a device that is gone */
    read_ids();
    assert_string_equal(identity.hardware_ids[0], "PCI\\VEN_FFFF&DEV_FFFF&SUBSYS_FFFFFFFF&REV_FF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_with_a_subsystem_has_it_in_its_hardware_ids),
        cmocka_unit_test(a_device_without_one_has_its_revision_there),
        cmocka_unit_test(an_express_device_names_its_type),
        cmocka_unit_test(capabilities_that_go_in_a_circle_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
