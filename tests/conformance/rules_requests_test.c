/*
 * rules_requests_test.c - rules of StartIo's contract about channels, completion, the two formats
 * of requests and crash dumps (sections E to I), as far as they are not proven where their subject
 * is tested: S28, S35, S38, S49, S53, S54.
 */
#include "checks_host.h"
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum { REQUESTS = 16 };

static struct probe_host host;

static void submit_from(void *context)
{
    (void)context;
}

/* The parameters name the message that is aimed at the processor which issues, and one channel for
 * all that it issues. */
static void S28_channel_and_message_belong_to_the_issuing_processor(void **state)
{
    uint32_t channel_of[NT_PROCESSOR_COUNT_MAX];
    unsigned count = probe_processors();
    char device[64], settings[96];
    struct port_request request;
    const PROBE_ROW *row;
    unsigned seen = 0;

    (void)state;
    memset(channel_of, 0xFF, sizeof(channel_of));
    snprintf(device, sizeof(device), "model:scratch,vectors=%u", count + 1);
    snprintf(settings, sizeof(settings), "Duplex=2 Channels=%u MessageRange=%u", count, count);
    probe_open(&host, device, settings);
    for (unsigned i = 0; i < REQUESTS; i++) {
        /* Going to a processor makes it the thread's first choice. */
        probe_on_other_processor(i, submit_from, NULL);
        probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = i % 3, .Tag = 7});
        probe_execute(&host, &request);
    }
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++) {
        if (row->Callback != ProbeStartIo)
            continue;
        assert_int_equal(row->Irql, NT_DISPATCH_LEVEL);
        assert_int_equal(row->Message, row->Processor + 1);
        assert_true(row->Channel < count);
        if (channel_of[row->Processor] == UINT32_MAX)
            channel_of[row->Processor] = row->Channel;
        assert_int_equal(row->Channel, channel_of[row->Processor]);
        seen++;
    }
    assert_true(seen >= REQUESTS);
    probe_close(&host);
}

static void S35_success_hands_data_and_status_to_the_originator(void **state)
{
    static const char *const devices[] = {"model:scratch", "none"};
    struct port_request request;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        probe_open(&host, devices[i], "");
        probe_script(&request, host.unit, (PROBE_SCRIPT){0});
        request.cdb[0] = PROBE_OP_ROWS;
        probe_data(&request, 2 * sizeof(PROBE_ROW));
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        assert_int_equal(request.transferred, 2 * sizeof(PROBE_ROW));
        assert_memory_equal(request.single.base, probe_row(&host, 0), sizeof(PROBE_ROW));
        probe_data_free(&request);
        probe_close(&host);
    }
}

/* A driver must not say so; when it does, the request is neither lost nor doubled. */
static void S38_busy_long_after_the_start_is_taken_for_busy(void **state)
{
    static const UCHAR places[] = {ProbeInDpc, ProbeInInterrupt, ProbeInTimer, ProbeInWorker};
    struct port_request requests[sizeof(places)];

    (void)state;
    probe_open(&host, "model:scratch", "");
    for (unsigned i = 0; i < sizeof(places); i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = places[i],
                                    .SrbStatus = PROBE_SRB_BUSY,
                                    .Times = 1,
                                    .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &requests[i]);
    }
    probe_finish(&host);
    for (unsigned i = 0; i < sizeof(places); i++) {
        assert_true(probe_succeeded(&requests[i]));
        assert_int_equal(requests[i].busy_retries, 1);
        assert_int_equal(probe_count(&host, ProbeStartIo, 10 + i), 2);
    }
    probe_close(&host);
}

/* ---- with the module of checks ---- */

static const char *const routines_of_requests[] = {
    "StorPortGetSystemAddress",
    "StorPortGetScatterGatherList",
    "StorPortGetStartIoPerfParams",
    "StorPortGetOriginalMdl",
    "StorPortGetPhysicalAddress",
    "StorPortGetRequestInfo",
    "StorPortGetDataInBufferMdl",
    "StorPortGetDataInBufferScatterGatherList",
    "StorPortGetDataInBufferSystemAddress",
    "StorPortFlushDataBufferMdl",
    "StorPortPropagateIrpExtension",
    "StorPortLogError",
    "RequestComplete",
};

static bool takes_requests(const char *name)
{
    for (size_t i = 0; i < sizeof(routines_of_requests) / sizeof(routines_of_requests[0]); i++)
        if (!strcmp(routines_of_requests[i], name))
            return true;
    return false;
}

/* The checks of these routines, with requests in either format: they expect the same of both. */
static void S49_routines_take_requests_in_both_formats(void **state)
{
    static CHECK_LISTED listed[CHECKS_MAX];
    unsigned seen = 0;

    (void)state;
    checks_list();
    uint32_t count = checks_shared->Count;
    memcpy(listed, checks_shared->Check, sizeof(listed));
    for (uint32_t i = 0; i < count; i++) {
        if (!takes_requests(listed[i].Name))
            continue;
        for (unsigned line = 0; line < 2; line++) {
            checks_clear();
            checks_machine_up();
            assert_true(checks_pass(i, CHECK_ALL_PLACES, listed[i].Places, CheckFullDuplex,
                                    line ? CheckLine : CheckMessagesApart));
            assert_int_equal(checks_shared->Failures, 0);
            assert_int_equal(checks_shared->StorageBlocks, !line);
            checks_machine_down();
        }
        seen++;
    }
    assert_true(seen >= 8);
}

/* There are no crash dumps yet: no driver is told of one, so none goes the ways that it demands. */
static void S53_S54_no_adapter_is_started_for_a_crash_dump(void **state)
{
    (void)state;
    checks_list();
    uint32_t cell = checks_find("DumpMode");
    for (CHECK_MODEL model = 0; model < CheckModelCount; model++) {
        checks_clear();
        checks_machine_up();
        checks_shared->Note[CheckFindAdapter].HeldIrql = 0xFF;
        assert_true(checks_pass(cell, CHECK_ALL_PLACES, CHECKS_PLACE(FindAdapter), model,
                                CheckMessagesApart));
        assert_int_equal(checks_shared->Note[CheckFindAdapter].HeldIrql, 0);
        checks_machine_down();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S28_channel_and_message_belong_to_the_issuing_processor),
        probe_test(S35_success_hands_data_and_status_to_the_originator),
        probe_test(S38_busy_long_after_the_start_is_taken_for_busy),
        cmocka_unit_test(S49_routines_take_requests_in_both_formats),
        cmocka_unit_test(S53_S54_no_adapter_is_started_for_a_crash_dump),
    };

    return probe_run(argc, argv, tests);
}
