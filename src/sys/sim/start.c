/*
 * start.c - the simulator's beginning and end. The caller of sys_start becomes the first thread.
 */
#include "sys/sim/sim.h"

int sys_start(const struct sys_options *options)
{
    sys_seed_set(options ? options->seed : 0);
    scheduler_start();
    switch_odds_choose();
    return 0;
}

void sys_stop(void)
{
    scheduler_stop();
}

/* The first thread runs on the stack of its caller, so there is nothing to switch to. Threads that
 * have not ended when it returns stay where they are until sys_stop drops them. */
int sys_run(int (*entry)(void *argument), void *argument)
{
    sh_assert(sim_current && sys_thread_number() == 1);
    return entry(argument);
}

bool sys_is_simulated(void)
{
    return true;
}
