/*
 * ioctl_firmware.c - what applications do with firmware: IOCTL_STORAGE_FIRMWARE_GET_INFO, _DOWNLOAD
 * and _ACTIVATE.
 *
 * The question becomes the SRB_IO_CONTROL "FIRMWARE" that miniports know. Images go to a unit as
 * the class driver sends them, by WRITE BUFFER; to the adapter, above which there is none, by
 * "FIRMWARE" too.
 */
#include "storport/device.h"

#include <ntddscsi.h>
#include <ntddstor.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS_MAX = 255,
    TIMEOUT_S = 30,
    ACTIVATE_TIMEOUT_S = 60,
    WRITE_BUFFER = 0x3B,
    MODE_DOWNLOAD_DEFERRED = 0x0E, /* with offsets, saved, activated later */
    MODE_ACTIVATE = 0x0F,
    CDB_NUMBER_MAX = 0xFFFFFF, /* offsets and lengths of WRITE BUFFER have three bytes */
    DATA_AT = (sizeof(SRB_IO_CONTROL) + sizeof(FIRMWARE_REQUEST_BLOCK) + 7) & ~7,
};

/* A request to the miniport and its data, in and out. */
struct firmware_request {
    SRB_IO_CONTROL header;
    FIRMWARE_REQUEST_BLOCK block;
    _Alignas(8) unsigned char data[];
};
_Static_assert(offsetof(struct firmware_request, data) == DATA_AT, "data follow, aligned");

static NTSTATUS status_of(ULONG return_code)
{
    static const struct {
        ULONG code;
        NTSTATUS status;
    } rows[] = {
        {FIRMWARE_STATUS_SUCCESS, STATUS_SUCCESS},
        {FIRMWARE_STATUS_ILLEGAL_REQUEST, STATUS_INVALID_DEVICE_REQUEST},
        {FIRMWARE_STATUS_INVALID_PARAMETER, STATUS_INVALID_PARAMETER},
        {FIRMWARE_STATUS_INPUT_BUFFER_TOO_BIG, STATUS_INVALID_BUFFER_SIZE},
        {FIRMWARE_STATUS_OUTPUT_BUFFER_TOO_SMALL, STATUS_BUFFER_TOO_SMALL},
        {FIRMWARE_STATUS_INVALID_SLOT, STATUS_FIRMWARE_SLOT_INVALID},
        {FIRMWARE_STATUS_INVALID_IMAGE, STATUS_FIRMWARE_IMAGE_INVALID},
        /* It is done; the device uses it when it has been without power. */
        {FIRMWARE_STATUS_POWER_CYCLE_REQUIRED, STATUS_SUCCESS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].code == return_code)
            return rows[i].status;
    return STATUS_IO_DEVICE_ERROR;
}

static struct firmware_request *request_new(uint32_t function, uint32_t flags, uint32_t length)
{
    struct firmware_request *request = calloc(1, sizeof(*request) + length);

    if (!request)
        return NULL;
    request->header = (SRB_IO_CONTROL){
        .HeaderLength = sizeof(request->header),
        .Timeout = TIMEOUT_S,
        .ControlCode = IOCTL_SCSI_MINIPORT_FIRMWARE,
        .Length = (ULONG)(DATA_AT + length - sizeof(request->header)),
    };
    memcpy(request->header.Signature, IOCTL_MINIPORT_SIGNATURE_FIRMWARE,
           sizeof(request->header.Signature));
    request->block = (FIRMWARE_REQUEST_BLOCK){
        .Version = FIRMWARE_REQUEST_BLOCK_STRUCTURE_VERSION,
        .Size = sizeof(request->block),
        .Function = function,
        .Flags = flags,
        .DataBufferOffset = DATA_AT,
        .DataBufferLength = length,
    };
    return request;
}

static NTSTATUS request_execute(struct storport_ioctl *ioctl, struct firmware_request *firmware)
{
    uint32_t length = (uint32_t)sizeof(firmware->header) + firmware->header.Length;
    struct port_request request = {
        .function = PORT_IO_CONTROL,
        .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_ORIGINAL,
        .direction = PORT_DATA_IN,
        .single = {firmware, length},
        .length = length,
        .timeout_s = TIMEOUT_S,
        .original = ioctl->irp,
    };

    storport_ioctl_execute(&request, ioctl->unit ? ioctl->unit : port_adapter_unit(ioctl->port));
    NTSTATUS status = (NTSTATUS)port_request_nt_status(&request);
    return status ? status : status_of(firmware->header.ReturnCode);
}

/* ---- what there is ---- */

/* What the driver says, in the form that applications know, to be freed; it is looked at as what a
 * stranger says. */
static NTSTATUS info_ask(struct storport_ioctl *ioctl, ULONG flags,
                         STORAGE_HW_FIRMWARE_INFO **ret_info)
{
    const uint32_t length =
        sizeof(STORAGE_FIRMWARE_INFO_V2) + SLOTS_MAX * sizeof(STORAGE_FIRMWARE_SLOT_INFO_V2);
    struct firmware_request *request = request_new(FIRMWARE_FUNCTION_GET_INFO, flags, length);
    STORAGE_HW_FIRMWARE_INFO *info =
        calloc(1, sizeof(*info) + SLOTS_MAX * sizeof(STORAGE_HW_FIRMWARE_SLOT_INFO));
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    if (!request || !info)
        goto failed;
    STORAGE_FIRMWARE_INFO_V2 *from = (STORAGE_FIRMWARE_INFO_V2 *)request->data;
    from->Version = STORAGE_FIRMWARE_INFO_STRUCTURE_VERSION_V2;
    from->Size = sizeof(*from);
    status = request_execute(ioctl, request);
    if (!status && from->Version != STORAGE_FIRMWARE_INFO_STRUCTURE_VERSION_V2)
        status = STATUS_IO_DEVICE_ERROR;
    if (status)
        goto failed;
    *info = (STORAGE_HW_FIRMWARE_INFO){
        .Version = sizeof(*info),
        .SupportUpgrade = from->UpgradeSupport != FALSE,
        .SlotCount = from->SlotCount,
        .ActiveSlot = from->ActiveSlot,
        .PendingActivateSlot = from->PendingActivateSlot,
        .FirmwareShared = from->FirmwareShared,
        .ImagePayloadAlignment = from->ImagePayloadAlignment,
        .ImagePayloadMaxSize = from->ImagePayloadMaxSize,
    };
    for (unsigned i = 0; i < info->SlotCount; i++) {
        info->Slot[i] = (STORAGE_HW_FIRMWARE_SLOT_INFO){
            .Version = sizeof(info->Slot[i]),
            .Size = sizeof(info->Slot[i]),
            .SlotNumber = from->Slot[i].SlotNumber,
            .ReadOnly = from->Slot[i].ReadOnly != FALSE,
        };
        memcpy(info->Slot[i].Revision, from->Slot[i].Revision, sizeof(info->Slot[i].Revision));
    }
    info->Size =
        (ULONG)(offsetof(STORAGE_HW_FIRMWARE_INFO, Slot) + info->SlotCount * sizeof(info->Slot[0]));
    *ret_info = info;
    info = NULL;
failed:
    free(request);
    free(info);
    return status;
}

/* As the class driver: only for drivers that know storage request blocks. */
static bool is_supported(const struct storport_ioctl *ioctl)
{
    return ioctl->port->limits.storage_request_blocks;
}

static NTSTATUS get_info(struct storport_ioctl *ioctl)
{
    const STORAGE_HW_FIRMWARE_INFO_QUERY *query = ioctl->buffer;
    STORAGE_HW_FIRMWARE_INFO *info;

    if (ioctl->input_length < sizeof(*query))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (ioctl->output_length < sizeof(*info))
        return STATUS_BUFFER_TOO_SMALL;
    if (query->Version < sizeof(*query) || query->Size < sizeof(*query))
        return STATUS_INVALID_PARAMETER;
    if (!is_supported(ioctl))
        return STATUS_NOT_IMPLEMENTED;
    NTSTATUS status = info_ask(ioctl, query->Flags, &info);
    if (status)
        return status;
    ioctl->information = info->Size < ioctl->output_length ? info->Size : ioctl->output_length;
    memcpy(ioctl->buffer, info, ioctl->information);
    free(info);
    return STATUS_SUCCESS;
}
STORPORT_IOCTL(IOCTL_STORAGE_FIRMWARE_GET_INFO, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT, 0,
               get_info);

/* ---- images ---- */

static NTSTATUS write_buffer(struct storport_ioctl *ioctl, uint8_t mode, uint8_t slot,
                             uint32_t offset, const void *data, uint32_t length, uint32_t timeout_s)
{
    struct port_request request = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_ORIGINAL,
        .direction = length ? PORT_DATA_OUT : PORT_NO_DATA,
        .single = {(void *)(uintptr_t)data, length},
        .length = length,
        .timeout_s = timeout_s,
        .original = ioctl->irp,
        .cdb_length = 10,
        .cdb = {WRITE_BUFFER, mode, slot, (uint8_t)(offset >> 16), (uint8_t)(offset >> 8),
                (uint8_t)offset, (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length},
    };

    storport_ioctl_execute(&request, ioctl->unit);
    return (NTSTATUS)port_request_nt_status(&request);
}

/* A piece of an image, from either version of the application's record. */
struct piece {
    ULONG flags, image_size;
    UCHAR slot;
    ULONGLONG offset;
    const UCHAR *data;
    uint32_t length;
};

static bool piece_read(const struct storport_ioctl *ioctl, struct piece *ret_piece)
{
    const STORAGE_HW_FIRMWARE_DOWNLOAD *first = ioctl->buffer;
    const STORAGE_HW_FIRMWARE_DOWNLOAD_V2 *second = ioctl->buffer;

    if (ioctl->input_length < sizeof(*first) || first->Version < sizeof(*first))
        return false;
    bool is_second = first->Version >= sizeof(*second) && ioctl->input_length >= sizeof(*second);
    size_t at = is_second ? offsetof(STORAGE_HW_FIRMWARE_DOWNLOAD_V2, ImageBuffer)
                          : offsetof(STORAGE_HW_FIRMWARE_DOWNLOAD, ImageBuffer);
    if (first->Size > ioctl->input_length || first->Size < at ||
        first->BufferSize > first->Size - at)
        return false;
    *ret_piece = (struct piece){
        .flags = first->Flags,
        .image_size = is_second ? second->ImageSize : 0,
        .slot = first->Slot,
        .offset = first->Offset,
        .data = (const UCHAR *)ioctl->buffer + at,
        .length = (uint32_t)first->BufferSize,
    };
    return true;
}

static NTSTATUS slot_check(const STORAGE_HW_FIRMWARE_INFO *info, UCHAR slot, bool is_written)
{
    if (!info->SupportUpgrade || !info->ImagePayloadAlignment)
        return STATUS_NOT_SUPPORTED;
    for (unsigned i = 0; i < info->SlotCount; i++)
        if (info->Slot[i].SlotNumber == slot)
            return is_written && info->Slot[i].ReadOnly ? STATUS_FIRMWARE_SLOT_INVALID
                                                        : STATUS_SUCCESS;
    return STATUS_FIRMWARE_SLOT_INVALID;
}

static NTSTATUS piece_check(const struct storport_ioctl *ioctl,
                            const STORAGE_HW_FIRMWARE_INFO *info, const struct piece *piece)
{
    NTSTATUS status = slot_check(info, piece->slot, true);

    if (status)
        return status;
    if (!piece->length || piece->length % info->ImagePayloadAlignment ||
        piece->length > info->ImagePayloadMaxSize ||
        piece->length > port_adapter_transfer_limit(ioctl->port) ||
        piece->offset % info->ImagePayloadAlignment || piece->offset > CDB_NUMBER_MAX ||
        piece->length > CDB_NUMBER_MAX)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS piece_to_adapter(struct storport_ioctl *ioctl, const struct piece *piece)
{
    uint32_t head = offsetof(STORAGE_FIRMWARE_DOWNLOAD_V2, ImageBuffer);
    struct firmware_request *request =
        request_new(FIRMWARE_FUNCTION_DOWNLOAD, piece->flags, head + piece->length);

    if (!request)
        return STATUS_INSUFFICIENT_RESOURCES;
    STORAGE_FIRMWARE_DOWNLOAD_V2 *download = (STORAGE_FIRMWARE_DOWNLOAD_V2 *)request->data;
    *download = (STORAGE_FIRMWARE_DOWNLOAD_V2){
        .Version = STORAGE_FIRMWARE_DOWNLOAD_STRUCTURE_VERSION_V2,
        .Size = sizeof(*download),
        .Offset = piece->offset,
        .BufferSize = piece->length,
        .Slot = piece->slot,
        .ImageSize = piece->image_size,
    };
    memcpy(request->data + head, piece->data, piece->length);
    NTSTATUS status = request_execute(ioctl, request);
    free(request);
    return status;
}

static NTSTATUS download(struct storport_ioctl *ioctl)
{
    STORAGE_HW_FIRMWARE_INFO *info;
    struct piece piece;

    if (!piece_read(ioctl, &piece))
        return STATUS_INVALID_PARAMETER;
    if (!is_supported(ioctl))
        return STATUS_NOT_IMPLEMENTED;
    NTSTATUS status =
        info_ask(ioctl, piece.flags & STORAGE_HW_FIRMWARE_REQUEST_FLAG_CONTROLLER, &info);
    if (status)
        return status;
    status = piece_check(ioctl, info, &piece);
    free(info);
    if (status)
        return status;
    return ioctl->unit ? write_buffer(ioctl, MODE_DOWNLOAD_DEFERRED, piece.slot,
                                      (uint32_t)piece.offset, piece.data, piece.length, TIMEOUT_S)
                       : piece_to_adapter(ioctl, &piece);
}
STORPORT_IOCTL(IOCTL_STORAGE_FIRMWARE_DOWNLOAD, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT, 0,
               download);

static NTSTATUS activate_by_adapter(struct storport_ioctl *ioctl,
                                    const STORAGE_HW_FIRMWARE_ACTIVATE *wanted)
{
    struct firmware_request *request =
        request_new(FIRMWARE_FUNCTION_ACTIVATE, wanted->Flags, sizeof(STORAGE_FIRMWARE_ACTIVATE));

    if (!request)
        return STATUS_INSUFFICIENT_RESOURCES;
    *(STORAGE_FIRMWARE_ACTIVATE *)request->data = (STORAGE_FIRMWARE_ACTIVATE){
        .Version = STORAGE_FIRMWARE_ACTIVATE_STRUCTURE_VERSION,
        .Size = sizeof(STORAGE_FIRMWARE_ACTIVATE),
        .SlotToActivate = wanted->Slot,
    };
    NTSTATUS status = request_execute(ioctl, request);
    free(request);
    return status;
}

static NTSTATUS activate(struct storport_ioctl *ioctl)
{
    const STORAGE_HW_FIRMWARE_ACTIVATE *wanted = ioctl->buffer;
    STORAGE_HW_FIRMWARE_INFO *info;

    if (ioctl->input_length < sizeof(*wanted) || wanted->Version < sizeof(*wanted) ||
        wanted->Size < sizeof(*wanted))
        return STATUS_INVALID_PARAMETER;
    if (!is_supported(ioctl))
        return STATUS_NOT_IMPLEMENTED;
    NTSTATUS status =
        info_ask(ioctl, wanted->Flags & STORAGE_HW_FIRMWARE_REQUEST_FLAG_CONTROLLER, &info);
    if (status)
        return status;
    status = slot_check(info, wanted->Slot, false);
    free(info);
    if (status)
        return status;
    return ioctl->unit
               ? write_buffer(ioctl, MODE_ACTIVATE, wanted->Slot, 0, NULL, 0, ACTIVATE_TIMEOUT_S)
               : activate_by_adapter(ioctl, wanted);
}
STORPORT_IOCTL(IOCTL_STORAGE_FIRMWARE_ACTIVATE, STORPORT_FOR_ADAPTER | STORPORT_FOR_UNIT, 0,
               activate);
