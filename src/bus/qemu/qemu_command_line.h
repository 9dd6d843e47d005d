/*
 * qemu_command_line.h - from a device SPEC and --drive options to QEMU's command line.
 *
 * Nothing here knows a device by name: what the user writes goes to QEMU as it is, and what has to
 * be added (an id, a slot, the drive) is added as a property.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_COMMAND_LINE_H
#define STORHOST_BUS_QEMU_QEMU_COMMAND_LINE_H

#include "bus/qemu/qemu_buses.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The descriptors that QEMU inherits, under these numbers. */
enum qemu_child_fd {
    QEMU_CHILD_FD_RAM = 40,
    QEMU_CHILD_FD_ROM,
    QEMU_CHILD_FD_QTEST,
    QEMU_CHILD_FD_QMP,
    QEMU_CHILD_FD_DOORBELL,
};

/* Slots of bus 0: the doorbell has its own, the user's device gets one unless it names one. */
enum { QEMU_DOORBELL_SLOT = 0x1d, QEMU_DEVICE_SLOT = 4, QEMU_DOORBELL_VECTORS_MAX = 256 };

struct qemu_command_line {
    char **argv; /* ends with NULL */
    size_t argc;
    size_t capacity;
    char *device_id;  /* its id, the user's or ours */
    bool drive_added; /* the first device was given drive=NODE */
    bool drives_idle; /* there are drives, and no device was given one */
};

struct qemu_command_line_options {
    const char *arguments;     /* the SPEC after "qemu:" */
    const char *const *drives; /* --drive options */
    size_t drive_count;
    size_t ram_size;
    size_t ram_low_size; /* of it below 4 GiB */
    bool sandbox;
    /* If nobody asks for a drive: give the first one to the first device, */
    bool add_drive;
    /* or each one to a disk or CD-ROM drive of its own on these buses, in turn. NULL: not. */
    const struct qemu_buses *buses;
};

/* Fills *ret_command_line; freed by qemu_command_line_free. 0, -ENOMEM, or -EINVAL with a one-line
 * reason. */
int qemu_command_line_build(struct qemu_command_line *ret_command_line,
                            const struct qemu_command_line_options *options, char *reason,
                            size_t reason_size);
void qemu_command_line_free(struct qemu_command_line *command_line);

#ifdef __cplusplus
}
#endif

#endif
