/*
 * strings.c - Rtl: counted strings and their conversions.
 */
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Strings", NT_HIGH_LEVEL)

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

    while (equal < Length && first[equal] == second[equal])
        equal++;
    return equal;
}
EXPORT(RtlCompareMemory);
