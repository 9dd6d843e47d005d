/*
 * exceptions.h - structured exceptions: from what has happened to the handler that wants it.
 *
 * An exception is looked at twice. The first walk up the stack asks each frame's handler, and
 * changes nothing; when one of them wants it, the second walk has the frames below clean up, and
 * the thread goes on in the frame that wanted it. Handlers are those of Windows images; frames of
 * the host lie in between and have none.
 *
 * Only frames of the host that hold nothing may be left behind: those of a routine that raises by
 * itself (it has let go of everything first), and those of routines marked NT_EXPORT_MAY_BE_LEFT.
 * Where a routine has called the driver back, an exception of that goes on beyond the routine only
 * if it holds nothing then, which NT_EXPORT_CALLS_BACK says, or what an unwind can give up.
 */
#ifndef STORHOST_TRAP_EXCEPTIONS_H
#define STORHOST_TRAP_EXCEPTIONS_H

#include "nt/export.h"
#include "sys/sys.h"

#include <ntddk.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* DISPATCHER_CONTEXT: what a handler is told of its frame. */
struct trap_dispatcher {
    uint64_t control_pc;
    uint64_t image_base;
    const void *function; /* row of .pdata */
    uint64_t establisher;
    uint64_t target_ip;
    CONTEXT *context;
    uint64_t handler;
    const void *handler_data;
    void *history;
    uint32_t scope_index;
    uint32_t after_call; /* padding on Windows: control_pc is where a call returns to */
};

/* EXCEPTION_DISPOSITION */
enum trap_disposition {
    TRAP_CONTINUE_EXECUTION,
    TRAP_CONTINUE_SEARCH,
    TRAP_NESTED_EXCEPTION,
    TRAP_COLLIDED_UNWIND,
};

typedef int NT_ABI (*trap_handler)(EXCEPTION_RECORD *record, uint64_t establisher, CONTEXT *context,
                                   struct trap_dispatcher *dispatcher);

/* Raises an exception in the driver whose call of a routine is being carried out; the routine holds
 * nothing. `reason`: for the bug check when nobody handles it. Returns when a handler says so, and
 * the record allows it. Any IRQL. */
void trap_exception_raise(EXCEPTION_RECORD *record, const char *reason);
/* The same with a code and up to two parameters, for which there is no return. */
__attribute__((noreturn)) void trap_raise(int32_t status, const char *reason, unsigned count,
                                          uint64_t first, uint64_t second);

/* Leaves all frames below `target_frame`, whose handlers are told, and goes on there at `target_ip`
 * with `value` in RAX. `record` may be NULL. */
__attribute__((noreturn)) void trap_exception_unwind(uint64_t target_frame, uint64_t target_ip,
                                                     EXCEPTION_RECORD *record, uint64_t value);

/* Goes on in a frame of the driver's further up; no handler between is told. */
__attribute__((noreturn)) void trap_exception_go_on(const CONTEXT *context);

/* setjmp and longjmp, in the convention of drivers; the first form does not know its frame. */
__attribute__((returns_twice)) NT_ABI int32_t trap_jump_set(void *buffer);
__attribute__((returns_twice)) NT_ABI int32_t trap_jump_set_with_frame(void *buffer,
                                                                       uint64_t frame);
__attribute__((noreturn)) void trap_jump(const void *buffer, int32_t value);

/* The handler of C, which drivers import as __C_specific_handler: TRAP_CONTINUE_..., or the thread
 * goes on elsewhere. */
int trap_scopes_handle(EXCEPTION_RECORD *record, CONTEXT *context,
                       struct trap_dispatcher *dispatcher);

/* All of the memory can be read, or written too. It is touched, so it is no device's. */
bool trap_memory_is_there(void *memory, size_t size, bool write);

/* ---- registers (context.c), in the convention of drivers ---- */

NT_ABI void trap_context_capture(CONTEXT *context);
/* The thread goes on there. */
__attribute__((noreturn)) NT_ABI void trap_context_restore(const CONTEXT *context);

/* ---- what the files of this room share ---- */

/* Before a thread goes on there because of the record (or NULL): a jump has registers of its own,
 * and a language's runtime may want to be asked for the place. */
void trap_context_adjust(CONTEXT *context, EXCEPTION_RECORD *record);

/* An exception whose handlers are being asked, or an unwind, in a frame of ours on the stack. */
struct trap_active {
    struct trap_active *previous;
    /* Where a walk that comes here goes on: at the exception, or in the frame that is being
     * unwound, behind the scopes that have had their turn. */
    const CONTEXT *context;
    bool after_call, may_leave, is_bad_call; /* as in a walk */
    const uint32_t *scope_index;             /* NULL: at an exception */
    uint64_t establisher;                    /* the frame whose handler runs */
    unsigned depth;
};

struct trap_walk {
    CONTEXT context;
    bool after_call;  /* its RIP is where a call returns to */
    bool may_leave;   /* the routine of the host that it begins in holds nothing */
    bool is_bad_call; /* RIP is where there is no code, just called */
    bool called_back; /* it has just left a frame of an image, which code of the host has called */
    bool collided;    /* it has come to an unwind that is under way */
    const struct trap_active *active;
    uint32_t scope_index;  /* where to begin in the frame, after a collision */
    uint64_t nested_until; /* frames up to here are asked about an exception in a handler */
    /* It has come to frames of an image, but from a routine of the host that must not be left. */
    bool is_barred;
    uint64_t barrier; /* where that routine begins */
};

/* From `context`, which may be one of the host's. */
void trap_walk_begin(struct trap_walk *walk, const CONTEXT *context, bool after_call);
/* Up to the next frame of a Windows image, the present one included. False: there is none, or one
 * that must not be left lies between. */
bool trap_walk_to_image(struct trap_walk *walk);

/* Tells of handlers that are not asked, because a routine lies between. */
void trap_walk_report_barrier(const struct trap_walk *walk);

/* Asks the handlers of an exception at the walk's place. True: the thread goes on as `context`
 * says. */
bool trap_exception_dispatch(EXCEPTION_RECORD *record, CONTEXT *context,
                             const struct trap_walk *begin);

/* Where everything is that called the present code: for reports. */
size_t trap_backtrace(void **ret_addresses, size_t count);

extern SYS_HIDDEN __thread struct trap_active *trap_active_innermost;

#ifdef __cplusplus
}
#endif

#endif
