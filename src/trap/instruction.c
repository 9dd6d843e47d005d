/*
 * instruction.c - decoded instructions, by address.
 *
 * Looked up at any IRQL without a lock; whoever decodes one puts it at the head of its bucket. Two
 * that decode the same at once leave two equal entries, which does no harm.
 */
#include "trap/frame.h"
#include "trap/trap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

static struct trap_instruction *buckets[BUCKETS];

static struct trap_instruction **bucket_of(uint64_t address)
{
    return &buckets[(address ^ address >> 10) % BUCKETS];
}

/* ---- registers ---- */

static bool is_general(ZydisRegister name)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(name);

    return class == ZYDIS_REGCLASS_GPR8 || class == ZYDIS_REGCLASS_GPR16 ||
           class == ZYDIS_REGCLASS_GPR32 || class == ZYDIS_REGCLASS_GPR64;
}

static bool is_stack_pointer(ZydisRegister name)
{
    return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name) == ZYDIS_REGISTER_RSP;
}

/* Registers that a snippet loads and stores: general ones, and the first 16 vectors up to 32 bytes
 * wide. */
static bool can_be_loaded(ZydisRegister name)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(name);

    if (class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM)
        return ZydisRegisterGetId(name) < 16;
    return (is_general(name) && !is_stack_pointer(name)) || class == ZYDIS_REGCLASS_FLAGS ||
           class == ZYDIS_REGCLASS_IP || name == ZYDIS_REGISTER_MXCSR;
}

/* ---- strings and ports ---- */

/* MOVSD and CMPSD are names of vector instructions as well: the category has told. */
static enum trap_kind string_kind(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        return TRAP_STORE_STRING;
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        return TRAP_MOVE_STRING;
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
        return TRAP_LOAD_STRING;
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_SCASD:
    case ZYDIS_MNEMONIC_SCASQ:
        return TRAP_SCAN_STRING;
    case ZYDIS_MNEMONIC_CMPSB:
    case ZYDIS_MNEMONIC_CMPSW:
    case ZYDIS_MNEMONIC_CMPSD:
    case ZYDIS_MNEMONIC_CMPSQ:
        return TRAP_COMPARE_STRING;
    case ZYDIS_MNEMONIC_INSB:
    case ZYDIS_MNEMONIC_INSW:
    case ZYDIS_MNEMONIC_INSD:
        return TRAP_PORT_IN_STRING;
    case ZYDIS_MNEMONIC_OUTSB:
    case ZYDIS_MNEMONIC_OUTSW:
    case ZYDIS_MNEMONIC_OUTSD:
        return TRAP_PORT_OUT_STRING;
    default:
        return TRAP_UNSUPPORTED;
    }
}

static bool is_string(const ZydisDecodedInstruction *decoded)
{
    return decoded->meta.category == ZYDIS_CATEGORY_STRINGOP ||
           decoded->meta.category == ZYDIS_CATEGORY_IOSTRINGOP;
}

static void decode_string(struct trap_instruction *instruction,
                          const ZydisDecodedInstruction *decoded)
{
    instruction->kind = string_kind(decoded->mnemonic);
    instruction->size = (uint8_t)(decoded->operand_width / 8);
    instruction->until_equal = decoded->attributes & ZYDIS_ATTRIB_HAS_REPNE;
    instruction->repeated = decoded->attributes &
                            (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
    if (decoded->address_width != 64 || decoded->attributes & ZYDIS_ATTRIB_HAS_SEGMENT)
        instruction->kind = TRAP_UNSUPPORTED;
}

static bool decode_port(struct trap_instruction *instruction,
                        const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands)
{
    bool in = decoded->mnemonic == ZYDIS_MNEMONIC_IN;

    if (!in && decoded->mnemonic != ZYDIS_MNEMONIC_OUT)
        return false;
    const ZydisDecodedOperand *port = &operands[in ? 1 : 0], *data = &operands[in ? 0 : 1];
    instruction->kind = in ? TRAP_PORT_IN : TRAP_PORT_OUT;
    instruction->size = (uint8_t)(data->size / 8);
    instruction->has_port = port->type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    if (instruction->has_port)
        instruction->port = (uint8_t)port->imm.value.u;
    return true;
}

/* ---- operands ---- */

/* The explicit operand in memory; NULL: there is none, or one that is no plain address. */
static const ZydisDecodedOperand *memory_operand(const ZydisDecodedInstruction *decoded,
                                                 const ZydisDecodedOperand *operands)
{
    const ZydisDecodedOperand *memory = NULL;

    for (unsigned i = 0; i < decoded->operand_count_visible; i++)
        if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
            memory = &operands[i];
    if (!memory || memory->mem.type != ZYDIS_MEMOP_TYPE_MEM || decoded->address_width != 64 ||
        memory->mem.segment == ZYDIS_REGISTER_FS || memory->mem.segment == ZYDIS_REGISTER_GS)
        return NULL;
    return memory;
}

static bool decode_stack(struct trap_instruction *instruction,
                         const ZydisDecodedInstruction *decoded,
                         const ZydisDecodedOperand *operands)
{
    const ZydisDecodedOperand *memory = memory_operand(decoded, operands);
    bool push = decoded->mnemonic == ZYDIS_MNEMONIC_PUSH;

    if (!memory || memory->size != 64 || (!push && decoded->mnemonic != ZYDIS_MNEMONIC_POP))
        return false;
    instruction->kind = push ? TRAP_PUSH : TRAP_POP;
    instruction->memory = memory->mem;
    instruction->size = sizeof(uint64_t);
    return true;
}

/* A bit in memory by a register's value, which may lie outside the operand. */
static void decode_bit(struct trap_instruction *instruction, const ZydisDecodedInstruction *decoded,
                       const ZydisDecodedOperand *operands)
{
    switch (decoded->mnemonic) {
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BTR:
    case ZYDIS_MNEMONIC_BTC:
        break;
    default:
        return;
    }
    instruction->has_bit = operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER;
    if (instruction->has_bit)
        instruction->bit_register = (uint8_t)ZydisRegisterGetId(operands[1].reg.value);
}

static uint8_t vectors_of(const ZydisDecodedInstruction *decoded,
                          const ZydisDecodedOperand *operands)
{
    /* What the newer encoding writes, it clears above. */
    uint8_t width = decoded->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX ? TRAP_YMM : TRAP_XMM;

    for (unsigned i = 0; i < decoded->operand_count; i++) {
        ZydisRegisterClass class = operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER
                                       ? ZydisRegisterGetClass(operands[i].reg.value)
                                       : ZYDIS_REGCLASS_INVALID;
        if (class == ZYDIS_REGCLASS_XMM || class == ZYDIS_REGCLASS_YMM)
            return width;
    }
    return TRAP_NO_VECTORS;
}

/* One operand in memory and registers that a snippet can load. */
static bool decode_operands(struct trap_instruction *instruction,
                            const ZydisDecodedInstruction *decoded,
                            const ZydisDecodedOperand *operands)
{
    const ZydisDecodedOperand *memory = memory_operand(decoded, operands);

    if (!memory || memory->size > 8 * TRAP_VECTOR_BYTES || memory->size < 8 ||
        (decoded->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
         decoded->encoding != ZYDIS_INSTRUCTION_ENCODING_VEX))
        return false;
    for (unsigned i = 0; i < decoded->operand_count; i++) {
        const ZydisDecodedOperand *operand = &operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand != memory)
            return false;
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER && !can_be_loaded(operand->reg.value))
            return false;
    }
    instruction->vectors = vectors_of(decoded, operands);
    if (instruction->vectors == TRAP_YMM && !trap_ymm_offset)
        return false;
    instruction->memory = memory->mem;
    instruction->size = (uint8_t)(memory->size / 8);
    instruction->reads = memory->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
    instruction->writes = memory->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
    instruction->writes_if_changed = memory->actions & ZYDIS_OPERAND_ACTION_CONDWRITE;
    /* A conditional store that does not happen leaves what was there. */
    instruction->reads |= instruction->writes_if_changed;
    decode_bit(instruction, decoded, operands);
    return true;
}

/* What goes elsewhere instead of going on is never run in a snippet. */
static bool is_branch(const ZydisDecodedInstruction *decoded)
{
    return decoded->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE ||
           decoded->meta.category == ZYDIS_CATEGORY_CALL ||
           decoded->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
}

static bool decode_at(uint64_t address, ZydisDecodedInstruction *decoded,
                      ZydisDecodedOperand *operands)
{
    ZydisDecoder decoder;

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder,
                                               (const void *)(uintptr_t)address, // NOLINT
                                               ZYDIS_MAX_INSTRUCTION_LENGTH, decoded, operands));
}

static void decode(struct trap_instruction *instruction)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

    if (!decode_at(instruction->address, &decoded, operands))
        return;
    instruction->length = decoded.length;
    memcpy(instruction->bytes, (const void *)(uintptr_t)instruction->address, decoded.length);
    if (is_string(&decoded)) {
        decode_string(instruction, &decoded);
        return;
    }
    if (decode_port(instruction, &decoded, operands) ||
        trap_decode_system(instruction, &decoded, operands) ||
        decode_stack(instruction, &decoded, operands) || is_branch(&decoded) ||
        !decode_operands(instruction, &decoded, operands))
        return;
    instruction->run = trap_snippet_make(instruction, &decoded, operands);
    if (instruction->run)
        instruction->kind = TRAP_OPERAND;
}

/* ---- the cache ---- */

static bool is_same(const struct trap_instruction *instruction, uint64_t address)
{
    return instruction->address == address &&
           memcmp(instruction->bytes, (const void *)(uintptr_t)address, instruction->length) == 0;
}

const struct trap_instruction *trap_instruction_at(uint64_t address)
{
    struct trap_instruction **bucket = bucket_of(address);
    struct trap_instruction *head = __atomic_load_n(bucket, __ATOMIC_ACQUIRE);

    for (struct trap_instruction *found = head; found; found = found->next)
        if (is_same(found, address))
            return found;
    struct trap_instruction *instruction = calloc(1, sizeof(*instruction));
    if (!instruction)
        return NULL;
    instruction->address = address;
    decode(instruction);
    instruction->next = head;
    while (!__atomic_compare_exchange_n(bucket, &instruction->next, instruction, true,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        continue;
    return instruction;
}

void trap_forget(void)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        struct trap_instruction *next = __atomic_exchange_n(&buckets[i], NULL, __ATOMIC_ACQ_REL);
        while (next) {
            struct trap_instruction *instruction = next;
            next = instruction->next;
            free(instruction);
        }
    }
}

static uint64_t register_value(const struct trap_frame *frame, ZydisRegister name)
{
    if (name == ZYDIS_REGISTER_NONE)
        return 0;
    if (name == ZYDIS_REGISTER_RIP)
        return frame->instruction;
    if (name >= ZYDIS_REGISTER_AH && name <= ZYDIS_REGISTER_BH)
        return frame->registers[name - ZYDIS_REGISTER_AH] >> 8;
    return frame->registers[ZydisRegisterGetId(
        ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name))];
}

bool trap_divides_by_zero(const struct trap_frame *frame)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    uint64_t value = 0;

    if (!decode_at(frame->instruction, &decoded, operands) || !decoded.operand_count_visible)
        return true;
    size_t size = operands[0].size / 8u;
    if (operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY) {
        const ZydisDecodedOperandMem *memory = &operands[0].mem;
        uint64_t address = register_value(frame, memory->base) +
                           register_value(frame, memory->index) * memory->scale +
                           (uint64_t)(memory->disp.has_displacement ? memory->disp.value : 0) +
                           (memory->base == ZYDIS_REGISTER_RIP ? decoded.length : 0);
        return size > sizeof(value) ||
               !trap_try_copy(&value, (const void *)(uintptr_t)address, size) || !value; // NOLINT
    }
    value = register_value(frame, operands[0].reg.value);
    return size < sizeof(value) ? !(value & ((1ull << 8 * size) - 1)) : !value;
}

bool trap_is_privileged(uint64_t address)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

    if (!decode_at(address, &decoded, operands))
        return false;
    return decoded.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED ||
           decoded.meta.category == ZYDIS_CATEGORY_IO ||
           decoded.meta.category == ZYDIS_CATEGORY_IOSTRINGOP ||
           decoded.meta.category == ZYDIS_CATEGORY_INTERRUPT;
}

void trap_instruction_print(uint64_t address, char *text, size_t size)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisFormatter formatter;

    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    snprintf(text, size, "unknown bytes");
    if (decode_at(address, &decoded, operands))
        ZydisFormatterFormatInstruction(&formatter, &decoded, operands,
                                        decoded.operand_count_visible, text, size, address, NULL);
}
