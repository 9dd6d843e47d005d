/*
 * private.h - what the files of the thread implementation share.
 */
#ifndef STORHOST_SYS_THREADS_PRIVATE_H
#define STORHOST_SYS_THREADS_PRIVATE_H

#include "sys/private.h"

/* True when the caller is that thread. */
bool thread_is_self(const struct sys_thread *thread);

#endif
