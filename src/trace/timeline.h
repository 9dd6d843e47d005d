/*
 * timeline.h - from events to a timeline in the Chrome trace format, which Perfetto and Chromium's
 * own viewer show (docs/tracing.md).
 *
 * Tracks of processors and threads hold slices as they were nested. Each unit of an adapter has a
 * group of its own: as many tracks as requests were under way at once, a track for each gate, for
 * resets and for what was said, and counters.
 *
 * Events may be missing: what they would have ended ends where they are missing. A request that was
 * under way then goes on if an event of it follows, and else ends there.
 */
#ifndef STORHOST_TRACE_TIMELINE_H
#define STORHOST_TRACE_TIMELINE_H

#include "nt/events.h"
#include "trace/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Words that only others have. */
struct timeline_words {
    /* Of one bit of NT_EVENT_GATE's mask; NULL: it has none. */
    const char *(*gate_name)(uint32_t gate);
    /* What an address is: a routine of a driver. Writes a line. */
    void (*describe)(uint64_t address, char *line, size_t size);
};

struct timeline;
/* Lines go to `out`, which the caller empties; each ends with a comma and a line feed. Times count
 * from `begin_ns`. NULL: no memory. */
struct timeline *timeline_create(struct trace_json *out, const struct timeline_words *words,
                                 uint64_t begin_ns);
/* In the order of time, as nt_events_read returns them. */
void timeline_event(struct timeline *timeline, const struct nt_event *event, uint32_t lost);
/* Ends what is open, at the time of the last event. */
void timeline_finish(struct timeline *timeline);
uint64_t timeline_lost(const struct timeline *timeline);
uint64_t timeline_requests(const struct timeline *timeline);
void timeline_destroy(struct timeline *timeline);

#ifdef __cplusplus
}
#endif

#endif
