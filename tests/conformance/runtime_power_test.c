/*
 * runtime_power_test.c - runtime power management (port/component.h): when components go idle
 * and sink, what the driver is told of it in which order, and what it registers and asks for.
 */
#include "runtime_power_host.h"

#include <errno.h>
#include <stdio.h>

/* ---- idle and active ---- */

static void both_are_registered_and_start_active(void **state)
{
    (void)state;
    for (unsigned version = 1; version <= 3; version++) {
        char settings[64];
        snprintf(settings, sizeof(settings), "PowerVersion=%u PowerStates=8 UnitPowerStates=2",
                 version);
        power_open_with(AWAKE_FOR_LONG, settings);
        assert_int_equal(host.shared->PowerStatus[0], STATUS_OK);
        assert_int_equal(host.shared->PowerStatus[1], STATUS_OK);
        assert_int_equal(host.adapter->component.is.fstate_count, 8);
        assert_int_equal(host.unit->component.is.fstate_count, 2);
        size_t info = power_unit(UNIT_INFO, 1, 0);
        assert_int_not_equal(info, SIZE_MAX);
        assert_int_equal(probe_row(&host, info)->Irql, NT_PASSIVE_LEVEL);
        probe_close(&host);
    }
}

static void a_unit_goes_idle_before_its_adapter_and_is_active_before_a_request(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    size_t idle = power_await_unit(UNIT_ACTIVE, 0, 0);
    assert_int_equal(probe_row(&host, idle)->Irql, NT_DISPATCH_LEVEL);
    port_runtime_idle_now(host.adapter); /* the adapter too: it hears nothing of that */
    size_t before = power_rows();
    power_run();
    size_t above = power_adapter(ACTIVE, 1, before), active = power_unit(UNIT_ACTIVE, 1, before);
    assert_true(above < active && active < power_started(before) &&
                power_started(before) != SIZE_MAX);
    assert_int_equal(probe_row(&host, above)->Irql, NT_DISPATCH_LEVEL);
    assert_int_equal(probe_row(&host, active)->Irql, NT_DISPATCH_LEVEL);
    assert_int_equal(power_adapter(ACTIVE, 0, 0), SIZE_MAX);
    probe_close(&host);
}

static void requests_under_way_keep_their_unit_active(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    power_await_unit(UNIT_ACTIVE, 0, 0);
    size_t before = power_rows();
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = FIRST_TAG});
    probe_submit(&host, &request);
    power_await_unit(UNIT_ACTIVE, 1, before);
    (void)probe_await(&host, ProbeStartIo, FIRST_TAG, 0);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_unit(UNIT_ACTIVE, 0, before), SIZE_MAX);
    probe_release_kept(&host);
    probe_finish(&host);
    power_await_unit(UNIT_ACTIVE, 0, before);
    probe_close(&host);
}

static void a_driver_that_registers_nothing_is_told_nothing(void **state)
{
    (void)state;
    power_open_with(0, "Power=0");
    port_runtime_idle_now(host.adapter);
    power_run();
    assert_int_equal(power_device_state(), 0);
    for (unsigned type = REQUIRED; type <= FSTATE; type++)
        assert_int_equal(probe_after(&host, ProbeAdapterControl, type, 0), SIZE_MAX);
    for (unsigned type = UNIT_REQUIRED; type <= UNIT_FSTATE; type++)
        assert_int_equal(probe_after(&host, ProbeUnitControl, type, 0), SIZE_MAX);
    probe_close(&host);
}

/* ---- references of the driver ---- */

static void a_reference_of_the_driver_keeps_a_component_active_until_it_is_dropped(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(power_act(ProbePowerActivateUnit), STATUS_OK);
    size_t before = power_rows();
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_unit(UNIT_ACTIVE, 0, before), SIZE_MAX);
    /* The request that drops it is one itself. */
    assert_int_equal(power_act(ProbePowerIdleUnit), STOR_STATUS_BUSY);
    power_await_unit(UNIT_ACTIVE, 0, before);
    assert_int_equal(power_act(ProbePowerIdleUnit), STOR_STATUS_INVALID_DEVICE_REQUEST);
    assert_true(probe_printed("POWER-01"));
    assert_int_equal(power_act(ProbePowerActivateAdapter), STATUS_OK);
    assert_int_equal(power_act(ProbePowerIdleAdapter), STOR_STATUS_BUSY);
    probe_close(&host);
}

/* From outside of requests: the component is idle. */
static void activating_what_is_idle_is_busy_and_the_driver_is_told_when_it_is_active(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    port_runtime_idle_now(host.adapter);
    size_t before = power_rows();
    assert_false(port_component_activate(host.adapter, &host.unit->component));
    power_await_unit(UNIT_ACTIVE, 1, before);
    assert_true(port_component_activate(host.adapter, &host.unit->component));
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_STILL_ACTIVE);
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_IDLED);
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_NOT_REFERENCED);
    power_await_unit(UNIT_ACTIVE, 0, before);
    probe_close(&host);
}

static void references_for_requests_are_paired_with_them(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(power_act(ProbePowerActivateForNobody), STOR_STATUS_INVALID_PARAMETER);
    assert_true(probe_printed("POWER-02"));
    assert_int_equal(power_act(ProbePowerIdleForRequest), STOR_STATUS_INVALID_DEVICE_REQUEST);
    assert_false(host.unit->component.references);
    assert_int_equal(power_act(ProbePowerActivateForRequest), STATUS_OK);
    assert_int_equal(host.unit->component.references, 1);
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_IDLED);
    probe_close(&host);
}

static void a_reference_that_is_kept_to_the_end_is_told(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(power_act(ProbePowerActivateUnit), STATUS_OK);
    probe_stop(&host);
    assert_true(probe_printed("kept 1 activations"));
    probe_unload(&host);
}

/* ---- F-states ---- */

/* From one to another the adapter's component goes by way of F0. */
static bool f_states_alternate_with_f0(void)
{
    const PROBE_ROW *row;
    unsigned now = 0;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++) {
        if (row->Callback != ProbeAdapterControl + ProbeLeave || row->Detail != FSTATE)
            continue;
        if ((now == 0) == (row->Result == 0))
            return false;
        now = row->Result;
    }
    return true;
}

static void a_component_sinks_by_the_time_that_it_is_idle_and_by_way_of_f0(void **state)
{
    (void)state;
    /* F1 is worth 2 ms of idleness, F2 4 ms. */
    power_open_with(AWAKE_FOR_LONG,
                    "PowerStates=3 UnitPowerStates=2 PowerResidency=20000 PowerLatency=1");
    size_t second = power_await_adapter(FSTATE, 2, 0);
    assert_int_equal(probe_row(&host, second)->Irql, NT_DISPATCH_LEVEL);
    /* The unit's way goes through its adapter, which sinks again afterwards. */
    power_await_adapter(FSTATE, 2, power_await_unit(UNIT_FSTATE, 1, 0));
    size_t before = power_rows();
    power_run();
    assert_true(power_adapter(FSTATE, 0, before) < power_adapter(ACTIVE, 1, before));
    assert_true(power_adapter(ACTIVE, 1, before) < power_unit(UNIT_FSTATE, 0, before));
    assert_true(power_unit(UNIT_FSTATE, 0, before) < power_unit(UNIT_ACTIVE, 1, before));
    assert_true(power_unit(UNIT_ACTIVE, 1, before) < power_started(before));
    assert_true(f_states_alternate_with_f0());
    probe_close(&host);
}

static void no_f_state_is_deeper_than_the_latency_that_is_tolerated(void **state)
{
    (void)state;
    probe_prepare(&host);
    host.shared->PowerLatencyLimit = 25; /* the way back from F2, and not from F3, is as fast */
    char settings[200];
    snprintf(settings, sizeof(settings),
             "AdapterControls=%u UnitControls=%u Power=1 PowerFlags=%u PowerTimeout=%u "
             "PowerStates=4 PowerLatency=10 PowerResidency=1",
             ALL_CONTROLS, UNIT_CONTROLS, FLAG_IDLE_TIMEOUT | FLAG_NO_DEBOUNCE, AWAKE_FOR_LONG);
    assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
    power_await_adapter(FSTATE, 2, 0);
    __atomic_store_n(&host.adapter->component.latency_limit_100ns, 10, __ATOMIC_RELAXED);
    port_runtime_wake(host.adapter);
    power_await_adapter(FSTATE, 1, 0); /* what is too deep now is left by way of F0 */
    assert_int_equal(power_adapter(FSTATE, 3, 0), SIZE_MAX);
    assert_true(f_states_alternate_with_f0());
    probe_close(&host);
}

static void a_hint_of_how_long_it_will_be_idle_is_believed(void **state)
{
    (void)state;
    probe_prepare(&host);
    host.shared->PowerResidencyHint = 25000000; /* F2 is worth it at once, F3 never */
    char settings[200];
    snprintf(settings, sizeof(settings),
             "AdapterControls=%u UnitControls=%u Power=1 PowerFlags=%u PowerTimeout=%u "
             "PowerStates=4 PowerResidency=10000000",
             ALL_CONTROLS, UNIT_CONTROLS, FLAG_IDLE_TIMEOUT | FLAG_NO_DEBOUNCE, AWAKE_FOR_LONG);
    assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
    power_await_adapter(FSTATE, 2, 0);
    /* Without a hint it would have been there for a second. */
    assert_int_equal(power_adapter(FSTATE, 1, 0), SIZE_MAX);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_adapter(FSTATE, 3, 0), SIZE_MAX);
    probe_close(&host);
}

static void f_states_without_the_control_that_sets_them_are_not_used(void **state)
{
    (void)state;
    power_open_as("model:scratch", ALL_CONTROLS & ~(1u << FSTATE), 0, AWAKE_FOR_LONG,
                  "PowerStates=2");
    assert_true(probe_printed("POWER-05"));
    assert_int_equal(host.adapter->component.is.fstate_count, 1);
    port_runtime_idle_now(host.adapter);
    power_run();
    probe_close(&host);
}

/* ---- registration that is refused ---- */

static void malformed_descriptions_are_refused_and_told(void **state)
{
    (void)state;
    enum { MEMBERS = 13 };
    for (unsigned member = 1; member <= MEMBERS; member++) {
        char settings[160];
        probe_prepare(&host);
        host.shared->PowerMalformed = member;
        snprintf(settings, sizeof(settings), "AdapterControls=%u UnitControls=%u Power=1",
                 ALL_CONTROLS, UNIT_CONTROLS);
        assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
        assert_int_equal(host.shared->PowerStatus[0], STOR_STATUS_INVALID_PARAMETER);
        assert_false(port_component_is_registered(&host.adapter->component));
        power_run();
        probe_close(&host);
    }
    assert_true(probe_printed("POWER-05"));
}

static void the_registry_turns_it_off_for_an_adapter_alone(void **state)
{
    (void)state;
    power_open_with(1, "StorPort\\DisableRuntimePowerManagement=1 PowerPerfStates=2");
    assert_int_equal(host.shared->PowerStatus[0], STOR_STATUS_UNSUCCESSFUL);
    assert_int_equal(host.shared->PowerStatus[1], STATUS_OK);
    power_await_unit(UNIT_REQUIRED, 0, 0);
    assert_int_equal(power_device_state(), 0);
    power_run();
    assert_int_equal(power_act(ProbePowerActivateAdapter), STOR_STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(power_act(ProbePowerPerfState), STATUS_OK); /* there is nothing to do */
    probe_close(&host);
}

static void the_registry_turns_it_off_for_units_alone(void **state)
{
    (void)state;
    power_open_with(1, "StorPort\\DisableIdlePowerManagement=1");
    assert_int_equal(host.shared->PowerStatus[1], STOR_STATUS_UNSUCCESSFUL);
    assert_int_not_equal(power_unit(UNIT_INFO, 0, 0), SIZE_MAX);
    assert_int_equal(power_act(ProbePowerActivateUnit), STOR_STATUS_INVALID_DEVICE_REQUEST);
    probe_close(&host);
}

static void the_registry_has_the_last_word_on_time_outs(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG,
                    "StorPort\\IdleTimeoutInMS=1 StorPort\\MinimumIdleTimeoutInMS=2");
    assert_int_equal(host.adapter->component.idle_timeout_ms, 1);
    assert_int_equal(host.unit->component.idle_timeout_ms, 2);
    power_await_device_state(3);
    probe_close(&host);
}

static void without_any_word_an_adapter_sleeps_after_a_minute_and_a_unit_after_five(void **state)
{
    char settings[160];
    (void)state;
    snprintf(settings, sizeof(settings), "AdapterControls=%u UnitControls=%u Power=3", ALL_CONTROLS,
             UNIT_CONTROLS);
    probe_open(&host, "model:scratch", settings);
    assert_int_equal(host.adapter->component.idle_timeout_ms, 60000);
    assert_int_equal(host.unit->component.idle_timeout_ms, 300000);
    probe_close(&host);
}

/* ---- performance states, private requests ---- */

static void a_performance_state_is_answered_by_a_control_later(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "PowerPerfStates=3");
    assert_int_equal(host.shared->PerfStatus, STATUS_OK);
    size_t before = power_rows();
    assert_int_equal(power_act(ProbePowerPerfState), STATUS_OK);
    size_t answer = power_await_adapter(PERF, 1 | 0x55 << 8, before);
    assert_true(probe_row(&host, answer)->Irql <= NT_DISPATCH_LEVEL);
    assert_int_equal(host.adapter->runtime.perf_sets[0].current, 1);
    probe_close(&host);
    power_open_with(AWAKE_FOR_LONG, "PowerPerfStates=0");
    assert_int_equal(power_act(ProbePowerPerfState), STOR_STATUS_INVALID_PARAMETER); /* of no set */
    probe_close(&host);
}

static void the_most_that_it_may_draw_is_for_drivers_with_several_states(void **state)
{
    (void)state;
    struct port_notice limit = {.kind = PORT_NOTICE_POWER_LIMIT, .limit = 4500};
    power_open_with(AWAKE_FOR_LONG, "PowerPerfStates=3");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &limit), 0);
    size_t told = power_adapter(LIMIT, 4500, 0);
    assert_int_not_equal(told, SIZE_MAX);
    assert_int_equal(probe_row(&host, told)->Irql, NT_PASSIVE_LEVEL);
    probe_close(&host);
    power_open_with(AWAKE_FOR_LONG, "PowerPerfStates=1");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &limit), -EOPNOTSUPP);
    probe_close(&host);
}

static void private_requests_go_from_the_platform_to_the_driver(void **state)
{
    (void)state;
    uint8_t input[4] = {1, 2, 3, 4}, output[8] = {0};
    struct port_notice control = {
        .kind = PORT_NOTICE_POWER_CONTROL,
        .guid = {0x78, 0x56, 0x34, 0x12},
        .data = input,
        .length = sizeof(input),
        .output = output,
        .output_length = sizeof(output),
    };
    power_asleep("");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &control), 0);
    assert_int_equal(control.output_length, 4);
    assert_int_equal(output[0], 0xFE);
    assert_int_not_equal(power_adapter(CONTROL, 0x12345678, 0), SIZE_MAX);
    control.output_length = 2;
    assert_int_equal(port_adapter_notify(host.adapter, host.unit, &control), 0);
    assert_int_equal(control.output_length, 2);
    size_t told = power_unit(UNIT_CONTROL, 0x12345678, 0);
    assert_int_not_equal(told, SIZE_MAX);
    assert_int_equal(probe_row(&host, told)->Irql, NT_DISPATCH_LEVEL);
    /* And nobody answers what the driver asks. */
    assert_int_equal(power_act(ProbePowerControl), STOR_STATUS_UNSUCCESSFUL);
    probe_close(&host);
    power_open_with(AWAKE_FOR_LONG, "Power=0");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &control), -EOPNOTSUPP);
    assert_int_equal(power_act(ProbePowerControl), STOR_STATUS_INVALID_DEVICE_REQUEST);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(both_are_registered_and_start_active, "StorPortInitializePoFxPower"),
        probe_test(a_unit_goes_idle_before_its_adapter_and_is_active_before_a_request),
        probe_test(requests_under_way_keep_their_unit_active),
        probe_test(a_driver_that_registers_nothing_is_told_nothing),
        probe_proves(a_reference_of_the_driver_keeps_a_component_active_until_it_is_dropped,
                     "StorPortPoFxActivateComponent", "StorPortPoFxIdleComponent"),
        probe_test(activating_what_is_idle_is_busy_and_the_driver_is_told_when_it_is_active),
        probe_test(references_for_requests_are_paired_with_them),
        probe_test(a_reference_that_is_kept_to_the_end_is_told),
        probe_test(a_component_sinks_by_the_time_that_it_is_idle_and_by_way_of_f0),
        probe_proves(no_f_state_is_deeper_than_the_latency_that_is_tolerated,
                     "StorPortPoFxSetComponentLatency"),
        probe_proves(a_hint_of_how_long_it_will_be_idle_is_believed,
                     "StorPortPoFxSetComponentResidency"),
        probe_test(f_states_without_the_control_that_sets_them_are_not_used),
        probe_test(malformed_descriptions_are_refused_and_told),
        probe_test(the_registry_turns_it_off_for_an_adapter_alone),
        probe_test(the_registry_turns_it_off_for_units_alone),
        probe_test(the_registry_has_the_last_word_on_time_outs),
        probe_test(without_any_word_an_adapter_sleeps_after_a_minute_and_a_unit_after_five),
        probe_proves(a_performance_state_is_answered_by_a_control_later, "StorPortPoFxSetPerfState",
                     "StorPortPoFxRegisterPerfStates"),
        probe_test(the_most_that_it_may_draw_is_for_drivers_with_several_states),
        probe_proves(private_requests_go_from_the_platform_to_the_driver,
                     "StorPortPoFxPowerControl"),
    };

    return probe_run(argc, argv, tests);
}
