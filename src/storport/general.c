/*
 * general.c - debug print, error log, time, port numbers, device objects.
 */
#include "port/driver.h"
#include "port/trace.h"
#include "storport/adapter.h"

/* Levels 0 error, 1 warning, 2 trace, 3 info, of a component of its own (documented). */
VOID WDK_ABI StorPortDebugPrint(ULONG DebugPrintLevel, PSTR DebugMessage, ...)
{
    const char *driver = port_driver_running();
    __builtin_ms_va_list arguments;

    if (!DebugMessage || !nt_print_is_wanted(driver, NT_PRINT_STORMINIPORT, DebugPrintLevel))
        return;
    __builtin_ms_va_start(arguments, DebugMessage);
    nt_print_driver(driver, DebugMessage, arguments);
    __builtin_ms_va_end(arguments);
}
NT_EXPORT("storport.sys", StorPortDebugPrint, "General", NT_HIGH_LEVEL);

static const char *error_name(ULONG code)
{
    static const char *const names[] = {
        [SP_BUS_PARITY_ERROR] = "bus parity error",
        [SP_UNEXPECTED_DISCONNECT] = "unexpected disconnect",
        [SP_INVALID_RESELECTION] = "invalid reselection",
        [SP_BUS_TIME_OUT] = "bus time-out",
        [SP_PROTOCOL_ERROR] = "protocol error",
        [SP_INTERNAL_ADAPTER_ERROR] = "internal adapter error",
        [SP_REQUEST_TIMEOUT] = "request time-out",
        [SP_IRQ_NOT_RESPONDING] = "interrupt not responding",
        [SP_BAD_FW_WARNING] = "bad firmware warning",
        [SP_BAD_FW_ERROR] = "bad firmware error",
        [SP_LOST_WMI_MINIPORT_REQUEST] = "lost WMI request",
    };

    return code < sizeof(names) / sizeof(names[0]) && names[code] ? names[code] : "error";
}

VOID NTAPI StorPortLogError(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb, UCHAR PathId,
                            UCHAR TargetId, UCHAR Lun, ULONG ErrorCode, ULONG UniqueId)
{
    struct port_adapter *port = port_adapter_of(HwDeviceExtension);

    (void)Srb;
    if (port)
        port_adapter_log(port, "error log: %s (code %u) at %u:%u:%u, unique id 0x%X",
                         error_name(ErrorCode), ErrorCode, PathId, TargetId, Lun, UniqueId);
}
NT_EXPORT("storport.sys", StorPortLogError, "General", NT_HIGH_LEVEL);

/* Dump data and strings together; beyond it the event is refused (documented). */
enum { EVENT_DATA_BYTES_MAX = 150, EVENT_STRINGS_MAX = 32 };

static size_t wide_bytes(PCWSTR text)
{
    size_t length = 0;

    while (text[length])
        length++;
    return 2 * (length + 1);
}

static size_t event_data_bytes(const STOR_LOG_EVENT_DETAILS *details)
{
    size_t bytes = details->DumpDataSize;

    for (ULONG i = 0; i < details->StringCount && i < EVENT_STRINGS_MAX; i++)
        if (details->StringList && details->StringList[i])
            bytes += wide_bytes(details->StringList[i]);
    return bytes;
}

static ULONG log_system_event(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSTOR_LOG_EVENT_DETAILS details = STORPORT_ARGUMENT(arguments, PSTOR_LOG_EVENT_DETAILS);
    PULONG size_max = STORPORT_ARGUMENT(arguments, PULONG);

    (void)extension;
    if (!details || details->Size < sizeof(*details))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    /* Only the upper three bytes of the revision decide. */
    if ((details->InterfaceRevision ^ STOR_CURRENT_LOG_INTERFACE_REVISION) & ~0xFFu) {
        details->InterfaceRevision = STOR_CURRENT_LOG_INTERFACE_REVISION;
        return STOR_STATUS_UNSUPPORTED_VERSION;
    }
    if (event_data_bytes(details) > EVENT_DATA_BYTES_MAX) {
        if (size_max)
            *size_max = EVENT_DATA_BYTES_MAX;
        return STOR_STATUS_INVALID_BUFFER_SIZE;
    }
    port_adapter_log(adapter->port, "event: %s 0x%X at %u:%u:%u, unique id 0x%X",
                     details->StorportSpecificErrorCode ? error_name(details->ErrorCode) : "status",
                     details->ErrorCode, (UCHAR)details->PathId, (UCHAR)details->TargetId,
                     (UCHAR)details->LunId, details->UniqueId);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionLogSystemEvent, "StorPortLogSystemEvent", "General", log_system_event);

/* ---- what a request came with ---- */

const struct port_request *storport_request_of(const struct storport_adapter *adapter,
                                               const void *srb)
{
    const struct port_slot *slot = srb ? port_slot_of(adapter->port, srb) : NULL;

    if (!slot || __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING)
        return NULL;
    return slot->request;
}

/* Requests come from no file and pass no cache of files. */
static ULONG request_info_flags(const struct port_request *request)
{
    enum { READ_10 = 0x28, WRITE_10 = 0x2A, READ_16 = 0x88, WRITE_16 = 0x8A, FORCE_ACCESS = 8 };
    bool carries_bit = request->function == PORT_EXECUTE_SCSI &&
                       (request->cdb[0] == READ_10 || request->cdb[0] == WRITE_10 ||
                        request->cdb[0] == READ_16 || request->cdb[0] == WRITE_16);
    ULONG flags = REQUEST_INFO_NO_CACHE_FLAG | REQUEST_INFO_NO_FILE_OBJECT_FLAG;

    if (carries_bit && request->cdb[1] & FORCE_ACCESS)
        flags |= REQUEST_INFO_HYBRID_WRITE_THROUGH_FLAG;
    return flags;
}

static ULONG get_request_info(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    enum { UNKNOWN_PROCESS = -1, NO_PROCESS = 0 };
    const struct port_request *request =
        storport_request_of(adapter, STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK));
    PSTOR_REQUEST_INFO_V2 information = STORPORT_ARGUMENT(arguments, PSTOR_REQUEST_INFO);

    (void)extension;
    if (!request || !information)
        return STOR_STATUS_INVALID_PARAMETER;
    if (information->Version != STOR_REQUEST_INFO_VER_1 &&
        information->Version != STOR_REQUEST_INFO_VER_2)
        return STOR_STATUS_UNSUPPORTED_VERSION;
    bool second = information->Version == STOR_REQUEST_INFO_VER_2;
    if (information->Size < (second ? sizeof(STOR_REQUEST_INFO_V2) : sizeof(STOR_REQUEST_INFO_V1)))
        return STOR_STATUS_INVALID_PARAMETER;
    information->PriorityHint = request->flags & PORT_FLAG_PRIORITY
                                    ? (STOR_IO_PRIORITY_HINT)request->priority
                                    : StorIoPriorityNormal;
    information->Flags = request_info_flags(request);
    information->Key = 0;
    information->Length = request->length;
    information->IsWriteRequest = request->direction == PORT_DATA_OUT;
    if (second) {
        information->FileName = NULL;
        information->ProcessId =
            nt_irql() > NT_DISPATCH_LEVEL ? (ULONG)UNKNOWN_PROCESS : NO_PROCESS;
    }
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetRequestInfo, "StorPortGetRequestInfo", "I/O request processing",
                  get_request_info);

/* A request that a recording shows has its activity there. */
static ULONG get_activity(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    LPGUID activity = STORPORT_ARGUMENT(arguments, LPGUID);

    (void)extension;
    if (!activity || !storport_request_of(adapter, srb))
        return STOR_STATUS_INVALID_PARAMETER;
    uint64_t number = port_trace_number(port_slot_of(adapter->port, srb));
    if (!number)
        return STOR_STATUS_UNSUCCESSFUL;
    nt_event_activity(number, (uint8_t *)activity);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetActivityId, "StorPortGetActivityIdSrb", "General", get_activity);

/* This machine is installed anew with each start, unless its registry says otherwise. */
static ULONG is_upgrade(struct storport_adapter *adapter, PVOID extension,
                        __builtin_ms_va_list *arguments)
{
    BOOLEAN *upgraded = STORPORT_ARGUMENT(arguments, BOOLEAN *);

    (void)extension;
    if (!upgraded)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    *upgraded = (BOOLEAN)adapter->port->settings.installation_upgrade;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionCurrentOsInstallationUpgrade, "StorPortIsCurrentOsInstallationUpgrade",
                  "General", is_upgrade);

/* ---- time and numbers ---- */

VOID NTAPI StorPortQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    if (!CurrentTime)
        return;
    bool refused = storport_dump_refuses(storport_dump_running(), "StorPortQuerySystemTime");
    CurrentTime->QuadPart = refused ? 0 : (LONGLONG)sys_utc_100ns();
}
NT_EXPORT("storport.sys", StorPortQuerySystemTime, "General", NT_HIGH_LEVEL);

static ULONG query_performance_counter(struct storport_adapter *adapter, PVOID extension,
                                       __builtin_ms_va_list *arguments)
{
    PLARGE_INTEGER frequency = STORPORT_ARGUMENT(arguments, PLARGE_INTEGER);
    PLARGE_INTEGER counter = STORPORT_ARGUMENT(arguments, PLARGE_INTEGER);

    (void)adapter;
    (void)extension;
    if (!counter)
        return STOR_STATUS_INVALID_PARAMETER;
    counter->QuadPart = (LONGLONG)sys_now_ns();
    if (frequency)
        frequency->QuadPart = (LONGLONG)SYS_NS_PER_S;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionQueryPerformanceCounter, "StorPortQueryPerformanceCounter", "General",
                  query_performance_counter);

static ULONG get_system_port_number(struct storport_adapter *adapter, PVOID extension,
                                    __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);

    (void)extension;
    if (!address || address->Type != STOR_ADDRESS_TYPE_BTL8 ||
        address->AddressLength < STOR_ADDR_BTL8_ADDRESS_LENGTH)
        return STOR_STATUS_INVALID_PARAMETER;
    address->Port = (USHORT)adapter->port->number;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetSystemPortNumber, "StorPortGetSystemPortNumber", "General",
                  get_system_port_number);

static ULONG get_current_irql(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PKIRQL irql = STORPORT_ARGUMENT(arguments, PKIRQL);

    (void)adapter;
    (void)extension;
    if (!irql)
        return STOR_STATUS_INVALID_PARAMETER;
    *irql = nt_irql();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetCurrentIrql, "StorPortGetCurrentIrql", "General", get_current_irql);

/* ---- device objects: what kernel routines of a virtual miniport take ---- */

static ULONG get_device_objects(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    PVOID *objects[3];

    (void)extension;
    for (unsigned i = 0; i < 3; i++) {
        objects[i] = STORPORT_ARGUMENT(arguments, PVOID *);
        if (!objects[i])
            return STOR_STATUS_INVALID_PARAMETER;
    }
    for (unsigned i = 0; i < 3; i++)
        *objects[i] = adapter->device_objects[i];
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetDeviceObjects, "StorPortGetDeviceObjects", "General",
                  get_device_objects);
