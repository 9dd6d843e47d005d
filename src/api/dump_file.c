/*
 * dump_file.c - files in the directory of dumps.
 *
 * Rule: the directory is opened once, and a file in it is made under a name that nobody has, for
 * its owner alone, and gets its own name when it is whole. Nothing that is there is followed or
 * written over.
 */
#include "api/dump_file.h"

#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 100 };

int dump_directory_open(const char *path, int *ret_directory)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return -errno;
    if (faccessat(directory, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        int error = -errno;
        close(directory);
        return error;
    }
    *ret_directory = directory;
    return 0;
}

void dump_time(char *text, size_t size, const char *format)
{
    static const uint64_t epoch_100ns = 116444736000000000ull; /* 1970, since 1601 */
    time_t now_s = (time_t)((sys_utc_100ns() - epoch_100ns) / 10000000);
    struct tm utc;

    text[0] = '\0';
    if (gmtime_r(&now_s, &utc) != NULL)
        strftime(text, size, format, &utc);
}

/* Names of services come from users: what is no letter or digit has no place in a file's. */
static void stem_make(char *stem, size_t size, const char *service, unsigned port)
{
    char safe[64], when[DUMP_TIME_BYTES];
    size_t length = 0;

    for (; service[length] != '\0' && length + 1 < sizeof(safe); length++) {
        char c = service[length];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        safe[length] = good ? c : '_';
    }
    safe[length] = '\0';
    dump_time(when, sizeof(when), "%Y%m%dT%H%M%SZ");
    snprintf(stem, size, "%s-RaidPort%u-%s", safe, port, when);
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

/* The file exists under `part` alone; it gets the first name that is free. */
static int name_give(int directory, const char *part, const char *stem, char *name, size_t size)
{
    for (unsigned i = 0; i < TRIES; i++) {
        snprintf(name, size, "%s-%u.json", stem, i);
        if (linkat(directory, part, directory, name, 0) == 0)
            return fsync(directory) == 0 ? 0 : -errno;
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

int dump_file_write(int directory, const char *service, unsigned port, const char *text,
                    size_t length, char *name, size_t name_size)
{
    char stem[128], part[160];

    stem_make(stem, sizeof(stem), service, port);
    snprintf(part, sizeof(part), ".%s-%d.part", stem, (int)getpid());
    int fd = openat(directory, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int error = write_all(fd, text, length);
    if (close(fd) != 0 && error == 0)
        error = -errno;
    if (error == 0)
        error = name_give(directory, part, stem, name, name_size);
    unlinkat(directory, part, 0);
    return error;
}
