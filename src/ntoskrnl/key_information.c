/*
 * key_information.c - Zw: what a registry key is called and holds. When a key was written is not
 * kept: LastWriteTime is 0. No key has a class.
 */
#include "nt/export.h"
#include "nt/registry.h"
#include "nt/text.h"
#include "nt/thread.h"
#include "ntoskrnl/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Registry", NT_PASSIVE_LEVEL)

static size_t bytes_of_name(const char *name)
{
    size_t units = 0;
    uint16_t *wide = text_to_utf16(name, &units);

    free(wide);
    return 2 * units;
}

/* How many keys and values there are, and how long the longest names and the largest value. */
static void measure(const char *path, KEY_FULL_INFORMATION *full)
{
    char *name;

    for (; nt_registry_enumerate_key(path, full->SubKeys, &name) == 0; full->SubKeys++) {
        ULONG length = (ULONG)bytes_of_name(name);
        free(name);
        if (length > full->MaxNameLen)
            full->MaxNameLen = length;
    }
    for (; nt_registry_enumerate_value(path, full->Values, &name) == 0; full->Values++) {
        ULONG length = (ULONG)bytes_of_name(name);
        size_t size = 0;
        uint32_t type;
        nt_registry_get(path, name, &type, NULL, &size);
        free(name);
        if (length > full->MaxValueNameLen)
            full->MaxValueNameLen = length;
        if (size > full->MaxValueDataLen)
            full->MaxValueDataLen = (ULONG)size;
    }
}

/* The head of a record with the name behind it, as much as there is room for. */
static NTSTATUS give(const void *head, size_t head_size, const uint16_t *name, size_t name_size,
                     PVOID information, ULONG length, PULONG result_length)
{
    size_t rest = length > head_size ? length - head_size : 0;

    *result_length = (ULONG)(head_size + name_size);
    if (length < head_size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(information, head, head_size);
    if (name_size)
        memcpy((char *)information + head_size, name, rest < name_size ? rest : name_size);
    return rest < name_size ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS give_key(const char *path, const char *name, KEY_INFORMATION_CLASS class,
                         PVOID information, ULONG length, PULONG result_length)
{
    size_t units = 0;
    uint16_t *wide = text_to_utf16(name, &units);
    KEY_BASIC_INFORMATION basic = {.NameLength = (ULONG)(2 * units)};
    KEY_NODE_INFORMATION node = {.ClassOffset = MAXULONG, .NameLength = (ULONG)(2 * units)};
    KEY_FULL_INFORMATION full = {.ClassOffset = MAXULONG};
    NTSTATUS status;

    if (!wide)
        return STATUS_INSUFFICIENT_RESOURCES;
    switch (class) {
    case KeyBasicInformation:
        status = give(&basic, offsetof(KEY_BASIC_INFORMATION, Name), wide, 2 * units, information,
                      length, result_length);
        break;
    case KeyNodeInformation:
        status = give(&node, offsetof(KEY_NODE_INFORMATION, Name), wide, 2 * units, information,
                      length, result_length);
        break;
    case KeyFullInformation:
        measure(path, &full);
        status = give(&full, offsetof(KEY_FULL_INFORMATION, Class), NULL, 0, information, length,
                      result_length);
        break;
    default:
        status = STATUS_INVALID_PARAMETER;
    }
    free(wide);
    return status;
}

NTSTATUS NTAPI ZwEnumerateKey(HANDLE KeyHandle, ULONG Index,
                              KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation,
                              ULONG Length, PULONG ResultLength)
{
    char path[KEY_PATH_MAX], below[KEY_PATH_MAX], *name;
    NTSTATUS status = STATUS_OBJECT_NAME_INVALID;

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    if (nt_registry_enumerate_key(path, Index, &name))
        return STATUS_NO_MORE_ENTRIES;
    if (snprintf(below, sizeof(below), *path ? "%s\\%s" : "%s%s", path, name) < KEY_PATH_MAX)
        status = give_key(below, name, KeyInformationClass, KeyInformation, Length, ResultLength);
    free(name);
    return status;
}
EXPORT(ZwEnumerateKey);

/* The whole name is asked for by what has to say where it keeps its settings. */
static NTSTATUS give_whole_name(const char *path, PVOID information, ULONG length,
                                PULONG result_length)
{
    char name[KEY_PATH_MAX + 64];
    size_t units = 0;

    key_name_of_path(path, name, sizeof(name));
    uint16_t *wide = text_to_utf16(name, &units);
    ULONG head = (ULONG)(2 * units);
    if (!wide)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status =
        give(&head, sizeof(head), wide, 2 * units, information, length, result_length);
    free(wide);
    return status;
}

NTSTATUS NTAPI ZwQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass,
                          PVOID KeyInformation, ULONG Length, PULONG ResultLength)
{
    char path[KEY_PATH_MAX];

    if (!key_path_of_handle(KeyHandle, path))
        return STATUS_INVALID_HANDLE;
    if (!nt_registry_key_exists(path))
        return STATUS_KEY_DELETED;
    if (KeyInformationClass == KeyNameInformation)
        return give_whole_name(path, KeyInformation, Length, ResultLength);
    const char *name = strrchr(path, '\\');
    return give_key(path, name ? name + 1 : path, KeyInformationClass, KeyInformation, Length,
                    ResultLength);
}
EXPORT(ZwQueryKey);
