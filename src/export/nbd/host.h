/*
 * host.h - the machine inside the NBD server: what its options are, how it starts and stops, and
 * how it tells its supervisor.
 */
#ifndef STORHOST_EXPORT_NBD_HOST_H
#define STORHOST_EXPORT_NBD_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <storhost/storhost.h>

/* ---- options, in the order of the command line ---- */

struct host_adapter_options {
    const char *device; /* "none", "qemu:nvme,serial=x" */
    const char **drives;
    size_t drive_count;
    const char *acpi_node; /* NULL: that of its slot */
};

struct host_options {
    const char *driver;
    const char *module; /* of an INF file; NULL: what that says */
    const char *service;
    const char **settings;
    size_t setting_count;
    const char **registry;
    size_t registry_count;
    const char **acpi;
    size_t acpi_count;
    struct host_adapter_options *adapters;
    size_t adapter_count;
    enum storhost_interrupts interrupts;
    unsigned message_limit;
    unsigned processors;
    size_t memory_bytes, low_memory_bytes;
    bool scatter;
    const char *driver_trace;      /* as storhost_options has it; NULL: none */
    const char *dumps;             /* likewise; NULL: none */
    const char *topology;          /* the same */
    const char *trace;             /* the same */
    size_t trace_limit_bytes;      /* 0: the default */
    int report_fd;                 /* a SOCK_SEQPACKET socket to the supervisor; -1: none */
    const char *socket_path;       /* removed at the end, if it is still the one that we served */
    const char *control_path;      /* the control socket; NULL: none */
    const char *devices_path;      /* the device socket; NULL: none */
    bool waits_for_units;          /* a driver that has none yet is served */
    const char *private_directory; /* removed after the socket; NULL: none */
};
extern struct host_options host_options;

/* Takes one key=value. 0, or -1 after nbdkit_error. */
int host_option(const char *key, const char *value);
/* What the options need as a whole. 0, or -1 after nbdkit_error. */
int host_options_complete(void);
void host_options_free(void);

/* ---- the machine ---- */

/* Starts machine, driver and adapters, in the thread that must outlive them all. 0, or -1 after the
 * reason was reported. */
int host_start(void);
/* Flushes and stops what was started. What goes wrong is reported. */
void host_stop(void);

/* The adapter of that number, from 0 in the order of the options; NULL past the end. */
struct storhost_adapter *host_adapter(size_t number);
/* True when every adapter has been removed; *ret_lost: not all of them in order. */
bool host_adapters_are_gone(bool *ret_lost);
/* An adapter is about to be removed in order (or was not, after all). */
void host_note_removal(bool orderly);

enum { HOST_UNIT_NAME_BYTES = 64 };
/* The adapter's unit of that index, to be released, and its name; NULL past the end. */
struct storhost_unit *host_unit_at(size_t adapter, unsigned index, char name[HOST_UNIT_NAME_BYTES]);
/* Calls `visit` for each unit in order until it returns true; then the unit is the caller's to
 * release, else it is released after the visit. Returns that unit or NULL. `name` is
 * "PATH:TARGET:LUN", with "ADAPTER/" before it when there are several adapters. */
struct storhost_unit *host_find_unit(bool (*visit)(void *context, struct storhost_unit *unit,
                                                   const char *name),
                                     void *context);

/* ---- what changes while it serves (units.c) ---- */

/* Tells of each unit that is new, has changed its size or is gone; before host_units_start, where
 * the caller may block. True when one of them is exported, or will be when it gets a medium. */
bool host_units_announce(void);
/* From now on a thread does so after host_look. 0, or -1 after a report. */
int host_units_start(void);
void host_units_stop(void);
/* Something may have happened to units or adapters. Any thread; never blocks. */
void host_look(void);

/* ---- the control socket (control.c) ---- */

/* Makes the socket; peers can connect and wait. 0, or -1 after a report. */
int host_control_open(void);
/* From now on they are served. 0, or -1 after a report. */
int host_control_start(void);
/* What has begun is carried out and answered first. */
void host_control_stop(void);

/* ---- the supervisor's end, and ours ---- */

/* No control request is taken any more. */
void host_stop_begin(void);
bool host_is_stopping(void);
/* Requests that wait for an adapter (stopped, powered down) or behind a locked queue go on, so that
 * their clients can be let go. May block. */
void host_resume(void);
/* Asks nbdkit to stop and ends the input of clients. */
void host_shutdown(void);
/* Around each request of a client. Any thread. */
void host_request_begin(void);
void host_request_end(void);

/* From now on the process ends by force when the supervisor's process has gone and host_stop has
 * not finished its work soon after. First of all and last of all. 0, or -1 after a report. */
int host_guard_start(void);
void host_guard_stop(void);
/* Removes the sockets; safe in a signal handler. */
void host_sockets_remove(void);

/* From now on, when the supervisor ends its side of the report socket, the server stops and idle
 * clients are let go. 0, or -1 after a report. */
int host_watch_start(void);
void host_watch_stop(void);

/* ---- reports ---- */

enum { HOST_REPORT_BYTES = 1024 };

/* Sends "KIND TEXT" to the supervisor, or prints it when there is none. Kinds: unit, changed,
 * gone, ready, end, event, log, error, bugcheck. Any thread; logs and events are dropped rather
 * than waited for. */
void host_report(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
