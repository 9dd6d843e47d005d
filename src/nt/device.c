/*
 * device.c - see device.h.
 */
#include "nt/device.h"

#include "nt/dispatcher.h"
#include "nt/irp.h"
#include "nt/name.h"
#include "nt/spinlock.h"

#include <limits.h>
#include <stdlib.h>

/* Guards lists of devices and the links of their stacks. */
static struct nt_spinlock lock;

struct driver_extension {
    struct driver_extension *next;
    const void *key;
    max_align_t body[];
};

struct driver {
    DRIVER_OBJECT object; /* first: it is what everybody has a pointer to */
    DRIVER_EXTENSION extension;
    struct driver_extension *extensions; /* of the driver's own */
    uint32_t devices;                    /* that exist; __atomic, slept on */
};

NTSTATUS NTAPI nt_dispatch_invalid(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    nt_irp_complete(irp);
    return STATUS_INVALID_DEVICE_REQUEST;
}

static void driver_destroy(void *body)
{
    struct driver *driver = body;

    while (driver->extensions) {
        struct driver_extension *next = driver->extensions->next;
        free(driver->extensions);
        driver->extensions = next;
    }
}

DRIVER_OBJECT *nt_driver_create(void)
{
    struct driver *driver = nt_object_create(NT_OBJECT_DRIVER, sizeof(*driver), driver_destroy);

    if (!driver)
        return NULL;
    driver->object.Type = IO_TYPE_DRIVER;
    driver->object.Size = sizeof(driver->object);
    driver->object.DriverExtension = &driver->extension;
    driver->extension.DriverObject = &driver->object;
    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        driver->object.MajorFunction[i] = nt_dispatch_invalid;
    return &driver->object;
}

/* Devices that nobody has deleted. */
static uint32_t devices_listed(const DRIVER_OBJECT *driver)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    uint32_t count = 0;

    for (const DEVICE_OBJECT *device = driver->DeviceObject; device; device = device->NextDevice)
        count++;
    nt_spinlock_release_lower(&lock, old);
    return count;
}

bool nt_driver_drain(DRIVER_OBJECT *driver, uint64_t deadline_ns)
{
    const uint32_t *devices = &((struct driver *)driver)->devices;
    uint32_t count;

    while ((count = __atomic_load_n(devices, __ATOMIC_SEQ_CST)) > devices_listed(driver)) {
        if (sys_now_ns() >= deadline_ns)
            return false;
        sys_wait(devices, count, deadline_ns);
    }
    return true;
}

void *nt_driver_extension(DRIVER_OBJECT *driver, const void *key)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    struct driver_extension *extension = ((struct driver *)driver)->extensions;

    while (extension && extension->key != key)
        extension = extension->next;
    nt_spinlock_release_lower(&lock, old);
    return extension ? extension->body : NULL;
}

void *nt_driver_extension_create(DRIVER_OBJECT *driver, const void *key, size_t size)
{
    struct driver_extension *extension = calloc(1, sizeof(*extension) + size);

    if (!extension)
        return NULL;
    extension->key = key;
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    extension->next = ((struct driver *)driver)->extensions;
    ((struct driver *)driver)->extensions = extension;
    nt_spinlock_release_lower(&lock, old);
    return extension->body;
}

struct device {
    DEVICE_OBJECT object; /* first */
    DEVOBJ_EXTENSION kernel_extension;
    const struct nt_device_keeper *keeper;
    max_align_t extension[];
};

static void device_destroy(void *body)
{
    struct driver *driver = (struct driver *)((DEVICE_OBJECT *)body)->DriverObject;

    /* Not touched any more when a drain has seen the last one go, but for the reference below. */
    __atomic_sub_fetch(&driver->devices, 1, __ATOMIC_SEQ_CST);
    sys_wake(&driver->devices, INT_MAX);
    nt_object_release(driver);
}

DEVICE_OBJECT *nt_device_create(DRIVER_OBJECT *driver, size_t extension_size, uint32_t type)
{
    struct device *device =
        nt_object_create(NT_OBJECT_DEVICE, sizeof(*device) + extension_size, device_destroy);

    if (!device)
        return NULL;
    DEVICE_OBJECT *object = &device->object;
    object->Type = IO_TYPE_DEVICE;
    object->Size = (USHORT)(sizeof(*object) + extension_size);
    object->ReferenceCount = 0; /* of open files, as Windows counts */
    object->DriverObject = driver;
    object->Flags = DO_DEVICE_INITIALIZING;
    object->DeviceType = type;
    object->StackSize = 1;
    object->DeviceExtension = extension_size ? device->extension : NULL;
    object->DeviceObjectExtension = &device->kernel_extension;
    nt_dispatcher_initialize(&object->DeviceLock.Header, NT_SYNCHRONIZATION_EVENT, sizeof(KEVENT),
                             1);
    device->kernel_extension.Type = IO_TYPE_DEVICE;
    device->kernel_extension.DeviceObject = object;
    nt_object_reference(driver);
    __atomic_add_fetch(&((struct driver *)driver)->devices, 1, __ATOMIC_SEQ_CST);
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    object->NextDevice = driver->DeviceObject;
    driver->DeviceObject = object;
    nt_spinlock_release_lower(&lock, old);
    return object;
}

void nt_device_set_keeper(DEVICE_OBJECT *device, const struct nt_device_keeper *keeper)
{
    ((struct device *)device)->keeper = keeper;
}

const struct nt_device_keeper *nt_device_get_keeper(const DEVICE_OBJECT *device)
{
    return ((const struct device *)device)->keeper;
}

void nt_device_delete(DEVICE_OBJECT *device)
{
    nt_name_forget(device);
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);

    for (DEVICE_OBJECT **link = &device->DriverObject->DeviceObject; *link;
         link = &(*link)->NextDevice) {
        if (*link == device) {
            *link = device->NextDevice;
            break;
        }
    }
    nt_spinlock_release_lower(&lock, old);
    nt_object_release(device);
}

static DEVICE_OBJECT *top_of(DEVICE_OBJECT *device)
{
    while (device->AttachedDevice)
        device = device->AttachedDevice;
    return device;
}

DEVICE_OBJECT *nt_device_attach(DEVICE_OBJECT *source, DEVICE_OBJECT *target)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    DEVICE_OBJECT *below = top_of(target);

    below->AttachedDevice = source;
    source->DeviceObjectExtension->AttachedTo = below;
    source->StackSize = (CCHAR)(below->StackSize + 1);
    source->AlignmentRequirement = below->AlignmentRequirement;
    nt_spinlock_release_lower(&lock, old);
    return below;
}

void nt_device_detach(DEVICE_OBJECT *target)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);

    if (target->AttachedDevice)
        target->AttachedDevice->DeviceObjectExtension->AttachedTo = NULL;
    target->AttachedDevice = NULL;
    nt_spinlock_release_lower(&lock, old);
}

DEVICE_OBJECT *nt_device_top(DEVICE_OBJECT *device)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    DEVICE_OBJECT *top = top_of(device);

    nt_object_reference(top);
    nt_spinlock_release_lower(&lock, old);
    return top;
}

DEVICE_OBJECT *nt_device_below(DEVICE_OBJECT *device)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    DEVICE_OBJECT *below = device->DeviceObjectExtension->AttachedTo;

    if (below)
        nt_object_reference(below);
    nt_spinlock_release_lower(&lock, old);
    return below;
}

unsigned nt_driver_devices(DRIVER_OBJECT *driver, DEVICE_OBJECT **devices, unsigned room)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    unsigned count = 0;

    for (DEVICE_OBJECT *device = driver->DeviceObject; device; device = device->NextDevice) {
        if (count < room) {
            nt_object_reference(device);
            devices[count] = device;
        }
        count++;
    }
    nt_spinlock_release_lower(&lock, old);
    return count;
}
