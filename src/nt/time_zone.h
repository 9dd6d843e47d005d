/*
 * time_zone.h - how far the machine's clocks on the wall are from UTC.
 */
#ifndef STORHOST_NT_TIME_ZONE_H
#define STORHOST_NT_TIME_ZONE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Takes over what the registry says, as Windows does when it starts: ActiveTimeBias of
 * Control\TimeZoneInformation, or Bias, in minutes; nothing: UTC. -EINVAL: more than a day; it is
 * UTC then. PASSIVE_LEVEL, when hives are loaded. */
int nt_time_zone_read(void);

/* What local time and it make UTC, in units of 100 ns. Any IRQL. */
int64_t nt_time_zone_bias_100ns(void);

#ifdef __cplusplus
}
#endif

#endif
