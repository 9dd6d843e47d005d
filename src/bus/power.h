/*
 * power.h - power states of a PCI function, and what of its config space has to survive them.
 *
 * A function may forget its config space on the way from D3 to D0. Under Windows the bus driver
 * brings it back, not the driver of the device. This does so for any backend, through bus.h alone.
 */
#ifndef STORHOST_BUS_POWER_H
#define STORHOST_BUS_POWER_H

#include "bus/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BUS_POWER_HEADER_WORDS = 16, BUS_POWER_MSI_WORDS = 6, BUS_POWER_VECTORS_MAX = 256 };

/* Zero-initialised: awake. */
struct bus_power {
    unsigned capability; /* where its power state is set; 0: awake, or it has none */
    unsigned msi, msix, express, features;
    uint32_t header[BUS_POWER_HEADER_WORDS];
    uint32_t msi_words[BUS_POWER_MSI_WORDS];
    uint16_t msix_control, device_control, link_control;
    uint16_t vector_count;
    uint32_t vectors[BUS_POWER_VECTORS_MAX][4]; /* the MSI-X table */
};

/* PASSIVE_LEVEL, nobody uses the device. Remembers the config space and puts the function into D1,
 * D2 or D3, or into the deepest state above that it knows. A function without power management
 * stays as it is. `cold`, with D3 alone: it also forgets everything else, as without power. */
void bus_power_down(struct bus_device *device, struct bus_power *power, unsigned device_state,
                    bool cold);
/* PASSIVE_LEVEL. Whether D3cold can be had: the function has power states, and a reset that makes
 * it forget as much as the loss of its power does. */
bool bus_power_has_cold(struct bus_device *device);
/* PASSIVE_LEVEL. Back to D0, config space and MSI-X table as they were; nothing after no
 * bus_power_down. Blocks for the 10 ms that a function may take (PCI Power Management 1.2, 5.6.1).
 */
void bus_power_up(struct bus_device *device, struct bus_power *power);

#ifdef __cplusplus
}
#endif

#endif
