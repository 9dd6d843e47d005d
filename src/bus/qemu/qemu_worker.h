/*
 * qemu_worker.h - a poller with a way to run something on its thread.
 *
 * A watch that removes itself when its descriptor ends must not be removed by another thread as
 * well. So such watches are added and removed on the worker's own thread only, through
 * qemu_worker_call.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_WORKER_H
#define STORHOST_BUS_QEMU_QEMU_WORKER_H

#include "sys/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

struct qemu_worker {
    struct sys_poller *poller;
    int call_fd;
    struct sys_watch *call_watch;
    struct sys_mutex call_lock; /* one call at a time */
    void (*routine)(void *argument);
    void *argument;
    uint32_t calls_done;
};

/* 0 or a negative errno; the worker is then untouched. */
int qemu_worker_create(struct qemu_worker *worker, const char *name);
/* All other watches must be gone. */
void qemu_worker_destroy(struct qemu_worker *worker);
/* Runs `routine(argument)` on the worker's thread and waits for its end; cannot fail. Any thread
 * but the worker's own. */
void qemu_worker_call(struct qemu_worker *worker, void (*routine)(void *argument), void *argument);

#ifdef __cplusplus
}
#endif

#endif
