/*
 * Requests of the null driver: built, started, and completed where the settings say.
 *
 * Rule: the path of a read or write touches the SRB, its extension and its scatter/gather list, and
 * with CompleteBy above 0 its own channel; nothing that two processors share.
 */
#include "null_physical.h"

#include <srbhelper.h>

#include "scratch_device.h"

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

/* Adds up the scatter/gather list, as a driver that programs a device would walk it. */
BOOLEAN NullBuildIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    PSTORAGE_REQUEST_BLOCK Request = (PSTORAGE_REQUEST_BLOCK)Srb;
    NULL_REQUEST *Own = (NULL_REQUEST *)Request->MiniportContext;
    PSTOR_SCATTER_GATHER_LIST List = NULL;
    ULONG Bytes = 0;
    ULONG Index;

    if (Request->DataTransferLength != 0) {
        List = StorPortGetScatterGatherList(DeviceExtension, Srb);
    }
    for (Index = 0; List != NULL && Index < List->NumberOfElements; Index++) {
        Bytes += List->List[Index].Length;
    }
    Own->Srb = Srb;
    Own->ListedBytes = Bytes;
    Own->ListedElements = Index;
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
        return SRB_STATUS_SUCCESS;
    default:
        return SRB_STATUS_INVALID_REQUEST;
    }
}

static VOID Complete(NULL_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    SrbSetSrbStatus(Srb, SrbStatus);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

/* The channel that the port has given to this call of HwStartIo; channel 0 when there is but one.
 */
static NULL_CHANNEL *ChannelOf(NULL_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    STARTIO_PERFORMANCE_PARAMETERS Parameters;

    if (Adapter->ChannelCount == 1) {
        return &Adapter->Channels[0];
    }
    RtlZeroMemory(&Parameters, sizeof(Parameters));
    Parameters.Size = sizeof(Parameters);
    if (StorPortGetStartIoPerfParams(Adapter, Srb, &Parameters) != STOR_STATUS_SUCCESS ||
        Parameters.ChannelNumber >= Adapter->ChannelCount) {
        return &Adapter->Channels[0]; /* any channel is safe, it is only a matter of speed */
    }
    return &Adapter->Channels[Parameters.ChannelNumber];
}

/* Puts the request where the DPC finds it, and causes the DPC. */
static DECLSPEC_NOINLINE VOID HandToDpc(NULL_ADAPTER *Adapter, NULL_REQUEST *Own)
{
    NULL_CHANNEL *Channel = ChannelOf(Adapter, Own->Srb);
    STOR_LOCK_HANDLE LockHandle;

    StorPortAcquireSpinLock(Adapter, DpcLock, &Channel->Dpc, &LockHandle);
    InsertTailList(&Channel->Waiting, &Own->Link);
    StorPortReleaseSpinLock(Adapter, &LockHandle);
    if (Adapter->CompleteBy == CompleteByInterrupt) {
        WriteRegister(Adapter, SCRATCH_DOORBELL, Channel->Message);
    } else {
        /* FALSE means that the DPC is queued and has not started: it will find this request too. */
        (VOID) StorPortIssueDpc(Adapter, &Channel->Dpc, Channel, NULL);
    }
}

/* Completes all that waits in the channel. */
static VOID DrainChannel(NULL_ADAPTER *Adapter, NULL_CHANNEL *Channel, UCHAR SrbStatus)
{
    STOR_LOCK_HANDLE LockHandle;
    LIST_ENTRY Ready;

    InitializeListHead(&Ready);
    StorPortAcquireSpinLock(Adapter, DpcLock, &Channel->Dpc, &LockHandle);
    while (!IsListEmpty(&Channel->Waiting)) {
        PLIST_ENTRY Entry = RemoveHeadList(&Channel->Waiting);

        InsertTailList(&Ready, Entry);
    }
    StorPortReleaseSpinLock(Adapter, &LockHandle);
    while (!IsListEmpty(&Ready)) {
        PLIST_ENTRY Entry = RemoveHeadList(&Ready);
        NULL_REQUEST *Own = CONTAINING_RECORD(Entry, NULL_REQUEST, Link);

        Complete(Adapter, Own->Srb, SrbStatus);
    }
}

/* Ends everything that is held; the units share the channels, so a reset of one is a reset of all.
 */
static VOID ResetAll(NULL_ADAPTER *Adapter)
{
    ULONG Index;

    for (Index = 0; Adapter->CompleteBy != CompleteInStartIo && Index < Adapter->ChannelCount;
         Index++) {
        DrainChannel(Adapter, &Adapter->Channels[Index], SRB_STATUS_BUS_RESET);
    }
}

/* Neither a read nor a write. */
static DECLSPEC_NOINLINE VOID StartRarely(NULL_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        ResetAll(Adapter);
        Complete(Adapter, Srb, SRB_STATUS_SUCCESS);
        return;
    default:
        Complete(Adapter, Srb, AnswerRarely(Adapter, Srb));
    }
}

BOOLEAN NullStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
    PSTORAGE_REQUEST_BLOCK Request = (PSTORAGE_REQUEST_BLOCK)Srb;
    NULL_REQUEST *Own = (NULL_REQUEST *)Request->MiniportContext;

    if (!IsReadOrWrite(Request)) {
        StartRarely(Adapter, Srb);
        return TRUE;
    }
    if (Own->ListedBytes != Request->DataTransferLength) {
        /* The list describes another amount of memory than the request: a device would go astray.
         */
        Complete(Adapter, Srb, SRB_STATUS_INVALID_REQUEST);
        return TRUE;
    }
    if (Adapter->CompleteBy == CompleteInStartIo) {
        Request->SrbStatus = SRB_STATUS_SUCCESS;
        StorPortNotification(RequestComplete, DeviceExtension, Srb);
        return TRUE;
    }
    HandToDpc(Adapter, Own);
    return TRUE;
}

VOID NullDpc(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument2);
    DrainChannel((NULL_ADAPTER *)HwDeviceExtension, (NULL_CHANNEL *)SystemArgument1,
                 SRB_STATUS_SUCCESS);
}

/* Issues the DPC of every channel whose message is among Causes (bit n: message n). */
static VOID IssueDpcs(NULL_ADAPTER *Adapter, ULONG Causes)
{
    ULONG Index;

    for (Index = 0; Index < Adapter->ChannelCount; Index++) {
        NULL_CHANNEL *Channel = &Adapter->Channels[Index];

        if ((Causes & (1UL << Channel->Message)) != 0) {
            (VOID) StorPortIssueDpc(Adapter, &Channel->Dpc, Channel, NULL);
        }
    }
}

BOOLEAN NullInterrupt(PVOID DeviceExtension)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
    ULONG Causes = ReadRegister(Adapter, SCRATCH_INTERRUPT_STATUS);

    /* All ones is what a device that was pulled answers; nothing of ours is pending in it. */
    if (Adapter->CompleteBy != CompleteByInterrupt || Causes == 0 || Causes == MAXULONG) {
        return FALSE;
    }
    WriteRegister(Adapter, SCRATCH_INTERRUPT_STATUS, Causes);
    IssueDpcs(Adapter, Causes);
    return TRUE;
}

BOOLEAN NullMessageInterrupt(PVOID DeviceExtension, ULONG MessageId)
{
    if (MessageId >= SCRATCH_CAUSES) {
        return FALSE;
    }
    IssueDpcs((NULL_ADAPTER *)DeviceExtension, 1UL << MessageId);
    return TRUE;
}

/*
 * What is held waits in the channels for a DPC, perhaps for one that an interrupt has not caused
 * yet. Issued here, the DPCs complete all of it right after this call, as the port allows.
 */
BOOLEAN NullResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(PathId);
    if (((NULL_ADAPTER *)DeviceExtension)->CompleteBy != CompleteInStartIo) {
        IssueDpcs((NULL_ADAPTER *)DeviceExtension, MAXULONG);
    }
    return TRUE;
}
