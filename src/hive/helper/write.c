/*
 * write.c - changes into a hive: descriptor HIVE_FD stays as it is, HIVE_NEW_FD gets the new one.
 *
 * Rule: all changes or none. What libhivex cannot do without harm to the rest is refused.
 */
#include "helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A value of more bytes lies in several cells since version 1.4; libhivex would write one. */
enum { VALUE_BYTES_WRITABLE = 16344 };

struct change {
    enum hive_record kind;
    uint32_t type;
    char *key, *name;
    const unsigned char *data;
    size_t length;
};

static hive_h *hive;
static bool big_values_apart;

/* ---- keys ---- */

/* The key below the root; 0: not there. With `make`, those that are missing are made. */
static hive_node_h key_find(const char *path, bool make)
{
    hive_node_h node = hivex_root(hive);
    char *copy = strdup(path), *rest = copy;

    if (copy == NULL)
        helper_fail("out of memory");
    while (node != 0 && rest != NULL && *rest != '\0') {
        const char *name = strsep(&rest, "\\");
        hive_node_h child = hivex_node_get_child(hive, node, name);
        if (child == 0 && make) {
            child = hivex_node_add_child(hive, node, name);
            if (child == 0)
                helper_fail("key '%s' cannot be made: %s", path, strerror(errno));
        }
        node = child;
    }
    free(copy);
    return node;
}

static void key_delete(const struct change *change)
{
    hive_node_h node = key_find(change->key, false);

    if (node != 0 && hivex_node_delete_child(hive, node) != 0)
        helper_fail("key '%s' cannot be deleted: %s", change->key, strerror(errno));
}

/* ---- values ---- */

struct values {
    hive_set_value *list;
    size_t count;
};

/* As it is in the hive; there is room for one more. */
static struct values values_get(hive_node_h node, const char *key)
{
    hive_value_h *handles = hivex_node_values(hive, node);
    size_t count = 0;

    while (handles != NULL && handles[count] != 0)
        count++;
    hive_set_value *list = calloc(count + 1, sizeof(*list));
    if (handles == NULL || list == NULL)
        helper_fail("key '%s': its values cannot be read: %s", key, strerror(errno));
    for (size_t i = 0; i < count; i++) {
        hive_set_value *value = &list[i];
        value->key = hivex_value_key(hive, handles[i]);
        errno = 0;
        value->value = hivex_value_value(hive, handles[i], &value->t, &value->len);
        if (value->key == NULL || (value->value == NULL && errno != 0))
            helper_fail("key '%s' has a value that cannot be rewritten: nothing can be changed in "
                        "it",
                        key);
        if (big_values_apart && value->len > VALUE_BYTES_WRITABLE)
            helper_fail("key '%s': its value '%s' has %zu bytes: nothing can be changed in a key "
                        "with values of more than %d",
                        key, value->key, value->len, VALUE_BYTES_WRITABLE);
    }
    free(handles);
    return (struct values){list, count};
}

static void values_free(struct values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        free(values->list[i].key);
        free(values->list[i].value);
    }
    free(values->list);
}

static void values_set(hive_node_h node, struct values *values, const char *key)
{
    if (hivex_node_set_values(hive, node, values->count, values->list, 0) != 0)
        helper_fail("key '%s': its values cannot be written: %s", key, strerror(errno));
    values_free(values);
}

/* Its place in the list; `count` when there is none. libhivex compares the names. */
static size_t value_place(const struct values *values, hive_node_h node, const char *name)
{
    hive_value_h wanted = hivex_node_get_value(hive, node, name);
    hive_value_h *handles = hivex_node_values(hive, node);
    size_t place = 0;

    while (place < values->count && (handles == NULL || handles[place] != wanted))
        place++;
    free(handles);
    return place;
}

static void value_set(const struct change *change)
{
    if (big_values_apart && change->length > VALUE_BYTES_WRITABLE)
        helper_fail("key '%s': value '%s' of %zu bytes: at most %d can be written", change->key,
                    change->name, change->length, VALUE_BYTES_WRITABLE);
    hive_node_h node = key_find(change->key, true);
    struct values values = values_get(node, change->key);
    size_t place = value_place(&values, node, change->name);
    hive_set_value *value = &values.list[place];
    if (place == values.count) {
        values.count++;
        value->key = strdup(change->name);
    }
    free(value->value);
    value->t = (hive_type)change->type;
    value->len = change->length;
    value->value = malloc(change->length + 1);
    if (value->key == NULL || value->value == NULL)
        helper_fail("out of memory");
    memcpy(value->value, change->data, change->length);
    values_set(node, &values, change->key);
}

static void value_delete(const struct change *change)
{
    hive_node_h node = key_find(change->key, false);

    if (node == 0 || hivex_node_get_value(hive, node, change->name) == 0)
        return;
    struct values values = values_get(node, change->key);
    size_t place = value_place(&values, node, change->name);
    if (place == values.count)
        helper_fail("key '%s': value '%s' cannot be found again", change->key, change->name);
    hive_set_value *value = &values.list[place];
    free(value->key);
    free(value->value);
    size_t after = (size_t)(values.list + values.count - (value + 1));
    memmove(value, value + 1, after * sizeof(*value));
    values.count--;
    values_set(node, &values, change->key);
}

/* ---- the changes ---- */

/* Takes four bytes off the front. */
static uint32_t number_take(const unsigned char **bytes, size_t *length)
{
    if (*length < 4)
        helper_fail("a change ends too early");
    const unsigned char *at = *bytes;
    *bytes += 4;
    *length -= 4;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static char *text_take(const unsigned char **bytes, size_t *length, size_t size)
{
    char *text = size <= *length ? strndup((const char *)*bytes, size) : NULL;

    if (text == NULL)
        helper_fail("a change ends too early");
    *bytes += size;
    *length -= size;
    return text;
}

static void change_make(enum hive_record kind, const unsigned char *bytes, size_t length)
{
    struct change change = {.kind = kind};

    if (kind == HIVE_RECORD_SET_VALUE)
        change.type = number_take(&bytes, &length);
    uint32_t key_length = number_take(&bytes, &length);
    uint32_t name_length = number_take(&bytes, &length);
    change.key = text_take(&bytes, &length, key_length);
    change.name = text_take(&bytes, &length, name_length);
    change.data = bytes;
    change.length = length;
    if (kind == HIVE_RECORD_MAKE_KEY)
        (void)key_find(change.key, true);
    else if (kind == HIVE_RECORD_DELETE_KEY)
        key_delete(&change);
    else if (kind == HIVE_RECORD_SET_VALUE)
        value_set(&change);
    else if (kind == HIVE_RECORD_DELETE_VALUE)
        value_delete(&change);
    else
        helper_fail("a change of an unknown kind");
    free(change.key);
    free(change.name);
}

void hive_write(void)
{
    struct stat status;
    char name[32];

    if (fstat(HIVE_CHANGES_FD, &status) != 0)
        helper_fail("the changes cannot be read: %s", strerror(errno));
    size_t length = (size_t)status.st_size;
    const unsigned char *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, HIVE_CHANGES_FD, 0);
    if (bytes == MAP_FAILED)
        helper_fail("the changes cannot be read: %s", strerror(errno));
    if (hive_is_dirty())
        helper_fail("it was not closed by who wrote it last, so it is not written: boot that "
                    "Windows once, or use a copy that was");
    big_values_apart = hive_keeps_big_values_apart();
    hive = hive_open_or_fail();
    while (length > 0) {
        enum hive_record kind = (enum hive_record) * bytes++;
        length--;
        uint32_t size = number_take(&bytes, &length);
        if (size > length)
            helper_fail("the changes end too early");
        change_make(kind, bytes, size);
        bytes += size;
        length -= size;
    }
    snprintf(name, sizeof(name), "/proc/self/fd/%d", HIVE_NEW_FD);
    if (hivex_commit(hive, name, 0) != 0)
        helper_fail("the new hive cannot be written: %s", strerror(errno));
}
