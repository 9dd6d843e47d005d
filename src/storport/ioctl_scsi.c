/*
 * ioctl_scsi.c - control codes about the adapter and its units: where they are, what they can do,
 * rescan, resets; and requests to the miniport in its own language (lifecycle section 14).
 */
#include "storport/device.h"

#include <ntddscsi.h>
#include <ntddstor.h>
#include <string.h>

void storport_ioctl_execute(struct port_request *request, struct port_unit *unit)
{
    struct port_queue *queue;

    request->unit = unit;
    request->status = PORT_NO_MEMORY;
    if (port_queue_create(&queue))
        return;
    port_execute(queue, request);
    port_queue_destroy(queue);
}

/* An answer of fixed size. */
static NTSTATUS answer(struct storport_ioctl *ioctl, const void *value, size_t size)
{
    if (ioctl->output_length < size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(ioctl->buffer, value, size);
    ioctl->information = size;
    return STATUS_SUCCESS;
}

/* ---- what there is ---- */

static NTSTATUS get_address(struct storport_ioctl *ioctl)
{
    const struct port_unit *unit = ioctl->unit;
    SCSI_ADDRESS address = {
        .Length = sizeof(address),
        .PortNumber = (UCHAR)ioctl->port->number,
        .PathId = unit->path,
        .TargetId = unit->target,
        .Lun = unit->lun,
    };

    return answer(ioctl, &address, sizeof(address));
}
STORPORT_IOCTL(IOCTL_SCSI_GET_ADDRESS, STORPORT_FOR_UNIT, 0, get_address);

static NTSTATUS get_capabilities(struct storport_ioctl *ioctl)
{
    const struct port_limits *limits = &ioctl->port->limits;
    IO_SCSI_CAPABILITIES capabilities = {
        .Length = sizeof(capabilities),
        .MaximumTransferLength = port_adapter_transfer_limit(ioctl->port),
        .MaximumPhysicalPages = limits->physical_breaks,
        .AlignmentMask = limits->alignment_mask,
        .TaggedQueuing = TRUE,
    };

    return answer(ioctl, &capabilities, sizeof(capabilities));
}
STORPORT_IOCTL(IOCTL_SCSI_GET_CAPABILITIES, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT, 0,
               get_capabilities);

/* Units of one path become a list linked by offsets. */
static void describe_path(struct storport_ioctl *ioctl, unsigned path, SCSI_BUS_DATA *bus,
                          size_t *used)
{
    enum { INQUIRY_BYTES = INQUIRYDATABUFFERSIZE };
    const size_t size = (offsetof(SCSI_INQUIRY_DATA, InquiryData) + INQUIRY_BYTES + 3) & ~3u;
    SCSI_INQUIRY_DATA *previous = NULL;

    for (struct port_unit *unit = ioctl->port->units; unit; unit = unit->next) {
        if (unit->path != path || !port_unit_present(unit) || *used + size > ioctl->output_length ||
            bus->NumberOfLogicalUnits == UINT8_MAX)
            continue;
        SCSI_INQUIRY_DATA *data = (SCSI_INQUIRY_DATA *)((char *)ioctl->buffer + *used);
        data->PathId = unit->path;
        data->TargetId = unit->target;
        data->Lun = unit->lun;
        data->DeviceClaimed = __atomic_load_n(&unit->claimed_by, __ATOMIC_RELAXED) != NULL;
        data->InquiryDataLength = INQUIRY_BYTES;
        data->NextInquiryDataOffset = 0;
        memcpy(data->InquiryData, unit->inquiry, INQUIRY_BYTES);
        if (previous)
            previous->NextInquiryDataOffset = (ULONG)*used;
        else
            bus->InquiryDataOffset = (ULONG)*used;
        previous = data;
        bus->NumberOfLogicalUnits++;
        *used += size;
    }
}

static size_t inquiry_size(const struct port_adapter *port)
{
    size_t size =
        offsetof(SCSI_ADAPTER_BUS_INFO, BusData) + port->limits.paths * sizeof(SCSI_BUS_DATA);

    size = (size + 3) & ~(size_t)3;
    for (struct port_unit *unit = port->units; unit; unit = unit->next)
        if (port_unit_present(unit))
            size += (offsetof(SCSI_INQUIRY_DATA, InquiryData) + INQUIRYDATABUFFERSIZE + 3) & ~3u;
    return size;
}

static NTSTATUS get_inquiry_data(struct storport_ioctl *ioctl)
{
    const struct port_limits *limits = &ioctl->port->limits;
    SCSI_ADAPTER_BUS_INFO *info = ioctl->buffer;
    size_t used = offsetof(SCSI_ADAPTER_BUS_INFO, BusData) + limits->paths * sizeof(SCSI_BUS_DATA);

    if (ioctl->output_length < inquiry_size(ioctl->port))
        return STATUS_BUFFER_TOO_SMALL;
    used = (used + 3) & ~(size_t)3;
    memset(info, 0, used);
    info->NumberOfBuses = (UCHAR)limits->paths;
    for (unsigned path = 0; path < limits->paths; path++) {
        info->BusData[path].InitiatorBusId =
            path < sizeof(limits->initiator_id) ? limits->initiator_id[path] : UINT8_MAX;
        describe_path(ioctl, path, &info->BusData[path], &used);
    }
    ioctl->information = used;
    return STATUS_SUCCESS;
}
STORPORT_IOCTL(IOCTL_SCSI_GET_INQUIRY_DATA, STORPORT_FOR_ADAPTER, 0, get_inquiry_data);

/* Returns before the pass: whoever removes the adapter may be what the pass would wait for. */
static NTSTATUS rescan_bus(struct storport_ioctl *ioctl)
{
    port_rescan_schedule(ioctl->port);
    return STATUS_SUCCESS;
}
STORPORT_IOCTL(IOCTL_SCSI_RESCAN_BUS, STORPORT_FOR_ADAPTER, 0, rescan_bus);

/* ---- resets ---- */

static NTSTATUS reset(struct storport_ioctl *ioctl, struct port_unit *unit,
                      enum port_function function, uint8_t path)
{
    struct port_request request = {.function = (uint8_t)function, .cdb = {path}};

    (void)ioctl;
    storport_ioctl_execute(&request, unit);
    return (NTSTATUS)port_request_nt_status(&request);
}

static NTSTATUS reset_bus(struct storport_ioctl *ioctl)
{
    const STORAGE_BUS_RESET_REQUEST *input = ioctl->buffer;

    if (input->PathId >= ioctl->port->limits.paths)
        return STATUS_INVALID_PARAMETER;
    return reset(ioctl, port_adapter_unit(ioctl->port), PORT_RESET_BUS, input->PathId);
}
STORPORT_IOCTL(IOCTL_STORAGE_RESET_BUS, STORPORT_FOR_ADAPTER, sizeof(STORAGE_BUS_RESET_REQUEST),
               reset_bus);

static NTSTATUS reset_device(struct storport_ioctl *ioctl)
{
    return reset(ioctl, ioctl->unit, PORT_RESET_TARGET, ioctl->unit->path);
}
STORPORT_IOCTL(IOCTL_STORAGE_RESET_DEVICE, STORPORT_FOR_UNIT, 0, reset_device);

/* ---- requests in the miniport's own language ---- */

/* The buffer is the request's data, in and out. */
static NTSTATUS send_buffer(struct storport_ioctl *ioctl, enum port_function function,
                            uint32_t length, uint32_t timeout_s)
{
    struct port_request request = {
        .function = (uint8_t)function,
        .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_ORIGINAL,
        .direction = PORT_DATA_IN,
        .single = {ioctl->buffer, length},
        .length = length,
        .timeout_s = timeout_s,
        .original = ioctl->irp,
    };

    storport_ioctl_execute(&request, ioctl->unit ? ioctl->unit : port_adapter_unit(ioctl->port));
    NTSTATUS status = (NTSTATUS)port_request_nt_status(&request);
    ioctl->information = request.transferred < length ? request.transferred : length;
    if (ioctl->information > ioctl->output_length)
        ioctl->information = ioctl->output_length;
    return status;
}

static NTSTATUS scsi_miniport(struct storport_ioctl *ioctl)
{
    const SRB_IO_CONTROL *control = ioctl->buffer;
    uint32_t room =
        ioctl->input_length > ioctl->output_length ? ioctl->input_length : ioctl->output_length;

    if (control->HeaderLength != sizeof(*control))
        return STATUS_REVISION_MISMATCH;
    if (control->Length > UINT32_MAX - sizeof(*control))
        return STATUS_INVALID_PARAMETER;
    if (sizeof(*control) + control->Length > room)
        return STATUS_BUFFER_TOO_SMALL;
    return send_buffer(ioctl, PORT_IO_CONTROL, (uint32_t)sizeof(*control) + control->Length,
                       control->Timeout);
}
STORPORT_IOCTL(IOCTL_SCSI_MINIPORT, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               sizeof(SRB_IO_CONTROL), scsi_miniport);

/* A part of the buffer behind the header, at a multiple of 8 unless it is empty. */
static bool part_is_good(const struct storport_ioctl *ioctl, uint32_t header, uint32_t offset,
                         uint32_t length, uint32_t room)
{
    (void)ioctl;
    return !length ||
           (offset >= header && offset % 8 == 0 && offset <= room && length <= room - offset);
}

static NTSTATUS protocol_command(struct storport_ioctl *ioctl)
{
    const STORAGE_PROTOCOL_COMMAND *command = ioctl->buffer;
    uint32_t header = offsetof(STORAGE_PROTOCOL_COMMAND, Command);
    uint32_t in = ioctl->input_length, out = ioctl->output_length;

    if (command->Version != STORAGE_PROTOCOL_STRUCTURE_VERSION || command->Length < header)
        return STATUS_REVISION_MISMATCH;
    if (!command->CommandLength || command->CommandLength > in - header || !command->TimeOutValue)
        return STATUS_INVALID_PARAMETER;
    header += command->CommandLength;
    if (!part_is_good(ioctl, header, command->ErrorInfoOffset, command->ErrorInfoLength, out) ||
        !part_is_good(ioctl, header, command->DataToDeviceBufferOffset,
                      command->DataToDeviceTransferLength, in) ||
        !part_is_good(ioctl, header, command->DataFromDeviceBufferOffset,
                      command->DataFromDeviceTransferLength, out))
        return STATUS_INVALID_PARAMETER;
    return send_buffer(ioctl, PORT_PROTOCOL_COMMAND, in > out ? in : out, command->TimeOutValue);
}
STORPORT_IOCTL(IOCTL_STORAGE_PROTOCOL_COMMAND, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               offsetof(STORAGE_PROTOCOL_COMMAND, Command), protocol_command);
