/*
 * carry_out.c - a driver's access to a device, in ordinary code at the driver's IRQL.
 */
#include "nt/bugcheck.h"
#include "nt/shared_data.h"
#include "sys/sys.h"
#include "trap/frame.h"

#include <stdio.h>
#include <string.h>

enum { ACCESS_VIOLATION = 0xC0000005 };

/* ---- what cannot be done ---- */

__attribute__((noreturn)) void trap_refuse(const struct trap_instruction *instruction,
                                           const char *why)
{
    char text[96], reason[224];

    trap_instruction_print(instruction->address, text, sizeof(text));
    snprintf(reason, sizeof(reason), "%s: %s", why, text);
    nt_bugcheck(NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, ACCESS_VIOLATION, instruction->address, 0,
                0, reason);
}

static __attribute__((noreturn)) void refuse_form(const struct trap_instruction *instruction)
{
    trap_refuse(instruction, "the driver accesses a device register with an instruction that "
                             "cannot be carried out");
}

/* ---- memory ---- */

static const void *pointer_at(uint64_t address)
{
    return (const void *)(uintptr_t)address; // NOLINT
}

static __attribute__((noreturn)) void refuse_address(const struct trap_instruction *instruction,
                                                     uint64_t address)
{
    char why[96];

    snprintf(why, sizeof(why), "the driver accessed memory at 0x%llX, where there is none",
             (unsigned long long)address);
    trap_refuse(instruction, why);
}

void trap_load(const struct trap_instruction *instruction, uint64_t address, void *data,
               size_t size)
{
    if (bus_window_contains(pointer_at(address)))
        bus_memory_copy(data, pointer_at(address), size);
    else if (nt_shared_data_read(address, data, size))
        return;
    else if (!trap_try_copy(data, pointer_at(address), size))
        refuse_address(instruction, address);
}

void trap_store(const struct trap_instruction *instruction, uint64_t address, const void *data,
                size_t size)
{
    void *to = (void *)(uintptr_t)address; // NOLINT

    if (bus_window_contains(to))
        bus_memory_copy(to, data, size);
    else if (!trap_try_copy(to, data, size))
        refuse_address(instruction, address);
}

/* ---- an operand ---- */

static uint64_t register_value(const struct trap_frame *frame, ZydisRegister name)
{
    return name == ZYDIS_REGISTER_NONE ? 0 : frame->registers[ZydisRegisterGetId(name)];
}

/* A bit's number, which may be negative, is that of a bit anywhere before or behind the operand. */
static uint64_t bit_distance(const struct trap_frame *frame,
                             const struct trap_instruction *instruction)
{
    uint64_t number = frame->registers[instruction->bit_register];
    unsigned bits = 8u * instruction->size;
    int64_t bit = bits == 64   ? (int64_t)number
                  : bits == 32 ? (int64_t)(int32_t)number
                               : (int64_t)(int16_t)number;

    /* Rounded down to whole operands, also below zero. */
    int64_t operands = (bit - (bit & (int64_t)(bits - 1))) / (int64_t)bits;
    return (uint64_t)(operands * instruction->size);
}

static uint64_t memory_address(const struct trap_frame *frame,
                               const struct trap_instruction *instruction)
{
    const ZydisDecodedOperandMem *memory = &instruction->memory;
    uint64_t address = memory->base == ZYDIS_REGISTER_RIP
                           ? instruction->address + instruction->length
                           : register_value(frame, memory->base);

    address += register_value(frame, memory->index) * memory->scale +
               (uint64_t)(memory->disp.has_displacement ? memory->disp.value : 0);
    return instruction->has_bit ? address + bit_distance(frame, instruction) : address;
}

/* Where the instruction touches registers; else it is not one for us. */
static void find_place(const struct trap_frame *frame, const struct trap_instruction *instruction,
                       struct bus_window_place *ret_place)
{
    uint64_t address = memory_address(frame, instruction);

    if (address - NT_SHARED_DATA_ADDRESS < NT_SHARED_DATA_BYTES)
        trap_refuse(instruction, "the driver writes to the page that the kernel shares with "
                                 "everybody, or loads from beyond its end");
    if (!bus_window_find(pointer_at(address), ret_place))
        refuse_form(instruction);
}

/* What the instruction only reads may lie in the kernel's page, too. */
static bool read_shared_data(const struct trap_frame *frame,
                             const struct trap_instruction *instruction, void *data)
{
    return !instruction->writes &&
           nt_shared_data_read(memory_address(frame, instruction), data, instruction->size);
}

/* One access where the operand has the size of one, so that a misaligned one is told. */
static void read_operand(const struct bus_window_place *place, void *data, unsigned size)
{
    if (size > 8) {
        bus_window_read_bytes(*place, data, size);
        return;
    }
    uint64_t value = bus_window_read(place, size);
    memcpy(data, &value, size);
}

static void write_operand(const struct bus_window_place *place, const void *data, unsigned size)
{
    uint64_t value = 0;

    if (size > 8) {
        bus_window_write_bytes(*place, data, size);
        return;
    }
    memcpy(&value, data, size);
    bus_window_write(place, size, value);
}

/* ---- vectors ---- */

enum { COMPONENT_SSE = 1 << 1, COMPONENT_AVX = 1 << 2, XMM_BYTES = 16 };

static unsigned char *upper_half(struct trap_vectors *vectors, unsigned number)
{
    return (unsigned char *)vectors + trap_ymm_offset + (size_t)number * XMM_BYTES;
}

static void vectors_load(struct trap_state *state, struct trap_vectors *vectors,
                         enum trap_vector_width width)
{
    for (unsigned i = 0; i < 16; i++) {
        memcpy(state->vectors[i], vectors->xmm[i], XMM_BYTES);
        if (width == TRAP_YMM)
            memcpy(state->vectors[i] + XMM_BYTES, upper_half(vectors, i), XMM_BYTES);
    }
}

/* The area says which of its parts hold values; now these do. */
static void vectors_store(const struct trap_state *state, struct trap_vectors *vectors,
                          enum trap_vector_width width)
{
    for (unsigned i = 0; i < 16; i++) {
        memcpy(vectors->xmm[i], state->vectors[i], XMM_BYTES);
        if (width == TRAP_YMM)
            memcpy(upper_half(vectors, i), state->vectors[i] + XMM_BYTES, XMM_BYTES);
    }
    if (trap_xsave_bytes)
        vectors->components |= COMPONENT_SSE | (width == TRAP_YMM ? COMPONENT_AVX : 0);
}

/* ---- instructions ---- */

static void carry_out_operand(struct trap_frame *frame, struct trap_vectors *vectors,
                              const struct trap_instruction *instruction)
{
    struct bus_window_place place;
    struct trap_state state;
    unsigned char before[TRAP_SCRATCH_BYTES];

    memset(state.scratch, 0, sizeof(state.scratch));
    bool is_shared_data = read_shared_data(frame, instruction, state.scratch);
    if (!is_shared_data)
        find_place(frame, instruction, &place);
    memcpy(state.registers, frame->registers, sizeof(state.registers));
    state.flags = frame->flags & ~(uint64_t)TRAP_FLAG_TRAP;
    if (instruction->vectors)
        vectors_load(&state, vectors, instruction->vectors);
    if (instruction->has_bit)
        state.registers[instruction->bit_register] &= 8u * instruction->size - 1;
    if (instruction->reads && !is_shared_data)
        read_operand(&place, state.scratch, instruction->size);
    memcpy(before, state.scratch, sizeof(before));
    instruction->run(&state);
    if (instruction->writes &&
        (!instruction->writes_if_changed || memcmp(before, state.scratch, instruction->size) != 0))
        write_operand(&place, state.scratch, instruction->size);
    if (instruction->has_bit)
        state.registers[instruction->bit_register] = frame->registers[instruction->bit_register];
    state.registers[TRAP_RSP] = frame->registers[TRAP_RSP];
    memcpy(frame->registers, state.registers, sizeof(frame->registers));
    frame->flags = (state.flags & ~(uint64_t)TRAP_FLAG_TRAP) | (frame->flags & TRAP_FLAG_TRAP);
    if (instruction->vectors)
        vectors_store(&state, vectors, instruction->vectors);
}

static void carry_out_push(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    struct bus_window_place place;
    uint64_t value;

    find_place(frame, instruction, &place);
    read_operand(&place, &value, sizeof(value));
    frame->registers[TRAP_RSP] -= sizeof(value);
    trap_store(instruction, frame->registers[TRAP_RSP], &value, sizeof(value));
}

static void carry_out_pop(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    struct bus_window_place place;
    uint64_t value;

    trap_load(instruction, frame->registers[TRAP_RSP], &value, sizeof(value));
    frame->registers[TRAP_RSP] += sizeof(value);
    find_place(frame, instruction, &place);
    write_operand(&place, &value, sizeof(value));
}

/* What the entry takes back at last, below the stack pointer to be. */
static void leave(struct trap_frame *frame)
{
    uint64_t *below = (uint64_t *)(uintptr_t)frame->registers[TRAP_RSP]; // NOLINT

    below[-1] = frame->instruction;
    below[-2] = frame->flags;
    frame->registers[TRAP_RSP] -= 2 * sizeof(uint64_t);
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
    case TRAP_PUSH:
        carry_out_push(frame, instruction);
        break;
    case TRAP_POP:
        carry_out_pop(frame, instruction);
        break;
    case TRAP_STORE_STRING:
    case TRAP_MOVE_STRING:
    case TRAP_LOAD_STRING:
    case TRAP_SCAN_STRING:
    case TRAP_COMPARE_STRING:
        trap_carry_out_string(frame, instruction);
        break;
    case TRAP_PORT_IN:
    case TRAP_PORT_OUT:
    case TRAP_PORT_IN_STRING:
    case TRAP_PORT_OUT_STRING:
        trap_carry_out_port(frame, instruction);
        break;
    case TRAP_UNSUPPORTED:
        refuse_form(instruction);
    default:
        trap_carry_out_system(frame, instruction);
    }
    frame->instruction += instruction->length;
    leave(frame);
}
