/*
 * test_support.c - files and child processes for the loader's tests.
 */
#include "test_support.h"

#include "sys/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct file_bytes support_read(const char *path)
{
    struct file_bytes file = {0};
    FILE *stream = fopen(path, "rb");
    sh_assert(stream);
    struct stat status;
    sh_assert(fstat(fileno(stream), &status) == 0);
    file.size = (size_t)status.st_size;
    file.bytes = malloc(file.size);
    sh_assert(file.bytes);
    sh_assert(fread(file.bytes, 1, file.size, stream) == file.size);
    fclose(stream);
    return file;
}

char *support_write(const void *bytes, size_t size)
{
    char *path = strdup("/tmp/storhost-image-XXXXXX");
    sh_assert(path);
    int fd = mkstemp(path);
    sh_assert(fd >= 0);
    sh_assert(write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    return path;
}

void support_remove(char *path)
{
    unlink(path);
    free(path);
}

int support_run_child(void (*body)(void *argument), void *argument, char *text, size_t size)
{
    int ends[2];
    sh_assert(pipe(ends) == 0);
    fflush(NULL);
    pid_t pid = fork();
    sh_assert(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        body(argument);
        _exit(0);
    }
    close(ends[1]);
    size_t used = 0;
    char chunk[4096];
    ssize_t count;
    while ((count = read(ends[0], chunk, sizeof(chunk))) > 0)
        for (ssize_t i = 0; i < count && used + 1 < size; i++)
            text[used++] = chunk[i];
    text[used] = 0;
    close(ends[0]);
    int status;
    sh_assert(waitpid(pid, &status, 0) == pid);
    return status;
}
