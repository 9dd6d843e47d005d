/*
 * time_zone.c - see time_zone.h.
 */
#include "nt/time_zone.h"

#include "nt/registry.h"

#include <errno.h>
#include <stdbool.h>

#define TIME_ZONE_KEY "Control\\TimeZoneInformation"

enum { DAY_MINUTES = 24 * 60 };

static const int64_t minute_100ns = 600000000;
static int64_t bias_100ns;

int nt_time_zone_read(void)
{
    uint32_t value = 0;

    if (nt_registry_get_dword(TIME_ZONE_KEY, "ActiveTimeBias", &value) &&
        nt_registry_get_dword(TIME_ZONE_KEY, "Bias", &value))
        value = 0;
    int32_t minutes = (int32_t)value;
    bool is_possible = minutes >= -DAY_MINUTES && minutes <= DAY_MINUTES;
    __atomic_store_n(&bias_100ns, is_possible ? minutes * minute_100ns : 0, __ATOMIC_RELAXED);
    return is_possible ? 0 : -EINVAL;
}

int64_t nt_time_zone_bias_100ns(void)
{
    return __atomic_load_n(&bias_100ns, __ATOMIC_RELAXED);
}
