/*
 * events.c - events of miniports, waiting, and delays. A STOR_EVENT is the kernel's event, and a
 * driver may wait for any object that the kernel lets it wait for.
 */
#include "nt/dispatcher.h"
#include "storport/adapter.h"

_Static_assert(sizeof(STOR_EVENT) == sizeof(KEVENT), "a STOR_EVENT is a KEVENT");

static DISPATCHER_HEADER *header_of(void *object)
{
    return object;
}

static ULONG initialize_event(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSTOR_EVENT event = STORPORT_ARGUMENT(arguments, PSTOR_EVENT);
    ULONG type = STORPORT_ARGUMENT(arguments, ULONG);
    bool state = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);

    (void)adapter;
    (void)extension;
    if (!event || type > StorSynchronizationEvent)
        return STOR_STATUS_INVALID_PARAMETER;
    nt_dispatcher_initialize(header_of(event),
                             type == StorSynchronizationEvent ? NT_SYNCHRONIZATION_EVENT
                                                              : NT_NOTIFICATION_EVENT,
                             sizeof(*event), state);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeEvent, "StorPortInitializeEvent", "Threads",
                  initialize_event);

static ULONG set_event(struct storport_adapter *adapter, PVOID extension,
                       __builtin_ms_va_list *arguments)
{
    PSTOR_EVENT event = STORPORT_ARGUMENT(arguments, PSTOR_EVENT);

    (void)adapter;
    (void)extension;
    if (!event)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    nt_dispatcher_set(header_of(event), 1);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionSetEvent, "StorPortSetEvent", "Threads", set_event);

/* At DISPATCH_LEVEL an object can only be looked at, with a time-out of 0. */
static ULONG wait_for_object(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    PVOID object = STORPORT_ARGUMENT(arguments, PVOID);
    (void)STORPORT_ARGUMENT(arguments, int); /* alertable: there are no APCs */
    PLARGE_INTEGER timeout = STORPORT_ARGUMENT(arguments, PLARGE_INTEGER);
    uint8_t irql_max = timeout && !timeout->QuadPart ? NT_DISPATCH_LEVEL : NT_APC_LEVEL;

    (void)adapter;
    (void)extension;
    if (!object)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > irql_max)
        return STOR_STATUS_INVALID_IRQL;
    return nt_dispatcher_wait(header_of(object), timeout) == STATUS_TIMEOUT ? STOR_STATUS_TIMEOUT
                                                                            : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionWaitForEvent, "StorPortWaitForSingleObject", "Threads",
                  wait_for_object);

/* Sleeps where a thread may, else keeps the processor busy. */
static ULONG delay_execution(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    ULONG delay_us = STORPORT_ARGUMENT(arguments, ULONG);

    (void)adapter;
    (void)extension;
    if (nt_irql() < NT_DISPATCH_LEVEL)
        sys_delay_ns(delay_us * 1000ull);
    else
        StorPortStallExecution(delay_us);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionDelayExecution, "StorPortDelayExecution", "Timers", delay_execution);
