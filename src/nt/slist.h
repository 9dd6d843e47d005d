/*
 * slist.h - sequenced singly linked lists of drivers, in the layout that x64 gives their header:
 * depth, sequence, and the first entry with two type bits.
 *
 * A bit of the header that is zero for drivers guards a few instructions, so an entry may be used
 * anew, or freed, as soon as it has been taken out. Any IRQL.
 */
#ifndef STORHOST_NT_SLIST_H
#define STORHOST_NT_SLIST_H

#include <stdbool.h>
#include <stdint.h>
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Headers and entries lie at multiples of 16. */
bool nt_slist_is_aligned(const void *address);
void nt_slist_initialize(SLIST_HEADER *header);
/* The entry that was first before, NULL when the list was empty. */
SLIST_ENTRY *nt_slist_push(SLIST_HEADER *header, SLIST_ENTRY *entry);
/* The first entry, NULL when the list is empty. */
SLIST_ENTRY *nt_slist_pop(SLIST_HEADER *header);
/* All entries, as a chain, NULL when the list is empty. */
SLIST_ENTRY *nt_slist_flush(SLIST_HEADER *header);
uint16_t nt_slist_depth(const SLIST_HEADER *header);

#ifdef __cplusplus
}
#endif

#endif
