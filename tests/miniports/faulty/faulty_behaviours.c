/*
 * The behaviours that show on a request: one small function each, and the table that chooses it.
 */
#include "faulty.h"

#include <srbhelper.h>

typedef FAULTY_VERDICT BEHAVIOUR_ROUTINE(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                         const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus);

/* True the first Times calls, whoever makes them. */
static BOOLEAN TakeTurn(FAULTY_ADAPTER *Adapter)
{
    LONG Left = InterlockedDecrement((volatile LONG *)&Adapter->Times);

    if (Left >= 0) {
        return TRUE;
    }
    InterlockedIncrement((volatile LONG *)&Adapter->Times);
    return FALSE;
}

static BOOLEAN IsReadOfLba(const FAULTY_ADAPTER *Adapter, const SCSI_DISK_COMMAND *Command)
{
    return Command->Operation == ScsiDiskRead && Adapter->Lba >= Command->FirstBlock &&
           Adapter->Lba - Command->FirstBlock < Command->BlockCount;
}

static FAULTY_VERDICT DropRead(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                               const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(SrbStatus);
    if (!IsReadOfLba(Adapter, Command)) {
        return VerdictPass;
    }
    FaultyHold(Adapter, Srb, SRB_STATUS_BUS_RESET); /* only a reset lets it go */
    return VerdictTaken;
}

static FAULTY_VERDICT DropReadTimes(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                    const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    if (!IsReadOfLba(Adapter, Command) || !TakeTurn(Adapter)) {
        return VerdictPass;
    }
    return DropRead(Adapter, Srb, Command, SrbStatus);
}

static FAULTY_VERDICT Busy(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                           const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Srb);
    UNREFERENCED_PARAMETER(Command);
    *SrbStatus = SRB_STATUS_BUSY;
    return TakeTurn(Adapter) ? VerdictComplete : VerdictPass;
}

static FAULTY_VERDICT QueueFull(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Command);
    if (!TakeTurn(Adapter)) {
        return VerdictPass;
    }
    SrbSetScsiStatus(Srb, SCSISTAT_QUEUE_FULL);
    *SrbStatus = SRB_STATUS_ERROR;
    return VerdictComplete;
}

static FAULTY_VERDICT UnitAttention(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                    const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Command);
    if (!TakeTurn(Adapter)) {
        return VerdictPass;
    }
    *SrbStatus = ScsiDiskCheckCondition(Srb, SCSI_SENSE_UNIT_ATTENTION, SCSI_ADSENSE_BUS_RESET, 0);
    return VerdictComplete;
}

static FAULTY_VERDICT DoubleCompletion(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                       const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    if (!IsReadOfLba(Adapter, Command) || !TakeTurn(Adapter)) {
        return VerdictPass;
    }
    *SrbStatus = MemoryDiskExecute(Adapter, &Adapter->Disks[0], &Adapter->Memory, Srb, Command);
    FaultyComplete(Adapter, Srb, *SrbStatus);
    return VerdictComplete;
}

/* Acknowledges writes and forgets them; a flush then tells that they are lost. */
static FAULTY_VERDICT LostWrite(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Adapter);
    switch (Command->Operation) {
    case ScsiDiskWrite:
        *SrbStatus = SRB_STATUS_SUCCESS;
        return VerdictComplete;
    case ScsiDiskFlush:
        *SrbStatus =
            ScsiDiskCheckCondition(Srb, SCSI_SENSE_MEDIUM_ERROR, SCSI_ADSENSE_WRITE_ERROR, 0);
        return VerdictComplete;
    default:
        return VerdictPass;
    }
}

/* The work is done at once; only its completion waits for the timer. */
static FAULTY_VERDICT Slow(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                           const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    *SrbStatus = MemoryDiskExecute(Adapter, &Adapter->Disks[0], &Adapter->Memory, Srb, Command);
    FaultyHold(Adapter, Srb, *SrbStatus);
    StorPortNotification(RequestTimerCall, Adapter, FaultyTimer, Adapter->DelayMicroseconds);
    return VerdictTaken;
}

static FAULTY_VERDICT RefuseStart(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                  const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Srb);
    UNREFERENCED_PARAMETER(Command);
    UNREFERENCED_PARAMETER(SrbStatus);
    return TakeTurn(Adapter) ? VerdictRefuse : VerdictPass;
}

static FAULTY_VERDICT CompletePending(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                      const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Srb);
    UNREFERENCED_PARAMETER(Command);
    *SrbStatus = SRB_STATUS_PENDING;
    return TakeTurn(Adapter) ? VerdictComplete : VerdictPass;
}

/* Half of the data, and says so: the underrun of a correct driver. */
static FAULTY_VERDICT ShortRead(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    SCSI_DISK_COMMAND Half = *Command;

    if (!IsReadOfLba(Adapter, Command) || Command->BlockCount < 2) {
        return VerdictPass;
    }
    Half.BlockCount /= 2;
    Half.DataLength = Half.BlockCount * Adapter->Disks[0].BlockSize;
    *SrbStatus = MemoryDiskExecute(Adapter, &Adapter->Disks[0], &Adapter->Memory, Srb, &Half);
    if (*SrbStatus == SRB_STATUS_SUCCESS) {
        *SrbStatus = SRB_STATUS_DATA_OVERRUN; /* the code for underrun, too */
    }
    return VerdictComplete;
}

static BOOLEAN IsWriteOfLba(const FAULTY_ADAPTER *Adapter, const SCSI_DISK_COMMAND *Command)
{
    return Command->Operation == ScsiDiskWrite && Adapter->Lba >= Command->FirstBlock &&
           Adapter->Lba - Command->FirstBlock < Command->BlockCount;
}

static FAULTY_VERDICT UnitComesAndGoes(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                                       const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    UNREFERENCED_PARAMETER(Srb);
    UNREFERENCED_PARAMETER(SrbStatus);
    if (IsWriteOfLba(Adapter, Command)) {
        Adapter->UnitCount = FAULTY_UNITS + 1 - Adapter->UnitCount;
        if (Adapter->Behaviour == BehaviourUnitComesAndGoesTold) {
            StorPortNotification(BusChangeDetected, Adapter, (UCHAR)0);
        }
    }
    return VerdictPass;
}

static FAULTY_VERDICT Grows(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                            const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    if (InterlockedExchange(&Adapter->HasGrown, 0) != 0) {
        *SrbStatus =
            ScsiDiskCheckCondition(Srb, SCSI_SENSE_UNIT_ATTENTION, SCSI_ADSENSE_PARAMETERS_CHANGED,
                                   SCSI_SENSEQ_CAPACITY_DATA_CHANGED);
        return VerdictComplete;
    }
    if (IsWriteOfLba(Adapter, Command) && TakeTurn(Adapter)) {
        Adapter->Disks[0].BlockCount *= 2;
        Adapter->HasGrown = 1;
    }
    return VerdictPass;
}

static BEHAVIOUR_ROUTINE *const Routines[BehaviourCount] = {
    [BehaviourDropRead] = DropRead,
    [BehaviourBusy] = Busy,
    [BehaviourQueueFull] = QueueFull,
    [BehaviourUnitAttention] = UnitAttention,
    [BehaviourDoubleCompletion] = DoubleCompletion,
    [BehaviourLostWrite] = LostWrite,
    [BehaviourSlow] = Slow,
    [BehaviourRefuseStart] = RefuseStart,
    [BehaviourCompletePending] = CompletePending,
    [BehaviourShortRead] = ShortRead,
    [BehaviourDropReadTimes] = DropReadTimes,
    [BehaviourUnitComesAndGoes] = UnitComesAndGoes,
    [BehaviourGrows] = Grows,
    [BehaviourUnitComesAndGoesTold] = UnitComesAndGoes,
};

FAULTY_VERDICT FaultyIntercept(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                               const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus)
{
    BEHAVIOUR_ROUTINE *Routine = Routines[Adapter->Behaviour];

    return Routine != NULL ? Routine(Adapter, Srb, Command, SrbStatus) : VerdictPass;
}
