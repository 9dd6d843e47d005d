/*
 * The dispatch of the SCSI translation, and the commands that need no data from the namespace.
 *
 * Rule: a CDB is read only after its length fits its group, and every opcode that is not listed
 * here ends as INVALID COMMAND OPERATION CODE.
 */
#include "scsi_translate.h"

#define CDB_CONTROL_NACA 0x04

/* REQUEST SENSE, START STOP UNIT: bits of the CDB. */
#define REQUEST_SENSE_DESCRIPTOR 0x01
#define START_STOP_START         0x01
#define START_STOP_LOAD_EJECT    0x02
#define START_STOP_NO_FLUSH      0x04

BOOLEAN ScsiIsBlockTransfer(UCHAR OperationCode)
{
    switch (OperationCode) {
    case SCSIOP_READ6:
    case SCSIOP_WRITE6:
    case SCSIOP_READ:
    case SCSIOP_WRITE:
    case SCSIOP_READ12:
    case SCSIOP_WRITE12:
    case SCSIOP_READ16:
    case SCSIOP_WRITE16:
    case SCSIOP_VERIFY:
    case SCSIOP_VERIFY12:
    case SCSIOP_VERIFY16:
        return TRUE;
    default:
        return FALSE;
    }
}

/* The length of a CDB by the group in its operation code; 0 for the groups without a fixed one. */
static UCHAR CdbLengthOfGroup(UCHAR OperationCode)
{
    static const UCHAR lengths[8] = {6, 10, 10, 0, 16, 12, 0, 0};

    return lengths[OperationCode >> 5];
}

static SCSI_OUTCOME RequestSense(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR sense[18];
    UCHAR length;
    BOOLEAN descriptor = (Command->Cdb[1] & REQUEST_SENSE_DESCRIPTOR) != 0;
    UCHAR key = SCSI_SENSE_NO_SENSE;
    UCHAR asc = SCSI_ADSENSE_NO_SENSE;
    UCHAR ascq = 0;

    if (InterlockedExchange(&Unit->Attention, NVME_ATTENTION_NONE) == NVME_ATTENTION_CAPACITY) {
        key = SCSI_SENSE_UNIT_ATTENTION;
        asc = SCSI_ADSENSE_PARAMETERS_CHANGED;
        ascq = SCSI_SENSEQ_CAPACITY_DATA_CHANGED;
    }
    length = ScsiWriteSense(sense, sizeof(sense), descriptor, key, asc, ascq);
    return ScsiReply(Command, sense, length, Command->Cdb[4]);
}

/*
 * A namespace has no motor. Stopping means that data must be safe, so it flushes unless the
 * initiator says that it does not want that.
 */
static SCSI_OUTCOME StartStopUnit(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR bits = Command->Cdb[4];

    if (bits & START_STOP_LOAD_EJECT) {
        return ScsiFailField(Command);
    }
    if ((bits & START_STOP_START) || (bits & START_STOP_NO_FLUSH)) {
        return ScsiGood(Command, 0);
    }
    return ScsiFlush(Command, Unit);
}

/* INQUIRY, REPORT LUNS and REQUEST SENSE are served in every state and never report attention. */
static BOOLEAN IsAlwaysServed(UCHAR OperationCode)
{
    return OperationCode == SCSIOP_INQUIRY || OperationCode == SCSIOP_REPORT_LUNS ||
           OperationCode == SCSIOP_REQUEST_SENSE;
}

static SCSI_OUTCOME DispatchInformation(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    switch (Command->Cdb[0]) {
    case SCSIOP_TEST_UNIT_READY:
        return ScsiGood(Command, 0);
    case SCSIOP_REQUEST_SENSE:
        return RequestSense(Command, Unit);
    case SCSIOP_INQUIRY:
        return ScsiInquiry(Command, Unit);
    case SCSIOP_START_STOP_UNIT:
        return StartStopUnit(Command, Unit);
    case SCSIOP_READ_CAPACITY:
        return ScsiReadCapacity10(Command, Unit);
    case SCSIOP_READ_CAPACITY16:
        if ((Command->Cdb[1] & 0x1F) != SERVICE_ACTION_READ_CAPACITY16) {
            return ScsiFailField(Command);
        }
        return ScsiReadCapacity16(Command, Unit);
    case SCSIOP_MODE_SENSE:
    case SCSIOP_MODE_SENSE10:
        return ScsiModeSense(Command, Unit);
    case SCSIOP_MODE_SELECT:
    case SCSIOP_MODE_SELECT10:
        return ScsiModeSelect(Command, Unit);
    case SCSIOP_LOG_SENSE:
        return ScsiLogSense(Command, Unit);
    default:
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
    }
}

static SCSI_OUTCOME DispatchUnit(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    switch (Command->Cdb[0]) {
    case SCSIOP_READ6:
    case SCSIOP_READ:
    case SCSIOP_READ12:
    case SCSIOP_READ16:
    case SCSIOP_WRITE6:
    case SCSIOP_WRITE:
    case SCSIOP_WRITE12:
    case SCSIOP_WRITE16:
        return ScsiReadWrite(Command, Unit);
    case SCSIOP_VERIFY:
    case SCSIOP_VERIFY12:
    case SCSIOP_VERIFY16:
        return ScsiVerify(Command, Unit);
    case SCSIOP_SYNCHRONIZE_CACHE:
    case SCSIOP_SYNCHRONIZE_CACHE16:
        return ScsiFlush(Command, Unit);
    case SCSIOP_UNMAP:
        return ScsiUnmap(Command, Unit);
    case SCSIOP_WRITE_SAME:
    case SCSIOP_WRITE_SAME16:
        return ScsiWriteSame(Command, Unit);
    default:
        return DispatchInformation(Command, Unit);
    }
}

static VOID ResetOutputs(PSCSI_COMMAND Command)
{
    Command->DataPlace = ScsiDataNone;
    Command->TransferLength = 0;
    Command->ReplyLength = 0;
    Command->AdminReply = ScsiAdminReplyNone;
    Command->AdminArgument = 0;
    Command->ScsiStatus = SCSISTAT_GOOD;
    Command->SenseKey = SCSI_SENSE_NO_SENSE;
    Command->Asc = 0;
    Command->Ascq = 0;
}

SCSI_OUTCOME ScsiTranslate(PSCSI_COMMAND Command)
{
    PNVME_UNIT unit = NULL;
    UCHAR length;

    ResetOutputs(Command);
    if (Command->CdbLength == 0) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
    }
    length = CdbLengthOfGroup(Command->Cdb[0]);
    if (length == 0) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
    }
    if (Command->CdbLength < length || (Command->Cdb[length - 1] & CDB_CONTROL_NACA)) {
        return ScsiFailField(Command);
    }
    if (Command->Cdb[0] == SCSIOP_REPORT_LUNS) {
        return ScsiReportLuns(Command);
    }
    if (Command->Lun < NVME_MAX_UNITS) {
        unit = &Command->Target->Units[Command->Lun];
    }
    if (unit == NULL || !unit->Present) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_LUN, 0);
    }
    if (!IsAlwaysServed(Command->Cdb[0])) {
        if (unit->Changing) {
            return ScsiOutcomeBusy;
        }
        if (unit->Attention != NVME_ATTENTION_NONE &&
            InterlockedExchange(&unit->Attention, NVME_ATTENTION_NONE) != NVME_ATTENTION_NONE) {
            return ScsiFail(Command, SCSI_SENSE_UNIT_ATTENTION, SCSI_ADSENSE_PARAMETERS_CHANGED,
                            SCSI_SENSEQ_CAPACITY_DATA_CHANGED);
        }
    }
    return DispatchUnit(Command, unit);
}
