/*
 * exceptions.c - structured exceptions: what raises them, what handles them, and what looks at
 * frames.
 */
#include "trap/exceptions.h"
#include "image/image.h"
#include "image/unwind.h"
#include "nt/export.h"
#include "nt/thread.h"
#include "sys/sys.h"

#include <ntddk.h>
#include <string.h>

#define EXPORT(name_)              NT_EXPORT("ntoskrnl.exe", name_, "Exceptions", NT_HIGH_LEVEL)
#define EXPORT_AS(name_, routine_) EXPORT_ROW(name_, routine_, 0)
#define EXPORT_ROW(name_, routine_, flags_)                                                        \
    NT_EXPORT_ROW_AS("ntoskrnl.exe", name_, routine_, "Exceptions", NT_HIGH_LEVEL, flags_)

/* ---- raising ---- */

VOID NTAPI ExRaiseStatus(NTSTATUS Status)
{
    trap_raise(Status, "the driver raised an exception that nobody handles", 0, 0, 0);
}
EXPORT(ExRaiseStatus);

VOID NTAPI ExRaiseAccessViolation(VOID)
{
    ExRaiseStatus(STATUS_ACCESS_VIOLATION);
}
EXPORT(ExRaiseAccessViolation);

VOID NTAPI ExRaiseDatatypeMisalignment(VOID)
{
    ExRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
}
EXPORT(ExRaiseDatatypeMisalignment);

static NT_ABI void raise_status(NTSTATUS status)
{
    ExRaiseStatus(status);
}
EXPORT_AS("RtlRaiseStatus", raise_status);

/* The record stays the driver's, but for the address of the call. */
static NT_ABI void raise_exception(EXCEPTION_RECORD *record)
{
    record->ExceptionAddress = __builtin_return_address(0);
    trap_exception_raise(record, "the driver raised an exception that nobody handles");
}
EXPORT_AS("RtlRaiseException", raise_exception);

/* ---- handling ---- */

static NT_ABI int c_specific_handler(EXCEPTION_RECORD *record, uint64_t establisher,
                                     CONTEXT *context, struct trap_dispatcher *dispatcher)
{
    (void)establisher;
    return trap_scopes_handle(record, context, dispatcher);
}
EXPORT_ROW("__C_specific_handler", c_specific_handler, NT_EXPORT_MAY_BE_LEFT);

static NT_ABI void unwind(uint64_t target_frame, uint64_t target_ip, EXCEPTION_RECORD *record,
                          uint64_t value)
{
    trap_exception_unwind(target_frame, target_ip, record, value);
}
EXPORT_AS("RtlUnwind", unwind);

/* The context is memory that Windows works in; the table of frames makes it faster. */
static NT_ABI void unwind_ex(uint64_t target_frame, uint64_t target_ip, EXCEPTION_RECORD *record,
                             uint64_t value, CONTEXT *context, void *history)
{
    (void)context;
    (void)history;
    trap_exception_unwind(target_frame, target_ip, record, value);
}
EXPORT_AS("RtlUnwindEx", unwind_ex);

/* A driver that leaves a __try block by a jump. */
static NT_ABI void local_unwind(uint64_t target_frame, uint64_t target_ip)
{
    trap_exception_unwind(target_frame, target_ip, NULL, 0);
}
EXPORT_AS("_local_unwind", local_unwind);

/* ---- jumps ---- */

EXPORT_AS("_setjmp", trap_jump_set);
EXPORT_AS("_setjmpex", trap_jump_set_with_frame);

static NT_ABI void jump(const void *buffer, int32_t value)
{
    trap_jump(buffer, value);
}
EXPORT_ROW("longjmp", jump, NT_EXPORT_MAY_BE_LEFT);

/* ---- registers and frames ---- */

EXPORT_AS("RtlCaptureContext", trap_context_capture);

static NT_ABI void restore_context(CONTEXT *context, EXCEPTION_RECORD *record)
{
    trap_context_adjust(context, record);
    trap_exception_go_on(context);
}
EXPORT_AS("RtlRestoreContext", restore_context);

static NT_ABI const struct pe_function *
lookup_function_entry(uint64_t address, uint64_t *ret_image_base, void *history)
{
    struct pe_exception_table table;

    (void)history;
    if (!pe_exception_table_of((const void *)(uintptr_t)address, &table)) // NOLINT
        return NULL;
    *ret_image_base = (uintptr_t)table.base;
    return unwind_find(&table, address);
}
EXPORT_AS("RtlLookupFunctionEntry", lookup_function_entry);

static bool read_plain(void *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    return true;
}

/* An image whose data contradict themselves raises what Windows raises for it. */
static NT_ABI void *virtual_unwind(uint32_t handlers, uint64_t image_base, uint64_t address,
                                   const struct pe_function *function, CONTEXT *context,
                                   const void **ret_handler_data, uint64_t *ret_establisher,
                                   struct unwind_places *places)
{
    struct unwind_source source = {.read = read_plain};
    struct unwind_frame frame;
    struct unwind_fault fault;

    context->Rip = address;
    if (!pe_exception_table_of((const void *)(uintptr_t)image_base, &source.table) || // NOLINT
        unwind_step(&source, function, handlers, context, &frame, places, &fault) != 0)
        trap_raise(STATUS_BAD_FUNCTION_TABLE, "the driver unwinds what has no sensible unwind data",
                   0, 0, 0);
    *ret_establisher = frame.establisher;
    if (frame.handler)
        *ret_handler_data = (const void *)(uintptr_t)frame.handler_data; // NOLINT
    return (void *)(uintptr_t)frame.handler;                             // NOLINT
}
EXPORT_AS("RtlVirtualUnwind", virtual_unwind);

static NT_ABI void *pc_to_file_header(const void *address, void **ret_base)
{
    const unsigned char *base = image_base_of(address);

    *ret_base = (void *)(uintptr_t)base;
    return *ret_base;
}
EXPORT_AS("RtlPcToFileHeader", pc_to_file_header);

/* The first frame is the caller; a hash tells equal stacks apart from others. */
static NT_ABI uint16_t capture_stack_back_trace(uint32_t skip, uint32_t count, void **addresses,
                                                uint32_t *ret_hash)
{
    enum { FRAMES_MAX = 64 };
    void *frames[FRAMES_MAX];
    size_t stored = trap_backtrace(frames, FRAMES_MAX), first = 0;
    uint32_t copied = 0, hash = 0;

    while (first < stored && frames[first] != __builtin_return_address(0))
        first++;
    for (size_t i = first + skip; i < stored && copied < count; i++) {
        addresses[copied++] = frames[i];
        hash += (uint32_t)(uintptr_t)frames[i];
    }
    if (ret_hash)
        *ret_hash = hash;
    return (uint16_t)copied;
}
EXPORT_AS("RtlCaptureStackBackTrace", capture_stack_back_trace);
