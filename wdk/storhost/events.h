/*
 * The fixed part of the headers that `storhost build` makes of event manifests: what stands behind
 * EventRegister..., EventEnabled... and EventWrite... of a driver.
 */
#ifndef WDK_STORHOST_EVENTS_H
#define WDK_STORHOST_EVENTS_H

#ifndef WDK_HOST
#include "../ntddk.h"
#include "trace.h"

WDK_BEGIN_C

typedef struct _MCGEN_TRACE_CONTEXT {
    ULONGLONG RegistrationHandle;
    ULONGLONG Logger;
    ULONGLONG MatchAnyKeyword;
    ULONGLONG MatchAllKeyword;
    ULONG Flags;
    ULONG IsEnabled;
    UCHAR Level;
    UCHAR Reserve;
    USHORT EnableBitsCount;
    PULONG EnableBitMask;
    const ULONGLONG *EnableKeyWords;
    const UCHAR *EnableLevel;
} MCGEN_TRACE_CONTEXT, *PMCGEN_TRACE_CONTEXT;

static __inline VOID McGenControlCallbackV2(LPCGUID SourceId, ULONG ControlCode, UCHAR Level,
                                            ULONGLONG MatchAnyKeyword, ULONGLONG MatchAllKeyword,
                                            PEVENT_FILTER_DESCRIPTOR FilterData,
                                            PVOID CallbackContext)
{
    PMCGEN_TRACE_CONTEXT context = (PMCGEN_TRACE_CONTEXT)CallbackContext;

    (void)SourceId;
    (void)FilterData;
    if (!context || ControlCode > 1)
        return;
    context->Level = Level;
    context->MatchAnyKeyword = MatchAnyKeyword;
    context->MatchAllKeyword = MatchAllKeyword;
    context->IsEnabled = ControlCode;
}

static __inline BOOLEAN McGenEventIsEnabled(const MCGEN_TRACE_CONTEXT *Context,
                                            PCEVENT_DESCRIPTOR Event)
{
    if (__builtin_expect(!Context->IsEnabled, 1))
        return FALSE;
    return (BOOLEAN)((!Context->Level || Event->Level <= Context->Level) &&
                     (!Event->Keyword ||
                      ((Event->Keyword & Context->MatchAnyKeyword) &&
                       (Event->Keyword & Context->MatchAllKeyword) == Context->MatchAllKeyword)));
}

static __inline NTSTATUS McGenEventRegister(LPCGUID ProviderId, PETWENABLECALLBACK EnableCallback,
                                            PVOID CallbackContext, PREGHANDLE RegHandle)
{
    return *RegHandle ? 0 : EtwRegister(ProviderId, EnableCallback, CallbackContext, RegHandle);
}

static __inline NTSTATUS McGenEventRegisterDescribed(LPCGUID ProviderId,
                                                     PMCGEN_TRACE_CONTEXT Context,
                                                     PREGHANDLE RegHandle,
                                                     const STORHOST_EVENT *Events)
{
    NTSTATUS status = McGenEventRegister(ProviderId, McGenControlCallbackV2, Context, RegHandle);

    if (status >= 0)
        StorhostEventDescribe(*RegHandle, Events);
    return status;
}

static __inline NTSTATUS McGenEventUnregister(PREGHANDLE RegHandle)
{
    REGHANDLE handle = *RegHandle;

    *RegHandle = 0;
    return handle ? EtwUnregister(handle) : 0;
}

/* ---- the data of an event ---- */

static __inline VOID McGenData(PEVENT_DATA_DESCRIPTOR Data, const void *Bytes, SIZE_T Size)
{
    Data->Ptr = (ULONGLONG)(ULONG_PTR)Bytes;
    Data->Size = Bytes ? (ULONG)Size : 0;
    Data->Reserved = 0;
}

static __inline VOID McGenText(PEVENT_DATA_DESCRIPTOR Data, const char *Text)
{
    SIZE_T length = 0;

    Text = Text ? Text : "NULL";
    while (Text[length])
        length++;
    McGenData(Data, Text, length + 1);
}

static __inline VOID McGenWideText(PEVENT_DATA_DESCRIPTOR Data, PCWSTR Text)
{
    static const WCHAR null[] = {'N', 'U', 'L', 'L', 0};
    SIZE_T length = 0;

    Text = Text ? Text : null;
    while (Text[length])
        length++;
    McGenData(Data, Text, 2 * (length + 1));
}

/* A SID's second byte counts its words; eight bytes come before them. */
static __inline VOID McGenSid(PEVENT_DATA_DESCRIPTOR Data, const void *Sid)
{
    McGenData(Data, Sid, Sid ? 8 + 4 * (SIZE_T)((const UCHAR *)Sid)[1] : 0);
}

WDK_END_C

#endif
#endif
