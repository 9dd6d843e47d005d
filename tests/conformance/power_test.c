/*
 * power_test.c - device power states of adapters and units (storport-callbacks section 5, lifecycle
 * section 13): what the driver is told in which order, and what becomes of requests meanwhile.
 */
#include "probe_host.h"

#include "nt/dpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct probe_host host;

enum {
    FUNCTION_EXECUTE_SCSI = 0x00,
    FUNCTION_SHUTDOWN = 0x07,
    FUNCTION_FLUSH = 0x08,
    FUNCTION_POWER = 0x24,
    CONTROL_STOP = 1,
    CONTROL_RESTART = 2,
    CONTROL_BOOT_CONFIG = 3,
    CONTROL_RUNNING_CONFIG = 4,
    CONTROL_POWER = 6,
    UNIT_POWER = 3,
    OP_TEST_UNIT_READY = 0x00,
    OP_START_STOP_UNIT = 0x1B,
    OP_SYNCHRONIZE_CACHE = 0x35,
    FEATURE_STOP_UNIT = 2,
    ADAPTER_FLAG = 0x00010000,
    /* States and actions as the driver gets them. */
    D0 = 1,
    D3 = 4,
    NONE = 0,
    HIBERNATE = 3,
    SHUTDOWN = 4,
    ALL_BUT_POWER = 1 << CONTROL_STOP | 1 << CONTROL_RESTART | 1 << CONTROL_BOOT_CONFIG |
                    1 << CONTROL_RUNNING_CONFIG,
    FIRST_TAG = 100,
    IN_FLIGHT = 6,
};

static struct port_request requests[IN_FLIGHT];

static int power(unsigned state, unsigned action)
{
    return port_adapter_power(host.adapter, state, action, host.reason, sizeof(host.reason));
}

static int sleep_now(void)
{
    return power(3, NONE);
}

static unsigned device_state(void)
{
    unsigned state;

    (void)port_adapter_state(host.adapter, &state);
    return state;
}

static enum port_adapter_state state_now(void)
{
    return port_adapter_state(host.adapter, NULL);
}

static size_t rows(void)
{
    return (size_t)host.shared->Rows;
}

static void open_with(const char *device, unsigned controls, const char *more)
{
    char settings[160];

    snprintf(settings, sizeof(settings), "AdapterControls=%u %s", controls, more);
    probe_open(&host, device, settings);
}

static size_t control(unsigned type, size_t from)
{
    return probe_after(&host, ProbeAdapterControl, type, from);
}

static size_t power_request(unsigned state, unsigned action, unsigned flags, size_t from)
{
    return probe_request_after(&host, FUNCTION_POWER, state | action << 8 | flags, from);
}

static void the_way_down_is_units_flush_adapter_stop(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "CachesData=1");
    size_t before = rows();
    assert_int_equal(power(3, NONE), 0);
    size_t unit = power_request(D3, NONE, 0, before);
    size_t flush = probe_request_after(&host, FUNCTION_FLUSH, -1, before);
    size_t adapter = power_request(D3, NONE, ADAPTER_FLAG, before);
    size_t stopped = control(CONTROL_STOP, before);
    assert_true(unit < flush && flush < adapter && adapter < stopped && stopped != SIZE_MAX);
    /* The boot configuration is for the ends of the system. */
    assert_int_equal(control(CONTROL_BOOT_CONFIG, before), SIZE_MAX);
    assert_int_equal(probe_after(&host, ProbeAdapterControl + ProbeLeave, CONTROL_STOP, before),
                     rows() - 1);
    assert_int_equal(state_now(), PORT_ADAPTER_POWERED_DOWN);
    assert_int_equal(device_state(), 3);
    assert_int_equal(host.adapter->message_count, 0); /* interrupts are disconnected */
    assert_int_equal(power(0, NONE), 0);
    probe_close(&host);
}

static void the_boot_configuration_is_set_after_the_stop_for_hibernation_and_shutdown(void **state)
{
    (void)state;
    for (unsigned action = HIBERNATE; action <= SHUTDOWN; action++) {
        open_with("model:scratch", ALL_BUT_POWER, "");
        size_t before = rows();
        assert_int_equal(power(3, action), 0);
        size_t stopped = control(CONTROL_STOP, before);
        size_t boot = control(CONTROL_BOOT_CONFIG, before);
        assert_true(stopped < boot && boot != SIZE_MAX);
        assert_int_equal(probe_row(&host, boot)->Irql, NT_PASSIVE_LEVEL);
        assert_int_equal(probe_row(&host, stopped)->Irql, NT_DISPATCH_LEVEL);
        assert_true(power_request(D3, action, ADAPTER_FLAG, before) != SIZE_MAX);
        probe_close(&host);
    }
}

static void the_way_up_is_running_configuration_restart_adapter_units(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    assert_int_equal(power(3, NONE), 0);
    size_t before = rows();
    assert_int_equal(power(0, NONE), 0);
    size_t running = control(CONTROL_RUNNING_CONFIG, before);
    size_t restart = control(CONTROL_RESTART, before);
    size_t adapter = power_request(D0, NONE, ADAPTER_FLAG, before);
    size_t unit = power_request(D0, NONE, 0, before);
    assert_true(running < restart && restart < adapter && adapter < unit && unit != SIZE_MAX);
    assert_int_equal(probe_row(&host, running)->Irql, NT_PASSIVE_LEVEL);
    assert_int_equal(probe_row(&host, restart)->Irql, NT_DISPATCH_LEVEL);
    /* Neither found nor initialized again. */
    assert_int_equal(probe_count(&host, ProbeFindAdapter, -1), 1);
    assert_int_equal(probe_count(&host, ProbePassiveInitialize, -1), 1);
    assert_int_equal(state_now(), PORT_ADAPTER_RUNNING);
    assert_int_equal(device_state(), 0);
    /* Its interrupts are connected again. */
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt});
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    probe_close(&host);
}

static void without_a_restart_the_adapter_is_found_again_at_dispatch_level(void **state)
{
    (void)state;
    open_with("model:scratch", 1 << CONTROL_STOP | 1 << CONTROL_RUNNING_CONFIG, "");
    assert_int_equal(power(3, NONE), 0);
    size_t before = rows();
    assert_int_equal(power(0, NONE), 0);
    size_t running = control(CONTROL_RUNNING_CONFIG, before);
    size_t find = probe_after(&host, ProbeFindAdapter, -1, before);
    size_t initialize = probe_after(&host, ProbeInitialize, -1, before);
    size_t adapter = power_request(D0, NONE, ADAPTER_FLAG, before);
    assert_true(running < find && find < initialize && initialize < adapter && adapter != SIZE_MAX);
    assert_int_equal(probe_row(&host, find)->Irql, NT_DISPATCH_LEVEL);
    assert_int_equal(probe_row(&host, initialize)->Irql, NT_DEVICE_LEVEL);
    /* With the old extension: it counts its starts there. */
    assert_int_equal(probe_count(&host, ProbeFindAdapter + ProbeLeave, 2), 1);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt});
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    probe_close(&host);
}

static void power_controls_replace_requests_stop_and_restart(void **state)
{
    const char *const devices[] = {"model:scratch", "none"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        open_with(devices[i], ALL_BUT_POWER | 1 << CONTROL_POWER, "UnitControls=8");
        size_t before = rows();
        assert_int_equal(power(2, SHUTDOWN), 0);
        size_t unit = probe_after(&host, ProbeUnitControl, UNIT_POWER, before);
        size_t adapter = control(CONTROL_POWER, before);
        assert_true(unit < adapter && adapter != SIZE_MAX);
        assert_int_equal(probe_row(&host, unit)->Irql, NT_DISPATCH_LEVEL);
        assert_int_equal(probe_row(&host, adapter)->Irql, NT_DISPATCH_LEVEL);
        size_t left = probe_after(&host, ProbeAdapterControl + ProbeLeave, CONTROL_POWER, before);
        assert_int_equal(probe_row(&host, left)->Result, (D0 + 2) | SHUTDOWN << 8);
        left = probe_after(&host, ProbeUnitControl + ProbeLeave, UNIT_POWER, before);
        assert_int_equal(probe_row(&host, left)->Result, (D0 + 2) | SHUTDOWN << 8);
        assert_int_equal(device_state(), 2);
        size_t up = rows();
        assert_int_equal(power(0, NONE), 0);
        assert_true(control(CONTROL_POWER, up) <
                    probe_after(&host, ProbeUnitControl, UNIT_POWER, up));
        assert_int_equal(probe_request_after(&host, FUNCTION_POWER, -1, before), SIZE_MAX);
        assert_int_equal(control(CONTROL_STOP, before), SIZE_MAX);
        assert_int_equal(control(CONTROL_RESTART, before), SIZE_MAX);
        assert_int_equal(control(CONTROL_RUNNING_CONFIG, before), SIZE_MAX);
        assert_int_equal(probe_count(&host, ProbeAdapterControl, CONTROL_POWER), 2);
        probe_close(&host);
    }
}

static void requests_under_way_finish_before_power_goes_and_later_ones_wait(void **state)
{
    struct probe_event event;

    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        UCHAR place = i < IN_FLIGHT / 2 ? ProbeInNever : ProbeInStartIo;
        if (i == IN_FLIGHT / 2) {
            probe_event_begin(&event, sleep_now);
            probe_await_gate(&host, PORT_GATE_POWERED_DOWN);
        }
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = place, .Tag = (UCHAR)(FIRST_TAG + i)});
        probe_submit(&host, &requests[i]);
    }
    assert_int_equal(probe_request_after(&host, FUNCTION_POWER, -1, 0), SIZE_MAX);
    probe_release_kept(&host);
    assert_int_equal(probe_event_end(&event), 0);
    probe_poll(&host);
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        assert_int_equal(probe_is_done(&requests[i]), i < IN_FLIGHT / 2);
    assert_int_equal(power(0, NONE), 0);
    probe_finish(&host);
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        assert_true(probe_succeeded(&requests[i]));
        assert_int_equal(probe_count(&host, ProbeStartIo, FIRST_TAG + i), 1);
    }
    probe_close(&host);
}

static void a_request_that_must_not_wake_it_fails_as_not_powered(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    assert_int_equal(power(3, NONE), 0);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    requests[0].flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_execute(&host, &requests[0]);
    assert_int_equal(requests[0].status, PORT_NOT_POWERED);
    assert_int_equal(requests[0].srb_status, 0x24);
    assert_int_equal(power(0, NONE), 0);
    requests[0].flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    probe_close(&host);
}

static void one_that_waits_for_something_else_then_fails_too(void **state)
{
    static const uint16_t flags[] = {PORT_FLAG_NO_KEEP_AWAKE, 0,
                                     PORT_FLAG_NO_KEEP_AWAKE | PORT_FLAG_UNTAGGED};
    int owner;

    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner), 0);
    for (unsigned i = 0; i < 3; i++) {
        probe_script(&requests[i], host.unit, (PROBE_SCRIPT){0});
        requests[i].flags |= flags[i];
        probe_submit(&host, &requests[i]);
    }
    assert_int_equal(power(3, NONE), 0);
    probe_poll(&host);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(probe_is_done(&requests[i]), flags[i] != 0);
        assert_int_equal(requests[i].status, flags[i] ? PORT_NOT_POWERED : PORT_OK);
        assert_int_equal(requests[i].srb_status, flags[i] ? 0x24 : 0);
    }
    assert_int_equal(power(0, NONE), 0);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&requests[1]));
    probe_close(&host);
}

static void no_timer_of_the_driver_runs_while_it_is_stopped(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInTimerEx});
    probe_execute(&host, &requests[0]);
    assert_int_equal(power(3, NONE), 0);
    size_t before = rows();
    nt_dpc_flush();
    assert_int_equal(rows(), before);
    assert_int_equal(power(0, NONE), 0);
    probe_close(&host);
}

static void a_restart_that_fails_fails_every_request_as_without_adapter(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    assert_int_equal(power(3, NONE), 0);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    probe_submit(&host, &requests[0]);
    host.shared->ControlFails = 1 << CONTROL_RESTART;
    assert_int_equal(power(0, NONE), -EIO);
    assert_int_equal(state_now(), PORT_ADAPTER_FAILED);
    probe_finish(&host);
    assert_int_equal(requests[0].status, PORT_NO_DEVICE);
    assert_int_equal(requests[0].srb_status, 0x11);
    assert_int_equal(power(3, NONE), -EINVAL);
    /* It can be found and initialized anew. */
    host.shared->ControlFails = 0;
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    probe_close(&host);
}

static void a_refused_power_control_leaves_everything_as_it_was(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER | 1 << CONTROL_POWER, "");
    host.shared->ControlFails = 1 << CONTROL_POWER;
    assert_int_equal(power(3, NONE), -EIO);
    assert_int_equal(state_now(), PORT_ADAPTER_RUNNING);
    assert_int_equal(device_state(), 0);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){0});
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    host.shared->ControlFails = 0;
    probe_close(&host);
}

static void shutdown_says_so_to_units_and_stops_them_where_it_is_wanted(void **state)
{
    (void)state;
    for (unsigned wanted = 0; wanted < 2; wanted++) {
        open_with("model:scratch", ALL_BUT_POWER,
                  wanted ? "CachesData=1 Features=2" : "CachesData=1");
        size_t before = rows();
        assert_int_equal(power(3, SHUTDOWN), 0);
        size_t shutdown = probe_request_after(&host, FUNCTION_SHUTDOWN, -1, before);
        size_t unit = power_request(D3, SHUTDOWN, 0, before);
        assert_true(shutdown < unit && unit != SIZE_MAX);
        size_t stop = before;
        while (stop < rows() && probe_row(&host, stop)->Opcode != OP_START_STOP_UNIT)
            stop++;
        assert_int_equal(stop < rows(), wanted);
        assert_true(!wanted || (shutdown < stop && stop < unit));
        probe_close(&host);
    }
}

static void between_low_states_it_goes_by_way_of_the_high_one(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    assert_int_equal(power(0, NONE), 0); /* it has that already */
    assert_int_equal(probe_request_after(&host, FUNCTION_POWER, -1, 0), SIZE_MAX);
    assert_int_equal(power(1, NONE), 0);
    assert_int_equal(power(3, NONE), 0);
    assert_int_equal(power(3, NONE), 0);
    assert_int_equal(device_state(), 3);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, CONTROL_STOP), 2);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, CONTROL_RESTART), 1);
    assert_int_equal(power(4, NONE), -EINVAL);
    probe_close(&host);
}

static void a_rescan_that_comes_while_it_sleeps_is_made_when_it_is_awake(void **state)
{
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;

    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "Units=4");
    assert_int_equal(power(3, NONE), 0);
    host.shared->PresentUnits = 3;
    size_t before = rows();
    port_adapter_rescan(host.adapter);
    assert_int_equal(rows(), before);
    assert_int_equal(power(0, NONE), 0);
    struct port_unit *unit = NULL;
    while ((unit = port_unit_get(host.adapter, 1)) == NULL) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    port_unit_release(unit);
    probe_close(&host);
}

/* A function forgets its config space in D3 (model/README.md), and drivers of none of the three
 * kinds bring it back: the requests after it are told of by interrupts. */
static void what_the_device_forgets_in_d3_is_brought_back_before_the_driver_is_told(void **state)
{
    enum { COMMAND = 0x04, POWER_CONTROL = 0x54, BARS = 0x10 };
    static const char *const devices[] = {"model:scratch,vectors=4,power=on",
                                          "model:scratch,vectors=0,power=on"};
    static const unsigned controls[] = {ALL_BUT_POWER, 1 << CONTROL_STOP,
                                        ALL_BUT_POWER | 1 << CONTROL_POWER};

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        open_with(devices[i / 3], controls[i % 3], "");
        struct bus_device *device = host.adapter->device;
        uint32_t command = device->ops->config_read(device, COMMAND, 2);
        uint32_t bar = device->ops->config_read(device, BARS, 4);
        for (unsigned turn = 0; turn < 2; turn++) {
            assert_int_equal(sleep_now(), 0);
            assert_int_equal(device->ops->config_read(device, POWER_CONTROL, 2) & 3, 3);
            assert_int_equal(power(0, NONE), 0);
            assert_int_equal(device->ops->config_read(device, POWER_CONTROL, 2) & 3, 0);
            assert_int_equal(device->ops->config_read(device, COMMAND, 2), command);
            assert_int_equal(device->ops->config_read(device, BARS, 4), bar);
            probe_script(&requests[0], host.unit,
                         (PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt, .Tag = FIRST_TAG});
            probe_execute(&host, &requests[0]);
            assert_true(probe_succeeded(&requests[0]));
        }
        probe_close(&host);
    }
}

/* ---- caches of units ---- */

static size_t command(unsigned operation, size_t from)
{
    for (size_t i = from; i < rows(); i++)
        if (probe_row(&host, i)->Callback == ProbeStartIo &&
            probe_row(&host, i)->Function == FUNCTION_EXECUTE_SCSI &&
            probe_row(&host, i)->Opcode == operation)
            return i;
    return SIZE_MAX;
}

static void units_say(unsigned key, unsigned code, unsigned qualifier, unsigned times)
{
    host.shared->Sense = (LONG)(key << 16 | code << 8 | qualifier);
    host.shared->Senses = (LONG)times;
}

static void caches_are_emptied_before_units_are_told_of_their_power(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    size_t before = rows();
    assert_int_equal(sleep_now(), 0);
    assert_true(command(OP_SYNCHRONIZE_CACHE, before) < power_request(D3, NONE, 0, before));
    before = rows();
    assert_int_equal(power(0, NONE), 0);
    size_t heard = command(OP_TEST_UNIT_READY, before);
    assert_true(power_request(D0, NONE, 0, before) < heard && heard != SIZE_MAX);
    before = rows();
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_true(command(OP_SYNCHRONIZE_CACHE, before) < control(CONTROL_STOP, before));
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_not_equal(command(OP_TEST_UNIT_READY, before), SIZE_MAX);
    probe_close(&host);
}

static void a_unit_that_does_not_empty_its_cache_keeps_the_adapter_awake(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    units_say(3, 0x0C, 0, 1);
    assert_int_equal(sleep_now(), -EIO);
    assert_non_null(strstr(host.reason, "does not write its cache"));
    assert_int_equal(state_now(), PORT_ADAPTER_RUNNING);
    units_say(3, 0x0C, 0, 1);
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), -EIO);
    assert_int_equal(state_now(), PORT_ADAPTER_RUNNING);
    probe_script(&requests[0], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInStartIo});
    probe_execute(&host, &requests[0]);
    assert_true(probe_succeeded(&requests[0]));
    units_say(5, 0x20, 0, 1); /* it does not know the command: it has no cache */
    assert_int_equal(sleep_now(), 0);
    assert_int_equal(power(0, NONE), 0);
    probe_close(&host);
}

static void
attentions_on_the_way_down_are_kept_and_those_of_a_reset_on_the_way_up_are_not(void **state)
{
    (void)state;
    open_with("model:scratch", ALL_BUT_POWER, "");
    units_say(6, 0x29, 0x01, 2);
    assert_int_equal(sleep_now(), 0);
    units_say(6, 0x29, 0x00, 2);
    assert_int_equal(power(0, NONE), 0);
    assert_int_equal(host.shared->Senses, 0);
    assert_int_equal(port_unit_take_attentions(host.unit), PORT_ATTENTION_CACHE_LOST);
    units_say(6, 0x29, 0x00, 1);
    assert_int_equal(sleep_now(), 0);
    units_say(6, 0x2A, 0x09, 1);
    assert_int_equal(power(0, NONE), 0);
    assert_int_equal(port_unit_take_attentions(host.unit),
                     PORT_ATTENTION_RESET | PORT_ATTENTION_CHANGED);
    assert_int_equal(port_unit_take_attentions(host.unit), 0);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(the_way_down_is_units_flush_adapter_stop),
        probe_test(caches_are_emptied_before_units_are_told_of_their_power),
        probe_test(a_unit_that_does_not_empty_its_cache_keeps_the_adapter_awake),
        probe_test(attentions_on_the_way_down_are_kept_and_those_of_a_reset_on_the_way_up_are_not),
        probe_test(the_boot_configuration_is_set_after_the_stop_for_hibernation_and_shutdown),
        probe_test(the_way_up_is_running_configuration_restart_adapter_units),
        probe_test(without_a_restart_the_adapter_is_found_again_at_dispatch_level),
        probe_test(power_controls_replace_requests_stop_and_restart),
        probe_test(what_the_device_forgets_in_d3_is_brought_back_before_the_driver_is_told),
        probe_test(requests_under_way_finish_before_power_goes_and_later_ones_wait),
        probe_test(a_request_that_must_not_wake_it_fails_as_not_powered),
        probe_test(one_that_waits_for_something_else_then_fails_too),
        probe_test(no_timer_of_the_driver_runs_while_it_is_stopped),
        probe_test(a_restart_that_fails_fails_every_request_as_without_adapter),
        probe_test(a_refused_power_control_leaves_everything_as_it_was),
        probe_test(shutdown_says_so_to_units_and_stops_them_where_it_is_wanted),
        probe_test(between_low_states_it_goes_by_way_of_the_high_one),
        probe_test(a_rescan_that_comes_while_it_sleeps_is_made_when_it_is_awake),
    };

    return probe_run(argc, argv, tests);
}
