/*
 * Requests of the miniport with planted defects: a correct disk in memory, and the call of the
 * defect.
 */
#include "defects.h"

#include <srbhelper.h>

#include "../../../miniports/null-physical/scratch_device.h"

static VOID Complete(DEFECTS_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    SrbSetSrbStatus(Srb, SrbStatus);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

static VOID PlantBeforeCompletion(DEFECTS_ADAPTER *Adapter)
{
    switch (Adapter->Defect) {
    case DefectPoolOverflow:
        PlantPoolOverflow(Adapter);
        break;
    case DefectDataRace:
        PlantDataRace(Adapter);
        break;
    case DefectUndefinedShift:
        PlantUndefinedShift(Adapter);
        break;
    default:
        break;
    }
}

static UCHAR ExecuteScsi(DEFECTS_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, BOOLEAN *IsRead)
{
    SCSI_DISK_COMMAND Command;
    UCHAR Path = 0;
    UCHAR Target = 0;
    UCHAR Lun = 0;
    UCHAR Status;

    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    if (Path != 0 || Target != 0) {
        return SRB_STATUS_NO_DEVICE;
    }
    Status = ScsiDiskAnswer(Adapter, &Adapter->Disk, 1, Lun, Srb);
    if (Status == SRB_STATUS_PENDING) {
        Status = ScsiDiskDecode(&Adapter->Disk, Srb, &Command);
    }
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    *IsRead = Command.Operation == ScsiDiskRead;
    if (*IsRead) {
        PlantBeforeCompletion(Adapter);
    }
    return MemoryDiskExecute(Adapter, &Adapter->Disk, &Adapter->Memory, Srb, &Command);
}

/* The action of a PnP request to the adapter itself; StorQueryCapabilities, which means nothing
 * here, otherwise. */
static STOR_PNP_ACTION AdapterPnpAction(PSCSI_REQUEST_BLOCK Srb)
{
    PSRBEX_DATA_PNP Extended;
    PSCSI_PNP_REQUEST_BLOCK Legacy = (PSCSI_PNP_REQUEST_BLOCK)Srb;

    if (Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) {
        Extended =
            (PSRBEX_DATA_PNP)SrbGetSrbExDataByType((PSTORAGE_REQUEST_BLOCK)Srb, SrbExDataTypePnP);
        if (Extended != NULL && (Extended->SrbPnPFlags & SRB_PNP_FLAGS_ADAPTER_REQUEST) != 0) {
            return Extended->PnPAction;
        }
    } else if ((Legacy->SrbPnPFlags & SRB_PNP_FLAGS_ADAPTER_REQUEST) != 0) {
        return Legacy->PnPAction;
    }
    return StorQueryCapabilities;
}

BOOLEAN DefectsStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;
    DEFECTS_REQUEST *Extension = (DEFECTS_REQUEST *)SrbGetMiniportContext(Srb);
    BOOLEAN IsRead = FALSE;
    UCHAR Status = SRB_STATUS_SUCCESS;

    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        Status = ExecuteScsi(Adapter, Srb, &IsRead);
        break;
    case SRB_FUNCTION_PNP:
        Adapter->Removed |= AdapterPnpAction(Srb) == StorRemoveDevice;
        break;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_POWER:
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        break; /* no request is held beyond its HwStartIo */
    default:
        Status = SRB_STATUS_INVALID_REQUEST;
        break;
    }
    Complete(Adapter, Srb, Status);
    if (IsRead && Adapter->Defect == DefectExtensionAfterCompletion) {
        PlantExtensionAfterCompletion(Adapter, Extension);
    }
    return TRUE;
}

BOOLEAN DefectsInterrupt(PVOID DeviceExtension)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;
    ULONG Causes = ReadRegister(Adapter, SCRATCH_INTERRUPT_STATUS);

    /* All ones is what a device that was pulled answers; nothing of ours is pending in it. */
    if (Causes == 0 || Causes == MAXULONG) {
        return FALSE;
    }
    WriteRegister(Adapter, SCRATCH_INTERRUPT_STATUS, Causes);
    CountInterrupt(Adapter);
    return TRUE;
}

BOOLEAN DefectsMessageInterrupt(PVOID DeviceExtension, ULONG MessageId)
{
    UNREFERENCED_PARAMETER(MessageId);
    CountInterrupt((DEFECTS_ADAPTER *)DeviceExtension);
    return TRUE;
}

BOOLEAN DefectsResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE; /* no request is held beyond its HwStartIo */
}
