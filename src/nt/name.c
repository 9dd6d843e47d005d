/*
 * name.c - see name.h.
 */
#include "nt/name.h"

#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS_FOLLOWED_MAX = 8, NAMES_MAX = 4096 };

struct name {
    struct name *next;
    DEVICE_OBJECT *device; /* NULL: a link */
    char *text, *target;
};

static struct {
    struct sys_mutex mutex;
    struct name *first;
    unsigned count;
} names;

/* ---- texts ---- */

/* Into its one form. False: too long or empty. */
static bool normalize(const char *name, char text[NT_NAME_BYTES])
{
    static const char *const prefixes[] = {
        "\\\\.\\", "\\\\?\\", "\\??\\", "\\DosDevices\\Global\\", "\\DosDevices\\", "\\GLOBAL??\\"};
    static const char globalroot[] = "GLOBALROOT\\";
    bool dos = name[0] != '\\';

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]) && !dos; i++) {
        if (strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0) {
            name += strlen(prefixes[i]);
            dos = true;
        }
    }
    if (dos && strncasecmp(name, globalroot, sizeof(globalroot) - 1) == 0) {
        name += sizeof(globalroot) - 2; /* the backslash stays */
        dos = false;
    }
    int length = snprintf(text, NT_NAME_BYTES, "%s%s", dos ? "\\??\\" : "", name);
    return *name && length > 0 && length < NT_NAME_BYTES;
}

static struct name *find_locked(const char *text, size_t length)
{
    struct name *name = names.first;

    while (name && (strncasecmp(name->text, text, length) != 0 || name->text[length] != '\0'))
        name = name->next;
    return name;
}

/* ---- adding and removing ---- */

static void name_free(struct name *name)
{
    free(name->text);
    free(name->target);
    free(name);
}

static int name_add(const char *name, DEVICE_OBJECT *device, const char *target)
{
    char text[NT_NAME_BYTES], target_text[NT_NAME_BYTES] = "";

    if (!normalize(name, text) || (target && !normalize(target, target_text)))
        return -EINVAL;
    struct name *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return -ENOMEM;
    fresh->text = strdup(text);
    fresh->target = target ? strdup(target_text) : NULL;
    fresh->device = device;
    int error = !fresh->text || (target && !fresh->target) ? -ENOMEM : 0;
    sys_mutex_lock(&names.mutex);
    if (!error && find_locked(text, strlen(text)))
        error = -EEXIST;
    if (!error && names.count == NAMES_MAX)
        error = -ENOMEM;
    if (!error) {
        struct name **link = &names.first;
        while (*link)
            link = &(*link)->next;
        *link = fresh;
        names.count++;
    }
    sys_mutex_unlock(&names.mutex);
    if (error)
        name_free(fresh);
    return error;
}

int nt_name_add(const char *name, DEVICE_OBJECT *device)
{
    return name_add(name, device, NULL);
}

int nt_name_add_link(const char *name, const char *target)
{
    return name_add(name, NULL, target);
}

static bool is_link(const struct name *name, const void *text)
{
    return !name->device && strcasecmp(name->text, text) == 0;
}

static bool is_of_device(const struct name *name, const void *device)
{
    return name->device == device;
}

static unsigned names_remove(bool (*matches)(const struct name *name, const void *what),
                             const void *what)
{
    unsigned count = 0;

    sys_mutex_lock(&names.mutex);
    for (struct name **link = &names.first; *link;) {
        struct name *name = *link;
        if (!matches(name, what)) {
            link = &name->next;
            continue;
        }
        *link = name->next;
        name_free(name);
        names.count--;
        count++;
    }
    sys_mutex_unlock(&names.mutex);
    return count;
}

int nt_name_remove_link(const char *name)
{
    char text[NT_NAME_BYTES];

    if (!normalize(name, text))
        return -EINVAL;
    return names_remove(is_link, text) ? 0 : -ENOENT;
}

void nt_name_forget(const DEVICE_OBJECT *device)
{
    names_remove(is_of_device, device);
}

/* ---- looking ---- */

/* The longest name that the text is, or continues behind a backslash. */
static struct name *match_locked(const char *text, size_t *ret_length)
{
    for (size_t length = strlen(text); length; length--) {
        struct name *name = text[length] == '\0' || text[length] == '\\' || text[length] == '/'
                                ? find_locked(text, length)
                                : NULL;
        *ret_length = length;
        if (name)
            return name;
    }
    return NULL;
}

DEVICE_OBJECT *nt_name_find(const char *name, char *ret_rest)
{
    char text[NT_NAME_BYTES], longer[2 * NT_NAME_BYTES];
    DEVICE_OBJECT *device = NULL;
    size_t length;

    if (!normalize(name, text))
        return NULL;
    sys_mutex_lock(&names.mutex);
    for (unsigned i = 0; i < LINKS_FOLLOWED_MAX && !device; i++) {
        const struct name *found = match_locked(text, &length);
        if (!found)
            break;
        device = found->device;
        if (device) {
            nt_object_reference(device);
            memmove(ret_rest, text + length, strlen(text + length) + 1);
        } else {
            snprintf(longer, sizeof(longer), "%s%s", found->target, text + length);
            if (!normalize(longer, text))
                break;
        }
    }
    sys_mutex_unlock(&names.mutex);
    return device;
}

bool nt_name_at(unsigned index, char *ret_name, char *ret_target)
{
    sys_mutex_lock(&names.mutex);
    const struct name *name = names.first;
    while (name && index--)
        name = name->next;
    if (name) {
        snprintf(ret_name, NT_NAME_BYTES, "%s", name->text);
        snprintf(ret_target, NT_NAME_BYTES, "%s", name->target ? name->target : "");
    }
    sys_mutex_unlock(&names.mutex);
    return name != NULL;
}
