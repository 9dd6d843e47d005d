/*
 * work_test.c - work items and system threads of miniports raced: queued, freed and refused by
 * several threads at a time, and against the adapter's stop.
 */
#include "patience.h"
#include "probe_host.h"

enum { ROUNDS = 2000, THREADS = 2, WAIT_S = 60 };

static struct probe_host host;

static ULONG initialize_worker(void **handle)
{
    return StorPortExtendedFunction(ExtFunctionInitializeWorker, host.adapter->extension, handle);
}

static ULONG queue_work(void *handle, PHW_WORKITEM routine, void *context)
{
    return StorPortExtendedFunction(ExtFunctionQueueWorkItem, host.adapter->extension, routine,
                                    handle, context);
}

static ULONG free_worker(void *handle)
{
    return StorPortExtendedFunction(ExtFunctionFreeWorker, host.adapter->extension, handle);
}

struct job {
    void *handle;
    uint32_t runs, successes, broke; /* __atomic */
    uint32_t queue_again;            /* the routine queues itself so often; __atomic */
    uint32_t freed;                  /* how often freeing it succeeded; __atomic */
};

static void NTAPI count_run(PVOID extension, PVOID context, PVOID worker)
{
    struct job *job = context;

    (void)extension;
    if (__atomic_load_n(&job->queue_again, __ATOMIC_ACQUIRE)) {
        __atomic_sub_fetch(&job->queue_again, 1, __ATOMIC_ACQ_REL);
        if (queue_work(worker, count_run, job) == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&job->successes, 1, __ATOMIC_ACQ_REL);
    }
    __atomic_add_fetch(&job->runs, 1, __ATOMIC_ACQ_REL);
}

static void await(const uint32_t *word, const uint32_t *value)
{
    uint64_t deadline = patience_deadline_ns(WAIT_S);

    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != __atomic_load_n(value, __ATOMIC_ACQUIRE)) {
        patience_check(deadline);
        sys_thread_yield();
    }
}

static void await_at_least(const uint32_t *word, uint32_t value)
{
    uint64_t deadline = patience_deadline_ns(WAIT_S);

    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < value) {
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

static void queue_often(void *argument)
{
    struct job *job = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t old_irql = i % 2 ? nt_irql_raise(NT_DISPATCH_LEVEL) : nt_irql();
        ULONG status = queue_work(job->handle, count_run, job);
        nt_irql_lower(old_irql);
        if (status == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&job->successes, 1, __ATOMIC_ACQ_REL);
        else if (status != STOR_STATUS_BUSY)
            __atomic_store_n(&job->broke, 1, __ATOMIC_RELAXED);
    }
}

static void each_accepted_item_runs_once(void **state)
{
    struct job job = {.queue_again = 500};

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    assert_int_equal(initialize_worker(&job.handle), STOR_STATUS_SUCCESS);
    in_threads(queue_often, &job);
    await(&job.runs, &job.successes);
    assert_int_equal(job.broke, 0);
    assert_true(job.successes > 0);
    while (free_worker(job.handle) == STOR_STATUS_BUSY)
        sys_thread_yield();
    await(&job.runs, &job.successes);
    probe_close(&host);
}

static void queue_or_free(void *argument)
{
    struct job *job = argument;

    for (;;) {
        ULONG status = queue_work(job->handle, count_run, job);
        if (status == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&job->successes, 1, __ATOMIC_ACQ_REL);
        status = free_worker(job->handle);
        if (status == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&job->freed, 1, __ATOMIC_ACQ_REL);
        if (status == STOR_STATUS_SUCCESS || status == STOR_STATUS_UNSUCCESSFUL)
            return;
    }
}

/* Freeing succeeds once; what was accepted before it still runs, nothing after it is. */
static void an_item_is_freed_once_however_many_try(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    for (unsigned i = 0; i < 100; i++) {
        struct job job = {0};
        assert_int_equal(initialize_worker(&job.handle), STOR_STATUS_SUCCESS);
        in_threads(queue_or_free, &job);
        assert_int_equal(job.freed, 1);
        assert_int_equal(queue_work(job.handle, count_run, &job), STOR_STATUS_INVALID_PARAMETER);
        await(&job.runs, &job.successes);
    }
    probe_close(&host);
}

static void queue_until_refused(void *argument)
{
    struct job *job = argument;
    ULONG status;

    do {
        status = queue_work(job->handle, count_run, job);
        if (status == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&job->successes, 1, __ATOMIC_ACQ_REL);
        sys_thread_yield();
    } while (status == STOR_STATUS_SUCCESS || status == STOR_STATUS_BUSY);
    /* Removed: the state first, and no adapter at all a little later. */
    if (status != STOR_STATUS_INVALID_DEVICE_STATE && status != STOR_STATUS_INVALID_PARAMETER)
        __atomic_store_n(&job->broke, 1, __ATOMIC_RELAXED);
}

static void a_stopped_adapter_takes_no_items(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct job job = {0};
        struct sys_thread *thread;
        probe_open(&host, "model:scratch", "Duplex=1");
        assert_int_equal(initialize_worker(&job.handle), STOR_STATUS_SUCCESS);
        assert_int_equal(nt_thread_create(&thread, "racer", queue_until_refused, &job), 0);
        await_at_least(&job.runs, 10);
        char reason[256];
        assert_int_equal(port_adapter_pnp_stop(host.adapter, reason, sizeof(reason)), 0);
        sys_thread_join(thread);
        assert_int_equal(job.broke, 0);
        await(&job.runs, &job.successes);
        assert_int_equal(free_worker(job.handle), STOR_STATUS_SUCCESS);
        probe_close(&host);
    }
}

/* ---- threads ---- */

static void NTAPI leave_at_once(PVOID context)
{
    struct job *job = context;

    __atomic_add_fetch(&job->runs, 1, __ATOMIC_ACQ_REL);
    if (__atomic_load_n(&job->runs, __ATOMIC_RELAXED) % 2)
        StorPortNotification(TerminateSystemThread, host.adapter->extension, NULL);
}

static void create_often(void *argument)
{
    struct job *job = argument;

    for (unsigned i = 0; i < 200; i++) {
        ULONG status = StorPortExtendedFunction(
            ExtFunctionCreateSystemThread, host.adapter->extension, leave_at_once, job, NULL, NULL);
        if (status == STOR_STATUS_SUCCESS)
            __atomic_add_fetch(&job->successes, 1, __ATOMIC_ACQ_REL);
        else if (status != STOR_STATUS_UNSUCCESSFUL)
            __atomic_store_n(&job->broke, 1, __ATOMIC_RELAXED);
    }
}

static void threads_come_and_go_within_their_number(void **state)
{
    struct job job = {0};

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    in_threads(create_often, &job);
    await(&job.runs, &job.successes);
    assert_int_equal(job.broke, 0);
    assert_true(job.successes >= THREADS);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(each_accepted_item_runs_once, "StorPortInitializeWorker",
                     "StorPortQueueWorkItem"),
        probe_proves(an_item_is_freed_once_however_many_try, "StorPortFreeWorker"),
        probe_proves(a_stopped_adapter_takes_no_items, "StorPortQueueWorkItem"),
        probe_proves(threads_come_and_go_within_their_number, "StorPortCreateSystemThread"),
    };

    return probe_run(argc, argv, tests);
}
