/*
 * traces.c - what a module that `storhost build` has made calls for its driver's traces. There is
 * nothing like it on Windows, where the decoding takes place in another program.
 */
#include "nt/export.h"
#include "port/driver.h"
#include "port/model.h"
#include "trace/trace.h"

#include <stortrce.h>
#include <string.h>

#define EXPORT(name_, irql_) NT_EXPORT("storhost", name_, "Traces", irql_)

/* The port frees what the driver has for its traces when the driver goes. */
static void cleanup_remember(STORAGE_TRACE_INIT_INFO *information)
{
    struct port_driver *driver = port_driver_loading();

    information->TraceContext = information->DriverObject ? information->DriverObject : information;
    if (!driver || !information->TraceCleanupRoutine)
        return;
    driver->trace_cleanup = information->TraceCleanupRoutine;
    driver->trace_context = information->TraceContext;
}

VOID NTAPI StorhostTraceStart(PWPP_TRACE_CONTROL_BLOCK Blocks,
                              const STORHOST_TRACE_PROVIDER *Providers, ULONG Count,
                              PVOID Information)
{
    for (ULONG i = 0; i < Count; i++) {
        PWPP_TRACE_CONTROL_BLOCK block = &Blocks[i];
        unsigned bit = 0;
        bool any = false;
        for (const char *flag = Providers[i].Flags; *flag; flag += strlen(flag) + 1, bit++) {
            if (bit / 32 < sizeof(block->Flags) / sizeof(block->Flags[0]) &&
                trace_flag_is_wanted(flag)) {
                block->Flags[bit / 32] |= 1u << bit % 32;
                any = true;
            }
        }
        block->FlagsLen = (UCHAR)((bit + 31) / 32);
        block->Level = any ? trace_level() : 0;
    }
    /* The first block tells of them all: drivers may test other things than their flags. */
    if (Count && trace_level())
        Blocks[0].Logger = trace_owner_number(port_driver_running());
    if (Information)
        cleanup_remember(Information);
}
EXPORT(StorhostTraceStart, NT_PASSIVE_LEVEL);

VOID NTAPI StorhostTraceStop(PWPP_TRACE_CONTROL_BLOCK Blocks, ULONG Count)
{
    memset(Blocks, 0, Count * sizeof(*Blocks));
}
EXPORT(StorhostTraceStop, NT_PASSIVE_LEVEL);

VOID WDK_ABI StorhostTraceMessage(ULONGLONG Logger, const STORHOST_TRACE_SITE *Site, ...)
{
    char line[TRACE_LINE_BYTES];
    __builtin_ms_va_list arguments;

    __builtin_ms_va_start(arguments, Site);
    trace_message_format(line, Site, arguments);
    __builtin_ms_va_end(arguments);
    trace_line(trace_owner_name(Logger), Site->Text[1] ? Site->Text[1] : Site->Function, Site->Line,
               line);
}
EXPORT(StorhostTraceMessage, NT_HIGH_LEVEL);

VOID WDK_ABI StorhostTraceAppend(PVOID Sink, ...)
{
    __builtin_ms_va_list arguments;
    const void *address;

    __builtin_ms_va_start(arguments, Sink);
    while ((address = __builtin_va_arg(arguments, const void *)) != NULL)
        trace_sink_append(Sink, address, __builtin_va_arg(arguments, SIZE_T));
    __builtin_ms_va_end(arguments);
}
EXPORT(StorhostTraceAppend, NT_HIGH_LEVEL);
