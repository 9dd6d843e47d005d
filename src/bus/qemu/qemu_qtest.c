/*
 * qemu_qtest.c - the client of QEMU's qtest protocol.
 *
 * The protocol is strictly ordered: the n-th answer belongs to the n-th command. Commands go
 * through one output buffer; whoever finds nobody sending sends all of it, so commands of several
 * threads share a system call. Whoever waits for an answer and finds nobody reading becomes the
 * reader for all; when its own answer is there it hands the role to another waiter. A posted write
 * costs one send and no wake-up: its answer lies in the socket until somebody reads.
 */
#include "bus/qemu/qemu_qtest.h"

#include "sys/sys.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    /* The longest command: "writeq 0x<16 digits> 0x<16 digits>\n". */
    COMMAND_SIZE_MAX = 48,
    OUTPUT_SIZE = QTEST_UNANSWERED_MAX * COMMAND_SIZE_MAX,
    INPUT_SIZE = 4096,
    /* A power of two above QTEST_UNANSWERED_MAX: answers are kept by the command's number until
     * the waiters have taken theirs. */
    ANSWER_COUNT = 256,
    REASON_SIZE = 256,
};

enum waiter_state {
    WAITER_ASLEEP,
    WAITER_LEADS, /* woken to take over reading */
    WAITER_ANSWERED,
};

/* Lies on the stack of a thread that waits for the answer to command number `command`. */
struct waiter {
    uint64_t command;
    uint64_t value;
    int result;
    uint32_t state;
    struct waiter *next;
};

struct answer {
    uint64_t value;
    int result;
};

struct qtest {
    struct qtest_options options;
    struct sys_mutex lock; /* guards everything below */

    uint64_t appended; /* commands put into the output buffer, ever */
    uint64_t answered; /* answers read, ever */
    struct answer answers[ANSWER_COUNT];
    struct waiter *waiters;

    bool sending; /* a thread sends `being_sent` without the lock */
    char *output;
    char *being_sent;
    size_t output_used;

    bool reading; /* a thread receives into `input` without the lock */
    size_t input_used;
    uint32_t read_steps; /* grows after each receive */
    unsigned read_step_sleepers;

    uint64_t line_levels;
    int watched_line;

    bool lost;
    int lost_error;
    char lost_reason[REASON_SIZE];

    char input[INPUT_SIZE];
    char output_buffers[2][OUTPUT_SIZE];
};

/* ---- losing the connection ---- */

static void lose_locked(struct qtest *qtest, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void lose_locked(struct qtest *qtest, int error, const char *format, ...)
{
    if (qtest->lost)
        return;
    qtest->lost = true;
    qtest->lost_error = error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(qtest->lost_reason, sizeof(qtest->lost_reason), format, arguments);
    va_end(arguments);
    /* Ends a receive or send that another thread is blocked in. */
    (void)shutdown(qtest->options.fd, SHUT_RDWR);
    while (qtest->waiters != NULL) {
        struct waiter *waiter = qtest->waiters;
        qtest->waiters = waiter->next;
        waiter->result = -EIO;
        __atomic_store_n(&waiter->state, WAITER_ANSWERED, __ATOMIC_RELEASE);
        sys_wake(&waiter->state, INT_MAX);
    }
    qtest->options.notify(qtest->options.context, QTEST_LOST);
}

/* ---- reading ---- */

/* Parses a number in C notation that fills the rest of the line. */
static bool number_parse(const char *text, uint64_t *ret_number)
{
    if (*text < '0' || *text > '9')
        return false;
    char *end;
    errno = 0;
    uint64_t number = strtoull(text, &end, 0);
    if (errno != 0 || *end != '\0')
        return false;
    *ret_number = number;
    return true;
}

static bool starts_with(const char *line, const char *prefix, const char **ret_rest)
{
    size_t length = strlen(prefix);
    if (strncmp(line, prefix, length) != 0)
        return false;
    *ret_rest = line + length;
    return true;
}

static void line_changed_locked(struct qtest *qtest, uint64_t line, bool high)
{
    uint64_t bit = 1ull << line;
    uint64_t levels = high ? qtest->line_levels | bit : qtest->line_levels & ~bit;
    __atomic_store_n(&qtest->line_levels, levels, __ATOMIC_RELEASE);
    if (high && (int)line == qtest->watched_line)
        qtest->options.notify(qtest->options.context, QTEST_LINE_RAISED);
}

static bool answer_take_locked(struct qtest *qtest, uint64_t value, int result)
{
    if (qtest->answered == qtest->appended)
        return false;
    qtest->answers[qtest->answered % ANSWER_COUNT] = (struct answer){value, result};
    qtest->answered++;
    return true;
}

/* One line from QEMU, without its newline. False when it is not of the protocol. */
static bool message_take_locked(struct qtest *qtest, const char *line)
{
    const char *rest;
    uint64_t number;
    if (starts_with(line, "IRQ raise ", &rest) || starts_with(line, "IRQ lower ", &rest)) {
        if (!number_parse(rest, &number) || number >= QTEST_LINE_COUNT)
            return false;
        line_changed_locked(qtest, number, line[4] == 'r');
        return true;
    }
    if (strcmp(line, "OK") == 0)
        return answer_take_locked(qtest, UINT64_MAX, 0);
    if (starts_with(line, "OK ", &rest))
        return number_parse(rest, &number) && answer_take_locked(qtest, number, 0);
    if (starts_with(line, "FAIL", &rest) || starts_with(line, "ERR", &rest))
        return answer_take_locked(qtest, UINT64_MAX, -EPROTO);
    return false;
}

/* Gives the answers that have come to those who wait for them. */
static void waiters_complete_locked(struct qtest *qtest)
{
    struct waiter **link = &qtest->waiters;
    while (*link != NULL) {
        struct waiter *waiter = *link;
        if (waiter->command >= qtest->answered) {
            link = &waiter->next;
            continue;
        }
        const struct answer *answer = &qtest->answers[waiter->command % ANSWER_COUNT];
        waiter->value = answer->value;
        waiter->result = answer->result;
        *link = waiter->next;
        __atomic_store_n(&waiter->state, WAITER_ANSWERED, __ATOMIC_RELEASE);
        sys_wake(&waiter->state, INT_MAX);
    }
}

static void input_parse_locked(struct qtest *qtest)
{
    size_t start = 0;
    char *newline;
    while ((newline = memchr(qtest->input + start, '\n', qtest->input_used - start)) != NULL) {
        const char *line = qtest->input + start;
        *newline = '\0';
        if (strlen(line) != (size_t)(newline - line) || !message_take_locked(qtest, line)) {
            lose_locked(qtest, -EPROTO,
                        "QEMU sent a line that is not of its qtest protocol: '%.60s'", line);
            return;
        }
        start = (size_t)(newline - qtest->input) + 1;
    }
    qtest->input_used -= start;
    memmove(qtest->input, qtest->input + start, qtest->input_used);
    if (qtest->input_used == INPUT_SIZE)
        lose_locked(qtest, -EPROTO, "QEMU sent a line longer than %d bytes over qtest", INPUT_SIZE);
    waiters_complete_locked(qtest);
}

static void receive_failed_locked(struct qtest *qtest, bool block, int error)
{
    if (error != EAGAIN && error != EWOULDBLOCK)
        lose_locked(qtest, error == ECONNRESET ? -EPIPE : -error,
                    "the connection to QEMU broke: %s", strerror(error));
    else if (block)
        lose_locked(qtest, -ETIMEDOUT, "QEMU has not answered a register access for %llu ms",
                    qtest->options.timeout_ns / SYS_NS_PER_MS);
}

/* Receives once, as the only reader. The lock is let go meanwhile. */
static void read_step_locked(struct qtest *qtest, bool block)
{
    sh_assert(!qtest->reading);
    qtest->reading = true;
    char *room = qtest->input + qtest->input_used;
    size_t room_size = INPUT_SIZE - qtest->input_used;
    sys_mutex_unlock(&qtest->lock);

    ssize_t received;
    do {
        received = recv(qtest->options.fd, room, room_size, block ? 0 : MSG_DONTWAIT);
    } while (received < 0 && errno == EINTR);
    int error = errno;

    sys_mutex_lock(&qtest->lock);
    qtest->reading = false;
    if (!qtest->lost) {
        if (received > 0) {
            qtest->input_used += (size_t)received;
            input_parse_locked(qtest);
        } else if (received == 0) {
            lose_locked(qtest, -EPIPE, "QEMU has ended");
        } else {
            receive_failed_locked(qtest, block, error);
        }
    }
    __atomic_add_fetch(&qtest->read_steps, 1, __ATOMIC_RELEASE);
    if (qtest->read_step_sleepers > 0)
        sys_wake(&qtest->read_steps, INT_MAX);
}

/* From here on the answer to `command`, which has not come yet, is kept for the waiter. */
static void waiter_link_locked(struct qtest *qtest, struct waiter *waiter, uint64_t command)
{
    sh_assert(!qtest->lost && command >= qtest->answered);
    *waiter = (struct waiter){.command = command, .state = WAITER_ASLEEP, .next = qtest->waiters};
    qtest->waiters = waiter;
}

/* Waits until the linked waiter has its answer; reads for all while nobody else does. */
static int waiter_wait_locked(struct qtest *qtest, struct waiter *waiter)
{
    while (waiter->state != WAITER_ANSWERED) {
        if (!qtest->reading) {
            read_step_locked(qtest, true);
            continue;
        }
        __atomic_store_n(&waiter->state, WAITER_ASLEEP, __ATOMIC_RELAXED);
        sys_mutex_unlock(&qtest->lock);
        sys_wait(&waiter->state, WAITER_ASLEEP, SYS_FOREVER);
        sys_mutex_lock(&qtest->lock);
    }
    if (!qtest->reading && qtest->waiters != NULL) {
        struct waiter *next = qtest->waiters;
        __atomic_store_n(&next->state, WAITER_LEADS, __ATOMIC_RELEASE);
        sys_wake(&next->state, INT_MAX);
    }
    return waiter->result;
}

/* ---- sending ---- */

/* The socket takes no more. QEMU may be blocked because its answers do not fit either, so they are
 * read here unless somebody does it already. */
static int send_make_room(struct qtest *qtest)
{
    struct pollfd wanted = {.fd = qtest->options.fd, .events = POLLIN | POLLOUT};
    int ready = poll(&wanted, 1, (int)(qtest->options.timeout_ns / SYS_NS_PER_MS));
    if (ready < 0 && errno != EINTR)
        return -errno;
    if (ready == 0)
        return -ETIMEDOUT;
    if (ready < 0 || (wanted.revents & POLLOUT) != 0)
        return 0;
    sys_mutex_lock(&qtest->lock);
    bool lost = qtest->lost;
    if (!lost && !qtest->reading)
        read_step_locked(qtest, false);
    sys_mutex_unlock(&qtest->lock);
    if (lost)
        return -EPIPE;
    sys_thread_yield();
    return 0;
}

static int send_all(struct qtest *qtest, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(qtest->options.fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            int error = send_make_room(qtest);
            if (error != 0)
                return error;
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

static void output_send_locked(struct qtest *qtest)
{
    if (qtest->sending)
        return;
    qtest->sending = true;
    while (qtest->output_used > 0 && !qtest->lost) {
        char *data = qtest->output;
        size_t size = qtest->output_used;
        qtest->output = qtest->being_sent;
        qtest->being_sent = data;
        qtest->output_used = 0;
        sys_mutex_unlock(&qtest->lock);
        int error = send_all(qtest, data, size);
        sys_mutex_lock(&qtest->lock);
        if (error == -EPIPE || error == -ECONNRESET)
            lose_locked(qtest, -EPIPE, "QEMU has ended");
        else if (error == -ETIMEDOUT)
            lose_locked(qtest, -ETIMEDOUT, "QEMU has not taken a register access for %llu ms",
                        qtest->options.timeout_ns / SYS_NS_PER_MS);
        else if (error != 0)
            lose_locked(qtest, error, "the connection to QEMU broke: %s", strerror(-error));
    }
    qtest->sending = false;
}

/* Waits while too many commands are without an answer. Mostly the answers are there already. */
static void output_wait_for_room_locked(struct qtest *qtest)
{
    while (!qtest->lost && qtest->appended - qtest->answered >= QTEST_UNANSWERED_MAX) {
        if (!qtest->reading)
            read_step_locked(qtest, false);
        if (qtest->lost || qtest->appended - qtest->answered < QTEST_UNANSWERED_MAX)
            return;
        struct waiter waiter;
        waiter_link_locked(qtest, &waiter, qtest->appended - QTEST_UNANSWERED_MAX);
        (void)waiter_wait_locked(qtest, &waiter);
    }
}

/* Appends and sends one command; `waiter`, if there is one, is linked to its answer before the lock
 * is let go, because other threads may read the answer while this one still sends. */
static int command_send_locked(struct qtest *qtest, const char *text, size_t size,
                               struct waiter *waiter)
{
    output_wait_for_room_locked(qtest);
    if (qtest->lost)
        return -EIO;
    sh_assert(size <= COMMAND_SIZE_MAX && OUTPUT_SIZE - qtest->output_used >= size);
    memcpy(qtest->output + qtest->output_used, text, size);
    qtest->output_used += size;
    uint64_t command = qtest->appended++;
    if (waiter != NULL)
        waiter_link_locked(qtest, waiter, command);
    output_send_locked(qtest);
    return qtest->lost ? -EIO : 0;
}

static int command_run(struct qtest *qtest, const char *text, size_t size, uint64_t *ret_value)
{
    struct waiter waiter;
    sys_mutex_lock(&qtest->lock);
    int error = command_send_locked(qtest, text, size, &waiter);
    if (error == 0)
        error = waiter_wait_locked(qtest, &waiter);
    sys_mutex_unlock(&qtest->lock);
    if (error == 0)
        *ret_value = waiter.value;
    return error;
}

/* ---- commands ---- */

static bool access_is_valid(enum qtest_space space, uint64_t address, unsigned size)
{
    if (size != 1 && size != 2 && size != 4 && size != 8)
        return false;
    if (space == QTEST_PORT)
        return size != 8 && address <= 0xffff && size - 1 <= 0xffff - address;
    return size - 1 <= UINT64_MAX - address;
}

static char size_letter(unsigned size)
{
    return size == 1 ? 'b' : size == 2 ? 'w' : size == 4 ? 'l' : 'q';
}

static uint64_t size_mask(unsigned size)
{
    return size == 8 ? UINT64_MAX : (1ull << (8 * size)) - 1;
}

static char *append_hex(char *at, uint64_t number)
{
    static const char digits[] = "0123456789abcdef";
    int shift = number == 0 ? 0 : (63 - __builtin_clzll(number)) & ~3;
    *at++ = ' ';
    *at++ = '0';
    *at++ = 'x';
    for (; shift >= 0; shift -= 4)
        *at++ = digits[(number >> shift) & 0xf];
    return at;
}

int qtest_read(struct qtest *qtest, enum qtest_space space, uint64_t address, unsigned size,
               uint64_t *ret_value)
{
    if (!access_is_valid(space, address, size))
        return -ERANGE;
    char text[COMMAND_SIZE_MAX];
    char *at = stpcpy(text, space == QTEST_PORT ? "in" : "read");
    *at++ = size_letter(size);
    at = append_hex(at, address);
    *at++ = '\n';

    uint64_t value = 0;
    int error = command_run(qtest, text, (size_t)(at - text), &value);
    if (error == 0)
        *ret_value = value & size_mask(size);
    return error;
}

int qtest_write(struct qtest *qtest, enum qtest_space space, uint64_t address, unsigned size,
                uint64_t value)
{
    if (!access_is_valid(space, address, size))
        return -ERANGE;
    char text[COMMAND_SIZE_MAX];
    char *at = stpcpy(text, space == QTEST_PORT ? "out" : "write");
    *at++ = size_letter(size);
    at = append_hex(at, address);
    at = append_hex(at, value & size_mask(size));
    *at++ = '\n';

    sys_mutex_lock(&qtest->lock);
    int error = command_send_locked(qtest, text, (size_t)(at - text), NULL);
    sys_mutex_unlock(&qtest->lock);
    return error;
}

int qtest_flush(struct qtest *qtest)
{
    sys_mutex_lock(&qtest->lock);
    int error = qtest->lost ? -EIO : 0;
    if (error == 0 && qtest->answered < qtest->appended) {
        struct waiter waiter;
        waiter_link_locked(qtest, &waiter, qtest->appended - 1);
        error = waiter_wait_locked(qtest, &waiter);
        if (error == -EPROTO)
            error = 0; /* that a command was refused concerns whoever gave it */
    }
    sys_mutex_unlock(&qtest->lock);
    return error;
}

int qtest_intercept_lines(struct qtest *qtest)
{
    static const char text[] = "irq_intercept_in ioapic\n";
    uint64_t value;
    return command_run(qtest, text, sizeof(text) - 1, &value);
}

/* ---- lines, polling, end ---- */

void qtest_watch_line(struct qtest *qtest, int line)
{
    sh_assert(line == QTEST_NO_LINE || (line >= 0 && line < QTEST_LINE_COUNT));
    sys_mutex_lock(&qtest->lock);
    qtest->watched_line = line;
    sys_mutex_unlock(&qtest->lock);
}

bool qtest_line_is_high(struct qtest *qtest, int line)
{
    sh_assert(line >= 0 && line < QTEST_LINE_COUNT);
    return (__atomic_load_n(&qtest->line_levels, __ATOMIC_ACQUIRE) >> line & 1) != 0;
}

void qtest_receive(struct qtest *qtest)
{
    sys_mutex_lock(&qtest->lock);
    if (!qtest->reading) {
        if (!qtest->lost)
            read_step_locked(qtest, false);
    } else {
        /* The reader takes what has arrived. Waiting for it keeps the poller, which is called
         * again as long as the descriptor is readable, from spinning. */
        uint32_t step = qtest->read_steps;
        qtest->read_step_sleepers++;
        while (qtest->reading && qtest->read_steps == step) {
            sys_mutex_unlock(&qtest->lock);
            sys_wait(&qtest->read_steps, step, SYS_FOREVER);
            sys_mutex_lock(&qtest->lock);
        }
        qtest->read_step_sleepers--;
    }
    sys_mutex_unlock(&qtest->lock);
}

int qtest_fd(const struct qtest *qtest)
{
    return qtest->options.fd;
}

void qtest_lose(struct qtest *qtest, int error, const char *reason)
{
    sys_mutex_lock(&qtest->lock);
    lose_locked(qtest, error, "%s", reason);
    sys_mutex_unlock(&qtest->lock);
}

bool qtest_is_lost(struct qtest *qtest)
{
    sys_mutex_lock(&qtest->lock);
    bool lost = qtest->lost;
    sys_mutex_unlock(&qtest->lock);
    return lost;
}

int qtest_lost_reason(struct qtest *qtest, char *reason, size_t reason_size)
{
    sys_mutex_lock(&qtest->lock);
    snprintf(reason, reason_size, "%s", qtest->lost_reason);
    int error = qtest->lost_error;
    sys_mutex_unlock(&qtest->lock);
    return error;
}

int qtest_create(struct qtest **ret_qtest, const struct qtest_options *options)
{
    struct timeval timeout = {
        .tv_sec = (time_t)(options->timeout_ns / SYS_NS_PER_S),
        .tv_usec = (suseconds_t)(options->timeout_ns % SYS_NS_PER_S / 1000),
    };
    if (setsockopt(options->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0)
        return -errno;
    struct qtest *qtest = calloc(1, sizeof(*qtest));
    if (qtest == NULL)
        return -ENOMEM;
    qtest->options = *options;
    qtest->output = qtest->output_buffers[0];
    qtest->being_sent = qtest->output_buffers[1];
    qtest->watched_line = QTEST_NO_LINE;
    *ret_qtest = qtest;
    return 0;
}

void qtest_destroy(struct qtest *qtest)
{
    sh_assert(!qtest->reading && !qtest->sending && qtest->waiters == NULL);
    close(qtest->options.fd);
    free(qtest);
}
