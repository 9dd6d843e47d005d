/*
 * dump_request.c - requests of a dump: one at a time, their completion polled (startio-contract
 * S53).
 */
#include "port/dump.h"

#include "nt/bugcheck.h"
#include "port/data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    POLL_US = 10,
    BUSY_PAUSE_US = 10000,
    BUSY_RETRIES = 100,
    ATTENTION_RETRIES = 8,
    FLUSH_TIMEOUT_S = 60,

    SRB_SUCCESS = 0x01,
    SRB_BUSY = 0x05,
    SRB_DATA_OVERRUN = 0x12, /* and less data than there was room for */
    SRB_BUS_RESET = 0x0E,
    STATUS_MASK = 0x3F,
    SCSI_CHECK_CONDITION = 0x02,
    SENSE_UNIT_ATTENTION = 0x06,
    SENSE_ILLEGAL_REQUEST = 0x05,

    OP_READ_10 = 0x28,
    OP_WRITE_10 = 0x2A,
    OP_READ_16 = 0x88,
    OP_WRITE_16 = 0x8A,
    OP_SYNCHRONIZE_CACHE = 0x35,
};

/* ---- one attempt ---- */

static bool map(struct port_slot *slot, const struct port_request *request)
{
    const struct port_adapter *adapter = slot->adapter;

    slot->data = request->length ? request->single.base : NULL;
    slot->has_list = false;
    if (!request->length || !adapter->limits.scatter_gather)
        return true;
    slot->list->reserved = 0;
    slot->list->count = port_list_fill(slot->list, adapter->list_capacity,
                                       &adapter->limits.data_reach, slot->data, request->length);
    slot->has_list = true;
    return slot->list->count && slot->list->count <= adapter->limits.physical_breaks;
}

/* False when its time is over; the driver keeps the slot then. */
static bool run(struct port_dump *dump, struct port_slot *slot)
{
    uint64_t left = (uint64_t)slot->timeout_s * 1000000 / POLL_US;

    __atomic_store_n(&slot->state, PORT_SLOT_OUTSTANDING, __ATOMIC_RELEASE);
    dump->adapter->model->dump->issue(dump->adapter, slot);
    while (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING) {
        dump->adapter->model->dump->poll(dump->adapter);
        dump->figures.polls++;
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING)
            break;
        if (!left--)
            return false;
        sys_stall_ns(POLL_US * 1000ull);
    }
    return true;
}

static void take_results(struct port_request *request, const struct port_slot *slot)
{
    request->srb_status = slot->srb_status & STATUS_MASK;
    request->scsi_status = slot->scsi_status;
    request->transferred = slot->transferred;
    request->sense_length = 0;
    if (request->sense && slot->scsi_status == SCSI_CHECK_CONDITION &&
        slot->srb_status & 0x80) { /* SRB_STATUS_AUTOSENSE_VALID */
        request->sense_length = slot->sense_length < request->sense_capacity
                                    ? slot->sense_length
                                    : request->sense_capacity;
        memcpy(request->sense, slot->sense, request->sense_length);
    }
}

static int attempt(struct port_dump *dump, struct port_request *request)
{
    struct port_slot *slot = port_slot_at(dump->adapter, 0);
    uint64_t began = sys_now_ns();

    request->unit = dump->unit;
    slot->request = request;
    slot->unit = dump->unit;
    slot->length = request->length;
    slot->timeout_s = request->timeout_s;
    slot->flags = 0;
    if (!map(slot, request))
        return -EINVAL;
    dump->figures.requests++;
    if (!run(dump, slot)) {
        dump->dead = true;
        nt_finding("DUMP-06", dump->live,
                   "a request (function %u, operation 0x%02X) was not completed by StartIo or by "
                   "the interrupt routine that was polled for %u s",
                   request->function, request->cdb[0], request->timeout_s);
        return -ETIMEDOUT;
    }
    take_results(request, slot);
    uint64_t took = sys_now_ns() - began;
    dump->figures.total_ns += took;
    if (took > dump->figures.longest_ns)
        dump->figures.longest_ns = took;
    return 0;
}

/* ---- with retries ---- */

static uint8_t sense_key(const struct port_request *request)
{
    if (request->sense_length < 3)
        return 0;
    bool descriptor = (request->sense[0] & 0x7F) >= 0x72;
    return request->sense[descriptor ? 1 : 2] & 0x0F;
}

static bool is_good(const struct port_request *request)
{
    return request->srb_status == SRB_SUCCESS ||
           (request->srb_status == SRB_DATA_OVERRUN && request->direction == PORT_DATA_IN);
}

int port_dump_execute(struct port_dump *dump, struct port_request *request)
{
    uint8_t sense[PORT_SENSE_BYTES];
    unsigned attentions = 0;

    if (dump->dead || request->length > PORT_DUMP_TRANSFER_MAX)
        return -EIO;
    if (!request->sense) {
        request->sense = sense;
        request->sense_capacity = PORT_SENSE_BYTES - 1;
    }
    for (unsigned busy = 0; busy < BUSY_RETRIES;) {
        int error = attempt(dump, request);
        if (error)
            return error;
        if (is_good(request))
            return 0;
        if (request->srb_status == SRB_BUSY) {
            sys_stall_ns(BUSY_PAUSE_US * 1000ull);
            busy++;
        } else if ((request->srb_status != SRB_BUS_RESET &&
                    sense_key(request) != SENSE_UNIT_ATTENTION) ||
                   ++attentions > ATTENTION_RETRIES) {
            return -EIO;
        }
    }
    return -EIO;
}

/* ---- transfers ---- */

static void put_big_endian(uint8_t *bytes, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
}

static void fill_cdb(struct port_request *request, const struct port_dump_transfer *transfer)
{
    uint32_t blocks = transfer->length / transfer->block_size;

    if (transfer->block + blocks <= UINT32_MAX && blocks <= UINT16_MAX) {
        request->cdb_length = 10;
        request->cdb[0] = transfer->write ? OP_WRITE_10 : OP_READ_10;
        put_big_endian(&request->cdb[2], transfer->block, 4);
        put_big_endian(&request->cdb[7], blocks, 2);
    } else {
        request->cdb_length = 16;
        request->cdb[0] = transfer->write ? OP_WRITE_16 : OP_READ_16;
        put_big_endian(&request->cdb[2], transfer->block, 8);
        put_big_endian(&request->cdb[10], blocks, 4);
    }
}

static void explain_failure(const struct port_dump *dump, const struct port_request *request,
                            int error, const char *what, char *reason, size_t reason_size)
{
    if (error == -ETIMEDOUT)
        snprintf(reason, reason_size,
                 "%s did not complete in StartIo or in the interrupt routine, polled for %u s "
                 "(rule DUMP-06)",
                 what, request->timeout_s);
    else if (error == -EINVAL)
        snprintf(reason, reason_size, "%s: the buffer makes a list that the driver does not take",
                 what);
    else
        snprintf(reason, reason_size,
                 "%s of unit %s ended with SRB status 0x%02X, SCSI status 0x%02X", what,
                 dump->live_unit->name, request->srb_status, request->scsi_status);
}

int port_dump_transfer(struct port_dump *dump, const struct port_dump_transfer *transfer,
                       char *reason, size_t reason_size)
{
    unsigned char *buffer = dump->data + transfer->misalignment;
    struct port_request request = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE,
        .direction = transfer->write ? PORT_DATA_OUT : PORT_DATA_IN,
        .timeout_s = dump->timeout_s,
        .single = {buffer, transfer->length},
        .length = transfer->length,
    };
    char what[96];

    if (!dump->adapter || !transfer->length || transfer->length > dump->transfer_limit ||
        transfer->length % transfer->block_size || transfer->misalignment >= NT_PAGE_SIZE ||
        transfer->misalignment & dump->adapter->limits.alignment_mask) {
        snprintf(reason, reason_size,
                 "a transfer of %u bytes at offset %u of a page: a dump by this driver takes whole "
                 "blocks up to %u bytes, aligned by mask 0x%X",
                 transfer->length, transfer->misalignment, dump->transfer_limit,
                 dump->adapter ? dump->adapter->limits.alignment_mask : 0);
        return -EINVAL;
    }
    fill_cdb(&request, transfer);
    if (transfer->write)
        memcpy(buffer, transfer->data, transfer->length);
    else
        memset(buffer, 0xEE, transfer->length); /* what is read was not there before */
    int error = port_dump_execute(dump, &request);
    snprintf(what, sizeof(what), "a %s of %u bytes at block %llu",
             transfer->write ? "write" : "read", transfer->length,
             (unsigned long long)transfer->block);
    if (error)
        explain_failure(dump, &request, error, what, reason, reason_size);
    else if (!transfer->write)
        memcpy(transfer->data, buffer, transfer->length);
    return error;
}

int port_dump_flush(struct port_dump *dump, char *reason, size_t reason_size)
{
    uint8_t sense[PORT_SENSE_BYTES];
    struct port_request synchronize = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE,
        .timeout_s = FLUSH_TIMEOUT_S,
        .cdb_length = 10,
        .cdb = {OP_SYNCHRONIZE_CACHE},
        .sense = sense,
        .sense_capacity = PORT_SENSE_BYTES - 1,
    };
    struct port_request flush = {
        .function = PORT_FLUSH, .flags = PORT_FLAG_NO_FREEZE, .timeout_s = FLUSH_TIMEOUT_S};
    int error = port_dump_execute(dump, &synchronize);

    /* A unit without a cache need not know the command. */
    if (error == -EIO && !dump->dead && sense_key(&synchronize) == SENSE_ILLEGAL_REQUEST)
        error = 0;
    if (error) {
        explain_failure(dump, &synchronize, error, "SYNCHRONIZE CACHE", reason, reason_size);
        return error;
    }
    if (!dump->adapter->limits.caches_data)
        return 0;
    error = port_dump_execute(dump, &flush);
    if (error)
        explain_failure(dump, &flush, error, "the flush", reason, reason_size);
    return error;
}
