/*
 * qemu_qtest.h - the client of QEMU's qtest protocol: register accesses as lines of text.
 *
 * QEMU aborts on a malformed command and stops working when its answers are not read. So every
 * command is made here, from checked numbers; answers are always read; and the number of commands
 * without an answer is bounded. Every function may be called by any thread, at any IRQL, in
 * parallel; none calls back into a driver.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_QTEST_H
#define STORHOST_BUS_QEMU_QEMU_QTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum qtest_space {
    QTEST_MEMORY,
    QTEST_PORT,
};

enum qtest_notice {
    QTEST_LINE_RAISED, /* the watched line went up */
    QTEST_LOST,        /* the connection is gone; given once */
};

/* Never reached by correct use: the socket pair carries about 278 small messages each way, and
 * QEMU stops when its answers do not fit. */
enum { QTEST_UNANSWERED_MAX = 192, QTEST_LINE_COUNT = 64, QTEST_NO_LINE = -1 };

struct qtest;

struct qtest_options {
    int fd;              /* a connected stream socket; taken, closed by qtest_destroy */
    uint64_t timeout_ns; /* how long QEMU may leave a command unanswered before it is given up */
    /* Called with the client's lock held, on whichever thread read the news: it may only wake
     * somebody, and calls nothing of this file. */
    void (*notify)(void *context, enum qtest_notice notice);
    void *context;
};

/* 0, -ENOMEM, or what setsockopt says; the descriptor is then still the caller's. */
int qtest_create(struct qtest **ret_qtest, const struct qtest_options *options);
/* No other call may be running. */
void qtest_destroy(struct qtest *qtest);

/* Waits for the answer; every command sent before has then taken effect. `size` is 1, 2, 4 or 8
 * bytes (ports: not 8). 0, -ERANGE (an access that QEMU must not see: a port above 0xffff, an
 * address that wraps, a size that does not exist), -EIO (the connection is gone), -EPROTO (QEMU
 * refused the command). */
int qtest_read(struct qtest *qtest, enum qtest_space space, uint64_t address, unsigned size,
               uint64_t *ret_value);
/* Does not wait for the answer, except when QTEST_UNANSWERED_MAX commands are without one.
 * 0, -ERANGE, -EIO as above. */
int qtest_write(struct qtest *qtest, enum qtest_space space, uint64_t address, unsigned size,
                uint64_t value);
/* Returns when every earlier command has been answered. 0 or -EIO. */
int qtest_flush(struct qtest *qtest);

/* Makes QEMU report the levels of the I/O APIC's inputs. 0, -EIO, -EPROTO. */
int qtest_intercept_lines(struct qtest *qtest);
/* Chooses the line whose rise is told by QTEST_LINE_RAISED, or QTEST_NO_LINE. */
void qtest_watch_line(struct qtest *qtest, int line);
/* The level that the messages read so far tell; after qtest_flush it is the level that the
 * commands before it left behind. */
bool qtest_line_is_high(struct qtest *qtest, int line);

/* Reads what has arrived without waiting for more. For a poller that has seen qtest_fd readable. */
void qtest_receive(struct qtest *qtest);
int qtest_fd(const struct qtest *qtest);

/* Declares the connection gone: all waits end, everything later is refused. `error` is a negative
 * errno, `reason` one line; the first ones stay. */
void qtest_lose(struct qtest *qtest, int error, const char *reason);
bool qtest_is_lost(struct qtest *qtest);
/* Why: -EPIPE (QEMU has ended), -ETIMEDOUT, -EPROTO (it sent rubbish), or what qtest_lose was
 * given; 0 and an empty reason while the connection lives. */
int qtest_lost_reason(struct qtest *qtest, char *reason, size_t reason_size);

#ifdef __cplusplus
}
#endif

#endif
