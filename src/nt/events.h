/*
 * events.h - the event ring: what every layer writes and what traces, bug checks and the
 * simulator's hash read. One ring a processor plus one for threads that hold none.
 *
 * Off, it costs one predictable branch. The simulator turns it on to hash the order of events.
 */
#ifndef STORHOST_NT_EVENTS_H
#define STORHOST_NT_EVENTS_H

#include "sys/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nt_event_kind {
    NT_EVENT_NONE,
    NT_EVENT_CALLBACK_ENTER, /* a: evidence callback id or request number */
    NT_EVENT_CALLBACK_LEAVE,
    NT_EVENT_REQUEST_SUBMITTED, /* a: request number, b: function/opcode */
    NT_EVENT_REQUEST_STARTED,
    NT_EVENT_REQUEST_COMPLETED, /* b: SrbStatus */
    NT_EVENT_REQUEST_RETURNED,
    NT_EVENT_INTERRUPT,
    NT_EVENT_DPC,
    NT_EVENT_TIMER,
    NT_EVENT_RESET,
    NT_EVENT_GATE,
    NT_EVENT_LOG,
    NT_EVENT_DRIVER_TRACE, /* a: line of the driver's source; with a line of text */
};

enum { NT_EVENT_NO_PROCESSOR = 0xFFFF, NT_EVENT_LINE_BYTES = 192 };

/* `text` is a string constant; a and b must be deterministic numbers, never addresses, so that the
 * same seed gives the same hash. */
struct nt_event {
    uint64_t time_ns;
    uint64_t a, b;
    const char *text;
    uint16_t kind;
    uint16_t processor; /* NT_EVENT_NO_PROCESSOR: none held */
    uint32_t thread;
    union { /* what a driver says, cut off; empty in other events */
        char line[NT_EVENT_LINE_BYTES];
        uint64_t line_words[NT_EVENT_LINE_BYTES / 8];
    };
};

extern SYS_HIDDEN bool nt_events_on;
void nt_event_write(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b);
/* A line that a driver's trace makes. `site` is the format that made it: the hash covers it instead
 * of the line, which may hold addresses, and it is not kept. */
void nt_event_write_line(const char *site, uint64_t number, const char *line);
/* For hot paths, which work out an event's numbers only when it is wanted. */
static inline bool nt_events_are_on(void)
{
    return __builtin_expect(__atomic_load_n(&nt_events_on, __ATOMIC_RELAXED), 0);
}
static inline void nt_event(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b)
{
    if (nt_events_are_on())
        nt_event_write(kind, text, a, b);
}
/* PASSIVE_LEVEL, while no other thread writes events. Switching on empties the rings. */
void nt_events_enable(bool on);
/* Order-dependent hash over all events since they were enabled (kind, text, a, b, processor). With
 * real threads the order counts within a processor only. */
uint64_t nt_events_hash(void);
/* Newest first; returns how many were copied. */
size_t nt_events_last(struct nt_event *ret_events, size_t count);

#ifdef __cplusplus
}
#endif

#endif
