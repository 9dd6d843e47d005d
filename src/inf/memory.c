/*
 * memory.c - memory of an INF set: taken piece by piece, freed as a whole.
 */
#include "inf/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16384 };

struct inf_block {
    struct inf_block *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

void *inf_allocate(struct inf_memory *memory, size_t size)
{
    struct inf_block *block = memory->blocks;

    size = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = calloc(1, sizeof(*block) + room);
        if (!block)
            return NULL;
        block->size = room;
        block->next = memory->blocks;
        memory->blocks = block;
    }
    void *piece = block->bytes + block->used;
    block->used += size;
    return piece;
}

char *inf_copy(struct inf_memory *memory, const char *text, size_t length)
{
    char *copy = inf_allocate(memory, length + 1);

    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

char *inf_format(struct inf_memory *memory, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : inf_allocate(memory, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void inf_memory_free(struct inf_memory *memory)
{
    while (memory->blocks) {
        struct inf_block *block = memory->blocks;
        memory->blocks = block->next;
        free(block);
    }
}

/* The lists' capacities are the powers of two from 4 on. */
bool inf_list_grow(struct inf_memory *memory, void ***list, unsigned count)
{
    if (count && (count < 4 || (count & (count - 1))))
        return true;
    void **longer = inf_allocate(memory, (count ? 2 * (size_t)count : 4) * sizeof(void *));
    if (!longer)
        return false;
    if (count)
        memcpy(longer, *list, count * sizeof(void *));
    *list = longer;
    return true;
}
