/*
 * runtime_power_test.c - runtime power management (port/component.h): when components go idle, sink
 * and sleep, what the driver is told of it in which order, and that nobody who sends a request
 * notices.
 */
#include "patience.h"
#include "probe_host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct probe_host host;

enum {
    FUNCTION_EXECUTE_SCSI = 0x00,
    FUNCTION_POWER = 0x24,
    OP_SYNCHRONIZE_CACHE = 0x35,
    SRB_D3_PROCESSING = 0x0800,
    STATUS_OK = 0,
    FIRST_TAG = 100,
    FLAG_IDLE_TIMEOUT = 0x10,
    FLAG_NO_DEBOUNCE = 0x100,
    FLAG_NO_D3 = 0x02,
    FLAG_D3_COLD = 0x04,
    FLAG_NO_INTERRUPTS = 0x400,
    FLAG_NO_UNITS = 0x40,
    /* Control types, as the driver knows them. */
    STOP = 1,
    RESTART = 2,
    POWER = 6,
    REQUIRED = 7,
    ACTIVE = 8,
    FSTATE = 9,
    CONTROL = 10,
    LIMIT = 14,
    PERF = 15,
    UNIT_POWER = 3,
    UNIT_INFO = 4,
    UNIT_REQUIRED = 5,
    UNIT_ACTIVE = 6,
    UNIT_FSTATE = 7,
    UNIT_CONTROL = 8,
    UNIT_REMOVE = 9,
    D0 = 1,
    D3 = 4,
    NO_POWER_CONTROL = 1 << STOP | 1 << RESTART | 1 << REQUIRED | 1 << ACTIVE | 1 << FSTATE |
                       1 << CONTROL | 1 << LIMIT | 1 << PERF,
    ALL_CONTROLS = NO_POWER_CONTROL | 1 << POWER,
    UNIT_CONTROLS = 1 << UNIT_POWER | 1 << UNIT_INFO | 1 << UNIT_REQUIRED | 1 << UNIT_ACTIVE |
                    1 << UNIT_FSTATE | 1 << UNIT_CONTROL | 1 << UNIT_REMOVE,
    AWAKE_FOR_LONG = 600000, /* ms */
};

/* ---- a machine ---- */

static void open_as(const char *device, unsigned controls, unsigned flags, unsigned timeout_ms,
                    const char *more)
{
    char settings[320];

    snprintf(settings, sizeof(settings),
             "AdapterControls=%u UnitControls=%u Power=3 PowerFlags=%u PowerTimeout=%u %s",
             controls, UNIT_CONTROLS, flags | FLAG_IDLE_TIMEOUT | FLAG_NO_DEBOUNCE, timeout_ms,
             more);
    probe_open(&host, device, settings);
}

static void open_with(unsigned timeout_ms, const char *more)
{
    open_as("model:scratch", ALL_CONTROLS, 0, timeout_ms, more);
}

static size_t rows(void)
{
    return (size_t)host.shared->Rows;
}

/* The row of a callback's return with that detail and result, from row `from` on. */
static size_t returned(unsigned callback, unsigned detail, unsigned result, size_t from)
{
    const PROBE_ROW *row;

    for (size_t i = from; (row = probe_row(&host, i)) != NULL; i++)
        if (row->Callback == callback + ProbeLeave && row->Detail == detail &&
            row->Result == result)
            return i;
    return SIZE_MAX;
}

static size_t await(unsigned callback, unsigned detail, unsigned result, size_t from)
{
    uint64_t deadline = patience_deadline_ns(20);
    size_t index;

    while ((index = returned(callback, detail, result, from)) == SIZE_MAX) {
        patience_check(deadline);
        sys_thread_yield();
    }
    return index;
}

static size_t adapter(unsigned type, unsigned result, size_t from)
{
    return returned(ProbeAdapterControl, type, result, from);
}

static size_t unit(unsigned type, unsigned result, size_t from)
{
    return returned(ProbeUnitControl, type, result, from);
}

static size_t await_adapter(unsigned type, unsigned result, size_t from)
{
    return await(ProbeAdapterControl, type, result, from);
}

static size_t await_unit(unsigned type, unsigned result, size_t from)
{
    return await(ProbeUnitControl, type, result, from);
}

static struct port_request request;

static void prepare(PROBE_SCRIPT script)
{
    probe_script(&request, host.unit, script);
}

static void run(void)
{
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

static size_t started(size_t from)
{
    return probe_after(&host, ProbeStartIo, FIRST_TAG, from);
}

/* What the script's action in StartIo has returned. */
static unsigned act(unsigned action)
{
    static UCHAR tag = FIRST_TAG;
    size_t before = rows();

    tag = tag == UCHAR_MAX ? FIRST_TAG + 1 : tag + 1; /* an action is for the first attempt */

    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo,
                           .Tag = tag,
                           .StartAction = ProbeDoPower,
                           .Value = (UCHAR)action});
    probe_execute(&host, &request);
    size_t left = probe_after(&host, ProbeStartIo + ProbeLeave, tag, before);
    assert_int_not_equal(left, SIZE_MAX);
    return probe_row(&host, left)->Result;
}

static unsigned device_state(void)
{
    unsigned state;

    assert_int_equal(port_adapter_state(host.adapter, &state), PORT_ADAPTER_RUNNING);
    return state;
}

static void await_device_state(unsigned wanted)
{
    uint64_t deadline = patience_deadline_ns(20);

    while (device_state() != wanted) {
        patience_check(deadline);
        sys_thread_yield();
    }
}

/* ---- idle and active ---- */

static void both_are_registered_and_start_active(void **state)
{
    (void)state;
    for (unsigned version = 1; version <= 3; version++) {
        char settings[64];
        snprintf(settings, sizeof(settings), "PowerVersion=%u PowerStates=8 UnitPowerStates=2",
                 version);
        open_with(AWAKE_FOR_LONG, settings);
        assert_int_equal(host.shared->PowerStatus[0], STATUS_OK);
        assert_int_equal(host.shared->PowerStatus[1], STATUS_OK);
        assert_int_equal(host.adapter->component.is.fstate_count, 8);
        assert_int_equal(host.unit->component.is.fstate_count, 2);
        size_t info = unit(UNIT_INFO, 1, 0);
        assert_int_not_equal(info, SIZE_MAX);
        assert_int_equal(probe_row(&host, info)->Irql, NT_PASSIVE_LEVEL);
        probe_close(&host);
    }
}

static void a_unit_goes_idle_before_its_adapter_and_is_active_before_a_request(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    size_t idle = await_unit(UNIT_ACTIVE, 0, 0);
    assert_int_equal(probe_row(&host, idle)->Irql, NT_DISPATCH_LEVEL);
    port_runtime_idle_now(host.adapter); /* the adapter too: it hears nothing of that */
    size_t before = rows();
    run();
    size_t above = adapter(ACTIVE, 1, before), active = unit(UNIT_ACTIVE, 1, before);
    assert_true(above < active && active < started(before) && started(before) != SIZE_MAX);
    assert_int_equal(probe_row(&host, above)->Irql, NT_DISPATCH_LEVEL);
    assert_int_equal(probe_row(&host, active)->Irql, NT_DISPATCH_LEVEL);
    assert_int_equal(adapter(ACTIVE, 0, 0), SIZE_MAX);
    probe_close(&host);
}

static void requests_under_way_keep_their_unit_active(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    await_unit(UNIT_ACTIVE, 0, 0);
    size_t before = rows();
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = FIRST_TAG});
    probe_submit(&host, &request);
    await_unit(UNIT_ACTIVE, 1, before);
    (void)probe_await(&host, ProbeStartIo, FIRST_TAG, 0);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(unit(UNIT_ACTIVE, 0, before), SIZE_MAX);
    probe_release_kept(&host);
    probe_finish(&host);
    await_unit(UNIT_ACTIVE, 0, before);
    probe_close(&host);
}

static void a_driver_that_registers_nothing_is_told_nothing(void **state)
{
    (void)state;
    open_with(0, "Power=0");
    port_runtime_idle_now(host.adapter);
    run();
    assert_int_equal(device_state(), 0);
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
    open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(act(ProbePowerActivateUnit), STATUS_OK);
    size_t before = rows();
    port_runtime_idle_now(host.adapter);
    assert_int_equal(unit(UNIT_ACTIVE, 0, before), SIZE_MAX);
    /* The request that drops it is one itself. */
    assert_int_equal(act(ProbePowerIdleUnit), STOR_STATUS_BUSY);
    await_unit(UNIT_ACTIVE, 0, before);
    assert_int_equal(act(ProbePowerIdleUnit), STOR_STATUS_INVALID_DEVICE_REQUEST);
    assert_true(probe_printed("POWER-01"));
    assert_int_equal(act(ProbePowerActivateAdapter), STATUS_OK);
    assert_int_equal(act(ProbePowerIdleAdapter), STOR_STATUS_BUSY);
    probe_close(&host);
}

/* From outside of requests: the component is idle. */
static void activating_what_is_idle_is_busy_and_the_driver_is_told_when_it_is_active(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    port_runtime_idle_now(host.adapter);
    size_t before = rows();
    assert_false(port_component_activate(host.adapter, &host.unit->component));
    await_unit(UNIT_ACTIVE, 1, before);
    assert_true(port_component_activate(host.adapter, &host.unit->component));
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_STILL_ACTIVE);
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_IDLED);
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_NOT_REFERENCED);
    await_unit(UNIT_ACTIVE, 0, before);
    probe_close(&host);
}

static void references_for_requests_are_paired_with_them(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(act(ProbePowerActivateForNobody), STOR_STATUS_INVALID_PARAMETER);
    assert_true(probe_printed("POWER-02"));
    assert_int_equal(act(ProbePowerIdleForRequest), STOR_STATUS_INVALID_DEVICE_REQUEST);
    assert_false(host.unit->component.references);
    assert_int_equal(act(ProbePowerActivateForRequest), STATUS_OK);
    assert_int_equal(host.unit->component.references, 1);
    assert_int_equal(port_component_idle(host.adapter, host.unit), PORT_IDLED);
    probe_close(&host);
}

static void a_reference_that_is_kept_to_the_end_is_told(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    assert_int_equal(act(ProbePowerActivateUnit), STATUS_OK);
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
    open_with(AWAKE_FOR_LONG,
              "PowerStates=3 UnitPowerStates=2 PowerResidency=20000 PowerLatency=1");
    size_t second = await_adapter(FSTATE, 2, 0);
    assert_int_equal(probe_row(&host, second)->Irql, NT_DISPATCH_LEVEL);
    /* The unit's way goes through its adapter, which sinks again afterwards. */
    await_adapter(FSTATE, 2, await_unit(UNIT_FSTATE, 1, 0));
    size_t before = rows();
    run();
    assert_true(adapter(FSTATE, 0, before) < adapter(ACTIVE, 1, before));
    assert_true(adapter(ACTIVE, 1, before) < unit(UNIT_FSTATE, 0, before));
    assert_true(unit(UNIT_FSTATE, 0, before) < unit(UNIT_ACTIVE, 1, before));
    assert_true(unit(UNIT_ACTIVE, 1, before) < started(before));
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
    await_adapter(FSTATE, 2, 0);
    __atomic_store_n(&host.adapter->component.latency_limit_100ns, 10, __ATOMIC_RELAXED);
    port_runtime_wake(host.adapter);
    await_adapter(FSTATE, 1, 0); /* what is too deep now is left by way of F0 */
    assert_int_equal(adapter(FSTATE, 3, 0), SIZE_MAX);
    assert_true(f_states_alternate_with_f0());
    probe_close(&host);
}

static void a_hint_of_how_long_it_will_be_idle_is_believed(void **state)
{
    (void)state;
    probe_prepare(&host);
    host.shared->PowerResidencyHint = 2500; /* F2 is worth it at once, F3 never */
    char settings[200];
    snprintf(settings, sizeof(settings),
             "AdapterControls=%u UnitControls=%u Power=1 PowerFlags=%u PowerTimeout=%u "
             "PowerStates=4 PowerResidency=1000",
             ALL_CONTROLS, UNIT_CONTROLS, FLAG_IDLE_TIMEOUT | FLAG_NO_DEBOUNCE, AWAKE_FOR_LONG);
    assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
    await_adapter(FSTATE, 2, 0);
    assert_int_equal(adapter(FSTATE, 1, 0), SIZE_MAX);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(adapter(FSTATE, 3, 0), SIZE_MAX);
    probe_close(&host);
}

static void f_states_without_the_control_that_sets_them_are_not_used(void **state)
{
    (void)state;
    open_as("model:scratch", ALL_CONTROLS & ~(1u << FSTATE), 0, AWAKE_FOR_LONG, "PowerStates=2");
    assert_true(probe_printed("POWER-05"));
    assert_int_equal(host.adapter->component.is.fstate_count, 1);
    port_runtime_idle_now(host.adapter);
    run();
    probe_close(&host);
}

/* ---- D3 ---- */

static size_t command(unsigned operation, size_t from)
{
    for (size_t i = from; i < rows(); i++)
        if (probe_row(&host, i)->Callback == ProbeStartIo &&
            probe_row(&host, i)->Function == FUNCTION_EXECUTE_SCSI &&
            probe_row(&host, i)->Opcode == operation)
            return i;
    return SIZE_MAX;
}

static void what_nobody_needs_sleeps_and_a_request_wakes_it(void **state)
{
    (void)state;
    open_with(1, "");
    await_device_state(3);
    size_t cache = command(OP_SYNCHRONIZE_CACHE, 0);
    size_t needless = unit(UNIT_REQUIRED, 0, 0), sleeps = unit(UNIT_POWER, D3, 0);
    size_t above = adapter(REQUIRED, 0, 0), above_sleeps = adapter(POWER, D3, 0);
    assert_true(needless < cache && cache < sleeps && sleeps < above && above < above_sleeps &&
                above_sleeps != SIZE_MAX);
    assert_true(probe_row(&host, cache)->SrbFlags & SRB_D3_PROCESSING);
    size_t before = rows();
    run();
    size_t steps[] = {adapter(REQUIRED, 1, before),
                      adapter(POWER, D0, before),
                      adapter(ACTIVE, 1, before),
                      unit(UNIT_REQUIRED, 1, before),
                      unit(UNIT_POWER, D0, before),
                      unit(UNIT_ACTIVE, 1, before),
                      started(before)};
    for (unsigned i = 0; i + 1 < sizeof(steps) / sizeof(steps[0]); i++)
        assert_true(steps[i] < steps[i + 1]);
    assert_int_not_equal(started(before), SIZE_MAX);
    await_device_state(3); /* and again */
    run();
    probe_close(&host);
}

static void one_without_a_power_control_is_stopped_and_restarted(void **state)
{
    (void)state;
    open_as("model:scratch", NO_POWER_CONTROL, 0, 1, "");
    await_device_state(3);
    assert_int_not_equal(probe_after(&host, ProbeAdapterControl, STOP, 0), SIZE_MAX);
    size_t before = rows();
    run();
    size_t restart = probe_after(&host, ProbeAdapterControl, RESTART, before);
    assert_true(adapter(REQUIRED, 1, before) < restart);
    assert_true(restart < adapter(ACTIVE, 1, before));
    probe_close(&host);
}

static void one_that_cannot_restart_registers_again(void **state)
{
    (void)state;
    open_as("model:scratch", NO_POWER_CONTROL & ~(1u << RESTART), 0, 1, "");
    await_device_state(3);
    size_t before = rows();
    run();
    assert_true(probe_after(&host, ProbeFindAdapter, -1, before) < started(before));
    assert_int_equal(host.shared->PowerStatus[0], STATUS_OK);
    await_device_state(3);
    run();
    probe_close(&host);
}

static void a_virtual_adapter_sleeps_and_wakes_as_well(void **state)
{
    (void)state;
    open_as("none", ALL_CONTROLS, 0, 1, "UnitPowerStates=2 PowerStates=2");
    for (unsigned i = 0; i < 3; i++) {
        await_device_state(3);
        run();
    }
    probe_close(&host);
}

static void
a_request_that_must_not_wake_it_fails_when_it_sleeps_and_not_when_it_is_idle(void **state)
{
    (void)state;
    open_with(1, "");
    await_device_state(3);
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    request.flags |= PORT_FLAG_NO_KEEP_AWAKE;
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NOT_POWERED);
    assert_int_equal(device_state(), 3);
    probe_close(&host);
    open_with(AWAKE_FOR_LONG, "");
    await_unit(UNIT_ACTIVE, 0, 0);
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
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
    open_with(1, settings);
    await_device_state(3);
    assert_true(unit(UNIT_FSTATE, 1, 0) < adapter(REQUIRED, 0, 0));
    run();
    probe_close(&host);
    /* Without that word they need it in each F-state. */
    snprintf(settings, sizeof(settings),
             "StorPort\\MinimumIdleTimeoutInMS=%u UnitPowerStates=2 PowerDeepest=%u",
             AWAKE_FOR_LONG, UINT_MAX);
    open_with(1, settings);
    await_unit(UNIT_FSTATE, 1, 0);
    assert_int_equal(adapter(REQUIRED, 0, 0), SIZE_MAX);
    assert_int_equal(device_state(), 0);
    probe_close(&host);
}

static void units_without_components_sleep_with_their_adapter(void **state)
{
    (void)state;
    open_as("model:scratch", ALL_CONTROLS, FLAG_NO_UNITS, 1, "");
    assert_int_not_equal(unit(UNIT_INFO, 0, 0), SIZE_MAX);
    assert_int_equal(host.shared->PowerStatus[1], STOR_STATUS_UNSUCCESSFUL);
    await_device_state(3);
    assert_true(command(OP_SYNCHRONIZE_CACHE, 0) < unit(UNIT_POWER, D3, 0));
    assert_true(unit(UNIT_POWER, D3, 0) < adapter(POWER, D3, 0));
    run();
    probe_close(&host);
}

static void one_that_registers_without_d3_is_told_only_that_its_power_may_go(void **state)
{
    (void)state;
    open_as("model:scratch", ALL_CONTROLS, FLAG_NO_D3, 1, "");
    await_adapter(REQUIRED, 0, 0);
    assert_int_equal(device_state(), 0);
    assert_int_equal(adapter(POWER, D3, 0), SIZE_MAX);
    assert_int_equal(unit(UNIT_POWER, D3, 0), SIZE_MAX);
    size_t before = rows();
    run();
    assert_true(adapter(REQUIRED, 1, before) < adapter(ACTIVE, 1, before));
    assert_true(unit(UNIT_REQUIRED, 1, before) < unit(UNIT_ACTIVE, 1, before));
    probe_close(&host);
}

static void a_refused_d3_leaves_it_awake_and_is_tried_again(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    host.shared->ControlFails = 1 << POWER;
    size_t before = rows();
    port_runtime_idle_now(host.adapter);
    assert_int_not_equal(adapter(POWER, D3, before), SIZE_MAX);
    assert_int_not_equal(adapter(REQUIRED, 1, before), SIZE_MAX);
    assert_int_equal(device_state(), 0);
    run();
    host.shared->ControlFails = 0;
    probe_close(&host);
}

static void a_unit_that_keeps_its_cache_stays_awake(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    host.shared->Sense = 3 << 16 | 0x0C << 8;
    host.shared->Senses = 1;
    port_runtime_idle_now(host.adapter);
    assert_int_equal(unit(UNIT_POWER, D3, 0), SIZE_MAX);
    assert_int_equal(device_state(), 0);
    run();
    probe_close(&host);
}

static void what_a_unit_tells_of_resets_after_its_sleep_is_no_loss(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    port_runtime_idle_now(host.adapter);
    assert_int_equal(device_state(), 3);
    host.shared->Sense = 6 << 16 | 0x29 << 8;
    host.shared->Senses = 1;
    run();
    assert_int_equal(host.shared->Senses, 0);
    assert_int_equal(port_unit_take_attentions(host.unit), 0);
    probe_close(&host);
}

static void its_interrupts_are_disconnected_in_d3_where_the_driver_wants_it(void **state)
{
    (void)state;
    open_as("model:scratch", ALL_CONTROLS, FLAG_NO_INTERRUPTS, AWAKE_FOR_LONG, "");
    unsigned count = host.adapter->message_count;
    assert_true(count > 0);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(host.adapter->message_count, 0);
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt, .Tag = FIRST_TAG, .Cause = 0});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(host.adapter->message_count, count);
    probe_close(&host);
}

static void d3cold_is_granted_where_the_function_has_it_and_nobody_forbids_it(void **state)
{
    (void)state;
    open_as("model:scratch,power=on", ALL_CONTROLS, FLAG_D3_COLD, AWAKE_FOR_LONG,
            "KeepRegisters=1");
    assert_int_equal(host.shared->D3Cold, 1);
    port_runtime_idle_now(host.adapter);
    run();
    probe_close(&host);
    open_as("model:scratch,power=on", ALL_CONTROLS, FLAG_D3_COLD, AWAKE_FOR_LONG,
            "StorPort\\DisableD3Cold=1");
    assert_int_equal(host.shared->D3Cold, 0);
    probe_close(&host);
    open_as("model:scratch", ALL_CONTROLS, FLAG_D3_COLD, AWAKE_FOR_LONG, "");
    assert_int_equal(host.shared->D3Cold, 0);
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
        run();
        probe_close(&host);
    }
    assert_true(probe_printed("POWER-05"));
}

static void the_registry_turns_it_off_for_an_adapter_alone(void **state)
{
    (void)state;
    open_with(1, "StorPort\\DisableRuntimePowerManagement=1 PowerPerfStates=2");
    assert_int_equal(host.shared->PowerStatus[0], STOR_STATUS_UNSUCCESSFUL);
    assert_int_equal(host.shared->PowerStatus[1], STATUS_OK);
    await_unit(UNIT_REQUIRED, 0, 0);
    assert_int_equal(device_state(), 0);
    run();
    assert_int_equal(act(ProbePowerActivateAdapter), STOR_STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(act(ProbePowerPerfState), STATUS_OK); /* there is nothing to do */
    probe_close(&host);
}

static void the_registry_turns_it_off_for_units_alone(void **state)
{
    (void)state;
    open_with(1, "StorPort\\DisableIdlePowerManagement=1");
    assert_int_equal(host.shared->PowerStatus[1], STOR_STATUS_UNSUCCESSFUL);
    assert_int_not_equal(unit(UNIT_INFO, 0, 0), SIZE_MAX);
    assert_int_equal(act(ProbePowerActivateUnit), STOR_STATUS_INVALID_DEVICE_REQUEST);
    probe_close(&host);
}

static void the_registry_has_the_last_word_on_time_outs(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "StorPort\\IdleTimeoutInMS=1 StorPort\\MinimumIdleTimeoutInMS=2");
    assert_int_equal(host.adapter->component.idle_timeout_ms, 1);
    assert_int_equal(host.unit->component.idle_timeout_ms, 2);
    await_device_state(3);
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

/* ---- events of its life while it sleeps ---- */

static void asleep(const char *more)
{
    open_with(AWAKE_FOR_LONG, more);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(device_state(), 3);
}

static void a_stop_wakes_it_first_and_a_restart_registers_anew(void **state)
{
    (void)state;
    asleep("");
    size_t before = rows();
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_true(adapter(POWER, D0, before) < probe_after(&host, ProbeAdapterControl, STOP, before));
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(host.shared->PowerStatus[0], STATUS_OK);
    assert_int_equal(host.shared->PowerStatus[1], STATUS_OK);
    run();
    port_runtime_idle_now(host.adapter);
    assert_int_equal(device_state(), 3);
    run();
    probe_close(&host);
}

static void a_rescan_wakes_it(void **state)
{
    (void)state;
    asleep("Units=2");
    host.shared->PresentUnits = 3;
    size_t before = rows();
    port_adapter_rescan(host.adapter);
    assert_int_not_equal(adapter(POWER, D0, before), SIZE_MAX);
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
    asleep("");
    size_t before = rows();
    assert_int_equal(port_adapter_power(host.adapter, 3, 0, host.reason, sizeof(host.reason)), 0);
    assert_true(adapter(POWER, D0, before) < adapter(POWER, D3, before)); /* by way of D0 */
    assert_int_equal(port_adapter_state(host.adapter, NULL), PORT_ADAPTER_POWERED_DOWN);
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
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
    asleep("");
    size_t before = rows();
    probe_reset(&request, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &request);
    assert_int_equal(request.srb_status, PROBE_SRB_SUCCESS);
    assert_true(adapter(POWER, D0, before) < rows());
    probe_close(&host);
}

static void it_can_be_removed_and_vanish_while_it_sleeps(void **state)
{
    (void)state;
    asleep("");
    assert_int_equal(port_adapter_pnp_remove(host.adapter, host.reason, sizeof(host.reason)), 0);
    probe_close(&host);
    asleep("");
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    assert_int_equal(port_adapter_surprise_remove(host.adapter, host.reason, sizeof(host.reason)),
                     0);
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NO_DEVICE);
    probe_close(&host);
}

static void a_power_up_that_fails_fails_requests_as_without_adapter(void **state)
{
    (void)state;
    asleep("");
    host.shared->ControlFails = 1 << POWER;
    prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NO_DEVICE);
    assert_int_equal(port_adapter_state(host.adapter, NULL), PORT_ADAPTER_FAILED);
    host.shared->ControlFails = 0;
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    run();
    probe_close(&host);
}

static void a_unit_in_use_by_the_system_keeps_everything_awake(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "");
    struct port_notice usage = {.kind = PORT_NOTICE_USAGE, .value = 1, .on = true};
    (void)port_adapter_notify(host.adapter, host.unit, &usage);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(device_state(), 0);
    usage.on = false;
    (void)port_adapter_notify(host.adapter, host.unit, &usage);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(device_state(), 3);
    probe_close(&host);
}

/* ---- performance states, private requests ---- */

static void a_performance_state_is_answered_by_a_control_later(void **state)
{
    (void)state;
    open_with(AWAKE_FOR_LONG, "PowerPerfStates=3");
    assert_int_equal(host.shared->PerfStatus, STATUS_OK);
    size_t before = rows();
    assert_int_equal(act(ProbePowerPerfState), STATUS_OK);
    size_t answer = await_adapter(PERF, 1 | 0x55 << 8, before);
    assert_true(probe_row(&host, answer)->Irql <= NT_DISPATCH_LEVEL);
    assert_int_equal(host.adapter->runtime.perf_sets[0].current, 1);
    probe_close(&host);
    open_with(AWAKE_FOR_LONG, "PowerPerfStates=0");
    assert_int_equal(act(ProbePowerPerfState), STOR_STATUS_INVALID_PARAMETER); /* of no set */
    probe_close(&host);
}

static void the_most_that_it_may_draw_is_for_drivers_with_several_states(void **state)
{
    (void)state;
    struct port_notice limit = {.kind = PORT_NOTICE_POWER_LIMIT, .limit = 4500};
    open_with(AWAKE_FOR_LONG, "PowerPerfStates=3");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &limit), 0);
    size_t told = adapter(LIMIT, 4500, 0);
    assert_int_not_equal(told, SIZE_MAX);
    assert_int_equal(probe_row(&host, told)->Irql, NT_PASSIVE_LEVEL);
    probe_close(&host);
    open_with(AWAKE_FOR_LONG, "PowerPerfStates=1");
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
    asleep("");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &control), 0);
    assert_int_equal(control.output_length, 4);
    assert_int_equal(output[0], 0xFE);
    assert_int_not_equal(adapter(CONTROL, 0x12345678, 0), SIZE_MAX);
    control.output_length = 2;
    assert_int_equal(port_adapter_notify(host.adapter, host.unit, &control), 0);
    assert_int_equal(control.output_length, 2);
    size_t told = unit(UNIT_CONTROL, 0x12345678, 0);
    assert_int_not_equal(told, SIZE_MAX);
    assert_int_equal(probe_row(&host, told)->Irql, NT_DISPATCH_LEVEL);
    /* And nobody answers what the driver asks. */
    assert_int_equal(act(ProbePowerControl), STOR_STATUS_UNSUCCESSFUL);
    probe_close(&host);
    open_with(AWAKE_FOR_LONG, "Power=0");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &control), -EOPNOTSUPP);
    assert_int_equal(act(ProbePowerControl), STOR_STATUS_INVALID_DEVICE_REQUEST);
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
        probe_test(malformed_descriptions_are_refused_and_told),
        probe_test(the_registry_turns_it_off_for_an_adapter_alone),
        probe_test(the_registry_turns_it_off_for_units_alone),
        probe_test(the_registry_has_the_last_word_on_time_outs),
        probe_test(without_any_word_an_adapter_sleeps_after_a_minute_and_a_unit_after_five),
        probe_test(a_stop_wakes_it_first_and_a_restart_registers_anew),
        probe_test(a_rescan_wakes_it),
        probe_test(power_that_somebody_takes_away_stays_away),
        probe_test(a_reset_that_a_client_asks_for_wakes_it),
        probe_test(it_can_be_removed_and_vanish_while_it_sleeps),
        probe_test(a_power_up_that_fails_fails_requests_as_without_adapter),
        probe_test(a_unit_in_use_by_the_system_keeps_everything_awake),
        probe_proves(a_performance_state_is_answered_by_a_control_later, "StorPortPoFxSetPerfState",
                     "StorPortPoFxRegisterPerfStates"),
        probe_test(the_most_that_it_may_draw_is_for_drivers_with_several_states),
        probe_proves(private_requests_go_from_the_platform_to_the_driver,
                     "StorPortPoFxPowerControl"),
    };

    return probe_run(argc, argv, tests);
}
