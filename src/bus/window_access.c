/*
 * window_access.c - an access to a device's registers on behalf of a driver.
 */
#include "bus/window.h"

#include "nt/bugcheck.h"
#include "nt/events.h"
#include "nt/processor.h"

#include <string.h>

/* ---- what the device takes: naturally aligned, inside the window ---- */

static inline void tell(const char *what, const struct bus_window_place *place, unsigned size,
                        uint64_t value)
{
    if (nt_events_are_on())
        nt_event_write_object(NT_EVENT_REGISTER, what, place->offset.value,
                              nt_event_place(place->bar, size), value, 0);
}

static uint64_t read_piece(const struct bus_window_place *place, unsigned size)
{
    uint64_t value =
        place->device->ops->register_read(place->device, place->bar, place->offset, size);

    (void)__atomic_load_n(&place->device->order, __ATOMIC_ACQUIRE);
    tell("reads", place, size, value);
    nt_preempt();
    return value;
}

/* The routine of a line acknowledges by a write and then looks in memory for what is done. If that
 * write were still under way, the device would take it to acknowledge also what it finishes after
 * the look, and never tell of it. On a bus that time is too short to finish much; to another
 * process it is long enough for all that is under way, and then nothing brings the line up again.
 * After the routine the level is asked for in any case, which then needs no round trip.
 *
 * There are routines that look first, and then read what they acknowledge. What other processors
 * have posted would go to the device ahead of such a read, however much it is, and the device would
 * finish all of it before it answers. So they wait, too, and are never ahead by more than a write
 * each. */
static void write_piece(const struct bus_window_place *place, unsigned size, uint64_t value)
{
    tell("writes", place, size, value);
    __atomic_add_fetch(&place->device->order, 1, __ATOMIC_RELEASE);
    place->device->ops->register_write(place->device, place->bar, place->offset, size, value);
    if (__builtin_expect(__atomic_load_n(&place->device->line_served, __ATOMIC_RELAXED), 0))
        place->device->ops->register_flush(place->device);
    nt_preempt();
}

/* ---- any number of bytes ---- */

static unsigned piece_at(const struct bus_window_place *place, size_t left)
{
    unsigned size = 8;

    while (size > left || size > place->left || place->offset.value & (size - 1))
        size /= 2;
    return size;
}

static void advance(struct bus_window_place *place, unsigned bytes)
{
    place->offset.value += bytes;
    place->left -= bytes;
}

static void tell_of_end(const struct bus_window_place *place)
{
    nt_finding("register-access", NULL,
               "an access beyond the mapped range, at offset 0x%llX of BAR %u",
               (unsigned long long)place->offset.value, place->bar);
}

void bus_window_read_bytes(struct bus_window_place place, void *data, size_t size)
{
    unsigned char *bytes = data;

    while (size && place.left) {
        unsigned piece = piece_at(&place, size);
        uint64_t value = read_piece(&place, piece);
        memcpy(bytes, &value, piece);
        advance(&place, piece);
        bytes += piece;
        size -= piece;
    }
    if (size)
        tell_of_end(&place);
    memset(bytes, 0xFF, size);
}

void bus_window_write_bytes(struct bus_window_place place, const void *data, size_t size)
{
    const unsigned char *bytes = data;

    while (size && place.left) {
        unsigned piece = piece_at(&place, size);
        uint64_t value = 0;
        memcpy(&value, bytes, piece);
        write_piece(&place, piece, value);
        advance(&place, piece);
        bytes += piece;
        size -= piece;
    }
    if (size)
        tell_of_end(&place);
}

/* ---- one access ---- */

static bool is_whole(const struct bus_window_place *place, unsigned size)
{
    if (place->offset.value & (size - 1))
        nt_finding("register-access", NULL,
                   "a %u-byte access at offset 0x%llX of BAR %u is misaligned", size,
                   (unsigned long long)place->offset.value, place->bar);
    return size <= place->left && !(place->offset.value & (size - 1));
}

uint64_t bus_window_read(const struct bus_window_place *place, unsigned size)
{
    uint64_t value = 0;

    if (__builtin_expect(is_whole(place, size), 1))
        return read_piece(place, size);
    bus_window_read_bytes(*place, &value, size);
    return value;
}

void bus_window_write(const struct bus_window_place *place, unsigned size, uint64_t value)
{
    if (__builtin_expect(is_whole(place, size), 1))
        write_piece(place, size, value);
    else
        bus_window_write_bytes(*place, &value, size);
}
