/*
 * Interrupts, the DPCs behind them, and the service timer.
 *
 * Rule: an interrupt routine looks at nothing that a DPC changes; it masks a line interrupt and
 * issues DPCs, and those find their work in the rings. So a DPC that was already queued loses
 * nothing, and neither does an interrupt that comes too early or for nobody.
 */
#include "nvme_driver.h"

/* A DPC runs for microseconds; one that runs for longer than this is not worth waiting for. */
#define DPC_WAIT_COUNT 2000u

static HW_DPC_ROUTINE AdminDpc;
static HW_DPC_ROUTINE IoDpc;
static HW_DPC_ROUTINE ServiceDpc;

VOID NvmeLockAdmin(PNVME_ADAPTER Adapter, PSTOR_LOCK_HANDLE Handle)
{
    StorPortAcquireSpinLock(Adapter, DpcLock, &Adapter->Dpcs.Admin, Handle);
}

VOID NvmeUnlockAdmin(PNVME_ADAPTER Adapter, PSTOR_LOCK_HANDLE Handle)
{
    StorPortReleaseSpinLock(Adapter, Handle);
}

VOID NvmeInitializeDpcs(PNVME_ADAPTER Adapter)
{
    ULONG index;

    if (Adapter->Dpcs.Initialized) {
        return;
    }
    StorPortInitializeDpc(Adapter, &Adapter->Dpcs.Admin, AdminDpc);
    StorPortInitializeDpc(Adapter, &Adapter->Dpcs.Service, ServiceDpc);
    for (index = 0; index < NVME_MAX_IO_QUEUES; index++) {
        StorPortInitializeDpc(Adapter, &Adapter->Dpcs.Io[index], IoDpc);
    }
    InterlockedExchange(&Adapter->Dpcs.Initialized, TRUE);
}

VOID NvmeRequestService(PNVME_ADAPTER Adapter)
{
    StorPortIssueDpc(Adapter, &Adapter->Dpcs.Service, NULL, NULL);
}

/* Interrupts have work only between the end of polling and a stop. */
static BOOLEAN IsListening(PNVME_ADAPTER Adapter)
{
    return Adapter->Dpcs.Initialized && !Adapter->Polled && Adapter->State != NvmeStopped;
}

VOID NvmeBeginPolling(PNVME_ADAPTER Adapter)
{
    ULONG count;

    InterlockedExchange(&Adapter->Polled, TRUE);
    for (count = 0; Adapter->ControlDpcs != 0 && count < DPC_WAIT_COUNT; count++) {
        StorPortStallExecution(NVME_POLL_US);
    }
}

VOID NvmeEndPolling(PNVME_ADAPTER Adapter)
{
    InterlockedExchange(&Adapter->Polled, FALSE);
    if (Adapter->LineInterrupt) {
        NvmeWriteRegister(Adapter, NVME_REGISTER(INTMC), 1);
        return;
    }
    /* A message that came while the queue was polled was ignored, and no other one follows it. */
    StorPortIssueDpc(Adapter, &Adapter->Dpcs.Admin, NULL, NULL);
}

BOOLEAN NvmeMessageInterrupt(PVOID DeviceExtension, ULONG MessageId)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    if (!IsListening(adapter)) {
        return TRUE;
    }
    if (MessageId == adapter->Admin.Message) {
        StorPortIssueDpc(adapter, &adapter->Dpcs.Admin, NULL, NULL);
    }
    if (MessageId > 0 && MessageId <= adapter->QueueCount) {
        StorPortIssueDpc(adapter, &adapter->Dpcs.Io[MessageId - 1], NULL, NULL);
    } else if (adapter->MessageCount == 1) {
        StorPortIssueDpc(adapter, &adapter->Dpcs.Io[0], NULL, NULL);
    }
    return TRUE;
}

/*
 * The controller has no register that says whether it interrupts: a completion with the right phase
 * says so. The line is masked until the DPC has taken what there is.
 */
BOOLEAN NvmeInterrupt(PVOID DeviceExtension)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    if (adapter->DumpMode != 0) {
        return NvmePollDump(adapter);
    }
    if (!adapter->LineInterrupt || adapter->State == NvmeStopped || adapter->State == NvmeRemoved ||
        (!NvmeQueueHasWork(&adapter->Admin) && !NvmeQueueHasWork(&adapter->Queues[0]))) {
        return FALSE;
    }
    NvmeWriteRegister(adapter, NVME_REGISTER(INTMS), 1);
    if (IsListening(adapter)) {
        StorPortIssueDpc(adapter, &adapter->Dpcs.Admin, NULL, NULL);
    }
    return TRUE;
}

static VOID DrainIoQueue(PNVME_ADAPTER Adapter, ULONG Index)
{
    PNVME_QUEUE queue = &Adapter->Queues[Index];
    STOR_LOCK_HANDLE handle = {0};
    BOOLEAN more;

    StorPortAcquireSpinLock(Adapter, DpcLock, queue->Dpc, &handle);
    more = NvmeDrainIo(Adapter, queue);
    StorPortReleaseSpinLock(Adapter, &handle);
    if (more) {
        StorPortIssueDpc(Adapter, queue->Dpc, NULL, NULL);
    }
}

static VOID IoDpc(PSTOR_DPC Dpc, PVOID DeviceExtension, PVOID Argument1, PVOID Argument2)
{
    PNVME_ADAPTER adapter = DeviceExtension;
    ULONG index = (ULONG)(Dpc - adapter->Dpcs.Io);

    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    if (index < adapter->QueueCount && IsListening(adapter)) {
        DrainIoQueue(adapter, index);
    }
}

static VOID ServeAdmin(PNVME_ADAPTER Adapter)
{
    STOR_LOCK_HANDLE handle = {0};

    NvmeLockAdmin(Adapter, &handle);
    NvmeAdminDrain(Adapter);
    NvmeUnlockAdmin(Adapter, &handle);
    if (Adapter->LineInterrupt) {
        DrainIoQueue(Adapter, 0);
        if (Adapter->State != NvmeRemoved) {
            NvmeWriteRegister(Adapter, NVME_REGISTER(INTMC), 1);
        }
    }
}

/* The count goes up before the look at Polled, so that who sets Polled sees the one or the other.
 */
static VOID AdminDpc(PSTOR_DPC Dpc, PVOID DeviceExtension, PVOID Argument1, PVOID Argument2)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    InterlockedIncrement(&adapter->ControlDpcs);
    if (IsListening(adapter)) {
        ServeAdmin(adapter);
    }
    InterlockedDecrement(&adapter->ControlDpcs);
}

/* The timer holds the StartIo lock, which must not be held with a DPC lock: hand over to a DPC. */
VOID NvmeTimer(PVOID DeviceExtension)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    InterlockedIncrement(&adapter->Ticks);
    NvmeRequestService(adapter);
}

static BOOLEAN NeedsTimer(PNVME_ADAPTER Adapter)
{
    if (Adapter->State == NvmeRemoved) {
        return !Adapter->Abandoned;
    }
    return Adapter->BringUp.Phase != NvmePhaseIdle || Adapter->Tasks != NULL;
}

static VOID Serve(PNVME_ADAPTER Adapter)
{
    STOR_LOCK_HANDLE handle = {0};
    ULONG ticks;

    NvmeLockAdmin(Adapter, &handle);
    ticks = (ULONG)InterlockedExchange(&Adapter->Ticks, 0);
    if (Adapter->State != NvmeRemoved) {
        if (InterlockedExchange(&Adapter->ResetRequested, FALSE)) {
            NvmeBringUpStart(Adapter);
        }
        Adapter->BringUp.Ticks += ticks;
        NvmeBringUpStep(Adapter);
        NvmeTasksEvaluate(Adapter, ticks);
    }
    if (Adapter->State == NvmeRemoved) {
        NvmeAbandon(Adapter);
    }
    if (NeedsTimer(Adapter)) {
        StorPortNotification(RequestTimerCall, Adapter, NvmeTimer, (ULONG)NVME_TICK_US);
    }
    NvmeUnlockAdmin(Adapter, &handle);
}

/* Everything that takes time: resets, waiting tasks, and the end of a removed device. */
static VOID ServiceDpc(PSTOR_DPC Dpc, PVOID DeviceExtension, PVOID Argument1, PVOID Argument2)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    InterlockedIncrement(&adapter->ControlDpcs);
    if (IsListening(adapter)) {
        Serve(adapter);
    }
    InterlockedDecrement(&adapter->ControlDpcs);
}
