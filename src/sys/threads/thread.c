/*
 * thread.c - POSIX threads, their numbers, and what runs when a thread ends.
 *
 * Numbers are given at first use, to foreign threads as well, and return when the thread ends. The
 * state lies in thread-local memory; the key exists only for its destructor.
 */
#include "sys/threads/private.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct sys_thread {
    pthread_t handle;
    void (*entry)(void *);
    void *argument;
    char name[16];
};

struct thread_state {
    uint32_t number; /* 0: none yet */
    void (*destroy)(void *value);
    void *value;
    void *signal_stack;
};

enum { NUMBERS_MAX = 65536 };

static __thread struct thread_state state_of_self __attribute__((tls_model("initial-exec")));
static pthread_once_t end_key_once = PTHREAD_ONCE_INIT;
static pthread_key_t end_key;
static pthread_mutex_t numbers_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t numbers_used[NUMBERS_MAX / 64];

/* The smallest free number, from 1. */
static uint32_t number_take(void)
{
    uint32_t number = 0;

    pthread_mutex_lock(&numbers_lock);
    numbers_used[0] |= 1; /* 0 means none */
    for (unsigned i = 0; i < NUMBERS_MAX / 64 && !number; i++) {
        if (~numbers_used[i]) {
            unsigned bit = (unsigned)__builtin_ctzll(~numbers_used[i]);
            numbers_used[i] |= 1ull << bit;
            number = i * 64 + bit;
        }
    }
    pthread_mutex_unlock(&numbers_lock);
    sh_assert(number != 0);
    return number;
}

static void number_return(uint32_t number)
{
    pthread_mutex_lock(&numbers_lock);
    numbers_used[number / 64] &= ~(1ull << number % 64);
    pthread_mutex_unlock(&numbers_lock);
}

static void thread_end(void *argument)
{
    struct thread_state *state = argument;

    if (state->destroy) {
        void (*destroy)(void *) = state->destroy;
        state->destroy = NULL;
        destroy(state->value);
    }
    signal_stack_destroy(state->signal_stack);
    state->signal_stack = NULL;
    if (state->number) {
        number_return(state->number);
        state->number = 0;
    }
}

static void end_key_create(void)
{
    sh_assert(pthread_key_create(&end_key, thread_end) == 0);
}

static struct thread_state *thread_state_get(void)
{
    struct thread_state *state = &state_of_self;

    if (!state->number) {
        pthread_once(&end_key_once, end_key_create);
        state->number = number_take();
        sh_assert(pthread_setspecific(end_key, state) == 0);
    }
    return state;
}

uint32_t sys_thread_number(void)
{
    return thread_state_get()->number;
}

void sys_thread_name(char ret_name[SYS_THREAD_NAME_BYTES])
{
    if (pthread_getname_np(pthread_self(), ret_name, SYS_THREAD_NAME_BYTES))
        ret_name[0] = '\0';
}

void sys_thread_at_exit(void (*destroy)(void *value), void *value)
{
    struct thread_state *state = thread_state_get();

    state->destroy = destroy;
    state->value = value;
}

void sys_thread_local_declare(void **variable)
{
    (void)variable; /* each thread has its own already */
}

void sys_thread_set_segment(void *base)
{
    segment_load(base);
}

void sys_thread_signal_stack(void)
{
    struct thread_state *state = thread_state_get();

    if (!state->signal_stack)
        state->signal_stack = signal_stack_create();
}

/* Signals of the process go to the threads that its owner made; those of the thread itself (a
 * fault) and the real-time signals, which are sent to one thread on purpose, stay open. */
static void thread_signal_mask(sigset_t *ret_mask)
{
    static const int open_signals[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                       SIGTRAP, SIGABRT, SIGSYS, SIGPROF};

    sigfillset(ret_mask);
    for (size_t i = 0; i < sizeof(open_signals) / sizeof(open_signals[0]); i++)
        sigdelset(ret_mask, open_signals[i]);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        sigdelset(ret_mask, number);
}

static void *thread_main(void *argument)
{
    struct sys_thread *thread = argument;

    pthread_setname_np(pthread_self(), thread->name);
    (void)sys_thread_number();
    thread->entry(thread->argument);
    return NULL;
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
    /* The mask is inherited, so that no signal can slip in before the thread has set its own. */
    sigset_t mask, old;
    thread_signal_mask(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, &old);
    int result = pthread_create(&thread->handle, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (result) {
        free(thread);
        return -result;
    }
    *ret_thread = thread;
    return 0;
}

void sys_thread_join(struct sys_thread *thread)
{
    sh_assert(!thread_is_self(thread));
    sh_assert(pthread_join(thread->handle, NULL) == 0);
    free(thread);
}

bool thread_is_self(const struct sys_thread *thread)
{
    return pthread_equal(thread->handle, pthread_self());
}

unsigned sys_cpu_count(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

unsigned sys_cpu_list(unsigned *cpus, unsigned room)
{
    unsigned count = 0;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 0;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE && count < room; cpu++)
        if (CPU_ISSET(cpu, &set))
            cpus[count++] = cpu;
    return count;
}
