/*
 * registry_mounts.h - what mounts of files note of changes. For registry.c alone, which holds its
 * lock around everything here.
 */
#ifndef STORHOST_NT_REGISTRY_MOUNTS_H
#define STORHOST_NT_REGISTRY_MOUNTS_H

#include "nt/registry.h"

void registry_mount_link(struct nt_registry_mount *mount);
void registry_mount_unlink(struct nt_registry_mount *mount);
/* The deepest one above the key, or of it; NULL: there is none. */
struct nt_registry_mount *registry_mount_of(const char *key);
/* Before the change is made, so that nothing is changed without memory for the note. 0 or -ENOMEM.
 */
int registry_note(enum nt_registry_change_kind kind, const char *key, const char *name);
/* Is it the key, or one below it? */
bool registry_key_is_within(const char *path, const char *key);

#endif
