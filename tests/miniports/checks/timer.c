/*
 * Checks of timers: the one HwTimer, timers by handle, timers with high resolution, delays.
 */
#include "check.h"

#define HOUR_MICROSECONDS  3600000000ull
#define HOUR_100NS         36000000000ll
#define SOON_MICROSECONDS  50
#define TURN_100NS         1000
#define MICROSECONDS_100NS 10

/* Where a routine may wait, and timers run meanwhile. */
#define WAITING_PLACES                                                                             \
    (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread) | AT(QueryControls) | AT(UnitStart))

typedef struct _TIMER_MEMORY {
    PVOID Extension;
    PVOID Handle, Precise, Doomed;
    volatile LONG Runs, Deletions;
    LONG Again; /* the routine arms the timer so often */
    ULONG AgainStatus;
    KIRQL Irql;
    PVOID RunContext;
} TIMER_MEMORY;

static HW_TIMER_EX CountRun;
static HW_TIMER_EX FreeItself;
static HW_TIMER CountSingle;
static STOR_EXT_DELETE_CALLBACK CountDeletion;

static volatile LONG SingleRuns;
static volatile KIRQL SingleIrql;

static VOID CountRun(PVOID DeviceExtension, PVOID Context)
{
    TIMER_MEMORY *Memory = (TIMER_MEMORY *)Context;

    Memory->RunContext = DeviceExtension;
    Memory->Irql = KeGetCurrentIrql();
    if (Memory->Again > 0) {
        Memory->Again--;
        Memory->AgainStatus = StorPortRequestTimer(DeviceExtension, Memory->Handle, CountRun,
                                                   Context, SOON_MICROSECONDS, 0);
    }
    InterlockedIncrement(&Memory->Runs);
}

static VOID FreeItself(PVOID DeviceExtension, PVOID Context)
{
    TIMER_MEMORY *Memory = (TIMER_MEMORY *)Context;

    Memory->AgainStatus = StorPortFreeTimer(DeviceExtension, Memory->Doomed);
    InterlockedIncrement(&Memory->Runs);
}

static VOID CountSingle(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    SingleIrql = KeGetCurrentIrql();
    InterlockedIncrement(&SingleRuns);
}

static VOID CountDeletion(PVOID Context)
{
    InterlockedIncrement(&((TIMER_MEMORY *)Context)->Deletions);
}

/* PASSIVE_LEVEL. */
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

/* A routine runs at DISPATCH_LEVEL, in half duplex under the interrupt lock too. */
static VOID ExpectRoutineIrql(CHECK_CONTEXT *Context, KIRQL Irql)
{
    if (Context->Model == CheckHalfDuplex) {
        EXPECT(Irql > DISPATCH_LEVEL);
    } else {
        EXPECT_EQUAL(Irql, DISPATCH_LEVEL);
    }
}

/* ---- the single timer ---- */

CHECK(RequestTimerCall, WAITING_PLACES)
{
    LONG Runs = SingleRuns;

    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, SOON_MICROSECONDS);
    EXPECT(Await(&SingleRuns, Runs + 1));
    ExpectRoutineIrql(Context, SingleIrql);
    /* Asking again replaces; 0 cancels. */
    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, MAXULONG);
    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, SOON_MICROSECONDS);
    EXPECT(Await(&SingleRuns, Runs + 2));
    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, MAXULONG);
    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, 0);
    EXPECT_EQUAL(SingleRuns, Runs + 2);
}

CHECK_ALSO(RequestTimerCall, is_taken_at_any_irql, EVERYWHERE)
{
    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, MAXULONG);
    StorPortNotification(RequestTimerCall, Context->Extension, CountSingle, 0);
    EXPECT_FINDING(StorPortNotification(RequestTimerCall, NULL, CountSingle, MAXULONG));
}

/* ---- timers by handle ---- */

/* The check's own timer, made where that is legal: FindAdapter comes first. */
static TIMER_MEMORY *OwnTimer(CHECK_CONTEXT *Context)
{
    TIMER_MEMORY *Memory = (TIMER_MEMORY *)Context->Memory;

    if (Memory->Handle == NULL && Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortInitializeTimer(Context->Extension, &Memory->Handle),
                      STOR_STATUS_SUCCESS);
    }
    return Memory;
}

CHECK(StorPortInitializeTimer, EVERYWHERE)
{
    PVOID First = &First, Second = NULL;

    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortInitializeTimer(Context->Extension, &First),
                 STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortInitializeTimer(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitializeTimer(NULL, &Second), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT(First == NULL);
        return;
    }
    EXPECT_STATUS(StorPortInitializeTimer(Context->Extension, &Second), STOR_STATUS_SUCCESS);
    EXPECT(First != NULL && Second != NULL && First != Second);
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, First), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Second), STOR_STATUS_SUCCESS);
}

CHECK(StorPortRequestTimer, EVERYWHERE)
{
    TIMER_MEMORY *Memory = OwnTimer(Context);
    PVOID Unknown = &Unknown;
    PVOID Extension = Context->Extension;

    EXPECT_STATUS(
        StorPortRequestTimer(Extension, Memory->Handle, CountRun, Memory, HOUR_MICROSECONDS, 0),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortRequestTimer(Extension, Memory->Handle, CountRun, Memory, HOUR_MICROSECONDS, 0),
        STOR_STATUS_BUSY);
    EXPECT_STATUS(StorPortRequestTimer(Extension, Memory->Handle, NULL, NULL, 0, 0),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortRequestTimer(Extension, Memory->Handle, CountRun, Memory, 0, 0),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortRequestTimer(Extension, Memory->Handle, NULL, Memory, HOUR_MICROSECONDS, 0),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortRequestTimer(Extension, NULL, CountRun, Memory, HOUR_MICROSECONDS, 0),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortRequestTimer(Extension, &Unknown, CountRun, Memory, HOUR_MICROSECONDS, 0),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortRequestTimer(NULL, Memory->Handle, CountRun, Memory, HOUR_MICROSECONDS, 0),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(Memory->Runs, 0);
}

CHECK_ALSO(StorPortRequestTimer, runs_the_routine_which_may_ask_again, WAITING_PLACES)
{
    TIMER_MEMORY *Memory = OwnTimer(Context);
    LONG Runs = Memory->Runs;

    Memory->Again = 2;
    EXPECT_STATUS(StorPortRequestTimer(Context->Extension, Memory->Handle, CountRun, Memory,
                                       SOON_MICROSECONDS, 1000),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 3));
    EXPECT_STATUS(Memory->AgainStatus, STOR_STATUS_SUCCESS);
    EXPECT(Memory->RunContext == Context->Extension);
    ExpectRoutineIrql(Context, Memory->Irql);
}

CHECK(StorPortFreeTimer, EVERYWHERE)
{
    TIMER_MEMORY *Memory = OwnTimer(Context);
    PVOID Handle = NULL, Unknown = &Unknown;

    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortFreeTimer(NULL, Memory->Handle), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Memory->Handle),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, &Unknown), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInitializeTimer(Context->Extension, &Handle), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortRequestTimer(Context->Extension, Handle, CountRun, Memory, HOUR_MICROSECONDS, 0),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Handle), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Handle), STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(
        StorPortRequestTimer(Context->Extension, Handle, CountRun, Memory, HOUR_MICROSECONDS, 0),
        STOR_STATUS_INVALID_PARAMETER);
}

/* What is freed does not run any more; a timer that was armed later has run. */
CHECK_ALSO(StorPortFreeTimer, cancels_and_may_come_from_the_routine, WAITING_PLACES)
{
    TIMER_MEMORY *Memory = OwnTimer(Context);
    TIMER_MEMORY Freed;
    PVOID Handle = NULL;
    LONG Runs = Memory->Runs, RunsBefore;

    RtlZeroMemory(&Freed, sizeof(Freed));
    EXPECT_STATUS(StorPortInitializeTimer(Context->Extension, &Handle), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortRequestTimer(Context->Extension, Handle, CountRun, &Freed, 2000, 0),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Handle), STOR_STATUS_SUCCESS);
    RunsBefore = Freed.Runs; /* on a busy host it was due before */
    EXPECT_STATUS(
        StorPortRequestTimer(Context->Extension, Memory->Handle, CountRun, Memory, 3000, 0),
        STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 1));
    EXPECT_EQUAL(Freed.Runs, RunsBefore);
    EXPECT_STATUS(StorPortInitializeTimer(Context->Extension, &Memory->Doomed),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortRequestTimer(Context->Extension, Memory->Doomed, FreeItself, Memory,
                                       SOON_MICROSECONDS, 0),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 2));
    /* A routine of half duplex runs at DIRQL. */
    EXPECT_STATUS(Memory->AgainStatus, Context->Model == CheckHalfDuplex ? STOR_STATUS_INVALID_IRQL
                                                                         : STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Memory->Doomed),
                  Context->Model == CheckHalfDuplex ? STOR_STATUS_SUCCESS
                                                    : STOR_STATUS_UNSUCCESSFUL);
}

/* ---- timers with high resolution ---- */

static TIMER_MEMORY *OwnPrecise(CHECK_CONTEXT *Context)
{
    TIMER_MEMORY *Memory = (TIMER_MEMORY *)Context->Memory;

    if (Memory->Precise == NULL && Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortInitializeHighResolutionTimer(Context->Extension, CountRun, Memory,
                                                            &Memory->Precise),
                      STOR_STATUS_SUCCESS);
    }
    return Memory;
}

CHECK(StorPortInitializeHighResolutionTimer, EVERYWHERE)
{
    PVOID Handle = &Handle;
    BOOLEAN Result = TRUE;

    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortInitializeHighResolutionTimer(Context->Extension, CountRun,
                                                       Context->Memory, &Handle),
                 STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortInitializeHighResolutionTimer(Context->Extension, NULL, Context->Memory, &Handle),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortInitializeHighResolutionTimer(Context->Extension, CountRun, Context->Memory, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT(Handle == NULL);
        return;
    }
    /* It is no timer of the other kind. */
    EXPECT_STATUS(StorPortFreeTimer(Context->Extension, Handle), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortFreeHighResolutionTimer(Context->Extension, Handle, TRUE, FALSE, NULL, &Result),
        STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, FALSE);
}

CHECK(StorPortRequestHighResolutionTimer, EVERYWHERE)
{
    TIMER_MEMORY *Memory = OwnPrecise(Context);
    PVOID Extension = Context->Extension;
    BOOLEAN Result = TRUE;

    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortRequestHighResolutionTimer(Extension, Memory->Precise, -HOUR_100NS, 0,
                                                    NULL, &Result),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, FALSE);
    if (Context->Irql > DISPATCH_LEVEL) {
        return;
    }
    EXPECT_STATUS(StorPortRequestHighResolutionTimer(Extension, Memory->Precise, -HOUR_100NS, 0,
                                                     NULL, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, TRUE);
    EXPECT_STATUS(
        StorPortRequestHighResolutionTimer(Extension, Memory->Precise, -1, -1, NULL, &Result),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortRequestHighResolutionTimer(Extension, NULL, -HOUR_100NS, 0, NULL, &Result),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortCancelHighResolutionTimer(Extension, Memory->Precise, NULL, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Memory->Runs, 0);
}

CHECK_ALSO(StorPortRequestHighResolutionTimer, runs_once_or_in_a_rhythm, WAITING_PLACES)
{
    TIMER_MEMORY *Memory = OwnPrecise(Context);
    LONG Runs = Memory->Runs;
    LARGE_INTEGER Now;
    BOOLEAN Result = FALSE;

    EXPECT_STATUS(StorPortRequestHighResolutionTimer(
                      Context->Extension, Memory->Precise,
                      -(LONGLONG)(SOON_MICROSECONDS * MICROSECONDS_100NS), 0, NULL, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 1));
    ExpectRoutineIrql(Context, Memory->Irql);
    /* A time of day that has passed is due at once. */
    StorPortQuerySystemTime(&Now);
    EXPECT_STATUS(StorPortRequestHighResolutionTimer(Context->Extension, Memory->Precise,
                                                     Now.QuadPart, 5000, NULL, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Runs, Runs + 4));
    EXPECT_STATUS(
        StorPortCancelHighResolutionTimer(Context->Extension, Memory->Precise, NULL, &Result),
        STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, TRUE);
}

CHECK(StorPortCancelHighResolutionTimer, EVERYWHERE)
{
    TIMER_MEMORY *Memory = OwnPrecise(Context);
    PVOID Extension = Context->Extension;
    BOOLEAN Result = TRUE;

    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortCancelHighResolutionTimer(Extension, Memory->Precise, NULL, &Result),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, FALSE);
    if (Context->Irql > DISPATCH_LEVEL) {
        return;
    }
    EXPECT_STATUS(
        StorPortRequestHighResolutionTimer(Extension, Memory->Precise, -HOUR_100NS, 0, NULL, NULL),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortCancelHighResolutionTimer(Extension, Memory->Precise, NULL, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, TRUE);
    EXPECT_STATUS(StorPortCancelHighResolutionTimer(Extension, NULL, NULL, &Result),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortFreeHighResolutionTimer, EVERYWHERE)
{
    TIMER_MEMORY *Memory = OwnPrecise(Context);
    PVOID Extension = Context->Extension, Handle = NULL;
    BOOLEAN Result = TRUE;

    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(
            StorPortFreeHighResolutionTimer(Extension, Memory->Precise, TRUE, FALSE, NULL, &Result),
            STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortInitializeHighResolutionTimer(Extension, CountRun, Memory, &Handle),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortRequestHighResolutionTimer(Extension, Handle, -HOUR_100NS, 0, NULL, NULL),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeHighResolutionTimer(Extension, Handle, FALSE, TRUE, NULL, &Result),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql == DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortFreeHighResolutionTimer(Extension, Handle, TRUE, TRUE, NULL, &Result),
                      STOR_STATUS_INVALID_IRQL);
    }
    EXPECT_STATUS(StorPortFreeHighResolutionTimer(Extension, Handle, TRUE,
                                                  Context->Irql == PASSIVE_LEVEL, NULL, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, TRUE);
    EXPECT_STATUS(StorPortFreeHighResolutionTimer(Extension, Handle, TRUE, FALSE, NULL, &Result),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_EQUAL(Memory->Runs, 0);
}

CHECK_ALSO(StorPortFreeHighResolutionTimer, tells_when_it_is_gone, WAITING_PLACES)
{
    TIMER_MEMORY *Memory = OwnPrecise(Context);
    STOR_EXT_DELETE_PARAMETERS Parameters;
    LONG Runs = Memory->Runs, Deletions = Memory->Deletions;
    PVOID Handle = NULL;
    BOOLEAN Result = TRUE;

    RtlZeroMemory(&Parameters, sizeof(Parameters));
    Parameters.DeleteCallback = CountDeletion;
    Parameters.DeleteContext = Memory;
    /* Cancelled: the routine does not run. */
    EXPECT_STATUS(
        StorPortInitializeHighResolutionTimer(Context->Extension, CountRun, Memory, &Handle),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortRequestHighResolutionTimer(Context->Extension, Handle, -HOUR_100NS, 0, NULL, NULL),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeHighResolutionTimer(Context->Extension, Handle, TRUE, FALSE,
                                                  &Parameters, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT(Await(&Memory->Deletions, Deletions + 1));
    EXPECT_EQUAL(Memory->Runs, Runs);
    /* Not cancelled: it goes when it has run. */
    EXPECT_STATUS(
        StorPortInitializeHighResolutionTimer(Context->Extension, CountRun, Memory, &Handle),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortRequestHighResolutionTimer(Context->Extension, Handle, -20000, 0, NULL, NULL),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortFreeHighResolutionTimer(Context->Extension, Handle, FALSE, FALSE,
                                                  &Parameters, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Result, FALSE);
    EXPECT(Await(&Memory->Deletions, Deletions + 2));
    EXPECT_EQUAL(Memory->Runs, Runs + 1);
}

CHECK(StorPortQueryTimerMinInterval, EVERYWHERE)
{
    ULONG Interval = 0;

    EXPECT_STATUS(StorPortQueryTimerMinInterval(Context->Extension, &Interval),
                  STOR_STATUS_SUCCESS);
    EXPECT(Interval >= 5000 && Interval <= 156250);
    EXPECT_STATUS(StorPortQueryTimerMinInterval(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- time ---- */

CHECK(StorPortDelayExecution, EVERYWHERE)
{
    LARGE_INTEGER Frequency, Before, After;

    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, &Frequency, &Before),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortDelayExecution(Context->Extension, 200), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, NULL, &After),
                  STOR_STATUS_SUCCESS);
    EXPECT(After.QuadPart - Before.QuadPart >= Frequency.QuadPart / 5000);
    EXPECT_STATUS(StorPortDelayExecution(NULL, 1), STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortStallExecution, EVERYWHERE)
{
    LARGE_INTEGER Frequency, Before, After;

    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, &Frequency, &Before),
                  STOR_STATUS_SUCCESS);
    StorPortStallExecution(200);
    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, NULL, &After),
                  STOR_STATUS_SUCCESS);
    EXPECT(After.QuadPart - Before.QuadPart >= Frequency.QuadPart / 5000);
}

CHECK_ALSO(StorPortStallExecution, is_reported_beyond_a_tenth_of_a_second, AT(WorkItem))
{
    EXPECT_FINDING(StorPortStallExecution(100001));
}
