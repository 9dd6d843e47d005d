/*
 * window_copy.c - memmove, memset and memcmp where an address may stand for registers.
 */
#include "bus/window.h"
#include "nt/bugcheck.h"

#include <string.h>

enum { CHUNK = 64 };

static bool find(const void *address, struct bus_window_place *place)
{
    if (bus_window_find(address, place))
        return true;
    nt_finding("register-access", NULL, "no register is mapped at %p", address);
    return false;
}

static void load(void *data, const void *address, size_t size)
{
    struct bus_window_place place;

    if (!bus_window_contains(address))
        memcpy(data, address, size);
    else if (find(address, &place))
        bus_window_read_bytes(place, data, size);
    else
        memset(data, 0xFF, size);
}

static void store(void *address, const void *data, size_t size)
{
    struct bus_window_place place;

    if (!bus_window_contains(address))
        memcpy(address, data, size);
    else if (find(address, &place))
        bus_window_write_bytes(place, data, size);
}

/* Up to the next multiple of a chunk from the register on, so that pieces are as large as can be.
 */
static size_t chunk_at(const void *first, const void *second, size_t left)
{
    const void *address = bus_window_contains(first) ? first : second;
    size_t size = CHUNK - (uintptr_t)address % CHUNK;

    return size < left ? size : left;
}

void bus_memory_copy(void *to, const void *from, size_t size)
{
    unsigned char data[CHUNK];

    for (size_t done = 0, piece; done < size; done += piece) {
        unsigned char *target = (unsigned char *)to + done;
        const unsigned char *source = (const unsigned char *)from + done;
        piece = chunk_at(target, source, size - done);
        load(data, source, piece);
        store(target, data, piece);
    }
}

void bus_memory_fill(void *to, int byte, size_t size)
{
    unsigned char data[CHUNK];

    memset(data, byte, sizeof(data));
    for (size_t done = 0, piece; done < size; done += piece) {
        unsigned char *target = (unsigned char *)to + done;
        piece = chunk_at(target, target, size - done);
        store(target, data, piece);
    }
}

int bus_memory_compare(const void *first, const void *second, size_t size)
{
    unsigned char one[CHUNK], other[CHUNK];
    int difference = 0;

    for (size_t done = 0, piece; done < size && !difference; done += piece) {
        const unsigned char *here = (const unsigned char *)first + done;
        const unsigned char *there = (const unsigned char *)second + done;
        piece = chunk_at(here, there, size - done);
        load(one, here, piece);
        load(other, there, piece);
        difference = memcmp(one, other, piece);
    }
    return difference;
}
