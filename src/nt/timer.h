/*
 * timer.h - timers that call a host function at DISPATCH_LEVEL on a processor.
 *
 * Never early; late by scheduling only (Windows' 10 ms tick is an upper bound that we undercut).
 */
#ifndef STORHOST_NT_TIMER_H
#define STORHOST_NT_TIMER_H

#include "nt/processor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nt_timer {
    struct nt_call call; /* how it reaches its processor */
    void (*run)(void *context);
    void *context;
    uint64_t due_ns, period_ns;
    uint32_t heap_index; /* 1-based; 0 = not armed */
    uint32_t generation; /* outdates an expiry that is on its way */
    uint32_t expired_generation;
    uint32_t running;
    uint16_t processor;
};

/* Formats caller-owned memory. */
void nt_timer_initialize(struct nt_timer *timer, void (*run)(void *context), void *context);
/* Arms or re-arms: first after `delay_ns`, then every `period_ns` (0: once). True if it was armed
 * and has been replaced. Any IRQL. */
bool nt_timer_set(struct nt_timer *timer, uint64_t delay_ns, uint64_t period_ns);
/* True if it was armed and will not run; false if it was not armed (its routine may be running).
 * Any IRQL. */
bool nt_timer_cancel(struct nt_timer *timer);
/* PASSIVE_LEVEL. Cancels and waits until the routine is not running: then memory may go. */
void nt_timer_drain(struct nt_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
