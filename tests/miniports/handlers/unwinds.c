/*
 * unwinds.c - a driver that leaves frames of its own otherwise than by returning: through routines
 * that have called it back, by jumps, and by the routines that unwind.
 */
#include "driver.h"

struct frame {
    CONTEXT context; /* where the function stands */
    ULONG64 establisher;
};

NTSYSAPI VOID NTAPI RtlCaptureContext(PCONTEXT ContextRecord);
NTSYSAPI VOID NTAPI RtlRestoreContext(PCONTEXT ContextRecord, PEXCEPTION_RECORD ExceptionRecord);
NTSYSAPI PVOID NTAPI RtlLookupFunctionEntry(ULONG64 ControlPc, PULONG64 ImageBase, PVOID History);
NTSYSAPI PVOID NTAPI RtlVirtualUnwind(ULONG HandlerType, ULONG64 ImageBase, ULONG64 ControlPc,
                                      PVOID FunctionEntry, PCONTEXT ContextRecord,
                                      PVOID *HandlerData, PULONG64 EstablisherFrame,
                                      PVOID ContextPointers);
NTSYSAPI VOID NTAPI RtlUnwind(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord,
                              PVOID ReturnValue);
NTSYSAPI VOID NTAPI RtlUnwindEx(PVOID TargetFrame, PVOID TargetIp,
                                PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue,
                                PCONTEXT ContextRecord, PVOID HistoryTable);
void _local_unwind(void *frame, void *target);
DECLSPEC_NORETURN void longjmp(void *buffer, int value);

static __declspec(align(16)) unsigned char jump_buffer[256];
static struct frame frame;

/* ---- through routines that call the driver back ---- */

static NTSTATUS NTAPI raise_in_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    note('d');
    ExRaiseStatus((NTSTATUS)call->status);
}

static NTSTATUS NTAPI jump_in_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    note('d');
    longjmp(jump_buffer, 3);
}

static NTSTATUS NTAPI raise_in_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    UNREFERENCED_PARAMETER(context);
    note('c');
    ExRaiseStatus((NTSTATUS)call->status);
}

/* A device of the driver's own, and a request that is about to be sent to it. */
static PIRP prepare_request(PDRIVER_DISPATCH dispatch, PDEVICE_OBJECT *ret_device)
{
    PDRIVER_OBJECT driver = (PDRIVER_OBJECT)call->driver_object;
    PIRP irp = IoAllocateIrp(2, FALSE);

    driver->MajorFunction[IRP_MJ_INTERNAL_DEVICE_CONTROL] = dispatch;
    IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, ret_device);
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_INTERNAL_DEVICE_CONTROL;
    return irp;
}

/* Many times, so that what stays behind is seen. */
static void send(void)
{
    PDEVICE_OBJECT device;
    PIRP irp = prepare_request(raise_in_dispatch, &device);

    __try {
        __try {
            IofCallDriver(device, irp);
            note('n');
        } __finally {
            note(AbnormalTermination() ? '1' : '?');
        }
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    IoFreeIrp(irp);
    IoDeleteDevice(device);
}

static void complete(void)
{
    PDEVICE_OBJECT device;
    PIRP irp = prepare_request(raise_in_dispatch, &device);

    IoSetCompletionRoutine(irp, raise_in_completion, NULL, TRUE, TRUE, TRUE);
    IoSetNextIrpStackLocation(irp);
    __try {
        IofCompleteRequest(irp, IO_NO_INCREMENT);
        note('n');
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    IoFreeIrp(irp);
    IoDeleteDevice(device);
}

static NTSTATUS NTAPI complete_in_dispatch(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    note('d');
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

static void send_to_completion(void)
{
    PDEVICE_OBJECT device;
    PIRP irp = prepare_request(complete_in_dispatch, &device);

    IoSetCompletionRoutine(irp, raise_in_completion, NULL, TRUE, TRUE, TRUE);
    __try {
        IofCallDriver(device, irp);
        note('n');
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    IoFreeIrp(irp);
    IoDeleteDevice(device);
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI compare(PRTL_GENERIC_TABLE table, PVOID left, PVOID right)
{
    UNREFERENCED_PARAMETER(table);
    UNREFERENCED_PARAMETER(left);
    UNREFERENCED_PARAMETER(right);
    return GenericEqual;
}

/* More than there is. */
static PVOID NTAPI allocate(PRTL_GENERIC_TABLE table, CLONG size)
{
    UNREFERENCED_PARAMETER(table);
    UNREFERENCED_PARAMETER(size);
    note('a');
    return ExAllocatePoolWithTag((POOL_TYPE)(NonPagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE),
                                 (SIZE_T)call->size, 'tset');
}

static VOID NTAPI give_back(PRTL_GENERIC_TABLE table, PVOID memory)
{
    UNREFERENCED_PARAMETER(table);
    ExFreePool(memory);
}

static void insert(void)
{
    RTL_GENERIC_TABLE table;
    int element = 1;

    RtlInitializeGenericTable(&table, compare, allocate, give_back, NULL);
    __try {
        RtlInsertElementGenericTable(&table, &element, sizeof(element), NULL);
        note('n');
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    call->value = RtlNumberGenericTableElements(&table);
}

static VOID NTAPI raise_when_notified(PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    ExRaiseStatus((NTSTATUS)call->status);
}

static void notify(void)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Callback\\StorhostTest");
    OBJECT_ATTRIBUTES attributes;
    PCALLBACK_OBJECT object;

    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    ExCreateCallback(&object, &attributes, TRUE, TRUE);
    ExRegisterCallback(object, raise_when_notified, NULL);
    __try {
        ExNotifyCallback(object, NULL, NULL);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('?');
    }
}

static void set_no_event(void)
{
    __try {
        KeSetEvent((PRKEVENT)(void *)call->memory, IO_NO_INCREMENT, FALSE);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('?');
    }
}

static VOID NTAPI copy_in_thread(PVOID context)
{
    unsigned char bytes[16];

    UNREFERENCED_PARAMETER(context);
    __try {
        RtlCopyMemory(bytes, call->memory, sizeof(bytes));
        call->value = bytes[0];
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

static void run_thread(void)
{
    HANDLE handle;
    PVOID thread;

    if (PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, copy_in_thread, NULL))
        return;
    ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &thread, NULL);
    ZwClose(handle);
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(thread);
}

/* ---- jumps ---- */

/* What compilers call for setjmp, the frame given or not. */
typedef int set_jump(void *buffer, ULONG64 establisher);

static set_jump *jump_routine(PCWSTR text)
{
    UNICODE_STRING name;

    RtlInitUnicodeString(&name, text);
    return (set_jump *)MmGetSystemRoutineAddress(&name);
}

static DECLSPEC_NOINLINE void jump_through_block(int value)
{
    __try {
        longjmp(jump_buffer, value);
    } __finally {
        note(AbnormalTermination() ? '1' : '?');
    }
}

/* The identity of the frame that has called, which compilers know. */
static DECLSPEC_NOINLINE ULONG64 frame_of(CONTEXT context)
{
    ULONG64 base, establisher = 0;
    PVOID data, function = RtlLookupFunctionEntry(context.Rip, &base, NULL);

    RtlVirtualUnwind(0, base, context.Rip, function, &context, &data, &establisher, NULL);
    return establisher;
}

static DECLSPEC_NOINLINE void jump(int value)
{
    set_jump *volatile set = jump_routine(L"_setjmp");
    volatile int returned = set(jump_buffer, 0);

    call->value = returned;
    note('s');
    if (!returned)
        jump_through_block(value);
}

static DECLSPEC_NOINLINE void jump_with_frame(void)
{
    set_jump *volatile set = jump_routine(L"_setjmpex");

    RtlCaptureContext(&frame.context);
    volatile int returned = set(jump_buffer, frame_of(frame.context));
    call->value = returned;
    note('s');
    if (!returned)
        jump_through_block(7);
}

/* In a function that could return: behind a call that does not, the compiler lets the handler
 * follow at once, in the block's scope as its label says. */
static DECLSPEC_NOINLINE void raise(void)
{
    if (call->status)
        ExRaiseStatus((NTSTATUS)call->status);
}

/* The jump takes the place of the exception whose block it is in. */
static DECLSPEC_NOINLINE void raise_and_jump(void)
{
    __try {
        __try {
            raise();
            note('?');
        } __finally {
            note('1');
            if (call->size) /* else compilers take the block for the end of everything */
                longjmp(jump_buffer, 5);
        }
    } __except (note('f'), EXCEPTION_EXECUTE_HANDLER) {
        note('?');
    }
}

static DECLSPEC_NOINLINE void jump_out_of_block(void)
{
    set_jump *volatile set = jump_routine(L"_setjmpex");

    RtlCaptureContext(&frame.context);
    volatile int returned = set(jump_buffer, frame_of(frame.context));
    call->value = returned;
    if (!returned)
        raise_and_jump();
    note('e');
}

static DECLSPEC_NOINLINE void jump_through_dispatch(void)
{
    set_jump *volatile set = jump_routine(L"_setjmp");
    PDEVICE_OBJECT device;
    PIRP irp = prepare_request(jump_in_dispatch, &device);
    volatile int returned = set(jump_buffer, 0);

    call->value = returned;
    if (!returned)
        IofCallDriver(device, irp);
    IoFreeIrp(irp);
    IoDeleteDevice(device);
}

static VOID NTAPI jump_when_notified(PVOID context, PVOID first, PVOID second)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(first);
    UNREFERENCED_PARAMETER(second);
    longjmp(jump_buffer, 1);
}

static DECLSPEC_NOINLINE void jump_through_notice(void)
{
    set_jump *volatile set = jump_routine(L"_setjmp");
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Callback\\StorhostTest");
    OBJECT_ATTRIBUTES attributes;
    PCALLBACK_OBJECT object;

    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    ExCreateCallback(&object, &attributes, TRUE, TRUE);
    ExRegisterCallback(object, jump_when_notified, NULL);
    if (!set(jump_buffer, 0))
        ExNotifyCallback(object, NULL, NULL);
}

/* ---- the routines that unwind ---- */

static DECLSPEC_NOINLINE void unwind_through_block(BOOLEAN extended)
{
    CONTEXT room;
    PVOID target = (PVOID)frame.context.Rip, value = (PVOID)(ULONG_PTR)call->size;

    __try {
        if (extended)
            RtlUnwindEx((PVOID)frame.establisher, target, NULL, value, &room, NULL);
        else
            RtlUnwind((PVOID)frame.establisher, target, NULL, value);
    } __finally {
        note(AbnormalTermination() ? '1' : '?');
    }
}

static DECLSPEC_NOINLINE void unwind(BOOLEAN extended)
{
    volatile int turn = 0;

    RtlCaptureContext(&frame.context);
    note('s');
    if (turn++)
        return;
    frame.establisher = frame_of(frame.context);
    unwind_through_block(extended);
    note('?');
}

static DECLSPEC_NOINLINE void unwind_locally(void)
{
    volatile int turn = 0;

    RtlCaptureContext(&frame.context);
    note('s');
    if (turn++)
        return;
    frame.establisher = frame_of(frame.context);
    __try {
        __try {
            _local_unwind((PVOID)frame.establisher, (PVOID)frame.context.Rip);
        } __finally {
            note(AbnormalTermination() ? '1' : '?');
        }
    } __finally {
        note(AbnormalTermination() ? '2' : '?');
    }
    note('?');
}

static DECLSPEC_NOINLINE void unwind_all(void)
{
    __try {
        RtlUnwind(NULL, NULL, NULL, NULL);
    } __finally {
        raise();
    }
}

static DECLSPEC_NOINLINE void unwind_to_nothing(void)
{
    RtlUnwind((PVOID)call->memory, NULL, NULL, NULL);
}

static DECLSPEC_NOINLINE void restore(PEXCEPTION_RECORD record)
{
    RtlRestoreContext(&frame.context, record);
}

static ULONG64 NTAPI tell_place(PEXCEPTION_RECORD record)
{
    note('p');
    return record->ExceptionInformation[1];
}

static DECLSPEC_NOINLINE void go_back(void)
{
    volatile int turn = 0;
    EXCEPTION_RECORD record = {.ExceptionCode = STATUS_UNWIND_CONSOLIDATE, .NumberParameters = 2};

    RtlCaptureContext(&frame.context);
    note('s');
    switch (turn++) {
    case 0:
        restore(NULL);
        note('?');
        break;
    case 1:
        record.ExceptionInformation[0] = (ULONG_PTR)tell_place;
        record.ExceptionInformation[1] = frame.context.Rip;
        frame.context.Rip = 0;
        restore(&record);
        note('?');
        break;
    default:
        break;
    }
}

static void look_up(void)
{
    ULONG64 base = 0;
    CONTEXT context;

    RtlCaptureContext(&context);
    call->value = RtlLookupFunctionEntry(context.Rip, &base, NULL) != NULL;
    call->parameters[0] = context.Rip - base;
    call->parameters[1] = (ULONG64)RtlLookupFunctionEntry((ULONG64)call->memory, &base, NULL);
}

void do_unwinds(void)
{
    switch (call->command) {
    case HANDLERS_SEND:
        send();
        break;
    case HANDLERS_COMPLETE:
        complete();
        break;
    case HANDLERS_SEND_COMPLETE:
        send_to_completion();
        break;
    case HANDLERS_INSERT:
        insert();
        break;
    case HANDLERS_NOTIFY:
        notify();
        break;
    case HANDLERS_SET_NO_EVENT:
        set_no_event();
        break;
    case HANDLERS_THREAD:
        run_thread();
        break;
    case HANDLERS_UNWIND:
    case HANDLERS_UNWIND_EX:
        unwind(call->command == HANDLERS_UNWIND_EX);
        break;
    case HANDLERS_UNWIND_LOCALLY:
        unwind_locally();
        break;
    case HANDLERS_UNWIND_ALL:
        unwind_all();
        break;
    case HANDLERS_UNWIND_TO_NOTHING:
        unwind_to_nothing();
        break;
    case HANDLERS_GO_BACK:
        go_back();
        break;
    case HANDLERS_LOOK_UP:
        look_up();
        break;
    default:
        break;
    }
}

void do_jumps(void)
{
    switch (call->command) {
    case HANDLERS_JUMP:
        jump((int)call->size);
        break;
    case HANDLERS_JUMP_WITH_FRAME:
        jump_with_frame();
        break;
    case HANDLERS_JUMP_OUT_OF_BLOCK:
        jump_out_of_block();
        break;
    case HANDLERS_JUMP_THROUGH_DISPATCH:
        jump_through_dispatch();
        break;
    case HANDLERS_JUMP_THROUGH_NOTICE:
        jump_through_notice();
        break;
    default:
        break;
    }
}
