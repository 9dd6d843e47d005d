/*
 * spec.c - see spec.h.
 */
#include "bus/spec.h"

#include <stdlib.h>
#include <string.h>

/* Behind the option that begins here: at the comma before the next one, the semicolon before the
 * next device, or the end. Doubled ones are characters of the option. */
static char *option_end(char *at)
{
    while (*at && !(*at == ',' && at[1] != ',') && !(*at == ';' && at[1] != ';'))
        at += (*at == ',' || *at == ';') ? 2 : 1;
    return at;
}

/* A copy of the value with its doubled characters halved. */
static char *value_copy(const char *from, const char *end)
{
    char *value = malloc((size_t)(end - from) + 1), *to = value;

    while (value && from < end) {
        bool doubled = (*from == ',' || *from == ';') && from[1] == *from;
        *to++ = *from;
        from += doubled ? 2 : 1;
    }
    if (value)
        *to = 0;
    return value;
}

char *bus_spec_take(char *spec, const char *key, bool *ret_memory)
{
    size_t length = strlen(key);
    char *at = option_end(spec);

    *ret_memory = true;
    while (*at == ',') {
        char *end = option_end(at + 1);
        if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=') {
            char *value = value_copy(at + length + 2, end);
            *ret_memory = value != NULL;
            memmove(at, end, strlen(end) + 1);
            return value;
        }
        at = end;
    }
    return NULL;
}
