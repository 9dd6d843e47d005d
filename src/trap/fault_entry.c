/*
 * fault_entry.c - from a fault to ordinary code, and back when a handler of the driver says so.
 *
 * As in entry.c everything is saved and restored; but the interrupted code may be the host's own,
 * so what is needed lies further down the stack, and its place is in the fault's record.
 */
#include "trap/entry_code.h"
#include "trap/fault.h"
#include "trap/frame.h"

_Static_assert(offsetof(struct trap_frame, instruction) == 136, "the code below counts on it");
_Static_assert(offsetof(struct trap_fault, stack) == 0, "the code below counts on it");

/* The register of this number, in DWARF's numbering, lies at %rbx + offset (two bytes of SLEB128).
 */
#define SAVED(number_, low_, high_)                                                                \
    "    .cfi_escape 0x10, " number_ ", 3, 0x73, " low_ ", " high_ "\n"

__asm__(".text\n"
        ".globl trap_entry_fault\n"
        ".hidden trap_entry_fault\n"
        ".type trap_entry_fault, @function\n"
        "trap_entry_fault:\n"
        "    .cfi_startproc\n"
        "    .cfi_signal_frame\n" TRAP_PUSH_REGISTERS "    mov %rsp, %rbx\n"
        "    .cfi_escape 0x0F, 4, 0x73, 0x90, 0x01, 0x06\n" /* the word at 144(%rbx) */
        SAVED("16", "0x88", "0x01")                         /* rip */
        SAVED("0", "0x80", "0x00") SAVED("2", "0x88", "0x00") SAVED("1", "0x90", "0x00")
            SAVED("3", "0x98", "0x00") SAVED("6", "0xA8", "0x00") SAVED("4", "0xB0", "0x00")
                SAVED("5", "0xB8", "0x00") SAVED("8", "0xC0", "0x00") SAVED("9", "0xC8", "0x00")
                    SAVED("10", "0xD0", "0x00") SAVED("11", "0xD8", "0x00")
                        SAVED("12", "0xE0", "0x00") SAVED("13", "0xE8", "0x00") SAVED("14", "0xF0",
                                                                                      "0x00")
                            SAVED("15", "0xF8",
                                  "0x00") "    mov 144(%rbx), %rcx\n"
                                          "    mov %rcx, 32(%rbx)\n"
                                          "    mov trap_xsave_bytes(%rip), %ecx\n"
                                          "    test %ecx, %ecx\n"
                                          "    jz 1f\n"
                                          "    sub %rcx, %rsp\n"
                                          "    and $-64, %rsp\n"
                                          "    xor %eax, %eax\n"
                                          "    lea 512(%rsp), %rdi\n"
                                          "    mov $8, %ecx\n"
                                          "    rep stosq\n" /* XRSTOR refuses a header that is not
                                                               all zero or what XSAVE wrote */
                                          "    mov $" TRAP_XSAVE_MASK ", %eax\n"
                                          "    xor %edx, %edx\n"
                                          "    xsave64 (%rsp)\n"
                                          "    jmp 2f\n"
                                          "1:  sub $512, %rsp\n"
                                          "    and $-64, %rsp\n"
                                          "    fxsave64 (%rsp)\n"
                                          "2:  mov %rbx, %rdi\n"
                                          "    mov %rsp, %rsi\n"
                                          "    lea 144(%rbx), %rdx\n"
                                          "    call trap_fault_dispatch\n"
                                          "    cmpl $0, trap_xsave_bytes(%rip)\n"
                                          "    jz 3f\n"
                                          "    mov $" TRAP_XSAVE_MASK ", %eax\n"
                                          "    xor %edx, %edx\n"
                                          "    xrstor64 (%rsp)\n"
                                          "    jmp 4f\n"
                                          "3:  fxrstor64 (%rsp)\n"
                                          "4:  mov %rbx, %rsp\n"
                                          "    pop %rax\n    pop %rcx\n    pop %rdx\n    pop %rbx\n"
                                          "    lea 8(%rsp), %rsp\n"
                                          "    pop %rbp\n    pop %rsi\n    pop %rdi\n"
                                          "    pop %r8\n    pop %r9\n    pop %r10\n    pop %r11\n"
                                          "    pop %r12\n    pop %r13\n    pop %r14\n    pop %r15\n"
                                          "    mov -96(%rsp), %rsp\n" /* flags and the place to go
                                                                         on lie there */
                                          "    popfq\n"
                                          "    ret\n"
                                          "    .cfi_endproc\n"
                                          ".size trap_entry_fault, . - trap_entry_fault\n");
