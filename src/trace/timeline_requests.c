/*
 * timeline_requests.c - requests: each a slice on a track of its unit, with its stages inside it.
 *
 * They are slices of tracks and not asynchronous events of the format, because arrows lead to and
 * from the former only: to StartIo and to what completed the request.
 */
#include "trace/commands.h"
#include "trace/timeline_internal.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first tracks of a group. */
enum { ORDER_LANES = 100 };

/* ---- the tracks of a unit's requests ---- */

static struct lane *lane_take(struct timeline *timeline, struct object *object)
{
    struct lane *lane = object->free_lanes;
    char name[32];

    if (lane) {
        object->free_lanes = lane->next;
        return lane;
    }
    lane = calloc(1, sizeof(*lane));
    if (!lane)
        return NULL;
    lane->number = ++object->lane_count;
    snprintf(name, sizeof(name), "requests %u", lane->number);
    track_announce(timeline, &lane->track, object->pid, name, ORDER_LANES + lane->number);
    return lane;
}

static void lane_give(struct object *object, struct lane *lane)
{
    struct lane **link = &object->free_lanes;

    while (*link && (*link)->number < lane->number)
        link = &(*link)->next;
    lane->next = *link;
    *link = lane;
}

/* ---- counters ---- */

static void counter_write(struct timeline *timeline, const struct object *object)
{
    struct trace_json *out = timeline->out;

    trace_json_open(out, '{');
    trace_json_member(out, "ph", "C");
    trace_json_member_number(out, "pid", object->pid);
    trace_json_key(out, "ts");
    trace_json_microseconds(
        out, timeline->now_ns > timeline->begin_ns ? timeline->now_ns - timeline->begin_ns : 0);
    trace_json_member(out, "name", "requests");
    arguments_begin(timeline);
    trace_json_member_number(out, "with the driver", object->device_count);
    trace_json_member_number(out, "waiting", object->waiting_count);
    arguments_end(timeline);
    line_end(timeline);
}

/* The request counts from now on, or no longer, for what its stage says. */
static void request_count(struct timeline *timeline, struct request *request, bool counts)
{
    struct object *object = request->object, *adapter = object->adapter;
    uint32_t change = counts ? 1 : -1u;
    bool waits = request->stage == STAGE_WAITING || request->stage == STAGE_HELD;

    if (!waits && request->stage != STAGE_DEVICE)
        return;
    if (waits) {
        object->waiting_count += change;
        adapter->waiting_count += adapter != object ? change : 0;
    } else {
        object->device_count += change;
        adapter->device_count += adapter != object ? change : 0;
    }
    counter_write(timeline, object);
    if (adapter != object)
        counter_write(timeline, adapter);
}

/* ---- stages ---- */

static void put_word(char *text, size_t size, const char *word)
{
    size_t length = strlen(text);

    snprintf(text + length, size - length, "%s%s", length ? ", " : "", word);
}

static void gates_describe(struct timeline *timeline, uint32_t gates, char *text, size_t size)
{
    text[0] = '\0';
    for (unsigned bit = 0; bit < TIMELINE_GATES; bit++) {
        const char *name = gates >> bit & 1 ? timeline->words.gate_name(1u << bit) : NULL;
        if (name)
            put_word(text, size, name);
    }
}

static void stage_begin(struct timeline *timeline, struct request *request)
{
    static const struct {
        const char *name, *colour;
    } stages[] = {
        [STAGE_PORT] = {"port", "grey"},
        [STAGE_WAITING] = {"waits: ", "terrible"},
        [STAGE_HELD] = {"held before StartIo: ", "bad"},
        [STAGE_DEVICE] = {"with the driver", "thread_state_running"},
        [STAGE_COMPLETION] = {"completion", "thread_state_runnable"},
        [STAGE_CLIENT] = {"for its submitter", "thread_state_sleeping"},
    };
    char text[160], why[128] = "";
    const char *name = stages[request->stage].name;

    if (request->stage == STAGE_WAITING || request->stage == STAGE_HELD) {
        gates_describe(timeline, request->gates, why, sizeof(why));
        if (!why[0])
            snprintf(why, sizeof(why), "%s", request->reason ? request->reason : "in the queue");
        snprintf(text, sizeof(text), "%s%s", name, why);
        name = text;
    }
    slice_begin(timeline, &request->lane->track, name, stages[request->stage].colour);
    line_end(timeline);
}

static void waiting_leave(struct request *request)
{
    if (!request->link)
        return;
    *request->link = request->next;
    if (request->next)
        request->next->link = request->link;
    request->link = NULL;
}

static void waiting_enter(struct request *request)
{
    struct object *object = request->object;

    if (request->link)
        return;
    request->next = object->waiting;
    request->link = &object->waiting;
    if (request->next)
        request->next->link = &request->next;
    object->waiting = request;
}

/* The stage before ends here. */
static void stage_leave(struct timeline *timeline, struct request *request)
{
    request_count(timeline, request, false);
    waiting_leave(request);
    track_close(timeline, &request->lane->track, 1);
}

static void stage_enter(struct timeline *timeline, struct request *request,
                        enum request_stage stage)
{
    request->stage = stage;
    stage_begin(timeline, request);
    request_count(timeline, request, true);
    if (stage == STAGE_WAITING || stage == STAGE_HELD)
        waiting_enter(request);
}

static void stage_change(struct timeline *timeline, struct request *request,
                         enum request_stage stage)
{
    stage_leave(timeline, request);
    stage_enter(timeline, request, stage);
}

/* ---- a request begins ---- */

static void put_hex(struct timeline *timeline, const char *key, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[3 * 64 + 1] = "", *at = text;

    for (size_t i = 0; i < length && i < 64; i++) {
        if (i)
            *at++ = ' ';
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 0x0F];
    }
    *at = '\0';
    trace_json_member(timeline->out, key, text);
}

void put_activity(struct timeline *timeline, uint64_t number)
{
    /* A GUID's first three numbers are printed from their highest byte. */
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char digits[] = "0123456789abcdef";
    uint8_t guid[16];
    char text[40], *at = text;

    nt_event_activity(number, guid);
    *at++ = '{';
    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[guid[order[i]] >> 4];
        *at++ = digits[guid[order[i]] & 0x0F];
    }
    *at++ = '}';
    *at = '\0';
    trace_json_member(timeline->out, "activity", text);
}

static void put_request(struct timeline *timeline, const struct nt_event *event,
                        const struct nt_event_request *data, const struct trace_command *command)
{
    struct trace_json *out = timeline->out;

    arguments_begin(timeline);
    if (command->has_lba)
        trace_json_member_number(out, "lba", command->lba);
    if (command->has_blocks)
        trace_json_member_number(out, "blocks", command->blocks);
    if (command->has_length)
        trace_json_member_number(out, "allocation length", command->length);
    trace_json_member_number(out, "bytes", data->length);
    if (data->cdb_length)
        put_hex(timeline, "cdb", data->cdb, data->cdb_length);
    if (data->timeout_s)
        trace_json_member_number(out, "timeout in seconds", data->timeout_s);
    put_activity(timeline, event->a);
    arguments_end(timeline);
}

static void request_name(const struct nt_event *event, const struct nt_event_request *data,
                         const struct trace_command *command, char *name, size_t size)
{
    if (command->has_lba && command->has_blocks)
        snprintf(name, size, "%s %llu +%llu", command->name, (unsigned long long)command->lba,
                 (unsigned long long)command->blocks);
    else if (command->name)
        snprintf(name, size, "%s", command->name);
    else if (data->cdb_length)
        snprintf(name, size, "command %02Xh", data->cdb[0]);
    else
        snprintf(name, size, "%s", event->text);
}

static void request_begin(struct timeline *timeline, const struct nt_event *event)
{
    struct object *object = object_of(timeline, event->object);
    struct nt_event_request data = {0};
    struct trace_command command;
    char name[96];

    if (!object || table_find(&timeline->requests, event->a))
        return;
    memcpy(&data, event->data, event->size < sizeof(data) ? event->size : sizeof(data));
    if (data.cdb_length > sizeof(data.cdb))
        data.cdb_length = sizeof(data.cdb);
    struct request *request = calloc(1, sizeof(*request));
    struct lane *lane = request ? lane_take(timeline, object) : NULL;
    if (!lane || !table_insert(&timeline->requests, event->a, request)) {
        if (lane)
            lane_give(object, lane);
        free(request);
        return;
    }
    request->key = event->a;
    request->object = object;
    request->lane = lane;
    timeline->requests_seen++;
    trace_command_decode(data.cdb, data.cdb_length, &command);
    request_name(event, &data, &command, name, sizeof(name));
    slice_begin(timeline, &lane->track, name, NULL);
    trace_json_member(timeline->out, "cat", "request");
    put_request(timeline, event, &data, &command);
    line_end(timeline);
    stage_enter(timeline, request, STAGE_PORT);
}

/* ---- and ends ---- */

static void put_named(struct timeline *timeline, const char *key, unsigned number, const char *name)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[64] = {digits[number >> 4 & 0x0F], digits[number & 0x0F], 'h', ' '};
    size_t length = name ? strnlen(name, sizeof(text) - 5) : 0;

    memcpy(text + 4, name ? name : "", length);
    trace_json_member(timeline->out, key, text);
}

static void put_result(struct timeline *timeline, const struct request *request)
{
    static const char *const outcomes[] = {
        NULL,        "no device", "timed out",   "cancelled",
        "no memory", "too large", "not powered", "unsupported",
    };
    struct trace_json *out = timeline->out;
    unsigned srb = request->result & 0xFF, scsi = request->result >> 8 & 0xFF;
    unsigned outcome = request->result >> 16 & 0xFF;
    char sense[64];

    put_named(timeline, "SRB status", srb, trace_srb_status_name((uint8_t)srb));
    put_named(timeline, "SCSI status", scsi, trace_scsi_status_name((uint8_t)scsi));
    if (outcome && outcome < sizeof(outcomes) / sizeof(outcomes[0]))
        trace_json_member(out, "outcome", outcomes[outcome]);
    trace_json_member_number(out, "transferred", request->result >> 32);
    if (request->sense) {
        unsigned key = request->sense >> 16 & 0x0F;
        snprintf(sense, sizeof(sense), "%X/%02X/%02X %s", key,
                 (unsigned)(request->sense >> 8 & 0xFF), (unsigned)(request->sense & 0xFF),
                 trace_sense_key_name((uint8_t)key));
        trace_json_member(out, "sense", sense);
    }
}

static void request_end(struct timeline *timeline, struct request *request, const char *why)
{
    stage_leave(timeline, request);
    if (slice_end(timeline, &request->lane->track)) {
        arguments_begin(timeline);
        if (request->returned)
            put_result(timeline, request);
        if (request->retries)
            trace_json_member_number(timeline->out, "retries", request->retries);
        if (why)
            trace_json_member(timeline->out, "end", why);
        arguments_end(timeline);
        line_end(timeline);
    }
    table_remove(&timeline->requests, request->key);
    lane_give(request->object, request->lane);
    free(request);
}

/* ---- what happens to it ---- */

/* The driver's BuildIo or StartIo begins, on the processor. */
static void routine_begin(struct timeline *timeline, const struct nt_event *event,
                          struct request *request)
{
    struct track *track = track_of_event(timeline, event);
    bool sends = event->kind == NT_EVENT_REQUEST_SENT;

    if (request && sends) {
        stage_leave(timeline, request);
        request->stage = STAGE_PORT; /* left, and counts nowhere */
        stage_enter(timeline, request, STAGE_DEVICE);
        request->flow = (struct arrow){.number = ++timeline->flows};
        flow(timeline, &request->lane->track, 's', &request->flow);
        request->starting = track;
    }
    slice_begin(timeline, track, event->text, NULL);
    arguments_begin(timeline);
    trace_json_member_number(timeline->out, "SRB function", event->b);
    if (request)
        put_activity(timeline, request->key);
    arguments_end(timeline);
    line_end(timeline);
    if (request && sends)
        flow(timeline, track, 't', &request->flow);
}

/* The driver gave it back: an arrow to whatever it did so in, unless that is StartIo. */
static void request_completed(struct timeline *timeline, const struct nt_event *event,
                              struct request *request)
{
    struct track *track = track_of_event(timeline, event);

    if (request->flow.number && request->starting != track && track->depth)
        flow(timeline, track, 'f', &request->flow);
    request->flow.number = 0;
    stage_change(timeline, request, STAGE_COMPLETION);
}

static void request_waits(struct timeline *timeline, const struct nt_event *event,
                          struct request *request, enum request_stage stage)
{
    uint32_t gates = (uint32_t)event->b;
    const char *reason = event->text[0] ? event->text : NULL;

    if (request->stage == stage && request->gates == gates && request->reason == reason)
        return;
    stage_leave(timeline, request);
    request->gates = gates;
    request->reason = reason;
    stage_enter(timeline, request, stage);
}

static void request_follow(struct timeline *timeline, const struct nt_event *event,
                           struct request *request)
{
    switch (event->kind) {
    case NT_EVENT_REQUEST_WAITS:
        request_waits(timeline, event, request, STAGE_WAITING);
        break;
    case NT_EVENT_REQUEST_HELD:
        request_waits(timeline, event, request, STAGE_HELD);
        break;
    case NT_EVENT_REQUEST_STARTED:
        if (request->stage != STAGE_PORT)
            stage_change(timeline, request, STAGE_PORT);
        break;
    case NT_EVENT_REQUEST_COMPLETED:
        request_completed(timeline, event, request);
        break;
    case NT_EVENT_REQUEST_RETRIED:
        request->retries = (unsigned)event->b;
        break;
    case NT_EVENT_REQUEST_RETURNED:
        request->returned = true;
        request->result = event->b;
        request->sense = event->c;
        stage_change(timeline, request, STAGE_CLIENT);
        break;
    case NT_EVENT_REQUEST_DONE:
        request_end(timeline, request, NULL);
        break;
    default:
        break;
    }
}

/* It has gone on: what was missing was not its end. */
static void request_believe(struct timeline *timeline, struct request *request)
{
    if (!request->doubtful)
        return;
    request->doubtful = false;
    request_count(timeline, request, true);
    if (request->stage == STAGE_WAITING || request->stage == STAGE_HELD)
        waiting_enter(request);
}

void request_event(struct timeline *timeline, const struct nt_event *event)
{
    struct request *request = table_find(&timeline->requests, event->a);

    if (request)
        request_believe(timeline, request);
    if (event->kind == NT_EVENT_REQUEST_SUBMITTED)
        request_begin(timeline, event);
    else if (event->kind == NT_EVENT_REQUEST_BUILD || event->kind == NT_EVENT_REQUEST_SENT)
        routine_begin(timeline, event, request);
    else if (request)
        request_follow(timeline, event, request);
}

void request_routine_ends(struct timeline *timeline, const struct nt_event *event)
{
    struct request *request = table_find(&timeline->requests, event->a);

    if (request)
        request->starting = NULL;
}

/* ---- all of them ---- */

void requests_reconsider(struct timeline *timeline, struct object *object)
{
    for (struct request *request = object->waiting, *next; request; request = next) {
        uint32_t gates = object->closed | object->adapter->closed;
        next = request->next;
        if (gates == request->gates)
            continue;
        track_close(timeline, &request->lane->track, 1);
        request->gates = gates;
        stage_begin(timeline, request);
    }
}

void requests_doubt(struct timeline *timeline)
{
    struct table *table = &timeline->requests;

    for (size_t i = 0; i < table->room; i++) {
        struct request *request = table->entries[i].value;
        if (!request || request->doubtful)
            continue;
        request_count(timeline, request, false);
        waiting_leave(request);
        request->doubtful = true;
        request->doubtful_since_ns = timeline->now_ns;
    }
}

/* Ends it, where events of it may be missing: there. */
static void request_finish(struct timeline *timeline, struct request *request)
{
    uint64_t now_ns = timeline->now_ns;

    if (request->doubtful) {
        timeline->now_ns = request->doubtful_since_ns;
        request->stage = STAGE_PORT; /* it does not count any more */
        request_end(timeline, request, "not in the trace: events were lost");
        timeline->now_ns = now_ns;
    } else {
        request_end(timeline, request, "after the end of the trace");
    }
}

void requests_finish(struct timeline *timeline)
{
    const struct table *table = &timeline->requests;

    /* What is removed may leave its place to another. */
    for (size_t i = 0; i < table->room; i++)
        while (table->entries[i].value)
            request_finish(timeline, table->entries[i].value);
}
