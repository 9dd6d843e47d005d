/*
 * handles.h - the opaque handles of timers, work items and threads: which are a driver's, and which
 * it has freed.
 *
 * A record is never given back before the adapter goes: a routine may be on its way to it, and a
 * driver that uses a handle after freeing it shall be told so at any IRQL. It serves again once it
 * is quiet; a number in the low bits of the handle then tells the new one from the old ones.
 */
#ifndef STORHOST_STORPORT_HANDLES_H
#define STORHOST_STORPORT_HANDLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { STORPORT_HANDLE_ALIGNMENT = 128 };

enum storport_handle_kind {
    STORPORT_HANDLE_TIMER,
    STORPORT_HANDLE_PRECISE_TIMER,
    STORPORT_HANDLE_WORKER,
    STORPORT_HANDLE_THREAD,
};

/* The first member of what it is a handle of. */
struct storport_handle {
    struct storport_handle *next; /* written once, before the record is in the list */
    uint32_t state;               /* the handle's number and whether it is live; __atomic */
    uint8_t kind;
};

struct storport_handles {
    struct storport_handle *first; /* __atomic; only ever grows */
    size_t record_bytes;
    /* True when nothing is on its way to a freed record. Any IRQL. */
    bool (*is_quiet)(struct storport_handle *record);
    /* Makes the record good for another life. */
    void (*renew)(struct storport_handle *record);
};

/* A live record, zero-filled behind its first member or renewed; NULL: out of memory. Any IRQL up
 * to DISPATCH_LEVEL. */
struct storport_handle *storport_handle_new(struct storport_handles *handles,
                                            enum storport_handle_kind kind);
/* What the driver gets. */
void *storport_handle_of(const struct storport_handle *record);

enum storport_handle_answer {
    STORPORT_HANDLE_LIVE,
    STORPORT_HANDLE_FREED,   /* it was one */
    STORPORT_HANDLE_UNKNOWN, /* never was */
};
/* The record of a handle of that kind; untouched unless it is live. Any IRQL, no lock. */
enum storport_handle_answer storport_handle_find(const struct storport_handles *handles,
                                                 enum storport_handle_kind kind, const void *handle,
                                                 struct storport_handle **ret_record);
bool storport_handle_is_live(const struct storport_handle *record);
/* Ends the life of a live record; false when somebody else was faster. Any IRQL. */
bool storport_handle_free(struct storport_handle *record, const void *handle);
/* Gives all records back: nothing is on its way to them any more. */
void storport_handles_destroy(struct storport_handles *handles);

#ifdef __cplusplus
}
#endif

#endif
