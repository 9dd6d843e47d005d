/*
 * arena.h - pages of the arena, for the allocators of src/nt that share it.
 */
#ifndef STORHOST_NT_ARENA_H
#define STORHOST_NT_ARENA_H

#include "nt/memory.h"
#include "nt/spinlock.h"

enum {
    ARENA_RESERVED_PAGES = 256, /* below 1 MiB */
    RED_ZONE_MAX = 64,          /* bytes after a block that are filled and checked */
    RED_ZONE_BYTE = 0xE7,
};

enum page_kind {
    PAGE_FREE,
    PAGE_CONTIGUOUS, /* first page of a contiguous block or a buffer; info: struct block */
    PAGE_LARGE,      /* first page of a pool block of its own; info: struct block */
    PAGE_SLAB,       /* pool blocks of one size; info: struct slab */
    PAGE_TAIL,       /* a later page of one of these */
};

struct page {
    void *info;
    uint32_t run; /* pages of the run that starts here */
    enum page_kind kind;
};

/* What is known of a live allocation, kept apart from the memory, where a driver or a device that
 * writes out of bounds cannot reach it. */
struct block {
    struct block *next, *previous; /* in the list of live blocks */
    char *memory;
    size_t size;       /* as asked for */
    size_t room;       /* up to the next thing in the arena; the rest is red zone */
    const void *owner; /* who is told about it at the end; may be NULL */
    const char *name;  /* contiguous memory and buffers */
    uint32_t tag;      /* pool: its tag; contiguous memory: the label */
    bool live;
};

/* Protects pages and blocks; at DISPATCH_LEVEL. */
extern struct nt_spinlock arena_lock;

/* How the pages of the arena, as the processor counts them, lie on the bus (address.c). Page n is
 * frame n of the file, except for those from `linear` on, which are shuffled. */
struct arena_layout {
    size_t pages;
    size_t low;    /* frames that devices see from address 0 on */
    size_t linear; /* pages whose frame has the same number */
};
extern struct arena_layout arena_layout;

int arena_map(size_t size, size_t low_size, bool scatter);
void arena_unmap(void);
/* The bus address of a frame. */
uint64_t frame_address(size_t frame);

/* All with arena_lock held. */
struct page_wish {
    size_t count;
    bool contiguous;          /* on the bus, too; the members below are for such memory alone */
    uint64_t lowest, highest; /* bus addresses of the first and last byte that may be used */
    uint64_t boundary, alignment;
    size_t bytes;  /* that must keep within `highest` and `boundary` */
    unsigned node; /* as in struct nt_contiguous_options */
    bool node_only;
};
char *pages_allocate(const struct page_wish *wish, enum page_kind kind, void *info);
void pages_free(char *memory);
/* The page of an address in the arena, NULL outside. */
struct page *page_of(const void *memory);
char *page_address(const struct page *page);

/* Enters a block whose memory, size and room are set into the live list and marks its bounds. */
void block_begin(struct block *block);
/* Checks the red zone, leaves the list and marks the memory as gone. */
void block_end(struct block *block);
/* Calls `each` for every live block, oldest first. */
void blocks_visit(void (*each)(void *context, const struct block *block), void *context);
/* "pool: 32 bytes, tag 'abcd', at 0x..., adapter 0x..." */
void block_describe(const struct block *block, char *line, size_t size);

#endif
