/*
 * gone.c - see gone.h.
 */
#include "bus/gone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct gone {
    struct bus_device bus;
    struct bus_bar bars[BUS_BAR_COUNT];
    char name[64];
};

static uint64_t all_ones(unsigned size)
{
    return UINT64_MAX >> (64 - 8 * size);
}

static uint32_t gone_config_read(struct bus_device *device, unsigned offset, unsigned size)
{
    (void)device;
    (void)offset;
    return (uint32_t)all_ones(size);
}

static void gone_config_write(struct bus_device *device, unsigned offset, unsigned size,
                              uint32_t value)
{
    (void)device;
    (void)offset;
    (void)size;
    (void)value;
}

static const struct bus_bar *gone_bars(struct bus_device *device)
{
    return ((struct gone *)device)->bars;
}

static uint64_t gone_register_read(struct bus_device *device, unsigned bar,
                                   struct bar_offset offset, unsigned size)
{
    (void)device;
    (void)bar;
    (void)offset;
    return all_ones(size);
}

static void gone_register_write(struct bus_device *device, unsigned bar, struct bar_offset offset,
                                unsigned size, uint64_t value)
{
    (void)device;
    (void)bar;
    (void)offset;
    (void)size;
    (void)value;
}

static void gone_nothing(struct bus_device *device)
{
    (void)device;
}

static void gone_interrupt_counts(struct bus_device *device,
                                  struct bus_interrupt_counts *ret_counts)
{
    (void)device;
    *ret_counts = (struct bus_interrupt_counts){0};
}

static int gone_interrupts_enable(struct bus_device *device, enum bus_interrupt_kind kind,
                                  unsigned count)
{
    (void)device;
    (void)kind;
    (void)count;
    return -EIO;
}

static void gone_message(struct bus_device *device, unsigned vector,
                         struct bus_message *ret_message)
{
    (void)device;
    (void)vector;
    *ret_message = (struct bus_message){0};
}

static void gone_message_mask(struct bus_device *device, unsigned vector, bool masked)
{
    (void)device;
    (void)vector;
    (void)masked;
}

static bool gone_line_level(struct bus_device *device)
{
    (void)device;
    return false;
}

static void gone_close(struct bus_device *device)
{
    free(device);
}

static const struct bus_device_ops gone_ops = {
    .config_read = gone_config_read,
    .config_write = gone_config_write,
    .bars = gone_bars,
    .register_read = gone_register_read,
    .register_write = gone_register_write,
    .register_flush = gone_nothing,
    .interrupt_counts = gone_interrupt_counts,
    .interrupts_enable = gone_interrupts_enable,
    .interrupts_disable = gone_nothing,
    .message = gone_message,
    .message_mask = gone_message_mask,
    .line_level = gone_line_level,
    .unplug = gone_nothing,
    .close = gone_close,
};

struct bus_device *bus_gone_create(struct bus_device *device)
{
    struct gone *gone = calloc(1, sizeof(*gone));

    if (!gone)
        return NULL;
    strncpy(gone->name, device->name, sizeof(gone->name) - 1);
    memcpy(gone->bars, device->ops->bars(device), sizeof(gone->bars));
    gone->bus.ops = &gone_ops;
    gone->bus.name = gone->name;
    return &gone->bus;
}
