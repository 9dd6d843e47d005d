/*
 * power.c - power transitions of an adapter and its units as the driver sees them
 * (storport-callbacks section 5, lifecycle section 13).
 *
 * A driver with ScsiAdapterPower gets that control alone. Others get the power SRB, ScsiStopAdapter
 * and, on the way up, ScsiRestartAdapter or a new FindAdapter.
 */
#include "storport/adapter.h"

#include <errno.h>
#include <stdio.h>

enum { HEADER_VERSION = 1 };

static STOR_DEVICE_POWER_STATE power_state(unsigned device_state)
{
    return (STOR_DEVICE_POWER_STATE)(StorPowerDeviceD0 + device_state);
}

static void send_power(struct storport_adapter *adapter, unsigned device_state, unsigned action)
{
    port_control_send(adapter->port->self, PORT_POWER, (uint8_t)power_state(device_state),
                      (uint8_t)action, true, NULL, 0);
}

/* ScsiAdapterPower, if the driver has it. */
static bool power_by_control(struct storport_adapter *adapter, unsigned device_state,
                             unsigned action, bool *ret_done)
{
    STOR_ADAPTER_CONTROL_POWER power = {
        .Header = {.Version = HEADER_VERSION, .Size = sizeof(power)},
        .PowerAction = (STOR_POWER_ACTION)action,
        .PowerState = power_state(device_state),
    };
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;

    if (!storport_adapter_control(adapter, ScsiAdapterPower, &power, &status))
        return false;
    *ret_done = status == ScsiAdapterControlSuccess;
    return true;
}

/* A driver with ScsiAdapterPower keeps its interrupts, unless it has registered that it wants them
 * disconnected in D3. */
static bool wants_no_interrupts(const struct port_adapter *port)
{
    return port_component_is_registered(&port->component) &&
           port->component.is.disconnect_interrupts;
}

int storport_power_down(struct port_adapter *port, unsigned device_state, unsigned action)
{
    struct storport_adapter *adapter = port->model_state;
    bool done = true;

    adapter->powered_by_control = power_by_control(adapter, device_state, action, &done);
    if (adapter->powered_by_control && !done)
        return -EIO;
    if (adapter->powered_by_control) {
        if (wants_no_interrupts(port))
            port_adapter_disconnect(port);
        return 0;
    }
    send_power(adapter, device_state, action);
    storport_stop_adapter(adapter);
    if (action == StorPowerActionHibernate || action == StorPowerActionShutdown) {
        adapter->phase = STORPORT_CONFIGURING;
        storport_adapter_control(adapter, ScsiSetBootConfig, NULL, NULL);
        adapter->phase = STORPORT_STOPPED;
    }
    port_adapter_disconnect(port);
    nt_dpc_flush();
    return 0;
}

/* ScsiRestartAdapter, at the level of the stop. False when the driver could not. */
static bool restart_adapter(struct storport_adapter *adapter)
{
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;

    adapter->phase = STORPORT_RESTARTING;
    storport_adapter_control(adapter, ScsiRestartAdapter, NULL, &status);
    return status == ScsiAdapterControlSuccess;
}

/* The driver cannot restart: it finds and initializes its adapter anew, the former at
 * DISPATCH_LEVEL (storport-callbacks section 3). */
static int find_again(struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_adapter *port = adapter->port;

    storport_take_back(port);
    int error = storport_find(adapter, NT_DISPATCH_LEVEL, reason, reason_size);
    if (!error && port_adapter_carve(port)) {
        snprintf(reason, reason_size, "out of memory for its requests: raise --memory");
        error = -ENOMEM;
    }
    if (!error)
        error = storport_connect_interrupts(adapter, reason, reason_size);
    if (!error)
        error = storport_initialize(adapter, reason, reason_size);
    if (!error)
        error = storport_settle_requests(adapter, reason, reason_size);
    if (!error)
        storport_aim_messages(adapter);
    return error;
}

int storport_power_up(struct port_adapter *port, unsigned action, char *reason, size_t reason_size)
{
    struct storport_adapter *adapter = port->model_state;
    bool done = true;
    int error;

    if (adapter->powered_by_control) {
        error = wants_no_interrupts(port)
                    ? storport_connect_interrupts(adapter, reason, reason_size)
                    : 0;
        if (error)
            return error;
        power_by_control(adapter, 0, action, &done);
        if (!done)
            snprintf(reason, reason_size, "ScsiAdapterPower to D0 was not successful");
        return done ? port_crypto_restore(port, reason, reason_size) : -EIO;
    }
    adapter->phase = STORPORT_CONFIGURING;
    storport_adapter_control(adapter, ScsiSetRunningConfig, NULL, NULL);
    if (adapter->adapter_controls[ScsiRestartAdapter]) {
        error = storport_connect_interrupts(adapter, reason, reason_size);
        if (!error && !restart_adapter(adapter)) {
            snprintf(reason, reason_size, "ScsiRestartAdapter was not successful");
            error = -EIO;
        }
    } else {
        error = find_again(adapter, reason, reason_size);
    }
    if (!error) {
        adapter->phase = STORPORT_RUNNING;
        error = port_crypto_restore(port, reason, reason_size);
        if (error)
            storport_stop_adapter(adapter);
    }
    if (error) {
        adapter->phase = STORPORT_STOPPED;
        port_adapter_disconnect(port);
        nt_dpc_flush();
        return error;
    }
    send_power(adapter, 0, action);
    return 0;
}

void storport_unit_power(struct port_unit *unit, unsigned device_state, unsigned action)
{
    struct storport_adapter *adapter = unit->adapter->model_state;
    STOR_ADDR_BTL8 address;
    STOR_UNIT_CONTROL_POWER power = {
        .Address = (PSTOR_ADDRESS)&address,
        .PowerAction = (STOR_POWER_ACTION)action,
        .PowerState = power_state(device_state),
    };

    storport_unit_address(unit, &address);
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL);
    bool by_control = storport_unit_control(adapter, ScsiUnitPower, &power, NULL);
    nt_irql_lower(old_irql);
    if (!by_control)
        port_control_send(unit, PORT_POWER, (uint8_t)power.PowerState, (uint8_t)action, false, NULL,
                          0);
}
