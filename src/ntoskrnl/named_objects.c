/*
 * named_objects.c - see named_objects.h.
 */
#include "ntoskrnl/named_objects.h"

#include "nt/text.h"
#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>

struct named {
    struct named *next;
    char *name;
    void *object; /* no reference: it takes itself out when its last one goes */
};

static struct {
    struct sys_mutex mutex;
    struct named *first;
} names;

/* ---- names ---- */

static void shorten_global(char *name)
{
    static const char global[] = "\\BaseNamedObjects\\Global\\";
    size_t length = sizeof(global) - 1, kept = length - strlen("Global\\");

    if (strlen(name) > length && text_equal_nocase(name, length, global, length))
        memmove(name + kept, name + length, strlen(name + length) + 1);
}

NTSTATUS named_object_name(const OBJECT_ATTRIBUTES *attributes, char **ret_name)
{
    const UNICODE_STRING *unicode = attributes ? attributes->ObjectName : NULL;

    *ret_name = NULL;
    if (!unicode || !unicode->Length)
        return STATUS_SUCCESS;
    if (attributes->RootDirectory)
        return STATUS_OBJECT_NAME_INVALID;
    if (unicode->Buffer[0] != '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    *ret_name = text_from_utf16(unicode->Buffer, unicode->Length / 2);
    if (!*ret_name)
        return STATUS_INSUFFICIENT_RESOURCES;
    shorten_global(*ret_name);
    return STATUS_SUCCESS;
}

static bool is_name(const char *left, const char *right, const OBJECT_ATTRIBUTES *attributes)
{
    if (attributes->Attributes & OBJ_CASE_INSENSITIVE)
        return text_equal_nocase(left, strlen(left), right, strlen(right));
    return strcmp(left, right) == 0;
}

/* With a reference. An object that is about to go waits for the lock. */
static void *find_locked(const char *name, const OBJECT_ATTRIBUTES *attributes)
{
    for (struct named *at = names.first; at; at = at->next)
        if (is_name(at->name, name, attributes) && nt_object_reference_if_alive(at->object))
            return at->object;
    return NULL;
}

/* The object that has the name already, with a reference; NULL: `fresh` has it now. */
static void *add_or_find(struct named *fresh, const OBJECT_ATTRIBUTES *attributes)
{
    sys_mutex_lock(&names.mutex);
    void *there = find_locked(fresh->name, attributes);
    if (!there) {
        fresh->next = names.first;
        names.first = fresh;
    }
    sys_mutex_unlock(&names.mutex);
    return there;
}

void named_object_forget(const void *object)
{
    struct named **link = &names.first, *gone;

    sys_mutex_lock(&names.mutex);
    while (*link && (*link)->object != object)
        link = &(*link)->next;
    gone = *link;
    if (gone)
        *link = gone->next;
    sys_mutex_unlock(&names.mutex);
    if (gone)
        free(gone->name);
    free(gone);
}

/* ---- handles ---- */

static NTSTATUS handle_to(void *object, PHANDLE ret_handle)
{
    *ret_handle = object_handle(object);
    if (*ret_handle)
        return STATUS_SUCCESS;
    nt_object_release(object);
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS named_object_open(const OBJECT_ATTRIBUTES *attributes, enum nt_object_kind kind,
                           PHANDLE ret_handle)
{
    char *name;
    void *object;

    *ret_handle = NULL;
    if (!attributes)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = named_object_name(attributes, &name);
    if (status < 0)
        return status;
    if (!name)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    sys_mutex_lock(&names.mutex);
    object = find_locked(name, attributes);
    sys_mutex_unlock(&names.mutex);
    free(name);
    if (!object)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (nt_object_kind_of(object) == kind)
        return handle_to(object, ret_handle);
    nt_object_release(object);
    return STATUS_OBJECT_TYPE_MISMATCH;
}

/* `object` becomes the one that there was, if the caller takes that, too. */
static NTSTATUS give_name(const OBJECT_ATTRIBUTES *attributes, char *name, void **object)
{
    struct named *fresh = calloc(1, sizeof(*fresh));

    if (!fresh) {
        free(name);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *fresh = (struct named){.name = name, .object = *object};
    void *there = add_or_find(fresh, attributes);
    if (!there)
        return STATUS_SUCCESS;
    free(name);
    free(fresh);
    bool other = nt_object_kind_of(there) != nt_object_kind_of(*object);
    if (other || !(attributes->Attributes & OBJ_OPENIF)) {
        nt_object_release(there);
        return other && attributes->Attributes & OBJ_OPENIF ? STATUS_OBJECT_TYPE_MISMATCH
                                                            : STATUS_OBJECT_NAME_COLLISION;
    }
    nt_object_release(*object);
    *object = there;
    return STATUS_OBJECT_NAME_EXISTS;
}

NTSTATUS named_object_insert(const OBJECT_ATTRIBUTES *attributes, void *object, PHANDLE ret_handle)
{
    char *name;
    NTSTATUS status = named_object_name(attributes, &name);

    *ret_handle = NULL;
    if (status >= 0 && name)
        status = give_name(attributes, name, &object);
    if (status < 0) {
        nt_object_release(object);
        return status;
    }
    NTSTATUS handled = handle_to(object, ret_handle);
    return handled < 0 ? handled : status;
}
