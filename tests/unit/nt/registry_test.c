/*
 * registry_test.c - keys, typed values, names without case, and settings of the command line.
 */
#include "nt/machine_helper.h"

#include "nt/registry.h"

#include <errno.h>

static void names_are_compared_without_regard_to_case(void **state)
{
    (void)state;
    uint32_t value = 0;

    assert_int_equal(nt_registry_set_dword("Services\\Disk\\Parameters", "BusType", 10), 0);
    assert_int_equal(nt_registry_get_dword("SERVICES\\disk\\parameters", "bustype", &value), 0);
    assert_int_equal(value, 10);
    assert_int_equal(nt_registry_set_dword("services\\DISK", "GR\xC3\x96SSE", 3), 0); /* GROESSE */
    assert_int_equal(nt_registry_get_dword("Services\\Disk", "gr\xC3\xB6sse", &value), 0);
    assert_int_equal(value, 3);
    assert_int_equal(nt_registry_get_dword("Services\\Disk", "grosse", &value), -ENOENT);
}

static void the_spelling_of_the_creator_stays(void **state)
{
    (void)state;
    char *name;

    nt_registry_set_dword("Root\\KeyName", "ValueName", 1);
    nt_registry_set_dword("ROOT\\KEYNAME", "VALUENAME", 2);
    assert_int_equal(nt_registry_enumerate_key("root", 0, &name), 0);
    assert_string_equal(name, "KeyName");
    free(name);
    assert_int_equal(nt_registry_enumerate_value("root\\keyname", 0, &name), 0);
    assert_string_equal(name, "ValueName");
    free(name);
    assert_int_equal(nt_registry_enumerate_value("root\\keyname", 1, &name), -ENOENT);
}

static void names_are_enumerated_in_order_of_creation(void **state)
{
    (void)state;
    static const char *const names[] = {"zeta", "alpha", "Mu"};
    char path[32], *name;

    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "Top\\%s", names[i]);
        assert_int_equal(nt_registry_set_dword(path, names[i], i), 0);
        assert_int_equal(nt_registry_set_dword("Top", names[i], i), 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(nt_registry_enumerate_key("Top", i, &name), 0);
        assert_string_equal(name, names[i]);
        free(name);
        assert_int_equal(nt_registry_enumerate_value("Top", i, &name), 0);
        assert_string_equal(name, names[i]);
        free(name);
    }
    assert_int_equal(nt_registry_enumerate_key("Top", 3, &name), -ENOENT);
    assert_int_equal(nt_registry_enumerate_key("Nowhere", 0, &name), -ENOENT);
}

static void values_keep_type_and_bytes(void **state)
{
    (void)state;
    static const unsigned char bytes[] = {1, 0, 255};
    unsigned char buffer[8];
    uint32_t type;
    size_t size = 0;

    assert_int_equal(nt_registry_set("K", "V", NT_REGISTRY_BINARY, bytes, 3), 0);
    assert_int_equal(nt_registry_get("K", "V", &type, NULL, &size), -ENOSPC);
    assert_int_equal(size, 3);
    assert_int_equal(nt_registry_get("K", "V", &type, buffer, &size), 0);
    assert_int_equal(type, NT_REGISTRY_BINARY);
    assert_memory_equal(buffer, bytes, 3);
    size = 2;
    assert_int_equal(nt_registry_get("K", "V", &type, buffer, &size), -ENOSPC);
    assert_int_equal(size, 3);
    assert_int_equal(nt_registry_set("K", "Empty", NT_REGISTRY_BINARY, NULL, 0), 0);
    size = 0;
    assert_int_equal(nt_registry_get("K", "Empty", &type, NULL, &size), 0);
    assert_int_equal(nt_registry_get("K", "Missing", &type, NULL, &size), -ENOENT);
    assert_int_equal(nt_registry_get("Missing", "V", &type, NULL, &size), -ENOENT);
}

static void types_are_checked_when_a_value_is_read_as_one(void **state)
{
    (void)state;
    uint32_t number = 77;
    char *text = NULL;

    nt_registry_set_string("K", "Text", "abc");
    nt_registry_set_dword("K", "Number", 5);
    nt_registry_set("K", "Short", NT_REGISTRY_DWORD, "ab", 2);
    assert_int_equal(nt_registry_get_dword("K", "Text", &number), -EINVAL);
    assert_int_equal(nt_registry_get_dword("K", "Short", &number), -EINVAL);
    assert_int_equal(nt_registry_get_string("K", "Number", &text), -EINVAL);
    assert_int_equal(nt_registry_get_string("K", "None", &text), -ENOENT);
    assert_int_equal(number, 77);
    assert_null(text);
}

static void strings_are_stored_as_terminated_utf16(void **state)
{
    (void)state;
    static const uint16_t wide[] = {'d', 0xE9, 0x20AC, 0xD83D, 0xDCBE, 0};
    const char *utf8 = "d\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xBE";
    uint16_t buffer[8];
    size_t size = sizeof(buffer);
    uint32_t type;
    char *back;

    assert_int_equal(nt_registry_set_string("K", "S", utf8), 0);
    assert_int_equal(nt_registry_get("K", "S", &type, buffer, &size), 0);
    assert_int_equal(type, NT_REGISTRY_SZ);
    assert_int_equal(size, sizeof(wide));
    assert_memory_equal(buffer, wide, sizeof(wide));
    assert_int_equal(nt_registry_get_string("K", "S", &back), 0);
    assert_string_equal(back, utf8);
    free(back);
    /* Not terminated, odd sized, with half a surrogate pair: still shown. */
    nt_registry_set("K", "S", NT_REGISTRY_SZ, "a\0\x3D\xD8x", 5);
    assert_int_equal(nt_registry_get_string("K", "S", &back), 0);
    assert_string_equal(back, "a\xEF\xBF\xBD");
    free(back);
}

static void deleting_removes_keys_with_all_below(void **state)
{
    (void)state;
    uint32_t value;

    nt_registry_set_dword("A\\B\\C", "V", 1);
    nt_registry_set_dword("A\\D", "V", 2);
    assert_int_equal(nt_registry_delete_value("A\\D", "v"), 0);
    assert_int_equal(nt_registry_delete_value("A\\D", "v"), -ENOENT);
    assert_int_equal(nt_registry_delete_key("a\\b"), 0);
    assert_int_equal(nt_registry_get_dword("A\\B\\C", "V", &value), -ENOENT);
    assert_int_equal(nt_registry_delete_key("A\\B"), -ENOENT);
    assert_int_equal(nt_registry_delete_key("A"), 0);
    assert_int_equal(nt_registry_delete_key("A"), -ENOENT);
    assert_int_equal(nt_registry_delete_key(""), -EINVAL);
}

static void bad_names_are_refused(void **state)
{
    (void)state;
    assert_int_equal(nt_registry_set_dword("\\A", "V", 1), -EINVAL);
    assert_int_equal(nt_registry_set_dword("A\\", "V", 1), -EINVAL);
    assert_int_equal(nt_registry_set_dword("A\\\\B", "V", 1), -EINVAL);
    assert_int_equal(nt_registry_set_dword("", "V", 1), 0); /* the root itself */
}

static void parse(const char *setting)
{
    char reason[200] = "";
    int result = nt_registry_parse_setting("Services\\d", setting, reason, sizeof(reason));
    if (result)
        fail_msg("%d: %s", result, reason);
}

static void settings_are_stored_with_the_type_that_they_look_like(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *name;
        uint32_t value;
    } numbers[] = {
        {"Parameters\\BusType=10", "BusType", 10},
        {"Parameters\\Hex=0xFfFfFfFf", "Hex", 0xFFFFFFFF},
        {"Parameters\\Zero=0", "Zero", 0},
        {"Parameters\\Leading=010", "Leading", 10},
    };
    static const struct {
        const char *setting, *name, *text;
    } texts[] = {
        {"Parameters\\T1=hello world", "T1", "hello world"},
        {"Parameters\\T2=\"12\"", "T2", "12"},
        {"Parameters\\T3=a=b", "T3", "a=b"},
        {"Parameters\\T4=", "T4", ""},
        {"Parameters\\T5=12abc", "T5", "12abc"},
        {"Parameters\\T6=0x", "T6", "0x"},
        {"Parameters\\T7=\"", "T7", "\""},
        {"Parameters\\T8=C:\\dir\\file", "T8", "C:\\dir\\file"},
        {"Parameters\\T9=-1", "T9", "-1"},
    };
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uint32_t value;
        parse(numbers[i].setting);
        assert_int_equal(nt_registry_get_dword("Services\\d\\Parameters", numbers[i].name, &value),
                         0);
        assert_int_equal(value, numbers[i].value);
    }
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *text;
        parse(texts[i].setting);
        assert_int_equal(nt_registry_get_string("Services\\d\\Parameters", texts[i].name, &text),
                         0);
        assert_string_equal(text, texts[i].text);
        free(text);
    }
}

static void binary_settings_and_names_without_a_key_work(void **state)
{
    (void)state;
    unsigned char bytes[4];
    size_t size = sizeof(bytes);
    uint32_t type, value;

    parse("Blob=hex:01,fF,00");
    assert_int_equal(nt_registry_get("Services\\d", "Blob", &type, bytes, &size), 0);
    assert_int_equal(type, NT_REGISTRY_BINARY);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "\x01\xFF\x00", 3);
    parse("Nothing=hex:");
    size = sizeof(bytes);
    assert_int_equal(nt_registry_get("Services\\d", "Nothing", &type, bytes, &size), 0);
    assert_int_equal(size, 0);
    char reason[100] = "";
    assert_int_equal(nt_registry_parse_setting("", "Top=5", reason, sizeof(reason)), 0);
    assert_int_equal(nt_registry_get_dword("", "Top", &value), 0);
}

static void malformed_settings_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",         "=5",          "NoEquals",     "A\\=5",
        "\\A=5",    "A\\\\B=5",    "A=4294967296", "A=hex:1",
        "A=hex:zz", "A=hex:01;02", "A=hex:01,",    "A=99999999999999999999999"};
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char reason[200] = "";
        int result = nt_registry_parse_setting("Services\\d", bad[i], reason, sizeof(reason));
        if (result != -EINVAL || !strstr(reason, bad[i]) || strchr(reason, '\n'))
            fail_msg("'%s' gave %d: %s", bad[i], result, reason);
    }
}

/* ---- parallel readers and writers ---- */

static uint32_t writers_left;

static void writer_main(void *argument)
{
    const char *key = argument;
    for (uint32_t i = 0; i < 500; i++) {
        if (nt_registry_set_dword(key, "V", i) || nt_registry_set_dword("Shared", "V", i))
            abort();
    }
    word_increment_by(&writers_left, UINT32_MAX);
}

static void readers_and_writers_may_be_parallel(void **state)
{
    (void)state;
    struct sys_thread *threads[3];
    static char *const keys[] = {"Shared\\a", "Shared\\b", "Shared\\c"};

    writers_left = 3;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(nt_thread_create(&threads[i], "writer", writer_main, keys[i]), 0);
    while (word_get(&writers_left)) {
        uint32_t value;
        int result = nt_registry_get_dword("Shared", "V", &value);
        assert_true(result == -ENOENT || (result == 0 && value < 500));
        sys_thread_yield();
    }
    for (unsigned i = 0; i < 3; i++)
        sys_thread_join(threads[i]);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(names_are_compared_without_regard_to_case),
        IN_MACHINE(the_spelling_of_the_creator_stays),
        IN_MACHINE(names_are_enumerated_in_order_of_creation),
        IN_MACHINE(values_keep_type_and_bytes),
        IN_MACHINE(types_are_checked_when_a_value_is_read_as_one),
        IN_MACHINE(strings_are_stored_as_terminated_utf16),
        IN_MACHINE(deleting_removes_keys_with_all_below),
        IN_MACHINE(bad_names_are_refused),
        IN_MACHINE(settings_are_stored_with_the_type_that_they_look_like),
        IN_MACHINE(binary_settings_and_names_without_a_key_work),
        IN_MACHINE(malformed_settings_are_refused_with_a_reason),
        IN_MACHINE(readers_and_writers_may_be_parallel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
