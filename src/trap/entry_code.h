/*
 * entry_code.h - what the entries from interrupted code have in common, for the assembler.
 */
#ifndef STORHOST_TRAP_ENTRY_CODE_H
#define STORHOST_TRAP_ENTRY_CODE_H

/* x87, SSE, AVX and AVX-512 state: what a driver's code can have in use. */
#define TRAP_XSAVE_MASK "0xE7"

/* The members of struct trap_frame but for the last, which is pushed already. */
#define TRAP_PUSH_REGISTERS                                                                        \
    "    pushfq\n"                                                                                 \
    "    cld\n"                                                                                    \
    "    push %r15\n    push %r14\n    push %r13\n    push %r12\n"                                 \
    "    push %r11\n    push %r10\n    push %r9\n    push %r8\n"                                   \
    "    push %rdi\n    push %rsi\n    push %rbp\n    push $0\n"                                   \
    "    push %rbx\n    push %rdx\n    push %rcx\n    push %rax\n"

#endif
