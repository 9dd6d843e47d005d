/*
 * keys.c - Zw: registry keys by handle. The machine's tree is \Registry\Machine\System\
 * CurrentControlSet, where services and devices have their keys; other paths do not exist.
 */
#include "ntoskrnl/keys.h"

#include "hive/hive.h"
#include "nt/export.h"
#include "nt/print.h"
#include "nt/registry.h"
#include "nt/text.h"
#include "nt/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Registry", NT_PASSIVE_LEVEL)

/* The body of the object is the path alone. */
struct key_object {
    char path[KEY_PATH_MAX];
};

static const char root[] = "\\Registry\\Machine\\System\\CurrentControlSet\\";

NTSTATUS key_status_of_errno(int error)
{
    switch (-error) {
    case 0:
        return STATUS_SUCCESS;
    case ENOENT:
        return STATUS_OBJECT_NAME_NOT_FOUND;
    case ENOMEM:
        return STATUS_INSUFFICIENT_RESOURCES;
    default:
        return STATUS_OBJECT_NAME_INVALID;
    }
}

/* ---- paths ---- */

bool key_path_of_name(const char *name, char path[KEY_PATH_MAX])
{
    size_t length = strlen(name);

    if (length < sizeof(root) - 1 ||
        !text_equal_nocase(name, sizeof(root) - 1, root, sizeof(root) - 1))
        return false;
    return snprintf(path, KEY_PATH_MAX, "%s", name + sizeof(root) - 1) < KEY_PATH_MAX;
}

void key_name_of_path(const char *path, char *name, size_t size)
{
    snprintf(name, size, "%s%s", root, path);
}

static NTSTATUS path_of_attributes(const OBJECT_ATTRIBUTES *attributes, char path[KEY_PATH_MAX])
{
    const UNICODE_STRING *unicode = attributes->ObjectName;
    char *name = unicode ? text_from_utf16(unicode->Buffer, unicode->Length / 2) : strdup("");
    NTSTATUS status = STATUS_SUCCESS;

    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!attributes->RootDirectory) {
        if (!key_path_of_name(name, path))
            status = STATUS_OBJECT_NAME_NOT_FOUND;
    } else {
        struct key_object *above = object_of_handle(attributes->RootDirectory, NT_OBJECT_KEY);
        if (!above)
            status = STATUS_INVALID_HANDLE;
        else if (snprintf(path, KEY_PATH_MAX, *name ? "%s\\%s" : "%s%s", above->path, name) >=
                 KEY_PATH_MAX)
            status = STATUS_OBJECT_NAME_INVALID;
        if (above)
            nt_object_release(above);
    }
    free(name);
    return status;
}

NTSTATUS key_open(const char *path, PHANDLE handle)
{
    struct key_object *key = nt_object_create(NT_OBJECT_KEY, sizeof(*key), NULL);

    *handle = NULL;
    if (!key)
        return STATUS_INSUFFICIENT_RESOURCES;
    snprintf(key->path, sizeof(key->path), "%s", path);
    *handle = object_handle(key);
    if (*handle)
        return STATUS_SUCCESS;
    nt_object_release(key);
    return STATUS_INSUFFICIENT_RESOURCES;
}

bool key_path_of_handle(HANDLE handle, char path[KEY_PATH_MAX])
{
    struct key_object *key = object_of_handle(handle, NT_OBJECT_KEY);

    if (!key)
        return false;
    snprintf(path, KEY_PATH_MAX, "%s", key->path);
    nt_object_release(key);
    return true;
}

/* ---- keys ---- */

NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess,
                         POBJECT_ATTRIBUTES ObjectAttributes)
{
    char path[KEY_PATH_MAX];
    NTSTATUS status = path_of_attributes(ObjectAttributes, path);

    (void)DesiredAccess;
    *KeyHandle = NULL;
    if (status >= 0 && !nt_registry_key_exists(path))
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    return status < 0 ? status : key_open(path, KeyHandle);
}
EXPORT(ZwOpenKey);

NTSTATUS NTAPI ZwCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess,
                           POBJECT_ATTRIBUTES ObjectAttributes, ULONG TitleIndex,
                           PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition)
{
    char path[KEY_PATH_MAX];
    NTSTATUS status = path_of_attributes(ObjectAttributes, path);

    (void)DesiredAccess;
    (void)TitleIndex;
    (void)Class;
    *KeyHandle = NULL;
    if (status < 0)
        return status;
    bool was_there = nt_registry_key_exists(path);
    int error = CreateOptions & REG_OPTION_VOLATILE ? nt_registry_create_volatile_key(path)
                                                    : nt_registry_write_key(path);
    if (error)
        return key_status_of_errno(error);
    if (Disposition)
        *Disposition = was_there ? REG_OPENED_EXISTING_KEY : REG_CREATED_NEW_KEY;
    return key_open(path, KeyHandle);
}
EXPORT(ZwCreateKey);

NTSTATUS NTAPI ZwDeleteKey(HANDLE KeyHandle)
{
    char path[KEY_PATH_MAX], *below;

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    if (nt_registry_enumerate_key(path, 0, &below) == 0) {
        free(below);
        return STATUS_CANNOT_DELETE;
    }
    return key_status_of_errno(nt_registry_erase_key(path));
}
EXPORT(ZwDeleteKey);

/* Every hive that is written, whichever the key is of. */
NTSTATUS NTAPI ZwFlushKey(HANDLE KeyHandle)
{
    char path[KEY_PATH_MAX], reason[256];

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    if (hive_flush(reason, sizeof(reason)) == 0)
        return STATUS_SUCCESS;
    nt_print("ZwFlushKey: %s", reason);
    return STATUS_REGISTRY_IO_FAILED;
}
EXPORT(ZwFlushKey);

/* ---- values ---- */

/* Head and data of one of the information classes, as much as there is room for. */
static NTSTATUS fill_value(KEY_VALUE_INFORMATION_CLASS class, const char *name, ULONG type,
                           const void *data, ULONG data_length, PVOID information, ULONG length,
                           PULONG result_length)
{
    size_t units = 0;
    uint16_t *wide = text_to_utf16(name, &units);
    ULONG head, data_at, name_length = (ULONG)(2 * units), whole;
    NTSTATUS status = STATUS_SUCCESS;

    if (!wide)
        return STATUS_INSUFFICIENT_RESOURCES;
    switch (class) {
    case KeyValueBasicInformation:
        head = offsetof(KEY_VALUE_BASIC_INFORMATION, Name);
        data_at = head + name_length;
        data_length = 0;
        break;
    case KeyValueFullInformation:
        head = offsetof(KEY_VALUE_FULL_INFORMATION, Name);
        data_at = (head + name_length + 7) & ~7u;
        break;
    case KeyValuePartialInformation:
        head = offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data);
        data_at = head;
        name_length = 0;
        break;
    default:
        free(wide);
        return STATUS_INVALID_PARAMETER;
    }
    whole = data_at + data_length;
    *result_length = whole;
    if (length < head) {
        status = STATUS_BUFFER_TOO_SMALL;
    } else {
        if (class == KeyValueBasicInformation)
            memcpy(information,
                   &(KEY_VALUE_BASIC_INFORMATION){.Type = type, .NameLength = name_length}, head);
        else if (class == KeyValueFullInformation)
            memcpy(information,
                   &(KEY_VALUE_FULL_INFORMATION){.Type = type,
                                                 .DataOffset = data_at,
                                                 .DataLength = data_length,
                                                 .NameLength = name_length},
                   head);
        else
            memcpy(information,
                   &(KEY_VALUE_PARTIAL_INFORMATION){.Type = type, .DataLength = data_length}, head);
        if (length < whole) {
            status = STATUS_BUFFER_OVERFLOW;
        } else {
            memcpy((char *)information + head, wide, name_length);
            memcpy((char *)information + data_at, data, data_length);
        }
    }
    free(wide);
    return status;
}

static NTSTATUS query_value(const char *path, const char *name, KEY_VALUE_INFORMATION_CLASS class,
                            PVOID information, ULONG length, PULONG result_length)
{
    uint32_t type;
    size_t size;
    void *data;
    int error = nt_registry_copy(path, name, &type, &data, &size);

    if (error)
        return key_status_of_errno(error);
    NTSTATUS status =
        fill_value(class, name, type, data, (ULONG)size, information, length, result_length);
    free(data);
    return status;
}

NTSTATUS NTAPI ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
                               KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                               PVOID KeyValueInformation, ULONG Length, PULONG ResultLength)
{
    char path[KEY_PATH_MAX];

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    char *name = text_from_utf16(ValueName->Buffer, ValueName->Length / 2);
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = query_value(path, name, KeyValueInformationClass, KeyValueInformation, Length,
                                  ResultLength);
    free(name);
    return status;
}
EXPORT(ZwQueryValueKey);

NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE KeyHandle, ULONG Index,
                                   KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                                   PVOID KeyValueInformation, ULONG Length, PULONG ResultLength)
{
    char path[KEY_PATH_MAX], *name;

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    if (nt_registry_enumerate_value(path, Index, &name))
        return STATUS_NO_MORE_ENTRIES;
    NTSTATUS status = query_value(path, name, KeyValueInformationClass, KeyValueInformation, Length,
                                  ResultLength);
    free(name);
    return status;
}
EXPORT(ZwEnumerateValueKey);

NTSTATUS NTAPI ZwSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex,
                             ULONG Type, PVOID Data, ULONG DataSize)
{
    char path[KEY_PATH_MAX];

    (void)TitleIndex;
    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    char *name = text_from_utf16(ValueName->Buffer, ValueName->Length / 2);
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    int error = nt_registry_write(path, name, Type, Data, DataSize);
    free(name);
    return key_status_of_errno(error);
}
EXPORT(ZwSetValueKey);

NTSTATUS NTAPI ZwDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName)
{
    char path[KEY_PATH_MAX];

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    char *name = text_from_utf16(ValueName->Buffer, ValueName->Length / 2);
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    int error = nt_registry_erase_value(path, name);
    free(name);
    return key_status_of_errno(error);
}
EXPORT(ZwDeleteValueKey);
