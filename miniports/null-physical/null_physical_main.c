/*
 * The null driver for the scratch device: loading, start, stop.
 */
#include "null_physical.h"

#include <srbhelper.h>

#include "../common/settings.h"
#include "scratch_device.h"

DRIVER_INITIALIZE DriverEntry;
HW_FIND_ADAPTER NullFindAdapter;
HW_INITIALIZE NullInitialize;
HW_PASSIVE_INITIALIZE_ROUTINE NullPassiveInitialize;
HW_ADAPTER_CONTROL NullAdapterControl;

static BOOLEAN ReadSettings(NULL_ADAPTER *Adapter)
{
    ULONG SizeMegabytes = 0;
    ULONG CompleteBy = 0;
    ULONG Unit;

    if (!SettingReadUlong(Adapter, "SizeMegabytes", 1024, 1, MAXULONG, &SizeMegabytes) ||
        !SettingReadUlong(Adapter, "LogicalUnits", 1, 1, MAXIMUM_UNITS, &Adapter->UnitCount) ||
        !SettingReadUlong(Adapter, "CompleteBy", CompleteInStartIo, CompleteInStartIo,
                          CompleteByInterrupt, &CompleteBy) ||
        !SettingReadUlong(Adapter, "ConcurrentChannels", 1, 1, MAXIMUM_CHANNELS,
                          &Adapter->ChannelCount)) {
        return FALSE;
    }
    Adapter->CompleteBy = (COMPLETE_BY)CompleteBy;
    for (Unit = 0; Unit < Adapter->UnitCount; Unit++) {
        SCSI_DISK *Disk = &Adapter->Disks[Unit];

        Disk->BlockSize = BLOCK_SIZE;
        Disk->BlockCount = ((ULONGLONG)SizeMegabytes << 20) / BLOCK_SIZE;
        Disk->MaximumTransferBlocks = MAXIMUM_TRANSFER / BLOCK_SIZE;
        Disk->MaximumZeroBlocks = MAXULONG;
        Disk->CanUnmap = TRUE;
        ScsiDiskSetIdentity(Disk, "NULL DISK", DRIVER_NAME, Unit);
    }
    return TRUE;
}

/* Maps BAR 0 and makes sure that the scratch device answers there. */
static ULONG MapDevice(NULL_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PACCESS_RANGE Range;
    ULONG Id;

    if (ConfigInfo->NumberOfAccessRanges == 0 || ConfigInfo->AccessRanges == NULL) {
        return SP_RETURN_NOT_FOUND;
    }
    Range = (PACCESS_RANGE)ConfigInfo->AccessRanges; /* BAR 0 is the first */
    if (!Range->RangeInMemory || Range->RangeLength < SCRATCH_BAR_LENGTH) {
        return SP_RETURN_NOT_FOUND;
    }
    Adapter->Registers = (PUCHAR)StorPortGetDeviceBase(
        Adapter, ConfigInfo->AdapterInterfaceType, ConfigInfo->SystemIoBusNumber, Range->RangeStart,
        SCRATCH_BAR_LENGTH, FALSE);
    if (Adapter->Registers == NULL) {
        return SP_RETURN_ERROR;
    }
    Id = ReadRegister(Adapter, SCRATCH_ID);
    if (Id != SCRATCH_ID_VALUE) {
        StorPortDebugPrint(0,
                           "the device says 0x%08lX where the scratch device says 0x%08lX: use "
                           "--device model:scratch\n",
                           Id, (ULONG)SCRATCH_ID_VALUE);
        StorPortFreeDeviceBase(Adapter, Adapter->Registers);
        Adapter->Registers = NULL;
        return SP_RETURN_NOT_FOUND;
    }
    WriteRegister(Adapter, SCRATCH_INTERRUPT_MASK, MAXULONG);
    return SP_RETURN_FOUND;
}

ULONG NullFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                      PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                      PBOOLEAN Again)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
    ULONG Result;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(ArgumentString);

    if (!ReadSettings(Adapter)) {
        return SP_RETURN_BAD_CONFIG;
    }
    Result = MapDevice(Adapter, ConfigInfo);
    if (Result != SP_RETURN_FOUND) {
        return Result;
    }
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->InitialLunQueueDepth = ConfigInfo->MaxIOsPerLun;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->AlignmentMask = 0;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = (UCHAR)Adapter->UnitCount;
    ConfigInfo->Dma64BitAddresses = SCSI_DMA64_MINIPORT_FULL64BIT_NO_BOUNDARY_REQ_SUPPORTED;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->HwMSInterruptRoutine = NullMessageInterrupt;
    ConfigInfo->SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK; /* HwStartIo looks at no other */
    ConfigInfo->InterruptSynchronizationMode = InterruptSynchronizePerMessage;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

/* The number of messages that were granted: asking for one too many is how a driver finds out. */
static ULONG CountMessages(NULL_ADAPTER *Adapter)
{
    MESSAGE_INTERRUPT_INFORMATION Information;
    ULONG Count;

    for (Count = 0; Count < SCRATCH_CAUSES; Count++) {
        RtlZeroMemory(&Information, sizeof(Information));
        if (StorPortGetMSIInfo(Adapter, Count, &Information) != STOR_STATUS_SUCCESS ||
            Information.InterruptMode != Latched) {
            break;
        }
    }
    return Count;
}

/* A benchmark that silently ran on one channel would mislead, so a refusal ends the start. */
static BOOLEAN EnableChannels(NULL_ADAPTER *Adapter)
{
    PERF_CONFIGURATION_DATA Data;
    ULONG Status;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.Version = STOR_PERF_VERSION;
    Data.Size = sizeof(Data);
    Status = StorPortInitializePerfOpts(Adapter, TRUE, &Data);
    if (Status == STOR_STATUS_SUCCESS && (Data.Flags & STOR_PERF_CONCURRENT_CHANNELS) != 0) {
        RtlZeroMemory(&Data, sizeof(Data));
        Data.Version = STOR_PERF_VERSION;
        Data.Size = sizeof(Data);
        Data.Flags = STOR_PERF_CONCURRENT_CHANNELS;
        Data.ConcurrentChannels = Adapter->ChannelCount;
        Status = StorPortInitializePerfOpts(Adapter, FALSE, &Data);
        if (Status == STOR_STATUS_SUCCESS) {
            return TRUE;
        }
    }
    StorPortDebugPrint(0,
                       "the port offers no concurrent channels (status 0x%08lX): set "
                       "Parameters\\Device\\ConcurrentChannels to 1\n",
                       Status);
    return FALSE;
}

static VOID EnableInterrupts(NULL_ADAPTER *Adapter)
{
    WriteRegister(Adapter, SCRATCH_INTERRUPT_STATUS, MAXULONG);
    WriteRegister(Adapter, SCRATCH_INTERRUPT_MASK, 0);
}

BOOLEAN NullInitialize(PVOID DeviceExtension)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
    ULONG Sources;
    ULONG Index;

    Adapter->MessageCount = CountMessages(Adapter);
    Sources = Adapter->MessageCount != 0 ? Adapter->MessageCount : SCRATCH_CAUSES;
    for (Index = 0; Index < Adapter->ChannelCount; Index++) {
        InitializeListHead(&Adapter->Channels[Index].Waiting);
        Adapter->Channels[Index].Message = Index % Sources;
    }
    if (Adapter->ChannelCount > 1 && !EnableChannels(Adapter)) {
        return FALSE;
    }
    if (Adapter->CompleteBy == CompleteInStartIo) {
        return TRUE; /* no DPC is ever issued, and the device is never asked to interrupt */
    }
    return StorPortEnablePassiveInitialization(Adapter, NullPassiveInitialize);
}

BOOLEAN NullPassiveInitialize(PVOID DeviceExtension)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
    ULONG Index;

    for (Index = 0; Index < Adapter->ChannelCount; Index++) {
        StorPortInitializeDpc(Adapter, &Adapter->Channels[Index].Dpc, NullDpc);
    }
    if (Adapter->CompleteBy == CompleteByInterrupt) {
        EnableInterrupts(Adapter);
    }
    return TRUE;
}

SCSI_ADAPTER_CONTROL_STATUS
NullAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    NULL_ADAPTER *Adapter = (NULL_ADAPTER *)DeviceExtension;
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
        /* The port has no request out here, so silence is all that is left to arrange. */
        WriteRegister(Adapter, SCRATCH_INTERRUPT_MASK, MAXULONG);
        return ScsiAdapterControlSuccess;
    case ScsiRestartAdapter:
        if (Adapter->CompleteBy == CompleteByInterrupt) {
            EnableInterrupts(Adapter);
        }
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
    Data.HwFindAdapter = (PVOID)NullFindAdapter;
    Data.HwInitialize = NullInitialize;
    Data.HwBuildIo = NullBuildIo;
    Data.HwStartIo = NullStartIo;
    Data.HwInterrupt = NullInterrupt;
    Data.HwResetBus = NullResetBus;
    Data.HwAdapterControl = NullAdapterControl;
    Data.DeviceExtensionSize = sizeof(NULL_ADAPTER);
    Data.SrbExtensionSize = sizeof(NULL_REQUEST);
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
