/*
 * qemu_interrupts.h - a device's interrupts: from capability, descriptor or line to bus_events.
 *
 * Messages arrive on the doorbell's event descriptors, the line on the qtest channel. Both are
 * watched by workers of their own, because what they call runs the driver's routines: a driver
 * that takes long there must not keep the removal of the device from being noticed.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_INTERRUPTS_H
#define STORHOST_BUS_QEMU_QEMU_INTERRUPTS_H

#include "bus/bus.h"
#include "bus/qemu/qemu_doorbell.h"
#include "bus/qemu/qemu_pci.h"
#include "bus/qemu/qemu_worker.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { QEMU_INTERRUPT_WORKERS_MAX = 8 };

struct qemu_interrupts;

struct qemu_vector {
    struct qemu_interrupts *interrupts;
    unsigned index;
    struct sys_watch *watch;
};

struct qemu_interrupts {
    struct qemu_pci *pci; /* borrowed, like the next three */
    struct doorbell *doorbell;
    const struct bus_events *events;
    struct qtest *qtest;
    struct bus_interrupt_counts counts;
    int line; /* input of the I/O APIC, or QTEST_NO_LINE */
    unsigned msix_table_bar;
    uint32_t msix_table_offset;

    bool enabled;
    enum bus_interrupt_kind kind;
    unsigned count;

    struct qemu_worker workers[QEMU_INTERRUPT_WORKERS_MAX];
    unsigned worker_count;
    struct qemu_vector vectors[QEMU_DOORBELL_VECTORS_MAX];
    int line_fd; /* event descriptor: the line rose */
    struct sys_watch *line_watch;
    struct sys_watch *qtest_watch; /* touched on worker 0 only: it removes itself at the end */
    int watch_error;
};

/* Finds what the function can signal. 0, -EIO, -EPROTO (a capability that contradicts itself), or
 * what making descriptors said. */
int qemu_interrupts_open(struct qemu_interrupts *interrupts, struct qemu_pci *pci,
                         struct qtest *qtest, struct doorbell *doorbell,
                         const struct bus_events *events);
/* Interrupts must be disabled. */
void qemu_interrupts_close(struct qemu_interrupts *interrupts);

/* As the operations of bus_device_ops; one caller at a time. */
int qemu_interrupts_enable(struct qemu_interrupts *interrupts, enum bus_interrupt_kind kind,
                           unsigned count);
void qemu_interrupts_disable(struct qemu_interrupts *interrupts);
void qemu_interrupts_message(const struct qemu_interrupts *interrupts, unsigned vector,
                             struct bus_message *ret_message);
void qemu_interrupts_message_mask(struct qemu_interrupts *interrupts, unsigned vector, bool masked);
bool qemu_interrupts_line_level(struct qemu_interrupts *interrupts);

/* Programs the capability again as it was enabled; after a reset of the device. */
void qemu_interrupts_restore(struct qemu_interrupts *interrupts);
/* Tells that the watched line rose. Any thread; only wakes a worker. */
void qemu_interrupts_line_raised(struct qemu_interrupts *interrupts);

#ifdef __cplusplus
}
#endif

#endif
