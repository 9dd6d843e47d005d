/*
 * file.h - a device that a process has opened, and the requests that it sends there, as the I/O
 * manager does them: IRP_MJ_CREATE; control codes, reads and writes; IRP_MJ_CLEANUP when the handle
 * goes, IRP_MJ_CLOSE when the last request is back.
 *
 * Requests go to the top of the stack that the device was in when it was opened, in the context of
 * the calling thread, and their caller waits for them: there is a thread for each that is under
 * way.
 */
#ifndef STORHOST_NT_FILE_H
#define STORHOST_NT_FILE_H

#include "nt/process.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nt_file;

/* KERNEL: a driver's own, not an application's; the system's process has it. */
enum { NT_FILE_READ = 1u << 0, NT_FILE_WRITE = 1u << 1, NT_FILE_KERNEL = 1u << 2 };

/* For the process in whose context the thread runs. `rest` is what stands behind the device's name;
 * access is of NT_FILE_... What IRP_MJ_CREATE returns; STATUS_ACCESS_DENIED: it is opened already
 * and cannot be shared. PASSIVE_LEVEL. */
NTSTATUS nt_file_open(DEVICE_OBJECT *target, unsigned access, const char *rest,
                      struct nt_file **ret_file);
/* No request follows; one that comes from another thread nevertheless is cancelled, as long as that
 * has a reference to the file. Those under way are cancelled (but for IRP_MJ_CLEANUP, each waits
 * for its driver); returns when all are back, and gives up the reference that the handle was. With
 * the last one, which a driver may have, comes IRP_MJ_CLOSE. PASSIVE_LEVEL. */
void nt_file_close(struct nt_file *file);
/* The file that an object (nt/object.h) is; NULL: it is another one. */
struct nt_file *nt_file_of(void *object);
/* What a driver sees of it, and the top of the stack that its requests go to. */
FILE_OBJECT *nt_file_object(struct nt_file *file);
DEVICE_OBJECT *nt_file_top(const struct nt_file *file);

enum nt_file_operation { NT_FILE_CONTROL, NT_FILE_READ_DATA, NT_FILE_WRITE_DATA };

struct nt_file_request {
    enum nt_file_operation operation;
    uint32_t code;        /* of CONTROL */
    uint64_t offset;      /* of READ and WRITE */
    void *input, *output; /* WRITE has input, READ output */
    uint32_t input_length, output_length;

    bool unwanted; /* cancelled already, maybe before it is sent; __atomic */

    NTSTATUS status;
    uint64_t information;

    /* Of file.c. */
    struct nt_file_request *next;
    IRP *irp;
    struct nt_thread *thread; /* in the driver's dispatch routine; NULL: it has returned */
    uint32_t cancelers;       /* __atomic, slept on */
    bool cancelled;
};

/* Sends it and waits until it is back. PASSIVE_LEVEL. */
void nt_file_send(struct nt_file *file, struct nt_file_request *request);
/* Cancels a request that is under way, or all (NULL). How many that were. `terminate`: their
 * threads go, too, so each wait of theirs that can be ended is. PASSIVE_LEVEL. */
unsigned nt_file_cancel(struct nt_file *file, const struct nt_file_request *request,
                        bool terminate);

/* Whose request that is; the system's process for one of a driver. Any IRQL. */
struct nt_process *nt_file_requestor(const IRP *irp);

#ifdef __cplusplus
}
#endif

#endif
