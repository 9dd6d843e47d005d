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
} __attribute__((aligned(16)));

static struct object_header *header_of(const void *body)
{
    struct object_header *header = (struct object_header *)(uintptr_t)body - 1;

    if (!body || header->mark != OBJECT_MARK)
        nt_bugcheck(NT_BUGCHECK_REFERENCE_BY_POINTER, 0, (uintptr_t)body, 0, 0,
                    "the driver passed a pointer that is no object, or one that is gone");
    return header;
}

void *nt_object_create(enum nt_object_kind kind, size_t size, void (*destroy)(void *body))
{
    size_t whole = (sizeof(struct object_header) + size + 15) & ~(size_t)15;
    struct object_header *header = aligned_alloc(16, whole);

    if (!header)
        return NULL;
    memset(header, 0, whole);
    header->mark = OBJECT_MARK;
    header->references = 1;
    header->kind = kind;
    header->destroy = destroy;
    return header + 1;
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
    free(header);
    return 0;
}

enum nt_object_kind nt_object_kind_of(const void *body)
{
    return header_of(body)->kind;
}
