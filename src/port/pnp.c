/*
 * pnp.c - stop for a rebalance, restart, removal, and the departure of a device that is gone
 * (lifecycle section 12).
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/driver.h"
#include "port/life.h"

#include <errno.h>

/* ---- stop for a rebalance ---- */

/* Until nothing is outstanding and the caches are empty; then its units hear of the stop. */
static int rebalance_prepare(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;
    int error = port_life_quiesce(life, PORT_GATE_STARTING);

    if (error)
        return error;
    error = port_life_empty_caches(life);
    if (!error)
        error = port_life_flush(life);
    if (error) {
        port_life_resume(adapter);
        return error;
    }
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        unit->restarts = unit->present;
    port_units_tell(adapter, PORT_IRP_STOP_DEVICE);
    sys_mutex_unlock(&adapter->control_mutex);
    return 0;
}

/* The body of IRP_MN_STOP_DEVICE. */
static int rebalance_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    sys_mutex_lock(&adapter->control_mutex);
    adapter->model->stop(adapter, PORT_STOP_REBALANCE);
    port_life_enter(adapter, PORT_ADAPTER_STOPPED);
    sys_mutex_unlock(&adapter->control_mutex);
    adapter->model->drain(adapter);
    adapter->model->take_back(adapter);
    return 0;
}

static int rebalance(struct port_life *life)
{
    int error = port_life_ask(life, PORT_IRP_QUERY_STOP, PORT_IRP_CANCEL_STOP);

    if (error)
        return error;
    error = port_life_prepare(life, PORT_IRP_STOP_DEVICE, rebalance_prepare);
    if (error) {
        port_life_cancel(life, PORT_IRP_CANCEL_STOP);
        return error;
    }
    error = port_life_send(life, PORT_IRP_STOP_DEVICE, rebalance_run);
    /* Who has agreed to stop cannot refuse to. */
    return life->ran ? error : rebalance_run(life);
}

int port_adapter_pnp_stop(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = reason_size};

    port_runtime_hold(adapter, true);
    sys_mutex_lock(&adapter->life_mutex);
    int error = port_life_expect(&life, PORT_ADAPTER_RUNNING, "a stop");
    if (!error)
        error = rebalance(&life);
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_release(adapter, true);
    if (!error)
        port_adapter_log(adapter, "adapter stopped");
    return error;
}

/* ---- restart ---- */

/* The body of IRP_MN_START_DEVICE of an adapter that was stopped, or has failed. */
static int restart_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    adapter->model->drain(adapter);
    adapter->model->take_back(adapter); /* what a power-up that failed has left */
    sys_mutex_lock(&adapter->control_mutex);
    port_gates_forget_adapter(adapter);
    port_adapter_gate_close(adapter, PORT_GATE_STARTING);
    /* Left by a power-up that failed. */
    port_adapter_gate_forget(adapter, PORT_GATE_POWERED_DOWN);
    int error = adapter->model->start(adapter, life->reason, life->reason_size);
    for (struct port_unit *unit = adapter->units; unit && !error; unit = unit->next)
        error = port_unit_refit(unit);
    if (!error)
        error = port_unit_refit(adapter->self);
    for (struct port_unit *unit = adapter->units; unit && !error; unit = unit->next)
        port_unit_fail_unfit(unit);
    if (error) {
        port_life_fail(adapter, life->reason);
        adapter->model->drain(adapter);
        adapter->model->take_back(adapter);
        return error;
    }
    if (!__atomic_load_n(&adapter->removed, __ATOMIC_SEQ_CST))
        port_adapter_gate_forget(adapter, PORT_GATE_GONE);
    port_timeouts_start(adapter);
    sys_mutex_unlock(&adapter->control_mutex);
    return 0;
}

/* After START_DEVICE: the bus is looked at again, then its units start, then clients' requests. */
static void restart_units(struct port_adapter *adapter)
{
    sys_mutex_lock(&adapter->control_mutex);
    port_enumerate_locked(adapter);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (unit->restarts && unit->present) {
            if (port_unit_start(unit))
                port_unit_manage_idle(unit);
            else
                port_unit_depart(unit);
        }
        unit->restarts = false;
    }
    port_timeouts_stop(adapter); /* resume starts them */
    port_life_hear_attentions(adapter);
    port_life_resume(adapter);
}

static int restart(struct port_life *life)
{
    int error = port_life_send(life, PORT_IRP_START_DEVICE, restart_run);

    if (!error)
        restart_units(life->adapter);
    return error;
}

int port_adapter_pnp_restart(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = reason_size};
    int error = 0;

    port_runtime_settle(adapter); /* a power-up that failed may not have been written down yet */
    sys_mutex_lock(&adapter->life_mutex);
    if (port_adapter_state(adapter, NULL) != PORT_ADAPTER_FAILED)
        error = port_life_expect(&life, PORT_ADAPTER_STOPPED, "a restart");
    if (!error)
        error = restart(&life);
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_wake(adapter);
    if (!error)
        port_adapter_log(adapter, "adapter started again");
    return error;
}

void port_life_bring_back(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    if (__atomic_load_n(&adapter->removed, __ATOMIC_SEQ_CST))
        return;
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_STOPPED)
        (void)restart(life);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_POWERED_DOWN)
        (void)port_life_power_up(life);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING)
        port_life_wake_units(life);
}

/* ---- removal ---- */

/* Until nothing is outstanding; what waits fails, and its units are removed. -EIO when only the
 * flush failed. */
static int remove_units(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_RUNNING) {
        int error = port_life_quiesce(life, PORT_GATE_STARTING);
        if (error)
            return error;
    } else {
        sys_mutex_lock(&adapter->control_mutex);
    }
    life->removing = true;
    life->gone = __atomic_load_n(&adapter->removed, __ATOMIC_SEQ_CST);
    port_adapter_gate_close(adapter, PORT_GATE_GONE);
    nt_dpc_flush();
    port_life_fail_waiting(adapter, PORT_NO_DEVICE, adapter->gone_status);
    int error = port_life_remove_units(life, life->gone);
    sys_mutex_unlock(&adapter->control_mutex);
    return error;
}

/* The body of IRP_MN_REMOVE_DEVICE. */
static int remove_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    sys_mutex_lock(&adapter->control_mutex);
    port_life_remove(life, life->gone);
    nt_work_queue(&adapter->reset_work); /* fails the resets that clients have asked for */
    return 0;
}

/* First its units, then itself. The IRP is sent; a driver that ends it alone keeps nothing. */
static int remove_adapter(struct port_life *life)
{
    int flushed = port_life_prepare(life, PORT_IRP_REMOVE_DEVICE, remove_units);

    if (!life->removing)
        return flushed;
    int error = port_life_send(life, PORT_IRP_REMOVE_DEVICE, remove_run);
    if (!life->ran)
        error = remove_run(life);
    return error ? error : flushed;
}

int port_adapter_pnp_remove(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = reason_size};
    int error = 0;

    port_runtime_hold(adapter, true);
    sys_mutex_lock(&adapter->life_mutex);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_REMOVED)
        error = port_life_expect(&life, PORT_ADAPTER_RUNNING, "a removal");
    if (!error) {
        port_life_bring_back(&life);
        error = port_life_ask(&life, PORT_IRP_QUERY_REMOVE, PORT_IRP_CANCEL_REMOVE);
    }
    if (!error) {
        error = remove_adapter(&life);
        if (!life.removing)
            port_life_cancel(&life, PORT_IRP_CANCEL_REMOVE);
    }
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_release(adapter, true);
    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_REMOVED)
        port_adapter_log(adapter, "adapter removed");
    return error;
}

/* ---- the device is gone ---- */

static int surprise_run(struct port_life *life)
{
    (void)life;
    return 0;
}

void port_departure_run(void *context)
{
    struct port_adapter *adapter = context;
    char reason[256];
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = sizeof(reason)};

    sys_mutex_lock(&adapter->life_mutex);
    /* A start that has not succeeded has taken back what there was, or looks itself (start.c). */
    if (__atomic_load_n(&adapter->started, __ATOMIC_ACQUIRE) &&
        port_adapter_state(adapter, NULL) != PORT_ADAPTER_REMOVED) {
        sys_mutex_lock(&adapter->control_mutex);
        port_units_surprise(adapter);
        sys_mutex_unlock(&adapter->control_mutex);
        (void)port_life_send(&life, PORT_IRP_SURPRISE_REMOVAL, surprise_run);
        (void)remove_adapter(&life);
        port_adapter_log(adapter, "adapter removed");
    }
    sys_mutex_unlock(&adapter->life_mutex);
}

int port_adapter_surprise_remove(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = reason_size};

    if (port_adapter_state(adapter, NULL) == PORT_ADAPTER_REMOVED)
        return port_life_expect(&life, PORT_ADAPTER_RUNNING, "a surprise removal");
    port_adapter_removed(adapter, "surprise removal");
    if (adapter->device)
        adapter->device->ops->unplug(adapter->device);
    nt_work_drain(&adapter->removal_work);
    nt_work_drain(&adapter->departure_work);
    return 0;
}
