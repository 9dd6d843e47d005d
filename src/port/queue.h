/*
 * queue.h - a client's completion queue: where finished requests wait for their submitter.
 */
#ifndef STORHOST_PORT_QUEUE_H
#define STORHOST_PORT_QUEUE_H

#include "nt/thread.h"
#include "port/port.h"

struct port_queue {
    /* Finished, in order of completion; plain memory. Written by the thread that is inside a call
     * on this queue (nt_thread.port points here). */
    struct port_request *done_first, **done_tail;
    /* Submitted but held back until callbacks have run, or unplug. */
    struct port_request *held_first, **held_tail;
    uint32_t holding; /* plug count, plus one inside callbacks */
    uint32_t outstanding;
    /* Finished on other threads, newest first; __atomic. */
    struct port_request *remote __attribute__((aligned(64)));
    uint32_t sleeping; /* the word that a waiter sleeps on; __atomic */
    uint32_t putters;  /* threads inside port_queue_put_remote: the queue must not go; __atomic */
} __attribute__((aligned(128)));

/* Hands over one finished request. Any thread, at most DISPATCH_LEVEL. */
static inline void port_queue_put(struct port_queue *queue, struct port_request *request,
                                  struct nt_thread *self);
void port_queue_put_remote(struct port_queue *queue, struct port_request *request);

static inline void port_queue_put(struct port_queue *queue, struct port_request *request,
                                  struct nt_thread *self)
{
    if (__builtin_expect(self->port == queue, 1)) {
        request->next = NULL;
        *queue->done_tail = request;
        queue->done_tail = &request->next;
        return;
    }
    port_queue_put_remote(queue, request);
}

#endif
