/*
 * table.h - a hash table of pointers by numbers, for one thread.
 */
#ifndef STORHOST_TRACE_TABLE_H
#define STORHOST_TRACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct table {
    struct table_entry {
        uint64_t key;
        void *value; /* NULL: free */
    } * entries;
    size_t room, count; /* room: a power of two */
};

/* Takes all entries out; `release` gets each value. */
void table_destroy(struct table *table, void (*release)(void *value));
/* NULL: it is not there. */
void *table_find(const struct table *table, uint64_t key);
/* The key is not there yet. False: no memory. */
bool table_insert(struct table *table, uint64_t key, void *value);
void table_remove(struct table *table, uint64_t key);

#ifdef __cplusplus
}
#endif

#endif
