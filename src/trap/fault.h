/*
 * fault.h - a fault that is no access to a device, between the signal handler and ordinary code.
 */
#ifndef STORHOST_TRAP_FAULT_H
#define STORHOST_TRAP_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* What the processor and the kernel say of it. It lies on the stack of the interrupted code, below
 * what the host's convention lets a function use there. */
struct trap_fault {
    uint64_t stack; /* the stack pointer of the interrupted code */
    uint64_t address;
    uint64_t error;
    uint32_t number; /* of the processor's exception */
    int32_t signal_number, signal_code;
    bool is_bad_call;   /* of code that is not there */
    bool is_stack_full; /* it lies elsewhere: the interrupted code's stack has no room */
};

enum { TRAP_FAULT_SKIPPED_BYTES = 256 };

static inline struct trap_fault *trap_fault_below(uint64_t stack)
{
    uint64_t place = stack - TRAP_FAULT_SKIPPED_BYTES - sizeof(struct trap_fault);

    return (struct trap_fault *)(uintptr_t)(place & ~15ull); // NOLINT
}

/* Where the handler turns threads to, with the interrupted instruction's address on the stack, and
 * the fault behind it. */
void trap_entry_fault(void);

#endif
