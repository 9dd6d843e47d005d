/*
 * The vault's firmware: two slots, of which the first is for reading only.
 */
#include "vault.h"

#define SLOTS     2
#define ALIGNMENT 512
#define LARGEST   4096

static VOID Note(VAULT_ADAPTER *Adapter, ULONG Way, ULONG Slot, ULONG Offset, const UCHAR *Data,
                 ULONG Length)
{
    Adapter->Report.Way = Way;
    Adapter->Report.FirmwareSlot = Slot;
    Adapter->Report.FirmwareOffset = Offset;
    Adapter->Report.FirmwareBytes = Length;
    Adapter->Report.FirmwareFirst = Length != 0 ? Data[0] : 0;
}

static ULONG GetInfo(STORAGE_FIRMWARE_INFO_V2 *Info, ULONG Room)
{
    static const CHAR Revision[] = "1.00";
    ULONG Slot;

    if (Room < sizeof(*Info) + SLOTS * sizeof(Info->Slot[0])) {
        return FIRMWARE_STATUS_OUTPUT_BUFFER_TOO_SMALL;
    }
    if (Info->Version != STORAGE_FIRMWARE_INFO_STRUCTURE_VERSION_V2 || Info->Size < sizeof(*Info)) {
        return FIRMWARE_STATUS_INVALID_PARAMETER;
    }
    Info->UpgradeSupport = TRUE;
    Info->SlotCount = SLOTS;
    Info->ActiveSlot = 1;
    Info->PendingActivateSlot = STORAGE_FIRMWARE_INFO_INVALID_SLOT;
    Info->ImagePayloadAlignment = ALIGNMENT;
    Info->ImagePayloadMaxSize = LARGEST;
    for (Slot = 0; Slot < SLOTS; Slot++) {
        Info->Slot[Slot].SlotNumber = (UCHAR)(Slot + 1);
        Info->Slot[Slot].ReadOnly = (BOOLEAN)(Slot == 0);
        RtlCopyMemory(Info->Slot[Slot].Revision, Revision, sizeof(Revision));
    }
    return FIRMWARE_STATUS_SUCCESS;
}

static ULONG Download(VAULT_ADAPTER *Adapter, const STORAGE_FIRMWARE_DOWNLOAD_V2 *Piece, ULONG Room)
{
    if (Room < sizeof(*Piece) || Piece->Version != STORAGE_FIRMWARE_DOWNLOAD_STRUCTURE_VERSION_V2 ||
        Piece->Size < sizeof(*Piece) || Piece->BufferSize > Room - sizeof(*Piece)) {
        return FIRMWARE_STATUS_INVALID_PARAMETER;
    }
    Note(Adapter, 2, Piece->Slot, (ULONG)Piece->Offset, Piece->ImageBuffer,
         (ULONG)Piece->BufferSize);
    return FIRMWARE_STATUS_SUCCESS;
}

static ULONG Activate(VAULT_ADAPTER *Adapter, const STORAGE_FIRMWARE_ACTIVATE *Wanted, ULONG Room)
{
    if (Room < sizeof(*Wanted) || Wanted->Version != STORAGE_FIRMWARE_ACTIVATE_STRUCTURE_VERSION) {
        return FIRMWARE_STATUS_INVALID_PARAMETER;
    }
    Adapter->Report.Way = 2;
    Adapter->Report.Activated = Wanted->SlotToActivate;
    return FIRMWARE_STATUS_POWER_CYCLE_REQUIRED;
}

UCHAR VaultFirmware(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PSRB_IO_CONTROL Header = (PSRB_IO_CONTROL)SrbGetDataBuffer(Srb);
    PFIRMWARE_REQUEST_BLOCK Block = (PFIRMWARE_REQUEST_BLOCK)(Header + 1);
    ULONG Total = SrbGetDataTransferLength(Srb);
    PVOID Data;

    if (Total < sizeof(*Header) + sizeof(*Block) ||
        Header->ControlCode != IOCTL_SCSI_MINIPORT_FIRMWARE ||
        Block->Version != FIRMWARE_REQUEST_BLOCK_STRUCTURE_VERSION ||
        Block->DataBufferOffset % sizeof(PVOID) != 0 ||
        Block->DataBufferOffset < sizeof(*Header) + sizeof(*Block) ||
        Block->DataBufferOffset > Total ||
        Block->DataBufferLength > Total - Block->DataBufferOffset) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    Data = (PUCHAR)Header + Block->DataBufferOffset;
    switch (Block->Function) {
    case FIRMWARE_FUNCTION_GET_INFO:
        Header->ReturnCode = GetInfo((STORAGE_FIRMWARE_INFO_V2 *)Data, Block->DataBufferLength);
        break;
    case FIRMWARE_FUNCTION_DOWNLOAD:
        Header->ReturnCode =
            Download(Adapter, (STORAGE_FIRMWARE_DOWNLOAD_V2 *)Data, Block->DataBufferLength);
        break;
    case FIRMWARE_FUNCTION_ACTIVATE:
        Header->ReturnCode =
            Activate(Adapter, (STORAGE_FIRMWARE_ACTIVATE *)Data, Block->DataBufferLength);
        break;
    default:
        Header->ReturnCode = FIRMWARE_STATUS_ILLEGAL_REQUEST;
        break;
    }
    return SRB_STATUS_SUCCESS;
}

UCHAR VaultWriteBuffer(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    const UCHAR *Cdb = (const UCHAR *)SrbGetCdb(Srb);
    ULONG Offset = (ULONG)Cdb[3] << 16 | (ULONG)Cdb[4] << 8 | Cdb[5];
    ULONG Length = (ULONG)Cdb[6] << 16 | (ULONG)Cdb[7] << 8 | Cdb[8];
    UCHAR Status = SRB_STATUS_SUCCESS;
    const UCHAR *Data;

    switch (Cdb[1] & 0x1F) {
    case 0x0E:
        Data = RequestDataAddress(Adapter, Srb, &Status);
        if (Data == NULL || Length > SrbGetDataTransferLength(Srb)) {
            return Data == NULL ? Status : SRB_STATUS_INVALID_REQUEST;
        }
        Note(Adapter, 1, Cdb[2], Offset, Data, Length);
        return SRB_STATUS_SUCCESS;
    case 0x0F:
        Adapter->Report.Way = 1;
        Adapter->Report.Activated = Cdb[2];
        return SRB_STATUS_SUCCESS;
    default:
        return SRB_STATUS_INVALID_REQUEST;
    }
}
