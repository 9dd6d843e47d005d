/*
 * pool.c - Ex: pool by its many names. Paged pool is nonpaged here: nothing is ever paged out.
 */
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"
#include "trap/exceptions.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", NT_DISPATCH_LEVEL)

static PVOID allocate(SIZE_T size, ULONG tag, bool raise_if_none)
{
    PVOID memory = nt_pool_allocate(size ? size : 1, tag, NULL);

    if (!memory && raise_if_none)
        trap_raise(STATUS_INSUFFICIENT_RESOURCES,
                   "the driver wants an exception when pool is exhausted, and does not handle it",
                   0, 0, 0);
    return memory;
}

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    return allocate(NumberOfBytes, Tag, (ULONG)PoolType & POOL_RAISE_IF_ALLOCATION_FAILURE);
}
EXPORT(ExAllocatePoolWithTag);

PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, 0x656E6F4E);
}
EXPORT(ExAllocatePool);

/* Quotas are of processes, and there is none that has one. */
PVOID NTAPI ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    return allocate(NumberOfBytes, Tag, !((ULONG)PoolType & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE));
}
EXPORT(ExAllocatePoolWithQuotaTag);

PVOID NTAPI ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
                                          EX_POOL_PRIORITY Priority)
{
    (void)Priority;
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}
EXPORT(ExAllocatePoolWithTagPriority);

PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID memory = allocate(NumberOfBytes, Tag, Flags & POOL_FLAG_RAISE_ON_FAILURE);

    if (memory && !(Flags & POOL_FLAG_UNINITIALIZED))
        memset(memory, 0, NumberOfBytes);
    return memory;
}
EXPORT(ExAllocatePool2);

void NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    (void)Tag;
    nt_pool_free(P);
}
EXPORT(ExFreePoolWithTag);

void NTAPI ExFreePool2(PVOID P, ULONG Tag, PVOID ExtendedParameters, ULONG ExtendedParametersCount)
{
    (void)Tag;
    (void)ExtendedParameters;
    (void)ExtendedParametersCount;
    nt_pool_free(P);
}
EXPORT(ExFreePool2);

void NTAPI ExFreePool(PVOID P)
{
    nt_pool_free(P);
}
EXPORT(ExFreePool);
