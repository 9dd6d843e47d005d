/*
 * fake_port.h - a port with one disk in memory, for the tests of src/disk.
 *
 * It implements the functions of port/port.h that src/disk uses. Commands run when the queue is
 * polled, in an order that a seed chooses, so that nothing can rely on order. It has a volatile
 * cache that can be lost, and faults can be planted.
 */
#ifndef STORHOST_TESTS_FAKE_PORT_H
#define STORHOST_TESTS_FAKE_PORT_H

#include "port/port.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_config {
    uint64_t block_count;
    uint32_t block_size;
    unsigned physical_exponent;
    uint32_t transfer_limit;
    unsigned depth;
    uint8_t device_type;
    bool removable;
    bool starts_stopped; /* until START UNIT it is not ready */
    bool mmc_only;       /* knows what CD-ROM drives must know, and nothing else */
    bool no_capacity_16, no_limits_page, no_mode_page, no_mode_6, no_write_same;
    uint64_t told_last_block; /* what the capacity commands say instead of the truth, ... */
    uint32_t told_block_size; /* if not 0 */
    bool tells_nothing;       /* capacity commands answer with zeroes */
    bool write_cache, fua, read_only, adapter_caches;
    bool one_at_a_time; /* it does not queue commands, and wants all of them untagged */
    bool thin, takes_unmap, takes_write_same_unmap;
    uint32_t transfer_blocks_max, unmap_blocks_max;
    uint64_t write_same_blocks_max;
    uint64_t seed;
};

/* A disk of 1024 blocks of 512 bytes with cache, FUA and every command. */
extern const struct fake_config fake_default;

struct fault {
    uint8_t operation; /* only commands with this code */
    unsigned skip;     /* so many of them pass first */
    unsigned count;    /* then so many fail */
    uint8_t status;    /* enum port_status */
    uint8_t srb_status, scsi_status;
    uint8_t sense[32];
    uint8_t sense_length;
    uint32_t missing; /* the command succeeds, but moves so many bytes less */
    bool after;       /* the command is carried out, then reported as failed */
};

struct fake_command {
    uint8_t operation;
    bool fua, unmap;
    uint64_t block;
    uint32_t count;
};

/* Builds the one unit. Aborts the test when memory is short. */
struct port_unit *fake_start(const struct fake_config *config);
void fake_stop(void);

void fake_plant(const struct fault *fault);
/* Sense in fixed format as a fault of the next command with this code. */
void fake_plant_sense(uint8_t operation, unsigned count, uint8_t key, uint8_t asc, uint8_t ascq);
/* Everything that was neither flushed nor written with FUA goes back to what it was. */
void fake_lose_cache(void);
/* The port's own commands meet these (enum port_unit_attention). */
void fake_port_meets(uint32_t attentions);
/* The port resets the unit, whose next read says so. */
void fake_reset(void);
void fake_set_block_count(uint64_t block_count);
void fake_remove(void);
/* Takes the medium out, or puts one in: then the next command gets a unit attention. */
void fake_set_medium(bool present);
/* Commands that were sent and are not among those of `codes`. */
size_t fake_commands_besides(const uint8_t *codes, size_t count);

uint8_t *fake_bytes(void);
uint8_t *fake_durable_bytes(void);
/* Commands in the order of execution since the last call of fake_forget. */
size_t fake_command_count(uint8_t operation);
const struct fake_command *fake_command_at(size_t index);
size_t fake_commands(void);
void fake_forget(void);
unsigned fake_most_at_once(void);

#endif
