/*
 * device_stacks.c - Io: the devices of a driver, and what lies below one.
 */
#include "nt/device.h"
#include "nt/export.h"
#include "nt/thread.h"

#include <ntifs.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "I/O manager", NT_DISPATCH_LEVEL)

/* With a reference, NULL for the lowest. */
PDEVICE_OBJECT NTAPI IoGetLowerDeviceObject(PDEVICE_OBJECT DeviceObject)
{
    return nt_device_below(DeviceObject);
}
EXPORT(IoGetLowerDeviceObject);

/* As many as there is room for, with a reference each; the count is of all. */
NTSTATUS NTAPI IoEnumerateDeviceObjectList(PDRIVER_OBJECT DriverObject,
                                           PDEVICE_OBJECT *DeviceObjectList,
                                           ULONG DeviceObjectListSize,
                                           PULONG ActualNumberDeviceObjects)
{
    ULONG room = DeviceObjectList ? DeviceObjectListSize / sizeof(PDEVICE_OBJECT) : 0;

    *ActualNumberDeviceObjects = nt_driver_devices(DriverObject, DeviceObjectList, room);
    return *ActualNumberDeviceObjects > room ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}
EXPORT(IoEnumerateDeviceObjectList);
