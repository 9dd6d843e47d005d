/*
 * events.c - event tracing as a driver calls it: registrations, and events that become lines of the
 * log when --driver-trace wants them, and of a recording. There is one session, which begins with
 * the machine and lasts.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/thread.h"
#include "port/driver.h"
#include "trace/trace.h"

#include <ntddk.h>

#include <string.h>

#define EXPORT(name_, irql_) NT_EXPORT("ntoskrnl.exe", name_, "Event tracing", irql_)

enum { CONTROL_CODE_ENABLE_PROVIDER = 1, LEVEL_ALL = 255 };
enum { ACTIVITY_CREATE_ID = 3 };
enum { INFORMATION_SET_TRAITS = 2, INFORMATION_USE_DESCRIPTOR_TYPE = 3 };

NTSTATUS NTAPI EtwRegister(LPCGUID ProviderId, PETWENABLECALLBACK EnableCallback,
                           PVOID CallbackContext, PREGHANDLE RegHandle)
{
    if (!ProviderId || !RegHandle)
        return STATUS_INVALID_PARAMETER;
    uint64_t handle = trace_provider_add(port_driver_running(), ProviderId);
    *RegHandle = handle;
    if (!handle)
        return STATUS_NO_MEMORY;
    if (EnableCallback && trace_is_listening())
        EnableCallback(ProviderId, CONTROL_CODE_ENABLE_PROVIDER,
                       trace_level_is_wanted(LEVEL_ALL) ? LEVEL_ALL : trace_level(), UINT64_MAX, 0,
                       NULL, CallbackContext);
    return STATUS_SUCCESS;
}
EXPORT(EtwRegister, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI EtwUnregister(REGHANDLE RegHandle)
{
    return trace_provider_remove(RegHandle) ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}
EXPORT(EtwUnregister, NT_PASSIVE_LEVEL);

BOOLEAN NTAPI EtwProviderEnabled(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword)
{
    (void)Keyword; /* the session wants all of them */
    return trace_level_is_wanted(Level) && trace_provider_exists(RegHandle);
}
EXPORT(EtwProviderEnabled, NT_HIGH_LEVEL);

BOOLEAN NTAPI EtwEventEnabled(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor)
{
    return EventDescriptor &&
           EtwProviderEnabled(RegHandle, EventDescriptor->Level, EventDescriptor->Keyword);
}
EXPORT(EtwEventEnabled, NT_HIGH_LEVEL);

static bool data_makes_sense(ULONG count, const EVENT_DATA_DESCRIPTOR *data)
{
    enum { DATA_MAX = 128 };

    if (count > DATA_MAX || (count && !data))
        return false;
    for (ULONG i = 0; i < count; i++)
        if (!data[i].Ptr && data[i].Size)
            return false;
    return true;
}

NTSTATUS NTAPI EtwWriteTransfer(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor,
                                LPCGUID ActivityId, LPCGUID RelatedActivityId, ULONG UserDataCount,
                                PEVENT_DATA_DESCRIPTOR UserData)
{
    (void)ActivityId;
    (void)RelatedActivityId;
    if (!EventDescriptor || !data_makes_sense(UserDataCount, UserData))
        return STATUS_INVALID_PARAMETER;
    return trace_event(RegHandle, EventDescriptor, UserDataCount, UserData) ? STATUS_SUCCESS
                                                                            : STATUS_INVALID_HANDLE;
}
EXPORT(EtwWriteTransfer, NT_HIGH_LEVEL);

NTSTATUS NTAPI EtwWrite(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, LPCGUID ActivityId,
                        ULONG UserDataCount, PEVENT_DATA_DESCRIPTOR UserData)
{
    return EtwWriteTransfer(RegHandle, EventDescriptor, ActivityId, NULL, UserDataCount, UserData);
}
EXPORT(EtwWrite, NT_HIGH_LEVEL);

NTSTATUS NTAPI EtwWriteEx(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, ULONG64 Filter,
                          ULONG Flags, LPCGUID ActivityId, LPCGUID RelatedActivityId,
                          ULONG UserDataCount, PEVENT_DATA_DESCRIPTOR UserData)
{
    (void)Filter;
    (void)Flags;
    return EtwWriteTransfer(RegHandle, EventDescriptor, ActivityId, RelatedActivityId,
                            UserDataCount, UserData);
}
EXPORT(EtwWriteEx, NT_HIGH_LEVEL);

NTSTATUS NTAPI EtwWriteString(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword,
                              LPCGUID ActivityId, PCWSTR String)
{
    (void)Keyword;
    (void)ActivityId;
    if (!String)
        return STATUS_INVALID_PARAMETER;
    return trace_event_string(RegHandle, Level, String) ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}
EXPORT(EtwWriteString, NT_HIGH_LEVEL);

/* Traits name the provider to those who read what it writes; nobody here needs them. */
NTSTATUS NTAPI EtwSetInformation(REGHANDLE RegHandle, ULONG InformationClass,
                                 PVOID EventInformation, ULONG InformationLength)
{
    if (!trace_provider_exists(RegHandle))
        return STATUS_INVALID_HANDLE;
    if (InformationClass != INFORMATION_SET_TRAITS &&
        InformationClass != INFORMATION_USE_DESCRIPTOR_TYPE)
        return STATUS_NOT_SUPPORTED;
    return EventInformation && InformationLength ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
EXPORT(EtwSetInformation, NT_PASSIVE_LEVEL);

/* Threads have no current activity: identifiers are made, and what is set is the caller's to keep.
 */
NTSTATUS NTAPI EtwActivityIdControl(ULONG ControlCode, LPGUID ActivityId)
{
    uint64_t random[2] = {sys_random(), sys_random()};

    if (ControlCode != ACTIVITY_CREATE_ID)
        return STATUS_NOT_SUPPORTED;
    if (!ActivityId)
        return STATUS_INVALID_PARAMETER;
    memcpy(ActivityId, random, sizeof(random));
    return STATUS_SUCCESS;
}
EXPORT(EtwActivityIdControl, NT_HIGH_LEVEL);

VOID NTAPI StorhostEventDescribe(ULONGLONG RegHandle, const STORHOST_EVENT *Events)
{
    trace_provider_describe(RegHandle, Events);
}
NT_EXPORT("storhost", StorhostEventDescribe, "Traces", NT_PASSIVE_LEVEL);

static void take_registrations(const struct port_driver *driver)
{
    unsigned count = trace_providers_take(port_driver_service(driver));

    if (count)
        nt_finding("TIMER-12", driver,
                   "%s has left %u registration%s of EtwRegister behind when it was unloaded",
                   port_driver_service(driver), count, count == 1 ? "" : "s");
}
PORT_LEFTOVER(take_registrations);
