/*
 * scratch.c - the scratch PCI function: registers, DMA, reset, and its life.
 *
 * It is the smallest device that has all that a driver of Storport can meet: trapped registers, a
 * line, messages that can be masked, bus mastering, reset and surprise removal. A register write
 * takes effect before it returns, so nothing is ever posted here.
 */
#include "bus/model/scratch.h"

#include "bus/model/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BARs of all models in the process lie here one after the other, below the 4 GiB line, where the
 * BARs of a PC lie, and far above any arena. */
enum {
    SCRATCH_BARS_START = 0xE0000000u,
    SCRATCH_BARS_STRIDE = 0x10000,
    SCRATCH_BARS_SLOTS = 0x1000,
    SCRATCH_PORTS_START = 0xC000, /* to the end of the 64 Ki ports: then they begin anew */
    SCRATCH_PORTS_SLOTS = 0x100,
};

static uint32_t register_get_locked(const struct scratch *scratch, uint64_t offset)
{
    switch (offset) {
    case SCRATCH_REGISTER_ID:
        return SCRATCH_REGISTER_ID_VALUE;
    case SCRATCH_REGISTER_SCRATCH:
        return scratch->scratch;
    case SCRATCH_REGISTER_INTERRUPT_STATUS:
        return scratch->interrupt_status;
    case SCRATCH_REGISTER_INTERRUPT_MASK:
        return scratch->interrupt_mask;
    case SCRATCH_REGISTER_DMA_ADDRESS_LOW:
        return (uint32_t)scratch->dma_address;
    case SCRATCH_REGISTER_DMA_ADDRESS_HIGH:
        return (uint32_t)(scratch->dma_address >> 32);
    case SCRATCH_REGISTER_DMA_LENGTH:
        return scratch->dma_length;
    case SCRATCH_REGISTER_DMA_STATUS:
        return scratch->dma_status;
    default:
        return 0;
    }
}

static uint32_t dma_run_locked(struct scratch *scratch, uint32_t command)
{
    if (!scratch_is_master_locked(scratch))
        return SCRATCH_DMA_NOT_MASTER;
    if (command != SCRATCH_DMA_FILL && command != SCRATCH_DMA_SUM)
        return SCRATCH_DMA_BAD_COMMAND;
    struct bus_address address = {scratch->dma_address};
    uint8_t *memory = nt_pointer_of(address, scratch->dma_length);
    if (memory == NULL)
        return SCRATCH_DMA_BAD_ADDRESS;
    if (command == SCRATCH_DMA_FILL) {
        memset(memory, (int)(scratch->scratch & 0xFF), scratch->dma_length);
    } else {
        scratch->scratch = 0;
        for (uint32_t i = 0; i < scratch->dma_length; i++)
            scratch->scratch += memory[i];
    }
    return SCRATCH_DMA_DONE;
}

static void register_set_locked(struct scratch *scratch, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case SCRATCH_REGISTER_SCRATCH:
        scratch->scratch = value;
        break;
    case SCRATCH_REGISTER_INTERRUPT_STATUS:
        scratch->interrupt_status &= ~value;
        scratch_reconsider_locked(scratch);
        break;
    case SCRATCH_REGISTER_INTERRUPT_MASK:
        scratch->interrupt_mask = value;
        scratch_reconsider_locked(scratch);
        break;
    case SCRATCH_REGISTER_DOORBELL:
        if (value < SCRATCH_VECTORS_MAX)
            scratch_signal_locked(scratch, value);
        break;
    case SCRATCH_REGISTER_DMA_ADDRESS_LOW:
        scratch->dma_address = (scratch->dma_address & ~(uint64_t)UINT32_MAX) | value;
        break;
    case SCRATCH_REGISTER_DMA_ADDRESS_HIGH:
        scratch->dma_address = (scratch->dma_address & UINT32_MAX) | (uint64_t)value << 32;
        break;
    case SCRATCH_REGISTER_DMA_LENGTH:
        scratch->dma_length = value;
        break;
    case SCRATCH_REGISTER_DMA_COMMAND:
        scratch->dma_status = dma_run_locked(scratch, value);
        break;
    case SCRATCH_REGISTER_REMOVE:
        if (value == SCRATCH_REMOVE_KEY)
            scratch_remove_locked(scratch);
        break;
    default:
        break; /* read-only or nothing there: the write has no effect */
    }
}

/* The word of the MSI-X table at an offset of its BAR, NULL outside the vectors there are. */
static uint32_t *table_word_locked(struct scratch *scratch, uint64_t offset)
{
    uint64_t vector = offset / sizeof(struct scratch_vector);
    if (vector >= scratch->vector_count)
        return NULL;
    uint32_t *words = &scratch->vectors[vector].address_low;
    return &words[offset % sizeof(struct scratch_vector) / sizeof(uint32_t)];
}

static uint32_t word_read_locked(struct scratch *scratch, unsigned bar, uint64_t offset)
{
    if (!scratch_decodes_memory_locked(scratch))
        return UINT32_MAX;
    if (bar == SCRATCH_REGISTER_BAR)
        return register_get_locked(scratch, offset);
    if (offset == SCRATCH_PENDING_BITS_OFFSET)
        return scratch->pending_bits;
    uint32_t *word = table_word_locked(scratch, offset);
    return word != NULL ? *word : 0;
}

static void word_write_locked(struct scratch *scratch, unsigned bar, uint64_t offset,
                              uint32_t value)
{
    if (!scratch_decodes_memory_locked(scratch))
        return;
    if (bar == SCRATCH_REGISTER_BAR) {
        register_set_locked(scratch, offset, value);
        return;
    }
    uint32_t *word = table_word_locked(scratch, offset);
    if (word != NULL) {
        *word = value;
        scratch_reconsider_locked(scratch);
    }
}

/* ---- ports: SCRATCH in any width, and the stream ---- */

/* The bits of a register of 32 bits that an access at an offset of it moves. */
static uint32_t lanes(uint64_t offset, unsigned size)
{
    return (uint32_t)((UINT64_MAX >> (64 - 8 * size)) << (8 * (offset % 4)));
}

static uint32_t port_read_locked(struct scratch *scratch, uint64_t offset, unsigned size)
{
    if (!scratch_decodes_ports_locked(scratch))
        return UINT32_MAX;
    if (offset == SCRATCH_REGISTER_STREAM)
        return scratch->scratch++;
    if (offset / 4 * 4 != SCRATCH_REGISTER_SCRATCH)
        return 0;
    return (scratch->scratch & lanes(offset, size)) >> (8 * (offset % 4));
}

static void port_write_locked(struct scratch *scratch, uint64_t offset, unsigned size,
                              uint32_t value)
{
    if (!scratch_decodes_ports_locked(scratch))
        return;
    if (offset == SCRATCH_REGISTER_STREAM)
        scratch->scratch = scratch->scratch * 31 + value;
    if (offset / 4 * 4 != SCRATCH_REGISTER_SCRATCH)
        return;
    uint32_t mask = lanes(offset, size);
    scratch->scratch = (scratch->scratch & ~mask) | (value << (8 * (offset % 4)) & mask);
}

static void access_check(const struct scratch *scratch, unsigned bar, uint64_t offset,
                         unsigned size)
{
    sh_assert(bar < BUS_BAR_COUNT && scratch->bars[bar].kind != BUS_BAR_NONE);
    sh_assert(size == 1 || size == 2 || size == 4 || size == 8);
    sh_assert(offset % size == 0 && offset < scratch->bars[bar].size);
}

static uint64_t scratch_register_read(struct bus_device *device, unsigned bar,
                                      struct bar_offset offset, unsigned size)
{
    struct scratch *scratch = (struct scratch *)device;
    access_check(scratch, bar, offset.value, size);
    uint64_t aligned = offset.value & ~(uint64_t)3;
    sys_mutex_lock(&scratch->mutex);
    if (bar == SCRATCH_PORT_BAR) {
        uint64_t port = port_read_locked(scratch, offset.value, size);
        sys_mutex_unlock(&scratch->mutex);
        return port & (UINT64_MAX >> (64 - 8 * size));
    }
    uint64_t value = word_read_locked(scratch, bar, aligned);
    if (size == 8)
        value |= (uint64_t)word_read_locked(scratch, bar, aligned + 4) << 32;
    sys_mutex_unlock(&scratch->mutex);
    if (size < 4)
        value = value >> (8 * (offset.value - aligned)) & ((1u << (8 * size)) - 1);
    return value;
}

static void scratch_register_write(struct bus_device *device, unsigned bar,
                                   struct bar_offset offset, unsigned size, uint64_t value)
{
    struct scratch *scratch = (struct scratch *)device;
    access_check(scratch, bar, offset.value, size);
    if (bar == SCRATCH_PORT_BAR) {
        sys_mutex_lock(&scratch->mutex);
        port_write_locked(scratch, offset.value, size, (uint32_t)value);
        sys_mutex_unlock(&scratch->mutex);
        return;
    }
    if (size < 4)
        return; /* the registers are 32 bits wide, and what is narrower does not reach them */
    sys_mutex_lock(&scratch->mutex);
    word_write_locked(scratch, bar, offset.value, (uint32_t)value);
    if (size == 8)
        word_write_locked(scratch, bar, offset.value + 4, (uint32_t)(value >> 32));
    sys_mutex_unlock(&scratch->mutex);
}

static void scratch_register_flush(struct bus_device *device)
{
    (void)device; /* no write is ever under way */
}

static uint32_t device_config_read(struct bus_device *device, unsigned offset, unsigned size)
{
    return scratch_config_read((struct scratch *)device, offset, size);
}

static void device_config_write(struct bus_device *device, unsigned offset, unsigned size,
                                uint32_t value)
{
    scratch_config_write((struct scratch *)device, offset, size, value);
}

static const struct bus_bar *scratch_bars(struct bus_device *device)
{
    return ((struct scratch *)device)->bars;
}

static void scratch_interrupt_counts(struct bus_device *device,
                                     struct bus_interrupt_counts *ret_counts)
{
    *ret_counts = (struct bus_interrupt_counts){
        .line = 1,
        .msix = ((struct scratch *)device)->vector_count,
    };
}

static void scratch_message(struct bus_device *device, unsigned vector,
                            struct bus_message *ret_message)
{
    struct scratch *scratch = (struct scratch *)device;
    sh_assert(vector < scratch->vector_count);
    sys_mutex_lock(&scratch->mutex);
    const struct scratch_vector *entry = &scratch->vectors[vector];
    ret_message->address = (uint64_t)entry->address_high << 32 | entry->address_low;
    ret_message->data = entry->data;
    sys_mutex_unlock(&scratch->mutex);
}

static void scratch_message_mask(struct bus_device *device, unsigned vector, bool masked)
{
    struct scratch *scratch = (struct scratch *)device;
    sh_assert(vector < scratch->vector_count);
    sys_mutex_lock(&scratch->mutex);
    scratch->vectors[vector].control = masked;
    scratch_reconsider_locked(scratch);
    sys_mutex_unlock(&scratch->mutex);
}

static bool scratch_line_level(struct bus_device *device)
{
    struct scratch *scratch = (struct scratch *)device;
    sys_mutex_lock(&scratch->mutex);
    bool level = scratch_line_level_locked(scratch);
    sys_mutex_unlock(&scratch->mutex);
    return level;
}

/* The registers as after power-up. Nothing is signalled: a reset device is silent. */
static void registers_reset_locked(struct scratch *scratch)
{
    scratch->scratch = 0;
    scratch->interrupt_status = 0;
    scratch->interrupt_mask = UINT32_MAX;
    scratch->dma_address = 0;
    scratch->dma_length = 0;
    scratch->dma_status = SCRATCH_DMA_DONE;
    scratch->pending_bits = 0;
    scratch->messages_due = 0;
    scratch->line_due = false;
    scratch->line_was_high = false;
}

static int scratch_reset(struct bus_device *device)
{
    struct scratch *scratch = (struct scratch *)device;
    sys_mutex_lock(&scratch->mutex);
    int error = scratch->gone ? -EIO : 0;
    if (error == 0)
        registers_reset_locked(scratch);
    sys_mutex_unlock(&scratch->mutex);
    return error;
}

static void scratch_unplug(struct bus_device *device)
{
    struct scratch *scratch = (struct scratch *)device;
    sys_mutex_lock(&scratch->mutex);
    scratch_remove_locked(scratch);
    sys_mutex_unlock(&scratch->mutex);
}

static void scratch_close(struct bus_device *device)
{
    struct scratch *scratch = (struct scratch *)device;
    scratch_delivery_stop(scratch);
    free(scratch);
}

static const struct bus_device_ops scratch_ops = {
    .config_read = device_config_read,
    .config_write = device_config_write,
    .bars = scratch_bars,
    .register_read = scratch_register_read,
    .register_write = scratch_register_write,
    .register_flush = scratch_register_flush,
    .interrupt_counts = scratch_interrupt_counts,
    .interrupts_enable = scratch_interrupts_enable,
    .interrupts_disable = scratch_interrupts_disable,
    .message = scratch_message,
    .message_mask = scratch_message_mask,
    .line_level = scratch_line_level,
    .reset = scratch_reset,
    .unplug = scratch_unplug,
    .close = scratch_close,
};

static void bars_assign(struct scratch *scratch)
{
    static uint32_t devices; /* opened so far in this process */
    uint32_t number = __atomic_fetch_add(&devices, 1, __ATOMIC_RELAXED) % SCRATCH_BARS_SLOTS;
    uint64_t address = SCRATCH_BARS_START + (uint64_t)number * SCRATCH_BARS_STRIDE;
    scratch->bars[SCRATCH_REGISTER_BAR] = (struct bus_bar){
        .kind = BUS_BAR_MEMORY,
        .address = address,
        .size = SCRATCH_BAR_SIZE,
    };
    scratch->bars[SCRATCH_PORT_BAR] = (struct bus_bar){
        .kind = BUS_BAR_PORT,
        .address = SCRATCH_PORTS_START + number % SCRATCH_PORTS_SLOTS * SCRATCH_PORTS,
        .size = SCRATCH_PORTS,
    };
    if (scratch->vector_count > 0) {
        scratch->bars[SCRATCH_TABLE_BAR] = scratch->bars[SCRATCH_REGISTER_BAR];
        scratch->bars[SCRATCH_TABLE_BAR].address = address + SCRATCH_BAR_SIZE;
    }
}

static int vectors_parse(const char *digits, size_t length, unsigned *ret_vectors)
{
    unsigned vectors = 0;
    if (length == 0 || length > 2)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return -EINVAL;
        vectors = vectors * 10 + (unsigned)(digits[i] - '0');
    }
    if (vectors > SCRATCH_VECTORS_MAX)
        return -EINVAL;
    *ret_vectors = vectors;
    return 0;
}

/* "", or "vectors=N" and "power=on" with a comma between them. */
static int arguments_parse(const char *arguments, unsigned *ret_vectors, bool *ret_power)
{
    static const char vectors[] = "vectors=", power[] = "power=on";
    *ret_vectors = 1;
    *ret_power = false;
    while (arguments[0] != '\0') {
        size_t length = strcspn(arguments, ",");
        if (length == sizeof(power) - 1 && memcmp(arguments, power, length) == 0)
            *ret_power = true;
        else if (length < sizeof(vectors) - 1 ||
                 memcmp(arguments, vectors, sizeof(vectors) - 1) != 0 ||
                 vectors_parse(arguments + sizeof(vectors) - 1, length - (sizeof(vectors) - 1),
                               ret_vectors) != 0)
            return -EINVAL;
        arguments += length;
        if (arguments[0] == ',' && (++arguments)[0] == '\0')
            return -EINVAL;
    }
    return 0;
}

static int scratch_open(struct bus_device **ret_device, const char *arguments,
                        const struct bus_open_options *options)
{
    unsigned vectors;
    bool power;
    if (arguments_parse(arguments, &vectors, &power) != 0) {
        snprintf(options->reason, options->reason_size,
                 "device 'model:scratch,%s': not understood; use "
                 "model:scratch[,vectors=0..%d][,power=on]",
                 arguments, SCRATCH_VECTORS_MAX);
        return -EINVAL;
    }
    struct scratch *scratch = calloc(1, sizeof(*scratch));
    if (scratch == NULL) {
        snprintf(options->reason, options->reason_size,
                 "device 'model:scratch': not enough memory; free some and start again");
        return -ENOMEM;
    }
    scratch->device = (struct bus_device){.ops = &scratch_ops, .name = "model:scratch"};
    scratch->events = options->events;
    scratch->vector_count = vectors;
    scratch->has_power_states = power;
    bars_assign(scratch);
    scratch_config_initialise(scratch);
    registers_reset_locked(scratch);
    int error = scratch_delivery_start(scratch);
    if (error != 0) {
        snprintf(options->reason, options->reason_size,
                 "device 'model:scratch': its thread cannot be started (%s); allow more threads",
                 strerror(-error));
        free(scratch);
        return error;
    }
    *ret_device = &scratch->device;
    return 0;
}

const struct model model_scratch = {
    .name = "scratch",
    .open = scratch_open,
};
