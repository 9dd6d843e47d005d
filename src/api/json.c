/*
 * json.c - storhost_adapter_json: the whole description of an adapter as JSON text.
 *
 * Rule: strings come from devices and may hold any byte; what is not printable ASCII is escaped as
 * the Latin-1 character of that number, so the text is always valid JSON.
 */
#include "api/api_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    FILE *out;
    unsigned depth;
    bool first; /* nothing has been written at this depth yet */
};

static void new_line(struct writer *writer)
{
    fprintf(writer->out, "\n%*s", (int)(2 * writer->depth), "");
}

static void write_text(struct writer *writer, const char *text)
{
    fputc('"', writer->out);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(writer->out, "\\%c", *c);
        else if (*c >= 0x20 && *c < 0x7F)
            fputc(*c, writer->out);
        else
            fprintf(writer->out, "\\u%04x", *c);
    }
    fputc('"', writer->out);
}

static void write_key(struct writer *writer, const char *key)
{
    if (!writer->first)
        fputc(',', writer->out);
    writer->first = false;
    new_line(writer);
    if (key != NULL)
        fprintf(writer->out, "\"%s\": ", key);
}

static void open_group(struct writer *writer, const char *key, char bracket)
{
    write_key(writer, key);
    fputc(bracket, writer->out);
    writer->depth++;
    writer->first = true;
}

static void close_group(struct writer *writer, char bracket)
{
    writer->depth--;
    if (!writer->first)
        new_line(writer);
    fputc(bracket, writer->out);
    writer->first = false;
}

static void put_text(struct writer *writer, const char *key, const char *text)
{
    write_key(writer, key);
    write_text(writer, text != NULL ? text : "");
}

static void put_number(struct writer *writer, const char *key, uint64_t number)
{
    write_key(writer, key);
    fprintf(writer->out, "%" PRIu64, number);
}

static void put_truth(struct writer *writer, const char *key, bool truth)
{
    write_key(writer, key);
    fputs(truth ? "true" : "false", writer->out);
}

static void put_bytes(struct writer *writer, const char *key, const uint8_t *bytes, size_t length)
{
    write_key(writer, key);
    if (bytes == NULL) {
        fputs("null", writer->out);
        return;
    }
    fputc('"', writer->out);
    for (size_t i = 0; i < length; i++)
        fprintf(writer->out, "%02x", bytes[i]);
    fputc('"', writer->out);
}

static void put_adapter(struct writer *writer, const struct storhost_adapter_info *info)
{
    char power[] = {'D', (char)('0' + info->device_state), 0};

    put_text(writer, "state", storhost_adapter_state_name(info->state));
    put_text(writer, "power", power);
    put_text(writer, "driver", info->driver);
    put_text(writer, "device", info->device);
    put_number(writer, "port_number", info->port_number);
    put_number(writer, "vendor_id", info->vendor_id);
    put_number(writer, "device_id", info->device_id);
    put_number(writer, "bus_type", info->bus_type);
    put_text(writer, "serial", info->serial);
    put_text(writer, "fru", info->fru);
    open_group(writer, "configuration", '{');
    put_truth(writer, "virtual", info->is_virtual);
    put_truth(writer, "full_duplex", info->full_duplex);
    put_truth(writer, "storage_request_blocks", info->storage_request_blocks);
    put_truth(writer, "caches_data", info->caches_data);
    put_number(writer, "concurrent_channels", info->concurrent_channels);
    put_text(writer, "interrupts", info->interrupt_kind);
    put_number(writer, "messages", info->messages);
    put_number(writer, "maximum_transfer_length", info->maximum_transfer_length);
    put_number(writer, "physical_breaks", info->physical_breaks);
    put_number(writer, "alignment_mask", info->alignment_mask);
    put_number(writer, "transfer_limit", info->transfer_limit);
    put_number(writer, "max_io", info->max_io);
    put_number(writer, "max_io_per_unit", info->max_io_per_unit);
    put_number(writer, "initial_depth", info->initial_depth);
    put_number(writer, "paths", info->paths);
    put_number(writer, "targets", info->targets);
    put_number(writer, "units_per_target", info->units_per_target);
    close_group(writer, '}');
}

static void put_disk(struct writer *writer, const struct storhost_unit_info *info)
{
    open_group(writer, "disk", '{');
    put_number(writer, "bytes", info->block_count * info->block_size);
    put_number(writer, "block_count", info->block_count);
    put_number(writer, "block_size", info->block_size);
    put_number(writer, "physical_block_size", info->physical_block_size);
    put_number(writer, "transfer_limit", info->transfer_limit);
    put_truth(writer, "read_only", info->read_only);
    put_truth(writer, "write_cache", info->write_cache);
    put_truth(writer, "can_trim", info->can_trim);
    put_truth(writer, "can_zero", info->can_zero);
    put_truth(writer, "can_fua", info->can_fua);
    close_group(writer, '}');
}

/* What the driver says besides inquiry data. */
static void put_driver_words(struct writer *writer, const struct port_unit_info *info)
{
    put_number(writer, "bus_type", info->bus_type);
    put_number(writer, "attributes", info->attributes);
    put_text(writer, "rich_vendor", info->rich_vendor);
    put_text(writer, "rich_model", info->rich_model);
    put_text(writer, "rich_revision", info->rich_revision);
    put_text(writer, "fru", info->fru);
}

/* A unit of an adapter that takes no requests now is described from what is known. */
static void put_unit(struct writer *writer, struct storhost_unit *unit, bool running)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    struct port_unit_info port_info;
    char name[48];

    int error = api_unit_describe(unit, &info, running);
    port_unit_describe(unit->unit, &port_info);
    snprintf(name, sizeof(name), "%u:%u:%u", info.path, info.target, info.lun);
    open_group(writer, NULL, '{');
    put_text(writer, "name", name);
    put_number(writer, "path", info.path);
    put_number(writer, "target", info.target);
    put_number(writer, "lun", info.lun);
    put_number(writer, "device_type", info.device_type);
    put_text(writer, "device_type_name", storhost_device_type_name(info.device_type));
    put_number(writer, "depth", info.depth);
    put_truth(writer, "present", info.present);
    put_truth(writer, "removable_media", info.removable);
    if (info.removable && (error == 0 || error == -ENOMEDIUM))
        put_truth(writer, "medium_present", error == 0);
    put_text(writer, "vendor", info.vendor);
    put_text(writer, "product", info.product);
    put_text(writer, "revision", info.revision);
    put_text(writer, "serial", info.serial);
    if (error != 0)
        put_text(writer, "error", storhost_unit_problem(error));
    else if (info.has_blocks)
        put_disk(writer, &info);
    put_driver_words(writer, &port_info);
    put_bytes(writer, "inquiry", port_info.inquiry, port_info.inquiry_length);
    put_bytes(writer, "serial_page", port_info.vpd_serial, port_info.vpd_serial_length);
    put_bytes(writer, "identification_page", port_info.vpd_identification,
              port_info.vpd_identification_length);
    close_group(writer, '}');
}

STORHOST_API int storhost_adapter_json(struct storhost_adapter *adapter, char **ret_json)
{
    struct storhost_adapter_info info = {.size = sizeof(info)};
    char *text = NULL;
    size_t length = 0;
    struct writer writer = {.out = open_memstream(&text, &length)};

    if (writer.out == NULL)
        return -ENOMEM;
    storhost_adapter_describe(adapter, &info);
    fputc('{', writer.out);
    writer.depth = 1;
    writer.first = true;
    put_adapter(&writer, &info);
    open_group(&writer, "units", '[');
    struct storhost_unit *unit;
    for (unsigned i = 0; (unit = storhost_unit_get(adapter, i)) != NULL; i++) {
        put_unit(&writer, unit, info.state == STORHOST_ADAPTER_RUNNING);
        storhost_unit_release(unit);
    }
    close_group(&writer, ']');
    close_group(&writer, '}');
    bool failed = ferror(writer.out) != 0;
    failed |= fclose(writer.out) != 0;
    if (failed) {
        free(text);
        return -ENOMEM;
    }
    *ret_json = text;
    return 0;
}
