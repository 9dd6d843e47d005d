/*
 * address_ranges.h - ranges of addresses that drivers have reserved: views of sections, and virtual
 * memory. All begin at multiples of 64 KiB, as on Windows.
 */
#ifndef STORHOST_NTOSKRNL_ADDRESS_RANGES_H
#define STORHOST_NTOSKRNL_ADDRESS_RANGES_H

#include "ntoskrnl/objects.h"

enum { ADDRESS_GRANULARITY = 64 * 1024 };

enum address_kind { ADDRESS_VIEW, ADDRESS_PRIVATE };

struct address_request {
    void *wanted; /* rounded down; NULL: anywhere */
    uint64_t size;
    int protection, flags; /* of the host: PROT_..., MAP_... */
    int fd;                /* -1: none */
    uint64_t offset;
    enum address_kind kind;
};

/* STATUS_CONFLICTING_ADDRESSES: something is there already; STATUS_NO_MEMORY. PASSIVE_LEVEL, all.
 */
NTSTATUS address_range_add(const struct address_request *request, void **ret_base);
/* The whole range that has the address; false: there is none of that kind. */
bool address_range_remove(enum address_kind kind, const void *address);
bool address_range_find(enum address_kind kind, const void *address, char **ret_base,
                        uint64_t *ret_size);

/* One of PAGE_..., by itself or with PAGE_NOCACHE. */
bool address_protection_is_good(ULONG protection);
/* What the host calls it. Memory is never executable: drivers bring their code in images. */
int address_protection(ULONG protection);
/* Handles of processes: there is NtCurrentProcess(). STATUS_INVALID_HANDLE,
 * STATUS_OBJECT_TYPE_MISMATCH; STATUS_ACCESS_DENIED: an application's, whose addresses are its own.
 */
NTSTATUS address_process_check(HANDLE process);

#endif
