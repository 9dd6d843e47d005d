/*
 * power.c - power states of a PCI function (PCI Power Management 1.2), config space kept.
 */
#include "bus/power.h"

#include "bus/pci.h"
#include "sys/sys.h"

enum {
    CAPABILITY_COUNT_MAX = 48,

    POWER_CAPABILITIES = 2,
    POWER_KNOWS_D1 = 1 << 9,
    POWER_KNOWS_D2 = 1 << 10,
    POWER_CONTROL = 4,
    POWER_STATE_MASK = 3,
    D3 = 3,

    FEATURES_KNOWN = 3,
    EXPRESS_DEVICE_CAPABILITIES = 4,
    EXPRESS_CAPABILITY_RESET = 1 << 28,
    EXPRESS_DEVICE_CONTROL = 8,
    EXPRESS_LINK_CONTROL = 16,
    CACHE_LINE = 0x0C,
};
#define WAKE_DELAY_NS (10 * SYS_NS_PER_MS)

static uint32_t get(struct bus_device *device, unsigned offset, unsigned size)
{
    return device->ops->config_read(device, offset, size);
}

static void set(struct bus_device *device, unsigned offset, unsigned size, uint32_t value)
{
    device->ops->config_write(device, offset, size, value);
}

/* A function that is gone reads as ones, and so does not say that it has capabilities we know. */
static void capabilities_find(struct bus_device *device, struct bus_power *power)
{
    if (get(device, BUS_PCI_VENDOR, 2) == 0xffff ||
        (get(device, BUS_PCI_STATUS, 2) & BUS_PCI_STATUS_CAPABILITIES) == 0)
        return;
    unsigned offset = get(device, BUS_PCI_CAPABILITIES, 1) & ~0x3u;
    for (unsigned i = 0; i < CAPABILITY_COUNT_MAX && offset >= 0x40; i++) {
        uint32_t header = get(device, offset, 2);
        switch (header & 0xff) {
        case BUS_PCI_CAPABILITY_POWER:
            power->capability = offset;
            break;
        case BUS_PCI_CAPABILITY_MSI:
            power->msi = offset;
            break;
        case BUS_PCI_CAPABILITY_EXPRESS:
            power->express = offset;
            break;
        case BUS_PCI_CAPABILITY_MSIX:
            power->msix = offset;
            break;
        case BUS_PCI_CAPABILITY_FEATURES:
            power->features = offset;
            break;
        default:
            break;
        }
        offset = header >> 8 & ~0x3u;
    }
}

/* ---- the MSI-X table ---- */

/* Where it is; false when config space says what cannot be. */
static bool table_find(struct bus_device *device, const struct bus_power *power, unsigned *ret_bar,
                       uint32_t *ret_offset)
{
    uint32_t table = get(device, power->msix + BUS_PCI_MSIX_TABLE, 4);
    uint64_t length = (uint64_t)power->vector_count * BUS_PCI_MSIX_ENTRY_SIZE;
    *ret_bar = table & 0x7;
    *ret_offset = table & ~0x7u;
    if (*ret_bar >= BUS_BAR_COUNT)
        return false;
    const struct bus_bar *bar = &device->ops->bars(device)[*ret_bar];
    return bar->kind == BUS_BAR_MEMORY && *ret_offset <= bar->size &&
           length <= bar->size - *ret_offset;
}

static void table_save(struct bus_device *device, struct bus_power *power)
{
    unsigned bar, count = (power->msix_control & BUS_PCI_MSIX_CONTROL_SIZE_MASK) + 1u;
    uint32_t offset;
    power->vector_count = (uint16_t)(count < BUS_POWER_VECTORS_MAX ? count : BUS_POWER_VECTORS_MAX);
    if ((power->msix_control & BUS_PCI_MSIX_CONTROL_ENABLE) == 0 ||
        !table_find(device, power, &bar, &offset)) {
        power->vector_count = 0;
        return;
    }
    for (unsigned i = 0; i < power->vector_count * 4u; i++)
        power->vectors[i / 4][i % 4] = (uint32_t)device->ops->register_read(
            device, bar, (struct bar_offset){offset + 4 * (uint64_t)i}, 4);
}

static void table_restore(struct bus_device *device, const struct bus_power *power)
{
    unsigned bar;
    uint32_t offset;
    if (power->vector_count == 0 || !table_find(device, power, &bar, &offset))
        return;
    for (unsigned i = 0; i < power->vector_count * 4u; i++)
        device->ops->register_write(device, bar, (struct bar_offset){offset + 4 * (uint64_t)i}, 4,
                                    power->vectors[i / 4][i % 4]);
}

/* ---- config space ---- */

/* How many words the MSI capability has. */
static unsigned msi_words(uint32_t first_word)
{
    uint32_t control = first_word >> 16;
    unsigned words = (control & BUS_PCI_MSI_CONTROL_64BIT) != 0 ? 4 : 3;
    return (control & BUS_PCI_MSI_CONTROL_MASKABLE) != 0 ? words + 1 : words;
}

static void config_save(struct bus_device *device, struct bus_power *power)
{
    for (unsigned i = 0; i < BUS_POWER_HEADER_WORDS; i++)
        power->header[i] = get(device, 4 * i, 4);
    if (power->msi != 0) {
        power->msi_words[0] = get(device, power->msi, 4);
        for (unsigned i = 1; i < msi_words(power->msi_words[0]); i++)
            power->msi_words[i] = get(device, power->msi + 4 * i, 4);
    }
    if (power->msix != 0) {
        power->msix_control = (uint16_t)get(device, power->msix + BUS_PCI_MSIX_CONTROL, 2);
        table_save(device, power);
    }
    if (power->express != 0) {
        power->device_control = (uint16_t)get(device, power->express + EXPRESS_DEVICE_CONTROL, 2);
        power->link_control = (uint16_t)get(device, power->express + EXPRESS_LINK_CONTROL, 2);
    }
}

/* Addresses before what makes the function decode them, tables before what makes it use them. */
static void config_restore(struct bus_device *device, const struct bus_power *power)
{
    for (unsigned offset = CACHE_LINE; offset < 4 * BUS_POWER_HEADER_WORDS; offset += 4)
        set(device, offset, 4, power->header[offset / 4]);
    if (power->express != 0) {
        set(device, power->express + EXPRESS_DEVICE_CONTROL, 2, power->device_control);
        set(device, power->express + EXPRESS_LINK_CONTROL, 2, power->link_control);
    }
    set(device, BUS_PCI_COMMAND, 2, power->header[BUS_PCI_COMMAND / 4] & 0xffff);
    if (power->msi != 0) {
        for (unsigned i = 1; i < msi_words(power->msi_words[0]); i++)
            set(device, power->msi + 4 * i, 4, power->msi_words[i]);
        set(device, power->msi + 2, 2, power->msi_words[0] >> 16);
    }
    if (power->msix != 0) {
        set(device, power->msix + BUS_PCI_MSIX_CONTROL, 2,
            power->msix_control | BUS_PCI_MSIX_CONTROL_MASK_ALL);
        table_restore(device, power);
        set(device, power->msix + BUS_PCI_MSIX_CONTROL, 2, power->msix_control);
    }
    device->ops->register_flush(device);
}

/* ---- transitions ---- */

static unsigned state_known(struct bus_device *device, const struct bus_power *power,
                            unsigned device_state)
{
    uint32_t known = get(device, power->capability + POWER_CAPABILITIES, 2);
    if (device_state == 2 && (known & POWER_KNOWS_D2) == 0)
        device_state = 1;
    if (device_state == 1 && (known & POWER_KNOWS_D1) == 0)
        device_state = 0;
    return device_state;
}

static void state_set(struct bus_device *device, const struct bus_power *power,
                      unsigned device_state)
{
    unsigned offset = power->capability + POWER_CONTROL;
    set(device, offset, 2, (get(device, offset, 2) & ~(uint32_t)POWER_STATE_MASK) | device_state);
}

bool bus_power_has_cold(struct bus_device *device)
{
    struct bus_power power = {.capability = 0};
    capabilities_find(device, &power);
    if (power.capability == 0 || device->ops->reset == NULL)
        return false;
    if (power.express != 0)
        return (get(device, power.express + EXPRESS_DEVICE_CAPABILITIES, 4) &
                EXPRESS_CAPABILITY_RESET) != 0;
    return power.features != 0 &&
           (get(device, power.features + FEATURES_KNOWN, 1) & BUS_PCI_FEATURES_RESET) != 0;
}

void bus_power_down(struct bus_device *device, struct bus_power *power, unsigned device_state,
                    bool cold)
{
    sh_assert(device_state >= 1 && device_state <= D3);
    *power = (struct bus_power){.capability = 0};
    capabilities_find(device, power);
    if (power->capability == 0)
        return;
    device_state = state_known(device, power, device_state);
    config_save(device, power);
    if (cold && device_state == D3 && device->ops->reset != NULL)
        (void)device->ops->reset(device); /* one that is gone has nothing to forget */
    state_set(device, power, device_state);
}

void bus_power_up(struct bus_device *device, struct bus_power *power)
{
    if (power->capability == 0)
        return;
    state_set(device, power, 0);
    sys_delay_ns(WAKE_DELAY_NS);
    config_restore(device, power);
    power->capability = 0;
}
