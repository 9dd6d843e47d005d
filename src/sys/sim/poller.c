/*
 * poller.c - descriptors of other processes have no place in virtual time: waiting for one would
 * stop every fiber, and what it says does not depend on the seed.
 */
#include "sys/sim/sim.h"

#include <errno.h>

int sys_poller_create(struct sys_poller **ret_poller, const char *name)
{
    (void)ret_poller;
    (void)name;
    return -ENOSYS;
}

void sys_poller_destroy(struct sys_poller *poller)
{
    sh_assert(!poller && "no poller exists in the simulator");
}

int sys_watch_add(struct sys_watch **ret_watch, struct sys_poller *poller, int fd,
                  void (*ready)(void *context), void *context)
{
    (void)ret_watch;
    (void)poller;
    (void)fd;
    (void)ready;
    (void)context;
    return -ENOSYS;
}

void sys_watch_remove(struct sys_watch *watch)
{
    sh_assert(!watch && "no watch exists in the simulator");
}
