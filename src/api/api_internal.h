/*
 * api_internal.h - what the files of libstorhost share.
 */
#ifndef STORHOST_API_API_INTERNAL_H
#define STORHOST_API_API_INTERNAL_H

#include "disk/disk.h"
#include "port/port.h"
#include "storhost/storhost.h"
#include "sys/sys.h"

/* Writes the one line for people; `error` may be NULL. */
void api_error(struct storhost_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* True between storhost_start and storhost_stop. */
bool api_is_running(void);

/* Synchronous calls borrow a channel; as many exist as there were calls at once. */
struct api_channel {
    struct api_channel *next;
    struct disk_channel *channel;
};
int api_channel_take(struct api_channel **ret_channel);
void api_channel_give(struct api_channel *channel);
/* Frees all. Nobody uses one. */
void api_channels_destroy(void);

/* Sizes of options from programs that were built against another header. */
int api_options_check(size_t size, size_t expected, const char *function,
                      struct storhost_error *error);

/* Dumps go to the directory from here on; NULL: there are none (live_dump.c). PASSIVE_LEVEL, before
 * a driver is loaded, and after the last one has gone. */
int api_dumps_start(const char *path, struct storhost_error *error);
void api_dumps_stop(void);

/* The members of an adapter's description, without its units. Sends no request. */
struct json_writer;
void api_json_adapter(struct json_writer *writer, struct port_adapter *adapter);

/* An INF file that a driver was loaded by (inf.c). */
struct api_inf;
bool api_path_is_inf(const char *path);
int api_inf_load(struct port_driver **ret_driver, struct api_inf **ret_inf,
                 const struct storhost_driver_options *options, char *reason, size_t reason_size);
/* Adds to the options of an adapter the device, open, and what the file says of it; *ret_start is
 * to be freed with free() after the start. */
struct api_inf_start;
int api_inf_prepare(struct api_inf_start **ret_start, struct api_inf *inf,
                    struct port_adapter_options *options, char *reason, size_t reason_size);
void api_inf_free(struct api_inf *inf);

struct storhost_driver {
    struct port_driver *driver;
    struct api_inf *inf; /* NULL: loaded as a module */
};

struct storhost_adapter {
    struct storhost_adapter *next; /* of those that are started; device_find.c */
    struct port_adapter *adapter;
    struct sys_mutex mutex;      /* guards the list and the reference counts */
    struct storhost_unit *units; /* every unit that was asked for and is still there */
};

/* ioctl.c. What a status that is none of success is among (positive) error numbers. */
int api_errno_of_status(uint32_t status);
bool api_status_is_no_name(uint32_t status);

/* acpi.c. *ret_path NULL: none was asked for. 0 or a negative errno with words. */
struct json_writer;
int api_acpi_node(const char *wanted, const char **ret_path, struct storhost_error *error);
const char *api_acpi_adapter_path(const struct port_adapter *adapter);
void api_acpi_put_adapter(struct json_writer *writer, const struct port_adapter *adapter);
void api_acpi_put_unit(struct json_writer *writer, const struct port_unit *unit);

enum api_unit_state { API_UNIT_CLOSED, API_UNIT_OPENING, API_UNIT_OPEN };

/* One for each port_unit, kept until the adapter stops: the disk below it remembers writes that no
 * flush has covered, whoever holds the unit. */
struct storhost_unit {
    struct storhost_unit *next;
    struct port_unit *unit;
    struct disk *disk; /* valid when state is OPEN */
    unsigned references;
    uint32_t state; /* enum api_unit_state; OPENING threads sleep on it */

    /* Copies for the fast path, valid when OPEN. */
    uint16_t request_flags;
    uint32_t block_shift;
    uint32_t block_count_max; /* of one command, so that its length fits 32 bits */
};

/* Opens the disk at first use: blocks. -EOPNOTSUPP if the unit has no blocks. */
int api_unit_open(struct storhost_unit *unit);
/* All of `info`, or -EAGAIN with all but the disk's part when that would need requests and
 * `may_open` is false. */
int api_unit_describe(struct storhost_unit *unit, struct storhost_unit_info *info, bool may_open);
/* Flushes what is unflushed and forgets all units. First error of a flush, else 0. */
int api_units_close(struct storhost_adapter *adapter, unsigned *ret_path, unsigned *ret_target,
                    unsigned *ret_lun);

static inline bool api_unit_is_open(const struct storhost_unit *unit)
{
    return __atomic_load_n(&unit->state, __ATOMIC_ACQUIRE) == API_UNIT_OPEN;
}

/* trace.c: as storhost_trace_start and storhost_trace_stop, while the machine starts or stops. */
int api_trace_start(const char *path, uint64_t limit_bytes, struct storhost_error *error);
int api_trace_stop(void);

#endif
