/*
 * unwind.c - one step up the stack of a PE image's code, by its unwind data.
 *
 * What the prologue has done so far is undone, in the order of the codes that describe it; in an
 * epilogue what is left of it is carried out instead. An image that lies gets at most wrong
 * registers: nothing is read but through source->read, and of the image nothing outside its bounds.
 */
#include "image/unwind_internal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum {
    CHAIN_MAX = 32,
    HEADER_BYTES = 4,
    SLOT_BYTES = 2,
    FLAG_CHAINED = 4,
    WHOLE_PROLOGUE = 256,

    CODE_PUSH = 0,
    CODE_ALLOCATE_LARGE = 1,
    CODE_ALLOCATE_SMALL = 2,
    CODE_SET_FRAME = 3,
    CODE_SAVE = 4,
    CODE_SAVE_FAR = 5,
    CODE_EPILOGUE = 6, /* version 1: an old form that saves half a vector */
    CODE_OLD_FAR = 7,
    CODE_SAVE_VECTOR = 8,
    CODE_SAVE_VECTOR_FAR = 9,
    CODE_MACHINE_FRAME = 10,
};

_Static_assert(offsetof(CONTEXT, R15) - offsetof(CONTEXT, Rax) == 15 * sizeof(uint64_t),
               "sixteen registers in the processor's order");
_Static_assert(sizeof(struct pe_function) == 12, "a row of .pdata");

const struct pe_function *unwind_find(const struct pe_exception_table *table, uint64_t address)
{
    const struct pe_function *functions = table->functions;
    uint64_t offset = address - (uintptr_t)table->base;
    size_t low = 0, high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (offset < functions[middle].begin)
            high = middle;
        else if (offset >= functions[middle].end)
            low = middle + 1;
        else
            return &functions[middle];
    }
    return NULL;
}

int unwind_fail(struct unwind_fault *fault, uint32_t offset, const char *what)
{
    *fault = (struct unwind_fault){offset, what};
    return -EILSEQ;
}

bool unwind_read_image(const struct unwind_source *source, uint64_t offset, void *to, size_t size)
{
    return offset < source->table.size && size <= source->table.size - offset &&
           source->read(to, source->table.base + offset, size);
}

static bool read_stack(const struct unwind_step *step, uint64_t address, void *to, size_t size)
{
    return step->source->read(to, (const void *)(uintptr_t)address, size); // NOLINT
}

/* ---- the data of one function ---- */

int unwind_load(const struct unwind_source *source, const struct pe_function *function,
                struct unwind_information *ret_information, struct unwind_fault *fault)
{
    struct pe_function row = *function;
    uint8_t header[HEADER_BYTES];

    for (unsigned i = 0; row.unwind & 1; i++) {
        uint32_t offset = row.unwind & ~1u;
        if (i == CHAIN_MAX)
            return unwind_fail(fault, offset, "rows of .pdata refer to each other in a circle");
        if (!unwind_read_image(source, offset, &row, sizeof(row)))
            return unwind_fail(fault, offset, "a row of .pdata refers to none in the image");
    }
    if (!unwind_read_image(source, row.unwind, header, sizeof(header)))
        return unwind_fail(fault, row.unwind, "unwind data lie outside the image");
    struct unwind_information *information = ret_information;
    information->function = row;
    information->version = header[0] & 7;
    information->flags = header[0] >> 3;
    information->prologue_size = header[1];
    information->slot_count = header[2];
    information->frame_register = header[3] & 15;
    information->frame_offset = (header[3] >> 4) * 16u;
    information->tail = row.unwind + HEADER_BYTES + (header[2] + 1u) / 2 * 2 * SLOT_BYTES;
    if (information->version != 1 && information->version != 2)
        return unwind_fail(fault, row.unwind, "unwind data are of a version that nobody knows");
    if (!unwind_read_image(source, (uint64_t)row.unwind + HEADER_BYTES, information->slots,
                           (size_t)header[2] * SLOT_BYTES) &&
        header[2])
        return unwind_fail(fault, row.unwind + 2, "unwind codes reach out of the image");
    return 0;
}

/* The data that these are chained to; `depth` counts. */
static int load_chained(const struct unwind_source *source, struct unwind_information *information,
                        unsigned depth, struct unwind_fault *fault)
{
    struct pe_function row;

    if (depth == CHAIN_MAX)
        return unwind_fail(fault, information->tail, "unwind data are chained in a circle");
    if (!unwind_read_image(source, information->tail, &row, sizeof(row)))
        return unwind_fail(fault, information->tail, "chained unwind data lie outside the image");
    return unwind_load(source, &row, information, fault);
}

int unwind_load_whole(const struct unwind_source *source, struct unwind_information *information,
                      struct unwind_fault *fault)
{
    int error = 0;

    for (unsigned depth = 0; !error && information->flags & FLAG_CHAINED; depth++)
        error = load_chained(source, information, depth, fault);
    return error;
}

/* ---- codes ---- */

/* How many slots the code at `index` has, itself included; 0: there is no such code. */
static unsigned code_length(const struct unwind_information *information, unsigned index)
{
    unsigned argument = information->slots[index].high >> 4;

    switch (information->slots[index].high & 15) {
    case CODE_PUSH:
    case CODE_ALLOCATE_SMALL:
    case CODE_SET_FRAME:
        return 1;
    case CODE_MACHINE_FRAME:
        return argument <= 1 ? 1 : 0;
    case CODE_ALLOCATE_LARGE:
        return argument <= 1 ? 2 + argument : 0;
    case CODE_SAVE:
    case CODE_SAVE_VECTOR:
        return 2;
    case CODE_SAVE_FAR:
    case CODE_SAVE_VECTOR_FAR:
    case CODE_OLD_FAR:
        return 3;
    case CODE_EPILOGUE:
        return information->version == 1 ? 2 : 1;
    default:
        return 0;
    }
}

static uint32_t slot_word(const struct unwind_information *information, unsigned index)
{
    return information->slots[index].low | (uint32_t)information->slots[index].high << 8;
}

/* What stands behind a code: a scaled word, or two of them as they are. */
static uint64_t code_operand(const struct unwind_information *information, unsigned index,
                             unsigned length, unsigned scale)
{
    uint64_t value = slot_word(information, index + 1);

    return length == 3 ? value | (uint64_t)slot_word(information, index + 2) << 16 : value * scale;
}

static bool load_register(struct unwind_step *step, unsigned number, uint64_t address)
{
    if (!read_stack(step, address, unwind_register(step->context, number), sizeof(uint64_t)))
        return false;
    if (step->places)
        step->places->registers[number] = (uint64_t *)(uintptr_t)address; // NOLINT
    return true;
}

static bool load_vector(struct unwind_step *step, unsigned number, uint64_t address)
{
    if (!read_stack(step, address, &step->context->Xmm0 + number, sizeof(M128A)))
        return false;
    if (step->places)
        step->places->vectors[number] = (uint64_t *)(uintptr_t)address; // NOLINT
    return true;
}

bool unwind_pop(struct unwind_step *step, unsigned number)
{
    if (!load_register(step, number, step->context->Rsp))
        return false;
    step->context->Rsp += sizeof(uint64_t);
    return true;
}

static bool undo_machine_frame(struct unwind_step *step, bool has_error_code)
{
    CONTEXT *context = step->context;
    uint64_t address = context->Rsp + (has_error_code ? 8 : 0);

    if (!read_stack(step, address, &context->Rip, sizeof(uint64_t)) ||
        !read_stack(step, address + 24, &context->Rsp, sizeof(uint64_t)))
        return false;
    step->has_return_address = true;
    return true;
}

/* False: there is no such stack. */
static bool undo(struct unwind_step *step, const struct unwind_information *information,
                 unsigned index, unsigned length)
{
    CONTEXT *context = step->context;
    unsigned argument = information->slots[index].high >> 4;

    switch (information->slots[index].high & 15) {
    case CODE_PUSH:
        return unwind_pop(step, argument);
    case CODE_ALLOCATE_LARGE:
        context->Rsp += code_operand(information, index, length, 8);
        return true;
    case CODE_ALLOCATE_SMALL:
        context->Rsp += argument * 8 + 8;
        return true;
    case CODE_SET_FRAME:
        context->Rsp =
            *unwind_register(context, information->frame_register) - information->frame_offset;
        return true;
    case CODE_SAVE:
    case CODE_SAVE_FAR:
        return load_register(step, argument,
                             step->base + code_operand(information, index, length, 8));
    case CODE_SAVE_VECTOR:
    case CODE_SAVE_VECTOR_FAR:
        return load_vector(step, argument,
                           step->base + code_operand(information, index, length, 16));
    case CODE_MACHINE_FRAME:
        return undo_machine_frame(step, argument == 1);
    default:
        return true; /* where epilogues are, and forms that keep nothing that must be kept */
    }
}

/* Undoes what the prologue has done when it has come to `reached`. */
static int undo_prologue(struct unwind_step *step, const struct unwind_information *information,
                         uint64_t reached)
{
    unsigned index = 0;

    while (index < information->slot_count) {
        uint32_t offset = information->function.unwind + HEADER_BYTES + index * SLOT_BYTES;
        unsigned length = code_length(information, index);
        if (!length)
            return unwind_fail(step->fault, offset, "there is no such unwind code");
        if (length > information->slot_count - index)
            return unwind_fail(step->fault, offset, "an unwind code is cut off");
        if (information->slots[index].low <= reached && !undo(step, information, index, length))
            return unwind_fail(step->fault, offset, "the stack to be unwound is not there");
        index += length;
    }
    return 0;
}

/* ---- the step ---- */

static bool frame_is_set(const struct unwind_information *information, uint64_t reached)
{
    unsigned index = 0, length;

    if (!information->frame_register)
        return false;
    if (reached >= information->prologue_size || information->flags & FLAG_CHAINED)
        return true;
    for (; index < information->slot_count; index += length) {
        length = code_length(information, index);
        if (!length)
            return false; /* undo_prologue says so */
        if ((information->slots[index].high & 15) == CODE_SET_FRAME)
            return information->slots[index].low <= reached;
    }
    return false;
}

static int step_return(struct unwind_step *step)
{
    CONTEXT *context = step->context;

    if (step->has_return_address)
        return 0;
    if (!read_stack(step, context->Rsp, &context->Rip, sizeof(uint64_t)))
        return unwind_fail(step->fault,
                           (uint32_t)(context->Rip - (uintptr_t)step->source->table.base),
                           "the stack that should hold the return address is not there");
    context->Rsp += sizeof(uint64_t);
    return 0;
}

static int find_handler(const struct unwind_step *step,
                        const struct unwind_information *information, unsigned kinds,
                        struct unwind_frame *frame)
{
    uint32_t offset;

    if (information->flags & FLAG_CHAINED || !(information->flags & kinds))
        return 0;
    if (!unwind_read_image(step->source, information->tail, &offset, sizeof(offset)) ||
        offset >= step->source->table.size)
        return unwind_fail(step->fault, information->tail, "a handler lies outside the image");
    frame->handler = (uintptr_t)step->source->table.base + offset;
    frame->handler_data = (uintptr_t)step->source->table.base + information->tail + sizeof(offset);
    return 0;
}

static int step_function(struct unwind_step *step, const struct pe_function *function,
                         unsigned handlers, struct unwind_frame *frame)
{
    CONTEXT *context = step->context;
    struct unwind_information information;
    int error = unwind_load(step->source, function, &information, step->fault);

    if (error)
        return error;
    uint64_t reached =
        context->Rip - (uintptr_t)step->source->table.base - information.function.begin;
    bool in_prologue = reached < information.prologue_size;
    if (frame_is_set(&information, reached))
        frame->establisher =
            *unwind_register(context, information.frame_register) - information.frame_offset;
    step->base = frame->establisher;
    if (!in_prologue && unwind_epilogue(step, &information))
        return 0;
    error = undo_prologue(step, &information, reached);
    for (unsigned depth = 0; !error && information.flags & FLAG_CHAINED; depth++) {
        error = load_chained(step->source, &information, depth, step->fault);
        if (!error)
            error = undo_prologue(step, &information, WHOLE_PROLOGUE);
    }
    if (!error && !in_prologue)
        error = find_handler(step, &information, handlers, frame);
    return error ? error : step_return(step);
}

int unwind_step(const struct unwind_source *source, const struct pe_function *function,
                unsigned handlers, CONTEXT *context, struct unwind_frame *ret_frame,
                struct unwind_places *places, struct unwind_fault *ret_fault)
{
    struct unwind_step step = {
        .source = source, .context = context, .places = places, .fault = ret_fault};

    *ret_frame = (struct unwind_frame){.establisher = context->Rsp};
    return function ? step_function(&step, function, handlers, ret_frame) : step_return(&step);
}
