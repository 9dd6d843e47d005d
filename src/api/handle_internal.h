/*
 * handle_internal.h - a client's handle, between handle.c and handle_memory.c.
 */
#ifndef STORHOST_API_HANDLE_INTERNAL_H
#define STORHOST_API_HANDLE_INTERNAL_H

#include "api/device_stream.h"
#include "storhost/handle.h"
#include "sys/sys.h"

/* What requests get whose machine went: STATUS_NO_SUCH_DEVICE. */
#define HANDLE_GONE_STATUS 0xC000000Eu

/* A message that waits for its answer. */
struct handle_pending {
    struct handle_pending *next;
    uint64_t id;
    struct storhost_transfer *transfer; /* NULL: no request of a driver */
    bool is_submitted;                  /* nobody waits for it here; it is on the heap */
    bool keeps_data;

    uint32_t done; /* __atomic, slept on */
    int error;
    uint32_t status;
    uint64_t information;
    char *data;
};

struct handle_memory {
    struct handle_memory *next;
    char *address;
    size_t size;
};

struct storhost_handle {
    struct device_stream stream;
    struct sys_thread *receiver;
    uint32_t process_id;
    bool is_own; /* the machine is in this process: every address is shared */
    struct sys_mutex send_mutex;
    bool gone; /* under send_mutex */

    struct sys_mutex mutex;
    uint64_t last_id;
    struct handle_pending *pending;
    struct storhost_transfer *completed;
    struct handle_memory *memory;
    int event_fd;         /* counts what is in `completed` */
    uint32_t completions; /* __atomic, slept on */
};

static inline bool handle_is_gone(struct storhost_handle *handle)
{
    sys_mutex_lock(&handle->send_mutex);
    bool gone = handle->gone;
    sys_mutex_unlock(&handle->send_mutex);
    return gone;
}

/* handle_memory.c */
bool handle_memory_holds(struct storhost_handle *handle, const void *memory, size_t length);
/* Unmaps all of it. */
void handle_memory_forget(struct storhost_handle *handle);

/* handle.c. The machine maps the file, and says where. */
int handle_memory_ask(struct storhost_handle *handle, int fd, size_t size, void **ret_address);
void handle_memory_give_back(struct storhost_handle *handle, void *address);

#endif
