/*
 * dpc.h - deferred procedure calls over the driver-visible KDPC (so that a driver's own KDPC and a
 * STOR_DPC, whose first member is one, work as they are).
 */
#ifndef STORHOST_NT_DPC_H
#define STORHOST_NT_DPC_H

#include "nt/processor.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values of KDPC.Type, which drivers' own initialisers use, too. */
enum { NT_DPC_OBJECT = 0x13, NT_THREADED_DPC_OBJECT = 0x18 };

/* Formats caller-owned memory. Any IRQL. `routine` runs at DISPATCH_LEVEL with no lock held. */
void nt_dpc_initialize(KDPC *dpc, PKDEFERRED_ROUTINE routine, void *context);
enum nt_dpc_importance {
    NT_DPC_LOW,
    NT_DPC_MEDIUM,
    NT_DPC_HIGH, /* goes ahead of all others in its queue */
    NT_DPC_MEDIUM_HIGH,
};
/* Any IRQL; takes effect at the next queueing. */
void nt_dpc_set_importance(KDPC *dpc, enum nt_dpc_importance importance);
/* A driver's memory holds a DPC that is in a queue: it must not be formatted now. Any IRQL. */
bool nt_dpc_is_queued(const KDPC *dpc);
/* Queues it on its target processor, by default the current one. False when it is queued already;
 * the arguments of the first call stay. It stops being queued when its routine starts; it never
 * runs in parallel with itself: queued while running elsewhere it goes to that processor. Any IRQL.
 */
bool nt_dpc_queue(KDPC *dpc, void *argument1, void *argument2);
/* Takes a queued DPC out; false when it was not queued (it may be running). Any IRQL. */
bool nt_dpc_remove(KDPC *dpc);
/* Any IRQL; takes effect at the next queueing. */
void nt_dpc_set_target(KDPC *dpc, unsigned processor);
/* How long DPCs may take, and how much of it is left, in ticks of NT_DPC_TICK_NS; 0: no limit.
 * Nothing ends a DPC that takes longer, but it is a finding (bug check 0x133 on Windows). */
struct nt_dpc_watchdog {
    uint32_t time_limit, time_left;         /* of the DPC that runs on this processor */
    uint32_t sequence_limit, sequence_left; /* of what has run since the IRQL was below DISPATCH */
};
#define NT_DPC_TICK_NS 15625000ull
/* DISPATCH_LEVEL or above. Time is counted from the first question on: before it, none is kept. */
void nt_dpc_watchdog(struct nt_dpc_watchdog *ret_watchdog);
enum { NT_DPC_TIME_MS = 20000, NT_DPC_SEQUENCE_MS = 120000 };
/* Other limits than these, which are what Windows allows; 0: none. Any IRQL. */
void nt_dpc_set_limits(uint32_t time_ms, uint32_t sequence_ms);
/* PASSIVE_LEVEL: returns when no DPC that was queued before the call is queued or running. */
void nt_dpc_flush(void);

#ifdef __cplusplus
}
#endif

#endif
