/*
 * device.h - driver objects and device objects, and the stacks that devices form.
 */
#ifndef STORHOST_NT_DEVICE_H
#define STORHOST_NT_DEVICE_H

#include "nt/object.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A driver object with its extension; every major function answers STATUS_INVALID_DEVICE_REQUEST
 * until the driver puts in its own. One reference. NULL: no memory. */
DRIVER_OBJECT *nt_driver_create(void);
/* The routine that such major functions have. */
NTSTATUS NTAPI nt_dispatch_invalid(DEVICE_OBJECT *device, IRP *irp);

/* Waits until nobody has a device of the driver that was deleted: handles and references outlive
 * adapters. What the driver made and has not deleted is its own affair. False after the deadline.
 * PASSIVE_LEVEL. */
bool nt_driver_drain(DRIVER_OBJECT *driver, uint64_t deadline_ns);

/* Memory that a driver hangs on the driver object under a key of its own (an address); zeroed, gone
 * with the object. NULL: none under that key; no memory. At most DISPATCH_LEVEL. */
void *nt_driver_extension(DRIVER_OBJECT *driver, const void *key);
void *nt_driver_extension_create(DRIVER_OBJECT *driver, const void *key, size_t size);

/* A device of the driver with a zeroed DeviceExtension, in the driver's list, flagged as
 * initializing. NULL: no memory. PASSIVE_LEVEL. */
DEVICE_OBJECT *nt_device_create(DRIVER_OBJECT *driver, size_t extension_size, uint32_t type);
/* What keeps the machine behind a device as it is while a dispatch routine has a request that an
 * application sent: awake, and there. */
struct nt_device_keeper {
    /* False: there is nothing to keep, and no leave follows. PASSIVE_LEVEL. */
    bool (*enter)(const DEVICE_OBJECT *device, void **ret_kept);
    void (*leave)(const DEVICE_OBJECT *device, void *kept);
};
/* Before anybody can open it. */
void nt_device_set_keeper(DEVICE_OBJECT *device, const struct nt_device_keeper *keeper);
const struct nt_device_keeper *nt_device_get_keeper(const DEVICE_OBJECT *device);

/* Takes it out of its driver's list and drops the creator's reference; its names go.
 * PASSIVE_LEVEL. */
void nt_device_delete(DEVICE_OBJECT *device);
/* Puts `source` on top of the stack that `target` is in. Returns the device that was on top. */
DEVICE_OBJECT *nt_device_attach(DEVICE_OBJECT *source, DEVICE_OBJECT *target);
/* Takes off what is attached to `target`. */
void nt_device_detach(DEVICE_OBJECT *target);
/* The top of the stack that the device is in, with a reference of the caller's. At most
 * DISPATCH_LEVEL. */
DEVICE_OBJECT *nt_device_top(DEVICE_OBJECT *device);
/* What the device is attached to, with a reference of the caller's; NULL: nothing. At most
 * DISPATCH_LEVEL. */
DEVICE_OBJECT *nt_device_below(DEVICE_OBJECT *device);
/* Up to `room` devices of the driver, with a reference each. Returns how many it has. At most
 * DISPATCH_LEVEL. */
unsigned nt_driver_devices(DRIVER_OBJECT *driver, DEVICE_OBJECT **devices, unsigned room);

#ifdef __cplusplus
}
#endif

#endif
