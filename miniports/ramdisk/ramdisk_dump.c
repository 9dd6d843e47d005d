/*
 * Crash dumps and hibernation: another instance of this driver writes to a disk in memory while the
 * system stands still.
 *
 * Rule: that instance allocates nothing and asks for nothing. The live one gives it a copy of one
 * unit's description, which leads to the medium; all of it is marked, so that it is kept and may be
 * written to. A disk in a file has no such instance: files need a system that runs.
 */
#include "ramdisk.h"

#include <srbhelper.h>

typedef struct _RAMDISK_DUMP_DATA {
    ULONG Size; /* of this structure: both instances are built from the same source */
    ULONG Lun;
    SCSI_DISK Disk;
    MEMORY_DISK Memory; /* the live instance's own, by its addresses */
} RAMDISK_DUMP_DATA;

static MINIPORT_DUMP_POINTERS *PointersOf(PSCSI_REQUEST_BLOCK Srb)
{
    if (SrbGetDataTransferLength(Srb) < sizeof(MINIPORT_DUMP_POINTERS)) {
        return NULL;
    }
    return (MINIPORT_DUMP_POINTERS *)SrbGetDataBuffer(Srb);
}

UCHAR RamdiskGiveDumpData(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    MINIPORT_DUMP_POINTERS *Pointers = PointersOf(Srb);
    RAMDISK_DUMP_DATA *Data;
    ULONG Lun = SrbGetLun(Srb);
    PVOID Block = NULL;

    if (Pointers == NULL || Adapter->Settings.BackingFile[0] != '\0') {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Lun >= Adapter->UnitCount) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (StorPortAllocatePool(Adapter, sizeof(*Data), RAMDISK_TAG, &Block) != STOR_STATUS_SUCCESS) {
        return SRB_STATUS_ERROR;
    }
    Data = (RAMDISK_DUMP_DATA *)Block;
    Data->Size = sizeof(*Data);
    Data->Lun = Lun;
    Data->Disk = Adapter->Disks[Lun];
    Data->Memory = Adapter->Memories[Lun];
    Pointers->Version = DUMP_MINIPORT_VERSION_1;
    Pointers->Size = sizeof(*Pointers);
    Pointers->MaximumTransferLength = RAMDISK_MAXIMUM_TRANSFER;
    Pointers->MiniportPrivateDumpData = Data;
    return SRB_STATUS_SUCCESS;
}

UCHAR RamdiskTakeBackDumpData(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    MINIPORT_DUMP_POINTERS *Pointers = PointersOf(Srb);

    if (Pointers == NULL || Pointers->MiniportPrivateDumpData == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    StorPortFreePool(Adapter, Pointers->MiniportPrivateDumpData);
    Pointers->MiniportPrivateDumpData = NULL;
    return SRB_STATUS_SUCCESS;
}

static BOOLEAN MarkMemory(RAMDISK_ADAPTER *Adapter, RAMDISK_DUMP_DATA *Data)
{
    const MEMORY_DISK *Memory = &Data->Memory;
    ULONG Status = StorPortMarkDumpMemory(Adapter, Data, sizeof(*Data), 0);
    ULONG Index;

    if (Status == STOR_STATUS_SUCCESS) {
        Status = StorPortMarkDumpMemory(Adapter, (PVOID)Memory->Chunks,
                                        Memory->ChunkCount * sizeof(PUCHAR), 0);
    }
    for (Index = 0; Index < Memory->ChunkCount && Status == STOR_STATUS_SUCCESS; Index++) {
        Status = StorPortMarkDumpMemory(Adapter, Memory->Chunks[Index], MEMORY_DISK_CHUNK_SIZE, 0);
    }
    return Status == STOR_STATUS_SUCCESS;
}

BOOLEAN RamdiskReadDumpData(RAMDISK_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    RAMDISK_DUMP_DATA *Data = (RAMDISK_DUMP_DATA *)ConfigInfo->MiniportDumpData;

    if (Data == NULL || Data->Size != sizeof(*Data) || !MarkMemory(Adapter, Data)) {
        return FALSE;
    }
    Adapter->Settings.SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK;
    Adapter->Disks[Data->Lun] = Data->Disk;
    Adapter->Memories[Data->Lun] = Data->Memory;
    Adapter->UnitCount = Data->Lun + 1;
    Adapter->Created = TRUE;
    return TRUE;
}
