/*
 * evidence_test.c - what is known when something goes wrong: events, findings and the bug check
 * report.
 */
#include "nt/machine_helper.h"

#include "nt/events.h"
#include "nt/print.h"
#include "nt/spinlock.h"

static void events_are_read_newest_first_over_all_rings(void **state)
{
    (void)state;
    struct nt_event events[4];

    nt_events_enable(true);
    nt_event(NT_EVENT_LOG, "outside", 1, 10);
    nt_irql_raise_on(nt_processor_get(1));
    sys_stall_ns(1000);
    nt_event(NT_EVENT_LOG, "on one", 2, 20);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    sys_stall_ns(1000);
    nt_event(NT_EVENT_LOG, "outside again", 3, 30);
    assert_int_equal(nt_events_last(events, 2), 2);
    assert_string_equal(events[0].text, "outside again");
    assert_int_equal(events[0].processor, NT_EVENT_NO_PROCESSOR);
    assert_string_equal(events[1].text, "on one");
    assert_int_equal(events[1].processor, 1);
    assert_int_equal(events[1].a, 2);
    assert_int_equal(events[1].b, 20);
    assert_int_equal(events[1].thread, nt_self()->number);
    assert_true(events[0].time_ns > events[1].time_ns);
    assert_int_equal(nt_events_last(events, 4), 3);
    nt_events_enable(false);
    nt_event(NT_EVENT_LOG, "off", 0, 0);
    assert_int_equal(nt_events_last(events, 4), 3);
}

static void a_drivers_line_is_kept_cut_off_and_hashed_by_its_site(void **state)
{
    (void)state;
    static char longer[2 * NT_EVENT_DATA_BYTES];
    struct nt_event events[2];
    uint64_t hashes[3];

    memset(longer, 'x', sizeof(longer) - 1);
    for (unsigned i = 0; i < 3; i++) {
        nt_events_enable(true);
        nt_event_write_line(i < 2 ? "site" : "other", 7, i == 1 ? longer : "at 0x1234");
        hashes[i] = nt_events_hash();
        assert_int_equal(nt_events_last(events, 2), 1);
        assert_int_equal(events[0].kind, NT_EVENT_DRIVER_TRACE);
        assert_int_equal(events[0].a, 7);
        if (i == 1)
            assert_int_equal(strlen(events[0].line), NT_EVENT_DATA_BYTES);
        else
            assert_string_equal(events[0].line, "at 0x1234");
        nt_event(NT_EVENT_LOG, "no line", 0, 0);
        assert_int_equal(nt_events_last(events, 2), 2);
        assert_string_equal(events[0].line, "");
        nt_events_enable(false);
    }
    assert_int_equal(hashes[0], hashes[1]);
    assert_int_not_equal(hashes[0], hashes[2]);
}

static void a_full_ring_keeps_the_newest(void **state)
{
    (void)state;
    enum { RING_SLOTS = 16384, WRITTEN = 3 * RING_SLOTS };
    static struct nt_event events[RING_SLOTS + 100];

    nt_events_enable(true);
    for (uint64_t i = 0; i < WRITTEN; i++)
        nt_event(NT_EVENT_LOG, "many", i, 0);
    size_t count = nt_events_last(events, RING_SLOTS + 100);
    assert_in_range(count, RING_SLOTS - 24, RING_SLOTS);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(events[i].a, WRITTEN - 1 - i);
    nt_events_enable(false);
}

static uint64_t hash_of(uint64_t first, uint64_t second, const char *text)
{
    nt_events_enable(true);
    nt_event(NT_EVENT_LOG, text, first, 0);
    nt_event(NT_EVENT_LOG, "fixed", second, 0);
    uint64_t hash = nt_events_hash();
    nt_events_enable(false);
    return hash;
}

static void the_hash_depends_on_content_and_order(void **state)
{
    (void)state;
    assert_true(hash_of(1, 2, "t") == hash_of(1, 2, "t"));
    assert_true(hash_of(1, 2, "t") != hash_of(2, 1, "t"));
    assert_true(hash_of(1, 2, "t") != hash_of(1, 2, "u"));
    assert_true(hash_of(1, 2, "t") != hash_of(1, 3, "t"));
}

static uint32_t writers_stop;

static void writer_main(void *argument)
{
    (void)argument;
    for (uint64_t i = 0; !word_get(&writers_stop); i++) {
        uint8_t old_irql = nt_irql_raise(i % 2 ? NT_DISPATCH_LEVEL : NT_PASSIVE_LEVEL);
        nt_event(NT_EVENT_LOG, "pair", i, ~i);
        nt_irql_lower(old_irql);
    }
}

static void readers_beside_writers_see_whole_events(void **state)
{
    (void)state;
    struct sys_thread *threads[2];
    static struct nt_event events[64];
    unsigned seen = 0;

    nt_events_enable(true);
    word_set(&writers_stop, 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(nt_thread_create(&threads[i], "writer", writer_main, NULL), 0);
    while (seen < 20000) {
        size_t count = nt_events_last(events, 64);
        for (size_t i = 0; i < count; i++)
            assert_true(events[i].b == ~events[i].a && strcmp(events[i].text, "pair") == 0);
        seen += (unsigned)count + 1;
        sys_thread_yield();
    }
    word_set(&writers_stop, 1);
    for (unsigned i = 0; i < 2; i++)
        sys_thread_join(threads[i]);
    nt_events_enable(false);
}

/* ---- findings ---- */

static char last_line[256];
static unsigned line_count;

static void line_note(void *context, const char *line)
{
    (void)context;
    line_count++;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static void findings_are_printed_once_a_rule_and_adapter_and_counted_always(void **state)
{
    (void)state;
    int one = 1, other = 2;

    nt_print_set_sink(line_note, NULL);
    line_count = 0;
    nt_finding("S21", &one, "returned %d", 5);
    assert_string_equal(last_line, "finding S21: returned 5");
    nt_finding("S21", &one, "returned %d", 6);
    assert_int_equal(line_count, 1);
    nt_finding("S21", &other, "returned %d", 7);
    nt_finding("S22", &one, "other");
    assert_int_equal(line_count, 3);
    assert_int_equal(nt_finding_count(), 4);
    nt_print_set_sink(NULL, NULL);
}

enum { HOST_CODE = 0x1000, DRIVER_CODE = 0x2000, DRIVER_ENTRY = 0x3000 };

static size_t walk_of_three(void **ret_addresses, size_t count)
{
    static const uintptr_t addresses[] = {HOST_CODE, DRIVER_CODE, DRIVER_ENTRY};

    assert_true(count >= 3);
    for (size_t i = 0; i < 3; i++)
        ret_addresses[i] = (void *)addresses[i]; // NOLINT
    return 3;
}

static bool describe_driver(const void *address, char *line, size_t size, bool symbols)
{
    if ((uintptr_t)address < DRIVER_CODE)
        return false;
    snprintf(line, size, "driver+0x%zX%s", (size_t)address, symbols ? " (routine at a.c:1)" : "");
    return true;
}

static void a_finding_says_where_the_driver_was_and_in_which_callback(void **state)
{
    (void)state;
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;
    uint8_t irql;

    nt_print_set_sink(line_note, NULL);
    nt_bugcheck_set_describe(describe_driver);
    nt_bugcheck_set_backtrace(walk_of_three);
    line_count = 0;
    nt_evidence_push(self, &frame, "HwStorStartIo", NULL, NULL);
    irql = nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_finding("S30", NULL, "once");
    nt_finding("S30", NULL, "twice");
    nt_irql_lower(irql);
    nt_evidence_pop(self, &frame);
    nt_findings_flush();
    assert_int_equal(line_count, 2);
    assert_string_equal(last_line, "S30: at driver+0x2000 (routine at a.c:1), in HwStorStartIo");
    nt_finding("S31", NULL, "outside of callbacks");
    nt_findings_flush();
    assert_string_equal(last_line, "S31: at driver+0x2000 (routine at a.c:1)");
    nt_bugcheck_set_backtrace(NULL);
    nt_bugcheck_set_describe(NULL);
    nt_print_set_sink(NULL, NULL);
}

/* ---- the report ---- */

static void last_words_say(uint32_t code, const char *reason)
{
    fprintf(stderr, "last words %X %s\n", code, reason);
}

static bool describe_all(const void *address, char *line, size_t size, bool symbols)
{
    (void)address;
    (void)symbols;
    snprintf(line, size, "described frame");
    return true;
}

static void body_report(void)
{
    static struct nt_spinlock lock;
    struct nt_thread *self = nt_self();
    struct nt_evidence outer, inner;

    nt_events_enable(true);
    nt_event(NT_EVENT_LOG, "the last event", 0xAB, 0xCD);
    nt_bugcheck_set_last_words(last_words_say);
    nt_bugcheck_set_describe(describe_all);
    nt_spinlock_acquire_raise(&lock, NT_DEVICE_LEVEL);
    nt_evidence_push(self, &outer, "HwStorStartIo", (void *)0x1000, (void *)0x2000);
    nt_evidence_push(self, &inner, "DPC routine", NULL, NULL);
    nt_bugcheck(0x1234, 1, 2, 3, 0xFFFFFFFFFFFFFFFF, "the reason");
}

static void a_bug_check_reports_everything_known(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_report,
                    "storhost: bug check 0x1234 raised by the driver "
                    "(0x1, 0x2, 0x3, 0xFFFFFFFFFFFFFFFF): the reason\n",
                    "at IRQL 8, processor ", "1 spin locks held: 0x",
                    "  in DPC routine, entered at IRQL 8\n"
                    "  in HwStorStartIo, entered at IRQL 8, adapter 0x1000, request 0x2000\n",
                    "    described frame\n", "the last event 0xab 0xcd\n",
                    "last words 1234 the reason\n");
}

static void die_in_last_words(uint32_t code, const char *reason)
{
    (void)code;
    nt_bugcheck(2, 0, 0, 0, 0, reason);
}

static void body_bugcheck_in_last_words(void)
{
    nt_bugcheck_set_last_words(die_in_last_words);
    nt_bugcheck(NT_BUGCHECK_STORAGE_MINIPORT_ERROR, 0, 0, 0, 0, "first");
}

static void a_bug_check_within_a_bug_check_ends_at_once(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_bugcheck_in_last_words, "bug check 0xF0 STORAGE_MINIPORT_ERROR", "first");
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(events_are_read_newest_first_over_all_rings),
        IN_MACHINE(a_drivers_line_is_kept_cut_off_and_hashed_by_its_site),
        IN_MACHINE(a_full_ring_keeps_the_newest),
        IN_MACHINE(the_hash_depends_on_content_and_order),
        IN_MACHINE(readers_beside_writers_see_whole_events),
        IN_MACHINE(findings_are_printed_once_a_rule_and_adapter_and_counted_always),
        IN_MACHINE(a_finding_says_where_the_driver_was_and_in_which_callback),
        cmocka_unit_test(a_bug_check_reports_everything_known),
        cmocka_unit_test(a_bug_check_within_a_bug_check_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
