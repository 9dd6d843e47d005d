/*
 * stack_probe.c - __chkstk, which compiled functions call before they take a frame of a page or
 * more, with its size in rax: each page is touched on the way down, so that a stack that is too
 * small ends at its guard page and not in somebody else's memory. All registers keep their values.
 */
#include "nt/export.h"
#include "nt/thread.h"

void stack_probe(void);
__asm__(".text\n"
        ".hidden stack_probe\n"
        ".globl stack_probe\n"
        ".type stack_probe, @function\n"
        "stack_probe:\n"
        "    .cfi_startproc\n"
        "    push %rcx\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    push %rax\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    lea 24(%rsp), %rcx\n" /* the caller's stack pointer */
        "1:  cmp $4096, %rax\n"
        "    jb 2f\n"
        "    sub $4096, %rcx\n"
        "    testb %al, (%rcx)\n"
        "    sub $4096, %rax\n"
        "    jmp 1b\n"
        "2:  sub %rax, %rcx\n"
        "    testb %al, (%rcx)\n"
        "    pop %rax\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    pop %rcx\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size stack_probe, . - stack_probe\n");
NT_EXPORT_AS("ntoskrnl.exe", "__chkstk", stack_probe, "Run-time library", NT_HIGH_LEVEL);
