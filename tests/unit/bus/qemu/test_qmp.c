/*
 * test_qmp.c - the client of QEMU's control protocol against a peer that this test plays.
 */
#include "bus/qemu/qemu_qmp.h"

#include "sys/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG_TIMEOUT_NS  (20 * SYS_NS_PER_S)
#define SHORT_TIMEOUT_NS (50 * SYS_NS_PER_MS)

struct bench {
    struct qmp *qmp;
    int peer_fd;
    unsigned events;
    char event[64];
    char device[64];
};

static void event_keep(void *context, const char *name, const json_t *data)
{
    struct bench *bench = context;
    const char *device = json_string_value(json_object_get(data, "device"));
    bench->events++;
    snprintf(bench->event, sizeof(bench->event), "%s", name);
    snprintf(bench->device, sizeof(bench->device), "%s", device ? device : "");
}

static void bench_open(struct bench *bench, uint64_t timeout_ns)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *bench = (struct bench){.peer_fd = pair[1]};
    assert_int_equal(qmp_create(&bench->qmp, pair[0], timeout_ns, event_keep, bench), 0);
}

static void bench_close(struct bench *bench)
{
    qmp_destroy(bench->qmp);
    if (bench->peer_fd >= 0)
        close(bench->peer_fd);
}

/* The peer speaks before it is asked: the client takes the answers in their order. */
static void peer_say(struct bench *bench, const char *text)
{
    size_t size = strlen(text);
    assert_int_equal(send(bench->peer_fd, text, size, MSG_NOSIGNAL), (ssize_t)size);
}

static void the_handshake_awaits_the_greeting_and_enters_command_mode(void **state)
{
    (void)state;
    struct bench bench;
    char heard[128] = "";
    bench_open(&bench, LONG_TIMEOUT_NS);
    peer_say(&bench, "{\"QMP\": {\"capabilities\": []}}\r\n{\"return\": {}}\r\n");
    assert_int_equal(qmp_handshake(bench.qmp), 0);
    assert_true(recv(bench.peer_fd, heard, sizeof(heard) - 1, 0) > 0);
    assert_non_null(strstr(heard, "{\"execute\":\"qmp_capabilities\"}"));
    bench_close(&bench);
}

static void events_before_an_answer_reach_the_handler(void **state)
{
    (void)state;
    struct bench bench;
    json_t *result;
    bench_open(&bench, LONG_TIMEOUT_NS);
    peer_say(&bench, "{\"event\":\"DEVICE_DELETED\",\"data\":{\"device\":\"c0\"}}\n"
                     "{\"return\": [1, 2]}\n");
    assert_int_equal(qmp_execute(bench.qmp, "query-x", NULL, &result), 0);
    assert_int_equal(json_array_size(result), 2);
    json_decref(result);
    assert_int_equal(bench.events, 1);
    assert_string_equal(bench.event, "DEVICE_DELETED");
    assert_string_equal(bench.device, "c0");
    bench_close(&bench);
}

static void a_refusal_keeps_qemus_words(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    peer_say(&bench, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no such thing\"}}\n");
    assert_int_equal(qmp_execute(bench.qmp, "x", json_pack("{s:i}", "a", 1), NULL), -EREMOTEIO);
    assert_string_equal(qmp_error_text(bench.qmp), "no such thing");
    bench_close(&bench);
}

static void messages_in_pieces_are_put_together(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    peer_say(&bench, "{\"event\":\"SHUT");
    assert_int_equal(qmp_receive(bench.qmp), 0);
    assert_int_equal(bench.events, 0);
    peer_say(&bench, "DOWN\"}\n{\"event\":\"STOP\"}\n{\"ev");
    assert_int_equal(qmp_receive(bench.qmp), 0);
    assert_int_equal(bench.events, 2);
    assert_string_equal(bench.event, "STOP");
    bench_close(&bench);
}

static void the_end_of_qemu_is_told_after_its_last_events(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, LONG_TIMEOUT_NS);
    peer_say(&bench, "{\"event\":\"SHUTDOWN\"}\n");
    close(bench.peer_fd);
    bench.peer_fd = -1;
    assert_int_equal(qmp_receive(bench.qmp), -EPIPE);
    assert_int_equal(bench.events, 1);
    assert_int_equal(qmp_execute(bench.qmp, "x", NULL, NULL), -EPIPE);
    assert_int_equal(qmp_handshake(bench.qmp), -EPIPE);
    bench_close(&bench);
}

static void a_qemu_that_does_not_answer_is_a_timeout(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, SHORT_TIMEOUT_NS);
    assert_int_equal(qmp_handshake(bench.qmp), -ETIMEDOUT);
    assert_int_equal(qmp_execute(bench.qmp, "x", NULL, NULL), -ETIMEDOUT);
    bench_close(&bench);
}

static void what_is_not_of_the_protocol_is_an_error_and_not_a_crash(void **state)
{
    (void)state;
    static const char *const rubbish[] = {
        "hello\n", "[]\n", "{\"return\":\n", "3\n", "\n", "{}\n", "{\"a\":1,\"a\":2}\n",
    };
    for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
        struct bench bench;
        bench_open(&bench, LONG_TIMEOUT_NS);
        peer_say(&bench, rubbish[i]);
        assert_int_equal(qmp_execute(bench.qmp, "x", NULL, NULL), -EPROTO);
        bench_close(&bench);
    }
}

static void pour(void *argument)
{
    struct bench *bench = argument;
    char block[4096];
    memset(block, ' ', sizeof(block));
    while (send(bench->peer_fd, block, sizeof(block), MSG_NOSIGNAL) > 0)
        continue;
}

static void a_message_without_end_is_an_error(void **state)
{
    (void)state;
    struct bench bench;
    struct sys_thread *thread;
    bench_open(&bench, LONG_TIMEOUT_NS);
    assert_int_equal(sys_thread_create(&thread, "pour", pour, &bench), 0);
    assert_int_equal(qmp_execute(bench.qmp, "x", NULL, NULL), -EPROTO);
    assert_int_equal(shutdown(qmp_fd(bench.qmp), SHUT_RDWR), 0);
    sys_thread_join(thread);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_handshake_awaits_the_greeting_and_enters_command_mode),
        cmocka_unit_test(events_before_an_answer_reach_the_handler),
        cmocka_unit_test(a_refusal_keeps_qemus_words),
        cmocka_unit_test(messages_in_pieces_are_put_together),
        cmocka_unit_test(the_end_of_qemu_is_told_after_its_last_events),
        cmocka_unit_test(a_qemu_that_does_not_answer_is_a_timeout),
        cmocka_unit_test(what_is_not_of_the_protocol_is_an_error_and_not_a_crash),
        cmocka_unit_test(a_message_without_end_is_an_error),
    };
    if (sys_start(&(struct sys_options){0}) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("qemu_qmp", tests, NULL, NULL);
    sys_stop();
    return failed;
}
