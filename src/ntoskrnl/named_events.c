/*
 * named_events.c - Zw and Io: events by handle and by name. What names there are, drivers have
 * made: applications here make none.
 */
#include "nt/dispatcher.h"
#include "nt/export.h"
#include "ntoskrnl/named_objects.h"

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Dispatcher", NT_PASSIVE_LEVEL)

static void event_destroy(void *body)
{
    named_object_forget(body);
}

NTSTATUS NTAPI ZwCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess,
                             POBJECT_ATTRIBUTES ObjectAttributes, EVENT_TYPE EventType,
                             BOOLEAN InitialState)
{
    KEVENT *event = nt_object_create(NT_OBJECT_EVENT, sizeof(*event), event_destroy);

    (void)DesiredAccess;
    *EventHandle = NULL;
    if (!event)
        return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeEvent(event, EventType, InitialState);
    return named_object_insert(ObjectAttributes, event, EventHandle);
}
EXPORT(ZwCreateEvent);

NTSTATUS NTAPI ZwOpenEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess,
                           POBJECT_ATTRIBUTES ObjectAttributes)
{
    (void)DesiredAccess;
    return named_object_open(ObjectAttributes, NT_OBJECT_EVENT, EventHandle);
}
EXPORT(ZwOpenEvent);

/* The handle alone holds the event: the caller closes it when it needs the pointer no more. */
static PKEVENT create_or_open(PUNICODE_STRING name, EVENT_TYPE type, PHANDLE handle)
{
    OBJECT_ATTRIBUTES attributes;
    PKEVENT event = NULL;

    InitializeObjectAttributes(&attributes, name, OBJ_OPENIF | OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (ZwCreateEvent(handle, EVENT_ALL_ACCESS, &attributes, type, TRUE) < 0)
        return NULL;
    event = object_of_handle(*handle, NT_OBJECT_EVENT);
    if (event)
        nt_object_release(event);
    return event;
}

PKEVENT NTAPI IoCreateNotificationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle)
{
    return create_or_open(EventName, NotificationEvent, EventHandle);
}
EXPORT(IoCreateNotificationEvent);

PKEVENT NTAPI IoCreateSynchronizationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle)
{
    return create_or_open(EventName, SynchronizationEvent, EventHandle);
}
EXPORT(IoCreateSynchronizationEvent);

static NTSTATUS set_state(HANDLE handle, LONG state, PLONG previous)
{
    KEVENT *event = object_of_handle(handle, NT_OBJECT_EVENT);

    if (!event)
        return STATUS_INVALID_HANDLE;
    LONG before = nt_dispatcher_set(&event->Header, state);
    if (previous)
        *previous = before;
    nt_object_release(event);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI ZwSetEvent(HANDLE EventHandle, PLONG PreviousState)
{
    return set_state(EventHandle, 1, PreviousState);
}
EXPORT(ZwSetEvent);

NTSTATUS NTAPI ZwResetEvent(HANDLE EventHandle, PLONG PreviousState)
{
    return set_state(EventHandle, 0, PreviousState);
}
EXPORT(ZwResetEvent);

NTSTATUS NTAPI ZwClearEvent(HANDLE EventHandle)
{
    return set_state(EventHandle, 0, NULL);
}
EXPORT(ZwClearEvent);
