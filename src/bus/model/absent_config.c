/*
 * absent_config.c - the config space of the absent device, laid out from its options.
 */
#include "bus/model/absent.h"
#include "bus/model/model_config.h"
#include "bus/pci.h"

enum {
    CONFIG_REVISION = 0x08,
    CONFIG_CLASS = 0x09,
    CONFIG_CACHE_LINE = 0x0C,
    CONFIG_LATENCY = 0x0D,
    CONFIG_ROM = 0x30,
    FIRST_CAPABILITY = 0x40,

    COMMAND_WRITABLE = 0x0547, /* ports, memory, master, parity and system error, line off */
    LINE_NUMBER = 11,

    MSI_BYTES = 16, /* with a 64-bit address, without masks */
    MSIX_BYTES = 12,
    EXPRESS_BYTES = 60,
    EXPRESS_CAPABILITIES = 2, /* version 2, an endpoint */
    EXPRESS_VERSION_2 = 2,
};
#define BAR_IS_PORT      1u
#define BAR_IS_64BIT     4u
#define BAR_PREFETCHABLE 8u

static void lay_out_bar(struct absent *absent, unsigned index)
{
    const struct bus_bar *bar = &absent->bars[index];
    unsigned offset = BUS_PCI_BAR + 4 * index;

    if (bar->kind == BUS_BAR_NONE)
        return;
    uint32_t bits = bar->kind == BUS_BAR_PORT ? BAR_IS_PORT
                                              : (bar->is_64bit ? BAR_IS_64BIT : 0) |
                                                    (bar->prefetchable ? BAR_PREFETCHABLE : 0);
    model_config_set(absent->config, offset, 4, (uint32_t)bar->address | bits);
    model_config_set(absent->config_writable, offset, 4, ~(uint32_t)(bar->size - 1));
    if (bar->is_64bit) {
        model_config_set(absent->config, offset + 4, 4, (uint32_t)(bar->address >> 32));
        model_config_set(absent->config_writable, offset + 4, 4, UINT32_MAX);
    }
}

/* Appends a capability to the list; where it lies. */
static unsigned add_capability(struct absent *absent, uint8_t id, unsigned size, unsigned *next,
                               unsigned *link)
{
    unsigned offset = *next;

    absent->config[*link] = (uint8_t)offset;
    absent->config[offset] = id;
    model_config_set(absent->config, BUS_PCI_STATUS, 2, BUS_PCI_STATUS_CAPABILITIES);
    *link = offset + 1;
    *next = offset + size;
    return offset;
}

static unsigned log2_of(unsigned power)
{
    return (unsigned)__builtin_ctz(power);
}

static void lay_out_capabilities(struct absent *absent)
{
    const struct absent_options *options = &absent->options;
    unsigned next = FIRST_CAPABILITY, link = BUS_PCI_CAPABILITIES;
    uint8_t *config = absent->config, *writable = absent->config_writable;

    if (options->msi) {
        unsigned msi = add_capability(absent, BUS_PCI_CAPABILITY_MSI, MSI_BYTES, &next, &link);
        absent->msi_offset = msi;
        model_config_set(config, msi + BUS_PCI_MSI_CONTROL, 2,
                         BUS_PCI_MSI_CONTROL_64BIT | log2_of(options->msi)
                                                         << BUS_PCI_MSI_CONTROL_CAPABLE_SHIFT);
        model_config_set(writable, msi + BUS_PCI_MSI_CONTROL, 2,
                         BUS_PCI_MSI_CONTROL_ENABLE | BUS_PCI_MSI_CONTROL_COUNT_MASK);
        model_config_set(writable, msi + BUS_PCI_MSI_ADDRESS, 4, ~3u);
        model_config_set(writable, msi + BUS_PCI_MSI_ADDRESS_HIGH, 4, UINT32_MAX);
        model_config_set(writable, msi + BUS_PCI_MSI_DATA + 4, 2, UINT16_MAX);
    }
    if (options->msix) {
        unsigned msix = add_capability(absent, BUS_PCI_CAPABILITY_MSIX, MSIX_BYTES, &next, &link);
        absent->msix_offset = msix;
        model_config_set(config, msix + BUS_PCI_MSIX_CONTROL, 2, options->msix - 1);
        model_config_set(writable, msix + BUS_PCI_MSIX_CONTROL, 2,
                         BUS_PCI_MSIX_CONTROL_ENABLE | BUS_PCI_MSIX_CONTROL_MASK_ALL);
        model_config_set(config, msix + BUS_PCI_MSIX_TABLE, 4, options->table_bar);
        model_config_set(config, msix + BUS_PCI_MSIX_PENDING, 4, NT_PAGE_SIZE | options->table_bar);
    }
    if (options->express) {
        unsigned express =
            add_capability(absent, BUS_PCI_CAPABILITY_EXPRESS, EXPRESS_BYTES, &next, &link);
        model_config_set(config, express + EXPRESS_CAPABILITIES, 2, EXPRESS_VERSION_2);
    }
}

void absent_config_initialise(struct absent *absent)
{
    const struct absent_options *options = &absent->options;
    uint8_t *config = absent->config, *writable = absent->config_writable;

    absent->config_size = options->express ? BUS_CONFIG_SIZE_EXTENDED : BUS_CONFIG_SIZE;
    model_config_set(config, BUS_PCI_VENDOR, 2, options->vendor);
    model_config_set(config, BUS_PCI_DEVICE, 2, options->device);
    model_config_set(config, BUS_PCI_COMMAND, 2,
                     BUS_PCI_COMMAND_IO | BUS_PCI_COMMAND_MEMORY | BUS_PCI_COMMAND_MASTER);
    model_config_set(writable, BUS_PCI_COMMAND, 2, COMMAND_WRITABLE);
    model_config_set(config, CONFIG_REVISION, 1, options->revision);
    model_config_set(config, CONFIG_CLASS, 3, options->class_code);
    model_config_set(writable, CONFIG_CACHE_LINE, 1, UINT8_MAX);
    model_config_set(writable, CONFIG_LATENCY, 1, UINT8_MAX);
    for (unsigned bar = 0; bar < BUS_BAR_COUNT; bar++)
        lay_out_bar(absent, bar);
    model_config_set(config, BUS_PCI_SUBSYSTEM, 2, options->subsystem_vendor);
    model_config_set(config, BUS_PCI_SUBSYSTEM + 2, 2, options->subsystem);
    /* A ROM has no address until somebody gives it one, and is off. */
    if (options->rom_size)
        model_config_set(writable, CONFIG_ROM, 4, ~(uint32_t)(options->rom_size - 1) | 1);
    model_config_set(config, BUS_PCI_INTERRUPT_LINE, 1, options->line ? LINE_NUMBER : 0);
    model_config_set(writable, BUS_PCI_INTERRUPT_LINE, 1, UINT8_MAX);
    model_config_set(config, BUS_PCI_INTERRUPT_PIN, 1, options->line);
    lay_out_capabilities(absent);
}

/* ---- which kind is on ---- */

static void update(struct absent *absent, unsigned offset, uint32_t clear, uint32_t set)
{
    uint32_t value = model_config_get(absent->config, offset, 2);

    model_config_set(absent->config, offset, 2, (value & ~clear) | set);
}

void absent_config_silence_locked(struct absent *absent)
{
    update(absent, BUS_PCI_COMMAND, 0, BUS_PCI_COMMAND_INTX_DISABLE);
    if (absent->msi_offset)
        update(absent, absent->msi_offset + BUS_PCI_MSI_CONTROL, BUS_PCI_MSI_CONTROL_ENABLE, 0);
    if (absent->msix_offset)
        update(absent, absent->msix_offset + BUS_PCI_MSIX_CONTROL, BUS_PCI_MSIX_CONTROL_ENABLE, 0);
}

void absent_config_enable_locked(struct absent *absent, enum bus_interrupt_kind kind,
                                 unsigned count)
{
    unsigned shift = 0;

    absent_config_silence_locked(absent);
    while (1u << shift < count)
        shift++;
    if (kind == BUS_INTERRUPT_LINE)
        update(absent, BUS_PCI_COMMAND, BUS_PCI_COMMAND_INTX_DISABLE, 0);
    else if (kind == BUS_INTERRUPT_MSI)
        update(absent, absent->msi_offset + BUS_PCI_MSI_CONTROL, BUS_PCI_MSI_CONTROL_COUNT_MASK,
               shift << BUS_PCI_MSI_CONTROL_COUNT_SHIFT | BUS_PCI_MSI_CONTROL_ENABLE);
    else
        update(absent, absent->msix_offset + BUS_PCI_MSIX_CONTROL, BUS_PCI_MSIX_CONTROL_MASK_ALL,
               BUS_PCI_MSIX_CONTROL_ENABLE);
}
