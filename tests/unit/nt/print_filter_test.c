/*
 * print_filter_test.c - which of a driver's prints are shown: what the registry's masks say.
 */
#include "machine_helper.h"

#include "nt/print.h"
#include "nt/registry.h"

#include <wdm.h>

enum { ALONE = 0x40, NO_SUCH_COMPONENT = 100000 };

static char said[4096];

static void keep_said(void *context, const char *line)
{
    (void)context;
    strncat(said, line, sizeof(said) - strlen(said) - 1);
    strncat(said, "|", sizeof(said) - strlen(said) - 1);
}

static void filter_start(uint32_t wanted)
{
    said[0] = '\0';
    nt_print_set_sink(keep_said, NULL);
    nt_print_filter_start(wanted);
    nt_print_filter_read();
}

static void mask_set(const char *name, uint32_t mask)
{
    assert_int_equal(
        nt_registry_set_dword("Control\\Session Manager\\Debug Print Filter", name, mask), 0);
    nt_print_filter_read();
}

static bool is_shown(uint32_t component, uint32_t level)
{
    return nt_print_is_wanted("driver", component, level);
}

static void errors_are_shown_and_nothing_else(void **state)
{
    (void)state;
    filter_start(0);
    assert_true(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL));
    assert_true(is_shown(NO_SUCH_COMPONENT, DPFLTR_ERROR_LEVEL));
    for (uint32_t level = DPFLTR_WARNING_LEVEL; level < 32; level++)
        assert_false(is_shown(DPFLTR_DEFAULT_ID, level));
    /* No level any more but bits. */
    assert_false(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_MASK | 1 << DPFLTR_INFO_LEVEL));
    assert_true(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_MASK | 1 << DPFLTR_ERROR_LEVEL));
}

static void a_miniports_warnings_are_shown_unless_the_registry_says_otherwise(void **state)
{
    (void)state;
    filter_start(0);
    assert_true(is_shown(NT_PRINT_STORMINIPORT, DPFLTR_WARNING_LEVEL));
    assert_false(is_shown(NT_PRINT_STORMINIPORT, DPFLTR_TRACE_LEVEL));
    mask_set("STORMINIPORT", 0);
    assert_false(is_shown(NT_PRINT_STORMINIPORT, DPFLTR_WARNING_LEVEL));
    assert_true(is_shown(NT_PRINT_STORMINIPORT, DPFLTR_ERROR_LEVEL));
}

static void a_mask_is_its_components_and_one_is_everybodys(void **state)
{
    (void)state;
    filter_start(0);
    mask_set("IHVDRIVER", ALONE);
    assert_true(is_shown(DPFLTR_IHVDRIVER_ID, ALONE));
    assert_true(is_shown(DPFLTR_IHVDRIVER_ID, 6)); /* the same bit */
    assert_true(is_shown(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL));
    assert_false(is_shown(DPFLTR_IHVBUS_ID, ALONE));
    mask_set("WIN2000", ALONE);
    assert_true(is_shown(DPFLTR_IHVBUS_ID, ALONE));
    assert_true(is_shown(NO_SUCH_COMPONENT, ALONE));
    assert_false(is_shown(DPFLTR_IHVBUS_ID, DPFLTR_ERROR_LEVEL));
}

static void who_starts_the_machine_adds_to_what_the_registry_says(void **state)
{
    (void)state;
    filter_start(1 << DPFLTR_INFO_LEVEL);
    assert_true(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL));
    assert_true(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL));
    assert_false(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_TRACE_LEVEL));
    mask_set("WIN2000", 0);
    assert_true(is_shown(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL));
}

static void the_first_print_that_is_not_shown_is_told_of(void **state)
{
    (void)state;
    filter_start(0);
    (void)is_shown(DPFLTR_DEFAULT_ID, DPFLTR_ERROR_LEVEL);
    assert_string_equal(said, "");
    (void)is_shown(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL);
    assert_non_null(strstr(said, "driver: its debug prints are for debuggers"));
    said[0] = '\0';
    (void)is_shown(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL);
    assert_string_equal(said, "");
}

static int teardown(void **state)
{
    nt_print_filter_start(0);
    nt_print_set_sink(NULL, NULL);
    return machine_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(errors_are_shown_and_nothing_else, machine_setup_single,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_miniports_warnings_are_shown_unless_the_registry_says_otherwise, machine_setup_single,
            teardown),
        cmocka_unit_test_setup_teardown(a_mask_is_its_components_and_one_is_everybodys,
                                        machine_setup_single, teardown),
        cmocka_unit_test_setup_teardown(who_starts_the_machine_adds_to_what_the_registry_says,
                                        machine_setup_single, teardown),
        cmocka_unit_test_setup_teardown(the_first_print_that_is_not_shown_is_told_of,
                                        machine_setup_single, teardown),
    };
    return cmocka_run_group_tests_name("print filter", tests, NULL, NULL);
}
