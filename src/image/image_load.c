/*
 * image_load.c - loads and unloads a driver's file, whatever it is: the first bytes say which
 * container has the code.
 */
#include "image/image_internal.h"

#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t file_size_max = 256u << 20;

/* Loads are serial: between the look whether a file is mapped and its mapping nobody may map it. */
static struct sys_mutex load_mutex;

int image_fail(const struct image_reason *reason, int error, const char *what)
{
    snprintf(reason->text, reason->size, "%s %s", reason->path, what);
    return error;
}

int image_fail_errno(const struct image_reason *reason, const char *what)
{
    int error = errno;
    snprintf(reason->text, reason->size, "%s: %s: %s", reason->path, what, strerror(error));
    return -error;
}

static int read_whole(int fd, uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = read(fd, bytes + done, size - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            return -EIO;
        done += (size_t)count;
    }
    return 0;
}

/* Reads the whole file, so that what was checked cannot change afterwards. */
static int read_file(const struct image_reason *reason, uint8_t **ret_bytes, size_t *ret_size)
{
    int fd = open(reason->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return image_fail_errno(reason, "cannot open the driver");
    int error = 0;
    uint8_t *bytes = NULL;
    struct stat status;
    if (fstat(fd, &status) < 0)
        error = image_fail_errno(reason, "cannot look at the driver");
    else if (!S_ISREG(status.st_mode))
        error = image_fail(reason, -ENOEXEC, "is not a file: give a driver");
    else if ((uint64_t)status.st_size > file_size_max)
        error = image_fail(reason, -ENOEXEC, "is larger than any driver (256 MiB)");
    else if ((bytes = malloc((size_t)status.st_size + 1)) == NULL)
        error = image_fail(reason, -ENOMEM, "does not fit into memory");
    else if ((error = read_whole(fd, bytes, (size_t)status.st_size)) < 0) {
        errno = -error;
        error = image_fail_errno(reason, "cannot read the driver");
    }
    close(fd);
    if (error) {
        free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    *ret_size = (size_t)status.st_size;
    return 0;
}

static bool is_windows_image(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 'M' && bytes[1] == 'Z';
}

static void image_free(struct image *image)
{
    if (image->place)
        image_place_remove(image);
    if (image->handle)
        elf_module_unmap(image);
    else if (image->base)
        pe_image_unmap(image);
    missing_imports_destroy(image->missing);
    image_symbols_destroy(image->symbols);
    free(image->functions);
    free(image->segments);
    free(image->path);
    free(image->name);
    free(image);
}

/* Takes `bytes`, also when it fails. */
static struct image *image_create(const char *name, uint8_t *bytes, size_t size)
{
    struct image *image = calloc(1, sizeof(*image));

    if (image)
        image->name = strdup(name);
    if (image && image->name && image_symbols_create(&image->symbols, bytes, size) == 0) {
        image->bytes = bytes;
        image->size = size;
        return image;
    }
    free(bytes);
    if (image)
        image_free(image);
    return NULL;
}

int image_load_bytes(struct image **ret_image, uint8_t *bytes, size_t size, const char *name,
                     const struct image_reason *reason)
{
    struct image *image = image_create(name, bytes, size);
    if (!image)
        return image_fail(reason, -ENOMEM, "cannot be loaded: out of memory");
    image->path = strdup(reason->path ? reason->path : "");
    sys_mutex_lock(&load_mutex);
    int error = is_windows_image(bytes, size) ? pe_image_load(image, bytes, size, reason)
                                              : elf_module_load(image, bytes, size, reason);
    if (!error) {
        error = image_place_add(image);
        if (error == -E2BIG)
            image_fail(reason, error = -EILSEQ, "has code in more places than any driver");
        else if (error)
            image_fail(reason, error, "cannot be loaded: out of memory");
    }
    sys_mutex_unlock(&load_mutex);
    if (error) {
        image_free(image);
        return error;
    }
    *ret_image = image;
    return 0;
}

int image_load(struct image **ret_image, const char *path, const char *name, char *reason_text,
               size_t reason_size)
{
    const struct image_reason reason = {path, reason_text, reason_size};
    uint8_t *bytes = NULL;
    size_t size = 0;
    int error = read_file(&reason, &bytes, &size);
    if (error)
        return error;
    sys_assume(bytes);
    return image_load_bytes(ret_image, bytes, size, name, &reason);
}

void image_unload(struct image *image)
{
    if (!image || image->stays)
        return;
    image_free(image);
}
