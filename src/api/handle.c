/*
 * handle.c - device handles of clients: one connection to the device socket each, and a thread that
 * takes what comes back. Nothing here needs a machine in this process.
 */
#include "storhost/handle.h"

#include "api/device_protocol.h"
#include "api/device_server.h"
#include "api/device_stream.h"
#include "api/handle_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MEMORY_TRIES = 32 };

/* ---- sending ---- */

static int send_message(struct storhost_handle *handle, uint32_t type, uint64_t id,
                        struct iovec *parts, unsigned count, int passed_fd)
{
    struct device_header header = {.length = sizeof(header), .type = type, .id = id};

    parts[0] = (struct iovec){&header, sizeof(header)};
    for (unsigned i = 1; i < count; i++)
        header.length += (uint32_t)parts[i].iov_len;
    sys_mutex_lock(&handle->send_mutex);
    int error = device_send(handle->stream.fd, parts, count, passed_fd, SYS_FOREVER);
    sys_mutex_unlock(&handle->send_mutex);
    return error == -EPIPE || error == -ECONNRESET ? -ENODEV : error;
}

static void pending_add(struct storhost_handle *handle, struct handle_pending *pending)
{
    sys_mutex_lock(&handle->mutex);
    pending->id = ++handle->last_id;
    pending->next = handle->pending;
    handle->pending = pending;
    if (pending->transfer != NULL)
        pending->transfer->id = pending->id;
    sys_mutex_unlock(&handle->mutex);
}

/* NULL: it is not there. */
static struct handle_pending *pending_take(struct storhost_handle *handle, uint64_t id)
{
    struct handle_pending *found = NULL;

    sys_mutex_lock(&handle->mutex);
    for (struct handle_pending **link = &handle->pending; *link != NULL; link = &(*link)->next) {
        if (id == 0 || (*link)->id == id) {
            found = *link;
            *link = found->next;
            break;
        }
    }
    sys_mutex_unlock(&handle->mutex);
    return found;
}

/* Sends a message of `type` with one part and waits for the answer, which is in `pending`. */
static int ask(struct storhost_handle *handle, uint32_t type, const void *body, size_t length,
               const void *more, size_t more_length, int passed_fd, struct handle_pending *pending)
{
    struct iovec parts[3] = {
        {0}, {(void *)(uintptr_t)body, length}, {(void *)(uintptr_t)more, more_length}};

    *pending = (struct handle_pending){.keeps_data = type == DEVICE_LIST};
    pending_add(handle, pending);
    int error = send_message(handle, type, pending->id, parts, 3, passed_fd);
    if (error != 0 && pending_take(handle, pending->id) != NULL)
        return error;
    while (__atomic_load_n(&pending->done, __ATOMIC_ACQUIRE) == 0)
        sys_wait(&pending->done, 0, SYS_FOREVER);
    return pending->error;
}

/* ---- the thread that receives ---- */

static void completed_add(struct storhost_handle *handle, struct storhost_transfer *transfer)
{
    uint64_t one = 1;

    sys_mutex_lock(&handle->mutex);
    transfer->next = NULL;
    struct storhost_transfer **link = &handle->completed;
    while (*link != NULL)
        link = &(*link)->next;
    *link = transfer;
    (void)!write(handle->event_fd, &one, sizeof(one));
    __atomic_add_fetch(&handle->completions, 1, __ATOMIC_SEQ_CST);
    sys_mutex_unlock(&handle->mutex);
    sys_wake(&handle->completions, INT_MAX);
}

/* `pending` is its waiter's, or goes, when this returns. */
static void pending_end(struct storhost_handle *handle, struct handle_pending *pending, int error,
                        uint32_t status, uint64_t information)
{
    struct storhost_transfer *transfer = pending->transfer;

    pending->error = error;
    pending->status = status;
    pending->information = information;
    if (transfer != NULL) {
        transfer->status = status;
        transfer->information = information;
    }
    if (pending->is_submitted) {
        sh_assert(transfer != NULL);
        free(pending);
        completed_add(handle, transfer);
        return;
    }
    __atomic_store_n(&pending->done, 1, __ATOMIC_RELEASE);
    sys_wake(&pending->done, INT_MAX);
}

static int data_receive(struct storhost_handle *handle, struct handle_pending *pending,
                        uint32_t length)
{
    struct storhost_transfer *transfer = pending->transfer;

    if (length == 0)
        return 0;
    if (transfer != NULL && length <= transfer->output_length)
        return device_receive(&handle->stream, transfer->output, length, SYS_FOREVER);
    if (!pending->keeps_data)
        return -EPROTO;
    pending->data = malloc((size_t)length + 1);
    if (pending->data == NULL)
        return -ENOMEM;
    pending->data[length] = '\0';
    return device_receive(&handle->stream, pending->data, length, SYS_FOREVER);
}

static int answer_receive(struct storhost_handle *handle, const struct device_header *header)
{
    struct device_answer answer;

    if (header->type != DEVICE_ANSWER || header->length < sizeof(*header) + sizeof(answer))
        return -EPROTO;
    int error = device_receive(&handle->stream, &answer, sizeof(answer), SYS_FOREVER);
    if (error != 0)
        return error;
    if (answer.length != header->length - sizeof(*header) - sizeof(answer))
        return -EPROTO;
    struct handle_pending *pending = pending_take(handle, header->id);
    if (pending == NULL)
        return -EPROTO;
    error = data_receive(handle, pending, answer.length);
    if (error != 0)
        pending_end(handle, pending, -ENODEV, HANDLE_GONE_STATUS, 0);
    else
        pending_end(handle, pending, 0, answer.status, answer.information);
    return error;
}

static void receiver_run(void *argument)
{
    struct storhost_handle *handle = argument;
    struct handle_pending *pending;
    struct device_header header;

    while (device_receive(&handle->stream, &header, sizeof(header), SYS_FOREVER) == 0 &&
           answer_receive(handle, &header) == 0)
        ;
    /* From here on sending fails, so nothing comes to the list that would not go from it. */
    shutdown(handle->stream.fd, SHUT_RDWR);
    sys_mutex_lock(&handle->send_mutex);
    handle->gone = true;
    sys_mutex_unlock(&handle->send_mutex);
    while ((pending = pending_take(handle, 0)) != NULL)
        pending_end(handle, pending, -ENODEV, HANDLE_GONE_STATUS, 0);
}

/* ---- opening and closing ---- */

static int greet(struct storhost_handle *handle)
{
    struct {
        struct device_header header;
        struct device_hello hello;
    } message = {
        .header = {.length = sizeof(message), .type = DEVICE_HELLO},
        .hello = {.magic = DEVICE_PROTOCOL_MAGIC, .version = DEVICE_PROTOCOL_VERSION},
    };
    struct iovec part = {&message, sizeof(message)};
    uint64_t deadline_ns = sys_now_ns() + DEVICE_HELLO_MS * SYS_NS_PER_MS;
    int error = device_send(handle->stream.fd, &part, 1, -1, deadline_ns);

    if (error == 0)
        error = device_receive(&handle->stream, &message, sizeof(message), deadline_ns);
    if (error == 0 &&
        (message.header.length != sizeof(message) || message.header.type != DEVICE_HELLO ||
         message.hello.magic != DEVICE_PROTOCOL_MAGIC ||
         message.hello.version != DEVICE_PROTOCOL_VERSION))
        error = -EPROTO;
    handle->process_id = message.hello.process_id;
    return error;
}

static int server_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);

    if (length >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    int error = -errno;
    if (fd >= 0)
        close(fd);
    return error;
}

static int own_connect(void)
{
    int ends[2];

    if (!api_is_running())
        return -ENODEV;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -errno;
    int error = device_server_attach(ends[1]);
    if (error == 0)
        return ends[0];
    close(ends[0]);
    close(ends[1]);
    return error;
}

/* Everything but the threads. */
static void handle_free(struct storhost_handle *handle)
{
    if (handle->event_fd >= 0)
        close(handle->event_fd);
    if (handle->stream.passed_fd >= 0)
        close(handle->stream.passed_fd);
    if (handle->stream.fd >= 0)
        close(handle->stream.fd);
    handle_memory_forget(handle);
    free(handle);
}

static int handle_connect(struct storhost_handle **ret_handle, const char *socket,
                          struct storhost_error *error)
{
    struct storhost_handle *handle = calloc(1, sizeof(*handle));

    if (handle == NULL)
        return -ENOMEM;
    handle->is_own = socket == NULL;
    handle->stream.passed_fd = -1;
    handle->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    int result = handle->event_fd < 0 ? -errno : 0;
    handle->stream.fd =
        result == 0 ? (socket != NULL ? server_connect(socket) : own_connect()) : -1;
    if (result == 0 && handle->stream.fd < 0)
        result = handle->stream.fd;
    if (result == 0)
        result = greet(handle);
    if (result == 0)
        result = sys_thread_create(&handle->receiver, "device-handle", receiver_run, handle);
    if (result == 0) {
        *ret_handle = handle;
        return 0;
    }
    handle_free(handle);
    api_error(error, "%s: %s: give the device socket of a machine that runs",
              socket != NULL ? socket : "the machine of this process", strerror(-result));
    return result;
}

static void explain_refusal(const char *socket, const char *name, int result, uint32_t status,
                            struct storhost_error *error)
{
    const char *word = storhost_status_name(status);

    if (result != 0)
        api_error(error, "%s: cannot be opened: %s", name, strerror(-result));
    else if (!api_status_is_no_name(status))
        api_error(error,
                  "%s: cannot be opened: its driver, or who has it open alone, refuses: "
                  "%s 0x%08X",
                  name, word != NULL ? word : "status", status);
    else if (socket != NULL)
        api_error(error, "%s: there is no such device: `storhost ctl %s devices` lists them", name,
                  socket);
    else
        api_error(error, "%s: there is no such device: storhost_devices_list lists them", name);
}

STORHOST_API int storhost_handle_open(struct storhost_handle **ret_handle,
                                      const struct storhost_handle_options *options,
                                      uint32_t *ret_status, struct storhost_error *error)
{
    const char *name = options->name != NULL ? options->name : "Scsi0:";
    struct device_open open = {
        .access =
            options->access != 0 ? options->access : STORHOST_HANDLE_READ | STORHOST_HANDLE_WRITE,
    };
    struct handle_pending pending;
    struct storhost_handle *handle;

    if (ret_status != NULL)
        *ret_status = 0;
    if (options->size != sizeof(*options) || strlen(name) > DEVICE_NAME_BYTES_MAX) {
        api_error(error,
                  "storhost_handle_open: options of another header, or a name of more than "
                  "%d bytes",
                  DEVICE_NAME_BYTES_MAX);
        return -EINVAL;
    }
    int result = handle_connect(&handle, options->socket, error);
    if (result != 0)
        return result;
    result = ask(handle, DEVICE_OPEN, &open, sizeof(open), name, strlen(name), -1, &pending);
    if (result == 0 && ret_status != NULL)
        *ret_status = pending.status;
    if (result == 0 && (int32_t)pending.status >= 0) {
        *ret_handle = handle;
        return 0;
    }
    explain_refusal(options->socket, name, result, pending.status, error);
    if (result == 0)
        result =
            api_status_is_no_name(pending.status) ? -ENOENT : -api_errno_of_status(pending.status);
    storhost_handle_close(handle);
    return result;
}

STORHOST_API void storhost_handle_close(struct storhost_handle *handle)
{
    struct handle_pending pending;

    if (handle == NULL)
        return;
    (void)ask(handle, DEVICE_CLOSE, NULL, 0, NULL, 0, -1, &pending);
    shutdown(handle->stream.fd, SHUT_RDWR);
    sys_thread_join(handle->receiver);
    handle_free(handle);
}

STORHOST_API uint32_t storhost_handle_process_id(const struct storhost_handle *handle)
{
    return handle->process_id;
}

/* ---- transfers ---- */

static bool is_shared(struct storhost_handle *handle, const void *memory, size_t length)
{
    return handle->is_own || handle_memory_holds(handle, memory, length);
}

static int transfer_send(struct storhost_handle *handle, struct storhost_transfer *transfer,
                         struct handle_pending *pending)
{
    struct device_request request = {
        .operation = (uint32_t)transfer->kind,
        .code = transfer->code,
        .offset = transfer->offset,
        .input = (uintptr_t)transfer->input,
        .output = (uintptr_t)transfer->output,
        .input_length = (uint32_t)transfer->input_length,
        .output_length = (uint32_t)transfer->output_length,
    };
    struct iovec parts[4] = {{0}, {&request, sizeof(request)}};
    unsigned count = 2;

    if (is_shared(handle, transfer->input, transfer->input_length))
        request.flags |= DEVICE_INPUT_IS_SHARED;
    else
        parts[count++] = (struct iovec){(void *)(uintptr_t)transfer->input, transfer->input_length};
    if (is_shared(handle, transfer->output, transfer->output_length)) {
        request.flags |= DEVICE_OUTPUT_IS_SHARED;
    } else if (device_shows_output(request.operation, request.code)) {
        request.flags |= DEVICE_OUTPUT_FOLLOWS;
        parts[count++] = (struct iovec){transfer->output, transfer->output_length};
    }
    if ((!(request.flags & DEVICE_INPUT_IS_SHARED) &&
         transfer->input_length > DEVICE_INLINE_BYTES_MAX) ||
        (!(request.flags & DEVICE_OUTPUT_IS_SHARED) &&
         transfer->output_length > DEVICE_INLINE_BYTES_MAX) ||
        transfer->input_length > UINT32_MAX || transfer->output_length > UINT32_MAX)
        return -EMSGSIZE;
    pending_add(handle, pending);
    uint64_t id = pending->id;
    int error = handle_is_gone(handle) ? -ENODEV
                                       : send_message(handle, DEVICE_REQUEST, id, parts, count, -1);
    /* Taken by the receiver: it comes back in the ordinary way. */
    return error != 0 && pending_take(handle, id) == NULL ? 0 : error;
}

STORHOST_API int storhost_handle_transfer(struct storhost_handle *handle,
                                          struct storhost_transfer *transfer)
{
    struct handle_pending pending = {.transfer = transfer};

    if (transfer->size != sizeof(*transfer))
        return -EINVAL;
    int error = transfer_send(handle, transfer, &pending);
    if (error != 0)
        return error;
    while (__atomic_load_n(&pending.done, __ATOMIC_ACQUIRE) == 0)
        sys_wait(&pending.done, 0, SYS_FOREVER);
    return pending.error;
}

STORHOST_API int storhost_handle_ioctl(struct storhost_handle *handle, uint32_t code,
                                       const void *input, size_t input_length, void *output,
                                       size_t output_length, size_t *ret_length,
                                       uint32_t *ret_status)
{
    struct storhost_transfer transfer = {
        .size = sizeof(transfer),
        .code = code,
        .input = input,
        .input_length = input_length,
        .output = output,
        .output_length = output_length,
    };
    int error = storhost_handle_transfer(handle, &transfer);

    if (ret_length != NULL)
        *ret_length = transfer.information < output_length ? transfer.information : output_length;
    if (ret_status != NULL)
        *ret_status = transfer.status;
    if (error != 0)
        return error;
    return (int32_t)transfer.status >= 0 ? 0 : -api_errno_of_status(transfer.status);
}

STORHOST_API int storhost_handle_submit(struct storhost_handle *handle,
                                        struct storhost_transfer *transfer)
{
    struct handle_pending *pending;

    if (transfer->size != sizeof(*transfer))
        return -EINVAL;
    pending = calloc(1, sizeof(*pending));
    if (pending == NULL)
        return -ENOMEM;
    pending->transfer = transfer;
    pending->is_submitted = true;
    int error = transfer_send(handle, transfer, pending);
    if (error != 0)
        free(pending);
    return error;
}

static struct storhost_transfer *completed_take(struct storhost_handle *handle)
{
    uint64_t one;

    sys_mutex_lock(&handle->mutex);
    struct storhost_transfer *transfer = handle->completed;
    if (transfer != NULL) {
        handle->completed = transfer->next;
        (void)!read(handle->event_fd, &one, sizeof(one));
    }
    sys_mutex_unlock(&handle->mutex);
    return transfer;
}

STORHOST_API struct storhost_transfer *storhost_handle_wait(struct storhost_handle *handle,
                                                            int timeout_ms)
{
    uint64_t deadline_ns =
        timeout_ms < 0 ? SYS_FOREVER : sys_now_ns() + (uint64_t)timeout_ms * SYS_NS_PER_MS;
    struct storhost_transfer *transfer;

    for (;;) {
        uint32_t seen = __atomic_load_n(&handle->completions, __ATOMIC_SEQ_CST);
        transfer = completed_take(handle);
        if (transfer != NULL || timeout_ms == 0 ||
            (deadline_ns != SYS_FOREVER && sys_now_ns() >= deadline_ns))
            return transfer;
        sys_wait(&handle->completions, seen, deadline_ns);
    }
}

STORHOST_API int storhost_handle_descriptor(const struct storhost_handle *handle)
{
    return handle->event_fd;
}

STORHOST_API int storhost_handle_cancel(struct storhost_handle *handle,
                                        const struct storhost_transfer *transfer)
{
    struct device_cancel cancel = {.id = transfer != NULL ? transfer->id : 0};
    struct handle_pending pending;
    int error = ask(handle, DEVICE_CANCEL, &cancel, sizeof(cancel), NULL, 0, -1, &pending);

    if (error != 0)
        return error;
    return (int32_t)pending.status >= 0 ? 0 : -ENOENT;
}

/* ---- lists ---- */

STORHOST_API int storhost_devices_list_at(const char *socket, char **ret_text,
                                          struct storhost_error *error)
{
    struct handle_pending pending;
    struct storhost_handle *handle;
    int result = handle_connect(&handle, socket, error);

    if (result != 0)
        return result;
    result = ask(handle, DEVICE_LIST, NULL, 0, NULL, 0, -1, &pending);
    *ret_text = pending.data;
    if (result == 0 && pending.data == NULL)
        result = -ENOMEM;
    if (result != 0)
        api_error(error, "%s: the list of devices cannot be had: %s", socket, strerror(-result));
    storhost_handle_close(handle);
    return result;
}

/* ---- shared memory ---- */

int handle_memory_ask(struct storhost_handle *handle, int fd, size_t size, void **ret_address)
{
    struct device_memory memory = {.size = size};
    struct handle_pending pending;
    int error = ask(handle, DEVICE_MEMORY, &memory, sizeof(memory), NULL, 0, fd, &pending);

    *ret_address = (void *)(uintptr_t)pending.information;
    if (error != 0)
        return error;
    return (int32_t)pending.status >= 0 ? 0 : -ENOSPC;
}

void handle_memory_give_back(struct storhost_handle *handle, void *address)
{
    struct device_forget forget = {.address = (uintptr_t)address};
    struct handle_pending pending;

    (void)ask(handle, DEVICE_FORGET, &forget, sizeof(forget), NULL, 0, -1, &pending);
}
