/*
 * scheduler.c - who runs next, and what time it is.
 *
 * Every choice comes from one generator that starts with the seed, and nothing else enters (no
 * clock, no address order), so the same program with the same seed takes the same steps. Time
 * stands still while threads run, except for a little at each switch point; when none can run it
 * jumps to the next deadline.
 */
#include "sys/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sys_thread *sim_current;
uint64_t sim_now_ns;

static struct sys_thread *threads[SIM_THREADS_MAX]; /* in order of creation */
static unsigned thread_count;
static uint64_t choices;
static void **local_variables[SIM_LOCALS_MAX];
static unsigned local_count;
static struct sys_thread first_thread;

unsigned scheduler_choose(unsigned bound)
{
    /* The upper half times the bound: even enough for bounds that are small. */
    return (unsigned)((sys_splitmix(&choices) >> 32) * bound >> 32);
}

/* ---- reports ---- */

_Noreturn void scheduler_report(const char *what)
{
    fprintf(stderr, "storhost: simulator: %s at %llu ns; the seed is %llu\n", what,
            (unsigned long long)sim_now_ns, (unsigned long long)sys_seed());
    for (unsigned i = 0; i < thread_count; i++) {
        const struct sys_thread *thread = threads[i];
        fprintf(stderr, "  thread %u (%s) ", thread->number, thread->name);
        if (thread == sim_current)
            fputs("runs last, ", stderr);
        if (thread->state == FIBER_RUNNABLE)
            fputs("can run\n", stderr);
        else if (thread->state == FIBER_ENDED)
            fputs("has ended\n", stderr);
        else if (thread->deadline_ns == SYS_FOREVER)
            fprintf(stderr, "waits for ever on %p\n", (const void *)thread->word);
        else
            fprintf(stderr, "waits until %llu ns\n", (unsigned long long)thread->deadline_ns);
    }
    fflush(stderr);
    abort();
}

/* ---- thread-local variables ---- */

void scheduler_local_declare(void **variable)
{
    for (unsigned i = 0; i < local_count; i++) {
        if (local_variables[i] == variable)
            return;
    }
    sh_assert(local_count < SIM_LOCALS_MAX);
    local_variables[local_count++] = variable;
}

static void locals_exchange(struct sys_thread *from, struct sys_thread *to)
{
    for (unsigned i = 0; i < local_count; i++) {
        from->locals[i] = *local_variables[i];
        *local_variables[i] = to->locals[i];
    }
    from->saved_errno = errno;
    errno = to->saved_errno;
}

/* ---- choosing ---- */

/* Threads whose deadline has passed can run. */
static void deadlines_pass(void)
{
    for (unsigned i = 0; i < thread_count; i++) {
        struct sys_thread *thread = threads[i];
        if (thread->state == FIBER_WAITING && thread->deadline_ns <= sim_now_ns) {
            thread->state = FIBER_RUNNABLE;
            thread->timed_out = true;
        }
    }
}

static uint64_t deadline_next(void)
{
    uint64_t next_ns = SYS_FOREVER;

    for (unsigned i = 0; i < thread_count; i++) {
        if (threads[i]->state == FIBER_WAITING && threads[i]->deadline_ns < next_ns)
            next_ns = threads[i]->deadline_ns;
    }
    return next_ns;
}

/* One of the runnable threads, `except` not among them; NULL when there is none. */
static struct sys_thread *runnable_choose(const struct sys_thread *except)
{
    unsigned count = 0;

    for (unsigned i = 0; i < thread_count; i++)
        count += threads[i]->state == FIBER_RUNNABLE && threads[i] != except;
    if (count == 0)
        return NULL;
    unsigned chosen = count == 1 ? 0 : scheduler_choose(count);
    for (unsigned i = 0;; i++) {
        if (threads[i]->state == FIBER_RUNNABLE && threads[i] != except && chosen-- == 0)
            return threads[i];
    }
}

/* Time moves on until somebody other than `except` can run; NULL when nobody ever will. */
static struct sys_thread *next_choose(const struct sys_thread *except)
{
    deadlines_pass();
    for (;;) {
        struct sys_thread *next = runnable_choose(except);
        if (next)
            return next;
        uint64_t next_ns = deadline_next();
        if (next_ns == SYS_FOREVER)
            return NULL;
        sim_now_ns = next_ns;
        deadlines_pass();
    }
}

static void switch_to(struct sys_thread *next)
{
    struct sys_thread *previous = sim_current;

    if (next == previous)
        return;
    locals_exchange(previous, next);
    if (next->segment != previous->segment)
        segment_load(next->segment);
    sim_current = next;
    fiber_switch(&previous->fiber, &next->fiber, previous->state == FIBER_ENDED);
}

void scheduler_switch(void)
{
    struct sys_thread *next = next_choose(NULL);

    if (!next)
        scheduler_report("deadlock: no thread can run and none waits for a time");
    switch_to(next);
}

void scheduler_switch_away(void)
{
    struct sys_thread *next = next_choose(sim_current);

    /* Alone with a condition that nobody can make true, but it may not be the only condition that
     * the thread looks at; the caller counts. */
    if (next)
        switch_to(next);
}

_Noreturn void scheduler_end(void)
{
    sim_current->state = FIBER_ENDED;
    scheduler_switch();
    sh_assert(!"an ended thread ran again");
    __builtin_unreachable();
}

/* ---- the table ---- */

/* The smallest number that no live thread has, as with real threads. */
static uint32_t number_take(void)
{
    for (uint32_t number = 1;; number++) {
        bool used = false;
        for (unsigned i = 0; i < thread_count && !used; i++)
            used = threads[i]->number == number;
        if (!used)
            return number;
    }
}

void scheduler_enter(struct sys_thread *thread)
{
    sh_assert(thread_count < SIM_THREADS_MAX);
    thread->number = number_take();
    thread->state = FIBER_RUNNABLE;
    threads[thread_count++] = thread;
}

struct sys_thread *scheduler_thread(unsigned index)
{
    return index < thread_count ? threads[index] : NULL;
}

void scheduler_forget(struct sys_thread *thread)
{
    unsigned at = 0;

    while (threads[at] != thread)
        at++;
    memmove(&threads[at], &threads[at + 1], (--thread_count - at) * sizeof(threads[0]));
}

void scheduler_start(void)
{
    sh_assert(thread_count == 0);
    choices = sys_seed();
    sim_now_ns = SYS_NS_PER_S; /* 0 is too easily a special value */
    memset(&first_thread, 0, sizeof(first_thread));
    strcpy(first_thread.name, "first");
    fiber_adopt(&first_thread.fiber);
    sim_current = &first_thread;
    scheduler_enter(&first_thread);
}

/* Threads that were not joined are dropped where they stopped. */
void scheduler_stop(void)
{
    sh_assert(sim_current == &first_thread);
    if (first_thread.destroy)
        first_thread.destroy(first_thread.destroy_value);
    while (thread_count > 1) {
        struct sys_thread *thread = threads[thread_count - 1];
        scheduler_forget(thread);
        fiber_destroy(&thread->fiber);
        free(thread);
    }
    thread_count = 0;
    sim_current = NULL;
}
