/*
 * work.c - system worker threads.
 *
 * The pool grows when it is stuck: when items wait, no worker is idle and none took an item for
 * some milliseconds, a manager thread adds one. So an item may wait for another, and a burst of
 * short items makes no threads. What runs is remembered by the worker, not in the item, because an
 * item may free itself.
 */
#include "nt/work.h"

#include "nt/machine.h"
#include "nt/private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

enum { WORKERS_FIRST = 2, WORKERS_MAX = 512 };

#define STUCK_NS (5 * SYS_NS_PER_MS)

struct worker {
    struct sys_thread *thread;
    const struct nt_work *current; /* under work_lock */
};

static struct raw_lock work_lock;
static struct nt_work *first, **end = &first;
static struct worker workers[WORKERS_MAX];
static unsigned worker_count, idle_count; /* under work_lock */
static unsigned joinable_count;           /* workers whose thread is known; under work_lock */
static uint32_t taken_count;              /* items ever taken; changes show progress */
static bool work_stopping, manager_stopping;
static uint32_t workers_doorbell; /* changes with each item and at the stop */
static uint32_t manager_doorbell; /* changes when items wait and no worker is idle */
static uint32_t ended_count;      /* items ever ended; drainers sleep on it */
static struct sys_thread *manager;

static void doorbell_change(uint32_t *doorbell, int count)
{
    __atomic_add_fetch(doorbell, 1, __ATOMIC_ACQ_REL);
    sys_wake(doorbell, count);
}

void nt_work_initialize(struct nt_work *work, void (*run)(void *context), void *context)
{
    *work = (struct nt_work){.run = run, .context = context};
}

bool nt_work_queue(struct nt_work *work)
{
    if (__atomic_exchange_n(&work->queued, 1, __ATOMIC_ACQ_REL))
        return false;
    raw_lock_acquire(&work_lock);
    work->next = NULL;
    *end = work;
    end = &work->next;
    bool idle = idle_count > 0;
    raw_lock_release(&work_lock);
    doorbell_change(&workers_doorbell, 1);
    if (!idle)
        doorbell_change(&manager_doorbell, 1);
    return true;
}

/* ---- workers ---- */

/* Takes the first item and notes it as the worker's; NULL when there is none. */
static struct nt_work *work_take(struct worker *worker, bool *was_idle)
{
    raw_lock_acquire(&work_lock);
    struct nt_work *work = first;
    if (work) {
        first = work->next;
        if (!first)
            end = &first;
        worker->current = work;
        taken_count++;
    }
    if (*was_idle != !work) {
        *was_idle = !work;
        idle_count += work ? -1u : 1u;
    }
    bool is_short = work && first && idle_count == 0;
    raw_lock_release(&work_lock);
    if (is_short) /* several items may have counted on this worker */
        doorbell_change(&manager_doorbell, 1);
    return work;
}

static void work_end(struct worker *worker)
{
    raw_lock_acquire(&work_lock);
    worker->current = NULL;
    raw_lock_release(&work_lock);
    doorbell_change(&ended_count, INT_MAX);
}

static void worker_main(void *argument)
{
    struct worker *worker = argument;
    bool idle = true; /* counted by whoever made this thread */

    for (;;) {
        uint32_t doorbell = __atomic_load_n(&workers_doorbell, __ATOMIC_ACQUIRE);
        struct nt_work *work = work_take(worker, &idle);
        if (!work) {
            if (__atomic_load_n(&work_stopping, __ATOMIC_ACQUIRE))
                break;
            sys_wait(&workers_doorbell, doorbell, SYS_FOREVER);
            continue;
        }
        void (*run)(void *context) = work->run;
        void *context = work->context;
        __atomic_store_n(&work->queued, 0, __ATOMIC_RELEASE);
        run(context);
        sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
        work_end(worker);
    }
    raw_lock_acquire(&work_lock);
    idle_count--;
    raw_lock_release(&work_lock);
}

static int worker_add(void)
{
    struct worker *worker = &workers[worker_count];

    raw_lock_acquire(&work_lock);
    worker->current = NULL;
    worker_count++;
    idle_count++;
    raw_lock_release(&work_lock);
    int result = nt_thread_create(&worker->thread, "nt-worker", worker_main, worker);
    raw_lock_acquire(&work_lock);
    if (result) {
        worker_count--;
        idle_count--;
    } else {
        joinable_count++;
    }
    raw_lock_release(&work_lock);
    return result;
}

/* ---- growing ---- */

/* Items wait and nobody is idle: `*ret_taken` tells later whether that was progress. */
static bool work_is_short(uint32_t *ret_taken)
{
    raw_lock_acquire(&work_lock);
    bool is_short = first && idle_count == 0;
    *ret_taken = taken_count;
    raw_lock_release(&work_lock);
    return is_short;
}

static void manager_main(void *argument)
{
    (void)argument;
    for (;;) {
        uint32_t doorbell = __atomic_load_n(&manager_doorbell, __ATOMIC_ACQUIRE);
        uint32_t taken, taken_later;
        if (__atomic_load_n(&manager_stopping, __ATOMIC_ACQUIRE))
            return;
        if (!work_is_short(&taken) || worker_count == WORKERS_MAX) {
            sys_wait(&manager_doorbell, doorbell, SYS_FOREVER);
            continue;
        }
        sys_delay_ns(STUCK_NS);
        if (work_is_short(&taken_later) && taken == taken_later)
            (void)worker_add(); /* without memory for one, try again in the next round */
    }
}

/* ---- draining ---- */

/* Items that wait in the queue are found by their flag, running ones by their workers. */
static bool work_is_busy(const struct nt_work *work)
{
    raw_lock_acquire(&work_lock);
    bool busy = __atomic_load_n(&work->queued, __ATOMIC_ACQUIRE) != 0;
    for (unsigned i = 0; i < worker_count && !busy; i++)
        busy = workers[i].current == work;
    raw_lock_release(&work_lock);
    return busy;
}

void nt_work_drain(struct nt_work *work)
{
    sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
    for (;;) {
        uint32_t ended = __atomic_load_n(&ended_count, __ATOMIC_ACQUIRE);
        if (!work_is_busy(work))
            return;
        sys_wait(&ended_count, ended, SYS_FOREVER);
    }
}

/* ---- start and end ---- */

int work_start(void)
{
    int result = 0;

    work_stopping = manager_stopping = false;
    worker_count = idle_count = joinable_count = 0;
    first = NULL;
    end = &first;
    for (unsigned i = 0; i < WORKERS_FIRST && !result; i++)
        result = worker_add();
    if (!result)
        result = nt_thread_create(&manager, "nt-work-manager", manager_main, NULL);
    if (result) {
        manager = NULL;
        work_stop();
    }
    return result;
}

static unsigned workers_join(unsigned joined)
{
    for (;;) {
        raw_lock_acquire(&work_lock);
        unsigned count = joinable_count;
        raw_lock_release(&work_lock);
        if (joined == count)
            return joined;
        sys_thread_join(workers[joined++].thread);
    }
}

/* Workers leave when the queue is empty, so every queued item still runs; the manager stays until
 * then, since the last items may need another worker. It may be adding one that nobody needs. */
void work_stop(void)
{
    __atomic_store_n(&work_stopping, true, __ATOMIC_RELEASE);
    doorbell_change(&workers_doorbell, INT_MAX);
    unsigned joined = workers_join(0);
    if (manager) {
        __atomic_store_n(&manager_stopping, true, __ATOMIC_RELEASE);
        doorbell_change(&manager_doorbell, INT_MAX);
        sys_thread_join(manager);
        manager = NULL;
    }
    (void)workers_join(joined);
}
