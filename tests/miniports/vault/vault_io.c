/*
 * The vault's requests. Data that are to be encrypted lie encrypted in its memory alone.
 */
#include "vault.h"

/* The same bytes make and undo it. */
static VOID Cipher(const VAULT_KEY *Key, ULONGLONG Tweak, PUCHAR Data, ULONG Length)
{
    ULONG At;

    for (At = 0; At < Length; At++) {
        ULONGLONG Unit = Tweak + At / Key->DataUnitSize;
        Data[At] ^= (UCHAR)(Key->Bytes[At % Key->Length] ^ (Unit * 167 + (Unit >> 8)));
    }
}

/* What the request is to be encrypted with; NULL: nothing. */
static const VAULT_KEY *KeyOf(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONGLONG *Tweak)
{
    STOR_CRYPTO_KEY_INFO Info;
    ULONG Status;

    RtlZeroMemory(&Info, sizeof(Info));
    Info.Version = STOR_CRYPTO_KEY_INFO_VERSION_1;
    Info.Size = sizeof(Info);
    Status = StorPortGetRequestCryptoInfo(Adapter, Srb, &Info);
    if (Status == STOR_STATUS_UNSUCCESSFUL) {
        InterlockedIncrement((volatile LONG *)&Adapter->Report.Plain);
        return NULL;
    }
    InterlockedIncrement((volatile LONG *)&Adapter->Report.Encrypted);
    if (Status != STOR_STATUS_SUCCESS || Info.KeyIndex >= VAULT_KEYS ||
        Adapter->Key[Info.KeyIndex].Length == 0) {
        InterlockedIncrement((volatile LONG *)&Adapter->Report.Problems);
        return NULL;
    }
    Adapter->Report.Key = Info.KeyIndex;
    Adapter->Report.Tweak = (ULONG)Info.Tweak;
    *Tweak = Info.Tweak;
    return &Adapter->Key[Info.KeyIndex];
}

static UCHAR Transfer(VAULT_ADAPTER *Adapter, UCHAR Lun, PSCSI_REQUEST_BLOCK Srb,
                      const SCSI_DISK_COMMAND *Command)
{
    BOOLEAN Writes = Command->Operation == ScsiDiskWrite;
    ULONGLONG Tweak = 0;
    const VAULT_KEY *Key = KeyOf(Adapter, Srb, &Tweak);
    UCHAR Status = SRB_STATUS_SUCCESS;
    PUCHAR Data = RequestDataAddress(Adapter, Srb, &Status);

    if (Data == NULL) {
        return Status;
    }
    if (Key != NULL && Writes) {
        Cipher(Key, Tweak, Data, Command->DataLength);
    }
    Status =
        MemoryDiskExecute(Adapter, &Adapter->Disks[Lun], &Adapter->Memories[Lun], Srb, Command);
    if (Key != NULL) {
        Cipher(Key, Tweak, Data, Command->DataLength);
    }
    return Status;
}

static UCHAR Scsi(VAULT_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    SCSI_DISK_COMMAND Command;
    UCHAR Path = 0, Target = 0, Lun = 0, Status;

    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    if (Path != 0 || Target != 0) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (Adapter->UnitRpmb != 0 && Lun == 0 &&
        SrbGetCdb(Srb)->CDB6GENERIC.OperationCode == SCSIOP_INQUIRY) {
        VaultAnnounceUnit(Adapter); /* whoever inquires knows the unit */
    }
    if (SrbGetCdb(Srb)->CDB6GENERIC.OperationCode == SCSIOP_WRITE_DATA_BUFF) {
        return VaultWriteBuffer(Adapter, Srb);
    }
    Status = ScsiDiskAnswer(Adapter, Adapter->Disks, Adapter->UnitCount, Lun, Srb);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    Status = ScsiDiskDecode(&Adapter->Disks[Lun], Srb, &Command);
    if (Status != SRB_STATUS_PENDING) {
        return Status;
    }
    if (Command.Operation == ScsiDiskRead || Command.Operation == ScsiDiskWrite) {
        return Transfer(Adapter, Lun, Srb, &Command);
    }
    return MemoryDiskExecute(Adapter, &Adapter->Disks[Lun], &Adapter->Memories[Lun], Srb, &Command);
}

BOOLEAN VaultStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    VAULT_ADAPTER *Adapter = (VAULT_ADAPTER *)DeviceExtension;
    UCHAR Status = SRB_STATUS_SUCCESS;

    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        Status = Scsi(Adapter, Srb);
        break;
    case SRB_FUNCTION_IO_CONTROL:
        Status = VaultControl(Adapter, Srb);
        break;
    case SRB_FUNCTION_FLUSH:
    case SRB_FUNCTION_SHUTDOWN:
    case SRB_FUNCTION_POWER:
    case SRB_FUNCTION_PNP:
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
    case SRB_FUNCTION_RESET_BUS:
        break;
    default:
        Status = SRB_STATUS_INVALID_REQUEST;
        break;
    }
    if (Status != SRB_STATUS_PENDING) {
        SrbSetSrbStatus(Srb, Status);
        StorPortNotification(RequestComplete, Adapter, Srb);
    }
    return TRUE;
}
