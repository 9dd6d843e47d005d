/*
 * handler.c - the signal handler: only decides. Everything else happens in ordinary code, where
 * locks, waits for a device and bug checks are what they always are.
 */
#include "trap/trap.h"

#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/memory.h"
#include "sys/sys.h"
#include "trap/frame.h"

#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { PAGE_FAULT = 14, XSAVE_STANDARD_BYTES = 2688 };

static struct sigaction previous_segv, previous_bus, previous_ill;
static bool installed;

/* What the thread was doing, for the report: one fault ends the machine, so one place is enough. */
static struct {
    uint32_t taken;
    uint64_t address;
    int signal_number;
} reported;

/* The thread goes on in `entry` as if its code had called it. */
static void turn(ucontext_t *context, void (*entry)(void))
{
    greg_t *registers = context->uc_mcontext.gregs;
    uint64_t stack = (uint64_t)registers[REG_RSP] - TRAP_SKIPPED_BYTES - sizeof(uint64_t);

    *(uint64_t *)(uintptr_t)stack = (uint64_t)registers[REG_RIP];
    registers[REG_RSP] = (greg_t)stack;
    registers[REG_RIP] = (greg_t)(uintptr_t)entry;
}

static void pass_on(const struct sigaction *previous, int number, siginfo_t *information,
                    void *context)
{
    if (previous->sa_flags & SA_SIGINFO) {
        previous->sa_sigaction(number, information, context);
    } else if (previous->sa_handler == SIG_DFL || previous->sa_handler == SIG_IGN) {
        /* The instruction runs again and ends the process as it would have without us. */
        sigaction(number, previous, NULL);
    } else {
        previous->sa_handler(number);
    }
}

static const struct sigaction *previous_of(int number)
{
    return number == SIGSEGV ? &previous_segv : number == SIGBUS ? &previous_bus : &previous_ill;
}

static bool has_handler(const struct sigaction *previous)
{
    return previous->sa_flags & SA_SIGINFO ||
           (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN);
}

static void handle(int number, siginfo_t *information, void *argument)
{
    ucontext_t *context = argument;
    const greg_t *registers = context->uc_mcontext.gregs;
    struct bus_window_place place;
    const void *code = (const void *)(uintptr_t)registers[REG_RIP];

    if (!image_contains_code(code)) {
        pass_on(previous_of(number), number, information, argument);
        return;
    }
    if (number == SIGSEGV && registers[REG_TRAPNO] == PAGE_FAULT &&
        bus_window_find(information->si_addr, &place)) {
        turn(context, trap_entry);
        return;
    }
    /* A sanitizer knows more of a driver's fault than we do. */
    if (NT_ADDRESS_SANITIZER && has_handler(previous_of(number))) {
        pass_on(previous_of(number), number, information, argument);
        return;
    }
    if (!__atomic_exchange_n(&reported.taken, 1, __ATOMIC_ACQ_REL)) {
        reported.address = (uint64_t)(uintptr_t)information->si_addr;
        reported.signal_number = number;
    }
    turn(context, trap_entry_fault);
}

/* Called by the entry. */
void trap_report_fault(uint64_t instruction);
__attribute__((noreturn)) void trap_report_fault(uint64_t instruction)
{
    enum { ACCESS_VIOLATION = 0xC0000005, ILLEGAL_INSTRUCTION = 0xC000001D };
    bool is_illegal = reported.signal_number == SIGILL;
    char reason[128];

    if (is_illegal)
        snprintf(reason, sizeof(reason), "the driver executed an illegal instruction");
    else
        snprintf(reason, sizeof(reason),
                 "the driver accessed memory at 0x%llX, where there is none",
                 (unsigned long long)reported.address);
    nt_bugcheck(NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED,
                is_illegal ? ILLEGAL_INSTRUCTION : ACCESS_VIOLATION, instruction, 0,
                reported.address, reason);
}

static bool has_xsave(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE;
}

int trap_install(void)
{
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_NODEFER};

    if (__atomic_exchange_n(&installed, true, __ATOMIC_ACQ_REL))
        return 0;
    trap_xsave_bytes = has_xsave() ? XSAVE_STANDARD_BYTES : 0;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSEGV, &action, &previous_segv) != 0 ||
        sigaction(SIGBUS, &action, &previous_bus) != 0 ||
        sigaction(SIGILL, &action, &previous_ill) != 0)
        return -errno;
    return 0;
}
