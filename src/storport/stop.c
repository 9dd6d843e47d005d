/*
 * stop.c - an adapter's stop and its end as Storport does them (lifecycle section 12).
 */
#include "port/data.h"
#include "port/driver.h"
#include "storport/device.h"

#include <stdlib.h>

/* What the miniport makes of it is its affair (rule S52). */
void storport_send_pnp(struct storport_adapter *adapter, STOR_PNP_ACTION action)
{
    port_control_send(adapter->port->self, PORT_PNP, (uint8_t)action, 0, true, NULL, 0);
}

void storport_stop(struct port_adapter *port, enum port_stop why)
{
    struct storport_adapter *adapter = port->model_state;

    if (storport_has_crashed(adapter)) {
        adapter->phase = STORPORT_STOPPED;
        port_adapter_disconnect(port);
        nt_dpc_flush();
        return;
    }
    if (why == PORT_STOP_GONE && adapter->phase != STORPORT_STOPPED)
        storport_surprise_removal(port);
    if (why != PORT_STOP_REBALANCE)
        storport_services_end(adapter);
    if (adapter->phase == STORPORT_STOPPED)
        return; /* no SRB and no control comes after ScsiStopAdapter */
    storport_send_pnp(adapter, why == PORT_STOP_REBALANCE ? StorStopDevice : StorRemoveDevice);
    storport_stop_adapter(adapter);
    port_runtime_forget(port);
    port_adapter_disconnect(port);
    nt_dpc_flush();
}

/* Data of requests that a reset gave up and that never came back. */
static void release_slots(struct port_adapter *port)
{
    for (uint32_t i = 0; i < port->slot_count; i++) {
        struct port_slot *slot = port_slot_at(port, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_QUARANTINED)
            continue;
        storport_slot_release(slot);
        port_slot_unmap(slot);
    }
}

void storport_drain(struct port_adapter *port)
{
    struct storport_adapter *adapter = port->model_state;

    if (adapter->phase != STORPORT_STOPPED)
        return;
    storport_services_drain(adapter);
    nt_dpc_flush();
}

void storport_take_back(struct port_adapter *port)
{
    struct storport_adapter *adapter = port->model_state;

    storport_keep_mappings(adapter);
    storport_start_anywhere_stop(adapter);
    free(adapter->channels);
    adapter->channels = NULL;
    adapter->channel_count = 0;
    port->limits.concurrent_channels = 0;
    if (port->slots)
        release_slots(port);
    port_adapter_uncarve(port);
}

/* ---- removal ---- */

static void leak_line(void *context, const char *line)
{
    nt_print("%s: not freed at removal: %s", (const char *)context, line);
}

/* The last callback of a virtual adapter that FindAdapter had accepted, also when its start failed
 * later: what follows is its removal. */
static void free_adapter_resources(struct storport_adapter *adapter)
{
    struct storport_call call;

    if (!adapter->found || !adapter->port->virtual_adapter || !adapter->init.HwFreeAdapterResources)
        return;
    storport_call_begin(&call, nt_self(), adapter, "HwStorFreeAdapterResources", NULL);
    adapter->init.HwFreeAdapterResources(adapter->extension);
    storport_call_end(&call);
}

void storport_remove(struct port_adapter *port)
{
    struct storport_adapter *adapter = port->model_state;

    free_adapter_resources(adapter);
    storport_unmap_all(adapter);
    storport_services_destroy(adapter);
    storport_memory_destroy(adapter);
    if (adapter->registry_buffer)
        nt_pool_free(adapter->registry_buffer);
    free(adapter->config_copy);
    free(adapter->ranges);
    free(adapter->power_guids);
    storport_device_objects_free(adapter);
    port_adapter_set_extension(port, NULL);
    nt_pool_free(adapter->extension);
    for (struct port_unit *unit = port->units; unit; unit = unit->next)
        port_unit_free_extension(unit);
    if (port->self)
        port_unit_free_extension(port->self);
    if (port->crashed)
        nt_pool_forget(port);
    else
        nt_pool_report(port, leak_line, (void *)(uintptr_t)port_driver_service(port->driver));
    port->model_state = NULL;
    port->extension = NULL;
    free(adapter);
}
