/*
 * runtime_scan.c - the C library that ntoskrnl.exe exports: text that is taken apart.
 *
 * sscanf and sscanf_s: numbers, words, characters and sets of them. The secure one is told behind
 * each %s, %c and %[ how many characters there is room for.
 */
#include "nt/export.h"
#include "nt/thread.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EXPORT(name_, routine_)                                                                    \
    NT_EXPORT_ROW_AS("ntoskrnl.exe", name_, routine_, "Runtime", NT_HIGH_LEVEL,                    \
                     NT_EXPORT_MAY_BE_LEFT)

enum { END_OF_TEXT = -1, SET_BYTES = 32 };

struct scan {
    const char *text, *start;
    __builtin_ms_va_list *arguments;
    bool secure;
    int assigned;
};

struct directive {
    bool dropped;   /* %*d */
    size_t width;   /* characters at most */
    unsigned bytes; /* of the number */
    char type;
    unsigned char set[SET_BYTES]; /* of %[ and %s: a bit each */
};

static bool is_space(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static void set_add(struct directive *directive, unsigned char first, unsigned char last)
{
    for (unsigned character = first; character <= last; character++)
        directive->set[character / 8] |= (unsigned char)(1u << character % 8);
}

static bool set_has(const struct directive *directive, char character)
{
    unsigned char byte = (unsigned char)character;

    return character && directive->set[byte / 8] & 1u << byte % 8;
}

/* ---- reading a directive ---- */

static const char *read_set(const char *format, struct directive *directive)
{
    bool negated = *format == '^';
    const char *at = format + negated, *first = at;

    while (*at && (*at != ']' || at == first)) {
        bool range = at[1] == '-' && at[2] && at[2] != ']';
        set_add(directive, (unsigned char)*at, (unsigned char)(range ? at[2] : *at));
        at += range ? 3 : 1;
    }
    for (unsigned i = 0; negated && i < SET_BYTES; i++)
        directive->set[i] = (unsigned char)~directive->set[i];
    return *at ? at + 1 : at;
}

static const char *read_size(const char *format, unsigned *ret_bytes)
{
    static const struct {
        const char *prefix;
        unsigned bytes;
    } sizes[] = {{"I64", 8}, {"I32", 4}, {"ll", 8}, {"hh", 1}, {"l", 4}, {"h", 2}, {"I", 8}};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t length = strlen(sizes[i].prefix);
        if (strncmp(format, sizes[i].prefix, length) == 0) {
            *ret_bytes = sizes[i].bytes;
            return format + length;
        }
    }
    return format;
}

/* From behind the percent sign to behind the directive. */
static const char *read_directive(const char *format, struct directive *directive)
{
    *directive = (struct directive){.bytes = 4};
    if (*format == '*') {
        directive->dropped = true;
        format++;
    }
    for (; *format >= '0' && *format <= '9'; format++)
        if (directive->width < INT_MAX / 16)
            directive->width = 10 * directive->width + (size_t)(*format - '0');
    format = read_size(format, &directive->bytes);
    if (!*format)
        return format;
    directive->type = *format++;
    if (directive->type == 'p')
        directive->bytes = 8;
    if (directive->type == '[')
        return read_set(format, directive);
    if (directive->type == 's') {
        set_add(directive, 1, UCHAR_MAX);
        for (unsigned character = 1; character <= ' '; character++)
            if (is_space((char)character))
                directive->set[character / 8] &= (unsigned char)~(1u << character % 8);
    }
    return format;
}

/* ---- taking what it says ---- */

static void *argument(struct scan *scan, const struct directive *directive)
{
    return directive->dropped ? NULL : __builtin_va_arg(*scan->arguments, void *);
}

static void store(void *to, uint64_t number, unsigned bytes)
{
    memcpy(to, &number, bytes); /* of a little-endian machine */
}

static unsigned digit_of(char character)
{
    if (character >= '0' && character <= '9')
        return (unsigned)(character - '0');
    character |= 0x20;
    return character >= 'a' && character <= 'z' ? (unsigned)(character - 'a') + 10 : UINT_MAX;
}

static unsigned base_of(char type)
{
    return type == 'x' || type == 'X' || type == 'p' ? 16 : type == 'o' ? 8 : type == 'i' ? 0 : 10;
}

static bool take_number(struct scan *scan, const struct directive *directive)
{
    const char *at = scan->text, *end;
    unsigned base = base_of(directive->type);
    uint64_t number = 0;
    bool negative = *at == '-', any = false;

    end = directive->width ? at + strnlen(at, directive->width) : at + strlen(at);
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if ((base == 16 || base == 0) && end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x' &&
        digit_of(at[2]) < 16) {
        at += 2;
        base = 16;
    }
    if (base == 0)
        base = at < end && *at == '0' ? 8 : 10;
    for (; at < end && digit_of(*at) < base; at++, any = true)
        number = number * base + digit_of(*at);
    if (!any)
        return false;
    scan->text = at;
    void *to = argument(scan, directive);
    if (to) {
        store(to, negative ? 0 - number : number, directive->bytes);
        scan->assigned++;
    }
    return true;
}

/* %s, %[ and %c. What there is no room for leaves an empty text. */
static bool take_characters(struct scan *scan, const struct directive *directive)
{
    bool characters = directive->type == 'c';
    size_t most = directive->width ? directive->width : characters ? 1 : SIZE_MAX, length = 0;
    char *to = argument(scan, directive);
    size_t room = to && scan->secure ? __builtin_va_arg(*scan->arguments, unsigned) : SIZE_MAX;

    while (length < most && scan->text[length] &&
           (characters || set_has(directive, scan->text[length])))
        length++;
    if (!length || (characters && length < most))
        return false;
    if (to && length + !characters > room) {
        if (room)
            to[0] = 0;
        return false;
    }
    if (to) {
        memcpy(to, scan->text, length);
        if (!characters)
            to[length] = 0;
        scan->assigned++;
    }
    scan->text += length;
    return true;
}

static bool take(struct scan *scan, const struct directive *directive)
{
    if (directive->type != 'c' && directive->type != '[' && directive->type != 'n')
        while (is_space(*scan->text))
            scan->text++;
    switch (directive->type) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
    case 'p':
        return take_number(scan, directive);
    case 's':
    case 'c':
    case '[':
        return take_characters(scan, directive);
    case 'n':
        if (!directive->dropped)
            store(__builtin_va_arg(*scan->arguments, void *), (uint64_t)(scan->text - scan->start),
                  directive->bytes);
        return true;
    case '%':
        return *scan->text == '%' && scan->text++;
    default:
        return false;
    }
}

static int scan_all(struct scan *scan, const char *format)
{
    struct directive directive;
    bool goes_on = true;

    while (*format && goes_on) {
        if (is_space(*format)) {
            while (is_space(*scan->text))
                scan->text++;
            format++;
        } else if (*format != '%') {
            goes_on = *scan->text == *format++;
            scan->text += goes_on;
        } else {
            format = read_directive(format + 1, &directive);
            goes_on = take(scan, &directive);
        }
    }
    return !goes_on && !scan->assigned && !*scan->text ? END_OF_TEXT : scan->assigned;
}

static NT_ABI int runtime_sscanf(const char *text, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int assigned =
        scan_all(&(struct scan){.text = text, .start = text, .arguments = &arguments}, format);
    __builtin_ms_va_end(arguments);
    return assigned;
}
EXPORT("sscanf", runtime_sscanf);

static NT_ABI int runtime_sscanf_s(const char *text, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int assigned = scan_all(
        &(struct scan){.text = text, .start = text, .arguments = &arguments, .secure = true},
        format);
    __builtin_ms_va_end(arguments);
    return assigned;
}
EXPORT("sscanf_s", runtime_sscanf_s);
