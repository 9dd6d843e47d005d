/*
 * Checks of the executive's timers.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))
#define SOON           (-10000ll)       /* one millisecond, in units of 100 ns */
#define HOUR           (-36000000000ll) /* one hour */

typedef struct _TIMER_MEMORY {
    KSEMAPHORE Fired, Deleted;
    KIRQL Irql;
    PEX_TIMER Seen;
    BOOLEAN DeleteItself;
} TIMER_MEMORY;

static NTSTATUS WaitFor(PVOID Object, LONGLONG Limit)
{
    LARGE_INTEGER Time;

    Time.QuadPart = Limit;
    return KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, &Time);
}

static VOID NTAPI Expired(PEX_TIMER Timer, PVOID Context)
{
    TIMER_MEMORY *Memory = (TIMER_MEMORY *)Context;

    Memory->Seen = Timer;
    Memory->Irql = KeGetCurrentIrql();
    if (Memory->DeleteItself) {
        (VOID) ExDeleteTimer(Timer, TRUE, FALSE, NULL);
    }
    KeReleaseSemaphore(&Memory->Fired, 0, 1, FALSE);
}

static VOID NTAPI Deleted(PVOID Context)
{
    KeReleaseSemaphore(&((TIMER_MEMORY *)Context)->Deleted, 0, 1, FALSE);
}

static VOID InitializeMemory(TIMER_MEMORY *Memory)
{
    RtlZeroMemory(Memory, sizeof(*Memory));
    KeInitializeSemaphore(&Memory->Fired, 0, MAXLONG);
    KeInitializeSemaphore(&Memory->Deleted, 0, MAXLONG);
}

/* A notification timer stays signaled, a synchronization timer lets one waiter through. */
CHECK(ExAllocateTimer, PASSIVE_PLACES)
{
    PEX_TIMER Stays = ExAllocateTimer(NULL, NULL, EX_TIMER_NOTIFICATION);
    PEX_TIMER Once = ExAllocateTimer(NULL, NULL, EX_TIMER_NO_WAKE);

    EXPECT(Stays != NULL && Once != NULL);
    if (Stays == NULL || Once == NULL) {
        return;
    }
    EXPECT_EQUAL(WaitFor(Stays, 0), STATUS_TIMEOUT);
    EXPECT(!ExSetTimer(Stays, SOON, 0, NULL));
    EXPECT(!ExSetTimer(Once, SOON, 0, NULL));
    EXPECT_EQUAL(WaitFor(Stays, PATIENCE), STATUS_SUCCESS);
    EXPECT_EQUAL(WaitFor(Stays, 0), STATUS_SUCCESS);
    EXPECT_EQUAL(WaitFor(Once, PATIENCE), STATUS_SUCCESS);
    EXPECT_EQUAL(WaitFor(Once, 0), STATUS_TIMEOUT);
    EXPECT(!ExDeleteTimer(Stays, TRUE, TRUE, NULL));
    EXPECT(!ExDeleteTimer(Once, TRUE, TRUE, NULL));
}

CHECK_FATAL(ExAllocateTimer, stops_at_attributes_that_exclude_each_other, AT(WorkItem) | AT(Dpc))
{
    (VOID) ExAllocateTimer(NULL, NULL, EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE);
}

/* Set again it is another time; a period lets it expire again and again. */
CHECK(ExSetTimer, PASSIVE_PLACES)
{
    TIMER_MEMORY Memory;
    EXT_SET_PARAMETERS Parameters;
    PEX_TIMER Timer;
    LONGLONG Start;
    ULONG Count;

    InitializeMemory(&Memory);
    RtlFillMemory(&Parameters, sizeof(Parameters), 0xFF);
    ExInitializeSetTimerParameters(&Parameters);
    EXPECT_EQUAL(Parameters.NoWakeTolerance, 0);
    Parameters.NoWakeTolerance = (LONGLONG)EX_TIMER_UNLIMITED_TOLERANCE;
    Timer = ExAllocateTimer(Expired, &Memory, EX_TIMER_HIGH_RESOLUTION);
    EXPECT(Timer != NULL);
    if (Timer == NULL) {
        return;
    }
    EXPECT(!ExSetTimer(Timer, HOUR, 0, NULL));
    Start = KeQueryPerformanceCounter(NULL).QuadPart;
    EXPECT(ExSetTimer(Timer, SOON, -SOON, &Parameters));
    for (Count = 0; Count < 3; Count++) {
        EXPECT_EQUAL(WaitFor(&Memory.Fired, PATIENCE), STATUS_SUCCESS);
    }
    EXPECT(KeQueryPerformanceCounter(NULL).QuadPart > Start);
    EXPECT(Memory.Seen == Timer);
    EXPECT_EQUAL(Memory.Irql, DISPATCH_LEVEL);
    EXPECT(ExCancelTimer(Timer, NULL));
    (VOID) ExDeleteTimer(Timer, TRUE, TRUE, NULL);
}

CHECK_ALSO(ExSetTimer, takes_a_time_of_day, PASSIVE_PLACES)
{
    PEX_TIMER Timer = ExAllocateTimer(NULL, NULL, EX_TIMER_NOTIFICATION);
    LARGE_INTEGER Time;

    EXPECT(Timer != NULL);
    if (Timer == NULL) {
        return;
    }
    KeQuerySystemTimePrecise(&Time);
    EXPECT(!ExSetTimer(Timer, Time.QuadPart - HOUR, 0, NULL));
    EXPECT_EQUAL(WaitFor(Timer, 0), STATUS_TIMEOUT);
    EXPECT(ExSetTimer(Timer, Time.QuadPart - 1, 0, NULL));
    EXPECT_EQUAL(WaitFor(Timer, PATIENCE), STATUS_SUCCESS);
    /* Set again it is not signaled any more. */
    EXPECT(!ExSetTimer(Timer, HOUR, 0, NULL));
    EXPECT_EQUAL(WaitFor(Timer, 0), STATUS_TIMEOUT);
    EXPECT(ExDeleteTimer(Timer, TRUE, TRUE, NULL));
}

CHECK_FATAL(ExSetTimer, stops_at_a_time_of_day_with_high_resolution, AT(WorkItem) | AT(Dpc))
{
    PEX_TIMER Timer = ExAllocateTimer(NULL, NULL, EX_TIMER_HIGH_RESOLUTION);

    (VOID) ExSetTimer(Timer, 1, 0, NULL);
}

CHECK(ExCancelTimer, LOW_PLACES)
{
    TIMER_MEMORY Memory;
    PEX_TIMER Timer;

    InitializeMemory(&Memory);
    Timer = ExAllocateTimer(Expired, &Memory, 0);
    EXPECT(Timer != NULL);
    if (Timer == NULL) {
        return;
    }
    EXPECT(!ExCancelTimer(Timer, NULL));
    EXPECT(!ExSetTimer(Timer, HOUR, 0, NULL));
    EXPECT(ExCancelTimer(Timer, NULL));
    EXPECT(!ExCancelTimer(Timer, NULL));
    EXPECT(!ExDeleteTimer(Timer, TRUE, FALSE, NULL));
    EXPECT(Memory.Seen == NULL);
}

/* Who waits finds everything over, the delete callback too. */
CHECK(ExDeleteTimer, PASSIVE_PLACES)
{
    TIMER_MEMORY Memory;
    EXT_DELETE_PARAMETERS Parameters;
    PEX_TIMER Timer;

    InitializeMemory(&Memory);
    RtlFillMemory(&Parameters, sizeof(Parameters), 0xFF);
    ExInitializeDeleteTimerParameters(&Parameters);
    EXPECT(Parameters.DeleteCallback == NULL && Parameters.DeleteContext == NULL);
    Parameters.DeleteCallback = Deleted;
    Parameters.DeleteContext = &Memory;
    Timer = ExAllocateTimer(Expired, &Memory, 0);
    EXPECT(Timer != NULL);
    if (Timer == NULL) {
        return;
    }
    EXPECT(!ExSetTimer(Timer, HOUR, 0, NULL));
    EXPECT(ExDeleteTimer(Timer, TRUE, TRUE, &Parameters));
    EXPECT_EQUAL(WaitFor(&Memory.Deleted, 0), STATUS_SUCCESS);
    EXPECT(Memory.Seen == NULL);
}

/* What is set and not cancelled expires first. */
CHECK_ALSO(ExDeleteTimer, lets_a_timer_expire, PASSIVE_PLACES)
{
    TIMER_MEMORY Memory;
    EXT_DELETE_PARAMETERS Parameters;
    PEX_TIMER Timer;

    InitializeMemory(&Memory);
    ExInitializeDeleteTimerParameters(&Parameters);
    Parameters.DeleteCallback = Deleted;
    Parameters.DeleteContext = &Memory;
    Timer = ExAllocateTimer(Expired, &Memory, 0);
    EXPECT(Timer != NULL);
    if (Timer == NULL) {
        return;
    }
    EXPECT(!ExSetTimer(Timer, SOON, -SOON, NULL));
    EXPECT(!ExDeleteTimer(Timer, FALSE, FALSE, &Parameters));
    EXPECT_EQUAL(WaitFor(&Memory.Deleted, PATIENCE), STATUS_SUCCESS);
    EXPECT_EQUAL(WaitFor(&Memory.Fired, 0), STATUS_SUCCESS);
}

CHECK_ALSO(ExDeleteTimer, works_in_the_callback, PASSIVE_PLACES)
{
    TIMER_MEMORY Memory;
    PEX_TIMER Timer;

    InitializeMemory(&Memory);
    Memory.DeleteItself = TRUE;
    Timer = ExAllocateTimer(Expired, &Memory, 0);
    EXPECT(Timer != NULL);
    if (Timer == NULL) {
        return;
    }
    EXPECT(!ExSetTimer(Timer, SOON, 0, NULL));
    EXPECT_EQUAL(WaitFor(&Memory.Fired, PATIENCE), STATUS_SUCCESS);
}

CHECK_FATAL(ExDeleteTimer, stops_when_it_shall_wait_and_not_cancel, AT(WorkItem))
{
    (VOID) ExDeleteTimer(ExAllocateTimer(NULL, NULL, 0), FALSE, TRUE, NULL);
}

CHECK_FATAL(ExDeleteTimer, stops_when_it_shall_wait_in_a_dpc, AT(Dpc))
{
    (VOID) ExDeleteTimer(ExAllocateTimer(NULL, NULL, 0), TRUE, TRUE, NULL);
}
