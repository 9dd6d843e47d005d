/*
 * thread.c - the record that each thread carries, made at its first use of nt and gone with it.
 */
#include "nt/machine.h"
#include "nt/object.h"
#include "nt/private.h"

#include <errno.h>
#include <limits.h>
#include <ntddk.h>
#include <stddef.h>
#include <stdlib.h>

enum {
    VECTOR_CONTROL = 0x1F80, /* no exceptions, nearest */
    STALL_SCALE = 1000,      /* turns of a loop that a microsecond has: nobody knows */
};

/* Where drivers look. */
#define REGION_HAS(member_, offset_)                                                               \
    _Static_assert(offsetof(struct nt_thread, member_) == (offset_), "as the kernel's records "    \
                                                                     "have")
REGION_HAS(region, offsetof(KPCR, Self));
REGION_HAS(region_of_kernel, offsetof(KPCR, CurrentPrcb));
REGION_HAS(region_again, offsetof(KPCR, Used_Self));
REGION_HAS(processor, offsetof(KPCR, Unused));
REGION_HAS(irql, offsetof(KPCR, Irql));
REGION_HAS(oldest_number, offsetof(KPCR, ObsoleteNumber));
REGION_HAS(critical_regions, offsetof(KPCR, Unused0));
REGION_HAS(region_version, offsetof(KPCR, MajorVersion));
REGION_HAS(stall_scale, offsetof(KPCR, StallScaleFactor));
REGION_HAS(evidence, offsetof(KPCR, Unused1));
REGION_HAS(reserved, offsetof(KPCR, KernelReserved));
REGION_HAS(vector_control, 0x180);
REGION_HAS(legacy_number, 0x184);
REGION_HAS(current_thread, 0x188);
REGION_HAS(processor_number, 0x1A4);

__thread struct nt_thread *nt_thread_pointer __attribute__((tls_model("initial-exec")));

static void thread_destroy(void *value)
{
    struct nt_thread *self = value;

    /* A thread that ends while it holds a processor would stop that processor for ever. */
    sh_assert(!self->processor && self->locks_held == 0);
    print_partial_destroy(self);
    watch_thread_remove(self);
    if (self->impersonation)
        nt_object_release(self->impersonation);
    nt_thread_pointer = NULL;
    sys_thread_set_segment(NULL);
    nt_object_release(self);
}

void thread_show_processor(struct nt_thread *self, const struct nt_processor *processor)
{
    self->processor_number = processor->number;
    self->legacy_number = self->oldest_number = nt_topology()->places[processor->number].number;
    if (self->processor && self->processor != self->home)
        self->leave_slowly |= NT_THREAD_ELSEWHERE;
    else
        self->leave_slowly &= (uint8_t)~NT_THREAD_ELSEWHERE;
}

void nt_thread_set_home(struct nt_thread *self, struct nt_processor *processor)
{
    self->home = processor;
    self->home_misses = 0;
    /* What is marked inside a service is forgotten at its end. */
    bool in_service = self->leave_slowly & NT_THREAD_IN_SERVICE;
    thread_show_processor(self, self->processor && !in_service ? self->processor : processor);
}

/* Threads spread over the processors by their numbers: those of live threads are dense. */
void thread_home_assign(struct nt_thread *self)
{
    unsigned count = nt_processor_count();

    nt_thread_set_home(self, nt_processor_get(count ? self->number % count : 0));
}

bool thread_may_take(const struct nt_thread *self, unsigned processor)
{
    const struct nt_place *place = &nt_topology()->places[processor];

    return !self->affinity ||
           (place->group == self->affinity_group && self->affinity >> place->number & 1);
}

void nt_thread_set_affinity(unsigned group, uint64_t mask)
{
    struct nt_thread *self = nt_self();

    sh_assert(!(mask & ~nt_group_affinity(group)));
    self->affinity = mask;
    self->affinity_group = (uint16_t)group;
    if (!thread_may_take(self, self->home->number))
        nt_thread_set_home(self, nt_processor_get((unsigned)nt_processor_in_group(
                                     group, (unsigned)__builtin_ctzll(mask))));
    self->home_misses = 0;
}

/* Out of line and cold, so that nt_self stays small where it is inlined. */
__attribute__((cold, noinline)) struct nt_thread *nt_thread_adopt(void)
{
    /* An object, because drivers reference the threads that they find in requests. */
    struct nt_thread *self =
        nt_object_create_aligned(NT_OBJECT_THREAD, sizeof(*self), _Alignof(struct nt_thread), NULL);

    /* There is no caller that could handle this: it happens at any IRQL, deep in a driver. */
    sh_assert(self != NULL);
    *self = (struct nt_thread){.irql = NT_PASSIVE_LEVEL,
                               .number = sys_thread_number(),
                               .region = self,
                               .region_again = self,
                               .region_of_kernel = &self->vector_control,
                               .region_version = {1, 1},
                               .stall_scale = STALL_SCALE,
                               .vector_control = VECTOR_CONTROL,
                               .current_thread = self};
    thread_home_assign(self);
    sys_thread_local_declare((void **)&nt_thread_pointer);
    nt_thread_pointer = self;
    sys_thread_set_segment(self);
    sys_thread_signal_stack();
    watch_thread_add(self);
    sys_thread_at_exit(thread_destroy, self);
    return self;
}

/* ---- alerts ---- */

void nt_thread_sleep(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct nt_thread *self = nt_self();

    __atomic_store_n(&self->sleeps_on, word, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&self->alerted, __ATOMIC_SEQ_CST))
        sys_wait(word, expected, deadline_ns);
    __atomic_store_n(&self->sleeps_on, NULL, __ATOMIC_SEQ_CST);
}

bool nt_thread_take_alert(void)
{
    return __atomic_exchange_n(&nt_self()->alerted, false, __ATOMIC_SEQ_CST);
}

/* Nothing but its own word wakes the thread, and it may look at the flag just before it sleeps: so
 * it is woken until it has left. */
void nt_thread_alert(struct nt_thread *thread, bool terminate)
{
    const uint32_t *word;
    unsigned spins = 0;

    if (terminate)
        __atomic_store_n(&thread->terminating, true, __ATOMIC_SEQ_CST);
    __atomic_store_n(&thread->alerted, true, __ATOMIC_SEQ_CST);
    while ((word = __atomic_load_n(&thread->sleeps_on, __ATOMIC_SEQ_CST)) != NULL &&
           __atomic_load_n(&thread->alerted, __ATOMIC_SEQ_CST)) {
        sys_wake(word, INT_MAX);
        sys_spin_wait(&spins);
    }
}

struct thread_start {
    void (*entry)(void *);
    void *argument;
};

static void thread_main(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    nt_self()->system = true;
    start.entry(start.argument);
    sh_assert(nt_self()->irql == NT_PASSIVE_LEVEL);
}

int nt_thread_create(struct sys_thread **ret_thread, const char *name, void (*entry)(void *),
                     void *argument)
{
    struct thread_start *start = malloc(sizeof(*start));
    if (!start)
        return -ENOMEM;
    *start = (struct thread_start){entry, argument};
    int result = sys_thread_create(ret_thread, name, thread_main, start);
    if (result)
        free(start);
    return result;
}

/* ---- threads that nobody joins ---- */

struct detached {
    struct detached *next;
    struct sys_thread *thread;
    void (*entry)(void *);
    void *argument;
    uint32_t done; /* __atomic */
};

static struct sys_mutex detached_mutex;
static struct detached *detached_first;

static void detached_main(void *argument)
{
    struct detached *detached = argument;

    detached->entry(detached->argument);
    __atomic_store_n(&detached->done, 1, __ATOMIC_RELEASE);
}

/* Joins those that are through, or all. */
static void detached_reap(bool all)
{
    struct detached *through = NULL;

    sys_mutex_lock(&detached_mutex);
    for (struct detached **link = &detached_first; *link;) {
        struct detached *detached = *link;
        if (!all && !__atomic_load_n(&detached->done, __ATOMIC_ACQUIRE)) {
            link = &detached->next;
            continue;
        }
        *link = detached->next;
        detached->next = through;
        through = detached;
    }
    sys_mutex_unlock(&detached_mutex);
    while (through) {
        struct detached *next = through->next;
        sys_thread_join(through->thread);
        free(through);
        through = next;
    }
}

int nt_thread_create_detached(const char *name, void (*entry)(void *), void *argument)
{
    struct detached *detached = malloc(sizeof(*detached));

    if (!detached)
        return -ENOMEM;
    detached_reap(false);
    *detached = (struct detached){.entry = entry, .argument = argument};
    /* Into the list under the same hold: whoever finds it there finds its thread too. */
    sys_mutex_lock(&detached_mutex);
    int result = nt_thread_create(&detached->thread, name, detached_main, detached);
    if (!result) {
        detached->next = detached_first;
        detached_first = detached;
    }
    sys_mutex_unlock(&detached_mutex);
    if (result)
        free(detached);
    return result;
}

void threads_stop(void)
{
    detached_reap(true);
}
