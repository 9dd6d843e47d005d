/*
 * stack_probe.c - __chkstk, which a function calls before it takes a frame of a page or more: RAX
 * is the size of the frame. It touches each page on the way down, so that a stack that is too small
 * ends at its guard page and not in somebody else's memory. All registers keep their values.
 */
__asm__(
    ".text\n"
    ".def __chkstk; .scl 2; .type 32; .endef\n"
    ".globl __chkstk\n"
    ".p2align 4\n"
    "__chkstk:\n"
    "    pushq %rcx\n"
    "    pushq %rax\n"
    "    leaq 24(%rsp), %rcx\n" /* the stack as it is without these two and the return address */
    "1:  cmpq $0x1000, %rax\n"
    "    jb 2f\n"
    "    subq $0x1000, %rcx\n"
    "    testb %al, (%rcx)\n"
    "    subq $0x1000, %rax\n"
    "    jmp 1b\n"
    "2:  subq %rax, %rcx\n"
    "    testb %al, (%rcx)\n"
    "    popq %rax\n"
    "    popq %rcx\n"
    "    ret\n");
