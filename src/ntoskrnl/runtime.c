/*
 * runtime.c - the C library that ntoskrnl.exe exports: memory, strings, formatted text.
 *
 * The names are libc's, the calling convention is not, so each is a shell under another C name.
 * Memory may be a device's registers: the compiler makes calls of what a driver's macros copy.
 */
#include "bus/window.h"
#include "nt/export.h"
#include "nt/print.h"
#include "nt/thread.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EXPORT(name_, routine_)                                                                    \
    NT_EXPORT_ROW_AS("ntoskrnl.exe", name_, routine_, "Runtime", NT_HIGH_LEVEL,                    \
                     NT_EXPORT_MAY_BE_LEFT)

static NT_ABI void *runtime_memmove(void *to, const void *from, size_t size)
{
    if (__builtin_expect(!bus_window_contains(to) && !bus_window_contains(from), 1))
        return memmove(to, from, size);
    bus_memory_copy(to, from, size);
    return to;
}
EXPORT("memmove", runtime_memmove);

static NT_ABI void *runtime_memcpy(void *to, const void *from, size_t size)
{
    return runtime_memmove(to, from, size); /* there is but one on Windows */
}
EXPORT("memcpy", runtime_memcpy);

static NT_ABI void *runtime_memset(void *to, int byte, size_t size)
{
    if (__builtin_expect(!bus_window_contains(to), 1))
        return memset(to, byte, size);
    bus_memory_fill(to, byte, size);
    return to;
}
EXPORT("memset", runtime_memset);

static NT_ABI int runtime_memcmp(const void *first, const void *second, size_t size)
{
    if (__builtin_expect(!bus_window_contains(first) && !bus_window_contains(second), 1))
        return memcmp(first, second, size);
    return bus_memory_compare(first, second, size);
}
EXPORT("memcmp", runtime_memcmp);

static NT_ABI const void *runtime_memchr(const void *memory, int byte, size_t size)
{
    return memchr(memory, byte, size);
}
EXPORT("memchr", runtime_memchr);

static NT_ABI size_t runtime_strlen(const char *text)
{
    return strlen(text);
}
EXPORT("strlen", runtime_strlen);

static NT_ABI int runtime_strcmp(const char *first, const char *second)
{
    return strcmp(first, second);
}
EXPORT("strcmp", runtime_strcmp);

static NT_ABI int runtime_strncmp(const char *first, const char *second, size_t count)
{
    return strncmp(first, second, count);
}
EXPORT("strncmp", runtime_strncmp);

static NT_ABI char *runtime_strcpy(char *to, const char *from)
{
    return strcpy(to, from);
}
EXPORT("strcpy", runtime_strcpy);

static NT_ABI char *runtime_strncpy(char *to, const char *from, size_t count)
{
    return strncpy(to, from, count);
}
EXPORT("strncpy", runtime_strncpy);

static NT_ABI char *runtime_strcat(char *to, const char *from)
{
    return strcat(to, from);
}
EXPORT("strcat", runtime_strcat);

static NT_ABI const char *runtime_strchr(const char *text, int character)
{
    return strchr(text, character);
}
EXPORT("strchr", runtime_strchr);

static NT_ABI const char *runtime_strstr(const char *text, const char *part)
{
    return strstr(text, part);
}
EXPORT("strstr", runtime_strstr);

/* Wide characters are 16 bits for drivers. */
static NT_ABI size_t runtime_wcslen(const uint16_t *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return length;
}
EXPORT("wcslen", runtime_wcslen);

static uint16_t fold(uint16_t character)
{
    return character >= 'A' && character <= 'Z' ? (uint16_t)(character + 32) : character;
}

static NT_ABI int runtime_wcsnicmp(const uint16_t *first, const uint16_t *second, size_t count)
{
    for (; count; count--, first++, second++) {
        int difference = fold(*first) - fold(*second);
        if (difference || !*first)
            return difference;
    }
    return 0;
}
EXPORT("_wcsnicmp", runtime_wcsnicmp);

static NT_ABI int runtime_wcsicmp(const uint16_t *first, const uint16_t *second)
{
    return runtime_wcsnicmp(first, second, SIZE_MAX);
}
EXPORT("_wcsicmp", runtime_wcsicmp);

/* As Windows' _vsnprintf, but always terminated: -1 when the text does not fit. A driver that
 * counts on the missing terminator of the original loses one character of a text that was cut
 * anyway. */
static NT_ABI int runtime_vsnprintf(char *buffer, size_t size, const char *format,
                                    __builtin_ms_va_list arguments)
{
    int length = nt_format(buffer, size, format, arguments);

    return length >= 0 && (size_t)length < size ? length : -1;
}
EXPORT("_vsnprintf", runtime_vsnprintf);
