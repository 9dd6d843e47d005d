/*
 * device_objects.c - the adapter's device objects: the functional one that Storport creates, the
 * physical one of the bus below it, and the one that the functional is attached to.
 */
#include "port/driver.h"
#include "storport/adapter.h"

#include <errno.h>
#include <stdlib.h>

static DEVICE_OBJECT *object_create(struct storport_adapter *adapter, DRIVER_OBJECT *driver)
{
    DEVICE_OBJECT *object = calloc(1, sizeof(*object));

    if (!object)
        return NULL;
    object->Type = IO_TYPE_DEVICE;
    object->Size = sizeof(*object);
    object->ReferenceCount = 1;
    object->DriverObject = driver;
    object->DeviceType = FILE_DEVICE_CONTROLLER;
    object->StackSize = 1;
    object->DeviceExtension = adapter->extension;
    return object;
}

int storport_device_objects_create(struct storport_adapter *adapter)
{
    DRIVER_OBJECT *driver = port_driver_object(adapter->port->driver);
    DEVICE_OBJECT *functional = object_create(adapter, driver);
    DEVICE_OBJECT *physical = object_create(adapter, NULL);

    if (!functional || !physical) {
        free(functional);
        free(physical);
        return -ENOMEM;
    }
    physical->AttachedDevice = functional;
    functional->StackSize = 2;
    functional->NextDevice = driver->DeviceObject;
    driver->DeviceObject = functional;
    adapter->device_objects[0] = functional;
    adapter->device_objects[1] = physical;
    adapter->device_objects[2] = physical;
    return 0;
}

void storport_device_objects_free(struct storport_adapter *adapter)
{
    DRIVER_OBJECT *driver = port_driver_object(adapter->port->driver);

    for (DEVICE_OBJECT **link = &driver->DeviceObject; *link; link = &(*link)->NextDevice) {
        if (*link == adapter->device_objects[0]) {
            *link = (*link)->NextDevice;
            break;
        }
    }
    free(adapter->device_objects[0]);
    free(adapter->device_objects[1]);
}
