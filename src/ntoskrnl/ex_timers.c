/*
 * ex_timers.c - Ex: timer objects that the system allocates. A driver may wait for one, or have a
 * routine called at DISPATCH_LEVEL, or both.
 */
#include "nt/bugcheck.h"
#include "nt/dispatcher.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/spinlock.h"
#include "nt/timer.h"
#include "nt/work.h"
#include "port/driver.h"

#include <limits.h>
#include <ntddk.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", irql_max_)

enum { TIMER_TAG = 0x54457845 /* "ExET" */, NS_PER_UNIT = 100 };

struct _EX_TIMER {
    DISPATCHER_HEADER header; /* first: what a driver waits for */
    LIST_ENTRY link;
    struct nt_timer timer; /* a late one: an expiry that was cancelled before it began is none */
    PEXT_CALLBACK callback;
    PVOID context;
    const void *allocator; /* the code that allocated it, which tells whose it is */
    bool high_resolution;
    uint32_t deleting; /* __atomic */
    uint32_t last_run; /* deleted, but the expiry to come still counts; __atomic */
    struct nt_work deleter;
    PEXT_DELETE_CALLBACK deleted;
    PVOID deleted_context;
    uint32_t *done; /* of who waits for the deletion; __atomic */
};

static struct nt_spinlock lock;
static LIST_ENTRY timers; /* all that there are; the lock */
static uint32_t gone;     /* changes with each timer that has left the list; __atomic */

/* What the documents call a bug check, without a code. */
static void require(bool good, const struct _EX_TIMER *timer, const char *reason)
{
    if (!good)
        nt_bugcheck(NT_BUGCHECK_TIMER_OR_DPC_INVALID, 0, (uintptr_t)timer, 0, 0, reason);
}

/* ---- the end of a timer ---- */

static void timer_unlink(struct _EX_TIMER *timer)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);

    RemoveEntryList(&timer->link);
    nt_spinlock_release_lower(&lock, old);
}

/* PASSIVE_LEVEL. Nothing of it runs any more when its delete callback is called. */
static void timer_destroy(struct _EX_TIMER *timer)
{
    struct nt_evidence frame;

    nt_timer_drain(&timer->timer);
    if (timer->deleted) {
        nt_evidence_push(nt_self(), &frame, "timer delete callback", NULL, NULL);
        timer->deleted(timer->deleted_context);
        nt_evidence_pop(nt_self(), &frame);
    }
    timer_unlink(timer);
    if (timer->done)
        __atomic_store_n(timer->done, 1, __ATOMIC_SEQ_CST);
    nt_pool_free(timer);
    __atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST);
    sys_wake(&gone, INT_MAX);
}

static void deleter_run(void *context)
{
    timer_destroy(context);
}

/* ---- expiry ---- */

static void expire(void *context)
{
    struct _EX_TIMER *timer = context;
    struct nt_timer_shot shot;
    struct nt_evidence frame;

    if (nt_timer_begin(&timer->timer, &shot)) {
        nt_dispatcher_set(&timer->header, 1);
        if (timer->callback) {
            nt_evidence_push(nt_self(), &frame, "ExTimerCallback", NULL, NULL);
            timer->callback(timer, timer->context);
            nt_evidence_pop(nt_self(), &frame);
        }
    }
    if (__atomic_exchange_n(&timer->last_run, 0, __ATOMIC_ACQ_REL)) {
        nt_timer_cancel(&timer->timer);
        nt_work_queue(&timer->deleter);
    }
}

/* ---- the routines ---- */

PEX_TIMER NTAPI ExAllocateTimer(PEXT_CALLBACK Callback, PVOID CallbackContext, ULONG Attributes)
{
    const ULONG known = EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION;
    const ULONG both = EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE;
    struct _EX_TIMER *timer;

    require(!(Attributes & ~known) && (Attributes & both) != both, NULL,
            "ExAllocateTimer was called with attributes that exclude each other, or with others");
    timer = nt_pool_allocate(sizeof(*timer), TIMER_TAG, NULL);
    if (!timer)
        return NULL;
    *timer = (struct _EX_TIMER){.callback = Callback,
                                .context = CallbackContext,
                                .allocator = __builtin_return_address(0),
                                .high_resolution = Attributes & EX_TIMER_HIGH_RESOLUTION};
    nt_dispatcher_initialize(&timer->header,
                             Attributes & EX_TIMER_NOTIFICATION ? NT_NOTIFICATION_TIMER
                                                                : NT_SYNCHRONIZATION_TIMER,
                             sizeof(*timer), 0);
    nt_timer_initialize_late(&timer->timer, expire, timer);
    nt_work_initialize(&timer->deleter, deleter_run, timer);
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    if (!timers.Flink)
        InitializeListHead(&timers);
    InsertTailList(&timers, &timer->link);
    nt_spinlock_release_lower(&lock, old);
    return timer;
}
EXPORT(ExAllocateTimer, NT_DISPATCH_LEVEL);

/* Never early; a tolerance is permission to be late, which is not made use of. */
BOOLEAN NTAPI ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period,
                         PEXT_SET_PARAMETERS Parameters)
{
    LARGE_INTEGER due = {.QuadPart = DueTime};

    require(!Timer->high_resolution || DueTime < 0, Timer,
            "ExSetTimer was called for a timer with high resolution and an absolute time");
    require(Period >= 0 && Period <= MAXLONG, Timer, "ExSetTimer was called with a bad period");
    require(!Parameters || Parameters->NoWakeTolerance >= 0 ||
                (ULONGLONG)Parameters->NoWakeTolerance == EX_TIMER_UNLIMITED_TOLERANCE,
            Timer, "ExSetTimer was called with a negative tolerance");
    if (__atomic_load_n(&Timer->deleting, __ATOMIC_ACQUIRE))
        return FALSE; /* as a callback that sets its timer again may find */
    bool armed = nt_timer_cancel(&Timer->timer);
    nt_dispatcher_clear(&Timer->header);
    uint64_t deadline = nt_deadline_of(&due), now = sys_now_ns();
    return nt_timer_arm(&Timer->timer, (struct nt_timer_shot){NULL, NULL},
                        deadline > now ? deadline - now : 0, (uint64_t)Period * NS_PER_UNIT,
                        false) ||
           armed;
}
EXPORT(ExSetTimer, NT_DISPATCH_LEVEL);

BOOLEAN NTAPI ExCancelTimer(PEX_TIMER Timer, PVOID Parameters)
{
    (void)Parameters;
    return !__atomic_load_n(&Timer->deleting, __ATOMIC_ACQUIRE) && nt_timer_cancel(&Timer->timer);
}
EXPORT(ExCancelTimer, NT_DISPATCH_LEVEL);

/* At most APC_LEVEL. */
static void delete_and_wait(struct _EX_TIMER *timer)
{
    uint32_t done = 0;

    timer->done = &done;
    nt_work_queue(&timer->deleter);
    for (;;) {
        uint32_t seen = __atomic_load_n(&gone, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&done, __ATOMIC_SEQ_CST))
            return;
        (void)sys_wait(&gone, seen, SYS_FOREVER);
    }
}

/* Without Cancel a timer that is set expires once more, also a periodic one; then it goes. */
BOOLEAN NTAPI ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait,
                            PEXT_DELETE_PARAMETERS Parameters)
{
    require(Cancel || !Wait, Timer, "ExDeleteTimer was told to wait for a timer, not to cancel it");
    if (Wait && nt_irql() > NT_APC_LEVEL)
        nt_bugcheck(NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, (uintptr_t)Timer, nt_irql(), 0, 0,
                    "ExDeleteTimer was told to wait at DISPATCH_LEVEL or above");
    require(!__atomic_exchange_n(&Timer->deleting, 1, __ATOMIC_ACQ_REL), Timer,
            "ExDeleteTimer was called twice for a timer");
    Timer->deleted = Parameters ? Parameters->DeleteCallback : NULL;
    Timer->deleted_context = Parameters ? Parameters->DeleteContext : NULL;
    if (!Cancel) {
        __atomic_store_n(&Timer->last_run, 1, __ATOMIC_SEQ_CST);
        /* Either the routine sees the mark when it ends, or the timer is seen to be idle here. */
        if (!nt_timer_is_armed(&Timer->timer) &&
            __atomic_exchange_n(&Timer->last_run, 0, __ATOMIC_ACQ_REL))
            nt_work_queue(&Timer->deleter);
        return FALSE;
    }
    bool armed = nt_timer_cancel(&Timer->timer);
    if (Wait)
        delete_and_wait(Timer);
    else
        nt_work_queue(&Timer->deleter);
    return armed;
}
EXPORT(ExDeleteTimer, NT_DISPATCH_LEVEL);

/* ---- timers that a driver leaves behind ---- */

static bool is_of_driver(const struct _EX_TIMER *timer, const struct port_driver *driver)
{
    const unsigned char *base;
    size_t size;

    return image_segment_of(driver->image, timer->allocator, &base, &size) ||
           (timer->callback &&
            image_segment_of(driver->image, (const void *)timer->callback, &base, &size));
}

/* One that nobody deletes, or that would only be deleted after an expiry to come: it is the
 * caller's now. *ret_more: there are others, on their way out. */
static struct _EX_TIMER *take_one(const struct port_driver *driver, bool *ret_more)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    struct _EX_TIMER *taken = NULL;

    *ret_more = false;
    for (LIST_ENTRY *link = timers.Flink; link && link != &timers && !taken; link = link->Flink) {
        struct _EX_TIMER *timer = CONTAINING_RECORD(link, struct _EX_TIMER, link);
        if (!is_of_driver(timer, driver))
            continue;
        if (!__atomic_exchange_n(&timer->deleting, 1, __ATOMIC_ACQ_REL) ||
            __atomic_exchange_n(&timer->last_run, 0, __ATOMIC_ACQ_REL))
            taken = timer;
        else
            *ret_more = true;
    }
    nt_spinlock_release_lower(&lock, old);
    return taken;
}

static void driver_goes(const struct port_driver *driver)
{
    unsigned count = 0;
    bool more = true;

    while (more) {
        uint32_t seen = __atomic_load_n(&gone, __ATOMIC_SEQ_CST);
        struct _EX_TIMER *timer = take_one(driver, &more);
        if (timer) {
            timer->deleted = NULL;
            timer_destroy(timer);
            count++;
            more = true;
        } else if (more) {
            (void)sys_wait(&gone, seen, SYS_FOREVER);
        }
    }
    if (count)
        nt_finding("TIMER-12", driver, "%s was unloaded with %u timer%s (EX_TIMER) not deleted",
                   port_driver_service(driver), count, count == 1 ? "" : "s");
}
PORT_LEFTOVER(driver_goes);
