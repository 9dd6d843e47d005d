/*
 * registry_mounts.c - which changes the files of the registry have not seen yet.
 *
 * A note says where something changed, not what: whoever writes the file reads the tree then. So a
 * value that is set a thousand times is noted once. The deletion of a key makes the notes below it
 * void, and is itself kept, because what the file holds below must go even if the key comes back.
 */
#include "nt/registry_mounts.h"

#include "nt/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct nt_registry_mount *mounts;

bool registry_key_is_within(const char *path, const char *key)
{
    size_t length = strlen(key);

    if (!length)
        return true;
    return strlen(path) >= length && text_equal_nocase(path, length, key, length) &&
           (path[length] == '\\' || !path[length]);
}

void registry_mount_link(struct nt_registry_mount *mount)
{
    mount->changes = NULL;
    mount->next = mounts;
    mounts = mount;
}

void registry_mount_unlink(struct nt_registry_mount *mount)
{
    struct nt_registry_mount **at = &mounts;

    while (*at && *at != mount)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = mount->next;
    while (mount->changes) {
        struct nt_registry_change *change = mount->changes;
        mount->changes = change->next;
        free(change);
    }
}

struct nt_registry_mount *registry_mount_of(const char *key)
{
    struct nt_registry_mount *best = NULL;

    for (struct nt_registry_mount *mount = mounts; mount; mount = mount->next) {
        if (registry_key_is_within(key, mount->key) &&
            (!best || strlen(mount->key) > strlen(best->key)))
            best = mount;
    }
    return best;
}

/* ---- notes ---- */

/* Of ASCII letters alone; others make equal names differ, and then there are two notes. */
static uint32_t note_hash(const char *key, const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *key; key++)
        hash = (hash ^ (uint8_t)(*key & 0xDF)) * 16777619u;
    hash = (hash ^ 0xFF) * 16777619u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)(*name & 0xDF)) * 16777619u;
    return hash;
}

static bool same_text(const char *left, const char *right)
{
    return text_equal_nocase(left, strlen(left), right, strlen(right));
}

static bool is_noted(const struct nt_registry_mount *mount, enum nt_registry_change_kind kind,
                     const char *key, const char *name, uint32_t hash)
{
    for (const struct nt_registry_change *change = mount->changes; change; change = change->next) {
        if (change->hash == hash && change->kind == kind && same_text(change->key, key) &&
            same_text(change->name, name))
            return true;
    }
    return false;
}

static void notes_below_forget(struct nt_registry_mount *mount, const char *key)
{
    for (struct nt_registry_change **at = &mount->changes; *at;) {
        struct nt_registry_change *change = *at;
        if (registry_key_is_within(change->key, key)) {
            *at = change->next;
            free(change);
        } else {
            at = &change->next;
        }
    }
}

int registry_note(enum nt_registry_change_kind kind, const char *key, const char *name)
{
    struct nt_registry_mount *mount = registry_mount_of(key);
    size_t key_size = strlen(key) + 1, name_size = strlen(name) + 1;
    uint32_t hash = note_hash(key, name);

    if (!mount || (kind != NT_REGISTRY_KEY_GONE && is_noted(mount, kind, key, name, hash)))
        return 0;
    struct nt_registry_change *change = malloc(sizeof(*change) + key_size + name_size);
    if (!change)
        return -ENOMEM;
    if (kind == NT_REGISTRY_KEY_GONE)
        notes_below_forget(mount, key);
    *change = (struct nt_registry_change){.kind = kind, .hash = hash};
    memcpy(change->key, key, key_size);
    change->name = change->key + key_size;
    memcpy(change->name, name, name_size);
    struct nt_registry_change **end = &mount->changes;
    while (*end)
        end = &(*end)->next;
    *end = change;
    return 0;
}
