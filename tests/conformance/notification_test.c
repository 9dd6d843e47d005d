/*
 * notification_test.c - notifications whose effect only the port sees: a unit's WMI data are asked
 * for again, and the time that a target took is added up.
 */
#include "probe_host.h"

#include <string.h>

static struct probe_host host;

static void run_action(UCHAR action, UCHAR value)
{
    struct port_request request;

    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = action, .Value = value});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

static void a_unit_that_registers_anew_is_asked_for_its_wmi_data(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_null(strstr(host.events, "blocks of WMI data"));
    run_action(ProbeDoReregister, 0);
    port_unit_events_drain(host.unit);
    assert_non_null(strstr(host.events, "unit 0:0:0 has registered 0 blocks of WMI data"));
    probe_close(&host);
}

static void the_time_that_a_target_took_is_added_up_by_unit(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    run_action(ProbeDoServiceTime, 7);
    run_action(ProbeDoServiceTime, 5);
    assert_int_equal(host.unit->service_time, 12);
    assert_int_equal(host.unit->service_count, 2);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(a_unit_that_registers_anew_is_asked_for_its_wmi_data, "WMIReregister"),
        probe_proves(the_time_that_a_target_took_is_added_up_by_unit, "IoTargetRequestServiceTime"),
    };

    return probe_run(argc, argv, tests);
}
