/*
 * contiguous.c - Mm: memory that devices see in one piece. All of it is cached: the host's memory
 * is coherent, so a driver cannot tell.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/processor.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Memory", NT_DISPATCH_LEVEL)

static const char tag[] = "MmAllocateContiguousMemory";

static PVOID allocate_on(SIZE_T size, ULONGLONG lowest, ULONGLONG highest, ULONGLONG boundary,
                         NODE_REQUIREMENT node)
{
    bool any = node == MM_ANY_NODE_OK || nt_topology()->node_count == 1;

    if (!size || highest < lowest || (boundary & (boundary - 1)) ||
        (!any && node >= nt_topology()->node_count))
        return NULL;
    return nt_contiguous_allocate(&(struct nt_contiguous_options){.size = size,
                                                                  .lowest = lowest,
                                                                  .highest = highest,
                                                                  .boundary = boundary,
                                                                  .tag = tag,
                                                                  .node = any ? 0 : node + 1,
                                                                  .node_only = true});
}

static PVOID allocate(SIZE_T size, ULONGLONG lowest, ULONGLONG highest, ULONGLONG boundary)
{
    return allocate_on(size, lowest, highest, boundary, MM_ANY_NODE_OK);
}

PVOID NTAPI MmAllocateContiguousMemory(SIZE_T NumberOfBytes,
                                       PHYSICAL_ADDRESS HighestAcceptableAddress)
{
    return allocate(NumberOfBytes, 0, (ULONGLONG)HighestAcceptableAddress.QuadPart, 0);
}
EXPORT(MmAllocateContiguousMemory);

PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes,
                                                   PHYSICAL_ADDRESS LowestAcceptableAddress,
                                                   PHYSICAL_ADDRESS HighestAcceptableAddress,
                                                   PHYSICAL_ADDRESS BoundaryAddressMultiple,
                                                   MEMORY_CACHING_TYPE CacheType)
{
    (void)CacheType;
    return allocate(NumberOfBytes, (ULONGLONG)LowestAcceptableAddress.QuadPart,
                    (ULONGLONG)HighestAcceptableAddress.QuadPart,
                    (ULONGLONG)BoundaryAddressMultiple.QuadPart);
}
EXPORT(MmAllocateContiguousMemorySpecifyCache);

/* From that node or not at all. */
PVOID NTAPI MmAllocateContiguousMemorySpecifyCacheNode(SIZE_T NumberOfBytes,
                                                       PHYSICAL_ADDRESS LowestAcceptableAddress,
                                                       PHYSICAL_ADDRESS HighestAcceptableAddress,
                                                       PHYSICAL_ADDRESS BoundaryAddressMultiple,
                                                       MEMORY_CACHING_TYPE CacheType,
                                                       NODE_REQUIREMENT PreferredNode)
{
    (void)CacheType;
    return allocate_on(NumberOfBytes, (ULONGLONG)LowestAcceptableAddress.QuadPart,
                       (ULONGLONG)HighestAcceptableAddress.QuadPart,
                       (ULONGLONG)BoundaryAddressMultiple.QuadPart, PreferredNode);
}
EXPORT(MmAllocateContiguousMemorySpecifyCacheNode);

PVOID NTAPI MmAllocateContiguousNodeMemory(SIZE_T NumberOfBytes,
                                           PHYSICAL_ADDRESS LowestAcceptableAddress,
                                           PHYSICAL_ADDRESS HighestAcceptableAddress,
                                           PHYSICAL_ADDRESS BoundaryAddressMultiple, ULONG Protect,
                                           NODE_REQUIREMENT PreferredNode)
{
    (void)Protect;
    return allocate_on(NumberOfBytes, (ULONGLONG)LowestAcceptableAddress.QuadPart,
                       (ULONGLONG)HighestAcceptableAddress.QuadPart,
                       (ULONGLONG)BoundaryAddressMultiple.QuadPart, PreferredNode);
}
EXPORT(MmAllocateContiguousNodeMemory);

static void release(PVOID memory, const char *routine)
{
    const void *owner;
    uint32_t label;

    if (!nt_contiguous_describe(memory, &owner, &label) || owner) {
        nt_finding("contiguous-memory", memory, "%s: 0x%llX is no such memory", routine,
                   (unsigned long long)(ULONG_PTR)memory);
        return;
    }
    nt_contiguous_free(memory);
}

VOID NTAPI MmFreeContiguousMemory(PVOID BaseAddress)
{
    release(BaseAddress, "MmFreeContiguousMemory");
}
EXPORT(MmFreeContiguousMemory);

VOID NTAPI MmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes,
                                              MEMORY_CACHING_TYPE CacheType)
{
    (void)NumberOfBytes;
    (void)CacheType;
    release(BaseAddress, "MmFreeContiguousMemorySpecifyCache");
}
EXPORT(MmFreeContiguousMemorySpecifyCache);

PVOID NTAPI MmAllocateNonCachedMemory(SIZE_T NumberOfBytes)
{
    return allocate(NumberOfBytes, 0, ~0ull, 0);
}
EXPORT(MmAllocateNonCachedMemory);

VOID NTAPI MmFreeNonCachedMemory(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    (void)NumberOfBytes;
    release(BaseAddress, "MmFreeNonCachedMemory");
}
EXPORT(MmFreeNonCachedMemory);

PVOID NTAPI MmGetVirtualForPhysical(PHYSICAL_ADDRESS PhysicalAddress)
{
    return nt_memory_at((struct bus_address){(ULONGLONG)PhysicalAddress.QuadPart});
}
NT_EXPORT("ntoskrnl.exe", MmGetVirtualForPhysical, "Memory", NT_HIGH_LEVEL);
