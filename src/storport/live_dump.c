/*
 * live_dump.c - StorPortCaptureLiveDump: a driver has met something that somebody should look into,
 * and says what it knows of it.
 */
#include "nt/text.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <string.h>

enum { COMPONENT_BYTES = 128, TELEMETRY_BYTES_MAX = 64 * 1024 * 1024 };

/* Versions are sizes: what is longer begins with what is known. */
static bool log_is_legal(const STORPORT_LIVEDUMP_DEVICE_TELEMETRY_LOG *log)
{
    return log && log->Version >= sizeof(*log) && log->Size >= log->Version &&
           !log->TelemetryLength == !log->DeviceTelemetry &&
           log->TelemetryLength <= TELEMETRY_BYTES_MAX;
}

static bool is_legal(const STORPORT_CAPTURE_LIVEDUMP *capture)
{
    return capture && capture->Version >= sizeof(*capture) && capture->Size >= capture->Version &&
           (capture->LiveDumpType == StorportCaptureLiveDumpTypeMini ||
            capture->LiveDumpType == StorportCaptureLiveDumpTypeFull) &&
           capture->IssueType == StorportLivedumpIssueTypeDevicePanic && capture->ComponentName &&
           capture->DataType == StorportLivedumpDataTypeDeviceTelemetryLog &&
           log_is_legal(capture->Data);
}

static void copy_wide(char text[COMPONENT_BYTES], const WCHAR *wide)
{
    size_t used = 0;

    while (*wide && used + 5 < COMPONENT_BYTES) {
        uint32_t code;
        wide += text_utf16_read(wide, wide[1] ? 2 : 1, &code);
        used += text_utf8_write(code < 0x20 ? '.' : code, &text[used]);
    }
    text[used] = 0;
}

static ULONG capture(struct storport_adapter *adapter, const struct port_live_dump *dump)
{
    char name[128] = "", reason[256] = "";
    int error = port_live_dump_write(dump, name, sizeof(name), reason, sizeof(reason));

    if (!error)
        port_adapter_log(adapter->port, "live dump of %s (%s): %s", dump->component, dump->issue,
                         name);
    else if (reason[0])
        port_adapter_log(adapter->port, "live dump of %s (%s) is not written: %s", dump->component,
                         dump->issue, reason);
    else if (!__atomic_exchange_n(&adapter->dump_refused, true, __ATOMIC_RELAXED))
        port_adapter_log(adapter->port,
                         "the driver has captured a live dump of %s (%s): give --dumps DIRECTORY "
                         "to have it written",
                         dump->component, dump->issue);
    return error ? STOR_STATUS_UNSUCCESSFUL : STOR_STATUS_SUCCESS;
}

static ULONG capture_live_dump(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    const STORPORT_CAPTURE_LIVEDUMP *asked =
        STORPORT_ARGUMENT(arguments, PSTORPORT_CAPTURE_LIVEDUMP);
    const struct port_unit *unit = storport_unit_at(adapter, address);
    char component[COMPONENT_BYTES], bucket[STORPORT_LIVEDUMP_BUCKET_ID_LENGTH + 1];

    if (!is_legal(asked) || (address && !unit))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL) {
        nt_finding("live-dump-irql", adapter->port,
                   "StorPortCaptureLiveDump was called at IRQL %u: it is for PASSIVE_LEVEL",
                   nt_irql());
        return STOR_STATUS_UNSUCCESSFUL;
    }
    const STORPORT_LIVEDUMP_DEVICE_TELEMETRY_LOG *log = asked->Data;
    copy_wide(component, asked->ComponentName);
    snprintf(bucket, sizeof(bucket), "%.*s", (int)sizeof(log->BucketId), log->BucketId);
    struct port_live_dump dump = {
        .adapter = adapter->port,
        .unit = unit,
        .full = asked->LiveDumpType == StorportCaptureLiveDumpTypeFull,
        .issue = "device panic",
        .component = component,
        .bucket = bucket,
        .telemetry = log->DeviceTelemetry,
        .telemetry_length = log->TelemetryLength,
        .extension = extension,
        .extension_length = adapter->init.DeviceExtensionSize,
    };
    memcpy(dump.organization, log->OrganizationID, sizeof(dump.organization));
    return capture(adapter, &dump);
}
STORPORT_EXTENDED(ExtFunctionCaptureLiveDump, "StorPortCaptureLiveDump", "Crash dump",
                  capture_live_dump);
