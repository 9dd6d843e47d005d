/*
 * inf.c - `storhost inf`: what an INF file would do.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_a_device(const struct arguments *arguments)
{
    return arguments->adapter_count != 0 && strcmp(arguments->adapters[0].device, "none") != 0;
}

static int describe(const struct arguments *arguments, const char *path)
{
    const struct adapter_arguments *adapter = &arguments->adapters[0];
    struct storhost_error error = {""};
    char *text;
    struct storhost_inf_options options = {
        .size = sizeof(options),
        .path = path,
        .id = arguments->id,
        .json = arguments->json,
    };

    if (arguments->adapter_count != 0) {
        options.device = adapter->device;
        options.drives = adapter->drives;
        options.drive_count = adapter->drive_count;
    }
    if (storhost_inf_describe(&options, &text, &error) != 0) {
        message("%s", error.text);
        return EXIT_RUNTIME;
    }
    fputs(text, stdout);
    free(text);
    return EXIT_OK;
}

/* A device is opened to be asked, and that takes a machine. */
int command_inf(const struct arguments *arguments)
{
    char path[FILE_NAME_BYTES];

    if (!driver_find(path, arguments->driver))
        return EXIT_RUNTIME;
    if (!is_a_device(arguments))
        return describe(arguments, path);
    if (!machine_start(arguments))
        return EXIT_RUNTIME;
    int status = describe(arguments, path);
    storhost_stop();
    return status;
}
