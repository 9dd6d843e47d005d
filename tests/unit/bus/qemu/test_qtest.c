/*
 * test_qtest.c - the qtest client against a peer that this test plays.
 *
 * The peer is a thread at the other end of the socket pair. It does what a real QEMU does and what
 * one must not: it answers late, stops answering, mixes in interrupt lines, sends rubbish, ends.
 */
#include "bus/qemu/qemu_qtest.h"

#include "sys/sys.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG_TIMEOUT_NS  (20 * SYS_NS_PER_S)
#define SHORT_TIMEOUT_NS (100 * SYS_NS_PER_MS)

enum { READER_COUNT = 8, READS_EACH = 300, FLOOD_COUNT = 5000 };

struct bench {
    struct qtest *qtest;
    int peer_fd;
    uint32_t raised, lost; /* notices */
};

static void count_notice(void *context, enum qtest_notice notice)
{
    struct bench *bench = context;
    uint32_t *counter = notice == QTEST_LOST ? &bench->lost : &bench->raised;
    __atomic_add_fetch(counter, 1, __ATOMIC_RELEASE);
    sys_wake(counter, INT_MAX);
}

static void bench_open(struct bench *bench, uint64_t timeout_ns)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *bench = (struct bench){.peer_fd = pair[1]};
    struct qtest_options options = {
        .fd = pair[0],
        .timeout_ns = timeout_ns,
        .notify = count_notice,
        .context = bench,
    };
    assert_int_equal(qtest_create(&bench->qtest, &options), 0);
}

static void bench_close(struct bench *bench)
{
    qtest_destroy(bench->qtest);
    if (bench->peer_fd >= 0)
        close(bench->peer_fd);
}

static void peer_say(struct bench *bench, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(send(bench->peer_fd, text, size, MSG_NOSIGNAL), (ssize_t)size);
}

/* Reads one command, without its newline. False at the end of the connection. */
static bool peer_hear(int fd, char *command, size_t size)
{
    size_t used = 0;
    char byte;
    while (recv(fd, &byte, 1, 0) == 1) {
        if (byte == '\n') {
            command[used] = '\0';
            return true;
        }
        sh_assert(used + 1 < size);
        command[used++] = byte;
    }
    return false;
}

/* ---- a peer that answers each read with its address ---- */

static void peer_echo(void *argument)
{
    struct bench *bench = argument;
    char command[128], answer[64];
    while (peer_hear(bench->peer_fd, command, sizeof(command))) {
        const char *number = strchr(command, ' ');
        bool read = command[0] == 'r' || command[0] == 'i';
        if (read && strncmp(command, "irq", 3) != 0)
            snprintf(answer, sizeof(answer), "OK 0x%016llx\n",
                     strtoull(number ? number : "0", NULL, 0));
        else
            snprintf(answer, sizeof(answer), "OK\n");
        size_t size = strlen(answer);
        if (send(bench->peer_fd, answer, size, MSG_NOSIGNAL) != (ssize_t)size)
            return;
    }
}

static struct sys_thread *start(void (*entry)(void *), void *argument)
{
    struct sys_thread *thread;
    assert_int_equal(sys_thread_create(&thread, "peer", entry, argument), 0);
    return thread;
}

/* Ends the echo peer, which then sees the end of the connection. */
static void finish(struct bench *bench, struct sys_thread *peer)
{
    qtest_lose(bench->qtest, -ECANCELED, "the test is over");
    sys_thread_join(peer);
    bench_close(bench);
}

/* ---- what is sent ---- */

static void commands_are_written_in_the_form_of_the_protocol(void **state)
{
    (void)state;
    struct bench bench;
    char heard[128];
    bench_open(&bench, LONG_TIMEOUT_NS);
    assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0xc0000014, 4, 0x460001), 0);
    assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0, 8, UINT64_MAX), 0);
    assert_int_equal(qtest_write(bench.qtest, QTEST_PORT, 0xffff, 1, 0x1ff), 0);
    peer_say(&bench, "OK\nOK\nOK\nOK 0x12345678\n");
    uint64_t value = 0;
    /* The answer that already lies there is the fourth, the read's. */
    assert_int_equal(qtest_read(bench.qtest, QTEST_PORT, 0xcfc, 2, &value), 0);
    assert_int_equal(value, 0x5678);
    static const char *const expected[] = {
        "writel 0xc0000014 0x460001",
        "writeq 0x0 0xffffffffffffffff",
        "outb 0xffff 0xff",
        "inw 0xcfc",
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(peer_hear(bench.peer_fd, heard, sizeof(heard)));
        assert_string_equal(heard, expected[i]);
    }
    bench_close(&bench);
}

static void accesses_that_abort_qemu_are_refused_and_never_sent(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t value = 7;
    char byte;
    bench_open(&bench, LONG_TIMEOUT_NS);
    assert_int_equal(qtest_read(bench.qtest, QTEST_PORT, 0x10000, 1, &value), -ERANGE);
    assert_int_equal(qtest_read(bench.qtest, QTEST_PORT, 0xffff, 2, &value), -ERANGE);
    assert_int_equal(qtest_read(bench.qtest, QTEST_PORT, UINT64_MAX, 1, &value), -ERANGE);
    assert_int_equal(qtest_read(bench.qtest, QTEST_PORT, 0xc000, 8, &value), -ERANGE);
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, 0x1000, 3, &value), -ERANGE);
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, 0x1000, 0, &value), -ERANGE);
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, UINT64_MAX - 2, 4, &value), -ERANGE);
    assert_int_equal(qtest_write(bench.qtest, QTEST_PORT, 0x10000, 4, 0), -ERANGE);
    assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0, 16, 0), -ERANGE);
    assert_int_equal(value, 7);
    assert_int_equal(recv(bench.peer_fd, &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    bench_close(&bench);
}

/* ---- order and parallel use ---- */

struct reader {
    struct bench *bench;
    unsigned number;
    unsigned wrong;
};

static void read_own_addresses(void *argument)
{
    struct reader *reader = argument;
    for (unsigned i = 0; i < READS_EACH; i++) {
        uint64_t address = (uint64_t)(reader->number + 1) << 32 | i, value = 0;
        if (i % 3 == 0 && qtest_write(reader->bench->qtest, QTEST_MEMORY, address, 4, i) != 0)
            reader->wrong++;
        if (qtest_read(reader->bench->qtest, QTEST_MEMORY, address, 8, &value) != 0 ||
            value != address)
            reader->wrong++;
    }
}

static void threads_in_parallel_each_get_their_own_answers(void **state)
{
    (void)state;
    struct bench bench;
    struct reader readers[READER_COUNT];
    struct sys_thread *threads[READER_COUNT];
    bench_open(&bench, LONG_TIMEOUT_NS);
    struct sys_thread *peer = start(peer_echo, &bench);
    for (unsigned i = 0; i < READER_COUNT; i++) {
        readers[i] = (struct reader){.bench = &bench, .number = i};
        threads[i] = start(read_own_addresses, &readers[i]);
    }
    for (unsigned i = 0; i < READER_COUNT; i++) {
        sys_thread_join(threads[i]);
        assert_int_equal(readers[i].wrong, 0);
    }
    finish(&bench, peer);
}

static void interrupt_lines_in_a_batch_are_sorted_out_of_the_answers(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t value;
    bench_open(&bench, LONG_TIMEOUT_NS);
    qtest_watch_line(bench.qtest, 20);
    peer_say(&bench, "IRQ raise 20\nOK\nIRQ raise 21\nIRQ lower 20\nOK 0x0000000000000005\n");
    assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0x1000, 4, 1), 0);
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, 0x1000, 4, &value), 0);
    assert_int_equal(value, 5);
    assert_false(qtest_line_is_high(bench.qtest, 20));
    assert_true(qtest_line_is_high(bench.qtest, 21));
    assert_int_equal(bench.raised, 1); /* line 21 is not watched */
    bench_close(&bench);
}

static void a_poller_learns_of_a_line_when_nobody_waits_for_an_answer(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    qtest_watch_line(bench.qtest, 23);
    peer_say(&bench, "IRQ raise 2");
    qtest_receive(bench.qtest);
    assert_int_equal(bench.raised, 0);
    peer_say(&bench, "3\n");
    qtest_receive(bench.qtest);
    assert_int_equal(bench.raised, 1);
    assert_true(qtest_line_is_high(bench.qtest, 23));
    qtest_receive(bench.qtest); /* nothing there: returns */
    bench_close(&bench);
}

static void a_command_that_qemu_refuses_fails_alone(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t value;
    bench_open(&bench, LONG_TIMEOUT_NS);
    peer_say(&bench, "FAIL Unknown IRQ\n");
    assert_int_equal(qtest_intercept_lines(bench.qtest), -EPROTO);
    peer_say(&bench, "OK 0x1\n");
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, 0, 4, &value), 0);
    bench_close(&bench);
}

/* ---- back-pressure ---- */

struct strict_peer {
    struct bench *bench;
    unsigned unanswered_max;
};

/* Answers as late as it can: only when as many commands as allowed are without an answer, or when
 * the end marker has come. */
static void peer_answer_late(void *argument)
{
    struct strict_peer *strict = argument;
    char command[128];
    unsigned heard = 0, answered = 0;
    bool end = false;
    while (!end && peer_hear(strict->bench->peer_fd, command, sizeof(command))) {
        heard++;
        if (heard - answered > strict->unanswered_max)
            strict->unanswered_max = heard - answered;
        end = strncmp(command, "readl", 5) == 0;
        char byte;
        bool more = recv(strict->bench->peer_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
        if (!more && heard - answered == QTEST_UNANSWERED_MAX) {
            answered++;
            peer_say(strict->bench, "OK\n");
        }
    }
    for (; answered + 1 < heard; answered++)
        peer_say(strict->bench, "OK\n");
    peer_say(strict->bench, "OK 0x9\n");
}

static void posted_writes_without_an_answer_stay_bounded(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    struct strict_peer strict = {.bench = &bench};
    struct sys_thread *peer = start(peer_answer_late, &strict);
    for (unsigned i = 0; i < FLOOD_COUNT; i++)
        assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0x1000, 4, i), 0);
    uint64_t value;
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, 0x1000, 4, &value), 0);
    assert_int_equal(value, 9);
    sys_thread_join(peer);
    assert_int_equal(strict.unanswered_max, QTEST_UNANSWERED_MAX);
    bench_close(&bench);
}

static void a_flood_of_writes_over_small_socket_buffers_does_not_deadlock(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    int small = 4096;
    int ours = qtest_fd(bench.qtest);
    assert_int_equal(setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    assert_int_equal(setsockopt(bench.peer_fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    struct sys_thread *peer = start(peer_echo, &bench);
    for (unsigned i = 0; i < FLOOD_COUNT; i++)
        assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0x1000, 4, i), 0);
    assert_int_equal(qtest_flush(bench.qtest), 0);
    finish(&bench, peer);
}

struct flusher {
    struct bench *bench;
    uint32_t returned;
};

static void flush_and_tell(void *argument)
{
    struct flusher *flusher = argument;
    sh_assert(qtest_flush(flusher->bench->qtest) == 0);
    __atomic_store_n(&flusher->returned, 1, __ATOMIC_RELEASE);
}

static void flush_returns_when_the_last_write_is_answered(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    struct flusher flusher = {.bench = &bench};
    assert_int_equal(qtest_flush(bench.qtest), 0); /* nothing to wait for */
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(qtest_write(bench.qtest, QTEST_MEMORY, 0x1000, 4, i), 0);
    struct sys_thread *thread = start(flush_and_tell, &flusher);
    peer_say(&bench, "OK\nOK\n");
    assert_int_equal(__atomic_load_n(&flusher.returned, __ATOMIC_ACQUIRE), 0);
    peer_say(&bench, "OK\n");
    sys_thread_join(thread);
    assert_int_equal(flusher.returned, 1);
    bench_close(&bench);
}

/* ---- a peer that fails ---- */

static void assert_lost(struct bench *bench, int error, const char *expected_in_reason)
{
    char reason[256];
    uint64_t value;
    assert_true(qtest_is_lost(bench->qtest));
    assert_int_equal(qtest_lost_reason(bench->qtest, reason, sizeof(reason)), error);
    if (strstr(reason, expected_in_reason) == NULL)
        fail_msg("'%s' is not in '%s'", expected_in_reason, reason);
    assert_int_equal(bench->lost, 1);
    assert_int_equal(qtest_read(bench->qtest, QTEST_MEMORY, 0, 4, &value), -EIO);
    assert_int_equal(qtest_write(bench->qtest, QTEST_MEMORY, 0, 4, 0), -EIO);
    assert_int_equal(qtest_flush(bench->qtest), -EIO);
    assert_int_equal(bench->lost, 1);
}

static void a_peer_that_does_not_answer_is_given_up_after_the_timeout(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t value;
    bench_open(&bench, SHORT_TIMEOUT_NS);
    uint64_t before_ns = sys_now_ns();
    assert_int_equal(qtest_read(bench.qtest, QTEST_MEMORY, 0, 4, &value), -EIO);
    assert_true(sys_now_ns() - before_ns >= SHORT_TIMEOUT_NS / 2);
    assert_lost(&bench, -ETIMEDOUT, "has not answered a register access for 100 ms");
    bench_close(&bench);
}

static void read_expecting_loss(void *argument)
{
    uint64_t value;
    struct bench *bench = argument;
    sh_assert(qtest_read(bench->qtest, QTEST_MEMORY, 0, 4, &value) == -EIO);
}

static void all_waiting_threads_are_released_when_the_connection_is_lost(void **state)
{
    (void)state;
    struct bench bench;
    struct sys_thread *threads[READER_COUNT];
    char command[128];
    bench_open(&bench, LONG_TIMEOUT_NS);
    for (unsigned i = 0; i < READER_COUNT; i++)
        threads[i] = start(read_expecting_loss, &bench);
    for (unsigned i = 0; i < READER_COUNT; i++)
        assert_true(peer_hear(bench.peer_fd, command, sizeof(command)));
    qtest_lose(bench.qtest, -ENODEV, "unplugged");
    for (unsigned i = 0; i < READER_COUNT; i++)
        sys_thread_join(threads[i]);
    qtest_lose(bench.qtest, -EIO, "a later reason");
    assert_lost(&bench, -ENODEV, "unplugged");
    bench_close(&bench);
}

static void writers_that_wait_for_room_are_released_by_the_timeout(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, SHORT_TIMEOUT_NS);
    int error = 0;
    for (unsigned i = 0; error == 0; i++) {
        assert_true(i <= QTEST_UNANSWERED_MAX);
        error = qtest_write(bench.qtest, QTEST_MEMORY, 0, 4, i);
    }
    assert_int_equal(error, -EIO);
    assert_lost(&bench, -ETIMEDOUT, "has not answered");
    bench_close(&bench);
}

static void the_end_of_the_peer_is_a_loss(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    close(bench.peer_fd);
    bench.peer_fd = -1;
    qtest_receive(bench.qtest);
    assert_lost(&bench, -EPIPE, "QEMU has ended");
    bench_close(&bench);
}

static void what_is_not_of_the_protocol_is_a_loss_and_not_a_crash(void **state)
{
    (void)state;
    static const char *const rubbish[] = {
        "hello\n",        "OK\n", /* an answer that nobody asked for */
        "IRQ raise 64\n", "IRQ raise -1\n", "IRQ raise \n",    "IRQ lower 1x\n",
        "OK 0x12zz\n",    "OK \n",          "IRQ toggle 20\n", "\n",
    };
    for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
        struct bench bench;
        bench_open(&bench, LONG_TIMEOUT_NS);
        peer_say(&bench, rubbish[i]);
        qtest_receive(bench.qtest);
        assert_lost(&bench, -EPROTO, "not of its qtest protocol");
        bench_close(&bench);
    }
}

static void a_line_with_a_zero_byte_is_a_loss(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    assert_int_equal(send(bench.peer_fd, "IRQ raise 1\0x\n", 14, MSG_NOSIGNAL), 14);
    qtest_receive(bench.qtest);
    assert_lost(&bench, -EPROTO, "not of its qtest protocol");
    bench_close(&bench);
}

static void a_line_without_end_is_a_loss(void **state)
{
    (void)state;
    struct bench bench;
    char block[1024];
    memset(block, 'x', sizeof(block));
    bench_open(&bench, LONG_TIMEOUT_NS);
    for (unsigned i = 0; i < 8 && !qtest_is_lost(bench.qtest); i++) {
        assert_int_equal(send(bench.peer_fd, block, sizeof(block), MSG_NOSIGNAL), sizeof(block));
        qtest_receive(bench.qtest);
    }
    assert_lost(&bench, -EPROTO, "longer than");
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_written_in_the_form_of_the_protocol),
        cmocka_unit_test(accesses_that_abort_qemu_are_refused_and_never_sent),
        cmocka_unit_test(threads_in_parallel_each_get_their_own_answers),
        cmocka_unit_test(interrupt_lines_in_a_batch_are_sorted_out_of_the_answers),
        cmocka_unit_test(a_poller_learns_of_a_line_when_nobody_waits_for_an_answer),
        cmocka_unit_test(a_command_that_qemu_refuses_fails_alone),
        cmocka_unit_test(posted_writes_without_an_answer_stay_bounded),
        cmocka_unit_test(a_flood_of_writes_over_small_socket_buffers_does_not_deadlock),
        cmocka_unit_test(flush_returns_when_the_last_write_is_answered),
        cmocka_unit_test(a_peer_that_does_not_answer_is_given_up_after_the_timeout),
        cmocka_unit_test(all_waiting_threads_are_released_when_the_connection_is_lost),
        cmocka_unit_test(writers_that_wait_for_room_are_released_by_the_timeout),
        cmocka_unit_test(the_end_of_the_peer_is_a_loss),
        cmocka_unit_test(what_is_not_of_the_protocol_is_a_loss_and_not_a_crash),
        cmocka_unit_test(a_line_with_a_zero_byte_is_a_loss),
        cmocka_unit_test(a_line_without_end_is_a_loss),
    };
    if (sys_start(&(struct sys_options){0}) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("qemu_qtest", tests, NULL, NULL);
    sys_stop();
    return failed;
}
