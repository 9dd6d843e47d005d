/*
 * walk.c - up the stack through frames of Windows images and of the host alike.
 *
 * Where a walk comes to our own code that is asking handlers already, it goes on where that began:
 * the frames between are ours and a handler's, and the interrupted code lies behind them.
 */
#include "image/image.h"
#include "image/unwind.h"
#include "nt/bugcheck.h"
#include "nt/irp.h"
#include "nt/thread.h"
#include "trap/exceptions.h"
#include "trap/frame.h"
#include "trap/host_frames.h"

#include <string.h>

enum { HOST_FRAMES_MAX = 1000, BACKTRACE_FRAMES_MAX = 64 };

__thread struct trap_active *trap_active_innermost;

static const void *pointer_at(uint64_t address)
{
    return (const void *)(uintptr_t)address; // NOLINT
}

void trap_walk_begin(struct trap_walk *walk, const CONTEXT *context, bool after_call)
{
    *walk = (struct trap_walk){
        .context = *context, .after_call = after_call, .active = trap_active_innermost};
}

/* The caller of code that is not there. */
static bool leave_bad_call(struct trap_walk *walk)
{
    if (!trap_try_copy(&walk->context.Rip, pointer_at(walk->context.Rsp), sizeof(uint64_t)))
        return false;
    walk->context.Rsp += sizeof(uint64_t);
    walk->is_bad_call = false;
    walk->after_call = true;
    return true;
}

/* Those that lie in frames which have been left. */
static void skip_active(struct trap_walk *walk)
{
    while (walk->active && (uintptr_t)walk->active < walk->context.Rsp)
        walk->active = walk->active->previous;
}

static void enter_active(struct trap_walk *walk)
{
    const struct trap_active *active = walk->active;

    walk->context = *active->context;
    walk->after_call = active->after_call;
    walk->may_leave = active->may_leave;
    walk->is_bad_call = active->is_bad_call;
    walk->called_back = false;
    if (active->scope_index) {
        walk->collided = true;
        walk->scope_index = *active->scope_index;
    } else if (walk->nested_until < active->establisher) {
        walk->nested_until = active->establisher;
    }
    skip_active(walk);
}

/* Over one frame of the host. `function`: where it begins; 0: it was that of the dispatcher. */
static bool step_host(struct trap_walk *walk, uint64_t *function)
{
    uint64_t stack = walk->context.Rsp;

    if (walk->is_bad_call) {
        *function = 0;
        return leave_bad_call(walk);
    }
    /* Only where a signal came in may the next frame lie on another stack. */
    if (!host_frame_step(&walk->context, &walk->after_call, function) ||
        (walk->after_call && walk->context.Rsp <= stack))
        return false;
    if (walk->active && (uintptr_t)walk->active < walk->context.Rsp) {
        enter_active(walk);
        *function = 0;
    }
    return true;
}

/* ---- what may be left ---- */

static const struct nt_export *routine_at(uint64_t function, unsigned flags)
{
    const struct nt_export *row;

    for (size_t i = 0; (row = nt_export_at(i)) != NULL; i++)
        if ((uintptr_t)row->address == function && (row->flags & flags) == flags)
            return row;
    return NULL;
}

/* Between the routine and the frame that the walk has left there is at most one callback of the
 * port's, and that is one whose caller can be left: else more of the host lies there than the
 * routine. `stack`: where its frames begin. */
static bool callbacks_may_be_left(const struct trap_walk *walk, uint64_t stack)
{
    unsigned count = 0;

    for (const struct nt_evidence *frame = nt_self()->evidence; frame; frame = frame->previous) {
        if ((uintptr_t)frame < stack || (uintptr_t)frame >= walk->context.Rsp)
            continue;
        if (count++ || !nt_irp_may_leave(frame))
            return false;
    }
    return true;
}

static bool may_be_left(const struct trap_walk *walk, uint64_t function, uint64_t stack)
{
    return (walk->may_leave || routine_at(function, NT_EXPORT_MAY_BE_LEFT) ||
            (walk->called_back && routine_at(function, NT_EXPORT_CALLS_BACK))) &&
           callbacks_may_be_left(walk, stack);
}

bool trap_walk_to_image(struct trap_walk *walk)
{
    struct pe_exception_table table;
    uint64_t function = 0, stack = walk->context.Rsp;

    for (unsigned i = 0; i < HOST_FRAMES_MAX; i++) {
        if (!walk->is_bad_call && pe_exception_table_of(pointer_at(walk->context.Rip), &table)) {
            walk->is_barred = function && !may_be_left(walk, function, stack);
            walk->barrier = function;
            return !walk->is_barred;
        }
        if (image_contains_code(pointer_at(walk->context.Rip)))
            walk->may_leave = false; /* a module has called the routine */
        if (!step_host(walk, &function))
            return false;
        if (!function)
            stack = walk->context.Rsp;
    }
    return false;
}

void trap_walk_report_barrier(const struct trap_walk *walk)
{
    if (!walk->is_barred)
        return;
    const struct nt_export *row = routine_at(walk->barrier, 0);
    nt_finding("barrier", pointer_at(walk->barrier),
               "handlers of the driver around %s are not asked: %s",
               row ? row->name : "what the host has interrupted",
               walk->called_back ? "it has called the driver back, and holds what it needs for that"
                                 : "an exception would leave behind what it holds");
}

/* ---- reports ---- */

static bool step_image(struct trap_walk *walk, const struct pe_exception_table *table)
{
    struct unwind_source source = {*table, trap_try_copy};
    struct unwind_frame frame;
    struct unwind_fault fault;
    uint64_t stack = walk->context.Rsp;
    const struct pe_function *function = unwind_find(table, walk->context.Rip);

    walk->after_call = true;
    return unwind_step(&source, function, 0, &walk->context, &frame, NULL, &fault) == 0 &&
           walk->context.Rsp > stack;
}

size_t trap_backtrace(void **ret_addresses, size_t count)
{
    struct trap_walk walk;
    struct pe_exception_table table;
    CONTEXT context;
    uint64_t function;
    size_t stored = 0;

    memset(&context, 0, sizeof(context));
    trap_context_capture(&context);
    trap_walk_begin(&walk, &context, true);
    while (stored < count && stored < BACKTRACE_FRAMES_MAX) {
        ret_addresses[stored++] = (void *)(uintptr_t)walk.context.Rip; // NOLINT
        bool is_image =
            !walk.is_bad_call && pe_exception_table_of(pointer_at(walk.context.Rip), &table);
        if (!(is_image ? step_image(&walk, &table) : step_host(&walk, &function)))
            break;
    }
    return stored;
}
