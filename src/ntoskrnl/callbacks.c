/*
 * callbacks.c - Ex: callback objects, by which drivers and the system call each other by name.
 *
 * A name goes with the last reference of its object, unless it is permanent or the system's own.
 */
#include "nt/dispatcher.h"
#include "nt/export.h"
#include "nt/spinlock.h"
#include "nt/text.h"
#include "ntoskrnl/objects.h"

#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", irql_max_)

struct registration {
    struct registration *next;
    struct _CALLBACK_OBJECT *object; /* a reference */
    PCALLBACK_FUNCTION function;
    PVOID context;
    unsigned running; /* under the object's lock */
    bool gone;        /* no new call of it */
    KEVENT idle;
};

struct _CALLBACK_OBJECT {
    struct _CALLBACK_OBJECT *next; /* by name */
    char *name;
    bool multiple;
    struct nt_spinlock lock;
    struct registration *registrations; /* oldest first */
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
    struct registration *registration = calloc(1, sizeof(*registration)), **link;

    if (!registration)
        return NULL;
    registration->function = CallbackFunction;
    registration->context = CallbackContext;
    nt_dispatcher_initialize(&registration->idle.Header, NT_NOTIFICATION_EVENT, sizeof(KEVENT), 1);
    nt_object_reference(CallbackObject);
    registration->object = CallbackObject;
    uint8_t irql = nt_spinlock_acquire_raise(&CallbackObject->lock, NT_DISPATCH_LEVEL);
    link = &CallbackObject->registrations;
    bool refused = *link && !CallbackObject->multiple;
    while (*link)
        link = &(*link)->next;
    if (!refused)
        *link = registration;
    nt_spinlock_release_lower(&CallbackObject->lock, irql);
    if (!refused)
        return registration;
    nt_object_release(CallbackObject);
    free(registration);
    return NULL;
}
EXPORT(ExRegisterCallback, NT_APC_LEVEL);

/* Returns when the routine does not run any more. */
VOID NTAPI ExUnregisterCallback(PVOID CallbackRegistration)
{
    struct registration *registration = CallbackRegistration, **link;
    struct _CALLBACK_OBJECT *object = registration->object;

    uint8_t irql = nt_spinlock_acquire_raise(&object->lock, NT_DISPATCH_LEVEL);
    registration->gone = true;
    while (registration->running) {
        nt_spinlock_release_lower(&object->lock, irql);
        nt_dispatcher_wait(&registration->idle.Header, NULL);
        irql = nt_spinlock_acquire_raise(&object->lock, NT_DISPATCH_LEVEL);
    }
    link = &object->registrations;
    while (*link != registration)
        link = &(*link)->next;
    *link = registration->next;
    nt_spinlock_release_lower(&object->lock, irql);
    free(registration);
    nt_object_release(object);
}
EXPORT(ExUnregisterCallback, NT_APC_LEVEL);

/* The routines run at the caller's IRQL, without the lock; one that runs stays in the list, so that
 * the way goes on from it. */
VOID NTAPI ExNotifyCallback(PVOID CallbackObject, PVOID Argument1, PVOID Argument2)
{
    struct _CALLBACK_OBJECT *object = CallbackObject;
    uint8_t irql = nt_spinlock_acquire_raise(&object->lock, NT_DISPATCH_LEVEL);

    for (struct registration *at = object->registrations; at; at = at->next) {
        if (at->gone)
            continue;
        at->running++;
        nt_dispatcher_clear(&at->idle.Header);
        nt_spinlock_release_lower(&object->lock, irql);
        at->function(at->context, Argument1, Argument2);
        irql = nt_spinlock_acquire_raise(&object->lock, NT_DISPATCH_LEVEL);
        if (!--at->running)
            nt_dispatcher_set(&at->idle.Header, 1);
    }
    nt_spinlock_release_lower(&object->lock, irql);
}
EXPORT(ExNotifyCallback, NT_DISPATCH_LEVEL);
