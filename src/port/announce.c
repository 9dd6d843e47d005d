/*
 * announce.c - what a driver says of its adapter or units once, at any IRQL, while others read.
 *
 * A record is never changed: a new one takes its place, and the old ones stay until the adapter
 * goes. One that was announced before, as at each restart, is not copied again.
 */
#include "port/adapter.h"

#include <stdlib.h>
#include <string.h>

struct port_announcement_row {
    struct port_announcement_row *next;
    size_t size;
    _Alignas(8) unsigned char record[];
};

static const struct port_announcement_row *row_find(const struct port_announcement *announcement,
                                                    const void *record, size_t size)
{
    const struct port_announcement_row *row =
        __atomic_load_n(&announcement->rows, __ATOMIC_ACQUIRE);

    while (row && (row->size != size || memcmp(row->record, record, size) != 0))
        row = row->next;
    return row;
}

static const struct port_announcement_row *row_add(struct port_announcement *announcement,
                                                   const void *record, size_t size)
{
    struct port_announcement_row *row = malloc(sizeof(*row) + size);

    if (!row)
        return NULL;
    row->size = size;
    memcpy(row->record, record, size);
    row->next = __atomic_load_n(&announcement->rows, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&announcement->rows, &row->next, row, true,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        continue;
    return row;
}

bool port_announce(struct port_announcement *announcement, const void *record, size_t size)
{
    const struct port_announcement_row *row = row_find(announcement, record, size);

    if (!row)
        row = row_add(announcement, record, size);
    if (!row)
        return false;
    __atomic_store_n(&announcement->current, (const void *)row->record, __ATOMIC_RELEASE);
    return true;
}

void port_announcement_withdraw(struct port_announcement *announcement)
{
    __atomic_store_n(&announcement->current, (const void *)NULL, __ATOMIC_RELEASE);
}

void port_announcement_free(struct port_announcement *announcement)
{
    announcement->current = NULL;
    while (announcement->rows) {
        struct port_announcement_row *next = announcement->rows->next;
        free(announcement->rows);
        announcement->rows = next;
    }
}
