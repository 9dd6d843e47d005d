/*
 * Decoding the commands that touch the medium.
 *
 * Rule: what leaves this file is in range of the disk and of the request's data, so the code that
 * moves the bytes needs no check of its own. CDB bytes come from outside and are never trusted.
 */
#include "reply.h"
#include "scsi_disk.h"

#include <srbhelper.h>

#define CDB_FORCE_UNIT_ACCESS    0x08
#define CDB_PROTECT_MASK         0xE0
#define CDB_BYTE_CHECK_MASK      0x06
#define CDB_BYTE_CHECK_COMPARE   0x02
#define WRITE_SAME_NO_DATA       0x01
#define WRITE_SAME_UNMAP         0x08
#define WRITE_SAME_ANCHOR        0x10
#define UNMAP_LIST_HEADER_LENGTH 8
#define UNMAP_DESCRIPTOR_LENGTH  16

static UCHAR IllegalRequest(PSCSI_REQUEST_BLOCK Srb, UCHAR AdditionalSenseCode)
{
    return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST, AdditionalSenseCode, 0);
}

/* Address and length by the size of the command, which the top bits of the operation code tell. */
static VOID DecodeRange(const UCHAR *Cdb, SCSI_DISK_COMMAND *Command)
{
    switch (Cdb[0] >> 5) {
    case 0: /* 6 bytes; a length of 0 means 256 */
        Command->FirstBlock = LoadBigEndian32(Cdb) & 0x1FFFFF;
        Command->BlockCount = Cdb[4] != 0 ? Cdb[4] : 256;
        break;
    case 1: /* 10 bytes */
    case 2:
        Command->FirstBlock = LoadBigEndian32(Cdb + 2);
        Command->BlockCount = LoadBigEndian16(Cdb + 7);
        break;
    case 5: /* 12 bytes */
        Command->FirstBlock = LoadBigEndian32(Cdb + 2);
        Command->BlockCount = LoadBigEndian32(Cdb + 6);
        break;
    default: /* 16 bytes */
        Command->FirstBlock = LoadBigEndian64(Cdb + 2);
        Command->BlockCount = LoadBigEndian32(Cdb + 10);
        break;
    }
}

static BOOLEAN DecodeOperation(const UCHAR *Cdb, SCSI_DISK_COMMAND *Command)
{
    switch (Cdb[0]) {
    case SCSIOP_READ6:
    case SCSIOP_READ:
    case SCSIOP_READ12:
    case SCSIOP_READ16:
        Command->Operation = ScsiDiskRead;
        return TRUE;
    case SCSIOP_WRITE6:
    case SCSIOP_WRITE:
    case SCSIOP_WRITE12:
    case SCSIOP_WRITE16:
        Command->Operation = ScsiDiskWrite;
        return TRUE;
    case SCSIOP_VERIFY:
    case SCSIOP_VERIFY12:
    case SCSIOP_VERIFY16:
        Command->Operation = ScsiDiskVerify;
        return TRUE;
    case SCSIOP_WRITE_SAME:
    case SCSIOP_WRITE_SAME16:
        Command->Operation = ScsiDiskWriteSame;
        return TRUE;
    case SCSIOP_UNMAP:
        Command->Operation = ScsiDiskUnmap;
        return TRUE;
    case SCSIOP_SYNCHRONIZE_CACHE:
    case SCSIOP_SYNCHRONIZE_CACHE16:
        Command->Operation = ScsiDiskFlush;
        return TRUE;
    default:
        return FALSE;
    }
}

static BOOLEAN IsInRange(const SCSI_DISK *Disk, ULONGLONG FirstBlock, ULONG BlockCount)
{
    return FirstBlock <= Disk->BlockCount && BlockCount <= Disk->BlockCount - FirstBlock;
}

/* The option bits in byte 1 that the operation defines. FALSE: one is set that we do not offer. */
static BOOLEAN DecodeOptions(const SCSI_DISK *Disk, const UCHAR *Cdb, SCSI_DISK_COMMAND *Command)
{
    BOOLEAN SixBytes = (Cdb[0] >> 5) == 0;

    switch (Command->Operation) {
    case ScsiDiskRead:
    case ScsiDiskWrite:
        if (SixBytes) {
            return TRUE; /* byte 1 holds address bits only */
        }
        Command->ForceUnitAccess = (Cdb[1] & CDB_FORCE_UNIT_ACCESS) != 0;
        return (Cdb[1] & CDB_PROTECT_MASK) == 0;
    case ScsiDiskVerify:
        Command->Compare = (Cdb[1] & CDB_BYTE_CHECK_MASK) == CDB_BYTE_CHECK_COMPARE;
        return (Cdb[1] & CDB_PROTECT_MASK) == 0 &&
               (Command->Compare || (Cdb[1] & CDB_BYTE_CHECK_MASK) == 0);
    case ScsiDiskWriteSame:
        Command->NoData = Cdb[0] == SCSIOP_WRITE_SAME16 && (Cdb[1] & WRITE_SAME_NO_DATA) != 0;
        if ((Cdb[1] & WRITE_SAME_UNMAP) != 0 && !Disk->CanUnmap) {
            return FALSE;
        }
        return (Cdb[1] & (CDB_PROTECT_MASK | WRITE_SAME_ANCHOR)) == 0 && Command->BlockCount != 0 &&
               Command->BlockCount <= Disk->MaximumZeroBlocks;
    case ScsiDiskUnmap:
        return (Cdb[1] & 0x01) == 0; /* no anchoring */
    case ScsiDiskFlush:
        return TRUE;
    }
    return FALSE;
}

/* The bytes that the command moves between the request's data and the medium. */
static ULONGLONG DataLength(const SCSI_DISK *Disk, const UCHAR *Cdb,
                            const SCSI_DISK_COMMAND *Command)
{
    switch (Command->Operation) {
    case ScsiDiskRead:
    case ScsiDiskWrite:
        return (ULONGLONG)Command->BlockCount * Disk->BlockSize;
    case ScsiDiskVerify:
        return Command->Compare ? (ULONGLONG)Command->BlockCount * Disk->BlockSize : 0;
    case ScsiDiskWriteSame:
        return Command->NoData ? 0 : Disk->BlockSize;
    case ScsiDiskUnmap:
        return LoadBigEndian16(Cdb + 7);
    case ScsiDiskFlush:
        return 0;
    }
    return 0;
}

static BOOLEAN IsWriting(const SCSI_DISK_COMMAND *Command)
{
    return Command->Operation == ScsiDiskWrite || Command->Operation == ScsiDiskWriteSame ||
           Command->Operation == ScsiDiskUnmap;
}

UCHAR ScsiDiskDecode(const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb, SCSI_DISK_COMMAND *Command)
{
    const UCHAR *Cdb = (const UCHAR *)SrbGetCdb(Srb);
    ULONGLONG Length;

    if (Cdb == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    RtlZeroMemory(Command, sizeof(*Command));
    if (!DecodeOperation(Cdb, Command) ||
        (Command->Operation == ScsiDiskUnmap && !Disk->CanUnmap)) {
        return IllegalRequest(Srb, SCSI_ADSENSE_ILLEGAL_COMMAND);
    }
    if (Disk->Stopped) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_NOT_READY, SCSI_ADSENSE_LUN_NOT_READY, 0x02);
    }
    if (IsWriting(Command) && Disk->ReadOnly) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_DATA_PROTECT, SCSI_ADSENSE_WRITE_PROTECT, 0);
    }
    if (Command->Operation != ScsiDiskUnmap) {
        DecodeRange(Cdb, Command);
        if (!IsInRange(Disk, Command->FirstBlock, Command->BlockCount)) {
            return IllegalRequest(Srb, SCSI_ADSENSE_ILLEGAL_BLOCK);
        }
    }
    if (!DecodeOptions(Disk, Cdb, Command)) {
        return IllegalRequest(Srb, SCSI_ADSENSE_INVALID_CDB);
    }
    Length = DataLength(Disk, Cdb, Command);
    if (Length > SrbGetDataTransferLength(Srb)) {
        return IllegalRequest(Srb, SCSI_ADSENSE_INVALID_CDB);
    }
    Command->DataLength = (ULONG)Length;
    return SRB_STATUS_PENDING;
}

UCHAR ScsiDiskUnmapNext(const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb, const UCHAR *List,
                        ULONG ListLength, SCSI_DISK_UNMAP_CURSOR *Cursor)
{
    const UCHAR *Descriptor;
    ULONG DescriptorBytes;

    if (ListLength == 0) {
        return SRB_STATUS_SUCCESS; /* not an error: nothing is to be unmapped */
    }
    if (ListLength < UNMAP_LIST_HEADER_LENGTH) {
        return IllegalRequest(Srb, SCSI_ADSENSE_PARAMETER_LIST_LENGTH);
    }
    DescriptorBytes = LoadBigEndian16(List + 2);
    if (DescriptorBytes > ListLength - UNMAP_LIST_HEADER_LENGTH) {
        DescriptorBytes = ListLength - UNMAP_LIST_HEADER_LENGTH;
    }
    if (Cursor->NextIndex >= DescriptorBytes / UNMAP_DESCRIPTOR_LENGTH) {
        return SRB_STATUS_SUCCESS;
    }
    Descriptor = List + UNMAP_LIST_HEADER_LENGTH + Cursor->NextIndex * UNMAP_DESCRIPTOR_LENGTH;
    Cursor->NextIndex++;
    Cursor->FirstBlock = LoadBigEndian64(Descriptor);
    Cursor->BlockCount = LoadBigEndian32(Descriptor + 8);
    Cursor->TotalBlocks += Cursor->BlockCount;
    if (!IsInRange(Disk, Cursor->FirstBlock, Cursor->BlockCount)) {
        return IllegalRequest(Srb, SCSI_ADSENSE_ILLEGAL_BLOCK);
    }
    if (Cursor->TotalBlocks > Disk->MaximumZeroBlocks) {
        return IllegalRequest(Srb, SCSI_ADSENSE_INVALID_FIELD_PARAMETER_LIST);
    }
    return SRB_STATUS_PENDING;
}
