/*
 * work.c - work items of miniports, and StateChangeDetected with its callback.
 */
#include "port/driver.h"
#include "storport/adapter.h"

#include <stdlib.h>

struct storport_worker {
    struct storport_worker *next;
    struct storport_adapter *adapter;
    struct nt_work work;
    PHW_WORKITEM routine;
    PVOID context;
    uint32_t claimed; /* queued, until the routine's arguments have been read; __atomic */
    uint32_t freed;   /* by the driver; the record is reaped with the adapter */
};

/* ---- work items ---- */

static void worker_run(void *context)
{
    struct storport_worker *worker = context;
    struct storport_call call;

    PHW_WORKITEM routine = worker->routine;
    PVOID routine_context = worker->context;
    __atomic_store_n(&worker->claimed, 0, __ATOMIC_RELEASE); /* it may be queued again */
    storport_call_begin(&call, nt_self(), worker->adapter, "HwStorWorkItem", NULL);
    routine(worker->adapter->extension, routine_context, worker);
    storport_call_end(&call);
}

static ULONG initialize_worker(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    PVOID *handle = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)extension;
    if (!handle)
        return STOR_STATUS_INVALID_PARAMETER;
    *handle = NULL;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    worker->adapter = adapter;
    nt_work_initialize(&worker->work, worker_run, worker);
    uint8_t old_irql = nt_spinlock_acquire_raise(&adapter->port->lock, NT_DISPATCH_LEVEL);
    worker->next = adapter->workers;
    adapter->workers = worker;
    nt_spinlock_release_lower(&adapter->port->lock, old_irql);
    *handle = worker;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeWorker, "StorPortInitializeWorker", "I/O request processing",
                  initialize_worker);

static ULONG queue_work_item(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    PHW_WORKITEM routine = STORPORT_ARGUMENT(arguments, PHW_WORKITEM);
    struct storport_worker *worker = STORPORT_ARGUMENT(arguments, PVOID);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);

    (void)extension;
    if (!routine || !worker || __atomic_load_n(&worker->freed, __ATOMIC_ACQUIRE))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (adapter->phase == STORPORT_STOPPED)
        return STOR_STATUS_INVALID_DEVICE_STATE;
    if (__atomic_exchange_n(&worker->claimed, 1, __ATOMIC_ACQUIRE))
        return STOR_STATUS_BUSY;
    worker->routine = routine;
    worker->context = context;
    nt_work_queue(&worker->work);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionQueueWorkItem, "StorPortQueueWorkItem", "I/O request processing",
                  queue_work_item);

static ULONG free_worker(struct storport_adapter *adapter, PVOID extension,
                         __builtin_ms_va_list *arguments)
{
    struct storport_worker *worker = STORPORT_ARGUMENT(arguments, PVOID);

    (void)adapter;
    (void)extension;
    if (!worker)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (__atomic_load_n(&worker->claimed, __ATOMIC_ACQUIRE))
        return STOR_STATUS_BUSY;
    return __atomic_exchange_n(&worker->freed, 1, __ATOMIC_ACQ_REL) ? STOR_STATUS_UNSUCCESSFUL
                                                                    : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeWorker, "StorPortFreeWorker", "I/O request processing",
                  free_worker);

void storport_reap_workers(struct storport_adapter *adapter)
{
    while (adapter->workers) {
        struct storport_worker *worker = adapter->workers;
        adapter->workers = worker->next;
        nt_work_drain(&worker->work);
        if (!worker->freed)
            nt_print("%s: a work item was not freed before removal",
                     port_driver_service(adapter->port->driver));
        free(worker);
    }
}

/* ---- state changes ---- */

/* PASSIVE_LEVEL: enumerates, then tells the driver at DISPATCH_LEVEL under the StartIo lock. */
static void state_change_run(void *context)
{
    struct storport_adapter *adapter = context;
    PHW_STATE_CHANGE routine = adapter->state_change.routine;
    PVOID routine_context = adapter->state_change.context;
    PSTOR_ADDRESS address = adapter->state_change.address;
    struct nt_thread *self = nt_self();
    struct storport_call call;

    if (__atomic_load_n(&adapter->port->started, __ATOMIC_ACQUIRE))
        port_enumerate(adapter->port);
    else
        port_rescan_schedule(adapter->port);
    __atomic_store_n(&adapter->state_change.busy, 0, __ATOMIC_RELEASE);
    if (!routine)
        return;
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL), before_interrupts = NT_DISPATCH_LEVEL;
    bool half_duplex = adapter->mode == STORPORT_HALF_DUPLEX;
    nt_spinlock_acquire(&adapter->start_lock, self);
    if (half_duplex)
        before_interrupts = storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, "HwStorStateChange", NULL);
    routine(adapter->extension, routine_context, STOR_ADDRESS_TYPE_BTL8, address,
            STOR_STATUS_SUCCESS);
    storport_call_end(&call);
    if (half_duplex)
        storport_unlock_interrupts(adapter, self, before_interrupts);
    nt_spinlock_release(&adapter->start_lock, self);
    nt_irql_lower(old_irql);
}

ULONG storport_state_change(struct storport_adapter *adapter, ULONG entity, PSTOR_ADDRESS address,
                            ULONG attributes, PHW_STATE_CHANGE routine, PVOID context)
{
    enum { ENTITY_ALL = 7 };

    (void)attributes;
    if (!entity || entity & ~(ULONG)ENTITY_ALL || !address ||
        address->Type != STOR_ADDRESS_TYPE_BTL8)
        return STOR_STATUS_INVALID_PARAMETER;
    if (__atomic_exchange_n(&adapter->state_change.busy, 1, __ATOMIC_ACQ_REL))
        return STOR_STATUS_UNSUCCESSFUL;
    adapter->state_change.routine = routine;
    adapter->state_change.context = context;
    adapter->state_change.address = address;
    nt_work_queue(&adapter->state_change.work);
    return STOR_STATUS_SUCCESS;
}

void storport_state_change_initialize(struct storport_adapter *adapter)
{
    nt_work_initialize(&adapter->state_change.work, state_change_run, adapter);
}
