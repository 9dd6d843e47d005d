/*
 * timer.c - one heap of armed timers and one thread that waits for the earliest.
 *
 * Expiry takes the timer out of the heap and posts a call to its processor, where the routine runs
 * at DISPATCH_LEVEL. Between the two, cancelling or re-arming changes the timer's generation, and
 * the call finds itself outdated. `running` counts calls that are posted or running; only when it
 * is 0 may the timer's memory go.
 */
#include "nt/timer.h"

#include "nt/events.h"
#include "nt/machine.h"
#include "nt/private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { HEAP_FIRST_CAPACITY = 256 };

static struct raw_lock heap_lock;
static struct nt_timer **heap; /* heap[1] is due first; heap[0] is not used */
static size_t heap_count, heap_capacity;
static uint32_t timers_doorbell; /* changes when the earliest due time did */
static bool timers_stopping;
static struct sys_thread *timers_thread;

/* ---- the heap; all with heap_lock held ---- */

static void heap_place(struct nt_timer *timer, size_t index)
{
    heap[index] = timer;
    timer->heap_index = (uint32_t)index;
}

static void heap_rise(struct nt_timer *timer, size_t index)
{
    while (index > 1 && timer->due_ns < heap[index / 2]->due_ns) {
        heap_place(heap[index / 2], index);
        index /= 2;
    }
    heap_place(timer, index);
}

static void heap_sink(struct nt_timer *timer, size_t index)
{
    for (;;) {
        size_t child = 2 * index;
        if (child > heap_count)
            break;
        if (child < heap_count && heap[child + 1]->due_ns < heap[child]->due_ns)
            child++;
        if (timer->due_ns <= heap[child]->due_ns)
            break;
        heap_place(heap[child], index);
        index = child;
    }
    heap_place(timer, index);
}

static void heap_insert(struct nt_timer *timer)
{
    sh_assert(heap_count + 1 < heap_capacity);
    heap_count++;
    heap_rise(timer, heap_count);
}

static void heap_remove(struct nt_timer *timer)
{
    size_t index = timer->heap_index;
    struct nt_timer *last = heap[heap_count];

    heap_count--;
    timer->heap_index = 0;
    if (last == timer)
        return;
    if (index > 1 && last->due_ns < heap[index / 2]->due_ns)
        heap_rise(last, index);
    else
        heap_sink(last, index);
}

/* Makes room for one more. The larger array is made without the lock, which allows no allocation;
 * returns with the lock held. */
static void heap_lock_with_room(void)
{
    for (;;) {
        raw_lock_acquire(&heap_lock);
        size_t capacity = heap_capacity;
        if (heap_count + 2 <= capacity)
            return;
        raw_lock_release(&heap_lock);

        struct nt_timer **larger = calloc(2 * capacity, sizeof(struct nt_timer *));
        /* A timer that cannot be armed would hang a driver; there is no way to report it. */
        sh_assert(larger != NULL);
        struct nt_timer **old = larger;
        raw_lock_acquire(&heap_lock);
        if (heap_capacity == capacity) {
            memcpy(larger, heap, capacity * sizeof(struct nt_timer *));
            old = heap;
            heap = larger;
            heap_capacity = 2 * capacity;
        }
        raw_lock_release(&heap_lock);
        free(old);
    }
}

/* ---- expiry ---- */

static void timer_call(void *context)
{
    struct nt_timer *timer = context;

    raw_lock_acquire(&heap_lock);
    bool valid = timer->expired_generation == timer->generation;
    timer->expired_generation = 0;
    if (valid && timer->late)
        timer->begun_generation = timer->generation;
    raw_lock_release(&heap_lock);
    if (valid) {
        nt_event(NT_EVENT_TIMER, "timer", timer->processor, 0);
        timer->run(timer->context);
        nt_event(NT_EVENT_TIMER_END, "timer", 0, 0);
    }
    if (__atomic_sub_fetch(&timer->running, 1, __ATOMIC_ACQ_REL) == 0)
        sys_wake(&timer->running, INT_MAX);
}

/* Takes the earliest timer if it is due; the lock is held. */
static struct nt_timer *timer_expire(uint64_t now_ns)
{
    if (heap_count == 0 || heap[1]->due_ns > now_ns)
        return NULL;
    struct nt_timer *timer = heap[1];
    heap_remove(timer);
    timer->expired_generation = timer->generation;
    if (timer->period_ns) {
        timer->due_ns += timer->period_ns;
        if (timer->due_ns <= now_ns) /* what was missed is missed; the rhythm stays */
            timer->due_ns +=
                (now_ns - timer->due_ns) / timer->period_ns * timer->period_ns + timer->period_ns;
        heap_insert(timer);
    }
    /* Counted before anybody can see it posted. */
    __atomic_add_fetch(&timer->running, 1, __ATOMIC_ACQ_REL);
    return timer;
}

static void timers_expire(uint64_t now_ns)
{
    for (;;) {
        raw_lock_acquire(&heap_lock);
        struct nt_timer *timer = timer_expire(now_ns);
        raw_lock_release(&heap_lock);
        if (!timer)
            return;
        /* `running` keeps the timer's memory while it is posted. */
        if (!nt_processor_post(nt_processor_get(timer->processor), &timer->call) &&
            __atomic_sub_fetch(&timer->running, 1, __ATOMIC_ACQ_REL) == 0)
            sys_wake(&timer->running, INT_MAX);
    }
}

static void timers_main(void *argument)
{
    (void)argument;
    for (;;) {
        uint32_t doorbell = __atomic_load_n(&timers_doorbell, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&timers_stopping, __ATOMIC_ACQUIRE))
            return;
        uint64_t now_ns = sys_now_ns();
        timers_expire(now_ns);
        dpc_watchdog_look(now_ns);
        raw_lock_acquire(&heap_lock);
        uint64_t due_ns = heap_count ? heap[1]->due_ns : SYS_FOREVER;
        raw_lock_release(&heap_lock);
        uint64_t close_ns = shared_data_close(now_ns);
        if (close_ns < due_ns)
            due_ns = close_ns;
        uint64_t look_ns = watch_look(now_ns);
        if (look_ns < due_ns)
            due_ns = look_ns;
        (void)sys_wait(&timers_doorbell, doorbell, due_ns);
    }
}

void timers_look_again(void)
{
    __atomic_add_fetch(&timers_doorbell, 1, __ATOMIC_ACQ_REL);
    sys_wake(&timers_doorbell, 1);
}

/* ---- the interface ---- */

void nt_timer_initialize(struct nt_timer *timer, void (*run)(void *context), void *context)
{
    *timer = (struct nt_timer){.run = run, .context = context, .generation = 1};
    timer->call.run = timer_call;
    timer->call.context = timer;
}

void nt_timer_initialize_late(struct nt_timer *timer, void (*run)(void *context), void *context)
{
    nt_timer_initialize(timer, run, context);
    timer->late = true;
}

/* The lock is held. */
static bool timer_is_armed_locked(const struct nt_timer *timer)
{
    return timer->heap_index != 0 || timer->expired_generation == timer->generation ||
           timer->begun_generation == timer->generation;
}

/* Whatever was to come does not come any more; true if something was. The lock is held. */
static bool timer_outdate(struct nt_timer *timer)
{
    bool armed = timer_is_armed_locked(timer);

    if (timer->heap_index)
        heap_remove(timer);
    timer->expired_generation = timer->begun_generation = 0;
    if (++timer->generation == 0)
        timer->generation = 1; /* 0 means "none" in the other two */
    return armed;
}

bool nt_timer_arm(struct nt_timer *timer, struct nt_timer_shot shot, uint64_t delay_ns,
                  uint64_t period_ns, bool only_idle)
{
    uint64_t now_ns = sys_now_ns();
    unsigned processor = nt_processor_current()->number;

    heap_lock_with_room();
    if (only_idle && timer_is_armed_locked(timer)) {
        raw_lock_release(&heap_lock);
        return true;
    }
    bool armed = timer_outdate(timer);
    timer->shot = shot;
    timer->due_ns = delay_ns < SYS_FOREVER - 1 - now_ns ? now_ns + delay_ns : SYS_FOREVER - 1;
    timer->period_ns = period_ns;
    /* On its old processor it cannot run in parallel with itself. */
    if (__atomic_load_n(&timer->running, __ATOMIC_ACQUIRE) == 0)
        timer->processor = (uint16_t)processor;
    heap_insert(timer);
    bool earliest = timer->heap_index == 1;
    raw_lock_release(&heap_lock);
    if (earliest)
        timers_look_again();
    return armed;
}

bool nt_timer_set(struct nt_timer *timer, uint64_t delay_ns, uint64_t period_ns)
{
    return nt_timer_arm(timer, (struct nt_timer_shot){0}, delay_ns, period_ns, false);
}

bool nt_timer_begin(struct nt_timer *timer, struct nt_timer_shot *ret_shot)
{
    raw_lock_acquire(&heap_lock);
    bool current = timer->begun_generation == timer->generation;
    if (current)
        *ret_shot = timer->shot;
    timer->begun_generation = 0;
    raw_lock_release(&heap_lock);
    return current;
}

bool nt_timer_is_armed(struct nt_timer *timer)
{
    raw_lock_acquire(&heap_lock);
    bool armed = timer_is_armed_locked(timer);
    raw_lock_release(&heap_lock);
    return armed;
}

bool nt_timer_is_quiet(struct nt_timer *timer)
{
    raw_lock_acquire(&heap_lock);
    bool quiet =
        !timer_is_armed_locked(timer) && __atomic_load_n(&timer->running, __ATOMIC_ACQUIRE) == 0;
    raw_lock_release(&heap_lock);
    return quiet;
}

bool nt_timer_cancel(struct nt_timer *timer)
{
    raw_lock_acquire(&heap_lock);
    bool armed = timer_outdate(timer);
    raw_lock_release(&heap_lock);
    return armed;
}

void nt_timer_drain(struct nt_timer *timer)
{
    sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
    (void)nt_timer_cancel(timer);
    for (;;) {
        uint32_t running = __atomic_load_n(&timer->running, __ATOMIC_ACQUIRE);
        if (running == 0)
            return;
        sys_wait(&timer->running, running, SYS_FOREVER);
    }
}

int timers_start(void)
{
    heap = calloc(HEAP_FIRST_CAPACITY, sizeof(struct nt_timer *));
    if (!heap)
        return -ENOMEM;
    heap_capacity = HEAP_FIRST_CAPACITY;
    heap_count = 0;
    timers_stopping = false;
    int result = nt_thread_create(&timers_thread, "nt-timers", timers_main, NULL);
    if (result) {
        free(heap);
        heap = NULL;
    }
    return result;
}

void timers_stop(void)
{
    __atomic_store_n(&timers_stopping, true, __ATOMIC_RELEASE);
    timers_look_again();
    sys_thread_join(timers_thread);
    (void)shared_data_close(SYS_FOREVER);
    free(heap);
    heap = NULL;
    heap_count = heap_capacity = 0;
}
