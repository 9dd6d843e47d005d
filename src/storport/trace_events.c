/*
 * trace_events.c - events that a driver writes through Storport (reference, sections 4 and 17):
 * lines of the log when --driver-trace wants them, and of a recording with their names and values.
 *
 * Drivers built for older Windows pass no channel: the same events under codes of their own.
 */
#include "port/trace.h"
#include "storport/adapter.h"
#include "storport/trace_address.h"

#include <stdio.h>
#include <string.h>

enum { DESCRIPTION_MAX = 64, NAME_MAX_UNITS = 32, PAIRS_MAX = 8, BYTES_MAX = 1024 };

struct event {
    PSTOR_ADDRESS address;
    ULONG channel, id, level;
    PWSTR description;
    bool may_be_long; /* the description */
    PVOID srb;
    struct {
        PWSTR name;
        ULONGLONG value;
    } pairs[PAIRS_MAX];
    const uint8_t *bytes;
    ULONG length;
};

/* Up to one more than the limit. */
static size_t units_of(PCWSTR text, size_t limit)
{
    size_t length = 0;

    while (text && length <= limit && text[length])
        length++;
    return length;
}

static bool is_legal(const struct event *event)
{
    if (!event->description ||
        (!event->may_be_long && units_of(event->description, DESCRIPTION_MAX) > DESCRIPTION_MAX) ||
        event->channel > StorportEtwEventHealth || event->level > StorportEtwLevelMax)
        return false;
    for (unsigned i = 0; i < PAIRS_MAX; i++)
        if (units_of(event->pairs[i].name, NAME_MAX_UNITS) > NAME_MAX_UNITS)
            return false;
    return true;
}

static void put_wide(struct trace_output *out, PCWSTR text, size_t limit)
{
    trace_put_wide(out, (const uint8_t *)text, units_of(text, limit));
}

static void event_write(struct storport_adapter *adapter, const struct event *event)
{
    char line[TRACE_LINE_BYTES] = "", level[8];
    struct trace_output out = {line, sizeof(line), 0};
    const char *between = ": ";

    storport_trace_address(&out, event->address);
    snprintf(level, sizeof(level), "%u", event->level);
    trace_put(&out, "event %u: ", event->id);
    if (event->level)
        trace_put(&out, "[%s] ", trace_level_name(level));
    put_wide(&out, event->description, TRACE_LINE_BYTES);
    for (unsigned i = 0; i < PAIRS_MAX; i++) {
        if (!units_of(event->pairs[i].name, NAME_MAX_UNITS))
            continue;
        trace_put(&out, "%s", between);
        put_wide(&out, event->pairs[i].name, NAME_MAX_UNITS);
        trace_put(&out, "=0x%llx", (unsigned long long)event->pairs[i].value);
        between = ", ";
    }
    if (event->length) {
        trace_put(&out, "%s", between);
        trace_put_bytes(&out, event->bytes, event->length);
    }
    if (event->srb)
        trace_put(&out, "%ssrb=%p", between, event->srb);
    if (nt_events_are_recorded())
        nt_print_unrecorded("%s: %s", port_driver_service(adapter->port->driver), line);
    else
        trace_line(port_driver_service(adapter->port->driver), "storport event", event->id, line);
}

static void put_wide_text(struct trace_output *out, PCWSTR text, size_t limit)
{
    char narrow[4 * (DESCRIPTION_MAX + 1)] = "";
    struct trace_output part = {narrow, sizeof(narrow), 0};

    put_wide(&part, text, limit);
    trace_put_text(out, "%s", narrow);
}

static void event_record(struct storport_adapter *adapter, const struct event *event)
{
    char data[NT_EVENT_DATA_BYTES], bytes[2 * 256 + 1];
    struct trace_output out = {data, sizeof(data), 0}, hex = {bytes, sizeof(bytes), 0};
    const struct port_slot *slot = event->srb ? port_slot_of(adapter->port, event->srb) : NULL;

    put_wide_text(&out, event->description, DESCRIPTION_MAX);
    trace_put_text(&out, "event");
    trace_put_text(&out, "%u", event->id);
    trace_put_text(&out, "level");
    trace_put_text(&out, "%u", event->level);
    for (unsigned i = 0; i < PAIRS_MAX; i++) {
        if (!units_of(event->pairs[i].name, NAME_MAX_UNITS))
            continue;
        put_wide_text(&out, event->pairs[i].name, NAME_MAX_UNITS);
        trace_put_text(&out, "0x%llx", (unsigned long long)event->pairs[i].value);
    }
    if (event->length) {
        bytes[0] = '\0';
        trace_put_bytes(&hex, event->bytes, event->length < 128 ? event->length : 128);
        trace_put_text(&out, "bytes");
        trace_put_text(&out, "%s", bytes);
    }
    nt_event_write_more(NT_EVENT_RECORD, "event", slot ? port_trace_number(slot) : 0, event->id,
                        &(struct nt_event_more){
                            .object = storport_trace_object(adapter->port->number, event->address),
                            .data = data,
                            .size = out.length});
}

/* `off` is what the routine answers while nobody listens. */
static ULONG event_take(struct storport_adapter *adapter, const struct event *event, ULONG off)
{
    if (!is_legal(event))
        return STOR_STATUS_INVALID_PARAMETER;
    if (!trace_is_listening())
        return off;
    if (nt_events_are_recorded())
        event_record(adapter, event);
    if (trace_level() && event->level <= trace_level() && trace_flag_is_wanted("event"))
        event_write(adapter, event);
    return STOR_STATUS_SUCCESS;
}

/* ---- names and values ---- */

static struct event event_read(__builtin_ms_va_list *arguments, bool has_channel)
{
    struct event event = {.address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS)};

    if (has_channel)
        event.channel = STORPORT_ARGUMENT(arguments, ULONG);
    event.id = STORPORT_ARGUMENT(arguments, ULONG);
    event.description = STORPORT_ARGUMENT(arguments, PWSTR);
    (void)STORPORT_ARGUMENT(arguments, ULONGLONG); /* keywords: all are wanted */
    event.level = STORPORT_ARGUMENT(arguments, ULONG);
    (void)STORPORT_ARGUMENT(arguments, ULONG); /* opcode */
    return event;
}

static ULONG event_with_pairs(struct storport_adapter *adapter, __builtin_ms_va_list *arguments,
                              bool has_channel, unsigned pairs)
{
    struct event event = event_read(arguments, has_channel);

    event.srb = STORPORT_ARGUMENT(arguments, PVOID);
    for (unsigned i = 0; i < pairs; i++) {
        event.pairs[i].name = STORPORT_ARGUMENT(arguments, PWSTR);
        event.pairs[i].value = STORPORT_ARGUMENT(arguments, ULONGLONG);
    }
    return event_take(adapter, &event, STOR_STATUS_NOT_IMPLEMENTED);
}

#define EVENT_ROUTINE(routine_, code_, name_, has_channel_, pairs_)                                \
    static ULONG routine_(struct storport_adapter *adapter, PVOID extension,                       \
                          __builtin_ms_va_list *arguments)                                         \
    {                                                                                              \
        (void)extension;                                                                           \
        return event_with_pairs(adapter, arguments, has_channel_, pairs_);                         \
    }                                                                                              \
    STORPORT_EXTENDED(code_, name_, "Event tracing", routine_)
EVENT_ROUTINE(event2, ExtFunctionMiniportEtwEvent2, "StorPortEtwEvent2", false, 2);
EVENT_ROUTINE(event4, ExtFunctionMiniportEtwEvent4, "StorPortEtwEvent4", false, 4);
EVENT_ROUTINE(event8, ExtFunctionMiniportEtwEvent8, "StorPortEtwEvent8", false, 8);
EVENT_ROUTINE(channel_event2, ExtFunctionMiniportChannelEtwEvent2, "StorPortEtwChannelEvent2", true,
              2);
EVENT_ROUTINE(channel_event4, ExtFunctionMiniportChannelEtwEvent4, "StorPortEtwChannelEvent4", true,
              4);
EVENT_ROUTINE(channel_event8, ExtFunctionMiniportChannelEtwEvent8, "StorPortEtwChannelEvent8", true,
              8);

/* ---- bytes ---- */

static ULONG log_byte_stream(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    struct event event = event_read(arguments, true);

    (void)extension;
    event.length = (USHORT)STORPORT_ARGUMENT(arguments, ULONG);
    event.bytes = STORPORT_ARGUMENT(arguments, const uint8_t *);
    if (!event.bytes || !event.length || event.length > BYTES_MAX)
        return STOR_STATUS_INVALID_PARAMETER;
    return event_take(adapter, &event, STOR_STATUS_UNSUCCESSFUL);
}
STORPORT_EXTENDED(ExtFunctionMiniportLogByteStream, "StorPortEtwLogByteStream", "Event tracing",
                  log_byte_stream);

/* The one description whose length has no limit: what a line has room for is shown. */
static ULONG log_hardware_error(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    struct event event = {.address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS),
                          .level = StorportEtwLevelError,
                          .may_be_long = true};

    (void)extension;
    event.id = STORPORT_ARGUMENT(arguments, ULONG);
    event.description = STORPORT_ARGUMENT(arguments, PWSTR);
    event.length = STORPORT_ARGUMENT(arguments, ULONG);
    event.bytes = STORPORT_ARGUMENT(arguments, const uint8_t *);
    if (!event.bytes || !event.length)
        return STOR_STATUS_INVALID_PARAMETER;
    return event_take(adapter, &event, STOR_STATUS_UNSUCCESSFUL);
}
STORPORT_EXTENDED(ExtFunctionLogHardwareError, "StorPortEtwLogError", "Event tracing",
                  log_hardware_error);

/* ---- the driver is told whether somebody listens ---- */

void storport_tell_tracing(struct storport_adapter *adapter, bool on)
{
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;

    if (!adapter->init.HwTracingEnabled)
        return;
    nt_evidence_push(self, &frame, "HwStorTracingEnabled", adapter->port, NULL);
    adapter->init.HwTracingEnabled(adapter->extension, on);
    nt_evidence_pop(self, &frame);
}
