/*
 * object.c - see object.h.
 */
#include "nt/object.h"

#include "nt/bugcheck.h"

#include <stdlib.h>
#include <string.h>

enum { OBJECT_MARK = 0x6A624F53, OBJECT_FREED = 0x64616544 };

struct object_header {
    uint32_t mark;
    uint32_t references; /* __atomic */
    enum nt_object_kind kind;
    void (*destroy)(void *body);
    void *memory; /* where it begins */
} __attribute__((aligned(16)));

static struct object_header *header_of(const void *body)
{
    struct object_header *header = (struct object_header *)(uintptr_t)body - 1;

    if (!body || header->mark != OBJECT_MARK)
        nt_bugcheck(NT_BUGCHECK_REFERENCE_BY_POINTER, 0, (uintptr_t)body, 0, 0,
                    "the driver passed a pointer that is no object, or one that is gone");
    return header;
}

void *nt_object_create_aligned(enum nt_object_kind kind, size_t size, size_t alignment,
                               void (*destroy)(void *body))
{
    size_t before = (sizeof(struct object_header) + alignment - 1) & -alignment;
    size_t whole = (before + size + alignment - 1) & -alignment;
    char *memory = aligned_alloc(alignment, whole);

    if (!memory)
        return NULL;
    memset(memory, 0, whole);
    struct object_header *header = (struct object_header *)(memory + before) - 1;
    header->memory = memory;
    header->mark = OBJECT_MARK;
    header->references = 1;
    header->kind = kind;
    header->destroy = destroy;
    return header + 1;
}

void *nt_object_create(enum nt_object_kind kind, size_t size, void (*destroy)(void *body))
{
    return nt_object_create_aligned(kind, size, _Alignof(struct object_header), destroy);
}

uint32_t nt_object_reference(void *body)
{
    return __atomic_add_fetch(&header_of(body)->references, 1, __ATOMIC_RELAXED);
}

bool nt_object_reference_if_alive(void *body)
{
    uint32_t *references = &header_of(body)->references;
    uint32_t count = __atomic_load_n(references, __ATOMIC_RELAXED);

    while (count && !__atomic_compare_exchange_n(references, &count, count + 1, false,
                                                 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        ;
    return count != 0;
}

uint32_t nt_object_release(void *body)
{
    struct object_header *header = header_of(body);
    uint32_t left = __atomic_sub_fetch(&header->references, 1, __ATOMIC_ACQ_REL);

    if (left)
        return left;
    if (header->destroy)
        header->destroy(body);
    header->mark = OBJECT_FREED;
    free(header->memory);
    return 0;
}

enum nt_object_kind nt_object_kind_of(const void *body)
{
    return header_of(body)->kind;
}
