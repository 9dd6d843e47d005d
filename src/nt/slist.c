/*
 * slist.c - the header's two words: depth and sequence; first entry, type bit and our guard.
 */
#include "nt/slist.h"

#include "sys/sys.h"

enum { TYPE_BIT = 1, GUARD_BIT = 2, ADDRESS_ALIGNMENT = 16, DEPTH_BITS = 16 };

/* The two words by the names that the header gives them: Alignment is the depth in the low 16 bits,
 * then the sequence; Region the first entry. Both __atomic. */

/* Returns the first word as it was, without the guard. */
static ULONGLONG guard_take(SLIST_HEADER *header)
{
    unsigned spins = 0;

    for (;;) {
        ULONGLONG first = __atomic_fetch_or(&header->Region, GUARD_BIT, __ATOMIC_ACQUIRE);
        if (!(first & GUARD_BIT))
            return first;
        sys_spin_wait(&spins);
    }
}

/* Gives the guard back together with the new first entry and depth. */
static void guard_return(SLIST_HEADER *header, const SLIST_ENTRY *first, uint16_t depth)
{
    uint64_t sequence = (__atomic_load_n(&header->Alignment, __ATOMIC_RELAXED) >> DEPTH_BITS) + 1;

    __atomic_store_n(&header->Alignment, sequence << DEPTH_BITS | depth, __ATOMIC_RELAXED);
    __atomic_store_n(&header->Region, (uintptr_t)first | TYPE_BIT, __ATOMIC_RELEASE);
}

static SLIST_ENTRY *entry_of(ULONGLONG first)
{
    return (SLIST_ENTRY *)(uintptr_t)(first & ~(uint64_t)(ADDRESS_ALIGNMENT - 1));
}

bool nt_slist_is_aligned(const void *address)
{
    return (uintptr_t)address % ADDRESS_ALIGNMENT == 0;
}

void nt_slist_initialize(SLIST_HEADER *header)
{
    __atomic_store_n(&header->Alignment, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&header->Region, 0, __ATOMIC_RELEASE);
}

SLIST_ENTRY *nt_slist_push(SLIST_HEADER *header, SLIST_ENTRY *entry)
{
    SLIST_ENTRY *first = entry_of(guard_take(header));

    entry->Next = first;
    guard_return(header, entry, (uint16_t)(nt_slist_depth(header) + 1));
    return first;
}

SLIST_ENTRY *nt_slist_pop(SLIST_HEADER *header)
{
    SLIST_ENTRY *first = entry_of(guard_take(header));

    if (first)
        guard_return(header, first->Next, (uint16_t)(nt_slist_depth(header) - 1));
    else
        guard_return(header, NULL, 0);
    return first;
}

SLIST_ENTRY *nt_slist_flush(SLIST_HEADER *header)
{
    SLIST_ENTRY *first = entry_of(guard_take(header));

    guard_return(header, NULL, 0);
    return first;
}

uint16_t nt_slist_depth(const SLIST_HEADER *header)
{
    return (uint16_t)__atomic_load_n(&header->Alignment, __ATOMIC_RELAXED);
}
