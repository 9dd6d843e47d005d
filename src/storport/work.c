/*
 * work.c - work items of miniports, and StateChangeDetected with its callback.
 */
#include "port/driver.h"
#include "storport/adapter.h"

struct storport_worker {
    struct storport_handle handle;
    struct storport_adapter *adapter;
    struct nt_work work;
    PHW_WORKITEM routine;
    PVOID context;
    uint32_t queued;  /* until the routine's arguments have been read; __atomic */
    uint32_t running; /* routines that have not returned; __atomic */
};

/* ---- work items ---- */

static void worker_run(void *context)
{
    struct storport_worker *worker = context;
    struct storport_call call;

    PHW_WORKITEM routine = worker->routine;
    PVOID routine_context = worker->context;
    PVOID handle = storport_handle_of(&worker->handle);
    __atomic_add_fetch(&worker->running, 1, __ATOMIC_ACQ_REL);
    __atomic_store_n(&worker->queued, 0, __ATOMIC_RELEASE); /* it may be queued again, or freed */
    storport_call_begin(&call, nt_self(), worker->adapter, "HwStorWorkItem", NULL);
    routine(worker->adapter->extension, routine_context, handle);
    storport_call_end(&call);
    __atomic_sub_fetch(&worker->running, 1, __ATOMIC_ACQ_REL);
}

static bool worker_is_quiet(struct storport_handle *record)
{
    struct storport_worker *worker = (struct storport_worker *)record;

    return !__atomic_load_n(&worker->queued, __ATOMIC_ACQUIRE) &&
           !__atomic_load_n(&worker->running, __ATOMIC_ACQUIRE);
}

/* The record of the work item stays as it is: it is not in a queue, but a worker thread may not
 * have forgotten it yet. */
static void worker_renew(struct storport_handle *record)
{
    struct storport_worker *worker = (struct storport_worker *)record;

    if (!worker->work.run)
        nt_work_initialize(&worker->work, worker_run, worker);
}

void storport_workers_initialize(struct storport_adapter *adapter)
{
    adapter->workers = (struct storport_handles){.record_bytes = sizeof(struct storport_worker),
                                                 .is_quiet = worker_is_quiet,
                                                 .renew = worker_renew};
}

void storport_drain_workers(struct storport_adapter *adapter)
{
    struct storport_handle *record = __atomic_load_n(&adapter->workers.first, __ATOMIC_ACQUIRE);

    for (; record; record = record->next) {
        struct storport_worker *worker = (struct storport_worker *)record;
        nt_work_drain(&worker->work);
        while (__atomic_load_n(&worker->queued, __ATOMIC_SEQ_CST)) {
            sys_thread_yield(); /* claimed, and about to be queued or given up */
            nt_work_drain(&worker->work);
        }
    }
}

void storport_report_workers(struct storport_adapter *adapter)
{
    struct storport_handle *record = __atomic_load_n(&adapter->workers.first, __ATOMIC_ACQUIRE);
    unsigned kept = 0;

    for (; record; record = record->next)
        kept += storport_handle_is_live(record);
    if (kept)
        nt_print("%s: %u work items were not freed before removal",
                 port_driver_service(adapter->port->driver), kept);
}

static struct storport_worker *worker_find(struct storport_adapter *adapter, const void *handle,
                                           ULONG *ret_status)
{
    struct storport_handle *record = NULL;
    enum storport_handle_answer answer =
        storport_handle_find(&adapter->workers, STORPORT_HANDLE_WORKER, handle, &record);

    *ret_status =
        answer == STORPORT_HANDLE_FREED ? STOR_STATUS_UNSUCCESSFUL : STOR_STATUS_INVALID_PARAMETER;
    return answer == STORPORT_HANDLE_LIVE ? (struct storport_worker *)record : NULL;
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
    struct storport_worker *worker =
        (struct storport_worker *)storport_handle_new(&adapter->workers, STORPORT_HANDLE_WORKER);
    if (!worker)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    worker->adapter = adapter;
    *handle = storport_handle_of(&worker->handle);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeWorker, "StorPortInitializeWorker", "I/O request processing",
                  initialize_worker);

static ULONG queue_work_item(struct storport_adapter *adapter, PVOID extension,
                             __builtin_ms_va_list *arguments)
{
    PHW_WORKITEM routine = STORPORT_ARGUMENT(arguments, PHW_WORKITEM);
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG status;

    (void)extension;
    if (!routine || !handle)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_worker *worker = worker_find(adapter, handle, &status);
    if (!worker)
        return STOR_STATUS_INVALID_PARAMETER;
    if (__atomic_exchange_n(&worker->queued, 1, __ATOMIC_SEQ_CST))
        return STOR_STATUS_BUSY;
    /* Freeing claims the same word: what is claimed here and still live stays live. And the stop
     * either is seen here, or waits for what was claimed before. */
    bool live = storport_handle_is_live(&worker->handle);
    if (!live || adapter->phase == STORPORT_STOPPED) {
        __atomic_store_n(&worker->queued, 0, __ATOMIC_SEQ_CST);
        return live ? STOR_STATUS_INVALID_DEVICE_STATE : STOR_STATUS_INVALID_PARAMETER;
    }
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
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG status;

    (void)extension;
    if (!handle)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_worker *worker = worker_find(adapter, handle, &status);
    if (!worker)
        return status;
    if (__atomic_exchange_n(&worker->queued, 1, __ATOMIC_ACQ_REL))
        return STOR_STATUS_BUSY;
    bool freed = storport_handle_free(&worker->handle, handle);
    __atomic_store_n(&worker->queued, 0, __ATOMIC_RELEASE);
    return freed ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL;
}
STORPORT_EXTENDED(ExtFunctionFreeWorker, "StorPortFreeWorker", "I/O request processing",
                  free_worker);

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

    ULONG status = STOR_STATUS_SUCCESS;

    if (!__atomic_load_n(&adapter->port->started, __ATOMIC_ACQUIRE))
        port_rescan_schedule(adapter->port);
    else if (!port_enumerate_part(adapter->port, &adapter->state_change.scan))
        status = STOR_STATUS_UNSUCCESSFUL;
    if (!routine) {
        __atomic_store_n(&adapter->state_change.busy, 0, __ATOMIC_RELEASE);
        return;
    }
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL), before_interrupts = NT_DISPATCH_LEVEL;
    bool half_duplex = adapter->mode == STORPORT_HALF_DUPLEX;
    nt_spinlock_acquire(&adapter->start_lock, self);
    /* Over for the driver when it is told, so that its routine can report the next change. */
    __atomic_store_n(&adapter->state_change.busy, 0, __ATOMIC_RELEASE);
    if (adapter->phase == STORPORT_STOPPED) { /* while the enumeration waited */
        nt_spinlock_release(&adapter->start_lock, self);
        nt_irql_lower(old_irql);
        return;
    }
    if (half_duplex)
        before_interrupts = storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, "HwStorStateChange", NULL);
    routine(adapter->extension, routine_context, STOR_ADDRESS_TYPE_BTL8, address, status);
    storport_call_end(&call);
    if (half_duplex)
        storport_unlock_interrupts(adapter, self, before_interrupts);
    nt_spinlock_release(&adapter->start_lock, self);
    nt_irql_lower(old_irql);
}

enum { VM_PASSTHROUGH_LUN = 1 }; /* of the attributes of a state change */

/* The largest of what changed; of its address only as much as that has. */
static struct port_scan scan_of(ULONG entity, const STOR_ADDR_BTL8 *address, ULONG attributes)
{
    return (struct port_scan){
        .level = entity & STATE_CHANGE_BUS      ? PORT_SCAN_PATH
                 : entity & STATE_CHANGE_TARGET ? PORT_SCAN_TARGET
                                                : PORT_SCAN_UNIT,
        .path = address->Path,
        .target = address->Target,
        .lun = address->Lun,
        .passthrough = attributes & VM_PASSTHROUGH_LUN,
    };
}

ULONG storport_state_change(struct storport_adapter *adapter, ULONG entity, PSTOR_ADDRESS address,
                            ULONG attributes, PHW_STATE_CHANGE routine, PVOID context)
{
    enum { ENTITY_ALL = 7 };

    if (!entity || entity & ~(ULONG)ENTITY_ALL || !address ||
        address->Type != STOR_ADDRESS_TYPE_BTL8)
        return STOR_STATUS_INVALID_PARAMETER;
    if (__atomic_exchange_n(&adapter->state_change.busy, 1, __ATOMIC_ACQ_REL))
        return STOR_STATUS_UNSUCCESSFUL;
    adapter->state_change.routine = routine;
    adapter->state_change.context = context;
    adapter->state_change.address = address;
    adapter->state_change.scan = scan_of(entity, (const STOR_ADDR_BTL8 *)address, attributes);
    nt_work_queue(&adapter->state_change.work);
    return STOR_STATUS_SUCCESS;
}

void storport_state_change_initialize(struct storport_adapter *adapter)
{
    nt_work_initialize(&adapter->state_change.work, state_change_run, adapter);
}
