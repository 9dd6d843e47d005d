/*
 * The commands that move or discard blocks: capacity, READ and WRITE, VERIFY, SYNCHRONIZE CACHE,
 * UNMAP and WRITE SAME.
 *
 * Rule: block address plus count is checked against the capacity without wrapping, and a count in
 * bytes against both the data buffer and the controller's limit, before a command is built.
 */
#include "scsi_translate.h"

/* Bits of byte 1 of the CDBs. */
#define CDB_FUA                0x08
#define CDB_PROTECT_MASK       0xE0
#define CDB_VERIFY_BYTE_CHECK  0x06
#define CDB_UNMAP_ANCHOR       0x01
#define CDB_WRITE_SAME_NO_DATA 0x01
#define CDB_WRITE_SAME_LBDATA  0x02
#define CDB_WRITE_SAME_PBDATA  0x04
#define CDB_WRITE_SAME_UNMAP   0x08
#define CDB_WRITE_SAME_ANCHOR  0x10

/* The deallocate bit of the Write Zeroes command, in CDW12. */
#define NVME_WRITE_ZEROES_DEAC 0x02000000

/* An extent as a CDB names it. */
typedef struct _EXTENT {
    ULONGLONG Lba;
    ULONG Blocks;
} EXTENT;

static VOID StartNvme(PSCSI_COMMAND Command, PNVME_UNIT Unit, UCHAR OperationCode)
{
    RtlZeroMemory(Command->Nvme, sizeof(*Command->Nvme));
    Command->Nvme->CDW0.OPC = OperationCode;
    Command->Nvme->NSID = Unit->NamespaceId;
}

static VOID PutExtent(PSCSI_COMMAND Command, const EXTENT *Extent)
{
    Command->Nvme->u.READWRITE.LBALOW = (ULONG)Extent->Lba;
    Command->Nvme->u.READWRITE.LBAHIGH = (ULONG)(Extent->Lba >> 32);
    Command->Nvme->u.READWRITE.CDW12.NLB = (USHORT)(Extent->Blocks - 1);
}

/* READ, WRITE and VERIFY of all lengths; WRITE SAME has the form of WRITE. */
static VOID ReadExtent(const UCHAR *Cdb, EXTENT *Extent)
{
    switch (Cdb[0] >> 5) {
    case 0:
        Extent->Lba = ((ULONG)(Cdb[1] & 0x1F) << 16) | ScsiGet16(&Cdb[2]);
        Extent->Blocks = Cdb[4] != 0 ? Cdb[4] : 256;
        break;
    case 4:
        Extent->Lba = ScsiGet64(&Cdb[2]);
        Extent->Blocks = ScsiGet32(&Cdb[10]);
        break;
    case 5:
        Extent->Lba = ScsiGet32(&Cdb[2]);
        Extent->Blocks = ScsiGet32(&Cdb[6]);
        break;
    default:
        Extent->Lba = ScsiGet32(&Cdb[2]);
        Extent->Blocks = ScsiGet16(&Cdb[7]);
        break;
    }
}

static BOOLEAN IsInside(PNVME_UNIT Unit, ULONGLONG Lba, ULONGLONG Blocks)
{
    ULONGLONG count = Unit->BlockCount;

    return Blocks <= count && Lba <= count - Blocks;
}

static SCSI_OUTCOME FailRange(PSCSI_COMMAND Command)
{
    return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_BLOCK, 0);
}

SCSI_OUTCOME ScsiReadCapacity10(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR reply[8];
    ULONGLONG last = Unit->BlockCount - 1;

    ScsiPut32(&reply[0], last > 0xFFFFFFFF ? 0xFFFFFFFF : (ULONG)last);
    ScsiPut32(&reply[4], 1u << Unit->BlockShift);
    return ScsiReply(Command, reply, sizeof(reply), sizeof(reply));
}

SCSI_OUTCOME ScsiReadCapacity16(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR reply[32];

    RtlZeroMemory(reply, sizeof(reply));
    ScsiPut64(&reply[0], Unit->BlockCount - 1);
    ScsiPut32(&reply[8], 1u << Unit->BlockShift);
    if (Command->Target->Identity.HasDeallocate) {
        reply[14] |= 0x80; /* LBPME: provisioning is managed. */
        if (Unit->DeallocatedReadsZero) {
            reply[14] |= 0x40; /* LBPRZ. */
        }
    }
    return ScsiReply(Command, reply, sizeof(reply), ScsiGet32(&Command->Cdb[10]));
}

/* Checks the size of a transfer; TransferLength and ReplyLength are set when it fits. */
static BOOLEAN SetTransfer(PSCSI_COMMAND Command, PNVME_UNIT Unit, ULONG Blocks)
{
    ULONGLONG bytes = (ULONGLONG)Blocks << Unit->BlockShift;

    if (bytes > Command->DataLength || bytes > Command->Target->Identity.MaximumTransferBytes) {
        return FALSE;
    }
    Command->DataPlace = ScsiDataBuffer;
    Command->TransferLength = (ULONG)bytes;
    Command->ReplyLength = (ULONG)bytes;
    return TRUE;
}

SCSI_OUTCOME ScsiReadWrite(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR code = Command->Cdb[0];
    BOOLEAN isWrite = (code & 0x1F) == SCSIOP_WRITE6;
    BOOLEAN isShort = code < 0x20;
    EXTENT extent;

    ReadExtent(Command->Cdb, &extent);
    if (!isShort && (Command->Cdb[1] & CDB_PROTECT_MASK)) {
        return ScsiFailField(Command);
    }
    if (!IsInside(Unit, extent.Lba, extent.Blocks)) {
        return FailRange(Command);
    }
    if (isWrite && Unit->WriteProtected) {
        return ScsiFail(Command, SCSI_SENSE_DATA_PROTECT, SCSI_ADSENSE_WRITE_PROTECT, 0);
    }
    if (extent.Blocks == 0) {
        return ScsiGood(Command, 0);
    }
    if (!SetTransfer(Command, Unit, extent.Blocks)) {
        return ScsiFailField(Command);
    }
    StartNvme(Command, Unit, isWrite ? NVME_NVM_COMMAND_WRITE : NVME_NVM_COMMAND_READ);
    PutExtent(Command, &extent);
    if (!isShort && (Command->Cdb[1] & CDB_FUA)) {
        Command->Nvme->u.READWRITE.CDW12.FUA = 1;
    }
    return ScsiOutcomeIo;
}

/*
 * VERIFY without byte check is the Verify command; with byte check 1 it is Compare. A controller
 * without the command does not have the SCSI command either: nothing here pretends to have looked.
 */
SCSI_OUTCOME ScsiVerify(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    const NVME_IDENTITY *identity = &Command->Target->Identity;
    UCHAR check = (Command->Cdb[1] & CDB_VERIFY_BYTE_CHECK) >> 1;
    EXTENT extent;

    if (check > 1 || (Command->Cdb[1] & CDB_PROTECT_MASK)) {
        return ScsiFailField(Command);
    }
    if ((check == 0 && !identity->HasVerify) || (check == 1 && !identity->HasCompare)) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
    }
    ReadExtent(Command->Cdb, &extent);
    if (!IsInside(Unit, extent.Lba, extent.Blocks)) {
        return FailRange(Command);
    }
    if (extent.Blocks == 0) {
        return ScsiGood(Command, 0);
    }
    if (check == 1) {
        if (!SetTransfer(Command, Unit, extent.Blocks)) {
            return ScsiFailField(Command);
        }
        StartNvme(Command, Unit, NVME_NVM_COMMAND_COMPARE);
    } else {
        if ((ULONGLONG)extent.Blocks << Unit->BlockShift > identity->MaximumTransferBytes) {
            return ScsiFailField(Command);
        }
        StartNvme(Command, Unit, NVME_NVM_COMMAND_VERIFY);
    }
    PutExtent(Command, &extent);
    return ScsiOutcomeIo;
}

/* Without a volatile cache every completed write is durable already. */
SCSI_OUTCOME ScsiFlush(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    if (!Command->Target->Identity.VolatileWriteCache) {
        return ScsiGood(Command, 0);
    }
    StartNvme(Command, Unit, NVME_NVM_COMMAND_FLUSH);
    return ScsiOutcomeIo;
}

static SCSI_OUTCOME FailParameter(PSCSI_COMMAND Command)
{
    return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_FIELD_PARAMETER_LIST,
                    0);
}

/*
 * The parameter list of UNMAP bounds itself twice: by the length of its descriptors and by the
 * parameter list length in the CDB. The smaller of these and of the buffer holds.
 */
static ULONG UnmapDescriptorCount(PSCSI_COMMAND Command, ULONG ListLength)
{
    ULONG bytes = ScsiGet16(&Command->Data[2]);

    if (bytes > ListLength - SCSI_UNMAP_HEADER_BYTES) {
        bytes = ListLength - SCSI_UNMAP_HEADER_BYTES;
    }
    return bytes / SCSI_UNMAP_DESCRIPTOR_BYTES;
}

/* Copies the descriptors that cover blocks into the scratch area; FALSE for one out of range. */
static BOOLEAN CopyRanges(PSCSI_COMMAND Command, PNVME_UNIT Unit, ULONG Count, ULONG *RangeCount)
{
    NVME_LBA_RANGE *ranges = (NVME_LBA_RANGE *)(PVOID)Command->Scratch;
    ULONG index;

    *RangeCount = 0;
    for (index = 0; index < Count; index++) {
        const UCHAR *descriptor =
            &Command->Data[SCSI_UNMAP_HEADER_BYTES + index * SCSI_UNMAP_DESCRIPTOR_BYTES];
        ULONGLONG lba = ScsiGet64(descriptor);
        ULONG blocks = ScsiGet32(&descriptor[8]);

        if (!IsInside(Unit, lba, blocks)) {
            return FALSE;
        }
        if (blocks == 0) {
            continue;
        }
        RtlZeroMemory(&ranges[*RangeCount], sizeof(ranges[0]));
        ranges[*RangeCount].LogicalBlockCount = blocks;
        ranges[*RangeCount].StartingLBA = lba;
        (*RangeCount)++;
    }
    return TRUE;
}

SCSI_OUTCOME ScsiUnmap(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    ULONG listLength = ScsiGet16(&Command->Cdb[7]);
    ULONG room = Command->ScratchLength / sizeof(NVME_LBA_RANGE);
    ULONG count;
    ULONG ranges;

    if (!Command->Target->Identity.HasDeallocate) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
    }
    if (Command->Cdb[1] & CDB_UNMAP_ANCHOR) {
        return ScsiFailField(Command);
    }
    if (listLength == 0) {
        return ScsiGood(Command, 0);
    }
    if (listLength > Command->DataLength || Command->Data == NULL) {
        return ScsiFailField(Command);
    }
    if (listLength < SCSI_UNMAP_HEADER_BYTES) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_PARAMETER_LIST_LENGTH, 0);
    }
    if (Unit->WriteProtected) {
        return ScsiFail(Command, SCSI_SENSE_DATA_PROTECT, SCSI_ADSENSE_WRITE_PROTECT, 0);
    }
    count = UnmapDescriptorCount(Command, listLength);
    if (count > room || count > 256) {
        return FailParameter(Command);
    }
    if (!CopyRanges(Command, Unit, count, &ranges)) {
        return FailRange(Command);
    }
    if (ranges == 0) {
        return ScsiGood(Command, listLength);
    }
    StartNvme(Command, Unit, NVME_NVM_COMMAND_DATASET_MANAGEMENT);
    Command->Nvme->u.DATASETMANAGEMENT.CDW10.NR = (UCHAR)(ranges - 1);
    Command->Nvme->u.DATASETMANAGEMENT.CDW11.AD = 1;
    Command->DataPlace = ScsiDataScratch;
    Command->TransferLength = ranges * sizeof(NVME_LBA_RANGE);
    Command->ReplyLength = listLength;
    return ScsiOutcomeIo;
}

static BOOLEAN IsZeroBlock(const UCHAR *Bytes, ULONG Count)
{
    ULONG index;

    for (index = 0; index < Count; index++) {
        if (Bytes[index] != 0) {
            return FALSE;
        }
    }
    return TRUE;
}

/*
 * WRITE SAME can only be the Write Zeroes command: a block that is not all zeros is refused, and so
 * is a count that one Write Zeroes command cannot express.
 */
SCSI_OUTCOME ScsiWriteSame(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    const UCHAR *cdb = Command->Cdb;
    BOOLEAN hasData = !(cdb[0] == SCSIOP_WRITE_SAME16 && (cdb[1] & CDB_WRITE_SAME_NO_DATA));
    ULONG blockBytes = 1u << Unit->BlockShift;
    EXTENT extent;

    if (!Command->Target->Identity.HasWriteZeroes) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_ILLEGAL_COMMAND, 0);
    }
    ReadExtent(cdb, &extent);
    if ((cdb[1] & (CDB_PROTECT_MASK | CDB_WRITE_SAME_LBDATA | CDB_WRITE_SAME_PBDATA |
                   CDB_WRITE_SAME_ANCHOR)) ||
        extent.Blocks == 0 || extent.Blocks > SCSI_WRITE_SAME_MAXIMUM_BLOCKS) {
        return ScsiFailField(Command);
    }
    if (!IsInside(Unit, extent.Lba, extent.Blocks)) {
        return FailRange(Command);
    }
    if (Unit->WriteProtected) {
        return ScsiFail(Command, SCSI_SENSE_DATA_PROTECT, SCSI_ADSENSE_WRITE_PROTECT, 0);
    }
    if (hasData) {
        if (Command->Data == NULL || Command->DataLength < blockBytes) {
            return ScsiFailField(Command);
        }
        if (!IsZeroBlock(Command->Data, blockBytes)) {
            return FailParameter(Command);
        }
        Command->ReplyLength = blockBytes;
    }
    StartNvme(Command, Unit, NVME_NVM_COMMAND_WRITE_ZEROES);
    PutExtent(Command, &extent);
    if ((cdb[1] & CDB_WRITE_SAME_UNMAP) && Unit->WriteZeroesDeallocates) {
        Command->Nvme->u.READWRITE.CDW12.AsUlong |= NVME_WRITE_ZEROES_DEAC;
    }
    return ScsiOutcomeIo;
}
