/*
 * pe_database.c - which build a program database (PDB) is of.
 *
 * The file is a container of streams in blocks; of two streams the beginnings are read. It may be
 * anything, so each number is held against the file, and what does not agree is no database.
 */
#include "image/pe_database.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAGIC_BYTES = 32,
    BLOCK_MIN = 512,
    BLOCK_MAX = 65536,
    STREAM_INFORMATION = 1,
    STREAM_DEBUG = 3,
    STREAM_NONE = -1, /* as a size */
};

struct superblock {
    char magic[MAGIC_BYTES];
    uint32_t block_size, free_map, block_count;
    uint32_t directory_size, unknown, directory_map;
};

struct information {
    uint32_t version, signature, age;
    uint32_t id_1;
    uint16_t id_2, id_3;
    uint8_t id_4[8];
};

struct debug_information {
    uint32_t signature, version, age;
};

struct container {
    int fd;
    struct superblock head;
};

static bool read_at(const struct container *container, uint64_t offset, void *to, size_t size)
{
    return pread(container->fd, to, size, (off_t)offset) == (ssize_t)size;
}

static bool open_container(const char *path, struct container *container)
{
    static const char magic[MAGIC_BYTES] = "Microsoft C/C++ MSF 7.00\r\n\032DS\0\0";
    struct stat status;

    container->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (container->fd < 0)
        return false;
    const struct superblock *head = &container->head;
    return fstat(container->fd, &status) == 0 && S_ISREG(status.st_mode) &&
           read_at(container, 0, &container->head, sizeof(container->head)) &&
           memcmp(head->magic, magic, MAGIC_BYTES) == 0 && head->block_size >= BLOCK_MIN &&
           head->block_size <= BLOCK_MAX && (head->block_size & (head->block_size - 1)) == 0;
}

static bool read_block(const struct container *container, uint32_t block, uint32_t offset, void *to,
                       size_t size)
{
    return block < container->head.block_count && size <= container->head.block_size - offset &&
           read_at(container, (uint64_t)block * container->head.block_size + offset, to, size);
}

/* A word of the directory, which lies in blocks that a block of their numbers lists. */
static bool directory_word(const struct container *container, uint64_t index, uint32_t *ret_word)
{
    const struct superblock *head = &container->head;
    uint64_t offset = index * sizeof(uint32_t);
    uint64_t listed = offset / head->block_size * sizeof(uint32_t);
    uint32_t block;

    return offset < head->directory_size && listed < head->block_size &&
           read_block(container, head->directory_map, (uint32_t)listed, &block, sizeof(block)) &&
           read_block(container, block, (uint32_t)(offset % head->block_size), ret_word,
                      sizeof(*ret_word));
}

/* The directory: how many streams, the size of each, the blocks of each. */
static bool read_stream(const struct container *container, uint32_t stream, void *to, size_t size)
{
    uint32_t count, length = 0, block;

    if (!directory_word(container, 0, &count) || stream >= count)
        return false;
    uint64_t at = 1 + (uint64_t)count;
    for (uint32_t i = 0; i <= stream; i++) {
        if (!directory_word(container, 1 + (uint64_t)i, &length))
            return false;
        if (length == (uint32_t)STREAM_NONE)
            length = 0;
        if (i < stream)
            at += (length + (uint64_t)container->head.block_size - 1) / container->head.block_size;
    }
    return length >= size && directory_word(container, at, &block) &&
           read_block(container, block, 0, to, size);
}

bool pe_database_id(const char *path, char *text, size_t size)
{
    struct container container;
    struct information information;
    struct debug_information debug;

    bool is_known = open_container(path, &container) &&
                    read_stream(&container, STREAM_INFORMATION, &information, sizeof(information));
    /* Tools that change a database count in another stream. */
    if (is_known && read_stream(&container, STREAM_DEBUG, &debug, sizeof(debug)))
        information.age = debug.age;
    if (container.fd >= 0)
        close(container.fd);
    if (!is_known)
        return false;
    snprintf(text, size, "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}, age %u",
             information.id_1, information.id_2, information.id_3, information.id_4[0],
             information.id_4[1], information.id_4[2], information.id_4[3], information.id_4[4],
             information.id_4[5], information.id_4[6], information.id_4[7], information.age);
    return true;
}
