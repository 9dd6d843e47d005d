/*
 * memory.h - the memory of the machine: one arena that devices can see, pool, and addresses.
 *
 * The arena is one shared file. A device sees its first part at bus address 0 and the rest, if
 * there is any, from 4 GiB on, as on a PC; nothing below 1 MiB is ever handed out (0xA0000-0xFFFFF
 * swallows device writes there). Drivers see it as one range in which bus address = offset, unless
 * the machine was asked to scatter the pages of its second half, or to have memory above 4 GiB.
 * Pool lives in it too, so that a driver may aim its device at pool memory.
 */
#ifndef STORHOST_NT_MEMORY_H
#define STORHOST_NT_MEMORY_H

#include "sys/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NT_PAGE_SIZE = 4096 };

/* An address as the device sees it. A struct, so that it cannot be mixed up with a pointer. */
struct bus_address {
    uint64_t value;
};

/* Where a device sees what of the arena's file lies behind the low part. */
#define NT_HIGH_MEMORY_START (1ull << 32)

/* The whole arena, for a backend that maps it into its device. The fd stays nt's. */
void nt_arena_describe(int *ret_fd, void **ret_base, size_t *ret_size);
/* Bytes of the file that devices see from bus address 0 on; the rest is at NT_HIGH_MEMORY_START. */
size_t nt_arena_low_size(void);
/* Whether the machine was asked to scatter the pages of buffers and pool. */
bool nt_arena_is_scattered(void);

struct nt_contiguous_options {
    size_t size;
    uint64_t lowest, highest; /* inclusive bus addresses; highest 0: no limit */
    uint64_t boundary;        /* never crossed; a power of two; 0: none */
    size_t alignment;         /* a power of two; 0: a page */
    const char *tag;          /* shown in leak reports; a string constant */
    const void *owner;        /* groups allocations for leak reports; may be NULL */
    uint32_t label;           /* the owner's, for nt_contiguous_describe */
    /* The number of a node that there is, plus one; 0: the one where the caller runs, if it can be
     * had. From others when that one has nothing suitable, unless `node_only`. */
    unsigned node;
    bool node_only;
};
/* Physically contiguous arena memory, not zeroed (poison-filled in checking builds). NULL when
 * nothing fits. At most DISPATCH_LEVEL. Freed by nt_contiguous_free; exact start required. */
void *nt_contiguous_allocate(const struct nt_contiguous_options *options);
void nt_contiguous_free(void *memory);
/* Owner and label of the live contiguous memory that starts there; its size, 0 if none does. At
 * most DISPATCH_LEVEL. */
size_t nt_contiguous_describe(const void *memory, const void **ret_owner, uint32_t *ret_label);

/* Whole pages that devices can see, contiguous for the processor alone: what a buffer of an
 * application is. NULL when exhausted. At most DISPATCH_LEVEL. Freed by nt_contiguous_free. */
void *nt_buffer_allocate(size_t size, const char *tag);

/* Bytes of the arena that a node has; 0: there is no such node. */
size_t nt_node_memory_size(unsigned node);
/* The node of an address in the arena, -1 for another. Any IRQL. */
int nt_node_of_memory(const void *memory);

/* Nonpaged pool: 16-byte aligned (page aligned from a page up), not zeroed. `owner` groups
 * allocations for leak reports (an adapter; may be NULL). NULL when exhausted. <= DISPATCH_LEVEL.
 * Blocks are poisoned for the sanitizers, with red zones around them. */
void *nt_pool_allocate(size_t size, uint32_t tag, const void *owner);
/* A pointer that is not a live block is the driver's fault: bug check BAD_POOL_CALLER (0xC2). */
void nt_pool_free(void *memory);
/* `freeing` hears of each block before it is freed, at the IRQL of who frees it and without a lock
 * of the pool. One listener, from now on. Any IRQL. */
void nt_pool_listen(void (*freeing)(const void *memory, size_t size));
/* Size of the live block that starts at `memory`, 0 if none does. */
size_t nt_pool_size(const void *memory);
/* Its owner, NULL if it has none or none starts there. Both at most DISPATCH_LEVEL. */
const void *nt_pool_owner(const void *memory);
/* Reports each live block of `owner` (tag, size, address) through `leak` and returns the count. */
unsigned nt_pool_report(const void *owner, void (*leak)(void *context, const char *line),
                        void *context);

/* Frees every block of `owner`, pool and contiguous, without a word. PASSIVE_LEVEL. */
void nt_pool_forget(const void *owner);

/* For the look-ups below and for those who keep a limit made of the second. Bytes from the base on
 * whose bus address is their offset: all of the arena in a machine that neither scatters nor has
 * memory above 4 GiB; 0 while no machine runs. */
extern SYS_HIDDEN char *nt_arena_base;
extern SYS_HIDDEN size_t nt_arena_direct_size;

/* Bytes from `memory` on, at most `length`, that lie one behind the other on the bus, and where. 0
 * if the first one is not in the arena. Any IRQL. */
size_t nt_bus_run_of(const void *memory, size_t length, struct bus_address *ret_address);

/* True and the address if the memory lies in the arena. Any IRQL. */
static inline bool nt_bus_address_of(const void *memory, struct bus_address *ret_address)
{
    uintptr_t offset = (uintptr_t)memory - (uintptr_t)nt_arena_base;

    if (__builtin_expect(offset >= nt_arena_direct_size, 0))
        return nt_bus_run_of(memory, 1, ret_address) != 0;
    ret_address->value = offset;
    return true;
}

/* For models of devices: the `size` bytes at a bus address as a device sees them, NULL unless all
 * exist. Any IRQL. */
void *nt_pointer_of(struct bus_address address, size_t size);
/* Where a driver sees the byte at a bus address, NULL if it is none of the arena. Any IRQL. */
void *nt_memory_at(struct bus_address address);

/* Physical address as MmGetPhysicalAddress tells it: the bus address inside the arena; outside
 * (a client's own buffer, the stack) a stable invented one above 1 TiB that no device is given. */
uint64_t nt_physical_address(const void *memory);

/* Sanitizer marks: nothing in ordinary builds. Poisoned memory must not be touched. The fill is a
 * byte pattern that is easy to recognise (0xBA), under the sanitizer and in the simulator. */
#if defined(__SANITIZE_ADDRESS__)
#define NT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NT_ADDRESS_SANITIZER 1
#endif
#endif
#ifndef NT_ADDRESS_SANITIZER
#define NT_ADDRESS_SANITIZER 0
#endif

void nt_memory_mark(const void *memory, size_t size, bool poisoned);
void nt_memory_fill(void *memory, size_t size);

static inline void nt_memory_poison(const void *memory, size_t size)
{
    if (NT_ADDRESS_SANITIZER)
        nt_memory_mark(memory, size, true);
}

static inline void nt_memory_unpoison(const void *memory, size_t size)
{
    if (NT_ADDRESS_SANITIZER)
        nt_memory_mark(memory, size, false);
}

/* Whether memory that is handed out is marked or filled at all. */
static inline bool nt_memory_is_checked(void)
{
    return NT_ADDRESS_SANITIZER || __builtin_expect(sys_switch_points_on, 0);
}

static inline void nt_memory_fill_uninitialised(void *memory, size_t size)
{
    if (nt_memory_is_checked())
        nt_memory_fill(memory, size);
}

#ifdef __cplusplus
}
#endif

#endif
