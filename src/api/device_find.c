/*
 * device_find.c - which device a name means: units by their address or number, interfaces by their
 * class, all else by the names that drivers and the port gave.
 */
#include "api/device_server.h"

#include "nt/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct sys_mutex mutex;
    struct storhost_adapter *first;
} adapters;

void api_adapters_add(struct storhost_adapter *adapter)
{
    struct storhost_adapter **link = &adapters.first;

    sys_mutex_lock(&adapters.mutex);
    while (*link != NULL)
        link = &(*link)->next;
    *link = adapter;
    sys_mutex_unlock(&adapters.mutex);
}

void api_adapters_remove(struct storhost_adapter *adapter)
{
    sys_mutex_lock(&adapters.mutex);
    for (struct storhost_adapter **link = &adapters.first; *link != NULL; link = &(*link)->next) {
        if (*link == adapter) {
            *link = adapter->next;
            break;
        }
    }
    sys_mutex_unlock(&adapters.mutex);
}

/* ---- units ---- */

struct unit_name {
    bool by_number;
    unsigned number, adapter, path, target, lun;
};

static const char *without_prefix(const char *name)
{
    if (strncmp(name, "\\\\.\\", 4) == 0 || strncmp(name, "\\\\?\\", 4) == 0 ||
        strncmp(name, "\\??\\", 4) == 0)
        return name + 4;
    return name;
}

/* "P:T:L", "A/P:T:L" or "PhysicalDriveN". */
static bool unit_name_parse(const char *name, struct unit_name *ret_name)
{
    static const char drive[] = "PhysicalDrive";
    struct unit_name unit = {0};
    int used = -1;

    name = without_prefix(name);
    if (strncasecmp(name, drive, sizeof(drive) - 1) == 0) {
        unit.by_number = true;
        if (sscanf(name + sizeof(drive) - 1, "%4u%n", &unit.number, &used) != 1)
            return false;
        used += (int)sizeof(drive) - 1;
    } else if (sscanf(name, "%3u:%3u:%3u%n", &unit.path, &unit.target, &unit.lun, &used) != 3 &&
               sscanf(name, "%4u/%3u:%3u:%3u%n", &unit.adapter, &unit.path, &unit.target, &unit.lun,
                      &used) != 4) {
        return false;
    }
    *ret_name = unit;
    return used > 0 && name[used] == '\0';
}

/* Visits units in the order in which they are numbered, with the number of each. */
static DEVICE_OBJECT *units_visit(DEVICE_OBJECT *(*visit)(void *context, unsigned number,
                                                          unsigned adapter, struct port_unit *unit),
                                  void *context)
{
    DEVICE_OBJECT *found = NULL;
    unsigned number = 0, at = 0;

    sys_mutex_lock(&adapters.mutex);
    for (struct storhost_adapter *adapter = adapters.first; adapter != NULL && found == NULL;
         adapter = adapter->next, at++) {
        struct port_unit *unit;
        for (unsigned i = 0; found == NULL && (unit = port_unit_get(adapter->adapter, i)) != NULL;
             i++) {
            found = visit(context, number++, at, unit);
            port_unit_release(unit);
        }
    }
    sys_mutex_unlock(&adapters.mutex);
    return found;
}

static DEVICE_OBJECT *unit_match(void *context, unsigned number, unsigned adapter,
                                 struct port_unit *unit)
{
    const struct unit_name *wanted = context;
    struct port_unit_info info;

    port_unit_describe(unit, &info);
    bool same = wanted->by_number ? wanted->number == number
                                  : wanted->adapter == adapter && wanted->path == info.path &&
                                        wanted->target == info.target && wanted->lun == info.lun;
    return same ? port_device_object(port_unit_adapter(unit), unit) : NULL;
}

/* ---- interfaces ---- */

/* The first interface of a class: "{...}" is what its name ends with. */
static DEVICE_OBJECT *interface_find(const char *class, char *ret_rest)
{
    char name[NT_NAME_BYTES], target[NT_NAME_BYTES];
    size_t length = strlen(class);

    for (unsigned i = 0; nt_name_at(i, name, target); i++) {
        size_t whole = strlen(name);
        if (target[0] != '\0' && whole > length && name[whole - length - 1] == '#' &&
            strcasecmp(name + whole - length, class) == 0)
            return nt_name_find(name, ret_rest);
    }
    return NULL;
}

DEVICE_OBJECT *device_find(const char *name, char *ret_rest)
{
    struct unit_name unit;

    ret_rest[0] = '\0';
    if (unit_name_parse(name, &unit))
        return units_visit(unit_match, &unit);
    if (name[0] == '{')
        return interface_find(name, ret_rest);
    return nt_name_find(name, ret_rest);
}

/* ---- the list ---- */

struct list {
    char *text;
    size_t length;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void list_add(struct list *list, const char *format,
                                                           ...)
{
    va_list arguments;
    char *line, *longer;

    va_start(arguments, format);
    int length = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (length < 0) {
        list->failed = true;
        return;
    }
    longer = realloc(list->text, list->length + (size_t)length + 1);
    if (longer != NULL) {
        memcpy(longer + list->length, line, (size_t)length + 1);
        list->text = longer;
        list->length += (size_t)length;
    }
    list->failed |= longer == NULL;
    free(line);
}

static DEVICE_OBJECT *unit_list(void *context, unsigned number, unsigned adapter,
                                struct port_unit *unit)
{
    struct port_unit_info info;

    port_unit_describe(unit, &info);
    list_add(context, "\\\\.\\PhysicalDrive%u -> %u/%u:%u:%u\n", number, adapter, info.path,
             info.target, info.lun);
    return NULL;
}

/* Names come from drivers: nothing in them that a terminal obeys. */
static void make_printable(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
}

char *device_list(void)
{
    char name[NT_NAME_BYTES], target[NT_NAME_BYTES];
    struct list list = {0};

    list_add(&list, "%s", "");
    for (unsigned i = 0; nt_name_at(i, name, target); i++) {
        make_printable(name);
        make_printable(target);
        bool dos = strncmp(name, "\\??\\", 4) == 0;
        list_add(&list, "%s%s%s%s\n", dos ? "\\\\.\\" : "", dos ? name + 4 : name,
                 target[0] != '\0' ? " -> " : "", target);
    }
    (void)units_visit(unit_list, &list);
    if (!list.failed)
        return list.text;
    free(list.text);
    return NULL;
}
