/*
 * watch.h - a bracket around what is done to an adapter and may last for ever, because a driver
 * does not come back: after a while a line says so, and which callback it is in (nt/watch.h).
 */
#ifndef STORHOST_PORT_WATCH_H
#define STORHOST_PORT_WATCH_H

#include "nt/watch.h"
#include "port/adapter.h"

struct port_watch {
    struct nt_watch watch; /* first */
    struct port_adapter *adapter;
    const struct port_unit *unit; /* NULL: the adapter */
};

/* `what` is a string constant: "the stop". PASSIVE_LEVEL; the record lies on the caller's stack. */
void port_watch_begin(struct port_watch *watch, struct port_adapter *adapter,
                      const struct port_unit *unit, const char *what);
void port_watch_end(struct port_watch *watch);

#endif
