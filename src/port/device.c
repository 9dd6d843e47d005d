/*
 * device.c - a device from its opening to its closing, with the adapter that drives it or, before
 * that starts, without one.
 */
#include "bus/ports.h"
#include "port/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct port_device {
    struct bus_device *bus;
    struct port_adapter *adapter; /* NULL: nobody is told */
    struct sys_mutex mutex;       /* of what follows, and of setting the adapter */
    bool removed;
    char why[256];
};

static void device_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector)
{
    struct port_device *device = context;
    struct port_adapter *adapter = __atomic_load_n(&device->adapter, __ATOMIC_ACQUIRE);

    if (adapter)
        port_device_interrupt(adapter, kind, vector);
}

static void device_removed(void *context, const char *reason)
{
    struct port_device *device = context;

    sys_mutex_lock(&device->mutex);
    device->removed = true;
    snprintf(device->why, sizeof(device->why), "%s", reason);
    if (device->adapter)
        port_adapter_removed(device->adapter, reason);
    sys_mutex_unlock(&device->mutex);
}

static void device_note(void *context, const char *line)
{
    struct port_device *device = context;
    struct port_adapter *adapter = __atomic_load_n(&device->adapter, __ATOMIC_ACQUIRE);

    if (adapter)
        port_adapter_log(adapter, "%s", line);
}

int port_device_open(struct port_device **ret_device, const char *spec, const char *const *drives,
                     size_t drive_count, char *reason, size_t reason_size)
{
    struct port_device *device = calloc(1, sizeof(*device));

    if (!device) {
        snprintf(reason, reason_size, "%s: out of memory", spec);
        return -ENOMEM;
    }
    struct bus_open_options open = {
        .drives = drives,
        .drive_count = drive_count,
        .events = {device_interrupt, device_removed, device, device_note},
        .reason = reason,
        .reason_size = reason_size,
    };
    int error = bus_open(&device->bus, spec, &open);
    if (error)
        free(device);
    else
        *ret_device = device;
    return error;
}

struct bus_device *port_device_bus(struct port_device *device)
{
    return device->bus;
}

int port_device_attach(struct port_device *device, struct port_adapter *adapter, char *reason,
                       size_t reason_size)
{
    sys_mutex_lock(&device->mutex);
    bool removed = device->removed;
    if (!removed)
        __atomic_store_n(&device->adapter, adapter, __ATOMIC_RELEASE);
    sys_mutex_unlock(&device->mutex);
    if (!removed)
        return 0;
    snprintf(reason, reason_size, "%s: the device is gone: %s", device->bus->name, device->why);
    return -ENODEV;
}

void port_device_detach(struct port_device *device)
{
    if (!device)
        return;
    sys_mutex_lock(&device->mutex);
    __atomic_store_n(&device->adapter, NULL, __ATOMIC_RELEASE);
    sys_mutex_unlock(&device->mutex);
}

void port_device_close(struct port_device *device)
{
    if (!device)
        return;
    bus_window_forget(device->bus);
    bus_ports_forget(device->bus);
    device->bus->ops->close(device->bus);
    free(device);
}
