/*
 * device_job.c - see device_job.h.
 *
 * A buffer is in shared memory, and the driver gets its address; or its bytes came with the
 * message, and it is a buffer of ours that stands for the client's for as long as the request
 * lasts.
 */
#include "api/device_job.h"

#include "api/device_protocol.h"
#include "nt/user_memory.h"
#include <ntdef.h>
#include <ntstatus.h>

#include <stdlib.h>
#include <string.h>

enum { BUFFER_ALIGNMENT = 4096 };

static void *buffer_make(const void *bytes, size_t length, size_t size)
{
    void *buffer = aligned_alloc(BUFFER_ALIGNMENT, (size + BUFFER_ALIGNMENT - 1) /
                                                       BUFFER_ALIGNMENT * BUFFER_ALIGNMENT);

    if (buffer == NULL)
        return NULL;
    memset(buffer, 0, size);
    if (length > 0)
        memcpy(buffer, bytes, length);
    return buffer;
}

/* Buffers that drivers see by their addresses belong to the process from here on. */
static NTSTATUS buffer_show(struct device_job *job, void **buffer, size_t size)
{
    if (*buffer == NULL || !job->is_shown || nt_user_buffer_add(job->process, *buffer, size) == 0)
        return STATUS_SUCCESS;
    free(*buffer);
    *buffer = NULL;
    return STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS input_make(struct device_job *job, const struct device_request *request,
                           const char *bytes)
{
    if (request->flags & DEVICE_INPUT_IS_SHARED) {
        job->request.input = (void *)(uintptr_t)request->input;
        if (job->process != NULL &&
            !nt_user_memory_holds(job->process, job->request.input, request->input_length))
            return STATUS_ACCESS_VIOLATION;
        return STATUS_SUCCESS;
    }
    if (request->input_length == 0)
        return STATUS_SUCCESS;
    job->input = buffer_make(bytes, request->input_length, request->input_length);
    if (job->input == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    job->bytes += request->input_length;
    NTSTATUS status = buffer_show(job, &job->input, request->input_length);
    job->request.input = job->input;
    return status;
}

static NTSTATUS output_make(struct device_job *job, const struct device_request *request,
                            const char *bytes, size_t length)
{
    if (request->flags & DEVICE_OUTPUT_IS_SHARED) {
        job->request.output = (void *)(uintptr_t)request->output;
        if (job->process != NULL &&
            !nt_user_memory_holds(job->process, job->request.output, request->output_length))
            return STATUS_ACCESS_VIOLATION;
        return STATUS_SUCCESS;
    }
    if (request->output_length == 0)
        return STATUS_SUCCESS;
    job->output = buffer_make(bytes, length, request->output_length);
    if (job->output == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    job->bytes += request->output_length;
    NTSTATUS status = buffer_show(job, &job->output, request->output_length);
    job->request.output = job->output;
    return status;
}

/* What follows the request; false after *ret_reason. */
static bool lengths_check(const struct device_request *request, size_t length, size_t *ret_input,
                          size_t *ret_output, const char **ret_reason)
{
    *ret_input = request->flags & DEVICE_INPUT_IS_SHARED ? 0 : request->input_length;
    *ret_output = request->flags & DEVICE_OUTPUT_FOLLOWS ? request->output_length : 0;
    if (request->operation > NT_FILE_WRITE_DATA)
        *ret_reason = "a request of no known operation";
    else if (request->flags &
             ~(uint32_t)(DEVICE_INPUT_IS_SHARED | DEVICE_OUTPUT_IS_SHARED | DEVICE_OUTPUT_FOLLOWS))
        *ret_reason = "a request with flags that do not exist";
    else if (*ret_input > DEVICE_INLINE_BYTES_MAX ||
             (!(request->flags & DEVICE_OUTPUT_IS_SHARED) &&
              request->output_length > DEVICE_INLINE_BYTES_MAX))
        *ret_reason = "a request with a buffer of more than 16 MiB outside shared memory";
    else if ((request->flags & DEVICE_OUTPUT_FOLLOWS) &&
             (request->flags & DEVICE_OUTPUT_IS_SHARED ||
              !device_shows_output(request->operation, request->code)))
        *ret_reason = "a request with bytes of an output buffer that has none to send";
    else if (length != *ret_input + *ret_output)
        *ret_reason = "a request whose buffers are not as long as it says";
    return **ret_reason == '\0';
}

NTSTATUS device_job_make(struct device_job **ret_job, struct nt_process *process, const void *body,
                         size_t length, const char **ret_reason)
{
    const char *bytes = (const char *)body + sizeof(struct device_request);
    size_t input_length, output_length;
    struct device_request request;

    if (length < sizeof(request)) {
        *ret_reason = "a request that is cut off";
        return STATUS_INVALID_PARAMETER;
    }
    memcpy(&request, body, sizeof(request));
    if (!lengths_check(&request, length - sizeof(request), &input_length, &output_length,
                       ret_reason))
        return STATUS_INVALID_PARAMETER;
    struct device_job *job = calloc(1, sizeof(*job));
    if (job == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    job->process = process;
    job->is_shown = process != NULL && (request.operation != NT_FILE_CONTROL || request.code & 3);
    job->request.operation = (enum nt_file_operation)request.operation;
    job->request.code = request.code;
    job->request.offset = request.offset;
    job->request.input_length = request.input_length;
    job->request.output_length = request.output_length;
    NTSTATUS status = input_make(job, &request, bytes);
    if (status >= 0)
        status = output_make(job, &request, bytes + input_length, output_length);
    if (status >= 0)
        *ret_job = job;
    else
        device_job_free(job);
    return status;
}

/* Through the system buffer come as many bytes as the driver says; a buffer that it wrote into is
 * returned whole. */
const void *device_job_output(const struct device_job *job, size_t *ret_length)
{
    const struct nt_file_request *request = &job->request;
    bool whole = device_shows_output(request->operation, request->code);

    *ret_length = 0;
    if (job->output == NULL ||
        (request->operation == NT_FILE_CONTROL && (request->code & 3) == 1 /* METHOD_IN_DIRECT */))
        return NULL;
    if (whole)
        *ret_length = request->output_length;
    else if (!NT_ERROR(request->status))
        *ret_length = request->information < request->output_length ? request->information
                                                                    : request->output_length;
    return job->output;
}

static void buffer_free(const struct device_job *job, void *buffer)
{
    if (buffer != NULL && job->is_shown)
        nt_user_buffer_remove(job->process, buffer);
    else
        free(buffer);
}

void device_job_free(struct device_job *job)
{
    buffer_free(job, job->input);
    buffer_free(job, job->output);
    free(job);
}
