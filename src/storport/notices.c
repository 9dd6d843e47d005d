/*
 * notices.c - control types by which a driver hears of the machine, and is asked about its adapter
 * and units (storport-callbacks sections 5 and 6).
 */
#include "port/driver.h"
#include "storport/adapter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { VERSION_1 = 1, REVISION_2 = STOR_RICH_DEVICE_DESCRIPTION_STRUCTURE_VERSION_V2 };

/* ---- what the driver is told ---- */

static int adapter_result(struct storport_adapter *adapter, SCSI_ADAPTER_CONTROL_TYPE type,
                          void *parameters)
{
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;

    if (!storport_adapter_control(adapter, type, parameters, &status))
        return -EOPNOTSUPP;
    return status == ScsiAdapterControlSuccess ? 0 : -EIO;
}

static int unit_result(struct storport_adapter *adapter, SCSI_UNIT_CONTROL_TYPE type,
                       void *parameters)
{
    SCSI_UNIT_CONTROL_STATUS status = ScsiUnitControlSuccess;

    if (!storport_unit_control(adapter, type, parameters, &status))
        return -EOPNOTSUPP;
    return status == ScsiUnitControlSuccess ? 0 : -EIO;
}

static int tell_power_setting(struct storport_adapter *adapter, const struct port_notice *notice)
{
    STOR_POWER_SETTING_INFO info = {.Value = (void *)(uintptr_t)notice->data,
                                    .ValueLength = (ULONG)notice->length};

    memcpy(&info.PowerSettingGuid, notice->guid, sizeof(info.PowerSettingGuid));
    for (ULONG i = 0; i < adapter->power_guid_count; i++) {
        if (memcmp(&adapter->power_guids[i], notice->guid, sizeof(notice->guid)) != 0)
            continue;
        int error = adapter_result(adapter, ScsiPowerSettingNotification, &info);
        return error == -EIO ? 0 : error; /* it is told; the result says nothing */
    }
    return -EOPNOTSUPP;
}

static int tell_usage(struct storport_adapter *adapter, const struct port_unit *unit,
                      const struct port_notice *notice)
{
    STOR_ADDR_BTL8 address;
    STOR_UC_DEVICE_USAGE usage = {
        .Address = (PSTOR_ADDRESS)&address,
        .UsageType = (SCSI_UC_DEVICE_USAGE_TYPE)notice->value,
        .InUse = notice->on,
    };

    storport_unit_address(unit, &address);
    return unit_result(adapter, ScsiUnitUsage, &usage);
}

/* The driver answers with StorPortMiniportReportInternalData, inside the control or later. */
static int ask_internal_data(struct storport_adapter *adapter, struct port_unit *unit)
{
    static uint64_t tokens;
    STOR_ADDR_BTL8 address;
    STOR_REPORT_INTERNAL_DATA data = {
        .Version = VERSION_1,
        .Size = sizeof(data),
        .Scope = InternalDataScopeInMemoryState,
    };
    uint64_t token = __atomic_add_fetch(&tokens, 1, __ATOMIC_RELAXED);

    data.CallbackContext = (PVOID)(uintptr_t)token;
    __atomic_store_n(&adapter->data_token, token, __ATOMIC_SEQ_CST);
    if (!unit)
        return adapter_result(adapter, ScsiAdapterReportInternalData, &data);
    storport_unit_address(unit, &address);
    data.Address = (PSTOR_ADDRESS)&address;
    return unit_result(adapter, ScsiUnitReportInternalData, &data);
}

int storport_notify(struct port_adapter *port, struct port_unit *unit, struct port_notice *notice)
{
    struct storport_adapter *adapter = port->model_state;
    STOR_SYSTEM_POWER_HINTS hints = {
        .Version = STOR_SYSTEM_POWER_HINTS_V1,
        .Size = sizeof(hints),
        .SystemPower = (RAID_SYSTEM_POWER)notice->value,
        .ResumeLatencyMSec = notice->latency_ms,
    };
    STOR_SET_EVENT_LOGGING logging = {.Channel = notice->value, .Enabled = notice->on};

    switch (notice->kind) {
    case PORT_NOTICE_POWER_SETTING:
        return tell_power_setting(adapter, notice);
    case PORT_NOTICE_POWER_HINT:
        return adapter_result(adapter, ScsiAdapterSystemPowerHints, &hints);
    case PORT_NOTICE_EVENT_LOGGING:
        return adapter_result(adapter, ScsiAdapterSetEventLogging, &logging);
    case PORT_NOTICE_INTERNAL_DATA:
        return ask_internal_data(adapter, unit);
    case PORT_NOTICE_USAGE:
        return tell_usage(adapter, unit, notice);
    case PORT_NOTICE_POWER_CONTROL:
        return storport_power_control(adapter, unit, notice);
    case PORT_NOTICE_TRACING:
        storport_tell_tracing(adapter, notice->on);
        return 0;
    case PORT_NOTICE_POWER_LIMIT:
        return storport_limit_power(adapter, notice->limit);
    }
    return -EOPNOTSUPP;
}

/* ---- the answer to a question for internal data ---- */

static unsigned element_bytes(DATA_TYPE type)
{
    switch (type) {
    case DataTypeBoolean:
    case DataTypeInt8:
    case DataTypeUInt8:
    case DataTypeHex8:
    case DataTypeByteArray:
    case DataTypeAnsiString:
        return 1;
    case DataTypeInt16:
    case DataTypeUInt16:
    case DataTypeHex16:
    case DataTypeUnicodeString:
        return 2;
    case DataTypeInt32:
    case DataTypeUInt32:
    case DataTypeHex32:
        return 4;
    case DataTypeInt64:
    case DataTypeUInt64:
    case DataTypeHex64:
        return 8;
    case DataTypeGuid:
        return 16;
    }
    return 0;
}

static bool item_is_legal(const MINIPORT_DATA *item)
{
    return item->Name && item->Data && element_bytes(item->Type);
}

static void copy_wide(char *text, size_t size, const WCHAR *wide, size_t count)
{
    size_t length = 0;

    for (; length + 1 < size && length < count && wide[length]; length++)
        text[length] = wide[length] >= 0x20 && wide[length] < 0x7F ? (char)wide[length] : '.';
    text[length] = 0;
}

static void log_item(struct port_adapter *port, const MINIPORT_DATA *item)
{
    size_t count = item->ArrayLength ? item->ArrayLength : 1;
    size_t bytes = count * element_bytes(item->Type);
    char name[48], value[97] = "";

    copy_wide(name, sizeof(name), item->Name, sizeof(name));
    if (item->Type == DataTypeUnicodeString)
        copy_wide(value, sizeof(value), item->Data, count);
    else if (item->Type == DataTypeAnsiString)
        snprintf(value, sizeof(value), "%.*s", (int)count, (const char *)item->Data);
    else
        for (size_t i = 0; i < bytes && 2 * i + 3 < sizeof(value); i++)
            snprintf(value + 2 * i, 3, "%02x", ((const uint8_t *)item->Data)[i]);
    port_adapter_log(port, "internal data: %s = %s", name, value);
}

static ULONG report_internal_data(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    (void)STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    uint64_t token = (uintptr_t)STORPORT_ARGUMENT(arguments, PVOID);
    ULONG count = STORPORT_ARGUMENT(arguments, ULONG);
    const MINIPORT_DATA *items = STORPORT_ARGUMENT(arguments, PMINIPORT_DATA);

    (void)extension;
    if (!count || !items)
        return STOR_STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < count; i++)
        if (!item_is_legal(&items[i]))
            return STOR_STATUS_INVALID_PARAMETER;
    /* One answer to each question. */
    if (!token || !__atomic_compare_exchange_n(&adapter->data_token, &token, 0, false,
                                               __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        return STOR_STATUS_UNSUCCESSFUL;
    for (ULONG i = 0; i < count; i++)
        log_item(adapter->port, &items[i]);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionMiniportReportInternalData, "StorPortMiniportReportInternalData",
                  "Event tracing", report_internal_data);

/* ---- what the driver is asked ---- */

static void copy_text(char *text, size_t size, const UCHAR *bytes, size_t length)
{
    length = strnlen((const char *)bytes, length);
    if (length >= size)
        length = size - 1;
    memcpy(text, bytes, length);
    text[length] = 0;
}

void storport_describe_adapter(struct storport_adapter *adapter)
{
    struct port_adapter *port = adapter->port;
    STOR_SERIAL_NUMBER serial = {.Version = VERSION_1, .Size = sizeof(serial)};
    STOR_FRU_ID_DESCRIPTION fru = {.Version = STOR_FRU_ID_DESCRIPTION_STRUCTURE_VERSION_1,
                                   .Size = sizeof(fru)};

    port->serial[0] = port->fru[0] = 0;
    if (adapter_result(adapter, ScsiAdapterSerialNumber, &serial) == 0) {
        if (serial.Unicode)
            copy_wide(port->serial, sizeof(port->serial), (const WCHAR *)serial.SerialNumber,
                      sizeof(serial.SerialNumber) / sizeof(WCHAR));
        else
            copy_text(port->serial, sizeof(port->serial), serial.SerialNumber,
                      sizeof(serial.SerialNumber));
    }
    if (adapter_result(adapter, ScsiAdapterQueryFruId, &fru) == 0)
        copy_text(port->fru, sizeof(port->fru), fru.FruId, sizeof(fru.FruId));
}

void storport_describe_unit(struct port_unit *unit)
{
    struct storport_adapter *adapter = unit->adapter->model_state;
    STOR_ADDR_BTL8 address;
    STOR_RICH_DEVICE_DESCRIPTION_V2 rich = {
        .Version = REVISION_2, .Size = sizeof(rich), .Address = (PSTOR_ADDRESS)&address};
    STOR_UNIT_CONTROL_QUERY_BUS_TYPE bus = {.Address = (PSTOR_ADDRESS)&address};
    STOR_FRU_ID_DESCRIPTION fru = {.Version = STOR_FRU_ID_DESCRIPTION_STRUCTURE_VERSION_1,
                                   .Size = sizeof(fru),
                                   .Address = (PSTOR_ADDRESS)&address};

    storport_unit_address(unit, &address);
    if (unit_result(adapter, ScsiUnitRichDescription, &rich) == 0) {
        copy_text(unit->rich_vendor, sizeof(unit->rich_vendor), rich.VendorId,
                  sizeof(rich.VendorId));
        copy_text(unit->rich_model, sizeof(unit->rich_model), rich.ModelNumber,
                  sizeof(rich.ModelNumber));
        copy_text(unit->rich_revision, sizeof(unit->rich_revision), rich.FirmwareRevision,
                  sizeof(rich.FirmwareRevision));
    }
    if (unit_result(adapter, ScsiUnitQueryBusType, &bus) == 0)
        __atomic_store_n(&unit->bus_type, (uint8_t)bus.BusType, __ATOMIC_RELAXED);
    if (unit_result(adapter, ScsiUnitQueryFruId, &fru) == 0)
        copy_text(unit->fru, sizeof(unit->fru), fru.FruId, sizeof(fru.FruId));
}
