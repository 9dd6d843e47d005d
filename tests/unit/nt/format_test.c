/*
 * format_test.c - the kernel's printf rules, and where drivers' lines go.
 */
#include "nt/machine_helper.h"

#include "nt/print.h"

#include <wdm.h>

/* Variable arguments as a driver passes them. */
static int __attribute__((ms_abi)) format_of(char *buffer, size_t size, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = nt_format(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}

#define FORMAT_EXPECT(expected, ...)                                                               \
    do {                                                                                           \
        char buffer_[512];                                                                         \
        int length_ = format_of(buffer_, sizeof(buffer_), __VA_ARGS__);                            \
        assert_string_equal(buffer_, expected);                                                    \
        assert_int_equal(length_, strlen(expected));                                               \
    } while (0)

static void integers_have_the_sizes_of_windows(void **state)
{
    (void)state;
    FORMAT_EXPECT("-1 4294967295", "%d %u", -1, -1);
    FORMAT_EXPECT("-1 4294967295 ffffffff", "%ld %lu %lx", -1ll, -1ll, -1ll);
    FORMAT_EXPECT("-1 18446744073709551615", "%lld %llu", -1ll, -1ll);
    FORMAT_EXPECT("-1 18446744073709551615 FFFFFFFFFFFFFFFF", "%I64d %I64u %I64X", -1ll, -1ll,
                  -1ll);
    FORMAT_EXPECT("-1 4294967295", "%I32d %I32u", -1ll, -1ll);
    FORMAT_EXPECT("18446744073709551615 -2 ff00000000", "%Iu %Id %Ix", -1ll, -2ll, 0xff00000000ll);
    FORMAT_EXPECT("18446744073709551615 -3", "%zu %zd", -1ll, -3ll);
    FORMAT_EXPECT("-1 65535 ffff", "%hd %hu %hx", 0xffff, 0xffff, 0xfffff);
    FORMAT_EXPECT("-128 128 80", "%hhd %hhu %hhx", 0x80, 0x80, 0x180);
    FORMAT_EXPECT("-9223372036854775808", "%I64d", INT64_MIN);
    FORMAT_EXPECT("-2147483648", "%i", INT32_MIN);
    FORMAT_EXPECT("123", "%ju", 123ll);
}

static void flags_width_and_precision_shape_numbers(void **state)
{
    (void)state;
    FORMAT_EXPECT("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
    FORMAT_EXPECT("[+42][ 42][-42]", "[%+d][% d][%+d]", 42, 42, -42);
    FORMAT_EXPECT("[  042][042  ]", "[%5.3d][%-5.3d]", 42, 42);
    FORMAT_EXPECT("[  042]", "[%05.3d]", 42); /* a precision switches zeros off */
    FORMAT_EXPECT("[-0042]", "[%05d]", -42);
    FORMAT_EXPECT("[42   ]", "[%-05d]", 42);
    FORMAT_EXPECT("[   42][42   ]", "[%*d][%*d]", 5, 42, -5, 42);
    FORMAT_EXPECT("[00042]", "[%.*d]", 5, 42);
    FORMAT_EXPECT("[42]", "[%.*d]", -5, 42); /* a negative precision is none */
    FORMAT_EXPECT("[][     ]", "[%.0d][%5.0d]", 0, 0);
    FORMAT_EXPECT("[0]", "[%d]", 0);
    FORMAT_EXPECT("0x2a 0X2A 052 0 0", "%#x %#X %#o %#x %#o", 42, 42, 42, 0, 0);
    FORMAT_EXPECT("[0x00002a][  0x2a]", "[%#08x][%#6x]", 42, 42);
    FORMAT_EXPECT("deadBEEF", "%x%X", 0xdead, 0xBEEF);
    FORMAT_EXPECT("0012", "%04o", 10);
}

static void pointers_have_sixteen_digits(void **state)
{
    (void)state;
    FORMAT_EXPECT("0000000000000000", "%p", NULL);
    FORMAT_EXPECT("FFFFA00012345678", "%p", (void *)0xFFFFA00012345678);
    FORMAT_EXPECT("[    00000000000000FF]", "[%20p]", (void *)0xFF);
}

static void text_is_narrow_or_wide_as_its_directive_says(void **state)
{
    (void)state;
    static const uint16_t wide[] = {'w', 0xEF, 'd', 'e', 0};
    static const uint16_t pair[] = {0xD83D, 0xDE00, 0xD800, 'x', 0};

    FORMAT_EXPECT("abc", "%s", "abc");
    FORMAT_EXPECT("abc", "%hs", "abc");
    FORMAT_EXPECT("abc", "%hS", "abc");
    FORMAT_EXPECT("w\xC3\xAF"
                  "de w\xC3\xAF"
                  "de w\xC3\xAF"
                  "de",
                  "%S %ls %ws", wide, wide, wide);
    FORMAT_EXPECT("\xF0\x9F\x98\x80\xEF\xBF\xBDx", "%S", pair);
    FORMAT_EXPECT("[  abc][abc  ][00abc]", "[%5s][%-5s][%05s]", "abc", "abc", "abc");
    FORMAT_EXPECT("[ab][   ab][]", "[%.2s][%5.2s][%.0s]", "abc", "abc", "abc");
    FORMAT_EXPECT("[w\xC3\xAF][  w\xC3\xAF]", "[%.2S][%4.2S]", wide, wide);
    FORMAT_EXPECT("ab", "%.2s", (const char[]){'a', 'b'}); /* unterminated */
    FORMAT_EXPECT("a [    b] [c ]", "%c [%5c] [%-2c]", 'a', 'b', 'c');
    FORMAT_EXPECT("\xC3\xA9 \xE2\x82\xAC \xC3\xA9 z", "%C %lc %wc %hc", 0xE9, 0x20AC, 0xE9, 'z');
    FORMAT_EXPECT("(null) (null) (null) (null)", "%s %S %Z %wZ", NULL, NULL, NULL, NULL);
}

static void counted_strings_end_where_they_say(void **state)
{
    (void)state;
    static uint16_t wide[] = {'a', 'b', 'c', 0xE9};
    UNICODE_STRING unicode = {.Length = 8, .MaximumLength = 8, .Buffer = (PWCH)(void *)wide};
    UNICODE_STRING part = {.Length = 4, .MaximumLength = 8, .Buffer = (PWCH)(void *)wide};
    UNICODE_STRING empty = {0};
    UNICODE_STRING ansi = {.Length = 3, .MaximumLength = 4, .Buffer = (PWCH)(void *)"abcd"};

    FORMAT_EXPECT("abc\xC3\xA9|ab|(null)", "%wZ|%wZ|%wZ", &unicode, &part, &empty);
    FORMAT_EXPECT("[   ab][ab   ][a]", "[%5wZ][%-5wZ][%.1wZ]", &part, &part, &part);
    FORMAT_EXPECT("abc [ab]", "%Z [%.2Z]", &ansi, &ansi);
    FORMAT_EXPECT("ab", "%lZ", &part);
}

static void doubles_are_formatted(void **state)
{
    (void)state;
    FORMAT_EXPECT("1.500000 -2.25 1e+10", "%f %.2f %.0e", 1.5, -2.25, 1e10);
    FORMAT_EXPECT("[    1.5][-001.50][+1.5]", "[%7.1f][%07.2f][%+.1f]", 1.5, -1.5, 1.5);
    FORMAT_EXPECT("0.5 7", "%g %d", 0.5, 7);
}

static void odd_directives_lose_nothing(void **state)
{
    (void)state;
    int untouched = 5;

    FORMAT_EXPECT("100%", "100%%");
    FORMAT_EXPECT("%", "%");
    FORMAT_EXPECT("%y 1", "%y %d", 1);
    FORMAT_EXPECT("%-5.2q 1", "%-5.2q %d", 1);
    FORMAT_EXPECT("%I", "%I");
    FORMAT_EXPECT("a  2", "a %n %d", &untouched, 2);
    assert_int_equal(untouched, 5);
    FORMAT_EXPECT("%5", "%5");
    FORMAT_EXPECT("", "");
}

static void the_length_counts_what_did_not_fit(void **state)
{
    (void)state;
    char buffer[5] = "xxxx";

    assert_int_equal(format_of(buffer, sizeof(buffer), "%s", "abcdefgh"), 8);
    assert_string_equal(buffer, "abcd");
    assert_int_equal(format_of(buffer, 1, "%d", 12345), 5);
    assert_string_equal(buffer, "");
    assert_int_equal(format_of(NULL, 0, "%10d", 1), 10);
    assert_int_equal(format_of(buffer, sizeof(buffer), "%100000d", 1), 65536);
}

static void arguments_beyond_the_registers_are_found(void **state)
{
    (void)state;
    FORMAT_EXPECT("1 2 3 4 5 6 7 8.5 9", "%d %d %d %d %d %d %d %.1f %I64d", 1, 2, 3, 4, 5, 6, 7,
                  8.5, 9ll);
}

/* ---- lines ---- */

static char lines[2048];

static void line_collect(void *context, const char *line)
{
    assert_ptr_equal(context, lines);
    assert_null(strchr(line, '\n'));
    strcat(lines, line);
    strcat(lines, "|");
}

static void __attribute__((ms_abi)) driver_prints(const char *driver, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    nt_print_driver(driver, format, arguments);
    __builtin_ms_va_end(arguments);
}

static void lines_start(void)
{
    lines[0] = '\0';
    nt_print_set_sink(line_collect, lines);
}

static void a_drivers_text_is_split_into_prefixed_lines(void **state)
{
    (void)state;
    lines_start();
    driver_prints("ramdisk", "one\r\ntwo %lu\n", 2);
    driver_prints("ramdisk", "par");
    assert_string_equal(lines, "ramdisk: one|ramdisk: two 2|");
    driver_prints("ramdisk", "tial\nnext");
    driver_prints("other", "mine\n");
    assert_string_equal(lines, "ramdisk: one|ramdisk: two 2|ramdisk: partial|ramdisk: next|"
                               "other: mine|");
    nt_print("host %d", 3);
    assert_non_null(strstr(lines, "|host 3|"));
    nt_print_set_sink(NULL, NULL);
}

static void half_line_main(void *argument)
{
    (void)argument;
    driver_prints("ramdisk", "second");
}

static void half_lines_of_two_threads_do_not_mix(void **state)
{
    (void)state;
    struct sys_thread *thread;

    lines_start();
    driver_prints("ramdisk", "first ");
    assert_int_equal(nt_thread_create(&thread, "printer", half_line_main, NULL), 0);
    sys_thread_join(thread);
    driver_prints("ramdisk", "still first\n");
    /* A thread that ends gives its half line away. */
    assert_string_equal(lines, "ramdisk: second|ramdisk: first still first|");
    nt_print_set_sink(NULL, NULL);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_the_sizes_of_windows),
        cmocka_unit_test(flags_width_and_precision_shape_numbers),
        cmocka_unit_test(pointers_have_sixteen_digits),
        cmocka_unit_test(text_is_narrow_or_wide_as_its_directive_says),
        cmocka_unit_test(counted_strings_end_where_they_say),
        cmocka_unit_test(doubles_are_formatted),
        cmocka_unit_test(odd_directives_lose_nothing),
        cmocka_unit_test(the_length_counts_what_did_not_fit),
        cmocka_unit_test(arguments_beyond_the_registers_are_found),
        IN_MACHINE(a_drivers_text_is_split_into_prefixed_lines),
        IN_MACHINE(half_lines_of_two_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
