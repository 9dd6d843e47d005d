/*
 * runtime_format.c - the C library that ntoskrnl.exe exports: formatted text, narrow and wide.
 *
 * One formatter does it all (nt/print.h), in narrow text. For a wide routine the format is made
 * narrow first, and its %s and %S change places: without a size they mean the width of the format.
 */
#include "nt/export.h"
#include "nt/print.h"
#include "nt/text.h"
#include "nt/thread.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, routine_, irql_)                                                             \
    NT_EXPORT_ROW_AS("ntoskrnl.exe", name_, routine_, "Runtime", irql_, NT_EXPORT_MAY_BE_LEFT)

enum { NO_LIMIT = 65536, INVALID_COUNT = -1 };

/* ---- narrow ---- */

static int format_narrow(char *buffer, size_t size, const char *format,
                         __builtin_ms_va_list arguments)
{
    int length = nt_format(buffer, size, format, arguments);

    return length >= 0 && (size_t)length < size ? length : INVALID_COUNT;
}

static NT_ABI int runtime_snprintf(char *buffer, size_t size, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = format_narrow(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("_snprintf", runtime_snprintf, NT_HIGH_LEVEL);

/* The driver says that there is room. */
static NT_ABI int runtime_vsprintf(char *buffer, const char *format, __builtin_ms_va_list arguments)
{
    return format_narrow(buffer, NO_LIMIT, format, arguments);
}
EXPORT("vsprintf", runtime_vsprintf, NT_HIGH_LEVEL);

static NT_ABI int runtime_sprintf(char *buffer, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = format_narrow(buffer, NO_LIMIT, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("sprintf", runtime_sprintf, NT_HIGH_LEVEL);

/* What does not fit leaves an empty text. */
static NT_ABI int runtime_vsprintf_s(char *buffer, size_t size, const char *format,
                                     __builtin_ms_va_list arguments)
{
    int length = buffer && size ? format_narrow(buffer, size, format, arguments) : INVALID_COUNT;

    if (length < 0 && buffer && size)
        buffer[0] = 0;
    return length;
}
EXPORT("vsprintf_s", runtime_vsprintf_s, NT_HIGH_LEVEL);

static NT_ABI int runtime_sprintf_s(char *buffer, size_t size, const char *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = runtime_vsprintf_s(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("sprintf_s", runtime_sprintf_s, NT_HIGH_LEVEL);

/* At most `count` characters: a text that is longer is an error, unless the count says that it may
 * be cut (all bits set). */
static int format_counted(char *buffer, size_t size, size_t count, const char *format,
                          __builtin_ms_va_list arguments)
{
    if (!buffer || !size || !format)
        return INVALID_COUNT;
    bool whole = count < size;
    int length = nt_format(buffer, whole ? count + 1 : size, format, arguments);
    if (length >= 0 && (size_t)length < size && (!whole || (size_t)length <= count))
        return length;
    if (!whole && count != SIZE_MAX)
        buffer[0] = 0;
    return INVALID_COUNT;
}

static NT_ABI int runtime_vsnprintf_s(char *buffer, size_t size, size_t count, const char *format,
                                      __builtin_ms_va_list arguments)
{
    return format_counted(buffer, size, count, format, arguments);
}
EXPORT("_vsnprintf_s", runtime_vsnprintf_s, NT_HIGH_LEVEL);

static NT_ABI int runtime_snprintf_s(char *buffer, size_t size, size_t count, const char *format,
                                     ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = format_counted(buffer, size, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("_snprintf_s", runtime_snprintf_s, NT_HIGH_LEVEL);

/* ---- wide ---- */

/* The narrow form of a wide format. To be freed. */
static char *narrow_format(const uint16_t *format)
{
    size_t units = 0, used = 0;

    while (format[units])
        units++;
    char *text = text_from_utf16(format, units);
    char *narrow = text ? malloc(2 * strlen(text) + 1) : NULL;
    for (const char *at = text; narrow && *at; at++) {
        narrow[used++] = *at;
        if (*at != '%')
            continue;
        bool sized = false;
        for (at++; *at && strchr("-+ #0123456789.*hlwI", *at); at++) {
            sized |= strchr("hlwI", *at) != NULL;
            narrow[used++] = *at;
        }
        if (!*at)
            break;
        if (!sized && (*at == 's' || *at == 'c'))
            narrow[used++] = 'l';
        if (!sized && (*at == 'S' || *at == 'C'))
            narrow[used++] = 'h';
        narrow[used++] = !sized && (*at == 'S' || *at == 'C') ? (char)(*at + 32) : *at;
    }
    if (narrow)
        narrow[used] = 0;
    free(text);
    return narrow;
}

/* As much of the text as fits, always terminated; its length, -1 if it did not fit. */
static int format_wide(uint16_t *buffer, size_t size, const uint16_t *format,
                       __builtin_ms_va_list arguments)
{
    __builtin_ms_va_list again;
    size_t units = 0;
    uint16_t *wide = NULL;

    if (!size)
        return INVALID_COUNT;
    buffer[0] = 0;
    char *narrow = narrow_format(format);
    if (!narrow)
        return INVALID_COUNT;
    __builtin_ms_va_copy(again, arguments);
    int length = nt_format(NULL, 0, narrow, again);
    __builtin_ms_va_end(again);
    char *text = length >= 0 ? malloc((size_t)length + 1) : NULL;
    if (text) {
        nt_format(text, (size_t)length + 1, narrow, arguments);
        wide = text_to_utf16(text, &units);
    }
    free(narrow);
    free(text);
    if (!wide)
        return INVALID_COUNT;
    size_t fits = units < size ? units : size - 1;
    memcpy(buffer, wide, 2 * fits);
    buffer[fits] = 0;
    free(wide);
    return fits == units ? (int)units : INVALID_COUNT;
}

static NT_ABI int runtime_vsnwprintf(uint16_t *buffer, size_t size, const uint16_t *format,
                                     __builtin_ms_va_list arguments)
{
    return format_wide(buffer, size, format, arguments);
}
EXPORT("_vsnwprintf", runtime_vsnwprintf, NT_PASSIVE_LEVEL);

static NT_ABI int runtime_snwprintf(uint16_t *buffer, size_t size, const uint16_t *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = format_wide(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("_snwprintf", runtime_snwprintf, NT_PASSIVE_LEVEL);

static NT_ABI int runtime_swprintf(uint16_t *buffer, const uint16_t *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = format_wide(buffer, NO_LIMIT, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("swprintf", runtime_swprintf, NT_PASSIVE_LEVEL);

static NT_ABI int runtime_swprintf_s(uint16_t *buffer, size_t size, const uint16_t *format, ...)
{
    __builtin_ms_va_list arguments;

    if (!buffer || !size)
        return INVALID_COUNT;
    __builtin_ms_va_start(arguments, format);
    int length = format_wide(buffer, size, format, arguments);
    __builtin_ms_va_end(arguments);
    if (length < 0)
        buffer[0] = 0;
    return length;
}
EXPORT("swprintf_s", runtime_swprintf_s, NT_PASSIVE_LEVEL);

static int format_wide_counted(uint16_t *buffer, size_t size, size_t count, const uint16_t *format,
                               __builtin_ms_va_list arguments)
{
    if (!buffer || !size || !format)
        return INVALID_COUNT;
    bool whole = count < size;
    int length = format_wide(buffer, whole ? count + 1 : size, format, arguments);
    if (length < 0 && !whole && count != SIZE_MAX)
        buffer[0] = 0;
    return length;
}

static NT_ABI int runtime_vsnwprintf_s(uint16_t *buffer, size_t size, size_t count,
                                       const uint16_t *format, __builtin_ms_va_list arguments)
{
    return format_wide_counted(buffer, size, count, format, arguments);
}
EXPORT("_vsnwprintf_s", runtime_vsnwprintf_s, NT_PASSIVE_LEVEL);

static NT_ABI int runtime_snwprintf_s(uint16_t *buffer, size_t size, size_t count,
                                      const uint16_t *format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, format);
    int length = format_wide_counted(buffer, size, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return length;
}
EXPORT("_snwprintf_s", runtime_snwprintf_s, NT_PASSIVE_LEVEL);
