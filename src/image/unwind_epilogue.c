/*
 * unwind_epilogue.c - code that stands in an epilogue.
 *
 * Unwind data describe prologues; an epilogue is known by its instructions, which may only be a few
 * (the calling convention says which): an addition to the stack pointer, pops, and a return or a
 * jump to another function. Version 2 of the data says where epilogues are, too, but the
 * instructions tell as much.
 */
#include "image/unwind_internal.h"

enum {
    EPILOGUE_BYTES_MAX = 48,
    RSP = 4,
    REX = 0x40,
    REX_B = 1,
    REX_W = 8,
    MODRM_RIP = 5,
};

/* Instructions from where the code stands. */
struct epilogue {
    const struct unwind_source *source;
    const struct unwind_information *information;
    uint64_t offset; /* of the first byte, in the image */
    size_t size;
    uint8_t bytes[EPILOGUE_BYTES_MAX];
    /* What it does: */
    bool sets_stack; /* to the frame register and `allocated`; else only adds that */
    int64_t allocated;
    uint8_t popped[16];
    unsigned pop_count;
};

static bool has(const struct epilogue *epilogue, size_t at, size_t count)
{
    return at <= epilogue->size && count <= epilogue->size - at;
}

static int32_t long_at(const struct epilogue *epilogue, size_t at)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < sizeof(value); i++)
        value |= (uint32_t)epilogue->bytes[at + i] << 8 * i;
    return (int32_t)value;
}

static void read_code(struct epilogue *epilogue)
{
    uint64_t end = epilogue->information->function.end;
    uint64_t size = end > epilogue->offset ? end - epilogue->offset : 0;

    epilogue->size = size < EPILOGUE_BYTES_MAX ? (size_t)size : EPILOGUE_BYTES_MAX;
    if (!unwind_read_image(epilogue->source, epilogue->offset, epilogue->bytes, epilogue->size))
        epilogue->size = 0;
}

/* add rsp, constant: how long it is, 0 if it is none. */
static size_t read_addition(struct epilogue *epilogue)
{
    const uint8_t *code = epilogue->bytes;

    if (!has(epilogue, 0, 4) || code[0] != (REX | REX_W) || code[2] != 0xC4)
        return 0;
    if (code[1] == 0x83) {
        epilogue->allocated = (int64_t)(int8_t)code[3];
        return 4;
    }
    if (code[1] == 0x81 && has(epilogue, 3, 4)) {
        epilogue->allocated = long_at(epilogue, 3);
        return 7;
    }
    return 0;
}

/* lea rsp, [frame register + constant] */
static size_t read_address(struct epilogue *epilogue)
{
    const uint8_t *code = epilogue->bytes;
    unsigned frame = epilogue->information->frame_register;

    if (!frame || !has(epilogue, 0, 4) || code[0] != (REX | REX_W | (frame >= 8 ? REX_B : 0)) ||
        code[1] != 0x8D || (code[2] & 0x3F) != (RSP << 3 | (frame & 7)) || (frame & 7) == RSP)
        return 0;
    epilogue->sets_stack = true;
    if (code[2] >> 6 == 1) {
        epilogue->allocated = (int64_t)(int8_t)code[3];
        return 4;
    }
    if (code[2] >> 6 == 2 && has(epilogue, 3, 4)) {
        epilogue->allocated = long_at(epilogue, 3);
        return 7;
    }
    return 0;
}

static size_t read_pops(struct epilogue *epilogue, size_t at)
{
    const uint8_t *code = epilogue->bytes;

    while (epilogue->pop_count < 16) {
        unsigned high =
            has(epilogue, at, 2) && (code[at] & 0xF0) == REX && code[at] & REX_B ? 8 : 0;
        size_t length = has(epilogue, at, 2) && (code[at] & 0xF0) == REX ? 2 : 1;
        if (!has(epilogue, at, length) || (code[at + length - 1] & 0xF8) != 0x58)
            break;
        epilogue->popped[epilogue->pop_count++] = (uint8_t)(high | (code[at + length - 1] & 7));
        at += length;
    }
    return at;
}

/* A jump to another part of the same function is no end of it; one to its beginning is. */
static bool leaves_function(const struct epilogue *epilogue, uint64_t target)
{
    const struct unwind_information *here = epilogue->information;
    struct unwind_information whole = *here, other;
    struct unwind_fault fault;

    if (target >= here->function.begin && target < here->function.end)
        return target == here->function.begin &&
               unwind_load_whole(epilogue->source, &whole, &fault) == 0 &&
               whole.function.begin == here->function.begin;
    const struct pe_function *function =
        unwind_find(&epilogue->source->table, (uintptr_t)epilogue->source->table.base + target);
    if (!function || unwind_load(epilogue->source, function, &other, &fault) != 0 ||
        unwind_load_whole(epilogue->source, &other, &fault) != 0 ||
        unwind_load_whole(epilogue->source, &whole, &fault) != 0)
        return true;
    return other.function.begin != whole.function.begin || target == whole.function.begin;
}

/* What ends an epilogue. */
static bool is_end(const struct epilogue *epilogue, size_t at)
{
    const uint8_t *code = epilogue->bytes;

    if (!has(epilogue, at, 1))
        return false;
    switch (code[at]) {
    case 0xC3:
    case 0xC2:
        return true;
    case 0xF3:
        return has(epilogue, at, 2) && code[at + 1] == 0xC3;
    case 0xEB:
        return has(epilogue, at, 2) &&
               leaves_function(epilogue,
                               epilogue->offset + at + 2 + (uint64_t)(int8_t)code[at + 1]);
    case 0xE9:
        return has(epilogue, at, 5) &&
               leaves_function(epilogue,
                               epilogue->offset + at + 5 + (uint64_t)long_at(epilogue, at + 1));
    default:
        break;
    }
    if (has(epilogue, at, 2) && code[at] == 0xFF)
        return code[at + 1] == (0x20 | MODRM_RIP); /* jmp [rip + ...] */
    return has(epilogue, at, 3) && (code[at] & 0xF8) == (REX | REX_W) && code[at + 1] == 0xFF &&
           (code[at + 2] & 0x38) == 0x20; /* the form that compilers keep for ends */
}

static bool read_epilogue(struct epilogue *epilogue)
{
    read_code(epilogue);
    size_t at = read_addition(epilogue);
    if (!at)
        at = read_address(epilogue);
    return is_end(epilogue, read_pops(epilogue, at));
}

bool unwind_epilogue(struct unwind_step *step, const struct unwind_information *information)
{
    CONTEXT before = *step->context, *context = step->context;
    struct epilogue epilogue = {
        .source = step->source,
        .information = information,
        .offset = context->Rip - (uintptr_t)step->source->table.base,
    };

    if (!read_epilogue(&epilogue))
        return false;
    if (epilogue.sets_stack)
        context->Rsp = *unwind_register(context, information->frame_register);
    context->Rsp += (uint64_t)epilogue.allocated;
    bool done = true;
    for (unsigned i = 0; done && i < epilogue.pop_count; i++)
        done = unwind_pop(step, epilogue.popped[i]);
    done =
        done && step->source->read(&context->Rip, (const void *)(uintptr_t)context->Rsp, // NOLINT
                                   sizeof(context->Rip));
    context->Rsp += sizeof(uint64_t);
    if (!done)
        *context = before;
    return done;
}
