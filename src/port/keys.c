/*
 * keys.c - where an adapter's settings lie in the registry: the driver's parameters, for all of its
 * adapters and for one, and the parameters of the device, which Windows keeps with its instance.
 */
#include "port/driver.h"

#include <stdio.h>

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

void port_adapter_instance_key(const struct port_adapter *adapter, char *key, size_t size)
{
    snprintf(key, size, "Enum\\%s\\SCSIADAPTER\\%04u", adapter->virtual_adapter ? "ROOT" : "PCI",
             adapter->number);
}

void port_adapter_device_key(const struct port_adapter *adapter, char *key, size_t size)
{
    char instance[PORT_KEY_BYTES];

    port_adapter_instance_key(adapter, instance, sizeof(instance));
    snprintf(key, size, "%s\\Device Parameters", instance);
}

void port_adapter_driver_key(const struct port_adapter *adapter, char *key, size_t size)
{
    snprintf(key, size, "Control\\Class\\{4d36e97b-e325-11ce-bfc1-08002be10318}\\%04u",
             adapter->number);
}
