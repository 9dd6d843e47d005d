/*
 * scratch.h - the inside of the scratch device: its state and the parts it is made of.
 *
 * `mutex` guards every member below it. It is held for a few instructions at a time, at any IRQL,
 * and never while an event is delivered. Events come from one thread of the device (bus.h demands
 * a thread of the backend), which sleeps on `wakeups`.
 */
#ifndef STORHOST_BUS_MODEL_SCRATCH_H
#define STORHOST_BUS_MODEL_SCRATCH_H

#include "bus/bus.h"
#include "bus/model/scratch_registers.h"
#include "sys/sys.h"

/* One entry of the MSI-X table, as PCI lays it out. */
struct scratch_vector {
    uint32_t address_low;
    uint32_t address_high;
    uint32_t data;
    uint32_t control; /* bit 0: masked */
};

struct scratch {
    struct bus_device device;
    struct bus_events events;
    struct bus_bar bars[BUS_BAR_COUNT];
    unsigned vector_count; /* of the MSI-X capability; 0: there is none */
    bool has_power_states;
    struct sys_thread *thread;
    uint32_t wakeups; /* atomic; raised when there is something to deliver, or to end */

    struct sys_mutex mutex;
    uint8_t config[BUS_CONFIG_SIZE];
    uint8_t config_writable[BUS_CONFIG_SIZE]; /* bits that config writes may change */
    uint32_t scratch;
    uint32_t interrupt_status;
    uint32_t interrupt_mask;
    uint64_t dma_address;
    uint32_t dma_length;
    uint32_t dma_status;
    struct scratch_vector vectors[SCRATCH_VECTORS_MAX];
    uint32_t pending_bits; /* messages that wait for their vector to be unmasked */

    bool enabled; /* interrupts_enable came, and `kind` and `enabled_count` hold */
    enum bus_interrupt_kind kind;
    unsigned enabled_count;
    uint32_t messages_due; /* to be delivered by the thread */
    bool line_due;         /* the line has risen */
    bool line_was_high;
    bool gone;
    bool removal_due;
    bool ending;
    bool delivering; /* the thread is inside an event */
    uint32_t idle;   /* atomic; raised when `delivering` ends, for interrupts_disable */
};

/* scratch_config.c: config space. The mutex must not be held, except for the _locked ones. */
void scratch_config_initialise(struct scratch *scratch);
uint32_t scratch_config_read(struct scratch *scratch, unsigned offset, unsigned size);
void scratch_config_write(struct scratch *scratch, unsigned offset, unsigned size, uint32_t value);
bool scratch_decodes_memory_locked(const struct scratch *scratch);
bool scratch_decodes_ports_locked(const struct scratch *scratch);
bool scratch_is_master_locked(const struct scratch *scratch);
bool scratch_line_is_enabled_locked(const struct scratch *scratch);
bool scratch_msix_is_enabled_locked(const struct scratch *scratch);
void scratch_config_set_msix_locked(struct scratch *scratch, bool enabled);
void scratch_config_set_line_locked(struct scratch *scratch, bool enabled);

/* scratch_delivery.c: interrupts and removal, from their cause to the event. */
int scratch_delivery_start(struct scratch *scratch);
void scratch_delivery_stop(struct scratch *scratch);
/* A cause became pending: sends its message, or raises the line. */
void scratch_signal_locked(struct scratch *scratch, unsigned cause);
/* Status, mask, a vector's mask or the config space changed: catches up with what follows. */
void scratch_reconsider_locked(struct scratch *scratch);
bool scratch_line_level_locked(const struct scratch *scratch);
int scratch_interrupts_enable(struct bus_device *device, enum bus_interrupt_kind kind,
                              unsigned count);
void scratch_interrupts_disable(struct bus_device *device);
/* The device leaves. Takes effect at once; the event follows from the device's thread. */
void scratch_remove_locked(struct scratch *scratch);

#endif
