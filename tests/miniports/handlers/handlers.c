/*
 * handlers.c - a driver that handles exceptions in every way that the language has. It is no
 * miniport: its DriverEntry does what the test asks, and tells what it has seen.
 */
#include "driver.h"

NTSYSAPI VOID NTAPI RtlRaiseException(PEXCEPTION_RECORD ExceptionRecord);
NTSYSAPI PVOID NTAPI RtlPcToFileHeader(PVOID PcValue, PVOID *BaseOfImage);
NTSYSAPI USHORT NTAPI RtlCaptureStackBackTrace(ULONG FramesToSkip, ULONG FramesToCapture,
                                               PVOID *BackTrace, PULONG BackTraceHash);

DRIVER_INITIALIZE DriverEntry;

struct handlers_call *call;

void note(char what)
{
    unsigned at = 0;

    while (call->log[at])
        at++;
    if (at + 1 < sizeof(call->log))
        call->log[at] = what;
}

LONG see(const EXCEPTION_POINTERS *pointers, LONG answer)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    PVOID base;

    call->code = (unsigned)record->ExceptionCode;
    call->flags = record->ExceptionFlags;
    call->parameter_count = record->NumberParameters;
    call->parameters[0] = record->ExceptionInformation[0];
    call->parameters[1] = record->ExceptionInformation[1];
    call->address = 0;
    if (RtlPcToFileHeader(record->ExceptionAddress, &base))
        call->address = (ULONG_PTR)record->ExceptionAddress - (ULONG_PTR)base;
    return answer;
}

/* ---- what goes wrong ---- */

static DECLSPEC_NOINLINE void raise(void)
{
    ExRaiseStatus((NTSTATUS)call->status);
}

static DECLSPEC_NOINLINE int raise_deep(unsigned depth)
{
    volatile char room[200];

    room[depth % sizeof(room)] = (char)depth;
    if (!depth) {
        raise();
        return 0;
    }
    return raise_deep(depth - 1) + room[depth % sizeof(room)];
}

static DECLSPEC_NOINLINE int load(const volatile unsigned char *memory)
{
    return *memory;
}

/* ---- exceptions as they come ---- */

static void handle_raised(void)
{
    __try {
        raise();
        note('n');
    } __except (SEE_AND_HANDLE) {
        note('h');
        call->value = GetExceptionCode();
    }
}

static void handle_deep(void)
{
    __try {
        call->value = raise_deep(50);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void handle_load(void)
{
    __try {
        call->value = *(volatile unsigned char *)call->memory;
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void handle_store(void)
{
    __try {
        *(volatile unsigned char *)call->memory = 1;
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void handle_call(void)
{
    void (*volatile routine)(void) = (void (*)(void))(ULONG_PTR)call->memory;

    __try {
        routine();
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void handle_division(void)
{
    volatile int zero = 0;

    __try {
        call->value = 7 / zero;
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static DECLSPEC_NOINLINE void execute_illegal(void)
{
    __builtin_trap();
}

static void handle_illegal(void)
{
    __try {
        execute_illegal();
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

/* ---- going on ---- */

static LONG step_over(EXCEPTION_POINTERS *pointers)
{
    pointers->ContextRecord->Rip++;
    return see(pointers, EXCEPTION_CONTINUE_EXECUTION);
}

static void handle_breakpoint(void)
{
    __try {
        __debugbreak();
        note('n');
    } __except (step_over(GetExceptionInformation())) {
        note('h');
    }
}

static LONG repair(EXCEPTION_POINTERS *pointers)
{
    note('f');
    call->repair(call->memory);
    return see(pointers, EXCEPTION_CONTINUE_EXECUTION);
}

static void handle_by_repair(void)
{
    double vector = (double)call->size;

    __try {
        call->value = load(call->memory) + (long long)vector;
        note('n');
    } __except (repair(GetExceptionInformation())) {
        note('h');
    }
}

static void raise_record(ULONG flags)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = (NTSTATUS)call->status,
        .ExceptionFlags = flags,
        .NumberParameters = 2,
        .ExceptionInformation = {11, 12},
    };

    RtlRaiseException(&record);
}

static void handle_continuable(void)
{
    __try {
        raise_record(0);
        note('n');
    } __except (see(GetExceptionInformation(), EXCEPTION_CONTINUE_EXECUTION)) {
        note('h');
    }
}

static void handle_not_continuable(void)
{
    __try {
        __try {
            raise();
            note('n');
        } __except (GetExceptionCode() == (ULONG)call->status ? EXCEPTION_CONTINUE_EXECUTION
                                                              : EXCEPTION_CONTINUE_SEARCH) {
            note('i');
        }
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void handle_record(void)
{
    __try {
        raise_record(0);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

/* ---- blocks that run in any case ---- */

static void handle_with_finally(void)
{
    __try {
        __try {
            __try {
                note('t');
                raise();
            } __finally {
                note(AbnormalTermination() ? '1' : '?');
            }
        } __finally {
            note(AbnormalTermination() ? '2' : '?');
        }
    } __except (note('f'), SEE_AND_HANDLE) {
        note('h');
    }
}

static void finish_normally(void)
{
    __try {
        note('t');
    } __finally {
        note(AbnormalTermination() ? '?' : 'n');
    }
    note('e');
}

static void leave_early(void)
{
    __try {
        __try {
            note('t');
            if (call->command == HANDLERS_LEAVE)
                __leave;
            note('?');
        } __finally {
            note(AbnormalTermination() ? '?' : 'n');
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('?');
    }
    note('e');
}

static DECLSPEC_NOINLINE int return_early(void)
{
    __try {
        note('t');
        if (call->command == HANDLERS_RETURN)
            return 4711;
        note('?');
    } __finally {
        note('1');
    }
    return 0;
}

/* ---- one after the other, one in another ---- */

static void search_outwards(void)
{
    __try {
        __try {
            raise();
        } __except (note('f'), EXCEPTION_CONTINUE_SEARCH) {
            note('?');
        }
    } __except (note('g'), SEE_AND_HANDLE) {
        note('h');
    }
}

static void raise_in_handler(void)
{
    __try {
        __try {
            raise();
        } __except (note('f'), EXCEPTION_EXECUTE_HANDLER) {
            note('h');
            ExRaiseStatus(STATUS_TOO_LATE);
        }
    } __except (note('g'), SEE_AND_HANDLE) {
        note('o');
    }
}

static DECLSPEC_NOINLINE void raise_in_finally_inner(void)
{
    __try {
        __try {
            note('t');
            raise();
        } __finally {
            note('1');
            if (call->status)
                ExRaiseStatus(STATUS_TOO_LATE);
        }
    } __finally {
        note('2');
    }
}

/* The inner handler wants the first exception and never gets to run. */
static void raise_in_finally(void)
{
    __try {
        __try {
            raise_in_finally_inner();
        } __except (note('f'), GetExceptionCode() == (ULONG)call->status) {
            note('?');
        }
    } __except (note('g'), SEE_AND_HANDLE) {
        note('h');
    }
}

static DECLSPEC_NOINLINE LONG filter_with_handler(void)
{
    __try {
        load(call->memory);
    } __except (note('i'), EXCEPTION_EXECUTE_HANDLER) {
        note('j');
    }
    return EXCEPTION_EXECUTE_HANDLER;
}

static void raise_in_filter(void)
{
    __try {
        raise();
    } __except (note('f'), filter_with_handler()) {
        note('h');
        call->code = GetExceptionCode();
    }
}

static void filter_endlessly(void)
{
    __try {
        raise();
    } __except (ExRaiseStatus(STATUS_TOO_LATE), EXCEPTION_EXECUTE_HANDLER) {
        note('?');
    }
}

static void handle_twice(void)
{
    for (int i = 0; i < 1000; i++) {
        __try {
            if (i & 1)
                load(call->memory);
            else
                raise();
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            call->value++;
        }
    }
}

/* ---- registers that a function keeps for its caller ---- */

static DECLSPEC_NOINLINE double use_registers(double seed)
{
    volatile double source = seed;
    double a = source, b = source + 1, c = source + 2, d = source + 3, e = source + 4;
    double f = source + 5, g = source + 6, h = source + 7, i = source + 8, j = source + 9;
    volatile long long number = (long long)seed;
    long long k = number, l = number + 1, m = number + 2, n = number + 3, o = number + 4;

    handle_deep();
    handle_load();
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j +
           (double)(k + 2 * l + 3 * m + 4 * n + 5 * o);
}

/* ---- routines of the kernel ---- */

static void copy_from_nothing(void)
{
    unsigned char bytes[64];

    __try {
        RtlCopyMemory(bytes, call->memory, (SIZE_T)call->size);
        call->value = bytes[0];
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void fill_nothing(void)
{
    __try {
        RtlFillMemory(call->memory, (SIZE_T)call->size, 1);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void measure_nothing(void)
{
    UNICODE_STRING text;

    __try {
        RtlInitUnicodeString(&text, (PCWSTR)call->memory);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void probe(BOOLEAN write)
{
    __try {
        if (write)
            ProbeForWrite(call->memory, (SIZE_T)call->size, call->alignment);
        else
            ProbeForRead(call->memory, (SIZE_T)call->size, call->alignment);
        note('n');
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
}

static void lock_pages(void)
{
    PMDL mdl = IoAllocateMdl(call->memory, (ULONG)call->size, FALSE, FALSE, NULL);

    __try {
        MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
        note('n');
        MmUnlockPages(mdl);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    IoFreeMdl(mdl);
}

static void release_semaphore(void)
{
    KSEMAPHORE semaphore;

    KeInitializeSemaphore(&semaphore, 1, 2);
    __try {
        KeReleaseSemaphore(&semaphore, 0, 2, FALSE);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    call->value = KeReadStateSemaphore(&semaphore);
}

static void release_mutex(void)
{
    KMUTEX mutex;

    KeInitializeMutex(&mutex, 0);
    __try {
        KeReleaseMutex(&mutex, FALSE);
    } __except (SEE_AND_HANDLE) {
        note('h');
    }
    call->value = KeReadStateMutex(&mutex);
}

/* ---- what no handler of ours gets ---- */

static void raise_back(void *argument)
{
    (void)argument;
    raise();
}

static void handle_called_back(void)
{
    __try {
        call->call_back(raise_back, NULL);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('?');
    }
}

static void handle_at_dispatch_level(BOOLEAN by_load)
{
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    __try {
        if (by_load)
            load(call->memory);
        else
            raise();
    } __except (SEE_AND_HANDLE) {
        note('h');
        call->value = KeGetCurrentIrql();
    }
    KeLowerIrql(irql);
}

/* ---- frames ---- */

static DECLSPEC_NOINLINE USHORT look_at_frames(PVOID *frames)
{
    USHORT count = RtlCaptureStackBackTrace(0, 4, frames, NULL);

    note('c');
    return count;
}

static void tell_frames(void)
{
    PVOID frames[4] = {NULL}, base = NULL;

    call->value = look_at_frames(frames);
    call->address = (ULONG_PTR)frames[0] - (ULONG_PTR)RtlPcToFileHeader(frames[0], &base);
    call->parameters[0] = base && base == RtlPcToFileHeader(frames[1], &base);
    call->parameters[1] = (ULONG_PTR)_ReturnAddress() == (ULONG_PTR)frames[2];
}

static void do_exceptions(void)
{
    switch (call->command) {
    case HANDLERS_RAISE:
        handle_raised();
        break;
    case HANDLERS_RAISE_DEEP:
        handle_deep();
        break;
    case HANDLERS_LOAD:
        handle_load();
        break;
    case HANDLERS_STORE:
        handle_store();
        break;
    case HANDLERS_CALL:
        handle_call();
        break;
    case HANDLERS_DIVIDE:
        handle_division();
        break;
    case HANDLERS_ILLEGAL:
        handle_illegal();
        break;
    case HANDLERS_BREAKPOINT:
        handle_breakpoint();
        break;
    case HANDLERS_REPAIR:
        handle_by_repair();
        break;
    case HANDLERS_CONTINUE:
        handle_continuable();
        break;
    case HANDLERS_CONTINUE_NOT:
        handle_not_continuable();
        break;
    case HANDLERS_RECORD:
        handle_record();
        break;
    default:
        break;
    }
}

static void do_blocks(void)
{
    switch (call->command) {
    case HANDLERS_FINALLY:
        handle_with_finally();
        break;
    case HANDLERS_FINALLY_NORMAL:
        finish_normally();
        break;
    case HANDLERS_LEAVE:
        leave_early();
        break;
    case HANDLERS_RETURN:
        call->value = return_early();
        break;
    case HANDLERS_SEARCH:
        search_outwards();
        break;
    case HANDLERS_IN_HANDLER:
        raise_in_handler();
        break;
    case HANDLERS_IN_FINALLY:
        raise_in_finally();
        break;
    case HANDLERS_IN_FILTER:
        raise_in_filter();
        break;
    case HANDLERS_FILTER_ENDLESS:
        filter_endlessly();
        break;
    case HANDLERS_TWICE:
        handle_twice();
        break;
    case HANDLERS_REGISTERS:
        call->value = (long long)use_registers((double)call->size);
        break;
    default:
        break;
    }
}

static void do_routines(void)
{
    switch (call->command) {
    case HANDLERS_COPY:
        copy_from_nothing();
        break;
    case HANDLERS_FILL:
        fill_nothing();
        break;
    case HANDLERS_TEXT:
        measure_nothing();
        break;
    case HANDLERS_PROBE_READ:
    case HANDLERS_PROBE_WRITE:
        probe(call->command == HANDLERS_PROBE_WRITE);
        break;
    case HANDLERS_LOCK_PAGES:
        lock_pages();
        break;
    case HANDLERS_SEMAPHORE:
        release_semaphore();
        break;
    case HANDLERS_MUTEX:
        release_mutex();
        break;
    case HANDLERS_CALLED_BACK:
        handle_called_back();
        break;
    case HANDLERS_UNHANDLED:
        raise();
        break;
    case HANDLERS_UNHANDLED_LOAD:
        call->value = load(call->memory);
        break;
    case HANDLERS_RAISED_IRQL:
    case HANDLERS_LOAD_RAISED_IRQL:
        handle_at_dispatch_level(call->command == HANDLERS_LOAD_RAISED_IRQL);
        break;
    case HANDLERS_FRAMES:
        tell_frames();
        break;
    default:
        break;
    }
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    call = (struct handlers_call *)(void *)DriverObject;
    do_exceptions();
    do_blocks();
    do_routines();
    do_unwinds();
    do_jumps();
    do_faults();
    return STATUS_SUCCESS;
}
