/*
 * keys.h - registry keys as drivers name them.
 */
#ifndef STORHOST_NTOSKRNL_KEYS_H
#define STORHOST_NTOSKRNL_KEYS_H

#include "ntoskrnl/objects.h"

#include <stddef.h>

enum { KEY_PATH_MAX = 512 };

/* From "\Registry\Machine\System\CurrentControlSet\..." to what nt/registry.h calls it. False:
 * outside of our tree, or too long. */
bool key_path_of_name(const char *name, char path[KEY_PATH_MAX]);
/* The way back. */
void key_name_of_path(const char *path, char *name, size_t size);
bool key_path_of_handle(HANDLE handle, char path[KEY_PATH_MAX]);
/* A handle to the key, which exists. */
NTSTATUS key_open(const char *path, PHANDLE handle);
NTSTATUS key_status_of_errno(int error);

#endif
