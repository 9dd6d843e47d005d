/*
 * Polling: FindAdapter, PassiveInitialize, ScsiStopAdapter and ScsiRestartAdapter own the adapter
 * and cannot wait for interrupts.
 *
 * Rule: a poll ends by success, by the device's absence, or by a count of stalls, never by hope.
 */
#include "nvme_driver.h"

#define SCAN_TICKS_MAX     3000u
#define SHUTDOWN_TICKS_MAX 500u
#define TICK_POLLS         (NVME_TICK_US / NVME_POLL_US)

typedef BOOLEAN POLL_OVER(PNVME_ADAPTER Adapter);
typedef BOOLEAN STATUS_OVER(NVME_CONTROLLER_STATUS Status);

static NVME_ADMIN_DONE IdentifyDone;

static BOOLEAN IsBringUpOver(PNVME_ADAPTER Adapter)
{
    return Adapter->BringUp.Phase == NvmePhaseIdle;
}

static BOOLEAN IsIdentifyOver(PNVME_ADAPTER Adapter)
{
    return !Adapter->IdentifyBusy;
}

static BOOLEAN IsScanOver(PNVME_ADAPTER Adapter)
{
    return !Adapter->Scan.Busy;
}

/* FALSE when the time is over or the device is gone before Over says TRUE. */
static BOOLEAN Poll(PNVME_ADAPTER Adapter, POLL_OVER *Over, ULONG TicksMax)
{
    ULONG polls = 0;
    ULONG ticks = 0;

    for (;;) {
        NvmeAdminDrain(Adapter);
        NvmeBringUpStep(Adapter);
        if (Over(Adapter)) {
            return TRUE;
        }
        if (Adapter->State == NvmeRemoved || ticks >= TicksMax) {
            return FALSE;
        }
        StorPortStallExecution(NVME_POLL_US);
        if (++polls == TICK_POLLS) {
            polls = 0;
            ticks++;
            Adapter->BringUp.Ticks++;
        }
    }
}

BOOLEAN NvmeBringUpPolled(PNVME_ADAPTER Adapter)
{
    NvmeBringUpStart(Adapter);
    /* Each phase is bounded by itself, so the sequence needs no limit of its own. */
    return Poll(Adapter, IsBringUpOver, MAXULONG) && !Adapter->BringUp.Failed;
}

static VOID IdentifyDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                         const NVME_COMPLETION_ENTRY *Completion)
{
    const NVME_IDENTIFY_CONTROLLER_DATA *data =
        (const NVME_IDENTIFY_CONTROLLER_DATA *)(PVOID)Adapter->IdentifyPage.Bytes;

    UNREFERENCED_PARAMETER(Srb);
    Adapter->IdentifyFailed = !NvmeSucceeded(Completion) || !NvmeReadIdentity(Adapter, data);
    Adapter->IdentifyBusy = FALSE;
}

BOOLEAN NvmeIdentifyPolled(PNVME_ADAPTER Adapter)
{
    NVME_COMMAND command;

    RtlZeroMemory(&command, sizeof(command));
    command.CDW0.OPC = NVME_ADMIN_COMMAND_IDENTIFY;
    command.PRP1 = (ULONGLONG)Adapter->IdentifyPage.Address.QuadPart;
    command.u.IDENTIFY.CDW10.CNS = NVME_IDENTIFY_CNS_CONTROLLER;
    Adapter->IdentifyBusy = TRUE;
    return NvmeAdminSubmit(Adapter, &command, IdentifyDone, NULL, 0) &&
           Poll(Adapter, IsIdentifyOver, NVME_COMMAND_TICKS) && !Adapter->IdentifyFailed;
}

BOOLEAN NvmeScanPolled(PNVME_ADAPTER Adapter)
{
    NvmeScanStart(Adapter);
    return Poll(Adapter, IsScanOver, SCAN_TICKS_MAX) && !Adapter->Scan.Failed;
}

static BOOLEAN IsShutDown(NVME_CONTROLLER_STATUS Status)
{
    return Status.SHST == NVME_CSTS_SHST_SHUTDOWN_COMPLETED || Status.CFS;
}

static BOOLEAN IsDisabled(NVME_CONTROLLER_STATUS Status)
{
    return !Status.RDY;
}

static VOID PollStatus(PNVME_ADAPTER Adapter, STATUS_OVER *Over, ULONG TicksMax)
{
    NVME_CONTROLLER_STATUS status;
    ULONG polls;

    for (polls = 0; polls < TicksMax * TICK_POLLS; polls++) {
        if (!NvmeReadStatus(Adapter, &status) || Over(status)) {
            return;
        }
        StorPortStallExecution(NVME_POLL_US);
    }
}

VOID NvmeShutdown(PNVME_ADAPTER Adapter)
{
    NVME_CONTROLLER_STATUS status;
    NVME_CONTROLLER_CONFIGURATION configuration;

    if (!NvmeReadStatus(Adapter, &status)) {
        return;
    }
    configuration.AsUlong = NvmeReadRegister(Adapter, NVME_REGISTER(CC));
    if (configuration.EN && status.RDY) {
        configuration.SHN = NVME_CC_SHN_NORMAL_SHUTDOWN;
        NvmeWriteRegister(Adapter, NVME_REGISTER(CC), configuration.AsUlong);
        PollStatus(Adapter, IsShutDown, SHUTDOWN_TICKS_MAX);
    }
    if (NvmeDisable(Adapter)) {
        PollStatus(Adapter, IsDisabled, Adapter->ReadyTicks);
    }
}
