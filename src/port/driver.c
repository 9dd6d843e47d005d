/*
 * driver.c - loading a driver: its service key, its image, DriverEntry, and the records that
 * DriverEntry registers with a model.
 */
#include "port/driver.h"
#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/dpc.h"
#include "nt/print.h"
#include "nt/registry.h"
#include "nt/thread.h"
#include "nt/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEVICES_GONE_TIMEOUT_S = 10 };

static __thread struct port_driver *loading;

struct port_driver *port_driver_loading(void)
{
    return loading;
}

void *port_driver_object(struct port_driver *driver)
{
    return driver->object;
}

const char *port_driver_path(const struct port_driver *driver)
{
    return driver->path;
}

const struct image *port_driver_image(const struct port_driver *driver)
{
    return driver->image;
}

const char *port_driver_service(const struct port_driver *driver)
{
    return driver->service;
}

const char *port_driver_running(void)
{
    const struct nt_evidence *frame = nt_self()->evidence;
    struct port_driver *driver = port_driver_loading();

    if (driver)
        return port_driver_service(driver);
    for (unsigned i = 0; frame && i < port_adapter_table_count; i++)
        if (port_adapter_table[i].adapter && port_adapter_table[i].adapter == frame->adapter)
            return port_driver_service(port_adapter_table[i].adapter->driver);
    return "driver";
}

int port_driver_register(const struct port_model *model, enum port_interface interface,
                         const void *record)
{
    struct port_driver *driver = loading;

    if (!driver)
        return -EINVAL;
    if (driver->record_count == PORT_DRIVER_RECORDS_MAX)
        return -ENOSPC;
    driver->records[driver->record_count++] = (struct port_driver_record){model, interface, record};
    return 0;
}

/* The file's name without directory and extension. */
static char *service_of_path(const char *path)
{
    const char *base = strrchr(path, '/');

    base = base ? base + 1 : path;
    const char *end = strchr(base, '.');
    return strndup(base, end && end != base ? (size_t)(end - base) : strlen(base));
}

/* A value of the devices waits until there is one. */
static int keep_device_setting(struct port_driver *driver, const char *setting)
{
    char *copy = strdup(setting);

    if (!copy)
        return -ENOMEM;
    driver->device_settings[driver->device_setting_count++] = copy;
    return 0;
}

static int apply_settings(struct port_driver *driver, const struct port_driver_options *options,
                          char *reason, size_t reason_size)
{
    static const char of_devices[] = "Device Parameters\\";

    driver->device_settings = calloc(options->setting_count + 1, sizeof(char *));
    if (!driver->device_settings)
        return -ENOMEM;
    for (size_t i = 0; i < options->setting_count; i++) {
        const char *setting = options->settings[i];
        int error;
        if (strncasecmp(setting, of_devices, sizeof(of_devices) - 1) == 0)
            error = keep_device_setting(driver, setting + sizeof(of_devices) - 1);
        else
            error = nt_registry_parse_setting(driver->key, setting, reason, reason_size);
        if (error)
            return error;
    }
    return nt_registry_set_dword(driver->key, "Type", 1);
}

/* UTF-16 of ASCII text, cut to the room there is; good enough for what a service's names hold. */
static UNICODE_STRING unicode_of(uint16_t *room, size_t room_count, const char *text)
{
    size_t length = strnlen(text, room_count - 1);

    for (size_t i = 0; i < length; i++)
        room[i] = (uint8_t)text[i];
    room[length] = 0;
    return (UNICODE_STRING){
        .Buffer = (void *)room,
        .Length = (uint16_t)(2 * length),
        .MaximumLength = (uint16_t)(2 * length + 2),
    };
}

static int fill_object(struct port_driver *driver)
{
    enum { PREFIX = sizeof("\\Driver\\") - 1 };
    char text[256];

    driver->object = nt_driver_create();
    if (!driver->object)
        return -ENOMEM;
    snprintf(text, sizeof(text), "\\Registry\\Machine\\System\\CurrentControlSet\\%s", driver->key);
    driver->registry_path =
        unicode_of(driver->registry_path_text, sizeof(driver->registry_path_text) / 2, text);
    snprintf(text, sizeof(text), "\\Driver\\%s", driver->service);
    driver->object->DriverName = unicode_of(driver->name_text, sizeof(driver->name_text) / 2, text);
    driver->object->DriverExtension->ServiceKeyName = (UNICODE_STRING){
        .Buffer = driver->object->DriverName.Buffer + PREFIX,
        .Length = (uint16_t)(driver->object->DriverName.Length - 2 * PREFIX),
        .MaximumLength = (uint16_t)(driver->object->DriverName.MaximumLength - 2 * PREFIX),
    };
    driver->object->DriverInit = (void *)image_entry_point(driver->image);
    return 0;
}

/* No adapter is there whose line it could be. */
static void entry_is_late(struct nt_watch *watch, const struct nt_watch_late *late)
{
    nt_print_unrecorded("%s: %s has not come back for %g s (thread %u)", watch->what,
                        late->callback ? late->callback : "DriverEntry", late->limit_ms / 1000.0,
                        late->thread);
}

static int run_driver_entry(struct port_driver *driver, char *reason, size_t reason_size)
{
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;
    struct nt_watch watch = {.adapter = driver, .what = driver->service, .late = entry_is_late};

    nt_watch_begin(&watch);
    sys_thread_local_declare((void **)&loading);
    loading = driver;
    nt_evidence_push(self, &frame, "DriverEntry", driver, NULL);
    int32_t status = image_entry_point(driver->image)(
        driver->object, driver->object ? &driver->registry_path : NULL);
    nt_evidence_pop(self, &frame);
    loading = NULL;
    nt_watch_end(&watch);
    if (status < 0) {
        snprintf(reason, reason_size,
                 "%s: DriverEntry returned status 0x%08X; its own messages, "
                 "if any, are above",
                 driver->path, (unsigned)status);
        return -ENODEV;
    }
    if (!driver->record_count) {
        snprintf(reason, reason_size,
                 "%s: DriverEntry registered no adapter: it is not a storage miniport",
                 driver->path);
        return -ENODEV;
    }
    return 0;
}

static void records_forget(struct port_driver *driver)
{
    for (unsigned i = 0; i < driver->record_count; i++)
        if (driver->records[i].model->forget)
            driver->records[i].model->forget(driver->records[i].record);
}

extern const port_leftover __start_port_leftovers[] SYS_HIDDEN __attribute__((weak));
extern const port_leftover __stop_port_leftovers[] SYS_HIDDEN __attribute__((weak));

static void take_leftovers(const struct port_driver *driver)
{
    for (const port_leftover *take = __start_port_leftovers; take < __stop_port_leftovers; take++)
        (*take)(driver);
}

static void driver_free(struct port_driver *driver)
{
    if (driver->image && !driver->crashed) {
        take_leftovers(driver);
        nt_findings_flush();
    }
    records_forget(driver);
    if (driver->object)
        nt_object_release(driver->object);
    if (driver->image)
        image_unload(driver->image);
    for (size_t i = 0; i < driver->device_setting_count; i++)
        free(driver->device_settings[i]);
    free(driver->device_settings);
    free(driver->path);
    free(driver->service);
    free(driver);
}

/* How long DPCs may take, where Windows has it. */
static void read_dpc_limits(void)
{
    static const char key[] = "Control\\Session Manager\\Kernel";
    uint32_t time_ms = NT_DPC_TIME_MS, sequence_ms = NT_DPC_SEQUENCE_MS;

    (void)nt_registry_get_dword(key, "DpcTimeout", &time_ms);
    (void)nt_registry_get_dword(key, "DpcWatchdogPeriod", &sequence_ms);
    nt_dpc_set_limits(time_ms, sequence_ms);
}

int port_driver_load(struct port_driver **ret_driver, const struct port_driver_options *options,
                     char *reason, size_t reason_size)
{
    struct port_driver *driver = calloc(1, sizeof(*driver));
    int error = -ENOMEM;

    if (!driver)
        return -ENOMEM;
    snprintf(reason, reason_size, "%s: out of memory", options->path);
    port_initialize();
    read_dpc_limits();
    nt_print_filter_read();
    driver->path = strdup(options->path);
    driver->service = options->service ? strdup(options->service) : service_of_path(options->path);
    if (!driver->path || !driver->service)
        goto failed;
    snprintf(driver->key, sizeof(driver->key), "Services\\%s", driver->service);
    error = options->prepare ? options->prepare(driver->service, reason, reason_size) : 0;
    if (error)
        goto failed;
    error = apply_settings(driver, options, reason, reason_size);
    if (error)
        goto failed;
    error = image_load(&driver->image, options->path, driver->service, reason, reason_size);
    if (error)
        goto failed;
    for (size_t i = 0; image_missing_import(driver->image, i); i++)
        nt_print("%s: import %s is not implemented; the driver stops if it calls it",
                 driver->service, image_missing_import(driver->image, i));
    error = fill_object(driver);
    if (!error)
        error = run_driver_entry(driver, reason, reason_size);
    if (error)
        goto failed;
    *ret_driver = driver;
    return 0;
failed:
    driver_free(driver);
    return error;
}

static void unload(struct port_driver *driver)
{
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;

    if (driver->object->DriverUnload) {
        nt_evidence_push(self, &frame, "DriverUnload", driver, NULL);
        driver->object->DriverUnload(driver->object);
        nt_evidence_pop(self, &frame);
    }
    if (driver->trace_cleanup) {
        nt_evidence_push(self, &frame, "TraceCleanupRoutine", driver, NULL);
        driver->trace_cleanup(driver->trace_context);
        nt_evidence_pop(self, &frame);
    }
}

static void drain(const struct port_driver *driver)
{
    if (!nt_driver_drain(driver->object, sys_now_ns() + DEVICES_GONE_TIMEOUT_S * SYS_NS_PER_S))
        nt_finding("device-reference", driver,
                   "a device of the driver is still referenced when it is unloaded");
}

void port_driver_unload(struct port_driver *driver)
{
    if (!driver)
        return;
    sh_assert(driver->adapter_count == 0);
    drain(driver);
    if (!driver->crashed)
        unload(driver);
    drain(driver); /* devices that the driver deletes when it is unloaded */
    driver_free(driver);
}

/* ---- copies that write dumps ---- */

int port_driver_copy(struct port_driver **ret_copy, const struct port_driver *driver,
                     const char *prefix, char *reason, size_t reason_size)
{
    struct port_driver *copy = calloc(1, sizeof(*copy));
    size_t size = strlen(prefix) + strlen(driver->service) + 1;
    int error = -ENOMEM;

    snprintf(reason, reason_size, "%s: out of memory", driver->path);
    if (!copy)
        return -ENOMEM;
    copy->path = strdup(driver->path);
    copy->service = malloc(size);
    if (copy->path && copy->service) {
        snprintf(copy->service, size, "%s%s", prefix, driver->service);
        memcpy(copy->key, driver->key, sizeof(copy->key));
        error = image_load(&copy->image, copy->path, copy->service, reason, reason_size);
    }
    if (error)
        driver_free(copy);
    else
        *ret_copy = copy;
    return error;
}

int port_driver_enter_copy(struct port_driver *copy, char *reason, size_t reason_size)
{
    return run_driver_entry(copy, reason, reason_size);
}

void port_driver_discard(struct port_driver *copy)
{
    if (copy)
        driver_free(copy);
}
