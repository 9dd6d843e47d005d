/*
 * MODE SENSE(6) and (10): the caching page, the control page, and both.
 *
 * Nothing can be changed with MODE SELECT, so the changeable values are all zero and nothing is
 * saved.
 */
#include "reply.h"
#include "scsi_disk.h"

#include <srbhelper.h>

#define SAVING_PARAMETERS_NOT_SUPPORTED 0x39
#define PAGE_CONTROL_CHANGEABLE         1
#define PAGE_CONTROL_SAVED              3
#define ALL_SUBPAGES                    0xFF

static VOID AppendCachingPage(const SCSI_DISK *Disk, REPLY *Reply, BOOLEAN Changeable)
{
    ReplyAppend8(Reply, MODE_PAGE_CACHING);
    ReplyAppend8(Reply, 18);
    ReplyAppend8(Reply, !Changeable && Disk->WriteCache ? 0x04 : 0x00);
    ReplyAppendZeroes(Reply, 17);
}

static VOID AppendControlPage(const SCSI_DISK *Disk, REPLY *Reply, BOOLEAN Changeable)
{
    UNREFERENCED_PARAMETER(Disk);
    ReplyAppend8(Reply, MODE_PAGE_CONTROL);
    ReplyAppend8(Reply, 10);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, Changeable ? 0x00 : 0x10); /* commands may be reordered */
    ReplyAppendZeroes(Reply, 8);
}

static VOID AppendBlockDescriptor(const SCSI_DISK *Disk, REPLY *Reply, BOOLEAN Long)
{
    if (Long) {
        ReplyAppend64(Reply, Disk->BlockCount);
        ReplyAppend32(Reply, 0);
        ReplyAppend32(Reply, Disk->BlockSize);
        return;
    }
    ReplyAppend32(Reply, Disk->BlockCount > 0xFFFFFFFFULL ? 0xFFFFFFFFUL : (ULONG)Disk->BlockCount);
    ReplyAppend32(Reply, Disk->BlockSize); /* the high byte is reserved, and zero for our sizes */
}

static UCHAR DeviceSpecificParameter(const SCSI_DISK *Disk)
{
    return MODE_DSP_FUA_SUPPORTED | (Disk->ReadOnly ? MODE_DSP_WRITE_PROTECT : 0);
}

/* The header has its length fields zero; they are patched when the pages are there. */
static VOID AppendHeader(const SCSI_DISK *Disk, REPLY *Reply, BOOLEAN Ten, BOOLEAN Long,
                         UCHAR DescriptorLength)
{
    if (!Ten) {
        ReplyAppend8(Reply, 0);
        ReplyAppend8(Reply, 0);
        ReplyAppend8(Reply, DeviceSpecificParameter(Disk));
        ReplyAppend8(Reply, DescriptorLength);
        return;
    }
    ReplyAppend16(Reply, 0);
    ReplyAppend8(Reply, 0);
    ReplyAppend8(Reply, DeviceSpecificParameter(Disk));
    ReplyAppend8(Reply, Long ? 0x01 : 0x00);
    ReplyAppend8(Reply, 0);
    ReplyAppend16(Reply, DescriptorLength);
}

UCHAR ScsiDiskModeSense(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb,
                        const UCHAR *Cdb)
{
    BOOLEAN Ten = Cdb[0] == SCSIOP_MODE_SENSE10;
    BOOLEAN Long = Ten && (Cdb[1] & 0x10) != 0;
    BOOLEAN NoDescriptor = (Cdb[1] & 0x08) != 0;
    UCHAR PageControl = Cdb[2] >> 6;
    UCHAR Page = Cdb[2] & 0x3F;
    UCHAR Subpage = Cdb[3];
    BOOLEAN Changeable = PageControl == PAGE_CONTROL_CHANGEABLE;
    UCHAR DescriptorLength = NoDescriptor ? 0 : Long ? 16 : 8;
    REPLY Reply;
    UCHAR Status;

    if (PageControl == PAGE_CONTROL_SAVED) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST,
                                      SAVING_PARAMETERS_NOT_SUPPORTED, 0);
    }
    if ((Page != MODE_PAGE_CACHING && Page != MODE_PAGE_CONTROL && Page != MODE_SENSE_RETURN_ALL) ||
        (Subpage != 0 && Subpage != ALL_SUBPAGES)) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_ILLEGAL_REQUEST, SCSI_ADSENSE_INVALID_CDB, 0);
    }
    Status = ReplyBegin(&Reply, DeviceExtension, Srb, Ten ? LoadBigEndian16(Cdb + 7) : Cdb[4]);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    AppendHeader(Disk, &Reply, Ten, Long, DescriptorLength);
    if (DescriptorLength != 0) {
        AppendBlockDescriptor(Disk, &Reply, Long);
    }
    if (Page != MODE_PAGE_CONTROL) {
        AppendCachingPage(Disk, &Reply, Changeable);
    }
    if (Page != MODE_PAGE_CACHING) {
        AppendControlPage(Disk, &Reply, Changeable);
    }
    /* The length field does not count itself. */
    if (Ten) {
        ReplyPatch16(&Reply, 0, (USHORT)(Reply.Length - 2));
    } else {
        ReplyPatch8(&Reply, 0, (UCHAR)(Reply.Length - 1));
    }
    return ReplyEnd(&Reply, Srb);
}
