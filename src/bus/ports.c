/*
 * ports.c - each port knows its range by number, so that a look-up is two loads. Ranges are made
 * and freed at PASSIVE_LEVEL under a lock, and read without one.
 */
#include "bus/ports.h"

#include "sys/sys.h"

enum {
    PORT_COUNT = 0x10000,
    SUBSTITUTES_START = 0x1000, /* where no backend puts a BAR */
    SUBSTITUTES_END = 0x8000,
    RANGE_COUNT_MAX = 255,
};

struct range {
    struct bus_device *device; /* NULL: free */
    uint32_t first, length, users;
    unsigned bar;
};

static struct sys_mutex lock;
static struct range ranges[RANGE_COUNT_MAX];
static uint8_t owners[PORT_COUNT]; /* number of the range + 1; 0: none */

/* Lock held, as in all that follow. */
static bool is_free(uint64_t first, uint64_t length)
{
    if (!first || length > PORT_COUNT || first > PORT_COUNT - length)
        return false;
    for (uint64_t i = first; i < first + length; i++)
        if (owners[i])
            return false;
    return true;
}

/* Where the BAR lies, or somewhere else when another device lies there as well. */
static uint32_t find_place(uint64_t address, uint64_t length)
{
    if (is_free(address, length))
        return (uint32_t)address;
    /* The low bits stay: a driver may tell its registers apart by them. */
    for (uint64_t first = SUBSTITUTES_START + (address & 0xFF); first + length <= SUBSTITUTES_END;
         first += 0x100)
        if (is_free(first, length))
            return (uint32_t)first;
    return 0;
}

static struct range *find_same(const struct bus_device *device, unsigned bar)
{
    for (unsigned i = 0; i < RANGE_COUNT_MAX; i++)
        if (ranges[i].device == device && ranges[i].bar == bar)
            return &ranges[i];
    return NULL;
}

static struct range *find_unused(void)
{
    for (unsigned i = 0; i < RANGE_COUNT_MAX; i++)
        if (!ranges[i].device)
            return &ranges[i];
    return NULL;
}

static void own(const struct range *range, uint8_t owner)
{
    for (uint32_t i = range->first; i < range->first + range->length; i++)
        __atomic_store_n(&owners[i], owner, __ATOMIC_RELEASE);
}

/* The whole BAR is claimed, so that ranges of one device follow each other as on its bus. */
static struct range *claim(struct bus_device *device, unsigned bar)
{
    const struct bus_bar *whole = &device->ops->bars(device)[bar];
    struct range *range = find_unused();
    uint32_t first = range ? find_place(whole->address, whole->size) : 0;

    if (!first)
        return NULL;
    *range = (struct range){
        .device = device, .first = first, .length = (uint32_t)whole->size, .bar = bar};
    own(range, (uint8_t)(range - ranges + 1));
    return range;
}

static void release(struct range *range)
{
    own(range, 0);
    range->device = NULL;
}

uint16_t bus_ports_map(struct bus_device *device, unsigned bar, struct bar_offset offset)
{
    sys_mutex_lock(&lock);
    struct range *range = find_same(device, bar);
    if (!range)
        range = claim(device, bar);
    uint16_t first = 0;
    if (range) {
        range->users++;
        first = (uint16_t)(range->first + offset.value);
    }
    sys_mutex_unlock(&lock);
    return first;
}

bool bus_ports_unmap(uint16_t first)
{
    sys_mutex_lock(&lock);
    uint8_t owner = owners[first];
    if (owner && !--ranges[owner - 1].users)
        release(&ranges[owner - 1]);
    sys_mutex_unlock(&lock);
    return owner;
}

void bus_ports_forget(const struct bus_device *device)
{
    sys_mutex_lock(&lock);
    for (unsigned i = 0; i < RANGE_COUNT_MAX; i++)
        if (ranges[i].device == device)
            release(&ranges[i]);
    sys_mutex_unlock(&lock);
}

void bus_ports_retarget(const struct bus_device *from, struct bus_device *to)
{
    sys_mutex_lock(&lock);
    for (unsigned i = 0; i < RANGE_COUNT_MAX; i++)
        if (ranges[i].device == from)
            __atomic_store_n(&ranges[i].device, to, __ATOMIC_RELEASE);
    sys_mutex_unlock(&lock);
}

bool bus_ports_find(uint16_t number, struct bus_window_place *ret_place)
{
    uint8_t owner = __atomic_load_n(&owners[number], __ATOMIC_ACQUIRE);

    if (!owner)
        return false;
    const struct range *range = &ranges[owner - 1];
    uint32_t into = number - range->first;
    *ret_place = (struct bus_window_place){__atomic_load_n(&range->device, __ATOMIC_RELAXED),
                                           range->bar,
                                           {into},
                                           range->length - into};
    return true;
}
