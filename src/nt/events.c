/*
 * events.c - the event ring: one for each processor, written by its holder, and one for all
 * threads that hold none.
 *
 * An event is one slot of a cache line, and its data, if it has any, the slots behind it. Readers
 * run beside writers. A slot's sequence number is odd while it is written and tells, even, which
 * turn of the ring it belongs to and whether an event begins there; a reader drops what changed
 * under its eyes.
 *
 * The hash covers order. In the simulator it is one hash over all events as they come; with real
 * threads there is no such order between processors, so each ring has its own and the result
 * combines them.
 */
#include "nt/events.h"

#include "nt/machine.h"
#include "nt/private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    RING_SLOTS = 16384, /* a megabyte */
    RING_QUARTER = RING_SLOTS / 4,
    RING_COUNT = NT_PROCESSOR_COUNT_MAX + 1,
    RING_SHARED = RING_COUNT - 1,
    WORDS = 7,
    SLOT_DATA_BYTES = WORDS * sizeof(uint64_t),
    DATA_SLOTS_MAX = (NT_EVENT_DATA_BYTES + SLOT_DATA_BYTES - 1) / SLOT_DATA_BYTES,
};

/* time, a, b, c, object, text, and what `pack` puts together. */
struct slot {
    uint64_t sequence; /* all members are accessed with __atomic */
    uint64_t words[WORDS];
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct slot) == 64, "an event is a cache line");
_Static_assert(DATA_SLOTS_MAX *SLOT_DATA_BYTES == NT_EVENT_DATA_BYTES, "data are whole slots");

struct ring {
    /* Slots ever given out in the low TURN_BITS, above them events ever written: one number, so
     * that writers of the shared ring get both at once. */
    uint64_t next;
    uint64_t first; /* `next` when the rings were last emptied */
    uint64_t hash;
    struct slot slots[RING_SLOTS];
} __attribute__((aligned(128)));

enum { TURN_BITS = 40 };
#define TURN_MASK ((1ull << TURN_BITS) - 1)

static struct ring *rings;       /* RING_COUNT of them; made when somebody first wants events */
static bool hashing, recording;  /* __atomic */
static uint32_t doorbell;        /* changes when the reader has something to do */
static uint32_t recordings;      /* begun ever; __atomic */
static uint32_t looks;           /* of readers, ended; __atomic, slept on */
static uint64_t looked_until_ns; /* the horizon of the last; __atomic */
bool nt_events_on;

static const uint64_t hash_factor = 0x9E3779B97F4A7C15ull; /* odd, bits well mixed */
static const uint64_t hash_start = 0xCBF29CE484222325ull;

/* ---- the hash ---- */

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

struct hashed {
    const char *text;
    uint64_t where, a, b; /* where: kind and processor */
};

static uint64_t event_hash(uint64_t hash, const struct hashed *event)
{
    hash = hash_number(hash, event->where);
    hash = hash_text(hash, event->text);
    hash = hash_number(hash, event->a);
    return hash_number(hash, event->b);
}

/* The shared ring has several writers, whose order is that of this exchange. */
static __attribute__((cold, noinline)) void ring_hash(struct ring *ring, const struct hashed *event)
{
    uint64_t old = __atomic_load_n(&ring->hash, __ATOMIC_RELAXED);

    while (!__atomic_compare_exchange_n(&ring->hash, &old, event_hash(old, event), false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

/* ---- writing ---- */

/* An event's last word: thread, kind, slots of data and their bytes, and its number in the ring. */
static inline uint64_t pack(uint32_t thread, unsigned kind, size_t size, uint64_t number)
{
    return (uint64_t)(uint16_t)thread << 48 | (uint64_t)kind << 40 | (uint64_t)size << 24 |
           (number & 0xFFFFFF);
}

static inline uint64_t sequence_of(uint64_t turn, bool begins)
{
    return 4 * turn + (begins ? 2 : 4);
}

/* Each member is stored with release and loaded with acquire, so that the odd sequence number is
 * seen before any new member, and the last look at it comes after all members. */
static inline void slot_write(struct slot *slot, uint64_t sequence, const uint64_t words[WORDS])
{
    __atomic_store_n(&slot->sequence, sequence - 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < WORDS; i++)
        __atomic_store_n(&slot->words[i], words[i], __ATOMIC_RELEASE);
    __atomic_store_n(&slot->sequence, sequence, __ATOMIC_RELEASE);
}

/* The data come first, so that an event which can be read has all of them. */
static void data_write(struct ring *ring, uint64_t turn, const void *data, size_t size)
{
    for (size_t at = 0; at < size; at += SLOT_DATA_BYTES) {
        uint64_t words[WORDS] = {0};
        memcpy(words, (const char *)data + at,
               size - at < SLOT_DATA_BYTES ? size - at : SLOT_DATA_BYTES);
        turn++;
        slot_write(&ring->slots[turn % RING_SLOTS], sequence_of(turn, false), words);
    }
}

static __attribute__((cold, noinline)) void reader_ring(void)
{
    __atomic_add_fetch(&doorbell, 1, __ATOMIC_ACQ_REL);
    sys_wake(&doorbell, 1);
}

static void thread_name_write(struct nt_thread *self);

static inline __attribute__((always_inline)) void
event_write(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b, uint64_t c,
            uint64_t object, const void *data, size_t size, const char *site)
{
    struct nt_thread *self = nt_self();
    const struct nt_processor *processor = self->processor;
    struct ring *ring = &rings[processor ? processor->number : RING_SHARED];
    unsigned count = 1 + (unsigned)((size + SLOT_DATA_BYTES - 1) / SLOT_DATA_BYTES);
    uint64_t step = count | 1ull << TURN_BITS, next;

    if (__builtin_expect(__atomic_load_n(&hashing, __ATOMIC_RELAXED), 0)) {
        uint64_t where = processor ? processor->number : NT_EVENT_NO_PROCESSOR;
        ring_hash(sys_is_simulated() ? &rings[RING_SHARED] : ring,
                  &(struct hashed){site, (uint64_t)kind << 32 | where, a, b});
    }
    if (__builtin_expect(processor != NULL, 1))
        next = __atomic_load_n(&ring->next, __ATOMIC_RELAXED);
    else if (__builtin_expect(self->named != __atomic_load_n(&recordings, __ATOMIC_RELAXED), 0))
        thread_name_write(self);
    if (!processor)
        next = __atomic_fetch_add(&ring->next, step, __ATOMIC_RELAXED);
    uint64_t turn = next & TURN_MASK;
    uint64_t words[WORDS] = {sys_ticks(),
                             a,
                             b,
                             c,
                             object,
                             (uint64_t)(uintptr_t)text,
                             pack(self->number, kind, size, next >> TURN_BITS)};
    if (size)
        data_write(ring, turn, data, size);
    slot_write(&ring->slots[turn % RING_SLOTS], sequence_of(turn, true), words);
    if (__builtin_expect(processor != NULL, 1))
        __atomic_store_n(&ring->next, next + step, __ATOMIC_RELEASE);
    if (__builtin_expect(turn % RING_QUARTER + count >= RING_QUARTER, 0) &&
        __atomic_load_n(&recording, __ATOMIC_RELAXED))
        reader_ring();
}

void nt_event_write(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b)
{
    event_write(kind, text, a, b, 0, 0, NULL, 0, text);
}

void nt_event_write_object(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b,
                           uint64_t c, uint64_t object)
{
    event_write(kind, text, a, b, c, object, NULL, 0, text);
}

void nt_event_write_more(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b,
                         const struct nt_event_more *more)
{
    size_t size = more->size < NT_EVENT_DATA_BYTES ? more->size : NT_EVENT_DATA_BYTES;

    event_write(kind, text, a, b, more->c, more->object, more->data, size,
                more->site ? more->site : text);
}

/* Once a recording for each thread, before its first event without a processor. */
static __attribute__((cold, noinline)) void thread_name_write(struct nt_thread *self)
{
    char name[SYS_THREAD_NAME_BYTES];

    self->named = __atomic_load_n(&recordings, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&recording, __ATOMIC_RELAXED))
        return;
    sys_thread_name(name);
    nt_event_write_more(NT_EVENT_NAME, "name", 0, 0,
                        &(struct nt_event_more){.data = name, .size = strlen(name)});
}

void nt_event_write_line(const char *site, uint64_t number, const char *line)
{
    nt_event_write_more(NT_EVENT_DRIVER_TRACE, "trace", number, 0,
                        &(struct nt_event_more){.data = line, .size = strlen(line), .site = site});
}

/* ---- reading ---- */

static bool slot_read(const struct slot *slot, uint64_t sequence, uint64_t ret_words[WORDS])
{
    if (__atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE) != sequence)
        return false;
    for (unsigned i = 0; i < WORDS; i++)
        ret_words[i] = __atomic_load_n(&slot->words[i], __ATOMIC_ACQUIRE);
    return __atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) == sequence;
}

/* Its number in the ring, 24 bits, is `*ret_number`. */
static bool event_read(unsigned number, uint64_t turn, struct nt_event *event, uint32_t *ret_number)
{
    const struct ring *ring = &rings[number];
    uint64_t words[WORDS];

    if (!slot_read(&ring->slots[turn % RING_SLOTS], sequence_of(turn, true), words))
        return false;
    event->time_ns = sys_ticks_to_ns(words[0]);
    event->a = words[1];
    event->b = words[2];
    event->c = words[3];
    event->object = words[4];
    event->text = (const char *)(uintptr_t)words[5];
    event->thread = (uint16_t)(words[6] >> 48);
    event->kind = (uint8_t)(words[6] >> 40);
    event->size = (uint16_t)(words[6] >> 24);
    event->processor = (uint16_t)(number == RING_SHARED ? NT_EVENT_NO_PROCESSOR : number);
    *ret_number = words[6] & 0xFFFFFF;
    event->data[0] = 0;
    for (size_t at = 0; at < event->size; at += SLOT_DATA_BYTES) {
        turn++;
        if (!slot_read(&ring->slots[turn % RING_SLOTS], sequence_of(turn, false),
                       &event->data[at / sizeof(uint64_t)]))
            return false;
    }
    event->line[event->size] = '\0';
    return true;
}

/* ---- on and off ---- */

_Static_assert((int)NT_EVENT_PROCESSORS == (int)NT_PROCESSOR_COUNT_MAX,
               "each processor has a ring");

/* Pages that nobody writes to take no memory. They stay: writers may be late. -ENOMEM. */
static int rings_create(void)
{
    if (rings)
        return 0;
    char *memory = calloc(1, RING_COUNT * sizeof(struct ring) + _Alignof(struct ring));
    if (!memory)
        return -ENOMEM;
    size_t over = (uintptr_t)memory % _Alignof(struct ring);
    rings = (struct ring *)(memory + (over ? _Alignof(struct ring) - over : 0));
    return 0;
}

static void rings_switch(bool *whom, bool on)
{
    sys_ticks_prepare();
    __atomic_store_n(whom, on, __ATOMIC_RELAXED);
    __atomic_store_n(&nt_events_on,
                     __atomic_load_n(&hashing, __ATOMIC_RELAXED) ||
                         __atomic_load_n(&recording, __ATOMIC_RELAXED),
                     __ATOMIC_RELAXED);
}

void nt_events_enable(bool on)
{
    sh_assert(rings_create() == 0);
    if (on && !hashing) {
        for (unsigned i = 0; i < RING_COUNT; i++) {
            rings[i].first = __atomic_load_n(&rings[i].next, __ATOMIC_RELAXED) & TURN_MASK;
            rings[i].hash = hash_start;
        }
    }
    rings_switch(&hashing, on);
}

uint64_t nt_events_hash(void)
{
    uint64_t hash = hash_start;

    for (unsigned i = 0; rings && i < RING_COUNT; i++)
        hash = hash_number(hash, __atomic_load_n(&rings[i].hash, __ATOMIC_RELAXED));
    return hash;
}

/* ---- the last ones ---- */

/* The newest readable event of a ring before `*turn`, which moves to it. */
static bool ring_peek(unsigned number, uint64_t *turn, struct nt_event *ret_event)
{
    const struct ring *ring = &rings[number];
    uint64_t next = __atomic_load_n(&ring->next, __ATOMIC_RELAXED) & TURN_MASK;
    uint32_t ordinal;

    while (*turn > ring->first && next - (*turn - 1) <= RING_SLOTS) {
        if (event_read(number, *turn - 1, ret_event, &ordinal))
            return true;
        --*turn; /* data of another, being written, or overwritten meanwhile */
    }
    return false;
}

size_t nt_events_last(struct nt_event *ret_events, size_t count)
{
    uint64_t turns[RING_COUNT];
    size_t copied = 0;

    if (!rings)
        return 0;
    for (unsigned i = 0; i < RING_COUNT; i++)
        turns[i] = __atomic_load_n(&rings[i].next, __ATOMIC_RELAXED) & TURN_MASK;
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

/* ---- a recording ---- */

struct nt_event_reader {
    uint32_t doorbell; /* as it was before the last look at the rings */
    struct cursor {
        uint64_t turn;    /* of the slot to look at next */
        uint32_t ordinal; /* of the event that is expected there */
        bool known;       /* `ordinal` is: an event of this ring has been read */
        bool waiting;     /* `event` is the next one, not yet given out */
        uint32_t lost;
        struct nt_event event;
    } cursors[RING_COUNT];
};

int nt_events_record(struct nt_event_reader **ret_reader)
{
    bool expected = false;
    struct nt_event_reader *reader = calloc(1, sizeof(*reader));

    if (!reader || rings_create()) {
        free(reader);
        return -ENOMEM;
    }
    if (!__atomic_compare_exchange_n(&recording, &expected, true, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)) {
        free(reader);
        return -EBUSY;
    }
    for (unsigned i = 0; i < RING_COUNT; i++)
        reader->cursors[i].turn = __atomic_load_n(&rings[i].next, __ATOMIC_ACQUIRE) & TURN_MASK;
    reader->doorbell = __atomic_load_n(&doorbell, __ATOMIC_ACQUIRE);
    __atomic_add_fetch(&recordings, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&looked_until_ns, 0, __ATOMIC_RELAXED);
    rings_switch(&recording, true);
    *ret_reader = reader;
    return 0;
}

void nt_events_record_end(struct nt_event_reader *reader)
{
    (void)reader;
    rings_switch(&recording, false);
}

void nt_events_reader_destroy(struct nt_event_reader *reader)
{
    free(reader);
}

bool nt_events_are_recorded(void)
{
    return __builtin_expect(__atomic_load_n(&recording, __ATOMIC_RELAXED), 0);
}

/* Makes the ring's next event the cursor's. An event that is being written is waited for, until
 * writers have come round to it. */
static bool cursor_fill(struct cursor *cursor, unsigned number)
{
    const struct ring *ring = &rings[number];
    uint32_t ordinal;

    if (cursor->waiting)
        return true;
    for (;;) {
        uint64_t next = __atomic_load_n(&ring->next, __ATOMIC_ACQUIRE) & TURN_MASK;
        if (cursor->turn == next)
            return false;
        /* What is too old is about to be overwritten: begin again where there is time. */
        if (next - cursor->turn > RING_SLOTS - RING_SLOTS / 16) {
            cursor->turn = next - RING_SLOTS / 2;
            continue;
        }
        if (event_read(number, cursor->turn, &cursor->event, &ordinal))
            break;
        uint64_t sequence =
            __atomic_load_n(&ring->slots[cursor->turn % RING_SLOTS].sequence, __ATOMIC_ACQUIRE);
        if (sequence < sequence_of(cursor->turn, true))
            return false;
        cursor->turn++; /* data of an event whose beginning is lost */
    }
    cursor->lost = cursor->known ? (ordinal - cursor->ordinal) & 0xFFFFFF : 0;
    cursor->known = cursor->waiting = true;
    cursor->ordinal = ordinal + 1;
    cursor->turn += 1 + (cursor->event.size + SLOT_DATA_BYTES - 1) / SLOT_DATA_BYTES;
    return true;
}

uint32_t nt_events_recordings(void)
{
    return __atomic_load_n(&recordings, __ATOMIC_RELAXED);
}

bool nt_events_read(struct nt_event_reader *reader, uint64_t horizon_ns, struct nt_event *ret_event,
                    uint32_t *ret_lost)
{
    struct cursor *earliest = NULL;

    for (unsigned i = 0; i <= nt_processor_count(); i++) {
        unsigned number = i < nt_processor_count() ? i : RING_SHARED;
        struct cursor *cursor = &reader->cursors[number];
        if (cursor_fill(cursor, number) && cursor->event.time_ns < horizon_ns &&
            (!earliest || cursor->event.time_ns < earliest->event.time_ns))
            earliest = cursor;
    }
    if (!earliest)
        return false;
    memcpy(ret_event, &earliest->event, offsetof(struct nt_event, line) + earliest->event.size + 1);
    *ret_lost = earliest->lost;
    earliest->waiting = false;
    return true;
}

void nt_events_read_wait(struct nt_event_reader *reader, uint64_t deadline_ns)
{
    (void)sys_wait(&doorbell, reader->doorbell, deadline_ns);
    reader->doorbell = __atomic_load_n(&doorbell, __ATOMIC_ACQUIRE);
}

void nt_events_read_wake(void)
{
    reader_ring();
}

void nt_events_read_looked(uint64_t horizon_ns)
{
    __atomic_store_n(&looked_until_ns, horizon_ns, __ATOMIC_RELEASE);
    __atomic_add_fetch(&looks, 1, __ATOMIC_ACQ_REL);
    sys_wake(&looks, INT_MAX);
}

bool nt_events_settle(uint64_t deadline_ns)
{
    uint64_t until_ns = sys_now_ns();

    while (__atomic_load_n(&recording, __ATOMIC_ACQUIRE)) {
        uint32_t seen = __atomic_load_n(&looks, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&looked_until_ns, __ATOMIC_ACQUIRE) > until_ns)
            break;
        if (sys_now_ns() >= deadline_ns)
            return false;
        reader_ring();
        (void)sys_wait(&looks, seen, deadline_ns);
    }
    return true;
}
