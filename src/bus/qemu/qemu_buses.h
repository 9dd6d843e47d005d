/*
 * qemu_buses.h - the buses of a controller on which disks can be put.
 *
 * No controller is known by name: QEMU is asked which buses a device has made. What is known is,
 * for each kind of bus, which devices of QEMU are a disk and a CD-ROM drive on it.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_BUSES_H
#define STORHOST_BUS_QEMU_QEMU_BUSES_H

#include "bus/qemu/qemu_qmp.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { QEMU_BUSES_MAX = 32, QEMU_BUS_NAME_SIZE = 64 };

struct qemu_bus {
    char name[QEMU_BUS_NAME_SIZE];
    const char *disk, *cdrom; /* the devices of QEMU that go there */
};

struct qemu_buses {
    struct qemu_bus bus[QEMU_BUSES_MAX];
    size_t count;
};

/* Looks for the buses of a device in the order of their names; there may be none. On the thread
 * that uses `qmp`. 0, or as qmp_execute. */
int qemu_buses_find(struct qmp *qmp, const char *device_id, struct qemu_buses *ret_buses);

#ifdef __cplusplus
}
#endif

#endif
