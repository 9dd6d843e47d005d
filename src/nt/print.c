/*
 * print.c - where text goes: whole lines to one sink.
 *
 * A driver may print half a line and finish it later, and several threads may print at once. The
 * halves are kept with the thread, so that lines never mix.
 */
#include "nt/print.h"

#include "nt/events.h"
#include "nt/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

struct nt_print_partial {
    char driver[64];
    size_t length;
    char text[LINE_MAX_BYTES];
};

/* Changed at PASSIVE_LEVEL before drivers run; read by any thread. */
static void (*sink)(void *context, const char *line);
static void *sink_context;

static void line_to_stderr(const char *line)
{
    char buffer[LINE_MAX_BYTES + 128];
    int length = snprintf(buffer, sizeof(buffer), "%s\n", line);

    if (length >= (int)sizeof(buffer)) {
        length = (int)sizeof(buffer) - 1;
        buffer[length - 1] = '\n';
    }
    /* One write a line, so that the lines of several processes do not mix either. */
    for (int done = 0; done < length;) {
        ssize_t written = write(STDERR_FILENO, buffer + done, (size_t)(length - done));
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0)
            done += (int)written;
    }
}

static void line_emit(const char *line)
{
    void (*to)(void *context, const char *line) = __atomic_load_n(&sink, __ATOMIC_ACQUIRE);

    if (to)
        to(sink_context, line);
    else
        line_to_stderr(line);
}

void nt_print_set_sink(void (*new_sink)(void *context, const char *line), void *context)
{
    sink_context = context;
    __atomic_store_n(&sink, new_sink, __ATOMIC_RELEASE);
}

static void line_record(const char *line)
{
    if (nt_events_are_recorded())
        nt_event_write_more(NT_EVENT_LOG, "log", 0, 0,
                            &(struct nt_event_more){.data = line, .size = strlen(line)});
}

void nt_print_unrecorded(const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    line_emit(line);
}

void nt_print(const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    line_record(line);
    line_emit(line);
}

/* ---- what drivers print ---- */

static void partial_emit(struct nt_print_partial *partial)
{
    char line[LINE_MAX_BYTES + 80];

    partial->text[partial->length] = '\0';
    snprintf(line, sizeof(line), "%s: %s", partial->driver, partial->text);
    partial->length = 0;
    line_record(line);
    line_emit(line);
}

static void partial_append(struct nt_print_partial *partial, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            partial_emit(partial);
        } else if (*text != '\r') {
            if (partial->length == sizeof(partial->text) - 1)
                partial_emit(partial);
            partial->text[partial->length++] = *text;
        }
    }
}

void nt_print_driver(const char *driver, const char *format, __builtin_ms_va_list arguments)
{
    struct nt_thread *self = nt_self();
    struct nt_print_partial *partial = self->print_partial;
    char text[LINE_MAX_BYTES];

    nt_format(text, sizeof(text), format, arguments);
    if (!partial) {
        partial = calloc(1, sizeof(*partial));
        if (!partial) {
            line_emit(text); /* better without prefix than not at all */
            return;
        }
        self->print_partial = partial;
    }
    if (strncmp(partial->driver, driver, sizeof(partial->driver) - 1) != 0) {
        if (partial->length)
            partial_emit(partial);
        snprintf(partial->driver, sizeof(partial->driver), "%s", driver);
    }
    partial_append(partial, text);
}

void print_partial_destroy(struct nt_thread *self)
{
    struct nt_print_partial *partial = self->print_partial;

    if (!partial)
        return;
    if (partial->length)
        partial_emit(partial);
    free(partial);
    self->print_partial = NULL;
}
