/*
 * frame.h - what the entry (entry.c) saves of the interrupted code, and how an instruction is
 * carried out.
 */
#ifndef STORHOST_TRAP_FRAME_H
#define STORHOST_TRAP_FRAME_H

#include "bus/window.h"

#include <Zydis/Zydis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TRAP_RSP = 4,             /* in the processor's own numbering of registers */
    TRAP_SKIPPED_BYTES = 128, /* below the interrupted stack pointer, left alone */
    TRAP_VECTOR_BYTES = 16,
    TRAP_SCRATCH_BYTES = 64,
};

/* In the order in which entry.c pushes it; the stack pointer is not saved but follows. */
struct trap_frame {
    uint64_t registers[16]; /* [TRAP_RSP]: unused */
    uint64_t flags;
    uint64_t instruction; /* where the interrupted code goes on */
};

/* The part of XSAVE's area that has a fixed place. */
struct trap_vectors {
    unsigned char legacy[160];
    unsigned char xmm[16][TRAP_VECTOR_BYTES];
};

/* What a snippet works on. */
struct trap_state {
    uint64_t registers[16];
    uint64_t flags;
    uint64_t reserved;
    unsigned char xmm[16][TRAP_VECTOR_BYTES];
    /* Stands for the register of the device. */
    unsigned char scratch[TRAP_SCRATCH_BYTES] __attribute__((aligned(64)));
};

enum trap_kind {
    TRAP_UNSUPPORTED,
    TRAP_OPERAND, /* one operand in memory: the instruction itself runs on a scratch buffer */
    TRAP_STORE_STRING,
    TRAP_MOVE_STRING,
    TRAP_LOAD_STRING,
};

/* A decoded instruction. Never freed: another that comes to lie at its address is told apart by its
 * bytes. */
struct trap_instruction {
    struct trap_instruction *next; /* of the same bucket */
    uint64_t address;
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    uint8_t length;
    uint8_t kind;  /* enum trap_kind */
    uint8_t size;  /* bytes that it moves at once */
    bool repeated; /* a string instruction with a REP prefix */
    bool reads, writes;
    bool writes_if_changed; /* it stores under a condition */
    bool has_vectors;
    ZydisDecodedOperandMem memory;
    void (*run)(struct trap_state *state); /* TRAP_OPERAND */
};

/* Decodes what lies at `address`, or finds it decoded already. NULL: out of memory. */
const struct trap_instruction *trap_instruction_at(uint64_t address);
/* "mov eax, dword ptr [rcx+0x14]" */
void trap_instruction_print(const struct trap_instruction *instruction, char *text, size_t size);

/* Makes code that runs the instruction with its operand in memory replaced by state->scratch, all
 * registers as in the state, and stores them back. NULL: it cannot be had. */
void (*trap_snippet_make(const ZydisDecodedInstruction *decoded,
                         const ZydisDecodedOperand *operands, bool vectors))(struct trap_state *);

/* Registers of a device at `place`, in pieces that it takes; more than 8 bytes too. */
void trap_device_read(struct bus_window_place place, void *data, unsigned size);
void trap_device_write(struct bus_window_place place, const void *data, unsigned size);

/* entry.c: where the handler turns threads to, and the size of XSAVE's area. */
void trap_entry(void);
void trap_entry_fault(void);
extern uint32_t trap_xsave_bytes;

#endif
