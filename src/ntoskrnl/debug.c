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

ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format,
                        __builtin_ms_va_list Arguments)
{
    (void)ComponentId;
    (void)Level;
    nt_print_driver(port_driver_running(), Format, Arguments);
    return (ULONG)STATUS_SUCCESS;
}
EXPORT(vDbgPrintEx);

ULONG WDK_ABI DbgPrint(PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, Format);
    nt_print_driver(port_driver_running(), Format, arguments);
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
    nt_print_driver(port_driver_running(), Format, arguments);
    __builtin_ms_va_end(arguments);
    return (ULONG)STATUS_SUCCESS;
}
EXPORT(DbgPrintEx);
