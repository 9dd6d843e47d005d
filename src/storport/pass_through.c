/*
 * pass_through.c - SCSI commands from applications: four forms of the structure (data behind it or
 * at an address, short or extended), each in a 64-bit and a 32-bit layout, which its length tells.
 *
 * Everything in the structure is the application's word and is held against the buffers before it
 * is used. The command itself is not judged.
 */
#include "storport/device.h"

#include <ntddscsi.h>
#include <string.h>

enum { TIMEOUT_MAX_S = 30 * 60 * 60, CDB_MAX = 32 };

/* Any of the forms. */
struct pass_through {
    uint8_t cdb_length, direction, sense_length;
    const uint8_t *cdb;
    uint32_t header; /* bytes before which no data may lie */
    uint32_t timeout_s, sense_offset;
    uint32_t out_length, in_length;
    uint64_t out_place, in_place; /* offsets, or addresses */
    bool direct;
    uint8_t path, target, lun;

    /* Where results go. */
    uint8_t *scsi_status, *ret_sense_length;
    uint32_t *ret_in_length, *ret_out_length;
};

/* ---- the short forms ---- */

/* Both layouts have the same members up to the buffer. */
#define PARSE_SHORT(type_, place_)                                                                 \
    do {                                                                                           \
        type_ *form = ioctl->buffer;                                                               \
        bool out = form->DataIn == SCSI_IOCTL_DATA_OUT;                                            \
        *pass = (struct pass_through){                                                             \
            .cdb_length = form->CdbLength,                                                         \
            .direction = form->DataIn,                                                             \
            .sense_length = form->SenseInfoLength,                                                 \
            .cdb = form->Cdb,                                                                      \
            .header = sizeof(*form),                                                               \
            .timeout_s = form->TimeOutValue,                                                       \
            .sense_offset = form->SenseInfoOffset,                                                 \
            .out_length = out ? form->DataTransferLength : 0,                                      \
            .in_length = out ? 0 : form->DataTransferLength,                                       \
            .out_place = (uint64_t)(uintptr_t)form->place_,                                        \
            .in_place = (uint64_t)(uintptr_t)form->place_,                                         \
            .path = form->PathId,                                                                  \
            .target = form->TargetId,                                                              \
            .lun = form->Lun,                                                                      \
            .scsi_status = &form->ScsiStatus,                                                      \
            .ret_sense_length = &form->SenseInfoLength,                                            \
            .ret_in_length = &form->DataTransferLength,                                            \
        };                                                                                         \
    } while (0)

static NTSTATUS parse_short(struct storport_ioctl *ioctl, struct pass_through *pass, bool direct)
{
    USHORT length = *(const USHORT *)ioctl->buffer;

    _Static_assert(sizeof(SCSI_PASS_THROUGH) == sizeof(SCSI_PASS_THROUGH_DIRECT) &&
                       sizeof(SCSI_PASS_THROUGH32) == sizeof(SCSI_PASS_THROUGH_DIRECT32),
                   "the length tells the layout");
    if (length > ioctl->input_length)
        return STATUS_INVALID_PARAMETER;
    if (length == sizeof(SCSI_PASS_THROUGH)) {
        if (direct)
            PARSE_SHORT(SCSI_PASS_THROUGH_DIRECT, DataBuffer);
        else
            PARSE_SHORT(SCSI_PASS_THROUGH, DataBufferOffset);
    } else if (length == sizeof(SCSI_PASS_THROUGH32)) {
        if (direct)
            PARSE_SHORT(SCSI_PASS_THROUGH_DIRECT32, DataBuffer);
        else
            PARSE_SHORT(SCSI_PASS_THROUGH32, DataBufferOffset);
    } else {
        return STATUS_REVISION_MISMATCH;
    }
    pass->direct = direct;
    return pass->cdb_length <= 16 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* ---- the extended forms ---- */

#define PARSE_EXTENDED(type_, out_, in_)                                                           \
    do {                                                                                           \
        type_ *form = ioctl->buffer;                                                               \
        if (form->CdbLength > CDB_MAX ||                                                           \
            offsetof(type_, Cdb) + form->CdbLength > ioctl->input_length)                          \
            return STATUS_INVALID_PARAMETER;                                                       \
        *pass = (struct pass_through){                                                             \
            .cdb_length = (uint8_t)form->CdbLength,                                                \
            .direction = form->DataDirection,                                                      \
            .sense_length = form->SenseInfoLength,                                                 \
            .cdb = form->Cdb,                                                                      \
            .header = (uint32_t)offsetof(type_, Cdb) + form->CdbLength,                            \
            .timeout_s = form->TimeOutValue,                                                       \
            .sense_offset = form->SenseInfoOffset,                                                 \
            .out_length = form->DataOutTransferLength,                                             \
            .in_length = form->DataInTransferLength,                                               \
            .out_place = (uint64_t)(uintptr_t)form->out_,                                          \
            .in_place = (uint64_t)(uintptr_t)form->in_,                                            \
            .scsi_status = &form->ScsiStatus,                                                      \
            .ret_sense_length = &form->SenseInfoLength,                                            \
            .ret_in_length = &form->DataInTransferLength,                                          \
            .ret_out_length = &form->DataOutTransferLength,                                        \
        };                                                                                         \
        address_offset = form->StorAddressOffset;                                                  \
        address_length = form->StorAddressLength;                                                  \
    } while (0)

static NTSTATUS parse_address(const struct storport_ioctl *ioctl, struct pass_through *pass,
                              uint32_t offset, uint32_t length)
{
    if (!length && ioctl->unit)
        return STATUS_SUCCESS;
    if (length < sizeof(STOR_ADDR_BTL8) || offset < pass->header || offset % 4 ||
        offset > ioctl->input_length || length > ioctl->input_length - offset)
        return STATUS_INVALID_PARAMETER;
    const STOR_ADDR_BTL8 *address = (const STOR_ADDR_BTL8 *)((const char *)ioctl->buffer + offset);
    if (address->Type != STOR_ADDRESS_TYPE_BTL8 ||
        address->AddressLength < STOR_ADDR_BTL8_ADDRESS_LENGTH)
        return STATUS_INVALID_PARAMETER;
    pass->path = address->Path;
    pass->target = address->Target;
    pass->lun = address->Lun;
    return STATUS_SUCCESS;
}

static NTSTATUS parse_extended(struct storport_ioctl *ioctl, struct pass_through *pass, bool direct)
{
    const SCSI_PASS_THROUGH_EX *head = ioctl->buffer;
    uint32_t address_offset, address_length;

    /* The 64-bit structure ends in padding, which its users count. */
    if (head->Version != 0)
        return STATUS_REVISION_MISMATCH;
    if (head->Length == sizeof(SCSI_PASS_THROUGH_EX)) {
        if (direct)
            PARSE_EXTENDED(SCSI_PASS_THROUGH_DIRECT_EX, DataOutBuffer, DataInBuffer);
        else
            PARSE_EXTENDED(SCSI_PASS_THROUGH_EX, DataOutBufferOffset, DataInBufferOffset);
    } else if (head->Length == sizeof(SCSI_PASS_THROUGH32_EX)) {
        if (direct)
            PARSE_EXTENDED(SCSI_PASS_THROUGH_DIRECT32_EX, DataOutBuffer, DataInBuffer);
        else
            PARSE_EXTENDED(SCSI_PASS_THROUGH32_EX, DataOutBufferOffset, DataInBufferOffset);
    } else {
        return STATUS_REVISION_MISMATCH;
    }
    pass->direct = direct;
    return parse_address(ioctl, pass, address_offset, address_length);
}

/* ---- validation ---- */

/* A part of the buffer, behind header and sense. */
static bool part_is_good(uint64_t offset, uint32_t length, uint64_t first, uint32_t room)
{
    return !length || (offset >= first && offset <= room && length <= room - offset);
}

static bool data_is_good(const struct storport_ioctl *ioctl, const struct pass_through *pass)
{
    uint64_t first = pass->header;
    uint64_t mask = ioctl->port->limits.alignment_mask;

    if (pass->sense_length &&
        !part_is_good(pass->sense_offset, pass->sense_length, first, ioctl->output_length))
        return false;
    if (pass->direct)
        return (!pass->out_length || (pass->out_place && !(pass->out_place & mask))) &&
               (!pass->in_length || (pass->in_place && !(pass->in_place & mask)));
    if (pass->sense_length)
        first = (uint64_t)pass->sense_offset + pass->sense_length;
    return part_is_good(pass->out_place, pass->out_length, first, ioctl->input_length) &&
           part_is_good(pass->in_place, pass->in_length, first, ioctl->output_length);
}

static NTSTATUS validate(const struct storport_ioctl *ioctl, const struct pass_through *pass)
{
    uint32_t limit = port_adapter_transfer_limit(ioctl->port);

    if (!pass->cdb_length || pass->direction > SCSI_IOCTL_DATA_BIDIRECTIONAL || !pass->timeout_s ||
        pass->timeout_s > TIMEOUT_MAX_S)
        return STATUS_INVALID_PARAMETER;
    if (pass->direction != SCSI_IOCTL_DATA_BIDIRECTIONAL && pass->out_length && pass->in_length)
        return STATUS_INVALID_PARAMETER;
    if (pass->out_length > limit || pass->in_length > limit || !data_is_good(ioctl, pass))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* Through the adapter only what nobody has claimed: a claimed unit is reached by its own device. */
static NTSTATUS find_unit(const struct storport_ioctl *ioctl, const struct pass_through *pass,
                          struct port_unit **ret_unit)
{
    struct port_unit *unit = ioctl->unit;

    if (!unit) {
        unit = port_unit_find(ioctl->port, pass->path, pass->target, pass->lun);
        if (!unit || !port_unit_present(unit))
            return STATUS_DEVICE_DOES_NOT_EXIST;
        if (__atomic_load_n(&unit->claimed_by, __ATOMIC_ACQUIRE))
            return STATUS_DEVICE_BUSY;
    }
    *ret_unit = unit;
    return STATUS_SUCCESS;
}

/* ---- the command ---- */

static void *place_of(const struct storport_ioctl *ioctl, const struct pass_through *pass,
                      uint64_t place)
{
    return pass->direct ? (void *)(uintptr_t)place : (char *)ioctl->buffer + place;
}

/* The driver answered with a SCSI status: the application reads it from the structure. */
static bool has_scsi_status(const struct port_request *request)
{
    return request->status == PORT_OK &&
           (request->scsi_status || (request->srb_status & 0x3F) == SRB_STATUS_DATA_OVERRUN);
}

static void return_results(struct storport_ioctl *ioctl, const struct pass_through *pass,
                           const struct port_request *request, const uint8_t *sense)
{
    size_t end = pass->header;
    uint32_t in_length = request->data_in                     ? request->data_in->transferred
                         : request->direction == PORT_DATA_IN ? request->transferred
                                                              : 0;

    *pass->scsi_status = request->scsi_status;
    *pass->ret_sense_length =
        request->sense_length < pass->sense_length ? request->sense_length : pass->sense_length;
    if (*pass->ret_sense_length) {
        memcpy((char *)ioctl->buffer + pass->sense_offset, sense, *pass->ret_sense_length);
        end = (size_t)pass->sense_offset + *pass->ret_sense_length;
    }
    if (request->direction == PORT_DATA_OUT && pass->ret_out_length)
        *pass->ret_out_length = request->transferred;
    if (request->direction != PORT_DATA_OUT || request->data_in)
        *pass->ret_in_length = in_length;
    if (in_length && !pass->direct)
        end = (size_t)pass->in_place + in_length;
    ioctl->information = end < ioctl->output_length ? end : ioctl->output_length;
}

static NTSTATUS execute(struct storport_ioctl *ioctl, const struct pass_through *pass)
{
    uint8_t sense[PORT_SENSE_BYTES];
    struct port_unit *unit;
    NTSTATUS status = validate(ioctl, pass);

    if (status >= 0)
        status = find_unit(ioctl, pass, &unit);
    if (status < 0)
        return status;
    struct port_data_in data_in = {place_of(ioctl, pass, pass->in_place), pass->in_length, 0};
    bool both_ways = pass->out_length && pass->in_length;
    struct port_request request = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_ORIGINAL |
                 (pass->cdb_length > 16 ? PORT_FLAG_LONG_CDB : 0) |
                 (both_ways ? PORT_FLAG_BIDIRECTIONAL : 0),
        .direction = pass->out_length  ? PORT_DATA_OUT
                     : pass->in_length ? PORT_DATA_IN
                                       : PORT_NO_DATA,
        .length = pass->out_length ? pass->out_length : pass->in_length,
        .timeout_s = pass->timeout_s,
        .cdb_length = pass->cdb_length,
        .sense = sense,
        .sense_capacity = UINT8_MAX,
        .original = ioctl->irp,
        .data_in = both_ways ? &data_in : NULL,
    };
    memcpy(request.cdb, pass->cdb, pass->cdb_length);
    if (request.length)
        request.single = (struct port_segment){
            place_of(ioctl, pass, pass->out_length ? pass->out_place : pass->in_place),
            request.length};
    storport_ioctl_execute(&request, unit);
    status =
        has_scsi_status(&request) ? STATUS_SUCCESS : (NTSTATUS)port_request_nt_status(&request);
    if (status >= 0)
        return_results(ioctl, pass, &request, sense);
    return status;
}

/* ---- the four codes ---- */

static NTSTATUS short_form(struct storport_ioctl *ioctl, bool direct)
{
    struct pass_through pass;
    NTSTATUS status = parse_short(ioctl, &pass, direct);

    return status < 0 ? status : execute(ioctl, &pass);
}

static NTSTATUS extended_form(struct storport_ioctl *ioctl, bool direct)
{
    struct pass_through pass;
    NTSTATUS status = parse_extended(ioctl, &pass, direct);

    return status < 0 ? status : execute(ioctl, &pass);
}

static NTSTATUS pass_through(struct storport_ioctl *ioctl)
{
    return short_form(ioctl, false);
}
STORPORT_IOCTL(IOCTL_SCSI_PASS_THROUGH, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               sizeof(SCSI_PASS_THROUGH32), pass_through);

static NTSTATUS pass_through_direct(struct storport_ioctl *ioctl)
{
    return short_form(ioctl, true);
}
STORPORT_IOCTL(IOCTL_SCSI_PASS_THROUGH_DIRECT, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               sizeof(SCSI_PASS_THROUGH_DIRECT32), pass_through_direct);

static NTSTATUS pass_through_extended(struct storport_ioctl *ioctl)
{
    return extended_form(ioctl, false);
}
STORPORT_IOCTL(IOCTL_SCSI_PASS_THROUGH_EX, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               sizeof(SCSI_PASS_THROUGH32_EX), pass_through_extended);

static NTSTATUS pass_through_direct_extended(struct storport_ioctl *ioctl)
{
    return extended_form(ioctl, true);
}
STORPORT_IOCTL(IOCTL_SCSI_PASS_THROUGH_DIRECT_EX, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT,
               sizeof(SCSI_PASS_THROUGH_DIRECT32_EX), pass_through_direct_extended);
