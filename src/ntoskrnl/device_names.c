/*
 * device_names.c - Io: names of devices and symbolic links, which applications open devices by.
 */
#include "ntoskrnl/device_names.h"

#include "nt/export.h"
#include "nt/name.h"
#include "nt/text.h"
#include "nt/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <wdmsec.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "I/O manager", irql_max_)

static NTSTATUS status_of(int error)
{
    switch (error) {
    case 0:
        return STATUS_SUCCESS;
    case -EEXIST:
        return STATUS_OBJECT_NAME_COLLISION;
    case -ENOENT:
        return STATUS_OBJECT_NAME_NOT_FOUND;
    case -EINVAL:
        return STATUS_OBJECT_NAME_INVALID;
    default:
        return STATUS_INSUFFICIENT_RESOURCES;
    }
}

static char *text_of(const UNICODE_STRING *name)
{
    return text_from_utf16(name->Buffer, name->Length / 2);
}

NTSTATUS device_name_add(DEVICE_OBJECT *device, const UNICODE_STRING *name)
{
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    if (!name || !name->Length)
        return STATUS_SUCCESS;
    char *text = text_of(name);
    if (text && text[0] != '\\')
        status = STATUS_OBJECT_NAME_INVALID;
    else if (text)
        status = status_of(nt_name_add(text, device));
    free(text);
    return status;
}

NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
    char *link = text_of(SymbolicLinkName), *target = text_of(DeviceName);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    if (link && target)
        status = status_of(nt_name_add_link(link, target));
    free(link);
    free(target);
    return status;
}
EXPORT(IoCreateSymbolicLink, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName)
{
    char *link = text_of(SymbolicLinkName);
    NTSTATUS status = link ? status_of(nt_name_remove_link(link)) : STATUS_INSUFFICIENT_RESOURCES;

    free(link);
    return status;
}
EXPORT(IoDeleteSymbolicLink, NT_PASSIVE_LEVEL);

/* Who may open a device is decided by the permissions of the socket that it is opened through. */
NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                                          PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType,
                                          ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                                          PCUNICODE_STRING DefaultSDDLString,
                                          LPCGUID DeviceClassGuid, PDEVICE_OBJECT *DeviceObject)
{
    (void)DefaultSDDLString;
    (void)DeviceClassGuid;
    return IoCreateDevice(DriverObject, DeviceExtensionSize, DeviceName, DeviceType,
                          DeviceCharacteristics, Exclusive, DeviceObject);
}
EXPORT(WdmlibIoCreateDeviceSecure, NT_PASSIVE_LEVEL);
