/*
 * What a miniport passes to the trace preprocessor's start-up code. A build without that
 * preprocessor turns its calls into nothing, but the driver still fills in the structure.
 */
#ifndef WDK_STORTRCE_H
#define WDK_STORTRCE_H

#include "ntdef.h"

typedef VOID(NTAPI *PSTORAGE_TRACE_CLEANUP_ROUTINE)(PVOID TraceContext);

typedef struct _STORAGE_TRACE_INIT_INFO {
    ULONG Size;
    PVOID DriverObject;
    ULONG NumErrorLogRecords;
    PSTORAGE_TRACE_CLEANUP_ROUTINE TraceCleanupRoutine;
    PVOID TraceContext;
} STORAGE_TRACE_INIT_INFO, *PSTORAGE_TRACE_INIT_INFO;

#endif
