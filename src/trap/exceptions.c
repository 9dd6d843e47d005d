/*
 * exceptions.c - the two walks of a structured exception.
 *
 * Handlers are called on top of the frames that they are asked about, so whatever they do, an
 * exception of their own included, finds the stack as it was. The record of what is going on
 * (trap_active) lies in our frame; a walk that comes to that frame goes on behind it.
 */
#include "trap/exceptions.h"

#include "image/image.h"
#include "image/unwind.h"
#include "nt/bugcheck.h"
#include "nt/irp.h"
#include "nt/memory.h"
#include "nt/thread.h"
#include "sys/sys.h"
#include "trap/frame.h"

#include <stdio.h>
#include <string.h>

#if NT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

enum { DEPTH_MAX = 32 };

/* A frame of an image, and what its handler is told. */
struct frame {
    CONTEXT context; /* its own registers; the walk has those of its caller */
    struct trap_dispatcher dispatcher;
    struct unwind_frame unwound;
};

static const void *pointer_at(uint64_t address)
{
    return (const void *)(uintptr_t)address; // NOLINT
}

static void describe(uint64_t address, char *text, size_t size)
{
    if (!image_describe(pointer_at(address), text, size, false))
        snprintf(text, size, "0x%llX", (unsigned long long)address);
}

/* Goes over the frame that the walk has come to. False: the image says nothing sensible of it. */
static bool leave_frame(struct trap_walk *walk, unsigned handlers, struct frame *frame)
{
    struct unwind_source source = {.read = trap_try_copy};
    struct unwind_fault fault;
    char place[128];

    sh_assert(pe_exception_table_of(pointer_at(walk->context.Rip), &source.table));
    const struct pe_function *function = unwind_find(&source.table, walk->context.Rip);
    frame->context = walk->context;
    if (unwind_step(&source, function, handlers, &walk->context, &frame->unwound, NULL, &fault) !=
        0) {
        describe(frame->context.Rip, place, sizeof(place));
        nt_finding("unwind", source.table.base,
                   "the stack at %s cannot be unwound: at 0x%X of the image, %s", place,
                   fault.offset, fault.what);
        return false;
    }
    frame->dispatcher = (struct trap_dispatcher){
        .control_pc = frame->context.Rip,
        .image_base = (uintptr_t)source.table.base,
        .function = function,
        .establisher = frame->unwound.establisher,
        .handler = frame->unwound.handler,
        .handler_data = pointer_at(frame->unwound.handler_data),
        .scope_index = walk->scope_index,
        .after_call = walk->after_call,
    };
    walk->scope_index = 0;
    walk->after_call = true;
    walk->may_leave = false;
    walk->called_back = true;
    return walk->context.Rsp > frame->context.Rsp;
}

static int call_handler(struct frame *frame, EXCEPTION_RECORD *record, CONTEXT *context)
{
    trap_handler handler = (trap_handler)(uintptr_t)frame->dispatcher.handler; // NOLINT

    return handler(record, frame->dispatcher.establisher, context, &frame->dispatcher);
}

/* ---- going on ---- */

/* Frames below the one that goes on are gone, and with them what they had put down. */
static __attribute__((noreturn)) void go_on(const CONTEXT *context)
{
    struct nt_thread *self = nt_self();

    while (trap_active_innermost && (uintptr_t)trap_active_innermost < context->Rsp)
        trap_active_innermost = trap_active_innermost->previous;
    while (self->evidence && (uintptr_t)self->evidence < context->Rsp) {
        nt_irp_leave(self->evidence);
        nt_evidence_pop(self, self->evidence);
    }
#if NT_ADDRESS_SANITIZER
    __asan_handle_no_return();
#endif
    trap_context_restore(context);
}

static __attribute__((noreturn)) void stop(const EXCEPTION_RECORD *record, const char *reason)
{
    nt_bugcheck(NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, (uint32_t)record->ExceptionCode,
                (uintptr_t)record->ExceptionAddress,
                record->NumberParameters > 0 ? record->ExceptionInformation[0] : 0,
                record->NumberParameters > 1 ? record->ExceptionInformation[1] : 0, reason);
}

/* An exception about an exception: `record` is the one that went wrong. */
static __attribute__((noreturn)) void raise_about(EXCEPTION_RECORD *record, NTSTATUS status,
                                                  const char *reason)
{
    EXCEPTION_RECORD about = {
        .ExceptionCode = status,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionRecord = record,
        .ExceptionAddress = record->ExceptionAddress,
    };

    trap_exception_raise(&about, reason);
    stop(&about, reason);
}

/* ---- the first walk ---- */

/* What a handler of the first walk has answered. True: the thread goes on. */
static bool is_resumed(EXCEPTION_RECORD *record, int disposition)
{
    switch (disposition) {
    case TRAP_CONTINUE_EXECUTION:
        if (record->ExceptionFlags & EXCEPTION_NONCONTINUABLE)
            raise_about(record, STATUS_NONCONTINUABLE_EXCEPTION,
                        "the driver wants to go on after an exception that allows no return");
        return true;
    case TRAP_CONTINUE_SEARCH:
    case TRAP_NESTED_EXCEPTION:
        return false;
    default:
        raise_about(record, STATUS_INVALID_DISPOSITION,
                    "a handler of the driver has answered an exception with what is no answer");
    }
}

static bool ask(EXCEPTION_RECORD *record, CONTEXT *context, struct trap_walk *walk,
                struct trap_active *active)
{
    struct frame frame;
    ULONG flags = record->ExceptionFlags;

    while (trap_walk_to_image(walk) && leave_frame(walk, UNWIND_EXCEPTION_HANDLER, &frame)) {
        if (!frame.dispatcher.handler)
            continue;
        bool nested = frame.dispatcher.establisher <= walk->nested_until;
        record->ExceptionFlags = flags | (nested ? EXCEPTION_NESTED_CALL : 0);
        frame.dispatcher.context = &walk->context;
        active->establisher = frame.dispatcher.establisher;
        if (is_resumed(record, call_handler(&frame, record, context)))
            return true;
    }
    record->ExceptionFlags = flags;
    trap_walk_report_barrier(walk);
    return false;
}

bool trap_exception_dispatch(EXCEPTION_RECORD *record, CONTEXT *context,
                             const struct trap_walk *begin)
{
    struct trap_walk walk = *begin;
    struct trap_active *outer = trap_active_innermost;
    struct trap_active active = {
        .previous = outer,
        .context = &begin->context,
        .after_call = begin->after_call,
        .may_leave = begin->may_leave,
        .is_bad_call = begin->is_bad_call,
        .depth = outer ? outer->depth + 1 : 1,
    };

    if (active.depth > DEPTH_MAX) {
        nt_finding("nested", NULL, "exceptions in handlers of exceptions, %d deep", DEPTH_MAX);
        return false;
    }
    trap_active_innermost = &active;
    bool resumed = ask(record, context, &walk, &active);
    trap_active_innermost = outer;
    return resumed;
}

/* ---- the second walk ---- */

static void check_answer(EXCEPTION_RECORD *record, int disposition)
{
    if (disposition != TRAP_CONTINUE_SEARCH)
        raise_about(record, STATUS_INVALID_DISPOSITION,
                    "a handler of the driver has answered an unwind with what is no answer");
}

/* One frame's turn to clean up. True: it was the target. */
static bool clean_up(EXCEPTION_RECORD *record, struct trap_walk *walk, struct frame *frame,
                     uint64_t target_frame, uint64_t target_ip)
{
    struct trap_active *outer = trap_active_innermost;
    struct trap_active active = {
        .previous = outer,
        .context = &frame->context,
        .after_call = walk->after_call,
        .scope_index = &frame->dispatcher.scope_index,
        .depth = outer ? outer->depth + 1 : 1,
    };
    bool collided = walk->collided;

    walk->collided = false;
    if (!leave_frame(walk, UNWIND_TERMINATION_HANDLER, frame))
        stop(record, "the stack between an exception and its handler cannot be unwound");
    bool is_target = target_frame && frame->dispatcher.establisher == target_frame;
    if (!frame->dispatcher.handler)
        return is_target;
    record->ExceptionFlags &=
        ~(ULONG)(EXCEPTION_TARGET_UNWIND | EXCEPTION_COLLIDED_UNWIND | EXCEPTION_NESTED_CALL);
    record->ExceptionFlags |=
        (is_target ? EXCEPTION_TARGET_UNWIND : 0) | (collided ? EXCEPTION_COLLIDED_UNWIND : 0);
    active.establisher = frame->dispatcher.establisher;
    frame->dispatcher.context = &frame->context;
    frame->dispatcher.target_ip = target_ip;
    trap_active_innermost = &active;
    check_answer(record, call_handler(frame, record, &frame->context));
    trap_active_innermost = outer;
    return is_target;
}

void trap_exception_unwind(uint64_t target_frame, uint64_t target_ip, EXCEPTION_RECORD *record,
                           uint64_t value)
{
    EXCEPTION_RECORD own = {.ExceptionCode = STATUS_UNWIND};
    struct trap_walk walk;
    struct frame frame;
    CONTEXT context;

    trap_context_capture(&context);
    trap_walk_begin(&walk, &context, true);
    walk.may_leave = true;
    if (!record)
        record = &own;
    record->ExceptionFlags |= EXCEPTION_UNWINDING | (target_frame ? 0 : EXCEPTION_EXIT_UNWIND);
    while (trap_walk_to_image(&walk)) {
        if (!own.ExceptionAddress)
            own.ExceptionAddress = (PVOID)(uintptr_t)walk.context.Rip; // NOLINT
        if (clean_up(record, &walk, &frame, target_frame, target_ip)) {
            frame.context.Rip = target_ip;
            frame.context.Rax = value;
            trap_context_adjust(&frame.context, record);
            go_on(&frame.context);
        }
        if (target_frame && frame.dispatcher.establisher > target_frame)
            break;
    }
    trap_walk_report_barrier(&walk);
    stop(record, target_frame ? "the driver unwinds its stack to a frame that is not there"
                              : "the driver has unwound its whole stack");
}

static bool is_in_module(const CONTEXT *context)
{
    struct pe_exception_table table;

    return !pe_exception_table_of(pointer_at(context->Rip), &table);
}

static bool is_in_this_callback(const CONTEXT *context)
{
    const struct nt_evidence *innermost = nt_self()->evidence;

    return !innermost || (uintptr_t)innermost >= context->Rsp;
}

void trap_exception_go_on(const CONTEXT *context)
{
    EXCEPTION_RECORD record = {.ExceptionCode = STATUS_INVALID_UNWIND_TARGET,
                               .ExceptionAddress = (PVOID)(uintptr_t)context->Rip}; // NOLINT
    struct trap_walk walk;
    struct frame frame;
    CONTEXT here;

    if (is_in_module(context) && is_in_this_callback(context))
        go_on(context);
    trap_context_capture(&here);
    trap_walk_begin(&walk, &here, true);
    walk.may_leave = true;
    bool is_there = trap_walk_to_image(&walk);
    while (is_there && walk.context.Rsp < context->Rsp)
        is_there = leave_frame(&walk, 0, &frame) && trap_walk_to_image(&walk);
    if (is_there)
        go_on(context);
    trap_walk_report_barrier(&walk);
    stop(&record, "the driver wants to go on in a frame that it cannot come to");
}

/* ---- raising ---- */

/* The driver's own place, for a report; of a module, too, whose frames have no handlers. */
static uint64_t driver_place(const struct trap_walk *begin)
{
    void *addresses[32];
    size_t count = trap_backtrace(addresses, sizeof(addresses) / sizeof(addresses[0]));

    for (size_t i = 0; i < count; i++)
        if (image_contains_code(addresses[i]))
            return (uintptr_t)addresses[i];
    return begin->context.Rip;
}

void trap_exception_raise(EXCEPTION_RECORD *record, const char *reason)
{
    struct trap_walk begin;
    CONTEXT context;

    trap_context_capture(&context);
    trap_walk_begin(&begin, &context, true);
    begin.may_leave = true;
    struct trap_walk walk = begin;
    if (!trap_walk_to_image(&walk)) {
        if (!record->ExceptionAddress)
            record->ExceptionAddress = (PVOID)(uintptr_t)driver_place(&begin); // NOLINT
        stop(record, reason);
    }
    context = walk.context;
    if (!record->ExceptionAddress)
        record->ExceptionAddress = (PVOID)(uintptr_t)context.Rip; // NOLINT
    if (trap_exception_dispatch(record, &context, &walk))
        go_on(&context);
    stop(record, reason);
}

void trap_raise(int32_t status, const char *reason, unsigned count, uint64_t first, uint64_t second)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = status,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .NumberParameters = count,
        .ExceptionInformation = {first, second},
    };

    trap_exception_raise(&record, reason);
    stop(&record, reason);
}
