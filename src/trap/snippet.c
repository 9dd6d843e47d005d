/*
 * snippet.c - a driver's instruction, run by the processor itself on a scratch buffer.
 *
 * Nothing is interpreted: arithmetic, flags, sign extension and vectors are what the processor
 * makes of them. A snippet loads all registers from a state, executes the instruction with its
 * operand in memory replaced by the scratch buffer, and stores the registers back. One register
 * that the instruction does not use points to the state meanwhile. Code is written through one
 * mapping and executed through another, so that no page is ever both. It is found again by the
 * instruction's bytes, so drivers may come and go.
 */
#include "trap/frame.h"

#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    POOL_BYTES = 1 << 20,
    SNIPPET_BYTES_MAX = 1024,
    SNIPPET_BUCKETS = 256,
    RAX = 0,
    RCX = 1,
    RDX = 2,
    RBX = 3,
    RBP = 5,
    RSI = 6,
    RDI = 7
};

/* Pages for snippets; another of them when one is full. */
static struct {
    struct sys_mutex mutex;
    unsigned char *writable, *executable;
    size_t used;
} pool;

/* What has been made. */
static struct snippet {
    struct snippet *next;
    void *code;
    uint8_t length;
    uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
} * snippets[SNIPPET_BUCKETS]; /* under the pool's mutex */

struct code {
    unsigned char bytes[SNIPPET_BYTES_MAX];
    size_t length;
};

static void emit(struct code *code, const void *bytes, size_t length)
{
    sh_assert(code->length + length <= sizeof(code->bytes));
    memcpy(code->bytes + code->length, bytes, length);
    code->length += length;
}

#define EMIT(code_, ...)                                                                           \
    do {                                                                                           \
        const unsigned char emitted[] = {__VA_ARGS__};                                             \
        emit(code_, emitted, sizeof(emitted));                                                     \
    } while (0)

/* ModRM byte and displacement for [base + offset]; the base is none that needs more. */
static void emit_place(struct code *code, unsigned number, unsigned base, size_t offset)
{
    uint32_t displacement = (uint32_t)offset;

    EMIT(code, (unsigned char)(0x80 | (number & 7) << 3 | base));
    emit(code, &displacement, sizeof(displacement));
}

/* mov number, [base + ...] (0x8B), or back (0x89) */
static void emit_move(struct code *code, unsigned char opcode, unsigned number, unsigned base)
{
    EMIT(code, (unsigned char)(0x48 | (number >> 3) << 2), opcode);
    emit_place(code, number, base, offsetof(struct trap_state, registers) + number * 8ul);
}

/* movups xmm, or vmovups ymm, [base + ...] (0x10), or back (0x11) */
static void emit_vector(struct code *code, unsigned char opcode, unsigned number, unsigned base,
                        enum trap_vector_width width)
{
    if (width == TRAP_YMM)
        EMIT(code, 0xC5, number >= 8 ? 0x7C : 0xFC, opcode);
    else if (number >= 8)
        EMIT(code, 0x44, 0x0F, opcode);
    else
        EMIT(code, 0x0F, opcode);
    emit_place(code, number, base,
               offsetof(struct trap_state, vectors) + (size_t)number * TRAP_VECTOR_BYTES);
}

static void emit_registers(struct code *code, bool load, unsigned base,
                           enum trap_vector_width width)
{
    for (unsigned i = 0; i < 16; i++)
        if (i != TRAP_RSP && i != base)
            emit_move(code, load ? 0x8B : 0x89, i, base);
    for (unsigned i = 0; width && i < 16; i++)
        emit_vector(code, load ? 0x10 : 0x11, i, base, width);
    if (width == TRAP_YMM && !load)
        EMIT(code, 0xC5, 0xF8, 0x77); /* vzeroupper, as C has it */
}

/* push qword [base + flags]; popfq, or pushfq; pop qword [base + flags] */
static void emit_flags(struct code *code, bool load, unsigned base)
{
    if (!load)
        EMIT(code, 0x9C);
    EMIT(code, load ? 0xFF : 0x8F);
    emit_place(code, load ? 6 : 0, base, offsetof(struct trap_state, flags));
    if (load)
        EMIT(code, 0x9D);
    else
        EMIT(code, 0xFC); /* cld, as C has it */
}

/* What the calling convention wants kept. */
static void emit_kept(struct code *code, bool save)
{
    if (save)
        EMIT(code, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57);
    else
        EMIT(code, 0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B);
}

/* ---- which register points to the state ---- */

static bool uses(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands,
                 ZydisRegister wide)
{
    for (unsigned i = 0; i < decoded->operand_count; i++)
        if (operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operands[i].reg.value) ==
                wide)
            return true;
    return false;
}

/* Of the eight that need no prefix, so that AH to BH can still be named; -1: all are used. */
static int find_base(const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands)
{
    static const uint8_t candidates[] = {RBX, RSI, RDI, RBP, RDX, RCX, RAX};

    for (size_t i = 0; i < sizeof(candidates); i++)
        if (!uses(decoded, operands, (ZydisRegister)(ZYDIS_REGISTER_RAX + candidates[i])))
            return candidates[i];
    return -1;
}

static bool emit_instruction(struct code *code, const ZydisDecodedInstruction *decoded,
                             const ZydisDecodedOperand *operands, unsigned base)
{
    ZydisEncoderRequest request;
    unsigned char bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
    ZyanUSize length = sizeof(bytes);

    if (!ZYAN_SUCCESS(ZydisEncoderDecodedInstructionToEncoderRequest(
            decoded, operands, decoded->operand_count_visible, &request)))
        return false;
    for (unsigned i = 0; i < request.operand_count; i++) {
        if (request.operands[i].type != ZYDIS_OPERAND_TYPE_MEMORY)
            continue;
        request.operands[i].mem.base = (ZydisRegister)(ZYDIS_REGISTER_RAX + base);
        request.operands[i].mem.index = ZYDIS_REGISTER_NONE;
        request.operands[i].mem.scale = 0;
        request.operands[i].mem.displacement = offsetof(struct trap_state, scratch);
    }
    request.prefixes &= ~(ZyanU64)ZYDIS_ATTRIB_HAS_SEGMENT;
    if (!ZYAN_SUCCESS(ZydisEncoderEncodeInstruction(&request, bytes, &length)))
        return false;
    emit(code, bytes, length);
    return true;
}

/* ---- the pool ---- */

/* Mutex held. */
static bool pool_map(void)
{
    if (pool.writable && pool.used <= POOL_BYTES - SNIPPET_BYTES_MAX)
        return true;
    int file = memfd_create("trap", MFD_CLOEXEC);
    if (file < 0)
        return false;
    void *writable = MAP_FAILED, *executable = MAP_FAILED;
    if (ftruncate(file, POOL_BYTES) == 0) {
        writable = mmap(NULL, POOL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        executable = mmap(NULL, POOL_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    }
    close(file);
    if (writable == MAP_FAILED || executable == MAP_FAILED)
        return false;
    /* The full one stays executable. */
    if (pool.writable)
        munmap(pool.writable, POOL_BYTES);
    pool.executable = executable;
    pool.writable = writable;
    pool.used = 0;
    return true;
}

/* Mutex held. */
static void *pool_add(const struct code *code)
{
    if (!pool_map())
        return NULL;
    void *result = pool.executable + pool.used;
    memcpy(pool.writable + pool.used, code->bytes, code->length);
    pool.used += (code->length + 15) & ~(size_t)15;
    return result;
}

/* ---- what has been made ---- */

static struct snippet **bucket_of(const struct trap_instruction *instruction)
{
    unsigned hash = 0;

    for (unsigned i = 0; i < instruction->length; i++)
        hash = hash * 31 + instruction->bytes[i];
    return &snippets[hash % SNIPPET_BUCKETS];
}

/* Mutex held, as in the next one. */
static void *snippet_find(const struct trap_instruction *instruction)
{
    for (const struct snippet *snippet = *bucket_of(instruction); snippet; snippet = snippet->next)
        if (snippet->length == instruction->length &&
            memcmp(snippet->bytes, instruction->bytes, snippet->length) == 0)
            return snippet->code;
    return NULL;
}

static void *snippet_add(const struct trap_instruction *instruction, const struct code *code)
{
    struct snippet *snippet = calloc(1, sizeof(*snippet));
    struct snippet **bucket = bucket_of(instruction);

    if (!snippet)
        return NULL;
    snippet->code = pool_add(code);
    snippet->length = instruction->length;
    memcpy(snippet->bytes, instruction->bytes, instruction->length);
    snippet->next = *bucket;
    *bucket = snippet;
    return snippet->code;
}

static bool build(struct code *code, const struct trap_instruction *instruction,
                  const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands)
{
    int base = find_base(decoded, operands);

    if (base < 0)
        return false;
    emit_kept(code, true);
    EMIT(code, 0x48, 0x89, (unsigned char)(0xC0 | RDI << 3 | base)); /* mov base, rdi */
    emit_flags(code, true, (unsigned)base);
    emit_registers(code, true, (unsigned)base, instruction->vectors);
    if (!emit_instruction(code, decoded, operands, (unsigned)base))
        return false;
    emit_registers(code, false, (unsigned)base, instruction->vectors);
    emit_flags(code, false, (unsigned)base);
    emit_kept(code, false);
    EMIT(code, 0xC3);
    return true;
}

void (*trap_snippet_make(const struct trap_instruction *instruction,
                         const ZydisDecodedInstruction *decoded,
                         const ZydisDecodedOperand *operands))(struct trap_state *)
{
    struct code code = {.length = 0};

    sys_mutex_lock(&pool.mutex);
    void *made = snippet_find(instruction);
    if (!made && build(&code, instruction, decoded, operands))
        made = snippet_add(instruction, &code);
    sys_mutex_unlock(&pool.mutex);
    return (void (*)(struct trap_state *))made;
}
