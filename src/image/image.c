/*
 * image.c - where the loaded images lie, and how an address in one of them is shown.
 *
 * Fault handlers ask too, so the list of places is read without a lock: places are added at its
 * head, never freed, and used again for later images.
 */
#include "image/image_internal.h"
#include "image/pe_exceptions.h"

#include "nt/bugcheck.h"
#include "nt/events.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A begin of 0 marks a place that is not in use. It is written last when a place is taken and
 * first when it is given back. */
struct image_place {
    uintptr_t begin, end;
    uintptr_t code_begin, code_end;
    struct image *image;
    char name[IMAGE_SHORT_NAME_SIZE];
    struct pe_exception_table exceptions; /* base NULL: it is no PE image */
    struct image_place *next;
};

static struct sys_mutex places_mutex;
static struct image_place *places;

static int describe_for_bugcheck(const void *address, char *line, unsigned size)
{
    return image_describe(address, line, size, true);
}

static struct image_place *place_take(void)
{
    for (struct image_place *place = places; place; place = place->next)
        if (!place->begin)
            return place;
    struct image_place *place = calloc(1, sizeof(*place));
    if (!place)
        return NULL;
    place->next = places;
    __atomic_store_n(&places, place, __ATOMIC_RELEASE);
    return place;
}

int image_place_add(struct image *image, uint64_t memory_size, uint64_t code_address,
                    uint64_t code_size)
{
    sys_mutex_lock(&places_mutex);
    struct image_place *place = place_take();
    if (place) {
        uintptr_t base = (uintptr_t)image->base;
        place->image = image;
        strncpy(place->name, image->name, sizeof(place->name) - 1);
        place->code_begin = base + code_address;
        place->code_end = base + code_address + code_size;
        place->end = base + memory_size;
        __atomic_store_n(&place->begin, base, __ATOMIC_RELEASE);
        image->place = place;
    }
    sys_mutex_unlock(&places_mutex);
    if (!place)
        return -ENOMEM;
    nt_bugcheck_set_describe(describe_for_bugcheck);
    return 0;
}

void image_place_remove(struct image *image)
{
    struct image_place *place = image->place;
    /* Whoever makes a timeline may be looking up names of routines. */
    nt_event(NT_EVENT_CODE, "driver unloaded", 0, 0);
    (void)nt_events_settle(SYS_FOREVER);
    sys_mutex_lock(&places_mutex);
    __atomic_store_n(&place->begin, 0, __ATOMIC_RELEASE);
    memset(place->name, 0, sizeof(place->name));
    memset(&place->exceptions, 0, sizeof(place->exceptions));
    place->image = NULL;
    sys_mutex_unlock(&places_mutex);
    image->place = NULL;
}

static struct image_place *place_of(uintptr_t address)
{
    struct image_place *place = __atomic_load_n(&places, __ATOMIC_ACQUIRE);
    for (; place; place = place->next) {
        uintptr_t begin = __atomic_load_n(&place->begin, __ATOMIC_ACQUIRE);
        if (begin && address >= begin && address < place->end)
            return place;
    }
    return NULL;
}

bool image_contains_code(const void *address)
{
    uintptr_t value = (uintptr_t)address;
    const struct image_place *place = place_of(value);
    return place && value >= place->code_begin && value < place->code_end;
}

bool pe_exception_table_of(const void *address, struct pe_exception_table *ret_table)
{
    const struct image_place *place = place_of((uintptr_t)address);
    if (!place || !place->exceptions.base)
        return false;
    *ret_table = place->exceptions;
    return true;
}

/* No code of the image runs yet. */
void pe_exception_table_set(struct image *image, const struct pe_exception_table *table)
{
    image->place->exceptions = *table;
}

/* snprintf is not async-signal-safe; these two are. */
static size_t append(char *line, size_t size, size_t used, const char *text)
{
    for (; *text && used + 1 < size; text++)
        line[used++] = *text;
    line[used] = 0;
    return used;
}

static size_t append_hex(char *line, size_t size, size_t used, uint64_t value)
{
    char digits[17];
    size_t at = sizeof(digits) - 1;
    digits[at] = 0;
    do
        digits[--at] = "0123456789abcdef"[value & 15];
    while ((value >>= 4) != 0);
    return append(line, size, used, digits + at);
}

bool image_describe(const void *address, char *line, size_t size, bool symbols)
{
    struct image_place *place = place_of((uintptr_t)address);
    if (!place || size == 0)
        return false;
    uint64_t offset = (uintptr_t)address - place->begin;
    size_t used = append(line, size, 0, place->name);
    used = append(line, size, used, "+0x");
    used = append_hex(line, size, used, offset);
    if (!symbols || !place->image)
        return true;
    char text[192];
    image_symbols_describe(place->image->symbols, offset, text, sizeof(text));
    if (text[0]) {
        used = append(line, size, used, " (");
        used = append(line, size, used, text);
        append(line, size, used, ")");
    }
    return true;
}

image_entry image_entry_point(const struct image *image)
{
    return image->entry;
}

const char *image_name(const struct image *image)
{
    return image->name;
}

const char *image_missing_import(const struct image *image, size_t index)
{
    return missing_imports_name(image->missing, index);
}
