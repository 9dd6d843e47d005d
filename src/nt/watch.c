/*
 * watch.c - looks for callbacks that do not come back (watch.h).
 *
 * Nothing is written for it when a callback is called: a look from outside reads which callback a
 * thread is in, as evidence has it, and whether it is the same as at the look before. Frames of
 * evidence lie on stacks and may be popped while they are read, so a callback's name counts only
 * when two looks have found it in the same place; threads do not end during a look.
 */
#include "nt/watch.h"

#include "nt/private.h"

enum { LOOKS = 4, INTERVAL_MIN_MS = 50 };

static struct sys_mutex watches_mutex;
static struct nt_watch *watches;

/* ---- threads ---- */

static struct raw_lock threads_lock;
static struct nt_thread *threads;

void watch_thread_add(struct nt_thread *thread)
{
    raw_lock_acquire(&threads_lock);
    thread->next = threads;
    threads = thread;
    raw_lock_release(&threads_lock);
}

void watch_thread_remove(const struct nt_thread *thread)
{
    struct nt_thread **link = &threads;

    raw_lock_acquire(&threads_lock);
    while (*link != thread)
        link = &(*link)->next;
    *link = thread->next;
    raw_lock_release(&threads_lock);
}

struct found {
    const struct nt_evidence *frame;
    const char *callback;
    const struct nt_thread *thread;
};

static bool is_in_callback(const struct nt_thread *thread, const struct nt_watch *watch,
                           struct found *ret_found)
{
    const struct nt_evidence *frame = __atomic_load_n(&thread->evidence, __ATOMIC_ACQUIRE);

    if (!frame || (thread != watch->thread &&
                   __atomic_load_n(&frame->adapter, __ATOMIC_RELAXED) != watch->adapter))
        return false;
    *ret_found = (struct found){frame, __atomic_load_n(&frame->callback, __ATOMIC_RELAXED), thread};
    return true;
}

/* The callback that the waiting thread is in, else one that it may be waiting for. */
static struct found find_callback(const struct nt_watch *watch)
{
    struct found found = {NULL, NULL, NULL};

    raw_lock_acquire(&threads_lock);
    if (!is_in_callback(watch->thread, watch, &found) && watch->adapter)
        for (const struct nt_thread *thread = threads; thread; thread = thread->next)
            if (is_in_callback(thread, watch, &found))
                break;
    raw_lock_release(&threads_lock);
    return found;
}

/* ---- looks ---- */

static void look_at(struct nt_watch *watch)
{
    struct found found = find_callback(watch);

    if (found.frame != watch->frame_seen || found.callback != watch->callback_seen) {
        watch->frame_seen = found.frame;
        watch->callback_seen = found.callback;
        watch->looks = 0;
        return;
    }
    if (++watch->looks < LOOKS || watch->told)
        return;
    watch->told = true;
    sys_assume(watch->thread != NULL);
    const struct nt_watch_late late = {
        .callback = found.callback,
        .thread = found.thread ? found.thread->number : watch->thread->number,
        .same_thread = found.thread == watch->thread,
        .limit_ms = watch->limit_ms,
    };
    watch->late(watch, &late);
}

static uint64_t interval_ns(const struct nt_watch *watch)
{
    uint32_t interval_ms = watch->limit_ms / LOOKS;

    return (interval_ms > INTERVAL_MIN_MS ? interval_ms : INTERVAL_MIN_MS) * SYS_NS_PER_MS;
}

uint64_t watch_look(uint64_t now_ns)
{
    uint64_t next_ns = SYS_FOREVER;

    sys_mutex_lock(&watches_mutex);
    for (struct nt_watch *watch = watches; watch; watch = watch->next) {
        if (now_ns >= watch->next_ns) {
            look_at(watch);
            watch->next_ns = now_ns + interval_ns(watch);
        }
        if (watch->next_ns < next_ns)
            next_ns = watch->next_ns;
    }
    sys_mutex_unlock(&watches_mutex);
    return next_ns;
}

/* ---- watches ---- */

void nt_watch_begin(struct nt_watch *watch)
{
    struct nt_thread *self = nt_self();

    watch->thread = self;
    watch->nested = self->watched;
    if (watch->nested)
        return;
    self->watched = true;
    if (!watch->limit_ms)
        watch->limit_ms = NT_WATCH_LIMIT_MS;
    watch->next_ns = sys_now_ns() + interval_ns(watch);
    sys_mutex_lock(&watches_mutex);
    watch->next = watches;
    watches = watch;
    sys_mutex_unlock(&watches_mutex);
}

void nt_watch_end(struct nt_watch *watch)
{
    struct nt_watch **link = &watches;

    if (watch->nested)
        return;
    sys_mutex_lock(&watches_mutex);
    while (*link != watch)
        link = &(*link)->next;
    *link = watch->next;
    sys_mutex_unlock(&watches_mutex);
    watch->thread->watched = false;
}

void nt_watch_set_limit(uint32_t limit_ms)
{
    const struct nt_thread *self = nt_self();

    sys_mutex_lock(&watches_mutex);
    for (struct nt_watch *watch = watches; watch; watch = watch->next) {
        if (watch->thread != self)
            continue;
        watch->limit_ms = limit_ms;
        watch->next_ns = sys_now_ns() + interval_ns(watch);
    }
    sys_mutex_unlock(&watches_mutex);
}
