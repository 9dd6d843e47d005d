/*
 * table.c - see table.h. Collisions go to the next place; a removal moves those behind it up.
 */
#include "trace/table.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

static size_t home_of(const struct table *table, uint64_t key)
{
    uint64_t mixed = key * 0x9E3779B97F4A7C15ull;

    return (mixed >> 32 ^ mixed >> 56) & (table->room - 1);
}

void table_destroy(struct table *table, void (*release)(void *value))
{
    for (size_t i = 0; release && i < table->room; i++)
        if (table->entries[i].value)
            release(table->entries[i].value);
    free(table->entries);
    *table = (struct table){0};
}

static struct table_entry *entry_of(const struct table *table, uint64_t key)
{
    size_t at = home_of(table, key);

    while (table->entries[at].value && table->entries[at].key != key)
        at = (at + 1) & (table->room - 1);
    return &table->entries[at];
}

void *table_find(const struct table *table, uint64_t key)
{
    return table->room ? entry_of(table, key)->value : NULL;
}

static bool grow(struct table *table)
{
    struct table larger = {.room = table->room ? 2 * table->room : FIRST_ROOM,
                           .count = table->count};

    larger.entries = calloc(larger.room, sizeof(*larger.entries));
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < table->room; i++)
        if (table->entries[i].value)
            *entry_of(&larger, table->entries[i].key) = table->entries[i];
    free(table->entries);
    *table = larger;
    return true;
}

bool table_insert(struct table *table, uint64_t key, void *value)
{
    if (2 * (table->count + 1) > table->room && !grow(table))
        return false;
    *entry_of(table, key) = (struct table_entry){key, value};
    table->count++;
    return true;
}

void table_remove(struct table *table, uint64_t key)
{
    struct table_entry *hole = table->room ? entry_of(table, key) : NULL;
    size_t mask = table->room - 1;

    if (!hole || !hole->value)
        return;
    table->count--;
    size_t at = (size_t)(hole - table->entries), free_at = at;
    for (;;) {
        at = (at + 1) & mask;
        if (!table->entries[at].value)
            break;
        /* It may move up unless its home lies behind the hole. */
        size_t home = home_of(table, table->entries[at].key);
        if (((at - home) & mask) >= ((at - free_at) & mask)) {
            table->entries[free_at] = table->entries[at];
            free_at = at;
        }
    }
    table->entries[free_at].value = NULL;
}
