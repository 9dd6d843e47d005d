/*
 * commands.h - requests in words: SCSI commands, and how requests ended.
 */
#ifndef STORHOST_TRACE_COMMANDS_H
#define STORHOST_TRACE_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which bytes of a CDB say where and how much. */
struct trace_command {
    const char *name; /* "READ(10)"; NULL: not known */
    bool has_lba, has_blocks, has_length;
    uint64_t lba, blocks;
    uint32_t length; /* of an allocation or parameter list */
};
void trace_command_decode(const uint8_t *cdb, unsigned length, struct trace_command *ret_command);

/* NULL: the number has no name. */
const char *trace_srb_status_name(uint8_t status);
const char *trace_scsi_status_name(uint8_t status);
const char *trace_sense_key_name(uint8_t key);

#ifdef __cplusplus
}
#endif

#endif
