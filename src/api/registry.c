/*
 * registry.c - the registry of a running machine, for people: keys as they name them, values as
 * text.
 */
#include "nt/registry.h"
#include "api/api_internal.h"
#include "nt/text.h"
#include "port/driver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEY_BYTES = 1024 };

/* ---- keys ---- */

/* From the machine's root. False: too long. */
static bool key_resolve(const struct storhost_adapter *adapter, const char *key,
                        char path[KEY_BYTES])
{
    static const char of_device[] = "Device Parameters";
    const size_t length = sizeof(of_device) - 1;
    char base[PORT_KEY_BYTES];

    if (*key == '\\')
        return snprintf(path, KEY_BYTES, "%s", key + 1) < KEY_BYTES;
    if (strncasecmp(key, of_device, length) == 0 && (key[length] == '\\' || key[length] == '\0')) {
        port_adapter_device_key(adapter->adapter, base, sizeof(base));
        key += length + (key[length] == '\\');
    } else {
        snprintf(base, sizeof(base), "%s", adapter->adapter->driver->key);
    }
    return snprintf(path, KEY_BYTES, *key != '\0' ? "%s\\%s" : "%s%s", base, key) < KEY_BYTES;
}

static int refuse(int result, const char *key, const char *name, struct storhost_error *error)
{
    if (result == -ENOENT)
        api_error(error, name != NULL ? "key '%s' has no value '%s'" : "there is no key '%s'", key,
                  name);
    else if (result != 0)
        api_error(error, "key '%s': %s", key,
                  result == -EINVAL ? "this is no name of a key" : strerror(-result));
    return result;
}

static int key_find(const struct storhost_adapter *adapter, const char *key, char path[KEY_BYTES],
                    struct storhost_error *error)
{
    if (!key_resolve(adapter, key, path))
        return refuse(-ENAMETOOLONG, key, NULL, error);
    return nt_registry_key_exists(path) ? 0 : refuse(-ENOENT, key, NULL, error);
}

/* ---- values as text ---- */

/* In quotation marks; what a terminal would obey becomes '?'. */
static void text_print(FILE *out, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code;
        size_t taken = text_utf8_read(text, left, &code);
        if (code < 0x20 || (code >= 0x7F && code < 0xA0))
            fputc('?', out);
        else
            fwrite(text, 1, taken, out);
        text += taken;
        left -= taken;
    }
}

static void string_print(FILE *out, const uint16_t *wide, size_t units)
{
    char *text = text_from_utf16(wide, units);

    fputc('"', out);
    if (text != NULL)
        text_print(out, text);
    fputc('"', out);
    free(text);
}

static void bytes_print(FILE *out, const uint8_t *bytes, size_t size)
{
    fprintf(out, "hex:");
    for (size_t i = 0; i < size; i++)
        fprintf(out, i == 0 ? "%02x" : ",%02x", bytes[i]);
}

static void strings_print(FILE *out, const uint16_t *wide, size_t units)
{
    for (size_t at = 0; at < units && wide[at] != 0;) {
        size_t length = 0;
        while (at + length < units && wide[at + length] != 0)
            length++;
        if (at != 0)
            fputc(' ', out);
        string_print(out, wide + at, length);
        at += length + 1;
    }
}

static void value_print(FILE *out, uint32_t type, const void *data, size_t size)
{
    size_t units = size / 2;
    const uint16_t *wide = data;
    uint64_t number = 0;

    switch (type) {
    case NT_REGISTRY_SZ:
    case NT_REGISTRY_EXPAND_SZ:
        while (units > 0 && wide[units - 1] == 0)
            units--;
        string_print(out, wide, units);
        return;
    case NT_REGISTRY_MULTI_SZ:
        strings_print(out, wide, units);
        return;
    case NT_REGISTRY_DWORD:
    case NT_REGISTRY_QWORD:
        if (size == (type == NT_REGISTRY_DWORD ? sizeof(uint32_t) : sizeof(uint64_t))) {
            memcpy(&number, data, size);
            fprintf(out, "%" PRIu64, number);
            return;
        }
        break;
    case NT_REGISTRY_BINARY:
        bytes_print(out, data, size);
        return;
    default:
        break;
    }
    fprintf(out, "(type %" PRIu32 ") ", type);
    bytes_print(out, data, size);
}

static int value_put(FILE *out, const char *path, const char *name)
{
    uint32_t type;
    size_t size;
    void *data;
    int result = nt_registry_copy(path, name, &type, &data, &size);

    if (result != 0)
        return result;
    value_print(out, type, data, size);
    fputc('\n', out);
    free(data);
    return 0;
}

/* ---- the functions ---- */

static void key_put(FILE *out, const char *path)
{
    char *name;

    for (unsigned i = 0; nt_registry_enumerate_key(path, i, &name) == 0; i++) {
        fputc('[', out);
        text_print(out, name);
        fputs("]\n", out);
        free(name);
    }
    for (unsigned i = 0; nt_registry_enumerate_value(path, i, &name) == 0; i++) {
        text_print(out, name);
        fputc('=', out);
        if (value_put(out, path, name) != 0) /* it went meanwhile */
            fputc('\n', out);
        free(name);
    }
}

STORHOST_API int storhost_registry_list(struct storhost_adapter *adapter, const char *key,
                                        char **ret_text, struct storhost_error *error)
{
    char path[KEY_BYTES], *text = NULL;
    size_t size;
    int result = key_find(adapter, key, path, error);

    if (result != 0)
        return result;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return refuse(-ENOMEM, key, NULL, error);
    key_put(out, path);
    if (fclose(out) != 0) {
        free(text);
        return refuse(-ENOMEM, key, NULL, error);
    }
    *ret_text = text;
    return 0;
}

STORHOST_API int storhost_registry_get(struct storhost_adapter *adapter, const char *key,
                                       const char *name, char **ret_text,
                                       struct storhost_error *error)
{
    char path[KEY_BYTES], *text = NULL;
    size_t size;
    int result = key_find(adapter, key, path, error);

    if (result != 0)
        return result;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return refuse(-ENOMEM, key, NULL, error);
    result = value_put(out, path, name);
    if (fclose(out) != 0 && result == 0)
        result = -ENOMEM;
    if (result != 0) {
        free(text);
        return refuse(result, key, name, error);
    }
    *ret_text = text;
    return 0;
}

STORHOST_API int storhost_registry_set(struct storhost_adapter *adapter, const char *key,
                                       const char *name, const char *value,
                                       struct storhost_error *error)
{
    char path[KEY_BYTES], reason[sizeof(error->text)] = "";

    if (!key_resolve(adapter, key, path))
        return refuse(-ENAMETOOLONG, key, NULL, error);
    int result = nt_registry_write_text(path, name, value, reason, sizeof(reason));
    if (result != 0 && reason[0] != '\0') {
        api_error(error, "%s", reason);
        return result;
    }
    return refuse(result, key, NULL, error);
}

STORHOST_API int storhost_registry_delete(struct storhost_adapter *adapter, const char *key,
                                          const char *name, struct storhost_error *error)
{
    char path[KEY_BYTES];
    int result = key_find(adapter, key, path, error);

    if (result != 0)
        return result;
    result = name != NULL ? nt_registry_erase_value(path, name) : nt_registry_erase_key(path);
    return refuse(result, key, name, error);
}
