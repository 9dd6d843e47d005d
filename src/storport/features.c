/*
 * features.c - what a driver announces about itself and asks about the machine: feature lists,
 * limits during initialization, the bus type, power settings, attributes of units, resets.
 */
#include "storport/adapter.h"
#include <ntddstor.h>

#include <stdlib.h>
#include <string.h>

/* ---- the feature list: opt-in for control types ---- */

static ULONG set_feature_list(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    ULONG count = STORPORT_ARGUMENT(arguments, ULONG);
    PBOOLEAN list = STORPORT_ARGUMENT(arguments, PBOOLEAN);

    (void)extension;
    if (!list || !count || count > StorportFeatureMax)
        return STOR_STATUS_INVALID_PARAMETER;
    if (adapter->phase != STORPORT_FINDING)
        return STOR_STATUS_UNSUCCESSFUL;
    memset(adapter->features, 0, sizeof(adapter->features));
    memcpy(adapter->features, list, count * sizeof(*list));
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetFeatureList, "StorPortSetFeatureList", "Initialization",
                  set_feature_list);

/* ---- limits, until initialization is over ---- */

static ULONG update_limits(struct storport_adapter *adapter, ULONG max_io, const ULONG *unit_io)
{
    if (adapter->phase != STORPORT_INITIALIZING && adapter->phase != STORPORT_PASSIVE_INITIALIZING)
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    if (!max_io || (unit_io && (!*unit_io || *unit_io > max_io)))
        return STOR_STATUS_INVALID_PARAMETER;
    adapter->config.MaxNumberOfIO = max_io;
    if (unit_io)
        adapter->config.MaxIOsPerLun = *unit_io;
    return STOR_STATUS_SUCCESS;
}

static ULONG update_adapter_max_io(struct storport_adapter *adapter, PVOID extension,
                                   __builtin_ms_va_list *arguments)
{
    (void)extension;
    return update_limits(adapter, STORPORT_ARGUMENT(arguments, ULONG), NULL);
}
STORPORT_EXTENDED(ExtFunctionUpdateAdapterMaxIO, "StorPortUpdateAdapterMaxIO", "Initialization",
                  update_adapter_max_io);

static ULONG update_max_io_info(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    ULONG max_io = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG unit_io = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    return update_limits(adapter, max_io, &unit_io);
}
STORPORT_EXTENDED(ExtFunctionUpdateAdapterMaxIOInfo, "StorPortUpdatePortConfigMaxIOInfo",
                  "Initialization", update_max_io_info);

/* ---- bus type, power settings ---- */

static ULONG set_adapter_bus_type(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    ULONG bus_type = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    if (adapter->phase != STORPORT_FINDING)
        return STOR_STATUS_UNSUCCESSFUL;
    if (bus_type == BusTypeUnknown || bus_type >= BusTypeMax)
        return STOR_STATUS_INVALID_PARAMETER;
    __atomic_store_n(&adapter->port->bus_type, (uint8_t)bus_type, __ATOMIC_RELAXED);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetAdapterBusType, "StorPortSetAdapterBusType", "Initialization",
                  set_adapter_bus_type);

static ULONG set_power_setting_guids(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    ULONG count = STORPORT_ARGUMENT(arguments, ULONG);
    const GUID *guids = STORPORT_ARGUMENT(arguments, LPGUID);

    (void)extension;
    if (!count || !guids)
        return STOR_STATUS_INVALID_PARAMETER;
    if (adapter->phase != STORPORT_FINDING)
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    GUID *copy = calloc(count, sizeof(*copy));
    if (!copy)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    memcpy(copy, guids, count * sizeof(*copy));
    free(adapter->power_guids);
    adapter->power_guids = copy;
    adapter->power_guid_count = count;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetPowerSettingNotificationGuids,
                  "StorPortSetPowerSettingNotificationGuids", "Initialization",
                  set_power_setting_guids);

/* ---- units ---- */

static ULONG set_unit_attributes(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    STOR_UNIT_ATTRIBUTES attributes = STORPORT_ARGUMENT(arguments, STOR_UNIT_ATTRIBUTES);
    struct port_unit *unit = storport_unit_at(adapter, address);
    uint32_t word;

    (void)extension;
    if (!unit || attributes.Reserved)
        return STOR_STATUS_INVALID_PARAMETER;
    memcpy(&word, &attributes, sizeof(word));
    __atomic_store_n(&unit->attributes, word, __ATOMIC_RELEASE);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetUnitAttributes, "StorPortSetUnitAttributes", "Initialization",
                  set_unit_attributes);

/* The adapter (NULL) or a unit that there is. */
static bool address_is_known(struct storport_adapter *adapter, const STOR_ADDRESS *address)
{
    return !address || storport_unit_at(adapter, address);
}

static ULONG get_d3_cold_support(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PVOID);
    PBOOLEAN supported = STORPORT_ARGUMENT(arguments, PBOOLEAN);

    (void)extension;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!supported || !address_is_known(adapter, address))
        return STOR_STATUS_INVALID_PARAMETER;
    *supported = !address && storport_has_d3_cold(adapter);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetD3ColdSupport, "StorPortGetD3ColdSupport",
                  "Runtime power management", get_d3_cold_support);

/* ---- questions ---- */

/* Adapters of this machine are put into D3 on demand, see power.c. */
static ULONG query_configuration(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    ULONG type = STORPORT_ARGUMENT(arguments, ULONG);
    PBOOLEAN enabled = STORPORT_ARGUMENT(arguments, PBOOLEAN);

    (void)adapter;
    (void)extension;
    if (!enabled || type != StorportQueryConfigurationD3)
        return STOR_STATUS_INVALID_PARAMETER;
    *enabled = TRUE;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionQueryConfiguration, "StorPortQueryConfiguration", "Initialization",
                  query_configuration);

static bool is_guid(const GUID *guid, const GUID *other)
{
    return memcmp(guid, other, sizeof(*guid)) == 0;
}

/* Of cached settings nothing is known, and then nothing may be written: shipped drivers pass a flag
 * of one byte. */
static ULONG device_operation_allowed(struct storport_adapter *adapter, PVOID extension,
                                      __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    const GUID *operation = STORPORT_ARGUMENT(arguments, LPCGUID);
    ULONG *allowed = STORPORT_ARGUMENT(arguments, ULONG *);

    (void)extension;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!operation || !allowed || !address_is_known(adapter, address))
        return STOR_STATUS_INVALID_PARAMETER;
    if (is_guid(operation, &STORPORT_DEVICEOPERATION_SECURE_REPROVISION_GUID))
        *allowed = adapter->port->settings.allow_secure_reprovision;
    else if (is_guid(operation, &STORPORT_DEVICEOPERATION_USE_INLINE_CRYPTO_ENGINE_GUID))
        *allowed = adapter->port->settings.allow_inline_crypto;
    else
        return STOR_STATUS_NOT_IMPLEMENTED;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionDeviceOperationAllowed, "StorPortIsDeviceOperationAllowed", "General",
                  device_operation_allowed);

/* ---- resets of the function ---- */

/* The driver has made its queues quiet; requests are its own affair. */
static ULONG reset_function(const struct storport_adapter *adapter, ULONG type)
{
    struct bus_device *device = adapter->port->device;

    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (type > StorBusSpecificReset)
        return STOR_STATUS_INVALID_PARAMETER;
    if (type != StorFunctionLevelReset)
        return STOR_STATUS_NOT_IMPLEMENTED;
    if (!device || !device->ops->reset || device->ops->reset(device))
        return STOR_STATUS_UNSUCCESSFUL;
    return STOR_STATUS_SUCCESS;
}

static ULONG device_reset(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    (void)extension;
    return reset_function(adapter, STORPORT_ARGUMENT(arguments, ULONG));
}
STORPORT_EXTENDED(ExtFunctionDeviceReset, "StorPortHardwareReset", "I/O request processing",
                  device_reset);

/* No flag has been published. */
static ULONG device_reset_extended(struct storport_adapter *adapter, PVOID extension,
                                   __builtin_ms_va_list *arguments)
{
    ULONG type = STORPORT_ARGUMENT(arguments, ULONG);
    ULONGLONG flags = STORPORT_ARGUMENT(arguments, ULONGLONG);

    (void)extension;
    return flags ? STOR_STATUS_INVALID_PARAMETER : reset_function(adapter, type);
}
STORPORT_EXTENDED(ExtFunctionDeviceResetEx, "StorPortHardwareResetEx", "I/O request processing",
                  device_reset_extended);
