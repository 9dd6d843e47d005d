/*
 * qemu_qmp.h - a minimal client of QEMU's control protocol (QMP): commands, results, events.
 *
 * One thread uses it at a time; there is no lock. What QEMU sends is hostile bytes: a message that
 * does not parse ends the connection with -EPROTO, never with a crash.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_QMP_H
#define STORHOST_BUS_QEMU_QEMU_QMP_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct qmp;

/* An event of QEMU: its name and data (borrowed; NULL when it has none). Called by qmp_execute and
 * qmp_receive on the calling thread. */
typedef void qmp_event_handler(void *context, const char *name, const json_t *data);

/* `fd`, a connected stream socket, is taken on success. `handler` may be NULL. 0, -ENOMEM. */
int qmp_create(struct qmp **ret_qmp, int fd, uint64_t timeout_ns, qmp_event_handler *handler,
               void *context);
void qmp_destroy(struct qmp *qmp);
int qmp_fd(const struct qmp *qmp);

/* Reads the greeting and enters command mode. Errors as qmp_execute. */
int qmp_handshake(struct qmp *qmp);

/* Runs a command. `arguments` is stolen, and may be NULL. The result, when `ret_result` is not
 * NULL, is the caller's (json_decref). 0; -EPIPE (QEMU has ended), -ETIMEDOUT, -EPROTO (not JSON,
 * or too long), -EREMOTEIO (QEMU refused: qmp_error_text tells why), -ENOMEM. */
int qmp_execute(struct qmp *qmp, const char *command, json_t *arguments, json_t **ret_result);
/* QEMU's own words for the last -EREMOTEIO. */
const char *qmp_error_text(const struct qmp *qmp);

/* Sends a command and does not wait: for `quit`, whose answer may never come. 0 or as above. */
int qmp_send(struct qmp *qmp, const char *command, json_t *arguments);

/* Takes the messages that have arrived without waiting for more; for a poller. 0, -EPIPE,
 * -EPROTO. */
int qmp_receive(struct qmp *qmp);

#ifdef __cplusplus
}
#endif

#endif
