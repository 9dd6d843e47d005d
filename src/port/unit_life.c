/*
 * unit_life.c - what the PnP manager asks and tells the devices of units. They are the children of
 * their adapter's device: what ends reaches them before it, what begins after it (lifecycle
 * section 12).
 */
#include "port/life.h"

#include <errno.h>

enum { STATUS_OK = 0 };

struct unit_event {
    struct port_unit *unit;
    void (*run)(struct port_unit *unit); /* NULL: the miniport has nothing to do */
    unsigned device_state, action;       /* of a power request */
    bool ran;
};

static uint32_t event_body(void *context)
{
    struct unit_event *event = context;

    event->ran = true;
    if (event->run)
        event->run(event->unit);
    return STATUS_OK;
}

/* The status that the IRP came back with. */
static uint32_t send_event(struct unit_event *event, enum port_irp irp)
{
    const struct port_adapter *adapter = event->unit->adapter;

    return adapter->model->send_unit
               ? adapter->model->send_unit(event->unit, irp, event_body, event)
               : event_body(event);
}

/* For those that nobody may refuse: what a driver keeps to itself happens nevertheless. */
static void tell_unit(struct port_unit *unit, enum port_irp irp,
                      void (*run)(struct port_unit *unit))
{
    struct unit_event event = {.unit = unit, .run = run};

    (void)send_event(&event, irp);
    if (!event.ran && run)
        run(unit);
}

static uint32_t power_body(void *context)
{
    struct unit_event *event = context;

    event->ran = true;
    event->unit->adapter->model->unit_power(event->unit, event->device_state, event->action);
    return STATUS_OK;
}

void port_unit_set_power(struct port_unit *unit, unsigned device_state, unsigned action)
{
    const struct port_model *model = unit->adapter->model;
    struct unit_event event = {.unit = unit, .device_state = device_state, .action = action};

    if (!model->unit_power)
        return;
    if (unit->started && model->send_unit)
        (void)model->send_unit(unit, (enum port_irp)(PORT_IRP_SET_POWER_D0 + (int)device_state),
                               power_body, &event);
    if (!event.ran)
        (void)power_body(&event);
}

/* ---- start and removal ---- */

bool port_unit_start(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;
    struct unit_event event = {.unit = unit, .run = adapter->model->unit_started};
    uint32_t status = send_event(&event, PORT_IRP_START_DEVICE);

    if (event.ran && (int32_t)status >= 0) {
        unit->started = true;
        return true;
    }
    port_adapter_log(adapter, "unit %s: the driver refused its start, status 0x%08X", unit->name,
                     status);
    tell_unit(unit, PORT_IRP_REMOVE_DEVICE, event.ran ? adapter->model->unit_removed : NULL);
    unit->started = false;
    return false;
}

void port_unit_surprise(struct port_unit *unit)
{
    if (!unit->started || unit->surprised)
        return;
    unit->surprised = true;
    tell_unit(unit, PORT_IRP_SURPRISE_REMOVAL, unit->adapter->model->unit_surprised);
}

void port_unit_remove(struct port_unit *unit, bool hears)
{
    if (!unit->started)
        return;
    tell_unit(unit, PORT_IRP_REMOVE_DEVICE, hears ? unit->adapter->model->unit_removed : NULL);
    unit->started = unit->surprised = false;
}

/* ---- all units of an adapter ---- */

void port_units_surprise(struct port_adapter *adapter)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        port_unit_surprise(unit);
}

void port_units_tell(struct port_adapter *adapter, enum port_irp irp)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->started)
            tell_unit(unit, irp, NULL);
}

int port_units_ask(struct port_life *life, enum port_irp irp)
{
    for (struct port_unit *unit = life->adapter->units; unit; unit = unit->next) {
        struct unit_event event = {.unit = unit};
        uint32_t status = unit->started ? send_event(&event, irp) : STATUS_OK;
        if ((int32_t)status >= 0)
            continue;
        port_life_explain(life, "the driver refused it for unit %s, status 0x%08X", unit->name,
                          status);
        return -EIO;
    }
    return 0;
}
