/*
 * The C API over the ramdisk and the faulty miniport: synchronous and raw requests, their errors,
 * and that starting and stopping again and again leaves nothing behind.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/storhost.h>
#include <string.h>
// cmocka.h wants four of those above.
#include <cmocka.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
static const bool modules_are_kept = true;
#else
static const bool modules_are_kept = false;
#endif

static struct storhost_driver *driver;
static struct storhost_adapter *adapter;
static struct storhost_unit *unit;
static struct storhost_error error;

static void silent(void *context, const char *line)
{
    (void)context;
    if (getenv("STORHOST_TEST_VERBOSE") != NULL)
        fprintf(stderr, "%s\n", line);
}

static void start(const char *module, const char *setting)
{
    struct storhost_options options = {.size = sizeof(options), .processors = 2, .log = silent};
    struct storhost_driver_options driver_options = {.size = sizeof(driver_options),
                                                     .settings = &setting,
                                                     .setting_count = setting != NULL ? 1 : 0};
    struct storhost_adapter_options adapter_options = {.size = sizeof(adapter_options)};

    driver_options.path = getenv(module);
    assert_non_null(driver_options.path);
    assert_int_equal(storhost_start(&options, &error), 0);
    assert_int_equal(storhost_driver_load(&driver, &driver_options, &error), 0);
    assert_int_equal(storhost_adapter_start(&adapter, driver, &adapter_options, &error), 0);
    unit = storhost_unit_get(adapter, 0);
    assert_non_null(unit);
}

static int stop(void **state)
{
    (void)state;
    storhost_unit_release(unit);
    int result = storhost_adapter_stop(adapter, &error);
    storhost_driver_unload(driver);
    storhost_stop();
    return result;
}

static int start_ramdisk(void **state)
{
    (void)state;
    start("RAMDISK", NULL);
    return 0;
}

/* ---- synchronous ---- */

static void describes_the_unit(void **state)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    struct storhost_adapter_info adapter_info = {.size = sizeof(adapter_info)};

    (void)state;
    assert_int_equal(storhost_unit_describe(unit, &info), 0);
    assert_int_equal(info.block_count, 131072);
    assert_int_equal(info.block_size, 512);
    assert_true(info.present && info.can_trim && info.can_zero);
    assert_int_equal(storhost_adapter_describe(adapter, &adapter_info), 0);
    assert_string_equal(adapter_info.driver, "ramdisk");
    assert_true(adapter_info.is_virtual);
    info.size = 1;
    assert_int_equal(storhost_unit_describe(unit, &info), -EINVAL);
}

static void the_same_unit_is_one_object(void **state)
{
    struct storhost_unit *again = storhost_unit_get(adapter, 0);

    (void)state;
    assert_ptr_equal(again, unit);
    storhost_unit_release(again);
    assert_null(storhost_unit_get(adapter, 1));
}

static void reads_what_was_written_at_any_alignment(void **state)
{
    static uint8_t data[300000], back[300000];

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 31 + i / 1000);
    assert_int_equal(storhost_write(unit, data, sizeof(data), 12345, STORHOST_FUA), 0);
    assert_int_equal(storhost_read(unit, back, sizeof(back), 12345, 0), 0);
    assert_memory_equal(back, data, sizeof(data));
    assert_int_equal(storhost_zero(unit, 1000, 12345, STORHOST_MAY_TRIM), 0);
    assert_int_equal(storhost_read(unit, back, 1001, 12345, 0), 0);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(back[i], 0);
    assert_int_equal(back[1000], data[1000]);
    assert_int_equal(storhost_flush(unit), 0);
}

static void refuses_unknown_flags_and_what_lies_beyond_the_end(void **state)
{
    uint8_t byte = 0;

    (void)state;
    assert_int_equal(storhost_read(unit, &byte, 1, 0, 1u << 20), -EINVAL);
    assert_int_equal(storhost_read(unit, &byte, 1, 64u << 20, 0), -EINVAL);
    assert_int_equal(storhost_write(unit, &byte, 1, UINT64_MAX, 0), -EINVAL);
}

static void a_second_start_and_a_held_unit_are_refused(void **state)
{
    struct storhost_options options = {.size = sizeof(options)};

    (void)state;
    assert_int_equal(storhost_start(&options, &error), -EALREADY);
    assert_int_equal(storhost_adapter_stop(adapter, &error), -EBUSY);
    assert_non_null(strstr(error.text, "unit"));
}

/* ---- raw ---- */

struct seen {
    struct storhost_queue *queue;
    unsigned done, resubmit;
    struct storhost_result last;
    uint8_t sense_key;
};

static void note(void *context, const struct storhost_result *result)
{
    struct seen *seen = context;

    seen->done++;
    seen->last = *result;
    seen->sense_key = result->sense_length > 2 ? result->sense[2] & 15 : 0;
    if (seen->resubmit > 0) {
        static uint8_t block[512];
        seen->resubmit--;
        assert_int_equal(storhost_submit_read(seen->queue, unit, 0, 1, block, note, seen), 0);
    }
}

static void wait_for(struct seen *seen, unsigned count)
{
    while (seen->done < count)
        assert_true(storhost_wait(seen->queue, 10000) > 0);
}

static void know_block_size(void)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    assert_int_equal(storhost_unit_describe(unit, &info), 0);
}

static void raw_blocks_go_out_and_come_back(void **state)
{
    static uint8_t out[8192], in[8192];
    struct seen seen = {0};

    (void)state;
    memset(out, 0x5A, sizeof(out));
    assert_int_equal(storhost_queue_create(&seen.queue, 4), 0);
    assert_int_equal(storhost_submit_write(seen.queue, unit, 100, 16, out, note, &seen), -EINVAL);
    know_block_size();
    assert_int_equal(storhost_submit_write(seen.queue, unit, 100, 16, out, note, &seen), 0);
    assert_int_equal(seen.done, 0); /* never inside the call */
    wait_for(&seen, 1);
    assert_int_equal(seen.last.status, STORHOST_OK);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 100, 16, in, note, &seen), 0);
    wait_for(&seen, 2);
    assert_memory_equal(in, out, sizeof(in));
    assert_int_equal(seen.last.transferred, sizeof(in));
    assert_int_equal(storhost_wait(seen.queue, -1), 0); /* nothing is under way */
    storhost_queue_destroy(seen.queue);
}

static void a_full_queue_says_so_and_recovers(void **state)
{
    static uint8_t block[512];
    struct seen seen = {0};

    (void)state;
    know_block_size();
    assert_int_equal(storhost_queue_create(&seen.queue, 2), 0);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 0, 1, block, note, &seen), 0);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 1, 1, block, note, &seen), 0);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 2, 1, block, note, &seen), -EAGAIN);
    wait_for(&seen, 2);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 2, 1, block, note, &seen), 0);
    wait_for(&seen, 3);
    storhost_queue_destroy(seen.queue);
}

static void callbacks_may_submit(void **state)
{
    static uint8_t block[512];
    struct seen seen = {.resubmit = 5000};

    (void)state;
    know_block_size();
    assert_int_equal(storhost_queue_create(&seen.queue, 1), 0);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 0, 1, block, note, &seen), 0);
    wait_for(&seen, 5001);
    storhost_queue_destroy(seen.queue);
}

static void any_command_can_be_sent(void **state)
{
    static const uint8_t inquiry[6] = {0x12, 0, 0, 0, 96, 0}, nonsense[6] = {0xDE};
    static uint8_t head[8], tail[88];
    struct iovec pieces[2] = {{head, sizeof(head)}, {tail, sizeof(tail)}};
    struct seen seen = {0};
    struct storhost_command command = {
        .unit = unit,
        .cdb = inquiry,
        .cdb_length = sizeof(inquiry),
        .direction = STORHOST_DATA_IN,
        .data = pieces,
        .data_count = 2,
        .done = note,
        .context = &seen,
    };

    (void)state;
    assert_int_equal(storhost_queue_create(&seen.queue, 1), 0);
    assert_int_equal(storhost_submit(seen.queue, &command), 0);
    wait_for(&seen, 1);
    assert_true(seen.last.transferred >= 36);
    assert_memory_equal(tail, "STORHOST", 8);
    command.cdb = nonsense;
    command.direction = STORHOST_NO_DATA;
    command.data_count = 0;
    assert_int_equal(storhost_submit(seen.queue, &command), 0);
    wait_for(&seen, 2);
    assert_int_equal(seen.last.status, STORHOST_CHECK_CONDITION);
    assert_int_equal(seen.sense_key, 5);
    command.cdb_length = 33;
    assert_int_equal(storhost_submit(seen.queue, &command), -EINVAL);
    command.cdb_length = 6;
    command.direction = STORHOST_DATA_IN;
    assert_int_equal(storhost_submit(seen.queue, &command), -EINVAL);
    storhost_queue_destroy(seen.queue);
}

static void a_command_may_freeze_the_queue_and_others_go_through_it(void **state)
{
    static const uint8_t nonsense[6] = {0xFF}, ready[6] = {0};
    struct seen seen = {0};
    struct storhost_command command = {
        .unit = unit,
        .cdb = nonsense,
        .cdb_length = 6,
        .flags = STORHOST_FREEZE,
        .done = note,
        .context = &seen,
    };

    (void)state;
    assert_int_equal(storhost_queue_create(&seen.queue, 2), 0);
    assert_int_equal(storhost_submit(seen.queue, &command), 0);
    wait_for(&seen, 1);
    assert_int_equal(seen.last.status, STORHOST_CHECK_CONDITION);
    assert_true(seen.last.queue_frozen);
    command.cdb = ready;
    command.flags = 0;
    assert_int_equal(storhost_submit(seen.queue, &command), 0); /* waits */
    command.flags = STORHOST_BYPASS_FROZEN;
    assert_int_equal(storhost_submit(seen.queue, &command), 0);
    wait_for(&seen, 2);
    assert_int_equal(seen.last.status, STORHOST_OK);
    assert_int_equal(storhost_poll(seen.queue), 0);
    assert_int_equal(storhost_unit_queue(unit, STORHOST_QUEUE_RELEASE), 0);
    wait_for(&seen, 3);
    assert_int_equal(seen.last.status, STORHOST_OK);
    assert_int_equal(storhost_unit_queue(unit, STORHOST_QUEUE_UNLOCK), -EINVAL);
    command.flags = STORHOST_ORDERED | STORHOST_UNTAGGED;
    assert_int_equal(storhost_submit(seen.queue, &command), -EINVAL);
    command.flags = 1u << 31;
    assert_int_equal(storhost_submit(seen.queue, &command), -EINVAL);
    storhost_queue_destroy(seen.queue);
}

static void a_transfer_beyond_the_limit_is_an_error(void **state)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    struct seen seen = {0};

    (void)state;
    assert_int_equal(storhost_unit_describe(unit, &info), 0);
    uint32_t blocks = info.transfer_limit / info.block_size;
    uint8_t *buffer = calloc(blocks + 1, info.block_size);
    assert_non_null(buffer);
    assert_int_equal(storhost_queue_create(&seen.queue, 1), 0);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 0, blocks, buffer, note, &seen), 0);
    wait_for(&seen, 1);
    assert_int_equal(seen.last.status, STORHOST_OK);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 0, blocks + 1, buffer, note, &seen), 0);
    wait_for(&seen, 2);
    assert_int_equal(seen.last.status, STORHOST_TOO_LARGE);
    assert_int_equal(storhost_submit_read(seen.queue, unit, 0, 0, buffer, note, &seen), -EINVAL);
    storhost_queue_destroy(seen.queue);
    free(buffer);
}

/* ---- threads ---- */

enum { THREADS = 4, OWN_BYTES = 5000 };

/* Each thread owns every fourth stretch of 1000 bytes, so blocks are shared between them. */
static void *write_stretches(void *argument)
{
    unsigned number = (unsigned)(uintptr_t)argument;
    uint8_t data[1000], back[1000];

    for (unsigned i = 0; i < OWN_BYTES / 10; i++) {
        uint64_t offset = (uint64_t)(i % 50 * THREADS + number) * sizeof(data);
        memset(data, (int)(number * 50 + i), sizeof(data));
        if (storhost_write(unit, data, sizeof(data), offset, 0) != 0 ||
            storhost_read(unit, back, sizeof(back), offset, 0) != 0 ||
            memcmp(data, back, sizeof(data)) != 0)
            return "a stretch was lost";
    }
    return NULL;
}

static void threads_do_not_undo_each_others_writes(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_stretches, (void *)i), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
}

/* ---- lost writes, again and again ---- */

static void a_lost_write_fails_the_flush_and_the_stop(void **state)
{
    (void)state;
    start("FAULTY", "Parameters\\Device\\Behaviour=10");
    assert_int_equal(storhost_write(unit, "x", 1, 0, 0), 0);
    assert_int_equal(storhost_flush(unit), -EIO);
    assert_int_equal(stop(NULL), -EIO);
    assert_non_null(strstr(error.text, "flush"));
}

static unsigned count_entries(const char *directory)
{
    unsigned count = 0;
    DIR *stream = opendir(directory);

    assert_non_null(stream);
    while (readdir(stream) != NULL)
        count++;
    closedir(stream);
    return count;
}

static void starting_again_and_again_leaves_nothing(void **state)
{
    unsigned descriptors = 0, threads = 0;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        start("RAMDISK", "Parameters\\Device\\SizeMegabytes=4");
        assert_int_equal(storhost_write(unit, "x", 1, 5, 0), 0);
        assert_int_equal(stop(NULL), 0);
        /* The first time, libraries open what they keep. */
        if (i == 0) {
            descriptors = count_entries("/proc/self/fd");
            threads = count_entries("/proc/self/task");
        }
    }
    assert_int_equal(count_entries("/proc/self/task"), threads);
    /* Builds with sanitizers keep every module that was loaded, for their reports. */
    if (!modules_are_kept)
        assert_int_equal(count_entries("/proc/self/fd"), descriptors);
}

/* ---- INF files ---- */

static const char *inf_path(const char *name)
{
    static char path[4096];

    snprintf(path, sizeof(path), "%s/%s.inf", getenv("MODULES"), name);
    return path;
}

static void machine_up(void)
{
    struct storhost_options options = {.size = sizeof(options), .processors = 2, .log = silent};

    assert_int_equal(storhost_start(&options, &error), 0);
}

static int load_by_inf(const char *name, const char *device)
{
    struct storhost_driver_options options = {
        .size = sizeof(options), .path = inf_path(name), .device = device};

    return storhost_driver_load(&driver, &options, &error);
}

static void an_inf_file_is_described_without_a_machine_unless_a_device_is_asked(void **state)
{
    struct storhost_inf_options options = {
        .size = sizeof(options), .path = inf_path("null_physical"), .json = true};
    char *text = NULL;

    (void)state;
    assert_int_equal(storhost_inf_describe(&options, &text, &error), 0);
    assert_non_null(strstr(text, "\"service\": \"null_physical\""));
    free(text);
    options.device = "model:scratch";
    assert_int_equal(storhost_inf_describe(&options, &text, &error), -EINVAL);
    assert_non_null(strstr(error.text, "call storhost_start first"));
    machine_up();
    assert_int_equal(storhost_inf_describe(&options, &text, &error), 0);
    assert_non_null(strstr(text, "\"matched\": \"PCI\\\\VEN_5348&DEV_0001\""));
    free(text);
    storhost_stop();
    options.size--;
    assert_int_equal(storhost_inf_describe(&options, &text, &error), -EINVAL);
}

static void the_device_that_chose_the_model_is_the_first_adapters(void **state)
{
    struct storhost_adapter_options options = {.size = sizeof(options), .device = "model:scratch"};
    struct storhost_adapter *second;

    (void)state;
    machine_up();
    assert_int_equal(load_by_inf("null_physical", "model:scratch"), 0);
    assert_int_equal(storhost_adapter_start(&adapter, driver, &options, &error), 0);
    assert_int_equal(storhost_adapter_start(&second, driver, &options, &error), 0);
    assert_int_equal(storhost_adapter_stop(adapter, &error), 0);
    assert_int_equal(storhost_adapter_start(&adapter, driver, &options, &error), 0);
    assert_int_equal(storhost_adapter_stop(second, &error), 0);
    assert_int_equal(storhost_adapter_stop(adapter, &error), 0);
    options.device = "model:absent,vendor=0x1234";
    assert_int_equal(storhost_adapter_start(&adapter, driver, &options, &error), -ENODEV);
    assert_non_null(strstr(error.text, "PCI\\VEN_1234"));
    options.device = "none";
    assert_int_equal(storhost_adapter_start(&adapter, driver, &options, &error), -ENODEV);
    storhost_driver_unload(driver);
    storhost_stop();
}

static void a_device_that_no_adapter_took_goes_with_its_driver(void **state)
{
    unsigned descriptors = 0, threads = 0;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        machine_up();
        assert_int_equal(load_by_inf("null_physical", "model:scratch"), 0);
        storhost_driver_unload(driver);
        assert_int_equal(load_by_inf("null_physical", "model:absent"), -ENODEV);
        assert_int_equal(load_by_inf("null_physical", NULL), -ENODEV);
        assert_int_equal(load_by_inf("nothing", "model:scratch"), -ENOENT);
        storhost_stop();
        if (i == 0) {
            descriptors = count_entries("/proc/self/fd");
            threads = count_entries("/proc/self/task");
        }
    }
    assert_int_equal(count_entries("/proc/self/task"), threads);
    if (!modules_are_kept)
        assert_int_equal(count_entries("/proc/self/fd"), descriptors);
}

/* ---- media ---- */

static void move_tray(struct seen *seen, bool in)
{
    const uint8_t cdb[6] = {0x1B, 0, 0, 0, in ? 3 : 2, 0};
    const struct storhost_command command = {
        .unit = unit, .cdb = cdb, .cdb_length = sizeof(cdb), .done = note, .context = seen};
    unsigned before = seen->done;

    assert_int_equal(storhost_submit(seen->queue, &command), 0);
    wait_for(seen, before + 1);
    assert_int_equal(seen->last.status, STORHOST_OK);
}

static void a_medium_comes_and_goes_while_the_unit_is_held(void **state)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    struct seen seen = {0};
    static uint8_t data[2048];

    (void)state;
    start("FAULTY", "Parameters\\Device\\Behaviour=21");
    assert_int_equal(storhost_queue_create(&seen.queue, 1), 0);
    assert_int_equal(storhost_unit_describe(unit, &info), 0);
    assert_true(info.has_blocks && info.removable && info.read_only);
    assert_int_equal(info.device_type, 5);
    assert_int_equal(info.block_size, 2048);
    for (unsigned turn = 0; turn < 2; turn++) {
        assert_int_equal(storhost_read(unit, data, 100, 5000, 0), 0);
        assert_int_equal(storhost_write(unit, data, 2048, 0, 0), -EROFS);
        move_tray(&seen, false);
        assert_int_equal(storhost_read(unit, data, 100, 5000, 0), -ENOMEDIUM);
        assert_int_equal(storhost_unit_describe(unit, &info), -ENOMEDIUM);
        assert_int_equal(info.block_count, 0);
        assert_true(info.present && info.has_blocks);
        move_tray(&seen, true);
        if (turn == 0) /* else the read notices it */
            assert_int_equal(storhost_unit_describe(unit, &info), 0);
    }
    assert_int_equal(storhost_read(unit, data, 100, 5000, 0), 0);
    storhost_queue_destroy(seen.queue);
    assert_int_equal(stop(NULL), 0);
}

#define ON_RAMDISK(name) cmocka_unit_test_setup_teardown(name, start_ramdisk, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_RAMDISK(describes_the_unit),
        ON_RAMDISK(the_same_unit_is_one_object),
        ON_RAMDISK(reads_what_was_written_at_any_alignment),
        ON_RAMDISK(refuses_unknown_flags_and_what_lies_beyond_the_end),
        ON_RAMDISK(a_second_start_and_a_held_unit_are_refused),
        ON_RAMDISK(raw_blocks_go_out_and_come_back),
        ON_RAMDISK(a_full_queue_says_so_and_recovers),
        ON_RAMDISK(callbacks_may_submit),
        ON_RAMDISK(any_command_can_be_sent),
        ON_RAMDISK(a_command_may_freeze_the_queue_and_others_go_through_it),
        ON_RAMDISK(a_transfer_beyond_the_limit_is_an_error),
        ON_RAMDISK(threads_do_not_undo_each_others_writes),
        cmocka_unit_test(a_lost_write_fails_the_flush_and_the_stop),
        cmocka_unit_test(a_medium_comes_and_goes_while_the_unit_is_held),
        cmocka_unit_test(starting_again_and_again_leaves_nothing),
        cmocka_unit_test(an_inf_file_is_described_without_a_machine_unless_a_device_is_asked),
        cmocka_unit_test(the_device_that_chose_the_model_is_the_first_adapters),
        cmocka_unit_test(a_device_that_no_adapter_took_goes_with_its_driver),
    };
    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
