/*
 * time.c - Ke: the time of day, the time since the start, ticks, and the counter. All of one clock,
 * which never stops: there is no sleep to leave out.
 */
#include "nt/export.h"
#include "nt/processor.h"
#include "nt/shared_data.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Time", NT_HIGH_LEVEL)

enum { NS_PER_UNIT = 100 };

static uint64_t units_since_start(void)
{
    return sys_now_ns() / NS_PER_UNIT;
}

VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = (LONGLONG)sys_utc_100ns();
}
EXPORT(KeQuerySystemTimePrecise);

/* Coarse on Windows, where it moves with the ticks; precise here. */
VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = (LONGLONG)sys_utc_100ns();
}
EXPORT(KeQuerySystemTime);

VOID NTAPI KeQueryTickCount(PLARGE_INTEGER TickCount)
{
    TickCount->QuadPart = (LONGLONG)(units_since_start() / NT_TICK_100NS);
}
EXPORT(KeQueryTickCount);

ULONG NTAPI KeQueryTimeIncrement(VOID)
{
    return NT_TICK_100NS;
}
EXPORT(KeQueryTimeIncrement);

ULONG64 NTAPI KeQueryInterruptTime(VOID)
{
    return units_since_start();
}
EXPORT(KeQueryInterruptTime);

ULONG64 NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp)
{
    uint64_t now_ns = sys_now_ns();

    if (QpcTimeStamp)
        *QpcTimeStamp = now_ns;
    return now_ns / NS_PER_UNIT;
}
EXPORT(KeQueryInterruptTimePrecise);

ULONGLONG NTAPI KeQueryUnbiasedInterruptTime(VOID)
{
    return units_since_start();
}
EXPORT(KeQueryUnbiasedInterruptTime);

/* The counter of StorPortQueryPerformanceCounter. */
LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    if (PerformanceFrequency)
        PerformanceFrequency->QuadPart = (LONGLONG)SYS_NS_PER_S;
    return (LARGE_INTEGER){.QuadPart = (LONGLONG)sys_now_ns()};
}
EXPORT(KeQueryPerformanceCounter);

/* At any IRQL; interrupts come in between where the IRQL lets them. */
VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds)
{
    for (ULONG i = 0; i < MicroSeconds; i++) {
        sys_stall_ns(1000);
        nt_preempt();
    }
}
NT_EXPORT("hal.dll", KeStallExecutionProcessor, "Time", NT_HIGH_LEVEL);
