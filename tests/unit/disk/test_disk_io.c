/*
 * Reads, writes, trims and zeroes of any byte range against a model: an array of bytes.
 */
#include "disk/disk.h"
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

static void open_disk(const struct fake_config *config)
{
    unit = fake_start(config);
    assert_int_equal(disk_channel_create(&channel), 0);
    assert_int_equal(disk_open(&disk, unit, channel), 0);
    fake_forget();
}

static int close_disk(void **state)
{
    (void)state;
    if (disk != NULL)
        disk_close(disk);
    if (channel != NULL)
        disk_channel_destroy(channel);
    disk = NULL;
    channel = NULL;
    fake_stop();
    return 0;
}

static void describes_what_the_unit_reports(void **state)
{
    struct fake_config config = fake_default;
    struct disk_info info;

    (void)state;
    config.physical_exponent = 3;
    open_disk(&config);
    disk_describe(disk, &info);
    assert_int_equal(info.block_count, 1024);
    assert_int_equal(info.block_size, 512);
    assert_int_equal(info.physical_block_size, 4096);
    assert_int_equal(info.transfer_limit, 64 << 10);
    assert_true(info.write_cache && info.can_fua && info.can_trim && info.can_zero);
    assert_false(info.read_only);
}

static void falls_back_to_the_short_capacity_command(void **state)
{
    struct fake_config config = fake_default;
    struct disk_info info;

    (void)state;
    config.no_capacity_16 = true;
    config.block_size = 4096;
    open_disk(&config);
    disk_describe(disk, &info);
    assert_int_equal(info.block_count, 1024);
    assert_int_equal(info.block_size, 4096);
}

/* The port of this test looks at each command. */
static void a_unit_that_does_not_queue_gets_untagged_commands(void **state)
{
    static uint8_t data[64 << 10];
    struct fake_config config = fake_default;

    (void)state;
    config.one_at_a_time = true;
    open_disk(&config);
    assert_int_equal(disk_write(disk, channel, data, sizeof(data), 0, false), 0);
    assert_int_equal(disk_read(disk, channel, data, sizeof(data), 512), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
}

static void a_unit_without_mode_pages_is_taken_to_have_a_cache(void **state)
{
    struct fake_config config = fake_default;
    struct disk_info info;

    (void)state;
    config.no_mode_page = true;
    config.fua = false;
    open_disk(&config);
    disk_describe(disk, &info);
    assert_true(info.write_cache);
    assert_false(info.can_fua);
}

static void refuses_an_odd_block_size(void **state)
{
    struct fake_config config = fake_default;

    (void)state;
    config.block_size = 520;
    unit = fake_start(&config);
    assert_int_equal(disk_channel_create(&channel), 0);
    assert_int_equal(disk_open(&disk, unit, channel), -EOPNOTSUPP);
}

static void splits_to_the_limit_of_the_adapter(void **state)
{
    static uint8_t data[512 << 10], back[512 << 10];

    (void)state;
    open_disk(&fake_default);
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7 + i / 512);
    assert_int_equal(disk_write(disk, channel, data, sizeof(data), 0, false), 0);
    assert_int_equal(fake_command_count(0x2A), 8);
    assert_memory_equal(fake_bytes(), data, sizeof(data));
    assert_true(fake_most_at_once() > 1 && fake_most_at_once() <= 16);
    assert_int_equal(disk_read(disk, channel, back, sizeof(back), 0), 0);
    assert_memory_equal(back, data, sizeof(data));
}

static void splits_to_the_limit_of_the_unit(void **state)
{
    static uint8_t data[64 << 10];
    struct fake_config config = fake_default;

    (void)state;
    config.transfer_blocks_max = 20;
    open_disk(&config);
    assert_int_equal(disk_write(disk, channel, data, sizeof(data), 0, false), 0);
    assert_int_equal(fake_command_count(0x2A), 7);
}

static void keeps_within_the_depth_of_the_unit(void **state)
{
    static uint8_t data[512 << 10];
    struct fake_config config = fake_default;

    (void)state;
    config.depth = 3;
    open_disk(&config);
    assert_int_equal(disk_read(disk, channel, data, sizeof(data), 0), 0);
    assert_int_equal(fake_most_at_once(), 3);
}

static void an_unaligned_write_keeps_its_neighbours(void **state)
{
    (void)state;
    open_disk(&fake_default);
    memset(fake_bytes(), 0xAA, 4096);
    assert_int_equal(disk_write(disk, channel, "hello", 5, 510, false), 0);
    assert_memory_equal(fake_bytes() + 510, "hello", 5);
    for (size_t i = 0; i < 4096; i++)
        if (i < 510 || i >= 515)
            assert_int_equal(fake_bytes()[i], 0xAA);
}

static void refuses_what_lies_beyond_the_end(void **state)
{
    uint8_t data[1024];

    (void)state;
    open_disk(&fake_default);
    assert_int_equal(disk_read(disk, channel, data, 512, 512 * 1024), -EINVAL);
    assert_int_equal(disk_read(disk, channel, data, 1024, 512 * 1023), -EINVAL);
    assert_int_equal(disk_write(disk, channel, data, 1, UINT64_MAX, false), -EINVAL);
    assert_int_equal(disk_trim(disk, channel, UINT64_MAX, 512, false), -EINVAL);
    assert_int_equal(fake_commands(), 0);
}

static void writes_to_a_read_only_unit_are_refused(void **state)
{
    struct fake_config config = fake_default;

    (void)state;
    config.read_only = true;
    open_disk(&config);
    assert_int_equal(disk_write(disk, channel, "x", 1, 0, false), -EROFS);
    assert_int_equal(disk_zero(disk, channel, 512, 0, false, false), -EROFS);
    assert_int_equal(disk_trim(disk, channel, 512, 0, false), -EROFS);
    assert_int_equal(fake_commands(), 0);
}

static void trim_touches_only_whole_blocks_and_keeps_to_the_limit(void **state)
{
    (void)state;
    open_disk(&fake_default);
    memset(fake_bytes(), 0x55, 512 * 1024);
    assert_int_equal(disk_trim(disk, channel, 512 * 700, 100, false), 0);
    assert_int_equal(fake_command_count(0x42), 3);
    assert_int_equal(fake_bytes()[511], 0x55);
    assert_int_equal(fake_bytes()[512], 0);
    assert_int_equal(fake_bytes()[512 * 700 - 1], 0);
    assert_int_equal(fake_bytes()[512 * 700], 0x55);
}

static void trim_of_a_unit_that_cannot_is_refused(void **state)
{
    struct fake_config config = fake_default;

    (void)state;
    config.thin = false;
    open_disk(&config);
    assert_int_equal(disk_trim(disk, channel, 512, 0, false), -EOPNOTSUPP);
}

static void zero_uses_write_same_and_never_unmap(void **state)
{
    (void)state;
    open_disk(&fake_default);
    memset(fake_bytes(), 0x55, 512 * 1024);
    assert_int_equal(disk_zero(disk, channel, 512 * 500, 100, true, false), 0);
    assert_int_equal(fake_command_count(0x42), 0);
    assert_int_equal(fake_command_count(0x93), 3);
    for (size_t i = 0; i < 512 * 1024; i++)
        assert_int_equal(fake_bytes()[i], i < 100 || i >= 100 + 512 * 500 ? 0x55 : 0);
}

static void zero_writes_zeroes_when_write_same_is_refused(void **state)
{
    struct fake_config config = fake_default;

    (void)state;
    config.no_write_same = true;
    open_disk(&config);
    memset(fake_bytes(), 0x55, 512 * 1024);
    assert_int_equal(disk_zero(disk, channel, 512 * 300, 512, false, false), 0);
    assert_int_equal(fake_bytes()[511], 0x55);
    for (size_t i = 512; i < 512 * 301; i++)
        assert_int_equal(fake_bytes()[i], 0);
    assert_int_equal(fake_bytes()[512 * 301], 0x55);
    assert_true(fake_command_count(0x93) > 0);
    fake_forget();
    assert_int_equal(disk_zero(disk, channel, 512, 0, false, false), 0);
    assert_int_equal(fake_command_count(0x93), 0);
}

static void fua_goes_with_the_command_when_the_unit_takes_it(void **state)
{
    uint8_t block[512] = {1};

    (void)state;
    open_disk(&fake_default);
    assert_int_equal(disk_write(disk, channel, block, 512, 0, true), 0);
    assert_int_equal(fake_commands(), 1);
    assert_true(fake_command_at(0)->fua);
    assert_memory_equal(fake_durable_bytes(), block, 512);
}

static void fua_becomes_a_flush_when_the_unit_does_not(void **state)
{
    struct fake_config config = fake_default;
    uint8_t block[512] = {1};

    (void)state;
    config.fua = false;
    open_disk(&config);
    assert_int_equal(disk_write(disk, channel, block, 512, 0, true), 0);
    assert_int_equal(fake_command_count(0x35), 1);
    assert_memory_equal(fake_durable_bytes(), block, 512);
}

/* One random operation on disk and model. */
static void random_operation(uint8_t *model, uint64_t size)
{
    static uint8_t data[96 << 10];
    uint64_t offset = (uint64_t)rand() % size;
    uint64_t length = (uint64_t)rand() % (rand() % 2 ? 2000 : sizeof(data));
    bool fua = rand() % 4 == 0;

    if (length > size - offset)
        length = size - offset;
    switch (rand() % 5) {
    case 0:
    case 1:
        for (uint64_t i = 0; i < length; i++)
            data[i] = (uint8_t)rand();
        assert_int_equal(disk_write(disk, channel, data, length, offset, fua), 0);
        memcpy(model + offset, data, length);
        break;
    case 2:
        assert_int_equal(disk_zero(disk, channel, length, offset, rand() % 2, fua), 0);
        memset(model + offset, 0, length);
        break;
    case 3:
        assert_int_equal(disk_read(disk, channel, data, length, offset), 0);
        assert_memory_equal(data, model + offset, length);
        break;
    case 4:
        assert_int_equal(disk_flush(disk, channel), 0);
        assert_memory_equal(fake_durable_bytes(), model, size);
        break;
    }
}

static void random_operations_agree_with_an_array(void **state)
{
    const char *given = getenv("STORHOST_TEST_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 0) : 20240611u;

    (void)state;
    print_message("# seed %u\n", seed);
    srand(seed);
    for (unsigned round = 0; round < 6; round++) {
        struct fake_config config = fake_default;
        config.block_size = 512u << (rand() % 4);
        config.block_count = (512 * 1024) / config.block_size;
        config.transfer_limit = 4096u << (rand() % 5);
        config.transfer_blocks_max = rand() % 2 ? 0 : 1 + (uint32_t)rand() % 40;
        config.fua = rand() % 2;
        config.takes_write_same_unmap = rand() % 2;
        config.no_write_same = rand() % 2;
        config.seed = (uint64_t)rand();
        open_disk(&config);
        uint8_t *model = calloc(1, 512 * 1024);
        assert_non_null(model);
        for (unsigned i = 0; i < 200; i++)
            random_operation(model, 512 * 1024);
        assert_memory_equal(fake_bytes(), model, 512 * 1024);
        free(model);
        close_disk(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(describes_what_the_unit_reports, close_disk),
        cmocka_unit_test_teardown(falls_back_to_the_short_capacity_command, close_disk),
        cmocka_unit_test_teardown(a_unit_that_does_not_queue_gets_untagged_commands, close_disk),
        cmocka_unit_test_teardown(a_unit_without_mode_pages_is_taken_to_have_a_cache, close_disk),
        cmocka_unit_test_teardown(refuses_an_odd_block_size, close_disk),
        cmocka_unit_test_teardown(splits_to_the_limit_of_the_adapter, close_disk),
        cmocka_unit_test_teardown(splits_to_the_limit_of_the_unit, close_disk),
        cmocka_unit_test_teardown(keeps_within_the_depth_of_the_unit, close_disk),
        cmocka_unit_test_teardown(an_unaligned_write_keeps_its_neighbours, close_disk),
        cmocka_unit_test_teardown(refuses_what_lies_beyond_the_end, close_disk),
        cmocka_unit_test_teardown(writes_to_a_read_only_unit_are_refused, close_disk),
        cmocka_unit_test_teardown(trim_touches_only_whole_blocks_and_keeps_to_the_limit,
                                  close_disk),
        cmocka_unit_test_teardown(trim_of_a_unit_that_cannot_is_refused, close_disk),
        cmocka_unit_test_teardown(zero_uses_write_same_and_never_unmap, close_disk),
        cmocka_unit_test_teardown(zero_writes_zeroes_when_write_same_is_refused, close_disk),
        cmocka_unit_test_teardown(fua_goes_with_the_command_when_the_unit_takes_it, close_disk),
        cmocka_unit_test_teardown(fua_becomes_a_flush_when_the_unit_does_not, close_disk),
        cmocka_unit_test_teardown(random_operations_agree_with_an_array, close_disk),
    };
    struct sys_options options = {.seed = 1};

    if (sys_start(&options) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("disk_io", tests, NULL, NULL);
    sys_stop();
    return failed;
}
