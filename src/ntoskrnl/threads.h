/*
 * threads.h - who the calling thread is to a driver.
 */
#ifndef STORHOST_NTOSKRNL_THREADS_H
#define STORHOST_NTOSKRNL_THREADS_H

#include "nt/object.h"
#include <ntifs.h>

enum { THREADS_SYSTEM_PROCESS = 4 }; /* the system's process, by its identifier */

/* The thread object of a driver's own thread, else an address that is as unique. */
PKTHREAD thread_current(void);
/* Around a wait: a thread that serves a queue does not count there while it waits. */
void queue_wait_begins(void);
void queue_wait_ends(void);
/* The thread serves no queue any more. */
void queue_leave(void);

#endif
