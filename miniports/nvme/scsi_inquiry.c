/*
 * INQUIRY, its vital product data pages, and REPORT LUNS.
 *
 * Rule: every page is built whole in a buffer of its largest size and cut to the allocation length
 * only when it is copied out, so no length that an initiator sends can reach an index.
 */
#include "scsi_translate.h"

#define INQUIRY_EVPD 0x01

/* Lengths of the replies. */
#define INQUIRY_LENGTH             96
#define VPD_HEADER_LENGTH          4
#define VPD_BLOCK_PAGE_LENGTH      64
#define VPD_PROVISIONING_LENGTH    8
#define VPD_LARGEST_LENGTH         256
#define DESIGNATOR_HEADER_LENGTH   4
#define REPORT_LUNS_HEADER_LENGTH  8
#define REPORT_LUNS_ENTRY_LENGTH   8
#define REPORT_LUNS_MINIMUM_LENGTH 16

/* Version descriptors: SAM-5, SPC-4 and SBC-3, in no particular revision. */
#define VERSION_SAM5 0x00A0
#define VERSION_SPC4 0x0460
#define VERSION_SBC3 0x04C0

static const CHAR HexDigits[] = "0123456789ABCDEF";
static const CHAR VendorName[8] = {'N', 'V', 'M', 'e', ' ', ' ', ' ', ' '};

static BOOLEAN IsZero(const UCHAR *Bytes, ULONG Count)
{
    ULONG index;

    for (index = 0; index < Count; index++) {
        if (Bytes[index] != 0) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Identify strings may hold anything; SCSI wants printable ASCII. */
static VOID CopyPrintable(PUCHAR Destination, const UCHAR *Source, ULONG Count)
{
    ULONG index;

    for (index = 0; index < Count; index++) {
        UCHAR value = Source[index];

        Destination[index] = (value >= 0x20 && value < 0x7F) ? value : ' ';
    }
}

/* The last four characters of the firmware revision that are not blanks. */
static VOID CopyRevision(PUCHAR Destination, const UCHAR *Revision)
{
    UCHAR printable[8];
    ULONG end = sizeof(printable);
    ULONG start;

    CopyPrintable(printable, Revision, sizeof(printable));
    while (end > 0 && printable[end - 1] == ' ') {
        end--;
    }
    start = end > 4 ? end - 4 : 0;
    RtlFillMemory(Destination, 4, ' ');
    RtlCopyMemory(Destination, &printable[start], end - start);
}

/* Writes Count bytes as hexadecimal digits and returns the number of characters. */
static ULONG PutHex(PUCHAR Destination, const UCHAR *Bytes, ULONG Count)
{
    ULONG index;

    for (index = 0; index < Count; index++) {
        Destination[2 * index] = (UCHAR)HexDigits[Bytes[index] >> 4];
        Destination[2 * index + 1] = (UCHAR)HexDigits[Bytes[index] & 0xF];
    }
    return 2 * Count;
}

static SCSI_OUTCOME StandardInquiry(PSCSI_COMMAND Command, ULONG Allocation)
{
    const NVME_IDENTITY *identity = &Command->Target->Identity;
    UCHAR page[INQUIRY_LENGTH];

    RtlZeroMemory(page, sizeof(page));
    page[0] = DIRECT_ACCESS_DEVICE;
    page[2] = 6; /* SPC-4. */
    page[3] = 2; /* The response data format of every SPC. */
    page[4] = INQUIRY_LENGTH - 5;
    page[7] = 0x02; /* Commands are queued. */
    RtlCopyMemory(&page[8], VendorName, sizeof(VendorName));
    CopyPrintable(&page[16], identity->ModelNumber, 16);
    CopyRevision(&page[32], identity->FirmwareRevision);
    ScsiPut16(&page[58], VERSION_SAM5);
    ScsiPut16(&page[60], VERSION_SPC4);
    ScsiPut16(&page[62], VERSION_SBC3);
    return ScsiReply(Command, page, sizeof(page), Allocation);
}

static ULONG SupportedPages(PUCHAR Page)
{
    static const UCHAR pages[] = {VPD_SUPPORTED_PAGES,
                                  VPD_SERIAL_NUMBER,
                                  VPD_DEVICE_IDENTIFIERS,
                                  VPD_BLOCK_LIMITS,
                                  VPD_BLOCK_DEVICE_CHARACTERISTICS,
                                  VPD_LOGICAL_BLOCK_PROVISIONING};

    RtlCopyMemory(&Page[VPD_HEADER_LENGTH], pages, sizeof(pages));
    return VPD_HEADER_LENGTH + sizeof(pages);
}

/* Groups of four digits with '_' between them and '.' at the end: how NGUID and EUI-64 are shown.
 */
static ULONG PutGroupedHex(PUCHAR Destination, const UCHAR *Bytes, ULONG Count)
{
    ULONG length = 0;
    ULONG index;

    for (index = 0; index < Count; index += 2) {
        length += PutHex(&Destination[length], &Bytes[index], 2);
        Destination[length++] = (UCHAR)(index + 2 < Count ? '_' : '.');
    }
    return length;
}

/*
 * The serial number of a unit must differ between the namespaces of one controller: it is the
 * namespace's own identifier, or else the controller's serial number with the namespace number.
 */
static ULONG SerialNumberPage(PSCSI_COMMAND Command, PNVME_UNIT Unit, PUCHAR Page)
{
    PUCHAR text = &Page[VPD_HEADER_LENGTH];
    UCHAR number[4];
    ULONG length;

    if (!IsZero(Unit->Nguid, sizeof(Unit->Nguid))) {
        length = PutGroupedHex(text, Unit->Nguid, sizeof(Unit->Nguid));
    } else if (!IsZero(Unit->Eui64, sizeof(Unit->Eui64))) {
        length = PutGroupedHex(text, Unit->Eui64, sizeof(Unit->Eui64));
    } else {
        length = sizeof(Command->Target->Identity.SerialNumber);
        CopyPrintable(text, Command->Target->Identity.SerialNumber, length);
        text[length++] = '_';
        ScsiPut32(number, Unit->NamespaceId);
        length += PutHex(&text[length], number, sizeof(number));
        text[length++] = '.';
    }
    return VPD_HEADER_LENGTH + length;
}

static ULONG PutDesignator(PUCHAR Destination, UCHAR CodeSet, UCHAR Type, const UCHAR *Bytes,
                           ULONG Count)
{
    Destination[0] = CodeSet;
    Destination[1] = Type; /* Association 0: the logical unit. */
    Destination[2] = 0;
    Destination[3] = (UCHAR)Count;
    RtlCopyMemory(&Destination[DESIGNATOR_HEADER_LENGTH], Bytes, Count);
    return DESIGNATOR_HEADER_LENGTH + Count;
}

/* "eui." and the digits of an EUI-64 or NGUID, as a SCSI name string padded to four bytes. */
static ULONG PutNameString(PUCHAR Destination, const UCHAR *Bytes, ULONG Count)
{
    UCHAR name[4 + 32];

    RtlCopyMemory(name, "eui.", 4);
    PutHex(&name[4], Bytes, Count);
    return PutDesignator(Destination, VpdCodeSetUTF8, VpdIdentifierTypeSCSINameString, name,
                         4 + 2 * Count);
}

/* A T10 vendor identification from model, serial number and namespace number. */
static ULONG PutVendorDesignator(PSCSI_COMMAND Command, PNVME_UNIT Unit, PUCHAR Destination)
{
    const NVME_IDENTITY *identity = &Command->Target->Identity;
    UCHAR name[8 + 40 + 20 + 8];
    UCHAR number[4];

    RtlCopyMemory(name, VendorName, sizeof(VendorName));
    CopyPrintable(&name[8], identity->ModelNumber, sizeof(identity->ModelNumber));
    CopyPrintable(&name[48], identity->SerialNumber, sizeof(identity->SerialNumber));
    ScsiPut32(number, Unit->NamespaceId);
    PutHex(&name[68], number, sizeof(number));
    return PutDesignator(Destination, VpdCodeSetAscii, VpdIdentifierTypeVendorId, name,
                         sizeof(name));
}

static ULONG IdentifiersPage(PSCSI_COMMAND Command, PNVME_UNIT Unit, PUCHAR Page)
{
    ULONG length = VPD_HEADER_LENGTH;

    if (!IsZero(Unit->Nguid, sizeof(Unit->Nguid))) {
        length += PutDesignator(&Page[length], VpdCodeSetBinary, VpdIdentifierTypeEUI64,
                                Unit->Nguid, sizeof(Unit->Nguid));
        length += PutNameString(&Page[length], Unit->Nguid, sizeof(Unit->Nguid));
    }
    if (!IsZero(Unit->Eui64, sizeof(Unit->Eui64))) {
        length += PutDesignator(&Page[length], VpdCodeSetBinary, VpdIdentifierTypeEUI64,
                                Unit->Eui64, sizeof(Unit->Eui64));
    }
    length += PutVendorDesignator(Command, Unit, &Page[length]);
    return length;
}

static ULONG BlockLimitsPage(PSCSI_COMMAND Command, PNVME_UNIT Unit, PUCHAR Page)
{
    const NVME_IDENTITY *identity = &Command->Target->Identity;

    Page[4] = 0x01; /* WSNZ: WRITE SAME without a block count is refused. */
    ScsiPut32(&Page[8], identity->MaximumTransferBytes >> Unit->BlockShift);
    if (identity->HasDeallocate) {
        ULONG descriptors = Command->ScratchLength / sizeof(NVME_LBA_RANGE);

        ScsiPut32(&Page[20], 0xFFFFFFFF);
        ScsiPut32(&Page[24], descriptors > 256 ? 256 : descriptors);
        ScsiPut32(&Page[28], Unit->PreferredDeallocate);
    }
    if (identity->HasWriteZeroes) {
        ScsiPut64(&Page[36], SCSI_WRITE_SAME_MAXIMUM_BLOCKS);
    }
    return VPD_BLOCK_PAGE_LENGTH;
}

static ULONG BlockCharacteristicsPage(PUCHAR Page)
{
    ScsiPut16(&Page[4], 1); /* Not a rotating medium. */
    return VPD_BLOCK_PAGE_LENGTH;
}

static ULONG ProvisioningPage(PSCSI_COMMAND Command, PNVME_UNIT Unit, PUCHAR Page)
{
    const NVME_IDENTITY *identity = &Command->Target->Identity;

    if (identity->HasDeallocate) {
        Page[5] |= 0x80; /* LBPU: UNMAP. */
    }
    if (identity->HasWriteZeroes && Unit->WriteZeroesDeallocates) {
        Page[5] |= 0x60; /* LBPWS and LBPWS10: WRITE SAME with its UNMAP bit. */
    }
    if (Unit->DeallocatedReadsZero) {
        Page[5] |= 0x04; /* LBPRZ. */
    }
    if (identity->HasDeallocate) {
        Page[6] = Unit->ThinProvisioned ? 2 : 1; /* Thin, or resource provisioned. */
    }
    return VPD_PROVISIONING_LENGTH;
}

SCSI_OUTCOME ScsiInquiry(PSCSI_COMMAND Command, PNVME_UNIT Unit)
{
    UCHAR page[VPD_LARGEST_LENGTH];
    ULONG allocation = ScsiGet16(&Command->Cdb[3]);
    ULONG length;

    if (!(Command->Cdb[1] & INQUIRY_EVPD)) {
        if (Command->Cdb[2] != 0) {
            return ScsiFailField(Command);
        }
        return StandardInquiry(Command, allocation);
    }
    RtlZeroMemory(page, sizeof(page));
    switch (Command->Cdb[2]) {
    case VPD_SUPPORTED_PAGES:
        length = SupportedPages(page);
        break;
    case VPD_SERIAL_NUMBER:
        length = SerialNumberPage(Command, Unit, page);
        break;
    case VPD_DEVICE_IDENTIFIERS:
        length = IdentifiersPage(Command, Unit, page);
        break;
    case VPD_BLOCK_LIMITS:
        length = BlockLimitsPage(Command, Unit, page);
        break;
    case VPD_BLOCK_DEVICE_CHARACTERISTICS:
        length = BlockCharacteristicsPage(page);
        break;
    case VPD_LOGICAL_BLOCK_PROVISIONING:
        length = ProvisioningPage(Command, Unit, page);
        break;
    default:
        return ScsiFailField(Command);
    }
    page[0] = DIRECT_ACCESS_DEVICE;
    page[1] = Command->Cdb[2];
    ScsiPut16(&page[2], (USHORT)(length - VPD_HEADER_LENGTH));
    return ScsiReply(Command, page, length, allocation);
}

/* SELECT REPORT: 0 the addressable units, 1 the well-known ones (there are none), 2 both. */
SCSI_OUTCOME ScsiReportLuns(PSCSI_COMMAND Command)
{
    ULONG allocation = ScsiGet32(&Command->Cdb[6]);
    ULONG room = Command->DataLength < allocation ? Command->DataLength : allocation;
    ULONG units = 0;
    ULONG offset = REPORT_LUNS_HEADER_LENGTH;
    ULONG lun;

    if (Command->Cdb[2] > 2 || allocation < REPORT_LUNS_MINIMUM_LENGTH) {
        return ScsiFailField(Command);
    }
    if (room == 0) {
        return ScsiGood(Command, 0);
    }
    if (Command->Data == NULL) {
        return ScsiFail(Command, SCSI_SENSE_ABORTED_COMMAND, SCSI_ADSENSE_DATA_TRANSFER_ERROR, 0);
    }
    RtlZeroMemory(Command->Data, room);
    for (lun = 0; lun < NVME_MAX_UNITS && Command->Cdb[2] != 1; lun++) {
        if (!Command->Target->Units[lun].Present) {
            continue;
        }
        units++;
        if (offset + 1 < room) {
            Command->Data[offset + 1] = (UCHAR)lun; /* Peripheral addressing, bus 0. */
        }
        offset += REPORT_LUNS_ENTRY_LENGTH;
    }
    if (room >= sizeof(ULONG)) {
        ScsiPut32(Command->Data, units * REPORT_LUNS_ENTRY_LENGTH);
    }
    return ScsiGood(Command, offset < room ? offset : room);
}
