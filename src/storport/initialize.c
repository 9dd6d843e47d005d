/*
 * initialize.c - StorPortInitialize: a driver registers what it is, from DriverEntry.
 */
#include "port/driver.h"
#include "storport/device.h"

#include <stdlib.h>
#include <string.h>

/* Sizes by which a driver tells its age (x64). */
enum { INIT_SIZE_PHYSICAL_OLD = 0x88, INIT_SIZE_VIRTUAL_OLD = 0xB0, INIT_SIZE_CURRENT = 0xD0 };

/* Without these nothing works. A driver may have an interrupt routine for messages alone. */
static bool required_missing(const HW_INITIALIZATION_DATA *data, bool virtual_adapter)
{
    return !data->HwInitialize || !data->HwStartIo || !data->HwFindAdapter || !data->HwResetBus ||
           (virtual_adapter && !data->HwFreeAdapterResources);
}

/* The record is a copy in today's layout: older forms end earlier, and the old virtual form keeps
 * its tail elsewhere, which is the same order of members here. */
static HW_INITIALIZATION_DATA *record_copy(const HW_INITIALIZATION_DATA *data)
{
    HW_INITIALIZATION_DATA *record = calloc(1, sizeof(*record));

    if (record)
        memcpy(record, data, data->HwInitializationDataSize);
    if (record && data->HwInitializationDataSize == INIT_SIZE_VIRTUAL_OLD)
        record->FeatureSupport |= STOR_FEATURE_VIRTUAL_MINIPORT;
    return record;
}

ULONG NTAPI StorPortInitialize(PVOID Argument1, PVOID Argument2,
                               struct _HW_INITIALIZATION_DATA *HwInitializationData,
                               PVOID HwContext)
{
    const HW_INITIALIZATION_DATA *data = HwInitializationData;
    struct port_driver *driver = port_driver_loading();

    (void)HwContext;
    if (!data || !driver)
        return (ULONG)STATUS_INVALID_PARAMETER;
    /* A copy that writes dumps has no objects, and passes on what it was given. */
    if (!driver->dump && (!Argument1 || !Argument2 || Argument1 != port_driver_object(driver)))
        return (ULONG)STATUS_INVALID_PARAMETER;
    ULONG size = data->HwInitializationDataSize;
    if (size != INIT_SIZE_PHYSICAL_OLD && size != INIT_SIZE_VIRTUAL_OLD &&
        size != INIT_SIZE_CURRENT) {
        nt_print("%s: StorPortInitialize: HW_INITIALIZATION_DATA of %u bytes, where %u, %u and %u "
                 "are known",
                 port_driver_service(driver), size, INIT_SIZE_PHYSICAL_OLD, INIT_SIZE_VIRTUAL_OLD,
                 INIT_SIZE_CURRENT);
        return (ULONG)STATUS_REVISION_MISMATCH;
    }
    HW_INITIALIZATION_DATA *record = record_copy(data);
    if (!record)
        return (ULONG)STATUS_NO_MEMORY;
    bool virtual_adapter = record->FeatureSupport & STOR_FEATURE_VIRTUAL_MINIPORT;
    if (required_missing(record, virtual_adapter)) {
        nt_print("%s: StorPortInitialize: a required callback is missing",
                 port_driver_service(driver));
        free(record);
        return (ULONG)STATUS_INVALID_PARAMETER;
    }
    if (!record->HwAdapterControl)
        nt_finding("INIT-03", NULL,
                   "%s has no HwAdapterControl: it is not told when its adapter stops",
                   port_driver_service(driver));
    if (driver->dump) {
        if (!port_driver_register(&storport_model,
                                  virtual_adapter ? PORT_INTERFACE_VIRTUAL : PORT_INTERFACE_PCI,
                                  record))
            return (ULONG)STATUS_SUCCESS;
        free(record);
        return (ULONG)STATUS_INSUFFICIENT_RESOURCES;
    }
    /* Before this returns: virtual drivers wrap the dispatch routines right after it. */
    storport_fill_driver(Argument1);
    if (port_driver_register(&storport_model,
                             virtual_adapter ? PORT_INTERFACE_VIRTUAL : PORT_INTERFACE_PCI,
                             record)) {
        free(record);
        return (ULONG)STATUS_INSUFFICIENT_RESOURCES;
    }
    storport_start_tracing(Argument1, Argument2, record);
    return (ULONG)STATUS_SUCCESS;
}
NT_EXPORT("storport.sys", StorPortInitialize, "Initialization", NT_PASSIVE_LEVEL);

static void record_forget(const void *record)
{
    free((void *)(uintptr_t)record);
}

const struct port_model storport_model = {
    .name = "storport",
    .dump = &storport_dump_model,
    .add = storport_add,
    .start = storport_start,
    .stop = storport_stop,
    .drain = storport_drain,
    .take_back = storport_take_back,
    .remove = storport_remove,
    .power_down = storport_power_down,
    .power_up = storport_power_up,
    .component = storport_component,
    .perf_state = storport_perf_state,
    .unit_power = storport_unit_power,
    .notify = storport_notify,
    .peek = storport_slot_peek,
    .insert_key = storport_insert_key,
    .format = storport_slot_format,
    .issue = storport_issue,
    .reset_bus = storport_reset_bus,
    .release = storport_slot_release,
    .send = storport_send,
    .send_unit = storport_send_unit,
    .control = storport_control,
    .device_object = storport_device_object,
    .close_controls = storport_services_close,
    .open_controls = storport_services_open,
    .unit_started = storport_unit_started,
    .unit_surprised = storport_unit_surprised,
    .unit_removed = storport_unit_removed,
    .unit_forgotten = storport_unit_forgotten,
    .before_rescan = storport_before_rescan,
    .surprise_removal = storport_surprise_removal,
    .forget = record_forget,
};
