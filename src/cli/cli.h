/*
 * cli.h - what the commands share: options, messages, finding files, a running machine.
 */
#ifndef STORHOST_CLI_CLI_H
#define STORHOST_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <storhost/storhost.h>

/* What the command ends with. 57 is a bug check, whoever saw it. */
enum { EXIT_OK = 0, EXIT_RUNTIME = 1, EXIT_USAGE = 2, EXIT_BUGCHECK = 57 };

/* ---- options (options.c, arguments.c) ---- */

enum { ADAPTERS_MAX = 16, DRIVES_MAX = 64, SETTINGS_MAX = 128, FILES_MAX = 16 };

struct adapter_arguments {
    const char *device;
    const char *drives[DRIVES_MAX];
    size_t drive_count;
    const char *acpi_node; /* NULL: that of its slot */
};

struct arguments {
    const char *driver; /* as given: a path or a short name */
    const char *module; /* the same, for an INF file; NULL: what that says */
    const char *settings[SETTINGS_MAX];
    size_t setting_count;
    struct adapter_arguments adapters[ADAPTERS_MAX];
    size_t adapter_count; /* at least 1 after parsing */
    enum storhost_interrupts interrupts;
    const char *interrupts_name;
    unsigned messages, processors;
    uint64_t memory_bytes, low_memory_bytes;
    bool scatter;
    const char *driver_trace;
    const char *trace;
    uint64_t trace_limit_bytes;
    const char *dumps;
    const char *registry[FILES_MAX];
    size_t registry_count;
    const char *acpi[FILES_MAX];
    size_t acpi_count;
    const char *topology;
    bool json;
    /* serve */
    const char *nbd_socket;
    const char *devices_socket; /* NULL: beside that */
    unsigned port;
    bool read_only;
    /* bench */
    const char *unit;
    unsigned depth, threads, seconds, write_percent;
    uint64_t size_bytes;
    bool sequential;
    /* dump-test; `unit`, `depth` and `threads` too */
    bool hibernate, idle, has_offset, overwrite;
    unsigned seed;
    uint64_t offset_bytes, region_bytes;
    /* routines */
    bool missing;
    /* inf */
    const char *id;
    /* ctl; `unit` too */
    char *const *words; /* SOCKET, command and so on */
    unsigned word_count;
    const char *adapter; /* a number, checked; NULL: not given */
    const char *input_file, *output_file;
    unsigned output_room;
    bool has_output_room;
};

enum command {
    COMMAND_SERVE,
    COMMAND_INFO,
    COMMAND_BENCH,
    COMMAND_DUMP_TEST,
    COMMAND_CTL,
    COMMAND_IOCTL,
    COMMAND_INF,
    COMMAND_ROUTINES,
    COMMAND_BUILD,
    COMMAND_COUNT,
};

/* Fills `arguments`. 0; 1: help was printed; -1 after a message about wrong usage. */
int arguments_parse(struct arguments *arguments, enum command command, int argc, char **argv);
void help_print_all(void);

/* ---- messages (messages.c) ---- */

/* One line on stderr: "storhost: ...". */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "64.0 MiB" */
const char *size_text(char text[32], uint64_t bytes);

/* ---- files (files.c) ---- */

enum { FILE_NAME_BYTES = 4096 };
/* The module or INF file that DRIVER means, as an absolute path. False after a message. */
bool driver_find(char path[FILE_NAME_BYTES], const char *driver);
/* The same for --module; "" when it was not given. */
bool module_find(char path[FILE_NAME_BYTES], const struct arguments *arguments);
bool plugin_find(char path[FILE_NAME_BYTES]);
/* The program behind `storhost build`. */
bool build_script_find(char path[FILE_NAME_BYTES]);
bool program_is_installed(const char *name);

/* ---- a machine in this process (session.c) ---- */

struct session {
    struct storhost_driver *driver;
    struct storhost_adapter *adapters[ADAPTERS_MAX];
    size_t adapter_count;
    bool machine;
};
/* Starts the machine alone. False after a message. */
bool machine_start(const struct arguments *arguments);
/* Starts everything, in the calling thread. False after a message; nothing is left running. */
bool session_start(struct session *session, const struct arguments *arguments);
/* Loads the driver anew, when its adapters are stopped. False after a message. */
bool session_reload(struct session *session, const struct arguments *arguments);
/* Starts an adapter for that --device, or over one that a crash has left. False after a message. */
bool session_add(struct session *session, const struct arguments *arguments,
                 const struct adapter_arguments *adapter, struct storhost_device *crashed);
/* False after a message: a flush failed. */
bool session_stop(struct session *session);
/* The unit of that name ("0:0:0" or "1/0:0:0"); NULL name: the first disk. NULL after a message. */
struct storhost_unit *session_find_unit(struct session *session, const char *name);
void unit_name(char name[64], const struct session *session, size_t adapter,
               const struct storhost_unit_info *info);

/* ---- commands; each returns the exit status ---- */

int command_serve(const struct arguments *arguments);
int command_info(const struct arguments *arguments);
int command_bench(const struct arguments *arguments);
int command_dump_test(const struct arguments *arguments);
int command_ctl(const struct arguments *arguments);
int command_ioctl(const struct arguments *arguments);
int command_inf(const struct arguments *arguments);
int command_routines(const struct arguments *arguments);
/* Reads its own options; does not return when it could hand over. */
int command_build(int argc, char **argv);

#endif
