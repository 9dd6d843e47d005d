/*
 * A virtual miniport whose disks do nothing, to measure what a request costs without a device.
 *
 * Rule: a read or write is completed inside HwStartIo after one look at its operation code. Nothing
 * is stored and no data moves: a read leaves the buffer as it was. All else, discovery above all,
 * is answered properly.
 */
#include <ntddk.h>
#include <storport.h>

#include <srbhelper.h>

#include "../common/scsi_disk.h"
#include "../common/settings.h"

#define DRIVER_NAME      "null-virtual"
#define MAXIMUM_UNITS    255
#define BLOCK_SIZE       512UL
#define MAXIMUM_TRANSFER (1024UL * 1024UL)
#define PAGE_BYTES       4096UL

typedef struct _NULL_ADAPTER {
    ULONG UnitCount;
    SCSI_DISK Disks[MAXIMUM_UNITS];
} NULL_ADAPTER;

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER NullFindAdapter;
HW_INITIALIZE NullInitialize;
HW_STARTIO NullStartIo;
HW_RESET_BUS NullResetBus;
HW_ADAPTER_CONTROL NullAdapterControl;
HW_FREE_ADAPTER_RESOURCES NullFreeAdapterResources;
HW_PROCESS_SERVICE_REQUEST NullProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP NullCompleteServiceIrp;

static VOID DescribeDisk(NULL_ADAPTER *Adapter, ULONG Unit, ULONG SizeMegabytes)
{
    SCSI_DISK *Disk = &Adapter->Disks[Unit];

    Disk->BlockSize = BLOCK_SIZE;
    Disk->BlockCount = ((ULONGLONG)SizeMegabytes << 20) / BLOCK_SIZE;
    Disk->MaximumTransferBlocks = MAXIMUM_TRANSFER / BLOCK_SIZE;
    Disk->MaximumZeroBlocks = MAXULONG;
    Disk->CanUnmap = TRUE;
    ScsiDiskSetIdentity(Disk, "NULL DISK", DRIVER_NAME, Unit);
}

ULONG NullFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                      PVOID LowerDevice, PCHAR ArgumentString,
                      PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
    ULONG SizeMegabytes = 0;
    ULONG Unit;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);

    if (!SettingReadUlong(Adapter, "SizeMegabytes", 1024, 1, MAXULONG, &SizeMegabytes) ||
        !SettingReadUlong(Adapter, "LogicalUnits", 1, 1, MAXIMUM_UNITS, &Adapter->UnitCount)) {
        return SP_RETURN_BAD_CONFIG;
    }
    for (Unit = 0; Unit < Adapter->UnitCount; Unit++) {
        DescribeDisk(Adapter, Unit, SizeMegabytes);
    }
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = (UCHAR)Adapter->UnitCount;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK; /* HwStartIo looks at no other */
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

BOOLEAN NullInitialize(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    return TRUE;
}

/* What is neither a read nor a write: rare, so clarity counts and time does not. */
static DECLSPEC_NOINLINE UCHAR AnswerRarely(NULL_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    SCSI_DISK_COMMAND Command;
    UCHAR Path = 0;
    UCHAR Target = 0;
    UCHAR Lun = 0;
    UCHAR Status;

    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
        if (Path != 0 || Target != 0) {
            return SRB_STATUS_NO_DEVICE;
        }
        Status = ScsiDiskAnswer(Adapter, Adapter->Disks, Adapter->UnitCount, Lun, Srb);
        if (Status == SRB_STATUS_PENDING) {
            Status = ScsiDiskDecode(&Adapter->Disks[Lun], Srb, &Command);
        }
        /* What the disk would have to do for a valid command is nothing. */
        return Status == SRB_STATUS_PENDING ? SRB_STATUS_SUCCESS : Status;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_POWER:
    case SRB_FUNCTION_PNP:
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        return SRB_STATUS_SUCCESS; /* no request is ever held */
    default:
        return SRB_STATUS_INVALID_REQUEST;
    }
}

/* The operation code of a SCSI request in the first extended-data block, where the port puts it. */
static __inline BOOLEAN IsReadOrWrite(PSTORAGE_REQUEST_BLOCK Request)
{
    PSRBEX_DATA_SCSI_CDB16 Scsi;

    if (Request->SrbFunction != SRB_FUNCTION_EXECUTE_SCSI) {
        return FALSE;
    }
    Scsi = (PSRBEX_DATA_SCSI_CDB16)((PUCHAR)Request + Request->SrbExDataOffset[0]);
    if (Scsi->Type != SrbExDataTypeScsiCdb16) {
        return FALSE;
    }
    /* READ and WRITE of 10, 12 and 16 bytes: 28, 2A, A8, AA, 88, 8A. */
    return (Scsi->Cdb[0] & 0x5D) == 0x08 && Scsi->Cdb[0] >= SCSIOP_READ;
}

BOOLEAN NullStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    PSTORAGE_REQUEST_BLOCK Request = (PSTORAGE_REQUEST_BLOCK)Srb;

    if (IsReadOrWrite(Request)) {
        Request->SrbStatus = SRB_STATUS_SUCCESS;
    } else {
        Request->SrbStatus = AnswerRarely((NULL_ADAPTER *)DeviceExtension, Srb);
    }
    StorPortNotification(RequestComplete, DeviceExtension, Srb);
    return TRUE;
}

BOOLEAN NullResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE; /* no request is ever held */
}

SCSI_ADAPTER_CONTROL_STATUS
NullAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List;

    UNREFERENCED_PARAMETER(DeviceExtension);
    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;
        if (List->MaxControlType > ScsiRestartAdapter) {
            List->SupportedTypeList[ScsiStopAdapter] = TRUE;
            List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
        }
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
    case ScsiRestartAdapter:
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

VOID NullFreeAdapterResources(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension); /* all of it is in the device extension */
}

/* There is no service of our own, so no such IRP is ever pended and none is left at removal. */
VOID NullProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    PIRP ServiceIrp = (PIRP)Irp;

    ServiceIrp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    ServiceIrp->IoStatus.Information = 0;
    StorPortCompleteServiceIrp(DeviceExtension, ServiceIrp);
}

VOID NullCompleteServiceIrp(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.HwInitializationDataSize = sizeof(Data);
    Data.AdapterInterfaceType = Internal;
    Data.HwFindAdapter = (PVOID)NullFindAdapter;
    Data.HwInitialize = NullInitialize;
    Data.HwStartIo = NullStartIo;
    Data.HwResetBus = NullResetBus;
    Data.HwAdapterControl = NullAdapterControl;
    Data.HwFreeAdapterResources = NullFreeAdapterResources;
    Data.HwProcessServiceRequest = NullProcessServiceRequest;
    Data.HwCompleteServiceIrp = NullCompleteServiceIrp;
    Data.DeviceExtensionSize = sizeof(NULL_ADAPTER);
    Data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    Data.NeedPhysicalAddresses = TRUE;
    Data.TaggedQueuing = TRUE;
    Data.AutoRequestSense = TRUE;
    Data.MultipleRequestPerLu = TRUE;
    Data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT;
    Data.SrbTypeFlags = SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
