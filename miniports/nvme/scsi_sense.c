/*
 * How a SCSI command ends: status, sense data, and the way from an NVMe status to both.
 *
 * Rule: the mapping is the table of the NVM Express SCSI translation reference. What the table does
 * not know becomes ABORTED COMMAND when the controller allows a retry and an internal target
 * failure when it does not, so that an unknown error is never taken for success.
 */
#include "scsi_translate.h"

/* The first byte of current sense data. */
#define SENSE_FIXED_LENGTH      18
#define SENSE_DESCRIPTOR_LENGTH 8

/* Generic and command-specific codes that newer controllers send and the header does not name. */
#define NVME_STATUS_NAMESPACE_WRITE_PROTECTED 0x20
#define NVME_STATUS_COMMAND_INTERRUPTED       0x21
#define NVME_STATUS_TRANSIENT_TRANSPORT_ERROR 0x22

typedef struct _STATUS_MAPPING {
    UCHAR Type; /* NVME_STATUS_TYPE_... */
    UCHAR Code;
    UCHAR SenseKey;
    UCHAR Asc;
    UCHAR Ascq;
} STATUS_MAPPING;

#define GENERIC  NVME_STATUS_TYPE_GENERIC_COMMAND
#define SPECIFIC NVME_STATUS_TYPE_COMMAND_SPECIFIC
#define MEDIA    NVME_STATUS_TYPE_MEDIA_ERROR

static const STATUS_MAPPING StatusMappings[] = {
    {GENERIC, NVME_STATUS_INVALID_COMMAND_OPCODE, SCSI_SENSE_ILLEGAL_REQUEST, 0x20, 0x00},
    {GENERIC, NVME_STATUS_INVALID_FIELD_IN_COMMAND, SCSI_SENSE_ILLEGAL_REQUEST, 0x24, 0x00},
    {GENERIC, NVME_STATUS_DATA_TRANSFER_ERROR, SCSI_SENSE_MEDIUM_ERROR, 0x00, 0x00},
    {GENERIC, NVME_STATUS_COMMAND_ABORTED_DUE_TO_POWER_LOSS_NOTIFICATION,
     SCSI_SENSE_ABORTED_COMMAND, 0x0B, 0x08},
    {GENERIC, NVME_STATUS_INTERNAL_DEVICE_ERROR, SCSI_SENSE_HARDWARE_ERROR, 0x44, 0x00},
    {GENERIC, NVME_STATUS_COMMAND_ABORT_REQUESTED, SCSI_SENSE_ABORTED_COMMAND, 0x00, 0x00},
    {GENERIC, NVME_STATUS_COMMAND_ABORTED_DUE_TO_SQ_DELETION, SCSI_SENSE_ABORTED_COMMAND, 0x00,
     0x00},
    {GENERIC, NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT, SCSI_SENSE_ILLEGAL_REQUEST, 0x20, 0x09},
    {GENERIC, NVME_STATUS_SANITIZE_IN_PROGRESS, SCSI_SENSE_NOT_READY, 0x04, 0x1B},
    {GENERIC, NVME_STATUS_NAMESPACE_WRITE_PROTECTED, SCSI_SENSE_DATA_PROTECT, 0x27, 0x00},
    {GENERIC, NVME_STATUS_COMMAND_INTERRUPTED, SCSI_SENSE_ABORTED_COMMAND, 0x00, 0x00},
    {GENERIC, NVME_STATUS_TRANSIENT_TRANSPORT_ERROR, SCSI_SENSE_ABORTED_COMMAND, 0x00, 0x00},
    {GENERIC, NVME_STATUS_NVM_LBA_OUT_OF_RANGE, SCSI_SENSE_ILLEGAL_REQUEST, 0x21, 0x00},
    {GENERIC, NVME_STATUS_NVM_CAPACITY_EXCEEDED, SCSI_SENSE_MEDIUM_ERROR, 0x00, 0x00},
    {GENERIC, NVME_STATUS_NVM_NAMESPACE_NOT_READY, SCSI_SENSE_NOT_READY, 0x04, 0x00},
    {GENERIC, NVME_STATUS_FORMAT_IN_PROGRESS, SCSI_SENSE_NOT_READY, 0x04, 0x04},
    {SPECIFIC, NVME_STATUS_COMPLETION_QUEUE_INVALID, SCSI_SENSE_ILLEGAL_REQUEST, 0x00, 0x00},
    {SPECIFIC, NVME_STATUS_ABORT_COMMAND_LIMIT_EXCEEDED, SCSI_SENSE_ILLEGAL_REQUEST, 0x00, 0x00},
    {SPECIFIC, NVME_STATUS_INVALID_LOG_PAGE, SCSI_SENSE_ILLEGAL_REQUEST, 0x24, 0x00},
    {SPECIFIC, NVME_STATUS_INVALID_FORMAT, SCSI_SENSE_ILLEGAL_REQUEST, 0x31, 0x01},
    {SPECIFIC, NVME_STATUS_FEATURE_NOT_CHANGEABLE, SCSI_SENSE_ILLEGAL_REQUEST, 0x26, 0x00},
    {SPECIFIC, NVME_STATUS_NVM_CONFLICTING_ATTRIBUTES, SCSI_SENSE_ILLEGAL_REQUEST, 0x24, 0x00},
    {SPECIFIC, NVME_STATUS_NVM_INVALID_PROTECTION_INFORMATION, SCSI_SENSE_ILLEGAL_REQUEST, 0x24,
     0x00},
    {SPECIFIC, NVME_STATUS_NVM_ATTEMPTED_WRITE_TO_READ_ONLY_RANGE, SCSI_SENSE_DATA_PROTECT, 0x27,
     0x00},
    {SPECIFIC, NVME_STATUS_NVM_COMMAND_SIZE_LIMIT_EXCEEDED, SCSI_SENSE_ILLEGAL_REQUEST, 0x24, 0x00},
    {MEDIA, NVME_STATUS_NVM_WRITE_FAULT, SCSI_SENSE_MEDIUM_ERROR, 0x03, 0x00},
    {MEDIA, NVME_STATUS_NVM_UNRECOVERED_READ_ERROR, SCSI_SENSE_MEDIUM_ERROR, 0x11, 0x00},
    {MEDIA, NVME_STATUS_NVM_END_TO_END_GUARD_CHECK_ERROR, SCSI_SENSE_MEDIUM_ERROR, 0x10, 0x01},
    {MEDIA, NVME_STATUS_NVM_END_TO_END_APPLICATION_TAG_CHECK_ERROR, SCSI_SENSE_MEDIUM_ERROR, 0x10,
     0x02},
    {MEDIA, NVME_STATUS_NVM_END_TO_END_REFERENCE_TAG_CHECK_ERROR, SCSI_SENSE_MEDIUM_ERROR, 0x10,
     0x03},
    {MEDIA, NVME_STATUS_NVM_COMPARE_FAILURE, SCSI_SENSE_MISCOMPARE, 0x1D, 0x00},
    {MEDIA, NVME_STATUS_NVM_ACCESS_DENIED, SCSI_SENSE_ILLEGAL_REQUEST, 0x20, 0x02},
    {MEDIA, NVME_STATUS_NVM_DEALLOCATED_OR_UNWRITTEN_LOGICAL_BLOCK, SCSI_SENSE_MEDIUM_ERROR, 0x11,
     0x00},
};

SCSI_OUTCOME ScsiGood(PSCSI_COMMAND Command, ULONG ReplyLength)
{
    Command->ScsiStatus = SCSISTAT_GOOD;
    Command->ReplyLength = ReplyLength;
    return ScsiOutcomeDone;
}

SCSI_OUTCOME ScsiFail(PSCSI_COMMAND Command, UCHAR SenseKey, UCHAR Asc, UCHAR Ascq)
{
    Command->ScsiStatus = SCSISTAT_CHECK_CONDITION;
    Command->SenseKey = SenseKey;
    Command->Asc = Asc;
    Command->Ascq = Ascq;
    Command->ReplyLength = 0;
    return ScsiOutcomeDone;
}

SCSI_OUTCOME ScsiFailField(PSCSI_COMMAND Command)
{
    return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_CDB, 0);
}

SCSI_OUTCOME ScsiReply(PSCSI_COMMAND Command, const UCHAR *Reply, ULONG ReplyLength,
                       ULONG Allocation)
{
    ULONG length = ReplyLength;

    if (length > Allocation) {
        length = Allocation;
    }
    if (length > Command->DataLength) {
        length = Command->DataLength;
    }
    if (length != 0 && Command->Data == NULL) {
        return ScsiFail(Command, SCSI_SENSE_ABORTED_COMMAND, SCSI_ADSENSE_DATA_TRANSFER_ERROR, 0);
    }
    if (length != 0) {
        RtlCopyMemory(Command->Data, Reply, length);
    }
    return ScsiGood(Command, length);
}

VOID ScsiSenseFromNvme(NVME_COMMAND_STATUS Status, PSCSI_COMMAND Command)
{
    ULONG index;

    if (Status.SCT == GENERIC && Status.SC == NVME_STATUS_SUCCESS_COMPLETION) {
        Command->ScsiStatus = SCSISTAT_GOOD;
        return;
    }
    if (Status.SCT == GENERIC && Status.SC == NVME_STATUS_NVM_RESERVATION_CONFLICT) {
        ScsiFail(Command, SCSI_SENSE_NO_SENSE, 0, 0);
        Command->ScsiStatus = SCSISTAT_RESERVATION_CONFLICT;
        return;
    }
    for (index = 0; index < sizeof(StatusMappings) / sizeof(StatusMappings[0]); index++) {
        const STATUS_MAPPING *mapping = &StatusMappings[index];

        if (mapping->Type == Status.SCT && mapping->Code == Status.SC) {
            ScsiFail(Command, mapping->SenseKey, mapping->Asc, mapping->Ascq);
            return;
        }
    }
    if (Status.DNR) {
        ScsiFail(Command, SCSI_SENSE_HARDWARE_ERROR, SCSI_ADSENSE_INTERNAL_TARGET_FAILURE, 0);
    } else {
        ScsiFail(Command, SCSI_SENSE_ABORTED_COMMAND, SCSI_ADSENSE_NO_SENSE, 0);
    }
}

UCHAR ScsiWriteSense(PVOID Buffer, UCHAR BufferLength, BOOLEAN Descriptor, UCHAR SenseKey,
                     UCHAR Asc, UCHAR Ascq)
{
    UCHAR sense[SENSE_FIXED_LENGTH];
    UCHAR length;

    if (Buffer == NULL || BufferLength < SENSE_DESCRIPTOR_LENGTH) {
        return 0;
    }
    RtlZeroMemory(sense, sizeof(sense));
    if (Descriptor) {
        sense[0] = SCSI_SENSE_ERRORCODE_DESCRIPTOR_CURRENT;
        sense[1] = SenseKey;
        sense[2] = Asc;
        sense[3] = Ascq;
        length = SENSE_DESCRIPTOR_LENGTH;
    } else {
        sense[0] = SCSI_SENSE_ERRORCODE_FIXED_CURRENT;
        sense[2] = SenseKey;
        sense[7] = SENSE_FIXED_LENGTH - 8;
        sense[12] = Asc;
        sense[13] = Ascq;
        length = SENSE_FIXED_LENGTH;
    }
    if (length > BufferLength) {
        length = BufferLength;
    }
    RtlCopyMemory(Buffer, sense, length);
    return length;
}
