/*
 * start.c - an adapter is found, opened and started (lifecycle section 2).
 */
#include "nt/dpc.h"
#include "nt/registry.h"
#include "port/driver.h"
#include "port/life.h"
#include "port/trace.h"
#include "port/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SRB_NO_DEVICE = 0x08 };

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
    if (!adapter->opened) {
        int error = port_device_open(&adapter->opened, options->device, options->drives,
                                     options->drive_count, reason, reason_size);
        if (error)
            return error;
    }
    adapter->device = port_device_bus(adapter->opened);
    adapter->device_name = adapter->device->name;
    if (nt_events_are_on())
        port_trace_name_adapter(adapter);
    adapter->node = port_device_node(adapter->opened);
    return port_device_attach(adapter->opened, adapter, reason, reason_size);
}

static int settings_write(const char *key, const char *const *settings, size_t count, char *reason,
                          size_t reason_size)
{
    int error = 0;

    for (size_t i = 0; i < count && !error; i++) {
        *reason = '\0';
        error = nt_registry_parse_setting(key, settings[i], reason, reason_size);
    }
    return error;
}

/* The device as an installation would have left it in the registry. What somebody sets wins. */
static int adapter_install(struct port_adapter *adapter, const struct port_adapter_options *options,
                           char *reason, size_t reason_size)
{
    char instance_key[PORT_KEY_BYTES], driver_key[PORT_KEY_BYTES], device_key[PORT_KEY_BYTES];
    int error = 0;

    port_adapter_find_instance(adapter);
    port_adapter_instance_key(adapter, instance_key, sizeof(instance_key));
    port_adapter_driver_key(adapter, driver_key, sizeof(driver_key));
    port_adapter_device_key(adapter, device_key, sizeof(device_key));
    adapter->installed = options->install != NULL;
    if (adapter->installed)
        error = options->install(options->install_context, instance_key, driver_key, reason,
                                 reason_size);
    if (!error)
        error = settings_write(device_key, (const char *const *)adapter->driver->device_settings,
                               adapter->driver->device_setting_count, reason, reason_size);
    if (!error)
        error = settings_write(device_key, options->device_settings, options->device_setting_count,
                               reason, reason_size);
    return error;
}

int port_adapter_register(struct port_adapter *adapter)
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

static struct port_adapter *adapter_new(struct port_driver *driver,
                                        const struct port_adapter_options *options)
{
    struct port_adapter *adapter = aligned_alloc(128, (sizeof(*adapter) + 127) & ~(size_t)127);

    if (!adapter)
        return NULL;
    memset(adapter, 0, sizeof(*adapter));
    adapter->driver = driver;
    adapter->device_name = "none";
    adapter->node = -1;
    adapter->virtual_adapter = !options->opened && strcmp(options->device, "none") == 0;
    adapter->event = options->event;
    adapter->event_context = options->event_context;
    adapter->interrupt_preference = options->interrupts;
    adapter->message_limit = options->message_limit;
    adapter->acpi_node = options->acpi_node;
    adapter->any_start_irql = options->any_start_irql;
    adapter->attention.gates = PORT_GATE_STARTING;
    adapter->state = PORT_ADAPTER_STOPPED;
    adapter->gone_status = SRB_NO_DEVICE;
    port_gates_initialize_adapter(adapter);
    port_log_initialize(adapter);
    port_runtime_initialize(adapter);
    nt_work_initialize(&adapter->rescan_work, rescan_run, adapter);
    nt_work_initialize(&adapter->reset_work, port_reset_run, adapter);
    nt_work_initialize(&adapter->removal_work, port_removal_run, adapter);
    nt_work_initialize(&adapter->departure_work, port_departure_run, adapter);
    if (port_queue_create(&adapter->control_queue) || port_queue_create(&adapter->reset_queue) ||
        port_queue_create(&adapter->removal_queue) || port_adapter_register(adapter)) {
        port_queue_destroy(adapter->control_queue);
        port_queue_destroy(adapter->reset_queue);
        port_queue_destroy(adapter->removal_queue);
        free(adapter);
        return NULL;
    }
    driver->adapter_count++;
    if (nt_events_are_on())
        port_trace_name_adapter(adapter);
    return adapter;
}

/* The body of IRP_MN_START_DEVICE. */
static int start_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    sys_mutex_lock(&adapter->control_mutex);
    int error = adapter->model->start(adapter, life->reason, life->reason_size);
    if (error) {
        sys_mutex_unlock(&adapter->control_mutex);
        return error;
    }
    port_life_enter(adapter, PORT_ADAPTER_RUNNING);
    port_timeouts_start(adapter);
    port_adapter_gate_open(adapter, PORT_GATE_STARTING);
    sys_mutex_unlock(&adapter->control_mutex);
    return 0;
}

static int undo_run(struct port_life *life)
{
    struct port_adapter *adapter = life->adapter;

    if (port_adapter_state(adapter, NULL) != PORT_ADAPTER_RUNNING) {
        adapter->model->drain(adapter);
        adapter->model->take_back(adapter);
        adapter->model->remove(adapter);
        return 0;
    }
    port_adapter_gate_close(adapter, PORT_GATE_STOPPING);
    sys_mutex_lock(&adapter->control_mutex);
    port_timeouts_stop(adapter);
    nt_work_drain(&adapter->reset_work);
    port_life_remove(life, false);
    return 0;
}

/* The adapter goes again: it did not start, or the driver failed the IRP when it had. A device that
 * failed its start is removed; why it failed stays what is told. */
static void start_undo(struct port_adapter *adapter)
{
    uint32_t start_status = adapter->start_status;
    char unheard[256];
    struct port_life life = {.adapter = adapter, .reason = unheard, .reason_size = sizeof(unheard)};

    if (adapter->device_stack)
        (void)port_life_send(&life, PORT_IRP_REMOVE_DEVICE, undo_run);
    if (!life.ran)
        (void)undo_run(&life);
    adapter->start_status = start_status;
}

static int adapter_first_start(struct port_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_life life = {.adapter = adapter, .reason = reason, .reason_size = reason_size};

    sys_mutex_lock(&adapter->life_mutex);
    int error = adapter->model->add(adapter, adapter->record, reason, reason_size);
    if (!error) {
        error = port_life_send(&life, PORT_IRP_START_DEVICE, start_run);
        if (error)
            start_undo(adapter);
    }
    if (!error) {
        port_enumerate(adapter);
        __atomic_store_n(&adapter->started, true, __ATOMIC_RELEASE);
        port_runtime_start(adapter);
        /* What asked for a rescan during the first pass was told before anybody could listen. */
        if (__atomic_exchange_n(&adapter->rescan_missed, 0, __ATOMIC_SEQ_CST))
            port_rescan_schedule(adapter);
        if (__atomic_load_n(&adapter->removed, __ATOMIC_SEQ_CST))
            nt_work_queue(&adapter->removal_work);
    }
    sys_mutex_unlock(&adapter->life_mutex);
    return error;
}

/* The device may have gone meanwhile, and what was queued then must not find a freed adapter. */
static void start_abandon(struct port_adapter *adapter)
{
    port_device_detach(adapter->opened);
    port_runtime_drain(adapter);
    nt_work_drain(&adapter->removal_work);
    nt_work_drain(&adapter->departure_work);
    nt_work_drain(&adapter->rescan_work);
    nt_work_drain(&adapter->reset_work);
    port_adapter_free(adapter);
}

int port_adapter_start(struct port_adapter **ret_adapter, struct port_driver *driver,
                       const struct port_adapter_options *options, char *reason, size_t reason_size)
{
    bool virtual_adapter = !options->opened && strcmp(options->device, "none") == 0;
    const struct port_driver_record *record = record_for(driver, virtual_adapter);
    struct port_watch watch;
    int error;

    if (!record) {
        snprintf(reason, reason_size,
                 virtual_adapter
                     ? "%s drives a PCI controller: give it one by --device"
                     : "%s is a virtual miniport and takes no device: use --device none",
                 driver->service);
        port_device_close(options->opened);
        return -ENODEV;
    }
    struct port_adapter *adapter = adapter_new(driver, options);
    if (!adapter) {
        snprintf(reason, reason_size, "%s: out of memory for another adapter", driver->service);
        port_device_close(options->opened);
        return -ENOMEM;
    }
    adapter->model = record->model;
    adapter->record = record->record;
    adapter->opened = options->opened;
    port_watch_begin(&watch, adapter, NULL, "the start");
    error = adapter_open(adapter, options, reason, reason_size);
    if (!error)
        error = adapter_install(adapter, options, reason, reason_size);
    if (!error)
        error = adapter_first_start(adapter, reason, reason_size);
    port_watch_end(&watch);
    if (error)
        start_abandon(adapter);
    else
        *ret_adapter = adapter;
    return error;
}
