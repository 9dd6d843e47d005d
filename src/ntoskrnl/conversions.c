/*
 * conversions.c - Rtl: text to numbers and identifiers, and between narrow and wide text.
 *
 * A narrow character is the wide one of the same number; what has none becomes a question mark.
 */
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_)                                                                              \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "Strings", NT_HIGH_LEVEL, NT_EXPORT_MAY_BE_LEFT)

enum { STRING_TAG = 0x53525453, GUID_CHARACTERS = 38 };

static WCHAR upcase(WCHAR character)
{
    return character >= 'a' && character <= 'z' ? (WCHAR)(character - 32) : character;
}

static CHAR upcase_narrow(CHAR character)
{
    return character >= 'a' && character <= 'z' ? (CHAR)(character - 32) : character;
}

/* ---- numbers ---- */

/* The digit's value, 16 or more if it is none. */
static unsigned digit_of(WCHAR character)
{
    WCHAR upper = upcase(character);

    if (upper >= '0' && upper <= '9')
        return upper - '0';
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10u : 16;
}

/* Spaces, a sign, 0x, 0o or 0b when the base is open, digits up to the first other character.
 * False when the base is none. */
static bool parse_number(const WCHAR *text, size_t length, ULONG base, ULONGLONG *ret_value,
                         size_t *ret_used)
{
    size_t at = 0;
    bool negative = false;
    ULONGLONG value = 0;

    if (base != 0 && base != 2 && base != 8 && base != 10 && base != 16)
        return false;
    while (at < length && text[at] <= ' ')
        at++;
    if (at < length && (text[at] == '-' || text[at] == '+'))
        negative = text[at++] == '-';
    if (!base) {
        base = 10;
        if (at + 1 < length && text[at] == '0') {
            WCHAR letter = upcase(text[at + 1]);
            base = letter == 'X' ? 16 : letter == 'O' ? 8 : letter == 'B' ? 2 : 10;
            at += base == 10 ? 0 : 2;
        }
    }
    for (; at < length && digit_of(text[at]) < base; at++)
        value = value * base + digit_of(text[at]);
    *ret_value = negative ? 0 - value : value;
    *ret_used = at;
    return true;
}

NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value)
{
    ULONGLONG value;
    size_t used;

    if (!parse_number(String->Buffer, String->Length / 2, Base, &value, &used))
        return STATUS_INVALID_PARAMETER;
    *Value = (ULONG)value;
    return STATUS_SUCCESS;
}
EXPORT(RtlUnicodeStringToInteger);

NTSTATUS NTAPI RtlUnicodeStringToInt64(PCUNICODE_STRING String, ULONG Base, PLONG64 Number,
                                       PWSTR *EndPointer)
{
    ULONGLONG value;
    size_t used;

    if (!parse_number(String->Buffer, String->Length / 2, Base, &value, &used))
        return STATUS_INVALID_PARAMETER;
    *Number = (LONG64)value;
    if (EndPointer)
        *EndPointer = String->Buffer + used;
    return STATUS_SUCCESS;
}
EXPORT(RtlUnicodeStringToInt64);

/* ---- identifiers ---- */

/* `count` hexadecimal digits, the first the most significant. */
static bool parse_hex(const WCHAR *text, unsigned count, ULONG *ret_value)
{
    ULONG value = 0;

    for (unsigned i = 0; i < count; i++) {
        if (digit_of(text[i]) >= 16)
            return false;
        value = value << 4 | digit_of(text[i]);
    }
    *ret_value = value;
    return true;
}

NTSTATUS NTAPI RtlGUIDFromString(PUNICODE_STRING GuidString, GUID *Guid)
{
    static const char shape[GUID_CHARACTERS + 1] = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
    static const unsigned char bytes_at[8] = {20, 22, 25, 27, 29, 31, 33, 35};
    const WCHAR *text = GuidString->Buffer;
    ULONG part[3], byte;
    GUID guid;

    if (GuidString->Length != 2 * GUID_CHARACTERS)
        return STATUS_INVALID_PARAMETER;
    for (unsigned i = 0; i < GUID_CHARACTERS; i++)
        if (shape[i] == 'x' ? digit_of(text[i]) >= 16 : text[i] != (unsigned char)shape[i])
            return STATUS_INVALID_PARAMETER;
    if (!parse_hex(text + 1, 8, &part[0]) || !parse_hex(text + 10, 4, &part[1]) ||
        !parse_hex(text + 15, 4, &part[2]))
        return STATUS_INVALID_PARAMETER;
    guid.Data1 = part[0];
    guid.Data2 = (USHORT)part[1];
    guid.Data3 = (USHORT)part[2];
    for (unsigned i = 0; i < sizeof(bytes_at); i++) {
        if (!parse_hex(text + bytes_at[i], 2, &byte))
            return STATUS_INVALID_PARAMETER;
        guid.Data4[i] = (UCHAR)byte;
    }
    *Guid = guid;
    return STATUS_SUCCESS;
}
EXPORT(RtlGUIDFromString);

/* The sum that Windows calls x65599. */
NTSTATUS NTAPI RtlHashUnicodeString(const UNICODE_STRING *String, BOOLEAN CaseInSensitive,
                                    ULONG HashAlgorithm, PULONG HashValue)
{
    enum { DEFAULT = 0, X65599 = 1, FACTOR = 65599 };
    ULONG hash = 0;

    if (!String || !HashValue || (HashAlgorithm != DEFAULT && HashAlgorithm != X65599))
        return STATUS_INVALID_PARAMETER;
    for (size_t i = 0; i < String->Length / 2; i++)
        hash = hash * FACTOR + (CaseInSensitive ? upcase(String->Buffer[i]) : String->Buffer[i]);
    *HashValue = hash;
    return STATUS_SUCCESS;
}
EXPORT(RtlHashUnicodeString);

/* ---- case ---- */

WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR SourceCharacter)
{
    return SourceCharacter >= 'A' && SourceCharacter <= 'Z' ? (WCHAR)(SourceCharacter + 32)
                                                            : SourceCharacter;
}
EXPORT(RtlDowncaseUnicodeChar);

NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString,
                                      PCUNICODE_STRING SourceString,
                                      BOOLEAN AllocateDestinationString)
{
    USHORT length = SourceString->Length;

    if (AllocateDestinationString) {
        DestinationString->Buffer = nt_pool_allocate(length ? length : 2, STRING_TAG, NULL);
        if (!DestinationString->Buffer)
            return STATUS_NO_MEMORY;
        DestinationString->MaximumLength = length;
    } else if (DestinationString->MaximumLength < length) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (size_t i = 0; i < length / 2u; i++)
        DestinationString->Buffer[i] = upcase(SourceString->Buffer[i]);
    DestinationString->Length = length;
    return STATUS_SUCCESS;
}
EXPORT(RtlUpcaseUnicodeString);

CHAR NTAPI RtlUpperChar(CHAR Character)
{
    return upcase_narrow(Character);
}
EXPORT(RtlUpperChar);

/* ---- narrow strings ---- */

VOID NTAPI RtlCopyString(PSTRING DestinationString, const STRING *SourceString)
{
    USHORT length = SourceString ? SourceString->Length : 0;

    if (length > DestinationString->MaximumLength)
        length = DestinationString->MaximumLength;
    if (length)
        memcpy(DestinationString->Buffer, SourceString->Buffer, length);
    DestinationString->Length = length;
}
EXPORT(RtlCopyString);

LONG NTAPI RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    for (size_t i = 0; i < String1->Length && i < String2->Length; i++) {
        CHAR left = String1->Buffer[i], right = String2->Buffer[i];
        if (CaseInSensitive) {
            left = upcase_narrow(left);
            right = upcase_narrow(right);
        }
        if (left != right)
            return (LONG)(UCHAR)left - (LONG)(UCHAR)right;
    }
    return (LONG)String1->Length - (LONG)String2->Length;
}
EXPORT(RtlCompareString);

BOOLEAN NTAPI RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    return String1->Length == String2->Length &&
           RtlCompareString(String1, String2, CaseInSensitive) == 0;
}
EXPORT(RtlEqualString);

/* ---- between narrow and wide ---- */

/* With the terminator. */
ULONG NTAPI RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString)
{
    return 2 * ((ULONG)AnsiString->Length + 1);
}
EXPORT(RtlxAnsiStringToUnicodeSize);

ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString)
{
    return (ULONG)UnicodeString->Length / 2 + 1;
}
EXPORT(RtlxUnicodeStringToAnsiSize);

/* As much as fits, without a terminator. */
NTSTATUS NTAPI RtlMultiByteToUnicodeN(PWCH UnicodeString, ULONG MaxBytesInUnicodeString,
                                      PULONG BytesInUnicodeString, const CHAR *MultiByteString,
                                      ULONG BytesInMultiByteString)
{
    ULONG count = MaxBytesInUnicodeString / 2;

    if (count > BytesInMultiByteString)
        count = BytesInMultiByteString;
    for (ULONG i = 0; i < count; i++)
        UnicodeString[i] = (UCHAR)MultiByteString[i];
    if (BytesInUnicodeString)
        *BytesInUnicodeString = 2 * count;
    return STATUS_SUCCESS;
}
EXPORT(RtlMultiByteToUnicodeN);

NTSTATUS NTAPI RtlUnicodeToMultiByteN(PCHAR MultiByteString, ULONG MaxBytesInMultiByteString,
                                      PULONG BytesInMultiByteString, PCWCH UnicodeString,
                                      ULONG BytesInUnicodeString)
{
    ULONG count = BytesInUnicodeString / 2;

    if (count > MaxBytesInMultiByteString)
        count = MaxBytesInMultiByteString;
    for (ULONG i = 0; i < count; i++)
        MultiByteString[i] = UnicodeString[i] < 0x100 ? (CHAR)UnicodeString[i] : '?';
    if (BytesInMultiByteString)
        *BytesInMultiByteString = count;
    return STATUS_SUCCESS;
}
EXPORT(RtlUnicodeToMultiByteN);
