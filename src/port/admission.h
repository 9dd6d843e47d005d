/*
 * admission.h - what the parts of the way down share: issue.c (the hot path), pending.c (what
 * waits), held.c (built, not started), recall.c (shares that come back).
 */
#ifndef STORHOST_PORT_ADMISSION_H
#define STORHOST_PORT_ADMISSION_H

#include "port/adapter.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pending.c; the unit's lock is held ---- */

void port_pending_append_locked(struct port_unit *unit, struct port_request *request, bool at_head);
/* `before`: the one in front of it, NULL for the first. */
void port_pending_take_locked(struct port_unit *unit, struct port_request *before,
                              struct port_request *request);

/* ---- held.c ---- */

/* The held slots of that processor whose gates are open; it has the others called for theirs. They
 * go first, because they were admitted first, and each on the processor that built it: there it
 * returns to (rule S39), and there its channel is (rule S25). DISPATCH_LEVEL. */
struct port_slot *port_held_take(struct port_unit *unit, unsigned number, struct nt_thread *self);

/* ---- recall.c; any IRQL ---- */

/* As port_recall_all, without that processor. */
void port_recall_others(const struct nt_processor *except);
/* Only these, as bits. */
void port_recall_processors(uint64_t processors);

/* ---- requests and gates ---- */

static inline bool port_request_bypasses(const struct port_request *request)
{
    return request->flags & PORT_FLAG_BYPASS_GATES;
}

static inline uint32_t port_unit_closed_gates(const struct port_unit *unit)
{
    return (__atomic_load_n(&unit->attention.gates, __ATOMIC_SEQ_CST) &
            ~(uint32_t)PORT_GATE_PENDING) |
           __atomic_load_n(&unit->adapter->attention.gates, __ATOMIC_SEQ_CST);
}

/* A restart may change the limits while submitters look at them. */
static inline bool port_request_is_too_long(const struct port_adapter *adapter,
                                            const struct port_request *request)
{
    return request->length >
           __atomic_load_n(&adapter->limits.maximum_transfer_length, __ATOMIC_RELAXED);
}

/* The kind of request block has room for it. */
static inline bool port_request_fits_block(const struct port_adapter *adapter,
                                           const struct port_request *request)
{
    return !(request->flags & (PORT_FLAG_LONG_CDB | PORT_FLAG_BIDIRECTIONAL)) ||
           __atomic_load_n(&adapter->limits.storage_request_blocks, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif

#endif
