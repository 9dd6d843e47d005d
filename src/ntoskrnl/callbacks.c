/*
 * callbacks.c - Ex: callback objects, by which drivers and the system call each other by name.
 *
 * A name goes with the last reference of its object, unless it is permanent or the system's own.
 */
#include "nt/export.h"
#include "nt/listeners.h"
#include "nt/text.h"
#include "ntoskrnl/objects.h"

#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", irql_max_)

struct registration {
    struct nt_listener listener;     /* first */
    struct _CALLBACK_OBJECT *object; /* a reference */
    PCALLBACK_FUNCTION function;
    PVOID context;
};

struct _CALLBACK_OBJECT {
    struct _CALLBACK_OBJECT *next; /* by name */
    char *name;
    bool multiple;
    struct nt_listeners registrations;
};

static const char *const system_names[] = {"\\Callback\\SetSystemTime", "\\Callback\\PowerState"};

static struct sys_mutex names_lock;
static struct _CALLBACK_OBJECT *names;

/* ---- objects ---- */

static void object_destroy(void *body)
{
    struct _CALLBACK_OBJECT *object = body, **link = &names;

    sys_mutex_lock(&names_lock);
    while (*link && *link != object)
        link = &(*link)->next;
    if (*link)
        *link = object->next;
    sys_mutex_unlock(&names_lock);
    free(object->name);
}

/* With a reference of the caller's. An object that is about to go waits for the lock. */
static struct _CALLBACK_OBJECT *find_locked(const char *name)
{
    for (struct _CALLBACK_OBJECT *object = names; object; object = object->next)
        if (text_equal_nocase(object->name, strlen(object->name), name, strlen(name)) &&
            nt_object_reference_if_alive(object))
            return object;
    return NULL;
}

static struct _CALLBACK_OBJECT *create_locked(const char *name, bool multiple, bool permanent)
{
    char *copy = strdup(name);
    struct _CALLBACK_OBJECT *object =
        copy ? nt_object_create(NT_OBJECT_CALLBACK, sizeof(*object), object_destroy) : NULL;

    if (!object) {
        free(copy);
        return NULL;
    }
    object->name = copy;
    object->multiple = multiple;
    object->next = names;
    names = object;
    if (permanent)
        nt_object_reference(object);
    return object;
}

static bool is_of_the_system(const char *name)
{
    for (size_t i = 0; i < sizeof(system_names) / sizeof(system_names[0]); i++)
        if (text_equal_nocase(name, strlen(name), system_names[i], strlen(system_names[i])))
            return true;
    return false;
}

static NTSTATUS open_or_create(const char *name, bool create, bool multiple, bool permanent,
                               struct _CALLBACK_OBJECT **ret_object)
{
    bool of_system = is_of_the_system(name);

    sys_mutex_lock(&names_lock);
    *ret_object = find_locked(name);
    if (!*ret_object && (create || of_system))
        *ret_object = create_locked(name, multiple || of_system, permanent || of_system);
    sys_mutex_unlock(&names_lock);
    if (*ret_object)
        return STATUS_SUCCESS;
    return create ? STATUS_INSUFFICIENT_RESOURCES : STATUS_OBJECT_NAME_NOT_FOUND;
}

NTSTATUS NTAPI ExCreateCallback(PCALLBACK_OBJECT *CallbackObject,
                                POBJECT_ATTRIBUTES ObjectAttributes, BOOLEAN Create,
                                BOOLEAN AllowMultipleCallbacks)
{
    const UNICODE_STRING *unicode = ObjectAttributes ? ObjectAttributes->ObjectName : NULL;

    *CallbackObject = NULL;
    if (!unicode || !unicode->Length)
        return STATUS_UNSUCCESSFUL;
    char *name = text_from_utf16(unicode->Buffer, unicode->Length / 2);
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = open_or_create(name, Create, AllowMultipleCallbacks,
                                     ObjectAttributes->Attributes & OBJ_PERMANENT, CallbackObject);
    free(name);
    return status;
}
EXPORT(ExCreateCallback, NT_PASSIVE_LEVEL);

/* ---- registrations ---- */

PVOID NTAPI ExRegisterCallback(PCALLBACK_OBJECT CallbackObject, PCALLBACK_FUNCTION CallbackFunction,
                               PVOID CallbackContext)
{
    struct registration *registration = calloc(1, sizeof(*registration));

    if (!registration)
        return NULL;
    registration->function = CallbackFunction;
    registration->context = CallbackContext;
    registration->object = CallbackObject;
    nt_object_reference(CallbackObject);
    if (nt_listeners_add(&CallbackObject->registrations, &registration->listener,
                         !CallbackObject->multiple))
        return registration;
    nt_object_release(CallbackObject);
    free(registration);
    return NULL;
}
EXPORT(ExRegisterCallback, NT_APC_LEVEL);

/* Returns when the routine does not run any more. */
VOID NTAPI ExUnregisterCallback(PVOID CallbackRegistration)
{
    struct registration *registration = CallbackRegistration;
    struct _CALLBACK_OBJECT *object = registration->object;

    nt_listeners_remove(&object->registrations, &registration->listener);
    free(registration);
    nt_object_release(object);
}
EXPORT(ExUnregisterCallback, NT_APC_LEVEL);

VOID NTAPI ExNotifyCallback(PVOID CallbackObject, PVOID Argument1, PVOID Argument2)
{
    struct nt_listeners *list = &((struct _CALLBACK_OBJECT *)CallbackObject)->registrations;

    for (struct nt_listener *at = nt_listeners_first(list); at; at = nt_listeners_next(list, at)) {
        const struct registration *registration = (const struct registration *)at;
        registration->function(registration->context, Argument1, Argument2);
    }
}
EXPORT(ExNotifyCallback, NT_DISPATCH_LEVEL);
