/*
 * runtime_power.h - what the parts of runtime power management share (runtime_power.c,
 * power_control.c).
 */
#ifndef STORHOST_STORPORT_RUNTIME_POWER_H
#define STORHOST_STORPORT_RUNTIME_POWER_H

#include "storport/adapter.h"

/* The adapter (NULL, *ret_unit NULL) or a unit that there is. False: neither. Any IRQL. */
bool storport_power_target(struct storport_adapter *adapter, const STOR_ADDRESS *address,
                           struct port_unit **ret_unit);

#endif
