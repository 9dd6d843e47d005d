/*
 * Checks of memory that a driver allocates: pool, contiguous memory, memory for DMA, host memory
 * buffers, the uncached extension; and of addresses.
 */
#include "check.h"

#define TAG        0x6B636843UL /* "Chck" */
#define PAGE_BYTES 4096UL
#define MEBIBYTE   0x100000ULL
#define FILL       0x5A
#define ANYWHERE   (~0ULL)

static PHYSICAL_ADDRESS At(ULONGLONG Value)
{
    PHYSICAL_ADDRESS Address;

    Address.QuadPart = (LONGLONG)Value;
    return Address;
}

static ULONGLONG Physical(CHECK_CONTEXT *Context, PVOID Memory)
{
    ULONG Length = 0;

    return (ULONGLONG)StorPortGetPhysicalAddress(Context->Extension, NULL, Memory, &Length)
        .QuadPart;
}

static BOOLEAN IsVirtual(const CHECK_CONTEXT *Context)
{
    return Context->Model == CheckVirtual;
}

/* ---- pool ---- */

CHECK(StorPortAllocatePool, EVERYWHERE)
{
    static const ULONG Sizes[] = {1, 24, 100, 2048, 4096, 10000};
    PVOID Pool = Context;
    ULONG Index;

    EXPECT_STATUS(StorPortAllocatePool(Context->Extension, 8, TAG, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAllocatePool(NULL, 8, TAG, &Pool), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortAllocatePool(Context->Extension, MAXULONG, TAG, &Pool),
                 STOR_STATUS_INSUFFICIENT_RESOURCES);
    EXPECT(Pool == NULL);
    for (Index = 0; Index < sizeof(Sizes) / sizeof(Sizes[0]); Index++) {
        Pool = Context;
        EXPECT_UP_TO(DISPATCH_LEVEL,
                     StorPortAllocatePool(Context->Extension, Sizes[Index], TAG, &Pool),
                     STOR_STATUS_SUCCESS);
        EXPECT((Pool != NULL) == (Context->Irql <= DISPATCH_LEVEL));
        if (Pool == NULL) {
            continue;
        }
        EXPECT_EQUAL((ULONG_PTR)Pool % 16, 0);
        RtlFillMemory(Pool, Sizes[Index], FILL);
        EXPECT(Physical(Context, Pool) != 0);
        EXPECT_STATUS(StorPortFreePool(Context->Extension, Pool), STOR_STATUS_SUCCESS);
    }
}

/* What is freed can be allocated again: more than there is memory, one after the other. */
CHECK(StorPortFreePool, EVERYWHERE)
{
    PVOID Pool = NULL;
    ULONG Turn;

    EXPECT_STATUS(StorPortFreePool(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortFreePool(Context->Extension, Context), STOR_STATUS_INVALID_IRQL);
        return;
    }
    for (Turn = 0; Turn < 12; Turn++) {
        EXPECT_STATUS(StorPortAllocatePool(Context->Extension, (ULONG)(48 * MEBIBYTE), TAG, &Pool),
                      STOR_STATUS_SUCCESS);
        if (Pool == NULL) {
            return;
        }
        EXPECT_STATUS(StorPortFreePool(Context->Extension, Pool), STOR_STATUS_SUCCESS);
    }
}

CHECK_FATAL(StorPortFreePool, twice_stops_the_machine, AT(Dpc) | AT(WorkItem))
{
    PVOID Pool = NULL;

    (VOID) StorPortAllocatePool(Context->Extension, 64, TAG, &Pool);
    (VOID) StorPortFreePool(Context->Extension, Pool);
    (VOID) StorPortFreePool(Context->Extension, Pool);
}

/* ---- contiguous memory ---- */

static ULONG Contiguous(CHECK_CONTEXT *Context, SIZE_T Size, ULONGLONG Lowest, ULONGLONG Highest,
                        ULONGLONG Boundary, PVOID *Memory)
{
    return StorPortAllocateContiguousMemorySpecifyCacheNode(Context->Extension, Size, At(Lowest),
                                                            At(Highest), At(Boundary), MmCached,
                                                            MM_ANY_NODE_OK, Memory);
}

CHECK(StorPortAllocateContiguousMemorySpecifyCacheNode, EVERYWHERE)
{
    PVOID Memory = Context;
    ULONGLONG First;

    EXPECT_UP_TO(DISPATCH_LEVEL,
                 Contiguous(Context, 20000, 4 * MEBIBYTE, 64 * MEBIBYTE - 1, 65536, &Memory),
                 STOR_STATUS_SUCCESS);
    EXPECT((Memory != NULL) == (Context->Irql <= DISPATCH_LEVEL));
    if (Memory != NULL) {
        First = Physical(Context, Memory);
        EXPECT_EQUAL((ULONG_PTR)Memory % PAGE_BYTES, 0);
        EXPECT_EQUAL(First % PAGE_BYTES, 0);
        EXPECT(First >= 4 * MEBIBYTE && First + 20000 <= 64 * MEBIBYTE);
        EXPECT_EQUAL(First / 65536, (First + 19999) / 65536);
        EXPECT_EQUAL(Physical(Context, (PUCHAR)Memory + 19999), First + 19999);
        RtlFillMemory(Memory, 20000, FILL);
        EXPECT_STATUS(
            StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Memory, 20000, MmCached),
            STOR_STATUS_SUCCESS);
    }
    Memory = Context;
    EXPECT_UP_TO(DISPATCH_LEVEL, Contiguous(Context, 8192, 0, 0xFFFFF, 0, &Memory),
                 STOR_STATUS_INSUFFICIENT_RESOURCES);
    EXPECT(Memory == NULL);
    EXPECT_UP_TO(DISPATCH_LEVEL, Contiguous(Context, 8192, 0, ANYWHERE, 4096, &Memory),
                 STOR_STATUS_INSUFFICIENT_RESOURCES);
}

CHECK_ALSO(StorPortAllocateContiguousMemorySpecifyCacheNode, refuses_what_makes_no_sense,
           EVERYWHERE)
{
    PVOID Memory = Context;

    EXPECT_STATUS(Contiguous(Context, 4096, 0, ANYWHERE, 0, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Contiguous(Context, 0, 0, ANYWHERE, 0, &Memory), STOR_STATUS_INVALID_PARAMETER);
    EXPECT(Memory == NULL);
    EXPECT_STATUS(Contiguous(Context, 4096, 0, ANYWHERE, 3 * PAGE_BYTES, &Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Contiguous(Context, 4096, 2 * MEBIBYTE, MEBIBYTE, 0, &Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAllocateContiguousMemorySpecifyCacheNode(
                      Context->Extension, 4096, At(0), At(ANYWHERE), At(0),
                      (MEMORY_CACHING_TYPE)MmMaximumCacheType, MM_ANY_NODE_OK, &Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAllocateContiguousMemorySpecifyCacheNode(
                      Context->Extension, 4096, At(0), At(ANYWHERE), At(0), MmCached, 7, &Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT(Memory == NULL);
}

/* Base, size and cache type are those of the allocation. */
CHECK(StorPortFreeContiguousMemorySpecifyCache, EVERYWHERE)
{
    PVOID Memory = NULL, Same = NULL;

    EXPECT_STATUS(StorPortFreeContiguousMemorySpecifyCache(Context->Extension, NULL, 1, MmCached),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(
            StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Context, 1, MmCached),
            STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(Contiguous(Context, 12288, 0, ANYWHERE, 0, &Memory), STOR_STATUS_SUCCESS);
    EXPECT_FINDING(EXPECT_STATUS(
        StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Memory, 12287, MmCached),
        STOR_STATUS_INVALID_PARAMETER));
    EXPECT_FINDING(EXPECT_STATUS(
        StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Memory, 12288, MmNonCached),
        STOR_STATUS_INVALID_PARAMETER));
    EXPECT_FINDING(
        EXPECT_STATUS(StorPortFreeContiguousMemorySpecifyCache(
                          Context->Extension, (PUCHAR)Memory + PAGE_BYTES, 12288, MmCached),
                      STOR_STATUS_INVALID_PARAMETER));
    EXPECT_FINDING(EXPECT_STATUS(StorPortFreeDmaMemory(Context->Extension, Memory, 12288, MmCached,
                                                       At(Physical(Context, Memory))),
                                 STOR_STATUS_INVALID_PARAMETER));
    EXPECT_STATUS(
        StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Memory, 12288, MmCached),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(Contiguous(Context, 12288, Physical(Context, Memory),
                             Physical(Context, Memory) + 12287, 0, &Same),
                  STOR_STATUS_SUCCESS);
    EXPECT(Same == Memory);
    if (Same != NULL) {
        (VOID) StorPortFreeContiguousMemorySpecifyCache(Context->Extension, Same, 12288, MmCached);
    }
}

/* ---- memory for DMA ---- */

static ULONG Dma(CHECK_CONTEXT *Context, ULONGLONG Highest, PVOID *Memory, PPHYSICAL_ADDRESS Where)
{
    return StorPortAllocateDmaMemory(Context->Extension, 9000, At(0), At(Highest), At(0), MmCached,
                                     MM_ANY_NODE_OK, Memory, Where);
}

CHECK(StorPortAllocateDmaMemory, EVERYWHERE)
{
    PHYSICAL_ADDRESS Where = At(0);
    PVOID Memory = Context;

    EXPECT_STATUS(Dma(Context, ANYWHERE, &Memory, NULL), STOR_STATUS_INVALID_PARAMETER);
    if (IsVirtual(Context)) {
        EXPECT_STATUS(Dma(Context, ANYWHERE, &Memory, &Where), STOR_STATUS_NOT_IMPLEMENTED);
        EXPECT(Memory == NULL);
        return;
    }
    EXPECT_STATUS(Dma(Context, ANYWHERE, NULL, &Where), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL, Dma(Context, 0xFFFFF, &Memory, &Where),
                 STOR_STATUS_INSUFFICIENT_RESOURCES);
    EXPECT(Memory == NULL);
    EXPECT_UP_TO(DISPATCH_LEVEL, Dma(Context, ANYWHERE, &Memory, &Where), STOR_STATUS_SUCCESS);
    if (Memory == NULL) {
        EXPECT(Context->Irql > DISPATCH_LEVEL);
        return;
    }
    EXPECT_EQUAL(Where.QuadPart, Physical(Context, Memory));
    EXPECT_EQUAL(Physical(Context, (PUCHAR)Memory + 8999), Where.QuadPart + 8999);
    RtlFillMemory(Memory, 9000, FILL);
    EXPECT_STATUS(StorPortFreeDmaMemory(Context->Extension, Memory, 9000, MmCached, Where),
                  STOR_STATUS_SUCCESS);
}

CHECK(StorPortFreeDmaMemory, EVERYWHERE - AT(FreeResources))
{
    PHYSICAL_ADDRESS Where = At(0);
    PVOID Memory = NULL, Same = NULL;

    EXPECT_STATUS(StorPortFreeDmaMemory(Context->Extension, NULL, 9000, MmCached, Where),
                  STOR_STATUS_INVALID_PARAMETER);
    if (IsVirtual(Context) || Context->Irql > DISPATCH_LEVEL ||
        Dma(Context, ANYWHERE, &Memory, &Where) != STOR_STATUS_SUCCESS) {
        return;
    }
    EXPECT_FINDING(EXPECT_STATUS(StorPortFreeDmaMemory(Context->Extension, Memory, 9000, MmCached,
                                                       At((ULONGLONG)Where.QuadPart + PAGE_BYTES)),
                                 STOR_STATUS_INVALID_PARAMETER));
    EXPECT_FINDING(
        EXPECT_STATUS(StorPortFreeDmaMemory(Context->Extension, Memory, 9001, MmCached, Where),
                      STOR_STATUS_INVALID_PARAMETER));
    EXPECT_STATUS(StorPortFreeDmaMemory(Context->Extension, Memory, 9000, MmCached, Where),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortAllocateDmaMemory(Context->Extension, 9000, Where,
                                            At((ULONGLONG)Where.QuadPart + 8999), At(0), MmCached,
                                            MM_ANY_NODE_OK, &Same, &Where),
                  STOR_STATUS_SUCCESS);
    EXPECT(Same == Memory);
    if (Same != NULL) {
        (VOID) StorPortFreeDmaMemory(Context->Extension, Same, 9000, MmCached, Where);
    }
}

/* ---- host memory buffers ---- */

#define HOST_RANGES 4

static ULONG HostMemory(CHECK_CONTEXT *Context, SIZE_T Minimum, SIZE_T Preferred,
                        ULONGLONG Boundary, PACCESS_RANGE Ranges, PULONG Count)
{
    return StorPortAllocateHostMemoryBuffer(Context->Extension, Minimum, Preferred, Preferred,
                                            65536, At(0), At(ANYWHERE), At(Boundary), Ranges,
                                            Count);
}

CHECK(StorPortAllocateHostMemoryBuffer, EVERYWHERE)
{
    ACCESS_RANGE Ranges[HOST_RANGES];
    ULONG Count = HOST_RANGES, Index;
    ULONGLONG Total = 0;
    ULONG Status;

    EXPECT_STATUS(HostMemory(Context, 8192, 4096, 0, Ranges, &Count),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(HostMemory(Context, 0, 5000, 0, Ranges, &Count), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(HostMemory(Context, 4096, 8192, 65536, Ranges, &Count),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(HostMemory(Context, 4096, 8192, 0, NULL, &Count), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(HostMemory(Context, 4096, 8192, 0, Ranges, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 HostMemory(Context, 4096 * MEBIBYTE, 4096 * MEBIBYTE, 0, Ranges, &Count),
                 STOR_STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQUAL(Count, HOST_RANGES);
    Status = HostMemory(Context, 0, 4 * MEBIBYTE, 0, Ranges, &Count);
    EXPECT_STATUS(Status,
                  Context->Irql == PASSIVE_LEVEL ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_IRQL);
    if (Status != STOR_STATUS_SUCCESS) {
        return;
    }
    EXPECT(Count >= 1 && Count <= HOST_RANGES);
    for (Index = 0; Index < Count; Index++) {
        EXPECT_EQUAL(Ranges[Index].RangeStart.QuadPart % 65536, 0);
        EXPECT_EQUAL(Ranges[Index].RangeLength % PAGE_BYTES, 0);
        EXPECT(Ranges[Index].RangeInMemory);
        Total += Ranges[Index].RangeLength;
    }
    EXPECT_EQUAL(Total, 4 * MEBIBYTE);
    EXPECT_STATUS(StorPortFreeHostMemoryBuffer(Context->Extension, Ranges, Count),
                  STOR_STATUS_SUCCESS);
}

CHECK(StorPortFreeHostMemoryBuffer, EVERYWHERE)
{
    ACCESS_RANGE Ranges[HOST_RANGES], Wrong;
    ULONG Count = HOST_RANGES;

    if (Context->Irql > PASSIVE_LEVEL) {
        if (Context->Place != CheckStopAdapter) {
            EXPECT_STATUS(StorPortFreeHostMemoryBuffer(Context->Extension, Ranges, 1),
                          STOR_STATUS_INVALID_IRQL);
        }
        return;
    }
    EXPECT_STATUS(HostMemory(Context, 4096, 65536, 0, Ranges, &Count), STOR_STATUS_SUCCESS);
    Wrong = Ranges[0];
    Wrong.RangeLength -= PAGE_BYTES;
    EXPECT_STATUS(StorPortFreeHostMemoryBuffer(Context->Extension, &Wrong, 1),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(StorPortFreeHostMemoryBuffer(Context->Extension, NULL, 1),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(StorPortFreeHostMemoryBuffer(Context->Extension, Ranges, Count),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeHostMemoryBuffer(Context->Extension, Ranges, Count),
                  STOR_STATUS_UNSUCCESSFUL);
}

/* ---- the uncached extension ---- */

CHECK(StorPortGetUncachedExtension, EVERYWHERE)
{
    PUCHAR *Kept = (PUCHAR *)Context->Memory;
    PUCHAR Memory = NULL;
    ULONG Length = 0, Index;

    EXPECT(StorPortGetUncachedExtension(NULL, Context->Configuration, 5000) == NULL);
    if (Context->Place != CheckFindAdapter) {
        EXPECT(StorPortGetUncachedExtension(Context->Extension, NULL, 5000) == NULL);
        if (!IsVirtual(Context) && *Kept != NULL) {
            EXPECT_EQUAL((*Kept)[4999], FILL);
        }
        return;
    }
    if (IsVirtual(Context)) {
        EXPECT_FINDING(EXPECT(StorPortGetUncachedExtension(Context->Extension,
                                                           Context->Configuration, 5000) == NULL));
        return;
    }
    EXPECT(StorPortGetUncachedExtension(Context->Extension, Context->Configuration, 0) == NULL);
    Memory = StorPortGetUncachedExtension(Context->Extension, Context->Configuration, 5000);
    EXPECT(Memory != NULL);
    if (Memory == NULL) {
        return;
    }
    for (Index = 0; Index < 5000; Index++) {
        EXPECT(Memory[Index] == 0);
    }
    EXPECT((ULONG_PTR)Memory % PAGE_BYTES == 0);
    (VOID) StorPortGetPhysicalAddress(Context->Extension, NULL, Memory + 100, &Length);
    EXPECT_EQUAL(Length, 4900);
    EXPECT(StorPortGetUncachedExtension(Context->Extension, Context->Configuration, 9000) ==
           Memory);
    Memory[4999] = FILL;
    *Kept = Memory;
}

/* ---- addresses ---- */

CHECK(StorPortGetPhysicalAddress, EVERYWHERE)
{
    STOR_PHYSICAL_ADDRESS Address;
    PUCHAR Extension, Sense, Data = NULL;
    ULONG Length = 1, Whole;
    UCHAR OnStack;

    Address = StorPortGetPhysicalAddress(Context->Extension, NULL, &OnStack, &Length);
    EXPECT(Address.QuadPart == 0 && Length == 0);
    Length = 1;
    Address = StorPortGetPhysicalAddress(Context->Extension, NULL, NULL, &Length);
    EXPECT(Address.QuadPart == 0 && Length == 0);
    Address = StorPortGetPhysicalAddress(NULL, NULL, Context->Extension, NULL);
    EXPECT(Address.QuadPart == 0);
    Address = StorPortGetPhysicalAddress(Context->Extension, NULL, Context->Extension, &Length);
    EXPECT(Address.QuadPart != 0 && Length >= 64);
    if (Context->Srb == NULL) {
        return;
    }
    Extension = SrbGetMiniportContext(Context->Srb);
    Address = StorPortGetPhysicalAddress(Context->Extension, Context->Srb, Extension, &Whole);
    EXPECT(Address.QuadPart != 0 && Whole > 4);
    EXPECT_EQUAL(
        StorPortGetPhysicalAddress(Context->Extension, Context->Srb, Extension + 4, &Length)
            .QuadPart,
        Address.QuadPart + 4);
    EXPECT_EQUAL(Length, Whole - 4);
    EXPECT_EQUAL(StorPortGetPhysicalAddress(Context->Extension, NULL, Extension, &Length).QuadPart,
                 Address.QuadPart);
    Sense = SrbGetSenseInfoBuffer(Context->Srb);
    EXPECT(Sense != NULL);
    EXPECT(StorPortGetPhysicalAddress(Context->Extension, Context->Srb, Sense, &Length).QuadPart !=
               0 &&
           Length >= SrbGetSenseInfoBufferLength(Context->Srb));
    if (Context->Irql <= DISPATCH_LEVEL && !IsVirtual(Context)) {
        (VOID) StorPortGetSystemAddress(Context->Extension, Context->Srb, (PVOID *)&Data);
        Address = StorPortGetPhysicalAddress(Context->Extension, Context->Srb, Data + 1, &Length);
        EXPECT_EQUAL(Address.QuadPart,
                     StorPortGetScatterGatherList(Context->Extension, Context->Srb)
                             ->List[0]
                             .PhysicalAddress.QuadPart +
                         1);
        EXPECT_EQUAL(Length, CHECK_DATA_BYTES - 1);
    }
}

CHECK(StorPortGetVirtualAddress, EVERYWHERE)
{
    STOR_PHYSICAL_ADDRESS Address;
    PUCHAR Extension;
    ULONG Length;

    EXPECT(StorPortGetVirtualAddress(NULL, At(2 * MEBIBYTE)) == NULL);
    EXPECT(StorPortGetVirtualAddress(Context->Extension, At(0)) == NULL);
    EXPECT(StorPortGetVirtualAddress(Context->Extension, At(1ULL << 52)) == NULL);
    /* The device extension is in memory, but neither of the two. */
    Address = StorPortGetPhysicalAddress(Context->Extension, NULL, Context->Extension, &Length);
    EXPECT(StorPortGetVirtualAddress(Context->Extension, Address) == NULL);
    if (Context->Place == CheckFindAdapter && !IsVirtual(Context)) {
        Extension = StorPortGetUncachedExtension(Context->Extension, Context->Configuration, 300);
        Address = StorPortGetPhysicalAddress(Context->Extension, NULL, Extension + 299, &Length);
        EXPECT(StorPortGetVirtualAddress(Context->Extension, Address) == Extension + 299);
    }
    if (Context->Srb != NULL) {
        Extension = SrbGetMiniportContext(Context->Srb);
        Address = StorPortGetPhysicalAddress(Context->Extension, NULL, Extension + 3, &Length);
        EXPECT(StorPortGetVirtualAddress(Context->Extension, Address) == Extension + 3);
    }
}

CHECK(StorPortConvertUlongToPhysicalAddress, EVERYWHERE)
{
    EXPECT_EQUAL(StorPortConvertUlongToPhysicalAddress(0x123456789ABCULL).QuadPart,
                 0x123456789ABCULL);
}

CHECK(StorPortConvertPhysicalAddressToUlong, EVERYWHERE)
{
    EXPECT_EQUAL(StorPortConvertPhysicalAddressToUlong(At(0x123456789ABCULL)), 0x56789ABCUL);
}

CHECK(StorPortConvertPhysicalAddressToULong64, EVERYWHERE)
{
    EXPECT_EQUAL(StorPortConvertPhysicalAddressToULong64(At(0x123456789ABCULL)), 0x123456789ABCULL);
}

/* ---- copies ---- */

static VOID Overlapping(CHECK_CONTEXT *Context,
                        VOID(NTAPI *Move)(PVOID Destination, PVOID Source, ULONG Length))
{
    UCHAR Bytes[16];
    ULONG Index;

    for (Index = 0; Index < sizeof(Bytes); Index++) {
        Bytes[Index] = (UCHAR)Index;
    }
    Move(Bytes + 4, Bytes, 12);
    for (Index = 0; Index < 12; Index++) {
        EXPECT_EQUAL(Bytes[Index + 4], Index);
    }
    Move(Bytes, Bytes + 4, 12);
    for (Index = 0; Index < 12; Index++) {
        EXPECT_EQUAL(Bytes[Index], Index);
    }
}

#undef StorPortMoveMemory
NTSYSAPI VOID NTAPI StorPortMoveMemory(PVOID Destination, PVOID Source, ULONG Length);
VOID NTAPI ScsiPortMoveMemory(PVOID Destination, PVOID Source, ULONG Length);

CHECK(StorPortMoveMemory, EVERYWHERE)
{
    Overlapping(Context, StorPortMoveMemory);
}

CHECK(ScsiPortMoveMemory, EVERYWHERE)
{
    Overlapping(Context, ScsiPortMoveMemory);
}

CHECK(StorPortCopyMemory, EVERYWHERE)
{
    UCHAR From[3] = {1, 2, 3}, To[3] = {0, 0, 9};

    StorPortCopyMemory(To, From, 2);
    EXPECT(To[0] == 1 && To[1] == 2 && To[2] == 9);
}

CHECK(StorPortSecureCopyMemory, EVERYWHERE)
{
    UCHAR From[3] = {1, 2, 3}, To[3] = {0, 0, 9};

    EXPECT_STATUS(StorPortSecureCopyMemory(NULL, 3, From, 2), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSecureCopyMemory(To, 3, NULL, 2), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSecureCopyMemory(To, 1, From, 2), STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(To[0], 0);
    EXPECT_STATUS(StorPortSecureCopyMemory(To, 2, From, 2), STOR_STATUS_SUCCESS);
    EXPECT(To[0] == 1 && To[1] == 2 && To[2] == 9);
}
