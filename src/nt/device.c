/*
 * device.c - see device.h.
 */
#include "nt/device.h"

#include "nt/dispatcher.h"
#include "nt/irp.h"
#include "nt/spinlock.h"

/* Guards lists of devices and the links of their stacks. */
static struct nt_spinlock lock;

struct driver {
    DRIVER_OBJECT object; /* first: it is what everybody has a pointer to */
    DRIVER_EXTENSION extension;
};

NTSTATUS NTAPI nt_dispatch_invalid(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    nt_irp_complete(irp);
    return STATUS_INVALID_DEVICE_REQUEST;
}

DRIVER_OBJECT *nt_driver_create(void)
{
    struct driver *driver = nt_object_create(NT_OBJECT_DRIVER, sizeof(*driver), NULL);

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

struct device {
    DEVICE_OBJECT object; /* first */
    DEVOBJ_EXTENSION kernel_extension;
    max_align_t extension[];
};

static void device_destroy(void *body)
{
    DEVICE_OBJECT *device = body;

    nt_object_release(device->DriverObject);
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
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    object->NextDevice = driver->DeviceObject;
    driver->DeviceObject = object;
    nt_spinlock_release_lower(&lock, old);
    return object;
}

void nt_device_delete(DEVICE_OBJECT *device)
{
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
