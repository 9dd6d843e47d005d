/*
 * An NVMe controller in memory, for tests of the driver: it does what the specification asks, and
 * on demand what it forbids.
 *
 * Rule: what the driver must not do is a failed test here: an unaligned queue, a doorbell out of
 * range, a region page that is not the start of a page, a register touched after a stop.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include <nvme.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CONTROLLER_BAR_BYTES = 16384,
    CONTROLLER_QUEUES_MAX = 17,
    CONTROLLER_NAMESPACES_MAX = 300,
    CONTROLLER_HELD_MAX = 600,
};

/* What the device sees of an address: memory is at another place on the bus than in the process. */
#define BUS_OFFSET 0x1000000000ull

struct controller_namespace {
    uint32_t id; /* 0: not there */
    uint64_t blocks;
    uint8_t block_shift;
    uint16_t metadata_bytes;
    bool write_protected;
    bool thin;
    uint8_t dlfeat;
    uint8_t nguid[16];
    uint8_t eui64[8];
    uint8_t *medium; /* blocks << block_shift bytes, or NULL: reads give zeroes, writes vanish */
};

struct controller_command {
    uint16_t queue;
    NVME_COMMAND command;
};

struct controller {
    /* What it is; set before the driver starts. */
    uint16_t mqes;
    uint8_t dstrd;
    uint8_t mpsmin;
    uint8_t timeout; /* CAP.TO, in 500 ms */
    uint32_t version;
    uint8_t mdts;
    bool has_cache;
    uint8_t oncs;
    bool has_shadow;
    bool line_needs_doorbell; /* sees the head of a completion queue in the register alone */
    bool polls_shadow;        /* never asks for a doorbell: the driver must not ring it */
    uint8_t event_limit;      /* AERL */
    uint8_t abort_limit;      /* ACL */
    unsigned queue_grant;     /* I/O queues that it gives */
    struct controller_namespace namespaces[CONTROLLER_NAMESPACES_MAX];

    /* What it does wrong, or slowly. */
    bool gone;           /* all registers read as all ones */
    bool never_ready;    /* CSTS.RDY stays 0 */
    bool never_disabled; /* CSTS.RDY stays 1 */
    bool fatal;          /* CSTS.CFS */
    bool holds_io;       /* keeps I/O commands until controller_release */
    bool holds_admin;    /* the same for admin commands */
    bool ignores_aborts;
    uint8_t fail_opcode;   /* I/O commands with this opcode fail with fail_status ... */
    uint16_t fail_status;  /* ... when it is not 0: the status field without phase */
    bool fails_namespaces; /* Identify of a namespace fails with fail_admin_status */
    bool events_at_once;   /* the first event request is answered immediately: a new namespace */
    uint8_t fail_admin_opcode;
    uint16_t fail_admin_status;

    /* What it saw. */
    unsigned reads, writes; /* of registers */
    unsigned doorbells;     /* of I/O submission queues */
    unsigned io_commands;   /* that came */
    unsigned aborts;
    unsigned shutdowns;
    unsigned resets;      /* CC.EN from 1 to 0 */
    NVME_COMMAND last_io; /* as it came */
    bool write_cache_enabled;
    bool must_be_silent; /* any register access is a failed test */

    /* Its state. */
    uint32_t cc, csts, aqa, intms;
    uint64_t asq, acq;
    struct controller_queue {
        bool created;
        uint64_t submission, completion;
        uint32_t depth;
        uint32_t head, tail; /* of the submission queue */
        uint32_t cq_head, cq_tail;
        uint8_t phase;
        uint16_t vector;
    } queues[CONTROLLER_QUEUES_MAX];
    uint64_t shadow, event; /* bus addresses of the shadow pages, or 0 */
    struct controller_command held[CONTROLLER_HELD_MAX];
    unsigned held_count;
    struct controller_command events[16]; /* asynchronous event requests */
    unsigned event_count;
    NVME_HEALTH_INFO_LOG health;

    /* Called when a message is to be sent, or the line's level may have changed. */
    void (*interrupt)(void *context, unsigned vector);
    void *context;
};

/* A healthy controller with one namespace of 1024 blocks of 512 bytes. */
void controller_initialize(struct controller *controller);
void controller_destroy(struct controller *controller);
/* Gives a namespace a medium of its own. */
void controller_add_medium(struct controller_namespace *namespace);

uint32_t controller_read(struct controller *controller, unsigned offset);
void controller_write(struct controller *controller, unsigned offset, uint32_t value);
/* Looks at the shadow doorbells, as a device does at any time. True if it found something. */
bool controller_poll(struct controller *controller);

/* Lets held commands go: all of them, in order. */
void controller_release(struct controller *controller);
/* Sends an asynchronous event; false when the driver has no request outstanding. */
bool controller_send_event(struct controller *controller, unsigned type, unsigned info,
                           unsigned log_page);
/* Writes a completion of the test's making to a queue. */
void controller_post(struct controller *controller, unsigned queue, uint16_t command_id,
                     uint16_t queue_id, uint16_t status, uint32_t result);
/* The level of the line: something is unseen and not masked. */
bool controller_line(const struct controller *controller);

/* Bus address to pointer. */
void *bus_pointer(uint64_t address);
uint64_t bus_address(const void *pointer);
