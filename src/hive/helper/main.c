/*
 * main.c - storhost-hive: reads and writes Windows registry hives with libhivex, for the machine
 * that started it.
 *
 * Rule: what a hostile hive can do to libhivex happens here, in a process of its own with bounded
 * memory, time and files, and not in the machine. Records go to standard output (records.h); the
 * hive comes as descriptor 3, changes as 4, and the new hive goes into 5.
 *
 *     storhost-hive kind | read | read-set NAME | write
 */
#include "helper.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CPU_SECONDS_MAX = 60,
    MEMORY_SPARE = 64 << 20,
    OUTPUT_BUFFER_BYTES = 1 << 16,
};

/* ---- records ---- */

void record_put(enum hive_record kind, const struct part *parts, unsigned count)
{
    unsigned char head[HIVE_RECORD_HEAD] = {(unsigned char)kind};
    uint64_t length = 0;

    for (unsigned i = 0; i < count; i++)
        length += parts[i].length;
    if (length > HIVE_RECORD_MAX)
        helper_fail("a record of %llu bytes: more than %u are not read", (unsigned long long)length,
                    HIVE_RECORD_MAX);
    for (unsigned i = 0; i < 4; i++)
        head[1 + i] = (unsigned char)(length >> 8 * i);
    fwrite(head, 1, sizeof(head), stdout);
    for (unsigned i = 0; i < count; i++)
        fwrite(parts[i].data, 1, parts[i].length, stdout);
    if (ferror(stdout))
        _exit(1);
}

/* The record of the error, and the end. */
void helper_fail(const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    record_put(HIVE_RECORD_ERROR, &(struct part){text, strlen(text)}, 1);
    fflush(stdout);
    _exit(1);
}

/* ---- bounds ---- */

static void limit(int resource, rlim_t most)
{
    const struct rlimit limits = {most, most};

    setrlimit((__rlimit_resource_t)resource, &limits);
}

/* A hive takes its size in memory, and as much again where it grows. */
static void limits_set(void)
{
    struct stat status;

    if (fstat(HIVE_FD, &status) != 0 || !S_ISREG(status.st_mode))
        helper_fail("it is no file");
    if (status.st_size > HIVE_BYTES_MAX)
        helper_fail("it has %lld bytes: hives of at most %d are read", (long long)status.st_size,
                    HIVE_BYTES_MAX);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, CPU_SECONDS_MAX);
    limit(RLIMIT_FSIZE, (rlim_t)(2 * status.st_size + MEMORY_SPARE));
#ifndef STORHOST_SANITIZER_RUNTIME /* it maps more than any limit allows */
    limit(RLIMIT_AS, (rlim_t)(4 * status.st_size + 4 * MEMORY_SPARE));
#endif
}

int main(int argc, char **argv)
{
    static char buffer[OUTPUT_BUFFER_BYTES];

    setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        printf("storhost-hive reads and writes registry hives for storhost --registry; it is not "
               "run by hand.\n");
        return 0;
    }
    limits_set();
    if (argc == 2 && strcmp(argv[1], "kind") == 0)
        hive_kind();
    else if (argc == 2 && strcmp(argv[1], "read") == 0)
        hive_read(NULL);
    else if (argc == 3 && strcmp(argv[1], "read-set") == 0)
        hive_read(argv[2]);
    else if (argc == 2 && strcmp(argv[1], "write") == 0)
        hive_write();
    else
        helper_fail("it is not run by hand");
    record_put(HIVE_RECORD_END, NULL, 0);
    return fflush(stdout) == 0 ? 0 : 1;
}
