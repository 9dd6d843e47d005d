/*
 * commands.c - see commands.h.
 */
#include "trace/commands.h"

#include <stddef.h>
#include <string.h>

/* ---- SCSI commands ---- */

/* Where numbers lie in the CDB, most significant byte first; 0 bytes: there is none. */
struct field {
    uint8_t at, bytes;
};
static const struct command {
    uint8_t opcode;
    const char *name;
    struct field lba, blocks, length;
} commands[] = {
    {0x00, "TEST UNIT READY", {0}, {0}, {0}},
    {0x03, "REQUEST SENSE", {0}, {0}, {4, 1}},
    {0x04, "FORMAT UNIT", {0}, {0}, {0}},
    {0x07, "REASSIGN BLOCKS", {0}, {0}, {0}},
    {0x08, "READ(6)", {1, 3}, {4, 1}, {0}},
    {0x0A, "WRITE(6)", {1, 3}, {4, 1}, {0}},
    {0x12, "INQUIRY", {0}, {0}, {3, 2}},
    {0x15, "MODE SELECT(6)", {0}, {0}, {4, 1}},
    {0x16, "RESERVE(6)", {0}, {0}, {0}},
    {0x17, "RELEASE(6)", {0}, {0}, {0}},
    {0x1A, "MODE SENSE(6)", {0}, {0}, {4, 1}},
    {0x1B, "START STOP UNIT", {0}, {0}, {0}},
    {0x1C, "RECEIVE DIAGNOSTIC", {0}, {0}, {3, 2}},
    {0x1D, "SEND DIAGNOSTIC", {0}, {0}, {3, 2}},
    {0x1E, "PREVENT ALLOW REMOVAL", {0}, {0}, {0}},
    {0x25, "READ CAPACITY(10)", {0}, {0}, {0}},
    {0x28, "READ(10)", {2, 4}, {7, 2}, {0}},
    {0x2A, "WRITE(10)", {2, 4}, {7, 2}, {0}},
    {0x2B, "SEEK(10)", {2, 4}, {0}, {0}},
    {0x2E, "WRITE AND VERIFY(10)", {2, 4}, {7, 2}, {0}},
    {0x2F, "VERIFY(10)", {2, 4}, {7, 2}, {0}},
    {0x35, "SYNCHRONIZE CACHE(10)", {2, 4}, {7, 2}, {0}},
    {0x3B, "WRITE BUFFER", {0}, {0}, {6, 3}},
    {0x3C, "READ BUFFER", {0}, {0}, {6, 3}},
    {0x41, "WRITE SAME(10)", {2, 4}, {7, 2}, {0}},
    {0x42, "UNMAP", {0}, {0}, {7, 2}},
    {0x43, "READ TOC", {0}, {0}, {7, 2}},
    {0x46, "GET CONFIGURATION", {0}, {0}, {7, 2}},
    {0x4A, "GET EVENT STATUS", {0}, {0}, {7, 2}},
    {0x4D, "LOG SENSE", {0}, {0}, {7, 2}},
    {0x51, "READ DISC INFORMATION", {0}, {0}, {7, 2}},
    {0x55, "MODE SELECT(10)", {0}, {0}, {7, 2}},
    {0x5A, "MODE SENSE(10)", {0}, {0}, {7, 2}},
    {0x5E, "PERSISTENT RESERVE IN", {0}, {0}, {7, 2}},
    {0x5F, "PERSISTENT RESERVE OUT", {0}, {0}, {5, 4}},
    {0x85, "ATA PASS-THROUGH(16)", {0}, {0}, {0}},
    {0x88, "READ(16)", {2, 8}, {10, 4}, {0}},
    {0x89, "COMPARE AND WRITE", {2, 8}, {13, 1}, {0}},
    {0x8A, "WRITE(16)", {2, 8}, {10, 4}, {0}},
    {0x8E, "WRITE AND VERIFY(16)", {2, 8}, {10, 4}, {0}},
    {0x8F, "VERIFY(16)", {2, 8}, {10, 4}, {0}},
    {0x91, "SYNCHRONIZE CACHE(16)", {2, 8}, {10, 4}, {0}},
    {0x93, "WRITE SAME(16)", {2, 8}, {10, 4}, {0}},
    {0x9E, "SERVICE ACTION IN(16)", {0}, {0}, {10, 4}},
    {0xA0, "REPORT LUNS", {0}, {0}, {6, 4}},
    {0xA1, "ATA PASS-THROUGH(12)", {0}, {0}, {0}},
    {0xA2, "SECURITY PROTOCOL IN", {0}, {0}, {6, 4}},
    {0xA3, "MAINTENANCE IN", {0}, {0}, {6, 4}},
    {0xA4, "MAINTENANCE OUT", {0}, {0}, {6, 4}},
    {0xA8, "READ(12)", {2, 4}, {6, 4}, {0}},
    {0xAA, "WRITE(12)", {2, 4}, {6, 4}, {0}},
    {0xB5, "SECURITY PROTOCOL OUT", {0}, {0}, {6, 4}},
};

static bool field_read(const uint8_t *cdb, unsigned length, struct field field, uint64_t *ret_value)
{
    if (!field.bytes || field.at + field.bytes > length)
        return false;
    *ret_value = 0;
    for (unsigned i = 0; i < field.bytes; i++)
        *ret_value = *ret_value << 8 | cdb[field.at + i];
    return true;
}

/* Commands of one operation code that an action tells apart. */
static const char *name_of_action(const uint8_t *cdb, unsigned length)
{
    if (length < 2)
        return NULL;
    switch (cdb[0] << 8 | (cdb[1] & 0x1F)) {
    case 0x9E10:
        return "READ CAPACITY(16)";
    case 0x9E12:
        return "GET LBA STATUS";
    case 0xA30C:
        return "REPORT SUPPORTED OPERATION CODES";
    case 0xA30A:
        return "REPORT TARGET PORT GROUPS";
    default:
        return NULL;
    }
}

void trace_command_decode(const uint8_t *cdb, unsigned length, struct trace_command *ret_command)
{
    uint64_t bytes = 0;

    *ret_command = (struct trace_command){0};
    for (size_t i = 0; length && i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct command *command = &commands[i];
        if (command->opcode != cdb[0])
            continue;
        const char *action = name_of_action(cdb, length);
        ret_command->name = action ? action : command->name;
        ret_command->has_lba = field_read(cdb, length, command->lba, &ret_command->lba);
        ret_command->has_blocks = field_read(cdb, length, command->blocks, &ret_command->blocks);
        ret_command->has_length = field_read(cdb, length, command->length, &bytes);
        ret_command->length = (uint32_t)bytes;
        break;
    }
    if (ret_command->has_lba && (cdb[0] == 0x08 || cdb[0] == 0x0A)) {
        ret_command->lba &= 0x1FFFFF;
        ret_command->blocks = ret_command->blocks ? ret_command->blocks : 256;
    }
}

/* ---- numbers with names ---- */

struct named {
    uint8_t number;
    const char *name;
};

static const char *name_of(const struct named *names, size_t count, uint8_t number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}
#define NAME_OF(names_, number_) name_of(names_, sizeof(names_) / sizeof((names_)[0]), number_)

const char *trace_srb_status_name(uint8_t status)
{
    static const struct named names[] = {
        {0x00, "PENDING"},
        {0x01, "SUCCESS"},
        {0x02, "ABORTED"},
        {0x03, "ABORT FAILED"},
        {0x04, "ERROR"},
        {0x05, "BUSY"},
        {0x06, "INVALID REQUEST"},
        {0x07, "INVALID PATH ID"},
        {0x08, "NO DEVICE"},
        {0x09, "TIMEOUT"},
        {0x0A, "SELECTION TIMEOUT"},
        {0x0B, "COMMAND TIMEOUT"},
        {0x0D, "MESSAGE REJECTED"},
        {0x0E, "BUS RESET"},
        {0x0F, "PARITY ERROR"},
        {0x10, "REQUEST SENSE FAILED"},
        {0x11, "NO HBA"},
        {0x12, "DATA OVERRUN"},
        {0x13, "UNEXPECTED BUS FREE"},
        {0x14, "PHASE SEQUENCE FAILURE"},
        {0x15, "BAD SRB BLOCK LENGTH"},
        {0x16, "REQUEST FLUSHED"},
        {0x20, "INVALID LUN"},
        {0x21, "INVALID TARGET ID"},
        {0x22, "BAD FUNCTION"},
        {0x23, "ERROR RECOVERY"},
        {0x24, "NOT POWERED"},
        {0x25, "LINK DOWN"},
        {0x26, "INSUFFICIENT RESOURCES"},
        {0x27, "THROTTLED REQUEST"},
        {0x28, "INVALID PARAMETER"},
        {0x30, "INTERNAL ERROR"},
    };

    return NAME_OF(names, status & 0x3F);
}

const char *trace_scsi_status_name(uint8_t status)
{
    static const struct named names[] = {
        {0x00, "GOOD"},
        {0x02, "CHECK CONDITION"},
        {0x04, "CONDITION MET"},
        {0x08, "BUSY"},
        {0x10, "INTERMEDIATE"},
        {0x18, "RESERVATION CONFLICT"},
        {0x22, "COMMAND TERMINATED"},
        {0x28, "TASK SET FULL"},
        {0x30, "ACA ACTIVE"},
        {0x40, "TASK ABORTED"},
    };

    return NAME_OF(names, status);
}

const char *trace_sense_key_name(uint8_t key)
{
    static const char *const names[] = {
        "NO SENSE",       "RECOVERED ERROR", "NOT READY",      "MEDIUM ERROR",
        "HARDWARE ERROR", "ILLEGAL REQUEST", "UNIT ATTENTION", "DATA PROTECT",
        "BLANK CHECK",    "VENDOR SPECIFIC", "COPY ABORTED",   "ABORTED COMMAND",
        "RESERVED",       "VOLUME OVERFLOW", "MISCOMPARE",     "COMPLETED",
    };

    return names[key & 0x0F];
}
