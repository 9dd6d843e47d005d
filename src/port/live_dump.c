/*
 * live_dump.c - dumps of a running machine: who writes them, and what drivers have at that moment.
 */
#include "port/adapter.h"

#include <errno.h>

static port_live_dump_writer dump_writer;

void port_live_dump_set_writer(port_live_dump_writer writer)
{
    dump_writer = writer;
}

int port_live_dump_write(const struct port_live_dump *dump, char *name, size_t name_size,
                         char *reason, size_t reason_size)
{
    return dump_writer ? dump_writer(dump, name, name_size, reason, reason_size) : -ENOTSUP;
}

/* Who writes meanwhile is a driver or a processor that goes on: a dump takes what it finds. */
__attribute__((no_sanitize("thread"))) void port_live_dump_copy(void *to, const void *from,
                                                                size_t length)
{
    volatile const uint8_t *source = from;
    uint8_t *copy = to;

    for (size_t i = 0; i < length; i++)
        copy[i] = source[i];
}

static const char *state_name(uint32_t state)
{
    switch (state) {
    case PORT_SLOT_OUTSTANDING:
        return "outstanding";
    case PORT_SLOT_COMPLETED:
        return "completed";
    case PORT_SLOT_QUARANTINED:
        return "given up";
    case PORT_SLOT_HELD:
        return "between BuildIo and StartIo";
    default:
        return NULL;
    }
}

bool port_outstanding_next(const struct port_adapter *adapter, uint32_t *slot,
                           struct port_outstanding *ret_request)
{
    while (*slot < adapter->slot_count) {
        struct port_slot *at = port_slot_at(adapter, (*slot)++);
        const char *state = state_name(__atomic_load_n(&at->state, __ATOMIC_ACQUIRE));
        if (!state)
            continue;
        *ret_request = (struct port_outstanding){
            .slot = at->number,
            .state = state,
            .unit = __atomic_load_n(&at->unit, __ATOMIC_RELAXED),
            .age_s = __atomic_load_n(&port_tick, __ATOMIC_RELAXED) -
                     __atomic_load_n(&at->issue_tick, __ATOMIC_RELAXED),
            .timeout_s = __atomic_load_n(&at->timeout_s, __ATOMIC_RELAXED),
        };
        port_live_dump_copy(&ret_request->length, &at->length, sizeof(at->length));
        if (adapter->model->peek)
            adapter->model->peek(at, &ret_request->function, ret_request->cdb);
        return true;
    }
    return false;
}

const char *port_unit_name(const struct port_unit *unit)
{
    return unit->name;
}
