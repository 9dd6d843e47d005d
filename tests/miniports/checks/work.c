/*
 * Checks of work items, system threads, events and waiting.
 */
#include "check.h"

#define TURN_100NS 1000

#define WAITING_PLACES                                                                             \
    (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread) | AT(QueryControls) | AT(UnitStart))

typedef struct _WORK_MEMORY {
    PVOID Worker, Thread;
    PVOID Extension;
    volatile LONG Runs, Ends;
    volatile LONG MayEnd;
    ULONG Statuses[8];
    ULONG Processor;
    volatile LONG Irql; /* of the last that ran */
    PVOID SeenWorker;
    STOR_GROUP_AFFINITY Before, After;
    STOR_EVENT Event;
} WORK_MEMORY;

static HW_WORKITEM CountWork;
static HW_WORKITEM QueueAgain;
static HW_WORKITEM FreeItself;
static HW_WORKITEM WaitInWork;
static STOR_THREAD_START_ROUTINE RunToTheEnd;
static STOR_THREAD_START_ROUTINE TerminateItself;
static STOR_THREAD_START_ROUTINE MoveItself;
static STOR_THREAD_START_ROUTINE SignalEvent;

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

/* ---- work items ---- */

static VOID CountWork(PVOID HwDeviceExtension, PVOID Context, PVOID Worker)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context;

    Memory->Extension = HwDeviceExtension;
    Memory->SeenWorker = Worker;
    InterlockedExchange(&Memory->Irql, KeGetCurrentIrql());
    InterlockedIncrement(&Memory->Runs);
}

/* "Queued" has ended when the routine starts. */
static VOID QueueAgain(PVOID HwDeviceExtension, PVOID Context, PVOID Worker)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context;

    Memory->Statuses[0] = StorPortQueueWorkItem(HwDeviceExtension, CountWork, Worker, Context);
    InterlockedIncrement(&Memory->Runs);
}

static VOID FreeItself(PVOID HwDeviceExtension, PVOID Context, PVOID Worker)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context;

    Memory->Statuses[0] = StorPortFreeWorker(HwDeviceExtension, Worker);
    InterlockedIncrement(&Memory->Runs);
}

static VOID WaitInWork(PVOID HwDeviceExtension, PVOID Context, PVOID Worker)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context;

    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Worker);
    InterlockedIncrement(&Memory->Runs);
    (VOID) Await(&Memory->MayEnd, 1);
    InterlockedIncrement(&Memory->Ends);
}

static WORK_MEMORY *OwnWorker(CHECK_CONTEXT *Context)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;

    if (Memory->Worker == NULL && Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortInitializeWorker(Context->Extension, &Memory->Worker),
                      STOR_STATUS_SUCCESS);
    }
    return Memory;
}

CHECK(StorPortInitializeWorker, EVERYWHERE)
{
    PVOID First = &First, Second = NULL;

    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortInitializeWorker(Context->Extension, &First),
                 STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortInitializeWorker(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitializeWorker(NULL, &Second), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT(First == NULL);
        return;
    }
    EXPECT_STATUS(StorPortInitializeWorker(Context->Extension, &Second), STOR_STATUS_SUCCESS);
    EXPECT(First != NULL && Second != NULL && First != Second);
    EXPECT_STATUS(StorPortFreeWorker(Context->Extension, First), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeWorker(Context->Extension, Second), STOR_STATUS_SUCCESS);
}

CHECK(StorPortQueueWorkItem, EVERYWHERE)
{
    WORK_MEMORY *Memory = OwnWorker(Context);
    PVOID Extension = Context->Extension, Unknown = &Unknown;

    EXPECT_STATUS(StorPortQueueWorkItem(Extension, NULL, Memory->Worker, Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortQueueWorkItem(Extension, CountWork, NULL, Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortQueueWorkItem(NULL, CountWork, Memory->Worker, Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortQueueWorkItem(Extension, CountWork, Memory->Worker, Memory),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortQueueWorkItem(Extension, CountWork, &Unknown, Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Place == CheckFreeResources) {
        EXPECT_STATUS(StorPortQueueWorkItem(Extension, CountWork, Memory->Worker, Memory),
                      STOR_STATUS_INVALID_DEVICE_STATE);
        EXPECT_STATUS(StorPortFreeWorker(Extension, Memory->Worker), STOR_STATUS_SUCCESS);
        return;
    }
    if (Context->Place == CheckStopAdapter && Context->Model != CheckVirtual) {
        EXPECT_STATUS(StorPortFreeWorker(Extension, Memory->Worker), STOR_STATUS_SUCCESS);
    }
}

CHECK_ALSO(StorPortQueueWorkItem, runs_at_passive_level_and_may_queue_itself, WAITING_PLACES)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    PVOID Extension = Context->Extension;
    LONG Runs = Memory->Runs;

    EXPECT_STATUS(StorPortInitializeWorker(Extension, &Memory->Worker), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortQueueWorkItem(Extension, QueueAgain, Memory->Worker, Memory),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 2));
    EXPECT_STATUS(Memory->Statuses[0], STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Memory->Irql, PASSIVE_LEVEL);
    EXPECT(Memory->Extension == Extension && Memory->SeenWorker == Memory->Worker);
    EXPECT_STATUS(StorPortFreeWorker(Extension, Memory->Worker), STOR_STATUS_SUCCESS);
}

/* Many items keep the worker threads busy, so that the last stays queued. */
CHECK(StorPortFreeWorker, EVERYWHERE)
{
    WORK_MEMORY *Memory = OwnWorker(Context);
    PVOID Extension = Context->Extension, Handle = NULL, Unknown = &Unknown;

    EXPECT_STATUS(StorPortFreeWorker(Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortFreeWorker(Extension, Memory->Worker), STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortFreeWorker(Extension, &Unknown), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitializeWorker(Extension, &Handle), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeWorker(Extension, Handle), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeWorker(Extension, Handle), STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(StorPortQueueWorkItem(Extension, CountWork, Handle, Memory),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Place ==
        (Context->Model == CheckVirtual ? CheckFreeResources : CheckStopAdapter)) {
        EXPECT_STATUS(StorPortFreeWorker(Extension, Memory->Worker), STOR_STATUS_SUCCESS);
    }
}

CHECK_ALSO(StorPortFreeWorker, may_come_from_the_routine, WAITING_PLACES)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    LONG Runs = Memory->Runs;

    EXPECT_STATUS(StorPortInitializeWorker(Context->Extension, &Memory->Worker),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortQueueWorkItem(Context->Extension, FreeItself, Memory->Worker, Memory),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 1));
    EXPECT_STATUS(Memory->Statuses[0], STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeWorker(Context->Extension, Memory->Worker), STOR_STATUS_UNSUCCESSFUL);
}

/* At DISPATCH_LEVEL on one of two processors the queue cannot be sure to stand still; a queued
 * item says BUSY as long as its worker threads are kept waiting. */
CHECK_ALSO(StorPortFreeWorker, is_busy_while_the_item_is_queued, WAITING_PLACES)
{
    enum { ITEMS = 64 };
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    PVOID Workers[ITEMS];
    ULONG Index, Busy = 0;
    LONG Ends = Memory->Ends;

    Memory->MayEnd = 0;
    for (Index = 0; Index < ITEMS; Index++) {
        EXPECT_STATUS(StorPortInitializeWorker(Context->Extension, &Workers[Index]),
                      STOR_STATUS_SUCCESS);
        EXPECT_STATUS(StorPortQueueWorkItem(Context->Extension, WaitInWork, Workers[Index], Memory),
                      STOR_STATUS_SUCCESS);
    }
    if (StorPortQueueWorkItem(Context->Extension, WaitInWork, Workers[ITEMS - 1], Memory) ==
        STOR_STATUS_BUSY) {
        Busy++;
    } else {
        Ends++; /* it runs once more */
    }
    if (StorPortFreeWorker(Context->Extension, Workers[ITEMS - 1]) == STOR_STATUS_BUSY) {
        Busy++;
    } else {
        Workers[ITEMS - 1] = NULL;
    }
    EXPECT_EQUAL(Busy, 2);
    InterlockedExchange(&Memory->MayEnd, 1);
    EXPECT(Await(&Memory->Ends, Ends + ITEMS));
    for (Index = 0; Index < ITEMS; Index++) {
        if (Workers[Index] != NULL) {
            EXPECT_STATUS(StorPortFreeWorker(Context->Extension, Workers[Index]),
                          STOR_STATUS_SUCCESS);
        }
    }
}

/* ---- threads ---- */

static VOID RunToTheEnd(PVOID StartContext)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)StartContext;

    InterlockedExchange(&Memory->Irql, KeGetCurrentIrql());
    InterlockedIncrement(&Memory->Runs);
    (VOID) Await(&Memory->MayEnd, 1);
    InterlockedIncrement(&Memory->Ends);
}

static VOID TerminateItself(PVOID StartContext)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)StartContext;

    (VOID) Await(&Memory->MayEnd, 1);
    InterlockedIncrement(&Memory->Runs);
    /* The handle may be left out. */
    StorPortTerminateSystemThread(Memory->Extension, Memory->Runs % 2 ? Memory->Thread : NULL);
    InterlockedIncrement(&Memory->Ends); /* never */
}

/* Waits until a new thread can be had: the one before has ended. */
static ULONG CreateWhenPossible(CHECK_CONTEXT *Context, PSTOR_THREAD_START_ROUTINE Routine,
                                WORK_MEMORY *Memory, PSTOR_THREAD_PRIORITY Priority, PVOID *Thread)
{
    LARGE_INTEGER Turn;
    ULONG Status, Turns;

    Turn.QuadPart = -TURN_100NS;
    Status = StorPortCreateSystemThread(Context->Extension, Routine, Memory, Priority, Thread);
    for (Turns = 0; Status == STOR_STATUS_UNSUCCESSFUL && Turns < PATIENCE_TURNS; Turns++) {
        (VOID) KeDelayExecutionThread(KernelMode, FALSE, &Turn);
        Status = StorPortCreateSystemThread(Context->Extension, Routine, Memory, Priority, Thread);
    }
    return Status;
}

CHECK(StorPortCreateSystemThread, EVERYWHERE)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    STOR_THREAD_PRIORITY Bad = (STOR_THREAD_PRIORITY)3, Good = StorThreadPriorityBackground;
    PVOID Extension = Context->Extension, Threads[2], Third = &Third;
    LONG Runs = Memory->Runs, Ends = Memory->Ends;

    EXPECT_STATUS(StorPortCreateSystemThread(Extension, NULL, Memory, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortCreateSystemThread(Extension, RunToTheEnd, Memory, &Bad, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > PASSIVE_LEVEL) {
        EXPECT_STATUS(StorPortCreateSystemThread(Extension, RunToTheEnd, Memory, NULL, &Third),
                      STOR_STATUS_INVALID_IRQL);
        EXPECT(Third == NULL);
        return;
    }
    /* As many as there are processors. */
    Memory->MayEnd = 0;
    EXPECT_STATUS(CreateWhenPossible(Context, RunToTheEnd, Memory, NULL, &Threads[0]),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(CreateWhenPossible(Context, RunToTheEnd, Memory, &Good, &Threads[1]),
                  STOR_STATUS_SUCCESS);
    EXPECT(Threads[0] != Threads[1]);
    if (Context->Processors == 2) {
        EXPECT_STATUS(StorPortCreateSystemThread(Extension, RunToTheEnd, Memory, NULL, &Third),
                      STOR_STATUS_UNSUCCESSFUL);
        EXPECT(Third == NULL);
    }
    EXPECT(Await(&Memory->Runs, Runs + 2));
    EXPECT_EQUAL(Memory->Irql, PASSIVE_LEVEL);
    InterlockedExchange(&Memory->MayEnd, 1);
    EXPECT(Await(&Memory->Ends, Ends + 2));
}

CHECK(StorPortTerminateSystemThread, WAITING_PLACES)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    LONG Runs = Memory->Runs;

    Memory->Extension = Context->Extension;
    Memory->MayEnd = 0;
    EXPECT_STATUS(CreateWhenPossible(Context, TerminateItself, Memory, NULL, &Memory->Thread),
                  STOR_STATUS_SUCCESS);
    InterlockedExchange(&Memory->MayEnd, 1);
    EXPECT(Await(&Memory->Runs, Runs + 1));
    /* Both places are free again, when it has ended. */
    EXPECT_STATUS(CreateWhenPossible(Context, RunToTheEnd, Memory, NULL, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(CreateWhenPossible(Context, RunToTheEnd, Memory, NULL, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 3));
    EXPECT(Await(&Memory->Ends, Runs / 3 * 2 + 2));
    EXPECT_EQUAL(Memory->Ends, Runs / 3 * 2 + 2); /* the one that terminated itself did not go on */
    EXPECT_FINDING(StorPortTerminateSystemThread(Context->Extension, NULL));
}

CHECK(StorPortSetPriorityThread, EVERYWHERE)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    PVOID Extension = Context->Extension;
    LONG Ends = Memory->Ends;

    if (Context->Irql > PASSIVE_LEVEL) {
        EXPECT_STATUS(
            StorPortSetPriorityThread(Extension, Memory->Thread, StorThreadPriorityNormal),
            STOR_STATUS_INVALID_IRQL);
        return;
    }
    Memory->MayEnd = 0;
    EXPECT_STATUS(CreateWhenPossible(Context, RunToTheEnd, Memory, NULL, &Memory->Thread),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortSetPriorityThread(Extension, Memory->Thread, StorThreadPriorityRealTime),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortSetPriorityThread(Extension, Memory->Thread, (STOR_THREAD_PRIORITY)9),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSetPriorityThread(Extension, NULL, StorThreadPriorityNormal),
                  STOR_STATUS_INVALID_PARAMETER);
    InterlockedExchange(&Memory->MayEnd, 1);
    EXPECT(Await(&Memory->Ends, Ends + 1));
}

/* Processor 1, then one that does not exist, then wherever it was before. */
static VOID MoveItself(PVOID StartContext)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)StartContext;
    STOR_GROUP_AFFINITY Affinity, Zeroed;
    KIRQL OldIrql;

    (VOID) Await(&Memory->MayEnd, 1);
    RtlZeroMemory(&Affinity, sizeof(Affinity));
    RtlZeroMemory(&Zeroed, sizeof(Zeroed));
    Affinity.Mask = 2;
    Memory->Statuses[0] = StorPortSetSystemGroupAffinityThread(Memory->Extension, Memory->Thread,
                                                               &Affinity, &Memory->Before);
    KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
    (VOID) StorPortGetCurrentProcessorIndex(Memory->Extension, &Memory->Processor);
    KeLowerIrql(OldIrql);
    Affinity.Mask = 1ull << 40;
    Memory->After.Mask = 1;
    Memory->Statuses[1] = StorPortSetSystemGroupAffinityThread(Memory->Extension, Memory->Thread,
                                                               &Affinity, &Memory->After);
    Memory->Statuses[2] =
        StorPortSetSystemGroupAffinityThread(Memory->Extension, Memory->Thread, NULL, NULL);
    Memory->Statuses[3] =
        StorPortRevertToUserGroupAffinityThread(Memory->Extension, Memory->Thread, &Memory->Before);
    Affinity.Mask = 1;
    Memory->Statuses[4] = StorPortSetSystemGroupAffinityThread(Memory->Extension, Memory->Thread,
                                                               &Affinity, &Affinity);
    Memory->Statuses[4] =
        Memory->Statuses[4] == STOR_STATUS_SUCCESS && Affinity.Mask == Memory->Before.Mask
            ? STOR_STATUS_SUCCESS
            : STOR_STATUS_UNSUCCESSFUL;
    Memory->Statuses[5] =
        StorPortRevertToUserGroupAffinityThread(Memory->Extension, Memory->Thread, NULL);
    /* Without its handle, which is optional. */
    Affinity.Mask = 2;
    Memory->Statuses[6] =
        StorPortSetSystemGroupAffinityThread(Memory->Extension, NULL, &Affinity, NULL);
    KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
    Memory->Processor = 0;
    (VOID) StorPortGetCurrentProcessorIndex(Memory->Extension, &Memory->Processor);
    KeLowerIrql(OldIrql);
    if (Memory->Processor != 1)
        Memory->Statuses[6] = STOR_STATUS_UNSUCCESSFUL;
    Memory->Statuses[7] =
        StorPortRevertToUserGroupAffinityThread(Memory->Extension, NULL, &Memory->Before);
    InterlockedIncrement(&Memory->Ends);
}

static WORK_MEMORY *MoveAThread(CHECK_CONTEXT *Context)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;
    LONG Ends = Memory->Ends;

    Memory->Extension = Context->Extension;
    Memory->MayEnd = 0;
    EXPECT_STATUS(CreateWhenPossible(Context, MoveItself, Memory, NULL, &Memory->Thread),
                  STOR_STATUS_SUCCESS);
    InterlockedExchange(&Memory->MayEnd, 1);
    EXPECT(Await(&Memory->Ends, Ends + 1));
    return Memory;
}

CHECK(StorPortSetSystemGroupAffinityThread, WAITING_PLACES)
{
    WORK_MEMORY *Memory = MoveAThread(Context);

    EXPECT_STATUS(Memory->Statuses[0], STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Memory->Before.Mask, (1ull << Context->Processors) - 1);
    EXPECT_EQUAL(Memory->Processor, 1);
    EXPECT_STATUS(Memory->Statuses[1], STOR_STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(Memory->After.Mask, 0);
    EXPECT_STATUS(Memory->Statuses[2], STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Memory->Statuses[6], STOR_STATUS_SUCCESS);
}

CHECK(StorPortRevertToUserGroupAffinityThread, WAITING_PLACES)
{
    WORK_MEMORY *Memory = MoveAThread(Context);

    EXPECT_STATUS(Memory->Statuses[3], STOR_STATUS_SUCCESS);
    EXPECT_STATUS(Memory->Statuses[4], STOR_STATUS_SUCCESS);
    EXPECT_STATUS(Memory->Statuses[5], STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Memory->Statuses[7], STOR_STATUS_SUCCESS);
}

/* ---- events ---- */

CHECK(StorPortInitializeEvent, EVERYWHERE)
{
    STOR_EVENT Event;

    RtlFillMemory(&Event, sizeof(Event), 0xA5);
    EXPECT_STATUS(StorPortInitializeEvent(Context->Extension, &Event, StorNotificationEvent, TRUE),
                  STOR_STATUS_SUCCESS);
    EXPECT(KeReadStateEvent((PRKEVENT)&Event) != 0);
    EXPECT_STATUS(
        StorPortInitializeEvent(Context->Extension, &Event, StorSynchronizationEvent, FALSE),
        STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(KeReadStateEvent((PRKEVENT)&Event), 0);
    EXPECT_STATUS(StorPortInitializeEvent(Context->Extension, NULL, StorNotificationEvent, TRUE),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitializeEvent(Context->Extension, &Event, (STOR_EVENT_TYPE)2, TRUE),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortSetEvent, EVERYWHERE)
{
    STOR_EVENT Event;

    EXPECT_STATUS(StorPortInitializeEvent(Context->Extension, &Event, StorNotificationEvent, FALSE),
                  STOR_STATUS_SUCCESS);
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortSetEvent(Context->Extension, &Event), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(KeReadStateEvent((PRKEVENT)&Event) != 0, Context->Irql <= DISPATCH_LEVEL);
    EXPECT_STATUS(StorPortSetEvent(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
}

static VOID SignalEvent(PVOID StartContext)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)StartContext;

    (VOID) StorPortSetEvent(Memory->Extension, &Memory->Event);
}

CHECK(StorPortWaitForSingleObject, EVERYWHERE)
{
    STOR_EVENT Event;
    LARGE_INTEGER Now, Shortly;
    PVOID Extension = Context->Extension;

    Now.QuadPart = 0;
    Shortly.QuadPart = -10;
    EXPECT_STATUS(StorPortInitializeEvent(Extension, &Event, StorSynchronizationEvent, TRUE),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortWaitForSingleObject(Extension, NULL, FALSE, &Now),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortWaitForSingleObject(Extension, &Event, FALSE, &Now),
                 STOR_STATUS_SUCCESS);
    /* A synchronization event lets one through. */
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortWaitForSingleObject(Extension, &Event, FALSE, &Now),
                 STOR_STATUS_TIMEOUT);
    EXPECT_UP_TO(APC_LEVEL, StorPortWaitForSingleObject(Extension, &Event, FALSE, &Shortly),
                 STOR_STATUS_TIMEOUT);
    if (Context->Irql >= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortWaitForSingleObject(Extension, &Event, FALSE, NULL),
                      STOR_STATUS_INVALID_IRQL);
    }
}

CHECK_ALSO(StorPortWaitForSingleObject, sleeps_until_another_thread_signals, WAITING_PLACES)
{
    WORK_MEMORY *Memory = (WORK_MEMORY *)Context->Memory;

    Memory->Extension = Context->Extension;
    EXPECT_STATUS(
        StorPortInitializeEvent(Context->Extension, &Memory->Event, StorNotificationEvent, FALSE),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(CreateWhenPossible(Context, SignalEvent, Memory, NULL, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortWaitForSingleObject(Context->Extension, &Memory->Event, FALSE, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortWaitForSingleObject(Context->Extension, &Memory->Event, FALSE, NULL),
                  STOR_STATUS_SUCCESS);
}
