/*
 * dump_file.h - files in the directory of dumps.
 */
#ifndef STORHOST_API_DUMP_FILE_H
#define STORHOST_API_DUMP_FILE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DUMP_TIME_BYTES = 32 };
/* The machine's time, UTC, as strftime formats it. */
void dump_time(char *text, size_t size, const char *format) __attribute__((format(strftime, 3, 0)));

/* A descriptor of the directory, in which files can be made. 0 or a negative errno. */
int dump_directory_open(const char *path, int *ret_directory);
/* Writes a whole file under a name made of driver, port and time, which is returned. 0 or a
 * negative errno; then there is no such file. One at a time. */
int dump_file_write(int directory, const char *service, unsigned port, const char *text,
                    size_t length, char *name, size_t name_size);

#ifdef __cplusplus
}
#endif

#endif
