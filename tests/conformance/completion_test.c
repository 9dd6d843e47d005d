/*
 * completion_test.c - completions from every place a driver has, what becomes of the results, and
 * that nothing of a request is touched or reused too early (rules S15, S34, S35, S39 to S42;
 * autosense of lifecycle section 11).
 */
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum {
    SCSI_CHECK_CONDITION = 0x02,
    SRB_DATA_OVERRUN = 0x12,
    AUTOSENSE_VALID = 0x80,
    QUEUE_FROZEN = 0x40,
    INTERNAL_ERROR = 0x30,
    SENSE_BYTES = 18,
};

static struct probe_host host;

static void open_mode(const char *device, unsigned duplex, unsigned blocks)
{
    char settings[64];

    snprintf(settings, sizeof(settings), "Duplex=%u SrbType=%u", duplex, blocks);
    probe_open(&host, device, settings);
}

/* ---- where ---- */

static void completes_once(const char *device, unsigned duplex, unsigned blocks, UCHAR place)
{
    struct port_request request;

    open_mode(device, duplex, blocks);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = place, .Tag = 7});
    probe_data(&request, 1024);
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.transferred, 1024);
    assert_int_equal(probe_count(&host, ProbeCompletes, 7), 1);
    assert_int_equal(port_unit_outstanding(host.unit), 0);
    probe_data_free(&request);
    probe_close(&host);
}

static void S34_requests_complete_from_every_place_in_every_mode(void **state)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc,     ProbeInTimer,
                                   ProbeInWorker,  ProbeInTimerEx, ProbeInInterrupt};

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        for (unsigned i = 0; i < sizeof(places); i++) {
            for (unsigned duplex = 0; duplex < 3; duplex++)
                completes_once("model:scratch,vectors=3", duplex, blocks, places[i]);
            if (places[i] != ProbeInInterrupt)
                completes_once("none", 1, blocks, places[i]);
        }
    }
    assert_int_equal(nt_finding_count(), 0);
}

/* ---- too early ---- */

enum { WORKERS = 2, DEPTH = 6, ROUNDS = 60 };

struct worker {
    struct port_queue *queue;
    struct port_request requests[DEPTH];
    unsigned left;
};

static void worker_done(struct port_request *request)
{
    struct worker *worker = request->single.base;

    assert_true(probe_succeeded(request));
    if (worker->left) {
        worker->left--;
        port_submit(worker->queue, request);
    }
}

static void worker_run(void *context)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInInterrupt, ProbeInDpc};
    struct worker *worker = context;

    assert_int_equal(port_queue_create(&worker->queue), 0);
    worker->left = ROUNDS;
    for (unsigned i = 0; i < DEPTH; i++) {
        probe_script(&worker->requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = places[i % 3], .Cause = (UCHAR)(i % 3)});
        worker->requests[i].single.base = worker;
        worker->requests[i].done = worker_done;
        port_submit(worker->queue, &worker->requests[i]);
    }
    while (port_queue_outstanding(worker->queue))
        port_wait(worker->queue, SYS_FOREVER);
    port_queue_destroy(worker->queue);
}

/* Rules S39 and S40: StartIo lingers after its request has been completed, by itself or by an
 * interrupt on the other processor. */
static void S39_S40_a_completed_request_is_not_reused_before_start_io_returns(void **state)
{
    static struct worker workers[WORKERS];
    struct sys_thread *threads[WORKERS];

    (void)state;
    for (unsigned duplex = 1; duplex < 3; duplex++) {
        probe_prepare(&host);
        assert_int_equal(probe_try(&host, "model:scratch,vectors=3",
                                   duplex == 1 ? "Duplex=1 MaximumIo=7" : "Duplex=2 MaximumIo=7"),
                         0);
        host.shared->DwellMicroseconds = 100;
        for (unsigned i = 0; i < WORKERS; i++)
            assert_int_equal(nt_thread_create(&threads[i], "worker", worker_run, &workers[i]), 0);
        for (unsigned i = 0; i < WORKERS; i++)
            sys_thread_join(threads[i]);
        const PROBE_ROW *row;
        for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
            if (row->Callback == ProbeCompleted)
                assert_true(row->Result);
        assert_true(probe_count(&host, ProbeCompleted, -1) > 2 * ROUNDS);
        probe_close(&host);
    }
}

/* Rule S15: from RequestComplete to the end of StartIo only an interrupt may come in. */
static void S15_nothing_runs_inside_request_complete(void **state)
{
    enum { COUNT = 8 };
    struct port_request requests[COUNT];

    (void)state;
    probe_open(&host, "model:scratch", "MaximumIo=2");
    port_queue_plug(host.queue);
    for (unsigned i = 0; i < COUNT; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.StartAction = ProbeDoDpc, .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &requests[i]);
    }
    port_queue_unplug(host.queue);
    probe_finish(&host);
    for (unsigned i = 0; i < COUNT; i++) {
        size_t from = probe_index(&host, probe_find(&host, ProbeCompletes, 10 + i, 0));
        size_t to = probe_index(&host, probe_find(&host, ProbeStartIo + ProbeLeave, 10 + i, 0));
        unsigned processor = probe_row(&host, from)->Processor;
        for (size_t at = from + 1; at < to; at++)
            assert_true(probe_row(&host, at)->Processor != processor ||
                        probe_row(&host, at)->Callback == ProbeCompleted);
    }
    probe_close(&host);
}

/* ---- sense data ---- */

static void sense(struct port_request *request, UCHAR status, UCHAR length, uint8_t *buffer,
                  uint8_t capacity)
{
    probe_script(request, host.unit,
                 (PROBE_SCRIPT){.SrbStatus = status,
                                .ScsiStatus = SCSI_CHECK_CONDITION,
                                .Times = 1,
                                .SenseLength = length,
                                .Tag = 7});
    request->sense = buffer;
    request->sense_capacity = capacity;
    probe_execute(&host, request);
    assert_int_equal(request->scsi_status, SCSI_CHECK_CONDITION);
    assert_int_equal(request->srb_status, PROBE_SRB_ERROR);
}

static void sense_data_comes_up_as_far_as_there_is_room(void **state)
{
    struct port_request request;
    uint8_t buffer[64] = {0};

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_mode("model:scratch", 1, blocks);
        sense(&request, PROBE_SRB_ERROR | AUTOSENSE_VALID, SENSE_BYTES, buffer, sizeof(buffer));
        assert_int_equal(request.sense_length, SENSE_BYTES);
        assert_int_equal(buffer[2], 6);
        assert_int_equal(buffer[12], 0x29);
        probe_close(&host);

        open_mode("model:scratch", 1, blocks);
        memset(buffer, 0xEE, sizeof(buffer));
        sense(&request, PROBE_SRB_ERROR | AUTOSENSE_VALID, SENSE_BYTES, buffer, 8);
        assert_int_equal(request.sense_length, 8);
        assert_int_equal(buffer[2], 6);
        assert_int_equal(buffer[8], 0xEE);
        probe_close(&host);
    }
}

/* Lifecycle section 11: no REQUEST SENSE is sent by the port. */
static void without_the_valid_flag_there_is_no_sense_data(void **state)
{
    struct port_request request;
    uint8_t buffer[64];

    (void)state;
    open_mode("model:scratch", 1, 1);
    sense(&request, PROBE_SRB_ERROR, SENSE_BYTES, buffer, sizeof(buffer));
    assert_int_equal(request.sense_length, 0);
    const PROBE_ROW *row;
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        assert_int_not_equal(row->Opcode, 0x03);
    probe_close(&host);
}

static void the_sense_buffer_is_as_large_as_documented_or_absent(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_mode("model:scratch", 1, blocks);
        probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = 7});
        probe_execute(&host, &request);
        assert_int_equal(probe_find(&host, ProbeStartIo, 7, 0)->SenseLength, 255);
        probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = 8});
        request.flags |= PORT_FLAG_NO_AUTOSENSE;
        probe_execute(&host, &request);
        assert_int_equal(probe_find(&host, ProbeStartIo, 8, 0)->SenseLength, 0);
        probe_close(&host);
    }
}

/* ---- statuses ---- */

static uint8_t status_of(UCHAR status)
{
    struct port_request request;

    probe_script(&request, host.unit, (PROBE_SCRIPT){.SrbStatus = status, .Times = 1});
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_OK);
    return request.srb_status;
}

static void S42_other_statuses_go_up_as_they_are(void **state)
{
    static const UCHAR statuses[] = {PROBE_SRB_ABORTED,
                                     PROBE_SRB_ERROR,
                                     0x06,
                                     0x07,
                                     0x08,
                                     0x09,
                                     0x0A,
                                     0x0B,
                                     0x0E,
                                     0x0F,
                                     0x11,
                                     0x20,
                                     0x21,
                                     0x22};

    (void)state;
    open_mode("model:scratch", 1, 1);
    for (unsigned i = 0; i < sizeof(statuses); i++)
        assert_int_equal(status_of(statuses[i]), statuses[i]);
    assert_int_equal(nt_finding_count(), 0);
    probe_close(&host);
}

/* Rule S41. */
static void S41_statuses_of_the_port_are_findings(void **state)
{
    (void)state;
    open_mode("model:scratch", 1, 1);
    assert_int_equal(status_of(PROBE_SRB_SUCCESS | QUEUE_FROZEN), PROBE_SRB_SUCCESS);
    assert_int_equal(nt_finding_count(), 1);
    assert_int_equal(status_of(INTERNAL_ERROR), INTERNAL_ERROR);
    assert_int_equal(nt_finding_count(), 2);
    assert_int_equal(status_of(0), INTERNAL_ERROR); /* PENDING */
    assert_int_equal(nt_finding_count(), 3);
    probe_close(&host);
}

static void an_underrun_tells_how_much_came(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_mode("model:scratch", 1, blocks);
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.SrbStatus = SRB_DATA_OVERRUN, .Times = 1, .ShortBy = 100});
        probe_data(&request, 512);
        probe_execute(&host, &request);
        assert_int_equal(request.srb_status, SRB_DATA_OVERRUN);
        assert_int_equal(request.transferred, 412);
        probe_data_free(&request);
        probe_close(&host);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S34_requests_complete_from_every_place_in_every_mode),
        probe_test(S39_S40_a_completed_request_is_not_reused_before_start_io_returns),
        probe_test(S15_nothing_runs_inside_request_complete),
        probe_test(sense_data_comes_up_as_far_as_there_is_room),
        probe_test(without_the_valid_flag_there_is_no_sense_data),
        probe_test(the_sense_buffer_is_as_large_as_documented_or_absent),
        probe_test(S42_other_statuses_go_up_as_they_are),
        probe_test(S41_statuses_of_the_port_are_findings),
        probe_test(an_underrun_tells_how_much_came),
    };

    return probe_run(argc, argv, tests);
}
