/*
 * The media of a RAM disk: one memory per unit, or one file, and the disks that are shown for them.
 *
 * Rule: media outlive a stop and a restart of the adapter; only HwFreeAdapterResources, or a start
 * that fails, gives them up.
 */
#include "ramdisk.h"

#define MAXIMUM_ZERO_BYTES                                                                         \
    (64UL * 1024UL * 1024UL) /* one UNMAP must not hold a processor for long */
#define IDENTITY_TEXT_SIZE 24

/*
 * A memory disk is known by the number of its port. StorPortGetSystemPortNumber can refuse while
 * the port has none; then all such disks share the number 0xFFFF, which no port has.
 */
static VOID MemoryIdentity(RAMDISK_ADAPTER *Adapter, CHAR Text[IDENTITY_TEXT_SIZE])
{
    static const CHAR Digits[] = "0123456789ABCDEF";
    static const CHAR Prefix[] = "memory of port ";
    STOR_ADDR_BTL8 Address;
    USHORT Port = 0xFFFF;
    ULONG Index;

    RtlZeroMemory(&Address, sizeof(Address));
    Address.Type = STOR_ADDRESS_TYPE_BTL8;
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    if (StorPortGetSystemPortNumber(Adapter, (PSTOR_ADDRESS)&Address) == STOR_STATUS_SUCCESS) {
        Port = Address.Port;
    }
    RtlCopyMemory(Text, Prefix, sizeof(Prefix) - 1);
    for (Index = 0; Index < 4; Index++) {
        Text[sizeof(Prefix) - 1 + Index] = Digits[(Port >> (12 - 4 * Index)) & 0xF];
    }
    Text[sizeof(Prefix) - 1 + Index] = '\0';
}

static VOID DescribeDisk(RAMDISK_ADAPTER *Adapter, ULONG Unit, ULONGLONG Bytes, const CHAR *Seed)
{
    SCSI_DISK *Disk = &Adapter->Disks[Unit];
    BOOLEAN HasFile = Adapter->Settings.BackingFile[0] != '\0';

    Disk->BlockSize = Adapter->Settings.SectorSize;
    Disk->BlockCount = Bytes / Disk->BlockSize;
    Disk->MaximumTransferBlocks = RAMDISK_MAXIMUM_TRANSFER / Disk->BlockSize;
    Disk->MaximumZeroBlocks = MAXIMUM_ZERO_BYTES / Disk->BlockSize;
    Disk->ReadOnly = Adapter->Settings.ReadOnly != 0;
    /* Memory has no safer place to flush to, so it offers no cache. */
    Disk->WriteCache = HasFile && Adapter->Settings.WriteCache != 0;
    Disk->CanUnmap = TRUE;
    Disk->ThinProvisioned = HasFile;
    ScsiDiskSetIdentity(Disk, HasFile ? "FILE DISK" : "RAM DISK", Seed, Unit);
}

static BOOLEAN CreateFileMedium(RAMDISK_ADAPTER *Adapter)
{
    ULONGLONG Bytes = 0;

    if (!RamdiskFileOpen(Adapter, &Bytes)) {
        return FALSE;
    }
    DescribeDisk(Adapter, 0, Bytes, Adapter->Settings.BackingFile);
    Adapter->UnitCount = 1;
    if (!RamdiskWorkerStart(Adapter)) {
        StorPortDebugPrint(0, "the worker thread cannot be started: free memory and start again\n");
        return FALSE;
    }
    return TRUE;
}

static BOOLEAN CreateMemoryMedia(RAMDISK_ADAPTER *Adapter)
{
    ULONGLONG Bytes = (ULONGLONG)Adapter->Settings.SizeMegabytes << 20;
    CHAR Seed[IDENTITY_TEXT_SIZE];
    ULONG Unit;

    MemoryIdentity(Adapter, Seed);
    for (Unit = 0; Unit < Adapter->Settings.LogicalUnits; Unit++) {
        if (!MemoryDiskCreate(Adapter, &Adapter->Memories[Unit], Bytes)) {
            StorPortDebugPrint(0,
                               "no memory for unit %lu of %lu MiB: lower "
                               "Parameters\\Device\\SizeMegabytes or LogicalUnits\n",
                               Unit, Adapter->Settings.SizeMegabytes);
            return FALSE;
        }
        DescribeDisk(Adapter, Unit, Bytes, Seed);
        Adapter->UnitCount = Unit + 1;
    }
    return TRUE;
}

BOOLEAN RamdiskCreateMedia(RAMDISK_ADAPTER *Adapter)
{
    BOOLEAN Created = Adapter->Settings.BackingFile[0] != '\0' ? CreateFileMedium(Adapter)
                                                               : CreateMemoryMedia(Adapter);

    if (!Created) {
        RamdiskDestroyMedia(Adapter);
    }
    Adapter->Created = Created;
    return Created;
}

VOID RamdiskDestroyMedia(RAMDISK_ADAPTER *Adapter)
{
    ULONG Unit;

    RamdiskWorkerStop(Adapter);
    RamdiskFileClose(Adapter);
    for (Unit = 0; Unit < RAMDISK_MAXIMUM_UNITS; Unit++) {
        MemoryDiskDestroy(Adapter, &Adapter->Memories[Unit]);
    }
    Adapter->UnitCount = 0;
    Adapter->Created = FALSE;
}
