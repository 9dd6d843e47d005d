/*
 * unit_event.c - what a driver tells of its units from wherever it is, delivered at PASSIVE_LEVEL:
 * failures, asynchronous notifications, changed WMI registrations.
 */
#include "port/adapter.h"

#include <stdio.h>
#include <string.h>

enum {
    ASYNC_NOTIFICATION_SUPPORTED = 1u << 1, /* of STOR_UNIT_ATTRIBUTES */
    WMI_REGINFO = 0x08,                     /* IRP_MN_REGINFO */
    WMI_UPDATE = 1,                         /* why it is asked for: not the first time */
    WMI_REGINFO_BYTES = 4096,
    WMI_GUID_COUNT_AT = 16,
    WMI_TIMEOUT_S = 10,
    SRB_SUCCESS = 0x01,
    SRB_DATA_OVERRUN = 0x12,
};

void port_unit_failed(struct port_unit *unit)
{
    __atomic_store_n(&unit->failed, 1, __ATOMIC_SEQ_CST);
    port_rescan_schedule(unit->adapter);
}

bool port_unit_is_notifying(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->attributes, __ATOMIC_ACQUIRE) & ASYNC_NOTIFICATION_SUPPORTED;
}

bool port_unit_notify(struct port_unit *unit, uint32_t flags)
{
    uint32_t none = 0;

    if (!__atomic_compare_exchange_n(&unit->notifications, &none, flags, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED))
        return false;
    nt_work_queue(&unit->event_work);
    return true;
}

void port_wmi_reregister(struct port_unit *unit)
{
    __atomic_store_n(&unit->wmi_changed, 1, __ATOMIC_SEQ_CST);
    nt_work_queue(&unit->event_work);
}

static void deliver_notification(struct port_unit *unit)
{
    static const char *const names[] = {"media status", "device status", "device operation"};
    uint32_t flags = __atomic_exchange_n(&unit->notifications, 0, __ATOMIC_SEQ_CST);
    char text[64] = "";

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t used = strlen(text);
        if (flags >> i & 1)
            snprintf(text + used, sizeof(text) - used, "%s%s", used ? ", " : "", names[i]);
    }
    if (flags)
        port_adapter_log(unit->adapter, "unit %s tells of a change: %s", unit->name, text);
}

/* The driver answers with a list of the blocks of data that it has. */
static void read_registration(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;
    bool is_adapter = unit == adapter->self;
    uint8_t data[WMI_REGINFO_BYTES] = {0};
    uint32_t count = 0;
    struct port_request request = {
        .function = PORT_WMI,
        .flags = PORT_FLAG_NO_FREEZE,
        .timeout_s = WMI_TIMEOUT_S,
        .cdb = {WMI_REGINFO, WMI_UPDATE, is_adapter},
        .single = {data, sizeof(data)},
        .length = sizeof(data),
        .direction = PORT_DATA_IN,
    };
    struct port_queue *queue;

    if (port_queue_create(&queue))
        return;
    request.unit = unit;
    port_execute(queue, &request);
    port_queue_destroy(queue);
    if (request.status == PORT_OK &&
        (request.srb_status == SRB_SUCCESS || request.srb_status == SRB_DATA_OVERRUN) &&
        request.transferred >= WMI_GUID_COUNT_AT + sizeof(count))
        memcpy(&count, data + WMI_GUID_COUNT_AT, sizeof(count));
    port_adapter_log(adapter, "%s %s has registered %u blocks of WMI data",
                     is_adapter ? "the adapter" : "unit",
                     is_adapter ? adapter->device_name : unit->name, count);
}

static void event_run(void *context)
{
    struct port_unit *unit = context;

    if (__atomic_load_n(&unit->notifications, __ATOMIC_SEQ_CST))
        deliver_notification(unit);
    if (__atomic_exchange_n(&unit->wmi_changed, 0, __ATOMIC_SEQ_CST))
        read_registration(unit);
}

void port_unit_events_initialize(struct port_unit *unit)
{
    nt_work_initialize(&unit->event_work, event_run, unit);
}

void port_unit_events_drain(struct port_unit *unit)
{
    nt_work_drain(&unit->event_work);
}
