/*
 * ports.h - I/O ports of devices, by number.
 *
 * x86 has a port space of its own, and a driver's "mapped" port is its number: the inline routines
 * and instructions take 16 bits of it. So a mapped range of ports is a range of numbers that the
 * machine hands out, the BAR's own address where that is free.
 */
#ifndef STORHOST_BUS_PORTS_H
#define STORHOST_BUS_PORTS_H

#include "bus/window.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PASSIVE_LEVEL. The number of the port at an offset inside the BAR, which is mapped as a whole; 0:
 * no numbers are left. Each call wants an unmap of its own. */
uint16_t bus_ports_map(struct bus_device *device, unsigned bar, struct bar_offset offset);
/* True if the port was mapped. The last unmap of a BAR gives its numbers back. */
bool bus_ports_unmap(uint16_t first);
/* PASSIVE_LEVEL. Before the device is closed. */
void bus_ports_forget(const struct bus_device *device);
/* As bus_window_retarget, for ports. */
void bus_ports_retarget(const struct bus_device *from, struct bus_device *to);
/* True and the place if the port is mapped. Any IRQL, no lock. Access: bus_window_read and _write.
 */
bool bus_ports_find(uint16_t number, struct bus_window_place *ret_place);

#ifdef __cplusplus
}
#endif

#endif
