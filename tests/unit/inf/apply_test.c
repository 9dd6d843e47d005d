/*
 * apply_test.c - a plan's values in the registry of a machine: what is there afterwards.
 */
#include "inf_helper.h"

#include "nt/machine.h"
#include "nt/registry.h"
#include "sys/sys.h"

#define SERVICE  "Services\\disk"
#define INSTANCE "Enum\\PCI\\X\\0000"
#define DRIVER   "Control\\Class\\{guid}\\0000"

static int machine_up(void **state)
{
    struct nt_machine_options options = {.processor_count = 1};

    return set_up(state) || sys_start(&(struct sys_options){.seed = 1}) ||
           nt_machine_start(&options);
}

static int machine_down(void **state)
{
    nt_machine_stop(NULL);
    sys_stop();
    return set_down(state);
}

static void apply(struct test_file parts)
{
    set.file_count = 0;
    planned(parts);
    assert_int_equal(inf_apply_service(&plan), 0);
    assert_int_equal(inf_apply_device(&plan, INSTANCE, DRIVER), 0);
}

static uint32_t dword(const char *key, const char *name)
{
    uint32_t value = UINT32_MAX;

    assert_int_equal(nt_registry_get_dword(key, name, &value), 0);
    return value;
}

static bool exists(const char *key, const char *name)
{
    size_t size = 0;

    return nt_registry_get(key, name, NULL, NULL, &size) != -ENOENT;
}

static void is_text(const char *key, const char *name, const char *text)
{
    char *value;

    assert_int_equal(nt_registry_get_string(key, name, &value), 0);
    assert_string_equal(value, text);
    free(value);
}

/* The value's characters, its terminators as '|'. */
static void is_multi(const char *key, const char *name, const char *expected)
{
    uint16_t wide[64];
    size_t size = sizeof(wide);
    uint32_t type;
    char text[65] = "";

    assert_int_equal(nt_registry_get(key, name, &type, wide, &size), 0);
    assert_int_equal(type, NT_REGISTRY_MULTI_SZ);
    for (size_t i = 0; i < size / 2; i++)
        text[i] = wide[i] ? (char)wide[i] : '|';
    assert_string_equal(text, expected);
}

static void is_bytes(const char *key, const char *name, const char *bytes, size_t count)
{
    char buffer[16];
    size_t size = sizeof(buffer);
    uint32_t type;

    assert_int_equal(nt_registry_get(key, name, &type, buffer, &size), 0);
    assert_int_equal(size, count);
    assert_memory_equal(buffer, bytes, count);
}

static void the_key_of_the_service_is_filled(void **state)
{
    (void)state;
    apply((struct test_file){.service = "DisplayName=A disk\nLoadOrderGroup=SCSI miniport"});
    assert_int_equal(dword(SERVICE, "Type"), 1);
    assert_int_equal(dword(SERVICE, "Start"), 3);
    assert_int_equal(dword(SERVICE, "ErrorControl"), 1);
    is_text(SERVICE, "ImagePath", "\\SystemRoot\\System32\\drivers\\disk.sys");
    is_text(SERVICE, "DisplayName", "A disk");
    is_text(SERVICE, "Group", "SCSI miniport");
    is_text(INSTANCE, "DeviceDesc", "Device");
    is_text(INSTANCE, "Service", "disk");
    is_text(INSTANCE, "Driver", "{guid}\\0000");
    is_multi(INSTANCE, "HardwareID", "PCI\\VEN_1234&DEV_0001||");
    is_multi(INSTANCE, "CompatibleIDs", "|");
    is_text(DRIVER, "MatchingDeviceId", "PCI\\VEN_1234&DEV_0001");
    is_text(DRIVER, "InfSection", "Install");
}

static void values_go_below_the_root_of_their_section(void **state)
{
    (void)state;
    apply((struct test_file){.install = "AddReg=A",
                             .hardware = "AddReg=A",
                             .service = "AddReg=A,M",
                             .more = "[A]\nHKR,Sub\\Key,Number,0x10001,5\n"
                                     "[M]\nHKLM,System\\CurrentControlSet\\Control\\X,y,,z\n"});
    assert_int_equal(dword(SERVICE "\\Sub\\Key", "Number"), 5);
    assert_int_equal(dword(DRIVER "\\Sub\\Key", "Number"), 5);
    assert_int_equal(dword(INSTANCE "\\Device Parameters\\Sub\\Key", "Number"), 5);
    is_text("Control\\X", "y", "z");
}

static void text_is_utf16_with_its_terminators(void **state)
{
    (void)state;
    apply((struct test_file){.service = "AddReg=A",
                             .more = "[A]\nHKR,P,sz,,a\xE9\nHKR,P,multi,0x10000,one,,two\n"
                                     "HKR,P,empty,0x10000\nHKR,P,,,unnamed\n"});
    is_bytes(SERVICE "\\P", "sz", "a\0\xE9\0\0\0", 6);
    is_multi(SERVICE "\\P", "multi", "one|two||");
    is_multi(SERVICE "\\P", "empty", "|");
    is_text(SERVICE "\\P", "", "unnamed");
}

static void what_is_there_is_kept_or_is_a_condition(void **state)
{
    (void)state;
    nt_registry_set_dword(SERVICE "\\P", "There", 1);
    nt_registry_set_dword(SERVICE "\\P", "Only", 1);
    nt_registry_set_string(SERVICE "\\P", "Plain", "old");
    apply((struct test_file){.service = "AddReg=A",
                             .more = "[A]\nHKR,P,There,0x10003,2\nHKR,P,New,0x10003,2\n"
                                     "HKR,P,Only,0x10021,2\nHKR,P,Never,0x10021,2\n"
                                     "HKR,P,Plain,0x10001,2\n"});
    assert_int_equal(dword(SERVICE "\\P", "There"), 1);
    assert_int_equal(dword(SERVICE "\\P", "New"), 2);
    assert_int_equal(dword(SERVICE "\\P", "Only"), 2);
    assert_false(exists(SERVICE "\\P", "Never"));
    assert_int_equal(dword(SERVICE "\\P", "Plain"), 2);
}

static void strings_are_appended_once_and_deleted_in_any_case(void **state)
{
    struct test_file append = {.service = "AddReg=A",
                               .more = "[A]\nHKR,P,l,0x10008,one\nHKR,P,l,0x10008,two,ONE\n"};

    (void)state;
    apply(append);
    is_multi(SERVICE "\\P", "l", "one|two||");
    apply(append);
    is_multi(SERVICE "\\P", "l", "one|two||");
    apply((struct test_file){.service = "DelReg=D",
                             .more = "[D]\nHKR,P,l,0x18002,Two\n"
                                     "HKR,P,absent,0x18002,x\n"});
    is_multi(SERVICE "\\P", "l", "one||");
    assert_false(exists(SERVICE "\\P", "absent"));
}

static void keys_and_values_are_deleted_and_need_not_be_there(void **state)
{
    (void)state;
    nt_registry_set_dword(SERVICE "\\P\\Old\\Deep", "x", 1);
    nt_registry_set_dword(SERVICE "\\P", "old", 1);
    nt_registry_set_dword(SERVICE "\\P", "stays", 1);
    apply((struct test_file){.service = "DelReg=D\nAddReg=A",
                             .more = "[D]\nHKR,P\\Old\nHKR,P,old\nHKR,P,absent\nHKR,Absent\n"
                                     "[A]\nHKR,P\\New,,0x10\n"});
    assert_false(nt_registry_key_exists(SERVICE "\\P\\Old"));
    assert_false(exists(SERVICE "\\P", "old"));
    assert_true(exists(SERVICE "\\P", "stays"));
    assert_true(nt_registry_key_exists(SERVICE "\\P\\New"));
}

static void bits_are_changed_in_bytes_that_are_there(void **state)
{
    (void)state;
    apply((struct test_file){.service = "AddReg=A\nBitReg=B",
                             .more = "[A]\nHKR,P,b,1,30,00,F0\nHKR,P,n,0x10001,1\n"
                                     "[B]\nHKR,P,b,1,0x06,1\nHKR,P,b,0,0x80,2\nHKR,P,b,1,1,3\n"
                                     "HKR,P,n,1,2,0\nHKR,P,absent,1,1,0\n"});
    is_bytes(SERVICE "\\P", "b", "\x30\x06\x70", 3);
    assert_int_equal(dword(SERVICE "\\P", "n"), 1);
    assert_false(exists(SERVICE "\\P", "absent"));
}

int main(void)
{
#define MACHINE_TEST(test) cmocka_unit_test_setup_teardown(test, machine_up, machine_down)
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(the_key_of_the_service_is_filled),
        MACHINE_TEST(values_go_below_the_root_of_their_section),
        MACHINE_TEST(text_is_utf16_with_its_terminators),
        MACHINE_TEST(what_is_there_is_kept_or_is_a_condition),
        MACHINE_TEST(strings_are_appended_once_and_deleted_in_any_case),
        MACHINE_TEST(keys_and_values_are_deleted_and_need_not_be_there),
        MACHINE_TEST(bits_are_changed_in_bytes_that_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
