/*
 * Units that are not what the correct disk is: answers to commands for the unit, before the disk
 * gets to answer them.
 */
#include "faulty.h"

#include <srbhelper.h>

#include "../../../miniports/common/reply.h"

#define INQUIRY_LENGTH       36
#define SHORT_INQUIRY_LENGTH 20
#define START_STOP_START     0x01
#define START_STOP_LOAD      0x02

static UCHAR Inquiry(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, const UCHAR *Cdb,
                     UCHAR DeviceType, UCHAR Length)
{
    REPLY Reply;
    UCHAR Status;

    if ((Cdb[1] & 0x01) != 0 || Cdb[2] != 0) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_CDB, 0);
    }
    Status = ReplyBegin(&Reply, Adapter, Srb, Cdb[4] < Length ? Cdb[4] : Length);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    ReplyAppend8(&Reply, DeviceType);
    ReplyAppend8(&Reply, DeviceType == READ_ONLY_DIRECT_ACCESS_DEVICE ? 0x80 : 0x00);
    ReplyAppend8(&Reply, 0); /* no version of a standard */
    ReplyAppend8(&Reply, 2);
    ReplyAppend8(&Reply, (UCHAR)(Length - 5));
    ReplyAppendZeroes(&Reply, 3);
    ReplyAppendText(&Reply, "STORHOST", 8);
    ReplyAppendText(&Reply, "FAULTY UNIT", 16);
    ReplyAppendText(&Reply, "1.00", 4);
    return ReplyEnd(&Reply, Srb);
}

static UCHAR UnknownCommand(PSCSI_REQUEST_BLOCK Srb)
{
    return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
}

VOID FaultyMoveTray(FAULTY_ADAPTER *Adapter)
{
    Adapter->MediumIsNew = InterlockedXor(&Adapter->MediumIsOut, 1);
}

static UCHAR StartStop(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, const UCHAR *Cdb)
{
    LONG Wanted = (Cdb[4] & START_STOP_START) == 0;

    if ((Cdb[4] & START_STOP_LOAD) != 0 && Adapter->MediumIsOut != Wanted) {
        FaultyMoveTray(Adapter);
    }
    SrbSetDataTransferLength(Srb, 0);
    return SRB_STATUS_SUCCESS;
}

/* A drive that knows what every CD-ROM drive must, and refuses everything else. */
static UCHAR CdromAnswer(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, const UCHAR *Cdb)
{
    switch (Cdb[0]) {
    case SCSIOP_INQUIRY:
        return Inquiry(Adapter, Srb, Cdb, READ_ONLY_DIRECT_ACCESS_DEVICE, INQUIRY_LENGTH);
    case SCSIOP_START_STOP_UNIT:
        return StartStop(Adapter, Srb, Cdb);
    case SCSIOP_TEST_UNIT_READY:
    case SCSIOP_READ_CAPACITY:
    case SCSIOP_READ:
    case SCSIOP_READ12:
        break;
    default:
        return UnknownCommand(Srb);
    }
    if (Adapter->MediumIsOut) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_NOT_READY, SCSI_ADSENSE_NO_MEDIA_IN_DEVICE,
                                      0);
    }
    if (InterlockedExchange(&Adapter->MediumIsNew, 0) != 0) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_UNIT_ATTENTION, SCSI_ADSENSE_MEDIUM_CHANGED,
                                      0);
    }
    return SRB_STATUS_PENDING;
}

UCHAR FaultyAnswer(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    const UCHAR *Cdb = (const UCHAR *)SrbGetCdb(Srb);

    if (Cdb == NULL) {
        return SRB_STATUS_PENDING;
    }
    switch (Adapter->Behaviour) {
    case BehaviourCdrom:
        return CdromAnswer(Adapter, Srb, Cdb);
    case BehaviourTape:
        return Cdb[0] == SCSIOP_INQUIRY
                   ? Inquiry(Adapter, Srb, Cdb, SEQUENTIAL_ACCESS_DEVICE, INQUIRY_LENGTH)
                   : UnknownCommand(Srb);
    case BehaviourShortInquiry:
        return Cdb[0] == SCSIOP_INQUIRY
                   ? Inquiry(Adapter, Srb, Cdb, DIRECT_ACCESS_DEVICE, SHORT_INQUIRY_LENGTH)
                   : SRB_STATUS_PENDING;
    default:
        return SRB_STATUS_PENDING;
    }
}
