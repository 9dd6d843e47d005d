/*
 * registry.h - a registry tree in memory: keys and typed values, names compared as Windows does
 * (case-insensitively). Paths are relative to the machine's root and use backslashes, in UTF-8:
 * "Services\\ramdisk\\Parameters\\Device". Readers and writers may be parallel.
 */
#ifndef STORHOST_NT_REGISTRY_H
#define STORHOST_NT_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nt_registry_type {
    NT_REGISTRY_NONE = 0,
    NT_REGISTRY_SZ = 1, /* UTF-16LE with its terminator, as Windows stores it */
    NT_REGISTRY_EXPAND_SZ = 2,
    NT_REGISTRY_BINARY = 3,
    NT_REGISTRY_DWORD = 4,
    NT_REGISTRY_DWORD_BIG_ENDIAN = 5,
    NT_REGISTRY_LINK = 6,
    NT_REGISTRY_MULTI_SZ = 7,
    NT_REGISTRY_QWORD = 11,
};

/* All at PASSIVE_LEVEL; creating keys on the way. The name "" is that of a key's unnamed value. 0,
 * -ENOMEM, -EINVAL (bad path). */
int nt_registry_set(const char *key, const char *name, uint32_t type, const void *data,
                    size_t size);
int nt_registry_create_key(const char *key);
int nt_registry_set_dword(const char *key, const char *name, uint32_t value);
int nt_registry_set_string(const char *key, const char *name, const char *utf8);

bool nt_registry_key_exists(const char *key);
/* Copies the value. *size: capacity in, bytes of the value out. 0; -ENOENT no key or value;
 * -ENOSPC too small (size tells). `buffer` may be NULL with size 0 to ask. */
int nt_registry_get(const char *key, const char *name, uint32_t *ret_type, void *buffer,
                    size_t *size);
/* A copy of a value of any size, to be freed; two zero bytes follow it. 0, -ENOENT, -ENOMEM. */
int nt_registry_copy(const char *key, const char *name, uint32_t *ret_type, void **ret_data,
                     size_t *ret_size);
/* 0, -ENOENT, or -EINVAL when the value is not a DWORD. */
int nt_registry_get_dword(const char *key, const char *name, uint32_t *ret_value);
/* UTF-8 copy of an SZ, to be freed. -ENOENT, -EINVAL, -ENOMEM. */
int nt_registry_get_string(const char *key, const char *name, char **ret_utf8);
int nt_registry_delete_key(const char *key);
int nt_registry_delete_value(const char *key, const char *name);
/* Names in order of creation; -ENOENT past the end. To be freed. */
int nt_registry_enumerate_key(const char *key, unsigned index, char **ret_name);
int nt_registry_enumerate_value(const char *key, unsigned index, char **ret_name);

/* ---- what outlasts the machine ---- */

/* As nt_registry_set, _create_key, _delete_value and _delete_key, for what drivers and people
 * change while the machine runs: it is noted for the file that is mounted there, if there is one.
 * What the host sets for this run (installations, settings) is not. */
int nt_registry_write(const char *key, const char *name, uint32_t type, const void *data,
                      size_t size);
int nt_registry_write_key(const char *key);
/* The key, if it is new, and all below it are never noted. */
int nt_registry_create_volatile_key(const char *key);
int nt_registry_erase_value(const char *key, const char *name);
int nt_registry_erase_key(const char *key);

enum nt_registry_change_kind {
    NT_REGISTRY_VALUE,    /* it was set or deleted: what it is now counts */
    NT_REGISTRY_KEY,      /* it was made, perhaps deleted again */
    NT_REGISTRY_KEY_GONE, /* all that it held before later changes is gone */
};
struct nt_registry_change {
    struct nt_registry_change *next;
    enum nt_registry_change_kind kind;
    uint32_t hash;
    char *name; /* of the value; behind the key, in the same memory */
    char key[];
};

/* A file's place in the tree. A change belongs to the deepest mount above it. Caller-owned memory.
 */
struct nt_registry_mount {
    struct nt_registry_mount *next;
    const char *key; /* lasts as long as the mount */
    struct nt_registry_change *changes;
};
void nt_registry_mount_add(struct nt_registry_mount *mount);
/* Frees what it has noted. Nothing happens when it was not added. */
void nt_registry_mount_remove(struct nt_registry_mount *mount);
/* The caller gets the list, oldest first: each is to be freed with free(), or all put back. */
struct nt_registry_change *nt_registry_mount_take(struct nt_registry_mount *mount);
void nt_registry_mount_put_back(struct nt_registry_mount *mount,
                                struct nt_registry_change *changes);
bool nt_registry_is_mounted(const char *key);

/* ---- changes ---- */

/* Queues a work item after each change in a key or below it. */
struct nt_work;
struct nt_registry_watch {
    struct nt_registry_watch *next;
    const char *key; /* lasts as long as the watch */
    struct nt_work *work;
};
/* PASSIVE_LEVEL. Caller-owned memory. */
void nt_registry_watch_add(struct nt_registry_watch *watch);
/* PASSIVE_LEVEL. No work item is queued by it any more; one may be running. Nothing happens when it
 * was not added. */
void nt_registry_watch_remove(struct nt_registry_watch *watch);

/* Parses one command-line setting "Key\\Name=value" below `base`: a number (decimal or 0x) is a
 * DWORD, hex:01,02 is BINARY, "text" or anything else a string. -EINVAL with a one-line reason
 * in `reason`. */
int nt_registry_parse_setting(const char *base, const char *setting, char *reason,
                              size_t reason_size);

/* A value in the same syntax, as nt_registry_write. */
int nt_registry_write_text(const char *key, const char *name, const char *value, char *reason,
                           size_t reason_size);

#ifdef __cplusplus
}
#endif

#endif
