/*
 * Checks of what the kernel exports: IRQL, spin locks, DPCs, processors, pool, bug checks.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

/* ---- IRQL ---- */

CHECK(KeGetCurrentIrql, EVERYWHERE)
{
    KIRQL Irql = 0xFF;

    EXPECT_STATUS(StorPortGetCurrentIrql(Context->Extension, &Irql), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(KeGetCurrentIrql(), Irql);
    if (Context->Place == CheckThread) {
        EXPECT_EQUAL(KeGetCurrentIrql(), PASSIVE_LEVEL);
    }
    if (Context->Place == CheckDpc) {
        EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    }
    if (Context->Place == CheckInterrupt) {
        EXPECT(KeGetCurrentIrql() > DISPATCH_LEVEL);
    }
}

CHECK(KfRaiseIrql, EVERYWHERE)
{
    KIRQL Before = 0xFF;

    KeRaiseIrql(HIGH_LEVEL, &Before);
    EXPECT_EQUAL(Before, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), HIGH_LEVEL);
    KeLowerIrql(Before);
}
CHECK_FATAL(KfRaiseIrql, stops_at_a_lower_one, AT(Dpc) | AT(Interrupt))
{
    KIRQL Before;

    KeRaiseIrql(PASSIVE_LEVEL, &Before);
    EXPECT_EQUAL(Before, Context->Irql);
}

CHECK(KeRaiseIrqlToDpcLevel, LOW_PLACES)
{
    KIRQL Before = KeRaiseIrqlToDpcLevel();

    EXPECT_EQUAL(Before, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    KeLowerIrql(Before);
}

CHECK(KeLowerIrql, EVERYWHERE)
{
    KIRQL Before;

    KeRaiseIrql(HIGH_LEVEL, &Before);
    KeLowerIrql(Before);
    EXPECT_EQUAL(KeGetCurrentIrql(), Before);
}
CHECK_FATAL(KeLowerIrql, stops_at_a_higher_one, AT(WorkItem) | AT(Dpc))
{
    KeLowerIrql(HIGH_LEVEL);
    EXPECT(FALSE);
}

/* ---- spin locks ---- */

CHECK(KeInitializeSpinLock, EVERYWHERE)
{
    KSPIN_LOCK Lock = 0x123;

    KeInitializeSpinLock(&Lock);
    EXPECT_EQUAL(Lock, 0);
}

CHECK(KeAcquireSpinLockRaiseToDpc, LOW_PLACES)
{
    KSPIN_LOCK Lock;
    KIRQL Before;

    KeInitializeSpinLock(&Lock);
    Before = KeAcquireSpinLockRaiseToDpc(&Lock);
    EXPECT_EQUAL(Before, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT(Lock != 0);
    KeReleaseSpinLock(&Lock, Before);
}

CHECK(KeReleaseSpinLock, LOW_PLACES)
{
    KSPIN_LOCK Lock;
    KIRQL Before;

    KeInitializeSpinLock(&Lock);
    KeAcquireSpinLock(&Lock, &Before);
    KeReleaseSpinLock(&Lock, Before);
    EXPECT_EQUAL(Lock, 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

CHECK(KeAcquireSpinLockAtDpcLevel, AT(StartIo) | AT(Dpc) | AT(Timer) | AT(Interrupt))
{
    KSPIN_LOCK Lock;

    if (Context->Irql < DISPATCH_LEVEL) {
        return;
    }
    KeInitializeSpinLock(&Lock);
    KeAcquireSpinLockAtDpcLevel(&Lock);
    EXPECT(Lock != 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    KeReleaseSpinLockFromDpcLevel(&Lock);
}

CHECK(KeReleaseSpinLockFromDpcLevel, AT(StartIo) | AT(Dpc) | AT(Timer) | AT(Interrupt))
{
    KSPIN_LOCK Lock;

    if (Context->Irql < DISPATCH_LEVEL) {
        return;
    }
    KeInitializeSpinLock(&Lock);
    KeAcquireSpinLockAtDpcLevel(&Lock);
    KeReleaseSpinLockFromDpcLevel(&Lock);
    EXPECT_EQUAL(Lock, 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

CHECK(KeAcquireInStackQueuedSpinLock, LOW_PLACES)
{
    KSPIN_LOCK Lock;
    KLOCK_QUEUE_HANDLE Handle;

    KeInitializeSpinLock(&Lock);
    KeAcquireInStackQueuedSpinLock(&Lock, &Handle);
    EXPECT_EQUAL(Handle.OldIrql, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT(Lock != 0);
    KeReleaseInStackQueuedSpinLock(&Handle);
}

CHECK(KeReleaseInStackQueuedSpinLock, LOW_PLACES)
{
    KSPIN_LOCK Lock;
    KLOCK_QUEUE_HANDLE Handle;

    KeInitializeSpinLock(&Lock);
    KeAcquireInStackQueuedSpinLock(&Lock, &Handle);
    KeReleaseInStackQueuedSpinLock(&Handle);
    EXPECT_EQUAL(Lock, 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

CHECK(KeAcquireInStackQueuedSpinLockAtDpcLevel, AT(StartIo) | AT(Dpc) | AT(Timer))
{
    KSPIN_LOCK Lock;
    KLOCK_QUEUE_HANDLE Handle;

    if (Context->Irql < DISPATCH_LEVEL) {
        return;
    }
    KeInitializeSpinLock(&Lock);
    KeAcquireInStackQueuedSpinLockAtDpcLevel(&Lock, &Handle);
    EXPECT(Lock != 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    KeReleaseInStackQueuedSpinLockFromDpcLevel(&Handle);
}

CHECK(KeReleaseInStackQueuedSpinLockFromDpcLevel, AT(StartIo) | AT(Dpc) | AT(Timer))
{
    KSPIN_LOCK Lock;
    KLOCK_QUEUE_HANDLE Handle;

    if (Context->Irql < DISPATCH_LEVEL) {
        return;
    }
    KeInitializeSpinLock(&Lock);
    KeAcquireInStackQueuedSpinLockAtDpcLevel(&Lock, &Handle);
    KeReleaseInStackQueuedSpinLockFromDpcLevel(&Handle);
    EXPECT_EQUAL(Lock, 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

/* ---- DPCs: raised to DISPATCH_LEVEL, they wait until the IRQL falls ---- */

typedef struct _DPC_RECORD {
    KDPC Dpc;
    volatile LONG Runs;
    PVOID Extension;
    PVOID Context, Argument1, Argument2;
    ULONG Processor;
    KIRQL Irql;
} DPC_RECORD;

static KDEFERRED_ROUTINE RecordDpc;
static VOID NTAPI RecordDpc(PKDPC Dpc, PVOID DeferredContext, PVOID Argument1, PVOID Argument2)
{
    DPC_RECORD *Record = CONTAINING_RECORD(Dpc, DPC_RECORD, Dpc);

    Record->Context = DeferredContext;
    Record->Argument1 = Argument1;
    Record->Argument2 = Argument2;
    Record->Irql = KeGetCurrentIrql();
    StorPortGetCurrentProcessorIndex(Record->Extension, &Record->Processor);
    InterlockedIncrement(&Record->Runs);
}

static VOID Run(CHECK_CONTEXT *Context, DPC_RECORD *Record)
{
    KIRQL Before;

    RtlZeroMemory(Record, sizeof(*Record));
    Record->Extension = Context->Extension;
    KeRaiseIrql(DISPATCH_LEVEL, &Before);
    KeInitializeDpc(&Record->Dpc, RecordDpc, &Record->Context);
    KeInsertQueueDpc(&Record->Dpc, (PVOID)1, (PVOID)2);
    KeLowerIrql(Before);
    KeFlushQueuedDpcs();
}

CHECK(KeInitializeDpc, PASSIVE_PLACES)
{
    DPC_RECORD Record;

    Run(Context, &Record);
    EXPECT_EQUAL(Record.Runs, 1);
    EXPECT(Record.Context == (PVOID)&Record.Context);
}

CHECK(KeInsertQueueDpc, PASSIVE_PLACES)
{
    DPC_RECORD Record;
    KIRQL Before;

    RtlZeroMemory(&Record, sizeof(Record));
    Record.Extension = Context->Extension;
    KeInitializeDpc(&Record.Dpc, RecordDpc, NULL);
    KeRaiseIrql(DISPATCH_LEVEL, &Before);
    EXPECT_EQUAL(KeInsertQueueDpc(&Record.Dpc, (PVOID)1, (PVOID)2), TRUE);
    EXPECT_EQUAL(KeInsertQueueDpc(&Record.Dpc, (PVOID)3, (PVOID)4), FALSE);
    EXPECT_EQUAL(Record.Runs, 0);
    KeLowerIrql(Before);
    KeFlushQueuedDpcs();
    EXPECT_EQUAL(Record.Runs, 1);
    EXPECT(Record.Argument1 == (PVOID)1 && Record.Argument2 == (PVOID)2);
    EXPECT_EQUAL(Record.Irql, DISPATCH_LEVEL);
}

CHECK(KeRemoveQueueDpc, PASSIVE_PLACES)
{
    DPC_RECORD Record;
    KIRQL Before;

    RtlZeroMemory(&Record, sizeof(Record));
    Record.Extension = Context->Extension;
    KeInitializeDpc(&Record.Dpc, RecordDpc, NULL);
    EXPECT_EQUAL(KeRemoveQueueDpc(&Record.Dpc), FALSE);
    KeRaiseIrql(DISPATCH_LEVEL, &Before);
    EXPECT_EQUAL(KeInsertQueueDpc(&Record.Dpc, NULL, NULL), TRUE);
    EXPECT_EQUAL(KeRemoveQueueDpc(&Record.Dpc), TRUE);
    EXPECT_EQUAL(KeRemoveQueueDpc(&Record.Dpc), FALSE);
    KeLowerIrql(Before);
    KeFlushQueuedDpcs();
    EXPECT_EQUAL(Record.Runs, 0);
}

CHECK(KeSetTargetProcessorDpc, PASSIVE_PLACES)
{
    DPC_RECORD Record;
    CCHAR Processor;

    for (Processor = 0; Processor < 2; Processor++) {
        RtlZeroMemory(&Record, sizeof(Record));
        Record.Extension = Context->Extension;
        KeInitializeDpc(&Record.Dpc, RecordDpc, NULL);
        KeSetTargetProcessorDpc(&Record.Dpc, Processor);
        EXPECT_EQUAL(KeInsertQueueDpc(&Record.Dpc, NULL, NULL), TRUE);
        KeFlushQueuedDpcs();
        EXPECT_EQUAL(Record.Runs, 1);
        EXPECT_EQUAL(Record.Processor, (ULONG)Processor);
    }
}

/* A thread that keeps its processor at DISPATCH_LEVEL for as long as it is told to, and a little
 * longer: a DPC aimed there runs when the one who waits for it waits already. */
typedef struct _KEEPER {
    KEVENT Kept;
    ULONG Processor;
    volatile LONG Leave;
} KEEPER;

static VOID NTAPI KeepProcessor(PVOID Context)
{
    KEEPER *Keeper = Context;
    KIRQL Before;

    KeRaiseIrql(DISPATCH_LEVEL, &Before);
    Keeper->Processor = KeGetCurrentProcessorNumber();
    KeSetEvent(&Keeper->Kept, IO_NO_INCREMENT, FALSE);
    while (!Keeper->Leave) {
        KeStallExecutionProcessor(10);
    }
    KeStallExecutionProcessor(5000);
    KeLowerIrql(Before);
    PsTerminateSystemThread(STATUS_SUCCESS);
}

CHECK(KeFlushQueuedDpcs, PASSIVE_PLACES)
{
    static KEEPER Keeper;
    static DPC_RECORD Record;
    HANDLE Thread;

    RtlZeroMemory(&Record, sizeof(Record));
    Record.Extension = Context->Extension;
    KeInitializeEvent(&Keeper.Kept, NotificationEvent, FALSE);
    Keeper.Leave = 0;
    EXPECT_STATUS(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, KeepProcessor, &Keeper),
                  STATUS_SUCCESS);
    KeWaitForSingleObject(&Keeper.Kept, Executive, KernelMode, FALSE, NULL);
    KeInitializeDpc(&Record.Dpc, RecordDpc, NULL);
    KeSetTargetProcessorDpc(&Record.Dpc, (CCHAR)Keeper.Processor);
    KeInsertQueueDpc(&Record.Dpc, NULL, NULL);
    EXPECT_EQUAL(Record.Runs, 0);
    InterlockedExchange(&Keeper.Leave, 1);
    KeFlushQueuedDpcs();
    EXPECT_EQUAL(Record.Runs, 1);
    /* The thread itself: the driver may be unloaded when this has returned. */
    EXPECT_STATUS(ZwWaitForSingleObject(Thread, FALSE, NULL), STATUS_SUCCESS);
    ZwClose(Thread);
}

/* ---- processors: all of one group ---- */

CHECK(KeGetCurrentProcessorNumberEx, EVERYWHERE)
{
    PROCESSOR_NUMBER Number = {7, 77, 7};
    ULONG Index, Processor;
    KIRQL Before = KeGetCurrentIrql();

    if (Context->Irql < DISPATCH_LEVEL) {
        KeRaiseIrql(DISPATCH_LEVEL, &Before);
    }
    Index = KeGetCurrentProcessorNumberEx(&Number);
    EXPECT_EQUAL(Number.Group, 0);
    EXPECT_EQUAL(Number.Number, Index);
    EXPECT_EQUAL(KeGetCurrentProcessorNumberEx(NULL), Index);
    if (Context->Extension != NULL &&
        StorPortGetCurrentProcessorIndex(Context->Extension, &Processor) == STOR_STATUS_SUCCESS) {
        EXPECT_EQUAL(Processor, Index);
    }
    if (Context->Irql < DISPATCH_LEVEL) {
        KeLowerIrql(Before);
    }
}

CHECK(KeQueryActiveProcessorCountEx, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryActiveProcessorCountEx(0), Context->Processors);
    EXPECT_EQUAL(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS), Context->Processors);
    EXPECT_EQUAL(KeQueryActiveProcessorCountEx(1), 0);
}

CHECK(KeQueryMaximumProcessorCountEx, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryMaximumProcessorCountEx(0), Context->Processors);
    EXPECT_EQUAL(KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS), Context->Processors);
    EXPECT_EQUAL(KeQueryMaximumProcessorCountEx(1), 0);
}

CHECK(KeQueryMaximumProcessorCount, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryMaximumProcessorCount(), Context->Processors);
}

CHECK(ExIsProcessorFeaturePresent, EVERYWHERE)
{
    EXPECT(ExIsProcessorFeaturePresent(8));  /* RDTSC */
    EXPECT(ExIsProcessorFeaturePresent(10)); /* SSE2 */
    EXPECT(!ExIsProcessorFeaturePresent(1)); /* no emulation of x87 */
    EXPECT(!ExIsProcessorFeaturePresent(63));
    EXPECT(!ExIsProcessorFeaturePresent(64));
    EXPECT(!ExIsProcessorFeaturePresent(0xFFFFFFFF));
    UNREFERENCED_PARAMETER(Context);
}

/* As compiled code calls it: all registers stay. */
CHECK(__chkstk, EVERYWHERE)
{
    static const ULONG64 Sizes[] = {8, 4096, 4104, 20000};
    ULONG64 Rax, Rcx, Rdx;
    ULONG I;

    for (I = 0; I < RTL_NUMBER_OF(Sizes); I++) {
        Rax = Sizes[I];
        Rcx = 0x1234;
        Rdx = 0x5678;
        __asm__ volatile("call __chkstk" : "+a"(Rax), "+c"(Rcx), "+d"(Rdx) : : "memory", "cc");
        EXPECT_EQUAL(Rax, Sizes[I]);
        EXPECT_EQUAL(Rcx, 0x1234);
        EXPECT_EQUAL(Rdx, 0x5678);
    }
    UNREFERENCED_PARAMETER(Context);
}

CHECK(KeQueryActiveProcessors, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryActiveProcessors(), (1ull << Context->Processors) - 1);
}

CHECK(KeQueryActiveProcessorCount, EVERYWHERE)
{
    KAFFINITY Affinity = 0;

    EXPECT_EQUAL(KeQueryActiveProcessorCount(&Affinity), Context->Processors);
    EXPECT_EQUAL(Affinity, (1ull << Context->Processors) - 1);
    EXPECT_EQUAL(KeQueryActiveProcessorCount(NULL), Context->Processors);
}

/* ---- pool: what is left is reported when the driver is unloaded ---- */

static VOID ExpectUsable(CHECK_CONTEXT *Context, PVOID Memory, SIZE_T Bytes)
{
    EXPECT(Memory != NULL);
    if (Memory != NULL) {
        EXPECT_EQUAL((ULONG_PTR)Memory & 15, 0);
        RtlFillMemory(Memory, Bytes, 0xA5);
    }
}

CHECK(ExAllocatePoolWithTag, LOW_PLACES)
{
    PVOID First = ExAllocatePoolWithTag(NonPagedPoolNx, 100, 'khCT');
    PVOID Second = ExAllocatePoolWithTag(PagedPool, 5000, 'khCT');

    ExpectUsable(Context, First, 100);
    ExpectUsable(Context, Second, 5000);
    EXPECT(First != Second);
    ExFreePoolWithTag(First, 'khCT');
    ExFreePoolWithTag(Second, 'khCT');
}

CHECK(ExAllocatePool, LOW_PLACES)
{
    PVOID Memory = ExAllocatePool(NonPagedPoolNx, 100);

    ExpectUsable(Context, Memory, 100);
    ExFreePool(Memory);
}

CHECK(ExAllocatePool2, LOW_PLACES)
{
    PUCHAR Memory;
    ULONG Round, Index;

    for (Round = 0; Round < 2; Round++) {
        Memory = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, 'khCT');
        EXPECT(Memory != NULL);
        for (Index = 0; Memory != NULL && Index < 64; Index++) {
            EXPECT_EQUAL(Memory[Index], 0);
        }
        ExpectUsable(Context, Memory, 64);
        ExFreePoolWithTag(Memory, 'khCT');
    }
}

/* What has been freed is given out again before anything else of its size. */
static VOID ExpectFreed(CHECK_CONTEXT *Context, VOID (*Free)(PVOID Memory))
{
    PVOID Seen[8], Memory;
    ULONG Round, Index, Again = 0;

    for (Round = 0; Round < 8; Round++) {
        Memory = ExAllocatePoolWithTag(NonPagedPoolNx, 3000, 'khCT');
        for (Index = 0; Index < Round; Index++) {
            Again += Seen[Index] == Memory;
        }
        Seen[Round] = Memory;
        Free(Memory);
    }
    EXPECT(Again > 0);
}

static VOID FreeWithTag(PVOID Memory)
{
    ExFreePoolWithTag(Memory, 'khCT');
}

CHECK(ExFreePoolWithTag, LOW_PLACES)
{
    ExpectFreed(Context, FreeWithTag);
}

static VOID FreeWithout(PVOID Memory)
{
    ExFreePool(Memory);
}

CHECK(ExFreePool, LOW_PLACES)
{
    ExpectFreed(Context, FreeWithout);
}

/* ---- bug checks, addresses ---- */

/* By pointers: the compiler knows that the routines do not return and lays nothing behind a call of
 * them, so that one that did return would run into whatever routine comes next. */
static VOID(NTAPI *volatile BugCheckEx)(ULONG, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                        ULONG_PTR) = KeBugCheckEx;
static VOID(NTAPI *volatile BugCheck)(ULONG) = KeBugCheck;

CHECK_FATAL(KeBugCheckEx, stops, AT(WorkItem) | AT(Interrupt))
{
    BugCheckEx(0xC0FFEE, 1, 2, 3, (ULONG_PTR)Context);
}

CHECK_FATAL(KeBugCheck, stops, AT(WorkItem) | AT(Interrupt))
{
    UNREFERENCED_PARAMETER(Context);
    BugCheck(0xC0FFEE);
}

CHECK(MmGetPhysicalAddress, LOW_PLACES)
{
    PUCHAR Memory = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'khCT');
    PHYSICAL_ADDRESS Address, Next;

    EXPECT(Memory != NULL);
    if (Memory == NULL) {
        return;
    }
    Address = MmGetPhysicalAddress(Memory);
    Next = MmGetPhysicalAddress(Memory + 1);
    EXPECT(Address.QuadPart != 0);
    EXPECT_EQUAL(Next.QuadPart, Address.QuadPart + 1);
    ExFreePoolWithTag(Memory, 'khCT');
}
