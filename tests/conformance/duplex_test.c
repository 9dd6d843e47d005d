/*
 * duplex_test.c - half and full duplex: how often, where and under which locks BuildIo and StartIo
 * are called (rules S1 to S4, S10 to S17, S20, S34, S35), in both request formats.
 */
#include "probe_host.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STATUS_OK = 0,
    STORM_REQUESTS = 12,
    STORM_ROUNDS = 12,
    DWELL_US = 50,
};

static struct probe_host host;

static const uint32_t half_duplex_mask =
    1u << ProbeStartIo | 1u << ProbeInterrupt | 1u << ProbeMessage | 1u << ProbeTimer |
    1u << ProbeTimerEx | 1u << ProbeResetBus | 1u << ProbeStateChange;
static const uint32_t full_duplex_mask = 1u << ProbeStartIo | 1u << ProbeTimer |
                                         1u << ProbeTimerEx | 1u << ProbeResetBus |
                                         1u << ProbeStateChange;

/* ---- one request ---- */

static void one_request_is_built_and_started_once(const char *settings, unsigned irql)
{
    struct port_request request;

    probe_open(&host, "model:scratch", settings);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_data(&request, 8192);
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.transferred, 8192);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 1);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 1);
    const PROBE_ROW *built = probe_find(&host, ProbeBuildIo, 7, 0);
    const PROBE_ROW *started = probe_find(&host, ProbeStartIo, 7, 0);
    assert_true(probe_index(&host, probe_find(&host, ProbeBuildIo + ProbeLeave, 7, 0)) <
                probe_index(&host, started));
    assert_ptr_equal(built->Srb, started->Srb);
    assert_ptr_equal(built->SrbExtension, started->SrbExtension);
    assert_ptr_equal(built->List, started->List);
    assert_non_null(built->List);
    assert_int_equal(built->Processor, started->Processor);
    assert_int_equal(started->SrbStatus, 0); /* S51 */
    assert_int_equal(started->ScsiStatus, 0);
    probe_assert_irql(&host, ProbeBuildIo, NT_DISPATCH_LEVEL);
    probe_assert_irql(&host, ProbeStartIo, irql);
    probe_data_free(&request);
    probe_close(&host);
}

static void a_full_duplex_request_is_built_and_started_once_at_dispatch_level(void **state)
{
    (void)state;
    one_request_is_built_and_started_once("Duplex=1 SrbType=1", NT_DISPATCH_LEVEL);
    one_request_is_built_and_started_once("Duplex=1 SrbType=0", NT_DISPATCH_LEVEL);
}

static void a_half_duplex_request_is_started_at_dirql(void **state)
{
    (void)state;
    one_request_is_built_and_started_once("Duplex=0 SrbType=1", NT_DEVICE_LEVEL);
    one_request_is_built_and_started_once("Duplex=0 SrbType=0", NT_DEVICE_LEVEL);
}

/* Rule S3: after FALSE from BuildIo the driver owns the request. */
static void S3_a_request_that_build_io_keeps_is_not_started(void **state)
{
    static const UCHAR places[] = {ProbeInBuildIo, ProbeInDpcAfterBuild};
    struct port_request request;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        probe_open(&host, "model:scratch", "");
        probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = 7, .CompleteIn = places[i]});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 1);
        assert_int_equal(probe_count(&host, ProbeStartIo, 7), 0);
        probe_close(&host);
    }
    assert_int_equal(nt_finding_count(), 0);
}

/* ---- exclusion: many requests from two threads, completed in all places ---- */

struct storm {
    struct port_queue *queue;
    struct port_request requests[STORM_REQUESTS];
    unsigned left[STORM_REQUESTS];
    unsigned seed;
};

static const UCHAR storm_places[] = {ProbeInStartIo, ProbeInDpc,     ProbeInInterrupt,
                                     ProbeInTimer,   ProbeInTimerEx, ProbeInWorker};

static void storm_done(struct port_request *request)
{
    struct storm *storm = request->single.base;
    size_t index = (size_t)(request - storm->requests);

    assert_true(probe_succeeded(request));
    if (!--storm->left[index])
        return;
    request->cdb[offsetof(PROBE_SCRIPT, CompleteIn)] =
        storm_places[(storm->seed += 7) % sizeof(storm_places)];
    port_submit(storm->queue, request);
}

static void storm_run(void *context)
{
    struct storm *storm = context;

    assert_int_equal(port_queue_create(&storm->queue), 0);
    for (unsigned i = 0; i < STORM_REQUESTS; i++) {
        probe_script(&storm->requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = storm_places[i % sizeof(storm_places)],
                                    .Cause = (UCHAR)(i % 3)});
        storm->requests[i].single.base = storm;
        storm->requests[i].done = storm_done;
        storm->left[i] = STORM_ROUNDS;
        port_submit(storm->queue, &storm->requests[i]);
    }
    while (port_queue_outstanding(storm->queue))
        port_wait(storm->queue, SYS_FOREVER);
    port_queue_destroy(storm->queue);
}

/* Bus resets and state changes in between: they belong to the matrix too. */
static void ask_for_reset(void)
{
    struct port_request request;

    memset(&request, 0, sizeof(request));
    request.unit = host.unit;
    request.function = PORT_RESET_BUS;
    probe_execute(&host, &request);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoStateChange, .Tag = 99});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

static void storm(const char *settings)
{
    static struct storm storms[2];
    struct sys_thread *threads[2];

    memset(storms, 0, sizeof(storms));
    probe_open(&host, "model:scratch,vectors=3", settings);
    host.shared->DwellMicroseconds = DWELL_US;
    for (unsigned i = 0; i < 2; i++) {
        storms[i].seed = i;
        assert_int_equal(nt_thread_create(&threads[i], "storm", storm_run, &storms[i]), 0);
    }
    ask_for_reset();
    for (unsigned i = 0; i < 2; i++)
        sys_thread_join(threads[i]);
    (void)probe_await(&host, ProbeStateChange, -1, 0);
    assert_int_equal(port_unit_outstanding(host.unit), 0);
    assert_true(probe_count(&host, ProbeResetBus, -1) > 0);
}

/* Rule S12, with one lock for all interrupts, with one a message, and on the line. */
static void S12_half_duplex_excludes_everything_from_start_io(void **state)
{
    static const char *const settings[] = {"Duplex=0 MessageMode=0", "Duplex=0 MessageMode=1",
                                           "Duplex=0 MessageMode=2"};
    static const unsigned callbacks[] = {ProbeStartIo, ProbeInterrupt, ProbeTimer,
                                         ProbeTimerEx, ProbeResetBus,  ProbeStateChange};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        storm(settings[i]);
        for (unsigned c = 0; c < sizeof(callbacks) / sizeof(callbacks[0]); c++)
            probe_assert_excludes(&host, callbacks[c], half_duplex_mask);
        /* Messages with locks of their own run beside each other, never beside the others. */
        probe_assert_excludes(&host, ProbeMessage,
                              half_duplex_mask & ~(i == 2 ? 1u << ProbeMessage : 0));
        probe_assert_irql(&host, ProbeStartIo, NT_DEVICE_LEVEL);
        probe_assert_irql(&host, ProbeTimer, NT_DEVICE_LEVEL);
        probe_assert_irql(&host, ProbeResetBus, NT_DEVICE_LEVEL);
        probe_assert_irql(&host, ProbeStateChange, NT_DEVICE_LEVEL);
        probe_assert_irql(&host, i == 0 ? ProbeInterrupt : ProbeMessage, NT_DEVICE_LEVEL);
        probe_assert_irql(&host, ProbeDpc, NT_DISPATCH_LEVEL);
        probe_close(&host);
    }
}

/* Rules S11 and S13. */
static void S13_full_duplex_serialises_start_io_timers_and_resets(void **state)
{
    static const char *const settings[] = {"Duplex=1 MessageMode=0", "Duplex=1 MessageMode=2"};
    static const unsigned callbacks[] = {ProbeStartIo, ProbeTimer, ProbeTimerEx, ProbeResetBus,
                                         ProbeStateChange};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        storm(settings[i]);
        for (unsigned c = 0; c < sizeof(callbacks) / sizeof(callbacks[0]); c++) {
            probe_assert_excludes(&host, callbacks[c], full_duplex_mask);
            probe_assert_irql(&host, callbacks[c], NT_DISPATCH_LEVEL);
        }
        probe_assert_irql(&host, i == 0 ? ProbeInterrupt : ProbeMessage, NT_DEVICE_LEVEL);
        probe_assert_irql(&host, ProbeWorkItem, NT_PASSIVE_LEVEL);
        probe_close(&host);
    }
}

/* ---- what may come in ---- */

static uint32_t action_result(const char *settings, PROBE_ACTION action, UCHAR value)
{
    struct port_request request;

    probe_open(&host, "model:scratch", settings);
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.StartAction = (UCHAR)action, .Value = value, .Tag = 7});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    return probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)->Result;
}

static void an_interrupt_comes_into_full_duplex_start_io_but_not_into_half_duplex(void **state)
{
    static const char *const messages[] = {" MessageMode=0", " MessageMode=2"};
    char settings[64];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        snprintf(settings, sizeof(settings), "Duplex=1%s", messages[i]);
        assert_true(action_result(settings, ProbeDoDoorbell, 0));
        probe_close(&host);
        snprintf(settings, sizeof(settings), "Duplex=0%s", messages[i]);
        assert_false(action_result(settings, ProbeDoDoorbell, 0));
        /* It was only delayed. */
        (void)probe_await(&host, i == 0 ? ProbeInterrupt : ProbeMessage, -1, 0);
        probe_close(&host);
    }
}

static void a_timer_waits_until_start_io_has_returned(void **state)
{
    static const char *const settings[] = {"Duplex=0", "Duplex=1"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_false(action_result(settings[i], ProbeDoTimer, 0));
        const PROBE_ROW *timer = probe_await(&host, ProbeTimer, -1, 0);
        assert_true(probe_index(&host, probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)) <
                    probe_index(&host, timer));
        probe_close(&host);
    }
}

/* Rule S15: a DPC that StartIo issues runs after it, on its processor. */
static void a_dpc_that_start_io_issues_runs_after_it(void **state)
{
    (void)state;
    assert_true(action_result("Duplex=1", ProbeDoDpc, 0)); /* queued */
    const PROBE_ROW *dpc = probe_await(&host, ProbeDpc, 1, 0);
    const PROBE_ROW *left = probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0);
    assert_true(probe_index(&host, left) < probe_index(&host, dpc));
    assert_int_equal(left->Processor, dpc->Processor);
    assert_int_equal(dpc->Irql, NT_DISPATCH_LEVEL);
    probe_close(&host);
}

/* ---- routines inside StartIo (section C) ---- */

static void pool_can_be_had_in_full_duplex_start_io_only(void **state)
{
    (void)state;
    assert_int_equal(action_result("Duplex=1", ProbeDoAllocatePool, 0), STATUS_OK);
    probe_close(&host);
    assert_int_equal(action_result("Duplex=0", ProbeDoAllocatePool, 0), STOR_STATUS_INVALID_IRQL);
    probe_close(&host);
}

static void a_system_address_can_be_had_in_full_duplex_start_io_only(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned duplex = 0; duplex < 2; duplex++) {
        probe_open(&host, "model:scratch", duplex ? "Duplex=1" : "Duplex=0");
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.StartAction = ProbeDoSystemAddress, .Tag = 7});
        probe_data(&request, 512);
        probe_execute(&host, &request);
        assert_int_equal(probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)->Result,
                         duplex ? STATUS_OK : STOR_STATUS_INVALID_IRQL);
        probe_data_free(&request);
        probe_close(&host);
    }
}

static void full_duplex_start_io_takes_the_dpc_and_interrupt_locks(void **state)
{
    (void)state;
    assert_int_equal(action_result("Duplex=1", ProbeDoDpcLock, 0), NT_DISPATCH_LEVEL);
    probe_close(&host);
    assert_int_equal(action_result("Duplex=1", ProbeDoInterruptLock, 0), NT_DEVICE_LEVEL);
    probe_close(&host);
    assert_int_equal(action_result("Duplex=1 MessageMode=0", ProbeDoInterruptLock, 0),
                     NT_DEVICE_LEVEL);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

static void synchronized_access_runs_at_dirql_and_passes_its_result_on(void **state)
{
    (void)state;
    assert_true(action_result("Duplex=1", ProbeDoSynchronize, 5));
    probe_assert_irql(&host, ProbeSynchronized, NT_DEVICE_LEVEL);
    probe_close(&host);
    assert_false(action_result("Duplex=1", ProbeDoSynchronize, 0));
    probe_close(&host);
}

/* Rule S16. */
static void a_dpc_lock_in_half_duplex_start_io_is_a_finding(void **state)
{
    (void)state;
    (void)action_result("Duplex=0", ProbeDoDpcLock, 0);
    assert_true(nt_finding_count() > 0);
    probe_close(&host);
}

/* In a process of its own: what Windows would hang in ends the machine here. */
static int status_of_child(const char *settings, PROBE_ACTION action)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (!pid) {
        /* The report of the bug check is not what a reader of the test's output looks for. */
        if (!freopen("/dev/null", "w", stderr) || probe_machine_up(NULL))
            _exit(1);
        (void)action_result(settings, action, 0);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void locks_that_start_io_holds_already_stop_the_machine(void **state)
{
    (void)state;
    assert_int_equal(status_of_child("Duplex=0", ProbeDoInterruptLock), NT_BUGCHECK_EXIT_STATUS);
    assert_int_equal(status_of_child("Duplex=0", ProbeDoStartIoLock), NT_BUGCHECK_EXIT_STATUS);
    assert_int_equal(status_of_child("Duplex=0", ProbeDoSynchronize), NT_BUGCHECK_EXIT_STATUS);
    assert_int_equal(status_of_child("Duplex=1", ProbeDoStartIoLock), NT_BUGCHECK_EXIT_STATUS);
    assert_int_equal(status_of_child("Duplex=1", ProbeDoInterruptLock), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locks_that_start_io_holds_already_stop_the_machine),
        probe_test(a_full_duplex_request_is_built_and_started_once_at_dispatch_level),
        probe_test(a_half_duplex_request_is_started_at_dirql),
        probe_test(S3_a_request_that_build_io_keeps_is_not_started),
        probe_test(S12_half_duplex_excludes_everything_from_start_io),
        probe_test(S13_full_duplex_serialises_start_io_timers_and_resets),
        probe_test(an_interrupt_comes_into_full_duplex_start_io_but_not_into_half_duplex),
        probe_test(a_timer_waits_until_start_io_has_returned),
        probe_proves(a_dpc_that_start_io_issues_runs_after_it, "StorPortInitializeDpc",
                     "StorPortIssueDpc"),
        probe_proves(pool_can_be_had_in_full_duplex_start_io_only, "StorPortAllocatePool"),
        probe_proves(a_system_address_can_be_had_in_full_duplex_start_io_only,
                     "StorPortGetSystemAddress"),
        probe_test(full_duplex_start_io_takes_the_dpc_and_interrupt_locks),
        probe_proves(synchronized_access_runs_at_dirql_and_passes_its_result_on,
                     "StorPortSynchronizeAccess"),
        probe_test(a_dpc_lock_in_half_duplex_start_io_is_a_finding),
    };

    return probe_run(argc, argv, tests);
}
