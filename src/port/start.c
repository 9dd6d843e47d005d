/*
 * start.c - an adapter's life: opened, started, stopped (lifecycle sections 2 and 12).
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "port/data.h"
#include "port/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAIN_TIMEOUT_MS = 90000 };

/* ---- interrupts ---- */

static void device_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector)
{
    struct port_adapter *adapter = context;

    (void)kind;
    if (vector >= PORT_MESSAGES_MAX || !adapter->device)
        return;
    (void)__atomic_load_n(&adapter->device->order, __ATOMIC_ACQUIRE);
    struct nt_interrupt *interrupt =
        __atomic_load_n(&adapter->interrupts[vector], __ATOMIC_ACQUIRE);
    if (interrupt)
        nt_interrupt_assert(interrupt);
}

static bool line_level(void *context)
{
    struct port_adapter *adapter = context;

    return adapter->device->ops->line_level(adapter->device);
}

static void line_storm(void *context, unsigned refused)
{
    nt_finding("interrupt-storm", context,
               "the line stayed asserted although the interrupt routine refused it %u times; it "
               "is masked now",
               refused);
}

/* Message 0 goes to processor 0, then one each: a driver that keeps message 0 for itself finds the
 * others aimed at the processors in order. */
static unsigned message_target(unsigned message)
{
    return message ? (message - 1) % nt_processor_count() : 0;
}

int port_adapter_connect(struct port_adapter *adapter, enum bus_interrupt_kind kind, unsigned count,
                         bool one_lock, bool (*service)(void *context), void *const *contexts,
                         uint8_t irql)
{
    int error = 0;

    adapter->interrupt_kind = kind;
    for (unsigned i = 0; i < count && !error; i++) {
        struct nt_interrupt *interrupt;
        struct nt_interrupt_options options = {
            .processor = kind == BUS_INTERRUPT_LINE ? 0 : message_target(i),
            .any_processor = kind != BUS_INTERRUPT_LINE,
            .irql = irql,
            .lock = &adapter->interrupt_locks[one_lock ? 0 : i],
            .service = service,
            .context = contexts[i],
        };
        if (kind == BUS_INTERRUPT_LINE) {
            options.level = line_level;
            options.storm = line_storm;
            options.level_context = adapter;
        }
        error = nt_interrupt_connect(&interrupt, &options);
        if (!error)
            __atomic_store_n(&adapter->interrupts[i], interrupt, __ATOMIC_RELEASE);
        adapter->message_count = i + 1;
    }
    if (!error)
        error = adapter->device->ops->interrupts_enable(adapter->device, kind, count);
    if (error)
        port_adapter_disconnect(adapter);
    return error;
}

void port_adapter_disconnect(struct port_adapter *adapter)
{
    if (!adapter->message_count)
        return;
    adapter->device->ops->interrupts_disable(adapter->device);
    for (unsigned i = 0; i < adapter->message_count; i++) {
        if (adapter->interrupts[i])
            nt_interrupt_disconnect(adapter->interrupts[i]);
        __atomic_store_n(&adapter->interrupts[i], NULL, __ATOMIC_RELEASE);
    }
    adapter->message_count = 0;
}

/* ---- start ---- */

static const struct port_driver_record *record_for(const struct port_driver *driver,
                                                   bool virtual_adapter)
{
    enum port_interface wanted = virtual_adapter ? PORT_INTERFACE_VIRTUAL : PORT_INTERFACE_PCI;

    for (unsigned i = 0; i < driver->record_count; i++)
        if (driver->records[i].interface == wanted)
            return &driver->records[i];
    return NULL;
}

static void rescan_run(void *context)
{
    port_enumerate(context);
}

static int adapter_open(struct port_adapter *adapter, const struct port_adapter_options *options,
                        char *reason, size_t reason_size)
{
    if (adapter->virtual_adapter)
        return 0;
    struct bus_open_options open = {
        .drives = options->drives,
        .drive_count = options->drive_count,
        .events = {device_interrupt, port_adapter_removed, adapter},
        .reason = reason,
        .reason_size = reason_size,
    };
    int error = bus_open(&adapter->device, options->device, &open);
    if (!error)
        adapter->device_name = adapter->device->name;
    return error;
}

static int adapter_register(struct port_adapter *adapter)
{
    for (unsigned i = 0; i < PORT_ADAPTERS_MAX; i++) {
        struct port_adapter *nobody = NULL;
        if (!__atomic_compare_exchange_n(&port_adapter_table[i].adapter, &nobody, adapter, false,
                                         __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        adapter->index = adapter->number = i;
        unsigned count = __atomic_load_n(&port_adapter_table_count, __ATOMIC_RELAXED);
        while (i >= count &&
               !__atomic_compare_exchange_n(&port_adapter_table_count, &count, i + 1, false,
                                            __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            continue;
        return 0;
    }
    return -ENOSPC;
}

static void adapter_free(struct port_adapter *adapter)
{
    __atomic_store_n(&port_adapter_table[adapter->index].adapter, NULL, __ATOMIC_RELEASE);
    nt_timer_drain(&adapter->pause_timer);
    nt_timer_drain(&adapter->hold_timer);
    nt_timer_drain(&adapter->link_timer);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        port_unit_quiet(unit);
    if (adapter->self)
        port_unit_quiet(adapter->self);
    /* Calls that gates and timers posted have run when this returns: nothing points here any more.
     */
    nt_dpc_flush();
    while (adapter->units) {
        struct port_unit *unit = adapter->units;
        adapter->units = unit->next;
        port_unit_discard(unit);
    }
    if (adapter->self)
        port_unit_discard(adapter->self);
    port_bounce_free_all(adapter);
    if (adapter->device)
        adapter->device->ops->close(adapter->device);
    port_log_drain(adapter);
    port_queue_destroy(adapter->control_queue);
    port_queue_destroy(adapter->reset_queue);
    port_queue_destroy(adapter->removal_queue);
    adapter->driver->adapter_count--;
    free(adapter);
}

static struct port_adapter *adapter_new(struct port_driver *driver,
                                        const struct port_adapter_options *options)
{
    struct port_adapter *adapter = aligned_alloc(128, (sizeof(*adapter) + 127) & ~(size_t)127);

    if (!adapter)
        return NULL;
    memset(adapter, 0, sizeof(*adapter));
    adapter->driver = driver;
    adapter->device_name = "none";
    adapter->virtual_adapter = strcmp(options->device, "none") == 0;
    adapter->event = options->event;
    adapter->event_context = options->event_context;
    adapter->interrupt_preference = options->interrupts;
    adapter->message_limit = options->message_limit;
    adapter->attention.gates = PORT_GATE_STARTING;
    port_gates_initialize_adapter(adapter);
    port_log_initialize(adapter);
    nt_work_initialize(&adapter->rescan_work, rescan_run, adapter);
    nt_work_initialize(&adapter->reset_work, port_reset_run, adapter);
    nt_work_initialize(&adapter->removal_work, port_removal_run, adapter);
    if (port_queue_create(&adapter->control_queue) || port_queue_create(&adapter->reset_queue) ||
        port_queue_create(&adapter->removal_queue) || adapter_register(adapter)) {
        port_queue_destroy(adapter->control_queue);
        port_queue_destroy(adapter->reset_queue);
        port_queue_destroy(adapter->removal_queue);
        free(adapter);
        return NULL;
    }
    driver->adapter_count++;
    return adapter;
}

int port_adapter_start(struct port_adapter **ret_adapter, struct port_driver *driver,
                       const struct port_adapter_options *options, char *reason, size_t reason_size)
{
    bool virtual_adapter = strcmp(options->device, "none") == 0;
    const struct port_driver_record *record = record_for(driver, virtual_adapter);
    int error;

    if (!record) {
        snprintf(reason, reason_size,
                 virtual_adapter
                     ? "%s drives a PCI controller: give it one by --device"
                     : "%s is a virtual miniport and takes no device: use --device none",
                 driver->service);
        return -ENODEV;
    }
    struct port_adapter *adapter = adapter_new(driver, options);
    if (!adapter) {
        snprintf(reason, reason_size, "%s: out of memory for another adapter", driver->service);
        return -ENOMEM;
    }
    adapter->model = record->model;
    error = adapter_open(adapter, options, reason, reason_size);
    if (error)
        goto failed;
    error = adapter->model->start(adapter, record->record, reason, reason_size);
    if (error)
        goto failed;
    __atomic_and_fetch(&adapter->attention.gates, ~(uint32_t)PORT_GATE_STARTING, __ATOMIC_SEQ_CST);
    port_timeouts_start(adapter);
    port_enumerate(adapter);
    __atomic_store_n(&adapter->started, true, __ATOMIC_RELEASE);
    /* What asked for a rescan during the first pass was told before anybody could listen. */
    if (__atomic_exchange_n(&adapter->rescan_missed, 0, __ATOMIC_SEQ_CST))
        port_rescan_schedule(adapter);
    *ret_adapter = adapter;
    return 0;
failed:
    adapter_free(adapter);
    return error;
}

/* ---- stop ---- */

static int flush_units(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    int result = 0;

    if (!adapter->limits.caches_data)
        return 0;
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (!unit->present || __atomic_load_n(&adapter->removed, __ATOMIC_ACQUIRE))
            continue;
        uint8_t status = port_control_send(unit, PORT_FLUSH, 0, 0, false, NULL, 0);
        if (status != 1) {
            snprintf(reason, reason_size,
                     "unit %s: the flush at stop failed (SRB status 0x%02X): data that was not "
                     "flushed before may be lost",
                     unit->name, status);
            result = -EIO;
        }
    }
    return result;
}

int port_adapter_stop(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    int result = 0;

    if (!port_adapter_drain(adapter, DRAIN_TIMEOUT_MS)) {
        snprintf(reason, reason_size, "%s: %u requests did not finish", adapter->device_name,
                 port_adapter_outstanding(adapter));
        result = -EIO;
    }
    __atomic_store_n(&adapter->started, false, __ATOMIC_RELEASE);
    nt_work_drain(&adapter->rescan_work);
    port_gate_close(&adapter->attention.gates, PORT_GATE_STOPPING);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        port_unit_fail_pending(unit, PORT_CANCELLED, 0x11);
    /* A state change that the driver has reported may be enumerating: it ends early, and none
     * begins any more. */
    sys_mutex_lock(&adapter->control_mutex);
    sys_mutex_unlock(&adapter->control_mutex);
    port_timeouts_stop(adapter);
    nt_work_drain(&adapter->reset_work);
    nt_work_drain(&adapter->removal_work);
    int flushed = flush_units(adapter, reason, reason_size);
    if (flushed)
        result = flushed;
    bool gone = __atomic_load_n(&adapter->removed, __ATOMIC_ACQUIRE);
    if (adapter->model->unit_removed)
        for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
            if (unit->present)
                adapter->model->unit_removed(unit, gone);
    adapter->model->stop(adapter, gone);
    adapter_free(adapter);
    return result;
}

/* ---- description ---- */

uint32_t port_adapter_transfer_limit(const struct port_adapter *adapter)
{
    uint64_t limit = adapter->limits.maximum_transfer_length;

    if (!adapter->virtual_adapter && adapter->limits.physical_breaks != UINT32_MAX) {
        uint64_t by_breaks = ((uint64_t)adapter->limits.physical_breaks - 1) * NT_PAGE_SIZE;
        if (by_breaks < NT_PAGE_SIZE)
            by_breaks = NT_PAGE_SIZE;
        if (by_breaks < limit)
            limit = by_breaks;
    }
    if (limit > 32u * 1024 * 1024)
        limit = 32u * 1024 * 1024; /* what one client call is cut to, so that bounces stay small */
    return (uint32_t)(limit & ~(uint64_t)(NT_PAGE_SIZE - 1));
}

static const char *interrupt_name(const struct port_adapter *adapter)
{
    static const char *const names[] = {"line", "msi", "msi-x"};

    return adapter->message_count ? names[adapter->interrupt_kind] : "none";
}

void port_adapter_describe(const struct port_adapter *adapter, struct port_adapter_info *ret_info)
{
    const struct port_limits *limits = &adapter->limits;

    *ret_info = (struct port_adapter_info){
        .driver = port_driver_service(adapter->driver),
        .device = adapter->device_name,
        .port_number = adapter->number,
        .is_virtual = adapter->virtual_adapter,
        .full_duplex = limits->full_duplex,
        .storage_request_blocks = limits->storage_request_blocks,
        .caches_data = limits->caches_data,
        .concurrent_channels = limits->concurrent_channels ? limits->concurrent_channels : 1,
        .interrupt_kind = interrupt_name(adapter),
        .messages = adapter->message_count,
        .maximum_transfer_length = limits->maximum_transfer_length,
        .physical_breaks = limits->physical_breaks,
        .alignment_mask = limits->alignment_mask,
        .max_io = limits->max_io,
        .max_io_per_unit = limits->max_io_per_unit,
        .initial_depth = limits->initial_depth,
        .paths = limits->paths,
        .targets = limits->targets,
        .units_per_target = limits->units_per_target,
    };
    if (adapter->device) {
        uint32_t id = adapter->device->ops->config_read(adapter->device, 0, 4);
        ret_info->vendor_id = (uint16_t)id;
        ret_info->device_id = (uint16_t)(id >> 16);
    }
}
