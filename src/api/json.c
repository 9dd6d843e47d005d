/*
 * json.c - storhost_adapter_json: the whole description of an adapter as JSON text.
 */
#include "api/api_internal.h"
#include "api/describe.h"
#include "api/json_writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_adapter(struct json_writer *writer, struct storhost_adapter *adapter,
                        const struct storhost_adapter_info *info)
{
    char power[] = {'D', (char)('0' + info->device_state), 0};

    json_text(writer, "state", storhost_adapter_state_name(info->state));
    json_text(writer, "power", power);
    json_text(writer, "driver", info->driver);
    json_text(writer, "device", info->device);
    json_number(writer, "port_number", info->port_number);
    json_number(writer, "vendor_id", info->vendor_id);
    json_number(writer, "device_id", info->device_id);
    json_number(writer, "bus_type", info->bus_type);
    json_text(writer, "serial", info->serial);
    json_text(writer, "fru", info->fru);
    json_open(writer, "configuration", '{');
    json_truth(writer, "virtual", info->is_virtual);
    json_truth(writer, "full_duplex", info->full_duplex);
    json_truth(writer, "storage_request_blocks", info->storage_request_blocks);
    json_truth(writer, "caches_data", info->caches_data);
    json_number(writer, "concurrent_channels", info->concurrent_channels);
    json_text(writer, "interrupts", info->interrupt_kind);
    json_number(writer, "messages", info->messages);
    json_open(writer, "message_processors", '[');
    unsigned processor;
    for (unsigned i = 0; storhost_adapter_message(adapter, i, &processor); i++)
        json_number(writer, NULL, processor);
    json_close(writer, ']');
    json_number(writer, "maximum_transfer_length", info->maximum_transfer_length);
    json_number(writer, "physical_breaks", info->physical_breaks);
    json_number(writer, "alignment_mask", info->alignment_mask);
    json_number(writer, "transfer_limit", info->transfer_limit);
    json_number(writer, "max_io", info->max_io);
    json_number(writer, "max_io_per_unit", info->max_io_per_unit);
    json_number(writer, "initial_depth", info->initial_depth);
    json_number(writer, "paths", info->paths);
    json_number(writer, "targets", info->targets);
    json_number(writer, "units_per_target", info->units_per_target);
    json_close(writer, '}');
}

static void put_disk(struct json_writer *writer, const struct storhost_unit_info *info)
{
    json_open(writer, "disk", '{');
    json_number(writer, "bytes", info->block_count * info->block_size);
    json_number(writer, "block_count", info->block_count);
    json_number(writer, "block_size", info->block_size);
    json_number(writer, "physical_block_size", info->physical_block_size);
    json_number(writer, "transfer_limit", info->transfer_limit);
    json_truth(writer, "read_only", info->read_only);
    json_truth(writer, "write_cache", info->write_cache);
    json_truth(writer, "can_trim", info->can_trim);
    json_truth(writer, "can_zero", info->can_zero);
    json_truth(writer, "can_fua", info->can_fua);
    json_close(writer, '}');
}

/* What the driver says besides inquiry data. */
static void put_driver_words(struct json_writer *writer, const struct port_unit_info *info)
{
    json_number(writer, "bus_type", info->bus_type);
    json_number(writer, "attributes", info->attributes);
    json_text(writer, "rich_vendor", info->rich_vendor);
    json_text(writer, "rich_model", info->rich_model);
    json_text(writer, "rich_revision", info->rich_revision);
    json_text(writer, "fru", info->fru);
}

/* A unit of an adapter that takes no requests now is described from what is known. */
static void put_unit(struct json_writer *writer, struct storhost_adapter *adapter,
                     struct storhost_unit *unit, bool running)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    struct port_unit_info port_info;
    char name[48];

    int error = api_unit_describe(unit, &info, running);
    port_unit_describe(unit->unit, &port_info);
    snprintf(name, sizeof(name), "%u:%u:%u", info.path, info.target, info.lun);
    json_open(writer, NULL, '{');
    json_text(writer, "name", name);
    json_number(writer, "path", info.path);
    json_number(writer, "target", info.target);
    json_number(writer, "lun", info.lun);
    json_number(writer, "device_type", info.device_type);
    json_text(writer, "device_type_name", storhost_device_type_name(info.device_type));
    json_number(writer, "depth", info.depth);
    json_truth(writer, "present", info.present);
    json_truth(writer, "removable_media", info.removable);
    if (info.removable && (error == 0 || error == -ENOMEDIUM))
        json_truth(writer, "medium_present", error == 0);
    json_text(writer, "vendor", info.vendor);
    json_text(writer, "product", info.product);
    json_text(writer, "revision", info.revision);
    json_text(writer, "serial", info.serial);
    if (error != 0)
        json_text(writer, "error", storhost_unit_problem(error));
    else if (info.has_blocks)
        put_disk(writer, &info);
    put_driver_words(writer, &port_info);
    describe_rpmb(writer, port_info.rpmb);
    describe_crypto_key(writer, unit->unit);
    api_acpi_put_unit(writer, unit->unit);
    describe_runtime_power(writer, adapter, unit);
    json_bytes(writer, "inquiry", port_info.inquiry, port_info.inquiry_length);
    json_bytes(writer, "serial_page", port_info.vpd_serial, port_info.vpd_serial_length);
    json_bytes(writer, "identification_page", port_info.vpd_identification,
               port_info.vpd_identification_length);
    json_close(writer, '}');
}

void api_json_adapter(struct json_writer *writer, struct port_adapter *port)
{
    struct storhost_adapter adapter = {.adapter = port};
    struct storhost_adapter_info info = {.size = sizeof(info)};
    struct port_adapter_info announced;

    storhost_adapter_describe(&adapter, &info);
    put_adapter(writer, &adapter, &info);
    port_adapter_describe(port, &announced);
    describe_rpmb(writer, announced.rpmb);
    describe_crypto_engine(writer, announced.crypto_engine);
}

STORHOST_API int storhost_adapter_json(struct storhost_adapter *adapter, char **ret_json)
{
    bool running = storhost_adapter_state(adapter, NULL) == STORHOST_ADAPTER_RUNNING;
    char *text = NULL;
    size_t length = 0;
    struct json_writer writer = {.out = open_memstream(&text, &length)};

    if (writer.out == NULL)
        return -ENOMEM;
    fputc('{', writer.out);
    writer.depth = 1;
    writer.first = true;
    api_json_adapter(&writer, adapter->adapter);
    api_acpi_put_adapter(&writer, adapter->adapter);
    describe_runtime_power(&writer, adapter, NULL);
    json_open(&writer, "units", '[');
    struct storhost_unit *unit;
    for (unsigned i = 0; (unit = storhost_unit_get(adapter, i)) != NULL; i++) {
        put_unit(&writer, adapter, unit, running);
        storhost_unit_release(unit);
    }
    json_close(&writer, ']');
    json_close(&writer, '}');
    bool failed = ferror(writer.out) != 0;
    failed |= fclose(writer.out) != 0;
    if (failed) {
        free(text);
        return -ENOMEM;
    }
    *ret_json = text;
    return 0;
}
