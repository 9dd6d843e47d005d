/*
 * providers.h - a driver's registration for events, as the room itself sees it.
 */
#ifndef STORHOST_TRACE_PROVIDERS_H
#define STORHOST_TRACE_PROVIDERS_H

#include "trace/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct trace_provider {
    uint64_t handle; /* 0: the entry is free */
    GUID guid;
    const STORHOST_EVENT *events; /* in the driver's memory; NULL: not described */
    char driver[64];
};

/* NULL: no registration has that handle. Any IRQL. */
struct trace_provider *trace_provider_find(uint64_t handle);

#ifdef __cplusplus
}
#endif

#endif
