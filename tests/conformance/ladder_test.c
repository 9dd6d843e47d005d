/*
 * ladder_test.c - what follows when a request does not come back (rule S44, lifecycle section 7):
 * abort, unit, target and bus reset, what they leave behind, and late completions.
 */
#include "patience.h"
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum {
    FUNCTION_ABORT = 0x10,
    FUNCTION_RESET_DEVICE = 0x13,
    FUNCTION_RESET_LOGICAL_UNIT = 0x20,
    SRB_NO_HBA = 0x11,
    KEPT_TAG = 7,
    LATER_TAG = 8,
};

static struct probe_host host;
static struct port_request kept, later; /* they outlive a failed test's frame */

static unsigned functions_seen(unsigned function)
{
    const PROBE_ROW *row;
    unsigned count = 0;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        count += row->Callback == ProbeStartIo && row->Function == function;
    return count;
}

/* A request that the driver keeps for longer than its second. */
static void keep(const char *settings)
{
    probe_prepare(&host);
    host.shared->PresentUnits = 3;
    assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
    kept.timeout_s = 1;
    probe_submit(&host, &kept);
}

static void run_later(void)
{
    probe_script(&later, host.unit, (PROBE_SCRIPT){.Tag = LATER_TAG});
    probe_execute(&host, &later);
    assert_true(probe_succeeded(&later));
}

static void ladder_ends_at(unsigned tier, unsigned units, unsigned targets, unsigned buses)
{
    char settings[64];

    snprintf(settings, sizeof(settings), "Units=2 ResetTier=%u", tier);
    keep(settings);
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    assert_int_equal(kept.srb_status, PROBE_SRB_TIMEOUT);
    assert_int_equal(functions_seen(FUNCTION_ABORT), 0);
    assert_int_equal(functions_seen(FUNCTION_RESET_LOGICAL_UNIT), units);
    assert_int_equal(functions_seen(FUNCTION_RESET_DEVICE), targets);
    assert_int_equal(probe_count(&host, ProbeResetBus, 0), buses);
    assert_int_equal(nt_finding_count(), 0);
    assert_non_null(strstr(host.events, "reset to device, RaidPort0, unit 0:0:0"));
    run_later();
    probe_close(&host);
}

static void the_ladder_stops_at_the_first_reset_that_works(void **state)
{
    (void)state;
    ladder_ends_at(1, 1, 0, 0);
    ladder_ends_at(2, 1, 1, 0);
    ladder_ends_at(3, 1, 1, 1);
}

/* What was given back may still be in the device's queue. */
static void the_unit_rests_after_a_reset_that_gave_requests_back(void **state)
{
    (void)state;
    keep("Units=2 ResetTier=1");
    probe_finish(&host);
    uint64_t given_back_ns = sys_now_ns();
    run_later();
    assert_true(sys_now_ns() - given_back_ns > 200 * SYS_NS_PER_MS);
    probe_close(&host);
}

/* Three rounds of the bus reset; the requests end, and the adapter answers again. */
static void resets_that_never_work_end_in_failed_requests(void **state)
{
    (void)state;
    keep("Units=2 ResetTier=4");
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    assert_int_equal(probe_count(&host, ProbeResetBus, 0), 3);
    run_later();
    probe_close(&host);
}

static void an_abort_comes_first_where_the_driver_asks_for_it(void **state)
{
    (void)state;
    keep("Units=2 AbortMode=1");
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    assert_int_equal(kept.srb_status, PROBE_SRB_ABORTED);
    assert_int_equal(functions_seen(FUNCTION_ABORT), 1);
    assert_int_equal(functions_seen(FUNCTION_RESET_LOGICAL_UNIT), 0);
    assert_int_equal(nt_finding_count(), 0);
    run_later();
    probe_close(&host);
}

/* F0 code 2. */
static void an_abort_that_only_says_so_is_a_finding_and_leads_to_a_reset(void **state)
{
    (void)state;
    keep("Units=2 AbortMode=2");
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    assert_int_equal(functions_seen(FUNCTION_RESET_LOGICAL_UNIT), 1);
    assert_int_equal(nt_finding_count(), 1);
    assert_true(probe_printed("F0.2"));
    probe_close(&host);
}

/* F0 code 1, and the memory stays the driver's until it gives it back. */
static void what_a_successful_reset_leaves_is_given_up_and_may_come_late(void **state)
{
    (void)state;
    keep("Units=2 ResetLeaves=1");
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    assert_int_equal(kept.srb_status, PROBE_SRB_TIMEOUT);
    assert_true(probe_printed("F0.1"));
    void *srb = probe_find(&host, ProbeStartIo, KEPT_TAG, 0)->Srb;
    for (unsigned i = 0; i < 300; i++)
        run_later();
    for (unsigned i = 0; i < 300; i++)
        assert_ptr_not_equal(probe_find(&host, ProbeStartIo, LATER_TAG, i)->Srb, srb);
    uint64_t findings = nt_finding_count();
    probe_script(&later, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    probe_execute(&host, &later);
    assert_true(probe_succeeded(&later));
    /* It is told of on the processor that has issued the request. */
    uint64_t deadline = patience_deadline_ns(20);
    while (nt_finding_count() == findings) {
        patience_check(deadline);
        sys_delay_ns(SYS_NS_PER_MS);
    }
    assert_int_equal(nt_finding_count(), findings + 1);
    assert_true(probe_printed("late-completion"));
    assert_false(probe_printed("F1.2004"));
    run_later();
    probe_close(&host);
}

static void a_slot_that_never_comes_back_does_not_stop_the_stop(void **state)
{
    (void)state;
    keep("Units=2 ResetLeaves=100");
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    probe_close(&host);
}

/* The clock starts at BuildIo (rule S44). */
static void S44_a_request_that_build_io_keeps_times_out_too(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    probe_script(&kept, host.unit,
                 (PROBE_SCRIPT){.BuildAction = ProbeDoPauseUnit,
                                .Value = 2,
                                .CompleteIn = ProbeInNever,
                                .Tag = KEPT_TAG});
    kept.timeout_s = 1;
    probe_submit(&host, &kept);
    probe_finish(&host);
    assert_int_equal(kept.status, PORT_TIMED_OUT);
    probe_close(&host);
}

/* Other units go on during a unit reset; a bus reset is everybody's. */
static void requests_of_other_units_survive_a_unit_reset(void **state)
{
    struct port_request other;

    (void)state;
    keep("Units=2 ResetTier=1");
    struct port_unit *unit = port_unit_get(host.adapter, 1);
    probe_script(&other, unit, (PROBE_SCRIPT){.CompleteIn = ProbeInTimerEx});
    while (!probe_is_done(&kept)) {
        probe_submit(&host, &other);
        while (!probe_is_done(&other))
            port_wait(host.queue, SYS_FOREVER);
        assert_true(probe_succeeded(&other));
    }
    port_unit_release(unit);
    probe_close(&host);
}

/* What is submitted during the reset waits for its end. */
static void new_requests_wait_for_the_end_of_a_reset(void **state)
{
    (void)state;
    keep("Units=2 ResetTier=3 BusResetHold=300000");
    (void)probe_await(&host, ProbeResetBus, 0, 0);
    probe_script(&later, host.unit, (PROBE_SCRIPT){.Tag = LATER_TAG});
    uint64_t start = sys_now_ns();
    probe_submit(&host, &later);
    probe_finish(&host);
    assert_true(probe_succeeded(&later));
    assert_true(sys_now_ns() - start >= 250 * SYS_NS_PER_MS);
    assert_true(probe_index(&host, probe_find(&host, ProbeResetBus + ProbeLeave, 0, 0)) <
                probe_index(&host, probe_find(&host, ProbeBuildIo, LATER_TAG, 0)));
    probe_close(&host);
}

/* Many requests of which one is kept: all others are unharmed, none comes twice. */
static void only_kept_requests_fail_in_a_reset(void **state)
{
    enum { COUNT = 40 };
    static struct port_request requests[COUNT];

    (void)state;
    keep("Units=2 Depth=4");
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = i == 20 ? ProbeInNever : ProbeInTimer,
                                    .Tag = (UCHAR)(20 + i)});
        requests[i].timeout_s = 1;
        probe_submit(&host, &requests[i]);
    }
    probe_finish(&host);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(probe_count(&host, ProbeCompletes, 20 + i), 1);
        if (i == 20)
            assert_int_not_equal(requests[i].srb_status, PROBE_SRB_SUCCESS);
        else
            assert_true(probe_succeeded(&requests[i]));
    }
    assert_int_equal(nt_finding_count(), 0);
    probe_close(&host);
}

/* A client that asks for a reset learns what became of it. */
static void a_reset_that_the_driver_refuses_fails_for_its_client(void **state)
{
    struct port_request reset;

    (void)state;
    probe_open(&host, "model:scratch", "ResetTier=2");
    probe_reset(&reset, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &reset);
    assert_int_equal(reset.status, PORT_OK);
    assert_int_not_equal(reset.srb_status, PROBE_SRB_SUCCESS);
    probe_reset(&reset, host.unit, PORT_RESET_TARGET);
    probe_execute(&host, &reset);
    assert_int_equal(reset.srb_status, PROBE_SRB_SUCCESS);
    run_later();
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(the_ladder_stops_at_the_first_reset_that_works),
        probe_test(the_unit_rests_after_a_reset_that_gave_requests_back),
        probe_test(resets_that_never_work_end_in_failed_requests),
        probe_test(an_abort_comes_first_where_the_driver_asks_for_it),
        probe_test(an_abort_that_only_says_so_is_a_finding_and_leads_to_a_reset),
        probe_test(what_a_successful_reset_leaves_is_given_up_and_may_come_late),
        probe_test(a_slot_that_never_comes_back_does_not_stop_the_stop),
        probe_test(S44_a_request_that_build_io_keeps_times_out_too),
        probe_test(requests_of_other_units_survive_a_unit_reset),
        probe_test(new_requests_wait_for_the_end_of_a_reset),
        probe_test(only_kept_requests_fail_in_a_reset),
        probe_test(a_reset_that_the_driver_refuses_fails_for_its_client),
    };

    return probe_run(argc, argv, tests);
}
