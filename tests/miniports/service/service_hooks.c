/*
 * Dispatch routines wrapped as virtual miniports do it, right after StorPortInitialize: each counts
 * and forwards, except for the plug-and-play function that the test wants refused.
 */
#include "service.h"

SERVICE_ADAPTER *ServiceOnly;
SERVICE_SHARED *ServiceSharedOnly;

static PDRIVER_DISPATCH SavedPnp, SavedPower, SavedControl, SavedCreate, SavedClose;
static PDRIVER_ADD_DEVICE SavedAddDevice;
static PDRIVER_UNLOAD SavedUnload;

static NTSTATUS NTAPI HookPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    SERVICE_SHARED *Shared = ServiceSharedOnly;
    UCHAR Minor = IoGetCurrentIrpStackLocation(Irp)->MinorFunction;

    if (Shared != NULL) {
        if (Minor < SERVICE_MINOR_COUNT) {
            InterlockedIncrement(&Shared->Pnp[Minor]);
        }
        if (Shared->RefusePnp == Minor) {
            NTSTATUS Status = (NTSTATUS)Shared->RefuseStatus;

            Irp->IoStatus.Status = Status;
            IoCompleteRequest(Irp, IO_NO_INCREMENT);
            return Status;
        }
    }
    return SavedPnp(DeviceObject, Irp);
}

static NTSTATUS NTAPI HookPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UCHAR Minor = IoGetCurrentIrpStackLocation(Irp)->MinorFunction;

    if (ServiceSharedOnly != NULL && Minor < SERVICE_MINOR_COUNT) {
        InterlockedIncrement(&ServiceSharedOnly->Power[Minor]);
        if (Minor == IRP_MN_SET_POWER) {
            ServiceSharedOnly->PowerState =
                IoGetCurrentIrpStackLocation(Irp)->Parameters.Power.State.DeviceState;
        }
    }
    return SavedPower(DeviceObject, Irp);
}

static NTSTATUS NTAPI HookControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    if (ServiceSharedOnly != NULL) {
        InterlockedIncrement(&ServiceSharedOnly->Controls);
    }
    return SavedControl(DeviceObject, Irp);
}

static NTSTATUS NTAPI HookCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    if (ServiceSharedOnly != NULL) {
        InterlockedIncrement(&ServiceSharedOnly->Created);
    }
    return SavedCreate(DeviceObject, Irp);
}

static NTSTATUS NTAPI HookClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    if (ServiceSharedOnly != NULL) {
        InterlockedIncrement(&ServiceSharedOnly->Closed);
    }
    return SavedClose(DeviceObject, Irp);
}

static NTSTATUS NTAPI HookAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDevice)
{
    if (ServiceSharedOnly != NULL) {
        InterlockedIncrement(&ServiceSharedOnly->AddDevices);
    }
    return SavedAddDevice(DriverObject, PhysicalDevice);
}

static VOID NTAPI HookUnload(PDRIVER_OBJECT DriverObject)
{
    if (ServiceSharedOnly != NULL) {
        InterlockedIncrement(&ServiceSharedOnly->Unloads);
    }
    SavedUnload(DriverObject);
}

VOID ServiceHook(PDRIVER_OBJECT DriverObject)
{
    SavedPnp = DriverObject->MajorFunction[IRP_MJ_PNP];
    SavedPower = DriverObject->MajorFunction[IRP_MJ_POWER];
    SavedControl = DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL];
    SavedCreate = DriverObject->MajorFunction[IRP_MJ_CREATE];
    SavedClose = DriverObject->MajorFunction[IRP_MJ_CLOSE];
    SavedAddDevice = DriverObject->DriverExtension->AddDevice;
    SavedUnload = DriverObject->DriverUnload;
    DriverObject->MajorFunction[IRP_MJ_PNP] = HookPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = HookPower;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = HookControl;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = HookCreate;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = HookClose;
    DriverObject->DriverExtension->AddDevice = HookAddDevice;
    DriverObject->DriverUnload = HookUnload;
}
