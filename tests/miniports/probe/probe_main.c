/*
 * The probe as a driver: settings, start, control types, removal, and two registrations: one for
 * the scratch device, one virtual.
 */
#include "probe.h"

#include <srbhelper.h>

#include "../../../miniports/common/settings.h"
#include "../../../miniports/null-physical/scratch_device.h"

#define MAXIMUM_TRANSFER (256UL * 1024UL)
#define PAGE_BYTES       4096UL
#define FILTER_SERVICE   L'F' /* the end of the name of a service that filters its resources */
#define OLD_SERVICE      L'O' /* of one that knows no controls */
#define DEFAULT_CONTROLS                                                                           \
    (1UL << ScsiStopAdapter | 1UL << ScsiRestartAdapter | 1UL << ScsiAdapterPrepareForBusReScan)

DRIVER_INITIALIZE DriverEntry;
HW_FIND_ADAPTER ProbePhysicalFindAdapter;
VIRTUAL_HW_FIND_ADAPTER ProbeVirtualFindAdapter;
HW_INITIALIZE ProbeHwInitialize;
HW_PASSIVE_INITIALIZE_ROUTINE ProbeHwPassiveInitialize;
HW_FREE_ADAPTER_RESOURCES ProbeHwFreeAdapterResources;
HW_PROCESS_SERVICE_REQUEST ProbeHwProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP ProbeHwCompleteServiceIrp;

static PROBE_SHARED Own; /* for a host that gives no memory of its own */

/* ---- settings ---- */

/* Where the rows go: the two halves of an address in the test's own memory. */
static BOOLEAN FindShared(PROBE_ADAPTER *Adapter)
{
    ULONG Low = 0, High = 0;

    if (!SettingReadUlong(Adapter, "SharedLow", 0, 0, MAXULONG, &Low) ||
        !SettingReadUlong(Adapter, "SharedHigh", 0, 0, MAXULONG, &High)) {
        return FALSE;
    }
    Adapter->Shared = (PROBE_SHARED *)(ULONG_PTR)((ULONGLONG)High << 32 | Low);
    if (Adapter->Shared == NULL) {
        Own.PresentUnits = 1;
        Adapter->Shared = &Own;
    }
    return TRUE;
}

static BOOLEAN ReadSettings(PROBE_ADAPTER *Adapter)
{
    const struct {
        const CHAR *Name;
        ULONG Default, Minimum, Maximum;
        ULONG *Value;
    } Settings[] = {
        {"Duplex", 1, 0, 2, &Adapter->Duplex},
        {"MessageMode", MESSAGE_SINGLE, MESSAGE_NONE, MESSAGE_SINGLE, &Adapter->MessageMode},
        {"SrbType", 1, 0, 1, &Adapter->StorageBlocks},
        {"MaximumIo", 200, 1, 100000, &Adapter->MaximumIo},
        {"UnitIo", 200, 1, 255, &Adapter->UnitIo},
        {"Depth", 200, 1, 255, &Adapter->Depth},
        {"Units", 1, 1, 255, &Adapter->Units},
        {"MapBuffers", STOR_MAP_NON_READ_WRITE_BUFFERS, 0, 3, &Adapter->MapBuffers},
        {"ResetTier", 1, 1, RESET_NONE, &Adapter->ResetTier},
        {"ResetLeaves", 0, 0, 100, &Adapter->ResetLeaves},
        {"AbortMode", 0, 0, 2, &Adapter->AbortMode},
        {"UnitControls", 0, 0, MAXULONG, &Adapter->UnitControls},
        {"UpdateIo", 0, 0, 1000, &Adapter->UpdateIo},
        {"UpdateUnitIo", 0, 0, 1000, &Adapter->UpdateUnitIo},
        {"AdapterBusType", 0, 0, 255, &Adapter->AdapterBusType},
        {"FeatureList", 0, 0, 1, &Adapter->FeatureList},
        {"Features", 0, 0, MAXULONG, &Adapter->Features},
        {"AdapterControls", DEFAULT_CONTROLS, 0, MAXULONG, &Adapter->AdapterControls},
        {"Channels", 2, 1, 32, &Adapter->Channels},
        {"MessageRange", 0, 0, MESSAGES_MAX, &Adapter->MessageRange},
        {"CachesData", 0, 0, 1, &Adapter->CachesData},
        {"PassiveInitialize", 1, 0, 1, &Adapter->PassiveInitialize},
        {"PassiveFails", 0, 0, 1, &Adapter->PassiveFails},
        {"BusResetHold", 0, 0, MAXULONG, &Adapter->BusResetHold},
        {"BadConfiguration", 0, 0, 1, &Adapter->BadConfiguration},
        {"RefuseSystemFunctions", 0, 0, 2, &Adapter->RefuseSystemFunctions},
        {"KeepBreaks", 0, 0, 1, &Adapter->KeepBreaks},
        {"KeepRegisters", 0, 0, 1, &Adapter->KeepRegisters},
        {"AlignmentMask", 0, 0, MAXULONG, &Adapter->AlignmentMask},
        {"Dma64", 0, 0, 255, &Adapter->Dma64},
        {"DmaWidth", 0, 0, 255, &Adapter->DmaWidth},
        {"Breaks", 0, 0, MAXULONG, &Adapter->Breaks},
        {"NoList", 0, 0, 1, &Adapter->NoList},
        {"DelayScatterGather", 0, 0, 1, &Adapter->DelayedLists},
        {"MaximumTransfer", MAXIMUM_TRANSFER, PAGE_BYTES, MAXIMUM_TRANSFER,
         &Adapter->MaximumTransfer},
        {"UncachedBytes", 0, 0, MAXULONG, &Adapter->UncachedBytes},
        {"Power", 0, 0, 3, &Adapter->Power},
        {"PowerVersion", 3, 1, 3, &Adapter->PowerVersion},
        {"PowerStates", 1, 1, 8, &Adapter->PowerStates},
        {"UnitPowerStates", 1, 1, 2, &Adapter->UnitPowerStates},
        {"PowerLatency", 0, 0, MAXULONG, &Adapter->PowerLatency},
        {"PowerResidency", 0, 0, MAXULONG, &Adapter->PowerResidency},
        {"PowerFlags", 0, 0, MAXULONG, &Adapter->PowerFlags},
        {"PowerTimeout", 0, 0, MAXULONG, &Adapter->PowerTimeout},
        {"PowerPeriod", 0, 0, MAXULONG, &Adapter->PowerPeriod},
        {"PowerDeepest", MAXULONG, 0, MAXULONG, &Adapter->PowerDeepest},
        {"PowerPerfStates", 0, 0, 8, &Adapter->PowerPerfStates},
    };
    ULONG Index;

    for (Index = 0; Index < sizeof(Settings) / sizeof(Settings[0]); Index++) {
        if (!SettingReadUlong(Adapter, Settings[Index].Name, Settings[Index].Default,
                              Settings[Index].Minimum, Settings[Index].Maximum,
                              Settings[Index].Value)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- FindAdapter ---- */

static VOID Configure(PROBE_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ConfigInfo->VirtualDevice = Adapter->Virtual;
    ConfigInfo->MaximumTransferLength = Adapter->MaximumTransfer;
    if (!Adapter->KeepBreaks) {
        ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    }
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = (UCHAR)Adapter->Units;
    ConfigInfo->MaxNumberOfIO = Adapter->MaximumIo;
    ConfigInfo->MaxIOsPerLun = Adapter->UnitIo;
    ConfigInfo->InitialLunQueueDepth = Adapter->Depth;
    ConfigInfo->MapBuffers = (UCHAR)Adapter->MapBuffers;
    ConfigInfo->CachesData = Adapter->CachesData != 0;
    ConfigInfo->BusResetHoldTime = Adapter->BusResetHold;
    ConfigInfo->SrbType =
        Adapter->StorageBlocks ? SRB_TYPE_STORAGE_REQUEST_BLOCK : SRB_TYPE_SCSI_REQUEST_BLOCK;
    ConfigInfo->SynchronizationModel =
        Adapter->Duplex == 0 ? StorSynchronizeHalfDuplex : StorSynchronizeFullDuplex;
    if (Adapter->BadConfiguration) {
        ConfigInfo->NumberOfPhysicalBreaks = 0;
    }
    ConfigInfo->FeatureSupport |= Adapter->Features;
    if (Adapter->AbortMode != 0) {
        ConfigInfo->FeatureSupport |= STOR_ADAPTER_FEATURE_ABORT_COMMAND;
    }
    if (!Adapter->Virtual && Adapter->MessageMode != MESSAGE_NONE) {
        ConfigInfo->HwMSInterruptRoutine = ProbeHwMessage;
        ConfigInfo->InterruptSynchronizationMode = Adapter->MessageMode == MESSAGE_ALL
                                                       ? InterruptSynchronizeAll
                                                       : InterruptSynchronizePerMessage;
    }
}

static ULONG MapDevice(PROBE_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PACCESS_RANGE Range = (PACCESS_RANGE)ConfigInfo->AccessRanges;

    if (ConfigInfo->NumberOfAccessRanges == 0 || Range == NULL) {
        return SP_RETURN_NOT_FOUND;
    }
    if (!Adapter->KeepRegisters || Adapter->Registers == NULL) {
        Adapter->Registers = (PUCHAR)StorPortGetDeviceBase(
            Adapter, ConfigInfo->AdapterInterfaceType, ConfigInfo->SystemIoBusNumber,
            Range->RangeStart, SCRATCH_BAR_LENGTH, FALSE);
    }
    (VOID) StorPortGetBusData(Adapter, PCIConfiguration, ConfigInfo->SystemIoBusNumber,
                              ConfigInfo->SlotNumber, Adapter->Shared->Config,
                              sizeof(Adapter->Shared->Config));
    Adapter->Shared->Registers = Adapter->Registers;
    if (Adapter->Registers == NULL) {
        return SP_RETURN_ERROR;
    }
    if (ProbeRead(Adapter, SCRATCH_ID) != SCRATCH_ID_VALUE) {
        StorPortFreeDeviceBase(Adapter, Adapter->Registers);
        Adapter->Registers = NULL;
        return SP_RETURN_NOT_FOUND;
    }
    ProbeWrite(Adapter, SCRATCH_INTERRUPT_MASK, MAXULONG);
    return SP_RETURN_FOUND;
}

/* All features, and power settings with this number for an identity. */
static VOID Announce(PROBE_ADAPTER *Adapter)
{
    BOOLEAN Features[StorportFeatureMax];
    GUID Setting;

    if (Adapter->AdapterBusType != 0) {
        (VOID) StorPortSetAdapterBusType(Adapter, Adapter->AdapterBusType);
    }
    if (!Adapter->FeatureList) {
        return;
    }
    RtlFillMemory(Features, sizeof(Features), TRUE);
    RtlFillMemory(&Setting, sizeof(Setting), PROBE_POWER_SETTING);
    if (StorPortSetFeatureList(Adapter, StorportFeatureMax, Features) != STOR_STATUS_SUCCESS ||
        StorPortSetPowerSettingNotificationGuids(Adapter, 1, &Setting) != STOR_STATUS_SUCCESS) {
        InterlockedIncrement(&Adapter->Shared->ListComplaints);
    }
}

static ULONG Find(PROBE_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ULONG Result = SP_RETURN_FOUND;
    KIRQL Irql = PASSIVE_LEVEL;

    /* At DISPATCH_LEVEL the registry is out of reach, and what was read before still holds. */
    (VOID) StorPortGetCurrentIrql(Adapter, &Irql);
    if (Irql == PASSIVE_LEVEL && (!FindShared(Adapter) || !ReadSettings(Adapter))) {
        return SP_RETURN_BAD_CONFIG;
    }
    (VOID) ProbeEnter(Adapter, ProbeFindAdapter, NULL, (ULONG)ConfigInfo->InterruptMode);
    RtlCopyMemory(&Adapter->Shared->Prefill, ConfigInfo, ConfigInfo->Length);
    Announce(Adapter);
    if (!Adapter->Virtual) {
        Result = MapDevice(Adapter, ConfigInfo);
    }
    Configure(Adapter, ConfigInfo);
    ProbeConfigureDma(Adapter, ConfigInfo);
    if (Adapter->Shared->FindResult != 0) {
        Result = Adapter->Shared->FindResult - 1;
    }
    if (Adapter->Filtered != 0) {
        ProbeNote(Adapter, ProbeAdapterControl + ProbeLeave, NULL,
                  ScsiAdapterFilterResourceRequirements, Adapter->Filtered - 1);
    }
    ProbeExit(Adapter, ProbeFindAdapter, NULL, ++Adapter->Starts, Result);
    return Result;
}

ULONG ProbePhysicalFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                               PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                               PBOOLEAN Again)
{
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(ArgumentString);
    *Again = FALSE;
    return Find((PROBE_ADAPTER *)DeviceExtension, ConfigInfo);
}

ULONG ProbeVirtualFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                              PVOID LowerDevice, PCHAR ArgumentString,
                              PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    Adapter->Virtual = TRUE;
    *Again = FALSE;
    return Find(Adapter, ConfigInfo);
}

/* ---- initialization ---- */

static ULONG EnableOptions(PROBE_ADAPTER *Adapter)
{
    PERF_CONFIGURATION_DATA Data;
    ULONG Status;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_PERF_VERSION;
    Data.Size = sizeof(Data);
    Status = StorPortInitializePerfOpts(Adapter, TRUE, &Data);
    if (Status != STOR_STATUS_SUCCESS) {
        return Status;
    }
    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_PERF_VERSION;
    Data.Size = sizeof(Data);
    Data.Flags = Adapter->NoList ? STOR_PERF_NO_SGL : STOR_PERF_CONCURRENT_CHANNELS;
    Data.ConcurrentChannels = Adapter->Channels;
    if (Adapter->MessageRange) {
        Data.Flags |= STOR_PERF_DPC_REDIRECTION | STOR_PERF_INTERRUPT_MESSAGE_RANGES;
        Data.FirstRedirectionMessageNumber = 1;
        Data.LastRedirectionMessageNumber = Adapter->MessageRange;
    }
    return StorPortInitializePerfOpts(Adapter, FALSE, &Data);
}

/* Asked for in every mode: where it is not lawful it must be refused. */
BOOLEAN ProbeHwInitialize(PVOID DeviceExtension)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    ULONG Result = 0;

    (VOID) ProbeEnter(Adapter, ProbeInitialize, NULL, 0);
    if (Adapter->Duplex != 1 || Adapter->NoList) {
        Result = EnableOptions(Adapter);
    }
    if (Adapter->UpdateUnitIo != 0) {
        (VOID) StorPortUpdatePortConfigMaxIOInfo(Adapter, Adapter->UpdateIo, Adapter->UpdateUnitIo);
    } else if (Adapter->UpdateIo != 0) {
        (VOID) StorPortUpdateAdapterMaxIO(Adapter, Adapter->UpdateIo);
    }
    if (Adapter->PassiveInitialize) {
        (VOID) StorPortEnablePassiveInitialization(Adapter, ProbeHwPassiveInitialize);
    }
    ProbeExit(Adapter, ProbeInitialize, NULL, 0, Result);
    return Adapter->Shared->InitializeFails == 0;
}

BOOLEAN ProbeHwPassiveInitialize(PVOID DeviceExtension)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbePassiveInitialize, NULL, 0);
    StorPortInitializeDpc(Adapter, &Adapter->Dpc, ProbeHwDpc);
    StorPortInitializeDpc(Adapter, &Adapter->IdleDpc, ProbeHwIdleDpc);
    if ((Adapter->TimerHandle == NULL &&
         StorPortInitializeTimer(Adapter, &Adapter->TimerHandle) != STOR_STATUS_SUCCESS) ||
        (Adapter->Worker == NULL &&
         StorPortInitializeWorker(Adapter, &Adapter->Worker) != STOR_STATUS_SUCCESS)) {
        return FALSE;
    }
    ProbeEnableInterrupts(Adapter);
    ProbeRegisterAdapterPower(Adapter);
    ProbeExit(Adapter, ProbePassiveInitialize, NULL, 0, !Adapter->PassiveFails);
    return !Adapter->PassiveFails;
}

/* ---- removal of a virtual adapter ---- */

VOID ProbeHwFreeAdapterResources(PVOID DeviceExtension)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbeFreeAdapterResources, NULL, 0);
    ProbeExit(Adapter, ProbeFreeAdapterResources, NULL, 0, 0);
}

VOID ProbeHwCompleteServiceIrp(PVOID DeviceExtension)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbeCompleteServiceIrp, NULL, 0);
    ProbeExit(Adapter, ProbeCompleteServiceIrp, NULL, 0, 0);
}

VOID ProbeHwProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    PIRP ServiceIrp = (PIRP)Irp;

    ServiceIrp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    ServiceIrp->IoStatus.Information = 0;
    (VOID) StorPortCompleteServiceIrp(DeviceExtension, ServiceIrp);
}

/* ---- loading ---- */

/* Rubbish above the byte that a BOOLEAN is: nobody may look at it. */
#define RUBBISH 0xA5A5A500UL

static ULONG BuildIoWithRubbish(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    return RUBBISH | ProbeHwBuildIo(DeviceExtension, Srb);
}

static ULONG StartIoWithRubbish(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    return RUBBISH | ProbeHwStartIo(DeviceExtension, Srb);
}

static VOID FillCommon(HW_INITIALIZATION_DATA *Data)
{
    RtlZeroMemory(Data, sizeof(*Data));
    Data->HwInitializationDataSize = sizeof(*Data);
    Data->HwInitialize = ProbeHwInitialize;
    Data->HwBuildIo = (PVOID)BuildIoWithRubbish; /* a virtual adapter's must never be called */
    Data->HwStartIo = (PVOID)StartIoWithRubbish;
    Data->HwResetBus = ProbeHwResetBus;
    Data->HwAdapterControl = ProbeHwAdapterControl;
    Data->HwUnitControl = ProbeHwUnitControl;
    Data->DeviceExtensionSize = sizeof(PROBE_ADAPTER);
    Data->SrbExtensionSize = sizeof(PROBE_REQUEST);
    Data->SpecificLuExtensionSize = 64;
    Data->MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    Data->NeedPhysicalAddresses = TRUE;
    Data->TaggedQueuing = TRUE;
    Data->AutoRequestSense = TRUE;
    Data->MultipleRequestPerLu = TRUE;
    Data->SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK | SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Data->AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;
    NTSTATUS Status;
    WCHAR Kind;

    FillCommon(&Data);
    Data.AdapterInterfaceType = PCIBus;
    Data.HwFindAdapter = (PVOID)ProbePhysicalFindAdapter;
    Data.HwInterrupt = ProbeHwInterrupt;
    Data.NumberOfAccessRanges = 1;
    Kind = RegistryPath->Buffer[RegistryPath->Length / sizeof(WCHAR) - 1];
    if (Kind == OLD_SERVICE) {
        Data.HwAdapterControl = NULL;
        Data.HwUnitControl = NULL;
    }
    if (Kind == FILTER_SERVICE) {
        Data.FeatureSupport = STOR_FEATURE_ADAPTER_CONTROL_PRE_FINDADAPTER;
    }
    Status = (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
    if (Status < 0) {
        return Status;
    }
    FillCommon(&Data);
    Data.AdapterInterfaceType = Internal;
    Data.HwFindAdapter = (PVOID)ProbeVirtualFindAdapter;
    Data.HwFreeAdapterResources = ProbeHwFreeAdapterResources;
    Data.HwProcessServiceRequest = ProbeHwProcessServiceRequest;
    Data.HwCompleteServiceIrp = ProbeHwCompleteServiceIrp;
    Data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT | STOR_FEATURE_EXTRA_IO_INFORMATION;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
