/*
 * notices.c - what the machine tells drivers of besides requests: power settings and hints, event
 * logging, reports, and what units are used for.
 */
#include "nt/power_setting.h"
#include "port/life.h"
#include "port/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- power settings ---- */

static int setting_keep(struct port_adapter *adapter, const struct port_notice *notice)
{
    struct port_power_setting *setting = malloc(sizeof(*setting) + notice->length);

    if (!setting)
        return -ENOMEM;
    *setting =
        (struct port_power_setting){.next = adapter->power_settings, .length = notice->length};
    memcpy(setting->guid, notice->guid, sizeof(setting->guid));
    if (notice->length)
        memcpy(setting->value, notice->data, notice->length);
    for (struct port_power_setting **link = &setting->next; *link; link = &(*link)->next) {
        struct port_power_setting *old = *link;
        if (memcmp(old->guid, setting->guid, sizeof(old->guid)) != 0)
            continue;
        *link = old->next;
        free(old);
        break;
    }
    adapter->power_settings = setting;
    return 0;
}

void port_power_settings_tell(struct port_adapter *adapter)
{
    for (struct port_power_setting *setting = adapter->power_settings; setting;
         setting = setting->next) {
        struct port_notice notice = {
            .kind = PORT_NOTICE_POWER_SETTING, .data = setting->value, .length = setting->length};
        memcpy(notice.guid, setting->guid, sizeof(notice.guid));
        if (adapter->model->notify)
            (void)adapter->model->notify(adapter, NULL, &notice);
    }
}

void port_power_settings_free(struct port_adapter *adapter)
{
    while (adapter->power_settings) {
        struct port_power_setting *next = adapter->power_settings->next;
        free(adapter->power_settings);
        adapter->power_settings = next;
    }
}

/* ---- usage ---- */

bool port_unit_is_pinned(const struct port_unit *unit)
{
    bool pinned = false;

    for (unsigned type = PORT_USAGE_PAGING; type <= PORT_USAGE_DUMP; type++)
        pinned = pinned || unit->usage[type];
    return pinned && unit->present;
}

const struct port_unit *port_adapter_pinned(const struct port_adapter *adapter)
{
    for (const struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (port_unit_is_pinned(unit))
            return unit;
    return NULL;
}

static bool usage_is_legal(const struct port_unit *unit, const struct port_notice *notice)
{
    return unit && notice->value >= PORT_USAGE_PAGING && notice->value < PORT_USAGE_TYPES &&
           (notice->on || unit->usage[notice->value]);
}

/* The first use of a kind and the end of the last are told. */
static int usage_change(struct port_adapter *adapter, struct port_unit *unit,
                        struct port_notice *notice)
{
    uint32_t *count = &unit->usage[notice->value];
    int error = 0;

    if (*count == !notice->on)
        error = adapter->model->notify(adapter, unit, notice);
    if (error && error != -EOPNOTSUPP)
        return error;
    *count = notice->on ? *count + 1 : *count - 1;
    return 0;
}

/* ---- all of them ---- */

static int notify_locked(struct port_adapter *adapter, struct port_unit *unit,
                         struct port_notice *notice)
{
    bool setting = notice->kind == PORT_NOTICE_POWER_SETTING;
    int error = setting ? setting_keep(adapter, notice) : 0;

    if (error)
        return error;
    bool taken = setting && port_idle_disks_take(adapter, notice);
    if (port_adapter_state(adapter, NULL) != PORT_ADAPTER_RUNNING)
        return setting ? 0 : -EINVAL;
    if (notice->kind == PORT_NOTICE_USAGE)
        return usage_is_legal(unit, notice) ? usage_change(adapter, unit, notice) : -EINVAL;
    error = adapter->model->notify ? adapter->model->notify(adapter, unit, notice) : -EOPNOTSUPP;
    return taken && error == -EOPNOTSUPP ? 0 : error;
}

int port_adapter_notify(struct port_adapter *adapter, struct port_unit *unit,
                        struct port_notice *notice)
{
    struct port_watch watch;
    int error = notice->kind == PORT_NOTICE_POWER_SETTING
                    ? nt_power_setting_set(notice->guid, notice->data, notice->length)
                    : 0;

    if (error)
        return error;
    port_watch_begin(&watch, adapter, unit, "what the platform tells it");
    port_runtime_hold(adapter, unit != NULL);
    sys_mutex_lock(&adapter->control_mutex);
    error = notify_locked(adapter, unit, notice);
    sys_mutex_unlock(&adapter->control_mutex);
    port_runtime_release(adapter, unit != NULL);
    port_watch_end(&watch);
    return error;
}
