/*
 * dpc_test.c - deferred procedure calls: when, where, how often, and never beside themselves.
 */
#include "nt/machine_helper.h"

#include "nt/dpc.h"
#include "nt/timer.h"

struct job {
    KDPC dpc;
    uint32_t runs;
    uint32_t thread, processor;
    void *argument1, *argument2;
    uint32_t requeues; /* how often the routine queues itself again */
    uint32_t hold;     /* the routine spins while it is 1 */
    uint32_t inside, collisions;
};

static void NTAPI job_run(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    struct job *job = context;

    assert_ptr_equal(dpc, &job->dpc);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    if (__atomic_exchange_n(&job->inside, 1, __ATOMIC_ACQ_REL))
        __atomic_add_fetch(&job->collisions, 1, __ATOMIC_RELAXED);
    job->thread = nt_self()->number;
    job->processor = nt_self()->processor->number;
    job->argument1 = argument1;
    job->argument2 = argument2;
    bool again = job->requeues > 0;
    if (again)
        job->requeues--;
    nt_preempt();
    __atomic_store_n(&job->inside, 0, __ATOMIC_RELEASE);
    word_increment(&job->runs);
    word_await_spinning(&job->hold, 0);
    if (again)
        assert_true(nt_dpc_queue(dpc, argument1, argument2));
}

static struct job *job_create(void)
{
    struct job *job = test_calloc(1, sizeof(*job));
    nt_dpc_initialize(&job->dpc, job_run, job);
    return job;
}

static void a_dpc_runs_when_the_level_falls_below_dispatch(void **state)
{
    (void)state;
    struct job *job = job_create();

    nt_irql_raise(NT_DEVICE_LEVEL);
    assert_true(nt_dpc_queue(&job->dpc, NULL, NULL));
    nt_irql_lower(NT_DISPATCH_LEVEL);
    nt_preempt();
    assert_int_equal(job->runs, 0);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(job->runs, 1);
    assert_int_equal(job->thread, nt_self()->number);
    test_free(job);
}

static void a_dpc_queued_below_dispatch_runs_at_once(void **state)
{
    (void)state;
    struct job *job = job_create();

    assert_true(nt_dpc_queue(&job->dpc, NULL, NULL));
    assert_int_equal(job->runs, 1);
    assert_int_equal(nt_irql(), NT_PASSIVE_LEVEL);
    test_free(job);
}

static void a_dpc_for_an_idle_processor_runs_on_its_service_thread(void **state)
{
    (void)state;
    struct job *job = job_create();

    nt_dpc_set_target(&job->dpc, 1);
    nt_irql_raise_on(nt_processor_get(0));
    assert_true(nt_dpc_queue(&job->dpc, NULL, NULL));
    word_await_spinning(&job->runs, 1);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_dpc_flush();
    assert_int_equal(job->processor, 1);
    assert_int_not_equal(job->thread, nt_self()->number);
    test_free(job);
}

static void the_arguments_of_the_first_queueing_stay(void **state)
{
    (void)state;
    struct job *job = job_create();

    nt_irql_raise(NT_DISPATCH_LEVEL);
    assert_true(nt_dpc_queue(&job->dpc, (void *)1, (void *)2));
    assert_false(nt_dpc_queue(&job->dpc, (void *)3, (void *)4));
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(job->runs, 1);
    assert_ptr_equal(job->argument1, (void *)1);
    assert_ptr_equal(job->argument2, (void *)2);
    test_free(job);
}

static void a_dpc_may_queue_itself_again(void **state)
{
    (void)state;
    struct job *job = job_create();

    job->requeues = 100;
    assert_true(nt_dpc_queue(&job->dpc, NULL, NULL));
    word_await(&job->runs, 101);
    nt_dpc_flush();
    assert_int_equal(job->collisions, 0);
    test_free(job);
}

static void a_removed_dpc_does_not_run(void **state)
{
    (void)state;
    struct job *first = job_create(), *second = job_create(), *third = job_create();

    nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_dpc_queue(&first->dpc, NULL, NULL);
    nt_dpc_queue(&second->dpc, NULL, NULL);
    nt_dpc_queue(&third->dpc, NULL, NULL);
    assert_true(nt_dpc_remove(&second->dpc));
    assert_false(nt_dpc_remove(&second->dpc));
    assert_true(nt_dpc_remove(&third->dpc));
    assert_true(nt_dpc_queue(&third->dpc, NULL, NULL));
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(first->runs, 1);
    assert_int_equal(second->runs, 0);
    assert_int_equal(third->runs, 1);
    assert_false(nt_dpc_remove(&first->dpc));
    test_free(first);
    test_free(second);
    test_free(third);
}

static char dpc_order[8];

static void NTAPI order_run(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)dpc;
    (void)argument1;
    (void)argument2;
    dpc_order[strlen(dpc_order)] = *(const char *)context;
}

static void an_important_dpc_runs_before_those_already_queued(void **state)
{
    (void)state;
    static char names[] = "abc";
    KDPC dpcs[3];

    memset(dpc_order, 0, sizeof(dpc_order));
    nt_irql_raise(NT_DISPATCH_LEVEL);
    for (unsigned i = 0; i < 3; i++) {
        nt_dpc_initialize(&dpcs[i], order_run, &names[i]);
        if (i == 2)
            dpcs[i].Importance = 2;
        nt_dpc_queue(&dpcs[i], NULL, NULL);
    }
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_string_equal(dpc_order, "cab");
}

static void a_dpc_queued_while_it_runs_elsewhere_goes_to_that_processor(void **state)
{
    (void)state;
    struct job *job = job_create();

    job->hold = 1;
    nt_dpc_set_target(&job->dpc, 1);
    nt_irql_raise_on(nt_processor_get(0));
    nt_dpc_queue(&job->dpc, NULL, NULL);
    word_await_spinning(&job->runs, 1);
    nt_dpc_set_target(&job->dpc, 0);
    assert_true(nt_dpc_queue(&job->dpc, NULL, NULL));
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(word_get(&job->runs), 1); /* it was not ours to deliver */
    word_set(&job->hold, 0);
    word_await(&job->runs, 2);
    nt_dpc_flush();
    assert_int_equal(job->processor, 1);
    assert_int_equal(job->collisions, 0);
    test_free(job);
}

enum { CROWD = 4, CROWD_TURNS = 2000 };

static void crowd_main(void *argument)
{
    struct job *job = argument;
    for (unsigned i = 0; i < CROWD_TURNS; i++) {
        uint8_t old_irql = nt_irql_raise(i % 2 ? NT_DISPATCH_LEVEL : NT_PASSIVE_LEVEL);
        (void)nt_dpc_queue(&job->dpc, NULL, NULL);
        if (i % 5 == 0)
            (void)nt_dpc_remove(&job->dpc);
        nt_irql_lower(old_irql);
    }
}

static void a_dpc_never_runs_beside_itself(void **state)
{
    (void)state;
    struct job *job = job_create();
    struct sys_thread *threads[CROWD];

    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(nt_thread_create(&threads[i], "crowd", crowd_main, job), 0);
    for (unsigned i = 0; i < CROWD; i++)
        sys_thread_join(threads[i]);
    nt_dpc_flush();
    assert_int_equal(job->collisions, 0);
    assert_true(job->runs > 0);
    assert_null(job->dpc.DpcData);
    test_free(job);
}

static void flushing_waits_for_queued_and_running_dpcs(void **state)
{
    (void)state;
    struct job *jobs[20];

    nt_irql_raise_on(nt_processor_get(0));
    for (unsigned i = 0; i < 20; i++) {
        jobs[i] = job_create();
        nt_dpc_set_target(&jobs[i]->dpc, i % 2);
        nt_dpc_queue(&jobs[i]->dpc, NULL, NULL);
    }
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_dpc_flush();
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(jobs[i]->runs, 1);
        test_free(jobs[i]);
    }
}

static uint32_t freed;

static void NTAPI free_run(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)context;
    (void)argument1;
    (void)argument2;
    memset(dpc, 0xDD, sizeof(*dpc));
    free(dpc);
    word_increment(&freed);
}

static void a_dpc_may_free_its_own_memory(void **state)
{
    (void)state;

    freed = 0;
    for (unsigned i = 0; i < 10; i++) {
        KDPC *dpc = malloc(sizeof(*dpc));
        assert_non_null(dpc);
        nt_dpc_initialize(dpc, free_run, NULL);
        nt_dpc_queue(dpc, NULL, NULL);
    }
    word_await(&freed, 10);
}

static void tick(void *context)
{
    (void)context;
}

static void NTAPI stuck_run(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    uint64_t deadline = sys_now_ns() + TEST_PATIENCE_NS;

    (void)dpc;
    (void)argument1;
    (void)argument2;
    while (!nt_finding_count() && sys_now_ns() < deadline)
        sys_stall_ns(SYS_NS_PER_MS);
    word_increment(context);
}

/* On one processor the clock's routine waits with everything else: who tells of it is no DPC. */
static void a_dpc_that_runs_too_long_is_reported_while_it_runs(void **state)
{
    struct nt_dpc_watchdog watchdog;
    struct nt_timer clock;
    uint32_t ended = 0;
    KDPC dpc;

    (void)state;
    nt_dpc_set_limits(200, 0);
    nt_timer_initialize(&clock, tick, NULL);
    nt_timer_set(&clock, SYS_NS_PER_MS, SYS_NS_PER_MS);
    nt_dpc_initialize(&dpc, stuck_run, &ended);
    nt_dpc_queue(&dpc, NULL, NULL);
    word_await(&ended, 1);
    assert_int_equal(nt_finding_count(), 1);
    uint8_t old = nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_dpc_watchdog(&watchdog);
    nt_irql_lower(old);
    assert_int_equal(watchdog.time_limit, 12); /* ticks of 15.625 ms */
    assert_int_equal(watchdog.sequence_limit, 0);
    nt_timer_drain(&clock);
    nt_dpc_set_limits(NT_DPC_TIME_MS, NT_DPC_SEQUENCE_MS);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(a_dpc_runs_when_the_level_falls_below_dispatch),
        IN_MACHINE(a_dpc_queued_below_dispatch_runs_at_once),
        IN_MACHINE(a_dpc_for_an_idle_processor_runs_on_its_service_thread),
        IN_MACHINE(the_arguments_of_the_first_queueing_stay),
        IN_MACHINE(a_dpc_may_queue_itself_again),
        IN_MACHINE(a_removed_dpc_does_not_run),
        IN_MACHINE(an_important_dpc_runs_before_those_already_queued),
        IN_MACHINE(a_dpc_queued_while_it_runs_elsewhere_goes_to_that_processor),
        IN_MACHINE(a_dpc_never_runs_beside_itself),
        IN_MACHINE(flushing_waits_for_queued_and_running_dpcs),
        IN_MACHINE(a_dpc_may_free_its_own_memory),
        IN_MACHINE(a_dpc_that_runs_too_long_is_reported_while_it_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
