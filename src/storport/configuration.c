/*
 * configuration.c - PORT_CONFIGURATION_INFORMATION: what the port fills in before FindAdapter, and
 * what it makes of the answer (lifecycle section 3). Values are clamped rather than refused where
 * the contract allows it.
 */
#include "nt/registry.h"
#include "port/driver.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <string.h>

enum {
    OLD_CONFIG_LENGTH = 0xD0,
    OLD_INIT_SIZE = 0xB0, /* and everything below */
    DEFAULT_BREAKS = 0x11,
    DEFAULT_TARGETS = 128,
    DEFAULT_UNITS = 8,
    DEFAULT_MAX_IO = 1000,
    DEFAULT_IO_PER_UNIT = 255,
    DEFAULT_DEPTH_PHYSICAL = 20,
    DEFAULT_DEPTH_VIRTUAL = 250,
    DEFAULT_RESET_HOLD_US = 4000000,
    /* Tags of 8 bits that are not SP_UNTAGGED, without those of the reserve. */
    LEGACY_TAGS_MAX = 254 - PORT_RESERVED_SLOTS,
    MANY_IO_DMA64 = 2,    /* what Dma64BitAddresses must be at least for more than the default */
    MAX_IO_BOUND = 16384, /* what we carve at most */
};

/* ---- before FindAdapter ---- */

ULONG storport_range_count(const HW_INITIALIZATION_DATA *record)
{
    ULONG count = record->NumberOfAccessRanges;

    return count < STORPORT_RANGES_MAX ? count : STORPORT_RANGES_MAX;
}

/* One range for each BAR that there is, in their order; a driver with room for fewer sees the first
 * ones, one with room for more zeros behind them. */
static void prefill_device(struct storport_adapter *adapter)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct bus_device *device = adapter->port->device;
    const struct bus_bar *bars = device->ops->bars(device);
    ULONG limit = storport_range_count(&adapter->init);
    ULONG count = 0;

    for (unsigned i = 0; i < BUS_BAR_COUNT && count < limit; i++) {
        if (bars[i].kind == BUS_BAR_NONE)
            continue;
        ACCESS_RANGE *range = &adapter->ranges[count++];
        range->RangeStart.QuadPart = (LONGLONG)bars[i].address;
        range->RangeLength = bars[i].size > MAXULONG ? MAXULONG : (ULONG)bars[i].size;
        range->RangeInMemory = bars[i].kind == BUS_BAR_MEMORY;
    }
    config->NumberOfAccessRanges = limit;
    config->SlotNumber = port_adapter_slot(adapter->port);
}

/* BusType of the driver's parameters; what is none of the published types is the default. */
static uint8_t default_bus_type(const struct storport_adapter *adapter)
{
    enum { FIBRE = 6 };
    char key[192];
    uint32_t type;

    snprintf(key, sizeof(key), "%s\\Parameters", adapter->port->driver->key);
    if (nt_registry_get_dword(key, "BusType", &type) || type > MAXCHAR)
        return FIBRE;
    return (uint8_t)type;
}

void storport_config_prefill(struct storport_adapter *adapter)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    const HW_INITIALIZATION_DATA *init = &adapter->init;
    bool virtual_adapter = adapter->port->virtual_adapter;

    __atomic_store_n(&adapter->port->bus_type, default_bus_type(adapter), __ATOMIC_RELAXED);
    memset(config, 0, sizeof(*config));
    adapter->srb_extension_settled = false;
    memset(adapter->ranges, 0, storport_range_count(init) * sizeof(*adapter->ranges));
    config->Length =
        init->HwInitializationDataSize <= OLD_INIT_SIZE ? OLD_CONFIG_LENGTH : sizeof(*config);
    config->AdapterInterfaceType = init->AdapterInterfaceType;
    config->InterruptMode = LevelSensitive;
    config->MaximumTransferLength = 0xFFFFFFFF;
    port_settings_read(adapter->port);
    config->NumberOfPhysicalBreaks = adapter->port->settings.maximum_sg_list
                                         ? adapter->port->settings.maximum_sg_list
                                         : DEFAULT_BREAKS;
    config->DmaChannel = config->DmaPort = 0xFFFFFFFF;
    config->DmaChannel2 = config->DmaPort2 = 0xFFFFFFFF;
    config->AccessRanges = adapter->ranges;
    memset(config->InitiatorBusId, 0xFF, sizeof(config->InitiatorBusId));
    config->ScatterGather = config->Master = config->Dma32BitAddresses = TRUE;
    config->NeedPhysicalAddresses = config->TaggedQueuing = TRUE;
    config->AutoRequestSense = config->MultipleRequestPerLu = config->WmiDataProvider = TRUE;
    config->MapBuffers = init->MapBuffers;
    config->MaximumNumberOfTargets = DEFAULT_TARGETS;
    config->MaximumNumberOfLogicalUnits = DEFAULT_UNITS;
    config->SrbType = init->SrbTypeFlags & SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK
                          ? SRB_TYPE_STORAGE_REQUEST_BLOCK
                          : SRB_TYPE_SCSI_REQUEST_BLOCK;
    config->AddressType = STORAGE_ADDRESS_TYPE_BTL8;
    config->DeviceExtensionSize = init->DeviceExtensionSize;
    config->SpecificLuExtensionSize = init->SpecificLuExtensionSize;
    config->SrbExtensionSize = init->SrbExtensionSize;
    config->Dma64BitAddresses = SCSI_DMA64_SYSTEM_SUPPORTED;
    config->SynchronizationModel = StorSynchronizeHalfDuplex;
    config->MaxNumberOfIO = DEFAULT_MAX_IO;
    config->MaxIOsPerLun = DEFAULT_IO_PER_UNIT;
    config->InitialLunQueueDepth = virtual_adapter ? DEFAULT_DEPTH_VIRTUAL : DEFAULT_DEPTH_PHYSICAL;
    config->BusResetHoldTime = DEFAULT_RESET_HOLD_US;
    if (!virtual_adapter)
        prefill_device(adapter);
}

/* ---- after FindAdapter ---- */

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static bool check(const struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    const PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    bool virtual_adapter = adapter->port->virtual_adapter;
    const char *why = NULL;

    if (config->VirtualDevice && !virtual_adapter)
        why = "it set VirtualDevice although it was given a device";
    else if (!config->VirtualDevice && virtual_adapter)
        why = "it is virtual but left VirtualDevice FALSE";
    else if (config->NumberOfPhysicalBreaks == 0)
        why = "NumberOfPhysicalBreaks is 0";
    else if (config->MaximumTransferLength < NT_PAGE_SIZE)
        why = "MaximumTransferLength is below a page";
    else if (!config->MaximumNumberOfTargets || !config->MaximumNumberOfLogicalUnits)
        why = "MaximumNumberOfTargets or MaximumNumberOfLogicalUnits is 0";
    else if (config->AlignmentMask & (config->AlignmentMask + 1) || config->AlignmentMask > 0x1FF)
        why = "AlignmentMask is none of 0, 1, 3, ..., 0x1FF";
    if (why)
        snprintf(reason, reason_size, "FindAdapter returned a configuration that cannot be: %s",
                 why);
    return !why;
}

void storport_config_requests(struct storport_adapter *adapter)
{
    const PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct port_limits *limits = &adapter->port->limits;
    bool many = adapter->port->virtual_adapter ||
                (config->Dma64BitAddresses & ~SCSI_DMA64_SYSTEM_SUPPORTED) >= MANY_IO_DMA64;

    limits->max_io = clamp(config->MaxNumberOfIO, 1, many ? MAX_IO_BOUND : DEFAULT_MAX_IO);
    /* A queue tag of 8 bits must be unique among what is outstanding. */
    if (!adapter->storage_blocks)
        limits->max_io = clamp(limits->max_io, 1, LEGACY_TAGS_MAX);
    limits->max_io_per_unit = clamp(config->MaxIOsPerLun, 1, limits->max_io);
    limits->initial_depth = clamp(config->InitialLunQueueDepth, 1, limits->max_io_per_unit);
    port_settings_apply(adapter->port);
}

bool storport_config_accept(struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct port_limits *limits = &adapter->port->limits;
    bool old = config->Length == OLD_CONFIG_LENGTH;

    if (!check(adapter, reason, reason_size))
        return false;
    adapter->storage_blocks = !old && config->SrbType == SRB_TYPE_STORAGE_REQUEST_BLOCK;
    adapter->form = !adapter->storage_blocks ? STORPORT_SCSI_BLOCKS
                    : adapter->init.FeatureSupport & STOR_FEATURE_EXTRA_IO_INFORMATION
                        ? STORPORT_INFORMATIVE_BLOCKS
                        : STORPORT_STORAGE_BLOCKS;
    adapter->map_buffers = config->MapBuffers;
    __atomic_store_n(&limits->maximum_transfer_length, config->MaximumTransferLength,
                     __ATOMIC_RELAXED); /* atomic: submitters look while it starts again */
    limits->physical_breaks = config->NumberOfPhysicalBreaks;
    limits->alignment_mask = config->AlignmentMask;
    limits->paths = config->NumberOfBuses;
    limits->targets = config->MaximumNumberOfTargets;
    limits->units_per_target = config->MaximumNumberOfLogicalUnits;
    memcpy(limits->initiator_id, config->InitiatorBusId, sizeof(limits->initiator_id));
    limits->srb_extension_size = adapter->srb_extension_settled
                                     ? adapter->settled_srb_extension_size
                                     : config->SrbExtensionSize;
    limits->unit_extension_size = config->SpecificLuExtensionSize;
    limits->bus_reset_hold_us = config->BusResetHoldTime;
    limits->scatter_gather = !adapter->port->virtual_adapter;
    storport_config_reach(adapter);
    limits->caches_data = config->CachesData;
    limits->stop_unit = config->FeatureSupport & STOR_ADAPTER_FEATURE_STOP_UNIT_DURING_POWER_DOWN;
    limits->abort_command = config->FeatureSupport & STOR_ADAPTER_FEATURE_ABORT_COMMAND;
    __atomic_store_n(&limits->storage_request_blocks, adapter->storage_blocks, __ATOMIC_RELAXED);
    limits->full_duplex = config->SynchronizationModel == StorSynchronizeFullDuplex;
    adapter->mode = adapter->port->virtual_adapter ? STORPORT_VIRTUAL
                    : limits->full_duplex          ? STORPORT_FULL_DUPLEX
                                                   : STORPORT_HALF_DUPLEX;
    adapter->start_io = storport_start_routine(adapter);
    adapter->build_io = adapter->port->virtual_adapter ? NULL : adapter->init.HwBuildIo;
    storport_config_requests(adapter);
    adapter->sense_length = (uint8_t)limits->sense_bytes;
    return true;
}
