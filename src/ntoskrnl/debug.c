/*
 * debug.c - DbgPrint and its relatives: lines of the driver's text in the log.
 */
#include "nt/export.h"
#include "nt/print.h"
#include "nt/thread.h"
#include "port/driver.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Debug", NT_HIGH_LEVEL)

/* The driver being loaded, or the one whose callback runs on this thread. */
static const char *current_driver(void)
{
    const struct nt_evidence *frame = nt_self()->evidence;
    struct port_driver *driver = port_driver_loading();

    if (driver)
        return port_driver_service(driver);
    for (unsigned i = 0; frame && i < port_adapter_table_count; i++)
        if (port_adapter_table[i].adapter && port_adapter_table[i].adapter == frame->adapter)
            return port_driver_service(port_adapter_table[i].adapter->driver);
    return "driver";
}

ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format,
                        __builtin_ms_va_list Arguments)
{
    (void)ComponentId;
    (void)Level;
    nt_print_driver(current_driver(), Format, Arguments);
    return (ULONG)STATUS_SUCCESS;
}
EXPORT(vDbgPrintEx);

ULONG WDK_ABI DbgPrint(PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, Format);
    nt_print_driver(current_driver(), Format, arguments);
    __builtin_ms_va_end(arguments);
    return (ULONG)STATUS_SUCCESS;
}
EXPORT(DbgPrint);

ULONG WDK_ABI DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;

    (void)ComponentId;
    (void)Level;
    __builtin_ms_va_start(arguments, Format);
    nt_print_driver(current_driver(), Format, arguments);
    __builtin_ms_va_end(arguments);
    return (ULONG)STATUS_SUCCESS;
}
EXPORT(DbgPrintEx);
