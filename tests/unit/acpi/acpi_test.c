/*
 * acpi_test.c - the namespace and the evaluation of methods, by the real interpreter.
 */
#include "nt/machine_helper.h"

#include "acpi/acpi.h"
#include "nt/print.h"

#include <errno.h>

static char printed[16384];

static void print_keep(void *context, const char *line)
{
    (void)context;
    snprintf(printed + strlen(printed), sizeof(printed) - strlen(printed), "%s\n", line);
}

static const char *tables[2];

static int setup(void **state)
{
    char reason[512] = "";

    printed[0] = '\0';
    int result = machine_setup(state);
    nt_print_set_sink(print_keep, NULL);
    if (acpi_start(tables, 2, reason, sizeof(reason)))
        fail_msg("%s", reason);
    return result;
}

static int teardown(void **state)
{
    acpi_stop();
    nt_print_set_sink(NULL, NULL);
    return machine_teardown(state);
}

static const struct acpi_node *adapter_method(const char *name)
{
    const struct acpi_node *node = acpi_node_below(acpi_node_find("\\_SB.PCI0.SATA"), name);

    assert_non_null(node);
    return node;
}

static struct acpi_value value_of(const char *method, const struct acpi_value *arguments,
                                  size_t count)
{
    struct acpi_value result = {0};
    int error = acpi_evaluate(adapter_method(method), arguments, count, &result);

    if (error)
        fail_msg("%s: error %d: %s", method, error, printed);
    return result;
}

static uint64_t integer_of(const char *method, const struct acpi_value *arguments, size_t count)
{
    struct acpi_value result = value_of(method, arguments, count);

    assert_int_equal(result.type, ACPI_INTEGER);
    return result.integer;
}

static int error_of(const char *method, const struct acpi_value *arguments, size_t count)
{
    struct acpi_value result = {0};

    return acpi_evaluate(adapter_method(method), arguments, count, &result);
}

static struct acpi_value string(const char *text)
{
    return (struct acpi_value){
        .type = ACPI_STRING, .data = (const uint8_t *)text, .length = strlen(text)};
}

static void text_is(const struct acpi_value *value, const char *text)
{
    assert_int_equal(value->type, ACPI_STRING);
    assert_int_equal(value->length, strlen(text));
    assert_memory_equal(value->data, text, strlen(text));
}

/* ---- names ---- */

static void nodes_are_found_by_path_by_slot_and_by_address(void **state)
{
    (void)state;
    const struct acpi_node *adapter = acpi_node_of_slot(0, 0);

    assert_non_null(adapter);
    assert_string_equal(acpi_node_path(adapter), "\\_SB_.PCI0.SATA");
    assert_ptr_equal(acpi_node_find("_SB.PCI0.SATA"), adapter);
    assert_ptr_equal(acpi_node_find("\\_SB_.pci0.sata"), adapter);
    assert_null(acpi_node_find("\\_SB.PCI0.SATB"));
    assert_null(acpi_node_find("\\_SB..PCI0"));
    assert_null(acpi_node_find("\\TOOLONG"));
    assert_null(acpi_node_of_slot(1, 0));
    assert_null(acpi_node_of_slot(0, 1));
    assert_string_equal(acpi_node_path(acpi_child_at(adapter, 0x1FFFF)), "\\_SB_.PCI0.SATA.PRT1");
    assert_null(acpi_child_at(adapter, 0x2FFFF));
    assert_ptr_equal(acpi_node_below(acpi_child_at(adapter, 0xFFFF), "^ECHO"),
                     adapter_method("ECHO"));
    assert_true(acpi_node_is_device(adapter));
    assert_true(acpi_node_is_method(adapter_method("ECHO")));
    /* What the interpreter and we need for ourselves is not there. */
    assert_null(acpi_node_find("\\XSTS"));
}

static void several_tables_are_one_namespace(void **state)
{
    (void)state;
    struct acpi_value result = value_of("MORE", NULL, 0);

    text_is(&result, "more");
    acpi_value_clear(&result);
}

/* ---- arguments and results ---- */

static void every_type_goes_in_and_comes_out_as_it_is(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0, 1, 0xFF, '"', ')', '\n', 0, 7};
    struct acpi_value elements[] = {
        {.type = ACPI_INTEGER, .integer = UINT64_MAX},
        string(""),
        {.type = ACPI_BUFFER, .data = bytes, .length = sizeof(bytes)},
        string("\"quoted\" (brackets) [and] \t\n lines \\ % $"),
    };
    const struct acpi_value package = {.type = ACPI_PACKAGE,
                                       .elements = elements,
                                       .count = sizeof(elements) / sizeof(elements[0])};
    struct acpi_value result = value_of("ECHO", &package, 1);

    assert_int_equal(result.type, ACPI_PACKAGE);
    assert_int_equal(result.count, package.count);
    assert_int_equal(result.elements[0].type, ACPI_INTEGER);
    assert_int_equal(result.elements[0].integer, UINT64_MAX);
    text_is(&result.elements[1], "");
    assert_int_equal(result.elements[2].type, ACPI_BUFFER);
    assert_int_equal(result.elements[2].length, sizeof(bytes));
    assert_memory_equal(result.elements[2].data, bytes, sizeof(bytes));
    text_is(&result.elements[3], (const char *)elements[3].data);
    acpi_value_clear(&result);
    result = value_of("TEXT", NULL, 0);
    text_is(&result, "a name, not a method");
    acpi_value_clear(&result);
}

static void seven_arguments_arrive_in_order(void **state)
{
    (void)state;
    struct acpi_value arguments[ACPI_ARGUMENTS_MAX];

    for (unsigned i = 0; i < ACPI_ARGUMENTS_MAX; i++)
        arguments[i] = (struct acpi_value){.type = ACPI_INTEGER, .integer = i};
    struct acpi_value result = value_of("MANY", arguments, ACPI_ARGUMENTS_MAX);
    assert_int_equal(result.count, ACPI_ARGUMENTS_MAX);
    for (unsigned i = 0; i < ACPI_ARGUMENTS_MAX; i++)
        assert_int_equal(result.elements[i].integer, ACPI_ARGUMENTS_MAX - 1 - i);
    acpi_value_clear(&result);
    assert_int_equal(error_of("ADDS", arguments, 1), -EINVAL);
    assert_int_equal(error_of("ADDS", arguments, 3), -EINVAL);
    assert_int_equal(integer_of("ADDS", arguments + 5, 2), 11);
}

static void packages_may_hold_packages_names_and_nothing(void **state)
{
    (void)state;
    struct acpi_value result = value_of("NEST", NULL, 0);

    assert_int_equal(result.count, 4);
    assert_int_equal(result.elements[3].count, 3);
    assert_int_equal(result.elements[3].elements[0].integer, 6);
    text_is(&result.elements[3].elements[1].elements[0], "seven");
    assert_int_equal(result.elements[3].elements[2].type, ACPI_OTHER);
    acpi_value_clear(&result);
    result = value_of("HOLE", NULL, 0);
    assert_int_equal(result.count, 3);
    assert_int_equal(result.elements[0].integer, 1);
    assert_int_equal(result.elements[1].type, ACPI_NOTHING);
    acpi_value_clear(&result);
}

static void long_values_are_not_cut_off(void **state)
{
    (void)state;
    enum { SIZE = 40000 };
    uint8_t *bytes = malloc(SIZE);
    const struct acpi_value buffer = {.type = ACPI_BUFFER, .data = bytes, .length = SIZE};
    struct acpi_value result = value_of("LONG", NULL, 0);

    assert_int_equal(result.type, ACPI_STRING);
    assert_int_equal(result.length, 4096);
    assert_memory_equal(result.data + 4080, "0123456789ABCDEF", 16);
    acpi_value_clear(&result);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    result = value_of("ECHO", &buffer, 1);
    assert_int_equal(result.length, SIZE);
    assert_memory_equal(result.data, bytes, SIZE);
    acpi_value_clear(&result);
    free(bytes);
}

static void what_methods_keep_lasts(void **state)
{
    (void)state;
    assert_int_equal(integer_of("BUMP", NULL, 0), 1);
    assert_int_equal(integer_of("BUMP", NULL, 0), 2);
    struct acpi_value result = value_of("VOID", NULL, 0);
    assert_int_equal(result.type, ACPI_NOTHING);
    assert_int_equal(integer_of("BUMP", NULL, 0), 101);
    const struct acpi_value with = {
        .type = ACPI_BUFFER, .data = (const uint8_t *)"kept", .length = 4};
    result = value_of("KEEP", &with, 1);
    assert_int_equal(result.type, ACPI_NOTHING);
    result = value_of("KEPT", NULL, 0);
    assert_memory_equal(result.data, "kept", 4);
    acpi_value_clear(&result);
}

/* ---- methods that fail ---- */

static void a_method_that_is_aborted_is_an_error_with_a_line(void **state)
{
    (void)state;

    assert_int_equal(error_of("FAIL", NULL, 0), -EIO);
    assert_non_null(strstr(printed, "FAIL"));
    assert_int_equal(error_of("DEEP", NULL, 0), -EIO);
    /* What a method prints is no answer. */
    printed[0] = '\0';
    assert_int_equal(integer_of("SAYS", NULL, 0), 5);
    assert_int_equal(integer_of("BUMP", NULL, 0), 1);
}

static void a_loop_without_end_is_an_error_and_nothing_is_lost(void **state)
{
    (void)state;

    assert_int_equal(integer_of("BUMP", NULL, 0), 1);
    assert_int_equal(error_of("HANG", NULL, 0), -EIO);
    assert_non_null(strstr(printed, "AE_AML_LOOP_TIMEOUT"));
    assert_int_equal(integer_of("BUMP", NULL, 0), 2);
}

static void an_interpreter_that_does_not_answer_is_started_anew(void **state)
{
    (void)state;

    assert_int_equal(integer_of("BUMP", NULL, 0), 1);
    assert_int_equal(error_of("DOZE", NULL, 0), -ETIMEDOUT);
    assert_non_null(strstr(printed, "it is started anew"));
    assert_int_equal(integer_of("BUMP", NULL, 0), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(nodes_are_found_by_path_by_slot_and_by_address),
        TEST(several_tables_are_one_namespace),
        TEST(every_type_goes_in_and_comes_out_as_it_is),
        TEST(seven_arguments_arrive_in_order),
        TEST(packages_may_hold_packages_names_and_nothing),
        TEST(long_values_are_not_cut_off),
        TEST(what_methods_keep_lasts),
        TEST(a_method_that_is_aborted_is_an_error_with_a_line),
        TEST(a_loop_without_end_is_an_error_and_nothing_is_lost),
        TEST(an_interpreter_that_does_not_answer_is_started_anew),
    };

    if (argc != 3)
        return 2;
    tables[0] = argv[1];
    tables[1] = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
