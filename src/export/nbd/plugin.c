/*
 * plugin.c - the nbdkit plugin: one NBD export for each logical unit that is a disk or CD-ROM.
 *
 * Requests run in nbdkit's threads, in parallel; each blocks until its unit has answered. What a
 * unit cannot do itself (unaligned ranges, FUA, zeroes) the C API does for it.
 */
#define NBDKIT_API_VERSION 2
#include "host.h"

#include "sys/sys.h"

#include <errno.h>
#include <nbdkit-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

#ifdef __has_feature
#define STORHOST_HAS_FEATURE(feature) __has_feature(feature)
#else
#define STORHOST_HAS_FEATURE(feature) 0
#endif

/* One client's view of a unit. */
struct connection {
    struct connection *previous, *next;
    struct storhost_unit *unit;
    struct storhost_unit_info info; /* as it was when the client came */
};

/* nbdkit (1.32) calls no .close for clients that are there when it stops, so they are kept here. */
static struct {
    struct sys_mutex mutex;
    struct connection *first;
} connections;

static void connection_add(struct connection *connection)
{
    sys_mutex_lock(&connections.mutex);
    connection->next = connections.first;
    if (connection->next != NULL)
        connection->next->previous = connection;
    connections.first = connection;
    sys_mutex_unlock(&connections.mutex);
}

static void connection_end(struct connection *connection)
{
    sys_mutex_lock(&connections.mutex);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        connections.first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    sys_mutex_unlock(&connections.mutex);
    storhost_unit_release(connection->unit);
    free(connection);
}

/* A sanitizer's runtime that `storhost serve` had to preload is for this process, not for children.
 */
static void plugin_load(void)
{
    if (getenv("STORHOST_PRELOADED") != NULL) {
        unsetenv("LD_PRELOAD");
        unsetenv("STORHOST_PRELOADED");
    }
}

/* The address sanitizer's runtime, preloaded, leaves a lock of the C library (Debian 12's) one
 * reader short before main, and exit handlers of other libraries then wait for that lock for ever.
 * So in such builds the process ends without them; nothing of ours is left to be done there. */
static void end_without_exit_handlers(int status)
{
#if defined(__SANITIZE_ADDRESS__) || STORHOST_HAS_FEATURE(address_sanitizer)
    fflush(NULL);
    _exit(status);
#else
    (void)status;
#endif
}

static int plugin_after_fork(void)
{
    if (host_start() == 0)
        return 0;
    end_without_exit_handlers(EXIT_FAILURE);
    return -1;
}

/* No client's thread runs any more. */
static void plugin_cleanup(void)
{
    while (connections.first != NULL)
        connection_end(connections.first);
    host_stop();
}

static void plugin_unload(void)
{
    host_options_free();
    end_without_exit_handlers(EXIT_SUCCESS);
}

/* ---- exports ---- */

static bool is_disk(struct storhost_unit *unit, struct storhost_unit_info *info)
{
    *info = (struct storhost_unit_info){.size = sizeof(*info)};
    return storhost_unit_describe(unit, info) == 0 && info->has_blocks;
}

static bool list_unit(void *context, struct storhost_unit *unit, const char *name)
{
    struct storhost_unit_info info;
    char text[128];

    if (!is_disk(unit, &info))
        return false;
    snprintf(text, sizeof(text), "%s %s %s", info.vendor, info.product, info.serial);
    return nbdkit_add_export(context, name, text) != 0;
}

static int plugin_list_exports(int readonly, int is_tls, struct nbdkit_exports *exports)
{
    (void)readonly;
    (void)is_tls;
    struct storhost_unit *failed = host_find_unit(list_unit, exports);
    storhost_unit_release(failed);
    return failed != NULL ? -1 : 0;
}

static bool take_first(void *context, struct storhost_unit *unit, const char *name)
{
    struct storhost_unit_info info;

    if (!is_disk(unit, &info))
        return false;
    *(const char **)context = nbdkit_strdup_intern(name);
    return true;
}

static const char *plugin_default_export(int readonly, int is_tls)
{
    const char *name = NULL;

    (void)readonly;
    (void)is_tls;
    storhost_unit_release(host_find_unit(take_first, &name));
    return name;
}

static const char *plugin_export_description(void *handle)
{
    const struct connection *connection = handle;
    return nbdkit_printf_intern("%s %s %s", connection->info.vendor, connection->info.product,
                                connection->info.serial);
}

static bool has_name(void *context, struct storhost_unit *unit, const char *name)
{
    (void)unit;
    return strcmp(context, name) == 0;
}

static void *plugin_open(int readonly)
{
    const char *name = nbdkit_export_name();

    (void)readonly;
    if (name == NULL)
        return NULL;
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        nbdkit_error("out of memory");
        return NULL;
    }
    connection->unit = host_find_unit(has_name, (void *)(uintptr_t)name);
    if (connection->unit == NULL || !is_disk(connection->unit, &connection->info)) {
        nbdkit_error("export '%s': there is no such disk: `nbdinfo --list` shows those there are",
                     name);
        storhost_unit_release(connection->unit);
        free(connection);
        return NULL;
    }
    connection_add(connection);
    return connection;
}

/* No flush here: its error would tell nobody that a write was lost, and the next flush of a client
 * would succeed. The last flush of all is part of stopping the adapter, which reports. */
static void plugin_close(void *handle)
{
    connection_end(handle);
}

/* ---- what the export can do ---- */

static int64_t plugin_get_size(void *handle)
{
    const struct connection *connection = handle;
    return (int64_t)(connection->info.block_count * connection->info.block_size);
}

static int plugin_block_size(void *handle, uint32_t *minimum, uint32_t *preferred,
                             uint32_t *maximum)
{
    const struct connection *connection = handle;
    *minimum = 1;
    *preferred =
        connection->info.physical_block_size < 4096 ? 4096 : connection->info.physical_block_size;
    *maximum = UINT32_MAX;
    return 0;
}

static int plugin_can_write(void *handle)
{
    const struct connection *connection = handle;
    return !connection->info.read_only;
}

static int plugin_can_trim(void *handle)
{
    const struct connection *connection = handle;
    return connection->info.can_trim;
}

static int plugin_can_fast_zero(void *handle)
{
    const struct connection *connection = handle;
    return connection->info.can_zero;
}

static int plugin_yes(void *handle)
{
    (void)handle;
    return 1;
}

static int plugin_no(void *handle)
{
    (void)handle;
    return 0;
}

static int plugin_can_fua(void *handle)
{
    (void)handle;
    return NBDKIT_FUA_NATIVE;
}

static int plugin_can_cache(void *handle)
{
    (void)handle;
    return NBDKIT_CACHE_NONE;
}

/* ---- data ---- */

/* NBD knows few errors, and nbdkit makes EINVAL of others, as if the client had erred. */
static int client_error(int error)
{
    switch (error) {
    case EINVAL:
    case ENOMEM:
    case ENOSPC:
    case EOPNOTSUPP:
    case EROFS:
        return error;
    case ENODEV:
        return ESHUTDOWN; /* this export will not come back */
    default:
        return EIO;
    }
}

/* The end of a request that host_request_begin has told of. */
static int outcome(const char *what, uint64_t count, uint64_t offset, int error)
{
    host_request_end();
    if (error == 0)
        return 0;
    nbdkit_error("%s of %llu bytes at %llu: %s", what, (unsigned long long)count,
                 (unsigned long long)offset, strerror(-error));
    nbdkit_set_error(client_error(-error));
    return -1;
}

static int plugin_pread(void *handle, void *buffer, uint32_t count, uint64_t offset, uint32_t flags)
{
    const struct connection *connection = handle;
    (void)flags;
    host_request_begin();
    return outcome("read", count, offset,
                   storhost_read(connection->unit, buffer, count, offset, 0));
}

static unsigned api_flags(uint32_t flags)
{
    return ((flags & NBDKIT_FLAG_FUA) != 0 ? STORHOST_FUA : 0) |
           ((flags & NBDKIT_FLAG_MAY_TRIM) != 0 ? STORHOST_MAY_TRIM : 0);
}

static int plugin_pwrite(void *handle, const void *buffer, uint32_t count, uint64_t offset,
                         uint32_t flags)
{
    const struct connection *connection = handle;
    host_request_begin();
    return outcome("write", count, offset,
                   storhost_write(connection->unit, buffer, count, offset, api_flags(flags)));
}

static int plugin_flush(void *handle, uint32_t flags)
{
    const struct connection *connection = handle;
    (void)flags;
    host_request_begin();
    return outcome("flush", 0, 0, storhost_flush(connection->unit));
}

static int plugin_trim(void *handle, uint32_t count, uint64_t offset, uint32_t flags)
{
    const struct connection *connection = handle;
    host_request_begin();
    return outcome("trim", count, offset,
                   storhost_trim(connection->unit, count, offset, api_flags(flags)));
}

static int plugin_zero(void *handle, uint32_t count, uint64_t offset, uint32_t flags)
{
    const struct connection *connection = handle;

    if ((flags & NBDKIT_FLAG_FAST_ZERO) != 0 && !connection->info.can_zero) {
        nbdkit_set_error(EOPNOTSUPP);
        return -1;
    }
    host_request_begin();
    return outcome("zero", count, offset,
                   storhost_zero(connection->unit, count, offset, api_flags(flags)));
}

#define CONFIG_HELP                                                                                \
    "driver=FILE         (required) the miniport, a .sys file, ELF module or INF file\n"           \
    "module=FILE         the module that the INF file stands for\n"                                \
    "device=SPEC         its device; each one is an adapter (default: none)\n"                     \
    "drive=OPTIONS       a drive of the device before it\n"                                        \
    "set=KEY\\NAME=VALUE  a registry value of the driver\n"                                        \
    "service=NAME        the driver's service name\n"                                              \
    "interrupts=KIND     best, line, msi or msix\n"                                                \
    "messages=N          most interrupt messages to grant\n"                                       \
    "cpus=N              processors of the machine\n"                                              \
    "memory=SIZE         memory that devices can reach\n"                                          \
    "low-memory=SIZE     how much of it devices find below 4 GiB\n"                                \
    "scatter=true        shuffle its pages\n"                                                      \
    "control=PATH        the control socket, for storhost ctl\n"                                   \
    "devices=PATH        the device socket, for storhost ioctl and storhost/handle.h\n"            \
    "wait=true           serve a driver that has no disk yet"

static struct nbdkit_plugin plugin = {
    .name = "storhost",
    .longname = "Windows storage miniport drivers",
    .description = "Runs a Windows storage miniport driver and exports its disks.",
    .load = plugin_load,
    .config = host_option,
    .config_complete = host_options_complete,
    .config_help = CONFIG_HELP,
    .magic_config_key = "driver",
    .after_fork = plugin_after_fork,
    .cleanup = plugin_cleanup,
    .unload = plugin_unload,
    .list_exports = plugin_list_exports,
    .default_export = plugin_default_export,
    .export_description = plugin_export_description,
    .open = plugin_open,
    .close = plugin_close,
    .get_size = plugin_get_size,
    .block_size = plugin_block_size,
    .can_write = plugin_can_write,
    .can_flush = plugin_yes,
    .can_trim = plugin_can_trim,
    .can_zero = plugin_yes,
    .can_fast_zero = plugin_can_fast_zero,
    .can_fua = plugin_can_fua,
    .can_multi_conn = plugin_yes,
    .can_cache = plugin_can_cache,
    .can_extents = plugin_no,
    .is_rotational = plugin_no,
    .pread = plugin_pread,
    .pwrite = plugin_pwrite,
    .flush = plugin_flush,
    .trim = plugin_trim,
    .zero = plugin_zero,
    .errno_is_preserved = 0,
};

/* The one symbol that nbdkit looks for. */
__attribute__((visibility("default"))) struct nbdkit_plugin *plugin_init(void);
NBDKIT_REGISTER_PLUGIN(plugin)
