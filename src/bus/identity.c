/*
 * identity.c - the ids of a PCI function, from its configuration space.
 */
#include "bus/identity.h"

#include "bus/pci.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    STATUS_HAS_CAPABILITIES = 0x10,
    CAPABILITIES_MAX = 48, /* as many as fit: a list that is longer goes in a circle */
    EXPRESS_CAPABILITIES = 2,
};

static uint32_t config(struct bus_device *device, unsigned offset, unsigned size)
{
    return device->ops->config_read(device, offset, size);
}

static void read_express(struct bus_device *device, struct bus_identity *identity)
{
    if (!(config(device, BUS_PCI_STATUS, 2) & STATUS_HAS_CAPABILITIES))
        return;
    unsigned at = config(device, BUS_PCI_CAPABILITIES, 1) & 0xFC;
    for (unsigned i = 0; i < CAPABILITIES_MAX && at >= 0x40; i++) {
        if (config(device, at, 1) == BUS_PCI_CAPABILITY_EXPRESS) {
            identity->is_express = true;
            identity->express_type = config(device, at + EXPRESS_CAPABILITIES, 2) >> 4 & 0xF;
            return;
        }
        at = config(device, at + 1, 1) & 0xFC;
    }
}

__attribute__((format(printf, 3, 4))) static void id_add(char ids[BUS_IDS_MAX][BUS_ID_BYTES],
                                                         unsigned *count, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(ids[(*count)++], BUS_ID_BYTES, format, arguments);
    va_end(arguments);
}

/* A device without a subsystem has the shorter ones among its hardware ids. */
static void make_hardware_ids(struct bus_identity *identity, const char *device)
{
    unsigned *count = &identity->hardware_count;

    if (identity->subsystem || identity->subsystem_vendor) {
        id_add(identity->hardware_ids, count, "%s&SUBSYS_%04X%04X&REV_%02X", device,
               identity->subsystem, identity->subsystem_vendor, identity->revision);
        id_add(identity->hardware_ids, count, "%s&SUBSYS_%04X%04X", device, identity->subsystem,
               identity->subsystem_vendor);
    } else {
        id_add(identity->hardware_ids, count, "%s&REV_%02X", device, identity->revision);
        id_add(identity->hardware_ids, count, "%s", device);
    }
    id_add(identity->hardware_ids, count, "%s&CC_%02X%02X%02X", device, identity->base_class,
           identity->sub_class, identity->interface);
    id_add(identity->hardware_ids, count, "%s&CC_%02X%02X", device, identity->base_class,
           identity->sub_class);
}

static void make_compatible_ids(struct bus_identity *identity, const char *device)
{
    unsigned *count = &identity->compatible_count;
    char whole[16], part[16];

    snprintf(whole, sizeof(whole), "CC_%02X%02X%02X", identity->base_class, identity->sub_class,
             identity->interface);
    snprintf(part, sizeof(part), "CC_%02X%02X", identity->base_class, identity->sub_class);
    id_add(identity->compatible_ids, count, "%s&REV_%02X", device, identity->revision);
    id_add(identity->compatible_ids, count, "%s", device);
    id_add(identity->compatible_ids, count, "PCI\\VEN_%04X&%s", identity->vendor, whole);
    id_add(identity->compatible_ids, count, "PCI\\VEN_%04X&%s", identity->vendor, part);
    id_add(identity->compatible_ids, count, "PCI\\VEN_%04X", identity->vendor);
    if (identity->is_express)
        id_add(identity->compatible_ids, count, "PCI\\%s&DT_%u", whole, identity->express_type);
    id_add(identity->compatible_ids, count, "PCI\\%s", whole);
    if (identity->is_express)
        id_add(identity->compatible_ids, count, "PCI\\%s&DT_%u", part, identity->express_type);
    id_add(identity->compatible_ids, count, "PCI\\%s", part);
}

void bus_identity_read(struct bus_device *device, struct bus_identity *ret_identity)
{
    uint32_t class = config(device, BUS_PCI_CLASS, 4);
    char name[BUS_ID_BYTES];

    *ret_identity = (struct bus_identity){
        .vendor = (uint16_t)config(device, BUS_PCI_VENDOR, 2),
        .device = (uint16_t)config(device, BUS_PCI_DEVICE, 2),
        .subsystem_vendor = (uint16_t)config(device, BUS_PCI_SUBSYSTEM, 2),
        .subsystem = (uint16_t)config(device, BUS_PCI_SUBSYSTEM + 2, 2),
        .revision = (uint8_t) class,
        .interface = (uint8_t)(class >> 8),
        .sub_class = (uint8_t)(class >> 16),
        .base_class = (uint8_t)(class >> 24),
    };
    read_express(device, ret_identity);
    snprintf(name, sizeof(name), "PCI\\VEN_%04X&DEV_%04X", ret_identity->vendor,
             ret_identity->device);
    make_hardware_ids(ret_identity, name);
    make_compatible_ids(ret_identity, name);
}
