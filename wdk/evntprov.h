/* Providers of events; the routines of the kernel are in wdm.h. */
#ifndef WDK_EVNTPROV_H
#define WDK_EVNTPROV_H

#include "evntrace.h"
#include "kernel/debug.h"

#define EVENT_MIN_LEVEL 0
#define EVENT_MAX_LEVEL 0xff

#define EVENT_CONTROL_CODE_DISABLE_PROVIDER 0
#define EVENT_CONTROL_CODE_ENABLE_PROVIDER  1
#define EVENT_CONTROL_CODE_CAPTURE_STATE    2

#define EVENT_ACTIVITY_CTRL_GET_ID        1
#define EVENT_ACTIVITY_CTRL_SET_ID        2
#define EVENT_ACTIVITY_CTRL_CREATE_ID     3
#define EVENT_ACTIVITY_CTRL_GET_SET_ID    4
#define EVENT_ACTIVITY_CTRL_CREATE_SET_ID 5

#define MAX_EVENT_DATA_DESCRIPTORS 128
#define MAX_EVENT_FILTER_DATA_SIZE 1024

#ifndef WDK_HOST
FORCEINLINE VOID EventDataDescCreate(PEVENT_DATA_DESCRIPTOR Descriptor, const VOID *Data,
                                     ULONG Size)
{
    Descriptor->Ptr = (ULONGLONG)(ULONG_PTR)Data;
    Descriptor->Size = Size;
    Descriptor->Reserved = 0;
}

FORCEINLINE VOID EventDescCreate(PEVENT_DESCRIPTOR Descriptor, USHORT Id, UCHAR Version,
                                 UCHAR Channel, UCHAR Level, USHORT Task, UCHAR Opcode,
                                 ULONGLONG Keyword)
{
    Descriptor->Id = Id;
    Descriptor->Version = Version;
    Descriptor->Channel = Channel;
    Descriptor->Level = Level;
    Descriptor->Opcode = Opcode;
    Descriptor->Task = Task;
    Descriptor->Keyword = Keyword;
}

FORCEINLINE VOID EventDescZero(PEVENT_DESCRIPTOR Descriptor)
{
    EventDescCreate(Descriptor, 0, 0, 0, 0, 0, 0, 0);
}
#endif

#endif
