/*
 * json.h - JSON text into a buffer that grows. What comes from drivers may be any bytes: strings
 * are valid UTF-8 without control characters whatever they are made of.
 */
#ifndef STORHOST_TRACE_JSON_H
#define STORHOST_TRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct trace_json {
    char *text;
    size_t length, room;
    bool failed; /* no memory: what did not fit is missing */
    bool more;   /* the next member of an object or array needs a comma in front */
};

void trace_json_destroy(struct trace_json *json);
/* As it is. */
void trace_json_raw(struct trace_json *json, const char *text);
void trace_json_bytes(struct trace_json *json, const char *bytes, size_t length);
void trace_json_string(struct trace_json *json, const char *bytes, size_t length);
void trace_json_number(struct trace_json *json, uint64_t number);
/* Nanoseconds as microseconds with a fraction. */
void trace_json_microseconds(struct trace_json *json, uint64_t ns);

void trace_json_open(struct trace_json *json, char bracket);
void trace_json_close(struct trace_json *json, char bracket);
/* Members of an object. Keys are our own and need no escapes. */
void trace_json_key(struct trace_json *json, const char *key);
/* Any bytes as a key. */
void trace_json_key_text(struct trace_json *json, const char *key);
void trace_json_member(struct trace_json *json, const char *key, const char *text);
void trace_json_member_number(struct trace_json *json, const char *key, uint64_t number);

#ifdef __cplusplus
}
#endif

#endif
