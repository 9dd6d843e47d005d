/*
 * Checks of the run-time library: text to numbers and identifiers, case, narrow and wide text,
 * dates.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static UNICODE_STRING WideText(PCWSTR Text)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Text);
    return String;
}

static ANSI_STRING NarrowText(PCSZ Text)
{
    ANSI_STRING String;

    RtlInitAnsiString(&String, Text);
    return String;
}

CHECK(RtlUnicodeStringToInteger, LOW_PLACES)
{
    UNICODE_STRING Hex = WideText(L" 0x1fG"), Negative = WideText(L"-12"),
                   Binary = WideText(L"0b101");
    ULONG Value = 0;

    EXPECT_EQUAL(RtlUnicodeStringToInteger(&Hex, 0, &Value), STATUS_SUCCESS);
    EXPECT_EQUAL(Value, 0x1F);
    EXPECT_EQUAL(RtlUnicodeStringToInteger(&Negative, 10, &Value), STATUS_SUCCESS);
    EXPECT_EQUAL(Value, (ULONG)-12);
    EXPECT_EQUAL(RtlUnicodeStringToInteger(&Binary, 0, &Value), STATUS_SUCCESS);
    EXPECT_EQUAL(Value, 5);
    EXPECT_EQUAL(RtlUnicodeStringToInteger(&Hex, 7, &Value), STATUS_INVALID_PARAMETER);
}

CHECK(RtlUnicodeStringToInt64, LOW_PLACES)
{
    UNICODE_STRING Text = WideText(L"123456789012x");
    LONG64 Value = 0;
    PWSTR End = NULL;

    EXPECT_EQUAL(RtlUnicodeStringToInt64(&Text, 10, &Value, &End), STATUS_SUCCESS);
    EXPECT_EQUAL(Value, 123456789012ll);
    EXPECT(End == Text.Buffer + 12);
}

CHECK(RtlGUIDFromString, LOW_PLACES)
{
    static const GUID Wanted = {0x12345678, 0x9ABC, 0xDEF0, {1, 2, 3, 4, 5, 6, 7, 0xF8}};
    UNICODE_STRING Text = WideText(L"{12345678-9abc-DEF0-0102-0304050607f8}");
    UNICODE_STRING Wrong = WideText(L"{12345678-9abc-DEF0-0102+0304050607f8}");
    GUID Guid = {0, 0, 0, {0}};

    EXPECT_EQUAL(RtlGUIDFromString(&Text, &Guid), STATUS_SUCCESS);
    EXPECT(RtlEqualMemory(&Guid, &Wanted, sizeof(Guid)));
    EXPECT_EQUAL(RtlGUIDFromString(&Wrong, &Guid), STATUS_INVALID_PARAMETER);
    Text.Length -= 2;
    EXPECT_EQUAL(RtlGUIDFromString(&Text, &Guid), STATUS_INVALID_PARAMETER);
}

CHECK(RtlHashUnicodeString, LOW_PLACES)
{
    UNICODE_STRING Upper = WideText(L"AB"), Mixed = WideText(L"aB");
    ULONG First = 0, Second = 0;

    EXPECT_EQUAL(RtlHashUnicodeString(&Upper, TRUE, 0, &First), STATUS_SUCCESS);
    EXPECT_EQUAL(First, 'A' * 65599u + 'B');
    EXPECT_EQUAL(RtlHashUnicodeString(&Mixed, TRUE, 1, &Second), STATUS_SUCCESS);
    EXPECT_EQUAL(First, Second);
    EXPECT_EQUAL(RtlHashUnicodeString(&Mixed, FALSE, 1, &Second), STATUS_SUCCESS);
    EXPECT(First != Second);
    EXPECT_EQUAL(RtlHashUnicodeString(&Mixed, FALSE, 2, &Second), STATUS_INVALID_PARAMETER);
}

/* ---- case ---- */

CHECK(RtlDowncaseUnicodeChar, LOW_PLACES)
{
    EXPECT_EQUAL(RtlDowncaseUnicodeChar('Q'), 'q');
    EXPECT_EQUAL(RtlDowncaseUnicodeChar('['), '[');
}

CHECK(RtlUpcaseUnicodeString, PASSIVE_PLACES)
{
    UNICODE_STRING Text = WideText(L"disk0z"), Upper = {0, 0, NULL};

    EXPECT_EQUAL(RtlUpcaseUnicodeString(&Upper, &Text, TRUE), STATUS_SUCCESS);
    EXPECT_EQUAL(Upper.Length, 12);
    EXPECT(RtlEqualMemory(Upper.Buffer, L"DISK0Z", 12));
    Upper.MaximumLength = 10;
    EXPECT_EQUAL(RtlUpcaseUnicodeString(&Upper, &Text, FALSE), STATUS_BUFFER_OVERFLOW);
    RtlFreeUnicodeString(&Upper);
}

CHECK(RtlUpperChar, LOW_PLACES)
{
    EXPECT_EQUAL(RtlUpperChar('z'), 'Z');
    EXPECT_EQUAL(RtlUpperChar('{'), '{');
}

/* ---- narrow strings ---- */

CHECK(RtlCopyString, LOW_PLACES)
{
    CHAR Buffer[4] = "xxx";
    ANSI_STRING Text = NarrowText("abcdef"), Copy = {0, 3, Buffer};

    RtlCopyString(&Copy, &Text);
    EXPECT_EQUAL(Copy.Length, 3);
    EXPECT(RtlEqualMemory(Buffer, "abc", 4));
    RtlCopyString(&Copy, NULL);
    EXPECT_EQUAL(Copy.Length, 0);
}

CHECK(RtlCompareString, LOW_PLACES)
{
    ANSI_STRING First = NarrowText("Disk"), Second = NarrowText("dISKs");

    EXPECT(RtlCompareString(&First, &Second, FALSE) < 0);
    EXPECT_EQUAL(RtlCompareString(&First, &Second, TRUE), -1);
}

CHECK(RtlEqualString, LOW_PLACES)
{
    ANSI_STRING First = NarrowText("Disk"), Second = NarrowText("dISK");

    EXPECT(RtlEqualString(&First, &Second, TRUE));
    EXPECT(!RtlEqualString(&First, &Second, FALSE));
}

/* ---- between narrow and wide ---- */

CHECK(RtlxAnsiStringToUnicodeSize, LOW_PLACES)
{
    ANSI_STRING Text = NarrowText("abc");

    EXPECT_EQUAL(RtlxAnsiStringToUnicodeSize(&Text), 8);
}

CHECK(RtlxUnicodeStringToAnsiSize, LOW_PLACES)
{
    UNICODE_STRING Text = WideText(L"abc");

    EXPECT_EQUAL(RtlxUnicodeStringToAnsiSize(&Text), 4);
}

CHECK(RtlMultiByteToUnicodeN, LOW_PLACES)
{
    WCHAR Wide[4] = {9, 9, 9, 9};
    ULONG Bytes = 0;

    EXPECT_EQUAL(RtlMultiByteToUnicodeN(Wide, 6, &Bytes, "a\xE9zz", 4), STATUS_SUCCESS);
    EXPECT_EQUAL(Bytes, 6);
    EXPECT(Wide[0] == 'a' && Wide[1] == 0xE9 && Wide[2] == 'z' && Wide[3] == 9);
}

CHECK(RtlUnicodeToMultiByteN, LOW_PLACES)
{
    CHAR Narrow[4] = {9, 9, 9, 9};
    ULONG Bytes = 0;

    EXPECT_EQUAL(RtlUnicodeToMultiByteN(Narrow, 3, &Bytes, L"a\x20ACzz", 8), STATUS_SUCCESS);
    EXPECT_EQUAL(Bytes, 3);
    EXPECT(Narrow[0] == 'a' && Narrow[1] == '?' && Narrow[2] == 'z' && Narrow[3] == 9);
}

/* ---- dates ---- */

static LARGE_INTEGER TimeOf(CSHORT Year, CSHORT Month, CSHORT Day)
{
    TIME_FIELDS Fields = {Year, Month, Day, 0, 0, 0, 0, 0};
    LARGE_INTEGER Time;

    Time.QuadPart = -1;
    RtlTimeFieldsToTime(&Fields, &Time);
    return Time;
}

CHECK(RtlTimeToTimeFields, LOW_PLACES)
{
    LARGE_INTEGER Time;
    TIME_FIELDS Fields;

    /* 29 February 2000, 23:59:58.765: a Tuesday. */
    Time.QuadPart = 125963423987650000ll;
    RtlTimeToTimeFields(&Time, &Fields);
    EXPECT(Fields.Year == 2000 && Fields.Month == 2 && Fields.Day == 29);
    EXPECT(Fields.Hour == 23 && Fields.Minute == 59 && Fields.Second == 58);
    EXPECT(Fields.Milliseconds == 765 && Fields.Weekday == 2);
    Time.QuadPart = 0;
    RtlTimeToTimeFields(&Time, &Fields);
    EXPECT(Fields.Year == 1601 && Fields.Month == 1 && Fields.Day == 1 && Fields.Weekday == 1);
    Time = TimeOf(2400, 12, 31);
    RtlTimeToTimeFields(&Time, &Fields);
    EXPECT(Fields.Year == 2400 && Fields.Month == 12 && Fields.Day == 31);
}

CHECK(RtlTimeFieldsToTime, LOW_PLACES)
{
    EXPECT_EQUAL(TimeOf(1970, 1, 1).QuadPart, 116444736000000000ll);
    EXPECT_EQUAL(TimeOf(1601, 1, 2).QuadPart, 864000000000ll);
    EXPECT_EQUAL(TimeOf(2100, 2, 29).QuadPart, -1);
    EXPECT_EQUAL(TimeOf(1600, 1, 1).QuadPart, -1);
    EXPECT_EQUAL(TimeOf(2000, 13, 1).QuadPart, -1);
}

CHECK(RtlTimeToSecondsSince1970, LOW_PLACES)
{
    LARGE_INTEGER Time = TimeOf(1970, 1, 2);
    ULONG Seconds = 0;

    EXPECT(RtlTimeToSecondsSince1970(&Time, &Seconds));
    EXPECT_EQUAL(Seconds, 86400);
    Time = TimeOf(1969, 12, 31);
    EXPECT(!RtlTimeToSecondsSince1970(&Time, &Seconds));
    Time = TimeOf(2107, 1, 1);
    EXPECT(!RtlTimeToSecondsSince1970(&Time, &Seconds));
}

CHECK(RtlSecondsSince1970ToTime, LOW_PLACES)
{
    LARGE_INTEGER Time;

    RtlSecondsSince1970ToTime(86400, &Time);
    EXPECT_EQUAL(Time.QuadPart, TimeOf(1970, 1, 2).QuadPart);
}

#define BIAS (CHECK_TIME_BIAS * 600000000ll) /* in units of 100 ns */

CHECK(ExSystemTimeToLocalTime, LOW_PLACES)
{
    LARGE_INTEGER System = TimeOf(2020, 5, 5), Local = TimeOf(2000, 1, 1);

    ExSystemTimeToLocalTime(&System, &Local);
    EXPECT_EQUAL(Local.QuadPart, System.QuadPart - BIAS);
    EXPECT_EQUAL(System.QuadPart, TimeOf(2020, 5, 5).QuadPart);
    ExSystemTimeToLocalTime(&System, &System);
    EXPECT_EQUAL(System.QuadPart, Local.QuadPart);
}

CHECK(ExLocalTimeToSystemTime, LOW_PLACES)
{
    LARGE_INTEGER Local = TimeOf(2020, 5, 5), System = TimeOf(2000, 1, 1);

    ExLocalTimeToSystemTime(&Local, &System);
    EXPECT_EQUAL(System.QuadPart, Local.QuadPart + BIAS);
}
