/*
 * scratch_config.c - the config space of the scratch device: an ordinary function of a PCI device
 * with a BAR of memory, one of ports and, if it has vectors, an MSI-X capability with its own.
 */
#include "bus/model/model_config.h"
#include "bus/model/scratch.h"
#include "bus/pci.h"

enum {
    CONFIG_VENDOR_ID = 0x00,
    CONFIG_DEVICE_ID = 0x02,
    CONFIG_COMMAND = 0x04,
    CONFIG_STATUS = 0x06,
    CONFIG_REVISION = 0x08,
    CONFIG_CLASS = 0x09,
    CONFIG_CACHE_LINE = 0x0C,
    CONFIG_LATENCY = 0x0D,
    CONFIG_BAR = 0x10,
    CONFIG_SUBSYSTEM = 0x2C,
    CONFIG_CAPABILITIES = 0x34,
    CONFIG_INTERRUPT_LINE = 0x3C,
    CONFIG_INTERRUPT_PIN = 0x3D,
    CONFIG_MSIX = 0x40,
    CONFIG_MSIX_CONTROL = CONFIG_MSIX + 2,
    CONFIG_MSIX_TABLE = CONFIG_MSIX + 4,
    CONFIG_MSIX_PENDING = CONFIG_MSIX + 8,
    CONFIG_POWER = 0x50,
    CONFIG_POWER_CAPABILITIES = CONFIG_POWER + 2,
    CONFIG_POWER_CONTROL = CONFIG_POWER + 4,
    CONFIG_FEATURES = CONFIG_POWER + 8, /* advanced features: it can be reset */
};

enum {
    COMMAND_PORTS = 0x0001,
    COMMAND_MEMORY = 0x0002,
    COMMAND_MASTER = 0x0004,
    COMMAND_LINE_DISABLE = 0x0400,
    COMMAND_WRITABLE = 0x0547, /* the four above, parity and system error enable */
    STATUS_CAPABILITIES = 0x0010,
    CAPABILITY_POWER = 0x01,
    CAPABILITY_MSIX = 0x11,
    POWER_VERSION = 0x0003, /* neither D1 nor D2 */
    POWER_STATE_MASK = 0x0003,
    POWER_STATE_D3 = 3,
    FEATURES_BYTES = 6,
    FEATURES_RESET = BUS_PCI_FEATURES_RESET | 1, /* with the bit for pending transactions */
    INTERRUPT_LINE = 11,
    CLASS_MASS_STORAGE = 0x01,
    SUBCLASS_OTHER = 0x80,
};

static void config_lay_out_power(struct scratch *scratch)
{
    uint8_t *config = scratch->config;
    uint32_t next = model_config_get(config, CONFIG_CAPABILITIES, 1);
    model_config_set(config, CONFIG_STATUS, 2, STATUS_CAPABILITIES);
    model_config_set(config, CONFIG_CAPABILITIES, 1, CONFIG_POWER);
    model_config_set(config, CONFIG_POWER, 2, CAPABILITY_POWER | CONFIG_FEATURES << 8);
    model_config_set(config, CONFIG_FEATURES, 2, BUS_PCI_CAPABILITY_FEATURES | next << 8);
    model_config_set(config, CONFIG_FEATURES + 2, 2, FEATURES_BYTES | FEATURES_RESET << 8);
    model_config_set(config, CONFIG_POWER_CAPABILITIES, 2, POWER_VERSION);
    model_config_set(scratch->config_writable, CONFIG_POWER_CONTROL, 2, POWER_STATE_MASK);
}

static void config_lay_out_msix(struct scratch *scratch)
{
    uint8_t *config = scratch->config;
    model_config_set(config, CONFIG_STATUS, 2, STATUS_CAPABILITIES);
    model_config_set(config, CONFIG_CAPABILITIES, 1, CONFIG_MSIX);
    model_config_set(config, CONFIG_MSIX, 2, CAPABILITY_MSIX); /* and no next capability */
    model_config_set(config, CONFIG_MSIX_CONTROL, 2, scratch->vector_count - 1);
    model_config_set(scratch->config_writable, CONFIG_MSIX_CONTROL, 2,
                     BUS_PCI_MSIX_CONTROL_ENABLE | BUS_PCI_MSIX_CONTROL_MASK_ALL);
    model_config_set(config, CONFIG_MSIX_TABLE, 4, SCRATCH_TABLE_BAR);
    model_config_set(config, CONFIG_MSIX_PENDING, 4,
                     SCRATCH_PENDING_BITS_OFFSET | SCRATCH_TABLE_BAR);
}

void scratch_config_initialise(struct scratch *scratch)
{
    uint8_t *config = scratch->config;
    uint8_t *writable = scratch->config_writable;
    model_config_set(config, CONFIG_VENDOR_ID, 2, SCRATCH_MODEL_VENDOR_ID);
    model_config_set(config, CONFIG_DEVICE_ID, 2, SCRATCH_MODEL_DEVICE_ID);
    model_config_set(config, CONFIG_COMMAND, 2, COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER);
    model_config_set(writable, CONFIG_COMMAND, 2, COMMAND_WRITABLE);
    model_config_set(config, CONFIG_REVISION, 1, 1);
    model_config_set(config, CONFIG_CLASS, 3, SUBCLASS_OTHER << 8 | CLASS_MASS_STORAGE << 16);
    model_config_set(writable, CONFIG_CACHE_LINE, 1, 0xFF);
    model_config_set(writable, CONFIG_LATENCY, 1, 0xFF);
    for (unsigned bar = 0; bar < BUS_BAR_COUNT; bar++) {
        if (scratch->bars[bar].kind == BUS_BAR_NONE)
            continue;
        uint32_t ports = scratch->bars[bar].kind == BUS_BAR_PORT;
        model_config_set(config, CONFIG_BAR + 4 * bar, 4,
                         (uint32_t)scratch->bars[bar].address | ports);
        model_config_set(writable, CONFIG_BAR + 4 * bar, 4,
                         ~(uint32_t)(scratch->bars[bar].size - 1));
    }
    model_config_set(config, CONFIG_SUBSYSTEM, 2, SCRATCH_MODEL_VENDOR_ID);
    model_config_set(config, CONFIG_SUBSYSTEM + 2, 2, SCRATCH_MODEL_DEVICE_ID);
    model_config_set(config, CONFIG_INTERRUPT_LINE, 1, INTERRUPT_LINE);
    model_config_set(writable, CONFIG_INTERRUPT_LINE, 1, 0xFF);
    model_config_set(config, CONFIG_INTERRUPT_PIN, 1, 1);
    if (scratch->vector_count > 0)
        config_lay_out_msix(scratch);
    if (scratch->has_power_states)
        config_lay_out_power(scratch);
}

static uint32_t power_state_locked(const struct scratch *scratch)
{
    return model_config_get(scratch->config, CONFIG_POWER_CONTROL, 2) & POWER_STATE_MASK;
}

/* What a function may forget that comes from D3: all that was ever written to its config space. Its
 * own registers are kept, as by a second source of power. */
static void config_forget_locked(struct scratch *scratch)
{
    for (unsigned i = 0; i < BUS_CONFIG_SIZE; i++)
        scratch->config[i] &= (uint8_t)~scratch->config_writable[i];
    for (unsigned i = 0; i < scratch->vector_count; i++)
        scratch->vectors[i] = (struct scratch_vector){.control = 1};
}

uint32_t scratch_config_read(struct scratch *scratch, unsigned offset, unsigned size)
{
    sh_assert((size == 1 || size == 2 || size == 4) && offset % size == 0);
    sh_assert(offset < BUS_CONFIG_SIZE_EXTENDED);
    uint32_t nothing = size == 4 ? UINT32_MAX : (1u << (8 * size)) - 1;
    if (offset >= BUS_CONFIG_SIZE)
        return nothing; /* a conventional function has no extended config space */
    sys_mutex_lock(&scratch->mutex);
    uint32_t value = scratch->gone ? nothing : model_config_get(scratch->config, offset, size);
    sys_mutex_unlock(&scratch->mutex);
    return value;
}

void scratch_config_write(struct scratch *scratch, unsigned offset, unsigned size, uint32_t value)
{
    sh_assert((size == 1 || size == 2 || size == 4) && offset % size == 0);
    sh_assert(offset < BUS_CONFIG_SIZE_EXTENDED);
    if (offset >= BUS_CONFIG_SIZE)
        return;
    sys_mutex_lock(&scratch->mutex);
    if (!scratch->gone) {
        uint32_t before = power_state_locked(scratch);
        model_config_write(scratch->config, scratch->config_writable, offset, size, value);
        if (before == POWER_STATE_D3 && power_state_locked(scratch) != before)
            config_forget_locked(scratch);
        scratch_reconsider_locked(scratch);
    }
    sys_mutex_unlock(&scratch->mutex);
}

static uint32_t command_locked(const struct scratch *scratch)
{
    return model_config_get(scratch->config, CONFIG_COMMAND, 2);
}

/* Whether it answers at the addresses of a kind at which it was placed. */
static bool decodes_locked(const struct scratch *scratch, enum bus_bar_kind kind, uint32_t command)
{
    if (scratch->gone || power_state_locked(scratch) != 0 ||
        (command_locked(scratch) & command) == 0)
        return false;
    for (unsigned bar = 0; bar < BUS_BAR_COUNT; bar++) {
        uint32_t now = model_config_get(scratch->config, CONFIG_BAR + 4 * bar, 4) & ~0x3u;
        if (scratch->bars[bar].kind == kind && now != scratch->bars[bar].address)
            return false;
    }
    return true;
}

bool scratch_decodes_memory_locked(const struct scratch *scratch)
{
    return decodes_locked(scratch, BUS_BAR_MEMORY, COMMAND_MEMORY);
}

bool scratch_decodes_ports_locked(const struct scratch *scratch)
{
    return decodes_locked(scratch, BUS_BAR_PORT, COMMAND_PORTS);
}

bool scratch_is_master_locked(const struct scratch *scratch)
{
    return power_state_locked(scratch) == 0 && (command_locked(scratch) & COMMAND_MASTER) != 0;
}

bool scratch_line_is_enabled_locked(const struct scratch *scratch)
{
    return (command_locked(scratch) & COMMAND_LINE_DISABLE) == 0;
}

bool scratch_msix_is_enabled_locked(const struct scratch *scratch)
{
    if (scratch->vector_count == 0)
        return false;
    uint32_t control = model_config_get(scratch->config, CONFIG_MSIX_CONTROL, 2);
    return (control & (BUS_PCI_MSIX_CONTROL_ENABLE | BUS_PCI_MSIX_CONTROL_MASK_ALL)) ==
           BUS_PCI_MSIX_CONTROL_ENABLE;
}

void scratch_config_set_msix_locked(struct scratch *scratch, bool enabled)
{
    if (scratch->vector_count == 0)
        return;
    uint32_t control = model_config_get(scratch->config, CONFIG_MSIX_CONTROL, 2);
    control &= ~(uint32_t)(BUS_PCI_MSIX_CONTROL_ENABLE | BUS_PCI_MSIX_CONTROL_MASK_ALL);
    model_config_set(scratch->config, CONFIG_MSIX_CONTROL, 2,
                     control | (enabled ? BUS_PCI_MSIX_CONTROL_ENABLE : 0));
}

void scratch_config_set_line_locked(struct scratch *scratch, bool enabled)
{
    uint32_t command = command_locked(scratch) & ~(uint32_t)COMMAND_LINE_DISABLE;
    model_config_set(scratch->config, CONFIG_COMMAND, 2,
                     command | (enabled ? 0 : COMMAND_LINE_DISABLE));
}
