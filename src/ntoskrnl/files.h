/*
 * files.h - the host's files and the machine's devices behind handles.
 */
#ifndef STORHOST_NTOSKRNL_FILES_H
#define STORHOST_NTOSKRNL_FILES_H

#include "nt/file.h"
#include "ntoskrnl/objects.h"

/* A descriptor of the file, the caller's to close, with the access of the handle.
 * STATUS_INVALID_HANDLE, STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS file_duplicate(HANDLE handle, int *ret_fd);

/* A handle to the device of that name, and what its driver says to IRP_MJ_CREATE.
 * STATUS_OBJECT_NAME_NOT_FOUND: no device has it. */
NTSTATUS device_file_open(const OBJECT_ATTRIBUTES *attributes, ACCESS_MASK access,
                          IO_STATUS_BLOCK *block, PHANDLE ret_handle);
/* Sends a request to the device behind a handle and waits for it; then the event, if there is one,
 * is set. False: the handle is none of a device. */
bool device_file_send(HANDLE handle, HANDLE event, struct nt_file_request *request,
                      IO_STATUS_BLOCK *block);

#endif
