/*
 * objects.c - the handle table and object references.
 */
#include "ntoskrnl/objects.h"

#include "nt/export.h"
#include "nt/file.h"
#include "nt/thread.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdlib.h>

enum { HANDLE_COUNT_MAX = 4096, HANDLE_FIRST = 4 };

/* What a driver names when it opens a handle: only compared. */
struct _OBJECT_TYPE {
    enum nt_object_kind kind;
};

static struct _OBJECT_TYPE file_type = {NT_OBJECT_FILE};
static struct _OBJECT_TYPE thread_type = {NT_OBJECT_THREAD};
static struct _OBJECT_TYPE event_type = {NT_OBJECT_EVENT};
static struct _OBJECT_TYPE process_type = {NT_OBJECT_PROCESS};
static POBJECT_TYPE IoFileObjectType = &file_type;
NT_EXPORT_VARIABLE("ntoskrnl.exe", IoFileObjectType, "Objects");
static POBJECT_TYPE PsThreadType = &thread_type;
NT_EXPORT_VARIABLE("ntoskrnl.exe", PsThreadType, "Objects");
static POBJECT_TYPE PsProcessType = &process_type;
NT_EXPORT_VARIABLE("ntoskrnl.exe", PsProcessType, "Objects");
static POBJECT_TYPE ExEventObjectType = &event_type;
NT_EXPORT_VARIABLE("ntoskrnl.exe", ExEventObjectType, "Objects");

static struct sys_mutex lock;
static void *table[HANDLE_COUNT_MAX];

HANDLE object_handle(void *object)
{
    HANDLE handle = NULL;

    sys_mutex_lock(&lock);
    for (uintptr_t i = 0; i < HANDLE_COUNT_MAX && !handle; i++) {
        if (!table[i]) {
            table[i] = object;
            handle = (HANDLE)((i + 1) * HANDLE_FIRST);
        }
    }
    sys_mutex_unlock(&lock);
    return handle;
}

static void **slot_of(HANDLE handle)
{
    uintptr_t value = (uintptr_t)handle;

    if (!value || value % HANDLE_FIRST || value / HANDLE_FIRST > HANDLE_COUNT_MAX)
        return NULL;
    return &table[value / HANDLE_FIRST - 1];
}

void *object_of_handle(HANDLE handle, enum nt_object_kind kind)
{
    void **slot = slot_of(handle), *object = NULL;

    if (!slot)
        return NULL;
    sys_mutex_lock(&lock);
    if (*slot && (!kind || nt_object_kind_of(*slot) == kind)) {
        object = *slot;
        nt_object_reference(object);
    }
    sys_mutex_unlock(&lock);
    return object;
}

NTSTATUS NTAPI ZwClose(HANDLE Handle)
{
    void **slot = slot_of(Handle), *object;

    if (!slot)
        return STATUS_INVALID_HANDLE;
    sys_mutex_lock(&lock);
    object = *slot;
    *slot = NULL;
    sys_mutex_unlock(&lock);
    if (!object)
        return STATUS_INVALID_HANDLE;
    struct nt_file *file = nt_file_of(object);
    if (file)
        nt_file_close(file);
    else
        nt_object_release(object);
    return STATUS_SUCCESS;
}
NT_EXPORT("ntoskrnl.exe", ZwClose, "Objects", NT_PASSIVE_LEVEL);

NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess,
                                         POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
                                         PVOID *Object,
                                         POBJECT_HANDLE_INFORMATION HandleInformation)
{
    (void)DesiredAccess;
    (void)AccessMode;
    if (HandleInformation)
        *HandleInformation = (OBJECT_HANDLE_INFORMATION){0};
    *Object = object_of_handle(Handle, NT_OBJECT_NONE);
    if (!*Object)
        return STATUS_INVALID_HANDLE;
    if (!ObjectType || nt_object_kind_of(*Object) == ObjectType->kind)
        return STATUS_SUCCESS;
    nt_object_release(*Object);
    *Object = NULL;
    return STATUS_OBJECT_TYPE_MISMATCH;
}
NT_EXPORT("ntoskrnl.exe", ObReferenceObjectByHandle, "Objects", NT_PASSIVE_LEVEL);

LONG_PTR NTAPI ObfReferenceObject(PVOID Object)
{
    return (LONG_PTR)nt_object_reference(Object);
}
NT_EXPORT("ntoskrnl.exe", ObfReferenceObject, "Objects", NT_DISPATCH_LEVEL);

LONG_PTR NTAPI ObfDereferenceObject(PVOID Object)
{
    return (LONG_PTR)nt_object_release(Object);
}
NT_EXPORT("ntoskrnl.exe", ObfDereferenceObject, "Objects", NT_DISPATCH_LEVEL);

NTSTATUS object_status_of_errno(int error)
{
    switch (error) {
    case 0:
        return STATUS_SUCCESS;
    case ENOENT:
        return STATUS_OBJECT_NAME_NOT_FOUND;
    case ENOTDIR:
        return STATUS_OBJECT_PATH_NOT_FOUND;
    case EEXIST:
        return STATUS_OBJECT_NAME_COLLISION;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_ACCESS_DENIED;
    case EISDIR:
        return STATUS_FILE_IS_A_DIRECTORY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STATUS_DISK_FULL;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return STATUS_INSUFFICIENT_RESOURCES;
    case EINVAL:
        return STATUS_INVALID_PARAMETER;
    case EOPNOTSUPP:
    case ENOSYS:
        return STATUS_NOT_SUPPORTED;
    case EIO:
        return STATUS_IO_DEVICE_ERROR;
    default:
        return STATUS_UNSUCCESSFUL;
    }
}
