/*
 * test_qemu.c - what is particular to the QEMU backend: QEMU's end, its silence, its words.
 *
 * The traps that would abort or hang a QEMU are sprung here against a real one.
 */
#include "bus_fixture.h"

#include "bus/pci.h"
#include "bus/qemu/qemu_device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NULL_DISK "driver=null-co,size=1073741824,read-zeroes=on"

enum { FLOOD_COUNT = 5000, READERS = 4, PATIENCE_MS = 20000, IMAGE_SIZE = 1024 * 1024 };

static const struct fixture_spec nvme = {"qemu:nvme,serial=a", {NULL_DISK}};
static const struct fixture_spec virtio_blk = {"qemu:virtio-blk-pci", {NULL_DISK}};

static pid_t qemu_pid(struct fixture_device *device)
{
    return ((struct qemu_device *)device->bus)->process.pid;
}

static void assert_contains(const char *text, const char *expected)
{
    if (strstr(text, expected) == NULL)
        fail_msg("'%s' is not in '%s'", expected, text);
    assert_null(strchr(text, '\n'));
}

static void assert_gone(struct fixture_device *device, const char *expected_in_reason)
{
    fixture_await(&device->record.removals, 1);
    assert_contains(device->record.reason, expected_in_reason);
    for (unsigned size = 1; size <= 4; size *= 2)
        assert_int_equal(fixture_read(device, 0, 0, size), UINT64_MAX >> (64 - 8 * size));
    assert_int_equal(fixture_config_read(device, BUS_PCI_VENDOR, 2), 0xffff);
    assert_int_equal(fixture_config_read(device, BUS_PCI_VENDOR, 4), UINT32_MAX);
    fixture_write(device, 0, 0, 4, 0);
    fixture_config_write(device, BUS_PCI_COMMAND, 2, 0);
    device->bus->ops->register_flush(device->bus);
    assert_int_equal(device->bus->ops->interrupts_enable(device->bus, BUS_INTERRUPT_LINE, 1), -EIO);
    assert_int_equal(device->bus->ops->reset(device->bus), -EIO);
    assert_false(device->bus->ops->line_level(device->bus));
}

/* ---- QEMU's end ---- */

static void a_killed_qemu_is_told_as_removal_once(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census before;
    fixture_census_take(&before);
    fixture_open(&device, &nvme);
    assert_int_equal(device.bus->ops->interrupts_enable(device.bus, BUS_INTERRUPT_MSIX, 3), 0);
    kill(qemu_pid(&device), SIGKILL);
    fixture_await(&device.record.removals, 1); /* nobody has touched the device */
    assert_gone(&device, "device 'qemu:nvme' is gone: QEMU has ended (QEMU was killed by signal 9");
    fixture_close(&device);
    assert_int_equal(device.record.removals, 1);
    fixture_census_settle(&before);
}

static void a_killed_qemu_is_noticed_while_the_line_is_enabled(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census before;
    fixture_census_take(&before);
    fixture_open(&device, &nvme);
    assert_int_equal(device.bus->ops->interrupts_enable(device.bus, BUS_INTERRUPT_LINE, 1), 0);
    kill(qemu_pid(&device), SIGKILL);
    assert_gone(&device, "killed by signal 9");
    fixture_close(&device);
    assert_int_equal(device.record.removals, 1);
    fixture_census_settle(&before);
}

struct reader {
    struct fixture_device *device;
    uint32_t *running;
};

static void read_until_gone(void *argument)
{
    struct reader *reader = argument;
    __atomic_add_fetch(reader->running, 1, __ATOMIC_RELEASE);
    sys_wake(reader->running, 1);
    while (fixture_read(reader->device, 0, 0, 4) != UINT32_MAX)
        fixture_write(reader->device, 0, 0, 4, 0);
}

static void readers_at_work_see_all_ones_when_qemu_is_killed(void **state)
{
    (void)state;
    struct fixture_device device;
    struct sys_thread *threads[READERS];
    uint32_t running = 0;
    fixture_open(&device, &nvme);
    struct reader reader = {.device = &device, .running = &running};
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(sys_thread_create(&threads[i], "reader", read_until_gone, &reader), 0);
    fixture_await(&running, READERS);
    kill(qemu_pid(&device), SIGKILL);
    for (unsigned i = 0; i < READERS; i++)
        sys_thread_join(threads[i]);
    assert_gone(&device, "killed by signal 9");
    fixture_close(&device);
    assert_int_equal(device.record.removals, 1);
}

static void a_qemu_that_ends_by_itself_is_told_as_removal(void **state)
{
    (void)state;
    struct fixture_device device;
    fixture_open(&device, &nvme);
    kill(qemu_pid(&device), SIGTERM);
    assert_gone(&device, "exited with status 0");
    fixture_close(&device);
}

/* ---- QEMU's silence ---- */

static void a_stopped_qemu_counts_as_removed_after_the_timeout(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census before;
    uint64_t timeout_before_ns = qemu_timeout_ns;
    fixture_census_take(&before);
    qemu_timeout_ns = 2 * SYS_NS_PER_S;
    fixture_open(&device, &nvme);
    qemu_timeout_ns = timeout_before_ns;
    kill(qemu_pid(&device), SIGSTOP);
    uint64_t start_ns = sys_now_ns();
    assert_int_equal(fixture_read(&device, 0, 0, 4), UINT32_MAX);
    assert_true(sys_now_ns() - start_ns >= SYS_NS_PER_S);
    assert_gone(&device, "has not answered a register access for 2000 ms");
    fixture_close(&device);
    assert_int_equal(device.record.removals, 1);
    fixture_census_settle(&before);
}

static void a_stopped_qemu_cannot_hold_up_closing(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census before;
    uint64_t timeout_before_ns = qemu_end_timeout_ns;
    fixture_census_take(&before);
    fixture_open(&device, &nvme);
    kill(qemu_pid(&device), SIGSTOP);
    qemu_end_timeout_ns = SYS_NS_PER_S / 10;
    fixture_close(&device);
    qemu_end_timeout_ns = timeout_before_ns;
    assert_int_equal(device.record.removals, 0);
    fixture_census_settle(&before);
}

/* A process that opens a device, tells QEMU's number, and waits to be killed. */
static _Noreturn void process_with_a_device(int told_fd)
{
    struct fixture_device device;
    if (fixture_start(NULL) != 0 || fixture_try_open(&device, &nvme) != 0)
        _exit(1);
    pid_t pid = qemu_pid(&device);
    if (write(told_fd, &pid, sizeof(pid)) != sizeof(pid))
        _exit(1);
    for (;;)
        pause();
}

static void qemu_dies_with_the_process_that_started_it(void **state)
{
    (void)state;
    int pipe_fds[2];
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        /* The machine of this process exists already; a fresh one is a fresh program. */
        char fd_text[16];
        snprintf(fd_text, sizeof(fd_text), "%d", pipe_fds[1]);
        fcntl(pipe_fds[1], F_SETFD, 0);
        execl("/proc/self/exe", "test_qemu", "--hold-a-device", fd_text, (char *)NULL);
        _exit(1);
    }
    close(pipe_fds[1]);
    pid_t pid;
    assert_int_equal(read(pipe_fds[0], &pid, sizeof(pid)), sizeof(pid));
    struct pollfd qemu = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    assert_true(qemu.fd >= 0);
    assert_int_equal(poll(&qemu, 1, 0), 0); /* it runs */
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(poll(&qemu, 1, PATIENCE_MS), 1);
    close(qemu.fd);
    close(pipe_fds[0]);
}

/* ---- register traps ---- */

static void a_flood_of_posted_writes_does_not_deadlock(void **state)
{
    (void)state;
    struct fixture_device device;
    fixture_open(&device, &nvme);
    for (enum bus_interrupt_kind kind = BUS_INTERRUPT_LINE; kind <= BUS_INTERRUPT_MSIX; kind += 2) {
        assert_int_equal(device.bus->ops->interrupts_enable(device.bus, kind, 1), 0);
        for (unsigned i = 0; i < FLOOD_COUNT; i++)
            fixture_write(&device, 0, 0x24, 4, i); /* AQA, a plain register */
        assert_int_equal(fixture_read(&device, 0, 0x24, 4), FLOOD_COUNT - 1);
    }
    fixture_close(&device);
}

static void a_bar_that_was_moved_reads_all_ones_until_it_is_back(void **state)
{
    (void)state;
    struct fixture_device device;
    fixture_open(&device, &virtio_blk);
    const struct bus_bar *bars = device.bus->ops->bars(device.bus);
    for (unsigned bar = 0; bar <= 1; bar++) { /* ports, memory */
        uint64_t here = fixture_read(&device, bar, 0, 4);
        fixture_config_write(&device, BUS_PCI_BAR + 4 * bar, 4, UINT32_MAX); /* as sizing does */
        assert_int_equal(fixture_read(&device, bar, 0, 4), UINT32_MAX);
        fixture_config_write(&device, BUS_PCI_BAR + 4 * bar, 4, (uint32_t)bars[bar].address);
        assert_int_equal(fixture_read(&device, bar, 0, 4), here);
    }
    fixture_close(&device);
}

static void ports_answer_in_every_size(void **state)
{
    (void)state;
    struct fixture_device device;
    fixture_open(&device, &virtio_blk);
    int bar = fixture_bar_find(&device, BUS_BAR_PORT);
    assert_true(bar >= 0);
    /* Legacy virtio: queue size at 12, status at 18. */
    assert_int_not_equal(fixture_read(&device, (unsigned)bar, 12, 2), 0);
    fixture_write(&device, (unsigned)bar, 18, 1, 1);
    assert_int_equal(fixture_read(&device, (unsigned)bar, 18, 1), 1);
    fixture_write(&device, (unsigned)bar, 4, 4, 0);
    assert_int_equal(fixture_read(&device, (unsigned)bar, 4, 4), 0);
    fixture_close(&device);
}

/* ---- QEMU's words ---- */

static void a_spec_that_qemu_refuses_fails_with_its_words(void **state)
{
    (void)state;
    static const struct {
        struct fixture_spec spec;
        const char *expected;
    } cases[] = {
        {{"qemu:nvmex", {NULL}}, "'nvmex' is not a valid device model name"},
        {{"qemu:nvme,serial=a,foo=1", {NULL_DISK}}, "'nvme.foo' not found"},
        {{"qemu:nvme", {NULL_DISK}}, "serial property not set"},
        {{"qemu:nvme,serial=a,addr=1f", {NULL_DISK}}, "slot 31"},
        {{"qemu:nvme,serial=a", {"file=/no/such.img"}}, "No such file or directory"},
        {{"qemu:nvme,serial=a", {"driver=nix"}}, "'nix'"},
        {{"qemu:scsi-hd", {NULL_DISK}}, "No 'SCSI' bus found"},
        {{"qemu:", {NULL}}, "device 1 has no name"},
        {{"qemu:nvme,serial=a", {"disk.img"}}, "--drive 'disk.img': no file"},
        {{"qemu:usb-tablet", {NULL}}, "No 'usb-bus' bus found"},
        {{"qemu:lsi53c895a", {NULL_DISK, "file=/no/such.img"}}, "No such file or directory"},
    };
    struct fixture_census before;
    fixture_census_take(&before);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture_device device;
        assert_int_not_equal(fixture_try_open(&device, &cases[i].spec), 0);
        assert_contains(device.reason, cases[i].expected);
        assert_null(strstr(device.reason, "qemu-system"));
        assert_int_equal(device.record.removals, 0);
    }
    fixture_census_settle(&before);
}

static void a_device_that_is_not_on_the_pci_bus_is_refused(void **state)
{
    (void)state;
    struct fixture_device device;
    static const struct fixture_spec spec = {
        "qemu:nvme-subsys,id=s",
        {NULL},
    };
    assert_int_not_equal(fixture_try_open(&device, &spec), 0);
    assert_true(device.reason[0] != '\0');
    assert_null(strchr(device.reason, '\n'));
}

static void image_create(char *path)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, IMAGE_SIZE), 0);
    close(fd);
}

static void an_image_in_use_is_refused_with_qemus_words(void **state)
{
    (void)state;
    struct fixture_device first, second;
    char path[] = "/tmp/storhost-test-XXXXXX", drive[64];
    image_create(path);
    snprintf(drive, sizeof(drive), "file=%s", path);
    struct fixture_spec spec = {"qemu:nvme,serial=a", {drive}};
    fixture_open(&first, &spec);
    assert_int_not_equal(fixture_try_open(&second, &spec), 0);
    assert_contains(second.reason, "Failed to get \"write\" lock");
    fixture_close(&first);
    fixture_open(&second, &spec);
    fixture_close(&second);
    unlink(path);
}

static void a_read_only_image_is_shared(void **state)
{
    (void)state;
    struct fixture_device first, second;
    char path[] = "/tmp/storhost-test-XXXXXX", drive[64];
    image_create(path);
    snprintf(drive, sizeof(drive), "file=%s,readonly=on", path);
    struct fixture_spec spec = {"qemu:virtio-blk-pci", {drive}};
    fixture_open(&first, &spec);
    fixture_open(&second, &spec);
    fixture_close(&first);
    fixture_close(&second);
    unlink(path);
}

static void a_device_that_has_no_use_for_a_drive_starts_without_it(void **state)
{
    (void)state;
    struct fixture_device device;
    static const struct fixture_spec spec = {"qemu:e1000e", {NULL_DISK}};
    fixture_open(&device, &spec);
    assert_true(fixture_bar_find(&device, BUS_BAR_MEMORY) >= 0);
    fixture_close(&device);
    assert_int_equal(device.record.removals, 0); /* the first attempt's loss is not a removal */
}

static unsigned count_in_command_line(struct fixture_device *device, const char *wanted)
{
    char path[64], words[16384];
    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)qemu_pid(device));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(words, 1, sizeof(words) - 1, file), size = strlen(wanted);
    fclose(file);
    words[length] = '\0';
    unsigned count = 0;
    for (char *word = words; word < words + length; word += strlen(word) + 1)
        count += strncmp(word, wanted, size) == 0;
    return count;
}

/* Whatever the controller is: it is QEMU that tells of its buses. */
static void drives_of_a_controller_are_put_behind_it(void **state)
{
    (void)state;
    static const struct {
        struct fixture_spec spec;
        const char *disk, *cdrom;
    } cases[] = {
        {{"qemu:ahci", {NULL_DISK, "media=cdrom"}}, "ide-hd,bus=", "ide-cd,bus="},
        {{"qemu:lsi53c895a,id=x", {NULL_DISK, "media=cdrom"}}, "scsi-hd,bus=", "scsi-cd,bus="},
        {{"qemu:mptsas1068", {NULL_DISK, "media=cdrom"}}, "scsi-hd,bus=", "scsi-cd,bus="},
        {{"qemu:am53c974", {"media=cdrom", NULL_DISK}}, "scsi-hd,bus=", "scsi-cd,bus="},
    };
    struct fixture_census before;
    fixture_census_take(&before);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture_device device;
        fixture_open(&device, &cases[i].spec);
        assert_int_equal(count_in_command_line(&device, cases[i].disk), 1);
        assert_int_equal(count_in_command_line(&device, cases[i].cdrom), 1);
        fixture_close(&device);
        assert_int_equal(device.record.removals, 0);
    }
    fixture_census_settle(&before);
}

/* ---- shortage ---- */

/* Allows this many descriptors; returns the limit that was in force. */
static struct rlimit descriptors_limit(rlim_t count)
{
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit limit = {.rlim_cur = count, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void each_shortage_of_descriptors_fails_cleanly_until_there_are_enough(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census before;
    fixture_census_take(&before);
    unsigned failures = 0;
    for (rlim_t count = before.descriptors;; count++) {
        struct rlimit limit = descriptors_limit(count);
        int error = fixture_try_open(&device, &nvme);
        setrlimit(RLIMIT_NOFILE, &limit);
        if (error == 0)
            break;
        failures++;
        assert_true(failures < 200);
        assert_true(device.reason[0] != '\0');
        assert_int_equal(device.record.removals, 0);
        fixture_census_settle(&before);
    }
    assert_true(failures > 0);
    fixture_close(&device);
    fixture_census_settle(&before);
}

static void a_shortage_of_descriptors_for_vectors_leaves_the_device_usable(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census now;
    fixture_open(&device, &nvme);
    struct bus_device *bus = device.bus;
    fixture_census_take(&now);
    struct rlimit limit = descriptors_limit(now.descriptors + 20);
    int error = bus->ops->interrupts_enable(bus, BUS_INTERRUPT_MSIX, 65);
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(error, -EMFILE);
    assert_int_not_equal(fixture_read(&device, 0, 0, 4), UINT32_MAX);
    assert_int_equal(bus->ops->interrupts_enable(bus, BUS_INTERRUPT_MSIX, 65), 0);
    fixture_close(&device);
}

/* ---- other QEMUs, played by a script that is found first ---- */

struct stand_in {
    char directory[32], program[64];
    char *path_before;
};

static void stand_in_put(struct stand_in *stand_in, const char *script)
{
    strcpy(stand_in->directory, "/tmp/storhost-test-XXXXXX");
    assert_non_null(mkdtemp(stand_in->directory));
    snprintf(stand_in->program, sizeof(stand_in->program), "%s/qemu-system-x86_64",
             stand_in->directory);
    int fd = open(stand_in->program, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), (ssize_t)strlen(script));
    close(fd);
    stand_in->path_before = strdup(getenv("PATH"));
    char path[1024];
    snprintf(path, sizeof(path), "%s:%s", stand_in->directory, stand_in->path_before);
    setenv("PATH", path, 1);
}

static void stand_in_remove(struct stand_in *stand_in)
{
    setenv("PATH", stand_in->path_before, 1);
    free(stand_in->path_before);
    unlink(stand_in->program);
    rmdir(stand_in->directory);
}

static void a_qemu_that_has_no_sandbox_is_started_without_it(void **state)
{
    (void)state;
    struct fixture_device device;
    struct stand_in stand_in;
    stand_in_put(&stand_in, "#!/bin/sh\n"
                            "rest=${PATH#*:}\n"
                            "for word; do\n"
                            "  [ \"$word\" = -sandbox ] || continue\n"
                            "  echo 'qemu-system-x86_64: -sandbox support is not enabled' >&2\n"
                            "  exit 1\n"
                            "done\n"
                            "PATH=$rest exec qemu-system-x86_64 \"$@\"\n");
    int error = fixture_try_open(&device, &nvme);
    stand_in_remove(&stand_in);
    if (error != 0)
        fail_msg("error %d: %s", error, device.reason);
    assert_int_not_equal(fixture_read(&device, 0, 0, 4), UINT32_MAX);
    fixture_close(&device);
    assert_int_equal(device.record.removals, 0);
}

static void the_words_are_one_line_without_warnings_and_name(void **state)
{
    (void)state;
    struct fixture_device device;
    struct stand_in stand_in;
    stand_in_put(&stand_in, "#!/bin/sh\n"
                            "echo 'qemu-system-x86_64: warning: old CPU' >&2\n"
                            "echo 'qemu-system-x86_64: it is broken' >&2\n"
                            "echo 'Try another?' >&2\n"
                            "exit 3\n");
    int error = fixture_try_open(&device, &nvme);
    stand_in_remove(&stand_in);
    assert_int_not_equal(error, 0);
    assert_string_equal(device.reason, "device 'qemu:nvme': QEMU says: it is broken; Try another?");
}

static void a_qemu_that_ends_without_a_word_is_told_by_its_status(void **state)
{
    (void)state;
    struct fixture_device device;
    struct stand_in stand_in;
    stand_in_put(&stand_in, "#!/bin/sh\nexit 3\n");
    int error = fixture_try_open(&device, &nvme);
    stand_in_remove(&stand_in);
    assert_int_not_equal(error, 0);
    assert_contains(device.reason,
                    "device 'qemu:nvme': QEMU exited with status 3 while it started");
}

static void a_qemu_that_never_starts_is_given_up_after_the_timeout(void **state)
{
    (void)state;
    struct fixture_device device;
    struct fixture_census before;
    struct stand_in stand_in;
    fixture_census_take(&before);
    stand_in_put(&stand_in, "#!/bin/sh\nexec sleep 1000\n");
    uint64_t timeout_before_ns = qemu_timeout_ns;
    qemu_timeout_ns = SYS_NS_PER_S;
    int error = fixture_try_open(&device, &nvme);
    qemu_timeout_ns = timeout_before_ns;
    stand_in_remove(&stand_in);
    assert_int_equal(error, -ETIMEDOUT);
    assert_contains(device.reason, "device 'qemu:nvme': QEMU did not start within 1 s");
    fixture_census_settle(&before);
}

static void a_missing_qemu_is_told_with_the_package_to_install(void **state)
{
    (void)state;
    struct fixture_device device;
    char *path_before = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    int error = fixture_try_open(&device, &nvme);
    setenv("PATH", path_before, 1);
    free(path_before);
    assert_int_equal(error, -ENOENT);
    assert_contains(device.reason, "install the package qemu-system-x86");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_qemu_is_told_as_removal_once),
        cmocka_unit_test(a_killed_qemu_is_noticed_while_the_line_is_enabled),
        cmocka_unit_test(readers_at_work_see_all_ones_when_qemu_is_killed),
        cmocka_unit_test(a_qemu_that_ends_by_itself_is_told_as_removal),
        cmocka_unit_test(a_stopped_qemu_counts_as_removed_after_the_timeout),
        cmocka_unit_test(a_stopped_qemu_cannot_hold_up_closing),
        cmocka_unit_test(qemu_dies_with_the_process_that_started_it),
        cmocka_unit_test(a_flood_of_posted_writes_does_not_deadlock),
        cmocka_unit_test(a_bar_that_was_moved_reads_all_ones_until_it_is_back),
        cmocka_unit_test(ports_answer_in_every_size),
        cmocka_unit_test(a_spec_that_qemu_refuses_fails_with_its_words),
        cmocka_unit_test(a_device_that_is_not_on_the_pci_bus_is_refused),
        cmocka_unit_test(an_image_in_use_is_refused_with_qemus_words),
        cmocka_unit_test(a_read_only_image_is_shared),
        cmocka_unit_test(a_device_that_has_no_use_for_a_drive_starts_without_it),
        cmocka_unit_test(drives_of_a_controller_are_put_behind_it),
        cmocka_unit_test(each_shortage_of_descriptors_fails_cleanly_until_there_are_enough),
        cmocka_unit_test(a_shortage_of_descriptors_for_vectors_leaves_the_device_usable),
        cmocka_unit_test(a_qemu_that_has_no_sandbox_is_started_without_it),
        cmocka_unit_test(the_words_are_one_line_without_warnings_and_name),
        cmocka_unit_test(a_qemu_that_ends_without_a_word_is_told_by_its_status),
        cmocka_unit_test(a_qemu_that_never_starts_is_given_up_after_the_timeout),
        cmocka_unit_test(a_missing_qemu_is_told_with_the_package_to_install),
    };
    if (argc == 3 && strcmp(argv[1], "--hold-a-device") == 0)
        process_with_a_device(atoi(argv[2]));
    return cmocka_run_group_tests_name("bus_qemu", tests, fixture_start, fixture_stop);
}
