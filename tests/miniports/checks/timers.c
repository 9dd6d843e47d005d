/*
 * Checks of the kernel's timer objects.
 */
#include "check.h"

/* The kit's macro reads the page that Windows shares with everybody; here the export is meant. */
#undef KeQueryInterruptTime
NTKERNELAPI ULONG64 NTAPI KeQueryInterruptTime(VOID);

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))
#define SOON           (-10000ll)       /* one millisecond, in units of 100 ns */
#define HOUR           (-36000000000ll) /* one hour */

static LARGE_INTEGER Units(LONGLONG Count)
{
    LARGE_INTEGER Time;

    Time.QuadPart = Count;
    return Time;
}

static NTSTATUS WaitFor(PVOID Object, LONGLONG Limit)
{
    LARGE_INTEGER Time = Units(Limit);

    return KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, &Time);
}

static VOID NTAPI Release(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    KeReleaseSemaphore((PKSEMAPHORE)Context, 0, 1, FALSE);
}

CHECK(KeInitializeTimer, PASSIVE_PLACES)
{
    KTIMER Timer;

    RtlFillMemory(&Timer, sizeof(Timer), 0xFF);
    KeInitializeTimer(&Timer);
    EXPECT(!KeReadStateTimer(&Timer));
    EXPECT(!KeSetTimer(&Timer, Units(SOON), NULL));
    EXPECT_EQUAL(WaitFor(&Timer, PATIENCE), STATUS_SUCCESS);
    EXPECT_EQUAL(WaitFor(&Timer, 0), STATUS_SUCCESS);
}

CHECK(KeInitializeTimerEx, PASSIVE_PLACES)
{
    KTIMER Timer;

    RtlFillMemory(&Timer, sizeof(Timer), 0xFF);
    KeInitializeTimerEx(&Timer, SynchronizationTimer);
    EXPECT(!KeSetTimer(&Timer, Units(SOON), NULL));
    EXPECT_EQUAL(WaitFor(&Timer, PATIENCE), STATUS_SUCCESS);
    EXPECT_EQUAL(WaitFor(&Timer, 0), STATUS_TIMEOUT);
}

CHECK(KeSetTimer, PASSIVE_PLACES)
{
    KTIMER Timer;
    KDPC Dpc;
    KSEMAPHORE Fired;
    ULONG64 Start;

    KeInitializeTimer(&Timer);
    KeInitializeSemaphore(&Fired, 0, MAXLONG);
    KeInitializeDpc(&Dpc, Release, &Fired);
    EXPECT(!KeSetTimer(&Timer, Units(HOUR), NULL));
    Start = KeQueryInterruptTime();
    EXPECT(KeSetTimer(&Timer, Units(SOON), &Dpc));
    EXPECT_EQUAL(WaitFor(&Fired, PATIENCE), STATUS_SUCCESS);
    EXPECT(KeQueryInterruptTime() - Start >= (ULONG64)-SOON);
    EXPECT(KeReadStateTimer(&Timer));
    /* Armed again it is not signaled any more. */
    EXPECT(!KeSetTimer(&Timer, Units(HOUR), &Dpc));
    EXPECT(!KeReadStateTimer(&Timer));
    EXPECT(KeCancelTimer(&Timer));
    KeFlushQueuedDpcs(); /* the last one may still be on its way out */
}
/* A time of day that is over is now; timers expire in the order in which they are due. */
CHECK_ALSO(KeSetTimer, takes_a_time_of_day, PASSIVE_PLACES)
{
    KTIMER Later, Now;
    LARGE_INTEGER Time;

    KeInitializeTimer(&Later);
    KeInitializeTimer(&Now);
    KeQuerySystemTimePrecise(&Time);
    EXPECT(!KeSetTimer(&Later, Units(Time.QuadPart - 20 * HOUR), NULL));
    EXPECT(!KeSetTimer(&Now, Units(Time.QuadPart - 1), NULL));
    EXPECT_EQUAL(WaitFor(&Now, PATIENCE), STATUS_SUCCESS);
    EXPECT(!KeReadStateTimer(&Later));
    EXPECT(KeCancelTimer(&Later));
}

CHECK(KeSetTimerEx, PASSIVE_PLACES)
{
    KTIMER Timer;
    KDPC Dpc;
    KSEMAPHORE Fired;
    ULONG Count;

    KeInitializeTimerEx(&Timer, SynchronizationTimer);
    KeInitializeSemaphore(&Fired, 0, MAXLONG);
    KeInitializeDpc(&Dpc, Release, &Fired);
    EXPECT(!KeSetTimerEx(&Timer, Units(SOON), 1, &Dpc));
    for (Count = 0; Count < 3; Count++) {
        EXPECT_EQUAL(WaitFor(&Fired, PATIENCE), STATUS_SUCCESS);
    }
    EXPECT(KeCancelTimer(&Timer));
    KeFlushQueuedDpcs();
}

CHECK(KeSetCoalescableTimer, PASSIVE_PLACES)
{
    KTIMER Timer;

    KeInitializeTimer(&Timer);
    EXPECT(!KeSetCoalescableTimer(&Timer, Units(SOON), 0, 10, NULL));
    EXPECT_EQUAL(WaitFor(&Timer, PATIENCE), STATUS_SUCCESS);
}

CHECK(KeCancelTimer, LOW_PLACES)
{
    KTIMER Timer;

    KeInitializeTimer(&Timer);
    EXPECT(!KeCancelTimer(&Timer));
    EXPECT(!KeSetTimer(&Timer, Units(HOUR), NULL));
    EXPECT(KeCancelTimer(&Timer));
    EXPECT(!KeCancelTimer(&Timer));
    EXPECT(!KeReadStateTimer(&Timer));
}

CHECK(KeReadStateTimer, PASSIVE_PLACES)
{
    KTIMER Timer;

    KeInitializeTimer(&Timer);
    EXPECT(!KeReadStateTimer(&Timer));
    EXPECT(!KeSetTimer(&Timer, Units(0), NULL));
    EXPECT_EQUAL(WaitFor(&Timer, PATIENCE), STATUS_SUCCESS);
    EXPECT(KeReadStateTimer(&Timer));
}
