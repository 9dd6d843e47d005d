/*
 * helper_run.c - one run of storhost-hive: started, listened to, ended.
 *
 * Rule: whatever it says or does - nonsense, too much, nothing at all - costs a bounded time and
 * becomes one line. A hive that brings it down brings nobody else down.
 */
#include "hive/private.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN_S_MAX = 90, WORDS_MAX = 4 };

static const char helper_name[] = "storhost-hive";

uint32_t hive_number(const unsigned char *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* ---- where it is ---- */

/* Beside the code that this is: in the build, in an installation of the command or of the library.
 */
static bool helper_find(char path[PATH_MAX])
{
    static const char *const places[] = {"../hive", "../../hive", "../../../src/hive",
                                         "../libexec/storhost", "../../libexec/storhost"};
    const char *folder = getenv("STORHOST_LIBEXEC");
    char ours[PATH_MAX];
    Dl_info info;

    if (folder != NULL) {
        int length = snprintf(path, PATH_MAX, "%s/%s", folder, helper_name);
        return length < PATH_MAX && access(path, X_OK) == 0;
    }
    if (dladdr((void *)(uintptr_t)hive_number, &info) == 0)
        return false;
    /* A program that was found by PATH goes by its bare name. */
    const char *code = strchr(info.dli_fname, '/') != NULL ? info.dli_fname : "/proc/self/exe";
    if (realpath(code, ours) == NULL)
        return false;
    char *slash = strrchr(ours, '/');
    *slash = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int length = snprintf(path, PATH_MAX, "%s/%s/%s", ours, places[i], helper_name);
        if (length < PATH_MAX && access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* ---- what it says ---- */

struct stream {
    int fd;
    uint64_t deadline_ns;
    unsigned char *bytes; /* HIVE_RECORD_HEAD of a record, then its data; grows with the need */
    size_t room, have;
};

/* At least `wanted` bytes are there. 0; -EPIPE: it ended; -ETIMEDOUT, -ENOMEM. */
static int stream_fill(struct stream *stream, size_t wanted)
{
    if (wanted > stream->room) {
        size_t room = wanted < 65536 ? 65536 : wanted;
        unsigned char *longer = realloc(stream->bytes, room);
        if (longer == NULL)
            return -ENOMEM;
        stream->bytes = longer;
        stream->room = room;
    }
    while (stream->have < wanted) {
        uint64_t now_ns = sys_now_ns();
        struct pollfd watched = {.fd = stream->fd, .events = POLLIN};
        if (now_ns >= stream->deadline_ns)
            return -ETIMEDOUT;
        int ready = poll(&watched, 1, (int)((stream->deadline_ns - now_ns) / SYS_NS_PER_MS) + 1);
        if (ready <= 0)
            continue;
        ssize_t length =
            read(stream->fd, stream->bytes + stream->have, stream->room - stream->have);
        if (length == 0)
            return -EPIPE;
        if (length < 0 && errno != EINTR)
            return -errno;
        if (length > 0)
            stream->have += (size_t)length;
    }
    return 0;
}

static void stream_drop(struct stream *stream, size_t count)
{
    stream->have -= count;
    memmove(stream->bytes, stream->bytes + count, stream->have);
}

/* What is said in words has nothing in it that a terminal obeys. */
static int refused(const char *path, const struct helper_record *record, char *reason,
                   size_t reason_size)
{
    int length = snprintf(reason, reason_size, "registry hive %s: %.*s", path, (int)record->length,
                          (const char *)record->data);

    for (char *c = reason; length >= 0 && *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    }
    return -EINVAL;
}

/* 0 after the record of the end. */
static int records_take(struct stream *stream, const struct helper_run *run, const char *path,
                        char *reason, size_t reason_size)
{
    for (;;) {
        int error = stream_fill(stream, HIVE_RECORD_HEAD);
        size_t length = error == 0 ? hive_number(stream->bytes + 1) : 0;
        if (length > HIVE_RECORD_MAX)
            error = -EPROTO;
        if (error == 0)
            error = stream_fill(stream, HIVE_RECORD_HEAD + length);
        if (error != 0)
            return error;
        const struct helper_record record = {(enum hive_record)stream->bytes[0],
                                             stream->bytes + HIVE_RECORD_HEAD, length};
        if (record.kind == HIVE_RECORD_END)
            return 0;
        error = record.kind == HIVE_RECORD_ERROR
                    ? refused(path, &record, reason, reason_size)
                    : run->take(run->context, &record, reason, reason_size);
        if (error != 0)
            return error;
        stream_drop(stream, HIVE_RECORD_HEAD + length);
    }
}

/* ---- a run ---- */

static int helper_start(pid_t *ret_pid, const struct helper_run *run, int output)
{
    char helper[PATH_MAX];
    const char *words[WORDS_MAX] = {helper};
    struct sys_child_fd fds[4] = {{.parent_fd = output, .child_fd = STDOUT_FILENO}};
    size_t fd_count = 1;

    if (!helper_find(helper))
        return -ENOENT;
    for (unsigned i = 0; run->words[i] != NULL; i++)
        words[1 + i] = run->words[i];
    for (int i = 0; i < 3; i++) {
        if (run->fds[i] >= 0)
            fds[fd_count++] =
                (struct sys_child_fd){.parent_fd = run->fds[i], .child_fd = HIVE_FD + i};
    }
    const struct sys_child_options options = {
        .argv = words,
        .fds = fds,
        .fd_count = fd_count,
        .stderr_fd = -1,
        .die_with_us = true,
        .own_group = true,
    };
    return sys_child_start(ret_pid, &options);
}

static void explain(int error, int status, const char *path, char *reason, size_t reason_size)
{
    if (*reason != '\0')
        return;
    if (error == -ETIMEDOUT)
        snprintf(reason, reason_size, "registry hive %s: it took more than %d s to go through it",
                 path, RUN_S_MAX);
    else if (error == -EPIPE && WIFSIGNALED(status))
        snprintf(reason, reason_size,
                 "registry hive %s: it is damaged: libhivex ended by signal %d (%s)", path,
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(reason, reason_size, "registry hive %s: %s could not go through it: %s", path,
                 helper_name, strerror(-error));
}

int helper_run(const struct helper_run *run, const char *path, char *reason, size_t reason_size)
{
    int ends[2], status = 0;
    pid_t pid;

    *reason = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    int error = helper_start(&pid, run, ends[1]);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        snprintf(reason, reason_size,
                 "registry hive %s: %s cannot be started: %s: build or install all of storhost",
                 path, helper_name, strerror(-error));
        return error;
    }
    struct stream stream = {
        .fd = ends[0],
        .deadline_ns = sys_now_ns() + RUN_S_MAX * SYS_NS_PER_S,
    };
    error = records_take(&stream, run, path, reason, reason_size);
    if (error != 0 && error != -EPIPE)
        sys_child_kill(pid, SIGKILL);
    close(ends[0]);
    free(stream.bytes);
    (void)sys_child_wait(pid, SYS_FOREVER, &status);
    if (error == 0 && status != 0)
        error = -EPIPE;
    if (error != 0)
        explain(error, status, path, reason, reason_size);
    return error;
}
