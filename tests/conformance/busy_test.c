/*
 * busy_test.c - requests that the miniport could not start now (rules S21, S36, S37, S43): sent
 * again, with another extension and nothing else changed, and never lost or doubled.
 */
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum { SCSI_BUSY = 0x08, SCSI_QUEUE_FULL = 0x28, SRB_LINK_DOWN = 0x25, BUSY_PAUSE_MS = 250 };

static struct probe_host host;

static void open_mode(const char *device, unsigned duplex, unsigned blocks)
{
    char settings[64];

    snprintf(settings, sizeof(settings), "Duplex=%u SrbType=%u", duplex, blocks);
    probe_open(&host, device, settings);
}

/* What the driver sees of both attempts is equal, the extension apart. */
static void assert_same_request(const PROBE_ROW *first, const PROBE_ROW *second)
{
    assert_ptr_not_equal(first->SrbExtension, second->SrbExtension);
    assert_int_equal(second->SrbStatus, 0);
    assert_int_equal(second->ScsiStatus, 0);
    assert_memory_equal(first->Cdb, second->Cdb, sizeof(first->Cdb));
    assert_int_equal(first->CdbLength, second->CdbLength);
    assert_int_equal(first->SrbFlags, second->SrbFlags);
    assert_int_equal(first->DataTransferLength, second->DataTransferLength);
    assert_int_equal(first->TimeOutValue, second->TimeOutValue);
    assert_int_equal(first->SenseLength, second->SenseLength);
    assert_int_equal(first->Lun, second->Lun);
    assert_ptr_equal(first->DataBuffer, second->DataBuffer);
}

static void busy_is_sent_again(const char *device, unsigned duplex, unsigned blocks, UCHAR place)
{
    struct port_request request;
    bool is_virtual = strcmp(device, "none") == 0;

    open_mode(device, duplex, blocks);
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.CompleteIn = place,
                                .SrbStatus = PROBE_SRB_BUSY,
                                .Times = 2,
                                .DestroyLength = 1, /* S37: the port restores it */
                                .Tag = 7});
    probe_data(&request, 4096);
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.transferred, 4096);
    assert_int_equal(request.busy_retries, 2);
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), is_virtual ? 0 : 3);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 3);
    assert_int_equal(probe_count(&host, ProbeCompletes, 7), 3);
    for (unsigned attempt = 1; attempt < 3; attempt++) {
        assert_same_request(probe_find(&host, ProbeStartIo, 7, attempt - 1),
                            probe_find(&host, ProbeStartIo, 7, attempt));
        if (!is_virtual)
            assert_same_request(probe_find(&host, ProbeBuildIo, 7, attempt - 1),
                                probe_find(&host, ProbeBuildIo, 7, attempt));
    }
    probe_data_free(&request);
    probe_close(&host);
    assert_int_equal(nt_finding_count(), 0);
}

static void S36_S37_a_busy_request_is_built_and_started_again_with_another_extension(void **state)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc, ProbeInInterrupt, ProbeInTimer};

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        for (unsigned i = 0; i < sizeof(places); i++)
            busy_is_sent_again("model:scratch", i % 2, blocks, places[i]);
        busy_is_sent_again("none", 1, blocks, ProbeInStartIo);
        busy_is_sent_again("none", 1, blocks, ProbeInWorker);
    }
}

/* BuildIo may answer BUSY too: then StartIo is for the next attempt only. */
static void busy_from_build_io_is_sent_again(void **state)
{
    struct port_request request;

    (void)state;
    open_mode("model:scratch", 1, 1);
    probe_script(
        &request, host.unit,
        (PROBE_SCRIPT){
            .CompleteIn = ProbeInBuildIo, .SrbStatus = PROBE_SRB_BUSY, .Times = 1, .Tag = 7});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 2);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 0);
    probe_close(&host);
}

/* Rule S21. */
static void S21_false_from_start_io_never_loses_a_request(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned duplex = 0; duplex < 3; duplex++) {
        open_mode("model:scratch", duplex, duplex % 2);
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInRefusal, .Times = 2, .Tag = 7});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(request.busy_retries, 2);
        assert_int_equal(probe_count(&host, ProbeBuildIo, 7), 3);
        assert_int_equal(probe_count(&host, ProbeStartIo, 7), 3);
        probe_close(&host);
    }
    assert_int_equal(nt_finding_count(), 0);
}

static void status_is_sent_again(UCHAR srb_status, UCHAR scsi_status)
{
    struct port_request request;

    open_mode("model:scratch", 1, 1);
    probe_script(
        &request, host.unit,
        (PROBE_SCRIPT){.SrbStatus = srb_status, .ScsiStatus = scsi_status, .Times = 1, .Tag = 7});
    uint64_t start = sys_now_ns();
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.busy_retries, 1);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 2);
    assert_true(sys_now_ns() - start >= BUSY_PAUSE_MS * SYS_NS_PER_MS);
    probe_close(&host);
}

/* Lifecycle section 6. */
static void S43_every_form_of_busy_pauses_the_unit_and_is_sent_again(void **state)
{
    (void)state;
    status_is_sent_again(PROBE_SRB_BUSY, 0);
    status_is_sent_again(PROBE_SRB_BUSY, SCSI_QUEUE_FULL); /* nothing else is outstanding */
    status_is_sent_again(PROBE_SRB_ERROR, SCSI_QUEUE_FULL);
    status_is_sent_again(PROBE_SRB_ERROR, SCSI_BUSY);
    status_is_sent_again(PROBE_SRB_SUCCESS, SCSI_BUSY);
    status_is_sent_again(SRB_LINK_DOWN, 0);
}

/* A quarter of what was outstanding has to complete, and then it goes on without a pause. */
static void queue_full_waits_for_a_quarter_of_the_others(void **state)
{
    enum { OTHERS = 8 };
    struct port_request kept[OTHERS], full;

    (void)state;
    probe_prepare(&host);
    host.shared->PresentUnits = 3;
    assert_int_equal(probe_try(&host, "model:scratch", "Units=2"), 0);
    for (unsigned i = 0; i < OTHERS; i++) {
        probe_script(&kept[i], host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = 5});
        probe_submit(&host, &kept[i]);
    }
    probe_script(
        &full, host.unit,
        (PROBE_SCRIPT){
            .SrbStatus = PROBE_SRB_BUSY, .ScsiStatus = SCSI_QUEUE_FULL, .Times = 1, .Tag = 7});
    probe_submit(&host, &full);
    uint64_t start = sys_now_ns();
    uint64_t deadline = start + (BUSY_PAUSE_MS + 100) * SYS_NS_PER_MS;
    while (sys_now_ns() < deadline)
        port_wait(host.queue, deadline);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 1);
    struct port_unit *second = port_unit_get(host.adapter, 1);
    struct port_request release;
    probe_script(&release, second, (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    probe_execute(&host, &release);
    probe_finish(&host);
    assert_true(probe_succeeded(&full));
    assert_true(probe_index(&host, probe_find(&host, ProbeCompletes, 5, 1)) <
                probe_index(&host, probe_find(&host, ProbeBuildIo, 7, 1)));
    port_unit_release(second);
    probe_close(&host);
}

/* A submitter that uses its request again starts with all retries. */
static void retries_are_counted_for_each_submission(void **state)
{
    struct port_request request;

    (void)state;
    open_mode("model:scratch", 1, 1);
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.SrbStatus = PROBE_SRB_BUSY, .Times = 1, .Tag = 7});
    probe_execute(&host, &request);
    assert_int_equal(request.busy_retries, 1);
    probe_execute(&host, &request); /* the script's first attempt is over: it succeeds */
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.busy_retries, 0);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S36_S37_a_busy_request_is_built_and_started_again_with_another_extension),
        probe_test(busy_from_build_io_is_sent_again),
        probe_test(S21_false_from_start_io_never_loses_a_request),
        probe_test(S43_every_form_of_busy_pauses_the_unit_and_is_sent_again),
        probe_test(queue_full_waits_for_a_quarter_of_the_others),
        probe_test(retries_are_counted_for_each_submission),
    };

    return probe_run(argc, argv, tests);
}
