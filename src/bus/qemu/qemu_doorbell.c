/*
 * qemu_doorbell.c - the server side of the ivshmem protocol.
 *
 * Every message is one little-endian int64, and a descriptor may travel with it. Vectors are handed
 * over when they are first needed, since how many a device has is known only after it has started.
 */
#include "bus/qemu/qemu_doorbell.h"

#include "sys/sys.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    PROTOCOL_VERSION = 0,
    PEER_OURS = 0,
    PEER_QEMU = 1,
    SHARED_MEMORY_FOLLOWS = -1,
    SHARED_MEMORY_SIZE = 4096,
    /* A new vector is rung at once again so often, then once a millisecond. */
    RINGS_AT_ONCE = 100,
};

/* `fd` is -1 for a message without a descriptor. */
static int message_send(int socket_fd, int64_t number, int fd)
{
    uint64_t data = htole64((uint64_t)number);
    struct iovec part = {.iov_base = &data, .iov_len = sizeof(data)};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof(control.bytes);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket_fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent == (ssize_t)sizeof(data))
        return 0;
    if (sent >= 0 || errno == EPIPE || errno == ECONNRESET)
        return -EIO;
    return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

int doorbell_start(struct doorbell *doorbell, int socket_fd, uint64_t timeout_ns)
{
    struct timeval timeout = {
        .tv_sec = (time_t)(timeout_ns / SYS_NS_PER_S),
        .tv_usec = (suseconds_t)(timeout_ns % SYS_NS_PER_S / 1000),
    };
    if (setsockopt(socket_fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0)
        return -errno;
    /* The device demands shared memory; nobody uses it. */
    int memory_fd = memfd_create("storhost-doorbell", MFD_CLOEXEC);
    if (memory_fd < 0)
        return -errno;
    int error = ftruncate(memory_fd, SHARED_MEMORY_SIZE) != 0 ? -errno : 0;
    if (error == 0)
        error = message_send(socket_fd, PROTOCOL_VERSION, -1);
    if (error == 0)
        error = message_send(socket_fd, PEER_QEMU, -1);
    if (error == 0)
        error = message_send(socket_fd, SHARED_MEMORY_FOLLOWS, memory_fd);
    close(memory_fd);
    if (error == 0)
        *doorbell = (struct doorbell){.socket_fd = socket_fd};
    return error;
}

static int vector_add(struct doorbell *doorbell)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    int error = message_send(doorbell->socket_fd, PEER_OURS, fd);
    if (error != 0) {
        close(fd);
        return error;
    }
    doorbell->vector_fds[doorbell->vector_count++] = fd;
    return 0;
}

/* QEMU reads the channel when it comes to it, so a new vector is rung until it answers. Vectors
 * become known in order: when the last works, all do. */
static int last_vector_await(struct doorbell *doorbell, struct qtest *qtest, uint64_t timeout_ns)
{
    unsigned last = doorbell->vector_count - 1;
    uint64_t deadline_ns = sys_now_ns() + timeout_ns;
    struct pollfd wanted = {.fd = doorbell->vector_fds[last], .events = POLLIN};
    for (unsigned rings = 1;; rings++) {
        int error = qtest_write(qtest, QTEST_MEMORY, doorbell->address, 4, last);
        if (error == 0)
            error = qtest_flush(qtest);
        if (error != 0)
            return error;
        if (poll(&wanted, 1, rings > RINGS_AT_ONCE) > 0)
            return 0;
        if (sys_now_ns() > deadline_ns)
            return -ETIMEDOUT;
    }
}

int doorbell_vectors_ensure(struct doorbell *doorbell, struct qtest *qtest, unsigned count,
                            uint64_t timeout_ns)
{
    if (count > QEMU_DOORBELL_VECTORS_MAX)
        return -EINVAL;
    if (count <= doorbell->working_count)
        return 0;
    while (doorbell->vector_count < count) {
        int error = vector_add(doorbell);
        if (error != 0)
            return error;
    }
    int error = last_vector_await(doorbell, qtest, timeout_ns);
    if (error == 0)
        doorbell->working_count = doorbell->vector_count;
    doorbell_vector_drain(doorbell, doorbell->vector_count - 1);
    return error;
}

void doorbell_vector_drain(struct doorbell *doorbell, unsigned vector)
{
    sh_assert(vector < doorbell->vector_count);
    uint64_t count;
    /* Fails with EAGAIN when there was no signal, which is as good. */
    (void)!read(doorbell->vector_fds[vector], &count, sizeof(count));
}

void doorbell_end(struct doorbell *doorbell)
{
    for (unsigned i = 0; i < doorbell->vector_count; i++)
        close(doorbell->vector_fds[i]);
    if (doorbell->socket_fd >= 0)
        close(doorbell->socket_fd);
    *doorbell = (struct doorbell){.socket_fd = -1};
}
