/*
 * Checks of the C library that the kernel exports: the rest of its text, and formatted text.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The compiler knows what some of these routines answer, and must not. */
#define CALL(Routine) ((__typeof__(&(Routine)) volatile){Routine})

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static BOOLEAN Narrow(const CHAR *Text, const CHAR *Wanted)
{
    return (BOOLEAN)(RtlCompareMemory(Text, Wanted, strlen(Wanted) + 1) == strlen(Wanted) + 1);
}

static BOOLEAN Wide(const WCHAR *Text, const WCHAR *Wanted)
{
    SIZE_T Bytes = 2 * (wcslen(Wanted) + 1);

    return (BOOLEAN)(RtlCompareMemory(Text, Wanted, Bytes) == Bytes);
}

/* ---- narrow ---- */

CHECK(strncat, LOW_PLACES)
{
    CHAR Text[8] = "ab";

    EXPECT(CALL(strncat)(Text, "cdef", 2) == Text);
    EXPECT(Narrow(Text, "abcd"));
}

CHECK(strrchr, LOW_PLACES)
{
    const CHAR *Text = "a/b/c";

    EXPECT(CALL(strrchr)(Text, '/') == Text + 3);
    EXPECT(CALL(strrchr)(Text, 'x') == NULL);
}

CHECK(strspn, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(strspn)("112x1", "12"), 3);
}

CHECK(strnlen, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(strnlen)("abc", 9), 3);
    EXPECT_EQUAL(CALL(strnlen)("abc", 2), 2);
}

CHECK(_strnicmp, LOW_PLACES)
{
    EXPECT_EQUAL(_strnicmp("DiskA", "dISKb", 4), 0);
    EXPECT(_strnicmp("DiskA", "dISKb", 5) < 0);
}

CHECK(_stricmp, LOW_PLACES)
{
    EXPECT_EQUAL(_stricmp("Disk", "dISK"), 0);
    EXPECT(_stricmp("Disk", "dISKs") < 0);
}

CHECK(_strlwr, LOW_PLACES)
{
    CHAR Text[] = "Disk-0Z[";

    EXPECT(_strlwr(Text) == Text && Narrow(Text, "disk-0z["));
}

CHECK(_strupr, LOW_PLACES)
{
    CHAR Text[] = "Disk-0z{";

    EXPECT(_strupr(Text) == Text && Narrow(Text, "DISK-0Z{"));
}

CHECK(tolower, LOW_PLACES)
{
    int tolower(int character);

    EXPECT_EQUAL(CALL(tolower)('Q'), 'q');
    EXPECT_EQUAL(CALL(tolower)('@'), '@');
}

CHECK(toupper, LOW_PLACES)
{
    int toupper(int character);

    EXPECT_EQUAL(CALL(toupper)('q'), 'Q');
    EXPECT_EQUAL(CALL(toupper)('{'), '{');
}

/* ---- wide ---- */

CHECK(wcsnlen, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(wcsnlen)(L"abc", 9), 3);
    EXPECT_EQUAL(CALL(wcsnlen)(L"abc", 2), 2);
}

CHECK(wcsncmp, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(wcsncmp)(L"abc", L"abd", 2), 0);
    EXPECT(CALL(wcsncmp)(L"abc", L"abd", 3) < 0);
}

CHECK(wcscmp, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(wcscmp)(L"abc", L"abc"), 0);
    EXPECT(CALL(wcscmp)(L"\xFFF0", L"a") > 0);
}

CHECK(wcsncpy, LOW_PLACES)
{
    WCHAR Text[5] = L"xxxx";

    EXPECT(CALL(wcsncpy)(Text, L"a", 3) == Text);
    EXPECT(Wide(Text, L"a") && Text[2] == 0 && Text[3] == 'x');
    CALL(wcsncpy)(Text, L"abcd", 2);
    EXPECT(Text[1] == 'b' && Text[2] == 0);
}

CHECK(wcscpy, LOW_PLACES)
{
    WCHAR Text[5];

    EXPECT(CALL(wcscpy)(Text, L"disk") == Text && Wide(Text, L"disk"));
}

CHECK(wcsncat, LOW_PLACES)
{
    WCHAR Text[8] = L"ab";

    EXPECT(CALL(wcsncat)(Text, L"cdef", 2) == Text && Wide(Text, L"abcd"));
}

CHECK(wcscat, LOW_PLACES)
{
    WCHAR Text[8] = L"ab";

    EXPECT(CALL(wcscat)(Text, L"cd") == Text && Wide(Text, L"abcd"));
}

CHECK(wcschr, LOW_PLACES)
{
    const WCHAR *Text = L"a/b/c";

    EXPECT(CALL(wcschr)(Text, '/') == Text + 1);
    EXPECT(CALL(wcschr)(Text, 'x') == NULL);
}

CHECK(wcsrchr, LOW_PLACES)
{
    const WCHAR *Text = L"a/b/c";

    EXPECT(CALL(wcsrchr)(Text, '/') == Text + 3);
    EXPECT(CALL(wcsrchr)(Text, 0) == Text + 5);
}

CHECK(wcsstr, LOW_PLACES)
{
    const WCHAR *Text = L"ababc";

    EXPECT(CALL(wcsstr)(Text, L"abc") == Text + 2);
    EXPECT(CALL(wcsstr)(Text, L"") == Text);
    EXPECT(CALL(wcsstr)(Text, L"abd") == NULL);
}

/* ---- with the size of the destination ---- */

CHECK(memcpy_s, LOW_PLACES)
{
    UCHAR To[4] = {9, 9, 9, 9};

    EXPECT_EQUAL(memcpy_s(To, 4, "abc", 3), 0);
    EXPECT(To[2] == 'c' && To[3] == 9);
    EXPECT_EQUAL(memcpy_s(To, 2, "abc", 3), 34);
    EXPECT(To[0] == 0 && To[1] == 0 && To[2] == 'c');
    EXPECT_EQUAL(memcpy_s(To, 4, NULL, 3), 22);
}

CHECK(memmove_s, LOW_PLACES)
{
    CHAR Text[5] = "abcd";

    EXPECT_EQUAL(memmove_s(Text + 1, 3, Text, 3), 0);
    EXPECT(Narrow(Text, "aabc"));
    EXPECT_EQUAL(memmove_s(Text, 2, Text + 1, 3), 34);
    EXPECT(Narrow(Text, "aabc"));
}

CHECK(strcpy_s, LOW_PLACES)
{
    CHAR Text[4] = "xxx";

    EXPECT_EQUAL(strcpy_s(Text, 4, "abc"), 0);
    EXPECT(Narrow(Text, "abc"));
    EXPECT_EQUAL(strcpy_s(Text, 3, "abc"), 34);
    EXPECT_EQUAL(Text[0], 0);
    EXPECT_EQUAL(strcpy_s(Text, 3, NULL), 22);
}

CHECK(strcat_s, LOW_PLACES)
{
    CHAR Text[6] = "ab";

    EXPECT_EQUAL(strcat_s(Text, 6, "cde"), 0);
    EXPECT(Narrow(Text, "abcde"));
    EXPECT_EQUAL(strcat_s(Text, 6, "f"), 34);
    EXPECT_EQUAL(Text[0], 0);
}

CHECK(strncpy_s, LOW_PLACES)
{
    CHAR Text[4];

    EXPECT_EQUAL(strncpy_s(Text, 4, "abcdef", 3), 0);
    EXPECT(Narrow(Text, "abc"));
    EXPECT_EQUAL(strncpy_s(Text, 4, "abcdef", _TRUNCATE), 80);
    EXPECT(Narrow(Text, "abc"));
    EXPECT_EQUAL(strncpy_s(Text, 4, "abcdef", 4), 34);
}

CHECK(strncat_s, LOW_PLACES)
{
    CHAR Text[5] = "ab";

    EXPECT_EQUAL(strncat_s(Text, 5, "cdef", 1), 0);
    EXPECT(Narrow(Text, "abc"));
    EXPECT_EQUAL(strncat_s(Text, 5, "def", _TRUNCATE), 80);
    EXPECT(Narrow(Text, "abcd"));
}

CHECK(wcscpy_s, LOW_PLACES)
{
    WCHAR Text[4];

    EXPECT_EQUAL(wcscpy_s(Text, 4, L"abc"), 0);
    EXPECT(Wide(Text, L"abc"));
    EXPECT_EQUAL(wcscpy_s(Text, 3, L"abc"), 34);
    EXPECT_EQUAL(Text[0], 0);
}

CHECK(wcscat_s, LOW_PLACES)
{
    WCHAR Text[4] = L"a";

    EXPECT_EQUAL(wcscat_s(Text, 4, L"bc"), 0);
    EXPECT(Wide(Text, L"abc"));
    EXPECT_EQUAL(wcscat_s(Text, 4, L"d"), 34);
}

CHECK(wcsncpy_s, LOW_PLACES)
{
    WCHAR Text[4];

    EXPECT_EQUAL(wcsncpy_s(Text, 4, L"abcdef", _TRUNCATE), 80);
    EXPECT(Wide(Text, L"abc"));
    EXPECT_EQUAL(wcsncpy_s(Text, 4, L"abcdef", 2), 0);
    EXPECT(Wide(Text, L"ab"));
}

CHECK(wcsncat_s, LOW_PLACES)
{
    WCHAR Text[4] = L"a";

    EXPECT_EQUAL(wcsncat_s(Text, 4, L"bcd", 2), 0);
    EXPECT(Wide(Text, L"abc"));
}

/* ---- numbers ---- */

CHECK(strtoul, LOW_PLACES)
{
    const CHAR *Text = " 0x1Fz";
    CHAR *End;

    EXPECT_EQUAL(strtoul(Text, &End, 0), 0x1F);
    EXPECT(End == Text + 5);
    EXPECT_EQUAL(strtoul("017", NULL, 0), 15);
    EXPECT_EQUAL(strtoul("99999999999", NULL, 10), 0xFFFFFFFF);
    EXPECT_EQUAL(strtoul("-1", NULL, 10), 0xFFFFFFFF);
    Text = "zz";
    EXPECT_EQUAL(strtoul(Text, &End, 10), 0);
    EXPECT(End == Text);
}

CHECK(strtol, LOW_PLACES)
{
    EXPECT_EQUAL(strtol("-42x", NULL, 10), -42);
    EXPECT_EQUAL(strtol("-9999999999", NULL, 10), (LONG)MINLONG);
    EXPECT_EQUAL(strtol("9999999999", NULL, 10), MAXLONG);
}

CHECK(atol, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(atol)("  +17 "), 17);
}

CHECK(atoi, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(atoi)("-5"), -5);
}

/* ---- formatted text ---- */

static int PrintWide(WCHAR *Buffer, SIZE_T Size, const WCHAR *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnwprintf(Buffer, Size, Format, Arguments);
    va_end(Arguments);
    return Length;
}

static int PrintNarrow(CHAR *Buffer, SIZE_T Size, const CHAR *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = Size != 0 ? vsprintf_s(Buffer, Size, Format, Arguments)
                       : vsprintf(Buffer, Format, Arguments);
    va_end(Arguments);
    return Length;
}

CHECK(_snprintf, LOW_PLACES)
{
    CHAR Text[8];

    EXPECT_EQUAL(CALL(_snprintf)(Text, 8, "%s%u", "disk", 7), 5);
    EXPECT(Narrow(Text, "disk7"));
    EXPECT_EQUAL(CALL(_snprintf)(Text, 4, "%s", "disk"), -1);
}

CHECK(sprintf, LOW_PLACES)
{
    CHAR Text[8];

    EXPECT_EQUAL(CALL(sprintf)(Text, "%03X", 0xAB), 3);
    EXPECT(Narrow(Text, "0AB"));
}

CHECK(vsprintf, LOW_PLACES)
{
    CHAR Text[8];

    EXPECT_EQUAL(PrintNarrow(Text, 0, "%d", -3), 2);
    EXPECT(Narrow(Text, "-3"));
}

CHECK(vsprintf_s, LOW_PLACES)
{
    CHAR Text[4];

    EXPECT_EQUAL(PrintNarrow(Text, 4, "%d", -30), 3);
    EXPECT_EQUAL(PrintNarrow(Text, 4, "%d", -300), -1);
    EXPECT_EQUAL(Text[0], 0);
}

CHECK(sprintf_s, LOW_PLACES)
{
    CHAR Text[4];

    EXPECT_EQUAL(sprintf_s(Text, 4, "%c%c%c", 'a', 'b', 'c'), 3);
    EXPECT(Narrow(Text, "abc"));
    EXPECT_EQUAL(sprintf_s(Text, 4, "%s", "abcd"), -1);
}

/* At most so many characters; more are an error that leaves nothing, or are cut off if that is what
 * the count says. */
CHECK(_snprintf_s, LOW_PLACES)
{
    CHAR Text[8] = "xxxxxxx";

    EXPECT_EQUAL(CALL(_snprintf_s)(Text, 8, 7, "%s%u", "disk", 7), 5);
    EXPECT(Narrow(Text, "disk7"));
    EXPECT_EQUAL(CALL(_snprintf_s)(Text, 8, 3, "%s", "disk"), -1);
    EXPECT(Narrow(Text, "dis"));
    EXPECT_EQUAL(CALL(_snprintf_s)(Text, 4, _TRUNCATE, "%s", "unit"), -1);
    EXPECT(Narrow(Text, "uni"));
    EXPECT_EQUAL(CALL(_snprintf_s)(Text, 4, 4, "%s", "unit"), -1);
    EXPECT_EQUAL(Text[0], 0);
    EXPECT_EQUAL(CALL(_snprintf_s)(NULL, 4, 4, "%s", "unit"), -1);
}

static int PrintCounted(CHAR *Buffer, SIZE_T Size, SIZE_T Count, const CHAR *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnprintf_s(Buffer, Size, Count, Format, Arguments);
    va_end(Arguments);
    return Length;
}

CHECK(_vsnprintf_s, LOW_PLACES)
{
    CHAR Text[8];

    EXPECT_EQUAL(PrintCounted(Text, 8, _TRUNCATE, "%d", -42), 3);
    EXPECT(Narrow(Text, "-42"));
    EXPECT_EQUAL(PrintCounted(Text, 3, _TRUNCATE, "%d", -42), -1);
    EXPECT(Narrow(Text, "-4"));
}

CHECK(_snwprintf_s, PASSIVE_PLACES)
{
    WCHAR Text[8];

    EXPECT_EQUAL(CALL(_snwprintf_s)(Text, 8, 7, L"%s%u", L"disk", 7), 5);
    EXPECT(Wide(Text, L"disk7"));
    EXPECT_EQUAL(CALL(_snwprintf_s)(Text, 4, _TRUNCATE, L"%s", L"unit"), -1);
    EXPECT(Wide(Text, L"uni"));
    EXPECT_EQUAL(CALL(_snwprintf_s)(Text, 4, 4, L"%s", L"unit"), -1);
    EXPECT_EQUAL(Text[0], 0);
}

static int PrintCountedWide(WCHAR *Buffer, SIZE_T Size, SIZE_T Count, const WCHAR *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnwprintf_s(Buffer, Size, Count, Format, Arguments);
    va_end(Arguments);
    return Length;
}

CHECK(_vsnwprintf_s, PASSIVE_PLACES)
{
    WCHAR Text[8];

    EXPECT_EQUAL(PrintCountedWide(Text, 8, 2, L"%u", 12345), -1);
    EXPECT(Wide(Text, L"12"));
    EXPECT_EQUAL(PrintCountedWide(Text, 8, 7, L"%u", 12345), 5);
}

CHECK(_vsnwprintf, PASSIVE_PLACES)
{
    WCHAR Text[16];

    EXPECT_EQUAL(PrintWide(Text, 16, L"%s %S %hs %d%%", L"wide", "thin", "t", -4), 15);
    EXPECT(Wide(Text, L"wide thin t -4%"));
    EXPECT_EQUAL(PrintWide(Text, 4, L"%ws", L"wide"), -1);
    EXPECT(Wide(Text, L"wid"));
}

CHECK(_snwprintf, PASSIVE_PLACES)
{
    WCHAR Text[16];

    EXPECT_EQUAL(CALL(_snwprintf)(Text, 16, L"\\Device\\%c%02u", 'R', 7), 11);
    EXPECT(Wide(Text, L"\\Device\\R07"));
}

CHECK(swprintf, PASSIVE_PLACES)
{
    WCHAR Text[16];

    EXPECT_EQUAL(CALL(swprintf)(Text, L"%08lX", 0xBEEFul), 8);
    EXPECT(Wide(Text, L"0000BEEF"));
}

CHECK(swprintf_s, PASSIVE_PLACES)
{
    WCHAR Text[4];

    EXPECT_EQUAL(swprintf_s(Text, 4, L"%u", 123), 3);
    EXPECT_EQUAL(swprintf_s(Text, 4, L"%u", 1234), -1);
    EXPECT_EQUAL(Text[0], 0);
}
