/*
 * channels_test.c - concurrent channels (rules S23 to S28) and virtual adapters (S29 to S33): what
 * runs in parallel there, and what still excludes the others.
 */
#include "probe_host.h"

#include <string.h>

static struct probe_host host;

/* ---- two callers of StartIo at once ---- */

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

/* Both come to a meeting inside StartIo; true when they were there at the same time. */
static bool two_meet(const char *device, const char *settings, UCHAR action)
{
    static struct caller callers[2];
    struct sys_thread *threads[2];

    probe_open(&host, device, settings);
    for (unsigned i = 0; i < 2; i++) {
        probe_script(&callers[i].request, host.unit,
                     (PROBE_SCRIPT){.StartAction = action, .Value = 2, .Tag = (UCHAR)(7 + i)});
        assert_int_equal(nt_thread_create(&threads[i], "caller", caller_run, &callers[i]), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        sys_thread_join(threads[i]);
        assert_true(probe_succeeded(&callers[i].request));
    }
    return probe_overlaps(&host, ProbeStartIo, ProbeStartIo) > 0;
}

/* Rules S24, S25, S28. */
static void
S24_S25_concurrent_channels_start_requests_in_parallel_on_channels_of_their_own(void **state)
{
    (void)state;
    assert_true(two_meet("model:scratch,vectors=3", "Duplex=2 Channels=2", ProbeDoMeet));
    const PROBE_ROW *first = probe_find(&host, ProbeStartIo, 7, 0);
    const PROBE_ROW *second = probe_find(&host, ProbeStartIo, 8, 0);
    assert_true(probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)->Result);
    assert_true(probe_find(&host, ProbeStartIo + ProbeLeave, 8, 0)->Result);
    assert_int_not_equal(first->Channel, second->Channel);
    assert_true(first->Channel < 2 && second->Channel < 2);
    probe_assert_irql(&host, ProbeStartIo, NT_DISPATCH_LEVEL);
    probe_close(&host);
}

/* Rule S11, and S23: one channel is none. */
static void S11_without_channels_start_io_never_runs_twice_at_once(void **state)
{
    static const char *const settings[] = {"Duplex=0", "Duplex=1", "Duplex=2 Channels=1"};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_false(two_meet("model:scratch", settings[i], ProbeDoWaitShortly));
        probe_assert_excludes(&host, ProbeStartIo, 1u << ProbeStartIo);
        assert_int_equal(probe_find(&host, ProbeStartIo, 7, 0)->Channel, 0);
        probe_close(&host);
    }
}

static void S23_half_duplex_is_refused_concurrent_channels(void **state)
{
    struct port_adapter_info info;

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=0");
    assert_int_equal(probe_find(&host, ProbeInitialize + ProbeLeave, -1, 0)->Result,
                     STOR_STATUS_UNSUCCESSFUL);
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.concurrent_channels, 1);
    probe_close(&host);
    probe_open(&host, "model:scratch", "Duplex=2");
    assert_int_equal(probe_find(&host, ProbeInitialize + ProbeLeave, -1, 0)->Result, 0);
    port_adapter_describe(host.adapter, &info);
    assert_int_equal(info.concurrent_channels, 2);
    probe_close(&host);
}

/* Rule S27. */
static void S27_concurrent_start_io_may_take_the_start_io_lock(void **state)
{
    struct port_request request;

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=2");
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoStartIoLock, .Tag = 7});
    probe_execute(&host, &request);
    assert_int_equal(probe_find(&host, ProbeStartIo + ProbeLeave, 7, 0)->Result, NT_DISPATCH_LEVEL);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

/* ---- a storm with resets and timers ---- */

enum { STORM_DEPTH = 8, STORM_ROUNDS = 150, RESETS = 6 };

struct storm {
    struct port_queue *queue;
    struct port_request requests[STORM_DEPTH];
    unsigned left;
};

static void storm_done(struct port_request *request)
{
    struct storm *storm = request->single.base;

    assert_true(probe_succeeded(request));
    if (storm->left) {
        storm->left--;
        port_submit(storm->queue, request);
    }
}

static void storm_run(void *context)
{
    struct storm *storm = context;

    assert_int_equal(port_queue_create(&storm->queue), 0);
    storm->left = STORM_ROUNDS;
    for (unsigned i = 0; i < STORM_DEPTH; i++) {
        probe_script(&storm->requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = i % 2 ? ProbeInTimer : ProbeInStartIo});
        storm->requests[i].single.base = storm;
        storm->requests[i].done = storm_done;
        port_submit(storm->queue, &storm->requests[i]);
    }
    while (port_queue_outstanding(storm->queue))
        port_wait(storm->queue, SYS_FOREVER);
    port_queue_destroy(storm->queue);
}

static void storm_with_resets(const char *device, const char *settings)
{
    static struct storm storms[2];
    struct sys_thread *threads[2];

    probe_open(&host, device, settings);
    host.shared->DwellMicroseconds = 100;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(nt_thread_create(&threads[i], "storm", storm_run, &storms[i]), 0);
    for (unsigned i = 0; i < RESETS; i++) {
        struct port_request reset;
        probe_reset(&reset, host.unit, PORT_RESET_BUS);
        probe_execute(&host, &reset);
        assert_int_equal(reset.srb_status, PROBE_SRB_SUCCESS);
    }
    for (unsigned i = 0; i < 2; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(probe_count(&host, ProbeResetBus, -1), RESETS);
}

/* Rule S26. */
static void S26_a_bus_reset_excludes_start_io_on_all_channels(void **state)
{
    const uint32_t mask =
        1u << ProbeStartIo | 1u << ProbeTimer | 1u << ProbeTimerEx | 1u << ProbeResetBus;

    (void)state;
    storm_with_resets("model:scratch,vectors=3", "Duplex=2 Channels=2");
    probe_assert_excludes(&host, ProbeResetBus, mask);
    probe_assert_excludes(&host, ProbeStartIo, 1u << ProbeResetBus);
    probe_assert_excludes(&host, ProbeTimer, 1u << ProbeTimer | 1u << ProbeResetBus);
    probe_assert_irql(&host, ProbeResetBus, NT_DISPATCH_LEVEL);
    assert_true(probe_overlaps(&host, ProbeStartIo, ProbeStartIo) > 0);
    /* The timer is serialised with resets, but not with StartIo. */
    assert_true(probe_overlaps(&host, ProbeTimer, ProbeStartIo) +
                    probe_overlaps(&host, ProbeStartIo, ProbeTimer) >
                0);
    probe_close(&host);
}

/* ---- virtual adapters ---- */

/* Rules S29, S30, S33. */
static void S30_S33_virtual_start_io_runs_in_parallel_and_without_build_io(void **state)
{
    const PROBE_ROW *row;

    (void)state;
    assert_true(two_meet("none", "", ProbeDoMeet));
    assert_int_equal(probe_count(&host, ProbeBuildIo, -1), 0);
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++) {
        if (row->Callback != ProbeStartIo)
            continue;
        assert_true(row->Irql <= NT_DISPATCH_LEVEL);
        assert_non_null(row->SrbExtension);
        assert_null(row->List);
    }
    probe_close(&host);
}

/* Rule S29: at whatever IRQL up to DISPATCH_LEVEL, with all ways of completion, refusal, and a look
 * at the request after RequestComplete. */
static void S29_virtual_start_io_comes_at_any_irql_up_to_dispatch_level(void **state)
{
    enum { COUNT = 48 };
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc, ProbeInTimer, ProbeInWorker,
                                   ProbeInRefusal};
    static struct port_request requests[COUNT];
    const PROBE_ROW *row;
    unsigned low = 0, high = 0;

    (void)state;
    probe_open_at_any_irql(&host, "");
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = places[i % sizeof(places)],
                                    .Times = i % sizeof(places) == sizeof(places) - 1,
                                    .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &requests[i]);
    }
    probe_finish(&host);
    for (unsigned i = 0; i < COUNT; i++)
        assert_true(probe_succeeded(&requests[i]));
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++) {
        if (row->Callback == ProbeCompleted)
            assert_true(row->Result); /* rule S39 holds there, too */
        if (row->Callback != ProbeStartIo)
            continue;
        assert_true(row->Irql <= NT_DISPATCH_LEVEL);
        low += row->Irql == NT_PASSIVE_LEVEL;
        high += row->Irql == NT_DISPATCH_LEVEL;
    }
    assert_true(low > 0 && high > 0);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

/* Rule S31. */
static void S31_virtual_start_io_may_take_locks_and_pool(void **state)
{
    static const UCHAR actions[] = {ProbeDoDpcLock, ProbeDoStartIoLock, ProbeDoInterruptLock,
                                    ProbeDoAllocatePool, ProbeDoSystemAddress};
    struct port_request request;

    (void)state;
    probe_open(&host, "none", "");
    for (unsigned i = 0; i < sizeof(actions); i++) {
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.StartAction = actions[i], .Tag = (UCHAR)(10 + i)});
        probe_data(&request, 512);
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(probe_find(&host, ProbeStartIo + ProbeLeave, 10 + i, 0)->Result,
                         i < 3 ? NT_DISPATCH_LEVEL : 0);
        probe_data_free(&request);
    }
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

/* Rule S32: from a worker at PASSIVE_LEVEL, with the data still there. */
static void S32_a_virtual_request_completes_from_any_thread(void **state)
{
    struct port_request request;

    (void)state;
    probe_open(&host, "none", "");
    probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInWorker, .Tag = 7});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(probe_find(&host, ProbeCompletes, 7, 0)->Irql, NT_PASSIVE_LEVEL);
    probe_close(&host);
}

/* Its bus reset has the StartIo lock, which no running StartIo has. */
static void a_virtual_bus_reset_does_not_wait_for_start_io(void **state)
{
    (void)state;
    storm_with_resets("none", "");
    probe_assert_excludes(&host, ProbeResetBus, 1u << ProbeTimer | 1u << ProbeResetBus);
    probe_assert_irql(&host, ProbeResetBus, NT_DISPATCH_LEVEL);
    probe_close(&host);
}

/* Rule for StorPortCompleteRequest: everything outstanding, once. */
static void complete_request_ends_everything_that_the_driver_has(void **state)
{
    enum { COUNT = 5 };
    struct port_request kept[COUNT], all;

    (void)state;
    probe_open(&host, "none", "");
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&kept[i], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
        probe_submit(&host, &kept[i]);
    }
    probe_script(&all, host.unit,
                 (PROBE_SCRIPT){.StartAction = ProbeDoCompleteAll, .CompleteIn = ProbeInAction});
    probe_submit(&host, &all);
    probe_finish(&host);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(kept[i].srb_status, PROBE_SRB_BUS_RESET);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S24_S25_concurrent_channels_start_requests_in_parallel_on_channels_of_their_own),
        probe_test(S11_without_channels_start_io_never_runs_twice_at_once),
        probe_test(S23_half_duplex_is_refused_concurrent_channels),
        probe_test(S27_concurrent_start_io_may_take_the_start_io_lock),
        probe_test(S26_a_bus_reset_excludes_start_io_on_all_channels),
        probe_test(S30_S33_virtual_start_io_runs_in_parallel_and_without_build_io),
        probe_test(S29_virtual_start_io_comes_at_any_irql_up_to_dispatch_level),
        probe_test(S31_virtual_start_io_may_take_locks_and_pool),
        probe_test(S32_a_virtual_request_completes_from_any_thread),
        probe_test(a_virtual_bus_reset_does_not_wait_for_start_io),
        probe_proves(complete_request_ends_everything_that_the_driver_has,
                     "StorPortCompleteRequest"),
    };

    return probe_run(argc, argv, tests);
}
