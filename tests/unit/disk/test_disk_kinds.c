/*
 * What a unit may be besides a plain disk: optical drives, media that come and go, old and odd
 * units, and what they say of themselves that cannot be believed.
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

static struct disk_channel *channel;
static struct disk *disk;
static uint8_t data[64 << 10];

static int try_open(const struct fake_config *config)
{
    struct port_unit *unit = fake_start(config);
    assert_int_equal(disk_channel_create(&channel), 0);
    return disk_open(&disk, unit, channel);
}

static void open_disk(const struct fake_config *config)
{
    assert_int_equal(try_open(config), 0);
}

static void give_up(void)
{
    disk_channel_destroy(channel);
    fake_stop();
}

static void close_disk(void)
{
    disk_close(disk);
    give_up();
}

static struct disk_info describe(void)
{
    struct disk_info info;
    disk_describe(disk, &info);
    return info;
}

static struct fake_config cdrom(void)
{
    struct fake_config config = fake_default;
    config.device_type = 5;
    config.removable = true;
    config.mmc_only = true;
    config.block_size = 2048;
    return config;
}

/* ---- optical drives ---- */

static void a_cdrom_is_read_only_and_has_blocks_of_2048_bytes(void **state)
{
    struct fake_config config = cdrom();
    (void)state;
    open_disk(&config);
    struct disk_info info = describe();
    assert_true(info.read_only && info.removable && info.has_medium);
    assert_false(info.write_cache || info.can_fua || info.can_trim || info.can_zero);
    assert_int_equal(info.block_size, 2048);
    assert_int_equal(info.block_count, config.block_count);
    memset(fake_bytes(), 0xC3, 4096);
    assert_int_equal(disk_read(disk, channel, data, 3000, 700), 0);
    assert_int_equal(data[0] & data[2999], 0xC3);
    assert_int_equal(disk_write(disk, channel, data, 2048, 0, false), -EROFS);
    assert_int_equal(disk_trim(disk, channel, 2048, 0, false), -EROFS);
    assert_int_equal(disk_flush(disk, channel), 0);
    close_disk();
}

/* Nothing is refused here, so nothing is tried a second way. */
static void a_cdrom_is_sent_only_what_its_drives_know(void **state)
{
    static const uint8_t known[] = {0x00, 0x12, 0x1B, 0x25, 0x28, 0xA8};
    struct fake_config config = cdrom();
    (void)state;
    config.mmc_only = false;
    open_disk(&config);
    assert_int_equal(disk_read(disk, channel, data, sizeof(data), 0), 0);
    assert_int_equal(disk_flush(disk, channel), 0);
    assert_true(fake_commands() > 0);
    assert_int_equal(fake_commands_besides(known, sizeof(known)), 0);
    close_disk();
}

static void a_cdrom_with_raw_sectors_is_read_in_blocks_of_data(void **state)
{
    static const uint32_t sizes[] = {2352, 2448};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct fake_config config = cdrom();
        config.told_last_block = config.block_count - 1;
        config.told_block_size = sizes[i];
        open_disk(&config);
        assert_int_equal(describe().block_size, 2048);
        assert_int_equal(describe().physical_block_size, 2048);
        close_disk();
    }
}

static void what_has_blocks_is_told_by_the_device_type(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 32; type++)
        assert_int_equal(disk_serves((uint8_t)type),
                         type == 0x00 || type == 0x05 || type == 0x07 || type == 0x0E);
}

/* ---- media ---- */

static void without_a_medium_a_unit_is_not_opened_and_with_one_it_is(void **state)
{
    struct fake_config config = cdrom();
    (void)state;
    struct port_unit *unit = fake_start(&config);
    assert_int_equal(disk_channel_create(&channel), 0);
    fake_set_medium(false);
    assert_int_equal(disk_open(&disk, unit, channel), -ENOMEDIUM);
    fake_set_medium(true);
    assert_int_equal(disk_open(&disk, unit, channel), 0);
    assert_true(describe().has_medium);
    close_disk();
}

static void a_medium_that_goes_is_noticed_by_a_read_and_a_new_one_by_a_look(void **state)
{
    struct fake_config config = cdrom();
    (void)state;
    open_disk(&config);
    assert_int_equal(disk_look_for_medium(disk, channel), 0);
    fake_set_medium(false);
    assert_int_equal(disk_read(disk, channel, data, 2048, 0), -ENOMEDIUM);
    assert_false(describe().has_medium);
    assert_int_equal(disk_look_for_medium(disk, channel), -ENOMEDIUM);
    fake_set_medium(true);
    fake_set_block_count(100);
    assert_int_equal(disk_look_for_medium(disk, channel), 0);
    assert_true(describe().has_medium);
    assert_int_equal(describe().block_count, 100);
    assert_int_equal(disk_read(disk, channel, data, 2048, 0), 0);
    close_disk();
}

static void a_medium_that_was_exchanged_unseen_is_measured_anew(void **state)
{
    struct fake_config config = cdrom();
    (void)state;
    open_disk(&config);
    fake_set_medium(true);
    fake_set_block_count(100);
    assert_int_equal(disk_read(disk, channel, data, 2048, 0), 0);
    assert_int_equal(describe().block_count, 100);
    close_disk();
}

static void a_fixed_disk_is_not_asked_for_its_medium(void **state)
{
    (void)state;
    open_disk(&fake_default);
    fake_forget();
    assert_int_equal(disk_look_for_medium(disk, channel), 0);
    assert_int_equal(fake_commands(), 0);
    assert_false(describe().removable);
    close_disk();
}

static void a_removable_disk_can_be_written(void **state)
{
    struct fake_config config = fake_default;
    (void)state;
    config.removable = true;
    open_disk(&config);
    assert_true(describe().removable);
    assert_int_equal(disk_write(disk, channel, data, 512, 0, true), 0);
    close_disk();
}

/* ---- units that know little ---- */

static void a_unit_that_waits_for_start_unit_gets_it(void **state)
{
    struct fake_config config = fake_default;
    (void)state;
    config.starts_stopped = true;
    open_disk(&config);
    assert_int_equal(fake_command_count(0x1B), 1);
    assert_int_equal(disk_read(disk, channel, data, 512, 0), 0);
    close_disk();
    open_disk(&fake_default);
    assert_int_equal(fake_command_count(0x1B), 0);
    close_disk();
}

static void a_unit_with_the_shortest_list_of_commands_is_served(void **state)
{
    struct fake_config config = fake_default;
    (void)state;
    config.no_capacity_16 = true;
    config.no_limits_page = true;
    config.no_mode_page = true;
    config.no_write_same = true;
    config.fua = false;
    open_disk(&config);
    struct disk_info info = describe();
    assert_int_equal(info.block_count, config.block_count);
    assert_true(info.write_cache); /* nobody says that there is none */
    assert_false(info.can_fua || info.can_trim || info.can_zero || info.read_only);
    assert_int_equal(disk_write(disk, channel, data, 512, 0, true), 0);
    assert_int_equal(fake_command_count(0x35), 1);
    close_disk();
}

static void mode_sense_is_asked_in_the_form_that_the_unit_knows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct fake_config config = fake_default;
        config.no_mode_6 = i & 1;
        config.read_only = i & 2;
        config.write_cache = false;
        open_disk(&config);
        assert_int_equal(describe().read_only, config.read_only);
        assert_false(describe().write_cache);
        assert_true(describe().can_fua);
        close_disk();
    }
}

/* ---- block sizes and capacities ---- */

static void physical_blocks_may_be_larger_than_logical_ones(void **state)
{
    static const struct {
        uint32_t block_size;
        unsigned exponent;
        uint32_t physical;
    } cases[] = {{512, 3, 4096}, {4096, 0, 4096}, {512, 0, 512}, {512, 15, 512}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_config config = fake_default;
        config.block_size = cases[i].block_size;
        config.physical_exponent = cases[i].exponent;
        open_disk(&config);
        assert_int_equal(describe().block_size, cases[i].block_size);
        assert_int_equal(describe().physical_block_size, cases[i].physical);
        assert_int_equal(disk_write(disk, channel, data, 100, 4000, false), 0);
        close_disk();
    }
}

static void capacities_that_cannot_be_are_refused(void **state)
{
    static const struct {
        uint64_t last_block;
        uint32_t block_size;
        bool no_capacity_16, tells_nothing;
        int error;
    } cases[] = {
        {1023, 520, false, false, -EOPNOTSUPP},
        {1023, 528, true, false, -EOPNOTSUPP},
        {1023, 256, false, false, -EOPNOTSUPP},
        {1023, 1u << 17, false, false, -EOPNOTSUPP},
        {UINT32_MAX, 512, true, false, -EIO},      /* READ CAPACITY (10) cannot tell it */
        {UINT64_MAX - 1, 512, false, false, -EIO}, /* more bytes than can be counted */
        {0, 0, false, true, -EIO},
        {0, 0, true, true, -EIO},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_config config = fake_default;
        config.told_last_block = cases[i].last_block;
        config.told_block_size = cases[i].block_size;
        config.no_capacity_16 = cases[i].no_capacity_16;
        config.tells_nothing = cases[i].tells_nothing;
        assert_int_equal(try_open(&config), cases[i].error);
        give_up();
    }
}

/* ---- attentions ---- */

static void attentions_one_after_the_other_are_got_through(void **state)
{
    (void)state;
    struct port_unit *unit = fake_start(&fake_default);
    assert_int_equal(disk_channel_create(&channel), 0);
    fake_plant_sense(0x00, 4, 6, 0x29, 0);
    fake_plant_sense(0x9E, 3, 6, 0x2A, 1);
    fake_plant_sense(0x1A, 2, 6, 0x3F, 3);
    assert_int_equal(disk_open(&disk, unit, channel), 0);
    assert_int_equal(describe().block_count, fake_default.block_count);
    close_disk();
}

static void attentions_without_end_are_given_up(void **state)
{
    (void)state;
    struct port_unit *unit = fake_start(&fake_default);
    assert_int_equal(disk_channel_create(&channel), 0);
    fake_plant_sense(0x9E, 1000, 6, 0x29, 0);
    fake_plant_sense(0x25, 1000, 6, 0x29, 0);
    assert_int_equal(disk_open(&disk, unit, channel), -EIO);
    assert_true(fake_commands() < 100);
    give_up();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cdrom_is_read_only_and_has_blocks_of_2048_bytes),
        cmocka_unit_test(a_cdrom_is_sent_only_what_its_drives_know),
        cmocka_unit_test(a_cdrom_with_raw_sectors_is_read_in_blocks_of_data),
        cmocka_unit_test(what_has_blocks_is_told_by_the_device_type),
        cmocka_unit_test(without_a_medium_a_unit_is_not_opened_and_with_one_it_is),
        cmocka_unit_test(a_medium_that_goes_is_noticed_by_a_read_and_a_new_one_by_a_look),
        cmocka_unit_test(a_medium_that_was_exchanged_unseen_is_measured_anew),
        cmocka_unit_test(a_fixed_disk_is_not_asked_for_its_medium),
        cmocka_unit_test(a_removable_disk_can_be_written),
        cmocka_unit_test(a_unit_that_waits_for_start_unit_gets_it),
        cmocka_unit_test(a_unit_with_the_shortest_list_of_commands_is_served),
        cmocka_unit_test(mode_sense_is_asked_in_the_form_that_the_unit_knows),
        cmocka_unit_test(physical_blocks_may_be_larger_than_logical_ones),
        cmocka_unit_test(capacities_that_cannot_be_are_refused),
        cmocka_unit_test(attentions_one_after_the_other_are_got_through),
        cmocka_unit_test(attentions_without_end_are_given_up),
    };
    struct sys_options options = {.seed = 1};

    if (sys_start(&options) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("disk_kinds", tests, NULL, NULL);
    sys_stop();
    return failed;
}
