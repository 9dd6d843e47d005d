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
/* 0, -ENOENT, or -EINVAL when the value is not a DWORD. */
int nt_registry_get_dword(const char *key, const char *name, uint32_t *ret_value);
/* UTF-8 copy of an SZ, to be freed. -ENOENT, -EINVAL, -ENOMEM. */
int nt_registry_get_string(const char *key, const char *name, char **ret_utf8);
int nt_registry_delete_key(const char *key);
int nt_registry_delete_value(const char *key, const char *name);
/* Names in order of creation; -ENOENT past the end. To be freed. */
int nt_registry_enumerate_key(const char *key, unsigned index, char **ret_name);
int nt_registry_enumerate_value(const char *key, unsigned index, char **ret_name);

/* Queues a work item after each change of values in a key or below it. */
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

#ifdef __cplusplus
}
#endif

#endif
