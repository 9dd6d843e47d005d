/*
 * thread.c - threads as fibers, switch points, and sleeping on a word.
 */
#include "sys/sim/sim.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIM_CPU_COUNT = 4, /* the same on every machine, or a seed would not replay elsewhere */
    /* A spin loop that has seen so many turns of others waits for something that never comes. */
    SPINS_MAX = 2000000,
};

/* What a step costs in virtual time. It must not be 0, or a loop that polls the clock at switch
 * points would never end. */
enum { SWITCH_POINT_NS = 20, SPIN_NS = 50 };

bool sys_switch_points_on = true;

static unsigned switch_odds; /* one in so many switch points switches */

void switch_odds_choose(void)
{
    /* A run explores more when runs differ in how eager they are. */
    static const unsigned odds[] = {2, 4, 16, 64};
    switch_odds = odds[scheduler_choose(4)];
}

/* ---- threads ---- */

static void fiber_main(void)
{
    fiber_arrive();
    sim_current->entry(sim_current->argument);
    if (sim_current->destroy)
        sim_current->destroy(sim_current->destroy_value);
    __atomic_store_n(&sim_current->ended, 1, __ATOMIC_RELEASE);
    /* Marked before the joiners run: one of them frees this stack. */
    sim_current->state = FIBER_ENDED;
    sys_wake(&sim_current->ended, INT_MAX);
    scheduler_end();
}

int sys_thread_create(struct sys_thread **ret_thread, const char *name, void (*entry)(void *),
                      void *argument)
{
    struct sys_thread *thread = calloc(1, sizeof(*thread));
    if (!thread)
        return -ENOMEM;
    sh_assert(strlen(name) < sizeof(thread->name));
    strcpy(thread->name, name);
    thread->entry = entry;
    thread->argument = argument;
    int result = fiber_create(&thread->fiber, fiber_main);
    if (result) {
        free(thread);
        return result;
    }
    *ret_thread = thread;
    scheduler_enter(thread);
    sys_switch_point_slow();
    return 0;
}

void sys_thread_join(struct sys_thread *thread)
{
    sh_assert(thread != sim_current);
    while (!__atomic_load_n(&thread->ended, __ATOMIC_ACQUIRE))
        sys_wait(&thread->ended, 0, SYS_FOREVER);
    scheduler_forget(thread);
    fiber_destroy(&thread->fiber);
    free(thread);
}

void sys_thread_at_exit(void (*destroy)(void *value), void *value)
{
    sim_current->destroy = destroy;
    sim_current->destroy_value = value;
}

void sys_thread_local_declare(void **variable)
{
    scheduler_local_declare(variable);
}

void sys_thread_set_segment(void *base)
{
    if (sim_current)
        sim_current->segment = base;
    segment_load(base);
}

/* All fibers are one thread of the host's. */
void sys_thread_signal_stack(void)
{
    (void)signal_stack_create();
}

uint32_t sys_thread_number(void)
{
    return sim_current ? sim_current->number : 0;
}

void sys_thread_name(char ret_name[SYS_THREAD_NAME_BYTES])
{
    _Static_assert(sizeof(sim_current->name) == SYS_THREAD_NAME_BYTES, "names fit");
    if (sim_current)
        memcpy(ret_name, sim_current->name, SYS_THREAD_NAME_BYTES);
    else
        ret_name[0] = '\0';
}

unsigned sys_cpu_count(void)
{
    return SIM_CPU_COUNT;
}

unsigned sys_cpu_list(unsigned *cpus, unsigned room)
{
    (void)cpus;
    (void)room;
    return 0;
}

/* ---- switching ---- */

void sys_switch_point_slow(void)
{
    sim_now_ns += SWITCH_POINT_NS;
    if (sim_current && scheduler_choose(switch_odds) == 0)
        scheduler_switch();
}

void sys_thread_yield(void)
{
    sim_now_ns += SPIN_NS;
    scheduler_switch_away();
}

void sys_spin_wait(unsigned *spins)
{
    if (++*spins == SPINS_MAX)
        scheduler_report("livelock: a spin loop does not end");
    sys_thread_yield();
}

/* ---- sleeping and waking ---- */

static int thread_sleep(const uint32_t *word, uint64_t deadline_ns)
{
    sim_current->word = word;
    sim_current->deadline_ns = deadline_ns;
    sim_current->timed_out = false;
    sim_current->state = FIBER_WAITING;
    scheduler_switch();
    return sim_current->timed_out ? -ETIMEDOUT : 0;
}

int sys_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    sys_switch_point_slow();
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != expected)
        return 0;
    return thread_sleep(word, deadline_ns);
}

/* One of the sleepers on the word, NULL when there is none. */
static struct sys_thread *sleeper_choose(const uint32_t *word)
{
    unsigned count = 0;
    struct sys_thread *thread;

    for (unsigned i = 0; (thread = scheduler_thread(i)); i++)
        count += thread->state == FIBER_WAITING && thread->word == word;
    if (count == 0)
        return NULL;
    unsigned chosen = count == 1 ? 0 : scheduler_choose(count);
    for (unsigned i = 0;; i++) {
        thread = scheduler_thread(i);
        if (thread->state == FIBER_WAITING && thread->word == word && chosen-- == 0)
            return thread;
    }
}

void sys_wake(const uint32_t *word, int count)
{
    struct sys_thread *thread;

    while (count-- > 0 && (thread = sleeper_choose(word)))
        thread->state = FIBER_RUNNABLE;
    if (sim_current->state == FIBER_RUNNABLE)
        sys_switch_point_slow();
}

void sys_delay_ns(uint64_t duration_ns)
{
    (void)thread_sleep(NULL, sim_now_ns + duration_ns);
}

/* The thread keeps its CPU, but this machine has as many as it has threads: others run meanwhile.
 */
void sys_stall_ns(uint64_t duration_ns)
{
    sys_delay_ns(duration_ns);
}
