/*
 * acpi_irp.c - the control codes of acpiioct.h at the adapter's physical device, where Windows has
 * the ACPI driver in the stack.
 *
 * Sources: the pages of IOCTL_ACPI_EVAL_METHOD, _EX, their asynchronous forms, and
 * IOCTL_ACPI_ENUM_CHILDREN.
 */
#include "storport/acpi.h"

#include <acpiioct.h>
#include <errno.h>
#include <string.h>

enum { WORK_TAG = 0x43415053 };

struct control {
    struct port_adapter *port;
    IRP *irp;
    struct nt_work work;
};

/* ---- evaluation ---- */

static NTSTATUS status_of_error(int error)
{
    switch (-error) {
    case 0:
        return STATUS_SUCCESS;
    case EINVAL:
        return STATUS_ACPI_INCORRECT_ARGUMENT_COUNT;
    case E2BIG:
    case ENOMEM:
        return STATUS_INSUFFICIENT_RESOURCES;
    case ETIMEDOUT:
        return STATUS_IO_TIMEOUT;
    default:
        return STATUS_UNSUCCESSFUL;
    }
}

/* The header tells the length even where the rest has no room, so it is returned. */
static NTSTATUS result_return(const struct acpi_value *result, bool wide, void *buffer, ULONG room,
                              size_t *ret_information)
{
    enum { HEAD = FIELD_OFFSET(ACPI_EVAL_OUTPUT_BUFFER, Argument) };
    size_t length;

    if (acpi_result_write(result, wide, buffer, room, &length)) {
        *ret_information = length;
        return STATUS_SUCCESS;
    }
    if (!length)
        return STATUS_ACPI_INVALID_DATA;
    if (room < HEAD)
        return STATUS_BUFFER_TOO_SMALL;
    *ret_information = HEAD;
    return STATUS_BUFFER_OVERFLOW;
}

static NTSTATUS evaluate(const struct acpi_node *node, const IO_STACK_LOCATION *location,
                         void *buffer, bool by_path, size_t *ret_information)
{
    ULONG input = location->Parameters.DeviceIoControl.InputBufferLength;
    ULONG room = location->Parameters.DeviceIoControl.OutputBufferLength;
    struct acpi_request request;
    struct acpi_value result = {0};
    NTSTATUS status = STATUS_INVALID_PARAMETER;

    if (acpi_request_parse(&request, buffer, input) && request.wide == by_path) {
        const struct acpi_node *method = acpi_node_below(node, request.name);
        status =
            method
                ? status_of_error(acpi_evaluate(method, request.arguments, request.count, &result))
                : STATUS_OBJECT_NAME_NOT_FOUND;
        if (status >= 0 && room)
            status = result_return(&result, request.wide, buffer, room, ret_information);
    }
    acpi_request_free(&request);
    acpi_value_clear(&result);
    return status;
}

/* ---- children ---- */

struct listing {
    uint8_t *at;
    size_t length;
    ULONG count;
    bool writes;
};

static void node_list(struct listing *listing, const struct acpi_node *node)
{
    const char *path = acpi_node_path(node);
    const ULONG head[] = {acpi_next_child(node, NULL) ? ACPI_OBJECT_HAS_CHILDREN : 0,
                          (ULONG)strlen(path) + 1};

    if (listing->writes) {
        memcpy(listing->at + listing->length, head, sizeof(head));
        memcpy(listing->at + listing->length + sizeof(head), path, head[1]);
    }
    listing->length += sizeof(head) + head[1];
    listing->count++;
}

/* Devices, or whatever has the name; below them, if all levels are wanted. */
static void children_list(struct listing *listing, const struct acpi_node *node, ULONG flags,
                          const char *name)
{
    const struct acpi_node *child = NULL;

    while ((child = acpi_next_child(node, child)) != NULL) {
        const char *path = acpi_node_path(child);
        if (name ? !strcmp(path + strlen(path) - strlen(name), name) : acpi_node_is_device(child))
            node_list(listing, child);
        if (flags & ENUM_CHILDREN_MULTILEVEL)
            children_list(listing, child, flags, name);
    }
}

static void list(struct listing *listing, const struct acpi_node *node, ULONG flags,
                 const char *name)
{
    listing->length = FIELD_OFFSET(ACPI_ENUM_CHILDREN_OUTPUT_BUFFER, Children);
    listing->count = 0;
    if (!name)
        node_list(listing, node);
    children_list(listing, node, flags, name);
}

/* The filter, filled up to four characters. False: it is no name. */
static bool filter_take(char name[5], const ACPI_ENUM_CHILDREN_INPUT_BUFFER *input, ULONG length)
{
    size_t room = length - FIELD_OFFSET(ACPI_ENUM_CHILDREN_INPUT_BUFFER, Name);
    size_t given = strnlen(input->Name, input->NameLength < room ? input->NameLength : room);

    if (!given || given > 4)
        return false;
    memset(name, '_', 4);
    memcpy(name, input->Name, given);
    name[4] = '\0';
    return true;
}

static NTSTATUS enumerate(const struct acpi_node *node, const IO_STACK_LOCATION *location,
                          void *buffer, size_t *ret_information)
{
    enum { HEAD = FIELD_OFFSET(ACPI_ENUM_CHILDREN_OUTPUT_BUFFER, Children) };
    const ACPI_ENUM_CHILDREN_INPUT_BUFFER *input = buffer;
    ULONG input_length = location->Parameters.DeviceIoControl.InputBufferLength;
    ULONG room = location->Parameters.DeviceIoControl.OutputBufferLength;
    struct listing listing = {.at = buffer};
    char name[5];

    if (input_length < FIELD_OFFSET(ACPI_ENUM_CHILDREN_INPUT_BUFFER, Name) ||
        input->Signature != ACPI_ENUM_CHILDREN_INPUT_BUFFER_SIGNATURE)
        return STATUS_INVALID_PARAMETER;
    ULONG flags = input->Flags;
    bool filtered = flags & ENUM_CHILDREN_NAME_IS_FILTER;
    if (!(flags & (ENUM_CHILDREN_IMMEDIATE_ONLY | ENUM_CHILDREN_MULTILEVEL)) ||
        (filtered && !filter_take(name, input, input_length)))
        return STATUS_INVALID_PARAMETER;
    list(&listing, node, flags, filtered ? name : NULL);
    if (room < HEAD)
        return STATUS_BUFFER_TOO_SMALL;
    listing.writes = listing.length <= room;
    const ULONG head[] = {ACPI_ENUM_CHILDREN_OUTPUT_BUFFER_SIGNATURE,
                          listing.writes ? listing.count : (ULONG)listing.length};
    memcpy(buffer, head, sizeof(head));
    *ret_information = HEAD;
    if (!listing.writes)
        return STATUS_BUFFER_OVERFLOW;
    list(&listing, node, flags, filtered ? name : NULL);
    *ret_information = listing.length;
    return STATUS_SUCCESS;
}

/* ---- the requests ---- */

static NTSTATUS run(const struct control *control, size_t *ret_information)
{
    const IO_STACK_LOCATION *location = nt_irp_current(control->irp);
    const struct acpi_node *node = storport_acpi_adapter(control->port);
    void *buffer = control->irp->AssociatedIrp.SystemBuffer;

    if (!node)
        return STATUS_NOT_SUPPORTED;
    switch (location->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_ACPI_EVAL_METHOD:
    case IOCTL_ACPI_ASYNC_EVAL_METHOD:
        return evaluate(node, location, buffer, false, ret_information);
    case IOCTL_ACPI_EVAL_METHOD_EX:
    case IOCTL_ACPI_ASYNC_EVAL_METHOD_EX:
        return evaluate(node, location, buffer, true, ret_information);
    default:
        return enumerate(node, location, buffer, ret_information);
    }
}

static NTSTATUS finish(const struct control *control)
{
    size_t information = 0;
    NTSTATUS status = run(control, &information);

    storport_requests_leave(control->port);
    return storport_irp_finish(control->irp, status, information);
}

static void finish_later(void *context)
{
    struct control copy = *(struct control *)context;

    nt_pool_free(context);
    (void)finish(&copy);
}

static bool is_acpi(ULONG code, bool *ret_asynchronous)
{
    *ret_asynchronous =
        code == IOCTL_ACPI_ASYNC_EVAL_METHOD || code == IOCTL_ACPI_ASYNC_EVAL_METHOD_EX;
    return *ret_asynchronous || code == IOCTL_ACPI_EVAL_METHOD ||
           code == IOCTL_ACPI_EVAL_METHOD_EX || code == IOCTL_ACPI_ENUM_CHILDREN;
}

NTSTATUS NTAPI storport_acpi_control(DEVICE_OBJECT *device, IRP *irp)
{
    struct control control = {.irp = irp};
    bool asynchronous;

    if (!is_acpi(nt_irp_current(irp)->Parameters.DeviceIoControl.IoControlCode, &asynchronous))
        return nt_dispatch_invalid(device, irp);
    if (nt_irql() > (asynchronous ? NT_DISPATCH_LEVEL : NT_PASSIVE_LEVEL)) {
        nt_finding("irp-irql", device->Reserved, "an ACPI control code was sent at IRQL %u",
                   nt_irql());
        return storport_irp_finish(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
    if (!storport_device_enter(device, &control.port))
        return storport_irp_finish(irp, STATUS_NO_SUCH_DEVICE, 0);
    if (!asynchronous)
        return finish(&control);
    struct control *later = nt_pool_allocate(sizeof(*later), WORK_TAG, NULL);
    if (!later) {
        storport_requests_leave(control.port);
        return storport_irp_finish(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    *later = control;
    nt_work_initialize(&later->work, finish_later, later);
    nt_irp_mark_pending(irp);
    nt_work_queue(&later->work);
    return STATUS_PENDING;
}
