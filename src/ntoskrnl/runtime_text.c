/*
 * runtime_text.c - the C library that ntoskrnl.exe exports: the rest of its text, narrow and wide,
 * and numbers in it.
 *
 * The names are libc's, the calling convention is not, so each is a shell under another C name.
 * Wide characters are 16 bits for drivers.
 */
#include "nt/export.h"
#include "nt/thread.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EXPORT(name_, routine_)                                                                    \
    NT_EXPORT_ROW_AS("ntoskrnl.exe", name_, routine_, "Runtime", NT_HIGH_LEVEL,                    \
                     NT_EXPORT_MAY_BE_LEFT)

static int lower(int character)
{
    return character >= 'A' && character <= 'Z' ? character + 32 : character;
}

static int upper(int character)
{
    return character >= 'a' && character <= 'z' ? character - 32 : character;
}

/* ---- narrow ---- */

static NT_ABI char *runtime_strncat(char *to, const char *from, size_t count)
{
    return strncat(to, from, count);
}
EXPORT("strncat", runtime_strncat);

static NT_ABI const char *runtime_strrchr(const char *text, int character)
{
    return strrchr(text, character);
}
EXPORT("strrchr", runtime_strrchr);

static NT_ABI size_t runtime_strspn(const char *text, const char *accepted)
{
    return strspn(text, accepted);
}
EXPORT("strspn", runtime_strspn);

static NT_ABI size_t runtime_strnlen(const char *text, size_t size)
{
    return strnlen(text, size);
}
EXPORT("strnlen", runtime_strnlen);

static NT_ABI int runtime_strnicmp(const char *first, const char *second, size_t count)
{
    for (; count; count--, first++, second++) {
        int difference = lower((unsigned char)*first) - lower((unsigned char)*second);
        if (difference || !*first)
            return difference;
    }
    return 0;
}
EXPORT("_strnicmp", runtime_strnicmp);

static NT_ABI int runtime_stricmp(const char *first, const char *second)
{
    return runtime_strnicmp(first, second, SIZE_MAX);
}
EXPORT("_stricmp", runtime_stricmp);

static NT_ABI char *runtime_strlwr(char *text)
{
    for (char *at = text; *at; at++)
        *at = (char)lower((unsigned char)*at);
    return text;
}
EXPORT("_strlwr", runtime_strlwr);

static NT_ABI char *runtime_strupr(char *text)
{
    for (char *at = text; *at; at++)
        *at = (char)upper((unsigned char)*at);
    return text;
}
EXPORT("_strupr", runtime_strupr);

static NT_ABI int runtime_tolower(int character)
{
    return lower(character);
}
EXPORT("tolower", runtime_tolower);

static NT_ABI int runtime_toupper(int character)
{
    return upper(character);
}
EXPORT("toupper", runtime_toupper);

/* ---- wide ---- */

static NT_ABI size_t runtime_wcsnlen(const uint16_t *text, size_t size)
{
    size_t length = 0;

    while (length < size && text[length])
        length++;
    return length;
}
EXPORT("wcsnlen", runtime_wcsnlen);

static NT_ABI int runtime_wcsncmp(const uint16_t *first, const uint16_t *second, size_t count)
{
    for (; count; count--, first++, second++)
        if (*first != *second || !*first)
            return *first < *second ? -1 : *first > *second;
    return 0;
}
EXPORT("wcsncmp", runtime_wcsncmp);

static NT_ABI int runtime_wcscmp(const uint16_t *first, const uint16_t *second)
{
    return runtime_wcsncmp(first, second, SIZE_MAX);
}
EXPORT("wcscmp", runtime_wcscmp);

/* Pads with zeros, and leaves out the terminator when the text fills the destination. */
static NT_ABI uint16_t *runtime_wcsncpy(uint16_t *to, const uint16_t *from, size_t count)
{
    size_t length = runtime_wcsnlen(from, count);

    memcpy(to, from, 2 * length);
    memset(to + length, 0, 2 * (count - length));
    return to;
}
EXPORT("wcsncpy", runtime_wcsncpy);

static NT_ABI uint16_t *runtime_wcscpy(uint16_t *to, const uint16_t *from)
{
    memcpy(to, from, 2 * (runtime_wcsnlen(from, SIZE_MAX) + 1));
    return to;
}
EXPORT("wcscpy", runtime_wcscpy);

static NT_ABI uint16_t *runtime_wcsncat(uint16_t *to, const uint16_t *from, size_t count)
{
    uint16_t *end = to + runtime_wcsnlen(to, SIZE_MAX);
    size_t length = runtime_wcsnlen(from, count);

    memcpy(end, from, 2 * length);
    end[length] = 0;
    return to;
}
EXPORT("wcsncat", runtime_wcsncat);

static NT_ABI uint16_t *runtime_wcscat(uint16_t *to, const uint16_t *from)
{
    return runtime_wcsncat(to, from, SIZE_MAX);
}
EXPORT("wcscat", runtime_wcscat);

static NT_ABI const uint16_t *runtime_wcschr(const uint16_t *text, uint16_t character)
{
    for (;; text++) {
        if (*text == character)
            return text;
        if (!*text)
            return NULL;
    }
}
EXPORT("wcschr", runtime_wcschr);

static NT_ABI const uint16_t *runtime_wcsrchr(const uint16_t *text, uint16_t character)
{
    const uint16_t *found = NULL;

    for (;; text++) {
        if (*text == character)
            found = text;
        if (!*text)
            return found;
    }
}
EXPORT("wcsrchr", runtime_wcsrchr);

static NT_ABI const uint16_t *runtime_wcsstr(const uint16_t *text, const uint16_t *part)
{
    size_t length = runtime_wcsnlen(part, SIZE_MAX);

    for (;; text++) {
        if (runtime_wcsncmp(text, part, length) == 0)
            return text;
        if (!*text)
            return NULL;
    }
}
EXPORT("wcsstr", runtime_wcsstr);

/* ---- with the size of the destination ---- */

enum { INVALID = 22, RANGE = 34, TRUNCATED = 80 };

/* `length` units of `unit` bytes behind the `used` that are there, and a terminator. What does not
 * fit leaves nothing, as Windows does. */
static int append(void *to, size_t size, size_t used, const void *from, size_t length, size_t unit)
{
    unsigned char *bytes = to;

    if (!to || !size)
        return INVALID;
    if (!from || used >= size || length >= size - used) {
        memset(bytes, 0, unit);
        return from && used < size ? RANGE : INVALID;
    }
    memcpy(bytes + used * unit, from, length * unit);
    memset(bytes + (used + length) * unit, 0, unit);
    return 0;
}

/* The same for at most `count` units; SIZE_MAX (_TRUNCATE): as many as fit. */
static int append_some(void *to, size_t size, size_t used, const void *from, size_t length,
                       size_t count, size_t unit)
{
    if (length > count)
        length = count;
    if (count != SIZE_MAX || !to || !from || used >= size || length < size - used)
        return append(to, size, used, from, length, unit);
    (void)append(to, size, used, from, size - used - 1, unit);
    return TRUNCATED;
}

static size_t narrow_length(const char *text, size_t size)
{
    size_t length = 0;

    while (text && length < size && text[length])
        length++;
    return length;
}

static size_t wide_length(const uint16_t *text, size_t size)
{
    return text ? runtime_wcsnlen(text, size) : 0;
}

static NT_ABI int runtime_memcpy_s(void *to, size_t size, const void *from, size_t length)
{
    if (!length)
        return 0;
    if (!to || !from || length > size) {
        if (to)
            memset(to, 0, size);
        return to && from ? RANGE : INVALID;
    }
    memcpy(to, from, length);
    return 0;
}
EXPORT("memcpy_s", runtime_memcpy_s);

/* Unlike memcpy_s it leaves the destination alone. */
static NT_ABI int runtime_memmove_s(void *to, size_t size, const void *from, size_t length)
{
    if (!length)
        return 0;
    if (!to || !from || length > size)
        return to && from ? RANGE : INVALID;
    memmove(to, from, length);
    return 0;
}
EXPORT("memmove_s", runtime_memmove_s);

static NT_ABI int runtime_strcpy_s(char *to, size_t size, const char *from)
{
    return append(to, size, 0, from, narrow_length(from, SIZE_MAX), 1);
}
EXPORT("strcpy_s", runtime_strcpy_s);

static NT_ABI int runtime_strcat_s(char *to, size_t size, const char *from)
{
    return append(to, size, narrow_length(to, size), from, narrow_length(from, SIZE_MAX), 1);
}
EXPORT("strcat_s", runtime_strcat_s);

static NT_ABI int runtime_strncpy_s(char *to, size_t size, const char *from, size_t count)
{
    return append_some(to, size, 0, from, narrow_length(from, count), count, 1);
}
EXPORT("strncpy_s", runtime_strncpy_s);

static NT_ABI int runtime_strncat_s(char *to, size_t size, const char *from, size_t count)
{
    return append_some(to, size, narrow_length(to, size), from, narrow_length(from, count), count,
                       1);
}
EXPORT("strncat_s", runtime_strncat_s);

static NT_ABI int runtime_wcscpy_s(uint16_t *to, size_t size, const uint16_t *from)
{
    return append(to, size, 0, from, wide_length(from, SIZE_MAX), 2);
}
EXPORT("wcscpy_s", runtime_wcscpy_s);

static NT_ABI int runtime_wcscat_s(uint16_t *to, size_t size, const uint16_t *from)
{
    return append(to, size, wide_length(to, size), from, wide_length(from, SIZE_MAX), 2);
}
EXPORT("wcscat_s", runtime_wcscat_s);

static NT_ABI int runtime_wcsncpy_s(uint16_t *to, size_t size, const uint16_t *from, size_t count)
{
    return append_some(to, size, 0, from, wide_length(from, count), count, 2);
}
EXPORT("wcsncpy_s", runtime_wcsncpy_s);

static NT_ABI int runtime_wcsncat_s(uint16_t *to, size_t size, const uint16_t *from, size_t count)
{
    return append_some(to, size, wide_length(to, size), from, wide_length(from, count), count, 2);
}
EXPORT("wcsncat_s", runtime_wcsncat_s);

/* ---- numbers ---- */

static int digit_of(int character)
{
    int letter = lower(character);

    if (letter >= '0' && letter <= '9')
        return letter - '0';
    return letter >= 'a' && letter <= 'z' ? letter - 'a' + 10 : 99;
}

/* The digits of a number, which stays at `limit` when it is larger. `end` as strtoul's. */
static uint64_t parse(const char *text, const char **ret_end, int base, bool *ret_negative,
                      uint64_t limit)
{
    const char *at = text, *digits;
    uint64_t value = 0;

    while (*at == ' ' || (*at >= '\t' && *at <= '\r'))
        at++;
    *ret_negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    bool prefixed =
        at[0] == '0' && lower((unsigned char)at[1]) == 'x' && digit_of((unsigned char)at[2]) < 16;
    if (!base)
        base = prefixed ? 16 : *at == '0' ? 8 : 10;
    if (base == 16 && prefixed)
        at += 2;
    for (digits = at; digit_of((unsigned char)*at) < base; at++) {
        uint64_t digit = (uint64_t)digit_of((unsigned char)*at);
        value = value > (limit - digit) / (uint64_t)base ? limit : value * (uint64_t)base + digit;
    }
    *ret_end = at == digits ? text : at;
    return value;
}

static NT_ABI uint32_t runtime_strtoul(const char *text, const char **ret_end, int base)
{
    const char *end;
    bool negative;
    uint32_t value = (uint32_t)parse(text, &end, base, &negative, UINT32_MAX);

    if (ret_end)
        *ret_end = end;
    return negative && value != UINT32_MAX ? 0 - value : value;
}
EXPORT("strtoul", runtime_strtoul);

static NT_ABI int32_t runtime_strtol(const char *text, const char **ret_end, int base)
{
    const char *end;
    bool negative;
    uint64_t value = parse(text, &end, base, &negative, UINT32_MAX);
    uint64_t limit = (uint64_t)INT32_MAX + negative;

    if (ret_end)
        *ret_end = end;
    if (value > limit)
        value = limit;
    return (int32_t)(negative ? -(int64_t)value : (int64_t)value);
}
EXPORT("strtol", runtime_strtol);

static NT_ABI int32_t runtime_atol(const char *text)
{
    return runtime_strtol(text, NULL, 10);
}
EXPORT("atol", runtime_atol);

static NT_ABI int32_t runtime_atoi(const char *text)
{
    return runtime_strtol(text, NULL, 10);
}
EXPORT("atoi", runtime_atoi);
