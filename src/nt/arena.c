/*
 * arena.c - the one piece of memory that devices can see: its pages, addresses and contiguous
 * blocks.
 *
 * A bitmap says which pages are taken. It is searched from the bottom, so that an allocation with
 * limits fails only when nothing within them is free. Bus address = offset in the arena.
 */
#include "nt/arena.h"

#include "nt/bugcheck.h"
#include "nt/print.h"
#include "nt/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if NT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

enum { ARENA_GRANULE = 2 * 1024 * 1024, PAGE_SHIFT_BITS = 12 };

/* Where memory outside the arena pretends to be: above what any device is given. */
static const uint64_t invented_physical_base = 1ull << 40;

static int arena_fd = -1;
char *nt_arena_base;
size_t nt_arena_size;
static size_t page_count;
static struct page *pages;
static uint64_t *page_bits; /* set: taken */
static size_t first_free;   /* no free page below it */
static struct block live = {.next = &live, .previous = &live};
struct nt_spinlock arena_lock;

/* ---- sanitizer marks ---- */

void nt_memory_mark(const void *memory, size_t size, bool poisoned)
{
#if NT_ADDRESS_SANITIZER
    if (poisoned)
        ASAN_POISON_MEMORY_REGION(memory, size);
    else
        ASAN_UNPOISON_MEMORY_REGION(memory, size);
#else
    (void)memory;
    (void)size;
    (void)poisoned;
#endif
}

void nt_memory_fill(void *memory, size_t size)
{
    memset(memory, 0xBA, size);
}

/* ---- the bitmap ---- */

static bool page_taken(size_t page)
{
    return page_bits[page / 64] >> page % 64 & 1;
}

/* The last taken page of [start, start + count), or SIZE_MAX when all are free. */
static size_t last_taken(size_t start, size_t count)
{
    size_t page = start + count;

    while (page > start) {
        if (page % 64 == 0 && page - start >= 64 && page_bits[page / 64 - 1] == 0) {
            page -= 64;
            continue;
        }
        page--;
        if (page_taken(page))
            return page;
    }
    return SIZE_MAX;
}

static void pages_mark(size_t start, size_t count, bool taken)
{
    for (size_t page = start; page < start + count; page++) {
        if (taken)
            page_bits[page / 64] |= 1ull << page % 64;
        else
            page_bits[page / 64] &= ~(1ull << page % 64);
    }
}

static uint64_t round_up(uint64_t value, uint64_t power_of_two)
{
    return (value + power_of_two - 1) & ~(power_of_two - 1);
}

/* The first byte of a fitting run, 0 when there is none (page 0 is never free). */
static uint64_t run_find(const struct page_wish *wish)
{
    uint64_t alignment = wish->alignment > NT_PAGE_SIZE ? wish->alignment : NT_PAGE_SIZE;
    uint64_t lowest = (uint64_t)first_free * NT_PAGE_SIZE;
    uint64_t end = nt_arena_size;

    if (wish->lowest > lowest)
        lowest = wish->lowest;
    if (lowest >= end || alignment > end || (wish->boundary && wish->bytes > wish->boundary))
        return 0;
    for (uint64_t at = round_up(lowest, alignment);
         at < end && wish->count <= (end - at) / NT_PAGE_SIZE;) {
        uint64_t last = at + wish->bytes - 1;
        if (last > wish->highest)
            break;
        if (wish->boundary && at / wish->boundary != last / wish->boundary) {
            at = round_up(round_up(at + 1, wish->boundary), alignment);
            continue;
        }
        size_t taken = last_taken(at / NT_PAGE_SIZE, wish->count);
        if (taken == SIZE_MAX)
            return at;
        at = round_up((uint64_t)(taken + 1) * NT_PAGE_SIZE, alignment);
    }
    return 0;
}

char *pages_allocate(const struct page_wish *wish, enum page_kind kind, void *info)
{
    uint64_t at = run_find(wish);
    if (!at)
        return NULL;
    size_t start = at / NT_PAGE_SIZE;
    sh_assert(start >= ARENA_RESERVED_PAGES && start + wish->count <= page_count);
    pages_mark(start, wish->count, true);
    pages[start] = (struct page){info, (uint32_t)wish->count, kind};
    for (size_t page = start + 1; page < start + wish->count; page++)
        pages[page] = (struct page){NULL, 0, PAGE_TAIL};
    while (first_free < page_count && page_taken(first_free))
        first_free++;
    return nt_arena_base + at;
}

void pages_free(char *memory)
{
    size_t start = (size_t)(memory - nt_arena_base) / NT_PAGE_SIZE;
    size_t count = pages[start].run;

    sh_assert(pages[start].kind != PAGE_FREE && pages[start].kind != PAGE_TAIL);
    pages_mark(start, count, false);
    for (size_t page = start; page < start + count; page++)
        pages[page] = (struct page){NULL, 0, PAGE_FREE};
    if (start < first_free)
        first_free = start;
    nt_memory_poison(memory, count * NT_PAGE_SIZE);
}

struct page *page_of(const void *memory)
{
    uintptr_t offset = (uintptr_t)memory - (uintptr_t)nt_arena_base;
    return nt_arena_base && offset < nt_arena_size ? &pages[offset / NT_PAGE_SIZE] : NULL;
}

char *page_address(const struct page *page)
{
    return nt_arena_base + (size_t)(page - pages) * NT_PAGE_SIZE;
}

/* ---- blocks ---- */

static size_t red_zone_size(const struct block *block)
{
    size_t slack = block->room - block->size;
    return slack < RED_ZONE_MAX ? slack : RED_ZONE_MAX;
}

void block_begin(struct block *block)
{
    sh_assert(!block->live && block->room >= block->size);
    nt_memory_unpoison(block->memory, block->room);
    nt_memory_fill_uninitialised(block->memory, block->size);
    memset(block->memory + block->size, RED_ZONE_BYTE, red_zone_size(block));
    nt_memory_poison(block->memory + block->size, block->room - block->size);
    block->live = true;
    block->next = &live;
    block->previous = live.previous;
    block->previous->next = block;
    live.previous = block;
}

void block_end(struct block *block)
{
    size_t red_zone = red_zone_size(block);
    const unsigned char *zone = (const unsigned char *)block->memory + block->size;

    sh_assert(block->live);
    nt_memory_unpoison(block->memory, block->room);
    for (size_t i = 0; i < red_zone; i++) {
        if (zone[i] != RED_ZONE_BYTE) {
            char line[160];
            block_describe(block, line, sizeof(line));
            nt_print("written behind its end at byte %zu: %s", block->size + i, line);
            nt_bugcheck(NT_BUGCHECK_BAD_POOL_HEADER, 0x20, (uintptr_t)block->memory, block->size,
                        block->size + i, "memory behind a block was overwritten");
        }
    }
    nt_memory_fill_uninitialised(block->memory, block->size);
    nt_memory_poison(block->memory, block->room);
    block->live = false;
    block->previous->next = block->next;
    block->next->previous = block->previous;
}

void blocks_visit(void (*each)(void *context, const struct block *block), void *context)
{
    for (const struct block *block = live.next; block != &live; block = block->next)
        each(context, block);
}

void block_describe(const struct block *block, char *line, size_t size)
{
    char tag[5] = "";

    if (block->name) {
        snprintf(line, size, "contiguous memory: %zu bytes, %s, at %p", block->size, block->name,
                 (void *)block->memory);
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        char letter = (char)(block->tag >> 8 * i);
        tag[i] = letter >= ' ' && letter <= '~' ? letter : '.';
    }
    snprintf(line, size, "pool: %zu bytes, tag '%s', at %p, owner %p", block->size, tag,
             (void *)block->memory, block->owner);
}

/* ---- contiguous memory ---- */

void *nt_contiguous_allocate(const struct nt_contiguous_options *options)
{
    struct page_wish wish = {.lowest = options->lowest,
                             .highest = options->highest ? options->highest : UINT64_MAX,
                             .boundary = options->boundary,
                             .alignment = options->alignment,
                             .bytes = options->size};

    sh_assert((options->boundary & (options->boundary - 1)) == 0);
    sh_assert((options->alignment & (options->alignment - 1)) == 0);
    if (options->size == 0 || options->size > nt_arena_size)
        return NULL;
    struct block *block = calloc(1, sizeof(*block));
    if (!block)
        return NULL;
    /* Under the sanitizer there is always a poisoned rest behind the block. */
    wish.count = (options->size + NT_ADDRESS_SANITIZER + NT_PAGE_SIZE - 1) / NT_PAGE_SIZE;
    block->size = options->size;
    block->room = wish.count * NT_PAGE_SIZE;
    block->name = options->tag ? options->tag : "untagged";

    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    block->memory = pages_allocate(&wish, PAGE_CONTIGUOUS, block);
    if (block->memory)
        block_begin(block);
    nt_spinlock_release_lower(&arena_lock, old_irql);
    if (!block->memory) {
        free(block);
        return NULL;
    }
    return block->memory;
}

void nt_contiguous_free(void *memory)
{
    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    struct page *page = page_of(memory);

    if (!page || page->kind != PAGE_CONTIGUOUS || page_address(page) != memory)
        nt_bugcheck(NT_BUGCHECK_BAD_POOL_CALLER, 0x46, (uintptr_t)memory, 0, 0,
                    "an address was freed that is not the start of live contiguous memory");
    struct block *block = page->info;
    block_end(block);
    pages_free(memory);
    nt_spinlock_release_lower(&arena_lock, old_irql);
    free(block);
}

/* ---- addresses ---- */

void nt_arena_describe(int *ret_fd, void **ret_base, size_t *ret_size)
{
    *ret_fd = arena_fd;
    *ret_base = nt_arena_base;
    *ret_size = nt_arena_size;
}

void *nt_pointer_of(struct bus_address address, size_t size)
{
    if (address.value >= nt_arena_size || size > nt_arena_size - address.value)
        return NULL;
    return nt_arena_base + address.value;
}

uint64_t nt_physical_address(const void *memory)
{
    struct bus_address address;

    if (nt_bus_address_of(memory, &address))
        return address.value;
    return invented_physical_base + (uintptr_t)memory;
}

/* ---- start and end ---- */

static void arena_release(void)
{
    nt_memory_unpoison(nt_arena_base, nt_arena_size);
    sys_shared_memory_destroy(arena_fd, nt_arena_base, nt_arena_size);
    free(pages);
    free(page_bits);
    pages = NULL;
    page_bits = NULL;
    nt_arena_base = NULL;
    nt_arena_size = page_count = 0;
    arena_fd = -1;
}

int memory_start(size_t size)
{
    void *base;

    sh_assert(!nt_arena_base);
    size = (size_t)round_up(size, ARENA_GRANULE);
    int result = sys_shared_memory_create("storhost-arena", size, &arena_fd, &base);
    if (result)
        return result;
    nt_arena_base = base;
    nt_arena_size = size;
    page_count = size / NT_PAGE_SIZE;
    pages = calloc(page_count, sizeof(*pages));
    page_bits = calloc(page_count / 64, sizeof(*page_bits));
    if (!pages || !page_bits) {
        arena_release();
        return -ENOMEM;
    }
    pages_mark(0, ARENA_RESERVED_PAGES, true);
    first_free = ARENA_RESERVED_PAGES;
    nt_memory_poison(nt_arena_base, nt_arena_size);
    return 0;
}

void memory_stop(void (*leak)(const char *line))
{
    while (live.next != &live) {
        struct block *block = live.next;
        char line[160];
        block_describe(block, line, sizeof(line));
        if (leak)
            leak(line);
        if (block->name)
            nt_contiguous_free(block->memory);
        else
            nt_pool_free(block->memory);
    }
    pool_stop();
    arena_release();
}
