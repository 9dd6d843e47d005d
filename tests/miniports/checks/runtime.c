/*
 * Checks of the C library that the kernel exports, and of its counted strings.
 */
#include "check.h"

#include <ntstrsafe.h>
#include <string.h>

/* The compiler knows what these routines answer, and must not. */
#define CALL(Routine) ((__typeof__(&(Routine)) volatile){Routine})

static BOOLEAN Same(const VOID *First, const VOID *Second, SIZE_T Length)
{
    const volatile UCHAR *A = First, *B = Second;
    SIZE_T Index;

    for (Index = 0; Index < Length; Index++) {
        if (A[Index] != B[Index]) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- memory ---- */

CHECK(memcpy, EVERYWHERE)
{
    UCHAR From[5] = {1, 2, 3, 4, 5}, To[5] = {9, 9, 9, 9, 9};

    EXPECT(CALL(memcpy)(To, From, 4) == To);
    EXPECT(Same(To, From, 4));
    EXPECT_EQUAL(To[4], 9);
}

CHECK(memmove, EVERYWHERE)
{
    UCHAR Up[6] = {1, 2, 3, 4, 5, 6}, Down[6] = {1, 2, 3, 4, 5, 6};
    UCHAR IsUp[6] = {1, 2, 1, 2, 3, 4}, IsDown[6] = {3, 4, 5, 6, 5, 6};

    EXPECT(CALL(memmove)(Up + 2, Up, 4) == Up + 2);
    EXPECT(Same(Up, IsUp, 6));
    EXPECT(CALL(memmove)(Down, Down + 2, 4) == Down);
    EXPECT(Same(Down, IsDown, 6));
}

CHECK(memset, EVERYWHERE)
{
    UCHAR Bytes[4] = {1, 2, 3, 4}, Are[4] = {0xA5, 0xA5, 0xA5, 4};

    EXPECT(CALL(memset)(Bytes, 0x1A5, 3) == Bytes);
    EXPECT(Same(Bytes, Are, 4));
}

CHECK(memcmp, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(memcmp)("abc", "abd", 2), 0);
    EXPECT(CALL(memcmp)("abc", "abd", 3) < 0);
    EXPECT(CALL(memcmp)("ab\x80", "ab\x01", 3) > 0);
}

CHECK(memchr, EVERYWHERE)
{
    const CHAR *Text = "a\0b";

    EXPECT(CALL(memchr)(Text, 'b', 3) == Text + 2);
    EXPECT(CALL(memchr)(Text, 'b', 2) == NULL);
}

/* ---- characters ---- */

CHECK(strlen, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(strlen)("storport"), 8);
    EXPECT_EQUAL(CALL(strlen)(""), 0);
}

CHECK(strcmp, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(strcmp)("abc", "abc"), 0);
    EXPECT(CALL(strcmp)("abc", "ab") > 0);
    EXPECT(CALL(strcmp)("ab", "abc") < 0);
}

CHECK(strncmp, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(strncmp)("abc", "abd", 2), 0);
    EXPECT(CALL(strncmp)("abc", "abd", 3) < 0);
    EXPECT(CALL(strncmp)("abd", "abc", 9) > 0);
}

CHECK(strcpy, EVERYWHERE)
{
    CHAR To[6] = {'x', 'x', 'x', 'x', 'x', 'x'};

    EXPECT(CALL(strcpy)(To, "abc") == To);
    EXPECT(Same(To, "abc\0xx", 6));
}

CHECK(strncpy, EVERYWHERE)
{
    CHAR Short[4] = {'x', 'x', 'x', 'x'}, Long[4] = {'x', 'x', 'x', 'x'};

    EXPECT(CALL(strncpy)(Short, "abcdef", 3) == Short);
    EXPECT(Same(Short, "abcx", 4));
    EXPECT(CALL(strncpy)(Long, "a", 3) == Long);
    EXPECT(Same(Long, "a\0\0x", 4));
}

CHECK(strcat, EVERYWHERE)
{
    CHAR To[6] = {'a', 'b', 0, 'x', 'x', 'x'};

    EXPECT(CALL(strcat)(To, "cd") == To);
    EXPECT(Same(To, "abcd\0x", 6));
}

CHECK(strchr, EVERYWHERE)
{
    const CHAR *Text = "abcb";

    EXPECT(CALL(strchr)(Text, 'b') == Text + 1);
    EXPECT(CALL(strchr)(Text, 0) == Text + 4);
    EXPECT(CALL(strchr)(Text, 'x') == NULL);
}

CHECK(strstr, EVERYWHERE)
{
    const CHAR *Text = "ababc";

    EXPECT(CALL(strstr)(Text, "abc") == Text + 2);
    EXPECT(CALL(strstr)(Text, "") == Text);
    EXPECT(CALL(strstr)(Text, "abd") == NULL);
}

CHECK(wcslen, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(wcslen)(L"storport"), 8);
    EXPECT_EQUAL(CALL(wcslen)(L""), 0);
}

CHECK(_wcsicmp, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(_wcsicmp)(L"Storport", L"sTORPORT"), 0);
    EXPECT(CALL(_wcsicmp)(L"ABC", L"abd") < 0);
    EXPECT(CALL(_wcsicmp)(L"abc", L"AB") > 0);
}

CHECK(_wcsnicmp, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(_wcsnicmp)(L"ABCx", L"abcY", 3), 0);
    EXPECT(CALL(_wcsnicmp)(L"ABCx", L"abcY", 4) < 0);
    EXPECT(CALL(_wcsnicmp)(L"abd", L"ABC", 9) > 0);
}

static int Print(CHAR *Buffer, SIZE_T Size, const CHAR *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnprintf(Buffer, Size, Format, Arguments);
    va_end(Arguments);
    return Length;
}

CHECK(_vsnprintf, EVERYWHERE)
{
    CHAR Buffer[32];

    EXPECT_EQUAL(
        Print(Buffer, sizeof(Buffer), "%s %05d %I64x %c", "disk", -42, 0xABCDEF0123ull, 'z'), 23);
    EXPECT(Same(Buffer, "disk -0042 abcdef0123 z", 24));
    EXPECT_EQUAL(Print(Buffer, 4, "%s", "too long"), -1);
    EXPECT(Same(Buffer, "too", 3));
}

/* ---- counted strings ---- */

CHECK(RtlInitUnicodeString, EVERYWHERE)
{
    UNICODE_STRING String;
    PCWSTR Text = L"disk";

    RtlInitUnicodeString(&String, Text);
    EXPECT_EQUAL(String.Length, 8);
    EXPECT_EQUAL(String.MaximumLength, 10);
    EXPECT(String.Buffer == Text);
    RtlInitUnicodeString(&String, NULL);
    EXPECT_EQUAL(String.Length, 0);
    EXPECT_EQUAL(String.MaximumLength, 0);
    EXPECT(String.Buffer == NULL);
}

static VOID ExpectAnsi(CHECK_CONTEXT *Context, VOID(NTAPI *Initialize)(PSTRING, PCSZ))
{
    STRING String = {1, 1, NULL};
    PCSZ Text = (PCSZ) "disk";

    Initialize(&String, Text);
    EXPECT_EQUAL(String.Length, 4);
    EXPECT_EQUAL(String.MaximumLength, 5);
    EXPECT(String.Buffer == (PCHAR)Text);
    Initialize(&String, NULL);
    EXPECT_EQUAL(String.Length, 0);
    EXPECT_EQUAL(String.MaximumLength, 0);
    EXPECT(String.Buffer == NULL);
}

CHECK(RtlInitAnsiString, EVERYWHERE)
{
    ExpectAnsi(Context, RtlInitAnsiString);
}

CHECK(RtlInitString, EVERYWHERE)
{
    ExpectAnsi(Context, RtlInitString);
}

CHECK(RtlAnsiStringToUnicodeString, EVERYWHERE)
{
    WCHAR Buffer[5] = {'x', 'x', 'x', 'x', 'x'};
    UNICODE_STRING Wide = {0, sizeof(Buffer), Buffer};
    ANSI_STRING Text;

    RtlInitAnsiString(&Text, (PCSZ) "disk");
    EXPECT_STATUS(RtlAnsiStringToUnicodeString(&Wide, &Text, FALSE), STATUS_SUCCESS);
    EXPECT_EQUAL(Wide.Length, 8);
    EXPECT(Same(Buffer, L"disk", 10));
    Wide.MaximumLength = 6;
    EXPECT_STATUS(RtlAnsiStringToUnicodeString(&Wide, &Text, FALSE), STATUS_BUFFER_OVERFLOW);
    if (Context->Irql > DISPATCH_LEVEL) {
        return;
    }
    EXPECT_STATUS(RtlAnsiStringToUnicodeString(&Wide, &Text, TRUE), STATUS_SUCCESS);
    EXPECT(Wide.Buffer != Buffer && Same(Wide.Buffer, L"disk", 10));
    EXPECT_EQUAL(Wide.MaximumLength, 10);
    RtlFreeUnicodeString(&Wide);
}

/* What is not freed here is reported when the driver is unloaded. */
CHECK(RtlFreeUnicodeString, AT(HwInitialize) | AT(StartIo) | AT(WorkItem) | AT(Thread))
{
    UNICODE_STRING Wide = {0};
    ANSI_STRING Text;

    RtlInitAnsiString(&Text, (PCSZ) "disk");
    if (Context->Irql > DISPATCH_LEVEL) {
        return;
    }
    EXPECT_STATUS(RtlAnsiStringToUnicodeString(&Wide, &Text, TRUE), STATUS_SUCCESS);
    RtlFreeUnicodeString(&Wide);
    EXPECT(Wide.Buffer == NULL);
    EXPECT_EQUAL(Wide.Length, 0);
    RtlFreeUnicodeString(&Wide);
}

CHECK(RtlCompareUnicodeString, EVERYWHERE)
{
    UNICODE_STRING Lower, Upper, Longer;

    RtlInitUnicodeString(&Lower, L"disk");
    RtlInitUnicodeString(&Upper, L"DISK");
    RtlInitUnicodeString(&Longer, L"disks");
    EXPECT_EQUAL(RtlCompareUnicodeString(&Lower, &Upper, TRUE), 0);
    EXPECT(RtlCompareUnicodeString(&Lower, &Upper, FALSE) > 0);
    EXPECT(RtlCompareUnicodeString(&Lower, &Longer, FALSE) < 0);
}

CHECK(RtlEqualUnicodeString, EVERYWHERE)
{
    UNICODE_STRING Lower, Upper, Longer;

    RtlInitUnicodeString(&Lower, L"disk");
    RtlInitUnicodeString(&Upper, L"DISK");
    RtlInitUnicodeString(&Longer, L"disks");
    EXPECT(RtlEqualUnicodeString(&Lower, &Upper, TRUE));
    EXPECT(!RtlEqualUnicodeString(&Lower, &Upper, FALSE));
    EXPECT(!RtlEqualUnicodeString(&Lower, &Longer, TRUE));
}

CHECK(RtlCopyUnicodeString, EVERYWHERE)
{
    WCHAR Buffer[3] = {'x', 'x', 'x'};
    UNICODE_STRING To = {2, 4, Buffer}, From;

    RtlInitUnicodeString(&From, L"disk");
    RtlCopyUnicodeString(&To, &From);
    EXPECT_EQUAL(To.Length, 4);
    EXPECT(Same(Buffer, L"dix", 6));
    RtlCopyUnicodeString(&To, NULL);
    EXPECT_EQUAL(To.Length, 0);
}

CHECK(RtlCompareMemory, EVERYWHERE)
{
    EXPECT_EQUAL(CALL(RtlCompareMemory)("abcd", "abcx", 4), 3);
    EXPECT_EQUAL(CALL(RtlCompareMemory)("abcd", "abcd", 4), 4);
    EXPECT_EQUAL(CALL(RtlCompareMemory)("abcd", "xbcd", 4), 0);
}

/* ---- text for the log ---- */

CHECK(DbgPrint, EVERYWHERE)
{
    EXPECT_STATUS(DbgPrint("check %d of %s\n", (LONG)Context->Place, "DbgPrint"), STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "of DbgPrint"));
}

CHECK(DbgPrintEx, EVERYWHERE)
{
    EXPECT_STATUS(DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "check %d of %s\n",
                             (LONG)Context->Place, "DbgPrintEx"),
                  STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "of DbgPrintEx"));
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, "what nobody asked for\n");
    DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_WARNING_LEVEL, "what nobody asked for\n");
    EXPECT(!CheckPrinted(Context, "what nobody asked for"));
}

static ULONG PrintList(const CHAR *Format, ...)
{
    va_list Arguments;
    ULONG Status;

    va_start(Arguments, Format);
    Status = vDbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, Format, Arguments);
    va_end(Arguments);
    return Status;
}

CHECK(vDbgPrintEx, EVERYWHERE)
{
    EXPECT_STATUS(PrintList("check %d of %s\n", (LONG)Context->Place, "vDbgPrintEx"),
                  STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "of vDbgPrintEx"));
}
