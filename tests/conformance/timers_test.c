/*
 * timers_test.c - timers of miniports raced: cancelled, asked for, freed and deleted on one
 * processor while they expire on another. The routines are called as a driver calls them.
 */
#include "patience.h"
#include "probe_host.h"

enum { ROUNDS = 1500, THREADS = 2, WAIT_S = 60 };

static struct probe_host host;

/* ---- calls as a driver makes them ---- */

static ULONG initialize_timer(void **handle)
{
    return StorPortExtendedFunction(ExtFunctionInitializeTimer, host.adapter->extension, handle);
}

static ULONG request_timer(void *handle, PHW_TIMER_EX routine, void *context, uint64_t delay_us)
{
    return StorPortExtendedFunction(ExtFunctionRequestTimer, host.adapter->extension, handle,
                                    routine, context, (ULONGLONG)delay_us, (ULONGLONG)0);
}

static ULONG free_timer(void *handle)
{
    return StorPortExtendedFunction(ExtFunctionFreeTimer, host.adapter->extension, handle);
}

static void lock_start_io(STOR_LOCK_HANDLE *handle)
{
    StorPortNotification(AcquireSpinLock, host.adapter->extension, StartIoLock, NULL, handle);
}

static void unlock(STOR_LOCK_HANDLE *handle)
{
    StorPortNotification(ReleaseSpinLock, host.adapter->extension, handle);
}

/* ---- what timers run ---- */

struct alarm {
    void *handle;
    uint32_t runs, inside, overlaps, deleted; /* __atomic */
    uint32_t forbidden;                       /* under the StartIo lock: it must not run */
    uint32_t broke;                           /* it ran nevertheless; __atomic */
    uint32_t stop;                            /* __atomic */
    uint32_t successes;                       /* requests that were accepted; __atomic */
    ULONG freed_in_routine;
};

static void NTAPI count_run(PVOID extension, PVOID context)
{
    struct alarm *alarm = context;

    (void)extension;
    if (__atomic_exchange_n(&alarm->inside, 1, __ATOMIC_ACQ_REL))
        __atomic_add_fetch(&alarm->overlaps, 1, __ATOMIC_RELAXED);
    if (alarm->forbidden)
        __atomic_store_n(&alarm->broke, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&alarm->inside, 0, __ATOMIC_RELEASE);
    __atomic_add_fetch(&alarm->runs, 1, __ATOMIC_ACQ_REL);
}

static void NTAPI free_in_routine(PVOID extension, PVOID context)
{
    struct alarm *alarm = context;

    (void)extension;
    alarm->freed_in_routine = free_timer(alarm->handle);
    __atomic_add_fetch(&alarm->runs, 1, __ATOMIC_ACQ_REL);
}

static void NTAPI count_deletion(PVOID context)
{
    struct alarm *alarm = context;

    __atomic_add_fetch(&alarm->deleted, 1, __ATOMIC_ACQ_REL);
}

static void await(const uint32_t *word, uint32_t value)
{
    uint64_t deadline = patience_deadline_ns(WAIT_S);

    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
        patience_check(deadline);
        sys_thread_yield();
    }
}

static void in_threads(void (*run)(void *argument), void *argument)
{
    struct sys_thread *threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(nt_thread_create(&threads[i], "racer", run, argument), 0);
    for (unsigned i = 0; i < THREADS; i++)
        sys_thread_join(threads[i]);
}

/* ---- tests ---- */

/* Whoever cancels under the StartIo lock, which the routine waits for, can rely on it. */
static void a_timer_cancelled_under_the_start_io_lock_does_not_run(void **state)
{
    struct alarm alarm = {0};

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    assert_int_equal(initialize_timer(&alarm.handle), STOR_STATUS_SUCCESS);
    for (unsigned i = 0; i < ROUNDS; i++) {
        STOR_LOCK_HANDLE lock;
        assert_int_equal(request_timer(alarm.handle, count_run, &alarm, 1 + i % 40),
                         STOR_STATUS_SUCCESS);
        sys_stall_ns(i % 50 * 1000);
        lock_start_io(&lock);
        assert_int_equal(request_timer(alarm.handle, NULL, NULL, 0), STOR_STATUS_SUCCESS);
        alarm.forbidden = 1;
        unlock(&lock);
        sys_stall_ns(5000);
        lock_start_io(&lock);
        alarm.forbidden = 0;
        unlock(&lock);
    }
    assert_int_equal(alarm.broke, 0);
    assert_true(alarm.runs > 0); /* before some of the cancellations */
    assert_int_equal(free_timer(alarm.handle), STOR_STATUS_SUCCESS);
    probe_close(&host);
}

static void ask_often(void *argument)
{
    struct alarm *alarm = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t old_irql = i % 2 ? nt_irql_raise(NT_DEVICE_LEVEL) : nt_irql();
        ULONG status = request_timer(alarm->handle, count_run, alarm, 1 + i % 20);
        nt_irql_lower(old_irql);
        if (status == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&alarm->successes, 1, __ATOMIC_ACQ_REL);
        else if (status != STOR_STATUS_BUSY)
            __atomic_store_n(&alarm->broke, 1, __ATOMIC_RELAXED);
        if (i % 3 == 0)
            sys_stall_ns(10000);
    }
}

static void each_accepted_request_runs_the_routine_once(void **state)
{
    struct alarm alarm = {0};

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    assert_int_equal(initialize_timer(&alarm.handle), STOR_STATUS_SUCCESS);
    in_threads(ask_often, &alarm);
    await(&alarm.runs, alarm.successes);
    assert_true(alarm.successes > 0);
    assert_int_equal(alarm.broke, 0);
    assert_int_equal(alarm.overlaps, 0);
    assert_int_equal(free_timer(alarm.handle), STOR_STATUS_SUCCESS);
    probe_close(&host);
}

static void come_and_go(void *argument)
{
    struct alarm *alarm = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        void *handle;
        if (initialize_timer(&handle) != STOR_STATUS_SUCCESS ||
            request_timer(handle, count_run, alarm, 1 + i % 10) != STOR_STATUS_SUCCESS)
            __atomic_store_n(&alarm->broke, 1, __ATOMIC_RELAXED);
        sys_stall_ns(i % 15 * 1000);
        if (free_timer(handle) != STOR_STATUS_SUCCESS ||
            free_timer(handle) == STOR_STATUS_SUCCESS ||
            request_timer(handle, count_run, alarm, 1) != STOR_STATUS_INVALID_PARAMETER)
            __atomic_store_n(&alarm->broke, 1, __ATOMIC_RELAXED);
    }
}

/* Records serve again while routines of their former lives may be on their way. */
static void timers_are_freed_while_they_expire(void **state)
{
    struct alarm alarm = {0};

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    in_threads(come_and_go, &alarm);
    assert_int_equal(alarm.broke, 0);
    assert_true(alarm.runs <= THREADS * ROUNDS);
    probe_close(&host);
}

static void a_routine_frees_its_own_timer(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    for (unsigned i = 0; i < 100; i++) {
        struct alarm alarm = {0};
        assert_int_equal(initialize_timer(&alarm.handle), STOR_STATUS_SUCCESS);
        assert_int_equal(request_timer(alarm.handle, free_in_routine, &alarm, 1),
                         STOR_STATUS_SUCCESS);
        await(&alarm.runs, 1);
        assert_int_equal(alarm.freed_in_routine, STOR_STATUS_SUCCESS);
        assert_int_equal(free_timer(alarm.handle), STOR_STATUS_UNSUCCESSFUL);
    }
    probe_close(&host);
}

static void fence_run(void *context)
{
    __atomic_store_n((uint32_t *)context, 1, __ATOMIC_RELEASE);
}

static void no_timer_runs_after_the_adapter_has_stopped(void **state)
{
    struct alarm alarm = {0};

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        probe_open(&host, "model:scratch", "Duplex=1");
        for (unsigned timer = 0; timer < 50; timer++) {
            assert_int_equal(initialize_timer(&alarm.handle), STOR_STATUS_SUCCESS);
            assert_int_equal(request_timer(alarm.handle, count_run, &alarm, 100 * timer),
                             STOR_STATUS_SUCCESS);
        }
        probe_stop(&host);
        /* A timer of the machine that is due when all of them were has run. */
        uint32_t runs = __atomic_load_n(&alarm.runs, __ATOMIC_ACQUIRE), over = 0;
        struct nt_timer fence;
        nt_timer_initialize(&fence, fence_run, &over);
        nt_timer_set(&fence, 6 * SYS_NS_PER_MS, 0);
        await(&over, 1);
        nt_timer_drain(&fence);
        assert_int_equal(__atomic_load_n(&alarm.runs, __ATOMIC_ACQUIRE), runs);
        probe_unload(&host);
    }
}

/* ---- with high resolution ---- */

static ULONG precise_initialize(struct alarm *alarm)
{
    return StorPortExtendedFunction(ExtFunctionInitializeHighResolutionTimer,
                                    host.adapter->extension, count_run, alarm, &alarm->handle);
}

static ULONG precise_request(struct alarm *alarm, int64_t due_100ns, int64_t period_100ns)
{
    return StorPortExtendedFunction(ExtFunctionRequestHighResolutionTimer, host.adapter->extension,
                                    alarm->handle, (LONGLONG)due_100ns, (LONGLONG)period_100ns,
                                    NULL, NULL);
}

static ULONG precise_free(struct alarm *alarm, bool cancel, bool wait, BOOLEAN *result)
{
    STOR_EXT_DELETE_PARAMETERS parameters = {.DeleteCallback = count_deletion,
                                             .DeleteContext = alarm};

    return StorPortExtendedFunction(ExtFunctionFreeHighResolutionTimer, host.adapter->extension,
                                    alarm->handle, (int)cancel, (int)wait, &parameters, result);
}

/* Freed with waiting, in the middle of its rhythm: not running, and told once. */
static void a_freed_periodic_timer_is_over_when_it_was_waited_for(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    for (unsigned i = 0; i < 200; i++) {
        struct alarm alarm = {0};
        BOOLEAN result;
        assert_int_equal(precise_initialize(&alarm), STOR_STATUS_SUCCESS);
        assert_int_equal(precise_request(&alarm, -10, 100), STOR_STATUS_SUCCESS);
        sys_stall_ns(i % 60 * 1000);
        assert_int_equal(precise_free(&alarm, true, true, &result), STOR_STATUS_SUCCESS);
        assert_true(result); /* a periodic timer is always set */
        uint32_t runs = __atomic_load_n(&alarm.runs, __ATOMIC_ACQUIRE);
        await(&alarm.deleted, 1);
        assert_int_equal(alarm.runs, runs);
        assert_int_equal(alarm.overlaps, 0);
    }
    probe_close(&host);
}

static void a_timer_freed_without_cancelling_runs_once_more(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    for (unsigned i = 0; i < 200; i++) {
        struct alarm alarm = {0};
        BOOLEAN result;
        assert_int_equal(precise_initialize(&alarm), STOR_STATUS_SUCCESS);
        assert_int_equal(precise_request(&alarm, -(int64_t)(i % 50 * 10), 0), STOR_STATUS_SUCCESS);
        assert_int_equal(precise_free(&alarm, false, false, &result), STOR_STATUS_SUCCESS);
        assert_false(result);
        await(&alarm.deleted, 1);
        assert_int_equal(alarm.runs, 1);
    }
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(a_timer_cancelled_under_the_start_io_lock_does_not_run,
                     "StorPortRequestTimer"),
        probe_proves(each_accepted_request_runs_the_routine_once, "StorPortRequestTimer"),
        probe_proves(timers_are_freed_while_they_expire, "StorPortInitializeTimer",
                     "StorPortFreeTimer"),
        probe_proves(a_routine_frees_its_own_timer, "StorPortFreeTimer"),
        probe_test(no_timer_runs_after_the_adapter_has_stopped),
        probe_proves(a_freed_periodic_timer_is_over_when_it_was_waited_for,
                     "StorPortInitializeHighResolutionTimer", "StorPortRequestHighResolutionTimer",
                     "StorPortFreeHighResolutionTimer"),
        probe_proves(a_timer_freed_without_cancelling_runs_once_more,
                     "StorPortFreeHighResolutionTimer"),
    };

    return probe_run(argc, argv, tests);
}
