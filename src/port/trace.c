/*
 * trace.c - see trace.h.
 */
#include "port/trace.h"

#include "port/driver.h"
#include "port/life.h"

#include <stdio.h>
#include <string.h>

/* ---- requests ---- */

static const char *function_name(const struct port_request *request)
{
    static const char *const names[] = {
        [PORT_EXECUTE_SCSI] = "SCSI command",
        [PORT_FLUSH] = "FLUSH",
        [PORT_SHUTDOWN] = "SHUTDOWN",
        [PORT_RESET_LOGICAL_UNIT] = "RESET LOGICAL UNIT",
        [PORT_RESET_TARGET] = "RESET DEVICE",
        [PORT_RESET_BUS] = "RESET BUS",
        [PORT_IO_CONTROL] = "IO CONTROL",
        [PORT_ABORT] = "ABORT COMMAND",
        [PORT_PNP] = "PNP",
        [PORT_POWER] = "POWER",
        [PORT_WMI] = "WMI",
        [PORT_PROTOCOL_COMMAND] = "PROTOCOL COMMAND",
    };

    return request->function < sizeof(names) / sizeof(names[0]) ? names[request->function]
                                                                : "request";
}

void port_trace_submitted(struct port_processor *processor, struct port_request *request)
{
    struct nt_event_request data = {
        .length = request->length,
        .timeout_s = request->timeout_s ? request->timeout_s : request->unit->default_timeout_s};

    /* Numbers of another recording must not pass for this one's. */
    request->trace = (processor->sequence & 0xFFFF000000000000) |
                     (uint64_t)(uint8_t)nt_events_recordings() << 40 |
                     (++processor->traced & 0xFFFFFFFFFF);
    if (request->function == PORT_EXECUTE_SCSI) {
        const uint8_t *cdb = request->cdb;
        size_t length = request->cdb_length;
        if (request->flags & PORT_FLAG_LONG_CDB && request->long_cdb)
            cdb = request->long_cdb;
        if (length > sizeof(data.cdb))
            length = sizeof(data.cdb);
        data.cdb_length = (uint8_t)length;
        memcpy(data.cdb, cdb, length);
    }
    nt_event_write_more(
        NT_EVENT_REQUEST_SUBMITTED, function_name(request), request->trace, request->length,
        &(struct nt_event_more){
            .object = port_trace_unit(request->unit), .data = &data, .size = sizeof(data)});
}

void port_trace_waits(const struct port_request *request, uint32_t gates, const char *why)
{
    nt_event_write_object(NT_EVENT_REQUEST_WAITS, why, request->trace, gates, 0,
                          port_trace_unit(request->unit));
}

void port_trace_started(const struct port_request *request)
{
    nt_event_write(NT_EVENT_REQUEST_STARTED, "started", request->trace, request->number);
}

void port_trace_held(const struct port_slot *slot, uint32_t gates)
{
    nt_event_write(NT_EVENT_REQUEST_HELD, "", slot->request->trace, gates);
}

void port_trace_completed(const struct port_slot *slot)
{
    if (slot->request)
        nt_event_write(NT_EVENT_REQUEST_COMPLETED, "completed", slot->request->trace,
                       slot->srb_status);
}

void port_trace_retried(const struct port_request *request)
{
    nt_event_write(NT_EVENT_REQUEST_RETRIED, "busy re-issue", request->trace,
                   request->busy_retries);
}

/* Key, code and qualifier, in fixed and in descriptor format. */
static uint64_t sense_of(const struct port_request *request)
{
    const uint8_t *sense = request->sense;
    unsigned format = request->sense_length ? sense[0] & 0x7F : 0;

    if (format >= 0x72 && request->sense_length >= 4)
        return (uint64_t)(sense[1] & 0x0F) << 16 | (uint64_t)sense[2] << 8 | sense[3];
    if (format >= 0x70 && request->sense_length >= 14)
        return (uint64_t)(sense[2] & 0x0F) << 16 | (uint64_t)sense[12] << 8 | sense[13];
    return 0;
}

/* Stands for the submitter's own routine, so that a queue has no test for who wants events. */
static void done(struct port_request *request)
{
    if (nt_events_are_on())
        nt_event_write(NT_EVENT_REQUEST_DONE, "done", request->trace, 0);
    request->done = request->traced_done;
    request->done(request);
}

void port_trace_returned(struct port_request *request)
{
    nt_event_write_object(NT_EVENT_REQUEST_RETURNED, "returned", request->trace,
                          nt_event_result(request->srb_status & 0x3F, request->scsi_status,
                                          request->status, request->transferred),
                          sense_of(request), port_trace_unit(request->unit));
    request->traced_done = request->done;
    request->done = done;
}

uint64_t port_trace_number(const struct port_slot *slot)
{
    const struct port_request *request = slot->request;

    if (!nt_events_are_recorded() || !request ||
        (uint8_t)(request->trace >> 40) != (uint8_t)nt_events_recordings())
        return 0;
    return request->trace;
}

/* ---- phases ---- */

enum { DEVICE_STATES = 4 };

static uint64_t trace_object(const struct port_adapter *adapter, const struct port_unit *unit)
{
    return unit ? port_trace_unit(unit) : port_trace_adapter(adapter);
}

void port_trace_phase(uint64_t object, enum nt_event_phase phase, const char *text, const char *why)
{
    nt_event_write_more(
        NT_EVENT_PHASE, text, phase, 0,
        &(struct nt_event_more){.object = object, .data = why, .size = why ? strlen(why) : 0});
}

void port_trace_power(const struct port_adapter *adapter, const struct port_unit *unit,
                      unsigned device_state, const char *why)
{
    static const char *const names[DEVICE_STATES] = {"D0", "D1", "D2", "D3"};
    bool cold = !unit && device_state == DEVICE_STATES - 1 && adapter->device &&
                adapter->component.is.d3_cold &&
                port_component_is_registered(&adapter->component) &&
                port_adapter_may_be_cold(adapter);

    port_trace_phase(trace_object(adapter, unit), NT_PHASE_POWER,
                     cold ? "D3cold" : names[device_state % DEVICE_STATES], why);
}

void port_trace_power_goes(const struct port_adapter *adapter, const struct port_unit *unit,
                           unsigned device_state, const char *why)
{
    static const char *const names[DEVICE_STATES] = {"goes to D0", "goes to D1", "goes to D2",
                                                     "goes to D3"};

    port_trace_phase(trace_object(adapter, unit), NT_PHASE_POWER,
                     names[device_state % DEVICE_STATES], why);
}

void port_trace_component(const struct port_adapter *adapter, const struct port_unit *unit,
                          bool active, uint32_t fstate, const char *why)
{
    static const char *const names[PORT_FSTATES_MAX] = {"idle, F0", "idle, F1", "idle, F2",
                                                        "idle, F3", "idle, F4", "idle, F5",
                                                        "idle, F6", "idle, F7"};

    port_trace_phase(trace_object(adapter, unit), NT_PHASE_COMPONENT,
                     active ? "active" : names[fstate % PORT_FSTATES_MAX], why);
}

/* ---- names ---- */

static struct sys_mutex naming; /* adapters do not go while all are named */

static void name(uint64_t object, const char *text)
{
    nt_event_write_more(
        NT_EVENT_NAME, "name", 0, 0,
        &(struct nt_event_more){.object = object, .data = text, .size = strlen(text)});
}

void port_trace_name_adapter(const struct port_adapter *adapter)
{
    char text[128];

    snprintf(text, sizeof(text), "RaidPort%u: %s on %s", adapter->number,
             port_driver_service(adapter->driver),
             adapter->virtual_adapter ? "no device" : adapter->device_name);
    name(port_trace_adapter(adapter), text);
}

void port_trace_name_unit(const struct port_unit *unit)
{
    char text[128], product[17] = "";

    if (unit == unit->adapter->self)
        return;
    for (unsigned i = 0; i < 16 && unit->inquiry_length >= 32; i++)
        product[i] = (char)(unit->inquiry[16 + i] >= ' ' ? unit->inquiry[16 + i] : ' ');
    size_t length = strlen(product);
    while (length && product[length - 1] == ' ')
        product[--length] = '\0';
    snprintf(text, sizeof(text), "RaidPort%u unit %s %s", unit->adapter->number, unit->name,
             product);
    name(port_trace_unit(unit), text);
}

/* What is closed already, so that what waits for it is understood. */
static void tell_gates(uint64_t object, uint32_t gates)
{
    if (gates)
        nt_event_write_object(NT_EVENT_GATE, "close", gates, 0, 0, object);
}

static void tell_component(const struct port_adapter *adapter, const struct port_unit *unit,
                           const struct port_component *component)
{
    if (port_component_is_registered(component))
        port_trace_component(adapter, unit, __atomic_load_n(&component->active, __ATOMIC_ACQUIRE),
                             __atomic_load_n(&component->fstate, __ATOMIC_RELAXED), NULL);
}

static void tell_phases(const struct port_adapter *adapter)
{
    enum port_adapter_state state =
        (enum port_adapter_state)__atomic_load_n(&adapter->state, __ATOMIC_ACQUIRE);

    port_trace_phase(port_trace_adapter(adapter), NT_PHASE_PNP, port_adapter_state_name(state),
                     NULL);
    port_trace_power(adapter, NULL, __atomic_load_n(&adapter->device_state, __ATOMIC_ACQUIRE),
                     NULL);
    tell_component(adapter, NULL, &adapter->component);
}

static void tell_unit_phases(const struct port_adapter *adapter, const struct port_unit *unit)
{
    uint32_t device_state = __atomic_load_n(&unit->device_state, __ATOMIC_RELAXED);

    if (!device_state)
        device_state = __atomic_load_n(&unit->component.device_state, __ATOMIC_RELAXED);
    if (device_state)
        port_trace_power(adapter, unit, device_state, NULL);
    tell_component(adapter, unit, &unit->component);
}

static void name_units(const struct port_adapter *adapter)
{
    for (const struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE)) {
        port_trace_name_unit(unit);
        tell_gates(port_trace_unit(unit),
                   __atomic_load_n(&unit->attention.gates, __ATOMIC_ACQUIRE));
        tell_unit_phases(adapter, unit);
    }
}

void port_trace_forget(const struct port_adapter *adapter)
{
    sys_mutex_lock(&naming);
    __atomic_store_n(&port_adapter_table[adapter->index].adapter, NULL, __ATOMIC_RELEASE);
    sys_mutex_unlock(&naming);
}

void port_trace_name_all(void)
{
    sys_mutex_lock(&naming);
    for (unsigned i = 0; i < PORT_ADAPTERS_MAX; i++) {
        const struct port_adapter *adapter =
            __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_ACQUIRE);
        if (!adapter)
            continue;
        port_trace_name_adapter(adapter);
        tell_gates(port_trace_adapter(adapter),
                   __atomic_load_n(&adapter->attention.gates, __ATOMIC_ACQUIRE));
        tell_phases(adapter);
        name_units(adapter);
    }
    sys_mutex_unlock(&naming);
}

void port_trace_tell_drivers(bool on)
{
    struct port_notice notice = {.kind = PORT_NOTICE_TRACING, .on = on};

    sys_mutex_lock(&naming);
    for (unsigned i = 0; i < PORT_ADAPTERS_MAX; i++) {
        struct port_adapter *adapter =
            __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_ACQUIRE);
        if (adapter)
            (void)port_adapter_notify(adapter, NULL, &notice); /* what does not run is told later */
    }
    sys_mutex_unlock(&naming);
}

const char *port_gate_name(uint32_t gate)
{
    switch ((enum port_gate)gate) {
    case PORT_GATE_PAUSED:
        return "paused";
    case PORT_GATE_BUSY:
        return "busy";
    case PORT_GATE_BUSY_HOLD:
        return "pause after BUSY";
    case PORT_GATE_QUEUE_FULL:
        return "queue full";
    case PORT_GATE_RESET:
        return "reset";
    case PORT_GATE_HOLD:
        return "hold after reset";
    case PORT_GATE_LINK_DOWN:
        return "link down";
    case PORT_GATE_STARTING:
        return "not started";
    case PORT_GATE_STOPPING:
        return "stopping";
    case PORT_GATE_GONE:
        return "gone";
    case PORT_GATE_CUT:
        return "depth lowered";
    case PORT_GATE_FROZEN:
        return "frozen after an error";
    case PORT_GATE_LOCKED:
        return "locked";
    case PORT_GATE_ALONE:
        return "an untagged request";
    case PORT_GATE_LATENCY:
        return "latency cap";
    case PORT_GATE_POWERED_DOWN:
        return "powered down";
    case PORT_GATE_IDLE:
        return "idle";
    case PORT_GATE_PENDING:
        break;
    }
    return NULL;
}
