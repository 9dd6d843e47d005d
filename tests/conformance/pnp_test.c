/*
 * pnp_test.c - stop for a rebalance, restart, removal, surprise removal (lifecycle sections 2 and
 * 12): the order of callbacks, requests under way, and states from which an event makes no sense.
 */
#include "probe_host.h"

#include "bus/window.h"
#include "nt/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct probe_host host;

enum {
    FUNCTION_PNP = 0x25,
    FUNCTION_FLUSH = 0x08,
    ADAPTER_FLAG = 0x00010000,
    PNP_START = 0,
    PNP_REMOVE = 2,
    PNP_STOP = 4,
    PNP_SURPRISE = 0x17,
    CONTROL_QUERY = 0,
    CONTROL_STOP = 1,
    CONTROL_SURPRISE = 16,
    UNIT_START = 2,
    UNIT_REMOVE = 9,
    UNIT_SURPRISE = 10,
    OP_INQUIRY = 0x12,
    WAITING = 77,
    IN_FLIGHT = 6,
};

static struct port_request requests[2 * IN_FLIGHT];

static int stop(void)
{
    return port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason));
}

static int restart(void)
{
    return port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason));
}

static int remove_it(void)
{
    return port_adapter_pnp_remove(host.adapter, host.reason, sizeof(host.reason));
}

static int pull(void)
{
    return port_adapter_surprise_remove(host.adapter, host.reason, sizeof(host.reason));
}

static enum port_adapter_state state_now(void)
{
    return port_adapter_state(host.adapter, NULL);
}

static size_t rows(void)
{
    return (size_t)host.shared->Rows;
}

static void submit_kept(unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = (UCHAR)i});
        probe_submit(&host, &requests[i]);
    }
}

/* ---- stop and restart ---- */

static void the_stop_flushes_says_so_and_stops_in_this_order(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "CachesData=1");
    size_t before = rows();
    assert_int_equal(stop(), 0);
    size_t flush = probe_request_after(&host, FUNCTION_FLUSH, -1, before);
    size_t told = probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_STOP, before);
    size_t stopped = probe_after(&host, ProbeAdapterControl, CONTROL_STOP, before);
    assert_true(flush < told && told < stopped && stopped != SIZE_MAX);
    assert_int_equal(probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_REMOVE, before),
                     SIZE_MAX);
    /* Its return is the last that is heard of the driver. */
    assert_int_equal(probe_after(&host, ProbeAdapterControl + ProbeLeave, CONTROL_STOP, before),
                     rows() - 1);
    assert_int_equal(state_now(), PORT_ADAPTER_STOPPED);
    assert_int_equal(restart(), 0);
    probe_close(&host);
}

static void the_restart_is_a_whole_start_with_the_old_extension(void **state)
{
    const char *const devices[] = {"model:scratch", "none"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        probe_open(&host, devices[i], "");
        void *extension = probe_row(&host, 0)->DeviceExtension;
        assert_int_equal(stop(), 0);
        size_t before = rows();
        probe_script(&requests[0], host.unit, (PROBE_SCRIPT){.Tag = WAITING});
        probe_submit(&host, &requests[0]);
        assert_int_equal(restart(), 0);
        probe_finish(&host);
        size_t find = probe_after(&host, ProbeFindAdapter, -1, before);
        size_t initialize = probe_after(&host, ProbeInitialize, -1, before);
        size_t passive = probe_after(&host, ProbePassiveInitialize, -1, before);
        size_t query = probe_after(&host, ProbeAdapterControl, CONTROL_QUERY, before);
        size_t told = probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_START, before);
        size_t unit = probe_request_after(&host, FUNCTION_PNP, PNP_START, before);
        size_t inquiry = before;
        while (probe_row(&host, inquiry)->Opcode != OP_INQUIRY)
            inquiry++;
        size_t waited = probe_after(&host, ProbeStartIo, WAITING, before);
        assert_true(find < initialize && initialize < passive && passive < query && query < told &&
                    told < inquiry && inquiry < unit && unit < waited && waited != SIZE_MAX);
        assert_ptr_equal(probe_row(&host, find)->DeviceExtension, extension);
        /* The driver counts its starts in the extension: it has not been zeroed. */
        assert_int_equal(probe_count(&host, ProbeFindAdapter + ProbeLeave, 2), 1);
        assert_int_equal(state_now(), PORT_ADAPTER_RUNNING);
        assert_true(port_unit_present(host.unit));
        probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
        probe_execute(&host, &requests[0]);
        assert_true(probe_succeeded(&requests[0]));
        probe_close(&host);
    }
}

/* The driver reads the device's identity through the window in each start. */
static void registers_stay_mapped_until_the_removal(void **state)
{
    static const char *const ways[] = {"KeepRegisters=1", "KeepRegisters=0"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        probe_open(&host, "model:scratch", ways[i]);
        void *registers = host.shared->Registers;
        assert_non_null(registers);
        /* More often than there could be windows, had each start its own. */
        for (unsigned start = 0; start < 1100; start++) {
            assert_int_equal(stop(), 0);
            assert_int_equal(restart(), 0);
            assert_ptr_equal(host.shared->Registers, registers);
        }
        assert_int_equal(remove_it(), 0);
        struct bus_window_place place;
        assert_false(bus_window_find(registers, &place));
        probe_close(&host);
    }
}

static void requests_under_way_finish_before_the_stop_and_later_ones_wait(void **state)
{
    struct probe_event event;

    (void)state;
    probe_open(&host, "model:scratch", "");
    submit_kept(0, IN_FLIGHT);
    probe_event_begin(&event, stop);
    probe_await_gate(&host, PORT_GATE_STARTING);
    for (unsigned i = IN_FLIGHT; i < 2 * IN_FLIGHT; i++) {
        probe_script(&requests[i], host.unit, (PROBE_SCRIPT){.Tag = (UCHAR)i});
        probe_submit(&host, &requests[i]);
    }
    assert_int_equal(__atomic_load_n(&event.done, __ATOMIC_ACQUIRE), 0);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, CONTROL_STOP), 0);
    probe_release_kept(&host);
    assert_int_equal(probe_event_end(&event), 0);
    probe_poll(&host);
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        assert_true(probe_is_done(&requests[i]) && probe_succeeded(&requests[i]));
    for (unsigned i = IN_FLIGHT; i < 2 * IN_FLIGHT; i++) {
        assert_false(probe_is_done(&requests[i]));
        assert_int_equal(probe_count(&host, ProbeStartIo, i), 0);
    }
    assert_int_equal(restart(), 0);
    probe_finish(&host);
    for (unsigned i = IN_FLIGHT; i < 2 * IN_FLIGHT; i++) {
        assert_true(probe_succeeded(&requests[i]));
        assert_int_equal(probe_count(&host, ProbeStartIo, i), 1);
    }
    probe_close(&host);
}

static void an_event_that_makes_no_sense_is_refused_with_the_state(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_int_equal(restart(), -EINVAL);
    assert_non_null(strstr(host.reason, "running"));
    assert_int_equal(stop(), 0);
    assert_int_equal(stop(), -EINVAL);
    assert_non_null(strstr(host.reason, "stopped"));
    assert_int_equal(port_adapter_power(host.adapter, 3, 0, host.reason, sizeof(host.reason)),
                     -EINVAL);
    assert_int_equal(remove_it(), 0);
    assert_int_equal(remove_it(), -EINVAL);
    assert_int_equal(pull(), -EINVAL);
    assert_int_equal(stop(), -EINVAL);
    assert_int_equal(restart(), -EINVAL);
    assert_non_null(strstr(host.reason, "removed"));
    probe_close(&host);
}

/* ---- removal ---- */

static void the_removal_tells_units_first_then_the_adapter_then_stops_it(void **state)
{
    struct port_request request;

    (void)state;
    probe_open(&host, "model:scratch", "CachesData=1 UnitControls=1");
    size_t before = rows();
    assert_int_equal(remove_it(), 0);
    size_t flush = probe_request_after(&host, FUNCTION_FLUSH, -1, before);
    size_t unit = probe_after(&host, ProbeUnitControl, UNIT_REMOVE, before);
    size_t told = probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_REMOVE, before);
    size_t stopped = probe_after(&host, ProbeAdapterControl, CONTROL_STOP, before);
    assert_true(flush < unit && unit < told && told < stopped && stopped != SIZE_MAX);
    assert_int_equal(probe_after(&host, ProbeAdapterControl + ProbeLeave, CONTROL_STOP, before),
                     rows() - 1);
    assert_int_equal(state_now(), PORT_ADAPTER_REMOVED);
    assert_false(port_unit_present(host.unit));
    probe_script(&request, host.unit, (PROBE_SCRIPT){0});
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NO_DEVICE);
    probe_close(&host);
}

static void
resources_of_a_virtual_adapter_are_freed_after_its_service_requests_and_the_stop(void **state)
{
    (void)state;
    probe_open(&host, "none", "");
    size_t before = rows();
    assert_int_equal(remove_it(), 0);
    size_t service = probe_after(&host, ProbeCompleteServiceIrp, -1, before);
    size_t stopped = probe_after(&host, ProbeAdapterControl, CONTROL_STOP, before);
    size_t freed = probe_after(&host, ProbeFreeAdapterResources, -1, before);
    assert_true(service < stopped && stopped < freed && freed != SIZE_MAX);
    assert_int_equal(probe_after(&host, ProbeFreeAdapterResources + ProbeLeave, -1, before),
                     rows() - 1);
    probe_close(&host);
}

static void a_stopped_adapter_is_started_to_be_told_of_its_removal(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_int_equal(stop(), 0);
    size_t before = rows();
    assert_int_equal(remove_it(), 0);
    assert_true(probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_REMOVE, before) !=
                SIZE_MAX);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

static void requests_that_wait_at_a_removal_fail_and_those_under_way_finish(void **state)
{
    struct probe_event event;

    (void)state;
    probe_open(&host, "model:scratch", "");
    submit_kept(0, IN_FLIGHT);
    probe_event_begin(&event, remove_it);
    probe_await_gate(&host, PORT_GATE_STARTING);
    for (unsigned i = IN_FLIGHT; i < 2 * IN_FLIGHT; i++) {
        probe_script(&requests[i], host.unit, (PROBE_SCRIPT){.Tag = (UCHAR)i});
        probe_submit(&host, &requests[i]);
    }
    probe_release_kept(&host);
    assert_int_equal(probe_event_end(&event), 0);
    probe_finish(&host);
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        assert_true(probe_succeeded(&requests[i]));
    for (unsigned i = IN_FLIGHT; i < 2 * IN_FLIGHT; i++) {
        assert_int_equal(requests[i].status, PORT_NO_DEVICE);
        assert_int_equal(probe_count(&host, ProbeStartIo, i), 0);
    }
    probe_close(&host);
}

/* ---- surprise removal ---- */

static void a_pulled_device_is_told_and_removed(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "UnitControls=1");
    size_t before = rows();
    submit_kept(0, IN_FLIGHT);
    assert_int_equal(pull(), 0);
    size_t surprise = probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_SURPRISE, before);
    size_t unit_surprise = probe_after(&host, ProbeUnitControl, UNIT_SURPRISE, before);
    size_t unit = probe_after(&host, ProbeUnitControl, UNIT_REMOVE, before);
    size_t told = probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_REMOVE, before);
    size_t stopped = probe_after(&host, ProbeAdapterControl, CONTROL_STOP, before);
    assert_true(surprise < unit && unit_surprise < unit && unit < told && told < stopped &&
                stopped != SIZE_MAX);
    assert_int_equal(state_now(), PORT_ADAPTER_REMOVED);
    probe_finish(&host);
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        assert_int_equal(requests[i].status, PORT_NO_DEVICE);
    assert_int_equal(host.adapter->device->ops->config_read(host.adapter->device, 0, 4),
                     UINT32_MAX);
    probe_close(&host);
}

static void the_control_replaces_the_request_at_a_surprise_removal(void **state)
{
    char settings[64];

    (void)state;
    snprintf(settings, sizeof(settings), "AdapterControls=%u",
             1u << CONTROL_STOP | 1u << CONTROL_SURPRISE);
    probe_open(&host, "model:scratch", settings);
    assert_int_equal(pull(), 0);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, CONTROL_SURPRISE), 1);
    assert_int_equal(probe_find(&host, ProbeAdapterControl, CONTROL_SURPRISE, 0)->Irql,
                     NT_PASSIVE_LEVEL);
    assert_int_equal(probe_request_after(&host, FUNCTION_PNP, ADAPTER_FLAG | PNP_SURPRISE, 0),
                     SIZE_MAX);
    probe_close(&host);
}

static void a_device_that_vanishes_by_itself_is_removed_too(void **state)
{
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;

    (void)state;
    probe_open(&host, "model:scratch", "");
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRemove});
    probe_submit(&host, &requests[0]);
    while (state_now() != PORT_ADAPTER_REMOVED) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    probe_finish(&host);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, CONTROL_STOP), 1);
    probe_close(&host);
}

static void a_stopped_adapter_can_be_pulled(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_int_equal(stop(), 0);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    probe_submit(&host, &requests[0]);
    size_t before = rows();
    assert_int_equal(pull(), 0);
    assert_int_equal(rows(), before); /* nothing is called after ScsiStopAdapter */
    probe_finish(&host);
    assert_int_equal(requests[0].status, PORT_NO_DEVICE);
    probe_close(&host);
}

/* ---- starts that fail ---- */

static void a_restart_that_fails_leaves_a_failed_adapter_that_can_be_started_again(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_int_equal(stop(), 0);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    probe_submit(&host, &requests[0]);
    for (unsigned result = 0; result <= 3; result++) {
        if (result == 1)
            continue; /* FOUND */
        host.shared->FindResult = result + 1;
        assert_int_equal(restart(), -ENODEV);
        assert_int_equal(state_now(), PORT_ADAPTER_FAILED);
    }
    host.shared->FindResult = 0;
    host.shared->InitializeFails = 1;
    assert_int_equal(restart(), -ENODEV);
    probe_finish(&host);
    assert_int_equal(requests[0].status, PORT_NO_DEVICE);
    assert_int_equal(requests[0].srb_status, 0x11); /* NO_HBA */
    host.shared->InitializeFails = 0;
    assert_int_equal(restart(), 0);
    /* Five starts failed or not with the same memory, which nobody has zeroed. */
    assert_int_equal(probe_count(&host, ProbeFindAdapter + ProbeLeave, 6), 1);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    probe_close(&host);
}

/* The next FindAdapter may choose other limits: slots and depths follow, units stay. */
static void limits_may_change_from_one_start_to_the_next(void **state)
{
    struct port_adapter_info info;

    (void)state;
    probe_open(&host, "model:scratch", "MaximumIo=100 UnitIo=50 Depth=50");
    assert_int_equal(stop(), 0);
    assert_int_equal(nt_registry_set_dword("Services\\probe\\Parameters\\Device", "MaximumIo", 3),
                     0);
    assert_int_equal(nt_registry_set_dword("Services\\probe\\Parameters\\Device", "UnitIo", 2), 0);
    assert_int_equal(nt_registry_set_dword("Services\\probe\\Parameters\\Device", "Depth", 2), 0);
    assert_int_equal(restart(), 0);
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.max_io, 3);
    submit_kept(0, IN_FLIGHT);
    /* The second credit may lie with the other processor, which is asked for it. */
    probe_await(&host, ProbeStartIo, 1, 0);
    assert_int_equal(port_unit_outstanding(host.unit), 2);
    while (port_queue_outstanding(host.queue)) {
        probe_release_kept(&host);
        port_wait(host.queue, sys_now_ns() + SYS_NS_PER_S);
    }
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        assert_true(probe_succeeded(&requests[i]));
    probe_close(&host);
}

static void what_waits_and_is_beyond_the_new_limit_fails(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_int_equal(stop(), 0);
    assert_int_equal(
        nt_registry_set_dword("Services\\probe\\Parameters\\Device", "MaximumTransfer", 8192), 0);
    for (unsigned i = 0; i < 2; i++) {
        probe_script(&requests[i], host.unit, (PROBE_SCRIPT){.Tag = (UCHAR)i});
        probe_data(&requests[i], i ? 8192 : 16384);
        probe_submit(&host, &requests[i]);
    }
    assert_int_equal(restart(), 0);
    probe_finish(&host);
    assert_int_equal(requests[0].status, PORT_TOO_LARGE);
    assert_true(probe_succeeded(&requests[1]));
    for (unsigned i = 0; i < 2; i++)
        probe_data_free(&requests[i]);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(the_stop_flushes_says_so_and_stops_in_this_order),
        probe_test(the_restart_is_a_whole_start_with_the_old_extension),
        probe_test(registers_stay_mapped_until_the_removal),
        probe_test(requests_under_way_finish_before_the_stop_and_later_ones_wait),
        probe_test(an_event_that_makes_no_sense_is_refused_with_the_state),
        probe_test(the_removal_tells_units_first_then_the_adapter_then_stops_it),
        probe_test(
            resources_of_a_virtual_adapter_are_freed_after_its_service_requests_and_the_stop),
        probe_test(a_stopped_adapter_is_started_to_be_told_of_its_removal),
        probe_test(requests_that_wait_at_a_removal_fail_and_those_under_way_finish),
        probe_test(a_pulled_device_is_told_and_removed),
        probe_test(the_control_replaces_the_request_at_a_surprise_removal),
        probe_test(a_device_that_vanishes_by_itself_is_removed_too),
        probe_test(a_stopped_adapter_can_be_pulled),
        probe_test(a_restart_that_fails_leaves_a_failed_adapter_that_can_be_started_again),
        probe_test(limits_may_change_from_one_start_to_the_next),
        probe_test(what_waits_and_is_beyond_the_new_limit_fails),
    };

    return probe_run(argc, argv, tests);
}
