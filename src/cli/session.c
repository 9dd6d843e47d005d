/*
 * session.c - a machine in this process, for the commands that look and leave.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static void print_line(void *context, const char *line)
{
    (void)context;
    message("%s", line);
}

bool machine_start(const struct arguments *arguments)
{
    struct storhost_error error = {""};
    struct storhost_options options = {
        .size = sizeof(options),
        .processors = arguments->processors,
        .memory_bytes = arguments->memory_bytes,
        .low_memory_bytes = arguments->low_memory_bytes,
        .scatter = arguments->scatter,
        .driver_trace = arguments->driver_trace,
        .trace = arguments->trace,
        .trace_limit_bytes = arguments->trace_limit_bytes,
        .dumps = arguments->dumps,
        .registry = arguments->registry,
        .registry_count = arguments->registry_count,
        .acpi = arguments->acpi,
        .acpi_count = arguments->acpi_count,
        .topology = arguments->topology,
        .log = print_line,
    };

    if (storhost_start(&options, &error) == 0)
        return true;
    message("%s", error.text);
    return false;
}

static bool driver_load(struct session *session, const struct arguments *arguments)
{
    char path[FILE_NAME_BYTES], module[FILE_NAME_BYTES];

    const struct adapter_arguments *first = &arguments->adapters[0];
    struct storhost_error error = {""};
    struct storhost_driver_options driver_options = {
        .size = sizeof(driver_options),
        .path = path,
        .settings = arguments->settings,
        .setting_count = arguments->setting_count,
        .device = first->device,
        .drives = first->drives,
        .drive_count = first->drive_count,
    };

    if (!driver_find(path, arguments->driver) || !module_find(module, arguments))
        return false;
    driver_options.module = *module != '\0' ? module : NULL;
    if (!session->machine && !machine_start(arguments))
        return false;
    session->machine = true;
    if (storhost_driver_load(&session->driver, &driver_options, &error) == 0)
        return true;
    message("%s", error.text);
    return false;
}

bool session_add(struct session *session, const struct arguments *arguments,
                 const struct adapter_arguments *adapter, struct storhost_device *crashed)
{
    struct storhost_error error = {""};
    struct storhost_adapter_options options = {
        .size = sizeof(options),
        .device = adapter->device,
        .drives = adapter->drives,
        .drive_count = adapter->drive_count,
        .interrupts = arguments->interrupts,
        .message_limit = arguments->messages,
        .acpi_node = adapter->acpi_node,
        .event = print_line,
        .crashed_device = crashed,
    };

    if (storhost_adapter_start(&session->adapters[session->adapter_count], session->driver,
                               &options, &error) != 0) {
        message("%s", error.text);
        return false;
    }
    session->adapter_count++;
    return true;
}

bool session_start(struct session *session, const struct arguments *arguments)
{
    *session = (struct session){0};
    bool started = driver_load(session, arguments);
    for (size_t i = 0; started && i < arguments->adapter_count; i++)
        started = session_add(session, arguments, &arguments->adapters[i], NULL);
    if (!started)
        session_stop(session);
    return started;
}

bool session_reload(struct session *session, const struct arguments *arguments)
{
    storhost_driver_unload(session->driver);
    session->driver = NULL;
    return driver_load(session, arguments);
}

bool session_stop(struct session *session)
{
    bool clean = true;

    while (session->adapter_count > 0) {
        struct storhost_error error = {""};
        if (storhost_adapter_stop(session->adapters[--session->adapter_count], &error) != 0) {
            message("%s", error.text);
            clean = false;
        }
    }
    storhost_driver_unload(session->driver);
    session->driver = NULL;
    if (session->machine) {
        struct storhost_error error = {""};
        if (storhost_registry_flush(&error) != 0) {
            message("%s", error.text);
            clean = false;
        }
        storhost_stop();
    }
    session->machine = false;
    return clean;
}

void unit_name(char name[64], const struct session *session, size_t adapter,
               const struct storhost_unit_info *info)
{
    if (session->adapter_count > 1)
        snprintf(name, 64, "%zu/%u:%u:%u", adapter, info->path, info->target, info->lun);
    else
        snprintf(name, 64, "%u:%u:%u", info->path, info->target, info->lun);
}

static bool unit_is_wanted(const struct session *session, size_t adapter,
                           struct storhost_unit *unit, const char *wanted)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    char name[64];
    int error = storhost_unit_describe(unit, &info);

    if (wanted == NULL)
        return error == 0 && info.has_blocks;
    unit_name(name, session, adapter, &info);
    return strcmp(name, wanted) == 0;
}

struct storhost_unit *session_find_unit(struct session *session, const char *name)
{
    for (size_t adapter = 0; adapter < session->adapter_count; adapter++) {
        struct storhost_unit *unit;
        for (unsigned i = 0; (unit = storhost_unit_get(session->adapters[adapter], i)) != NULL;
             i++) {
            if (unit_is_wanted(session, adapter, unit, name))
                return unit;
            storhost_unit_release(unit);
        }
    }
    if (name != NULL)
        message("unit %s: there is none of that name: `storhost info` lists those there are", name);
    else
        message("no logical unit with blocks that can be read was found: look at what "
                "`storhost info` shows");
    return NULL;
}
