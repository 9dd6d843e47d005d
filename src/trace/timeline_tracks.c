/*
 * timeline_tracks.c - processes and threads of the format, and the lines about them.
 */
#include "trace/timeline_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PID_PROCESSORS = 1,
    PID_THREADS = 2,
    PID_OBJECTS = 10,
    /* Where the groups stand: what requests did first, then who did it. */
    ORDER_OBJECTS = 1,
    ORDER_PROCESSORS = 1 << 20,
    ORDER_THREADS,
};

/* ---- lines ---- */

void line_begin(struct timeline *timeline, char phase, struct track *track)
{
    struct trace_json *out = timeline->out;
    char kind[] = "{\"ph\":\"?\"";
    uint64_t now_ns = timeline->now_ns;

    kind[sizeof("{\"ph\":\"") - 1] = phase;
    trace_json_bytes(out, kind, sizeof(kind) - 1);
    out->more = true;
    if (track) {
        /* A slice ends a nanosecond before another can begin: viewers that reckon with fractions
         * would nest them. */
        uint64_t earliest_ns = track->last_ns + (phase == 'B' && track->ended);
        if (phase == 'E')
            now_ns--;
        if (phase == 's' || phase == 't')
            now_ns++; /* within the slice that begins now */
        if (now_ns < earliest_ns)
            now_ns = earliest_ns;
        track->last_ns = now_ns;
        track->ended = phase == 'E';
        if (track->place_length) {
            trace_json_bytes(out, track->place, track->place_length);
        } else {
            trace_json_member_number(out, "pid", track->pid);
            trace_json_member_number(out, "tid", track->tid);
        }
    }
    trace_json_key(out, "ts");
    trace_json_microseconds(out, now_ns > timeline->begin_ns ? now_ns - timeline->begin_ns : 0);
}

void line_end(struct timeline *timeline)
{
    trace_json_raw(timeline->out, "},\n");
}

void arguments_begin(struct timeline *timeline)
{
    trace_json_key(timeline->out, "args");
    trace_json_open(timeline->out, '{');
}

void arguments_end(struct timeline *timeline)
{
    trace_json_close(timeline->out, '}');
}

/* What the format calls metadata: about a process or, with a tid, a thread. */
static void metadata(struct timeline *timeline, const char *what, const struct track *track,
                     const char *name, uint32_t order)
{
    struct trace_json *out = timeline->out;

    trace_json_open(out, '{');
    trace_json_member(out, "ph", "M");
    trace_json_member_number(out, "pid", track->pid);
    if (track->tid)
        trace_json_member_number(out, "tid", track->tid);
    trace_json_member(out, "name", what);
    arguments_begin(timeline);
    if (name)
        trace_json_member(out, "name", name);
    else
        trace_json_member_number(out, "sort_index", order);
    arguments_end(timeline);
    line_end(timeline);
}

void process_announce(struct timeline *timeline, uint32_t pid, const char *name, uint32_t order)
{
    const struct track process = {.pid = pid};

    metadata(timeline, "process_name", &process, name, 0);
    metadata(timeline, "process_sort_index", &process, NULL, order);
}

void track_announce(struct timeline *timeline, struct track *track, uint32_t pid, const char *name,
                    uint32_t order)
{
    if (!track->tid)
        track->tid = ++timeline->last_tid;
    track->pid = pid;
    track->place_length = (uint8_t)snprintf(track->place, sizeof(track->place),
                                            ",\"pid\":%u,\"tid\":%u", pid, track->tid);
    metadata(timeline, "thread_name", track, name, 0);
    metadata(timeline, "thread_sort_index", track, NULL, order);
}

/* ---- slices ---- */

void slice_begin(struct timeline *timeline, struct track *track, const char *name,
                 const char *colour)
{
    track->depth++;
    line_begin(timeline, 'B', track);
    trace_json_member(timeline->out, "name", name);
    if (colour)
        trace_json_member(timeline->out, "cname", colour);
}

bool slice_end(struct timeline *timeline, struct track *track)
{
    if (!track->depth)
        return false;
    track->depth--;
    line_begin(timeline, 'E', track);
    return true;
}

void track_close(struct timeline *timeline, struct track *track, unsigned depth)
{
    while (track->depth > depth && slice_end(timeline, track))
        line_end(timeline);
}

void instant(struct timeline *timeline, struct track *track, const char *name, size_t length,
             const char *category)
{
    line_begin(timeline, 'i', track);
    trace_json_member(timeline->out, "s", track ? "t" : "g");
    trace_json_member(timeline->out, "cat", category);
    trace_json_key(timeline->out, "name");
    trace_json_string(timeline->out, name, length);
}

void flow(struct timeline *timeline, struct track *track, char phase, struct arrow *arrow)
{
    if (track->last_ns < arrow->last_ns)
        track->last_ns = arrow->last_ns;
    line_begin(timeline, phase, track);
    arrow->last_ns = track->last_ns;
    trace_json_member(timeline->out, "cat", "request");
    trace_json_member(timeline->out, "name", "request");
    trace_json_member_number(timeline->out, "id", arrow->number);
    if (phase != 's')
        trace_json_member(timeline->out, "bp", "e");
    line_end(timeline);
}

/* ---- processors and threads ---- */

static struct track *processor_track(struct timeline *timeline, unsigned number)
{
    struct track *track = &timeline->processors[number];
    char name[32];

    if (track->tid)
        return track;
    if (!timeline->processors_announced)
        process_announce(timeline, PID_PROCESSORS, "processors", ORDER_PROCESSORS);
    timeline->processors_announced = true;
    snprintf(name, sizeof(name), "processor %u", number);
    track_announce(timeline, track, PID_PROCESSORS, name, number);
    return track;
}

/* A thread that ended may have left its number to another, which tells its name. */
static struct track *thread_track(struct timeline *timeline, unsigned number, const char *name)
{
    struct track *track = table_find(&timeline->threads, number + 1);

    if (track && !name)
        return track;
    if (!track) {
        track = calloc(1, sizeof(*track));
        if (!track || !table_insert(&timeline->threads, number + 1, track)) {
            free(track);
            return &timeline->strays;
        }
    }
    if (timeline->threads.count == 1 && !track->tid)
        process_announce(timeline, PID_THREADS, "threads", ORDER_THREADS);
    track_close(timeline, track, 0);
    track->tid = 0;
    track_announce(timeline, track, PID_THREADS, name ? name : "thread", number);
    return track;
}

struct track *track_of_event(struct timeline *timeline, const struct nt_event *event)
{
    bool names_thread = event->kind == NT_EVENT_NAME && !event->object;

    if (event->processor < NT_EVENT_PROCESSORS)
        return processor_track(timeline, event->processor);
    return thread_track(timeline, event->thread, names_thread ? event->line : NULL);
}

/* ---- adapters and units ---- */

static void object_announce(struct timeline *timeline, const struct object *object)
{
    process_announce(timeline, object->pid, object->name, object->order);
}

static void object_default_name(struct object *object)
{
    unsigned adapter = (unsigned)(object->key >> 32) - 1;

    if (object->adapter == object)
        snprintf(object->name, sizeof(object->name), "adapter %u", adapter);
    else
        snprintf(object->name, sizeof(object->name), "adapter %u, unit %u:%u:%u", adapter,
                 (unsigned)(object->key >> 16 & 0xFF), (unsigned)(object->key >> 8 & 0xFF),
                 (unsigned)(object->key & 0xFF));
}

/* In the order of addresses, each adapter before its units. */
static uint32_t object_order(uint64_t key)
{
    enum { UNITS = 1 << 10 };
    uint32_t adapter = (uint32_t)(key >> 32) - 1;
    uint32_t unit = key & 1u << 24 ? 1 + (key & 0xFFFFFF) % (UNITS - 1) : 0;

    return ORDER_OBJECTS + adapter * UNITS + unit;
}

struct object *object_of(struct timeline *timeline, uint64_t key)
{
    uint64_t adapter_key = key & 0xFFFFFFFF00000000;
    struct object *object = key ? table_find(&timeline->objects, key) : NULL;

    if (object || !key)
        return object;
    struct object *adapter = adapter_key == key ? NULL : object_of(timeline, adapter_key);
    if (adapter_key != key && !adapter)
        return NULL;
    object = calloc(1, sizeof(*object));
    if (!object || !table_insert(&timeline->objects, key, object)) {
        free(object);
        return NULL;
    }
    object->key = key;
    object->adapter = adapter ? adapter : object;
    object->pid = PID_OBJECTS + timeline->object_count++;
    object->order = object_order(key);
    object_default_name(object);
    object_announce(timeline, object);
    return object;
}

void object_rename(struct timeline *timeline, struct object *object, const char *name)
{
    snprintf(object->name, sizeof(object->name), "%s", name);
    object_announce(timeline, object);
}

struct track *object_track(struct timeline *timeline, struct object *object, struct track *track,
                           const char *name, uint32_t order)
{
    if (!track->tid)
        track_announce(timeline, track, object->pid, name, order);
    return track;
}

/* ---- routines ---- */

const char *routine_name(struct timeline *timeline, uint64_t address)
{
    char *name = table_find(&timeline->routines, address);
    char line[256] = "";

    if (name || !address)
        return name;
    timeline->words.describe(address, line, sizeof(line));
    name = strdup(line);
    if (name && !table_insert(&timeline->routines, address, name)) {
        free(name);
        name = NULL;
    }
    return name;
}

/* ---- the end ---- */

void threads_close(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->threads.room; i++)
        if (timeline->threads.entries[i].value)
            track_close(timeline, timeline->threads.entries[i].value, 0);
}

static void object_finish(struct timeline *timeline, struct object *object)
{
    track_close(timeline, &object->resets, 0);
    for (unsigned i = 0; i < NT_PHASE_COUNT; i++)
        track_close(timeline, &object->phases[i], 0);
    for (unsigned i = 0; i < TIMELINE_GATES; i++)
        track_close(timeline, &object->gates[i], 0);
}

void tracks_finish(struct timeline *timeline)
{
    for (unsigned i = 0; i < NT_EVENT_PROCESSORS; i++)
        track_close(timeline, &timeline->processors[i], 0);
    threads_close(timeline);
    for (size_t i = 0; i < timeline->objects.room; i++)
        if (timeline->objects.entries[i].value)
            object_finish(timeline, timeline->objects.entries[i].value);
}
