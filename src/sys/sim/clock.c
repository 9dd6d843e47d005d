/*
 * clock.c - the virtual clock. Reading it does not move it.
 */
#include "sys/sim/sim.h"

/* 2024-01-01, when every simulated run begins. */
static const uint64_t begin_utc_100ns = SYS_EPOCH_1970_100NS + 1704067200ull * 10000000;

uint64_t sys_now_ns(void)
{
    return sim_now_ns;
}

uint64_t sys_utc_100ns(void)
{
    return begin_utc_100ns + sim_now_ns / 100;
}

/* Virtual time has one clock. */
bool sys_ticks_are_of_processor = false;

void sys_ticks_prepare(void)
{
}

uint64_t sys_ticks_to_ns(uint64_t ticks)
{
    return ticks;
}
