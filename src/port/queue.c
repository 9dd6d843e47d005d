/*
 * queue.c - client queues: submit, poll, wait. Callbacks run here and nowhere else, at
 * PASSIVE_LEVEL with no processor held (decision 5).
 */
#include "port/queue.h"

#include "nt/processor.h"
#include "port/adapter.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

int port_queue_create(struct port_queue **ret_queue)
{
    struct port_queue *queue = aligned_alloc(_Alignof(struct port_queue), sizeof(*queue));
    if (!queue)
        return -ENOMEM;
    *queue = (struct port_queue){.done_tail = &queue->done_first, .held_tail = &queue->held_first};
    *ret_queue = queue;
    return 0;
}

void port_queue_destroy(struct port_queue *queue)
{
    if (!queue)
        return;
    sh_assert(queue->outstanding == 0 && !queue->held_first);
    unsigned spins = 0;
    while (__atomic_load_n(&queue->putters, __ATOMIC_ACQUIRE))
        sys_spin_wait(&spins);
    free(queue);
}

unsigned port_queue_outstanding(const struct port_queue *queue)
{
    return queue->outstanding;
}

/* The owner may see the request, and be done with the queue, before this returns: so it is counted
 * from before the push until its last access, and destruction waits for it. */
void port_queue_put_remote(struct port_queue *queue, struct port_request *request)
{
    struct port_request *head = __atomic_load_n(&queue->remote, __ATOMIC_RELAXED);

    __atomic_add_fetch(&queue->putters, 1, __ATOMIC_SEQ_CST);
    do
        request->next = head;
    while (!__atomic_compare_exchange_n(&queue->remote, &head, request, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
    /* The word is read after the push (both sequentially consistent), and a sleeper looks at
     * `remote` after setting it, so one of the two sees the other. */
    if (__atomic_exchange_n(&queue->sleeping, 0, __ATOMIC_SEQ_CST))
        sys_wake(&queue->sleeping, INT_MAX);
    __atomic_sub_fetch(&queue->putters, 1, __ATOMIC_RELEASE);
}

/* Starts everything held back, as one batch on one processor. */
static void queue_start_held(struct port_queue *queue, struct nt_thread *self)
{
    struct port_request *batch = queue->held_first;

    if (!batch)
        return;
    queue->held_first = NULL;
    queue->held_tail = &queue->held_first;
    uint8_t old_irql = nt_dispatch_enter(self);
    port_dispatch(self->processor, batch);
    nt_dispatch_leave(self, old_irql);
}

void port_submit(struct port_queue *queue, struct port_request *request)
{
    request->queue = queue;
    request->next = NULL;
    request->busy_retries = 0;
    queue->outstanding++;
    *queue->held_tail = request;
    queue->held_tail = &request->next;
    if (queue->holding)
        return;
    struct nt_thread *self = nt_self();
    void *previous = self->port;
    self->port = queue;
    queue_start_held(queue, self);
    self->port = previous;
}

void port_queue_plug(struct port_queue *queue)
{
    queue->holding++;
}

void port_queue_unplug(struct port_queue *queue)
{
    sh_assert(queue->holding > 0);
    if (--queue->holding)
        return;
    struct nt_thread *self = nt_self();
    void *previous = self->port;
    self->port = queue;
    queue_start_held(queue, self);
    self->port = previous;
}

/* Appends what other threads finished, oldest first. */
static void queue_take_remote(struct port_queue *queue)
{
    if (!__atomic_load_n(&queue->remote, __ATOMIC_RELAXED))
        return;
    struct port_request *newest = __atomic_exchange_n(&queue->remote, NULL, __ATOMIC_ACQUIRE);
    struct port_request *oldest = NULL, *last = newest;
    while (newest) {
        struct port_request *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    if (oldest) {
        *queue->done_tail = oldest;
        queue->done_tail = &last->next;
    }
}

static unsigned queue_run(struct port_queue *queue, struct nt_thread *self, unsigned max)
{
    unsigned count = 0;

    queue_take_remote(queue);
    queue->holding++;
    while (queue->done_first && count != max) {
        struct port_request *request = queue->done_first;
        queue->done_first = request->next;
        if (!queue->done_first)
            queue->done_tail = &queue->done_first;
        queue->outstanding--;
        count++;
        request->done(request);
    }
    if (--queue->holding == 0)
        queue_start_held(queue, self);
    return count;
}

unsigned port_poll(struct port_queue *queue, unsigned max)
{
    struct nt_thread *self = nt_self();
    void *previous = self->port;

    sh_assert(self->irql < NT_DISPATCH_LEVEL);
    self->port = queue;
    unsigned count = queue_run(queue, self, max ? max : UINT_MAX);
    self->port = previous;
    return count;
}

unsigned port_wait(struct port_queue *queue, uint64_t deadline_ns)
{
    for (;;) {
        unsigned count = port_poll(queue, 0);
        if (count || (!queue->outstanding && !queue->done_first))
            return count;
        if (queue->done_first)
            continue;
        __atomic_store_n(&queue->sleeping, 1, __ATOMIC_SEQ_CST);
        int result = 0;
        if (!__atomic_load_n(&queue->remote, __ATOMIC_SEQ_CST))
            result = sys_wait(&queue->sleeping, 1, deadline_ns);
        __atomic_store_n(&queue->sleeping, 0, __ATOMIC_SEQ_CST);
        if (result == -ETIMEDOUT)
            return port_poll(queue, 0);
    }
}

/* Where port_execute learns that its own request is done. */
static void execute_done(struct port_request *request)
{
    request->done = NULL;
}

void port_execute(struct port_queue *queue, struct port_request *request)
{
    request->done = execute_done;
    port_submit(queue, request);
    while (request->done)
        port_wait(queue, SYS_FOREVER);
}
