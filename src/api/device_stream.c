/*
 * device_stream.c - see device_stream.h.
 */
#include "api/device_stream.h"

#include "sys/sys.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 8 };

union control {
    char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    struct cmsghdr aligned;
};

static int wait_ready(int fd, short events, uint64_t deadline_ns)
{
    for (;;) {
        struct pollfd watched = {.fd = fd, .events = events};
        uint64_t now_ns = deadline_ns == SYS_FOREVER ? 0 : sys_now_ns();
        if (deadline_ns != SYS_FOREVER && now_ns >= deadline_ns)
            return -ETIMEDOUT;
        int timeout_ms =
            deadline_ns == SYS_FOREVER ? -1 : (int)((deadline_ns - now_ns) / SYS_NS_PER_MS) + 1;
        int count = poll(&watched, 1, timeout_ms);
        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return -errno;
    }
}

static void descriptors_take(struct device_stream *stream, struct msghdr *message)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
            if (stream->passed_fd < 0) {
                stream->passed_fd = fd;
            } else {
                close(fd);
                stream->too_many = true;
            }
        }
    }
}

int device_receive(struct device_stream *stream, void *buffer, size_t length, uint64_t deadline_ns)
{
    char *next = buffer;

    while (length > 0) {
        union control control;
        struct iovec part = {next, length};
        struct msghdr message = {
            .msg_iov = &part,
            .msg_iovlen = 1,
            .msg_control = control.bytes,
            .msg_controllen = sizeof(control.bytes),
        };
        int error = deadline_ns == SYS_FOREVER ? 0 : wait_ready(stream->fd, POLLIN, deadline_ns);
        if (error != 0)
            return error;
        ssize_t received = recvmsg(stream->fd, &message, MSG_CMSG_CLOEXEC);
        if (received < 0 && errno == EAGAIN)
            error = wait_ready(stream->fd, POLLIN, deadline_ns);
        else if (received < 0 && errno != EINTR)
            error = -errno;
        else if (received == 0)
            error = -ECONNRESET;
        if (error != 0)
            return error;
        if (received < 0)
            continue;
        descriptors_take(stream, &message);
        next += received;
        length -= (size_t)received;
        stream->received += (uint64_t)received;
    }
    return 0;
}

static void parts_advance(struct iovec **parts, unsigned *count, size_t sent)
{
    while (*count > 0 && sent >= (*parts)->iov_len) {
        sent -= (*parts)->iov_len;
        (*parts)++;
        (*count)--;
    }
    if (*count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + sent;
        (*parts)->iov_len -= sent;
    }
}

int device_send(int fd, struct iovec *parts, unsigned count, int passed_fd, uint64_t deadline_ns)
{
    union control control;

    parts_advance(&parts, &count, 0);
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        if (passed_fd >= 0) {
            message.msg_control = control.bytes;
            message.msg_controllen = CMSG_SPACE(sizeof(int));
            memset(&control, 0, sizeof(control));
            struct cmsghdr *header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof(int));
            memcpy(CMSG_DATA(header), &passed_fd, sizeof(passed_fd));
        }
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            int error = wait_ready(fd, POLLOUT, deadline_ns);
            if (error != 0)
                return error;
        } else if (sent < 0 && errno != EINTR) {
            return -errno;
        } else if (sent > 0) {
            passed_fd = -1;
            parts_advance(&parts, &count, (size_t)sent);
        }
    }
    return 0;
}
