/*
 * watch.h - what a driver is expected to come back from: the start, a stop, a way to another power
 * state, a reset. When one lasts too long somebody is told which callback it is in.
 */
#ifndef STORHOST_NT_WATCH_H
#define STORHOST_NT_WATCH_H

#include "sys/sys.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nt_thread;

/* What is known of one that is late. */
struct nt_watch_late {
    const char *callback; /* of the driver, that runs since the look before; NULL: none */
    uint32_t thread;      /* its number */
    bool same_thread;     /* as the one that waits */
    uint32_t limit_ms;
};

/* Lies on the stack of whoever waits. */
struct nt_watch {
    const void *adapter; /* of the callbacks that are meant: nt_evidence.adapter */
    const char *what;    /* "the stop" */
    uint32_t limit_ms;   /* 0: NT_WATCH_LIMIT_MS */
    /* Called once, on a thread of nt's at PASSIVE_LEVEL with a lock held: it queues what it has to
     * say and does nothing else. */
    void (*late)(struct nt_watch *watch, const struct nt_watch_late *late);

    struct nt_watch *next; /* nt's own, from here on */
    struct nt_thread *thread;
    const void *frame_seen;
    const char *callback_seen;
    uint64_t next_ns; /* the next look */
    uint32_t looks;
    bool nested, told;
};

enum { NT_WATCH_LIMIT_MS = 20000 };
/* PASSIVE_LEVEL. One inside another of the same thread is that one's. */
void nt_watch_begin(struct nt_watch *watch);
void nt_watch_end(struct nt_watch *watch);
/* For one that was begun by the calling thread before its limit was known. */
void nt_watch_set_limit(uint32_t limit_ms);

#ifdef __cplusplus
}
#endif

#endif
