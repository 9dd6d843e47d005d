/*
 * work.h - work items: host functions that run once at PASSIVE_LEVEL on a system worker thread.
 * Different items may run in parallel and in any order; blocked workers are replaced by new ones,
 * so an item may wait for another.
 */
#ifndef STORHOST_NT_WORK_H
#define STORHOST_NT_WORK_H

#include "nt/processor.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nt_work {
    struct nt_work *next;
    uint32_t queued; /* cleared when the routine starts; from then on nt leaves the item alone */
    void (*run)(void *context);
    void *context;
};

void nt_work_initialize(struct nt_work *work, void (*run)(void *context), void *context);
/* False when it is queued already. "Queued" ends when the routine starts: it may queue itself
 * again, and may free the memory of its own item as its last act. Any IRQL. */
bool nt_work_queue(struct nt_work *work);
/* PASSIVE_LEVEL. Returns when the item is neither queued nor running. */
void nt_work_drain(struct nt_work *work);

#ifdef __cplusplus
}
#endif

#endif
