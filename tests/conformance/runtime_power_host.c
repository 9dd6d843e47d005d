/*
 * runtime_power_host.c - see runtime_power_host.h.
 */
#include "runtime_power_host.h"

#include "patience.h"

#include <limits.h>
#include <stdio.h>

struct probe_host host;
struct port_request request;

void power_open_as(const char *device, unsigned controls, unsigned flags, unsigned timeout_ms,
                   const char *more)
{
    char settings[320];

    snprintf(settings, sizeof(settings),
             "AdapterControls=%u UnitControls=%u Power=3 PowerFlags=%u PowerTimeout=%u %s",
             controls, UNIT_CONTROLS, flags | FLAG_IDLE_TIMEOUT | FLAG_NO_DEBOUNCE, timeout_ms,
             more);
    probe_open(&host, device, settings);
}

void power_open_with(unsigned timeout_ms, const char *more)
{
    power_open_as("model:scratch", ALL_CONTROLS, 0, timeout_ms, more);
}

size_t power_rows(void)
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

size_t power_adapter(unsigned type, unsigned result, size_t from)
{
    return returned(ProbeAdapterControl, type, result, from);
}

size_t power_unit(unsigned type, unsigned result, size_t from)
{
    return returned(ProbeUnitControl, type, result, from);
}

size_t power_await_adapter(unsigned type, unsigned result, size_t from)
{
    return await(ProbeAdapterControl, type, result, from);
}

size_t power_await_unit(unsigned type, unsigned result, size_t from)
{
    return await(ProbeUnitControl, type, result, from);
}

void power_prepare(PROBE_SCRIPT script)
{
    probe_script(&request, host.unit, script);
}

void power_run(void)
{
    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .Tag = FIRST_TAG});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

size_t power_started(size_t from)
{
    return probe_after(&host, ProbeStartIo, FIRST_TAG, from);
}

unsigned power_act(unsigned action)
{
    static UCHAR tag = FIRST_TAG;
    size_t before = power_rows();

    tag = tag == UCHAR_MAX ? FIRST_TAG + 1 : tag + 1; /* an action is for the first attempt */

    power_prepare((PROBE_SCRIPT){.CompleteIn = ProbeInStartIo,
                                 .Tag = tag,
                                 .StartAction = ProbeDoPower,
                                 .Value = (UCHAR)action});
    probe_execute(&host, &request);
    size_t left = probe_after(&host, ProbeStartIo + ProbeLeave, tag, before);
    assert_int_not_equal(left, SIZE_MAX);
    return probe_row(&host, left)->Result;
}

unsigned power_device_state(void)
{
    unsigned state;

    assert_int_equal(port_adapter_state(host.adapter, &state), PORT_ADAPTER_RUNNING);
    return state;
}

void power_await_device_state(unsigned wanted)
{
    uint64_t deadline = patience_deadline_ns(20);

    while (power_device_state() != wanted) {
        patience_check(deadline);
        sys_thread_yield();
    }
}

void power_asleep(const char *more)
{
    power_open_with(AWAKE_FOR_LONG, more);
    port_runtime_idle_now(host.adapter);
    assert_int_equal(power_device_state(), 3);
}
