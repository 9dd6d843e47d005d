/*
 * device.c - a device from its opening to its closing, with the adapter that drives it or, before
 * that starts, without one.
 */
#include "bus/gone.h"
#include "bus/ports.h"
#include "bus/spec.h"
#include "port/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct port_device {
    struct bus_device *bus;
    struct port_adapter *adapter; /* NULL: nobody is told */
    int node;                     /* that it is near to, -1: not known */
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

/* "node=1" of a SPEC. False with `reason`: the machine has no such node. */
static bool node_take(struct port_device *device, char *spec, char *reason, size_t reason_size,
                      bool *ret_memory)
{
    unsigned nodes = nt_topology()->node_count;
    char *value = bus_spec_take(spec, "node", ret_memory), *end;

    device->node = -1;
    if (!value)
        return *ret_memory;
    unsigned long node = strtoul(value, &end, 10);
    bool good = *value >= '0' && *value <= '9' && !*end && node < nodes;
    if (good)
        device->node = (int)node;
    else
        snprintf(reason, reason_size,
                 nodes == 1 ? "device '%s': node=%s: the machine has one node (0); --topology "
                              "nodes=N makes more"
                            : "device '%s': node=%s: the machine has the nodes 0 to %u",
                 spec, value, nodes - 1);
    free(value);
    return good;
}

static int device_open(struct port_device *device, char *spec, const char *const *drives,
                       size_t drive_count, char *reason, size_t reason_size)
{
    bool memory;

    if (!node_take(device, spec, reason, reason_size, &memory))
        return memory ? -EINVAL : -ENOMEM;
    struct bus_open_options open = {
        .drives = drives,
        .drive_count = drive_count,
        .events = {device_interrupt, device_removed, device, device_note},
        .reason = reason,
        .reason_size = reason_size,
    };
    return bus_open(&device->bus, spec, &open);
}

int port_device_open(struct port_device **ret_device, const char *spec, const char *const *drives,
                     size_t drive_count, char *reason, size_t reason_size)
{
    struct port_device *device = calloc(1, sizeof(*device));
    char *own = strdup(spec);
    int error = device && own ? device_open(device, own, drives, drive_count, reason, reason_size)
                              : -ENOMEM;

    if (error == -ENOMEM)
        snprintf(reason, reason_size, "%s: out of memory", spec);
    free(own);
    if (error)
        free(device);
    else
        *ret_device = device;
    return error;
}

int port_device_node(const struct port_device *device)
{
    return device->node;
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

struct port_device *port_adapter_take_device(struct port_adapter *adapter)
{
    struct port_device *device = adapter->opened, *rest = calloc(1, sizeof(*rest));

    if (!rest)
        return NULL;
    rest->bus = bus_gone_create(device->bus);
    if (!rest->bus) {
        free(rest);
        return NULL;
    }
    port_device_detach(device);
    rest->removed = true;
    bus_window_retarget(device->bus, rest->bus);
    bus_ports_retarget(device->bus, rest->bus);
    adapter->opened = rest;
    adapter->device = rest->bus;
    adapter->device_name = rest->bus->name;
    return device;
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
