/*
 * absent_trace.c - register accesses as event lines.
 *
 * A driver that waits for an answer asks for it again and again, so an access that came before is
 * told at its 10th, 100th, 1000th time only.
 */
#include "bus/model/absent.h"

#include <stdio.h>

static bool is_same(const struct absent_access *one, const struct absent_access *other)
{
    return one->offset == other->offset && one->value == other->value && one->bar == other->bar &&
           one->size == other->size && one->is_write == other->is_write;
}

/* How often it has come now. Mutex held. When the table is full it begins anew. */
static uint64_t count_locked(struct absent *absent, const struct absent_access *access)
{
    for (unsigned i = 0; i < absent->access_count; i++)
        if (is_same(&absent->accesses[i], access))
            return ++absent->accesses[i].count;
    if (absent->access_count == ABSENT_TRACED_ACCESSES)
        absent->access_count = 0;
    absent->accesses[absent->access_count] = *access;
    absent->accesses[absent->access_count++].count = 1;
    return 1;
}

static bool is_power_of_ten(uint64_t value)
{
    while (value % 10 == 0)
        value /= 10;
    return value == 1;
}

void absent_trace(struct absent *absent, const struct absent_access *access)
{
    char line[160], again[48] = "";

    if (!absent->options.trace || !absent->events.note)
        return;
    sys_mutex_lock(&absent->mutex);
    uint64_t count = count_locked(absent, access);
    sys_mutex_unlock(&absent->mutex);
    if (!is_power_of_ten(count))
        return;
    if (count > 1)
        snprintf(again, sizeof(again), ", %llu times so far", (unsigned long long)count);
    snprintf(line, sizeof(line), "BAR %u, offset 0x%llX: %s of %u byte%s, 0x%0*llX%s", access->bar,
             (unsigned long long)access->offset, access->is_write ? "write" : "read", access->size,
             access->size == 1 ? "" : "s", 2 * access->size, (unsigned long long)access->value,
             again);
    absent->events.note(absent->events.context, line);
}
