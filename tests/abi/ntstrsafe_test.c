/*
 * The string routines of wdk/ntstrsafe.h, on the host: what fits, what is cut, and what each flag
 * leaves in the destination. Formatting needs the kernel's _vsnprintf and is not here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ntstrsafe.h"

#define OVERFLOW ((NTSTATUS)0x80000005)
#define INVALID  ((NTSTATUS)0xC000000D)

static void copy_fits_exactly(void **state)
{
    char dest[4];

    (void)state;
    assert_int_equal(RtlStringCchCopyA(dest, sizeof(dest), "abc"), 0);
    assert_string_equal(dest, "abc");
}

static void copy_is_cut_and_terminated(void **state)
{
    char dest[4];

    (void)state;
    assert_int_equal(RtlStringCchCopyA(dest, sizeof(dest), "abcd"), OVERFLOW);
    assert_string_equal(dest, "abc");
}

static void copy_into_nothing_is_invalid(void **state)
{
    char dest[1] = {'x'};

    (void)state;
    assert_int_equal(RtlStringCchCopyA(dest, 0, "a"), INVALID);
    assert_int_equal(dest[0], 'x');
    assert_int_equal(RtlStringCchCopyA(dest, (size_t)NTSTRSAFE_MAX_CCH + 1, "a"), INVALID);
}

static void copy_n_stops_at_the_count_and_at_the_terminator(void **state)
{
    char dest[8];

    (void)state;
    assert_int_equal(RtlStringCchCopyNA(dest, sizeof(dest), "abcdef", 2), 0);
    assert_string_equal(dest, "ab");
    assert_int_equal(RtlStringCchCopyNA(dest, sizeof(dest), "ab\0cd", 5), 0);
    assert_string_equal(dest, "ab");
    assert_int_equal(RtlStringCchCopyNA(dest, 3, "abcdef", 2), 0);
    assert_int_equal(RtlStringCchCopyNA(dest, 3, "abcdef", 3), OVERFLOW);
    assert_string_equal(dest, "ab");
}

static void append_needs_a_terminated_destination(void **state)
{
    char dest[6] = "ab";
    char full[3] = {'a', 'b', 'c'};

    (void)state;
    assert_int_equal(RtlStringCchCatA(dest, sizeof(dest), "cde"), 0);
    assert_string_equal(dest, "abcde");
    assert_int_equal(RtlStringCchCatA(dest, sizeof(dest), "f"), OVERFLOW);
    assert_string_equal(dest, "abcde");
    assert_int_equal(RtlStringCchCatA(full, sizeof(full), "d"), INVALID);
    assert_memory_equal(full, "abc", 3);
}

static void ex_reports_the_end_and_what_is_left(void **state)
{
    char dest[8];
    char *end = NULL;
    size_t left = 0;

    (void)state;
    assert_int_equal(RtlStringCchCopyExA(dest, sizeof(dest), "abc", &end, &left, 0), 0);
    assert_ptr_equal(end, dest + 3);
    assert_int_equal(left, 5);
    assert_int_equal(RtlStringCchCatExA(dest, sizeof(dest), "defghij", &end, &left, 0), OVERFLOW);
    assert_ptr_equal(end, dest + 7);
    assert_int_equal(left, 1);
}

static void flags_decide_what_a_failure_leaves(void **state)
{
    char dest[4];
    char *end = NULL;
    size_t left = 0;

    (void)state;
    assert_int_equal(RtlStringCchCopyExA(dest, 4, "abcd", &end, &left, STRSAFE_NO_TRUNCATION),
                     OVERFLOW);
    assert_string_equal(dest, "");
    assert_int_equal(left, 4);
    strcpy(dest, "ab");
    assert_int_equal(RtlStringCchCatExA(dest, 4, "cd", &end, &left, STRSAFE_NO_TRUNCATION),
                     OVERFLOW);
    assert_string_equal(dest, "ab");
    assert_int_equal(left, 2);
    assert_int_equal(RtlStringCchCopyExA(dest, 4, "abcd", &end, &left, STRSAFE_FAILURE_BYTE('x')),
                     OVERFLOW);
    assert_string_equal(dest, "xxx");
    assert_ptr_equal(end, dest + 3);
    assert_int_equal(RtlStringCchCopyExA(dest, 4, "abcd", NULL, NULL, STRSAFE_NULL_ON_FAILURE),
                     OVERFLOW);
    assert_string_equal(dest, "");
    assert_int_equal(RtlStringCchCopyExA(dest, 4, "a", NULL, NULL, STRSAFE_FILL_BYTE('y')), 0);
    assert_memory_equal(dest, "a\0yy", 4);
    assert_int_equal(RtlStringCchCopyExA(dest, 4, "a", NULL, NULL, 0x2000), INVALID);
}

static void nulls_are_empty_when_asked(void **state)
{
    char dest[4] = "ab";
    char *end = dest;
    size_t left = 9;

    (void)state;
    assert_int_equal(RtlStringCchCopyExA(dest, 4, NULL, NULL, NULL, STRSAFE_IGNORE_NULLS), 0);
    assert_string_equal(dest, "");
    assert_int_equal(RtlStringCchCopyExA(NULL, 0, "", &end, &left, STRSAFE_IGNORE_NULLS), 0);
    assert_null(end);
    assert_int_equal(left, 0);
    assert_int_equal(RtlStringCchCopyExA(NULL, 0, "a", NULL, NULL, STRSAFE_IGNORE_NULLS), OVERFLOW);
    assert_int_equal(RtlStringCchCopyExA(NULL, 4, "a", NULL, NULL, STRSAFE_IGNORE_NULLS), INVALID);
}

static void wide_sizes_in_bytes_round_down(void **state)
{
    static const WCHAR abc[] = {'a', 'b', 'c', 0};
    WCHAR dest[4];
    WCHAR *end = NULL;
    size_t left = 0;

    (void)state;
    assert_int_equal(RtlStringCbCopyExW(dest, 7, abc, &end, &left, 0), OVERFLOW);
    assert_ptr_equal(end, dest + 2);
    assert_int_equal(left, 3);
    assert_int_equal(RtlStringCbCopyW(dest, sizeof(dest), abc), 0);
    assert_memory_equal(dest, abc, sizeof(abc));
    assert_int_equal(RtlStringCbCopyNW(dest, sizeof(dest), abc, 2 * sizeof(WCHAR)), 0);
    assert_int_equal(dest[2], 0);
}

static void length_needs_a_terminator(void **state)
{
    static const WCHAR abc[] = {'a', 'b', 'c', 0};
    size_t length = 9;

    (void)state;
    assert_int_equal(RtlStringCchLengthA("abc", 4, &length), 0);
    assert_int_equal(length, 3);
    assert_int_equal(RtlStringCchLengthA("abc", 3, &length), INVALID);
    assert_int_equal(length, 0);
    assert_int_equal(RtlStringCchLengthA(NULL, 3, &length), INVALID);
    assert_int_equal(RtlStringCbLengthW(abc, sizeof(abc), &length), 0);
    assert_int_equal(length, 6);
}

static void counted_strings_are_cut_at_their_maximum(void **state)
{
    static const WCHAR abcd[] = {'a', 'b', 'c', 'd', 0};
    WCHAR buffer[4] = {'x', 'x', 'x', 'x'};
    UNICODE_STRING dest = {0, 3 * sizeof(WCHAR), buffer};
    UNICODE_STRING source;

    (void)state;
    assert_int_equal(RtlUnicodeStringInit(&source, abcd), 0);
    assert_int_equal(source.Length, 8);
    assert_int_equal(source.MaximumLength, 10);
    assert_int_equal(RtlUnicodeStringCopy(&dest, &source), OVERFLOW);
    assert_int_equal(dest.Length, 6);
    assert_memory_equal(buffer, abcd, 6);
    assert_int_equal(buffer[3], 'x');
    assert_int_equal(RtlUnicodeStringCchCopyN(&dest, &source, 1), 0);
    assert_int_equal(RtlUnicodeStringCatString(&dest, abcd + 2), 0);
    assert_int_equal(dest.Length, 6);
    assert_int_equal(buffer[1], 'c');
    assert_int_equal(RtlUnicodeStringCat(&dest, &source), OVERFLOW);
    dest.Length = 7;
    assert_int_equal(RtlUnicodeStringCat(&dest, &source), INVALID);
}

static void counted_to_terminated(void **state)
{
    static WCHAR abc[] = {'a', 'b', 'c'};
    UNICODE_STRING source = {sizeof(abc), sizeof(abc), abc};
    UNICODE_STRING empty = {0, 0, NULL};
    WCHAR dest[4];

    (void)state;
    assert_int_equal(RtlStringCchCopyUnicodeString(dest, 4, &source), 0);
    assert_int_equal(dest[3], 0);
    assert_int_equal(RtlStringCbCopyUnicodeString(dest, 6, &source), OVERFLOW);
    assert_int_equal(dest[2], 0);
    assert_int_equal(RtlStringCchCopyUnicodeString(dest, 4, &empty), 0);
    assert_int_equal(dest[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_fits_exactly),
        cmocka_unit_test(copy_is_cut_and_terminated),
        cmocka_unit_test(copy_into_nothing_is_invalid),
        cmocka_unit_test(copy_n_stops_at_the_count_and_at_the_terminator),
        cmocka_unit_test(append_needs_a_terminated_destination),
        cmocka_unit_test(ex_reports_the_end_and_what_is_left),
        cmocka_unit_test(flags_decide_what_a_failure_leaves),
        cmocka_unit_test(nulls_are_empty_when_asked),
        cmocka_unit_test(wide_sizes_in_bytes_round_down),
        cmocka_unit_test(length_needs_a_terminator),
        cmocka_unit_test(counted_strings_are_cut_at_their_maximum),
        cmocka_unit_test(counted_to_terminated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
