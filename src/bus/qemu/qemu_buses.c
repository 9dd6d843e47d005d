/*
 * qemu_buses.c - the buses of a controller, as QEMU's tree of objects shows them.
 *
 * A bus is a child of the object that made it, and its class is its kind. A device may be made of
 * several objects (the PCI function and what is behind it), so children of children are looked at.
 */
#include "bus/qemu/qemu_buses.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 3, PATH_SIZE = 512 };

static const struct {
    const char *type; /* as QEMU names the relation to a child */
    const char *disk, *cdrom;
} kinds[] = {
    {"child<IDE>", "ide-hd", "ide-cd"},
    {"child<SCSI>", "scsi-hd", "scsi-cd"},
};

/* True when the child is a bus for disks; it is then in the list, if there was room. */
static bool bus_add(struct qemu_buses *buses, const char *name, const char *type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(type, kinds[i].type) != 0)
            continue;
        if (buses->count < QEMU_BUSES_MAX && strlen(name) < QEMU_BUS_NAME_SIZE) {
            struct qemu_bus *bus = &buses->bus[buses->count++];
            *bus = (struct qemu_bus){.disk = kinds[i].disk, .cdrom = kinds[i].cdrom};
            snprintf(bus->name, sizeof(bus->name), "%s", name);
        }
        return true;
    }
    return false;
}

static bool is_child_device(const char *type)
{
    return strncmp(type, "child<", 6) == 0 && strstr(type, "memory-region") == NULL;
}

static int object_walk(struct qmp *qmp, const char *path, unsigned depth, struct qemu_buses *buses)
{
    json_t *properties, *property;
    int error = qmp_execute(qmp, "qom-list", json_pack("{s:s}", "path", path), &properties);
    size_t index;

    if (error != 0)
        return error;
    json_array_foreach(properties, index, property)
    {
        const char *name = json_string_value(json_object_get(property, "name"));
        const char *type = json_string_value(json_object_get(property, "type"));
        char below[PATH_SIZE];
        if (name == NULL || type == NULL || bus_add(buses, name, type) || !is_child_device(type) ||
            depth == DEPTH_MAX)
            continue;
        int length = snprintf(below, sizeof(below), "%s/%s", path, name);
        if (length > 0 && (size_t)length < sizeof(below))
            error = object_walk(qmp, below, depth + 1, buses);
        if (error != 0)
            break;
    }
    json_decref(properties);
    return error;
}

/* NAME.2 comes before NAME.10. */
static int compare_names(const void *left, const void *right)
{
    const struct qemu_bus *a = left, *b = right;
    size_t a_size = strlen(a->name), b_size = strlen(b->name);

    if (a_size != b_size)
        return a_size < b_size ? -1 : 1;
    return strcmp(a->name, b->name);
}

int qemu_buses_find(struct qmp *qmp, const char *device_id, struct qemu_buses *ret_buses)
{
    struct qemu_buses buses = {.count = 0};
    char path[PATH_SIZE];
    int length = snprintf(path, sizeof(path), "/machine/peripheral/%s", device_id);

    if (length < 0 || (size_t)length >= sizeof(path))
        return -EINVAL;
    int error = object_walk(qmp, path, 1, &buses);
    if (error != 0)
        return error;
    qsort(buses.bus, buses.count, sizeof(buses.bus[0]), compare_names);
    *ret_buses = buses;
    return 0;
}
