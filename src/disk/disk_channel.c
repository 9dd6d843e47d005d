/*
 * disk_channel.c - runs the commands of an operation, several at once, and decides about retries.
 *
 * Rule: an operation returns only when none of its commands is under way any more, because their
 * data belongs to the caller.
 */
#include "disk/disk_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void piece_done(struct port_request *request)
{
    struct disk_piece *piece = (struct disk_piece *)request;
    piece->channel->finished |= 1u << piece->index;
}

static void piece_prepare(struct disk_piece *piece, struct disk_channel *channel, unsigned index)
{
    piece->channel = channel;
    piece->index = index;
    piece->request.done = piece_done;
    piece->request.sense = piece->sense;
}

int disk_channel_create(struct disk_channel **ret_channel)
{
    struct disk_channel *channel = calloc(1, sizeof(*channel));
    if (channel == NULL)
        return -ENOMEM;
    int error = port_queue_create(&channel->queue);
    if (error != 0) {
        free(channel);
        return error;
    }
    for (unsigned i = 0; i < DISK_PIECES; i++)
        piece_prepare(&channel->pieces[i], channel, i);
    piece_prepare(&channel->refresh_piece, channel, DISK_PIECES);
    channel->idle = (1u << DISK_PIECES) - 1;
    *ret_channel = channel;
    return 0;
}

void disk_channel_destroy(struct disk_channel *channel)
{
    sh_assert(channel->idle == (1u << DISK_PIECES) - 1);
    port_queue_destroy(channel->queue);
    if (channel->bounce != NULL)
        port_buffer_free(channel->bounce);
    free(channel);
}

int disk_channel_need_bounce(struct disk_channel *channel)
{
    if (channel->bounce == NULL)
        channel->bounce = port_buffer_allocate(DISK_BOUNCE_BYTES);
    return channel->bounce == NULL ? -ENOMEM : 0;
}

/* Writes the port's request from the command; every field that the port reads is set. */
static void piece_fill_request(struct disk *disk, struct disk_piece *piece)
{
    struct disk_command *command = &piece->command;
    struct port_request *request = &piece->request;

    request->unit = disk->unit;
    request->done = piece_done;
    request->single.base = command->data != NULL ? command->data : command->parameters;
    request->single.length = command->length;
    request->segments = NULL;
    request->segment_count = command->length != 0 ? 1 : 0;
    request->length = command->length;
    request->timeout_s = 0;
    request->flags = disk->request_flags;
    request->function = command->function;
    request->direction = command->direction;
    request->cdb_length = command->cdb_length;
    memcpy(request->cdb, command->cdb, sizeof(command->cdb));
    request->sense = piece->sense;
    request->sense_capacity = DISK_SENSE_BYTES;
    request->sense_length = 0;
}

/* Takes note of what a finished command says about the unit. True: try it again, at submit_at_ns.
 */
static bool piece_wants_retry(struct disk *disk, struct disk_piece *piece, int *ret_error)
{
    struct disk_judgement judgement = disk_judge(&piece->request, piece->command.short_is_done);

    if (judgement.cache != DISK_CACHE_KEPT)
        disk_note_cache(disk, judgement.cache);
    if (judgement.geometry_changed)
        __atomic_store_n(&disk->stale, true, __ATOMIC_RELEASE);
    if (judgement.no_medium)
        __atomic_store_n(&disk->no_medium, true, __ATOMIC_RELAXED);
    *ret_error = judgement.verdict == DISK_DONE ? 0 : judgement.error;
    if (judgement.verdict == DISK_DONE) {
        if (piece->command.acknowledges_data)
            disk_note_acknowledged(disk);
        return false;
    }
    if (judgement.verdict == DISK_FAILED || !port_unit_present(disk->unit))
        return false;

    piece->submit_at_ns = 0;
    if (judgement.verdict == DISK_RETRY)
        return piece->retries++ < DISK_RETRIES;
    if (judgement.verdict == DISK_RETRY_ONCE)
        return piece->timeouts++ < 1;
    uint64_t now = sys_now_ns();
    if (judgement.verdict == DISK_RETRY_SETTLED) {
        piece->submit_at_ns = now + DISK_SETTLE_PAUSE_NS;
        return piece->retries++ < DISK_RETRIES;
    }
    if (piece->give_up_at_ns == 0)
        piece->give_up_at_ns = now + DISK_READY_WAIT_NS;
    piece->submit_at_ns = now + DISK_READY_PAUSE_NS;
    return now < piece->give_up_at_ns;
}

static void piece_start(struct disk *disk, struct disk_piece *piece)
{
    piece->retries = 0;
    piece->timeouts = 0;
    piece->give_up_at_ns = 0;
    piece_fill_request(disk, piece);
    port_submit(piece->channel->queue, &piece->request);
}

int disk_run_aside(struct disk *disk, struct disk_channel *channel,
                   const struct disk_command *command, uint32_t *ret_transferred)
{
    struct disk_piece *piece = &channel->refresh_piece;
    int error;

    piece->command = *command;
    piece->retries = 0;
    piece->timeouts = 0;
    piece->give_up_at_ns = 0;
    for (;;) {
        piece_fill_request(disk, piece);
        port_execute(channel->queue, &piece->request);
        if (!piece_wants_retry(disk, piece, &error))
            break;
        if (piece->submit_at_ns > sys_now_ns())
            sys_delay_ns(piece->submit_at_ns - sys_now_ns());
    }
    if (error == 0 && ret_transferred != NULL)
        *ret_transferred = piece->request.transferred;
    return error;
}

/* Starts commands until the source is empty, all pieces work or the unit has enough. */
static bool channel_fill(struct disk *disk, struct disk_channel *channel,
                         struct disk_source *source)
{
    unsigned busy = (unsigned)__builtin_popcount(~channel->idle & ((1u << DISK_PIECES) - 1));

    while (channel->idle != 0 && busy < disk->parallel) {
        unsigned index = (unsigned)__builtin_ctz(channel->idle);
        struct disk_piece *piece = &channel->pieces[index];
        if (!source->next(source, &piece->command))
            return false;
        channel->idle &= ~(1u << index);
        busy++;
        piece_start(disk, piece);
    }
    return true;
}

/* Submits the waiting pieces whose time has come; returns when the next one's comes. */
static uint64_t channel_submit_due(struct disk *disk, struct disk_channel *channel)
{
    uint64_t next = SYS_FOREVER;
    uint64_t now = channel->waiting != 0 ? sys_now_ns() : 0;

    for (uint32_t left = channel->waiting; left != 0; left &= left - 1) {
        struct disk_piece *piece = &channel->pieces[__builtin_ctz(left)];
        if (piece->submit_at_ns > now) {
            next = piece->submit_at_ns < next ? piece->submit_at_ns : next;
            continue;
        }
        channel->waiting &= ~(1u << piece->index);
        piece_fill_request(disk, piece);
        port_submit(channel->queue, &piece->request);
    }
    return next;
}

/* Handles what has finished. Returns the first error among it. */
static int channel_settle(struct disk *disk, struct disk_channel *channel, bool retry)
{
    int result = 0;

    while (channel->finished != 0) {
        struct disk_piece *piece = &channel->pieces[__builtin_ctz(channel->finished)];
        int error;
        channel->finished &= ~(1u << piece->index);
        if (piece_wants_retry(disk, piece, &error) && retry) {
            channel->waiting |= 1u << piece->index;
            continue;
        }
        channel->idle |= 1u << piece->index;
        if (error != 0 && result == 0)
            result = error;
    }
    return result;
}

int disk_run(struct disk *disk, struct disk_channel *channel, struct disk_source *source)
{
    bool more = true;
    int result = 0;

    for (;;) {
        disk_hear_attentions(disk);
        if (__atomic_load_n(&disk->stale, __ATOMIC_ACQUIRE))
            disk_refresh(disk, channel);
        port_queue_plug(channel->queue);
        uint64_t deadline = channel_submit_due(disk, channel);
        if (more)
            more = channel_fill(disk, channel, source);
        port_queue_unplug(channel->queue);
        if (channel->idle == (1u << DISK_PIECES) - 1)
            return result;

        if (channel->finished == 0)
            port_wait(channel->queue, deadline);
        int error = channel_settle(disk, channel, result == 0);
        if (error != 0 && result == 0) {
            result = error;
            more = false;
            channel->idle |= channel->waiting;
            channel->waiting = 0;
        }
    }
}

struct single_source {
    struct disk_source source;
    const struct disk_command *command;
};

static bool single_next(struct disk_source *source, struct disk_command *command)
{
    struct single_source *single = (struct single_source *)source;
    if (single->command == NULL)
        return false;
    *command = *single->command;
    single->command = NULL;
    return true;
}

int disk_run_one(struct disk *disk, struct disk_channel *channel,
                 const struct disk_command *command, uint32_t *ret_transferred)
{
    struct single_source single = {{single_next}, command};
    unsigned index = (unsigned)__builtin_ctz(channel->idle);
    int error = disk_run(disk, channel, &single.source);
    if (error == 0 && ret_transferred != NULL)
        *ret_transferred = channel->pieces[index].request.transferred;
    return error;
}
