/*
 * dump.h - crash dumps and hibernation: a second instance of a driver, which writes to the disk of
 * the first while the machine stands still.
 *
 * The order: prepare (PASSIVE_LEVEL, the live adapter runs), nt_machine_freeze, then for each
 * instance enter, transfers, leave, all at HIGH_LEVEL; nt_machine_thaw; free. An instance is a
 * private copy of the driver's image that meets the device as the live one has left it. It has one
 * request at a time, and its interrupt routine is polled.
 */
#ifndef STORHOST_PORT_DUMP_H
#define STORHOST_PORT_DUMP_H

#include "port/adapter.h"

#ifdef __cplusplus
extern "C" {
#endif

/* DumpMode as drivers see it. */
enum port_dump_mode {
    PORT_DUMP_CRASH = 1,
    PORT_DUMP_HIBERNATE,
    PORT_DUMP_MARK_MEMORY,
    PORT_DUMP_RESUME,
    PORT_DUMP_MODES,
};

enum {
    PORT_DUMP_BUDGET = 32 << 10,     /* of a driver that has not said how much it needs */
    PORT_DUMP_BUDGET_MAX = 64 << 10, /* what it may say */
    PORT_DUMP_TRANSFER_MAX = 1 << 20,
    PORT_DUMP_REFUSED_MAX = 32,
};

/* What the live driver has said in SRB_FUNCTION_DUMP_POINTERS. */
struct port_dump_pointers {
    bool answered;
    bool resume_capable;       /* by its feature bits: it can be started for a resume */
    void *private_data;        /* MiniportPrivateDumpData */
    uint32_t common_buffer;    /* bytes that it wants of its dump's memory; 0: it does not say */
    uint32_t maximum_transfer; /* UINT32_MAX: as its configuration says */
    void *block;               /* the model's; freed by free_pointers */
};

struct port_dump_range {
    const unsigned char *base;
    size_t length;
};

struct port_dump_figures {
    uint32_t budget, uncached; /* bytes of DMA memory: promised, and taken */
    uint32_t extension, srb_extension;
    uint64_t requests, polls;
    uint64_t entered_ns, longest_ns, total_ns; /* until ready; requests: the longest, all */
    uint64_t findings;
};

struct port_dump {
    struct port_adapter *live;
    struct port_unit *live_unit;
    struct port_dump_pointers pointers;
    uint32_t usage; /* SCSI_UC_DEVICE_USAGE_TYPE that the live driver was told of; 0: none */
    struct port_driver *copies[PORT_DUMP_MODES];
    uint32_t timeout_s; /* of reads and writes */

    /* Reserved before the machine stands still. The first three are one block that devices with 32
     * address lines reach. */
    unsigned char *common;     /* PORT_DUMP_BUDGET_MAX bytes */
    unsigned char *extensions; /* of the request: SrbExtension, sense data */
    unsigned char *data;       /* of the transfers */
    unsigned char *slots;
    struct dump_watch *watch;

    /* The instance that is entered. */
    enum port_dump_mode mode;
    struct port_driver *driver;
    struct port_adapter *adapter;
    struct port_unit *unit;
    uint32_t transfer_limit;       /* bytes, a multiple of 512 */
    uint32_t alignment_mask;       /* of the buffers of transfers */
    struct port_dump_range *marks; /* those that touch one another are one */
    unsigned mark_count, mark_room;
    /* Instances that were left; freed at PASSIVE_LEVEL. */
    struct port_dump_finished {
        struct port_driver *driver;
        struct port_adapter *adapter;
    } finished[PORT_DUMP_MODES];
    unsigned finished_count;
    /* Routines that are not there for dumps and were called all the same; string constants. */
    const char *refused[PORT_DUMP_REFUSED_MAX];
    unsigned refused_count;
    bool dead; /* it has lost a request, or was refused */
    struct port_dump_figures figures;
};

/* PASSIVE_LEVEL, the unit's adapter runs. Tells its driver what the unit is used for, asks for dump
 * pointers, loads a copy for each mode of the mask (bit 1 << mode), reserves memory. 0; -EINVAL
 * (not running, virtual without dump pointers), -EOPNOTSUPP, -EIO (the driver refused), -ENOMEM, or
 * what image_load returns. */
int port_dump_prepare(struct port_dump **ret_dump, struct port_unit *unit, unsigned modes,
                      char *reason, size_t reason_size);
/* The machine stands still, HIGH_LEVEL, no instance is entered. DriverEntry, FindAdapter,
 * HwInitialize, and but for PORT_DUMP_MARK_MEMORY an INQUIRY to the unit. Every mode once. 0;
 * -ENODEV, -EIO, -ETIMEDOUT, -ENOMEM with a reason; then leave follows as well. */
int port_dump_enter(struct port_dump *dump, enum port_dump_mode mode, char *reason,
                    size_t reason_size);

struct port_dump_transfer {
    bool write;
    uint64_t block;
    uint32_t block_size, length; /* length: at most transfer_limit, whole blocks */
    uint32_t misalignment;       /* of the buffer from a page boundary; below a page */
    void *data;                  /* copied from or to */
};
/* HIGH_LEVEL. -EINVAL: beyond the limits; -EIO, -ETIMEDOUT with a reason. */
int port_dump_transfer(struct port_dump *dump, const struct port_dump_transfer *transfer,
                       char *reason, size_t reason_size);
/* HIGH_LEVEL. The end of an image: what the unit and the adapter cache is made durable. */
int port_dump_flush(struct port_dump *dump, char *reason, size_t reason_size);
/* HIGH_LEVEL. The instance is forgotten as it is: a dump ends with the machine. Tells what of the
 * stopped system has changed meanwhile (findings DUMP-01, DUMP-05). */
void port_dump_leave(struct port_dump *dump);
/* HIGH_LEVEL, no instance is entered. The device loses its state, as one that was switched off and
 * on again, but for what the system has programmed into its config space. 0, -ENOTSUP. */
int port_dump_power_cycle(struct port_dump *dump);
/* PASSIVE_LEVEL. The live driver is told that the use is over, if it still runs. */
void port_dump_free(struct port_dump *dump);

/* The machine stands still, and goes on when this returns (PASSIVE_LEVEL). For the adapter its
 * device is gone: its requests and it itself have ended like those of one that was pulled. The
 * device, as it is, is the caller's; NULL: there is none, or no memory. */
struct port_device *port_adapter_crash(struct port_adapter *adapter);

/* ---- for the model ---- */

/* HIGH_LEVEL. The instance's configuration is final: its one slot. -ENOMEM with a reason. */
int port_dump_carve(struct port_dump *dump, char *reason, size_t reason_size);
/* Any IRQL. A range that the driver needs kept; length 0: the section of the image that `base` lies
 * in. -EINVAL: in no section; -ENOMEM. */
int port_dump_mark(struct port_dump *dump, const void *base, size_t length);
/* Any IRQL. Whether the byte may be used by the device for this instance: the dump's own memory, or
 * marked. */
bool port_dump_owns(const struct port_dump *dump, const void *address);
/* The same of any byte of the page that begins there. */
bool port_dump_touches(const struct port_dump *dump, const void *page);
/* Runs one request to its end: 0, -ETIMEDOUT, -EIO. HIGH_LEVEL. */
int port_dump_execute(struct port_dump *dump, struct port_request *request);

/* ---- dump_watch.c: whether the stopped system stays as it is ---- */

int dump_watch_create(struct dump_watch **ret_watch);
/* Remembers the live driver's own variables, or the machine's memory but for what the instance may
 * use. HIGH_LEVEL. */
void dump_watch_image(struct dump_watch *watch, const struct port_dump *dump);
void dump_watch_memory(struct dump_watch *watch, const struct port_dump *dump);
/* Findings for what has changed since. */
void dump_watch_compare(struct dump_watch *watch, const struct port_dump *dump);
void dump_watch_destroy(struct dump_watch *watch);

#ifdef __cplusplus
}
#endif

#endif
