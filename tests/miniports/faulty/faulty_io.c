/*
 * Requests of the faulty miniport: the correct path, with one place where a behaviour may step in.
 */
#include "faulty.h"

#include <srbhelper.h>

VOID FaultyComplete(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    SrbSetSrbStatus(Srb, SrbStatus);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

VOID FaultyHold(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    FAULTY_REQUEST *Request = (FAULTY_REQUEST *)SrbGetMiniportContext(Srb);
    KIRQL OldIrql;

    Request->Srb = Srb;
    Request->SrbStatus = SrbStatus;
    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    InsertTailList(&Adapter->Held, &Request->Link);
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
}

/* Completes all held requests, each with the status that it was held with. */
static VOID LetGo(FAULTY_ADAPTER *Adapter)
{
    LIST_ENTRY Ready;
    KIRQL OldIrql;

    InitializeListHead(&Ready);
    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    while (!IsListEmpty(&Adapter->Held)) {
        PLIST_ENTRY Entry = RemoveHeadList(&Adapter->Held);

        InsertTailList(&Ready, Entry);
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    while (!IsListEmpty(&Ready)) {
        FAULTY_REQUEST *Request = CONTAINING_RECORD(RemoveHeadList(&Ready), FAULTY_REQUEST, Link);

        FaultyComplete(Adapter, Request->Srb, Request->SrbStatus);
    }
}

VOID FaultyTimer(PVOID DeviceExtension)
{
    LetGo((FAULTY_ADAPTER *)DeviceExtension);
}

static BOOLEAN Reset(FAULTY_ADAPTER *Adapter, FAULTY_RESET_TIER Tier)
{
    if ((ULONG)Tier < Adapter->ResetTier) {
        return FALSE;
    }
    LetGo(Adapter);
    return TRUE;
}

static FAULTY_VERDICT ExecuteScsi(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                  UCHAR *SrbStatus)
{
    SCSI_DISK_COMMAND Command;
    FAULTY_VERDICT Verdict;
    UCHAR Path = 0;
    UCHAR Target = 0;
    UCHAR Lun = 0;

    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    if (Adapter->Behaviour == BehaviourNoLogicalUnit || Path != 0 || Target != 0) {
        *SrbStatus = SRB_STATUS_NO_DEVICE;
        return VerdictComplete;
    }
    *SrbStatus = FaultyAnswer(Adapter, Srb);
    if (*SrbStatus != SRB_STATUS_PENDING) {
        return VerdictComplete;
    }
    *SrbStatus = ScsiDiskAnswer(Adapter, Adapter->Disks, (ULONG)Adapter->UnitCount, Lun, Srb);
    if (*SrbStatus == SRB_STATUS_PENDING) {
        *SrbStatus = ScsiDiskDecode(&Adapter->Disks[0], Srb, &Command);
    }
    if (*SrbStatus != SRB_STATUS_PENDING) {
        return VerdictComplete;
    }
    Verdict = FaultyIntercept(Adapter, Srb, &Command, SrbStatus);
    if (Verdict == VerdictPass) {
        *SrbStatus =
            MemoryDiskExecute(Adapter, &Adapter->Disks[0], &Adapter->Memory, Srb, &Command);
        return VerdictComplete;
    }
    return Verdict;
}

static FAULTY_VERDICT Dispatch(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR *SrbStatus)
{
    *SrbStatus = SRB_STATUS_SUCCESS;
    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        return ExecuteScsi(Adapter, Srb, SrbStatus);
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
        *SrbStatus =
            Reset(Adapter, ResetTierUnit) ? SRB_STATUS_SUCCESS : SRB_STATUS_INVALID_REQUEST;
        return VerdictComplete;
    case SRB_FUNCTION_RESET_DEVICE:
        *SrbStatus =
            Reset(Adapter, ResetTierTarget) ? SRB_STATUS_SUCCESS : SRB_STATUS_INVALID_REQUEST;
        return VerdictComplete;
    case SRB_FUNCTION_RESET_BUS:
        *SrbStatus = Reset(Adapter, ResetTierBus) ? SRB_STATUS_SUCCESS : SRB_STATUS_INVALID_REQUEST;
        return VerdictComplete;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_POWER:
    case SRB_FUNCTION_PNP:
        return VerdictComplete;
    default:
        *SrbStatus = SRB_STATUS_INVALID_REQUEST;
        return VerdictComplete;
    }
}

BOOLEAN FaultyStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    FAULTY_ADAPTER *Adapter = (FAULTY_ADAPTER *)DeviceExtension;
    UCHAR SrbStatus = SRB_STATUS_PENDING;

    switch (Dispatch(Adapter, Srb, &SrbStatus)) {
    case VerdictComplete:
        FaultyComplete(Adapter, Srb, SrbStatus);
        return TRUE;
    case VerdictRefuse:
        return FALSE;
    default:
        return TRUE;
    }
}

BOOLEAN FaultyResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(PathId);
    return Reset((FAULTY_ADAPTER *)DeviceExtension, ResetTierBus);
}
