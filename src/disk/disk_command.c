/*
 * disk_command.c - command descriptor blocks (SPC-4, SBC-3), built in place.
 *
 * Rule: the 10-byte forms are used wherever they reach, because that is what Windows sends and so
 * what every miniport has been tried with.
 */
#include "disk/disk_internal.h"

#include <string.h>

enum {
    OP_TEST_UNIT_READY = 0x00,
    OP_INQUIRY = 0x12,
    OP_MODE_SENSE_6 = 0x1A,
    OP_START_STOP_UNIT = 0x1B,
    OP_READ_CAPACITY_10 = 0x25,
    OP_READ_10 = 0x28,
    OP_WRITE_10 = 0x2A,
    OP_SYNCHRONIZE_CACHE_10 = 0x35,
    OP_UNMAP = 0x42,
    OP_MODE_SENSE_10 = 0x5A,
    OP_READ_16 = 0x88,
    OP_WRITE_16 = 0x8A,
    OP_WRITE_SAME_16 = 0x93,
    OP_SERVICE_ACTION_IN_16 = 0x9E,
    SERVICE_READ_CAPACITY_16 = 0x10,
    FLAG_FUA = 0x08,
    FLAG_UNMAP = 0x08,
    FLAG_START = 0x01,
};

/* Blocks of zeroes for WRITE SAME. */
static uint8_t zero_block[DISK_BLOCK_SIZE_MAX];

static void put_be16(uint8_t *bytes, uint16_t value)
{
    value = __builtin_bswap16(value);
    memcpy(bytes, &value, sizeof(value));
}

static void put_be32(uint8_t *bytes, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(bytes, &value, sizeof(value));
}

static void put_be64(uint8_t *bytes, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(bytes, &value, sizeof(value));
}

static void command_start(struct disk_command *command, uint8_t operation, uint8_t cdb_length)
{
    *command = (struct disk_command){
        .function = PORT_EXECUTE_SCSI, .direction = PORT_NO_DATA, .cdb_length = cdb_length};
    command->cdb[0] = operation;
}

static void command_reads(struct disk_command *command, void *data, uint32_t length)
{
    command->direction = PORT_DATA_IN;
    command->data = data;
    command->length = length;
    command->short_is_done = true;
}

void disk_command_test_unit_ready(struct disk_command *command)
{
    command_start(command, OP_TEST_UNIT_READY, 6);
}

void disk_command_start_unit(struct disk_command *command)
{
    command_start(command, OP_START_STOP_UNIT, 6);
    command->cdb[4] = FLAG_START;
}

void disk_command_inquiry_page(struct disk_command *command, uint8_t page, void *data,
                               uint16_t length)
{
    command_start(command, OP_INQUIRY, 6);
    command->cdb[1] = 1;
    command->cdb[2] = page;
    put_be16(&command->cdb[3], length);
    command_reads(command, data, length);
}

void disk_command_read_capacity_10(struct disk_command *command, void *data)
{
    command_start(command, OP_READ_CAPACITY_10, 10);
    command_reads(command, data, 8);
}

void disk_command_read_capacity_16(struct disk_command *command, void *data, uint32_t length)
{
    command_start(command, OP_SERVICE_ACTION_IN_16, 16);
    command->cdb[1] = SERVICE_READ_CAPACITY_16;
    put_be32(&command->cdb[10], length);
    command_reads(command, data, length);
}

void disk_command_mode_sense_6(struct disk_command *command, uint8_t page, void *data,
                               uint8_t length)
{
    command_start(command, OP_MODE_SENSE_6, 6);
    command->cdb[2] = page;
    command->cdb[4] = length;
    command_reads(command, data, length);
}

void disk_command_mode_sense_10(struct disk_command *command, uint8_t page, void *data,
                                uint16_t length)
{
    command_start(command, OP_MODE_SENSE_10, 10);
    command->cdb[2] = page;
    put_be16(&command->cdb[7], length);
    command_reads(command, data, length);
}

void disk_command_transfer(struct disk_command *command, bool write, uint64_t block,
                           uint32_t block_count, bool fua)
{
    if (block + block_count <= UINT32_MAX && block_count <= UINT16_MAX) {
        command_start(command, write ? OP_WRITE_10 : OP_READ_10, 10);
        put_be32(&command->cdb[2], (uint32_t)block);
        put_be16(&command->cdb[7], (uint16_t)block_count);
    } else {
        command_start(command, write ? OP_WRITE_16 : OP_READ_16, 16);
        put_be64(&command->cdb[2], block);
        put_be32(&command->cdb[10], block_count);
    }
    command->cdb[1] = fua ? FLAG_FUA : 0;
    command->direction = write ? PORT_DATA_OUT : PORT_DATA_IN;
    command->acknowledges_data = write && !fua;
}

void disk_command_synchronize(struct disk_command *command)
{
    /* Block 0, count 0: everything. */
    command_start(command, OP_SYNCHRONIZE_CACHE_10, 10);
}

void disk_command_unmap(struct disk_command *command, uint64_t block, uint32_t block_count)
{
    command_start(command, OP_UNMAP, 10);
    put_be16(&command->cdb[7], DISK_PARAMETER_BYTES);
    put_be16(&command->parameters[0], DISK_PARAMETER_BYTES - 2);
    put_be16(&command->parameters[2], 16);
    put_be64(&command->parameters[8], block);
    put_be32(&command->parameters[16], block_count);
    command->direction = PORT_DATA_OUT;
    command->length = DISK_PARAMETER_BYTES;
    command->acknowledges_data = true;
}

void disk_command_write_same(struct disk_command *command, uint64_t block, uint32_t block_count,
                             bool unmap)
{
    command_start(command, OP_WRITE_SAME_16, 16);
    command->cdb[1] = unmap ? FLAG_UNMAP : 0;
    put_be64(&command->cdb[2], block);
    put_be32(&command->cdb[10], block_count);
    command->direction = PORT_DATA_OUT;
    command->data = zero_block;
    command->acknowledges_data = true;
    /* The caller sets the length: one block. */
}
