/*
 * dump_watch.c - the system that a dump describes must not change while it is written.
 *
 * Two looks: at the live driver's variables, which its other instance must not share (rule
 * DUMP-01), and at the machine's memory, which a device may still be writing to that the instance
 * has not taken over (rule DUMP-05), or the instance itself without having marked it (DUMP-02).
 * Pages that the machine has never used are not in the arena's file and stay unread.
 */
#include "port/dump.h"

#include "nt/bugcheck.h"
#include "port/driver.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { WRITABLE_MAX = 8 };

struct dump_watch {
    unsigned char *base;
    size_t pages;
    uint64_t *sums; /* of each page; 0: not looked at */
    bool memory;    /* has been looked at */
    uint64_t image[WRITABLE_MAX];
    unsigned image_parts;
};

int dump_watch_create(struct dump_watch **ret_watch)
{
    struct dump_watch *watch = calloc(1, sizeof(*watch));
    void *base;
    size_t size;
    int fd;

    if (!watch)
        return -ENOMEM;
    nt_arena_describe(&fd, &base, &size);
    watch->base = base;
    watch->pages = size / NT_PAGE_SIZE;
    watch->sums = calloc(watch->pages, sizeof(*watch->sums));
    if (!watch->sums) {
        free(watch);
        return -ENOMEM;
    }
    *ret_watch = watch;
    return 0;
}

void dump_watch_destroy(struct dump_watch *watch)
{
    if (watch)
        free(watch->sums);
    free(watch);
}

/* Good enough to see a change, and fast. Never 0. The bytes may change under our eyes, and may be
 * what sanitizers have poisoned. */
__attribute__((no_sanitize("address", "thread", "undefined"))) static uint64_t
sum_of(const unsigned char *bytes, size_t length)
{
    uint64_t sum = 0x9E3779B97F4A7C15ull;
    size_t i = 0;

    for (; i + 8 <= length; i += 8) {
        uint64_t word = *(const volatile uint64_t *)(bytes + i);
        sum = (sum ^ word) * 0xFF51AFD7ED558CCDull;
        sum ^= sum >> 32;
    }
    for (; i < length; i++)
        sum = (sum ^ bytes[i]) * 0xFF51AFD7ED558CCDull;
    return sum | 1;
}

/* ---- the live driver's variables ---- */

void dump_watch_image(struct dump_watch *watch, const struct port_dump *dump)
{
    const unsigned char *base;
    size_t length;

    watch->memory = false;
    watch->image_parts = 0;
    while (watch->image_parts < WRITABLE_MAX &&
           image_writable_at(dump->live->driver->image, watch->image_parts, &base, &length)) {
        watch->image[watch->image_parts] = sum_of(base, length);
        watch->image_parts++;
    }
}

static void compare_image(const struct dump_watch *watch, const struct port_dump *dump)
{
    const unsigned char *base;
    size_t length;

    for (unsigned i = 0; i < watch->image_parts; i++)
        if (image_writable_at(dump->live->driver->image, i, &base, &length) &&
            sum_of(base, length) != watch->image[i])
            nt_finding("DUMP-01", dump->live,
                       "the instance that wrote the dump has changed variables of the live one");
}

/* ---- the machine's memory ---- */

/* Calls `look` for each page that has ever been used and is none of the instance's. */
static void each_page(struct dump_watch *watch, const struct port_dump *dump,
                      void (*look)(struct dump_watch *watch, const struct port_dump *dump,
                                   size_t page))
{
    void *base;
    size_t size;
    int fd;

    nt_arena_describe(&fd, &base, &size);
    for (off_t at = 0; at < (off_t)size;) {
        off_t begin = lseek(fd, at, SEEK_DATA);
        if (begin < 0)
            return;
        off_t end = lseek(fd, begin, SEEK_HOLE);
        at = end > begin ? end : (off_t)size;
        for (off_t offset = begin; offset < at; offset += NT_PAGE_SIZE) {
            struct bus_address address = {(uint64_t)offset};
            if (offset >= (off_t)nt_arena_low_size())
                address.value += NT_HIGH_MEMORY_START - nt_arena_low_size();
            const unsigned char *page = nt_memory_at(address);
            if (page && !port_dump_touches(dump, page))
                look(watch, dump, (size_t)(page - watch->base) / NT_PAGE_SIZE);
        }
    }
}

static void remember(struct dump_watch *watch, const struct port_dump *dump, size_t page)
{
    (void)dump;
    watch->sums[page] = sum_of(watch->base + page * NT_PAGE_SIZE, NT_PAGE_SIZE);
}

void dump_watch_memory(struct dump_watch *watch, const struct port_dump *dump)
{
    for (size_t i = 0; i < watch->pages; i++)
        watch->sums[i] = 0;
    each_page(watch, dump, remember);
    watch->memory = true;
}

static void compare_page(struct dump_watch *watch, const struct port_dump *dump, size_t page)
{
    const unsigned char *bytes = watch->base + page * NT_PAGE_SIZE;

    if (!watch->sums[page] || sum_of(bytes, NT_PAGE_SIZE) == watch->sums[page])
        return;
    nt_finding("DUMP-05", dump->live,
               "memory of the stopped system has changed while its dump was written, in the page "
               "at bus address 0x%llX: the device still writes for the live instance, or the "
               "driver writes to memory that it has not marked",
               (unsigned long long)nt_physical_address(bytes));
}

void dump_watch_compare(struct dump_watch *watch, const struct port_dump *dump)
{
    compare_image(watch, dump);
    if (watch->memory)
        each_page(watch, dump, compare_page);
    watch->memory = false;
    watch->image_parts = 0;
}
