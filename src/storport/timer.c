/*
 * timer.c - the one HwTimer of an adapter, and the timers of StorPortInitializeTimer.
 *
 * Both run at DISPATCH_LEVEL under the StartIo lock, in half duplex under the interrupt lock too.
 */
#include "storport/adapter.h"

#include <stdlib.h>

struct storport_timer {
    struct storport_timer *next;
    struct storport_adapter *adapter;
    struct nt_timer timer;
    PHW_TIMER_EX routine;
    PVOID context;
};

static void run_locked(struct storport_adapter *adapter, const char *name, PHW_TIMER routine,
                       PHW_TIMER_EX routine_ex, PVOID context)
{
    struct nt_thread *self = nt_self();
    bool half_duplex = adapter->mode == STORPORT_HALF_DUPLEX;
    uint8_t old_irql = NT_DISPATCH_LEVEL;
    struct storport_call call;

    nt_spinlock_acquire(&adapter->start_lock, self);
    if (adapter->phase == STORPORT_STOPPED) {
        nt_spinlock_release(&adapter->start_lock, self);
        return;
    }
    if (half_duplex)
        old_irql = storport_lock_interrupts(adapter, self);
    storport_call_begin(&call, self, adapter, name, NULL);
    if (routine)
        routine(adapter->extension);
    else
        routine_ex(adapter->extension, context);
    storport_call_end(&call);
    if (half_duplex)
        storport_unlock_interrupts(adapter, self, old_irql);
    nt_spinlock_release(&adapter->start_lock, self);
}

/* ---- the single timer ---- */

static void timer_run(void *context)
{
    struct storport_adapter *adapter = context;
    PHW_TIMER routine = __atomic_exchange_n(&adapter->timer_routine, NULL, __ATOMIC_ACQ_REL);

    if (routine)
        run_locked(adapter, "HwStorTimer", routine, NULL, NULL);
}

void storport_timer_initialize(struct storport_adapter *adapter)
{
    nt_timer_initialize(&adapter->timer, timer_run, adapter);
}

void storport_timer_request(struct storport_adapter *adapter, PHW_TIMER routine, ULONG delay_us)
{
    if (!delay_us || !routine) {
        nt_timer_cancel(&adapter->timer);
        __atomic_store_n(&adapter->timer_routine, NULL, __ATOMIC_RELEASE);
        return;
    }
    __atomic_store_n(&adapter->timer_routine, routine, __ATOMIC_RELEASE);
    nt_timer_set(&adapter->timer, delay_us * 1000ull, 0);
}

/* ---- timers by handle ---- */

static void handle_run(void *context)
{
    struct storport_timer *timer = context;

    run_locked(timer->adapter, "HwStorTimerEx", NULL, timer->routine, timer->context);
}

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
    struct storport_timer *timer = calloc(1, sizeof(*timer));
    if (!timer)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    timer->adapter = adapter;
    nt_timer_initialize(&timer->timer, handle_run, timer);
    uint8_t old_irql = nt_spinlock_acquire_raise(&adapter->port->lock, NT_DISPATCH_LEVEL);
    timer->next = adapter->timers;
    adapter->timers = timer;
    nt_spinlock_release_lower(&adapter->port->lock, old_irql);
    *handle = timer;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializeTimer, "StorPortInitializeTimer", "Timers",
                  initialize_timer);

static bool timer_is_known(struct storport_adapter *adapter, const struct storport_timer *wanted,
                           bool remove)
{
    bool found = false;
    uint8_t old_irql = nt_spinlock_acquire_raise(&adapter->port->lock, NT_DISPATCH_LEVEL);

    for (struct storport_timer **link = &adapter->timers; *link; link = &(*link)->next) {
        if (*link != wanted)
            continue;
        found = true;
        if (remove)
            *link = wanted->next;
        break;
    }
    nt_spinlock_release_lower(&adapter->port->lock, old_irql);
    return found;
}

static ULONG request_timer(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    struct storport_timer *timer = STORPORT_ARGUMENT(arguments, PVOID);
    PHW_TIMER_EX routine = STORPORT_ARGUMENT(arguments, PHW_TIMER_EX);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    ULONGLONG delay_us = STORPORT_ARGUMENT(arguments, ULONGLONG);

    (void)extension;
    if (!timer || (nt_irql() <= NT_DISPATCH_LEVEL && !timer_is_known(adapter, timer, false)))
        return STOR_STATUS_INVALID_PARAMETER;
    if (!delay_us) {
        nt_timer_cancel(&timer->timer);
        return STOR_STATUS_SUCCESS;
    }
    if (!routine)
        return STOR_STATUS_INVALID_PARAMETER;
    nt_timer_cancel(&timer->timer);
    timer->routine = routine;
    timer->context = context;
    nt_timer_set(&timer->timer, delay_us * 1000, 0);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionRequestTimer, "StorPortRequestTimer", "Timers", request_timer);

/* The record itself goes when the adapter does: a routine of it may be on its way. */
static ULONG free_timer(struct storport_adapter *adapter, PVOID extension,
                        __builtin_ms_va_list *arguments)
{
    struct storport_timer *timer = STORPORT_ARGUMENT(arguments, PVOID);

    (void)extension;
    if (!timer || !timer_is_known(adapter, timer, false))
        return STOR_STATUS_INVALID_PARAMETER;
    nt_timer_cancel(&timer->timer);
    if (nt_irql() < NT_DISPATCH_LEVEL) {
        timer_is_known(adapter, timer, true);
        nt_timer_drain(&timer->timer);
        free(timer);
    }
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFreeTimer, "StorPortFreeTimer", "Timers", free_timer);

void storport_reap_timers(struct storport_adapter *adapter)
{
    while (adapter->timers) {
        struct storport_timer *timer = adapter->timers;
        adapter->timers = timer->next;
        nt_timer_drain(&timer->timer);
        free(timer);
    }
}
