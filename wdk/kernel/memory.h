/*
 * Memory as drivers see it: page arithmetic, memory descriptor lists, pool and caching attributes.
 */
#ifndef WDK_KERNEL_MEMORY_H
#define WDK_KERNEL_MEMORY_H

#include "../ntdef.h"
#include "objects.h"

typedef ULONG_PTR PFN_NUMBER, *PPFN_NUMBER;
typedef LONG_PTR SPFN_NUMBER, *PSPFN_NUMBER;
typedef ULONG PFN_COUNT;
typedef ULONG NODE_REQUIREMENT;

#define PAGE_SIZE            0x1000
#define PAGE_SHIFT           12
#define PAGE_MASK            (PAGE_SIZE - 1)
#define BYTE_OFFSET(address) ((ULONG)((LONG_PTR)(address) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(address)  ((PVOID)((ULONG_PTR)(address) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(size) (((ULONG_PTR)(size) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define BYTES_TO_PAGES(size) (((size) >> PAGE_SHIFT) + (((size) & (PAGE_SIZE - 1)) != 0))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, size)                                              \
    ((ULONG)((((ULONG_PTR)(address) & (PAGE_SIZE - 1)) + (size) + (PAGE_SIZE - 1)) >> PAGE_SHIFT))
#define COMPUTE_PAGES_SPANNED(address, size) ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, size)

#define ALIGN_DOWN_BY(length, alignment) ((ULONG_PTR)(length) & ~((ULONG_PTR)(alignment)-1))
#define ALIGN_UP_BY(length, alignment)                                                             \
    (ALIGN_DOWN_BY(((ULONG_PTR)(length) + (alignment)-1), alignment))
#define ALIGN_DOWN_POINTER_BY(address, alignment)                                                  \
    ((PVOID)((ULONG_PTR)(address) & ~((ULONG_PTR)(alignment)-1)))
#define ALIGN_UP_POINTER_BY(address, alignment)                                                    \
    (ALIGN_DOWN_POINTER_BY(((ULONG_PTR)(address) + (alignment)-1), alignment))
#define ALIGN_DOWN(length, type)          ALIGN_DOWN_BY(length, sizeof(type))
#define ALIGN_UP(length, type)            ALIGN_UP_BY(length, sizeof(type))
#define ALIGN_DOWN_POINTER(address, type) ALIGN_DOWN_POINTER_BY(address, sizeof(type))
#define ALIGN_UP_POINTER(address, type)   ALIGN_UP_POINTER_BY(address, sizeof(type))

/* A memory descriptor list: one buffer, followed in memory by the numbers of its physical pages. */
typedef struct _MDL {
    struct _MDL *Next;
    CSHORT Size;
    CSHORT MdlFlags;
    PEPROCESS Process;
    PVOID MappedSystemVa;
    PVOID StartVa;
    ULONG ByteCount;
    ULONG ByteOffset;
} MDL, *PMDL;

typedef MDL *PMDLX;

#define MDL_MAPPED_TO_SYSTEM_VA     0x01
#define MDL_PAGES_LOCKED            0x02
#define MDL_SOURCE_IS_NONPAGED_POOL 0x04
#define MDL_ALLOCATED_FIXED_SIZE    0x08
#define MDL_PARTIAL                 0x10
#define MDL_PARTIAL_HAS_BEEN_MAPPED 0x20
#define MDL_IO_PAGE_READ            0x40
#define MDL_WRITE_OPERATION         0x80
#define MDL_LOCKED_PAGE_TABLES      0x0100
#define MDL_PARENT_MAPPED_SYSTEM_VA 0x0100
#define MDL_FREE_EXTRA_PTES         0x0200
#define MDL_DESCRIBES_AWE           0x0400
#define MDL_IO_SPACE                0x0800
#define MDL_NETWORK_HEADER          0x1000
#define MDL_MAPPING_CAN_FAIL        0x2000
#define MDL_PAGE_CONTENTS_INVARIANT 0x4000
#define MDL_ALLOCATED_MUST_SUCCEED  0x4000
#define MDL_INTERNAL                0x8000
#define MDL_MAPPING_FLAGS                                                                          \
    (MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL |                    \
     MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_PARENT_MAPPED_SYSTEM_VA | MDL_IO_SPACE)

#define MmGetMdlPfnArray(mdl)       ((PPFN_NUMBER)((mdl) + 1))
#define MmGetMdlVirtualAddress(mdl) ((PVOID)((PCHAR)((mdl)->StartVa) + (mdl)->ByteOffset))
#define MmGetMdlByteCount(mdl)      ((mdl)->ByteCount)
#define MmGetMdlByteOffset(mdl)     ((mdl)->ByteOffset)
#define MmGetMdlBaseVa(mdl)         ((mdl)->StartVa)
#define MmInitializeMdl(mdl, address, length)                                                      \
    {                                                                                              \
        (mdl)->Next = NULL;                                                                        \
        (mdl)->Size = (CSHORT)(sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(  \
                                                                      (address), (length)));       \
        (mdl)->MdlFlags = 0;                                                                       \
        (mdl)->StartVa = PAGE_ALIGN(address);                                                      \
        (mdl)->ByteOffset = BYTE_OFFSET(address);                                                  \
        (mdl)->ByteCount = (ULONG)(length);                                                        \
    }
#define MmPrepareMdlForReuse(mdl)                                                                  \
    {                                                                                              \
        if (((mdl)->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED) != 0)                                  \
            MmUnmapLockedPages((mdl)->MappedSystemVa, (mdl));                                      \
    }

typedef enum _LOCK_OPERATION {
    IoReadAccess = 0,
    IoWriteAccess,
    IoModifyAccess
} LOCK_OPERATION,
    *PLOCK_OPERATION;

typedef enum _MM_PAGE_PRIORITY {
    LowPagePriority = 0,
    NormalPagePriority = 16,
    HighPagePriority = 32
} MM_PAGE_PRIORITY,
    *PMM_PAGE_PRIORITY;

typedef enum _MM_SYSTEMSIZE {
    MmSmallSystem = 0,
    MmMediumSystem,
    MmLargeSystem
} MM_SYSTEMSIZE,
    *PMM_SYSTEMSIZE;

#define MdlMappingNoWrite       0x80000000u
#define MdlMappingNoExecute     0x40000000u
#define MdlMappingWithGuardPtes 0x20000000u

/* How the processor may cache a mapping. */
typedef enum _MEMORY_CACHING_TYPE_ORIG {
    MmFrameBufferCached = 2
} MEMORY_CACHING_TYPE_ORIG,
    *PMEMORY_CACHING_TYPE_ORIG;

typedef enum _MEMORY_CACHING_TYPE {
    MmNonCached = 0,
    MmCached,
    MmWriteCombined,
    MmHardwareCoherentCached,
    MmNonCachedUnordered,
    MmUSWCCached,
    MmMaximumCacheType,
    MmNotMapped = -1
} MEMORY_CACHING_TYPE,
    *PMEMORY_CACHING_TYPE;

#define MM_ANY_NODE_OK                          0x80000000u
#define MM_ALLOCATE_CONTIGUOUS_MEMORY_FAST_ONLY 0x01
#define MM_DONT_ZERO_ALLOCATION                 0x01
#define MM_ALLOCATE_AND_HOT_REMOVE              0x0100
#define MM_ALLOCATE_FAST_LARGE_PAGES            0x40
#define MM_ALLOCATE_FROM_LOCAL_NODE_ONLY        0x02
#define MM_ALLOCATE_FULLY_REQUIRED              0x04
#define MM_ALLOCATE_NO_WAIT                     0x08
#define MM_ALLOCATE_PREFER_CONTIGUOUS           0x10
#define MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS   0x20
#define MM_ALLOCATE_TRIM_IF_NECESSARY           0x80
#define MM_MAXIMUM_DISK_IO_SIZE                 0x00010000
#define MM_PERMANENT_ADDRESS_IS_IO_SPACE        0x01

/* Pool. ExAllocatePool2 takes POOL_FLAG_*, the older routines a POOL_TYPE. */
typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_USE_QUOTA              0x01
#define POOL_FLAG_UNINITIALIZED          0x02
#define POOL_FLAG_SESSION                0x04
#define POOL_FLAG_CACHE_ALIGNED          0x08
#define POOL_FLAG_RESERVED1              0x10
#define POOL_FLAG_RAISE_ON_FAILURE       0x20
#define POOL_FLAG_NON_PAGED              0x40
#define POOL_FLAG_NON_PAGED_EXECUTE      0x80
#define POOL_FLAG_PAGED                  0x0100
#define POOL_FLAG_RESERVED2              0x0200
#define POOL_FLAG_RESERVED3              0x0400
#define POOL_FLAG_LAST_KNOWN_REQUIRED    0x0400
#define POOL_FLAG_REQUIRED_START         0x01
#define POOL_FLAG_REQUIRED_MASK          0xFFFFFFFFu
#define POOL_FLAG_REQUIRED_END           0x80000000u
#define POOL_FLAG_OPTIONAL_START         0x0000000100000000ULL
#define POOL_FLAG_SPECIAL_POOL           0x0000000100000000ULL
#define POOL_FLAG_OPTIONAL_END           0x8000000000000000ULL
#define POOL_FLAG_UNUSED_REQUIRED_BITS   0xFFFFF800u
#define POOL_TAGGING                     0x01
#define POOL_QUOTA_FAIL_INSTEAD_OF_RAISE 0x08
#define POOL_RAISE_IF_ALLOCATION_FAILURE 0x10
#define POOL_COLD_ALLOCATION             0x0100
#define POOL_NX_ALLOCATION               0x0200
#define POOL_ZERO_ALLOCATION             0x0400
typedef enum _EX_POOL_PRIORITY {
    LowPoolPriority = 0,
    LowPoolPrioritySpecialPoolOverrun = 8,
    LowPoolPrioritySpecialPoolUnderrun,
    NormalPoolPriority = 16,
    NormalPoolPrioritySpecialPoolOverrun = 24,
    NormalPoolPrioritySpecialPoolUnderrun,
    HighPoolPriority = 32,
    HighPoolPrioritySpecialPoolOverrun = 40,
    HighPoolPrioritySpecialPoolUnderrun
} EX_POOL_PRIORITY,
    *PEX_POOL_PRIORITY;

typedef enum _POOL_EXTENDED_PARAMETER_TYPE {
    PoolExtendedParameterInvalidType = 0,
    PoolExtendedParameterPriority,
    PoolExtendedParameterSecurePool,
    PoolExtendedParameterNumaNode,
    PoolExtendedParameterMax
} POOL_EXTENDED_PARAMETER_TYPE,
    *PPOOL_EXTENDED_PARAMETER_TYPE;

/* Access that a mapping of pages grants. */
#define PAGE_NOACCESS          0x01
#define PAGE_READONLY          0x02
#define PAGE_READWRITE         0x04
#define PAGE_WRITECOPY         0x08
#define PAGE_EXECUTE           0x10
#define PAGE_EXECUTE_READ      0x20
#define PAGE_EXECUTE_READWRITE 0x40
#define PAGE_EXECUTE_WRITECOPY 0x80
#define PAGE_GUARD             0x0100
#define PAGE_NOCACHE           0x0200
#define PAGE_WRITECOMBINE      0x0400
typedef enum _SECTION_INHERIT { ViewShare = 1, ViewUnmap } SECTION_INHERIT, *PSECTION_INHERIT;

/* Scatter/gather lists of the DMA interface of the kernel. */
typedef struct _SCATTER_GATHER_ELEMENT {
    PHYSICAL_ADDRESS Address;
    ULONG Length;
    ULONG_PTR Reserved;
} SCATTER_GATHER_ELEMENT, *PSCATTER_GATHER_ELEMENT;

typedef struct _SCATTER_GATHER_LIST {
    ULONG NumberOfElements;
    ULONG_PTR Reserved;
    SCATTER_GATHER_ELEMENT Elements[0];
} SCATTER_GATHER_LIST, *PSCATTER_GATHER_LIST;

typedef struct _MM_PHYSICAL_ADDRESS_LIST {
    PHYSICAL_ADDRESS PhysicalAddress;
    SIZE_T NumberOfBytes;
} MM_PHYSICAL_ADDRESS_LIST, *PMM_PHYSICAL_ADDRESS_LIST;

typedef struct _EXCEPTION_RECORD {
    NTSTATUS ExceptionCode;
    ULONG ExceptionFlags;
    struct _EXCEPTION_RECORD *ExceptionRecord;
    PVOID ExceptionAddress;
    ULONG NumberParameters;
    ULONG_PTR ExceptionInformation[15];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;

typedef union _FILE_SEGMENT_ELEMENT {
    PVOID64 Buffer;
    ULONGLONG Alignment;
} FILE_SEGMENT_ELEMENT, *PFILE_SEGMENT_ELEMENT;

#endif
