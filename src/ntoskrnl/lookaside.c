/*
 * lookaside.c - Ex: sequenced lists, and lists of free blocks on top of them.
 *
 * A driver takes blocks and gives them back by inline code of its headers; what is here prepares
 * such a list and empties it. Lists do not grow with use: the depth is the least that Windows gives
 * one.
 */
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/slist.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <stddef.h>
#include <string.h>

#define EXPORT(name_, irql_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", irql_)

enum { DEPTH_MIN = 4, RAISE_ON_FAIL = 1, FAIL_NO_RAISE = 2 };

VOID NTAPI InitializeSListHead(PSLIST_HEADER SListHead)
{
    nt_slist_initialize(SListHead);
}
EXPORT(InitializeSListHead, NT_HIGH_LEVEL);

PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead)
{
    return nt_slist_pop(ListHead);
}
EXPORT(ExpInterlockedPopEntrySList, NT_HIGH_LEVEL);

PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry)
{
    return nt_slist_push(ListHead, ListEntry);
}
EXPORT(ExpInterlockedPushEntrySList, NT_HIGH_LEVEL);

PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead)
{
    return nt_slist_flush(ListHead);
}
EXPORT(ExpInterlockedFlushSList, NT_HIGH_LEVEL);

USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead)
{
    return nt_slist_depth(SListHead);
}
EXPORT(ExQueryDepthSList, NT_HIGH_LEVEL);

/* ---- lookaside lists ---- */

static PVOID NTAPI allocate_plain(POOL_TYPE type, SIZE_T size, ULONG tag)
{
    return ExAllocatePoolWithTag(type, size, tag);
}

static VOID NTAPI free_plain(PVOID block)
{
    nt_pool_free(block);
}

static PVOID NTAPI allocate_extended(POOL_TYPE type, SIZE_T size, ULONG tag,
                                     LOOKASIDE_LIST_EX *list)
{
    (void)list;
    return ExAllocatePoolWithTag(type, size, tag);
}

static VOID NTAPI free_extended(PVOID block, LOOKASIDE_LIST_EX *list)
{
    (void)list;
    nt_pool_free(block);
}

/* Both forms of the list have the same members at the same places. */
_Static_assert(offsetof(GENERAL_LOOKASIDE, Future) == offsetof(GENERAL_LOOKASIDE_POOL, Future),
               "one layout");

static void prepare(GENERAL_LOOKASIDE_POOL *list, POOL_TYPE type, SIZE_T size, ULONG tag)
{
    memset(list, 0, sizeof(*list));
    nt_slist_initialize(&list->ListHead);
    list->Depth = DEPTH_MIN;
    list->MaximumDepth = EX_MAXIMUM_LOOKASIDE_DEPTH_BASE;
    list->Type = type;
    list->Tag = tag;
    list->Size =
        size < LOOKASIDE_MINIMUM_BLOCK_SIZE ? (ULONG)LOOKASIDE_MINIMUM_BLOCK_SIZE : (ULONG)size;
    list->ListEntry.Flink = list->ListEntry.Blink = &list->ListEntry;
}

static void prepare_plain(GENERAL_LOOKASIDE *list, POOL_TYPE type, PALLOCATE_FUNCTION allocate,
                          PFREE_FUNCTION free, SIZE_T size, ULONG tag)
{
    prepare((GENERAL_LOOKASIDE_POOL *)list, type, size, tag);
    list->Allocate = allocate ? allocate : allocate_plain;
    list->Free = free ? free : free_plain;
}

static void empty_plain(GENERAL_LOOKASIDE *list)
{
    for (SLIST_ENTRY *entry; (entry = nt_slist_pop(&list->ListHead));)
        list->Free(entry);
}

VOID NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside,
                                           PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free,
                                           ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    (void)Depth;
    prepare_plain(&Lookaside->L, (POOL_TYPE)(NonPagedPool | Flags), Allocate, Free, Size, Tag);
}
EXPORT(ExInitializeNPagedLookasideList, NT_DISPATCH_LEVEL);

VOID NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    empty_plain(&Lookaside->L);
}
EXPORT(ExDeleteNPagedLookasideList, NT_DISPATCH_LEVEL);

VOID NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside,
                                          PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free,
                                          ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    (void)Depth;
    prepare_plain(&Lookaside->L, (POOL_TYPE)(PagedPool | Flags), Allocate, Free, Size, Tag);
}
EXPORT(ExInitializePagedLookasideList, NT_APC_LEVEL);

VOID NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside)
{
    empty_plain(&Lookaside->L);
}
EXPORT(ExDeletePagedLookasideList, NT_APC_LEVEL);

NTSTATUS NTAPI ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside,
                                           PALLOCATE_FUNCTION_EX Allocate, PFREE_FUNCTION_EX Free,
                                           POOL_TYPE PoolType, ULONG Flags, SIZE_T Size, ULONG Tag,
                                           USHORT Depth)
{
    if (Depth)
        return STATUS_INVALID_PARAMETER_8;
    if (Flags & ~(ULONG)(RAISE_ON_FAIL | FAIL_NO_RAISE) || Flags == (RAISE_ON_FAIL | FAIL_NO_RAISE))
        return STATUS_INVALID_PARAMETER_5;
    if (Flags & RAISE_ON_FAIL)
        PoolType = (POOL_TYPE)((ULONG)PoolType | POOL_RAISE_IF_ALLOCATION_FAILURE);
    prepare(&Lookaside->L, PoolType, Size, Tag);
    Lookaside->L.AllocateEx = Allocate ? Allocate : allocate_extended;
    Lookaside->L.FreeEx = Free ? Free : free_extended;
    return STATUS_SUCCESS;
}
EXPORT(ExInitializeLookasideListEx, NT_DISPATCH_LEVEL);

VOID NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside)
{
    for (SLIST_ENTRY *entry; (entry = nt_slist_pop(&Lookaside->L.ListHead));)
        Lookaside->L.FreeEx(entry, Lookaside);
}
EXPORT(ExFlushLookasideListEx, NT_DISPATCH_LEVEL);

VOID NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside)
{
    ExFlushLookasideListEx(Lookaside);
}
EXPORT(ExDeleteLookasideListEx, NT_DISPATCH_LEVEL);
