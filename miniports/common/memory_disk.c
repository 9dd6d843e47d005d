/*
 * The medium of a disk that lives in nonpaged pool; see memory_disk.h for the rule.
 */
#include "memory_disk.h"

#include <srbhelper.h>

#include "reply.h"

#define MEMORY_DISK_TAG 'ksiD'

BOOLEAN MemoryDiskCreate(PVOID DeviceExtension, MEMORY_DISK *Memory, ULONGLONG Bytes)
{
    ULONGLONG ChunkCount = (Bytes + MEMORY_DISK_CHUNK_SIZE - 1) / MEMORY_DISK_CHUNK_SIZE;
    PVOID Block = NULL;
    ULONG Index;

    Memory->Chunks = NULL;
    Memory->ChunkCount = 0;
    if (ChunkCount > MAXULONG / sizeof(PUCHAR) ||
        StorPortAllocatePool(DeviceExtension, (ULONG)(ChunkCount * sizeof(PUCHAR)), MEMORY_DISK_TAG,
                             &Block) != STOR_STATUS_SUCCESS) {
        return FALSE;
    }
    Memory->Chunks = (PUCHAR *)Block;
    for (Index = 0; Index < (ULONG)ChunkCount; Index++) {
        if (StorPortAllocatePool(DeviceExtension, MEMORY_DISK_CHUNK_SIZE, MEMORY_DISK_TAG,
                                 &Block) != STOR_STATUS_SUCCESS) {
            MemoryDiskDestroy(DeviceExtension, Memory);
            return FALSE;
        }
        RtlZeroMemory(Block, MEMORY_DISK_CHUNK_SIZE);
        Memory->Chunks[Index] = (PUCHAR)Block;
        Memory->ChunkCount = Index + 1;
    }
    return TRUE;
}

VOID MemoryDiskDestroy(PVOID DeviceExtension, MEMORY_DISK *Memory)
{
    ULONG Index;

    for (Index = 0; Index < Memory->ChunkCount; Index++) {
        StorPortFreePool(DeviceExtension, Memory->Chunks[Index]);
    }
    if (Memory->Chunks != NULL) {
        StorPortFreePool(DeviceExtension, Memory->Chunks);
    }
    Memory->Chunks = NULL;
    Memory->ChunkCount = 0;
}

/* The bytes from Offset that lie together in memory, at most Length of them. */
static PUCHAR Piece(const MEMORY_DISK *Memory, ULONGLONG Offset, ULONGLONG Length,
                    ULONG *PieceLength)
{
    ULONG Within = (ULONG)(Offset % MEMORY_DISK_CHUNK_SIZE);
    ULONG Left = MEMORY_DISK_CHUNK_SIZE - Within;

    *PieceLength = Length < Left ? (ULONG)Length : Left;
    return Memory->Chunks[Offset / MEMORY_DISK_CHUNK_SIZE] + Within;
}

static VOID Zero(const MEMORY_DISK *Memory, ULONGLONG Offset, ULONGLONG Length)
{
    ULONG PieceLength;

    for (; Length != 0; Offset += PieceLength, Length -= PieceLength) {
        PUCHAR Bytes = Piece(Memory, Offset, Length, &PieceLength);

        RtlZeroMemory(Bytes, PieceLength);
    }
}

static VOID Fill(const MEMORY_DISK *Memory, const SCSI_DISK *Disk, const SCSI_DISK_COMMAND *Command,
                 const UCHAR *Pattern)
{
    ULONGLONG Offset = Command->FirstBlock * Disk->BlockSize;
    ULONG Remaining;
    ULONG PieceLength;

    /* A block never straddles two chunks: its size divides theirs. */
    for (Remaining = Command->BlockCount; Remaining != 0; Remaining--, Offset += Disk->BlockSize) {
        PUCHAR Block = Piece(Memory, Offset, Disk->BlockSize, &PieceLength);

        RtlCopyMemory(Block, Pattern, Disk->BlockSize);
    }
}

static VOID CopyOut(const MEMORY_DISK *Memory, ULONGLONG Offset, PUCHAR Data, ULONG Length)
{
    ULONG PieceLength;

    for (; Length != 0; Offset += PieceLength, Data += PieceLength, Length -= PieceLength) {
        PUCHAR Bytes = Piece(Memory, Offset, Length, &PieceLength);

        RtlCopyMemory(Data, Bytes, PieceLength);
    }
}

static VOID CopyIn(const MEMORY_DISK *Memory, ULONGLONG Offset, const UCHAR *Data, ULONG Length)
{
    ULONG PieceLength;

    for (; Length != 0; Offset += PieceLength, Data += PieceLength, Length -= PieceLength) {
        PUCHAR Bytes = Piece(Memory, Offset, Length, &PieceLength);

        RtlCopyMemory(Bytes, Data, PieceLength);
    }
}

static BOOLEAN IsEqual(const MEMORY_DISK *Memory, ULONGLONG Offset, const UCHAR *Data, ULONG Length)
{
    ULONG PieceLength;

    for (; Length != 0; Offset += PieceLength, Data += PieceLength, Length -= PieceLength) {
        PUCHAR Bytes = Piece(Memory, Offset, Length, &PieceLength);

        if (!RtlEqualMemory(Bytes, Data, PieceLength)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* All ranges are checked before the first one is touched, so a wrong list changes nothing. */
static UCHAR Unmap(const SCSI_DISK *Disk, const MEMORY_DISK *Memory, PSCSI_REQUEST_BLOCK Srb,
                   const UCHAR *List, ULONG ListLength)
{
    SCSI_DISK_UNMAP_CURSOR Cursor;
    ULONG Pass;
    UCHAR Status = SRB_STATUS_SUCCESS;

    for (Pass = 0; Pass < 2 && Status == SRB_STATUS_SUCCESS; Pass++) {
        RtlZeroMemory(&Cursor, sizeof(Cursor));
        for (;;) {
            Status = ScsiDiskUnmapNext(Disk, Srb, List, ListLength, &Cursor);
            if (Status != SRB_STATUS_PENDING) {
                break;
            }
            if (Pass == 1) {
                Zero(Memory, Cursor.FirstBlock * Disk->BlockSize,
                     (ULONGLONG)Cursor.BlockCount * Disk->BlockSize);
            }
        }
    }
    return Status;
}

UCHAR MemoryDiskExecute(PVOID DeviceExtension, const SCSI_DISK *Disk, const MEMORY_DISK *Memory,
                        PSCSI_REQUEST_BLOCK Srb, const SCSI_DISK_COMMAND *Command)
{
    ULONGLONG Offset = Command->FirstBlock * Disk->BlockSize;
    PUCHAR Data = NULL;
    UCHAR Status = SRB_STATUS_SUCCESS;

    if (Command->DataLength != 0) {
        Data = RequestDataAddress(DeviceExtension, Srb, &Status);
        if (Data == NULL) {
            return Status;
        }
    }
    switch (Command->Operation) {
    case ScsiDiskRead:
        CopyOut(Memory, Offset, Data, Command->DataLength);
        break;
    case ScsiDiskWrite:
        CopyIn(Memory, Offset, Data, Command->DataLength);
        break;
    case ScsiDiskVerify:
        if (Command->Compare && !IsEqual(Memory, Offset, Data, Command->DataLength)) {
            return ScsiDiskCheckCondition(Srb, SCSI_SENSE_MISCOMPARE,
                                          SCSI_ADSENSE_MISCOMPARE_DURING_VERIFY_OPERATION, 0);
        }
        break;
    case ScsiDiskWriteSame:
        if (Data != NULL) {
            Fill(Memory, Disk, Command, Data);
        } else {
            Zero(Memory, Offset, (ULONGLONG)Command->BlockCount * Disk->BlockSize);
        }
        break;
    case ScsiDiskUnmap:
        Status = Unmap(Disk, Memory, Srb, Data, Command->DataLength);
        break;
    case ScsiDiskFlush:
        break;
    }
    if (Status == SRB_STATUS_SUCCESS) {
        SrbSetDataTransferLength(Srb, Command->DataLength);
    }
    return Status;
}
