/*
 * test_pe_load.c - a Windows image that is loaded runs with our routines as its imports, its own
 * data, and the protections that its sections ask for.
 */
#include "image/image.h"
#include "image/pe_exceptions.h"
#include "nt/export.h"
#include "nt/system.h"
#include "pe_sample.h"
#include "sys/sys.h"
#include "test_support.h"
#include "trap/trap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

int NT_ABI TestAdd(int a, int b);
int NT_ABI TestAdd(int a, int b)
{
    return a + b;
}
int NT_ABI TestLate(int a);
int NT_ABI TestLate(int a)
{
    return 10 * a;
}
int TestVariable = 4711;

NT_EXPORT("test.sys", TestAdd, "Test", 15);
NT_EXPORT("late.sys", TestLate, "Test", 15);
NT_EXPORT_VARIABLE("test.sys", TestVariable, "Test");

/* The forms that linkers give a driver. */
enum { PLAIN, PACKED, FIXED, FORMS };
static const char *paths[FORMS];

static struct image *load(int form)
{
    struct image *image = NULL;
    char reason[512] = "";
    int error = image_load(&image, paths[form], "sample", reason, sizeof(reason));
    if (error)
        print_error("image_load: %d: %s\n", error, reason);
    assert_int_equal(error, 0);
    return image;
}

static struct pe_sample_call ask(struct image *image, int command)
{
    struct pe_sample_call call = {.command = command, .number = 1};
    assert_int_equal(image_entry_point(image)(&call, NULL), 0);
    return call;
}

static void imports_are_our_routines_and_variables(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct image *image = load(form);
        assert_int_equal(ask(image, PE_SAMPLE_ADD).result, 5);
        assert_int_equal(ask(image, PE_SAMPLE_READ_VARIABLE).result, 4711);
        image_unload(image);
    }
}

static void delayed_imports_are_bound_when_the_image_is_loaded(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct image *image = load(form);
        assert_int_equal(ask(image, PE_SAMPLE_CALL_LATE).result, 40);
        assert_int_equal(ask(image, PE_SAMPLE_HELPER_CALLS).result, 0);
        image_unload(image);
    }
}

static void addresses_in_its_data_have_moved_with_the_image(void **state)
{
    (void)state;
    struct image *image = load(PLAIN);
    assert_int_equal(ask(image, PE_SAMPLE_COUNT).result, 1);
    image_unload(image);
}

static void a_second_load_of_a_file_has_its_own_data(void **state)
{
    (void)state;
    for (int form = PLAIN; form <= PACKED; form++) {
        struct image *first = load(form), *second = load(form);
        assert_ptr_not_equal(image_entry_point(first), image_entry_point(second));
        assert_int_equal(ask(first, PE_SAMPLE_COUNT).result, 1);
        assert_int_equal(ask(first, PE_SAMPLE_COUNT).result, 2);
        assert_int_equal(ask(second, PE_SAMPLE_COUNT).result, 1);
        image_unload(first);
        assert_int_equal(ask(second, PE_SAMPLE_COUNT).result, 2);
        image_unload(second);
    }
}

static void an_image_without_relocations_lies_where_it_was_linked_to(void **state)
{
    (void)state;
    struct image *image = load(FIXED), *second = NULL;
    assert_int_equal((uintptr_t)image_entry_point(image) >> 20, 0x10000000 >> 20);
    char reason[512];
    assert_int_equal(image_load(&second, paths[FIXED], "second", reason, sizeof(reason)), -ENOEXEC);
    assert_non_null(strstr(reason, "has no relocations, and the addresses from 0x10000000 on"));
    image_unload(image);
    image_unload(load(FIXED));
}

static void the_security_cookie_is_not_the_linkers(void **state)
{
    (void)state;
    struct image *first = load(PLAIN), *second = load(PLAIN);
    unsigned long long cookie = ask(first, PE_SAMPLE_COOKIE).value;
    assert_int_not_equal(cookie, 0x00002B992DDFA232);
    assert_int_not_equal(cookie, 0);
    assert_int_equal(cookie >> 48, 0);
    assert_int_not_equal(cookie, ask(second, PE_SAMPLE_COOKIE).value);
    image_unload(first);
    image_unload(second);
}

static void guarded_calls_find_a_routine_and_the_images_own_stays(void **state)
{
    (void)state;
    struct image *image = load(PLAIN);
    assert_int_equal(ask(image, PE_SAMPLE_GUARDS).result, 1);
    image_unload(image);
}

/* Faults are led on to where they belong by our handler, which cmocka replaces by its own, and not
 * in a child. */
static void read_shared_data(void *argument)
{
    (void)argument;
    sh_assert(trap_install() == 0);
    struct pe_sample_call call = {.command = PE_SAMPLE_SHARED_DATA};
    sh_assert(image_entry_point(load(PLAIN))(&call, NULL) == 0);
    sh_assert(call.value == NT_SYSTEM_BUILD);
}

static void a_load_from_the_page_that_windows_shares_is_led_to_ours(void **state)
{
    (void)state;
    char text[4096];
    int status = support_run_child(read_shared_data, NULL, text, sizeof(text));
    if (status)
        print_error("%s\n", text);
    assert_int_equal(status, 0);
}

/* ---- imports that nobody has ---- */

static void missing_imports_are_listed_with_their_modules(void **state)
{
    (void)state;
    struct image *image = load(PLAIN);
    const char *const names[] = {"Test.SYS!TestAbsent", "Test.SYS!TestAbsentVariable",
                                 "vendor.sys!#12"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(image_missing_import(image, i), names[i]);
    assert_null(image_missing_import(image, 3));
    image_unload(image);
}

static void do_command(void *argument)
{
    sh_assert(trap_install() == 0);
    struct pe_sample_call call = {.command = *(const int *)argument, .number = 1};
    image_entry_point(load(PLAIN))(&call, NULL);
}

static void expect_stop(int command, const char *words)
{
    char text[16384];
    int status = support_run_child(do_command, &command, text, sizeof(text));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 57);
    if (!strstr(text, words))
        print_error("%s\n", text);
    assert_non_null(strstr(text, words));
}

static void a_call_of_a_missing_import_stops_the_driver_and_names_it(void **state)
{
    (void)state;
    expect_stop(PE_SAMPLE_CALL_ABSENT,
                "sample called Test.SYS!TestAbsent, a routine that storhost does not have (called "
                "from sample+0x1");
    expect_stop(PE_SAMPLE_CALL_ORDINAL, "sample called vendor.sys!#12, a routine");
}

static void a_missing_variable_is_not_read_from_elsewhere(void **state)
{
    (void)state;
    expect_stop(PE_SAMPLE_READ_ABSENT, "sample used Test.SYS!TestAbsentVariable, a variable that "
                                       "storhost does not have (used at sample+0x1");
}

/* ---- where it lies ---- */

/* The kernel's word for it: "r-xp" and the like; "" when nothing is mapped. */
static const char *protection_of(const void *address)
{
    static char protection[5];
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];

    protection[0] = 0;
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        unsigned long begin, end;
        char flags[5];
        if (sscanf(line, "%lx-%lx %4s", &begin, &end, flags) == 3 && (uintptr_t)address >= begin &&
            (uintptr_t)address < end)
            memcpy(protection, flags, sizeof(flags));
    }
    fclose(maps);
    return protection;
}

static void sections_in_pages_of_their_own_are_never_writable_and_executable(void **state)
{
    (void)state;
    struct image *image = load(PLAIN);
    struct pe_sample_call call = ask(image, PE_SAMPLE_COUNT);
    assert_string_equal(protection_of(call.local), "r-xp");
    assert_string_equal(protection_of(call.counter), "rw-p");
    image_unload(image);
}

static void sections_that_share_a_page_share_its_protection(void **state)
{
    (void)state;
    struct image *image = load(PACKED);
    struct pe_sample_call call = ask(image, PE_SAMPLE_COUNT);
    assert_string_equal(protection_of(call.local), "rwxp");
    image_unload(image);
}

static void code_is_told_from_data_and_from_the_host(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct image *image = load(form);
        struct pe_sample_call call = ask(image, PE_SAMPLE_COUNT);
        char line[256];
        assert_true(image_contains_code(call.local));
        assert_false(image_contains_code(call.counter));
        assert_false(image_contains_code((void *)load));
        assert_true(image_describe(call.counter, line, sizeof(line), false));
        assert_memory_equal(line, "sample+0x", 9);
        const unsigned char *base;
        size_t size;
        assert_true(image_segment_of(image, call.counter, &base, &size));
        assert_in_range((uintptr_t)call.counter, (uintptr_t)base, (uintptr_t)base + size - 1);
        assert_true(image_writable_at(image, 0, &base, &size));
        assert_in_range((uintptr_t)call.counter, (uintptr_t)base, (uintptr_t)base + size - 1);
        assert_false(image_writable_at(image, 1, &base, &size));
        image_unload(image);
    }
}

static void functions_are_found_for_unwinding(void **state)
{
    (void)state;
    struct image *image = load(PLAIN);
    struct pe_sample_call call = ask(image, PE_SAMPLE_COUNT);
    struct pe_exception_table table;
    assert_true(pe_exception_table_of((const void *)image_entry_point(image), &table));
    uint64_t entry = (uintptr_t)image_entry_point(image) - (uintptr_t)table.base;
    const struct pe_function *functions = table.functions;
    size_t i = 0;
    while (i < table.count && functions[i].begin != entry)
        i++;
    assert_int_not_equal(table.count, 0);
    assert_in_range(i, 0, table.count - 1);
    assert_true(pe_exception_table_of(call.counter, &table));
    assert_false(pe_exception_table_of((const void *)load, &table));
    image_unload(image);
    assert_false(pe_exception_table_of(call.counter, &table));
}

static void an_unloaded_image_is_forgotten(void **state)
{
    (void)state;
    for (int form = 0; form < FORMS; form++) {
        struct image *image = load(form);
        struct pe_sample_call call = ask(image, PE_SAMPLE_COUNT);
        image_unload(image);
        char line[64];
        assert_false(image_contains_code(call.local));
        assert_false(image_describe(call.local, line, sizeof(line), false));
        assert_string_equal(protection_of(call.local), "");
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_are_our_routines_and_variables),
        cmocka_unit_test(delayed_imports_are_bound_when_the_image_is_loaded),
        cmocka_unit_test(addresses_in_its_data_have_moved_with_the_image),
        cmocka_unit_test(a_second_load_of_a_file_has_its_own_data),
        cmocka_unit_test(an_image_without_relocations_lies_where_it_was_linked_to),
        cmocka_unit_test(the_security_cookie_is_not_the_linkers),
        cmocka_unit_test(guarded_calls_find_a_routine_and_the_images_own_stays),
        cmocka_unit_test(a_load_from_the_page_that_windows_shares_is_led_to_ours),
        cmocka_unit_test(missing_imports_are_listed_with_their_modules),
        cmocka_unit_test(a_call_of_a_missing_import_stops_the_driver_and_names_it),
        cmocka_unit_test(a_missing_variable_is_not_read_from_elsewhere),
        cmocka_unit_test(sections_in_pages_of_their_own_are_never_writable_and_executable),
        cmocka_unit_test(sections_that_share_a_page_share_its_protection),
        cmocka_unit_test(code_is_told_from_data_and_from_the_host),
        cmocka_unit_test(functions_are_found_for_unwinding),
        cmocka_unit_test(an_unloaded_image_is_forgotten),
    };
    if (argument_count != 1 + FORMS) {
        fprintf(stderr, "usage: test_pe_load PLAIN PACKED FIXED\n");
        return 2;
    }
    for (int form = 0; form < FORMS; form++)
        paths[form] = arguments[1 + form];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
