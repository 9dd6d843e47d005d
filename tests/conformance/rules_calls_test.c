/*
 * rules_calls_test.c - rules of StartIo's contract about when, where and how often it is called,
 * what a driver may do in it and what its result means (sections A to D), as far as they are not
 * proven where their subject is tested: S1, S2, S4, S5, S7, S8, S10, S14, S16 to S20, S22.
 */
#include "checks_host.h"
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum {
    REQUESTS = 12,
    CONTROL_STOP = 1,
    EXIT_WITH_FINDINGS = 10,
};

static struct probe_host host;
static const char *const physical_modes[] = {"Duplex=0", "Duplex=1", "Duplex=2"};
enum { PHYSICAL_MODES = sizeof(physical_modes) / sizeof(physical_modes[0]) };

static void S1_every_attempt_is_built_once_and_started_once(void **state)
{
    struct port_request requests[REQUESTS];

    (void)state;
    for (unsigned mode = 0; mode < PHYSICAL_MODES; mode++) {
        probe_open(&host, "model:scratch,vectors=3", physical_modes[mode]);
        for (unsigned i = 0; i < REQUESTS; i++) {
            probe_script(&requests[i], host.unit,
                         (PROBE_SCRIPT){.CompleteIn = (UCHAR)(i % 3),
                                        .SrbStatus = PROBE_SRB_BUSY,
                                        .Times = i % 2,
                                        .Tag = (UCHAR)(10 + i)});
            probe_submit(&host, &requests[i]);
        }
        probe_finish(&host);
        for (unsigned i = 0; i < REQUESTS; i++) {
            assert_true(probe_succeeded(&requests[i]));
            assert_int_equal(probe_count(&host, ProbeBuildIo, 10 + i), 1 + i % 2);
            assert_int_equal(probe_count(&host, ProbeStartIo, 10 + i), 1 + i % 2);
        }
        probe_close(&host);
    }
}

static void S2_all_callbacks_get_the_same_device_extension(void **state)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc,    ProbeInInterrupt, ProbeInTimer,
                                   ProbeInTimerEx, ProbeInWorker, ProbeInBuildIo};
    struct port_request request;
    const PROBE_ROW *row;

    (void)state;
    probe_open(&host, "model:scratch", "UnitControls=1");
    void *extension = host.adapter->extension;
    for (unsigned i = 0; i < sizeof(places); i++) {
        probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = places[i]});
        probe_execute(&host, &request);
    }
    probe_reset(&request, host.unit, PORT_RESET_BUS);
    probe_execute(&host, &request);
    probe_stop(&host);
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        assert_ptr_equal(row->DeviceExtension, extension);
    assert_true(probe_count(&host, ProbeResetBus, -1) && probe_count(&host, ProbeUnitControl, -1));
    probe_unload(&host);
}

static void S4_start_io_finds_what_build_io_was_given_and_stored(void **state)
{
    struct port_request requests[REQUESTS];

    (void)state;
    for (unsigned mode = 0; mode < PHYSICAL_MODES; mode++) {
        probe_open(&host, "model:scratch,vectors=3", physical_modes[mode]);
        for (unsigned i = 0; i < REQUESTS; i++) {
            probe_script(&requests[i], host.unit, (PROBE_SCRIPT){.Tag = (UCHAR)(10 + i)});
            probe_data(&requests[i], 4096);
            probe_submit(&host, &requests[i]);
        }
        probe_finish(&host);
        for (unsigned i = 0; i < REQUESTS; i++) {
            const PROBE_ROW *built = probe_find(&host, ProbeBuildIo, 10 + i, 0);
            const PROBE_ROW *started = probe_find(&host, ProbeStartIo, 10 + i, 0);
            assert_ptr_equal(built->Srb, started->Srb);
            assert_ptr_equal(built->SrbExtension, started->SrbExtension);
            assert_ptr_equal(built->List, started->List);
            assert_int_equal(built->SrbFlags, started->SrbFlags);
            assert_int_equal(built->SrbStatus, started->SrbStatus);
            assert_int_equal(built->DataTransferLength, started->DataTransferLength);
            probe_data_free(&requests[i]);
        }
        probe_close(&host); /* what the extension held was looked at by the probe */
    }
}

static size_t first(unsigned callback)
{
    return probe_index(&host, probe_find(&host, callback, -1, 0));
}

static void S5_nothing_is_started_before_initialization_or_after_the_stop(void **state)
{
    static const char *const settings[] = {"", "PassiveInitialize=1"};
    const PROBE_ROW *row;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        probe_open(&host, i ? "none" : "model:scratch", settings[i]);
        probe_stop(&host);
        size_t ready = first(ProbePassiveInitialize + ProbeLeave);
        size_t stop = probe_index(&host, probe_find(&host, ProbeAdapterControl, CONTROL_STOP, 0));
        for (size_t at = 0; (row = probe_row(&host, at)) != NULL; at++)
            if (row->Callback == ProbeBuildIo || row->Callback == ProbeStartIo)
                assert_true(at > ready && at < stop);
        assert_true(first(ProbeStartIo) > ready);
        probe_unload(&host);
    }
}

static void S7_the_next_request_comes_without_being_asked_for(void **state)
{
    struct port_request kept, next;

    (void)state;
    for (unsigned mode = 0; mode < PHYSICAL_MODES; mode++) {
        probe_open(&host, "model:scratch", physical_modes[mode]);
        probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = 7});
        probe_submit(&host, &kept);
        probe_script(&next, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRelease, .Tag = 8});
        probe_execute(&host, &next);
        assert_true(probe_succeeded(&next));
        probe_finish(&host);
        assert_true(probe_index(&host, probe_find(&host, ProbeStartIo, 8, 0)) >
                    probe_index(&host, probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)));
        probe_close(&host);
    }
}

/* ---- S8 ---- */

static void outstanding_is_limited(const char *settings, unsigned limit)
{
    struct port_request requests[REQUESTS], release;

    probe_open(&host, "model:scratch", settings);
    for (unsigned i = 0; i < REQUESTS; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &requests[i]);
    }
    /* What another processor may still start comes over when it is asked for. */
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    while (port_unit_outstanding(host.unit) < limit && sys_now_ns() < deadline)
        sys_thread_yield();
    unsigned built = 0;
    for (unsigned i = 0; i < REQUESTS; i++)
        built += probe_count(&host, ProbeBuildIo, 10 + i);
    assert_int_equal(built, limit);
    assert_int_equal(port_unit_outstanding(host.unit), limit);
    /* A reset gives them back; what waits comes after it, again no more than the limit. */
    while (port_queue_outstanding(host.queue)) {
        probe_reset(&release, host.unit, PORT_RESET_LOGICAL_UNIT);
        probe_execute(&host, &release);
        assert_true(port_unit_outstanding(host.unit) <= limit);
        probe_poll(&host);
    }
    probe_close(&host);
}

static void S8_never_more_is_outstanding_than_depth_and_adapter_allow(void **state)
{
    (void)state;
    outstanding_is_limited("Depth=3 UnitIo=200 MaximumIo=200", 3);
    outstanding_is_limited("Depth=200 UnitIo=4 MaximumIo=200", 4);
    outstanding_is_limited("Depth=200 UnitIo=200 MaximumIo=5", 5);
}

static void S10_start_io_has_one_irql_whatever_started_it(void **state)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc,     ProbeInInterrupt,
                                   ProbeInTimer,   ProbeInTimerEx, ProbeInWorker};
    struct port_request requests[REQUESTS];
    static const unsigned irqls[] = {NT_DEVICE_LEVEL, NT_DISPATCH_LEVEL, NT_DISPATCH_LEVEL};
    char settings[64];

    (void)state;
    for (unsigned mode = 0; mode < PHYSICAL_MODES; mode++) {
        /* One at a time, so that each completion starts the next one. */
        snprintf(settings, sizeof(settings), "%s MaximumIo=1", physical_modes[mode]);
        probe_open(&host, "model:scratch", settings);
        for (unsigned i = 0; i < REQUESTS; i++) {
            probe_script(&requests[i], host.unit,
                         (PROBE_SCRIPT){.CompleteIn = places[i % sizeof(places)]});
            probe_submit(&host, &requests[i]);
        }
        probe_finish(&host);
        probe_assert_irql(&host, ProbeStartIo, irqls[mode]);
        probe_close(&host);
    }
}

/* ---- what a driver must not do (with the module of checks) ---- */

static int judge_findings(unsigned place)
{
    (void)place;
    return nt_finding_count() ? EXIT_WITH_FINDINGS : 0;
}

static int status_of(const char *cell, CHECK_MODEL model)
{
    checks_list();
    uint32_t check = checks_find(cell);
    return checks_status_of(check, CheckStartIo, model, CheckMessagesApart, judge_findings);
}

static void S14_a_lock_kept_or_an_irql_left_raised_is_reported(void **state)
{
    (void)state;
    for (CHECK_MODEL model = 0; model < CheckModelCount; model++) {
        if (model != CheckHalfDuplex) /* where it takes no lock at all */
            assert_int_equal(status_of("KeepLock", model), EXIT_WITH_FINDINGS);
        assert_int_equal(status_of("KeepIrql", model), EXIT_WITH_FINDINGS);
        assert_int_equal(status_of("EntryOfCallback", model), 0);
    }
}

static void S18_a_wait_in_start_io_stops_the_machine_and_a_long_stall_is_reported(void **state)
{
    (void)state;
    for (CHECK_MODEL model = 0; model < CheckModelCount; model++) {
        assert_int_equal(status_of("Wait", model), NT_BUGCHECK_EXIT_STATUS);
        assert_int_equal(status_of("LongStall", model), EXIT_WITH_FINDINGS);
    }
}

/* ---- what it may do ---- */

static uint32_t action_result(const char *settings, PROBE_ACTION action)
{
    struct port_request request;

    probe_open(&host, "model:scratch", settings);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = (UCHAR)action, .Tag = 7});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    uint32_t result = probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)->Result;
    probe_close(&host);
    return result;
}

static void S16_half_duplex_start_io_gets_no_pool_and_its_locks_are_reported(void **state)
{
    (void)state;
    assert_int_equal(action_result("Duplex=0", ProbeDoAllocatePool), STOR_STATUS_INVALID_IRQL);
    uint64_t before = nt_finding_count();
    (void)action_result("Duplex=0", ProbeDoDpcLock);
    assert_true(nt_finding_count() > before);
}

static void S17_full_duplex_start_io_gets_pool_and_locks(void **state)
{
    (void)state;
    assert_int_equal(action_result("Duplex=1", ProbeDoAllocatePool), STOR_STATUS_SUCCESS);
    assert_int_equal(action_result("Duplex=1", ProbeDoDpcLock), NT_DISPATCH_LEVEL);
    assert_int_equal(action_result("Duplex=1", ProbeDoInterruptLock), NT_DEVICE_LEVEL);
    assert_int_equal(nt_finding_count(), 0);
}

struct caller {
    struct port_queue *queue;
    struct port_request request;
};

static void caller_run(void *context)
{
    struct caller *caller = context;

    assert_int_equal(port_queue_create(&caller->queue), 0);
    port_execute(caller->queue, &caller->request);
    port_queue_destroy(caller->queue);
}

/* Both come to a meeting inside BuildIo. In StartIo of these modes they never would. */
static void S19_long_preparations_run_in_parallel_in_build_io(void **state)
{
    static struct caller callers[2];
    struct sys_thread *threads[2];

    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        probe_open(&host, "model:scratch", physical_modes[mode]);
        for (unsigned i = 0; i < 2; i++) {
            probe_script(
                &callers[i].request, host.unit,
                (PROBE_SCRIPT){.BuildAction = ProbeDoMeet, .Value = 2, .Tag = (UCHAR)(7 + i)});
            assert_int_equal(nt_thread_create(&threads[i], "caller", caller_run, &callers[i]), 0);
        }
        for (unsigned i = 0; i < 2; i++)
            sys_thread_join(threads[i]);
        for (unsigned i = 0; i < 2; i++)
            assert_true(probe_find(&host, ProbeBuildIo + ProbeLeave, 7 + i, 0)->Result);
        probe_close(&host);
    }
}

/* ---- results ---- */

static void S20_true_stands_for_begun_and_for_completed_already(void **state)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc};
    struct port_request request;

    (void)state;
    for (unsigned i = 0; i < PHYSICAL_MODES * 2; i++) {
        probe_open(&host, "model:scratch", physical_modes[i / 2]);
        probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = places[i % 2], .Tag = 7});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(request.busy_retries, 0);
        assert_int_equal(probe_count(&host, ProbeStartIo, 7), 1);
        assert_int_equal(probe_count(&host, ProbeCompletes, 7), 1);
        probe_close(&host);
    }
    assert_int_equal(nt_finding_count(), 0);
}

/* The probe returns rubbish above the low byte, always: TRUE that looks like FALSE in no other
 * byte, and the other way round. */
static void S22_only_the_low_byte_of_the_result_counts(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned mode = 0; mode < PHYSICAL_MODES; mode++) {
        probe_open(&host, "model:scratch", physical_modes[mode]);
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInRefusal, .Times = 1, .Tag = 7});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(request.busy_retries, 1);
        probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInBuildIo, .Tag = 8});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(probe_count(&host, ProbeStartIo, 8), 0);
        probe_close(&host);
    }
    assert_int_equal(nt_finding_count(), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S1_every_attempt_is_built_once_and_started_once),
        probe_test(S2_all_callbacks_get_the_same_device_extension),
        probe_test(S4_start_io_finds_what_build_io_was_given_and_stored),
        probe_test(S5_nothing_is_started_before_initialization_or_after_the_stop),
        probe_test(S7_the_next_request_comes_without_being_asked_for),
        probe_test(S8_never_more_is_outstanding_than_depth_and_adapter_allow),
        probe_test(S10_start_io_has_one_irql_whatever_started_it),
        cmocka_unit_test(S14_a_lock_kept_or_an_irql_left_raised_is_reported),
        probe_test(S16_half_duplex_start_io_gets_no_pool_and_its_locks_are_reported),
        probe_test(S17_full_duplex_start_io_gets_pool_and_locks),
        cmocka_unit_test(S18_a_wait_in_start_io_stops_the_machine_and_a_long_stall_is_reported),
        probe_test(S19_long_preparations_run_in_parallel_in_build_io),
        probe_test(S20_true_stands_for_begun_and_for_completed_already),
        probe_test(S22_only_the_low_byte_of_the_result_counts),
    };

    return probe_run(argc, argv, tests);
}
