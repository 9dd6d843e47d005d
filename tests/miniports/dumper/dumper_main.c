/*
 * The dumper as a driver: entry, FindAdapter of both instances, initialization.
 */
#include "dumper_driver.h"

#include "../../../miniports/common/settings.h"
#include "../../../miniports/null-physical/scratch_device.h"

#define LIVE_BYTES     4096
#define MORE_BYTES     (40 * 1024)
#define TOO_MANY_BYTES (80 * 1024)
#define ENOUGH_BYTES   4096
#define BUFFER_BYTES   (48 * 1024)
#define TRANSFER_BYTES (128 * 1024)
#define PAGE_BYTES     4096

/* Given to the other instance. */
typedef struct _DUMP_DATA {
    DUMPER_RECORD *Record;
} DUMP_DATA;

DRIVER_INITIALIZE DriverEntry;

static ULONG Global; /* each instance has one of its own */
static ULONG Entries;
static PVOID Arguments[2];
static DUMP_DATA Data; /* of the live one; its address is what the other one gets */

PVOID DumperData(VOID)
{
    return &Data;
}

/* ---- FindAdapter ---- */

static BOOLEAN MapDevice(ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PACCESS_RANGE Range = (PACCESS_RANGE)ConfigInfo->AccessRanges;

    if (ConfigInfo->NumberOfAccessRanges == 0 || !Range->RangeInMemory) {
        return FALSE;
    }
    Adapter->Registers = StorPortGetDeviceBase(Adapter, ConfigInfo->AdapterInterfaceType,
                                               ConfigInfo->SystemIoBusNumber, Range->RangeStart,
                                               SCRATCH_BAR_LENGTH, FALSE);
    return Adapter->Registers != NULL;
}

static BOOLEAN FindRecord(ADAPTER *Adapter)
{
    ULONG Low = 0;
    ULONG High = 0;

    if (!SettingReadUlong(Adapter, "RecordLow", 0, 0, MAXULONG, &Low) ||
        !SettingReadUlong(Adapter, "RecordHigh", 0, 0, MAXULONG, &High)) {
        return FALSE;
    }
    Adapter->Record = (DUMPER_RECORD *)(ULONG_PTR)((ULONGLONG)High << 32 | Low);
    return Adapter->Record != NULL;
}

static VOID NTAPI OnTimer(PVOID Extension, PVOID Context)
{
    UNREFERENCED_PARAMETER(Extension);
    UNREFERENCED_PARAMETER(Context);
}

static VOID NTAPI OnWork(PVOID Extension, PVOID Context, PVOID Worker)
{
    UNREFERENCED_PARAMETER(Extension);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Worker);
}

static VOID NTAPI OnDpc(PSTOR_DPC Dpc, PVOID Extension, PVOID Argument1, PVOID Argument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Extension);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
}

static VOID Misbehave(ADAPTER *Adapter)
{
    DUMPER_RECORD *Record = Adapter->Record;
    STOR_PHYSICAL_ADDRESS Address;
    LARGE_INTEGER Time = {.QuadPart = 1};
    PVOID Memory = NULL;
    ULONG Length = sizeof(ULONG);

    switch (Record->Behaviour) {
    case DumperAllocatesPool:
        Record->Status = StorPortAllocatePool(Adapter, PAGE_BYTES, 'pmuD', &Memory);
        break;
    case DumperArmsTimer:
        Record->Status = StorPortInitializeTimer(Adapter, &Adapter->Timer);
        StorPortRequestTimer(Adapter, Adapter->Timer, OnTimer, NULL, 1000, 0);
        break;
    case DumperUsesDpc:
        StorPortInitializeDpc(Adapter, &Adapter->Dpc, OnDpc);
        Record->Status = StorPortIssueDpc(Adapter, &Adapter->Dpc, NULL, NULL);
        break;
    case DumperQueuesWork:
        Record->Status = StorPortInitializeWorker(Adapter, &Adapter->Worker);
        StorPortQueueWorkItem(Adapter, OnWork, Adapter->Worker, NULL);
        break;
    case DumperReadsRegistry:
        Record->Status = StorPortAllocateRegistryBuffer(Adapter, &Length) != NULL;
        break;
    case DumperAsksForTime:
        StorPortQuerySystemTime(&Time);
        Record->Status = Time.LowPart;
        break;
    case DumperLeavesUnmarked:
        Address = StorPortGetPhysicalAddress(Adapter, NULL, Record->LiveMemory, &Length);
        Record->Status = Address.LowPart;
        break;
    case DumperMarksWrongly:
        Record->Status = StorPortMarkDumpMemory(Adapter, Record, sizeof(*Record), 0x80);
        break;
    case DumperWritesLiveVariable:
        ++*Record->LiveVariable;
        break;
    default:
        break;
    }
}

static ULONG UncachedBytes(const DUMPER_RECORD *Record)
{
    switch (Record->Behaviour) {
    case DumperWantsMore:
    case DumperWantsBuffer:
    case DumperWantsDumpBuffer:
        return MORE_BYTES;
    case DumperWantsTooMuch:
        return TOO_MANY_BYTES;
    default:
        return ENOUGH_BYTES;
    }
}

static VOID NoteArguments(ADAPTER *Adapter, const CHAR *Argument,
                          const PORT_CONFIGURATION_INFORMATION *ConfigInfo)
{
    DUMPER_RECORD *Record = Adapter->Record;
    ULONG Index;

    for (Index = 0; Index + 1 < sizeof(Record->Argument) && Argument[Index] != 0; Index++) {
        Record->Argument[Index] = Argument[Index];
    }
    Record->Mode = ConfigInfo->DumpMode;
    Record->Region = ConfigInfo->DumpRegion;
    Record->GlobalAtEntry = Entries;
    Record->EntryArguments[0] = Arguments[0];
    Record->EntryArguments[1] = Arguments[1];
}

static ULONG FindForDump(ADAPTER *Adapter, const CHAR *Argument,
                         PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    DUMP_DATA *Given = ConfigInfo->MiniportDumpData;
    DUMPER_RECORD *Record;

    if (Given == NULL) {
        return SP_RETURN_ERROR;
    }
    Record = Given->Record;
    Adapter->Record = Record;
    Adapter->Mode = ConfigInfo->DumpMode;
    InterlockedExchange(&Record->Entered, TRUE);
    Record->DataArrived = Given != &Data;
    NoteArguments(Adapter, Argument, ConfigInfo);
    DumperNote(Adapter, "FindAdapter", 0);
    (VOID) StorPortMarkDumpMemory(Adapter, Given, sizeof(*Given), 0);
    (VOID) StorPortMarkDumpMemory(Adapter, &Global, 0, 0);
    Misbehave(Adapter);
    if (Record->Behaviour == DumperFindsNothing) {
        return SP_RETURN_NOT_FOUND;
    }
    if (Adapter->Virtual) {
        return SP_RETURN_FOUND;
    }
    Adapter->Uncached = StorPortGetUncachedExtension(Adapter, ConfigInfo, UncachedBytes(Record));
    Record->Uncached = Adapter->Uncached;
    return Adapter->Uncached != NULL ? SP_RETURN_FOUND : SP_RETURN_ERROR;
}

static ULONG FindLive(ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PVOID Memory = NULL;

    if (!FindRecord(Adapter) ||
        StorPortAllocatePool(Adapter, LIVE_BYTES, 'eviL', &Memory) != STOR_STATUS_SUCCESS) {
        return SP_RETURN_ERROR;
    }
    RtlZeroMemory(Memory, LIVE_BYTES);
    Adapter->Record->LiveMemory = Memory;
    Adapter->Record->LiveVariable = &Global;
    Data.Record = Adapter->Record;
    if (Adapter->Record->Behaviour == DumperWantsDumpBuffer) {
        ConfigInfo->RequestedDumpBufferSize = BUFFER_BYTES;
    }
    return SP_RETURN_FOUND;
}

static ULONG Find(ADAPTER *Adapter, PCHAR Argument, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ULONG Result;

    Result = ConfigInfo->DumpMode != 0 ? FindForDump(Adapter, Argument, ConfigInfo)
                                       : FindLive(Adapter, ConfigInfo);
    if (Result != SP_RETURN_FOUND) {
        return Result;
    }
    if (!Adapter->Virtual && !MapDevice(Adapter, ConfigInfo)) {
        return SP_RETURN_ERROR;
    }
    Adapter->Disk.BlockSize = DUMPER_BLOCK_SIZE;
    Adapter->Disk.BlockCount = DUMPER_BLOCKS;
    Adapter->Disk.MaximumTransferBlocks = TRANSFER_BYTES / DUMPER_BLOCK_SIZE;
    ScsiDiskSetIdentity(&Adapter->Disk, "DUMP DISK", "dumper", 0);
    ConfigInfo->MaximumTransferLength = TRANSFER_BYTES;
    ConfigInfo->NumberOfPhysicalBreaks = TRANSFER_BYTES / PAGE_BYTES + 1;
    ConfigInfo->AlignmentMask = 3;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->MaxNumberOfIO = 16;
    ConfigInfo->MaxIOsPerLun = 16;
    ConfigInfo->Dma64BitAddresses = SCSI_DMA64_MINIPORT_FULL64BIT_NO_BOUNDARY_REQ_SUPPORTED;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    return SP_RETURN_FOUND;
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                               PCHAR Argument, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                               PBOOLEAN Again)
{
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(Again);
    return Find(Extension, Argument, ConfigInfo);
}

static ULONG NTAPI VirtualFindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                                      PVOID LowerDevice, PCHAR Argument,
                                      PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    ADAPTER *Adapter = Extension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(Again);
    Adapter->Virtual = TRUE;
    ConfigInfo->VirtualDevice = TRUE;
    return Find(Adapter, Argument, ConfigInfo);
}

/* ---- the rest ---- */

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    ADAPTER *Adapter = Extension;

    if (Adapter->Mode != 0) {
        DumperNote(Adapter, "HwInitialize", 0);
        if (Adapter->Record->Behaviour == DumperMarksLate) {
            Adapter->Record->Status = StorPortMarkDumpMemory(Adapter, Adapter, sizeof(*Adapter), 0);
        }
        if (Adapter->Record->Behaviour == DumperInitializesNothing) {
            return FALSE;
        }
    }
    if (Adapter->Virtual) {
        return TRUE;
    }
    /* Whatever the other instance has left there. The mask stays open: tests let the live one go
     * on. */
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS),
                               MAXULONG);
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_MASK), 0);
    return TRUE;
}

static BOOLEAN NTAPI ResetBus(PVOID Extension, ULONG Path)
{
    ADAPTER *Adapter = Extension;

    StorPortCompleteRequest(Adapter, (UCHAR)Path, SP_UNTAGGED, SP_UNTAGGED, SRB_STATUS_BUS_RESET);
    Adapter->WaitingCount = 0;
    return TRUE;
}

static SCSI_ADAPTER_CONTROL_STATUS NTAPI AdapterControl(PVOID Extension,
                                                        SCSI_ADAPTER_CONTROL_TYPE Type,
                                                        PVOID Parameters)
{
    static const UCHAR Supported[] = {ScsiQuerySupportedControlTypes, ScsiStopAdapter,
                                      ScsiRestartAdapter};
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = Parameters;
    ADAPTER *Adapter = Extension;
    ULONG Index;

    switch (Type) {
    case ScsiQuerySupportedControlTypes:
        for (Index = 0; Index < sizeof(Supported); Index++) {
            List->SupportedTypeList[Supported[Index]] = TRUE;
        }
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        if (!Adapter->Virtual) {
            StorPortWriteRegisterUlong(
                Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_MASK), MAXULONG);
        }
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        return Initialize(Extension) ? ScsiAdapterControlSuccess : ScsiAdapterControlUnsuccessful;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

static SCSI_UNIT_CONTROL_STATUS NTAPI UnitControl(PVOID Extension, SCSI_UNIT_CONTROL_TYPE Type,
                                                  PVOID Parameters)
{
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List = Parameters;
    ADAPTER *Adapter = Extension;

    if (Type == ScsiQuerySupportedUnitControlTypes) {
        List->SupportedTypeList[ScsiQuerySupportedUnitControlTypes] = TRUE;
        List->SupportedTypeList[ScsiUnitUsage] = TRUE;
        return ScsiUnitControlSuccess;
    }
    return Adapter->Record->Behaviour == DumperRefusesUsage ? ScsiUnitControlUnsuccessful
                                                            : ScsiUnitControlSuccess;
}

static VOID NTAPI FreeResources(PVOID Extension)
{
    ADAPTER *Adapter = Extension;

    StorPortFreePool(Adapter, Adapter->Record->LiveMemory);
}

static VOID NTAPI ProcessServiceRequest(PVOID Extension, PVOID Irp)
{
    PIRP ServiceIrp = Irp;

    ServiceIrp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    StorPortCompleteServiceIrp(Extension, ServiceIrp);
}

/* The same driver as a virtual miniport. */
static NTSTATUS RegisterVirtual(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                                HW_INITIALIZATION_DATA *Initialization)
{
    Initialization->AdapterInterfaceType = Internal;
    Initialization->HwFindAdapter = (PVOID)VirtualFindAdapter;
    Initialization->HwInterrupt = NULL;
    Initialization->HwFreeAdapterResources = FreeResources;
    Initialization->HwProcessServiceRequest = ProcessServiceRequest;
    Initialization->NumberOfAccessRanges = 0;
    Initialization->FeatureSupport |= STOR_FEATURE_VIRTUAL_MINIPORT;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, Initialization, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Initialization;
    NTSTATUS Status;

    Entries++;
    Arguments[0] = DriverObject;
    Arguments[1] = RegistryPath;
    RtlZeroMemory(&Initialization, sizeof(Initialization));
    Initialization.HwInitializationDataSize = sizeof(Initialization);
    Initialization.AdapterInterfaceType = PCIBus;
    Initialization.HwInitialize = Initialize;
    Initialization.HwStartIo = DumperStartIo;
    Initialization.HwInterrupt = DumperInterrupt;
    Initialization.HwFindAdapter = FindAdapter;
    Initialization.HwResetBus = ResetBus;
    Initialization.HwAdapterControl = AdapterControl;
    Initialization.HwUnitControl = UnitControl;
    Initialization.DeviceExtensionSize = sizeof(ADAPTER);
    Initialization.SrbExtensionSize = 64;
    Initialization.NumberOfAccessRanges = 1;
    Initialization.MapBuffers = STOR_MAP_ALL_BUFFERS_INCLUDING_READ_WRITE;
    Initialization.NeedPhysicalAddresses = TRUE;
    Initialization.TaggedQueuing = TRUE;
    Initialization.AutoRequestSense = TRUE;
    Initialization.MultipleRequestPerLu = TRUE;
    Initialization.FeatureSupport = STOR_FEATURE_DUMP_POINTERS | STOR_FEATURE_DUMP_RESUME_CAPABLE;
    Initialization.SrbTypeFlags = SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Initialization.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    Status = (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Initialization, NULL);
    return Status == STATUS_SUCCESS ? RegisterVirtual(DriverObject, RegistryPath, &Initialization)
                                    : Status;
}
