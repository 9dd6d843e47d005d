/*
 * qemu_worker.c - a poller with a way to run something on its thread.
 */
#include "bus/qemu/qemu_worker.h"

#include <errno.h>
#include <limits.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void call_ready(void *context)
{
    struct qemu_worker *worker = context;
    uint64_t count;
    if (read(worker->call_fd, &count, sizeof(count)) != sizeof(count))
        return;
    worker->routine(worker->argument);
    __atomic_add_fetch(&worker->calls_done, 1, __ATOMIC_RELEASE);
    sys_wake(&worker->calls_done, INT_MAX);
}

int qemu_worker_create(struct qemu_worker *worker, const char *name)
{
    struct sys_poller *poller;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    int error = sys_poller_create(&poller, name);
    if (error != 0)
        goto close_fd;
    *worker = (struct qemu_worker){.poller = poller, .call_fd = fd};
    error = sys_watch_add(&worker->call_watch, poller, fd, call_ready, worker);
    if (error != 0)
        goto destroy_poller;
    return 0;

destroy_poller:
    sys_poller_destroy(poller);
    *worker = (struct qemu_worker){.call_fd = -1};
close_fd:
    close(fd);
    return error;
}

void qemu_worker_destroy(struct qemu_worker *worker)
{
    sys_watch_remove(worker->call_watch);
    sys_poller_destroy(worker->poller);
    close(worker->call_fd);
    *worker = (struct qemu_worker){.call_fd = -1};
}

void qemu_worker_call(struct qemu_worker *worker, void (*routine)(void *argument), void *argument)
{
    sys_mutex_lock(&worker->call_lock);
    worker->routine = routine;
    worker->argument = argument;
    uint32_t before = __atomic_load_n(&worker->calls_done, __ATOMIC_RELAXED);
    uint64_t one = 1;
    ssize_t written = write(worker->call_fd, &one, sizeof(one));
    sh_assert(written == sizeof(one));
    while (__atomic_load_n(&worker->calls_done, __ATOMIC_ACQUIRE) == before)
        sys_wait(&worker->calls_done, before, SYS_FOREVER);
    sys_mutex_unlock(&worker->call_lock);
}
