/*
 * disk_discard.c - trim and zero: UNMAP, WRITE SAME, or plainly writing zeroes.
 *
 * Rule: trim is a hint, zero is a promise. UNMAP promises nothing about what the blocks read as
 * afterwards, so zero never uses it.
 */
#include "disk/disk_internal.h"

#include <errno.h>

enum { ZERO_BYTES = 64 << 10 };
static uint8_t zeroes[ZERO_BYTES];

enum discard_kind { DISCARD_UNMAP, DISCARD_WRITE_SAME, DISCARD_WRITE_SAME_UNMAP, DISCARD_WRITE };

struct discard_source {
    struct disk_source source;
    const struct disk *disk;
    uint64_t block, blocks_left;
    uint32_t blocks_max; /* of one command */
    enum discard_kind kind;
};

static bool discard_next(struct disk_source *source, struct disk_command *command)
{
    struct discard_source *discard = (struct discard_source *)source;
    uint32_t count = discard->blocks_max;

    if (discard->blocks_left == 0)
        return false;
    if (count > discard->blocks_left)
        count = (uint32_t)discard->blocks_left;
    switch (discard->kind) {
    case DISCARD_UNMAP:
        disk_command_unmap(command, discard->block, count);
        break;
    case DISCARD_WRITE_SAME:
    case DISCARD_WRITE_SAME_UNMAP:
        disk_command_write_same(command, discard->block, count,
                                discard->kind == DISCARD_WRITE_SAME_UNMAP);
        command->length = discard->disk->block_size;
        break;
    case DISCARD_WRITE:
        disk_command_transfer(command, true, discard->block, count, false);
        command->data = zeroes;
        command->length = count << discard->disk->block_shift;
        break;
    }
    discard->block += count;
    discard->blocks_left -= count;
    return true;
}

static uint32_t kind_blocks_max(const struct disk *disk, enum discard_kind kind)
{
    uint32_t zero_blocks = ZERO_BYTES >> disk->block_shift;

    switch (kind) {
    case DISCARD_UNMAP:
        return disk->unmap_blocks_max;
    case DISCARD_WRITE_SAME:
    case DISCARD_WRITE_SAME_UNMAP:
        return disk->write_same_blocks_max;
    case DISCARD_WRITE:
        break;
    }
    return disk->piece_blocks < zero_blocks ? disk->piece_blocks : zero_blocks;
}

static int discard_run(struct disk *disk, struct disk_channel *channel, enum discard_kind kind,
                       uint64_t block, uint64_t block_count)
{
    struct discard_source discard = {
        .source = {discard_next},
        .disk = disk,
        .block = block,
        .blocks_left = block_count,
        .blocks_max = kind_blocks_max(disk, kind),
        .kind = kind,
    };
    return disk_run(disk, channel, &discard.source);
}

int disk_trim(struct disk *disk, struct disk_channel *channel, uint64_t length, uint64_t offset,
              bool fua)
{
    struct range_hold hold;
    int error = disk_check(disk, length, offset, true);
    if (error != 0)
        return error;
    if (!disk->can_unmap && !disk->can_write_same_unmap)
        return -EOPNOTSUPP;
    uint64_t start = (offset + disk->block_size - 1) >> disk->block_shift;
    uint64_t end = (offset + length) >> disk->block_shift;
    if (start < end) {
        enum discard_kind kind = disk->can_unmap ? DISCARD_UNMAP : DISCARD_WRITE_SAME_UNMAP;
        range_lock_acquire(&disk->writers, &hold, start, end, false);
        error = discard_run(disk, channel, kind, start, end - start);
        range_lock_release(&disk->writers, &hold);
    }
    return error == 0 && fua ? disk_flush(disk, channel) : error;
}

/* Whole blocks, held by the caller. A unit may claim WRITE SAME and refuse it: that is remembered,
 * and what remains is written. What an adapter decrypts when it is read has to be written. */
static int zero_blocks(struct disk *disk, struct disk_channel *channel, uint64_t block,
                       uint64_t block_count, bool may_trim)
{
    int error = -EOPNOTSUPP;

    if (port_unit_is_encrypted(disk->unit))
        return discard_run(disk, channel, DISCARD_WRITE, block, block_count);
    if (may_trim && __atomic_load_n(&disk->can_write_same_unmap, __ATOMIC_RELAXED))
        error = discard_run(disk, channel, DISCARD_WRITE_SAME_UNMAP, block, block_count);
    if (error == -EOPNOTSUPP && __atomic_load_n(&disk->can_write_same, __ATOMIC_RELAXED)) {
        error = discard_run(disk, channel, DISCARD_WRITE_SAME, block, block_count);
        if (error == -EOPNOTSUPP)
            __atomic_store_n(&disk->can_write_same, false, __ATOMIC_RELAXED);
    }
    if (error == -EOPNOTSUPP)
        error = discard_run(disk, channel, DISCARD_WRITE, block, block_count);
    return error;
}

/* The blocks at both ends that are covered in part, and the whole ones between them. */
static int zero_held(struct disk *disk, struct disk_channel *channel, uint64_t length,
                     uint64_t offset, bool may_trim)
{
    uint32_t mask = disk->block_size - 1;
    uint64_t end = offset + length;
    uint64_t middle = (offset + mask) & ~(uint64_t)mask;
    uint64_t middle_end = end & ~(uint64_t)mask;
    int error = 0;

    if (middle > middle_end) /* inside one block */
        return disk_write_partial(disk, channel, NULL, length, offset, false);
    if (offset < middle)
        error = disk_write_partial(disk, channel, NULL, middle - offset, offset, false);
    if (error == 0 && middle < middle_end)
        error = zero_blocks(disk, channel, middle >> disk->block_shift,
                            (middle_end - middle) >> disk->block_shift, may_trim);
    if (error == 0 && middle_end < end)
        error = disk_write_partial(disk, channel, NULL, end - middle_end, middle_end, false);
    return error;
}

int disk_zero(struct disk *disk, struct disk_channel *channel, uint64_t length, uint64_t offset,
              bool may_trim, bool fua)
{
    struct range_hold hold;
    int error = disk_check(disk, length, offset, true);
    if (error != 0)
        return error;
    if (length != 0) {
        bool aligned = ((length | offset) & (disk->block_size - 1)) == 0;
        if (!aligned && (error = disk_channel_need_bounce(channel)) != 0)
            return error;
        range_lock_acquire(&disk->writers, &hold, offset >> disk->block_shift,
                           (offset + length + disk->block_size - 1) >> disk->block_shift, !aligned);
        error = zero_held(disk, channel, length, offset, may_trim);
        range_lock_release(&disk->writers, &hold);
    }
    return error == 0 && fua ? disk_flush(disk, channel) : error;
}
