/*
 * qemu_process.c - one QEMU as a child process.
 *
 * QEMU tells why it does not start on stderr only, so stderr is a pipe that is always read: a full
 * one would stop QEMU.
 */
#include "bus/qemu/qemu_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- stderr ---- */

static void error_text_append(struct qemu_process *process, const char *data, size_t size)
{
    sys_mutex_lock(&process->error_lock);
    if (process->error_used + size > QEMU_STDERR_SIZE) {
        /* The latest words matter most: the older half goes. */
        size_t kept = process->error_used / 2;
        memmove(process->error_text, process->error_text + process->error_used - kept, kept);
        process->error_used = kept;
    }
    memcpy(process->error_text + process->error_used, data, size);
    process->error_used += size;
    sys_mutex_unlock(&process->error_lock);
}

/* Reads what is there. False at the end of the pipe. */
static bool error_read(struct qemu_process *process)
{
    char data[QEMU_STDERR_SIZE / 4];
    for (;;) {
        ssize_t got = read(process->error_fd, data, sizeof(data));
        if (got > 0)
            error_text_append(process, data, (size_t)got);
        else if (got == 0)
            return false;
        else if (errno != EINTR)
            return errno == EAGAIN;
    }
}

static void error_watch_remove(void *argument)
{
    struct qemu_process *process = argument;
    if (process->error_watch != NULL)
        sys_watch_remove(process->error_watch);
    process->error_watch = NULL;
}

static void error_ready(void *context)
{
    if (!error_read(context))
        error_watch_remove(context);
}

/* Copies a line without the program's name in front. False for a warning or an empty line. */
static bool line_copy(const char *line, size_t size, char *copy, size_t copy_size)
{
    static const char program[] = "qemu-system-x86_64: ";
    static const char warning[] = "warning: ";
    if (size >= sizeof(program) - 1 && memcmp(line, program, sizeof(program) - 1) == 0) {
        line += sizeof(program) - 1;
        size -= sizeof(program) - 1;
    }
    if (size == 0 ||
        (size >= sizeof(warning) - 1 && memcmp(line, warning, sizeof(warning) - 1) == 0))
        return false;
    snprintf(copy, copy_size, "%.*s", (int)size, line);
    return true;
}

void qemu_process_message(struct qemu_process *process, char *message, size_t message_size)
{
    if (!process->running && process->error_fd >= 0)
        (void)error_read(process);
    sys_mutex_lock(&process->error_lock);
    message[0] = '\0';
    size_t used = 0, start = 0;
    while (start < process->error_used) {
        const char *line = process->error_text + start;
        const char *newline = memchr(line, '\n', process->error_used - start);
        size_t size = newline ? (size_t)(newline - line) : process->error_used - start;
        start += size + 1;
        char copy[512];
        if (size > 0 && line[size - 1] == '\r')
            size--;
        if (line_copy(line, size, copy, sizeof(copy)) && used < message_size)
            used += (size_t)snprintf(message + used, message_size - used, "%s%s",
                                     used > 0 ? "; " : "", copy);
    }
    sys_mutex_unlock(&process->error_lock);
}

/* ---- start and end ---- */

struct process_start {
    struct qemu_process *process;
    struct sys_child_options options;
    int error;
};

static void process_start_on_worker(void *argument)
{
    struct process_start *start = argument;
    struct qemu_process *process = start->process;
    start->error = sys_watch_add(&process->error_watch, process->worker->poller, process->error_fd,
                                 error_ready, process);
    if (start->error != 0)
        return;
    start->error = sys_child_start(&process->pid, &start->options);
    if (start->error != 0)
        error_watch_remove(process);
}

int qemu_process_start(struct qemu_process *process, struct qemu_worker *worker, char *const *argv,
                       const struct sys_child_fd *fds, size_t fd_count)
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return -errno;
    if (fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0) {
        int error = -errno;
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        return error;
    }
    *process = (struct qemu_process){.worker = worker, .error_fd = pipe_fds[0]};
    struct process_start start = {
        .process = process,
        .options =
            {
                .argv = (const char *const *)argv,
                .fds = fds,
                .fd_count = fd_count,
                .stderr_fd = pipe_fds[1],
                .die_with_us = true,
                .own_group = true,
            },
    };
    qemu_worker_call(worker, process_start_on_worker, &start);
    close(pipe_fds[1]);
    if (start.error != 0) {
        close(process->error_fd);
        process->error_fd = -1;
        return start.error;
    }
    process->running = true;
    return 0;
}

void qemu_process_end(struct qemu_process *process, uint64_t deadline_ns)
{
    if (!process->running)
        return;
    int error = sys_child_wait(process->pid, deadline_ns, &process->status);
    if (error != 0 && error != -ECHILD) {
        /* It is late, or cannot be waited for (no descriptor is free): either way it must go. */
        sys_child_kill(process->pid, SIGKILL);
        (void)sys_child_wait(process->pid, SYS_FOREVER, &process->status);
    }
    process->running = false;
}

void qemu_process_close(struct qemu_process *process)
{
    sh_assert(!process->running);
    if (process->error_fd < 0)
        return;
    qemu_worker_call(process->worker, error_watch_remove, process);
    (void)error_read(process);
    close(process->error_fd);
    process->error_fd = -1;
}

void qemu_process_status(const struct qemu_process *process, char *text, size_t text_size)
{
    if (WIFSIGNALED(process->status))
        snprintf(text, text_size, "was killed by signal %d", WTERMSIG(process->status));
    else
        snprintf(text, text_size, "exited with status %d", WEXITSTATUS(process->status));
}
