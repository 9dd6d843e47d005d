/*
 * keys.c - where an adapter's settings lie in the registry: the driver's parameters, for all of its
 * adapters and for one, and the parameters of the device, which Windows keeps with its instance.
 */
#include "bus/identity.h"
#include "nt/registry.h"
#include "port/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void port_adapter_parameters_key(const struct port_adapter *adapter, bool global, char *key,
                                 size_t size)
{
    if (global)
        snprintf(key, size, "%s\\Parameters\\Device", adapter->driver->key);
    else
        snprintf(key, size, "%s\\Parameters\\Device%u", adapter->driver->key, adapter->number);
}

void port_unit_device_key(const struct port_unit *unit, char *key, size_t size)
{
    snprintf(key, size, "Enum\\SCSI\\UNIT\\%u&%u&%u&%u\\Device Parameters", unit->adapter->number,
             unit->path, unit->target, unit->lun);
}

static bool is_taken(const struct port_adapter *adapter, const char *instance)
{
    for (unsigned i = 0; i < port_adapter_table_count; i++) {
        const struct port_adapter *other =
            __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_ACQUIRE);
        if (other && other != adapter && strcmp(other->instance, instance) == 0)
            return true;
    }
    return false;
}

void port_adapter_find_instance(struct port_adapter *adapter)
{
    struct bus_identity identity;
    char key[sizeof(adapter->instance) + 8], *name;

    if (!adapter->device || !nt_registry_is_mounted("Enum"))
        return;
    bus_identity_read(adapter->device, &identity);
    snprintf(key, sizeof(key), "Enum\\%s", identity.hardware_ids[0]);
    for (unsigned i = 0; !*adapter->instance && nt_registry_enumerate_key(key, i, &name) == 0;
         i++) {
        char instance[sizeof(adapter->instance)];
        int length = snprintf(instance, sizeof(instance), "%s\\%s", identity.hardware_ids[0], name);
        if (length < (int)sizeof(instance) && !is_taken(adapter, instance))
            memcpy(adapter->instance, instance, sizeof(instance));
        free(name);
    }
}

void port_adapter_instance_key(const struct port_adapter *adapter, char *key, size_t size)
{
    if (*adapter->instance)
        snprintf(key, size, "Enum\\%s", adapter->instance);
    else
        snprintf(key, size, "Enum\\%s\\SCSIADAPTER\\%04u",
                 adapter->virtual_adapter ? "ROOT" : "PCI", adapter->number);
}

void port_adapter_device_key(const struct port_adapter *adapter, char *key, size_t size)
{
    char instance[PORT_KEY_BYTES];

    port_adapter_instance_key(adapter, instance, sizeof(instance));
    snprintf(key, size, "%s\\Device Parameters", instance);
}

void port_adapter_driver_key(const struct port_adapter *adapter, char *key, size_t size)
{
    char instance[PORT_KEY_BYTES], *driver;

    port_adapter_instance_key(adapter, instance, sizeof(instance));
    if (*adapter->instance && nt_registry_get_string(instance, "Driver", &driver) == 0) {
        snprintf(key, size, "Control\\Class\\%s", driver);
        free(driver);
        return;
    }
    snprintf(key, size, "Control\\Class\\{4d36e97b-e325-11ce-bfc1-08002be10318}\\%04u",
             adapter->number);
}
