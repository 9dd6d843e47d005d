/*
 * srb.c - filling request blocks, in both formats (lifecycle section 10).
 *
 * A slot's block is persistent: what never changes is written once when the slot is carved, and a
 * request writes only the rest. The CDB goes straight into its place.
 */
#include "port/data.h"
#include "storport/adapter.h"

#include <string.h>

enum {
    LONG_CDB_MAX = 255,
    GUID_AT = 16, /* in the CDB of a WMI request */
    GUID_BYTES = 16,
};

/* One block with everything that can follow it. */
struct storage_block {
    STORAGE_REQUEST_BLOCK srb;
    ULONG more_offsets[2]; /* SrbExDataOffset[1] begins in what pads the block */
    STOR_ADDR_BTL8 address;
    union {
        SRBEX_DATA_SCSI_CDB16 cdb16;
        SRBEX_DATA_SCSI_CDB32 cdb32;
        SRBEX_DATA_SCSI_CDB_VAR cdb_var;
        SRBEX_DATA_PNP pnp;
        SRBEX_DATA_POWER power;
        SRBEX_DATA_WMI wmi;
        unsigned char room[offsetof(SRBEX_DATA_SCSI_CDB_VAR, Cdb) + LONG_CDB_MAX];
    } data;
    SRBEX_DATA_BIDIRECTIONAL bidirectional;
    SRBEX_DATA_IO_INFO io_info;
};
_Static_assert(offsetof(struct storage_block, data) == STORPORT_CDB_OFFSET,
               "RequestComplete reads the results there");
_Static_assert(sizeof(struct storage_block) + GUID_BYTES <= PORT_SRB_BYTES,
               "the block fits its slot");
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
    return request->flags == PORT_FLAG_NO_FREEZE && request->function == PORT_EXECUTE_SCSI;
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
    static const struct {
        uint16_t request;
        ULONG set, clear;
    } rows[] = {
        {PORT_FLAG_NO_AUTOSENSE, SRB_FLAGS_DISABLE_AUTOSENSE, 0},
        {PORT_FLAG_BYPASS_FROZEN, SRB_FLAGS_BYPASS_FROZEN_QUEUE, 0},
        {PORT_FLAG_BYPASS_LOCKED, SRB_FLAGS_BYPASS_LOCKED_QUEUE, 0},
        {PORT_FLAG_UNTAGGED, 0, SRB_FLAGS_QUEUE_ACTION_ENABLE},
        {PORT_FLAG_NO_KEEP_AWAKE, SRB_FLAGS_NO_KEEP_AWAKE, 0},
        {PORT_FLAG_D3_PROCESSING, SRB_FLAGS_D3_PROCESSING, 0},
        {PORT_FLAG_BIDIRECTIONAL, SRB_FLAGS_DATA_IN | SRB_FLAGS_DATA_OUT, 0},
    };
    ULONG flags = plain_flags(request);

    if (!(request->flags & PORT_FLAG_NO_FREEZE))
        flags &= ~(ULONG)SRB_FLAGS_NO_QUEUE_FREEZE;
    if (request->function != PORT_EXECUTE_SCSI)
        flags &= ~(ULONG)SRB_FLAGS_QUEUE_ACTION_ENABLE;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (request->flags & rows[i].request)
            flags = (flags | rows[i].set) & ~rows[i].clear;
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
        [PORT_WMI] = SRB_FUNCTION_WMI,
        [PORT_DUMP_POINTERS] = SRB_FUNCTION_DUMP_POINTERS,
        [PORT_FREE_DUMP_POINTERS] = SRB_FUNCTION_FREE_DUMP_POINTERS,
        [PORT_PROTOCOL_COMMAND] = SRB_FUNCTION_PROTOCOL_COMMAND,
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
    block->srb.SrbFunction = SRB_FUNCTION_EXECUTE_SCSI;
    block->srb.RequestAttribute = SRB_SIMPLE_TAG_REQUEST;
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

/* The GUID where the driver finds it: aligned, and there as long as the request is its. For a
 * registration the reason for asking takes its place. */
static void *wmi_data_path(void *block, const struct port_request *request)
{
    enum { REGINFO = 0x08, REGINFO_EX = 0x0B };
    unsigned char *guid = (unsigned char *)block + PORT_SRB_BYTES - GUID_BYTES;

    if (request->cdb[0] == REGINFO || request->cdb[0] == REGINFO_EX)
        return (void *)(uintptr_t)request->cdb[1];
    memcpy(guid, &request->cdb[GUID_AT], GUID_BYTES);
    return guid;
}

static void prepare_storage_other(struct storage_block *block, const struct port_request *request)
{
    UCHAR adapter = request->cdb[2] != 0;

    block->srb.SrbFunction = srb_function(request);
    block->srb.NumSrbExData = 1;
    memset(&block->data, 0, sizeof(block->data));
    switch (request->function) {
    case PORT_PNP:
        block->data.pnp.Type = SrbExDataTypePnP;
        block->data.pnp.Length = SRBEX_DATA_PNP_LENGTH;
        block->data.pnp.PnPAction = (STOR_PNP_ACTION)request->cdb[0];
        block->data.pnp.SrbPnPFlags = adapter ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0;
        break;
    case PORT_POWER:
        block->data.power.Type = SrbExDataTypePower;
        block->data.power.Length = SRBEX_DATA_POWER_LENGTH;
        block->data.power.SrbPowerFlags = adapter ? SRB_POWER_FLAGS_ADAPTER_REQUEST : 0;
        block->data.power.DevicePowerState = (STOR_DEVICE_POWER_STATE)request->cdb[0];
        block->data.power.PowerAction = (STOR_POWER_ACTION)request->cdb[1];
        break;
    case PORT_WMI:
        block->data.wmi.Type = SrbExDataTypeWmi;
        block->data.wmi.Length = SRBEX_DATA_WMI_LENGTH;
        block->data.wmi.WMISubFunction = request->cdb[0];
        block->data.wmi.WMIFlags = adapter ? SRB_WMI_FLAGS_ADAPTER_REQUEST : 0;
        block->data.wmi.DataPath = wmi_data_path(block, request);
        break;
    case PORT_ABORT:
        block->srb.NextSrb = request->single.base;
        block->srb.NumSrbExData = 0;
        break;
    default:
        block->srb.NumSrbExData = 0;
    }
}

static void prepare_storage_long_cdb(struct storage_block *block,
                                     const struct port_request *request)
{
    const uint8_t *cdb = request->long_cdb ? request->long_cdb : request->cdb;

    if (request->cdb_length <= sizeof(block->data.cdb32.Cdb)) {
        block->data.cdb32.Type = SrbExDataTypeScsiCdb32;
        block->data.cdb32.Length = SRBEX_DATA_SCSI_CDB32_LENGTH;
        memset(block->data.cdb32.Cdb, 0, sizeof(block->data.cdb32.Cdb));
        memcpy(block->data.cdb32.Cdb, cdb, request->cdb_length);
        return;
    }
    UCHAR *sense = block->data.cdb16.SenseInfoBuffer;
    UCHAR sense_length = block->data.cdb16.SenseInfoBufferLength;
    memset(&block->data, 0, sizeof(block->data));
    block->data.cdb_var.Type = SrbExDataTypeScsiCdbVar;
    block->data.cdb_var.Length = SRBEX_DATA_SCSI_CDB_VAR_LENGTH_MIN + request->cdb_length;
    block->data.cdb_var.SenseInfoBufferLength = sense_length;
    block->data.cdb_var.SenseInfoBuffer = sense;
    block->data.cdb_var.CdbLength = request->cdb_length;
    memcpy(block->data.cdb_var.Cdb, cdb, request->cdb_length);
}

static void add_data(struct storage_block *block, const void *data)
{
    ULONG *offsets = block->srb.SrbExDataOffset;

    offsets[block->srb.NumSrbExData++] =
        (ULONG)((const unsigned char *)data - (const unsigned char *)block);
}

static void prepare_storage_bidirectional(const struct storport_adapter *adapter,
                                          struct storage_block *block, const struct port_slot *slot)
{
    block->bidirectional = (SRBEX_DATA_BIDIRECTIONAL){
        .Type = SrbExDataTypeBidirectional,
        .Length = SRBEX_DATA_BIDIRECTIONAL_LENGTH,
        .DataInTransferLength = slot->input->length,
        .DataInBuffer = adapter->map_buffers == STOR_MAP_NO_BUFFERS ? NULL : slot->input->data,
    };
    add_data(block, &block->bidirectional);
}

/* What a request that is not plain has different; the rest is written already. */
static __attribute__((noinline)) void prepare_storage_special(struct storport_adapter *adapter,
                                                              struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;
    const struct port_request *request = slot->request;

    slot->unusual = true;
    block->srb.SrbFlags = srb_flags(request);
    block->srb.RequestAttribute = queue_action(request);
    if (request->flags & PORT_FLAG_PRIORITY)
        block->srb.RequestPriority = request->priority;
    if (request->flags & PORT_FLAG_ORIGINAL)
        block->srb.OriginalRequest = request->original;
    if (request->flags & PORT_FLAG_NO_AUTOSENSE) {
        block->data.cdb16.SenseInfoBufferLength = 0;
        block->data.cdb16.SenseInfoBuffer = NULL;
    }
    if (request->function != PORT_EXECUTE_SCSI) {
        block->srb.DataBuffer = slot->data;
        prepare_storage_other(block, request);
        return;
    }
    if (request->flags & PORT_FLAG_LONG_CDB)
        prepare_storage_long_cdb(block, request);
    if (request->flags & PORT_FLAG_BIDIRECTIONAL)
        prepare_storage_bidirectional(adapter, block, slot);
}

/* A slot whose last request was no ordinary one has another form. */
static __attribute__((noinline)) void restore_storage(struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;

    slot->unusual = false;
    block->srb.SrbFunction = SRB_FUNCTION_EXECUTE_SCSI;
    block->srb.RequestAttribute = SRB_SIMPLE_TAG_REQUEST;
    block->srb.NumSrbExData = 1;
    block->srb.NextSrb = NULL;
    block->srb.OriginalRequest = NULL;
    block->srb.RequestPriority = StorIoPriorityNormal;
    block->data.cdb16.Type = SrbExDataTypeScsiCdb16;
    block->data.cdb16.Length = SRBEX_DATA_SCSI_CDB16_LENGTH;
}

static inline void prepare_storage(struct storport_adapter *adapter, struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;
    const struct port_request *request = slot->request;

    block->srb.SrbStatus = SRB_STATUS_PENDING;
    block->srb.SrbFlags = plain_flags(request);
    block->srb.TimeOutValue = slot->timeout_s;
    block->srb.DataTransferLength = slot->length;
    block->srb.DataBuffer = mapped_buffer(adapter, slot);
    block->srb.MiniportContext = slot->extension;
    memcpy(&block->address.Path, &slot->unit->address, 4);
    if (__builtin_expect(slot->unusual, 0))
        restore_storage(slot);
    block->data.cdb16.ScsiStatus = 0;
    block->data.cdb16.CdbLength = request->cdb_length;
    block->data.cdb16.SenseInfoBufferLength = adapter->sense_length;
    block->data.cdb16.SenseInfoBuffer = slot->sense;
    memcpy(block->data.cdb16.Cdb, request->cdb, sizeof(block->data.cdb16.Cdb));
    if (__builtin_expect(!is_plain(request), 0))
        prepare_storage_special(adapter, slot);
}

/* Reads and writes carry what the file system knows of them; our clients are no file systems, so
 * that is the direction, the length and that the cache manager has no part in it. */
static void prepare_informative(struct storport_adapter *adapter, struct port_slot *slot)
{
    struct storage_block *block = (struct storage_block *)slot->srb;
    const struct port_request *request = slot->request;

    prepare_storage(adapter, slot);
    if (request->function != PORT_EXECUTE_SCSI || !is_read_or_write(request->cdb[0]))
        return;
    slot->unusual = true;
    block->io_info = (SRBEX_DATA_IO_INFO){
        .Type = SrbExDataTypeIoInfo,
        .Length = SRBEX_DATA_IO_INFO_LENGTH,
        .Flags = REQUEST_INFO_NO_CACHE_FLAG | REQUEST_INFO_NO_FILE_OBJECT_FLAG,
        .RWLength = slot->length,
        .IsWriteRequest = request->direction == PORT_DATA_OUT,
    };
    add_data(block, &block->io_info);
}

ULONG storport_data_in_length(const struct port_slot *slot)
{
    const struct storage_block *block = (const struct storage_block *)slot->srb;

    return block->bidirectional.DataInTransferLength;
}

/* ---- SCSI_REQUEST_BLOCK ---- */

static void prepare_scsi_other(SCSI_REQUEST_BLOCK *srb, const struct port_request *request)
{
    bool adapter = request->cdb[2] != 0;

    srb->Function = srb_function(request);
    srb->CdbLength = 0;
    srb->SenseInfoBufferLength = 0;
    srb->SenseInfoBuffer = NULL;
    memset(srb->Cdb, 0, sizeof(srb->Cdb));
    if (request->function == PORT_ABORT)
        srb->NextSrb = request->single.base;
    if (request->function == PORT_PNP) {
        SCSI_PNP_REQUEST_BLOCK *pnp = (SCSI_PNP_REQUEST_BLOCK *)srb;
        pnp->PnPSubFunction = 0;
        pnp->PnPAction = (STOR_PNP_ACTION)request->cdb[0];
        pnp->SrbPnPFlags = adapter ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0;
    } else if (request->function == PORT_POWER) {
        SCSI_POWER_REQUEST_BLOCK *power = (SCSI_POWER_REQUEST_BLOCK *)srb;
        power->SrbPowerFlags = adapter ? SRB_POWER_FLAGS_ADAPTER_REQUEST : 0;
        power->DevicePowerState = (STOR_DEVICE_POWER_STATE)request->cdb[0];
        power->PowerAction = (STOR_POWER_ACTION)request->cdb[1];
    } else if (request->function == PORT_WMI) {
        SCSI_WMI_REQUEST_BLOCK *wmi = (SCSI_WMI_REQUEST_BLOCK *)srb;
        wmi->WMISubFunction = request->cdb[0];
        wmi->WMIFlags = adapter ? SRB_WMI_FLAGS_ADAPTER_REQUEST : 0;
        wmi->DataPath = wmi_data_path(srb, request);
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
    srb->QueueTag = request->flags & PORT_FLAG_UNTAGGED ? SP_UNTAGGED : (UCHAR)slot->number;
    srb->QueueAction = queue_action(request);
    srb->CdbLength = request->cdb_length;
    srb->SenseInfoBufferLength = adapter->sense_length;
    srb->SenseInfoBuffer = slot->sense;
    srb->SrbFlags = srb_flags(request);
    srb->DataTransferLength = slot->length;
    srb->TimeOutValue = slot->timeout_s;
    srb->DataBuffer =
        request->function == PORT_EXECUTE_SCSI ? mapped_buffer(adapter, slot) : slot->data;
    srb->NextSrb = NULL;
    srb->OriginalRequest = request->flags & PORT_FLAG_ORIGINAL ? request->original : NULL;
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
    if (__builtin_expect(adapter->form == STORPORT_STORAGE_BLOCKS, 1))
        prepare_storage(adapter, slot);
    else if (adapter->form == STORPORT_INFORMATIVE_BLOCKS)
        prepare_informative(adapter, slot);
    else
        prepare_scsi(adapter, slot);
}

/* ---- for dumps ---- */

void storport_slot_peek(const struct port_slot *slot, uint8_t *ret_function, uint8_t ret_cdb[16])
{
    const struct storport_adapter *adapter = slot->adapter->model_state;
    const STORAGE_REQUEST_BLOCK *storage = (const STORAGE_REQUEST_BLOCK *)slot->srb;
    const SCSI_REQUEST_BLOCK *scsi = (const SCSI_REQUEST_BLOCK *)slot->srb;
    ULONG function;

    if (adapter->storage_blocks) {
        port_live_dump_copy(&function, &storage->SrbFunction, sizeof(function));
        *ret_function = (uint8_t)function;
        port_live_dump_copy(
            ret_cdb, slot->srb + STORPORT_CDB_OFFSET + offsetof(SRBEX_DATA_SCSI_CDB16, Cdb), 16);
    } else {
        port_live_dump_copy(ret_function, &scsi->Function, sizeof(scsi->Function));
        port_live_dump_copy(ret_cdb, scsi->Cdb, 16);
    }
}
