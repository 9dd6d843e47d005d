/*
 * dispatcher.c - see dispatcher.h.
 */
#include "nt/dispatcher.h"

#include <limits.h>

/* Waits for several objects sleep on this word: every signal changes it while there are any. */
static uint32_t signal_sequence;
static uint32_t sequence_waiters;

/* ---- signalling ---- */

static void wake(DISPATCHER_HEADER *header)
{
    sys_wake(nt_dispatcher_state(header), INT_MAX);
    if (__atomic_load_n(&sequence_waiters, __ATOMIC_SEQ_CST)) {
        __atomic_add_fetch(&signal_sequence, 1, __ATOMIC_SEQ_CST);
        sys_wake(&signal_sequence, INT_MAX);
    }
}

void nt_dispatcher_initialize(DISPATCHER_HEADER *header, enum nt_dispatcher_type type, size_t size,
                              int32_t state)
{
    *header = (DISPATCHER_HEADER){0};
    header->Type = (UCHAR)type;
    header->Size = (UCHAR)(size / sizeof(LONG));
    __atomic_store_n(nt_dispatcher_state(header), (uint32_t)state, __ATOMIC_RELEASE);
}

int32_t nt_dispatcher_set(DISPATCHER_HEADER *header, int32_t state)
{
    uint32_t *word = nt_dispatcher_state(header);
    int32_t before = (int32_t)__atomic_exchange_n(word, (uint32_t)state, __ATOMIC_SEQ_CST);

    if (before != state)
        wake(header);
    return before;
}

int32_t nt_dispatcher_add(DISPATCHER_HEADER *header, int32_t amount)
{
    uint32_t *word = nt_dispatcher_state(header);
    int32_t before = (int32_t)__atomic_fetch_add(word, (uint32_t)amount, __ATOMIC_SEQ_CST);

    wake(header);
    return before;
}

bool nt_semaphore_release(KSEMAPHORE *semaphore, int32_t amount, int32_t *ret_previous)
{
    DISPATCHER_HEADER *header = &semaphore->Header;
    uint32_t *word = nt_dispatcher_state(header);
    uint32_t before = __atomic_load_n(word, __ATOMIC_RELAXED);
    int32_t limit = semaphore->Limit;

    do {
        if (amount <= 0 || (int32_t)before > limit - amount)
            return false;
    } while (!__atomic_compare_exchange_n(word, &before, before + (uint32_t)amount, true,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    wake(header);
    *ret_previous = (int32_t)before;
    return true;
}

int32_t nt_dispatcher_clear(DISPATCHER_HEADER *header)
{
    return (int32_t)__atomic_exchange_n(nt_dispatcher_state(header), 0, __ATOMIC_SEQ_CST);
}

bool nt_mutant_release(KMUTANT *mutant, int32_t *ret_previous)
{
    if ((void *)mutant->OwnerThread != (void *)nt_self())
        return false;
    /* Only the owner changes the state of an owned mutex. */
    int32_t before =
        (int32_t)__atomic_load_n(nt_dispatcher_state(&mutant->Header), __ATOMIC_RELAXED);
    if (before == 0)
        __atomic_store_n(&mutant->OwnerThread, NULL, __ATOMIC_RELAXED);
    nt_dispatcher_add(&mutant->Header, 1);
    *ret_previous = before;
    return true;
}

/* ---- waiting ---- */

/* A mutex of another thread is not to be had; one of ours is taken once more. */
static bool try_mutant(KMUTANT *mutant)
{
    uint32_t *word = nt_dispatcher_state(&mutant->Header), one = 1;
    void *self = nt_self();

    if ((void *)__atomic_load_n(&mutant->OwnerThread, __ATOMIC_RELAXED) == self) {
        __atomic_sub_fetch(word, 1, __ATOMIC_SEQ_CST);
        return true;
    }
    if (!__atomic_compare_exchange_n(word, &one, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return false;
    __atomic_store_n(&mutant->OwnerThread, self, __ATOMIC_RELAXED);
    return true;
}

static bool try_count(uint32_t *word)
{
    uint32_t value = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    while ((int32_t)value > 0 && !__atomic_compare_exchange_n(word, &value, value - 1, false,
                                                              __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    return (int32_t)value > 0;
}

/* Takes what a satisfied wait takes; false when the object is not signaled. */
static bool try_satisfy(DISPATCHER_HEADER *header)
{
    uint32_t *word = nt_dispatcher_state(header), one = 1;

    switch (header->Type) {
    case NT_SYNCHRONIZATION_EVENT:
    case NT_SYNCHRONIZATION_TIMER:
        return __atomic_compare_exchange_n(word, &one, 0, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    case NT_SEMAPHORE:
        return try_count(word);
    case NT_MUTANT:
        return try_mutant((KMUTANT *)header);
    default:
        return (int32_t)__atomic_load_n(word, __ATOMIC_SEQ_CST) > 0;
    }
}

static void give_back(DISPATCHER_HEADER *header)
{
    int32_t previous;

    switch (header->Type) {
    case NT_SYNCHRONIZATION_EVENT:
    case NT_SYNCHRONIZATION_TIMER:
        nt_dispatcher_set(header, 1);
        break;
    case NT_SEMAPHORE:
        nt_dispatcher_add(header, 1);
        break;
    case NT_MUTANT:
        nt_mutant_release((KMUTANT *)header, &previous);
        break;
    default:
        break;
    }
}

uint64_t nt_deadline_of(const LARGE_INTEGER *timeout)
{
    if (!timeout)
        return SYS_FOREVER;
    int64_t delay_100ns =
        timeout->QuadPart < 0 ? -timeout->QuadPart : timeout->QuadPart - (int64_t)sys_utc_100ns();
    if (timeout->QuadPart == 0 || delay_100ns < 0)
        delay_100ns = 0;
    if ((uint64_t)delay_100ns > (SYS_FOREVER >> 1) / 100)
        return SYS_FOREVER;
    return sys_now_ns() + (uint64_t)delay_100ns * 100;
}

static bool is_over(const LARGE_INTEGER *timeout, uint64_t deadline)
{
    return timeout && (timeout->QuadPart == 0 || sys_now_ns() >= deadline);
}

static NTSTATUS wait_one(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout, bool alertable)
{
    uint64_t deadline = nt_deadline_of(timeout);

    for (;;) {
        uint32_t seen = __atomic_load_n(nt_dispatcher_state(header), __ATOMIC_SEQ_CST);
        if (try_satisfy(header))
            return STATUS_SUCCESS;
        if (alertable && nt_thread_take_alert())
            return STATUS_ALERTED;
        if (is_over(timeout, deadline))
            return STATUS_TIMEOUT;
        /* Signaled between the two looks, and taken by nobody: look again. */
        if ((int32_t)seen > 0)
            continue;
        if (alertable)
            nt_thread_sleep(nt_dispatcher_state(header), seen, deadline);
        else
            sys_wait(nt_dispatcher_state(header), seen, deadline);
    }
}

NTSTATUS nt_dispatcher_wait(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout)
{
    return wait_one(header, timeout, false);
}

NTSTATUS nt_dispatcher_wait_alertable(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout)
{
    return wait_one(header, timeout, true);
}

static bool try_any(unsigned count, void *const objects[], NTSTATUS *ret_status)
{
    for (unsigned i = 0; i < count; i++) {
        if (try_satisfy(objects[i])) {
            *ret_status = (NTSTATUS)(STATUS_WAIT_0 + (LONG)i);
            return true;
        }
    }
    return false;
}

static bool is_signaled(DISPATCHER_HEADER *header)
{
    if (header->Type == NT_MUTANT &&
        (void *)__atomic_load_n(&((KMUTANT *)header)->OwnerThread, __ATOMIC_RELAXED) == nt_self())
        return true;
    return (int32_t)__atomic_load_n(nt_dispatcher_state(header), __ATOMIC_SEQ_CST) > 0;
}

/* All at once: only when every one is signaled are they taken, and what was taken before one turns
 * out to be missing goes back. */
static bool try_all(unsigned count, void *const objects[], NTSTATUS *ret_status)
{
    for (unsigned i = 0; i < count; i++)
        if (!is_signaled(objects[i]))
            return false;
    for (unsigned i = 0; i < count; i++) {
        if (try_satisfy(objects[i]))
            continue;
        while (i-- > 0)
            give_back(objects[i]);
        return false;
    }
    *ret_status = STATUS_SUCCESS;
    return true;
}

static NTSTATUS
wait_for(bool (*try_them)(unsigned count, void *const objects[], NTSTATUS *ret_status),
         unsigned count, void *const objects[], const LARGE_INTEGER *timeout, bool alertable)
{
    uint64_t deadline = nt_deadline_of(timeout);
    NTSTATUS status = STATUS_TIMEOUT;

    __atomic_add_fetch(&sequence_waiters, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t sequence = __atomic_load_n(&signal_sequence, __ATOMIC_SEQ_CST);
        if (try_them(count, objects, &status) || is_over(timeout, deadline))
            break;
        if (alertable && nt_thread_take_alert()) {
            status = STATUS_ALERTED;
            break;
        }
        if (alertable)
            nt_thread_sleep(&signal_sequence, sequence, deadline);
        else
            sys_wait(&signal_sequence, sequence, deadline);
    }
    __atomic_sub_fetch(&sequence_waiters, 1, __ATOMIC_SEQ_CST);
    return status;
}

NTSTATUS nt_dispatcher_wait_any(unsigned count, void *const objects[], const LARGE_INTEGER *timeout,
                                bool alertable)
{
    return wait_for(try_any, count, objects, timeout, alertable);
}

NTSTATUS nt_dispatcher_wait_all(unsigned count, void *const objects[], const LARGE_INTEGER *timeout,
                                bool alertable)
{
    return wait_for(try_all, count, objects, timeout, alertable);
}
