/*
 * The miniport with planted defects as a driver: loading, settings, start, stop.
 */
#include "defects.h"

#include "../../../miniports/common/settings.h"
#include "../../../miniports/null-physical/scratch_device.h"

#define BLOCK_SIZE       512UL
#define DISK_BYTES       (4ULL * 1024ULL * 1024ULL)
#define MAXIMUM_TRANSFER (64UL * 1024UL)
#define PAGE_BYTES       4096UL

DRIVER_INITIALIZE DriverEntry;
HW_FIND_ADAPTER DefectsFindAdapter;
HW_INITIALIZE DefectsInitialize;
HW_ADAPTER_CONTROL DefectsAdapterControl;

static BOOLEAN CreateDisk(DEFECTS_ADAPTER *Adapter)
{
    SCSI_DISK *Disk = &Adapter->Disk;

    if (!MemoryDiskCreate(Adapter, &Adapter->Memory, DISK_BYTES)) {
        return FALSE;
    }
    Disk->BlockSize = BLOCK_SIZE;
    Disk->BlockCount = DISK_BYTES / BLOCK_SIZE;
    Disk->MaximumTransferBlocks = MAXIMUM_TRANSFER / BLOCK_SIZE;
    Disk->MaximumZeroBlocks = (ULONG)Disk->BlockCount;
    Disk->CanUnmap = TRUE;
    ScsiDiskSetIdentity(Disk, "DEFECTS DISK", DRIVER_NAME, 0);
    Adapter->Created = TRUE;
    return TRUE;
}

static BOOLEAN MapDevice(DEFECTS_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PACCESS_RANGE Range;

    if (ConfigInfo->NumberOfAccessRanges == 0 || ConfigInfo->AccessRanges == NULL) {
        return FALSE;
    }
    Range = (PACCESS_RANGE)ConfigInfo->AccessRanges; /* BAR 0 is the first */
    if (!Range->RangeInMemory || Range->RangeLength < SCRATCH_BAR_LENGTH) {
        return FALSE;
    }
    Adapter->Registers = (PUCHAR)StorPortGetDeviceBase(
        Adapter, ConfigInfo->AdapterInterfaceType, ConfigInfo->SystemIoBusNumber, Range->RangeStart,
        SCRATCH_BAR_LENGTH, FALSE);
    if (Adapter->Registers == NULL) {
        return FALSE;
    }
    if (ReadRegister(Adapter, SCRATCH_ID) != SCRATCH_ID_VALUE) {
        StorPortFreeDeviceBase(Adapter, Adapter->Registers);
        Adapter->Registers = NULL;
        return FALSE;
    }
    WriteRegister(Adapter, SCRATCH_INTERRUPT_MASK, MAXULONG);
    return TRUE;
}

ULONG DefectsFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                         PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                         PBOOLEAN Again)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(ArgumentString);

    if (!SettingReadUlong(Adapter, "Defect", DefectNone, DefectNone, DefectCount - 1,
                          &Adapter->Defect)) {
        return SP_RETURN_BAD_CONFIG;
    }
    if (!MapDevice(Adapter, ConfigInfo)) {
        return SP_RETURN_NOT_FOUND;
    }
    if (!Adapter->Created && !CreateDisk(Adapter)) {
        return SP_RETURN_ERROR;
    }
    Adapter->Removed = FALSE;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->AlignmentMask = 0;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->Dma64BitAddresses = SCSI_DMA64_MINIPORT_FULL64BIT_NO_BOUNDARY_REQ_SUPPORTED;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->HwMSInterruptRoutine = DefectsMessageInterrupt;
    /* One interrupt at a time, so that the planted race is between HwStartIo and the interrupt
     * only. */
    ConfigInfo->InterruptSynchronizationMode = InterruptSynchronizeAll;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

static VOID EnableInterrupts(DEFECTS_ADAPTER *Adapter)
{
    WriteRegister(Adapter, SCRATCH_INTERRUPT_STATUS, MAXULONG);
    WriteRegister(Adapter, SCRATCH_INTERRUPT_MASK, 0);
}

BOOLEAN DefectsInitialize(PVOID DeviceExtension)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;
    MESSAGE_INTERRUPT_INFORMATION Information;
    ULONG Count;

    for (Count = 0; Count < SCRATCH_CAUSES; Count++) {
        RtlZeroMemory(&Information, sizeof(Information));
        if (StorPortGetMSIInfo(Adapter, Count, &Information) != STOR_STATUS_SUCCESS ||
            Information.InterruptMode != Latched) {
            break;
        }
    }
    Adapter->MessageCount = Count;
    EnableInterrupts(Adapter);
    return TRUE;
}

SCSI_ADAPTER_CONTROL_STATUS DefectsAdapterControl(PVOID DeviceExtension,
                                                  SCSI_ADAPTER_CONTROL_TYPE ControlType,
                                                  PVOID Parameters)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List;

    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;
        if (List->MaxControlType > ScsiRestartAdapter) {
            List->SupportedTypeList[ScsiStopAdapter] = TRUE;
            List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
        }
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        WriteRegister(Adapter, SCRATCH_INTERRUPT_MASK, MAXULONG);
        if (Adapter->Removed) {
            MemoryDiskDestroy(Adapter, &Adapter->Memory);
            Adapter->Created = FALSE;
        }
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        EnableInterrupts(Adapter);
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.HwInitializationDataSize = sizeof(Data);
    Data.AdapterInterfaceType = PCIBus;
    Data.HwFindAdapter = (PVOID)DefectsFindAdapter;
    Data.HwInitialize = DefectsInitialize;
    Data.HwStartIo = DefectsStartIo;
    Data.HwInterrupt = DefectsInterrupt;
    Data.HwResetBus = DefectsResetBus;
    Data.HwAdapterControl = DefectsAdapterControl;
    Data.DeviceExtensionSize = sizeof(DEFECTS_ADAPTER);
    Data.SrbExtensionSize = sizeof(DEFECTS_REQUEST);
    Data.NumberOfAccessRanges = 1;
    Data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    Data.NeedPhysicalAddresses = TRUE;
    Data.TaggedQueuing = TRUE;
    Data.AutoRequestSense = TRUE;
    Data.MultipleRequestPerLu = TRUE;
    Data.SrbTypeFlags = SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}
