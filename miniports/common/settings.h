/*
 * Settings of a miniport: the values under its Parameters\Device keys in the registry.
 *
 * Rule: a setting that is absent has its default; one that is present and wrong stops the start,
 * with a line that names the value, what it holds and what it may hold. Nothing is corrected
 * silently.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define SETTING_TEXT_SIZE 1024 /* bytes, with the terminating NUL */

/*
 * Reads the DWORD Name into *Value, or Default when it is absent. Parameters\Device<n> of this
 * adapter is asked before Parameters\Device. PASSIVE_LEVEL, in HwFindAdapter. FALSE: the value is
 * not a DWORD or not within Minimum to Maximum; a line about it has been printed, and *Value is
 * unchanged.
 */
BOOLEAN SettingReadUlong(PVOID DeviceExtension, const CHAR *Name, ULONG Default, ULONG Minimum,
                         ULONG Maximum, ULONG *Value);

/*
 * Reads the string Name into Text, or the empty string when it is absent. As above; FALSE when the
 * value is not a string or longer than Text.
 */
BOOLEAN SettingReadText(PVOID DeviceExtension, const CHAR *Name, CHAR Text[SETTING_TEXT_SIZE]);
