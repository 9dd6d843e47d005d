/*
 * fault.c - a fault of a driver, or of ours on its behalf: an exception for the driver's handlers,
 * and when nobody wants it, the end of the machine with a report.
 *
 * Not every fault is an exception. As on Windows, a page fault at DISPATCH_LEVEL or above is none,
 * and neither is one at an address of the kernel's half, which only a wild pointer has here.
 */
#include "trap/fault.h"

#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/memory.h"
#include "nt/thread.h"
#include "trap/exceptions.h"
#include "trap/frame.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    DEBUG_TRAP = 1,
    OVERFLOW_TRAP = 4,
    DOUBLE_FAULT = 8,
    PROTECTION_FAULT = 13,
    PAGE_FAULT = 14,
    ERROR_WRITE = 1 << 1, /* in the error code of a page fault */
    ERROR_FETCH = 1 << 4,
    WRITTEN = 1, /* as exception records say it */
    EXECUTED = 8,
    CONTEXT_WITH_FLOATING_POINT = 0x10000F,
    COMPONENTS_LEGACY = 3, /* of XSAVE: what CONTEXT has */
};

_Static_assert(sizeof(XMM_SAVE_AREA32) == offsetof(struct trap_vectors, components),
               "the area of FXSAVE");

__attribute__((used)) void trap_fault_dispatch(struct trap_frame *frame,
                                               struct trap_vectors *vectors,
                                               struct trap_fault *fault);

/* ---- what has happened, as Windows calls it ---- */

static uint64_t access_of(const struct trap_fault *fault)
{
    if (fault->error & ERROR_FETCH)
        return EXECUTED;
    return fault->error & ERROR_WRITE ? WRITTEN : 0;
}

static int32_t status_of_arithmetic(int signal_code, const struct trap_frame *frame)
{
    switch (signal_code) {
    case FPE_INTDIV:
        return trap_divides_by_zero(frame) ? STATUS_INTEGER_DIVIDE_BY_ZERO
                                           : STATUS_INTEGER_OVERFLOW;
    case FPE_FLTDIV:
        return STATUS_FLOAT_DIVIDE_BY_ZERO;
    case FPE_FLTOVF:
        return STATUS_FLOAT_OVERFLOW;
    case FPE_FLTUND:
        return STATUS_FLOAT_UNDERFLOW;
    case FPE_FLTRES:
        return STATUS_FLOAT_INEXACT_RESULT;
    case FPE_FLTINV:
        return STATUS_FLOAT_INVALID_OPERATION;
    default:
        return STATUS_FLOAT_INVALID_OPERATION;
    }
}

/* INT 2Ch */
static bool is_assertion(uint64_t instruction)
{
    const unsigned char *code = (const unsigned char *)(uintptr_t)instruction; // NOLINT

    return code[0] == 0xCD && code[1] == 0x2C;
}

static int32_t status_of(const struct trap_fault *fault, const struct trap_frame *frame)
{
    uint64_t instruction = frame->instruction;

    switch (fault->signal_number) {
    case SIGILL:
        return STATUS_ILLEGAL_INSTRUCTION;
    case SIGFPE:
        return status_of_arithmetic(fault->signal_code, frame);
    case SIGTRAP:
        return fault->number == DEBUG_TRAP ? STATUS_SINGLE_STEP : STATUS_BREAKPOINT;
    case SIGBUS:
        return fault->signal_code == BUS_ADRALN ? STATUS_DATATYPE_MISALIGNMENT
                                                : STATUS_ACCESS_VIOLATION;
    default:
        break;
    }
    if (fault->number == OVERFLOW_TRAP)
        return STATUS_INTEGER_OVERFLOW;
    if (fault->number == PROTECTION_FAULT && is_assertion(instruction))
        return STATUS_ASSERTION_FAILURE;
    if (fault->number == PROTECTION_FAULT && trap_is_privileged(instruction))
        return STATUS_PRIVILEGED_INSTRUCTION;
    return STATUS_ACCESS_VIOLATION;
}

static void record_fill(EXCEPTION_RECORD *record, const struct trap_fault *fault,
                        const struct trap_frame *frame)
{
    *record = (EXCEPTION_RECORD){
        .ExceptionCode = status_of(fault, frame),
        .ExceptionAddress = (PVOID)(uintptr_t)frame->instruction, // NOLINT
    };
    if (record->ExceptionCode == STATUS_ACCESS_VIOLATION) {
        record->NumberParameters = 2;
        record->ExceptionInformation[0] = access_of(fault);
        record->ExceptionInformation[1] =
            fault->number == PROTECTION_FAULT ? UINT64_MAX : fault->address;
    } else if (record->ExceptionCode == STATUS_BREAKPOINT) {
        record->NumberParameters = 1;
    }
}

/* ---- registers ---- */

static void context_fill(CONTEXT *context, const struct trap_frame *frame,
                         const struct trap_vectors *vectors)
{
    memset(context, 0, sizeof(*context));
    context->ContextFlags = CONTEXT_WITH_FLOATING_POINT;
    memcpy(&context->Rax, frame->registers, sizeof(frame->registers));
    memcpy(&context->FltSave, vectors, sizeof(context->FltSave));
    context->MxCsr = context->FltSave.MxCsr;
    context->EFlags = (ULONG)frame->flags;
    context->Rip = frame->instruction;
    context->SegCs = 0x10; /* of Windows' kernel */
    context->SegSs = 0x18;
}

static void context_take(const CONTEXT *context, struct trap_frame *frame,
                         struct trap_vectors *vectors)
{
    memcpy(frame->registers, &context->Rax, sizeof(frame->registers));
    memcpy(vectors, &context->FltSave, sizeof(context->FltSave));
    if (trap_xsave_bytes)
        vectors->components |= COMPONENTS_LEGACY;
    uint64_t *below = (uint64_t *)(uintptr_t)context->Rsp; // NOLINT
    below[-1] = context->Rip;
    below[-2] = context->EFlags;
    frame->registers[TRAP_RSP] -= 2 * sizeof(uint64_t);
}

/* ---- the report ---- */

/* Of the processor's model, which ECX chooses; RDMSR and WRMSR differ in one bit. */
static bool has_model_register(uint64_t instruction)
{
    const unsigned char *code = (const unsigned char *)(uintptr_t)instruction; // NOLINT

    return code[0] == 0x0F && (code[1] | 2) == 0x32;
}

/* What the processor does not allow: which instruction it was says which of many reasons. */
static void describe_protection_fault(uint64_t instruction, uint64_t rcx, char *reason, size_t size)
{
    char text[96];

    trap_instruction_print(instruction, text, sizeof(text));
    if (is_assertion(instruction))
        snprintf(reason, size, "an assertion of the driver has failed");
    else if (has_model_register(instruction))
        snprintf(reason, size, "the driver wants register 0x%llX of the processor's model: %s",
                 (unsigned long long)(rcx & UINT32_MAX), text);
    else
        snprintf(reason, size,
                 "the driver executed an instruction that needs a kernel, an aligned operand or an "
                 "address that exists: %s",
                 text);
}

static void describe_access(const struct trap_fault *fault, bool in_driver, char *reason,
                            size_t size)
{
    unsigned long long address = fault->address;

    if (fault->is_bad_call)
        snprintf(reason, size, "%s 0x%llX, where there is no code",
                 in_driver ? "the driver called" : "the driver's callback is at", address);
    else if (fault->number == PAGE_FAULT)
        snprintf(reason, size, "%s accessed memory at 0x%llX, where there is none",
                 in_driver ? "the driver" : "a routine for the driver", address);
    else
        snprintf(reason, size, "a routine for the driver accessed memory at no possible address");
}

/* `instruction`: the driver's, or ours. */
static void describe_fault(const struct trap_fault *fault, uint64_t instruction, uint64_t rcx,
                           char *reason, size_t size)
{
    bool in_driver = image_contains_code((const void *)(uintptr_t)instruction); // NOLINT

    switch (fault->signal_number) {
    case SIGILL:
        snprintf(reason, size, "the driver executed an illegal instruction");
        return;
    case SIGFPE:
        snprintf(reason, size, "the driver divided by zero, or the quotient was too large");
        return;
    case SIGTRAP:
        snprintf(reason, size, "the driver executed a breakpoint, and there is no debugger");
        return;
    default:
        break;
    }
    if (fault->number == PROTECTION_FAULT && in_driver)
        describe_protection_fault(instruction, rcx, reason, size);
    else
        describe_access(fault, in_driver, reason, size);
}

/* Where a report says that it was: of a call that has failed, the caller. */
static uint64_t place_of(const struct trap_frame *frame, const struct trap_fault *fault)
{
    uint64_t place = frame->instruction;

    if (fault->is_bad_call)
        (void)trap_try_copy(&place, (const void *)(uintptr_t)fault->stack, sizeof(place)); // NOLINT
    return place;
}

static __attribute__((noreturn)) void stop(struct trap_frame *frame, struct trap_fault *fault,
                                           const EXCEPTION_RECORD *record)
{
    uint64_t place = place_of(frame, fault);
    bool in_driver = image_contains_code((const void *)(uintptr_t)place); // NOLINT
    uint8_t irql = nt_self()->irql;
    char reason[256];

    describe_fault(fault, place, frame->registers[TRAP_RCX], reason, sizeof(reason));
    if (fault->is_bad_call) {
        /* The backtrace begins with the caller: there is no frame of code that is not there. */
        frame->instruction = place;
        fault->stack += sizeof(uint64_t);
    }
    if (fault->number == PAGE_FAULT && irql >= NT_DISPATCH_LEVEL)
        nt_bugcheck(in_driver ? NT_BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL
                              : NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL,
                    fault->address, irql, access_of(fault), place, reason);
    if (fault->number == PAGE_FAULT && (int64_t)fault->address < 0)
        nt_bugcheck(NT_BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA, fault->address, access_of(fault),
                    place, 0, reason);
    nt_bugcheck(NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, (uint32_t)record->ExceptionCode, place,
                record->ExceptionInformation[0], record->ExceptionInformation[1], reason);
}

/* On Windows, too, there is no exception for it: its record would need the stack. */
static __attribute__((noreturn)) void stop_without_stack(const struct trap_frame *frame,
                                                         const struct trap_fault *fault)
{
    nt_bugcheck(NT_BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP, DOUBLE_FAULT, fault->address,
                frame->instruction, fault->stack, "the driver has used up the stack");
}

bool trap_memory_is_there(void *memory, size_t size, bool write)
{
    unsigned char *bytes = memory, byte;

    for (size_t at = 0; at < size; at += NT_PAGE_SIZE - ((uintptr_t)bytes + at) % NT_PAGE_SIZE)
        if (!(write ? trap_try_touch(bytes + at) : trap_try_copy(&byte, bytes + at, 1)))
            return false;
    return true;
}

/* ---- from the entry ---- */

static bool is_exception(const struct trap_fault *fault)
{
    if (fault->number == PAGE_FAULT)
        return nt_self()->irql < NT_DISPATCH_LEVEL && (int64_t)fault->address >= 0;
    return true;
}

void trap_fault_dispatch(struct trap_frame *frame, struct trap_vectors *vectors,
                         struct trap_fault *fault)
{
    EXCEPTION_RECORD record;
    struct trap_walk walk;
    CONTEXT context;

    if (fault->is_stack_full)
        stop_without_stack(frame, fault);
    if (fault->signal_number == SIGTRAP && fault->number != DEBUG_TRAP)
        frame->instruction--; /* the breakpoint, not what follows */
    context_fill(&context, frame, vectors);
    record_fill(&record, fault, frame);
    trap_walk_begin(&walk, &context, false);
    walk.is_bad_call = fault->is_bad_call;
    if (!is_exception(fault) || !trap_exception_dispatch(&record, &context, &walk))
        stop(frame, fault, &record);
    context_take(&context, frame, vectors);
}
