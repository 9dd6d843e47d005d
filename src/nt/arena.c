/*
 * arena.c - the one piece of memory that devices can see: its pages and what is allocated of whole
 * pages.
 *
 * A bitmap says which pages are taken. The pages lie in up to three zones, in each of which they
 * are alike on the bus: low, high (from 4 GiB on) and scattered. An allocation takes the last zone
 * that suits it, so that a driver meets high and scattered memory wherever it may. A zone is
 * searched from the bottom, so that an allocation with limits fails only when nothing within them
 * is free.
 *
 * Every node has an equal share of the pages, across the zones. What does not ask for a node gets
 * pages of the one where it asks, in the zone that it would have got anyway, if they are there.
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

enum { ZONES_MAX = 3 };

struct zone {
    size_t first, end; /* pages */
    /* No free page of the zone, and of a node's part of the zone, below it. */
    size_t first_free, first_free_of[NT_NODE_COUNT_MAX];
    bool contiguous;
    uint64_t address; /* of its first page on the bus, if it is contiguous */
};

static struct zone zones[ZONES_MAX];
static unsigned zone_count;
static struct page *pages;
static uint64_t *page_bits; /* set: taken */
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

/* ---- nodes ---- */

/* The first page of a node; of the number behind the last node: the end. */
static size_t node_start(unsigned node)
{
    return arena_layout.pages * node / nt_topology()->node_count;
}

static unsigned node_of_page(size_t page)
{
    unsigned node = (unsigned)(page * nt_topology()->node_count / arena_layout.pages);

    while (page < node_start(node))
        node--;
    while (page >= node_start(node + 1))
        node++;
    return node;
}

size_t nt_node_memory_size(unsigned node)
{
    return node < nt_topology()->node_count
               ? (node_start(node + 1) - node_start(node)) * NT_PAGE_SIZE
               : 0;
}

int nt_node_of_memory(const void *memory)
{
    const struct page *page = page_of(memory);

    return page ? (int)node_of_page((size_t)(page - pages)) : -1;
}

static unsigned current_node(void)
{
    return nt_topology()->places[nt_processor_current()->number].node;
}

/* Pages of a zone that are searched: all, or those of a node. */
struct span {
    size_t first, end;
};

static struct span span_of_node(const struct zone *zone, unsigned node)
{
    size_t end = node_start(node + 1);

    return (struct span){zone->first_free_of[node], end < zone->end ? end : zone->end};
}

static struct span span_of_zone(const struct zone *zone)
{
    return (struct span){zone->first_free, zone->end};
}

/* ---- searching ---- */

static uint64_t round_up(uint64_t value, uint64_t power_of_two)
{
    return (value + power_of_two - 1) & ~(power_of_two - 1);
}

/* The first page of a fitting run on the bus, 0 when there is none (page 0 is never free). */
static size_t contiguous_find(const struct zone *zone, struct span span,
                              const struct page_wish *wish)
{
    uint64_t alignment = wish->alignment > NT_PAGE_SIZE ? wish->alignment : NT_PAGE_SIZE;
    uint64_t end = zone->address + (span.end - zone->first) * NT_PAGE_SIZE;
    uint64_t lowest = zone->address + (span.first - zone->first) * NT_PAGE_SIZE;

    if (wish->lowest > lowest)
        lowest = wish->lowest;
    if (!zone->contiguous || lowest >= end || alignment > end ||
        (wish->boundary && wish->bytes > wish->boundary))
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
        size_t start = zone->first + (at - zone->address) / NT_PAGE_SIZE;
        size_t taken = last_taken(start, wish->count);
        if (taken == SIZE_MAX)
            return start;
        at = round_up(at + (taken + 1 - start) * NT_PAGE_SIZE, alignment);
    }
    return 0;
}

/* The first page of so many free ones, 0 when there are none. */
static size_t run_find(struct span span, size_t count)
{
    for (size_t start = span.first; start < span.end && count <= span.end - start;) {
        size_t taken = last_taken(start, count);
        if (taken == SIZE_MAX)
            return start;
        start = taken + 1;
    }
    return 0;
}

static struct zone *zone_of(size_t page)
{
    struct zone *zone = zones;

    while (page >= zone->end)
        zone++;
    return zone;
}

static size_t span_find(const struct zone *zone, struct span span, const struct page_wish *wish)
{
    if (span.first >= span.end)
        return 0;
    return wish->contiguous ? contiguous_find(zone, span, wish) : run_find(span, wish->count);
}

static size_t wish_find(const struct page_wish *wish)
{
    size_t start = 0;

    for (unsigned i = zone_count; wish->node && i-- > 0 && !start;)
        start = span_find(&zones[i], span_of_node(&zones[i], wish->node - 1), wish);
    if (wish->node && wish->node_only)
        return start;
    for (unsigned i = zone_count; i-- > 0 && !start;) {
        if (nt_topology()->node_count > 1)
            start = span_find(&zones[i], span_of_node(&zones[i], current_node()), wish);
        if (!start)
            start = span_find(&zones[i], span_of_zone(&zones[i]), wish);
    }
    return start;
}

static size_t next_free(size_t page, size_t end)
{
    while (page < end && page_taken(page))
        page++;
    return page;
}

char *pages_allocate(const struct page_wish *wish, enum page_kind kind, void *info)
{
    size_t start = wish_find(wish);

    if (!start)
        return NULL;
    struct zone *zone = zone_of(start);
    sh_assert(start >= zone->first_free && start + wish->count <= zone->end);
    pages_mark(start, wish->count, true);
    pages[start] = (struct page){info, (uint32_t)wish->count, kind};
    for (size_t page = start + 1; page < start + wish->count; page++)
        pages[page] = (struct page){NULL, 0, PAGE_TAIL};
    zone->first_free = next_free(zone->first_free, zone->end);
    for (unsigned node = node_of_page(start); node <= node_of_page(start + wish->count - 1); node++)
        zone->first_free_of[node] =
            next_free(zone->first_free_of[node], span_of_node(zone, node).end);
    return nt_arena_base + start * NT_PAGE_SIZE;
}

void pages_free(char *memory)
{
    size_t start = (size_t)(memory - nt_arena_base) / NT_PAGE_SIZE;
    size_t count = pages[start].run;
    struct zone *zone = zone_of(start);

    sh_assert(pages[start].kind != PAGE_FREE && pages[start].kind != PAGE_TAIL);
    pages_mark(start, count, false);
    for (size_t page = start; page < start + count; page++)
        pages[page] = (struct page){NULL, 0, PAGE_FREE};
    if (start < zone->first_free)
        zone->first_free = start;
    for (unsigned node = node_of_page(start); node <= node_of_page(start + count - 1); node++) {
        size_t first = start > node_start(node) ? start : node_start(node);
        if (first < zone->first_free_of[node])
            zone->first_free_of[node] = first;
    }
    nt_memory_poison(memory, count * NT_PAGE_SIZE);
}

struct page *page_of(const void *memory)
{
    uintptr_t offset = (uintptr_t)memory - (uintptr_t)nt_arena_base;
    return nt_arena_base && offset / NT_PAGE_SIZE < arena_layout.pages
               ? &pages[offset / NT_PAGE_SIZE]
               : NULL;
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

/* ---- whole pages ---- */

static void *block_allocate(struct page_wish *wish, const struct block *description)
{
    size_t size = description->size;

    if (size == 0 || size > arena_layout.pages * NT_PAGE_SIZE)
        return NULL;
    struct block *block = malloc(sizeof(*block));
    if (!block)
        return NULL;
    *block = *description;
    /* Under the sanitizer there is always a poisoned rest behind the block. */
    wish->count = (size + NT_ADDRESS_SANITIZER + NT_PAGE_SIZE - 1) / NT_PAGE_SIZE;
    wish->bytes = size;
    block->room = wish->count * NT_PAGE_SIZE;

    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    block->memory = pages_allocate(wish, PAGE_CONTIGUOUS, block);
    if (block->memory)
        block_begin(block);
    nt_spinlock_release_lower(&arena_lock, old_irql);
    if (!block->memory) {
        free(block);
        return NULL;
    }
    return block->memory;
}

void *nt_contiguous_allocate(const struct nt_contiguous_options *options)
{
    struct page_wish wish = {.contiguous = true,
                             .lowest = options->lowest,
                             .highest = options->highest ? options->highest : UINT64_MAX,
                             .boundary = options->boundary,
                             .alignment = options->alignment,
                             .node = options->node,
                             .node_only = options->node_only};

    sh_assert((options->boundary & (options->boundary - 1)) == 0);
    sh_assert((options->alignment & (options->alignment - 1)) == 0);
    return block_allocate(&wish, &(struct block){.size = options->size,
                                                 .name = options->tag ? options->tag : "untagged",
                                                 .owner = options->owner,
                                                 .tag = options->label});
}

void *nt_buffer_allocate(size_t size, const char *tag)
{
    return block_allocate(&(struct page_wish){0}, &(struct block){.size = size, .name = tag});
}

/* The block of contiguous memory that starts there, NULL if none does. The lock is held. */
static struct block *contiguous_block(const void *memory)
{
    struct page *page = page_of(memory);

    return page && page->kind == PAGE_CONTIGUOUS && page_address(page) == memory ? page->info
                                                                                 : NULL;
}

void nt_contiguous_free(void *memory)
{
    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    struct block *block = contiguous_block(memory);

    if (!block)
        nt_bugcheck(NT_BUGCHECK_BAD_POOL_CALLER, 0x46, (uintptr_t)memory, 0, 0,
                    "an address was freed that is not the start of live contiguous memory");
    block_end(block);
    pages_free(memory);
    nt_spinlock_release_lower(&arena_lock, old_irql);
    free(block);
}

size_t nt_contiguous_describe(const void *memory, const void **ret_owner, uint32_t *ret_label)
{
    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    const struct block *block = contiguous_block(memory);
    size_t size = block ? block->size : 0;

    if (block) {
        *ret_owner = block->owner;
        *ret_label = block->tag;
    }
    nt_spinlock_release_lower(&arena_lock, old_irql);
    return size;
}

/* ---- start and end ---- */

static void zone_add(size_t first, size_t end, bool contiguous)
{
    struct zone *zone = &zones[zone_count];

    if (first >= end)
        return;
    *zone = (struct zone){.first = first,
                          .end = end,
                          .first_free = first,
                          .contiguous = contiguous,
                          .address = frame_address(first)};
    for (unsigned node = 0; node < nt_topology()->node_count; node++)
        zone->first_free_of[node] = first > node_start(node) ? first : node_start(node);
    zone_count++;
}

static void arena_release(void)
{
    arena_unmap();
    free(pages);
    free(page_bits);
    pages = NULL;
    page_bits = NULL;
    zone_count = 0;
}

int memory_start(size_t size, size_t low_size, bool scatter)
{
    sh_assert(!nt_arena_base);
    int result = arena_map(size, low_size, scatter);
    if (result)
        return result;
    const struct arena_layout *layout = &arena_layout;
    pages = calloc(layout->pages, sizeof(*pages));
    page_bits = calloc(layout->pages / 64, sizeof(*page_bits));
    if (!pages || !page_bits) {
        arena_release();
        return -ENOMEM;
    }
    zone_add(ARENA_RESERVED_PAGES, layout->low < layout->linear ? layout->low : layout->linear,
             true);
    zone_add(layout->low, layout->linear, true);
    zone_add(layout->linear, layout->pages, false);
    nt_memory_poison(nt_arena_base, layout->pages * NT_PAGE_SIZE);
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
