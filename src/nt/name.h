/*
 * name.h - names of devices, and links to them: what an application opens a device by.
 *
 * A full name begins with \Device\ or with \??\; the forms that applications and drivers use for
 * the second (\\.\X, \\?\X, \DosDevices\X, \GLOBAL??\X, X alone) mean the same. Upper and lower
 * case are one.
 */
#ifndef STORHOST_NT_NAME_H
#define STORHOST_NT_NAME_H

#include "nt/device.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NT_NAME_BYTES = 512 };

/* 0; -EEXIST; -EINVAL: empty or too long; -ENOMEM. A device may have several names, which end with
 * it. PASSIVE_LEVEL, all of them. */
int nt_name_add(const char *name, DEVICE_OBJECT *device);
int nt_name_add_link(const char *name, const char *target);
/* -ENOENT: there is no such link. */
int nt_name_remove_link(const char *name);
/* The device is going. */
void nt_name_forget(const DEVICE_OBJECT *device);

/* The device behind a name, through links, with a reference. A device's name may have more behind a
 * backslash, which *ret_rest gets ("" for nothing); `rest` has room for NT_NAME_BYTES. NULL: there
 * is none. */
DEVICE_OBJECT *nt_name_find(const char *name, char *ret_rest);

/* The name number `index` in no particular order: its text, and for a link what it leads to (else
 * ""), of NT_NAME_BYTES each. False past the end. */
bool nt_name_at(unsigned index, char *ret_name, char *ret_target);

#ifdef __cplusplus
}
#endif

#endif
