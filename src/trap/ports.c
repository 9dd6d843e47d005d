/*
 * ports.c - IN and OUT, which a process may not: carried out on the ports that the driver has
 * mapped.
 */
#include "bus/ports.h"
#include "nt/bugcheck.h"
#include "trap/frame.h"

#include <string.h>

/* What no device answers reads as ones and takes nothing. */
static bool find(uint16_t number, struct bus_window_place *place)
{
    if (bus_ports_find(number, place))
        return true;
    nt_finding("register-access", NULL, "port 0x%X is in no range that a driver has mapped",
               number);
    return false;
}

static uint64_t port_in(uint16_t number, unsigned size)
{
    struct bus_window_place place;

    return find(number, &place) ? bus_window_read(&place, size) : UINT64_MAX;
}

static void port_out(uint16_t number, unsigned size, uint64_t value)
{
    struct bus_window_place place;

    if (find(number, &place))
        bus_window_write(&place, size, value & (UINT64_MAX >> (64 - 8 * size)));
}

static void one_string_item(struct trap_frame *frame, const struct trap_instruction *instruction,
                            uint16_t number)
{
    uint64_t *registers = frame->registers;
    unsigned size = instruction->size;
    uint64_t step = frame->flags & TRAP_FLAG_DIRECTION ? -(uint64_t)size : size;
    uint64_t value = 0;

    if (instruction->kind == TRAP_PORT_IN_STRING) {
        value = port_in(number, size);
        trap_store(instruction, registers[TRAP_RDI], &value, size);
        registers[TRAP_RDI] += step;
    } else {
        trap_load(instruction, registers[TRAP_RSI], &value, size);
        port_out(number, size, value);
        registers[TRAP_RSI] += step;
    }
}

void trap_carry_out_port(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    uint64_t *registers = frame->registers;
    uint16_t number = instruction->has_port ? instruction->port : (uint16_t)registers[TRAP_RDX];

    if (instruction->kind == TRAP_PORT_OUT) {
        port_out(number, instruction->size, registers[TRAP_RAX]);
    } else if (instruction->kind == TRAP_PORT_IN) {
        uint64_t value = port_in(number, instruction->size);
        if (instruction->size == 4)
            registers[TRAP_RAX] = 0; /* a register of 32 bits clears the rest */
        memcpy(&registers[TRAP_RAX], &value, instruction->size);
    } else if (!instruction->repeated) {
        one_string_item(frame, instruction, number);
    } else {
        for (; registers[TRAP_RCX]; registers[TRAP_RCX]--)
            one_string_item(frame, instruction, number);
    }
}
