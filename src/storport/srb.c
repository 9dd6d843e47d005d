/*
 * srb.c - filling request blocks, in both formats (lifecycle section 10).
 *
 * A slot's block is persistent: what never changes is written once when the slot is carved, and a
 * request writes only the rest. The CDB goes straight into its place.
 */
#include "storport/adapter.h"

#include <string.h>

enum {
    SENSE_LENGTH = PORT_SENSE_BYTES - 1,
};

/* One block with everything that can follow it. */
struct storage_block {
    STORAGE_REQUEST_BLOCK srb;
    STOR_ADDR_BTL8 address;
    union {
        SRBEX_DATA_SCSI_CDB16 cdb16;
        SRBEX_DATA_SCSI_CDB32 cdb32;
        SRBEX_DATA_PNP pnp;
        SRBEX_DATA_POWER power;
    } data;
};
_Static_assert(offsetof(struct storage_block, data) == STORPORT_CDB_OFFSET,
               "RequestComplete reads the results there");
_Static_assert(sizeof(struct storage_block) <= PORT_SRB_BYTES, "the block fits its slot");
_Static_assert(offsetof(struct storage_block, address) % 8 == 0 &&
                   offsetof(struct storage_block, data) % 8 == 0,
               "offsets in a request block are multiples of 8");
_Static_assert(sizeof(struct port_scatter_list) == sizeof(STOR_SCATTER_GATHER_LIST) &&
                   sizeof(struct port_scatter_element) == sizeof(STOR_SCATTER_GATHER_ELEMENT) &&
                   offsetof(struct port_scatter_element, length) ==
                       offsetof(STOR_SCATTER_GATHER_ELEMENT, Length),
               "the port's list is Storport's");

/* READ and WRITE of 6, 10, 12 and 16 bytes: 08, 0A, 28, 2A, 88, 8A, A8, AA. */
static inline bool is_read_or_write(uint8_t opcode)
{
    return (opcode & 0x5D) == 0x08;
}

/* A SCSI command without wishes: everything but its CDB and data is the same in all of them. */
static inline bool is_plain(const struct port_request *request)
{
    return !(request->flags & ~(unsigned)PORT_FLAG_NO_FREEZE) &&
           request->function == PORT_EXECUTE_SCSI && request->cdb_length <= 16;
}

/* DataBuffer of a SCSI command by MapBuffers (rule S50); other functions always have theirs. */
static inline void *mapped_buffer(const struct storport_adapter *adapter,
                                  const struct port_slot *slot)
{
    if (adapter->map_buffers == STOR_MAP_ALL_BUFFERS_INCLUDING_READ_WRITE)
        return slot->data;
    if (adapter->map_buffers == STOR_MAP_NO_BUFFERS || is_read_or_write(slot->request->cdb[0]))
        return NULL;
    return slot->data;
}

static inline ULONG plain_flags(const struct port_request *request)
{
    enum { ALWAYS = SRB_FLAGS_QUEUE_ACTION_ENABLE | SRB_FLAGS_NO_QUEUE_FREEZE };
    static const ULONG by_direction[] = {
        [PORT_NO_DATA] = ALWAYS,
        [PORT_DATA_IN] = ALWAYS | SRB_FLAGS_DATA_IN,
        [PORT_DATA_OUT] = ALWAYS | SRB_FLAGS_DATA_OUT,
    };

    return by_direction[request->direction];
}

static ULONG srb_flags(const struct port_request *request)
{
    ULONG flags = plain_flags(request);

    if (request->flags & PORT_FLAG_NO_AUTOSENSE)
        flags |= SRB_FLAGS_DISABLE_AUTOSENSE;
    if (request->flags & PORT_FLAG_BYPASS_FROZEN)
        flags |= SRB_FLAGS_BYPASS_FROZEN_QUEUE;
    if (request->function != PORT_EXECUTE_SCSI)
        flags &= ~(ULONG)SRB_FLAGS_QUEUE_ACTION_ENABLE;
    return flags;
}

static uint8_t queue_action(const struct port_request *request)
{
    if (request->flags & PORT_FLAG_HEAD_OF_QUEUE)
        return SRB_HEAD_OF_QUEUE_TAG_REQUEST;
    if (request->flags & PORT_FLAG_ORDERED)
        return SRB_ORDERED_QUEUE_TAG_REQUEST;
    return SRB_SIMPLE_TAG_REQUEST;
}

static UCHAR srb_function(const struct port_request *request)
{
    static const UCHAR functions[] = {
        [PORT_EXECUTE_SCSI] = SRB_FUNCTION_EXECUTE_SCSI,
        [PORT_FLUSH] = SRB_FUNCTION_FLUSH,
        [PORT_SHUTDOWN] = SRB_FUNCTION_SHUTDOWN,
        [PORT_RESET_LOGICAL_UNIT] = SRB_FUNCTION_RESET_LOGICAL_UNIT,
        [PORT_RESET_TARGET] = SRB_FUNCTION_RESET_DEVICE,
        [PORT_RESET_BUS] = SRB_FUNCTION_RESET_BUS,
        [PORT_IO_CONTROL] = SRB_FUNCTION_IO_CONTROL,
        [PORT_ABORT] = SRB_FUNCTION_ABORT_COMMAND,
        [PORT_PNP] = SRB_FUNCTION_PNP,
        [PORT_POWER] = SRB_FUNCTION_POWER,
    };

    return functions[request->function];
}

/* ---- STORAGE_REQUEST_BLOCK ---- */

static void format_storage(struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;

    memset(slot->srb, 0, sizeof(slot->srb));
    block->srb.Length = offsetof(STORAGE_REQUEST_BLOCK, Signature);
    block->srb.Function = SRB_FUNCTION_STORAGE_REQUEST_BLOCK;
    block->srb.Signature = SRB_SIGNATURE;
    block->srb.Version = STORAGE_REQUEST_BLOCK_VERSION_1;
    block->srb.SrbLength = sizeof(*block);
    block->srb.RequestTag = slot->number;
    block->srb.RequestPriority = StorIoPriorityNormal;
    block->srb.AddressOffset = offsetof(struct storage_block, address);
    block->srb.NumSrbExData = 1;
    block->srb.SrbExDataOffset[0] = offsetof(struct storage_block, data);
    block->address.Type = STOR_ADDRESS_TYPE_BTL8;
    block->address.Port = (USHORT)slot->adapter->number;
    block->address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    block->data.cdb16.Type = SrbExDataTypeScsiCdb16;
    block->data.cdb16.Length = SRBEX_DATA_SCSI_CDB16_LENGTH;
}

static void prepare_storage_other(struct storage_block *block, const struct port_request *request)
{
    block->srb.SrbFunction = srb_function(request);
    block->srb.NumSrbExData = 0;
    if (request->function == PORT_ABORT)
        block->srb.NextSrb = request->single.base;
    if (request->function == PORT_PNP) {
        block->srb.NumSrbExData = 1;
        memset(&block->data, 0, sizeof(block->data));
        block->data.pnp.Type = SrbExDataTypePnP;
        block->data.pnp.Length = SRBEX_DATA_PNP_LENGTH;
        block->data.pnp.PnPAction = (STOR_PNP_ACTION)request->cdb[0];
        block->data.pnp.SrbPnPFlags = request->cdb[2] ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0;
    } else if (request->function == PORT_POWER) {
        block->srb.NumSrbExData = 1;
        memset(&block->data, 0, sizeof(block->data));
        block->data.power.Type = SrbExDataTypePower;
        block->data.power.Length = SRBEX_DATA_POWER_LENGTH;
        block->data.power.SrbPowerFlags = request->cdb[2] ? SRB_POWER_FLAGS_ADAPTER_REQUEST : 0;
        block->data.power.DevicePowerState = (STOR_DEVICE_POWER_STATE)request->cdb[0];
        block->data.power.PowerAction = (STOR_POWER_ACTION)request->cdb[1];
    }
}

static void prepare_storage_cdb32(struct storage_block *block, const struct port_slot *slot)
{
    const struct port_request *request = slot->request;

    block->data.cdb32.Type = SrbExDataTypeScsiCdb32;
    block->data.cdb32.Length = SRBEX_DATA_SCSI_CDB32_LENGTH;
    memcpy(block->data.cdb32.Cdb, request->cdb, sizeof(block->data.cdb32.Cdb));
}

/* What a request that is not plain has different; the rest is written already. */
static __attribute__((noinline)) void prepare_storage_special(struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;
    const struct port_request *request = slot->request;

    block->srb.SrbFlags = srb_flags(request);
    block->srb.RequestAttribute = queue_action(request);
    if (request->flags & PORT_FLAG_NO_AUTOSENSE) {
        block->data.cdb16.SenseInfoBufferLength = 0;
        block->data.cdb16.SenseInfoBuffer = NULL;
    }
    if (request->function != PORT_EXECUTE_SCSI) {
        block->srb.DataBuffer = slot->data;
        prepare_storage_other(block, request);
    } else if (request->cdb_length > 16) {
        prepare_storage_cdb32(block, slot);
    }
}

static inline void prepare_storage(struct storport_adapter *adapter, struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;
    const struct port_request *request = slot->request;

    block->srb.SrbStatus = SRB_STATUS_PENDING;
    block->srb.SrbFunction = SRB_FUNCTION_EXECUTE_SCSI;
    block->srb.SrbFlags = plain_flags(request);
    block->srb.RequestAttribute = SRB_SIMPLE_TAG_REQUEST;
    block->srb.TimeOutValue = slot->timeout_s;
    block->srb.DataTransferLength = slot->length;
    block->srb.DataBuffer = mapped_buffer(adapter, slot);
    block->srb.MiniportContext = slot->extension;
    memcpy(&block->address.Path, &slot->unit->address, 4);
    /* A slot whose last request was no ordinary one has another form. */
    if (__builtin_expect(
            block->srb.NumSrbExData != 1 || block->data.cdb16.Type != SrbExDataTypeScsiCdb16, 0)) {
        block->srb.NumSrbExData = 1;
        block->srb.NextSrb = NULL;
        block->data.cdb16.Type = SrbExDataTypeScsiCdb16;
        block->data.cdb16.Length = SRBEX_DATA_SCSI_CDB16_LENGTH;
    }
    block->data.cdb16.ScsiStatus = 0;
    block->data.cdb16.CdbLength = request->cdb_length;
    block->data.cdb16.SenseInfoBufferLength = SENSE_LENGTH;
    block->data.cdb16.SenseInfoBuffer = slot->sense;
    memcpy(block->data.cdb16.Cdb, request->cdb, sizeof(block->data.cdb16.Cdb));
    if (__builtin_expect(!is_plain(request), 0))
        prepare_storage_special(slot);
}

/* ---- SCSI_REQUEST_BLOCK ---- */

static void prepare_scsi_other(SCSI_REQUEST_BLOCK *srb, const struct port_request *request)
{
    srb->Function = srb_function(request);
    srb->CdbLength = 0;
    srb->SenseInfoBufferLength = 0;
    srb->SenseInfoBuffer = NULL;
    if (request->function == PORT_ABORT)
        srb->NextSrb = request->single.base;
    if (request->function == PORT_PNP) {
        SCSI_PNP_REQUEST_BLOCK *pnp = (SCSI_PNP_REQUEST_BLOCK *)srb;
        pnp->PnPSubFunction = 0;
        pnp->PnPAction = (STOR_PNP_ACTION)request->cdb[0];
        pnp->SrbPnPFlags = request->cdb[2] ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0;
    } else if (request->function == PORT_POWER) {
        SCSI_POWER_REQUEST_BLOCK *power = (SCSI_POWER_REQUEST_BLOCK *)srb;
        power->SrbPowerFlags = request->cdb[2] ? SRB_POWER_FLAGS_ADAPTER_REQUEST : 0;
        power->DevicePowerState = (STOR_DEVICE_POWER_STATE)request->cdb[0];
        power->PowerAction = (STOR_POWER_ACTION)request->cdb[1];
    }
}

static void prepare_scsi(struct storport_adapter *adapter, struct port_slot *slot)
{
    SCSI_REQUEST_BLOCK *srb = (SCSI_REQUEST_BLOCK *)slot->srb;
    const struct port_request *request = slot->request;

    srb->Length = sizeof(*srb);
    srb->Function = SRB_FUNCTION_EXECUTE_SCSI;
    srb->SrbStatus = SRB_STATUS_PENDING;
    srb->ScsiStatus = 0;
    srb->PathId = slot->unit->path;
    srb->TargetId = slot->unit->target;
    srb->Lun = slot->unit->lun;
    srb->QueueTag = (UCHAR)slot->number;
    srb->QueueAction = queue_action(request);
    srb->CdbLength = request->cdb_length <= 16 ? request->cdb_length : 16;
    srb->SenseInfoBufferLength = SENSE_LENGTH;
    srb->SenseInfoBuffer = slot->sense;
    srb->SrbFlags = srb_flags(request);
    srb->DataTransferLength = slot->length;
    srb->TimeOutValue = slot->timeout_s;
    srb->DataBuffer =
        request->function == PORT_EXECUTE_SCSI ? mapped_buffer(adapter, slot) : slot->data;
    srb->NextSrb = NULL;
    srb->OriginalRequest = NULL;
    srb->SrbExtension = slot->extension;
    memcpy(srb->Cdb, request->cdb, sizeof(srb->Cdb));
    if (request->flags & PORT_FLAG_NO_AUTOSENSE) {
        srb->SenseInfoBufferLength = 0;
        srb->SenseInfoBuffer = NULL;
    }
    if (request->function != PORT_EXECUTE_SCSI)
        prepare_scsi_other(srb, request);
}

/* ---- both ---- */

void storport_slot_format(struct port_slot *slot)
{
    const struct storport_adapter *adapter = slot->adapter->model_state;

    if (adapter->storage_blocks)
        format_storage(slot);
    else
        memset(slot->srb, 0, sizeof(slot->srb));
}

void storport_slot_prepare(struct storport_adapter *adapter, struct port_slot *slot)
{
    nt_memory_unpoison(slot->srb, sizeof(slot->srb));
    if (nt_memory_is_checked() && slot->extension) {
        nt_memory_unpoison(slot->extension, adapter->port->limits.srb_extension_size);
        nt_memory_fill_uninitialised(slot->extension, adapter->port->limits.srb_extension_size);
    }
    if (__builtin_expect(adapter->storage_blocks, 1))
        prepare_storage(adapter, slot);
    else
        prepare_scsi(adapter, slot);
}
