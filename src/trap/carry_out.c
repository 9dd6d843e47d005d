/*
 * carry_out.c - a driver's access to a device, in ordinary code at the driver's IRQL.
 */
#include "nt/bugcheck.h"
#include "sys/sys.h"
#include "trap/frame.h"

#include <stdio.h>
#include <string.h>

enum {
    FLAG_DIRECTION = 1 << 10,
    FLAG_TRAP = 1 << 8,
    REGISTER_RCX = 1,
    REGISTER_RSI = 6,
    REGISTER_RDI = 7
};

/* ---- the device ---- */

/* Registers are read naturally aligned and at most 8 bytes at once. */
static unsigned piece_at(uint64_t offset, unsigned left)
{
    unsigned piece = left > 8 ? 8 : left;

    while (left > 8 && offset & (piece - 1))
        piece /= 2;
    return piece;
}

static struct bus_window_place place_behind(struct bus_window_place place, unsigned bytes)
{
    place.offset.value += bytes;
    place.left = place.left > bytes ? place.left - bytes : 0;
    return place;
}

void trap_device_read(struct bus_window_place place, void *data, unsigned size)
{
    for (unsigned piece; size; size -= piece) {
        piece = piece_at(place.offset.value, size);
        uint64_t value = bus_window_read(&place, piece);
        memcpy(data, &value, piece);
        data = (unsigned char *)data + piece;
        place = place_behind(place, piece);
    }
}

void trap_device_write(struct bus_window_place place, const void *data, unsigned size)
{
    for (unsigned piece; size; size -= piece) {
        piece = piece_at(place.offset.value, size);
        uint64_t value = 0;
        memcpy(&value, data, piece);
        bus_window_write(&place, piece, value);
        data = (const unsigned char *)data + piece;
        place = place_behind(place, piece);
    }
}

/* ---- instructions ---- */

static __attribute__((noreturn)) void refuse(const struct trap_instruction *instruction)
{
    char text[96], reason[192];

    trap_instruction_print(instruction, text, sizeof(text));
    snprintf(reason, sizeof(reason),
             "the driver accesses a device register with an instruction that cannot be carried "
             "out: %s",
             text);
    nt_bugcheck(NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, 0xC0000005, instruction->address, 0, 0,
                reason);
}

static uint64_t register_value(const struct trap_frame *frame, ZydisRegister name)
{
    if (name == ZYDIS_REGISTER_NONE)
        return 0;
    if (name == ZYDIS_REGISTER_RSP)
        return (uint64_t)(uintptr_t)(frame + 1) + TRAP_SKIPPED_BYTES;
    return frame->registers[ZydisRegisterGetId(name)];
}

static uint64_t memory_address(const struct trap_frame *frame,
                               const struct trap_instruction *instruction)
{
    const ZydisDecodedOperandMem *memory = &instruction->memory;
    uint64_t address = memory->base == ZYDIS_REGISTER_RIP
                           ? instruction->address + instruction->length
                           : register_value(frame, memory->base);

    return address + register_value(frame, memory->index) * memory->scale +
           (uint64_t)(memory->disp.has_displacement ? memory->disp.value : 0);
}

/* A place in a window, or memory of the driver's own that the instruction uses as well. */
static void read_any(uint64_t address, void *data, unsigned size)
{
    struct bus_window_place place;

    if (bus_window_find((const void *)(uintptr_t)address, &place))
        trap_device_read(place, data, size);
    else
        memcpy(data, (const void *)(uintptr_t)address, size);
}

static void write_any(uint64_t address, const void *data, unsigned size)
{
    struct bus_window_place place;

    if (bus_window_find((const void *)(uintptr_t)address, &place))
        trap_device_write(place, data, size);
    else
        memcpy((void *)(uintptr_t)address, data, size);
}

static void carry_out_operand(struct trap_frame *frame, struct trap_vectors *vectors,
                              const struct trap_instruction *instruction)
{
    struct bus_window_place place;
    struct trap_state state;
    unsigned char before[TRAP_VECTOR_BYTES] = {0};

    if (!bus_window_find((const void *)(uintptr_t)memory_address(frame, instruction), &place))
        refuse(instruction);
    memcpy(state.registers, frame->registers, sizeof(state.registers));
    state.flags = frame->flags & ~(uint64_t)FLAG_TRAP;
    if (instruction->has_vectors)
        memcpy(state.xmm, vectors->xmm, sizeof(state.xmm));
    memset(state.scratch, 0, sizeof(state.scratch));
    if (instruction->reads)
        trap_device_read(place, state.scratch, instruction->size);
    memcpy(before, state.scratch, sizeof(before));
    instruction->run(&state);
    if (instruction->writes &&
        (!instruction->writes_if_changed || memcmp(before, state.scratch, instruction->size) != 0))
        trap_device_write(place, state.scratch, instruction->size);
    memcpy(frame->registers, state.registers, sizeof(frame->registers));
    frame->flags = (state.flags & ~(uint64_t)FLAG_TRAP) | (frame->flags & FLAG_TRAP);
    if (instruction->has_vectors)
        memcpy(vectors->xmm, state.xmm, sizeof(vectors->xmm));
}

static void carry_out_string(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    uint64_t *registers = frame->registers;
    uint64_t step =
        frame->flags & FLAG_DIRECTION ? -(uint64_t)instruction->size : instruction->size;
    unsigned char data[8];

    while (!instruction->repeated || registers[REGISTER_RCX]) {
        if (instruction->kind == TRAP_STORE_STRING)
            memcpy(data, &registers[0], instruction->size);
        else
            read_any(registers[REGISTER_RSI], data, instruction->size);
        if (instruction->kind == TRAP_LOAD_STRING && instruction->size == 4)
            registers[0] = 0; /* a register of 32 bits clears the rest */
        if (instruction->kind == TRAP_LOAD_STRING)
            memcpy(&registers[0], data, instruction->size);
        else
            write_any(registers[REGISTER_RDI], data, instruction->size);
        if (instruction->kind != TRAP_STORE_STRING)
            registers[REGISTER_RSI] += step;
        if (instruction->kind != TRAP_LOAD_STRING)
            registers[REGISTER_RDI] += step;
        if (!instruction->repeated)
            return;
        registers[REGISTER_RCX]--;
    }
}

/* Called by the entry. */
void trap_carry_out(struct trap_frame *frame, struct trap_vectors *vectors);
void trap_carry_out(struct trap_frame *frame, struct trap_vectors *vectors)
{
    const struct trap_instruction *instruction = trap_instruction_at(frame->instruction);

    sh_assert(instruction);
    switch (instruction->kind) {
    case TRAP_OPERAND:
        carry_out_operand(frame, vectors, instruction);
        break;
    case TRAP_STORE_STRING:
    case TRAP_MOVE_STRING:
    case TRAP_LOAD_STRING:
        carry_out_string(frame, instruction);
        break;
    default:
        refuse(instruction);
    }
    frame->instruction += instruction->length;
}
