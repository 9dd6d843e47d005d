/*
 * power_settings.c - Po: drivers that hear of the power policy.
 */
#include "nt/export.h"
#include "nt/power_setting.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <stdlib.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Power", NT_PASSIVE_LEVEL)

NTSTATUS NTAPI PoRegisterPowerSettingCallback(PDEVICE_OBJECT DeviceObject, LPCGUID SettingGuid,
                                              PPOWER_SETTING_CALLBACK Callback, PVOID Context,
                                              PVOID *Handle)
{
    struct nt_power_listener *listener = calloc(1, sizeof(*listener));

    (void)DeviceObject;
    if (!listener)
        return STATUS_INSUFFICIENT_RESOURCES;
    listener->guid = *SettingGuid;
    listener->routine = Callback;
    listener->context = Context;
    if (Handle)
        *Handle = listener;
    nt_power_setting_listen(listener);
    return STATUS_SUCCESS;
}
EXPORT(PoRegisterPowerSettingCallback);

NTSTATUS NTAPI PoUnregisterPowerSettingCallback(PVOID Handle)
{
    if (!Handle)
        return STATUS_INVALID_PARAMETER;
    nt_power_setting_forget(Handle);
    free(Handle);
    return STATUS_SUCCESS;
}
EXPORT(PoUnregisterPowerSettingCallback);
