/*
 * ioctl.c - control codes of the C API, and what an NTSTATUS is among error numbers.
 */
#include "api/api_internal.h"

#include "ntoskrnl/threads.h"
#include <ntdef.h>
#include <ntstatus.h>

#include <errno.h>

int api_errno_of_status(uint32_t status)
{
    switch ((NTSTATUS)status) {
    case STATUS_INVALID_PARAMETER:
    case STATUS_REVISION_MISMATCH:
    case STATUS_INFO_LENGTH_MISMATCH:
    case STATUS_INVALID_BUFFER_SIZE:
        return EINVAL;
    case STATUS_BUFFER_TOO_SMALL:
        return ENOSPC;
    case STATUS_BUFFER_OVERFLOW:
        return EOVERFLOW;
    case STATUS_INVALID_DEVICE_REQUEST:
    case STATUS_NOT_SUPPORTED:
    case STATUS_NOT_IMPLEMENTED:
        return EOPNOTSUPP;
    case STATUS_NO_SUCH_DEVICE:
    case STATUS_DEVICE_DOES_NOT_EXIST:
    case STATUS_DEVICE_NOT_CONNECTED:
    case STATUS_DELETE_PENDING:
        return ENODEV;
    case STATUS_DEVICE_NOT_READY:
    case STATUS_DEVICE_BUSY:
        return EBUSY;
    case STATUS_INSUFFICIENT_RESOURCES:
    case STATUS_NO_MEMORY:
        return ENOMEM;
    case STATUS_ACCESS_DENIED:
        return EACCES;
    case STATUS_IO_TIMEOUT:
        return ETIMEDOUT;
    case STATUS_CANCELLED:
    case STATUS_REQUEST_ABORTED:
        return ECANCELED;
    default:
        return EIO;
    }
}

bool api_status_is_no_name(uint32_t status)
{
    return status == (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND;
}

STORHOST_API int storhost_ioctl(struct storhost_adapter *adapter, struct storhost_unit *unit,
                                uint32_t code, const void *input, size_t input_length, void *output,
                                size_t output_length, size_t *ret_length, uint32_t *ret_status)
{
    size_t length = 0;
    struct port_control_code control = {
        .code = code,
        .input = input,
        .input_length = (uint32_t)input_length,
        .output = output,
        .output_length = (uint32_t)output_length,
        .ret_length = &length,
    };
    uint32_t status = (uint32_t)STATUS_INVALID_PARAMETER;

    if (input_length <= UINT32_MAX && output_length <= UINT32_MAX &&
        (!unit || port_unit_adapter(unit->unit) == adapter->adapter))
        status = port_adapter_control(adapter->adapter, unit ? unit->unit : NULL, &control);
    queue_leave(); /* the caller's thread may have served a queue of the driver */
    if (ret_length)
        *ret_length = length;
    if (ret_status)
        *ret_status = status;
    return (int32_t)status >= 0 ? 0 : -api_errno_of_status(status);
}
