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

/* Formats caller-owned memory. Any IRQL. `routine` runs at DISPATCH_LEVEL with no lock held. */
void nt_dpc_initialize(KDPC *dpc, PKDEFERRED_ROUTINE routine, void *context);
/* Queues it on its target processor, by default the current one. False when it is queued already;
 * the arguments of the first call stay. It stops being queued when its routine starts; it never
 * runs in parallel with itself: queued while running elsewhere it goes to that processor. Any IRQL.
 */
bool nt_dpc_queue(KDPC *dpc, void *argument1, void *argument2);
/* Takes a queued DPC out; false when it was not queued (it may be running). Any IRQL. */
bool nt_dpc_remove(KDPC *dpc);
/* Any IRQL; takes effect at the next queueing. */
void nt_dpc_set_target(KDPC *dpc, unsigned processor);
/* PASSIVE_LEVEL: returns when no DPC that was queued before the call is queued or running. */
void nt_dpc_flush(void);

#ifdef __cplusplus
}
#endif

#endif
