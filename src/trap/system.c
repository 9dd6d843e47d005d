/*
 * system.c - what only a kernel may execute, as far as drivers have it compiled in: IRQL through
 * CR8, the interrupt flag, registers of the processor that only tell, the interrupts that are
 * calls.
 *
 * What would change a machine that is none (page tables, descriptor tables, other model-specific
 * registers) is not among it and stays the fault that it is.
 */
#include "nt/bugcheck.h"
#include "nt/print.h"
#include "nt/processor.h"
#include "trap/frame.h"

#include <stdio.h>
#include <string.h>

enum {
    FAST_FAIL = 0x29,
    DEBUG_SERVICE = 0x2D,
    IRQL_REGISTER = 8,
    HALT_NS = 1000,
    BREAKPOINT_OPCODE = 0xCC,
};

/* ---- which they are; async-signal-safe ---- */

struct place {
    const unsigned char *code;
    bool extended_register; /* REX.R */
};

static struct place behind_prefixes(const unsigned char *code)
{
    struct place place = {code, false};

    for (unsigned i = 0; i < 6; i++, place.code++) {
        unsigned char byte = *place.code;
        if ((byte & 0xF0) == 0x40)
            place.extended_register = byte & 4;
        else if (byte != 0x66 && byte != 0x67 && byte != 0xF2 && byte != 0xF3)
            break;
    }
    return place;
}

static bool is_known_register(uint32_t number);

/* The register that its third byte names; only an instruction that has one is read so far. */
static unsigned number_in(struct place place)
{
    return (place.code[2] >> 3 & 7) | (place.extended_register ? 8 : 0);
}

/* Behind 0F. */
static bool is_two_byte_instruction(struct place place, uint64_t rcx)
{
    unsigned number;

    switch (place.code[1]) {
    case 0x01: /* INVLPG */
        return (number_in(place) & 7) == 7 && place.code[2] < 0xC0;
    case 0x08: /* INVD */
    case 0x09: /* WBINVD */
        return true;
    case 0x20: /* from a control register */
        number = number_in(place);
        return number == 0 || (number >= 2 && number <= 4) || number == IRQL_REGISTER;
    case 0x22:
        return number_in(place) == IRQL_REGISTER;
    case 0x32: /* RDMSR */
        return is_known_register((uint32_t)rcx);
    default:
        return false;
    }
}

bool trap_is_emulated(const unsigned char *code, uint64_t rcx)
{
    struct place place = behind_prefixes(code);

    switch (*place.code) {
    case 0x6C: /* INS, OUTS */
    case 0x6D:
    case 0x6E:
    case 0x6F:
    case 0xE4: /* IN, OUT */
    case 0xE5:
    case 0xE6:
    case 0xE7:
    case 0xEC:
    case 0xED:
    case 0xEE:
    case 0xEF:
    case 0xF4: /* HLT */
    case 0xFA: /* CLI */
    case 0xFB: /* STI */
        return true;
    case 0xCD: /* INT */
        return place.code[1] == FAST_FAIL || place.code[1] == DEBUG_SERVICE;
    case 0x0F:
        return is_two_byte_instruction(place, rcx);
    default:
        return false;
    }
}

/* ---- registers ---- */

static uint64_t control_register(unsigned number)
{
    switch (number) {
    case IRQL_REGISTER:
        return nt_irql();
    case 0:
        return 0x80050033; /* paging, write protection, no x87 emulation */
    case 4:
        return 0x406F8; /* XSAVE, SSE, global pages, PAE */
    default:
        return 0; /* no fault to tell, no page table */
    }
}

static void irql_set(const struct trap_instruction *instruction, uint64_t irql)
{
    if (irql > NT_HIGH_LEVEL)
        trap_refuse(instruction, "the driver loads an IRQL that there is not");
    if (irql > nt_irql())
        (void)nt_irql_raise((uint8_t)irql);
    else
        nt_irql_lower((uint8_t)irql);
}

enum {
    TIME_STAMP_COUNTER = 0x10,
    INTERRUPT_CONTROLLER = 0x1B,
    PAGE_ATTRIBUTES = 0x277,
};
#define EXTENDED_FEATURES 0xC0000080u
#define FS_BASE           0xC0000100u
#define GS_BASE           0xC0000101u
#define GS_BASE_OF_USER   0xC0000102u
#define PROCESSOR_NUMBER  0xC0000103u

static bool is_known_register(uint32_t number)
{
    switch (number) {
    case TIME_STAMP_COUNTER:
    case INTERRUPT_CONTROLLER:
    case PAGE_ATTRIBUTES:
    case EXTENDED_FEATURES:
    case FS_BASE:
    case GS_BASE:
    case GS_BASE_OF_USER:
    case PROCESSOR_NUMBER:
        return true;
    default:
        return false;
    }
}

static uint64_t model_register(uint32_t number)
{
    switch (number) {
    case TIME_STAMP_COUNTER:
        return __builtin_ia32_rdtsc();
    case INTERRUPT_CONTROLLER:
        return 0xFEE00900; /* on, of the processor that started the machine */
    case PAGE_ATTRIBUTES:
        return 0x7010600070106;
    case EXTENDED_FEATURES:
        return 0xD01; /* 64 bits, SYSCALL, pages without execution */
    case GS_BASE:
        return (uintptr_t)nt_self();
    case PROCESSOR_NUMBER:
        return nt_self()->processor_number;
    default:
        return 0;
    }
}

static void read_model_register(struct trap_frame *frame)
{
    uint64_t value = model_register((uint32_t)frame->registers[TRAP_RCX]);

    frame->registers[TRAP_RAX] = (uint32_t)value;
    frame->registers[TRAP_RDX] = value >> 32;
}

/* ---- the interrupt flag ---- */

static void halt(const struct trap_instruction *instruction)
{
    if (nt_self()->leave_slowly & NT_THREAD_INTERRUPTS_OFF)
        trap_refuse(instruction, "the driver halts its processor, and no interrupt can come");
    sys_stall_ns(HALT_NS);
    nt_preempt();
}

/* ---- interrupts that are calls ---- */

/* What __fastfail was called with; the names are those of the kit without what all begin with. */
static const char *fast_fail_name(uint32_t code)
{
    static const char *const names[] = {
        [0] = "LEGACY_GS_VIOLATION",
        [1] = "VTGUARD_CHECK_FAILURE",
        [2] = "STACK_COOKIE_CHECK_FAILURE",
        [3] = "CORRUPT_LIST_ENTRY",
        [4] = "INCORRECT_STACK",
        [5] = "INVALID_ARG",
        [6] = "GS_COOKIE_INIT",
        [7] = "FATAL_APP_EXIT",
        [8] = "RANGE_CHECK_FAILURE",
        [9] = "UNSAFE_REGISTRY_ACCESS",
        [10] = "GUARD_ICALL_CHECK_FAILURE",
        [11] = "GUARD_WRITE_CHECK_FAILURE",
        [12] = "INVALID_FIBER_SWITCH",
        [13] = "INVALID_SET_OF_CONTEXT",
        [14] = "INVALID_REFERENCE_COUNT",
        [18] = "INVALID_JUMP_BUFFER",
        [21] = "INVALID_EXCEPTION_CHAIN",
        [24] = "INVALID_IMAGE_BASE",
    };
    bool known = code < sizeof(names) / sizeof(names[0]) && names[code];

    return known ? names[code] : "a code without a name";
}

static __attribute__((noreturn)) void fast_fail(const struct trap_frame *frame)
{
    uint32_t code = (uint32_t)frame->registers[TRAP_RCX];
    char reason[128];

    snprintf(reason, sizeof(reason), "the driver has stopped itself by __fastfail, code %u: %s",
             code, fast_fail_name(code));
    nt_bugcheck(NT_BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE, code, frame->instruction, 0, 0, reason);
}

/* A counted text of the driver's, as a line. */
static void print_text(const struct trap_instruction *instruction, uint64_t address, size_t length)
{
    char text[512];

    if (length > sizeof(text) - 1)
        length = sizeof(text) - 1;
    trap_load(instruction, address, text, length);
    while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    nt_print("%s", text);
}

/* As on a system without a debugger: texts are printed, nobody answers a question, and an INT 3
 * behind it, which is there for the debugger, is skipped. */
static void debug_service(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    enum { PRINT = 1, PROMPT = 2 };
    uint64_t *registers = frame->registers;
    uint32_t service = (uint32_t)registers[TRAP_RAX];

    if (service == PRINT || service == PROMPT) {
        print_text(instruction, registers[TRAP_RCX], (uint16_t)registers[TRAP_RDX]);
        registers[TRAP_RAX] = 0;
    }
    unsigned char next;
    uint64_t behind = frame->instruction + instruction->length;
    if (trap_try_copy(&next, (const void *)(uintptr_t)behind, 1) && // NOLINT
        next == BREAKPOINT_OPCODE)
        frame->instruction++;
}

/* ---- all of them ---- */

bool trap_decode_system(struct trap_instruction *instruction,
                        const ZydisDecodedInstruction *decoded, const ZydisDecodedOperand *operands)
{
    switch (decoded->mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
        for (unsigned i = 0; i < 2; i++) {
            if (operands[i].type != ZYDIS_OPERAND_TYPE_REGISTER ||
                ZydisRegisterGetClass(operands[i].reg.value) != ZYDIS_REGCLASS_CONTROL)
                continue;
            instruction->kind = i == 0 ? TRAP_TO_CONTROL : TRAP_FROM_CONTROL;
            instruction->control = (uint8_t)ZydisRegisterGetId(operands[i].reg.value);
            instruction->general = (uint8_t)ZydisRegisterGetId(operands[1 - i].reg.value);
            return true;
        }
        return false;
    case ZYDIS_MNEMONIC_INT:
        instruction->kind = TRAP_INTERRUPT;
        instruction->vector = (uint8_t)operands[0].imm.value.u;
        return true;
    case ZYDIS_MNEMONIC_RDMSR:
        instruction->kind = TRAP_READ_MODEL_REGISTER;
        return true;
    case ZYDIS_MNEMONIC_CLI:
        instruction->kind = TRAP_INTERRUPTS_OFF;
        return true;
    case ZYDIS_MNEMONIC_STI:
        instruction->kind = TRAP_INTERRUPTS_ON;
        return true;
    case ZYDIS_MNEMONIC_HLT:
        instruction->kind = TRAP_HALT;
        return true;
    case ZYDIS_MNEMONIC_INVD:
    case ZYDIS_MNEMONIC_WBINVD:
    case ZYDIS_MNEMONIC_INVLPG:
        instruction->kind = TRAP_NOTHING;
        return true;
    default:
        return false;
    }
}

static void interrupt(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    if (instruction->vector == FAST_FAIL)
        fast_fail(frame);
    debug_service(frame, instruction);
}

void trap_carry_out_system(struct trap_frame *frame, const struct trap_instruction *instruction)
{
    switch (instruction->kind) {
    case TRAP_FROM_CONTROL:
        frame->registers[instruction->general] = control_register(instruction->control);
        break;
    case TRAP_TO_CONTROL:
        irql_set(instruction, frame->registers[instruction->general]);
        break;
    case TRAP_READ_MODEL_REGISTER:
        read_model_register(frame);
        break;
    case TRAP_INTERRUPTS_OFF:
        nt_interrupts_disable();
        break;
    case TRAP_INTERRUPTS_ON:
        nt_interrupts_enable();
        break;
    case TRAP_HALT:
        halt(instruction);
        break;
    case TRAP_INTERRUPT:
        interrupt(frame, instruction);
        break;
    default:
        break; /* caches of a machine that has none to write back, and no page table */
    }
}
