/*
 * sim.h - what the files of the simulator share.
 *
 * The simulator is one thread of the kernel. A sys_thread is a fiber; exactly one runs, and it runs
 * until it calls something that may switch. So nothing here needs a lock.
 */
#ifndef STORHOST_SYS_SIM_SIM_H
#define STORHOST_SYS_SIM_SIM_H

#include "sys/private.h"

enum { SIM_LOCALS_MAX = 16, SIM_THREADS_MAX = 4096 };

enum fiber_state {
    FIBER_RUNNABLE,
    FIBER_WAITING, /* on `word`, or with a NULL word only for the time */
    FIBER_ENDED,
};

/* A stack and the place where it stopped (fiber.c). */
struct fiber {
    void *stack_pointer; /* while it does not run */
    char *stack;         /* NULL: the stack that the process began with */
    size_t stack_size;
    const char *stack_bottom; /* for the sanitizers, known of every fiber that ran */
    size_t stack_extent;
    void *fake_stack;   /* AddressSanitizer's */
    void *thread_clock; /* ThreadSanitizer's */
};

struct sys_thread {
    struct fiber fiber;
    enum fiber_state state;
    uint32_t number;
    char name[16];
    void (*entry)(void *);
    void *argument;
    const uint32_t *word;
    uint64_t deadline_ns;
    bool timed_out;
    uint32_t ended; /* joiners wait on it */
    int saved_errno;
    void *segment; /* GS's base */
    void *locals[SIM_LOCALS_MAX];
    void (*destroy)(void *value);
    void *destroy_value;
};

/* ---- fiber.c ---- */

/* The stack that runs now becomes a fiber. */
void fiber_adopt(struct fiber *fiber);
/* A fiber that will call `entry`, which must not return. 0 or -ENOMEM. */
int fiber_create(struct fiber *fiber, void (*entry)(void));
/* Not of the running one. */
void fiber_destroy(struct fiber *fiber);
/* Stops the running fiber and continues another. With `last` the running one never continues. */
void fiber_switch(struct fiber *from, struct fiber *to, bool last);
/* What a new fiber does first. */
void fiber_arrive(void);

/* ---- scheduler.c ---- */

extern struct sys_thread *sim_current;
extern uint64_t sim_now_ns;

void scheduler_start(void);
void scheduler_stop(void);
/* Enters a created thread; it may run from now on. */
void scheduler_enter(struct sys_thread *thread);
/* The thread leaves the table; it has ended. */
void scheduler_forget(struct sys_thread *thread);
/* In order of creation; NULL past the end. */
struct sys_thread *scheduler_thread(unsigned index);
/* Lets another thread run, or the same again; the current one's state says when it may continue. */
void scheduler_switch(void);
/* The same, but prefers any other runnable thread, and time when there is none. */
void scheduler_switch_away(void);
/* The running thread is finished. */
__attribute__((noreturn)) void scheduler_end(void);
/* Saves and restores declared thread-local variables. */
void scheduler_local_declare(void **variable);
/* Choices of the seed: a number below `bound`. */
unsigned scheduler_choose(unsigned bound);
/* Prints what every thread is doing and aborts. */
__attribute__((noreturn)) void scheduler_report(const char *what);

/* ---- thread.c ---- */

/* How eager to switch this run is: the seed's first choice. */
void switch_odds_choose(void);

#endif
