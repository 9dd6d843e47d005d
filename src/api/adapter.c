/*
 * adapter.c - drivers and adapters of the C API: checks arguments, passes on, words errors.
 */
#include "api/api_internal.h"
#include "api/device_server.h"
#include "hive/hive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int api_options_check(size_t size, size_t expected, const char *function,
                      struct storhost_error *error)
{
    if (!api_is_running()) {
        api_error(error, "%s: the machine does not run: call storhost_start first", function);
        return -EINVAL;
    }
    if (size != expected) {
        api_error(error,
                  "%s: options of %zu bytes, expected %zu: build against the header of this "
                  "library",
                  function, size, expected);
        return -EINVAL;
    }
    return 0;
}

/* The port words its errors; should one come without words, the number is still worth a line. */
static void error_from_reason(struct storhost_error *error, const char *what, const char *reason,
                              int number)
{
    if (reason[0] != '\0')
        api_error(error, "%s", reason);
    else
        api_error(error, "%s: %s", what, strerror(-number));
}

STORHOST_API int storhost_driver_load(struct storhost_driver **ret_driver,
                                      const struct storhost_driver_options *options,
                                      struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int result = api_options_check(options->size, sizeof(*options), "storhost_driver_load", error);
    if (result != 0)
        return result;
    struct storhost_driver *driver = calloc(1, sizeof(*driver));
    if (driver == NULL)
        return -ENOMEM;
    if (api_path_is_inf(options->path)) {
        result = api_inf_load(&driver->driver, &driver->inf, options, reason, sizeof(reason));
    } else {
        struct port_driver_options port_options = {
            .path = options->path,
            .service = options->service,
            .prepare = hive_take_service,
            .settings = options->settings,
            .setting_count = options->setting_count,
        };
        result = port_driver_load(&driver->driver, &port_options, reason, sizeof(reason));
    }
    if (result != 0) {
        error_from_reason(error, options->path, reason, result);
        free(driver);
        return result;
    }
    *ret_driver = driver;
    return 0;
}

STORHOST_API void storhost_driver_unload(struct storhost_driver *driver)
{
    if (driver == NULL)
        return;
    port_driver_unload(driver->driver);
    api_inf_free(driver->inf);
    free(driver);
}

STORHOST_API int storhost_adapter_start(struct storhost_adapter **ret_adapter,
                                        struct storhost_driver *driver,
                                        const struct storhost_adapter_options *options,
                                        struct storhost_error *error)
{
    static const enum port_interrupt_preference preferences[] = {
        [STORHOST_INTERRUPTS_BEST] = PORT_INTERRUPT_BEST,
        [STORHOST_INTERRUPTS_LINE] = PORT_INTERRUPT_LINE,
        [STORHOST_INTERRUPTS_MSI] = PORT_INTERRUPT_MSI,
        [STORHOST_INTERRUPTS_MSIX] = PORT_INTERRUPT_MSIX,
    };
    char reason[sizeof(error->text)] = "";
    int result =
        api_options_check(options->size, sizeof(*options), "storhost_adapter_start", error);
    if (result == 0 && options->interrupts > STORHOST_INTERRUPTS_MSIX) {
        api_error(error, "storhost_adapter_start: %d is no kind of interrupts",
                  (int)options->interrupts);
        result = -EINVAL;
    }
    if (result != 0)
        return result;
    const char *acpi_node;
    result = api_acpi_node(options->acpi_node, &acpi_node, error);
    if (result != 0)
        return result;
    struct storhost_adapter *adapter = calloc(1, sizeof(*adapter));
    if (adapter == NULL)
        return -ENOMEM;
    struct port_adapter_options port_options = {
        .acpi_node = acpi_node,
        .device = options->device != NULL ? options->device : "none",
        .drives = options->drives,
        .drive_count = options->drive_count,
        .interrupts = preferences[options->interrupts],
        .message_limit = options->message_limit,
        .event = options->event,
        .event_context = options->event_context,
        .opened = (struct port_device *)options->crashed_device,
    };
    struct api_inf_start *inf_start = NULL;
    if (driver->inf != NULL && port_options.opened == NULL)
        result = api_inf_prepare(&inf_start, driver->inf, &port_options, reason, sizeof(reason));
    if (result == 0)
        result = port_adapter_start(&adapter->adapter, driver->driver, &port_options, reason,
                                    sizeof(reason));
    free(inf_start);
    if (result != 0) {
        error_from_reason(error, port_options.device, reason, result);
        free(adapter);
        return result;
    }
    *ret_adapter = adapter;
    api_adapters_add(adapter);
    return 0;
}

static bool adapter_has_users(struct storhost_adapter *adapter)
{
    bool used = false;

    sys_mutex_lock(&adapter->mutex);
    for (struct storhost_unit *unit = adapter->units; unit != NULL; unit = unit->next)
        used |= __atomic_load_n(&unit->references, __ATOMIC_ACQUIRE) != 0;
    sys_mutex_unlock(&adapter->mutex);
    return used;
}

/* The last flush needs an adapter that works; whether it does is seen there. */
static void bring_back(struct storhost_adapter *adapter)
{
    char reason[sizeof(((struct storhost_error *)NULL)->text)];

    switch (port_adapter_state(adapter->adapter, NULL)) {
    case PORT_ADAPTER_STOPPED:
        (void)port_adapter_pnp_restart(adapter->adapter, reason, sizeof(reason));
        break;
    case PORT_ADAPTER_POWERED_DOWN:
        (void)port_adapter_power(adapter->adapter, 0, 0, reason, sizeof(reason));
        break;
    default:
        break;
    }
    port_units_power_up(adapter->adapter);
}

STORHOST_API int storhost_adapter_stop(struct storhost_adapter *adapter,
                                       struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    unsigned path = 0, target = 0, lun = 0;

    if (adapter == NULL)
        return 0;
    if (adapter_has_users(adapter)) {
        api_error(error, "storhost_adapter_stop: a unit is still held: release all units first");
        return -EBUSY;
    }
    api_adapters_remove(adapter);
    bring_back(adapter);
    int flush_error = api_units_close(adapter, &path, &target, &lun);
    int stop_error = port_adapter_stop(adapter->adapter, reason, sizeof(reason));
    free(adapter);
    if (flush_error != 0) {
        api_error(error,
                  "unit %u:%u:%u: its last flush failed (%s): data that was written since "
                  "the flush before may be lost",
                  path, target, lun, strerror(-flush_error));
        return -EIO;
    }
    if (stop_error != 0)
        error_from_reason(error, "the adapter's last flush failed", reason, stop_error);
    return stop_error;
}

STORHOST_API void storhost_adapter_rescan(struct storhost_adapter *adapter)
{
    port_adapter_rescan(adapter->adapter);
}

/* ---- Plug and Play, power ---- */

static int adapter_event(struct storhost_adapter *adapter, const char *what,
                         int (*event)(struct port_adapter *adapter, char *reason,
                                      size_t reason_size),
                         struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int result = event(adapter->adapter, reason, sizeof(reason));

    if (result != 0)
        error_from_reason(error, what, reason, result);
    return result;
}

STORHOST_API int storhost_adapter_pnp_stop(struct storhost_adapter *adapter,
                                           struct storhost_error *error)
{
    return adapter_event(adapter, "the stop failed", port_adapter_pnp_stop, error);
}

STORHOST_API int storhost_adapter_pnp_restart(struct storhost_adapter *adapter,
                                              struct storhost_error *error)
{
    return adapter_event(adapter, "the restart failed", port_adapter_pnp_restart, error);
}

STORHOST_API int storhost_adapter_pnp_remove(struct storhost_adapter *adapter,
                                             struct storhost_error *error)
{
    return adapter_event(adapter, "the removal failed", port_adapter_pnp_remove, error);
}

STORHOST_API int storhost_adapter_surprise_remove(struct storhost_adapter *adapter,
                                                  struct storhost_error *error)
{
    return adapter_event(adapter, "the surprise removal failed", port_adapter_surprise_remove,
                         error);
}

/* As STOR_POWER_ACTION counts. -1 after an error. */
static int action_number(enum storhost_power_action action, struct storhost_error *error)
{
    static const int actions[] = {
        [STORHOST_POWER_NONE] = 0,
        [STORHOST_POWER_SLEEP] = 2,
        [STORHOST_POWER_HIBERNATE] = 3,
        [STORHOST_POWER_SHUTDOWN] = 4,
    };

    if ((unsigned)action < sizeof(actions) / sizeof(actions[0]))
        return actions[action];
    api_error(error, "%d is no power action", (int)action);
    return -1;
}

STORHOST_API int storhost_adapter_power(struct storhost_adapter *adapter, unsigned device_state,
                                        enum storhost_power_action action,
                                        struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int number = action_number(action, error);

    if (number < 0)
        return -EINVAL;
    int result = port_adapter_power(adapter->adapter, device_state, (unsigned)number, reason,
                                    sizeof(reason));
    if (result != 0)
        error_from_reason(error, "the power transition failed", reason, result);
    return result;
}

STORHOST_API int storhost_unit_power(struct storhost_unit *unit, unsigned device_state,
                                     enum storhost_power_action action,
                                     struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    int number = action_number(action, error);

    if (number < 0)
        return -EINVAL;
    int result =
        port_unit_power(unit->unit, device_state, (unsigned)number, reason, sizeof(reason));
    if (result != 0)
        error_from_reason(error, "the power transition failed", reason, result);
    return result;
}

STORHOST_API enum storhost_adapter_state
storhost_adapter_state(const struct storhost_adapter *adapter, unsigned *ret_device_state)
{
    static const enum storhost_adapter_state states[] = {
        [PORT_ADAPTER_RUNNING] = STORHOST_ADAPTER_RUNNING,
        [PORT_ADAPTER_STOPPED] = STORHOST_ADAPTER_STOPPED,
        [PORT_ADAPTER_POWERED_DOWN] = STORHOST_ADAPTER_POWERED_DOWN,
        [PORT_ADAPTER_REMOVED] = STORHOST_ADAPTER_REMOVED,
        [PORT_ADAPTER_FAILED] = STORHOST_ADAPTER_FAILED,
    };

    return states[port_adapter_state(adapter->adapter, ret_device_state)];
}

STORHOST_API const char *storhost_adapter_state_name(enum storhost_adapter_state state)
{
    static const char *const names[] = {
        [STORHOST_ADAPTER_RUNNING] = "running",
        [STORHOST_ADAPTER_STOPPED] = "stopped",
        [STORHOST_ADAPTER_POWERED_DOWN] = "powered down",
        [STORHOST_ADAPTER_REMOVED] = "removed",
        [STORHOST_ADAPTER_FAILED] = "failed",
    };

    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

/* ---- description ---- */

STORHOST_API int storhost_adapter_describe(struct storhost_adapter *adapter,
                                           struct storhost_adapter_info *info)
{
    struct port_adapter_info from;
    unsigned device_state;

    if (info->size != sizeof(*info))
        return -EINVAL;
    port_adapter_describe(adapter->adapter, &from);
    *info = (struct storhost_adapter_info){
        .size = sizeof(*info),
        .driver = from.driver,
        .device = from.device,
        .interrupt_kind = from.interrupt_kind,
        .port_number = from.port_number,
        .vendor_id = from.vendor_id,
        .device_id = from.device_id,
        .is_virtual = from.is_virtual,
        .full_duplex = from.full_duplex,
        .storage_request_blocks = from.storage_request_blocks,
        .caches_data = from.caches_data,
        .concurrent_channels = from.concurrent_channels,
        .messages = from.messages,
        .maximum_transfer_length = from.maximum_transfer_length,
        .physical_breaks = from.physical_breaks,
        .alignment_mask = from.alignment_mask,
        .transfer_limit = port_adapter_transfer_limit(adapter->adapter),
        .max_io = from.max_io,
        .max_io_per_unit = from.max_io_per_unit,
        .initial_depth = from.initial_depth,
        .paths = from.paths,
        .targets = from.targets,
        .units_per_target = from.units_per_target,
        .state = storhost_adapter_state(adapter, &device_state),
        .bus_type = from.bus_type,
        .serial = from.serial,
        .fru = from.fru,
        .acpi_node = api_acpi_adapter_path(adapter->adapter),
        .takes_service_requests = from.takes_service_requests,
        .rpmb_bytes = from.rpmb != NULL ? from.rpmb->bytes : 0,
        .crypto_keys = from.crypto_engine != NULL ? from.crypto_engine->keys : 0,
        .crypto_capabilities =
            from.crypto_engine != NULL ? from.crypto_engine->capability_count : 0,
    };
    info->device_state = device_state;
    return 0;
}
