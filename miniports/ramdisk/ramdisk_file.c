/*
 * The backing file: opening it, and carrying out requests on it.
 *
 * Rule: an acknowledged flush, or a write with force unit access, is on stable storage. A flush
 * that failed may have dropped data which an operating system then believes to be written, so a
 * later flush that succeeds would prove nothing: after the first failure every promise of
 * durability is refused until the next start.
 */
#include "ramdisk.h"

#include <srbhelper.h>

/*
 * The request to zero a range of a file. Windows names it FSCTL_SET_ZERO_DATA in a header of file
 * systems, which a driver of a disk has no business to include.
 */
#define ZERO_RANGE_REQUEST CTL_CODE(FILE_DEVICE_FILE_SYSTEM, 50, METHOD_BUFFERED, FILE_WRITE_DATA)

typedef struct _ZERO_RANGE {
    LARGE_INTEGER FirstByte;
    LARGE_INTEGER EndByte; /* the first one that is not zeroed */
} ZERO_RANGE;

#define NATIVE_PREFIX           "\\??\\"
#define NATIVE_PREFIX_LENGTH    4
#define SPACE_ALLOCATION_FAILED 0x07

/* "/disk.img" and "C:\disk.img" are names of the DOS kind; a name that starts with a backslash is
 * complete. */
static NTSTATUS NativeName(const CHAR *BackingFile, PUNICODE_STRING Name)
{
    CHAR Text[NATIVE_PREFIX_LENGTH + SETTING_TEXT_SIZE];
    ULONG Start = BackingFile[0] == '\\' ? 0 : NATIVE_PREFIX_LENGTH;
    ANSI_STRING Source;
    ULONG Index;

    RtlCopyMemory(Text, NATIVE_PREFIX, NATIVE_PREFIX_LENGTH);
    for (Index = 0; BackingFile[Index] != '\0'; Index++) {
        Text[Start + Index] = BackingFile[Index];
    }
    Text[Start + Index] = '\0';
    RtlInitAnsiString(&Source, Text);
    return RtlAnsiStringToUnicodeString(Name, &Source, TRUE);
}

static NTSTATUS OpenHandle(RAMDISK_ADAPTER *Adapter)
{
    const RAMDISK_SETTINGS *Settings = &Adapter->Settings;
    BOOLEAN ReadOnly = Settings->ReadOnly != 0;
    ACCESS_MASK Access = SYNCHRONIZE | GENERIC_READ | (ReadOnly ? 0 : GENERIC_WRITE);
    BOOLEAN MayCreate = !ReadOnly && Settings->SizeMegabytes != 0;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING Name;
    NTSTATUS Status = NativeName(Settings->BackingFile, &Name);

    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    Status =
        ZwCreateFile(&Adapter->File.Handle, Access, &Attributes, &IoStatus, NULL,
                     FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ, MayCreate ? FILE_OPEN_IF : FILE_OPEN,
                     FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE, NULL, 0);
    RtlFreeUnicodeString(&Name);
    if (!NT_SUCCESS(Status)) {
        Adapter->File.Handle = NULL;
    }
    return Status;
}

/* The size of the file; an empty one, which may be new, first gets the size that the settings ask
 * for. */
static NTSTATUS SettleSize(RAMDISK_ADAPTER *Adapter, ULONGLONG *Bytes)
{
    FILE_STANDARD_INFORMATION Information;
    LARGE_INTEGER End; /* all that FILE_END_OF_FILE_INFORMATION has */
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    Status = ZwQueryInformationFile(Adapter->File.Handle, &IoStatus, &Information,
                                    sizeof(Information), FileStandardInformation);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    *Bytes = (ULONGLONG)Information.EndOfFile.QuadPart;
    if (*Bytes == 0 && Adapter->Settings.SizeMegabytes != 0 && Adapter->Settings.ReadOnly == 0) {
        End.QuadPart = (LONGLONG)Adapter->Settings.SizeMegabytes << 20;
        Status = ZwSetInformationFile(Adapter->File.Handle, &IoStatus, &End, sizeof(End),
                                      FileEndOfFileInformation);
        *Bytes = (ULONGLONG)End.QuadPart;
    }
    return Status;
}

static BOOLEAN IsSizeRight(const RAMDISK_SETTINGS *Settings, ULONGLONG Bytes)
{
    if (Settings->SizeMegabytes != 0 && Bytes != (ULONGLONG)Settings->SizeMegabytes << 20) {
        StorPortDebugPrint(0,
                           "BackingFile %s has %I64u bytes and SizeMegabytes is %lu: remove "
                           "SizeMegabytes or make them agree\n",
                           Settings->BackingFile, Bytes, Settings->SizeMegabytes);
        return FALSE;
    }
    if (Bytes == 0 || Bytes % Settings->SectorSize != 0) {
        StorPortDebugPrint(0,
                           "BackingFile %s has %I64u bytes, which is no positive multiple of "
                           "SectorSize %lu: change the file or SectorSize\n",
                           Settings->BackingFile, Bytes, Settings->SectorSize);
        return FALSE;
    }
    return TRUE;
}

BOOLEAN RamdiskFileOpen(RAMDISK_ADAPTER *Adapter, ULONGLONG *Bytes)
{
    PVOID Scratch = NULL;
    NTSTATUS Status = OpenHandle(Adapter);

    if (!NT_SUCCESS(Status)) {
        StorPortDebugPrint(0,
                           "BackingFile %s cannot be opened (status 0x%08lX): check the path and "
                           "its permissions, and give SizeMegabytes to create it\n",
                           Adapter->Settings.BackingFile, Status);
        return FALSE;
    }
    Status = SettleSize(Adapter, Bytes);
    if (!NT_SUCCESS(Status)) {
        StorPortDebugPrint(0,
                           "the size of BackingFile %s cannot be read or set (status 0x%08lX): "
                           "check the free space of its file system\n",
                           Adapter->Settings.BackingFile, Status);
        return FALSE;
    }
    if (!IsSizeRight(&Adapter->Settings, *Bytes)) {
        return FALSE;
    }
    if (StorPortAllocatePool(Adapter, RAMDISK_SCRATCH_SIZE, RAMDISK_TAG, &Scratch) !=
        STOR_STATUS_SUCCESS) {
        StorPortDebugPrint(0, "no memory for a buffer of %lu bytes: free memory and start again\n",
                           RAMDISK_SCRATCH_SIZE);
        return FALSE;
    }
    Adapter->File.Scratch = (PUCHAR)Scratch;
    Adapter->File.FlushLost = FALSE;
    Adapter->File.CannotZeroRanges = FALSE;
    return TRUE;
}

static NTSTATUS FlushFile(RAMDISK_FILE *File)
{
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status = ZwFlushBuffersFile(File->Handle, &IoStatus);

    if (!NT_SUCCESS(Status)) {
        File->FlushLost = TRUE;
    }
    return Status;
}

VOID RamdiskFileClose(RAMDISK_ADAPTER *Adapter)
{
    RAMDISK_FILE *File = &Adapter->File;

    if (File->Handle != NULL) {
        if (Adapter->Created && Adapter->Settings.ReadOnly == 0 && !NT_SUCCESS(FlushFile(File))) {
            StorPortDebugPrint(0,
                               "BackingFile %s could not be flushed at its end: writes that were "
                               "not flushed before may be lost; check its file system\n",
                               Adapter->Settings.BackingFile);
        }
        ZwClose(File->Handle);
        File->Handle = NULL;
    }
    if (File->Scratch != NULL) {
        StorPortFreePool(Adapter, File->Scratch);
        File->Scratch = NULL;
    }
}

/* A read that ends early met the end of the file: somebody has cut it, and the sectors are gone. */
static NTSTATUS ReadFully(RAMDISK_FILE *File, ULONGLONG Offset, PVOID Data, ULONG Length)
{
    LARGE_INTEGER Position;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    Position.QuadPart = (LONGLONG)Offset;
    Status = ZwReadFile(File->Handle, NULL, NULL, NULL, &IoStatus, Data, Length, &Position, NULL);
    if (NT_SUCCESS(Status) && IoStatus.Information != Length) {
        Status = STATUS_END_OF_FILE;
    }
    return Status;
}

static NTSTATUS WriteFully(RAMDISK_FILE *File, ULONGLONG Offset, PVOID Data, ULONG Length)
{
    LARGE_INTEGER Position;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    Position.QuadPart = (LONGLONG)Offset;
    Status = ZwWriteFile(File->Handle, NULL, NULL, NULL, &IoStatus, Data, Length, &Position, NULL);
    if (NT_SUCCESS(Status) && IoStatus.Information != Length) {
        Status = STATUS_DISK_FULL;
    }
    return Status;
}

/* Fills the range from the scratch buffer, whose first ScratchLength bytes hold the pattern
 * repeatedly. */
static NTSTATUS WriteRepeated(RAMDISK_FILE *File, ULONGLONG Offset, ULONGLONG Length,
                              ULONG ScratchLength)
{
    NTSTATUS Status = STATUS_SUCCESS;

    while (Length != 0 && NT_SUCCESS(Status)) {
        ULONG Piece = Length < ScratchLength ? (ULONG)Length : ScratchLength;

        Status = WriteFully(File, Offset, File->Scratch, Piece);
        Offset += Piece;
        Length -= Piece;
    }
    return Status;
}

static NTSTATUS ZeroRange(RAMDISK_FILE *File, ULONGLONG Offset, ULONGLONG Length)
{
    ZERO_RANGE Range;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    if (Length == 0) {
        return STATUS_SUCCESS;
    }
    if (!File->CannotZeroRanges) {
        Range.FirstByte.QuadPart = (LONGLONG)Offset;
        Range.EndByte.QuadPart = (LONGLONG)(Offset + Length);
        Status = ZwFsControlFile(File->Handle, NULL, NULL, NULL, &IoStatus, ZERO_RANGE_REQUEST,
                                 &Range, sizeof(Range), NULL, 0);
        if (Status != STATUS_INVALID_DEVICE_REQUEST && Status != STATUS_NOT_SUPPORTED &&
            Status != STATUS_NOT_IMPLEMENTED) {
            return Status;
        }
        File->CannotZeroRanges = TRUE;
    }
    RtlZeroMemory(File->Scratch, RAMDISK_SCRATCH_SIZE);
    return WriteRepeated(File, Offset, Length, RAMDISK_SCRATCH_SIZE);
}

static NTSTATUS WriteSame(RAMDISK_FILE *File, const SCSI_DISK *Disk, const RAMDISK_REQUEST *Request)
{
    ULONGLONG Offset = Request->Command.FirstBlock * Disk->BlockSize;
    ULONGLONG Length = (ULONGLONG)Request->Command.BlockCount * Disk->BlockSize;
    ULONG Filled;

    if (Request->Command.NoData) {
        return ZeroRange(File, Offset, Length);
    }
    for (Filled = 0; Filled < RAMDISK_SCRATCH_SIZE && Filled < Length; Filled += Disk->BlockSize) {
        RtlCopyMemory(File->Scratch + Filled, Request->Data, Disk->BlockSize);
    }
    return WriteRepeated(File, Offset, Length, Filled);
}

/* Reads the range; *Equal tells whether it is the same as Expected, when that is given. */
static NTSTATUS Verify(RAMDISK_FILE *File, ULONGLONG Offset, ULONGLONG Length,
                       const UCHAR *Expected, BOOLEAN *Equal)
{
    NTSTATUS Status = STATUS_SUCCESS;

    *Equal = TRUE;
    while (Length != 0 && NT_SUCCESS(Status) && *Equal) {
        ULONG Piece = Length < RAMDISK_SCRATCH_SIZE ? (ULONG)Length : RAMDISK_SCRATCH_SIZE;

        Status = ReadFully(File, Offset, File->Scratch, Piece);
        if (NT_SUCCESS(Status) && Expected != NULL) {
            *Equal = RtlEqualMemory(File->Scratch, Expected, Piece);
            Expected += Piece;
        }
        Offset += Piece;
        Length -= Piece;
    }
    return Status;
}

static UCHAR WriteFailure(PSCSI_REQUEST_BLOCK Srb, NTSTATUS Status)
{
    if (Status == STATUS_DISK_FULL) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_DATA_PROTECT, SCSI_ADSENSE_WRITE_PROTECT,
                                      SPACE_ALLOCATION_FAILED);
    }
    return ScsiDiskCheckCondition(Srb, SCSI_SENSE_MEDIUM_ERROR, SCSI_ADSENSE_WRITE_ERROR, 0);
}

static UCHAR ReadFailure(PSCSI_REQUEST_BLOCK Srb)
{
    return ScsiDiskCheckCondition(Srb, SCSI_SENSE_MEDIUM_ERROR, SCSI_ADSENSE_UNRECOVERED_ERROR, 0);
}

static UCHAR ExecuteRead(RAMDISK_FILE *File, const SCSI_DISK *Disk, RAMDISK_REQUEST *Request)
{
    ULONGLONG Offset = Request->Command.FirstBlock * Disk->BlockSize;
    ULONGLONG Length = (ULONGLONG)Request->Command.BlockCount * Disk->BlockSize;
    BOOLEAN Equal = TRUE;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Request->Command.Operation == ScsiDiskVerify) {
        Status = Verify(File, Offset, Length, Request->Data, &Equal);
    } else if (Length != 0) {
        Status = ReadFully(File, Offset, Request->Data, (ULONG)Length);
    }
    if (!NT_SUCCESS(Status)) {
        return ReadFailure(Request->Srb);
    }
    if (!Equal) {
        return ScsiDiskCheckCondition(Request->Srb, SCSI_SENSE_MISCOMPARE,
                                      SCSI_ADSENSE_MISCOMPARE_DURING_VERIFY_OPERATION, 0);
    }
    return SRB_STATUS_SUCCESS;
}

/* All ranges are checked before the first one is touched, so a wrong list changes nothing. */
static UCHAR ExecuteUnmap(RAMDISK_FILE *File, const SCSI_DISK *Disk, RAMDISK_REQUEST *Request)
{
    SCSI_DISK_UNMAP_CURSOR Cursor;
    ULONG Pass;
    NTSTATUS NtStatus;
    UCHAR Status = SRB_STATUS_SUCCESS;

    for (Pass = 0; Pass < 2 && Status == SRB_STATUS_SUCCESS; Pass++) {
        RtlZeroMemory(&Cursor, sizeof(Cursor));
        for (;;) {
            Status = ScsiDiskUnmapNext(Disk, Request->Srb, Request->Data,
                                       Request->Command.DataLength, &Cursor);
            if (Status != SRB_STATUS_PENDING) {
                break;
            }
            if (Pass == 0) {
                continue;
            }
            NtStatus = ZeroRange(File, Cursor.FirstBlock * Disk->BlockSize,
                                 (ULONGLONG)Cursor.BlockCount * Disk->BlockSize);
            if (!NT_SUCCESS(NtStatus)) {
                return WriteFailure(Request->Srb, NtStatus);
            }
        }
    }
    return Status;
}

static UCHAR ExecuteWrite(RAMDISK_FILE *File, const SCSI_DISK *Disk, RAMDISK_REQUEST *Request)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Request->Command.Operation == ScsiDiskUnmap) {
        return ExecuteUnmap(File, Disk, Request);
    }
    if (Request->Command.Operation == ScsiDiskWriteSame) {
        Status = WriteSame(File, Disk, Request);
    } else if (Request->Command.DataLength != 0) {
        Status = WriteFully(File, Request->Command.FirstBlock * Disk->BlockSize, Request->Data,
                            Request->Command.DataLength);
    }
    return NT_SUCCESS(Status) ? SRB_STATUS_SUCCESS : WriteFailure(Request->Srb, Status);
}

static UCHAR MakeDurable(RAMDISK_FILE *File, PSCSI_REQUEST_BLOCK Srb)
{
    if (File->FlushLost || !NT_SUCCESS(FlushFile(File))) {
        return ScsiDiskCheckCondition(Srb, SCSI_SENSE_MEDIUM_ERROR, SCSI_ADSENSE_WRITE_ERROR, 0);
    }
    return SRB_STATUS_SUCCESS;
}

UCHAR RamdiskFileExecute(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *Request)
{
    const SCSI_DISK *Disk = &Adapter->Disks[0];
    BOOLEAN Durable = FALSE;
    UCHAR Status = SRB_STATUS_SUCCESS;

    switch (Request->Command.Operation) {
    case ScsiDiskRead:
    case ScsiDiskVerify:
        Status = ExecuteRead(&Adapter->File, Disk, Request);
        break;
    case ScsiDiskWrite:
    case ScsiDiskWriteSame:
    case ScsiDiskUnmap:
        Status = ExecuteWrite(&Adapter->File, Disk, Request);
        Durable = Request->Command.ForceUnitAccess || !Disk->WriteCache;
        break;
    case ScsiDiskFlush:
        Durable = !Disk->ReadOnly;
        break;
    }
    if (Status == SRB_STATUS_SUCCESS && Durable) {
        Status = MakeDurable(&Adapter->File, Request->Srb);
    }
    if (Status == SRB_STATUS_SUCCESS) {
        SrbSetDataTransferLength(Request->Srb, Request->Command.DataLength);
    }
    return Status;
}
