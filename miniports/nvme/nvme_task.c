/*
 * Resets, aborts and removal: everything that ends requests other than their own completion.
 *
 * Rule: a request is completed for the controller only when the controller cannot touch its memory
 * any more: it has completed it, it is disabled, or it is gone. A reset or abort request is
 * answered with success only when nothing that it covers is left; otherwise the port goes on to the
 * next, harder means, which ends with the bus reset below.
 */
#include "nvme_driver.h"

/* How long a bus reset waits for the controller before it leaves the rest to the service DPC. */
#define RESET_STALL_US    50u
#define RESET_STALL_COUNT 16u

static NVME_ADMIN_DONE AbortDone;

static BOOLEAN IsCovered(const NVME_TASK *Task, const NVME_SLOT *Slot)
{
    PVOID srb = Slot->Srb;

    if (srb == NULL) {
        return FALSE;
    }
    switch (Task->Kind) {
    case NvmeTaskAbort:
        return srb == Task->Victim;
    case NvmeTaskUnit:
        return Slot->Lun == Task->Lun;
    default:
        return TRUE;
    }
}

/* The slot may change under our eyes: then the abort names a command that is over, or another one.
 */
static VOID SendAbort(PNVME_ADAPTER Adapter, USHORT QueueId, ULONG Index, PNVME_SLOT Slot)
{
    NVME_COMMAND command;

    RtlZeroMemory(&command, sizeof(command));
    command.CDW0.OPC = NVME_ADMIN_COMMAND_ABORT;
    command.u.ABORT.CDW10.SQID = QueueId;
    command.u.ABORT.CDW10.CID = Index;
    Slot->AbortSent = TRUE;
    if (NvmeAdminSubmit(Adapter, &command, AbortDone, NULL, 0)) {
        Adapter->AbortsOut++;
    } else {
        Slot->AbortSent = FALSE;
    }
}

/* Counts what a task still covers in one queue and sends the aborts that may be sent now. */
static ULONG VisitQueue(PNVME_ADAPTER Adapter, const NVME_TASK *Task, PNVME_QUEUE Queue)
{
    BOOLEAN sends = Task->Kind != NvmeTaskAll && Adapter->State == NvmeRunning;
    ULONG covered = 0;
    ULONG index;

    for (index = 0; index < Queue->Depth - 1; index++) {
        PNVME_SLOT slot = &Queue->Slots[index];

        if (!IsCovered(Task, slot)) {
            continue;
        }
        covered++;
        if (sends && !slot->AbortSent && Adapter->AbortsOut < Adapter->Target.Identity.AbortLimit) {
            SendAbort(Adapter, Queue->Id, index, slot);
        }
    }
    return covered;
}

static ULONG VisitCovered(PNVME_ADAPTER Adapter, const NVME_TASK *Task)
{
    ULONG covered = VisitQueue(Adapter, Task, &Adapter->Admin);
    ULONG index;

    for (index = 0; index < Adapter->QueueCount; index++) {
        covered += VisitQueue(Adapter, Task, &Adapter->Queues[index]);
    }
    return covered;
}

/* The answer to a task, or SRB_STATUS_PENDING when it has to wait on. */
static UCHAR JudgeTask(PNVME_ADAPTER Adapter, PNVME_TASK Task, ULONG Ticks)
{
    UCHAR failure = Task->Kind == NvmeTaskAbort ? SRB_STATUS_ABORT_FAILED : SRB_STATUS_ERROR;

    if (Adapter->State == NvmeResetting) {
        return SRB_STATUS_PENDING; /* The bring-up ends by itself, one way or the other. */
    }
    if (Adapter->State != NvmeRunning) {
        return failure;
    }
    if (VisitCovered(Adapter, Task) == 0) {
        return SRB_STATUS_SUCCESS;
    }
    Task->Ticks += Ticks;
    return Task->Ticks > NVME_TASK_TICKS ? failure : SRB_STATUS_PENDING;
}

VOID NvmeTasksEvaluate(PNVME_ADAPTER Adapter, ULONG Ticks)
{
    PNVME_TASK *link = &Adapter->Tasks;

    while (*link != NULL) {
        PNVME_TASK task = *link;
        UCHAR status = JudgeTask(Adapter, task, Ticks);

        if (status == SRB_STATUS_PENDING) {
            link = &task->Next;
            continue;
        }
        *link = task->Next;
        NvmeCompleteSrb(Adapter, task->Srb, status);
    }
}

static VOID AbortDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                      const NVME_COMPLETION_ENTRY *Completion)
{
    UNREFERENCED_PARAMETER(Srb);
    UNREFERENCED_PARAMETER(Completion);
    /* Whether the command was aborted is seen by its own completion, which follows or preceded. */
    Adapter->AbortsOut--;
    NvmeTasksEvaluate(Adapter, 0);
}

VOID NvmeTaskBegin(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, NVME_TASK_KIND Kind,
                   PVOID Victim)
{
    PNVME_REQUEST request = SrbGetMiniportContext(Srb);
    NVME_CONTROLLER_STATUS status;
    STOR_LOCK_HANDLE handle = {0};

    if (Adapter->State == NvmeStopped || Adapter->State == NvmeRemoved ||
        (Kind == NvmeTaskAbort && Victim == NULL)) {
        NvmeCompleteSrb(Adapter, Srb,
                        Adapter->State == NvmeRemoved ? SRB_STATUS_NO_DEVICE
                                                      : SRB_STATUS_INVALID_REQUEST);
        return;
    }
    RtlZeroMemory(&request->Task, sizeof(request->Task));
    request->Task.Srb = Srb;
    request->Task.Victim = Victim;
    request->Task.Kind = Kind;
    request->Task.Lun = SrbGetLun(Srb);

    NvmeLockAdmin(Adapter, &handle);
    if (!NvmeReadStatus(Adapter, &status)) {
        NvmeUnlockAdmin(Adapter, &handle);
        NvmeCompleteSrb(Adapter, Srb, SRB_STATUS_NO_DEVICE);
        return;
    }
    if (status.CFS || Kind == NvmeTaskAll) {
        /* A controller that failed completes no abort: only a reset of it helps. */
        NvmeRequestReset(Adapter);
    }
    request->Task.Next = Adapter->Tasks;
    Adapter->Tasks = &request->Task;
    NvmeTasksEvaluate(Adapter, 0);
    NvmeUnlockAdmin(Adapter, &handle);
    NvmeRequestService(Adapter);
}

/* TRUE for the one caller that takes the adapter out of operation. */
static BOOLEAN EnterResetting(PNVME_ADAPTER Adapter)
{
    if (InterlockedCompareExchange(&Adapter->State, NvmeResetting, NvmeRunning) != NvmeRunning &&
        InterlockedCompareExchange(&Adapter->State, NvmeResetting, NvmeFailed) != NvmeFailed) {
        return FALSE;
    }
    StorPortPause(Adapter, NVME_PAUSE_SECONDS);
    NvmeLog(Adapter, NvmeEventReset);
    return TRUE;
}

VOID NvmeRequestReset(PNVME_ADAPTER Adapter)
{
    if (!EnterResetting(Adapter)) {
        return;
    }
    StorPortNotification(ResetDetected, Adapter);
    InterlockedExchange(&Adapter->ResetRequested, TRUE);
    NvmeRequestService(Adapter);
}

/* A short look at whether the controller lets go at once, as most do. */
static BOOLEAN IsDisabledSoon(PNVME_ADAPTER Adapter)
{
    NVME_CONTROLLER_STATUS status;
    ULONG count;

    for (count = 0; count < RESET_STALL_COUNT; count++) {
        if (!NvmeReadStatus(Adapter, &status)) {
            return FALSE;
        }
        if (!status.RDY) {
            return TRUE;
        }
        StorPortStallExecution(RESET_STALL_US);
    }
    return FALSE;
}

/*
 * The port holds its StartIo lock and every channel, so no StartIo runs. No DPC lock may be taken
 * here: what needs one, the service DPC does. Requests that the controller gives back at once are
 * completed here, the others by that DPC, and the adapter stays paused until it is done.
 */
BOOLEAN NvmeResetBus(PVOID DeviceExtension, ULONG PathId)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    if (PathId != 0 || adapter->State == NvmeStopped || adapter->State == NvmeStarting) {
        return FALSE;
    }
    if (EnterResetting(adapter)) {
        if (NvmeDisable(adapter) && IsDisabledSoon(adapter)) {
            NvmeSweepIo(adapter, SRB_STATUS_BUS_RESET);
        }
        InterlockedExchange(&adapter->ResetRequested, TRUE);
    }
    NvmeRequestService(adapter);
    return adapter->State != NvmeRemoved;
}

VOID NvmeMarkRemoved(PNVME_ADAPTER Adapter)
{
    if (InterlockedExchange(&Adapter->State, NvmeRemoved) == NvmeRemoved) {
        return;
    }
    if (!Adapter->Polled && Adapter->Dpcs.Initialized) {
        NvmeRequestService(Adapter);
    }
}

VOID NvmeReturnAll(PNVME_ADAPTER Adapter, UCHAR SrbStatus)
{
    Adapter->BringUp.Phase = NvmePhaseIdle;
    NvmeSweepIo(Adapter, SrbStatus);
    NvmeSweepAdmin(Adapter, SrbStatus);
    while (Adapter->Tasks != NULL) {
        PNVME_TASK task = Adapter->Tasks;

        Adapter->Tasks = task->Next;
        NvmeCompleteSrb(Adapter, task->Srb, SrbStatus);
    }
}

VOID NvmeAbandon(PNVME_ADAPTER Adapter)
{
    if (Adapter->Abandoned || !NvmeIsQuiet(Adapter)) {
        return;
    }
    Adapter->Abandoned = TRUE;
    NvmeReturnAll(Adapter, SRB_STATUS_NO_DEVICE);
    StorPortResume(Adapter);
    NvmeLog(Adapter, NvmeEventRemoved);
    StorPortNotification(BusChangeDetected, Adapter, (UCHAR)0);
}
