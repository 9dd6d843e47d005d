/*
 * timers.c - Ke: timer objects. They lie in the driver's memory, linked in the order in which they
 * are due; one timer of the machine serves the first of them.
 */
#include "nt/bugcheck.h"
#include "nt/dispatcher.h"
#include "nt/dpc.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/spinlock.h"
#include "nt/timer.h"
#include "port/driver.h"

#include <ntddk.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Dispatcher", irql_max_)

enum { NS_PER_UNIT = 100, UNITS_PER_MS = 10000 };

/* Guards everything below, and what is linked. */
static struct nt_spinlock lock;
static LIST_ENTRY due; /* KTIMER.TimerListEntry, the earliest first */
static struct nt_timer clock_of_first;

/* ---- the list: the lock is held ---- */

static KTIMER *first_due(void)
{
    return IsListEmpty(&due) ? NULL : CONTAINING_RECORD(due.Flink, KTIMER, TimerListEntry);
}

static void serve_first(void)
{
    const KTIMER *first = first_due();
    uint64_t now = sys_now_ns();

    if (!first)
        nt_timer_cancel(&clock_of_first);
    else if (first->DueTime.QuadPart <= now / NS_PER_UNIT)
        nt_timer_set(&clock_of_first, 0, 0);
    else
        nt_timer_set(&clock_of_first, first->DueTime.QuadPart * NS_PER_UNIT - now, 0);
}

static bool timer_unlink(KTIMER *timer)
{
    if (!timer->TimerListEntry.Flink)
        return false;
    RemoveEntryList(&timer->TimerListEntry);
    timer->TimerListEntry.Flink = NULL;
    return true;
}

static void timer_link(KTIMER *timer)
{
    LIST_ENTRY *after = due.Blink;

    while (after != &due && CONTAINING_RECORD(after, KTIMER, TimerListEntry)->DueTime.QuadPart >
                                timer->DueTime.QuadPart)
        after = after->Blink;
    InsertHeadList(after, &timer->TimerListEntry);
}

static void expire_one(KTIMER *timer, uint64_t now)
{
    timer_unlink(timer);
    if (timer->Period) {
        uint64_t period = (uint64_t)timer->Period * UNITS_PER_MS;
        timer->DueTime.QuadPart += period;
        if (timer->DueTime.QuadPart <= now) /* what the machine has missed is not made up for */
            timer->DueTime.QuadPart = now + period;
        timer_link(timer);
    }
    if (timer->Dpc) {
        uint64_t time = sys_utc_100ns();
        nt_dpc_queue(timer->Dpc, (void *)(uintptr_t)(uint32_t)time,
                     (void *)(uintptr_t)(time >> 32));
    }
    /* Last, because whoever waits may free the timer when he has it. */
    nt_dispatcher_set(&timer->Header, 1);
}

static void expire(void *context)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    uint64_t now = sys_now_ns() / NS_PER_UNIT;
    KTIMER *timer;

    (void)context;
    while ((timer = first_due()) != NULL && timer->DueTime.QuadPart <= now)
        expire_one(timer, now);
    serve_first();
    nt_spinlock_release_lower(&lock, old);
}

/* ---- timers that are armed when their memory goes ---- */

struct memory {
    const void *base;
    size_t size;
};

static bool lies_in(const void *object, const struct memory *memory)
{
    return (uintptr_t)object - (uintptr_t)memory->base < memory->size;
}

static bool is_in_memory(const KTIMER *timer, const void *context)
{
    return lies_in(timer, context) || (timer->Dpc && lies_in(timer->Dpc, context));
}

/* Whatever memory its DPC lies in: that was not freed, or the timer would not be here. */
static bool is_of_driver(const KTIMER *timer, const void *context)
{
    const struct port_driver *driver = context;
    const unsigned char *base;
    size_t size;

    return image_segment_of(driver->image, timer, &base, &size) ||
           (timer->Dpc && image_segment_of(driver->image, (const void *)timer->Dpc->DeferredRoutine,
                                           &base, &size));
}

/* Takes the timers out that `goes` names; how many. */
static unsigned timers_take(bool (*goes)(const KTIMER *timer, const void *context),
                            const void *context)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    unsigned count = 0;

    for (LIST_ENTRY *link = due.Flink; link && link != &due;) {
        KTIMER *timer = CONTAINING_RECORD(link, KTIMER, TimerListEntry);
        link = link->Flink;
        if (goes(timer, context))
            count += timer_unlink(timer);
    }
    if (count)
        serve_first();
    nt_spinlock_release_lower(&lock, old);
    return count;
}

/* Freed memory is no driver's any more: without this the list would lead into it. */
static void memory_goes(const void *base, size_t size)
{
    const struct memory memory = {base, size};
    unsigned count = timers_take(is_in_memory, &memory);

    if (count)
        nt_finding("MEM-20", NULL,
                   "memory was freed that holds %u armed timer%s (KTIMER), or the DPC of one",
                   count, count == 1 ? "" : "s");
}

static void driver_goes(const struct port_driver *driver)
{
    unsigned count = timers_take(is_of_driver, driver);

    if (count)
        nt_finding("TIMER-12", driver, "%s was unloaded with %u armed timer%s (KTIMER)",
                   port_driver_service(driver), count, count == 1 ? "" : "s");
}
PORT_LEFTOVER(driver_goes);

static uint8_t enter(void)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);

    if (!due.Flink) {
        InitializeListHead(&due);
        nt_timer_initialize(&clock_of_first, expire, NULL);
        nt_pool_listen(memory_goes);
    }
    return old;
}

/* ---- the routines ---- */

VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    *Timer = (KTIMER){.TimerType = (USHORT)Type};
    nt_dispatcher_initialize(&Timer->Header,
                             Type == SynchronizationTimer ? NT_SYNCHRONIZATION_TIMER
                                                          : NT_NOTIFICATION_TIMER,
                             sizeof(*Timer), 0);
}
EXPORT(KeInitializeTimerEx, NT_HIGH_LEVEL);

VOID NTAPI KeInitializeTimer(PKTIMER Timer)
{
    KeInitializeTimerEx(Timer, NotificationTimer);
}
EXPORT(KeInitializeTimer, NT_HIGH_LEVEL);

/* Never early: the time is rounded up to the unit. */
BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    uint64_t deadline = nt_deadline_of(&DueTime);
    uint8_t old = enter();
    bool armed = timer_unlink(Timer);

    nt_dispatcher_clear(&Timer->Header);
    Timer->DueTime.QuadPart = deadline / NS_PER_UNIT + (deadline % NS_PER_UNIT != 0);
    Timer->Period = (ULONG)Period;
    Timer->Dpc = Dpc;
    timer_link(Timer);
    serve_first();
    nt_spinlock_release_lower(&lock, old);
    return armed;
}
EXPORT(KeSetTimerEx, NT_DISPATCH_LEVEL);

BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
    return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}
EXPORT(KeSetTimer, NT_DISPATCH_LEVEL);

/* A delay that is tolerable is not made. */
BOOLEAN NTAPI KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period,
                                    ULONG TolerableDelay, PKDPC Dpc)
{
    (void)TolerableDelay;
    return KeSetTimerEx(Timer, DueTime, (LONG)Period, Dpc);
}
EXPORT(KeSetCoalescableTimer, NT_DISPATCH_LEVEL);

/* A DPC that the timer has queued already stays queued. */
BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer)
{
    uint8_t old = enter();
    bool armed = timer_unlink(Timer);

    if (armed)
        serve_first();
    nt_spinlock_release_lower(&lock, old);
    return armed;
}
EXPORT(KeCancelTimer, NT_DISPATCH_LEVEL);

BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer)
{
    return __atomic_load_n(nt_dispatcher_state(&Timer->Header), __ATOMIC_SEQ_CST) != 0;
}
EXPORT(KeReadStateTimer, NT_DISPATCH_LEVEL);
