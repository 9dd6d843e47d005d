/*
 * hive_test.c - registry hives: what comes into the machine, what goes back, what is refused.
 */
#include "hive_builder.h"
#include "nt/machine_helper.h"

#include "hive/hive.h"
#include "nt/print.h"
#include "nt/registry.h"
#include "nt/work.h"

#include <errno.h>
#include <sys/stat.h>

enum { REASON_BYTES = 512, PATH_BYTES = 128 };

static char folder[] = "/tmp/storhost-hive-XXXXXX";
static char file[PATH_BYTES], written[PATH_BYTES];
static char printed[4096];

static void print_keep(void *context, const char *line)
{
    (void)context;
    snprintf(printed + strlen(printed), sizeof(printed) - strlen(printed), "%s\n", line);
}

static int setup(void **state)
{
    printed[0] = '\0';
    int result = machine_setup(state);
    nt_print_set_sink(print_keep, NULL);
    return result;
}

static int teardown(void **state)
{
    hive_close_all();
    nt_print_set_sink(NULL, NULL);
    return machine_teardown(state);
}

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof(file), "%s/hive", folder);
    snprintf(written, sizeof(written), "%s/hive,write", folder);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    unlink(file);
    return rmdir(folder); /* nothing else is left in it */
}

static void open_good(const char *specification)
{
    char reason[REASON_BYTES] = "";

    if (hive_open(specification, reason, sizeof(reason)))
        fail_msg("%s", reason);
}

static void expect_refused(const char *specification, const char *part)
{
    char reason[REASON_BYTES] = "";

    assert_true(hive_open(specification, reason, sizeof(reason)) < 0);
    if (!strstr(reason, part))
        fail_msg("'%s' does not say '%s'", reason, part);
}

static void flush_good(void)
{
    char reason[REASON_BYTES] = "";

    if (hive_flush(reason, sizeof(reason)))
        fail_msg("%s", reason);
}

static uint8_t *file_read(size_t *ret_size)
{
    FILE *in = fopen(file, "r");
    uint8_t *bytes = malloc(1 << 20);

    assert_non_null(in);
    assert_non_null(bytes);
    *ret_size = fread(bytes, 1, 1 << 20, in);
    fclose(in);
    return bytes;
}

static void file_write(const uint8_t *bytes, size_t size)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

/* ---- reading ---- */

static void the_current_control_set_of_a_system_hive_becomes_the_tree(void **state)
{
    (void)state;
    uint32_t value;

    hive_create_system(file, "disk");
    open_good(file);
    assert_int_equal(
        nt_registry_get_dword("Services\\disk\\Parameters\\Device", "SizeMegabytes", &value), 0);
    assert_int_equal(value, 32);
    assert_false(nt_registry_key_exists("Setup"));
    assert_false(nt_registry_key_exists("ControlSet001"));
}

static void every_type_of_value_comes_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t type;
        const char *data;
        size_t size;
    } values[] = {
        {"", 1, "d\0e\0\0", 6}, /* the key's unnamed value */
        {"none", 0, "", 0},
        {"expand", 2, "%\0x\0%\0\0", 8},
        {"binary", 3, "\x00\x01\xFF\x7F\x80", 5},
        {"dword", 4, "\x78\x56\x34\x12", 4},
        {"big endian", 5, "\x12\x34\x56\x78", 4},
        {"link", 6, "\\\0R\0", 4},
        {"multi", 7, "a\0\0\0b\0\0\0\0\0", 10},
        {"qword", 11, "\1\2\3\4\5\6\7\10", 8},
        {"of no known type", 0xFFFF0012, "abc", 3},
        {"a\\name\\with backslashes", 4, "\1\0\0\0", 4},
        {"gr\xC3\xB6\xC3\x9F"
         "e",
         4, "\2\0\0\0", 4},
        {"\xD0\x96\xE4\xB8\xAD\xF0\x9F\x98\x80", 4, "\3\0\0\0", 4},
    };

    hive_create(file, 3);
    hive_h *hive = hivex_open(file, HIVEX_OPEN_WRITE);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        hive_value(hive, "Parameters\\\xD0\x96", values[i].name, values[i].type, values[i].data,
                   values[i].size);
    assert_int_equal(hivex_commit(hive, NULL, 0), 0);
    hivex_close(hive);
    char reason[REASON_BYTES], specification[2 * PATH_BYTES];
    snprintf(specification, sizeof(specification), "Some\\Where=%s", file);
    open_good(specification);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        uint32_t type;
        uint8_t data[64];
        size_t size = sizeof(data);
        snprintf(reason, sizeof(reason), "Some\\Where\\Parameters\\\xD0\xB6");
        assert_int_equal(nt_registry_get(reason, values[i].name, &type, data, &size), 0);
        assert_int_equal(type, values[i].type);
        assert_int_equal(size, values[i].size);
        assert_memory_equal(data, values[i].data, size);
    }
}

static void a_long_value_comes_whole(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    uint8_t *data = malloc(SIZE);
    uint32_t type;
    size_t size;
    void *copy;

    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(i * 7 + i / 251);
    hive_create(file, 3);
    hive_h *hive = hivex_open(file, HIVEX_OPEN_WRITE);
    hive_value(hive, "Parameters", "long", 3, data, SIZE);
    assert_int_equal(hivex_commit(hive, NULL, 0), 0);
    hivex_close(hive);
    open_good(file);
    assert_int_equal(hive_take_service("disk", printed, sizeof(printed)), 0);
    assert_int_equal(nt_registry_copy("Services\\disk\\Parameters", "long", &type, &copy, &size),
                     0);
    assert_int_equal(size, SIZE);
    assert_memory_equal(copy, data, SIZE);
    free(copy);
    free(data);
}

static void a_service_key_waits_for_its_driver(void **state)
{
    (void)state;
    const uint32_t four = 4;
    uint32_t value;

    hive_create(file, 5);
    hive_h *hive = hivex_open(file, HIVEX_OPEN_WRITE);
    hive_value(hive, "Parameters", "BusType", 4, &four, 4);
    assert_int_equal(hivex_commit(hive, NULL, 0), 0);
    hivex_close(hive);
    open_good(file);
    assert_false(nt_registry_key_exists("Services"));
    assert_int_equal(hive_take_service("first", printed, sizeof(printed)), 0);
    assert_int_equal(hive_take_service("second", printed, sizeof(printed)), 0);
    assert_int_equal(nt_registry_get_dword("Services\\first\\Parameters", "BusType", &value), 0);
    assert_int_equal(value, 4);
    assert_false(nt_registry_key_exists("Services\\second"));
}

/* ---- writing ---- */

static void what_drivers_change_is_in_the_file_and_nothing_else(void **state)
{
    (void)state;
    const uint32_t seven = 7;

    hive_create_system(file, "disk");
    chmod(file, 0640);
    char *before = hive_text(file);
    open_good(written);
    /* The host's own settings are for this run. */
    nt_registry_set_dword("Services\\disk\\Parameters\\Device", "SizeMegabytes", 64);
    nt_registry_set_dword("Enum\\Of\\This\\Run", "x", 1);
    flush_good();
    char *after = hive_text(file);
    assert_string_equal(before, after);
    free(after);
    nt_registry_write("Services\\disk\\Parameters\\gr\xC3\xB6\xC3\x9F"
                      "e",
                      "Neu", 4, &seven, 4);
    nt_registry_erase_value("services\\DISK", "start");
    flush_good();
    after = hive_text(file);
    /* The old text, without the value, with the key. */
    assert_non_null(strstr(before, "Start=4:03000000"));
    assert_null(strstr(after, "Start="));
    assert_non_null(strstr(after, "[gr\xC3\xB6\xC3\x9F"
                                  "e]\n"));
    assert_non_null(strstr(after, "Neu=4:07000000"));
    assert_non_null(strstr(after, "SizeMegabytes=4:63000000"));
    assert_non_null(strstr(after, "SizeMegabytes=4:20000000"));
    assert_non_null(strstr(after, "SystemPartition=1:64000000"));
    struct stat status;
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    free(before);
    free(after);
    hive_close_all();
    assert_string_equal(printed, "");
}

static void a_key_that_was_deleted_and_made_again_is_empty_in_the_file(void **state)
{
    (void)state;
    const uint32_t five = 5;

    hive_create_system(file, "disk");
    open_good(written);
    nt_registry_write("Services\\disk\\Parameters\\Device", "Void", 4, &five, 4);
    assert_int_equal(nt_registry_erase_key("Services\\disk\\Parameters"), 0);
    assert_int_equal(nt_registry_write_key("Services\\disk\\Parameters"), 0);
    nt_registry_write("Services\\disk\\Parameters", "After", 4, &five, 4);
    assert_int_equal(nt_registry_erase_key("Services\\nothing"), -ENOENT);
    flush_good();
    char *text = hive_text(file);
    assert_non_null(strstr(text, "After=4:05000000"));
    assert_null(strstr(text, "SizeMegabytes=4:20000000"));
    assert_null(strstr(text, "Void"));
    free(text);
}

static void a_volatile_key_is_never_written(void **state)
{
    (void)state;
    const uint32_t five = 5;

    hive_create_system(file, "disk");
    char *before = hive_text(file);
    open_good(written);
    assert_int_equal(nt_registry_create_volatile_key("Services\\disk\\Now"), 0);
    nt_registry_write("Services\\disk\\Now\\Below", "v", 4, &five, 4);
    flush_good();
    char *after = hive_text(file);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void without_write_the_file_stays_and_one_line_says_so(void **state)
{
    (void)state;
    const uint32_t five = 5;
    size_t before_size, after_size;

    hive_create_system(file, "disk");
    uint8_t *before = file_read(&before_size);
    open_good(file);
    nt_registry_write("Services\\disk", "a", 4, &five, 4);
    nt_registry_write("Services\\disk", "A", 4, &five, 4);
    nt_registry_write("Services\\disk", "b", 4, &five, 4);
    flush_good();
    hive_close_all();
    assert_non_null(strstr(printed, "2 changes are dropped"));
    uint8_t *after = file_read(&after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, after_size);
    free(before);
    free(after);
}

static void a_second_writer_is_refused_and_a_reader_is_not(void **state)
{
    (void)state;
    const uint32_t five = 5;

    hive_create_system(file, "disk");
    open_good(written);
    expect_refused(written, "another storhost writes to it");
    open_good(file);
    hive_close_all();
    /* The lock outlasts a file that took the place of the first. */
    open_good(written);
    nt_registry_write("Services\\disk", "a", 4, &five, 4);
    flush_good();
    expect_refused(written, "another storhost writes to it");
    hive_close_all();
    open_good(written);
}

static void a_file_that_somebody_else_changed_is_left_alone(void **state)
{
    (void)state;
    const uint32_t five = 5;
    char reason[REASON_BYTES];
    size_t size, now_size;

    hive_create_system(file, "disk");
    open_good(written);
    nt_registry_write("Services\\disk", "a", 4, &five, 4);
    unlink(file);
    hive_create_system(file, "other");
    uint8_t *bytes = file_read(&size);
    assert_int_equal(hive_flush(reason, sizeof(reason)), -ESTALE);
    assert_non_null(strstr(reason, "somebody else has changed it"));
    uint8_t *now = file_read(&now_size);
    assert_int_equal(size, now_size);
    assert_memory_equal(bytes, now, size);
    free(bytes);
    free(now);
    hive_close_all();
    assert_non_null(strstr(printed, "1 changes could not be written"));
}

static void a_value_that_libhivex_would_damage_is_refused_and_can_be_taken_back(void **state)
{
    (void)state;
    enum { SIZE = 16345 };
    static uint8_t data[SIZE];
    char reason[REASON_BYTES];

    hive_create_system(file, "disk");
    char *before = hive_text(file);
    open_good(written);
    nt_registry_write("Services\\disk", "long", 3, data, SIZE);
    nt_registry_write("Services\\disk", "short", 3, data, 1);
    assert_true(hive_flush(reason, sizeof(reason)) < 0);
    assert_non_null(strstr(reason, "'long' of 16345 bytes"));
    char *after = hive_text(file);
    assert_string_equal(before, after);
    nt_registry_write("Services\\disk", "long", 3, data, SIZE - 1);
    flush_good();
    free(after);
    after = hive_text(file);
    assert_non_null(strstr(after, "short=3:00"));
    free(before);
    free(after);
}

/* ---- hives that lie ---- */

static void what_is_no_hive_is_refused_with_the_reason(void **state)
{
    (void)state;
    size_t size;
    char specification[2 * PATH_BYTES];

    file_write((const uint8_t *)"regf", 4);
    expect_refused(file, "shorter than the header");
    file_write((const uint8_t *)"this is a text, and a rather long one", 37);
    expect_refused(file, "offset 0");
    expect_refused(folder, "it is no file");
    hive_create(file, 5);
    expect_refused(file, "say where it belongs");
    snprintf(specification, sizeof(specification), "A\\\\B=%s", file);
    expect_refused(specification, "is no key");
    hive_create_system(file, "disk");
    uint8_t *bytes = file_read(&size);
    bytes[4]++; /* the first of the two counts: it is being written */
    hive_header_seal(bytes);
    file_write(bytes, size);
    expect_refused(written, "not closed by who wrote it last");
    open_good(file);
    assert_non_null(strstr(printed, "was not closed"));
    free(bytes);
}

/* The list of keys below `from` becomes that of `to`, one of its parents. */
static void a_key_that_is_its_own_parent_is_refused_by_its_path(void **state)
{
    (void)state;
    enum { SUBKEYS = 4 + 20, LIST = 4 + 28 };
    size_t size;

    hive_create_system(file, "disk");
    hive_h *hive = hivex_open(file, 0);
    size_t parent = hive_key(hive, "ControlSet002\\Services");
    size_t child = hive_key(hive, "ControlSet002\\Services\\disk\\Parameters");
    hivex_close(hive);
    uint8_t *bytes = file_read(&size);
    memcpy(bytes + child + SUBKEYS, bytes + parent + SUBKEYS, 4);
    memcpy(bytes + child + LIST, bytes + parent + LIST, 4);
    file_write(bytes, size);
    expect_refused(file,
                   "key 'ControlSet002\\Services\\disk\\Parameters\\disk': the hive has it twice");
    free(bytes);
}

static void mutate(uint8_t *bytes, size_t size)
{
    for (unsigned count = 1 + (unsigned)(sys_random() % 8); count; count--) {
        size_t at = sys_random() % 4 ? HIVE_PAGE + sys_random() % (size - HIVE_PAGE - 4)
                                     : sys_random() % 64;
        switch (sys_random() % 4) {
        case 0:
            bytes[at] = (uint8_t)sys_random();
            break;
        case 1:
            memcpy(bytes + at, &(uint32_t){(uint32_t)(sys_random() % size)}, 4);
            break;
        case 2:
            memcpy(bytes + at, bytes + HIVE_PAGE + sys_random() % (size - HIVE_PAGE - 4), 4);
            break;
        default:
            memset(bytes + at, 0xFF, 2);
        }
    }
    hive_header_seal(bytes);
}

/* Whatever libhivex makes of them, in its process: here they are good or refused with a line, and
 * the file is the old or a new one. */
static void mutated_hives_are_read_and_written_or_refused(void **state)
{
    (void)state;
    enum { ROUNDS = 120 };
    const char *rounds = getenv("STORHOST_TEST_ROUNDS");
    const uint32_t five = 5;
    unsigned refused = 0, count = rounds ? (unsigned)atoi(rounds) : ROUNDS;
    size_t size;

    print_message("# seed %llu\n", (unsigned long long)sys_seed());
    hive_create_system(file, "disk");
    uint8_t *good = file_read(&size), *bytes = malloc(size);
    for (unsigned i = 0; i < count; i++) {
        char reason[REASON_BYTES] = "";
        memcpy(bytes, good, size);
        mutate(bytes, size);
        file_write(bytes, sys_random() % 16 ? size : sys_random() % size);
        int error = hive_open(written, reason, sizeof(reason));
        if (!error) {
            nt_registry_write("Services\\disk\\New", "a", 4, &five, 4);
            nt_registry_erase_key("Services\\disk\\Parameters");
            error = hive_flush(reason, sizeof(reason));
        }
        refused += error != 0;
        if (error && (!*reason || error > 0))
            fail_msg("round %u: error %d without a reason", i, error);
        hive_close_all();
        nt_registry_delete_key("Services");
        nt_registry_delete_key("Select");
        printed[0] = '\0';
    }
    assert_true(refused > 0 && refused < count);
    free(good);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(the_current_control_set_of_a_system_hive_becomes_the_tree),
        TEST(every_type_of_value_comes_as_it_is),
        TEST(a_long_value_comes_whole),
        TEST(a_service_key_waits_for_its_driver),
        TEST(what_drivers_change_is_in_the_file_and_nothing_else),
        TEST(a_key_that_was_deleted_and_made_again_is_empty_in_the_file),
        TEST(a_volatile_key_is_never_written),
        TEST(without_write_the_file_stays_and_one_line_says_so),
        TEST(a_second_writer_is_refused_and_a_reader_is_not),
        TEST(a_file_that_somebody_else_changed_is_left_alone),
        TEST(a_value_that_libhivex_would_damage_is_refused_and_can_be_taken_back),
        TEST(what_is_no_hive_is_refused_with_the_reason),
        TEST(a_key_that_is_its_own_parent_is_refused_by_its_path),
        TEST(mutated_hives_are_read_and_written_or_refused),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
