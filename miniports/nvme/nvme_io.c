/*
 * From SRB to queue and back: BuildIo translates, StartIo submits, the DPC completes.
 *
 * Rule: BuildIo does all the work that needs no queue, and completes what needs no device. StartIo
 * puts the finished command on the queue of its channel and touches neither request nor extension
 * after the doorbell. A request is completed only by who took its SRB out of the slot.
 */
#include "nvme_driver.h"

VOID NvmeCompleteSrb(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    Srb->SrbStatus = SrbStatus;
    StorPortNotification(RequestComplete, Adapter, Srb);
}

/* What a request gets that cannot be submitted in this state. BUSY is safe: nothing was sent. */
static UCHAR StatusOfState(PNVME_ADAPTER Adapter)
{
    switch (Adapter->State) {
    case NvmeRemoved:
        return SRB_STATUS_NO_DEVICE;
    case NvmeResetting:
    case NvmeStarting:
        return SRB_STATUS_BUSY;
    default:
        return SRB_STATUS_NO_HBA;
    }
}

/* Gives a failed SCSI command its status and sense data and completes it. */
static VOID CompleteWithSense(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                              const SCSI_COMMAND *Command)
{
    UCHAR status = SRB_STATUS_ERROR;
    BOOLEAN descriptor = FALSE;
    UCHAR length = 0;

    SrbSetScsiStatus(Srb, Command->ScsiStatus);
    SrbSetDataTransferLength(Srb, 0);
    if (Command->Lun < NVME_MAX_UNITS) {
        descriptor = Adapter->Target.Units[Command->Lun].DescriptorSense;
    }
    if (Command->ScsiStatus == SCSISTAT_CHECK_CONDITION &&
        !(SrbGetSrbFlags(Srb) & SRB_FLAGS_DISABLE_AUTOSENSE)) {
        length = ScsiWriteSense(SrbGetSenseInfoBuffer(Srb), SrbGetSenseInfoBufferLength(Srb),
                                descriptor, Command->SenseKey, Command->Asc, Command->Ascq);
    }
    if (length != 0) {
        SrbSetSenseInfoBufferLength(Srb, length);
        status |= SRB_STATUS_AUTOSENSE_VALID;
    }
    NvmeCompleteSrb(Adapter, Srb, status);
}

/* Completes a SCSI command that is over: with its data, or with its sense. */
static VOID CompleteScsi(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                         const SCSI_COMMAND *Command)
{
    if (Command->ScsiStatus != SCSISTAT_GOOD) {
        CompleteWithSense(Adapter, Srb, Command);
        return;
    }
    SrbSetDataTransferLength(Srb, Command->ReplyLength);
    NvmeCompleteSrb(Adapter, Srb, SRB_STATUS_SUCCESS);
}

/* The CPU address of the data buffer. NULL when there is no data or no address to be had. */
static PUCHAR MapData(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Length)
{
    PVOID address;

    if (Length == 0) {
        return NULL;
    }
    address = SrbGetDataBuffer(Srb);
    if (address == NULL &&
        StorPortGetSystemAddress(Adapter, Srb, &address) != STOR_STATUS_SUCCESS) {
        return NULL;
    }
    return address;
}

/*
 * The CDB and the unit are known already. FALSE when the data cannot be mapped at the moment; the
 * commands whose data the CPU never sees need no mapping.
 */
static BOOLEAN FillCommand(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PNVME_REQUEST Request,
                           PSCSI_COMMAND Command)
{
    Command->DataLength = SrbGetDataTransferLength(Srb);
    Command->Data = NULL;
    Command->Target = &Adapter->Target;
    Command->Scratch = (PUCHAR)Request->List;
    Command->ScratchLength = sizeof(Request->List);
    Command->Nvme = &Request->Command;
    if (Command->CdbLength != 0 && ScsiIsBlockTransfer(Command->Cdb[0])) {
        return TRUE;
    }
    Command->Data = MapData(Adapter, Srb, Command->DataLength);
    return Command->Data != NULL || Command->DataLength == 0;
}

static BOOLEAN HasUnits(PNVME_ADAPTER Adapter)
{
    ULONG lun;

    for (lun = 0; lun < NVME_MAX_UNITS; lun++) {
        if (Adapter->Target.Units[lun].Present) {
            return TRUE;
        }
    }
    return FALSE;
}

/*
 * Reads CDB and unit. SRB_STATUS_SUCCESS when the address is that of a unit. REPORT LUNS is
 * answered for every LUN as long as there is a unit at all, because the port asks LUN 0 for the
 * list.
 */
static UCHAR ReadAddress(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PSCSI_COMMAND Command)
{
    UCHAR path = 0;
    UCHAR target = 0;

    Command->Lun = 0;
    SrbGetPathTargetLun(Srb, &path, &target, &Command->Lun);
    Command->Cdb = (const UCHAR *)SrbGetCdb(Srb);
    Command->CdbLength = Command->Cdb != NULL ? SrbGetCdbLength(Srb) : 0;
    if (Adapter->State == NvmeRemoved) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (path != 0) {
        return SRB_STATUS_INVALID_PATH_ID;
    }
    if (target != 0) {
        return SRB_STATUS_INVALID_TARGET_ID;
    }
    if (Command->Lun < NVME_MAX_UNITS && Adapter->Target.Units[Command->Lun].Present) {
        return SRB_STATUS_SUCCESS;
    }
    if (Command->CdbLength != 0 && Command->Cdb[0] == SCSIOP_REPORT_LUNS && HasUnits(Adapter)) {
        return SRB_STATUS_SUCCESS;
    }
    return SRB_STATUS_NO_DEVICE;
}

/* Keeps for StartIo and completion what the translation said. FALSE: completed with an error. */
static BOOLEAN PrepareRequest(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PNVME_REQUEST Request,
                              PSCSI_COMMAND Command, SCSI_OUTCOME Outcome)
{
    BOOLEAN good = TRUE;

    Request->Outcome = Outcome;
    Request->AdminReply = Command->AdminReply;
    Request->AdminArgument = Command->AdminArgument;
    Request->ReplyLength = Command->ReplyLength;
    Request->IsShort = Command->ReplyLength != Command->DataLength;
    Request->Lun = Command->Lun;
    if (Command->DataPlace == ScsiDataBuffer) {
        good = NvmeBuildPrps(Adapter, Srb, Request, Command->TransferLength);
    } else if (Command->DataPlace == ScsiDataScratch) {
        good = NvmePointAtList(Adapter, Request, Command->TransferLength);
    }
    if (!good) {
        NvmeLog(Adapter, NvmeEventBadList);
        ScsiFail(Command, SCSI_SENSE_ABORTED_COMMAND, SCSI_ADSENSE_DATA_TRANSFER_ERROR, 0);
        CompleteWithSense(Adapter, Srb, Command);
    }
    return good;
}

BOOLEAN NvmeBuildIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    PNVME_ADAPTER adapter = DeviceExtension;
    PNVME_REQUEST request;
    SCSI_COMMAND command;
    SCSI_OUTCOME outcome;
    UCHAR status;

    if (SrbGetSrbFunction(Srb) != SRB_FUNCTION_EXECUTE_SCSI) {
        return TRUE;
    }
    status = ReadAddress(adapter, Srb, &command);
    if (status != SRB_STATUS_SUCCESS) {
        NvmeCompleteSrb(adapter, Srb, status);
        return FALSE;
    }
    request = SrbGetMiniportContext(Srb);
    outcome =
        FillCommand(adapter, Srb, request, &command) ? ScsiTranslate(&command) : ScsiOutcomeBusy;
    switch (outcome) {
    case ScsiOutcomeIo:
    case ScsiOutcomeAdmin:
        return PrepareRequest(adapter, Srb, request, &command, outcome);
    case ScsiOutcomeBusy:
        NvmeCompleteSrb(adapter, Srb, SRB_STATUS_BUSY);
        return FALSE;
    default:
        CompleteScsi(adapter, Srb, &command);
        return FALSE;
    }
}

/*
 * With concurrent channels the channel is the queue, and owning it is what makes submission safe.
 * Without them StartIo calls come one at a time, and the message that interrupts this processor
 * only chooses among equals.
 */
static PNVME_QUEUE PickQueue(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    STARTIO_PERFORMANCE_PARAMETERS parameters;

    if (Adapter->QueueCount == 1) {
        return &Adapter->Queues[0];
    }
    RtlZeroMemory(&parameters, sizeof(parameters));
    parameters.Size = sizeof(parameters);
    if (StorPortGetStartIoPerfParams(Adapter, Srb, &parameters) != STOR_STATUS_SUCCESS) {
        return Adapter->HasChannels ? NULL : &Adapter->Queues[0];
    }
    if (Adapter->HasChannels) {
        return parameters.ChannelNumber < Adapter->QueueCount
                   ? &Adapter->Queues[parameters.ChannelNumber]
                   : NULL;
    }
    if (parameters.MessageNumber >= 1 && parameters.MessageNumber <= Adapter->QueueCount) {
        return &Adapter->Queues[parameters.MessageNumber - 1];
    }
    return &Adapter->Queues[0];
}

/*
 * Returns the status to complete the SRB with, or SRB_STATUS_PENDING when it was submitted. The
 * exchange orders Submitting before the look at State: whoever changes State and then finds
 * Submitting 0 knows that no command of the old state is still on its way to the ring.
 */
static UCHAR SubmitIo(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, PSCSI_REQUEST_BLOCK Srb,
                      PNVME_REQUEST Request)
{
    UCHAR status = SRB_STATUS_PENDING;
    LONG index;

    InterlockedExchange(&Queue->Submitting, 1);
    if (Adapter->State != NvmeRunning) {
        status = StatusOfState(Adapter);
    } else {
        index = NvmeSlotTake(Queue);
        if (index < 0) {
            status = SRB_STATUS_BUSY;
        } else {
            PNVME_SLOT slot = &Queue->Slots[index];

            Request->Command.CDW0.CID = (USHORT)index;
            slot->Lun = Request->Lun;
            slot->AbortSent = FALSE;
            slot->Srb = Srb;
            NvmeQueueSubmit(Adapter, Queue, &Request->Command);
        }
    }
    Queue->Submitting = 0;
    return status;
}

static VOID FinishAdminSrb(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                           const NVME_COMPLETION_ENTRY *Completion)
{
    NvmeFinishSrb(Adapter, Srb, FALSE, Completion);
}

static UCHAR SubmitAdmin(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PNVME_REQUEST Request)
{
    STOR_LOCK_HANDLE handle = {0};
    UCHAR status = SRB_STATUS_PENDING;

    NvmeLockAdmin(Adapter, &handle);
    if (Adapter->State != NvmeRunning) {
        status = StatusOfState(Adapter);
    } else if (!NvmeAdminSubmit(Adapter, &Request->Command, FinishAdminSrb, Srb, Request->Lun)) {
        status = SRB_STATUS_BUSY;
    }
    NvmeUnlockAdmin(Adapter, &handle);
    return status;
}

static UCHAR StartScsi(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PNVME_REQUEST request = SrbGetMiniportContext(Srb);
    PNVME_QUEUE queue;

    if (request->Outcome == ScsiOutcomeAdmin) {
        return SubmitAdmin(Adapter, Srb, request);
    }
    queue = PickQueue(Adapter, Srb);
    if (queue == NULL) {
        return SRB_STATUS_INVALID_REQUEST; /* A port that grants channels and cannot name one. */
    }
    return SubmitIo(Adapter, queue, Srb, request);
}

/* FLUSH and SHUTDOWN: what the unit caches becomes durable. */
static UCHAR StartFlush(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PNVME_REQUEST request = SrbGetMiniportContext(Srb);
    UCHAR lun = SrbGetLun(Srb);

    if (Adapter->State == NvmeRemoved) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (lun >= NVME_MAX_UNITS || !Adapter->Target.Units[lun].Present ||
        !Adapter->Target.Identity.VolatileWriteCache) {
        return SRB_STATUS_SUCCESS; /* Nothing is cached. */
    }
    RtlZeroMemory(request, FIELD_OFFSET(NVME_REQUEST, List));
    request->Outcome = ScsiOutcomeIo;
    request->Lun = lun;
    request->Command.CDW0.OPC = NVME_NVM_COMMAND_FLUSH;
    request->Command.NSID = Adapter->Target.Units[lun].NamespaceId;
    return StartScsi(Adapter, Srb);
}

BOOLEAN NvmeStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    PNVME_ADAPTER adapter = DeviceExtension;
    UCHAR status = SRB_STATUS_PENDING;

    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        status = StartScsi(adapter, Srb);
        break;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
        status = StartFlush(adapter, Srb);
        break;
    case SRB_FUNCTION_ABORT_COMMAND:
        NvmeTaskBegin(adapter, Srb, NvmeTaskAbort, SrbGetNextSrb(Srb));
        break;
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
        NvmeTaskBegin(adapter, Srb, NvmeTaskUnit, NULL);
        break;
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        NvmeTaskBegin(adapter, Srb, NvmeTaskAll, NULL);
        break;
    case SRB_FUNCTION_PNP:
        NvmeStartPnp(adapter, Srb);
        break;
    case SRB_FUNCTION_DUMP_POINTERS:
        status = NvmeGiveDumpData(adapter, Srb);
        break;
    case SRB_FUNCTION_FREE_DUMP_POINTERS:
        status = NvmeTakeBackDumpData(adapter, Srb);
        break;
    case SRB_FUNCTION_POWER:
        status = SRB_STATUS_SUCCESS; /* ScsiStopAdapter and ScsiRestartAdapter do the work. */
        break;
    default:
        status = SRB_STATUS_INVALID_REQUEST;
        break;
    }
    if (status != SRB_STATUS_PENDING) {
        NvmeCompleteSrb(adapter, Srb, status);
    }
    return TRUE;
}

/* The rest of a command that needed the admin queue; its reply is built from what came back. */
static VOID FinishReply(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PNVME_REQUEST Request)
{
    SCSI_COMMAND command;

    RtlZeroMemory(&command, sizeof(command));
    command.Lun = Request->Lun;
    command.DataLength = SrbGetDataTransferLength(Srb);
    command.Data = MapData(Adapter, Srb, command.DataLength);
    command.Target = &Adapter->Target;
    command.Scratch = (PUCHAR)Request->List;
    command.ScratchLength = sizeof(Request->List);
    command.AdminReply = Request->AdminReply;
    command.AdminArgument = Request->AdminArgument;
    command.ReplyLength = Request->ReplyLength;
    ScsiFinishAdmin(&command);
    if (Request->AdminReply == ScsiAdminReplyWriteCache) {
        Adapter->WriteCacheChosen = TRUE;
    }
    CompleteScsi(Adapter, Srb, &command);
}

static VOID FinishFailure(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, BOOLEAN WasAborted,
                          const NVME_COMPLETION_ENTRY *Completion)
{
    PNVME_REQUEST request = SrbGetMiniportContext(Srb);
    NVME_COMMAND_STATUS status = Completion->DW3.Status;
    SCSI_COMMAND command;

    if (WasAborted && status.SCT == NVME_STATUS_TYPE_GENERIC_COMMAND &&
        status.SC == NVME_STATUS_COMMAND_ABORT_REQUESTED) {
        NvmeCompleteSrb(Adapter, Srb, SRB_STATUS_ABORTED);
        return;
    }
    if (SrbGetSrbFunction(Srb) != SRB_FUNCTION_EXECUTE_SCSI) {
        NvmeCompleteSrb(Adapter, Srb, SRB_STATUS_ERROR);
        return;
    }
    RtlZeroMemory(&command, sizeof(command));
    command.Lun = request->Lun;
    ScsiSenseFromNvme(status, &command);
    CompleteWithSense(Adapter, Srb, &command);
}

VOID NvmeFinishSrb(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, BOOLEAN WasAborted,
                   const NVME_COMPLETION_ENTRY *Completion)
{
    PNVME_REQUEST request = SrbGetMiniportContext(Srb);
    UCHAR status = SRB_STATUS_SUCCESS;

    if (!NvmeSucceeded(Completion)) {
        FinishFailure(Adapter, Srb, WasAborted, Completion);
        return;
    }
    if (request->Outcome == ScsiOutcomeAdmin) {
        FinishReply(Adapter, Srb, request);
        return;
    }
    if (request->IsShort) {
        if (request->ReplyLength < SrbGetDataTransferLength(Srb)) {
            status = SRB_STATUS_DATA_OVERRUN; /* The port's word for less data than room, too. */
        }
        SrbSetDataTransferLength(Srb, request->ReplyLength);
    }
    NvmeCompleteSrb(Adapter, Srb, status);
}

static VOID CompleteIo(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue,
                       const NVME_COMPLETION_ENTRY *Completion)
{
    ULONG index = Completion->DW3.CID;
    PNVME_SLOT slot;
    PSCSI_REQUEST_BLOCK srb;
    BOOLEAN wasAborted;

    if (index >= Queue->Depth - 1 || Completion->DW2.SQID != Queue->Id) {
        NvmeLog(Adapter, NvmeEventBadCompletion);
        return;
    }
    slot = &Queue->Slots[index];
    wasAborted = slot->AbortSent;
    srb = InterlockedExchangePointer(&slot->Srb, NULL);
    if (srb == NULL) {
        NvmeLog(Adapter, NvmeEventBadCompletion);
        return;
    }
    NvmeSlotReturn(Queue, (LONG)index);
    NvmeFinishSrb(Adapter, srb, wasAborted, Completion);
}

BOOLEAN NvmeDrainIo(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue)
{
    NVME_COMPLETION_ENTRY completion;
    ULONG count = 0;

    while (count < Queue->Depth && NvmeQueueTake(Queue, &completion)) {
        CompleteIo(Adapter, Queue, &completion);
        count++;
    }
    if (count != 0 && Adapter->State != NvmeRemoved) {
        NvmeQueueTellHead(Adapter, Queue);
    }
    return count == Queue->Depth;
}
