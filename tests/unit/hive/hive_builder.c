/*
 * hive_builder.c - hives for tests.
 */
#include "hive_builder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put16(uint8_t *at, unsigned number)
{
    at[0] = (uint8_t)number;
    at[1] = (uint8_t)(number >> 8);
}

static void put32(uint8_t *at, uint32_t number)
{
    put16(at, number & 0xFFFF);
    put16(at + 2, number >> 16);
}

void hive_header_seal(uint8_t *hive)
{
    uint8_t sum[4] = {0};

    for (unsigned i = 0; i < 508; i++)
        sum[i % 4] ^= hive[i];
    memcpy(hive + 508, sum, 4);
}

void hive_create(const char *file, unsigned minor)
{
    enum { ROOT = 0x20, SECURITY = 0x80, FREE = 0xB8, NONE = -1 };
    static const char root_name[] = "ROOT";
    uint8_t bytes[2 * HIVE_PAGE] = {'r', 'e', 'g', 'f'};
    uint8_t *bin = bytes + HIVE_PAGE, *root = bin + ROOT + 4, *security = bin + SECURITY + 4;

    put32(bytes + 4, 1); /* the two counts of writes */
    put32(bytes + 8, 1);
    put32(bytes + 20, 1); /* version 1.minor */
    put32(bytes + 24, minor);
    put32(bytes + 32, 1);
    put32(bytes + 36, ROOT);
    put32(bytes + 40, HIVE_PAGE);
    put32(bytes + 44, 1);
    hive_header_seal(bytes);
    memcpy(bin, "hbin", 4);
    put32(bin + 8, HIVE_PAGE);
    put32(bin + ROOT, (uint32_t) - (SECURITY - ROOT));
    memcpy(root, "nk", 2);
    put16(root + 2, 0x2C); /* the root, not to be deleted, a name in Latin-1 */
    for (unsigned offset = 16; offset <= 48; offset += 4) /* parent, lists, class: none */
        put32(root + offset, (uint32_t)NONE);
    put32(root + 20, 0);
    put32(root + 24, 0);
    put32(root + 36, 0);
    put32(root + 44, SECURITY);
    put16(root + 72, sizeof(root_name) - 1);
    memcpy(root + 76, root_name, sizeof(root_name) - 1);
    put32(bin + SECURITY, (uint32_t) - (FREE - SECURITY));
    memcpy(security, "sk", 2);
    put32(security + 4, SECURITY); /* a ring of one */
    put32(security + 8, SECURITY);
    put32(security + 12, 1);
    put32(security + 16, 20);
    security[20] = 1;
    security[23] = 0x80;
    put32(bin + FREE, HIVE_PAGE - FREE);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, sizeof(bytes), out), sizeof(bytes));
    assert_int_equal(fclose(out), 0);
}

hive_node_h hive_key(hive_h *hive, const char *path)
{
    hive_node_h node = hivex_root(hive);
    char *copy = strdup(path), *rest = copy;

    assert_non_null(copy);
    while (rest && *rest) {
        const char *name = strsep(&rest, "\\");
        hive_node_h child = hivex_node_get_child(hive, node, name);
        node = child ? child : hivex_node_add_child(hive, node, name);
        assert_int_not_equal(node, 0);
    }
    free(copy);
    return node;
}

void hive_value(hive_h *hive, const char *path, const char *name, uint32_t type, const void *data,
                size_t size)
{
    hive_set_value value = {
        .key = (char *)(uintptr_t)name,
        .t = (hive_type)type,
        .len = size,
        .value = (char *)(uintptr_t)data,
    };

    assert_int_equal(hivex_node_set_value(hive, hive_key(hive, path), &value, 0), 0);
}

void hive_create_system(const char *file, const char *service)
{
    const uint32_t current = 2, wrong = 99, start = 3, size = 32;
    char key[128];

    hive_create(file, 5);
    hive_h *hive = hivex_open(file, HIVEX_OPEN_WRITE);
    assert_non_null(hive);
    hive_value(hive, "Select", "Current", 4, &current, 4);
    snprintf(key, sizeof(key), "ControlSet001\\Services\\%s\\Parameters\\Device", service);
    hive_value(hive, key, "SizeMegabytes", 4, &wrong, 4);
    snprintf(key, sizeof(key), "ControlSet002\\Services\\%s", service);
    hive_value(hive, key, "Start", 4, &start, 4);
    snprintf(key, sizeof(key), "ControlSet002\\Services\\%s\\Parameters\\Device", service);
    hive_value(hive, key, "SizeMegabytes", 4, &size, 4);
    /* What QEMU's NVMe controller is called. */
    hive_value(hive,
               "ControlSet002\\Enum\\PCI\\VEN_1B36&DEV_0010&SUBSYS_11001AF4&REV_02\\3&11583659&0&20"
               "\\Device Parameters",
               "Known", 4, &start, 4);
    hive_value(hive, "Setup", "SystemPartition", 1, "d\0\0", 4);
    assert_int_equal(hivex_commit(hive, NULL, 0), 0);
    hivex_close(hive);
}

/* ---- as text ---- */

static void key_print(FILE *out, hive_h *hive, hive_node_h node, unsigned depth)
{
    hive_value_h *values = hivex_node_values(hive, node);
    hive_node_h *children = hivex_node_children(hive, node);
    char *name = hivex_node_name(hive, node);

    fprintf(out, "%*s[%s]\n", (int)depth, "", name);
    free(name);
    for (size_t i = 0; values && values[i]; i++) {
        hive_type type;
        size_t size;
        char *value = hivex_value_key(hive, values[i]);
        char *data = hivex_value_value(hive, values[i], &type, &size);
        fprintf(out, "%*s%s=%d:", (int)depth, "", value, (int)type);
        for (size_t k = 0; k < size; k++)
            fprintf(out, "%02x", (uint8_t)data[k]);
        fputc('\n', out);
        free(value);
        free(data);
    }
    for (size_t i = 0; children && children[i]; i++)
        key_print(out, hive, children[i], depth + 1);
    free(values);
    free(children);
}

char *hive_text(const char *file)
{
    char *text;
    size_t size;
    hive_h *hive = hivex_open(file, 0);
    FILE *out = open_memstream(&text, &size);

    assert_non_null(hive);
    assert_non_null(out);
    key_print(out, hive, hivex_root(hive), 0);
    fclose(out);
    hivex_close(hive);
    return text;
}
