/*
 * device_names.h - names that drivers give their devices.
 */
#ifndef STORHOST_NTOSKRNL_DEVICE_NAMES_H
#define STORHOST_NTOSKRNL_DEVICE_NAMES_H

#include <wdm.h>

/* NULL or empty: no name. STATUS_OBJECT_NAME_COLLISION, STATUS_OBJECT_NAME_INVALID. PASSIVE_LEVEL.
 */
NTSTATUS device_name_add(DEVICE_OBJECT *device, const UNICODE_STRING *name);

#endif
