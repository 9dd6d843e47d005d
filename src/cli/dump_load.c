/*
 * dump_load.c - writes that are under way when the machine crashes or hibernates, and the book of
 * what was acknowledged.
 *
 * A position has one request at a time. Its block may hold afterwards what was acknowledged last
 * or, if a later request was under way, that one's content; nothing older and nothing mixed.
 */
#include "dump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    THREADS_MAX = 16,
    POSITION_BYTES_MIN = 4096,
    TIMEOUT_S = 3, /* so that a driver that does not find its way back is told of soon */
    RESETS_MAX = 1000,
    RESETS_RESUMED_MAX = 2, /* of one request, after a resume */

    SRB_TIMEOUT = 0x09,
    SRB_COMMAND_TIMEOUT = 0x0B,
    SRB_BUS_RESET = 0x0E,
    OP_WRITE_10 = 0x2A,
    OP_WRITE_16 = 0x8A,
};

struct position {
    uint32_t issued, acknowledged; /* versions; 0: none */
};

struct load_slot {
    struct load_thread *thread;
    void *buffer;
    struct iovec data;
    uint64_t position;
    unsigned resets; /* that ended its request since the resume */
};

struct load_thread {
    struct dump_load *load;
    struct sys_thread *thread;
    struct storhost_queue *queue;
    struct load_slot *slots;
    uint64_t random;
    uint64_t first, count; /* its positions */
    unsigned outstanding;
    enum storhost_status failure;
    uint8_t srb_status;
    int error;
};

struct dump_load {
    struct storhost_unit *unit;
    struct dump_area area;
    uint32_t block_size, position_blocks, seed, depth;
    struct position *positions;
    uint64_t position_count;
    struct load_thread threads[THREADS_MAX];
    unsigned thread_count;
    uint64_t acknowledged, submitted; /* __atomic */
    uint64_t resets;        /* requests that ended with one, and were sent again; __atomic */
    uint64_t wanted;        /* __atomic; when so many are acknowledged, `reached` is set */
    uint32_t reached, stop; /* __atomic; slept on */
    bool resumed;           /* __atomic */
};

/* ---- a thread ---- */

static void write_done(void *context, const struct storhost_result *result);

static bool choose_position(struct load_thread *thread, uint64_t *ret_position)
{
    for (unsigned tries = 0; tries < 64; tries++) {
        uint64_t position = thread->first + random_step(&thread->random) % thread->count;
        const struct position *book = &thread->load->positions[position];
        if (book->issued == book->acknowledged) {
            *ret_position = position;
            return true;
        }
    }
    return false;
}

static void put_big_endian(uint8_t *bytes, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
}

static int submit(struct load_slot *slot)
{
    struct load_thread *thread = slot->thread;
    struct dump_load *load = thread->load;
    uint64_t block = load->area.first + slot->position * load->position_blocks;
    bool is_long = block > UINT32_MAX;
    uint8_t cdb[16] = {is_long ? OP_WRITE_16 : OP_WRITE_10};

    put_big_endian(&cdb[2], block, is_long ? 8 : 4);
    put_big_endian(&cdb[is_long ? 10 : 7], load->position_blocks, is_long ? 4 : 2);
    slot->data.iov_base = slot->buffer;
    slot->data.iov_len = (size_t)load->position_blocks * load->block_size;
    return storhost_submit(thread->queue, &(struct storhost_command){
                                              .unit = load->unit,
                                              .cdb = cdb,
                                              .cdb_length = is_long ? 16 : 10,
                                              .direction = STORHOST_DATA_OUT,
                                              .data = &slot->data,
                                              .data_count = 1,
                                              .timeout_s = TIMEOUT_S,
                                              .done = write_done,
                                              .context = slot,
                                          });
}

static void submit_next(struct load_slot *slot)
{
    struct load_thread *thread = slot->thread;
    struct dump_load *load = thread->load;

    if (__atomic_load_n(&load->stop, __ATOMIC_ACQUIRE) != 0 ||
        !choose_position(thread, &slot->position))
        return;
    struct position *book = &load->positions[slot->position];
    uint64_t block = load->area.first + slot->position * load->position_blocks;
    for (uint32_t i = 0; i < load->position_blocks; i++)
        pattern_fill((char *)slot->buffer + (size_t)i * load->block_size, load->block_size,
                     block + i, book->issued + 1, load->seed);
    book->issued++;
    slot->resets = 0;
    thread->outstanding++;
    __atomic_add_fetch(&load->submitted, 1, __ATOMIC_RELAXED);
    int error = submit(slot);
    if (error != 0) {
        book->issued--;
        thread->outstanding--;
        thread->error = error;
    }
}

static void fail(struct load_thread *thread, const struct storhost_result *result)
{
    struct dump_load *load = thread->load;

    if (thread->failure == STORHOST_OK) {
        thread->failure = result->status;
        thread->srb_status = result->srb_status;
    }
    __atomic_store_n(&load->stop, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&load->reached, 1, __ATOMIC_RELEASE);
    sys_wake(&load->reached, 1);
}

static bool was_reset(uint8_t srb_status)
{
    return srb_status == SRB_BUS_RESET || srb_status == SRB_TIMEOUT ||
           srb_status == SRB_COMMAND_TIMEOUT;
}

/* Class drivers send it again, too: a reset is no loss. Not for ever. */
static bool send_again(struct load_slot *slot)
{
    struct dump_load *load = slot->thread->load;

    if (__atomic_load_n(&load->resumed, __ATOMIC_ACQUIRE) && ++slot->resets >= RESETS_RESUMED_MAX)
        return false;
    return __atomic_add_fetch(&load->resets, 1, __ATOMIC_RELAXED) < RESETS_MAX && submit(slot) == 0;
}

static void write_done(void *context, const struct storhost_result *result)
{
    struct load_slot *slot = context;
    struct load_thread *thread = slot->thread;
    struct dump_load *load = thread->load;

    if (was_reset(result->srb_status) && send_again(slot))
        return;
    thread->outstanding--;
    if (result->status != STORHOST_OK) {
        fail(thread, result);
        return;
    }
    load->positions[slot->position].acknowledged = load->positions[slot->position].issued;
    if (__atomic_add_fetch(&load->acknowledged, 1, __ATOMIC_RELAXED) ==
        __atomic_load_n(&load->wanted, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&load->reached, 1, __ATOMIC_RELEASE);
        sys_wake(&load->reached, 1);
    }
    submit_next(slot);
}

static int prepare(struct load_thread *thread)
{
    struct dump_load *load = thread->load;
    size_t bytes = (size_t)load->position_blocks * load->block_size;
    int error = storhost_queue_create(&thread->queue, load->depth);

    if (error != 0)
        return error;
    thread->slots = calloc(load->depth, sizeof(*thread->slots));
    if (thread->slots == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < load->depth; i++) {
        thread->slots[i].thread = thread;
        /* Not memory that devices reach: what a stopped machine holds there must not change. */
        thread->slots[i].buffer = malloc(bytes);
        if (thread->slots[i].buffer == NULL)
            return -ENOMEM;
    }
    return 0;
}

static void run(void *argument)
{
    struct load_thread *thread = argument;
    struct dump_load *load = thread->load;

    thread->error = prepare(thread);
    if (thread->error == 0) {
        for (unsigned i = 0; i < load->depth; i++)
            submit_next(&thread->slots[i]);
        while (thread->outstanding > 0)
            storhost_wait(thread->queue, -1);
    }
    if (thread->slots != NULL)
        for (unsigned i = 0; i < load->depth; i++)
            free(thread->slots[i].buffer);
    free(thread->slots);
    storhost_queue_destroy(thread->queue);
    if (thread->error != 0) {
        __atomic_store_n(&load->reached, 1, __ATOMIC_RELEASE);
        sys_wake(&load->reached, 1);
    }
}

/* ---- all of them ---- */

struct dump_load *load_start(struct storhost_unit *unit, const struct arguments *arguments,
                             const struct dump_area *area, uint32_t block_size)
{
    struct dump_load *load = calloc(1, sizeof(*load));

    if (load == NULL)
        return NULL;
    load->unit = unit;
    load->area = *area;
    load->block_size = block_size;
    load->seed = arguments->seed;
    load->depth = arguments->depth;
    load->position_blocks = block_size < POSITION_BYTES_MIN ? POSITION_BYTES_MIN / block_size : 1;
    load->position_count = area->count / load->position_blocks;
    load->wanted = UINT64_MAX;
    load->positions = calloc(load->position_count, sizeof(*load->positions));
    unsigned threads = arguments->threads < THREADS_MAX ? arguments->threads : THREADS_MAX;
    if (load->positions == NULL || load->position_count < threads) {
        message("the region is too small for %u threads", threads);
        load_free(load);
        return NULL;
    }
    for (unsigned i = 0; i < threads; i++) {
        struct load_thread *thread = &load->threads[i];
        uint64_t share = load->position_count / threads;
        thread->load = load;
        thread->random = (uint64_t)arguments->seed << 8 | i;
        thread->first = share * i;
        thread->count = share;
        if (sys_thread_create(&thread->thread, "load", run, thread) != 0) {
            message("the load's threads cannot be started");
            load_stop(load, true);
            load_free(load);
            return NULL;
        }
        load->thread_count++;
    }
    return load;
}

/* What fails when the adapter goes away under it has not failed. */
static bool check(const struct dump_load *load, bool gone)
{
    for (unsigned i = 0; i < load->thread_count && !gone; i++) {
        const struct load_thread *thread = &load->threads[i];
        if (thread->error != 0)
            message("the load cannot go on: %s", strerror(-thread->error));
        else if (thread->failure != STORHOST_OK && was_reset(thread->srb_status) &&
                 __atomic_load_n(&load->resumed, __ATOMIC_ACQUIRE))
            message("after the resume the live driver's requests time out: a write had no end in "
                    "%d s, and again after the reset (rule DUMP-08): look at how the driver's "
                    "power-up (ScsiRestartAdapter) sets up queues and interrupts of a device that "
                    "another instance has used",
                    TIMEOUT_S);
        else if (thread->failure != STORHOST_OK)
            message("a write of the load failed: status %d, SRB status 0x%02X",
                    (int)thread->failure, thread->srb_status);
        else
            continue;
        return false;
    }
    return true;
}

bool load_await(struct dump_load *load, uint64_t count)
{
    __atomic_store_n(&load->reached, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&load->wanted, __atomic_load_n(&load->acknowledged, __ATOMIC_RELAXED) + count,
                     __ATOMIC_RELEASE);
    while (__atomic_load_n(&load->reached, __ATOMIC_ACQUIRE) == 0)
        (void)sys_wait(&load->reached, 0, SYS_FOREVER);
    return check(load, false);
}

void load_resumed(struct dump_load *load)
{
    __atomic_store_n(&load->resumed, true, __ATOMIC_RELEASE);
}

bool load_stop(struct dump_load *load, bool gone)
{
    __atomic_store_n(&load->stop, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < load->thread_count; i++) {
        if (load->threads[i].thread != NULL)
            sys_thread_join(load->threads[i].thread);
        load->threads[i].thread = NULL;
    }
    return check(load, gone);
}

uint64_t load_acknowledged(const struct dump_load *load)
{
    return __atomic_load_n(&load->acknowledged, __ATOMIC_RELAXED);
}

uint64_t load_resets(const struct dump_load *load)
{
    return __atomic_load_n(&load->resets, __ATOMIC_RELAXED);
}

uint64_t load_outstanding(const struct dump_load *load)
{
    return __atomic_load_n(&load->submitted, __ATOMIC_RELAXED) - load_acknowledged(load);
}

/* ---- afterwards ---- */

static bool position_verify(const struct dump_load *load, uint64_t position, const char *data)
{
    const struct position *book = &load->positions[position];
    uint64_t block = load->area.first + position * load->position_blocks;

    for (uint32_t i = 0; i < load->position_blocks; i++) {
        uint32_t version = 0;
        bool whole = pattern_read(data + (size_t)i * load->block_size, load->block_size, block + i,
                                  load->seed, &version);
        if (whole && version >= book->acknowledged && version <= book->issued)
            continue;
        if (!whole && book->acknowledged == 0)
            continue; /* what was there before, or half of the first write */
        message("block %" PRIu64 " was written and acknowledged with content %u, and holds %s%u",
                block + i, book->acknowledged, whole ? "content " : "something else: ", version);
        return false;
    }
    return true;
}

bool load_verify(struct dump_load *load, struct storhost_unit *unit)
{
    size_t bytes = (size_t)load->position_blocks * load->block_size;
    char *data = malloc(bytes);
    bool good = data != NULL;

    for (uint64_t i = 0; good && i < load->position_count; i++) {
        if (load->positions[i].acknowledged == 0)
            continue;
        uint64_t offset = (load->area.first + i * load->position_blocks) * load->block_size;
        int error = storhost_read(unit, data, bytes, offset, 0);
        if (error != 0) {
            message("byte %" PRIu64 " of the disk cannot be read after it: %s", offset,
                    strerror(-error));
            good = false;
        } else {
            good = position_verify(load, i, data);
        }
    }
    free(data);
    return good;
}

void load_free(struct dump_load *load)
{
    if (load == NULL)
        return;
    free(load->positions);
    free(load);
}
