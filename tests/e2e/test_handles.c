/*
 * Handles of a machine in this process (storhost/handle.h), over tests/miniports/partner: names,
 * access, what comes back of which status, exclusive devices, cancellation, closing, many at once.
 */
#include "../miniports/partner/partner_protocol.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/handle.h>
#include <string.h>
// cmocka.h wants four of those above.
#include <cmocka.h>

enum { ROUNDS = 40, PENDING = 12, CLIENTS = 6, ECHOES = 50, GET_CAPABILITIES = 0x41010 };

#define SERVICE        0x4D038u /* IOCTL_MINIPORT_PROCESS_SERVICE_IRP */
#define OVERFLOW       0x80000005u
#define UNSUCCESSFUL   0xC0000001u
#define INVALID        0xC0000010u /* STATUS_INVALID_DEVICE_REQUEST */
#define DENIED         0xC0000022u
#define NAME_NOT_FOUND 0xC0000034u
#define PATH_NOT_FOUND 0xC000003Au
#define CANCELLED      0xC0000120u

static struct storhost_driver *driver;
static struct storhost_adapter *adapter;
static struct storhost_error error;

static void silent(void *context, const char *line)
{
    (void)context;
    if (getenv("STORHOST_TEST_VERBOSE") != NULL)
        fprintf(stderr, "%s\n", line);
}

static int start(void **state)
{
    struct storhost_options options = {.size = sizeof(options), .processors = 2, .log = silent};
    struct storhost_driver_options driver_options = {.size = sizeof(driver_options)};
    struct storhost_adapter_options adapter_options = {.size = sizeof(adapter_options)};

    (void)state;
    driver_options.path = getenv("PARTNER_MODULE");
    assert_non_null(driver_options.path);
    assert_int_equal(storhost_start(&options, &error), 0);
    assert_int_equal(storhost_driver_load(&driver, &driver_options, &error), 0);
    assert_int_equal(storhost_adapter_start(&adapter, driver, &adapter_options, &error), 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    int result = storhost_adapter_stop(adapter, &error);
    storhost_devices_stop();
    storhost_driver_unload(driver);
    storhost_stop();
    return result;
}

#define handle_test(test) cmocka_unit_test_setup_teardown(test, start, stop)

static int try_open(struct storhost_handle **ret_handle, const char *name, unsigned access,
                    uint32_t *ret_status)
{
    struct storhost_handle_options options = {
        .size = sizeof(options), .name = name, .access = access};

    return storhost_handle_open(ret_handle, &options, ret_status, &error);
}

static struct storhost_handle *open_as(const char *name, unsigned access)
{
    struct storhost_handle *handle = NULL;

    assert_int_equal(try_open(&handle, name, access, NULL), 0);
    return handle;
}

static struct storhost_handle *open_control(void)
{
    return open_as("\\\\.\\PartnerControl", 0);
}

/* The status of a control code without buffers. */
static uint32_t status_of(struct storhost_handle *handle, uint32_t code)
{
    uint32_t status = 0;

    (void)storhost_handle_ioctl(handle, code, NULL, 0, NULL, 0, NULL, &status);
    return status;
}

static uint32_t command(struct partner_message *message)
{
    uint32_t status = 0;

    (void)storhost_ioctl(adapter, NULL, SERVICE, message, sizeof(*message), message,
                         sizeof(*message), NULL, &status);
    return status;
}

static unsigned pending_now(void)
{
    struct partner_message message = {.command = PARTNER_COUNTS};
    struct partner_counts counts;

    assert_int_equal(command(&message), 0);
    memcpy(&counts, &message, sizeof(counts));
    return counts.pending;
}

/* ---- names ---- */

static void an_adapter_opens_by_each_of_its_names(void **state)
{
    static const char *const names[] = {
        NULL,
        "Scsi0:",
        "\\\\.\\scsi0:",
        "\\Device\\RaidPort0",
        "\\??\\Scsi0:",
        "{9B6F3D1C-2A47-4E58-8C1D-6F0E35A7B290}",
        "{9b6f3d1c-2a47-4e58-8c1d-6f0e35a7b290}",
        "\\\\?\\ROOT#SCSIADAPTER#0000#{9b6f3d1c-2a47-4e58-8c1d-6f0e35a7b290}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsigned char capabilities[64];
        size_t length;
        struct storhost_handle *handle = open_as(names[i], 0);
        assert_int_equal(storhost_handle_ioctl(handle, GET_CAPABILITIES, NULL, 0, capabilities,
                                               sizeof(capabilities), &length, NULL),
                         0);
        assert_int_equal(length, 24);
        storhost_handle_close(handle);
    }
}

static void what_is_not_there_does_not_open(void **state)
{
    static const struct {
        const char *name;
        int result;
        uint32_t status;
    } names[] = {
        {"Scsi1:", -ENOENT, NAME_NOT_FOUND},
        {"0:0:0", -ENOENT, NAME_NOT_FOUND},
        {"PhysicalDrive0", -ENOENT, NAME_NOT_FOUND},
        {"{00000000-2a47-4e58-8c1d-6f0e35a7b290}", -ENOENT, NAME_NOT_FOUND},
        {"{", -ENOENT, NAME_NOT_FOUND},
        {"", -ENOENT, NAME_NOT_FOUND},
        {"\\\\.\\PartnerControl\\no", -EIO, PATH_NOT_FOUND},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct storhost_handle *handle = NULL;
        uint32_t status = 0;
        assert_int_equal(try_open(&handle, names[i].name, 0, &status), names[i].result);
        assert_int_equal(status, names[i].status);
        assert_null(handle);
        assert_true(strchr(error.text, '\n') == NULL && error.text[0] != '\0');
    }
}

static void an_exclusive_device_has_one_handle(void **state)
{
    struct storhost_handle *other = NULL;
    uint32_t status = 0;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct storhost_handle *only = open_as("\\\\.\\PartnerAlone", 0);
        assert_int_equal(try_open(&other, "\\\\.\\PartnerAlone", 0, &status), -EACCES);
        assert_int_equal(status, DENIED);
        storhost_handle_close(only);
    }
}

/* ---- access ---- */

static void the_access_bits_of_a_code_are_held_against_the_handle(void **state)
{
    (void)state;
    for (unsigned access = 1; access <= 3; access++) {
        struct storhost_handle *handle = open_as("\\\\.\\PartnerControl", access);
        for (unsigned needed = 0; needed <= 3; needed++) {
            uint32_t expected = (needed & ~access) != 0 ? DENIED : INVALID;
            for (unsigned method = 0; method <= 3; method++)
                assert_int_equal(status_of(handle, PARTNER_CODE(100, method, needed)), expected);
        }
        assert_int_equal(status_of(handle, PARTNER_NEEDS_WRITE), access & 2 ? 0 : DENIED);
        storhost_handle_close(handle);
    }
}

static void reading_and_writing_need_their_access(void **state)
{
    char text[16] = "written";
    struct storhost_transfer transfers[2] = {
        {.size = sizeof(transfers[0]),
         .kind = STORHOST_TRANSFER_WRITE,
         .input = text,
         .input_length = sizeof(text)},
        {.size = sizeof(transfers[1]),
         .kind = STORHOST_TRANSFER_READ,
         .output = text,
         .output_length = sizeof(text)},
    };

    (void)state;
    for (unsigned access = 3; access >= 1; access--) {
        struct storhost_handle *handle = open_as("\\\\.\\PartnerControl", access);
        assert_int_equal(storhost_handle_transfer(handle, &transfers[0]), 0);
        assert_int_equal(transfers[0].status, access & 2 ? 0 : DENIED);
        memset(text, 'x', sizeof(text));
        assert_int_equal(storhost_handle_transfer(handle, &transfers[1]), 0);
        assert_int_equal(transfers[1].status, access & 1 ? 0 : DENIED);
        assert_int_equal(transfers[1].information, access & 1 ? sizeof(text) : 0);
        assert_string_equal(access & 1 ? text : "written", "written");
        memcpy(text, "written", 8);
        storhost_handle_close(handle);
    }
}

/* ---- what comes back ---- */

static void a_warning_brings_its_bytes_and_an_error_none(void **state)
{
    struct storhost_handle *handle = open_control();
    uint32_t value = 0, status;
    size_t length;

    (void)state;
    assert_int_equal(storhost_handle_ioctl(handle, PARTNER_WARN, NULL, 0, &value, sizeof(value),
                                           &length, &status),
                     -EOVERFLOW);
    assert_int_equal(status, OVERFLOW);
    assert_int_equal(length, 4);
    assert_int_equal(value, 0x12345678);
    value = 0;
    assert_int_equal(
        storhost_handle_ioctl(handle, PARTNER_FAIL, NULL, 0, &value, sizeof(value), NULL, &status),
        -EIO);
    assert_int_equal(status, UNSUCCESSFUL);
    assert_int_equal(value, 0);
    storhost_handle_close(handle);
}

static void each_method_moves_its_bytes(void **state)
{
    struct storhost_handle *handle = open_control();
    unsigned char bytes[3] = {1, 2, 250};
    struct storhost_transfer sum = {
        .size = sizeof(sum), .code = PARTNER_SUM, .output = bytes, .output_length = sizeof(bytes)};
    char text[8] = "", filled[5] = "....";
    size_t length;

    (void)state;
    assert_int_equal(
        storhost_handle_ioctl(handle, PARTNER_ECHO, "abc", 3, text, sizeof(text), &length, NULL),
        0);
    assert_string_equal(text, "ABC");
    assert_int_equal(storhost_handle_ioctl(handle, PARTNER_FILL, "z", 1, filled, 4, NULL, NULL), 0);
    assert_string_equal(filled, "zzzz");
    assert_int_equal(storhost_handle_transfer(handle, &sum), 0);
    assert_int_equal(sum.information, 253);
    assert_int_equal(
        storhost_handle_ioctl(handle, PARTNER_COPY, "by address", 11, text, 4, &length, NULL), 0);
    assert_int_equal(length, 4);
    assert_memory_equal(text, "by a", 4);
    storhost_handle_close(handle);
}

/* ---- cancellation and closing ---- */

static void *close_thread(void *argument)
{
    storhost_handle_close(argument);
    return NULL;
}

static void closing_waits_for_what_cannot_be_cancelled(void **state)
{
    struct storhost_transfer stays = {.size = sizeof(stays), .code = PARTNER_STAY};
    struct storhost_handle *handle = open_control(), *other = open_control();
    pthread_t closer;

    (void)state;
    assert_int_equal(storhost_handle_submit(handle, &stays), 0);
    while (pending_now() != 1)
        ;
    assert_int_equal(pthread_create(&closer, NULL, close_thread, handle), 0);
    assert_int_equal(pending_now(), 1);
    assert_int_equal(status_of(other, PARTNER_LET_GO), 0);
    pthread_join(closer, NULL);
    assert_int_equal(pending_now(), 0);
    assert_int_equal(stays.status, 0);
    storhost_handle_close(other);
}

struct canceller {
    pthread_t thread;
    struct storhost_handle *handle;
    struct storhost_transfer *one; /* NULL: all */
};

static void *cancel_thread(void *argument)
{
    const struct canceller *canceller = argument;

    (void)storhost_handle_cancel(canceller->handle, canceller->one);
    return NULL;
}

/* Half of them wait until they are cancelled, half are over at once. */
static void submit_all(struct storhost_handle *handle, struct storhost_transfer *transfers)
{
    for (unsigned i = 0; i < PENDING; i++) {
        transfers[i] = (struct storhost_transfer){.size = sizeof(transfers[i]),
                                                  .code = i % 2 ? PARTNER_ECHO : PARTNER_PEND};
        assert_int_equal(storhost_handle_submit(handle, &transfers[i]), 0);
    }
}

static void a_cancelled_request_comes_back_once_however_many_cancel_it(void **state)
{
    static struct storhost_transfer transfers[PENDING];
    struct storhost_handle *handle = open_control();

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct canceller cancellers[3] = {{.handle = handle, .one = &transfers[0]},
                                          {.handle = handle, .one = &transfers[2]},
                                          {.handle = handle}};
        submit_all(handle, transfers);
        for (unsigned i = 0; i < 3; i++)
            pthread_create(&cancellers[i].thread, NULL, cancel_thread, &cancellers[i]);
        for (unsigned i = 0; i < PENDING; i++) {
            const struct storhost_transfer *back = storhost_handle_wait(handle, -1);
            bool waits = back->code == PARTNER_PEND;
            assert_true(back->status == CANCELLED || (!waits && back->status == 0));
        }
        for (unsigned i = 0; i < 3; i++)
            pthread_join(cancellers[i].thread, NULL);
        assert_null(storhost_handle_wait(handle, 0));
        assert_int_equal(pending_now(), 0);
    }
    assert_int_equal(storhost_handle_cancel(handle, NULL), -ENOENT);
    storhost_handle_close(handle);
}

static void closing_cancels_what_was_just_sent(void **state)
{
    static struct storhost_transfer transfers[PENDING];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct storhost_handle *handle = open_control();
        submit_all(handle, transfers);
        storhost_handle_close(handle);
        for (unsigned i = 0; i < PENDING; i++)
            assert_true(transfers[i].status == CANCELLED ||
                        (transfers[i].code == PARTNER_ECHO && transfers[i].status == 0));
        assert_int_equal(pending_now(), 0);
    }
}

/* ---- many at once ---- */

static void *client_thread(void *argument)
{
    char number = (char)('a' + *(unsigned *)argument), text[8] = "";
    uintptr_t bad = 0;

    for (unsigned i = 0; i < ECHOES; i++) {
        struct storhost_handle_options options = {.size = sizeof(options),
                                                  .name = "\\\\.\\PartnerControl"};
        struct storhost_handle *handle;
        if (storhost_handle_open(&handle, &options, NULL, NULL) != 0)
            return (void *)1;
        bad |= storhost_handle_ioctl(handle, PARTNER_ECHO, &number, 1, text, 1, NULL, NULL) != 0;
        bad |= text[0] != number - 'a' + 'A';
        storhost_handle_close(handle);
    }
    return (void *)bad;
}

static void several_clients_open_and_close_at_once(void **state)
{
    unsigned numbers[CLIENTS];
    pthread_t threads[CLIENTS];
    void *bad;

    (void)state;
    for (unsigned i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, client_thread, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
}

/* ---- queues of a driver ---- */

static void *take_thread(void *argument)
{
    struct partner_message *message = argument;

    message->command = PARTNER_TAKE;
    message->failed = command(message) != 0;
    return NULL;
}

/* The queue lets one thread serve it at a time: who has returned from his call is none. */
static void a_thread_that_has_returned_serves_no_queue(void **state)
{
    struct partner_message put = {.command = PARTNER_PUT}, mine = {.command = PARTNER_TAKE},
                           others = {0};
    pthread_t other;

    (void)state;
    assert_int_equal(command(&put), 0);
    assert_int_equal(command(&mine), 0);
    assert_int_equal(mine.result, 1);
    assert_int_equal(command(&put), 0);
    assert_int_equal(pthread_create(&other, NULL, take_thread, &others), 0);
    pthread_join(other, NULL);
    assert_false(others.failed);
    assert_int_equal(others.result, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        handle_test(an_adapter_opens_by_each_of_its_names),
        handle_test(what_is_not_there_does_not_open),
        handle_test(an_exclusive_device_has_one_handle),
        handle_test(the_access_bits_of_a_code_are_held_against_the_handle),
        handle_test(reading_and_writing_need_their_access),
        handle_test(a_warning_brings_its_bytes_and_an_error_none),
        handle_test(each_method_moves_its_bytes),
        handle_test(closing_waits_for_what_cannot_be_cancelled),
        handle_test(a_cancelled_request_comes_back_once_however_many_cancel_it),
        handle_test(closing_cancels_what_was_just_sent),
        handle_test(several_clients_open_and_close_at_once),
        handle_test(a_thread_that_has_returned_serves_no_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
