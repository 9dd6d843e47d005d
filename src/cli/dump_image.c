/*
 * dump_image.c - the memory that a driver has marked, as the image of a hibernation.
 *
 * It is copied into a file in memory by the kernel, which tells of an address that is none instead
 * of ending the process: what a driver marks is its own affair.
 */
#include "dump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool copy_range(int file, const unsigned char *memory, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, memory, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            message("%zu bytes at %p are marked by StorPortMarkDumpMemory and cannot be read: %s",
                    length, (const void *)memory, written < 0 ? strerror(errno) : "no room");
            return false;
        }
        memory += written;
        length -= (size_t)written;
    }
    return true;
}

bool image_take(struct dump_image *image, const struct storhost_dump *dump, uint64_t marked_bytes,
                uint64_t room)
{
    const void *memory;
    size_t length;

    *image = (struct dump_image){0};
    if (marked_bytes == 0 || marked_bytes > room)
        return true;
    int file = memfd_create("image", MFD_CLOEXEC);
    if (file < 0) {
        message("the image: %s", strerror(errno));
        return false;
    }
    bool good = true;
    uint64_t left = marked_bytes; /* a sum that may have overflown */
    for (unsigned i = 0; good && storhost_dump_marked(dump, i, &memory, &length); i++) {
        good = copy_range(file, memory, length < left ? length : (size_t)left);
        left -= length < left ? length : left;
    }
    void *data = good ? mmap(NULL, marked_bytes, PROT_READ, MAP_PRIVATE, file, 0) : NULL;
    (void)close(file);
    if (data == MAP_FAILED) {
        message("the image: %s", strerror(errno));
        return false;
    }
    image->data = data;
    image->bytes = good ? marked_bytes : 0;
    return good;
}

size_t image_fill(const struct dump_image *image, void *data, size_t length, uint64_t offset)
{
    if (offset >= image->bytes)
        return 0;
    size_t piece = image->bytes - offset < length ? (size_t)(image->bytes - offset) : length;
    memcpy(data, image->data + offset, piece);
    return piece;
}

void image_free(struct dump_image *image)
{
    if (image->data != NULL)
        munmap((void *)(uintptr_t)image->data, image->bytes);
    *image = (struct dump_image){0};
}
