/*
 * partner.c - the program behind the disk of tests/miniports/partner: answers its requests from a
 * file, with several fetches under way at once; and checks of what only another process can check.
 *
 *     partner SOCKET serve FILE MEBIBYTES     until SIGTERM (unplugs) or the machine ends
 *     partner SOCKET memory                   shared memory: addresses, limits, what stays locked
 *     partner SOCKET hold BYTE                has a page locked, says so, and waits to be killed
 *     partner SOCKET touch                    prints the first byte of the page that is held
 *     partner SOCKET pend                     leaves requests pending, says so, waits to be killed
 *     partner SOCKET counts                   what the driver has counted
 */
#include "../miniports/partner/partner_protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/handle.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { FETCHES = 8, PENDING = 5 };

#define SERVICE           0x4D038u /* IOCTL_MINIPORT_PROCESS_SERVICE_IRP */
#define ACCESS_VIOLATION  0xC0000005u
#define INVALID_PARAMETER 0xC000000Du

struct fetch {
    struct storhost_transfer transfer;
    struct partner_message message;
    void *buffer;
};

static struct storhost_handle *handle;
static int disk;

static void fail(const char *what, int error)
{
    fprintf(stderr, "partner: %s: %s\n", what, strerror(-error));
    exit(1);
}

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "partner: line %d: not so: %s\n", __LINE__, #condition);               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static uint32_t command(struct partner_message *message)
{
    uint32_t status = 0;
    int error = storhost_handle_ioctl(handle, SERVICE, message, sizeof(*message), message,
                                      sizeof(*message), NULL, &status);

    if (error == -ENODEV && status == 0)
        fail("the machine is gone", error);
    return status;
}

static struct storhost_handle *open_device(const char *socket, const char *name)
{
    struct storhost_handle_options options = {
        .size = sizeof(options), .socket = socket, .name = name};
    struct storhost_error error = {""};
    struct storhost_handle *opened;

    if (storhost_handle_open(&opened, &options, NULL, &error) != 0) {
        fprintf(stderr, "partner: %s\n", error.text);
        exit(1);
    }
    return opened;
}

/* ---- the disk ---- */

static void fetch_submit(struct fetch *fetch)
{
    fetch->message.command = PARTNER_FETCH;
    fetch->message.buffer = (uintptr_t)fetch->buffer;
    fetch->transfer = (struct storhost_transfer){
        .size = sizeof(fetch->transfer),
        .code = SERVICE,
        .input = &fetch->message,
        .input_length = sizeof(fetch->message),
        .output = &fetch->message,
        .output_length = sizeof(fetch->message),
        .context = fetch,
    };
    int error = storhost_handle_submit(handle, &fetch->transfer);
    if (error != 0)
        fail("a fetch cannot be sent", error);
}

static void request_carry_out(struct fetch *fetch)
{
    struct partner_message *message = &fetch->message;
    size_t length = (size_t)message->block_count * PARTNER_BLOCK_BYTES;
    off_t offset = (off_t)(message->block * PARTNER_BLOCK_BYTES);
    ssize_t moved = (ssize_t)length;

    if (message->operation == PARTNER_READ)
        moved = pread(disk, fetch->buffer, length, offset);
    else if (message->operation == PARTNER_WRITE)
        moved = pwrite(disk, fetch->buffer, length, offset);
    else if (fdatasync(disk) != 0)
        moved = -1;
    message->failed = moved != (ssize_t)length;
}

/* False: there is no unit any more. */
static bool fetches_take(void)
{
    struct storhost_transfer *transfer;
    bool good = true;

    while (good && (transfer = storhost_handle_wait(handle, 0)) != NULL) {
        struct fetch *fetch = transfer->context;
        good = transfer->status == 0;
        if (good) {
            request_carry_out(fetch);
            fetch_submit(fetch);
        }
    }
    return good;
}

static void serve(const char *file, unsigned mebibytes)
{
    static struct fetch fetches[FETCHES];
    struct partner_message plug = {
        .command = PARTNER_PLUG,
        .operation = PARTNER_FLUSH,
        .blocks = (uint64_t)mebibytes * 2048,
    };
    sigset_t signals;

    disk = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (disk < 0 || ftruncate(disk, (off_t)mebibytes << 20) != 0)
        fail(file, -errno);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
    expect(command(&plug) == 0);
    for (unsigned i = 0; i < FETCHES; i++) {
        int error = storhost_handle_memory(handle, PARTNER_TRANSFER_BYTES, &fetches[i].buffer);
        if (error != 0)
            fail("shared memory", error);
        fetch_submit(&fetches[i]);
    }
    printf("plugged\n");
    for (;;) {
        struct pollfd watched[2] = {
            {.fd = storhost_handle_descriptor(handle), .events = POLLIN},
            {.fd = signal_fd, .events = POLLIN},
        };
        poll(watched, 2, -1);
        if (watched[1].revents != 0) {
            struct partner_message unplug = {.command = PARTNER_UNPLUG};
            expect(command(&unplug) == 0);
            break;
        }
        if (!fetches_take())
            break;
    }
    printf("unplugged\n");
}

/* ---- shared memory ---- */

static void check_addresses(const char *socket)
{
    struct storhost_handle *device = open_device(socket, "\\\\.\\PartnerControl");
    unsigned char *memory, other[64] = "not shared";
    uint32_t status;
    size_t length;

    expect(storhost_handle_memory(device, 3 * 4096, (void **)&memory) == 0);
    memset(memory, 'x', 4096);
    /* By addresses of this process, in both directions. */
    expect(storhost_handle_ioctl(device, PARTNER_COPY, memory, 4096, memory + 4096, 4096, &length,
                                 &status) == 0);
    expect(length == 4096 && memcmp(memory, memory + 4096, 4096) == 0);
    expect(storhost_handle_ioctl(device, PARTNER_FILL, "y", 1, memory + 100, 5000, &length,
                                 &status) == 0);
    expect(memory[99] == 'x' && memory[100] == 'y' && memory[5099] == 'y' && memory[5100] == 'x');
    /* Copied, where it is not shared. */
    expect(storhost_handle_ioctl(device, PARTNER_COPY, other, sizeof(other), memory, sizeof(other),
                                 &length, &status) == 0);
    expect(memcmp(memory, other, sizeof(other)) == 0);
    expect(storhost_handle_ioctl(device, PARTNER_ECHO, "shout", 5, memory, 5, &length, &status) ==
           0);
    expect(length == 5 && memcmp(memory, "SHOUT", 5) == 0);
    storhost_handle_memory_free(device, memory);
    storhost_handle_close(device);
}

static void check_limits(void)
{
    void *memory[8] = {NULL};
    unsigned count = 0;

    expect(storhost_handle_memory(handle, 0, &memory[0]) == -EINVAL);
    expect(storhost_handle_memory(handle, (size_t)2 << 30, &memory[0]) == -ENOSPC);
    while (count < 8 && storhost_handle_memory(handle, (size_t)300 << 20, &memory[count]) == 0)
        count++;
    expect(count == 3); /* a gibibyte is a process's share */
    while (count-- > 0)
        storhost_handle_memory_free(handle, memory[count]);
    expect(storhost_handle_memory(handle, (size_t)300 << 20, &memory[0]) == 0);
    storhost_handle_memory_free(handle, memory[0]);
}

static void check_who(void)
{
    struct partner_message message = {.command = PARTNER_WHO};

    expect(command(&message) == 0);
    expect(message.result == (uint32_t)getpid() && message.tag == (uint64_t)getpid());
    expect(storhost_handle_process_id(handle) == (uint32_t)getpid());
}

/* The driver has it locked while it is given back, and goes on to use it. */
static void check_locked(void)
{
    struct partner_message message = {.command = PARTNER_HOLD};
    unsigned char *memory;

    expect(storhost_handle_memory(handle, PARTNER_TRANSFER_BYTES, (void **)&memory) == 0);
    memory[0] = 77;
    message.buffer = (uintptr_t)memory;
    expect(command(&message) == 0);
    storhost_handle_memory_free(handle, memory);
    message = (struct partner_message){.command = PARTNER_TOUCH, .tag = 78};
    expect(command(&message) == 0 && message.result == 77);
    message = (struct partner_message){.command = PARTNER_TOUCH, .tag = 79};
    expect(command(&message) == 0 && message.result == 78);
    message = (struct partner_message){.command = PARTNER_HOLD};
    expect(command(&message) == 0);
}

/* ---- what is left behind ---- */

static void hold(int byte)
{
    struct partner_message message = {.command = PARTNER_HOLD};
    unsigned char *memory;

    expect(storhost_handle_memory(handle, PARTNER_TRANSFER_BYTES, (void **)&memory) == 0);
    memory[0] = (unsigned char)byte;
    message.buffer = (uintptr_t)memory;
    expect(command(&message) == 0);
    printf("held\n");
    pause();
}

static struct partner_counts counts_get(void)
{
    struct partner_message message = {.command = PARTNER_COUNTS};
    struct partner_counts counts;

    expect(command(&message) == 0);
    memcpy(&counts, &message, sizeof(counts));
    return counts;
}

static void pend(const char *socket)
{
    static struct storhost_transfer transfers[PENDING];
    struct storhost_handle *device = open_device(socket, "\\\\.\\PartnerControl");
    struct partner_message sleep = {.command = PARTNER_SLEEP};

    for (unsigned i = 0; i < PENDING; i++) {
        transfers[i] = (struct storhost_transfer){.size = sizeof(transfers[i])};
        transfers[i].code = i == 0 ? SERVICE : PARTNER_PEND;
        if (i == 0) {
            transfers[i].input = transfers[i].output = &sleep;
            transfers[i].input_length = transfers[i].output_length = sizeof(sleep);
        }
        expect(storhost_handle_submit(i == 0 ? handle : device, &transfers[i]) == 0);
    }
    while (counts_get().pending != PENDING)
        ;
    printf("pending\n");
    pause();
}

static void print_counts(void)
{
    struct partner_counts counts = counts_get();

    printf("created %u cleaned_up %u closed %u cancelled %u begun %u ended %u pending %u ended_ids",
           counts.created, counts.cleaned_up, counts.closed, counts.cancelled, counts.begun,
           counts.ended, counts.pending);
    for (size_t i = 0; i < sizeof(counts.ended_ids) / sizeof(counts.ended_ids[0]); i++)
        printf(" %u", counts.ended_ids[i]);
    printf(" \n");
}

static void print_touch(void)
{
    struct partner_message message = {.command = PARTNER_TOUCH};

    expect(command(&message) == 0);
    printf("%u\n", message.result);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[2] : "";

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3)
        fail("give SOCKET and a command", -EINVAL);
    handle = open_device(argv[1], NULL);
    if (strcmp(what, "serve") == 0 && argc == 5) {
        serve(argv[3], (unsigned)atoi(argv[4]));
    } else if (strcmp(what, "memory") == 0) {
        check_who();
        check_addresses(argv[1]);
        check_limits();
        check_locked();
    } else if (strcmp(what, "hold") == 0 && argc == 4) {
        hold(atoi(argv[3]));
    } else if (strcmp(what, "touch") == 0) {
        print_touch();
    } else if (strcmp(what, "pend") == 0) {
        pend(argv[1]);
    } else if (strcmp(what, "counts") == 0) {
        print_counts();
    } else {
        fail(what, -EINVAL);
    }
    storhost_handle_close(handle);
    return 0;
}
