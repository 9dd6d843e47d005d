/*
 * handles.c - finding, renewing and ending the records behind handles, without a lock.
 */
#include "storport/handles.h"

#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS = STORPORT_HANDLE_ALIGNMENT, LIVE = 1, CLAIMED = 2, NEXT_NUMBER = 4 };

static uint32_t number_of(uint32_t state)
{
    return state / NEXT_NUMBER % NUMBERS;
}

void *storport_handle_of(const struct storport_handle *record)
{
    uint32_t state = __atomic_load_n(&record->state, __ATOMIC_RELAXED);

    return (char *)(uintptr_t)record + number_of(state);
}

/* A freed record of the kind to which nothing is on its way, claimed by its new state. */
static struct storport_handle *renew_one(struct storport_handles *handles,
                                         enum storport_handle_kind kind)
{
    struct storport_handle *record = __atomic_load_n(&handles->first, __ATOMIC_ACQUIRE);

    for (; record; record = record->next) {
        uint32_t state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
        if (record->kind != kind || state & (LIVE | CLAIMED) || !handles->is_quiet(record))
            continue;
        if (!__atomic_compare_exchange_n(&record->state, &state, state | CLAIMED, false,
                                         __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        handles->renew(record);
        __atomic_store_n(&record->state, (state + NEXT_NUMBER) | LIVE, __ATOMIC_RELEASE);
        return record;
    }
    return NULL;
}

struct storport_handle *storport_handle_new(struct storport_handles *handles,
                                            enum storport_handle_kind kind)
{
    struct storport_handle *record = renew_one(handles, kind);
    size_t bytes = (handles->record_bytes + STORPORT_HANDLE_ALIGNMENT - 1) &
                   ~(size_t)(STORPORT_HANDLE_ALIGNMENT - 1);

    if (record)
        return record;
    record = aligned_alloc(STORPORT_HANDLE_ALIGNMENT, bytes);
    if (!record)
        return NULL;
    memset(record, 0, bytes);
    record->kind = (uint8_t)kind;
    record->state = LIVE;
    handles->renew(record);
    record->next = __atomic_load_n(&handles->first, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&handles->first, &record->next, record, true,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        continue;
    return record;
}

enum storport_handle_answer storport_handle_find(const struct storport_handles *handles,
                                                 enum storport_handle_kind kind, const void *handle,
                                                 struct storport_handle **ret_record)
{
    uintptr_t number = (uintptr_t)handle & (NUMBERS - 1);
    const void *wanted = (const char *)handle - number;
    struct storport_handle *record = __atomic_load_n(&handles->first, __ATOMIC_ACQUIRE);

    while (record && record != wanted)
        record = record->next;
    if (!record || record->kind != kind)
        return STORPORT_HANDLE_UNKNOWN;
    uint32_t state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
    if (!(state & LIVE) || number_of(state) != number)
        return STORPORT_HANDLE_FREED;
    *ret_record = record;
    return STORPORT_HANDLE_LIVE;
}

bool storport_handle_free(struct storport_handle *record, const void *handle)
{
    uint32_t state = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);

    return state & LIVE && storport_handle_of(record) == handle &&
           __atomic_compare_exchange_n(&record->state, &state, state & ~(uint32_t)LIVE, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

bool storport_handle_is_live(const struct storport_handle *record)
{
    return __atomic_load_n(&record->state, __ATOMIC_ACQUIRE) & LIVE;
}

void storport_handles_destroy(struct storport_handles *handles)
{
    while (handles->first) {
        struct storport_handle *record = handles->first;
        handles->first = record->next;
        free(record);
    }
}
