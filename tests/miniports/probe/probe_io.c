/*
 * Requests of the probe: noted, scripted, completed where the script says.
 */
#include "probe.h"

#include <ntddstor.h>
#include <srbhelper.h>

#include "../../../miniports/null-physical/scratch_device.h"

#define TIMER_MICROSECONDS 1000

PROBE_SCRIPT *ProbeScript(PSCSI_REQUEST_BLOCK Srb)
{
    PCDB Cdb;

    if (SrbGetSrbFunction(Srb) != SRB_FUNCTION_EXECUTE_SCSI) {
        return NULL;
    }
    Cdb = SrbGetCdb(Srb);
    return Cdb != NULL && Cdb->AsByte[0] == PROBE_OP_SCRIPT ? (PROBE_SCRIPT *)Cdb : NULL;
}

/* ---- stacks ---- */

VOID ProbePush(PROBE_STACK *Stack, PROBE_REQUEST *Request)
{
    PROBE_REQUEST *Head;

    do {
        Head = *Stack;
        Request->Next = Head;
    } while (InterlockedCompareExchangePointer((PVOID volatile *)Stack, Request, Head) != Head);
}

/* All that the stack has, oldest first. */
static PROBE_REQUEST *PopAll(PROBE_STACK *Stack)
{
    PROBE_REQUEST *Newest =
        (PROBE_REQUEST *)InterlockedExchangePointer((PVOID volatile *)Stack, NULL);
    PROBE_REQUEST *Oldest = NULL;

    while (Newest != NULL) {
        PROBE_REQUEST *Next = Newest->Next;

        Newest->Next = Oldest;
        Oldest = Newest;
        Newest = Next;
    }
    return Oldest;
}

/* ---- completion ---- */

VOID ProbeComplete(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    PROBE_SCRIPT *Script = ProbeScript(Srb);

    SrbSetSrbStatus(Srb, SrbStatus);
    ProbeNote(Adapter, ProbeCompletes, Srb, Script != NULL ? Script->Tag : 0, SrbStatus);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

/* Sense data in the fixed format: UNIT ATTENTION 29/00. */
static VOID FillSense(PSCSI_REQUEST_BLOCK Srb, UCHAR Length)
{
    PUCHAR Sense = (PUCHAR)SrbGetSenseInfoBuffer(Srb);
    UCHAR Room = SrbGetSenseInfoBufferLength(Srb);

    if (Sense == NULL) {
        return;
    }
    if (Length > Room) {
        Length = Room;
    }
    RtlZeroMemory(Sense, Length);
    Sense[0] = 0x70;
    if (Length > 12) {
        Sense[2] = 6;
        Sense[7] = (UCHAR)(Length - 8);
        Sense[12] = 0x29;
    }
    SrbSetSenseInfoBufferLength(Srb, Length);
}

/* The status that the script wants for this attempt, with all that goes with it. */
static UCHAR ApplyScript(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                         const PROBE_SCRIPT *Script)
{
    ULONG Attempt = Script->Tag != 0 ? (ULONG)Adapter->Attempts[Script->Tag] : 1;

    if (Attempt > Script->Times) {
        return SRB_STATUS_SUCCESS;
    }
    SrbSetScsiStatus(Srb, Script->ScsiStatus);
    if (Script->ShortBy != 0) {
        SrbSetDataTransferLength(Srb, SrbGetDataTransferLength(Srb) - Script->ShortBy);
    }
    if (Script->DestroyLength != 0) {
        SrbSetDataTransferLength(Srb, 1);
    }
    if (Script->SenseLength != 0) {
        FillSense(Srb, Script->SenseLength);
    }
    return Script->SrbStatus;
}

VOID ProbeCompleteStack(PROBE_ADAPTER *Adapter, PROBE_STACK *Stack, UCHAR SrbStatus)
{
    PROBE_REQUEST *Request = PopAll(Stack);

    while (Request != NULL) {
        PROBE_REQUEST *Next = Request->Next;
        PSCSI_REQUEST_BLOCK Srb = Request->Srb;
        PROBE_SCRIPT *Script = ProbeScript(Srb);
        UCHAR Status = SrbStatus;

        if (Status == SRB_STATUS_PENDING) {
            Status = Script != NULL ? ApplyScript(Adapter, Srb, Script)
                                    : ProbeAnswer(Adapter, Srb, Request);
        }
        ProbeComplete(Adapter, Srb, Status);
        Request = Next;
    }
}

/* ---- the way down ---- */

static VOID CheckList(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request)
{
    PSTOR_SCATTER_GATHER_LIST List;
    ULONG Sum = 0, Index;

    if (SrbGetDataTransferLength(Srb) == 0) {
        return;
    }
    List = StorPortGetScatterGatherList(Adapter, Srb);
    Request->List = List;
    for (Index = 0; List != NULL && Index < List->NumberOfElements; Index++) {
        Sum += List->List[Index].Length;
    }
    if (Adapter->NoList ? List != NULL : List == NULL || Sum != SrbGetDataTransferLength(Srb)) {
        InterlockedIncrement(&Adapter->Shared->ListComplaints);
    }
}

static VOID ReadParameters(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG *Message,
                           ULONG *Channel)
{
    STARTIO_PERFORMANCE_PARAMETERS Parameters;

    RtlZeroMemory(&Parameters, sizeof(Parameters));
    Parameters.Size = sizeof(Parameters);
    *Message = *Channel = MAXULONG;
    if (StorPortGetStartIoPerfParams(Adapter, Srb, &Parameters) == STOR_STATUS_SUCCESS) {
        *Message = Parameters.MessageNumber;
        *Channel = Parameters.ChannelNumber;
    }
}

/* The first callback of an attempt: the extension is not initialised and gets its content. */
static VOID Begin(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request)
{
    PROBE_SCRIPT *Script = ProbeScript(Srb);

    RtlZeroMemory(Request, sizeof(*Request));
    Request->Srb = Srb;
    Request->Magic = PROBE_EXTENSION_OK;
    Request->Serial = InterlockedIncrement(&Adapter->Serials);
    if (Script != NULL && Script->Tag == 0) {
        Request->Attempt = 1;
    } else if (Script != NULL) {
        Request->Attempt = (ULONG)InterlockedIncrement(&Adapter->Attempts[Script->Tag]);
    }
    if ((Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) != (Adapter->StorageBlocks != 0)) {
        InterlockedIncrement(&Adapter->Shared->ListComplaints);
    }
    if (SrbGetDataTransferLength(Srb) != 0 &&
        StorPortGetSystemAddress(Adapter, Srb, &Request->Data) != STOR_STATUS_SUCCESS) {
        Request->Data = SrbGetDataBuffer(Srb);
    }
    ReadParameters(Adapter, Srb, &Request->Message, &Request->Channel);
}

BOOLEAN ProbeHwBuildIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    PROBE_REQUEST *Request = (PROBE_REQUEST *)SrbGetMiniportContext(Srb);
    PROBE_SCRIPT *Script = ProbeScript(Srb);
    ULONG Result = 0;

    Begin(Adapter, Srb, Request);
    (VOID) ProbeEnter(Adapter, ProbeBuildIo, Srb, Script != NULL ? Script->Tag : 0);
    CheckList(Adapter, Srb, Request);
    Request->Built = TRUE;
    if (Script != NULL && Request->Attempt == 1) {
        Result = ProbeAct(Adapter, Srb, Script->BuildAction, Script->Value);
    }
    ProbeExit(Adapter, ProbeBuildIo, Srb, Script != NULL ? Script->Tag : 0, Result);
    if (Script != NULL && Script->CompleteIn == ProbeInBuildIo) {
        ProbeComplete(Adapter, Srb, ApplyScript(Adapter, Srb, Script));
        return FALSE;
    }
    if (Script != NULL && Script->CompleteIn == ProbeInDpcAfterBuild) {
        ProbePush(&Adapter->InDpc, Request);
        (VOID) StorPortIssueDpc(Adapter, &Adapter->Dpc, NULL, NULL);
        return FALSE;
    }
    return TRUE;
}

/* Completes inside StartIo, and looks at the request afterwards as drivers do: nothing of it may
 * be used for something else before StartIo has returned. */
static VOID CompleteHere(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request,
                         UCHAR SrbStatus)
{
    PROBE_SCRIPT *Script = ProbeScript(Srb);
    ULONG Tag = Script != NULL ? Script->Tag : 0;

    ProbeComplete(Adapter, Srb, SrbStatus);
    ProbeDwell(Adapter);
    ProbeNote(Adapter, ProbeCompleted, NULL, Tag,
              Request->Magic == PROBE_EXTENSION_OK && Request->Srb == Srb &&
                  SrbGetSrbStatus(Srb) == SrbStatus);
}

static VOID CompleteLater(PROBE_ADAPTER *Adapter, PROBE_REQUEST *Request,
                          const PROBE_SCRIPT *Script)
{
    switch (Script->CompleteIn) {
    case ProbeInDpc:
        ProbePush(&Adapter->InDpc, Request);
        (VOID) StorPortIssueDpc(Adapter, &Adapter->Dpc, NULL, NULL);
        break;
    case ProbeInInterrupt: {
        UCHAR Cause = Script->Cause % 32; /* the request may be gone when the doorbell is rung */

        ProbePush(&Adapter->InInterrupt[Cause], Request);
        ProbeWrite(Adapter, SCRATCH_DOORBELL, Cause);
        break;
    }
    case ProbeInTimer:
        ProbePush(&Adapter->InTimer, Request);
        StorPortNotification(RequestTimerCall, Adapter, ProbeHwTimer, TIMER_MICROSECONDS);
        break;
    case ProbeInTimerEx:
        ProbePush(&Adapter->InTimerEx, Request);
        (VOID) StorPortRequestTimer(Adapter, Adapter->TimerHandle, ProbeHwTimerEx, Adapter,
                                    TIMER_MICROSECONDS, 0);
        break;
    case ProbeInWorker:
        /* A work item cannot be queued above DISPATCH_LEVEL, so the DPC passes it on. */
        ProbePush(&Adapter->InWorker, Request);
        (VOID) StorPortIssueDpc(Adapter, &Adapter->Dpc, NULL, NULL);
        break;
    default:
        ProbePush(&Adapter->Kept, Request);
        break;
    }
}

static BOOLEAN StartScript(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request,
                           const PROBE_SCRIPT *Script, ULONG *Result)
{
    if (Request->Attempt == 1) {
        *Result = ProbeAct(Adapter, Srb, Script->StartAction, Script->Value);
    }
    if (Script->CompleteIn == ProbeInRefusal && Request->Attempt <= Script->Times) {
        return FALSE;
    }
    if (Script->CompleteIn == ProbeInAction) {
        return TRUE;
    }
    if (Script->CompleteIn == ProbeInStartIo || Script->CompleteIn == ProbeInRefusal) {
        CompleteHere(Adapter, Srb, Request, ApplyScript(Adapter, Srb, Script));
    } else {
        UCHAR Tag = Script->Tag;
        LONG Serial = Request->Serial;

        CompleteLater(Adapter, Request, Script);
        /* Whoever completes it, and where: it is not used again before this call has returned. */
        ProbeDwell(Adapter);
        ProbeNote(Adapter, ProbeCompleted, NULL, Tag,
                  Request->Magic == PROBE_EXTENSION_OK && Request->Serial == Serial);
    }
    return TRUE;
}

/* ---- functions that are no SCSI commands ---- */

static UCHAR Reset(PROBE_ADAPTER *Adapter, ULONG Tier)
{
    if (Tier < Adapter->ResetTier) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Adapter->ResetLeaves != 0) {
        Adapter->ResetLeaves--;
    } else {
        ProbeCompleteStack(Adapter, &Adapter->Kept, SRB_STATUS_BUS_RESET);
    }
    return SRB_STATUS_SUCCESS;
}

static UCHAR Abort(PROBE_ADAPTER *Adapter)
{
    if (Adapter->AbortMode == 0) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Adapter->AbortMode == 1) {
        ProbeCompleteStack(Adapter, &Adapter->Kept, SRB_STATUS_ABORTED);
    }
    return SRB_STATUS_SUCCESS; /* mode 2 says so and has not done it */
}

/* The device sends the command's first byte. */
static UCHAR ProtocolCommand(PSCSI_REQUEST_BLOCK Srb)
{
    PSTORAGE_PROTOCOL_COMMAND Command = (PSTORAGE_PROTOCOL_COMMAND)SrbGetDataBuffer(Srb);

    if (Command == NULL || SrbGetDataTransferLength(Srb) < sizeof(*Command)) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    Command->ReturnStatus = STORAGE_PROTOCOL_STATUS_SUCCESS;
    RtlFillMemory((PUCHAR)Command + Command->DataFromDeviceBufferOffset,
                  Command->DataFromDeviceTransferLength, Command->Command[0]);
    return SRB_STATUS_SUCCESS;
}

static UCHAR SystemFunction(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    if (Adapter->RefuseSystemFunctions == 1) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Adapter->RefuseSystemFunctions == 2) {
        return SRB_STATUS_BAD_FUNCTION;
    }
    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
        return Reset(Adapter, 1);
    case SRB_FUNCTION_RESET_DEVICE:
        return Reset(Adapter, 2);
    case SRB_FUNCTION_RESET_BUS:
        return Reset(Adapter, 3);
    case SRB_FUNCTION_ABORT_COMMAND:
        return Abort(Adapter);
    case SRB_FUNCTION_PROTOCOL_COMMAND:
        return ProtocolCommand(Srb);
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_PNP:
    case SRB_FUNCTION_POWER:
    case SRB_FUNCTION_IO_CONTROL:
        return SRB_STATUS_SUCCESS;
    default:
        return SRB_STATUS_INVALID_REQUEST;
    }
}

static ULONG PowerWord(PSCSI_REQUEST_BLOCK Srb)
{
    if (Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) {
        PSRBEX_DATA_POWER Power = (PSRBEX_DATA_POWER)SrbGetSrbExDataByType(
            (PSTORAGE_REQUEST_BLOCK)Srb, SrbExDataTypePower);
        return Power != NULL ? (ULONG)Power->DevicePowerState | (ULONG)Power->PowerAction << 8 |
                                   (ULONG)Power->SrbPowerFlags << 16
                             : MAXULONG;
    }
    return (ULONG)((PSCSI_POWER_REQUEST_BLOCK)Srb)->DevicePowerState |
           (ULONG)((PSCSI_POWER_REQUEST_BLOCK)Srb)->PowerAction << 8 |
           (ULONG)((PSCSI_POWER_REQUEST_BLOCK)Srb)->SrbPowerFlags << 16;
}

static ULONG PnpWord(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    ULONG Action, Flags;

    if (Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) {
        PSRBEX_DATA_PNP Pnp =
            (PSRBEX_DATA_PNP)SrbGetSrbExDataByType((PSTORAGE_REQUEST_BLOCK)Srb, SrbExDataTypePnP);
        if (Pnp == NULL) {
            return MAXULONG;
        }
        Action = (ULONG)Pnp->PnPAction;
        Flags = Pnp->SrbPnPFlags;
    } else {
        Action = (ULONG)((PSCSI_PNP_REQUEST_BLOCK)Srb)->PnPAction;
        Flags = ((PSCSI_PNP_REQUEST_BLOCK)Srb)->SrbPnPFlags;
    }
    if (Flags != 0 && (Action == StorRemoveDevice || Action == StorSurpriseRemoval)) {
        Adapter->Removed = TRUE;
    }
    return Action | Flags << 16;
}

/* What the rows of a request that is no command show: PnP action or power state and action, and
 * the flags above them. */
static ULONG SystemWord(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_PNP:
        return PnpWord(Adapter, Srb);
    case SRB_FUNCTION_POWER:
        return PowerWord(Srb);
    default:
        return 0;
    }
}

BOOLEAN ProbeHwStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    PROBE_REQUEST *Request = (PROBE_REQUEST *)SrbGetMiniportContext(Srb);
    PROBE_SCRIPT *Script = ProbeScript(Srb);
    ULONG Tag = Script != NULL ? Script->Tag : SystemWord(Adapter, Srb);
    ULONG Result = 0, Message, Channel;
    BOOLEAN Started = TRUE;
    PROBE_ROW *Row;

    if (Adapter->Virtual) {
        Begin(Adapter, Srb, Request);
    }
    Row = ProbeEnter(Adapter, ProbeStartIo, Srb, Tag);
    ReadParameters(Adapter, Srb, &Message, &Channel);
    if (Row != NULL) {
        Row->Message = Message;
        Row->Channel = Channel;
    }
    if (Request->Magic != PROBE_EXTENSION_OK || Request->Srb != Srb ||
        (!Adapter->Virtual &&
         (!Request->Built || Request->Message != Message || Request->Channel != Channel ||
          Request->List != (SrbGetDataTransferLength(Srb) != 0
                                ? (PVOID)StorPortGetScatterGatherList(Adapter, Srb)
                                : NULL)))) {
        InterlockedIncrement(&Adapter->Shared->ListComplaints);
    }
    ProbeDwell(Adapter);
    if (Script != NULL) {
        Started = StartScript(Adapter, Srb, Request, Script, &Result);
    } else if (Adapter->Shared->HoldFunction != 0 &&
               SrbGetSrbFunction(Srb) == Adapter->Shared->HoldFunction) {
        ProbePush(&Adapter->Kept, Request);
    } else if (SrbGetSrbFunction(Srb) != SRB_FUNCTION_EXECUTE_SCSI) {
        ProbeComplete(Adapter, Srb, SystemFunction(Adapter, Srb));
    } else if ((Adapter->Shared->HoldInquiries != 0 &&
                SrbGetCdb(Srb)->AsByte[0] == SCSIOP_INQUIRY) ||
               (Adapter->Shared->HoldOpcode != 0 &&
                SrbGetCdb(Srb)->AsByte[0] == Adapter->Shared->HoldOpcode)) {
        ProbePush(&Adapter->Kept, Request);
    } else {
        CompleteHere(Adapter, Srb, Request, ProbeAnswer(Adapter, Srb, Request));
    }
    ProbeExit(Adapter, ProbeStartIo, NULL, Tag, Result);
    return Started;
}

BOOLEAN ProbeHwResetBus(PVOID DeviceExtension, ULONG PathId)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    UCHAR Status;

    (VOID) ProbeEnter(Adapter, ProbeResetBus, NULL, PathId);
    ProbeDwell(Adapter);
    Status = Reset(Adapter, 3);
    ProbeExit(Adapter, ProbeResetBus, NULL, PathId, Status == SRB_STATUS_SUCCESS);
    return Status == SRB_STATUS_SUCCESS;
}

/* ---- the ways up ---- */

static VOID CompleteCauses(PROBE_ADAPTER *Adapter, ULONG Causes)
{
    ULONG Cause;

    if (Adapter->Shared->ReleaseAtInterrupt != 0) {
        ProbeCompleteStack(Adapter, &Adapter->Kept, SRB_STATUS_SUCCESS);
    }
    for (Cause = 0; Cause < 32; Cause++) {
        if ((Causes >> Cause & 1) != 0) {
            ProbeCompleteStack(Adapter, &Adapter->InInterrupt[Cause], SRB_STATUS_PENDING);
        }
    }
}

BOOLEAN ProbeHwInterrupt(PVOID DeviceExtension)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    ULONG Causes = ProbeRead(Adapter, SCRATCH_INTERRUPT_STATUS);

    if (Causes == MAXULONG) {
        return FALSE;
    }
    (VOID) ProbeEnter(Adapter, ProbeInterrupt, NULL, Causes);
    InterlockedIncrement(&Adapter->Shared->Interrupts);
    /* Cause 31 is never acknowledged and never claimed, cause 30 claimed all the same: storms. */
    ProbeWrite(Adapter, SCRATCH_INTERRUPT_STATUS, Causes & 0x3FFFFFFF);
    ProbeDwell(Adapter);
    CompleteCauses(Adapter, Causes);
    ProbeExit(Adapter, ProbeInterrupt, NULL, Causes, (Causes & 0x7FFFFFFF) != 0);
    return (Causes & 0x7FFFFFFF) != 0;
}

BOOLEAN ProbeHwMessage(PVOID DeviceExtension, ULONG MessageId)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbeMessage, NULL, MessageId);
    InterlockedIncrement(&Adapter->Shared->Interrupts);
    ProbeWrite(Adapter, SCRATCH_INTERRUPT_STATUS, 1UL << MessageId % 32);
    ProbeDwell(Adapter);
    CompleteCauses(Adapter, 1UL << MessageId % 32);
    ProbeExit(Adapter, ProbeMessage, NULL, MessageId, 0);
    return TRUE;
}

VOID ProbeHwDpc(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                PVOID SystemArgument2)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)HwDeviceExtension;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    (VOID) ProbeEnter(Adapter, ProbeDpc, NULL, 0);
    ProbeDwell(Adapter);
    ProbeCompleteStack(Adapter, &Adapter->InDpc, SRB_STATUS_PENDING);
    if (Adapter->InWorker != NULL) {
        (VOID) StorPortQueueWorkItem(Adapter, ProbeHwWorkItem, Adapter->Worker, Adapter);
    }
    ProbeExit(Adapter, ProbeDpc, NULL, 0, 0);
}

VOID ProbeHwIdleDpc(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                    PVOID SystemArgument2)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)HwDeviceExtension;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    (VOID) ProbeEnter(Adapter, ProbeDpc, NULL, 1);
    ProbeExit(Adapter, ProbeDpc, NULL, 1, 0);
}

VOID ProbeHwTimer(PVOID DeviceExtension)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbeTimer, NULL, 0);
    InterlockedIncrement(&Adapter->Shared->Timers);
    ProbeDwell(Adapter);
    ProbeCompleteStack(Adapter, &Adapter->InTimer, SRB_STATUS_PENDING);
    ProbeExit(Adapter, ProbeTimer, NULL, 0, 0);
}

VOID ProbeHwTimerEx(PVOID DeviceExtension, PVOID Context)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbeTimerEx, NULL, Context == DeviceExtension);
    ProbeDwell(Adapter);
    ProbeCompleteStack(Adapter, &Adapter->InTimerEx, SRB_STATUS_PENDING);
    ProbeExit(Adapter, ProbeTimerEx, NULL, 0, 0);
}

VOID ProbeHwWorkItem(PVOID HwDeviceExtension, PVOID Context, PVOID Worker)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)HwDeviceExtension;

    UNREFERENCED_PARAMETER(Context);
    (VOID) ProbeEnter(Adapter, ProbeWorkItem, NULL, Worker == Adapter->Worker);
    ProbeCompleteStack(Adapter, &Adapter->InWorker, SRB_STATUS_PENDING);
    ProbeExit(Adapter, ProbeWorkItem, NULL, 0, 0);
}
