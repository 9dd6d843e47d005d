/*
 * fiber.c - stacks, and the switch from one to another.
 *
 * A switch saves what a function must preserve under the System V ABI: six registers, the stack
 * pointer and the two floating-point control words. The sanitizers are told about every switch;
 * else one would see a wild stack pointer and the other races between fibers.
 */
#include "sys/sim/sim.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define SIM_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIM_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SIM_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIM_THREAD_SANITIZER 1
#endif
#endif

#ifdef SIM_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SIM_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

/* Sanitized frames are several times as large. Untouched pages cost nothing. */
enum { STACK_SIZE = 1024 * 1024, GUARD_SIZE = 4096, INITIAL_MXCSR = 0x1F80, INITIAL_X87 = 0x37F };

void fiber_swap(void **save_stack_pointer, void *stack_pointer);
__asm__(".text\n"
        ".hidden fiber_swap\n"
        ".globl fiber_swap\n"
        ".type fiber_swap, @function\n"
        "fiber_swap:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size fiber_swap, .-fiber_swap\n");

/* The first return of a new fiber comes here. The return address is marked as unknown, so that
 * backtraces end instead of running off the stack. */
void fiber_begin(void);
__asm__(".text\n"
        ".hidden fiber_begin\n"
        ".globl fiber_begin\n"
        ".type fiber_begin, @function\n"
        "fiber_begin:\n"
        "    .cfi_startproc\n"
        "    .cfi_undefined rip\n"
        "    xorl %ebp, %ebp\n"
        "    call *%rbx\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size fiber_begin, .-fiber_begin\n");

/* The fiber that switched last: its stack is what the arriving side tells the sanitizer about. */
static struct fiber *switching_from, *switching_to;

void fiber_adopt(struct fiber *fiber)
{
    memset(fiber, 0, sizeof(*fiber));
#ifdef SIM_THREAD_SANITIZER
    fiber->thread_clock = __tsan_get_current_fiber();
#endif
}

int fiber_create(struct fiber *fiber, void (*entry)(void))
{
    memset(fiber, 0, sizeof(*fiber));
    char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return -ENOMEM;
    if (mprotect(stack, GUARD_SIZE, PROT_NONE) < 0) {
        munmap(stack, STACK_SIZE);
        return -ENOMEM;
    }
    fiber->stack = stack;
    fiber->stack_size = STACK_SIZE;
    fiber->stack_bottom = stack + GUARD_SIZE;
    fiber->stack_extent = STACK_SIZE - GUARD_SIZE;
    /* What fiber_swap pops: control words, r15 to r12, rbx, rbp, return address. One word more
     * aligns the stack for the call in fiber_begin. */
    uint64_t *top = (uint64_t *)(stack + STACK_SIZE) - 10;
    top[0] = (uint64_t)INITIAL_X87 << 32 | INITIAL_MXCSR;
    top[5] = (uintptr_t)entry; /* rbx */
    top[7] = (uintptr_t)fiber_begin;
    fiber->stack_pointer = top;
#ifdef SIM_THREAD_SANITIZER
    fiber->thread_clock = __tsan_create_fiber(0);
#endif
    return 0;
}

void fiber_destroy(struct fiber *fiber)
{
    if (!fiber->stack)
        return;
#ifdef SIM_THREAD_SANITIZER
    __tsan_destroy_fiber(fiber->thread_clock);
#endif
#ifdef SIM_ADDRESS_SANITIZER
    /* The marks of frames that never returned would outlive the mapping. */
    __asan_unpoison_memory_region(fiber->stack, fiber->stack_size);
#endif
    munmap(fiber->stack, fiber->stack_size);
    fiber->stack = NULL;
}

void fiber_arrive(void)
{
#ifdef SIM_ADDRESS_SANITIZER
    const void *bottom = NULL;
    size_t extent = 0;
    __sanitizer_finish_switch_fiber(switching_to->fake_stack, &bottom, &extent);
    if (!switching_from->stack) {
        switching_from->stack_bottom = bottom;
        switching_from->stack_extent = extent;
    }
#endif
}

void fiber_switch(struct fiber *from, struct fiber *to, bool last)
{
    (void)last;
    switching_from = from;
    switching_to = to;
#ifdef SIM_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(last ? NULL : &from->fake_stack, to->stack_bottom,
                                   to->stack_extent);
#endif
#ifdef SIM_THREAD_SANITIZER
    __tsan_switch_to_fiber(to->thread_clock, 0);
#endif
    fiber_swap(&from->stack_pointer, to->stack_pointer);
    fiber_arrive();
}
