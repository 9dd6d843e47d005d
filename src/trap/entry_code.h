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

/* Below the stack pointer, whose value is lost. Clobbers rax, rcx, rdx, rdi. */
#define TRAP_SAVE_VECTORS                                                                          \
    "    mov trap_xsave_bytes(%rip), %ecx\n"                                                       \
    "    test %ecx, %ecx\n"                                                                        \
    "    jz 1f\n"                                                                                  \
    "    sub %rcx, %rsp\n"                                                                         \
    "    and $-64, %rsp\n"                                                                         \
    "    xor %eax, %eax\n"                                                                         \
    "    lea 512(%rsp), %rdi\n"                                                                    \
    "    mov $8, %ecx\n"                                                                           \
    "    rep stosq\n" /* XRSTOR refuses a header that is not all zero or what XSAVE wrote */       \
    "    mov $" TRAP_XSAVE_MASK ", %eax\n"                                                         \
    "    xor %edx, %edx\n"                                                                         \
    "    xsave64 (%rsp)\n"                                                                         \
    "    jmp 2f\n"                                                                                 \
    "1:  sub $512, %rsp\n"                                                                         \
    "    and $-64, %rsp\n"                                                                         \
    "    fxsave64 (%rsp)\n"                                                                        \
    "2:\n"

/* Takes the vectors back from the stack pointer, all else from the frame in rbx. Flags and the
 * place to go on lie below the stack pointer to be; registers[TRAP_RSP] points to them. */
#define TRAP_RESTORE_AND_GO_ON                                                                     \
    "    cmpl $0, trap_xsave_bytes(%rip)\n"                                                        \
    "    jz 3f\n"                                                                                  \
    "    mov $" TRAP_XSAVE_MASK ", %eax\n"                                                         \
    "    xor %edx, %edx\n"                                                                         \
    "    xrstor64 (%rsp)\n"                                                                        \
    "    jmp 4f\n"                                                                                 \
    "3:  fxrstor64 (%rsp)\n"                                                                       \
    "4:  mov %rbx, %rsp\n"                                                                         \
    "    pop %rax\n    pop %rcx\n    pop %rdx\n    pop %rbx\n"                                     \
    "    lea 8(%rsp), %rsp\n"                                                                      \
    "    pop %rbp\n    pop %rsi\n    pop %rdi\n"                                                   \
    "    pop %r8\n    pop %r9\n    pop %r10\n    pop %r11\n"                                       \
    "    pop %r12\n    pop %r13\n    pop %r14\n    pop %r15\n"                                     \
    "    mov -96(%rsp), %rsp\n"                                                                    \
    "    popfq\n"                                                                                  \
    "    ret\n"

#endif
