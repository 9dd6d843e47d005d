/*
 * gates_test.c - what holds requests back and lets them go: busy, pause, depth, credits of two
 * processors, limits.
 */
#include "port_helper.h"

#include "nt/dpc.h"
#include "nt/thread.h"

static unsigned char buffer[1 << 20];

static struct test_host host;

static void with_faulty(unsigned behaviour, unsigned times)
{
    char first[64], second[64];
    const char *settings[] = {first, second};

    snprintf(first, sizeof(first), "Parameters\\Device\\Behaviour=%u", behaviour);
    snprintf(second, sizeof(second), "Parameters\\Device\\Times=%u", times);
    host_open(&host, "faulty", "none", settings, 2);
}

/* ---- busy ---- */

static void a_busy_request_is_issued_again_after_the_pause(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(2, 2);
    transfer(&request, host.unit, false, 0, 1, buffer);
    uint64_t start = sys_now_ns();
    port_execute(host.queue, &request);
    uint64_t elapsed = sys_now_ns() - start;
    assert_true(succeeded(&request));
    assert_int_equal(request.busy_retries, 2);
    assert_int_equal(request.transferred, TEST_BLOCK);
    assert_true(elapsed >= 2 * 250 * SYS_NS_PER_MS);
    host_close(&host);
}

static void a_request_that_is_always_busy_comes_up_with_busy(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(2, 1000);
    transfer(&request, host.unit, false, 0, 1, buffer);
    port_execute(host.queue, &request);
    assert_int_equal(request.status, PORT_OK);
    assert_int_equal(request.srb_status, 5);
    assert_int_equal(request.busy_retries, 20);
    host_close(&host);
}

static void queue_full_is_issued_again(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(3, 1);
    transfer(&request, host.unit, false, 0, 1, buffer);
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    assert_int_equal(request.busy_retries, 1);
    host_close(&host);
}

static void start_io_false_loses_nothing_and_doubles_nothing(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(12, 2);
    transfer(&request, host.unit, false, 0, 1, buffer);
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    assert_int_equal(port_queue_outstanding(host.queue), 0);
    host_close(&host);
}

/* ---- faults of the driver that the port survives ---- */

static void a_double_completion_is_a_finding_and_completes_once(void **state)
{
    struct port_request request;
    uint64_t before = nt_finding_count();

    (void)state;
    with_faulty(5, 1);
    transfer(&request, host.unit, false, 1000, 1, buffer);
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    assert_int_equal(port_queue_outstanding(host.queue), 0);
    assert_true(nt_finding_count() > before);
    host_close(&host);
}

static void completing_with_pending_is_a_finding_and_an_error(void **state)
{
    struct port_request request;
    uint64_t before = nt_finding_count();

    (void)state;
    with_faulty(13, 1);
    transfer(&request, host.unit, false, 0, 1, buffer);
    port_execute(host.queue, &request);
    assert_int_equal(request.srb_status, 0x30);
    assert_true(nt_finding_count() > before);
    host_close(&host);
}

static void sense_data_reaches_the_submitter(void **state)
{
    struct port_request request;
    uint8_t sense[32] = {0};

    (void)state;
    with_faulty(4, 1);
    transfer(&request, host.unit, false, 0, 1, buffer);
    request.sense = sense;
    request.sense_capacity = sizeof(sense);
    port_execute(host.queue, &request);
    assert_int_equal(request.scsi_status, 2);
    assert_true(request.sense_length >= 14);
    assert_int_equal(sense[2] & 0xF, 6);
    assert_int_equal(sense[12], 0x29);
    host_close(&host);
}

static void an_underrun_tells_how_much_came(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(14, 1);
    transfer(&request, host.unit, false, 1000, 8, buffer);
    port_execute(host.queue, &request);
    assert_int_equal(request.srb_status, 0x12);
    assert_int_equal(request.transferred, 4 * TEST_BLOCK);
    host_close(&host);
}

/* ---- pauses ---- */

static unsigned finished;

static void count_done(struct port_request *request)
{
    assert_true(succeeded(request));
    finished++;
}

static void a_paused_unit_holds_requests_until_resume(void **state)
{
    struct port_request request;

    (void)state;
    finished = 0;
    with_faulty(0, 1);
    port_unit_pause(host.unit, 60);
    transfer(&request, host.unit, false, 0, 1, buffer);
    request.done = count_done;
    port_submit(host.queue, &request);
    assert_int_equal(port_poll(host.queue, 0), 0);
    assert_true(port_unit_resume(host.unit));
    while (!finished)
        port_wait(host.queue, SYS_FOREVER);
    assert_false(port_unit_resume(host.unit));
    host_close(&host);
}

static void a_pause_of_the_adapter_ends_by_itself(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(0, 1);
    port_adapter_pause(host.adapter, 1);
    transfer(&request, host.unit, false, 0, 1, buffer);
    uint64_t start = sys_now_ns();
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    assert_true(sys_now_ns() - start >= 900 * SYS_NS_PER_MS);
    host_close(&host);
}

static void busy_with_nothing_outstanding_leaves_the_gate_open(void **state)
{
    struct port_request request;

    (void)state;
    with_faulty(0, 1);
    assert_true(port_unit_busy(host.unit, 100));
    assert_true(port_adapter_busy(host.adapter, 100));
    transfer(&request, host.unit, false, 0, 1, buffer);
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    host_close(&host);
}

/* ---- depth and credits ---- */

enum { STORM_REQUESTS = 48, STORM_TOTAL = 4000 };

struct storm {
    struct port_queue *queue;
    struct port_request requests[STORM_REQUESTS];
    unsigned char data[STORM_REQUESTS][TEST_BLOCK];
    unsigned submitted, done;
    uint32_t first_block;
};

static void storm_done(struct port_request *request)
{
    struct storm *storm = *(struct storm **)request->single.base;
    assert_true(succeeded(request));
    storm->done++;
    if (storm->submitted < STORM_TOTAL) {
        storm->submitted++;
        port_submit(storm->queue, request);
    }
}

static void storm_run(void *context)
{
    struct storm *storm = context;

    assert_int_equal(port_queue_create(&storm->queue), 0);
    for (unsigned i = 0; i < STORM_REQUESTS; i++) {
        transfer(&storm->requests[i], host.unit, true, storm->first_block + i, 1, storm->data[i]);
        *(struct storm **)storm->data[i] = storm;
        storm->requests[i].done = storm_done;
        storm->submitted++;
        port_submit(storm->queue, &storm->requests[i]);
    }
    while (port_queue_outstanding(storm->queue))
        port_wait(storm->queue, SYS_FOREVER);
    port_queue_destroy(storm->queue);
}

static void two_threads_share_a_depth(uint32_t depth, const char *const *settings, size_t count)
{
    struct storm *storms = calloc(2, sizeof(*storms));
    struct sys_thread *thread;

    host_open(&host, "ramdisk", "none", settings, count);
    assert_true(port_unit_set_depth(host.unit, depth));
    storms[1].first_block = STORM_REQUESTS;
    assert_int_equal(nt_thread_create(&thread, "storm", storm_run, &storms[1]), 0);
    storm_run(&storms[0]);
    sys_thread_join(thread);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(storms[i].done, storms[i].submitted);
    assert_int_equal(port_unit_outstanding(host.unit), 0);
    /* No credit was lost and none was made; recalls that are still on their way move some. */
    nt_dpc_flush();
    uint32_t credits = (uint32_t)host.unit->pool;
    for (unsigned i = 0; i < TEST_PROCESSORS; i++)
        credits += host.unit->shares[i].credits;
    assert_int_equal(credits, depth);
    free(storms);
    host_close(&host);
}

static void two_threads_share_one_credit_without_hanging(void **state)
{
    (void)state;
    two_threads_share_a_depth(1, NULL, 0);
}

static void two_threads_share_a_small_depth(void **state)
{
    (void)state;
    two_threads_share_a_depth(3, NULL, 0);
}

static void two_threads_with_room_for_all(void **state)
{
    (void)state;
    two_threads_share_a_depth(200, NULL, 0);
}

/* The timer of the miniport completes later, so that what is outstanding can be looked at. */
static void a_unit_never_has_more_outstanding_than_its_depth(void **state)
{
    enum { COUNT = 24, DEPTH = 5 };
    static struct port_request requests[COUNT];

    (void)state;
    with_faulty(11, 1);
    finished = 0;
    assert_true(port_unit_set_depth(host.unit, DEPTH));
    for (unsigned i = 0; i < COUNT; i++) {
        transfer(&requests[i], host.unit, false, i, 1, buffer + i * TEST_BLOCK);
        requests[i].done = count_done;
        port_submit(host.queue, &requests[i]);
        assert_true(port_unit_outstanding(host.unit) <= DEPTH);
    }
    while (finished < COUNT) {
        port_wait(host.queue, SYS_FOREVER);
        assert_true(port_unit_outstanding(host.unit) <= DEPTH);
    }
    host_close(&host);
}

/* ---- limits and data ---- */

static void a_transfer_beyond_the_limit_is_refused_unsent(void **state)
{
    struct port_request request;
    uint32_t limit;
    void *large;

    (void)state;
    host_open(&host, "ramdisk", "none", NULL, 0);
    limit = host.adapter->limits.maximum_transfer_length;
    large = malloc((size_t)limit + TEST_BLOCK);
    transfer(&request, host.unit, false, 0, limit / TEST_BLOCK + 1, large);
    port_execute(host.queue, &request);
    assert_int_equal(request.status, PORT_TOO_LARGE);
    free(large);
    host_close(&host);
}

static void segments_that_lie_apart_are_one_transfer(void **state)
{
    static unsigned char parts[5][700], whole[4 * TEST_BLOCK];
    struct port_segment segments[] = {
        {parts[0], 500}, {parts[1], 1}, {parts[2], 700}, {parts[3], 300}, {parts[4], 547}};
    struct port_request request;
    size_t at = 0;

    (void)state;
    host_open(&host, "ramdisk", "none", NULL, 0);
    for (size_t i = 0; i < sizeof(parts); i++)
        ((unsigned char *)parts)[i] = (unsigned char)(i * 7 + 3);
    transfer(&request, host.unit, true, 5, 4, NULL);
    request.segments = segments;
    request.segment_count = 5;
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    transfer(&request, host.unit, false, 5, 4, whole);
    port_execute(host.queue, &request);
    assert_true(succeeded(&request));
    for (unsigned i = 0; i < 5; i++) {
        assert_memory_equal(whole + at, segments[i].base, segments[i].length);
        at += segments[i].length;
    }
    host_close(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_request_is_issued_again_after_the_pause),
        cmocka_unit_test(a_request_that_is_always_busy_comes_up_with_busy),
        cmocka_unit_test(queue_full_is_issued_again),
        cmocka_unit_test(start_io_false_loses_nothing_and_doubles_nothing),
        cmocka_unit_test(a_double_completion_is_a_finding_and_completes_once),
        cmocka_unit_test(completing_with_pending_is_a_finding_and_an_error),
        cmocka_unit_test(sense_data_reaches_the_submitter),
        cmocka_unit_test(an_underrun_tells_how_much_came),
        cmocka_unit_test(a_paused_unit_holds_requests_until_resume),
        cmocka_unit_test(a_pause_of_the_adapter_ends_by_itself),
        cmocka_unit_test(busy_with_nothing_outstanding_leaves_the_gate_open),
        cmocka_unit_test(two_threads_share_one_credit_without_hanging),
        cmocka_unit_test(two_threads_share_a_small_depth),
        cmocka_unit_test(two_threads_with_room_for_all),
        cmocka_unit_test(a_unit_never_has_more_outstanding_than_its_depth),
        cmocka_unit_test(a_transfer_beyond_the_limit_is_refused_unsent),
        cmocka_unit_test(segments_that_lie_apart_are_one_transfer),
    };

    return cmocka_run_group_tests(tests, machine_up, machine_down);
}
