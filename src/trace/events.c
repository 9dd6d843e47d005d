/*
 * events.c - an event that a driver writes, as a line: its message with its fields in their places,
 * or its fields by name. Without a description, what the event's descriptor says and the data's
 * bytes.
 */
#include "nt/events.h"
#include "trace/providers.h"

#include <ntddk.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- fields ---- */

static uint64_t number_read(const uint8_t *bytes, size_t length)
{
    uint64_t value = 0;

    memcpy(&value, bytes, length < sizeof(value) ? length : sizeof(value));
    return value;
}

static int64_t sign_extend(uint64_t value, size_t length)
{
    unsigned shift = length < 8 ? (unsigned)(64 - 8 * length) : 0;

    return (int64_t)(value << shift) >> shift;
}

static bool type_is(const char *type, const char *in_type)
{
    size_t length = strlen(in_type);

    return strncmp(type, in_type, length) == 0 && (!type[length] || type[length] == ' ');
}

static void put_text(struct trace_output *out, const uint8_t *bytes, size_t length, bool wide)
{
    if (wide) {
        while (length >= 2 && !bytes[length - 1] && !bytes[length - 2])
            length -= 2;
        trace_put_wide(out, bytes, length / 2);
    } else {
        trace_put(out, "%.*s", (int)length, (const char *)bytes);
    }
}

static void put_integer(struct trace_output *out, const char *type, const uint8_t *bytes,
                        size_t length)
{
    uint64_t value = number_read(bytes, length);

    if (strstr(type, "NTSTATUS"))
        trace_put_type(out, "NTSTATUS", 8, value);
    else if (strstr(type, "Hex") || strstr(type, "ErrorCode") || strstr(type, "HResult"))
        trace_put(out, "0x%" PRIX64, value);
    else if (strncmp(type, "win:Int", 7) == 0)
        trace_put(out, "%" PRId64, sign_extend(value, length));
    else
        trace_put(out, "%" PRIu64, value);
}

static void put_real(struct trace_output *out, const uint8_t *bytes, size_t length)
{
    float single;
    double real;

    if (length == sizeof(real)) {
        memcpy(&real, bytes, sizeof(real));
    } else {
        memcpy(&single, bytes, sizeof(single));
        real = (double)single;
    }
    trace_put(out, "%g", real);
}

static void put_field(struct trace_output *out, const char *type, const EVENT_DATA_DESCRIPTOR *data)
{
    const uint8_t *bytes = (const uint8_t *)data->Ptr;
    size_t length = data->Size;

    if (type_is(type, "win:UnicodeString"))
        put_text(out, bytes, length, true);
    else if (type_is(type, "win:AnsiString"))
        put_text(out, bytes, length, false);
    else if (type_is(type, "win:GUID") && length == 16)
        trace_put_guid(out, bytes);
    else if (type_is(type, "win:SID") && length >= 8 && length >= 8 + 4 * (size_t)bytes[1])
        trace_put_sid(out, bytes);
    else if (type_is(type, "win:FILETIME") && length == 8)
        trace_put_time(out, (int64_t)number_read(bytes, length));
    else if (type_is(type, "win:Boolean") && length <= 4)
        trace_put(out, number_read(bytes, length) ? "TRUE" : "FALSE");
    else if (type_is(type, "win:Pointer") && length == 8)
        trace_put(out, "%016" PRIX64, number_read(bytes, length));
    else if ((type_is(type, "win:Float") && length == 4) ||
             (type_is(type, "win:Double") && length == 8))
        put_real(out, bytes, length);
    else if (length > 8 || !length || type_is(type, "win:Binary") || type_is(type, "win:SID"))
        trace_put_bytes(out, bytes, length);
    else
        put_integer(out, type, bytes, length);
}

/* ---- the line ---- */

/* %1 is the first field, %n a new line, %% a percent sign; a format behind a number (%1!s!) says
 * nothing that the field's type does not. */
static void put_message(struct trace_output *out, const STORHOST_EVENT *event, size_t field_count,
                        const EVENT_DATA_DESCRIPTOR *data)
{
    for (const char *at = event->Message; *at;) {
        size_t plain = strcspn(at, "%");
        trace_put(out, "%.*s", (int)plain, at);
        at += plain;
        if (!*at)
            break;
        at++;
        unsigned number = 0;
        const char *digits = at;
        for (; *at >= '0' && *at <= '9' && at - digits < 3; at++)
            number = number * 10 + (unsigned)(*at - '0');
        if (at == digits) {
            trace_put(out, "%c", *at == 'n' ? ' ' : *at ? *at : '%');
            at += *at != '\0';
            continue;
        }
        const char *close = *at == '!' ? strchr(at + 1, '!') : NULL;
        at = close ? close + 1 : at;
        if (number >= 1 && number <= field_count)
            put_field(out, event->Fields[number - 1].Type, &data[number - 1]);
        else
            trace_put(out, "<missing>");
    }
}

static void put_fields(struct trace_output *out, const STORHOST_EVENT *event, size_t field_count,
                       const EVENT_DATA_DESCRIPTOR *data)
{
    for (size_t i = 0; i < field_count; i++) {
        trace_put(out, "%s%s=", i ? ", " : "", event->Fields[i].Name);
        put_field(out, event->Fields[i].Type, &data[i]);
    }
}

static void put_unknown(struct trace_output *out, const struct trace_provider *provider,
                        const EVENT_DESCRIPTOR *event, uint32_t count,
                        const EVENT_DATA_DESCRIPTOR *data)
{
    trace_put(out, "event %u of ", event->Id);
    trace_put_guid(out, (const uint8_t *)&provider->guid);
    trace_put(out, ":");
    for (uint32_t i = 0; i < count; i++) {
        trace_put(out, " ");
        trace_put_bytes(out, (const uint8_t *)data[i].Ptr, data[i].Size);
        trace_put(out, i + 1 < count ? "," : "");
    }
}

static const STORHOST_EVENT *event_find(const struct trace_provider *provider,
                                        const EVENT_DESCRIPTOR *event)
{
    const STORHOST_EVENT *row = __atomic_load_n(&provider->events, __ATOMIC_ACQUIRE);

    for (; row && row->Symbol; row++)
        if (row->Id == event->Id && row->Version == event->Version)
            return row;
    return NULL;
}

/* Level 0 is always meant to be written. */
static bool is_wanted(uint8_t level, const char *symbol)
{
    return trace_level() && level <= trace_level() && trace_flag_is_wanted(symbol);
}

static void put_level(struct trace_output *out, uint8_t level)
{
    char number[8];

    snprintf(number, sizeof(number), "%u", level);
    if (level)
        trace_put(out, "[%s] ", trace_level_name(number));
}

bool trace_event(uint64_t handle, const EVENT_DESCRIPTOR *event, uint32_t count,
                 const EVENT_DATA_DESCRIPTOR *data)
{
    const struct trace_provider *provider = trace_provider_find(handle);
    char line[TRACE_LINE_BYTES] = "";
    struct trace_output out = {line, sizeof(line), 0};

    if (!provider)
        return false;
    const STORHOST_EVENT *row = event_find(provider, event);
    bool printed = is_wanted(event->Level, row ? row->Symbol : "event");
    if (!printed && !nt_events_are_recorded())
        return true;
    trace_put(&out, "%s%s", row ? row->Symbol : "", row ? ": " : "");
    put_level(&out, event->Level);
    if (row) {
        size_t field_count = 0;
        while (row->Fields && row->Fields[field_count].Name && field_count < count)
            field_count++;
        if (row->Message)
            put_message(&out, row, field_count, data);
        if (!row->Message || (field_count && !strchr(row->Message, '%'))) {
            trace_put(&out, "%s", row->Message ? " " : "");
            put_fields(&out, row, field_count, data);
        }
    } else {
        put_unknown(&out, provider, event, count, data);
    }
    trace_event_line(provider->driver, row ? row->Symbol : "event", event->Id, line, printed);
    return true;
}

bool trace_event_string(uint64_t handle, uint8_t level, const uint16_t *text)
{
    const struct trace_provider *provider = trace_provider_find(handle);
    char line[TRACE_LINE_BYTES] = "";
    struct trace_output out = {line, sizeof(line), 0};
    size_t length = 0;

    bool printed = is_wanted(level, "event");
    if (!provider || (!printed && !nt_events_are_recorded()))
        return provider != NULL;
    while (text[length])
        length++;
    put_level(&out, level);
    trace_put_wide(&out, (const uint8_t *)text, length);
    trace_event_line(provider->driver, "event", 0, line, printed);
    return true;
}
