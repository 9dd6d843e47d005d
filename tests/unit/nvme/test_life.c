/*
 * test_life.c - start, queues, interrupts, resets, aborts and removal of the NVMe driver, with
 * controllers that are slow, broken, hostile or gone.
 */
#include "fake_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { REQUESTS = 24 };

static const char *module_path;

static int start(void **state)
{
    (void)state;
    port_load(module_path);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    port_unload();
    return 0;
}

/* READ (10) of one block of a unit. */
static struct port_request *make_read(unsigned lun, unsigned lba)
{
    uint8_t cdb[10] = {0x28, [4] = (uint8_t)(lba >> 8), [5] = (uint8_t)lba, [8] = 1};
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, lun, 512, 0);
    port_set_cdb(request, cdb, sizeof(cdb));
    return request;
}

static void expect_read_works(void)
{
    struct port_request *request = make_read(0, 7);
    port_controller.namespaces[0].medium[7 * 512] = 0x77;
    port_do(request);
    assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
    assert_int_equal(request->data[0], 0x77);
    port_free(request);
}

static unsigned created_queues(void)
{
    unsigned count = 0;
    for (unsigned i = 1; i < CONTROLLER_QUEUES_MAX; i++)
        count += port_controller.queues[i].created;
    return count;
}

/* ---- start ---- */

static void each_processor_has_a_queue_and_a_message(void **state)
{
    (void)state;
    port_start();
    assert_int_equal(created_queues(), 4);
    for (unsigned i = 1; i <= 4; i++) {
        assert_int_equal(port_controller.queues[i].vector, i);
        assert_int_equal(port_controller.queues[i].depth, 512);
    }
    for (unsigned channel = 0; channel < 4; channel++) {
        struct port_request *request = make_read(0, channel);
        uint32_t before = port_controller.queues[channel + 1].tail;
        (void)before;
        port_controller.holds_io = true;
        port_submit(request, channel);
        port_run();
        assert_int_equal(port_controller.held_count, 1);
        assert_int_equal(port_controller.held[0].queue, channel + 1);
        controller_release(&port_controller);
        port_run();
        assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
    }
    assert_false(port_timer_armed());
}

static void fewer_messages_mean_fewer_queues(void **state)
{
    (void)state;
    port_options.messages = 3;
    port_start();
    assert_int_equal(created_queues(), 2);
    expect_read_works();
}

static void one_message_serves_everything(void **state)
{
    (void)state;
    port_options.messages = 1;
    port_start();
    assert_int_equal(created_queues(), 1);
    assert_int_equal(port_controller.queues[1].vector, 0);
    expect_read_works();
}

static void the_line_serves_everything(void **state)
{
    (void)state;
    port_options.messages = 0;
    port_start();
    assert_int_equal(created_queues(), 1);
    assert_int_equal(port_controller.intms, 0);
    assert_false(port_line_interrupt()); /* somebody else's */
    expect_read_works();
    assert_int_equal(port_controller.intms, 0);
    assert_true(port_reset_bus());
    port_run();
    expect_read_works();
}

static void the_controller_may_grant_fewer_queues(void **state)
{
    (void)state;
    port_controller.queue_grant = 2;
    port_start();
    assert_int_equal(created_queues(), 2);
    expect_read_works();
}

static void without_channels_all_queues_are_used_by_message(void **state)
{
    (void)state;
    port_options.has_channels = false;
    port_start();
    port_controller.holds_io = true;
    struct port_request *request = make_read(0, 1);
    port_submit(request, 2);
    assert_int_equal(port_controller.held[0].queue, 3);
    controller_release(&port_controller);
    port_run();
    assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
}

static void settings_bound_depth_and_queues(void **state)
{
    (void)state;
    port_options.settings[0] = (struct port_setting){"QueueDepth", 1};
    port_options.settings[1] = (struct port_setting){"IoQueues", 0};
    port_start();
    assert_int_equal(created_queues(), 1);
    assert_int_equal(port_controller.queues[1].depth, 2);
    assert_int_equal(port_config.MaxNumberOfIO, 1);
    for (unsigned i = 0; i < 10; i++)
        expect_read_works();
}

static void depth_is_bounded_by_the_controller(void **state)
{
    (void)state;
    port_controller.mqes = 7;
    port_options.settings[0] = (struct port_setting){"QueueDepth", 0xFFFFFFFF};
    port_start();
    assert_int_equal(port_controller.queues[1].depth, 8);
    assert_int_equal(port_config.MaxNumberOfIO, 7);
}

static void doorbells_may_be_far_apart(void **state)
{
    (void)state;
    port_controller.dstrd = 4;
    port_controller.has_shadow = true;
    port_start();
    assert_true(port_controller.shadow != 0);
    expect_read_works();
}

static void old_ports_without_dma_memory_work(void **state)
{
    (void)state;
    port_options.no_dma_memory = true;
    port_start();
    expect_read_works();
}

static void old_controllers_without_a_namespace_list_work(void **state)
{
    (void)state;
    port_controller.version = 0x00010000;
    port_start();
    expect_read_works();
}

static void impossible_controllers_are_refused(void **state)
{
    (void)state;
    port_controller.mqes = 0;
    assert_int_equal(port_find(), SP_RETURN_ERROR);
    port_controller.mqes = 63;
    port_controller.mpsmin = 1;
    assert_int_equal(port_find(), SP_RETURN_ERROR);
    port_controller.mpsmin = 0;
    port_controller.gone = true;
    assert_int_equal(port_find(), SP_RETURN_ERROR);
    port_controller.gone = false;
    port_controller.dstrd = 15; /* no doorbell of an I/O queue is mapped */
    assert_int_equal(port_find(), SP_RETURN_ERROR);
    port_controller.dstrd = 0;
    assert_int_equal(port_find(), SP_RETURN_FOUND);
}

static void a_controller_that_is_never_ready_fails_in_bounded_time(void **state)
{
    (void)state;
    port_controller.never_ready = true;
    assert_int_equal(port_find(), SP_RETURN_ERROR);
    assert_true(port_record.stalls_us >= 500000);
    assert_true(port_record.stalls_us < 10000000);
    port_controller.never_ready = false;
    assert_int_equal(port_find(), SP_RETURN_FOUND);
    port_controller.never_ready = true;
    assert_false(port_initialize());
}

static void a_controller_that_never_answers_fails_in_bounded_time(void **state)
{
    (void)state;
    port_controller.holds_admin = true;
    assert_int_equal(port_find(), SP_RETURN_ERROR);
    assert_true(port_record.stalls_us < 20000000);
    assert_int_equal(port_controller.cc & 1, 0); /* left disabled */
}

static void a_refused_queue_fails_the_start(void **state)
{
    (void)state;
    assert_int_equal(port_find(), SP_RETURN_FOUND);
    port_controller.fail_admin_opcode = NVME_ADMIN_COMMAND_CREATE_IO_SQ;
    port_controller.fail_admin_status = 0x102;
    assert_false(port_initialize());
    assert_int_equal(port_controller.cc & 1, 0);
    port_controller.must_be_silent = true;
    port_spurious_interrupt(0);
    port_spurious_interrupt(1);
    port_run();
}

/* Whatever fails, FindAdapter says so, frees what it has, and leaves the controller disabled. */
static void every_failed_allocation_is_survived(void **state)
{
    unsigned failures = 0;
    (void)state;
    for (unsigned nth = 1; nth < 100; nth++) {
        port_unload();
        port_load(module_path);
        port_options.fail_allocation = nth;
        uint32_t result = port_find();
        if (result == SP_RETURN_FOUND) {
            assert_true(port_initialize());
            port_run();
            expect_read_works();
            if (nth > 20)
                break;
        } else {
            failures++;
            assert_int_equal(port_controller.cc & 1, 0);
        }
    }
    assert_int_equal(failures, 3); /* registers, scratch memory, uncached extension */
}

static void the_largest_admin_answers_do_not_stop_a_start_without_namespaces(void **state)
{
    uint8_t luns[12] = {0xA0, [8] = 1};
    (void)state;
    port_controller.namespaces[0].id = 0;
    port_start();
    struct port_request *request = port_scsi(0, luns, sizeof(luns), 256);
    assert_int_equal(port_status(request), SRB_STATUS_NO_DEVICE);
}

/* ---- queues and interrupts ---- */

static void many_requests_wrap_the_rings(void **state)
{
    struct port_request *requests[7];
    (void)state;
    port_options.settings[0] = (struct port_setting){"QueueDepth", 8};
    port_start();
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 7; i++) {
            requests[i] = make_read(0, round);
            port_submit(requests[i], i % 2);
        }
        port_run();
        for (unsigned i = 0; i < 7; i++) {
            assert_int_equal(port_status(requests[i]), SRB_STATUS_SUCCESS);
            port_free(requests[i]);
        }
    }
}

static void a_full_queue_answers_busy_and_keeps_its_length(void **state)
{
    struct port_request *requests[8];
    (void)state;
    port_options.settings[0] = (struct port_setting){"QueueDepth", 8};
    port_start();
    port_controller.holds_io = true;
    for (unsigned i = 0; i < 8; i++) {
        requests[i] = make_read(0, i);
        port_submit(requests[i], 0);
    }
    for (unsigned i = 0; i < 7; i++)
        assert_true(requests[i]->is_outstanding);
    assert_int_equal(port_status(requests[7]), SRB_STATUS_BUSY);
    assert_int_equal(port_length(requests[7]), 512);
    controller_release(&port_controller);
    port_run();
    port_controller.holds_io = false;
    port_do(requests[7]);
    assert_int_equal(port_status(requests[7]), SRB_STATUS_SUCCESS);
}

static void requests_complete_in_any_order(void **state)
{
    struct port_request *requests[REQUESTS];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    for (unsigned i = 0; i < REQUESTS; i++) {
        port_controller.namespaces[0].medium[i * 512] = (uint8_t)(i + 1);
        requests[i] = make_read(0, i);
        port_submit(requests[i], i % 4);
    }
    for (unsigned i = 0; i < REQUESTS / 2; i++) {
        struct controller_command swap = port_controller.held[i];
        port_controller.held[i] = port_controller.held[REQUESTS - 1 - i];
        port_controller.held[REQUESTS - 1 - i] = swap;
    }
    controller_release(&port_controller);
    port_run();
    for (unsigned i = 0; i < REQUESTS; i++) {
        assert_int_equal(port_status(requests[i]), SRB_STATUS_SUCCESS);
        assert_int_equal(requests[i]->data[0], i + 1);
    }
}

static void shadow_doorbells_save_the_registers(void **state)
{
    (void)state;
    port_controller.has_shadow = true;
    port_controller.polls_shadow = true;
    port_start();
    port_run();
    assert_true(port_controller.shadow != 0);
    for (unsigned i = 0; i < 2000; i++) /* more than once around */
        expect_read_works();
    assert_int_equal(port_controller.doorbells, 0);
    port_controller.polls_shadow = false;
    port_run();
    expect_read_works();
    assert_true(port_controller.doorbells > 0);
    assert_true(port_reset_bus());
    port_run();
    expect_read_works();
}

static void the_line_falls_with_shadow_doorbells_too(void **state)
{
    (void)state;
    port_options.messages = 0;
    port_controller.has_shadow = true;
    port_controller.line_needs_doorbell = true;
    port_start();
    port_run();
    assert_true(port_controller.shadow != 0);
    for (unsigned i = 0; i < 1000; i++)
        expect_read_works();
}

static void shadow_doorbells_can_be_switched_off(void **state)
{
    (void)state;
    port_controller.has_shadow = true;
    port_options.settings[0] = (struct port_setting){"ShadowDoorbells", 0};
    port_start();
    assert_int_equal(port_controller.shadow, 0);
    expect_read_works();
}

static void spurious_interrupts_are_harmless(void **state)
{
    (void)state;
    assert_int_equal(port_find(), SP_RETURN_FOUND);
    port_spurious_interrupt(0);
    port_spurious_interrupt(4);
    assert_true(port_initialize());
    for (unsigned i = 0; i < 5; i++)
        port_spurious_interrupt(i);
    port_spurious_interrupt(1000);
    port_run();
    expect_read_works();
}

static void completions_that_name_no_request_are_ignored(void **state)
{
    (void)state;
    port_start();
    port_controller.holds_io = true;
    struct port_request *request = make_read(0, 1);
    port_submit(request, 0);
    uint16_t id = port_controller.held[0].command.CDW0.CID;
    controller_post(&port_controller, 1, 511, 1, 0, 0); /* beyond the slots */
    controller_post(&port_controller, 1, 0xFFFF, 1, 0, 0);
    controller_post(&port_controller, 1, (uint16_t)(id + 1), 1, 0, 0); /* not in flight */
    controller_post(&port_controller, 1, id, 2, 0, 0);                 /* of another queue */
    controller_post(&port_controller, 0, 63, 0, 0, 0);
    controller_post(&port_controller, 0, 40, 0, 0, 0);
    port_run();
    assert_true(request->is_outstanding);
    assert_int_equal(port_record.last_log, 7);
    controller_release(&port_controller);
    port_run();
    assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
    controller_post(&port_controller, 1, id, 1, 0, 0); /* a second time */
    port_run();
    for (unsigned i = 0; i < 100; i++) {
        controller_post(&port_controller, 1, 0xFFFF, 1, 0, 0);
        port_run();
    }
    assert_true(port_record.log_entries < 40);
}

/* ---- resets and aborts ---- */

static void submit_reads(struct port_request **requests, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        requests[i] = make_read(0, i);
        port_submit(requests[i], i % 4);
    }
}

static void a_bus_reset_returns_everything_at_once(void **state)
{
    struct port_request *requests[REQUESTS];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, REQUESTS);
    port_run();
    assert_true(port_reset_bus());
    for (unsigned i = 0; i < REQUESTS; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_BUS_RESET);
    struct port_request *early = make_read(0, 0);
    port_submit(early, 0); /* past the gate already when the reset began */
    assert_int_equal(port_status(early), SRB_STATUS_BUSY);
    port_controller.holds_io = false;
    port_run();
    assert_int_equal(port_record.pauses, port_record.resumes);
    for (unsigned i = 0; i < 4; i++)
        expect_read_works();
    port_pass(10);
    assert_false(port_timer_armed());
}

static void a_bus_reset_with_nothing_outstanding_works_again_and_again(void **state)
{
    (void)state;
    port_start();
    for (unsigned i = 0; i < 20; i++) {
        assert_true(port_reset_bus());
        if (i % 3 == 0)
            assert_true(port_reset_bus()); /* while one is running */
        port_run();
        expect_read_works();
    }
    assert_int_equal(port_record.pauses, port_record.resumes);
}

static void a_reset_of_a_slow_controller_ends_later(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    port_controller.never_disabled = true;
    assert_true(port_reset_bus());
    port_pass(5);
    for (unsigned i = 0; i < 4; i++)
        assert_true(requests[i]->is_outstanding); /* their memory is still the device's */
    port_controller.never_disabled = false;
    port_controller.csts = 0;
    port_controller.held_count = 0;
    memset(port_controller.queues, 0, sizeof(port_controller.queues));
    port_controller.event_count = 0;
    port_controller.holds_io = false;
    port_pass(5);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_BUS_RESET);
    expect_read_works();
}

static void a_controller_that_does_not_come_back_fails_requests_quickly(void **state)
{
    struct port_request *request;
    (void)state;
    port_start();
    port_controller.never_ready = true;
    assert_true(port_reset_bus());
    port_pass(200);
    assert_int_equal(port_record.pauses, port_record.resumes);
    request = make_read(0, 0);
    port_do(request);
    assert_int_equal(port_status(request), SRB_STATUS_NO_HBA);
    assert_false(port_timer_armed());
    port_controller.never_ready = false;
    assert_true(port_reset_bus()); /* the next reset tries again */
    port_run();
    expect_read_works();
}

static void a_unit_reset_aborts_the_requests_of_its_unit(void **state)
{
    struct port_request *others, *requests[REQUESTS];
    (void)state;
    port_controller.namespaces[1] =
        (struct controller_namespace){.id = 2, .blocks = 64, .block_shift = 9};
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, REQUESTS);
    others = make_read(1, 0);
    port_submit(others, 0);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_submit(reset, 1);
    port_pass(20);
    assert_int_equal(port_status(reset), SRB_STATUS_SUCCESS);
    for (unsigned i = 0; i < REQUESTS; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_ABORTED);
    assert_int_equal(port_controller.aborts, REQUESTS);
    assert_true(others->is_outstanding);
    controller_release(&port_controller);
    port_run();
    assert_int_equal(port_status(others), SRB_STATUS_SUCCESS);
    assert_false(port_timer_armed());
}

static void a_unit_reset_without_requests_succeeds_at_once(void **state)
{
    (void)state;
    port_start();
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_do(reset);
    assert_int_equal(port_status(reset), SRB_STATUS_SUCCESS);
}

static void a_unit_reset_that_does_not_help_fails_for_the_next_means(void **state)
{
    struct port_request *requests[3];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    port_controller.ignores_aborts = true;
    submit_reads(requests, 3);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_submit(reset, 0);
    port_pass(100);
    assert_true(reset->is_outstanding);
    assert_int_equal(port_controller.aborts, 3); /* once each */
    port_pass(150);
    assert_int_equal(port_status(reset), SRB_STATUS_ERROR);
    assert_true(requests[0]->is_outstanding);
    struct port_request *device = port_make(SRB_FUNCTION_RESET_DEVICE, 0, 0, 0);
    port_submit(device, 0);
    port_pass(5);
    assert_int_equal(port_status(device), SRB_STATUS_SUCCESS);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_BUS_RESET);
}

static void one_request_can_be_aborted(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    assert_true(port_config.FeatureSupport & STOR_ADAPTER_FEATURE_ABORT_COMMAND);
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    struct port_request *abort = port_make(SRB_FUNCTION_ABORT_COMMAND, 0, 0, 0);
    SrbSetNextSrb(&abort->srb, &requests[2]->srb);
    port_submit(abort, 0);
    port_pass(3);
    assert_int_equal(port_status(abort), SRB_STATUS_SUCCESS);
    assert_int_equal(port_status(requests[2]), SRB_STATUS_ABORTED);
    assert_true(requests[1]->is_outstanding);
    /* A request that is over needs no abort. */
    abort = port_make(SRB_FUNCTION_ABORT_COMMAND, 0, 0, 0);
    SrbSetNextSrb(&abort->srb, &requests[2]->srb);
    port_do(abort);
    assert_int_equal(port_status(abort), SRB_STATUS_SUCCESS);
    abort = port_make(SRB_FUNCTION_ABORT_COMMAND, 0, 0, 0);
    port_do(abort); /* of nothing */
    assert_int_equal(port_status(abort), SRB_STATUS_INVALID_REQUEST);
}

static void a_failed_controller_is_reset_by_the_first_unit_reset(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    port_controller.fatal = true;
    submit_reads(requests, 4);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_submit(reset, 0);
    port_pass(5);
    assert_int_equal(port_status(reset), SRB_STATUS_SUCCESS);
    assert_int_equal(port_record.resets_detected, 1);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_BUS_RESET);
    expect_read_works();
}

static void a_late_completion_after_a_reset_is_ignored(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    uint16_t id = port_controller.held[0].command.CDW0.CID;
    assert_true(port_reset_bus());
    port_run();
    port_controller.holds_io = false;
    unsigned completions = port_record.completions;
    controller_post(&port_controller, 1, id, 1, 0, 0);
    port_run();
    assert_int_equal(port_record.completions, completions);
    expect_read_works();
}

static void requests_on_the_admin_queue_are_reset_too(void **state)
{
    uint8_t log[10] = {0x4D, 0, 0x0D, 0, 0, 0, 0, 0, 64};
    (void)state;
    port_start();
    port_controller.holds_admin = true;
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 64, 0);
    port_set_cdb(request, log, sizeof(log));
    port_submit(request, 0);
    port_run();
    assert_true(request->is_outstanding);
    port_controller.holds_admin = false;
    assert_true(port_reset_bus());
    port_run();
    assert_int_equal(port_status(request), SRB_STATUS_BUS_RESET);
    expect_read_works();
}

static void a_flood_of_admin_requests_leaves_room_for_the_driver(void **state)
{
    uint8_t log[10] = {0x4D, 0, 0x0D, 0, 0, 0, 0, 0, 64};
    struct port_request *requests[100];
    unsigned busy = 0;
    (void)state;
    port_start();
    port_controller.holds_admin = true;
    for (unsigned i = 0; i < 100; i++) {
        requests[i] = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 64, 0);
        port_set_cdb(requests[i], log, sizeof(log));
        port_submit(requests[i], i % 4);
        busy += !requests[i]->is_outstanding && port_status(requests[i]) == SRB_STATUS_BUSY;
    }
    assert_true(busy >= 60);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_submit(reset, 0);
    port_pass(50);
    assert_int_equal(port_status(reset), SRB_STATUS_SUCCESS);
}

/* ---- events ---- */

static void a_new_namespace_becomes_a_unit(void **state)
{
    uint8_t capacity[10] = {0x25};
    (void)state;
    port_start();
    port_controller.namespaces[1] =
        (struct controller_namespace){.id = 5, .blocks = 77, .block_shift = 9};
    assert_true(controller_send_event(&port_controller, 2, 0, 4));
    port_run();
    assert_int_equal(port_record.bus_changes, 1);
    struct port_request *request = port_scsi(1, capacity, sizeof(capacity), 8);
    assert_int_equal(port_status(request), SRB_STATUS_SUCCESS);
    assert_int_equal(request->data[3], 76);
    assert_int_equal(port_controller.event_count, 3); /* all requests are out again */
}

static void a_namespace_that_goes_takes_its_unit_and_no_other(void **state)
{
    uint8_t ready[6] = {0};
    (void)state;
    for (unsigned i = 1; i < 3; i++)
        port_controller.namespaces[i] =
            (struct controller_namespace){.id = i + 1, .blocks = 8, .block_shift = 9};
    port_start();
    port_controller.namespaces[1].id = 0;
    assert_true(controller_send_event(&port_controller, 2, 0, 4));
    port_run();
    assert_int_equal(port_record.bus_changes, 1);
    assert_int_equal(port_status(port_scsi(1, ready, 6, 0)), SRB_STATUS_NO_DEVICE);
    assert_int_equal(port_status(port_scsi(2, ready, 6, 0)), SRB_STATUS_SUCCESS);
    assert_int_equal(port_status(port_scsi(0, ready, 6, 0)), SRB_STATUS_SUCCESS);
}

static void a_resized_namespace_reports_unit_attention_once(void **state)
{
    uint8_t ready[6] = {0};
    uint8_t capacity[10] = {0x25};
    (void)state;
    port_start();
    port_controller.namespaces[0].blocks = 512;
    assert_true(controller_send_event(&port_controller, 2, 0, 4));
    port_run();
    assert_int_equal(port_record.bus_changes, 0);
    struct port_request *request = port_scsi(0, ready, 6, 0);
    assert_int_equal(port_sense(request), 0x062A09);
    assert_int_equal(port_status(port_scsi(0, ready, 6, 0)), SRB_STATUS_SUCCESS);
    request = port_scsi(0, capacity, sizeof(capacity), 8);
    assert_int_equal(request->data[2] << 8 | request->data[3], 511);
}

static void a_failed_look_at_the_namespaces_takes_none_away(void **state)
{
    uint8_t ready[6] = {0};
    (void)state;
    port_start();
    port_controller.fail_admin_opcode = NVME_ADMIN_COMMAND_IDENTIFY;
    port_controller.fail_admin_status = 0x006;
    assert_true(controller_send_event(&port_controller, 2, 0, 4));
    port_run();
    assert_int_equal(port_record.bus_changes, 0);
    assert_int_equal(port_status(port_scsi(0, ready, 6, 0)), SRB_STATUS_SUCCESS);
    port_controller.fail_admin_opcode = 0xFF;
    port_controller.fails_namespaces = true; /* the list comes, the namespace does not */
    assert_true(controller_send_event(&port_controller, 2, 0, 4));
    port_run();
    assert_int_equal(port_record.bus_changes, 0);
    assert_int_equal(port_status(port_scsi(0, ready, 6, 0)), SRB_STATUS_SUCCESS);
    port_controller.fail_admin_status = 0x00B; /* there is no such namespace */
    assert_true(controller_send_event(&port_controller, 2, 0, 4));
    port_run();
    assert_int_equal(port_record.bus_changes, 1);
    assert_int_equal(port_status(port_scsi(0, ready, 6, 0)), SRB_STATUS_NO_DEVICE);
}

static void an_event_during_the_start_is_not_lost(void **state)
{
    uint8_t ready[6] = {0};
    (void)state;
    assert_int_equal(port_find(), SP_RETURN_FOUND);
    port_controller.events_at_once = true;
    assert_true(port_initialize());
    port_controller.namespaces[1] =
        (struct controller_namespace){.id = 2, .blocks = 8, .block_shift = 9};
    port_run();
    assert_int_equal(port_status(port_scsi(1, ready, 6, 0)), SRB_STATUS_SUCCESS);
}

static void health_events_are_logged_and_rearmed(void **state)
{
    (void)state;
    port_start();
    port_controller.health.CriticalWarning.AsUchar = 0x04;
    unsigned entries = port_record.log_entries;
    for (unsigned i = 1; i <= 5; i++) {
        assert_true(controller_send_event(&port_controller, 1, 0, 2));
        port_run();
        assert_int_equal(port_record.log_entries, entries + i);
        assert_int_equal(port_controller.event_count, 3);
    }
}

static void refused_event_requests_are_not_repeated(void **state)
{
    (void)state;
    port_controller.fail_admin_opcode = NVME_ADMIN_COMMAND_ASYNC_EVENT_REQUEST;
    port_controller.fail_admin_status = 0x105;
    port_start(); /* a repetition would never end */
    expect_read_works();
}

/* ---- stop, restart, removal ---- */

static void after_a_stop_the_device_is_left_alone(void **state)
{
    (void)state;
    port_start();
    unsigned shutdowns = port_controller.shutdowns;
    assert_int_equal(port_control(ScsiStopAdapter, NULL), ScsiAdapterControlSuccess);
    assert_int_equal(port_controller.shutdowns, shutdowns + 1);
    assert_int_equal(port_controller.cc & 1, 0);
    assert_false(port_timer_armed());
    port_controller.must_be_silent = true;
    for (unsigned i = 0; i < 5; i++)
        port_spurious_interrupt(i);
    port_pass(10);
}

static void a_stop_in_the_middle_of_a_reset_ends_it(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_BUS, 0, 0, 0);
    port_controller.never_disabled = true;
    port_submit(reset, 0);
    port_pass(3);
    assert_true(port_timer_armed());
    assert_int_equal(port_control(ScsiStopAdapter, NULL), ScsiAdapterControlSuccess);
    assert_false(port_timer_armed());
    assert_int_equal(port_status(reset), SRB_STATUS_NO_HBA);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_NO_HBA);
    port_controller.must_be_silent = true;
    port_pass(10);
}

static void stop_and_restart_work_in_any_number(void **state)
{
    (void)state;
    port_start();
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(port_control(ScsiStopAdapter, NULL), ScsiAdapterControlSuccess);
        assert_int_equal(port_control(ScsiSetRunningConfig, NULL), ScsiAdapterControlSuccess);
        assert_int_equal(port_control(ScsiRestartAdapter, NULL), ScsiAdapterControlSuccess);
        port_run();
        expect_read_works();
        assert_int_equal(port_controller.event_count, 3);
    }
    port_control(ScsiStopAdapter, NULL);
    port_start(); /* the way through FindAdapter, with the old extension */
    expect_read_works();
}

static void a_restart_that_fails_says_so(void **state)
{
    (void)state;
    port_start();
    port_control(ScsiStopAdapter, NULL);
    port_controller.never_ready = true;
    assert_int_equal(port_control(ScsiRestartAdapter, NULL), ScsiAdapterControlUnsuccessful);
}

static void supported_controls_are_listed_within_bounds(void **state)
{
    struct {
        ULONG max;
        BOOLEAN types[ScsiAdapterControlMax];
    } list;
    (void)state;
    port_start();
    for (unsigned max = 0; max <= ScsiAdapterControlMax; max++) {
        memset(&list, 0, sizeof(list));
        memset(list.types + max, 0xEE, sizeof(list.types) - max);
        list.max = max;
        assert_int_equal(port_control(ScsiQuerySupportedControlTypes, &list),
                         ScsiAdapterControlSuccess);
        for (unsigned i = max; i < ScsiAdapterControlMax; i++)
            assert_int_equal(list.types[i], 0xEE);
    }
    assert_true(list.types[ScsiStopAdapter] && list.types[ScsiRestartAdapter]);
    assert_int_equal(port_control(ScsiAdapterPower, NULL), ScsiAdapterControlUnsuccessful);
}

static void surprise_removal_returns_everything_without_the_device(void **state)
{
    struct port_request *requests[REQUESTS];
    uint8_t log[10] = {0x4D, 0, 0x0D, 0, 0, 0, 0, 0, 64};
    (void)state;
    port_start();
    port_controller.holds_io = true;
    port_controller.holds_admin = true;
    submit_reads(requests, REQUESTS);
    struct port_request *admin = port_make(SRB_FUNCTION_EXECUTE_SCSI, 0, 64, 0);
    port_set_cdb(admin, log, sizeof(log));
    port_submit(admin, 0);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_controller.ignores_aborts = true;
    port_submit(reset, 0);
    port_run();
    port_controller.gone = true;
    port_controller.must_be_silent = true;
    assert_int_equal(port_control(ScsiAdapterSurpriseRemoval, NULL), ScsiAdapterControlSuccess);
    port_pass(3);
    for (unsigned i = 0; i < REQUESTS; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_NO_DEVICE);
    assert_int_equal(port_status(admin), SRB_STATUS_NO_DEVICE);
    assert_int_equal(port_status(reset), SRB_STATUS_NO_DEVICE);
    struct port_request *late = make_read(0, 0);
    port_do(late);
    assert_int_equal(port_status(late), SRB_STATUS_NO_DEVICE);
    port_do(port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0));
    assert_false(port_reset_bus());
    assert_int_equal(port_control(ScsiStopAdapter, NULL), ScsiAdapterControlSuccess);
    assert_false(port_timer_armed());
}

static void a_device_that_vanishes_is_noticed_by_the_first_reset(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    port_controller.gone = true;
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_submit(reset, 0);
    port_pass(2);
    assert_int_equal(port_status(reset), SRB_STATUS_NO_DEVICE);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_NO_DEVICE);
    assert_int_equal(port_record.bus_changes, 1);
}

static void a_device_that_vanishes_is_noticed_by_a_bus_reset(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    port_controller.gone = true;
    assert_false(port_reset_bus());
    port_pass(2);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_NO_DEVICE);
    assert_int_equal(port_record.pauses, port_record.resumes);
}

static void removal_by_plug_and_play_request_works_like_the_control(void **state)
{
    struct port_request *requests[4];
    (void)state;
    port_options.scsi_requests = true;
    port_start();
    port_controller.holds_io = true;
    submit_reads(requests, 4);
    struct port_request *pnp = port_make(SRB_FUNCTION_PNP, 0, 0, 0);
    pnp->srb.pnp.PnPAction = StorSurpriseRemoval;
    pnp->srb.pnp.SrbPnPFlags = SRB_PNP_FLAGS_ADAPTER_REQUEST;
    port_controller.must_be_silent = true;
    port_do(pnp);
    assert_int_equal(port_status(pnp), SRB_STATUS_SUCCESS);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(port_status(requests[i]), SRB_STATUS_NO_DEVICE);
}

static void a_plug_and_play_request_before_the_start_is_survived(void **state)
{
    (void)state;
    port_config.SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK;
    port_config.SrbExtensionSize = 4096;
    struct port_request *pnp = port_make(SRB_FUNCTION_PNP, 0, 0, 0);
    port_do(pnp);
    assert_int_equal(port_status(pnp), SRB_STATUS_SUCCESS);
    struct port_request *reset = port_make(SRB_FUNCTION_RESET_LOGICAL_UNIT, 0, 0, 0);
    port_do(reset);
    assert_int_equal(port_status(reset), SRB_STATUS_INVALID_REQUEST);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(each_processor_has_a_queue_and_a_message),
        TEST(fewer_messages_mean_fewer_queues),
        TEST(one_message_serves_everything),
        TEST(the_line_serves_everything),
        TEST(the_controller_may_grant_fewer_queues),
        TEST(without_channels_all_queues_are_used_by_message),
        TEST(settings_bound_depth_and_queues),
        TEST(depth_is_bounded_by_the_controller),
        TEST(doorbells_may_be_far_apart),
        TEST(old_ports_without_dma_memory_work),
        TEST(old_controllers_without_a_namespace_list_work),
        TEST(impossible_controllers_are_refused),
        TEST(a_controller_that_is_never_ready_fails_in_bounded_time),
        TEST(a_controller_that_never_answers_fails_in_bounded_time),
        TEST(a_refused_queue_fails_the_start),
        TEST(every_failed_allocation_is_survived),
        TEST(the_largest_admin_answers_do_not_stop_a_start_without_namespaces),
        TEST(many_requests_wrap_the_rings),
        TEST(a_full_queue_answers_busy_and_keeps_its_length),
        TEST(requests_complete_in_any_order),
        TEST(shadow_doorbells_save_the_registers),
        TEST(the_line_falls_with_shadow_doorbells_too),
        TEST(shadow_doorbells_can_be_switched_off),
        TEST(spurious_interrupts_are_harmless),
        TEST(completions_that_name_no_request_are_ignored),
        TEST(a_bus_reset_returns_everything_at_once),
        TEST(a_bus_reset_with_nothing_outstanding_works_again_and_again),
        TEST(a_reset_of_a_slow_controller_ends_later),
        TEST(a_controller_that_does_not_come_back_fails_requests_quickly),
        TEST(a_unit_reset_aborts_the_requests_of_its_unit),
        TEST(a_unit_reset_without_requests_succeeds_at_once),
        TEST(a_unit_reset_that_does_not_help_fails_for_the_next_means),
        TEST(one_request_can_be_aborted),
        TEST(a_failed_controller_is_reset_by_the_first_unit_reset),
        TEST(a_late_completion_after_a_reset_is_ignored),
        TEST(requests_on_the_admin_queue_are_reset_too),
        TEST(a_flood_of_admin_requests_leaves_room_for_the_driver),
        TEST(a_new_namespace_becomes_a_unit),
        TEST(a_namespace_that_goes_takes_its_unit_and_no_other),
        TEST(a_resized_namespace_reports_unit_attention_once),
        TEST(a_failed_look_at_the_namespaces_takes_none_away),
        TEST(an_event_during_the_start_is_not_lost),
        TEST(health_events_are_logged_and_rearmed),
        TEST(refused_event_requests_are_not_repeated),
        TEST(after_a_stop_the_device_is_left_alone),
        TEST(a_stop_in_the_middle_of_a_reset_ends_it),
        TEST(stop_and_restart_work_in_any_number),
        TEST(a_restart_that_fails_says_so),
        TEST(supported_controls_are_listed_within_bounds),
        TEST(surprise_removal_returns_everything_without_the_device),
        TEST(a_device_that_vanishes_is_noticed_by_the_first_reset),
        TEST(a_device_that_vanishes_is_noticed_by_a_bus_reset),
        TEST(removal_by_plug_and_play_request_works_like_the_control),
        TEST(a_plug_and_play_request_before_the_start_is_survived),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s MODULE\n", argv[0]);
        return 2;
    }
    module_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
