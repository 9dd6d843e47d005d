/*
 * The service driver: loading, start, removal. It has no unit: every request to one fails.
 */
#include "../virtual_miniport.h"
#include "service.h"

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER ServiceFindAdapter;
HW_INITIALIZE ServiceInitialize;
HW_STARTIO ServiceStartIo;
HW_RESET_BUS ServiceResetBus;
HW_ADAPTER_CONTROL ServiceAdapterControl;
HW_FREE_ADAPTER_RESOURCES ServiceFreeAdapterResources;

/* A value of the driver's own Parameters key. */
static ULONG ReadParameter(PUNICODE_STRING RegistryPath, PCWSTR Name)
{
    UCHAR Room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
    PKEY_VALUE_PARTIAL_INFORMATION Value = (PKEY_VALUE_PARTIAL_INFORMATION)Room;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING SubKey, ValueName;
    HANDLE Service, Parameters;
    ULONG Length, Number = 0;

    InitializeObjectAttributes(&Attributes, RegistryPath, OBJ_KERNEL_HANDLE, NULL, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&Service, KEY_READ, &Attributes))) {
        return 0;
    }
    RtlInitUnicodeString(&SubKey, L"Parameters");
    InitializeObjectAttributes(&Attributes, &SubKey, OBJ_KERNEL_HANDLE, Service, NULL);
    if (NT_SUCCESS(ZwOpenKey(&Parameters, KEY_READ, &Attributes))) {
        RtlInitUnicodeString(&ValueName, Name);
        if (NT_SUCCESS(ZwQueryValueKey(Parameters, &ValueName, KeyValuePartialInformation, Value,
                                       sizeof(Room), &Length)) &&
            Value->Type == REG_DWORD) {
            Number = *(ULONG UNALIGNED *)Value->Data;
        }
        ZwClose(Parameters);
    }
    ZwClose(Service);
    return Number;
}

ULONG ServiceFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                         PVOID LowerDevice, PCHAR ArgumentString,
                         PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    SERVICE_ADAPTER *Adapter = (SERVICE_ADAPTER *)DeviceExtension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    Adapter->DeviceObject = (PDEVICE_OBJECT)BusInformation;
    /* The extension outlives a stop, and so do requests that pend and the worker. */
    if (Adapter->Shared == NULL) {
        Adapter->Shared = ServiceSharedOnly;
        KeInitializeSpinLock(&Adapter->Lock);
        InitializeListHead(&Adapter->Pending);
        InitializeListHead(&Adapter->Work);
        KeInitializeSemaphore(&Adapter->WorkCount, 0, MAXLONG);
    }
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = 65536;
    ConfigInfo->NumberOfPhysicalBreaks = 17;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

BOOLEAN ServiceInitialize(PVOID DeviceExtension)
{
    SERVICE_ADAPTER *Adapter = (SERVICE_ADAPTER *)DeviceExtension;

    ServiceOnly = Adapter;
    return (BOOLEAN)(Adapter->Worker != NULL || NT_SUCCESS(ServiceStartWorker(Adapter)));
}

BOOLEAN ServiceStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    Srb->SrbStatus = Srb->Function == SRB_FUNCTION_PNP || Srb->Function == SRB_FUNCTION_POWER
                         ? SRB_STATUS_SUCCESS
                         : SRB_STATUS_SELECTION_TIMEOUT;
    StorPortNotification(RequestComplete, DeviceExtension, Srb);
    return TRUE;
}

BOOLEAN ServiceResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE;
}

SCSI_ADAPTER_CONTROL_STATUS ServiceAdapterControl(PVOID DeviceExtension,
                                                  SCSI_ADAPTER_CONTROL_TYPE ControlType,
                                                  PVOID Parameters)
{
    SERVICE_ADAPTER *Adapter = (SERVICE_ADAPTER *)DeviceExtension;

    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        ((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters)->SupportedTypeList[ScsiStopAdapter] = TRUE;
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        Adapter->Shared->InsideAtStop = Adapter->Shared->Inside;
        InterlockedIncrement(&Adapter->Shared->Stops);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

VOID ServiceFreeAdapterResources(PVOID DeviceExtension)
{
    ServiceStopWorker((SERVICE_ADAPTER *)DeviceExtension);
    ServiceOnly = NULL;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;
    ULONGLONG Shared;
    NTSTATUS Status;

    Shared = (ULONGLONG)ReadParameter(RegistryPath, L"SharedHigh") << 32 |
             ReadParameter(RegistryPath, L"SharedLow");
    ServiceSharedOnly = (SERVICE_SHARED *)(ULONG_PTR)Shared;
    VirtualMiniportDescribe(&Data);
    Data.HwFindAdapter = (PVOID)ServiceFindAdapter;
    Data.HwInitialize = ServiceInitialize;
    Data.HwStartIo = ServiceStartIo;
    Data.HwResetBus = ServiceResetBus;
    Data.HwAdapterControl = ServiceAdapterControl;
    Data.HwFreeAdapterResources = ServiceFreeAdapterResources;
    if (ReadParameter(RegistryPath, L"NoService") == 0) {
        Data.HwProcessServiceRequest = ServiceProcessServiceRequest;
        Data.HwCompleteServiceIrp = ServiceCompleteServiceIrp;
    }
    Data.DeviceExtensionSize = sizeof(SERVICE_ADAPTER);
    Data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK;
    Status = (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
    if (NT_SUCCESS(Status)) {
        ServiceHook(DriverObject);
    }
    return Status;
}
