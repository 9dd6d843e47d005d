/*
 * pool.c - Ex: pool by its many names. Paged pool is nonpaged here: nothing is ever paged out.
 */
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", NT_DISPATCH_LEVEL)

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    (void)PoolType;
    return nt_pool_allocate(NumberOfBytes ? NumberOfBytes : 1, Tag, NULL);
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
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
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
    PVOID memory = nt_pool_allocate(NumberOfBytes ? NumberOfBytes : 1, Tag, NULL);

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
