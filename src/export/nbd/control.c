/*
 * control.c - the control socket: takes requests of `storhost ctl` and answers them.
 *
 * Rule: a peer that hangs, sends too much or nonsense costs a thread for a bounded time and holds
 * up nobody. A command that has begun is carried out and, at the end of the server, waited for.
 */
#include "control.h"
#include "host.h"

#include "sys/sys.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPT_AGAIN_NS (20 * SYS_NS_PER_MS)

struct control_client {
    struct control_client *next;
    struct sys_thread *thread;
    int fd; /* closed by whoever joins the thread */
    bool finished;
};

static struct {
    struct sys_poller *poller;
    struct sys_watch *watch;
    int fd;
    struct control_client *clients; /* the poller's thread; after it the one that stops */
    unsigned client_count;
} control = {.fd = -1};

/* ---- bytes, by a deadline ---- */

static bool wait_ready(int fd, short events, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now_ns = sys_now_ns();
        struct pollfd watched = {.fd = fd, .events = events};
        if (now_ns >= deadline_ns)
            return false;
        int count = poll(&watched, 1, (int)((deadline_ns - now_ns) / SYS_NS_PER_MS) + 1);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
    }
}

/* How many came; 0 at the end, after an error and at the deadline. */
static size_t receive_some(int fd, void *buffer, size_t size, uint64_t deadline_ns)
{
    while (wait_ready(fd, POLLIN, deadline_ns)) {
        ssize_t length = recv(fd, buffer, size, MSG_DONTWAIT);
        if (length >= 0)
            return (size_t)length;
        if (errno != EAGAIN && errno != EINTR)
            return 0;
    }
    return 0;
}

static bool send_all(int fd, const void *data, size_t length, uint64_t deadline_ns)
{
    const char *next = data;

    while (length > 0) {
        if (!wait_ready(fd, POLLOUT, deadline_ns))
            return false;
        ssize_t sent = send(fd, next, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (sent > 0) {
            next += sent;
            length -= (size_t)sent;
        }
    }
    return true;
}

/* ---- one client ---- */

/* Receives the line, which ends up terminated without its newline. Bytes that came behind it stay
 * in the line's buffer: *ret_rest says where, *ret_rest_length how many. */
static bool line_receive(int fd, struct control_request *request, uint64_t deadline_ns,
                         char **ret_rest, size_t *ret_rest_length)
{
    size_t used = 0;

    while (used < sizeof(request->line)) {
        size_t length =
            receive_some(fd, request->line + used, sizeof(request->line) - used, deadline_ns);
        if (length == 0)
            return false;
        char *newline = memchr(request->line + used, '\n', length);
        used += length;
        if (newline != NULL) {
            *newline = '\0';
            *ret_rest = newline + 1;
            *ret_rest_length = used - (size_t)(newline + 1 - request->line);
            return true;
        }
    }
    return false;
}

static bool data_receive(int fd, struct control_request *request, size_t length,
                         uint64_t deadline_ns, const char *rest, size_t rest_length)
{
    if (rest_length > length)
        return false;
    request->data = malloc(length + 1);
    if (request->data == NULL)
        return false;
    memcpy(request->data, rest, rest_length);
    request->data_length = rest_length;
    while (request->data_length < length) {
        size_t more = receive_some(fd, request->data + request->data_length,
                                   length - request->data_length, deadline_ns);
        if (more == 0)
            return false;
        request->data_length += more;
    }
    return true;
}

static void request_serve(int fd, struct control_request *request, struct control_answer *answer)
{
    uint64_t deadline_ns = sys_now_ns() + CONTROL_PEER_MS * SYS_NS_PER_MS;
    char *rest;
    size_t rest_length;

    if (!line_receive(fd, request, deadline_ns, &rest, &rest_length)) {
        control_fail(answer, "no whole request of at most %d bytes came within %d s",
                     CONTROL_LINE_BYTES, CONTROL_PEER_MS / 1000);
        return;
    }
    long length = control_parse(request, answer);
    if (length < 0)
        return;
    if (!data_receive(fd, request, (size_t)length, deadline_ns, rest, rest_length)) {
        control_fail(answer, "the %ld bytes that belong to the request did not come within %d s",
                     length, CONTROL_PEER_MS / 1000);
        return;
    }
    control_run(request, answer);
}

static void answer_send(int fd, const struct control_answer *answer)
{
    uint64_t deadline_ns = sys_now_ns() + CONTROL_PEER_MS * SYS_NS_PER_MS;
    char line[CONTROL_LINE_BYTES + 16];

    int length = answer->good ? snprintf(line, sizeof(line), "ok %zu\n", answer->length)
                              : snprintf(line, sizeof(line), "error %s\n", answer->error);
    if (send_all(fd, line, (size_t)length, deadline_ns) && answer->good && answer->length != 0)
        send_all(fd, answer->data, answer->length, deadline_ns);
}

/* What came in may be a key. */
static void request_free(struct control_request *request)
{
    if (request->data != NULL)
        explicit_bzero(request->data, request->data_length);
    free(request->data);
    explicit_bzero(request, sizeof(*request));
    free(request);
}

static void client_run(void *argument)
{
    struct control_client *client = argument;
    struct control_request *request = calloc(1, sizeof(*request));
    struct control_answer answer = {0};

    if (request != NULL)
        request_serve(client->fd, request, &answer);
    else
        control_fail(&answer, "out of memory");
    answer_send(client->fd, &answer);
    free(answer.data);
    if (request != NULL)
        request_free(request);
    shutdown(client->fd, SHUT_RDWR);
    __atomic_store_n(&client->finished, true, __ATOMIC_RELEASE);
}

/* ---- the socket ---- */

static void clients_join(bool all)
{
    for (struct control_client **link = &control.clients; *link != NULL;) {
        struct control_client *client = *link;
        if (!all && !__atomic_load_n(&client->finished, __ATOMIC_ACQUIRE)) {
            link = &client->next;
            continue;
        }
        *link = client->next;
        sys_thread_join(client->thread);
        close(client->fd);
        free(client);
        control.client_count--;
    }
}

static void client_refuse(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

static void client_arrived(void *context)
{
    (void)context;
    int fd = accept4(control.fd, NULL, NULL, SOCK_CLOEXEC);
    clients_join(false);
    if (fd < 0) {
        /* Out of descriptors, say: the peer stays where it is, and the watch calls again. */
        sys_delay_ns(ACCEPT_AGAIN_NS);
        return;
    }
    if (control.client_count == CONTROL_CLIENTS_MAX) {
        client_refuse(fd, "error too many control clients at once: try again later\n");
        return;
    }
    struct control_client *client = calloc(1, sizeof(*client));
    if (client != NULL) {
        client->fd = fd;
        if (sys_thread_create(&client->thread, "nbd-control", client_run, client) == 0) {
            client->next = control.clients;
            control.clients = client;
            control.client_count++;
            return;
        }
        free(client);
    }
    client_refuse(fd, "error no thread can be started for the request\n");
}

static int socket_open(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);

    if (length >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length + 1);
    control.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control.fd < 0)
        return -errno;
    /* Before binding: Linux gives the file this mode, so there is no moment when others may. */
    if (fchmod(control.fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(control.fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(control.fd, CONTROL_CLIENTS_MAX) != 0)
        return -errno;
    return 0;
}

/* 0, or -1 after a report. */
static int outcome(int error)
{
    if (error == 0)
        return 0;
    host_report("error",
                "control socket %s: %s: remove it, or give another path for the NBD socket",
                host_options.control_path, strerror(-error));
    return -1;
}

int host_control_open(void)
{
    const char *path = host_options.control_path;

    return path != NULL ? outcome(socket_open(path)) : 0;
}

int host_control_start(void)
{
    if (control.fd < 0)
        return 0;
    int error = sys_poller_create(&control.poller, "nbd-control");
    if (error == 0)
        error = sys_watch_add(&control.watch, control.poller, control.fd, client_arrived, NULL);
    return outcome(error);
}

void host_control_stop(void)
{
    if (control.watch != NULL)
        sys_watch_remove(control.watch);
    if (control.poller != NULL)
        sys_poller_destroy(control.poller);
    control.watch = NULL;
    control.poller = NULL;
    for (struct control_client *client = control.clients; client != NULL; client = client->next)
        shutdown(client->fd, SHUT_RD);
    clients_join(true);
    if (control.fd >= 0)
        close(control.fd);
    control.fd = -1;
}
