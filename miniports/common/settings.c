/*
 * Settings of a miniport; see settings.h for the rule.
 *
 * StorPortRegistryRead answers "no such value" and "a value of another type" alike, so the other
 * type is asked for too: a number that was stored as text must not pass for an absent one.
 */
#include "settings.h"

typedef enum _SETTING_RESULT {
    SettingAbsent,
    SettingFound,
    SettingTooLong,
    SettingNoMemory,
} SETTING_RESULT;

/* One value from one key. Copies at most Size bytes; *Length tells how many were found. */
static SETTING_RESULT ReadOne(PVOID DeviceExtension, const CHAR *Name, ULONG Global, ULONG Type,
                              VOID *Value, ULONG Size, ULONG *Length)
{
    ULONG BufferLength = Size;
    PUCHAR Buffer = StorPortAllocateRegistryBuffer(DeviceExtension, &BufferLength);
    SETTING_RESULT Result = SettingAbsent;

    if (Buffer == NULL || BufferLength < Size) {
        if (Buffer != NULL) {
            StorPortFreeRegistryBuffer(DeviceExtension, Buffer);
        }
        return SettingNoMemory;
    }
    BufferLength = Size;
    if (StorPortRegistryRead(DeviceExtension, (PUCHAR)Name, Global, Type, Buffer, &BufferLength) &&
        BufferLength <= Size) {
        RtlCopyMemory(Value, Buffer, BufferLength);
        *Length = BufferLength;
        Result = SettingFound;
    } else if (BufferLength > Size) {
        Result = SettingTooLong;
    }
    StorPortFreeRegistryBuffer(DeviceExtension, Buffer);
    return Result;
}

/* The adapter's own key wins over the one that all adapters of the driver share. */
static SETTING_RESULT Read(PVOID DeviceExtension, const CHAR *Name, ULONG Type, VOID *Value,
                           ULONG Size, ULONG *Length)
{
    SETTING_RESULT Result = ReadOne(DeviceExtension, Name, 0, Type, Value, Size, Length);

    if (Result == SettingAbsent) {
        Result = ReadOne(DeviceExtension, Name, 1, Type, Value, Size, Length);
    }
    return Result;
}

BOOLEAN SettingReadUlong(PVOID DeviceExtension, const CHAR *Name, ULONG Default, ULONG Minimum,
                         ULONG Maximum, ULONG *Value)
{
    CHAR Text[SETTING_TEXT_SIZE];
    ULONG Found = Default;
    ULONG Length = 0;
    SETTING_RESULT Result =
        Read(DeviceExtension, Name, MINIPORT_REG_DWORD, &Found, sizeof(Found), &Length);

    if (Result == SettingNoMemory) {
        StorPortDebugPrint(0, "no memory to read the value %s: free memory and start again\n",
                           Name);
        return FALSE;
    }
    if (Result == SettingAbsent) {
        Result = Read(DeviceExtension, Name, MINIPORT_REG_SZ, Text, sizeof(Text), &Length);
        if (Result != SettingAbsent) {
            StorPortDebugPrint(0,
                               "Parameters\\Device\\%s is not a DWORD: store it as a DWORD from "
                               "%lu to %lu\n",
                               Name, Minimum, Maximum);
            return FALSE;
        }
        *Value = Default;
        return TRUE;
    }
    if (Result == SettingTooLong || Length != sizeof(Found) || Found < Minimum || Found > Maximum) {
        StorPortDebugPrint(0, "Parameters\\Device\\%s is %lu: set it to a DWORD from %lu to %lu\n",
                           Name, Found, Minimum, Maximum);
        return FALSE;
    }
    *Value = Found;
    return TRUE;
}

BOOLEAN SettingReadText(PVOID DeviceExtension, const CHAR *Name, CHAR Text[SETTING_TEXT_SIZE])
{
    ULONG Number;
    ULONG Length = 0;
    SETTING_RESULT Result =
        Read(DeviceExtension, Name, MINIPORT_REG_SZ, Text, SETTING_TEXT_SIZE - 1, &Length);

    if (Result == SettingFound) {
        Text[Length] = '\0';
        return TRUE;
    }
    if (Result == SettingAbsent) {
        Result = Read(DeviceExtension, Name, MINIPORT_REG_DWORD, &Number, sizeof(Number), &Length);
        if (Result == SettingAbsent) {
            Text[0] = '\0';
            return TRUE;
        }
    }
    StorPortDebugPrint(0,
                       "Parameters\\Device\\%s is not a string of at most %lu bytes: store it as "
                       "REG_SZ\n",
                       Name, (ULONG)SETTING_TEXT_SIZE - 2);
    return FALSE;
}
