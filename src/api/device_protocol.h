/*
 * device_protocol.h - what goes over the device socket, between handle.c of a client and
 * device_peer.c of the machine. One connection is one handle.
 *
 * Both sides run on one host, so numbers are the processor's. A client greets, opens, and then
 * sends requests, each with an id of its choice that the answer carries; answers come in any order.
 * What breaks the rules is refused with the place in the stream where it stands, and the connection
 * ends.
 */
#ifndef STORHOST_API_DEVICE_PROTOCOL_H
#define STORHOST_API_DEVICE_PROTOCOL_H

#include <stdint.h>

#define DEVICE_PROTOCOL_MAGIC   0x31766544686F7453ull /* "StohDev1" */
#define DEVICE_PROTOCOL_VERSION 1u

enum {
    DEVICE_INLINE_BYTES_MAX = 16 << 20, /* of one buffer; larger ones lie in shared memory */
    DEVICE_NAME_BYTES_MAX = 511,
    DEVICE_REQUESTS_MAX = 256,         /* under way on one handle */
    DEVICE_PEER_BYTES_MAX = 128 << 20, /* of buffers of theirs */
    DEVICE_PEERS_MAX = 64,
    DEVICE_HELLO_MS = 10000, /* a client's time to greet, and to take what is sent to it */
};

enum device_message_type {
    DEVICE_HELLO = 1, /* both ways */
    DEVICE_OPEN,
    DEVICE_REQUEST,
    DEVICE_CANCEL,
    DEVICE_MEMORY, /* with a descriptor */
    DEVICE_FORGET,
    DEVICE_LIST,
    DEVICE_CLOSE,
    DEVICE_ANSWER,  /* to all of these */
    DEVICE_REFUSED, /* text; the end */
};

struct device_header {
    uint32_t length; /* of the whole message */
    uint32_t type;
    uint64_t id;
};

struct device_hello {
    uint64_t magic;
    uint32_t version;
    uint32_t process_id; /* from the machine: what drivers see */
};

struct device_open {
    uint32_t access; /* NT_FILE_READ, NT_FILE_WRITE */
    uint32_t zero;
    /* the name, not terminated */
};

enum device_request_flags {
    DEVICE_INPUT_IS_SHARED = 1u << 0, /* `input` is an address in shared memory */
    DEVICE_OUTPUT_IS_SHARED = 1u << 1,
    DEVICE_OUTPUT_FOLLOWS = 1u << 2, /* what is in the output buffer, behind the input */
};

struct device_request {
    uint32_t operation; /* enum nt_file_operation */
    uint32_t code;
    uint64_t offset;
    uint64_t input, output;
    uint32_t input_length, output_length;
    uint32_t flags;
    uint32_t zero;
    /* input, output as far as they are not shared */
};

struct device_cancel {
    uint64_t id; /* of a request; 0: all */
};

struct device_memory {
    uint64_t size; /* whole pages */
};

struct device_forget {
    uint64_t address;
};

struct device_answer {
    uint32_t status;
    uint32_t length; /* of what follows */
    uint64_t information;
};

/* What the first bytes of the output buffer mean to a request: all methods but the buffered one
 * show drivers the buffer itself. */
static inline int device_shows_output(uint32_t operation, uint32_t code)
{
    return operation == 0 && (code & 3) != 0;
}

#endif
