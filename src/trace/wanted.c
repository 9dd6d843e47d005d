/*
 * wanted.c - which traces and events the user wants to see.
 */
#include "trace/trace.h"

#include "nt/events.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SPECIFICATION_BYTES = 1024 };

/* Written before drivers run. */
static uint8_t wanted_level;
static char wanted_flags[SPECIFICATION_BYTES]; /* ",FLAG,FLAG,"; empty: all */

/* Names are added, never taken away: a module that is gone may still be told about. */
enum { OWNERS_MAX = 64, OWNER_BYTES = 64 };
static struct {
    struct sys_mutex mutex;
    char names[OWNERS_MAX][OWNER_BYTES];
} owners;

static const char *const level_names[] = {NULL,      "CRITICAL",    "ERROR",
                                          "WARNING", "INFORMATION", "VERBOSE"};
enum { LEVEL_NAME_COUNT = sizeof(level_names) / sizeof(level_names[0]) };

int trace_level_number(const char *text)
{
    static const char prefix[] = "TRACE_LEVEL_";
    char *end;

    if (strncasecmp(text, prefix, sizeof(prefix) - 1) == 0)
        text += sizeof(prefix) - 1;
    for (int i = 1; i < LEVEL_NAME_COUNT; i++)
        if (strcasecmp(text, level_names[i]) == 0)
            return i;
    if (strcasecmp(text, "FATAL") == 0)
        return 1;
    if (strcasecmp(text, "INFO") == 0)
        return 4;
    if (*text < '0' || *text > '9')
        return -1;
    unsigned long number = strtoul(text, &end, 10);
    return *end || number > UINT8_MAX ? -1 : (int)number;
}

const char *trace_level_name(const char *text)
{
    int number = trace_level_number(text);

    return number > 0 && number < LEVEL_NAME_COUNT ? level_names[number] : text;
}

int trace_set_wanted(const char *specification)
{
    char level[32];

    wanted_level = 0;
    wanted_flags[0] = '\0';
    if (!specification)
        return 0;
    size_t length = strcspn(specification, ",");
    if (length >= sizeof(level))
        return -EINVAL;
    snprintf(level, sizeof(level), "%.*s", (int)length, specification);
    int number = trace_level_number(level);
    if (number <= 0)
        return -EINVAL;
    if (specification[length]) {
        if (strlen(specification + length) + 2 > sizeof(wanted_flags) || !specification[length + 1])
            return -EINVAL;
        snprintf(wanted_flags, sizeof(wanted_flags), "%s,", specification + length);
    }
    wanted_level = (uint8_t)number;
    return 0;
}

uint8_t trace_level(void)
{
    return wanted_level;
}

bool trace_is_listening(void)
{
    return wanted_level || nt_events_are_recorded();
}

bool trace_level_is_wanted(uint8_t level)
{
    return nt_events_are_recorded() || (wanted_level && level <= wanted_level);
}

bool trace_flag_is_wanted(const char *flag)
{
    size_t length = strlen(flag);

    if (!wanted_level)
        return false;
    /* Drivers that have a flag a level mean the level by it. */
    int level = strncasecmp(flag, "TRACE_LEVEL_", 12) == 0 ? trace_level_number(flag) : -1;
    if (level >= 0)
        return level <= wanted_level;
    if (!wanted_flags[0])
        return true;
    for (const char *at = wanted_flags; (at = strchr(at, ',')) != NULL; at++)
        if (strncasecmp(at + 1, flag, length) == 0 && at[1 + length] == ',')
            return true;
    return false;
}

uint64_t trace_owner_number(const char *driver)
{
    uint64_t number = 0;

    sys_mutex_lock(&owners.mutex);
    for (unsigned i = 0; i < OWNERS_MAX && !number; i++) {
        if (!owners.names[i][0])
            snprintf(owners.names[i], OWNER_BYTES, "%s", driver);
        if (strncmp(owners.names[i], driver, OWNER_BYTES - 1) == 0)
            number = i + 1;
    }
    sys_mutex_unlock(&owners.mutex);
    return number;
}

const char *trace_owner_name(uint64_t number)
{
    return number > 0 && number <= OWNERS_MAX ? owners.names[number - 1] : "driver";
}
