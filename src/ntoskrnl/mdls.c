/*
 * mdls.c - Io and Mm: memory descriptor lists. All memory of this machine is resident and mapped
 * once, so locking fills in the page numbers, and mapping tells where the memory is.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/mdl.h"
#include "nt/thread.h"
#include "trap/exceptions.h"

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Memory", irql_max_)

PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer,
                         BOOLEAN ChargeQuota, PIRP Irp)
{
    PMDL mdl = nt_mdl_allocate(VirtualAddress, Length);

    (void)ChargeQuota;
    if (!mdl || !Irp)
        return mdl;
    PMDL *link = &Irp->MdlAddress;
    while (SecondaryBuffer && *link)
        link = &(*link)->Next;
    *link = mdl;
    return mdl;
}
EXPORT(IoAllocateMdl, NT_DISPATCH_LEVEL);

VOID NTAPI IoFreeMdl(PMDL Mdl)
{
    nt_mdl_free(Mdl);
}
EXPORT(IoFreeMdl, NT_DISPATCH_LEVEL);

VOID NTAPI IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length)
{
    uintptr_t start = (uintptr_t)MmGetMdlVirtualAddress(SourceMdl);
    uintptr_t offset = (uintptr_t)VirtualAddress - start;

    if (!Length)
        Length = (ULONG)(SourceMdl->ByteCount - offset);
    if (offset > SourceMdl->ByteCount || Length > SourceMdl->ByteCount - offset)
        nt_bugcheck(NT_BUGCHECK_TARGET_MDL_TOO_SMALL, (uintptr_t)SourceMdl, (uintptr_t)TargetMdl,
                    (uintptr_t)VirtualAddress, Length,
                    "the driver asked for a part of an MDL that lies outside of it");
    nt_mdl_format(TargetMdl, VirtualAddress, Length);
    nt_mdl_build(TargetMdl);
    TargetMdl->MdlFlags =
        (CSHORT)((SourceMdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL) | MDL_PARTIAL);
}
EXPORT(IoBuildPartialMdl, NT_DISPATCH_LEVEL);

SIZE_T NTAPI MmSizeOfMdl(PVOID Base, SIZE_T Length)
{
    return nt_mdl_size(Base, Length);
}
EXPORT(MmSizeOfMdl, NT_HIGH_LEVEL);

VOID NTAPI MmBuildMdlForNonPagedPool(PMDLX MemoryDescriptorList)
{
    nt_mdl_build(MemoryDescriptorList);
}
EXPORT(MmBuildMdlForNonPagedPool, NT_DISPATCH_LEVEL);

VOID NTAPI MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
                               LOCK_OPERATION Operation)
{
    char *address = (char *)MemoryDescriptorList->StartVa + MemoryDescriptorList->ByteOffset;
    bool write = Operation != IoReadAccess;

    if (!address || !trap_memory_is_there(address, MemoryDescriptorList->ByteCount, write))
        trap_raise(STATUS_ACCESS_VIOLATION, "the driver locks pages where there is no memory", 2,
                   write, (uintptr_t)address);
    if (AccessMode == UserMode && !nt_mdl_lock_user(MemoryDescriptorList, nt_process_current()))
        trap_raise(STATUS_ACCESS_VIOLATION, "the driver locks pages that are not its client's", 2,
                   write, (uintptr_t)address);
    nt_mdl_build(MemoryDescriptorList);
    MemoryDescriptorList->MdlFlags =
        (CSHORT)((MemoryDescriptorList->MdlFlags & ~MDL_SOURCE_IS_NONPAGED_POOL) |
                 MDL_PAGES_LOCKED | (Operation == IoReadAccess ? 0 : MDL_WRITE_OPERATION));
}
EXPORT(MmProbeAndLockPages, NT_DISPATCH_LEVEL);

VOID NTAPI MmUnlockPages(PMDL MemoryDescriptorList)
{
    if (!(MemoryDescriptorList->MdlFlags & MDL_PAGES_LOCKED))
        nt_finding("mdl-unlock", NULL, "MmUnlockPages got an MDL whose pages are not locked");
    MemoryDescriptorList->MdlFlags &=
        (CSHORT) ~(MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA | MDL_WRITE_OPERATION);
    nt_mdl_unlock(MemoryDescriptorList);
}
EXPORT(MmUnlockPages, NT_DISPATCH_LEVEL);

PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
                                         MEMORY_CACHING_TYPE CacheType, PVOID RequestedAddress,
                                         ULONG BugCheckOnFailure, ULONG Priority)
{
    (void)AccessMode;
    (void)CacheType;
    (void)BugCheckOnFailure;
    (void)Priority;
    char *address = (char *)MmGetMdlVirtualAddress(MemoryDescriptorList);
    if (RequestedAddress && RequestedAddress != address)
        return NULL;
    MemoryDescriptorList->MappedSystemVa = address;
    MemoryDescriptorList->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    if (MemoryDescriptorList->MdlFlags & MDL_PARTIAL)
        MemoryDescriptorList->MdlFlags |= MDL_PARTIAL_HAS_BEEN_MAPPED;
    return address;
}
EXPORT(MmMapLockedPagesSpecifyCache, NT_DISPATCH_LEVEL);

PVOID NTAPI MmMapLockedPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode)
{
    return MmMapLockedPagesSpecifyCache(MemoryDescriptorList, AccessMode, MmCached, NULL, TRUE, 0);
}
EXPORT(MmMapLockedPages, NT_DISPATCH_LEVEL);

VOID NTAPI MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList)
{
    if (BaseAddress != MemoryDescriptorList->MappedSystemVa)
        nt_finding("mdl-unmap", NULL, "MmUnmapLockedPages got an address that the MDL has not");
    MemoryDescriptorList->MdlFlags &=
        (CSHORT) ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
}
EXPORT(MmUnmapLockedPages, NT_DISPATCH_LEVEL);
