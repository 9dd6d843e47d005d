/*
 * describe.c - how an adapter is seen from above: its state, its configuration, its limits.
 */
#include "port/driver.h"

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

bool port_adapter_message(const struct port_adapter *adapter, unsigned message,
                          unsigned *ret_processor)
{
    if (message >= adapter->message_count)
        return false;
    *ret_processor = adapter->grant.processors[message];
    return true;
}

void port_adapter_describe(const struct port_adapter *adapter, struct port_adapter_info *ret_info)
{
    const struct port_limits *limits = &adapter->limits;

    *ret_info = (struct port_adapter_info){
        .driver = port_driver_service(adapter->driver),
        .device = adapter->device_name,
        .port_number = adapter->number,
        .is_virtual = adapter->virtual_adapter,
        .takes_service_requests = adapter->takes_service_requests,
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
        .bus_type = __atomic_load_n(&adapter->bus_type, __ATOMIC_RELAXED),
        .serial = adapter->serial,
        .fru = adapter->fru,
        .rpmb = port_announced(&adapter->rpmb),
        .crypto_engine = port_announced(&adapter->crypto_engine),
    };
    ret_info->state = port_adapter_state(adapter, &ret_info->device_state);
    if (adapter->device) {
        uint32_t id = adapter->device->ops->config_read(adapter->device, 0, 4);
        ret_info->vendor_id = (uint16_t)id;
        ret_info->device_id = (uint16_t)(id >> 16);
    }
}

enum port_adapter_state port_adapter_state(const struct port_adapter *adapter,
                                           unsigned *ret_device_state)
{
    if (ret_device_state)
        *ret_device_state = __atomic_load_n(&adapter->device_state, __ATOMIC_ACQUIRE);
    return (enum port_adapter_state)__atomic_load_n(&adapter->state, __ATOMIC_ACQUIRE);
}
