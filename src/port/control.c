/*
 * control.c - internal requests: resets, PnP, power, executed and waited for by threads of ours.
 */
#include "port/adapter.h"

enum { CONTROL_TIMEOUT_S = 30, SRB_NO_DEVICE = 0x08, SRB_TIMEOUT = 0x09 };

static void control_done(struct port_request *request)
{
    request->done = NULL;
}

void port_control_execute(struct port_queue *queue, struct port_unit *unit,
                          struct port_request *request, uint32_t timeout_s)
{
    uint64_t deadline = sys_now_ns() + timeout_s * SYS_NS_PER_S;

    request->unit = unit;
    request->done = control_done;
    port_submit(queue, request);
    while (request->done) {
        if (port_wait(queue, deadline))
            continue;
        struct port_slot *slot = __atomic_load_n(&request->slot, __ATOMIC_ACQUIRE);
        if (slot)
            port_slot_quarantine(slot, request, PORT_TIMED_OUT, SRB_TIMEOUT);
        deadline = SYS_FOREVER;
    }
}

static uint8_t control_send(struct port_queue *queue, struct port_unit *unit,
                            enum port_function function, const uint8_t parameters[3], void *buffer,
                            uint32_t length)
{
    uint16_t flags = function == PORT_POWER ? PORT_FLAG_D3_PROCESSING : 0;
    struct port_request request = {
        .function = (uint8_t)function,
        .flags = flags | PORT_FLAG_BYPASS_GATES | PORT_FLAG_NO_FREEZE,
        .timeout_s = CONTROL_TIMEOUT_S,
        .cdb = {parameters[0], parameters[1], parameters[2]},
        .single = {buffer, length},
        .length = length,
        .direction = length ? PORT_DATA_IN : PORT_NO_DATA,
    };

    port_control_execute(queue, unit, &request, CONTROL_TIMEOUT_S);
    return request.status == PORT_OK ? request.srb_status : SRB_TIMEOUT;
}

uint8_t port_control_send(struct port_unit *unit, enum port_function function, uint8_t value,
                          uint8_t action, bool to_adapter, void *buffer, uint32_t length)
{
    const uint8_t parameters[3] = {value, action, to_adapter};

    return control_send(unit->adapter->control_queue, unit, function, parameters, buffer, length);
}

uint8_t port_control_surprise_removal(struct port_adapter *adapter, uint8_t action)
{
    const uint8_t parameters[3] = {action, 0, true};

    return control_send(adapter->removal_queue, adapter->self, PORT_PNP, parameters, NULL, 0);
}
