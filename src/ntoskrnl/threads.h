/*
 * threads.h - who the calling thread is to a driver.
 */
#ifndef STORHOST_NTOSKRNL_THREADS_H
#define STORHOST_NTOSKRNL_THREADS_H

#include "nt/object.h"
#include <ntifs.h>

/* The thread object of a driver's own thread, else an address that is as unique. */
PKTHREAD thread_current(void);
/* Whether another thread may end the calling thread's wait: a driver has asked for it, or waits
 * without a limit as an application does. */
bool thread_wait_is_alertable(KPROCESSOR_MODE mode, BOOLEAN alertable,
                              const LARGE_INTEGER *timeout);
/* A wait that returned this goes on: an alert is none to a wait that did not ask for alerts, unless
 * the thread is to end. */
bool thread_wait_goes_on(NTSTATUS status, BOOLEAN alertable);
/* STATUS_USER_APC instead of STATUS_ALERTED, for a wait that did not ask. */
NTSTATUS thread_wait_status(NTSTATUS status, BOOLEAN alertable);
/* Around a wait: a thread that serves a queue does not count there while it waits. */
void queue_wait_begins(void);
void queue_wait_ends(void);
/* The thread serves no queue any more. */
void queue_leave(void);

#endif
