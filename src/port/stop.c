/*
 * stop.c - an adapter's end: drained, flushed, removed, freed (lifecycle section 12).
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/registry.h"
#include "port/data.h"
#include "port/driver.h"
#include "port/life.h"
#include "port/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { SRB_SUCCESS = 0x01, SRB_NO_HBA = 0x11 };

int port_life_flush(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;
    int result = 0;

    if (!adapter->limits.caches_data)
        return 0;
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        /* What sleeps has been flushed, and need not take this request. */
        if (!unit->present || port_unit_sleeps(unit) ||
            __atomic_load_n(&adapter->removed, __ATOMIC_ACQUIRE))
            continue;
        uint8_t status = port_control_send(unit, PORT_FLUSH, 0, 0, false, NULL, 0);
        if (status != SRB_SUCCESS) {
            snprintf(life->reason, life->reason_size,
                     "unit %s: the flush at stop failed (SRB status 0x%02X): data that was not "
                     "flushed before may be lost",
                     unit->name, status);
            result = -EIO;
        }
    }
    return result;
}

int port_life_remove_units(struct port_life *life, bool gone)
{
    struct port_adapter *adapter = life->adapter;
    unsigned device_state;
    bool running = port_adapter_state(adapter, &device_state) == PORT_ADAPTER_RUNNING &&
                   !device_state; /* a device that vanished while it slept */
    int result = gone || !running ? 0 : port_life_flush(life);

    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (gone)
            port_unit_surprise(unit);
        port_unit_remove(unit, running);
    }
    return result;
}

void port_life_remove(struct port_life *life, bool gone)
{
    struct port_adapter *adapter = life->adapter;

    adapter->model->stop(adapter, gone ? PORT_STOP_GONE : PORT_STOP_REMOVE);
    sys_mutex_unlock(&adapter->control_mutex);
    adapter->model->drain(adapter);
    adapter->model->take_back(adapter);
    adapter->model->remove(adapter);
    __atomic_store_n(&adapter->removed, 1, __ATOMIC_SEQ_CST);
    port_life_enter(adapter, PORT_ADAPTER_REMOVED);
}

/* The end: what is under way is waited for, what waits fails, nothing keeps the adapter, and its
 * units are removed. */
static int stop_units(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;
    int result = 0;

    if (!port_adapter_drain(adapter, PORT_DRAIN_TIMEOUT_MS)) {
        port_life_explain(life, "%u requests did not finish", port_adapter_outstanding(adapter));
        result = -EIO;
    }
    __atomic_store_n(&adapter->started, false, __ATOMIC_SEQ_CST);
    /* An enumeration that runs ends early, and none begins any more. */
    port_adapter_gate_close(adapter, PORT_GATE_STOPPING);
    /* Who has seen the gate open has started his requests, or holds them, when this returns. */
    nt_dpc_flush();
    port_life_fail_waiting(adapter, PORT_CANCELLED, SRB_NO_HBA);
    sys_mutex_lock(&adapter->control_mutex);
    port_timeouts_stop(adapter);
    nt_work_drain(&adapter->reset_work);
    nt_work_drain(&adapter->removal_work);
    life->gone = __atomic_load_n(&adapter->removed, __ATOMIC_ACQUIRE);
    int flushed = port_life_remove_units(life, life->gone);
    sys_mutex_unlock(&adapter->control_mutex);
    return flushed ? flushed : result;
}

/* The body of IRP_MN_REMOVE_DEVICE at the end. */
static int stop_run(struct port_life *life)
{
    sys_mutex_lock(&life->adapter->control_mutex);
    port_life_remove(life, life->gone);
    return 0;
}

/* Another device may get this one's number, and then its keys. What a file holds stays in it. */
static void uninstall(const struct port_adapter *adapter)
{
    char key[PORT_KEY_BYTES];

    if (!adapter->installed)
        return;
    port_adapter_instance_key(adapter, key, sizeof(key));
    if (!nt_registry_is_mounted(key))
        (void)nt_registry_delete_key(key);
    port_adapter_driver_key(adapter, key, sizeof(key));
    if (!nt_registry_is_mounted(key))
        (void)nt_registry_delete_key(key);
}

void port_adapter_free(struct port_adapter *adapter)
{
    port_trace_forget(adapter);
    nt_timer_drain(&adapter->pause_timer);
    nt_timer_drain(&adapter->hold_timer);
    nt_timer_drain(&adapter->link_timer);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        port_unit_quiet(unit);
    if (adapter->self)
        port_unit_quiet(adapter->self);
    /* Calls that gates and timers posted have run when this returns: nothing points here any more.
     */
    nt_dpc_flush();
    while (adapter->units) {
        struct port_unit *unit = adapter->units;
        adapter->units = unit->next;
        port_unit_discard(unit);
    }
    if (adapter->self)
        port_unit_discard(adapter->self);
    port_bounce_free_all(adapter);
    free(adapter->shares);
    port_power_settings_free(adapter);
    port_announcement_free(&adapter->rpmb);
    port_announcement_free(&adapter->crypto_engine);
    port_device_close(adapter->opened);
    uninstall(adapter);
    port_log_drain(adapter);
    port_queue_destroy(adapter->control_queue);
    port_queue_destroy(adapter->reset_queue);
    port_queue_destroy(adapter->removal_queue);
    adapter->driver->adapter_count--;
    free(adapter);
}

int port_adapter_stop(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = reason_size};
    int result = 0;

    port_runtime_hold(adapter, true);
    sys_mutex_lock(&adapter->life_mutex);
    port_life_bring_back(&life);
    if (port_adapter_state(adapter, NULL) != PORT_ADAPTER_REMOVED) {
        result = port_life_prepare(&life, PORT_IRP_REMOVE_DEVICE, stop_units);
        int error = port_life_send(&life, PORT_IRP_REMOVE_DEVICE, stop_run);
        if (!life.ran)
            error = stop_run(&life);
        if (error)
            result = error;
    }
    sys_mutex_unlock(&adapter->life_mutex);
    port_runtime_release(adapter, true);
    port_runtime_drain(adapter);
    nt_work_drain(&adapter->removal_work);
    nt_work_drain(&adapter->departure_work);
    nt_work_drain(&adapter->rescan_work);
    nt_work_drain(&adapter->reset_work);
    port_adapter_free(adapter);
    return result;
}
