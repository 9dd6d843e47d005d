/*
 * gates_test.c - gates that close while requests are on their way (rules S6 to S9), limits of units
 * and adapters, and that whoever waits is let go in the end.
 */
#include "probe_host.h"

#include <sys/resource.h>

static struct probe_host host;

static struct port_unit *unit_at(unsigned index)
{
    struct port_unit *unit = port_unit_get(host.adapter, index);

    assert_non_null(unit);
    port_unit_release(unit);
    return unit;
}

static void open_units(unsigned count, const char *settings)
{
    probe_prepare(&host);
    host.shared->PresentUnits = (1u << count) - 1;
    assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
}

static void run_script(struct port_unit *unit, PROBE_SCRIPT script)
{
    struct port_request request;

    probe_script(&request, unit, script);
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

static void resume_unit(void *context)
{
    (void)context;
    assert_true(port_unit_resume(host.unit));
}

static void resume_adapter(void *context)
{
    (void)context;
    assert_true(port_adapter_resume(host.adapter));
}

/* ---- a gate that BuildIo closes ---- */

/* Rules S3, S4 and S6. The gate is opened from another processor: StartIo is still called where
 * BuildIo was, because the request's slot belongs to that processor (rules S25, S39). */
static void build_io_closes(UCHAR action, void (*open)(void *context), const char *settings)
{
    struct port_request request;

    probe_open(&host, "model:scratch", settings);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.BuildAction = action, .Value = 60, .Tag = 7});
    probe_data(&request, 4096);
    probe_submit(&host, &request);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 1);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 0);
    const PROBE_ROW *built = probe_find(&host, ProbeBuildIo, 7, 0);
    probe_on_other_processor(built->Processor, open, NULL);
    probe_finish(&host);
    assert_true(probe_succeeded(&request));
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 1);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 1);
    const PROBE_ROW *started = probe_find(&host, ProbeStartIo, 7, 0);
    assert_ptr_equal(started->Srb, built->Srb);
    assert_ptr_equal(started->SrbExtension, built->SrbExtension);
    assert_int_equal(started->Processor, built->Processor);
    probe_data_free(&request);
    probe_close(&host);
}

static void S6_a_gate_closed_in_build_io_delays_start_io_and_repeats_nothing(void **state)
{
    (void)state;
    build_io_closes(ProbeDoPauseUnit, resume_unit, "Duplex=0");
    build_io_closes(ProbeDoPauseUnit, resume_unit, "Duplex=1");
    build_io_closes(ProbeDoPauseUnit, resume_unit, "Duplex=2");
    build_io_closes(ProbeDoPause, resume_adapter, "Duplex=1");
}

/* Rule S9. */
static void S9_requests_behind_a_held_one_start_in_their_order(void **state)
{
    enum { COUNT = 6 };
    struct port_request requests[COUNT];

    (void)state;
    probe_open(&host, "model:scratch", "");
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.BuildAction = i ? ProbeDoNothing : ProbeDoPauseUnit,
                                    .Value = 60,
                                    .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &requests[i]);
    }
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(probe_count(&host, ProbeStartIo, 10 + i), 0);
    probe_on_other_processor(probe_find(&host, ProbeBuildIo, 10, 0)->Processor, resume_unit, NULL);
    probe_finish(&host);
    for (unsigned i = 1; i < COUNT; i++)
        assert_true(probe_index(&host, probe_find(&host, ProbeStartIo, 9 + i, 0)) <
                    probe_index(&host, probe_find(&host, ProbeStartIo, 10 + i, 0)));
    probe_close(&host);
}

/* What the driver has not been given yet it cannot have kept. */
static void a_held_request_survives_a_reset_and_is_nobodys_fault(void **state)
{
    struct port_request held, reset;

    (void)state;
    probe_open(&host, "model:scratch", "");
    probe_script(&held, host.unit, (PROBE_SCRIPT){.BuildAction = ProbeDoPauseUnit, .Value = 60});
    probe_submit(&host, &held);
    probe_reset(&reset, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &reset);
    assert_int_equal(reset.status, PORT_OK);
    assert_false(probe_is_done(&held));
    assert_int_equal(nt_finding_count(), 0);
    resume_unit(NULL);
    probe_finish(&host);
    assert_true(probe_succeeded(&held));
    probe_close(&host);
}

/* "Requests still queued in the port are untouched." */
static void complete_request_leaves_a_held_request_alone(void **state)
{
    struct port_request held, other;

    (void)state;
    open_units(2, "Units=2");
    probe_script(&held, host.unit, (PROBE_SCRIPT){.BuildAction = ProbeDoPauseUnit, .Value = 60});
    probe_submit(&host, &held);
    probe_script(&other, unit_at(1),
                 (PROBE_SCRIPT){.StartAction = ProbeDoCompleteAll, .CompleteIn = ProbeInAction});
    probe_execute(&host, &other);
    assert_int_equal(other.srb_status, PROBE_SRB_BUS_RESET);
    assert_false(probe_is_done(&held));
    resume_unit(NULL);
    probe_finish(&host);
    assert_true(probe_succeeded(&held));
    assert_int_equal(nt_finding_count(), 0);
    probe_close(&host);
}

static void a_held_request_fails_when_the_device_goes(void **state)
{
    struct port_request held, remove;

    (void)state;
    open_units(2, "Units=2");
    probe_script(&held, host.unit,
                 (PROBE_SCRIPT){.BuildAction = ProbeDoPauseUnit, .Value = 60, .Tag = 7});
    probe_submit(&host, &held);
    probe_script(&remove, unit_at(1), (PROBE_SCRIPT){.StartAction = ProbeDoRemove});
    probe_submit(&host, &remove);
    probe_finish(&host);
    assert_int_equal(held.status, PORT_NO_DEVICE);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 1);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 0);
    probe_close(&host);
}

/* ---- busy ---- */

/* DeviceBusy counts completions, those of requests that were outstanding before it. */
static void device_busy_holds_new_requests_until_enough_have_completed(void **state)
{
    struct port_request kept[3], later;

    (void)state;
    open_units(2, "Units=2");
    for (unsigned i = 0; i < 3; i++) {
        probe_script(&kept[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInNever,
                                    .StartAction = i == 2 ? ProbeDoUnitBusy : ProbeDoNothing,
                                    .Value = 2,
                                    .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &kept[i]);
    }
    probe_script(&later, host.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_submit(&host, &later);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 0);
    run_script(unit_at(1), (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    probe_finish(&host);
    assert_true(probe_succeeded(&later));
    assert_true(probe_index(&host, probe_find(&host, ProbeCompletes, 11, 0)) <
                probe_index(&host, probe_find(&host, ProbeBuildIo, 7, 0)));
    probe_close(&host);
}

/* Busy for one completion is over when the request that would have brought it is given up. */
static void a_busy_gate_opens_when_its_requests_are_given_up(void **state)
{
    struct port_request kept, reset, later;

    (void)state;
    probe_open(&host, "model:scratch", "ResetLeaves=1");
    probe_script(
        &kept, host.unit,
        (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .StartAction = ProbeDoUnitBusy, .Value = 1});
    probe_submit(&host, &kept);
    probe_script(&later, host.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_submit(&host, &later);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 0);
    probe_reset(&reset, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &reset);
    probe_finish_within(&host, 20);
    assert_int_equal(kept.srb_status, PROBE_SRB_BUS_RESET);
    assert_true(probe_succeeded(&later));
    run_script(host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRelease}); /* late, and survived */
    probe_close(&host);
}

enum { BUSY_ROUNDS = 3000, BUSY_DEPTH = 4 };

struct busy_storm {
    struct port_queue *queue;
    struct port_request requests[BUSY_DEPTH];
    unsigned left;
    unsigned ended; /* __atomic */
};

static void busy_storm_done(struct port_request *request)
{
    struct busy_storm *storm = request->single.base;

    assert_true(probe_succeeded(request));
    if (storm->left) {
        storm->left--;
        port_submit(storm->queue, request);
    }
}

static void busy_storm_run(void *context)
{
    struct busy_storm *storm = context;

    assert_int_equal(port_queue_create(&storm->queue), 0);
    storm->left = BUSY_ROUNDS;
    for (unsigned i = 0; i < BUSY_DEPTH; i++) {
        probe_script(&storm->requests[i], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInDpc});
        storm->requests[i].single.base = storm;
        storm->requests[i].done = busy_storm_done;
        port_submit(storm->queue, &storm->requests[i]);
    }
    while (port_queue_outstanding(storm->queue))
        port_wait(storm->queue, SYS_FOREVER);
    port_queue_destroy(storm->queue);
    __atomic_store_n(&storm->ended, 1, __ATOMIC_RELEASE);
}

/* Busy from one thread against completions on another: the gate always opens again. */
static void busy_and_completions_at_the_same_time_never_hang(void **state)
{
    static struct busy_storm storm;
    struct sys_thread *thread;
    uint64_t deadline = sys_now_ns() + 120 * SYS_NS_PER_S;

    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_int_equal(nt_thread_create(&thread, "storm", busy_storm_run, &storm), 0);
    for (unsigned i = 0; __atomic_load_n(&storm.ended, __ATOMIC_ACQUIRE) == 0; i++) {
        if (i % 2)
            port_unit_busy(host.unit, BUSY_DEPTH);
        else
            port_adapter_busy(host.adapter, BUSY_DEPTH);
        assert_true(sys_now_ns() < deadline);
    }
    sys_thread_join(thread);
    assert_int_equal(port_unit_outstanding(host.unit), 0);
    probe_close(&host);
}

/* ---- pauses, link, reset detected ---- */

static void action_holds_the_next_request(UCHAR close, UCHAR value)
{
    struct port_request request;

    run_script(host.unit, (PROBE_SCRIPT){.StartAction = close, .Value = value});
    probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_submit(&host, &request);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 0);
    if (close == ProbeDoPause)
        resume_adapter(NULL);
    if (close == ProbeDoPauseUnit)
        resume_unit(NULL);
    if (close == ProbeDoLinkDown)
        StorPortNotification(LinkUp, host.adapter->extension);
    probe_finish_within(&host, 20); /* before any time-out lets it go */
    assert_true(probe_succeeded(&request));
}

static void pauses_and_a_lost_link_hold_requests(void **state)
{
    static const UCHAR actions[] = {ProbeDoPause, ProbeDoPauseUnit, ProbeDoLinkDown};

    (void)state;
    for (unsigned i = 0; i < sizeof(actions); i++) {
        probe_open(&host, "model:scratch", "");
        action_holds_the_next_request(actions[i], 60);
        probe_close(&host);
    }
}

static void reset_detected_holds_for_the_hold_time(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "BusResetHold=300000");
    uint64_t start = sys_now_ns();
    action_holds_the_next_request(ProbeDoResetDetected, 0);
    assert_true(sys_now_ns() - start >= 300 * SYS_NS_PER_MS);
    probe_close(&host);
}

/* ---- depth and MaxNumberOfIO ---- */

static void a_depth_lowered_in_start_io_holds_and_hangs_nothing(void **state)
{
    enum { COUNT = 20 };
    struct port_request requests[COUNT];

    (void)state;
    probe_open(&host, "model:scratch", "");
    run_script(host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoDepth, .Value = 2});
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInDpc});
        probe_submit(&host, &requests[i]);
        assert_true(port_unit_outstanding(host.unit) <= 2);
    }
    probe_finish_within(&host, 20);
    for (unsigned i = 0; i < COUNT; i++)
        assert_true(probe_succeeded(&requests[i]));
    probe_close(&host);
}

/* Three units share one slot: while the first uses it the other two wait. */
static void units_that_wait_for_a_slot_are_served_in_turn(void **state)
{
    enum { COUNT = 12 };
    struct port_request requests[COUNT];

    (void)state;
    open_units(3, "Units=3 MaximumIo=1");
    port_queue_plug(host.queue);
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], unit_at(i % 3), (PROBE_SCRIPT){.CompleteIn = ProbeInTimer});
        probe_submit(&host, &requests[i]);
    }
    port_queue_unplug(host.queue);
    probe_finish_within(&host, 20);
    for (unsigned i = 0; i < COUNT; i++)
        assert_true(probe_succeeded(&requests[i]));
    assert_int_equal(nt_finding_count(), 0);
    probe_close(&host);
}

static uint64_t cpu_time_ns(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SYS_NS_PER_S +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* Somebody who waits for a credit or a slot costs nothing meanwhile. */
static void waiting_costs_no_processor_time(const char *settings)
{
    static struct port_request kept, waiting; /* they outlive this function */

    open_units(2, settings);
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
    probe_submit(&host, &kept);
    probe_script(&waiting, host.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_submit(&host, &waiting);
    uint64_t before = cpu_time_ns();
    uint64_t deadline = sys_now_ns() + 500 * SYS_NS_PER_MS;
    while (sys_now_ns() < deadline)
        port_wait(host.queue, deadline);
    assert_true(cpu_time_ns() - before < 150 * SYS_NS_PER_MS);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 0);
}

static void waiting_for_a_credit_costs_no_processor_time(void **state)
{
    (void)state;
    waiting_costs_no_processor_time("Units=2 Depth=1");
    run_script(unit_at(1), (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    probe_finish(&host);
    probe_close(&host);
}

static void waiting_for_a_slot_costs_no_processor_time(void **state)
{
    struct port_request reset;

    (void)state;
    waiting_costs_no_processor_time("Units=2 MaximumIo=1");
    probe_reset(&reset, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &reset);
    probe_finish(&host);
    probe_close(&host);
}

/* The adapter's only slot is given up by a reset; when it comes back late, the one who waits for it
 * is told. */
static void a_slot_that_comes_back_late_serves_who_waits(void **state)
{
    struct port_request kept, reset, waiting;

    (void)state;
    probe_open(&host, "model:scratch", "MaximumIo=1 ResetLeaves=1");
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
    probe_submit(&host, &kept);
    probe_reset(&reset, host.unit, PORT_RESET_LOGICAL_UNIT);
    probe_execute(&host, &reset);
    probe_poll(&host);
    assert_true(probe_is_done(&kept));
    probe_script(&waiting, host.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_submit(&host, &waiting);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 0);
    probe_reset(&reset, host.unit, PORT_RESET_BUS); /* lets the kept one go */
    probe_execute(&host, &reset);
    probe_finish_within(&host, 20);
    assert_true(probe_succeeded(&waiting));
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S6_a_gate_closed_in_build_io_delays_start_io_and_repeats_nothing),
        probe_test(S9_requests_behind_a_held_one_start_in_their_order),
        probe_test(a_held_request_survives_a_reset_and_is_nobodys_fault),
        probe_test(complete_request_leaves_a_held_request_alone),
        probe_test(a_held_request_fails_when_the_device_goes),
        probe_proves(device_busy_holds_new_requests_until_enough_have_completed,
                     "StorPortDeviceBusy"),
        probe_test(a_busy_gate_opens_when_its_requests_are_given_up),
        probe_test(busy_and_completions_at_the_same_time_never_hang),
        probe_proves(pauses_and_a_lost_link_hold_requests, "StorPortPause", "StorPortPauseDevice",
                     "LinkDown", "LinkUp"),
        probe_proves(reset_detected_holds_for_the_hold_time, "ResetDetected"),
        probe_test(a_depth_lowered_in_start_io_holds_and_hangs_nothing),
        probe_test(units_that_wait_for_a_slot_are_served_in_turn),
        probe_test(waiting_for_a_credit_costs_no_processor_time),
        probe_test(waiting_for_a_slot_costs_no_processor_time),
        probe_test(a_slot_that_comes_back_late_serves_who_waits),
    };

    return probe_run(argc, argv, tests);
}
