/*
 * messages.c - how the command words things.
 */
#include "cli.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void message(const char *format, ...)
{
    char line[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    /* One call, so that lines of several writers do not mix. */
    fprintf(stderr, "storhost: %s\n", line);
}

const char *size_text(char text[32], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    unsigned unit = 0;
    double size = (double)bytes;

    while (size >= 1024 && unit < 5) {
        size /= 1024;
        unit++;
    }
    if (unit == 0 || size == (double)(uint64_t)size)
        snprintf(text, 32, "%" PRIu64 " %s", (uint64_t)size, units[unit]);
    else
        snprintf(text, 32, "%.1f %s", size, units[unit]);
    return text;
}
