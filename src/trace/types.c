/*
 * types.c - the types that the trace preprocessor brings along: %!STATUS!, %!bool!, %!GUID! and so
 * on.
 */
#include "trace/trace.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

typedef void (*put_routine)(struct trace_output *out, uint64_t value);

static void put_null(struct trace_output *out)
{
    trace_put(out, "NULL");
}

/* ---- numbers ---- */

#define PUT_NUMBER(name_, format_, type_)                                                          \
    static void name_(struct trace_output *out, uint64_t value)                                    \
    {                                                                                              \
        trace_put(out, format_, (type_)value);                                                     \
    }
PUT_NUMBER(put_int8, "%d", int8_t)
PUT_NUMBER(put_uint8, "%u", uint8_t)
PUT_NUMBER(put_int16, "%d", int16_t)
PUT_NUMBER(put_uint16, "%u", uint16_t)
PUT_NUMBER(put_int32, "%d", int32_t)
PUT_NUMBER(put_uint32, "%u", uint32_t)
PUT_NUMBER(put_int64, "%" PRId64, int64_t)
PUT_NUMBER(put_uint64, "%" PRIu64, uint64_t)
PUT_NUMBER(put_hex8, "%x", uint8_t)
PUT_NUMBER(put_hex16, "%x", uint16_t)
PUT_NUMBER(put_hex32, "%x", uint32_t)
PUT_NUMBER(put_hex64, "%" PRIx64, uint64_t)
PUT_NUMBER(put_octal8, "%o", uint8_t)
PUT_NUMBER(put_octal16, "%o", uint16_t)
PUT_NUMBER(put_octal32, "%o", uint32_t)
PUT_NUMBER(put_octal64, "%" PRIo64, uint64_t)
PUT_NUMBER(put_character, "%c", char)
PUT_NUMBER(put_pointer, "%016" PRIX64, uint64_t)
PUT_NUMBER(put_error, "0x%08X", uint32_t)

static void put_double(struct trace_output *out, uint64_t value)
{
    double number;

    memcpy(&number, &value, sizeof(number));
    trace_put(out, "%g", number);
}

static void put_boolean(struct trace_output *out, uint64_t value)
{
    trace_put(out, (uint32_t)value ? "TRUE" : "FALSE");
}

static void put_status(struct trace_output *out, uint64_t value)
{
    const char *name = trace_status_name((uint32_t)value);

    if (name)
        trace_put(out, "%s (0x%08X)", name, (uint32_t)value);
    else
        trace_put(out, "0x%08X", (uint32_t)value);
}

static void put_hresult(struct trace_output *out, uint64_t value)
{
    if ((uint32_t)value == 0)
        trace_put(out, "S_OK");
    else
        put_error(out, value);
}

/* ---- lists of names ---- */

static void put_list(struct trace_output *out, uint64_t value, const char *const *names,
                     size_t count)
{
    if (value < count)
        trace_put(out, "%s", names[value]);
    else
        trace_put(out, "%" PRIu64, value);
}
#define PUT_LIST(name_, ...)                                                                       \
    static void name_(struct trace_output *out, uint64_t value)                                    \
    {                                                                                              \
        static const char *const names[] = {__VA_ARGS__};                                          \
        put_list(out, (uint8_t)value, names, sizeof(names) / sizeof(names[0]));                    \
    }
PUT_LIST(put_irql, "PASSIVE", "APC", "DISPATCH")
PUT_LIST(put_irp_major, "IRP_MJ_CREATE", "IRP_MJ_CREATE_NAMED_PIPE", "IRP_MJ_CLOSE", "IRP_MJ_READ",
         "IRP_MJ_WRITE", "IRP_MJ_QUERY_INFORMATION", "IRP_MJ_SET_INFORMATION", "IRP_MJ_QUERY_EA",
         "IRP_MJ_SET_EA", "IRP_MJ_FLUSH_BUFFERS", "IRP_MJ_QUERY_VOLUME_INFORMATION",
         "IRP_MJ_SET_VOLUME_INFORMATION", "IRP_MJ_DIRECTORY_CONTROL", "IRP_MJ_FILE_SYSTEM_CONTROL",
         "IRP_MJ_DEVICE_CONTROL", "IRP_MJ_INTERNAL_DEVICE_CONTROL", "IRP_MJ_SHUTDOWN",
         "IRP_MJ_LOCK_CONTROL", "IRP_MJ_CLEANUP", "IRP_MJ_CREATE_MAILSLOT", "IRP_MJ_QUERY_SECURITY",
         "IRP_MJ_SET_SECURITY", "IRP_MJ_POWER", "IRP_MJ_SYSTEM_CONTROL", "IRP_MJ_DEVICE_CHANGE",
         "IRP_MJ_QUERY_QUOTA", "IRP_MJ_SET_QUOTA", "IRP_MJ_PNP")
PUT_LIST(put_pnp_minor, "IRP_MN_START_DEVICE", "IRP_MN_QUERY_REMOVE_DEVICE", "IRP_MN_REMOVE_DEVICE",
         "IRP_MN_CANCEL_REMOVE_DEVICE", "IRP_MN_STOP_DEVICE", "IRP_MN_QUERY_STOP_DEVICE",
         "IRP_MN_CANCEL_STOP_DEVICE", "IRP_MN_QUERY_DEVICE_RELATIONS", "IRP_MN_QUERY_INTERFACE",
         "IRP_MN_QUERY_CAPABILITIES", "IRP_MN_QUERY_RESOURCES",
         "IRP_MN_QUERY_RESOURCE_REQUIREMENTS", "IRP_MN_QUERY_DEVICE_TEXT",
         "IRP_MN_FILTER_RESOURCE_REQUIREMENTS", "0x0e", "IRP_MN_READ_CONFIG", "IRP_MN_WRITE_CONFIG",
         "IRP_MN_EJECT", "IRP_MN_SET_LOCK", "IRP_MN_QUERY_ID", "IRP_MN_QUERY_PNP_DEVICE_STATE",
         "IRP_MN_QUERY_BUS_INFORMATION", "IRP_MN_DEVICE_USAGE_NOTIFICATION",
         "IRP_MN_SURPRISE_REMOVAL")
PUT_LIST(put_power_minor, "IRP_MN_WAIT_WAKE", "IRP_MN_POWER_SEQUENCE", "IRP_MN_SET_POWER",
         "IRP_MN_QUERY_POWER")
PUT_LIST(put_wmi_minor, "IRP_MN_QUERY_ALL_DATA", "IRP_MN_QUERY_SINGLE_INSTANCE",
         "IRP_MN_CHANGE_SINGLE_INSTANCE", "IRP_MN_CHANGE_SINGLE_ITEM", "IRP_MN_ENABLE_EVENTS",
         "IRP_MN_DISABLE_EVENTS", "IRP_MN_ENABLE_COLLECTION", "IRP_MN_DISABLE_COLLECTION",
         "IRP_MN_REGINFO", "IRP_MN_EXECUTE_METHOD", "10", "IRP_MN_REGINFO_EX")

/* ---- what an address leads to ---- */

#define PUT_POINTED(name_, routine_)                                                               \
    static void name_(struct trace_output *out, uint64_t value)                                    \
    {                                                                                              \
        if (value)                                                                                 \
            routine_;                                                                              \
        else                                                                                       \
            put_null(out);                                                                         \
    }
#define POINTED ((const uint8_t *)value)
PUT_POINTED(put_guid, trace_put_guid(out, POINTED))
PUT_POINTED(put_sid, trace_put_sid(out, POINTED))
PUT_POINTED(put_text, trace_put(out, "%s", (const char *)value))
PUT_POINTED(put_ipv6_address, trace_put_item(out, "ItemIPV6Addr", POINTED, 16))
PUT_POINTED(put_mac_address, trace_put_bytes(out, POINTED, 6))

static void put_wide_text(struct trace_output *out, uint64_t value)
{
    size_t length = 0;

    while (value && (POINTED[2 * length] || POINTED[2 * length + 1]))
        length++;
    if (value)
        trace_put_wide(out, POINTED, length);
    else
        put_null(out);
}

/* ANSI_STRING and UNICODE_STRING have one layout, and so one that is passed by value has: records
 * of sixteen bytes go by address. */
static void put_counted_text(struct trace_output *out, uint64_t value)
{
    const UNICODE_STRING *string = (const UNICODE_STRING *)value;

    if (string && string->Buffer)
        trace_put(out, "%.*s", string->Length, (const char *)string->Buffer);
    else
        put_null(out);
}

static void put_counted_wide_text(struct trace_output *out, uint64_t value)
{
    const UNICODE_STRING *string = (const UNICODE_STRING *)value;

    if (string && string->Buffer)
        trace_put_wide(out, (const uint8_t *)string->Buffer, string->Length / 2u);
    else
        put_null(out);
}

/* WPP_BINARY: an address and a length of 16 bits, in a record that goes by address. */
static void put_binary(struct trace_output *out, uint64_t value)
{
    const uint8_t *bytes;
    uint16_t length;

    memcpy(&bytes, POINTED, sizeof(bytes));
    memcpy(&length, POINTED + sizeof(bytes), sizeof(length));
    trace_put_bytes(out, bytes, bytes ? length : 0);
}

/* ---- addresses and times ---- */

static void put_ip_address(struct trace_output *out, uint64_t value)
{
    trace_put_item(out, "ItemIPAddr", (const uint8_t *)&value, 4);
}

static void put_port(struct trace_output *out, uint64_t value)
{
    trace_put(out, "%u", (unsigned)((value & 0xFF) << 8 | (value >> 8 & 0xFF)));
}

static void put_date(struct trace_output *out, uint64_t value)
{
    trace_put_time(out, (int64_t)value);
}

static void put_duration(struct trace_output *out, uint64_t value)
{
    int64_t time_100ns = (int64_t)value;

    trace_put(out, "%" PRId64 ".%07" PRId64 " s", time_100ns / 10000000,
              time_100ns < 0 ? -(time_100ns % 10000000) : time_100ns % 10000000);
}

/* The names count as they are spelled, except where Microsoft has them in both cases. */
static const struct {
    const char *name;
    put_routine put;
    bool any_case;
} types[] = {
    {"STATUS", put_status, true},
    {"NTSTATUS", put_status, true},
    {"HRESULT", put_hresult, true},
    {"WINERROR", put_uint32, true},
    {"WINERR", put_uint32, true},
    {"NDIS_STATUS", put_error, true},
    {"NDIS_OID", put_error, true},
    {"BOOL", put_boolean, true},
    {"BOOLEAN", put_boolean, true},
    {"BOOL8", put_boolean, true},
    {"BOOL16", put_boolean, true},
    {"GUID", put_guid, true},
    {"CLSID", put_guid, true},
    {"IID", put_guid, true},
    {"LIBID", put_guid, true},
    {"ASTR", put_text, false},
    {"String", put_text, false},
    {"WSTR", put_wide_text, false},
    {"WString", put_wide_text, false},
    {"CSTR", put_counted_text, false},
    {"ANSTR", put_counted_text, false},
    {"PANSTR", put_counted_text, false},
    {"USTR", put_counted_wide_text, false},
    {"PUSTR", put_counted_wide_text, false},
    {"BIN", put_binary, false},
    {"SID", put_sid, true},
    {"IPADDR", put_ip_address, true},
    {"IPV4ADDR", put_ip_address, true},
    {"IPV6ADDR", put_ipv6_address, true},
    {"MACADDR", put_mac_address, true},
    {"PORT", put_port, true},
    {"TIMESTAMP", put_date, true},
    {"TIME", put_date, true},
    {"DATE", put_date, true},
    {"DATETIME", put_date, true},
    {"DUE", put_duration, true},
    {"DELTA", put_duration, true},
    {"WAITTIME", put_duration, true},
    {"IRQL", put_irql, true},
    {"PNPMJ", put_irp_major, true},
    {"IRPMJ", put_irp_major, true},
    {"PNPMN", put_pnp_minor, true},
    {"POWERMN", put_power_minor, true},
    {"PWRMN", put_power_minor, true},
    {"SYSCTRL", put_wmi_minor, true},
    {"HANDLE", put_pointer, true},
    {"PTR", put_pointer, true},
    {"CHAR", put_character, false},
    {"SBYTE", put_int8, false},
    {"UBYTE", put_uint8, false},
    {"SCHAR", put_int8, false},
    {"UCHAR", put_uint8, false},
    {"XCHAR", put_hex8, false},
    {"OCHAR", put_octal8, false},
    {"XBYTE", put_hex8, false},
    {"OBYTE", put_octal8, false},
    {"SHORT", put_int16, true},
    {"SSHORT", put_int16, false},
    {"USHORT", put_uint16, true},
    {"XSHORT", put_hex16, false},
    {"OSHORT", put_octal16, false},
    {"LONG", put_int32, true},
    {"SINT", put_int32, false},
    {"UINT", put_uint32, false},
    {"XINT", put_hex32, false},
    {"OINT", put_octal32, false},
    {"SLONG", put_int32, false},
    {"ULONG", put_uint32, true},
    {"XLONG", put_hex32, false},
    {"OLONG", put_octal32, false},
    {"LONGLONG", put_int64, true},
    {"ULONGLONG", put_uint64, true},
    {"SINT64", put_int64, false},
    {"UINT64", put_uint64, false},
    {"XINT64", put_hex64, false},
    {"XXINT64", put_hex64, false},
    {"OINT64", put_octal64, false},
    {"DOUBLE", put_double, true},
    {"FLOAT", put_double, true},
};

bool trace_put_type(struct trace_output *out, const char *name, size_t length, uint64_t value)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strlen(types[i].name) != length)
            continue;
        if (types[i].any_case ? strncasecmp(types[i].name, name, length) == 0
                              : memcmp(types[i].name, name, length) == 0) {
            types[i].put(out, value);
            return true;
        }
    }
    return false;
}
