/*
 * queue.c - raw commands and the fast reads and writes.
 *
 * Rule: nothing is allocated, cleared or locked for a request. Slots are carved when the queue is
 * created and reused last in, first out, so that the next request finds its slot in the cache.
 */
#include "api/api_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_SENSE_BYTES = 96, QUEUE_DEPTH_MAX = 65536, CDB_BYTES_MAX = 32 };

enum {
    OP_READ_10 = 0x28,
    OP_WRITE_10 = 0x2A,
    OP_READ_16 = 0x88,
    OP_WRITE_16 = 0x8A,
    SRB_SUCCESS = 0x01,
    SCSI_GOOD = 0x00,
    SCSI_CHECK_CONDITION = 0x02,
};

struct slot {
    struct port_request request; /* first: `done` finds the slot by it */
    storhost_done done;
    void *context;
    struct storhost_unit *unit;
    struct storhost_queue *queue;
    struct slot *next_free;
    uint8_t sense[SLOT_SENSE_BYTES];
} __attribute__((aligned(64)));

/* Two cache lines for itself: another thread's queue is written for each request too. */
struct storhost_queue {
    struct port_queue *queue;
    struct slot *free;
    struct slot *slots;
} __attribute__((aligned(128)));

_Static_assert(sizeof(struct iovec) == sizeof(struct port_segment) &&
                   offsetof(struct iovec, iov_base) == offsetof(struct port_segment, base) &&
                   offsetof(struct iovec, iov_len) == offsetof(struct port_segment, length),
               "an iovec array is handed to the port as it is");

static enum storhost_status status_of(const struct port_request *request)
{
    switch (request->status) {
    case PORT_OK:
        break;
    case PORT_NO_DEVICE:
        return STORHOST_NO_DEVICE;
    case PORT_TIMED_OUT:
        return STORHOST_TIMED_OUT;
    case PORT_CANCELLED:
        return STORHOST_CANCELLED;
    case PORT_NO_MEMORY:
        return STORHOST_NO_MEMORY;
    case PORT_TOO_LARGE:
        return STORHOST_TOO_LARGE;
    case PORT_NOT_POWERED:
        return STORHOST_NOT_POWERED;
    case PORT_UNSUPPORTED:
        return STORHOST_UNSUPPORTED;
    default:
        return STORHOST_FAILED;
    }
    if (request->scsi_status == SCSI_CHECK_CONDITION)
        return STORHOST_CHECK_CONDITION;
    if (request->scsi_status != SCSI_GOOD)
        return STORHOST_SCSI_ERROR;
    return request->srb_status == SRB_SUCCESS ? STORHOST_OK : STORHOST_FAILED;
}

static __attribute__((noinline)) enum storhost_status slot_failed(struct slot *slot)
{
    if (api_unit_is_open(slot->unit))
        disk_observe_failure(slot->unit->disk, &slot->request);
    return status_of(&slot->request);
}

static void slot_done(struct port_request *request)
{
    struct slot *slot = (struct slot *)request;
    struct storhost_queue *queue = slot->queue;
    struct storhost_result result = {
        .status = STORHOST_OK,
        .srb_status = request->srb_status,
        .scsi_status = request->scsi_status,
        .transferred = request->transferred,
        .sense = slot->sense,
        .sense_length = request->sense_length,
    };

    bool good = request->status == PORT_OK && request->srb_status == SRB_SUCCESS &&
                request->scsi_status == SCSI_GOOD;
    if (__builtin_expect(!good, 0)) {
        result.queue_frozen = request->srb_status & PORT_SRB_FROZEN;
        result.srb_status = request->srb_status &= (uint8_t)~PORT_SRB_FROZEN;
        result.status = slot_failed(slot);
    } else if (request->direction == PORT_DATA_OUT && api_unit_is_open(slot->unit))
        disk_note_acknowledged(slot->unit->disk);
    /* The slot is free before the callback, which may submit the next request into it. Its sense
     * bytes stay until that one finishes, which is after this callback. */
    slot->next_free = queue->free;
    queue->free = slot;
    slot->done(slot->context, &result);
}

STORHOST_API int storhost_queue_create(struct storhost_queue **ret_queue, unsigned depth)
{
    if (!api_is_running() || depth == 0 || depth > QUEUE_DEPTH_MAX)
        return -EINVAL;
    struct storhost_queue *queue = aligned_alloc(_Alignof(struct storhost_queue), sizeof(*queue));
    if (queue == NULL)
        return -ENOMEM;
    *queue = (struct storhost_queue){.queue = NULL};
    queue->slots = aligned_alloc(_Alignof(struct slot), depth * sizeof(struct slot));
    int error = queue->slots == NULL ? -ENOMEM : port_queue_create(&queue->queue);
    if (error != 0) {
        free(queue->slots);
        free(queue);
        return error;
    }
    memset(queue->slots, 0, depth * sizeof(struct slot));
    for (unsigned i = depth; i-- > 0;) {
        struct slot *slot = &queue->slots[i];
        slot->queue = queue;
        slot->request.done = slot_done;
        slot->request.function = PORT_EXECUTE_SCSI;
        /* Nobody above releases a frozen queue. */
        slot->request.flags = PORT_FLAG_NO_FREEZE;
        slot->request.sense = slot->sense;
        slot->request.sense_capacity = SLOT_SENSE_BYTES;
        slot->next_free = queue->free;
        queue->free = slot;
    }
    *ret_queue = queue;
    return 0;
}

STORHOST_API void storhost_queue_destroy(struct storhost_queue *queue)
{
    if (queue == NULL)
        return;
    sh_assert(port_queue_outstanding(queue->queue) == 0);
    port_queue_destroy(queue->queue);
    free(queue->slots);
    free(queue);
}

static inline struct slot *slot_take(struct storhost_queue *queue, struct storhost_unit *unit,
                                     storhost_done done, void *context)
{
    struct slot *slot = queue->free;
    if (__builtin_expect(slot == NULL, 0))
        return NULL;
    queue->free = slot->next_free;
    slot->unit = unit;
    slot->done = done;
    slot->context = context;
    slot->request.unit = unit->unit;
    return slot;
}

/* ---- raw commands ---- */

static bool cdb_length_is_legal(uint8_t length)
{
    return length >= 1 && length <= CDB_BYTES_MAX;
}

enum {
    TAG_FLAGS = STORHOST_ORDERED | STORHOST_HEAD_OF_QUEUE | STORHOST_UNTAGGED,
    KNOWN_FLAGS = TAG_FLAGS | STORHOST_BYPASS_FROZEN | STORHOST_BYPASS_LOCKED | STORHOST_FREEZE |
                  STORHOST_NO_AUTOSENSE | STORHOST_NO_KEEP_AWAKE,
};

static bool flags_are_legal(unsigned flags)
{
    return !(flags & ~(unsigned)KNOWN_FLAGS) && __builtin_popcount(flags & TAG_FLAGS) <= 1;
}

static uint16_t request_flags(const struct storhost_command *command)
{
    static const struct {
        unsigned command;
        uint16_t request;
    } rows[] = {
        {STORHOST_BYPASS_FROZEN, PORT_FLAG_BYPASS_FROZEN},
        {STORHOST_BYPASS_LOCKED, PORT_FLAG_BYPASS_LOCKED},
        {STORHOST_NO_AUTOSENSE, PORT_FLAG_NO_AUTOSENSE},
        {STORHOST_ORDERED, PORT_FLAG_ORDERED},
        {STORHOST_HEAD_OF_QUEUE, PORT_FLAG_HEAD_OF_QUEUE},
        {STORHOST_UNTAGGED, PORT_FLAG_UNTAGGED},
        {STORHOST_NO_KEEP_AWAKE, PORT_FLAG_NO_KEEP_AWAKE},
    };
    uint16_t flags = command->flags & STORHOST_FREEZE ? 0 : PORT_FLAG_NO_FREEZE;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (command->flags & rows[i].command)
            flags |= rows[i].request;
    if (command->cdb_length > 16)
        flags |= PORT_FLAG_LONG_CDB;
    if (!(command->flags & TAG_FLAGS) && !port_unit_queues_commands(command->unit->unit))
        flags |= PORT_FLAG_UNTAGGED;
    return flags;
}

STORHOST_API int storhost_submit(struct storhost_queue *queue,
                                 const struct storhost_command *command)
{
    uint64_t length = 0;

    if (command->unit == NULL || command->done == NULL || command->cdb == NULL ||
        !cdb_length_is_legal(command->cdb_length) || command->direction > STORHOST_DATA_OUT ||
        !flags_are_legal(command->flags))
        return -EINVAL;
    for (unsigned i = 0; i < command->data_count; i++) {
        if (command->data[i].iov_len > UINT32_MAX - length)
            return -EINVAL;
        length += command->data[i].iov_len;
    }
    if ((command->direction == STORHOST_NO_DATA) != (length == 0))
        return -EINVAL;
    struct slot *slot = slot_take(queue, command->unit, command->done, command->context);
    if (slot == NULL)
        return -EAGAIN;
    struct port_request *request = &slot->request;
    request->segments = (const struct port_segment *)command->data;
    request->segment_count = command->data_count;
    request->length = (uint32_t)length;
    request->timeout_s = command->timeout_s;
    request->direction = command->direction == STORHOST_DATA_IN    ? PORT_DATA_IN
                         : command->direction == STORHOST_DATA_OUT ? PORT_DATA_OUT
                                                                   : PORT_NO_DATA;
    request->cdb_length = command->cdb_length;
    memset(request->cdb, 0, sizeof(request->cdb));
    memcpy(request->cdb, command->cdb, command->cdb_length);
    request->flags = request_flags(command);
    port_submit(queue->queue, request);
    return 0;
}

/* ---- fast reads and writes ---- */

static inline void cdb_fill(struct port_request *request, uint8_t operation_10,
                            uint8_t operation_16, uint64_t block, uint32_t block_count)
{
    if (__builtin_expect(block + block_count <= UINT32_MAX && block_count <= UINT16_MAX, 1)) {
        uint32_t block_be = __builtin_bswap32((uint32_t)block);
        uint16_t count_be = __builtin_bswap16((uint16_t)block_count);
        request->cdb_length = 10;
        request->cdb[0] = operation_10;
        request->cdb[1] = 0;
        memcpy(&request->cdb[2], &block_be, sizeof(block_be));
        request->cdb[6] = 0;
        memcpy(&request->cdb[7], &count_be, sizeof(count_be));
        request->cdb[9] = 0;
    } else {
        uint64_t block_be = __builtin_bswap64(block);
        uint32_t count_be = __builtin_bswap32(block_count);
        request->cdb_length = 16;
        request->cdb[0] = operation_16;
        request->cdb[1] = 0;
        memcpy(&request->cdb[2], &block_be, sizeof(block_be));
        memcpy(&request->cdb[10], &count_be, sizeof(count_be));
        request->cdb[14] = 0;
        request->cdb[15] = 0;
    }
}

static inline int submit_transfer(struct storhost_queue *queue, struct storhost_unit *unit,
                                  uint64_t block, uint32_t block_count, void *buffer, bool write,
                                  storhost_done done, void *context)
{
    /* Unsigned wrap makes 0 blocks too many. block + block_count must not wrap either. */
    if (__builtin_expect(!api_unit_is_open(unit) || block_count - 1 >= unit->block_count_max ||
                             block > UINT64_MAX - block_count,
                         0))
        return -EINVAL;
    struct slot *slot = slot_take(queue, unit, done, context);
    if (__builtin_expect(slot == NULL, 0))
        return -EAGAIN;
    struct port_request *request = &slot->request;
    uint32_t length = block_count << unit->block_shift;
    request->single.base = buffer;
    request->single.length = length;
    request->segments = NULL;
    request->segment_count = 1;
    request->length = length;
    request->timeout_s = 0;
    request->flags = unit->request_flags;
    request->direction = write ? PORT_DATA_OUT : PORT_DATA_IN;
    cdb_fill(request, write ? OP_WRITE_10 : OP_READ_10, write ? OP_WRITE_16 : OP_READ_16, block,
             block_count);
    port_submit(queue->queue, request);
    return 0;
}

STORHOST_API int storhost_submit_read(struct storhost_queue *queue, struct storhost_unit *unit,
                                      uint64_t block, uint32_t block_count, void *buffer,
                                      storhost_done done, void *context)
{
    return submit_transfer(queue, unit, block, block_count, buffer, false, done, context);
}

STORHOST_API int storhost_submit_write(struct storhost_queue *queue, struct storhost_unit *unit,
                                       uint64_t block, uint32_t block_count, const void *buffer,
                                       storhost_done done, void *context)
{
    return submit_transfer(queue, unit, block, block_count, (void *)(uintptr_t)buffer, true, done,
                           context);
}

STORHOST_API unsigned storhost_poll(struct storhost_queue *queue)
{
    return port_poll(queue->queue, 0);
}

STORHOST_API unsigned storhost_wait(struct storhost_queue *queue, int timeout_ms)
{
    if (port_queue_outstanding(queue->queue) == 0)
        return 0;
    if (timeout_ms == 0)
        return port_poll(queue->queue, 0);
    uint64_t deadline = SYS_FOREVER;
    if (timeout_ms > 0)
        deadline = sys_now_ns() + (uint64_t)timeout_ms * SYS_NS_PER_MS;
    return port_wait(queue->queue, deadline);
}
