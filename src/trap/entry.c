/*
 * entry.c - from the interrupted instruction to ordinary code and back.
 *
 * The handler has made it look as if the driver's code had called trap_entry. What lies below the
 * stack pointer is free: Windows' calling convention has no red zone, and what else is in a module
 * is compiled without one. All registers are saved, vectors too, as far as the processor has them.
 */
#include "trap/entry_code.h"
#include "trap/frame.h"

/* Of XSAVE's area with the components of `TRAP_XSAVE_MASK`. */
uint32_t trap_xsave_bytes, trap_ymm_offset;

__attribute__((used)) void trap_carry_out(struct trap_frame *frame, struct trap_vectors *vectors);

_Static_assert(TRAP_RSP * sizeof(uint64_t) == 32, "entry fills it in and takes it back");
_Static_assert(TRAP_SKIPPED_BYTES == 64, "entry takes so many bytes into account");
_Static_assert(offsetof(struct trap_frame, flags) == 128, "sixteen registers are pushed below");

__asm__(".text\n"
        ".globl trap_entry\n"
        ".hidden trap_entry\n"
        ".type trap_entry, @function\n"
        "trap_entry:\n"
        "    .cfi_startproc\n"
        "    .cfi_signal_frame\n" TRAP_PUSH_REGISTERS "    mov %rsp, %rbx\n"
        "    .cfi_def_cfa %rbx, 208\n" /* 16 registers, flags, the place to return to, 64 bytes */
        "    lea 208(%rbx), %rcx\n"
        "    mov %rcx, 32(%rbx)\n"
        "    .cfi_offset %rip, -72\n"
        "    .cfi_offset %r15, -88\n    .cfi_offset %r14, -96\n"
        "    .cfi_offset %r13, -104\n    .cfi_offset %r12, -112\n"
        "    .cfi_offset %rbp, -168\n    .cfi_offset %rbx, -184\n" TRAP_SAVE_VECTORS
        "    mov %rbx, %rdi\n"
        "    mov %rsp, %rsi\n"
        "    call trap_carry_out\n" TRAP_RESTORE_AND_GO_ON "    .cfi_endproc\n"
        ".size trap_entry, . - trap_entry\n"
        /* A fault between start and end goes on at failed. */
        ".globl trap_try_copy\n"
        ".hidden trap_try_copy\n"
        ".globl trap_try_copy_start\n"
        ".hidden trap_try_copy_start\n"
        ".globl trap_try_copy_end\n"
        ".hidden trap_try_copy_end\n"
        ".globl trap_try_copy_failed\n"
        ".hidden trap_try_copy_failed\n"
        ".type trap_try_copy, @function\n"
        "trap_try_copy:\n"
        "    .cfi_startproc\n"
        "    mov %rdx, %rcx\n"
        "trap_try_copy_start:\n"
        "    rep movsb\n"
        "    mov $1, %eax\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size trap_try_copy, . - trap_try_copy\n"
        ".globl trap_try_touch\n"
        ".hidden trap_try_touch\n"
        ".type trap_try_touch, @function\n"
        "trap_try_touch:\n"
        "    .cfi_startproc\n"
        "    lock orb $0, (%rdi)\n"
        "trap_try_copy_end:\n"
        "    mov $1, %eax\n"
        "    ret\n"
        "trap_try_copy_failed:\n"
        "    xor %eax, %eax\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size trap_try_touch, . - trap_try_touch\n");
