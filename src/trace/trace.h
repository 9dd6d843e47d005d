/*
 * trace.h - the traces and events of drivers: which are wanted, and how they become lines.
 *
 * A driver that was built from its source hands over what it wants to say in pieces: a site that
 * describes itself and the arguments (wdk/storhost/trace.h). What is wanted is decided once, when
 * the machine starts; until then, and when nothing is said, nothing is wanted, and a trace costs
 * the driver one test.
 */
#ifndef STORHOST_TRACE_TRACE_H
#define STORHOST_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <storhost/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { TRACE_LINE_BYTES = 1024, TRACE_ARGUMENTS_MAX = 3 * 48 };

/* ---- what is wanted (wanted.c) ---- */

/* `specification` is LEVEL[,FLAG...]: critical, error, warning, information, verbose or a number up
 * to 255, and the names of a driver's flags (none: all of them). NULL: nothing is wanted. 0 or
 * -EINVAL. PASSIVE_LEVEL, before a driver is loaded. */
int trace_set_wanted(const char *specification);
/* 0: nothing. Any IRQL. */
uint8_t trace_level(void);
/* Somebody wants events: lines of them, or a recording, which wants all. Any IRQL. */
bool trace_is_listening(void);
bool trace_level_is_wanted(uint8_t level);
bool trace_flag_is_wanted(const char *flag);
/* "ERROR" of 2, "TRACE_LEVEL_ERROR" and "2"; what it is no level of is returned as it is. */
const char *trace_level_name(const char *text);
/* The number of a level as a driver's source spells it; -1: it is none. */
int trace_level_number(const char *text);

/* Whose traces they are: a number for a driver's service, the same for the same one. 0: too many
 * drivers. Any IRQL. */
uint64_t trace_owner_number(const char *driver);
const char *trace_owner_name(uint64_t number);

/* ---- lines ---- */

/* Prints one line for `driver` and puts it into the event ring. `site` stays the same for the same
 * place in the driver: it stands for the line where two runs are compared. Any IRQL. */
void trace_line(const char *driver, const char *site, uint32_t number, const char *line);
/* The same for an event that lines are wanted of or not; a recording has it always. */
void trace_event_line(const char *driver, const char *site, uint32_t number, const char *line,
                      bool printed);
/* The line that a message makes (message.c). */
void trace_message_format(char line[TRACE_LINE_BYTES], const STORHOST_TRACE_SITE *site,
                          __builtin_ms_va_list arguments);

/* Text with room; what does not fit is cut off. It is terminated always. */
struct trace_output {
    char *buffer;
    size_t size, length;
};

/* The slots of one part's arguments, each widened to eight bytes. */
struct trace_arguments {
    uint64_t slots[TRACE_ARGUMENTS_MAX];
    size_t count, next;
};

void trace_put(struct trace_output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* With the zero that ends it: titles, names and values as an event ring's record has them. After
 * what does not fit nothing does. */
void trace_put_text(struct trace_output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One part of a message (format.c): printf's directives as the kernel knows them, and WPP's, which
 * have a name between exclamation marks. */
void trace_format(struct trace_output *out, const STORHOST_TRACE_SITE *site, const char *text,
                  struct trace_arguments *arguments);
/* What a marshalling routine of a driver says that an argument consists of. */
struct trace_sink {
    uint8_t bytes[256];
    size_t length;
};
/* What does not fit is left out. */
void trace_sink_append(struct trace_sink *sink, const void *bytes, size_t length);
/* The value of a type by its name (types.c). False: there is no such type. */
bool trace_put_type(struct trace_output *out, const char *name, size_t length, uint64_t value);
/* The bytes of a record as `item` says to read them (items.c). */
void trace_put_item(struct trace_output *out, const char *item, const uint8_t *bytes,
                    size_t length);
void trace_put_guid(struct trace_output *out, const uint8_t bytes[16]);
void trace_put_sid(struct trace_output *out, const uint8_t *bytes);
void trace_put_bytes(struct trace_output *out, const uint8_t *bytes, size_t length);
void trace_put_wide(struct trace_output *out, const uint8_t *units, size_t count);
void trace_put_time(struct trace_output *out, int64_t time_100ns);

/* ---- events (events.c, providers.c) ---- */

/* The wdk's records, which this header has no need to know. */
struct _EVENT_DESCRIPTOR;
struct _EVENT_DATA_DESCRIPTOR;

/* A registration that a driver has made. Returns its handle, 0 when there are too many. */
uint64_t trace_provider_add(const char *driver, const GUID *guid);
bool trace_provider_remove(uint64_t handle);
/* Takes back what that driver has registered and not given back; how many. PASSIVE_LEVEL. */
unsigned trace_providers_take(const char *driver);
/* False: no registration has that handle. Any IRQL. */
bool trace_provider_exists(uint64_t handle);
bool trace_provider_describe(uint64_t handle, const STORHOST_EVENT *events);
/* A line for the event, if it is wanted. False: no registration has that handle. Any IRQL. */
bool trace_event(uint64_t handle, const struct _EVENT_DESCRIPTOR *event, uint32_t count,
                 const struct _EVENT_DATA_DESCRIPTOR *data);
bool trace_event_string(uint64_t handle, uint8_t level, const uint16_t *text);

/* "STATUS_PENDING"; NULL: the kit has no name for it (made of wdk/ntstatus.h). */
const char *trace_status_name(uint32_t status);

#ifdef __cplusplus
}
#endif

#endif
