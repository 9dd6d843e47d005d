/*
 * INQUIRY: the standard data and the vital product data pages 00, 80, 83, B0, B1 and B2.
 *
 * Page 00 and the dispatch come from one table, so a page cannot be offered without being answered.
 */
#include "reply.h"
#include "scsi_disk.h"

#include <srbhelper.h>

#define VENDOR               "STORHOST"
#define REVISION             "1.00"
#define PAGE_HEADER_LENGTH   4
#define NAA_LOCALLY_ASSIGNED 0x3

typedef VOID VPD_PAGE_ROUTINE(const SCSI_DISK *Disk, REPLY *Reply);

static VPD_PAGE_ROUTINE AppendSupportedPages;

static VOID AppendSerialNumber(const SCSI_DISK *Disk, REPLY *Reply)
{
    ReplyAppend(Reply, Disk->Serial, SCSI_DISK_SERIAL_LENGTH);
}

/* Two designators of the unit: vendor text, and a locally assigned 64-bit name. */
static VOID AppendIdentification(const SCSI_DISK *Disk, REPLY *Reply)
{
    ReplyAppend8(Reply, VpdCodeSetAscii);
    ReplyAppend8(Reply, VpdIdentifierTypeVendorId);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, 8 + SCSI_DISK_PRODUCT_LENGTH + SCSI_DISK_SERIAL_LENGTH);
    ReplyAppendText(Reply, VENDOR, 8);
    ReplyAppendText(Reply, Disk->Product, SCSI_DISK_PRODUCT_LENGTH);
    ReplyAppendText(Reply, Disk->Serial, SCSI_DISK_SERIAL_LENGTH);

    ReplyAppend8(Reply, VpdCodeSetBinary);
    ReplyAppend8(Reply, VpdIdentifierTypeFCPHName);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, 8);
    ReplyAppend64(Reply, ((ULONGLONG)NAA_LOCALLY_ASSIGNED << 60) | (Disk->Identifier >> 4));
}

static VOID AppendBlockLimits(const SCSI_DISK *Disk, REPLY *Reply)
{
    ULONG ZeroBlocks = Disk->CanUnmap ? Disk->MaximumZeroBlocks : 0;

    ReplyAppend8(Reply, 0x01); /* WSNZ: WRITE SAME of zero blocks does not mean the whole disk */
    ReplyAppend8(Reply, 0);
    ReplyAppend16(Reply, 1); /* optimal transfer granularity */
    ReplyAppend32(Reply, Disk->MaximumTransferBlocks);
    ReplyAppend32(Reply, Disk->MaximumTransferBlocks);
    ReplyAppend32(Reply, 0);
    ReplyAppend32(Reply, ZeroBlocks);
    ReplyAppend32(Reply, ZeroBlocks != 0 ? 0xFFFFFFFFUL : 0); /* descriptors of one UNMAP */
    ReplyAppend32(Reply, ZeroBlocks != 0 ? 1 : 0);            /* optimal unmap granularity */
    ReplyAppend32(Reply, 0);
    ReplyAppend64(Reply, Disk->MaximumZeroBlocks); /* WRITE SAME */
    ReplyAppendZeroes(Reply, 20);
}

static VOID AppendCharacteristics(const SCSI_DISK *Disk, REPLY *Reply)
{
    UNREFERENCED_PARAMETER(Disk);
    ReplyAppend16(Reply, 1); /* nothing rotates */
    ReplyAppendZeroes(Reply, 58);
}

static VOID AppendProvisioning(const SCSI_DISK *Disk, REPLY *Reply)
{
    ReplyAppend8(Reply, 0);
    /* UNMAP, WRITE SAME(16) and (10) with UNMAP work; unmapped blocks read as zeroes. */
    ReplyAppend8(Reply, Disk->CanUnmap ? 0xE4 : 0x00);
    ReplyAppend8(Reply, !Disk->CanUnmap ? 0 : Disk->ThinProvisioned ? 2 : 1);
    ReplyAppend8(Reply, 0);
}

static const struct {
    UCHAR Code;
    VPD_PAGE_ROUTINE *Append;
} Pages[] = {
    {VPD_SUPPORTED_PAGES, AppendSupportedPages},
    {VPD_SERIAL_NUMBER, AppendSerialNumber},
    {VPD_DEVICE_IDENTIFIERS, AppendIdentification},
    {VPD_BLOCK_LIMITS, AppendBlockLimits},
    {VPD_BLOCK_DEVICE_CHARACTERISTICS, AppendCharacteristics},
    {VPD_LOGICAL_BLOCK_PROVISIONING, AppendProvisioning},
};

static VOID AppendSupportedPages(const SCSI_DISK *Disk, REPLY *Reply)
{
    ULONG Index;

    UNREFERENCED_PARAMETER(Disk);
    for (Index = 0; Index < RTL_NUMBER_OF(Pages); Index++) {
        ReplyAppend8(Reply, Pages[Index].Code);
    }
}

static VOID AppendStandardData(const SCSI_DISK *Disk, REPLY *Reply)
{
    ReplyAppend8(Reply, DIRECT_ACCESS_DEVICE);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, 6);    /* SPC-4 */
    ReplyAppend8(Reply, 0x12); /* hierarchical addressing, response format 2 */
    ReplyAppend8(Reply, 36 - 5);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, 0x02); /* command queuing */
    ReplyAppendText(Reply, VENDOR, 8);
    ReplyAppendText(Reply, Disk->Product, SCSI_DISK_PRODUCT_LENGTH);
    ReplyAppendText(Reply, REVISION, 4);
}

UCHAR ScsiDiskInquiry(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb,
                      const UCHAR *Cdb)
{
    BOOLEAN VitalProductData = (Cdb[1] & 0x01) != 0;
    UCHAR PageCode = Cdb[2];
    REPLY Reply;
    ULONG Index;
    UCHAR Status;

    for (Index = 0; VitalProductData && Index < RTL_NUMBER_OF(Pages); Index++) {
        if (Pages[Index].Code == PageCode) {
            break;
        }
    }
    if ((Cdb[1] & 0xFE) != 0 || (VitalProductData && Index == RTL_NUMBER_OF(Pages)) ||
        (!VitalProductData && PageCode != 0)) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_CDB, 0);
    }
    Status = ReplyBegin(&Reply, DeviceExtension, Srb, LoadBigEndian16(Cdb + 3));
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    if (!VitalProductData) {
        AppendStandardData(Disk, &Reply);
        return ReplyEnd(&Reply, Srb);
    }
    ReplyAppend8(&Reply, DIRECT_ACCESS_DEVICE);
    ReplyAppend8(&Reply, PageCode);
    ReplyAppend16(&Reply, 0);
    Pages[Index].Append(Disk, &Reply);
    ReplyPatch16(&Reply, 2, (USHORT)(Reply.Length - PAGE_HEADER_LENGTH));
    return ReplyEnd(&Reply, Srb);
}
