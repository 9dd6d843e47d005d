/*
 * machine.c - start and end of the machine, and the channels that synchronous calls borrow.
 *
 * Rule: a process is one machine (decision 12 of the architecture), so this state is static.
 */
#include "api/api_internal.h"

#include "acpi/acpi.h"
#include "hive/hive.h"
#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "nt/print.h"
#include "nt/time_zone.h"
#include "storhost/handle.h"
#include "trace/trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum machine_state { MACHINE_STOPPED, MACHINE_CHANGING, MACHINE_RUNNING };
static uint32_t machine_state;

static struct {
    struct sys_mutex mutex; /* innermost */
    struct api_channel *free;
} channels;

void api_error(struct storhost_error *error, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
}

bool api_is_running(void)
{
    return __atomic_load_n(&machine_state, __ATOMIC_ACQUIRE) == MACHINE_RUNNING;
}

STORHOST_API const char *storhost_version(void)
{
    return STORHOST_VERSION;
}

static void print_leak(const char *line)
{
    nt_print("%s", line);
}

static void machine_shut_down(void)
{
    char reason[sizeof(((struct storhost_error *)NULL)->text)];

    if (hive_flush(reason, sizeof(reason)) != 0)
        nt_print("%s", reason);
    hive_close_all();
    acpi_stop();
    (void)api_trace_stop();
    nt_machine_stop(print_leak);
    nt_bugcheck_set_last_words(NULL);
    nt_print_set_sink(NULL, NULL);
    sys_stop();
}

/* What comes from files, once the machine runs. */
static int machine_load_files(const struct storhost_options *options, struct storhost_error *error)
{
    char reason[sizeof(error->text)];

    for (size_t i = 0; i < options->registry_count; i++) {
        int result = hive_open(options->registry[i], reason, sizeof(reason));
        if (result == 0)
            continue;
        api_error(error, "%s", reason[0] != '\0' ? reason : strerror(-result));
        machine_shut_down();
        return result;
    }
    if (nt_time_zone_read() != 0)
        nt_print("the registry's time zone is more than a day from UTC: drivers have UTC");
    int result = acpi_start(options->acpi, options->acpi_count, reason, sizeof(reason));
    if (result != 0) {
        api_error(error, "%s", reason);
        machine_shut_down();
    }
    return result;
}

STORHOST_API int storhost_registry_flush(struct storhost_error *error)
{
    char reason[sizeof(error->text)];
    int result = hive_flush(reason, sizeof(reason));

    if (result != 0)
        api_error(error, "%s", reason);
    return result;
}

/* Debug prints have levels of their own: error, warning, trace, information, and bits that drivers
 * use as they like. Errors are shown anyway. */
static uint32_t prints_wanted(void)
{
    enum { LEVEL_WARNING = 3, LEVEL_INFORMATION = 4 };
    uint8_t level = trace_level();

    if (level > LEVEL_INFORMATION)
        return UINT32_MAX;
    return level == LEVEL_INFORMATION ? 0xF : level == LEVEL_WARNING ? 0x3 : 0;
}

static int machine_bring_up(const struct storhost_options *options, struct storhost_error *error)
{
    struct sys_options sys_options = {.seed = options->seed};
    struct storhost_error unread;
    struct nt_machine_options machine_options = {
        .memory_bytes = options->memory_bytes,
        .low_memory_bytes = options->low_memory_bytes,
        .scatter = options->scatter,
    };
    static struct nt_topology topology;
    int result = trace_set_wanted(options->driver_trace);
    if (result != 0) {
        api_error(
            error,
            "driver traces '%s': give LEVEL or LEVEL,FLAG..., where LEVEL is critical, error, "
            "warning, information, verbose or a number up to 255",
            options->driver_trace);
        return result;
    }
    nt_print_filter_start(prints_wanted());
    if (options->processors > NT_PROCESSOR_COUNT_MAX) {
        api_error(error, "%u processors: give 1 to %u", options->processors,
                  NT_PROCESSOR_COUNT_MAX);
        return -EINVAL;
    }
    result = sys_start(&sys_options);
    if (result != 0) {
        api_error(error, "the host cannot start: %s", strerror(-result));
        return result;
    }
    if (error == NULL)
        error = &unread;
    result = nt_topology_make(&topology, options->topology, options->processors, error->text,
                              sizeof(error->text));
    if (result != 0) {
        sys_stop();
        return result;
    }
    machine_options.topology = &topology;
    nt_print_set_sink(options->log, options->log_context);
    nt_bugcheck_set_last_words(options->bugcheck);
    result = nt_machine_start(&machine_options);
    if (result == 0)
        return machine_load_files(options, error);
    if (result == -EINVAL)
        api_error(error,
                  "%zu bytes of memory, %zu of it low: give at most 2 GiB, and no more low memory "
                  "than memory",
                  options->memory_bytes, options->low_memory_bytes);
    else
        api_error(error, "the machine cannot start with %u processors and %zu bytes of memory: %s",
                  topology.processor_count, options->memory_bytes, strerror(-result));
    nt_bugcheck_set_last_words(NULL);
    nt_print_set_sink(NULL, NULL);
    sys_stop();
    return result;
}

STORHOST_API int storhost_start(const struct storhost_options *options,
                                struct storhost_error *error)
{
    static const struct storhost_options defaults = {.size = sizeof(defaults)};
    uint32_t stopped = MACHINE_STOPPED;

    if (options == NULL)
        options = &defaults;
    if (options->size != sizeof(*options)) {
        api_error(error,
                  "storhost_start: options of %zu bytes, expected %zu: build against the "
                  "header of this library",
                  options->size, sizeof(*options));
        return -EINVAL;
    }
    if (!__atomic_compare_exchange_n(&machine_state, &stopped, MACHINE_CHANGING, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        api_error(error, "storhost_start: the machine runs already in this process");
        return -EALREADY;
    }
    int result = api_dumps_start(options->dumps, error);
    if (result == 0)
        result = machine_bring_up(options, error);
    if (result == 0 && options->trace != NULL) {
        result = api_trace_start(options->trace, options->trace_limit_bytes, error);
        if (result != 0)
            machine_shut_down();
    }
    if (result != 0)
        api_dumps_stop();
    __atomic_store_n(&machine_state, result == 0 ? MACHINE_RUNNING : MACHINE_STOPPED,
                     __ATOMIC_RELEASE);
    return result;
}

STORHOST_API void storhost_stop(void)
{
    uint32_t running = MACHINE_RUNNING;

    if (!__atomic_compare_exchange_n(&machine_state, &running, MACHINE_CHANGING, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return;
    storhost_devices_stop();
    api_channels_destroy();
    port_finalize();
    machine_shut_down();
    api_dumps_stop();
    __atomic_store_n(&machine_state, MACHINE_STOPPED, __ATOMIC_RELEASE);
}

/* ---- channels ---- */

int api_channel_take(struct api_channel **ret_channel)
{
    sys_mutex_lock(&channels.mutex);
    struct api_channel *channel = channels.free;
    if (channel != NULL)
        channels.free = channel->next;
    sys_mutex_unlock(&channels.mutex);
    if (channel == NULL) {
        channel = malloc(sizeof(*channel));
        if (channel == NULL)
            return -ENOMEM;
        int error = disk_channel_create(&channel->channel);
        if (error != 0) {
            free(channel);
            return error;
        }
    }
    *ret_channel = channel;
    return 0;
}

void api_channel_give(struct api_channel *channel)
{
    sys_mutex_lock(&channels.mutex);
    channel->next = channels.free;
    channels.free = channel;
    sys_mutex_unlock(&channels.mutex);
}

void api_channels_destroy(void)
{
    while (channels.free != NULL) {
        struct api_channel *channel = channels.free;
        channels.free = channel->next;
        disk_channel_destroy(channel->channel);
        free(channel);
    }
}

STORHOST_API void *storhost_buffer_allocate(size_t size)
{
    return api_is_running() ? port_buffer_allocate(size) : NULL;
}

STORHOST_API void storhost_buffer_free(void *buffer)
{
    if (buffer != NULL)
        port_buffer_free(buffer);
}
