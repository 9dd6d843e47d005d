/*
 * waits_for_ever.c - a driver of any PCI device that polls a register for as long as it reads
 * all-ones, without a limit: in HwInitialize when it finds "initialize" as its parameter, else in
 * FindAdapter.
 */
#include <ntddk.h>
#include <storport.h>

#include <string.h>

typedef struct _ADAPTER {
    volatile ULONG *Status;
    BOOLEAN WaitsLater;
} ADAPTER;

static VOID Wait(ADAPTER *Adapter)
{
    while (StorPortReadRegisterUlong(Adapter, (PULONG)Adapter->Status) == MAXULONG) {
        StorPortStallExecution(100);
    }
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                               PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                               PBOOLEAN Again)
{
    ADAPTER *Adapter = Extension;
    PACCESS_RANGE Range = (PACCESS_RANGE)ConfigInfo->AccessRanges;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(Again);
    Adapter->Status =
        StorPortGetDeviceBase(Extension, ConfigInfo->AdapterInterfaceType,
                              ConfigInfo->SystemIoBusNumber, Range->RangeStart, 0x100, FALSE);
    if (Adapter->Status == NULL) {
        return SP_RETURN_ERROR;
    }
    Adapter->WaitsLater = strcmp(ArgumentString, "initialize") == 0;
    if (!Adapter->WaitsLater) {
        Wait(Adapter);
    }
    ConfigInfo->MaximumTransferLength = 0x10000;
    ConfigInfo->NumberOfPhysicalBreaks = 17;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    return SP_RETURN_FOUND;
}

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    ADAPTER *Adapter = Extension;

    if (Adapter->WaitsLater) {
        Wait(Adapter);
    }
    return TRUE;
}

static BOOLEAN NTAPI StartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    Srb->SrbStatus = SRB_STATUS_SELECTION_TIMEOUT;
    StorPortNotification(RequestComplete, Extension, Srb);
    return TRUE;
}

static BOOLEAN NTAPI Interrupt(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
    return FALSE;
}

static BOOLEAN NTAPI ResetBus(PVOID Extension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(Extension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE;
}

static SCSI_ADAPTER_CONTROL_STATUS NTAPI AdapterControl(PVOID Extension,
                                                        SCSI_ADAPTER_CONTROL_TYPE Type,
                                                        PVOID Parameters)
{
    UNREFERENCED_PARAMETER(Extension);
    UNREFERENCED_PARAMETER(Type);
    UNREFERENCED_PARAMETER(Parameters);
    return ScsiAdapterControlSuccess;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.HwInitializationDataSize = sizeof(Data);
    Data.AdapterInterfaceType = PCIBus;
    Data.HwInitialize = Initialize;
    Data.HwStartIo = StartIo;
    Data.HwInterrupt = Interrupt;
    Data.HwFindAdapter = (PVOID)FindAdapter;
    Data.HwResetBus = ResetBus;
    Data.HwAdapterControl = AdapterControl;
    Data.DeviceExtensionSize = sizeof(ADAPTER);
    Data.NumberOfAccessRanges = 1;
    Data.NeedPhysicalAddresses = TRUE;
    Data.AutoRequestSense = TRUE;
    Data.TaggedQueuing = TRUE;
    Data.MultipleRequestPerLu = TRUE;
    return StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
