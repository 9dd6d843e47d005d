/*
 * gone.h - a device that is not there any more: what takes the place of one that is taken away
 * from its driver while it lives on for somebody else.
 */
#ifndef STORHOST_BUS_GONE_H
#define STORHOST_BUS_GONE_H

#include "bus/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* With the name and the BARs of `device`; every read answers all-ones, writes vanish, nothing is
 * ever signalled. `close` frees it. NULL: no memory. Any IRQL. */
struct bus_device *bus_gone_create(struct bus_device *device);

#ifdef __cplusplus
}
#endif

#endif
