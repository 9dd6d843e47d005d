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
#define ALL_SAVED                                                                                  \
    SAVED("16", "0x88", "0x01") /* rip */                                                          \
    SAVED("0", "0x80", "0x00")                                                                     \
    SAVED("2", "0x88", "0x00")                                                                     \
    SAVED("1", "0x90", "0x00")                                                                     \
    SAVED("3", "0x98", "0x00")                                                                     \
    SAVED("6", "0xA8", "0x00")                                                                     \
    SAVED("4", "0xB0", "0x00")                                                                     \
    SAVED("5", "0xB8", "0x00")                                                                     \
    SAVED("8", "0xC0", "0x00")                                                                     \
    SAVED("9", "0xC8", "0x00")                                                                     \
    SAVED("10", "0xD0", "0x00")                                                                    \
    SAVED("11", "0xD8", "0x00")                                                                    \
    SAVED("12", "0xE0", "0x00")                                                                    \
    SAVED("13", "0xE8", "0x00")                                                                    \
    SAVED("14", "0xF0", "0x00")                                                                    \
    SAVED("15", "0xF8", "0x00")

__asm__(".text\n"
        ".globl trap_entry_fault\n"
        ".hidden trap_entry_fault\n"
        ".type trap_entry_fault, @function\n"
        "trap_entry_fault:\n"
        "    .cfi_startproc\n"
        "    .cfi_signal_frame\n" TRAP_PUSH_REGISTERS "    mov %rsp, %rbx\n"
        "    .cfi_escape 0x0F, 4, 0x73, 0x90, 0x01, 0x06\n" /* the word at 144(%rbx) */
        ALL_SAVED "    mov 144(%rbx), %rcx\n"
        "    mov %rcx, 32(%rbx)\n" TRAP_SAVE_VECTORS "    mov %rbx, %rdi\n"
        "    mov %rsp, %rsi\n"
        "    lea 144(%rbx), %rdx\n"
        "    call trap_fault_dispatch\n" TRAP_RESTORE_AND_GO_ON "    .cfi_endproc\n"
        ".size trap_entry_fault, . - trap_entry_fault\n");
