/*
 * start.c - an adapter's start as Storport does it: FindAdapter, interrupts, HwInitialize, passive
 * initialization, control types, first SRB (lifecycle section 2).
 */
#include "nt/registry.h"
#include "port/driver.h"
#include "storport/device.h"
#include "trace/trace.h"

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

static ULONG call_find_adapter(struct storport_adapter *adapter, uint8_t irql)
{
    char argument[ARGUMENT_LENGTH_MAX];
    struct storport_call call;
    BOOLEAN again = FALSE;
    ULONG result;

    read_argument(adapter, argument);
    adapter->phase = STORPORT_FINDING;
    uint8_t old_irql = nt_irql_raise(irql);
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
    nt_irql_lower(old_irql);
    return result;
}

/* What the IRP that starts the device ends with. */
static NTSTATUS find_status(ULONG result)
{
    switch (result) {
    case SP_RETURN_NOT_FOUND:
        return STATUS_NOT_FOUND;
    case SP_RETURN_ERROR:
        return STATUS_ADAPTER_HARDWARE_ERROR;
    case SP_RETURN_BAD_CONFIG:
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    default:
        return STATUS_INTERNAL_ERROR;
    }
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

int storport_find(struct storport_adapter *adapter, uint8_t irql, char *reason, size_t reason_size)
{
    port_runtime_withdraw(adapter->port);
    storport_config_prefill(adapter);
    storport_take_grant(adapter);
    if (port_adapter_arm(adapter->port)) {
        snprintf(reason, reason_size, "%s: its messages cannot be enabled: try --interrupts line",
                 adapter->port->device_name);
        return -ENODEV;
    }
    ULONG result = call_find_adapter(adapter, irql);
    if (result != SP_RETURN_FOUND) {
        adapter->port->start_status = (uint32_t)find_status(result);
        snprintf(reason, reason_size,
                 "%s on %s: FindAdapter says %s; check the device and the registry values (--set)",
                 port_driver_service(adapter->port->driver), adapter->port->device_name,
                 find_result(result));
        return -ENODEV;
    }
    adapter->found = true;
    char why[256];
    if (!storport_config_accept(adapter, why, sizeof(why))) {
        adapter->port->start_status = (uint32_t)STATUS_DEVICE_CONFIGURATION_ERROR;
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

int storport_initialize(struct storport_adapter *adapter, char *reason, size_t reason_size)
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

/* Initialization may have changed how many requests there are (StorPortUpdateAdapterMaxIO); none
 * has been sent yet. */
int storport_settle_requests(struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_adapter *port = adapter->port;
    uint32_t carved = port->limits.max_io;

    storport_config_requests(adapter);
    if (port->limits.max_io == carved)
        return 0;
    port_adapter_uncarve(port);
    if (!port_adapter_carve(port))
        return 0;
    snprintf(reason, reason_size, "%s: out of memory for its requests: raise --memory",
             port_driver_service(port->driver));
    return -ENOMEM;
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
    adapter->ranges = calloc(storport_range_count(record) + 1, sizeof(*adapter->ranges));
    if (!adapter->extension || !adapter->ranges || storport_device_objects_create(adapter)) {
        if (adapter->extension)
            nt_pool_free(adapter->extension);
        free(adapter->ranges);
        free(adapter);
        return NULL;
    }
    memset(adapter->extension, 0, record->DeviceExtensionSize);
    port->model_state = adapter;
    port->extension = adapter->extension;
    port_adapter_set_extension(port, adapter->extension);
    port->takes_service_requests = port->virtual_adapter && record->HwProcessServiceRequest != NULL;
    storport_services_initialize(adapter);
    storport_mappings_initialize(adapter);
    return adapter;
}

int storport_add(struct port_adapter *port, const void *record, char *reason, size_t reason_size)
{
    struct storport_adapter *adapter = adapter_new(port, record);

    if (adapter)
        adapter->phase = STORPORT_STOPPED;
    else
        snprintf(reason, reason_size, "%s: out of memory for the device extension",
                 port_driver_service(port->driver));
    return adapter ? 0 : -ENOMEM;
}

/* What an earlier start has decided is open again. */
static void forget_start(struct storport_adapter *adapter)
{
    adapter->perf_flags = adapter->perf_channels = 0;
    adapter->perf_first = adapter->perf_last = 0;
    adapter->per_message = false;
    adapter->lock_count = 1;
    adapter->powered_by_control = false;
    memset(adapter->features, 0, sizeof(adapter->features));
    adapter->power_guid_count = 0;
    memset(adapter->adapter_controls, 0, sizeof(adapter->adapter_controls));
    memset(adapter->unit_controls, 0, sizeof(adapter->unit_controls));
    port_announcement_withdraw(&adapter->port->rpmb);
    port_announcement_withdraw(&adapter->port->crypto_engine);
}

int storport_start(struct port_adapter *port, char *reason, size_t reason_size)
{
    struct storport_adapter *adapter = port->model_state;

    forget_start(adapter);
    port_runtime_forget(port);
    int error = storport_find(adapter, NT_PASSIVE_LEVEL, reason, reason_size);
    if (error)
        goto failed;
    error = -ENOMEM;
    snprintf(reason, reason_size, "%s: out of memory for its requests: raise --memory",
             port_driver_service(port->driver));
    if (!port->self)
        port->self = port_unit_create_unlisted(port);
    if (!port->self || port_adapter_carve(port))
        goto failed;
    error = storport_connect_interrupts(adapter, reason, reason_size);
    if (error)
        goto failed;
    error = storport_initialize(adapter, reason, reason_size);
    if (error)
        goto failed;
    error = storport_settle_requests(adapter, reason, reason_size);
    if (error)
        goto failed;
    storport_aim_messages(adapter);
    adapter->phase = STORPORT_RUNNING;
    storport_query_controls(adapter);
    storport_check_adapter_power(adapter);
    error = port_crypto_restore(port, reason, reason_size);
    if (error) {
        storport_stop_adapter(adapter);
        goto failed;
    }
    if (trace_is_listening())
        storport_tell_tracing(adapter, true);
    storport_send_pnp(adapter, StorStartDevice);
    storport_describe_adapter(adapter);
    return 0;
failed:
    port_adapter_disconnect(port);
    nt_dpc_flush();
    adapter->phase = STORPORT_STOPPED;
    return error;
}
