/*
 * objects.h - handles, and the objects behind them: files, threads, events.
 */
#ifndef STORHOST_NTOSKRNL_OBJECTS_H
#define STORHOST_NTOSKRNL_OBJECTS_H

#include "nt/object.h"
#include <ntifs.h>
#include <stdint.h>

/* Takes over one reference. NULL: no memory. */
HANDLE object_handle(void *object);
/* The object with a reference of the caller's, NULL for a handle that is none or of another kind
 * (NT_OBJECT_NONE: any). */
void *object_of_handle(HANDLE handle, enum nt_object_kind kind);
NTSTATUS object_status_of_errno(int error);

#endif
