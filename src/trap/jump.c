/*
 * jump.c - setjmp and longjmp as drivers import them, and other ways to go on in a frame further
 * up.
 *
 * The buffer is Windows' one, because compilers and drivers know it. One that names its frame is
 * jumped to by an unwind, in which the handlers of the frames between have their turn; the other
 * form, and a context that a driver restores, leave these frames without a word.
 */
#include "trap/exceptions.h"

#include <stddef.h>
#include <string.h>

struct jump_buffer {
    uint64_t frame; /* of the function that has set it; 0: not told */
    uint64_t rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15, rip;
    uint32_t vector_control;
    uint16_t float_control, reserved;
    M128A vectors[10]; /* XMM6 and up */
};

_Static_assert(sizeof(struct jump_buffer) == 256 && offsetof(struct jump_buffer, rsp) == 0x10 &&
                   offsetof(struct jump_buffer, rip) == 0x50 &&
                   offsetof(struct jump_buffer, vector_control) == 0x58 &&
                   offsetof(struct jump_buffer, float_control) == 0x5C &&
                   offsetof(struct jump_buffer, vectors) == 0x60,
               "the code below counts on it");

__asm__(".text\n"
        ".globl trap_jump_set\n"
        ".hidden trap_jump_set\n"
        ".type trap_jump_set, @function\n"
        "trap_jump_set:\n"
        "    .cfi_startproc\n"
        "    xor %edx, %edx\n"
        "    jmp trap_jump_set_with_frame\n"
        "    .cfi_endproc\n"
        ".size trap_jump_set, . - trap_jump_set\n"
        ".globl trap_jump_set_with_frame\n"
        ".hidden trap_jump_set_with_frame\n"
        ".type trap_jump_set_with_frame, @function\n"
        "trap_jump_set_with_frame:\n"
        "    .cfi_startproc\n"
        "    mov %rdx, (%rcx)\n"
        "    mov %rbx, 0x08(%rcx)\n"
        "    lea 8(%rsp), %rax\n"
        "    mov %rax, 0x10(%rcx)\n"
        "    mov %rbp, 0x18(%rcx)\n"
        "    mov %rsi, 0x20(%rcx)\n"
        "    mov %rdi, 0x28(%rcx)\n"
        "    mov %r12, 0x30(%rcx)\n"
        "    mov %r13, 0x38(%rcx)\n"
        "    mov %r14, 0x40(%rcx)\n"
        "    mov %r15, 0x48(%rcx)\n"
        "    mov (%rsp), %rax\n"
        "    mov %rax, 0x50(%rcx)\n"
        "    stmxcsr 0x58(%rcx)\n"
        "    fnstcw 0x5C(%rcx)\n"
        "    movups %xmm6, 0x60(%rcx)\n"
        "    movups %xmm7, 0x70(%rcx)\n"
        "    movups %xmm8, 0x80(%rcx)\n"
        "    movups %xmm9, 0x90(%rcx)\n"
        "    movups %xmm10, 0xA0(%rcx)\n"
        "    movups %xmm11, 0xB0(%rcx)\n"
        "    movups %xmm12, 0xC0(%rcx)\n"
        "    movups %xmm13, 0xD0(%rcx)\n"
        "    movups %xmm14, 0xE0(%rcx)\n"
        "    movups %xmm15, 0xF0(%rcx)\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size trap_jump_set_with_frame, . - trap_jump_set_with_frame\n");

/* What a call keeps is the buffer's; all else stays. */
static void context_of_buffer(CONTEXT *context, const struct jump_buffer *buffer)
{
    context->Rbx = buffer->rbx;
    context->Rsp = buffer->rsp;
    context->Rbp = buffer->rbp;
    context->Rsi = buffer->rsi;
    context->Rdi = buffer->rdi;
    context->R12 = buffer->r12;
    context->R13 = buffer->r13;
    context->R14 = buffer->r14;
    context->R15 = buffer->r15;
    context->Rip = buffer->rip;
    context->MxCsr = context->FltSave.MxCsr = buffer->vector_control;
    context->FltSave.ControlWord = buffer->float_control;
    memcpy(&context->Xmm6, buffer->vectors, sizeof(buffer->vectors));
}

/* A routine of the driver's says where to go on; meanwhile its stack is that of the context. */
static uint64_t ask_where(const CONTEXT *context, EXCEPTION_RECORD *record)
{
    typedef uint64_t NT_ABI (*routine)(EXCEPTION_RECORD * record);
    struct trap_active active = {
        .previous = trap_active_innermost,
        .context = context,
        .after_call = true,
        .depth = trap_active_innermost ? trap_active_innermost->depth + 1 : 1,
    };

    trap_active_innermost = &active;
    uint64_t place = ((routine)record->ExceptionInformation[0])(record);
    trap_active_innermost = active.previous;
    return place;
}

void trap_context_adjust(CONTEXT *context, EXCEPTION_RECORD *record)
{
    if (!record || record->NumberParameters < 1)
        return;
    if (record->ExceptionCode == STATUS_LONGJUMP)
        context_of_buffer(context, (const struct jump_buffer *)record->ExceptionInformation[0]);
    else if (record->ExceptionCode == STATUS_UNWIND_CONSOLIDATE)
        context->Rip = ask_where(context, record);
}

void trap_jump(const void *buffer, int32_t value)
{
    const struct jump_buffer *jump = buffer;
    EXCEPTION_RECORD record = {
        .ExceptionCode = STATUS_LONGJUMP,
        .NumberParameters = 1,
        .ExceptionInformation = {(uintptr_t)buffer},
    };
    CONTEXT context;

    if (!value)
        value = 1; /* 0 is what setting it has returned */
    if (jump->frame)
        trap_exception_unwind(jump->frame, jump->rip, &record, (uint32_t)value);
    trap_context_capture(&context);
    context_of_buffer(&context, jump);
    context.Rax = (uint32_t)value;
    trap_exception_go_on(&context);
}
