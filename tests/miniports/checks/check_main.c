/*
 * The module of checks as a driver: settings, start, control types, removal, and two registrations:
 * one for the scratch device, one virtual.
 */
#include "check_driver.h"

#include "../../../miniports/common/settings.h"
#include "../../../miniports/null-physical/scratch_device.h"

#define DRIVER_NAME      "checks"
#define MAXIMUM_TRANSFER (256UL * 1024UL)
#define PAGE_BYTES       4096UL
#define OUTSTANDING      32

DRIVER_INITIALIZE DriverEntry;
HW_FIND_ADAPTER CheckPhysicalFindAdapter;
VIRTUAL_HW_FIND_ADAPTER CheckVirtualFindAdapter;
HW_INITIALIZE CheckHwInitializeAdapter;
HW_PASSIVE_INITIALIZE_ROUTINE CheckHwPassiveInitialize;
HW_ADAPTER_CONTROL CheckHwAdapterControl;
HW_UNIT_CONTROL CheckHwUnitControl;
HW_FREE_ADAPTER_RESOURCES CheckHwFreeAdapterResources;
HW_PROCESS_SERVICE_REQUEST CheckHwProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP CheckHwCompleteServiceIrp;
HW_INITIALIZE_TRACING CheckHwInitializeTracing;
HW_CLEANUP_TRACING CheckHwCleanupTracing;

/* Tracing begins before there is an adapter and ends after the last. */
static struct {
    CHECK_SHARED *Shared; /* of the last adapter */
    PVOID DriverObject;
    LONG Begun;
    KIRQL Irql;
} Tracing;

/* ---- settings ---- */

/* Where results go: the two halves of an address in the test's own memory. */
static BOOLEAN ReadSettings(CHECK_ADAPTER *Adapter, ULONG *CheckIndex)
{
    ULONG Low = 0, High = 0, Model = 0, Interrupts = 0, StorageBlocks = 0;

    if (!SettingReadUlong(Adapter, "SharedLow", 0, 0, MAXULONG, &Low) ||
        !SettingReadUlong(Adapter, "SharedHigh", 0, 0, MAXULONG, &High) ||
        !SettingReadUlong(Adapter, "CheckIndex", CHECK_LIST_ONLY, 0, MAXULONG, CheckIndex) ||
        !SettingReadUlong(Adapter, "OnlyPlace", CHECK_ALL_PLACES, 0, MAXULONG,
                          &Adapter->OnlyPlace) ||
        !SettingReadUlong(Adapter, "Model", CheckFullDuplex, 0, CheckModelCount - 1, &Model) ||
        !SettingReadUlong(Adapter, "Interrupts", 0, 0, CheckLine, &Interrupts) ||
        !SettingReadUlong(Adapter, "SrbType", 1, 0, 1, &StorageBlocks)) {
        return FALSE;
    }
    Adapter->Shared = (CHECK_SHARED *)(ULONG_PTR)((ULONGLONG)High << 32 | Low);
    Adapter->Model = (CHECK_MODEL)Model;
    Adapter->Interrupts = (CHECK_INTERRUPTS)Interrupts;
    Adapter->StorageBlocks = StorageBlocks != 0;
    return Adapter->Shared != NULL;
}

/* ---- FindAdapter ---- */

static VOID Configure(CHECK_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ConfigInfo->VirtualDevice = Adapter->Model == CheckVirtual;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->MaxNumberOfIO = OUTSTANDING;
    ConfigInfo->MaxIOsPerLun = OUTSTANDING;
    ConfigInfo->InitialLunQueueDepth = OUTSTANDING;
    ConfigInfo->MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    ConfigInfo->BusResetHoldTime = 0;
    ConfigInfo->SrbType =
        Adapter->StorageBlocks ? SRB_TYPE_STORAGE_REQUEST_BLOCK : SRB_TYPE_SCSI_REQUEST_BLOCK;
    ConfigInfo->SynchronizationModel =
        Adapter->Model == CheckHalfDuplex ? StorSynchronizeHalfDuplex : StorSynchronizeFullDuplex;
    if (Adapter->Model != CheckVirtual && Adapter->Interrupts != CheckLine) {
        ConfigInfo->HwMSInterruptRoutine = CheckHwMessage;
        ConfigInfo->InterruptSynchronizationMode = Adapter->Interrupts == CheckMessagesTogether
                                                       ? InterruptSynchronizeAll
                                                       : InterruptSynchronizePerMessage;
    }
}

static BOOLEAN MapDevice(CHECK_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PACCESS_RANGE Range = (PACCESS_RANGE)ConfigInfo->AccessRanges;

    if (ConfigInfo->NumberOfAccessRanges == 0 || Range == NULL) {
        return FALSE;
    }
    Adapter->Registers = (PUCHAR)StorPortGetDeviceBase(
        Adapter, ConfigInfo->AdapterInterfaceType, ConfigInfo->SystemIoBusNumber, Range->RangeStart,
        SCRATCH_BAR_LENGTH, FALSE);
    if (Adapter->Registers == NULL) {
        return FALSE;
    }
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_MASK),
                               MAXULONG);
    return TRUE;
}

static ULONG Find(CHECK_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    CHECK_CONTEXT Context;
    ULONG CheckIndex = 0;

    if (!ReadSettings(Adapter, &CheckIndex)) {
        return SP_RETURN_BAD_CONFIG;
    }
    if (CheckIndex >= CheckCount()) {
        CheckList(Adapter->Shared);
        return SP_RETURN_NOT_FOUND;
    }
    Adapter->Row = CheckRowAt(CheckIndex);
    Adapter->Shared->Extension = Adapter;
    CheckPatience = Adapter->Shared->Patience;
    Adapter->Shared->Trigger = CheckTrigger;
    Adapter->Shared->StorageBlocks = Adapter->StorageBlocks;
    Adapter->ChangedAddress.Type = STOR_ADDRESS_TYPE_BTL8;
    Adapter->ChangedAddress.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    if (Adapter->Model != CheckVirtual && !MapDevice(Adapter, ConfigInfo)) {
        return SP_RETURN_ERROR;
    }
    Configure(Adapter, ConfigInfo);
    CheckTakeEarly(Adapter);
    Tracing.Shared = Adapter->Shared;
    Adapter->Shared->Reached[CheckInitializeTracing] = Tracing.Begun;
    Adapter->Shared->Note[CheckInitializeTracing].Irql = Tracing.Irql;
    RtlZeroMemory(&Context, sizeof(Context));
    Context.Place = CheckFindAdapter;
    Context.Configuration = ConfigInfo;
    CheckRunIn(Adapter, &Context);
    return SP_RETURN_FOUND;
}

ULONG CheckPhysicalFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                               PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                               PBOOLEAN Again)
{
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(ArgumentString);
    *Again = FALSE;
    return Find((CHECK_ADAPTER *)DeviceExtension, ConfigInfo);
}

ULONG CheckVirtualFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                              PVOID LowerDevice, PCHAR ArgumentString,
                              PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    *Again = FALSE;
    return Find((CHECK_ADAPTER *)DeviceExtension, ConfigInfo);
}

/* ---- initialization ---- */

static BOOLEAN EnableChannels(CHECK_ADAPTER *Adapter)
{
    PERF_CONFIGURATION_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_PERF_VERSION;
    Data.Size = sizeof(Data);
    if (StorPortInitializePerfOpts(Adapter, TRUE, &Data) != STOR_STATUS_SUCCESS ||
        Data.ConcurrentChannels < 2) {
        return FALSE;
    }
    /* One for each processor. */
    Data.Flags = STOR_PERF_CONCURRENT_CHANNELS;
    return StorPortInitializePerfOpts(Adapter, FALSE, &Data) == STOR_STATUS_SUCCESS;
}

BOOLEAN CheckHwInitializeAdapter(PVOID DeviceExtension)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    if (Adapter->Model == CheckChannels && !EnableChannels(Adapter)) {
        return FALSE;
    }
    if (!StorPortEnablePassiveInitialization(Adapter, CheckHwPassiveInitialize)) {
        return FALSE;
    }
    (VOID) CheckRun(Adapter, CheckHwInitialize, NULL);
    return TRUE;
}

BOOLEAN CheckHwPassiveInitialize(PVOID DeviceExtension)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    StorPortInitializeDpc(Adapter, &Adapter->Dpc, CheckHwDpc);
    StorPortInitializeDpc(Adapter, &Adapter->SpareDpc, CheckHwSpareDpc);
    if (StorPortInitializeTimer(Adapter, &Adapter->TimerHandle) != STOR_STATUS_SUCCESS ||
        StorPortInitializeWorker(Adapter, &Adapter->Worker) != STOR_STATUS_SUCCESS) {
        return FALSE;
    }
    if (Adapter->Registers != NULL) {
        StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS),
                                   MAXULONG);
        StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_MASK),
                                   0);
    }
    (VOID) CheckRun(Adapter, CheckPassiveInitialize, NULL);
    return TRUE;
}

/* ---- control types ---- */

static VOID Stop(CHECK_ADAPTER *Adapter)
{
    (VOID) CheckRun(Adapter, CheckStopAdapter, NULL);
    if (Adapter->Registers != NULL) {
        StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_MASK),
                                   MAXULONG);
    }
    if (Adapter->TimerHandle != NULL) { /* the first stop: nothing leads to places any more */
        (VOID) StorPortFreeTimer(Adapter, Adapter->TimerHandle);
        (VOID) StorPortFreeWorker(Adapter, Adapter->Worker);
        Adapter->TimerHandle = Adapter->Worker = NULL;
    }
}

SCSI_ADAPTER_CONTROL_STATUS
CheckHwAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType,
                      PVOID Parameters)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;

    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        List->SupportedTypeList[ScsiStopAdapter] = TRUE;
        List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
        List->SupportedTypeList[ScsiSetRunningConfig] = TRUE;
        (VOID) CheckRun(Adapter, CheckQueryControls, NULL);
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        Stop(Adapter);
        return ScsiAdapterControlSuccess;
    case ScsiSetRunningConfig:
        (VOID) CheckRun(Adapter, CheckRunningConfig, NULL);
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        (VOID) CheckRun(Adapter, CheckRestartAdapter, NULL);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

SCSI_UNIT_CONTROL_STATUS
CheckHwUnitControl(PVOID DeviceExtension, SCSI_UNIT_CONTROL_TYPE ControlType, PVOID Parameters)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;

    switch (ControlType) {
    case ScsiQuerySupportedUnitControlTypes:
        List->SupportedTypeList[ScsiUnitStart] = TRUE;
        List->SupportedTypeList[ScsiUnitRemove] = TRUE;
        return ScsiUnitControlSuccess;
    case ScsiUnitStart:
        (VOID) CheckRun(Adapter, CheckUnitStart, NULL);
        return ScsiUnitControlSuccess;
    case ScsiUnitRemove:
        (VOID) CheckRun(Adapter, CheckUnitRemove, NULL);
        return ScsiUnitControlSuccess;
    default:
        return ScsiUnitControlUnsuccessful;
    }
}

/* ---- a virtual adapter's own ---- */

VOID CheckHwFreeAdapterResources(PVOID DeviceExtension)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    if (Adapter->Row != NULL) {
        (VOID) CheckRun(Adapter, CheckFreeResources, NULL);
    }
}

VOID CheckHwCompleteServiceIrp(PVOID DeviceExtension)
{
    (VOID) CheckRun((CHECK_ADAPTER *)DeviceExtension, CheckCompleteServiceIrp, NULL);
}

VOID CheckHwProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    CHECK_CONTEXT Context;

    RtlZeroMemory(&Context, sizeof(Context));
    Context.Place = CheckServiceRequest;
    Context.Irp = (PIRP)Irp;
    CheckRunIn((CHECK_ADAPTER *)DeviceExtension, &Context);
    if (!Context.Taken) {
        Context.Irp->IoStatus.Status = STATUS_SUCCESS;
        Context.Irp->IoStatus.Information = 0;
        (VOID) StorPortCompleteServiceIrp(DeviceExtension, Context.Irp);
    }
}

VOID CheckHwInitializeTracing(PVOID Arg1, PVOID Arg2)
{
    Tracing.Begun += Arg2 != NULL;
    Tracing.DriverObject = Arg1;
    Tracing.Irql = KeGetCurrentIrql();
}

VOID CheckHwCleanupTracing(PVOID Arg1)
{
    if (Tracing.Shared != NULL) {
        Tracing.Shared->Reached[CheckCleanupTracing] = Arg1 == Tracing.DriverObject;
        Tracing.Shared->Note[CheckCleanupTracing].Irql = KeGetCurrentIrql();
    }
}

/* ---- loading ---- */

static VOID FillCommon(HW_INITIALIZATION_DATA *Data)
{
    RtlZeroMemory(Data, sizeof(*Data));
    Data->HwInitializationDataSize = sizeof(*Data);
    Data->HwInitialize = CheckHwInitializeAdapter;
    Data->HwStartIo = CheckHwStartIo;
    Data->HwResetBus = CheckHwResetBus;
    Data->HwAdapterControl = CheckHwAdapterControl;
    Data->HwUnitControl = CheckHwUnitControl;
    Data->DeviceExtensionSize = sizeof(CHECK_ADAPTER);
    Data->SrbExtensionSize = sizeof(CHECK_REQUEST);
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

    CheckRunEarly(DriverObject, RegistryPath);
    FillCommon(&Data);
    Data.AdapterInterfaceType = PCIBus;
    Data.HwFindAdapter = (PVOID)CheckPhysicalFindAdapter;
    Data.HwBuildIo = CheckHwBuildIo;
    Data.HwInterrupt = CheckHwInterrupt;
    Data.NumberOfAccessRanges = 6;
    Status = (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
    if (Status < 0) {
        return Status;
    }
    FillCommon(&Data);
    Data.AdapterInterfaceType = Internal;
    Data.HwFindAdapter = (PVOID)CheckVirtualFindAdapter;
    Data.HwFreeAdapterResources = CheckHwFreeAdapterResources;
    Data.HwProcessServiceRequest = CheckHwProcessServiceRequest;
    Data.HwCompleteServiceIrp = CheckHwCompleteServiceIrp;
    Data.HwInitializeTracing = CheckHwInitializeTracing;
    Data.HwCleanupTracing = CheckHwCleanupTracing;
    Data.PortVersionFlags = SP_VER_TRACE_SUPPORT;
    Data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
