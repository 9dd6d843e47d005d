/*
 * Checks of the kernel's clocks.
 */
#include "check.h"

/* The kit's macros read the page that Windows shares with everybody; here the exports are meant. */
#undef KeQuerySystemTime
#undef KeQueryTickCount
#undef KeQueryInterruptTime
NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER TickCount);
NTKERNELAPI ULONG64 NTAPI KeQueryInterruptTime(VOID);

#define YEAR_2020  132223104000000000ll
#define YEAR_2100  157469184000000000ll
#define STALL      300  /* microseconds */
#define STALL_UNIT 3000 /* the same, of 100 ns */

CHECK(KeQuerySystemTimePrecise, EVERYWHERE)
{
    LARGE_INTEGER First, Second;

    First.QuadPart = 0;
    KeQuerySystemTimePrecise(&First);
    StorPortQuerySystemTime(&Second);
    EXPECT(First.QuadPart > YEAR_2020 && First.QuadPart < YEAR_2100);
    EXPECT(Second.QuadPart - First.QuadPart < 600000000); /* one minute */
}

CHECK(KeQuerySystemTime, EVERYWHERE)
{
    LARGE_INTEGER Time;

    Time.QuadPart = 0;
    KeQuerySystemTime(&Time);
    EXPECT(Time.QuadPart > YEAR_2020 && Time.QuadPart < YEAR_2100);
}

CHECK(KeQueryTimeIncrement, EVERYWHERE)
{
    EXPECT_EQUAL(KeQueryTimeIncrement(), 156250);
}

/* Ticks are the time since the start in that unit. */
CHECK(KeQueryTickCount, EVERYWHERE)
{
    LARGE_INTEGER Ticks;
    ULONG64 Before = KeQueryInterruptTime() / KeQueryTimeIncrement(), After;

    Ticks.QuadPart = -1;
    KeQueryTickCount(&Ticks);
    After = KeQueryInterruptTime() / KeQueryTimeIncrement();
    EXPECT((ULONG64)Ticks.QuadPart >= Before && (ULONG64)Ticks.QuadPart <= After);
}

CHECK(KeQueryInterruptTime, EVERYWHERE)
{
    ULONG64 Before = KeQueryInterruptTime();

    KeStallExecutionProcessor(STALL);
    EXPECT(KeQueryInterruptTime() - Before >= STALL_UNIT);
}

CHECK(KeQueryInterruptTimePrecise, EVERYWHERE)
{
    ULONG64 Stamp = 0, Before = KeQueryInterruptTime();
    ULONG64 Time = KeQueryInterruptTimePrecise(&Stamp);
    LARGE_INTEGER Counter = KeQueryPerformanceCounter(NULL);

    EXPECT(Time >= Before && Stamp != 0 && Stamp <= (ULONG64)Counter.QuadPart);
}

CHECK(KeQueryUnbiasedInterruptTime, EVERYWHERE)
{
    ULONG64 Before = KeQueryInterruptTime();

    EXPECT(KeQueryUnbiasedInterruptTime() >= Before);
}

CHECK(KeQueryPerformanceCounter, EVERYWHERE)
{
    LARGE_INTEGER Frequency, Before, After;

    Frequency.QuadPart = 0;
    Before = KeQueryPerformanceCounter(&Frequency);
    EXPECT(Frequency.QuadPart > 0 && Before.QuadPart > 0);
    KeStallExecutionProcessor(STALL);
    After = KeQueryPerformanceCounter(NULL);
    EXPECT((After.QuadPart - Before.QuadPart) * 1000000 / Frequency.QuadPart >= STALL);
}

CHECK(KeStallExecutionProcessor, EVERYWHERE)
{
    ULONG64 Before = KeQueryInterruptTimePrecise(NULL);

    KeStallExecutionProcessor(STALL);
    EXPECT(KeQueryInterruptTimePrecise(NULL) - Before >= STALL_UNIT);
}
