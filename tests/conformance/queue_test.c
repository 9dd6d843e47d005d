/*
 * queue_test.c - what class drivers do to a unit's queue (lifecycle section 5): freeze by an error,
 * release, flush, lock, quiesce; requests that go through; untagged requests; aborts; the clock of
 * requests to the adapter.
 */
#include "probe_host.h"

#include <errno.h>
#include <string.h>

enum {
    SCSI_CHECK_CONDITION = 0x02,
    SCSI_COMMAND_TERMINATED = 0x22,
    SCSI_RESERVATION_CONFLICT = 0x18,
    SRB_ABORT_FAILED = 0x03,
    SRB_INVALID_REQUEST = 0x06,
    SRB_SELECTION_TIMEOUT = 0x0A,
    SRB_COMMAND_TIMEOUT = 0x0B,
    SRB_REQUEST_FLUSHED = 0x16,
    SRB_NOT_POWERED = 0x24,
    FUNCTION_IO_CONTROL = 0x02,
    FAILING_TAG = 7,
    WAITING_TAG = 8,
    BYPASS_TAG = 9,
    KEPT_TAG = 10,
    UNTAGGED_TAG = 12,
};

static struct probe_host host;
static struct port_unit *other; /* LUN 1, whose queue nobody touches */
static const int owner, second_owner;

static void open_units(const char *settings)
{
    probe_prepare(&host);
    host.shared->PresentUnits = 3;
    assert_int_equal(probe_try(&host, "model:scratch", settings), 0);
    other = port_unit_get(host.adapter, 1);
    assert_non_null(other);
}

static void close_units(void)
{
    port_unit_release(other);
    probe_close(&host);
}

/* A request of the other unit, after which what could start has started. */
static void barrier(PROBE_SCRIPT script)
{
    struct port_request request;

    probe_script(&request, other, script);
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
}

static void release_kept(void)
{
    barrier((PROBE_SCRIPT){.StartAction = ProbeDoRelease});
}

static void submit_tagged(struct port_request *request, UCHAR tag, uint16_t flags)
{
    probe_script(request, host.unit, (PROBE_SCRIPT){.Tag = tag});
    request->flags = flags;
    probe_submit(&host, request);
}

static void assert_waits(const struct port_request *request, unsigned tag)
{
    barrier((PROBE_SCRIPT){0});
    assert_false(probe_is_done(request));
    assert_int_equal(probe_count(&host, ProbeBuildIo, tag), 0);
}

static void run_failing(struct port_request *request, UCHAR srb_status, UCHAR scsi_status,
                        uint16_t flags)
{
    probe_script(
        request, host.unit,
        (PROBE_SCRIPT){
            .SrbStatus = srb_status, .ScsiStatus = scsi_status, .Times = 255, .Tag = FAILING_TAG});
    request->flags = flags;
    probe_execute(&host, request);
    assert_int_equal(request->srb_status & 0x3F, srb_status);
    assert_int_equal(request->scsi_status, scsi_status);
}

/* ---- freeze ---- */

static void an_error_freezes_the_queue_until_it_is_released(void **state)
{
    struct port_request failing, waiting;

    (void)state;
    open_units("Units=2");
    run_failing(&failing, PROBE_SRB_ERROR, SCSI_CHECK_CONDITION, 0);
    assert_true(failing.srb_status & PORT_SRB_FROZEN);
    submit_tagged(&waiting, WAITING_TAG, PORT_FLAG_NO_FREEZE);
    assert_waits(&waiting, WAITING_TAG);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_RELEASE, &owner), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&waiting));
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_RELEASE, &owner), 0); /* nothing to do */
    close_units();
}

static void an_error_of_a_request_that_says_so_freezes_nothing(void **state)
{
    struct port_request failing;

    (void)state;
    open_units("Units=2");
    run_failing(&failing, PROBE_SRB_ERROR, SCSI_CHECK_CONDITION, PORT_FLAG_NO_FREEZE);
    assert_false(failing.srb_status & PORT_SRB_FROZEN);
    probe_script(&failing, host.unit, (PROBE_SCRIPT){.Tag = WAITING_TAG});
    probe_execute(&host, &failing);
    assert_true(probe_succeeded(&failing));
    close_units();
}

static void check_condition_time_out_reset_and_abort_freeze_and_nothing_else_does(void **state)
{
    static const struct {
        UCHAR srb_status, scsi_status;
        bool freezes;
    } rows[] = {
        {PROBE_SRB_ERROR, SCSI_CHECK_CONDITION, true},
        {PROBE_SRB_ERROR, SCSI_COMMAND_TERMINATED, true},
        {PROBE_SRB_ABORTED, 0, true},
        {PROBE_SRB_TIMEOUT, 0, true},
        {SRB_COMMAND_TIMEOUT, 0, true},
        {PROBE_SRB_BUS_RESET, 0, true},
        {PROBE_SRB_ERROR, SCSI_RESERVATION_CONFLICT, false},
        {SRB_INVALID_REQUEST, 0, false},
        {SRB_SELECTION_TIMEOUT, 0, false},
    };
    struct port_request failing;

    (void)state;
    open_units("Units=2");
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run_failing(&failing, rows[i].srb_status, rows[i].scsi_status, 0);
        assert_int_equal(!!(failing.srb_status & PORT_SRB_FROZEN), rows[i].freezes);
        port_unit_queue(host.unit, PORT_QUEUE_RELEASE, &owner);
    }
    close_units();
}

static void a_request_whose_time_ran_out_freezes_the_queue(void **state)
{
    static struct port_request kept;

    (void)state;
    for (unsigned leaves = 0; leaves < 2; leaves++) {
        open_units(leaves ? "Units=2 ResetLeaves=1" : "Units=2");
        probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
        kept.flags = 0;
        kept.timeout_s = 1;
        probe_execute(&host, &kept);
        assert_int_equal(kept.status, PORT_TIMED_OUT);
        assert_true(kept.srb_status & PORT_SRB_FROZEN);
        submit_tagged(&kept, WAITING_TAG, PORT_FLAG_NO_FREEZE);
        assert_waits(&kept, WAITING_TAG);
        port_unit_queue(host.unit, PORT_QUEUE_RELEASE, &owner);
        probe_finish(&host);
        close_units();
    }
}

/* ---- requests that go through ---- */

static void what_bypasses_a_closed_queue_goes_ahead_of_what_waits(void **state)
{
    static const struct {
        bool frozen, locked;
        uint16_t flags;
        bool passes;
    } rows[] = {
        {true, false, PORT_FLAG_BYPASS_FROZEN, true},
        {true, false, PORT_FLAG_BYPASS_LOCKED, false},
        {false, true, PORT_FLAG_BYPASS_LOCKED, true},
        {false, true, PORT_FLAG_BYPASS_FROZEN, false},
        {true, true, PORT_FLAG_BYPASS_FROZEN, false},
        {true, true, PORT_FLAG_BYPASS_FROZEN | PORT_FLAG_BYPASS_LOCKED, true},
    };
    struct port_request failing, waiting, bypass;

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        open_units(i % 2 ? "Units=2 Depth=1" : "Units=2 SrbType=0");
        if (rows[i].frozen)
            run_failing(&failing, PROBE_SRB_ERROR, SCSI_CHECK_CONDITION, 0);
        if (rows[i].locked)
            assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner), 0);
        submit_tagged(&waiting, WAITING_TAG, PORT_FLAG_NO_FREEZE);
        submit_tagged(&bypass, BYPASS_TAG, PORT_FLAG_NO_FREEZE | rows[i].flags);
        assert_waits(&waiting, WAITING_TAG);
        probe_poll(&host);
        assert_int_equal(probe_is_done(&bypass), rows[i].passes);
        if (rows[i].locked)
            assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), 0);
        if (rows[i].frozen)
            assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_RELEASE, &owner), 0);
        probe_finish(&host);
        assert_true(probe_succeeded(&waiting) && probe_succeeded(&bypass));
        close_units();
    }
}

/* The queue's only credit is with the driver, and yet what bypasses does not wait for it. */
static void what_bypasses_needs_no_room_in_the_queue(void **state)
{
    struct port_request kept, bypass;

    (void)state;
    open_units("Units=2 Depth=1");
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
    probe_submit(&host, &kept);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner), 0);
    submit_tagged(&bypass, BYPASS_TAG, PORT_FLAG_NO_FREEZE | PORT_FLAG_BYPASS_LOCKED);
    while (!probe_is_done(&bypass))
        port_wait(host.queue, SYS_FOREVER);
    assert_true(probe_succeeded(&bypass));
    assert_false(probe_is_done(&kept));
    release_kept();
    probe_finish(&host);
    port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner);
    close_units();
}

/* A pause of the driver's holds back what bypasses, too. */
static void a_pause_holds_back_what_bypasses_the_queue(void **state)
{
    struct port_request request, bypass;

    (void)state;
    open_units("Units=2");
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoPauseUnit, .Value = 60});
    probe_execute(&host, &request);
    submit_tagged(&bypass, BYPASS_TAG,
                  PORT_FLAG_NO_FREEZE | PORT_FLAG_BYPASS_LOCKED | PORT_FLAG_BYPASS_FROZEN);
    assert_waits(&bypass, BYPASS_TAG);
    port_unit_resume(host.unit);
    probe_finish(&host);
    close_units();
}

/* ---- locks, flush, quiesce ---- */

static void locks_are_counted_for_each_owner(void **state)
{
    struct port_request waiting;

    (void)state;
    open_units("Units=2");
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), -EINVAL);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner), 0);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner), 0);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &second_owner), -EINVAL);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_LOCK, &second_owner), 0);
    submit_tagged(&waiting, WAITING_TAG, PORT_FLAG_NO_FREEZE);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), 0);
    assert_waits(&waiting, WAITING_TAG);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), 0);
    assert_waits(&waiting, WAITING_TAG);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner), -EINVAL);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &second_owner), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&waiting));
    close_units();
}

static void flush_fails_what_waits_and_leaves_what_the_driver_has(void **state)
{
    struct port_request kept, failing, waiting[3];

    (void)state;
    open_units("Units=2");
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
    probe_submit(&host, &kept);
    run_failing(&failing, PROBE_SRB_ERROR, SCSI_CHECK_CONDITION, 0);
    for (unsigned i = 0; i < 3; i++)
        submit_tagged(&waiting[i], WAITING_TAG, i ? PORT_FLAG_NO_FREEZE : PORT_FLAG_UNTAGGED);
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_FLUSH, &owner), 0);
    probe_poll(&host);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(probe_is_done(&waiting[i]));
        assert_int_equal(waiting[i].status, PORT_CANCELLED);
        assert_int_equal(waiting[i].srb_status, SRB_REQUEST_FLUSHED);
    }
    assert_false(probe_is_done(&kept));
    submit_tagged(&waiting[0], BYPASS_TAG, PORT_FLAG_NO_FREEZE); /* not frozen any more */
    while (!probe_is_done(&waiting[0]))
        port_wait(host.queue, SYS_FOREVER);
    release_kept();
    probe_finish(&host);
    assert_true(probe_succeeded(&kept));
    close_units();
}

static void quiesce_returns_when_the_driver_has_nothing_of_the_unit(void **state)
{
    enum { COUNT = 20 };
    static struct port_request requests[COUNT];

    (void)state;
    open_units("Units=2");
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInTimer, .Tag = KEPT_TAG});
        probe_submit(&host, &requests[i]);
    }
    assert_int_equal(port_unit_queue(host.unit, PORT_QUEUE_QUIESCE, &owner), 0);
    assert_int_equal(probe_count(&host, ProbeCompletes, KEPT_TAG), COUNT);
    probe_finish(&host);
    close_units();
}

/* ---- untagged requests ---- */

static void an_untagged_request_waits_for_those_before_it_and_holds_back_those_behind(void **state)
{
    struct port_request before[3], untagged, behind[3];

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_units(blocks ? "Units=2 SrbType=1" : "Units=2 SrbType=0");
        for (unsigned i = 0; i < 3; i++) {
            probe_script(&before[i], host.unit,
                         (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
            probe_submit(&host, &before[i]);
        }
        probe_script(&untagged, host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = UNTAGGED_TAG});
        untagged.flags |= PORT_FLAG_UNTAGGED;
        probe_submit(&host, &untagged);
        for (unsigned i = 0; i < 3; i++)
            submit_tagged(&behind[i], WAITING_TAG, PORT_FLAG_NO_FREEZE);
        assert_waits(&untagged, UNTAGGED_TAG);
        release_kept();
        const PROBE_ROW *row = probe_await(&host, ProbeStartIo, UNTAGGED_TAG, 0);
        assert_int_equal(row->SrbFlags & SRB_FLAGS_QUEUE_ACTION_ENABLE, 0);
        assert_int_equal(probe_count(&host, ProbeCompletes, KEPT_TAG), 3);
        assert_waits(&behind[0], WAITING_TAG);
        release_kept();
        probe_finish(&host);
        assert_true(probe_succeeded(&untagged));
        for (unsigned i = 0; i < 3; i++)
            assert_true(probe_succeeded(&behind[i]));
        close_units();
    }
}

struct pusher {
    struct port_unit *unit;
    uint16_t flags;
    UCHAR tag;
};

enum { PUSHED = 60 };

static void pusher_run(void *context)
{
    const struct pusher *pusher = context;
    struct port_queue *queue;
    struct port_request request;

    assert_int_equal(port_queue_create(&queue), 0);
    for (unsigned i = 0; i < PUSHED; i++) {
        probe_script(
            &request, pusher->unit,
            (PROBE_SCRIPT){.CompleteIn = i % 2 ? ProbeInDpc : ProbeInStartIo, .Tag = pusher->tag});
        request.flags |= pusher->flags;
        port_execute(queue, &request);
        assert_true(probe_succeeded(&request));
    }
    port_queue_destroy(queue);
}

/* From StartIo of an untagged request to its completion nothing else is with the driver, whoever
 * submits meanwhile on the other processor. */
static void untagged_requests_run_alone_among_submitters_on_all_processors(void **state)
{
    static struct pusher pushers[3];
    struct sys_thread *threads[3];
    const PROBE_ROW *row;
    unsigned tagged = 0, untagged = 0;

    (void)state;
    open_units("Units=2 Duplex=2");
    for (unsigned i = 0; i < 3; i++) {
        pushers[i] =
            (struct pusher){host.unit, i ? 0 : PORT_FLAG_UNTAGGED, i ? WAITING_TAG : UNTAGGED_TAG};
        assert_int_equal(nt_thread_create(&threads[i], "pusher", pusher_run, &pushers[i]), 0);
    }
    for (unsigned i = 0; i < 3; i++)
        sys_thread_join(threads[i]);
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++) {
        if (row->Callback == ProbeStartIo && row->Detail == UNTAGGED_TAG)
            untagged++;
        else if (row->Callback == ProbeStartIo && row->Detail == WAITING_TAG)
            tagged++;
        else if (row->Callback == ProbeCompletes && row->Detail == UNTAGGED_TAG)
            untagged--;
        else if (row->Callback == ProbeCompletes && row->Detail == WAITING_TAG)
            tagged--;
        assert_true(!untagged || (untagged == 1 && !tagged));
    }
    assert_int_equal(probe_count(&host, ProbeCompletes, UNTAGGED_TAG), PUSHED);
    assert_int_equal(probe_count(&host, ProbeCompletes, WAITING_TAG), 2 * PUSHED);
    close_units();
}

/* What froze or locked the queue while an untagged request waited does not lock it in. */
static void an_untagged_request_that_waits_gives_way_to_what_bypasses_a_lock(void **state)
{
    struct port_request kept, untagged, bypass;

    (void)state;
    open_units("Units=2");
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
    probe_submit(&host, &kept);
    submit_tagged(&untagged, UNTAGGED_TAG, PORT_FLAG_NO_FREEZE | PORT_FLAG_UNTAGGED);
    assert_waits(&untagged, UNTAGGED_TAG);
    port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner);
    submit_tagged(&bypass, BYPASS_TAG, PORT_FLAG_NO_FREEZE | PORT_FLAG_BYPASS_LOCKED);
    while (!probe_is_done(&bypass))
        port_wait(host.queue, SYS_FOREVER);
    assert_false(probe_is_done(&untagged));
    release_kept();
    assert_waits(&untagged, UNTAGGED_TAG);
    port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner);
    probe_finish(&host);
    assert_true(probe_succeeded(&untagged));
    close_units();
}

/* ---- aborts ---- */

static uint8_t abort_of(struct port_request *victim)
{
    struct port_request request = {
        .unit = victim->unit, .function = PORT_ABORT, .single = {victim, 0}};

    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_OK);
    return request.srb_status;
}

static void an_abort_ends_a_request_that_waits_or_that_the_driver_has(void **state)
{
    static struct port_request waiting, kept;

    (void)state;
    for (unsigned mode = 0; mode < 2; mode++) {
        open_units(mode ? "Units=2 AbortMode=1" : "Units=2");
        port_unit_queue(host.unit, PORT_QUEUE_LOCK, &owner);
        submit_tagged(&waiting, WAITING_TAG, PORT_FLAG_NO_FREEZE);
        assert_int_equal(abort_of(&waiting), PROBE_SRB_SUCCESS);
        probe_poll(&host);
        assert_true(probe_is_done(&waiting));
        assert_int_equal(waiting.srb_status, PROBE_SRB_ABORTED);
        port_unit_queue(host.unit, PORT_QUEUE_UNLOCK, &owner);
        probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = KEPT_TAG});
        probe_submit(&host, &kept);
        assert_int_equal(abort_of(&kept), mode ? PROBE_SRB_SUCCESS : SRB_INVALID_REQUEST);
        if (mode)
            assert_int_equal(abort_of(&kept), SRB_ABORT_FAILED); /* it is back already */
        else
            release_kept();
        probe_finish(&host);
        assert_int_equal(kept.srb_status, mode ? PROBE_SRB_ABORTED : PROBE_SRB_SUCCESS);
        close_units();
    }
}

/* ---- requests to the adapter ---- */

static void requests_to_the_adapter_have_a_clock_each_and_end_without_a_reset(void **state)
{
    static struct port_request requests[2];
    static uint8_t data[2][64];

    (void)state;
    open_units("Units=2");
    host.shared->HoldFunction = FUNCTION_IO_CONTROL;
    for (unsigned i = 0; i < 2; i++) {
        requests[i] = (struct port_request){.unit = port_adapter_unit(host.adapter),
                                            .function = PORT_IO_CONTROL,
                                            .flags = PORT_FLAG_NO_FREEZE,
                                            .single = {data[i], sizeof(data[i])},
                                            .length = sizeof(data[i]),
                                            .direction = PORT_DATA_IN,
                                            .timeout_s = i ? 30 : 1};
        probe_submit(&host, &requests[i]);
    }
    while (!probe_is_done(&requests[0]))
        port_wait(host.queue, SYS_FOREVER);
    assert_int_equal(requests[0].status, PORT_TIMED_OUT);
    assert_false(probe_is_done(&requests[1]));
    assert_non_null(strstr(host.events, "a request to the adapter, RaidPort0, timed out"));
    assert_int_equal(probe_count(&host, ProbeResetBus, -1), 0);
    host.shared->HoldFunction = 0;
    release_kept();
    probe_finish(&host);
    assert_int_equal(requests[1].srb_status, PROBE_SRB_SUCCESS);
    close_units();
}

static void claims_have_one_owner(void **state)
{
    (void)state;
    open_units("Units=2");
    assert_int_equal(port_unit_claim(host.unit, &owner), 0);
    assert_int_equal(port_unit_claim(host.unit, &second_owner), -EBUSY);
    assert_int_equal(port_unit_claim(other, &second_owner), 0);
    assert_int_equal(port_unit_unclaim(host.unit, &second_owner), -EINVAL);
    assert_int_equal(port_unit_unclaim(host.unit, &owner), 0);
    assert_int_equal(port_unit_claim(host.unit, &second_owner), 0);
    close_units();
}

/* ---- sleep ---- */

static void a_request_that_must_not_wake_the_adapter_fails_while_it_sleeps(void **state)
{
    struct port_request waiting, refused;

    (void)state;
    open_units("Units=2");
    assert_int_equal(port_adapter_power(host.adapter, 3, 0, host.reason, sizeof(host.reason)), 0);
    submit_tagged(&waiting, WAITING_TAG, PORT_FLAG_NO_FREEZE);
    submit_tagged(&refused, BYPASS_TAG, PORT_FLAG_NO_FREEZE | PORT_FLAG_NO_KEEP_AWAKE);
    probe_poll(&host);
    assert_true(probe_is_done(&refused));
    assert_int_equal(refused.status, PORT_NOT_POWERED);
    assert_int_equal(refused.srb_status, SRB_NOT_POWERED);
    assert_false(probe_is_done(&waiting));
    assert_int_equal(port_adapter_power(host.adapter, 0, 0, host.reason, sizeof(host.reason)), 0);
    probe_finish(&host);
    assert_true(probe_succeeded(&waiting));
    submit_tagged(&refused, BYPASS_TAG, PORT_FLAG_NO_FREEZE | PORT_FLAG_NO_KEEP_AWAKE);
    probe_finish(&host);
    assert_true(probe_succeeded(&refused));
    close_units();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(an_error_freezes_the_queue_until_it_is_released),
        probe_test(an_error_of_a_request_that_says_so_freezes_nothing),
        probe_test(check_condition_time_out_reset_and_abort_freeze_and_nothing_else_does),
        probe_test(a_request_whose_time_ran_out_freezes_the_queue),
        probe_test(what_bypasses_a_closed_queue_goes_ahead_of_what_waits),
        probe_test(what_bypasses_needs_no_room_in_the_queue),
        probe_test(a_pause_holds_back_what_bypasses_the_queue),
        probe_test(locks_are_counted_for_each_owner),
        probe_test(flush_fails_what_waits_and_leaves_what_the_driver_has),
        probe_test(quiesce_returns_when_the_driver_has_nothing_of_the_unit),
        probe_test(an_untagged_request_waits_for_those_before_it_and_holds_back_those_behind),
        probe_test(untagged_requests_run_alone_among_submitters_on_all_processors),
        probe_test(an_untagged_request_that_waits_gives_way_to_what_bypasses_a_lock),
        probe_test(an_abort_ends_a_request_that_waits_or_that_the_driver_has),
        probe_test(requests_to_the_adapter_have_a_clock_each_and_end_without_a_reset),
        probe_test(claims_have_one_owner),
        probe_test(a_request_that_must_not_wake_the_adapter_fails_while_it_sleeps),
    };

    return probe_run(argc, argv, tests);
}
