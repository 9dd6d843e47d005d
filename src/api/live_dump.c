/*
 * live_dump.c - dumps that drivers capture, as JSON files for people: what the driver says, what it
 * has, what happened last.
 *
 * Rule: a dump is written inside a callback of the driver, so nothing here sends a request or waits
 * for one. How much there is of everything has a bound, and so has the number of dumps.
 */
#include "api/api_internal.h"
#include "api/describe.h"
#include "api/dump_file.h"
#include "nt/bugcheck.h"
#include "nt/events.h"
#include "nt/thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DUMPS_MAX = 16,
    VERSION = 1,
    TELEMETRY_MAX = 1 << 20, /* of a full dump; a mini one has the first part */
    TELEMETRY_MINI_MAX = 16 << 10,
    EXTENSION_MAX = 256 << 10, /* of a full dump; a mini one has none */
    EVENTS_MAX = 512,
    EVENTS_MINI_MAX = 64,
    REQUESTS_MAX = 1024,
    REQUESTS_MINI_MAX = 64,
    UNITS_MAX = 256,
    CALLBACKS_MAX = 16,
    FRAMES_MAX = 64,
    CDB_BYTES = 16,
};

static struct {
    struct sys_mutex mutex;
    int directory;
    unsigned written;
} dumps = {.directory = -1};

/* ---- parts ---- */

static void put_time(struct json_writer *writer)
{
    char when[DUMP_TIME_BYTES];

    dump_time(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ");
    json_text(writer, "utc", when);
    json_number(writer, "monotonic_ns", sys_now_ns());
}

static void put_hex(struct json_writer *writer, const char *key, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%" PRIx64, number);
    json_text(writer, key, text);
}

/* Without what a driver holds of keys. */
static void put_memory(struct json_writer *writer, const char *key, struct port_adapter *adapter,
                       const uint8_t *bytes, size_t length, size_t limit)
{
    size_t shown = length < limit ? length : limit;
    uint8_t *copy = shown != 0 ? malloc(shown) : NULL;

    if (copy == NULL)
        return;
    port_live_dump_copy(copy, bytes, shown);
    port_crypto_redact(adapter, copy, shown);
    json_open(writer, key, '{');
    json_number(writer, "length", length);
    json_bytes(writer, "bytes", copy, shown);
    json_close(writer, '}');
    free(copy);
}

static void put_issue(struct json_writer *writer, const struct port_live_dump *dump)
{
    json_text(writer, "issue", dump->issue);
    json_text(writer, "component", dump->component);
    json_text(writer, "unit", dump->unit != NULL ? port_unit_name(dump->unit) : "");
    json_text(writer, "bucket", dump->bucket);
    json_bytes(writer, "organization", dump->organization, sizeof(dump->organization));
    put_memory(writer, "telemetry", dump->adapter, dump->telemetry, dump->telemetry_length,
               dump->full ? TELEMETRY_MAX : TELEMETRY_MINI_MAX);
}

static void put_thread(struct json_writer *writer)
{
    void *addresses[FRAMES_MAX];
    char line[256];
    unsigned depth = 0;
    size_t count;

    json_open(writer, "callbacks", '[');
    for (const struct nt_evidence *frame = nt_self()->evidence;
         frame != NULL && depth < CALLBACKS_MAX; frame = frame->previous, depth++)
        json_text(writer, NULL, frame->callback);
    json_close(writer, ']');
    json_open(writer, "backtrace", '[');
    count = sys_backtrace_addresses(addresses, FRAMES_MAX);
    for (size_t i = 0; i < count; i++) {
        nt_address_describe(addresses[i], line, sizeof(line));
        json_text(writer, NULL, line);
    }
    json_close(writer, ']');
}

static void put_units(struct json_writer *writer, struct port_adapter *adapter)
{
    struct port_unit *unit;

    json_open(writer, "units", '[');
    for (unsigned i = 0; i < UNITS_MAX && (unit = port_unit_get(adapter, i)) != NULL; i++) {
        struct port_unit_info info;
        port_unit_describe(unit, &info);
        json_open(writer, NULL, '{');
        json_text(writer, "name", port_unit_name(unit));
        json_truth(writer, "present", port_unit_present(unit));
        json_number(writer, "depth", info.depth);
        json_number(writer, "resets", port_unit_resets(unit));
        json_text(writer, "vendor", info.vendor);
        json_text(writer, "product", info.product);
        json_text(writer, "revision", info.revision);
        describe_rpmb(writer, info.rpmb);
        describe_crypto_key(writer, unit);
        json_close(writer, '}');
        port_unit_release(unit);
    }
    json_close(writer, ']');
}

static void put_outstanding(struct json_writer *writer, const struct port_adapter *adapter,
                            unsigned limit)
{
    struct port_outstanding request;
    uint32_t slot = 0;

    json_open(writer, "requests", '[');
    for (unsigned i = 0; i < limit && port_outstanding_next(adapter, &slot, &request); i++) {
        json_open(writer, NULL, '{');
        json_number(writer, "slot", request.slot);
        json_text(writer, "state", request.state);
        json_text(writer, "unit", request.unit != NULL ? port_unit_name(request.unit) : "");
        json_number(writer, "age_s", request.age_s);
        json_number(writer, "timeout_s", request.timeout_s);
        json_number(writer, "length", request.length);
        put_hex(writer, "function", request.function);
        json_bytes(writer, "cdb", request.cdb, CDB_BYTES);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void put_findings(struct json_writer *writer)
{
    const char *rule;
    char text[256];

    json_number(writer, "finding_count", nt_finding_count());
    json_open(writer, "findings", '[');
    for (unsigned i = 0; nt_finding_at(i, &rule, text, sizeof(text)); i++) {
        json_open(writer, NULL, '{');
        json_text(writer, "rule", rule);
        json_text(writer, "text", text);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static const char *kind_name(unsigned kind)
{
    static const char *const names[] = {
        [NT_EVENT_CALLBACK_ENTER] = "callback begins",
        [NT_EVENT_CALLBACK_LEAVE] = "callback ends",
        [NT_EVENT_REQUEST_SUBMITTED] = "request submitted",
        [NT_EVENT_REQUEST_WAITS] = "request waits",
        [NT_EVENT_REQUEST_STARTED] = "request started",
        [NT_EVENT_REQUEST_BUILD] = "BuildIo begins",
        [NT_EVENT_REQUEST_SENT] = "StartIo begins",
        [NT_EVENT_REQUEST_HELD] = "request held after BuildIo",
        [NT_EVENT_REQUEST_COMPLETED] = "request completed",
        [NT_EVENT_REQUEST_RETRIED] = "request retried",
        [NT_EVENT_REQUEST_RETURNED] = "request returned",
        [NT_EVENT_REQUEST_DONE] = "request done",
        [NT_EVENT_INTERRUPT] = "interrupt begins",
        [NT_EVENT_INTERRUPT_END] = "interrupt ends",
        [NT_EVENT_DPC] = "DPC begins",
        [NT_EVENT_DPC_END] = "DPC ends",
        [NT_EVENT_TIMER] = "timer begins",
        [NT_EVENT_TIMER_END] = "timer ends",
        [NT_EVENT_RESET] = "reset begins",
        [NT_EVENT_RESET_END] = "reset ends",
        [NT_EVENT_GATE] = "gate",
        [NT_EVENT_LOG] = "log",
        [NT_EVENT_DRIVER_TRACE] = "trace",
        [NT_EVENT_FINDING] = "finding",
        [NT_EVENT_RECORD] = "record",
        [NT_EVENT_STATE] = "state",
        [NT_EVENT_NAME] = "name",
        [NT_EVENT_BUGCHECK] = "bug check",
        [NT_EVENT_COUNTER] = "counter",
        [NT_EVENT_PHASE] = "phase",
    };

    return kind < sizeof(names) / sizeof(names[0]) && names[kind] != NULL ? names[kind] : "other";
}

static void put_event(struct json_writer *writer, const struct nt_event *event)
{
    bool has_line = event->kind == NT_EVENT_LOG || event->kind == NT_EVENT_DRIVER_TRACE ||
                    event->kind == NT_EVENT_FINDING;

    json_open(writer, NULL, '{');
    json_number(writer, "time_ns", event->time_ns);
    if (event->processor != NT_EVENT_NO_PROCESSOR)
        json_number(writer, "processor", event->processor);
    json_number(writer, "thread", event->thread);
    json_text(writer, "kind", kind_name(event->kind));
    json_text(writer, "what", event->text);
    if (has_line) {
        json_text(writer, "line", event->line);
    } else {
        put_hex(writer, "a", event->a);
        put_hex(writer, "b", event->b);
    }
    json_close(writer, '}');
}

static void put_events(struct json_writer *writer, size_t limit)
{
    struct nt_event *events = calloc(limit, sizeof(*events));
    size_t count = events != NULL ? nt_events_last(events, limit) : 0;

    json_open(writer, "events_newest_first", '[');
    for (size_t i = 0; i < count; i++)
        put_event(writer, &events[i]);
    json_close(writer, ']');
    free(events);
}

/* ---- a dump ---- */

static void dump_put(struct json_writer *writer, const struct port_live_dump *dump)
{
    json_number(writer, "version", VERSION);
    json_text(writer, "storhost", storhost_version());
    json_text(writer, "dump", dump->full ? "live, full" : "live, mini");
    put_time(writer);
    put_issue(writer, dump);
    put_thread(writer);
    json_open(writer, "adapter", '{');
    api_json_adapter(writer, dump->adapter);
    put_units(writer, dump->adapter);
    json_close(writer, '}');
    put_outstanding(writer, dump->adapter, dump->full ? REQUESTS_MAX : REQUESTS_MINI_MAX);
    put_findings(writer);
    put_events(writer, dump->full ? EVENTS_MAX : EVENTS_MINI_MAX);
    if (dump->full)
        put_memory(writer, "device_extension", dump->adapter, dump->extension,
                   dump->extension_length, EXTENSION_MAX);
}

static int dump_text(const struct port_live_dump *dump, char **ret_text, size_t *ret_length)
{
    struct json_writer writer = {.out = open_memstream(ret_text, ret_length)};

    if (writer.out == NULL)
        return -ENOMEM;
    fputc('{', writer.out);
    writer.depth = 1;
    writer.first = true;
    dump_put(&writer, dump);
    json_close(&writer, '}');
    fputc('\n', writer.out);
    bool failed = ferror(writer.out) != 0;
    failed |= fclose(writer.out) != 0;
    return failed ? -ENOMEM : 0;
}

static int dump_write_locked(const struct port_live_dump *dump, char *name, size_t name_size)
{
    struct port_adapter_info info;
    char *text = NULL;
    size_t length = 0;

    port_adapter_describe(dump->adapter, &info);
    int error = dump_text(dump, &text, &length);
    if (error == 0)
        error = dump_file_write(dumps.directory, info.driver, info.port_number, text, length, name,
                                name_size);
    free(text);
    return error;
}

static int dump_write(const struct port_live_dump *dump, char *name, size_t name_size, char *reason,
                      size_t reason_size)
{
    int error = -ENOSPC;

    sys_mutex_lock(&dumps.mutex);
    if (dumps.written < DUMPS_MAX) {
        error = dump_write_locked(dump, name, name_size);
        dumps.written += error == 0;
        if (error != 0)
            snprintf(reason, reason_size, "%s", strerror(-error));
    } else {
        snprintf(reason, reason_size, "there are %d since the machine started, which is the most",
                 DUMPS_MAX);
    }
    sys_mutex_unlock(&dumps.mutex);
    return error;
}

/* ---- the machine ---- */

int api_dumps_start(const char *path, struct storhost_error *error)
{
    if (path == NULL)
        return 0;
    int result = dump_directory_open(path, &dumps.directory);
    if (result != 0) {
        api_error(error, "dumps: %s: %s: give a directory that files can be written to", path,
                  strerror(-result));
        return result;
    }
    dumps.written = 0;
    nt_events_enable(true);
    port_live_dump_set_writer(dump_write);
    return 0;
}

void api_dumps_stop(void)
{
    if (dumps.directory < 0)
        return;
    port_live_dump_set_writer(NULL);
    nt_events_enable(false);
    close(dumps.directory);
    dumps.directory = -1;
}
