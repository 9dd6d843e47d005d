/*
 * Checks of the executive's memory: sequenced lists, lists of free blocks, more kinds of pool,
 * memory that devices see in one piece; and of processors by number.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

#define TAG 'kcol'

/* ---- sequenced lists ---- */

typedef struct DECLSPEC_ALIGN(16) _LISTS {
    SLIST_HEADER Head;
    SLIST_ENTRY Entries[3];
} LISTS;

CHECK(InitializeSListHead, LOW_PLACES)
{
    LISTS Lists;

    RtlFillMemory(&Lists, sizeof(Lists), 0xA5);
    InitializeSListHead(&Lists.Head);
    EXPECT_EQUAL(ExQueryDepthSList(&Lists.Head), 0);
}

CHECK(ExpInterlockedPushEntrySList, EVERYWHERE)
{
    LISTS Lists;

    InitializeSListHead(&Lists.Head);
    EXPECT(InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[0]) == NULL);
    EXPECT(InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[1]) == &Lists.Entries[0]);
}

CHECK(ExpInterlockedPopEntrySList, EVERYWHERE)
{
    LISTS Lists;

    InitializeSListHead(&Lists.Head);
    InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[0]);
    InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[1]);
    EXPECT(InterlockedPopEntrySList(&Lists.Head) == &Lists.Entries[1]);
    EXPECT(InterlockedPopEntrySList(&Lists.Head) == &Lists.Entries[0]);
    EXPECT(InterlockedPopEntrySList(&Lists.Head) == NULL);
}

CHECK(ExpInterlockedFlushSList, EVERYWHERE)
{
    LISTS Lists;

    InitializeSListHead(&Lists.Head);
    InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[0]);
    InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[1]);
    EXPECT(InterlockedFlushSList(&Lists.Head) == &Lists.Entries[1]);
    EXPECT(Lists.Entries[1].Next == &Lists.Entries[0]);
    EXPECT_EQUAL(QueryDepthSList(&Lists.Head), 0);
}

CHECK(ExQueryDepthSList, EVERYWHERE)
{
    LISTS Lists;
    ULONG Index;

    InitializeSListHead(&Lists.Head);
    for (Index = 0; Index < 3; Index++) {
        InterlockedPushEntrySList(&Lists.Head, &Lists.Entries[Index]);
    }
    EXPECT_EQUAL(ExQueryDepthSList(&Lists.Head), 3);
}

/* ---- lists of free blocks ---- */

static volatile LONG Allocated;

static PVOID NTAPI Allocate(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    InterlockedIncrement(&Allocated);
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

static VOID NTAPI Free(PVOID Buffer)
{
    InterlockedDecrement(&Allocated);
    ExFreePool(Buffer);
}

CHECK(ExInitializeNPagedLookasideList, LOW_PLACES)
{
    NPAGED_LOOKASIDE_LIST List;
    PVOID Blocks[8], Again;
    ULONG Index;

    ExInitializeNPagedLookasideList(&List, Allocate, Free, 0, 100, TAG, 0);
    for (Index = 0; Index < 8; Index++) {
        Blocks[Index] = ExAllocateFromNPagedLookasideList(&List);
        EXPECT(Blocks[Index] != NULL);
    }
    EXPECT_EQUAL(Allocated, 8);
    for (Index = 0; Index < 8; Index++) {
        ExFreeToNPagedLookasideList(&List, Blocks[Index]);
    }
    EXPECT_EQUAL(Allocated, List.L.Depth);
    Again = ExAllocateFromNPagedLookasideList(&List);
    EXPECT(Again == Blocks[List.L.Depth - 1]);
    EXPECT_EQUAL(List.L.TotalAllocates, 9);
    EXPECT_EQUAL(List.L.AllocateMisses, 8);
    ExFreeToNPagedLookasideList(&List, Again);
    ExDeleteNPagedLookasideList(&List);
    EXPECT_EQUAL(Allocated, 0);
}

CHECK(ExDeleteNPagedLookasideList, LOW_PLACES)
{
    NPAGED_LOOKASIDE_LIST List;
    PVOID Block;

    ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 1, TAG, 0);
    EXPECT(List.L.Size >= LOOKASIDE_MINIMUM_BLOCK_SIZE);
    Block = ExAllocateFromNPagedLookasideList(&List);
    EXPECT(Block != NULL);
    ExFreeToNPagedLookasideList(&List, Block);
    EXPECT_EQUAL(ExQueryDepthSList(&List.L.ListHead), 1);
    ExDeleteNPagedLookasideList(&List);
    EXPECT_EQUAL(ExQueryDepthSList(&List.L.ListHead), 0);
}

CHECK(ExInitializePagedLookasideList, PASSIVE_PLACES)
{
    PAGED_LOOKASIDE_LIST List;
    PVOID Block;

    ExInitializePagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0);
    Block = ExAllocateFromPagedLookasideList(&List);
    EXPECT(Block != NULL);
    ExFreeToPagedLookasideList(&List, Block);
    EXPECT(ExAllocateFromPagedLookasideList(&List) == Block);
    ExFreeToPagedLookasideList(&List, Block);
    ExDeletePagedLookasideList(&List);
}

CHECK(ExDeletePagedLookasideList, PASSIVE_PLACES)
{
    PAGED_LOOKASIDE_LIST List;

    ExInitializePagedLookasideList(&List, Allocate, Free, 0, 64, TAG, 0);
    ExFreeToPagedLookasideList(&List, ExAllocateFromPagedLookasideList(&List));
    EXPECT_EQUAL(Allocated, 1);
    ExDeletePagedLookasideList(&List);
    EXPECT_EQUAL(Allocated, 0);
}

static PVOID NTAPI AllocateEx(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
                              PLOOKASIDE_LIST_EX Lookaside)
{
    return Lookaside != NULL ? Allocate(PoolType, NumberOfBytes, Tag) : NULL;
}

static VOID NTAPI FreeEx(PVOID Buffer, PLOOKASIDE_LIST_EX Lookaside)
{
    UNREFERENCED_PARAMETER(Lookaside);
    Free(Buffer);
}

CHECK(ExInitializeLookasideListEx, LOW_PLACES)
{
    LOOKASIDE_LIST_EX List;
    PVOID Block;

    EXPECT_EQUAL(ExInitializeLookasideListEx(&List, NULL, NULL, NonPagedPoolNx, 0, 64, TAG, 1),
                 STATUS_INVALID_PARAMETER_8);
    EXPECT_EQUAL(ExInitializeLookasideListEx(&List, NULL, NULL, NonPagedPoolNx, 3, 64, TAG, 0),
                 STATUS_INVALID_PARAMETER_5);
    EXPECT_EQUAL(ExInitializeLookasideListEx(&List, NULL, NULL, NonPagedPoolNx, 0, 64, TAG, 0),
                 STATUS_SUCCESS);
    Block = ExAllocateFromLookasideListEx(&List);
    EXPECT(Block != NULL);
    ExFreeToLookasideListEx(&List, Block);
    ExDeleteLookasideListEx(&List);
}

CHECK(ExFlushLookasideListEx, LOW_PLACES)
{
    LOOKASIDE_LIST_EX List;

    ExInitializeLookasideListEx(&List, AllocateEx, FreeEx, NonPagedPoolNx, 0, 64, TAG, 0);
    ExFreeToLookasideListEx(&List, ExAllocateFromLookasideListEx(&List));
    EXPECT_EQUAL(Allocated, 1);
    ExFlushLookasideListEx(&List);
    EXPECT_EQUAL(Allocated, 0);
    ExDeleteLookasideListEx(&List);
}

CHECK(ExDeleteLookasideListEx, LOW_PLACES)
{
    LOOKASIDE_LIST_EX List;

    ExInitializeLookasideListEx(&List, AllocateEx, FreeEx, NonPagedPoolNx, 0, 64, TAG, 0);
    ExFreeToLookasideListEx(&List, ExAllocateFromLookasideListEx(&List));
    ExDeleteLookasideListEx(&List);
    EXPECT_EQUAL(Allocated, 0);
}

/* ---- pool ---- */

CHECK(ExAllocatePoolWithQuotaTag, LOW_PLACES)
{
    PUCHAR Block = (PUCHAR)ExAllocatePoolWithQuotaTag(NonPagedPoolNx, 64, TAG);

    EXPECT(Block != NULL);
    Block[63] = 1;
    ExFreePoolWithTag(Block, TAG);
}

CHECK(ExAllocatePoolWithTagPriority, LOW_PLACES)
{
    PUCHAR Block =
        (PUCHAR)ExAllocatePoolWithTagPriority(NonPagedPoolNx, 64, TAG, NormalPoolPriority);

    EXPECT(Block != NULL);
    Block[63] = 1;
    ExFreePoolWithTag(Block, TAG);
}

CHECK(ExFreePool2, LOW_PLACES)
{
    PVOID Block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, TAG);

    EXPECT(Block != NULL);
    ExFreePool2(Block, TAG, NULL, 0);
}

/* ---- memory for devices ---- */

static PHYSICAL_ADDRESS Address(ULONGLONG Value)
{
    PHYSICAL_ADDRESS Result;

    Result.QuadPart = (LONGLONG)Value;
    return Result;
}

CHECK(MmAllocateContiguousMemory, LOW_PLACES)
{
    PUCHAR Memory = (PUCHAR)MmAllocateContiguousMemory(3 * PAGE_SIZE, Address(MAXULONG));
    ULONGLONG First;

    EXPECT(Memory != NULL);
    First = (ULONGLONG)MmGetPhysicalAddress(Memory).QuadPart;
    EXPECT_EQUAL((ULONGLONG)MmGetPhysicalAddress(Memory + 3 * PAGE_SIZE - 1).QuadPart,
                 First + 3 * PAGE_SIZE - 1);
    EXPECT(First + 3 * PAGE_SIZE - 1 <= MAXULONG);
    MmFreeContiguousMemory(Memory);
    EXPECT(MmAllocateContiguousMemory(0, Address(MAXULONG)) == NULL);
}

CHECK(MmAllocateContiguousMemorySpecifyCache, LOW_PLACES)
{
    PUCHAR Memory = (PUCHAR)MmAllocateContiguousMemorySpecifyCache(
        2 * PAGE_SIZE, Address(0), Address(MAXULONG), Address(16 * PAGE_SIZE), MmCached);

    EXPECT(Memory != NULL);
    EXPECT((ULONGLONG)MmGetPhysicalAddress(Memory).QuadPart / (16 * PAGE_SIZE) ==
           (ULONGLONG)MmGetPhysicalAddress(Memory + 2 * PAGE_SIZE - 1).QuadPart / (16 * PAGE_SIZE));
    MmFreeContiguousMemorySpecifyCache(Memory, 2 * PAGE_SIZE, MmCached);
}

CHECK(MmAllocateContiguousMemorySpecifyCacheNode, LOW_PLACES)
{
    PVOID Memory = MmAllocateContiguousMemorySpecifyCacheNode(
        PAGE_SIZE, Address(0), Address(MAXULONG), Address(0), MmCached, MM_ANY_NODE_OK);

    EXPECT(Memory != NULL);
    MmFreeContiguousMemorySpecifyCache(Memory, PAGE_SIZE, MmCached);
}

CHECK(MmAllocateContiguousNodeMemory, LOW_PLACES)
{
    PVOID Memory = MmAllocateContiguousNodeMemory(PAGE_SIZE, Address(0), Address(MAXULONG),
                                                  Address(0), PAGE_READWRITE, MM_ANY_NODE_OK);

    EXPECT(Memory != NULL);
    MmFreeContiguousMemory(Memory);
}

CHECK(MmFreeContiguousMemory, LOW_PLACES)
{
    ULONG Index;

    for (Index = 0; Index < 64; Index++) {
        PVOID Memory = MmAllocateContiguousMemory(1 << 20, Address(MAXULONG));

        EXPECT(Memory != NULL);
        MmFreeContiguousMemory(Memory);
    }
    EXPECT_FINDING(MmFreeContiguousMemory(Context->Memory));
}

CHECK(MmFreeContiguousMemorySpecifyCache, LOW_PLACES)
{
    EXPECT_FINDING(MmFreeContiguousMemorySpecifyCache(Context->Memory, PAGE_SIZE, MmCached));
}

CHECK(MmAllocateNonCachedMemory, PASSIVE_PLACES)
{
    PUCHAR Memory = (PUCHAR)MmAllocateNonCachedMemory(100);

    EXPECT(Memory != NULL);
    EXPECT_EQUAL((ULONG_PTR)Memory % PAGE_SIZE, 0);
    Memory[99] = 1;
    MmFreeNonCachedMemory(Memory, 100);
}

CHECK(MmFreeNonCachedMemory, PASSIVE_PLACES)
{
    EXPECT_FINDING(MmFreeNonCachedMemory(Context->Memory, 100));
}

CHECK(MmGetVirtualForPhysical, LOW_PLACES)
{
    PUCHAR Memory = (PUCHAR)MmAllocateContiguousMemory(PAGE_SIZE, Address(MAXULONG));

    EXPECT(Memory != NULL);
    EXPECT(MmGetVirtualForPhysical(MmGetPhysicalAddress(Memory + 8)) == Memory + 8);
    MmFreeContiguousMemory(Memory);
    EXPECT(MmGetVirtualForPhysical(Address(~0ull)) == NULL);
}

/* ---- processors ---- */

CHECK(KeQueryActiveGroupCount, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryActiveGroupCount(), 1);
}

CHECK(KeQueryMaximumGroupCount, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryMaximumGroupCount(), 1);
}

CHECK(KeQueryGroupAffinity, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryGroupAffinity(0), ((KAFFINITY)1 << Context->Processors) - 1);
    EXPECT_EQUAL(KeQueryGroupAffinity(1), 0);
}

CHECK(KeGetProcessorNumberFromIndex, EVERYWHERE)
{
    PROCESSOR_NUMBER Number;

    EXPECT_EQUAL(KeGetProcessorNumberFromIndex(Context->Processors - 1, &Number), STATUS_SUCCESS);
    EXPECT(Number.Group == 0 && Number.Number == Context->Processors - 1 && Number.Reserved == 0);
    EXPECT_EQUAL(KeGetProcessorNumberFromIndex(Context->Processors, &Number),
                 STATUS_INVALID_PARAMETER);
}

CHECK(KeGetProcessorIndexFromNumber, EVERYWHERE)
{
    PROCESSOR_NUMBER Number = {0, 0, 0};

    EXPECT_EQUAL(KeGetProcessorIndexFromNumber(&Number), 0);
    Number.Number = (UCHAR)Context->Processors;
    EXPECT_EQUAL(KeGetProcessorIndexFromNumber(&Number), INVALID_PROCESSOR_INDEX);
    Number.Number = 0;
    Number.Group = 1;
    EXPECT_EQUAL(KeGetProcessorIndexFromNumber(&Number), INVALID_PROCESSOR_INDEX);
}

CHECK(KeGetCurrentNodeNumber, EVERYWHERE)
{
    EXPECT_EQUAL(KeGetCurrentNodeNumber(), 0);
}

CHECK(KeQueryHighestNodeNumber, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryHighestNodeNumber(), 0);
}

CHECK(KeQueryNodeActiveAffinity, EVERYWHERE)
{
    GROUP_AFFINITY Affinity;
    USHORT Count = 0;

    KeQueryNodeActiveAffinity(0, &Affinity, &Count);
    EXPECT_EQUAL(Affinity.Mask, ((KAFFINITY)1 << Context->Processors) - 1);
    EXPECT_EQUAL(Count, Context->Processors);
    KeQueryNodeActiveAffinity(1, NULL, &Count);
    EXPECT_EQUAL(Count, 0);
}

CHECK(KeQueryNodeMaximumProcessorCount, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryNodeMaximumProcessorCount(0), Context->Processors);
}

CHECK(KeSetTargetProcessorDpcEx, LOW_PLACES)
{
    PROCESSOR_NUMBER Number = {0, 0, 0};
    KDPC Dpc;

    KeInitializeDpc(&Dpc, NULL, NULL);
    EXPECT_EQUAL(KeSetTargetProcessorDpcEx(&Dpc, &Number), STATUS_SUCCESS);
    EXPECT(Dpc.Number != 0);
    Number.Group = 1;
    EXPECT_EQUAL(KeSetTargetProcessorDpcEx(&Dpc, &Number), STATUS_INVALID_PARAMETER);
}

CHECK(KeSetImportanceDpc, LOW_PLACES)
{
    KDPC Dpc;

    KeInitializeDpc(&Dpc, NULL, NULL);
    KeSetImportanceDpc(&Dpc, HighImportance);
    EXPECT_EQUAL(Dpc.Importance, HighImportance);
}
