/*
 * FindAdapter: settings, registers, what the controller is, limits, and memory.
 *
 * Rule: the limits that the port must know before the first request (transfer size, queue depth)
 * come from the controller itself, so it is enabled here for a moment, with an admin queue in
 * memory of its own, and disabled again before the port's memory is asked for.
 */
#include "nvme_driver.h"

/* The admin queue and one page of identify data, each page aligned. */
#define SCRATCH_BYTES (3 * NVME_PAGE_BYTES)

#define HALF_SECOND_TICKS (500000u / NVME_TICK_US)

/* Memory for the short life of the controller in FindAdapter. */
typedef struct _SCRATCH {
    PVOID Memory;
    STOR_PHYSICAL_ADDRESS Address;
    BOOLEAN IsDmaMemory; /* How it was got, and so how it is freed. */
} SCRATCH;

/* Hands out page-aligned pieces of the uncached extension. */
typedef struct _CARVER {
    PNVME_ADAPTER Adapter;
    PUCHAR Next;
    PUCHAR End;
    BOOLEAN Failed;
} CARVER;

static ULONG ReadSetting(PNVME_ADAPTER Adapter, const CHAR *Name, ULONG Default)
{
    ULONG length = sizeof(ULONG);
    ULONG value = Default;
    PUCHAR buffer = StorPortAllocateRegistryBuffer(Adapter, &length);

    if (buffer == NULL) {
        return Default;
    }
    if (length >= sizeof(ULONG)) {
        length = sizeof(ULONG);
        if (StorPortRegistryRead(Adapter, (PUCHAR)(ULONG_PTR)Name, 1, MINIPORT_REG_DWORD, buffer,
                                 &length) &&
            length == sizeof(ULONG)) {
            RtlCopyMemory(&value, buffer, sizeof(value));
        }
    }
    StorPortFreeRegistryBuffer(Adapter, buffer);
    return value;
}

static ULONG Clamp(ULONG Value, ULONG Low, ULONG High)
{
    if (Value < Low) {
        return Low;
    }
    return Value < High ? Value : High;
}

static VOID ReadSettings(PNVME_ADAPTER Adapter)
{
    NVME_SETTINGS *settings = &Adapter->Settings;

    settings->QueueDepth =
        Clamp(ReadSetting(Adapter, "QueueDepth", NVME_DEFAULT_DEPTH), 2, NVME_MAX_DEPTH);
    settings->QueueLimit =
        Clamp(ReadSetting(Adapter, "IoQueues", NVME_MAX_IO_QUEUES), 1, NVME_MAX_IO_QUEUES);
    settings->ScsiRequestBlocks = ReadSetting(Adapter, "ScsiRequestBlocks", 0) != 0;
    settings->ShadowDoorbells = ReadSetting(Adapter, "ShadowDoorbells", 1) != 0;
}

/* The registers are in the first memory range. */
static BOOLEAN MapRegisters(PNVME_ADAPTER Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    PACCESS_RANGE ranges = (PACCESS_RANGE)ConfigInfo->AccessRanges;
    ULONG index;

    for (index = 0; index < ConfigInfo->NumberOfAccessRanges; index++) {
        PACCESS_RANGE range = &ranges[index];

        if (!range->RangeInMemory ||
            range->RangeLength < NVME_REGISTER(Doorbells) + 4 * sizeof(ULONG)) {
            continue;
        }
        Adapter->RegisterBytes = range->RangeLength;
        Adapter->Registers = StorPortGetDeviceBase(Adapter, ConfigInfo->AdapterInterfaceType,
                                                   ConfigInfo->SystemIoBusNumber, range->RangeStart,
                                                   range->RangeLength, FALSE);
        return Adapter->Registers != NULL;
    }
    return FALSE;
}

/* Queues whose doorbells lie in the mapped registers, the admin queue not counted. */
static ULONG QueuesInRegisters(PNVME_ADAPTER Adapter)
{
    ULONG stride = (ULONG)sizeof(ULONG) << Adapter->Capabilities.DSTRD;
    ULONG pairs = (Adapter->RegisterBytes - NVME_REGISTER(Doorbells)) / (2 * stride);

    return pairs > 0 ? pairs - 1 : 0;
}

static BOOLEAN ReadCapabilities(PNVME_ADAPTER Adapter)
{
    NVME_CONTROLLER_CAPABILITIES *capabilities = &Adapter->Capabilities;

    capabilities->AsUlonglong = NvmeReadRegister(Adapter, NVME_REGISTER(CAP));
    capabilities->AsUlonglong |=
        (ULONGLONG)NvmeReadRegister(Adapter, NVME_REGISTER(CAP) + sizeof(ULONG)) << 32;
    if (capabilities->AsUlonglong == ~0ULL || capabilities->MQES == 0 || !capabilities->CSS_NVM ||
        capabilities->MPSMIN != 0 || QueuesInRegisters(Adapter) == 0) {
        NvmeLog(Adapter, NvmeEventBadRegisters);
        return FALSE;
    }
    Adapter->ReadyTicks = ((ULONG)capabilities->TO + 1) * HALF_SECOND_TICKS;
    return TRUE;
}

static ULONG CountProcessors(PNVME_ADAPTER Adapter)
{
    ULONG count = 0;
    USHORT groups = 0;
    USHORT group;

    if (StorPortGetProcessorCount(Adapter, &count) == STOR_STATUS_SUCCESS && count != 0) {
        return count;
    }
    count = 0;
    if (StorPortGetActiveGroupCount(Adapter, &groups) != STOR_STATUS_SUCCESS) {
        return 1;
    }
    for (group = 0; group < groups; group++) {
        KAFFINITY mask = 0;

        if (StorPortGetGroupAffinity(Adapter, group, &mask) != STOR_STATUS_SUCCESS) {
            continue;
        }
        for (; mask != 0; mask &= mask - 1) {
            count++;
        }
    }
    return count != 0 ? count : 1;
}

static BOOLEAN AllocateScratch(PNVME_ADAPTER Adapter, SCRATCH *Scratch)
{
    PHYSICAL_ADDRESS low = {0};
    PHYSICAL_ADDRESS high;
    PHYSICAL_ADDRESS boundary = {0};
    ULONG length = 0;
    ULONG status;

    high.QuadPart = MAXLONGLONG;
    Scratch->Memory = NULL;
    Scratch->IsDmaMemory = TRUE;
    status = StorPortAllocateDmaMemory(Adapter, SCRATCH_BYTES, low, high, boundary, MmCached,
                                       MM_ANY_NODE_OK, &Scratch->Memory, &Scratch->Address);
    if (status == STOR_STATUS_NOT_IMPLEMENTED) {
        /* An older port: its contiguous memory is as good where addresses are not remapped. */
        Scratch->IsDmaMemory = FALSE;
        status = StorPortAllocateContiguousMemorySpecifyCacheNode(Adapter, SCRATCH_BYTES, low, high,
                                                                  boundary, MmCached,
                                                                  MM_ANY_NODE_OK, &Scratch->Memory);
    }
    if (status != STOR_STATUS_SUCCESS || Scratch->Memory == NULL) {
        return FALSE;
    }
    if (!Scratch->IsDmaMemory) {
        Scratch->Address = StorPortGetPhysicalAddress(Adapter, NULL, Scratch->Memory, &length);
    }
    RtlZeroMemory(Scratch->Memory, SCRATCH_BYTES);
    return TRUE;
}

static VOID FreeScratch(PNVME_ADAPTER Adapter, SCRATCH *Scratch)
{
    if (Scratch->IsDmaMemory) {
        StorPortFreeDmaMemory(Adapter, Scratch->Memory, SCRATCH_BYTES, MmCached, Scratch->Address);
    } else {
        StorPortFreeContiguousMemorySpecifyCache(Adapter, Scratch->Memory, SCRATCH_BYTES, MmCached);
    }
}

static VOID InitializeAdmin(PNVME_ADAPTER Adapter)
{
    Adapter->AdminFree = NVME_ADMIN_DEPTH - 1;
    NvmeQueueInitialize(Adapter, &Adapter->Admin, 0, NVME_ADMIN_DEPTH, Adapter->AdminSlots,
                        &Adapter->Dpcs.Admin);
}

/* Points the admin queue and the identify page into the scratch memory. */
static VOID UseScratch(PNVME_ADAPTER Adapter, const SCRATCH *Scratch)
{
    PUCHAR memory = Scratch->Memory;

    Adapter->Admin.Commands = (PNVME_COMMAND)(PVOID)memory;
    Adapter->Admin.CommandsAddress = Scratch->Address;
    Adapter->Admin.Completions = (PNVME_COMPLETION_ENTRY)(PVOID)(memory + NVME_PAGE_BYTES);
    Adapter->Admin.CompletionsAddress.QuadPart = Scratch->Address.QuadPart + NVME_PAGE_BYTES;
    Adapter->IdentifyPage.Bytes = memory + 2 * NVME_PAGE_BYTES;
    Adapter->IdentifyPage.Address.QuadPart = Scratch->Address.QuadPart + 2 * NVME_PAGE_BYTES;
    InitializeAdmin(Adapter);
}

/* Enables the controller, identifies it, asks for its queue count, and disables it again. */
static BOOLEAN Interrogate(PNVME_ADAPTER Adapter)
{
    SCRATCH scratch;
    BOOLEAN good;

    if (!AllocateScratch(Adapter, &scratch)) {
        NvmeLog(Adapter, NvmeEventNoMemory);
        return FALSE;
    }
    if (scratch.Address.QuadPart & NVME_PAGE_MASK) {
        FreeScratch(Adapter, &scratch);
        NvmeLog(Adapter, NvmeEventNoMemory);
        return FALSE;
    }
    UseScratch(Adapter, &scratch);
    InterlockedExchange(&Adapter->State, NvmeStarting);
    good = NvmeBringUpPolled(Adapter) && NvmeIdentifyPolled(Adapter);
    NvmeShutdown(Adapter);
    InterlockedExchange(&Adapter->State, NvmeStopped);
    FreeScratch(Adapter, &scratch);
    return good;
}

static VOID SetLimits(PNVME_ADAPTER Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ULONG transfer = Adapter->Target.Identity.MaximumTransferBytes;
    ULONG depth = Clamp(Adapter->Settings.QueueDepth, 2, (ULONG)Adapter->Capabilities.MQES + 1);

    Adapter->Settings.QueueDepth = depth;
    ConfigInfo->MaximumTransferLength = transfer;
    ConfigInfo->NumberOfPhysicalBreaks = transfer / NVME_PAGE_BYTES + 1;
    ConfigInfo->AlignmentMask = FILE_LONG_ALIGNMENT;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = NVME_MAX_UNITS;
    ConfigInfo->CachesData = Adapter->Target.Identity.VolatileWriteCache;
    ConfigInfo->MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->Dma64BitAddresses = SCSI_DMA64_MINIPORT_FULL64BIT_NO_BOUNDARY_REQ_SUPPORTED;
    ConfigInfo->HwMSInterruptRoutine = NvmeMessageInterrupt;
    ConfigInfo->InterruptSynchronizationMode = InterruptSynchronizePerMessage;
    ConfigInfo->BusResetHoldTime = 0;
    ConfigInfo->FeatureSupport |= STOR_ADAPTER_FEATURE_ABORT_COMMAND;
    ConfigInfo->SrbExtensionSize = sizeof(NVME_REQUEST);
    if (Adapter->Settings.ScsiRequestBlocks) {
        ConfigInfo->SrbType = SRB_TYPE_SCSI_REQUEST_BLOCK;
    }
    /* As many as one queue holds: then no queue overflows, whichever processor sends them all. */
    ConfigInfo->MaxNumberOfIO = depth - 1;
    ConfigInfo->MaxIOsPerLun = depth - 1;
    if (ConfigInfo->SrbType == SRB_TYPE_SCSI_REQUEST_BLOCK && ConfigInfo->MaxIOsPerLun > 254) {
        ConfigInfo->MaxIOsPerLun = 254; /* An 8-bit tag names no more. */
    }
    ConfigInfo->InitialLunQueueDepth = ConfigInfo->MaxIOsPerLun;
}

static ULONG PageRound(ULONG Bytes)
{
    return (Bytes + NVME_PAGE_MASK) & ~NVME_PAGE_MASK;
}

static ULONG CommandBytes(ULONG Depth)
{
    return PageRound(Depth * sizeof(NVME_COMMAND));
}

static ULONG CompletionBytes(ULONG Depth)
{
    return PageRound(Depth * sizeof(NVME_COMPLETION_ENTRY));
}

static ULONG SlotBytes(ULONG Depth)
{
    return PageRound((Depth - 1) * sizeof(NVME_SLOT));
}

static PUCHAR Carve(CARVER *Carver, ULONG Bytes, STOR_PHYSICAL_ADDRESS *Address)
{
    PUCHAR piece = Carver->Next;
    ULONG length = 0;

    Address->QuadPart = 0;
    if (Carver->Failed || Bytes > (ULONG_PTR)(Carver->End - piece)) {
        Carver->Failed = TRUE;
        return NULL;
    }
    *Address = StorPortGetPhysicalAddress(Carver->Adapter, NULL, piece, &length);
    if (length < Bytes || (Address->QuadPart & NVME_PAGE_MASK)) {
        Carver->Failed = TRUE;
        return NULL;
    }
    Carver->Next = piece + Bytes;
    return piece;
}

static VOID CarvePage(CARVER *Carver, NVME_SHARED_PAGE *Page)
{
    Page->Bytes = Carve(Carver, NVME_PAGE_BYTES, &Page->Address);
}

static VOID CarveQueue(CARVER *Carver, PNVME_QUEUE Queue, ULONG Depth)
{
    Queue->Commands =
        (PNVME_COMMAND)(PVOID)Carve(Carver, CommandBytes(Depth), &Queue->CommandsAddress);
    Queue->Completions = (PNVME_COMPLETION_ENTRY)(PVOID)Carve(Carver, CompletionBytes(Depth),
                                                              &Queue->CompletionsAddress);
}

static VOID CarveIoQueue(CARVER *Carver, ULONG Index, ULONG Depth)
{
    PNVME_ADAPTER adapter = Carver->Adapter;
    STOR_PHYSICAL_ADDRESS unused;
    PNVME_SLOT slots;

    CarveQueue(Carver, &adapter->Queues[Index], Depth);
    slots = (PNVME_SLOT)(PVOID)Carve(Carver, SlotBytes(Depth), &unused);
    if (!Carver->Failed) {
        NvmeQueueInitialize(adapter, &adapter->Queues[Index], (USHORT)(Index + 1), Depth, slots,
                            &adapter->Dpcs.Io[Index]);
    }
}

/* The uncached extension starts anywhere; its first page boundary on the bus is ours. */
static BOOLEAN AllocateMemory(PNVME_ADAPTER Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ULONG depth = Adapter->Settings.QueueDepth;
    ULONG pages = Adapter->DumpMode != 0 ? 1 : 5; /* To align, and those that are carved. */
    ULONG bytes =
        CommandBytes(NVME_ADMIN_DEPTH) + CompletionBytes(NVME_ADMIN_DEPTH) +
        pages * NVME_PAGE_BYTES +
        Adapter->QueueCount * (CommandBytes(depth) + CompletionBytes(depth) + SlotBytes(depth));
    STOR_PHYSICAL_ADDRESS address;
    CARVER carver = {Adapter, NULL, NULL, FALSE};
    ULONG length = 0;
    ULONG index;

    carver.Next = StorPortGetUncachedExtension(Adapter, ConfigInfo, bytes);
    if (carver.Next == NULL) {
        return FALSE;
    }
    carver.End = carver.Next + bytes;
    address = StorPortGetPhysicalAddress(Adapter, NULL, carver.Next, &length);
    carver.Next += (NVME_PAGE_BYTES - (address.LowPart & NVME_PAGE_MASK)) & NVME_PAGE_MASK;
    CarveQueue(&carver, &Adapter->Admin, NVME_ADMIN_DEPTH);
    if (Adapter->DumpMode == 0) {
        CarvePage(&carver, &Adapter->IdentifyPage);
        CarvePage(&carver, &Adapter->LogPage);
        CarvePage(&carver, &Adapter->ShadowPage);
        CarvePage(&carver, &Adapter->EventPage);
    }
    for (index = 0; index < Adapter->QueueCount; index++) {
        CarveIoQueue(&carver, index, depth);
    }
    if (carver.Failed) {
        return FALSE;
    }
    InitializeAdmin(Adapter);
    return TRUE;
}

/* As many queues as everybody can have; the messages are counted in HwInitialize. */
static ULONG CountQueues(PNVME_ADAPTER Adapter)
{
    ULONG count = Adapter->Settings.QueueLimit;

    count = Clamp(count, 0, Adapter->Processors);
    count = Clamp(count, 0, Adapter->ControllerQueues);
    return Clamp(count, 0, QueuesInRegisters(Adapter));
}

/*
 * Nothing is asked of the controller that the live instance has learned, and it is left alone:
 * HwInitialize takes it over. So FindAdapter also serves to mark memory.
 */
static ULONG FindForDump(PNVME_ADAPTER Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    Adapter->LogForbidden = TRUE;
    Adapter->Settings.QueueDepth = NVME_DUMP_DEPTH;
    Adapter->QueueCount = 1;
    if (!NvmeReadDumpData(Adapter, ConfigInfo)) {
        return SP_RETURN_ERROR;
    }
    if (!MapRegisters(Adapter, ConfigInfo)) {
        return SP_RETURN_BAD_CONFIG;
    }
    if (!ReadCapabilities(Adapter)) {
        return SP_RETURN_ERROR;
    }
    SetLimits(Adapter, ConfigInfo);
    return AllocateMemory(Adapter, ConfigInfo) ? SP_RETURN_FOUND : SP_RETURN_ERROR;
}

ULONG NvmeFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                      PCHAR ArgumentString, PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                      PBOOLEAN Reserved3)
{
    PNVME_ADAPTER adapter = DeviceExtension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(ArgumentString);
    UNREFERENCED_PARAMETER(Reserved3);
    RtlZeroMemory((PUCHAR)adapter + FIELD_OFFSET(NVME_ADAPTER, DumpMode),
                  sizeof(*adapter) - FIELD_OFFSET(NVME_ADAPTER, DumpMode));
    adapter->Polled = TRUE;
    adapter->DumpMode = ConfigInfo->DumpMode;
    if (adapter->DumpMode != 0) {
        return FindForDump(adapter, ConfigInfo);
    }
    adapter->LineInterrupt =
        ConfigInfo->InterruptMode == LevelSensitive; /* To mask it meanwhile. */
    ReadSettings(adapter);
    if (!MapRegisters(adapter, ConfigInfo)) {
        return SP_RETURN_BAD_CONFIG;
    }
    if (!ReadCapabilities(adapter) || !Interrogate(adapter)) {
        return SP_RETURN_ERROR;
    }
    adapter->Processors = CountProcessors(adapter);
    adapter->QueueCount = CountQueues(adapter);
    if (adapter->QueueCount == 0) {
        NvmeLog(adapter, NvmeEventBadRegisters);
        return SP_RETURN_ERROR;
    }
    SetLimits(adapter, ConfigInfo);
    if (!AllocateMemory(adapter, ConfigInfo)) {
        NvmeLog(adapter, NvmeEventNoMemory);
        return SP_RETURN_ERROR;
    }
    return SP_RETURN_FOUND;
}
