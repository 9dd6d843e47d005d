/*
 * Requests of both instances: taken in StartIo, completed in the interrupt routine.
 */
#include "dumper_driver.h"

#include <srbhelper.h>

#include "../../../miniports/null-physical/scratch_device.h"

VOID DumperNote(ADAPTER *Adapter, const CHAR *Callback, UCHAR Operation)
{
    DUMPER_RECORD *Record = Adapter->Record;
    DUMPER_ROW *Row = &Record->Row[Record->Rows];

    if (Record->Rows == DUMPER_ROWS) {
        return;
    }
    Row->Callback = Callback;
    Row->Mode = Adapter->Mode;
    Row->Irql = KeGetCurrentIrql();
    Row->Operation = Operation;
    Record->Rows++;
}

/* ---- dump pointers, for the live instance ---- */

static UCHAR GivePointers(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PMINIPORT_DUMP_POINTERS Pointers = SrbGetDataBuffer(Srb);
    DUMPER_RECORD *Record = Adapter->Record;

    if (SrbGetDataTransferLength(Srb) < sizeof(*Pointers)) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Record->Behaviour == DumperRefusesPointers) {
        return SRB_STATUS_ERROR;
    }
    Pointers->Version = Record->Behaviour == DumperHasWrongVersion ? 7 : DUMP_MINIPORT_VERSION_1;
    Pointers->Size = sizeof(*Pointers);
    Pointers->MiniportPrivateDumpData = DumperData();
    if (Record->Behaviour == DumperWantsBuffer) {
        Pointers->CommonBufferSize = 48 * 1024;
    }
    return SRB_STATUS_SUCCESS;
}

/* ---- the medium ---- */

static UCHAR Transfer(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, const SCSI_DISK_COMMAND *Command)
{
    PUCHAR Medium = Adapter->Record->Disk[Command->FirstBlock];
    PVOID Data = SrbGetDataBuffer(Srb);

    if (Command->Operation == ScsiDiskRead) {
        RtlCopyMemory(Data, Medium, Command->DataLength);
    } else if (Command->Operation == ScsiDiskWrite) {
        RtlCopyMemory(Medium, Data, Command->DataLength);
    }
    SrbSetDataTransferLength(Srb, Command->DataLength);
    return SRB_STATUS_SUCCESS;
}

/* All but the medium, which the interrupt routine of a physical one looks at. */
static VOID Prepare(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, WAITING *Waiting)
{
    Waiting->Srb = Srb;
    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        Waiting->Status = ScsiDiskAnswer(Adapter, &Adapter->Disk, 1, SrbGetLun(Srb), Srb);
        if (Waiting->Status == SRB_STATUS_PENDING) {
            Waiting->Status = ScsiDiskDecode(&Adapter->Disk, Srb, &Waiting->Command);
        }
        break;
    case SRB_FUNCTION_DUMP_POINTERS:
        Waiting->Status = GivePointers(Adapter, Srb);
        break;
    case SRB_FUNCTION_FREE_DUMP_POINTERS:
        Adapter->Record->FreedPointers++;
        Waiting->Status = SRB_STATUS_SUCCESS;
        break;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_POWER:
    case SRB_FUNCTION_PNP:
        Waiting->Status = SRB_STATUS_SUCCESS;
        break;
    default:
        Waiting->Status = SRB_STATUS_INVALID_REQUEST;
        break;
    }
}

/* Under the interrupt lock. */
static BOOLEAN NTAPI Append(PVOID Extension, PVOID Context)
{
    ADAPTER *Adapter = Extension;

    if (Adapter->WaitingCount == RTL_NUMBER_OF(Adapter->Waiting)) {
        return FALSE;
    }
    Adapter->Waiting[Adapter->WaitingCount++] = *(WAITING *)Context;
    return TRUE;
}

static VOID Complete(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR Status)
{
    if (Adapter->Mode != 0) {
        InterlockedDecrement(&Adapter->Record->AtOnce);
    }
    SrbSetSrbStatus(Srb, Status);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

static VOID Finish(ADAPTER *Adapter, WAITING *Waiting)
{
    if (Waiting->Status == SRB_STATUS_PENDING) {
        Waiting->Status = Transfer(Adapter, Waiting->Srb, &Waiting->Command);
    }
    Complete(Adapter, Waiting->Srb, Waiting->Status);
}

/* ---- what is done wrong with a write ---- */

/* TRUE: the request has been dealt with. */
static BOOLEAN Misbehave(ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PBOOLEAN Started)
{
    DUMPER_RECORD *Record = Adapter->Record;

    *Started = TRUE;
    if (Record->Behaviour == DumperNeverCompletes) {
        return TRUE;
    }
    if (Record->Behaviour == DumperWritesLiveMemory) {
        Record->LiveMemory[100]++;
    }
    if (Adapter->Done) {
        return FALSE;
    }
    Adapter->Done = TRUE;
    switch (Record->Behaviour) {
    case DumperIsBusyOnce:
        Complete(Adapter, Srb, SRB_STATUS_BUSY);
        return TRUE;
    case DumperStartsNothingOnce:
        InterlockedDecrement(&Record->AtOnce);
        *Started = FALSE;
        return TRUE;
    case DumperHasAttention:
        Complete(Adapter, Srb,
                 ScsiDiskCheckCondition(Srb, SCSI_SENSE_UNIT_ATTENTION, SCSI_ADSENSE_BUS_RESET, 0));
        return TRUE;
    case DumperLowersIrql:
        KeLowerIrql(DISPATCH_LEVEL);
        return FALSE;
    default:
        return FALSE;
    }
}

static UCHAR OperationOf(PSCSI_REQUEST_BLOCK Srb)
{
    PCDB Cdb = SrbGetCdb(Srb);

    return Cdb != NULL ? Cdb->AsByte[0] : 0;
}

static VOID CountRequest(DUMPER_RECORD *Record)
{
    LONG AtOnce = InterlockedIncrement(&Record->AtOnce);

    if (AtOnce > Record->AtOnceMost) {
        Record->AtOnceMost = AtOnce;
    }
}

BOOLEAN DumperStartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    ADAPTER *Adapter = Extension;
    WAITING Waiting;
    BOOLEAN Started;

    if (Adapter->Mode != 0) {
        DumperNote(Adapter, "HwStartIo", OperationOf(Srb));
        CountRequest(Adapter->Record);
        if (OperationOf(Srb) == SCSIOP_WRITE && Misbehave(Adapter, Srb, &Started)) {
            return Started;
        }
    } else if (Adapter->Record->Entered) {
        InterlockedIncrement(&Adapter->Record->LiveCallbacks);
    }
    Prepare(Adapter, Srb, &Waiting);
    if (Adapter->Virtual) {
        Finish(Adapter, &Waiting);
        return TRUE;
    }
    if (!StorPortSynchronizeAccess(Adapter, Append, &Waiting)) {
        Complete(Adapter, Srb, SRB_STATUS_BUSY);
        return TRUE;
    }
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_DOORBELL), 0);
    return TRUE;
}

BOOLEAN DumperInterrupt(PVOID Extension)
{
    ADAPTER *Adapter = Extension;
    PULONG Status = (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS);
    ULONG Causes = StorPortReadRegisterUlong(Adapter, Status);
    ULONG Index;

    if (Adapter->Mode == 0 && Adapter->Record->Entered) {
        InterlockedIncrement(&Adapter->Record->LiveCallbacks);
    }
    if (Causes == 0) {
        return FALSE;
    }
    StorPortWriteRegisterUlong(Adapter, Status, Causes);
    if (Adapter->Mode != 0) {
        DumperNote(Adapter, "HwInterrupt", 0);
    }
    for (Index = 0; Index < Adapter->WaitingCount; Index++) {
        Finish(Adapter, &Adapter->Waiting[Index]);
    }
    Adapter->WaitingCount = 0;
    return TRUE;
}
