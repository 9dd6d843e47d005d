/*
 * timeline_test.c - the timeline that events make: hostile strings, events that are missing, and
 * requests whose end nobody saw.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "trace/table.h"
#include "trace/timeline.h"

static struct trace_json out;
static struct timeline *timeline;
static uint64_t now_ns;

static const char *gate_name(uint32_t gate)
{
    return gate == 1 ? "paused" : NULL;
}

static void describe(uint64_t address, char *line, size_t size)
{
    snprintf(line, size, "routine %llx", (unsigned long long)address);
}

static int setup(void **state)
{
    const struct timeline_words words = {gate_name, describe};

    (void)state;
    now_ns = 1000;
    timeline = timeline_create(&out, &words, now_ns);
    return timeline ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    timeline_destroy(timeline);
    trace_json_destroy(&out);
    return 0;
}

static void put(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b, const char *line,
                uint32_t lost)
{
    struct nt_event event = {.time_ns = now_ns += 1000,
                             .kind = (uint16_t)kind,
                             .text = text,
                             .a = a,
                             .b = b,
                             .object = nt_event_unit(0, 0, 0, 0)};

    if (line) {
        event.size = (uint16_t)strlen(line);
        memcpy(event.line, line, event.size + 1u);
    }
    timeline_event(timeline, &event, lost);
}

static unsigned count_of(const char *wanted)
{
    unsigned count = 0;

    trace_json_raw(&out, "");
    for (size_t i = 0; i + strlen(wanted) <= out.length; i++)
        count += memcmp(out.text + i, wanted, strlen(wanted)) == 0;
    return count;
}

static void submit(uint64_t number)
{
    put(NT_EVENT_REQUEST_SUBMITTED, "FLUSH", number, 0, NULL, 0);
}

static void strings_of_drivers_are_json_whatever_they_hold(void **state)
{
    (void)state;
    struct trace_json json = {0};
    static const char hostile[] =
        "a\"b\\c\n\x01\x7F\xFF\xC0\x80\xED\xA0\x80\xC3\xA4\xF4\x90\x80\x80";

    trace_json_string(&json, hostile, sizeof(hostile) - 1);
    trace_json_string(&json, "\xE2\x82", 2);
    trace_json_string(&json, "x\0y", 3);
    trace_json_raw(&json, "");
    assert_int_equal(json.length, strlen("\"a\\\"b\\\\c\\u000a\\u0001\\u007f") + 3 * 6 + 3 * 6 + 2 +
                                      4 * 6 + 1 + 1 + 2 * 6 + 1 + strlen("\"x\\u0000y\""));
    assert_memory_equal(json.text, "\"a\\\"b\\\\c\\u000a\\u0001\\u007f\\ufffd", 30);
    trace_json_destroy(&json);
    put(NT_EVENT_LOG, "log", 0, 0, "\"},{\"ph\":\"B\x80", 0);
    assert_int_equal(count_of("{\"ph\":\"B\""), 0);
    assert_int_equal(count_of("\\\"},{\\\"ph\\\":\\\"B\\ufffd"), 1);
}

static void a_table_finds_what_is_in_it_and_nothing_else(void **state)
{
    (void)state;
    struct table table = {0};
    static int values[1000];

    for (uint64_t i = 0; i < 1000; i++)
        assert_true(table_insert(&table, i * 64, &values[i]));
    for (uint64_t i = 0; i < 1000; i += 3)
        table_remove(&table, i * 64);
    for (uint64_t i = 0; i < 1000; i++)
        assert_ptr_equal(table_find(&table, i * 64), i % 3 ? &values[i] : NULL);
    assert_int_equal(table.count, 666);
    table_destroy(&table, NULL);
    assert_null(table_find(&table, 64));
}

static void what_began_ends(void **state)
{
    (void)state;
    submit(1);
    submit(2);
    put(NT_EVENT_REQUEST_DONE, "done", 1, 0, NULL, 0);
    put(NT_EVENT_CALLBACK_ENTER, "HwStorTimer", 0, 0, NULL, 0);
    timeline_finish(timeline);
    assert_int_equal(timeline_requests(timeline), 2);
    assert_int_equal(count_of("\"ph\":\"B\""), count_of("\"ph\":\"E\""));
    assert_int_equal(count_of("after the end of the trace"), 1);
}

static void ends_without_a_beginning_are_left_out(void **state)
{
    (void)state;
    put(NT_EVENT_CALLBACK_LEAVE, "HwStorTimer", 0, 0, NULL, 0);
    put(NT_EVENT_REQUEST_DONE, "done", 77, 0, NULL, 0);
    put(NT_EVENT_RESET_END, "unit reset", 0, 1, NULL, 0);
    assert_int_equal(count_of("\"ph\":\"E\""), 0);
}

static void a_request_goes_on_over_a_gap_and_one_whose_end_is_missing_ends_there(void **state)
{
    (void)state;
    submit(1);
    submit(2);
    put(NT_EVENT_REQUEST_SENT, "HwStorStartIo", 1, 0, NULL, 0);
    put(NT_EVENT_REQUEST_SENT, "HwStorStartIo", 2, 0, NULL, 0);
    put(NT_EVENT_LOG, "log", 0, 0, "behind the gap", 5);
    assert_int_equal(timeline_lost(timeline), 5);
    assert_int_equal(count_of("5 events are lost before here"), 1);
    put(NT_EVENT_REQUEST_COMPLETED, "completed", 1, 1, NULL, 0);
    put(NT_EVENT_REQUEST_RETURNED, "returned", 1, 1, NULL, 0);
    put(NT_EVENT_REQUEST_DONE, "done", 1, 0, NULL, 0);
    timeline_finish(timeline);
    assert_int_equal(count_of("01h SUCCESS"), 1);
    assert_int_equal(count_of("not in the trace: events were lost"), 1);
    assert_int_equal(count_of("\"ph\":\"B\""), count_of("\"ph\":\"E\""));
    /* The last of each counter: nothing is left. */
    trace_json_raw(&out, "");
    out.text[out.length - 1] = '\0';
    char *last = NULL;
    for (char *at = out.text; (at = strstr(at, "\"with the driver\":")) != NULL; at++)
        last = at;
    assert_non_null(last);
    assert_memory_equal(last, "\"with the driver\":0,", 20);
}

static void a_request_waits_for_what_is_closed_now(void **state)
{
    (void)state;
    put(NT_EVENT_GATE, "close", 1, 0, NULL, 0);
    submit(1);
    put(NT_EVENT_REQUEST_WAITS, "", 1, 1, NULL, 0);
    put(NT_EVENT_GATE, "open", 1, 0, NULL, 0);
    assert_int_equal(count_of("\"name\":\"waits: paused\""), 1);
    assert_int_equal(count_of("\"name\":\"waits: in the queue\""), 1);
    assert_int_equal(count_of("\"name\":\"gate: paused\""), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(strings_of_drivers_are_json_whatever_they_hold),
        TEST(a_table_finds_what_is_in_it_and_nothing_else),
        TEST(what_began_ends),
        TEST(ends_without_a_beginning_are_left_out),
        TEST(a_request_goes_on_over_a_gap_and_one_whose_end_is_missing_ends_there),
        TEST(a_request_waits_for_what_is_closed_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
