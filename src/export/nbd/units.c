/*
 * units.c - tells which exports there are, as units come, go and change their size, and when the
 * last adapter has gone.
 *
 * Rule: looking may block (a new disk is asked for its capacity, and its adapter may be stopped),
 * so after the start it is done by a thread of its own, which anything that happens to an adapter
 * wakes.
 */
#include "host.h"

#include "sys/sys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A unit as it was told last; holds a reference, so that the pointer stays one unit's. */
struct known_unit {
    struct known_unit *next;
    struct storhost_unit *unit;
    char name[HOST_UNIT_NAME_BYTES];
    uint64_t bytes;
    bool is_exported, seen;
    int error; /* why it is not exported */
};

static struct {
    struct sys_poller *poller;
    struct sys_watch *watch;
    int bell; /* an eventfd, kept to the end: adapters still tell of events while they stop */
    struct known_unit *known;
    bool end_was_told;
} units = {.bell = -1};

static struct known_unit *known_find(const struct storhost_unit *unit)
{
    struct known_unit *known = units.known;

    while (known != NULL && known->unit != unit)
        known = known->next;
    return known;
}

static void tell_exported(struct known_unit *known, const struct storhost_unit_info *info)
{
    bool plain = info->device_type == 0;

    known->is_exported = true;
    known->bytes = info->block_count * info->block_size;
    host_report("unit", "%s %s %s %s%s%s, %" PRIu64 " bytes in blocks of %u%s", known->name,
                info->vendor, info->product, info->revision, plain ? "" : ", ",
                plain ? "" : storhost_device_type_name(info->device_type), known->bytes,
                info->block_size, info->read_only ? ", read only" : "");
}

static void tell_hidden(struct known_unit *known, const struct storhost_unit_info *info)
{
    if (known->error != 0)
        host_report("event", "unit %s (%s %s) is not exported: %s", known->name, info->vendor,
                    info->product, storhost_unit_problem(known->error));
    else
        host_report("event", "unit %s (%s %s) is not exported: it is no disk (%s, device type %u)",
                    known->name, info->vendor, info->product,
                    storhost_device_type_name(info->device_type), info->device_type);
}

/* Tells of a unit that is new. */
static void tell_new(struct known_unit *known, const struct storhost_unit_info *info, int error)
{
    known->error = error;
    if (error == 0 && info->has_blocks)
        tell_exported(known, info);
    else
        tell_hidden(known, info);
}

/* Tells what is different since the last look. */
static void tell_changes(struct known_unit *known, const struct storhost_unit_info *info, int error)
{
    uint64_t bytes = info->block_count * info->block_size;

    if (known->is_exported && error == -ENOMEDIUM) {
        known->is_exported = false;
        known->error = error;
        host_report("gone", "%s", known->name);
        tell_hidden(known, info);
    } else if (!known->is_exported && error == 0 && info->has_blocks) {
        tell_exported(known, info);
    } else if (known->is_exported && error == 0 && bytes != known->bytes) {
        known->bytes = bytes;
        host_report("changed", "%s %" PRIu64 " bytes", known->name, bytes);
    }
}

static struct known_unit *known_add(struct storhost_unit *unit, const char *name)
{
    struct known_unit **link = &units.known;
    struct known_unit *known = calloc(1, sizeof(*known));

    if (known == NULL)
        return NULL;
    while (*link != NULL)
        link = &(*link)->next;
    *link = known;
    known->unit = unit;
    snprintf(known->name, sizeof(known->name), "%s", name);
    return known;
}

/* Takes over the reference. */
static void unit_look(struct storhost_unit *unit, const char *name)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    struct known_unit *known = known_find(unit);
    int error = storhost_unit_describe(unit, &info);

    if (known == NULL) {
        known = known_add(unit, name);
        if (known == NULL) {
            storhost_unit_release(unit);
            return;
        }
        tell_new(known, &info, error);
    } else {
        storhost_unit_release(unit); /* the first reference is kept */
        tell_changes(known, &info, error);
    }
    known->seen = true;
}

/* Lets go of the units that were not seen and says so. */
static void unseen_forget(void)
{
    for (struct known_unit **link = &units.known; *link != NULL;) {
        struct known_unit *known = *link;
        if (known->seen) {
            link = &known->next;
            continue;
        }
        *link = known->next;
        if (known->is_exported)
            host_report("gone", "%s", known->name);
        storhost_unit_release(known->unit);
        free(known);
    }
}

static void units_look(void)
{
    for (struct known_unit *known = units.known; known != NULL; known = known->next)
        known->seen = false;
    for (size_t adapter = 0; host_adapter(adapter) != NULL; adapter++) {
        char name[HOST_UNIT_NAME_BYTES];
        struct storhost_unit *unit;
        for (unsigned i = 0; (unit = host_unit_at(adapter, i, name)) != NULL; i++)
            unit_look(unit, name);
    }
    unseen_forget();
}

bool host_units_announce(void)
{
    bool any = false;

    units_look();
    for (struct known_unit *known = units.known; known != NULL; known = known->next)
        any |= known->is_exported || known->error == -ENOMEDIUM;
    return any;
}

/* ---- later ---- */

/* Nothing can be served any more: the supervisor is asked to end the server; without one we do. */
static void last_adapter_look(void)
{
    bool lost;

    if (units.end_was_told || !host_adapters_are_gone(&lost))
        return;
    units.end_was_told = true;
    host_report("end", lost ? "lost" : "removed");
    if (host_options.report_fd < 0)
        host_shutdown();
}

static void bell_rang(void *context)
{
    uint64_t rings;

    (void)context;
    (void)!read(units.bell, &rings, sizeof(rings));
    units_look();
    last_adapter_look();
}

void host_look(void)
{
    int bell = __atomic_load_n(&units.bell, __ATOMIC_ACQUIRE);
    uint64_t one = 1;

    if (bell >= 0)
        (void)!write(bell, &one, sizeof(one));
}

int host_units_start(void)
{
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = bell < 0 ? -errno : sys_poller_create(&units.poller, "nbd-units");

    __atomic_store_n(&units.bell, bell, __ATOMIC_RELEASE);
    if (error == 0)
        error = sys_watch_add(&units.watch, units.poller, bell, bell_rang, NULL);
    if (error == 0) {
        host_look(); /* at what came since it was told of the units */
        return 0;
    }
    host_report("error", "the units cannot be watched: %s", strerror(-error));
    return -1;
}

void host_units_stop(void)
{
    if (units.watch != NULL)
        sys_watch_remove(units.watch);
    if (units.poller != NULL)
        sys_poller_destroy(units.poller);
    units.watch = NULL;
    units.poller = NULL;
    while (units.known != NULL) {
        struct known_unit *known = units.known;
        units.known = known->next;
        storhost_unit_release(known->unit);
        free(known);
    }
}
