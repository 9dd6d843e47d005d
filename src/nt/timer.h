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

/* What a late timer was armed with. */
struct nt_timer_shot {
    void *routine, *context;
};

struct nt_timer {
    struct nt_call call; /* how it reaches its processor */
    void (*run)(void *context);
    void *context;
    uint64_t due_ns, period_ns;
    uint32_t heap_index; /* 1-based; 0 = not armed */
    uint32_t generation; /* outdates an expiry that is on its way */
    uint32_t expired_generation;
    uint32_t begun_generation; /* of a late timer's expiry whose routine has not begun */
    uint32_t running;          /* __atomic */
    uint16_t processor;
    bool late;
    struct nt_timer_shot shot;
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

/* ---- late timers ---- */

/* A timer whose routine first waits for locks and only then begins what it is for. Until it begins,
 * cancelling and arming again still count: so what was cancelled under the lock that the routine
 * waits for never runs. */
void nt_timer_initialize_late(struct nt_timer *timer, void (*run)(void *context), void *context);
/* As nt_timer_set, with what nt_timer_begin shall return. With `only_idle` an armed timer stays as
 * it is. Returns whether it was armed. Any IRQL. */
bool nt_timer_arm(struct nt_timer *timer, struct nt_timer_shot shot, uint64_t delay_ns,
                  uint64_t period_ns, bool only_idle);
/* From `run`: false when this expiry has been cancelled or replaced; else it has begun, is not
 * armed any more (unless periodic), and *ret_shot is what it was armed with. */
bool nt_timer_begin(struct nt_timer *timer, struct nt_timer_shot *ret_shot);
/* Armed: it will run, or is about to and has not begun. A hint. Any IRQL. */
bool nt_timer_is_armed(struct nt_timer *timer);
/* Not armed, not running, and not about to be: its memory may serve another timer. Any IRQL. */
bool nt_timer_is_quiet(struct nt_timer *timer);

#ifdef __cplusplus
}
#endif

#endif
