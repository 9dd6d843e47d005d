/*
 * handler.c - the signal handler: only decides. Everything else happens in ordinary code, where
 * locks, waits for a device and bug checks are what they always are.
 */
#include "trap/trap.h"

#include "image/image.h"
#include "image/pe_exceptions.h"
#include "nt/bugcheck.h"
#include "nt/memory.h"
#include "nt/shared_data.h"
#include "nt/thread.h"
#include "sys/sys.h"
#include "trap/exceptions.h"
#include "trap/fault.h"
#include "trap/frame.h"

#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    PROTECTION_FAULT = 13,
    PAGE_FAULT = 14,
    XSAVE_STANDARD_BYTES = 2688,
    STACK_NEEDED_BYTES = 32 << 10,
    LAST_STACK_BYTES = 256 << 10,
    KERNEL_SET_BYTES = 8, /* a set of signals, as the kernel has it */
    /* In the error code of a page fault. */
    WRITE = 1 << 1,
    CODE_FETCH = 1 << 4,
};

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };
static struct sigaction previous[SIGNAL_COUNT];

/* The thread goes on in `entry` as if its code had called it. The kernel's own frame lies 128 bytes
 * below the stack pointer and further down; it reads it when the handler returns. */
static void turn(ucontext_t *context, void (*entry)(void))
{
    greg_t *registers = context->uc_mcontext.gregs;
    uint64_t stack = (uint64_t)registers[REG_RSP] - TRAP_SKIPPED_BYTES - sizeof(uint64_t);

    *(uint64_t *)(uintptr_t)stack = (uint64_t)registers[REG_RIP];
    registers[REG_RSP] = (greg_t)stack;
    registers[REG_RIP] = (greg_t)(uintptr_t)entry;
}

static const struct sigaction *previous_of(int number)
{
    unsigned i = 0;

    while (signals[i] != number)
        i++;
    return &previous[i];
}

static bool has_handler(const struct sigaction *action)
{
    return action->sa_flags & SA_SIGINFO ||
           (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

/* Handlers that were put in after ours may lead back to it, by a call or by letting the instruction
 * run again: what nobody ends ends the process. */
static bool goes_round(const siginfo_t *information, const void *context)
{
    static __thread struct {
        greg_t instruction;
        const void *address;
        unsigned count;
    } last __attribute__((tls_model("initial-exec")));
    enum { ROUNDS_MAX = 16 };
    greg_t instruction = ((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

    if (information->si_code <= 0)
        return false;
    if (instruction != last.instruction || information->si_addr != last.address)
        last.count = 0;
    last.instruction = instruction;
    last.address = information->si_addr;
    return ++last.count > ROUNDS_MAX;
}

static void pass_on(int number, siginfo_t *information, void *context)
{
    static const struct sigaction by_default;
    const struct sigaction *action =
        goes_round(information, context) ? &by_default : previous_of(number);

    if (action->sa_flags & SA_SIGINFO) {
        action->sa_sigaction(number, information, context);
    } else if (has_handler(action)) {
        action->sa_handler(number);
    } else if (information->si_code > 0) {
        /* The instruction runs again and ends the process as it would have without us. */
        sigaction(number, action, NULL);
    } else if (action->sa_handler == SIG_DFL) {
        /* Somebody has sent it: there is no instruction to run again. */
        sigaction(number, action, NULL);
        raise(number);
    }
}

/* Our own code fails where a driver has handed in what is no address: the driver is named, too. */
static bool is_for_driver(int number)
{
    const struct nt_thread *self = nt_thread_pointer;

    return (number == SIGSEGV || number == SIGBUS) && self && self->evidence;
}

/* Somebody has called what is no code, the driver or we a callback of it: it is as if the call
 * itself had failed. */
static bool is_bad_call(const siginfo_t *information, const greg_t *registers)
{
    if (registers[REG_TRAPNO] != PAGE_FAULT || !(registers[REG_ERR] & CODE_FETCH) ||
        (greg_t)(uintptr_t)information->si_addr != registers[REG_RIP])
        return false;
    return is_for_driver(SIGSEGV) ||
           image_contains_code(*(const void *const *)(uintptr_t)registers[REG_RSP]); // NOLINT
}

static void context_of(const greg_t *registers, CONTEXT *context)
{
    static const int order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    uint64_t *words = (uint64_t *)&context->Rax;

    memset(context, 0, sizeof(*context));
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        words[i] = (uint64_t)registers[order[i]];
}

/* The frames of a Windows image may want the exception, its own or what has called the host's. */
static bool may_have_handlers(const greg_t *registers, bool is_bad_call)
{
    struct trap_walk walk;
    CONTEXT context;

    context_of(registers, &context);
    trap_walk_begin(&walk, &context, false);
    walk.is_bad_call = is_bad_call;
    return trap_walk_to_image(&walk) || walk.is_barred;
}

/* Ordinary code has the room that it needs below, where nobody has anything. The kernel is asked to
 * write there: a fault in a handler ends the process where a sanitizer blocks signals meanwhile. */
static bool has_stack(uint64_t stack)
{
    int before = errno;
    bool is_there = true;

    for (uint64_t at = TRAP_FAULT_SKIPPED_BYTES; is_there && at <= STACK_NEEDED_BYTES;
         at += NT_PAGE_SIZE)
        is_there = syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, stack - at, KERNEL_SET_BYTES) == 0;
    errno = before;
    return is_there;
}

/* Of whoever has used up his own first: the machine ends on it. */
static uint64_t last_stack(void)
{
    static unsigned char bytes[LAST_STACK_BYTES] __attribute__((aligned(64)));
    static bool taken;

    while (__atomic_exchange_n(&taken, true, __ATOMIC_SEQ_CST))
        pause();
    return (uintptr_t)bytes + sizeof(bytes);
}

/* The thread goes on in ordinary code that sees whether somebody handles the fault. */
static void turn_to_fault(ucontext_t *context, int number, const siginfo_t *information,
                          bool is_bad_call)
{
    greg_t *registers = context->uc_mcontext.gregs;
    uint64_t stack_pointer = (uint64_t)registers[REG_RSP];
    bool is_stack_full = !has_stack(stack_pointer);
    struct trap_fault *fault = trap_fault_below(is_stack_full ? last_stack() : stack_pointer);

    *fault = (struct trap_fault){
        .stack = stack_pointer,
        .address = (uint64_t)(uintptr_t)information->si_addr,
        .error = (uint64_t)registers[REG_ERR],
        .number = (uint32_t)registers[REG_TRAPNO],
        .signal_number = number,
        .signal_code = information->si_code,
        .is_bad_call = is_bad_call,
        .is_stack_full = is_stack_full,
    };
    uint64_t *stack = (uint64_t *)fault - 1;
    *stack = (uint64_t)registers[REG_RIP];
    registers[REG_RSP] = (greg_t)(uintptr_t)stack;
    registers[REG_RIP] = (greg_t)(uintptr_t)trap_entry_fault;
    registers[REG_EFL] &= ~TRAP_FLAG_TRAP; /* a driver that goes step by step asks for each */
}

static bool lies_in(const void *code, const unsigned char *start, const unsigned char *end)
{
    return (uintptr_t)code >= (uintptr_t)start && (uintptr_t)code < (uintptr_t)end;
}

/* For us to carry out: registers of a device, ports, the page of the kernel, the system. */
static bool is_access(int number, const siginfo_t *information, const greg_t *registers)
{
    struct bus_window_place place;

    if (number != SIGSEGV)
        return false;
    if (registers[REG_TRAPNO] == PAGE_FAULT)
        return bus_window_find(information->si_addr, &place) ||
               (uintptr_t)information->si_addr - NT_SHARED_DATA_ADDRESS < NT_SHARED_DATA_BYTES;
    return registers[REG_TRAPNO] == PROTECTION_FAULT &&
           trap_is_emulated((const unsigned char *)(uintptr_t)registers[REG_RIP], // NOLINT
                            (uint64_t)registers[REG_RCX]);
}

/* A missing import of a driver was called or used: its stub tells. */
static bool is_missing_import(const siginfo_t *information, greg_t *registers)
{
    bool is_call = (greg_t)(uintptr_t)information->si_addr == registers[REG_RIP];
    const void *stub = image_missing_import_stub(information->si_addr, is_call);

    if (!stub)
        return false;
    if (!is_call) {
        registers[REG_RSP] -= (greg_t)sizeof(uint64_t);
        *(greg_t *)(uintptr_t)registers[REG_RSP] = registers[REG_RIP]; // NOLINT
    }
    registers[REG_RIP] = (greg_t)(uintptr_t)stub;
    return true;
}

static void handle(int number, siginfo_t *information, void *argument)
{
    ucontext_t *context = argument;
    greg_t *registers = context->uc_mcontext.gregs;
    const void *code = (const void *)(uintptr_t)registers[REG_RIP]; // NOLINT
    bool was_sent = information->si_code <= 0;

    if (!was_sent && lies_in(code, trap_try_copy_start, trap_try_copy_end)) {
        registers[REG_RIP] = (greg_t)(uintptr_t)trap_try_copy_failed;
        return;
    }
    if (!was_sent && number == SIGSEGV && !(registers[REG_ERR] & WRITE) &&
        nt_shared_data_open(information->si_addr))
        return;
    if (!was_sent && number == SIGSEGV && is_missing_import(information, registers))
        return;
    bool bad_call = !was_sent && number == SIGSEGV && is_bad_call(information, registers);
    bool in_driver = image_contains_code(code);
    if (was_sent || (!bad_call && !in_driver && !is_for_driver(number))) {
        pass_on(number, information, argument);
        return;
    }
    if (in_driver && is_access(number, information, registers)) {
        turn(context, trap_entry);
        return;
    }
    /* A sanitizer knows more of a module's fault than we do. */
    if (NT_ADDRESS_SANITIZER && has_handler(previous_of(number)) &&
        !may_have_handlers(registers, bad_call)) {
        pass_on(number, information, argument);
        return;
    }
    turn_to_fault(context, number, information, bad_call);
}

/* ---- installation ---- */

static bool has_xsave(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE;
}

/* Where the upper halves of the vectors lie in XSAVE's area; 0: the processor has none. */
static uint32_t ymm_offset(void)
{
    enum { XSAVE_LEAF = 13, AVX_COMPONENT = 2, AVX_BYTES = 256 };
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_AVX) ||
        !__get_cpuid_count(XSAVE_LEAF, AVX_COMPONENT, &a, &b, &c, &d) || a != AVX_BYTES)
        return 0;
    return b;
}

static int install(int number, struct sigaction *ret_previous)
{
    struct sigaction action = {.sa_sigaction = handle,
                               .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK},
                     there;

    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &there) != 0)
        return -errno;
    if (there.sa_flags & SA_SIGINFO && there.sa_sigaction == handle)
        return 0;
    *ret_previous = there;
    return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}

static void prepare(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    sys_thread_local_declare((void **)&trap_active_innermost);
    nt_bugcheck_set_backtrace(trap_backtrace);
    trap_xsave_bytes = has_xsave() ? XSAVE_STANDARD_BYTES : 0;
    trap_ymm_offset = trap_xsave_bytes ? ymm_offset() : 0;
}

int trap_install(void)
{
    static struct sys_mutex mutex;
    int error = 0;

    if (!nt_shared_user_data())
        return -ENOMEM;
    sys_mutex_lock(&mutex);
    prepare();
    for (unsigned i = 0; i < SIGNAL_COUNT && !error; i++)
        error = install(signals[i], &previous[i]);
    sys_mutex_unlock(&mutex);
    return error;
}
