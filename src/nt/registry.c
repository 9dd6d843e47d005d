/*
 * registry.c - the registry: a tree of keys with typed values, kept in memory.
 *
 * Names keep the spelling of who created them and are compared without regard to case, by the
 * simple upper-case mapping of Unicode, as Windows does. One mutex protects the tree, the watches
 * and what mounts note; everything here runs at PASSIVE_LEVEL and nothing is called back.
 */
#include "nt/registry.h"

#include "nt/private.h"
#include "nt/registry_mounts.h"
#include "nt/text.h"
#include "nt/work.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct value {
    struct value *next;
    char *name;
    uint32_t hash; /* of the name, so that long lists are compared fast */
    uint32_t type;
    size_t size;
    void *data;
};

struct key {
    struct key *next; /* siblings, in order of creation */
    struct key *children, **children_end;
    struct value *values;
    char *name;
    uint32_t hash;
    bool is_volatile; /* it and all below end with the machine */
};

static struct sys_mutex registry_lock;
static struct key root;
static struct nt_registry_watch *watches;

/* Whether a change is to outlast the machine, if a file is there for it. */
enum keeping { FOR_THIS_RUN, FOR_THE_FILE };

/* ---- the tree; all with registry_lock held ---- */

static uint32_t name_hash(const char *name, size_t length)
{
    uint32_t hash = 2166136261u, code;

    for (size_t taken; length; name += taken, length -= taken) {
        taken = text_utf8_read(name, length, &code);
        hash = (hash ^ text_upper(code)) * 16777619u;
    }
    return hash;
}

static struct key *child_find(const struct key *parent, const char *name, size_t length)
{
    uint32_t hash = name_hash(name, length);

    for (struct key *child = parent->children; child; child = child->next) {
        if (child->hash == hash &&
            text_equal_nocase(child->name, strlen(child->name), name, length))
            return child;
    }
    return NULL;
}

static struct key *child_create(struct key *parent, const char *name, size_t length)
{
    struct key *child = calloc(1, sizeof(*child));
    if (!child)
        return NULL;
    child->name = strndup(name, length);
    if (!child->name) {
        free(child);
        return NULL;
    }
    child->hash = name_hash(name, length);
    if (!parent->children)
        parent->children_end = &parent->children;
    *parent->children_end = child;
    parent->children_end = &child->next;
    return child;
}

/* The path is the root's for "", else names between single backslashes. */
static bool path_is_good(const char *path)
{
    if (!*path)
        return true;
    return path[0] != '\\' && path[strlen(path) - 1] != '\\' && !strstr(path, "\\\\");
}

/* Walks down; with `create` missing keys are made. NULL: not there, or out of memory. */
static struct key *key_walk(const char *path, bool create)
{
    struct key *key = &root;

    while (key && *path) {
        size_t length = strcspn(path, "\\");
        struct key *child = child_find(key, path, length);
        if (!child && create)
            child = child_create(key, path, length);
        key = child;
        path += length;
        path += *path == '\\';
    }
    return key;
}

static struct value **value_find(struct key *key, const char *name)
{
    struct value **at = &key->values;
    size_t length = strlen(name);
    uint32_t hash = name_hash(name, length);

    while (*at && ((*at)->hash != hash ||
                   !text_equal_nocase((*at)->name, strlen((*at)->name), name, length)))
        at = &(*at)->next;
    return at;
}

static void value_free(struct value *value)
{
    free(value->name);
    free(value->data);
    free(value);
}

/* Frees everything below the key, not the key itself. */
static void key_empty(struct key *key)
{
    while (key->values) {
        struct value *value = key->values;
        key->values = value->next;
        value_free(value);
    }
    while (key->children) {
        struct key *child = key->children;
        key->children = child->next;
        key_empty(child);
        free(child->name);
        free(child);
    }
}

void registry_stop(void)
{
    sys_mutex_lock(&registry_lock);
    key_empty(&root);
    sys_mutex_unlock(&registry_lock);
}

/* ---- watches ---- */

/* Something in the key has changed; registry_lock held. */
static void changed_locked(const char *path)
{
    for (struct nt_registry_watch *watch = watches; watch; watch = watch->next) {
        if (registry_key_is_within(path, watch->key))
            nt_work_queue(watch->work);
    }
}

void nt_registry_watch_add(struct nt_registry_watch *watch)
{
    sys_mutex_lock(&registry_lock);
    watch->next = watches;
    watches = watch;
    sys_mutex_unlock(&registry_lock);
}

void nt_registry_watch_remove(struct nt_registry_watch *watch)
{
    sys_mutex_lock(&registry_lock);
    struct nt_registry_watch **at = &watches;
    while (*at && *at != watch)
        at = &(*at)->next;
    if (*at)
        *at = watch->next;
    sys_mutex_unlock(&registry_lock);
}

/* ---- mounts ---- */

/* Notes the change if it is to outlast the machine and the key does; registry_lock held. */
static int note(enum keeping keeping, enum nt_registry_change_kind kind, const char *path,
                const char *name)
{
    const struct key *key = &root;
    const char *rest = path;

    if (keeping == FOR_THIS_RUN)
        return 0;
    while (key && *rest) {
        size_t length = strcspn(rest, "\\");
        key = child_find(key, rest, length);
        if (key && key->is_volatile)
            return 0;
        rest += length;
        rest += *rest == '\\';
    }
    return registry_note(kind, path, name);
}

void nt_registry_mount_add(struct nt_registry_mount *mount)
{
    sys_mutex_lock(&registry_lock);
    registry_mount_link(mount);
    sys_mutex_unlock(&registry_lock);
}

void nt_registry_mount_remove(struct nt_registry_mount *mount)
{
    sys_mutex_lock(&registry_lock);
    registry_mount_unlink(mount);
    sys_mutex_unlock(&registry_lock);
}

struct nt_registry_change *nt_registry_mount_take(struct nt_registry_mount *mount)
{
    sys_mutex_lock(&registry_lock);
    struct nt_registry_change *changes = mount->changes;
    mount->changes = NULL;
    sys_mutex_unlock(&registry_lock);
    return changes;
}

void nt_registry_mount_put_back(struct nt_registry_mount *mount, struct nt_registry_change *changes)
{
    struct nt_registry_change **end = &changes;

    sys_mutex_lock(&registry_lock);
    while (*end)
        end = &(*end)->next;
    *end = mount->changes;
    mount->changes = changes;
    sys_mutex_unlock(&registry_lock);
}

bool nt_registry_is_mounted(const char *key)
{
    sys_mutex_lock(&registry_lock);
    bool mounted = registry_mount_of(key) != NULL;
    sys_mutex_unlock(&registry_lock);
    return mounted;
}

/* ---- writing ---- */

static int value_set_locked(const char *path, const char *name, uint32_t type, void *data,
                            size_t size)
{
    struct key *key = key_walk(path, true);
    if (!key)
        return -ENOMEM;
    struct value **at = value_find(key, name);
    if (!*at) {
        struct value *value = calloc(1, sizeof(*value));
        if (!value)
            return -ENOMEM;
        value->name = strdup(name);
        if (!value->name) {
            free(value);
            return -ENOMEM;
        }
        value->hash = name_hash(name, strlen(name));
        *at = value;
    }
    free((*at)->data);
    (*at)->data = data;
    (*at)->size = size;
    (*at)->type = type;
    return 0;
}

static int value_set(const char *key, const char *name, uint32_t type, const void *data,
                     size_t size, enum keeping keeping)
{
    if (!path_is_good(key))
        return -EINVAL;
    void *copy = malloc(size ? size : 1);
    if (!copy)
        return -ENOMEM;
    if (size)
        memcpy(copy, data, size);
    sys_mutex_lock(&registry_lock);
    int result = note(keeping, NT_REGISTRY_VALUE, key, name);
    if (result == 0)
        result = value_set_locked(key, name, type, copy, size);
    if (result == 0)
        changed_locked(key);
    sys_mutex_unlock(&registry_lock);
    if (result)
        free(copy);
    return result;
}

int nt_registry_set(const char *key, const char *name, uint32_t type, const void *data, size_t size)
{
    return value_set(key, name, type, data, size, FOR_THIS_RUN);
}

int nt_registry_write(const char *key, const char *name, uint32_t type, const void *data,
                      size_t size)
{
    return value_set(key, name, type, data, size, FOR_THE_FILE);
}

static int key_create(const char *key, enum keeping keeping)
{
    int result = 0;

    if (!path_is_good(key))
        return -EINVAL;
    sys_mutex_lock(&registry_lock);
    bool is_new = !key_walk(key, false);
    if (is_new)
        result = note(keeping, NT_REGISTRY_KEY, key, "");
    if (result == 0 && is_new)
        result = key_walk(key, true) ? 0 : -ENOMEM;
    if (result == 0 && is_new)
        changed_locked(key);
    sys_mutex_unlock(&registry_lock);
    return result;
}

int nt_registry_create_key(const char *key)
{
    return key_create(key, FOR_THIS_RUN);
}

int nt_registry_write_key(const char *key)
{
    return key_create(key, FOR_THE_FILE);
}

int nt_registry_create_volatile_key(const char *key)
{
    if (!path_is_good(key) || !*key)
        return -EINVAL;
    sys_mutex_lock(&registry_lock);
    struct key *found = key_walk(key, false);
    bool is_new = !found;
    if (is_new)
        found = key_walk(key, true);
    if (is_new && found) {
        found->is_volatile = true;
        changed_locked(key);
    }
    sys_mutex_unlock(&registry_lock);
    return found ? 0 : -ENOMEM;
}

bool nt_registry_key_exists(const char *key)
{
    sys_mutex_lock(&registry_lock);
    bool exists = path_is_good(key) && key_walk(key, false);
    sys_mutex_unlock(&registry_lock);
    return exists;
}

int nt_registry_set_dword(const char *key, const char *name, uint32_t value)
{
    return nt_registry_set(key, name, NT_REGISTRY_DWORD, &value, sizeof(value));
}

int nt_registry_set_string(const char *key, const char *name, const char *utf8)
{
    size_t units;
    uint16_t *wide = text_to_utf16(utf8, &units);
    if (!wide)
        return -ENOMEM;
    int result = nt_registry_set(key, name, NT_REGISTRY_SZ, wide, 2 * (units + 1));
    free(wide);
    return result;
}

static int value_delete(const char *key, const char *name, enum keeping keeping)
{
    int result = -ENOENT;

    sys_mutex_lock(&registry_lock);
    struct key *found = path_is_good(key) ? key_walk(key, false) : NULL;
    struct value **at = found ? value_find(found, name) : NULL;
    if (at && *at)
        result = note(keeping, NT_REGISTRY_VALUE, key, name);
    if (result == 0) {
        struct value *value = *at;
        *at = value->next;
        value_free(value);
        changed_locked(key);
    }
    sys_mutex_unlock(&registry_lock);
    return result;
}

int nt_registry_delete_value(const char *key, const char *name)
{
    return value_delete(key, name, FOR_THIS_RUN);
}

int nt_registry_erase_value(const char *key, const char *name)
{
    return value_delete(key, name, FOR_THE_FILE);
}

static int key_delete_locked(const char *path, enum keeping keeping)
{
    const char *last = strrchr(path, '\\');
    const char *name = last ? last + 1 : path;
    char *parent_path = strndup(path, last ? (size_t)(last - path) : 0);
    if (!parent_path)
        return -ENOMEM;
    struct key *parent = key_walk(parent_path, false);
    free(parent_path);
    struct key *key = parent ? child_find(parent, name, strlen(name)) : NULL;
    if (!key)
        return -ENOENT;
    int result = note(keeping, NT_REGISTRY_KEY_GONE, path, "");
    if (result)
        return result;
    struct key **at = &parent->children;
    while (*at != key)
        at = &(*at)->next;
    *at = key->next;
    if (!*at)
        parent->children_end = at;
    key_empty(key);
    free(key->name);
    free(key);
    return 0;
}

static int key_delete(const char *key, enum keeping keeping)
{
    if (!path_is_good(key) || !*key)
        return -EINVAL;
    sys_mutex_lock(&registry_lock);
    int result = key_delete_locked(key, keeping);
    if (result == 0)
        changed_locked(key);
    sys_mutex_unlock(&registry_lock);
    return result;
}

int nt_registry_delete_key(const char *key)
{
    return key_delete(key, FOR_THIS_RUN);
}

int nt_registry_erase_key(const char *key)
{
    return key_delete(key, FOR_THE_FILE);
}

/* ---- reading ---- */

static int value_get_locked(const char *path, const char *name, uint32_t *ret_type, void *buffer,
                            size_t *size)
{
    struct key *key = path_is_good(path) ? key_walk(path, false) : NULL;
    struct value *value = key ? *value_find(key, name) : NULL;
    if (!value)
        return -ENOENT;
    size_t capacity = *size;
    *size = value->size;
    if (ret_type)
        *ret_type = value->type;
    if (capacity < value->size)
        return -ENOSPC;
    if (value->size)
        memcpy(buffer, value->data, value->size);
    return 0;
}

int nt_registry_get(const char *key, const char *name, uint32_t *ret_type, void *buffer,
                    size_t *size)
{
    sys_mutex_lock(&registry_lock);
    int result = value_get_locked(key, name, ret_type, buffer, size);
    sys_mutex_unlock(&registry_lock);
    return result;
}

int nt_registry_get_dword(const char *key, const char *name, uint32_t *ret_value)
{
    uint32_t type, value;
    size_t size = sizeof(value);
    int result = nt_registry_get(key, name, &type, &value, &size);

    if (result == -ENOENT)
        return result;
    if (result || type != NT_REGISTRY_DWORD || size != sizeof(value))
        return -EINVAL;
    *ret_value = value;
    return 0;
}

int nt_registry_copy(const char *key, const char *name, uint32_t *ret_type, void **ret_data,
                     size_t *ret_size)
{
    size_t size = 0;
    char *data = NULL;
    int result;

    /* The value may grow between asking and reading. */
    while ((result = nt_registry_get(key, name, ret_type, data, &size)) == -ENOSPC) {
        free(data);
        data = calloc(1, size + 2);
        if (!data)
            return -ENOMEM;
    }
    if (result == 0 && !data)
        data = calloc(1, 2); /* the value is empty */
    if (result == 0 && !data)
        result = -ENOMEM;
    if (result) {
        free(data);
        return result;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}

int nt_registry_get_string(const char *key, const char *name, char **ret_utf8)
{
    void *data;
    size_t size;
    uint32_t type;
    int result = nt_registry_copy(key, name, &type, &data, &size);

    if (result)
        return result;
    if (type != NT_REGISTRY_SZ && type != NT_REGISTRY_EXPAND_SZ) {
        free(data);
        return -EINVAL;
    }
    size_t units = size / 2;
    const uint16_t *wide = data;
    while (units && wide[units - 1] == 0)
        units--;
    char *utf8 = text_from_utf16(wide, units);
    free(data);
    if (!utf8)
        return -ENOMEM;
    *ret_utf8 = utf8;
    return 0;
}

/* ---- enumeration ---- */

int nt_registry_enumerate_key(const char *key, unsigned index, char **ret_name)
{
    char *copy = NULL;

    sys_mutex_lock(&registry_lock);
    struct key *found = path_is_good(key) ? key_walk(key, false) : NULL;
    struct key *child = found ? found->children : NULL;
    while (child && index--)
        child = child->next;
    if (child)
        copy = strdup(child->name);
    int result = !child ? -ENOENT : !copy ? -ENOMEM : 0;
    sys_mutex_unlock(&registry_lock);
    if (result == 0)
        *ret_name = copy;
    return result;
}

int nt_registry_enumerate_value(const char *key, unsigned index, char **ret_name)
{
    char *copy = NULL;

    sys_mutex_lock(&registry_lock);
    struct key *found = path_is_good(key) ? key_walk(key, false) : NULL;
    struct value *value = found ? found->values : NULL;
    while (value && index--)
        value = value->next;
    if (value)
        copy = strdup(value->name);
    int result = !value ? -ENOENT : !copy ? -ENOMEM : 0;
    sys_mutex_unlock(&registry_lock);
    if (result == 0)
        *ret_name = copy;
    return result;
}
