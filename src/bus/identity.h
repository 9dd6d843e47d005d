/*
 * identity.h - what a PCI function calls itself, as Windows' PCI bus driver reports it to whoever
 * looks for a driver ("Identifiers for PCI devices").
 */
#ifndef STORHOST_BUS_IDENTITY_H
#define STORHOST_BUS_IDENTITY_H

#include "bus/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BUS_IDS_MAX = 16, BUS_ID_BYTES = 48 };

struct bus_identity {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint8_t revision, base_class, sub_class, interface;
    bool is_express;
    uint8_t express_type; /* device/port type */

    /* "PCI\\VEN_1B36&DEV_0010&SUBSYS_11001AF4&REV_02" first; each list from the most specific one
     * on. */
    char hardware_ids[BUS_IDS_MAX][BUS_ID_BYTES];
    char compatible_ids[BUS_IDS_MAX][BUS_ID_BYTES];
    unsigned hardware_count, compatible_count;
};

/* PASSIVE_LEVEL; reads the configuration space. */
void bus_identity_read(struct bus_device *device, struct bus_identity *ret_identity);

#ifdef __cplusplus
}
#endif

#endif
