/*
 * aml.c - the table that calls a method: arguments become constants of its code, so they may be of
 * any type, any length and any bytes.
 *
 * Opcodes and encodings: ACPI specification 6.5, chapter 20.
 */
#include "acpi/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OP_STRING = 0x0D,
    OP_QWORD = 0x0E,
    OP_BUFFER = 0x11,
    OP_PACKAGE = 0x12,
    OP_METHOD = 0x14,
    OP_DUAL_NAME = 0x2E,
    OP_MULTI_NAME = 0x2F,
    OP_RETURN = 0xA4,
    HEADER_BYTES = 36,
    PACKAGE_LENGTH_MAX = 1 << 28,
    ELEMENTS_MAX = 255,
};

struct aml {
    uint8_t *bytes;
    size_t length, room;
    int error;
};

/* ---- bytes ---- */

static void aml_add(struct aml *aml, const void *bytes, size_t size)
{
    if (aml->error != 0)
        return;
    if (size > aml->room - aml->length) {
        size_t room = 2 * (aml->length + size) + 64;
        uint8_t *longer = realloc(aml->bytes, room);
        if (longer == NULL) {
            aml->error = -ENOMEM;
            return;
        }
        aml->bytes = longer;
        aml->room = room;
    }
    if (size != 0)
        memcpy(aml->bytes + aml->length, bytes, size);
    aml->length += size;
}

static void aml_byte(struct aml *aml, unsigned byte)
{
    aml_add(aml, &(uint8_t){(uint8_t)byte}, 1);
}

/* The opcode, the length of what follows with its own bytes, and that; `content` is used up. */
static void aml_enclose(struct aml *aml, unsigned opcode, struct aml *content)
{
    size_t length = content->length;

    if (aml->error == 0)
        aml->error = content->error != 0                ? content->error
                     : length + 4 >= PACKAGE_LENGTH_MAX ? -E2BIG
                                                        : 0;
    aml_byte(aml, opcode);
    if (length + 1 < 0x40) {
        aml_byte(aml, (unsigned)length + 1);
    } else {
        unsigned more = length + 2 < 0x1000 ? 1 : length + 3 < 0x100000 ? 2 : 3;
        length += more + 1;
        aml_byte(aml, more << 6 | (unsigned)(length & 0xF));
        for (unsigned i = 0; i < more; i++)
            aml_byte(aml, (unsigned)(length >> (4 + 8 * i)) & 0xFF);
    }
    aml_add(aml, content->bytes, content->length);
    free(content->bytes);
}

/* ---- names and values ---- */

/* "\_SB_.PCI0": names of four characters. */
static void aml_path(struct aml *aml, const char *path)
{
    size_t count = (strlen(path) - 1 + 1) / (NAME_CHARACTERS + 1);

    aml_byte(aml, '\\');
    if (count == 2)
        aml_byte(aml, OP_DUAL_NAME);
    if (count > 2) {
        aml_byte(aml, OP_MULTI_NAME);
        aml_byte(aml, (unsigned)count);
    }
    for (size_t i = 0; i < count; i++)
        aml_add(aml, path + 1 + i * (NAME_CHARACTERS + 1), NAME_CHARACTERS);
}

static void aml_integer(struct aml *aml, uint64_t number)
{
    aml_byte(aml, OP_QWORD);
    for (unsigned i = 0; i < 8; i++)
        aml_byte(aml, (unsigned)(number >> 8 * i) & 0xFF);
}

static void aml_value(struct aml *aml, const struct acpi_value *value);

static void aml_package(struct aml *aml, const struct acpi_value *value)
{
    struct aml content = {0};

    if (value->count > ELEMENTS_MAX)
        content.error = -E2BIG;
    aml_byte(&content, (unsigned)value->count);
    for (size_t i = 0; i < value->count; i++)
        aml_value(&content, &value->elements[i]);
    aml_enclose(aml, OP_PACKAGE, &content);
}

static void aml_value(struct aml *aml, const struct acpi_value *value)
{
    struct aml content = {0};

    switch (value->type) {
    case ACPI_INTEGER:
        aml_integer(aml, value->integer);
        break;
    case ACPI_STRING: /* ends at the first zero, if there is one inside */
        aml_byte(aml, OP_STRING);
        aml_add(aml, value->data, strnlen((const char *)value->data, value->length));
        aml_byte(aml, 0);
        break;
    case ACPI_BUFFER:
        aml_integer(&content, value->length);
        aml_add(&content, value->data, value->length);
        aml_enclose(aml, OP_BUFFER, &content);
        break;
    case ACPI_PACKAGE:
        aml_package(aml, value);
        break;
    default:
        aml->error = -EINVAL;
    }
}

/* ---- the table ---- */

static void table_header(struct aml *aml, size_t length)
{
    static const uint8_t names[] = {'S', 'T', 'O', 'R', 'H', 'S', 'C', 'A', 'L', 'L', 0, 0, 0, 0};
    uint8_t header[HEADER_BYTES] = {'S', 'S', 'D', 'T'};

    for (unsigned i = 0; i < 4; i++)
        header[4 + i] = (uint8_t)(length >> 8 * i);
    header[8] = 2;
    memcpy(header + 10, names, sizeof(names)); /* OEM id, OEM table id */
    memcpy(header + 28, names, 4);             /* who made it */
    aml_add(aml, header, sizeof(header));
}

int aml_call(const char *path, bool is_method, const struct acpi_value *arguments, size_t count,
             uint8_t **ret_table, size_t *ret_size)
{
    struct aml table = {0}, body = {0}, method = {0};
    uint8_t sum = 0;

    aml_add(&body, "XSTC", NAME_CHARACTERS);
    aml_byte(&body, 0); /* no arguments of its own */
    aml_byte(&body, OP_RETURN);
    aml_path(&body, "\\XSTK");
    aml_path(&body, path);
    for (size_t i = 0; is_method && i < count; i++)
        aml_value(&body, &arguments[i]);
    aml_enclose(&method, OP_METHOD, &body);
    table_header(&table, HEADER_BYTES + method.length);
    aml_add(&table, method.bytes, method.length);
    int error = method.error != 0 ? method.error : table.error;
    free(method.bytes);
    if (error != 0) {
        free(table.bytes);
        return error;
    }
    for (size_t i = 0; i < table.length; i++)
        sum = (uint8_t)(sum + table.bytes[i]);
    table.bytes[9] = (uint8_t)-sum;
    *ret_table = table.bytes;
    *ret_size = table.length;
    return 0;
}
