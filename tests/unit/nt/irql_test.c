/*
 * irql_test.c - raising takes a processor, lowering delivers and lets go, and nobody shares one.
 */
#include "nt/machine_helper.h"

#include "nt/dpc.h"
#include "nt/spinlock.h"

static void raising_to_dispatch_takes_a_processor_and_lowering_lets_it_go(void **state)
{
    (void)state;
    struct nt_thread *self = nt_self();

    assert_null(self->processor);
    assert_int_equal(nt_irql_raise(NT_DISPATCH_LEVEL), NT_PASSIVE_LEVEL);
    struct nt_processor *held = self->processor;
    assert_non_null(held);
    assert_ptr_equal(nt_processor_current(), held);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    assert_true(__atomic_load_n(&held->state, __ATOMIC_RELAXED) & NT_PROCESSOR_HELD);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_null(self->processor);
    assert_int_equal(nt_irql(), NT_PASSIVE_LEVEL);
    assert_int_equal(__atomic_load_n(&held->state, __ATOMIC_RELAXED), 0);
}

static void raising_below_dispatch_takes_no_processor(void **state)
{
    (void)state;
    assert_int_equal(nt_irql_raise(NT_APC_LEVEL), NT_PASSIVE_LEVEL);
    assert_null(nt_self()->processor);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void raising_further_keeps_the_processor(void **state)
{
    (void)state;
    nt_irql_raise(NT_DISPATCH_LEVEL);
    struct nt_processor *held = nt_self()->processor;
    assert_int_equal(nt_irql_raise(NT_DEVICE_LEVEL), NT_DISPATCH_LEVEL);
    assert_ptr_equal(nt_self()->processor, held);
    nt_irql_lower(NT_DISPATCH_LEVEL);
    assert_ptr_equal(nt_self()->processor, held);
    nt_irql_raise(NT_HIGH_LEVEL);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_null(nt_self()->processor);
}

static void entering_dispatch_twice_is_undone_by_the_outer_leave(void **state)
{
    (void)state;
    struct nt_thread *self = nt_self();
    uint8_t outer = nt_dispatch_enter(self);
    uint8_t inner = nt_dispatch_enter(self);

    assert_int_equal(outer, NT_PASSIVE_LEVEL);
    assert_int_equal(inner, NT_DISPATCH_LEVEL);
    nt_dispatch_leave(self, inner);
    assert_non_null(self->processor);
    nt_dispatch_leave(self, outer);
    assert_null(self->processor);
}

static void raising_on_a_processor_takes_that_one(void **state)
{
    (void)state;
    for (unsigned number = 0; number < nt_processor_count(); number++) {
        nt_irql_raise_on(nt_processor_get(number));
        assert_int_equal(nt_processor_current()->number, number);
        nt_irql_lower(NT_PASSIVE_LEVEL);
    }
}

/* ---- several threads ---- */

struct taker {
    struct sys_thread *thread;
    struct nt_processor *wanted; /* NULL: any */
    struct nt_processor *got;
    uint32_t stage; /* 1: about to raise, 2: raised, 3: may lower */
};

static void taker_main(void *argument)
{
    struct taker *taker = argument;

    word_set(&taker->stage, 1);
    if (taker->wanted)
        nt_irql_raise_on(taker->wanted);
    else
        nt_irql_raise(NT_DISPATCH_LEVEL);
    taker->got = nt_self()->processor;
    word_set(&taker->stage, 2);
    word_await_spinning(&taker->stage, 3);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void a_thread_whose_home_is_held_takes_another_processor(void **state)
{
    (void)state;
    struct taker taker = {0};

    nt_irql_raise_on(nt_processor_get(0));
    assert_int_equal(nt_thread_create(&taker.thread, "taker", taker_main, &taker), 0);
    word_await_spinning(&taker.stage, 2);
    assert_ptr_equal(taker.got, nt_processor_get(1));
    word_set(&taker.stage, 3);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    sys_thread_join(taker.thread);
}

static void confined_main(void *argument)
{
    struct taker *taker = argument;

    nt_thread_set_affinity(0, 1);
    word_set(&taker->stage, 1);
    nt_irql_raise(NT_DISPATCH_LEVEL);
    taker->got = nt_self()->processor;
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_thread_set_affinity(0, 0);
    word_set(&taker->stage, 2);
}

/* Processor 1 is free all the time. */
static void a_thread_takes_only_processors_of_its_affinity(void **state)
{
    (void)state;
    struct taker taker = {0};

    nt_irql_raise_on(nt_processor_get(0));
    assert_int_equal(nt_thread_create(&taker.thread, "confined", confined_main, &taker), 0);
    word_await_spinning(&taker.stage, 1);
    sys_stall_ns(2 * SYS_NS_PER_MS);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    word_await(&taker.stage, 2);
    sys_thread_join(taker.thread);
    assert_ptr_equal(taker.got, nt_processor_get(0));
}

static void raising_waits_while_every_processor_is_held(void **state)
{
    (void)state;
    struct taker any = {0}, that = {.wanted = nt_processor_get(0)};

    nt_irql_raise(NT_DISPATCH_LEVEL);
    assert_int_equal(nt_thread_create(&any.thread, "any", taker_main, &any), 0);
    assert_int_equal(nt_thread_create(&that.thread, "that", taker_main, &that), 0);
    word_await_spinning(&any.stage, 1);
    word_await_spinning(&that.stage, 1);
    /* Let them get into their sleep: both must have marked the processor as waited for. */
    while (!(__atomic_load_n(&nt_processor_get(0)->state, __ATOMIC_RELAXED) &
             NT_PROCESSOR_WAITED_FOR)) {
        unsigned spins = 1000;
        sys_spin_wait(&spins);
    }
    assert_int_equal(word_get(&any.stage), 1);
    assert_int_equal(word_get(&that.stage), 1);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    /* They get it one after the other, in whatever order. */
    for (unsigned i = 0; i < 2; i++) {
        while (word_get(&any.stage) != 2 && word_get(&that.stage) != 2)
            sys_thread_yield();
        struct taker *first = word_get(&any.stage) == 2 ? &any : &that;
        assert_ptr_equal(first->got, nt_processor_get(0));
        word_set(&first->stage, 3);
        sys_thread_join(first->thread);
        first->stage = 0;
    }
}

static void letting_go_wakes_who_waits_for_that_processor(void **state)
{
    (void)state;
    struct nt_processor *processor = nt_processor_get(0);

    for (unsigned i = 0; i < 50; i++) {
        struct taker taker = {.wanted = processor};
        nt_irql_raise_on(processor);
        assert_int_equal(nt_thread_create(&taker.thread, "taker", taker_main, &taker), 0);
        while (!(__atomic_load_n(&processor->state, __ATOMIC_RELAXED) & NT_PROCESSOR_WAITED_FOR)) {
            unsigned spins = 1000;
            sys_spin_wait(&spins);
        }
        /* Some rounds find it asleep already, some on the way. */
        for (unsigned yields = 0; yields < i; yields++)
            sys_thread_yield();
        nt_irql_lower(NT_PASSIVE_LEVEL);
        word_await(&taker.stage, 2);
        word_set(&taker.stage, 3);
        sys_thread_join(taker.thread);
    }
}

enum { CROWD = 5, CROWD_TURNS = 3000 };
static uint32_t inside[NT_PROCESSOR_COUNT_MAX];
static uint32_t collisions;

static void crowd_main(void *argument)
{
    (void)argument;
    struct nt_thread *self = nt_self();

    for (unsigned i = 0; i < CROWD_TURNS; i++) {
        if (i % 7 == 0)
            nt_irql_raise_on(nt_processor_get(i / 7 % nt_processor_count()));
        else
            nt_irql_raise(NT_DISPATCH_LEVEL);
        uint32_t *mine = &inside[self->processor->number];
        if (__atomic_exchange_n(mine, 1, __ATOMIC_RELAXED))
            __atomic_add_fetch(&collisions, 1, __ATOMIC_RELAXED);
        nt_preempt();
        __atomic_store_n(mine, 0, __ATOMIC_RELAXED);
        nt_irql_lower(NT_PASSIVE_LEVEL);
    }
}

static void two_threads_never_hold_one_processor_at_once(void **state)
{
    (void)state;
    struct sys_thread *threads[CROWD];

    collisions = 0;
    for (unsigned i = 0; i < CROWD; i++)
        assert_int_equal(nt_thread_create(&threads[i], "crowd", crowd_main, NULL), 0);
    for (unsigned i = 0; i < CROWD; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(collisions, 0);
    for (unsigned i = 0; i < nt_processor_count(); i++)
        assert_int_equal(
            __atomic_load_n(&nt_processor_get(i)->state, __ATOMIC_RELAXED) & NT_PROCESSOR_HELD, 0);
}

/* ---- calls and deferred work ---- */

struct noted {
    struct nt_call call;
    uint32_t runs;
    uint32_t thread;
    uint8_t irql;
    struct nt_processor *processor;
};

static void noted_run(void *context)
{
    struct noted *noted = context;

    noted->thread = nt_self()->number;
    noted->irql = nt_irql();
    noted->processor = nt_self()->processor;
    word_increment(&noted->runs);
}

static void a_call_to_a_free_processor_runs_on_its_service_thread(void **state)
{
    (void)state;
    struct noted noted = {.call = {.run = noted_run, .context = &noted}};

    assert_true(nt_processor_post(nt_processor_get(1), &noted.call));
    word_await(&noted.runs, 1);
    assert_int_not_equal(noted.thread, nt_self()->number);
    assert_int_equal(noted.irql, NT_DISPATCH_LEVEL);
    assert_ptr_equal(noted.processor, nt_processor_get(1));
}

static void a_call_to_a_held_processor_runs_when_its_holder_lowers(void **state)
{
    (void)state;
    struct noted noted = {.call = {.run = noted_run, .context = &noted}};

    nt_irql_raise_on(nt_processor_get(0));
    assert_true(nt_processor_post(nt_processor_get(0), &noted.call));
    assert_false(nt_processor_post(nt_processor_get(0), &noted.call));
    nt_preempt();
    assert_int_equal(word_get(&noted.runs), 0);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(word_get(&noted.runs), 1);
    assert_int_equal(noted.thread, nt_self()->number);
    assert_true(nt_processor_post(nt_processor_get(0), &noted.call));
    word_await(&noted.runs, 2);
}

static void a_lowering_thread_is_not_kept_by_endless_calls(void **state)
{
    enum { CALLS = 200 };
    (void)state;
    static struct noted many[CALLS];
    uint32_t own = 0, all = 0;

    memset(many, 0, sizeof(many));
    nt_irql_raise_on(nt_processor_get(0));
    for (unsigned i = 0; i < CALLS; i++) {
        many[i].call.run = noted_run;
        many[i].call.context = &many[i];
        assert_true(nt_processor_post(nt_processor_get(0), &many[i].call));
    }
    nt_irql_lower(NT_PASSIVE_LEVEL);
    for (unsigned i = 0; i < CALLS; i++) {
        word_await(&many[i].runs, 1);
        own += many[i].thread == nt_self()->number;
        all++;
    }
    assert_int_equal(all, CALLS);
    assert_in_range(own, 1, CALLS / 2);
}

static char order[16];

static void order_note(char what)
{
    order[strlen(order)] = what;
}

static void deferred_note(struct nt_processor *processor)
{
    assert_ptr_equal(processor, nt_self()->processor);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    order_note('w');
}

static void NTAPI dpc_note(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)dpc;
    (void)context;
    (void)argument1;
    (void)argument2;
    order_note('d');
    if (strlen(order) < 4)
        nt_self()->processor->deferred = true;
}

static void deferred_work_runs_before_dpcs_and_again_when_a_dpc_defers_some(void **state)
{
    (void)state;
    KDPC dpcs[2];

    memset(order, 0, sizeof(order));
    nt_processor_set_deferred(deferred_note);
    nt_irql_raise(NT_DISPATCH_LEVEL);
    for (unsigned i = 0; i < 2; i++) {
        nt_dpc_initialize(&dpcs[i], dpc_note, NULL);
        assert_true(nt_dpc_queue(&dpcs[i], NULL, NULL));
    }
    nt_self()->processor->deferred = true;
    assert_string_equal(order, "");
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_string_equal(order, "wdwd");
}

/* ---- mistakes ---- */

static void body_lower_too_high(void)
{
    nt_irql_lower(NT_DISPATCH_LEVEL);
}

static void lowering_to_a_higher_level_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_lower_too_high, "bug check 0xA IRQL_NOT_LESS_OR_EQUAL",
                    "lowered to a level above");
}

static void body_raise_too_low(void)
{
    nt_irql_raise(NT_DEVICE_LEVEL);
    nt_irql_raise(NT_DISPATCH_LEVEL);
}

static void raising_to_a_lower_level_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_raise_too_low, "bug check 0x9 IRQL_NOT_GREATER_OR_EQUAL",
                    "at IRQL 8, processor");
}

static void NTAPI dpc_lowers(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)dpc;
    (void)context;
    (void)argument1;
    (void)argument2;
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void NTAPI dpc_stays_raised(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)dpc;
    (void)context;
    (void)argument1;
    (void)argument2;
    nt_irql_raise(NT_DEVICE_LEVEL);
}

static struct nt_spinlock kept_lock;

static void NTAPI dpc_keeps_lock(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)dpc;
    (void)context;
    (void)argument1;
    (void)argument2;
    nt_spinlock_acquire(&kept_lock, nt_self());
}

static void body_with_dpc(PKDEFERRED_ROUTINE routine)
{
    static KDPC dpc;
    nt_dpc_initialize(&dpc, routine, NULL);
    nt_dpc_queue(&dpc, NULL, NULL);
}

static void body_dpc_lowers(void)
{
    body_with_dpc(dpc_lowers);
}

static void body_dpc_stays_raised(void)
{
    body_with_dpc(dpc_stays_raised);
}

static void body_dpc_keeps_lock(void)
{
    body_with_dpc(dpc_keeps_lock);
}

static void a_dpc_that_lowers_below_dispatch_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_dpc_lowers, "bug check 0xA", "lowered the IRQL below");
}

static void a_dpc_that_returns_raised_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_dpc_stays_raised, "bug check 0xC8", "another IRQL", "in DPC routine");
}

static void a_dpc_that_returns_with_a_lock_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_dpc_keeps_lock, "bug check 0xC8", "other spin locks held",
                    "1 spin locks held: 0x");
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)
#define IN_MACHINE_OF_ONE(name)                                                                    \
    cmocka_unit_test_setup_teardown(name, machine_setup_single, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(raising_to_dispatch_takes_a_processor_and_lowering_lets_it_go),
        IN_MACHINE(raising_below_dispatch_takes_no_processor),
        IN_MACHINE(raising_further_keeps_the_processor),
        IN_MACHINE(entering_dispatch_twice_is_undone_by_the_outer_leave),
        IN_MACHINE(raising_on_a_processor_takes_that_one),
        IN_MACHINE(a_thread_whose_home_is_held_takes_another_processor),
        IN_MACHINE_OF_ONE(raising_waits_while_every_processor_is_held),
        IN_MACHINE(letting_go_wakes_who_waits_for_that_processor),
        IN_MACHINE(two_threads_never_hold_one_processor_at_once),
        IN_MACHINE(a_call_to_a_free_processor_runs_on_its_service_thread),
        IN_MACHINE(a_call_to_a_held_processor_runs_when_its_holder_lowers),
        IN_MACHINE(a_lowering_thread_is_not_kept_by_endless_calls),
        IN_MACHINE(deferred_work_runs_before_dpcs_and_again_when_a_dpc_defers_some),
        IN_MACHINE(a_thread_takes_only_processors_of_its_affinity),
        cmocka_unit_test(lowering_to_a_higher_level_is_a_bug_check),
        cmocka_unit_test(raising_to_a_lower_level_is_a_bug_check),
        cmocka_unit_test(a_dpc_that_lowers_below_dispatch_is_a_bug_check),
        cmocka_unit_test(a_dpc_that_returns_raised_is_a_bug_check),
        cmocka_unit_test(a_dpc_that_returns_with_a_lock_is_a_bug_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
