/*
 * TraceLogging. This host has no consumer of such events: a provider is never enabled, and an event
 * evaluates none of its arguments, as on Windows while nobody listens.
 */
#ifndef WDK_TRACELOGGINGPROVIDER_H
#define WDK_TRACELOGGINGPROVIDER_H

#include "evntprov.h"

WDK_BEGIN_C

typedef struct _TlgProvider_t {
    ULONG LevelPlus1;
} const *TraceLoggingHProvider;

WDK_END_C

#define TRACELOGGING_DECLARE_PROVIDER(name) EXTERN_C const TraceLoggingHProvider name
#define TRACELOGGING_DEFINE_PROVIDER(name, text, ...)                                              \
    EXTERN_C const TraceLoggingHProvider name;                                                     \
    const TraceLoggingHProvider name = (TraceLoggingHProvider)0
#define TRACELOGGING_DEFINE_PROVIDER_STORAGE(name, text, ...)                                      \
    static struct _TlgProvider_t name##_storage

#define TraceLoggingRegister(provider)                                    ((void)(provider), (NTSTATUS)0)
#define TraceLoggingRegisterEx(provider, routine, context)                ((void)(provider), (NTSTATUS)0)
#define TraceLoggingUnregister(provider)                                  ((void)(provider))
#define TraceLoggingProviderEnabled(provider, level, keyword)             ((void)(provider), FALSE)
#define TraceLoggingWrite(provider, name, ...)                            ((void)(provider))
#define TraceLoggingWriteActivity(provider, name, activity, related, ...) ((void)(provider))
#define TraceLoggingWriteStart(activity, name, ...)                       ((void)0)
#define TraceLoggingWriteStop(activity, name, ...)                        ((void)0)
#define TraceLoggingWriteTagged(activity, name, ...)                      ((void)0)

#endif
