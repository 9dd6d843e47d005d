/*
 * absent.c - the absent device: a PCI function of any identity whose registers answer nothing.
 *
 * For a driver whose device nobody emulates: it is found, started, and comes as far as it can on a
 * device that does not react. It never interrupts and never does DMA.
 */
#include "bus/model/absent.h"

#include "bus/model/model.h"
#include "bus/model/model_config.h"
#include "bus/pci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* BARs of all of them in the process lie one after the other, apart from those of other models. */
enum { PORTS_START = 0x8000, PORTS_END = 0xC000 };
#define MEMORY_START 0x80000000ull
#define MEMORY_END   0xC0000000ull
#define HIGH_START   0x8000000000ull

static struct absent *absent_of(struct bus_device *device)
{
    return (struct absent *)device;
}

static uint64_t all_ones(unsigned size)
{
    return UINT64_MAX >> (64 - 8 * size);
}

/* ---- config space ---- */

static uint32_t absent_config_read(struct bus_device *device, unsigned offset, unsigned size)
{
    struct absent *absent = absent_of(device);

    sh_assert((size == 1 || size == 2 || size == 4) && offset % size == 0);
    sh_assert(offset < BUS_CONFIG_SIZE_EXTENDED);
    sys_mutex_lock(&absent->mutex);
    uint32_t value = absent->gone || offset >= absent->config_size
                         ? (uint32_t)all_ones(size)
                         : model_config_get(absent->config, offset, size);
    sys_mutex_unlock(&absent->mutex);
    return value;
}

static void absent_config_write(struct bus_device *device, unsigned offset, unsigned size,
                                uint32_t value)
{
    struct absent *absent = absent_of(device);

    sh_assert((size == 1 || size == 2 || size == 4) && offset % size == 0);
    sh_assert(offset < BUS_CONFIG_SIZE_EXTENDED);
    sys_mutex_lock(&absent->mutex);
    if (!absent->gone)
        model_config_write(absent->config, absent->config_writable, offset, size, value);
    sys_mutex_unlock(&absent->mutex);
}

/* ---- registers ---- */

static const struct bus_bar *absent_bars(struct bus_device *device)
{
    return absent_of(device)->bars;
}

static bool decodes(struct absent *absent, unsigned bar)
{
    uint32_t needed =
        absent->bars[bar].kind == BUS_BAR_PORT ? BUS_PCI_COMMAND_IO : BUS_PCI_COMMAND_MEMORY;

    sys_mutex_lock(&absent->mutex);
    bool does = !absent->gone && model_config_get(absent->config, BUS_PCI_COMMAND, 2) & needed;
    sys_mutex_unlock(&absent->mutex);
    return does;
}

static void access_check(const struct absent *absent, unsigned bar, uint64_t offset, unsigned size)
{
    sh_assert(bar < BUS_BAR_COUNT && absent->bars[bar].kind != BUS_BAR_NONE);
    sh_assert(size == 1 || size == 2 || size == 4 || size == 8);
    sh_assert(offset % size == 0 && offset < absent->bars[bar].size);
}

static uint64_t absent_register_read(struct bus_device *device, unsigned bar,
                                     struct bar_offset offset, unsigned size)
{
    struct absent *absent = absent_of(device);

    access_check(absent, bar, offset.value, size);
    uint64_t value = absent->options.reads_zeros && decodes(absent, bar) ? 0 : all_ones(size);
    absent_trace(absent, &(struct absent_access){.bar = (uint8_t)bar,
                                                 .offset = offset.value,
                                                 .size = (uint8_t)size,
                                                 .value = value});
    return value;
}

static void absent_register_write(struct bus_device *device, unsigned bar, struct bar_offset offset,
                                  unsigned size, uint64_t value)
{
    struct absent *absent = absent_of(device);

    access_check(absent, bar, offset.value, size);
    absent_trace(absent, &(struct absent_access){.bar = (uint8_t)bar,
                                                 .offset = offset.value,
                                                 .size = (uint8_t)size,
                                                 .value = value & all_ones(size),
                                                 .is_write = true});
}

static void absent_register_flush(struct bus_device *device)
{
    (void)device; /* no write is ever under way */
}

/* ---- interrupts, which never come ---- */

static void absent_interrupt_counts(struct bus_device *device,
                                    struct bus_interrupt_counts *ret_counts)
{
    const struct absent_options *options = &absent_of(device)->options;

    *ret_counts = (struct bus_interrupt_counts){options->line, options->msi, options->msix};
}

static int absent_interrupts_enable(struct bus_device *device, enum bus_interrupt_kind kind,
                                    unsigned count)
{
    struct absent *absent = absent_of(device);
    struct bus_interrupt_counts counts;

    absent_interrupt_counts(device, &counts);
    unsigned available = kind == BUS_INTERRUPT_LINE  ? counts.line
                         : kind == BUS_INTERRUPT_MSI ? counts.msi
                                                     : counts.msix;
    if (count == 0 || count > available)
        return -EINVAL;
    sys_mutex_lock(&absent->mutex);
    int error = absent->gone ? -EIO : 0;
    if (!error)
        absent_config_enable_locked(absent, kind, count);
    sys_mutex_unlock(&absent->mutex);
    return error;
}

static void absent_interrupts_disable(struct bus_device *device)
{
    struct absent *absent = absent_of(device);

    sys_mutex_lock(&absent->mutex);
    absent_config_silence_locked(absent);
    sys_mutex_unlock(&absent->mutex);
}

static void absent_message(struct bus_device *device, unsigned vector,
                           struct bus_message *ret_message)
{
    (void)device;
    /* Where x86 processors receive messages. */
    *ret_message = (struct bus_message){.address = 0xFEE00000u, .data = 0x40 + vector};
}

static void absent_message_mask(struct bus_device *device, unsigned vector, bool masked)
{
    (void)device;
    (void)vector;
    (void)masked;
}

static bool absent_line_level(struct bus_device *device)
{
    (void)device;
    return false;
}

/* ---- its life ---- */

static void absent_unplug(struct bus_device *device)
{
    struct absent *absent = absent_of(device);

    sys_mutex_lock(&absent->mutex);
    bool was_gone = absent->gone;
    absent->gone = true;
    sys_mutex_unlock(&absent->mutex);
    if (!was_gone)
        absent->events.removed(absent->events.context, "the absent device was pulled");
}

static void absent_close(struct bus_device *device)
{
    free(device);
}

static const struct bus_device_ops absent_ops = {
    .config_read = absent_config_read,
    .config_write = absent_config_write,
    .bars = absent_bars,
    .register_read = absent_register_read,
    .register_write = absent_register_write,
    .register_flush = absent_register_flush,
    .interrupt_counts = absent_interrupt_counts,
    .interrupts_enable = absent_interrupts_enable,
    .interrupts_disable = absent_interrupts_disable,
    .message = absent_message,
    .message_mask = absent_message_mask,
    .line_level = absent_line_level,
    .unplug = absent_unplug,
    .close = absent_close,
};

/* The next place that is aligned to the size; from the start again when the space is used up. */
static uint64_t place(uint64_t *next, uint64_t start, uint64_t end, uint64_t size)
{
    uint64_t address = (*next + size - 1) & ~(size - 1);

    if (address < start || address + size > end)
        address = start;
    *next = address + size;
    return address;
}

static void bars_assign(struct absent *absent)
{
    static struct sys_mutex lock;
    static uint64_t ports = PORTS_START, memory = MEMORY_START, high = HIGH_START;

    sys_mutex_lock(&lock);
    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        const struct absent_bar *wanted = &absent->options.bars[i];
        uint64_t room = wanted->size;
        if (wanted->kind == BUS_BAR_MEMORY && room < NT_PAGE_SIZE)
            room = NT_PAGE_SIZE;
        absent->bars[i] = (struct bus_bar){
            .kind = wanted->kind,
            .size = wanted->size,
            .is_64bit = wanted->is_64bit,
            .prefetchable = wanted->prefetchable,
        };
        if (wanted->kind == BUS_BAR_PORT)
            absent->bars[i].address = place(&ports, PORTS_START, PORTS_END, room);
        else if (wanted->kind == BUS_BAR_MEMORY && wanted->is_64bit)
            absent->bars[i].address = place(&high, HIGH_START, 2 * HIGH_START, room);
        else if (wanted->kind == BUS_BAR_MEMORY)
            absent->bars[i].address = place(&memory, MEMORY_START, MEMORY_END, room);
    }
    sys_mutex_unlock(&lock);
}

static int absent_open(struct bus_device **ret_device, const char *arguments,
                       const struct bus_open_options *options)
{
    struct absent *absent = calloc(1, sizeof(*absent));

    if (absent == NULL) {
        snprintf(options->reason, options->reason_size,
                 "device 'model:absent': not enough memory; free some and start again");
        return -ENOMEM;
    }
    int error =
        absent_options_parse(&absent->options, arguments, options->reason, options->reason_size);
    if (error) {
        free(absent);
        return error;
    }
    absent->device = (struct bus_device){.ops = &absent_ops, .name = "model:absent"};
    absent->events = options->events;
    bars_assign(absent);
    absent_config_initialise(absent);
    *ret_device = &absent->device;
    return 0;
}

const struct model model_absent = {
    .name = "absent",
    .open = absent_open,
};
