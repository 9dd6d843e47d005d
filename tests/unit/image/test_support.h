/*
 * test_support.h - what the loader's tests share: files, and a child process whose end is judged.
 */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

struct file_bytes {
    uint8_t *bytes;
    size_t size;
};

/* Reads a file into memory from malloc; ends the test when it cannot. */
struct file_bytes support_read(const char *path);
/* Writes bytes to a new temporary file and returns its name, from malloc. */
char *support_write(const void *bytes, size_t size);
/* Unlinks and frees a name from support_write. */
void support_remove(char *path);

/* Runs `body(argument)` in a child and returns its status as waitpid gives it. What the child wrote
 * to stderr is returned in `text`. A child whose body returns ends with status 0. */
int support_run_child(void (*body)(void *argument), void *argument, char *text, size_t size);

#endif
