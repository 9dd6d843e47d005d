/*
 * disk_internal.h - what the files of this folder share: the disk, the channel and how commands
 * run.
 */
#ifndef STORHOST_DISK_DISK_INTERNAL_H
#define STORHOST_DISK_DISK_INTERNAL_H

#include "disk/disk.h"
#include "disk/disk_sense.h"
#include "disk/range_lock.h"
#include "port/port.h"
#include "sys/sys.h"

enum {
    DISK_PIECES = 16,               /* commands of one channel at once */
    DISK_PIECE_BYTES = 1u << 20,    /* a transfer is split so that its parts can run in parallel */
    DISK_BOUNCE_BYTES = 128u << 10, /* two of the largest blocks */
    DISK_SENSE_BYTES = 96,
    DISK_PARAMETER_BYTES = 24, /* an UNMAP list with one descriptor */
    DISK_BLOCK_SIZE_MAX = 65536,
    DISK_RETRIES = 8, /* of one command, for every reason but "getting ready" */
};
#define DISK_READY_WAIT_NS  (60 * SYS_NS_PER_S)
#define DISK_READY_PAUSE_NS (100 * SYS_NS_PER_MS)
/* There are drivers that give requests back in a reset although the device still works on them: a
 * repetition that is through before that would have its buffer written, or its data overwritten,
 * by the first try. */
#define DISK_SETTLE_PAUSE_NS (250 * SYS_NS_PER_MS)

/* ---- one command ---- */

struct disk_command {
    void *data; /* NULL with length > 0: `parameters` is the data */
    uint32_t length;
    uint8_t function; /* enum port_function */
    uint8_t direction;
    uint8_t cdb_length;
    bool acknowledges_data; /* success puts data into a cache that a flush must empty */
    bool short_is_done;
    uint8_t cdb[16];
    uint8_t parameters[DISK_PARAMETER_BYTES];
};

/* CDB builders (disk_command.c). They clear the whole command first. */
void disk_command_test_unit_ready(struct disk_command *command);
void disk_command_start_unit(struct disk_command *command);
void disk_command_inquiry_page(struct disk_command *command, uint8_t page, void *data,
                               uint16_t length);
void disk_command_read_capacity_10(struct disk_command *command, void *data);
void disk_command_read_capacity_16(struct disk_command *command, void *data, uint32_t length);
void disk_command_mode_sense_6(struct disk_command *command, uint8_t page, void *data,
                               uint8_t length);
void disk_command_mode_sense_10(struct disk_command *command, uint8_t page, void *data,
                                uint16_t length);
void disk_command_transfer(struct disk_command *command, bool write, uint64_t block,
                           uint32_t block_count, bool fua);
void disk_command_synchronize(struct disk_command *command);
void disk_command_unmap(struct disk_command *command, uint64_t block, uint32_t block_count);
void disk_command_write_same(struct disk_command *command, uint64_t block, uint32_t block_count,
                             bool unmap);

/* ---- channels ---- */

struct disk_piece {
    struct port_request request; /* first: `done` finds the piece by it */
    struct disk_channel *channel;
    struct disk_command command;
    unsigned index;
    unsigned retries, timeouts;
    uint64_t submit_at_ns;  /* while it waits for its next try */
    uint64_t give_up_at_ns; /* 0 until it first waits for the unit to get ready */
    uint8_t sense[DISK_SENSE_BYTES];
};

struct disk_channel {
    struct port_queue *queue;
    uint32_t idle, finished, waiting; /* bit n: pieces[n] */
    uint8_t *bounce;                  /* DISK_BOUNCE_BYTES, NULL until it is needed */
    struct disk_piece pieces[DISK_PIECES];
    struct disk_piece refresh_piece; /* reads geometry again while the others wait */
};

/* 0 or -ENOMEM. */
int disk_channel_need_bounce(struct disk_channel *channel);

/* Where the commands of an operation come from, one after the other. */
struct disk_source {
    /* Fills the command and returns true; false when there are no more. */
    bool (*next)(struct disk_source *source, struct disk_command *command);
};
/* Runs all commands of a source, as many at once as unit and channel allow, with retries. After
 * the first error no new one starts. Returns that error when all have ended, else 0. */
int disk_run(struct disk *disk, struct disk_channel *channel, struct disk_source *source);
/* Runs one command with retries. ret_transferred may be NULL. */
int disk_run_one(struct disk *disk, struct disk_channel *channel,
                 const struct disk_command *command, uint32_t *ret_transferred);

/* ---- the disk ---- */

/* Lost-write bookkeeping, see disk_flush.c. */
struct disk_cache {
    struct sys_mutex mutex; /* guards all but `unflushed`; innermost */
    bool unflushed;         /* acknowledged data may lie in a volatile cache; atomic */
    bool lost;              /* no flush has reported the loss yet */
    unsigned covering;      /* flushes under way that cover such data */
    uint64_t losses;        /* counts up */
    uint32_t resets;        /* of the port's, those that an attention has told of */
};

struct disk {
    struct port_unit *unit;
    struct range_lock writers;
    struct disk_cache cache;

    /* Change with attentions of the unit; read and written with __atomic. */
    uint64_t block_count;
    bool read_only, write_cache, can_fua;
    bool no_medium;
    bool stale;    /* a unit attention said that the above may have changed */
    bool unusable; /* the block size is another one than at open */
    bool can_write_same, can_write_same_unmap, can_unmap;

    /* Fixed at open. */
    bool has_limits_page, has_provisioning_page, adapter_caches;
    bool removable;
    bool optical; /* knows the commands of MMC, not those of SBC */
    uint32_t block_size, block_shift, physical_block_size;
    uint16_t request_flags; /* of every command */
    uint32_t transfer_limit, piece_blocks;
    uint32_t unmap_blocks_max;
    uint32_t write_same_blocks_max;
    unsigned parallel; /* commands at once */
};

/* disk_probe.c */
int disk_probe(struct disk *disk, struct disk_channel *channel);
/* Reads capacity and cache mode again, on the channel's refresh piece. Errors leave what was known.
 */
void disk_refresh(struct disk *disk, struct disk_channel *channel);
/* Runs one command on the channel's refresh piece, which is separate from all others. */
int disk_run_aside(struct disk *disk, struct disk_channel *channel,
                   const struct disk_command *command, uint32_t *ret_transferred);

/* disk_flush.c */
void disk_note_cache(struct disk *disk, enum disk_cache_fate fate);
/* Takes note of the attentions that the port's own commands have met. */
void disk_hear_attentions(struct disk *disk);

/* disk_io.c. Whole blocks, no locks. */
int disk_transfer(struct disk *disk, struct disk_channel *channel, bool write, void *data,
                  uint64_t block, uint64_t block_count, bool fua);
/* Read-modify-write of bytes in any position. `data` NULL: zeroes. The caller holds the blocks
 * exclusively and has the bounce buffer. */
int disk_write_partial(struct disk *disk, struct disk_channel *channel, const void *data,
                       uint64_t length, uint64_t offset, bool fua);
/* -ENODEV, -EIO, -EINVAL, -EROFS for what cannot be done at all, else 0. */
int disk_check(const struct disk *disk, uint64_t length, uint64_t offset, bool write);
/* True if the write must be followed by a flush to be durable. */
bool disk_fua_needs_flush(const struct disk *disk);

#endif
