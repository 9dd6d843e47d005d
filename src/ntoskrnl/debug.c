/*
 * debug.c - DbgPrint and its relatives: lines of the driver's text in the log.
 */
#include "nt/export.h"
#include "nt/print.h"
#include "nt/thread.h"
#include "port/port.h"
#include "trap/exceptions.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Debug", NT_HIGH_LEVEL)

/* As on a system without a debugger: an exception, which hardly anybody catches. */
VOID NTAPI DbgBreakPoint(VOID)
{
    EXCEPTION_RECORD record = {.ExceptionCode = STATUS_BREAKPOINT, .NumberParameters = 1};

    trap_exception_raise(&record, "the driver called DbgBreakPoint");
}
EXPORT(DbgBreakPoint);

/* A level above those that there are is the importance itself (nt/print_filter.c). */
ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format,
                        __builtin_ms_va_list Arguments)
{
    const char *driver = port_driver_running();

    if (nt_print_is_wanted(driver, ComponentId, Level))
        nt_print_driver(driver, Format, Arguments);
    return (ULONG)STATUS_SUCCESS;
}
EXPORT(vDbgPrintEx);

ULONG WDK_ABI DbgPrint(PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, Format);
    ULONG status = vDbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, Format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}
EXPORT(DbgPrint);

ULONG WDK_ABI DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, Format);
    ULONG status = vDbgPrintEx(ComponentId, Level, Format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}
EXPORT(DbgPrintEx);
