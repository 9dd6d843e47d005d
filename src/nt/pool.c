/*
 * pool.c - nonpaged pool over the pages of the arena.
 *
 * Blocks below half a page share pages of one size each (slabs), others have pages of their own;
 * so no block below a page crosses a page, and those from a page up start at one, as drivers
 * expect. Every block is followed by a red zone. Freed slots are used again in the order in which
 * they were freed, which gives a late access the longest time to be noticed.
 */
#include "nt/arena.h"
#include "nt/bugcheck.h"
#include "nt/private.h"

#include <stdlib.h>

enum { RED_ZONE_MIN = 16, SLOTS_MAX = NT_PAGE_SIZE / 32, CLASS_COUNT = 19 };

/* Slot sizes, red zone included: multiples of 16. */
static const uint16_t class_sizes[CLASS_COUNT] = {
    32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 672, 1024, 1360, 2048};

struct slab {
    struct slab *next, *previous; /* in its class's list of slabs with a free slot */
    char *memory;
    unsigned class;
    unsigned slots, free_count;
    unsigned free_first;           /* index into free_slots of the one that is free longest */
    uint8_t free_slots[SLOTS_MAX]; /* a ring */
    struct block blocks[];
};

struct slab_list {
    struct slab *first, *last;
};

static struct slab_list partial[CLASS_COUNT];
static struct slab *empty[CLASS_COUNT]; /* one empty slab each is kept, against to and fro */

_Static_assert(SLOTS_MAX <= 256, "a slot's number fits free_slots");

/* ---- slabs; all with arena_lock held ---- */

static void slab_link(struct slab *slab)
{
    struct slab_list *list = &partial[slab->class];

    slab->next = NULL;
    slab->previous = list->last;
    if (list->last)
        list->last->next = slab;
    else
        list->first = slab;
    list->last = slab;
}

static void slab_unlink(struct slab *slab)
{
    struct slab_list *list = &partial[slab->class];

    if (slab->previous)
        slab->previous->next = slab->next;
    else
        list->first = slab->next;
    if (slab->next)
        slab->next->previous = slab->previous;
    else
        list->last = slab->previous;
}

static struct slab *slab_create(unsigned class)
{
    static const struct page_wish wish = {.count = 1};
    unsigned slots = NT_PAGE_SIZE / class_sizes[class];
    struct slab *slab = calloc(1, sizeof(*slab) + slots * sizeof(slab->blocks[0]));

    if (!slab)
        return NULL;
    slab->memory = pages_allocate(&wish, PAGE_SLAB, slab);
    if (!slab->memory) {
        free(slab);
        return NULL;
    }
    slab->class = class;
    slab->slots = slab->free_count = slots;
    for (unsigned i = 0; i < slots; i++) {
        slab->free_slots[i] = (uint8_t)i;
        slab->blocks[i].memory = slab->memory + i * class_sizes[class];
        slab->blocks[i].room = class_sizes[class];
    }
    slab_link(slab);
    return slab;
}

static void slab_destroy(struct slab *slab)
{
    slab_unlink(slab);
    pages_free(slab->memory);
    free(slab);
}

static struct block *slot_allocate(unsigned class)
{
    struct slab *slab = partial[class].first;

    if (!slab)
        slab = slab_create(class);
    if (!slab)
        return NULL;
    if (slab == empty[class])
        empty[class] = NULL;
    unsigned slot = slab->free_slots[slab->free_first];
    slab->free_first = (slab->free_first + 1) % slab->slots;
    if (--slab->free_count == 0)
        slab_unlink(slab);
    return &slab->blocks[slot];
}

static void slot_free(struct slab *slab, unsigned slot)
{
    slab->free_slots[(slab->free_first + slab->free_count) % slab->slots] = (uint8_t)slot;
    if (slab->free_count++ == 0)
        slab_link(slab);
    if (slab->free_count < slab->slots)
        return;
    if (empty[slab->class])
        slab_destroy(slab);
    else
        empty[slab->class] = slab;
}

/* ---- blocks with pages of their own ---- */

static struct block *large_allocate(size_t size)
{
    struct block *block = calloc(1, sizeof(*block));
    if (!block)
        return NULL;
    size_t count = (size + NT_ADDRESS_SANITIZER + NT_PAGE_SIZE - 1) / NT_PAGE_SIZE;
    struct page_wish wish = {.count = count};
    block->memory = pages_allocate(&wish, PAGE_LARGE, block);
    if (!block->memory) {
        free(block);
        return NULL;
    }
    block->room = count * NT_PAGE_SIZE;
    return block;
}

/* ---- the interface ---- */

/* CLASS_COUNT when the block gets pages of its own. */
static unsigned class_of(size_t size)
{
    unsigned class = 0;

    while (class < CLASS_COUNT && size + RED_ZONE_MIN > class_sizes[class])
        class ++;
    return class;
}

void *nt_pool_allocate(size_t size, uint32_t tag, const void *owner)
{
    if (size > arena_layout.pages * NT_PAGE_SIZE)
        return NULL;
    unsigned class = class_of(size);
    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    struct block *block = class < CLASS_COUNT ? slot_allocate(class) : large_allocate(size);
    if (block) {
        block->size = size;
        block->tag = tag;
        block->owner = owner;
        block_begin(block);
    }
    void *memory = block ? block->memory : NULL;
    nt_spinlock_release_lower(&arena_lock, old_irql);
    return memory;
}

/* The block whose memory starts there, live or (in a slab) freed; NULL if there is none. */
static struct block *block_at(const void *memory, struct slab **ret_slab)
{
    struct page *page = page_of(memory);

    *ret_slab = NULL;
    if (!page)
        return NULL;
    if (page->kind == PAGE_LARGE)
        return page_address(page) == memory ? page->info : NULL;
    if (page->kind != PAGE_SLAB)
        return NULL;
    struct slab *slab = page->info;
    size_t slot = (size_t)((const char *)memory - slab->memory) / class_sizes[slab->class];
    if (slot >= slab->slots || slab->blocks[slot].memory != memory)
        return NULL;
    *ret_slab = slab;
    return &slab->blocks[slot];
}

static void (*free_listener)(const void *memory, size_t size);

void nt_pool_listen(void (*freeing)(const void *memory, size_t size))
{
    __atomic_store_n(&free_listener, freeing, __ATOMIC_RELEASE);
}

static void tell_listener(const void *memory)
{
    void (*freeing)(const void *memory, size_t size) =
        __atomic_load_n(&free_listener, __ATOMIC_ACQUIRE);
    size_t size = freeing ? nt_pool_size(memory) : 0;

    if (size)
        freeing(memory, size);
}

void nt_pool_free(void *memory)
{
    tell_listener(memory);
    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    struct slab *slab;
    struct block *block = block_at(memory, &slab);

    if (!block)
        nt_bugcheck(NT_BUGCHECK_BAD_POOL_CALLER, 0x46, (uintptr_t)memory, 0, 0,
                    "an address was freed that is not the start of a live pool block");
    if (!block->live)
        nt_bugcheck(NT_BUGCHECK_BAD_POOL_CALLER, 0x07, (uintptr_t)memory, block->tag, 0,
                    "a pool block was freed twice");
    block_end(block);
    if (slab) {
        slot_free(slab, (unsigned)(block - slab->blocks));
        block = NULL;
    } else {
        pages_free(memory);
    }
    nt_spinlock_release_lower(&arena_lock, old_irql);
    free(block);
}

size_t nt_pool_size(const void *memory)
{
    struct slab *slab;

    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    struct block *block = block_at(memory, &slab);
    size_t size = block && block->live ? block->size : 0;
    nt_spinlock_release_lower(&arena_lock, old_irql);
    return size;
}

const void *nt_pool_owner(const void *memory)
{
    struct slab *slab;

    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    struct block *block = block_at(memory, &slab);
    const void *owner = block && block->live ? block->owner : NULL;
    nt_spinlock_release_lower(&arena_lock, old_irql);
    return owner;
}

/* ---- leak reports ---- */

struct report {
    const void *owner;
    unsigned count;
    unsigned capacity;
    struct block *blocks; /* copies, so that lines are written without the lock */
};

static void report_count(void *context, const struct block *block)
{
    struct report *report = context;

    if (block->owner != report->owner || (block->name && !block->owner))
        return;
    if (report->count < report->capacity)
        report->blocks[report->count] = *block;
    report->count++;
}

static unsigned report_collect(struct report *report)
{
    uint8_t old_irql = nt_spinlock_acquire_raise(&arena_lock, NT_DISPATCH_LEVEL);
    report->count = 0;
    blocks_visit(report_count, report);
    nt_spinlock_release_lower(&arena_lock, old_irql);
    return report->count;
}

/* Copies of what the owner has; false: nothing, or no memory. */
static bool report_fill(struct report *report)
{
    unsigned count = report_collect(report);

    report->blocks = count ? calloc(count, sizeof(*report->blocks)) : NULL;
    if (!report->blocks)
        return false;
    report->capacity = count;
    count = report_collect(report);
    if (count < report->capacity)
        report->capacity = count;
    return true;
}

unsigned nt_pool_report(const void *owner, void (*leak)(void *context, const char *line),
                        void *context)
{
    struct report report = {.owner = owner};

    if (!leak)
        return report_collect(&report);
    if (!report_fill(&report))
        return report.count;
    for (unsigned i = 0; i < report.capacity; i++) {
        char line[160];
        block_describe(&report.blocks[i], line, sizeof(line));
        leak(context, line);
    }
    free(report.blocks);
    return report.count;
}

void nt_pool_forget(const void *owner)
{
    struct report report = {.owner = owner};

    if (!report_fill(&report))
        return;
    for (unsigned i = 0; i < report.capacity; i++) {
        if (report.blocks[i].name)
            nt_contiguous_free(report.blocks[i].memory);
        else
            nt_pool_free(report.blocks[i].memory);
    }
    free(report.blocks);
}

void pool_stop(void)
{
    for (unsigned class = 0; class < CLASS_COUNT; class ++) {
        if (empty[class]) {
            slab_destroy(empty[class]);
            empty[class] = NULL;
        }
        sh_assert(!partial[class].first);
    }
}
