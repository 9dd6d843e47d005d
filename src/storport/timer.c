/*
 * timer.c - the one HwTimer of an adapter, the timers of StorPortInitializeTimer, and those with
 * high resolution.
 *
 * All run at DISPATCH_LEVEL under the StartIo lock, in half duplex under the interrupt lock too.
 * What was cancelled or replaced while the routine waited for these locks does not run: a driver
 * that cancels in StartIo can rely on it.
 */
#include "storport/adapter.h"

struct storport_timer {
    struct storport_handle handle;
    struct storport_adapter *adapter;
    struct nt_timer timer;
    /* Of one with high resolution: */
    PHW_TIMER_EX routine;
    PVOID context;
    uint32_t last_run; /* freed, but its next expiry still counts; __atomic */
    uint32_t deleting; /* from its freeing until all of it is over; __atomic */
    struct nt_work deleter;
    PSTOR_EXT_DELETE_CALLBACK deleted;
    PVOID deleted_context;
};

/* Runs what the timer was armed with, unless that has changed by the time the locks are held. */
static void run_locked(struct storport_adapter *adapter, const char *name, struct nt_timer *timer)
{
    struct nt_thread *self = nt_self();
    bool half_duplex = adapter->mode == STORPORT_HALF_DUPLEX;
    uint8_t old_irql = NT_DISPATCH_LEVEL;
    struct nt_timer_shot shot;
    struct storport_call call;

    nt_spinlock_acquire(&adapter->start_lock, self);
    if (half_duplex)
        old_irql = storport_lock_interrupts(adapter, self);
    if (adapter->phase != STORPORT_STOPPED && nt_timer_begin(timer, &shot)) {
        storport_call_begin(&call, self, adapter, name, NULL);
        if (timer == &adapter->timer)
            ((PHW_TIMER)shot.routine)(adapter->extension);
        else
            ((PHW_TIMER_EX)shot.routine)(adapter->extension, shot.context);
        storport_call_end(&call);
    }
    if (half_duplex)
        storport_unlock_interrupts(adapter, self, old_irql);
    nt_spinlock_release(&adapter->start_lock, self);
}

static uint64_t nanoseconds(uint64_t count, uint64_t unit_ns)
{
    return count < SYS_FOREVER / unit_ns ? count * unit_ns : SYS_FOREVER;
}

/* ---- the single timer ---- */

static void timer_run(void *context)
{
    struct storport_adapter *adapter = context;

    run_locked(adapter, "HwStorTimer", &adapter->timer);
}

/* Replaces what is pending; 0 cancels it. Any IRQL. */
static void request_timer_call(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    PHW_TIMER routine = STORPORT_ARGUMENT(arguments, PHW_TIMER);
    ULONG delay_us = STORPORT_ARGUMENT(arguments, ULONG);

    if (!delay_us || !routine)
        nt_timer_cancel(&adapter->timer);
    else
        nt_timer_arm(&adapter->timer, (struct nt_timer_shot){(void *)routine, NULL},
                     nanoseconds(delay_us, 1000), 0, false);
}
STORPORT_NOTIFICATION(RequestTimerCall, "RequestTimerCall", "Timers", request_timer_call);

/* ---- records ---- */

static void handle_run(void *context)
{
    struct storport_timer *timer = context;

    run_locked(timer->adapter, "HwStorTimerEx", &timer->timer);
    if (__atomic_exchange_n(&timer->last_run, 0, __ATOMIC_ACQ_REL)) {
        nt_timer_cancel(&timer->timer);
        nt_work_queue(&timer->deleter);
    }
}

/* PASSIVE_LEVEL: the timer is nobody's any more once its routine has returned. */
static void delete_run(void *context)
{
    struct storport_timer *timer = context;
    PSTOR_EXT_DELETE_CALLBACK deleted = timer->deleted;
    PVOID deleted_context = timer->deleted_context;
    struct storport_call call;

    nt_timer_drain(&timer->timer);
    __atomic_store_n(&timer->deleting, 0, __ATOMIC_RELEASE);
    if (!deleted)
        return;
    storport_call_begin(&call, nt_self(), timer->adapter, "timer delete callback", NULL);
    deleted(deleted_context);
    storport_call_end(&call);
}

static bool timer_is_quiet(struct storport_handle *record)
{
    struct storport_timer *timer = (struct storport_timer *)record;

    return !__atomic_load_n(&timer->deleting, __ATOMIC_ACQUIRE) && nt_timer_is_quiet(&timer->timer);
}

/* A quiet timer is as good as new, and others may be looking whether it is quiet. */
static void timer_renew(struct storport_handle *record)
{
    struct storport_timer *timer = (struct storport_timer *)record;

    if (!timer->timer.run)
        nt_timer_initialize_late(&timer->timer, handle_run, timer);
}

void storport_timers_initialize(struct storport_adapter *adapter)
{
    nt_timer_initialize_late(&adapter->timer, timer_run, adapter);
    adapter->timers = (struct storport_handles){.record_bytes = sizeof(struct storport_timer),
                                                .is_quiet = timer_is_quiet,
                                                .renew = timer_renew};
}

static struct storport_timer *timer_new(struct storport_adapter *adapter,
                                        enum storport_handle_kind kind)
{
    struct storport_timer *timer =
        (struct storport_timer *)storport_handle_new(&adapter->timers, kind);

    if (!timer)
        return NULL;
    if (!timer->adapter)
        nt_work_initialize(&timer->deleter, delete_run, timer);
    timer->adapter = adapter;
    return timer;
}

static struct storport_timer *timer_find(struct storport_adapter *adapter,
                                         enum storport_handle_kind kind, const void *handle,
                                         ULONG *ret_status)
{
    struct storport_handle *record = NULL;
    enum storport_handle_answer answer =
        storport_handle_find(&adapter->timers, kind, handle, &record);

    *ret_status =
        answer == STORPORT_HANDLE_FREED ? STOR_STATUS_UNSUCCESSFUL : STOR_STATUS_INVALID_PARAMETER;
    return answer == STORPORT_HANDLE_LIVE ? (struct storport_timer *)record : NULL;
}

/* No routine of a timer runs after it. PASSIVE_LEVEL, before the driver's last callback. */
void storport_drain_timers(struct storport_adapter *adapter)
{
    struct storport_handle *record = __atomic_load_n(&adapter->timers.first, __ATOMIC_ACQUIRE);

    nt_timer_drain(&adapter->timer);
    for (; record; record = record->next) {
        struct storport_timer *timer = (struct storport_timer *)record;
        nt_timer_drain(&timer->timer);
        if (__atomic_exchange_n(&timer->last_run, 0, __ATOMIC_ACQ_REL))
            nt_work_queue(&timer->deleter);
        nt_work_drain(&timer->deleter);
    }
}

/* ---- timers by handle ---- */

static ULONG initialize_timer(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PVOID *handle = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)extension;
    if (!handle)
        return STOR_STATUS_INVALID_PARAMETER;
    *handle = NULL;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_timer *timer = timer_new(adapter, STORPORT_HANDLE_TIMER);
    if (!timer)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    *handle = storport_handle_of(&timer->handle);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeTimer, "StorPortInitializeTimer", "Timers",
                  initialize_timer);

/* Any IRQL: arming touches no lock that a driver can hold, so nothing has to be deferred. The
 * tolerable delay is permission to be late, which is not made use of. */
static ULONG request_timer(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    PHW_TIMER_EX routine = STORPORT_ARGUMENT(arguments, PHW_TIMER_EX);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    ULONGLONG delay_us = STORPORT_ARGUMENT(arguments, ULONGLONG);
    ULONG status;
    struct storport_timer *timer = timer_find(adapter, STORPORT_HANDLE_TIMER, handle, &status);

    (void)extension;
    if (!timer)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!delay_us) {
        nt_timer_cancel(&timer->timer);
        return STOR_STATUS_SUCCESS;
    }
    if (!routine)
        return STOR_STATUS_INVALID_PARAMETER;
    bool armed = nt_timer_arm(&timer->timer, (struct nt_timer_shot){(void *)routine, context},
                              nanoseconds(delay_us, 1000), 0, true);
    return armed ? STOR_STATUS_BUSY : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionRequestTimer, "StorPortRequestTimer", "Timers", request_timer);

static ULONG free_timer(struct storport_adapter *adapter, PVOID extension,
                        __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG status;

    (void)extension;
    if (!handle)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_timer *timer = timer_find(adapter, STORPORT_HANDLE_TIMER, handle, &status);
    if (!timer)
        return status;
    if (!storport_handle_free(&timer->handle, handle))
        return STOR_STATUS_UNSUCCESSFUL;
    nt_timer_cancel(&timer->timer);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeTimer, "StorPortFreeTimer", "Timers", free_timer);

/* ---- timers with high resolution ---- */

static ULONG initialize_precise_timer(struct storport_adapter *adapter, PVOID extension,
                                      __builtin_ms_va_list *arguments)
{
    PHW_TIMER_EX routine = STORPORT_ARGUMENT(arguments, PHW_TIMER_EX);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    PVOID *handle = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)extension;
    if (!routine || !handle)
        return STOR_STATUS_INVALID_PARAMETER;
    *handle = NULL;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_timer *timer = timer_new(adapter, STORPORT_HANDLE_PRECISE_TIMER);
    if (!timer)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    timer->routine = routine;
    timer->context = context;
    *handle = storport_handle_of(&timer->handle);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeHighResolutionTimer, "StorPortInitializeHighResolutionTimer",
                  "Timers", initialize_precise_timer);

/* The record of a call at DISPATCH_LEVEL or below, and what *result, if wanted, is until more is
 * known. */
static struct storport_timer *precise_timer(struct storport_adapter *adapter, PVOID handle,
                                            BOOLEAN *result, ULONG *ret_status)
{
    if (result)
        *result = FALSE;
    if (nt_irql() > NT_DISPATCH_LEVEL) {
        *ret_status = STOR_STATUS_INVALID_IRQL;
        return NULL;
    }
    return timer_find(adapter, STORPORT_HANDLE_PRECISE_TIMER, handle, ret_status);
}

/* Negative: from now on; else at that system time; both in units of 100 ns. */
static uint64_t delay_of(LONGLONG due_time)
{
    uint64_t now = sys_utc_100ns();

    if (due_time < 0)
        return nanoseconds(-(uint64_t)due_time, 100);
    return (uint64_t)due_time > now ? nanoseconds((uint64_t)due_time - now, 100) : 0;
}

static ULONG request_precise_timer(struct storport_adapter *adapter, PVOID extension,
                                   __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    LONGLONG due_time = STORPORT_ARGUMENT(arguments, LONGLONG);
    LONGLONG period = STORPORT_ARGUMENT(arguments, LONGLONG);
    (void)STORPORT_ARGUMENT(arguments, PSTOR_EXT_SET_PARAMETERS); /* a tolerance: as above */
    BOOLEAN *was_set = STORPORT_ARGUMENT(arguments, BOOLEAN *);
    ULONG status;
    struct storport_timer *timer = precise_timer(adapter, handle, was_set, &status);

    (void)extension;
    if (!timer)
        return status;
    if (period < 0)
        return STOR_STATUS_INVALID_PARAMETER;
    bool armed =
        nt_timer_arm(&timer->timer, (struct nt_timer_shot){(void *)timer->routine, timer->context},
                     delay_of(due_time), nanoseconds((uint64_t)period, 100), false);
    if (was_set)
        *was_set = armed;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionRequestHighResolutionTimer, "StorPortRequestHighResolutionTimer",
                  "Timers", request_precise_timer);

static ULONG cancel_precise_timer(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    (void)STORPORT_ARGUMENT(arguments, PVOID); /* reserved */
    BOOLEAN *cancelled = STORPORT_ARGUMENT(arguments, BOOLEAN *);
    ULONG status;
    struct storport_timer *timer = precise_timer(adapter, handle, cancelled, &status);

    (void)extension;
    if (!timer)
        return status;
    bool armed = nt_timer_cancel(&timer->timer);
    if (cancelled)
        *cancelled = armed;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionCancelHighResolutionTimer, "StorPortCancelHighResolutionTimer",
                  "Timers", cancel_precise_timer);

/* Its expiry, if it is armed and shall not be cancelled, still counts; then it goes. */
static void let_last_run(struct storport_timer *timer)
{
    __atomic_store_n(&timer->last_run, 1, __ATOMIC_SEQ_CST);
    /* Either the routine sees the mark when it ends, or the timer is seen to be idle here. */
    if (!nt_timer_is_armed(&timer->timer) &&
        __atomic_exchange_n(&timer->last_run, 0, __ATOMIC_ACQ_REL))
        nt_work_queue(&timer->deleter);
}

static ULONG free_precise_timer(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    PVOID handle = STORPORT_ARGUMENT(arguments, PVOID);
    bool cancel = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);
    bool wait = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);
    PSTOR_EXT_DELETE_PARAMETERS parameters =
        STORPORT_ARGUMENT(arguments, PSTOR_EXT_DELETE_PARAMETERS);
    BOOLEAN *result = STORPORT_ARGUMENT(arguments, BOOLEAN *);
    ULONG status;
    struct storport_timer *timer = precise_timer(adapter, handle, result, &status);

    (void)extension;
    if (!timer)
        return status;
    if (wait && !cancel)
        return STOR_STATUS_INVALID_PARAMETER;
    if (wait && nt_irql() >= NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (__atomic_exchange_n(&timer->deleting, 1, __ATOMIC_ACQ_REL))
        return STOR_STATUS_UNSUCCESSFUL;
    timer->deleted = parameters ? parameters->DeleteCallback : NULL;
    timer->deleted_context = parameters ? parameters->DeleteContext : NULL;
    storport_handle_free(&timer->handle, handle);
    if (!cancel) {
        let_last_run(timer);
        return STOR_STATUS_SUCCESS;
    }
    bool cancelled = nt_timer_cancel(&timer->timer);
    if (result)
        *result = cancelled;
    if (wait)
        nt_timer_drain(&timer->timer);
    nt_work_queue(&timer->deleter);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeHighResolutionTimer, "StorPortFreeHighResolutionTimer", "Timers",
                  free_precise_timer);

/* The finest resolution of Windows' clock; our timers do better. */
static ULONG query_timer_interval(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    enum { MINIMUM_100NS = 5000 };
    PULONG interval = STORPORT_ARGUMENT(arguments, PULONG);

    (void)adapter;
    (void)extension;
    if (!interval)
        return STOR_STATUS_INVALID_PARAMETER;
    *interval = MINIMUM_100NS;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionQueryTimerMinInterval, "StorPortQueryTimerMinInterval", "Timers",
                  query_timer_interval);
