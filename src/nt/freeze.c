/*
 * freeze.c - taking all processors, and stopping those that somebody holds.
 *
 * A free processor is taken like by any thread that raises its IRQL. The holder of another one is
 * made to look for interrupts at its next preemption point, and stays there (freeze_park). The
 * number of the freeze keeps a thread that is slow to wake from counting for the next one.
 */
#include "nt/freeze.h"

#include "nt/machine.h"
#include "nt/private.h"

#include <errno.h>
#include <limits.h>

uint32_t nt_frozen;

static const struct nt_thread *freezer;

/* A sleeper looks again: a processor may become free without a word. */
#define LOOK_AGAIN_NS (1 * SYS_NS_PER_MS)

bool nt_machine_is_frozen_by(const struct nt_thread *self)
{
    return __atomic_load_n(&nt_frozen, __ATOMIC_ACQUIRE) && freezer == self;
}

static void wait_for_thaw(uint32_t number)
{
    while (__atomic_load_n(&nt_frozen, __ATOMIC_ACQUIRE) == number)
        (void)sys_wait(&nt_frozen, number, SYS_FOREVER);
}

bool freeze_park(struct nt_processor *processor, const struct nt_thread *self)
{
    struct nt_processor_private *own = processor->private_state;
    uint32_t number = __atomic_load_n(&nt_frozen, __ATOMIC_ACQUIRE);

    if (number && freezer == self)
        return false;
    if (!number)
        return true;
    __atomic_store_n(&own->parked, number, __ATOMIC_RELEASE);
    sys_wake(&own->parked, 1);
    wait_for_thaw(number);
    __atomic_store_n(&own->parked, 0, __ATOMIC_RELEASE);
    return true;
}

void nt_frozen_wait(void)
{
    uint32_t number = __atomic_load_n(&nt_frozen, __ATOMIC_ACQUIRE);

    if (number)
        wait_for_thaw(number);
}

/* True when the processor does nothing any more. */
static bool is_still(struct nt_processor *processor, uint32_t number)
{
    struct nt_processor_private *own = processor->private_state;
    uint32_t state = __atomic_load_n(&processor->state, __ATOMIC_RELAXED);

    if (__atomic_load_n(&own->parked, __ATOMIC_ACQUIRE) == number)
        return true;
    if (!(state & NT_PROCESSOR_HELD)) {
        if (!__atomic_compare_exchange_n(&processor->state, &state, state | NT_PROCESSOR_HELD,
                                         false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return false;
        own->frozen = true;
        return true;
    }
    /* Whoever finds the bit and no interrupt behind it has come where it shall stay. */
    raw_lock_acquire(&own->lock);
    processor_bit_set(processor, NT_PROCESSOR_INTERRUPT_PENDING);
    raw_lock_release(&own->lock);
    return false;
}

static bool stop(struct nt_processor *processor, uint32_t number, uint64_t deadline_ns)
{
    struct nt_processor_private *own = processor->private_state;
    unsigned spins = 0;

    while (!is_still(processor, number)) {
        uint64_t now = sys_now_ns();
        if (now >= deadline_ns)
            return false;
        sys_spin_wait(&spins);
        (void)sys_wait(&own->parked, 0, now + LOOK_AGAIN_NS);
    }
    return true;
}

static void release(struct nt_processor *processor)
{
    processor->private_state->frozen = false;
    uint32_t old = __atomic_fetch_and(&processor->state,
                                      ~(uint32_t)(NT_PROCESSOR_HELD | NT_PROCESSOR_WAITED_FOR),
                                      __ATOMIC_ACQ_REL);

    if (old & (NT_PROCESSOR_INTERRUPT_PENDING | NT_PROCESSOR_DPC_PENDING))
        processor_ring(processor);
    if (old & NT_PROCESSOR_WAITED_FOR)
        sys_wake(&processor->state, INT_MAX);
}

static void let_go(void)
{
    __atomic_store_n(&nt_frozen, 0, __ATOMIC_RELEASE);
    sys_wake(&nt_frozen, INT_MAX);
    for (unsigned i = 0; i < nt_processor_count(); i++)
        if (nt_processor_get(i)->private_state->frozen)
            release(nt_processor_get(i));
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

int nt_machine_freeze(uint64_t deadline_ns, unsigned *ret_processor)
{
    static uint32_t freezes;
    struct nt_thread *self = nt_self();

    sh_assert(self->irql == NT_PASSIVE_LEVEL && !nt_frozen);
    nt_irql_raise(NT_DISPATCH_LEVEL);
    uint32_t number = ++freezes ? freezes : ++freezes;
    freezer = self;
    __atomic_store_n(&nt_frozen, number, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < nt_processor_count(); i++) {
        struct nt_processor *processor = nt_processor_get(i);
        if (processor == self->processor || stop(processor, number, deadline_ns))
            continue;
        *ret_processor = i;
        let_go();
        return -ETIMEDOUT;
    }
    nt_irql_raise(NT_HIGH_LEVEL);
    return 0;
}

void nt_machine_thaw(void)
{
    sh_assert(nt_machine_is_frozen_by(nt_self()));
    let_go();
}
