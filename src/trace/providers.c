/*
 * providers.c - what drivers have registered to write events with.
 *
 * Entries are taken and given back at PASSIVE_LEVEL, under a mutex; events look at them at any
 * IRQL, without one. A driver does not write events with a handle while it gives it back.
 */
#include "trace/providers.h"

#include "sys/sys.h"

#include <stdio.h>
#include <string.h>

enum { PROVIDERS_MAX = 128, PROVIDER_BITS = 8 };

static struct {
    struct sys_mutex mutex;
    struct trace_provider all[PROVIDERS_MAX];
    uint64_t turn; /* so that a handle that was given back is not one again */
} providers;

uint64_t trace_provider_add(const char *driver, const GUID *guid)
{
    uint64_t handle = 0;

    sys_mutex_lock(&providers.mutex);
    for (unsigned i = 0; i < PROVIDERS_MAX && !handle; i++) {
        struct trace_provider *provider = &providers.all[i];
        if (__atomic_load_n(&provider->handle, __ATOMIC_RELAXED))
            continue;
        handle = ++providers.turn << PROVIDER_BITS | i;
        provider->guid = *guid;
        provider->events = NULL;
        snprintf(provider->driver, sizeof(provider->driver), "%s", driver);
        __atomic_store_n(&provider->handle, handle, __ATOMIC_RELEASE);
    }
    sys_mutex_unlock(&providers.mutex);
    return handle;
}

struct trace_provider *trace_provider_find(uint64_t handle)
{
    struct trace_provider *provider =
        &providers.all[handle % (1u << PROVIDER_BITS) % PROVIDERS_MAX];

    return handle && __atomic_load_n(&provider->handle, __ATOMIC_ACQUIRE) == handle ? provider
                                                                                    : NULL;
}

bool trace_provider_exists(uint64_t handle)
{
    return trace_provider_find(handle) != NULL;
}

bool trace_provider_remove(uint64_t handle)
{
    sys_mutex_lock(&providers.mutex);
    struct trace_provider *provider = trace_provider_find(handle);
    if (provider)
        __atomic_store_n(&provider->handle, 0, __ATOMIC_RELEASE);
    sys_mutex_unlock(&providers.mutex);
    return provider != NULL;
}

bool trace_provider_describe(uint64_t handle, const STORHOST_EVENT *events)
{
    struct trace_provider *provider = trace_provider_find(handle);

    if (provider)
        __atomic_store_n(&provider->events, events, __ATOMIC_RELEASE);
    return provider != NULL;
}

unsigned trace_providers_take(const char *driver)
{
    unsigned count = 0;

    sys_mutex_lock(&providers.mutex);
    for (unsigned i = 0; i < PROVIDERS_MAX; i++) {
        struct trace_provider *provider = &providers.all[i];
        if (!__atomic_load_n(&provider->handle, __ATOMIC_RELAXED) ||
            strncmp(provider->driver, driver, sizeof(provider->driver) - 1) != 0)
            continue;
        __atomic_store_n(&provider->handle, 0, __ATOMIC_RELEASE);
        count++;
    }
    sys_mutex_unlock(&providers.mutex);
    return count;
}
