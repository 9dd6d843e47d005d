/*
 * options.h - the options of every command: one table (options.c) from which --help comes and
 * parsing (arguments.c).
 */
#ifndef STORHOST_CLI_OPTIONS_H
#define STORHOST_CLI_OPTIONS_H

#include "cli.h"

enum option_id {
    OPTION_HELP = 256,
    OPTION_DEVICE,
    OPTION_DRIVE,
    OPTION_SET,
    OPTION_CPUS,
    OPTION_MEMORY,
    OPTION_INTERRUPTS,
    OPTION_MESSAGES,
    OPTION_NBD,
    OPTION_PORT,
    OPTION_READ_ONLY,
    OPTION_FOREGROUND,
    OPTION_JSON,
    OPTION_UNIT,
    OPTION_DEPTH,
    OPTION_THREADS,
    OPTION_SECONDS,
    OPTION_SIZE,
    OPTION_WRITES,
    OPTION_SEQUENTIAL,
    OPTION_MISSING,
    OPTION_LOW_MEMORY,
    OPTION_SCATTER,
    OPTION_ADAPTER,
    OPTION_IN,
    OPTION_OUT,
    OPTION_ROOM,
    OPTION_DRIVER_TRACE,
    OPTION_TRACE,
    OPTION_TRACE_LIMIT,
    OPTION_DUMPS,
    OPTION_REGISTRY,
    OPTION_ACPI,
    OPTION_ACPI_NODE,
    OPTION_MODULE,
    OPTION_ID,
    OPTION_TOPOLOGY,
    OPTION_MODE,
    OPTION_AT,
    OPTION_SEED,
    OPTION_OFFSET,
    OPTION_REGION,
    OPTION_OVERWRITE,
    OPTION_DEVICES,
    OPTION_NAME,
};

struct option_row {
    const char *name;
    int id;
    const char *argument; /* NULL: takes none */
    unsigned commands;
    const char *help;
};
extern const struct option_row option_rows[];
extern const size_t option_row_count;

extern const struct command_row {
    const char *name, *arguments, *purpose;
} command_rows[COMMAND_COUNT];

/* What `storhost COMMAND --help` prints. */
void help_print(enum command command);

#endif
