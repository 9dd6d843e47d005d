/*
 * events.c - the event ring: one for each processor, written by its holder, and one for all
 * threads that hold none.
 *
 * Readers run beside writers. A slot's sequence number is odd while it is written and tells, even,
 * which turn of the ring it belongs to; a reader drops what changed under its eyes.
 *
 * The hash covers order. In the simulator it is one hash over all events as they come; with real
 * threads there is no such order between processors, so each ring has its own and the result
 * combines them.
 */
#include "nt/events.h"

#include "nt/private.h"

#include <string.h>

enum { LINE_WORDS = NT_EVENT_LINE_BYTES / sizeof(uint64_t) };
enum { RING_SLOTS = 1024, RING_COUNT = NT_PROCESSOR_COUNT_MAX + 1, RING_SHARED = RING_COUNT - 1 };

struct slot {
    uint64_t sequence; /* all members are accessed with __atomic */
    struct nt_event event;
};

struct ring {
    uint64_t next; /* slots ever given out */
    uint64_t hash;
    struct slot slots[RING_SLOTS];
} __attribute__((aligned(128)));

static struct ring rings[RING_COUNT];
bool nt_events_on;

static const uint64_t hash_factor = 0x9E3779B97F4A7C15ull; /* odd, bits well mixed */
static const uint64_t hash_start = 0xCBF29CE484222325ull;

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * hash_factor;
    return hash ^ hash >> 32;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    size_t length = strlen(text);

    hash = hash_number(hash, length);
    for (size_t at = 0; at < length; at += sizeof(uint64_t)) {
        uint64_t letters = 0;
        memcpy(&letters, text + at, length - at < 8 ? length - at : 8);
        hash = hash_number(hash, letters);
    }
    return hash;
}

static uint64_t event_hash(uint64_t hash, const struct nt_event *event, const char *text)
{
    hash = hash_number(hash, (uint64_t)event->kind << 32 | event->processor);
    hash = hash_text(hash, text);
    hash = hash_number(hash, event->a);
    return hash_number(hash, event->b);
}

/* Each member is stored with release and loaded with acquire, so that the odd sequence number is
 * seen before any new member, and the last look at it comes after all members. */
static void slot_write(struct slot *slot, uint64_t turn, const struct nt_event *event)
{
    __atomic_store_n(&slot->sequence, 2 * turn + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->event.time_ns, event->time_ns, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->event.a, event->a, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->event.b, event->b, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->event.text, event->text, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->event.kind, event->kind, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->event.processor, event->processor, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->event.thread, event->thread, __ATOMIC_RELEASE);
    for (size_t i = 0; i < LINE_WORDS && (i == 0 || event->line_words[0]); i++)
        __atomic_store_n(&slot->event.line_words[i], event->line_words[i], __ATOMIC_RELEASE);
    __atomic_store_n(&slot->sequence, 2 * turn + 2, __ATOMIC_RELEASE);
}

static bool slot_read(const struct slot *slot, uint64_t turn, struct nt_event *ret_event)
{
    struct nt_event event;

    if (__atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE) != 2 * turn + 2)
        return false;
    event.time_ns = __atomic_load_n(&slot->event.time_ns, __ATOMIC_ACQUIRE);
    event.a = __atomic_load_n(&slot->event.a, __ATOMIC_ACQUIRE);
    event.b = __atomic_load_n(&slot->event.b, __ATOMIC_ACQUIRE);
    event.text = __atomic_load_n(&slot->event.text, __ATOMIC_ACQUIRE);
    event.kind = __atomic_load_n(&slot->event.kind, __ATOMIC_ACQUIRE);
    event.processor = __atomic_load_n(&slot->event.processor, __ATOMIC_ACQUIRE);
    event.thread = __atomic_load_n(&slot->event.thread, __ATOMIC_ACQUIRE);
    for (size_t i = 0; i < LINE_WORDS && (i == 0 || event.line_words[0]); i++)
        event.line_words[i] = __atomic_load_n(&slot->event.line_words[i], __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) != 2 * turn + 2)
        return false;
    *ret_event = event;
    return true;
}

/* The shared ring has several writers, whose order is that of this exchange. */
static void ring_hash(struct ring *ring, const struct nt_event *event, const char *text)
{
    uint64_t old = __atomic_load_n(&ring->hash, __ATOMIC_RELAXED);

    while (!__atomic_compare_exchange_n(&ring->hash, &old, event_hash(old, event, text), false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

static void event_write(struct nt_event *event, const char *hashed_text)
{
    const struct nt_thread *self = nt_self();
    bool shared = !self->processor;
    struct ring *ring = &rings[shared ? RING_SHARED : self->processor->number];

    event->time_ns = sys_now_ns();
    event->processor = (uint16_t)(shared ? NT_EVENT_NO_PROCESSOR : self->processor->number);
    event->thread = self->number;
    ring_hash(sys_is_simulated() ? &rings[RING_SHARED] : ring, event, hashed_text);
    uint64_t turn = __atomic_fetch_add(&ring->next, 1, __ATOMIC_RELAXED);
    slot_write(&ring->slots[turn % RING_SLOTS], turn, event);
}

void nt_event_write(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b)
{
    struct nt_event event = {.kind = (uint16_t)kind, .text = text, .a = a, .b = b};

    event_write(&event, text);
}

void nt_event_write_line(const char *site, uint64_t number, const char *line)
{
    struct nt_event event = {.kind = NT_EVENT_DRIVER_TRACE, .text = "trace", .a = number};

    strncpy(event.line, line, sizeof(event.line) - 1);
    event_write(&event, site);
}

void nt_events_enable(bool on)
{
    if (on && !nt_events_on) {
        memset(rings, 0, sizeof(rings));
        for (unsigned i = 0; i < RING_COUNT; i++)
            rings[i].hash = hash_start;
    }
    __atomic_store_n(&nt_events_on, on, __ATOMIC_RELAXED);
}

uint64_t nt_events_hash(void)
{
    uint64_t hash = hash_start;

    for (unsigned i = 0; i < RING_COUNT; i++)
        hash = hash_number(hash, __atomic_load_n(&rings[i].hash, __ATOMIC_RELAXED));
    return hash;
}

/* The newest readable event of a ring before `*turn`, which moves past unreadable ones. */
static bool ring_peek(unsigned ring, uint64_t *turn, struct nt_event *ret_event)
{
    uint64_t next = __atomic_load_n(&rings[ring].next, __ATOMIC_RELAXED);

    while (*turn > 0 && next - (*turn - 1) <= RING_SLOTS) {
        if (slot_read(&rings[ring].slots[(*turn - 1) % RING_SLOTS], *turn - 1, ret_event))
            return true;
        --*turn; /* being written, or overwritten meanwhile */
    }
    return false;
}

size_t nt_events_last(struct nt_event *ret_events, size_t count)
{
    uint64_t turns[RING_COUNT];
    size_t copied = 0;

    for (unsigned i = 0; i < RING_COUNT; i++)
        turns[i] = __atomic_load_n(&rings[i].next, __ATOMIC_RELAXED);
    while (copied < count) {
        unsigned newest = RING_COUNT;
        for (unsigned i = 0; i < RING_COUNT; i++) {
            struct nt_event event;
            if (ring_peek(i, &turns[i], &event) &&
                (newest == RING_COUNT || event.time_ns > ret_events[copied].time_ns)) {
                ret_events[copied] = event;
                newest = i;
            }
        }
        if (newest == RING_COUNT)
            break;
        turns[newest]--;
        copied++;
    }
    return copied;
}
