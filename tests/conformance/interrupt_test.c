/*
 * interrupt_test.c - interrupts as drivers get them: a line with several causes, a line that nobody
 * claims, messages with and without locks of their own, and what is granted when less can be had.
 */
#include "probe_host.h"

#include <string.h>

enum { CONFIG_CAPABILITIES = 0x34, CAPABILITY_MSIX = 0x11, MSIX_ENABLE = 0x80 };
enum { LEVEL_SENSITIVE = 0, LATCHED = 1, STORM_CAUSE = 31, CLAIMED_STORM_CAUSE = 30 };

static struct probe_host host;

static void open_interrupts(const char *device, const char *settings,
                            enum port_interrupt_preference interrupts, unsigned limit)
{
    probe_prepare(&host);
    assert_int_equal(probe_try_with(&host, device, settings, interrupts, limit), 0);
    assert_non_null(host.unit);
}

/* Requests that the causes' interrupts complete. */
static void interrupts_complete(unsigned first, unsigned causes)
{
    struct port_request requests[8];

    for (unsigned i = 0; i < causes; i++) {
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt,
                                    .Cause = (UCHAR)(first + i),
                                    .Tag = (UCHAR)(10 + i)});
        probe_submit(&host, &requests[i]);
    }
    probe_finish(&host);
    for (unsigned i = 0; i < causes; i++) {
        assert_true(probe_succeeded(&requests[i]));
        assert_int_equal(probe_find(&host, ProbeCompletes, 10 + i, 0)->Irql, NT_DEVICE_LEVEL);
    }
}

static void granted(const char *kind, unsigned messages, unsigned mode)
{
    struct port_adapter_info info;

    port_adapter_describe(host.adapter, &info);
    assert_string_equal(info.interrupt_kind, kind);
    assert_int_equal(info.messages, messages);
    assert_int_equal(probe_find(&host, ProbeFindAdapter, -1, 0)->Detail, mode);
}

/* As FindAdapter read it. */
static bool messages_were_enabled(void)
{
    const UCHAR *config = host.shared->Config;
    unsigned capability = config[CONFIG_CAPABILITIES];

    while (capability && config[capability] != CAPABILITY_MSIX)
        capability = config[capability + 1];
    assert_true(capability);
    return config[capability + 3] & MSIX_ENABLE;
}

/* ---- the line ---- */

static void a_line_with_several_causes_loses_none(void **state)
{
    (void)state;
    open_interrupts("model:scratch", "MessageMode=0", PORT_INTERRUPT_LINE, 0);
    granted("line", 1, LEVEL_SENSITIVE);
    for (unsigned i = 0; i < 50; i++) {
        struct port_request both[2];
        port_queue_plug(host.queue);
        for (unsigned cause = 0; cause < 2; cause++) {
            probe_script(&both[cause], host.unit,
                         (PROBE_SCRIPT){.CompleteIn = ProbeInInterrupt, .Cause = (UCHAR)cause});
            probe_submit(&host, &both[cause]);
        }
        port_queue_unplug(host.queue);
        probe_finish(&host);
        assert_true(probe_succeeded(&both[0]) && probe_succeeded(&both[1]));
    }
    probe_assert_excludes(&host, ProbeInterrupt, 1u << ProbeInterrupt);
    probe_close(&host);
}

/* The driver refuses cause 31 and leaves it pending: the line is masked, the machine lives on. */
static void a_line_that_nobody_claims_is_masked(void **state)
{
    struct port_request request;

    (void)state;
    open_interrupts("model:scratch", "MessageMode=0", PORT_INTERRUPT_LINE, 0);
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.StartAction = ProbeDoDoorbell, .Value = STORM_CAUSE});
    probe_execute(&host, &request);
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    while (!probe_printed("interrupt-storm")) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    unsigned count = probe_count(&host, ProbeInterrupt, -1);
    assert_true(count >= 1000);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInDpc});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(probe_count(&host, ProbeInterrupt, -1), count);
    probe_close(&host);
}

/* The driver claims cause 30 and leaves it pending: that is told, requests and the stop go on. */
static void a_line_that_is_claimed_for_ever_is_told_and_the_machine_goes_on(void **state)
{
    struct port_request request;

    (void)state;
    open_interrupts("model:scratch", "MessageMode=0", PORT_INTERRUPT_LINE, 0);
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.StartAction = ProbeDoDoorbell, .Value = CLAIMED_STORM_CAUSE});
    probe_execute(&host, &request);
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    while (!probe_printed("claimed it 10000 times")) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    for (unsigned i = 0; i < 20; i++) {
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.CompleteIn = i % 2 ? ProbeInDpc : ProbeInInterrupt});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
    }
    probe_close(&host);
}

/* ---- messages ---- */

static void each_message_arrives_as_itself(void **state)
{
    (void)state;
    open_interrupts("model:scratch,vectors=3", "MessageMode=2", PORT_INTERRUPT_BEST, 0);
    granted("msi-x", 3, LATCHED);
    interrupts_complete(0, 3);
    for (unsigned message = 0; message < 3; message++)
        assert_true(probe_count(&host, ProbeMessage, message) > 0);
    assert_int_equal(probe_count(&host, ProbeInterrupt, -1), 0);
    probe_close(&host);
}

/* What runs in parallel takes two processors, however many the other tests get. */
static int aimed_machine_up(void **state)
{
    unsigned count = probe_processors() < 2 ? 2 : probe_processors();

    (void)state;
    return probe_machine_up_as(
        &(struct nt_machine_options){.processor_count = count, .aimed_messages = true});
}

enum { ROUNDS = 20, ROUNDS_MAX = 600 };

/* Messages 1 and 2 are aimed at processors 0 and 1. StartIo rings for both on processor 0: the
 * device's thread leaves the first one to it and runs the second. */
static void ring_both(unsigned first, unsigned rounds)
{
    host.shared->DwellMicroseconds = 500;
    nt_thread_set_home(nt_self(), nt_processor_get(0));
    for (unsigned i = first; i < first + rounds; i++) {
        struct port_request request;
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.StartAction = ProbeDoTwoDoorbells, .Value = 1});
        probe_execute(&host, &request);
        assert_true(probe_succeeded(&request));
        (void)probe_await(&host, ProbeMessage + ProbeLeave, 1, i);
        (void)probe_await(&host, ProbeMessage + ProbeLeave, 2, i);
    }
}

static void messages_with_locks_of_their_own_run_in_parallel(void **state)
{
    const PROBE_ROW *row;

    (void)state;
    open_interrupts("model:scratch,vectors=3", "MessageMode=2", PORT_INTERRUPT_BEST, 0);
    /* Each round is a chance, which a busy host may miss. */
    unsigned rounds = 0;
    do
        ring_both(rounds, ROUNDS);
    while (!probe_overlaps(&host, ProbeMessage, ProbeMessage) && (rounds += ROUNDS) < ROUNDS_MAX);
    assert_true(rounds < ROUNDS_MAX);
    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        if (row->Callback == ProbeMessage)
            assert_int_equal(row->Processor, row->Detail ? row->Detail - 1 : 0);
    probe_close(&host);
}

static void messages_with_one_lock_exclude_each_other(void **state)
{
    (void)state;
    open_interrupts("model:scratch,vectors=3", "MessageMode=1", PORT_INTERRUPT_BEST, 0);
    ring_both(0, ROUNDS);
    probe_assert_excludes(&host, ProbeMessage, 1u << ProbeMessage);
    probe_close(&host);
}

/* ---- less than was wished for ---- */

/* Some drivers find out by config space which registers their device has. */
static void granted_messages_are_enabled_before_the_driver_looks(void **state)
{
    (void)state;
    open_interrupts("model:scratch,vectors=3", "MessageMode=2", PORT_INTERRUPT_MSIX, 0);
    assert_true(messages_were_enabled());
    for (unsigned i = 0; i < 3; i++) {
        memset(host.shared->Config, 0, sizeof(host.shared->Config));
        assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
        assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)),
                         0);
        assert_true(messages_were_enabled());
        interrupts_complete(0, 3);
    }
    probe_close(&host);
    open_interrupts("model:scratch,vectors=3", "MessageMode=2", PORT_INTERRUPT_LINE, 0);
    assert_false(messages_were_enabled());
    probe_close(&host);
}

static void one_message_serves_all_causes_when_no_more_are_granted(void **state)
{
    (void)state;
    open_interrupts("model:scratch,vectors=3", "MessageMode=2", PORT_INTERRUPT_BEST, 1);
    granted("msi-x", 1, LATCHED);
    interrupts_complete(0, 1);
    probe_close(&host);
    open_interrupts("model:scratch,vectors=1", "MessageMode=2", PORT_INTERRUPT_BEST, 0);
    granted("msi-x", 1, LATCHED);
    interrupts_complete(0, 1);
    probe_close(&host);
}

static void the_line_serves_where_there_are_no_messages(void **state)
{
    (void)state;
    open_interrupts("model:scratch,vectors=0", "MessageMode=2", PORT_INTERRUPT_BEST, 0);
    granted("line", 1, LEVEL_SENSITIVE);
    interrupts_complete(0, 3);
    probe_close(&host);
    open_interrupts("model:scratch,vectors=3", "MessageMode=2", PORT_INTERRUPT_LINE, 0);
    granted("line", 1, LEVEL_SENSITIVE);
    interrupts_complete(0, 3);
    probe_close(&host);
}

/* Messages are granted before the driver has said that it has no routine for them. */
static void a_driver_without_a_message_routine_gets_the_line(void **state)
{
    (void)state;
    open_interrupts("model:scratch,vectors=3", "MessageMode=0", PORT_INTERRUPT_BEST, 0);
    granted("line", 1, LATCHED);
    interrupts_complete(0, 3);
    assert_int_equal(probe_count(&host, ProbeMessage, -1), 0);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(a_line_with_several_causes_loses_none),
        probe_test(a_line_that_nobody_claims_is_masked),
        probe_test(a_line_that_is_claimed_for_ever_is_told_and_the_machine_goes_on),
        probe_test(each_message_arrives_as_itself),
        cmocka_unit_test_setup_teardown(messages_with_locks_of_their_own_run_in_parallel,
                                        aimed_machine_up, probe_machine_down),
        probe_test(messages_with_one_lock_exclude_each_other),
        probe_test(granted_messages_are_enabled_before_the_driver_looks),
        probe_test(one_message_serves_all_causes_when_no_more_are_granted),
        probe_test(the_line_serves_where_there_are_no_messages),
        probe_test(a_driver_without_a_message_routine_gets_the_line),
    };

    return probe_run(argc, argv, tests);
}
