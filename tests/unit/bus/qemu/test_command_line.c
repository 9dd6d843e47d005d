/*
 * test_command_line.c - a device SPEC and its drives become the command line of QEMU.
 */
#include "bus/qemu/qemu_command_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DRIVES_MAX 4

static struct qemu_command_line line;
static char reason[512];

static size_t ram_low_size = 0x4000000;
static const struct qemu_buses *buses;

static int build(const char *arguments, const char *const drives[DRIVES_MAX], bool add_drive)
{
    size_t drive_count = 0;
    while (drives != NULL && drive_count < DRIVES_MAX && drives[drive_count] != NULL)
        drive_count++;
    struct qemu_command_line_options options = {
        .arguments = arguments,
        .drives = drives,
        .drive_count = drive_count,
        .ram_size = 0x4000000,
        .ram_low_size = ram_low_size,
        .sandbox = true,
        .add_drive = add_drive,
        .buses = buses,
    };
    reason[0] = '\0';
    return qemu_command_line_build(&line, &options, reason, sizeof(reason));
}

/* The n-th argument that follows `option`, or NULL. The doorbell is -device number 0. */
static const char *argument(const char *option, unsigned number)
{
    for (size_t i = 0; i + 1 < line.argc; i++) {
        if (strcmp(line.argv[i], option) == 0 && number-- == 0)
            return line.argv[i + 1];
    }
    return NULL;
}

static void assert_device(unsigned number, const char *expected)
{
    const char *device = argument("-device", number + 1);
    if (expected == NULL)
        assert_null(device);
    else
        assert_string_equal(device, expected);
}

static void a_device_gets_an_id_and_a_slot(void **state)
{
    (void)state;
    assert_int_equal(build("nvme,serial=x", NULL, true), 0);
    assert_device(0, "nvme,serial=x,id=storhost-device,addr=4");
    assert_device(1, NULL);
    assert_string_equal(line.device_id, "storhost-device");
    assert_string_equal(argument("-m", 0), "size=67108864B");
    assert_null(line.argv[line.argc]);
    qemu_command_line_free(&line);
}

static void memory_above_4_gib_is_asked_of_the_machine(void **state)
{
    (void)state;
    assert_int_equal(build("nvme,serial=x", NULL, true), 0);
    assert_null(strstr(argument("-machine", 0), "max-ram"));
    qemu_command_line_free(&line);
    ram_low_size = 0x1000000;
    assert_int_equal(build("nvme,serial=x", NULL, true), 0);
    assert_non_null(strstr(argument("-machine", 0), ",max-ram-below-4g=16777216B"));
    qemu_command_line_free(&line);
    ram_low_size = 0x4000000;
}

static void the_users_id_and_slot_stay(void **state)
{
    (void)state;
    assert_int_equal(build("nvme,id=c0,addr=1e.1,serial=x", NULL, true), 0);
    assert_device(0, "nvme,id=c0,addr=1e.1,serial=x");
    assert_string_equal(line.device_id, "c0");
    qemu_command_line_free(&line);
}

static void the_first_drive_goes_to_the_device_when_it_is_wanted(void **state)
{
    (void)state;
    const char *const drives[DRIVES_MAX] = {"file=a.img", "file=b.img"};
    assert_int_equal(build("nvme,serial=x", drives, true), 0);
    assert_device(0, "nvme,serial=x,id=storhost-device,addr=4,drive=drive0");
    assert_true(line.drive_added);
    qemu_command_line_free(&line);

    assert_int_equal(build("nvme,serial=x", drives, false), 0);
    assert_device(0, "nvme,serial=x,id=storhost-device,addr=4");
    assert_false(line.drive_added);
    qemu_command_line_free(&line);
}

static void no_drive_is_added_when_a_device_names_one(void **state)
{
    (void)state;
    const char *const drives[DRIVES_MAX] = {"file=a.img", "file=b.img"};
    assert_int_equal(build("nvme,serial=x,id=c;nvme-ns,bus=c,drive=drive0;nvme-ns,bus=c,"
                           "drive=drive1",
                           drives, true),
                     0);
    assert_device(0, "nvme,serial=x,id=c,addr=4");
    assert_device(1, "nvme-ns,bus=c,drive=drive0");
    assert_device(2, "nvme-ns,bus=c,drive=drive1");
    assert_false(line.drive_added);
    qemu_command_line_free(&line);
}

static void a_doubled_semicolon_is_one_in_a_value(void **state)
{
    (void)state;
    assert_int_equal(build("nvme,serial=a;;b;nvme-ns", NULL, true), 0);
    assert_device(0, "nvme,serial=a;b,id=storhost-device,addr=4");
    assert_device(1, "nvme-ns");
    qemu_command_line_free(&line);
}

static void a_key_inside_a_value_is_no_key(void **state)
{
    (void)state;
    assert_int_equal(build("nvme,serial=a,,id=b,,addr=7", NULL, true), 0);
    assert_device(0, "nvme,serial=a,,id=b,,addr=7,id=storhost-device,addr=4");
    qemu_command_line_free(&line);
}

static void a_file_becomes_two_nodes(void **state)
{
    (void)state;
    const char *const drives[DRIVES_MAX] = {"file=/no/a,,b.img", "file=/no/c,format=qcow2"};
    assert_int_equal(build("nvme", drives, true), 0);
    assert_string_equal(argument("-blockdev", 0),
                        "driver=file,node-name=drive0-file,filename=/no/a,,b.img");
    assert_string_equal(argument("-blockdev", 1), "driver=raw,node-name=drive0,file=drive0-file");
    assert_string_equal(argument("-blockdev", 2),
                        "driver=file,node-name=drive1-file,filename=/no/c");
    assert_string_equal(argument("-blockdev", 3), "driver=qcow2,node-name=drive1,file=drive1-file");
    qemu_command_line_free(&line);
}

static void options_of_a_file_go_to_the_nodes_they_belong_to(void **state)
{
    (void)state;
    const char *const drives[DRIVES_MAX] = {
        "file=x,readonly=on,cache=none,aio=native,discard=unmap,offset=512",
    };
    assert_int_equal(build("nvme", drives, true), 0);
    assert_string_equal(argument("-blockdev", 0),
                        "driver=file,node-name=drive0-file,filename=x,read-only=on,"
                        "cache.direct=on,aio=native,discard=unmap");
    assert_string_equal(argument("-blockdev", 1),
                        "driver=raw,node-name=drive0,file=drive0-file,read-only=on,"
                        "cache.direct=on,discard=unmap,offset=512");
    qemu_command_line_free(&line);
}

static void a_whole_node_keeps_its_options_and_its_name(void **state)
{
    (void)state;
    const char *const drives[DRIVES_MAX] = {"driver=null-co,node-name=mine", "driver=null-co"};
    assert_int_equal(build("nvme", drives, true), 0);
    assert_string_equal(argument("-blockdev", 0), "driver=null-co,node-name=mine");
    assert_string_equal(argument("-blockdev", 1), "driver=null-co,node-name=drive1");
    assert_device(0, "nvme,id=storhost-device,addr=4,drive=mine");
    qemu_command_line_free(&line);
}

static void a_cdrom_is_read_only_whatever_it_goes_into(void **state)
{
    (void)state;
    const char *const drives[DRIVES_MAX] = {"file=x.iso,media=cdrom", "media=cdrom,driver=null-co",
                                            "file=y.iso,media=cdrom,readonly=off",
                                            "file=z.img,media=disk"};
    assert_int_equal(build("nvme", drives, true), 0);
    assert_string_equal(argument("-blockdev", 0),
                        "driver=file,node-name=drive0-file,filename=x.iso,read-only=on");
    assert_string_equal(argument("-blockdev", 1),
                        "driver=raw,node-name=drive0,file=drive0-file,read-only=on");
    assert_string_equal(argument("-blockdev", 2), "driver=null-co,node-name=drive1,read-only=on");
    assert_string_equal(argument("-blockdev", 4),
                        "driver=raw,node-name=drive2,file=drive2-file,read-only=off");
    assert_string_equal(argument("-blockdev", 6), "driver=raw,node-name=drive3,file=drive3-file");
    qemu_command_line_free(&line);
}

static void drives_take_turns_on_the_buses_of_a_controller(void **state)
{
    (void)state;
    static const struct qemu_buses two = {
        .bus = {{"c.0", "disk", "cdrom"}, {"c.1", "other-disk", "other-cdrom"}},
        .count = 2,
    };
    const char *const drives[DRIVES_MAX] = {"file=a", "file=b,media=cdrom", "driver=x,node-name=n",
                                            "media=cdrom"};
    assert_int_equal(build("controller,id=c", drives, false), 0);
    assert_device(1, NULL);
    assert_true(line.drives_idle);
    qemu_command_line_free(&line);

    buses = &two;
    assert_int_equal(build("controller,id=c", drives, false), 0);
    assert_device(0, "controller,id=c,addr=4");
    assert_device(1, "disk,bus=c.0,drive=drive0");
    assert_device(2, "other-cdrom,bus=c.1,drive=drive1");
    assert_device(3, "disk,bus=c.0,drive=n");
    assert_device(4, "other-cdrom,bus=c.1"); /* without a medium */
    assert_device(5, NULL);
    assert_false(line.drives_idle);
    qemu_command_line_free(&line);

    assert_int_equal(build("controller,id=c;disk,bus=c.1,drive=drive0", drives, false), 0);
    assert_device(1, "disk,bus=c.1,drive=drive0");
    assert_device(2, NULL);
    assert_false(line.drives_idle);
    qemu_command_line_free(&line);
    buses = NULL;
}

static void drives_that_make_no_sense_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *drive, *expected;
    } cases[] = {
        {"disk.img", "--drive 'disk.img': no file; write file=PATH"},
        {"file=", "no file; write file=PATH"},
        {"format=raw", "no file; write file=PATH"},
        {"file=a,b.img", "every option must be KEY=VALUE (a comma is written ,,)"},
        {"file=a,cache=fast", "cache must be writeback, none or unsafe"},
        {"file=a,media=tape", "media must be disk or cdrom"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const drives[DRIVES_MAX] = {cases[i].drive};
        assert_int_equal(build("nvme", drives, true), -EINVAL);
        if (strstr(reason, cases[i].expected) == NULL)
            fail_msg("'%s' is not in '%s'", cases[i].expected, reason);
    }
}

static void a_device_without_a_name_is_refused(void **state)
{
    (void)state;
    static const char *const specs[] = {"", ",serial=x", "nvme;;;,drive=drive0", ";nvme"};
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        assert_int_equal(build(specs[i], NULL, true), -EINVAL);
        assert_non_null(strstr(reason, "has no name"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_gets_an_id_and_a_slot),
        cmocka_unit_test(memory_above_4_gib_is_asked_of_the_machine),
        cmocka_unit_test(the_users_id_and_slot_stay),
        cmocka_unit_test(the_first_drive_goes_to_the_device_when_it_is_wanted),
        cmocka_unit_test(no_drive_is_added_when_a_device_names_one),
        cmocka_unit_test(a_doubled_semicolon_is_one_in_a_value),
        cmocka_unit_test(a_key_inside_a_value_is_no_key),
        cmocka_unit_test(a_file_becomes_two_nodes),
        cmocka_unit_test(options_of_a_file_go_to_the_nodes_they_belong_to),
        cmocka_unit_test(a_whole_node_keeps_its_options_and_its_name),
        cmocka_unit_test(a_cdrom_is_read_only_whatever_it_goes_into),
        cmocka_unit_test(drives_take_turns_on_the_buses_of_a_controller),
        cmocka_unit_test(drives_that_make_no_sense_are_refused_with_a_reason),
        cmocka_unit_test(a_device_without_a_name_is_refused),
    };
    return cmocka_run_group_tests_name("qemu_command_line", tests, NULL, NULL);
}
