/*
 * interrupt.h - how a device's interrupt reaches a driver's routine.
 *
 * A backend asserts; the routine runs at DIRQL on the target processor under its lock. If the
 * processor is free the asserting thread takes it and runs the routine right there; else the
 * interrupt is pending and the holder takes it at its next preemption point below DIRQL.
 */
#ifndef STORHOST_NT_INTERRUPT_H
#define STORHOST_NT_INTERRUPT_H

#include "nt/spinlock.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nt_interrupt;

struct nt_interrupt_options {
    unsigned processor; /* target */
    /* The target is a wish, for messages only: builds with the thread sanitizer send each assertion
     * to a processor chosen at random, unless the machine was started with `aimed_messages`. */
    bool any_processor;
    uint8_t irql;             /* DIRQL */
    struct nt_spinlock *lock; /* held around the routine; several interrupts may share one */
    /* The routine; at `irql`, lock held, on the target processor. True = claimed. */
    bool (*service)(void *context);
    void *context;
    /* For a level-sensitive line: still asserted? Called without the lock after the routine has
     * returned; may block for a device round trip. NULL for messages (edge). While it says true,
     * the routine is called again. */
    bool (*level)(void *context);
    /* How many routines run now of all interrupts that count here; atomic. NULL: nobody asks. */
    uint32_t *serving;
    /* Told when a level stays asserted for so long that it is an interrupt storm: the routine
     * refused it `services` times in a row, then it is masked until nt_interrupt_unmask; or
     * claimed it as often, then the routine is called less often until the level falls, and
     * everything else on the processor goes on. Once for each storm; called on the processor where
     * it happened, at DISPATCH_LEVEL or above, without the lock. May be NULL. */
    void (*storm)(void *context, unsigned services, bool claimed);
    void *level_context; /* of `level` and `storm` */
    /* For events: what it belongs to (nt_event_adapter), and which of its messages it is. */
    uint64_t object;
    unsigned message;
};

/* PASSIVE_LEVEL. -ENOMEM. The interrupt starts connected. */
int nt_interrupt_connect(struct nt_interrupt **ret_interrupt,
                         const struct nt_interrupt_options *options);
/* PASSIVE_LEVEL. Assertions have ended. On return the routine is not running and will not run
 * again. */
void nt_interrupt_disconnect(struct nt_interrupt *interrupt);
/* From a backend's thread or any other; any IRQL; never waits for the routine of another thread.
 * Assertions of an edge interrupt that is still pending coalesce. */
void nt_interrupt_assert(struct nt_interrupt *interrupt);
void nt_interrupt_unmask(struct nt_interrupt *interrupt);
/* Runs `routine(context)` under the interrupt's lock at its DIRQL (KeSynchronizeExecution). */
bool nt_interrupt_synchronize(struct nt_interrupt *interrupt, bool (*routine)(void *context),
                              void *context);

#ifdef __cplusplus
}
#endif

#endif
