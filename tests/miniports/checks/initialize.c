/*
 * Checks of initialization: performance options, start parameters, processors, messages,
 * StorPortInitialize itself.
 */
#include "check.h"

#include "../../../miniports/null-physical/scratch_device.h"

#define PROCESSORS        (Context->Processors)
#define ALL_PROCESSORS    ((1ull << Context->Processors) - 1)
#define MESSAGES          3
#define RANGE             2  /* messages that are registered, and channels */
#define OLD_SIZE          24 /* of PERF_CONFIGURATION_DATA, before the locality */
#define TURN_100NS        1000
#define PCI_CONFIGURATION 4
#define CONFIG_BYTES      256
#define CACHE_LINE        0x0C

static BOOLEAN HasMessages(CHECK_CONTEXT *Context)
{
    MESSAGE_INTERRUPT_INFORMATION Information;

    return StorPortGetMSIInfo(Context->Extension, 0, &Information) == STOR_STATUS_SUCCESS;
}

/* ---- passive initialization ---- */

static HW_PASSIVE_INITIALIZE_ROUTINE NeverCalled;

static BOOLEAN NeverCalled(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    return FALSE; /* which would fail the start */
}

/* In HwInitialize the module asks for its own routine, which is a place of its own. */
CHECK(StorPortEnablePassiveInitialization, EVERYWHERE - AT(HwInitialize))
{
    EXPECT_FINDING(EXPECT(!StorPortEnablePassiveInitialization(Context->Extension, NeverCalled)));
}

CHECK_ALSO(StorPortEnablePassiveInitialization, wants_a_routine, AT(HwInitialize))
{
    EXPECT_FINDING(EXPECT(!StorPortEnablePassiveInitialization(Context->Extension, NULL)));
    EXPECT_FINDING(EXPECT(!StorPortEnablePassiveInitialization(NULL, NeverCalled)));
}

/* ---- performance options ---- */

static VOID Fill(PPERF_CONFIGURATION_DATA Data, ULONG Version)
{
    RtlZeroMemory(Data, sizeof(*Data));
    Data->Version = Version;
    Data->Size = sizeof(*Data);
}

static ULONG Query(CHECK_CONTEXT *Context, ULONG Version)
{
    PERF_CONFIGURATION_DATA Data;

    Fill(&Data, Version);
    EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, TRUE, &Data), STOR_STATUS_SUCCESS);
    return Data.Flags;
}

/* What of the flags this adapter can have. */
static ULONG Usable(CHECK_CONTEXT *Context, ULONG Flags)
{
    if (Context->Model == CheckHalfDuplex || Context->Model == CheckVirtual) {
        Flags &= ~(ULONG)STOR_PERF_CONCURRENT_CHANNELS;
    }
    if (!HasMessages(Context)) {
        Flags &= ~(ULONG)(STOR_PERF_INTERRUPT_MESSAGE_RANGES | STOR_PERF_ADV_CONFIG_LOCALITY);
    }
    return Flags;
}

static ULONG Set(CHECK_CONTEXT *Context, ULONG Flags, ULONG First, ULONG Last)
{
    PERF_CONFIGURATION_DATA Data;

    Fill(&Data, STOR_PERF_VERSION);
    Data.Flags = Flags;
    /* The module's own choice stays in force. */
    Data.ConcurrentChannels = 2;
    if (Context->Model == CheckChannels) {
        Data.Flags |= STOR_PERF_CONCURRENT_CHANNELS;
    }
    Data.FirstRedirectionMessageNumber = First;
    Data.LastRedirectionMessageNumber = Last;
    return StorPortInitializePerfOpts(Context->Extension, FALSE, &Data);
}

static VOID ExpectDependencies(CHECK_CONTEXT *Context)
{
    const ULONG NeedRedirection[] = {STOR_PERF_OPTIMIZE_FOR_COMPLETION_DURING_STARTIO,
                                     STOR_PERF_DPC_REDIRECTION_CURRENT_CPU,
                                     STOR_PERF_INTERRUPT_MESSAGE_RANGES};
    ULONG Index;

    for (Index = 0; Index < 3; Index++) {
        ULONG Flag = NeedRedirection[Index];
        BOOLEAN Can = Usable(Context, Flag) != 0;

        EXPECT_STATUS(Set(Context, Flag, 1, 2), STOR_STATUS_UNSUCCESSFUL);
        EXPECT_STATUS(Set(Context, Flag | STOR_PERF_DPC_REDIRECTION, 1, 2),
                      Can ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL);
    }
    EXPECT_STATUS(Set(Context, STOR_PERF_DPC_REDIRECTION | STOR_PERF_ADV_CONFIG_LOCALITY, 1, 2),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(Set(Context, 0x8000, 0, 0), STOR_STATUS_UNSUCCESSFUL);
}

/* The array has an affinity for each message of the range. */
static VOID ExpectLocality(CHECK_CONTEXT *Context)
{
    PERF_CONFIGURATION_DATA Data;
    GROUP_AFFINITY Targets[2];

    Fill(&Data, STOR_PERF_VERSION);
    Data.Flags = STOR_PERF_DPC_REDIRECTION | STOR_PERF_INTERRUPT_MESSAGE_RANGES |
                 STOR_PERF_ADV_CONFIG_LOCALITY |
                 (Context->Model == CheckChannels ? STOR_PERF_CONCURRENT_CHANNELS : 0);
    Data.ConcurrentChannels = 2;
    Data.FirstRedirectionMessageNumber = 1;
    Data.LastRedirectionMessageNumber = 2;
    Data.DeviceNode = 77;
    Data.MessageTargets = Targets;
    RtlFillMemory(Targets, sizeof(Targets), 0xFF);
    EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, FALSE, &Data),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Data.DeviceNode, 0);
    EXPECT(Targets[0].Mask == 1 && Targets[0].Group == 0);
    EXPECT(Targets[1].Mask == 2 && Targets[1].Group == 0);
    Data.Size = OLD_SIZE;
    EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, FALSE, &Data),
                  STOR_STATUS_UNSUCCESSFUL);
}

CHECK(StorPortInitializePerfOpts, EVERYWHERE)
{
    PERF_CONFIGURATION_DATA Data;

    EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, TRUE, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Fill(&Data, STOR_PERF_VERSION);
    if (Context->Place != CheckHwInitialize && Context->Place != CheckPassiveInitialize) {
        EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, TRUE, &Data),
                      STOR_STATUS_UNSUCCESSFUL);
        EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, FALSE, &Data),
                      STOR_STATUS_UNSUCCESSFUL);
        return;
    }
    EXPECT_EQUAL(Query(Context, STOR_PERF_VERSION_2), Usable(Context, 0x07));
    EXPECT_EQUAL(Query(Context, STOR_PERF_VERSION_3), Usable(Context, 0x1F));
    EXPECT_EQUAL(Query(Context, STOR_PERF_VERSION_4), Usable(Context, 0x3F));
    EXPECT_EQUAL(Query(Context, STOR_PERF_VERSION_5), Usable(Context, 0x3F));
    Data.Size = OLD_SIZE - 1;
    EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, TRUE, &Data),
                  STOR_STATUS_INVALID_PARAMETER);
    Fill(&Data, 1);
    EXPECT_STATUS(StorPortInitializePerfOpts(Context->Extension, TRUE, &Data),
                  STOR_STATUS_UNSUCCESSFUL);
    ExpectDependencies(Context);
    if (HasMessages(Context)) {
        const ULONG Range = STOR_PERF_DPC_REDIRECTION | STOR_PERF_INTERRUPT_MESSAGE_RANGES;

        EXPECT_STATUS(Set(Context, Range, 2, 1), STOR_STATUS_UNSUCCESSFUL);
        EXPECT_STATUS(Set(Context, Range, 1, MESSAGES), STOR_STATUS_UNSUCCESSFUL);
        ExpectLocality(Context);
    }
    EXPECT_STATUS(Set(Context, 0, 0, 0), STOR_STATUS_SUCCESS);
}

/* A range from 1 to 2 is registered; then both questions agree. */
CHECK(StorPortGetStartIoPerfParams, AT(HwInitialize) | AT(BuildIo) | AT(StartIo) | AT(Dpc))
{
    STARTIO_PERFORMANCE_PARAMETERS_V2 Parameters;
    PSTARTIO_PERFORMANCE_PARAMETERS First = (PSTARTIO_PERFORMANCE_PARAMETERS)&Parameters;
    ULONG Processor = 0, Message = 99, Index = 0;

    if (Context->Place == CheckHwInitialize) {
        if (HasMessages(Context)) {
            EXPECT_STATUS(
                Set(Context, STOR_PERF_DPC_REDIRECTION | STOR_PERF_INTERRUPT_MESSAGE_RANGES, 1, 2),
                STOR_STATUS_SUCCESS);
        }
        return;
    }
    RtlFillMemory(&Parameters, sizeof(Parameters), 0xFF);
    Parameters.Size = sizeof(Parameters);
    EXPECT_STATUS(StorPortGetStartIoPerfParams(Context->Extension, Context->Srb, First),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Parameters.Version, 2);
    Processor = Parameters.InitiatingProcessor;
    EXPECT(Processor < PROCESSORS);
    if (Context->Place == CheckStartIo || Context->Place == CheckBuildIo) {
        EXPECT_STATUS(StorPortGetCurrentProcessorIndex(Context->Extension, &Index),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Processor, Index);
    }
    EXPECT_EQUAL(Parameters.MessageNumber, HasMessages(Context) ? Processor % RANGE + 1 : 0);
    EXPECT_EQUAL(Parameters.ChannelNumber, Context->Model == CheckChannels ? Processor % RANGE : 0);
    if (HasMessages(Context)) {
        EXPECT_STATUS(StorPortGetMessageInterruptIDFromProcessorIndex(Context->Extension, Processor,
                                                                      &Message),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Message, Parameters.MessageNumber);
    }
    RtlFillMemory(&Parameters, sizeof(Parameters), 0xFF);
    Parameters.Size = sizeof(*First);
    EXPECT_STATUS(StorPortGetStartIoPerfParams(Context->Extension, Context->Srb, First),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Parameters.Version, 1);
    EXPECT_EQUAL(Parameters.InitiatingProcessor, MAXULONG);
    Parameters.Size = sizeof(*First) - 1;
    EXPECT_STATUS(StorPortGetStartIoPerfParams(Context->Extension, Context->Srb, First),
                  STOR_STATUS_INVALID_PARAMETER);
    Parameters.Size = sizeof(*First);
    EXPECT_STATUS(StorPortGetStartIoPerfParams(Context->Extension, NULL, First),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortGetStartIoPerfParams(Context->Extension, (PSCSI_REQUEST_BLOCK)Context, First),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetStartIoPerfParams(Context->Extension, Context->Srb, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- messages ---- */

#define CONNECTED_PLACES (EVERYWHERE - AT(FindAdapter) - AT(FreeResources))

CHECK(StorPortGetMSIInfo, CONNECTED_PLACES)
{
    MESSAGE_INTERRUPT_INFORMATION Information;
    ULONG Id = 0;

    if (Context->Place == CheckMessage || Context->Place == CheckOtherMessage) {
        EXPECT_FINDING(EXPECT_STATUS(StorPortGetMSIInfo(Context->Extension, 0, &Information),
                                     STOR_STATUS_INVALID_DEVICE_REQUEST));
        return;
    }
    EXPECT_STATUS(StorPortGetMSIInfo(Context->Extension, 0, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetMSIInfo(NULL, 0, &Information), STOR_STATUS_INVALID_PARAMETER);
    if (!HasMessages(Context)) {
        EXPECT_STATUS(StorPortGetMSIInfo(Context->Extension, 0, &Information),
                      STOR_STATUS_INVALID_DEVICE_REQUEST);
        return;
    }
    RtlZeroMemory(&Information, sizeof(Information));
    while (StorPortGetMSIInfo(Context->Extension, Id, &Information) == STOR_STATUS_SUCCESS) {
        EXPECT_EQUAL(Information.MessageId, Id);
        EXPECT_EQUAL(Information.InterruptMode, Latched);
        EXPECT(Information.InterruptLevel > DISPATCH_LEVEL && Information.InterruptVector != 0);
        EXPECT(Information.MessageAddress.QuadPart != 0);
        Id++;
    }
    EXPECT_EQUAL(Id, MESSAGES);
    EXPECT_STATUS(StorPortGetMSIInfo(Context->Extension, Id, &Information),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetMessageInterruptIDFromProcessorIndex, AT(WorkItem) | AT(Dpc))
{
    ULONG Message = 99;

    EXPECT_STATUS(StorPortGetMessageInterruptIDFromProcessorIndex(Context->Extension, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortGetMessageInterruptIDFromProcessorIndex(Context->Extension, PROCESSORS, &Message),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetMessageInterruptIDFromProcessorIndex(Context->Extension, 1, &Message),
                  HasMessages(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL);
    /* Without a registered range: message 2 is the first that is aimed at processor 1. */
    EXPECT_EQUAL(Message, HasMessages(Context) ? 2 : 99);
}

/* Cause 0 rings no place of the module: its message only clears the status. */
CHECK(StorPortMaskMsixInterrupt, AT(WorkItem) | AT(Thread))
{
    LARGE_INTEGER Turn;
    ULONG Turns;
    PULONG Status;

    if (!HasMessages(Context)) {
        EXPECT_STATUS(StorPortMaskMsixInterrupt(Context->Extension, 0, TRUE),
                      STOR_STATUS_UNSUCCESSFUL);
        return;
    }
    Status = (PULONG)(Context->Registers + SCRATCH_INTERRUPT_STATUS);
    EXPECT_STATUS(StorPortMaskMsixInterrupt(Context->Extension, MESSAGES, TRUE),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortMaskMsixInterrupt(Context->Extension, 0, TRUE), STOR_STATUS_SUCCESS);
    StorPortWriteRegisterUlong(Context->Extension, (PULONG)(Context->Registers + SCRATCH_DOORBELL),
                               0);
    Turn.QuadPart = -TURN_100NS;
    (VOID) KeDelayExecutionThread(KernelMode, FALSE, &Turn);
    EXPECT(StorPortReadRegisterUlong(Context->Extension, Status) & 1); /* nobody came */
    EXPECT_STATUS(StorPortMaskMsixInterrupt(Context->Extension, 0, FALSE), STOR_STATUS_SUCCESS);
    for (Turns = 0;
         Turns < PATIENCE_TURNS && StorPortReadRegisterUlong(Context->Extension, Status) & 1;
         Turns++) {
        (VOID) KeDelayExecutionThread(KernelMode, FALSE, &Turn);
    }
    EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension, Status) & 1, 0);
}

/* ---- processors: two, in one group and one node ---- */

CHECK(StorPortGetCurrentProcessorNumber, EVERYWHERE)
{
    PROCESSOR_NUMBER Number = {9, 9, 9};

    EXPECT_STATUS(StorPortGetCurrentProcessorNumber(Context->Extension, &Number),
                  STOR_STATUS_SUCCESS);
    EXPECT(Number.Group == 0 && Number.Number < PROCESSORS && Number.Reserved == 0);
    EXPECT_STATUS(StorPortGetCurrentProcessorNumber(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetCurrentProcessorIndex, EVERYWHERE)
{
    PROCESSOR_NUMBER Number = {9, 9, 9};
    ULONG Index = 9;

    EXPECT_STATUS(StorPortGetCurrentProcessorIndex(Context->Extension, &Index),
                  STOR_STATUS_SUCCESS);
    EXPECT(Index < PROCESSORS);
    if (Context->Irql >= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortGetCurrentProcessorNumber(Context->Extension, &Number),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Index, Number.Number);
    }
    EXPECT_STATUS(StorPortGetCurrentProcessorIndex(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetProcessorIndexFromNumber, EVERYWHERE)
{
    PROCESSOR_NUMBER Number = {0, 1, 0};
    ULONG Index = 9;

    EXPECT_STATUS(StorPortGetProcessorIndexFromNumber(Context->Extension, &Number, &Index),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Index, 1);
    EXPECT_STATUS(StorPortGetProcessorIndexFromNumber(Context->Extension, NULL, &Index),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetProcessorIndexFromNumber(Context->Extension, &Number, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Number.Number = (UCHAR)PROCESSORS;
    EXPECT_STATUS(StorPortGetProcessorIndexFromNumber(Context->Extension, &Number, &Index),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetProcessorCount, EVERYWHERE)
{
    ULONG Count = 0;

    EXPECT_STATUS(StorPortGetProcessorCount(Context->Extension, &Count), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Count, PROCESSORS);
    EXPECT_STATUS(StorPortGetProcessorCount(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetActiveGroupCount, EVERYWHERE)
{
    USHORT Count = 0;

    EXPECT_STATUS(StorPortGetActiveGroupCount(Context->Extension, &Count), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Count, 1);
    EXPECT_STATUS(StorPortGetActiveGroupCount(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetGroupAffinity, EVERYWHERE)
{
    KAFFINITY Mask = 0;

    EXPECT_STATUS(StorPortGetGroupAffinity(Context->Extension, 0, &Mask), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Mask, ALL_PROCESSORS);
    EXPECT_STATUS(StorPortGetGroupAffinity(Context->Extension, 1, &Mask), STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(StorPortGetGroupAffinity(Context->Extension, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetActiveNodeCount, EVERYWHERE)
{
    ULONG Count = 0;

    EXPECT_STATUS(StorPortGetActiveNodeCount(Context->Extension, &Count), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Count, 1);
    EXPECT_STATUS(StorPortGetActiveNodeCount(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetHighestNodeNumber, EVERYWHERE)
{
    ULONG Node = 9;

    EXPECT_STATUS(StorPortGetHighestNodeNumber(Context->Extension, &Node), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Node, 0);
    EXPECT_STATUS(StorPortGetHighestNodeNumber(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetNodeAffinity, EVERYWHERE)
{
    GROUP_AFFINITY Affinity;

    RtlFillMemory(&Affinity, sizeof(Affinity), 0xFF);
    EXPECT_STATUS(StorPortGetNodeAffinity(Context->Extension, 0, &Affinity), STOR_STATUS_SUCCESS);
    EXPECT(Affinity.Mask == ALL_PROCESSORS && Affinity.Group == 0);
    EXPECT_STATUS(StorPortGetNodeAffinity(Context->Extension, 65536, &Affinity),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetNodeAffinity(Context->Extension, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetNodeAffinity2, EVERYWHERE)
{
    GROUP_AFFINITY Affinities[2];
    USHORT Required = 0;

    RtlZeroMemory(Affinities, sizeof(Affinities));
    EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, 0, NULL, 0, &Required),
                  STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Required, 1);
    EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, 0, Affinities, 2, &Required),
                  STOR_STATUS_SUCCESS);
    EXPECT(Affinities[0].Mask == ALL_PROCESSORS && Affinities[1].Mask == 0);
    EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, 1, Affinities, 2, &Required),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, 0, Affinities, 2, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, 0, NULL, 2, &Required),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* The processors of the records of one relationship; the records' number is returned. */
static ULONG Records(CHECK_CONTEXT *Context, PPROCESSOR_NUMBER Number,
                     LOGICAL_PROCESSOR_RELATIONSHIP Type, KAFFINITY *Mask)
{
    DECLSPEC_ALIGN(8) UCHAR Buffer[8192];
    ULONG Length = sizeof(Buffer), Offset = 0, Count = 0;

    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(
                      Context->Extension, Number, Type,
                      (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)Buffer, &Length),
                  STOR_STATUS_SUCCESS);
    while (Offset < Length) {
        PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Record =
            (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)(Buffer + Offset);

        if (Type != RelationAll) {
            EXPECT_EQUAL(Record->Relationship,
                         Type == RelationNumaNodeEx ? RelationNumaNode : Type);
        }
        if (Record->Relationship == RelationProcessorCore) {
            *Mask |= Record->Processor.GroupMask[0].Mask;
        }
        if (Record->Size == 0) {
            break;
        }
        Offset += Record->Size;
        Count++;
    }
    EXPECT_EQUAL(Offset, Length);
    return Count;
}

CHECK(StorPortGetLogicalProcessorRelationship, EVERYWHERE)
{
    PROCESSOR_NUMBER Number = {0, 1, 0};
    KAFFINITY Mask = 0;
    ULONG Length = 0;

    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(Context->Extension, NULL,
                                                          RelationProcessorCore, NULL, &Length),
                  STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Length, PROCESSORS * 48);
    EXPECT_EQUAL(Records(Context, NULL, RelationProcessorCore, &Mask), PROCESSORS);
    EXPECT_EQUAL(Mask, ALL_PROCESSORS);
    Mask = 0;
    EXPECT_EQUAL(Records(Context, &Number, RelationProcessorCore, &Mask), 1);
    EXPECT_EQUAL(Mask, 2);
    EXPECT_EQUAL(Records(Context, NULL, RelationNumaNode, &Mask), 1);
    EXPECT_EQUAL(Records(Context, NULL, RelationProcessorPackage, &Mask), 1);
    EXPECT_EQUAL(Records(Context, NULL, RelationGroup, &Mask), 1);
    /* Two caches of each core and one of each module, one of the die. */
    EXPECT_EQUAL(Records(Context, NULL, RelationCache, &Mask), 3 * PROCESSORS + 1);
    EXPECT_EQUAL(Records(Context, NULL, RelationProcessorDie, &Mask), 1);
    EXPECT_EQUAL(Records(Context, NULL, RelationProcessorModule, &Mask), PROCESSORS);
    EXPECT_EQUAL(Records(Context, NULL, RelationNumaNodeEx, &Mask), 1);
    EXPECT_EQUAL(Records(Context, NULL, RelationAll, &Mask), 5 * PROCESSORS + 5);
    EXPECT_STATUS(
        StorPortGetLogicalProcessorRelationship(Context->Extension, NULL, RelationAll, NULL, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    Number.Number = (UCHAR)PROCESSORS;
    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(Context->Extension, &Number, RelationAll,
                                                          NULL, &Length),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(
                      Context->Extension, NULL, (LOGICAL_PROCESSOR_RELATIONSHIP)99, NULL, &Length),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- configuration space ---- */

CHECK(StorPortGetBusData, EVERYWHERE)
{
    UCHAR Config[CONFIG_BYTES + 8];
    PVOID Extension = Context->Extension;
    PPORT_CONFIGURATION_INFORMATION Configuration = Context->Configuration;
    PUCHAR Copy = NULL;

    RtlZeroMemory(Config, sizeof(Config));
    if (Context->Model == CheckVirtual) {
        EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, 0, 0, Config, 64), 0);
        return;
    }
    if (Context->Place == CheckRunningConfig) {
        EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, 0, 0, Config, 64), 64);
        EXPECT_EQUAL(*(PUSHORT)Config, SCRATCH_VENDOR_ID);
        return;
    }
    if (Context->Place != CheckFindAdapter) {
        EXPECT_FINDING(
            EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, 0, 0, Config, 64), 0));
        return;
    }
    EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, Configuration->SystemIoBusNumber,
                                    Configuration->SlotNumber, Config, 48),
                 48);
    EXPECT_EQUAL(*(PUSHORT)Config, SCRATCH_VENDOR_ID);
    EXPECT_EQUAL(Config[48], 0);
    EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, Configuration->SystemIoBusNumber,
                                    Configuration->SlotNumber, Config, sizeof(Config)),
                 CONFIG_BYTES);
    EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, Configuration->SystemIoBusNumber,
                                    Configuration->SlotNumber, &Copy, 0),
                 CONFIG_BYTES);
    EXPECT(Copy != NULL && *(PUSHORT)Copy == SCRATCH_VENDOR_ID);
    /* No such function, no such bus, no such kind of data. */
    EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, Configuration->SystemIoBusNumber,
                                    Configuration->SlotNumber + 1, Config, 64),
                 2);
    EXPECT_EQUAL(*(PUSHORT)Config, 0xFFFF);
    EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION,
                                    Configuration->SystemIoBusNumber + 1, Configuration->SlotNumber,
                                    Config, 64),
                 0);
    EXPECT_EQUAL(StorPortGetBusData(Extension, 1, Configuration->SystemIoBusNumber,
                                    Configuration->SlotNumber, Config, 64),
                 0);
}

CHECK(StorPortSetBusDataByOffset, EVERYWHERE)
{
    UCHAR Value[4] = {0x10, 0x20, 0, 0}, Config[CONFIG_BYTES];
    PVOID Extension = Context->Extension;
    PPORT_CONFIGURATION_INFORMATION Configuration = Context->Configuration;

    if (Context->Model == CheckVirtual) {
        EXPECT_EQUAL(
            StorPortSetBusDataByOffset(Extension, PCI_CONFIGURATION, 0, 0, Value, CACHE_LINE, 2),
            0);
        return;
    }
    if (Context->Place == CheckRunningConfig) {
        EXPECT_EQUAL(
            StorPortSetBusDataByOffset(Extension, PCI_CONFIGURATION, 0, 0, Value, CACHE_LINE, 2),
            2);
        return;
    }
    if (Context->Place != CheckFindAdapter) {
        EXPECT_FINDING(EXPECT_EQUAL(
            StorPortSetBusDataByOffset(Extension, PCI_CONFIGURATION, 0, 0, Value, CACHE_LINE, 2),
            0));
        return;
    }
    EXPECT_EQUAL(StorPortSetBusDataByOffset(Extension, PCI_CONFIGURATION,
                                            Configuration->SystemIoBusNumber,
                                            Configuration->SlotNumber, Value, CACHE_LINE, 2),
                 2);
    EXPECT_EQUAL(StorPortGetBusData(Extension, PCI_CONFIGURATION, Configuration->SystemIoBusNumber,
                                    Configuration->SlotNumber, Config, sizeof(Config)),
                 CONFIG_BYTES);
    EXPECT_EQUAL(Config[CACHE_LINE], 0x10);
    EXPECT_EQUAL(Config[CACHE_LINE + 1], 0x20);
    EXPECT_EQUAL(StorPortSetBusDataByOffset(Extension, PCI_CONFIGURATION,
                                            Configuration->SystemIoBusNumber,
                                            Configuration->SlotNumber, Value, CONFIG_BYTES - 1, 2),
                 0);
    EXPECT_EQUAL(StorPortSetBusDataByOffset(Extension, PCI_CONFIGURATION,
                                            Configuration->SystemIoBusNumber,
                                            Configuration->SlotNumber + 1, Value, CACHE_LINE, 2),
                 0);
}

/* ---- registration ---- */

static HW_INITIALIZE NoInitialize;
static HW_STARTIO NoStartIo;
static HW_RESET_BUS NoResetBus;
static HW_INTERRUPT NoInterrupt;
static HW_ADAPTER_CONTROL NoAdapterControl;

static BOOLEAN NoInitialize(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    return FALSE;
}

static BOOLEAN NoStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(Srb);
    return FALSE;
}

static BOOLEAN NoResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return FALSE;
}

static BOOLEAN NoInterrupt(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    return FALSE;
}

static SCSI_ADAPTER_CONTROL_STATUS
NoAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(ControlType);
    UNREFERENCED_PARAMETER(Parameters);
    return ScsiAdapterControlUnsuccessful;
}

static VOID FillInitialization(HW_INITIALIZATION_DATA *Data)
{
    RtlZeroMemory(Data, sizeof(*Data));
    Data->HwInitializationDataSize = sizeof(*Data);
    Data->AdapterInterfaceType = PCIBus;
    Data->HwInitialize = NoInitialize;
    Data->HwStartIo = NoStartIo;
    Data->HwFindAdapter = (PVOID)NoInitialize;
    Data->HwResetBus = NoResetBus;
    Data->HwInterrupt = NoInterrupt;
    Data->HwAdapterControl = NoAdapterControl;
}

/* Refusals only: what it accepts would be a driver of the next adapter. That it accepts is what
 * this module lives on. */
CHECK(StorPortInitialize, AT(DriverEntry))
{
    HW_INITIALIZATION_DATA Data;

    FillInitialization(&Data);
    EXPECT_STATUS(StorPortInitialize(NULL, Context->RegistryPath, &Data, NULL),
                  STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitialize(Context->DriverObject, NULL, &Data, NULL),
                  STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitialize(Context->DriverObject, Context->RegistryPath, NULL, NULL),
                  STATUS_INVALID_PARAMETER);
    Data.HwInitializationDataSize = sizeof(Data) - 1;
    EXPECT_STATUS(StorPortInitialize(Context->DriverObject, Context->RegistryPath, &Data, NULL),
                  STATUS_REVISION_MISMATCH);
    FillInitialization(&Data);
    Data.HwResetBus = NULL;
    EXPECT_STATUS(StorPortInitialize(Context->DriverObject, Context->RegistryPath, &Data, NULL),
                  STATUS_INVALID_PARAMETER);
    FillInitialization(&Data);
    Data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT; /* wants HwFreeAdapterResources */
    EXPECT_STATUS(StorPortInitialize(Context->DriverObject, Context->RegistryPath, &Data, NULL),
                  STATUS_INVALID_PARAMETER);
}
