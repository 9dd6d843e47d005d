/*
 * pe_symbols.c - function and line of source in a Windows image: by the database beside it, or by
 * DWARF in it.
 *
 * llvm-symbolizer reads both, in a child with bounded time, started when somebody asks. It reads
 * files, so the file has to be what was loaded, and the database that of the image.
 */
#include "image/image_facts.h"
#include "image/image_internal.h"
#include "image/pe_database.h"
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 5000, ANSWER_BYTES = 2048 };

static const char *const programs[] = {"llvm-symbolizer-14", "llvm-symbolizer"};
static bool is_slow; /* it did not answer in time: nobody waits for it twice; __atomic */

/* ---- the files ---- */

static bool has_dwarf(const struct image *image)
{
    return memmem(image->bytes, image->size, ".debug_info", sizeof(".debug_info")) != NULL;
}

/* The name without folders, which are those of the machine where it was built. */
static const char *file_name(const char *path)
{
    const char *name = path;

    for (const char *c = path; *c; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    return name;
}

static bool is_what_was_loaded(const struct image *image)
{
    unsigned char bytes[4096];
    size_t at = 0;
    ssize_t count = 0;
    int fd = image->path ? open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

    if (fd < 0)
        return false;
    while (at < image->size && (count = read(fd, bytes, sizeof(bytes))) > 0) {
        if ((size_t)count > image->size - at ||
            memcmp(bytes, image->bytes + at, (size_t)count) != 0)
            break;
        at += (size_t)count;
    }
    close(fd);
    return at == image->size;
}

/* True: there is something to ask for. An image that names a database is described by that alone:
 * the program does not look at its DWARF then. False: with why in `text`, or nothing there. */
static bool is_described(const struct image *image, char *text, size_t size)
{
    struct image_facts facts;
    char path[PATH_MAX], id[sizeof(facts.database_id)];

    text[0] = 0;
    if (!image->path)
        return false;
    image_facts(image, &facts);
    if (!facts.database[0])
        return has_dwarf(image) && is_what_was_loaded(image);
    const char *name = file_name(facts.database);
    int folder = (int)(file_name(image->path) - image->path);
    int length = snprintf(path, sizeof(path), "%.*s%s", folder, image->path, name);
    if (length >= (int)sizeof(path) || access(path, R_OK) != 0)
        return false;
    if (!pe_database_id(path, id, sizeof(id)))
        snprintf(text, size, "%s is no program database", name);
    else if (strcmp(id, facts.database_id) != 0)
        snprintf(text, size, "%s is of another build", name);
    else if (!is_what_was_loaded(image))
        snprintf(text, size, "the file has changed since it was loaded");
    else
        return true;
    return false;
}

/* ---- the child ---- */

static int start(const struct image *image, uint64_t offset, int output, pid_t *ret_pid)
{
    char object[PATH_MAX + 16], address[32];
    int error = -ENOENT;

    snprintf(object, sizeof(object), "--obj=%s", image->path);
    snprintf(address, sizeof(address), "0x%llx", (unsigned long long)offset);
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && error == -ENOENT; i++) {
        const char *const arguments[] = {programs[i], "--relative-address", object, address, NULL};
        const struct sys_child_fd fd = {output, STDOUT_FILENO};
        const struct sys_child_options options = {
            .argv = arguments, .fds = &fd, .fd_count = 1, .stderr_fd = -1};
        error = sys_child_start(ret_pid, &options);
    }
    return error;
}

/* All that it says, as far as there is room. */
static void listen_to(int input, char *answer, size_t size)
{
    struct pollfd watched = {.fd = input, .events = POLLIN};
    size_t used = 0;
    ssize_t count;

    while (used < size - 1) {
        if (poll(&watched, 1, WAIT_MS) <= 0) {
            __atomic_store_n(&is_slow, true, __ATOMIC_RELAXED);
            break;
        }
        count = read(input, answer + used, size - 1 - used);
        if (count <= 0)
            break;
        used += (size_t)count;
    }
    answer[used] = 0;
}

/* 0 or a negative errno. */
static int ask(const struct image *image, uint64_t offset, char *answer, size_t size)
{
    int pipes[2], status;
    pid_t child;

    if (__atomic_load_n(&is_slow, __ATOMIC_RELAXED))
        return -ETIMEDOUT;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return -errno;
    int error = start(image, offset, pipes[1], &child);
    close(pipes[1]);
    if (!error) {
        listen_to(pipes[0], answer, size);
        sys_child_kill(child, SIGKILL);
        (void)sys_child_wait(child, SYS_FOREVER, &status);
    }
    close(pipes[0]);
    return error;
}

/* Two lines, of which the second is "file:line:column"; what is not known begins with "??". */
static void read_answer(char *answer, char *text, size_t size)
{
    char *rest = NULL;
    const char *function = strtok_r(answer, "\n", &rest);
    char *place = strtok_r(NULL, "\n", &rest);
    char *column = place ? strrchr(place, ':') : NULL;

    text[0] = 0;
    if (!function || function[0] == '?' || !column)
        return;
    *column = 0;
    if (place[0] == '?')
        snprintf(text, size, "%s", function);
    else
        snprintf(text, size, "%s at %s", function, file_name(place));
}

void pe_symbols_describe(const struct image *image, uint64_t offset, char *text, size_t size)
{
    char answer[ANSWER_BYTES];

    if (!is_described(image, text, size))
        return;
    int error = ask(image, offset, answer, sizeof(answer));
    if (!error)
        read_answer(answer, text, size);
    else if (error == -ENOENT)
        snprintf(text, size, "no line without llvm-symbolizer");
}
