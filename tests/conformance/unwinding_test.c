/*
 * unwinding_test.c - how a driver that is a Windows image leaves frames of its own and of the host:
 * through routines that have called it back, by jumps, by the routines that unwind; and what a
 * processor and the kernel raise.
 */
#include "handlers_host.h"

#include <ntddk.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { TOO_MUCH = 1 << 30 };

static void expect_exception(unsigned command, NTSTATUS status)
{
    struct handlers_call call = handlers_prepared(command);

    call.size = TOO_MUCH;
    handlers_enter(&call);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)status);
}

static void an_exception_of_a_dispatch_routine_reaches_who_has_sent_the_request(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_SEND);
    assert_string_equal(call.log, "d1h");
    assert_int_equal(call.code, (unsigned)STATUS_DEVICE_BUSY);
    assert_true(handlers_devices_are_gone());
}

static void an_exception_of_a_completion_routine_reaches_who_has_completed_the_request(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_COMPLETE);
    assert_string_equal(call.log, "ch");
    assert_int_equal(call.code, (unsigned)STATUS_DEVICE_BUSY);
}

static void an_exception_of_a_completion_routine_goes_on_to_who_has_sent_the_request(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_SEND_COMPLETE);
    assert_string_equal(call.log, "dch");
    assert_true(handlers_devices_are_gone());
}

static void an_allocation_that_a_table_asks_for_raises_through_the_table(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_INSERT);
    call.size = TOO_MUCH;
    handlers_enter(&call);
    assert_string_equal(call.log, "ah");
    assert_int_equal(call.code, (unsigned)STATUS_INSUFFICIENT_RESOURCES);
    assert_int_equal(call.value, 0);
}

static void
an_exception_does_not_leave_a_routine_that_holds_something_for_its_callback(void **state)
{
    (void)state;
    handlers_expect_bug_check(
        handlers_prepared(HANDLERS_NOTIFY),
        "handlers of the driver around ExNotifyCallback are not asked: it has "
        "called the driver back",
        "bug check 0x1E");
}

static void a_fault_in_a_routine_that_may_hold_something_does_not_leave_it(void **state)
{
    (void)state;
    handlers_expect_bug_check(
        handlers_prepared(HANDLERS_SET_NO_EVENT),
        "handlers of the driver around KeSetEvent are not asked: an exception "
        "would leave behind what it holds",
        "bug check 0x1E");
}

static void a_fault_of_a_routine_in_a_thread_of_the_driver_reaches_its_handler(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_THREAD);
    assert_string_equal(call.log, "h");
    assert_int_equal(call.code, (unsigned)STATUS_ACCESS_VIOLATION);
}

static void a_jump_without_a_frame_tells_nobody(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_JUMP);
    call.size = 3;
    handlers_enter(&call);
    assert_string_equal(call.log, "ss");
    assert_int_equal(call.value, 3);
}

static void a_jump_with_zero_returns_one(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_JUMP);
    call.size = 0;
    handlers_enter(&call);
    assert_int_equal(call.value, 1);
}

static void a_jump_to_a_frame_runs_the_blocks_between(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_JUMP_WITH_FRAME);
    assert_string_equal(call.log, "s1s");
    assert_int_equal(call.value, 7);
}

static void a_jump_out_of_a_block_ends_the_exception_that_it_belongs_to(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_JUMP_OUT_OF_BLOCK);
    assert_string_equal(call.log, "f1e");
    assert_int_equal(call.value, 5);
}

static void a_jump_leaves_a_dispatch_routine(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_JUMP_THROUGH_DISPATCH);
    assert_string_equal(call.log, "d");
    assert_int_equal(call.value, 3);
    assert_true(handlers_devices_are_gone());
}

static void a_jump_does_not_leave_a_routine_that_holds_something(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_JUMP_THROUGH_NOTICE),
                              "handlers of the driver around ExNotifyCallback are not asked",
                              "the driver wants to go on in a frame that it cannot come to");
}

static void an_unwind_goes_on_in_its_target_with_a_value(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_UNWIND);
    assert_string_equal(call.log, "s1s");
}

static void an_unwind_with_a_context_does_the_same(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_UNWIND_EX);
    assert_string_equal(call.log, "s1s");
}

static void a_local_unwind_runs_the_blocks_of_its_own_function(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_UNWIND_LOCALLY);
    assert_string_equal(call.log, "s12s");
}

static void an_unwind_without_a_target_runs_all_blocks_and_ends_the_machine(void **state)
{
    (void)state;
    struct handlers_call call = handlers_prepared(HANDLERS_UNWIND_ALL);
    /* That the block runs is seen by what it raises. */
    handlers_expect_bug_check(call, "KMODE_EXCEPTION_NOT_HANDLED (0x80000011,",
                              "an exception that nobody handles");
    call.status = 0;
    handlers_expect_bug_check(call, "bug check 0x1E", "the driver has unwound its whole stack");
}

static void an_unwind_to_no_frame_is_a_bug_check(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_UNWIND_TO_NOTHING), "bug check 0x1E",
                              "the driver unwinds its stack to a frame that is not there");
}

static void a_restored_context_goes_on_and_a_runtime_may_choose_the_place(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_GO_BACK);
    assert_string_equal(call.log, "ssps");
}

static void a_function_is_found_by_an_address_in_it_only(void **state)
{
    (void)state;
    struct handlers_call call = handlers_run(HANDLERS_LOOK_UP);
    assert_int_equal(call.value, 1);
    assert_in_range(call.parameters[0], PAGE, 1u << 20);
    assert_int_equal(call.parameters[1], 0);
}

static void a_failed_assertion_is_an_exception(void **state)
{
    (void)state;
    expect_exception(HANDLERS_ASSERTION, STATUS_ASSERTION_FAILURE);
}

static void a_quotient_that_is_too_large_is_an_overflow(void **state)
{
    (void)state;
    expect_exception(HANDLERS_DIVIDE_LEAST, STATUS_INTEGER_OVERFLOW);
}

static void a_division_of_bytes_by_zero_is_one_by_zero(void **state)
{
    (void)state;
    expect_exception(HANDLERS_DIVIDE_BYTES, STATUS_INTEGER_DIVIDE_BY_ZERO);
}

static void an_overflow_interrupt_is_an_exception(void **state)
{
    (void)state;
    expect_exception(HANDLERS_OVERFLOW, STATUS_INTEGER_OVERFLOW);
}

static void a_single_step_is_an_exception(void **state)
{
    (void)state;
    expect_exception(HANDLERS_STEP, STATUS_SINGLE_STEP);
}

static void a_debug_trap_is_a_single_step(void **state)
{
    (void)state;
    expect_exception(HANDLERS_TRAP_DEBUGGER, STATUS_SINGLE_STEP);
}

static void a_model_register_that_does_not_exist_is_an_exception(void **state)
{
    (void)state;
    expect_exception(HANDLERS_PRIVILEGED, STATUS_PRIVILEGED_INSTRUCTION);
}

static void an_access_violation_may_be_raised(void **state)
{
    (void)state;
    expect_exception(HANDLERS_RAISE_ACCESS, STATUS_ACCESS_VIOLATION);
}

static void a_misalignment_may_be_raised(void **state)
{
    (void)state;
    expect_exception(HANDLERS_RAISE_ALIGNMENT, STATUS_DATATYPE_MISALIGNMENT);
}

static void pool_that_is_not_there_raises_where_the_driver_wants_it(void **state)
{
    (void)state;
    expect_exception(HANDLERS_POOL, STATUS_INSUFFICIENT_RESOURCES);
    expect_exception(HANDLERS_POOL_QUOTA, STATUS_INSUFFICIENT_RESOURCES);
    expect_exception(HANDLERS_POOL_FLAGS, STATUS_INSUFFICIENT_RESOURCES);
}

static void a_stack_that_is_used_up_is_a_bug_check_with_its_place(void **state)
{
    (void)state;
    handlers_expect_bug_check(handlers_prepared(HANDLERS_RECURSE),
                              "bug check 0x7F UNEXPECTED_KERNEL_MODE_TRAP (0x8,",
                              "(recurse at faults.c:");
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exception_of_a_dispatch_routine_reaches_who_has_sent_the_request),
        cmocka_unit_test(
            an_exception_of_a_completion_routine_reaches_who_has_completed_the_request),
        cmocka_unit_test(an_exception_of_a_completion_routine_goes_on_to_who_has_sent_the_request),
        cmocka_unit_test(an_allocation_that_a_table_asks_for_raises_through_the_table),
        cmocka_unit_test(
            an_exception_does_not_leave_a_routine_that_holds_something_for_its_callback),
        cmocka_unit_test(a_fault_in_a_routine_that_may_hold_something_does_not_leave_it),
        cmocka_unit_test(a_fault_of_a_routine_in_a_thread_of_the_driver_reaches_its_handler),
        cmocka_unit_test(a_jump_without_a_frame_tells_nobody),
        cmocka_unit_test(a_jump_with_zero_returns_one),
        cmocka_unit_test(a_jump_to_a_frame_runs_the_blocks_between),
        cmocka_unit_test(a_jump_out_of_a_block_ends_the_exception_that_it_belongs_to),
        cmocka_unit_test(a_jump_leaves_a_dispatch_routine),
        cmocka_unit_test(a_jump_does_not_leave_a_routine_that_holds_something),
        cmocka_unit_test(an_unwind_goes_on_in_its_target_with_a_value),
        cmocka_unit_test(an_unwind_with_a_context_does_the_same),
        cmocka_unit_test(a_local_unwind_runs_the_blocks_of_its_own_function),
        cmocka_unit_test(an_unwind_without_a_target_runs_all_blocks_and_ends_the_machine),
        cmocka_unit_test(an_unwind_to_no_frame_is_a_bug_check),
        cmocka_unit_test(a_restored_context_goes_on_and_a_runtime_may_choose_the_place),
        cmocka_unit_test(a_function_is_found_by_an_address_in_it_only),
        cmocka_unit_test(a_failed_assertion_is_an_exception),
        cmocka_unit_test(a_quotient_that_is_too_large_is_an_overflow),
        cmocka_unit_test(a_division_of_bytes_by_zero_is_one_by_zero),
        cmocka_unit_test(an_overflow_interrupt_is_an_exception),
        cmocka_unit_test(a_single_step_is_an_exception),
        cmocka_unit_test(a_debug_trap_is_a_single_step),
        cmocka_unit_test(a_model_register_that_does_not_exist_is_an_exception),
        cmocka_unit_test(an_access_violation_may_be_raised),
        cmocka_unit_test(a_misalignment_may_be_raised),
        cmocka_unit_test(pool_that_is_not_there_raises_where_the_driver_wants_it),
        cmocka_unit_test(a_stack_that_is_used_up_is_a_bug_check_with_its_place),
    };

    if (count > 1)
        cmocka_set_test_filter(arguments[1]);
    return cmocka_run_group_tests(tests, handlers_setup, handlers_teardown);
}
