/*
 * instruction.c - decoded instructions, by address.
 *
 * Looked up at any IRQL without a lock; whoever decodes one puts it at the head of its bucket. Two
 * that decode the same at once leave two equal entries, which does no harm.
 */
#include "trap/frame.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

static struct trap_instruction *buckets[BUCKETS];

static struct trap_instruction **bucket_of(uint64_t address)
{
    return &buckets[(address ^ address >> 10) % BUCKETS];
}

/* ---- decoding ---- */

static bool is_wide(ZydisRegister name)
{
    ZydisRegisterClass class = ZydisRegisterGetClass(name);

    return class == ZYDIS_REGCLASS_YMM || class == ZYDIS_REGCLASS_ZMM ||
           class == ZYDIS_REGCLASS_MMX || class == ZYDIS_REGCLASS_X87 ||
           class == ZYDIS_REGCLASS_MASK || class == ZYDIS_REGCLASS_TMM;
}

static bool is_stack_pointer(ZydisRegister name)
{
    return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name) == ZYDIS_REGISTER_RSP;
}

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
    case ZYDIS_MNEMONIC_MOVSQ:
        return TRAP_MOVE_STRING;
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_LODSD:
    case ZYDIS_MNEMONIC_LODSQ:
        return TRAP_LOAD_STRING;
    default:
        return TRAP_UNSUPPORTED;
    }
}

/* MOVSD and CMPSD are names of vector instructions as well. */
static bool is_string(const ZydisDecodedInstruction *decoded)
{
    return decoded->meta.category == ZYDIS_CATEGORY_STRINGOP;
}

static void decode_string(struct trap_instruction *instruction,
                          const ZydisDecodedInstruction *decoded)
{
    instruction->kind = decoded->mnemonic == ZYDIS_MNEMONIC_MOVSD ? TRAP_MOVE_STRING
                                                                  : string_kind(decoded->mnemonic);
    instruction->size = (uint8_t)(decoded->operand_width / 8);
    instruction->repeated = decoded->attributes &
                            (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE);
    if (decoded->address_width != 64)
        instruction->kind = TRAP_UNSUPPORTED;
}

/* One operand in memory and registers that a snippet can load. */
static bool decode_operands(struct trap_instruction *instruction,
                            const ZydisDecodedInstruction *decoded,
                            const ZydisDecodedOperand *operands)
{
    const ZydisDecodedOperand *memory = NULL;

    for (unsigned i = 0; i < decoded->operand_count; i++) {
        const ZydisDecodedOperand *operand = &operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY) {
            if (memory || operand->visibility != ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
                return false;
            memory = operand;
        } else if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER) {
            if (is_wide(operand->reg.value) || is_stack_pointer(operand->reg.value))
                return false;
            if (ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_XMM)
                instruction->has_vectors = true;
        }
    }
    if (!memory || memory->mem.type != ZYDIS_MEMOP_TYPE_MEM ||
        memory->size > 8 * TRAP_VECTOR_BYTES || memory->size < 8 || decoded->address_width != 64)
        return false;
    instruction->memory = memory->mem;
    instruction->size = (uint8_t)(memory->size / 8);
    instruction->reads = memory->actions & ZYDIS_OPERAND_ACTION_MASK_READ;
    instruction->writes = memory->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
    instruction->writes_if_changed = memory->actions & ZYDIS_OPERAND_ACTION_CONDWRITE;
    /* A conditional store that does not happen leaves what was there. */
    instruction->reads |= instruction->writes_if_changed;
    return true;
}

static void decode(struct trap_instruction *instruction)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisDecoder decoder;

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder,
                                   (const void *)(uintptr_t)instruction->address, // NOLINT
                                   ZYDIS_MAX_INSTRUCTION_LENGTH, &decoded, operands)))
        return;
    instruction->length = decoded.length;
    memcpy(instruction->bytes, (const void *)(uintptr_t)instruction->address, decoded.length);
    if (is_string(&decoded)) {
        decode_string(instruction, &decoded);
        return;
    }
    if (!decode_operands(instruction, &decoded, operands))
        return;
    instruction->run = trap_snippet_make(&decoded, operands, instruction->has_vectors);
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

void trap_instruction_print(const struct trap_instruction *instruction, char *text, size_t size)
{
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisFormatter formatter;
    ZydisDecoder decoder;

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    text[0] = 0;
    if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, instruction->bytes, instruction->length,
                                            &decoded, operands)))
        ZydisFormatterFormatInstruction(&formatter, &decoded, operands,
                                        decoded.operand_count_visible, text, size,
                                        instruction->address, NULL);
}
