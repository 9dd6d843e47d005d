/*
 * unwind.h - one step up the stack of a PE image's code, by its unwind data.
 *
 * Everything that is read, the image's bytes and the stack, may be anything: reads go through a
 * routine that survives addresses where there is nothing, offsets are held against the image, and
 * chains have an end. What contradicts itself stops the walk with words that say where.
 */
#ifndef STORHOST_IMAGE_UNWIND_H
#define STORHOST_IMAGE_UNWIND_H

#include "image/pe_exceptions.h"

#include <ntddk.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { UNWIND_EXCEPTION_HANDLER = 1, UNWIND_TERMINATION_HANDLER = 2 };

/* Copies; false when there is no such memory. Async-signal-safe. */
typedef bool (*unwind_read)(void *to, const void *from, size_t size);

struct unwind_source {
    struct pe_exception_table table;
    unwind_read read;
};

/* Where the caller's registers were found; NULL: they were not saved in this frame. */
struct unwind_places {
    uint64_t *vectors[16]; /* XMM: two words each */
    uint64_t *registers[16];
};

/* What a step learns about the frame that it leaves. */
struct unwind_frame {
    uint64_t establisher;  /* what identifies the frame for its handlers */
    uint64_t handler;      /* address of the language's handler, 0: none of the kind asked for */
    uint64_t handler_data; /* address behind it */
};

struct unwind_fault {
    uint32_t offset; /* in the image */
    const char *what;
};

/* The row of an address, or NULL: a leaf function, or no function. Not what the row refers to. */
const struct pe_function *unwind_find(const struct pe_exception_table *table, uint64_t address);

/* From the registers of a function at context->Rip to those of its caller. `function` is what
 * unwind_find has said; NULL: a leaf. `handlers`: which kind to look for, 0: none. `places` may be
 * NULL. 0, or -EILSEQ with `ret_fault`, and then the context is worth nothing. */
int unwind_step(const struct unwind_source *source, const struct pe_function *function,
                unsigned handlers, CONTEXT *context, struct unwind_frame *ret_frame,
                struct unwind_places *places, struct unwind_fault *ret_fault);

/* A register in the processor's own numbering. */
static inline uint64_t *unwind_register(CONTEXT *context, unsigned number)
{
    return (uint64_t *)&context->Rax + number;
}

#ifdef __cplusplus
}
#endif

#endif
