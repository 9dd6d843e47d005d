/*
 * json.c - see json.h.
 */
#include "trace/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1 << 16 };

void trace_json_destroy(struct trace_json *json)
{
    free(json->text);
    *json = (struct trace_json){0};
}

static __attribute__((cold, noinline)) bool grow(struct trace_json *json, size_t length)
{
    size_t room = json->room ? json->room : FIRST_ROOM;

    while (room - json->length < length)
        room *= 2;
    char *text = realloc(json->text, room);
    if (!text) {
        json->failed = true;
        return false;
    }
    json->text = text;
    json->room = room;
    return true;
}

static inline void put(struct trace_json *json, const char *bytes, size_t length)
{
    if (__builtin_expect(json->room - json->length < length, 0) && !grow(json, length))
        return;
    memcpy(json->text + json->length, bytes, length);
    json->length += length;
}

void trace_json_raw(struct trace_json *json, const char *text)
{
    put(json, text, strlen(text));
}

void trace_json_bytes(struct trace_json *json, const char *bytes, size_t length)
{
    put(json, bytes, length);
}

/* The length of the well-formed UTF-8 sequence at `bytes`, 0 if there is none: no overlong forms,
 * surrogates or what is beyond U+10FFFF. */
static size_t sequence_length(const unsigned char *bytes, size_t left)
{
    static const struct {
        unsigned char first, last, second_from, second_to;
        unsigned char length;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (bytes[0] < forms[i].first || bytes[0] > forms[i].last)
            continue;
        if (left < forms[i].length || bytes[1] < forms[i].second_from ||
            bytes[1] > forms[i].second_to)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((bytes[k] & 0xC0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';
}

/* One character that is not plain; how many bytes it was. */
static size_t put_special(struct trace_json *json, const unsigned char *bytes, size_t left)
{
    char escape[8];
    size_t length = sequence_length(bytes, left);

    if (length) {
        put(json, (const char *)bytes, length);
        return length;
    }
    if (bytes[0] == '"' || bytes[0] == '\\')
        snprintf(escape, sizeof(escape), "\\%c", bytes[0]);
    else if (bytes[0] < 0x80)
        snprintf(escape, sizeof(escape), "\\u%04x", bytes[0]);
    else
        snprintf(escape, sizeof(escape), "\\ufffd");
    trace_json_raw(json, escape);
    return 1;
}

void trace_json_string(struct trace_json *json, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;

    put(json, "\"", 1);
    while (at < length) {
        size_t plain = at;
        while (plain < length && is_plain(bytes[plain]))
            plain++;
        put(json, text + at, plain - at);
        at = plain;
        if (at < length)
            at += put_special(json, bytes + at, length - at);
    }
    put(json, "\"", 1);
}

void trace_json_number(struct trace_json *json, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    put(json, digits + at, sizeof(digits) - at);
}

void trace_json_microseconds(struct trace_json *json, uint64_t ns)
{
    char fraction[4] = {'.', (char)('0' + ns / 100 % 10), (char)('0' + ns / 10 % 10),
                        (char)('0' + ns % 10)};

    trace_json_number(json, ns / 1000);
    put(json, fraction, sizeof(fraction));
}

void trace_json_open(struct trace_json *json, char bracket)
{
    put(json, &bracket, 1);
    json->more = false;
}

void trace_json_close(struct trace_json *json, char bracket)
{
    put(json, &bracket, 1);
    json->more = true;
}

void trace_json_key(struct trace_json *json, const char *key)
{
    size_t length = strlen(key), room = length + sizeof(",\"\":");

    if (__builtin_expect(json->room - json->length < room, 0) && !grow(json, room))
        return;
    char *at = json->text + json->length;
    if (json->more)
        *at++ = ',';
    json->more = true;
    *at++ = '"';
    at = stpcpy(at, key);
    *at++ = '"';
    *at++ = ':';
    json->length = (size_t)(at - json->text);
}

void trace_json_key_text(struct trace_json *json, const char *key)
{
    if (json->more)
        put(json, ",", 1);
    json->more = true;
    trace_json_string(json, key, strlen(key));
    put(json, ":", 1);
}

void trace_json_member(struct trace_json *json, const char *key, const char *text)
{
    trace_json_key(json, key);
    trace_json_string(json, text, strlen(text));
}

void trace_json_member_number(struct trace_json *json, const char *key, uint64_t number)
{
    trace_json_key(json, key);
    trace_json_number(json, number);
}
