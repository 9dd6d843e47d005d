/*
 * message_test.c - trace messages at their limits: what a driver's format says wrongly, what does
 * not fit, and the types that need care.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "trace/trace.h"

static const UCHAR no_kinds[] = {STORHOST_TRACE_NO_MORE};

static const STORHOST_TRACE_SITE place = {
    .File = "C:\\drivers\\some\\file.c",
    .Function = "Function",
    .Level = "4",
    .Text = {NULL, "", NULL},
    .Kinds = {no_kinds, no_kinds, no_kinds},
    .Line = 12,
};

/* As the driver passes its arguments. */
static void NTAPI message(char line[TRACE_LINE_BYTES], const STORHOST_TRACE_SITE *site, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, site);
    trace_message_format(line, site, arguments);
    __builtin_ms_va_end(arguments);
}

#define EXPECT(expected_, format_, ...)                                                            \
    do {                                                                                           \
        char buffer_[256] = "";                                                                    \
        struct trace_output out_ = {buffer_, sizeof(buffer_), 0};                                  \
        struct trace_arguments arguments_ = {.slots = {__VA_ARGS__}};                              \
        arguments_.count = sizeof((uint64_t[]){__VA_ARGS__}) / 8;                                  \
        trace_format(&out_, &place, format_, &arguments_);                                         \
        assert_string_equal(buffer_, expected_);                                                   \
        assert_int_equal(out_.length, strlen(expected_));                                          \
    } while (0)

static void a_line_has_place_function_and_level_and_is_one_line(void **state)
{
    (void)state;
    static const UCHAR number[] = {STORHOST_TRACE_SIGNED_4, STORHOST_TRACE_NO_MORE};
    STORHOST_TRACE_SITE site = place;
    char line[TRACE_LINE_BYTES];

    site.Text[0] = "%!STDPREFIX! in %d";
    site.Text[1] = "\tof two\nlines %d";
    site.Text[2] = "end %d\r\n";
    site.Kinds[0] = site.Kinds[1] = site.Kinds[2] = number;
    message(line, &site, 1, 2, 3);
    assert_string_equal(line, "file.c:12: Function: [INFORMATION] in 1  of two lines 2 end 3");
    site.Level = NULL;
    site.Flags = "IO";
    site.Text[0] = site.Text[2] = NULL;
    site.Text[1] = "";
    message(line, &site, 1, 2, 3);
    assert_string_equal(line, "file.c:12: Function: [IO]");
}

static void each_part_takes_its_own_arguments(void **state)
{
    (void)state;
    static const UCHAR two[] = {STORHOST_TRACE_SIGNED_4, STORHOST_TRACE_SIGNED_4,
                                STORHOST_TRACE_NO_MORE};
    STORHOST_TRACE_SITE site = place;
    char line[TRACE_LINE_BYTES];

    site.Text[1] = "one %d";
    site.Text[2] = "then %d";
    site.Kinds[1] = site.Kinds[2] = two;
    message(line, &site, 1, 2, 3, 4);
    assert_non_null(strstr(line, "one 1 then 3"));
}

static void a_line_that_is_too_long_is_cut_off(void **state)
{
    (void)state;
    static const UCHAR text[] = {STORHOST_TRACE_WHOLE, STORHOST_TRACE_NO_MORE};
    STORHOST_TRACE_SITE site = place;
    static char longer[2 * TRACE_LINE_BYTES];
    char line[TRACE_LINE_BYTES];

    memset(longer, 'x', sizeof(longer) - 1);
    site.Kinds[1] = text;
    site.Text[1] = "%s";
    message(line, &site, longer);
    assert_int_equal(strlen(line), TRACE_LINE_BYTES - 1);
    site.Text[1] = "%!ASTR! %!STATUS!";
    message(line, &site, longer);
    assert_int_equal(strlen(line) < TRACE_LINE_BYTES, 1);
    site.Text[1] = longer;
    message(line, &site, longer);
    assert_int_equal(strlen(line), TRACE_LINE_BYTES - 1);
}

static void directives_that_are_none_are_text(void **state)
{
    (void)state;
    EXPECT("100% %", "100%% %", 1);
    EXPECT("%!open 1", "%!open %d", 1);
    EXPECT("%12345678901234567890123456789012345678!d! 1",
           "%12345678901234567890123456789012345678!d! %d", 1);
    EXPECT("%k 1", "%k %d", 1, 2);
}

static void arguments_that_are_not_there_are_told(void **state)
{
    (void)state;
    EXPECT("1 <missing> <missing>", "%d %s %!STATUS!", 1);
    EXPECT("<missing>", "%*d", 3);
    EXPECT("  7", "%*d", 3, 7);
}

static void names_take_the_field_before_them(void **state)
{
    (void)state;
    EXPECT("[  TRUE]", "[%6!bool!]", 1);
    EXPECT("[FA]", "[%.2!bool!]", 0);
    EXPECT("[12      ]", "[%-8!LINE!]", 0);
    EXPECT("0x2a", "%#!x!", 42);
}

static void values_outside_of_a_list_are_numbers(void **state)
{
    (void)state;
    static const STORHOST_TRACE_VALUE values[] = {{"minus", -1}, {"zero", 0}, {NULL, 0}};
    static const STORHOST_TRACE_TYPE types[] = {
        {"list", "ItemListLong", NULL, values, NULL},
        {"byte", "ItemListByte", NULL, values, NULL},
        {"set", "ItemSetShort", NULL, values, NULL},
        {"plain", "ItemLong", "x", NULL, NULL},
        {"strange", "ItemNobodyKnows", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const UCHAR kinds[] = {1, 1, 1, 1, 1, 1, STORHOST_TRACE_NO_MORE};
    STORHOST_TRACE_SITE site = place;
    char line[TRACE_LINE_BYTES];

    site.Types = types;
    site.Kinds[1] = kinds;
    site.Text[1] = "%!list! %!list! %!byte! %!set! %!plain! %!strange!";
    message(line, &site, -1, 7, 0x1FF, 3, 255, 5);
    assert_non_null(strstr(line, "] minus 7 minus [zero,0x2] ff 0x5"));
}

static void addresses_that_lead_nowhere_are_null(void **state)
{
    (void)state;
    EXPECT("NULL NULL NULL (null) (null)", "%!GUID! %!sid! %!WSTR! %s %wZ", 0, 0, 0, 0, 0);
}

static void records_are_written_as_what_they_are(void **state)
{
    (void)state;
    static const uint8_t sid[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0};
    static const uint8_t address[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
    static const uint16_t wide[] = {'a', 0xE9, 0x20AC, 0xD83D, 0xDE00, 0xD800, 0};
    struct {
        const void *bytes;
        uint16_t length;
    } binary = {"\x00\xff", 2};

    EXPECT("S-1-5-32-544", "%!sid!", (uintptr_t)sid);
    EXPECT("2001:db8:0:0:0:0:0:1", "%!IPV6ADDR!", (uintptr_t)address);
    EXPECT("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80?", "%!WSTR!", (uintptr_t)wide);
    EXPECT("00 ff", "%!BIN!", (uintptr_t)&binary);
}

static void times_are_in_the_calendar(void **state)
{
    (void)state;
    EXPECT("1601-01-01 00:00:00.000", "%!TIMESTAMP!", 0);
    EXPECT("2000-02-29 23:59:59.999", "%!datetime!", 125963423999990000);
    EXPECT("2100-03-01 00:00:00.000", "%!DATE!", 157520160000000000);
    EXPECT("-5", "%!TIME!", (uint64_t)-5);
    EXPECT("1.5000000 s", "%!delta!", 15000000);
}

static void marshalled_bytes_are_cut_off_where_there_is_no_room(void **state)
{
    (void)state;
    struct trace_sink sink = {.length = 0};
    uint8_t bytes[200] = {0};

    trace_sink_append(&sink, bytes, sizeof(bytes));
    trace_sink_append(&sink, bytes, sizeof(bytes));
    assert_int_equal(sink.length, sizeof(sink.bytes));

    char text[64] = "";
    struct trace_output out = {text, sizeof(text), 0};
    trace_put_item(&out, "ItemHEXDump", (const uint8_t *)"\x09\0ab",
                   4); /* says more than there is */
    trace_put_item(&out, "ItemPString", (const uint8_t *)"", 0);
    trace_put_item(&out, "ItemHEXDump", (const uint8_t *)"\x01", 1);
    assert_string_equal(text, "61 62");
}

static void flags_that_bear_a_levels_name_follow_the_level(void **state)
{
    (void)state;
    assert_int_equal(trace_set_wanted("warning"), 0);
    assert_true(trace_flag_is_wanted("TRACE_LEVEL_FATAL"));
    assert_true(trace_flag_is_wanted("TRACE_LEVEL_WARNING"));
    assert_false(trace_flag_is_wanted("TRACE_LEVEL_INFORMATION"));
    assert_true(trace_flag_is_wanted("ANYTHING"));
    assert_int_equal(trace_set_wanted("warning,anything,more"), 0);
    assert_true(trace_flag_is_wanted("ANYTHING"));
    assert_true(trace_flag_is_wanted("MORE"));
    assert_false(trace_flag_is_wanted("ANY"));
    assert_false(trace_flag_is_wanted("ELSE"));
    assert_int_equal(trace_set_wanted(NULL), 0);
    assert_false(trace_flag_is_wanted("ANYTHING"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_place_function_and_level_and_is_one_line),
        cmocka_unit_test(each_part_takes_its_own_arguments),
        cmocka_unit_test(a_line_that_is_too_long_is_cut_off),
        cmocka_unit_test(directives_that_are_none_are_text),
        cmocka_unit_test(arguments_that_are_not_there_are_told),
        cmocka_unit_test(names_take_the_field_before_them),
        cmocka_unit_test(values_outside_of_a_list_are_numbers),
        cmocka_unit_test(addresses_that_lead_nowhere_are_null),
        cmocka_unit_test(records_are_written_as_what_they_are),
        cmocka_unit_test(times_are_in_the_calendar),
        cmocka_unit_test(marshalled_bytes_are_cut_off_where_there_is_no_room),
        cmocka_unit_test(flags_that_bear_a_levels_name_follow_the_level),
    };
    return cmocka_run_group_tests_name("trace message", tests, NULL, NULL);
}
