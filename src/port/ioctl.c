/*
 * ioctl.c - control codes: the model knows what they mean.
 */
#include "port/adapter.h"
#include <ntdef.h>
#include <ntstatus.h>

struct _DEVICE_OBJECT *port_device_object(struct port_adapter *adapter, struct port_unit *unit)
{
    return adapter->model->device_object ? adapter->model->device_object(adapter, unit) : NULL;
}

uint32_t port_adapter_control(struct port_adapter *adapter, struct port_unit *unit,
                              const struct port_control_code *control)
{
    *control->ret_length = 0;
    if (!adapter->model->control)
        return (uint32_t)STATUS_INVALID_DEVICE_REQUEST;
    return adapter->model->control(adapter, unit, control);
}
