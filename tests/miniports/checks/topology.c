/*
 * Checks that all answers about processors, groups, nodes and memory are of one machine, whatever
 * machine that is: each routine against what the host knows (Context->Topology). The host runs them
 * on several topologies.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))
#define RECORDS_BYTES  65536
#define TAG            'opoT'

#define FOR_ALL(Index)   for (Index = 0; Index < Context->Topology->Processors; Index++)
#define PROCESSOR(Index) (Context->Topology->Processor[Index])
#define BIT_OF(Index)    ((KAFFINITY)1 << PROCESSOR(Index).Number)

static ULONG CountBits(KAFFINITY Mask)
{
    ULONG Count = 0;

    for (; Mask != 0; Mask &= Mask - 1) {
        Count++;
    }
    return Count;
}

static PROCESSOR_NUMBER NumberOf(CHECK_CONTEXT *Context, ULONG Index)
{
    PROCESSOR_NUMBER Number = {PROCESSOR(Index).Group, PROCESSOR(Index).Number, 0};

    return Number;
}

/* What the host knows of a group, and of a node in a group. */
static KAFFINITY GroupMask(CHECK_CONTEXT *Context, ULONG Group)
{
    KAFFINITY Mask = 0;
    ULONG Index;

    FOR_ALL(Index)
    {
        if (PROCESSOR(Index).Group == Group) {
            Mask |= BIT_OF(Index);
        }
    }
    return Mask;
}

static KAFFINITY NodeMask(CHECK_CONTEXT *Context, ULONG Node, ULONG Group)
{
    KAFFINITY Mask = 0;
    ULONG Index;

    FOR_ALL(Index)
    {
        if (PROCESSOR(Index).Node == Node && PROCESSOR(Index).Group == Group) {
            Mask |= BIT_OF(Index);
        }
    }
    return Mask;
}

static USHORT PrimaryGroup(CHECK_CONTEXT *Context, ULONG Node)
{
    ULONG Most = 0;
    USHORT Group, Primary = 0;

    for (Group = 0; Group < Context->Topology->Groups; Group++) {
        if (CountBits(NodeMask(Context, Node, Group)) > Most) {
            Most = CountBits(NodeMask(Context, Node, Group));
            Primary = Group;
        }
    }
    return Primary;
}

/* ---- groups ---- */

CHECK_ALSO(StorPortGetActiveGroupCount, tells_the_topology, EVERYWHERE)
{
    USHORT Count = 0;

    EXPECT_STATUS(StorPortGetActiveGroupCount(Context->Extension, &Count), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Count, Context->Topology->Groups);
    EXPECT_EQUAL(KeQueryActiveGroupCount(), Count);
    EXPECT_EQUAL(KeQueryMaximumGroupCount(), Count);
}

CHECK_ALSO(StorPortGetGroupAffinity, tells_the_topology, EVERYWHERE)
{
    KAFFINITY Mask;
    USHORT Group;

    for (Group = 0; Group < Context->Topology->Groups; Group++) {
        Mask = 0;
        EXPECT_STATUS(StorPortGetGroupAffinity(Context->Extension, Group, &Mask),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Mask, GroupMask(Context, Group));
        EXPECT_EQUAL(KeQueryGroupAffinity(Group), Mask);
        EXPECT_EQUAL(KeQueryActiveProcessorCountEx(Group), CountBits(Mask));
        EXPECT_EQUAL(KeQueryMaximumProcessorCountEx(Group), CountBits(Mask));
    }
    EXPECT_STATUS(StorPortGetGroupAffinity(Context->Extension, Group, &Mask),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_EQUAL(KeQueryGroupAffinity(Group), 0);
    EXPECT_EQUAL(KeQueryActiveProcessorCountEx(Group), 0);
}

CHECK_ALSO(StorPortGetProcessorCount, tells_the_topology, EVERYWHERE)
{
    ULONG Count = 0;

    EXPECT_STATUS(StorPortGetProcessorCount(Context->Extension, &Count), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Count, Context->Topology->Processors);
    EXPECT_EQUAL(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS), Count);
    EXPECT_EQUAL(KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS), Count);
}

/* What knows no groups is about group 0. */
CHECK_ALSO(KeQueryActiveProcessorCount, tells_the_topology, EVERYWHERE)
{
    KAFFINITY Mask = 0;

    EXPECT_EQUAL(KeQueryActiveProcessorCount(&Mask), CountBits(GroupMask(Context, 0)));
    EXPECT_EQUAL(Mask, GroupMask(Context, 0));
    EXPECT_EQUAL(KeQueryActiveProcessors(), Mask);
    EXPECT_EQUAL(KeQueryMaximumProcessorCount(), CountBits(Mask));
}

/* ---- numbers ---- */

CHECK_ALSO(StorPortGetProcessorIndexFromNumber, tells_the_topology, EVERYWHERE)
{
    PROCESSOR_NUMBER Number, Back;
    ULONG Index, Answer;

    FOR_ALL(Index)
    {
        Number = NumberOf(Context, Index);
        Answer = ~0u;
        EXPECT_STATUS(StorPortGetProcessorIndexFromNumber(Context->Extension, &Number, &Answer),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Answer, Index);
        EXPECT_EQUAL(KeGetProcessorIndexFromNumber(&Number), Index);
        EXPECT_EQUAL(KeGetProcessorNumberFromIndex(Index, &Back), STATUS_SUCCESS);
        EXPECT(Back.Group == Number.Group && Back.Number == Number.Number && Back.Reserved == 0);
    }
    EXPECT_EQUAL(KeGetProcessorNumberFromIndex(Index, &Back), STATUS_INVALID_PARAMETER);
    Number.Group = (USHORT)Context->Topology->Groups;
    Number.Number = 0;
    EXPECT_STATUS(StorPortGetProcessorIndexFromNumber(Context->Extension, &Number, &Answer),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(KeGetProcessorIndexFromNumber(&Number), INVALID_PROCESSOR_INDEX);
}

CHECK_ALSO(StorPortGetCurrentProcessorNumber, tells_the_topology, EVERYWHERE - PASSIVE_PLACES)
{
    PROCESSOR_NUMBER Number, Other;
    ULONG Index;

    if (Context->Irql < DISPATCH_LEVEL) {
        return; /* it may move from one question to the next */
    }
    EXPECT_STATUS(StorPortGetCurrentProcessorNumber(Context->Extension, &Number),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortGetCurrentProcessorIndex(Context->Extension, &Index),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(KeGetCurrentProcessorNumberEx(&Other), Index);
    EXPECT(Other.Group == Number.Group && Other.Number == Number.Number);
    EXPECT_EQUAL(Number.Group, PROCESSOR(Index).Group);
    EXPECT_EQUAL(Number.Number, PROCESSOR(Index).Number);
    EXPECT_EQUAL(KeGetCurrentNodeNumber(), PROCESSOR(Index).Node);
}

/* ---- nodes ---- */

CHECK_ALSO(KeGetCurrentNodeNumber, tells_the_topology, AT(PassiveInitialize) | AT(WorkItem))
{
    GROUP_AFFINITY Affinity, Before;
    ULONG Index;

    for (Index = 0; Index < Context->Topology->Processors; Index++) {
        RtlZeroMemory(&Affinity, sizeof(Affinity));
        Affinity.Group = PROCESSOR(Index).Group;
        Affinity.Mask = (KAFFINITY)1 << PROCESSOR(Index).Number;
        KeSetSystemGroupAffinityThread(&Affinity, &Before);
        EXPECT_EQUAL(KeGetCurrentNodeNumber(), PROCESSOR(Index).Node);
        KeRevertToUserGroupAffinityThread(&Before);
    }
}

CHECK_ALSO(KeQueryHighestNodeNumber, tells_the_topology, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryHighestNodeNumber(), Context->Topology->Nodes - 1);
}

CHECK_ALSO(StorPortGetActiveNodeCount, tells_the_topology, EVERYWHERE)
{
    ULONG Count = 0, Highest = 0;

    EXPECT_STATUS(StorPortGetActiveNodeCount(Context->Extension, &Count), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Count, Context->Topology->Nodes);
    EXPECT_STATUS(StorPortGetHighestNodeNumber(Context->Extension, &Highest), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Highest, Count - 1);
    EXPECT_EQUAL(KeQueryHighestNodeNumber(), Highest);
}

CHECK_ALSO(StorPortGetNodeAffinity, tells_the_topology, EVERYWHERE)
{
    GROUP_AFFINITY Affinity, Other;
    USHORT Count, Node, Group;

    for (Node = 0; Node < Context->Topology->Nodes; Node++) {
        Group = PrimaryGroup(Context, Node);
        EXPECT_STATUS(StorPortGetNodeAffinity(Context->Extension, Node, &Affinity),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Affinity.Group, Group);
        EXPECT_EQUAL(Affinity.Mask, NodeMask(Context, Node, Group));
        KeQueryNodeActiveAffinity(Node, &Other, &Count);
        EXPECT(Other.Group == Affinity.Group && Other.Mask == Affinity.Mask);
        EXPECT_EQUAL(Count, CountBits(Affinity.Mask));
    }
    KeQueryNodeActiveAffinity(Node, &Other, &Count);
    EXPECT(Other.Mask == 0 && Count == 0);
}

CHECK_ALSO(StorPortGetNodeAffinity2, tells_the_topology, EVERYWHERE)
{
    GROUP_AFFINITY Affinities[32], Others[32];
    USHORT Required, OtherRequired, Node, Index;
    ULONG Processors;

    for (Node = 0; Node < Context->Topology->Nodes; Node++) {
        Processors = 0;
        EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, Node, Affinities, 32, &Required),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(KeQueryNodeActiveAffinity2(Node, Others, 32, &OtherRequired), STATUS_SUCCESS);
        EXPECT_EQUAL(OtherRequired, Required);
        for (Index = 0; Index < Required; Index++) {
            EXPECT_EQUAL(Affinities[Index].Mask, NodeMask(Context, Node, Affinities[Index].Group));
            EXPECT(Others[Index].Mask == Affinities[Index].Mask &&
                   Others[Index].Group == Affinities[Index].Group);
            Processors += CountBits(Affinities[Index].Mask);
        }
        EXPECT_EQUAL(KeQueryNodeActiveProcessorCount(Node), Processors);
        EXPECT_EQUAL(KeQueryNodeMaximumProcessorCount(Node), Processors);
        if (Required > 0) {
            EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, Node, Affinities,
                                                   Required - 1, &OtherRequired),
                          STOR_STATUS_BUFFER_TOO_SMALL);
            EXPECT_EQUAL(OtherRequired, Required);
            EXPECT_EQUAL(KeQueryNodeActiveAffinity2(Node, Others, Required - 1, &OtherRequired),
                         STATUS_BUFFER_TOO_SMALL);
            EXPECT_EQUAL(OtherRequired, Required);
        }
    }
    EXPECT_STATUS(StorPortGetNodeAffinity2(Context->Extension, Node, Affinities, 32, &Required),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(KeQueryNodeActiveAffinity2(Node, Others, 32, &Required), STATUS_INVALID_PARAMETER);
}

CHECK_ALSO(KeQueryNodeActiveAffinity2, tells_the_topology, LOW_PLACES)
{
    GROUP_AFFINITY Affinities[32];
    USHORT Required = 0;

    EXPECT_EQUAL(KeQueryNodeActiveAffinity2(0, Affinities, 32, &Required), STATUS_SUCCESS);
    EXPECT(Required >= 1);
    EXPECT_EQUAL(Affinities[0].Mask, NodeMask(Context, 0, Affinities[0].Group));
}

CHECK_ALSO(KeQueryNodeActiveProcessorCount, tells_the_topology, LOW_PLACES)
{
    ULONG Sum = 0;
    USHORT Node;

    for (Node = 0; Node < Context->Topology->Nodes; Node++) {
        Sum += KeQueryNodeActiveProcessorCount(Node);
    }
    EXPECT_EQUAL(Sum, Context->Topology->Processors);
    EXPECT_EQUAL(KeQueryNodeActiveProcessorCount(Node), 0);
}

/* ---- relationships ---- */

/* The number of a processor in the relationship, as the host knows it. */
static ULONG UnitOf(CHECK_CONTEXT *Context, ULONG Index, LOGICAL_PROCESSOR_RELATIONSHIP Type)
{
    switch (Type) {
    case RelationProcessorCore:
        return PROCESSOR(Index).Core;
    case RelationProcessorPackage:
        return PROCESSOR(Index).Package;
    case RelationProcessorDie:
        return PROCESSOR(Index).Die;
    case RelationProcessorModule:
        return PROCESSOR(Index).Module;
    default:
        return PROCESSOR(Index).Node;
    }
}

static KAFFINITY UnitMask(CHECK_CONTEXT *Context, ULONG Unit, LOGICAL_PROCESSOR_RELATIONSHIP Type,
                          USHORT Group)
{
    KAFFINITY Mask = 0;
    ULONG Index;

    FOR_ALL(Index)
    {
        if (PROCESSOR(Index).Group == Group && UnitOf(Context, Index, Type) == Unit) {
            Mask |= BIT_OF(Index);
        }
    }
    return Mask;
}

static ULONG CountUnits(CHECK_CONTEXT *Context, LOGICAL_PROCESSOR_RELATIONSHIP Type)
{
    ULONG Index, Count = 0;

    FOR_ALL(Index)
    {
        if (Index == 0 || UnitOf(Context, Index, Type) != UnitOf(Context, Index - 1, Type)) {
            Count++;
        }
    }
    return Count;
}

/* The index of the first processor of an affinity. */
static ULONG FirstOf(CHECK_CONTEXT *Context, const GROUP_AFFINITY *Affinity)
{
    ULONG Index;

    FOR_ALL(Index)
    {
        if (PROCESSOR(Index).Group == Affinity->Group && Affinity->Mask & BIT_OF(Index)) {
            return Index;
        }
    }
    EXPECT(FALSE);
    return 0;
}

/* Asks both ways, with a buffer that is too small first; the bytes, 0 for a failure. */
static ULONG Ask(CHECK_CONTEXT *Context, PPROCESSOR_NUMBER Number,
                 LOGICAL_PROCESSOR_RELATIONSHIP Type, PUCHAR Buffer)
{
    ULONG Length = 0, Given, Other = 0;

    EXPECT_STATUS(
        StorPortGetLogicalProcessorRelationship(Context->Extension, Number, Type, NULL, &Length),
        STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT(Length > 0 && Length <= RECORDS_BYTES);
    if (Length == 0 || Length > RECORDS_BYTES) {
        return 0;
    }
    Given = Length - 1;
    Buffer[Given] = 0xA5;
    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(
                      Context->Extension, Number, Type,
                      (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)Buffer, &Given),
                  STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Given, Length);
    EXPECT_EQUAL(Buffer[Length - 1], 0xA5);
    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(
                      Context->Extension, Number, Type,
                      (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)Buffer, &Given),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Given, Length);
    if (Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_EQUAL(KeQueryLogicalProcessorRelationship(Number, Type, NULL, &Other),
                     STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQUAL(Other, Length);
    }
    return Length;
}

/* The records of cores, packages, dies, modules: one each, with an affinity for each group. */
static VOID CheckUnits(CHECK_CONTEXT *Context, PUCHAR Buffer, LOGICAL_PROCESSOR_RELATIONSHIP Type)
{
    ULONG Length = Ask(Context, NULL, Type, Buffer), Offset = 0, Count = 0, Processors = 0;
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Record;
    ULONG Unit, Cores;
    USHORT Group;

    for (; Offset < Length; Offset += Record->Size, Count++) {
        Record = (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)(Buffer + Offset);
        EXPECT_EQUAL(Record->Relationship, Type);
        EXPECT_EQUAL(Record->Size, 32 + 16 * Record->Processor.GroupCount);
        if (Record->Size < 48) {
            return;
        }
        Unit = UnitOf(Context, FirstOf(Context, &Record->Processor.GroupMask[0]), Type);
        Cores = 0;
        for (Group = 0; Group < Record->Processor.GroupCount; Group++) {
            const GROUP_AFFINITY *Affinity = &Record->Processor.GroupMask[Group];
            EXPECT_EQUAL(Affinity->Mask, UnitMask(Context, Unit, Type, Affinity->Group));
            Cores += CountBits(Affinity->Mask);
        }
        if (Type == RelationProcessorCore) {
            EXPECT_EQUAL(Record->Processor.Flags, Cores > 1 ? LTP_PC_SMT : 0);
            EXPECT_EQUAL(Record->Processor.EfficiencyClass,
                         PROCESSOR(FirstOf(Context, &Record->Processor.GroupMask[0])).Efficiency);
        }
        Processors += Cores;
    }
    EXPECT_EQUAL(Offset, Length);
    EXPECT_EQUAL(Count, CountUnits(Context, Type));
    EXPECT_EQUAL(Processors, Context->Topology->Processors);
}

static VOID CheckNodes(CHECK_CONTEXT *Context, PUCHAR Buffer, LOGICAL_PROCESSOR_RELATIONSHIP Type)
{
    ULONG Length = Ask(Context, NULL, Type, Buffer), Offset = 0, Count = 0, Node;
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Record;
    USHORT Index;

    for (; Offset < Length; Offset += Record->Size, Count++) {
        Record = (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)(Buffer + Offset);
        EXPECT_EQUAL(Record->Relationship, RelationNumaNode);
        EXPECT_EQUAL(Record->Size, 32 + 16 * Record->NumaNode.GroupCount);
        if (Record->Size < 48) {
            return;
        }
        Node = Record->NumaNode.NodeNumber;
        if (Type == RelationNumaNode) {
            EXPECT_EQUAL(Record->NumaNode.GroupCount, 1);
            EXPECT_EQUAL(Record->NumaNode.GroupMask.Group, PrimaryGroup(Context, Node));
        }
        for (Index = 0; Index < Record->NumaNode.GroupCount; Index++) {
            const GROUP_AFFINITY *Affinity = &Record->NumaNode.GroupMasks[Index];
            EXPECT_EQUAL(Affinity->Mask, NodeMask(Context, Node, Affinity->Group));
        }
    }
    EXPECT_EQUAL(Offset, Length);
    EXPECT_EQUAL(Count, CountUnits(Context, RelationNumaNode));
}

static VOID CheckGroups(CHECK_CONTEXT *Context, PUCHAR Buffer)
{
    ULONG Length = Ask(Context, NULL, RelationGroup, Buffer);
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Record =
        (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)Buffer;
    ULONG Group;

    EXPECT_EQUAL(Length, 32 + 48 * Context->Topology->Groups);
    EXPECT_EQUAL(Record->Size, Length);
    EXPECT_EQUAL(Record->Group.ActiveGroupCount, Context->Topology->Groups);
    EXPECT_EQUAL(Record->Group.MaximumGroupCount, Context->Topology->Groups);
    for (Group = 0; Group < Context->Topology->Groups; Group++) {
        const PROCESSOR_GROUP_INFO *Info = &Record->Group.GroupInfo[Group];
        EXPECT_EQUAL(Info->ActiveProcessorMask, GroupMask(Context, Group));
        EXPECT_EQUAL(Info->ActiveProcessorCount, CountBits(Info->ActiveProcessorMask));
        EXPECT_EQUAL(Info->MaximumProcessorCount, Info->ActiveProcessorCount);
    }
}

/* Every processor has a cache of each kind, and shares it with its core at least. */
static VOID CheckCaches(CHECK_CONTEXT *Context, PUCHAR Buffer)
{
    ULONG Length = Ask(Context, NULL, RelationCache, Buffer), Offset = 0, Index, Served[4] = {0};
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Record;

    for (; Offset < Length; Offset += Record->Size) {
        Record = (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)(Buffer + Offset);
        EXPECT_EQUAL(Record->Relationship, RelationCache);
        EXPECT_EQUAL(Record->Size, 40 + 16 * Record->Cache.GroupCount);
        if (Record->Size < 56 || Record->Cache.Level < 1 || Record->Cache.Level > 3) {
            EXPECT(FALSE);
            return;
        }
        EXPECT(Record->Cache.CacheSize > 0 && Record->Cache.LineSize == 64);
        for (Index = 0; Index < Record->Cache.GroupCount; Index++) {
            const GROUP_AFFINITY *Affinity = &Record->Cache.GroupMasks[Index];
            Served[Record->Cache.Level] += CountBits(Affinity->Mask);
            EXPECT_EQUAL(Affinity->Mask & ~GroupMask(Context, Affinity->Group), 0);
        }
    }
    EXPECT_EQUAL(Offset, Length);
    EXPECT_EQUAL(Served[1], 2 * Context->Topology->Processors);
    EXPECT_EQUAL(Served[2], Context->Topology->Processors);
    EXPECT_EQUAL(Served[3], Context->Topology->Processors);
}

/* Of one processor: its own core, package, die, module and node, its group's part of it, and all
 * groups. */
static VOID CheckOfOne(CHECK_CONTEXT *Context, PUCHAR Buffer, ULONG Index)
{
    static const LOGICAL_PROCESSOR_RELATIONSHIP Types[] = {
        RelationProcessorCore, RelationProcessorPackage, RelationProcessorDie,
        RelationProcessorModule, RelationNumaNode};
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Record =
        (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)Buffer;
    PROCESSOR_NUMBER Number = NumberOf(Context, Index);
    const GROUP_AFFINITY *Affinity;
    ULONG Kind, Length;

    for (Kind = 0; Kind < RTL_NUMBER_OF(Types); Kind++) {
        Length = Ask(Context, &Number, Types[Kind], Buffer);
        EXPECT_EQUAL(Record->Size, Length); /* one record */
        Affinity = Types[Kind] == RelationNumaNode ? &Record->NumaNode.GroupMask
                                                   : &Record->Processor.GroupMask[0];
        EXPECT_EQUAL(Affinity->Mask, UnitMask(Context, UnitOf(Context, Index, Types[Kind]),
                                              Types[Kind], Affinity->Group));
        if (Types[Kind] == RelationNumaNode || Types[Kind] == RelationProcessorCore) {
            EXPECT_EQUAL(Affinity->Group, PROCESSOR(Index).Group);
        }
    }
    EXPECT_EQUAL(Ask(Context, &Number, RelationGroup, Buffer), 32 + 48 * Context->Topology->Groups);
}

CHECK_ALSO(StorPortGetLogicalProcessorRelationship, tells_the_topology, LOW_PLACES)
{
    static const LOGICAL_PROCESSOR_RELATIONSHIP Types[] = {
        RelationProcessorCore, RelationProcessorPackage, RelationProcessorDie,
        RelationProcessorModule};
    PUCHAR Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, RECORDS_BYTES, TAG);
    ULONG Index, Sum = 0;

    EXPECT(Buffer != NULL);
    if (Buffer == NULL) {
        return;
    }
    for (Index = 0; Index < RTL_NUMBER_OF(Types); Index++) {
        CheckUnits(Context, Buffer, Types[Index]);
        Sum += Ask(Context, NULL, Types[Index], Buffer);
    }
    CheckNodes(Context, Buffer, RelationNumaNode);
    CheckNodes(Context, Buffer, RelationNumaNodeEx);
    CheckGroups(Context, Buffer);
    CheckCaches(Context, Buffer);
    Sum += Ask(Context, NULL, RelationNumaNodeEx, Buffer);
    Sum += Ask(Context, NULL, RelationGroup, Buffer) + Ask(Context, NULL, RelationCache, Buffer);
    EXPECT_EQUAL(Ask(Context, NULL, RelationAll, Buffer), Sum);
    FOR_ALL(Index)
    {
        CheckOfOne(Context, Buffer, Index);
    }
    ExFreePoolWithTag(Buffer, TAG);
}

CHECK_ALSO(KeQueryLogicalProcessorRelationship, tells_the_topology, LOW_PLACES)
{
    PUCHAR Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, 2 * RECORDS_BYTES, TAG);
    PROCESSOR_NUMBER Number = {(USHORT)Context->Topology->Groups, 0, 0};
    ULONG Length = RECORDS_BYTES, Other = RECORDS_BYTES;

    EXPECT(Buffer != NULL);
    if (Buffer == NULL) {
        return;
    }
    RtlZeroMemory(Buffer, 2 * RECORDS_BYTES);
    EXPECT_EQUAL(KeQueryLogicalProcessorRelationship(
                     NULL, RelationAll, (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)Buffer, &Length),
                 STATUS_SUCCESS);
    EXPECT_STATUS(StorPortGetLogicalProcessorRelationship(
                      Context->Extension, NULL, RelationAll,
                      (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)(Buffer + RECORDS_BYTES), &Other),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Length, Other);
    EXPECT_EQUAL(RtlCompareMemory(Buffer, Buffer + RECORDS_BYTES, Length), Length);
    EXPECT_EQUAL(KeQueryLogicalProcessorRelationship(&Number, RelationAll, NULL, &Length),
                 STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(KeQueryLogicalProcessorRelationship(NULL, (LOGICAL_PROCESSOR_RELATIONSHIP)99, NULL,
                                                     &Length),
                 STATUS_INVALID_PARAMETER);
    ExFreePoolWithTag(Buffer, TAG);
}

/* ---- where things run ---- */

typedef struct _PLACE_SEEN {
    KEVENT Ran;
    ULONG Index;
    PROCESSOR_NUMBER Number;
} PLACE_SEEN;

static VOID NTAPI SeePlace(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1,
                           PVOID SystemArgument2)
{
    PLACE_SEEN *Seen = (PLACE_SEEN *)DeferredContext;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    Seen->Index = KeGetCurrentProcessorNumberEx(&Seen->Number);
    KeSetEvent(&Seen->Ran, 0, FALSE);
}

static VOID ExpectDpcAt(CHECK_CONTEXT *Context, PKDPC Dpc, PLACE_SEEN *Seen, ULONG Index)
{
    LARGE_INTEGER Patience;

    Patience.QuadPart = PATIENCE;
    EXPECT(KeInsertQueueDpc(Dpc, NULL, NULL));
    EXPECT_EQUAL(KeWaitForSingleObject(&Seen->Ran, Executive, KernelMode, FALSE, &Patience),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Seen->Index, Index);
    EXPECT_EQUAL(Seen->Number.Group, PROCESSOR(Index).Group);
    EXPECT_EQUAL(Seen->Number.Number, PROCESSOR(Index).Number);
}

CHECK_ALSO(KeSetTargetProcessorDpcEx, tells_the_topology, PASSIVE_PLACES)
{
    PROCESSOR_NUMBER Number;
    PLACE_SEEN Seen;
    ULONG Index;
    KDPC Dpc;

    KeInitializeEvent(&Seen.Ran, SynchronizationEvent, FALSE);
    FOR_ALL(Index)
    {
        Number = NumberOf(Context, Index);
        KeInitializeDpc(&Dpc, SeePlace, &Seen);
        EXPECT_EQUAL(KeSetTargetProcessorDpcEx(&Dpc, &Number), STATUS_SUCCESS);
        ExpectDpcAt(Context, &Dpc, &Seen, Index);
    }
    KeFlushQueuedDpcs();
}

/* A number is one of group 0; one that it does not have changes nothing. */
CHECK_ALSO(KeSetTargetProcessorDpc, tells_the_topology, PASSIVE_PLACES)
{
    ULONG Count = KeQueryActiveProcessorCount(NULL);
    PLACE_SEEN Seen;
    KDPC Dpc;

    KeInitializeEvent(&Seen.Ran, SynchronizationEvent, FALSE);
    KeInitializeDpc(&Dpc, SeePlace, &Seen);
    KeSetTargetProcessorDpc(&Dpc, (CCHAR)(Count - 1));
    ExpectDpcAt(Context, &Dpc, &Seen, Count - 1);
    EXPECT_FINDING(KeSetTargetProcessorDpc(&Dpc, (CCHAR)Count));
    ExpectDpcAt(Context, &Dpc, &Seen, Count - 1);
    KeFlushQueuedDpcs();
}

static ULONG IndexWhenRaised(VOID)
{
    KIRQL OldIrql;
    ULONG Index;

    KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
    Index = KeGetCurrentProcessorNumberEx(NULL);
    KeLowerIrql(OldIrql);
    return Index;
}

static BOOLEAN IsZero(const GROUP_AFFINITY *Affinity)
{
    return Affinity->Mask == 0 && Affinity->Group == 0;
}

CHECK_ALSO(KeSetSystemGroupAffinityThread, tells_the_topology, PASSIVE_PLACES)
{
    GROUP_AFFINITY Affinity = {0}, First, Previous;
    ULONG Index;

    FOR_ALL(Index)
    {
        Affinity.Group = PROCESSOR(Index).Group;
        Affinity.Mask = BIT_OF(Index);
        KeSetSystemGroupAffinityThread(&Affinity, Index == 0 ? &First : &Previous);
        EXPECT_EQUAL(KeGetCurrentProcessorNumberEx(NULL), Index);
        EXPECT_EQUAL(IndexWhenRaised(), Index);
        if (Index > 0) {
            EXPECT(Previous.Group == PROCESSOR(Index - 1).Group &&
                   Previous.Mask == BIT_OF(Index - 1));
        }
    }
    EXPECT(IsZero(&First)); /* the thread had no affinity of its own */
    Affinity.Group = (USHORT)Context->Topology->Groups;
    KeSetSystemGroupAffinityThread(&Affinity, &Previous);
    EXPECT(IsZero(&Previous));
    EXPECT_EQUAL(IndexWhenRaised(), Index - 1);
    KeRevertToUserGroupAffinityThread(&First);
}

CHECK_ALSO(KeRevertToUserGroupAffinityThread, tells_the_topology, PASSIVE_PLACES)
{
    ULONG Last = Context->Topology->Processors - 1;
    GROUP_AFFINITY Affinity = {0}, Outer, Inner;

    Affinity.Group = PROCESSOR(Last).Group;
    Affinity.Mask = BIT_OF(Last);
    KeSetSystemGroupAffinityThread(&Affinity, &Outer);
    Affinity.Group = 0;
    Affinity.Mask = 1;
    KeSetSystemGroupAffinityThread(&Affinity, &Inner);
    EXPECT_EQUAL(IndexWhenRaised(), 0);
    KeRevertToUserGroupAffinityThread(&Inner);
    EXPECT_EQUAL(IndexWhenRaised(), Last);
    KeRevertToUserGroupAffinityThread(&Outer);
    KeSetSystemGroupAffinityThread(&Affinity, &Inner);
    EXPECT(IsZero(&Inner)); /* it was free again */
    KeRevertToUserGroupAffinityThread(&Inner);
}

CHECK_ALSO(KeSetSystemAffinityThreadEx, tells_the_topology, PASSIVE_PLACES)
{
    ULONG Count = KeQueryActiveProcessorCount(NULL);
    KAFFINITY Last = (KAFFINITY)1 << (Count - 1);

    EXPECT_EQUAL(KeSetSystemAffinityThreadEx(Last), 0);
    EXPECT_EQUAL(IndexWhenRaised(), Count - 1);
    EXPECT_EQUAL(KeSetSystemAffinityThreadEx(1), Last);
    EXPECT_EQUAL(IndexWhenRaised(), 0);
    if (Count < 64) {
        EXPECT_EQUAL(KeSetSystemAffinityThreadEx((KAFFINITY)1 << Count), 0);
        EXPECT_EQUAL(IndexWhenRaised(), 0);
    }
    KeRevertToUserAffinityThreadEx(0);
}

CHECK_ALSO(KeRevertToUserAffinityThreadEx, tells_the_topology, PASSIVE_PLACES)
{
    ULONG Count = KeQueryActiveProcessorCount(NULL);
    KAFFINITY Last = (KAFFINITY)1 << (Count - 1);

    (VOID) KeSetSystemAffinityThreadEx(Last);
    EXPECT_EQUAL(KeSetSystemAffinityThreadEx(1), Last);
    KeRevertToUserAffinityThreadEx(Last);
    EXPECT_EQUAL(IndexWhenRaised(), Count - 1);
    KeRevertToUserAffinityThreadEx(0);
    EXPECT_EQUAL(KeSetSystemAffinityThreadEx(1), 0);
    KeRevertToUserAffinityThreadEx(0);
}

CHECK_ALSO(KeSetSystemAffinityThread, tells_the_topology, PASSIVE_PLACES)
{
    KeSetSystemAffinityThread(1);
    EXPECT_EQUAL(IndexWhenRaised(), 0);
    KeRevertToUserAffinityThread();
}

CHECK_ALSO(KeRevertToUserAffinityThread, tells_the_topology, PASSIVE_PLACES)
{
    KeSetSystemAffinityThread(1);
    KeRevertToUserAffinityThread();
    EXPECT_EQUAL(KeSetSystemAffinityThreadEx(1), 0);
    KeRevertToUserAffinityThread();
}

/* ---- memory ---- */

CHECK_ALSO(StorPortAllocateContiguousMemorySpecifyCacheNode, tells_the_topology, LOW_PLACES)
{
    PHYSICAL_ADDRESS Low, High, Boundary;
    PVOID Memory;
    ULONG Node;

    Low.QuadPart = Boundary.QuadPart = 0;
    High.QuadPart = MAXLONGLONG;
    for (Node = 0; Node <= Context->Topology->Nodes; Node++) {
        ULONG Status = StorPortAllocateContiguousMemorySpecifyCacheNode(
            Context->Extension, PAGE_SIZE, Low, High, Boundary, MmCached, Node, &Memory);
        if (Node == Context->Topology->Nodes) {
            EXPECT_EQUAL(Status, STOR_STATUS_INVALID_PARAMETER);
            break;
        }
        EXPECT_EQUAL(Status, STOR_STATUS_SUCCESS);
        if (Memory != NULL) {
            EXPECT_EQUAL(Context->Topology->NodeOf(Memory), Node);
            EXPECT_STATUS(StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Memory,
                                                                   PAGE_SIZE, MmCached),
                          STOR_STATUS_SUCCESS);
        }
    }
}

/* From that node; one that there is not has none. */
CHECK_ALSO(MmAllocateContiguousNodeMemory, tells_the_topology, PASSIVE_PLACES)
{
    PHYSICAL_ADDRESS Low, High, Boundary;
    ULONG Node;

    Low.QuadPart = Boundary.QuadPart = 0;
    High.QuadPart = MAXLONGLONG;
    for (Node = 0; Node < Context->Topology->Nodes; Node++) {
        PVOID Memory =
            MmAllocateContiguousNodeMemory(PAGE_SIZE, Low, High, Boundary, PAGE_READWRITE, Node);
        EXPECT(Memory != NULL);
        if (Memory != NULL) {
            EXPECT_EQUAL(Context->Topology->NodeOf(Memory), Node);
            MmFreeContiguousMemory(Memory);
        }
        Memory = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, Low, High, Boundary,
                                                            MmCached, Node);
        EXPECT(Memory != NULL);
        if (Memory != NULL) {
            EXPECT_EQUAL(Context->Topology->NodeOf(Memory), Node);
            MmFreeContiguousMemory(Memory);
        }
    }
    if (Node > 1) {
        EXPECT(MmAllocateContiguousNodeMemory(PAGE_SIZE, Low, High, Boundary, PAGE_READWRITE,
                                              Node) == NULL);
    }
}
