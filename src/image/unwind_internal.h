/*
 * unwind_internal.h - what the files that unwind a PE image's frames share.
 */
#ifndef STORHOST_IMAGE_UNWIND_INTERNAL_H
#define STORHOST_IMAGE_UNWIND_INTERNAL_H

#include "image/unwind.h"

/* UNWIND_INFO of one row of .pdata. */
struct unwind_information {
    struct pe_function function; /* the row that has it */
    uint8_t version, flags;
    uint8_t prologue_size;
    uint8_t slot_count;
    uint8_t frame_register; /* 0: none */
    uint32_t frame_offset;
    uint32_t tail; /* what follows the codes: a handler, or the row that this one is chained to */
    struct {
        uint8_t low, high;
    } slots[256];
};

struct unwind_step {
    const struct unwind_source *source;
    CONTEXT *context;
    struct unwind_places *places;
    struct unwind_fault *fault;
    uint64_t base; /* what saved registers lie relative to */
    bool has_return_address;
};

int unwind_fail(struct unwind_fault *fault, uint32_t offset, const char *what);
/* False: not all of it lies in the image. */
bool unwind_read_image(const struct unwind_source *source, uint64_t offset, void *to, size_t size);
int unwind_load(const struct unwind_source *source, const struct pe_function *function,
                struct unwind_information *ret_information, struct unwind_fault *fault);
/* From a part with unwind data of its own to the function that it belongs to. */
int unwind_load_whole(const struct unwind_source *source, struct unwind_information *information,
                      struct unwind_fault *fault);
/* Pops into a register, which it may be told of. False: there is no such stack. */
bool unwind_pop(struct unwind_step *step, unsigned number);

/* unwind_epilogue.c: if the context stands in an epilogue, carries out what is left of it, the
 * return too. False with the context as it was: it stands elsewhere. */
bool unwind_epilogue(struct unwind_step *step, const struct unwind_information *information);

#endif
