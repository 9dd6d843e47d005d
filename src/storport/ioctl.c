/*
 * ioctl.c - control codes: sent as the I/O manager does for DeviceIoControl, through the driver's
 * dispatch table, and taken apart again where they reach Storport.
 */
#include "nt/file.h"
#include "storport/device.h"

#include <ntddscsi.h>

/* ---- the side of the application ---- */

DEVICE_OBJECT *storport_device_object(struct port_adapter *port, struct port_unit *unit)
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

uint32_t storport_control(struct port_adapter *port, struct port_unit *unit,
                          const struct port_control_code *control)
{
    DEVICE_OBJECT *target = storport_device_object(port, unit);
    struct nt_file_request request = {
        .operation = NT_FILE_CONTROL,
        .code = control->code,
        .input = (void *)(uintptr_t)control->input,
        .input_length = control->input_length,
        .output = control->output,
        .output_length = control->output_length,
    };
    struct nt_file *file;

    if (!target)
        return (uint32_t)STATUS_NO_SUCH_DEVICE;
    NTSTATUS status = nt_file_open(target, NT_FILE_READ | NT_FILE_WRITE, "", &file);
    nt_object_release(target);
    if (status < 0)
        return (uint32_t)status;
    nt_file_send(file, &request);
    nt_file_close(file);
    *control->ret_length =
        request.information < control->output_length ? request.information : control->output_length;
    return (uint32_t)request.status;
}

/* ---- the machine behind a device, while a request is in its driver ---- */

static bool keeper_enter(const DEVICE_OBJECT *device, void **ret_kept)
{
    struct port_adapter *port;

    if (!storport_device_enter(device, &port))
        return false;
    port_runtime_hold(port, storport_device_of(device)->kind == STORPORT_DEVICE_UNIT);
    *ret_kept = port;
    return true;
}

static void keeper_leave(const DEVICE_OBJECT *device, void *kept)
{
    port_runtime_release(kept, storport_device_of(device)->kind == STORPORT_DEVICE_UNIT);
    storport_requests_leave(kept);
}

const struct nt_device_keeper storport_device_keeper = {keeper_enter, keeper_leave};

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
