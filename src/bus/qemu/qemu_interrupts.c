/*
 * qemu_interrupts.c - a device's interrupts: from capability, descriptor or line to bus_events.
 *
 * The rule: `interrupt` is called only between enable and the return of disable, and only for the
 * kind that is enabled. Watches exist for exactly that time; removing one waits for its call.
 */
#include "bus/qemu/qemu_interrupts.h"

#include "bus/pci.h"
#include "bus/qemu/qemu_device.h"

#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* ---- what the function has ---- */

static int msix_find(struct qemu_interrupts *interrupts)
{
    struct qemu_pci *pci = interrupts->pci;
    if (pci->msix == 0)
        return 0;
    uint32_t size = (qemu_pci_config_read(pci, pci->msix + BUS_PCI_MSIX_CONTROL, 2) &
                     BUS_PCI_MSIX_CONTROL_SIZE_MASK) +
                    1;
    uint32_t table = qemu_pci_config_read(pci, pci->msix + BUS_PCI_MSIX_TABLE, 4);
    unsigned bar = table & 0x7;
    uint64_t offset = table & ~0x7u;
    if (bar >= BUS_BAR_COUNT || pci->bars[bar].kind != BUS_BAR_MEMORY)
        return -EPROTO;
    if (offset > pci->bars[bar].size ||
        size * BUS_PCI_MSIX_ENTRY_SIZE > pci->bars[bar].size - offset)
        return -EPROTO;
    interrupts->msix_table_bar = bar;
    interrupts->msix_table_offset = (uint32_t)offset;
    interrupts->counts.msix = size < QEMU_DOORBELL_VECTORS_MAX ? size : QEMU_DOORBELL_VECTORS_MAX;
    return 0;
}

static void msi_find(struct qemu_interrupts *interrupts)
{
    struct qemu_pci *pci = interrupts->pci;
    if (pci->msi == 0)
        return;
    unsigned log = qemu_pci_config_read(pci, pci->msi + BUS_PCI_MSI_CONTROL, 2) >> 1 & 0x7;
    interrupts->counts.msi = log <= 5 ? 1u << log : 1;
}

int qemu_interrupts_open(struct qemu_interrupts *interrupts, struct qemu_pci *pci,
                         struct qtest *qtest, struct doorbell *doorbell,
                         const struct bus_events *events)
{
    *interrupts = (struct qemu_interrupts){
        .pci = pci,
        .doorbell = doorbell,
        .events = events,
        .qtest = qtest,
        .line = qemu_pci_line(pci),
        .line_fd = -1,
    };
    interrupts->counts.line = interrupts->line != QTEST_NO_LINE;
    msi_find(interrupts);
    int error = msix_find(interrupts);
    if (qtest_is_lost(qtest))
        return -EIO;
    if (error != 0)
        return error;
    interrupts->line_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return interrupts->line_fd < 0 ? -errno : 0;
}

void qemu_interrupts_close(struct qemu_interrupts *interrupts)
{
    sh_assert(!interrupts->enabled);
    while (interrupts->worker_count > 0)
        qemu_worker_destroy(&interrupts->workers[--interrupts->worker_count]);
    if (interrupts->line_fd >= 0)
        close(interrupts->line_fd);
    interrupts->line_fd = -1;
}

/* Vectors share the workers, so that vectors for different processors can be served in parallel.
 * Workers stay until the device is closed. */
static int workers_ensure(struct qemu_interrupts *interrupts, unsigned count)
{
    unsigned limit = sys_cpu_count();
    if (limit > QEMU_INTERRUPT_WORKERS_MAX)
        limit = QEMU_INTERRUPT_WORKERS_MAX;
    if (count > limit)
        count = limit;
    while (interrupts->worker_count < count) {
        char name[16];
        snprintf(name, sizeof(name), "qemu-irq%u", interrupts->worker_count);
        int error = qemu_worker_create(&interrupts->workers[interrupts->worker_count], name);
        if (error != 0)
            return error;
        interrupts->worker_count++;
    }
    return 0;
}

/* ---- messages: watching ---- */

static void vector_ready(void *context)
{
    struct qemu_vector *vector = context;
    struct qemu_interrupts *interrupts = vector->interrupts;
    uint64_t count;
    int fd = interrupts->doorbell->vector_fds[vector->index];
    if (read(fd, &count, sizeof(count)) != sizeof(count))
        return;
    interrupts->events->interrupt(interrupts->events->context, interrupts->kind, vector->index);
}

static void vectors_unwatch(struct qemu_interrupts *interrupts)
{
    for (unsigned i = 0; i < QEMU_DOORBELL_VECTORS_MAX; i++) {
        struct qemu_vector *vector = &interrupts->vectors[i];
        if (vector->watch == NULL)
            continue;
        sys_watch_remove(vector->watch);
        vector->watch = NULL;
        doorbell_vector_drain(interrupts->doorbell, i);
    }
}

static int vectors_watch(struct qemu_interrupts *interrupts, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct qemu_vector *vector = &interrupts->vectors[i];
        struct qemu_worker *worker = &interrupts->workers[i % interrupts->worker_count];
        doorbell_vector_drain(interrupts->doorbell, i);
        vector->interrupts = interrupts;
        vector->index = i;
        int error = sys_watch_add(&vector->watch, worker->poller,
                                  interrupts->doorbell->vector_fds[i], vector_ready, vector);
        if (error != 0) {
            vector->watch = NULL;
            vectors_unwatch(interrupts);
            return error;
        }
    }
    return 0;
}

/* ---- messages: the capabilities ---- */

static void msix_entry_write(struct qemu_interrupts *interrupts, unsigned entry, unsigned field,
                             uint32_t value)
{
    uint64_t offset = interrupts->msix_table_offset + entry * BUS_PCI_MSIX_ENTRY_SIZE + field;
    qemu_pci_register_write(interrupts->pci, interrupts->msix_table_bar, offset, 4, value);
}

void qemu_interrupts_message_mask(struct qemu_interrupts *interrupts, unsigned vector, bool masked)
{
    msix_entry_write(interrupts, vector, BUS_PCI_MSIX_ENTRY_CONTROL,
                     masked ? BUS_PCI_MSIX_ENTRY_MASKED : 0);
}

static void msix_program(struct qemu_interrupts *interrupts, unsigned count)
{
    struct qemu_pci *pci = interrupts->pci;
    unsigned control = pci->msix + BUS_PCI_MSIX_CONTROL;
    uint64_t address = interrupts->doorbell->address;
    qemu_pci_config_update(pci, control, 2, 0,
                           BUS_PCI_MSIX_CONTROL_MASK_ALL | BUS_PCI_MSIX_CONTROL_ENABLE);
    for (unsigned i = 0; i < interrupts->counts.msix; i++) {
        if (i < count) {
            msix_entry_write(interrupts, i, BUS_PCI_MSIX_ENTRY_ADDRESS, (uint32_t)address);
            msix_entry_write(interrupts, i, BUS_PCI_MSIX_ENTRY_ADDRESS_HIGH,
                             (uint32_t)(address >> 32));
            msix_entry_write(interrupts, i, BUS_PCI_MSIX_ENTRY_DATA, i);
        }
        msix_entry_write(interrupts, i, BUS_PCI_MSIX_ENTRY_CONTROL,
                         i < count ? 0 : BUS_PCI_MSIX_ENTRY_MASKED);
    }
    qemu_pci_config_update(pci, control, 2, BUS_PCI_MSIX_CONTROL_MASK_ALL, 0);
}

static unsigned log2_rounded_up(unsigned count)
{
    return count <= 1 ? 0 : 32 - (unsigned)__builtin_clz(count - 1);
}

/* Vector 0 of the doorbell is aligned to any count, as the message numbers in the low bits of the
 * data want it. */
static void msi_program(struct qemu_interrupts *interrupts, unsigned count)
{
    struct qemu_pci *pci = interrupts->pci;
    uint32_t control = qemu_pci_config_read(pci, pci->msi + BUS_PCI_MSI_CONTROL, 2);
    unsigned shift = (control & BUS_PCI_MSI_CONTROL_64BIT) != 0 ? 4 : 0;
    uint64_t address = interrupts->doorbell->address;
    qemu_pci_config_update(pci, pci->msi + BUS_PCI_MSI_ADDRESS, 4, UINT32_MAX, (uint32_t)address);
    if (shift != 0)
        qemu_pci_config_update(pci, pci->msi + BUS_PCI_MSI_ADDRESS_HIGH, 4, UINT32_MAX,
                               (uint32_t)(address >> 32));
    qemu_pci_config_update(pci, pci->msi + BUS_PCI_MSI_DATA + shift, 2, UINT32_MAX, 0);
    if ((control & BUS_PCI_MSI_CONTROL_MASKABLE) != 0)
        qemu_pci_config_update(pci, pci->msi + BUS_PCI_MSI_MASK + shift, 4, UINT32_MAX, 0);
    qemu_pci_config_update(pci, pci->msi + BUS_PCI_MSI_CONTROL, 2, BUS_PCI_MSI_CONTROL_COUNT_MASK,
                           log2_rounded_up(count) << BUS_PCI_MSI_CONTROL_COUNT_SHIFT |
                               BUS_PCI_MSI_CONTROL_ENABLE);
}

/* ---- the line ---- */

void qemu_interrupts_line_raised(struct qemu_interrupts *interrupts)
{
    uint64_t one = 1;
    (void)!write(interrupts->line_fd, &one, sizeof(one)); /* full only after 2^64 rises */
}

bool qemu_interrupts_line_level(struct qemu_interrupts *interrupts)
{
    if (interrupts->line == QTEST_NO_LINE || qtest_flush(interrupts->qtest) != 0)
        return false;
    return qtest_line_is_high(interrupts->qtest, interrupts->line);
}

static void line_ready(void *context)
{
    struct qemu_interrupts *interrupts = context;
    uint64_t count;
    if (read(interrupts->line_fd, &count, sizeof(count)) != sizeof(count))
        return;
    if (qtest_line_is_high(interrupts->qtest, interrupts->line))
        interrupts->events->interrupt(interrupts->events->context, BUS_INTERRUPT_LINE, 0);
}

static void qtest_unwatch(void *context)
{
    struct qemu_interrupts *interrupts = context;
    if (interrupts->qtest_watch != NULL)
        sys_watch_remove(interrupts->qtest_watch);
    interrupts->qtest_watch = NULL;
}

static void qtest_ready(void *context)
{
    struct qemu_interrupts *interrupts = context;
    qtest_receive(interrupts->qtest);
    if (qtest_is_lost(interrupts->qtest))
        qtest_unwatch(interrupts);
}

static void qtest_watch(void *context)
{
    struct qemu_interrupts *interrupts = context;
    interrupts->watch_error = sys_watch_add(&interrupts->qtest_watch, interrupts->workers[0].poller,
                                            qtest_fd(interrupts->qtest), qtest_ready, interrupts);
    if (interrupts->watch_error != 0)
        interrupts->qtest_watch = NULL;
}

static void line_unwatch(struct qemu_interrupts *interrupts)
{
    qtest_watch_line(interrupts->qtest, QTEST_NO_LINE);
    qemu_worker_call(&interrupts->workers[0], qtest_unwatch, interrupts);
    if (interrupts->line_watch != NULL)
        sys_watch_remove(interrupts->line_watch);
    interrupts->line_watch = NULL;
}

static int line_watch(struct qemu_interrupts *interrupts)
{
    int error = sys_watch_add(&interrupts->line_watch, interrupts->workers[0].poller,
                              interrupts->line_fd, line_ready, interrupts);
    if (error != 0) {
        interrupts->line_watch = NULL;
        return error;
    }
    qemu_worker_call(&interrupts->workers[0], qtest_watch, interrupts);
    if (interrupts->watch_error != 0) {
        line_unwatch(interrupts);
        return interrupts->watch_error;
    }
    qtest_watch_line(interrupts->qtest, interrupts->line);
    /* Our function does not drive the line yet. Another one that shares it may hold it high, and
     * then our rise will not be seen: the listener is told at once. */
    if (qemu_interrupts_line_level(interrupts))
        qemu_interrupts_line_raised(interrupts);
    return 0;
}

/* ---- enable and disable ---- */

static unsigned count_of_kind(const struct qemu_interrupts *interrupts,
                              enum bus_interrupt_kind kind)
{
    switch (kind) {
    case BUS_INTERRUPT_LINE:
        return interrupts->counts.line;
    case BUS_INTERRUPT_MSI:
        return interrupts->counts.msi;
    case BUS_INTERRUPT_MSIX:
        return interrupts->counts.msix;
    }
    return 0;
}

static void capability_program(struct qemu_interrupts *interrupts, enum bus_interrupt_kind kind,
                               unsigned count)
{
    if (kind == BUS_INTERRUPT_MSIX) {
        msix_program(interrupts, count);
    } else if (kind == BUS_INTERRUPT_MSI) {
        msi_program(interrupts, count);
    } else {
        qemu_pci_config_update(interrupts->pci, BUS_PCI_COMMAND, 2, BUS_PCI_COMMAND_INTX_DISABLE,
                               0);
    }
}

/* Switches off every way to signal, and returns when the device knows. */
static void capabilities_silence(struct qemu_interrupts *interrupts)
{
    struct qemu_pci *pci = interrupts->pci;
    qemu_pci_config_update(pci, BUS_PCI_COMMAND, 2, 0, BUS_PCI_COMMAND_INTX_DISABLE);
    if (pci->msix != 0)
        qemu_pci_config_update(pci, pci->msix + BUS_PCI_MSIX_CONTROL, 2,
                               BUS_PCI_MSIX_CONTROL_ENABLE, BUS_PCI_MSIX_CONTROL_MASK_ALL);
    if (pci->msi != 0)
        qemu_pci_config_update(pci, pci->msi + BUS_PCI_MSI_CONTROL, 2, BUS_PCI_MSI_CONTROL_ENABLE,
                               0);
    (void)qtest_flush(interrupts->qtest);
}

int qemu_interrupts_enable(struct qemu_interrupts *interrupts, enum bus_interrupt_kind kind,
                           unsigned count)
{
    if (count == 0 || count > count_of_kind(interrupts, kind))
        return -EINVAL;
    qemu_interrupts_disable(interrupts);
    interrupts->kind = kind; /* read by the workers as soon as there are watches */
    int error = workers_ensure(interrupts, count);
    if (error == 0 && kind == BUS_INTERRUPT_LINE)
        error = line_watch(interrupts);
    if (error == 0 && kind != BUS_INTERRUPT_LINE) {
        /* MSI grants a power of two; the device may use all of it. */
        unsigned granted = kind == BUS_INTERRUPT_MSI ? 1u << log2_rounded_up(count) : count;
        error = doorbell_vectors_ensure(interrupts->doorbell, interrupts->qtest, granted,
                                        qemu_timeout_ns);
        if (error == 0)
            error = vectors_watch(interrupts, count);
    }
    if (error != 0)
        return qtest_is_lost(interrupts->qtest) ? -EIO : error;
    interrupts->count = count;
    interrupts->enabled = true;
    capability_program(interrupts, kind, count);
    if (qtest_flush(interrupts->qtest) != 0) {
        qemu_interrupts_disable(interrupts);
        return -EIO;
    }
    return 0;
}

void qemu_interrupts_disable(struct qemu_interrupts *interrupts)
{
    if (!interrupts->enabled)
        return;
    capabilities_silence(interrupts);
    if (interrupts->kind == BUS_INTERRUPT_LINE)
        line_unwatch(interrupts);
    else
        vectors_unwatch(interrupts);
    interrupts->enabled = false;
}

void qemu_interrupts_restore(struct qemu_interrupts *interrupts)
{
    if (interrupts->enabled)
        capability_program(interrupts, interrupts->kind, interrupts->count);
}

void qemu_interrupts_message(const struct qemu_interrupts *interrupts, unsigned vector,
                             struct bus_message *ret_message)
{
    sh_assert(interrupts->enabled && interrupts->kind != BUS_INTERRUPT_LINE);
    sh_assert(vector < interrupts->count);
    *ret_message = (struct bus_message){
        .address = interrupts->doorbell->address,
        .data = vector,
    };
}
