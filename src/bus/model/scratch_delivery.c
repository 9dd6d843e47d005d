/*
 * scratch_delivery.c - how an interrupt or the removal of the scratch device gets to the port.
 *
 * Rule: what is due is decided under the mutex by whoever caused it; the thread of the device takes
 * it and calls the event with no lock held. interrupts_disable first stops new ones from becoming
 * due and then waits for the one that is being delivered.
 */
#include "bus/model/scratch.h"

#include <errno.h>
#include <limits.h>

static void wake_thread(struct scratch *scratch)
{
    __atomic_add_fetch(&scratch->wakeups, 1, __ATOMIC_RELEASE);
    sys_wake(&scratch->wakeups, 1);
}

bool scratch_line_level_locked(const struct scratch *scratch)
{
    return !scratch->gone && scratch_line_is_enabled_locked(scratch) &&
           !scratch_msix_is_enabled_locked(scratch) &&
           (scratch->interrupt_status & ~scratch->interrupt_mask) != 0;
}

/* The line as the port sees it: an event for each time it rises. */
static void line_reconsider_locked(struct scratch *scratch)
{
    bool high = scratch->enabled && scratch->kind == BUS_INTERRUPT_LINE &&
                scratch_line_level_locked(scratch);
    if (high && !scratch->line_was_high) {
        scratch->line_due = true;
        wake_thread(scratch);
    }
    scratch->line_was_high = high;
}

/* Messages whose vectors have been unmasked leave the pending bits. */
static void messages_reconsider_locked(struct scratch *scratch)
{
    if (!scratch->enabled || scratch->kind != BUS_INTERRUPT_MSIX ||
        !scratch_msix_is_enabled_locked(scratch))
        return;
    for (unsigned vector = 0; vector < scratch->enabled_count; vector++) {
        uint32_t bit = 1u << vector;
        if ((scratch->pending_bits & bit) == 0 || (scratch->vectors[vector].control & 1) != 0)
            continue;
        scratch->pending_bits &= ~bit;
        scratch->messages_due |= bit;
        wake_thread(scratch);
    }
}

void scratch_reconsider_locked(struct scratch *scratch)
{
    messages_reconsider_locked(scratch);
    line_reconsider_locked(scratch);
}

void scratch_signal_locked(struct scratch *scratch, unsigned cause)
{
    sh_assert(cause < SCRATCH_VECTORS_MAX);
    uint32_t bit = 1u << cause;
    scratch->interrupt_status |= bit;
    /* The mask register silences messages, too: a message must not come for a cause that is off. */
    if ((scratch->interrupt_mask & bit) == 0 && scratch->enabled &&
        scratch->kind == BUS_INTERRUPT_MSIX && cause < scratch->enabled_count)
        scratch->pending_bits |= bit;
    scratch_reconsider_locked(scratch);
}

void scratch_remove_locked(struct scratch *scratch)
{
    if (scratch->gone)
        return;
    scratch->gone = true;
    scratch->messages_due = 0;
    scratch->line_due = false;
    scratch->removal_due = true;
    wake_thread(scratch);
}

struct delivery {
    bool removal; /* otherwise an interrupt: */
    enum bus_interrupt_kind kind;
    unsigned vector;
};

/* Takes one thing that is due. Returns false if there is none. */
static bool take_delivery_locked(struct scratch *scratch, struct delivery *ret_delivery)
{
    if (scratch->removal_due) {
        scratch->removal_due = false;
        *ret_delivery = (struct delivery){.removal = true};
        return true;
    }
    if (scratch->messages_due != 0) {
        unsigned vector = (unsigned)__builtin_ctz(scratch->messages_due);
        scratch->messages_due &= scratch->messages_due - 1;
        *ret_delivery = (struct delivery){.kind = BUS_INTERRUPT_MSIX, .vector = vector};
        return true;
    }
    if (scratch->line_due) {
        scratch->line_due = false;
        *ret_delivery = (struct delivery){.kind = BUS_INTERRUPT_LINE};
        return true;
    }
    return false;
}

static void deliver(struct scratch *scratch, const struct delivery *delivery)
{
    const struct bus_events *events = &scratch->events;
    if (delivery->removal)
        events->removed(events->context, "the scratch device was told to leave");
    else
        events->interrupt(events->context, delivery->kind, delivery->vector);
}

static void delivery_thread(void *argument)
{
    struct scratch *scratch = argument;
    bool ending = false;
    while (!ending) {
        uint32_t seen = __atomic_load_n(&scratch->wakeups, __ATOMIC_ACQUIRE);
        struct delivery delivery;
        sys_mutex_lock(&scratch->mutex);
        ending = scratch->ending;
        bool taken = !ending && take_delivery_locked(scratch, &delivery);
        scratch->delivering = taken;
        sys_mutex_unlock(&scratch->mutex);
        if (taken) {
            deliver(scratch, &delivery);
            sys_mutex_lock(&scratch->mutex);
            scratch->delivering = false;
            sys_mutex_unlock(&scratch->mutex);
            __atomic_add_fetch(&scratch->idle, 1, __ATOMIC_RELEASE);
            sys_wake(&scratch->idle, INT_MAX);
        } else if (!ending) {
            sys_wait(&scratch->wakeups, seen, SYS_FOREVER);
        }
    }
}

int scratch_delivery_start(struct scratch *scratch)
{
    return sys_thread_create(&scratch->thread, "bus-scratch", delivery_thread, scratch);
}

void scratch_delivery_stop(struct scratch *scratch)
{
    sys_mutex_lock(&scratch->mutex);
    scratch->ending = true;
    sys_mutex_unlock(&scratch->mutex);
    wake_thread(scratch);
    sys_thread_join(scratch->thread);
    scratch->thread = NULL;
}

int scratch_interrupts_enable(struct bus_device *device, enum bus_interrupt_kind kind,
                              unsigned count)
{
    struct scratch *scratch = (struct scratch *)device;
    unsigned available = kind == BUS_INTERRUPT_LINE   ? 1
                         : kind == BUS_INTERRUPT_MSIX ? scratch->vector_count
                                                      : 0;
    if (count == 0 || count > available)
        return -EINVAL;
    scratch_interrupts_disable(device); /* the other kinds, and an earlier count */
    sys_mutex_lock(&scratch->mutex);
    int error = scratch->gone ? -EIO : 0;
    if (error == 0) {
        scratch->enabled = true;
        scratch->kind = kind;
        scratch->enabled_count = count;
        scratch_config_set_msix_locked(scratch, kind == BUS_INTERRUPT_MSIX);
        scratch_config_set_line_locked(scratch, kind == BUS_INTERRUPT_LINE);
        for (unsigned vector = 0; vector < count && kind == BUS_INTERRUPT_MSIX; vector++) {
            scratch->vectors[vector] = (struct scratch_vector){
                .address_low = 0xFEE00000u, /* where x86 processors receive messages */
                .data = 0x40 + vector,
            };
        }
        scratch_reconsider_locked(scratch);
    }
    sys_mutex_unlock(&scratch->mutex);
    return error;
}

void scratch_interrupts_disable(struct bus_device *device)
{
    struct scratch *scratch = (struct scratch *)device;
    sys_mutex_lock(&scratch->mutex);
    scratch->enabled = false;
    scratch->messages_due = 0;
    scratch->pending_bits = 0;
    scratch->line_due = false;
    scratch->line_was_high = false;
    scratch_config_set_msix_locked(scratch, false);
    scratch_config_set_line_locked(scratch, false);
    while (scratch->delivering) {
        uint32_t seen = __atomic_load_n(&scratch->idle, __ATOMIC_ACQUIRE);
        sys_mutex_unlock(&scratch->mutex);
        sys_wait(&scratch->idle, seen, SYS_FOREVER);
        sys_mutex_lock(&scratch->mutex);
    }
    sys_mutex_unlock(&scratch->mutex);
}
