/*
 * qemu_pci.c - config space of a function on bus 0 of QEMU's q35 machine, and its BARs.
 *
 * Config space is reached through the memory-mapped window of the q35 host bridge: one message an
 * access, where the two ports of the older mechanism take two.
 */
#include "bus/qemu/qemu_pci.h"

#include <errno.h>
#include <string.h>

/* Where things lie in the machine's address space. RAM ends at 2 GiB at most; the 32-bit hole for
 * devices ends where the I/O APIC begins. */
#define CONFIG_WINDOW 0xb0000000ull
#define MEMORY_FIRST  0xc0000000ull
#define MEMORY_END    0xfec00000ull
#define PORT_FIRST    0xc000ull
#define PORT_END      0x10000ull

enum {
    CONFIG_ADDRESS_PORT = 0xcf8,
    CONFIG_DATA_PORT = 0xcfc,
    HOST_BRIDGE_CONFIG_WINDOW = 0x60, /* PCIEXBAR of the q35 host bridge; bit 0 enables it */
    PAGE_SIZE = 4096,
    STATUS_CAPABILITIES = 1 << 4,
    CAPABILITY_COUNT_MAX = 48, /* as many as fit into 192 bytes */
};

/* ---- config space ---- */

/* All-ones when QEMU is gone. */
static uint32_t config_get(struct qemu_pci *pci, unsigned offset, unsigned size)
{
    uint64_t value;
    if (qtest_read(pci->qtest, QTEST_MEMORY, pci->config_address + offset, size, &value) != 0)
        return UINT32_MAX >> (32 - 8 * size);
    return (uint32_t)value;
}

static void config_set(struct qemu_pci *pci, unsigned offset, unsigned size, uint32_t value)
{
    (void)qtest_write(pci->qtest, QTEST_MEMORY, pci->config_address + offset, size, value);
}

static void config_access_check(unsigned offset, unsigned size)
{
    sh_assert(size == 1 || size == 2 || size == 4);
    sh_assert(offset % size == 0 && offset < BUS_CONFIG_SIZE_EXTENDED);
}

uint32_t qemu_pci_config_read(struct qemu_pci *pci, unsigned offset, unsigned size)
{
    config_access_check(offset, size);
    return config_get(pci, offset, size);
}

static uint32_t bar_address_get(struct qemu_pci *pci, unsigned bar)
{
    uint32_t kind_bits = pci->bars[bar].kind == BUS_BAR_PORT ? 0x3 : 0xf;
    return config_get(pci, BUS_PCI_BAR + 4 * bar, 4) & ~kind_bits;
}

/* Asks the device which BARs decode at the address that we know. Config writes are rare, so that
 * any of them (command, BAR, reset) may have changed it needs no list of cases. */
static void decoding_refresh(struct qemu_pci *pci)
{
    uint32_t command = config_get(pci, BUS_PCI_COMMAND, 2), decoding = 0;
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        const struct bus_bar *bar = &pci->bars[i];
        if (bar->kind == BUS_BAR_NONE)
            continue;
        uint32_t needed = bar->kind == BUS_BAR_PORT ? BUS_PCI_COMMAND_IO : BUS_PCI_COMMAND_MEMORY;
        bool in_place = bar_address_get(pci, i) == bar->address;
        if (in_place && bar->is_64bit)
            in_place = config_get(pci, BUS_PCI_BAR + 4 * i + 4, 4) == 0;
        if (in_place && (command & needed) != 0)
            decoding |= 1u << i;
    }
    __atomic_store_n(&pci->decoding, decoding, __ATOMIC_RELEASE);
}

void qemu_pci_config_update(struct qemu_pci *pci, unsigned offset, unsigned size, uint32_t clear,
                            uint32_t set)
{
    config_access_check(offset, size);
    sys_mutex_lock(&pci->config_lock);
    config_set(pci, offset, size, (config_get(pci, offset, size) & ~clear) | set);
    sys_mutex_unlock(&pci->config_lock);
}

void qemu_pci_config_write(struct qemu_pci *pci, unsigned offset, unsigned size, uint32_t value)
{
    config_access_check(offset, size);
    sys_mutex_lock(&pci->config_lock);
    config_set(pci, offset, size, value);
    decoding_refresh(pci);
    sys_mutex_unlock(&pci->config_lock);
}

/* ---- registers ---- */

static enum qtest_space bar_space(const struct bus_bar *bar)
{
    return bar->kind == BUS_BAR_PORT ? QTEST_PORT : QTEST_MEMORY;
}

static const struct bus_bar *bar_checked(const struct qemu_pci *pci, unsigned bar, uint64_t offset,
                                         unsigned size)
{
    sh_assert(bar < BUS_BAR_COUNT && pci->bars[bar].kind != BUS_BAR_NONE);
    sh_assert(size <= pci->bars[bar].size && offset <= pci->bars[bar].size - size);
    return &pci->bars[bar];
}

static bool bar_decodes(const struct qemu_pci *pci, unsigned bar)
{
    return (__atomic_load_n(&pci->decoding, __ATOMIC_ACQUIRE) >> bar & 1) != 0;
}

uint64_t qemu_pci_register_read(struct qemu_pci *pci, unsigned bar, uint64_t offset, unsigned size)
{
    const struct bus_bar *where = bar_checked(pci, bar, offset, size);
    uint64_t value;
    if (!bar_decodes(pci, bar))
        (void)qtest_flush(pci->qtest); /* a read of nothing still orders the writes before it */
    else if (qtest_read(pci->qtest, bar_space(where), where->address + offset, size, &value) == 0)
        return value;
    return UINT64_MAX >> (64 - 8 * size);
}

void qemu_pci_register_write(struct qemu_pci *pci, unsigned bar, uint64_t offset, unsigned size,
                             uint64_t value)
{
    const struct bus_bar *where = bar_checked(pci, bar, offset, size);
    if (bar_decodes(pci, bar))
        (void)qtest_write(pci->qtest, bar_space(where), where->address + offset, size, value);
}

/* ---- BARs ---- */

/* Writes all-ones and reads back which address bits the BAR implements. */
static uint32_t bar_probe(struct qemu_pci *pci, unsigned bar)
{
    config_set(pci, BUS_PCI_BAR + 4 * bar, 4, UINT32_MAX);
    uint32_t answer = config_get(pci, BUS_PCI_BAR + 4 * bar, 4);
    config_set(pci, BUS_PCI_BAR + 4 * bar, 4, 0);
    return answer;
}

/* Learns kind and size of a BAR that holds no address. */
static void bar_size(struct qemu_pci *pci, unsigned index, struct bus_bar *bar)
{
    *bar = (struct bus_bar){.kind = BUS_BAR_NONE};
    uint32_t answer = bar_probe(pci, index);
    if (answer == 0)
        return;
    if ((answer & 1) != 0) {
        /* The upper half of a port BAR may be fixed at 0. */
        bar->kind = BUS_BAR_PORT;
        bar->size = (~(answer & ~0x3u) & 0xffff) + 1ull;
        return;
    }
    uint64_t bits = (answer & ~0xfu) | 0xffffffff00000000ull;
    bar->kind = BUS_BAR_MEMORY;
    bar->prefetchable = (answer & 0x8) != 0;
    bar->is_64bit = (answer & 0x6) == 0x4 && index + 1 < BUS_BAR_COUNT;
    if (bar->is_64bit)
        bits = (uint64_t)bar_probe(pci, index + 1) << 32 | (answer & ~0xfu);
    bar->size = ~bits + 1;
}

static bool bar_place(struct bus_bar *bar, struct qemu_pci_space *space)
{
    bool port = bar->kind == BUS_BAR_PORT;
    uint64_t *next = port ? &space->port : &space->memory;
    uint64_t end = port ? PORT_END : MEMORY_END;
    uint64_t alignment = port || bar->size > PAGE_SIZE ? bar->size : PAGE_SIZE;
    uint64_t address = (*next + alignment - 1) & ~(alignment - 1);
    if (bar->size == 0 || bar->size > end || address > end - bar->size)
        return false;
    bar->address = address;
    *next = address + bar->size;
    return true;
}

static void bars_write(struct qemu_pci *pci)
{
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        const struct bus_bar *bar = &pci->bars[i];
        if (bar->kind == BUS_BAR_NONE)
            continue;
        config_set(pci, BUS_PCI_BAR + 4 * i, 4, (uint32_t)bar->address);
        if (bar->is_64bit)
            config_set(pci, BUS_PCI_BAR + 4 * i + 4, 4, 0);
    }
}

static int bars_assign(struct qemu_pci *pci, struct qemu_pci_space *space)
{
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        struct bus_bar *bar = &pci->bars[i];
        bar_size(pci, i, bar);
        if (qtest_is_lost(pci->qtest))
            return -EIO;
        if (bar->kind != BUS_BAR_NONE && !bar_place(bar, space))
            return -ENOSPC;
        if (bar->is_64bit)
            pci->bars[++i] = (struct bus_bar){.kind = BUS_BAR_NONE};
    }
    bars_write(pci);
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        if (pci->bars[i].kind != BUS_BAR_NONE && bar_address_get(pci, i) != pci->bars[i].address)
            return qtest_is_lost(pci->qtest) ? -EIO : -EPROTO;
    }
    return 0;
}

void qemu_pci_restore(struct qemu_pci *pci, uint16_t command)
{
    sys_mutex_lock(&pci->config_lock);
    bars_write(pci);
    config_set(pci, BUS_PCI_COMMAND, 2, command);
    decoding_refresh(pci);
    sys_mutex_unlock(&pci->config_lock);
}

/* ---- finding and starting ---- */

static int capabilities_find(struct qemu_pci *pci)
{
    if ((config_get(pci, BUS_PCI_STATUS, 2) & STATUS_CAPABILITIES) == 0)
        return 0;
    unsigned offset = config_get(pci, BUS_PCI_CAPABILITIES, 1) & ~0x3u;
    for (unsigned i = 0; offset != 0; i++) {
        if (i == CAPABILITY_COUNT_MAX)
            return -EPROTO;
        uint32_t header = config_get(pci, offset, 2);
        if ((header & 0xff) == BUS_PCI_CAPABILITY_MSI)
            pci->msi = (uint16_t)offset;
        else if ((header & 0xff) == BUS_PCI_CAPABILITY_MSIX)
            pci->msix = (uint16_t)offset;
        else if ((header & 0xff) == BUS_PCI_CAPABILITY_EXPRESS)
            pci->express = (uint16_t)offset;
        offset = header >> 8 & ~0x3u;
    }
    return 0;
}

int qemu_pci_start(struct qtest *qtest, struct qemu_pci_space *ret_space)
{
    int error = qtest_write(qtest, QTEST_PORT, CONFIG_ADDRESS_PORT, 4,
                            0x80000000u | HOST_BRIDGE_CONFIG_WINDOW);
    if (error == 0)
        error = qtest_write(qtest, QTEST_PORT, CONFIG_DATA_PORT, 4, (uint32_t)CONFIG_WINDOW | 1);
    if (error == 0)
        error = qtest_flush(qtest);
    if (error == 0)
        *ret_space = (struct qemu_pci_space){.memory = MEMORY_FIRST, .port = PORT_FIRST};
    return error;
}

int qemu_pci_open(struct qemu_pci *pci, struct qtest *qtest, struct qemu_pci_space *space,
                  unsigned slot, unsigned function)
{
    sh_assert(slot < 32 && function < 8);
    *pci = (struct qemu_pci){
        .qtest = qtest,
        .slot = slot,
        .function = function,
        .config_address = CONFIG_WINDOW + (slot << 15 | function << 12),
    };
    if (config_get(pci, 0, 2) == 0xffff)
        return qtest_is_lost(qtest) ? -EIO : -ENODEV;
    int error = capabilities_find(pci);
    if (error == 0)
        error = bars_assign(pci, space);
    if (error != 0)
        return error;
    /* Nothing is told by the line until somebody enables it. */
    qemu_pci_restore(pci, BUS_PCI_COMMAND_IO | BUS_PCI_COMMAND_MEMORY | BUS_PCI_COMMAND_MASTER |
                              BUS_PCI_COMMAND_INTX_DISABLE);
    return qtest_is_lost(qtest) ? -EIO : 0;
}

/* The q35 machine connects the lines of its slots to the inputs 16 to 23 of the I/O APIC. */
int qemu_pci_line(struct qemu_pci *pci)
{
    unsigned pin = config_get(pci, BUS_PCI_INTERRUPT_PIN, 1);
    if (pin < 1 || pin > 4 || pci->slot > 30)
        return QTEST_NO_LINE;
    if (pci->slot <= 24)
        return (int)(20 + (pci->slot + pin - 1) % 4);
    if (pci->slot <= 29)
        return (int)(16 + pin - 1);
    return (int)(20 + pin - 1);
}
