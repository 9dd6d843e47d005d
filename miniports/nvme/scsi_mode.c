/*
 * MODE SENSE and MODE SELECT: the caching page and the control page.
 *
 * Rule: what MODE SENSE says can be changed, MODE SELECT changes, and nothing else: the write cache
 * (by Set Features, when there is one) and the format of sense data. A parameter list is checked to
 * its end before any of it takes effect.
 */
#include "scsi_translate.h"

#define CDB_DISABLE_BLOCK_DESCRIPTORS 0x08
#define CDB_LONG_LBA_ACCEPTED         0x10

#define PAGE_CONTROL_CURRENT    0
#define PAGE_CONTROL_CHANGEABLE 1
#define PAGE_CONTROL_SAVED      3

#define HEADER6_LENGTH          4
#define HEADER10_LENGTH         8
#define SHORT_DESCRIPTOR_LENGTH 8
#define LONG_DESCRIPTOR_LENGTH  16
#define CACHING_PAGE_LENGTH     20
#define CONTROL_PAGE_LENGTH     12
#define LARGEST_REPLY_LENGTH                                                                       \
    (HEADER10_LENGTH + LONG_DESCRIPTOR_LENGTH + CACHING_PAGE_LENGTH + CONTROL_PAGE_LENGTH)

#define CACHING_WCE     0x04 /* Byte 2 of the caching page. */
#define CONTROL_D_SENSE 0x04 /* Byte 2 of the control page. */

/* What a valid MODE SELECT list asks for. */
typedef struct _MODE_CHANGE {
    BOOLEAN SetsWriteCache;
    BOOLEAN WriteCache;
    BOOLEAN SetsSenseFormat;
    BOOLEAN DescriptorSense;
} MODE_CHANGE;

static ULONG PutCachingPage(const NVME_IDENTITY *Identity, UCHAR PageControl, PUCHAR Page)
{
    BOOLEAN set = FALSE;

    if (PageControl == PAGE_CONTROL_CHANGEABLE) {
        set = Identity->VolatileWriteCache;
    } else if (PageControl == PAGE_CONTROL_CURRENT) {
        set = Identity->VolatileWriteCache && Identity->WriteCacheEnabled;
    } else {
        set = Identity->VolatileWriteCache; /* The default of the feature: enabled. */
    }
    Page[0] = MODE_PAGE_CACHING;
    Page[1] = CACHING_PAGE_LENGTH - 2;
    Page[2] = set ? CACHING_WCE : 0;
    return CACHING_PAGE_LENGTH;
}

static ULONG PutControlPage(PNVME_UNIT Unit, UCHAR PageControl, PUCHAR Page)
{
    Page[0] = MODE_PAGE_CONTROL;
    Page[1] = CONTROL_PAGE_LENGTH - 2;
    if (PageControl == PAGE_CONTROL_CHANGEABLE) {
        Page[2] = CONTROL_D_SENSE;
        return CONTROL_PAGE_LENGTH;
    }
    if (PageControl == PAGE_CONTROL_CURRENT && Unit->DescriptorSense) {
        Page[2] = CONTROL_D_SENSE;
    }
    Page[3] = 0x10;              /* Commands may be reordered freely. */
    Page[5] = 0x40;              /* An aborted command is reported to its initiator. */
    ScsiPut16(&Page[8], 0xFFFF); /* A busy unit may stay busy for long. */
    return CONTROL_PAGE_LENGTH;
}

static ULONG PutBlockDescriptor(PNVME_UNIT Unit, BOOLEAN IsLong, PUCHAR Descriptor)
{
    ULONGLONG blocks = Unit->BlockCount;
    ULONG bytes = 1u << Unit->BlockShift;

    if (IsLong) {
        ScsiPut64(Descriptor, blocks);
        ScsiPut32(&Descriptor[12], bytes);
        return LONG_DESCRIPTOR_LENGTH;
    }
    ScsiPut32(Descriptor, blocks > 0xFFFFFFFF ? 0xFFFFFFFF : (ULONG)blocks);
    ScsiPut32(&Descriptor[4], bytes);
    return SHORT_DESCRIPTOR_LENGTH;
}

/* Fills the header in front of Length bytes in all, Descriptors of them block descriptors. */
static VOID PutHeader(PSCSI_COMMAND Command, PNVME_UNIT Unit, BOOLEAN IsLong, ULONG Length,
                      ULONG Descriptors, PUCHAR Reply)
{
    UCHAR device = MODE_DSP_FUA_SUPPORTED;

    if (Unit->WriteProtected) {
        device |= MODE_DSP_WRITE_PROTECT;
    }
    if (Command->Cdb[0] == SCSIOP_MODE_SENSE) {
        Reply[0] = (UCHAR)(Length - 1);
        Reply[2] = device;
        Reply[3] = (UCHAR)Descriptors;
        return;
    }
    ScsiPut16(&Reply[0], (USHORT)(Length - 2));
    Reply[3] = device;
    Reply[4] = IsLong ? 1 : 0;
    ScsiPut16(&Reply[6], (USHORT)Descriptors);
}

SCSI_OUTCOME ScsiModeSense(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR reply[LARGEST_REPLY_LENGTH];
    BOOLEAN isSix = Command->Cdb[0] == SCSIOP_MODE_SENSE;
    ULONG allocation = isSix ? Command->Cdb[4] : ScsiGet16(&Command->Cdb[7]);
    BOOLEAN isLong = !isSix && (Command->Cdb[1] & CDB_LONG_LBA_ACCEPTED) != 0;
    UCHAR control = Command->Cdb[2] >> 6;
    UCHAR code = Command->Cdb[2] & 0x3F;
    UCHAR subpage = Command->Cdb[3];
    ULONG header = isSix ? HEADER6_LENGTH : HEADER10_LENGTH;
    ULONG descriptors = 0;
    ULONG length = header;

    if (control == PAGE_CONTROL_SAVED) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, 0x39, 0); /* Saving is unsupported. */
    }
    if ((subpage != 0 && !(subpage == 0xFF && code == MODE_SENSE_RETURN_ALL)) ||
        (code != MODE_PAGE_CACHING && code != MODE_PAGE_CONTROL && code != MODE_SENSE_RETURN_ALL)) {
        return ScsiFailField(Command);
    }
    RtlZeroMemory(reply, sizeof(reply));
    if (!(Command->Cdb[1] & CDB_DISABLE_BLOCK_DESCRIPTORS)) {
        descriptors = PutBlockDescriptor(Unit, isLong, &reply[length]);
        length += descriptors;
    }
    if (code == MODE_PAGE_CACHING || code == MODE_SENSE_RETURN_ALL) {
        length += PutCachingPage(&Command->Target->Identity, control, &reply[length]);
    }
    if (code == MODE_PAGE_CONTROL || code == MODE_SENSE_RETURN_ALL) {
        length += PutControlPage(Unit, control, &reply[length]);
    }
    PutHeader(Command, Unit, isLong, length, descriptors, reply);
    return ScsiReply(Command, reply, length, allocation);
}

/* TRUE when Page equals the current page outside of the bits of byte 2 in Changeable. */
static BOOLEAN IsOnlyChange(const UCHAR *Page, const UCHAR *Current, ULONG Length, UCHAR Changeable)
{
    ULONG index;

    for (index = 2; index < Length; index++) {
        UCHAR difference = Page[index] ^ Current[index];

        if (index == 2) {
            difference &= (UCHAR)~Changeable;
        }
        if (difference != 0) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Reads one page of the list; FALSE when it may not be sent. */
static BOOLEAN ReadPage(PSCSI_COMMAND Command, PNVME_UNIT Unit, const UCHAR *Page, ULONG Length,
                        MODE_CHANGE *Change)
{
    const NVME_IDENTITY *identity = &Command->Target->Identity;
    UCHAR current[CACHING_PAGE_LENGTH];

    RtlZeroMemory(current, sizeof(current));
    if ((Page[0] & 0x7F) == MODE_PAGE_CACHING && Length == CACHING_PAGE_LENGTH) {
        PutCachingPage(identity, PAGE_CONTROL_CURRENT, current);
        Change->SetsWriteCache = identity->VolatileWriteCache;
        Change->WriteCache = (Page[2] & CACHING_WCE) != 0;
        return IsOnlyChange(Page, current, Length, identity->VolatileWriteCache ? CACHING_WCE : 0);
    }
    if ((Page[0] & 0x7F) == MODE_PAGE_CONTROL && Length == CONTROL_PAGE_LENGTH) {
        PutControlPage(Unit, PAGE_CONTROL_CURRENT, current);
        Change->SetsSenseFormat = TRUE;
        Change->DescriptorSense = (Page[2] & CONTROL_D_SENSE) != 0;
        return IsOnlyChange(Page, current, Length, CONTROL_D_SENSE);
    }
    return FALSE;
}

/* A block descriptor may repeat the block size that is, not ask for another. */
static BOOLEAN IsCurrentDescriptor(PNVME_UNIT Unit, const UCHAR *Descriptor, ULONG Length)
{
    ULONG bytes;

    if (Length == 0) {
        return TRUE;
    }
    if (Length == SHORT_DESCRIPTOR_LENGTH) {
        bytes = ScsiGet32(&Descriptor[4]) & 0xFFFFFF;
    } else if (Length == LONG_DESCRIPTOR_LENGTH) {
        bytes = ScsiGet32(&Descriptor[12]);
    } else {
        return FALSE;
    }
    return bytes == 1u << Unit->BlockShift;
}

/* Walks the whole list. Returns the additional sense code of what is wrong, or 0. */
static UCHAR ReadList(PSCSI_COMMAND Command, PNVME_UNIT Unit, ULONG ListLength, MODE_CHANGE *Change)
{
    const UCHAR *list = Command->Data;
    BOOLEAN isSix = Command->Cdb[0] == SCSIOP_MODE_SELECT;
    ULONG offset = isSix ? HEADER6_LENGTH : HEADER10_LENGTH;
    ULONG descriptors;

    if (ListLength < offset) {
        return SCSI_ADSENSE_PARAMETER_LIST_LENGTH;
    }
    descriptors = isSix ? list[3] : ScsiGet16(&list[6]);
    if (descriptors > ListLength - offset) {
        return SCSI_ADSENSE_PARAMETER_LIST_LENGTH;
    }
    if (!IsCurrentDescriptor(Unit, &list[offset], descriptors)) {
        return SCSI_ADSENSE_INVALID_FIELD_PARAMETER_LIST;
    }
    offset += descriptors;
    while (offset < ListLength) {
        ULONG length;

        if (ListLength - offset < 2) {
            return SCSI_ADSENSE_PARAMETER_LIST_LENGTH;
        }
        length = 2u + list[offset + 1];
        if (length > ListLength - offset) {
            return SCSI_ADSENSE_PARAMETER_LIST_LENGTH;
        }
        if (!ReadPage(Command, Unit, &list[offset], length, Change)) {
            return SCSI_ADSENSE_INVALID_FIELD_PARAMETER_LIST;
        }
        offset += length;
    }
    return 0;
}

SCSI_OUTCOME ScsiModeSelect(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    BOOLEAN isSix = Command->Cdb[0] == SCSIOP_MODE_SELECT;
    ULONG listLength = isSix ? Command->Cdb[4] : ScsiGet16(&Command->Cdb[7]);
    MODE_CHANGE change = {0};
    UCHAR wrong;

    if (!(Command->Cdb[1] & MODE_SELECT_PFBIT) || (Command->Cdb[1] & 0x01)) {
        return ScsiFailField(Command); /* Pages in standard form only, and none can be saved. */
    }
    if (listLength == 0) {
        return ScsiGood(Command, 0);
    }
    if (listLength > Command->DataLength || Command->Data == NULL) {
        return ScsiFailField(Command);
    }
    wrong = ReadList(Command, Unit, listLength, &change);
    if (wrong != 0) {
        return ScsiFail(Command, SCSI_SENSE_ILLEGAL_REQUEST, wrong, 0);
    }
    if (change.SetsSenseFormat) {
        Unit->DescriptorSense = change.DescriptorSense;
    }
    if (!change.SetsWriteCache ||
        change.WriteCache == Command->Target->Identity.WriteCacheEnabled) {
        return ScsiGood(Command, listLength);
    }
    RtlZeroMemory(Command->Nvme, sizeof(*Command->Nvme));
    Command->Nvme->CDW0.OPC = NVME_ADMIN_COMMAND_SET_FEATURES;
    Command->Nvme->u.SETFEATURES.CDW10.FID = NVME_FEATURE_VOLATILE_WRITE_CACHE;
    Command->Nvme->u.SETFEATURES.CDW11.VolatileWriteCache.WCE = change.WriteCache ? 1 : 0;
    Command->AdminReply = ScsiAdminReplyWriteCache;
    Command->AdminArgument = change.WriteCache;
    Command->ReplyLength = listLength;
    return ScsiOutcomeAdmin;
}
