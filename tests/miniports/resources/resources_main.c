/*
 * A miniport of any PCI device: it records which resources the device was given, by every way that
 * a driver has to hear of them, and does nothing with them but interrupt once.
 */
#include "resources.h"

#include <srbhelper.h>

#include "../../../miniports/common/settings.h"
#include "../../../miniports/null-physical/scratch_device.h"

#define TURN_100NS     1000
#define PATIENCE_TURNS 50000 /* of 100 us */

typedef struct _ADAPTER {
    RESOURCES_RECORD *Record;
    PUCHAR Registers; /* of the scratch device */
} ADAPTER;

static RESOURCES_LIST StartRaw, StartTranslated;
static PDRIVER_DISPATCH PortPnp;

/* ---- what the PnP manager says ---- */

static VOID Copy(RESOURCES_LIST *To, const CM_RESOURCE_LIST *From)
{
    const CM_PARTIAL_RESOURCE_LIST *List;
    ULONG Index;

    To->Count = MAXULONG;
    if (From == NULL) {
        return;
    }
    List = &From->List[0].PartialResourceList;
    To->Count = List->Count;
    for (Index = 0; Index < List->Count && Index < RESOURCES_DESCRIPTORS; Index++) {
        To->Descriptors[Index] = List->PartialDescriptors[Index];
    }
}

static NTSTATUS NTAPI WatchPnp(PDEVICE_OBJECT Device, PIRP Irp)
{
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);

    if (Location->MinorFunction == IRP_MN_START_DEVICE) {
        Copy(&StartRaw, Location->Parameters.StartDevice.AllocatedResources);
        Copy(&StartTranslated, Location->Parameters.StartDevice.AllocatedResourcesTranslated);
    }
    return PortPnp(Device, Irp);
}

/* ---- interrupts ---- */

/* The scratch device's causes, acknowledged. */
static BOOLEAN Acknowledge(ADAPTER *Adapter)
{
    PULONG Status;
    ULONG Causes;

    (VOID) StorPortGetCurrentIrql(Adapter, &Adapter->Record->InterruptIrql);
    if (Adapter->Registers == NULL) {
        return FALSE;
    }
    Status = (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS);
    Causes = StorPortReadRegisterUlong(Adapter, Status);
    StorPortWriteRegisterUlong(Adapter, Status, Causes);
    return Causes != 0;
}

static BOOLEAN NTAPI Interrupt(PVOID Extension)
{
    ADAPTER *Adapter = Extension;
    BOOLEAN Mine = Acknowledge(Adapter);

    if (Mine) {
        InterlockedIncrement(&Adapter->Record->Lines);
    }
    return Mine;
}

static BOOLEAN NTAPI Message(PVOID Extension, ULONG Id)
{
    ADAPTER *Adapter = Extension;

    (VOID) Acknowledge(Adapter);
    InterlockedExchange(&Adapter->Record->MessageProcessor[Id],
                        (LONG)KeGetCurrentProcessorNumberEx(NULL) + 1);
    InterlockedIncrement(&Adapter->Record->MessageCalls);
    return TRUE;
}

/* ---- start ---- */

static VOID ReadRanges(RESOURCES_RECORD *Record, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ULONG Index;

    for (Index = 0; Index < ConfigInfo->NumberOfAccessRanges && Index < RESOURCES_RANGES; Index++) {
        Record->Ranges[Index] = ((PACCESS_RANGE)ConfigInfo->AccessRanges)[Index];
    }
}

static BOOLEAN FindRecord(ADAPTER *Adapter)
{
    ULONG Low = 0, High = 0;

    if (!SettingReadUlong(Adapter, "RecordLow", 0, 0, MAXULONG, &Low) ||
        !SettingReadUlong(Adapter, "RecordHigh", 0, 0, MAXULONG, &High)) {
        return FALSE;
    }
    Adapter->Record = (RESOURCES_RECORD *)(ULONG_PTR)((ULONGLONG)High << 32 | Low);
    return Adapter->Record != NULL;
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                               PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                               PBOOLEAN Again)
{
    ADAPTER *Adapter = Extension;
    RESOURCES_RECORD *Record;

    UNREFERENCED_PARAMETER(ArgumentString);
    UNREFERENCED_PARAMETER(Again);
    if (!FindRecord(Adapter)) {
        return SP_RETURN_BAD_CONFIG;
    }
    Record = Adapter->Record;
    Record->HwContext = HwContext;
    Record->BusInformation = BusInformation;
    Record->Config = *ConfigInfo;
    Record->Raw = StartRaw;
    Record->Translated = StartTranslated;
    ReadRanges(Record, ConfigInfo);
    Record->ConfigLength =
        StorPortGetBusData(Adapter, PCIConfiguration, ConfigInfo->SystemIoBusNumber,
                           ConfigInfo->SlotNumber, Record->ConfigSpace, RESOURCES_CONFIG);
    if (Record->InFindAdapter != NULL) {
        Record->InFindAdapter(Adapter, ConfigInfo);
    }
    if (Record->RingsDoorbell) {
        Adapter->Registers = StorPortGetDeviceBase(
            Adapter, ConfigInfo->AdapterInterfaceType, ConfigInfo->SystemIoBusNumber,
            Record->Ranges[0].RangeStart, SCRATCH_BAR_LENGTH, FALSE);
    }
    if (Record->TakesMessages) {
        ConfigInfo->HwMSInterruptRoutine = Message;
        ConfigInfo->InterruptSynchronizationMode =
            (INTERRUPT_SYNCHRONIZATION_MODE)Record->Synchronization;
    }
    ConfigInfo->MaximumTransferLength = 0x10000;
    ConfigInfo->NumberOfPhysicalBreaks = 17;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    return SP_RETURN_FOUND;
}

static VOID Ring(ADAPTER *Adapter, ULONG Message)
{
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_DOORBELL), Message);
}

static VOID RingAll(ADAPTER *Adapter)
{
    RESOURCES_RECORD *Record = Adapter->Record;
    LARGE_INTEGER Turn;
    ULONG Message, Turns;

    Turn.QuadPart = -TURN_100NS;
    for (Message = 0; Message < Record->RingsMessages; Message++) {
        Ring(Adapter, Message);
        for (Turns = 0; Turns < PATIENCE_TURNS && Record->MessageProcessor[Message] == 0; Turns++) {
            (VOID) KeDelayExecutionThread(KernelMode, FALSE, &Turn);
        }
    }
}

static BOOLEAN NTAPI PassiveInitialize(PVOID Extension)
{
    ADAPTER *Adapter = Extension;

    if (Adapter->Registers != NULL) {
        StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_MASK),
                                   0);
        if (Adapter->Record->RingsMessages != 0) {
            RingAll(Adapter);
        } else {
            Ring(Adapter, 0);
        }
    }
    return TRUE;
}

static VOID AskLocality(ADAPTER *Adapter)
{
    RESOURCES_RECORD *Record = Adapter->Record;
    PERF_CONFIGURATION_DATA Data;
    ULONG Index, Processors = 0;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_PERF_VERSION;
    Data.Size = sizeof(Data);
    Data.Flags = Record->PerfFlags | STOR_PERF_DPC_REDIRECTION |
                 STOR_PERF_INTERRUPT_MESSAGE_RANGES | STOR_PERF_ADV_CONFIG_LOCALITY;
    Data.LastRedirectionMessageNumber = Record->MessageCount - 1;
    Data.MessageTargets = Record->Targets;
    Record->LocalityStatus = StorPortInitializePerfOpts(Adapter, FALSE, &Data);
    Record->DeviceNode = Data.DeviceNode;
    (VOID) StorPortGetProcessorCount(Adapter, &Processors);
    for (Index = 0; Index < Processors && Index < RESOURCES_PROCESSORS; Index++) {
        if (StorPortGetMessageInterruptIDFromProcessorIndex(
                Adapter, Index, &Record->MessageOf[Index]) != STOR_STATUS_SUCCESS) {
            Record->MessageOf[Index] = MAXULONG;
        }
    }
}

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    ADAPTER *Adapter = Extension;
    RESOURCES_RECORD *Record = Adapter->Record;
    ULONG Status, Index = 0;

    Record->FirstStatus = StorPortGetMSIInfo(Adapter, 0, &Record->Messages[0]);
    Status = Record->FirstStatus;
    while (Status == STOR_STATUS_SUCCESS && ++Index < RESOURCES_MESSAGES) {
        Status = StorPortGetMSIInfo(Adapter, Index, &Record->Messages[Index]);
    }
    Record->LastStatus = Status;
    Record->MessageCount = Index;
    if (Record->PerfFlags != 0) {
        AskLocality(Adapter);
    }
    return StorPortEnablePassiveInitialization(Adapter, PassiveInitialize);
}

/* ---- the rest of a driver ---- */

static BOOLEAN NTAPI StartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    SrbSetSrbStatus((PVOID)Srb, SRB_STATUS_SELECTION_TIMEOUT);
    StorPortNotification(RequestComplete, Extension, Srb);
    return TRUE;
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
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = Parameters;
    ADAPTER *Adapter = Extension;

    if (Type == ScsiQuerySupportedControlTypes) {
        List->SupportedTypeList[ScsiStopAdapter] = TRUE;
    } else if (Type == ScsiStopAdapter) {
        Adapter->Registers = NULL;
    }
    return ScsiAdapterControlSuccess;
}

/* A service whose name ends with a digit has room for so many ranges. */
static ULONG RangeCount(PUNICODE_STRING RegistryPath)
{
    WCHAR Last = RegistryPath->Buffer[RegistryPath->Length / sizeof(WCHAR) - 1];

    return Last >= L'0' && Last <= L'9' ? (ULONG)(Last - L'0') : 6;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;
    NTSTATUS Status;

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
    Data.NumberOfAccessRanges = RangeCount(RegistryPath);
    Data.NeedPhysicalAddresses = TRUE;
    Data.AutoRequestSense = TRUE;
    Data.TaggedQueuing = TRUE;
    Data.MultipleRequestPerLu = TRUE;
    Data.SrbTypeFlags = SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    Status = (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
    if (NT_SUCCESS(Status)) {
        PortPnp = DriverObject->MajorFunction[IRP_MJ_PNP];
        DriverObject->MajorFunction[IRP_MJ_PNP] = WatchPnp;
    }
    return Status;
}
