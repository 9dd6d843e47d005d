/*
 * Requests: what is answered at once, what a memory disk does at once, and what goes to the worker.
 */
#include "ramdisk.h"

#include <ntddscsi.h>
#include <srbhelper.h>

#include "../common/reply.h"
#include "ramdisk_control.h"

VOID RamdiskComplete(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    SrbSetSrbStatus(Srb, SrbStatus);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

static BOOLEAN HasFile(const RAMDISK_ADAPTER *Adapter)
{
    return Adapter->Settings.BackingFile[0] != '\0';
}

static RAMDISK_REQUEST *RequestOf(PSCSI_REQUEST_BLOCK Srb)
{
    RAMDISK_REQUEST *Request = (RAMDISK_REQUEST *)SrbGetMiniportContext(Srb);

    RtlZeroMemory(Request, sizeof(*Request)); /* the port hands it over with anything in it */
    Request->Srb = Srb;
    return Request;
}

/* Returns the status to complete Srb with, or SRB_STATUS_PENDING when the worker has it. */
static UCHAR QueueForFile(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                          const SCSI_DISK_COMMAND *Command)
{
    RAMDISK_REQUEST *Request = RequestOf(Srb);
    UCHAR Status = SRB_STATUS_INVALID_REQUEST;

    Request->Command = *Command;
    if (Command->DataLength != 0) {
        Request->Data = RequestDataAddress(Adapter, Srb, &Status);
        if (Request->Data == NULL) {
            return Status;
        }
    }
    RamdiskWorkerQueue(Adapter, Request);
    return SRB_STATUS_PENDING;
}

static UCHAR ExecuteScsi(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Lun)
{
    SCSI_DISK_COMMAND Command;
    SCSI_DISK *Disk;
    UCHAR Status;

    Status = ScsiDiskAnswer(Adapter, Adapter->Disks, Adapter->UnitCount, Lun, Srb);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    Disk = &Adapter->Disks[Lun];
    Status = ScsiDiskDecode(Disk, Srb, &Command);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    if (HasFile(Adapter)) {
        return QueueForFile(Adapter, Srb, &Command);
    }
    return MemoryDiskExecute(Adapter, Disk, &Adapter->Memories[Lun], Srb, &Command);
}

/* FLUSH and SHUTDOWN come outside the SCSI command set and mean the same as SYNCHRONIZE CACHE. */
static UCHAR Flush(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    SCSI_DISK_COMMAND Command;

    if (!HasFile(Adapter)) {
        return SRB_STATUS_SUCCESS;
    }
    RtlZeroMemory(&Command, sizeof(Command));
    Command.Operation = ScsiDiskFlush;
    return QueueForFile(Adapter, Srb, &Command);
}

/* A memory disk holds no request beyond its HwStartIo, so there is nothing to end. */
static UCHAR Reset(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    if (!HasFile(Adapter) || RamdiskWorkerReset(Adapter, RequestOf(Srb))) {
        return SRB_STATUS_SUCCESS;
    }
    return SRB_STATUS_PENDING;
}

/* Nothing of a virtual disk changes with its PnP state; what cannot be answered is said so. */
static UCHAR PlugAndPlay(PSCSI_REQUEST_BLOCK Srb)
{
    PSRBEX_DATA_PNP Extended;
    STOR_PNP_ACTION Action;

    if (Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) {
        Extended =
            (PSRBEX_DATA_PNP)SrbGetSrbExDataByType((PSTORAGE_REQUEST_BLOCK)Srb, SrbExDataTypePnP);
        if (Extended == NULL) {
            return SRB_STATUS_INVALID_REQUEST;
        }
        Action = Extended->PnPAction;
    } else {
        Action = ((PSCSI_PNP_REQUEST_BLOCK)Srb)->PnPAction;
    }
    switch (Action) {
    case StorStartDevice:
    case StorRemoveDevice:
    case StorStopDevice:
    case StorSurpriseRemoval:
        return SRB_STATUS_SUCCESS;
    default:
        return SRB_STATUS_INVALID_REQUEST;
    }
}

/* A request of an application: header and data are one buffer, in and out. */
static UCHAR Control(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PSRB_IO_CONTROL Header = (PSRB_IO_CONTROL)SrbGetDataBuffer(Srb);
    RAMDISK_DESCRIPTION *Description = (RAMDISK_DESCRIPTION *)(Header + 1);

    if (SrbGetDataTransferLength(Srb) < sizeof(*Header) ||
        memcmp(Header->Signature, RAMDISK_CONTROL_SIGNATURE, sizeof(Header->Signature)) != 0) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Header->ControlCode != RAMDISK_CONTROL_DESCRIBE) {
        Header->ReturnCode = RAMDISK_CONTROL_UNKNOWN;
        SrbSetDataTransferLength(Srb, sizeof(*Header));
    } else if (Header->Length < sizeof(*Description)) {
        Header->ReturnCode = RAMDISK_CONTROL_TOO_SMALL;
        SrbSetDataTransferLength(Srb, sizeof(*Header));
    } else {
        RAMDISK_DESCRIPTION Answer;

        Answer.UnitCount = Adapter->UnitCount;
        Answer.BlockSize = Adapter->Disks[0].BlockSize;
        Answer.BlockCount = Adapter->Disks[0].BlockCount;
        RtlCopyMemory(Description, &Answer, sizeof(Answer));
        Header->ReturnCode = RAMDISK_CONTROL_GOOD;
        SrbSetDataTransferLength(Srb, sizeof(*Header) + sizeof(Answer));
    }
    return SRB_STATUS_SUCCESS;
}

static UCHAR Dispatch(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    UCHAR Path = 0;
    UCHAR Target = 0;
    UCHAR Lun = 0;

    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
        if (Path != 0) {
            return SRB_STATUS_INVALID_PATH_ID;
        }
        if (Target != 0) {
            return SRB_STATUS_INVALID_TARGET_ID;
        }
        return ExecuteScsi(Adapter, Srb, Lun);
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
        return Flush(Adapter, Srb);
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        return Reset(Adapter, Srb);
    case SRB_FUNCTION_IO_CONTROL:
        return Control(Adapter, Srb);
    case SRB_FUNCTION_PNP:
        return PlugAndPlay(Srb);
    case SRB_FUNCTION_POWER:
        return SRB_STATUS_SUCCESS;
    case SRB_FUNCTION_DUMP_POINTERS:
        return RamdiskGiveDumpData(Adapter, Srb);
    case SRB_FUNCTION_FREE_DUMP_POINTERS:
        return RamdiskTakeBackDumpData(Adapter, Srb);
    default:
        return SRB_STATUS_INVALID_REQUEST;
    }
}

BOOLEAN RamdiskStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    RAMDISK_ADAPTER *Adapter = (RAMDISK_ADAPTER *)DeviceExtension;
    UCHAR Status = Dispatch(Adapter, Srb);

    if (Status != SRB_STATUS_PENDING) {
        RamdiskComplete(Adapter, Srb, Status);
    }
    return TRUE;
}

/*
 * FALSE while the worker is in the middle of a request: its memory is in use by the file system, so
 * it cannot be completed, and a reset that leaves a request out has not succeeded. The port tries
 * again.
 */
BOOLEAN RamdiskResetBus(PVOID DeviceExtension, ULONG PathId)
{
    RAMDISK_ADAPTER *Adapter = (RAMDISK_ADAPTER *)DeviceExtension;

    UNREFERENCED_PARAMETER(PathId);
    return !HasFile(Adapter) || RamdiskWorkerReset(Adapter, NULL);
}
