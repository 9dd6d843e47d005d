/*
 * Retries, error numbers, capacity changes, and writes that are lost after their acknowledgement.
 */
#include "disk/disk.h"
#include "disk/disk_sense.h"
#include "fake_port.h"
#include "sys/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h wants the four above.
#include <cmocka.h>
#include <errno.h>

static struct port_unit *unit;
static struct disk_channel *channel;
static struct disk *disk;
static uint8_t block[512];

static void open_disk(const struct fake_config *config)
{
    unit = fake_start(config);
    assert_int_equal(disk_channel_create(&channel), 0);
    assert_int_equal(disk_open(&disk, unit, channel), 0);
    fake_forget();
}

static int open_default(void **state)
{
    (void)state;
    open_disk(&fake_default);
    return 0;
}

static int close_disk(void **state)
{
    (void)state;
    disk_close(disk);
    disk_channel_destroy(channel);
    fake_stop();
    return 0;
}

/* ---- sense data ---- */

static void sense_is_read_in_both_formats(void **state)
{
    static const uint8_t fixed[18] = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2};
    static const uint8_t deferred_fixed[18] = {0x71, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0C, 0};
    static const uint8_t described[8] = {0x72, 5, 0x20, 1};
    static const uint8_t deferred_described[8] = {0x73, 3, 0x0C, 2};
    struct disk_sense sense;

    (void)state;
    assert_true(disk_sense_decode(fixed, sizeof(fixed), &sense));
    assert_true(sense.key == 6 && sense.asc == 0x29 && sense.ascq == 2 && !sense.deferred);
    assert_true(disk_sense_decode(deferred_fixed, sizeof(deferred_fixed), &sense));
    assert_true(sense.key == 3 && sense.asc == 0x0C && sense.deferred);
    assert_true(disk_sense_decode(described, sizeof(described), &sense));
    assert_true(sense.key == 5 && sense.asc == 0x20 && sense.ascq == 1 && !sense.deferred);
    assert_true(disk_sense_decode(deferred_described, sizeof(deferred_described), &sense));
    assert_true(sense.key == 3 && sense.asc == 0x0C && sense.ascq == 2 && sense.deferred);
}

static void short_and_foreign_sense_is_not_believed(void **state)
{
    static const uint8_t cut[8] = {0x70, 0, 5, 0, 0, 0, 0, 10};
    static const uint8_t foreign[18] = {0x7F, 0, 5};
    struct disk_sense sense;

    (void)state;
    assert_false(disk_sense_decode(NULL, 18, &sense));
    assert_false(disk_sense_decode(cut, 2, &sense));
    assert_false(disk_sense_decode(foreign, sizeof(foreign), &sense));
    assert_true(disk_sense_decode(cut, sizeof(cut), &sense));
    assert_true(sense.key == 5 && sense.asc == 0 && sense.ascq == 0);
}

/* ---- error numbers ---- */

static int read_with_sense(uint8_t key, uint8_t asc, uint8_t ascq)
{
    fake_plant_sense(0x28, 1, key, asc, ascq);
    return disk_read(disk, channel, block, 512, 0);
}

static void sense_keys_become_error_numbers(void **state)
{
    (void)state;
    assert_int_equal(read_with_sense(3, 0x11, 0), -EIO);
    assert_int_equal(read_with_sense(4, 0x44, 0), -EIO);
    assert_int_equal(read_with_sense(5, 0x20, 0), -EOPNOTSUPP);
    assert_int_equal(read_with_sense(5, 0x21, 0), -EINVAL);
    assert_int_equal(read_with_sense(5, 0x25, 0), -ENODEV);
    assert_int_equal(read_with_sense(7, 0x27, 0), -EROFS);
    assert_int_equal(read_with_sense(7, 0x27, 7), -ENOSPC);
    assert_int_equal(read_with_sense(0xB, 0x10, 1), -EIO);
    assert_int_equal(read_with_sense(0xD, 0, 0), -ENOSPC);
    assert_int_equal(read_with_sense(2, 0x3A, 0), -ENOMEDIUM);
}

static void a_short_read_is_an_error(void **state)
{
    struct fault fault = {.operation = 0x28, .count = 1, .missing = 12};

    (void)state;
    fake_plant(&fault);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), -EIO);
}

static void a_missing_device_is_an_error(void **state)
{
    struct fault fault = {.operation = 0x28, .count = 1, .srb_status = 0x08};

    (void)state;
    fake_plant(&fault);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), -ENODEV);
    fake_remove();
    assert_int_equal(disk_read(disk, channel, block, 512, 0), -ENODEV);
    assert_int_equal(disk_flush(disk, channel), -ENODEV);
}

static void the_first_error_of_many_parts_is_returned(void **state)
{
    static uint8_t data[512 << 10];
    struct fault fault = {.operation = 0x2A,
                          .skip = 3,
                          .count = 1,
                          .srb_status = 0x04,
                          .scsi_status = 0x02,
                          .sense = {0x72, 7, 0x27, 7},
                          .sense_length = 8};

    (void)state;
    fake_plant(&fault);
    assert_int_equal(disk_write(disk, channel, data, sizeof(data), 0, false), -ENOSPC);
}

/* ---- retries ---- */

static void unit_attentions_and_aborts_are_tried_again(void **state)
{
    struct fault reset = {.operation = 0x28, .count = 2, .srb_status = 0x0E};
    struct fault unknown = {.operation = 0x28, .count = 1, .srb_status = 0x04};

    (void)state;
    fake_bytes()[0] = 42;
    fake_plant_sense(0x28, 2, 6, 0x29, 0);
    fake_plant_sense(0x28, 2, 0xB, 0x47, 0);
    fake_plant(&reset);
    fake_plant(&unknown);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(block[0], 42);
    assert_int_equal(fake_command_count(0x28), 8);
}

static void retries_end(void **state)
{
    (void)state;
    fake_plant_sense(0x28, 1000000, 6, 0x29, 0);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), -EIO);
    assert_int_equal(fake_command_count(0x28), 9);
}

static void a_time_out_is_tried_again_once(void **state)
{
    struct fault fault = {.operation = 0x28, .count = 1, .status = PORT_TIMED_OUT};

    (void)state;
    fake_plant(&fault);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    fault.count = 2;
    fake_plant(&fault);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), -ETIMEDOUT);
}

static void a_unit_that_gets_ready_is_waited_for(void **state)
{
    (void)state;
    fake_plant_sense(0x28, 1, 2, 0x04, 0x01);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(fake_command_count(0x28), 2);
}

static void a_changed_capacity_is_read_again(void **state)
{
    struct disk_info info;

    (void)state;
    fake_set_block_count(100);
    fake_plant_sense(0x28, 1, 6, 0x2A, 0x09);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    disk_describe(disk, &info);
    assert_int_equal(info.block_count, 100);
    assert_int_equal(disk_read(disk, channel, block, 512, 100 * 512), -EINVAL);
}

static void errors_of_large_parallel_reads_leave_the_channel_usable(void **state)
{
    static uint8_t data[512 << 10];

    (void)state;
    fake_plant_sense(0x28, 1, 2, 0x04, 0x01);
    fake_plant_sense(0x28, 1, 3, 0x11, 0);
    assert_int_equal(disk_read(disk, channel, data, sizeof(data), 0), -EIO);
    assert_int_equal(disk_read(disk, channel, data, sizeof(data), 0), 0);
}

/* ---- lost writes ---- */

static void a_lost_write_fails_the_next_flush_once(void **state)
{
    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_lose_cache();
    fake_plant_sense(0x28, 1, 6, 0x29, 0x01);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(disk_flush(disk, channel), -EIO);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_loss_that_the_flush_itself_meets_fails_that_flush(void **state)
{
    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_lose_cache();
    fake_plant_sense(0x35, 1, 6, 0x29, 0x01);
    assert_int_equal(disk_flush(disk, channel), -EIO);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_deferred_error_fails_the_next_flush(void **state)
{
    struct fault fault = {.operation = 0x2A,
                          .count = 1,
                          .srb_status = 0x04,
                          .scsi_status = 0x02,
                          .sense = {0x73, 3, 0x0C, 2},
                          .sense_length = 8};

    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_plant(&fault);
    assert_int_equal(disk_write(disk, channel, block, 512, 512, false), 0);
    assert_int_equal(disk_flush(disk, channel), -EIO);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_reset_by_the_port_loses_nothing(void **state)
{
    struct fault reset = {.operation = 0x35, .count = 1, .srb_status = 0x0E};

    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_reset();
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
    /* The flush itself is tried again. */
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_plant(&reset);
    assert_int_equal(disk_flush(disk, channel), 0);
    assert_int_equal(fake_command_count(0x35), 3);
}

/* The same attention once more tells of another reset. */
static void a_reset_that_nobody_asked_for_fails_the_next_flush(void **state)
{
    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_reset();
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    fake_plant_sense(0x28, 1, 6, 0x29, 0);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(disk_flush(disk, channel), -EIO);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_loss_that_the_port_has_met_fails_the_next_flush_once(void **state)
{
    static const uint32_t met[] = {PORT_ATTENTION_RESET, PORT_ATTENTION_CACHE_LOST,
                                   PORT_ATTENTION_RESET | PORT_ATTENTION_CACHE_LOST};

    (void)state;
    for (size_t i = 0; i < sizeof(met) / sizeof(met[0]); i++) {
        assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
        fake_port_meets(met[i]);
        assert_int_equal(disk_flush(disk, channel), -EIO);
        assert_int_equal(disk_flush(disk, channel), 0);
        fake_port_meets(met[i]); /* nothing was written meanwhile */
        assert_int_equal(disk_flush(disk, channel), 0);
    }
}

static void a_change_that_the_port_has_met_is_looked_at(void **state)
{
    struct disk_info info;

    (void)state;
    fake_set_block_count(fake_default.block_count / 2);
    fake_port_meets(PORT_ATTENTION_CHANGED);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    disk_describe(disk, &info);
    assert_int_equal(info.block_count, fake_default.block_count / 2);
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_reset_after_a_flush_loses_nothing(void **state)
{
    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
    fake_plant_sense(0x28, 1, 6, 0x29, 0x01);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_reset_of_a_unit_without_cache_loses_nothing(void **state)
{
    struct fake_config config = fake_default;

    (void)state;
    config.write_cache = false;
    open_disk(&config);
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_plant_sense(0x28, 1, 6, 0x29, 0x01);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
    assert_int_equal(fake_command_count(0x35), 0);
}

static void a_failed_flush_is_not_forgotten(void **state)
{
    (void)state;
    assert_int_equal(disk_write(disk, channel, block, 512, 0, false), 0);
    fake_plant_sense(0x35, 1, 3, 0x0C, 0);
    assert_int_equal(disk_flush(disk, channel), -EIO);
    /* The data may still be in the cache, so a reset now loses it. */
    fake_plant_sense(0x28, 1, 6, 0x29, 0x01);
    assert_int_equal(disk_read(disk, channel, block, 512, 0), 0);
    assert_int_equal(disk_flush(disk, channel), -EIO);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void an_adapter_that_caches_is_flushed_too(void **state)
{
    struct fake_config config = fake_default;

    (void)state;
    config.adapter_caches = true;
    open_disk(&config);
    assert_int_equal(disk_flush(disk, channel), 0);
    assert_int_equal(fake_command_count(0x35), 1);
    assert_int_equal(fake_command_count(0xFF), 1);
}

#define CASE(name)        cmocka_unit_test_setup_teardown(name, open_default, close_disk)
#define CASE_OPENED(name) cmocka_unit_test_teardown(name, close_disk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sense_is_read_in_both_formats),
        cmocka_unit_test(short_and_foreign_sense_is_not_believed),
        CASE(sense_keys_become_error_numbers),
        CASE(a_short_read_is_an_error),
        CASE(a_missing_device_is_an_error),
        CASE(the_first_error_of_many_parts_is_returned),
        CASE(unit_attentions_and_aborts_are_tried_again),
        CASE(retries_end),
        CASE(a_time_out_is_tried_again_once),
        CASE(a_unit_that_gets_ready_is_waited_for),
        CASE(a_changed_capacity_is_read_again),
        CASE(errors_of_large_parallel_reads_leave_the_channel_usable),
        CASE(a_lost_write_fails_the_next_flush_once),
        CASE(a_loss_that_the_flush_itself_meets_fails_that_flush),
        CASE(a_deferred_error_fails_the_next_flush),
        CASE(a_reset_by_the_port_loses_nothing),
        CASE(a_reset_that_nobody_asked_for_fails_the_next_flush),
        CASE(a_loss_that_the_port_has_met_fails_the_next_flush_once),
        CASE(a_change_that_the_port_has_met_is_looked_at),
        CASE(a_reset_after_a_flush_loses_nothing),
        CASE_OPENED(a_reset_of_a_unit_without_cache_loses_nothing),
        CASE(a_failed_flush_is_not_forgotten),
        CASE_OPENED(an_adapter_that_caches_is_flushed_too),
    };
    struct sys_options options = {.seed = 1};

    if (sys_start(&options) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("disk_errors", tests, NULL, NULL);
    sys_stop();
    return failed;
}
