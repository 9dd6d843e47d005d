/*
 * window.c - the reserved range, in pages: each page knows its window by number, so that a look-up
 * is two loads. Windows are made and freed at PASSIVE_LEVEL under a lock, and read without one.
 */
#include "bus/window.h"

#include "nt/export.h"
#include "sys/sys.h"

#include <sys/mman.h>

enum { PAGE = 4096, WINDOW_COUNT_MAX = 1024 };
#define RANGE_BYTES (4ull << 30)
#define RANGE_PAGES (RANGE_BYTES / PAGE)

struct window {
    struct bus_device *device;  /* NULL: free */
    const unsigned char *start; /* what the driver got */
    uint64_t offset, length;
    uint32_t first_page, page_count;
    unsigned bar;
};

/* Start and size of the range, for the parts of instrumented modules that sanitizers bring
 * (src/build/sanitizer_thunks.py). */
uint64_t StorhostDeviceWindow[2];
NT_EXPORT_VARIABLE("storhost", StorhostDeviceWindow, "Host");

static struct sys_mutex lock;
static unsigned char *range;
static uint16_t *page_window; /* number + 1; 0: none */
static struct window windows[WINDOW_COUNT_MAX];

/* Lock held. */
static bool reserve(void)
{
    if (range)
        return true;
    void *memory =
        mmap(NULL, RANGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    void *table = mmap(NULL, RANGE_PAGES * sizeof(*page_window), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || table == MAP_FAILED)
        return false;
    page_window = table;
    StorhostDeviceWindow[0] = (uintptr_t)memory;
    StorhostDeviceWindow[1] = RANGE_BYTES;
    __atomic_store_n(&range, memory, __ATOMIC_RELEASE);
    return true;
}

/* Lock held. First fit; windows are few. RANGE_PAGES when nothing fits. */
static uint32_t find_pages(uint32_t count)
{
    uint32_t run = 0;

    for (uint32_t page = 0; page < RANGE_PAGES; page++) {
        run = page_window[page] ? 0 : run + 1;
        if (run == count)
            return page + 1 - count;
    }
    return RANGE_PAGES;
}

/* Lock held. */
static struct window *find_free_window(void)
{
    for (unsigned i = 0; i < WINDOW_COUNT_MAX; i++)
        if (!windows[i].device)
            return &windows[i];
    return NULL;
}

void *bus_window_map(struct bus_device *device, unsigned bar, struct bar_offset offset,
                     uint64_t length)
{
    uint64_t in_page = offset.value & (PAGE - 1);
    void *result = NULL;

    if (!length || length > RANGE_BYTES - PAGE)
        return NULL;
    uint32_t count = (uint32_t)((in_page + length + PAGE - 1) / PAGE);
    sys_mutex_lock(&lock);
    struct window *window = reserve() ? find_free_window() : NULL;
    uint32_t first = window ? find_pages(count) : (uint32_t)RANGE_PAGES;
    if (first < RANGE_PAGES) {
        *window = (struct window){
            device, range + (uint64_t)first * PAGE + in_page, offset.value, length, first, count,
            bar};
        for (uint32_t i = 0; i < count; i++)
            __atomic_store_n(&page_window[first + i], (uint16_t)(window - windows + 1),
                             __ATOMIC_RELEASE);
        result = (void *)(uintptr_t)window->start;
    }
    sys_mutex_unlock(&lock);
    return result;
}

/* Lock held. */
static void release(struct window *window)
{
    for (uint32_t page = 0; page < window->page_count; page++)
        __atomic_store_n(&page_window[window->first_page + page], 0, __ATOMIC_RELEASE);
    window->device = NULL;
}

bool bus_window_unmap(const void *address)
{
    bool found = false;

    sys_mutex_lock(&lock);
    for (unsigned i = 0; i < WINDOW_COUNT_MAX && !found; i++) {
        if (!windows[i].device || windows[i].start != address)
            continue;
        release(&windows[i]);
        found = true;
    }
    sys_mutex_unlock(&lock);
    return found;
}

void bus_window_forget(const struct bus_device *device)
{
    sys_mutex_lock(&lock);
    for (unsigned i = 0; i < WINDOW_COUNT_MAX; i++)
        if (windows[i].device == device)
            release(&windows[i]);
    sys_mutex_unlock(&lock);
}

void bus_window_retarget(const struct bus_device *from, struct bus_device *to)
{
    sys_mutex_lock(&lock);
    for (unsigned i = 0; i < WINDOW_COUNT_MAX; i++)
        if (windows[i].device == from)
            __atomic_store_n(&windows[i].device, to, __ATOMIC_RELEASE);
    sys_mutex_unlock(&lock);
}

bool bus_window_find(const void *address, struct bus_window_place *ret_place)
{
    const unsigned char *start = __atomic_load_n(&range, __ATOMIC_ACQUIRE);
    uint64_t distance = (uint64_t)((uintptr_t)address - (uintptr_t)start);

    if (!start || distance >= RANGE_BYTES)
        return false;
    uint16_t number = __atomic_load_n(&page_window[distance / PAGE], __ATOMIC_ACQUIRE);
    if (!number)
        return false;
    const struct window *window = &windows[number - 1];
    uint64_t into = (uint64_t)((uintptr_t)address - (uintptr_t)window->start);
    if (into >= window->length)
        return false;
    *ret_place = (struct bus_window_place){__atomic_load_n(&window->device, __ATOMIC_RELAXED),
                                           window->bar,
                                           {window->offset + into},
                                           window->length - into};
    return true;
}
