/*
 * Adapter control and plug and play: stop, restart and removal.
 *
 * Rule: after a stop nothing of the driver touches the device and the device touches nothing of the
 * driver: the controller is shut down and disabled, no timer is armed, and DPCs that were queued
 * find the adapter polled and leave.
 */
#include "nvme_driver.h"

/* Stop may run above DISPATCH_LEVEL, so it takes no lock and logs nothing. */
static VOID StopAdapter(PNVME_ADAPTER Adapter)
{
    Adapter->LogForbidden = TRUE;
    NvmeBeginPolling(Adapter);
    StorPortNotification(RequestTimerCall, Adapter, NvmeTimer, (ULONG)0);
    if (Adapter->State != NvmeRemoved && Adapter->State != NvmeStopped) {
        NvmeShutdown(Adapter);
    }
    if (InterlockedExchange(&Adapter->State, NvmeStopped) != NvmeStopped) {
        NvmeReturnAll(Adapter, SRB_STATUS_NO_HBA);
    }
}

static BOOLEAN RestartAdapter(PNVME_ADAPTER Adapter)
{
    Adapter->LogForbidden = TRUE;
    NvmeBeginPolling(Adapter);
    InterlockedExchange(&Adapter->State, NvmeStarting);
    if (!NvmeBringUpPolled(Adapter)) {
        InterlockedCompareExchange(&Adapter->State, NvmeFailed, NvmeStarting);
        return FALSE;
    }
    InterlockedExchange(&Adapter->State, NvmeRunning);
    NvmeArmEvents(Adapter);
    NvmeScanStart(Adapter);
    Adapter->LogForbidden = FALSE;
    NvmeEndPolling(Adapter);
    return TRUE;
}

static VOID ListSupported(PSCSI_SUPPORTED_CONTROL_TYPE_LIST List)
{
    static const UCHAR supported[] = {ScsiQuerySupportedControlTypes,
                                      ScsiStopAdapter,
                                      ScsiRestartAdapter,
                                      ScsiSetBootConfig,
                                      ScsiSetRunningConfig,
                                      ScsiAdapterSurpriseRemoval};
    ULONG index;

    for (index = 0; index < sizeof(supported); index++) {
        if (supported[index] < List->MaxControlType) {
            List->SupportedTypeList[supported[index]] = TRUE;
        }
    }
}

SCSI_ADAPTER_CONTROL_STATUS
NvmeAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        ListSupported(Parameters);
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        StopAdapter(adapter);
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        return RestartAdapter(adapter) ? ScsiAdapterControlSuccess : ScsiAdapterControlUnsuccessful;
    case ScsiSetBootConfig:
    case ScsiSetRunningConfig:
        return ScsiAdapterControlSuccess; /* Nothing in configuration space is ours to set. */
    case ScsiAdapterSurpriseRemoval:
        NvmeMarkRemoved(adapter);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

/* Where the two kinds of SRB keep the plug and play action and its flags. */
static VOID ReadPnp(PSCSI_REQUEST_BLOCK Srb, ULONG *Action, ULONG *Flags)
{
    *Action = MAXULONG;
    *Flags = 0;
    if (Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) {
        PSRBEX_DATA_PNP data =
            (PSRBEX_DATA_PNP)SrbGetSrbExDataByType((PSTORAGE_REQUEST_BLOCK)Srb, SrbExDataTypePnP);

        if (data != NULL) {
            *Action = data->PnPAction;
            *Flags = data->SrbPnPFlags;
        }
        return;
    }
    *Action = ((PSCSI_PNP_REQUEST_BLOCK)Srb)->PnPAction;
    *Flags = ((PSCSI_PNP_REQUEST_BLOCK)Srb)->SrbPnPFlags;
}

/* A unit is not removable, has no lock and no eject; the adapter's answer is the port's own. */
static VOID FillCapabilities(PSCSI_REQUEST_BLOCK Srb, ULONG Flags)
{
    PSTOR_DEVICE_CAPABILITIES capabilities = SrbGetDataBuffer(Srb);

    if ((Flags & SRB_PNP_FLAGS_ADAPTER_REQUEST) || capabilities == NULL ||
        SrbGetDataTransferLength(Srb) < sizeof(*capabilities)) {
        return;
    }
    capabilities->DeviceD1 = 0;
    capabilities->DeviceD2 = 0;
    capabilities->LockSupported = 0;
    capabilities->EjectSupported = 0;
    capabilities->Removable = 0;
    capabilities->DockDevice = 0;
    capabilities->UniqueID = 0;
    capabilities->SilentInstall = 0;
    capabilities->SurpriseRemovalOK = 0;
    capabilities->NoDisplayInUI = 0;
}

/* May come for an adapter that never started, and without BuildIo before it. */
VOID NvmeStartPnp(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    UCHAR status = SRB_STATUS_SUCCESS;
    ULONG action;
    ULONG flags;

    ReadPnp(Srb, &action, &flags);
    switch (action) {
    case StorStartDevice:
    case StorStopDevice:
    case StorRemoveDevice:
        break; /* ScsiStopAdapter follows for the adapter; a unit holds nothing. */
    case StorQueryCapabilities:
        FillCapabilities(Srb, flags);
        break;
    case StorSurpriseRemoval:
        if (flags & SRB_PNP_FLAGS_ADAPTER_REQUEST) {
            NvmeMarkRemoved(Adapter);
        }
        break;
    default:
        status = SRB_STATUS_INVALID_REQUEST;
        break;
    }
    NvmeCompleteSrb(Adapter, Srb, status);
}
