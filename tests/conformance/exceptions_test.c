/*
 * exceptions_test.c - structured exceptions of a driver that is a Windows image: which handler gets
 * them, what it is told, what runs on the way, and what no handler gets.
 */
#include "handlers_host.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* ---- exceptions as they come ---- */

static void what_a_routine_raises_is_handled_with_its_code(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_RAISE);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_DEVICE_BUSY);
    assert_int_equal(call.value, (unsigned)STATUS_DEVICE_BUSY);
    assert_int_equal(call.flags & EXCEPTION_NONCONTINUABLE, EXCEPTION_NONCONTINUABLE);
    assert_int_not_equal(call.address, 0);
}

static void an_exception_goes_up_to_the_function_that_handles_it(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_RAISE_DEEP);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_DEVICE_BUSY);
}

static void a_load_from_no_memory_is_an_access_violation(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_LOAD);
    handlers_expect_access_violation(&call, READ, handlers_nothing);
    assert_int_not_equal(call.address, 0);
}

static void a_store_to_no_memory_is_an_access_violation(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_STORE);
    handlers_expect_access_violation(&call, WRITTEN, handlers_nothing);
}

static void a_call_of_no_code_is_an_access_violation(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_CALL);
    handlers_expect_access_violation(&call, EXECUTED, handlers_nothing);
}

static void an_address_that_is_impossible_is_an_access_violation(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_LOAD);
    call.memory = (unsigned char *)0x123456789ABCDEF0; // NOLINT
    handlers_enter(&call);
    handlers_expect_access_violation(&call, READ, (const void *)UINTPTR_MAX); // NOLINT
}

static void a_division_by_zero_is_an_exception(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_DIVIDE);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_INTEGER_DIVIDE_BY_ZERO);
}

static void an_illegal_instruction_is_an_exception(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_ILLEGAL);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_ILLEGAL_INSTRUCTION);
}

/* ---- going on ---- */

static void a_filter_steps_over_a_breakpoint(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_BREAKPOINT);
    assert_string_equal(call.log, "n");
    assert_int_equal(call.code, (unsigned)STATUS_BREAKPOINT);
}

static void a_filter_repairs_what_a_load_needs(void **state)
{
    (void)state;
    unsigned char *page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct handlers_call call = handlers_prepared(HANDLERS_REPAIR);
    call.memory = page;
    call.size = 4711;
    handlers_enter(&call);
    assert_string_equal(call.log, "fn");
    assert_int_equal(call.value, 4711);
    munmap(page, PAGE);
}

static void a_filter_lets_a_raised_exception_return(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_CONTINUE);
    assert_string_equal(call.log, "n");
    assert_int_equal(call.parameters[0], 11);
    assert_int_equal(call.parameters[1], 12);
}

static void an_exception_that_allows_no_return_is_followed_by_another(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_CONTINUE_NOT);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_NONCONTINUABLE_EXCEPTION);
}

static void a_driver_raises_a_record_of_its_own(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_RECORD);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_DEVICE_BUSY);
    assert_int_equal(call.parameter_count, 2);
    assert_int_equal(call.parameters[1], 12);
}

/* ---- blocks that run in any case ---- */

static void blocks_run_from_the_inside_out_once_a_filter_has_agreed(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_FINALLY);
    assert_string_equal(call.log, "tf12h");
}

static void a_block_runs_at_a_normal_end_too(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_FINALLY_NORMAL);
    assert_string_equal(call.log, "tne");
}

static void leaving_a_block_early_is_a_normal_end(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_LEAVE);
    assert_string_equal(call.log, "tne");
}

static void a_return_out_of_a_block_runs_its_end(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_RETURN);
    assert_string_equal(call.log, "t1");
    assert_int_equal(call.value, 4711);
}

/* ---- one in another ---- */

static void a_handler_that_does_not_want_it_is_passed_over(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_SEARCH);
    assert_string_equal(call.log, "fgh");
}

static void an_exception_in_a_handler_goes_to_the_one_around_it(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_IN_HANDLER);
    assert_string_equal(call.log, "fhgo");
    assert_int_equal(call.code, (unsigned)STATUS_TOO_LATE);
}

static void an_exception_while_cleaning_up_takes_the_place_of_the_first(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_IN_FINALLY);
    assert_string_equal(call.log, "tf1fg2h");
    assert_int_equal(call.code, (unsigned)STATUS_TOO_LATE);
}

static void a_filter_may_handle_an_exception_of_its_own(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_IN_FILTER);
    assert_string_equal(call.log, "fijh");
    assert_int_equal(call.code, (unsigned)STATUS_DEVICE_BUSY);
}

static void many_exceptions_leave_nothing_behind(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_TWICE);
    assert_int_equal(call.value, 1000);
}

static void a_function_keeps_its_callers_registers_over_exceptions(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_REGISTERS);
    call.size = 100;
    handlers_enter(&call);
    /* 100 * 55 + sum of i * (i - 1) for 1 to 10, and 100 * 15 + the same for 1 to 5 */
    assert_int_equal(call.value, 5500 + 330 + 1500 + 40);
}

/* ---- routines of the kernel ---- */

static void a_copy_from_no_memory_reaches_the_driver(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_COPY);
    call.size = 33;
    handlers_enter(&call);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_ACCESS_VIOLATION);
    assert_int_equal(call.parameters[0], READ);
    assert_in_range(call.parameters[1], (uintptr_t)handlers_nothing,
                    (uintptr_t)handlers_nothing + 33);
}

static void a_fill_of_no_memory_reaches_the_driver(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_FILL);
    call.size = 1000;
    handlers_enter(&call);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.parameters[0], WRITTEN);
}

static void a_text_that_is_not_there_reaches_the_driver(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_TEXT);
    handlers_expect_access_violation(&call, READ, handlers_nothing);
}

static void a_probe_of_a_misaligned_address_raises(void **state)
{
    (void)state;
    unsigned char byte[8] __attribute__((aligned(8)));
    struct handlers_call call = handlers_prepared(HANDLERS_PROBE_READ);
    call.memory = byte + 1;
    call.size = 4;
    call.alignment = 4;
    handlers_enter(&call);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_DATATYPE_MISALIGNMENT);
    call.memory = byte;
    memset(call.log, 0, sizeof(call.log));
    handlers_enter(&call);
    assert_string_equal(call.log, "n");
}

static void a_probe_of_what_cannot_be_written_raises(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_PROBE_WRITE);
    call.alignment = 1;
    handlers_enter(&call);
    handlers_expect_access_violation(&call, call.parameters[0] ? WRITTEN : READ, handlers_nothing);
}

static void locking_pages_that_are_not_there_raises(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_LOCK_PAGES);
    handlers_expect_access_violation(&call, WRITTEN, handlers_nothing);
    call = handlers_prepared(HANDLERS_LOCK_PAGES);
    call.memory = NULL;
    handlers_enter(&call);
    handlers_expect_access_violation(&call, WRITTEN, NULL);
}

static void a_semaphore_beyond_its_limit_raises_and_stays(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_SEMAPHORE);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    assert_int_equal(call.value, 1);
}

static void a_mutex_of_nobody_raises_when_it_is_released(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_MUTEX);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_MUTANT_NOT_OWNED);
    assert_int_equal(call.value, 1);
}

static void what_is_raised_at_dispatch_level_is_handled_there(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_RAISED_IRQL);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.value, NT_DISPATCH_LEVEL);
}

static void frames_of_the_driver_are_told(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_FRAMES);
    assert_int_equal(call.value, 4);
    assert_int_not_equal(call.address, 0);
    assert_int_equal(call.parameters[0], 1);
}

/* ---- what no handler gets ---- */

static void what_nobody_handles_is_a_bug_check_with_its_place(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_UNHANDLED),
                              "bug check 0x1E KMODE_EXCEPTION_NOT_HANDLED (0x80000011,",
                              "handlers+0x");
}

static void a_fault_that_nobody_handles_is_a_bug_check_with_its_place(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_UNHANDLED_LOAD), "bug check 0x1E",
                              "(load at handlers.c:");
}

static void an_exception_does_not_leave_the_callback_that_it_is_in(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_CALLED_BACK), "bug check 0x1E",
                              "handlers+0x");
}

static void a_filter_that_always_fails_is_stopped(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_FILTER_ENDLESS), "bug check 0x1E",
                              "handlers+0x");
}

static void a_fault_at_dispatch_level_is_a_bug_check_though_there_is_a_handler(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_LOAD_RAISED_IRQL),
                              "bug check 0xD1 DRIVER_IRQL_NOT_LESS_OR_EQUAL", "handlers+0x");
}

static void a_fault_in_the_kernels_half_is_a_bug_check_though_there_is_a_handler(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_LOAD);
    call.memory = (unsigned char *)0xFFFF900012345678; // NOLINT
    handlers_expect_bug_check(
        call, "bug check 0x50 PAGE_FAULT_IN_NONPAGED_AREA (0xFFFF900012345678, 0x0,",
        "handlers+0x");
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_routine_raises_is_handled_with_its_code),
        cmocka_unit_test(an_exception_goes_up_to_the_function_that_handles_it),
        cmocka_unit_test(a_load_from_no_memory_is_an_access_violation),
        cmocka_unit_test(a_store_to_no_memory_is_an_access_violation),
        cmocka_unit_test(a_call_of_no_code_is_an_access_violation),
        cmocka_unit_test(an_address_that_is_impossible_is_an_access_violation),
        cmocka_unit_test(a_division_by_zero_is_an_exception),
        cmocka_unit_test(an_illegal_instruction_is_an_exception),
        cmocka_unit_test(a_filter_steps_over_a_breakpoint),
        cmocka_unit_test(a_filter_repairs_what_a_load_needs),
        cmocka_unit_test(a_filter_lets_a_raised_exception_return),
        cmocka_unit_test(an_exception_that_allows_no_return_is_followed_by_another),
        cmocka_unit_test(a_driver_raises_a_record_of_its_own),
        cmocka_unit_test(blocks_run_from_the_inside_out_once_a_filter_has_agreed),
        cmocka_unit_test(a_block_runs_at_a_normal_end_too),
        cmocka_unit_test(leaving_a_block_early_is_a_normal_end),
        cmocka_unit_test(a_return_out_of_a_block_runs_its_end),
        cmocka_unit_test(a_handler_that_does_not_want_it_is_passed_over),
        cmocka_unit_test(an_exception_in_a_handler_goes_to_the_one_around_it),
        cmocka_unit_test(an_exception_while_cleaning_up_takes_the_place_of_the_first),
        cmocka_unit_test(a_filter_may_handle_an_exception_of_its_own),
        cmocka_unit_test(many_exceptions_leave_nothing_behind),
        cmocka_unit_test(a_function_keeps_its_callers_registers_over_exceptions),
        cmocka_unit_test(a_copy_from_no_memory_reaches_the_driver),
        cmocka_unit_test(a_fill_of_no_memory_reaches_the_driver),
        cmocka_unit_test(a_text_that_is_not_there_reaches_the_driver),
        cmocka_unit_test(a_probe_of_a_misaligned_address_raises),
        cmocka_unit_test(a_probe_of_what_cannot_be_written_raises),
        cmocka_unit_test(locking_pages_that_are_not_there_raises),
        cmocka_unit_test(a_semaphore_beyond_its_limit_raises_and_stays),
        cmocka_unit_test(a_mutex_of_nobody_raises_when_it_is_released),
        cmocka_unit_test(what_is_raised_at_dispatch_level_is_handled_there),
        cmocka_unit_test(frames_of_the_driver_are_told),
        cmocka_unit_test(what_nobody_handles_is_a_bug_check_with_its_place),
        cmocka_unit_test(a_fault_that_nobody_handles_is_a_bug_check_with_its_place),
        cmocka_unit_test(an_exception_does_not_leave_the_callback_that_it_is_in),
        cmocka_unit_test(a_filter_that_always_fails_is_stopped),
        cmocka_unit_test(a_fault_at_dispatch_level_is_a_bug_check_though_there_is_a_handler),
        cmocka_unit_test(a_fault_in_the_kernels_half_is_a_bug_check_though_there_is_a_handler),
    };

    if (count > 1)
        cmocka_set_test_filter(arguments[1]);
    return cmocka_run_group_tests(tests, handlers_setup, handlers_teardown);
}
