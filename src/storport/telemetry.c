/*
 * telemetry.c - StorPortLogTelemetry and StorPortLogTelemetryEx: named values and a buffer that a
 * driver wants to be known. They are a line of the log when --driver-trace wants information, lie
 * in the event ring whenever that is on, and are in a recording with their names and values.
 */
#include "nt/print.h"
#include "storport/adapter.h"
#include "storport/trace_address.h"

enum { PAIRS_MAX = 8, RECORDED_BYTES_MAX = 128 };

/* The record's eight pairs, which it has as members of their own. */
struct pair {
    UCHAR name[EVENT_MAX_PARAM_NAME_LEN];
    ULONGLONG value;
};
_Static_assert(sizeof(STORPORT_TELEMETRY_EVENT) ==
                   offsetof(STORPORT_TELEMETRY_EVENT, ParameterName0) +
                       PAIRS_MAX * sizeof(struct pair),
               "eight pairs end the record");

/* Names are fields of fixed length: one that fills its field has no end. */
static void put_name(struct trace_output *out, const UCHAR *name, size_t size)
{
    for (size_t i = 0; i < size && name[i]; i++)
        trace_put(out, "%c", name[i] >= 0x20 && name[i] < 0x7F ? (char)name[i] : '?');
}

/* A pair without a name says nothing: its value counts as 0 (documented), and is left out. */
static void put_pairs(struct trace_output *out, const STORPORT_TELEMETRY_EVENT *event)
{
    const struct pair *pairs = (const struct pair *)event->ParameterName0;

    for (unsigned i = 0; i < PAIRS_MAX; i++) {
        if (!pairs[i].name[0])
            continue;
        trace_put(out, ", ");
        put_name(out, pairs[i].name, sizeof(pairs[i].name));
        trace_put(out, "=0x%llx", (unsigned long long)pairs[i].value);
    }
}

static void telemetry_line(const struct storport_adapter *adapter, PSTOR_ADDRESS address,
                           const STORPORT_TELEMETRY_EVENT *event, const char *category, bool print)
{
    static const char site[] = "storport telemetry";
    char line[TRACE_LINE_BYTES] = "";
    struct trace_output out = {line, sizeof(line), 0};

    storport_trace_address(&out, address);
    trace_put(&out, "%s %u ", category, event->EventId);
    put_name(&out, event->EventName, sizeof(event->EventName));
    trace_put(&out, ": version %u, driver 0x%x", event->EventVersion, event->DriverVersion);
    if (event->Flags)
        trace_put(&out, ", flags 0x%x", event->Flags);
    put_pairs(&out, event);
    if (event->EventBufferLength) {
        trace_put(&out, ", %u bytes: ", event->EventBufferLength);
        trace_put_bytes(&out, event->EventBuffer, event->EventBufferLength);
    }
    if (print && nt_events_are_recorded())
        nt_print_unrecorded("%s: %s", port_driver_service(adapter->port->driver), line);
    else if (print)
        trace_line(port_driver_service(adapter->port->driver), site, event->EventId, line);
    else
        nt_event_write_line(site, event->EventId, line);
}

/* Names in a recording may be any bytes: it writes them as they can be read. */
static void put_field(struct trace_output *out, const UCHAR *field, size_t size)
{
    trace_put_text(out, "%.*s", (int)size, (const char *)field);
}

static void telemetry_record(const struct storport_adapter *adapter, PSTOR_ADDRESS address,
                             const STORPORT_TELEMETRY_EVENT *event, const char *category)
{
    const struct pair *pairs = (const struct pair *)event->ParameterName0;
    char data[NT_EVENT_DATA_BYTES], bytes[2 * RECORDED_BYTES_MAX + 1] = "";
    struct trace_output out = {data, sizeof(data), 0}, hex = {bytes, sizeof(bytes), 0};

    put_field(&out, event->EventName, sizeof(event->EventName));
    trace_put_text(&out, "event");
    trace_put_text(&out, "%u", event->EventId);
    trace_put_text(&out, "version");
    trace_put_text(&out, "%u", event->EventVersion);
    trace_put_text(&out, "driver version");
    trace_put_text(&out, "0x%x", event->DriverVersion);
    trace_put_text(&out, "flags");
    trace_put_text(&out, "0x%x", event->Flags);
    for (unsigned i = 0; i < PAIRS_MAX; i++) {
        if (!pairs[i].name[0])
            continue;
        put_field(&out, pairs[i].name, sizeof(pairs[i].name));
        trace_put_text(&out, "0x%llx", (unsigned long long)pairs[i].value);
    }
    if (event->EventBufferLength) {
        size_t length = event->EventBufferLength;
        trace_put_bytes(&hex, event->EventBuffer,
                        length < RECORDED_BYTES_MAX ? length : RECORDED_BYTES_MAX);
        trace_put_text(&out, "bytes");
        trace_put_text(&out, "%s", bytes);
    }
    nt_event_write_more(
        NT_EVENT_RECORD, category, 0, event->EventId,
        &(struct nt_event_more){.object = storport_trace_object(adapter->port->number, address),
                                .data = data,
                                .size = out.length});
}

static ULONG telemetry_take(const struct storport_adapter *adapter, PSTOR_ADDRESS address,
                            const STORPORT_TELEMETRY_EVENT *event, ULONG category)
{
    static const char *const names[] = {
        [StorTelemetryCategory] = "telemetry",
        [StorMeasuresCategory] = "measures",
    };

    if (!event || category > StorMeasuresCategory)
        return STOR_STATUS_INVALID_PARAMETER;
    if (event->EventBufferLength > EVENT_BUFFER_MAX_LENGTH)
        return STOR_STATUS_INVALID_BUFFER_SIZE;
    if (!event->EventBufferLength != !event->EventBuffer)
        return STOR_STATUS_INVALID_PARAMETER;
    bool print =
        trace_level() >= StorportEtwLevelInformational && trace_flag_is_wanted(names[category]);
    if (nt_events_are_recorded())
        telemetry_record(adapter, address, event, names[category]);
    if (print || (nt_events_are_on() && !nt_events_are_recorded()))
        telemetry_line(adapter, address, event, names[category], print);
    return STOR_STATUS_SUCCESS;
}

static ULONG log_telemetry(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    PSTORPORT_TELEMETRY_EVENT event = STORPORT_ARGUMENT(arguments, PSTORPORT_TELEMETRY_EVENT);

    (void)extension;
    return telemetry_take(adapter, address, event, StorTelemetryCategory);
}
STORPORT_EXTENDED(ExtFunctionMiniportTelemetry, "StorPortLogTelemetry", "Event tracing",
                  log_telemetry);

static ULONG log_telemetry_extended(struct storport_adapter *adapter, PVOID extension,
                                    __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    PSTORPORT_TELEMETRY_EVENT event = STORPORT_ARGUMENT(arguments, PSTORPORT_TELEMETRY_EVENT);
    ULONG category = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    return telemetry_take(adapter, address, event, category);
}
STORPORT_EXTENDED(ExtFunctionMiniportTelemetryEx, "StorPortLogTelemetryEx", "Event tracing",
                  log_telemetry_extended);
