/*
 * strings.c - %KEY% in an INF file: replaced by what its [Strings] section says.
 *
 * A key that is a number stands for a directory, not for a string, and stays; so does one that
 * nobody defines, as on Windows, but that is noted.
 */
#include "inf/file.h"
#include "nt/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The machine speaks English of the United States, then any English, then what is there. */
static const char *const tables[] = {"Strings.0409", "Strings.0009", "Strings"};

enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

/* A section's keys in order, so that a large table of strings costs no more than its size. */
struct table {
    const struct inf_line **lines;
    unsigned count;
};

struct replacement {
    struct inf_file *file;
    struct table tables[TABLE_COUNT];
    char text[INF_FIELD_MAX + 1];
    size_t length;
};

static int compare_keys(const char *left, const char *right)
{
    while (*left && *right) {
        uint32_t left_code, right_code;
        left += text_utf8_read(left, strnlen(left, 4), &left_code);
        right += text_utf8_read(right, strnlen(right, 4), &right_code);
        left_code = text_upper(left_code);
        right_code = text_upper(right_code);
        if (left_code != right_code)
            return left_code < right_code ? -1 : 1;
    }
    return (*left != 0) - (*right != 0);
}

static int compare_lines(const void *left, const void *right)
{
    const struct inf_line *a = *(const struct inf_line *const *)left;
    const struct inf_line *b = *(const struct inf_line *const *)right;
    int order = compare_keys(a->key, b->key);

    return order ? order : a->number < b->number ? -1 : a->number > b->number;
}

static int table_make(struct replacement *replacement, struct table *table, const char *name)
{
    const struct inf_section *section = inf_section_find(replacement->file, name);
    struct inf_memory *memory = &replacement->file->set->memory;

    for (const struct inf_line *line = section ? section->lines : NULL; line; line = line->next) {
        void **lines = (void **)table->lines;
        if (!line->key)
            continue;
        if (!inf_list_grow(memory, &lines, table->count))
            return inf_no_memory(replacement->file->set);
        table->lines = (const struct inf_line **)lines;
        table->lines[table->count++] = line;
    }
    if (table->count)
        qsort(table->lines, table->count, sizeof(table->lines[0]), compare_lines);
    return 0;
}

/* The first line of several with the same key. */
static const char *table_find(const struct table *table, const char *key)
{
    unsigned low = 0, high = table->count;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (compare_keys(table->lines[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == table->count || compare_keys(table->lines[low]->key, key))
        return NULL;
    return inf_field(table->lines[low], 0);
}

static const char *string_find(const struct replacement *replacement, const char *key)
{
    const char *value = NULL;

    for (unsigned i = 0; i < TABLE_COUNT && !value; i++)
        value = table_find(&replacement->tables[i], key);
    return value;
}

static int append(struct replacement *replacement, unsigned number, const char *text, size_t length)
{
    if (length > INF_FIELD_MAX - replacement->length)
        return inf_refuse(replacement->file, number,
                          "a field is longer than %d characters with its strings put in",
                          INF_FIELD_MAX);
    memcpy(replacement->text + replacement->length, text, length);
    replacement->length += length;
    return 0;
}

static bool is_directory(const char *key)
{
    if (*key == '-')
        key++;
    if (!*key)
        return false;
    while (isdigit((unsigned char)*key))
        key++;
    return !*key;
}

/* From the first of two per cent signs on; *ret_end is behind what was dealt with. */
static int replace_one(struct replacement *replacement, unsigned number, const char *token,
                       const char **ret_end)
{
    const char *close = strchr(token + 1, '%');
    char key[INF_FIELD_MAX + 1];

    *ret_end = token + 1;
    if (!close)
        return append(replacement, number, token, 1);
    if (close == token + 1) {
        *ret_end = close + 1;
        return append(replacement, number, "%", 1);
    }
    size_t length = (size_t)(close - token - 1);
    memcpy(key, token + 1, length);
    key[length] = '\0';
    const char *value = string_find(replacement, key);
    *ret_end = close + 1;
    if (value)
        return append(replacement, number, value, strlen(value));
    if (!is_directory(key))
        inf_note(replacement->file, number, "no string '%s' in [Strings]: it stays as it is", key);
    return append(replacement, number, token, length + 2);
}

static int replace(struct replacement *replacement, unsigned number, const char **text)
{
    const char *at = *text;
    int error = 0;

    if (!strchr(at, '%'))
        return 0;
    replacement->length = 0;
    while (*at && !error) {
        size_t plain = strcspn(at, "%");
        error = append(replacement, number, at, plain);
        at += plain;
        if (*at && !error)
            error = replace_one(replacement, number, at, &at);
    }
    if (error)
        return error;
    *text = inf_copy(&replacement->file->set->memory, replacement->text, replacement->length);
    return *text ? 0 : inf_no_memory(replacement->file->set);
}

static bool is_table(const char *name)
{
    return strncasecmp(name, "Strings", 7) == 0 && (!name[7] || name[7] == '.');
}

int inf_strings_replace(struct inf_file *file)
{
    struct replacement replacement = {.file = file};
    int error = 0;

    for (unsigned i = 0; i < TABLE_COUNT && !error; i++)
        error = table_make(&replacement, &replacement.tables[i], tables[i]);
    for (struct inf_section *section = file->sections; section && !error; section = section->next) {
        if (is_table(section->name))
            continue;
        for (struct inf_line *line = section->lines; line && !error; line = line->next) {
            if (line->key)
                error = replace(&replacement, line->number, &line->key);
            for (unsigned i = 0; i < line->field_count && !error; i++)
                error = replace(&replacement, line->number, &line->fields[i]);
        }
    }
    return error;
}
