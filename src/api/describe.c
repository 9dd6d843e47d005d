/*
 * describe.c - what drivers announce besides their configuration, as JSON: replay-protected memory,
 * encryption.
 */
#include "api/describe.h"

enum { DATA_UNIT_SIZES = 16, SECTOR_BYTES = 512 };

void describe_rpmb(struct json_writer *writer, const struct port_rpmb *rpmb)
{
    if (rpmb == NULL)
        return;
    json_open(writer, "rpmb", '{');
    json_number(writer, "bytes", rpmb->bytes);
    json_number(writer, "write_bytes_max", rpmb->write_bytes_max);
    json_number(writer, "frame_format", rpmb->frame_format);
    json_number(writer, "path", rpmb->path);
    json_number(writer, "target", rpmb->target);
    json_number(writer, "lun", rpmb->lun);
    json_number(writer, "security_protocol", rpmb->protocol);
    json_number(writer, "security_protocol_specifier", rpmb->protocol_specifier);
    json_close(writer, '}');
}

static void put_algorithm(struct json_writer *writer,
                          const struct port_crypto_capability *capability)
{
    json_text(writer, "algorithm", port_crypto_algorithm_name(capability->algorithm));
    json_number(writer, "key_bits", port_crypto_key_bits(capability->key_size));
}

static void put_capability(struct json_writer *writer,
                           const struct port_crypto_capability *capability)
{
    json_open(writer, NULL, '{');
    json_number(writer, "index", capability->index);
    put_algorithm(writer, capability);
    json_number(writer, "key_bytes", port_crypto_key_bytes(capability));
    json_open(writer, "data_unit_sizes", '[');
    for (unsigned bit = 0; bit < DATA_UNIT_SIZES; bit++) {
        if ((capability->data_unit_sizes >> bit & 1) != 0)
            json_number(writer, NULL, (uint64_t)SECTOR_BYTES << bit);
    }
    json_close(writer, ']');
    json_close(writer, '}');
}

void describe_crypto_engine(struct json_writer *writer, const struct port_crypto_engine *engine)
{
    if (engine == NULL)
        return;
    json_open(writer, "crypto_engine", '{');
    json_number(writer, "keys", engine->keys);
    json_open(writer, "capabilities", '[');
    for (uint32_t i = 0; i < engine->capability_count; i++)
        put_capability(writer, &engine->capabilities[i]);
    json_close(writer, ']');
    json_close(writer, '}');
}

void describe_crypto_key(struct json_writer *writer, const struct port_unit *unit)
{
    struct port_crypto_key_info key;

    port_unit_crypto_describe(unit, &key);
    if (key.data_unit_size == 0)
        return;
    json_open(writer, "crypto_key", '{');
    json_number(writer, "index", key.index);
    json_number(writer, "capability", key.capability.index);
    put_algorithm(writer, &key.capability);
    json_number(writer, "data_unit_size", key.data_unit_size);
    json_close(writer, '}');
}
