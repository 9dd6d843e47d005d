/*
 * qemu_qmp.c - a minimal client of QEMU's control protocol (QMP).
 *
 * A message is one JSON object on one line. Answers carry "return" or "error", events carry
 * "event"; since one command is under way at a time, the next answer is its answer.
 */
#include "bus/qemu/qemu_qmp.h"

#include "sys/sys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    INPUT_SIZE_FIRST = 4096,
    /* The longest answer that we ask for, a list of properties, has about 20 KiB. */
    INPUT_SIZE_MAX = 1024 * 1024,
};

struct qmp {
    int fd;
    qmp_event_handler *handler;
    void *context;
    char *input;
    size_t input_size;
    size_t input_used;
    char error_text[256];
};

int qmp_create(struct qmp **ret_qmp, int fd, uint64_t timeout_ns, qmp_event_handler *handler,
               void *context)
{
    struct timeval timeout = {
        .tv_sec = (time_t)(timeout_ns / SYS_NS_PER_S),
        .tv_usec = (suseconds_t)(timeout_ns % SYS_NS_PER_S / 1000),
    };
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0)
        return -errno;
    struct qmp *qmp = calloc(1, sizeof(*qmp));
    char *input = malloc(INPUT_SIZE_FIRST);
    if (qmp == NULL || input == NULL) {
        free(qmp);
        free(input);
        return -ENOMEM;
    }
    *qmp = (struct qmp){
        .fd = fd,
        .handler = handler,
        .context = context,
        .input = input,
        .input_size = INPUT_SIZE_FIRST,
    };
    *ret_qmp = qmp;
    return 0;
}

void qmp_destroy(struct qmp *qmp)
{
    close(qmp->fd);
    free(qmp->input);
    free(qmp);
}

int qmp_fd(const struct qmp *qmp)
{
    return qmp->fd;
}

const char *qmp_error_text(const struct qmp *qmp)
{
    return qmp->error_text;
}

/* ---- reading ---- */

static int input_grow(struct qmp *qmp)
{
    if (qmp->input_size >= INPUT_SIZE_MAX)
        return -EPROTO;
    char *larger = realloc(qmp->input, 2 * qmp->input_size);
    if (larger == NULL)
        return -ENOMEM;
    qmp->input = larger;
    qmp->input_size *= 2;
    return 0;
}

/* Receives once. 0; -EAGAIN when nothing is there (not blocking), else as qmp_execute. */
static int input_receive(struct qmp *qmp, bool block)
{
    if (qmp->input_used == qmp->input_size) {
        int error = input_grow(qmp);
        if (error != 0)
            return error;
    }
    ssize_t received;
    do {
        received = recv(qmp->fd, qmp->input + qmp->input_used, qmp->input_size - qmp->input_used,
                        block ? 0 : MSG_DONTWAIT);
    } while (received < 0 && errno == EINTR);
    if (received > 0) {
        qmp->input_used += (size_t)received;
        return 0;
    }
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return block ? -ETIMEDOUT : -EAGAIN;
    return -EPIPE;
}

/* Takes one whole message out of the input. -EAGAIN when none is complete. */
static int message_take(struct qmp *qmp, json_t **ret_message)
{
    char *newline = memchr(qmp->input, '\n', qmp->input_used);
    if (newline == NULL)
        return -EAGAIN;
    size_t size = (size_t)(newline - qmp->input) + 1;
    json_t *message = json_loadb(qmp->input, size, JSON_REJECT_DUPLICATES, NULL);
    qmp->input_used -= size;
    memmove(qmp->input, qmp->input + size, qmp->input_used);
    if (!json_is_object(message)) {
        json_decref(message);
        return -EPROTO;
    }
    *ret_message = message;
    return 0;
}

/* Waits for the next message. */
static int message_next(struct qmp *qmp, json_t **ret_message)
{
    int error;
    while ((error = message_take(qmp, ret_message)) == -EAGAIN) {
        error = input_receive(qmp, true);
        if (error != 0)
            return error;
    }
    return error;
}

/* True when the message was an event, which the handler has been given. */
static bool event_dispatch(struct qmp *qmp, const json_t *message)
{
    const char *name = json_string_value(json_object_get(message, "event"));
    if (name == NULL)
        return false;
    if (qmp->handler != NULL)
        qmp->handler(qmp->context, name, json_object_get(message, "data"));
    return true;
}

/* ---- commands ---- */

static int send_all(struct qmp *qmp, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(qmp->fd, data, size, MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return -ETIMEDOUT;
        } else if (errno != EINTR) {
            return -EPIPE;
        }
    }
    return 0;
}

int qmp_send(struct qmp *qmp, const char *command, json_t *arguments)
{
    json_t *message = json_pack("{s:s}", "execute", command);
    if (message == NULL) {
        json_decref(arguments);
        return -ENOMEM;
    }
    int error = 0;
    if (arguments != NULL && json_object_set_new(message, "arguments", arguments) != 0)
        error = -ENOMEM;
    char *text = error == 0 ? json_dumps(message, JSON_COMPACT) : NULL;
    json_decref(message);
    if (text == NULL)
        return -ENOMEM;
    error = send_all(qmp, text, strlen(text));
    if (error == 0)
        error = send_all(qmp, "\n", 1);
    free(text);
    return error;
}

static int answer_wait(struct qmp *qmp, json_t **ret_result)
{
    for (;;) {
        json_t *message;
        int error = message_next(qmp, &message);
        if (error != 0)
            return error;
        if (event_dispatch(qmp, message)) {
            json_decref(message);
            continue;
        }
        json_t *result = json_object_get(message, "return");
        json_t *refusal = json_object_get(message, "error");
        if (result != NULL) {
            if (ret_result != NULL)
                *ret_result = json_incref(result);
        } else if (refusal != NULL) {
            const char *text = json_string_value(json_object_get(refusal, "desc"));
            snprintf(qmp->error_text, sizeof(qmp->error_text), "%s", text ? text : "no reason");
            error = -EREMOTEIO;
        } else {
            error = -EPROTO;
        }
        json_decref(message);
        return error;
    }
}

int qmp_execute(struct qmp *qmp, const char *command, json_t *arguments, json_t **ret_result)
{
    int error = qmp_send(qmp, command, arguments);
    return error != 0 ? error : answer_wait(qmp, ret_result);
}

int qmp_handshake(struct qmp *qmp)
{
    json_t *greeting;
    int error = message_next(qmp, &greeting);
    if (error != 0)
        return error;
    bool is_greeting = json_object_get(greeting, "QMP") != NULL;
    json_decref(greeting);
    return is_greeting ? qmp_execute(qmp, "qmp_capabilities", NULL, NULL) : -EPROTO;
}

int qmp_receive(struct qmp *qmp)
{
    int error;
    do {
        error = input_receive(qmp, false);
        json_t *message;
        int taken;
        while ((taken = message_take(qmp, &message)) == 0) {
            (void)event_dispatch(qmp, message);
            json_decref(message);
        }
        if (taken != -EAGAIN)
            return taken;
    } while (error == 0);
    return error == -EAGAIN ? 0 : error;
}
