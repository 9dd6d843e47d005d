/*
 * virtual_memory.c - Zw: virtual memory, reserved and committed page by page.
 *
 * Reserved pages are there without access rights. Whether a page is committed is not kept: to
 * commit gives it its rights, to decommit takes these and its contents away.
 */
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"
#include "ntoskrnl/address_ranges.h"

#include <sys/mman.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Memory", NT_PASSIVE_LEVEL)

#define REGION_SIZE_MAX (1ull << 46)

/* Whole pages that have a byte of the region. */
static void round_to_pages(char **base, uint64_t *size)
{
    uintptr_t first = (uintptr_t)*base & -(uintptr_t)NT_PAGE_SIZE;
    uintptr_t behind = ((uintptr_t)*base + *size + NT_PAGE_SIZE - 1) & -(uintptr_t)NT_PAGE_SIZE;

    *base = (char *)first;
    *size = behind - first;
}

/* ---- allocating ---- */

static NTSTATUS reserve(PVOID *base, uint64_t *size, bool commit, ULONG protect)
{
    char *start = (char *)((uintptr_t)*base & -(uintptr_t)ADDRESS_GRANULARITY);
    struct address_request request = {
        .wanted = *base,
        .protection = commit ? address_protection(protect) : PROT_NONE,
        .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
        .fd = -1,
        .kind = ADDRESS_PRIVATE,
    };

    if (*base)
        *size += (uint64_t)((char *)*base - start);
    round_to_pages(&start, size);
    request.size = *size;
    return address_range_add(&request, base);
}

static NTSTATUS commit_pages(PVOID *base, uint64_t *size, ULONG protect)
{
    char *first = *base, *region;
    uint64_t region_size;

    round_to_pages(&first, size);
    if (!address_range_find(ADDRESS_PRIVATE, first, &region, &region_size) ||
        *size > region_size - (uint64_t)(first - region))
        return STATUS_CONFLICTING_ADDRESSES; /* not all of it is reserved */
    if (mprotect(first, *size, address_protection(protect)))
        return STATUS_NO_MEMORY;
    *base = first;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI ZwAllocateVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits,
                                       PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect)
{
    bool commit = AllocationType & MEM_COMMIT, reserves = AllocationType & MEM_RESERVE;
    uint64_t size = *RegionSize;
    NTSTATUS status = address_process_check(ProcessHandle);

    (void)ZeroBits;
    if (status < 0)
        return status;
    if (AllocationType & ~(ULONG)(MEM_COMMIT | MEM_RESERVE | MEM_TOP_DOWN) ||
        (!commit && !reserves))
        return STATUS_INVALID_PARAMETER_5;
    if (!address_protection_is_good(Protect) || Protect == PAGE_WRITECOPY)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (!size || size > REGION_SIZE_MAX)
        return STATUS_INVALID_PARAMETER_4;
    /* To commit where nothing is reserved and no address is asked for reserves it first. */
    if (reserves || !*BaseAddress)
        status = reserve(BaseAddress, &size, commit, Protect);
    else
        status = commit_pages(BaseAddress, &size, Protect);
    if (status >= 0)
        *RegionSize = size;
    return status;
}
EXPORT(ZwAllocateVirtualMemory);

/* ---- freeing ---- */

/* Fresh pages without rights take their place, so that their contents are gone. */
static NTSTATUS decommit(char *base, uint64_t size)
{
    void *pages =
        mmap(base, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    return pages == base ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

NTSTATUS NTAPI ZwFreeVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize,
                                   ULONG FreeType)
{
    char *first = *BaseAddress, *region;
    uint64_t size = *RegionSize, region_size;
    NTSTATUS status = address_process_check(ProcessHandle);

    if (status < 0)
        return status;
    if (FreeType != MEM_RELEASE && FreeType != MEM_DECOMMIT)
        return STATUS_INVALID_PARAMETER_4;
    if (!address_range_find(ADDRESS_PRIVATE, first, &region, &region_size))
        return STATUS_MEMORY_NOT_ALLOCATED;
    if (!size && first != region)
        return STATUS_FREE_VM_NOT_AT_BASE;
    round_to_pages(&first, &size);
    if (!*RegionSize)
        size = region_size;
    if (size > region_size - (uint64_t)(first - region))
        return STATUS_UNABLE_TO_FREE_VM;
    if (FreeType == MEM_DECOMMIT)
        status = decommit(first, size);
    else if (size != region_size)
        status = STATUS_FREE_VM_NOT_AT_BASE; /* all of it at once */
    else
        address_range_remove(ADDRESS_PRIVATE, first);
    if (status < 0)
        return status;
    *BaseAddress = first;
    *RegionSize = size;
    return STATUS_SUCCESS;
}
EXPORT(ZwFreeVirtualMemory);
