/*
 * hears.c - a virtual miniport with one disk that takes everything that the platform tells of
 * power, and says what it was. Its parameter names a place that it does not come back from: stop,
 * setting, unit, reset or remove. Nothing is stored.
 */
#include <ntddk.h>
#include <storport.h>

#include <srbhelper.h>

#include "../../miniports/common/scsi_disk.h"
#include "../miniports/virtual_miniport.h"

#include <string.h>

#define BLOCK_SIZE       512UL
#define BLOCK_COUNT      2048UL
#define MAXIMUM_TRANSFER 65536UL
#define PAGE_BYTES       4096UL
#define PERF_STATES      3
#define AWAKE_MS         600000UL

typedef struct _ADAPTER {
    SCSI_DISK Disk;
    CHAR Place[16];
    ULONG State; /* of performance */
} ADAPTER;

typedef struct _POWER_DEVICE {
    STOR_POFX_DEVICE_V3 Device;
    STOR_POFX_COMPONENT_IDLE_STATE More[1];
} POWER_DEVICE;

/* {02731015-4510-4526-99E6-E5A17EBD1AEA} */
static const GUID Setting = {
    0x02731015, 0x4510, 0x4526, {0x99, 0xE6, 0xE5, 0xA1, 0x7E, 0xBD, 0x1A, 0xEA}};
static const ULONGLONG Milliwatts[PERF_STATES] = {9000, 5000, 2000};

static VOID MayStay(const ADAPTER *Adapter, const CHAR *Place)
{
    while (strcmp(Adapter->Place, Place) == 0) {
        StorPortStallExecution(1000);
    }
}

/* ---- registration ---- */

static VOID FillState(PSTOR_POFX_COMPONENT_IDLE_STATE State, ULONGLONG Latency, ULONGLONG Residency)
{
    State->Version = STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1;
    State->Size = STOR_POFX_COMPONENT_IDLE_STATE_SIZE;
    State->TransitionLatency = Latency;
    State->ResidencyRequirement = Residency;
    State->NominalPower = STOR_POFX_UNKNOWN_POWER;
}

static VOID Register(ADAPTER *Adapter, PSTOR_ADDRESS Address, const GUID *Id)
{
    POWER_DEVICE Power;
    PSTOR_POFX_COMPONENT Component = &Power.Device.Components[0];
    BOOLEAN Cold = FALSE;

    RtlZeroMemory(&Power, sizeof(Power));
    Power.Device.Version = STOR_POFX_DEVICE_VERSION_V3;
    Power.Device.Size = (ULONG)STOR_POFX_DEVICE_V3_SIZE;
    Power.Device.ComponentCount = 1;
    Power.Device.Flags = STOR_POFX_DEVICE_FLAG_IDLE_TIMEOUT;
    Power.Device.AdapterIdleTimeoutInMS = AWAKE_MS;
    Component->Version = STOR_POFX_COMPONENT_VERSION_V1;
    Component->Size = (ULONG)STOR_POFX_COMPONENT_SIZE;
    Component->FStateCount = 2;
    Component->DeepestWakeableFState = 1;
    Component->Id = *Id;
    FillState(&Component->FStates[0], 0, 0);
    FillState(&Component->FStates[1], 20000, 100000);
    if (StorPortInitializePoFxPower(Adapter, Address, (PSTOR_POFX_DEVICE)&Power.Device, &Cold) !=
        STOR_STATUS_SUCCESS) {
        StorPortDebugPrint(0, "no runtime power management\n");
    }
}

static VOID RegisterStates(ADAPTER *Adapter)
{
    struct {
        STOR_POFX_COMPONENT_PERF_SET Set;
        STOR_POFX_PERF_STATE States[PERF_STATES];
    } Perf;
    ULONG Index;

    RtlZeroMemory(&Perf, sizeof(Perf));
    Perf.Set.Version = STOR_POFX_COMPONENT_PERF_SET_VERSION_V1;
    Perf.Set.Size = (ULONG)STOR_POFX_COMPONENT_PERF_SET_SIZE;
    Perf.Set.PStateUnit = StorPoFxPerfStateUnitMilliwatts;
    Perf.Set.PStateType = StorPoFxPerfStateTypeDiscrete;
    Perf.Set.PStates.Discrete.Count = PERF_STATES;
    Perf.Set.PStates.Discrete.Offset = sizeof(Perf.Set);
    for (Index = 0; Index < PERF_STATES; Index++) {
        Perf.States[Index].Version = STOR_POFX_PERF_STATE_VERSION_V1;
        Perf.States[Index].Size = STOR_POFX_PERF_STATE_SIZE;
        Perf.States[Index].Value = Milliwatts[Index];
    }
    (VOID) StorPortPoFxRegisterPerfStates(Adapter, NULL, 0, 0, 1, &Perf.Set);
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                               PVOID LowerDevice, PCHAR ArgumentString,
                               PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    ADAPTER *Adapter = Extension;
    GUID Wanted = Setting;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    if (ArgumentString != NULL) {
        strncpy(Adapter->Place, ArgumentString, sizeof(Adapter->Place) - 1);
    }
    Adapter->Disk.BlockSize = BLOCK_SIZE;
    Adapter->Disk.BlockCount = BLOCK_COUNT;
    Adapter->Disk.MaximumTransferBlocks = MAXIMUM_TRANSFER / BLOCK_SIZE;
    ScsiDiskSetIdentity(&Adapter->Disk, "HEARS", "hears", 0);
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK;
    (VOID) StorPortSetPowerSettingNotificationGuids(Adapter, 1, &Wanted);
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

static BOOLEAN NTAPI PassiveInitialize(PVOID Extension)
{
    Register(Extension, NULL, &STORPORT_POFX_ADAPTER_GUID);
    RegisterStates(Extension);
    return TRUE;
}

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    return StorPortEnablePassiveInitialization(Extension, PassiveInitialize);
}

/* ---- requests ---- */

static BOOLEAN IsRemoval(PSCSI_REQUEST_BLOCK Srb)
{
    PSRBEX_DATA_PNP Pnp;

    if (SrbGetSrbFunction(Srb) != SRB_FUNCTION_PNP) {
        return FALSE;
    }
    Pnp = (PSRBEX_DATA_PNP)SrbGetSrbExDataByType((PSTORAGE_REQUEST_BLOCK)Srb, SrbExDataTypePnP);
    return Pnp != NULL && Pnp->PnPAction == StorRemoveDevice;
}

static UCHAR Answer(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    SCSI_DISK_COMMAND Command;
    UCHAR Path = 0, Target = 0, Lun = 0, Status;

    if (SrbGetSrbFunction(Srb) != SRB_FUNCTION_EXECUTE_SCSI) {
        return SRB_STATUS_SUCCESS;
    }
    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    if (Path != 0 || Target != 0) {
        return SRB_STATUS_NO_DEVICE;
    }
    Status = ScsiDiskAnswer(Adapter, &Adapter->Disk, 1, Lun, Srb);
    if (Status == SRB_STATUS_PENDING) {
        Status = ScsiDiskDecode(&Adapter->Disk, Srb, &Command);
    }
    return Status == SRB_STATUS_PENDING ? SRB_STATUS_SUCCESS : Status;
}

static BOOLEAN NTAPI StartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    if (IsRemoval(Srb)) {
        MayStay(Extension, "remove");
    }
    SrbSetSrbStatus(Srb, Answer((ADAPTER *)Extension, Srb));
    StorPortNotification(RequestComplete, Extension, Srb);
    return TRUE;
}

static BOOLEAN NTAPI ResetBus(PVOID Extension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(PathId);
    MayStay(Extension, "reset");
    return TRUE;
}

/* ---- what it is told ---- */

/* The state that draws the most of those that are allowed. */
static VOID Limit(ADAPTER *Adapter, ULONGLONG Most)
{
    while (Adapter->State < PERF_STATES - 1 && Milliwatts[Adapter->State] > Most) {
        Adapter->State++;
    }
    StorPortDebugPrint(0, "limit %u, state %u\n", (ULONG)Most, Adapter->State);
    (VOID) StorPortPoFxSetPerfState(Adapter, NULL, 0, 0, 0, Adapter->State, NULL);
}

/* The answer is the input, each byte plus one. */
static VOID Private(const CHAR *Who, PSTOR_POFX_POWER_CONTROL Control)
{
    SIZE_T Index;

    for (Index = 0; Index < Control->InBufferSize && Index < Control->OutBufferSize; Index++) {
        ((PUCHAR)Control->OutBuffer)[Index] = (UCHAR)(((PUCHAR)Control->InBuffer)[Index] + 1);
    }
    *Control->BytesReturned = Index;
    StorPortDebugPrint(0, "private request %x of %u bytes for %s\n",
                       Control->PowerControlCode->Data1, (ULONG)Control->InBufferSize, Who);
}

static VOID ListTypes(PSCSI_SUPPORTED_CONTROL_TYPE_LIST List, const UCHAR *Types, ULONG Count)
{
    ULONG Index;

    for (Index = 0; Index < Count; Index++) {
        if (Types[Index] < List->MaxControlType) {
            List->SupportedTypeList[Types[Index]] = TRUE;
        }
    }
}

static SCSI_ADAPTER_CONTROL_STATUS NTAPI AdapterControl(PVOID Extension,
                                                        SCSI_ADAPTER_CONTROL_TYPE Type,
                                                        PVOID Parameters)
{
    static const UCHAR Types[] = {ScsiStopAdapter,
                                  ScsiRestartAdapter,
                                  ScsiPowerSettingNotification,
                                  ScsiAdapterSystemPowerHints,
                                  ScsiAdapterPoFxPowerRequired,
                                  ScsiAdapterPoFxPowerActive,
                                  ScsiAdapterPoFxPowerSetFState,
                                  ScsiAdapterPoFxPowerControl,
                                  ScsiAdapterPoFxMaxOperationalPower,
                                  ScsiAdapterPoFxSetPerfState};
    PSTOR_POWER_SETTING_INFO Value = (PSTOR_POWER_SETTING_INFO)Parameters;
    PSTOR_SYSTEM_POWER_HINTS Hints = (PSTOR_SYSTEM_POWER_HINTS)Parameters;

    switch (Type) {
    case ScsiQuerySupportedControlTypes:
        ListTypes((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters, Types, sizeof(Types));
        break;
    case ScsiStopAdapter:
        MayStay(Extension, "stop");
        break;
    case ScsiPowerSettingNotification:
        StorPortDebugPrint(0, "setting %x has %u bytes, the first is %u\n",
                           Value->PowerSettingGuid.Data1, Value->ValueLength,
                           *(PUCHAR)Value->Value);
        MayStay(Extension, "setting");
        break;
    case ScsiAdapterSystemPowerHints:
        StorPortDebugPrint(0, "hint %u, back within %u ms\n", (ULONG)Hints->SystemPower,
                           Hints->ResumeLatencyMSec);
        break;
    case ScsiAdapterPoFxPowerControl:
        Private("the adapter", (PSTOR_POFX_POWER_CONTROL)Parameters);
        break;
    case ScsiAdapterPoFxMaxOperationalPower:
        Limit(Extension, ((PSTOR_MAX_OPERATIONAL_POWER)Parameters)->Value);
        break;
    default:
        break;
    }
    return ScsiAdapterControlSuccess;
}

static SCSI_UNIT_CONTROL_STATUS NTAPI UnitControl(PVOID Extension, SCSI_UNIT_CONTROL_TYPE Type,
                                                  PVOID Parameters)
{
    static const UCHAR Types[] = {
        ScsiUnitPower,           ScsiUnitPoFxPowerInfo,      ScsiUnitPoFxPowerRequired,
        ScsiUnitPoFxPowerActive, ScsiUnitPoFxPowerSetFState, ScsiUnitPoFxPowerControl};

    switch (Type) {
    case ScsiQuerySupportedUnitControlTypes:
        ListTypes((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters, Types, sizeof(Types));
        break;
    case ScsiUnitPoFxPowerInfo:
        Register(Extension, ((PSTOR_POFX_UNIT_POWER_INFO)Parameters)->Header.Address,
                 &STORPORT_POFX_LUN_GUID);
        break;
    case ScsiUnitPower:
        StorPortDebugPrint(0, "unit D%u\n",
                           (ULONG)((PSTOR_UNIT_CONTROL_POWER)Parameters)->PowerState - 1);
        MayStay(Extension, "unit");
        break;
    case ScsiUnitPoFxPowerControl:
        Private("the unit", (PSTOR_POFX_POWER_CONTROL)Parameters);
        break;
    default:
        break;
    }
    return ScsiUnitControlSuccess;
}

static VOID NTAPI FreeAdapterResources(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
}

static VOID NTAPI ProcessServiceRequest(PVOID Extension, PVOID Irp)
{
    ((PIRP)Irp)->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    StorPortCompleteServiceIrp(Extension, Irp);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    VirtualMiniportDescribe(&Data);
    Data.HwFindAdapter = (PVOID)FindAdapter;
    Data.HwInitialize = Initialize;
    Data.HwStartIo = StartIo;
    Data.HwResetBus = ResetBus;
    Data.HwAdapterControl = AdapterControl;
    Data.HwUnitControl = UnitControl;
    Data.HwFreeAdapterResources = FreeAdapterResources;
    Data.HwProcessServiceRequest = ProcessServiceRequest;
    Data.DeviceExtensionSize = sizeof(ADAPTER);
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
