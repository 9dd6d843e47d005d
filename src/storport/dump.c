/*
 * dump.c - an instance that writes a dump, as Storport's dump port starts and drives it (lifecycle
 * section 15, "Restrictions on Miniport Drivers that Manage the Boot Drive").
 *
 * Every callback is at HIGH_LEVEL. There are no locks, because nothing else runs.
 */
#include "port/dump.h"

#include "port/driver.h"
#include "storport/adapter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DUMP_TAG = 0x706D7544, SRB_SUCCESS = 0x01 };

/* ---- dump pointers: PASSIVE_LEVEL, the live adapter ---- */

/* What the driver may leave as it is (the page of MINIPORT_DUMP_POINTERS says which). */
static void prefill(const struct storport_adapter *adapter, MINIPORT_DUMP_POINTERS *pointers)
{
    const PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    const char *name = port_driver_service(adapter->port->driver);

    for (size_t i = 0; i + 1 < DUMP_MINIPORT_NAME_LENGTH && name[i]; i++)
        pointers->DriverName[i] = (unsigned char)name[i];
    pointers->SystemIoBusNumber = config->SystemIoBusNumber;
    pointers->AdapterInterfaceType = config->AdapterInterfaceType;
    pointers->MaximumTransferLength = SP_UNINITIALIZED_VALUE;
    pointers->NumberOfPhysicalBreaks = config->NumberOfPhysicalBreaks;
    pointers->AlignmentMask = config->AlignmentMask;
    pointers->NumberOfAccessRanges = config->NumberOfAccessRanges;
    pointers->AccessRanges = (void *)config->AccessRanges;
    pointers->NumberOfBuses = config->NumberOfBuses;
    pointers->Master = config->Master;
    pointers->MapBuffers = config->MapBuffers;
    pointers->MaximumNumberOfTargets = config->MaximumNumberOfTargets;
}

static bool is_sound(const MINIPORT_DUMP_POINTERS *pointers)
{
    return (pointers->Version == DUMP_MINIPORT_VERSION_1 ||
            pointers->Version == DUMP_MINIPORT_VERSION) &&
           pointers->Size >= sizeof(*pointers) &&
           pointers->CommonBufferSize <= PORT_DUMP_BUDGET_MAX;
}

static int dump_pointers(struct port_unit *unit, struct port_dump_pointers *ret_pointers,
                         char *reason, size_t reason_size)
{
    struct storport_adapter *adapter = unit->adapter->model_state;
    ULONG features = adapter->init.FeatureSupport;
    uint32_t told = adapter->config.RequestedDumpBufferSize;

    *ret_pointers = (struct port_dump_pointers){
        .resume_capable = features & STOR_FEATURE_DUMP_RESUME_CAPABLE,
        .common_buffer = told,
        .maximum_transfer = UINT32_MAX,
    };
    if (!unit->adapter->virtual_adapter && !(features & STOR_FEATURE_DUMP_POINTERS))
        return 0;
    MINIPORT_DUMP_POINTERS *pointers = calloc(1, sizeof(*pointers));
    if (!pointers)
        return -ENOMEM;
    prefill(adapter, pointers);
    uint8_t status =
        port_control_send(unit, PORT_DUMP_POINTERS, 0, 0, false, pointers, sizeof(*pointers));
    ret_pointers->block = pointers;
    if (status != SRB_SUCCESS && unit->adapter->virtual_adapter)
        return 0; /* the port says what that means */
    if (status != SRB_SUCCESS || !is_sound(pointers)) {
        snprintf(reason, reason_size,
                 status != SRB_SUCCESS
                     ? "%s: SRB_FUNCTION_DUMP_POINTERS ended with SRB status 0x%02X"
                     : "%s: its MINIPORT_DUMP_POINTERS have a version or a size that cannot be "
                       "(SRB status 0x%02X)",
                 port_driver_service(unit->adapter->driver), status);
        return -EIO;
    }
    ret_pointers->answered = true;
    ret_pointers->private_data = pointers->MiniportPrivateDumpData;
    ret_pointers->maximum_transfer = pointers->MaximumTransferLength;
    if (pointers->CommonBufferSize > told)
        ret_pointers->common_buffer = pointers->CommonBufferSize;
    return 0;
}

static void free_dump_pointers(struct port_unit *unit, struct port_dump_pointers *pointers)
{
    port_control_send(unit, PORT_FREE_DUMP_POINTERS, 0, 0, false, pointers->block,
                      sizeof(MINIPORT_DUMP_POINTERS));
}

/* ---- the instance's records ---- */

/* 16-byte alignment is for those who have asked for it (the feature's name says so). */
static void *extension_allocate(struct port_adapter *port, const HW_INITIALIZATION_DATA *record)
{
    size_t offset = record->FeatureSupport & STOR_FEATURE_DUMP_16_BYTE_ALIGNMENT ? 0 : 8;
    unsigned char *block =
        nt_pool_allocate(record->DeviceExtensionSize + offset + 1, DUMP_TAG, port);

    if (!block)
        return NULL;
    memset(block, 0, record->DeviceExtensionSize + offset);
    return block + offset;
}

static size_t extension_offset(const HW_INITIALIZATION_DATA *record)
{
    return record->FeatureSupport & STOR_FEATURE_DUMP_16_BYTE_ALIGNMENT ? 0 : 8;
}

static struct storport_adapter *adapter_new(struct port_dump *dump,
                                            const HW_INITIALIZATION_DATA *record)
{
    struct port_adapter *port = dump->adapter;
    struct storport_adapter *adapter = aligned_alloc(64, (sizeof(*adapter) + 63) & ~(size_t)63);

    if (!adapter)
        return NULL;
    memset(adapter, 0, sizeof(*adapter));
    adapter->port = port;
    adapter->dump = dump;
    adapter->init = *record;
    adapter->ranges = calloc(storport_range_count(record) + 1, sizeof(*adapter->ranges));
    adapter->extension = extension_allocate(port, record);
    if (!adapter->ranges || !adapter->extension) {
        free(adapter->ranges);
        free(adapter);
        return NULL;
    }
    port->model_state = adapter;
    port->extension = adapter->extension;
    port_adapter_set_extension(port, adapter->extension);
    dump->figures.extension = record->DeviceExtensionSize;
    return adapter;
}

static void dump_end(struct port_adapter *port)
{
    struct storport_adapter *adapter = port->model_state;

    storport_unmap_all(adapter);
    port_adapter_set_extension(port, NULL);
    nt_pool_free((unsigned char *)adapter->extension - extension_offset(&adapter->init));
    free(adapter->config_copy);
    free(adapter->ranges);
    free(adapter);
    port->model_state = NULL;
    port->extension = NULL;
}

/* ---- FindAdapter and HwInitialize ---- */

static void prefill_config(struct storport_adapter *adapter)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct port_dump *dump = adapter->dump;

    storport_config_prefill(adapter);
    dump->figures.budget = dump->pointers.common_buffer > PORT_DUMP_BUDGET
                               ? dump->pointers.common_buffer
                               : PORT_DUMP_BUDGET;
    if (dump->figures.budget > PORT_DUMP_BUDGET_MAX)
        dump->figures.budget = PORT_DUMP_BUDGET_MAX;
    config->DumpMode = (UCHAR)dump->mode;
    config->MiniportDumpData = dump->pointers.private_data;
    config->DumpRegion.VirtualBase = dump->common;
    config->DumpRegion.PhysicalBase.QuadPart = (LONGLONG)nt_physical_address(dump->common);
    config->DumpRegion.Length = dump->figures.budget;
    adapter->dirql = NT_HIGH_LEVEL; /* there is no interrupt */
}

static ULONG call_find_adapter(struct storport_adapter *adapter)
{
    char argument[] = "dump=1";
    struct storport_call call;
    BOOLEAN again = FALSE;
    ULONG result;

    adapter->phase = STORPORT_FINDING;
    storport_call_begin(&call, nt_self(), adapter, "HwStorFindAdapter", NULL);
    if (adapter->port->virtual_adapter) {
        PVIRTUAL_HW_FIND_ADAPTER find = (PVIRTUAL_HW_FIND_ADAPTER)adapter->init.HwFindAdapter;
        result = find(adapter->extension, NULL, NULL, NULL, argument, &adapter->config, &again);
    } else {
        PHW_FIND_ADAPTER find = (PHW_FIND_ADAPTER)adapter->init.HwFindAdapter;
        result = find(adapter->extension, NULL, NULL, argument, &adapter->config, &again);
    }
    storport_call_end(&call);
    return result;
}

static bool call_initialize(struct storport_adapter *adapter)
{
    struct storport_call call;

    adapter->phase = STORPORT_INITIALIZING;
    storport_call_begin(&call, nt_self(), adapter, "HwStorInitialize", NULL);
    bool good = adapter->init.HwInitialize(adapter->extension) & 0xFF;
    storport_call_end(&call);
    return good;
}

static int dump_start(struct port_dump *dump, const void *record, char *reason, size_t reason_size)
{
    struct storport_adapter *adapter = adapter_new(dump, record);

    if (!adapter) {
        snprintf(reason, reason_size, "out of memory for the device extension");
        return -ENOMEM;
    }
    if (!adapter->port->virtual_adapter && !adapter->init.HwInterrupt) {
        snprintf(reason, reason_size,
                 "it has no HwInterrupt, which is what is polled for completions");
        return -ENODEV;
    }
    prefill_config(adapter);
    ULONG result = call_find_adapter(adapter);
    if (result != SP_RETURN_FOUND) {
        snprintf(reason, reason_size,
                 "FindAdapter returned %u: the driver writes no dumps in this mode, or did not get "
                 "what it needs%s; its own messages, if any, are above",
                 result, dump->refused_count ? " (routines were refused: rule DUMP-03)" : "");
        return -ENODEV;
    }
    if (!storport_config_accept(adapter, reason, reason_size))
        return -ENODEV;
    int error = port_dump_carve(dump, reason, reason_size);
    if (error)
        return error;
    /* To mark memory is all that FindAdapter is called for then. */
    if (dump->mode != PORT_DUMP_MARK_MEMORY && !call_initialize(adapter)) {
        snprintf(reason, reason_size, "HwInitialize returned FALSE");
        return -ENODEV;
    }
    adapter->phase = STORPORT_RUNNING;
    return 0;
}

/* ---- requests ---- */

static bool build(struct storport_adapter *adapter, struct port_slot *slot)
{
    struct storport_call call;

    if (!adapter->build_io)
        return true;
    storport_call_begin(&call, nt_self(), adapter, "HwStorBuildIo", slot->srb);
    bool go_on = adapter->build_io(adapter->extension, (PSCSI_REQUEST_BLOCK)slot->srb) & 0xFF;
    storport_call_end(&call);
    return go_on && __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING;
}

static void dump_issue(struct port_adapter *port, struct port_slot *slot)
{
    struct storport_adapter *adapter = port->model_state;
    struct storport_call call;

    storport_slot_prepare(adapter, slot);
    if (!build(adapter, slot))
        return;
    storport_call_begin(&call, nt_self(), adapter, "HwStorStartIo", slot->srb);
    bool started =
        adapter->init.HwStartIo(adapter->extension, (PSCSI_REQUEST_BLOCK)slot->srb) & 0xFF;
    storport_call_end(&call);
    if (!started)
        storport_start_refused(adapter, slot);
}

static void dump_poll(struct port_adapter *port)
{
    struct storport_adapter *adapter = port->model_state;
    struct storport_call call;

    if (!adapter->init.HwInterrupt)
        return; /* a virtual miniport completes in StartIo */
    storport_call_begin(&call, nt_self(), adapter, "HwStorInterrupt", NULL);
    (void)adapter->init.HwInterrupt(adapter->extension);
    storport_call_end(&call);
}

const struct port_dump_model storport_dump_model = {
    .pointers = dump_pointers,
    .free_pointers = free_dump_pointers,
    .start = dump_start,
    .issue = dump_issue,
    .poll = dump_poll,
    .end = dump_end,
};
