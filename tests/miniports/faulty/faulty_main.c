/*
 * The faulty miniport as a driver: loading, settings, start, removal.
 */
#include "faulty.h"

#include <srbhelper.h>

#include "../../../miniports/common/settings.h"
#include "../virtual_miniport.h"

#define BLOCK_SIZE       512UL
#define CDROM_BLOCK_SIZE 2048UL
#define MAXIMUM_TRANSFER (1024UL * 1024UL)
#define PAGE_BYTES       4096UL

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER FaultyFindAdapter;
HW_INITIALIZE FaultyInitialize;
HW_ADAPTER_CONTROL FaultyAdapterControl;
HW_FREE_ADAPTER_RESOURCES FaultyFreeAdapterResources;

static BOOLEAN ReadSettings(FAULTY_ADAPTER *Adapter, ULONG *SizeMegabytes)
{
    return SettingReadUlong(Adapter, "Behaviour", BehaviourNone, BehaviourNone, BehaviourCount - 1,
                            &Adapter->Behaviour) &&
           SettingReadUlong(Adapter, "Times", 1, 0, MAXLONG, &Adapter->Times) &&
           SettingReadUlong(Adapter, "Lba", 1000, 0, MAXLONG, &Adapter->Lba) &&
           SettingReadUlong(Adapter, "DelayMicroseconds", 10000, 1, MAXLONG,
                            &Adapter->DelayMicroseconds) &&
           SettingReadUlong(Adapter, "ResetTier", ResetTierUnit, ResetTierUnit, ResetTierNone,
                            &Adapter->ResetTier) &&
           SettingReadUlong(Adapter, "SizeMegabytes", 16, 1, 1024, SizeMegabytes);
}

static BOOLEAN CreateDisk(FAULTY_ADAPTER *Adapter, ULONG SizeMegabytes)
{
    ULONGLONG Bytes = (ULONGLONG)SizeMegabytes << 20;
    SCSI_DISK *Disk = &Adapter->Disks[0];

    if (!MemoryDiskCreate(Adapter, &Adapter->Memory, Bytes)) {
        return FALSE;
    }
    Disk->BlockSize = Adapter->Behaviour == BehaviourCdrom ? CDROM_BLOCK_SIZE : BLOCK_SIZE;
    Disk->BlockCount = Bytes / Disk->BlockSize;
    Disk->MaximumTransferBlocks = MAXIMUM_TRANSFER / Disk->BlockSize;
    Disk->MaximumZeroBlocks = (ULONG)Disk->BlockCount;
    Disk->CanUnmap = TRUE;
    Disk->WriteCache = Adapter->Behaviour == BehaviourLostWrite;
    Adapter->Disks[1] = *Disk;
    ScsiDiskSetIdentity(&Adapter->Disks[0], "FAULTY DISK", DRIVER_NAME, 0);
    ScsiDiskSetIdentity(&Adapter->Disks[1], "FAULTY DISK", DRIVER_NAME, 1);
    if (Adapter->Behaviour == BehaviourGrows) {
        Disk->BlockCount /= 2;
    }
    Adapter->UnitCount = 1;
    Adapter->MediumIsOut = Adapter->Times == 0;
    KeInitializeSpinLock(&Adapter->Lock);
    InitializeListHead(&Adapter->Held);
    Adapter->Created = TRUE;
    return TRUE;
}

ULONG FaultyFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                        PVOID LowerDevice, PCHAR ArgumentString,
                        PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    FAULTY_ADAPTER *Adapter = (FAULTY_ADAPTER *)DeviceExtension;
    ULONG SizeMegabytes = 0;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);

    if (!ReadSettings(Adapter, &SizeMegabytes)) {
        return SP_RETURN_BAD_CONFIG;
    }
    if (Adapter->Behaviour == BehaviourFindAdapterError) {
        return SP_RETURN_ERROR;
    }
    if (Adapter->Behaviour == BehaviourFindAdapterNotFound) {
        return SP_RETURN_NOT_FOUND;
    }
    if (!Adapter->Created && !CreateDisk(Adapter, SizeMegabytes)) {
        return SP_RETURN_ERROR;
    }
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits =
        Adapter->Behaviour == BehaviourUnitComesAndGoes ||
                Adapter->Behaviour == BehaviourUnitComesAndGoesTold
            ? FAULTY_UNITS
            : 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->BusResetHoldTime = 0;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

BOOLEAN FaultyInitialize(PVOID DeviceExtension)
{
    FAULTY_ADAPTER *Adapter = (FAULTY_ADAPTER *)DeviceExtension;

    if (Adapter->Behaviour == BehaviourRestartFails && Adapter->HasStarted &&
        Adapter->FailedRestarts < Adapter->Times) {
        Adapter->FailedRestarts++;
        return FALSE;
    }
    Adapter->HasStarted = TRUE;
    return Adapter->Behaviour != BehaviourInitializeFails;
}

/* Somebody at the drive: whoever looks again finds the tray moved. */
static VOID PrepareForSearch(FAULTY_ADAPTER *Adapter)
{
    if (Adapter->Behaviour == BehaviourCdrom && Adapter->HasSearched) {
        FaultyMoveTray(Adapter);
    }
    Adapter->HasSearched = TRUE;
}

SCSI_ADAPTER_CONTROL_STATUS
FaultyAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List;

    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;
        if (List->MaxControlType > ScsiRestartAdapter) {
            List->SupportedTypeList[ScsiStopAdapter] = TRUE;
            List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
        }
        if (List->MaxControlType > ScsiAdapterPrepareForBusReScan) {
            List->SupportedTypeList[ScsiAdapterPrepareForBusReScan] = TRUE;
        }
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        if (((FAULTY_ADAPTER *)DeviceExtension)->Behaviour == BehaviourStopsMachine) {
            KeBugCheck(0xE2); /* MANUALLY_INITIATED_CRASH */
        }
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        return ScsiAdapterControlSuccess;
    case ScsiAdapterPrepareForBusReScan:
        PrepareForSearch((FAULTY_ADAPTER *)DeviceExtension);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

VOID FaultyFreeAdapterResources(PVOID DeviceExtension)
{
    FAULTY_ADAPTER *Adapter = (FAULTY_ADAPTER *)DeviceExtension;

    MemoryDiskDestroy(Adapter, &Adapter->Memory);
    Adapter->Created = FALSE;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    VirtualMiniportDescribe(&Data);
    Data.HwFindAdapter = (PVOID)FaultyFindAdapter;
    Data.HwInitialize = FaultyInitialize;
    Data.HwStartIo = FaultyStartIo;
    Data.HwResetBus = FaultyResetBus;
    Data.HwAdapterControl = FaultyAdapterControl;
    Data.HwFreeAdapterResources = FaultyFreeAdapterResources;
    Data.DeviceExtensionSize = sizeof(FAULTY_ADAPTER);
    Data.SrbExtensionSize = sizeof(FAULTY_REQUEST);
    Data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK | SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
