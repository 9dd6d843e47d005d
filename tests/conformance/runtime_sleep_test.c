/*
 * runtime_sleep_test.c - adapters and units that nobody needs sleep (D3), and nobody who sends a
 * request notices; what else happens to an adapter wakes it first.
 */
#include "runtime_power_host.h"

#include <limits.h>
#include <stdio.h>

/* ---- D3 ---- */

static size_t command(unsigned operation, size_t from)
{
    for (size_t i = from; i < power_rows(); i++)
        if (probe_row(&host, i)->Callback == ProbeStartIo &&
            probe_row(&host, i)->Function == FUNCTION_EXECUTE_SCSI &&
            probe_row(&host, i)->Opcode == operation)
            return i;
    return SIZE_MAX;
}

static void what_nobody_needs_sleeps_and_a_request_wakes_it(void **state)
{
    (void)state;
    power_open_with(1, "");
    power_await_device_state(3);
    size_t cache = command(OP_SYNCHRONIZE_CACHE, 0);
    size_t needless = power_unit(UNIT_REQUIRED, 0, 0), sleeps = power_unit(UNIT_POWER, D3, 0);
    size_t above = power_adapter(REQUIRED, 0, 0), above_sleeps = power_adapter(POWER, D3, 0);
    assert_true(needless < cache && cache < sleeps && sleeps < above && above < above_sleeps &&
                above_sleeps != SIZE_MAX);
    assert_true(probe_row(&host, cache)->SrbFlags & SRB_D3_PROCESSING);
    size_t before = power_rows();
    power_run();
    size_t steps[] = {power_adapter(REQUIRED, 1, before),
                      power_adapter(POWER, D0, before),
                      power_adapter(ACTIVE, 1, before),
                      power_unit(UNIT_REQUIRED, 1, before),
                      power_unit(UNIT_POWER, D0, before),
                      power_unit(UNIT_ACTIVE, 1, before),
                      power_started(before)};
    for (unsigned i = 0; i + 1 < sizeof(steps) / sizeof(steps[0]); i++)
        assert_true(steps[i] < steps[i + 1]);
    assert_int_not_equal(power_started(before), SIZE_MAX);
    power_await_device_state(3); /* and again */
    power_run();
    probe_close(&host);
}

static void one_without_a_power_control_is_stopped_and_restarted(void **state)
{
    (void)state;
    power_open_as("model:scratch", NO_POWER_CONTROL, 0, 1, "");
    power_await_device_state(3);
    assert_int_not_equal(probe_after(&host, ProbeAdapterControl, STOP, 0), SIZE_MAX);
    size_t before = power_rows();
    power_run();
    size_t restart = probe_after(&host, ProbeAdapterControl, RESTART, before);
    assert_true(power_adapter(REQUIRED, 1, before) < restart);
    assert_true(restart < power_adapter(ACTIVE, 1, before));
    probe_close(&host);
}

static void one_that_cannot_restart_registers_again(void **state)
{
    (void)state;
    power_open_as("model:scratch", NO_POWER_CONTROL & ~(1u << RESTART), 0, 1, "");
    power_await_device_state(3);
    size_t before = power_rows();
    power_run();
    assert_true(probe_after(&host, ProbeFindAdapter, -1, before) < power_started(before));
    assert_int_equal(host.shared->PowerStatus[0], STATUS_OK);
    power_await_device_state(3);
    power_run();
    probe_close(&host);
}

static void a_virtual_adapter_sleeps_and_wakes_as_well(void **state)
{
    (void)state;
    power_open_as("none", ALL_CONTROLS, 0, 1, "UnitPowerStates=2 PowerStates=2");
    for (unsigned i = 0; i < 3; i++) {
        power_await_device_state(3);
        power_run();
    }
    probe_close(&host);
}

static void
a_request_that_must_not_wake_it_fails_when_it_sleeps_and_not_when_it_is_idle(void **state)
{
    (void)state;
    power_open_with(1, "");
    power_await_device_state(3);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    request.flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NOT_POWERED);
    assert_int_equal(power_device_state(), 3);
    probe_close(&host);
    power_open_with(AWAKE_FOR_LONG, "");
    power_await_unit(UNIT_ACTIVE, 0, 0);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    request.flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    probe_close(&host);
}

static void an_adapter_waits_for_the_units_that_need_its_power(void **state)
{
    (void)state;
    /* Units sleep after minutes, but in F1 they need nothing of their adapter. */
    char settings[160];
    snprintf(settings, sizeof(settings),
             "StorPort\\MinimumIdleTimeoutInMS=%u UnitPowerStates=2 PowerDeepest=%u",
             AWAKE_FOR_LONG, 0);
    power_open_with(1, settings);
    power_await_device_state(3);
    assert_true(power_unit(UNIT_FSTATE, 1, 0) < power_adapter(REQUIRED, 0, 0));
    power_run();
    probe_close(&host);
    /* Without that word they need it in each F-state. */
    snprintf(settings, sizeof(settings),
             "StorPort\\MinimumIdleTimeoutInMS=%u UnitPowerStates=2 PowerDeepest=%u",
             AWAKE_FOR_LONG, UINT_MAX);
    power_open_with(1, settings);
    power_await_unit(UNIT_FSTATE, 1, 0);
    assert_int_equal(power_adapter(REQUIRED, 0, 0), SIZE_MAX);
    assert_int_equal(power_device_state(), 0);
    probe_close(&host);
}

static void units_without_components_sleep_with_their_adapter(void **state)
{
    (void)state;
    power_open_as("model:scratch", ALL_CONTROLS, FLAG_NO_UNITS, 1, "");
    assert_int_not_equal(power_unit(UNIT_INFO, 0, 0), SIZE_MAX);
    assert_int_equal(host.shared->PowerStatus[1], STOR_STATUS_UNSUCCESSFUL);
    power_await_device_state(3);
    assert_true(command(OP_SYNCHRONIZE_CACHE, 0) < power_unit(UNIT_POWER, D3, 0));
    assert_true(power_unit(UNIT_POWER, D3, 0) < power_adapter(POWER, D3, 0));
    power_run();
    probe_close(&host);
}

static void one_that_registers_without_d3_is_told_only_that_its_power_may_go(void **state)
{
    (void)state;
    power_open_as("model:scratch", ALL_CONTROLS, FLAG_NO_D3, 1, "");
    power_await_adapter(REQUIRED, 0, 0);
    assert_int_equal(power_device_state(), 0);
    assert_int_equal(power_adapter(POWER, D3, 0), SIZE_MAX);
    assert_int_equal(power_unit(UNIT_POWER, D3, 0), SIZE_MAX);
    size_t before = power_rows();
    power_run();
    assert_true(power_adapter(REQUIRED, 1, before) < power_adapter(ACTIVE, 1, before));
    assert_true(power_unit(UNIT_REQUIRED, 1, before) < power_unit(UNIT_ACTIVE, 1, before));
    probe_close(&host);
}

static void a_refused_d3_leaves_it_awake_and_is_tried_again(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    host.shared->ControlFails = 1 << POWER;
    size_t before = power_rows();
    port_runtime_idle_now(host.adapter);
    assert_int_not_equal(power_adapter(POWER, D3, before), SIZE_MAX);
    assert_int_not_equal(power_adapter(REQUIRED, 1, before), SIZE_MAX);
    assert_int_equal(power_device_state(), 0);
    power_run();
    host.shared->ControlFails = 0;
    probe_close(&host);
}

static void a_unit_that_keeps_its_cache_stays_awake(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    host.shared->Sense = 3 << 16 | 0x0C << 8;
    host.shared->Senses = 1;
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_unit(UNIT_POWER, D3, 0), SIZE_MAX);
    assert_int_equal(power_device_state(), 0);
    power_run();
    probe_close(&host);
}

static void what_a_unit_tells_of_resets_after_its_sleep_is_no_loss(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_device_state(), 3);
    host.shared->Sense = 6 << 16 | 0x29 << 8;
    host.shared->Senses = 1;
    power_run();
    assert_int_equal(host.shared->Senses, 0);
    assert_int_equal(port_unit_take_attentions(host.unit), 0);
    probe_close(&host);
}

static void its_interrupts_are_disconnected_in_d3_where_the_driver_wants_it(void **state)
{
    (void)state;
    power_open_as("model:scratch", ALL_CONTROLS, FLAG_NO_INTERRUPTS, AWAKE_FOR_LONG, "");
    unsigned count = host.adapter->message_count;
    assert_true(count > 0);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(host.adapter->message_count, 0);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt, .Tag = FIRST_TAG, .Cause = 0});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(host.adapter->message_count, count);
    probe_close(&host);
}

static void d3cold_is_granted_where_the_function_has_it_and_nobody_forbids_it(void **state)
{
    (void)state;
    power_open_as("model:scratch,power=on", ALL_CONTROLS, FLAG_D3_COLD, AWAKE_FOR_LONG,
                  "KeepRegisters=1");
    assert_int_equal(host.shared->D3Cold, 1);
    port_runtime_idle_now(host.adapter);
    power_run();
    probe_close(&host);
    power_open_as("model:scratch,power=on", ALL_CONTROLS, FLAG_D3_COLD, AWAKE_FOR_LONG,
                  "StorPort\\DisableD3Cold=1");
    assert_int_equal(host.shared->D3Cold, 0);
    probe_close(&host);
    power_open_as("model:scratch", ALL_CONTROLS, FLAG_D3_COLD, AWAKE_FOR_LONG, "");
    assert_int_equal(host.shared->D3Cold, 0);
    probe_close(&host);
}

/* ---- events of its life while it sleeps ---- */

static void a_stop_wakes_it_first_and_a_restart_registers_anew(void **state)
{
    (void)state;
    power_asleep("");
    size_t before = power_rows();
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_true(power_adapter(POWER, D0, before) <
                probe_after(&host, ProbeAdapterControl, STOP, before));
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(host.shared->PowerStatus[0], STATUS_OK);
    assert_int_equal(host.shared->PowerStatus[1], STATUS_OK);
    power_run();
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_device_state(), 3);
    power_run();
    probe_close(&host);
}

static void a_rescan_wakes_it(void **state)
{
    (void)state;
    power_asleep("Units=2");
    host.shared->PresentUnits = 3;
    size_t before = power_rows();
    port_adapter_rescan(host.adapter);
    assert_int_not_equal(power_adapter(POWER, D0, before), SIZE_MAX);
    assert_non_null(port_unit_find(host.adapter, 0, 0, 1));
    assert_true(port_component_is_registered(&port_unit_find(host.adapter, 0, 0, 1)->component));
    host.shared->PresentUnits = 1;
    port_adapter_rescan(host.adapter);
    assert_null(port_unit_find(host.adapter, 0, 0, 1));
    probe_close(&host);
}

static void power_that_somebody_takes_away_stays_away(void **state)
{
    (void)state;
    power_asleep("");
    size_t before = power_rows();
    assert_int_equal(port_adapter_power(host.adapter, 3, 0, host.reason, sizeof(host.reason)), 0);
    assert_true(power_adapter(POWER, D0, before) <
                power_adapter(POWER, D3, before)); /* by way of D0 */
    assert_int_equal(port_adapter_state(host.adapter, NULL), PORT_ADAPTER_POWERED_DOWN);
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_submit(&host, &request);
    port_runtime_idle_now(host.adapter);
    assert_false(probe_is_done(&request));
    assert_int_equal(port_adapter_power(host.adapter, 0, 0, host.reason, sizeof(host.reason)), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&request));
    probe_close(&host);
}

static void a_reset_that_a_client_asks_for_wakes_it(void **state)
{
    (void)state;
    power_asleep("");
    size_t before = power_rows();
    probe_reset(&request, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &request);
    assert_int_equal(request.srb_status, PROBE_SRB_SUCCESS);
    assert_true(power_adapter(POWER, D0, before) < power_rows());
    probe_close(&host);
}

static void it_can_be_removed_and_vanish_while_it_sleeps(void **state)
{
    (void)state;
    power_asleep("");
    assert_int_equal(port_adapter_pnp_remove(host.adapter, host.reason, sizeof(host.reason)), 0);
    probe_close(&host);
    power_asleep("");
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    assert_int_equal(port_adapter_surprise_remove(host.adapter, host.reason, sizeof(host.reason)),
                     0);
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NO_DEVICE);
    probe_close(&host);
}

static void a_power_up_that_fails_fails_requests_as_without_adapter(void **state)
{
    (void)state;
    power_asleep("");
    host.shared->ControlFails = 1 << POWER;
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NO_DEVICE);
    assert_int_equal(port_adapter_state(host.adapter, NULL), PORT_ADAPTER_FAILED);
    host.shared->ControlFails = 0;
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    power_run();
    probe_close(&host);
}

static void a_unit_in_use_by_the_system_keeps_everything_awake(void **state)
{
    (void)state;
    power_open_with(AWAKE_FOR_LONG, "");
    struct port_notice usage = {.kind = PORT_NOTICE_USAGE, .value = 1, .on = true};
    (void)port_adapter_notify(host.adapter, host.unit, &usage);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_device_state(), 0);
    usage.on = false;
    (void)port_adapter_notify(host.adapter, host.unit, &usage);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_device_state(), 3);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(what_nobody_needs_sleeps_and_a_request_wakes_it),
        probe_test(one_without_a_power_control_is_stopped_and_restarted),
        probe_test(one_that_cannot_restart_registers_again),
        probe_test(a_virtual_adapter_sleeps_and_wakes_as_well),
        probe_test(a_request_that_must_not_wake_it_fails_when_it_sleeps_and_not_when_it_is_idle),
        probe_test(an_adapter_waits_for_the_units_that_need_its_power),
        probe_test(units_without_components_sleep_with_their_adapter),
        probe_test(one_that_registers_without_d3_is_told_only_that_its_power_may_go),
        probe_test(a_refused_d3_leaves_it_awake_and_is_tried_again),
        probe_test(a_unit_that_keeps_its_cache_stays_awake),
        probe_test(what_a_unit_tells_of_resets_after_its_sleep_is_no_loss),
        probe_test(its_interrupts_are_disconnected_in_d3_where_the_driver_wants_it),
        probe_test(d3cold_is_granted_where_the_function_has_it_and_nobody_forbids_it),
        probe_test(a_stop_wakes_it_first_and_a_restart_registers_anew),
        probe_test(a_rescan_wakes_it),
        probe_test(power_that_somebody_takes_away_stays_away),
        probe_test(a_reset_that_a_client_asks_for_wakes_it),
        probe_test(it_can_be_removed_and_vanish_while_it_sleeps),
        probe_test(a_power_up_that_fails_fails_requests_as_without_adapter),
        probe_test(a_unit_in_use_by_the_system_keeps_everything_awake),
    };

    return probe_run(argc, argv, tests);
}
