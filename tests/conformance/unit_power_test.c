/*
 * unit_power_test.c - the power of one unit while its adapter goes on: by somebody's order, and by
 * the port where EnableIdlePowerManagement asks for it.
 */
#include "runtime_power_host.h"

#include "port/life.h"

#include <errno.h>
#include <string.h>

enum {
    OP_START_STOP_UNIT = 0x1B,
    FUNCTION_FLUSH = 0x08,
    OTHER_TAG = 101,
    SECOND = 1, /* the LUN of the second unit */
};

static int unit_power(unsigned state)
{
    return port_unit_power(host.unit, state, 0, host.reason, sizeof(host.reason));
}

static int down(void)
{
    return unit_power(3);
}

static void open_plain(const char *settings)
{
    probe_open(&host, "model:scratch", settings);
}

/* The row of StartIo with the command, SIZE_MAX: none. */
static size_t command(unsigned operation, size_t from)
{
    for (size_t i = from; i < power_rows(); i++)
        if (probe_row(&host, i)->Callback == ProbeStartIo &&
            probe_row(&host, i)->Function == FUNCTION_EXECUTE_SCSI &&
            probe_row(&host, i)->Opcode == operation)
            return i;
    return SIZE_MAX;
}

/* ---- by order ---- */

static void the_way_down_empties_caches_before_the_driver_is_told(void **state)
{
    (void)state;
    open_plain("CachesData=1");
    size_t before = power_rows();
    assert_int_equal(unit_power(3), 0);
    size_t cache = command(OP_SYNCHRONIZE_CACHE, before);
    size_t flush = probe_request_after(&host, FUNCTION_FLUSH, -1, before);
    size_t told = probe_request_after(&host, FUNCTION_POWER, D3, before);
    assert_true(cache < flush && flush < told && told != SIZE_MAX);
    assert_int_equal(power_device_state(), 0); /* of the adapter */
    before = power_rows();
    assert_int_equal(unit_power(3), 0); /* it is there already */
    assert_int_equal(power_rows(), before);
    assert_int_equal(unit_power(0), 0);
    assert_int_not_equal(probe_request_after(&host, FUNCTION_POWER, D0, before), SIZE_MAX);
    power_run();
    probe_close(&host);
}

static void requests_of_that_unit_wait_and_those_of_others_go_on(void **state)
{
    struct port_request other;

    (void)state;
    probe_prepare(&host);
    host.shared->PresentUnits |= 1u << SECOND;
    assert_int_equal(probe_try(&host, "model:scratch", "Units=2"), 0);
    struct port_unit *second = port_unit_find(host.adapter, 0, 0, SECOND);
    assert_non_null(second);
    assert_int_equal(unit_power(3), 0);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_submit(&host, &request);
    probe_script(&other, second, (PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = OTHER_TAG});
    probe_execute(&host, &other);
    assert_true(probe_succeeded(&other));
    assert_false(probe_is_done(&request));
    assert_int_equal(unit_power(0), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&request));
    probe_close(&host);
}

static void what_is_under_way_finishes_before_its_power_goes(void **state)
{
    struct probe_event event;

    (void)state;
    open_plain("");
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = FIRST_TAG});
    probe_submit(&host, &request);
    probe_event_begin(&event, down);
    while (
        !(__atomic_load_n(&host.unit->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATE_POWERED_DOWN))
        sys_thread_yield();
    assert_int_equal(probe_request_after(&host, FUNCTION_POWER, -1, 0), SIZE_MAX);
    probe_release_kept(&host);
    assert_int_equal(probe_event_end(&event), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&request));
    probe_close(&host);
}

static void a_request_that_must_not_wake_it_fails_whether_it_comes_before_or_after(void **state)
{
    int owner;

    (void)state;
    open_plain("");
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner), 0);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    request.flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_submit(&host, &request);
    assert_int_equal(unit_power(3), 0);
    probe_finish(&host);
    assert_int_equal(request.status, PORT_NOT_POWERED);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), 0);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    request.flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NOT_POWERED);
    probe_close(&host);
}

static void a_unit_that_keeps_its_cache_or_is_in_use_stays_up(void **state)
{
    (void)state;
    open_plain("");
    host.shared->Sense = 0x040000; /* hardware error */
    host.shared->Senses = 1;
    assert_int_equal(unit_power(3), -EIO);
    assert_non_null(strstr(host.reason, "does not write its cache"));
    power_run();
    struct port_notice usage = {.kind = PORT_NOTICE_USAGE, .value = 1, .on = true};
    (void)port_adapter_notify(host.adapter, host.unit, &usage);
    assert_int_equal(unit_power(3), -EIO);
    assert_non_null(strstr(host.reason, "in use by the system"));
    power_run();
    assert_int_equal(unit_power(4), -EINVAL);
    probe_close(&host);
}

static void it_sleeps_on_while_its_adapter_sleeps_and_wakes(void **state)
{
    (void)state;
    open_plain("AdapterControls=6");
    assert_int_equal(unit_power(3), 0);
    size_t before = power_rows();
    assert_int_equal(port_adapter_power(host.adapter, 3, 0, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(port_adapter_power(host.adapter, 0, 0, host.reason, sizeof(host.reason)), 0);
    /* Only the adapter hears of it, and nobody asks the unit for anything. */
    assert_int_equal(probe_request_after(&host, FUNCTION_POWER, D3, before), SIZE_MAX);
    assert_int_equal(probe_request_after(&host, FUNCTION_POWER, D0, before), SIZE_MAX);
    assert_int_equal(command(OP_SYNCHRONIZE_CACHE, before), SIZE_MAX);
    before = power_rows();
    port_adapter_rescan(host.adapter);
    assert_true(port_unit_present(host.unit));
    assert_int_equal(unit_power(0), 0);
    power_run();
    probe_close(&host);
}

static void a_restart_finds_it_awake(void **state)
{
    (void)state;
    open_plain("AdapterControls=6");
    assert_int_equal(unit_power(3), 0);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_submit(&host, &request);
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(unit_power(0), -EINVAL);
    assert_non_null(strstr(host.reason, "stopped"));
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&request));
    probe_close(&host);
}

static void one_with_a_component_is_left_alone_until_it_is_ordered_up(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(unit_power(3), 0);
    size_t before = power_rows();
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_device_state(), 3); /* the adapter does not wait for it */
    assert_int_equal(power_unit(UNIT_REQUIRED, 0, before), SIZE_MAX);
    assert_int_equal(unit_power(0), 0);
    power_run();
    port_runtime_idle_now(host.adapter);
    assert_int_not_equal(power_unit(UNIT_REQUIRED, 0, before), SIZE_MAX);
    power_run();
    probe_close(&host);
}

/* ---- by the port: EnableIdlePowerManagement ---- */

#define IDLE_MANAGED "StorPort\\EnableIdlePowerManagement=1 "

static void an_idle_disk_is_stopped_and_the_next_request_starts_it(void **state)
{
    (void)state;
    open_plain(IDLE_MANAGED);
    size_t before = power_rows();
    port_runtime_idle_now(host.adapter);
    size_t cache = command(OP_SYNCHRONIZE_CACHE, before);
    size_t stop = command(OP_START_STOP_UNIT, before);
    size_t told = probe_request_after(&host, FUNCTION_POWER, D3, before);
    assert_true(cache < stop && stop < told && told != SIZE_MAX);
    assert_int_equal(probe_row(&host, stop)->Cdb[4], 0);
    assert_true(probe_row(&host, stop)->SrbFlags & SRB_D3_PROCESSING);
    before = power_rows();
    power_run();
    size_t up = probe_request_after(&host, FUNCTION_POWER, D0, before);
    size_t start = command(OP_START_STOP_UNIT, before);
    assert_true(up < start && start < power_started(before));
    assert_int_equal(probe_row(&host, start)->Cdb[4], 1);
    assert_int_equal(probe_row(&host, start)->TimeOutValue, 240);
    assert_int_not_equal(power_started(before), SIZE_MAX);
    probe_close(&host);
}

static uint32_t timeout_ms(void)
{
    struct port_component_info info;

    port_component_describe(host.adapter, host.unit, &info);
    assert_true(info.registered && info.by_port);
    return info.idle_timeout_ms;
}

static void its_time_is_that_of_the_power_policy_unless_its_key_says_another(void **state)
{
    uint32_t seconds = 90;
    struct port_notice notice = {
        .kind = PORT_NOTICE_POWER_SETTING,
        .guid = {0xC4, 0xE2, 0x38, 0x67, 0xA5, 0xE8, 0x42, 0x4A, 0xB1, 0x6A, 0xE0, 0x40, 0xE7, 0x69,
                 0x75, 0x6E},
        .data = &seconds,
        .length = sizeof(seconds),
    };

    (void)state;
    open_plain(IDLE_MANAGED);
    assert_int_equal(timeout_ms(), 20 * 60 * 1000);
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &notice), 0);
    assert_int_equal(timeout_ms(), 90 * 1000);
    seconds = 0; /* never */
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &notice), 0);
    assert_int_equal(timeout_ms(), UINT32_MAX);
    probe_close(&host);
    open_plain(IDLE_MANAGED "StorPort\\MinimumIdleTimeoutInMS=77");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &notice), 0);
    assert_int_equal(timeout_ms(), 77);
    probe_close(&host);
}

static void nobody_else_manages_a_disk_whose_driver_does_or_that_is_not_to_be_managed(void **state)
{
    struct port_component_info info;

    (void)state;
    power_open_with(AWAKE_FOR_LONG, IDLE_MANAGED);
    port_component_describe(host.adapter, host.unit, &info);
    assert_true(info.registered && !info.by_port);
    probe_close(&host);
    open_plain(IDLE_MANAGED "StorPort\\DisableIdlePowerManagement=1");
    port_component_describe(host.adapter, host.unit, &info);
    assert_false(info.registered);
    probe_close(&host);
    open_plain("");
    port_component_describe(host.adapter, host.unit, &info);
    assert_false(info.registered);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(the_way_down_empties_caches_before_the_driver_is_told),
        probe_test(requests_of_that_unit_wait_and_those_of_others_go_on),
        probe_test(what_is_under_way_finishes_before_its_power_goes),
        probe_test(a_request_that_must_not_wake_it_fails_whether_it_comes_before_or_after),
        probe_test(a_unit_that_keeps_its_cache_or_is_in_use_stays_up),
        probe_test(it_sleeps_on_while_its_adapter_sleeps_and_wakes),
        probe_test(a_restart_finds_it_awake),
        probe_test(one_with_a_component_is_left_alone_until_it_is_ordered_up),
        probe_test(an_idle_disk_is_stopped_and_the_next_request_starts_it),
        probe_test(its_time_is_that_of_the_power_policy_unless_its_key_says_another),
        probe_test(nobody_else_manages_a_disk_whose_driver_does_or_that_is_not_to_be_managed),
    };

    return probe_run(argc, argv, tests);
}
