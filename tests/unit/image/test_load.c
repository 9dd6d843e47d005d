/*
 * test_load.c - a module that is loaded runs with our routines as its imports and its own data.
 */
#include "image/image.h"
#include "sample.h"
#include "test_support.h"

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
int TestVariable = 4711;
int TestPointer = 815;
static void *NT_ABI driver_memcpy(void *destination, const void *source, size_t size)
{
    return memcpy(destination, source, size);
}

NT_EXPORT("test.sys", TestAdd, "Test", 15);
NT_EXPORT_VARIABLE("test.sys", TestVariable, "Test");
NT_EXPORT_VARIABLE("test.sys", TestPointer, "Test");
/* The driver's memcpy has another calling convention than the one that this file calls. */
static const struct nt_export memcpy_row
    __attribute__((section("nt_exports"), used, aligned(8))) = {
        "test.sys", "memcpy", (void *)&driver_memcpy, "Test", __FILE__, 15, 0};

static const char *module_path;

static struct image *load(const char *name)
{
    struct image *image = NULL;
    char reason[512] = "";
    int error = image_load(&image, module_path, name, reason, sizeof(reason));
    if (error)
        print_error("image_load: %d: %s\n", error, reason);
    assert_int_equal(error, 0);
    return image;
}

static struct sample_call ask(struct image *image, int command)
{
    struct sample_call call = {.command = command};
    assert_int_equal(image_entry_point(image)(&call, NULL), 0);
    return call;
}

static void imports_are_our_routines(void **state)
{
    (void)state;
    struct image *image = load("sample");
    assert_int_equal(ask(image, SAMPLE_ADD).result, 5);
    assert_int_equal(ask(image, SAMPLE_ADD_INDIRECT).result, 5);
    image_unload(image);
}

static void an_imported_variable_is_ours(void **state)
{
    (void)state;
    struct image *image = load("sample");
    TestVariable = 1234;
    assert_int_equal(ask(image, SAMPLE_READ_VARIABLE).result, 1234);
    image_unload(image);
}

static void an_imported_pointer_leads_to_the_variable(void **state)
{
    (void)state;
    struct image *image = load("sample");
    assert_int_equal(ask(image, SAMPLE_READ_POINTER).result, 815);
    image_unload(image);
}

static void memcpy_of_a_driver_is_ours_and_not_libc_s(void **state)
{
    (void)state;
    struct image *image = load("sample");
    char source[64], destination[64] = "";
    memset(source, 'x', sizeof(source));
    struct sample_call call = {
        .command = SAMPLE_COPY, .source = source, .destination = destination};
    image_entry_point(image)(&call, NULL);
    assert_memory_equal(source, destination, sizeof(source));
    image_unload(image);
}

static void types_have_windows_widths(void **state)
{
    (void)state;
    struct image *image = load("sample");
    assert_int_equal(ask(image, SAMPLE_WIDTHS).result, 402);
    image_unload(image);
}

static void a_second_load_of_a_file_has_its_own_data(void **state)
{
    (void)state;
    struct image *first = load("first"), *second = load("second");
    assert_ptr_not_equal(image_entry_point(first), image_entry_point(second));
    assert_int_equal(ask(first, SAMPLE_COUNT).result, 1);
    assert_int_equal(ask(first, SAMPLE_COUNT).result, 2);
    assert_int_equal(ask(second, SAMPLE_COUNT).result, 1);
    assert_int_equal(ask(second, SAMPLE_ADD).result, 5);
    image_unload(first);
    assert_int_equal(ask(second, SAMPLE_COUNT).result, 2);
    image_unload(second);
}

static void many_images_of_a_file_share_nothing(void **state)
{
    (void)state;
    struct image *images[8];
    for (int i = 0; i < 8; i++) {
        images[i] = load("sample");
        for (int times = 0; times <= i; times++)
            ask(images[i], SAMPLE_COUNT);
    }
    for (int i = 0; i < 8; i++)
        assert_int_equal(ask(images[i], SAMPLE_COUNT).result, i + 2);
    image_unload(images[3]);
    images[3] = load("sample");
    assert_int_equal(ask(images[3], SAMPLE_COUNT).result, 1);
    assert_int_equal(ask(images[4], SAMPLE_COUNT).result, 7);
    for (int i = 0; i < 8; i++)
        image_unload(images[i]);
}

static void a_load_after_an_unload_starts_afresh(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        struct image *image = load("sample");
        assert_int_equal(ask(image, SAMPLE_COUNT).result, 1);
        image_unload(image);
    }
}

static void missing_imports_are_listed(void **state)
{
    (void)state;
    struct image *image = load("sample");
    assert_non_null(image_missing_import(image, 0));
    assert_string_equal(image_missing_import(image, 0), "TestAbsent");
    assert_null(image_missing_import(image, 1));
    image_unload(image);
}

static void call_absent(void *argument)
{
    (void)argument;
    ask(load("sample"), SAMPLE_CALL_ABSENT);
}

static void a_call_of_a_missing_import_stops_the_driver(void **state)
{
    (void)state;
    char text[16384];
    int status = support_run_child(call_absent, NULL, text, sizeof(text));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 57);
    assert_non_null(strstr(text, "sample called TestAbsent"));
    assert_non_null(strstr(text, "called from sample+0x"));
    assert_non_null(strstr(text, "DriverEntry at sample.c:"));
}

static void an_address_is_described_by_image_function_and_line(void **state)
{
    (void)state;
    struct image *image = load("described");
    const char *local = ask(image, SAMPLE_COUNT).local;
    char line[256];
    assert_true(image_describe(local, line, sizeof(line), false));
    assert_memory_equal(line, "described+0x", 12);
    assert_null(strchr(line, '('));
    assert_true(image_describe(local, line, sizeof(line), true));
    assert_non_null(strstr(line, "(SampleLocal at sample.c:"));
    char small[8];
    assert_true(image_describe(local, small, sizeof(small), true));
    assert_string_equal(small, "describ");
    image_unload(image);
}

static void code_is_told_from_data_and_from_the_host(void **state)
{
    (void)state;
    struct image *image = load("sample");
    const char *local = ask(image, SAMPLE_COUNT).local;
    char line[256];
    assert_true(image_contains_code(local));
    assert_true(image_contains_code((void *)image_entry_point(image)));
    assert_false(image_contains_code((void *)load));
    assert_false(image_contains_code(line));
    assert_false(image_contains_code(NULL));
    assert_false(image_describe((void *)load, line, sizeof(line), true));
    image_unload(image);
}

static void an_unloaded_image_is_forgotten(void **state)
{
    (void)state;
    struct image *image = load("sample");
    const char *local = ask(image, SAMPLE_COUNT).local;
    image_unload(image);
    char line[64];
    assert_false(image_contains_code(local));
    assert_false(image_describe(local, line, sizeof(line), false));
}

static void the_name_is_the_one_that_was_given(void **state)
{
    (void)state;
    struct image *image = load("Parameters");
    assert_string_equal(image_name(image), "Parameters");
    image_unload(image);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_are_our_routines),
        cmocka_unit_test(an_imported_variable_is_ours),
        cmocka_unit_test(an_imported_pointer_leads_to_the_variable),
        cmocka_unit_test(memcpy_of_a_driver_is_ours_and_not_libc_s),
        cmocka_unit_test(types_have_windows_widths),
        cmocka_unit_test(a_second_load_of_a_file_has_its_own_data),
        cmocka_unit_test(many_images_of_a_file_share_nothing),
        cmocka_unit_test(a_load_after_an_unload_starts_afresh),
        cmocka_unit_test(missing_imports_are_listed),
        cmocka_unit_test(a_call_of_a_missing_import_stops_the_driver),
        cmocka_unit_test(an_address_is_described_by_image_function_and_line),
        cmocka_unit_test(code_is_told_from_data_and_from_the_host),
        cmocka_unit_test(an_unloaded_image_is_forgotten),
        cmocka_unit_test(the_name_is_the_one_that_was_given),
    };
    if (argument_count != 2) {
        fprintf(stderr, "usage: test_load MODULE\n");
        return 2;
    }
    module_path = arguments[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
