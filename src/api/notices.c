/*
 * notices.c - what a program tells drivers of besides requests: power policy, event logging,
 * questions for internal data, what units are used for.
 */
#include "api/api_internal.h"

#include <errno.h>
#include <string.h>

STORHOST_API int storhost_adapter_power_setting(struct storhost_adapter *adapter,
                                                const uint8_t guid[16], const void *value,
                                                size_t length)
{
    struct port_notice notice = {
        .kind = PORT_NOTICE_POWER_SETTING, .data = value, .length = length};

    memcpy(notice.guid, guid, sizeof(notice.guid));
    return port_adapter_notify(adapter->adapter, NULL, &notice);
}

STORHOST_API int storhost_adapter_power_hint(struct storhost_adapter *adapter, unsigned level,
                                             unsigned latency_ms)
{
    struct port_notice notice = {
        .kind = PORT_NOTICE_POWER_HINT, .value = level, .latency_ms = latency_ms};

    return port_adapter_notify(adapter->adapter, NULL, &notice);
}

STORHOST_API int storhost_adapter_event_logging(struct storhost_adapter *adapter, unsigned channel,
                                                bool on)
{
    struct port_notice notice = {.kind = PORT_NOTICE_EVENT_LOGGING, .value = channel, .on = on};

    return port_adapter_notify(adapter->adapter, NULL, &notice);
}

STORHOST_API int storhost_adapter_report_internal_data(struct storhost_adapter *adapter,
                                                       struct storhost_unit *unit)
{
    struct port_notice notice = {.kind = PORT_NOTICE_INTERNAL_DATA};

    return port_adapter_notify(adapter->adapter, unit != NULL ? unit->unit : NULL, &notice);
}

STORHOST_API int storhost_unit_usage(struct storhost_unit *unit, enum storhost_usage usage,
                                     bool in_use)
{
    struct port_notice notice = {.kind = PORT_NOTICE_USAGE, .value = (uint32_t)usage, .on = in_use};

    return port_adapter_notify(port_unit_adapter(unit->unit), unit->unit, &notice);
}
