/*
 * device.h - device objects of an adapter and its units, and the requests (IRPs) that reach them
 * through the driver object's dispatch table.
 */
#ifndef STORHOST_STORPORT_DEVICE_H
#define STORHOST_STORPORT_DEVICE_H

#include "nt/device.h"
#include "nt/irp.h"
#include "storport/adapter.h"

enum storport_device_kind {
    STORPORT_DEVICE_BUS,     /* what the bus below found: not ours, but nobody else makes it */
    STORPORT_DEVICE_ADAPTER, /* RaidPort<n>, which AddDevice attaches to it */
    STORPORT_DEVICE_UNIT,    /* of one logical unit */
};

/* The DeviceExtension of all of them. */
struct storport_device {
    enum storport_device_kind kind;
    struct port_adapter *port;
    struct port_unit *unit; /* of a UNIT */
};

/* An event of the machine on its way through the dispatch table (model.h, `send`). */
struct storport_event {
    struct storport_event *next;
    IRP *irp;
    uint32_t (*body)(void *context);
    void *context;
    bool ran;
};

/* An adapter's device objects, from before its first start until it is gone. */
struct storport_stack {
    DEVICE_OBJECT *bus, *adapter;
    struct sys_mutex mutex;
    struct storport_event *events;
};

static inline struct storport_device *storport_device_of(const DEVICE_OBJECT *device)
{
    return device->DeviceExtension;
}

/* device_objects.c */

/* The adapter's stack, made (by the driver's AddDevice) if there is none yet. NULL: AddDevice
 * failed. PASSIVE_LEVEL. */
struct storport_stack *storport_stack_of(struct port_adapter *port);
/* The devices go; whoever has a reference keeps an object that reaches nothing. PASSIVE_LEVEL. */
void storport_stack_free(struct port_adapter *port);
NTSTATUS NTAPI storport_add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *bus);

/* dispatch.c */

/* Puts Storport's routines into the driver object. */
void storport_fill_driver(DRIVER_OBJECT *driver);
uint32_t storport_send(struct port_adapter *port, enum port_irp event,
                       uint32_t (*body)(void *context), void *context);
/* Completes the request with a status and a number of bytes, and returns the status. */
NTSTATUS storport_irp_finish(IRP *irp, NTSTATUS status, size_t information);

#endif
