/*
 * The short answers of a SCSI disk: readiness, capacity, the list of units, sense data.
 *
 * The formats are those of SPC-4 and SBC-3. Fields that are zero there by default are left zero.
 */
#include "scsi_disk.h"

#include <srbhelper.h>

#include "reply.h"

#define FIXED_SENSE_LENGTH              18
#define START_STOP_START                0x01
#define START_STOP_LOAD_EJECT           0x02
#define READ_CAPACITY_16_SERVICE_ACTION 0x10
#define INITIALIZING_COMMAND_REQUIRED   0x02

/* FNV-1a: spreads any text over 64 bits, the same on every machine. */
static ULONGLONG HashText(const CHAR *Text)
{
    ULONGLONG Hash = 0xCBF29CE484222325ULL;

    while (*Text != '\0') {
        Hash = (Hash ^ (UCHAR)*Text++) * 0x100000001B3ULL;
    }
    return Hash;
}

VOID ScsiDiskSetIdentity(SCSI_DISK *Disk, const CHAR *Product, const CHAR *Seed, ULONG Number)
{
    static const CHAR Digits[] = "0123456789ABCDEF";
    ULONGLONG Identifier = (HashText(Seed) ^ Number) * 0x100000001B3ULL;
    ULONG Index;

    Disk->Identifier = Identifier;
    for (Index = 0; Index < SCSI_DISK_PRODUCT_LENGTH && Product[Index] != '\0'; Index++) {
        Disk->Product[Index] = Product[Index];
    }
    Disk->Product[Index] = '\0';
    for (Index = 0; Index < SCSI_DISK_SERIAL_LENGTH; Index++) {
        Disk->Serial[Index] = Digits[(Identifier >> (60 - 4 * Index)) & 0xF];
    }
    Disk->Serial[Index] = '\0';
}

static VOID FillFixedSense(UCHAR Sense[FIXED_SENSE_LENGTH], UCHAR SenseKey,
                           UCHAR AdditionalSenseCode, UCHAR AdditionalSenseCodeQualifier)
{
    RtlZeroMemory(Sense, FIXED_SENSE_LENGTH);
    Sense[0] = SCSI_SENSE_ERRORCODE_FIXED_CURRENT;
    Sense[2] = SenseKey;
    Sense[7] = FIXED_SENSE_LENGTH - 8;
    Sense[12] = AdditionalSenseCode;
    Sense[13] = AdditionalSenseCodeQualifier;
}

UCHAR ScsiDiskCheckCondition(PSCSI_REQUEST_BLOCK Srb, UCHAR SenseKey, UCHAR AdditionalSenseCode,
                             UCHAR AdditionalSenseCodeQualifier)
{
    UCHAR Sense[FIXED_SENSE_LENGTH];
    PVOID SenseBuffer = SrbGetSenseInfoBuffer(Srb);
    UCHAR SenseLength = SrbGetSenseInfoBufferLength(Srb);

    SrbSetScsiStatus(Srb, SCSISTAT_CHECK_CONDITION);
    SrbSetDataTransferLength(Srb, 0);
    if (SenseBuffer == NULL || SenseLength == 0 ||
        (SrbGetSrbFlags(Srb) & SRB_FLAGS_DISABLE_AUTOSENSE) != 0) {
        return SRB_STATUS_ERROR;
    }
    FillFixedSense(Sense, SenseKey, AdditionalSenseCode, AdditionalSenseCodeQualifier);
    /* The length may be lowered to what was written and must never grow. */
    if (SenseLength > FIXED_SENSE_LENGTH) {
        SenseLength = FIXED_SENSE_LENGTH;
    }
    RtlCopyMemory(SenseBuffer, Sense, SenseLength);
    SrbSetSenseInfoBufferLength(Srb, SenseLength);
    return SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID;
}

static UCHAR InvalidFieldInCdb(PSCSI_REQUEST_BLOCK Srb)
{
    return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_CDB, 0);
}

static UCHAR Success(PSCSI_REQUEST_BLOCK Srb)
{
    SrbSetDataTransferLength(Srb, 0);
    return SRB_STATUS_SUCCESS;
}

static UCHAR TestUnitReady(const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb)
{
    if (Disk->Stopped) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_NOT_READY, SCSI_ADSENSE_LUN_NOT_READY,
                                      INITIALIZING_COMMAND_REQUIRED);
    }
    return Success(Srb);
}

/* Sense data for a unit with nothing pending: that it is fine, or that it has been stopped. */
static UCHAR RequestSense(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb,
                          const UCHAR *Cdb)
{
    UCHAR SenseKey = Disk->Stopped ? SCSI_SENSE_NOT_READY : SCSI_SENSE_NO_SENSE;
    UCHAR Code = Disk->Stopped ? SCSI_ADSENSE_LUN_NOT_READY : SCSI_ADSENSE_NO_SENSE;
    UCHAR Qualifier = Disk->Stopped ? INITIALIZING_COMMAND_REQUIRED : 0;
    UCHAR Sense[FIXED_SENSE_LENGTH];
    REPLY Reply;
    UCHAR Status = ReplyBegin(&Reply, DeviceExtension, Srb, Cdb[4]);

    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    if ((Cdb[1] & 0x01) != 0) {
        ReplyAppend8(&Reply, SCSI_SENSE_ERRORCODE_DESCRIPTOR_CURRENT);
        ReplyAppend8(&Reply, SenseKey);
        ReplyAppend8(&Reply, Code);
        ReplyAppend8(&Reply, Qualifier);
        ReplyAppendZeroes(&Reply, 4);
    } else {
        FillFixedSense(Sense, SenseKey, Code, Qualifier);
        ReplyAppend(&Reply, Sense, sizeof(Sense));
    }
    return ReplyEnd(&Reply, Srb);
}

static UCHAR ReportLuns(PVOID DeviceExtension, ULONG UnitCount, PSCSI_REQUEST_BLOCK Srb,
                        const UCHAR *Cdb)
{
    UCHAR SelectReport = Cdb[2];
    ULONG AllocationLength = LoadBigEndian32(Cdb + 6);
    REPLY Reply;
    ULONG Lun;
    UCHAR Status;

    if (SelectReport > 2 || AllocationLength < 16) {
        return InvalidFieldInCdb(Srb);
    }
    if (SelectReport == 1) {
        UnitCount = 0; /* only well-known units are asked for, and there are none */
    }
    Status = ReplyBegin(&Reply, DeviceExtension, Srb, AllocationLength);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    ReplyAppend32(&Reply, UnitCount * 8);
    ReplyAppend32(&Reply, 0);
    for (Lun = 0; Lun < UnitCount; Lun++) {
        ReplyAppend16(&Reply, (USHORT)Lun);
        ReplyAppendZeroes(&Reply, 6);
    }
    return ReplyEnd(&Reply, Srb);
}

static UCHAR ReadCapacity10(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb)
{
    ULONGLONG LastBlock = Disk->BlockCount - 1;
    REPLY Reply;
    UCHAR Status = ReplyBegin(&Reply, DeviceExtension, Srb, 8);

    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    ReplyAppend32(&Reply, LastBlock > 0xFFFFFFFFULL ? 0xFFFFFFFFUL : (ULONG)LastBlock);
    ReplyAppend32(&Reply, Disk->BlockSize);
    return ReplyEnd(&Reply, Srb);
}

static UCHAR ReadCapacity16(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb,
                            const UCHAR *Cdb)
{
    REPLY Reply;
    UCHAR Status;

    if ((Cdb[1] & 0x1F) != READ_CAPACITY_16_SERVICE_ACTION) {
        return InvalidFieldInCdb(Srb);
    }
    Status = ReplyBegin(&Reply, DeviceExtension, Srb, LoadBigEndian32(Cdb + 10));
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    ReplyAppend64(&Reply, Disk->BlockCount - 1);
    ReplyAppend32(&Reply, Disk->BlockSize);
    ReplyAppend8(&Reply, 0); /* no protection information */
    ReplyAppend8(&Reply, 0); /* a physical block is a logical block */
    ReplyAppend8(&Reply,
                 Disk->CanUnmap ? 0xC0 : 0x00); /* provisioned; reads zeroes when unmapped */
    ReplyAppendZeroes(&Reply, 17);
    return ReplyEnd(&Reply, Srb);
}

/* A stopped unit answers no medium command until it is started. Power conditions are not offered.
 */
static UCHAR StartStopUnit(SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb, const UCHAR *Cdb)
{
    UCHAR PowerCondition = Cdb[4] >> 4;

    if (PowerCondition != 0 || (Cdb[4] & START_STOP_LOAD_EJECT) != 0) {
        return InvalidFieldInCdb(Srb);
    }
    Disk->Stopped = (Cdb[4] & START_STOP_START) == 0;
    return Success(Srb);
}

UCHAR ScsiDiskAnswer(PVOID DeviceExtension, SCSI_DISK *Disks, ULONG UnitCount, ULONG Lun,
                     PSCSI_REQUEST_BLOCK Srb)
{
    const UCHAR *Cdb = (const UCHAR *)SrbGetCdb(Srb);
    SCSI_DISK *Disk;

    if (Cdb == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Lun >= UnitCount) {
        return SRB_STATUS_INVALID_LUN;
    }
    Disk = &Disks[Lun];

    switch (Cdb[0]) {
    case SCSIOP_TEST_UNIT_READY:
        return TestUnitReady(Disk, Srb);
    case SCSIOP_REQUEST_SENSE:
        return RequestSense(DeviceExtension, Disk, Srb, Cdb);
    case SCSIOP_INQUIRY:
        return ScsiDiskInquiry(DeviceExtension, Disk, Srb, Cdb);
    case SCSIOP_REPORT_LUNS:
        return ReportLuns(DeviceExtension, UnitCount, Srb, Cdb);
    case SCSIOP_READ_CAPACITY:
        return ReadCapacity10(DeviceExtension, Disk, Srb);
    case SCSIOP_SERVICE_ACTION_IN16:
        return ReadCapacity16(DeviceExtension, Disk, Srb, Cdb);
    case SCSIOP_MODE_SENSE:
    case SCSIOP_MODE_SENSE10:
        return ScsiDiskModeSense(DeviceExtension, Disk, Srb, Cdb);
    case SCSIOP_START_STOP_UNIT:
        return StartStopUnit(Disk, Srb, Cdb);
    default:
        return SRB_STATUS_PENDING;
    }
}
