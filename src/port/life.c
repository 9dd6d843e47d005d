/*
 * life.c - the frame of every event of an adapter's life: sent as an IRP, requests held back
 * before and let go afterwards.
 */
#include "port/life.h"

#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/driver.h"
#include "port/trace.h"
#include "port/watch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { STATUS_OK = 0, STATUS_FAILED = 0xC0000001u, SRB_NO_DEVICE = 0x08, SRB_NO_HBA = 0x11 };

/* ---- words ---- */

void port_life_explain(const struct port_life *life, const char *format, ...)
{
    char text[384];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    snprintf(life->reason, life->reason_size, "RaidPort%u (%s): %s", life->adapter->number,
             port_driver_service(life->adapter->driver), text);
}

const char *port_adapter_state_name(enum port_adapter_state state)
{
    static const char *const names[] = {
        [PORT_ADAPTER_RUNNING] = "running",
        [PORT_ADAPTER_STOPPED] = "stopped",
        [PORT_ADAPTER_POWERED_DOWN] = "powered down",
        [PORT_ADAPTER_REMOVED] = "removed",
        [PORT_ADAPTER_FAILED] = "failed",
    };

    return names[state];
}

int port_life_expect(const struct port_life *life, enum port_adapter_state state, const char *event)
{
    enum port_adapter_state now = port_adapter_state(life->adapter, NULL);

    if (now == state)
        return 0;
    port_life_explain(life, "it is %s; %s is for an adapter that is %s",
                      port_adapter_state_name(now), event, port_adapter_state_name(state));
    return -EINVAL;
}

void port_life_enter(struct port_adapter *adapter, enum port_adapter_state state)
{
    __atomic_store_n(&adapter->state, (uint32_t)state, __ATOMIC_RELEASE);
    if (!nt_events_are_on())
        return;
    port_trace_phase(port_trace_adapter(adapter), NT_PHASE_PNP, port_adapter_state_name(state),
                     NULL);
    if (state == PORT_ADAPTER_RUNNING)
        port_trace_power(adapter, NULL, 0, NULL);
}

/* ---- IRPs ---- */

static uint32_t life_body(void *context)
{
    struct port_life *life = context;

    life->ran = true;
    life->error = life->run(life);
    if (!life->error)
        return STATUS_OK;
    uint32_t status = life->adapter->start_status;
    return status ? status : STATUS_FAILED;
}

static const char *event_name(enum port_irp irp)
{
    static const char *const names[] = {
        [PORT_IRP_START_DEVICE] = "the start",
        [PORT_IRP_QUERY_STOP] = "the question whether it may stop",
        [PORT_IRP_CANCEL_STOP] = "the end of that question",
        [PORT_IRP_STOP_DEVICE] = "the stop",
        [PORT_IRP_QUERY_REMOVE] = "the question whether it may be removed",
        [PORT_IRP_CANCEL_REMOVE] = "the end of that question",
        [PORT_IRP_REMOVE_DEVICE] = "the removal",
        [PORT_IRP_SURPRISE_REMOVAL] = "the surprise removal",
        [PORT_IRP_QUERY_BUS_RELATIONS] = "the search for units",
        [PORT_IRP_SET_POWER_D0] = "the power-up",
        [PORT_IRP_SET_POWER_D1] = "the power-down",
        [PORT_IRP_SET_POWER_D2] = "the power-down",
        [PORT_IRP_SET_POWER_D3] = "the power-down",
    };

    return names[irp];
}

int port_life_send(struct port_life *life, enum port_irp irp, int (*run)(struct port_life *life))
{
    struct port_adapter *adapter = life->adapter;
    struct port_watch watch;

    life->run = run;
    life->ran = false;
    life->error = 0;
    adapter->start_status = 0;
    port_watch_begin(&watch, adapter, NULL, event_name(irp));
    uint32_t status = adapter->model->send ? adapter->model->send(adapter, irp, life_body, life)
                                           : life_body(life);
    port_watch_end(&watch);
    if (life->ran && life->error)
        return life->error;
    if ((int32_t)status >= 0 && life->ran)
        return 0;
    port_life_explain(life, "the driver's dispatch routine ended the request itself, status 0x%08X",
                      status);
    return -EIO;
}

int port_life_prepare(struct port_life *life, enum port_irp irp,
                      int (*prepare)(struct port_life *life))
{
    struct port_watch watch;

    port_watch_begin(&watch, life->adapter, NULL, event_name(irp));
    int error = prepare(life);
    port_watch_end(&watch);
    return error;
}

static int refuse_pinned(const struct port_life *life, const struct port_unit *pinned)
{
    if (!pinned)
        return 0;
    port_life_explain(life, "unit %s is in use by the system (paging, hibernation or dumps)",
                      pinned->name);
    return -EIO;
}

int port_life_query(struct port_life *life)
{
    return refuse_pinned(life, port_adapter_pinned(life->adapter));
}

static int cancel_run(struct port_life *life)
{
    (void)life;
    return 0;
}

/* The words of the refusal stay. */
void port_life_cancel(struct port_life *life, enum port_irp cancel)
{
    char unheard[256];
    struct port_life telling = {
        .adapter = life->adapter, .reason = unheard, .reason_size = sizeof(unheard)};

    (void)port_life_send(&telling, cancel, cancel_run);
    port_units_tell(life->adapter, cancel);
}

int port_life_ask(struct port_life *life, enum port_irp query, enum port_irp cancel)
{
    int error = port_units_ask(life, query);

    if (!error)
        error = port_life_send(life, query, port_life_query);
    if (error)
        port_life_cancel(life, cancel);
    return error;
}

int port_life_query_unit(struct port_life *life, const struct port_unit *unit)
{
    return refuse_pinned(life, port_unit_is_pinned(unit) ? unit : NULL);
}

/* ---- requests held back ---- */

static void controls_open(struct port_adapter *adapter)
{
    if (adapter->model->open_controls)
        adapter->model->open_controls(adapter);
}

/* Before requests are held back and before control_mutex is ours: a callback that waits for either
 * comes back. */
static int controls_close(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;
    uint64_t deadline = sys_now_ns() + PORT_DRAIN_TIMEOUT_MS * SYS_NS_PER_MS;

    if (!adapter->model->close_controls || adapter->model->close_controls(adapter, deadline))
        return 0;
    controls_open(adapter);
    port_life_explain(life, "the driver is still busy with a control code; it goes on as it was");
    return -ETIMEDOUT;
}

int port_life_quiesce(struct port_life *life, uint32_t gate)
{
    struct port_adapter *adapter = life->adapter;
    int error = controls_close(life);

    if (error)
        return error;
    sys_mutex_lock(&adapter->control_mutex);
    port_adapter_gate_close(adapter, gate);
    /* Who has seen the gate open has issued his requests when this returns. */
    nt_dpc_flush();
    if (!port_adapter_drain(adapter, PORT_DRAIN_TIMEOUT_MS)) {
        port_life_explain(life, "%u requests did not finish; it goes on as it was",
                          port_adapter_outstanding(adapter));
        port_adapter_gate_open(adapter, gate);
        nt_processor_post(nt_processor_current(), &adapter->self->kick);
        sys_mutex_unlock(&adapter->control_mutex);
        controls_open(adapter);
        return -ETIMEDOUT;
    }
    __atomic_store_n(&adapter->started, false, __ATOMIC_SEQ_CST);
    port_timeouts_stop(adapter);
    nt_work_drain(&adapter->reset_work);
    nt_work_drain(&adapter->removal_work);
    return 0;
}

void port_life_resume(struct port_adapter *adapter)
{
    adapter->caches_empty = false;
    port_life_enter(adapter, PORT_ADAPTER_RUNNING);
    if (!adapter->component.device_state) /* it slept only, and has heard of them */
        port_power_settings_tell(adapter);
    port_timeouts_start(adapter);
    __atomic_store_n(&adapter->started, true, __ATOMIC_SEQ_CST);
    adapter->gone_status = SRB_NO_DEVICE;
    port_adapter_gate_open(adapter, PORT_GATES_OF_LIFE);
    nt_processor_post(nt_processor_current(), &adapter->self->kick);
    sys_mutex_unlock(&adapter->control_mutex);
    controls_open(adapter);
    nt_work_queue(&adapter->reset_work); /* resets that clients asked for meanwhile */
    if (__atomic_exchange_n(&adapter->rescan_missed, 0, __ATOMIC_SEQ_CST))
        port_rescan_schedule(adapter);
}

void port_life_fail_waiting(struct port_adapter *adapter, enum port_status status,
                            uint8_t srb_status)
{
    /* Who has seen the gates open has issued his requests when this returns, or holds them between
     * BuildIo and StartIo: what is held later nobody would end. */
    nt_dpc_flush();
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        port_unit_fail_held(unit, status, srb_status);
        port_unit_fail_pending(unit, status, srb_status);
    }
    if (adapter->self)
        port_unit_fail_pending(adapter->self, status, srb_status);
}

void port_life_fail(struct port_adapter *adapter, const char *why)
{
    port_adapter_log(adapter, "adapter failed: %s", why);
    adapter->gone_status = SRB_NO_HBA;
    port_life_enter(adapter, PORT_ADAPTER_FAILED);
    port_adapter_gate_close(adapter, PORT_GATE_GONE);
    nt_dpc_flush();
    port_life_fail_waiting(adapter, PORT_NO_DEVICE, SRB_NO_HBA);
    sys_mutex_unlock(&adapter->control_mutex);
    nt_work_queue(&adapter->reset_work);
}
