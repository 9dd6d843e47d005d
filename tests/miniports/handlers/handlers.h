/*
 * handlers.h - what the test asks of the driver, and what the driver has seen.
 */
#ifndef STORHOST_TESTS_HANDLERS_H
#define STORHOST_TESTS_HANDLERS_H

enum handlers_command {
    HANDLERS_RAISE,
    HANDLERS_RAISE_DEEP,
    HANDLERS_LOAD,
    HANDLERS_STORE,
    HANDLERS_CALL,
    HANDLERS_DIVIDE,
    HANDLERS_ILLEGAL,
    HANDLERS_BREAKPOINT,
    HANDLERS_REPAIR,
    HANDLERS_CONTINUE,
    HANDLERS_CONTINUE_NOT,
    HANDLERS_RECORD,
    HANDLERS_FINALLY,
    HANDLERS_FINALLY_NORMAL,
    HANDLERS_LEAVE,
    HANDLERS_RETURN,
    HANDLERS_SEARCH,
    HANDLERS_IN_HANDLER,
    HANDLERS_IN_FINALLY,
    HANDLERS_IN_FILTER,
    HANDLERS_FILTER_ENDLESS,
    HANDLERS_TWICE,
    HANDLERS_REGISTERS,
    HANDLERS_COPY,
    HANDLERS_FILL,
    HANDLERS_TEXT,
    HANDLERS_PROBE_READ,
    HANDLERS_PROBE_WRITE,
    HANDLERS_LOCK_PAGES,
    HANDLERS_CALLED_BACK,
    HANDLERS_UNHANDLED,
    HANDLERS_UNHANDLED_LOAD,
    HANDLERS_RAISED_IRQL,
    HANDLERS_LOAD_RAISED_IRQL,
    HANDLERS_FRAMES,
    HANDLERS_SEMAPHORE,
    HANDLERS_MUTEX,
    HANDLERS_SEND,
    HANDLERS_COMPLETE,
    HANDLERS_SEND_COMPLETE,
    HANDLERS_INSERT,
    HANDLERS_NOTIFY,
    HANDLERS_SET_NO_EVENT,
    HANDLERS_THREAD,
    HANDLERS_JUMP,
    HANDLERS_JUMP_WITH_FRAME,
    HANDLERS_JUMP_OUT_OF_BLOCK,
    HANDLERS_JUMP_THROUGH_DISPATCH,
    HANDLERS_JUMP_THROUGH_NOTICE,
    HANDLERS_UNWIND,
    HANDLERS_UNWIND_EX,
    HANDLERS_UNWIND_LOCALLY,
    HANDLERS_UNWIND_ALL,
    HANDLERS_UNWIND_TO_NOTHING,
    HANDLERS_GO_BACK,
    HANDLERS_LOOK_UP,
    HANDLERS_ASSERTION, /* the first of do_faults */
    HANDLERS_DIVIDE_LEAST,
    HANDLERS_DIVIDE_BYTES,
    HANDLERS_OVERFLOW,
    HANDLERS_STEP,
    HANDLERS_TRAP_DEBUGGER,
    HANDLERS_PRIVILEGED,
    HANDLERS_RAISE_ACCESS,
    HANDLERS_RAISE_ALIGNMENT,
    HANDLERS_POOL,
    HANDLERS_POOL_QUOTA,
    HANDLERS_POOL_FLAGS,
    HANDLERS_RECURSE,
};

/* DriverEntry gets it as its first argument. */
struct handlers_call {
    unsigned command;
    unsigned status;         /* to raise */
    unsigned char *memory;   /* to touch */
    unsigned long long size; /* of it, or what a routine is told */
    unsigned alignment;
    /* In the convention of drivers: calls `routine`; makes `memory` accessible. */
    void (*call_back)(void (*routine)(void *argument), void *argument);
    void (*repair)(void *memory);
    void *driver_object;

    /* What was seen. */
    unsigned code;
    unsigned flags;
    unsigned parameter_count;
    unsigned long long parameters[2];
    unsigned long long address; /* where the exception was, less where the image begins */
    long long value;
    char log[32]; /* what ran, in its order */
};

#endif
