/*
 * start.c - an adapter's start and stop as Storport does them: FindAdapter, interrupts,
 * HwInitialize, passive initialization, control types, first SRB; and back (lifecycle sections 2
 * and 12).
 */
#include "nt/registry.h"
#include "port/driver.h"
#include "storport/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENT_LENGTH_MAX = 512 };

/* ---- FindAdapter ---- */

/* DriverParameter of Parameters\Device<n>, else of Parameters\Device; never NULL for a driver. */
static void read_argument(const struct storport_adapter *adapter, char text[ARGUMENT_LENGTH_MAX])
{
    const struct port_driver *driver = adapter->port->driver;
    char key[192], *value = NULL;

    text[0] = 0;
    snprintf(key, sizeof(key), "%s\\Parameters\\Device%u", driver->key, adapter->port->number);
    if (nt_registry_get_string(key, "DriverParameter", &value)) {
        snprintf(key, sizeof(key), "%s\\Parameters\\Device", driver->key);
        if (nt_registry_get_string(key, "DriverParameter", &value))
            return;
    }
    snprintf(text, ARGUMENT_LENGTH_MAX, "%s", value);
    free(value);
}

static ULONG call_find_adapter(struct storport_adapter *adapter)
{
    char argument[ARGUMENT_LENGTH_MAX];
    struct storport_call call;
    BOOLEAN again = FALSE;
    ULONG result;

    read_argument(adapter, argument);
    adapter->phase = STORPORT_FINDING;
    storport_call_begin(&call, nt_self(), adapter, "HwStorFindAdapter", NULL);
    if (adapter->port->virtual_adapter) {
        PVIRTUAL_HW_FIND_ADAPTER find = (PVIRTUAL_HW_FIND_ADAPTER)adapter->init.HwFindAdapter;
        result = find(adapter->extension, adapter->device_objects[1], adapter->device_objects[0],
                      adapter->device_objects[2], argument, &adapter->config, &again);
    } else {
        PHW_FIND_ADAPTER find = (PHW_FIND_ADAPTER)adapter->init.HwFindAdapter;
        result = find(adapter->extension, NULL, NULL, argument, &adapter->config, &again);
    }
    storport_call_end(&call);
    return result;
}

static const char *find_result(ULONG result)
{
    switch (result) {
    case SP_RETURN_NOT_FOUND:
        return "no adapter found (SP_RETURN_NOT_FOUND)";
    case SP_RETURN_ERROR:
        return "hardware error (SP_RETURN_ERROR)";
    case SP_RETURN_BAD_CONFIG:
        return "bad configuration (SP_RETURN_BAD_CONFIG)";
    default:
        return "a result that is none of SP_RETURN_*";
    }
}

static int find_adapter(struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    storport_config_prefill(adapter);
    storport_grant_interrupts(adapter);
    ULONG result = call_find_adapter(adapter);
    if (result != SP_RETURN_FOUND) {
        snprintf(reason, reason_size,
                 "%s on %s: FindAdapter says %s; check the device and the registry values (--set)",
                 port_driver_service(adapter->port->driver), adapter->port->device_name,
                 find_result(result));
        return -ENODEV;
    }
    adapter->found = true;
    char why[256];
    if (!storport_config_accept(adapter, why, sizeof(why))) {
        snprintf(reason, reason_size, "%s on %s: %s", port_driver_service(adapter->port->driver),
                 adapter->port->device_name, why);
        return -ENODEV;
    }
    return 0;
}

/* ---- HwInitialize and passive initialization ---- */

static bool call_initialize(struct storport_adapter *adapter)
{
    struct nt_thread *self = nt_self();
    struct storport_call call;
    uint8_t old_irql = NT_PASSIVE_LEVEL;
    bool physical = !adapter->port->virtual_adapter;

    adapter->phase = STORPORT_INITIALIZING;
    adapter->passive_initialize = NULL;
    if (physical)
        old_irql = storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, "HwStorInitialize", NULL);
    bool good = adapter->init.HwInitialize(adapter->extension) & 0xFF;
    storport_call_end(&call);
    if (physical)
        storport_unlock_interrupts(adapter, self, old_irql);
    return good;
}

static bool call_passive_initialize(struct storport_adapter *adapter)
{
    struct storport_call call;

    if (!adapter->passive_initialize)
        return true;
    adapter->phase = STORPORT_PASSIVE_INITIALIZING;
    storport_call_begin(&call, nt_self(), adapter, "HwStorPassiveInitializeRoutine", NULL);
    bool good = adapter->passive_initialize(adapter->extension) & 0xFF;
    storport_call_end(&call);
    return good;
}

/* The driver's choice of channels takes effect when initialization is over. */
static int make_channels(struct storport_adapter *adapter)
{
    if (!(adapter->perf_flags & STOR_PERF_CONCURRENT_CHANNELS) || adapter->perf_channels < 2 ||
        adapter->mode != STORPORT_FULL_DUPLEX)
        return 0;
    unsigned count = adapter->perf_channels;
    if (count > nt_processor_count())
        count = nt_processor_count();
    size_t size = sizeof(*adapter->channels) * count;
    adapter->channels = aligned_alloc(_Alignof(struct storport_channel), size);
    if (!adapter->channels)
        return -ENOMEM;
    memset(adapter->channels, 0, size);
    adapter->channel_count = count;
    adapter->port->limits.concurrent_channels = count;
    adapter->mode = STORPORT_CONCURRENT;
    return 0;
}

static int initialize(struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    const char *failed = NULL;

    if (!call_initialize(adapter))
        failed = "HwInitialize returned FALSE";
    else if (!call_passive_initialize(adapter))
        failed = "the passive initialization routine returned FALSE";
    if (failed) {
        snprintf(reason, reason_size,
                 "%s on %s: %s: the driver could not bring up the device; its own messages, if "
                 "any, are above",
                 port_driver_service(adapter->port->driver), adapter->port->device_name, failed);
        if (adapter->phase == STORPORT_PASSIVE_INITIALIZING) {
            storport_query_controls(adapter);
            storport_stop_adapter(adapter);
        }
        return -ENODEV;
    }
    return make_channels(adapter);
}

/* ---- start ---- */

static struct storport_adapter *adapter_new(struct port_adapter *port,
                                            const HW_INITIALIZATION_DATA *record)
{
    struct storport_adapter *adapter = aligned_alloc(64, (sizeof(*adapter) + 63) & ~(size_t)63);

    if (!adapter)
        return NULL;
    memset(adapter, 0, sizeof(*adapter));
    adapter->port = port;
    adapter->init = *record;
    adapter->extension = nt_pool_allocate(record->DeviceExtensionSize + 1, 0x45445053, port);
    if (!adapter->extension || storport_device_objects_create(adapter)) {
        if (adapter->extension)
            nt_pool_free(adapter->extension);
        free(adapter);
        return NULL;
    }
    memset(adapter->extension, 0, record->DeviceExtensionSize);
    port->model_state = adapter;
    port->extension = adapter->extension;
    port_adapter_set_extension(port, adapter->extension);
    storport_services_initialize(adapter);
    return adapter;
}

static void leak_line(void *context, const char *line)
{
    nt_print("%s: not freed at removal: %s", (const char *)context, line);
}

/* Everything that the port gave the driver, after its last callback. */
static void adapter_free(struct storport_adapter *adapter)
{
    struct port_adapter *port = adapter->port;

    storport_services_destroy(adapter);
    storport_unmap_all(adapter);
    if (adapter->uncached_extension)
        nt_contiguous_free(adapter->uncached_extension);
    if (adapter->registry_buffer)
        nt_pool_free(adapter->registry_buffer);
    free(adapter->config_copy);
    free(adapter->channels);
    storport_device_objects_free(adapter);
    port_adapter_set_extension(port, NULL);
    port_adapter_uncarve(port);
    nt_pool_free(adapter->extension);
    for (struct port_unit *unit = port->units; unit; unit = unit->next)
        port_unit_free_extension(unit);
    if (port->self)
        port_unit_free_extension(port->self);
    nt_pool_report(port, leak_line, (void *)(uintptr_t)port_driver_service(port->driver));
    port->model_state = NULL;
    free(adapter);
}

/* The adapter's own PnP SRB; what the miniport makes of it is its affair (rule S52). */
static void send_pnp(struct storport_adapter *adapter, STOR_PNP_ACTION action)
{
    port_control_send(adapter->port->self, PORT_PNP, (uint8_t)action, 0, true, NULL, 0);
}

/* The last callback of a virtual adapter that FindAdapter had accepted, also when its start failed
 * later: what follows is its removal. */
static void free_adapter_resources(struct storport_adapter *adapter)
{
    struct storport_call call;

    if (!adapter->found || !adapter->port->virtual_adapter || !adapter->init.HwFreeAdapterResources)
        return;
    storport_call_begin(&call, nt_self(), adapter, "HwStorFreeAdapterResources", NULL);
    adapter->init.HwFreeAdapterResources(adapter->extension);
    storport_call_end(&call);
}

int storport_start(struct port_adapter *port, const void *record, char *reason, size_t reason_size)
{
    struct storport_adapter *adapter = adapter_new(port, record);
    int error;

    if (!adapter) {
        snprintf(reason, reason_size, "%s: out of memory for the device extension",
                 port_driver_service(port->driver));
        return -ENOMEM;
    }
    error = find_adapter(adapter, reason, reason_size);
    if (error)
        goto failed;
    error = -ENOMEM;
    snprintf(reason, reason_size, "%s: out of memory for its requests: raise --memory",
             port_driver_service(port->driver));
    port->self = port_unit_create_unlisted(port);
    if (!port->self || port_adapter_carve(port))
        goto failed;
    error = storport_connect_interrupts(adapter, reason, reason_size);
    if (error)
        goto failed;
    error = initialize(adapter, reason, reason_size);
    if (error)
        goto disconnect;
    storport_aim_messages(adapter);
    adapter->phase = STORPORT_RUNNING;
    storport_query_controls(adapter);
    send_pnp(adapter, StorStartDevice);
    return 0;
disconnect:
    port_adapter_disconnect(port);
    nt_dpc_flush();
failed:
    storport_services_drain(adapter);
    free_adapter_resources(adapter);
    adapter_free(adapter);
    return error;
}

void storport_stop(struct port_adapter *port, bool gone)
{
    struct storport_adapter *adapter = port->model_state;

    (void)gone;
    storport_services_end(adapter);
    send_pnp(adapter, StorRemoveDevice);
    storport_stop_adapter(adapter);
    port_adapter_disconnect(port);
    nt_dpc_flush();
    storport_services_drain(adapter);
    free_adapter_resources(adapter);
    adapter_free(adapter);
}
