/*
 * acpi_buffers.c - the buffers of acpiioct.h, from drivers and for them.
 *
 * Arguments follow one another without a gap, each at least as long as one with an integer; those
 * of a package are its data. A result that is a package is its elements, as many as Count says.
 */
#include "storport/acpi.h"

#include <acpiioct.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16, ARGUMENT_HEAD = FIELD_OFFSET(ACPI_METHOD_ARGUMENT, Data) };

/* ---- input ---- */

struct bytes {
    const uint8_t *at;
    size_t left;
};

static bool take(struct bytes *bytes, void *to, size_t size)
{
    if (size > bytes->left)
        return false;
    memcpy(to, bytes->at, size);
    bytes->at += size;
    bytes->left -= size;
    return true;
}

static bool value_take(struct acpi_value *value, struct bytes *bytes, unsigned depth);

static bool package_take(struct acpi_value *value, struct bytes inside, unsigned depth)
{
    value->type = ACPI_PACKAGE;
    while (inside.left) {
        struct acpi_value *longer = realloc(value->elements, (value->count + 1) * sizeof(*longer));
        if (!longer)
            return false;
        value->elements = longer;
        longer[value->count] = (struct acpi_value){0};
        if (!value_take(&longer[value->count++], &inside, depth + 1))
            return false;
    }
    return true;
}

/* The last one may be as short as its data. */
static bool value_take(struct acpi_value *value, struct bytes *bytes, unsigned depth)
{
    USHORT type, length;

    if (depth > DEPTH_MAX || !take(bytes, &type, sizeof(type)) ||
        !take(bytes, &length, sizeof(length)) || length > bytes->left)
        return false;
    const uint8_t *data = bytes->at;
    size_t whole = length < sizeof(ULONG) ? sizeof(ULONG) : length;
    whole = whole < bytes->left ? whole : bytes->left;
    bytes->at += whole;
    bytes->left -= whole;
    switch (type) {
    case ACPI_METHOD_ARGUMENT_INTEGER:
        value->type = ACPI_INTEGER;
        if (length > sizeof(value->integer))
            return false;
        memcpy(&value->integer, data, length);
        return true;
    case ACPI_METHOD_ARGUMENT_STRING:
    case ACPI_METHOD_ARGUMENT_BUFFER:
        value->type = type == ACPI_METHOD_ARGUMENT_STRING ? ACPI_STRING : ACPI_BUFFER;
        value->data = data;
        value->length = length;
        return true;
    case ACPI_METHOD_ARGUMENT_PACKAGE:
    case ACPI_METHOD_ARGUMENT_PACKAGE_EX:
        return package_take(value, (struct bytes){data, length}, depth);
    default:
        return false;
    }
}

static bool complex_take(struct acpi_request *request, struct bytes *bytes)
{
    ULONG size, count;

    /* Drivers count the head in Size too, so the buffer's end is the end. */
    if (!take(bytes, &size, sizeof(size)) || !take(bytes, &count, sizeof(count)) ||
        count > ACPI_ARGUMENTS_MAX)
        return false;
    for (; request->count < count; request->count++)
        if (!value_take(&request->arguments[request->count], bytes, 0)) {
            request->count++; /* of it, too, there may be something to free */
            return false;
        }
    return true;
}

static bool string_take(struct acpi_request *request, struct bytes *bytes)
{
    struct acpi_value *value = &request->arguments[0];
    ULONG length;

    if (!take(bytes, &length, sizeof(length)) || length > bytes->left)
        return false;
    *value = (struct acpi_value){.type = ACPI_STRING, .data = bytes->at, .length = length};
    request->count = 1;
    return true;
}

static bool integer_take(struct acpi_request *request, struct bytes *bytes, size_t size)
{
    struct acpi_value *value = &request->arguments[0];
    size_t gap = size == sizeof(ULONG64)
                     ? FIELD_OFFSET(ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_EX, IntegerArgument) -
                           sizeof(ACPI_EVAL_INPUT_BUFFER_EX)
                     : 0;
    ULONG64 none;

    *value = (struct acpi_value){.type = ACPI_INTEGER};
    request->count = 1;
    return take(bytes, &none, gap) && take(bytes, &value->integer, size);
}

void acpi_request_name(struct acpi_request *request, ULONG name)
{
    for (unsigned i = 0; i < sizeof(name); i++) {
        char letter = (char)(name >> 8 * i);
        request->name[i] = letter ? letter : '_';
    }
    request->name[sizeof(name)] = '\0';
}

static bool name_take(struct acpi_request *request, struct bytes *bytes)
{
    ULONG name;

    if (!request->wide) {
        if (!take(bytes, &name, sizeof(name)))
            return false;
        acpi_request_name(request, name);
        return true;
    }
    return take(bytes, request->name, sizeof(((ACPI_EVAL_INPUT_BUFFER_EX *)NULL)->MethodName)) &&
           memchr(request->name, '\0', sizeof(request->name));
}

bool acpi_request_parse(struct acpi_request *request, const void *buffer, size_t length)
{
    struct bytes bytes = {buffer, length};
    ULONG signature;

    *request = (struct acpi_request){0};
    if (!take(&bytes, &signature, sizeof(signature)))
        return false;
    request->wide = signature == ACPI_EVAL_INPUT_BUFFER_SIGNATURE_EX ||
                    signature == ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE_EX ||
                    signature == ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_SIGNATURE_EX ||
                    signature == ACPI_EVAL_INPUT_BUFFER_COMPLEX_SIGNATURE_EX;
    if (!name_take(request, &bytes))
        return false;
    switch (signature) {
    case ACPI_EVAL_INPUT_BUFFER_SIGNATURE:
    case ACPI_EVAL_INPUT_BUFFER_SIGNATURE_EX:
        return true;
    case ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE:
        return integer_take(request, &bytes, sizeof(ULONG));
    case ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE_EX:
        return integer_take(request, &bytes, sizeof(ULONG64));
    case ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_SIGNATURE:
    case ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_SIGNATURE_EX:
        return string_take(request, &bytes);
    case ACPI_EVAL_INPUT_BUFFER_COMPLEX_SIGNATURE:
    case ACPI_EVAL_INPUT_BUFFER_COMPLEX_SIGNATURE_EX:
        return complex_take(request, &bytes);
    default:
        return false;
    }
}

/* The data are the sender's, the lists of packages ours. */
static void elements_free(struct acpi_value *value)
{
    for (size_t i = 0; i < value->count; i++)
        elements_free(&value->elements[i]);
    free(value->elements);
}

void acpi_request_free(struct acpi_request *request)
{
    for (size_t i = 0; i < request->count; i++)
        elements_free(&request->arguments[i]);
    request->count = 0;
}

/* ---- output ---- */

static size_t data_length(const struct acpi_value *value, bool wide);

static size_t argument_length(const struct acpi_value *value, bool wide)
{
    size_t length = data_length(value, wide);

    return ARGUMENT_HEAD + (length > sizeof(ULONG) ? length : sizeof(ULONG));
}

static size_t data_length(const struct acpi_value *value, bool wide)
{
    size_t length = 0;

    switch (value->type) {
    case ACPI_INTEGER:
        return wide ? sizeof(ULONG64) : sizeof(ULONG);
    case ACPI_STRING:
        return value->length + 1;
    case ACPI_BUFFER:
        return value->length;
    case ACPI_PACKAGE:
        for (size_t i = 0; i < value->count; i++)
            length += argument_length(&value->elements[i], wide);
        return length;
    default:
        return 0;
    }
}

/* A length of an argument is a USHORT. */
static bool can_be_told(const struct acpi_value *value, bool wide, bool is_top)
{
    bool can = (is_top && value->type == ACPI_PACKAGE) || data_length(value, wide) <= MAXUSHORT;

    for (size_t i = 0; i < value->count && can; i++)
        can = can_be_told(&value->elements[i], wide, false);
    return can;
}

/* What was never set, or is the name of something else, is a buffer of nothing. */
static uint8_t *argument_write(uint8_t *at, const struct acpi_value *value, bool wide)
{
    static const USHORT types[] = {
        [ACPI_NOTHING] = ACPI_METHOD_ARGUMENT_BUFFER,
        [ACPI_INTEGER] = ACPI_METHOD_ARGUMENT_INTEGER,
        [ACPI_STRING] = ACPI_METHOD_ARGUMENT_STRING,
        [ACPI_BUFFER] = ACPI_METHOD_ARGUMENT_BUFFER,
        [ACPI_PACKAGE] = ACPI_METHOD_ARGUMENT_PACKAGE,
        [ACPI_OTHER] = ACPI_METHOD_ARGUMENT_BUFFER,
    };
    USHORT length = (USHORT)data_length(value, wide);
    uint8_t *data = at + ARGUMENT_HEAD;

    memset(at, 0, argument_length(value, wide));
    memcpy(at, &types[value->type], sizeof(USHORT));
    memcpy(at + sizeof(USHORT), &length, sizeof(USHORT));
    if (value->type == ACPI_INTEGER)
        memcpy(data, &value->integer, length);
    else if (value->type == ACPI_PACKAGE)
        for (size_t i = 0; i < value->count; i++)
            data = argument_write(data, &value->elements[i], wide);
    else if (value->length)
        memcpy(data, value->data, value->length);
    return at + argument_length(value, wide);
}

bool acpi_result_write(const struct acpi_value *result, bool wide, void *buffer, size_t room,
                       size_t *ret_length)
{
    enum { HEAD = FIELD_OFFSET(ACPI_EVAL_OUTPUT_BUFFER, Argument) };
    const struct acpi_value *values = result->type == ACPI_PACKAGE ? result->elements : result;
    size_t count = result->type == ACPI_PACKAGE   ? result->count
                   : result->type == ACPI_NOTHING ? 0
                                                  : 1;
    size_t length = HEAD;

    *ret_length = 0;
    if (!can_be_told(result, wide, true))
        return false;
    for (size_t i = 0; i < count; i++)
        length += argument_length(&values[i], wide);
    *ret_length = length;
    const ULONG head[] = {ACPI_EVAL_OUTPUT_BUFFER_SIGNATURE, (ULONG)length,
                          room < length ? 0 : (ULONG)count};
    if (room >= HEAD)
        memcpy(buffer, head, HEAD);
    if (room < length)
        return false;
    uint8_t *at = (uint8_t *)buffer + HEAD;
    for (size_t i = 0; i < count; i++)
        at = argument_write(at, &values[i], wide);
    return true;
}
