/*
 * timeline.c - see timeline.h: events that are no requests.
 */
#include "trace/timeline_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORDER_EVENTS = 1, ORDER_RESETS = 2, ORDER_PHASES = 3, ORDER_GATES = 10 };

struct timeline *timeline_create(struct trace_json *out, const struct timeline_words *words,
                                 uint64_t begin_ns)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));

    if (timeline)
        *timeline = (struct timeline){.out = out,
                                      .words = *words,
                                      .begin_ns = begin_ns,
                                      .now_ns = begin_ns,
                                      .last_ns = begin_ns};
    return timeline;
}

/* ---- slices of processors and threads ---- */

static void put_object(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);

    if (object)
        trace_json_member(timeline->out, "of", object->name);
}

static void callback_begin(struct timeline *timeline, const struct nt_event *event)
{
    slice_begin(timeline, track_of_event(timeline, event), event->text, NULL);
    if (event->object) {
        arguments_begin(timeline);
        put_object(timeline, event);
        arguments_end(timeline);
    }
    line_end(timeline);
}

static void interrupt_begin(struct timeline *timeline, const struct nt_event *event)
{
    char name[48];

    if (strcmp(event->text, "line") == 0)
        snprintf(name, sizeof(name), "interrupt by the line");
    else
        snprintf(name, sizeof(name), "interrupt by message %u", (unsigned)event->b);
    slice_begin(timeline, track_of_event(timeline, event), name, "rail_animation");
    arguments_begin(timeline);
    put_object(timeline, event);
    arguments_end(timeline);
    line_end(timeline);
}

/* The routine's name stands in it, as far as it is known. */
static void routine_slice_begin(struct timeline *timeline, const struct nt_event *event,
                                const char *colour)
{
    const char *routine = routine_name(timeline, event->c);
    char name[288];

    snprintf(name, sizeof(name), "%s%s%s", event->text, routine ? ": " : "",
             routine ? routine : "");
    slice_begin(timeline, track_of_event(timeline, event), name, colour);
    line_end(timeline);
}

static void dpc_begin(struct timeline *timeline, const struct nt_event *event)
{
    routine_slice_begin(timeline, event, "rail_idle");
}

static void timer_begin(struct timeline *timeline, const struct nt_event *event)
{
    routine_slice_begin(timeline, event, "rail_load");
}

static void any_end(struct timeline *timeline, const struct nt_event *event)
{
    struct track *track = track_of_event(timeline, event);

    if (slice_end(timeline, track))
        line_end(timeline);
    if (event->kind == NT_EVENT_CALLBACK_LEAVE && event->a)
        request_routine_ends(timeline, event);
}

/* ---- adapters and units ---- */

static void gate_track_change(struct timeline *timeline, struct object *object, unsigned bit,
                              bool closes)
{
    const char *word = timeline->words.gate_name(1u << bit);
    struct track *track = &object->gates[bit];
    char name[64];

    if (!word)
        return;
    snprintf(name, sizeof(name), "gate: %s", word);
    object_track(timeline, object, track, name, ORDER_GATES + bit);
    if (!closes) {
        track_close(timeline, track, 0);
    } else if (!track->depth) {
        slice_begin(timeline, track, word, "bad");
        line_end(timeline);
    }
}

static void reconsider_units_of(struct timeline *timeline, const struct object *adapter)
{
    for (size_t i = 0; i < timeline->objects.room; i++) {
        struct object *object = timeline->objects.entries[i].value;
        if (object && object->adapter == adapter)
            requests_reconsider(timeline, object);
    }
}

static void gate_event(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);
    bool closes = strcmp(event->text, "close") == 0;
    uint32_t before = object ? object->closed : 0, mask = (uint32_t)event->a;

    if (!object)
        return;
    object->closed = closes ? before | mask : before & ~mask;
    for (unsigned bit = 0; bit < TIMELINE_GATES; bit++)
        if ((before ^ object->closed) >> bit & 1)
            gate_track_change(timeline, object, bit, closes);
    if (object->closed == before)
        return;
    if (object->adapter == object)
        reconsider_units_of(timeline, object);
    else
        requests_reconsider(timeline, object);
}

static void reset_event(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);

    if (!object)
        return;
    struct track *track = object_track(timeline, object, &object->resets, "resets", ORDER_RESETS);
    if (event->kind == NT_EVENT_RESET) {
        slice_begin(timeline, track, event->text, "terrible");
        line_end(timeline);
    } else if (slice_end(timeline, track)) {
        arguments_begin(timeline);
        trace_json_member(timeline->out, "result", event->b ? "done" : "failed");
        arguments_end(timeline);
        line_end(timeline);
    }
}

static const char *phase_colour(const char *phase)
{
    static const struct {
        const char *begins, *colour;
    } rows[] = {
        {"D0", "good"},      {"active", "good"}, {"running", "good"},
        {"goes to ", "bad"}, {"D", "grey"},      {"idle", "thread_state_sleeping"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strncmp(phase, rows[i].begins, strlen(rows[i].begins)) == 0)
            return rows[i].colour;
    return "terrible";
}

/* One phase begins where the one before ends. */
static void phase_event(struct timeline *timeline, const struct nt_event *event)
{
    static const char *const names[NT_PHASE_COUNT] = {
        [NT_PHASE_PNP] = "Plug and Play",
        [NT_PHASE_POWER] = "power",
        [NT_PHASE_COMPONENT] = "power: component",
    };
    struct object *object = object_of(timeline, event->object);

    if (!object || event->a >= NT_PHASE_COUNT)
        return;
    const char **phase = &object->phase[event->a];
    if (*phase && strcmp(*phase, event->text) == 0)
        return;
    *phase = event->text;
    struct track *track = object_track(timeline, object, &object->phases[event->a], names[event->a],
                                       ORDER_PHASES + (uint32_t)event->a);
    track_close(timeline, track, 0);
    slice_begin(timeline, track, event->text, phase_colour(event->text));
    if (event->size) {
        arguments_begin(timeline);
        trace_json_member(timeline->out, "why", event->line);
        arguments_end(timeline);
    }
    line_end(timeline);
}

static void counter_event(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);
    struct track process = {.pid = object ? object->pid : 1};

    line_begin(timeline, 'C', &process);
    trace_json_member(timeline->out, "name", event->text);
    arguments_begin(timeline);
    trace_json_member_number(timeline->out, "value", event->a);
    arguments_end(timeline);
    line_end(timeline);
}

/* ---- what is said ---- */

/* What belongs to an adapter or a unit stands in its group, the rest where it was said. */
static struct track *instant_track(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);

    if (!object)
        return track_of_event(timeline, event);
    return object_track(timeline, object, &object->events, "events", ORDER_EVENTS);
}

static void put_arguments_end(struct timeline *timeline, const struct nt_event *event)
{
    if (event->processor != NT_EVENT_NO_PROCESSOR)
        trace_json_member_number(timeline->out, "processor", event->processor);
    trace_json_member_number(timeline->out, "thread", event->thread);
    arguments_end(timeline);
    line_end(timeline);
}

static void line_event(struct timeline *timeline, const struct nt_event *event,
                       const char *category)
{
    char name[NT_EVENT_DATA_BYTES + 80];
    bool finding = event->kind == NT_EVENT_FINDING;

    snprintf(name, sizeof(name), "%s%s%s%s", finding ? "finding " : "", finding ? event->text : "",
             finding && event->line[0] ? ": " : "", event->line);
    instant(timeline, instant_track(timeline, event), name, strlen(name), category);
    arguments_begin(timeline);
    trace_json_member(timeline->out, "by", event->text);
    if (event->a)
        trace_json_member_number(timeline->out, "number", event->a);
    put_arguments_end(timeline, event);
}

static void log_event(struct timeline *timeline, const struct nt_event *event)
{
    line_event(timeline, event, "log");
}

static void driver_trace_event(struct timeline *timeline, const struct nt_event *event)
{
    line_event(timeline, event, "driver");
}

static void finding_event(struct timeline *timeline, const struct nt_event *event)
{
    line_event(timeline, event, "finding");
}

/* A title, then names and values. Strings without their end, which the ring cut off, have it where
 * the data end. */
static void record_event(struct timeline *timeline, const struct nt_event *event)
{
    const char *at = event->line, *end = event->line + event->size;
    const char *title = at;

    at += strlen(at) + 1;
    instant(timeline, instant_track(timeline, event), title, strlen(title), event->text);
    arguments_begin(timeline);
    while (at < end) {
        const char *name = at;
        at += strlen(at) + 1;
        if (at >= end)
            break;
        trace_json_key_text(timeline->out, name);
        trace_json_string(timeline->out, at, strlen(at));
        at += strlen(at) + 1;
    }
    if (event->a)
        put_activity(timeline, event->a);
    put_arguments_end(timeline, event);
}

static void state_event(struct timeline *timeline, const struct nt_event *event)
{
    instant(timeline, instant_track(timeline, event), event->text, strlen(event->text), "state");
    arguments_begin(timeline);
    trace_json_member_number(timeline->out, "a", event->a);
    trace_json_member_number(timeline->out, "b", event->b);
    put_arguments_end(timeline, event);
}

/* Where the driver made it: the slice it stands in tells for which adapter. */
static void register_event(struct timeline *timeline, const struct nt_event *event)
{
    unsigned bar = (unsigned)(event->b >> 8), size = (unsigned)(event->b & 0xFF);
    char name[64], value[24];

    snprintf(name, sizeof(name), "%s BAR %u + 0x%llX", event->text, bar,
             (unsigned long long)event->a);
    instant(timeline, track_of_event(timeline, event), name, strlen(name), "register");
    arguments_begin(timeline);
    snprintf(value, sizeof(value), "0x%0*llX", (int)(2 * size), (unsigned long long)event->c);
    trace_json_member(timeline->out, "value", value);
    arguments_end(timeline);
    line_end(timeline);
}

static void bugcheck_event(struct timeline *timeline, const struct nt_event *event)
{
    char name[NT_EVENT_DATA_BYTES + 48];

    snprintf(name, sizeof(name), "bug check 0x%llX: %s", (unsigned long long)event->a, event->line);
    instant(timeline, track_of_event(timeline, event), name, strlen(name), "bug check");
    arguments_begin(timeline);
    put_arguments_end(timeline, event);
    instant(timeline, NULL, name, strlen(name), "bug check");
    line_end(timeline);
}

static void name_event(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);

    if (object)
        object_rename(timeline, object, event->line);
    else
        (void)track_of_event(timeline, event);
}

/* A driver was unloaded: another may lie there next. */
static void code_event(struct timeline *timeline, const struct nt_event *event)
{
    (void)event;
    table_destroy(&timeline->routines, free);
}

/* ---- all events ---- */

/* What is open on the track may have ended; that of others has not. */
static void lost_event(struct timeline *timeline, const struct nt_event *event, uint32_t lost)
{
    struct track *track = track_of_event(timeline, event);
    char name[64];

    timeline->lost += lost;
    track_close(timeline, track, 0);
    if (event->processor == NT_EVENT_NO_PROCESSOR)
        threads_close(timeline);
    requests_doubt(timeline);
    snprintf(name, sizeof(name), "%u events are lost before here", lost);
    instant(timeline, track, name, strlen(name), "lost");
    line_end(timeline);
}

void timeline_event(struct timeline *timeline, const struct nt_event *event, uint32_t lost)
{
    static void (*const rows[])(struct timeline *, const struct nt_event *) = {
        [NT_EVENT_CALLBACK_ENTER] = callback_begin,
        [NT_EVENT_CALLBACK_LEAVE] = any_end,
        [NT_EVENT_REQUEST_SUBMITTED] = request_event,
        [NT_EVENT_REQUEST_WAITS] = request_event,
        [NT_EVENT_REQUEST_STARTED] = request_event,
        [NT_EVENT_REQUEST_BUILD] = request_event,
        [NT_EVENT_REQUEST_HELD] = request_event,
        [NT_EVENT_REQUEST_SENT] = request_event,
        [NT_EVENT_REQUEST_COMPLETED] = request_event,
        [NT_EVENT_REQUEST_RETRIED] = request_event,
        [NT_EVENT_REQUEST_RETURNED] = request_event,
        [NT_EVENT_REQUEST_DONE] = request_event,
        [NT_EVENT_INTERRUPT] = interrupt_begin,
        [NT_EVENT_INTERRUPT_END] = any_end,
        [NT_EVENT_DPC] = dpc_begin,
        [NT_EVENT_DPC_END] = any_end,
        [NT_EVENT_TIMER] = timer_begin,
        [NT_EVENT_TIMER_END] = any_end,
        [NT_EVENT_RESET] = reset_event,
        [NT_EVENT_RESET_END] = reset_event,
        [NT_EVENT_GATE] = gate_event,
        [NT_EVENT_LOG] = log_event,
        [NT_EVENT_DRIVER_TRACE] = driver_trace_event,
        [NT_EVENT_FINDING] = finding_event,
        [NT_EVENT_RECORD] = record_event,
        [NT_EVENT_STATE] = state_event,
        [NT_EVENT_NAME] = name_event,
        [NT_EVENT_CODE] = code_event,
        [NT_EVENT_BUGCHECK] = bugcheck_event,
        [NT_EVENT_COUNTER] = counter_event,
        [NT_EVENT_PHASE] = phase_event,
        [NT_EVENT_REGISTER] = register_event,
    };

    timeline->now_ns = event->time_ns;
    if (event->time_ns > timeline->last_ns)
        timeline->last_ns = event->time_ns;
    if (lost)
        lost_event(timeline, event, lost);
    if (event->kind < sizeof(rows) / sizeof(rows[0]) && rows[event->kind])
        rows[event->kind](timeline, event);
}

void timeline_finish(struct timeline *timeline)
{
    timeline->now_ns = timeline->last_ns;
    requests_finish(timeline);
    tracks_finish(timeline);
}

uint64_t timeline_lost(const struct timeline *timeline)
{
    return timeline->lost;
}

uint64_t timeline_requests(const struct timeline *timeline)
{
    return timeline->requests_seen;
}

static void object_release(void *value)
{
    struct object *object = value;

    while (object->free_lanes) {
        struct lane *next = object->free_lanes->next;
        free(object->free_lanes);
        object->free_lanes = next;
    }
    free(object);
}

void timeline_destroy(struct timeline *timeline)
{
    if (!timeline)
        return;
    timeline_finish(timeline);
    table_destroy(&timeline->requests, free);
    table_destroy(&timeline->objects, object_release);
    table_destroy(&timeline->threads, free);
    table_destroy(&timeline->routines, free);
    free(timeline);
}
