/*
 * host.c - the machine inside the NBD server.
 *
 * Rule: it is started and stopped by nbdkit's main thread, because children of the machine (QEMU)
 * die with the thread that started them.
 */
#include "host.h"

#include "sys/sys.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/handle.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Which file it is that we serve: another server may have taken its name. */
struct socket_file {
    dev_t device;
    ino_t inode;
};

static struct {
    bool machine;
    struct storhost_driver *driver;
    struct storhost_adapter **adapters;
    size_t adapter_count;
    struct socket_file nbd, control, devices;
    bool serving;        /* everything has been started */
    bool stopping;       /* no control request is taken any more */
    bool *resume_failed; /* for each adapter; the thread that resumes them */
    size_t orderly_removals;
} host;

/* ---- sockets ---- */

static void socket_remember(struct socket_file *file, const char *path)
{
    struct stat status;

    if (path != NULL && lstat(path, &status) == 0)
        *file = (struct socket_file){.device = status.st_dev, .inode = status.st_ino};
}

static void socket_remove(const struct socket_file *file, const char *path)
{
    struct stat status;

    if (path != NULL && lstat(path, &status) == 0 && status.st_dev == file->device &&
        status.st_ino == file->inode)
        unlink(path);
}

/* The supervisor does this too; it may have been killed. */
void host_sockets_remove(void)
{
    socket_remove(&host.control, host_options.control_path);
    socket_remove(&host.devices, host_options.devices_path);
    socket_remove(&host.nbd, host_options.socket_path);
    if (host_options.private_directory != NULL)
        rmdir(host_options.private_directory);
}

/* ---- the machine ---- */

static void report_log(void *context, const char *line)
{
    (void)context;
    host_report("log", "%s", line);
}

/* Whatever happened, exports may have come or gone by it. */
static void report_event(void *context, const char *line)
{
    (void)context;
    host_report("event", "%s", line);
    host_look();
}

/* The process ends next, without host_stop. */
static void report_bugcheck(uint32_t code, const char *reason)
{
    host_sockets_remove();
    host_report("bugcheck", "0x%X %s", code, reason);
}

static int start_failed(const struct storhost_error *error)
{
    host_report("error", "%s", error->text);
    return -1;
}

/* Whose driver runs here, as far as its file says it. */
static void signature_report(void)
{
    char line[1024];

    if (storhost_driver_signature(host.driver, line, sizeof(line)))
        host_report("log", "%s", line);
}

static int machine_start(void)
{
    struct storhost_error error = {""};
    struct storhost_options options = {
        .size = sizeof(options),
        .processors = host_options.processors,
        .memory_bytes = host_options.memory_bytes,
        .low_memory_bytes = host_options.low_memory_bytes,
        .scatter = host_options.scatter,
        .driver_trace = host_options.driver_trace,
        .trace = host_options.trace,
        .trace_limit_bytes = host_options.trace_limit_bytes,
        .dumps = host_options.dumps,
        .registry = host_options.registry,
        .registry_count = host_options.registry_count,
        .acpi = host_options.acpi,
        .acpi_count = host_options.acpi_count,
        .topology = host_options.topology,
        .log = report_log,
        .bugcheck = report_bugcheck,
    };
    struct storhost_driver_options driver_options = {
        .size = sizeof(driver_options),
        .path = host_options.driver,
        .service = host_options.service,
        .settings = host_options.settings,
        .setting_count = host_options.setting_count,
        .module = host_options.module,
        .device = host_options.adapters[0].device,
        .drives = host_options.adapters[0].drives,
        .drive_count = host_options.adapters[0].drive_count,
    };

    if (storhost_start(&options, &error) != 0)
        return start_failed(&error);
    host.machine = true;
    if (storhost_driver_load(&host.driver, &driver_options, &error) != 0)
        return start_failed(&error);
    signature_report();
    return 0;
}

static int adapter_start(const struct host_adapter_options *from)
{
    struct storhost_error error = {""};
    struct storhost_adapter_options options = {
        .size = sizeof(options),
        .device = from->device,
        .drives = from->drives,
        .drive_count = from->drive_count,
        .interrupts = host_options.interrupts,
        .message_limit = host_options.message_limit,
        .acpi_node = from->acpi_node,
        .event = report_event,
    };
    struct storhost_adapter **slot = &host.adapters[host.adapter_count];

    if (storhost_adapter_start(slot, host.driver, &options, &error) != 0)
        return start_failed(&error);
    host.adapter_count++;
    return 0;
}

static int adapters_start(void)
{
    host.adapters = calloc(host_options.adapter_count, sizeof(struct storhost_adapter *));
    host.resume_failed = calloc(host_options.adapter_count, sizeof(bool));
    if (host.adapters == NULL || host.resume_failed == NULL) {
        host_report("error", "out of memory");
        return -1;
    }
    for (size_t i = 0; i < host_options.adapter_count; i++) {
        if (adapter_start(&host_options.adapters[i]) != 0)
            return -1;
    }
    return 0;
}

/* Once it is there it is known, so that it goes whatever happens. */
static int devices_listen(void)
{
    struct storhost_error error = {""};

    if (host_options.devices_path == NULL)
        return 0;
    if (storhost_devices_listen(host_options.devices_path, &error) != 0)
        return start_failed(&error);
    socket_remember(&host.devices, host_options.devices_path);
    return 0;
}

/* Its units are made by whoever opens its devices, and may come later. */
static bool units_may_come(void)
{
    if (host_options.waits_for_units)
        return true;
    for (size_t i = 0; i < host.adapter_count; i++) {
        struct storhost_adapter_info info = {.size = sizeof(info)};
        if (storhost_adapter_describe(host.adapters[i], &info) == 0 && info.takes_service_requests)
            return true;
    }
    return false;
}

static int units_announce(void)
{
    if (host_units_announce() || units_may_come())
        return 0;
    host_report(
        "error",
        "%s on %s: no logical unit that can be exported was found: look at what the driver "
        "reports with `storhost info`, or give --devices SOCKET if a program is to make some",
        host_options.driver, host_options.adapters[0].device);
    return -1;
}

/* nbdkit (1.32) aborts when a client vanishes while several of its requests are answered; nothing
 * is left behind then either. */
static void aborted(int signal_number)
{
    host_sockets_remove();
    raise(signal_number); /* the handler has been reset: this time it ends the process */
}

/* ---- start and end ---- */

/* The sockets are there, and known, before the first thread that may have to remove them. */
int host_start(void)
{
    struct sigaction on_abort = {.sa_handler = aborted, .sa_flags = (int)SA_RESETHAND};
    struct sys_options options = {0};

    socket_remember(&host.nbd, host_options.socket_path);
    int opened = host_control_open();
    socket_remember(&host.control, opened == 0 ? host_options.control_path : NULL);
    sigaction(SIGABRT, &on_abort, NULL);
    int error = sys_start(&options);
    if (error != 0) {
        host_report("error", "threads cannot be started: %s", strerror(-error));
        return -1;
    }
    if (opened == 0 && host_guard_start() == 0 && host_watch_start() == 0 && machine_start() == 0 &&
        adapters_start() == 0 && units_announce() == 0 && host_units_start() == 0 &&
        devices_listen() == 0 && host_control_start() == 0) {
        __atomic_store_n(&host.serving, true, __ATOMIC_RELEASE);
        host_report("ready", "%zu", host.adapter_count);
        return 0;
    }
    host_stop();
    return -1;
}

void host_stop(void)
{
    host_stop_begin();
    host_control_stop();
    host_units_stop();
    host_watch_stop();
    while (host.adapter_count > 0) {
        struct storhost_error error = {""};
        struct storhost_adapter *adapter = host.adapters[--host.adapter_count];
        if (storhost_adapter_stop(adapter, &error) != 0)
            host_report("error", "%s", error.text);
    }
    /* Whoever had the adapter's devices open was served until its end. */
    storhost_devices_stop();
    free(host.adapters);
    host.adapters = NULL;
    free(host.resume_failed);
    host.resume_failed = NULL;
    storhost_driver_unload(host.driver);
    host.driver = NULL;
    if (host.machine) {
        struct storhost_error error = {""};
        if (storhost_registry_flush(&error) != 0)
            host_report("error", "%s", error.text);
        storhost_stop();
    }
    host.machine = false;
    host_sockets_remove();
    host_guard_stop();
}

/* ---- stopping while requests wait ---- */

/* A queue may have been locked several times; each time is taken back. */
static void queues_unlock(struct storhost_adapter *adapter)
{
    struct storhost_unit *unit;

    for (unsigned i = 0; (unit = storhost_unit_get(adapter, i)) != NULL; i++) {
        while (storhost_unit_queue(unit, STORHOST_QUEUE_UNLOCK) == 0)
            ;
        storhost_unit_release(unit);
    }
}

/* False after a report: then it is not tried again. */
static bool adapter_resume(size_t number)
{
    struct storhost_adapter *adapter = host.adapters[number];
    struct storhost_error error = {""};
    enum storhost_adapter_state state = storhost_adapter_state(adapter, NULL);
    int result = 0;

    queues_unlock(adapter);
    if (state == STORHOST_ADAPTER_STOPPED)
        result = storhost_adapter_pnp_restart(adapter, &error);
    else if (state == STORHOST_ADAPTER_POWERED_DOWN)
        result = storhost_adapter_power(adapter, 0, STORHOST_POWER_NONE, &error);
    if (result != 0)
        host_report("error", "adapter %zu cannot be resumed, data that waits is lost: %s", number,
                    error.text[0] != '\0' ? error.text : strerror(-result));
    return result == 0;
}

void host_stop_begin(void)
{
    __atomic_store_n(&host.stopping, true, __ATOMIC_RELEASE);
}

bool host_is_stopping(void)
{
    return __atomic_load_n(&host.stopping, __ATOMIC_ACQUIRE);
}

void host_resume(void)
{
    if (!__atomic_load_n(&host.serving, __ATOMIC_ACQUIRE))
        return;
    for (size_t i = 0; i < host.adapter_count; i++) {
        if (!host.resume_failed[i])
            host.resume_failed[i] = !adapter_resume(i);
    }
}

/* ---- adapters and units ---- */

struct storhost_adapter *host_adapter(size_t number)
{
    return number < host.adapter_count ? host.adapters[number] : NULL;
}

void host_note_removal(bool orderly)
{
    if (orderly)
        __atomic_add_fetch(&host.orderly_removals, 1, __ATOMIC_ACQ_REL);
    else
        __atomic_sub_fetch(&host.orderly_removals, 1, __ATOMIC_ACQ_REL);
}

bool host_adapters_are_gone(bool *ret_lost)
{
    *ret_lost = __atomic_load_n(&host.orderly_removals, __ATOMIC_ACQUIRE) < host.adapter_count;
    for (size_t i = 0; i < host.adapter_count; i++) {
        if (storhost_adapter_state(host.adapters[i], NULL) != STORHOST_ADAPTER_REMOVED)
            return false;
    }
    return true;
}

static void unit_name(char *name, size_t size, size_t adapter, struct storhost_unit *unit)
{
    struct storhost_unit_info info = {.size = sizeof(info)};

    /* An error concerns the capacity; the address is there in any case. */
    storhost_unit_describe(unit, &info);
    if (host.adapter_count > 1)
        snprintf(name, size, "%zu/%u:%u:%u", adapter, info.path, info.target, info.lun);
    else
        snprintf(name, size, "%u:%u:%u", info.path, info.target, info.lun);
}

struct storhost_unit *host_unit_at(size_t adapter, unsigned index, char name[HOST_UNIT_NAME_BYTES])
{
    struct storhost_unit *unit = storhost_unit_get(host.adapters[adapter], index);

    if (unit != NULL)
        unit_name(name, HOST_UNIT_NAME_BYTES, adapter, unit);
    return unit;
}

struct storhost_unit *host_find_unit(bool (*visit)(void *context, struct storhost_unit *unit,
                                                   const char *name),
                                     void *context)
{
    for (size_t adapter = 0; adapter < host.adapter_count; adapter++) {
        char name[HOST_UNIT_NAME_BYTES];
        struct storhost_unit *unit;
        for (unsigned i = 0; (unit = host_unit_at(adapter, i, name)) != NULL; i++) {
            if (visit(context, unit, name))
                return unit;
            storhost_unit_release(unit);
        }
    }
    return NULL;
}
