/*
 * handle.h - devices of a machine as an application opens them on Windows: a handle, control codes,
 * reads and writes, cancellation, closing.
 *
 * The machine runs in another process, which has made a device socket (`storhost serve` prints its
 * path; storhost_devices_listen), or in this one. Drivers see the calling process: its identifier,
 * its end, and the memory that it shares (storhost_handle_memory), at the same addresses.
 *
 * Functions may be called from any thread. Those that return int give 0 or a negative errno.
 */
#ifndef STORHOST_HANDLE_H
#define STORHOST_HANDLE_H

#include <storhost/storhost.h>

#ifdef __cplusplus
extern "C" {
#endif

struct storhost_handle;

enum storhost_handle_access { STORHOST_HANDLE_READ = 1, STORHOST_HANDLE_WRITE = 2 };

struct storhost_handle_options {
    size_t size;
    const char *socket; /* path of the device socket; NULL: the machine of this process */
    /* "Scsi0:" (the adapter), "0:0:0" or "1/0:0:0" (a unit), "PhysicalDrive0", "{GUID}" (the first
     * interface of that class), the name of a device or link of the driver ("\\\\.\\Name",
     * "\\Device\\Name"). NULL: "Scsi0:". storhost_devices_list tells what there is. */
    const char *name;
    unsigned access; /* enum storhost_handle_access; 0: both */
};
/* -ENOENT: no such device; -ECONNREFUSED, -EPROTO: no such machine; -EACCES, -EBUSY, -EIO: the
 * driver or the device refused, *ret_status says how. `ret_status` may be NULL. */
STORHOST_API int storhost_handle_open(struct storhost_handle **ret_handle,
                                      const struct storhost_handle_options *options,
                                      uint32_t *ret_status, struct storhost_error *error);
/* Cancels what is under way, waits until all of it is back, and closes. Shared memory of the handle
 * is unmapped here; a driver that has it locked keeps it. */
STORHOST_API void storhost_handle_close(struct storhost_handle *handle);
/* What drivers know this process by. */
STORHOST_API uint32_t storhost_handle_process_id(const struct storhost_handle *handle);

enum storhost_transfer_kind {
    STORHOST_TRANSFER_CONTROL,
    STORHOST_TRANSFER_READ,
    STORHOST_TRANSFER_WRITE,
};

/* A request, the caller's from submission until it is returned. */
struct storhost_transfer {
    size_t size;
    enum storhost_transfer_kind kind;
    uint32_t code;   /* of a control code */
    uint64_t offset; /* of a read or write */
    /* In shared memory of the handle they are used where they are, up to 4 GiB; others are copied,
     * up to 16 MiB each. */
    const void *input;
    size_t input_length;
    void *output;
    size_t output_length;
    void *context;

    /* When it is back. */
    uint32_t status;      /* NTSTATUS */
    uint64_t information; /* mostly the bytes of output */
    uint64_t id;          /* of the library */
    struct storhost_transfer *next;
};

/* Sends and waits. 0 when it was carried out, whatever the status. -ENODEV: the machine is gone. */
STORHOST_API int storhost_handle_transfer(struct storhost_handle *handle,
                                          struct storhost_transfer *transfer);
/* DeviceIoControl: the same for a control code. `ret_length` and `ret_status` may be NULL. 0, or
 * what the status is among error numbers. */
STORHOST_API int storhost_handle_ioctl(struct storhost_handle *handle, uint32_t code,
                                       const void *input, size_t input_length, void *output,
                                       size_t output_length, size_t *ret_length,
                                       uint32_t *ret_status);
/* Overlapped: at most 256 are under way on a handle. It comes back by storhost_handle_wait. */
STORHOST_API int storhost_handle_submit(struct storhost_handle *handle,
                                        struct storhost_transfer *transfer);
/* One that has come back; NULL when timeout_ms (-1: none, 0: does not wait) has passed. When the
 * machine goes, all come back with STATUS_NO_SUCH_DEVICE. */
STORHOST_API struct storhost_transfer *storhost_handle_wait(struct storhost_handle *handle,
                                                            int timeout_ms);
/* Readable while one that was submitted is back and was not returned yet. */
STORHOST_API int storhost_handle_descriptor(const struct storhost_handle *handle);
/* CancelIoEx: one request, or all (NULL), also those that threads wait for. They come back when
 * their driver lets them go, most with STATUS_CANCELLED. -ENOENT: nothing was under way. */
STORHOST_API int storhost_handle_cancel(struct storhost_handle *handle,
                                        const struct storhost_transfer *transfer);

/* Zeroed memory at an address that drivers use, too, in requests of this process: in a buffer, or
 * by a pointer inside of one. At most 1 GiB a process. -ENOSPC, -ENOMEM. */
STORHOST_API int storhost_handle_memory(struct storhost_handle *handle, size_t size,
                                        void **ret_memory);
STORHOST_API void storhost_handle_memory_free(struct storhost_handle *handle, void *memory);

/* ---- the machine's side ---- */

/* Lets other processes of the same user open the devices of the machine that runs here, through a
 * Unix socket that this call makes. */
STORHOST_API int storhost_devices_listen(const char *path, struct storhost_error *error);
/* After adapters have stopped, before their driver is unloaded: ends all connections, also those of
 * this process, and removes the socket. */
STORHOST_API void storhost_devices_stop(void);
/* What can be opened, a line each, to be freed with free(). From a handle's machine: the same. */
STORHOST_API int storhost_devices_list(char **ret_text);
STORHOST_API int storhost_devices_list_at(const char *socket, char **ret_text,
                                          struct storhost_error *error);

/* ---- names ---- */

/* "STATUS_SUCCESS" ...; NULL: it has none here. */
STORHOST_API const char *storhost_status_name(uint32_t status);
/* A control code by its name in the kit ("IOCTL_SCSI_GET_ADDRESS") or as a number. False: neither.
 */
STORHOST_API bool storhost_control_code(const char *text, uint32_t *ret_code);

#ifdef __cplusplus
}
#endif

#endif
