/* Traces in every place and with every kind of argument. The driver starts nothing. */
#include "traced.h"

#include "traced.tmh"

static LONG evaluated;

static LONG CountEvaluation(VOID)
{
    return ++evaluated;
}

static NTSTATUS Fails(VOID)
{
    ReturnTraced(STATUS_DEVICE_BUSY);
}

/* The driver's own macro around a trace function, and around that another. */
#define NOTE(...) Trace(TRACE_LEVEL_INFORMATION, TRACED_IO, __VA_ARGS__)
#define NOTE_TWICE(x)                                                                              \
    NOTE("first %d", x);                                                                           \
    NOTE("second %d", x)

static VOID TracesInManyPlaces(VOID)
{
    TraceEntry();
    TraceNothing();
    NOTE("several lines "
         "of %d",
         2);
    NOTE_TWICE(7);
    Trace(TRACE_LEVEL_ERROR, TRACED_IO, "one"), Trace(TRACE_LEVEL_ERROR, TRACED_IO, "two");
    TraceDoubled((TRACE_LEVEL_ERROR, TRACED_IO, "doubled %x", 255));
    TraceGrouped(TRACE_LEVEL_ERROR, TRACED_IO, ("grouped %s %s", "a", "b"));
    DoTraceMessage(TRACED_IO, "by default");
    if (evaluated < 0)
        Trace(TRACE_LEVEL_ERROR, TRACED_IO, "not this");
    else
        TraceError(TRACED_START, "error %u", 4294967295u);
}

static VOID TracesOfManyTypes(VOID)
{
    static const GUID guid = {0x01020304, 5, 6, {7, 8, 9, 10, 11, 12, 13, 14}};
    UNICODE_STRING wide = {8, 8, (PWSTR)L"wide"};
    LARGE_INTEGER big;
    SHORT small = -3;

    big.QuadPart = -5000000000ll;
    NOTE("numbers %d %u %I64d %lld %hx %c %08X", small, 7, big, big.QuadPart, 0x12345, 'c', 0xABu);
    NOTE("widened %I64d %I64u %p", -1, 0xFFFFFFFFu, (PVOID)0x10);
    NOTE("text %s %S %ws %wZ %!USTR! %-6s|", "a", L"b", L"c", &wide, wide, "d");
    NOTE("status %!STATUS! %!STATUS! error %!WINERROR! result %!HRESULT!", STATUS_PENDING,
         0xC0FFEE00, 5, 0);
    NOTE("types %!bool! %!BOOLEAN! %!irql! %!GUID! %!ULONG! %!XINT64!", 1, FALSE, 2, &guid, 9,
         0x1234567890ull);
    NOTE("network %!IPADDR! %!PORT! time %!TIMESTAMP! letters %!08x!", 0x0100007F, 0x5000,
         132537600000000000ll, 0xAB);
    NOTE("own %!phase! %!phase! %!color! %!color! %!parts!", PhaseBusy, 6, 5, 99, 5);
    NOTE("bytes %!HEXDUMP!.", TracedBytes("\1\2\xFF", 3));
    NOTE("place %!FILE! %!FUNC! %!LEVEL! %!FLAGS!");
    NOTE("unknown %!nosuchtype! percent %% too few %d", 1);
}

ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath)
{
    Trace(TRACE_LEVEL_ERROR, TRACED_START, "before the start");
    WPP_INIT_TRACING(DriverObject, RegistryPath);
    Fails();
    TracesInManyPlaces();
    TracesOfManyTypes();
    Trace(TRACE_LEVEL_INFORMATION, TRACED_IO, "evaluation %d", CountEvaluation());
    WPP_CLEANUP(DriverObject);
    Trace(TRACE_LEVEL_ERROR, TRACED_START, "after the end");
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "evaluated %d times\n", evaluated);
    return (ULONG)STATUS_UNSUCCESSFUL;
}
