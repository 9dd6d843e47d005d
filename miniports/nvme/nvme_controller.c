/*
 * The controller's registers, and the way from any state to operation and back.
 *
 * Rule: one sequence of phases serves the first start, a restart and a reset. It never waits: each
 * step does what can be done now, and is called again by a completion, by the service timer, or by
 * a callback that polls. Every wait for the device is bounded by ticks, and every register value is
 * checked for the all ones of a device that is gone.
 */
#include "nvme_driver.h"

#define ALL_ONES 0xFFFFFFFF

/* Entry sizes, as powers of two, that CC announces. */
#define SUBMISSION_ENTRY_SHIFT 6
#define COMPLETION_ENTRY_SHIFT 4

typedef enum _STEP {
    StepWait,  /* Nothing more can be done now. */
    StepAgain, /* The phase has changed. */
    StepFail,
} STEP;

static NVME_ADMIN_DONE BringUpCommandDone;

ULONG NvmeReadRegister(PNVME_ADAPTER Adapter, ULONG Offset)
{
    return StorPortReadRegisterUlong(Adapter, (PULONG)(PVOID)(Adapter->Registers + Offset));
}

VOID NvmeWriteRegister(PNVME_ADAPTER Adapter, ULONG Offset, ULONG Value)
{
    StorPortWriteRegisterUlong(Adapter, (PULONG)(PVOID)(Adapter->Registers + Offset), Value);
}

/* 64-bit registers are written in halves, which every controller must accept. */
static VOID WriteAddress(PNVME_ADAPTER Adapter, ULONG Offset, STOR_PHYSICAL_ADDRESS Address)
{
    NvmeWriteRegister(Adapter, Offset, Address.LowPart);
    NvmeWriteRegister(Adapter, Offset + sizeof(ULONG), (ULONG)Address.HighPart);
}

BOOLEAN NvmeReadStatus(PNVME_ADAPTER Adapter, NVME_CONTROLLER_STATUS *Status)
{
    if (Adapter->State == NvmeRemoved) {
        return FALSE;
    }
    Status->AsUlong = NvmeReadRegister(Adapter, NVME_REGISTER(CSTS));
    if (Status->AsUlong == ALL_ONES) {
        NvmeMarkRemoved(Adapter);
        return FALSE;
    }
    return TRUE;
}

BOOLEAN NvmeDisable(PNVME_ADAPTER Adapter)
{
    NVME_CONTROLLER_STATUS status;
    NVME_CONTROLLER_CONFIGURATION configuration;

    if (!NvmeReadStatus(Adapter, &status)) {
        return FALSE;
    }
    configuration.AsUlong = NvmeReadRegister(Adapter, NVME_REGISTER(CC));
    if (configuration.EN) {
        configuration.EN = 0;
        configuration.SHN = NVME_CC_SHN_NO_NOTIFICATION;
        NvmeWriteRegister(Adapter, NVME_REGISTER(CC), configuration.AsUlong);
    }
    return TRUE;
}

VOID NvmeEnable(PNVME_ADAPTER Adapter)
{
    NVME_ADMIN_QUEUE_ATTRIBUTES attributes;
    NVME_CONTROLLER_CONFIGURATION configuration;

    attributes.AsUlong = 0;
    attributes.ASQS = Adapter->Admin.Depth - 1;
    attributes.ACQS = Adapter->Admin.Depth - 1;
    NvmeWriteRegister(Adapter, NVME_REGISTER(AQA), attributes.AsUlong);
    WriteAddress(Adapter, NVME_REGISTER(ASQ), Adapter->Admin.CommandsAddress);
    WriteAddress(Adapter, NVME_REGISTER(ACQ), Adapter->Admin.CompletionsAddress);

    configuration.AsUlong = 0;
    configuration.CSS = NVME_CSS_NVM_COMMAND_SET;
    configuration.AMS = NVME_AMS_ROUND_ROBIN;
    configuration.IOSQES = SUBMISSION_ENTRY_SHIFT;
    configuration.IOCQES = COMPLETION_ENTRY_SHIFT;
    configuration.EN = 1;
    NvmeWriteRegister(Adapter, NVME_REGISTER(CC), configuration.AsUlong);
}

static VOID EnterPhase(PNVME_ADAPTER Adapter, NVME_PHASE Phase)
{
    Adapter->BringUp.Phase = Phase;
    Adapter->BringUp.Pending = FALSE;
    Adapter->BringUp.Ticks = 0;
}

VOID NvmeBringUpStart(PNVME_ADAPTER Adapter)
{
    RtlZeroMemory(&Adapter->BringUp, sizeof(Adapter->BringUp));
    EnterPhase(Adapter, NvmePhaseQuiet);
}

static STEP StepQuiet(PNVME_ADAPTER Adapter)
{
    if (!NvmeIsQuiet(Adapter)) {
        return StepWait;
    }
    if (!NvmeDisable(Adapter)) {
        return StepFail;
    }
    EnterPhase(Adapter, NvmePhaseDisable);
    return StepAgain;
}

static VOID LockQueue(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, PSTOR_LOCK_HANDLE Handle)
{
    if (!Adapter->Polled) {
        StorPortAcquireSpinLock(Adapter, DpcLock, Queue->Dpc, Handle);
    }
}

static VOID UnlockQueue(PNVME_ADAPTER Adapter, PSTOR_LOCK_HANDLE Handle)
{
    if (!Adapter->Polled) {
        StorPortReleaseSpinLock(Adapter, Handle);
    }
}

/* The controller holds none of our memory now: give back what it held and empty the rings. */
static VOID RestartQueues(PNVME_ADAPTER Adapter)
{
    STOR_LOCK_HANDLE handle = {0};
    ULONG index;

    NvmeSweepIo(Adapter, SRB_STATUS_BUS_RESET);
    NvmeSweepAdmin(Adapter, SRB_STATUS_BUS_RESET);
    Adapter->ShadowActive = FALSE;
    NvmeQueueUseShadow(Adapter, &Adapter->Admin, FALSE);
    NvmeQueueRestart(&Adapter->Admin);
    for (index = 0; index < Adapter->QueueCount; index++) {
        PNVME_QUEUE queue = &Adapter->Queues[index];

        LockQueue(Adapter, queue, &handle);
        NvmeQueueUseShadow(Adapter, queue, FALSE);
        NvmeQueueRestart(queue);
        UnlockQueue(Adapter, &handle);
    }
}

static STEP StepDisable(PNVME_ADAPTER Adapter)
{
    NVME_CONTROLLER_STATUS status;

    if (!NvmeReadStatus(Adapter, &status)) {
        return StepFail;
    }
    if (status.RDY) {
        if (Adapter->BringUp.Ticks <= Adapter->ReadyTicks) {
            return StepWait;
        }
        NvmeLog(Adapter, NvmeEventNotReady);
        return StepFail;
    }
    RestartQueues(Adapter);
    NvmeEnable(Adapter);
    EnterPhase(Adapter, NvmePhaseEnable);
    return StepAgain;
}

static STEP StepEnable(PNVME_ADAPTER Adapter)
{
    NVME_CONTROLLER_STATUS status;

    if (!NvmeReadStatus(Adapter, &status)) {
        return StepFail;
    }
    if (status.CFS) {
        NvmeLog(Adapter, NvmeEventFatalStatus);
        return StepFail;
    }
    if (!status.RDY) {
        if (Adapter->BringUp.Ticks <= Adapter->ReadyTicks) {
            return StepWait;
        }
        NvmeLog(Adapter, NvmeEventNotReady);
        return StepFail;
    }
    if (Adapter->LineInterrupt && Adapter->Polled) {
        NvmeWriteRegister(Adapter, NVME_REGISTER(INTMS), 1);
    }
    EnterPhase(Adapter, NvmePhaseQueueCount);
    return StepAgain;
}

static VOID BuildQueueCount(PNVME_ADAPTER Adapter, NVME_COMMAND *Command)
{
    ULONG count = Adapter->QueueCount != 0 ? Adapter->QueueCount : NVME_MAX_IO_QUEUES;

    Command->CDW0.OPC = NVME_ADMIN_COMMAND_SET_FEATURES;
    Command->u.SETFEATURES.CDW10.FID = NVME_FEATURE_NUMBER_OF_QUEUES;
    Command->u.SETFEATURES.CDW11.NumberOfQueues.NSQ = count - 1;
    Command->u.SETFEATURES.CDW11.NumberOfQueues.NCQ = count - 1;
}

static VOID BuildCreateQueue(PNVME_QUEUE Queue, BOOLEAN IsCompletion, BOOLEAN Polled,
                             NVME_COMMAND *Command)
{
    if (IsCompletion) {
        Command->CDW0.OPC = NVME_ADMIN_COMMAND_CREATE_IO_CQ;
        Command->PRP1 = (ULONGLONG)Queue->CompletionsAddress.QuadPart;
        Command->u.CREATEIOCQ.CDW10.QID = Queue->Id;
        Command->u.CREATEIOCQ.CDW10.QSIZE = Queue->Depth - 1;
        Command->u.CREATEIOCQ.CDW11.PC = 1;
        Command->u.CREATEIOCQ.CDW11.IEN = Polled ? 0 : 1;
        Command->u.CREATEIOCQ.CDW11.IV = Queue->Message;
        return;
    }
    Command->CDW0.OPC = NVME_ADMIN_COMMAND_CREATE_IO_SQ;
    Command->PRP1 = (ULONGLONG)Queue->CommandsAddress.QuadPart;
    Command->u.CREATEIOSQ.CDW10.QID = Queue->Id;
    Command->u.CREATEIOSQ.CDW10.QSIZE = Queue->Depth - 1;
    Command->u.CREATEIOSQ.CDW11.PC = 1;
    Command->u.CREATEIOSQ.CDW11.CQID = Queue->Id;
}

static VOID BuildShadow(PNVME_ADAPTER Adapter, NVME_COMMAND *Command)
{
    RtlZeroMemory(Adapter->ShadowPage.Bytes, NVME_PAGE_BYTES);
    RtlZeroMemory(Adapter->EventPage.Bytes, NVME_PAGE_BYTES);
    Command->CDW0.OPC = NVME_ADMIN_COMMAND_DOORBELL_BUFFER_CONFIG;
    Command->PRP1 = (ULONGLONG)Adapter->ShadowPage.Address.QuadPart;
    Command->PRP2 = (ULONGLONG)Adapter->EventPage.Address.QuadPart;
}

/* All critical warnings, and the namespace notice when the controller can send it. */
static VOID BuildEvents(PNVME_ADAPTER Adapter, NVME_COMMAND *Command)
{
    NVME_CDW11_FEATURE_ASYNC_EVENT_CONFIG wanted;

    wanted.AsUlong = 0;
    wanted.NsAttributeNotices = 1;
    wanted.AsUlong &= Adapter->Target.Identity.AsyncEventMask;
    wanted.CriticalWarnings = 0x1F;
    Command->CDW0.OPC = NVME_ADMIN_COMMAND_SET_FEATURES;
    Command->u.SETFEATURES.CDW10.FID = NVME_FEATURE_ASYNC_EVENT_CONFIG;
    Command->u.SETFEATURES.CDW11.AsUlong = wanted.AsUlong;
}

static VOID BuildWriteCache(PNVME_ADAPTER Adapter, NVME_COMMAND *Command)
{
    if (!Adapter->WriteCacheChosen) {
        Command->CDW0.OPC = NVME_ADMIN_COMMAND_GET_FEATURES;
        Command->u.GETFEATURES.CDW10.FID = NVME_FEATURE_VOLATILE_WRITE_CACHE;
        return;
    }
    Command->CDW0.OPC = NVME_ADMIN_COMMAND_SET_FEATURES;
    Command->u.SETFEATURES.CDW10.FID = NVME_FEATURE_VOLATILE_WRITE_CACHE;
    Command->u.SETFEATURES.CDW11.VolatileWriteCache.WCE =
        Adapter->Target.Identity.WriteCacheEnabled ? 1 : 0;
}

static STEP StepCommand(PNVME_ADAPTER Adapter)
{
    NVME_COMMAND command;

    RtlZeroMemory(&command, sizeof(command));
    switch (Adapter->BringUp.Phase) {
    case NvmePhaseQueueCount:
        BuildQueueCount(Adapter, &command);
        break;
    case NvmePhaseCompletionQueue:
        BuildCreateQueue(&Adapter->Queues[Adapter->BringUp.Queue], TRUE, Adapter->DumpMode != 0,
                         &command);
        break;
    case NvmePhaseSubmissionQueue:
        BuildCreateQueue(&Adapter->Queues[Adapter->BringUp.Queue], FALSE, Adapter->DumpMode != 0,
                         &command);
        break;
    case NvmePhaseShadow:
        BuildShadow(Adapter, &command);
        break;
    case NvmePhaseEvents:
        BuildEvents(Adapter, &command);
        break;
    default:
        BuildWriteCache(Adapter, &command);
        break;
    }
    if (!NvmeAdminSubmit(Adapter, &command, BringUpCommandDone, NULL, 0)) {
        return StepFail;
    }
    Adapter->BringUp.Pending = TRUE;
    return StepWait;
}

/* After the queues: the commands that only some controllers have. */
static NVME_PHASE NextOptionalPhase(PNVME_ADAPTER Adapter, NVME_PHASE Phase)
{
    if (Adapter->DumpMode != 0) {
        return NvmePhaseDone;
    }
    if (Phase < NvmePhaseShadow && Adapter->Target.Identity.HasShadowDoorbells &&
        Adapter->Settings.ShadowDoorbells) {
        return NvmePhaseShadow;
    }
    if (Phase < NvmePhaseEvents) {
        return NvmePhaseEvents;
    }
    if (Phase < NvmePhaseWriteCache && Adapter->Target.Identity.VolatileWriteCache) {
        return NvmePhaseWriteCache;
    }
    return NvmePhaseDone;
}

static VOID StartShadow(PNVME_ADAPTER Adapter)
{
    STOR_LOCK_HANDLE handle = {0};
    ULONG index;

    Adapter->ShadowActive = TRUE;
    NvmeQueueUseShadow(Adapter, &Adapter->Admin, TRUE);
    for (index = 0; index < Adapter->QueueCount; index++) {
        LockQueue(Adapter, &Adapter->Queues[index], &handle);
        NvmeQueueUseShadow(Adapter, &Adapter->Queues[index], TRUE);
        UnlockQueue(Adapter, &handle);
    }
}

/* The result of the queue count names both kinds of queues, less one. */
static BOOLEAN HasEnoughQueues(PNVME_ADAPTER Adapter, ULONG Result)
{
    ULONG submission = (Result & 0xFFFF) + 1;
    ULONG completion = (Result >> 16) + 1;

    Adapter->ControllerQueues = submission < completion ? submission : completion;
    return Adapter->ControllerQueues >= Adapter->QueueCount;
}

/* Judges the result of a command. Returns the next phase, or NvmePhaseIdle for failure. */
static NVME_PHASE AfterCommand(PNVME_ADAPTER Adapter, const NVME_COMPLETION_ENTRY *Completion)
{
    BOOLEAN good = NvmeSucceeded(Completion);

    switch (Adapter->BringUp.Phase) {
    case NvmePhaseQueueCount:
        if (!good || !HasEnoughQueues(Adapter, Completion->DW0)) {
            return NvmePhaseIdle;
        }
        return Adapter->QueueCount != 0 ? NvmePhaseCompletionQueue : NvmePhaseDone;
    case NvmePhaseCompletionQueue:
        return good ? NvmePhaseSubmissionQueue : NvmePhaseIdle;
    case NvmePhaseSubmissionQueue:
        if (!good) {
            return NvmePhaseIdle;
        }
        Adapter->BringUp.Queue++;
        if (Adapter->BringUp.Queue < Adapter->QueueCount) {
            return NvmePhaseCompletionQueue;
        }
        break;
    case NvmePhaseShadow:
        if (good) {
            StartShadow(Adapter);
        }
        break;
    case NvmePhaseWriteCache:
        if (!Adapter->WriteCacheChosen) {
            /* A cache that does not tell its state is taken as enabled: that is its default. */
            Adapter->Target.Identity.WriteCacheEnabled = !good || (Completion->DW0 & 1) != 0;
        }
        break;
    default:
        break;
    }
    return NextOptionalPhase(Adapter, Adapter->BringUp.Phase);
}

static VOID BringUpFailed(PNVME_ADAPTER Adapter)
{
    Adapter->BringUp.Phase = NvmePhaseIdle;
    Adapter->BringUp.Failed = TRUE;
    NvmeDisable(Adapter);
    if (InterlockedCompareExchange(&Adapter->State, NvmeFailed, NvmeResetting) == NvmeResetting) {
        NvmeTasksEvaluate(Adapter, 0);
        StorPortResume(Adapter);
    }
}

static VOID BringUpCommandDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                               const NVME_COMPLETION_ENTRY *Completion)
{
    NVME_PHASE next = AfterCommand(Adapter, Completion);

    UNREFERENCED_PARAMETER(Srb);
    if (next == NvmePhaseIdle) {
        NvmeLog(Adapter, NvmeEventCommandFailed);
        BringUpFailed(Adapter);
        return;
    }
    EnterPhase(Adapter, next);
    NvmeBringUpStep(Adapter);
}

/* Only a reset ends here by itself; a polling callback finishes its own start. */
static STEP StepDone(PNVME_ADAPTER Adapter)
{
    Adapter->BringUp.Phase = NvmePhaseIdle;
    if (InterlockedCompareExchange(&Adapter->State, NvmeRunning, NvmeResetting) == NvmeResetting) {
        NvmeArmEvents(Adapter);
        NvmeScanStart(Adapter);
        NvmeTasksEvaluate(Adapter, 0);
        StorPortResume(Adapter);
    }
    return StepWait;
}

static STEP StepPhase(PNVME_ADAPTER Adapter)
{
    switch (Adapter->BringUp.Phase) {
    case NvmePhaseIdle:
        return StepWait;
    case NvmePhaseQuiet:
        return StepQuiet(Adapter);
    case NvmePhaseDisable:
        return StepDisable(Adapter);
    case NvmePhaseEnable:
        return StepEnable(Adapter);
    case NvmePhaseDone:
        return StepDone(Adapter);
    default:
        if (!Adapter->BringUp.Pending) {
            return StepCommand(Adapter);
        }
        if (Adapter->BringUp.Ticks <= NVME_COMMAND_TICKS) {
            return StepWait;
        }
        NvmeLog(Adapter, NvmeEventCommandFailed);
        return StepFail;
    }
}

VOID NvmeBringUpStep(PNVME_ADAPTER Adapter)
{
    STEP step;

    do {
        step = StepPhase(Adapter);
    } while (step == StepAgain);
    if (step == StepFail) {
        BringUpFailed(Adapter);
    }
}
