/*
 * context.c - all registers of the running code into a CONTEXT, and back.
 */
#include "trap/exceptions.h"

#include <stddef.h>

_Static_assert(offsetof(CONTEXT, MxCsr) == 0x34 && offsetof(CONTEXT, EFlags) == 0x44 &&
                   offsetof(CONTEXT, Rax) == 0x78 && offsetof(CONTEXT, Rip) == 0xF8 &&
                   offsetof(CONTEXT, FltSave) == 0x100,
               "the code below counts on it");

/* What the caller has after the call; the address of the context is in %rcx, as drivers have it. */
#define CAPTURE                                                                                    \
    "    mov %rax, 0x78(%rcx)\n"                                                                   \
    "    mov %rcx, 0x80(%rcx)\n"                                                                   \
    "    mov %rdx, 0x88(%rcx)\n"                                                                   \
    "    mov %rbx, 0x90(%rcx)\n"                                                                   \
    "    lea 8(%rsp), %rax\n"                                                                      \
    "    mov %rax, 0x98(%rcx)\n"                                                                   \
    "    mov %rbp, 0xA0(%rcx)\n"                                                                   \
    "    mov %rsi, 0xA8(%rcx)\n"                                                                   \
    "    mov %rdi, 0xB0(%rcx)\n"                                                                   \
    "    mov %r8, 0xB8(%rcx)\n"                                                                    \
    "    mov %r9, 0xC0(%rcx)\n"                                                                    \
    "    mov %r10, 0xC8(%rcx)\n"                                                                   \
    "    mov %r11, 0xD0(%rcx)\n"                                                                   \
    "    mov %r12, 0xD8(%rcx)\n"                                                                   \
    "    mov %r13, 0xE0(%rcx)\n"                                                                   \
    "    mov %r14, 0xE8(%rcx)\n"                                                                   \
    "    mov %r15, 0xF0(%rcx)\n"                                                                   \
    "    mov (%rsp), %rax\n"                                                                       \
    "    mov %rax, 0xF8(%rcx)\n"                                                                   \
    "    fxsave64 0x100(%rcx)\n"                                                                   \
    "    stmxcsr 0x34(%rcx)\n"                                                                     \
    "    movl $0x10000F, 0x30(%rcx)\n" /* control, integer, segments, floating point */            \
    "    movw $0x10, 0x38(%rcx)\n"     /* code and stack segment of Windows' kernel */             \
    "    movw $0x18, 0x42(%rcx)\n"                                                                 \
    "    movl $0, 0x3A(%rcx)\n"                                                                    \
    "    movl $0, 0x3E(%rcx)\n"                                                                    \
    "    pushfq\n"                                                                                 \
    "    .cfi_adjust_cfa_offset 8\n"                                                               \
    "    pop %rax\n"                                                                               \
    "    .cfi_adjust_cfa_offset -8\n"                                                              \
    "    mov %eax, 0x44(%rcx)\n"                                                                   \
    "    mov 0x78(%rcx), %rax\n"                                                                   \
    "    ret\n"

__asm__(".text\n"
        ".globl trap_context_capture\n"
        ".hidden trap_context_capture\n"
        ".type trap_context_capture, @function\n"
        "trap_context_capture:\n"
        "    .cfi_startproc\n" CAPTURE "    .cfi_endproc\n"
        ".size trap_context_capture, . - trap_context_capture\n"
        /* What lies below the new stack pointer is free: flags and the place to go on are put
         * there, and taken from there at last. */
        ".globl trap_context_restore\n"
        ".hidden trap_context_restore\n"
        ".type trap_context_restore, @function\n"
        "trap_context_restore:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined %rip\n"
        "    fxrstor64 0x100(%rcx)\n"
        "    ldmxcsr 0x34(%rcx)\n"
        "    mov 0x98(%rcx), %rax\n"
        "    mov 0xF8(%rcx), %rdx\n"
        "    mov %rdx, -8(%rax)\n"
        "    mov 0x44(%rcx), %edx\n"
        "    mov %rdx, -16(%rax)\n"
        "    mov 0x80(%rcx), %rdx\n"
        "    mov %rdx, -24(%rax)\n"
        "    mov 0x78(%rcx), %rax\n"
        "    mov 0x88(%rcx), %rdx\n"
        "    mov 0x90(%rcx), %rbx\n"
        "    mov 0xA0(%rcx), %rbp\n"
        "    mov 0xA8(%rcx), %rsi\n"
        "    mov 0xB0(%rcx), %rdi\n"
        "    mov 0xB8(%rcx), %r8\n"
        "    mov 0xC0(%rcx), %r9\n"
        "    mov 0xC8(%rcx), %r10\n"
        "    mov 0xD0(%rcx), %r11\n"
        "    mov 0xD8(%rcx), %r12\n"
        "    mov 0xE0(%rcx), %r13\n"
        "    mov 0xE8(%rcx), %r14\n"
        "    mov 0xF0(%rcx), %r15\n"
        "    mov 0x98(%rcx), %rcx\n"
        "    lea -24(%rcx), %rsp\n"
        "    pop %rcx\n"
        "    popfq\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size trap_context_restore, . - trap_context_restore\n");
