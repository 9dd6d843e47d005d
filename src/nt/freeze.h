/*
 * freeze.h - the machine stands still: what a crash does to all processors but one.
 *
 * A processor stops where an interrupt could come: between two pieces of work, or at a preemption
 * point inside a callback (a register access, a stall, a contended spin lock). So what a driver had
 * under way is left half done. A thread at PASSIVE_LEVEL stops when it wants a processor or
 * reaches for its device; until then it runs on in memory of its own.
 */
#ifndef STORHOST_NT_FREEZE_H
#define STORHOST_NT_FREEZE_H

#include "nt/processor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PASSIVE_LEVEL; nobody else freezes. Returns at HIGH_LEVEL with every processor taken or stopped:
 * no interrupt routine, DPC or timer runs until nt_machine_thaw, which the same thread calls.
 * -ETIMEDOUT with everything as before, and the processor that did not stop in *ret_processor. */
int nt_machine_freeze(uint64_t deadline_ns, unsigned *ret_processor);
/* HIGH_LEVEL. What was stopped goes on where it was, what became pending meanwhile is delivered;
 * the caller is at PASSIVE_LEVEL again. */
void nt_machine_thaw(void);
/* The calling thread is the one that runs while all others stand still. Any IRQL. */
bool nt_machine_is_frozen_by(const struct nt_thread *self);

#ifdef __cplusplus
}
#endif

#endif
