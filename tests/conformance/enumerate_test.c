/*
 * enumerate_test.c - finding units (lifecycle section 4): REPORT LUNS and what replaces it, absent
 * ones, arrivals and departures, and what makes the port look again.
 */
#include "probe_host.h"

#include <string.h>

enum {
    OP_INQUIRY = 0x12,
    OP_REPORT_LUNS = 0xA0,
    SRB_INVALID_REQUEST = 0x06,
    SRB_SELECTION_TIMEOUT = 0x0A,
    CONTROL_PREPARE = 11,
};

static struct probe_host host;

static void open_units(uint32_t present, uint32_t absent, uint32_t report_status)
{
    probe_prepare(&host);
    host.shared->PresentUnits = present;
    host.shared->AbsentQualifier = absent;
    host.shared->ReportLunsStatus = report_status;
    assert_int_equal(probe_try(&host, "model:scratch", "Units=32"), 0);
}

static uint32_t units_found(void)
{
    uint32_t found = 0;
    struct port_unit *unit;

    for (unsigned i = 0; (unit = port_unit_get(host.adapter, i)) != NULL; i++) {
        struct port_unit_info info;
        port_unit_describe(unit, &info);
        assert_int_equal(info.path, 0);
        assert_int_equal(info.target, 0);
        found |= 1u << info.lun;
        port_unit_release(unit);
    }
    return found;
}

/* Bits of the LUNs that got that command; UINT32_MAX-wide is enough for 32 units. */
static uint32_t luns_asked(unsigned opcode)
{
    const PROBE_ROW *row;
    uint32_t asked = 0;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        if (row->Callback == ProbeStartIo && row->Function == 0 && row->Opcode == opcode)
            asked |= 1u << row->Lun;
    return asked;
}

static void every_listed_unit_is_found(void **state)
{
    (void)state;
    open_units(0x80010025, 0, 0);
    assert_int_equal(units_found(), 0x80010025);
    assert_int_equal(luns_asked(OP_REPORT_LUNS), 1);
    assert_int_equal(luns_asked(OP_INQUIRY), 0x80010025);
    probe_close(&host);
}

static void a_list_of_which_only_the_length_arrives_names_unit_zero(void **state)
{
    (void)state;
    probe_prepare(&host);
    host.shared->PresentUnits = 1;
    host.shared->ReportLunsBytes = 8;
    assert_int_equal(probe_try(&host, "model:scratch", ""), 0);
    assert_int_equal(units_found(), 1);
    probe_close(&host);
}

static void units_beyond_the_drivers_limit_are_dropped(void **state)
{
    (void)state;
    probe_prepare(&host);
    host.shared->PresentUnits = 0xFF;
    assert_int_equal(probe_try(&host, "model:scratch", "Units=3"), 0);
    assert_int_equal(units_found(), 7);
    probe_close(&host);
}

static void unit_zero_need_not_be_there(void **state)
{
    (void)state;
    open_units(0x0C, 0, 0);
    assert_int_equal(units_found(), 0x0C);
    probe_close(&host);
}

static void without_report_luns_the_first_eight_are_asked(void **state)
{
    (void)state;
    open_units(0x103, 0, SRB_INVALID_REQUEST);
    assert_int_equal(units_found(), 3);
    assert_int_equal(luns_asked(OP_INQUIRY), 0xFF);
    probe_close(&host);
}

static void where_selection_fails_nothing_else_is_asked(void **state)
{
    (void)state;
    open_units(1, 0, SRB_SELECTION_TIMEOUT);
    assert_int_equal(units_found(), 0);
    assert_int_equal(luns_asked(OP_INQUIRY), 0);
    probe_close(&host);
}

static void a_qualifier_of_three_means_absent(void **state)
{
    (void)state;
    open_units(0x05, 0x04, 0);
    assert_int_equal(units_found(), 0x01);
    probe_close(&host);
}

/* Discovery asks LUN 0 for its list before anything else, and prepares the driver. */
static void a_pass_is_announced_and_begins_with_report_luns(void **state)
{
    const PROBE_ROW *row;

    (void)state;
    open_units(3, 0, 0);
    const PROBE_ROW *prepare = probe_find(&host, ProbeAdapterControl, CONTROL_PREPARE, 0);
    assert_non_null(prepare);
    assert_int_equal(prepare->Irql, NT_PASSIVE_LEVEL);
    for (size_t i = probe_index(&host, prepare); (row = probe_row(&host, i)) != NULL; i++) {
        if (row->Callback != ProbeStartIo)
            continue;
        assert_int_equal(row->Opcode, OP_REPORT_LUNS);
        break;
    }
    probe_close(&host);
}

/* ---- changes ---- */

static void a_rescan_notices_departures_and_arrivals(void **state)
{
    (void)state;
    open_units(0x03, 0, 0);
    struct port_unit *second = port_unit_get(host.adapter, 1);
    assert_true(port_unit_present(second));
    host.shared->PresentUnits = 0x11;
    port_adapter_rescan(host.adapter);
    assert_int_equal(units_found(), 0x11);
    assert_false(port_unit_present(second));
    assert_non_null(strstr(host.events, "unit 0:0:1 is gone"));
    assert_non_null(strstr(host.events, "unit 0:0:4 arrived"));
    host.shared->PresentUnits = 0x03;
    port_adapter_rescan(host.adapter);
    assert_int_equal(units_found(), 0x03);
    assert_true(port_unit_present(second));
    port_unit_release(second);
    probe_close(&host);
}

static void unit_controls_tell_of_departures_and_arrivals(void **state)
{
    enum { START = 2, REMOVE = 9, SURPRISE = 10, LUN_1 = 1 << 16, LUN_2 = 2 << 16 };

    (void)state;
    probe_prepare(&host);
    host.shared->PresentUnits = 0x03;
    assert_int_equal(probe_try(&host, "model:scratch", "Units=32 UnitControls=1"), 0);
    host.shared->PresentUnits = 0x05;
    port_adapter_rescan(host.adapter);
    assert_int_equal(probe_count(&host, ProbeUnitControl, START | LUN_2), 1);
    assert_true(probe_index(&host, probe_find(&host, ProbeUnitControl, SURPRISE | LUN_1, 0)) <
                probe_index(&host, probe_find(&host, ProbeUnitControl, REMOVE | LUN_1, 0)));
    probe_close(&host);
}

static void run_action(UCHAR action)
{
    struct port_request request;

    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = action});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

/* The link comes up from a thread of ours: while it is down no script can run. */
static void the_driver_makes_the_port_look_again(void **state)
{
    static const UCHAR actions[] = {ProbeDoBusChange, ProbeDoStateChange, ProbeDoLinkDown};

    (void)state;
    for (unsigned i = 0; i < sizeof(actions); i++) {
        open_units(1, 0, 0);
        host.shared->PresentUnits = 3;
        run_action(actions[i]);
        if (actions[i] == ProbeDoLinkDown)
            StorPortNotification(LinkUp, host.adapter->extension);
        (void)probe_await(&host, ProbeAdapterControl + ProbeLeave, CONTROL_PREPARE, 1);
        uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
        while (units_found() != 3) {
            assert_true(sys_now_ns() < deadline);
            sys_thread_yield();
        }
        if (actions[i] == ProbeDoStateChange) {
            const PROBE_ROW *told = probe_await(&host, ProbeStateChange, 0, 0);
            assert_int_equal(told->Irql, NT_DISPATCH_LEVEL);
            assert_true(probe_await(&host, ProbeStateChange + ProbeLeave, 0, 0)->Result);
        }
        probe_close(&host);
    }
}

/* ---- endings during a pass ---- */

/* The vanished device answers no INQUIRY; neither does its removal wait for one. */
static void a_device_that_goes_during_a_pass_ends_it(void **state)
{
    struct port_request remove;

    (void)state;
    open_units(1, 0, 0);
    host.shared->HoldInquiries = 1;
    run_action(ProbeDoBusChange);
    (void)probe_await(&host, ProbeAdapterControl, CONTROL_PREPARE, 1);
    while (port_unit_outstanding(host.unit) == 0)
        sys_thread_yield();
    probe_script(&remove, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRemove});
    probe_execute(&host, &remove);
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    while (port_unit_outstanding(host.unit)) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    probe_close(&host);
    assert_null(strstr(host.events, "unit 0:0:0 is gone"));
}

static void a_stop_during_a_state_change_ends_the_pass(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        open_units(0xFFFFFFFF, 0, 0);
        host.shared->DwellMicroseconds = 50;
        run_action(ProbeDoStateChange);
        if (i % 2)
            (void)probe_await(&host, ProbeAdapterControl, CONTROL_PREPARE, 1);
        probe_close(&host);
        assert_null(strstr(host.events, "is gone"));
    }
}

/* Lifecycle section 12: what waits fails, what the driver has is waited for, then the driver is
 * told, and last its memory for the unit goes. */
static void a_unit_that_goes_takes_its_requests_and_its_extension_with_it(void **state)
{
    static struct port_request slow, waiting;

    (void)state;
    open_units(0x03, 0, 0);
    struct port_unit *second = port_unit_get(host.adapter, 1);
    uint8_t *extension = second->extension;
    assert_non_null(extension);
    extension[0] = 0x5A;
    probe_script(&slow, second, (PROBE_SCRIPT){.CompleteIn = ProbeInTimer, .Tag = 7});
    probe_submit(&host, &slow);
    assert_int_equal(port_unit_queue(second, PORT_QUEUE_LOCK, second), 0);
    probe_script(&waiting, second, (PROBE_SCRIPT){.Tag = 8});
    probe_submit(&host, &waiting);
    host.shared->PresentUnits = 0x01;
    port_adapter_rescan(host.adapter);
    probe_finish(&host);
    assert_true(probe_succeeded(&slow));
    assert_int_equal(waiting.status, PORT_NO_DEVICE);
    assert_int_equal(waiting.srb_status, 0x08);
    assert_null(second->extension);
    assert_null(port_unit_find(host.adapter, 0, 0, 1));
    probe_script(&waiting, second, (PROBE_SCRIPT){.Tag = 8});
    probe_execute(&host, &waiting);
    assert_int_equal(waiting.status, PORT_NO_DEVICE);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 8), 0);
    host.shared->PresentUnits = 0x03; /* back, with new memory and without the old lock */
    port_adapter_rescan(host.adapter);
    assert_non_null(second->extension);
    assert_int_equal(*(uint8_t *)second->extension, 0);
    probe_execute(&host, &waiting);
    assert_true(probe_succeeded(&waiting));
    port_unit_release(second);
    probe_close(&host);
}

/* What discovery needed to ask exists for that long. */
static void a_unit_that_was_not_accepted_does_not_exist(void **state)
{
    (void)state;
    open_units(0x05, 0x02, SRB_INVALID_REQUEST);
    for (unsigned lun = 0; lun < 8; lun++)
        assert_int_equal(port_unit_find(host.adapter, 0, 0, (uint8_t)lun) != NULL,
                         lun == 0 || lun == 2);
    probe_close(&host);
}

static unsigned commands_seen(unsigned opcode, unsigned lun)
{
    const PROBE_ROW *row;
    unsigned count = 0;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        count += row->Callback == ProbeStartIo && row->Function == 0 && row->Opcode == opcode &&
                 row->Lun == lun;
    return count;
}

static void a_state_change_of_a_unit_looks_at_that_unit_alone(void **state)
{
    struct port_request request;

    (void)state;
    open_units(0x01, 0, 0);
    unsigned lists = commands_seen(OP_REPORT_LUNS, 0), first = commands_seen(OP_INQUIRY, 0);
    host.shared->PresentUnits = 0x0E; /* 0 has gone, 1 to 3 have come */
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.StartAction = ProbeDoStateChange, .Value = 1 | 2 << 3});
    probe_execute(&host, &request);
    (void)probe_await(&host, ProbeStateChange + ProbeLeave, 0, 0);
    assert_int_equal(units_found(), 0x05);
    assert_int_equal(commands_seen(OP_REPORT_LUNS, 0), lists);
    assert_int_equal(commands_seen(OP_INQUIRY, 0), first);
    assert_int_equal(commands_seen(OP_INQUIRY, 1), 0);
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.StartAction = ProbeDoStateChange, .Value = 2});
    probe_execute(&host, &request);
    (void)probe_await(&host, ProbeStateChange + ProbeLeave, 0, 1);
    assert_int_equal(units_found(), 0x0E);
    assert_true(commands_seen(OP_REPORT_LUNS, 0) > lists);
    probe_close(&host);
}

static void a_unit_that_the_driver_says_has_failed_goes_and_stays_away(void **state)
{
    (void)state;
    open_units(0x03, 0, 0);
    struct port_unit *second = port_unit_get(host.adapter, 1);
    port_unit_failed(second);
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    while (port_unit_present(second)) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    port_adapter_rescan(host.adapter);
    assert_int_equal(units_found(), 0x01);
    port_unit_release(second);
    probe_close(&host);
}

static void an_asynchronous_notification_is_told_once_at_a_time(void **state)
{
    (void)state;
    open_units(0x01, 0, 0);
    assert_false(port_unit_is_notifying(host.unit));
    host.unit->attributes = 2;
    assert_true(port_unit_is_notifying(host.unit));
    nt_irql_raise(NT_DISPATCH_LEVEL);
    assert_true(port_unit_notify(host.unit, 1 | 4));
    bool second = port_unit_notify(host.unit, 2);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    port_unit_events_drain(host.unit);
    assert_non_null(
        strstr(host.events, "unit 0:0:0 tells of a change: media status, device operation"));
    assert_int_equal(second, strstr(host.events, "change: device status") != NULL);
    assert_true(port_unit_notify(host.unit, 2));
    port_unit_events_drain(host.unit);
    assert_non_null(strstr(host.events, "change: device status"));
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(every_listed_unit_is_found),
        probe_test(a_list_of_which_only_the_length_arrives_names_unit_zero),
        probe_test(units_beyond_the_drivers_limit_are_dropped),
        probe_test(unit_zero_need_not_be_there),
        probe_test(without_report_luns_the_first_eight_are_asked),
        probe_test(where_selection_fails_nothing_else_is_asked),
        probe_test(a_qualifier_of_three_means_absent),
        probe_test(a_pass_is_announced_and_begins_with_report_luns),
        probe_test(a_rescan_notices_departures_and_arrivals),
        probe_test(unit_controls_tell_of_departures_and_arrivals),
        probe_proves(the_driver_makes_the_port_look_again, "BusChangeDetected",
                     "StorPortStateChangeDetected"),
        probe_test(a_device_that_goes_during_a_pass_ends_it),
        probe_test(a_stop_during_a_state_change_ends_the_pass),
        probe_test(a_unit_that_goes_takes_its_requests_and_its_extension_with_it),
        probe_test(a_unit_that_was_not_accepted_does_not_exist),
        probe_test(a_state_change_of_a_unit_looks_at_that_unit_alone),
        probe_test(a_unit_that_the_driver_says_has_failed_goes_and_stays_away),
        probe_test(an_asynchronous_notification_is_told_once_at_a_time),
    };

    return probe_run(argc, argv, tests);
}
