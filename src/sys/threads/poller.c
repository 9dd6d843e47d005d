/*
 * poller.c - one thread that waits on descriptors and calls back.
 *
 * The rule that makes removal safe: a removed watch is freed only by the poller's thread, at the
 * top of its loop, where it holds no event. Whoever removes one from another thread waits until
 * the loop has passed there.
 */
#include "sys/threads/private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct sys_watch {
    struct sys_poller *poller;
    int fd;
    bool removed; /* under the poller's lock */
    void (*ready)(void *context);
    void *context;
    struct sys_watch *next_removed;
};

struct sys_poller {
    struct sys_thread *thread;
    int epoll_fd, event_fd;
    struct sys_mutex lock;
    struct sys_watch *removed; /* to be freed at the top of the loop */
    unsigned watch_count;
    uint32_t turn; /* counts passes of the top; removers wait for it to change */
    bool stop;
};

static void poller_ring(struct sys_poller *poller)
{
    uint64_t one = 1;
    ssize_t written;

    do
        written = write(poller->event_fd, &one, sizeof(one));
    while (written < 0 && errno == EINTR);
}

/* Frees what was removed; false when the poller is to stop. */
static bool poller_turn(struct sys_poller *poller)
{
    sys_mutex_lock(&poller->lock);
    while (poller->removed) {
        struct sys_watch *watch = poller->removed;
        poller->removed = watch->next_removed;
        free(watch);
    }
    bool stop = poller->stop;
    __atomic_add_fetch(&poller->turn, 1, __ATOMIC_RELEASE);
    sys_mutex_unlock(&poller->lock);
    sys_wake(&poller->turn, INT_MAX);
    return !stop;
}

static void poller_main(void *argument)
{
    struct sys_poller *poller = argument;

    while (poller_turn(poller)) {
        /* One event at a time: a batch could hold events of watches that `ready` removes. */
        struct epoll_event event;
        int count = epoll_wait(poller->epoll_fd, &event, 1, -1);
        if (count <= 0) {
            sh_assert(count == 0 || errno == EINTR);
            continue;
        }
        struct sys_watch *watch = event.data.ptr;
        if (!watch) {
            uint64_t rings;
            (void)!read(poller->event_fd, &rings, sizeof(rings));
            continue;
        }
        sys_mutex_lock(&poller->lock);
        bool removed = watch->removed;
        sys_mutex_unlock(&poller->lock);
        if (!removed)
            watch->ready(watch->context);
    }
}

int sys_poller_create(struct sys_poller **ret_poller, const char *name)
{
    struct sys_poller *poller = calloc(1, sizeof(*poller));
    if (!poller)
        return -ENOMEM;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    int result;

    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd < 0) {
        result = -errno;
        goto free_poller;
    }
    poller->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (poller->event_fd < 0) {
        result = -errno;
        goto close_epoll;
    }
    if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, poller->event_fd, &event) < 0) {
        result = -errno;
        goto close_event;
    }
    result = sys_thread_create(&poller->thread, name, poller_main, poller);
    if (result)
        goto close_event;
    *ret_poller = poller;
    return 0;

close_event:
    close(poller->event_fd);
close_epoll:
    close(poller->epoll_fd);
free_poller:
    free(poller);
    return result;
}

void sys_poller_destroy(struct sys_poller *poller)
{
    sys_mutex_lock(&poller->lock);
    sh_assert(poller->watch_count == 0);
    poller->stop = true;
    sys_mutex_unlock(&poller->lock);
    poller_ring(poller);
    sys_thread_join(poller->thread);
    close(poller->event_fd);
    close(poller->epoll_fd);
    free(poller);
}

int sys_watch_add(struct sys_watch **ret_watch, struct sys_poller *poller, int fd,
                  void (*ready)(void *context), void *context)
{
    struct sys_watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return -ENOMEM;
    watch->poller = poller;
    watch->fd = fd;
    watch->ready = ready;
    watch->context = context;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = watch};

    sys_mutex_lock(&poller->lock);
    int result = epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
    if (result == 0) {
        /* Under the lock, which the loop takes before it calls `ready`: that may remove its watch.
         */
        *ret_watch = watch;
        poller->watch_count++;
    }
    sys_mutex_unlock(&poller->lock);
    if (result)
        free(watch);
    return result;
}

void sys_watch_remove(struct sys_watch *watch)
{
    struct sys_poller *poller = watch->poller;

    sys_mutex_lock(&poller->lock);
    sh_assert(!watch->removed);
    watch->removed = true;
    (void)epoll_ctl(poller->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->next_removed = poller->removed;
    poller->removed = watch;
    poller->watch_count--;
    uint32_t turn = __atomic_load_n(&poller->turn, __ATOMIC_RELAXED);
    sys_mutex_unlock(&poller->lock);
    if (thread_is_self(poller->thread))
        return; /* within `ready`: the loop frees it when that returns */
    poller_ring(poller);
    while (__atomic_load_n(&poller->turn, __ATOMIC_ACQUIRE) == turn)
        sys_wait(&poller->turn, turn, SYS_FOREVER);
}
