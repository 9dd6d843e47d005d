/*
 * device_peer.c - one connection of the device socket: a thread reads its messages, and each
 * request that is under way has a thread that calls the driver and waits, in the context of the
 * client's process.
 *
 * Rule: the peer may be hostile. Lengths have limits, numbers are compared before they are used, an
 * address is the client's or the request fails, and what breaks the rules ends the connection with
 * the place where it stood.
 */
#include "api/device_job.h"
#include "api/device_protocol.h"
#include "api/device_server.h"
#include "api/device_stream.h"

#include "nt/name.h"
#include "nt/print.h"
#include "nt/user_memory.h"
#include "ntoskrnl/threads.h"
#include <ntdef.h>
#include <ntstatus.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* A client that ends is first seen as one that hangs up. */
#define EXIT_IS_NEAR_NS (SYS_NS_PER_S)

struct worker {
    struct worker *next;
    struct sys_thread *thread;
    struct device_peer *peer;
};

struct device_peer {
    struct sys_thread *reader;
    struct device_stream stream;
    struct nt_process *process; /* NULL: this one */
    struct nt_file *file;       /* NULL: nothing is open */
    struct sys_mutex send_mutex;
    bool over;    /* __atomic */
    bool refused; /* the connection ends by our will, not by the client's end */

    struct sys_mutex mutex;
    struct worker *workers;
    struct device_job *waiting; /* for a worker */
    struct device_job *jobs;    /* all */
    unsigned job_count, idle_count, waiting_count;
    size_t job_bytes;
    uint32_t calls; /* of workers; __atomic, slept on */
    bool ending;
};

/* ---- answers ---- */

static uint64_t peer_deadline(void)
{
    return sys_now_ns() + DEVICE_HELLO_MS * SYS_NS_PER_MS;
}

/* A client that does not take what is sent has gone. */
static void send_message(struct device_peer *peer, uint32_t type, uint64_t id, const void *head,
                         size_t head_length, const void *data, size_t length)
{
    struct device_header header = {
        .length = (uint32_t)(sizeof(header) + head_length + length), .type = type, .id = id};
    struct iovec parts[] = {
        {&header, sizeof(header)},
        {(void *)(uintptr_t)head, head_length},
        {(void *)(uintptr_t)data, length},
    };

    sys_mutex_lock(&peer->send_mutex);
    int error = device_send(peer->stream.fd, parts, 3, -1, peer_deadline());
    sys_mutex_unlock(&peer->send_mutex);
    if (error != 0)
        device_peer_hang_up(peer);
}

static void answer(struct device_peer *peer, uint64_t id, uint32_t status, uint64_t information,
                   const void *data, size_t length)
{
    struct device_answer head = {
        .status = status, .length = (uint32_t)length, .information = information};

    send_message(peer, DEVICE_ANSWER, id, &head, sizeof(head), data, length);
}

/* False, so that the caller can return it. `back`: how many bytes before what was read last. */
__attribute__((format(printf, 3, 4))) static bool refuse(struct device_peer *peer, size_t back,
                                                         const char *format, ...)
{
    char text[200];
    int used = snprintf(text, sizeof(text), "at byte %llu of what the client sent: ",
                        (unsigned long long)(peer->stream.received - back));
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + used, sizeof(text) - (size_t)used, format, arguments);
    va_end(arguments);
    nt_print("a client of the device socket (process %u) was refused: %s",
             peer->process != NULL ? peer->process->id : nt_process_own()->id, text);
    send_message(peer, DEVICE_REFUSED, 0, NULL, 0, text, strlen(text));
    peer->refused = true;
    return false;
}

/* ---- workers ---- */

/* Waits for a job; NULL: the peer ends. */
static struct device_job *job_take(struct device_peer *peer)
{
    struct device_job *job = NULL;

    sys_mutex_lock(&peer->mutex);
    peer->idle_count++;
    while ((job = peer->waiting) == NULL && !peer->ending) {
        uint32_t calls = __atomic_load_n(&peer->calls, __ATOMIC_SEQ_CST);
        sys_mutex_unlock(&peer->mutex);
        sys_wait(&peer->calls, calls, SYS_FOREVER);
        sys_mutex_lock(&peer->mutex);
    }
    peer->idle_count--;
    if (job != NULL) {
        peer->waiting = job->next_waiting;
        peer->waiting_count--;
    }
    sys_mutex_unlock(&peer->mutex);
    return job;
}

static void job_end(struct device_peer *peer, struct device_job *job)
{
    sys_mutex_lock(&peer->mutex);
    for (struct device_job **link = &peer->jobs; *link != NULL; link = &(*link)->next) {
        if (*link == job) {
            *link = job->next;
            break;
        }
    }
    peer->job_count--;
    peer->job_bytes -= job->bytes;
    sys_mutex_unlock(&peer->mutex);
    device_job_free(job);
}

static void worker_run(void *argument)
{
    struct worker *worker = argument;
    struct device_peer *peer = worker->peer;
    struct device_job *job;

    nt_process_attach(peer->process);
    while ((job = job_take(peer)) != NULL) {
        const void *data;
        size_t length = 0;
        nt_file_send(peer->file, &job->request);
        queue_leave(); /* a thread that waits for requests serves no queue of a driver */
        data = device_job_output(job, &length);
        answer(peer, job->id, (uint32_t)job->request.status, job->request.information, data,
               length);
        job_end(peer, job);
    }
    nt_process_attach(NULL);
}

/* Under the mutex. */
static bool worker_add(struct device_peer *peer)
{
    struct worker *worker = calloc(1, sizeof(*worker));

    if (worker == NULL)
        return false;
    worker->peer = peer;
    if (sys_thread_create(&worker->thread, "device-request", worker_run, worker) != 0) {
        free(worker);
        return false;
    }
    worker->next = peer->workers;
    peer->workers = worker;
    return true;
}

/* False: there are too many, or no thread can be had. */
static bool job_begin(struct device_peer *peer, struct device_job *job)
{
    sys_mutex_lock(&peer->mutex);
    bool good = peer->job_count < DEVICE_REQUESTS_MAX &&
                job->bytes <= DEVICE_PEER_BYTES_MAX - peer->job_bytes &&
                (peer->idle_count > peer->waiting_count || worker_add(peer));
    if (good) {
        struct device_job **link = &peer->waiting;
        while (*link != NULL)
            link = &(*link)->next_waiting;
        *link = job;
        peer->waiting_count++;
        job->next = peer->jobs;
        peer->jobs = job;
        peer->job_count++;
        peer->job_bytes += job->bytes;
        __atomic_add_fetch(&peer->calls, 1, __ATOMIC_SEQ_CST);
    }
    sys_mutex_unlock(&peer->mutex);
    if (good)
        sys_wake(&peer->calls, INT_MAX);
    return good;
}

/* ---- messages ---- */

static bool take_open(struct device_peer *peer, const struct device_header *header,
                      const void *body, size_t length)
{
    char name[DEVICE_NAME_BYTES_MAX + 1], rest[NT_NAME_BYTES];
    const struct device_open *open = body;

    if (length < sizeof(*open) || length - sizeof(*open) > DEVICE_NAME_BYTES_MAX)
        return refuse(peer, length, "an open message of %zu bytes", length);
    if (peer->file != NULL)
        return refuse(peer, length, "a second open message: a connection is one handle");
    memcpy(name, open + 1, length - sizeof(*open));
    name[length - sizeof(*open)] = '\0';
    DEVICE_OBJECT *device = device_find(name, rest);
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (device != NULL) {
        status =
            nt_file_open(device, open->access & (NT_FILE_READ | NT_FILE_WRITE), rest, &peer->file);
        nt_object_release(device);
    }
    answer(peer, header->id, (uint32_t)status, 0, NULL, 0);
    return true;
}

static bool take_request(struct device_peer *peer, const struct device_header *header,
                         const void *body, size_t length)
{
    const char *reason = "";
    struct device_job *job = NULL;

    if (peer->file == NULL)
        return refuse(peer, length, "a request before anything was opened");
    NTSTATUS status = device_job_make(&job, peer->process, body, length, &reason);
    if (reason[0] != '\0')
        return refuse(peer, length, "%s", reason);
    if (status >= 0) {
        job->id = header->id;
        if (job_begin(peer, job))
            return true;
        status = STATUS_INSUFFICIENT_RESOURCES;
        device_job_free(job);
    }
    answer(peer, header->id, (uint32_t)status, 0, NULL, 0);
    return true;
}

/* The one of that id, or all, before anybody can have answered it. */
static const struct nt_file_request *unwanted_mark(struct device_peer *peer, uint64_t id)
{
    const struct nt_file_request *found = NULL;

    sys_mutex_lock(&peer->mutex);
    for (struct device_job *job = peer->jobs; job != NULL; job = job->next) {
        if (id != 0 && job->id != id)
            continue;
        __atomic_store_n(&job->request.unwanted, true, __ATOMIC_SEQ_CST);
        found = &job->request;
    }
    sys_mutex_unlock(&peer->mutex);
    return found;
}

static bool take_cancel(struct device_peer *peer, const struct device_header *header,
                        const void *body, size_t length)
{
    const struct device_cancel *cancel = body;

    if (length != sizeof(*cancel))
        return refuse(peer, length, "a cancel message of %zu bytes", length);
    const struct nt_file_request *found = unwanted_mark(peer, cancel->id);
    if (found != NULL)
        (void)nt_file_cancel(peer->file, cancel->id != 0 ? found : NULL, false);
    answer(peer, header->id, (uint32_t)(found != NULL ? STATUS_SUCCESS : STATUS_NOT_FOUND), 0, NULL,
           0);
    return true;
}

static bool take_memory(struct device_peer *peer, const struct device_header *header,
                        const void *body, size_t length)
{
    const struct device_memory *memory = body;
    void *address = NULL;
    int fd = peer->stream.passed_fd;

    peer->stream.passed_fd = -1;
    if (length != sizeof(*memory) || fd < 0 || peer->process == NULL) {
        if (fd >= 0)
            close(fd);
        return refuse(peer, length, "a memory message of %zu bytes %s a descriptor", length,
                      fd >= 0 ? "with" : "without");
    }
    int error = nt_user_memory_map(peer->process, fd, memory->size, &address);
    close(fd);
    NTSTATUS status = error == 0         ? STATUS_SUCCESS
                      : error == -EINVAL ? STATUS_INVALID_PARAMETER
                                         : STATUS_INSUFFICIENT_RESOURCES;
    answer(peer, header->id, (uint32_t)status, (uintptr_t)address, NULL, 0);
    return true;
}

static bool take_forget(struct device_peer *peer, const struct device_header *header,
                        const void *body, size_t length)
{
    const struct device_forget *forget = body;

    if (length != sizeof(*forget) || peer->process == NULL)
        return refuse(peer, length, "a forget message of %zu bytes", length);
    int error = nt_user_memory_unmap(peer->process, (void *)(uintptr_t)forget->address);
    answer(peer, header->id, (uint32_t)(error == 0 ? STATUS_SUCCESS : STATUS_NOT_FOUND), 0, NULL,
           0);
    return true;
}

static bool take_list(struct device_peer *peer, const struct device_header *header)
{
    char *list = device_list();

    if (list != NULL)
        answer(peer, header->id, 0, strlen(list), list, strlen(list));
    else
        answer(peer, header->id, (uint32_t)STATUS_INSUFFICIENT_RESOURCES, 0, NULL, 0);
    free(list);
    return true;
}

static bool take_body(struct device_peer *peer, const struct device_header *header,
                      const void *body, size_t length)
{
    switch (header->type) {
    case DEVICE_OPEN:
        return take_open(peer, header, body, length);
    case DEVICE_REQUEST:
        return take_request(peer, header, body, length);
    case DEVICE_CANCEL:
        return take_cancel(peer, header, body, length);
    case DEVICE_MEMORY:
        return take_memory(peer, header, body, length);
    case DEVICE_FORGET:
        return take_forget(peer, header, body, length);
    case DEVICE_LIST:
        return take_list(peer, header);
    default:
        return refuse(peer, length + sizeof(*header), "message type %u", header->type);
    }
}

/* Takes one message. False: the connection ends; *ret_closing tells the client's own wish. */
static bool take_message(struct device_peer *peer, struct device_header *header, bool *ret_closing)
{
    size_t most = sizeof(*header) + sizeof(struct device_request) + 2 * DEVICE_INLINE_BYTES_MAX;

    if (device_receive(&peer->stream, header, sizeof(*header), SYS_FOREVER) != 0)
        return false;
    if (header->length < sizeof(*header) || header->length > most)
        return refuse(peer, sizeof(*header), "a message of %u bytes", header->length);
    size_t length = header->length - sizeof(*header);
    void *body = malloc(length + 1);
    if (body == NULL)
        return refuse(peer, sizeof(*header), "no memory for a message of %zu bytes", length);
    bool good = device_receive(&peer->stream, body, length, SYS_FOREVER) == 0;
    if (good &&
        (peer->stream.too_many || (peer->stream.passed_fd >= 0 && header->type != DEVICE_MEMORY)))
        good = refuse(peer, length, "a descriptor that belongs to no message");
    if (good && header->type == DEVICE_CLOSE) {
        *ret_closing = true;
        good = false;
    }
    if (good)
        good = take_body(peer, header, body, length);
    free(body);
    return good;
}

static bool greet(struct device_peer *peer)
{
    struct {
        struct device_header header;
        struct device_hello hello;
    } message;
    uint64_t deadline_ns = peer_deadline();

    if (device_receive(&peer->stream, &message, sizeof(message), deadline_ns) != 0)
        return false;
    if (message.header.length != sizeof(message) || message.header.type != DEVICE_HELLO ||
        message.hello.magic != DEVICE_PROTOCOL_MAGIC)
        return refuse(peer, sizeof(message), "no greeting of a client of devices");
    if (message.hello.version != DEVICE_PROTOCOL_VERSION)
        return refuse(peer, sizeof(message.hello.version) * 2,
                      "protocol version %u, and this machine speaks %u", message.hello.version,
                      DEVICE_PROTOCOL_VERSION);
    message.hello.process_id = (peer->process != NULL ? peer->process : nt_process_own())->id;
    send_message(peer, DEVICE_HELLO, 0, &message.hello, sizeof(message.hello), NULL, 0);
    return true;
}

/* ---- the end ---- */

/* As a process that ends does: one that only says that it sends no more goes on. */
static bool has_hung_up(const struct device_peer *peer)
{
    struct pollfd end = {.fd = peer->stream.fd};

    return !peer->refused && poll(&end, 1, 0) == 1 && (end.revents & POLLHUP);
}

/* Windows tells of a process's end before its handles close. */
static bool process_has_ended(struct device_peer *peer, uint64_t deadline_ns)
{
    uint32_t *state;

    if (peer->process == NULL || !has_hung_up(peer))
        return false;
    state = (uint32_t *)(uintptr_t)&peer->process->header.SignalState;
    while (__atomic_load_n(state, __ATOMIC_SEQ_CST) == 0 && sys_now_ns() < deadline_ns)
        sys_wait(state, 0, deadline_ns);
    return __atomic_load_n(state, __ATOMIC_SEQ_CST) != 0;
}

static void peer_end(struct device_peer *peer, bool ended)
{
    struct worker *workers;

    if (peer->file != NULL) {
        (void)unwanted_mark(peer, 0);
        (void)nt_file_cancel(peer->file, NULL, ended);
    }
    sys_mutex_lock(&peer->mutex);
    peer->ending = true;
    __atomic_add_fetch(&peer->calls, 1, __ATOMIC_SEQ_CST);
    sys_mutex_unlock(&peer->mutex);
    sys_wake(&peer->calls, INT_MAX);
    if (peer->file != NULL) {
        /* A worker may have taken a request and not sent it yet: it finds a file that is closed. */
        nt_object_reference(peer->file);
        nt_file_close(peer->file);
    }
    for (workers = peer->workers; workers != NULL;) {
        struct worker *next = workers->next;
        sys_thread_join(workers->thread);
        free(workers);
        workers = next;
    }
    peer->workers = NULL;
    if (peer->file != NULL)
        nt_object_release(peer->file);
    peer->file = NULL;
}

static void reader_run(void *argument)
{
    struct device_peer *peer = argument;
    struct device_header header;
    bool closing = false, ended = false;

    nt_process_attach(peer->process);
    if (greet(peer)) {
        while (take_message(peer, &header, &closing))
            ;
        if (!closing)
            ended = process_has_ended(peer, sys_now_ns() + EXIT_IS_NEAR_NS);
        peer_end(peer, ended);
        if (closing)
            answer(peer, header.id, STATUS_SUCCESS, 0, NULL, 0);
    }
    nt_process_attach(NULL);
    device_peer_hang_up(peer);
    __atomic_store_n(&peer->over, true, __ATOMIC_RELEASE);
}

int device_peer_start(struct device_peer **ret_peer, int fd, struct nt_process *process)
{
    struct device_peer *peer = calloc(1, sizeof(*peer));

    if (peer == NULL)
        return -ENOMEM;
    peer->stream.fd = fd;
    peer->stream.passed_fd = -1;
    peer->process = process;
    int error = sys_thread_create(&peer->reader, "device-client", reader_run, peer);
    if (error != 0)
        free(peer);
    else
        *ret_peer = peer;
    return error;
}

bool device_peer_is_over(const struct device_peer *peer)
{
    return __atomic_load_n(&peer->over, __ATOMIC_ACQUIRE);
}

bool device_peer_is_of(const struct device_peer *peer, const struct nt_process *process)
{
    return peer->process == process;
}

void device_peer_hang_up(struct device_peer *peer)
{
    shutdown(peer->stream.fd, SHUT_RDWR);
}

void device_peer_free(struct device_peer *peer)
{
    sys_thread_join(peer->reader);
    if (peer->stream.passed_fd >= 0)
        close(peer->stream.passed_fd);
    close(peer->stream.fd);
    if (peer->process != NULL)
        nt_object_release(peer->process);
    free(peer);
}
