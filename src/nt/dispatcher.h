/*
 * dispatcher.h - objects that threads wait for: events, semaphores, mutexes, threads, queues. The
 * state word of the driver's own object is what threads sleep on, so an object needs nothing of
 * ours.
 */
#ifndef STORHOST_NT_DISPATCHER_H
#define STORHOST_NT_DISPATCHER_H

#include "nt/processor.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* DISPATCHER_HEADER.Type. */
enum nt_dispatcher_type {
    NT_NOTIFICATION_EVENT = 0,
    NT_SYNCHRONIZATION_EVENT = 1,
    NT_MUTANT = 2,
    NT_PROCESS = 3,
    NT_QUEUE = 4,
    NT_SEMAPHORE = 5,
    NT_THREAD = 6,
    NT_NOTIFICATION_TIMER = 8,
    NT_SYNCHRONIZATION_TIMER = 9,
};

static inline uint32_t *nt_dispatcher_state(DISPATCHER_HEADER *header)
{
    return (uint32_t *)(uintptr_t)&header->SignalState;
}

/* `size` is that of the whole object in bytes. Any IRQL. */
void nt_dispatcher_initialize(DISPATCHER_HEADER *header, enum nt_dispatcher_type type, size_t size,
                              int32_t state);
/* Sets the state and returns the one before; wakes who waits. At most DISPATCH_LEVEL. */
int32_t nt_dispatcher_set(DISPATCHER_HEADER *header, int32_t state);
/* Adds to the state and returns the one before; wakes who waits. */
int32_t nt_dispatcher_add(DISPATCHER_HEADER *header, int32_t amount);
/* Without waking anybody: any IRQL. */
int32_t nt_dispatcher_clear(DISPATCHER_HEADER *header);
/* Adds to the count of a semaphore; wakes who waits. False: not beyond its limit, nor by nothing;
 * it stays as it was. */
bool nt_semaphore_release(KSEMAPHORE *semaphore, int32_t amount, int32_t *ret_previous);
/* Releases the mutex once. False: the calling thread does not own it. */
bool nt_mutant_release(KMUTANT *mutant, int32_t *ret_previous);

/* Waits as KeWaitForSingleObject does. A time-out is negative for a relative one, in units of
 * 100 ns; NULL: none; 0: does not wait. STATUS_SUCCESS or STATUS_TIMEOUT. At most APC_LEVEL, at
 * DISPATCH_LEVEL with a time-out of 0 only. */
NTSTATUS nt_dispatcher_wait(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout);
/* The same, but it ends when the thread is alerted: STATUS_ALERTED. */
NTSTATUS nt_dispatcher_wait_alertable(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout);
/* For any or for all of them. STATUS_WAIT_0 + index for any. */
NTSTATUS nt_dispatcher_wait_any(unsigned count, void *const objects[], const LARGE_INTEGER *timeout,
                                bool alertable);
NTSTATUS nt_dispatcher_wait_all(unsigned count, void *const objects[], const LARGE_INTEGER *timeout,
                                bool alertable);
/* The sys_now_ns time at which such a time-out ends. */
uint64_t nt_deadline_of(const LARGE_INTEGER *timeout);

#ifdef __cplusplus
}
#endif

#endif
