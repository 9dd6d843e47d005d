/*
 * tells.c - a virtual miniport with one disk that says all that a driver can say of every block it
 * reads, to see where it arrives. Nothing is stored.
 */
#include <ntddk.h>
#include <storport.h>

#include <srbhelper.h>

#include "../../miniports/common/scsi_disk.h"
#include "../miniports/virtual_miniport.h"

#define BLOCK_SIZE       512UL
#define BLOCK_COUNT      2048UL
#define MAXIMUM_TRANSFER 65536UL
#define PAGE_BYTES       4096UL
#define VERSION          7UL

typedef struct _ADAPTER {
    SCSI_DISK Disk;
} ADAPTER;

#define EVENT_HEAD(Id, Text)                                                                       \
    (ULONG)(Id), (PWSTR)(Text), (ULONGLONG)STORPORT_ETW_EVENT_KEYWORD_IO,                          \
        StorportEtwLevelInformational, StorportEtwEventOpcodeInfo
#define PAIRS_2(Activity)                                                                          \
    (PWSTR)L"low", *(ULONGLONG *)(Activity).Data4, (PWSTR)L"high", *(ULONGLONG *)&(Activity)
#define MORE_2 (PWSTR)L"third", 3ull, (PWSTR)L"fourth", 4ull
#define MORE_4                                                                                     \
    (PWSTR)L"fifth", 5ull, (PWSTR)L"sixth", 6ull, (PWSTR)L"seventh", 7ull, (PWSTR)L"eighth", 8ull

/* What drivers call that were built before events had channels, then what others call. */
static VOID TellEvents(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, GUID Activity)
{
    STOR_ADDR_BTL8 Unit = {.Type = STOR_ADDRESS_TYPE_BTL8,
                           .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH};

    (VOID) StorPortExtendedFunction(ExtFunctionMiniportEtwEvent2, Adapter, &Unit,
                                    EVENT_HEAD(12, L"event of two"), Srb, PAIRS_2(Activity));
    (VOID)
        StorPortExtendedFunction(ExtFunctionMiniportEtwEvent4, Adapter, &Unit,
                                 EVENT_HEAD(14, L"event of four"), Srb, PAIRS_2(Activity), MORE_2);
    (VOID) StorPortExtendedFunction(ExtFunctionMiniportEtwEvent8, Adapter, &Unit,
                                    EVENT_HEAD(18, L"event of eight"), Srb, PAIRS_2(Activity),
                                    MORE_2, MORE_4);
    (VOID)
        StorPortEtwChannelEvent2(Adapter, (PSTOR_ADDRESS)&Unit, StorportEtwEventHealth,
                                 EVENT_HEAD(22, L"channel event of two"), Srb, PAIRS_2(Activity));
    (VOID) StorPortEtwChannelEvent4(Adapter, (PSTOR_ADDRESS)&Unit, StorportEtwEventHealth,
                                    EVENT_HEAD(24, L"channel event of four"), Srb,
                                    PAIRS_2(Activity), MORE_2);
    (VOID) StorPortEtwChannelEvent8(Adapter, (PSTOR_ADDRESS)&Unit, StorportEtwEventHealth,
                                    EVENT_HEAD(28, L"channel event of eight"), Srb,
                                    PAIRS_2(Activity), MORE_2, MORE_4);
    (VOID)
        StorPortEtwChannelEvent2(Adapter, NULL, StorportEtwEventHealth,
                                 EVENT_HEAD(32, L"event of no request"), NULL, PAIRS_2(Activity));
}

static VOID TellTelemetry(ADAPTER *Adapter)
{
    UCHAR Bytes[] = {0xBE, 0xEF};
    STORPORT_TELEMETRY_EVENT Event;

    RtlZeroMemory(&Event, sizeof(Event));
    Event.DriverVersion = VERSION;
    Event.EventId = 40;
    Event.EventVersion = 1;
    RtlCopyMemory(Event.EventName, "Wear \"level\"", sizeof("Wear \"level\""));
    RtlCopyMemory(Event.ParameterName0, "Percent", sizeof("Percent"));
    Event.ParameterValue0 = 97;
    Event.EventBuffer = Bytes;
    Event.EventBufferLength = sizeof(Bytes);
    (VOID) StorPortLogTelemetry(Adapter, NULL, &Event);
}

static VOID TellErrors(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    STOR_LOG_EVENT_DETAILS Details;

    RtlZeroMemory(&Details, sizeof(Details));
    Details.InterfaceRevision = STOR_CURRENT_LOG_INTERFACE_REVISION;
    Details.Size = sizeof(Details);
    Details.EventAssociation = StorEventAdapterAssociation;
    Details.StorportSpecificErrorCode = TRUE;
    Details.ErrorCode = SP_BAD_FW_WARNING;
    Details.UniqueId = 0xFEED;
    (VOID) StorPortLogSystemEvent(Adapter, &Details, NULL);
    StorPortLogError(Adapter, Srb, 0, 0, 0, SP_PROTOCOL_ERROR, 0xBEEF);
    StorPortDebugPrint(0, "a line of %u words\n", 5);
}

/* The same id at every call. */
static VOID Tell(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    GUID Activity, Again;

    RtlZeroMemory(&Activity, sizeof(Activity));
    RtlZeroMemory(&Again, sizeof(Again));
    if (StorPortGetActivityIdSrb(Adapter, Srb, &Activity) != STOR_STATUS_SUCCESS) {
        StorPortDebugPrint(0, "nobody records the request\n");
    } else if (StorPortGetActivityIdSrb(Adapter, Srb, &Again) != STOR_STATUS_SUCCESS ||
               RtlCompareMemory(&Activity, &Again, sizeof(Again)) != sizeof(Again)) {
        StorPortDebugPrint(0, "its activity has changed\n");
    }
    TellEvents(Adapter, Srb, Activity);
    TellTelemetry(Adapter);
    TellErrors(Adapter, Srb);
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                               PVOID LowerDevice, PCHAR ArgumentString,
                               PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    ADAPTER *Adapter = Extension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    Adapter->Disk.BlockSize = BLOCK_SIZE;
    Adapter->Disk.BlockCount = BLOCK_COUNT;
    Adapter->Disk.MaximumTransferBlocks = MAXIMUM_TRANSFER / BLOCK_SIZE;
    ScsiDiskSetIdentity(&Adapter->Disk, "TELLS", "tells", 0);
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
    return TRUE;
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
    if (SrbGetCdb(Srb)->AsByte[0] == SCSIOP_READ) {
        Tell(Adapter, Srb);
    }
    Status = ScsiDiskAnswer(Adapter, &Adapter->Disk, 1, Lun, Srb);
    if (Status == SRB_STATUS_PENDING) {
        Status = ScsiDiskDecode(&Adapter->Disk, Srb, &Command);
    }
    return Status == SRB_STATUS_PENDING ? SRB_STATUS_SUCCESS : Status;
}

static BOOLEAN NTAPI StartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    SrbSetSrbStatus(Srb, Answer((ADAPTER *)Extension, Srb));
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
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;

    UNREFERENCED_PARAMETER(Extension);
    if (Type == ScsiQuerySupportedControlTypes) {
        List->SupportedTypeList[ScsiStopAdapter] = TRUE;
        List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
    }
    return ScsiAdapterControlSuccess;
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

static VOID NTAPI CompleteServiceIrp(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
}

static VOID NTAPI TracingEnabled(PVOID Extension, BOOLEAN Enabled)
{
    UNREFERENCED_PARAMETER(Extension);
    StorPortDebugPrint(0, "tracing is %s\n", Enabled ? "wanted" : "over");
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
    Data.HwFreeAdapterResources = FreeAdapterResources;
    Data.HwProcessServiceRequest = ProcessServiceRequest;
    Data.HwCompleteServiceIrp = CompleteServiceIrp;
    Data.HwTracingEnabled = TracingEnabled;
    Data.DeviceExtensionSize = sizeof(ADAPTER);
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
