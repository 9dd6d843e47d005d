/*
 * address.c - the arena's file, how it is mapped, and where its bytes lie on the bus.
 *
 * Frames are pages of the file, and what devices count: a backend gives its device the file as it
 * is. Pages are what the processor counts. The two have the same numbers, except in a machine that
 * scatters: there the mapping of the last part of the arena is made page by page, in an order that
 * the seed decides, and a second, plain mapping of the file shows models of devices what a device
 * sees.
 */
#include "nt/arena.h"

#include "nt/private.h"

#include <errno.h>
#include <stdlib.h>

enum {
    ARENA_GRANULE = 2 * 1024 * 1024,
    /* Each page of these is a mapping of its own, and a process may have 65530 of them. */
    SCATTERED_PAGES_MAX = 16384,
};

/* Where memory outside the arena pretends to be: above what any device is given. */
static const uint64_t invented_physical_base = 1ull << 40;

char *nt_arena_base;
size_t nt_arena_direct_size;
struct arena_layout arena_layout;
static int arena_fd = -1;
static char *device_base; /* the file as devices see it; nt_arena_base when nothing is scattered */
/* For the scattered part, by number minus arena_layout.linear; NULL when nothing is. */
static uint32_t *frames_of_pages, *pages_of_frames;

static size_t arena_bytes(void)
{
    return arena_layout.pages * NT_PAGE_SIZE;
}

/* ---- from pages to the bus ---- */

uint64_t frame_address(size_t frame)
{
    if (frame < arena_layout.low)
        return (uint64_t)frame * NT_PAGE_SIZE;
    return NT_HIGH_MEMORY_START + (uint64_t)(frame - arena_layout.low) * NT_PAGE_SIZE;
}

static uint64_t page_bus_address(size_t page)
{
    if (page >= arena_layout.linear)
        return frame_address(frames_of_pages[page - arena_layout.linear]);
    return frame_address(page);
}

size_t nt_bus_run_of(const void *memory, size_t length, struct bus_address *ret_address)
{
    uintptr_t offset = (uintptr_t)memory - (uintptr_t)nt_arena_base;

    if (!nt_arena_base || offset >= arena_bytes() || !length)
        return 0;
    size_t page = offset / NT_PAGE_SIZE;
    size_t within = offset % NT_PAGE_SIZE;
    uint64_t address = page_bus_address(page);
    size_t run = NT_PAGE_SIZE - within;
    while (run < length && ++page < arena_layout.pages &&
           page_bus_address(page) == address + within + run)
        run += NT_PAGE_SIZE;
    ret_address->value = address + within;
    return run < length ? run : length;
}

/* ---- and back ---- */

/* The offset in the file of `size` bytes at a bus address, SIZE_MAX unless all exist. */
static size_t file_offset(struct bus_address address, size_t size)
{
    uint64_t low_size = nt_arena_low_size();
    uint64_t start = 0, length = low_size;

    if (address.value >= NT_HIGH_MEMORY_START) {
        start = NT_HIGH_MEMORY_START;
        length = arena_bytes() - low_size;
    }
    if (address.value - start >= length || size > length - (address.value - start))
        return SIZE_MAX;
    return address.value - start + (start ? low_size : 0);
}

void *nt_pointer_of(struct bus_address address, size_t size)
{
    size_t offset = file_offset(address, size);

    return offset == SIZE_MAX ? NULL : device_base + offset;
}

void *nt_memory_at(struct bus_address address)
{
    size_t offset = file_offset(address, 1);

    if (offset == SIZE_MAX)
        return NULL;
    size_t frame = offset / NT_PAGE_SIZE;
    if (frame >= arena_layout.linear)
        offset = (size_t)pages_of_frames[frame - arena_layout.linear] * NT_PAGE_SIZE +
                 offset % NT_PAGE_SIZE;
    return nt_arena_base + offset;
}

uint64_t nt_physical_address(const void *memory)
{
    struct bus_address address;

    if (nt_bus_address_of(memory, &address))
        return address.value;
    return invented_physical_base + (uintptr_t)memory;
}

void nt_arena_describe(int *ret_fd, void **ret_base, size_t *ret_size)
{
    *ret_fd = arena_fd;
    *ret_base = nt_arena_base;
    *ret_size = arena_bytes();
}

size_t nt_arena_low_size(void)
{
    return arena_layout.low * NT_PAGE_SIZE;
}

bool nt_arena_is_scattered(void)
{
    return frames_of_pages != NULL;
}

/* ---- the mapping ---- */

static void frames_shuffle(size_t count)
{
    for (size_t i = 0; i < count; i++)
        frames_of_pages[i] = (uint32_t)(arena_layout.linear + i);
    for (size_t i = count; i > 1; i--) {
        size_t other = sys_random() % i;
        uint32_t frame = frames_of_pages[other];
        frames_of_pages[other] = frames_of_pages[i - 1];
        frames_of_pages[i - 1] = frame;
    }
    for (size_t i = 0; i < count; i++)
        pages_of_frames[frames_of_pages[i] - arena_layout.linear] =
            (uint32_t)(arena_layout.linear + i);
}

static int arena_scatter(void)
{
    size_t count = arena_layout.pages / 2;
    void *base;

    if (count > SCATTERED_PAGES_MAX)
        count = SCATTERED_PAGES_MAX;
    int result = sys_shared_memory_map(arena_fd, 0, arena_bytes(), NULL, &base);
    if (result)
        return result;
    device_base = base;
    frames_of_pages = calloc(count, sizeof(*frames_of_pages));
    pages_of_frames = calloc(count, sizeof(*pages_of_frames));
    if (!frames_of_pages || !pages_of_frames)
        return -ENOMEM;
    arena_layout.linear = arena_layout.pages - count;
    frames_shuffle(count);
    for (size_t i = 0; i < count && !result; i++)
        result =
            sys_shared_memory_map(arena_fd, (size_t)frames_of_pages[i] * NT_PAGE_SIZE, NT_PAGE_SIZE,
                                  nt_arena_base + (arena_layout.linear + i) * NT_PAGE_SIZE, &base);
    return result;
}

static size_t round_up(size_t size)
{
    return (size + ARENA_GRANULE - 1) / ARENA_GRANULE * ARENA_GRANULE;
}

int arena_map(size_t size, size_t low_size, bool scatter)
{
    void *base;

    size = round_up(size);
    low_size = low_size ? round_up(low_size) : size;
    int result = scatter ? sys_shared_memory_create_small("storhost-arena", size, &arena_fd, &base)
                         : sys_shared_memory_create("storhost-arena", size, &arena_fd, &base);
    if (result)
        return result;
    nt_arena_base = device_base = base;
    arena_layout.pages = arena_layout.linear = size / NT_PAGE_SIZE;
    arena_layout.low = low_size / NT_PAGE_SIZE;
    if (scatter && (result = arena_scatter()) != 0) {
        arena_unmap();
        return result;
    }
    size_t direct = arena_layout.low < arena_layout.linear ? arena_layout.low : arena_layout.linear;
    nt_arena_direct_size = direct * NT_PAGE_SIZE;
    return 0;
}

void arena_unmap(void)
{
    size_t size = arena_bytes();

    nt_memory_unpoison(nt_arena_base, size);
    if (device_base != nt_arena_base)
        sys_shared_memory_unmap(device_base, size);
    sys_shared_memory_destroy(arena_fd, nt_arena_base, size);
    free(frames_of_pages);
    free(pages_of_frames);
    frames_of_pages = pages_of_frames = NULL;
    nt_arena_base = device_base = NULL;
    nt_arena_direct_size = 0;
    arena_layout = (struct arena_layout){0};
    arena_fd = -1;
}
