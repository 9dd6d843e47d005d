/*
 * registry_values.c - Rtl: values of the registry by a table, and single ones by a path.
 */
#include "ntoskrnl/keys.h"

#include "nt/export.h"
#include "nt/memory.h"
#include "nt/registry.h"
#include "nt/text.h"
#include "nt/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Registry", NT_PASSIVE_LEVEL)

enum {
    VALUE_BYTES_MAX = 65536,
    TYPE_CHECK_SHIFT = 24,
    STRING_TAG = 0x53525453,
};

/* ---- where ---- */

static size_t wide_length(const WCHAR *text)
{
    size_t length = 0;

    while (text && text[length])
        length++;
    return length;
}

/* The path as nt/registry.h names it. */
static NTSTATUS path_of(ULONG relative, PCWSTR name, char path[KEY_PATH_MAX])
{
    static const char *const below[] = {
        [RTL_REGISTRY_SERVICES] = "Services",
        [RTL_REGISTRY_CONTROL] = "Control",
    };
    ULONG base = relative & ~RTL_REGISTRY_OPTIONAL;
    NTSTATUS status = STATUS_SUCCESS;

    if (base & RTL_REGISTRY_HANDLE)
        return key_path_of_handle((HANDLE)(uintptr_t)name, path) ? STATUS_SUCCESS
                                                                 : STATUS_INVALID_HANDLE;
    char *text = text_from_utf16(name, wide_length(name));
    if (!text)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (base == RTL_REGISTRY_ABSOLUTE)
        status = key_path_of_name(text, path) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
    else if (base >= sizeof(below) / sizeof(below[0]) || !below[base])
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    else if (snprintf(path, KEY_PATH_MAX, *text ? "%s\\%s" : "%s%s", below[base], text) >=
             KEY_PATH_MAX)
        status = STATUS_OBJECT_NAME_INVALID;
    free(text);
    return status;
}

/* ---- one value ---- */

struct value {
    char name[KEY_PATH_MAX];
    uint32_t type;
    void *data; /* VALUE_BYTES_MAX and a terminator */
    size_t length;
};

static bool is_string(uint32_t type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* What EntryContext of a direct entry is for: a UNICODE_STRING. */
static NTSTATUS store_string(PUNICODE_STRING string, const struct value *value)
{
    size_t length = value->length & ~(size_t)1;
    const WCHAR *text = value->data;

    while (length && value->type != REG_MULTI_SZ && !text[length / 2 - 1])
        length -= 2;
    if (length + 2 > 0xFFFE)
        return STATUS_BUFFER_TOO_SMALL;
    if (!string->Buffer) {
        string->Buffer = nt_pool_allocate(length + 2, STRING_TAG, NULL);
        if (!string->Buffer)
            return STATUS_NO_MEMORY;
        string->MaximumLength = (USHORT)(length + 2);
    }
    if (string->MaximumLength < length + 2)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(string->Buffer, text, length);
    string->Buffer[length / 2] = 0;
    string->Length = (USHORT)length;
    return STATUS_SUCCESS;
}

/* A number of up to four bytes as it is; more goes behind a length, whose sign says whether the
 * type is wanted too. */
static NTSTATUS store_binary(LONG *place, const struct value *value)
{
    if (value->length <= sizeof(ULONG)) {
        memcpy(place, value->data, value->length);
        return STATUS_SUCCESS;
    }
    LONG room = *place;
    size_t head = room < 0 ? 0 : 2 * sizeof(ULONG);
    if (value->length + head > (size_t)(room < 0 ? -(long long)room : room))
        return STATUS_BUFFER_TOO_SMALL;
    if (head) {
        place[0] = (LONG)value->length;
        place[1] = (LONG)value->type;
    }
    memcpy((char *)place + head, value->data, value->length);
    return STATUS_SUCCESS;
}

static NTSTATUS store(const RTL_QUERY_REGISTRY_TABLE *entry, const struct value *value)
{
    if (!entry->Name || !entry->EntryContext ||
        entry->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_NOVALUE))
        return STATUS_INVALID_PARAMETER;
    if (entry->Flags & RTL_QUERY_REGISTRY_TYPECHECK &&
        entry->DefaultType >> TYPE_CHECK_SHIFT != value->type)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (is_string(value->type))
        return entry->Flags & RTL_QUERY_REGISTRY_NOSTRING
                   ? STATUS_OBJECT_TYPE_MISMATCH
                   : store_string(entry->EntryContext, value);
    return store_binary(entry->EntryContext, value);
}

static NTSTATUS call(const RTL_QUERY_REGISTRY_TABLE *entry, const struct value *value,
                     uint32_t type, void *data, size_t length, PVOID context)
{
    size_t units = 0;
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

    if (!entry->QueryRoutine)
        return STATUS_INVALID_PARAMETER;
    uint16_t *name = text_to_utf16(value->name, &units);
    if (name)
        status = entry->QueryRoutine(name, type, data, (ULONG)length, context, entry->EntryContext);
    free(name);
    return status;
}

/* Each string of a list in a call of its own. */
static NTSTATUS call_for_strings(const RTL_QUERY_REGISTRY_TABLE *entry, const struct value *value,
                                 PVOID context)
{
    WCHAR *text = value->data, *end = text + value->length / 2;
    NTSTATUS status = STATUS_SUCCESS;

    while (status >= 0 && text < end && *text) {
        size_t length = wide_length(text);
        status = call(entry, value, REG_SZ, text, 2 * (length + 1), context);
        text += length + 1;
    }
    return status;
}

static NTSTATUS tell(const RTL_QUERY_REGISTRY_TABLE *entry, const struct value *value,
                     PVOID context)
{
    bool as_it_is = entry->Flags & RTL_QUERY_REGISTRY_NOEXPAND;

    if (entry->Flags & RTL_QUERY_REGISTRY_DIRECT)
        return store(entry, value);
    if (value->type == REG_MULTI_SZ && !as_it_is)
        return call_for_strings(entry, value, context);
    return call(entry, value, value->type == REG_EXPAND_SZ && !as_it_is ? REG_SZ : value->type,
                value->data, value->length, context);
}

static NTSTATUS read_value(const char *path, struct value *value)
{
    value->length = VALUE_BYTES_MAX;
    int error = nt_registry_get(path, value->name, &value->type, value->data, &value->length);
    if (!error)
        memset((char *)value->data + value->length, 0, 2 * sizeof(WCHAR));
    return key_status_of_errno(error);
}

/* ---- the table ---- */

static NTSTATUS tell_all(const RTL_QUERY_REGISTRY_TABLE *entry, const char *path,
                         struct value *value, PVOID context)
{
    NTSTATUS status = STATUS_SUCCESS;
    unsigned index = 0;
    char *name;

    for (; status >= 0 && nt_registry_enumerate_value(path, index, &name) == 0; index++) {
        snprintf(value->name, sizeof(value->name), "%s", name);
        free(name);
        if (read_value(path, value) >= 0)
            status = tell(entry, value, context);
    }
    return index == 0 && entry->Flags & RTL_QUERY_REGISTRY_REQUIRED ? STATUS_OBJECT_NAME_NOT_FOUND
                                                                    : status;
}

static NTSTATUS tell_default(const RTL_QUERY_REGISTRY_TABLE *entry, struct value *value,
                             PVOID context)
{
    uint32_t type = entry->DefaultType & ((1u << TYPE_CHECK_SHIFT) - 1);
    size_t length = entry->DefaultLength;

    if (entry->Flags & RTL_QUERY_REGISTRY_REQUIRED)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (type == REG_NONE || !entry->DefaultData)
        return STATUS_SUCCESS;
    if (!length && (type == REG_SZ || type == REG_EXPAND_SZ))
        length = 2 * (wide_length(entry->DefaultData) + 1);
    if (!length && type == REG_DWORD)
        length = sizeof(ULONG);
    value->type = type;
    value->length = length < VALUE_BYTES_MAX ? length : VALUE_BYTES_MAX;
    memcpy(value->data, entry->DefaultData, value->length);
    memset((char *)value->data + value->length, 0, 2 * sizeof(WCHAR));
    return tell(entry, value, context);
}

static NTSTATUS tell_named(const RTL_QUERY_REGISTRY_TABLE *entry, const char *path,
                           struct value *value, PVOID context)
{
    if (read_value(path, value) < 0)
        return tell_default(entry, value, context);
    NTSTATUS status = tell(entry, value, context);
    if (status >= 0 && entry->Flags & RTL_QUERY_REGISTRY_DELETE)
        nt_registry_erase_value(path, value->name);
    return status;
}

static NTSTATUS take_name(const RTL_QUERY_REGISTRY_TABLE *entry, struct value *value)
{
    char *name = text_from_utf16(entry->Name, wide_length(entry->Name));

    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    int length = snprintf(value->name, sizeof(value->name), "%s", name);
    free(name);
    return (size_t)length < sizeof(value->name) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_INVALID;
}

/* `path` becomes that of the subkey, for this entry and those that follow. */
static NTSTATUS enter_subkey(const RTL_QUERY_REGISTRY_TABLE *entry, const char *top,
                             char path[KEY_PATH_MAX], struct value *value, PVOID context)
{
    if (snprintf(path, KEY_PATH_MAX, "%s\\%s", top, value->name) >= KEY_PATH_MAX)
        return STATUS_OBJECT_NAME_INVALID;
    if (!nt_registry_key_exists(path))
        return entry->Flags & RTL_QUERY_REGISTRY_REQUIRED ? STATUS_OBJECT_NAME_NOT_FOUND
                                                          : STATUS_SUCCESS;
    return entry->QueryRoutine ? tell_all(entry, path, value, context) : STATUS_SUCCESS;
}

static NTSTATUS run_entry(const RTL_QUERY_REGISTRY_TABLE *entry, const char *top,
                          char path[KEY_PATH_MAX], struct value *value, PVOID context)
{
    NTSTATUS status = take_name(entry, value);

    if (entry->Flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY))
        snprintf(path, KEY_PATH_MAX, "%s", top);
    if (status < 0)
        return status;
    if (entry->Flags & RTL_QUERY_REGISTRY_SUBKEY)
        return entry->Name ? enter_subkey(entry, top, path, value, context)
                           : STATUS_INVALID_PARAMETER;
    if (entry->Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return call(entry, value, REG_NONE, NULL, 0, context);
    if (!entry->Name)
        return tell_all(entry, path, value, context);
    return tell_named(entry, path, value, context);
}

NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path,
                                      PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context,
                                      PVOID Environment)
{
    char top[KEY_PATH_MAX], path[KEY_PATH_MAX];
    struct value *value;
    NTSTATUS status = path_of(RelativeTo, Path, top);

    (void)Environment;
    if (status < 0)
        return status;
    if (!nt_registry_key_exists(top) && !(RelativeTo & RTL_REGISTRY_OPTIONAL))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    value = malloc(sizeof(*value) + VALUE_BYTES_MAX + 2 * sizeof(WCHAR));
    if (!value)
        return STATUS_INSUFFICIENT_RESOURCES;
    value->data = value + 1;
    snprintf(path, sizeof(path), "%s", top);
    for (; status >= 0 && (QueryTable->QueryRoutine || QueryTable->Name); QueryTable++)
        status = run_entry(QueryTable, top, path, value, Context);
    free(value);
    return status;
}
EXPORT(RtlQueryRegistryValues);

/* ---- single keys and values ---- */

NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    char path[KEY_PATH_MAX];
    NTSTATUS status = path_of(RelativeTo, Path, path);

    if (status >= 0 && !nt_registry_key_exists(path))
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    return status;
}
EXPORT(RtlCheckRegistryKey);

NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    char path[KEY_PATH_MAX];
    NTSTATUS status = path_of(RelativeTo, Path, path);

    return status < 0 ? status : key_status_of_errno(nt_registry_write_key(path));
}
EXPORT(RtlCreateRegistryKey);

NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName,
                                     ULONG ValueType, PVOID ValueData, ULONG ValueLength)
{
    char path[KEY_PATH_MAX];
    NTSTATUS status = path_of(RelativeTo, Path, path);

    if (status < 0)
        return status;
    if (!nt_registry_key_exists(path))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    char *name = text_from_utf16(ValueName, wide_length(ValueName));
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    int error = nt_registry_write(path, name, ValueType, ValueData, ValueLength);
    free(name);
    return key_status_of_errno(error);
}
EXPORT(RtlWriteRegistryValue);

NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName)
{
    char path[KEY_PATH_MAX];
    NTSTATUS status = path_of(RelativeTo, Path, path);

    if (status < 0)
        return status;
    char *name = text_from_utf16(ValueName, wide_length(ValueName));
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    int error = nt_registry_erase_value(path, name);
    free(name);
    return key_status_of_errno(error);
}
EXPORT(RtlDeleteRegistryValue);
