/*
 * qemu_device.h - one device of QEMU and all that belongs to it.
 *
 * Each device has a QEMU of its own: its death is the removal of one device and of nothing else.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_DEVICE_H
#define STORHOST_BUS_QEMU_QEMU_DEVICE_H

#include "bus/bus.h"
#include "bus/qemu/qemu_command_line.h"
#include "bus/qemu/qemu_doorbell.h"
#include "bus/qemu/qemu_interrupts.h"
#include "bus/qemu/qemu_pci.h"
#include "bus/qemu/qemu_process.h"
#include "bus/qemu/qemu_qmp.h"
#include "bus/qemu/qemu_qtest.h"
#include "bus/qemu/qemu_worker.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How long QEMU may leave anything unanswered (a register access, a command, its start) before it
 * is killed and its device counts as removed. Tests make it short; read when a device is opened. */
extern uint64_t qemu_timeout_ns;
/* How long QEMU may take to write back its caches and end, when the device is closed. */
extern uint64_t qemu_end_timeout_ns;

struct qemu_device {
    struct bus_device bus;
    struct bus_events events;
    uint64_t timeout_ns;
    char name[64];
    char *id; /* of the device in QEMU */

    struct qemu_worker control; /* starts QEMU, and notices its end */
    struct qemu_process process;
    struct qtest *qtest;
    struct qmp *qmp;
    struct doorbell doorbell;
    struct qemu_pci doorbell_pci;
    struct qemu_pci pci;
    struct qemu_interrupts interrupts;
    bool interrupts_open;

    int lost_fd; /* event descriptor: qtest was lost */
    /* Touched on the control worker's thread only. */
    struct sys_watch *lost_watch;
    struct sys_watch *qmp_watch;
    int watch_error;
};

/* Starts QEMU for the device: channels, command line, handshake. On failure everything is undone
 * and `reason` tells why. */
int qemu_device_launch(struct qemu_device *device, const struct bus_open_options *options);
/* Ends QEMU and gives up the channels; what was never started is left out. */
void qemu_device_land(struct qemu_device *device);

#ifdef __cplusplus
}
#endif

#endif
