/*
 * read.c - a hive as records, in depth first order.
 *
 * Rule: the hive may lie. A key that is met twice, too many keys, too deep a tree end the reading
 * with the key's path and the reason.
 */
#include "helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEADER_FIRST_COUNT = 4,
    HEADER_SECOND_COUNT = 8,
    HEADER_MINOR = 24,
    HEADER_BYTES = 28,
    MINOR_OF_BIG_VALUES = 4,
};

static struct {
    hive_h *hive;
    char path[HIVE_DEPTH_MAX * 64]; /* for messages; cut off where it is longer */
    size_t path_length;
    hive_node_h *met; /* a table of the keys that have been met */
    size_t met_size, met_count;
    uint32_t value_count, omitted;
} reader;

/* ---- the file ---- */

static uint32_t header_field(unsigned offset)
{
    unsigned char bytes[HEADER_BYTES] = {0};

    if (pread(HIVE_FD, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        helper_fail("it is shorter than the header of a registry hive");
    if (memcmp(bytes, "regf", 4) != 0)
        helper_fail("offset 0: no registry hive begins like this");
    return bytes[offset] | (uint32_t)bytes[offset + 1] << 8 | (uint32_t)bytes[offset + 2] << 16 |
           (uint32_t)bytes[offset + 3] << 24;
}

bool hive_is_dirty(void)
{
    return header_field(HEADER_FIRST_COUNT) != header_field(HEADER_SECOND_COUNT);
}

bool hive_keeps_big_values_apart(void)
{
    return header_field(HEADER_MINOR) >= MINOR_OF_BIG_VALUES;
}

hive_h *hive_open_or_fail(void)
{
    char name[32];

    (void)header_field(0);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", HIVE_FD);
    hive_h *hive = hivex_open(name, HIVEX_OPEN_WRITE);
    if (hive == NULL)
        helper_fail("it is no registry hive, or a damaged one: %s", strerror(errno));
    return hive;
}

/* ---- keys ---- */

__attribute__((noreturn)) static void key_refuse(const char *reason)
{
    helper_fail("key '%s': %s", reader.path, reason);
}

static size_t met_place(hive_node_h node)
{
    size_t place = (node * 0x9E3779B97F4A7C15ull >> 20) & (reader.met_size - 1);

    while (reader.met[place] != 0 && reader.met[place] != node)
        place = (place + 1) & (reader.met_size - 1);
    return place;
}

static void met_grow(void)
{
    hive_node_h *old = reader.met;
    size_t old_size = reader.met_size;

    reader.met_size = old_size != 0 ? 2 * old_size : 1024;
    reader.met = calloc(reader.met_size, sizeof(*reader.met));
    if (reader.met == NULL)
        helper_fail("out of memory");
    for (size_t i = 0; i < old_size; i++) {
        if (old[i] != 0)
            reader.met[met_place(old[i])] = old[i];
    }
    free(old);
}

/* No key is anywhere twice, so there is no cycle. */
static void key_meet(hive_node_h node)
{
    if (2 * reader.met_count >= reader.met_size)
        met_grow();
    size_t place = met_place(node);
    if (reader.met[place] == node)
        key_refuse("the hive has it twice");
    if (reader.met_count++ == HIVE_KEYS_MAX)
        key_refuse("there are too many keys");
    reader.met[place] = node;
}

static size_t path_enter(const char *name)
{
    size_t before = reader.path_length, room = sizeof(reader.path) - before;
    int length = snprintf(reader.path + before, room, "%s%s", before != 0 ? "\\" : "", name);

    reader.path_length = (size_t)length < room ? before + (size_t)length : sizeof(reader.path) - 1;
    return before;
}

static void path_leave(size_t before)
{
    reader.path_length = before;
    reader.path[before] = '\0';
}

/* ---- values ---- */

static void number_put(unsigned char bytes[4], size_t number)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
}

static void value_put(hive_value_h value)
{
    unsigned char type_bytes[4], name_bytes[4];
    hive_type type;
    size_t length;

    if (reader.value_count++ == HIVE_VALUES_MAX)
        key_refuse("there are too many values");
    char *name = hivex_value_key(reader.hive, value);
    if (name == NULL && errno == EILSEQ) { /* half a surrogate pair */
        reader.omitted++;
        return;
    }
    if (name == NULL)
        key_refuse("the name of a value lies outside of the hive");
    errno = 0;
    char *data = hivex_value_value(reader.hive, value, &type, &length);
    if (data == NULL && errno != 0)
        helper_fail("key '%s': value '%s': its data cannot be read: %s", reader.path, name,
                    strerror(errno));
    number_put(type_bytes, type);
    number_put(name_bytes, strlen(name));
    record_put(HIVE_RECORD_VALUE,
               (struct part[]){{type_bytes, 4},
                               {name_bytes, 4},
                               {name, strlen(name)},
                               {data, data != NULL ? length : 0}},
               4);
    free(name);
    free(data);
}

static void values_put(hive_node_h node)
{
    hive_value_h *values = hivex_node_values(reader.hive, node);

    if (values == NULL)
        key_refuse("its list of values is damaged");
    for (size_t i = 0; values[i] != 0; i++)
        value_put(values[i]);
    free(values);
}

/* ---- the tree ---- */

static void key_content_put(hive_node_h node, unsigned depth);

static void child_put(hive_node_h node, unsigned depth)
{
    char *name = hivex_node_name(reader.hive, node);

    if (name == NULL && errno == EILSEQ) {
        reader.omitted++;
        return;
    }
    if (name == NULL)
        key_refuse("the name of a key below it lies outside of the hive");
    if (*name == '\0' || strchr(name, '\\') != NULL || strlen(name) > HIVE_NAME_BYTES_MAX)
        key_refuse("a key below it has a name that no key can have");
    size_t before = path_enter(name);
    key_meet(node);
    record_put(HIVE_RECORD_KEY, &(struct part){name, strlen(name)}, 1);
    free(name);
    key_content_put(node, depth + 1);
    record_put(HIVE_RECORD_KEY_END, NULL, 0);
    path_leave(before);
}

static void key_content_put(hive_node_h node, unsigned depth)
{
    if (depth > HIVE_DEPTH_MAX)
        key_refuse("keys are nested too deeply");
    values_put(node);
    hive_node_h *children = hivex_node_children(reader.hive, node);
    if (children == NULL)
        key_refuse("its list of keys is damaged");
    for (size_t i = 0; children[i] != 0; i++)
        child_put(children[i], depth);
    free(children);
}

/* ---- what kind of hive it is ---- */

static bool has_value(hive_node_h node, const char *name)
{
    return hivex_node_get_value(reader.hive, node, name) != 0;
}

static bool is_service(hive_node_h root)
{
    return hivex_node_get_child(reader.hive, root, "Parameters") != 0 ||
           has_value(root, "ImagePath") || (has_value(root, "Type") && has_value(root, "Start"));
}

/* "ControlSet001", whichever is current. False: it is no SYSTEM hive. */
static bool control_set_name(hive_node_h root, char name[32])
{
    hive_node_h select = hivex_node_get_child(reader.hive, root, "Select");
    hive_value_h current = select != 0 ? hivex_node_get_value(reader.hive, select, "Current") : 0;
    hive_type type;
    size_t length;

    if (current == 0)
        return false;
    if (hivex_value_type(reader.hive, current, &type, &length) != 0 || type != hive_t_REG_DWORD ||
        length != 4)
        helper_fail("key 'Select': value 'Current' is no number, so there is no current control "
                    "set");
    unsigned number = (unsigned)hivex_value_dword(reader.hive, current);
    snprintf(name, 32, "ControlSet%03u", number);
    if (hivex_node_get_child(reader.hive, root, name) == 0)
        helper_fail("key 'Select': %s is current, and it is not there", name);
    return true;
}

static hive_node_h root_or_fail(void)
{
    hive_node_h root = hivex_root(reader.hive);

    if (root == 0)
        helper_fail("it has no root: %s", strerror(errno));
    return root;
}

void hive_kind(void)
{
    char name[32];

    if (hive_is_dirty())
        record_put(HIVE_RECORD_DIRTY, NULL, 0);
    reader.hive = hive_open_or_fail();
    hive_node_h root = root_or_fail();
    if (control_set_name(root, name))
        record_put(HIVE_RECORD_SYSTEM, &(struct part){name, strlen(name)}, 1);
    else
        record_put(is_service(root) ? HIVE_RECORD_SERVICE : HIVE_RECORD_OTHER, NULL, 0);
}

void hive_read(const char *control_set)
{
    unsigned char count[4];

    reader.hive = hive_open_or_fail();
    hive_node_h node = root_or_fail();
    if (control_set != NULL) {
        node = hivex_node_get_child(reader.hive, node, control_set);
        (void)path_enter(control_set);
    }
    if (node == 0)
        helper_fail("it has no key '%s'", control_set);
    key_meet(node);
    key_content_put(node, 1);
    number_put(count, reader.omitted);
    if (reader.omitted != 0)
        record_put(HIVE_RECORD_OMITTED, &(struct part){count, 4}, 1);
}
