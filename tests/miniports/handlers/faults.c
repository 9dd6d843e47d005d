/*
 * faults.c - what a processor and the kernel's routines raise, each in a function of its own.
 */
#include "driver.h"

static DECLSPEC_NOINLINE void fail_assertion(void)
{
    __asm__ volatile("int $0x2c");
}

/* The quotient of the least number has no place. */
static DECLSPEC_NOINLINE void divide_least(void)
{
    volatile int least = (int)0x80000000, minus_one = -1;

    call->value = least / minus_one;
}

static DECLSPEC_NOINLINE void divide_bytes_by_zero(void)
{
    __asm__ volatile("movl $0x00ff, %%ebx\n\tmovl $7, %%eax\n\tdivb %%bh" ::: "rax", "rbx");
}

static DECLSPEC_NOINLINE void overflow(void)
{
    __asm__ volatile("int $4");
}

static DECLSPEC_NOINLINE void step(void)
{
    __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop" ::: "memory", "cc");
}

static DECLSPEC_NOINLINE void trap_debugger(void)
{
    __asm__ volatile(".byte 0xf1");
}

static DECLSPEC_NOINLINE void write_model_register(void)
{
    __asm__ volatile("wrmsr" : : "c"(0x1234), "a"(0), "d"(0));
}

static DECLSPEC_NOINLINE unsigned recurse(unsigned depth)
{
    volatile unsigned char room[3000];

    room[depth % sizeof(room)] = (unsigned char)depth;
    return depth == (1u << 30) ? 0 : recurse(depth + 1) + room[depth % sizeof(room)];
}

static void fail(void)
{
    switch (call->command) {
    case HANDLERS_ASSERTION:
        fail_assertion();
        break;
    case HANDLERS_DIVIDE_LEAST:
        divide_least();
        break;
    case HANDLERS_DIVIDE_BYTES:
        divide_bytes_by_zero();
        break;
    case HANDLERS_OVERFLOW:
        overflow();
        break;
    case HANDLERS_STEP:
        step();
        break;
    case HANDLERS_TRAP_DEBUGGER:
        trap_debugger();
        break;
    case HANDLERS_PRIVILEGED:
        write_model_register();
        break;
    case HANDLERS_RAISE_ACCESS:
        ExRaiseAccessViolation();
    case HANDLERS_RAISE_ALIGNMENT:
        ExRaiseDatatypeMisalignment();
    case HANDLERS_POOL:
        (void)ExAllocatePoolWithTag((POOL_TYPE)(NonPagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE),
                                    (SIZE_T)call->size, 'tset');
        break;
    case HANDLERS_POOL_QUOTA:
        (void)ExAllocatePoolWithQuotaTag(NonPagedPool, (SIZE_T)call->size, 'tset');
        break;
    case HANDLERS_POOL_FLAGS:
        (void)ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_RAISE_ON_FAILURE, (SIZE_T)call->size,
                              'tset');
        break;
    case HANDLERS_RECURSE:
        call->value = recurse(0);
        break;
    default:
        break;
    }
}

void do_faults(void)
{
    if (call->command < HANDLERS_ASSERTION)
        return;
    __try {
        fail();
        note('n');
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}
