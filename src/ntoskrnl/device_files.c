/*
 * device_files.c - Io and Zw: devices that a driver opens by name.
 */
#include "nt/device.h"
#include "nt/export.h"
#include "nt/name.h"
#include "nt/text.h"
#include "nt/thread.h"
#include "ntoskrnl/files.h"

#include <stdlib.h>

enum { FILE_WAS_OPENED = 1 };

static unsigned access_of(ACCESS_MASK access)
{
    unsigned result = NT_FILE_KERNEL;

    if (access & (GENERIC_READ | GENERIC_ALL | FILE_READ_DATA))
        result |= NT_FILE_READ;
    if (access & (GENERIC_WRITE | GENERIC_ALL | FILE_WRITE_DATA))
        result |= NT_FILE_WRITE;
    return result;
}

static NTSTATUS open_by_name(const UNICODE_STRING *name, ACCESS_MASK access,
                             struct nt_file **ret_file)
{
    char rest[NT_NAME_BYTES];

    if (!name || !name->Length || name->Buffer[0] != '\\')
        return STATUS_OBJECT_NAME_INVALID;
    char *text = text_from_utf16(name->Buffer, name->Length / 2);
    if (!text)
        return STATUS_INSUFFICIENT_RESOURCES;
    DEVICE_OBJECT *device = nt_name_find(text, rest);
    free(text);
    if (!device)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    NTSTATUS status = nt_file_open(device, access_of(access), rest, ret_file);
    nt_object_release(device);
    return status;
}

/* The handle that opened the device is closed again; what the caller has is a reference, with which
 * the device stays open. */
NTSTATUS NTAPI IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess,
                                        PFILE_OBJECT *FileObject, PDEVICE_OBJECT *DeviceObject)
{
    struct nt_file *file;
    NTSTATUS status = open_by_name(ObjectName, DesiredAccess, &file);

    if (status < 0)
        return status;
    nt_object_reference(file);
    nt_file_close(file);
    *FileObject = nt_file_object(file);
    *DeviceObject = nt_file_top(file);
    return STATUS_SUCCESS;
}
NT_EXPORT("ntoskrnl.exe", IoGetDeviceObjectPointer, "I/O manager", NT_PASSIVE_LEVEL);

NTSTATUS device_file_open(const OBJECT_ATTRIBUTES *attributes, ACCESS_MASK access,
                          IO_STATUS_BLOCK *block, PHANDLE ret_handle)
{
    struct nt_file *file;

    if (!attributes || attributes->RootDirectory)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    NTSTATUS status = open_by_name(attributes->ObjectName, access, &file);
    if (status < 0)
        return status;
    *ret_handle = object_handle(file);
    if (!*ret_handle) {
        nt_file_close(file);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    block->Status = STATUS_SUCCESS;
    block->Information = FILE_WAS_OPENED;
    return STATUS_SUCCESS;
}

bool device_file_send(HANDLE handle, HANDLE event, struct nt_file_request *request,
                      IO_STATUS_BLOCK *block)
{
    void *object = object_of_handle(handle, NT_OBJECT_FILE);
    struct nt_file *file = object ? nt_file_of(object) : NULL;

    if (!file) {
        if (object)
            nt_object_release(object);
        return false;
    }
    nt_file_send(file, request);
    block->Status = request->status;
    block->Information = request->information;
    if (event)
        (void)ZwSetEvent(event, NULL);
    nt_object_release(object);
    return true;
}
