/*
 * strings.c - string instructions between a driver's memory and registers, item by item.
 */
#include "trap/frame.h"

#include <string.h>

/* Flags as the processor sets them for first - second. */
static uint64_t compare_flags(uint64_t first, uint64_t second, unsigned size)
{
    uint64_t flags;

    switch (size) {
    case 1:
        __asm__("cmpb %2, %1\n pushfq\n popq %0"
                : "=r"(flags)
                : "q"((uint8_t)first), "q"((uint8_t)second)
                : "cc");
        break;
    case 2:
        __asm__("cmpw %2, %1\n pushfq\n popq %0"
                : "=r"(flags)
                : "r"((uint16_t)first), "r"((uint16_t)second)
                : "cc");
        break;
    case 4:
        __asm__("cmpl %2, %1\n pushfq\n popq %0"
                : "=r"(flags)
                : "r"((uint32_t)first), "r"((uint32_t)second)
                : "cc");
        break;
    default:
        __asm__("cmpq %2, %1\n pushfq\n popq %0" : "=r"(flags) : "r"(first), "r"(second) : "cc");
        break;
    }
    return flags & TRAP_FLAGS_OF_RESULTS;
}

static void set_flags(struct trap_frame *frame, uint64_t flags)
{
    frame->flags = (frame->flags & ~(uint64_t)TRAP_FLAGS_OF_RESULTS) | flags;
}

static bool uses_source(const struct trap_instruction *instruction)
{
    return instruction->kind == TRAP_MOVE_STRING || instruction->kind == TRAP_LOAD_STRING ||
           instruction->kind == TRAP_COMPARE_STRING;
}

static void one_item(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    uint64_t *registers = frame->registers;
    uint64_t source = 0, target = 0;
    unsigned size = instruction->size;

    if (uses_source(instruction))
        trap_load(instruction, registers[TRAP_RSI], &source, size);
    switch (instruction->kind) {
    case TRAP_STORE_STRING:
        trap_store(instruction, registers[TRAP_RDI], &registers[TRAP_RAX], size);
        break;
    case TRAP_MOVE_STRING:
        trap_store(instruction, registers[TRAP_RDI], &source, size);
        break;
    case TRAP_LOAD_STRING:
        if (size == 4)
            registers[TRAP_RAX] = 0; /* a register of 32 bits clears the rest */
        memcpy(&registers[TRAP_RAX], &source, size);
        break;
    case TRAP_SCAN_STRING:
        trap_load(instruction, registers[TRAP_RDI], &target, size);
        set_flags(frame, compare_flags(registers[TRAP_RAX], target, size));
        break;
    default:
        trap_load(instruction, registers[TRAP_RDI], &target, size);
        set_flags(frame, compare_flags(source, target, size));
    }
}

/* REPE goes on while items are equal, REPNE while they are not; only comparisons look. */
static bool goes_on(const struct trap_frame *frame, const struct trap_instruction *instruction)
{
    enum { ZERO = 1 << 6 };

    if (instruction->kind != TRAP_SCAN_STRING && instruction->kind != TRAP_COMPARE_STRING)
        return true;
    return !(frame->flags & ZERO) == instruction->until_equal;
}

void trap_carry_out_string(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    uint64_t *registers = frame->registers;
    uint64_t step =
        frame->flags & TRAP_FLAG_DIRECTION ? -(uint64_t)instruction->size : instruction->size;

    while (!instruction->repeated || registers[TRAP_RCX]) {
        one_item(frame, instruction);
        if (uses_source(instruction))
            registers[TRAP_RSI] += step;
        if (instruction->kind != TRAP_LOAD_STRING)
            registers[TRAP_RDI] += step;
        if (!instruction->repeated)
            return;
        registers[TRAP_RCX]--;
        if (!goes_on(frame, instruction))
            return;
    }
}
