/*
 * qemu_launch.c - starts QEMU for one device, and ends it.
 *
 * Every start that fails ends with QEMU's own words in the reason. Three things are tried again: a
 * QEMU without a sandbox, a device that has no `drive` property, and, since disks can be put on its
 * buses only while QEMU starts, a controller whose buses are known by then.
 */
#include "bus/qemu/qemu_device.h"

#include "nt/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

uint64_t qemu_timeout_ns = 30 * SYS_NS_PER_S;
uint64_t qemu_end_timeout_ns = 10 * SYS_NS_PER_S;

enum { ROM_SIZE = 64 * 1024, RESET_VECTOR = 0xfff0, MESSAGE_SIZE = 1024 };

/* ---- what QEMU inherits ---- */

/* A firmware that halts: without one QEMU runs its BIOS, which programs the devices under us. */
static int rom_create(int *ret_fd)
{
    static const uint8_t halt[] = {0xfa, 0xf4, 0xeb, 0xfd}; /* cli; hlt; jump back to hlt */
    uint8_t *rom = malloc(ROM_SIZE);
    if (rom == NULL)
        return -ENOMEM;
    memset(rom, 0xf4, ROM_SIZE);
    memcpy(rom + RESET_VECTOR, halt, sizeof(halt));
    int error = 0;
    int fd = memfd_create("storhost-rom", MFD_CLOEXEC);
    if (fd < 0)
        error = -errno;
    else if (pwrite(fd, rom, ROM_SIZE, 0) != ROM_SIZE)
        error = -EIO;
    free(rom);
    if (error == 0)
        *ret_fd = fd;
    else if (fd >= 0)
        close(fd);
    return error;
}

enum channel { CHANNEL_QTEST, CHANNEL_QMP, CHANNEL_DOORBELL, CHANNEL_COUNT };

struct launch {
    int ours[CHANNEL_COUNT]; /* -1 once somebody owns it */
    int theirs[CHANNEL_COUNT];
    int rom_fd;
};

static void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void launch_close(struct launch *launch)
{
    for (unsigned i = 0; i < CHANNEL_COUNT; i++) {
        fd_close(&launch->ours[i]);
        fd_close(&launch->theirs[i]);
    }
    fd_close(&launch->rom_fd);
}

static int launch_open(struct launch *launch)
{
    *launch = (struct launch){
        .ours = {-1, -1, -1},
        .theirs = {-1, -1, -1},
        .rom_fd = -1,
    };
    int error = rom_create(&launch->rom_fd);
    for (unsigned i = 0; error == 0 && i < CHANNEL_COUNT; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
            error = -errno;
        } else {
            launch->ours[i] = pair[0];
            launch->theirs[i] = pair[1];
        }
    }
    if (error != 0)
        launch_close(launch);
    return error;
}

/* ---- errors ---- */

static int launch_failed(const struct qemu_device *device, const struct bus_open_options *options,
                         int error, const char *what)
{
    if (error == -ENOENT)
        snprintf(options->reason, options->reason_size,
                 "device '%s': %s: qemu-system-x86_64 is not installed; install the package "
                 "qemu-system-x86",
                 device->name, what);
    else
        snprintf(options->reason, options->reason_size, "device '%s': %s: %s", device->name, what,
                 strerror(-error));
    return error;
}

/* QEMU has ended or does not answer: why, in its own words, or else in ours. */
static void launch_words(struct qemu_device *device, int error, char *words, size_t words_size)
{
    /* After EPIPE it is ending by itself; what does not answer is not waited for. */
    uint64_t grace_ns = error == -EPIPE || error == -EIO ? device->timeout_ns : 0;
    qemu_process_end(&device->process, sys_now_ns() + grace_ns);
    qemu_process_close(&device->process);
    char said[MESSAGE_SIZE];
    qemu_process_message(&device->process, said, sizeof(said));
    if (said[0] != '\0') {
        snprintf(words, words_size, "QEMU says: %s", said);
    } else if (error == -ETIMEDOUT) {
        snprintf(words, words_size, "QEMU did not start within %llu s",
                 (unsigned long long)(device->timeout_ns / SYS_NS_PER_S));
    } else {
        char status[64];
        qemu_process_status(&device->process, status, sizeof(status));
        snprintf(words, words_size, "QEMU %s while it started", status);
    }
}

/* ---- one attempt ---- */

static void event_handle(void *context, const char *name, const json_t *data)
{
    struct qemu_device *device = context;
    const char *id = json_string_value(json_object_get(data, "device"));
    if (strcmp(name, "DEVICE_DELETED") == 0 && id != NULL && strcmp(id, device->id) == 0 &&
        device->qtest != NULL)
        qtest_lose(device->qtest, -ENODEV, "the device was unplugged from QEMU");
}

static void notice_handle(void *context, enum qtest_notice notice)
{
    struct qemu_device *device = context;
    uint64_t one = 1;
    if (notice == QTEST_LINE_RAISED)
        qemu_interrupts_line_raised(&device->interrupts);
    else
        (void)!write(device->lost_fd, &one, sizeof(one));
}

static int clients_create(struct qemu_device *device, struct launch *launch)
{
    int error = qmp_create(&device->qmp, launch->ours[CHANNEL_QMP], device->timeout_ns,
                           event_handle, device);
    if (error != 0)
        return error;
    launch->ours[CHANNEL_QMP] = -1;
    struct qtest_options options = {
        .fd = launch->ours[CHANNEL_QTEST],
        .timeout_ns = device->timeout_ns,
        .notify = notice_handle,
        .context = device,
    };
    error = qtest_create(&device->qtest, &options);
    if (error != 0)
        return error;
    launch->ours[CHANNEL_QTEST] = -1;
    error = doorbell_start(&device->doorbell, launch->ours[CHANNEL_DOORBELL], device->timeout_ns);
    if (error == 0)
        launch->ours[CHANNEL_DOORBELL] = -1;
    return error;
}

void qemu_device_land(struct qemu_device *device)
{
    if (device->process.running) {
        int error = device->qmp == NULL ? -EPIPE : qmp_send(device->qmp, "quit", NULL);
        uint64_t grace_ns = error == 0 ? qemu_end_timeout_ns : 0;
        qemu_process_end(&device->process, sys_now_ns() + grace_ns);
    }
    qemu_process_close(&device->process);
    if (device->qtest != NULL)
        qtest_destroy(device->qtest);
    if (device->qmp != NULL)
        qmp_destroy(device->qmp);
    doorbell_end(&device->doorbell);
    device->qtest = NULL;
    device->qmp = NULL;
}

/* Starts the process and shakes hands. On failure the words of QEMU, if there are any, are in
 * `words`, and nothing is left. */
static int attempt(struct qemu_device *device, const struct qemu_command_line *line,
                   struct launch *launch, char *words, size_t words_size)
{
    int ram_fd;
    void *ram_base;
    size_t ram_size;
    nt_arena_describe(&ram_fd, &ram_base, &ram_size);
    const struct sys_child_fd fds[] = {
        {ram_fd, QEMU_CHILD_FD_RAM},
        {launch->rom_fd, QEMU_CHILD_FD_ROM},
        {launch->theirs[CHANNEL_QTEST], QEMU_CHILD_FD_QTEST},
        {launch->theirs[CHANNEL_QMP], QEMU_CHILD_FD_QMP},
        {launch->theirs[CHANNEL_DOORBELL], QEMU_CHILD_FD_DOORBELL},
    };
    words[0] = '\0';
    int error = clients_create(device, launch);
    if (error == 0)
        error = qemu_process_start(&device->process, &device->control, line->argv, fds,
                                   sizeof(fds) / sizeof(fds[0]));
    if (error != 0) {
        qemu_device_land(device);
        return error;
    }
    /* Ours must not keep the channels open: their end tells that QEMU has ended. */
    for (unsigned i = 0; i < CHANNEL_COUNT; i++)
        fd_close(&launch->theirs[i]);
    error = qmp_handshake(device->qmp);
    if (error == 0)
        error = qtest_intercept_lines(device->qtest);
    if (error != 0) {
        launch_words(device, error, words, words_size);
        qemu_device_land(device);
    }
    return error;
}

static int attempt_with(struct qemu_device *device, const struct bus_open_options *options,
                        struct qemu_command_line_options *line_options,
                        struct qemu_command_line *ret_line, char *words, size_t words_size)
{
    words[0] = '\0';
    int error =
        qemu_command_line_build(ret_line, line_options, options->reason, options->reason_size);
    if (error != 0)
        return error;
    free(device->id);
    device->id = strdup(ret_line->device_id);
    struct launch launch;
    error = device->id == NULL ? -ENOMEM : launch_open(&launch);
    if (error == 0) {
        error = attempt(device, ret_line, &launch, words, words_size);
        launch_close(&launch);
    }
    if (error != 0 && words[0] == '\0')
        launch_failed(device, options, error, "QEMU cannot be started");
    return error;
}

/* ---- what is tried again ---- */

static bool words_are_about_sandbox(const char *words)
{
    return strstr(words, "sandbox") != NULL || strstr(words, "seccomp") != NULL;
}

/* Whether a device takes a drive is best known to QEMU; asking for its properties first would take
 * a second start, and would not find the devices that have a second name. */
static bool words_are_about_drive(const char *words)
{
    return strstr(words, ".drive' not found") != NULL;
}

/* A controller that started without the drives has buses for them: *ret_buses, to start it again
 * with disks there. Without such buses nothing is wrong; the drives are not used. */
static bool disks_wanted(struct qemu_device *device, const struct qemu_command_line *line,
                         struct qemu_buses *ret_buses)
{
    if (!line->drives_idle || qemu_buses_find(device->qmp, device->id, ret_buses) != 0)
        return false;
    return ret_buses->count > 0;
}

/* What to do otherwise after an attempt. False when it was the last one. */
static bool attempt_again(struct qemu_device *device, const struct qemu_command_line *line,
                          int error, const char *words,
                          struct qemu_command_line_options *line_options, struct qemu_buses *buses)
{
    if (error == 0) {
        if (!disks_wanted(device, line, buses))
            return false;
        qemu_device_land(device);
        line_options->add_drive = false;
        line_options->buses = buses;
    } else if (words[0] == '\0') {
        return false;
    } else if (line_options->sandbox && words_are_about_sandbox(words)) {
        line_options->sandbox = false;
    } else if (line->drive_added && words_are_about_drive(words)) {
        line_options->add_drive = false;
    } else {
        return false;
    }
    return true;
}

int qemu_device_launch(struct qemu_device *device, const struct bus_open_options *options)
{
    int ram_fd;
    void *ram_base;
    size_t ram_size;
    nt_arena_describe(&ram_fd, &ram_base, &ram_size);
    struct qemu_command_line_options line_options = {
        .arguments = options->arguments,
        .drives = options->drives,
        .drive_count = options->drive_count,
        .ram_size = ram_size,
        .ram_low_size = nt_arena_low_size(),
        .sandbox = true,
        .add_drive = true,
    };
    struct qemu_buses buses;
    char words[MESSAGE_SIZE + 16];
    for (;;) {
        struct qemu_command_line line = {0};
        int error = attempt_with(device, options, &line_options, &line, words, sizeof(words));
        bool again = attempt_again(device, &line, error, words, &line_options, &buses);
        qemu_command_line_free(&line);
        if (again)
            continue;
        if (error != 0 && words[0] != '\0')
            snprintf(options->reason, options->reason_size, "device '%s': %s", device->name, words);
        return error == -EPIPE || error == -ECONNRESET ? -EINVAL : error;
    }
}
