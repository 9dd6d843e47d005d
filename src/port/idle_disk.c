/*
 * idle_disk.c - Storport's idle power management (EnableIdlePowerManagement): disks that nobody has
 * used for a while are stopped, as class drivers do it, also where their driver has registered
 * nothing.
 *
 * Such a disk gets a component that its driver does not know of. It has no F-states; asleep it is
 * stopped by START STOP UNIT and told of D3, and the next request starts it.
 */
#include "port/component.h"
#include "port/life.h"

#include <string.h>

enum {
    DISK = 0,
    STANDARD_TIMEOUT_S = 20 * 60, /* of a plan for machines on mains */
};

/* GUID_DISK_POWERDOWN_TIMEOUT: a DWORD of seconds, 0: never. */
static const uint8_t disk_idle[16] = {0xC4, 0xE2, 0x38, 0x67, 0xA5, 0xE8, 0x42, 0x4A,
                                      0xB1, 0x6A, 0xE0, 0x40, 0xE7, 0x69, 0x75, 0x6E};

static bool is_disk_idle(const uint8_t guid[16], size_t length)
{
    return length == sizeof(uint32_t) && memcmp(guid, disk_idle, sizeof(disk_idle)) == 0;
}

static uint32_t milliseconds(const void *value)
{
    uint32_t seconds;

    memcpy(&seconds, value, sizeof(seconds));
    return seconds && seconds < UINT32_MAX / 1000 ? seconds * 1000 : UINT32_MAX;
}

/* What the unit's key says wins over the power policy. */
static uint32_t timeout_of(const struct port_unit *unit)
{
    const struct port_power_setting *setting = unit->adapter->power_settings;

    if (unit->settings.minimum_idle_timeout_ms != UINT32_MAX)
        return unit->settings.minimum_idle_timeout_ms;
    for (; setting; setting = setting->next)
        if (is_disk_idle(setting->guid, setting->length))
            return milliseconds(setting->value);
    return STANDARD_TIMEOUT_S * 1000;
}

void port_unit_manage_idle(struct port_unit *unit)
{
    const struct port_adapter *adapter = unit->adapter;

    if (!adapter->settings.idle_power || unit->settings.no_idle_power ||
        (unit->inquiry[0] & 0x1F) != DISK || port_component_is_registered(&unit->component))
        return;
    const struct port_component_description description = {
        .fstates = {{.power_uw = UINT32_MAX}},
        .fstate_count = 1,
        .idle_timeout_ms = timeout_of(unit),
        .deepest_powered = UINT32_MAX,
        .by_port = true,
    };
    port_component_register(&unit->component, &description);
}

bool port_idle_disks_take(struct port_adapter *adapter, const struct port_notice *notice)
{
    if (!adapter->settings.idle_power || !is_disk_idle(notice->guid, notice->length))
        return false;
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (port_component_is_registered(&unit->component) && unit->component.is.by_port)
            __atomic_store_n(&unit->component.idle_timeout_ms, timeout_of(unit), __ATOMIC_RELAXED);
    port_runtime_wake(adapter);
    return true;
}
