/*
 * scsi_irp.c - requests of other drivers: IRP_MJ_SCSI with an SRB of either form, as filters and
 * class drivers send them to a unit (lifecycle sections 5 and 10), and IRP_MJ_SYSTEM_CONTROL.
 *
 * Functions for class drivers alone (claim, lock, release, ...) are the port's and never reach the
 * miniport. The rest become requests of the port; what the driver's SRB gets back are status, SCSI
 * status, length and sense data.
 */
#include "storport/device.h"

#include <errno.h>
#include <limits.h>
#include <srbhelper.h>
#include <string.h>

enum { IRP_WORK_TAG = 0x49535053, CDB_MAX = 32 };

struct scsi_irp {
    struct nt_work work;
    struct port_adapter *port;
    struct port_unit *unit;
    DEVICE_OBJECT *device;
    IRP *irp;
    void *srb;
};

static NTSTATUS answer(const struct scsi_irp *scsi, uint8_t srb_status, NTSTATUS status)
{
    SrbSetSrbStatus(scsi->srb, srb_status);
    return status;
}

/* ---- what runs, for those who abort it ---- */

/* On the stack of who executes it. */
struct storport_running {
    struct storport_running *next;
    const struct port_unit *unit;
    const void *srb;
    struct port_request *request;
    uint32_t aborters; /* under the mutex; slept on */
};

static void running_begin(struct storport_stack *stack, struct storport_running *running)
{
    sys_mutex_lock(&stack->mutex);
    running->next = stack->running;
    stack->running = running;
    sys_mutex_unlock(&stack->mutex);
}

/* The request stays what it is for as long as somebody aborts it. */
static void running_end(struct storport_stack *stack, const struct storport_running *running)
{
    uint32_t aborters;

    sys_mutex_lock(&stack->mutex);
    for (struct storport_running **link = &stack->running; *link; link = &(*link)->next) {
        if (*link == running) {
            *link = running->next;
            break;
        }
    }
    while ((aborters = __atomic_load_n(&running->aborters, __ATOMIC_SEQ_CST)) != 0) {
        sys_mutex_unlock(&stack->mutex);
        sys_wait(&running->aborters, aborters, SYS_FOREVER);
        sys_mutex_lock(&stack->mutex);
    }
    sys_mutex_unlock(&stack->mutex);
}

static struct storport_running *running_keep(struct storport_stack *stack,
                                             const struct port_unit *unit, const void *srb)
{
    struct storport_running *running;

    sys_mutex_lock(&stack->mutex);
    for (running = stack->running; running; running = running->next)
        if (running->srb == srb && running->unit == unit)
            break;
    if (running)
        __atomic_add_fetch(&running->aborters, 1, __ATOMIC_SEQ_CST);
    sys_mutex_unlock(&stack->mutex);
    return running;
}

static void running_release(struct storport_stack *stack, struct storport_running *running)
{
    sys_mutex_lock(&stack->mutex);
    if (!__atomic_sub_fetch(&running->aborters, 1, __ATOMIC_SEQ_CST))
        sys_wake(&running->aborters, INT_MAX);
    sys_mutex_unlock(&stack->mutex);
}

/* ---- functions for class drivers ---- */

/* Each device stack is one owner: its device object tells it apart. */
static NTSTATUS claim(const struct scsi_irp *scsi)
{
    if (port_unit_claim(scsi->unit, scsi->device))
        return answer(scsi, SRB_STATUS_BUSY, STATUS_DEVICE_BUSY);
    SrbSetDataBuffer(scsi->srb, scsi->device);
    return answer(scsi, SRB_STATUS_SUCCESS, STATUS_SUCCESS);
}

static NTSTATUS release(const struct scsi_irp *scsi)
{
    port_unit_unclaim(scsi->unit, scsi->device);
    return answer(scsi, SRB_STATUS_SUCCESS, STATUS_SUCCESS);
}

static NTSTATUS queue_operation(const struct scsi_irp *scsi, enum port_queue_operation operation)
{
    switch (port_unit_queue(scsi->unit, operation, scsi->device)) {
    case 0:
        return answer(scsi, SRB_STATUS_SUCCESS, STATUS_SUCCESS);
    case -ENOMEM:
        return answer(scsi, SRB_STATUS_INSUFFICIENT_RESOURCES, STATUS_INSUFFICIENT_RESOURCES);
    default:
        return answer(scsi, SRB_STATUS_INVALID_REQUEST, STATUS_INVALID_DEVICE_REQUEST);
    }
}

/* ---- functions for the miniport ---- */

static const struct {
    UCHAR srb;
    uint8_t port;
} functions[] = {
    {SRB_FUNCTION_EXECUTE_SCSI, PORT_EXECUTE_SCSI},
    {SRB_FUNCTION_IO_CONTROL, PORT_IO_CONTROL},
    {SRB_FUNCTION_FLUSH, PORT_FLUSH},
    {SRB_FUNCTION_SHUTDOWN, PORT_SHUTDOWN},
    {SRB_FUNCTION_RESET_BUS, PORT_RESET_BUS},
    {SRB_FUNCTION_RESET_DEVICE, PORT_RESET_TARGET},
    {SRB_FUNCTION_RESET_LOGICAL_UNIT, PORT_RESET_LOGICAL_UNIT},
    {SRB_FUNCTION_PROTOCOL_COMMAND, PORT_PROTOCOL_COMMAND},
};

static uint16_t flags_of(ULONG flags, UCHAR action, bool is_command)
{
    static const struct {
        ULONG srb;
        uint16_t port;
    } table[] = {
        {SRB_FLAGS_NO_QUEUE_FREEZE, PORT_FLAG_NO_FREEZE},
        {SRB_FLAGS_BYPASS_FROZEN_QUEUE, PORT_FLAG_BYPASS_FROZEN},
        {SRB_FLAGS_BYPASS_LOCKED_QUEUE, PORT_FLAG_BYPASS_LOCKED},
        {SRB_FLAGS_DISABLE_AUTOSENSE, PORT_FLAG_NO_AUTOSENSE},
        {SRB_FLAGS_NO_KEEP_AWAKE, PORT_FLAG_NO_KEEP_AWAKE},
        {SRB_FLAGS_D3_PROCESSING, PORT_FLAG_D3_PROCESSING},
    };
    uint16_t result = PORT_FLAG_ORIGINAL;

    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (flags & table[i].srb)
            result |= table[i].port;
    if (is_command && !(flags & SRB_FLAGS_QUEUE_ACTION_ENABLE))
        result |= PORT_FLAG_UNTAGGED;
    else if (action == SRB_HEAD_OF_QUEUE_TAG_REQUEST)
        result |= PORT_FLAG_HEAD_OF_QUEUE;
    else if (action == SRB_ORDERED_QUEUE_TAG_REQUEST)
        result |= PORT_FLAG_ORDERED;
    return result;
}

static enum port_direction direction_of(ULONG flags)
{
    if (flags & SRB_FLAGS_DATA_IN)
        return PORT_DATA_IN; /* both together: an IO_CONTROL, whose buffer is returned */
    return flags & SRB_FLAGS_DATA_OUT ? PORT_DATA_OUT : PORT_NO_DATA;
}

static void copy_results(const struct scsi_irp *scsi, const struct port_request *request,
                         const uint8_t *sense)
{
    UCHAR room = SrbGetSenseInfoBufferLength(scsi->srb), status = request->srb_status;
    void *buffer = SrbGetSenseInfoBuffer(scsi->srb);

    if (request->status == PORT_TIMED_OUT)
        status = SRB_STATUS_TIMEOUT;
    else if (request->status != PORT_OK && !status)
        status = SRB_STATUS_ERROR;
    if (request->function == PORT_EXECUTE_SCSI) {
        SrbSetScsiStatus(scsi->srb, request->scsi_status);
        if (buffer && request->sense_length) {
            UCHAR length = request->sense_length < room ? request->sense_length : room;
            memcpy(buffer, sense, length);
            SrbSetSenseInfoBufferLength(scsi->srb, length);
            status |= SRB_STATUS_AUTOSENSE_VALID;
        }
    }
    SrbSetSrbStatus(scsi->srb, status);
    SrbSetDataTransferLength(scsi->srb, request->transferred);
    scsi->irp->IoStatus.Information = request->transferred;
}

static NTSTATUS execute(const struct scsi_irp *scsi, enum port_function function)
{
    ULONG flags = SrbGetSrbFlags(scsi->srb);
    bool is_command = function == PORT_EXECUTE_SCSI;
    const uint8_t *cdb = is_command ? (const uint8_t *)SrbGetCdb(scsi->srb) : NULL;
    uint8_t sense[PORT_SENSE_BYTES];
    struct port_request request = {
        .function = (uint8_t)function,
        .flags = flags_of(flags, (UCHAR)SrbGetRequestAttribute(scsi->srb), is_command),
        .direction = (uint8_t)direction_of(flags),
        .length = SrbGetDataTransferLength(scsi->srb),
        .timeout_s = SrbGetTimeOutValue(scsi->srb),
        .sense = sense,
        .sense_capacity = UINT8_MAX,
        .original = scsi->irp,
    };

    if (is_command) {
        request.cdb_length = SrbGetCdbLength(scsi->srb);
        if (!cdb || !request.cdb_length || request.cdb_length > CDB_MAX)
            return answer(scsi, SRB_STATUS_INVALID_REQUEST, STATUS_INVALID_PARAMETER);
        memcpy(request.cdb, cdb, request.cdb_length);
        if (request.cdb_length > 16)
            request.flags |= PORT_FLAG_LONG_CDB;
    } else if (function == PORT_RESET_BUS) {
        request.cdb[0] = SrbGetPathId(scsi->srb);
    }
    if (request.direction == PORT_NO_DATA)
        request.length = 0;
    if (request.length)
        request.single = (struct port_segment){SrbGetDataBuffer(scsi->srb), request.length};
    if (request.length && !request.single.base)
        return answer(scsi, SRB_STATUS_INVALID_REQUEST, STATUS_INVALID_PARAMETER);
    struct storport_stack *stack = scsi->port->device_stack;
    struct storport_running running = {.unit = scsi->unit, .srb = scsi->srb, .request = &request};
    running_begin(stack, &running);
    storport_ioctl_execute(&request, scsi->unit);
    running_end(stack, &running);
    copy_results(scsi, &request, sense);
    return (NTSTATUS)port_request_nt_status(&request);
}

/* NextSrb is the request that is to end. */
static NTSTATUS abort_command(const struct scsi_irp *scsi)
{
    struct storport_stack *stack = scsi->port->device_stack;
    struct storport_running *victim = running_keep(stack, scsi->unit, SrbGetNextSrb(scsi->srb));
    struct port_request request = {.function = PORT_ABORT, .original = scsi->irp};

    if (!victim)
        return answer(scsi, SRB_STATUS_ABORT_FAILED, STATUS_NOT_FOUND);
    request.single.base = victim->request;
    storport_ioctl_execute(&request, scsi->unit);
    running_release(stack, victim);
    return answer(scsi, request.srb_status ? request.srb_status : SRB_STATUS_ERROR,
                  (NTSTATUS)port_request_nt_status(&request));
}

static NTSTATUS dispatch(const struct scsi_irp *scsi)
{
    ULONG function = SrbGetSrbFunction(scsi->srb);

    switch (function) {
    case SRB_FUNCTION_CLAIM_DEVICE:
        return claim(scsi);
    case SRB_FUNCTION_RELEASE_DEVICE:
    case SRB_FUNCTION_REMOVE_DEVICE:
        return release(scsi);
    case SRB_FUNCTION_LOCK_QUEUE:
        return queue_operation(scsi, PORT_QUEUE_LOCK);
    case SRB_FUNCTION_UNLOCK_QUEUE:
        return queue_operation(scsi, PORT_QUEUE_UNLOCK);
    case SRB_FUNCTION_RELEASE_QUEUE:
        return queue_operation(scsi, PORT_QUEUE_RELEASE);
    case SRB_FUNCTION_FLUSH_QUEUE:
        return queue_operation(scsi, PORT_QUEUE_FLUSH);
    case SRB_FUNCTION_QUIESCE_DEVICE:
        return queue_operation(scsi, PORT_QUEUE_QUIESCE);
    case SRB_FUNCTION_ABORT_COMMAND:
        return abort_command(scsi);
    default:
        break;
    }
    for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (functions[i].srb == function)
            return execute(scsi, (enum port_function)functions[i].port);
    return answer(scsi, SRB_STATUS_INVALID_REQUEST, STATUS_INVALID_DEVICE_REQUEST);
}

/* ---- the IRP ---- */

static NTSTATUS finish(const struct scsi_irp *scsi)
{
    scsi->irp->IoStatus.Information = 0;
    NTSTATUS status = dispatch(scsi);

    storport_requests_leave(scsi->port);
    return storport_irp_finish(scsi->irp, status, scsi->irp->IoStatus.Information);
}

static void finish_later(void *context)
{
    struct scsi_irp scsi = *(struct scsi_irp *)context;

    nt_pool_free(context);
    finish(&scsi);
}

static bool is_good_srb(const void *srb)
{
    const STORAGE_REQUEST_BLOCK *extended = srb;

    return srb && (extended->Function != SRB_FUNCTION_STORAGE_REQUEST_BLOCK ||
                   extended->Signature == SRB_SIGNATURE);
}

NTSTATUS NTAPI storport_dispatch_scsi(DEVICE_OBJECT *device, IRP *irp)
{
    void *srb = nt_irp_current(irp)->Parameters.Scsi.Srb;

    if (!storport_is_device(device))
        return nt_dispatch_invalid(device, irp);
    if (storport_device_of(device)->kind != STORPORT_DEVICE_UNIT)
        return nt_dispatch_invalid(device, irp);
    struct scsi_irp scsi = {.device = device, .irp = irp, .srb = srb};
    if (!is_good_srb(srb))
        return storport_irp_finish(irp, STATUS_INVALID_PARAMETER, 0);
    if (!storport_device_enter(device, &scsi.port)) {
        SrbSetSrbStatus(srb, SRB_STATUS_NO_DEVICE);
        return storport_irp_finish(irp, STATUS_NO_SUCH_DEVICE, 0);
    }
    scsi.unit = storport_device_of(device)->unit;
    if (nt_irql() == NT_PASSIVE_LEVEL)
        return finish(&scsi);
    /* Above, the caller cannot wait: a system thread does. */
    struct scsi_irp *later = nt_pool_allocate(sizeof(*later), IRP_WORK_TAG, NULL);
    if (!later) {
        storport_requests_leave(scsi.port);
        SrbSetSrbStatus(srb, SRB_STATUS_INSUFFICIENT_RESOURCES);
        return storport_irp_finish(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    }
    *later = scsi;
    nt_work_initialize(&later->work, finish_later, later);
    nt_irp_mark_pending(irp);
    SrbSetSrbStatus(srb, SRB_STATUS_PENDING);
    nt_work_queue(&later->work);
    return STATUS_PENDING;
}

/* ---- WMI ---- */

/* Minor function, GUID and buffer become a WMI request to the adapter. A request for another
 * provider, or to a driver that provides nothing, goes down the stack. */
NTSTATUS NTAPI storport_dispatch_system_control(DEVICE_OBJECT *device, IRP *irp)
{
    const IO_STACK_LOCATION *location = nt_irp_current(irp);
    struct port_adapter *port;
    struct port_request request = {
        .function = PORT_WMI,
        .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_ORIGINAL,
        .direction = location->Parameters.WMI.BufferSize ? PORT_DATA_IN : PORT_NO_DATA,
        .single = {location->Parameters.WMI.Buffer, location->Parameters.WMI.BufferSize},
        .length = location->Parameters.WMI.BufferSize,
        .cdb = {location->MinorFunction},
        .original = irp,
    };

    if (!storport_is_device(device))
        return nt_dispatch_invalid(device, irp);
    if (location->Parameters.WMI.ProviderId != (ULONG_PTR)device || nt_irql() != NT_PASSIVE_LEVEL ||
        !storport_device_enter(device, &port))
        return storport_pass_down(device, irp);
    const struct storport_adapter *adapter = port->model_state;
    if (!adapter || !adapter->config.WmiDataProvider || (request.length && !request.single.base)) {
        storport_requests_leave(port);
        return storport_pass_down(device, irp);
    }
    struct port_unit *unit = storport_device_of(device)->unit;
    request.cdb[2] = unit == NULL;
    /* A registration has the reason for asking where all else has a GUID. */
    if (location->MinorFunction == IRP_MN_REGINFO || location->MinorFunction == IRP_MN_REGINFO_EX)
        request.cdb[1] = (unsigned char)(ULONG_PTR)location->Parameters.WMI.DataPath;
    else if (location->Parameters.WMI.DataPath)
        memcpy(request.cdb + 16, location->Parameters.WMI.DataPath, sizeof(GUID));
    storport_ioctl_execute(&request, unit ? unit : port_adapter_unit(port));
    storport_requests_leave(port);
    return storport_irp_finish(irp, (NTSTATUS)port_request_nt_status(&request),
                               request.transferred);
}
