/* Event tracing: levels and kinds of events, and the records of the older providers. */
#ifndef WDK_EVNTRACE_H
#define WDK_EVNTRACE_H

#include "guiddef.h"
#include "ntdef.h"

#define TRACE_LEVEL_NONE        0
#define TRACE_LEVEL_CRITICAL    1
#define TRACE_LEVEL_FATAL       1
#define TRACE_LEVEL_ERROR       2
#define TRACE_LEVEL_WARNING     3
#define TRACE_LEVEL_INFORMATION 4
#define TRACE_LEVEL_VERBOSE     5
#define TRACE_LEVEL_RESERVED6   6
#define TRACE_LEVEL_RESERVED7   7
#define TRACE_LEVEL_RESERVED8   8
#define TRACE_LEVEL_RESERVED9   9

#define EVENT_TRACE_TYPE_INFO           0x00
#define EVENT_TRACE_TYPE_START          0x01
#define EVENT_TRACE_TYPE_END            0x02
#define EVENT_TRACE_TYPE_STOP           0x02
#define EVENT_TRACE_TYPE_DC_START       0x03
#define EVENT_TRACE_TYPE_DC_END         0x04
#define EVENT_TRACE_TYPE_EXTENSION      0x05
#define EVENT_TRACE_TYPE_REPLY          0x06
#define EVENT_TRACE_TYPE_DEQUEUE        0x07
#define EVENT_TRACE_TYPE_RESUME         0x07
#define EVENT_TRACE_TYPE_CHECKPOINT     0x08
#define EVENT_TRACE_TYPE_SUSPEND        0x08
#define EVENT_TRACE_TYPE_WINEVT_SEND    0x09
#define EVENT_TRACE_TYPE_WINEVT_RECEIVE 0xF0

#define TRACE_MESSAGE_SEQUENCE              1
#define TRACE_MESSAGE_GUID                  2
#define TRACE_MESSAGE_COMPONENTID           4
#define TRACE_MESSAGE_TIMESTAMP             8
#define TRACE_MESSAGE_PERFORMANCE_TIMESTAMP 16
#define TRACE_MESSAGE_SYSTEMINFO            32
#define TRACE_MESSAGE_FLAG_MASK             0xFFFF
#define TRACE_MESSAGE_MAXIMUM_SIZE          (64 * 1024)

typedef ULONG64 TRACEHANDLE, *PTRACEHANDLE;

typedef struct _EVENT_TRACE_HEADER {
    USHORT Size;
    union {
        USHORT FieldTypeFlags;
        struct {
            UCHAR HeaderType;
            UCHAR MarkerFlags;
        };
    };
    union {
        ULONG Version;
        struct {
            UCHAR Type;
            UCHAR Level;
            USHORT Version;
        } Class;
    };
    ULONG ThreadId;
    ULONG ProcessId;
    LARGE_INTEGER TimeStamp;
    union {
        GUID Guid;
        ULONGLONG GuidPtr;
    };
    union {
        struct {
            ULONG KernelTime;
            ULONG UserTime;
        };
        ULONG64 ProcessorTime;
        struct {
            ULONG ClientContext;
            ULONG Flags;
        };
    };
} EVENT_TRACE_HEADER, *PEVENT_TRACE_HEADER;

typedef struct _MOF_FIELD {
    ULONG64 DataPtr;
    ULONG Length;
    ULONG DataType;
} MOF_FIELD, *PMOF_FIELD;

#endif
