/*
 * Checks of DPCs.
 */
#include "check.h"

#define TURN_100NS 1000

/* Where the IRQL falls below DISPATCH_LEVEL, so that DPCs run. */
#define WAITING_PLACES                                                                             \
    (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread) | AT(QueryControls) | AT(UnitStart))
/* Where a DPC that is issued has to wait. */
#define HOLDING_PLACES                                                                             \
    (AT(HwInitialize) | AT(BuildIo) | AT(StartIo) | AT(Interrupt) | AT(Message) | AT(Dpc) |        \
     AT(Timer) | AT(TimerEx) | AT(Synchronized) | AT(DpcLocked) | AT(StartIoLocked) |              \
     AT(InterruptLocked))

typedef struct _DPC_MEMORY {
    STOR_DPC Dpc, Other;
    volatile LONG Runs;
    LONG OtherRuns; /* when the other one ran */
    PVOID Extension, First, Second;
    ULONG Processor;
    KIRQL Irql;
    BOOLEAN Prepared;
    ULONG Again;
    STOR_DPC_WATCHDOG_INFORMATION Watchdog;
    ULONG Status;
} DPC_MEMORY;
C_ASSERT(sizeof(DPC_MEMORY) <= CHECK_MEMORY_BYTES);

static HW_DPC_ROUTINE NoteRun;
static HW_DPC_ROUTINE NoteOrder;
static HW_DPC_ROUTINE AskWatchdog;

static BOOLEAN Await(volatile LONG *Counter, LONG Value)
{
    LARGE_INTEGER Turn;
    ULONG Turns;

    Turn.QuadPart = -TURN_100NS;
    for (Turns = 0; Turns < PATIENCE_TURNS && *Counter < Value; Turns++) {
        (VOID) KeDelayExecutionThread(KernelMode, FALSE, &Turn);
    }
    return *Counter >= Value;
}

/* The STOR_DPC is the first member of the memory. */
static VOID NoteRun(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                    PVOID SystemArgument2)
{
    DPC_MEMORY *Memory = (DPC_MEMORY *)Dpc;
    STOR_LOCK_HANDLE Handle;

    Memory->Extension = HwDeviceExtension;
    Memory->First = SystemArgument1;
    Memory->Second = SystemArgument2;
    Memory->Irql = KeGetCurrentIrql();
    /* Its own lock is free. */
    StorPortAcquireSpinLock(SystemArgument1, DpcLock, Dpc, &Handle);
    StorPortReleaseSpinLock(SystemArgument1, &Handle);
    (VOID) StorPortGetCurrentProcessorIndex(SystemArgument1, &Memory->Processor);
    if (Memory->Again > 0) {
        Memory->Again--;
        (VOID) StorPortIssueDpc(SystemArgument1, Dpc, SystemArgument1, SystemArgument2);
    }
    InterlockedIncrement(&Memory->Runs);
}

static VOID NoteOrder(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                      PVOID SystemArgument2)
{
    DPC_MEMORY *Memory = (DPC_MEMORY *)SystemArgument2;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(SystemArgument1);
    Memory->OtherRuns = Memory->Runs;
    InterlockedIncrement(&Memory->Runs);
}

static VOID AskWatchdog(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                        PVOID SystemArgument2)
{
    DPC_MEMORY *Memory = (DPC_MEMORY *)Dpc;

    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(SystemArgument2);
    Memory->Status = StorPortQueryDpcWatchdogInformation(SystemArgument1, &Memory->Watchdog);
    InterlockedIncrement(&Memory->Runs);
}

/* Reported outside passive initialization, and done nevertheless. */
static DPC_MEMORY *Prepare(CHECK_CONTEXT *Context, PHW_DPC_ROUTINE Routine)
{
    DPC_MEMORY *Memory = (DPC_MEMORY *)Context->Memory;

    if (Context->Place == CheckPassiveInitialize) {
        StorPortInitializeDpc(Context->Extension, &Memory->Dpc, Routine);
    } else {
        EXPECT_FINDING(StorPortInitializeDpc(Context->Extension, &Memory->Dpc, Routine));
    }
    return Memory;
}

CHECK(StorPortInitializeDpc, EVERYWHERE)
{
    DPC_MEMORY *Memory = Prepare(Context, NoteRun);

    EXPECT(Memory->Dpc.Dpc.DeferredRoutine == (PVOID)NoteRun);
    EXPECT(Memory->Dpc.Dpc.DeferredContext == Context->Extension);
    EXPECT(Memory->Dpc.Lock == 0);
    EXPECT_FINDING(StorPortInitializeDpc(Context->Extension, NULL, NoteRun));
    EXPECT_FINDING(StorPortInitializeDpc(Context->Extension, &Memory->Dpc, NULL));
}

CHECK_ALSO(StorPortInitializeDpc, of_a_queued_one_is_reported, HOLDING_PLACES)
{
    DPC_MEMORY *Memory = Prepare(Context, NoteRun);
    BOOLEAN Result = FALSE;

    if (Context->Irql < DISPATCH_LEVEL) {
        return;
    }
    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, NULL));
    EXPECT_FINDING(StorPortInitializeDpc(Context->Extension, &Memory->Dpc, NoteRun));
    EXPECT_STATUS(StorPortCancelDpc(Context->Extension, &Memory->Dpc, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, FALSE);
}

CHECK(StorPortIssueDpc, WAITING_PLACES)
{
    DPC_MEMORY *Memory = Prepare(Context, NoteRun);
    LONG Runs = Memory->Runs;

    Memory->Again = 1;
    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, &Runs));
    EXPECT(Await(&Memory->Runs, Runs + 2));
    EXPECT(Memory->Extension == Context->Extension);
    EXPECT(Memory->First == Context->Extension && Memory->Second == &Runs);
    EXPECT_EQUAL(Memory->Irql, DISPATCH_LEVEL);
}

/* Queued once, with the first arguments; it does not run before the IRQL falls. */
CHECK_ALSO(StorPortIssueDpc, is_refused_while_it_is_queued, HOLDING_PLACES)
{
    DPC_MEMORY *Memory = Prepare(Context, NoteRun);
    LONG Runs = Memory->Runs;
    BOOLEAN Result = FALSE;

    if (Context->Irql < DISPATCH_LEVEL) {
        return; /* a virtual adapter's HwInitialize: nothing has to wait */
    }
    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, &Runs));
    EXPECT(!StorPortIssueDpc(Context->Extension, &Memory->Dpc, NULL, NULL));
    EXPECT(Memory->Dpc.Dpc.SystemArgument1 == Context->Extension);
    EXPECT_EQUAL(Memory->Runs, Runs);
    EXPECT_STATUS(StorPortCancelDpc(Context->Extension, &Memory->Dpc, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, TRUE);
}

CHECK_ALSO(StorPortIssueDpc, of_no_dpc_is_reported, EVERYWHERE)
{
    STOR_DPC Empty;

    RtlZeroMemory(&Empty, sizeof(Empty));
    EXPECT_FINDING(EXPECT(!StorPortIssueDpc(Context->Extension, &Empty, NULL, NULL)));
    EXPECT_FINDING(EXPECT(!StorPortIssueDpc(Context->Extension, NULL, NULL, NULL)));
}

CHECK(StorPortCancelDpc, EVERYWHERE)
{
    DPC_MEMORY *Memory = Prepare(Context, NoteRun);
    BOOLEAN Result = TRUE;

    EXPECT_STATUS(StorPortCancelDpc(Context->Extension, &Memory->Dpc, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, FALSE);
    EXPECT_STATUS(StorPortCancelDpc(Context->Extension, NULL, &Result),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortCancelDpc(Context->Extension, &Memory->Dpc, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* One of high importance overtakes what is queued; both run on the processor that was asked for. */
CHECK(InitializeDpcWithContext, AT(PassiveInitialize))
{
    DPC_MEMORY *Memory = (DPC_MEMORY *)Context->Memory;
    KIRQL OldIrql;

    StorPortInitializeDpcWithContext(Context->Extension, &Memory->Dpc, NoteRun, &Memory,
                                     StorMediumImportance);
    StorPortInitializeDpcWithContext(Context->Extension, &Memory->Other, NoteOrder, &Memory,
                                     StorHighImportance);
    EXPECT(Memory->Dpc.Dpc.DeferredContext == (PVOID)&Memory);
    KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, NULL));
    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Other, Context->Extension, Memory));
    KeLowerIrql(OldIrql);
    EXPECT(Await(&Memory->Runs, 2));
    EXPECT_EQUAL(Memory->OtherRuns, 0);
    EXPECT(Memory->Extension == (PVOID)&Memory);
    EXPECT_FINDING(
        StorPortInitializeDpcWithContext(Context->Extension, &Memory->Other, NoteOrder, NULL, 4));
}

CHECK(InitializeThreadedDpc, AT(PassiveInitialize))
{
    DPC_MEMORY *Memory = (DPC_MEMORY *)Context->Memory;

    StorPortInitializeThreadedDpc(Context->Extension, &Memory->Dpc, NoteRun, &Memory,
                                  StorMediumImportance);
    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, NULL));
    EXPECT(Await(&Memory->Runs, 1));
    EXPECT(Memory->Irql <= DISPATCH_LEVEL);
    EXPECT(Memory->Extension == (PVOID)&Memory);
}

CHECK(SetTargetProcessorDpc, WAITING_PLACES)
{
    DPC_MEMORY *Memory = Prepare(Context, NoteRun);
    LONG Runs = Memory->Runs;
    ULONG Processor;

    for (Processor = 0; Processor < 2; Processor++) {
        StorPortNotification(SetTargetProcessorDpc, Context->Extension, &Memory->Dpc, Processor);
        EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, NULL));
        EXPECT(Await(&Memory->Runs, Runs + (LONG)Processor + 1));
        EXPECT_EQUAL(Memory->Processor, Processor);
    }
    EXPECT_FINDING(
        StorPortNotification(SetTargetProcessorDpc, Context->Extension, &Memory->Dpc, 64));
}

CHECK(StorPortQueryDpcWatchdogInformation, EVERYWHERE)
{
    STOR_DPC_WATCHDOG_INFORMATION Information;
    BOOLEAN High = Context->Irql >= DISPATCH_LEVEL;

    RtlZeroMemory(&Information, sizeof(Information));
    EXPECT_STATUS(StorPortQueryDpcWatchdogInformation(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortQueryDpcWatchdogInformation(Context->Extension, &Information),
                  High ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL);
    EXPECT_EQUAL(Information.DpcTimeLimit != 0, High);
    EXPECT(Information.DpcTimeCount <= Information.DpcTimeLimit);
    EXPECT(Information.DpcWatchdogCount <= Information.DpcWatchdogLimit);
    EXPECT_EQUAL(Information.DpcWatchdogLimit != 0, High);
}

CHECK_ALSO(StorPortQueryDpcWatchdogInformation, answers_inside_a_dpc, WAITING_PLACES)
{
    DPC_MEMORY *Memory = Prepare(Context, AskWatchdog);
    LONG Runs = Memory->Runs;

    EXPECT(StorPortIssueDpc(Context->Extension, &Memory->Dpc, Context->Extension, NULL));
    EXPECT(Await(&Memory->Runs, Runs + 1));
    EXPECT_STATUS(Memory->Status, STOR_STATUS_SUCCESS);
    EXPECT(Memory->Watchdog.DpcTimeCount > 0);
}
