/*
 * bus.c - finds the backend that a SPEC names and opens the device.
 *
 * Backends register themselves by BUS_BACKEND in the linker section `bus_backends`; this file
 * knows none of them. They are listed by name, so that the order of linking is never visible.
 */
#include "bus/bus.h"

#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Both ends of the section, made by the linker. Weak, so that a program without any backend still
 * links. */
extern const struct bus_backend *const __start_bus_backends[] __attribute__((weak));
extern const struct bus_backend *const __stop_bus_backends[] __attribute__((weak));

static size_t backend_count(void)
{
    return (size_t)(__stop_bus_backends - __start_bus_backends);
}

/* How many backends come before `backend` in the order of names. */
static size_t backend_rank(const struct bus_backend *backend)
{
    size_t rank = 0;
    for (size_t i = 0; i < backend_count(); i++) {
        int order = strcmp(__start_bus_backends[i]->name, backend->name);
        sh_assert(order != 0 || __start_bus_backends[i] == backend);
        rank += order < 0;
    }
    return rank;
}

const struct bus_backend *bus_backend_at(size_t index)
{
    for (size_t i = 0; i < backend_count(); i++) {
        if (backend_rank(__start_bus_backends[i]) == index)
            return __start_bus_backends[i];
    }
    return NULL;
}

static const struct bus_backend *backend_find(const char *name, size_t length)
{
    for (size_t i = 0; i < backend_count(); i++) {
        const struct bus_backend *backend = __start_bus_backends[i];
        if (strlen(backend->name) == length && memcmp(backend->name, name, length) == 0)
            return backend;
    }
    return NULL;
}

static void reason_unknown(const struct bus_open_options *options, const char *name, size_t length)
{
    char known[256] = "";
    size_t used = 0;
    for (size_t i = 0; bus_backend_at(i) != NULL && used < sizeof(known); i++) {
        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
                                 bus_backend_at(i)->name);
    }
    snprintf(options->reason, options->reason_size,
             "device '%.*s': unknown kind of device; use one of: %s", (int)length, name,
             used ? known : "(none is built in)");
}

int bus_open(struct bus_device **ret_device, const char *spec,
             const struct bus_open_options *options)
{
    sh_assert(ret_device != NULL && spec != NULL && options != NULL);
    sh_assert(options->reason != NULL && options->reason_size > 0);
    size_t length = strcspn(spec, ":");
    if (length == 4 && memcmp(spec, "none", 4) == 0) {
        snprintf(options->reason, options->reason_size,
                 "device 'none' is not a device: nothing can be opened; name a device");
        return -EINVAL;
    }
    const struct bus_backend *backend = backend_find(spec, length);
    if (backend == NULL) {
        reason_unknown(options, spec, length);
        return -EINVAL;
    }
    struct bus_open_options own = *options;
    own.arguments = spec[length] == ':' ? spec + length + 1 : "";
    own.reason[0] = '\0';
    int error = backend->open(ret_device, &own);
    sh_assert(error == 0 || own.reason[0] != '\0');
    return error;
}
