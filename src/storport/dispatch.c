/*
 * dispatch.c - Storport's dispatch routines, which a driver finds in its driver object after
 * StorPortInitialize and may wrap; and events of the machine sent through them.
 */
#include "storport/device.h"

#include "port/driver.h"

NTSTATUS storport_irp_finish(IRP *irp, NTSTATUS status, size_t information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    nt_irp_complete(irp);
    return status;
}

/* ---- events ---- */

static const struct {
    UCHAR major, minor;
} event_functions[] = {
    [PORT_IRP_START_DEVICE] = {IRP_MJ_PNP, IRP_MN_START_DEVICE},
    [PORT_IRP_QUERY_STOP] = {IRP_MJ_PNP, IRP_MN_QUERY_STOP_DEVICE},
    [PORT_IRP_CANCEL_STOP] = {IRP_MJ_PNP, IRP_MN_CANCEL_STOP_DEVICE},
    [PORT_IRP_STOP_DEVICE] = {IRP_MJ_PNP, IRP_MN_STOP_DEVICE},
    [PORT_IRP_QUERY_REMOVE] = {IRP_MJ_PNP, IRP_MN_QUERY_REMOVE_DEVICE},
    [PORT_IRP_CANCEL_REMOVE] = {IRP_MJ_PNP, IRP_MN_CANCEL_REMOVE_DEVICE},
    [PORT_IRP_REMOVE_DEVICE] = {IRP_MJ_PNP, IRP_MN_REMOVE_DEVICE},
    [PORT_IRP_SURPRISE_REMOVAL] = {IRP_MJ_PNP, IRP_MN_SURPRISE_REMOVAL},
    [PORT_IRP_QUERY_BUS_RELATIONS] = {IRP_MJ_PNP, IRP_MN_QUERY_DEVICE_RELATIONS},
    [PORT_IRP_SET_POWER_D0] = {IRP_MJ_POWER, IRP_MN_SET_POWER},
    [PORT_IRP_SET_POWER_D1] = {IRP_MJ_POWER, IRP_MN_SET_POWER},
    [PORT_IRP_SET_POWER_D2] = {IRP_MJ_POWER, IRP_MN_SET_POWER},
    [PORT_IRP_SET_POWER_D3] = {IRP_MJ_POWER, IRP_MN_SET_POWER},
};

static void fill_location(IO_STACK_LOCATION *location, enum port_irp event)
{
    location->MajorFunction = event_functions[event].major;
    location->MinorFunction = event_functions[event].minor;
    if (event == PORT_IRP_QUERY_BUS_RELATIONS)
        location->Parameters.QueryDeviceRelations.Type = BusRelations;
    if (location->MajorFunction == IRP_MJ_POWER) {
        location->Parameters.Power.Type = DevicePowerState;
        location->Parameters.Power.State.DeviceState =
            (DEVICE_POWER_STATE)(PowerDeviceD0 + (event - PORT_IRP_SET_POWER_D0));
    }
}

static void event_add(struct storport_stack *stack, struct storport_event *event)
{
    sys_mutex_lock(&stack->mutex);
    event->next = stack->events;
    stack->events = event;
    sys_mutex_unlock(&stack->mutex);
}

/* The stack may be gone: a removal frees it. */
static void event_remove(struct port_adapter *port, const struct storport_event *event)
{
    struct storport_stack *stack = port->device_stack;

    if (!stack)
        return;
    sys_mutex_lock(&stack->mutex);
    for (struct storport_event **link = &stack->events; *link; link = &(*link)->next) {
        if (*link == event) {
            *link = event->next;
            break;
        }
    }
    sys_mutex_unlock(&stack->mutex);
}

/* The resources of the device, for as long as the IRP lasts. */
static void assign(struct port_adapter *port, IRP *irp, struct storport_assigned *assigned)
{
    if (!port->model_state || !port->device)
        return;
    storport_assign_resources(port->model_state);
    if (!storport_assigned_make(port->model_state, assigned))
        return; /* nobody but a wrapper reads them */
    nt_irp_next(irp)->Parameters.StartDevice.AllocatedResources = assigned->raw;
    nt_irp_next(irp)->Parameters.StartDevice.AllocatedResourcesTranslated = assigned->translated;
}

/* `target`: whose stack hears of it. */
static NTSTATUS send_to(struct port_adapter *port, DEVICE_OBJECT *target, enum port_irp what,
                        uint32_t (*body)(void *context), void *context)
{
    DEVICE_OBJECT *top = nt_device_top(target);
    struct storport_event event = {
        .irp = nt_irp_allocate((unsigned)top->StackSize),
        .body = body,
        .context = context,
    };
    struct storport_assigned assigned = {0};
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    if (event.irp) {
        /* As the PnP manager sends them: whoever understands the request sets another status. */
        event.irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        fill_location(nt_irp_next(event.irp), what);
        if (what == PORT_IRP_START_DEVICE &&
            storport_device_of(target)->kind == STORPORT_DEVICE_BUS)
            assign(port, event.irp, &assigned);
        event_add(port->device_stack, &event);
        status = nt_irp_call_and_wait(top, event.irp);
        event_remove(port, &event);
        if (what == PORT_IRP_QUERY_BUS_RELATIONS)
            storport_relations_release(event.irp);
        nt_irp_free(event.irp);
        storport_assigned_free(&assigned);
    }
    nt_object_release(top);
    return status;
}

uint32_t storport_send(struct port_adapter *port, enum port_irp what,
                       uint32_t (*body)(void *context), void *context)
{
    if (port->crashed)
        return body(context); /* nothing of the driver's is called any more */
    struct storport_stack *stack = storport_stack_of(port);

    if (!stack)
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = send_to(port, stack->bus, what, body, context);
    /* A driver that kept its first start to itself leaves an adapter that never was. */
    if (!port->model_state)
        storport_stack_free(port);
    return (uint32_t)status;
}

uint32_t storport_send_unit(struct port_unit *unit, enum port_irp what,
                            uint32_t (*body)(void *context), void *context)
{
    if (unit->adapter->crashed)
        return body(context);
    DEVICE_OBJECT *device = storport_unit_device(unit);

    if (!device)
        return (uint32_t)STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = send_to(unit->adapter, device, what, body, context);
    nt_object_release(device);
    return (uint32_t)status;
}

/* The event that this IRP carries, once; NULL for a request of somebody else. */
static struct storport_event *event_take(const struct storport_device *device, const IRP *irp)
{
    struct storport_stack *stack = device->port ? device->port->device_stack : NULL;
    struct storport_event *event;

    if (!stack)
        return NULL;
    sys_mutex_lock(&stack->mutex);
    for (event = stack->events; event; event = event->next)
        if (event->irp == irp && !event->ran)
            break;
    if (event)
        event->ran = true;
    sys_mutex_unlock(&stack->mutex);
    return event;
}

static bool asks_for_units(const DEVICE_OBJECT *device, const IRP *irp)
{
    const IO_STACK_LOCATION *location = nt_irp_current(irp);

    return location->MajorFunction == IRP_MJ_PNP &&
           location->MinorFunction == IRP_MN_QUERY_DEVICE_RELATIONS &&
           location->Parameters.QueryDeviceRelations.Type == BusRelations &&
           storport_device_of(device)->kind == STORPORT_DEVICE_ADAPTER;
}

static NTSTATUS run_event(const struct storport_event *event, DEVICE_OBJECT *device, IRP *irp)
{
    NTSTATUS status = (NTSTATUS)event->body(event->context);

    if (status >= 0 && asks_for_units(device, irp))
        status = storport_relations_add(storport_device_of(device)->port, irp);
    return storport_irp_finish(irp, status, irp->IoStatus.Information);
}

/* Another driver asks: it hears what the last enumeration has found. */
static NTSTATUS answer_relations(DEVICE_OBJECT *device, IRP *irp)
{
    struct port_adapter *port;

    if (!storport_device_enter(device, &port))
        return storport_irp_finish(irp, STATUS_NO_SUCH_DEVICE, irp->IoStatus.Information);
    NTSTATUS status = storport_relations_add(port, irp);
    storport_requests_leave(port);
    if (status < 0)
        return storport_irp_finish(irp, status, irp->IoStatus.Information);
    irp->IoStatus.Status = status;
    return storport_pass_down(device, irp);
}

/* ---- dispatch routines ---- */

NTSTATUS storport_pass_down(DEVICE_OBJECT *device, IRP *irp)
{
    DEVICE_OBJECT *lower = device->DeviceObjectExtension->AttachedTo;

    if (!lower)
        return storport_irp_finish(irp, irp->IoStatus.Status, irp->IoStatus.Information);
    irp->CurrentLocation++;
    irp->Tail.Overlay.CurrentStackLocation++;
    return nt_irp_call(lower, irp);
}

static NTSTATUS NTAPI dispatch_pnp_or_power(DEVICE_OBJECT *device, IRP *irp)
{
    if (!storport_is_device(device))
        return nt_dispatch_invalid(device, irp);
    struct storport_event *event = event_take(storport_device_of(device), irp);
    if (event)
        return run_event(event, device, irp);
    return asks_for_units(device, irp) ? answer_relations(device, irp)
                                       : storport_pass_down(device, irp);
}

static NTSTATUS NTAPI dispatch_open_or_close(DEVICE_OBJECT *device, IRP *irp)
{
    (void)device;
    return storport_irp_finish(irp, STATUS_SUCCESS, 0);
}

/* ---- tracing of the driver's own, from DriverEntry to unload ---- */

struct tracing {
    PHW_CLEANUP_TRACING cleanup;
};

static const char tracing_key;

void storport_start_tracing(DRIVER_OBJECT *driver, PVOID registry_path,
                            const HW_INITIALIZATION_DATA *record)
{
    struct nt_evidence frame;

    if (!(record->PortVersionFlags & SP_VER_TRACE_SUPPORT) || !record->HwInitializeTracing ||
        nt_driver_extension(driver, &tracing_key))
        return;
    struct tracing *tracing = nt_driver_extension_create(driver, &tracing_key, sizeof(*tracing));
    if (!tracing)
        return;
    tracing->cleanup = record->HwCleanupTracing;
    nt_evidence_push(nt_self(), &frame, "HwStorInitializeTracing", NULL, NULL);
    record->HwInitializeTracing(driver, registry_path);
    nt_evidence_pop(nt_self(), &frame);
}

static VOID NTAPI unload(DRIVER_OBJECT *driver)
{
    const struct tracing *tracing = nt_driver_extension(driver, &tracing_key);
    struct nt_evidence frame;

    if (!tracing || !tracing->cleanup)
        return;
    nt_evidence_push(nt_self(), &frame, "HwStorCleanupTracing", NULL, NULL);
    tracing->cleanup(driver);
    nt_evidence_pop(nt_self(), &frame);
}

void storport_fill_driver(DRIVER_OBJECT *driver)
{
    driver->DriverUnload = unload;
    driver->DriverExtension->AddDevice = storport_add_device;
    driver->MajorFunction[IRP_MJ_CREATE] = dispatch_open_or_close;
    driver->MajorFunction[IRP_MJ_CLOSE] = dispatch_open_or_close;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = storport_dispatch_control;
    driver->MajorFunction[IRP_MJ_SCSI] = storport_dispatch_scsi;
    driver->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = storport_dispatch_system_control;
    driver->MajorFunction[IRP_MJ_PNP] = dispatch_pnp_or_power;
    driver->MajorFunction[IRP_MJ_POWER] = dispatch_pnp_or_power;
}
