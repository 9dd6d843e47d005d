/*
 * qemu_backend.c - any PCI device that QEMU offers, as a device of the bus.
 *
 * QEMU runs without a guest; this process plays its processor. Registers go over qtest, DMA
 * through the arena, which is the machine's RAM, interrupts over the doorbell or qtest.
 */
#include "bus/qemu/qemu_device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    EXPRESS_DEVICE_CAPABILITIES = 0x04,
    EXPRESS_CAPABILITY_RESET = 1 << 28,
    EXPRESS_DEVICE_CONTROL = 0x08,
    EXPRESS_CONTROL_RESET = 1 << 15,
};

static struct qemu_device *qemu_device_of(struct bus_device *bus)
{
    return (struct qemu_device *)bus;
}

/* ---- registers ---- */

static uint32_t config_read(struct bus_device *bus, unsigned offset, unsigned size)
{
    return qemu_pci_config_read(&qemu_device_of(bus)->pci, offset, size);
}

static void config_write(struct bus_device *bus, unsigned offset, unsigned size, uint32_t value)
{
    qemu_pci_config_write(&qemu_device_of(bus)->pci, offset, size, value);
}

static const struct bus_bar *bars(struct bus_device *bus)
{
    return qemu_device_of(bus)->pci.bars;
}

static uint64_t register_read(struct bus_device *bus, unsigned bar, struct bar_offset offset,
                              unsigned size)
{
    return qemu_pci_register_read(&qemu_device_of(bus)->pci, bar, offset.value, size);
}

static void register_write(struct bus_device *bus, unsigned bar, struct bar_offset offset,
                           unsigned size, uint64_t value)
{
    qemu_pci_register_write(&qemu_device_of(bus)->pci, bar, offset.value, size, value);
}

static void register_flush(struct bus_device *bus)
{
    (void)qtest_flush(qemu_device_of(bus)->qtest);
}

/* ---- interrupts ---- */

static void interrupt_counts(struct bus_device *bus, struct bus_interrupt_counts *ret_counts)
{
    *ret_counts = qemu_device_of(bus)->interrupts.counts;
}

static int interrupts_enable(struct bus_device *bus, enum bus_interrupt_kind kind, unsigned count)
{
    return qemu_interrupts_enable(&qemu_device_of(bus)->interrupts, kind, count);
}

static void interrupts_disable(struct bus_device *bus)
{
    qemu_interrupts_disable(&qemu_device_of(bus)->interrupts);
}

static void message(struct bus_device *bus, unsigned vector, struct bus_message *ret_message)
{
    qemu_interrupts_message(&qemu_device_of(bus)->interrupts, vector, ret_message);
}

static void message_mask(struct bus_device *bus, unsigned vector, bool masked)
{
    qemu_interrupts_message_mask(&qemu_device_of(bus)->interrupts, vector, masked);
}

static bool line_level(struct bus_device *bus)
{
    return qemu_interrupts_line_level(&qemu_device_of(bus)->interrupts);
}

/* ---- reset ---- */

static int reset(struct bus_device *bus)
{
    struct qemu_device *device = qemu_device_of(bus);
    struct qemu_pci *pci = &device->pci;
    if (qtest_is_lost(device->qtest))
        return -EIO;
    if (pci->express == 0 ||
        (qemu_pci_config_read(pci, pci->express + EXPRESS_DEVICE_CAPABILITIES, 4) &
         EXPRESS_CAPABILITY_RESET) == 0)
        return -ENOTSUP;
    uint16_t command = (uint16_t)qemu_pci_config_read(pci, BUS_PCI_COMMAND, 2);
    qemu_pci_config_update(pci, pci->express + EXPRESS_DEVICE_CONTROL, 2, 0, EXPRESS_CONTROL_RESET);
    qemu_pci_restore(pci, command);
    qemu_interrupts_restore(&device->interrupts);
    return qtest_flush(device->qtest);
}

/* ---- the end of QEMU, wanted or not ---- */

static void control_unwatch(void *argument)
{
    struct qemu_device *device = argument;
    if (device->lost_watch != NULL)
        sys_watch_remove(device->lost_watch);
    if (device->qmp_watch != NULL)
        sys_watch_remove(device->qmp_watch);
    device->lost_watch = NULL;
    device->qmp_watch = NULL;
}

/* On the control worker, once: the connection is lost, for whatever reason. A QEMU that is ending
 * may do so, because its status tells why; one that does not answer is killed, so that it can do no
 * more DMA. */
static void lost_ready(void *context)
{
    struct qemu_device *device = context;
    uint64_t count;
    (void)!read(device->lost_fd, &count, sizeof(count));
    if (!qtest_is_lost(device->qtest))
        return; /* it was an earlier attempt to start that was lost */
    control_unwatch(device);
    char why[256], status[64], words[512], reason[1024];
    int error = qtest_lost_reason(device->qtest, why, sizeof(why));
    uint64_t grace_ns = error == -EPIPE ? qemu_end_timeout_ns : 0;
    qemu_process_end(&device->process, sys_now_ns() + grace_ns);
    qemu_process_status(&device->process, status, sizeof(status));
    qemu_process_message(&device->process, words, sizeof(words));
    snprintf(reason, sizeof(reason), "device '%s' is gone: %s (QEMU %s%s%s)", device->name, why,
             status, words[0] != '\0' ? "; it said: " : "", words);
    device->events.removed(device->events.context, reason);
}

static void qmp_ready(void *context)
{
    struct qemu_device *device = context;
    int error = qmp_receive(device->qmp);
    if (error == 0)
        return;
    sys_watch_remove(device->qmp_watch);
    device->qmp_watch = NULL;
    qtest_lose(device->qtest, error,
               error == -EPIPE ? "QEMU has ended"
                               : "QEMU sent what is not of its control protocol");
}

static void control_watch(void *argument)
{
    struct qemu_device *device = argument;
    struct sys_poller *poller = device->control.poller;
    device->watch_error =
        sys_watch_add(&device->lost_watch, poller, device->lost_fd, lost_ready, device);
    if (device->watch_error != 0) {
        device->lost_watch = NULL;
        return;
    }
    device->watch_error =
        sys_watch_add(&device->qmp_watch, poller, qmp_fd(device->qmp), qmp_ready, device);
    if (device->watch_error != 0) {
        device->qmp_watch = NULL;
        control_unwatch(device);
    }
}

static void device_unplug(struct bus_device *bus)
{
    qtest_lose(qemu_device_of(bus)->qtest, -ENODEV, "it was taken away");
}

static void device_close(struct bus_device *bus)
{
    struct qemu_device *device = qemu_device_of(bus);
    if (device->interrupts_open) {
        qemu_interrupts_disable(&device->interrupts);
        qemu_interrupts_close(&device->interrupts);
    }
    qemu_worker_call(&device->control, control_unwatch, device);
    qemu_device_land(device);
    qemu_worker_destroy(&device->control);
    close(device->lost_fd);
    free(device->id);
    free(device);
}

/* ---- open ---- */

static const struct bus_device_ops device_ops = {
    .config_read = config_read,
    .config_write = config_write,
    .bars = bars,
    .register_read = register_read,
    .register_write = register_write,
    .register_flush = register_flush,
    .interrupt_counts = interrupt_counts,
    .interrupts_enable = interrupts_enable,
    .interrupts_disable = interrupts_disable,
    .message = message,
    .message_mask = message_mask,
    .line_level = line_level,
    .reset = reset,
    .unplug = device_unplug,
    .close = device_close,
};

struct place {
    unsigned slot, function;
};

/* Finds where on bus 0 QEMU put our device. */
static int device_find(struct qemu_device *device, struct place *ret_place)
{
    json_t *busses, *function;
    int error = qmp_execute(device->qmp, "query-pci", NULL, &busses);
    if (error != 0)
        return error;
    error = -ENODEV;
    size_t index;
    json_array_foreach(json_object_get(json_array_get(busses, 0), "devices"), index, function)
    {
        const char *id = json_string_value(json_object_get(function, "qdev_id"));
        json_int_t slot = json_integer_value(json_object_get(function, "slot"));
        json_int_t number = json_integer_value(json_object_get(function, "function"));
        if (id == NULL || strcmp(id, device->id) != 0)
            continue;
        if (slot < 0 || slot > 31 || number < 0 || number > 7) {
            error = -EPROTO;
            break;
        }
        *ret_place = (struct place){(unsigned)slot, (unsigned)number};
        error = 0;
    }
    json_decref(busses);
    return error;
}

/* Does what firmware would do: finds the device, places BARs, opens the doorbell. */
static int device_bring_up(struct qemu_device *device)
{
    struct qemu_pci_space space;
    struct place place = {0};
    int error = device_find(device, &place);
    if (error == 0)
        error = qemu_pci_start(device->qtest, &space);
    if (error == 0)
        error = qemu_pci_open(&device->pci, device->qtest, &space, place.slot, place.function);
    if (error == 0)
        error = qemu_pci_open(&device->doorbell_pci, device->qtest, &space, QEMU_DOORBELL_SLOT, 0);
    if (error == 0 && device->doorbell_pci.bars[0].size < DOORBELL_BAR_SIZE)
        error = -EPROTO;
    if (error != 0)
        return error;
    device->doorbell.address = device->doorbell_pci.bars[0].address + DOORBELL_REGISTER;
    error = qemu_interrupts_open(&device->interrupts, &device->pci, device->qtest,
                                 &device->doorbell, &device->events);
    device->interrupts_open = error == 0;
    if (error == 0) {
        qemu_worker_call(&device->control, control_watch, device);
        error = device->watch_error;
    }
    return error;
}

static const char *bring_up_words(int error)
{
    switch (error) {
    case -ENODEV:
        return "QEMU has no such PCI function on bus 0; name a PCI device first in the SPEC, and "
               "leave out bus=";
    case -ENOSPC:
        return "its registers do not fit below 4 GiB; use a device with smaller BARs";
    case -EPROTO:
        return "its PCI configuration contradicts itself; report this with the command line";
    case -EIO:
    case -EPIPE:
        return "QEMU ended while the device was set up; try again";
    default:
        return strerror(-error);
    }
}

static int device_new(struct qemu_device **ret_device, const struct bus_open_options *options)
{
    struct qemu_device *device = calloc(1, sizeof(*device));
    if (device == NULL)
        return -ENOMEM;
    device->bus = (struct bus_device){.ops = &device_ops, .name = device->name};
    device->events = options->events;
    device->timeout_ns = qemu_timeout_ns;
    device->process.error_fd = -1;
    device->interrupts.line_fd = -1;
    device->doorbell.socket_fd = -1;
    snprintf(device->name, sizeof(device->name), "qemu:%.*s",
             (int)strcspn(options->arguments, ",;"), options->arguments);
    device->lost_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = device->lost_fd < 0 ? -errno : 0;
    if (error == 0)
        error = qemu_worker_create(&device->control, "qemu-control");
    if (error != 0) {
        if (device->lost_fd >= 0)
            close(device->lost_fd);
        free(device);
        return error;
    }
    *ret_device = device;
    return 0;
}

static int device_open(struct bus_device **ret_device, const struct bus_open_options *options)
{
    if (sys_is_simulated()) {
        snprintf(
            options->reason, options->reason_size,
            "device 'qemu:%s': QEMU cannot run in the simulator; use model:", options->arguments);
        return -ENOTSUP;
    }
    struct qemu_device *device;
    int error = device_new(&device, options);
    if (error != 0) {
        snprintf(options->reason, options->reason_size, "device 'qemu:%s': %s", options->arguments,
                 strerror(-error));
        return error;
    }
    error = qemu_device_launch(device, options);
    if (error == 0) {
        error = device_bring_up(device);
        if (error != 0)
            snprintf(options->reason, options->reason_size, "device '%s': %s", device->name,
                     bring_up_words(error));
    }
    if (error != 0) {
        device_close(&device->bus);
        return error;
    }
    *ret_device = &device->bus;
    return 0;
}

static const struct bus_backend qemu_backend = {
    .name = "qemu",
    .help = "qemu:<-device argument>   any PCI device of QEMU, with --drive for its disks",
    .open = device_open,
};
BUS_BACKEND(qemu_backend);
