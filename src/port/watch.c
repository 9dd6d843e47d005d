/*
 * watch.c - lines about a driver that does not come back from what is done to its adapter.
 */
#include "port/watch.h"

#include "port/driver.h"

static void say_callback(const struct port_watch *watch, const struct nt_watch_late *late)
{
    port_adapter_log_later(watch->adapter,
                           "%s has not come back for %g s, in %s%s%s (RaidPort%u, thread %u): the "
                           "driver may be waiting for what does not come",
                           late->callback, late->limit_ms / 1000.0, watch->watch.what,
                           watch->unit ? " of unit " : "", watch->unit ? watch->unit->name : "",
                           watch->adapter->number, late->thread);
}

static void say_nothing_runs(const struct port_watch *watch, const struct nt_watch_late *late)
{
    port_adapter_log_later(watch->adapter,
                           "%s%s%s has taken %g s so far (RaidPort%u, thread %u): no callback of "
                           "the driver runs, %u requests are with it",
                           watch->watch.what, watch->unit ? " of unit " : "",
                           watch->unit ? watch->unit->name : "", late->limit_ms / 1000.0,
                           watch->adapter->number, late->thread,
                           port_adapter_outstanding(watch->adapter));
}

static void is_late(struct nt_watch *nt_watch, const struct nt_watch_late *late)
{
    const struct port_watch *watch = (const struct port_watch *)nt_watch;

    if (late->callback)
        say_callback(watch, late);
    else
        say_nothing_runs(watch, late);
}

void port_watch_begin(struct port_watch *watch, struct port_adapter *adapter,
                      const struct port_unit *unit, const char *what)
{
    *watch = (struct port_watch){
        .watch = {.adapter = adapter,
                  .what = what,
                  .limit_ms =
                      __atomic_load_n(&adapter->settings.callback_timeout_ms, __ATOMIC_RELAXED),
                  .late = is_late},
        .adapter = adapter,
        .unit = unit,
    };
    nt_watch_begin(&watch->watch);
}

void port_watch_end(struct port_watch *watch)
{
    nt_watch_end(&watch->watch);
}
