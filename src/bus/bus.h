/*
 * bus.h - the device interface (decision 7): what a PCI function is to the port.
 *
 * A backend lives in src/bus/NAME/ and registers one `struct bus_backend` by BUS_BACKEND; that is
 * all: option parsing, wrappers and the contract tests find it there. Layers (src/bus/layer/NAME)
 * implement the same `struct bus_device_ops` over another device.
 *
 * Addresses are of three kinds that do not mix: driver pointers, struct bus_address (what the
 * device puts on the bus; nt/memory.h), and struct bar_offset.
 */
#ifndef STORHOST_BUS_BUS_H
#define STORHOST_BUS_BUS_H

#include "nt/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BUS_BAR_COUNT = 6, BUS_CONFIG_SIZE = 256, BUS_CONFIG_SIZE_EXTENDED = 4096 };

struct bar_offset {
    uint64_t value;
};

enum bus_bar_kind {
    BUS_BAR_NONE,
    BUS_BAR_MEMORY, /* 32- or 64-bit memory */
    BUS_BAR_PORT,   /* I/O ports */
};

struct bus_bar {
    enum bus_bar_kind kind;
    uint64_t address; /* as assigned: what config space shows */
    uint64_t size;
    bool is_64bit;
    bool prefetchable;
    void *mapping; /* directly mapped registers, or NULL: trapped, by read/write below */
};

enum bus_interrupt_kind {
    BUS_INTERRUPT_LINE,
    BUS_INTERRUPT_MSI,
    BUS_INTERRUPT_MSIX,
};

/* What a device can signal. Counts are those of its capabilities, bounded by the backend. */
struct bus_interrupt_counts {
    unsigned line; /* 0 or 1 */
    unsigned msi;
    unsigned msix;
};

/* A message as the interrupt information routine shows it to drivers. */
struct bus_message {
    uint64_t address;
    uint32_t data;
};

struct bus_device;

/* What the device tells the port. All are called from the backend's threads at PASSIVE_LEVEL with
 * no lock of the backend held; they may take processors and run driver code, and must not call
 * `close`. Given at open, constant until close. */
struct bus_events {
    /* A message or, with vector 0, the line (rising; see line_level) is asserted. Never called for
     * a kind that is not enabled. */
    void (*interrupt)(void *context, enum bus_interrupt_kind kind, unsigned vector);
    /* The device is gone (surprise removal, its process died). Once. `reason` is one line, valid
     * during the call. Afterwards every read answers all-ones and writes vanish. */
    void (*removed)(void *context, const char *reason);
    void *context;
    /* One line for the user, valid during the call. From whatever thread uses the device, at any
     * IRQL; must not call the device. NULL: nobody listens. */
    void (*note)(void *context, const char *line);
};

struct bus_device_ops {
    /* Config space. `size` 1, 2 or 4 at a multiple of it, below the config size; others are our
     * bug. A device that is gone reads all-ones. May block for a round trip; <= DIRQL (a lock-free
     * preemption point is the caller's business). */
    uint32_t (*config_read)(struct bus_device *device, unsigned offset, unsigned size);
    void (*config_write)(struct bus_device *device, unsigned offset, unsigned size, uint32_t value);

    /* The six BARs as assigned when the device was opened; lasts until close. Never blocks. */
    const struct bus_bar *(*bars)(struct bus_device *device);

    /* Registers of a trapped BAR. `size` 1, 2, 4 or 8 bytes, naturally aligned, inside the BAR
     * (the caller has checked). Any IRQL. A read waits for the answer, and when it returns every
     * earlier write of any thread has reached the device; a write is posted and does not wait,
     * except when too many are under way. Reads of a device that is gone or does not decode give
     * all-ones. Any thread, in parallel. */
    uint64_t (*register_read)(struct bus_device *device, unsigned bar, struct bar_offset offset,
                              unsigned size);
    void (*register_write)(struct bus_device *device, unsigned bar, struct bar_offset offset,
                           unsigned size, uint64_t value);
    /* Posts nothing new; returns when all earlier writes have reached the device. Any IRQL. */
    void (*register_flush)(struct bus_device *device);

    /* PASSIVE_LEVEL. What the device has. */
    void (*interrupt_counts)(struct bus_device *device, struct bus_interrupt_counts *ret_counts);
    /* PASSIVE_LEVEL. Enables one kind with `count` vectors (1 for the line) and programs the
     * device's capability (address, data, enable bit); the other kinds are disabled. From its
     * return on `interrupt` may be called. -EINVAL (more than it has), -EIO (device gone). */
    int (*interrupts_enable)(struct bus_device *device, enum bus_interrupt_kind kind,
                             unsigned count);
    /* PASSIVE_LEVEL. On return no `interrupt` call is running and none will come. */
    void (*interrupts_disable)(struct bus_device *device);
    /* Address and data of an enabled message. */
    void (*message)(struct bus_device *device, unsigned vector, struct bus_message *ret_message);
    /* Masks or unmasks one enabled message of MSI-X; what it signals meanwhile is kept by the
     * device and comes when it is unmasked. Any IRQL; posted, as register_write. */
    void (*message_mask)(struct bus_device *device, unsigned vector, bool masked);
    /* The line's level now, after all earlier register writes took effect. May block for a round
     * trip. Any IRQL below DIRQL. */
    bool (*line_level)(struct bus_device *device);

    /* PASSIVE_LEVEL. Function-level reset; BARs, command register and interrupts are restored as
     * the port had them. 0, -ENOTSUP, -EIO. May be NULL: not supported. */
    int (*reset)(struct bus_device *device);

    /* PASSIVE_LEVEL. Takes the device away as if somebody had pulled it: `removed` is called if it
     * was not before, now or soon. */
    void (*unplug)(struct bus_device *device);

    /* PASSIVE_LEVEL; the last call. Stops DMA and interrupts, ends processes, frees the device. */
    void (*close)(struct bus_device *device);
};

/* Backends embed this as their first member. */
struct bus_device {
    const struct bus_device_ops *ops;
    const char *name; /* for messages: "qemu:nvme" */
    /* What a driver wrote before a register write is there when the device interrupts: on hardware
     * the order goes through the device. Here a write to a register releases this word, and an
     * interrupt and a register read acquire it. */
    uint32_t order;
    /* Above 0 while the interrupt routine of its line runs: then writes to registers do not return
     * before they have arrived (window_access.c); atomic. */
    uint32_t line_served;
};

struct bus_open_options {
    const char *arguments;     /* what follows "NAME:" in --device, never NULL */
    const char *const *drives; /* --drive options that belong to this device, in order */
    size_t drive_count;
    struct bus_events events;
    /* A one-line reason for the user when open fails: what, where, what to do. */
    char *reason;
    size_t reason_size;
};

struct bus_backend {
    const char *name; /* "qemu" */
    const char *help; /* one line for --help: "qemu:<-device argument>   any PCI device of QEMU" */
    /* PASSIVE_LEVEL. Starts the device, assigns BARs, enables memory, I/O and bus mastering, and
     * gives it the machine's arena (nt_arena_describe) for DMA. Takes nothing of the options
     * beyond the call except events. 0 or a negative errno with `reason` filled. */
    int (*open)(struct bus_device **ret_device, const struct bus_open_options *options);
};

#define BUS_BACKEND(variable)                                                                      \
    static const struct bus_backend *const bus_backend_entry_##variable                            \
        __attribute__((section("bus_backends"), used)) = &variable

/* Opens SPEC ("qemu:nvme,serial=a", "model:scratch"); "none" is not a device and is refused here.
 * -EINVAL for an unknown backend name, with the known ones in `reason`. */
int bus_open(struct bus_device **ret_device, const char *spec,
             const struct bus_open_options *options);
/* In the order of their names; NULL past the end. */
const struct bus_backend *bus_backend_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
