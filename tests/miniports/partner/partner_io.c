/*
 * Requests on their way to the program and back.
 */
#include "partner.h"

static VOID Complete(PARTNER_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    Srb->SrbStatus = SrbStatus;
    StorPortNotification(RequestComplete, Adapter, Srb);
}

static PVOID DataOf(PARTNER_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PVOID Data = NULL;

    return StorPortGetSystemAddress(Adapter, Srb, &Data) == STOR_STATUS_SUCCESS ? Data : NULL;
}

/* The program's buffer, which the fetch has locked. */
static PVOID BufferOf(PIRP Irp)
{
    return Irp->MdlAddress != NULL
               ? MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority)
               : NULL;
}

/* ---- from the port ---- */

static UCHAR Begin(PARTNER_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PARTNER_REQUEST *Request = (PARTNER_REQUEST *)Srb->SrbExtension;
    UCHAR SrbStatus = ScsiDiskAnswer(Adapter, &Adapter->Disk, 1, Srb->Lun, Srb);
    BOOLEAN Plugged;
    KIRQL OldIrql;

    if (SrbStatus == SRB_STATUS_PENDING) {
        SrbStatus = ScsiDiskDecode(&Adapter->Disk, Srb, &Request->Command);
    }
    if (SrbStatus != SRB_STATUS_PENDING) {
        return SrbStatus;
    }
    if (Request->Command.Operation > ScsiDiskWrite &&
        (Request->Command.Operation != ScsiDiskFlush || !Adapter->Disk.WriteCache)) {
        return SRB_STATUS_SUCCESS; /* to verify is what reads do anyway */
    }
    Request->Srb = Srb;
    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    Plugged = Adapter->Plugged;
    Request->Tag = ++Adapter->LastTag;
    if (Plugged) {
        InsertTailList(&Adapter->Waiting, &Request->Entry);
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    return Plugged ? SRB_STATUS_PENDING : SRB_STATUS_NO_DEVICE;
}

BOOLEAN NTAPI PartnerStartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    PARTNER_ADAPTER *Adapter = Extension;
    UCHAR SrbStatus = SRB_STATUS_INVALID_REQUEST;

    switch (Srb->Function) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        SrbStatus = Adapter->Plugged ? Begin(Adapter, Srb) : SRB_STATUS_NO_DEVICE;
        break;
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        PartnerEndRequests(Adapter);
        SrbStatus = SRB_STATUS_SUCCESS;
        break;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_PNP:
    case SRB_FUNCTION_POWER:
        SrbStatus = SRB_STATUS_SUCCESS;
        break;
    default:
        break;
    }
    if (SrbStatus == SRB_STATUS_PENDING) {
        PartnerWork(Adapter);
    } else {
        Complete(Adapter, Srb, SrbStatus);
    }
    return TRUE;
}

/* ---- to the program ---- */

/* Under the lock. FALSE: nothing waits. */
BOOLEAN PartnerGive(PARTNER_ADAPTER *Adapter, PIRP Irp)
{
    struct partner_message *Message = Irp->AssociatedIrp.SystemBuffer;
    PARTNER_REQUEST *Request;
    PVOID Data;

    if (IsListEmpty(&Adapter->Waiting)) {
        return FALSE;
    }
    Request = CONTAINING_RECORD(RemoveHeadList(&Adapter->Waiting), PARTNER_REQUEST, Entry);
    InsertTailList(&Adapter->Fetched, &Request->Entry);
    Message->tag = Request->Tag;
    Message->block = Request->Command.FirstBlock;
    Message->block_count = Request->Command.BlockCount;
    Message->operation = Request->Command.Operation == ScsiDiskRead    ? PARTNER_READ
                         : Request->Command.Operation == ScsiDiskWrite ? PARTNER_WRITE
                                                                       : PARTNER_FLUSH;
    Data = DataOf(Adapter, Request->Srb);
    if (Message->operation == PARTNER_WRITE && Data != NULL) {
        RtlCopyMemory(BufferOf(Irp), Data, Request->Command.DataLength);
    }
    return TRUE;
}

/* ---- and back ---- */

static PARTNER_REQUEST *TakeFetched(PARTNER_ADAPTER *Adapter, ULONGLONG Tag)
{
    PLIST_ENTRY Entry;
    KIRQL OldIrql;
    PARTNER_REQUEST *Found = NULL;

    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    for (Entry = Adapter->Fetched.Flink; Entry != &Adapter->Fetched; Entry = Entry->Flink) {
        PARTNER_REQUEST *Request = CONTAINING_RECORD(Entry, PARTNER_REQUEST, Entry);

        if (Request->Tag == Tag) {
            Found = Request;
            RemoveEntryList(Entry);
            break;
        }
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    return Found;
}

/* A tag that is no longer known is that of a request that a reset has ended. */
VOID PartnerAnswer(PARTNER_ADAPTER *Adapter, PIRP Irp, const struct partner_message *Answer)
{
    PARTNER_REQUEST *Request = TakeFetched(Adapter, Answer->tag);
    UCHAR SrbStatus = SRB_STATUS_SUCCESS;
    PVOID Data;

    if (Request == NULL) {
        return;
    }
    Data = DataOf(Adapter, Request->Srb);
    if (Answer->failed) {
        SrbStatus = ScsiDiskCheckCondition(Request->Srb, SCSI_SENSE_MEDIUM_ERROR,
                                           SCSI_ADSENSE_UNRECOVERED_ERROR, 0);
    } else if (Request->Command.Operation == ScsiDiskRead && Data != NULL) {
        RtlCopyMemory(Data, BufferOf(Irp), Request->Command.DataLength);
    }
    if (SrbStatus == SRB_STATUS_SUCCESS) {
        Request->Srb->DataTransferLength = Request->Command.DataLength;
    }
    Complete(Adapter, Request->Srb, SrbStatus);
}

VOID PartnerEndRequests(PARTNER_ADAPTER *Adapter)
{
    for (;;) {
        PLIST_ENTRY Entry = ExInterlockedRemoveHeadList(&Adapter->Waiting, &Adapter->Lock);

        if (Entry == NULL) {
            Entry = ExInterlockedRemoveHeadList(&Adapter->Fetched, &Adapter->Lock);
        }
        if (Entry == NULL) {
            break;
        }
        Complete(Adapter, CONTAINING_RECORD(Entry, PARTNER_REQUEST, Entry)->Srb,
                 Adapter->Plugged ? SRB_STATUS_BUS_RESET : SRB_STATUS_NO_DEVICE);
    }
}
