/*
 * device_objects.c - the adapter's device objects: the physical one of the bus below it, and the
 * functional one that AddDevice attaches to it.
 *
 * The bus driver is ours too, because somebody has to be at the bottom. What a bus does at an event
 * (power, resources) is done by the port itself; its dispatch routines only answer.
 */
#include "storport/acpi.h"
#include "storport/device.h"

#include "nt/name.h"
#include "port/driver.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Guards the way from a device to its adapter, and how many are on it. */
static struct nt_spinlock requests_lock;

/* ---- the bus driver ---- */

static NTSTATUS NTAPI bus_pnp(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    switch (nt_irp_current(irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_REMOVE_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
    case IRP_MN_QUERY_CAPABILITIES:
    case IRP_MN_QUERY_PNP_DEVICE_STATE:
        return storport_irp_finish(irp, STATUS_SUCCESS, irp->IoStatus.Information);
    default:
        /* What nobody knows keeps the status that it was sent with. */
        return storport_irp_finish(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    }
}

static NTSTATUS NTAPI bus_power(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    return storport_irp_finish(irp, STATUS_SUCCESS, 0);
}

/* Nothing below provides anything: the status stays the sender's. */
static NTSTATUS NTAPI bus_system_control(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    return storport_irp_finish(irp, irp->IoStatus.Status, irp->IoStatus.Information);
}

/* One for the process, never freed. */
static DRIVER_OBJECT *bus_driver(void)
{
    static struct sys_mutex mutex;
    static DRIVER_OBJECT *driver;

    sys_mutex_lock(&mutex);
    if (!driver) {
        driver = nt_driver_create();
        if (driver) {
            driver->MajorFunction[IRP_MJ_PNP] = bus_pnp;
            driver->MajorFunction[IRP_MJ_POWER] = bus_power;
            driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = bus_system_control;
            driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = storport_acpi_control;
        }
    }
    sys_mutex_unlock(&mutex);
    return driver;
}

/* ---- stacks ---- */

static DEVICE_OBJECT *device_create(DRIVER_OBJECT *driver, enum storport_device_kind kind,
                                    struct port_adapter *port, struct port_unit *unit)
{
    static const ULONG types[] = {
        [STORPORT_DEVICE_BUS] = FILE_DEVICE_UNKNOWN,
        [STORPORT_DEVICE_ADAPTER] = FILE_DEVICE_CONTROLLER,
        [STORPORT_DEVICE_UNIT] = FILE_DEVICE_MASS_STORAGE,
    };
    DEVICE_OBJECT *device = nt_device_create(driver, sizeof(struct storport_device), types[kind]);

    if (!device)
        return NULL;
    *storport_device_of(device) = (struct storport_device){STORPORT_DEVICE_MARK, kind, port, unit};
    device->Reserved = port;
    nt_device_set_keeper(device, &storport_device_keeper);
    device->Flags = (device->Flags | DO_DIRECT_IO) & ~(ULONG)DO_DEVICE_INITIALIZING;
    return device;
}

/* Without memory for it the device has one name less. */
static void adapter_names_add(DEVICE_OBJECT *adapter, unsigned number)
{
    char name[64];

    snprintf(name, sizeof(name), "\\Device\\RaidPort%u", number);
    (void)nt_name_add(name, adapter);
    snprintf(name, sizeof(name), "\\??\\Scsi%u:", number);
    (void)nt_name_add(name, adapter);
}

/* As the property DevicePropertyPhysicalDeviceObjectName tells it. */
static void bus_name_add(DEVICE_OBJECT *bus, unsigned number)
{
    char name[64];

    snprintf(name, sizeof(name), "\\Device\\%08x", number);
    (void)nt_name_add(name, bus);
}

NTSTATUS NTAPI storport_add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *bus)
{
    struct port_adapter *port = storport_device_of(bus)->port;
    struct storport_stack *stack = port->device_stack;
    DEVICE_OBJECT *adapter = device_create(driver, STORPORT_DEVICE_ADAPTER, port, NULL);

    if (!adapter)
        return STATUS_INSUFFICIENT_RESOURCES;
    nt_device_attach(adapter, bus);
    stack->adapter = adapter;
    adapter_names_add(adapter, port->number);
    return STATUS_SUCCESS;
}

static NTSTATUS call_add_device(struct port_adapter *port, DEVICE_OBJECT *bus)
{
    DRIVER_OBJECT *driver = port_driver_object(port->driver);
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;

    nt_evidence_push(self, &frame, "AddDevice", port, NULL);
    NTSTATUS status = driver->DriverExtension->AddDevice(driver, bus);
    nt_evidence_pop(self, &frame);
    return status;
}

struct storport_stack *storport_stack_of(struct port_adapter *port)
{
    if (port->device_stack)
        return port->device_stack;
    struct storport_stack *stack = calloc(1, sizeof(*stack));
    DRIVER_OBJECT *bus = bus_driver();
    if (!stack || !bus) {
        free(stack);
        return NULL;
    }
    port->device_stack = stack;
    stack->bus = device_create(bus, STORPORT_DEVICE_BUS, port, NULL);
    if (stack->bus)
        bus_name_add(stack->bus, port->number);
    if (stack->bus && call_add_device(port, stack->bus) >= 0 && stack->adapter)
        return stack;
    storport_stack_free(port);
    return NULL;
}

static void device_forget(DEVICE_OBJECT *device)
{
    uint8_t old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);

    /* Its unit is reached only by those who have found the adapter before. */
    storport_device_of(device)->port = NULL;
    nt_spinlock_release_lower(&requests_lock, old);
    __atomic_store_n(&device->Reserved, NULL, __ATOMIC_RELAXED); /* IRPs may be on their way */
    nt_device_delete(device);
}

void storport_stack_free(struct port_adapter *port)
{
    struct storport_stack *stack = port->device_stack;

    if (!stack)
        return;
    storport_requests_end(port, SYS_FOREVER);
    uint8_t old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);
    port->device_stack = NULL;
    nt_spinlock_release_lower(&requests_lock, old);
    while (stack->units) {
        struct storport_unit_device *unit = stack->units;
        stack->units = unit->next;
        device_forget(unit->device);
        free(unit);
    }
    if (stack->adapter) {
        nt_device_detach(stack->bus);
        device_forget(stack->adapter);
    }
    if (stack->bus)
        device_forget(stack->bus);
    free(stack);
}

/* ---- who is inside ---- */

bool storport_requests_enter(struct port_adapter *port)
{
    uint8_t old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);
    struct storport_stack *stack = port->device_stack;
    bool in = stack && !stack->ending;

    if (in)
        __atomic_add_fetch(&stack->inside, 1, __ATOMIC_SEQ_CST);
    nt_spinlock_release_lower(&requests_lock, old);
    return in;
}

bool storport_device_enter(const DEVICE_OBJECT *device, struct port_adapter **ret_port)
{
    uint8_t old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);
    struct port_adapter *port = storport_device_of(device)->port;
    struct storport_stack *stack = port ? port->device_stack : NULL;
    bool in = stack && !stack->ending;

    if (in)
        __atomic_add_fetch(&stack->inside, 1, __ATOMIC_SEQ_CST);
    nt_spinlock_release_lower(&requests_lock, old);
    *ret_port = port;
    return in;
}

void storport_requests_leave(struct port_adapter *port)
{
    struct storport_stack *stack = port->device_stack;

    /* The last one out may be what a removal waits for: nothing of the stack is touched after. */
    uint8_t old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);
    if (!__atomic_sub_fetch(&stack->inside, 1, __ATOMIC_SEQ_CST) && stack->ending)
        sys_wake(&stack->inside, INT_MAX);
    nt_spinlock_release_lower(&requests_lock, old);
}

void storport_requests_end(struct port_adapter *port, uint64_t deadline_ns)
{
    uint8_t old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);
    struct storport_stack *stack = port->device_stack;
    uint32_t inside = 0;

    if (stack)
        stack->ending = true;
    nt_spinlock_release_lower(&requests_lock, old);
    while (stack && (inside = __atomic_load_n(&stack->inside, __ATOMIC_SEQ_CST)) != 0 &&
           sys_now_ns() < deadline_ns)
        sys_wait(&stack->inside, inside, deadline_ns);
    /* Whoever was last has let the lock go when we have had it once more. */
    old = nt_spinlock_acquire_raise(&requests_lock, NT_DISPATCH_LEVEL);
    nt_spinlock_release_lower(&requests_lock, old);
}

/* ---- units ---- */

static struct storport_unit_device *unit_device_find(struct storport_stack *stack,
                                                     const struct port_unit *unit)
{
    struct storport_unit_device *device = stack->units;

    while (device && device->unit != unit)
        device = device->next;
    return device;
}

static struct storport_unit_device *unit_device_new(struct storport_stack *stack,
                                                    struct port_unit *unit)
{
    struct storport_unit_device *fresh = calloc(1, sizeof(*fresh));
    DRIVER_OBJECT *driver = port_driver_object(unit->adapter->driver);

    if (!fresh)
        return NULL;
    fresh->unit = unit;
    fresh->device = device_create(driver, STORPORT_DEVICE_UNIT, unit->adapter, unit);
    if (!fresh->device) {
        free(fresh);
        return NULL;
    }
    fresh->next = stack->units;
    stack->units = fresh;
    return fresh;
}

DEVICE_OBJECT *storport_unit_device(struct port_unit *unit)
{
    DEVICE_OBJECT *device = NULL;

    if (!storport_requests_enter(unit->adapter))
        return NULL;
    struct storport_stack *stack = unit->adapter->device_stack;
    sys_mutex_lock(&stack->mutex);
    struct storport_unit_device *found = unit_device_find(stack, unit);
    if (!found)
        found = unit_device_new(stack, unit);
    if (found) {
        device = found->device;
        nt_object_reference(device);
    }
    sys_mutex_unlock(&stack->mutex);
    storport_requests_leave(unit->adapter);
    return device;
}

void storport_unit_forgotten(struct port_unit *unit)
{
    struct storport_stack *stack = unit->adapter->device_stack;
    struct storport_unit_device *found = NULL;

    if (!stack)
        return;
    sys_mutex_lock(&stack->mutex);
    for (struct storport_unit_device **link = &stack->units; *link; link = &(*link)->next) {
        if ((*link)->unit == unit) {
            found = *link;
            *link = found->next;
            break;
        }
    }
    sys_mutex_unlock(&stack->mutex);
    if (found)
        device_forget(found->device);
    free(found);
}

int storport_device_objects_create(struct storport_adapter *adapter)
{
    struct storport_stack *stack = storport_stack_of(adapter->port);

    if (!stack)
        return -ENOMEM;
    adapter->device_objects[0] = stack->adapter;
    adapter->device_objects[1] = stack->bus;
    adapter->device_objects[2] = stack->adapter->DeviceObjectExtension->AttachedTo;
    return 0;
}

void storport_device_objects_free(struct storport_adapter *adapter)
{
    storport_stack_free(adapter->port);
}
