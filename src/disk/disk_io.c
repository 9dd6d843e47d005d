/*
 * disk_io.c - reads and writes of any byte range.
 *
 * Rule: aligned writes hold their blocks shared, a write that covers blocks in part holds all of
 * its blocks exclusively while it reads, merges and writes them. So no write of ours undoes
 * another one's bytes. Reads of parts of blocks hold them shared, so that they never see a block
 * while a neighbour's bytes in it are merged. Aligned reads take no hold: one that races a write of
 * the same blocks may see either.
 */
#include "disk/disk_internal.h"

#include <errno.h>
#include <string.h>

bool disk_fua_needs_flush(const struct disk *disk)
{
    return !__atomic_load_n(&disk->can_fua, __ATOMIC_RELAXED) || disk->adapter_caches;
}

int disk_check(const struct disk *disk, uint64_t length, uint64_t offset, bool write)
{
    uint64_t size = __atomic_load_n(&disk->block_count, __ATOMIC_ACQUIRE) << disk->block_shift;

    if (!port_unit_present(disk->unit))
        return -ENODEV;
    if (__atomic_load_n(&disk->unusable, __ATOMIC_ACQUIRE))
        return -EIO;
    if (offset > size || length > size - offset)
        return -EINVAL;
    if (write && __atomic_load_n(&disk->read_only, __ATOMIC_RELAXED))
        return -EROFS;
    return 0;
}

/* ---- whole blocks ---- */

struct transfer_source {
    struct disk_source source;
    const struct disk *disk;
    uint8_t *data;
    uint64_t block, blocks_left;
    bool write, fua;
};

static bool transfer_next(struct disk_source *source, struct disk_command *command)
{
    struct transfer_source *transfer = (struct transfer_source *)source;
    uint32_t count = transfer->disk->piece_blocks;

    if (transfer->blocks_left == 0)
        return false;
    if (count > transfer->blocks_left)
        count = (uint32_t)transfer->blocks_left;
    disk_command_transfer(command, transfer->write, transfer->block, count, transfer->fua);
    command->data = transfer->data;
    command->length = count << transfer->disk->block_shift;
    transfer->data += command->length;
    transfer->block += count;
    transfer->blocks_left -= count;
    return true;
}

int disk_transfer(struct disk *disk, struct disk_channel *channel, bool write, void *data,
                  uint64_t block, uint64_t block_count, bool fua)
{
    struct transfer_source transfer = {
        .source = {transfer_next},
        .disk = disk,
        .data = data,
        .block = block,
        .blocks_left = block_count,
        .write = write,
        .fua = fua && !disk_fua_needs_flush(disk),
    };
    return disk_run(disk, channel, &transfer.source);
}

/* ---- any bytes ---- */

/* A byte range cut at block boundaries: part of a block, whole blocks, part of a block. */
struct cut {
    uint64_t first_block, block_count; /* all blocks that the range touches */
    uint32_t head_offset, head_length; /* in the first block; length 0: the range starts aligned */
    uint64_t middle_block, middle_count;
    uint32_t tail_length; /* in the block after the middle */
};

static struct cut cut_at_blocks(const struct disk *disk, uint64_t length, uint64_t offset)
{
    uint32_t size = disk->block_size, shift = disk->block_shift;
    struct cut cut = {.first_block = offset >> shift,
                      .head_offset = (uint32_t)(offset & (size - 1))};
    uint64_t end = offset + length;

    cut.block_count = ((end + size - 1) >> shift) - cut.first_block;
    if (cut.head_offset != 0) {
        cut.head_length = size - cut.head_offset;
        if (cut.head_length > length)
            cut.head_length = (uint32_t)length;
    }
    uint64_t after_head = offset + cut.head_length;
    cut.middle_block = (after_head + size - 1) >> shift;
    cut.middle_count = end >> shift > cut.middle_block ? (end >> shift) - cut.middle_block : 0;
    uint64_t done = cut.head_length + (cut.middle_count << shift);
    cut.tail_length = (uint32_t)(length - done);
    return cut;
}

static int read_partial(struct disk *disk, struct disk_channel *channel, uint8_t *data,
                        uint64_t length, uint64_t offset)
{
    struct cut cut = cut_at_blocks(disk, length, offset);
    int error = 0;

    if (cut.head_length != 0) {
        error = disk_transfer(disk, channel, false, channel->bounce, cut.first_block, 1, false);
        if (error != 0)
            return error;
        memcpy(data, channel->bounce + cut.head_offset, cut.head_length);
        data += cut.head_length;
    }
    if (cut.middle_count != 0) {
        error =
            disk_transfer(disk, channel, false, data, cut.middle_block, cut.middle_count, false);
        if (error != 0)
            return error;
        data += cut.middle_count << disk->block_shift;
    }
    if (cut.tail_length != 0) {
        uint64_t block = cut.middle_block + cut.middle_count;
        error = disk_transfer(disk, channel, false, channel->bounce, block, 1, false);
        if (error == 0)
            memcpy(data, channel->bounce, cut.tail_length);
    }
    return error;
}

/* Reads one block, changes some bytes of it and writes it back. */
static int block_merge(struct disk *disk, struct disk_channel *channel, uint64_t block,
                       const uint8_t *data, uint32_t offset, uint32_t length, bool fua)
{
    int error = disk_transfer(disk, channel, false, channel->bounce, block, 1, false);
    if (error != 0)
        return error;
    if (data != NULL)
        memcpy(channel->bounce + offset, data, length);
    else
        memset(channel->bounce + offset, 0, length);
    return disk_transfer(disk, channel, true, channel->bounce, block, 1, fua);
}

/* All blocks fit into the bounce buffer: the ends are read, and one write carries the rest. */
static int write_merged(struct disk *disk, struct disk_channel *channel, const uint8_t *data,
                        uint64_t length, const struct cut *cut, bool fua)
{
    uint64_t last = cut->block_count - 1;
    uint8_t *last_bytes = channel->bounce + (last << disk->block_shift);
    int error = 0;

    if (cut->head_length != 0)
        error = disk_transfer(disk, channel, false, channel->bounce, cut->first_block, 1, false);
    if (error == 0 && cut->tail_length != 0 && (last != 0 || cut->head_length == 0))
        error = disk_transfer(disk, channel, false, last_bytes, cut->first_block + last, 1, false);
    if (error != 0)
        return error;
    memcpy(channel->bounce + cut->head_offset, data, length);
    return disk_transfer(disk, channel, true, channel->bounce, cut->first_block, cut->block_count,
                         fua);
}

int disk_write_partial(struct disk *disk, struct disk_channel *channel, const void *data,
                       uint64_t length, uint64_t offset, bool fua)
{
    struct cut cut = cut_at_blocks(disk, length, offset);
    const uint8_t *bytes = data;
    int error = 0;

    if (bytes != NULL && cut.block_count <= (uint64_t)DISK_BOUNCE_BYTES >> disk->block_shift)
        return write_merged(disk, channel, bytes, length, &cut, fua);
    if (cut.head_length != 0) {
        error = block_merge(disk, channel, cut.first_block, bytes, cut.head_offset, cut.head_length,
                            fua);
        bytes = bytes != NULL ? bytes + cut.head_length : NULL;
    }
    if (error == 0 && cut.middle_count != 0) {
        sh_assert(bytes != NULL);
        error = disk_transfer(disk, channel, true, (void *)(uintptr_t)bytes, cut.middle_block,
                              cut.middle_count, fua);
        bytes += cut.middle_count << disk->block_shift;
    }
    if (error == 0 && cut.tail_length != 0)
        error = block_merge(disk, channel, cut.middle_block + cut.middle_count, bytes, 0,
                            cut.tail_length, fua);
    return error;
}

static bool is_aligned(const struct disk *disk, uint64_t length, uint64_t offset)
{
    return ((length | offset) & (disk->block_size - 1)) == 0;
}

int disk_read(struct disk *disk, struct disk_channel *channel, void *buffer, uint64_t length,
              uint64_t offset)
{
    struct range_hold hold;
    int error = disk_check(disk, length, offset, false);
    if (error != 0 || length == 0)
        return error;
    if (is_aligned(disk, length, offset))
        return disk_transfer(disk, channel, false, buffer, offset >> disk->block_shift,
                             length >> disk->block_shift, false);
    error = disk_channel_need_bounce(channel);
    if (error != 0)
        return error;
    range_lock_acquire(&disk->writers, &hold, offset >> disk->block_shift,
                       (offset + length + disk->block_size - 1) >> disk->block_shift, false);
    error = read_partial(disk, channel, buffer, length, offset);
    range_lock_release(&disk->writers, &hold);
    return error;
}

int disk_write(struct disk *disk, struct disk_channel *channel, const void *buffer, uint64_t length,
               uint64_t offset, bool fua)
{
    struct range_hold hold;
    int error = disk_check(disk, length, offset, true);
    if (error != 0)
        return error;
    if (length == 0)
        return fua ? disk_flush(disk, channel) : 0;

    bool aligned = is_aligned(disk, length, offset);
    if (!aligned && (error = disk_channel_need_bounce(channel)) != 0)
        return error;
    uint64_t start = offset >> disk->block_shift;
    uint64_t end = (offset + length + disk->block_size - 1) >> disk->block_shift;
    range_lock_acquire(&disk->writers, &hold, start, end, !aligned);
    if (aligned)
        error =
            disk_transfer(disk, channel, true, (void *)(uintptr_t)buffer, start, end - start, fua);
    else
        error = disk_write_partial(disk, channel, buffer, length, offset, fua);
    range_lock_release(&disk->writers, &hold);
    if (error == 0 && fua && disk_fua_needs_flush(disk))
        error = disk_flush(disk, channel);
    return error;
}
