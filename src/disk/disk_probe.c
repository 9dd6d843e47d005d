/*
 * disk_probe.c - what the unit says of itself: capacity, limits, provisioning, cache mode.
 *
 * Rule: every byte comes from a device or driver that may be wrong. Lengths are checked before
 * bytes are read, numbers before they are used, and an optional page that is missing or malformed
 * means that the unit has no such limit or ability.
 */
#include "disk/disk_internal.h"

#include <errno.h>
#include <string.h>

/* SCSI peripheral device types (SPC-4 6.4.2). */
enum {
    TYPE_DISK = 0x00,
    TYPE_CDROM = 0x05,
    TYPE_OPTICAL_MEMORY = 0x07,
    TYPE_SIMPLE_DISK = 0x0E,
};

enum {
    PAGE_SUPPORTED = 0x00,
    PAGE_BLOCK_LIMITS = 0xB0,
    PAGE_PROVISIONING = 0xB2,
    MODE_PAGE_CACHING = 0x08,
    MODE_PAGE_ALL = 0x3F,
    ANSWER_BYTES = 255, /* what a one-byte allocation length can ask for */
    CAPACITY_16_BYTES = 32,
    CDROM_BLOCK_SIZE = 2048,
    CDROM_RAW_BLOCK_SIZE_MAX = 2448, /* with all that a sector has besides its data */
};

bool disk_serves(uint8_t device_type)
{
    return device_type == TYPE_DISK || device_type == TYPE_CDROM ||
           device_type == TYPE_OPTICAL_MEMORY || device_type == TYPE_SIMPLE_DISK;
}

static uint16_t get_be16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap16(value);
}

static uint32_t get_be32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap32(value);
}

static uint64_t get_be64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap64(value);
}

/* ---- capacity ---- */

struct capacity {
    uint64_t block_count;
    uint32_t block_size, physical_block_size;
    bool thin; /* LBPME: blocks can be given back */
};

static int capacity_read_10(struct disk *disk, struct disk_channel *channel,
                            struct capacity *ret_capacity)
{
    struct disk_command command;
    uint8_t answer[8];
    uint32_t got = 0;

    disk_command_read_capacity_10(&command, answer);
    int error = disk_run_aside(disk, channel, &command, &got);
    if (error != 0)
        return error;
    if (got < sizeof(answer))
        return -EIO;
    /* More blocks than this command can tell: then the other one should have answered. */
    if (get_be32(answer) == UINT32_MAX)
        return -EIO;
    *ret_capacity = (struct capacity){
        .block_count = (uint64_t)get_be32(answer) + 1,
        .block_size = get_be32(answer + 4),
        .physical_block_size = get_be32(answer + 4),
    };
    return 0;
}

static int capacity_read_16(struct disk *disk, struct disk_channel *channel,
                            struct capacity *ret_capacity)
{
    struct disk_command command;
    uint8_t answer[CAPACITY_16_BYTES] = {0};
    uint32_t got = 0;

    disk_command_read_capacity_16(&command, answer, sizeof(answer));
    int error = disk_run_aside(disk, channel, &command, &got);
    if (error != 0)
        return error;
    if (got < 12)
        return -EIO;
    uint32_t block_size = get_be32(answer + 8);
    unsigned exponent = got > 13 ? answer[13] & 0x0F : 0;
    *ret_capacity = (struct capacity){
        .block_count = get_be64(answer) + 1, /* all ones wraps to 0, refused below */
        .block_size = block_size,
        .physical_block_size = block_size << exponent,
        .thin = got > 14 && (answer[14] & 0x80) != 0,
    };
    return 0;
}

static bool block_size_is_usable(uint32_t size)
{
    return size >= 512 && size <= DISK_BLOCK_SIZE_MAX && (size & (size - 1)) == 0;
}

/* Drives tell the size of raw sectors for a disc that has such; its data are read as blocks of
 * 2048 bytes all the same. */
static void optical_capacity_correct(struct capacity *capacity)
{
    if (capacity->block_size > CDROM_BLOCK_SIZE && capacity->block_size <= CDROM_RAW_BLOCK_SIZE_MAX)
        capacity->block_size = capacity->physical_block_size = CDROM_BLOCK_SIZE;
}

/* READ CAPACITY (16), and (10) for units that know only that one. */
static int capacity_read(struct disk *disk, struct disk_channel *channel,
                         struct capacity *ret_capacity)
{
    struct capacity capacity;
    int error = disk->optical ? -EOPNOTSUPP : capacity_read_16(disk, channel, &capacity);
    if (error == -EOPNOTSUPP || error == -EIO)
        error = capacity_read_10(disk, channel, &capacity);
    if (error != 0)
        return error;
    if (disk->optical)
        optical_capacity_correct(&capacity);
    if (capacity.block_size == 0)
        return -EIO;
    if (!block_size_is_usable(capacity.block_size))
        return -EOPNOTSUPP;
    if (capacity.block_count == 0 ||
        capacity.block_count > (uint64_t)INT64_MAX / capacity.block_size)
        return -EIO;
    if (!block_size_is_usable(capacity.physical_block_size))
        capacity.physical_block_size = capacity.block_size;
    *ret_capacity = capacity;
    return 0;
}

/* ---- vital product data ---- */

/* Length of the page with its header, 0 if the unit has no such page. */
static uint32_t page_read(struct disk *disk, struct disk_channel *channel, uint8_t page,
                          uint8_t answer[ANSWER_BYTES])
{
    struct disk_command command;
    uint32_t got = 0;

    disk_command_inquiry_page(&command, page, answer, ANSWER_BYTES);
    if (disk_run_aside(disk, channel, &command, &got) != 0)
        return 0;
    if (got < 4 || answer[1] != page)
        return 0;
    uint32_t length = 4u + get_be16(answer + 2);
    return length < got ? length : got;
}

static void pages_list(struct disk *disk, struct disk_channel *channel)
{
    uint8_t answer[ANSWER_BYTES];
    uint32_t length = page_read(disk, channel, PAGE_SUPPORTED, answer);

    for (uint32_t i = 4; i < length; i++) {
        disk->has_limits_page |= answer[i] == PAGE_BLOCK_LIMITS;
        disk->has_provisioning_page |= answer[i] == PAGE_PROVISIONING;
    }
}

static void limits_read(struct disk *disk, struct disk_channel *channel)
{
    uint8_t answer[ANSWER_BYTES];
    uint32_t length =
        disk->has_limits_page ? page_read(disk, channel, PAGE_BLOCK_LIMITS, answer) : 0;

    if (length >= 12) {
        uint64_t bytes = (uint64_t)get_be32(answer + 8) << disk->block_shift;
        if (bytes != 0 && bytes < disk->transfer_limit)
            disk->transfer_limit = (uint32_t)bytes;
    }
    /* Without a second descriptor a command still takes one. */
    if (length >= 28 && get_be32(answer + 24) != 0)
        disk->unmap_blocks_max = get_be32(answer + 20);
    if (length >= 44) {
        uint64_t blocks = get_be64(answer + 36);
        disk->write_same_blocks_max = blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks;
    }
}

static void provisioning_read(struct disk *disk, struct disk_channel *channel, bool thin)
{
    uint8_t answer[ANSWER_BYTES];
    uint32_t length =
        disk->has_provisioning_page ? page_read(disk, channel, PAGE_PROVISIONING, answer) : 0;
    bool takes_unmap = thin && length >= 6 && (answer[5] & 0x80) != 0;
    bool takes_write_same_unmap = thin && length >= 6 && (answer[5] & 0x40) != 0;

    disk->can_unmap = takes_unmap && disk->unmap_blocks_max != 0;
    disk->can_write_same_unmap = takes_write_same_unmap;
    /* A limit of 0 is "not reported". Then WRITE SAME exists if its UNMAP form does, and a bound
     * of our own keeps one command short. */
    disk->can_write_same = disk->write_same_blocks_max != 0 || takes_write_same_unmap;
    if (disk->write_same_blocks_max == 0)
        disk->write_same_blocks_max = (64u << 20) >> disk->block_shift;
}

/* ---- mode pages ---- */

struct mode_answer {
    bool valid, has_caching;
    uint8_t device_specific; /* 0x80 write protected, 0x10 FUA is understood */
    uint8_t caching;         /* 0x04 write cache enabled */
};

static struct mode_answer mode_parse(const uint8_t *bytes, uint32_t length, bool ten)
{
    struct mode_answer answer = {0};
    uint32_t header = ten ? 8 : 4;

    if (length < header)
        return answer;
    answer.valid = true;
    answer.device_specific = ten ? bytes[3] : bytes[2];
    uint32_t descriptors = ten ? get_be16(bytes + 6) : bytes[3];
    uint32_t used = ten ? get_be16(bytes) + 2u : bytes[0] + 1u;
    if (used < length)
        length = used;
    if (descriptors > length - header)
        return answer;
    const uint8_t *page = bytes + header + descriptors;
    if (length - header - descriptors >= 3 && (page[0] & 0x3F) == MODE_PAGE_CACHING) {
        answer.has_caching = true;
        answer.caching = page[2];
    }
    return answer;
}

static int mode_sense(struct disk *disk, struct disk_channel *channel, uint8_t page, bool ten,
                      struct mode_answer *ret_answer)
{
    struct disk_command command;
    uint8_t bytes[ANSWER_BYTES] = {0};
    uint32_t got = 0;

    if (ten)
        disk_command_mode_sense_10(&command, page, bytes, sizeof(bytes));
    else
        disk_command_mode_sense_6(&command, page, bytes, sizeof(bytes));
    int error = disk_run_aside(disk, channel, &command, &got);
    if (error == 0)
        *ret_answer = mode_parse(bytes, got, ten);
    return error;
}

/* Asks in the order of what is answered most often. A unit without a caching page is treated as if
 * it had a volatile cache: a flush too many costs little, one too few costs data. */
static int mode_read(struct disk *disk, struct disk_channel *channel)
{
    if (disk->optical) { /* what can be written on such discs is none of our business */
        __atomic_store_n(&disk->write_cache, false, __ATOMIC_RELAXED);
        __atomic_store_n(&disk->read_only, true, __ATOMIC_RELAXED);
        return 0;
    }
    static const struct {
        uint8_t page;
        bool ten;
    } tries[] = {{MODE_PAGE_CACHING, false}, {MODE_PAGE_CACHING, true}, {MODE_PAGE_ALL, false}};
    struct mode_answer answer = {0};

    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]) && !answer.valid; i++) {
        int error = mode_sense(disk, channel, tries[i].page, tries[i].ten, &answer);
        if (error == -ENODEV)
            return error;
    }
    bool cache = !answer.has_caching || (answer.caching & 0x04) != 0;
    __atomic_store_n(&disk->write_cache, cache, __ATOMIC_RELAXED);
    __atomic_store_n(&disk->read_only, (answer.device_specific & 0x80) != 0, __ATOMIC_RELAXED);
    __atomic_store_n(&disk->can_fua, (answer.device_specific & 0x10) != 0, __ATOMIC_RELAXED);
    return 0;
}

/* ---- all of it ---- */

static void limits_of_adapter(struct disk *disk)
{
    struct port_adapter_info adapter;
    struct port_unit_info unit;

    port_adapter_describe(port_unit_adapter(disk->unit), &adapter);
    port_unit_describe(disk->unit, &unit);
    disk->adapter_caches = adapter.caches_data;
    disk->transfer_limit = port_adapter_transfer_limit(port_unit_adapter(disk->unit));
    disk->parallel = unit.depth == 0 ? 1 : unit.depth;
    if (disk->parallel > DISK_PIECES)
        disk->parallel = DISK_PIECES;
}

/* A unit that waits for START UNIT gets it, once. 0 when it is ready, or why it is not. */
static int unit_make_ready(struct disk *disk, struct disk_channel *channel)
{
    struct disk_command command;

    disk_command_test_unit_ready(&command);
    int error = disk_run_aside(disk, channel, &command, NULL);
    if (error == 0 || !disk_judge(&channel->refresh_piece.request, true).needs_start)
        return error;
    disk_command_start_unit(&command);
    error = disk_run_aside(disk, channel, &command, NULL);
    if (error != 0)
        return error;
    disk_command_test_unit_ready(&command);
    return disk_run_aside(disk, channel, &command, NULL);
}

static void unit_classify(struct disk *disk)
{
    struct port_unit_info unit;

    port_unit_describe(disk->unit, &unit);
    /* An error must not stop the unit's queue: nobody above would release it. */
    disk->request_flags = PORT_FLAG_NO_FREEZE;
    if (!port_unit_queues_commands(disk->unit))
        disk->request_flags |= PORT_FLAG_UNTAGGED;
    disk->optical = unit.device_type == TYPE_CDROM;
    disk->removable = unit.removable_media || disk->optical;
}

int disk_probe(struct disk *disk, struct disk_channel *channel)
{
    struct capacity capacity;
    unit_classify(disk);
    /* Other errors than these are told better by the commands that follow. */
    int error = unit_make_ready(disk, channel);
    if (error == -ENOMEDIUM || error == -ENODEV || error == -ETIMEDOUT)
        return error;
    error = capacity_read(disk, channel, &capacity);
    if (error != 0)
        return error;
    disk->block_count = capacity.block_count;
    disk->block_size = capacity.block_size;
    disk->block_shift = (uint32_t)__builtin_ctz(capacity.block_size);
    disk->physical_block_size = capacity.physical_block_size;

    limits_of_adapter(disk);
    if (!disk->optical) {
        pages_list(disk, channel);
        limits_read(disk, channel);
        provisioning_read(disk, channel, capacity.thin);
    }
    disk->transfer_limit &= ~(disk->block_size - 1);
    if (disk->transfer_limit == 0)
        return -EIO;
    uint32_t piece =
        disk->transfer_limit < DISK_PIECE_BYTES ? disk->transfer_limit : DISK_PIECE_BYTES;
    disk->piece_blocks = piece >> disk->block_shift;
    error = mode_read(disk, channel);
    __atomic_store_n(&disk->stale, false, __ATOMIC_RELAXED);
    return error;
}

void disk_refresh(struct disk *disk, struct disk_channel *channel)
{
    struct capacity capacity;

    if (!__atomic_exchange_n(&disk->stale, false, __ATOMIC_ACQ_REL))
        return;
    if (capacity_read(disk, channel, &capacity) != 0)
        return;
    __atomic_store_n(&disk->no_medium, false, __ATOMIC_RELAXED);
    if (capacity.block_size != disk->block_size) {
        /* Every offset that callers hold now means another block. */
        __atomic_store_n(&disk->unusable, true, __ATOMIC_RELEASE);
        return;
    }
    __atomic_store_n(&disk->block_count, capacity.block_count, __ATOMIC_RELEASE);
    mode_read(disk, channel);
}

int disk_look_for_medium(struct disk *disk, struct disk_channel *channel)
{
    if (!disk->removable)
        return 0;
    int error = unit_make_ready(disk, channel);
    if (error == 0 && __atomic_load_n(&disk->no_medium, __ATOMIC_RELAXED))
        __atomic_store_n(&disk->stale, true, __ATOMIC_RELEASE); /* nobody has told of the new one */
    if (error == 0)
        disk_refresh(disk, channel);
    return error == -ENOMEDIUM ? error : 0;
}
