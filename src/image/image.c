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
    struct {
        uintptr_t begin, end;
    } code[IMAGE_CODE_RANGES_MAX];
    unsigned code_count;
    struct missing_pages missing;
    struct image *image;
    char name[IMAGE_SHORT_NAME_SIZE];
    struct pe_exception_table exceptions; /* base NULL: it is no PE image */
    struct image_place *next;
};

static struct sys_mutex places_mutex;
static struct image_place *places;

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

/* Neighbours are one range. False: too many of them. */
static bool list_code(struct image_place *place, const struct image *image)
{
    place->code_count = 0;
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        uintptr_t begin = (uintptr_t)segment->begin, end = begin + segment->size;
        if (!segment->is_code)
            continue;
        if (place->code_count && place->code[place->code_count - 1].end == begin) {
            place->code[place->code_count - 1].end = end;
            continue;
        }
        if (place->code_count == IMAGE_CODE_RANGES_MAX)
            return false;
        place->code[place->code_count].begin = begin;
        place->code[place->code_count++].end = end;
    }
    return true;
}

static int place_fill(struct image_place *place, struct image *image)
{
    if (!place)
        return -ENOMEM;
    if (!list_code(place, image))
        return -E2BIG;
    place->image = image;
    strncpy(place->name, image->name, sizeof(place->name) - 1);
    place->exceptions = (struct pe_exception_table){
        .base = image->handle ? NULL : image->base,
        .size = image->memory_size,
        .functions = image->functions,
        .count = image->function_count,
    };
    place->missing = missing_imports_pages(image->missing);
    place->end = (uintptr_t)image->base + image->memory_size;
    __atomic_store_n(&place->begin, (uintptr_t)image->base, __ATOMIC_RELEASE);
    image->place = place;
    return 0;
}

int image_place_add(struct image *image)
{
    sys_mutex_lock(&places_mutex);
    int error = place_fill(place_take(), image);
    sys_mutex_unlock(&places_mutex);
    if (!error)
        nt_bugcheck_set_describe(image_describe);
    return error;
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

const unsigned char *image_base_of(const void *address)
{
    const struct image_place *place = place_of((uintptr_t)address);
    return place ? place->image->base : NULL;
}

bool image_contains_code(const void *address)
{
    uintptr_t value = (uintptr_t)address;
    const struct image_place *place = place_of(value);
    for (unsigned i = 0; place && i < place->code_count; i++)
        if (value >= place->code[i].begin && value < place->code[i].end)
            return true;
    return false;
}

const void *image_missing_import_stub(const void *address, bool is_call)
{
    const struct image_place *place = __atomic_load_n(&places, __ATOMIC_ACQUIRE);
    const void *stub = NULL;

    for (; place && !stub; place = place->next)
        if (__atomic_load_n(&place->begin, __ATOMIC_ACQUIRE))
            stub = missing_pages_stub(&place->missing, (uintptr_t)address, is_call);
    return stub;
}

bool pe_exception_table_of(const void *address, struct pe_exception_table *ret_table)
{
    const struct image_place *place = place_of((uintptr_t)address);
    if (!place || !place->exceptions.base)
        return false;
    *ret_table = place->exceptions;
    return true;
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
    if (place->exceptions.base)
        pe_symbols_describe(place->image, offset, text, sizeof(text));
    else
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

/* ---- parts of a mapped image ---- */

bool image_segment_of(const struct image *image, const void *address,
                      const unsigned char **ret_base, size_t *ret_length)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if ((uintptr_t)address - (uintptr_t)segment->begin >= segment->size)
            continue;
        *ret_base = segment->begin;
        *ret_length = segment->size;
        return true;
    }
    return false;
}

bool image_writable_at(const struct image *image, unsigned index, const unsigned char **ret_base,
                       size_t *ret_length)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        if (!image->segments[i].is_writable || index--)
            continue;
        *ret_base = image->segments[i].begin;
        *ret_length = image->segments[i].size;
        return true;
    }
    return false;
}
