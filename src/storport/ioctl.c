/*
 * ioctl.c - control codes: sent as the I/O manager does for DeviceIoControl, through the driver's
 * dispatch table, and taken apart again where they reach Storport.
 */
#include "nt/dispatcher.h"
#include "storport/device.h"

#include <ntddscsi.h>

/* ---- the side of the application ---- */

/* The adapter's or the unit's own device object, with a reference. NULL: it is going. */
static DEVICE_OBJECT *target_device(struct port_adapter *port, struct port_unit *unit)
{
    DEVICE_OBJECT *device = NULL;

    if (unit)
        return storport_unit_device(unit);
    if (storport_requests_enter(port)) {
        device = ((struct storport_stack *)port->device_stack)->adapter;
        nt_object_reference(device);
        storport_requests_leave(port);
    }
    return device;
}

/* A request about the handle: opened, its last handle closed, gone. */
static NTSTATUS call_for_file(DEVICE_OBJECT *device, FILE_OBJECT *file, UCHAR major)
{
    IRP *irp = nt_irp_allocate((unsigned)device->StackSize);

    if (!irp)
        return STATUS_INSUFFICIENT_RESOURCES;
    irp->RequestorMode = UserMode;
    irp->Tail.Overlay.OriginalFileObject = file;
    nt_irp_next(irp)->MajorFunction = major;
    nt_irp_next(irp)->FileObject = file;
    NTSTATUS status = nt_irp_call_and_wait(device, irp);
    nt_irp_free(irp);
    return status;
}

/* The adapter is awake while a dispatch routine has the request. A request that the driver keeps
 * may outlive it, so it is not looked at when the request is back. */
static void call_awake(DEVICE_OBJECT *target, DEVICE_OBJECT *top, IRP *irp)
{
    bool whole = storport_device_of(target)->kind == STORPORT_DEVICE_UNIT;
    struct port_adapter *port;
    bool inside = storport_device_enter(target, &port);

    if (inside)
        port_runtime_hold(port, whole);
    nt_irp_call(top, irp);
    if (inside) {
        port_runtime_release(port, whole);
        storport_requests_leave(port);
    }
}

static NTSTATUS call_control(DEVICE_OBJECT *target, DEVICE_OBJECT *top, FILE_OBJECT *file,
                             const struct port_control_code *control)
{
    IO_STATUS_BLOCK result = {{0}, 0};
    KEVENT done;

    nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
    IRP *irp = nt_irp_build_control(control->code, top, (void *)(uintptr_t)control->input,
                                    control->input_length, control->output, control->output_length,
                                    false, &done, &result);
    if (!irp)
        return STATUS_INSUFFICIENT_RESOURCES;
    irp->RequestorMode = UserMode;
    irp->Tail.Overlay.OriginalFileObject = file;
    nt_irp_next(irp)->FileObject = file;
    call_awake(target, top, irp);
    nt_dispatcher_wait(&done.Header, NULL);
    *control->ret_length =
        result.Information < control->output_length ? result.Information : control->output_length;
    return result.Status;
}

uint32_t storport_control(struct port_adapter *port, struct port_unit *unit,
                          const struct port_control_code *control)
{
    DEVICE_OBJECT *target = target_device(port, unit);

    if (!target)
        return (uint32_t)STATUS_NO_SUCH_DEVICE;
    DEVICE_OBJECT *top = nt_device_top(target);
    FILE_OBJECT *file = nt_object_create(NT_OBJECT_FILE, sizeof(*file), NULL);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (file) {
        file->Type = IO_TYPE_FILE;
        file->Size = sizeof(*file);
        file->DeviceObject = top;
        status = call_for_file(top, file, IRP_MJ_CREATE);
        if (status >= 0) {
            status = call_control(target, top, file, control);
            /* A driver without a routine for either does not mind. */
            call_for_file(top, file, IRP_MJ_CLEANUP);
            call_for_file(top, file, IRP_MJ_CLOSE);
        }
        nt_object_release(file);
    }
    nt_object_release(top);
    nt_object_release(target);
    return (uint32_t)status;
}

/* ---- Storport's side ---- */

extern const struct storport_ioctl_row __start_storport_ioctls[] SYS_HIDDEN;
extern const struct storport_ioctl_row __stop_storport_ioctls[] SYS_HIDDEN;

static NTSTATUS run(struct storport_ioctl *ioctl)
{
    unsigned target = ioctl->unit ? STORPORT_FOR_UNIT : STORPORT_FOR_ADAPTER;

    for (const struct storport_ioctl_row *row = __start_storport_ioctls;
         row < __stop_storport_ioctls; row++) {
        if (row->code != ioctl->code || !(row->targets & target))
            continue;
        if (ioctl->input_length < row->minimum_input)
            return STATUS_INVALID_PARAMETER;
        return row->routine(ioctl);
    }
    return STATUS_INVALID_DEVICE_REQUEST;
}

/* Nothing runs in a driver that has been stopped; what it says is stale. */
static bool is_started(const struct storport_adapter *adapter)
{
    return adapter && adapter->phase < STORPORT_STOPPING;
}

NTSTATUS NTAPI storport_dispatch_control(DEVICE_OBJECT *device, IRP *irp)
{
    const IO_STACK_LOCATION *location = nt_irp_current(irp);

    if (!storport_is_device(device))
        return nt_dispatch_invalid(device, irp);
    struct storport_ioctl ioctl = {
        .irp = irp,
        .code = location->Parameters.DeviceIoControl.IoControlCode,
        .buffer = irp->AssociatedIrp.SystemBuffer,
        .input_length = location->Parameters.DeviceIoControl.InputBufferLength,
        .output_length = location->Parameters.DeviceIoControl.OutputBufferLength,
    };
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;

    if (nt_irql() != NT_PASSIVE_LEVEL) {
        nt_finding("irp-irql", device->Reserved, "a control code was sent at IRQL %u", nt_irql());
        return storport_irp_finish(irp, status, 0);
    }
    if (!storport_device_enter(device, &ioctl.port))
        return storport_irp_finish(irp, STATUS_NO_SUCH_DEVICE, 0);
    ioctl.unit = storport_device_of(device)->unit;
    ioctl.adapter = ioctl.port->model_state;
    status = is_started(ioctl.adapter) ? run(&ioctl) : STATUS_DEVICE_NOT_READY;
    storport_requests_leave(ioctl.port);
    if (status == STATUS_PENDING)
        return status;
    return storport_irp_finish(irp, status, NT_ERROR(status) ? 0 : ioctl.information);
}
