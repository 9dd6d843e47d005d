/*
 * device_job.h - one request of a client with its buffers.
 */
#ifndef STORHOST_API_DEVICE_JOB_H
#define STORHOST_API_DEVICE_JOB_H

#include "nt/file.h"

struct device_job {
    struct device_job *next, *next_waiting;
    uint64_t id;
    struct nt_file_request request;
    struct nt_process *process; /* NULL: this one */
    void *input, *output;       /* made for the request; NULL: shared, or none */
    bool is_shown;              /* to drivers by its address, so both are the process's */
    size_t bytes;
};

/* From a message of `length` bytes. A status; *ret_reason is set when the message breaks the rules.
 */
NTSTATUS device_job_make(struct device_job **ret_job, struct nt_process *process, const void *body,
                         size_t length, const char **ret_reason);
/* What goes back to the client, when the request has ended. */
const void *device_job_output(const struct device_job *job, size_t *ret_length);
void device_job_free(struct device_job *job);

#endif
