/*
 * The driver's entry, and the initialization of an adapter after its resources are connected.
 *
 * Rule: HwInitialize only counts messages and settles who runs where; the controller is enabled in
 * the passive initialization, where waiting for it disturbs nobody.
 */
#include "nvme_driver.h"

/* One more than the queues that can use one. */
#define MESSAGES_MAX (NVME_MAX_IO_QUEUES + 1)

DRIVER_INITIALIZE DriverEntry;
static HW_INITIALIZE HwInitialize;
static HW_PASSIVE_INITIALIZE_ROUTINE PassiveInitialize;

/* The first number that the port refuses is the number of messages; a line has none. */
static ULONG CountMessages(PNVME_ADAPTER Adapter)
{
    MESSAGE_INTERRUPT_INFORMATION information;
    ULONG count;

    for (count = 0; count < MESSAGES_MAX; count++) {
        RtlZeroMemory(&information, sizeof(information));
        if (StorPortGetMSIInfo(Adapter, count, &information) != STOR_STATUS_SUCCESS) {
            break;
        }
    }
    return count;
}

/* Message 0 is the admin queue's, the others are the I/O queues' in order. */
static VOID AssignMessages(PNVME_ADAPTER Adapter)
{
    ULONG index;

    Adapter->MessageCount = CountMessages(Adapter);
    Adapter->LineInterrupt = Adapter->MessageCount == 0;
    if (Adapter->MessageCount <= 1) {
        Adapter->QueueCount = 1;
    } else if (Adapter->QueueCount > Adapter->MessageCount - 1) {
        Adapter->QueueCount = Adapter->MessageCount - 1;
    }
    Adapter->Admin.Message = 0;
    for (index = 0; index < Adapter->QueueCount; index++) {
        Adapter->Queues[index].Message = Adapter->MessageCount > 1 ? (USHORT)(index + 1) : 0;
    }
}

/* Asks for what helps and is offered. Without it everything works, one StartIo at a time. */
static VOID SetPerformanceOptions(PNVME_ADAPTER Adapter)
{
    PERF_CONFIGURATION_DATA data;
    ULONG wanted = STOR_PERF_DPC_REDIRECTION;

    RtlZeroMemory(&data, sizeof(data));
    data.Version = STOR_PERF_VERSION;
    data.Size = sizeof(data);
    if (StorPortInitializePerfOpts(Adapter, TRUE, &data) != STOR_STATUS_SUCCESS) {
        return;
    }
    if (Adapter->QueueCount > 1) {
        wanted |= STOR_PERF_CONCURRENT_CHANNELS | STOR_PERF_INTERRUPT_MESSAGE_RANGES;
    }
    wanted &= data.Flags;
    if (!(wanted & STOR_PERF_DPC_REDIRECTION)) {
        wanted &= ~(ULONG)STOR_PERF_INTERRUPT_MESSAGE_RANGES;
    }
    RtlZeroMemory(&data, sizeof(data));
    data.Version = STOR_PERF_VERSION;
    data.Size = sizeof(data);
    data.Flags = wanted;
    if (wanted & STOR_PERF_CONCURRENT_CHANNELS) {
        data.ConcurrentChannels = Adapter->QueueCount;
    }
    if (wanted & STOR_PERF_INTERRUPT_MESSAGE_RANGES) {
        data.FirstRedirectionMessageNumber = 1;
        data.LastRedirectionMessageNumber = Adapter->QueueCount;
    }
    if (wanted != 0 && StorPortInitializePerfOpts(Adapter, FALSE, &data) == STOR_STATUS_SUCCESS) {
        Adapter->HasChannels = (wanted & STOR_PERF_CONCURRENT_CHANNELS) != 0;
    }
}

static BOOLEAN HwInitialize(PVOID DeviceExtension)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    if (adapter->DumpMode != 0) {
        return NvmeInitializeDump(adapter);
    }
    AssignMessages(adapter);
    SetPerformanceOptions(adapter);
    return StorPortEnablePassiveInitialization(adapter, PassiveInitialize);
}

static BOOLEAN PassiveInitialize(PVOID DeviceExtension)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    NvmeInitializeDpcs(adapter);
    InterlockedExchange(&adapter->State, NvmeStarting);
    if (!NvmeBringUpPolled(adapter) || !NvmeScanPolled(adapter)) {
        NvmeShutdown(adapter);
        InterlockedExchange(&adapter->State, NvmeStopped);
        NvmeReturnAll(adapter, SRB_STATUS_NO_HBA);
        return FALSE;
    }
    InterlockedExchange(&adapter->State, NvmeRunning);
    NvmeArmEvents(adapter);
    NvmeEndPolling(adapter);
    NvmeRegisterPower(adapter);
    return TRUE;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA data;

    RtlZeroMemory(&data, sizeof(data));
    data.HwInitializationDataSize = sizeof(data);
    data.AdapterInterfaceType = PCIBus;
    data.HwInitialize = HwInitialize;
    data.HwStartIo = NvmeStartIo;
    data.HwBuildIo = NvmeBuildIo;
    data.HwInterrupt = NvmeInterrupt;
    data.HwFindAdapter = NvmeFindAdapter;
    data.HwResetBus = NvmeResetBus;
    data.HwAdapterControl = NvmeAdapterControl;
    data.DeviceExtensionSize = sizeof(NVME_ADAPTER);
    data.SrbExtensionSize = sizeof(NVME_REQUEST);
    data.NumberOfAccessRanges = 2;
    data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    data.NeedPhysicalAddresses = TRUE;
    data.TaggedQueuing = TRUE;
    data.AutoRequestSense = TRUE;
    data.MultipleRequestPerLu = TRUE;
    data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK | SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    data.FeatureSupport = STOR_FEATURE_DUMP_POINTERS | STOR_FEATURE_DUMP_RESUME_CAPABLE;
    data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &data, NULL);
}
