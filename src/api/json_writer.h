/*
 * json_writer.h - JSON text, member by member, to a stream.
 *
 * Rule: strings come from devices and may hold any byte; what is not printable ASCII is escaped as
 * the Latin-1 character of that number, so the text is always valid JSON.
 */
#ifndef STORHOST_API_JSON_WRITER_H
#define STORHOST_API_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whoever writes the outermost brackets starts with depth 1 and `first` true. */
struct json_writer {
    FILE *out;
    unsigned depth;
    bool first; /* nothing has been written at this depth yet */
};

/* The beginning of a member; NULL: an element of a list, which has no name. */
void json_key(struct json_writer *writer, const char *key);
/* A member that consists of others, from '{' to '}' or from '[' to ']'. */
void json_open(struct json_writer *writer, const char *key, char bracket);
void json_close(struct json_writer *writer, char bracket);
/* NULL is written as "". */
void json_text(struct json_writer *writer, const char *key, const char *text);
void json_number(struct json_writer *writer, const char *key, uint64_t number);
void json_truth(struct json_writer *writer, const char *key, bool truth);
/* In hexadecimal; NULL is written as null. */
void json_bytes(struct json_writer *writer, const char *key, const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
