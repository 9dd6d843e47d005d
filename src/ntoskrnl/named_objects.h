/*
 * named_objects.h - names of events and sections: what one driver or routine makes, others open.
 *
 * Names begin with a backslash; \BaseNamedObjects\Global\X and \BaseNamedObjects\X are the same, as
 * for applications of the first session. A name goes with the last reference of its object.
 */
#ifndef STORHOST_NTOSKRNL_NAMED_OBJECTS_H
#define STORHOST_NTOSKRNL_NAMED_OBJECTS_H

#include "ntoskrnl/objects.h"

/* The name of the attributes, to be freed, NULL if they have none. STATUS_OBJECT_NAME_INVALID (not
 * relative to a directory, which nobody can open), STATUS_OBJECT_PATH_SYNTAX_BAD,
 * STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS named_object_name(const OBJECT_ATTRIBUTES *attributes, char **ret_name);

/* A handle to the object that has the name; STATUS_OBJECT_NAME_NOT_FOUND,
 * STATUS_OBJECT_TYPE_MISMATCH. */
NTSTATUS named_object_open(const OBJECT_ATTRIBUTES *attributes, enum nt_object_kind kind,
                           PHANDLE ret_handle);

/* Takes over a fresh object and returns a handle to it, under the name that it may have. If the
 * name is taken: STATUS_OBJECT_NAME_COLLISION or, with OBJ_OPENIF, STATUS_OBJECT_NAME_EXISTS and a
 * handle to the object that was there; the fresh one goes. */
NTSTATUS named_object_insert(const OBJECT_ATTRIBUTES *attributes, void *object, PHANDLE ret_handle);

/* In the `destroy` of each kind that has names. */
void named_object_forget(const void *object);

#endif
