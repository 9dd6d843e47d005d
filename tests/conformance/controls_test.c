/*
 * controls_test.c - control types of adapters and units besides those of stops and power
 * (storport-callbacks sections 5 and 6): when each comes, at which IRQL, with which parameters, and
 * what is made of the answer.
 */
#include "probe_host.h"

#include "nt/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct probe_host host;

enum {
    QUERY = 0,
    STOP = 1,
    POWER_SETTING = 5,
    PREPARE_FOR_RESCAN = 11,
    POWER_HINTS = 12,
    FILTER = 13,
    SERIAL_NUMBER = 17,
    FRU_ID = 19,
    EVENT_LOGGING = 20,
    INTERNAL_DATA = 21,
    RESET_SYNCHRONOUSLY = 22,
    UNIT_USAGE = 1,
    UNIT_START = 2,
    UNIT_RICH = 11,
    UNIT_BUS_TYPE = 12,
    UNIT_FRU_ID = 13,
    UNIT_INTERNAL_DATA = 14,
    BARS = 3, /* of the scratch device: registers, ports, messages */
    NVME = 0x11,
    FIBRE = 6,
    SATA = 0x0B,
};

static uint32_t bits(unsigned first, unsigned second)
{
    return 1u << first | 1u << second;
}

static void open_with(uint32_t adapter, uint32_t unit, const char *more)
{
    char settings[160];

    snprintf(settings, sizeof(settings), "AdapterControls=%u UnitControls=%u %s",
             adapter | 1 << STOP, unit, more);
    probe_open(&host, "model:scratch", settings);
}

/* The only control of that type: at PASSIVE_LEVEL, and the word of its parameters. */
static uint32_t only_word(unsigned callback, unsigned type)
{
    assert_int_equal(probe_count(&host, callback, type), 1);
    assert_int_equal(probe_find(&host, callback, type, 0)->Irql, NT_PASSIVE_LEVEL);
    return probe_find(&host, callback + ProbeLeave, type, 0)->Result;
}

static int tell(enum port_notice_kind kind, struct port_unit *unit, uint32_t value, bool on)
{
    struct port_notice notice = {.kind = kind, .value = value, .on = on};

    return port_adapter_notify(host.adapter, unit, &notice);
}

static int set_power(uint8_t guid, uint8_t value)
{
    struct port_notice notice = {.kind = PORT_NOTICE_POWER_SETTING, .data = &value, .length = 1};

    memset(notice.guid, guid, sizeof(notice.guid));
    return port_adapter_notify(host.adapter, NULL, &notice);
}

static int stop(void)
{
    return port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason));
}

static int restart(void)
{
    return port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason));
}

/* ---- what the driver is told ---- */

static void power_settings_that_the_driver_registered_for_reach_it(void **state)
{
    (void)state;
    open_with(1u << POWER_SETTING, 0, "FeatureList=1");
    assert_int_equal(set_power(PROBE_POWER_SETTING, 7), 0);
    assert_int_equal(only_word(ProbeAdapterControl, POWER_SETTING),
                     PROBE_POWER_SETTING | 7 << 8 | 1 << 16);
    assert_int_equal(set_power(PROBE_POWER_SETTING + 1, 7), -EOPNOTSUPP);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, POWER_SETTING), 1);
    /* The value that holds is told again after a start, also when it changed meanwhile. */
    assert_int_equal(stop(), 0);
    assert_int_equal(set_power(PROBE_POWER_SETTING, 9), 0);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, POWER_SETTING), 1);
    assert_int_equal(restart(), 0);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, POWER_SETTING), 2);
    assert_int_equal(probe_find(&host, ProbeAdapterControl + ProbeLeave, POWER_SETTING, 1)->Result,
                     PROBE_POWER_SETTING | 9 << 8 | 1 << 16);
    probe_close(&host);
}

static void power_settings_reach_no_driver_that_has_not_registered(void **state)
{
    (void)state;
    open_with(1u << POWER_SETTING, 0, "");
    assert_int_equal(set_power(PROBE_POWER_SETTING, 7), -EOPNOTSUPP);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, POWER_SETTING), 0);
    probe_close(&host);
}

static void power_hints_are_passed_on(void **state)
{
    struct port_notice hint = {.kind = PORT_NOTICE_POWER_HINT, .value = 3, .latency_ms = 20};

    (void)state;
    open_with(1u << POWER_HINTS, 0, "");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &hint), 0);
    assert_int_equal(only_word(ProbeAdapterControl, POWER_HINTS), 3 | 20 << 8);
    probe_close(&host);
    open_with(0, 0, "FeatureList=0");
    assert_int_equal(port_adapter_notify(host.adapter, NULL, &hint), -EOPNOTSUPP);
    probe_close(&host);
}

static void event_logging_is_for_drivers_that_announced_it(void **state)
{
    (void)state;
    open_with(1u << EVENT_LOGGING, 0, "FeatureList=1");
    assert_int_equal(tell(PORT_NOTICE_EVENT_LOGGING, NULL, 2, true), 0);
    assert_int_equal(only_word(ProbeAdapterControl, EVENT_LOGGING), 2 | 1 << 8);
    probe_close(&host);
    open_with(1u << EVENT_LOGGING, 0, "FeatureList=0");
    assert_int_equal(tell(PORT_NOTICE_EVENT_LOGGING, NULL, 2, true), -EOPNOTSUPP);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, EVENT_LOGGING), 0);
    probe_close(&host);
}

static void internal_data_of_adapter_and_unit_become_event_lines(void **state)
{
    (void)state;
    open_with(1u << INTERNAL_DATA, 1u << UNIT_INTERNAL_DATA, "FeatureList=1");
    assert_int_equal(tell(PORT_NOTICE_INTERNAL_DATA, NULL, 0, false), 0);
    assert_non_null(strstr(host.events, "internal data: starts = 01000000"));
    host.events[0] = 0;
    assert_int_equal(tell(PORT_NOTICE_INTERNAL_DATA, host.unit, 0, false), 0);
    assert_non_null(strstr(host.events, "internal data: starts = 01000000"));
    only_word(ProbeAdapterControl, INTERNAL_DATA);
    only_word(ProbeUnitControl, UNIT_INTERNAL_DATA);
    probe_close(&host);
    open_with(1u << INTERNAL_DATA, 1u << UNIT_INTERNAL_DATA, "FeatureList=0");
    assert_int_equal(tell(PORT_NOTICE_INTERNAL_DATA, NULL, 0, false), -EOPNOTSUPP);
    assert_int_equal(tell(PORT_NOTICE_INTERNAL_DATA, host.unit, 0, false), -EOPNOTSUPP);
    probe_close(&host);
}

static void the_first_and_the_last_use_of_a_kind_are_told(void **state)
{
    (void)state;
    open_with(0, 1u << UNIT_USAGE, "");
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, true), 0);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, true), 0);
    assert_int_equal(only_word(ProbeUnitControl, UNIT_USAGE), PORT_USAGE_PAGING | 1 << 8);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, false), 0);
    assert_int_equal(probe_count(&host, ProbeUnitControl, UNIT_USAGE), 1);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, false), 0);
    assert_int_equal(probe_find(&host, ProbeUnitControl + ProbeLeave, UNIT_USAGE, 1)->Result,
                     PORT_USAGE_PAGING);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, false), -EINVAL);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, 0, true), -EINVAL);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_TYPES, true), -EINVAL);
    probe_close(&host);
}

static void a_use_that_the_driver_vetoes_does_not_begin(void **state)
{
    (void)state;
    open_with(0, 1u << UNIT_USAGE, "");
    host.shared->UnitControlFails = 1u << UNIT_USAGE;
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_DUMP, true), -EIO);
    host.shared->UnitControlFails = 0;
    assert_int_equal(stop(), 0);
    assert_int_equal(restart(), 0);
    probe_close(&host);
}

static void what_the_system_pages_to_is_neither_stopped_nor_powered_down(void **state)
{
    (void)state;
    open_with(0, 0, "");
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, true), 0);
    assert_int_equal(stop(), -EIO);
    assert_non_null(strstr(host.reason, "0:0:0"));
    assert_int_equal(port_adapter_power(host.adapter, 3, 0, host.reason, sizeof(host.reason)),
                     -EIO);
    assert_int_equal(port_adapter_pnp_remove(host.adapter, host.reason, sizeof(host.reason)), -EIO);
    assert_int_equal(port_adapter_state(host.adapter, NULL), PORT_ADAPTER_RUNNING);
    assert_int_equal(tell(PORT_NOTICE_USAGE, host.unit, PORT_USAGE_PAGING, false), 0);
    assert_int_equal(stop(), 0);
    probe_close(&host);
}

/* ---- what the driver is asked ---- */

static void the_adapter_is_described_by_its_driver(void **state)
{
    struct port_adapter_info info;

    (void)state;
    open_with(bits(SERIAL_NUMBER, FRU_ID), 0, "FeatureList=1");
    port_adapter_describe(host.adapter, &info);
    assert_string_equal(info.serial, "PROBE-SERIAL");
    assert_string_equal(info.fru, "PROBE-FRU");
    only_word(ProbeAdapterControl, SERIAL_NUMBER);
    only_word(ProbeAdapterControl, FRU_ID);
    probe_close(&host);
    open_with(bits(SERIAL_NUMBER, FRU_ID), 0, "FeatureList=0");
    port_adapter_describe(host.adapter, &info);
    assert_string_equal(info.serial, "PROBE-SERIAL");
    assert_string_equal(info.fru, ""); /* it has not been announced */
    probe_close(&host);
}

static void units_are_described_before_they_start(void **state)
{
    struct port_unit_info info;

    (void)state;
    open_with(0, bits(UNIT_RICH, UNIT_BUS_TYPE) | bits(UNIT_FRU_ID, UNIT_START), "FeatureList=1");
    size_t rich = probe_after(&host, ProbeUnitControl, UNIT_RICH, 0);
    assert_true(rich < probe_after(&host, ProbeUnitControl, UNIT_START, 0));
    only_word(ProbeUnitControl, UNIT_RICH);
    only_word(ProbeUnitControl, UNIT_BUS_TYPE);
    only_word(ProbeUnitControl, UNIT_FRU_ID);
    port_unit_describe(host.unit, &info);
    assert_string_equal(info.rich_model, "PROBE WITH A LONGER MODEL NUMBER");
    assert_string_equal(info.fru, "PROBE-UNIT-FRU");
    assert_int_equal(info.bus_type, NVME);
    probe_close(&host);
}

static void the_bus_type_of_a_unit_is_its_adapters_and_that_is_in_the_registry(void **state)
{
    struct port_adapter_info adapter;
    struct port_unit_info unit;

    (void)state;
    open_with(0, 1u << UNIT_BUS_TYPE, "");
    port_adapter_describe(host.adapter, &adapter);
    port_unit_describe(host.unit, &unit);
    assert_int_equal(adapter.bus_type, FIBRE);
    assert_int_equal(unit.bus_type, FIBRE);
    assert_int_equal(stop(), 0);
    assert_int_equal(nt_registry_set_dword("Services\\probe\\Parameters", "BusType", SATA), 0);
    assert_int_equal(restart(), 0);
    port_adapter_describe(host.adapter, &adapter);
    assert_int_equal(adapter.bus_type, SATA);
    probe_close(&host);
}

static void open_filtering(const char *device)
{
    probe_prepare(&host);
    host.service = "probe_F";
    assert_int_equal(probe_try(&host, device, ""), 0);
}

/* Before FindAdapter: BARs and three messages, of which the driver gives one back. */
static void resources_are_filtered_before_the_adapter_is_found(void **state)
{
    struct port_adapter_info info;

    (void)state;
    open_filtering("model:scratch,vectors=3");
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.messages, 2);
    assert_int_equal(probe_find(&host, ProbeAdapterControl + ProbeLeave, FILTER, 0)->Result,
                     BARS + 3);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

static void works(void)
{
    struct port_request request;

    probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInDpc, .Tag = 9});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

/* It finds and initializes its adapter anew after each stop and each sleep. */
static void a_driver_without_controls_lives_through_everything(void **state)
{
    enum { D0 = 0, D3 = 3, NO_ACTION = 0 };

    (void)state;
    probe_prepare(&host);
    host.service = "probe_O";
    assert_int_equal(probe_try(&host, "model:scratch", ""), 0);
    assert_true(probe_printed("finding INIT-03"));
    works();
    assert_int_equal(stop(), 0);
    assert_int_equal(restart(), 0);
    works();
    assert_int_equal(
        port_adapter_power(host.adapter, D3, NO_ACTION, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(
        port_adapter_power(host.adapter, D0, NO_ACTION, host.reason, sizeof(host.reason)), 0);
    works();
    assert_int_equal(probe_count(&host, ProbeFindAdapter, -1), 3);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, -1), 0);
    assert_int_equal(probe_count(&host, ProbeUnitControl, -1), 0);
    probe_close(&host);
}

static void a_driver_that_has_not_asked_for_it_filters_nothing(void **state)
{
    struct port_adapter_info info;

    (void)state;
    open_with(1u << FILTER, 0, "");
    assert_int_equal(probe_count(&host, ProbeAdapterControl, FILTER), 0);
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.messages, 1);
    probe_close(&host);
}

static void the_driver_may_override_the_bus_type_of_the_registry(void **state)
{
    struct port_adapter_info info;

    (void)state;
    open_with(0, 0, "AdapterBusType=17");
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.bus_type, NVME);
    probe_close(&host);
}

/* There are as many slots as initialization has said, not as FindAdapter had. */
static void initialization_may_change_how_many_requests_there_are(void **state)
{
    struct port_adapter_info info;
    struct port_request requests[4];

    (void)state;
    open_with(0, 0, "MaximumIo=100 UnitIo=100 UpdateIo=3");
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.max_io, 3);
    assert_int_equal(info.max_io_per_unit, 3);
    for (unsigned i = 0; i < 4; i++) {
        probe_script(&requests[i], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
        probe_submit(&host, &requests[i]);
    }
    assert_int_equal(port_unit_outstanding(host.unit), 3);
    while (port_queue_outstanding(host.queue)) {
        probe_release_kept(&host);
        port_wait(host.queue, sys_now_ns() + SYS_NS_PER_S);
    }
    probe_close(&host);
    open_with(0, 0, "UpdateIo=7 UpdateUnitIo=5");
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.max_io, 7);
    assert_int_equal(info.max_io_per_unit, 5);
    probe_close(&host);
}

/* ---- rescans and resets ---- */

static void every_enumeration_is_prepared(void **state)
{
    (void)state;
    open_with(1u << PREPARE_FOR_RESCAN, 0, "");
    assert_int_equal(probe_count(&host, ProbeAdapterControl, PREPARE_FOR_RESCAN), 1);
    port_adapter_rescan(host.adapter);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, PREPARE_FOR_RESCAN), 2);
    probe_assert_irql(&host, ProbeAdapterControl, NT_PASSIVE_LEVEL);
    probe_close(&host);
}

static void a_bus_reset_goes_by_the_synchronous_control_where_it_is_announced(void **state)
{
    struct port_request lost, reset;

    (void)state;
    open_with(1u << RESET_SYNCHRONOUSLY, 0, "FeatureList=1");
    probe_script(&lost, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
    probe_submit(&host, &lost);
    probe_reset(&reset, host.unit, PORT_RESET_BUS);
    probe_execute(&host, &reset);
    assert_int_equal(reset.srb_status, PROBE_SRB_SUCCESS);
    probe_finish(&host);
    assert_int_equal(lost.srb_status, PROBE_SRB_BUS_RESET);
    assert_int_equal(only_word(ProbeAdapterControl, RESET_SYNCHRONOUSLY), 0);
    assert_int_equal(probe_count(&host, ProbeResetBus, -1), 0);
    probe_close(&host);
    open_with(1u << RESET_SYNCHRONOUSLY, 0, "FeatureList=0");
    probe_reset(&reset, host.unit, PORT_RESET_BUS);
    probe_execute(&host, &reset);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, RESET_SYNCHRONOUSLY), 0);
    assert_int_equal(probe_count(&host, ProbeResetBus, -1), 1);
    probe_close(&host);
}

static void no_control_comes_that_the_driver_does_not_support(void **state)
{
    (void)state;
    open_with(0, 0, "FeatureList=1");
    port_adapter_rescan(host.adapter);
    assert_int_equal(tell(PORT_NOTICE_EVENT_LOGGING, NULL, 1, true), -EOPNOTSUPP);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, -1), 1);
    assert_int_equal(probe_count(&host, ProbeAdapterControl, QUERY), 1);
    assert_int_equal(probe_count(&host, ProbeUnitControl, -1), 1);
    assert_int_equal(probe_count(&host, ProbeUnitControl, QUERY), 1);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(power_settings_that_the_driver_registered_for_reach_it,
                     "StorPortSetPowerSettingNotificationGuids"),
        probe_test(power_settings_reach_no_driver_that_has_not_registered),
        probe_test(power_hints_are_passed_on),
        probe_proves(event_logging_is_for_drivers_that_announced_it, "StorPortSetFeatureList"),
        probe_proves(internal_data_of_adapter_and_unit_become_event_lines,
                     "StorPortMiniportReportInternalData"),
        probe_test(the_first_and_the_last_use_of_a_kind_are_told),
        probe_test(a_use_that_the_driver_vetoes_does_not_begin),
        probe_test(what_the_system_pages_to_is_neither_stopped_nor_powered_down),
        probe_test(the_adapter_is_described_by_its_driver),
        probe_test(units_are_described_before_they_start),
        probe_test(the_bus_type_of_a_unit_is_its_adapters_and_that_is_in_the_registry),
        probe_proves(the_driver_may_override_the_bus_type_of_the_registry,
                     "StorPortSetAdapterBusType"),
        probe_proves(initialization_may_change_how_many_requests_there_are,
                     "StorPortUpdateAdapterMaxIO", "StorPortUpdatePortConfigMaxIOInfo"),
        probe_test(resources_are_filtered_before_the_adapter_is_found),
        probe_test(a_driver_without_controls_lives_through_everything),
        probe_test(a_driver_that_has_not_asked_for_it_filters_nothing),
        probe_test(every_enumeration_is_prepared),
        probe_test(a_bus_reset_goes_by_the_synchronous_control_where_it_is_announced),
        probe_test(no_control_comes_that_the_driver_does_not_support),
    };

    return probe_run(argc, argv, tests);
}
