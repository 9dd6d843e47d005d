/*
 * options.c - the key=value options that nbdkit hands to the plugin.
 */
#define NBDKIT_API_VERSION 2
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <nbdkit-plugin.h>
#include <stdlib.h>
#include <string.h>

struct host_options host_options = {.report_fd = -1};

/* Appends a copy of `text` to a list of strings. */
static int list_append(const char ***list, size_t *count, const char *text)
{
    const char **longer = realloc(*list, (*count + 1) * sizeof(*longer));
    char *copy = strdup(text);

    if (longer != NULL)
        *list = longer;
    if (longer == NULL || copy == NULL) {
        free(copy);
        nbdkit_error("out of memory");
        return -1;
    }
    longer[(*count)++] = copy;
    return 0;
}

static int adapter_append(const char *device)
{
    size_t count = host_options.adapter_count;
    struct host_adapter_options *longer =
        realloc(host_options.adapters, (count + 1) * sizeof(*longer));
    char *copy = strdup(device);

    if (longer != NULL)
        host_options.adapters = longer;
    if (longer == NULL || copy == NULL) {
        free(copy);
        nbdkit_error("out of memory");
        return -1;
    }
    longer[count] = (struct host_adapter_options){.device = copy};
    host_options.adapter_count = count + 1;
    return 0;
}

static int text_set(const char **text, const char *value)
{
    free((void *)(uintptr_t)*text);
    *text = strdup(value);
    if (*text != NULL)
        return 0;
    nbdkit_error("out of memory");
    return -1;
}

static int interrupts_set(const char *value)
{
    static const char *const names[] = {
        [STORHOST_INTERRUPTS_BEST] = "best",
        [STORHOST_INTERRUPTS_LINE] = "line",
        [STORHOST_INTERRUPTS_MSI] = "msi",
        [STORHOST_INTERRUPTS_MSIX] = "msix",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(value, names[i]) == 0) {
            host_options.interrupts = (enum storhost_interrupts)i;
            return 0;
        }
    }
    nbdkit_error("interrupts=%s: give best, line, msi or msix", value);
    return -1;
}

static int memory_set(const char *value, size_t *ret_bytes)
{
    int64_t bytes = nbdkit_parse_size(value);
    if (bytes < 0)
        return -1;
    *ret_bytes = (size_t)bytes;
    return 0;
}

/* The machine's children must not hold the socket open: its end tells the supervisor of ours. */
static int report_fd_set(const char *value)
{
    int fd;

    if (nbdkit_parse_int("report-fd", value, &fd) != 0)
        return -1;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        nbdkit_error("report-fd=%d: %s", fd, strerror(errno));
        return -1;
    }
    host_options.report_fd = fd;
    return 0;
}

static int drive_append(const char *value)
{
    if (host_options.adapter_count == 0) {
        nbdkit_error("drive=%s: give its device before it", value);
        return -1;
    }
    struct host_adapter_options *adapter = &host_options.adapters[host_options.adapter_count - 1];
    return list_append(&adapter->drives, &adapter->drive_count, value);
}

static int acpi_node_set(const char *value)
{
    if (host_options.adapter_count == 0) {
        nbdkit_error("acpi-node=%s: give its device before it", value);
        return -1;
    }
    return text_set(&host_options.adapters[host_options.adapter_count - 1].acpi_node, value);
}

static int wait_set(const char *value)
{
    int wait = nbdkit_parse_bool(value);

    host_options.waits_for_units = wait > 0;
    return wait < 0 ? -1 : 0;
}

static int scatter_set(const char *value)
{
    int scatter = nbdkit_parse_bool(value);

    host_options.scatter = scatter > 0;
    return scatter < 0 ? -1 : 0;
}

int host_option(const char *key, const char *value)
{
    if (strcmp(key, "driver") == 0)
        return text_set(&host_options.driver, value);
    if (strcmp(key, "module") == 0)
        return text_set(&host_options.module, value);
    if (strcmp(key, "service") == 0)
        return text_set(&host_options.service, value);
    if (strcmp(key, "set") == 0)
        return list_append(&host_options.settings, &host_options.setting_count, value);
    if (strcmp(key, "device") == 0)
        return adapter_append(value);
    if (strcmp(key, "drive") == 0)
        return drive_append(value);
    if (strcmp(key, "interrupts") == 0)
        return interrupts_set(value);
    if (strcmp(key, "messages") == 0)
        return nbdkit_parse_unsigned(key, value, &host_options.message_limit);
    if (strcmp(key, "cpus") == 0)
        return nbdkit_parse_unsigned(key, value, &host_options.processors);
    if (strcmp(key, "memory") == 0)
        return memory_set(value, &host_options.memory_bytes);
    if (strcmp(key, "low-memory") == 0)
        return memory_set(value, &host_options.low_memory_bytes);
    if (strcmp(key, "scatter") == 0)
        return scatter_set(value);
    if (strcmp(key, "driver-trace") == 0)
        return text_set(&host_options.driver_trace, value);
    if (strcmp(key, "trace") == 0)
        return text_set(&host_options.trace, value);
    if (strcmp(key, "trace-limit") == 0)
        return memory_set(value, &host_options.trace_limit_bytes);
    if (strcmp(key, "registry") == 0)
        return list_append(&host_options.registry, &host_options.registry_count, value);
    if (strcmp(key, "topology") == 0)
        return text_set(&host_options.topology, value);
    if (strcmp(key, "dumps") == 0)
        return text_set(&host_options.dumps, value);
    if (strcmp(key, "acpi") == 0)
        return list_append(&host_options.acpi, &host_options.acpi_count, value);
    if (strcmp(key, "acpi-node") == 0)
        return acpi_node_set(value);
    if (strcmp(key, "report-fd") == 0)
        return report_fd_set(value);
    if (strcmp(key, "socket") == 0)
        return text_set(&host_options.socket_path, value);
    if (strcmp(key, "control") == 0)
        return text_set(&host_options.control_path, value);
    if (strcmp(key, "devices") == 0)
        return text_set(&host_options.devices_path, value);
    if (strcmp(key, "wait") == 0)
        return wait_set(value);
    if (strcmp(key, "private-directory") == 0)
        return text_set(&host_options.private_directory, value);
    nbdkit_error("unknown option %s=%s", key, value);
    return -1;
}

int host_options_complete(void)
{
    if (host_options.driver == NULL) {
        nbdkit_error("no driver: give driver=FILE, a .sys file, ELF module or INF file");
        return -1;
    }
    return host_options.adapter_count == 0 ? adapter_append("none") : 0;
}

static void list_free(const char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)list[i]);
    free(list);
}

void host_options_free(void)
{
    for (size_t i = 0; i < host_options.adapter_count; i++) {
        struct host_adapter_options *adapter = &host_options.adapters[i];
        free((void *)(uintptr_t)adapter->device);
        free((void *)(uintptr_t)adapter->acpi_node);
        list_free(adapter->drives, adapter->drive_count);
    }
    free(host_options.adapters);
    list_free(host_options.settings, host_options.setting_count);
    list_free(host_options.registry, host_options.registry_count);
    list_free(host_options.acpi, host_options.acpi_count);
    free((void *)(uintptr_t)host_options.driver);
    free((void *)(uintptr_t)host_options.module);
    free((void *)(uintptr_t)host_options.service);
    free((void *)(uintptr_t)host_options.driver_trace);
    free((void *)(uintptr_t)host_options.dumps);
    free((void *)(uintptr_t)host_options.topology);
    free((void *)(uintptr_t)host_options.trace);
    free((void *)(uintptr_t)host_options.socket_path);
    free((void *)(uintptr_t)host_options.control_path);
    free((void *)(uintptr_t)host_options.devices_path);
    free((void *)(uintptr_t)host_options.private_directory);
    host_options = (struct host_options){.report_fd = -1};
}
