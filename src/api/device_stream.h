/*
 * device_stream.h - bytes and descriptors over a device socket.
 */
#ifndef STORHOST_API_DEVICE_STREAM_H
#define STORHOST_API_DEVICE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was received, and a descriptor that came with it. */
struct device_stream {
    int fd;
    uint64_t received; /* bytes, so far */
    int passed_fd;     /* -1: none; whoever takes it sets that */
    bool too_many;     /* descriptors: closed all but one */
};

/* Exactly `length` bytes, until deadline_ns (SYS_FOREVER). 0; -ECONNRESET: the end, in between or
 * not; -ETIMEDOUT; another negative errno. */
int device_receive(struct device_stream *stream, void *buffer, size_t length, uint64_t deadline_ns);
struct iovec;
/* All parts, and the descriptor if it is none of -1. The array is changed. -ETIMEDOUT. */
int device_send(int fd, struct iovec *parts, unsigned count, int passed_fd, uint64_t deadline_ns);

#endif
