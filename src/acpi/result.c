/*
 * result.c - values as result.asl writes them.
 */
#include "acpi/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 5, DEPTH_MAX = 64 };

struct reader {
    const uint8_t *bytes;
    size_t left;
};

static int value_take(struct reader *reader, struct acpi_value *value, unsigned depth);

/* The elements fill `inside` to its end; how many there are shows on the way. */
static int package_take(struct reader inside, struct acpi_value *value, unsigned depth)
{
    while (inside.left != 0) {
        struct acpi_value *longer = realloc(value->elements, (value->count + 1) * sizeof(*longer));
        if (longer == NULL)
            return -ENOMEM;
        value->elements = longer;
        longer[value->count] = (struct acpi_value){0};
        int error = value_take(&inside, &longer[value->count++], depth + 1);
        if (error != 0)
            return error;
    }
    return 0;
}

static int bytes_take(const uint8_t *bytes, size_t length, struct acpi_value *value)
{
    uint8_t *copy = malloc(length + 1);

    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, bytes, length);
    copy[length] = 0;
    value->data = copy;
    value->length =
        value->type == ACPI_STRING && length != 0 ? strnlen((char *)copy, length) : length;
    return 0;
}

static int value_take(struct reader *reader, struct acpi_value *value, unsigned depth)
{
    if (depth > DEPTH_MAX || reader->left < HEAD_BYTES)
        return -EPROTO;
    const uint8_t *at = reader->bytes;
    size_t length = at[1] | (size_t)at[2] << 8 | (size_t)at[3] << 16 | (size_t)at[4] << 24;
    if (length > reader->left - HEAD_BYTES)
        return -EPROTO;
    reader->bytes += HEAD_BYTES + length;
    reader->left -= HEAD_BYTES + length;
    value->type = at[0] <= ACPI_PACKAGE ? (enum acpi_type)at[0] : ACPI_OTHER;
    switch (value->type) {
    case ACPI_INTEGER:
        if (length > sizeof(value->integer))
            return -EPROTO;
        memcpy(&value->integer, at + HEAD_BYTES, length);
        return 0;
    case ACPI_STRING:
    case ACPI_BUFFER:
        return bytes_take(at + HEAD_BYTES, length, value);
    case ACPI_PACKAGE:
        return package_take((struct reader){at + HEAD_BYTES, length}, value, depth);
    default:
        return 0;
    }
}

void acpi_value_clear(struct acpi_value *value)
{
    for (size_t i = 0; i < value->count; i++)
        acpi_value_clear(&value->elements[i]);
    free(value->elements);
    free((void *)(uintptr_t)value->data);
    *value = (struct acpi_value){0};
}

int result_decode(const uint8_t *bytes, size_t size, struct acpi_value *ret_value)
{
    struct acpi_value value = {0};
    struct reader reader = {bytes, size};
    int error = value_take(&reader, &value, 0);

    if (error == 0 && reader.left != 0)
        error = -EPROTO;
    if (error != 0)
        acpi_value_clear(&value);
    else
        *ret_value = value;
    return error;
}
