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
    /* In the processor's own numbering of registers. */
    TRAP_RAX = 0,
    TRAP_RCX = 1,
    TRAP_RDX = 2,
    TRAP_RSP = 4,
    TRAP_RSI = 6,
    TRAP_RDI = 7,

    TRAP_FLAG_TRAP = 1 << 8,
    TRAP_FLAG_DIRECTION = 1 << 10,
    TRAP_FLAGS_OF_RESULTS = 0x8D5, /* CF, PF, AF, ZF, SF, OF */

    TRAP_SKIPPED_BYTES = 64, /* below the interrupted stack pointer: room for a push */
    TRAP_VECTOR_BYTES = 32,
    TRAP_SCRATCH_BYTES = 64,
};

/* In the order in which entry.c pushes it. */
struct trap_frame {
    uint64_t registers[16]; /* [TRAP_RSP]: as the interrupted code had it, or is to have it */
    uint64_t flags;
    uint64_t instruction; /* where the interrupted code goes on */
};

/* The area of XSAVE, or of FXSAVE, which is its beginning. */
struct trap_vectors {
    unsigned char legacy[160];
    unsigned char xmm[16][16];
    unsigned char reserved[96];
    uint64_t components; /* that the area has values of; not with FXSAVE */
};

/* What a snippet works on. */
struct trap_state {
    uint64_t registers[16];
    uint64_t flags;
    uint64_t reserved;
    unsigned char vectors[16][TRAP_VECTOR_BYTES];
    /* Stands for the register of the device. */
    unsigned char scratch[TRAP_SCRATCH_BYTES] __attribute__((aligned(64)));
};

enum trap_kind {
    TRAP_UNSUPPORTED,
    TRAP_OPERAND, /* one operand in memory: the instruction itself runs on a scratch buffer */
    TRAP_PUSH,
    TRAP_POP,
    TRAP_STORE_STRING,
    TRAP_MOVE_STRING,
    TRAP_LOAD_STRING,
    TRAP_SCAN_STRING,
    TRAP_COMPARE_STRING,
    TRAP_PORT_IN,
    TRAP_PORT_OUT,
    TRAP_PORT_IN_STRING,
    TRAP_PORT_OUT_STRING,
    TRAP_FROM_CONTROL, /* of the system kinds this is the first */
    TRAP_TO_CONTROL,
    TRAP_READ_MODEL_REGISTER,
    TRAP_INTERRUPTS_OFF,
    TRAP_INTERRUPTS_ON,
    TRAP_HALT,
    TRAP_INTERRUPT,
    TRAP_NOTHING,
};

/* Vectors that a snippet loads and stores. */
enum trap_vector_width { TRAP_NO_VECTORS, TRAP_XMM, TRAP_YMM };

/* A decoded instruction. Never freed: another that comes to lie at its address is told apart by its
 * bytes. */
struct trap_instruction {
    struct trap_instruction *next; /* of the same bucket */
    uint64_t address;
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    uint8_t length;
    uint8_t kind;     /* enum trap_kind */
    uint8_t size;     /* bytes that it moves at once */
    uint8_t vectors;  /* enum trap_vector_width */
    bool repeated;    /* a string instruction with a REP prefix */
    bool until_equal; /* REPNE */
    bool reads, writes;
    bool writes_if_changed; /* it stores under a condition */
    bool has_bit;           /* the register below selects a bit, and so the place in memory */
    uint8_t bit_register;
    bool has_port; /* an immediate one, else the port is in DX */
    uint8_t port;
    uint8_t control, general; /* registers between which it moves */
    uint8_t vector;           /* of an interrupt */
    ZydisDecodedOperandMem memory;
    void (*run)(struct trap_state *state); /* TRAP_OPERAND */
};

/* Decodes what lies at `address`, or finds it decoded already. NULL: out of memory. */
const struct trap_instruction *trap_instruction_at(uint64_t address);
/* "mov eax, dword ptr [rcx+0x14]" */
void trap_instruction_print(uint64_t address, char *text, size_t size);
/* True if the bytes there are an instruction of ports or of the system that is carried out, with
 * that value in RCX; async-signal-safe. */
bool trap_is_emulated(const unsigned char *code, uint64_t rcx);
/* Of the system's: false if it is none. */
bool trap_decode_system(struct trap_instruction *instruction,
                        const ZydisDecodedInstruction *decoded,
                        const ZydisDecodedOperand *operands);
/* What the interrupted code wanted to divide by; the quotient may be too large instead. */
bool trap_divides_by_zero(const struct trap_frame *frame);
/* Only a kernel may execute it. */
bool trap_is_privileged(uint64_t address);

/* Makes code that runs the instruction with its operand in memory replaced by state->scratch, all
 * registers as in the state, and stores them back. The same bytes give the same code. NULL: it
 * cannot be had. */
void (*trap_snippet_make(const struct trap_instruction *instruction,
                         const ZydisDecodedInstruction *decoded,
                         const ZydisDecodedOperand *operands))(struct trap_state *);

/* carry_out.c: stops the machine. */
__attribute__((noreturn)) void trap_refuse(const struct trap_instruction *instruction,
                                           const char *why);
/* Memory of the driver's own, or registers, that an instruction works on. A place where there is
 * neither stops the machine. */
void trap_load(const struct trap_instruction *instruction, uint64_t address, void *data,
               size_t size);
void trap_store(const struct trap_instruction *instruction, uint64_t address, const void *data,
                size_t size);
/* strings.c, ports.c, system.c */
void trap_carry_out_string(struct trap_frame *frame, const struct trap_instruction *instruction);
void trap_carry_out_port(struct trap_frame *frame, const struct trap_instruction *instruction);
void trap_carry_out_system(struct trap_frame *frame, const struct trap_instruction *instruction);

/* entry.c: where the handler turns threads to, and XSAVE's area. */
void trap_entry(void);
extern uint32_t trap_xsave_bytes; /* 0: FXSAVE instead */
extern uint32_t trap_ymm_offset;  /* of the upper halves; 0: there are none */
/* Copies; false, with part of it done, when there is no memory. The handler knows its code. */
bool trap_try_copy(void *to, const void *from, size_t size);
/* Writes what is there already; false: nobody may. */
bool trap_try_touch(void *byte);
extern const unsigned char trap_try_copy_start[], trap_try_copy_end[], trap_try_copy_failed[];

#endif
