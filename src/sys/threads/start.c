/*
 * start.c - the thread implementation's beginning and end: there is little to begin.
 */
#include "sys/private.h"

#include <errno.h>
#include <stdlib.h>

bool sys_switch_points_on = false;

int sys_start(const struct sys_options *options)
{
    sys_seed_set(options ? options->seed : 0);
    return 0;
}

void sys_stop(void)
{
}

int sys_run(int (*entry)(void *argument), void *argument)
{
    return entry(argument);
}

bool sys_is_simulated(void)
{
    return false;
}

void sys_switch_point_slow(void)
{
    sh_assert(!"switch points are off with real threads");
}
