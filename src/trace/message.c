/*
 * message.c - what a trace site and its arguments make: one line, with the place in the source, the
 * function, level and flags before the driver's own text.
 */
#include "trace/trace.h"

#include "nt/events.h"
#include "nt/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void trace_put(struct trace_output *out, const char *format, ...)
{
    va_list arguments;

    if (out->length + 1 >= out->size)
        return;
    va_start(arguments, format);
    int length = vsnprintf(out->buffer + out->length, out->size - out->length, format, arguments);
    va_end(arguments);
    if (length > 0)
        out->length += (size_t)length;
    if (out->length >= out->size)
        out->length = out->size - 1;
}

void trace_put_text(struct trace_output *out, const char *format, ...)
{
    va_list arguments;
    size_t room = out->size - out->length;

    va_start(arguments, format);
    int length = vsnprintf(out->buffer + out->length, room, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < room)
        out->length += (size_t)length + 1;
    else
        out->size = out->length; /* a name without its value would take the next one's */
}

static const char *base_name(const char *path)
{
    const char *name = path;

    for (; *path; path++)
        if (*path == '/' || *path == '\\')
            name = path + 1;
    return name;
}

/* Widens one part's arguments by their kinds: what lies above an int in its slot means nothing. */
static void arguments_take(struct trace_arguments *part, const UCHAR *kinds, char **slots)
{
    part->count = part->next = 0;
    for (; *kinds != STORHOST_TRACE_NO_MORE && part->count < TRACE_ARGUMENTS_MAX; kinds++) {
        uint64_t value;
        memcpy(&value, *slots, sizeof(value));
        *slots += sizeof(value);
        if (*kinds == STORHOST_TRACE_SIGNED_4)
            value = (uint64_t)(int64_t)(int32_t)value;
        else if (*kinds == STORHOST_TRACE_UNSIGNED_4)
            value = (uint32_t)value;
        part->slots[part->count++] = value;
    }
}

/* A line is one line, whatever a driver's text, from `start`, begins or ends with or has in it. */
static void line_straighten(struct trace_output *out, size_t start)
{
    size_t blank = strspn(out->buffer + start, " \t\r\n");

    out->length -= blank;
    memmove(out->buffer + start, out->buffer + start + blank, out->length - start + 1);
    while (out->length && strchr(" \t\r\n", out->buffer[out->length - 1]))
        out->buffer[--out->length] = '\0';
    for (char *at = out->buffer; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
}

void trace_message_format(char line[TRACE_LINE_BYTES], const STORHOST_TRACE_SITE *site,
                          __builtin_ms_va_list arguments)
{
    struct trace_output out = {line, TRACE_LINE_BYTES, 0};
    struct trace_arguments part;
    char *slots = (char *)arguments;

    line[0] = '\0';
    trace_put(&out, "%s:%u: %s:", base_name(site->File), site->Line, site->Function);
    if (site->Level || site->Flags)
        trace_put(&out, " [%s%s%s]", site->Level ? trace_level_name(site->Level) : "",
                  site->Level && site->Flags ? " " : "", site->Flags ? site->Flags : "");
    trace_put(&out, " ");
    size_t start = out.length;
    for (unsigned i = 0; i < STORHOST_TRACE_PARTS; i++) {
        arguments_take(&part, site->Kinds[i], &slots);
        if (!site->Text[i])
            continue;
        if (site->Text[i][0] != ' ' && out.buffer[out.length - 1] != ' ')
            trace_put(&out, " ");
        trace_format(&out, site, site->Text[i], &part);
    }
    line_straighten(&out, start);
}

void trace_line(const char *driver, const char *site, uint32_t number, const char *line)
{
    if (nt_events_are_on())
        nt_event_write_line(site, number, line);
    nt_print_unrecorded("%s: %s", driver, line);
}

void trace_event_line(const char *driver, const char *site, uint32_t number, const char *line,
                      bool printed)
{
    if (printed)
        trace_line(driver, site, number, line);
    else if (nt_events_are_recorded())
        nt_event_write_line(site, number, line);
}
