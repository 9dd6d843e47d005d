/*
 * qemu_pci.h - config space of a function on bus 0 of QEMU's q35 machine, and its BARs.
 *
 * No firmware runs in the machine: what a BIOS does (sizing and placing BARs, enabling decoding)
 * is done here. QEMU answers 0 where nothing decodes; a PC answers all-ones, and so does this file.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_PCI_H
#define STORHOST_BUS_QEMU_QEMU_PCI_H

#include "bus/bus.h"
#include "bus/pci.h"
#include "bus/qemu/qemu_qtest.h"
#include "sys/sys.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qemu_pci {
    struct qtest *qtest; /* borrowed */
    unsigned slot, function;
    uint64_t config_address; /* in the memory-mapped config window */
    struct bus_bar bars[BUS_BAR_COUNT];
    struct sys_mutex config_lock; /* one change of config space at a time */
    uint32_t decoding;            /* bit n: BAR n answers at its assigned address; atomic */
    uint16_t msi, msix, express;  /* offsets of the capabilities, 0: none */
};

/* Where BARs are placed: the next free address of each kind. */
struct qemu_pci_space {
    uint64_t memory, port;
};

/* Opens the memory-mapped config window of the machine; once, before anything else. 0, -EIO. */
int qemu_pci_start(struct qtest *qtest, struct qemu_pci_space *ret_space);
/* Binds to a function, finds its capabilities, sizes and assigns its BARs and enables decoding and
 * bus mastering. 0, -EIO, -ENODEV (nothing in that slot), -ENOSPC (its BARs do not fit), -EPROTO
 * (a BAR does not take its address, or a capability list without end). */
int qemu_pci_open(struct qemu_pci *pci, struct qtest *qtest, struct qemu_pci_space *space,
                  unsigned slot, unsigned function);
/* Puts BARs and the command register back as they were assigned; after a reset. */
void qemu_pci_restore(struct qemu_pci *pci, uint16_t command);

uint32_t qemu_pci_config_read(struct qemu_pci *pci, unsigned offset, unsigned size);
/* Also learns from the device whether its BARs still decode. */
void qemu_pci_config_write(struct qemu_pci *pci, unsigned offset, unsigned size, uint32_t value);
/* Clears and sets bits of a register that has nothing to do with decoding. */
void qemu_pci_config_update(struct qemu_pci *pci, unsigned offset, unsigned size, uint32_t clear,
                            uint32_t set);

uint64_t qemu_pci_register_read(struct qemu_pci *pci, unsigned bar, uint64_t offset, unsigned size);
void qemu_pci_register_write(struct qemu_pci *pci, unsigned bar, uint64_t offset, unsigned size,
                             uint64_t value);

/* The input of the I/O APIC that the function's line reaches, or QTEST_NO_LINE. */
int qemu_pci_line(struct qemu_pci *pci);

#ifdef __cplusplus
}
#endif

#endif
