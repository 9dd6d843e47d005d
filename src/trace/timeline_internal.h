/*
 * timeline_internal.h - what the files of the timeline share: tracks (timeline_tracks.c), requests
 * (timeline_requests.c) and everything else (timeline.c).
 */
#ifndef STORHOST_TRACE_TIMELINE_INTERNAL_H
#define STORHOST_TRACE_TIMELINE_INTERNAL_H

#include "trace/table.h"
#include "trace/timeline.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TIMELINE_GATES = 32, TIMELINE_NAME_BYTES = 128 };

/* One line of slices, a thread of the format. */
struct track {
    uint32_t pid, tid; /* tid 0: not announced yet */
    unsigned depth;    /* open slices */
    uint64_t last_ns;  /* its time does not run backwards */
    bool ended;        /* the last of it was the end of a slice */
    char place[40];    /* its members pid and tid, as each line has them */
    uint8_t place_length;
};

/* A track that one request after another uses. */
struct lane {
    struct lane *next; /* of the free ones, the lowest first */
    struct track track;
    unsigned number;
};

/* An adapter or a unit: a process of the format. */
struct object {
    uint64_t key;
    uint32_t pid, order;
    struct object *adapter; /* of a unit; an adapter's is itself */
    char name[TIMELINE_NAME_BYTES];
    struct track events, resets, gates[TIMELINE_GATES], phases[NT_PHASE_COUNT];
    const char *phase[NT_PHASE_COUNT]; /* what it is; NULL: not known */
    uint32_t closed;                   /* gates */
    struct lane *free_lanes;
    unsigned lane_count;
    struct request *waiting; /* for gates, credits, slots or memory */
    uint32_t waiting_count, device_count;
};

enum request_stage {
    STAGE_PORT,       /* on its way to the driver */
    STAGE_WAITING,    /* in the unit's queue */
    STAGE_HELD,       /* built, not started */
    STAGE_DEVICE,     /* the driver has it */
    STAGE_COMPLETION, /* given back, until the port is done with it */
    STAGE_CLIENT,     /* until its submitter takes it */
};

/* It does not lead back in time: viewers would find no beginning of it. */
struct arrow {
    uint64_t number;  /* 0: none */
    uint64_t last_ns; /* where it has been */
};

struct request {
    uint64_t key;
    struct object *object;
    struct lane *lane;
    struct request *next, **link; /* among object->waiting; `link` NULL: not there */
    enum request_stage stage;
    const char *reason; /* why it waits when no gate is closed */
    uint32_t gates;     /* closed ones that it waits for */
    unsigned retries;
    uint64_t result, sense;       /* of NT_EVENT_REQUEST_RETURNED */
    const struct track *starting; /* where StartIo has not returned */
    struct arrow flow;            /* that began with it */
    bool returned;
    bool doubtful; /* events are missing since: perhaps it has ended */
    uint64_t doubtful_since_ns;
};

struct timeline {
    struct trace_json *out;
    struct timeline_words words;
    uint64_t begin_ns, now_ns, last_ns; /* now: the time of the event that is looked at */
    uint32_t last_tid, object_count;
    uint64_t lost, requests_seen, flows;
    struct track processors[NT_EVENT_PROCESSORS];
    struct table threads, objects, requests, routines;
    bool processors_announced;
    struct track strays; /* of threads for which there was no memory */
};

/* ---- timeline_tracks.c ---- */

/* One event of the format: members may be added in between. NULL track: of the whole timeline. */
void line_begin(struct timeline *timeline, char phase, struct track *track);
void line_end(struct timeline *timeline);
void arguments_begin(struct timeline *timeline);
void arguments_end(struct timeline *timeline);
void process_announce(struct timeline *timeline, uint32_t pid, const char *name, uint32_t order);
/* Names the track; the first time it gets its number. */
void track_announce(struct timeline *timeline, struct track *track, uint32_t pid, const char *name,
                    uint32_t order);
/* Begins a slice; the line ends with line_end. `colour`: one of the names that Chromium's viewer
 * has, or NULL. */
void slice_begin(struct timeline *timeline, struct track *track, const char *name,
                 const char *colour);
/* Ends the innermost slice, if there is one. The line ends with line_end if that is true. */
bool slice_end(struct timeline *timeline, struct track *track);
/* Ends all slices but the outermost `depth`. */
void track_close(struct timeline *timeline, struct track *track, unsigned depth);
void instant(struct timeline *timeline, struct track *track, const char *name, size_t length,
             const char *category);
/* From the track's innermost slice, or to it. */
void flow(struct timeline *timeline, struct track *track, char phase, struct arrow *arrow);
/* The track where the event happened. */
struct track *track_of_event(struct timeline *timeline, const struct nt_event *event);
/* NULL: the event is about none, or no memory. */
struct object *object_of(struct timeline *timeline, uint64_t key);
struct track *object_track(struct timeline *timeline, struct object *object, struct track *track,
                           const char *name, uint32_t order);
void object_rename(struct timeline *timeline, struct object *object, const char *name);
const char *routine_name(struct timeline *timeline, uint64_t address);
/* Ends the slices of all threads, or of everything. */
void threads_close(struct timeline *timeline);
void tracks_finish(struct timeline *timeline);

/* ---- timeline_requests.c ---- */

void request_event(struct timeline *timeline, const struct nt_event *event);
/* The object's gates have changed. */
void requests_reconsider(struct timeline *timeline, struct object *object);
/* Events are missing. */
void requests_doubt(struct timeline *timeline);
void requests_finish(struct timeline *timeline);
/* StartIo or BuildIo has returned. */
void request_routine_ends(struct timeline *timeline, const struct nt_event *event);
void put_activity(struct timeline *timeline, uint64_t number);

#ifdef __cplusplus
}
#endif

#endif
