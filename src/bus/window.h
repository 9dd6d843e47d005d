/*
 * window.h - addresses that stand for registers of trapped BARs (decision 7).
 *
 * A driver gets a pointer into a reserved range without access rights. The register routines
 * recognise it and call the device; a driver that dereferences it directly faults.
 */
#ifndef STORHOST_BUS_WINDOW_H
#define STORHOST_BUS_WINDOW_H

#include "bus/bus.h"
#include "sys/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PASSIVE_LEVEL. A pointer that stands for `length` bytes of the BAR from `offset` on (the caller
 * has checked that they lie inside it), with the offset's alignment within a page. NULL when the
 * range is used up. Several windows on one BAR are legal. */
void *bus_window_map(struct bus_device *device, unsigned bar, struct bar_offset offset,
                     uint64_t length);
/* True if the pointer was one that bus_window_map returned. */
bool bus_window_unmap(const void *window);
/* PASSIVE_LEVEL. Before the device is closed: unmaps what is left of its windows. */
void bus_window_forget(const struct bus_device *device);

/* The windows on one device stand for registers of another from now on. PASSIVE_LEVEL or above,
 * while no other thread can be inside an access. */
void bus_window_retarget(const struct bus_device *from, struct bus_device *to);

struct bus_window_place {
    struct bus_device *device;
    unsigned bar;
    struct bar_offset offset;
    uint64_t left; /* bytes from there to the end of the window */
};
/* True and the place if the address lies in a window. Any IRQL, async-signal-safe, no lock. */
bool bus_window_find(const void *address, struct bus_window_place *ret_place);

/* A driver's access of 1, 2, 4 or 8 bytes. One that is misaligned or reaches beyond the window is a
 * finding; it is split as a processor splits it, and what lies beyond reads as ones and takes
 * nothing. A preemption point. A write is posted, except while the interrupt routine of the
 * device's line runs: then it has reached the device on return. Any IRQL. */
uint64_t bus_window_read(const struct bus_window_place *place, unsigned size);
void bus_window_write(const struct bus_window_place *place, unsigned size, uint64_t value);
/* Any number of bytes, in pieces of up to 8 that are naturally aligned. Beyond the window as above.
 */
void bus_window_read_bytes(struct bus_window_place place, void *data, size_t size);
void bus_window_write_bytes(struct bus_window_place place, const void *data, size_t size);

/* ---- memory that may be registers: what the routines do that copy for drivers ---- */

/* Start and size of the range that windows lie in; both 0 before the first. */
extern SYS_HIDDEN uint64_t StorhostDeviceWindow[2];
/* Something may be mapped there, and nobody else's memory is. */
static inline bool bus_window_contains(const void *address)
{
    return (uint64_t)(uintptr_t)address - StorhostDeviceWindow[0] < StorhostDeviceWindow[1];
}
/* memmove, memset and memcmp for one or two such addresses; any IRQL. An address where nothing is
 * mapped is a finding, reads as ones and takes nothing. */
void bus_memory_copy(void *to, const void *from, size_t size);
void bus_memory_fill(void *to, int byte, size_t size);
int bus_memory_compare(const void *first, const void *second, size_t size);

#ifdef __cplusplus
}
#endif

#endif
