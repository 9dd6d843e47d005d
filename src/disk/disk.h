/*
 * disk.h - block semantics over a logical unit: bytes at any offset, whatever the unit can do.
 *
 * The rules it upholds: a request is split to the limits of adapter and unit; a write that covers
 * only part of a block never loses somebody else's bytes in that block; what is worth trying again
 * is tried again a bounded number of times; and a write that was lost after the unit had
 * acknowledged it becomes an error of the next flush.
 *
 * All functions: PASSIVE_LEVEL, may block, any thread. A channel belongs to one thread at a time.
 */
#ifndef STORHOST_DISK_DISK_H
#define STORHOST_DISK_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct port_queue;
struct port_request;
struct port_unit;

struct disk;

/* ---- channels ---- */

/* What one thread needs to do I/O: a completion queue, request records and bounce memory. Its
 * memory is taken when it is created (bounce memory at the first unaligned request). */
struct disk_channel;
/* 0, -ENOMEM, or what port_queue_create returns. */
int disk_channel_create(struct disk_channel **ret_channel);
/* Nothing may be running on it. */
void disk_channel_destroy(struct disk_channel *channel);

/* ---- a disk ---- */

struct disk_info {
    uint64_t block_count;
    uint32_t block_size; /* logical, bytes; a power of two, 512 to 65536 */
    uint32_t physical_block_size;
    uint32_t transfer_limit; /* bytes in one command, a multiple of block_size */
    bool removable;          /* the medium can be taken out */
    bool has_medium; /* it was there at the last look; what is above stays while it is not */
    bool read_only;
    bool write_cache; /* volatile: a flush is needed for durability */
    bool can_fua;     /* the unit takes FUA itself; without it a FUA write is a write and a flush */
    bool can_trim;
    bool can_zero; /* faster than writing zeroes */
};

/* Whether units of a SCSI peripheral device type have blocks to read: disks and optical ones. */
bool disk_serves(uint8_t device_type);
/* Reads capacity, limits and cache mode. Takes its own reference on the unit. 0, -ENODEV,
 * -ETIMEDOUT, -EIO (the unit answers nonsense or not at all), -ENOMEDIUM (try again later),
 * -EOPNOTSUPP (a block size that is no power of two between 512 and 65536), -ENOMEM. */
int disk_open(struct disk **ret_disk, struct port_unit *unit, struct disk_channel *channel);
/* No operation is running. */
void disk_close(struct disk *disk);
/* Reads what is known now, does no I/O. block_count follows "capacity has changed" attentions. */
void disk_describe(const struct disk *disk, struct disk_info *ret_info);
/* Asks a unit with a removable medium whether it is there, and reads the capacity of a new one.
 * 0, or -ENOMEDIUM; other errors leave what was known. Other units are not asked. */
int disk_look_for_medium(struct disk *disk, struct disk_channel *channel);

/* 0 or: -EINVAL (beyond the end), -EROFS, -ENOMEDIUM, -ENOSPC, -EIO, -ENODEV, -ETIMEDOUT,
 * -EOPNOTSUPP, -ENOMEM (bounce memory). After an error of a write its range holds old, new or mixed
 * blocks. */
int disk_read(struct disk *disk, struct disk_channel *channel, void *buffer, uint64_t length,
              uint64_t offset);
/* `fua`: durable on return. */
int disk_write(struct disk *disk, struct disk_channel *channel, const void *buffer, uint64_t length,
               uint64_t offset, bool fua);
/* Durable on return: all that was acknowledged before the call. -EIO also when a write was lost
 * after its acknowledgement: reported once, to every flush under way and otherwise to the next. */
int disk_flush(struct disk *disk, struct disk_channel *channel);
/* Tells the unit that the whole blocks in the range are not needed. -EOPNOTSUPP if it takes no
 * such command; blocks covered in part stay. */
int disk_trim(struct disk *disk, struct disk_channel *channel, uint64_t length, uint64_t offset,
              bool fua);
/* The range reads as zeroes afterwards. `may_trim` allows the unit to give the blocks back. Writes
 * zeroes where the unit has no command for it. */
int disk_zero(struct disk *disk, struct disk_channel *channel, uint64_t length, uint64_t offset,
              bool may_trim, bool fua);

/* For those who submit commands to the unit without this layer: tell it of each command that ended
 * well with data out, and of each other one that did not end well, so that a lost write is still
 * found by the next flush. Any thread at PASSIVE_LEVEL. */
void disk_note_acknowledged(struct disk *disk);
void disk_observe_failure(struct disk *disk, const struct port_request *request);

#ifdef __cplusplus
}
#endif

#endif
