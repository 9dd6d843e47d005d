/*
 * device_events.c - what a driver tells of its devices: failures, asynchronous notifications, WMI
 * events, service times (lifecycle section 9).
 *
 * Any IRQL, any lock held: what was told is copied at once, and the rest is done later.
 */
#include "nt/text.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <string.h>

enum {
    MARK_REMOVE_DEVICE = 1,
    MARK_PREDICTED_FAILURE = 2,
    ASYNC_MEDIA_STATUS = 1,
    ASYNC_DEVICE_STATUS = 2,
    ASYNC_DEVICE_OPERATION = 4,
    ASYNC_ALL = ASYNC_MEDIA_STATUS | ASYNC_DEVICE_STATUS | ASYNC_DEVICE_OPERATION,
    REASON_BYTES = 96,
    UNKNOWN_FAULT_CODE = 0xFFFF,
    WMI_ADAPTER_PATH = 0xFF,
    WMI_EVENT_BYTES_MAX = 128,
};

/* The unit at an address of the only type that there is for SCSI; NULL if there is none. */
static struct port_unit *unit_at(const struct storport_adapter *adapter,
                                 const STOR_ADDRESS *address)
{
    const STOR_ADDR_BTL8 *btl8 = (const STOR_ADDR_BTL8 *)address;

    if (address->Type != STOR_ADDRESS_TYPE_BTL8)
        return NULL;
    return port_unit_find(adapter->port, btl8->Path, btl8->Target, btl8->Lun);
}

/* ---- failed devices ---- */

/* The driver's words as one line of UTF-8, cut where it becomes long. */
static void copy_reason(char reason[REASON_BYTES], const WCHAR *text)
{
    size_t used = 0;

    while (text && *text && used + 5 < REASON_BYTES) {
        uint32_t code;
        text += text_utf16_read(text, text[1] ? 2 : 1, &code);
        used += text_utf8_write(code < 0x20 ? '.' : code, &reason[used]);
    }
    reason[used] = 0;
}

/* With `remove` it is removed as Plug and Play does with a device that says it failed; without, it
 * is only told. */
static ULONG mark_failed(struct storport_adapter *adapter, const STOR_ADDRESS *address, ULONG flags,
                         USHORT code, const WCHAR *text)
{
    bool remove = flags & MARK_REMOVE_DEVICE && !(flags & MARK_PREDICTED_FAILURE);
    const char *how = flags & MARK_PREDICTED_FAILURE ? "is going to fail" : "has failed";
    struct port_unit *unit = NULL;
    char reason[REASON_BYTES], fault[24] = "";

    if (flags & ~(ULONG)(MARK_REMOVE_DEVICE | MARK_PREDICTED_FAILURE))
        return STOR_STATUS_INVALID_PARAMETER;
    if (address && !(unit = unit_at(adapter, address)))
        return STOR_STATUS_INVALID_PARAMETER;
    copy_reason(reason, text);
    if (code != UNKNOWN_FAULT_CODE)
        snprintf(fault, sizeof(fault), " (code 0x%04X)", code);
    if (unit)
        port_adapter_log(adapter->port, "unit %s %s%s: %s", unit->name, how, fault, reason);
    else
        port_adapter_log(adapter->port, "the adapter %s%s: %s", how, fault, reason);
    if (remove && unit)
        port_unit_failed(unit);
    else if (remove)
        port_adapter_removed(adapter->port, "the driver says that the adapter has failed");
    return STOR_STATUS_SUCCESS;
}

static void mark_device_failed(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG flags = STORPORT_ARGUMENT(arguments, ULONG);
    PWSTR reason = STORPORT_ARGUMENT(arguments, PWSTR);

    (void)mark_failed(adapter, address, flags, UNKNOWN_FAULT_CODE, reason);
}
STORPORT_NOTIFICATION(MarkDeviceFailed, "StorPortMarkDeviceFailed", "Notification",
                      mark_device_failed);

static void mark_device_failed_ex(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG flags = STORPORT_ARGUMENT(arguments, ULONG);
    USHORT code = (USHORT)STORPORT_ARGUMENT(arguments, int);
    PWSTR description = STORPORT_ARGUMENT(arguments, PWSTR);
    USHORT additional_size = (USHORT)STORPORT_ARGUMENT(arguments, int);
    PUCHAR additional = STORPORT_ARGUMENT(arguments, PUCHAR);
    USHORT critical_size = (USHORT)STORPORT_ARGUMENT(arguments, int);
    PUCHAR critical = STORPORT_ARGUMENT(arguments, PUCHAR);
    PULONG status = STORPORT_ARGUMENT(arguments, PULONG);
    ULONG result = STOR_STATUS_INVALID_PARAMETER;

    if ((additional || !additional_size) && (critical || !critical_size))
        result = mark_failed(adapter, address, flags, code, description);
    if (status)
        *status = result;
}
STORPORT_NOTIFICATION(MarkDeviceFailedEx, "StorPortMarkDeviceFailedEx", "Notification",
                      mark_device_failed_ex);

/* ---- asynchronous notifications ---- */

static ULONG async_notification(struct storport_adapter *adapter, const STOR_ADDRESS *address,
                                ULONGLONG flags)
{
    if (!address || address->Type != STOR_ADDRESS_TYPE_BTL8 || flags & ~(ULONGLONG)ASYNC_ALL)
        return STOR_STATUS_INVALID_PARAMETER;
    struct port_unit *unit = unit_at(adapter, address);
    if (!unit || !port_unit_is_notifying(unit))
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    return port_unit_notify(unit, flags ? (uint32_t)flags : ASYNC_ALL) ? STOR_STATUS_SUCCESS
                                                                       : STOR_STATUS_BUSY;
}

static void async_notification_detected(struct storport_adapter *adapter,
                                        __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONGLONG flags = STORPORT_ARGUMENT(arguments, ULONGLONG);
    PULONG status = STORPORT_ARGUMENT(arguments, PULONG);
    ULONG result = async_notification(adapter, address, flags);

    if (status)
        *status = result;
}
STORPORT_NOTIFICATION(AsyncNotificationDetected, "StorPortAsyncNotificationDetected",
                      "Notification", async_notification_detected);

/* ---- WMI ---- */

/* The head that WMI's records have in common. */
struct wnode {
    ULONG buffer_size, provider_id;
    ULONGLONG historical_context, timestamp;
    GUID guid;
    ULONG client_context, flags;
};

static void wmi_source(char source[48], const struct storport_adapter *adapter, UCHAR path,
                       UCHAR target, UCHAR lun)
{
    if (path == WMI_ADAPTER_PATH)
        snprintf(source, 48, "the adapter, RaidPort%u", adapter->port->number);
    else
        snprintf(source, 48, "unit %u:%u:%u", path, target, lun);
}

static void wmi_event(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    const struct wnode *event = STORPORT_ARGUMENT(arguments, const struct wnode *);
    UCHAR path = (UCHAR)STORPORT_ARGUMENT(arguments, int);
    UCHAR target = (UCHAR)STORPORT_ARGUMENT(arguments, int);
    UCHAR lun = (UCHAR)STORPORT_ARGUMENT(arguments, int);
    char source[48];

    if (!event || event->buffer_size < sizeof(*event))
        return;
    wmi_source(source, adapter, path, target, lun);
    if (event->buffer_size > WMI_EVENT_BYTES_MAX) {
        port_adapter_log(adapter->port, "a WMI event of %s is lost: %u bytes, at most %u can be",
                         source, event->buffer_size, WMI_EVENT_BYTES_MAX);
        return;
    }
    const GUID *guid = &event->guid;
    port_adapter_log(adapter->port,
                     "WMI event {%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x} of %s, %u bytes",
                     (unsigned)guid->Data1, guid->Data2, guid->Data3, guid->Data4[0],
                     guid->Data4[1], guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5],
                     guid->Data4[6], guid->Data4[7], source, event->buffer_size);
}
STORPORT_NOTIFICATION(WMIEvent, "WMIEvent", "Notification", wmi_event);

static void wmi_reregister(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    UCHAR path = (UCHAR)STORPORT_ARGUMENT(arguments, int);
    UCHAR target = (UCHAR)STORPORT_ARGUMENT(arguments, int);
    UCHAR lun = (UCHAR)STORPORT_ARGUMENT(arguments, int);

    if (path == WMI_ADAPTER_PATH) {
        port_wmi_reregister(adapter->port->self);
        return;
    }
    struct port_unit *unit = port_unit_find(adapter->port, path, target, lun);
    if (unit)
        port_wmi_reregister(unit);
}
STORPORT_NOTIFICATION(WMIReregister, "WMIReregister", "Notification", wmi_reregister);

/* ---- statistics ---- */

/* The target's own share of a request's time, in units of 100 ns. */
static void target_service_time(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    ULONGLONG time = STORPORT_ARGUMENT(arguments, ULONGLONG);
    void *srb = STORPORT_ARGUMENT(arguments, void *);
    struct port_slot *slot = srb ? port_slot_of(adapter->port, srb) : NULL;
    struct port_unit *unit = slot ? __atomic_load_n(&slot->unit, __ATOMIC_RELAXED) : NULL;

    if (!unit || __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING)
        return;
    __atomic_add_fetch(&unit->service_time, time, __ATOMIC_RELAXED);
    __atomic_add_fetch(&unit->service_count, 1, __ATOMIC_RELAXED);
}
STORPORT_NOTIFICATION(IoTargetRequestServiceTime, "IoTargetRequestServiceTime", "Notification",
                      target_service_time);

/* ---- without an adapter ---- */

void storport_notification_refuse(ULONG type, __builtin_ms_va_list *arguments)
{
    static const struct {
        ULONG type;
        unsigned arguments; /* before the pointer to the status */
    } known[] = {
        {StateChangeDetectedCall, 5},
        {AsyncNotificationDetected, 2},
        {MarkDeviceFailedEx, 8},
    };

    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].type != type)
            continue;
        /* Each takes eight bytes, whatever its type. */
        for (unsigned skipped = 0; skipped < known[i].arguments; skipped++)
            (void)STORPORT_ARGUMENT(arguments, ULONGLONG);
        PULONG status = STORPORT_ARGUMENT(arguments, PULONG);
        if (status)
            *status = STOR_STATUS_INVALID_PARAMETER;
    }
}
