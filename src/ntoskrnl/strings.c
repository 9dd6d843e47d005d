/*
 * strings.c - Rtl: counted strings and their conversions.
 */
#include "bus/window.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <stdio.h>
#include <string.h>

#define EXPORT(name_)                                                                              \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "Strings", NT_HIGH_LEVEL, NT_EXPORT_MAY_BE_LEFT)

enum { STRING_TAG = 0x53525453, STRING_BYTES_MAX = 0xFFFE };

static size_t wide_length(PCWSTR text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}

void NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    size_t bytes = SourceString ? 2 * wide_length(SourceString) : 0;

    if (bytes > STRING_BYTES_MAX - 2)
        bytes = STRING_BYTES_MAX - 2;
    DestinationString->Length = (USHORT)bytes;
    DestinationString->MaximumLength = (USHORT)(SourceString ? bytes + 2 : 0);
    DestinationString->Buffer = (PWSTR)(uintptr_t)SourceString;
}
EXPORT(RtlInitUnicodeString);

void NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString)
{
    size_t bytes = SourceString ? strlen((const char *)SourceString) : 0;

    if (bytes > STRING_BYTES_MAX - 1)
        bytes = STRING_BYTES_MAX - 1;
    DestinationString->Length = (USHORT)bytes;
    DestinationString->MaximumLength = (USHORT)(SourceString ? bytes + 1 : 0);
    DestinationString->Buffer = (PCHAR)(uintptr_t)SourceString;
}
EXPORT(RtlInitAnsiString);

void NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString)
{
    RtlInitAnsiString(DestinationString, SourceString);
}
EXPORT(RtlInitString);

void NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString)
{
    if (UnicodeString->Buffer)
        nt_pool_free(UnicodeString->Buffer);
    *UnicodeString = (UNICODE_STRING){0};
}
EXPORT(RtlFreeUnicodeString);

NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString,
                                            PCANSI_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    size_t bytes = 2 * (size_t)SourceString->Length;

    if (bytes > STRING_BYTES_MAX - 2)
        return STATUS_INVALID_PARAMETER_2;
    if (AllocateDestinationString) {
        DestinationString->Buffer = nt_pool_allocate(bytes + 2, STRING_TAG, NULL);
        if (!DestinationString->Buffer)
            return STATUS_NO_MEMORY;
        DestinationString->MaximumLength = (USHORT)(bytes + 2);
    } else if (DestinationString->MaximumLength < bytes) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (size_t i = 0; i < SourceString->Length; i++)
        DestinationString->Buffer[i] = (unsigned char)SourceString->Buffer[i];
    if (DestinationString->MaximumLength >= bytes + 2)
        DestinationString->Buffer[bytes / 2] = 0;
    DestinationString->Length = (USHORT)bytes;
    return STATUS_SUCCESS;
}
EXPORT(RtlAnsiStringToUnicodeString);

static WCHAR upcase(WCHAR character)
{
    return character >= 'a' && character <= 'z' ? (WCHAR)(character - 32) : character;
}

LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                                   BOOLEAN CaseInSensitive)
{
    size_t first = String1->Length / 2, second = String2->Length / 2;

    for (size_t i = 0; i < first && i < second; i++) {
        WCHAR left = String1->Buffer[i], right = String2->Buffer[i];
        if (CaseInSensitive) {
            left = upcase(left);
            right = upcase(right);
        }
        if (left != right)
            return (LONG)left - (LONG)right;
    }
    return (LONG)first - (LONG)second;
}
EXPORT(RtlCompareUnicodeString);

BOOLEAN NTAPI RtlEqualUnicodeString(const UNICODE_STRING *String1, const UNICODE_STRING *String2,
                                    BOOLEAN CaseInSensitive)
{
    return String1->Length == String2->Length &&
           RtlCompareUnicodeString(String1, String2, CaseInSensitive) == 0;
}
EXPORT(RtlEqualUnicodeString);

void NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    USHORT bytes = SourceString ? SourceString->Length : 0;

    if (bytes > DestinationString->MaximumLength)
        bytes = DestinationString->MaximumLength;
    if (bytes)
        memcpy(DestinationString->Buffer, SourceString->Buffer, bytes);
    DestinationString->Length = bytes;
}
EXPORT(RtlCopyUnicodeString);

SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const unsigned char *first = Source1, *second = Source2;
    SIZE_T equal = 0;

    if (bus_window_contains(Source1) || bus_window_contains(Source2))
        while (equal < Length && bus_memory_compare(first + equal, second + equal, 1) == 0)
            equal++;
    else
        while (equal < Length && first[equal] == second[equal])
            equal++;
    return equal;
}
EXPORT(RtlCompareMemory);

NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    size_t length = (size_t)Destination->Length + Source->Length;

    if (length > Destination->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    if (Source->Length)
        memmove((char *)Destination->Buffer + Destination->Length, Source->Buffer, Source->Length);
    Destination->Length = (USHORT)length;
    if (length + 2 <= Destination->MaximumLength)
        Destination->Buffer[length / 2] = 0;
    return STATUS_SUCCESS;
}
EXPORT(RtlAppendUnicodeStringToString);

NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    UNICODE_STRING source;

    RtlInitUnicodeString(&source, Source);
    return RtlAppendUnicodeStringToString(Destination, &source);
}
EXPORT(RtlAppendUnicodeToString);

NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString,
                                            PCUNICODE_STRING SourceString,
                                            BOOLEAN AllocateDestinationString)
{
    size_t length = SourceString->Length / 2;

    if (AllocateDestinationString) {
        DestinationString->Buffer = nt_pool_allocate(length + 1, STRING_TAG, NULL);
        if (!DestinationString->Buffer)
            return STATUS_NO_MEMORY;
        DestinationString->MaximumLength = (USHORT)(length + 1);
    } else if (DestinationString->MaximumLength < length + 1) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (size_t i = 0; i < length; i++)
        DestinationString->Buffer[i] =
            SourceString->Buffer[i] < 0x100 ? (CHAR)SourceString->Buffer[i] : '?';
    DestinationString->Buffer[length] = 0;
    DestinationString->Length = (USHORT)length;
    return STATUS_SUCCESS;
}
EXPORT(RtlUnicodeStringToAnsiString);

VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString)
{
    if (AnsiString->Buffer)
        nt_pool_free(AnsiString->Buffer);
    *AnsiString = (ANSI_STRING){0};
}
EXPORT(RtlFreeAnsiString);

WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter)
{
    return upcase(SourceCharacter);
}
EXPORT(RtlUpcaseUnicodeChar);

BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                                     BOOLEAN CaseInSensitive)
{
    UNICODE_STRING start = *String2;

    if (String1->Length > String2->Length)
        return FALSE;
    start.Length = String1->Length;
    return RtlEqualUnicodeString(String1, &start, CaseInSensitive);
}
EXPORT(RtlPrefixUnicodeString);

/* ---- numbers and identifiers ---- */

/* Digits of a base, most significant first, into the string with its terminator. */
static NTSTATUS write_number(ULONGLONG value, ULONG base, PUNICODE_STRING string)
{
    WCHAR digits[64];
    size_t count = 0;

    if (!base)
        base = 10;
    if (base != 2 && base != 8 && base != 10 && base != 16)
        return STATUS_INVALID_PARAMETER;
    do {
        digits[count++] = (WCHAR) "0123456789ABCDEF"[value % base];
        value /= base;
    } while (value);
    if (string->MaximumLength < 2 * (count + 1))
        return STATUS_BUFFER_OVERFLOW;
    for (size_t i = 0; i < count; i++)
        string->Buffer[i] = digits[count - 1 - i];
    string->Buffer[count] = 0;
    string->Length = (USHORT)(2 * count);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String)
{
    return write_number(Value, Base, String);
}
EXPORT(RtlIntegerToUnicodeString);

NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String)
{
    return write_number(Value, Base, String);
}
EXPORT(RtlInt64ToUnicodeString);

NTSTATUS NTAPI RtlStringFromGUID(const GUID *const Guid, PUNICODE_STRING GuidString)
{
    enum { CHARACTERS = 38 };
    const UCHAR *d = Guid->Data4;
    char text[CHARACTERS + 1];

    GuidString->Buffer = nt_pool_allocate(2 * (CHARACTERS + 1), STRING_TAG, NULL);
    if (!GuidString->Buffer)
        return STATUS_NO_MEMORY;
    snprintf(text, sizeof(text), "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
             (unsigned)Guid->Data1, Guid->Data2, Guid->Data3, d[0], d[1], d[2], d[3], d[4], d[5],
             d[6], d[7]);
    for (size_t i = 0; i <= CHARACTERS; i++)
        GuidString->Buffer[i] = (unsigned char)text[i];
    GuidString->Length = 2 * CHARACTERS;
    GuidString->MaximumLength = 2 * (CHARACTERS + 1);
    return STATUS_SUCCESS;
}
EXPORT(RtlStringFromGUID);
