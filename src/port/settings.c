/*
 * settings.c - the registry values that Storport itself obeys (lifecycle section 16), in one table.
 *
 * A value of the driver's parameters counts for all adapters, one below Device for all, below
 * Device<n> for one of them. Values of a device lie with its instance; those below the driver's
 * Parameters\StorPort are what an instance without its own has.
 */
#include "nt/registry.h"
#include "nt/watch.h"
#include "port/driver.h"

#include <stdio.h>

enum place {
    PLACE_DRIVER,  /* Services\<driver>\Parameters */
    PLACE_DEVICE,  /* ...\Device, ...\Device<n> */
    PLACE_ADAPTER, /* Enum\<adapter>\Device Parameters\StorPort */
    PLACE_UNIT,    /* Enum\SCSI\...\Device Parameters\StorPort */
};

enum out_of_range { CLAMPED, IGNORED };

struct setting {
    const char *name;
    enum place place;
    enum out_of_range policy;
    uint32_t standard, low, high;
    size_t offset; /* in struct port_settings or struct port_unit_settings */
};

static const struct setting adapter_settings[] = {
    {"IoTimeoutValue", PLACE_DRIVER, IGNORED, 60, 1, 65535,
     offsetof(struct port_settings, io_timeout_s)},
    {"IoLatencyCap", PLACE_DRIVER, CLAMPED, 0, 0, 3600000,
     offsetof(struct port_settings, latency_cap_ms)},
    {"NumberOfRequests", PLACE_DEVICE, CLAMPED, UINT32_MAX, 16, 255,
     offsetof(struct port_settings, number_of_requests)},
    {"MaximumLogicalUnit", PLACE_DEVICE, CLAMPED, UINT32_MAX, 1, 8,
     offsetof(struct port_settings, maximum_logical_unit)},
    {"LinkDownTimeoutValue", PLACE_DEVICE, CLAMPED, 30, 0, 600,
     offsetof(struct port_settings, link_down_timeout_s)},
    {"MaximumSGList", PLACE_DEVICE, CLAMPED, 0, 1, 255,
     offsetof(struct port_settings, maximum_sg_list)},
    {"TotalSenseDataBytes", PLACE_ADAPTER, CLAMPED, 255, 18, 255,
     offsetof(struct port_settings, sense_bytes)},
    {"DisableRuntimePowerManagement", PLACE_ADAPTER, CLAMPED, 0, 0, UINT32_MAX,
     offsetof(struct port_settings, no_runtime_power)},
    {"IdleTimeoutInMS", PLACE_ADAPTER, CLAMPED, UINT32_MAX, 0, UINT32_MAX,
     offsetof(struct port_settings, idle_timeout_ms)},
    {"DisableD3Cold", PLACE_ADAPTER, CLAMPED, 0, 0, UINT32_MAX,
     offsetof(struct port_settings, no_d3_cold)},
    {"EnableIdlePowerManagement", PLACE_ADAPTER, CLAMPED, 0, 0, UINT32_MAX,
     offsetof(struct port_settings, idle_power)},
    /* Ours: after which time a callback counts as one that does not come back. */
    {"CallbackTimeout", PLACE_ADAPTER, CLAMPED, NT_WATCH_LIMIT_MS, 100, UINT32_MAX,
     offsetof(struct port_settings, callback_timeout_ms)},
    /* Ours: what Windows knows of itself, and its policies. */
    {"OsInstallationUpgrade", PLACE_ADAPTER, CLAMPED, 0, 0, 1,
     offsetof(struct port_settings, installation_upgrade)},
    {"AllowSecureReprovision", PLACE_ADAPTER, CLAMPED, 1, 0, 1,
     offsetof(struct port_settings, allow_secure_reprovision)},
    {"AllowInlineCryptoEngine", PLACE_ADAPTER, CLAMPED, 1, 0, 1,
     offsetof(struct port_settings, allow_inline_crypto)},
};

static const struct setting unit_settings[] = {
    {"BusyPauseTime", PLACE_UNIT, CLAMPED, 250, 1, 60000,
     offsetof(struct port_unit_settings, busy_pause_ms)},
    {"BusyRetryCount", PLACE_UNIT, CLAMPED, 20, 0, UINT32_MAX,
     offsetof(struct port_unit_settings, busy_retry_count)},
    {"QueueFullWaitIoPercentage", PLACE_UNIT, CLAMPED, 25, 0, 100,
     offsetof(struct port_unit_settings, queue_full_percent)},
    {"DisableIdlePowerManagement", PLACE_UNIT, CLAMPED, 0, 0, UINT32_MAX,
     offsetof(struct port_unit_settings, no_idle_power)},
    {"MinimumIdleTimeoutInMS", PLACE_UNIT, CLAMPED, UINT32_MAX, 0, UINT32_MAX,
     offsetof(struct port_unit_settings, minimum_idle_timeout_ms)},
};

enum { KEYS_MAX = 2, KEY_BYTES = 256 };

/* Keys of a place, the one that overrides the others first. */
static unsigned keys_of(const struct port_adapter *adapter, const struct port_unit *unit,
                        enum place place, char keys[KEYS_MAX][KEY_BYTES])
{
    char instance[KEY_BYTES - 16];

    switch (place) {
    case PLACE_DRIVER:
        snprintf(keys[0], KEY_BYTES, "%s\\Parameters", adapter->driver->key);
        return 1;
    case PLACE_DEVICE:
        port_adapter_parameters_key(adapter, false, keys[0], KEY_BYTES);
        port_adapter_parameters_key(adapter, true, keys[1], KEY_BYTES);
        return 2;
    case PLACE_ADAPTER:
        port_adapter_device_key(adapter, instance, sizeof(instance));
        break;
    case PLACE_UNIT:
        port_unit_device_key(unit, instance, sizeof(instance));
        break;
    }
    snprintf(keys[0], KEY_BYTES, "%s\\StorPort", instance);
    snprintf(keys[1], KEY_BYTES, "%s\\Parameters\\StorPort", adapter->driver->key);
    return 2;
}

static uint32_t setting_read(const struct setting *setting, const struct port_adapter *adapter,
                             const struct port_unit *unit)
{
    char keys[KEYS_MAX][KEY_BYTES];
    unsigned count = keys_of(adapter, unit, setting->place, keys);
    uint32_t value;

    for (unsigned i = 0; i < count; i++) {
        if (nt_registry_get_dword(keys[i], setting->name, &value))
            continue;
        bool legal = value >= setting->low && value <= setting->high;
        if (!legal && setting->policy == IGNORED)
            return setting->standard;
        return legal ? value : value < setting->low ? setting->low : setting->high;
    }
    return setting->standard;
}

static void read_all(const struct setting *settings, size_t count,
                     const struct port_adapter *adapter, const struct port_unit *unit, void *values)
{
    for (size_t i = 0; i < count; i++)
        __atomic_store_n((uint32_t *)((unsigned char *)values + settings[i].offset),
                         setting_read(&settings[i], adapter, unit), __ATOMIC_RELAXED);
}

void port_settings_read(struct port_adapter *adapter)
{
    read_all(adapter_settings, sizeof(adapter_settings) / sizeof(adapter_settings[0]), adapter,
             NULL, &adapter->settings);
    nt_watch_set_limit(adapter->settings.callback_timeout_ms); /* of the start that reads them */
}

void port_unit_settings_read(struct port_unit *unit)
{
    read_all(unit_settings, sizeof(unit_settings) / sizeof(unit_settings[0]), unit->adapter, unit,
             &unit->settings);
}

static void cap(uint32_t *value, uint32_t limit)
{
    if (*value > limit)
        *value = limit;
}

void port_settings_apply(struct port_adapter *adapter)
{
    struct port_limits *limits = &adapter->limits;
    const struct port_settings *settings = &adapter->settings;

    cap(&limits->max_io, settings->number_of_requests);
    cap(&limits->max_io_per_unit, limits->max_io);
    cap(&limits->initial_depth, limits->max_io_per_unit);
    cap(&limits->units_per_target, settings->maximum_logical_unit);
    limits->sense_bytes = settings->sense_bytes;
}
